//! What was judged: verdicts, outcomes and their reasons. Data only.

use crate::kind::{CriterionKind, GateKind, GateName, List, words};
use crate::plan::Reducer;
use crate::rollout::{NextStep, Overridden};
use crate::samples::{FailureCode, Labels};
use crate::units::{Duration, Instant, Unit};
use crate::verdict::Verdict;

words! {
    /// The outcome of a criterion. `Clear` and `Tripped` are a stop criterion's, `Met` and `Unmet` all others'.
    pub enum Outcome: "outcome" {
        /// Shown to hold.
        Met = "met",
        /// Shown not to hold.
        Unmet = "unmet",
        /// Not decided.
        Unknown = "unknown",
        /// Shown not to be in the bad state.
        Clear = "clear",
        /// Shown to be in the bad state.
        Tripped = "tripped",
    }
}

words! {
    /// Why an outcome is what it is, for programs. The words are stable.
    pub enum Code: "code" {
        /// Met.
        Met = "met",
        /// A stop criterion that is clear.
        Clear = "clear",
        /// What was measured contradicts the condition (unmet), or satisfies a stop's (tripped).
        Breach = "breach",
        /// The window still runs.
        WindowIncomplete = "window-incomplete",
        /// No grid point lies in the judged span yet.
        EmptySpan = "empty-span",
        /// Nothing was measured.
        NoData = "no-data",
        /// Fewer measured points than the coverage asks for.
        LowCoverage = "low-coverage",
        /// The newest measured point is too old.
        Stale = "stale",
        /// A NaN where one value had to be compared.
        NotANumber = "not-a-number",
        /// A listed series did not come back.
        SeriesMissing = "series-missing",
        /// Several series where one belongs.
        SeveralSeries = "several-series",
        /// Series that cannot be told apart.
        AmbiguousSeries = "ambiguous-series",
        /// The same instant twice in a series.
        DuplicatePoints = "duplicate-points",
        /// The answer came with warnings, or was partial.
        AnswerPartial = "answer-partial",
        /// The baseline has no value.
        BaselineUnknown = "baseline-unknown",
        /// The guard's answer cannot be used.
        GuardUnknown = "guard-unknown",
        /// The stage's deadline has passed.
        DeadlinePassed = "deadline-passed",
        /// Nobody has answered yet, or an answer was taken back.
        NotAnswered = "not-answered",
        /// A person answered: no.
        AnsweredNo = "answered-no",
        /// Nobody keeps the record that this needs.
        NotRecorded = "not-in-ledger",
        /// A signature is over its time, or was given for another verdict.
        SignatureVoid = "signature-void",
        /// One person signed where two have to.
        SameSigner = "same-signer",
        /// An incident is open, or was opened since the start.
        Incident = "incident",
        /// An alert fires, or fired in the window.
        Alert = "alert",
        /// No rule could raise the alert that is asked about.
        NoAlertRule = "no-alert-rule",
        /// A rule that could raise the alert is not evaluated.
        AlertRuleBroken = "alert-rule-broken",
        /// The file is not there, is empty, too old or another one.
        ArtifactUnfit = "artifact-unfit",
        /// What stands in the file or the answer is not what was asked for.
        ContentUnfit = "content-unfit",
        /// The file or the log cannot be made sense of.
        ContentUnreadable = "content-unreadable",
        /// The address answers otherwise.
        ProbeUnfit = "probe-unfit",
        /// T, or what is planned from T on, lies in a calendar that is to be avoided.
        InCalendar = "in-calendar",
        /// The stage before has not been left with GO.
        NotLeft = "not-left",
        /// The stop tripped in an earlier check, and nobody has resumed since.
        TrippedBefore = "tripped-before",
        /// The rollout is paused.
        Paused = "paused",
        /// The stage was rolled back, and has not begun again.
        RolledBack = "rolled-back",
        /// No rollback is recorded.
        NotRolledBack = "not-rolled-back",
        /// The start that was given is not the one that is recorded.
        StartDisputed = "start-disputed",
        ;
        /// The source could not answer.
        Source(FailureCode)
    }
}

