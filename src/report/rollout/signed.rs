//! Who signed, who confirmed, who proceeded anyway, and whether that still holds. Decides nothing: where plan and ledger are
//! available the rollout says it, otherwise the last check.

use std::fmt;

use super::RolloutFacts;
use super::stages::StageFacts;
use crate::assessment::{CriterionAssessment, Outcome};
use crate::kind::{CriterionKind, GateKind, GateName};
use crate::ledger::{Answer, Entry, Event, Ledger};
use crate::plan::criteria::Ask;
use crate::report::sheet::Cell;
use crate::report::{based_on, entry};
use crate::rollout::{Answered, Approval, History, OverrideHistory, RecordedCheck, Rollout, roles};

/// The columns.
pub(super) const HEAD: [&str; 5] = ["For", "By", "At", "Said", "Now"];

/// A row for each role and confirmation, and for each item of a checklist that does not hold by a yes, by its last word; from the
/// ledger if there is one, otherwise from the evidence.
pub(super) fn rows(rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) -> Vec<Vec<Cell>> {
    match rollout.ledger {
        Some(ledger) => from_ledger(rollout, ledger, stages),
        None => stages
            .iter()
            .flat_map(all_criteria)
            .filter(|(_, one)| is_of_people(one.kind))
            .map(from_evidence)
            .collect(),
    }
}

