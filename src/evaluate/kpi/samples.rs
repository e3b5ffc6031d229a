//! The samples behind a verdict, point by point as they were judged: for charts and tables of them.
//! Measures as the rules do; must not decide anything.

use super::bad::is_bad;
use super::measure::{Measurable, Measured};
use super::prepared::{Answered, Prepared, answered, prepared};
use super::presence::Known;
use super::question::KpiQuestion;
use super::ratio;
use super::series::JudgedSeries;
use crate::assessment::EventCount;
use crate::evaluate::request::Request;
use crate::ledger::{Entry, EventKind, Ledger};
use crate::plan::criteria::{Criterion, KpiAsk};
use crate::plan::{Kpi, Plan, Reducer, Stage};
use crate::rollout::State;
use crate::samples::{Grid, Labels, Observations};
use crate::units::Instant;

/// The samples of one check. Computed criterion by criterion on demand, so that a wide check is never held twice.
#[derive(Debug, Clone, Copy)]
pub struct Samples<'a> {
    plan: &'a Plan,
    request: &'a Request,
    observations: &'a Observations,
}

/// The samples that one condition was judged on.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiSamples {
    /// The points that were queried.
    pub grid: Grid,
    /// In the order of the assessment's series.
    pub series: Vec<SeriesSamples>,
    /// What a relative condition compared with; `None` if it has no baseline, or none that could be measured.
    pub baseline: Option<BaselineSamples>,
}

/// One series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesSamples {
    /// Its labels.
    pub labels: Labels,
    /// The value of `per`'s label, if the KPI has one.
    pub per: Option<String>,
    /// One for each point of the grid, oldest first.
    pub points: Vec<Sampled>,
}

/// The samples of a baseline, on their own grid.
#[derive(Debug, Clone, PartialEq)]
pub struct BaselineSamples {
    /// The points that were queried, or that the captured file holds.
    pub grid: Grid,
    /// By the value of `per`'s label.
    pub series: Vec<SeriesSamples>,
}

/// One point of a grid.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sampled {
    /// What the source sent, NaN included; of a ratio of events their quotient. `None` if it sent nothing.
    pub sent: Option<f64>,
    /// What was judged, in the KPI's unit; `None` if the point was not measured (rule 4).
    pub measured: Option<f64>,
    /// Whether the point is quiet: the guard was measured there, and does not hold.
    pub quiet: bool,
    /// Of a measured point of a ratio: how many events there were, and how many errors.
    pub events: Option<EventCount>,
    /// Whether what was judged is on the wrong side of the bound; false if that is unknown.
    pub beyond: bool,
}

impl<'a> Samples<'a> {
    /// The samples of the gates of a request, from the observations that they were judged on.
    #[must_use]
    pub fn new(plan: &'a Plan, request: &'a Request, observations: &'a Observations) -> Self {
        Self {
            plan,
            request,
            observations,
        }
    }

    /// When the judged part of a gate's stage begins: its start and its settle time; `None` where the start is not known.
    /// `gate` is the gate's position in the assessment.
    #[must_use]
    pub fn settled(&self, gate: usize) -> Option<Instant> {
        let (stage, _) = self.gate(gate)?;
        Some(self.request.moment(self.plan, stage).started()? + stage.settle)
    }

    /// The stages with their states as of T; none where no ledger says them.
    #[must_use]
    pub fn stages(&self) -> Vec<(&'a Stage, State)> {
        if self.request.ledger.is_none() {
            return Vec::new();
        }
        let rollout = self.request.rollout(self.plan);
        let stages = self.plan.stages.iter();
        stages.map(|stage| (stage, rollout.state(stage))).collect()
    }

    /// What people did to a gate's stage, oldest first: what they did, and since when it holds.
    #[must_use]
    pub fn turns(&self, gate: usize) -> Vec<(EventKind, Instant)> {
        let stage = self.gate(gate).map(|(stage, _)| stage.name.as_str());
        let entries = self
            .request
            .ledger
            .as_ref()
            .map_or(&[][..], Ledger::entries);
        let is_of = |entry: &Entry, stage| {
            entry.event.stage() == Some(stage) || entry.event.takes_over(stage)
        };
        let of_it = entries
            .iter()
            .filter(|entry| stage.is_some_and(|stage| is_of(entry, stage)));
        let turn = |entry: &Entry| {
            let at = entry.event.started().map_or(entry.at, |(_, at)| at);
            (entry.event.kind(), at)
        };
        of_it.map(turn).collect()
    }

