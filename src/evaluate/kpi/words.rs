//! Rule 5 in words: values beside their bounds, where the worst lies, how long a stretch lasted. Must not decide.

use super::bad::{SeriesJudge, WorstPoint};
use super::limits::Limits;
use super::stretches::Stretch;
use crate::units::{Share, Unit};

impl SeriesJudge<'_> {
    /// A value, and the comparison with the bound, in words that do not contradict each other.
    pub(super) fn show(&self, value: f64, bound: f64) -> (String, String) {
        let (value, bound) = self.unit.show_beside(value, bound);
        let baseline = match self.limits {
            Limits::One { baseline, .. } => *baseline,
            Limits::Each(_) => None,
        };
        let note = baseline.map_or(String::new(), |value| {
            format!(" (baseline {})", self.unit.show(value))
        });
        let symbol = self.condition.comparison.symbol();
        (value, format!("{symbol} {bound}{note}"))
    }

    /// The comparison with all bounds: with the one of the worst point, where all are the same, or with `own`.
    pub(super) fn bounds(&self, of_worst: &str, own: &str) -> String {
        match self.limits {
            Limits::One { .. } => of_worst.to_owned(),
            Limits::Each(_) => format!("{} {own}", self.condition.comparison.symbol()),
        }
    }

    /// Where the worst point is, and its partner.
    pub(super) fn place(&self, worst: &WorstPoint, end: &str) -> String {
        match self.limits {
            Limits::One { .. } => format!(" at {}", self.grid.at(worst.position)),
            Limits::Each(_) => format!("{}{end}", self.beside(worst)),
        }
    }

    /// ` at TIME, 30% below the 17.4/min of 7d before`, where points have partners.
    pub(super) fn beside(&self, worst: &WorstPoint) -> String {
        let Limits::Each(partners) = self.limits else {
            return String::new();
        };
        let Some(partner) = self.limits.baseline(Some(worst.position)) else {
            return String::new();
        };
        format!(
            " at {}, {} the {} {}",
            self.grid.at(worst.position),
            distance(worst.value, partner),
            self.unit.show(partner),
            partners.when()
        )
    }

    pub(super) fn stretch_words(&self, stretch: Stretch) -> String {
        let (start, end) = (self.grid.at(stretch.first), self.grid.at(stretch.last));
        if start == end {
            format!("at {start}")
        } else {
            format!("{} from {start} to {end}", start.until(end))
        }
    }

    /// Thin data never excuse what was measured, but the reader should know.
    pub(super) fn thinness(&self) -> String {
        self.thin
            .map_or(String::new(), |thin| format!(" (though {})", thin.reason))
    }
}

/// Relative distances up to this come from adding in another order, not from what was measured.
const ROUNDING: f64 = 1e-9;

/// How far a value lies from its partner: `30% below`.
fn distance(value: f64, partner: f64) -> String {
    let side = if value < partner { "below" } else { "above" };
    if value == partner {
        return "equal to".to_owned();
    }
    if (value - partner).abs() <= ROUNDING * partner.abs() {
        return "within rounding equal to".to_owned();
    }
    let percent = 100.0 * (value - partner).abs() / partner.abs();
    if percent.is_finite() {
        format!("{} {side}", Unit::Percent.show(percent))
    } else {
        side.to_owned()
    }
}

pub(super) fn all(count: usize, one: &str, several: &str) -> String {
    if count == 1 {
        format!("the one point {one}")
    } else {
        format!("all {count} points {several}")
    }
}

/// A share of points in percent, with enough digits to compare with the required one.
#[expect(
    clippy::cast_precision_loss,
    reason = "for people; the exact counts are beside it"
)]
pub(super) fn percent(part: usize, whole: usize, required: Share) -> String {
    let required = required
        .to_string()
        .trim_end_matches('%')
        .parse()
        .unwrap_or(100.0);
    Unit::Percent
        .show_beside(100.0 * part as f64 / whole as f64, required)
        .0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_that_is_only_rounding_is_called_that() {
        let partner = 403.0;
        assert_eq!(distance(partner, partner), "equal to");
        let near = partner * (1.0 + 2.66e-14);
        assert_eq!(distance(near, partner), "within rounding equal to");
        assert_eq!(distance(partner * 1.02, partner), "2% above");
        assert_eq!(distance(0.1, 0.0), "above");
    }
}
