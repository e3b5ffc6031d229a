//! How a watch stands after a round, for programs that ask from elsewhere: what `metrics` and `status` tell. Data, and which series
//! stands for a criterion.

use crate::assessment::{CriterionAssessment, SeriesAssessment};
use crate::evidence::Evidence;
use crate::ledger::WatchEnd;
use crate::report::series::worst_first;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// A watch after a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Now {
    /// The round, as it was judged.
    pub evidence: Evidence,
    /// The stage that is watched.
    pub stage: String,
    /// How often it is judged, at least 1 s.
    pub every: Duration,
    /// How long the round took.
    pub took: Duration,
    /// Whether it asked for everything.
    pub whole: bool,
    /// How many rounds were judged.
    pub rounds: u64,
    /// How many fell out.
    pub missed: u64,
    /// When the next one is due; `None` once the watch is over.
    pub next: Option<Instant>,
    /// How many questions and inquiries the round sent.
    pub asked: usize,
    /// How many points came back.
    pub points: usize,
    /// The sources that did not answer.
    pub away: Vec<AwayNow>,
    /// The notices that were sent.
    pub notices: Vec<Notices>,
    /// What was recorded last.
    pub recorded: Option<LastRecord>,
    /// Since when the records cannot be reached; `None` while they can.
    pub records_away: Option<Instant>,
    /// Why the watch is over.
    pub ended: Option<WatchEnd>,
}

/// A source that is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwayNow {
    /// Its name in the plan.
    pub source: String,
    /// The first round without an answer.
    pub since: Instant,
    /// When it is tried again, if that is not in each round.
    pub next_try: Option<Instant>,
}

/// How many notices of a kind had a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notices {
    /// The kind of the receiver.
    pub kind: String,
    /// What became of them.
    pub result: String,
    /// How many.
    pub count: u64,
}

/// A record of a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRecord {
    /// T.
    pub at: Instant,
    /// Its verdict.
    pub verdict: Verdict,
    /// Where it is.
    pub path: String,
    /// SHA-256 of the file, 64 lower-case hex digits.
    pub sha256: String,
}

/// The series that stands for a criterion on a KPI: the one that decided, or the worst.
pub(super) fn worst_series(criterion: &CriterionAssessment) -> Option<&SeriesAssessment> {
    worst_first(criterion.kpi.as_ref()?).into_iter().next()
}
