//! Rule 5 for any window: how many points are bad, wherever they lie. Must not look at how long a bad state lasts.

use super::extents::Window;
use super::kind::{Against, Ruled};
use super::line::Line;
use crate::assessment::{Code, Outcome};
use crate::evaluate::kpi::bad::is_bad;

impl Line<'_> {
    pub(super) fn counted(
        &mut self,
        window: Window,
        thin: Option<Code>,
        against: Against,
        decisive: usize,
    ) -> Ruled {
        let Some((position, worst)) = self.worst(window) else {
            return self.undecided(window, thin, against);
        };
        let Some(bad) = &self.bad else {
            return self.one_window(window, thin, against);
        };
        let bad = bad.within(window);
        let critical = self.critical_count(window, decisive);
        let all = window.1 + 1 - window.0;
        let is_open = bad > 0 && bad < decisive && self.measured.within(window) < all;
        if thin.is_none() && is_open {
            // Points that nobody measured may have been bad, too.
            let ruled = self.one_window(window, thin, against);
            return Ruled { critical, ..ruled };
        }
        let (outcome, code) = if bad >= decisive {
            (self.bad_outcome(), Code::Breach)
        } else {
            thin.map_or_else(|| self.good(), |thin| (Outcome::Unknown, thin))
        };
        let bound = self.bound(position, against);
        Ruled::new((outcome, code), Some(worst), Some(bound), critical)
    }

    /// Of the worst points the last that decides: with it on the good side, fewer are bad than decide.
    fn critical_count(&mut self, window: Window, decisive: usize) -> Option<f64> {
        if self.unworded.within(window) > 0 {
            return None;
        }
        let sign = self.sign_in_words();
        let ranks = self.ranks.as_mut()?;
        ranks.move_to(window);
        let before = ranks.count.checked_sub(decisive)?;
        ranks.value(before).map(|level| sign * level)
    }

    /// The first position of a window up to which so many points are bad, whatever is measured later. `bound` is that of all points,
    /// where it is another one in other windows.
    pub(super) fn first_count(
        &self,
        window: Window,
        decisive: usize,
        bound: Option<f64>,
    ) -> Option<usize> {
        let (condition, list) = (&self.case.ask.condition, self.case.list);
        let values = self.tape.possible.get(window.0..=window.1)?;
        let mut count = 0;
        let found = values.iter().enumerate().position(|(at, value)| {
            let bound = bound.unwrap_or_else(|| self.bound_at(window.0 + at));
            let is_bad = value.is_some_and(|value| is_bad(condition, list, bound, value));
            count += usize::from(is_bad);
            count >= decisive
        });
        found.map(|found| window.0 + found)
    }
}
