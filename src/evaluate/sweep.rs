//! Criteria at many times (B1): what a plan would have said. What people answer, files and probes have no past to judge.
//! Must not judge a sample: each kind of criterion does.

use super::begun;
use super::context::{CriterionContext, PlacedCriterion};
use super::criteria::{alerts, deadline, outside};
use super::gates::verdict_of;
use super::history::History;
use super::kpi;
use super::kpi::question::Purpose;
use super::request::{GateRef, Request};
use super::swept::{FirstTrip, JudgedAt, Swept};
use crate::assessment::{Code, CriterionAssessment, Outcome};
use crate::kind::List;
use crate::plan::criteria::{Ask, Criterion};
use crate::plan::{Gate, Plan, Stage};
use crate::rollout::LaterStarts;
use crate::samples::Question;
use crate::units::Instant;
use crate::verdict::Verdict;

/// A time at which a gate is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    /// S; `None` for a moment without a start: the last window is looked at.
    pub started: Option<Instant>,
    /// T.
    pub at: Instant,
}

/// A gate at many times.
#[derive(Debug, Clone, Copy)]
pub struct Sweep<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Which gate.
    pub gate: GateRef,
    /// When, in order; all with a start or none, each as long after its own.
    pub times: &'a [Trial],
}

/// Why a criterion is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// It asks people, files or addresses: nothing of that has a past.
    NoPast,
    /// It asks an Alertmanager, which knows only what fires when it is asked.
    OnlyNow,
}

impl<'a> Sweep<'a> {
    /// Its stage and its gate; `None` if the plan has no such place.
    #[must_use]
    pub fn place(&self) -> Option<(&'a Stage, &'a Gate)> {
        self.gate.of(self.plan)
    }

    /// Whether a criterion is judged, and why not.
    ///
    /// # Errors
    /// Why it is left out.
    pub fn is_judged(criterion: &Criterion) -> Result<(), LeftOut> {
        match &criterion.ask {
            Ask::Kpi(_) | Ask::Deadline(_) | Ask::Outside(_) => Ok(()),
            Ask::Alerts(ask) => match alerts::source_of(ask) {
                Some(_) => Ok(()),
                None => Err(LeftOut::OnlyNow),
            },
            Ask::Checklist { .. }
            | Ask::Confirmation(_)
            | Ask::Approval(_)
            | Ask::Checkpoint(_)
            | Ask::Incidents(_)
            | Ask::Artifact(_)
            | Ask::Probe(_) => Err(LeftOut::NoPast),
        }
    }

    /// What a criterion asks at a time.
    #[must_use]
    pub fn questions(&self, criterion: &Criterion, time: Trial) -> Vec<Question> {
        let Some((stage, gate)) = self.place() else {
            return Vec::new();
        };
        let request = self.request(time);
        let placed = request.placed(self.plan, stage, gate, criterion);
        match &criterion.ask {
            Ask::Kpi(ask) => kpi::questions(ask, &placed),
            Ask::Alerts(ask) => alerts::over_time(ask, &placed),
            Ask::Deadline(_)
            | Ask::Outside(_)
            | Ask::Checklist { .. }
            | Ask::Confirmation(_)
            | Ask::Approval(_)
            | Ask::Checkpoint(_)
            | Ask::Incidents(_)
            | Ask::Artifact(_)
            | Ask::Probe(_) => Vec::new(),
        }
    }

    /// What a criterion on a KPI asks at a time, with what each question is for; nothing for others.
    #[must_use]
    pub fn purposes(&self, criterion: &Criterion, time: Trial) -> Vec<(Purpose, Question)> {
        let asked = self.place().zip(criterion.ask.kpi());
        asked.map_or_else(Vec::new, |((stage, gate), ask)| {
            let request = self.request(time);
            kpi::purposes(ask, &request.placed(self.plan, stage, gate, criterion))
        })
    }

    /// A criterion at all times; `None` for one that is left out, and for a deadline, which depends on the others.
    #[must_use]
    pub fn judge(&self, criterion: &Criterion, history: &History) -> Option<Swept> {
        let (stage, gate) = self.place()?;
        let requests: Vec<Request> = (self.times.iter())
            .map(|time| self.request(*time))
            .collect();
        let placed = requests
            .iter()
            .map(|request| request.placed(self.plan, stage, gate, criterion));
        let placed: Vec<PlacedCriterion<'_>> = placed.collect();
        match &criterion.ask {
            Ask::Kpi(ask) => Some(kpi::sweep::sweep(ask, &placed, history)),
            Ask::Alerts(ask) => alerts::source_of(ask).map(|_| {
                let judged = placed.iter().map(|placed| fired(ask, placed, history));
                alone(judged.collect())
            }),
            Ask::Outside(ask) => {
                let judged = requests.iter().map(|request| {
                    let context = self.context(request, (stage, gate));
                    let mut judged = outside::assess(ask, &context).on(criterion);
                    begun::require(std::iter::once(&mut judged), &context);
                    of(&judged)
                });
                Some(alone(judged.collect()))
            }
            Ask::Deadline(_)
            | Ask::Checklist { .. }
            | Ask::Confirmation(_)
            | Ask::Approval(_)
            | Ask::Checkpoint(_)
            | Ask::Incidents(_)
            | Ask::Artifact(_)
            | Ask::Probe(_) => None,
        }
    }

