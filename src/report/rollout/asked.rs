//! What the plan asks, and how: of people with the state of each answer, and of sources, files and addresses with everything
//! that decides. Must not judge again, nor show a credential.

use super::RolloutFacts;
use crate::kind::CriterionKind;
use crate::plan::criteria::{Ask, Criterion};
use crate::plan::{Gate, Plan, Policy, Said, Source, Stage, said};
use crate::report::sheet::{Block, Cell, Fact, Sheet, address, fact};
use crate::rollout::{Rollout, cited};

const PEOPLE: [&str; 5] = ["Gate", "Asked of people", "Owner", "State", "Link"];

/// Every item, confirmation and approval, with its link.
pub(super) fn of_people<'p>(sheet: &mut Sheet, rollout: &RolloutFacts<'p>, plan: &'p Plan) {
    let mut rows = Vec::new();
    for stage in &plan.stages {
        for gate in &stage.gates {
            let asked = gate.criteria.iter();
            rows.extend(asked.filter_map(|one| person_row(rollout, stage, gate, one)));
        }
    }
    if !rows.is_empty() {
        sheet.table("Asked of people", &PEOPLE, rows, "");
    }
}

/// `None` for what people do not answer by its name.
fn person_row<'p>(
    rollout: &RolloutFacts<'p>,
    stage: &'p Stage,
    gate: &'p Gate,
    criterion: &'p Criterion,
) -> Option<Vec<Cell>> {
    let id = criterion.ask.name();
    let name = gate.kind.of(&stage.name);
    let rollout = rollout.rollout;
    let answer = || rollout.map(|one| answered(&one, stage, gate, &id));
    let (what, owner, standing) = match &criterion.ask {
        Ask::Checklist { item, .. } => {
            let what = format!("{id}: {}", item.shown());
            (what, item.owner.clone(), answer())
        }
        Ask::Confirmation(_) => (id.clone(), None, answer()),
        Ask::Approval(ask) => {
            let standing = rollout.map(|one| signed(&one, stage, gate, &ask.role));
            (format!("approval by {id}"), None, standing)
        }
        Ask::Kpi(_)
        | Ask::Deadline(_)
        | Ask::Checkpoint(_)
        | Ask::Incidents(_)
        | Ask::Alerts(_)
        | Ask::Artifact(_)
        | Ask::Probe(_)
        | Ask::Outside(_) => return None,
    };
    let link = criterion.ask.link().map(str::to_owned);
    Some(vec![
        Cell::text(name.to_string()),
        Cell::text(what),
        Cell::of(owner.as_ref()),
        Cell::of(standing.as_ref()),
        Cell::address(link.as_ref()),
    ])
}

/// The state of an answer; of a gate that its stage has passed, what the answer counted for.
fn answered<'p>(rollout: &Rollout<'p>, stage: &'p Stage, gate: &Gate, id: &str) -> String {
    match rollout.answer_counted(stage, gate.kind, id) {
        Some((then, check)) => {
            format!("{}; {}", then.in_words(&stage.name, None), check.counted())
        }
        None => rollout
            .answered(&stage.name, id)
            .in_words(&stage.name, None),
    }
}

/// The same of a signature.
fn signed<'p>(rollout: &Rollout<'p>, stage: &'p Stage, gate: &'p Gate, role: &str) -> String {
    let approval = rollout.approval(&stage.name, gate, role, None);
    let check = rollout.signature_counted(stage, gate, role);
    match approval.signature().zip(check) {
        Some((signature, check)) => {
            format!("signed {}; {}", cited(signature.entry), check.counted())
        }
        None => approval.in_words(role, &gate.kind.of(&stage.name)),
    }
}

