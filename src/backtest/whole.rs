//! A whole backtest, for those who show it. Data only.

use super::counted::Counted;
use super::fail_on::FailOn;
use super::incidents::Incidents;
use super::tried::Tried;
use crate::plan::Variable;
use crate::samples::SourceSeen;
use crate::units::{Duration, Instant};

/// What a plan would have said.
#[derive(Debug, Clone)]
pub struct Backtest {
    /// Version of `gate`.
    pub tool_version: String,
    /// The release, by name and version.
    pub release: String,
    /// The plan: as given, and SHA-256 of its bytes.
    pub plan: (String, String),
    /// What `--var` set.
    pub vars: Vec<Variable>,
    /// What was asked for.
    pub span: (Instant, Instant),
    /// The first sample, where it is later than what was asked for.
    pub samples_from: Option<Instant>,
    /// How far apart pretend releases begin.
    pub every: Duration,
    /// Whether moments were judged, without a start.
    pub moments: bool,
    /// The sources as they were found.
    pub sources: Vec<SourceSeen>,
    /// SHA-256 of the answers as they are kept; `None` if they are not.
    pub answers_sha256: Option<String>,
    /// What was asked, and how many of that about one instant.
    pub asked: (usize, usize),
    /// What should have been caught.
    pub incidents: Incidents,
    /// Where those are from, for people.
    pub incidents_from: Vec<IncidentsFrom>,
    /// Each gate.
    pub gates: Vec<(Tried, Counted)>,
    /// Releases that were begun, each gate: what the plan would have said of them.
    pub releases: Vec<(Tried, Vec<Release>)>,
    /// What was not answered, in words.
    pub unanswered: Vec<Unanswered>,
    /// Remarks.
    pub notes: Vec<String>,
    /// `--fail-on`, and whether each holds.
    pub fail_on: Vec<(FailOn, bool)>,
}

/// Where incidents are from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentsFrom {
    /// As given.
    pub name: String,
    /// Whether it is a selector that a source is asked, and no file.
    pub is_selector: bool,
}

/// A release that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// For people.
    pub name: String,
    /// Which stage.
    pub stage: String,
    /// When it began.
    pub started: Instant,
    /// What came of it, as whoever lists it says.
    pub outcome: String,
}

/// What was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unanswered {
    /// The query.
    pub query: String,
    /// From when on.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
    /// Why, for programs.
    pub code: String,
    /// Why.
    pub message: String,
}

impl Backtest {
    /// What was judged: from the first sample on.
    #[must_use]
    pub fn judged(&self) -> (Instant, Instant) {
        let (from, to) = self.span;
        (self.samples_from.unwrap_or(from), to)
    }

    /// How many gates have a pretend release that could be decided.
    #[must_use]
    pub fn decided(&self) -> usize {
        let is_decided = |(tried, _): &&(Tried, Counted)| {
            let mut all = tried.outcomes.iter();
            all.any(|outcome| outcome.verdict != crate::verdict::Verdict::Hold)
        };
        self.gates.iter().filter(is_decided).count()
    }
}
