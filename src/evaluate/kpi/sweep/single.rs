//! A condition at one time of many, as a check judges it: every question answered from a long time's answers. For what cannot be
//! judged in passing. Must not know a rule.

use crate::assessment::{Code, CriterionAssessment, Outcome};
use crate::evaluate::context::PlacedCriterion;
use crate::evaluate::history::History;
use crate::evaluate::kpi::question::KpiQuestion;
use crate::evaluate::kpi::{assess, questions};
use crate::evaluate::span::Moment;
use crate::kind::List;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Baseline, BaselineAs, Hold};
use crate::samples::{Asked, Grid, Observations};
use crate::units::Instant;

/// What a check says.
pub(in crate::evaluate) fn check(
    ask: &KpiAsk,
    placed: &PlacedCriterion<'_>,
    history: &History,
) -> CriterionAssessment {
    let questions = questions(ask, placed).into_iter();
    let answers = questions.map(|question| {
        let answer = history.cut(&question);
        (question, answer)
    });
    let observations: Observations = answers.collect();
    assess(ask, placed, &observations)
}

/// What a number of a check is in the words of its limit (B12), where it is the limit itself.
pub(super) fn critical(ask: &KpiAsk, judged: &CriterionAssessment) -> Option<f64> {
    let is_value = ask.condition.compares_value_with_number() && ask.condition.at.is_none();
    let decided = judged.outcome != Outcome::Unknown;
    value(judged).filter(|value| is_value && decided && !value.is_nan())
}

/// What was compared, of the series that decided.
pub(super) fn value(judged: &CriterionAssessment) -> Option<f64> {
    let kpi = judged.kpi.as_ref()?;
    kpi.series.get(kpi.decisive?)?.value
}

/// The series that decided.
pub(super) fn series(judged: &CriterionAssessment) -> Option<&str> {
    let kpi = judged.kpi.as_ref()?;
    kpi.series.get(kpi.decisive?)?.per.as_deref()
}

/// The first grid point at which a check sees a stop trip, and of which series. `at_end` is what one says at the end.
pub(super) fn first_trip(
    ask: &KpiAsk,
    placed: &PlacedCriterion<'_>,
    history: &History,
    at_end: &CriterionAssessment,
) -> Option<(Instant, Option<String>)> {
    let grid = points(ask, placed);
    let trips = |position: usize| {
        let at = grid?.at(position) + ask.kpi.delay;
        let moment = Moment {
            at,
            ..placed.moment
        };
        let judged = check(ask, &PlacedCriterion { moment, ..*placed }, history);
        (judged.outcome == Outcome::Tripped).then(|| (at, series(&judged).map(str::to_owned)))
    };
    let Some(grid) = grid else {
        // One number for the whole window is asked for once, at the end.
        let tripped = at_end.outcome == Outcome::Tripped;
        return tripped.then(|| (placed.moment.at, series(at_end).map(str::to_owned)));
    };
    let last = last_answered(ask, placed, history, grid)?;
    if !stays_tripped(ask) || is_ambiguous(at_end.code) {
        return (0..=last).find_map(trips);
    }
    let (mut low, mut high) = (0, last);
    trips(last)?;
    while low < high {
        let middle = low.midpoint(high);
        if trips(middle).is_some() {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    trips(low)
}

/// The points at which a check could be made; `None` where a number is asked for once.
fn points(ask: &KpiAsk, placed: &PlacedCriterion<'_>) -> Option<Grid> {
    let case = KpiQuestion::new(ask, placed).ok()?;
    case.samples.grid.filter(|_| !ask.query.is_instant())
}

/// The last position before which everything was answered.
fn last_answered(
    ask: &KpiAsk,
    placed: &PlacedCriterion<'_>,
    history: &History,
    grid: Grid,
) -> Option<usize> {
    let unanswered = questions(ask, placed).into_iter().filter_map(|question| {
        let at = history.first_unanswered(&question)?;
        let first = match question.asked {
            Asked::Range(asked) => asked.first(),
            Asked::At(at) => at,
            Asked::Captured(_) => return None,
        };
        // A baseline's points lie earlier, by as much as its first one does; one of a fixed span leaves nothing.
        let earlier = match (&ask.baseline, first < grid.first()) {
            (Some(Baseline::Offset(_) | Baseline::Vars { .. }) | None, _) | (_, false) => {
                first.until(grid.first())
            }
            (Some(Baseline::Before(_) | Baseline::Between(..) | Baseline::File(_)), true) => {
                return Some(grid.first());
            }
        };
        Some(at + earlier)
    });
    match unanswered.min() {
        None => Some(grid.count() - 1),
        Some(at) => {
            let steps = (grid.first().until(at).millis() - 1) / grid.step().millis();
            usize::try_from(steps).ok().filter(|_| at > grid.first())
        }
    }
}

/// Whether a stop that trips is tripped at each later time, too: where single points decide, and their bounds stay.
fn stays_tripped(ask: &KpiAsk) -> bool {
    let moves = match (&ask.baseline, ask.baseline_as) {
        (Some(Baseline::Offset(_) | Baseline::Vars { .. }), BaselineAs::One(_)) => {
            ask.condition.is_relative()
        }
        (_, BaselineAs::Points | BaselineAs::One(_)) => false,
    };
    let on_points = match ask.condition.hold {
        None | Some(Hold::For(_) | Hold::Points(_) | Hold::But(_)) => {
            ask.condition.reducer.is_none()
        }
        Some(Hold::Share(_) | Hold::Over(..)) => false,
    };
    on_points && !moves && ask.condition.at.is_none() && ask.kpi.ratio.is_none()
}

/// Whether a later point may have spoilt what an earlier check could judge.
fn is_ambiguous(code: Code) -> bool {
    [
        Code::SeveralSeries,
        Code::AmbiguousSeries,
        Code::DuplicatePoints,
        Code::GuardUnknown,
    ]
    .contains(&code)
}

/// Whether a criterion can trip.
pub(super) fn is_stop(placed: &PlacedCriterion<'_>) -> bool {
    placed.list() == List::Stop
}
