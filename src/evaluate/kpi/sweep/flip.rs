//! B12: values and limits in the words of a plan, so that one comparison says whether a verdict flips. Must not compare them.

use crate::plan::{Bound, Delta};

/// A value in the words of a limit (B12): itself, its difference from the baseline, or how often the baseline; `None` where a limit
/// is no single number, and where nothing differs from a baseline of zero, of which no percentage is more than another.
pub(super) fn in_words(bound: &Bound, value: f64, baseline: Option<f64>) -> Option<f64> {
    let distance = |sign: f64, delta: &Delta| {
        let baseline = baseline?;
        match delta {
            Delta::Absolute(_) => Some(sign * (value - baseline)),
            Delta::Relative(_) => {
                let relative = sign * (value - baseline) / baseline.abs();
                (!relative.is_nan()).then_some(relative)
            }
            Delta::Max(..) | Delta::Min(..) => None,
        }
    };
    match bound {
        Bound::Fixed(_) => Some(value),
        Bound::Baseline => None,
        Bound::Above(delta) => distance(1.0, delta),
        Bound::Below(delta) => distance(-1.0, delta),
        // Of a negative baseline, more times is less.
        Bound::Times(_) => {
            (baseline.filter(|baseline| *baseline > 0.0)).map(|baseline| value / baseline)
        }
    }
}

/// The limit that a plan has, in the same words.
pub(super) fn limit_in_words(bound: &Bound) -> Option<f64> {
    let distance = |delta: &Delta| match delta {
        Delta::Absolute(value) | Delta::Relative(value) => Some(value.get()),
        Delta::Max(..) | Delta::Min(..) => None,
    };
    match bound {
        Bound::Fixed(value) | Bound::Times(value) => Some(value.get()),
        Bound::Baseline => None,
        Bound::Above(delta) | Bound::Below(delta) => distance(delta),
    }
}

/// 1 if higher numbers in the words of a limit are worse, −1 if lower ones are.
pub(super) fn sign_in_words(bound: &Bound, high: Option<bool>) -> f64 {
    let values = if high == Some(false) { -1.0 } else { 1.0 };
    match bound {
        Bound::Below(_) => -values,
        Bound::Fixed(_) | Bound::Baseline | Bound::Above(_) | Bound::Times(_) => values,
    }
}