    /// The KPI that a criterion asks about, found as [`of`](Self::of) finds its samples.
    #[must_use]
    pub fn kpi(&self, gate: usize, kpi: usize) -> Option<&'a Kpi> {
        let (_, gate) = self.gate(gate)?;
        let mut asks = gate.criteria.iter().filter_map(kpi_of);
        asks.nth(kpi).map(|(ask, _)| &ask.kpi)
    }

    /// The samples of one criterion, by its gate's position in the assessment and its own among the gate's criteria on KPIs
    /// (see [`GateAssessment::kpi_number`](crate::assessment::GateAssessment::kpi_number)); `None` where its answer could not be judged.
    #[must_use]
    pub fn of(&self, gate: usize, kpi: usize) -> Option<KpiSamples> {
        let (stage, gate) = self.gate(gate)?;
        let mut asks = gate.criteria.iter().filter_map(kpi_of);
        let (ask, criterion) = asks.nth(kpi)?;
        let placed = self.request.placed(self.plan, stage, gate, criterion);
        traced(&KpiQuestion::new(ask, &placed).ok()?, self.observations)
    }

    fn gate(&self, position: usize) -> Option<(&'a crate::plan::Stage, &'a crate::plan::Gate)> {
        let mut gates = self.request.gates.iter();
        gates
            .by_ref()
            .filter_map(|gate| gate.of(self.plan))
            .nth(position)
    }
}

fn kpi_of(criterion: &Criterion) -> Option<(&KpiAsk, &Criterion)> {
    Some((criterion.ask.kpi()?, criterion))
}

fn traced(case: &KpiQuestion, observations: &Observations) -> Option<KpiSamples> {
    let Answered {
        measurable, taken, ..
    } = answered(case, observations).ok()?;
    let prepared = prepared(case, (&measurable, taken), observations, case.at).ok()?;
    let series = prepared
        .iter()
        .map(|one| judged_points(case, &measurable, one))
        .collect::<Option<_>>()?;
    Some(KpiSamples {
        grid: measurable.grid,
        series,
        baseline: baseline(case.ask, case, observations),
    })
}

fn baseline(
    ask: &KpiAsk,
    case: &KpiQuestion,
    observations: &Observations,
) -> Option<BaselineSamples> {
    let asking = case.baseline.as_ref()?.as_ref().ok()?;
    let measurable = Measurable::new(ask, asking, observations, None).ok()?;
    let series = measurable.subjects.iter().filter_map(|subject| {
        let measured = measurable.measure(subject, None).ok()?;
        points(ask, &measurable, subject, &measured)
    });
    Some(BaselineSamples {
        grid: measurable.grid,
        series: series.collect(),
    })
}

/// The points of a series that was judged.
fn judged_points(
    case: &KpiQuestion,
    measurable: &Measurable,
    one: &Prepared,
) -> Option<SeriesSamples> {
    let mut samples = points(case.ask, measurable, one.subject, &one.measured)?;
    let Ok(limits) = &one.limits else {
        return Some(samples);
    };
    let condition = &case.ask.condition;
    // A share of the budget is not that of a point.
    if condition.reducer == Some(Reducer::Budget) {
        return Some(samples);
    }
    let possible = one.possible.iter().enumerate();
    for (sampled, (position, value)) in samples.points.iter_mut().zip(possible) {
        let bound = limits.bound(position);
        sampled.beyond = value.is_some_and(|value| is_bad(condition, case.list, bound, value));
    }
    Some(samples)
}

/// What was sent for a point, its position, and what was judged of it.
type SentAndJudged<'a> = (Option<f64>, (usize, (&'a Option<f64>, &'a Known)));

/// The points of one series; `None` where an instant came twice, so that nothing was judged.
fn points(
    ask: &KpiAsk,
    measurable: &Measurable,
    subject: &JudgedSeries,
    judged: &Measured,
) -> Option<SeriesSamples> {
    let sent = measurable.sent(subject).ok()?;
    let events = |position: usize| {
        let events = judged.events.as_ref()?;
        events.at(position)?;
        let of_point = ratio::count(ask, events.events(position..position + 1));
        Some(of_point)
    };
    let judged = judged.values.iter().zip(&judged.points).enumerate();
    let sampled = |(sent, (position, (measured, known))): SentAndJudged<'_>| Sampled {
        sent,
        measured: *measured,
        quiet: matches!(known, Known::Quiet(_)),
        events: events(position),
        beyond: false,
    };
    Some(SeriesSamples {
        labels: subject.labels.clone(),
        per: subject.per.clone(),
        points: sent.into_iter().zip(judged).map(sampled).collect(),
    })
}