/// What was judged, gate by gate in plan order.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// At least one.
    pub gates: Vec<GateAssessment>,
}

impl Assessment {
    /// The worst verdict; HOLD where nothing was judged.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.gates
            .iter()
            .map(|gate| gate.verdict)
            .max()
            .unwrap_or(Verdict::Hold)
    }
}

/// One gate, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct GateAssessment {
    /// The stage's name.
    pub stage: String,
    /// The stage's title, for people.
    pub title: Option<String>,
    /// The share of traffic, as the plan has it.
    pub traffic: Option<String>,
    /// Which decision.
    pub kind: GateKind,
    /// The verdict.
    pub verdict: Verdict,
    /// How many of its criteria are met, and how many of its stops are clear.
    pub counts: Counts,
    /// The observation window; `None` where no KPI is asked about.
    pub window: Option<Window>,
    /// What the verdict would be, approvals aside: what somebody signs.
    pub verdict_without_approvals: Verdict,
    /// Who proceeds all the same, where somebody does and the verdict is one that can be overridden.
    pub overridden: Option<Overridden>,
    /// What every report of this stage has to say first: paused, rolled back and not yet well again.
    pub flags: Vec<String>,
    /// In plan order; criteria that follow from the ledger come first in their list.
    pub criteria: Vec<CriterionAssessment>,
}

impl GateAssessment {
    /// The index of the criterion at a position among the gate's criteria on KPIs; `None` where it is not on a KPI.
    /// Criteria that follow from the ledger stand between those of the plan, so that positions alone would not do.
    #[must_use]
    pub fn kpi_number(&self, position: usize) -> Option<usize> {
        self.criteria.get(position)?.kpi.as_ref()?;
        let before = self.criteria.iter().take(position);
        Some(before.filter(|criterion| criterion.kpi.is_some()).count())
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> GateName {
        self.kind.of(&self.stage)
    }

    /// Who proceeds on a verdict that can be overridden: NO-GO or HOLD.
    #[must_use]
    pub fn override_in_force(&self) -> Option<&Overridden> {
        match self.verdict {
            Verdict::Hold | Verdict::NoGo => self.overridden.as_ref(),
            Verdict::Go | Verdict::Stop => None,
        }
    }
}

/// How many of a gate's criteria are good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// The criteria of the gate's own list; `watch` and `stop` are not among them.
    pub criteria: CriteriaCount,
    /// The stop criteria.
    pub stops: StopCount,
}

impl Counts {
    /// Counts the criteria of a gate.
    #[must_use]
    pub fn of(criteria: &[CriterionAssessment]) -> Self {
        let mut counts = Self::default();
        for criterion in criteria {
            match criterion.list {
                List::Entry | List::Exit | List::Recovery => {
                    counts.criteria.total += 1;
                    counts.criteria.met += usize::from(criterion.outcome == Outcome::Met);
                }
                List::Stop => {
                    counts.stops.total += 1;
                    counts.stops.clear += usize::from(criterion.outcome == Outcome::Clear);
                }
                List::Watch => {}
            }
        }
        counts
    }
}

/// How many criteria are met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CriteriaCount {
    /// At most `total`.
    pub met: usize,
    /// How many there are.
    pub total: usize,
}

/// How many stop criteria are clear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StopCount {
    /// At most `total`.
    pub clear: usize,
    /// How many there are.
    pub total: usize,
}

/// The observation window of a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Where the judged span begins.
    pub start: Instant,
    /// T.
    pub end: Instant,
    /// How long the window is when complete.
    pub length: Duration,
    /// The stage's start, where known.
    pub started: Option<Instant>,
    /// Whether the whole window has been observed.
    pub complete: bool,
    /// When it will be, where the start is known.
    pub completes_at: Option<Instant>,
}

