//! Plan, observations and T → assessment. Pure: no I/O, clock, logging, randomness, async.
//!
//! `questions` says what must be asked, `assess` judges what came back. One file for each kind of criterion.

mod assessment;

pub use assessment::{
    Assessment, Breach, Code, CriterionAssessment, Gap, GateAssessment, KpiAssessment, Outcome,
    PointCount, SeriesAssessment, Summary, Verdict, Window,
};
