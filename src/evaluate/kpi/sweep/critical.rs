//! B12: the limit at which the verdict of a window would flip. Must not judge it.

use super::extents::Window;
use super::flip::{in_words, limit_in_words, sign_in_words};
use super::kind::Against;
use super::line::Line;
use super::slides::{Counts, Highest};

impl Line<'_> {
    /// Where a limit is a difference from the partner, the differences.
    pub(super) fn prepare_measures(&mut self) {
        let Some(pairs) = &self.tape.pairs else {
            return;
        };
        let (bound, sign) = (&self.case.ask.condition.bound, self.sign_in_words());
        let is_number = limit_in_words(bound).is_some();
        let each = self.tape.possible.iter().zip(&pairs.partners);
        let measures = each.map(|(value, partner)| {
            let words = value
                .zip(*partner)
                .and_then(|(value, partner)| in_words(bound, value, Some(partner)));
            words.map_or(f64::NAN, |words| sign * words)
        });
        let measures: Vec<f64> = measures.collect();
        let each = self
            .tape
            .possible
            .iter()
            .zip(&pairs.partners)
            .zip(&measures);
        let unworded = each.map(|((value, partner), measure)| {
            is_number && value.is_some() && partner.is_some() && measure.is_nan()
        });
        self.unworded = Counts::of(unworded);
        self.measures = Some((measures, Highest::default()));
    }

    /// The worst level of a window, in the words of the limit.
    pub(super) fn critical_of_points(
        &mut self,
        window: Window,
        worst: f64,
        against: Against,
    ) -> Option<f64> {
        if self.unworded.within(window) > 0 {
            return None;
        }
        match (&mut self.measures, against) {
            (Some((measures, highest)), Against::Each) => {
                let sign = sign_in_words(&self.case.ask.condition.bound, self.high);
                highest
                    .within(measures, window)
                    .map(|(_, level)| sign * level)
            }
            (_, Against::One { baseline, .. }) => {
                in_words(&self.case.ask.condition.bound, worst, baseline)
            }
            (None, Against::Each) => None,
        }
    }

    pub(super) fn critical_held(&mut self, window: Window, length: usize) -> Option<f64> {
        if self.unworded.within(window) > 0 {
            return None;
        }
        let sign = self.sign_in_words();
        let held = self.held.as_mut()?;
        let from = window.0 + length - 1;
        let highest = held
            .highest
            .within(&held.levels, (from, window.1.max(from)));
        highest
            .filter(|_| from <= window.1)
            .map(|(_, level)| sign * level)
    }
}
