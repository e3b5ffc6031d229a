//! Rule 6: what a relative condition compares with. Never invents a baseline that was not measured.

use std::collections::BTreeMap;

use super::captured;
use super::measure::Measurable;
use super::possible::take_impossible;
use super::question::{GuardedQuestion, KpiQuestion};
use super::ratio::{Tally, overall};
use super::reduce::reduce;
use super::series::JudgedSeries;
use super::window::{self, Window};
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::plan::criteria::KpiAsk;
use crate::plan::{BaselineAs, Bound, Delta, Ratio, Reducer};
use crate::samples::{EventSeries, Observations};

/// What a series is compared with.
#[derive(Debug, Clone)]
pub(super) enum Compared {
    /// One value.
    One(f64),
    /// Point by point (M4).
    Points(Points),
}

/// The points of one series of a baseline.
#[derive(Debug, Clone)]
pub(super) struct Points {
    /// By position; those that are not finite, or impossible, are left out.
    pub values: Vec<Option<f64>>,
    /// Of a ratio: the events of these.
    pub events: Option<EventSeries>,
    /// Why nothing good rests on them: one is impossible, or what lies behind a number for a whole span is not enough.
    pub spoilt: Option<Undecided>,
}

/// The baseline of each series, or why there is none.
pub(super) struct Baselines(
    Result<BTreeMap<Option<String>, Result<Compared, Undecided>>, Undecided>,
);

impl Baselines {
    /// Works out the baseline of each series of a question; `None` if its condition is not relative.
    pub fn of(case: &KpiQuestion, observations: &Observations) -> Option<Self> {
        let asking = match case.baseline.as_ref()? {
            Ok(asking) => asking,
            Err(undecided) => return Some(Self(Err(undecided.clone()))),
        };
        if let Some(undecided) = captured::differs(case, observations) {
            return Some(Self(Err(undecided)));
        }
        Some(Self(Self::read(case, asking, observations)))
    }

    fn read(
        case: &KpiQuestion,
        asking: &GuardedQuestion,
        observations: &Observations,
    ) -> Result<BTreeMap<Option<String>, Result<Compared, Undecided>>, Undecided> {
        let measurable = Measurable::new(case.ask, asking, observations, None)?;
        let subjects = &measurable.subjects;
        let window = Window::of(case.ask, None, asking, subjects, observations);
        let compared = |subject| {
            let unseen = window::unseen_behind(window.as_ref(), subject);
            compared(case, &measurable, subject, unseen)
        };
        subjects
            .iter()
            .map(|subject| Ok((subject.per.clone(), compared(subject)?)))
            .collect()
    }

    /// The baseline of one series.
    ///
    /// # Errors
    /// Failed or partial answers, no such series; where it is one value: thin points, no points.
    pub fn series(&self, per: Option<&str>) -> Result<Compared, Undecided> {
        let none = || Undecided::new(Code::BaselineUnknown, "the baseline has no such series");
        let found = match &self.0 {
            Ok(found) => found
                .get(&per.map(str::to_owned))
                .cloned()
                .unwrap_or_else(|| Err(none())),
            Err(undecided) => Err(undecided.clone()),
        };
        found.map_err(as_baseline)
    }
}

/// Says that it is the baseline that is unknown. A code that says what to fix is kept.
pub(super) fn as_baseline(undecided: Undecided) -> Undecided {
    let says_what_to_fix = matches!(
        undecided.code,
        Code::Source(_)
            | Code::ImpossibleValue
            | Code::RatioImpossible
            | Code::BaselineDiffers
            | Code::UnseenWindow
    );
    let code = if says_what_to_fix {
        undecided.code
    } else {
        Code::BaselineUnknown
    };
    let reason = if undecided.reason.starts_with("the baseline") {
        undecided.reason
    } else {
        format!("the baseline is unknown: {}", undecided.reason)
    };
    Undecided { code, reason }
}

/// A series' points, or one value of them as the plan says; or why this series has none. `unseen` is why what lies behind
/// its number is not enough.
///
/// # Errors
/// Points that spoil the whole answer: the same instant twice.
fn compared(
    case: &KpiQuestion,
    measurable: &Measurable,
    subject: &JudgedSeries,
    unseen: Option<Undecided>,
) -> Result<Result<Compared, Undecided>, Undecided> {
    let mut measured = measurable.measure(subject, None)?;
    let impossible = take_impossible(&case.ask.kpi, &measurable.grid, &mut measured.values);
    if let Some(impossible) = measured.impossible {
        return Ok(Err(impossible));
    }
    let few = measured.events.as_ref().and_then(|events| {
        let tally = Tally {
            ask: case.ask,
            events,
            span: case.judged.length(),
        };
        tally.too_few()
    });
    Ok(match case.ask.baseline_as {
        // Which points are enough is asked of the pairs.
        BaselineAs::Points => {
            let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
            Ok(Compared::Points(Points {
                values: measured.values.into_iter().map(finite).collect(),
                events: measured.events,
                spoilt: impossible.or(unseen).or(few).map(as_baseline),
            }))
        }
        BaselineAs::One(reducer) => match impossible.or(measured.thin).or(unseen).or(few) {
            Some(undecided) => Err(undecided),
            None => one(
                case.ask,
                reducer,
                &measured.values,
                measured.events.as_ref(),
            )
            .map(Compared::One),
        },
    })
}

