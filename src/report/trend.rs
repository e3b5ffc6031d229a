//! Trend lines: one small bar for each part of the span, its height between the values and the bound. Judges nothing.

/// Bars from low to high.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The same for terminals that draw ASCII only.
const ASCII: [char; 8] = ['_', '.', ',', '-', '=', '+', '*', '#'];

/// Which of several values a bar stands for: the one that matters most to the condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worst {
    Highest,
    Lowest,
}

/// A trend line of at most `width` columns; empty if nothing was measured. The bound, if there is one, is part of the
/// scale: a line at the bottom is far below its bound, however much it wavers. A gap shows as `·`, in ASCII as a space.
pub(super) fn line(
    trend: &[Option<f64>],
    bound: Option<f64>,
    worst: Worst,
    width: usize,
    unicode: bool,
) -> String {
    let joined = narrowed(trend, worst, width);
    if joined.iter().all(Option::is_none) {
        return String::new();
    }
    let scale = scale(&joined, bound);
    let (bars, gap) = if unicode { (BARS, '·') } else { (ASCII, ' ') };
    joined
        .into_iter()
        .map(|part| {
            let bar = part.and_then(|value| bars.get(height(value, scale)));
            bar.copied().unwrap_or(gap)
        })
        .collect()
}

/// At most `width` parts, each with the worst of the values it merges.
fn narrowed(trend: &[Option<f64>], worst: Worst, width: usize) -> Vec<Option<f64>> {
    let count = trend.len().min(width);
    let keep = match worst {
        Worst::Highest => f64::max,
        Worst::Lowest => f64::min,
    };
    (0..count)
        .map(|part| {
            let (from, to) = (part * trend.len() / count, (part + 1) * trend.len() / count);
            let joined = trend.get(from..to).unwrap_or_default();
            joined
                .iter()
                .copied()
                .flatten()
                .filter(|value| !value.is_nan())
                .reduce(keep)
        })
        .collect()
}

/// The smallest and the largest of the finite values and the bound.
fn scale(values: &[Option<f64>], bound: Option<f64>) -> (f64, f64) {
    let finite = values
        .iter()
        .copied()
        .chain([bound])
        .flatten()
        .filter(|value| value.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// The bar of a value, 0 to 7. A scale without extent draws low.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=7 first"
)]
fn height(value: f64, (low, high): (f64, f64)) -> usize {
    if value.is_infinite() {
        return if value > 0.0 { 7 } else { 0 };
    }
    // Halved, since the difference of two finite values may be infinite.
    let extent = high / 2.0 - low / 2.0;
    if extent <= 0.0 {
        return 0;
    }
    let share = (value / 2.0 - low / 2.0) / extent;
    (share * 7.0).round().clamp(0.0, 7.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(values: &[Option<f64>], bound: Option<f64>) -> String {
        line(values, bound, Worst::Highest, 48, true)
    }

    #[test]
    fn bars_grow_with_the_values_and_gaps_show() {
        assert_eq!(draw(&[Some(0.0), None, Some(7.0)], None), "▁·█");
        assert_eq!(draw(&[Some(3.0), Some(3.0)], None), "▁▁");
        assert_eq!(draw(&[None, None], Some(1.0)), "");
        assert_eq!(draw(&[], Some(1.0)), "");
    }

    #[test]
    fn what_is_far_from_its_bound_is_flat() {
        assert_eq!(draw(&[Some(0.01), Some(0.02)], Some(1.0)), "▁▁");
    }

    #[test]
    fn narrowing_keeps_the_worst() {
        let values: Vec<_> = (0..48)
            .map(|i| Some(if i == 17 { 9.0 } else { 1.0 }))
            .collect();
        let high = line(&values, None, Worst::Highest, 12, true);
        assert_eq!(high, "▁▁▁▁█▁▁▁▁▁▁▁");
        let dip: Vec<_> = values.iter().map(|value| value.map(|v| -v)).collect();
        assert_eq!(line(&dip, None, Worst::Lowest, 12, false), "####_#######");
    }

    #[test]
    fn infinities_are_at_the_ends() {
        let values = [
            Some(f64::INFINITY),
            Some(1.0),
            Some(2.0),
            Some(f64::NEG_INFINITY),
        ];
        assert_eq!(draw(&values, None), "█▁█▁");
        assert_eq!(draw(&[Some(f64::MAX), Some(f64::MIN)], None), "█▁");
    }

    proptest::proptest! {
        #[test]
        fn a_line_is_never_too_wide(
            bits in proptest::collection::vec(proptest::option::of(proptest::prelude::any::<u64>()), 0..60),
            bound: u64, width in 0..60_usize,
        ) {
            let values: Vec<_> = bits.iter().map(|bits| bits.map(f64::from_bits)).collect();
            let drawn = line(&values, Some(f64::from_bits(bound)), Worst::Highest, width, true);
            proptest::prop_assert!(drawn.chars().count() <= width.min(values.len()));
        }
    }
}