/// Everything else that decides: a table for each kind, with where the plan says what of it; then sources and policy.
pub(super) fn of_others(sheet: &mut Sheet, plan: &Plan) {
    let said = said(plan);
    let mut kinds: Vec<CriterionKind> = Vec::new();
    for kind in said.iter().filter_map(|one| one.kind) {
        if !is_of_people(kind) && !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if kinds.is_empty() && plan.sources.is_empty() {
        return;
    }
    let heading = "What the plan asks, and how";
    sheet.blocks.push(Block::Heading(heading.to_owned()));
    for kind in kinds {
        of_kind(sheet, plan, &said, kind);
    }
    for source in &plan.sources {
        let of = said
            .iter()
            .filter(|one| one.kind.is_none() && one.name.ends_with(&format!(" {}", source.name)));
        sheet
            .blocks
            .push(Block::Part(format!("Source {}", source.name)));
        let mut facts = parts(plan, &of.collect::<Vec<_>>());
        facts.extend(about(source));
        sheet.facts(facts);
    }
    if let Some(policy) = &plan.trust.policy {
        sheet.blocks.push(Block::Part("Policy".to_owned()));
        sheet.facts(about_policy(policy));
    }
}

/// What has a table of its own.
fn is_of_people(kind: CriterionKind) -> bool {
    matches!(
        kind,
        CriterionKind::Checklists | CriterionKind::Confirmations
    )
}

/// What is said of one criterion: its name, and each part with its text.
type Told<'s> = (&'s str, Vec<Fact>);

/// A row for each criterion of a kind; what is said of all of them alike is said once.
fn of_kind(sheet: &mut Sheet, plan: &Plan, said: &[Said], kind: CriterionKind) {
    let of_kind = || said.iter().filter(|one| one.kind == Some(kind));
    let mut told: Vec<Told<'_>> = Vec::new();
    for one in of_kind() {
        if !told.iter().any(|(name, _)| *name == one.name) {
            let all: Vec<&Said> = of_kind().filter(|other| other.name == one.name).collect();
            told.push((&one.name, parts(plan, &all)));
        }
    }
    let shared = shared(&told);
    let heading = heading_of(kind);
    let mut head = vec!["Name", "Condition", "Query", "Settings"];
    let mut rows: Vec<Vec<Cell>> = told.iter().map(|one| row(one, &shared)).collect();
    for place in (1..head.len()).rev() {
        let says = |row: &Vec<Cell>| row.get(place) != Some(&Cell::of(None));
        if !rows.iter().any(says) {
            head.remove(place);
            for row in &mut rows {
                row.remove(place);
            }
        }
    }
    sheet.blocks.push(Block::Part(heading.to_owned()));
    sheet.rows(heading, &head, rows);
    if !shared.is_empty() {
        let words = format!("Each: {}.", in_one_line(&shared));
        sheet.blocks.push(Block::Text(words));
    }
}

/// What a kind is called above its table.
fn heading_of(kind: CriterionKind) -> &'static str {
    match kind {
        CriterionKind::Kpis => "KPIs",
        CriterionKind::Deadline => "Deadlines",
        CriterionKind::Checklists => "Checklists",
        CriterionKind::Confirmations => "Confirmations",
        CriterionKind::Approvals => "Approvals",
        CriterionKind::Checkpoints => "Checkpoints",
        CriterionKind::Incidents => "Incidents that stop",
        CriterionKind::NoIncidents => "No such incidents",
        CriterionKind::Alerts => "Alerts that stop",
        CriterionKind::NoAlerts => "No such alerts",
        CriterionKind::Artifacts => "Files",
        CriterionKind::Probes => "Probes",
        CriterionKind::Outside => "Times to avoid",
        CriterionKind::After => "Stages before",
        CriterionKind::Start => "Start",
        CriterionKind::Window => "Window",
        CriterionKind::Rollback => "Rollback",
        CriterionKind::Ledger => "Ledger",
        CriterionKind::Paused => "Pauses",
        CriterionKind::Newer => "Later checks",
        CriterionKind::Plan => "Plan",
    }
}

/// Parts that have a column of their own.
const COLUMNS: [&str; 2] = ["condition", "query"];

