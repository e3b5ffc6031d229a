//! B2: what came of pretend releases. Must not judge a sample, nor count.

use std::collections::BTreeMap;

use super::literal::Literal;
use super::trials::Trials;
use super::why_not::WhyNot;
use crate::assessment::{self, Code};
use crate::evaluate::{
    FirstTrip, History, JudgedAt, LeftOut, Sweep, Swept, Trial, verdict_on_judged,
};
use crate::kind::{GateKind, List};
use crate::plan::criteria::{Ask, Criterion};
use crate::plan::{Bound, Delta, Hold, Plan};
use crate::units::{Duration, Instant, Unit};
use crate::verdict::Verdict;

/// A gate, tried at many times.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The stage.
    pub stage: String,
    /// Which gate.
    pub gate: GateKind,
    /// How long the stage settles.
    pub settle: Duration,
    /// When.
    pub trials: Trials,
    /// What was judged, in plan order.
    pub criteria: Vec<CriterionTried>,
    /// What was not.
    pub left: Vec<Left>,
    /// One for each time.
    pub outcomes: Vec<Outcome>,
    /// What could not be decided, in plan order.
    pub unknown: Vec<Unknown>,
}

/// A criterion, tried at many times.
#[derive(Debug, Clone)]
pub struct CriterionTried {
    /// Its list.
    pub list: List,
    /// The KPI, or what else it asks.
    pub name: String,
    /// What it must satisfy, or what must not be.
    pub condition: String,
    /// Of its values; `None` if it has none.
    pub unit: Option<Unit>,
    /// Whether its limit is a share of the baseline, or how often the baseline; `None` if it is a value.
    pub is_share_of_baseline: Option<bool>,
    /// How long its bad state has to last.
    pub lasts: Duration,
    /// What a check says each time.
    pub swept: Swept,
    /// Whether single points decide, how many in a row, or the time before each: then a level that was held says when it trips.
    pub(super) is_on_points: bool,
    /// Its place in the gate.
    pub place: usize,
    /// Its limit as the plan writes it, if that is a single number.
    pub(super) literal: Option<Literal>,
    /// Why nothing can be known of other limits, whatever is measured.
    pub(super) why_not: Option<WhyNot>,
}

/// What was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Its list.
    pub list: List,
    /// Its name.
    pub name: String,
    /// Why.
    pub why: LeftOut,
}

/// What came of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// When it was stopped, and by which criterion.
    pub stop: Option<(Instant, usize)>,
}

/// Why a criterion could not be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Which criterion, by its place among those that were judged.
    pub criterion: usize,
    /// Why, for programs.
    pub code: Code,
    /// Why, in the words of a check: of the first.
    pub reason: String,
    /// Of how many.
    pub count: usize,
    /// When the first and the last of them would have begun.
    pub between: (Instant, Instant),
}

/// Tries a gate.
#[must_use]
pub fn tried(plan: &Plan, trials: Trials, history: &History) -> Tried {
    let sweep = Sweep {
        plan,
        gate: trials.gate,
        times: &trials.times,
    };
    let Some((stage, gate)) = sweep.place() else {
        return empty(trials);
    };
    let (mut criteria, mut left) = (Vec::new(), Vec::new());
    for (place, criterion) in gate.criteria.iter().enumerate() {
        if let Err(why) = Sweep::is_judged(criterion) {
            let (list, name) = (criterion.list, criterion.ask.name());
            left.push(Left { list, name, why });
        } else if let Some(swept) = sweep.judge(criterion, history) {
            criteria.push(of(criterion, place, swept));
        }
    }
    deadlines(&sweep, &mut criteria);
    criteria.sort_by_key(|one| one.place);
    let more = left
        .iter()
        .any(|left| left.list != List::Stop && left.list != List::Watch);
    let outcomes = (trials.times.iter().enumerate())
        .map(|(time, trial)| outcome(&criteria, time, *trial, more))
        .collect();
    let unknown = unknown(&sweep, &criteria, history);
    Tried {
        stage: stage.name.clone(),
        gate: gate.kind,
        settle: stage.settle,
        criteria,
        left,
        outcomes,
        unknown,
        trials,
    }
}

fn empty(trials: Trials) -> Tried {
    Tried {
        stage: String::new(),
        gate: GateKind::Exit,
        settle: Duration::ZERO,
        trials,
        criteria: Vec::new(),
        left: Vec::new(),
        outcomes: Vec::new(),
        unknown: Vec::new(),
    }
}

fn of(criterion: &Criterion, place: usize, swept: Swept) -> CriterionTried {
    let kpi = criterion.ask.kpi();
    let lasts = kpi.and_then(|ask| match ask.condition.hold {
        Some(Hold::For(length)) => Some(length),
        Some(Hold::Share(_) | Hold::Points(_) | Hold::But(_) | Hold::Over(..)) | None => None,
    });
    CriterionTried {
        list: criterion.list,
        name: criterion.ask.name(),
        condition: kpi.map_or_else(String::new, |ask| ask.condition.text.clone()),
        unit: kpi.map(|ask| ask.kpi.unit),
        is_share_of_baseline: kpi.and_then(|ask| match &ask.condition.bound {
            Bound::Above(Delta::Relative(_)) | Bound::Below(Delta::Relative(_)) => Some(true),
            Bound::Times(_) => Some(false),
            Bound::Fixed(_) | Bound::Baseline | Bound::Above(_) | Bound::Below(_) => None,
        }),
        lasts: lasts.unwrap_or_default(),
        is_on_points: kpi.is_none_or(|ask| match ask.condition.hold {
            Some(Hold::For(_) | Hold::Over(..)) | None => ask.condition.reducer.is_none(),
            Some(Hold::Share(_) | Hold::Points(_) | Hold::But(_)) => false,
        }),
        swept,
        place,
        literal: kpi.and_then(|ask| Literal::of(&ask.condition, ask.kpi.unit)),
        why_not: kpi.and_then(WhyNot::of),
    }
}