    /// The stage's deadline, by whether the exit's own criteria are met at each time.
    #[must_use]
    pub fn deadline(&self, criterion: &Criterion, exit_met: &[bool]) -> Option<Swept> {
        let (stage, _) = self.place()?;
        let Ask::Deadline(length) = &criterion.ask else {
            return None;
        };
        let judged = self.times.iter().zip(exit_met).map(|(time, exit_met)| {
            let moment = self.request(*time).moment(self.plan, stage);
            let judged = deadline::assess(*length, moment, *exit_met).on(criterion);
            let tripped = judged.outcome == Outcome::Tripped;
            let due = time.started.map(|started| started + *length);
            let trip = due
                .filter(|_| tripped)
                .map(|at| FirstTrip { at, series: 0 });
            JudgedAt {
                trip,
                ..of(&judged)
            }
        });
        Some(alone(judged.collect()))
    }

    /// What a check says of a criterion at a time, in its words.
    #[must_use]
    pub fn check(
        &self,
        criterion: &Criterion,
        time: Trial,
        history: &History,
    ) -> Option<CriterionAssessment> {
        let (stage, gate) = self.place()?;
        let request = self.request(time);
        let placed = request.placed(self.plan, stage, gate, criterion);
        let ask = criterion.ask.kpi()?;
        Some(kpi::sweep::check(ask, &placed, history))
    }

    fn request(&self, time: Trial) -> Request {
        Request {
            at: time.at,
            started: time.started,
            later_starts: LaterStarts::new(),
            later_checks: Vec::new(),
            later_holds: Vec::new(),
            trailing: time.started.is_none(),
            gates: vec![self.gate],
            outlook: Vec::new(),
            ledger: None,
            plan_sha256: None,
            vars: Vec::new(),
            addresses: Vec::new(),
        }
    }

    fn context<'c>(
        &'c self,
        request: &'c Request,
        (stage, gate): (&'c Stage, &'c Gate),
    ) -> CriterionContext<'c> {
        CriterionContext {
            rollout: request.rollout(self.plan),
            stage,
            gate,
            moment: request.moment(self.plan, stage),
            is_look: false,
            is_outlook: false,
            plan_is_kept_out: false,
            observations: &NOTHING,
            findings: &NOTHING_FOUND,
            sources: &[],
            lost_ledger: None,
            later_checks: &[],
            later_holds: &[],
            judged: &[],
        }
    }
}

static NOTHING: crate::samples::Observations = crate::samples::Observations::new();
static NOTHING_FOUND: crate::findings::Findings = crate::findings::Findings::new();

/// The verdict on what was judged of a gate. `asks_more` says whether it also asks what was left out: nothing of that speaks against it.
#[must_use]
pub fn verdict_on_judged(criteria: &[(List, Outcome)], asks_more: bool) -> Verdict {
    let more = asks_more.then_some((List::Exit, Outcome::Met));
    let all: Vec<(List, Outcome)> = criteria.iter().copied().chain(more).collect();
    verdict_of(&all)
}

fn alone(judged: Vec<JudgedAt>) -> Swept {
    Swept {
        names: vec![None],
        alone: Vec::new(),
        judged,
        scale: None,
    }
}

fn of(judged: &CriterionAssessment) -> JudgedAt {
    JudgedAt {
        outcome: judged.outcome,
        code: judged.code,
        value: None,
        critical: None,
        trip: None,
    }
}

/// Alerts by the series that a server keeps of them: whether a rule could have raised one then is not asked.
fn fired(
    ask: &crate::plan::criteria::AlertsAsk,
    placed: &PlacedCriterion<'_>,
    history: &History,
) -> JudgedAt {
    let is_stop = placed.list() == List::Stop;
    let (outcome, code, trip) =
        match alerts::first_fired(ask, placed, |question| history.cut(question)) {
            Err(undecided) => (Outcome::Unknown, undecided.code, None),
            Ok(None) if is_stop => (Outcome::Clear, Code::Clear, None),
            Ok(None) => (Outcome::Met, Code::Met, None),
            Ok(Some(at)) if is_stop => (Outcome::Tripped, Code::Alert, Some(at + ask.delay)),
            Ok(Some(_)) => (Outcome::Unmet, Code::Alert, None),
        };
    JudgedAt {
        outcome,
        code,
        value: None,
        critical: None,
        trip: trip.map(|at| FirstTrip { at, series: 0 }),
    }
}