/// What is said of several criteria in the same words, apart from what has a column.
fn shared(told: &[Told<'_>]) -> Vec<Fact> {
    let [(_, first), others @ ..] = told else {
        return Vec::new();
    };
    let everywhere = |fact: &&Fact| {
        !others.is_empty()
            && !COLUMNS.contains(&fact.0.as_str())
            && others.iter().all(|(_, facts)| facts.contains(fact))
    };
    first.iter().filter(everywhere).cloned().collect()
}

fn row((name, facts): &Told<'_>, shared: &[Fact]) -> Vec<Cell> {
    let column = |part: &str| {
        let found = facts.iter().find(|(known, _)| known == part);
        found.map_or_else(|| Cell::of(None), |(_, text)| text.clone())
    };
    let rest = facts
        .iter()
        .filter(|one| !COLUMNS.contains(&one.0.as_str()));
    let rest: Vec<Fact> = rest.filter(|one| !shared.contains(one)).cloned().collect();
    let rest = Some(in_one_line(&rest)).filter(|words| !words.is_empty());
    let [condition, query] = COLUMNS.map(column);
    vec![Cell::text(*name), condition, query, Cell::of(rest.as_ref())]
}

/// `unit seconds; step 15s`.
fn in_one_line(facts: &[Fact]) -> String {
    let words = facts.iter().map(|(part, cell)| match cell {
        Cell::Plain(text) | Cell::Code(text) | Cell::Address(text) => format!("{part} {text}"),
        Cell::Several(_) | Cell::Outcome(_) | Cell::Verdict(..) | Cell::Judged(..) => part.clone(),
    });
    words.collect::<Vec<_>>().join("; ")
}

/// A text of the plan, and where it holds.
type Placed<'s> = (&'s str, Vec<&'s Said>);

/// The parts of a criterion: each text with where it holds, if that is not everywhere.
fn parts(plan: &Plan, said: &[&Said]) -> Vec<Fact> {
    let mut parts: Vec<(&str, Vec<Placed<'_>>)> = Vec::new();
    for &one in said {
        let found = parts.iter().position(|(part, _)| *part == one.part);
        let at = found.unwrap_or(parts.len());
        if found.is_none() {
            parts.push((&one.part, Vec::new()));
        }
        let Some((_, texts)) = parts.get_mut(at) else {
            continue;
        };
        match texts.iter_mut().find(|(text, _)| *text == one.text) {
            Some((_, places)) => places.push(one),
            None => texts.push((&one.text, vec![one])),
        }
    }
    let facts = parts
        .into_iter()
        .map(|(part, texts)| match texts.as_slice() {
            [(text, _)] if part != "condition" => fact(part, (*text).to_owned()),
            several => {
                let placed = several.iter();
                let placed = placed
                    .map(|(text, places)| format!("{text} ({})", where_it_holds(plan, places)));
                fact(part, placed.collect::<Vec<_>>().join("; "))
            }
        });
    facts.collect()
}

/// `exit of every stage, pilot recovery`; of what is in no list, the gates.
fn where_it_holds(plan: &Plan, said: &[&Said]) -> String {
    let mut places: Vec<String> = Vec::new();
    for one in said {
        let place = match one.list {
            None => one.gate.to_string(),
            Some(list) => {
                let has = |stage: &Stage| {
                    let mut alike = said.iter().filter(|other| other.list == one.list);
                    alike.any(|other| other.gate.stage == stage.name)
                };
                if plan.stages.len() > 1 && plan.stages.iter().all(has) {
                    format!("{list} of every stage")
                } else {
                    format!("{} {list}", one.gate.stage)
                }
            }
        };
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places.join(", ")
}

/// How it is spoken to: settings that change no answer.
fn about(source: &Source) -> Vec<Fact> {
    vec![
        fact("url", source.shown_url.clone()),
        fact("concurrency", source.concurrency.to_string()),
        fact("method", source.method.to_string()),
        fact("compression", source.compression.to_string()),
        fact("max_answer", format!("{} bytes", source.max_answer_bytes)),
    ]
}

fn about_policy(policy: &Policy) -> Vec<Fact> {
    let digest = policy.sha256.iter();
    std::iter::once(address("uri", &policy.uri))
        .chain(digest.map(|digest| fact("sha256", digest.clone())))
        .chain([
            fact("verifier", policy.verifier.clone()),
            fact("resource", policy.resource.clone()),
        ])
        .collect()
}
