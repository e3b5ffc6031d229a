//! Rule 5 for any window: shares, and one value of all points; for stops also in windows that grow. Must not look at single points.

use super::extents::{Unusual, Window};
use super::flip::in_words;
use super::kind::{Against, Kind, Reduced, Ruled};
use super::line::Line;
use super::slides::Ranks;
use crate::assessment::{Code, Outcome};
use crate::evaluate::kpi::bad::is_bad;
use crate::evaluate::kpi::reduce::{between, compare, quantile_rank};
use crate::kind::List;
use crate::plan::Reducer;
use crate::units::Share;

/// Why the points of a window are not enough.
type Thin<'t> = &'t dyn Fn(&Line<'_>, Window) -> Result<Option<Code>, Unusual>;

impl Line<'_> {
    pub(super) fn share(
        &mut self,
        window: Window,
        thin: Option<Code>,
        against: Against,
        share: Share,
    ) -> Ruled {
        let worst = self.worst(window).filter(|_| thin.is_none());
        let Some((position, worst)) = worst else {
            return self.undecided(window, thin, against);
        };
        let Some(satisfied) = &self.satisfied else {
            return self.one_window(window, thin, against);
        };
        let (satisfied, of) = (satisfied.within(window), self.measured.within(window));
        let critical = self.critical_share(window, share, of);
        let reached = share.reached_by(satisfied, of);
        let is_bad = reached == (self.case.list == List::Stop);
        let (outcome, code) = if is_bad {
            (self.bad_outcome(), Code::Breach)
        } else {
            self.good()
        };
        let bound = self.bound(position, against);
        Ruled::new((outcome, code), Some(worst), Some(bound), critical)
    }

    /// The value that decides on a share of so many points: of the good ones that are needed the worst, or of the bad ones that
    /// trip a stop the best.
    pub(super) fn critical_share(
        &mut self,
        window: Window,
        share: Share,
        of: usize,
    ) -> Option<f64> {
        if self.unworded.within(window) > 0 {
            return None;
        }
        let (mut low, mut high) = (1, of);
        while low < high {
            let middle = low.midpoint(high);
            if share.reached_by(middle, of) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let sign = self.sign_in_words();
        let ranks = self.ranks.as_mut()?;
        ranks.move_to(window);
        let before = if self.case.list == List::Stop {
            ranks.count.checked_sub(low)?
        } else {
            low - 1
        };
        ranks.value(before).map(|level| sign * level)
    }

    pub(super) fn reduced(
        &mut self,
        window: Window,
        thin: Option<Code>,
        against: Against,
        reducer: Reduced,
    ) -> Ruled {
        if thin.is_some() || self.measured.within(window) == 0 {
            return self.undecided(window, thin, against);
        }
        let bound = self.bound(window.0, against);
        let Some(value) = self.reduce(reducer, window, bound) else {
            return self.one_window(window, thin, against);
        };
        let baseline = match against {
            Against::One { baseline, .. } => baseline,
            Against::Each => None,
        };
        let condition = &self.case.ask.condition;
        let Some(satisfied) = compare(value, condition.comparison, bound) else {
            return Ruled::new(
                (Outcome::Unknown, Code::NotANumber),
                None,
                Some(bound),
                None,
            );
        };
        let critical = in_words(&condition.bound, value, baseline);
        let (outcome, code) = if satisfied == (self.case.list == List::Stop) {
            (self.bad_outcome(), Code::Breach)
        } else {
            self.good()
        };
        Ruled::new((outcome, code), Some(value), Some(bound), critical)
    }

    /// The reduced value of a window with something in it; `None` where it lies so near to the bound that only the judge of a single
    /// window knows on which side.
    #[expect(clippy::cast_precision_loss, reason = "a grid has at most 2^24 points")]
    pub(super) fn reduce(&mut self, reducer: Reduced, window: Window, bound: f64) -> Option<f64> {
        let quantile = |ranks: &mut Option<Ranks>, percent| {
            let ranks = ranks.as_mut()?;
            ranks.move_to(window);
            let (position, weight) = quantile_rank(ranks.count, percent)?;
            let lower = ranks.value(position)?;
            Some(between(
                lower,
                ranks.value(position + 1).unwrap_or(lower),
                weight,
            ))
        };
        match reducer {
            Reduced::Last => {
                let within = self.tape.possible.get(window.0..=window.1)?;
                within.iter().rev().flatten().next().copied()
            }
            Reduced::Quantile(percent) => quantile(&mut self.ranks, percent),
            Reduced::Min => {
                let (values, highest) = self.measures.as_mut()?;
                highest.within(values, window).map(|(_, level)| -level)
            }
            Reduced::Max => {
                let (values, highest) = self.measures.as_mut()?;
                highest.within(values, window).map(|(_, level)| level)
            }
            Reduced::Mean => {
                let count = self.measured.within(window) as f64;
                let sum = self.sums.as_ref()?.within(window);
                let mean = sum.value / count;
                let error = sum.error / count + f64::EPSILON * mean.abs();
                ((mean - bound).abs() > error).then_some(mean)
            }
            Reduced::Overall => self.reduce_events(Reducer::Overall, window, bound),
            Reduced::Budget => self.reduce_events(Reducer::Budget, window, bound),
        }
    }

    fn reduce_events(&self, reducer: Reducer, window: Window, bound: f64) -> Option<f64> {
        let events = self.tape.events.as_ref()?;
        let found = events.reduced(self.case.ask, reducer, (window, self.span))?;
        let is_known = found.error == 0.0 || (found.value - bound).abs() > found.error;
        is_known.then_some(found.value)
    }

    /// The first position of a window at which a stop on a share or on one value trips: judged for each window that ends there.
    pub(super) fn first_trip_growing(
        &mut self,
        window: Window,
        against: Against,
        thin: Thin<'_>,
    ) -> Result<Option<usize>, Unusual> {
        let mut values = Growing::new(window.0);
        for last in window.0..=window.1 {
            let grown = (window.0, last);
            self.span = self.case.judged.start.until(self.grid.at(last));
            if !values.may_trip(self, grown, against) {
                continue;
            }
            let thin = thin(self, grown)?;
            if self.one_grown(grown, thin, against) == Outcome::Tripped {
                return Ok(Some(last));
            }
        }
        Ok(None)
    }

    pub(super) fn one_grown(
        &self,
        window: Window,
        thin: Option<Code>,
        against: Against,
    ) -> Outcome {
        if thin.is_some() {
            return Outcome::Unknown;
        }
        match (self.kind, &self.satisfied) {
            (Kind::Share(share), Some(satisfied)) => {
                let of = self.measured.within(window);
                if of > 0 && share.reached_by(satisfied.within(window), of) {
                    Outcome::Tripped
                } else {
                    Outcome::Clear
                }
            }
            (
                Kind::Every
                | Kind::Lasting(_)
                | Kind::Counted(_)
                | Kind::Over
                | Kind::Reduced(_)
                | Kind::Share(_),
                _,
            ) => self.one_window(window, thin, against).outcome,
        }
    }
}

/// A window that grows, point by point: a quick look at whether a stop may trip in it.
struct Growing {
    first: usize,
    lowest: f64,
    highest: f64,
}

impl Growing {
    fn new(first: usize) -> Self {
        Self {
            first,
            lowest: f64::INFINITY,
            highest: f64::NEG_INFINITY,
        }
    }

    /// Takes in the last point of a window. What is near to the bound may trip.
    fn may_trip(&mut self, line: &mut Line<'_>, window: Window, against: Against) -> bool {
        debug_assert_eq!(window.0, self.first, "windows grow from one point");
        let newest = line.tape.possible.get(window.1).copied().flatten();
        if let Some(value) = newest {
            (self.lowest, self.highest) = (self.lowest.min(value), self.highest.max(value));
        }
        if line.odd.within(window) > 0 || line.high.is_none() {
            return true;
        }
        let (bound, list) = (line.bound(window.0, against), line.case.list);
        let condition = &line.case.ask.condition;
        let trips = |value: f64| is_bad(condition, list, bound, value);
        let Kind::Reduced(reducer) = line.kind else {
            return true;
        };
        match reducer {
            Reduced::Min => trips(self.lowest),
            Reduced::Max => trips(self.highest),
            // No value of the points lies beyond them.
            Reduced::Last => trips(self.lowest) || trips(self.highest),
            Reduced::Mean | Reduced::Quantile(_) => {
                let inside = trips(self.lowest) || trips(self.highest);
                inside && line.reduce(reducer, window, bound).is_none_or(trips)
            }
            Reduced::Overall | Reduced::Budget => {
                line.reduce(reducer, window, bound).is_none_or(trips)
            }
        }
    }
}