fn from_ledger(
    facts: &RolloutFacts<'_>,
    ledger: &Ledger,
    stages: &[StageFacts<'_>],
) -> Vec<Vec<Cell>> {
    let mut rows: Vec<(Signed<'_>, Vec<Cell>)> = Vec::new();
    for entry in ledger.entries() {
        let Some((signed, said)) = said(entry) else {
            continue;
        };
        let now = match &facts.rollout {
            Some(rollout) => signed.stands(rollout),
            None => signed.in_the_last_check(stages),
        };
        let row = vec![
            Cell::text(signed.named(facts)),
            Cell::text(entry.by.called().to_owned()),
            Cell::text(entry.at.to_string()),
            Cell::text(said),
            now.unwrap_or_else(|| Cell::text("not asked")),
        ];
        rows.retain(|(earlier, _)| *earlier != signed);
        if is_told(entry) {
            rows.push((signed, row));
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// What somebody signed or confirmed.
#[derive(PartialEq, Eq)]
enum Signed<'a> {
    /// A gate, in a role.
    Gate(&'a GateName, &'a str),
    /// A confirmation of a stage, or an item of a checklist.
    Stage(&'a str, &'a str),
}

impl Signed<'_> {
    /// The role, or the confirmation.
    fn role(&self) -> &str {
        match self {
            Self::Gate(_, role) => role,
            Self::Stage(_, id) => id,
        }
    }

    /// With what it asks, where the plan says that in other words: `pilot: readiness/doors (Doors are open)`.
    fn named(&self, facts: &RolloutFacts<'_>) -> String {
        let Self::Stage(stage, id) = self else {
            return self.to_string();
        };
        let stages = facts.plan.into_iter().flat_map(|plan| &plan.stages);
        let gates = stages
            .filter(|one| one.name == **stage)
            .flat_map(|one| &one.gates);
        let mut criteria = gates.flat_map(|gate| &gate.criteria);
        let item = criteria.find_map(|one| match &one.ask {
            Ask::Checklist { item, .. } if one.ask.name() == **id => Some(item.shown()),
            Ask::Checklist { .. }
            | Ask::Kpi(_)
            | Ask::Deadline(_)
            | Ask::Confirmation(_)
            | Ask::Approval(_)
            | Ask::Checkpoint(_)
            | Ask::Incidents(_)
            | Ask::Alerts(_)
            | Ask::Artifact(_)
            | Ask::Probe(_)
            | Ask::Outside(_) => None,
        });
        match item {
            Some(item) => format!("{self} ({item})"),
            None => self.to_string(),
        }
    }

    /// Its state by plan and ledger; `None` if the plan does not ask for it.
    fn stands(&self, rollout: &Rollout<'_>) -> Option<Cell> {
        match self {
            Self::Gate(name, role) => {
                let gate = rollout.stage(&name.stage)?.gate(name.kind)?;
                let is_asked = roles(gate).any(|one| one == *role);
                let approval = rollout.approval(&name.stage, gate, role, None);
                if let Some(check) = self.counted(rollout) {
                    return Some(Cell::text(check.counted()));
                }
                is_asked.then(|| match approval {
                    Approval::Holds(_) => Cell::Outcome(Outcome::Met),
                    Approval::Nobody | Approval::TakenBack(_) | Approval::Void(..) => {
                        Cell::text(approval.in_words(role, name))
                    }
                })
            }
            Self::Stage(name, id) => {
                let gates = rollout.stage(name)?.gates.iter();
                let mut criteria = gates.flat_map(|gate| &gate.criteria);
                let is_asked = criteria.any(|one| one.ask.is_answered() && one.ask.name() == *id);
                let answered = rollout.answered(name, id);
                let is_plain = rollout.overruled(name, id).is_none();
                if let Some(check) = self.counted(rollout).filter(|_| is_asked && is_plain) {
                    return Some(Cell::text(check.counted()));
                }
                is_asked.then(|| match answered {
                    Answered::Yes(_) if is_plain => Cell::Outcome(Outcome::Met),
                    Answered::No(_) => Cell::Outcome(Outcome::Unmet),
                    Answered::Yes(_)
                    | Answered::Nobody
                    | Answered::TakenBack(_)
                    | Answered::Reworded(..)
                    | Answered::BeforeRollback(..)
                    | Answered::BeforeStart(..)
                    | Answered::NotApplicable(_)
                    | Answered::OutOfTurn(..) => {
                        Cell::text(rollout.answer_in_words(name, id, None))
                    }
                })
            }
        }
    }

    /// The check in which it counted, where it would not count now: of a question that several gates ask, once all of them are
    /// passed.
    fn counted<'r>(&self, rollout: &Rollout<'r>) -> Option<RecordedCheck<'r>> {
        match self {
            Self::Gate(name, role) => {
                let stage = rollout.stage(&name.stage)?;
                rollout.signature_counted(stage, stage.gate(name.kind)?, role)
            }
            Self::Stage(name, id) => {
                let stage = rollout.stage(name)?;
                let asking = stage.asking(id).map(|(gate, _)| gate.kind);
                let checks: Option<Vec<RecordedCheck<'r>>> = asking
                    .map(|kind| Some(rollout.answer_counted(stage, kind, id)?.1))
                    .collect();
                checks?.pop()
            }
        }
    }

    /// What the last available check says about it.
    fn in_the_last_check(&self, stages: &[StageFacts<'_>]) -> Option<Cell> {
        let mut asked = stages.iter().flat_map(all_criteria);
        let asked = asked.find(|(gate, criterion)| self.is(gate, criterion));
        asked.map(|(_, criterion)| Cell::Outcome(criterion.outcome))
    }

    /// Whether a criterion of a gate asks for it.
    fn is(&self, gate: &GateName, criterion: &CriterionAssessment) -> bool {
        match self {
            Self::Gate(of, role) => {
                criterion.kind == CriterionKind::Approvals && *of == gate && *role == criterion.name
            }
            Self::Stage(stage, id) => {
                let kinds = [CriterionKind::Confirmations, CriterionKind::Checklists];
                kinds.contains(&criterion.kind) && *stage == gate.stage && *id == criterion.name
            }
        }
    }
}

impl fmt::Display for Signed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gate(gate, role) => write!(f, "{gate}: {role}"),
            Self::Stage(stage, id) => write!(f, "{stage}: {id}"),
        }
    }
}

/// An item of a checklist is no signature: only what is not a yes is told, so that nobody overlooks it (L5).
fn is_told(entry: &Entry) -> bool {
    let Event::Confirmed { id, answer, .. } = &entry.event else {
        return true;
    };
    match answer {
        Answer::NotApplicable | Answer::No => true,
        Answer::Yes | Answer::Revoked => !id.contains('/'),
    }
}

