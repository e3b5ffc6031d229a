//! Plan, observations and T → assessment. Pure: no I/O, clock, logging, randomness, async.
//!
//! [`questions`] says what must be asked, [`assess`] judges what came back, [`Samples`] gives the points behind it. One
//! file for each kind of criterion (`kpis`, `deadline`, `unsupported`); `kpis` stands on one file for each rule:
//! `span` (1), `case` (2, 6), `series` (3), `measure` (4), `judge` (5), `baseline` (6), `reduce` (7).

mod assessment;
mod baseline;
mod case;
mod deadline;
mod gates;
mod judge;
mod kpis;
mod measure;
mod reduce;
mod samples;
mod series;
mod span;
mod stretches;
mod unsupported;

#[cfg(test)]
mod rules;

pub use assessment::{
    Assessment, Breach, Code, CriterionAssessment, Gap, GateAssessment, KpiAssessment, Outcome,
    PointCount, SeriesAssessment, Summary, Verdict, Window,
};
pub use gates::{GateRef, Request, assess, questions};
pub use samples::{BaselineSamples, KpiSamples, Sampled, Samples, SeriesSamples};

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
