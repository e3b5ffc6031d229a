//! The trend of a criterion as a small drawing in its row: the recorded trend and the bound, on one scale. Judges nothing.

use maud::{Markup, html};

use crate::assessment::SeriesAssessment;

/// In its own units and, except in print, in pixels.
const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 24.0;
/// Space above and below, since the line has a width.
const MARGIN: f64 = 2.0;

/// The drawing; empty if nothing was measured. It repeats what the row says, so it has no text of its own.
pub(super) fn spark(series: &SeriesAssessment) -> Markup {
    let finite = series
        .trend
        .iter()
        .copied()
        .chain([series.common_bound()])
        .flatten();
    let (low, high) = finite
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
    let y = |value: f64| place(value, low, high);
    let bound = series.common_bound().filter(|bound| bound.is_finite());
    let nothing = series.trend.iter().all(Option::is_none);
    html! {
        @if !nothing {
            svg.spark width=(WIDTH) height=(HEIGHT) viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) aria-hidden="true" focusable="false" {
                @if let Some(bound) = bound { path.limit d=(format!("M0 {:.1}H{WIDTH}", y(bound))) {} }
                path.line.s1 d=(path(&series.trend, y)) {}
            }
        }
    }
}

/// From the top; a scale without extent draws in the middle.
fn place(value: f64, low: f64, high: f64) -> f64 {
    let extent = high / 2.0 - low / 2.0;
    let share = if value.is_infinite() {
        if value > 0.0 { 1.0 } else { 0.0 }
    } else if extent > 0.0 {
        ((value / 2.0 - low / 2.0) / extent).clamp(0.0, 1.0)
    } else {
        0.5
    };
    MARGIN + (1.0 - share) * (HEIGHT - 2.0 * MARGIN)
}

/// A line through the parts, broken at gaps; a lone part is a dot.
#[expect(clippy::cast_precision_loss, reason = "at most 48 parts")]
fn path(trend: &[Option<f64>], y: impl Fn(f64) -> f64) -> String {
    let (mut path, mut pen_down) = (String::new(), false);
    let step = WIDTH / trend.len().max(1) as f64;
    for (part, value) in trend.iter().enumerate() {
        let Some(value) = value.filter(|value| !value.is_nan()) else {
            pen_down = false;
            continue;
        };
        let (x, y) = ((part as f64 + 0.5) * step, y(value));
        path.push_str(&if pen_down {
            format!("L{x:.1} {y:.1}")
        } else {
            format!("M{x:.1} {y:.1}h0")
        });
        pen_down = true;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_break_the_line_and_lone_parts_are_dots() {
        let drawn = path(&[Some(1.0), None, Some(2.0), Some(3.0)], |value| value);
        assert_eq!(drawn, "M15.0 1.0h0M75.0 2.0h0L105.0 3.0");
    }

    #[test]
    fn infinities_are_at_the_edges() {
        assert_eq!(place(f64::INFINITY, 0.0, 1.0), MARGIN);
        assert_eq!(place(f64::NEG_INFINITY, 0.0, 1.0), HEIGHT - MARGIN);
        assert_eq!(place(1.0, 1.0, 1.0), HEIGHT / 2.0);
    }
}