/// Deadlines depend on all else that the exit asks and that is judged.
fn deadlines(sweep: &Sweep<'_>, criteria: &mut Vec<CriterionTried>) {
    let Some((_, gate)) = sweep.place() else {
        return;
    };
    let is_met = |time: usize| {
        let exit = criteria.iter().filter(|one| one.list == List::Exit);
        let mut at = exit.filter_map(|one| one.swept.judged.get(time));
        at.all(|judged| judged.outcome == assessment::Outcome::Met)
    };
    let exit_met: Vec<bool> = (0..sweep.times.len()).map(is_met).collect();
    for (place, criterion) in gate.criteria.iter().enumerate() {
        if matches!(criterion.ask, Ask::Deadline(_))
            && let Some(swept) = sweep.deadline(criterion, &exit_met)
        {
            criteria.push(of(criterion, place, swept));
        }
    }
}

fn outcome(criteria: &[CriterionTried], time: usize, trial: Trial, more: bool) -> Outcome {
    let at = |one: &CriterionTried| one.swept.judged.get(time).copied();
    let mut stop: Option<(Instant, usize)> = None;
    for (place, criterion) in criteria.iter().enumerate() {
        let Some(judged) = at(criterion).filter(|_| criterion.list == List::Stop) else {
            continue;
        };
        let tripped = judged.outcome == assessment::Outcome::Tripped;
        let trip = judged
            .trip
            .map(|trip| trip.at)
            .or(tripped.then_some(trial.at));
        if let Some(trip) = trip
            && stop.is_none_or(|(first, _)| trip < first)
        {
            stop = Some((trip, place));
        }
    }
    let found: Vec<(List, assessment::Outcome)> = (criteria.iter())
        .filter_map(|one| Some((one.list, at(one)?.outcome)))
        .collect();
    let verdict = if stop.is_some() {
        Verdict::Stop
    } else {
        verdict_on_judged(&found, more)
    };
    Outcome { verdict, stop }
}

/// What could not be decided, by criterion and reason.
fn unknown(sweep: &Sweep<'_>, criteria: &[CriterionTried], history: &History) -> Vec<Unknown> {
    let mut found: BTreeMap<(usize, Code), (Trial, Trial, usize)> = BTreeMap::new();
    for (place, criterion) in criteria.iter().enumerate() {
        let times = criterion.swept.judged.iter().zip(sweep.times);
        for (judged, time) in
            times.filter(|(judged, _)| judged.outcome == assessment::Outcome::Unknown)
        {
            let entry = found
                .entry((place, judged.code))
                .or_insert((*time, *time, 0));
            entry.1 = *time;
            entry.2 += 1;
        }
    }
    let gate = sweep.place().map(|(_, gate)| gate);
    let unknown = found
        .into_iter()
        .map(|((criterion, code), (first, last, count))| {
            let place = criteria.get(criterion).map(|one| one.place);
            let asked = place.and_then(|place| gate?.criteria.get(place));
            let check = asked.and_then(|asked| sweep.check(asked, first, history));
            let begun = |trial: Trial| trial.started.unwrap_or(trial.at);
            Unknown {
                criterion,
                code,
                reason: check.map_or_else(|| code.word().to_owned(), |check| check.reason),
                count,
                between: (begun(first), begun(last)),
            }
        });
    unknown.collect()
}

impl CriterionTried {
    /// When it trips first at each time, if its limit were another one; `None` where that cannot be told from one pass.
    #[must_use]
    pub fn trips_at(&self, limit: f64) -> Option<Vec<Option<FirstTrip>>> {
        let scale = self.swept.scale.as_ref()?;
        let track = scale.track.as_ref()?;
        let mut trips = vec![None; self.swept.judged.len()];
        for (series, held) in track.held.iter().enumerate() {
            let mut next = usize::MAX;
            let mut first: Vec<usize> = (held.iter().enumerate().rev())
                .map(|(position, level)| {
                    if scale.is_beyond(*level, limit) {
                        next = position;
                    }
                    next
                })
                .collect();
            first.reverse();
            for (trip, window) in trips.iter_mut().zip(&track.windows) {
                let Some((from, to)) = *window else { continue };
                let Some(found) = first.get(from).filter(|found| **found <= to) else {
                    continue;
                };
                let at = track.at(if track.at_end { to } else { *found });
                if trip.is_none_or(|trip: FirstTrip| at < trip.at) {
                    *trip = Some(FirstTrip { at, series });
                }
            }
        }
        Some(trips)
    }

    /// When it trips first at each time.
    #[must_use]
    pub fn trips(&self) -> Vec<Option<FirstTrip>> {
        let trip = |judged: &JudgedAt| judged.trip;
        self.swept.judged.iter().map(trip).collect()
    }
}