/// The points' one value: a finite one.
///
/// # Errors
/// No points, or none that have such a value.
pub(super) fn one(
    ask: &KpiAsk,
    reducer: Reducer,
    values: &[Option<f64>],
    events: Option<&EventSeries>,
) -> Result<f64, Undecided> {
    let values: Vec<f64> = values.iter().flatten().copied().collect();
    // Anything is better than an infinite baseline, so that being better shows nothing.
    let none = || {
        Undecided::new(
            Code::BaselineUnknown,
            format!(
                "the {} of its points is not a finite number",
                reducer.word()
            ),
        )
    };
    let value = if reducer.needs_events() {
        let overall = events.and_then(overall);
        overall.map(|value| value * Ratio::whole(ask.kpi.unit))
    } else {
        reduce(reducer, &values)
    };
    value.filter(|value| value.is_finite()).ok_or_else(none)
}

/// The bound in the KPI's unit. NaN if infinities cancel out. Only relative bounds use `baseline`.
pub(super) fn bound(bound: &Bound, baseline: f64) -> f64 {
    match bound {
        Bound::Fixed(value) => value.get(),
        Bound::Baseline => baseline,
        Bound::Above(distance) => baseline + delta(distance, baseline),
        Bound::Below(distance) => baseline - delta(distance, baseline),
        Bound::Times(factor) => baseline * factor.get(),
    }
}

/// Of two deltas the one that counts at this value of the baseline.
pub(super) fn single(distance: &Delta, baseline: f64) -> &Delta {
    let (left, right, is_max) = match distance {
        Delta::Absolute(_) | Delta::Relative(_) => return distance,
        Delta::Max(left, right) => (left, right, true),
        Delta::Min(left, right) => (left, right, false),
    };
    let is_left_higher = delta(left, baseline) >= delta(right, baseline);
    let chosen = if is_left_higher == is_max {
        left
    } else {
        right
    };
    single(chosen, baseline)
}

/// A difference from the baseline; a relative one is a share of its magnitude (of zero, it is zero).
fn delta(distance: &Delta, baseline: f64) -> f64 {
    match distance {
        Delta::Absolute(value) => value.get(),
        Delta::Relative(fraction) => fraction.get() * baseline.abs(),
        Delta::Max(left, right) => pick(delta(left, baseline), delta(right, baseline), f64::max),
        Delta::Min(left, right) => pick(delta(left, baseline), delta(right, baseline), f64::min),
    }
}

/// `f64::max` and `f64::min` drop a NaN; here it stays, since an unknown bound decides nothing.
fn pick(left: f64, right: f64, choose: fn(f64, f64) -> f64) -> f64 {
    if left.is_nan() || right.is_nan() {
        f64::NAN
    } else {
        choose(left, right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Finite;

    fn finite(value: f64) -> Finite {
        Finite::new(value).expect("finite")
    }

    #[test]
    fn rule_6_a_relative_delta_is_a_share_of_the_magnitude() {
        let ten_percent = Delta::Relative(finite(0.1));
        assert_eq!(bound(&Bound::Below(ten_percent.clone()), -50.0), -55.0);
        assert_eq!(bound(&Bound::Above(ten_percent.clone()), -50.0), -45.0);
        assert_eq!(bound(&Bound::Above(ten_percent), 0.0), 0.0);
    }

    #[test]
    fn whichever_is_higher() {
        let either = Delta::Max(
            Box::new(Delta::Absolute(finite(0.005))),
            Box::new(Delta::Relative(finite(0.2))),
        );
        assert_eq!(bound(&Bound::Above(either.clone()), 0.01), 0.015);
        assert_eq!(bound(&Bound::Above(either), 0.1), 0.1 + 0.2 * 0.1);
    }

    #[test]
    fn cancelled_infinities_are_not_a_bound() {
        assert!(bound(&Bound::Times(finite(0.0)), f64::INFINITY).is_nan());
    }
}
