//! Who signed, who confirmed, who proceeded all the same. Must not call a signature valid: the last check says that.

use super::Rollout;
use super::stages::StageFacts;
use crate::evaluate::CriterionAssessment;
use crate::ledger::{Answer, Entry, Event, Ledger};
use crate::report::sheet::Cell;
use crate::report::{based_on, entry};

/// The columns.
pub(super) const HEAD: [&str; 5] = ["For", "By", "At", "Said", "In the last check"];

/// A row for each role and confirmation, by its last word; from the ledger where there is one, else from the evidence.
pub(super) fn rows(rollout: &Rollout<'_>, stages: &[StageFacts<'_>]) -> Vec<Vec<Cell>> {
    match rollout.ledger {
        Some(ledger) => from_ledger(ledger, stages),
        None => stages
            .iter()
            .flat_map(criteria)
            .map(from_evidence)
            .collect(),
    }
}

fn from_ledger(ledger: &Ledger, stages: &[StageFacts<'_>]) -> Vec<Vec<Cell>> {
    let mut rows: Vec<(String, Vec<Cell>)> = Vec::new();
    for one in ledger.entries() {
        let Some((what, said, role)) = said(one) else {
            continue;
        };
        let now = stages.iter().flat_map(criteria).find(|(gate, criterion)| {
            what == format!("{gate}: {}", criterion.name)
                || criterion.name == role
                    && what.starts_with(gate.split('/').next().unwrap_or_default())
        });
        let outcome = now.map_or_else(
            || Cell::text("not asked"),
            |(_, criterion)| Cell::Outcome(criterion.outcome),
        );
        rows.retain(|(key, _)| *key != what);
        rows.push((
            what.clone(),
            vec![
                Cell::text(what),
                Cell::text(one.by.name.clone()),
                Cell::text(one.at.to_string()),
                Cell::text(said),
                outcome,
            ],
        ));
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// What an entry signs or confirms, in which words, and the name of the criterion. Items of checklists are not signatures.
fn said(one: &Entry) -> Option<(String, String, String)> {
    match &one.event {
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
                    "signed {} but for approvals{until}",
                    verdict_without_approvals.word()
                )
            };
            Some((format!("{gate}: {role}"), said, role.clone()))
        }
        Event::Confirmed { stage, id, answer } if !id.contains('/') => {
            let said = match answer {
                Answer::Yes => "confirmed",
                Answer::No => "answered no",
                Answer::Revoked => "answer taken back",
            };
            let why = if one.why.is_empty() {
                String::new()
            } else {
                format!(": {}", one.why)
            };
            Some((format!("{stage}: {id}"), format!("{said}{why}"), id.clone()))
        }
        _ => None,
    }
}

/// What the last checks of a stage say of people.
fn criteria<'a>(stage: &StageFacts<'a>) -> Vec<(String, &'a CriterionAssessment)> {
    let gates = [stage.entry, stage.exit]
        .into_iter()
        .flatten()
        .filter_map(|judged| judged.gate);
    let of = |gate: &'a crate::evaluate::GateAssessment| {
        let people = gate
            .criteria
            .iter()
            .filter(|one| matches!(one.kind, "approvals" | "confirmations"));
        people.map(|one| (gate.name(), one)).collect::<Vec<_>>()
    };
    gates.flat_map(of).collect()
}

fn from_evidence((gate, criterion): (String, &CriterionAssessment)) -> Vec<Cell> {
    let said: Vec<String> = criterion
        .based_on
        .iter()
        .map(|one| based_on::in_words(one, ""))
        .collect();
    let (mut by, mut at) = (Cell::of(None), Cell::of(None));
    if let Some(crate::evaluate::BasedOn::Entry {
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

/// Every decision to proceed all the same.
pub(super) fn overrides(rollout: &Rollout<'_>) -> Vec<String> {
    let Some(ledger) = rollout.ledger else {
        let mut lines: Vec<String> = Vec::new();
        for check in rollout.checks {
            for line in crate::report::standing::overrides_in_force(&check.evidence) {
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        return lines;
    };
    let proceeds = ledger.entries().iter().filter(|one| {
        matches!(
            &one.event,
            Event::Overridden { .. }
                | Event::Started {
                    overridden: true,
                    ..
                }
        )
    });
    proceeds
        .map(|one| {
            format!(
                "{} by {} at {} (entry {}), because: {}",
                entry::what(one),
                one.by.name,
                one.at,
                one.number,
                one.why
            )
        })
        .collect()
}
