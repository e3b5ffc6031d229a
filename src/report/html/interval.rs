//! What the noise leaves of a difference, as a bar against what is allowed. Draws what the evidence says; judges nothing.

use maud::{Markup, html};

use crate::assessment::{Certainty, Measures};
use crate::report::measured::interval;
use crate::units::Unit;

/// In its own units; the browser stretches it.
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 24.0;
/// Space at both ends, as a part of the extent.
const MARGIN: f64 = 0.08;

/// The bar with its words; empty where it has no ends.
pub(super) fn bar(unit: Unit, certainty: &Certainty) -> Markup {
    let Certainty {
        low, high, margin, ..
    } = *certainty;
    let neutral = match certainty.measures {
        Measures::Value => None,
        Measures::Difference | Measures::Beyond(_) => Some(0.0),
        Measures::Quotient => Some(1.0),
    };
    let marks = [low, high, margin, neutral.unwrap_or(margin)];
    let extent = |choose: fn(f64, f64) -> f64| marks.into_iter().reduce(choose).unwrap_or(0.0);
    let (left, right) = (extent(f64::min), extent(f64::max));
    let x = |value: f64| {
        let share = (value - left) / (right - left);
        (MARGIN + share * (1.0 - 2.0 * MARGIN)) * WIDTH
    };
    let upright = |value: f64| format!("M{:.1} 2V{:.1}", x(value), HEIGHT - 2.0);
    html! {
        @if right > left && (right - left).is_finite() {
            figure.interval {
                svg width="100%" height=(HEIGHT) viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                    @if let Some(neutral) = neutral { path.neutral d=(upright(neutral)) {} }
                    rect.sure x=(format!("{:.1}", x(low))) y="8" width=(format!("{:.1}", (x(high) - x(low)).max(1.5))) height="8" {}
                    path.estimate d=(upright(certainty.estimate)) {}
                    path.limit d=(upright(margin)) {}
                }
                figcaption { (interval(unit, certainty)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Share;

    fn sure(low: f64, high: f64) -> Certainty {
        Certainty {
            confidence: Share::parse("95%").expect("a share"),
            level: 0.05,
            pairs: 120,
            blocks: Vec::new(),
            estimate: f64::midpoint(low, high),
            low,
            high,
            margin: 0.005,
            measures: Measures::Difference,
            rho: 0.0,
            se: 0.0,
            se_chance: None,
            t: 0.0,
            z: None,
            control_events: None,
        }
    }

    #[test]
    fn the_bar_lies_against_what_is_allowed_and_says_so() {
        let drawn = bar(Unit::Ratio, &sure(-0.001, 0.003)).into_string();
        assert!(
            drawn.contains("sure to 95% to each side: from -0.1pp to 0.3pp, limit 0.5pp"),
            "{drawn}"
        );
        assert!(
            drawn.contains("path class=\"limit\" d=\"M368.0 2V22.0\""),
            "{drawn}"
        );
        assert!(
            bar(Unit::Ratio, &sure(f64::NEG_INFINITY, f64::INFINITY))
                .into_string()
                .is_empty()
        );
    }
}