/// What an entry signs or confirms, and in which words.
fn said(entry: &Entry) -> Option<(Signed<'_>, String)> {
    match &entry.event {
        Event::Approved {
            gate,
            role,
            verdict_without_approvals,
            expires,
            revoked,
            ..
        } => {
            let until = expires.map_or(String::new(), |expires| format!(" until {expires}"));
            let said = if *revoked {
                "signature taken back".to_owned()
            } else {
                format!(
                    "signed {} apart from approvals{until}",
                    verdict_without_approvals.word()
                )
            };
            Some((Signed::Gate(gate, role), said))
        }
        Event::Confirmed {
            stage, id, answer, ..
        } => {
            let said = match answer {
                Answer::Yes => "confirmed",
                Answer::No => "answered no",
                Answer::NotApplicable => "not applicable",
                Answer::Revoked => "answer taken back",
            };
            let why = if entry.why.is_empty() {
                String::new()
            } else {
                format!(": {}", entry.why)
            };
            Some((Signed::Stage(stage, id), format!("{said}{why}")))
        }
        Event::Started { .. }
        | Event::Checked(_)
        | Event::IncidentOpened { .. }
        | Event::IncidentUpdated { .. }
        | Event::IncidentClosed { .. }
        | Event::Paused { .. }
        | Event::Resumed { .. }
        | Event::RolledBack { .. }
        | Event::RollbackUpdated { .. }
        | Event::Reopened { .. }
        | Event::Superseded { .. }
        | Event::Overridden { .. }
        | Event::Noted { .. }
        | Event::Repaired { .. }
        | Event::LedgerBegun { .. }
        | Event::Imported { .. }
        | Event::Watch(_) => None,
    }
}

/// Who signed for a gate, and whose signature holds or counted when the gate was passed, with the role; `None` without a ledger. Where the plan is not available,
/// the last word of each role counts.
pub(super) fn approvers(facts: &RolloutFacts<'_>) -> Option<Vec<String>> {
    let mut last: Vec<(Signed<'_>, &Entry, bool)> = Vec::new();
    for entry in facts.ledger?.entries() {
        let Event::Approved {
            gate,
            role,
            revoked,
            ..
        } = &entry.event
        else {
            continue;
        };
        let signed = Signed::Gate(gate, role);
        last.retain(|(earlier, ..)| *earlier != signed);
        last.push((signed, entry, *revoked));
    }
    let holds = |signed: &Signed<'_>, revoked: bool| match &facts.rollout {
        Some(rollout) => {
            let holds = signed.stands(rollout) == Some(Cell::Outcome(Outcome::Met));
            holds || signed.counted(rollout).is_some()
        }
        None => !revoked,
    };
    let mut names: Vec<String> = Vec::new();
    for (signed, entry, revoked) in &last {
        let name = format!("{} ({})", entry.by.called(), signed.role());
        if holds(signed, *revoked) && !names.contains(&name) {
            names.push(name);
        }
    }
    Some(names)
}

/// What the last checks of a stage say.
fn all_criteria<'a>(stage: &StageFacts<'a>) -> Vec<(GateName, &'a CriterionAssessment)> {
    let gates = [stage.entry, stage.exit].into_iter().flatten();
    let gates = gates.filter_map(|judged| judged.gate);
    let criteria = gates.flat_map(|gate| gate.criteria.iter().map(|one| (gate.name(), one)));
    criteria.collect()
}

/// Whether people sign or confirm it.
fn is_of_people(kind: CriterionKind) -> bool {
    matches!(
        kind,
        CriterionKind::Approvals | CriterionKind::Confirmations
    )
}

fn from_evidence((gate, criterion): (GateName, &CriterionAssessment)) -> Vec<Cell> {
    let said: Vec<String> = criterion
        .based_on
        .iter()
        .map(|one| based_on::in_words(one, ""))
        .collect();
    let (mut by, mut at) = (Cell::of(None), Cell::of(None));
    if let Some(crate::assessment::BasedOn::Entry {
        by: who, at: when, ..
    }) = criterion.based_on.last()
    {
        (by, at) = (Cell::text(who.clone()), Cell::text(when.to_string()));
    }
    let said = if said.is_empty() {
        criterion.reason.clone()
    } else {
        said.join("; ")
    };
    vec![
        Cell::text(format!("{gate}: {}", criterion.name)),
        by,
        at,
        Cell::text(said),
        Cell::Outcome(criterion.outcome),
    ]
}

/// The columns of the decisions to proceed anyway.
pub(super) const OVERRIDES: [&str; 7] = ["Gate", "Was", "By", "At", "Until", "Why", "Now"];

/// Every decision to proceed on a gate anyway, oldest first, with what has become of it; none without a ledger.
pub(super) fn override_rows(facts: &RolloutFacts<'_>) -> Vec<Vec<Cell>> {
    let entries = facts.ledger.map_or(&[][..], Ledger::entries).iter();
    let rows = entries.filter_map(|entry| {
        overridden_row(facts, entry).or_else(|| begun_by_override_row(facts, entry))
    });
    rows.collect()
}

