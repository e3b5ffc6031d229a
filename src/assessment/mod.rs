//! What was judged: gates with their verdicts, criteria with their outcomes and reasons, series with what was measured. Data
//! only: `evaluate` makes it, everything after it reads it.

mod criterion;
mod reason;
mod series;

use serde::{Deserialize, Serialize};

use crate::kind::{CriterionKind, GateKind, GateName, List};
use crate::ledger::NotMet;
use crate::plan::Observe;
use crate::rollout::{AfterStop, Next, Overridden};
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

pub use criterion::{BasedOn, CriterionAssessment};
pub use reason::{Code, Outcome};
pub use series::{
    Approach, Block, Breach, Certainty, CompanionSeen, EventCount, Gap, KpiAssessment, Measures,
    Partners, PointCount, RatioSeen, SeriesAssessment, Summary,
};

/// What was judged, gate by gate in plan order.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// At least one.
    pub gates: Vec<GateAssessment>,
    /// What to do next; `None` if nothing is left to do.
    pub next: Option<Next>,
}

impl Assessment {
    /// The worst verdict of the gates that decide; HOLD if none does.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let deciding = self.gates.iter().filter(|gate| !gate.outlook);
        deciding
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
    /// The share of traffic, as in the plan.
    pub traffic: Option<String>,
    /// Which decision.
    pub kind: GateKind,
    /// The verdict.
    pub verdict: Verdict,
    /// How many of its criteria are met, and how many of its stops are clear.
    pub counts: Counts,
    /// The observation window; `None` if no KPI is asked about.
    pub window: Option<Window>,
    /// What the verdict would be without approvals: what somebody signs.
    pub verdict_without_approvals: Verdict,
    /// Who proceeds anyway, if somebody does and the verdict can be overridden.
    pub overridden: Option<Overridden>,
    /// Whether it looks at the last window, begun or not, though the plan does not say so: nothing rests on it.
    pub look: bool,
    /// Whether it comes next and was judged ahead: no part of the check's verdict, and nothing rests on it.
    pub outlook: bool,
    /// What every report on this stage has to say first: paused; rolled back and not yet recovered.
    pub flags: Vec<String>,
    /// What to do now, if the verdict is STOP.
    pub after_stop: Option<AfterStop>,
    /// In plan order; criteria implied by the ledger come first in their list.
    pub criteria: Vec<CriterionAssessment>,
}

impl GateAssessment {
    /// The index of the criterion at a position among the gate's criteria on KPIs; `None` if it is not on a KPI.
    /// Criteria implied by the ledger come between those of the plan, so positions alone are not enough.
    #[must_use]
    pub fn kpi_number(&self, position: usize) -> Option<usize> {
        self.criteria.get(position)?.kpi.as_ref()?;
        let before = self.criteria.iter().take(position);
        Some(before.filter(|criterion| criterion.kpi.is_some()).count())
    }

    /// Whether its stops stay tripped until somebody resumes. A look sees those of a stage that has begun as every check does;
    /// before that, what it sees does not belong to the stage.
    #[must_use]
    pub fn trips_last(&self) -> bool {
        let started = self.window.as_ref().and_then(|window| window.started);
        !self.look || started.is_some()
    }

    /// Whether it is HOLD only because its window runs: nothing is missing, nobody's answer either, and nothing speaks against it.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        let runs = self
            .window
            .as_ref()
            .is_some_and(|window| window.runs_until().is_some());
        let mut asked = self.criteria.iter().filter(|one| one.list != List::Watch);
        self.verdict == Verdict::Hold
            && runs
            && asked.all(|one| {
                one.outcome != Outcome::Unknown
                    || one.is_met_so_far()
                    || one.wants_more_samples()
                    || one.kind == CriterionKind::Window
            })
    }

    /// Whether it was made with a start that contradicts the ledger.
    #[must_use]
    pub fn start_disputed(&self) -> bool {
        let mut criteria = self.criteria.iter();
        criteria.any(|criterion| criterion.code == Code::StartDisputed)
    }

    /// What is unmet or unknown, as the ledger holds it.
    #[must_use]
    pub fn not_met(&self) -> Vec<NotMet> {
        let criteria = self.criteria.iter();
        criteria.filter_map(CriterionAssessment::not_met).collect()
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriteriaCount {
    /// At most `total`.
    pub met: usize,
    /// How many there are.
    pub total: usize,
}

/// How many stop criteria are clear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopCount {
    /// At most `total`.
    pub clear: usize,
    /// How many there are.
    pub total: usize,
}

/// The observation window of a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Which part of the past is judged; `None` for entry and recovery gates.
    pub observe: Option<Observe>,
    /// Where the judged span begins.
    pub start: Instant,
    /// T; E where the stage had ended before.
    pub end: Instant,
    /// How long the window is when complete.
    pub length: Duration,
    /// The stage's start, if known.
    pub started: Option<Instant>,
    /// E: when a stage that follows this one began, where that was not after T.
    pub ended: Option<Instant>,
    /// Whether the whole window has been observed.
    pub complete: bool,
    /// When it will be, if the start is known.
    pub completes_at: Option<Instant>,
}

impl Window {
    /// Until when it runs; `None` if it is over, or nobody knows when that will be.
    #[must_use]
    pub fn runs_until(&self) -> Option<Instant> {
        let open = self.completes_at.filter(|_| self.ended.is_none());
        open.filter(|at| !self.complete && *at > self.end)
    }

    /// Until when the stage settles: nothing is judged before.
    #[must_use]
    pub fn settles_until(&self) -> Option<Instant> {
        let begins = self.runs_until()? - self.length;
        (begins > self.end).then_some(begins)
    }

    /// Whether it runs, and what is due once it is complete has its time: people are asked from its last quarter on, at most a
    /// day before.
    #[must_use]
    pub fn has_time(&self) -> bool {
        const AT_MOST: Duration = Duration::from_secs(86_400);
        let quarter = Duration::from_millis(self.length.millis() / 4);
        let asked_before = quarter.min(AT_MOST);
        self.runs_until()
            .is_some_and(|at| self.end.until(at) > asked_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    /// A window of so many hours at that hour of it.
    fn at(hours: i64, length: i64) -> Window {
        let start = Instant::from_secs(0);
        Window {
            observe: Some(Observe::SinceStart),
            start,
            end: start + Duration::from_secs(hours * HOUR),
            length: Duration::from_secs(length * HOUR),
            started: Some(start),
            ended: None,
            complete: hours >= length,
            completes_at: Some(start + Duration::from_secs(length * HOUR)),
        }
    }

    #[test]
    fn l4_what_is_due_at_the_end_of_a_window_is_asked_from_its_last_quarter_on() {
        assert!(at(4, 72).has_time());
        assert!(at(53, 72).has_time());
        assert!(!at(54, 72).has_time());
        assert!(at(6 * 24, 10 * 24).has_time(), "at most a day before");
        assert!(!at(9 * 24, 10 * 24).has_time());
        assert!(!at(72, 72).has_time(), "it is complete");
        let ended = Window {
            ended: Some(Instant::from_secs(4 * HOUR)),
            ..at(4, 72)
        };
        assert!(!ended.has_time(), "nothing more comes");
    }

    #[test]
    fn l2_a_stage_settles_until_what_is_judged_begins() {
        let mut settles = at(0, 1);
        settles.completes_at = Some(Instant::from_secs(HOUR + 600));
        assert_eq!(settles.settles_until(), Some(Instant::from_secs(600)));
        settles.end = Instant::from_secs(600);
        assert_eq!(settles.settles_until(), None);
    }
}
