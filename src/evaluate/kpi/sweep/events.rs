//! R1 to R4 and R7 for any window of a long time: the events of one series of a ratio, summed in a few steps. How near a sum is to
//! that of a check is said beside it; where that is too near to a limit, the events of the window are counted as a check counts them. Must not compare a value with a bound.

use super::extents::Window;
use super::slides::{Counts, Sum, Sums};
use crate::evaluate::kpi::ratio::{self, Tally, least_total};
use crate::plan::Reducer;
use crate::plan::criteria::KpiAsk;
use crate::samples::EventSeries;
use crate::units::Duration;

/// The events of one series over a long time.
pub(super) struct Tallied {
    pub series: EventSeries,
    part: Sums,
    total: Sums,
    /// Where the part is anything at all, and where it is not all there is.
    some: Counts,
    less: Counts,
}

impl Tallied {
    pub fn of(series: EventSeries) -> Self {
        let rates = || series.rates.iter();
        let part = rates().map(|rates| rates.map_or(0.0, |rates| rates.part));
        let total = rates().map(|rates| rates.map_or(0.0, |rates| rates.total));
        let some = rates().map(|rates| rates.is_some_and(|rates| rates.part != 0.0));
        let less = rates().map(|rates| rates.is_some_and(|rates| rates.part != rates.total));
        Self {
            part: Sums::of(part),
            total: Sums::of(total),
            some: Counts::of(some),
            less: Counts::of(less),
            series,
        }
    }

    /// Those of a window.
    pub fn within(&self, (first, last): Window) -> EventSeries {
        let rates = self.series.rates.get(first..=last).unwrap_or_default();
        EventSeries {
            rates: rates.to_vec(),
            each: self.series.each,
        }
    }

    /// R4: whether a window holds too few events.
    pub fn is_few(&self, ask: &KpiAsk, window: Window) -> bool {
        let Some(least) = least_total(ask) else {
            return false;
        };
        let (sum, each) = (self.total.within(window), self.series.each.seconds());
        let total = sum.value * each;
        let error = sum.error * each + 4.0 * f64::EPSILON * least.max(total);
        if (total - least).abs() > error {
            return total < least;
        }
        let tally = Tally {
            ask,
            events: &self.within(window),
            span: Duration::ZERO,
        };
        tally.too_few().is_some()
    }

    /// One value of all events of a window that is so long; `None` without events, and for a reducer of points.
    pub fn reduced(
        &self,
        ask: &KpiAsk,
        reducer: Reducer,
        (window, span): (Window, Duration),
    ) -> Option<Sum> {
        let in_unit = |overall| ratio::reduced(ask, reducer, overall, span);
        let exact = |overall| {
            let value = in_unit(overall)?;
            Some(Sum { value, error: 0.0 })
        };
        let (part, total) = (self.part.within(window), self.total.within(window));
        let least = total.value - total.error;
        if least <= 0.0 {
            return None;
        }
        // Neither needs a sum; both are where limits lie.
        if self.some.within(window) == 0 {
            return exact(0.0);
        }
        if self.less.within(window) == 0 {
            return exact(1.0);
        }
        let overall = part.value / total.value;
        let error = (part.error + overall.abs() * total.error) / least;
        let value = in_unit(overall)?;
        Some(Sum {
            value,
            error: in_unit(error)? + 8.0 * f64::EPSILON * value.abs(),
        })
    }
}
