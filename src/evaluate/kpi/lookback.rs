//! R5: a ratio of events over the time before each point: `over 1h and 5m`. Must not look at the values of single points.

use super::bad::{SeriesJudge, worse};
use super::known::is_quiet;
use super::limits::Limits;
use super::measure::Measured;
use super::question::KpiQuestion;
use super::ruling::{SeriesRuling, found};
use super::stretches::Stretch;
use crate::assessment::{Code, Outcome};
use crate::evaluate::context::Undecided;
use crate::kind::List;
use crate::plan::{Hold, Ratio};
use crate::samples::{EventSum, Events, Grid};
use crate::units::Duration;

/// The values of the look-backs that end at each point.
pub(super) struct LookedBack {
    /// Of several lengths, the value that decides: in a stop the least bad, elsewhere the worst. `None` where it is not measured.
    pub values: Vec<Option<f64>>,
    /// Why they are not enough for a good outcome.
    pub thin: Option<Undecided>,
}

/// Looks back from each point. `limits` decide which value is worse; a look-back is compared with one bound.
pub(super) fn look_back(
    case: &KpiQuestion,
    grid: &Grid,
    measured: &Measured,
    limits: Option<&Limits>,
) -> LookedBack {
    let lengths = case.ask.condition.hold.map(Hold::lookbacks);
    let lengths = lengths.unwrap_or_default();
    let of_lengths: Vec<Vec<Place>> = lengths
        .iter()
        .map(|length| places(case, grid, measured, *length))
        .collect();
    let bound = limits.map_or(f64::NAN, |limits| limits.bound(0));
    let worse = worse(case.ask.condition.comparison, case.list, bound);
    let is_stop = case.list == List::Stop;
    let decides = |position: usize| -> Option<f64> {
        let here = of_lengths.iter().map(|places| places.get(position));
        let here = here.map(|place| place.and_then(|place| place.value()));
        if is_stop {
            let all: Option<Vec<f64>> = here.collect();
            let less = |one: f64, other: f64| {
                if worse.badness(other) < worse.badness(one) {
                    other
                } else {
                    one
                }
            };
            return all?.into_iter().reduce(less);
        }
        let more = |one: f64, other: f64| {
            if worse.badness(other) > worse.badness(one) {
                other
            } else {
                one
            }
        };
        here.flatten().reduce(more)
    };
    let values: Vec<Option<f64>> = (0..grid.count()).map(decides).collect();
    let thin = thin(case, &lengths, &of_lengths, &values);
    LookedBack { values, thin }
}

/// What the look-back that ends at a point shows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// It would begin before the span.
    TooEarly,
    /// Each of its points is quiet.
    Quiet,
    /// Too few of its points were measured, or there were no events.
    Missing,
    /// Its value, in the KPI's unit.
    Value(f64),
}

impl Place {
    fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::TooEarly | Self::Quiet | Self::Missing => None,
        }
    }
}

/// The look-backs of one length, by the point at which each ends.
fn places(case: &KpiQuestion, grid: &Grid, measured: &Measured, length: Duration) -> Vec<Place> {
    let steps =
        usize::try_from(length.millis() / grid.step().millis().max(1)).unwrap_or(usize::MAX);
    let rates = measured
        .events
        .as_ref()
        .map(|events| events.rates.as_slice());
    let Some(rates) = rates.filter(|_| steps > 0) else {
        return vec![Place::TooEarly; grid.count()];
    };
    // A span that begins between two points begins with the step before the first.
    let first = if grid.first() == case.judged.start {
        steps
    } else {
        steps - 1
    };
    let quiet: Vec<bool> = measured.points.iter().copied().map(is_quiet).collect();
    let quiet = counts(&quiet, steps);
    let there: Vec<bool> = rates.iter().map(Option::is_some).collect();
    let there = counts(&there, steps);
    let whole = Ratio::whole(case.ask.kpi.unit);
    let coverage = case.ask.kpi.coverage;
    let sums = sums(rates, steps).enumerate();
    let counted = sums.zip(there.into_iter().zip(quiet));
    let place = |((position, sum), (there, quiet)): ((usize, EventSum), (usize, usize))| {
        if position < first {
            return Place::TooEarly;
        }
        if quiet == steps {
            return Place::Quiet;
        }
        let is_enough = there > 0 && coverage.reached_by(there, steps - quiet);
        let ratio = sum.ratio().filter(|_| is_enough);
        ratio.map_or(Place::Missing, |ratio| Place::Value(ratio * whole))
    };
    counted.map(place).collect()
}

/// How many of so many positions in a row, up to each, belong.
fn counts(belongs: &[bool], length: usize) -> Vec<usize> {
    let mut count = 0_usize;
    let mut all = Vec::with_capacity(belongs.len());
    for (position, one) in belongs.iter().enumerate() {
        count += usize::from(*one);
        let left = position.checked_sub(length);
        let left = left.and_then(|left| belongs.get(left)).copied();
        count -= usize::from(left == Some(true));
        all.push(count);
    }
    all
}

/// The sum of so many rates in a row, up to each: of blocks of that length, the end of one and the beginning of the next (van Herk
/// 1992; Gil and Werman 1993). Nothing is ever subtracted, so that no sum depends on what is not in it.
fn sums(rates: &[Option<Events>], length: usize) -> impl Iterator<Item = EventSum> {
    let mut block = EventSum::default();
    let mut ends: Vec<EventSum> = Vec::new();
    let add = |sum: EventSum, rates: Option<Events>| rates.map_or(sum, |rates| sum.and(rates));
    (0..rates.len()).map(move |position| {
        let in_block = position % length;
        if in_block == 0 {
            ends = ends_of(rates, position.saturating_sub(length)..position);
            block = EventSum::default();
        }
        block = add(block, rates.get(position).copied().flatten());
        let before = ends.get(in_block + 1).copied().unwrap_or_default();
        before.with(block)
    })
}

