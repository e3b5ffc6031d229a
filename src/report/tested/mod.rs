//! What the tests of plans showed: a short table, and JUnit. Must not judge, nor decide what passes.

mod junit;
mod text;

use super::decided;
use crate::assessment::{CriterionAssessment, GateAssessment};
use crate::verdict::Verdict;

pub use junit::tested_junit;
pub use text::tested_text;

/// A plan and its tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanTested {
    /// As given.
    pub plan: String,
    /// By name.
    pub tests: Vec<Tested>,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// Its file name.
    pub name: String,
    /// How it ended.
    pub found: Found,
    /// The command that shows the whole report, if there is one.
    pub whole: Option<String>,
}

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// All of it is as expected: what that was.
    Passed(Vec<String>),
    /// What is not as expected.
    Failed(Vec<Difference>),
    /// Nothing was judged, or an expectation names nothing: why.
    Unusable(String),
}

/// Something that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The gate or the criterion.
    pub what: String,
    /// The word that was expected.
    pub expected: String,
    /// The word that it is.
    pub got: String,
    /// What decided, a line each.
    pub why: Vec<String>,
}

impl Difference {
    /// Of a criterion.
    #[must_use]
    pub fn of_criterion(
        key: &str,
        expected: &str,
        got: &str,
        criterion: &CriterionAssessment,
    ) -> Self {
        Self {
            what: key.to_owned(),
            expected: expected.to_owned(),
            got: got.to_owned(),
            why: vec![format!(
                "{}: {}",
                decided::in_words(criterion),
                criterion.reason
            )],
        }
    }

    /// `pilot/exit: expected GO, got STOP`.
    fn in_words(&self) -> String {
        let Self {
            what,
            expected,
            got,
            ..
        } = self;
        format!("{what}: expected {expected}, got {got}")
    }
}

/// Of a gate with another verdict than expected. What decided says why; a GO took all criteria together.
#[must_use]
pub fn differs(gate: &GateAssessment, expected: Verdict) -> Difference {
    let decisions = decided::decisions(gate);
    let waits = gate.criteria.iter().filter(|one| decided::waits(one));
    let waits = waits.map(|one| format!("{}: {}", decided::in_words(one), one.reason));
    let mut why: Vec<String> = decisions
        .iter()
        .map(|one| format!("{}: {}: {}", one.outcome, one.what, one.reason))
        .collect();
    if why.is_empty() {
        why.extend(waits.take(1));
    }
    if why.is_empty() {
        why.push("every criterion is met and every stop is clear".to_owned());
    }
    Difference {
        what: gate.name().to_string(),
        expected: expected.word().to_owned(),
        got: gate.verdict.word().to_owned(),
        why,
    }
}
