//! R5: a ratio of events over the time before each point: `over 1h and 5m`. Must not look at the values of single points.

use super::bad::{SeriesJudge, worse};
use super::known::{Known, is_quiet};
use super::limits::Limits;
use super::question::KpiQuestion;
use super::ruling::{SeriesRuling, found};
use super::stretches::Stretch;
use crate::assessment::{Code, Outcome};
use crate::evaluate::context::Undecided;
use crate::kind::List;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Hold, Ratio};
use crate::samples::{EventSeries, EventSum, Events, Grid};
use crate::units::Duration;

/// The values of the look-backs that end at each point.
pub(super) struct LookedBack {
    /// Of several lengths, the value that decides: in a stop the least bad, elsewhere the worst. `None` where it is not measured.
    pub values: Vec<Option<f64>>,
    /// Why they are not enough for a good outcome.
    pub thin: Option<Undecided>,
}

/// What is looked back on: what is known of each point, and its events.
#[derive(Clone, Copy)]
pub(super) struct Seen<'s> {
    pub points: &'s [Known],
    pub events: Option<&'s EventSeries>,
}

/// Looks back from each point. `limits` decide which value is worse; a look-back is compared with one bound.
pub(super) fn look_back(
    case: &KpiQuestion,
    grid: &Grid,
    seen: Seen<'_>,
    limits: Option<&Limits>,
) -> LookedBack {
    let lengths = case.ask.condition.hold.map(Hold::lookbacks);
    let lengths = lengths.unwrap_or_default();
    let of_lengths: Vec<Vec<Place>> = lengths
        .iter()
        .map(|length| {
            let mut places = places(case.ask, grid, seen, *length);
            let early = first_end(case, grid, *length).min(places.len());
            if let Some(early) = places.get_mut(..early) {
                early.fill(Place::TooEarly);
            }
            places
        })
        .collect();
    let bound = limits.map_or(f64::NAN, |limits| limits.bound(0));
    let worse = worse(case.ask.condition.comparison, case.list, bound);
    let decides = |position: usize| -> Option<f64> {
        let here = of_lengths.iter().map(|places| places.get(position));
        let here = here.map(|place| place.and_then(|place| place.value()));
        decisive(here, case.list, |value| worse.badness(value))
    };
    let values: Vec<Option<f64>> = (0..grid.count()).map(decides).collect();
    let all = || of_lengths.iter().flatten();
    let is_early = |place: &Place| *place == Place::TooEarly;
    let mut too_long = lengths.iter().zip(&of_lengths);
    let counted = Counted {
        there: all().filter(|place| place.value().is_some()).count(),
        missing: all().filter(|place| **place == Place::Missing).count(),
        is_none: values.iter().all(Option::is_none),
        too_long: too_long
            .find(|(_, places)| places.iter().all(is_early))
            .map(|(length, _)| *length),
    };
    LookedBack {
        values,
        thin: counted.thin(case),
    }
}

/// Of look-backs of several lengths that end at a point, the value that decides: in a stop the least bad of all, elsewhere the
/// worst that is there.
pub(super) fn decisive(
    values: impl Iterator<Item = Option<f64>>,
    list: List,
    badness: impl Fn(f64) -> f64,
) -> Option<f64> {
    if list == List::Stop {
        let all: Option<Vec<f64>> = values.collect();
        let less = |one: f64, other: f64| {
            if badness(other) < badness(one) {
                other
            } else {
                one
            }
        };
        return all?.into_iter().reduce(less);
    }
    let more = |one: f64, other: f64| {
        if badness(other) > badness(one) {
            other
        } else {
            one
        }
    };
    values.flatten().reduce(more)
}

/// The first position of a span at which a look-back of this length ends.
pub(super) fn first_end(case: &KpiQuestion, grid: &Grid, length: Duration) -> usize {
    let steps = steps(grid, length);
    // A span that begins between two points begins with the step before the first.
    if grid.first() == case.judged.start {
        steps
    } else {
        steps.saturating_sub(1)
    }
}

fn steps(grid: &Grid, length: Duration) -> usize {
    usize::try_from(length.millis() / grid.step().millis().max(1)).unwrap_or(usize::MAX)
}

/// What the look-back that ends at a point shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Place {
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
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::TooEarly | Self::Quiet | Self::Missing => None,
        }
    }
}