/// The sums from each of these positions to the last of them.
fn ends_of(rates: &[Option<Events>], positions: std::ops::Range<usize>) -> Vec<EventSum> {
    let mut sum = EventSum::default();
    let mut ends: Vec<EventSum> = Vec::with_capacity(positions.len());
    for rates in rates.get(positions).unwrap_or_default().iter().rev() {
        sum = rates.map_or(sum, |rates| sum.and(rates));
        ends.push(sum);
    }
    ends.reverse();
    ends
}

/// Why the look-backs are not enough: none was measured at all, or outside a stop fewer than the coverage asks for.
fn thin(
    case: &KpiQuestion,
    lengths: &[Duration],
    of_lengths: &[Vec<Place>],
    values: &[Option<f64>],
) -> Option<Undecided> {
    let all = || of_lengths.iter().flatten();
    let there = all().filter(|place| place.value().is_some()).count();
    let missing = all().filter(|place| **place == Place::Missing).count();
    let whole = lengths.iter().zip(of_lengths);
    let mut too_long = whole.filter(|(_, places)| {
        let is_early = |place: &Place| *place == Place::TooEarly;
        places.iter().all(is_early)
    });
    if let Some((length, _)) = too_long.next() {
        let span = case.judged.length();
        let reason = format!("no look-back of {length} lies in the judged span of {span} yet");
        return Some(Undecided::new(Code::EmptySpan, reason));
    }
    let coverage = case.ask.kpi.coverage;
    let is_none = values.iter().all(Option::is_none);
    let is_few = case.list != List::Stop && !coverage.reached_by(there, there + missing);
    (is_none || is_few).then(|| {
        let reason = format!(
            "{there} of {} look-backs measured, {coverage} needed; one is measured where {coverage} of its points are, with events",
            there + missing
        );
        Undecided::new(Code::LowCoverage, reason)
    })
}

impl SeriesJudge<'_> {
    /// R5: a stop trips on the first bad look-back; elsewhere each must be good.
    pub(super) fn looked_back(&self, hold: Hold) -> SeriesRuling {
        let Some(worst) = self.worst_point() else {
            return self.undecided();
        };
        let bad = self.bad();
        let of = self.measured().count();
        let count: usize = bad.iter().map(|one| one.last - one.first + 1).sum();
        let (value, bound) = self.show(worst.value, worst.bound);
        let at = self.grid.at(worst.position);
        let over = hold.words();
        let stop = self.list == List::Stop;
        let Some(first) = bad.first() else {
            let (outcome, code) = if stop {
                (Outcome::Clear, Code::Clear)
            } else {
                (Outcome::Met, Code::Met)
            };
            let reason = if stop {
                format!("never {bound} {over}; the worst is {value} at {at}")
            } else {
                format!("{bound} {over}, {of} times; the worst is {value} at {at}")
            };
            return self.unless_thin(outcome, code, reason, Some(worst.value));
        };
        let when = self.first_words(first, count, of);
        let thin = self.thinness();
        let (outcome, reason) = if stop {
            let reason = format!("{bound} {over}, {when}; the worst is {value} at {at}{thin}");
            (Outcome::Tripped, reason)
        } else {
            let reason = format!("{value} {over} at {at} is not {bound}: {when}{thin}");
            (Outcome::Unmet, reason)
        };
        found(outcome, Code::Breach, reason, Some(worst.value))
    }

    fn first_words(&self, first: &Stretch, count: usize, of: usize) -> String {
        format!(
            "first at {}, {count} of {of} look-backs",
            self.grid.at(first.first)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_rates() -> impl Strategy<Value = Vec<Option<Events>>> {
        let rates = prop_oneof![
            6 => (0.0..5.0_f64, 5.0..1e6_f64).prop_map(|(part, total)| Some(Events { part, total })),
            1 => (5.0..1e6_f64).prop_map(|total| Some(Events { part: 0.0, total })),
            2 => Just(None),
        ];
        prop::collection::vec(rates, 1..80)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

        #[test]
        fn r5_sums_up_to_each_point_are_the_sums_of_what_lies_there(rates in any_rates(), length in 1..40_usize) {
            for (position, sum) in sums(&rates, length).enumerate() {
                let from = (position + 1).saturating_sub(length);
                let direct: EventSum = rates[from..=position].iter().flatten().copied().collect();
                let (sum, direct) = (sum.rates(), direct.rates());
                prop_assert!((sum.part - direct.part).abs() <= 1e-12 * direct.part, "{sum:?} {direct:?}");
                prop_assert!((sum.total - direct.total).abs() <= 1e-12 * direct.total, "{sum:?} {direct:?}");
            }
        }

        #[test]
        fn counts_up_to_each_point_are_the_counts_of_what_lies_there(belongs in prop::collection::vec(any::<bool>(), 1..80), length in 1..40_usize) {
            for (position, count) in counts(&belongs, length).into_iter().enumerate() {
                let from = (position + 1).saturating_sub(length);
                prop_assert_eq!(count, belongs[from..=position].iter().filter(|one| **one).count());
            }
        }
    }
}