/// Of `gate override`.
fn overridden_row(facts: &RolloutFacts<'_>, entry: &Entry) -> Option<Vec<Cell>> {
    let Event::Overridden {
        gate,
        verdict,
        expires,
        ..
    } = &entry.event
    else {
        return None;
    };
    let histories = facts.rollout.map(|rollout| rollout.overrides());
    let mut histories = histories.iter().flatten();
    let history = histories.find(|one| one.found.entry.number == entry.number);
    let now = history.map_or_else(
        || "not known: the plan is not available".to_owned(),
        become_of,
    );
    let (was, until) = (verdict.word().to_owned(), expires.to_string());
    Some(override_row(gate, was, until, entry, now))
}

/// Of `gate start --override`.
fn begun_by_override_row(facts: &RolloutFacts<'_>, entry: &Entry) -> Option<Vec<Cell>> {
    let Event::Started {
        stage,
        overridden: true,
        ..
    } = &entry.event
    else {
        return None;
    };
    let now = if stands(facts, stage, entry) {
        format!("{stage} began on it")
    } else if is_last_start(facts, stage, entry) {
        format!("{stage} was taken back since")
    } else {
        format!("{stage} has begun again since")
    };
    let planned = facts
        .plan
        .and_then(|plan| plan.stages.iter().find(|one| one.name == *stage));
    let was = match planned.map(|stage| stage.gate(GateKind::Entry)) {
        Some(None) => "out of turn",
        Some(Some(_)) | None => "not GO",
    };
    let (was, until) = (was.to_owned(), "\u{2014}".to_owned());
    let gate = GateKind::Entry.of(stage);
    Some(override_row(&gate, was, until, entry, now))
}

fn override_row(
    gate: &GateName,
    was: String,
    until: String,
    entry: &Entry,
    now: String,
) -> Vec<Cell> {
    vec![
        Cell::text(gate.to_string()),
        Cell::text(was),
        Cell::text(entry.by.called().to_owned()),
        Cell::text(entry.at.to_string()),
        Cell::text(until),
        Cell::text(entry.why.clone()),
        Cell::text(now),
    ]
}

/// `in force`, `expired at …`, `the rollout went on with it; expired at …`.
fn become_of(history: &OverrideHistory<'_>) -> String {
    let Some(ended) = &history.ended else {
        return "in force".to_owned();
    };
    let ended = ended.in_words(history.gate);
    if history.went_on {
        format!("the rollout went on with it; {ended}")
    } else {
        ended
    }
}

/// Whether a stage last began with this entry.
fn is_last_start(facts: &RolloutFacts<'_>, stage: &str, start: &Entry) -> bool {
    let entries = facts.ledger.map_or(&[][..], Ledger::entries);
    let mut latest = entries.iter().rev();
    let last =
        latest.find(|one| matches!(&one.event, Event::Started { stage: of, .. } if of == stage));
    last.is_some_and(|last| last.number == start.number)
}

/// Whether a stage runs, or was left, on this start: a rollback past it takes that back.
fn stands(facts: &RolloutFacts<'_>, stage: &str, start: &Entry) -> bool {
    is_last_start(facts, stage, start) && History::of(facts.ledger).has_begun(stage)
}

/// Every decision to proceed anyway that is in force, or that the rollout went on with. Those that are over are history.
pub(super) fn overrides(facts: &RolloutFacts<'_>) -> Vec<String> {
    let Some(ledger) = facts.ledger else {
        return overrides_in_evidence(facts);
    };
    let over: Vec<u64> = (facts.rollout.iter())
        .flat_map(Rollout::overrides)
        .filter(|one| one.ended.is_some() && !one.went_on)
        .map(|one| one.found.entry.number)
        .collect();
    let counts = |one: &&Entry| {
        matches!(one.event, Event::Overridden { .. }) && !over.contains(&one.number)
            || matches!(&one.event, Event::Started { stage, overridden: true, .. } if stands(facts, stage, one))
    };
    let proceeds = ledger.entries().iter().filter(counts);
    proceeds
        .map(|one| {
            format!(
                "{} by {} at {} (entry {}), because: {}",
                entry::what(one),
                one.by.called(),
                one.at,
                one.number,
                one.why
            )
        })
        .collect()
}

fn overrides_in_evidence(facts: &RolloutFacts<'_>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for check in facts.checks {
        for line in crate::report::standing::overrides_in_force(&check.evidence) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
}
