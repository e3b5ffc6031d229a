//! What happened to a stage while it was measured: its start, pauses, resumes and rollbacks, and how far its window still goes.
//! Must not judge, nor mark what is not on the chart.

use maud::{Markup, html};

use super::scale::TimeScale;
use crate::units::Instant;

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report::html) struct Mark {
    pub(in crate::report::html) at: Instant,
    pub(in crate::report::html) what: &'static str,
}

/// Names closer than this, in percent of the width, would cover each other: the key has them all.
const CLOSE: f64 = 11.0;

/// Those that the drawing covers.
fn visible<'m>(marks: &'m [Mark], time: &'m TimeScale) -> impl Iterator<Item = &'m Mark> {
    marks
        .iter()
        .filter(|mark| time.left <= mark.at && mark.at <= time.right)
}

/// A line for each over the height of the plot, and its name where there is room.
pub(super) fn drawn(
    marks: &[Mark],
    time: &TimeScale,
    settles: bool,
    (top, height): (f64, f64),
) -> Markup {
    // The settle time has its name at the left edge.
    let mut last = if settles { 0.0 } else { f64::NEG_INFINITY };
    let mut named = |x: f64| {
        let fits = x - last >= CLOSE && x <= 100.0 - CLOSE;
        if fits {
            last = x;
        }
        fits
    };
    html! {
        @for mark in visible(marks, time) {
            @let x = time.percent(mark.at);
            line.event x1=(format!("{x:.1}%")) x2=(format!("{x:.1}%")) y1=(top) y2=(top + height) {}
            @if named(x) { text.tick.event x=(format!("{x:.1}%")) dx="3" y=(top - 6.0) { (mark.what) } }
        }
    }
}

/// `started 2026-11-20T09:34:00Z`.
pub(super) fn in_words(marks: &[Mark], time: &TimeScale) -> Vec<String> {
    visible(marks, time)
        .map(|mark| format!("{} {}", mark.what, mark.at))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l17_what_happened_is_marked_where_it_is_on_the_chart() {
        let at = |second: i64| Instant::from_secs(second);
        let time = TimeScale {
            left: at(0),
            right: at(1000),
        };
        let mark = |second, what| Mark {
            at: at(second),
            what,
        };
        let marks = [
            mark(-5, "started"),
            mark(400, "paused"),
            mark(420, "resumed"),
            mark(700, "rolled back"),
        ];
        let shown = drawn(&marks, &time, false, (20.0, 100.0)).into_string();
        assert_eq!(shown.matches("<line").count(), 3, "{shown}");
        assert!(
            shown.contains("x1=\"40.0%\"") && shown.contains(">paused<"),
            "{shown}"
        );
        assert!(
            !shown.contains(">resumed<"),
            "no room for its name: {shown}"
        );
        let words = in_words(&marks, &time);
        assert_eq!(words.len(), 3);
        assert_eq!(words[1], "resumed 1970-01-01T00:07:00Z");
    }
}
