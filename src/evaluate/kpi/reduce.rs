//! Rule 7 and the numbers of the fine print: points → one value, values against a bound.
//! Must not round or drop a value.

use crate::plan::{Comparison, Reducer};
use crate::samples::Sum;

/// `value comparison bound` on raw 64-bit floats; `None` if either is NaN.
pub(super) fn compare(value: f64, comparison: Comparison, bound: f64) -> Option<bool> {
    if value.is_nan() || bound.is_nan() {
        return None;
    }
    Some(match comparison {
        Comparison::Less => value < bound,
        Comparison::LessOrEqual => value <= bound,
        Comparison::Greater => value > bound,
        Comparison::GreaterOrEqual => value >= bound,
        Comparison::Equal => value == bound,
        Comparison::NotEqual => value != bound,
    })
}

/// One value from the measured points, oldest first; `None` if there are none, or if only events have it. May be NaN
/// (a mean over +Inf and −Inf).
pub(super) fn reduce(reducer: Reducer, values: &[f64]) -> Option<f64> {
    match reducer {
        Reducer::Last => values.last().copied(),
        Reducer::Mean => mean(values),
        Reducer::Median => quantile(values, 50.0),
        Reducer::Min => values.iter().copied().reduce(f64::min),
        Reducer::Max => values.iter().copied().reduce(f64::max),
        Reducer::Percentile(percent) => quantile(values, percent.get()),
        Reducer::Overall | Reducer::Budget => None,
    }
}

/// A compensated sum over n.
#[expect(clippy::cast_precision_loss, reason = "fewer than 2^53 points")]
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    let total: Sum = values.iter().copied().collect();
    (!values.is_empty()).then(|| total.value() / values.len() as f64)
}

/// Hyndman & Fan 1996, type 7 (R's default; Prometheus' `quantile_over_time`): linear between order statistics.
fn quantile(values: &[f64], percent: f64) -> Option<f64> {
    let (position, weight) = quantile_rank(values.len(), percent)?;
    let mut sorted = values.to_vec();
    let (_, lower, above) = sorted.select_nth_unstable_by(position, f64::total_cmp);
    let lower = *lower;
    let upper = above
        .iter()
        .copied()
        .min_by(f64::total_cmp)
        .unwrap_or(lower);
    Some(between(lower, upper, weight))
}

/// Where a quantile of so many values lies: behind how many of them in order, and how far towards the next.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank lies between 0 and the number of points"
)]
pub(super) fn quantile_rank(count: usize, percent: f64) -> Option<(usize, f64)> {
    let highest = count.checked_sub(1)?;
    let rank = percent * highest as f64 / 100.0;
    let position = (rank.floor() as usize).min(highest);
    Some((position, rank - position as f64))
}

/// Between two neighbours in order.
pub(super) fn between(lower: f64, upper: f64, weight: f64) -> f64 {
    if weight == 0.0 || lower == upper {
        return lower;
    }
    lower * (1.0 - weight) + upper * weight
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Finite;
    use proptest::prelude::*;

    fn percentile(values: &[f64], percent: f64) -> Option<f64> {
        reduce(
            Reducer::Percentile(Finite::new(percent).expect("finite")),
            values,
        )
    }

    #[test]
    fn rule_5_quantiles_are_r_type_7() {
        // R: quantile(c(1, 2, 3, 4, 10), c(.25, .5, .9, .95), type = 7)
        let values = [10.0, 1.0, 3.0, 2.0, 4.0];
        assert_eq!(percentile(&values, 25.0), Some(2.0));
        assert_eq!(percentile(&values, 50.0), Some(3.0));
        assert!((percentile(&values, 90.0).expect("value") - 7.6).abs() < 1e-12);
        assert!((percentile(&values, 95.0).expect("value") - 8.8).abs() < 1e-12);
        assert_eq!(percentile(&[7.0], 99.9), Some(7.0));
        assert_eq!(percentile(&[], 50.0), None);
    }

    #[test]
    fn infinities_are_values() {
        assert_eq!(percentile(&[f64::INFINITY; 3], 95.0), Some(f64::INFINITY));
        assert_eq!(percentile(&[1.0, 2.0, f64::INFINITY], 50.0), Some(2.0));
        assert_eq!(mean(&[1.0, f64::INFINITY]), Some(f64::INFINITY));
        assert!(
            mean(&[f64::NEG_INFINITY, f64::INFINITY])
                .expect("value")
                .is_nan()
        );
    }

    #[test]
    fn the_mean_is_compensated() {
        assert_eq!(mean(&[1e16, 1.0, -1e16, 1.0]), Some(0.5));
        assert_eq!(mean(&[0.1; 10]), Some(0.1));
    }

    #[test]
    fn rule_7_a_comparison_with_nan_is_unknown() {
        for comparison in [Comparison::Less, Comparison::Equal, Comparison::NotEqual] {
            assert_eq!(compare(f64::NAN, comparison, 1.0), None);
            assert_eq!(compare(1.0, comparison, f64::NAN), None);
        }
        assert_eq!(
            compare(f64::INFINITY, Comparison::Greater, f64::MAX),
            Some(true)
        );
    }

    proptest! {
        #[test]
        fn the_order_of_points_never_matters(mut values in prop::collection::vec(-1e9..1e9_f64, 1..50), percent in 0.0..=100.0_f64) {
            let before = percentile(&values, percent);
            values.reverse();
            prop_assert_eq!(before, percentile(&values, percent));
        }

        #[test]
        fn a_quantile_lies_within_the_points(values in prop::collection::vec(-1e9..1e9_f64, 1..50), percent in 0.0..=100.0_f64) {
            let value = percentile(&values, percent).expect("value");
            let (min, max) = (reduce(Reducer::Min, &values).expect("min"), reduce(Reducer::Max, &values).expect("max"));
            prop_assert!((min..=max).contains(&value) || (value - min).abs() < 1e-6 || (value - max).abs() < 1e-6);
        }
    }
}
