//! Criteria, one file for each kind: what has to be asked and looked up for it, and what it is judged to be.
//!
//! Only this file knows all kinds: the compiler tells anybody who adds one what it needs. Must not judge any itself.

mod alert_rules;
pub(super) mod alerts;
pub(super) mod approvals;
mod artifacts;
mod checklists;
mod checkpoints;
mod confirmations;
pub(super) mod deadline;
mod incidents;
pub(super) mod outside;
mod probes;
mod records;
mod severity;

use super::context::{CriterionContext, PlacedCriterion};
use super::{clock, kpi};
use crate::assessment::CriterionAssessment;
use crate::findings::Inquiry;
use crate::plan::criteria::{Ask, Criterion};
use crate::samples::Question;

pub use severity::is_known as is_known_severity;

/// What sources have to be asked.
pub(super) fn questions(placed: &PlacedCriterion<'_>) -> Vec<Question> {
    match &placed.criterion.ask {
        Ask::Kpi(ask) => kpi::questions(ask, placed),
        Ask::Alerts(ask) => alerts::questions(ask, placed),
        Ask::Deadline(_)
        | Ask::Checklist { .. }
        | Ask::Confirmation(_)
        | Ask::Approval(_)
        | Ask::Checkpoint(_)
        | Ask::Incidents(_)
        | Ask::Artifact(_)
        | Ask::Probe(_)
        | Ask::Outside(_) => Vec::new(),
    }
}

/// What has to be looked up besides samples.
pub(super) fn inquiries(placed: &PlacedCriterion<'_>) -> Vec<Inquiry> {
    match &placed.criterion.ask {
        Ask::Alerts(ask) => alerts::inquiries(ask, placed),
        Ask::Artifact(ask) => vec![artifacts::inquiry(ask)],
        Ask::Probe(ask) => vec![probes::inquiry(ask, placed)],
        Ask::Incidents(ask) => incidents::inquiries(ask),
        Ask::Kpi(_)
        | Ask::Deadline(_)
        | Ask::Checklist { .. }
        | Ask::Confirmation(_)
        | Ask::Approval(_)
        | Ask::Checkpoint(_)
        | Ask::Outside(_) => Vec::new(),
    }
}

/// What it is judged to be; `None` for what is judged after all others.
pub(super) fn judged<'a>(
    criterion: &'a Criterion,
    context: &CriterionContext<'a>,
) -> Option<CriterionAssessment> {
    let placed = context.placed(criterion);
    let ruling = match &criterion.ask {
        Ask::Kpi(ask) => {
            let assessed = kpi::assess(ask, &placed, context.observations);
            return Some(clock::held(assessed, [&ask.kpi.source], context.sources));
        }
        Ask::Deadline(_) | Ask::Approval(_) => return None,
        Ask::Checklist { list, item } => checklists::assess(list, item, context),
        Ask::Confirmation(ask) => confirmations::assess(&ask.id, context),
        Ask::Checkpoint(ask) => checkpoints::assess(ask, context),
        Ask::Incidents(ask) => incidents::assess(ask, criterion.list, context),
        Ask::Alerts(ask) => {
            let assessed = alerts::assess(ask, &placed, context).on(criterion);
            return Some(clock::held(assessed, alerts::sources(ask), context.sources));
        }
        Ask::Artifact(ask) => artifacts::assess(ask, context),
        Ask::Probe(ask) => probes::assess(ask, &placed, context),
        Ask::Outside(ask) => outside::assess(ask, context),
    };
    Some(ruling.on(criterion))
}