/// The look-backs of one length, by the point at which each ends, wherever the span begins.
pub(super) fn places(ask: &KpiAsk, grid: &Grid, seen: Seen<'_>, length: Duration) -> Vec<Place> {
    let steps = steps(grid, length);
    let rates = seen.events.map(|events| events.rates.as_slice());
    let Some(rates) = rates.filter(|_| steps > 0) else {
        return vec![Place::TooEarly; grid.count()];
    };
    let quiet: Vec<bool> = seen.points.iter().copied().map(is_quiet).collect();
    let quiet = counts(&quiet, steps);
    let there: Vec<bool> = rates.iter().map(Option::is_some).collect();
    let there = counts(&there, steps);
    let whole = Ratio::whole(ask.kpi.unit);
    let coverage = ask.kpi.coverage;
    let sums = sums(rates, steps, in_block(grid, steps));
    let counted = sums.zip(there.into_iter().zip(quiet));
    let place = |(sum, (there, quiet)): (EventSum, (usize, usize))| {
        if quiet == steps {
            return Place::Quiet;
        }
        let is_enough = there > 0 && coverage.reached_by(there, steps - quiet);
        let ratio = sum.ratio().filter(|_| is_enough);
        ratio.map_or(Place::Missing, |ratio| Place::Value(ratio * whole))
    };
    counted.map(place).collect()
}

/// The place of a grid's first point in its block: blocks lie alike whatever span is judged, so that a look-back has the same sum
/// in each, to the bit.
fn in_block(grid: &Grid, length: usize) -> usize {
    let steps = grid
        .first()
        .millis()
        .div_euclid(grid.step().millis().max(1));
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    usize::try_from(steps.rem_euclid(length)).unwrap_or_default()
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
/// 1992; Gil and Werman 1993). Nothing is ever subtracted, so that no sum depends on what is not in it. The first rate has this
/// place in its block.
fn sums(
    rates: &[Option<Events>],
    length: usize,
    first_in_block: usize,
) -> impl Iterator<Item = EventSum> {
    let mut block = EventSum::default();
    let mut ends: Vec<EventSum> = Vec::new();
    let add = |sum: EventSum, rates: Option<Events>| rates.map_or(sum, |rates| sum.and(rates));
    (0..rates.len()).map(move |position| {
        let in_block = (first_in_block + position) % length;
        if in_block == 0 {
            ends = ends_of(rates, position.saturating_sub(length)..position);
            block = EventSum::default();
        }
        block = add(block, rates.get(position).copied().flatten());
        // So many of the block before belong to it, as far as there are any.
        let before = ends.len().saturating_sub(length - 1 - in_block);
        ends.get(before).copied().unwrap_or_default().with(block)
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

/// How many look-backs of a span were measured.
pub(super) struct Counted {
    pub there: usize,
    pub missing: usize,
    /// Whether no point has a value that decides.
    pub is_none: bool,
    /// A length of which no look-back lies in the span.
    pub too_long: Option<Duration>,
}

impl Counted {
    /// Why they are not enough: none was measured at all, or outside a stop fewer than the coverage asks for.
    pub fn thin(&self, case: &KpiQuestion) -> Option<Undecided> {
        if let Some(length) = self.too_long {
            let span = case.judged.length();
            let reason = format!("no look-back of {length} lies in the judged span of {span} yet");
            return Some(Undecided::new(Code::EmptySpan, reason));
        }
        let (there, of) = (self.there, self.there + self.missing);
        let coverage = case.ask.kpi.coverage;
        let is_few = case.list != List::Stop && !coverage.reached_by(there, of);
        (self.is_none || is_few).then(|| {
            let reason = format!(
                "{there} of {of} look-backs measured, {coverage} needed; one is measured where {coverage} of its points are, with events"
            );
            Undecided::new(Code::LowCoverage, reason)
        })
    }
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
        fn r5_sums_up_to_each_point_are_the_sums_of_what_lies_there(rates in any_rates(), length in 1..40_usize, first in 0..40_usize) {
            for (position, sum) in sums(&rates, length, first % length).enumerate() {
                let from = (position + 1).saturating_sub(length);
                let direct: EventSum = rates[from..=position].iter().flatten().copied().collect();
                let (sum, direct) = (sum.rates(), direct.rates());
                prop_assert!((sum.part - direct.part).abs() <= 1e-12 * direct.part, "{sum:?} {direct:?}");
                prop_assert!((sum.total - direct.total).abs() <= 1e-12 * direct.total, "{sum:?} {direct:?}");
            }
        }

        /// A pass over a long time relies on it.
        #[test]
        fn r5_a_sum_is_the_same_to_the_bit_in_any_span(rates in any_rates(), length in 1..40_usize, cut in 0..40_usize) {
            let cut = cut.min(rates.len() - 1);
            let all = sums(&rates, length, 0).skip(cut);
            let part = sums(&rates[cut..], length, cut % length);
            for (one, other) in all.zip(part).skip(length - 1) {
                prop_assert_eq!(one, other);
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
