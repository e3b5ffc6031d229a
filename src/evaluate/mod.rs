//! Plan, observations and T → assessment. Pure: no I/O, clock, logging, randomness, async.
//!
//! [`questions`] and [`inquiries`] say what must be asked and looked up, [`assess`] judges what came back, [`Samples`] gives
//! the points behind it. One file for each kind of criterion, named like its YAML key; `implied`, `after`, `sticky`,
//! `overrides` and `flags` are what the ledger adds. `incidents` stands on `records` and `severity`, `kpis` on one file for
//! each rule:
//! `span` (1), `kpi_question` (2, 6), `series` (3), `measure` (4), `judge` (5), `baseline` (6), `reduce` (7).

mod alert_rules;
mod alerts;
mod approvals;
mod artifacts;
mod baseline;
mod checklists;
mod confirmations;
mod context;
mod deadline;
mod flags;
mod gates;
mod implied;
mod incidents;
mod judge;
mod kpi_question;
mod kpis;
mod measure;
mod outside;
mod probes;
mod records;
mod reduce;
mod samples;
mod series;
mod severity;
mod span;
mod sticky;
mod stretches;

#[cfg(test)]
mod rules;

pub use gates::{Facts, GateRef, Request, assess, inquiries, questions};
pub use samples::{BaselineSamples, KpiSamples, Sampled, Samples, SeriesSamples};
pub use severity::is_known as is_known_severity;

use crate::assessment::Code;

/// Why something cannot be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Undecided {
    code: Code,
    reason: String,
}

impl Undecided {
    fn new(code: Code, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }
}