/// One criterion, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct CriterionAssessment {
    /// Which list of the stage.
    pub list: List,
    /// The YAML key.
    pub kind: CriterionKind,
    /// What it is called.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// What was required, as written.
    pub condition: Option<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// Why, for programs.
    pub code: Code,
    /// Why, for people: one sentence fragment with times, values and units. Never empty.
    pub reason: String,
    /// Remarks that do not change the outcome.
    pub notes: Vec<String>,
    /// What it rests on besides samples: entries of the ledger, files.
    pub based_on: Vec<BasedOn>,
    /// What somebody can do to settle it; `None` where it is settled, or nobody can.
    pub next_step: Option<NextStep>,
    /// The KPI part; `None` for criteria that people answer.
    pub kpi: Option<KpiAssessment>,
}

/// What an outcome rests on besides samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BasedOn {
    /// An entry of the ledger.
    Entry {
        /// Its number.
        number: u64,
        /// Who made it.
        by: String,
        /// When.
        at: Instant,
        /// Why, as they said; empty where they did not.
        why: String,
        /// Addresses that say more.
        links: Vec<String>,
    },
    /// A file.
    File {
        /// As the plan has it.
        path: String,
        /// SHA-256, 64 lower-case hex digits.
        sha256: String,
        /// Its size.
        bytes: u64,
        /// When it was changed last.
        modified: Instant,
    },
}

impl From<&crate::ledger::Entry> for BasedOn {
    fn from(entry: &crate::ledger::Entry) -> Self {
        Self::Entry {
            number: entry.number,
            by: entry.by.name.clone(),
            at: entry.at,
            why: entry.why.clone(),
            links: entry.links.clone(),
        }
    }
}

/// How the KPI of a criterion was asked and judged.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiAssessment {
    /// The query that was asked.
    pub query: String,
    /// Of which source.
    pub source: String,
    /// What the values are.
    pub unit: Unit,
    /// The reducer of the condition, where it has one.
    pub reducer: Option<Reducer>,
    /// The judged span: where it begins.
    pub start: Instant,
    /// The judged span: where it ends.
    pub end: Instant,
    /// The grid's step; `None` for an instant query.
    pub step: Option<Duration>,
    /// Each series, by label; the one that decided is marked.
    pub series: Vec<SeriesAssessment>,
    /// Position of the series that decided, where one did.
    pub decisive: Option<usize>,
}

/// One series, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesAssessment {
    /// Its labels.
    pub labels: Labels,
    /// The value of `per`'s label, where the KPI has one.
    pub per: Option<String>,
    /// Its own outcome.
    pub outcome: Outcome,
    /// Why, for programs.
    pub code: Code,
    /// Why, for people.
    pub reason: String,
    /// What was compared: the reduced value, the instant value, or the worst measured point. `None` where nothing was measured.
    pub value: Option<f64>,
    /// With what it was compared, in the KPI's unit.
    pub bound: Option<f64>,
    /// The baseline's value, where the condition has one.
    pub baseline: Option<f64>,
    /// How many points there should be and how many were measured.
    pub points: PointCount,
    /// Of the measured points; `None` where there is none.
    pub summary: Option<Summary>,
    /// Stretches of points on the wrong side of the bound, oldest first, at most 20 (the longest).
    pub breaches: Vec<Breach>,
    /// Stretches without measured points, oldest first, at most 20 (the longest).
    pub gaps: Vec<Gap>,
    /// At most 48 buckets of equal length over the span, each with its worst measured value; empty for an instant query.
    pub trend: Vec<Option<f64>>,
}

/// Points on the grid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PointCount {
    /// On the grid of the judged span.
    pub expected: usize,
    /// Measured.
    pub measured: usize,
}

/// Of the measured points, in the KPI's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The smallest.
    pub min: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The largest.
    pub max: f64,
    /// The newest.
    pub last: f64,
}

/// A stretch of points on the wrong side of the bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breach {
    /// Its first point.
    pub start: Instant,
    /// Its last point.
    pub end: Instant,
    /// Its worst value.
    pub worst: f64,
}

/// A stretch without measured points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Its first missing point.
    pub start: Instant,
    /// Its last missing point.
    pub end: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_word() {
        for code in Code::all() {
            assert_eq!(Code::from_word(code.word()), Some(code));
        }
        assert_eq!(
            Code::from_word("source-tls").map(Code::word),
            Some("source-tls")
        );
        assert_eq!(Code::from_word("fine"), None);
    }
}
