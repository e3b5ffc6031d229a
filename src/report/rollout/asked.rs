//! What the plan asks, and how: of people with the state of each answer, and of sources, files and addresses with everything
//! that decides. Must not judge again, nor show a credential.

use super::RolloutFacts;
use crate::kind::CriterionKind;
use crate::plan::criteria::{Ask, Criterion};
use crate::plan::{Gate, Plan, Policy, Said, Source, Stage, said};
use crate::report::sheet::{Block, Cell, Fact, Sheet, address, fact};

const PEOPLE: [&str; 5] = ["Gate", "Asked of people", "Owner", "State", "Link"];

/// Every item, confirmation and approval, with its link.
pub(super) fn of_people(sheet: &mut Sheet, rollout: &RolloutFacts<'_>, plan: &Plan) {
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
fn person_row(
    rollout: &RolloutFacts<'_>,
    stage: &Stage,
    gate: &Gate,
    criterion: &Criterion,
) -> Option<Vec<Cell>> {
    let id = criterion.ask.name();
    let name = gate.kind.of(&stage.name);
    let rollout = rollout.rollout;
    let answer = || rollout.map(|one| one.answered(&stage.name, &id).in_words(&stage.name, None));
    let (what, owner, standing) = match &criterion.ask {
        Ask::Checklist { item, .. } => {
            let what = format!("{id}: {}", item.shown());
            (what, item.owner.clone(), answer())
        }
        Ask::Confirmation(_) => (id.clone(), None, answer()),
        Ask::Approval(ask) => {
            let signed = rollout.map(|one| one.approval(&stage.name, gate, &ask.role, None));
            let standing = signed.map(|signed| signed.in_words(&ask.role, &name));
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

/// Everything else that decides: each criterion with where the plan says what of it, then sources and policy.
pub(super) fn of_others(sheet: &mut Sheet, plan: &Plan) {
    let said = said(plan);
    let mut names: Vec<(CriterionKind, &str)> = Vec::new();
    for one in &said {
        let Some(kind) = one.kind.filter(|kind| !is_of_people(*kind)) else {
            continue;
        };
        if !names.contains(&(kind, &one.name)) {
            names.push((kind, &one.name));
        }
    }
    if names.is_empty() && plan.sources.is_empty() {
        return;
    }
    sheet
        .blocks
        .push(Block::Heading("What the plan asks, and how".to_owned()));
    for (kind, name) in names {
        let of = said
            .iter()
            .filter(|one| one.kind == Some(kind) && one.name == name);
        sheet.blocks.push(Block::Part(format!("{kind}: {name}")));
        sheet.facts(parts(&of.collect::<Vec<_>>()));
    }
    for source in &plan.sources {
        let of = said
            .iter()
            .filter(|one| one.kind.is_none() && one.name.ends_with(&format!(" {}", source.name)));
        sheet
            .blocks
            .push(Block::Part(format!("source: {}", source.name)));
        let mut facts = parts(&of.collect::<Vec<_>>());
        facts.extend(about(source));
        sheet.facts(facts);
    }
    if let Some(policy) = &plan.trust.policy {
        sheet.blocks.push(Block::Part("policy".to_owned()));
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

/// A text of the plan, and where it holds.
type Placed<'s> = (&'s str, Vec<String>);

/// The parts of a criterion: each text with where it holds, if that is not everywhere.
fn parts(said: &[&Said]) -> Vec<Fact> {
    let mut parts: Vec<(&str, Vec<Placed>)> = Vec::new();
    for one in said {
        let place = one.list.map_or_else(
            || one.gate.to_string(),
            |list| format!("{} {list}", one.gate.stage),
        );
        let found = parts.iter().position(|(part, _)| *part == one.part);
        let at = found.unwrap_or(parts.len());
        if found.is_none() {
            parts.push((&one.part, Vec::new()));
        }
        let Some((_, texts)) = parts.get_mut(at) else {
            continue;
        };
        match texts.iter_mut().find(|(text, _)| *text == one.text) {
            Some((_, places)) if places.contains(&place) => {}
            Some((_, places)) => places.push(place),
            None => texts.push((&one.text, vec![place])),
        }
    }
    let facts = parts
        .into_iter()
        .map(|(part, texts)| match texts.as_slice() {
            [(text, _)] if part != "condition" => fact(part, (*text).to_owned()),
            several => {
                let placed = several.iter();
                let placed = placed.map(|(text, places)| format!("{text} ({})", places.join(", ")));
                fact(part, placed.collect::<Vec<_>>().join("; "))
            }
        });
    facts.collect()
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
