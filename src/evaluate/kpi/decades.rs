//! M14: values that stay two decades from their limit, as they do where the unit is wrong. Must not decide anything.

use super::bad::is_bad;
use super::prepared::Prepared;
use super::question::KpiQuestion;
use crate::assessment::SeriesAssessment;
use crate::plan::Comparison;
use crate::units::{Unit, show_number};

/// Two decades.
const FAR: f64 = 100.0;

/// Asks whether the unit is right, where each value of each series stays two decades on one side of its limit. `judged` are
/// the same series.
pub(super) fn note(
    case: &KpiQuestion,
    series: &[Prepared],
    judged: &[SeriesAssessment],
) -> Option<String> {
    let (condition, unit) = (&case.ask.condition, case.ask.kpi.unit);
    if !has_scale(unit) || !is_ordered(condition.comparison) {
        return None;
    }
    if series.iter().any(|one| one.limits.is_err()) {
        return None;
    }
    let nearest = nearest(series.iter().flat_map(points))?;
    let (what, nearest) = match condition.reducer {
        None if is_bad(condition, case.list, nearest.limit, nearest.value) => {
            ("best".to_owned(), nearest)
        }
        None => ("worst".to_owned(), nearest),
        Some(reducer) => {
            let values = judged.iter().filter_map(|one| one.value.zip(one.bound));
            (reducer.word(), self::nearest(values)?)
        }
    };
    let value = unit.show(nearest.value);
    let times = nearest.times();
    let share = if times < 1.0 {
        format!("1/{} of", two_digits(1.0 / times))
    } else {
        format!("{} times", two_digits(times))
    };
    Some(format!(
        "the {what}, {value}, is {share} the limit: is the unit right?"
    ))
}

/// The judged values of a series, each with its limit.
fn points<'a>(one: &'a Prepared) -> impl Iterator<Item = (f64, f64)> + 'a {
    let limits = one.limits.iter();
    limits.flat_map(|limits| {
        let values = one.possible.iter().enumerate();
        values.filter_map(|(position, value)| Some(((*value)?, limits.bound(position))))
    })
}

/// Whether a wrong unit would put values decades away. Ratios and counts may well be that far from their limit.
fn has_scale(unit: Unit) -> bool {
    match unit {
        Unit::Seconds | Unit::Milliseconds | Unit::Bytes | Unit::PerSecond | Unit::PerMinute => {
            true
        }
        Unit::Ratio | Unit::Percent | Unit::Count | Unit::None => false,
    }
}

fn is_ordered(comparison: Comparison) -> bool {
    match comparison {
        Comparison::Less
        | Comparison::LessOrEqual
        | Comparison::Greater
        | Comparison::GreaterOrEqual => true,
        Comparison::Equal | Comparison::NotEqual => false,
    }
}

/// A value and its limit, in the KPI's unit.
#[derive(Clone, Copy)]
struct Pair {
    value: f64,
    limit: f64,
}

impl Pair {
    /// The value as a multiple of the limit, by magnitude.
    fn times(self) -> f64 {
        (self.value / self.limit).abs()
    }
}

/// Of values that all lie two decades on the same side of their limit, the one that is nearest to it; `None` where one does
/// not, or all are zero.
fn nearest(points: impl IntoIterator<Item = (f64, f64)>) -> Option<Pair> {
    let mut nearest: Option<Pair> = None;
    for (value, limit) in points {
        let pair = Pair { value, limit };
        let times = pair.times();
        // Neither NaN nor infinite: a limit of zero has no decades.
        let far = times.is_finite() && (times <= 1.0 / FAR || times >= FAR);
        let before = nearest.map_or(times, Pair::times);
        if !far || (times < 1.0) != (before < 1.0) {
            return None;
        }
        let is_nearer = (times < 1.0 && times > before) || (times > 1.0 && times < before);
        if nearest.is_none() || is_nearer {
            nearest = Some(pair);
        }
    }
    nearest.filter(|pair| pair.value != 0.0)
}

/// A positive number, rounded to two significant digits.
fn two_digits(number: f64) -> String {
    let unit = 10_f64.powf(number.log10().floor() - 1.0);
    show_number((number / unit).round() * unit, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(points: &[(f64, f64)]) -> Option<f64> {
        nearest(points.iter().copied()).map(Pair::times)
    }

    #[test]
    fn m14_all_values_lie_two_decades_on_one_side() {
        assert_eq!(
            times(&[(1.0, 100.0), (0.5, 100.0), (0.0, 100.0)]),
            Some(0.01)
        );
        assert_eq!(times(&[(300.0, 1.0), (200.0, 1.0)]), Some(200.0));
        assert_eq!(times(&[(-1.0, 200.0)]), Some(0.005));
        for near in [
            &[(1.1, 100.0)][..],
            &[(99.0, 1.0)],
            &[(0.5, 100.0), (2.0, 100.0)],
            &[(0.001, 1.0), (1000.0, 1.0)],
            &[(0.0, 1.0)],
            &[(1.0, 0.0)],
            &[(0.0, 0.0)],
            &[(f64::INFINITY, 1.0)],
            &[(1.0, f64::NAN)],
            &[],
        ] {
            assert_eq!(times(near), None, "{near:?}");
        }
    }

    #[test]
    fn m14_shares_are_rounded_to_two_digits() {
        for (number, shown) in [
            (331.9, "330"),
            (100.0, "100"),
            (999.0, "1000"),
            (12_345.0, "12000"),
        ] {
            assert_eq!(two_digits(number), shown);
        }
    }
}
