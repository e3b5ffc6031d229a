//! `at P` in words (C12): how far the canary may be from its bound, and what would decide it. Must not decide.

use super::shown::Sure;
use crate::assessment::Measures;
use crate::evaluate::compare::{BLOCKS, Estimate, LEAST_BLOCKS};
use crate::kind::List;
use crate::plan::Confidence;
use crate::samples::Events;
use crate::units::{Duration, show_number, show_times};

/// So many times the span more is a hint; beyond that, no window shows it.
const MOST_MORE: f64 = 20.0;

/// The end of an interval.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The one on the good side.
    Best,
    /// The one on the bad side.
    Worst,
}

impl Sure<'_> {
    pub(super) fn good(&self, estimate: &Estimate) -> String {
        format!(
            "sure to {} that it is {}{} ({}{})",
            self.at.share(),
            self.end(estimate, End::Worst),
            self.allowed(estimate),
            self.of_blocks(estimate),
            self.of_events(),
        )
    }

    pub(super) fn bad(&self, estimate: &Estimate) -> String {
        format!(
            "sure to {}{} that it is {}{}",
            self.at.share(),
            self.asked(estimate),
            self.end(estimate, End::Best),
            self.allowed(estimate),
        )
    }

    pub(super) fn undecided(&self, estimate: &Estimate) -> String {
        format!(
            "undecided: {}{}; {}",
            self.interval(estimate),
            self.allowed(estimate),
            self.advice(estimate),
        )
    }

    pub(super) fn few_pairs(&self, pairs: usize) -> String {
        let least = Confidence::LEAST_PAIRS;
        let missing = i64::try_from(least.saturating_sub(pairs)).unwrap_or(0);
        let step = self.grid.step().millis();
        let then = if self.case.is_early {
            let at = self.grid.last() + Duration::from_millis(missing.saturating_mul(step));
            format!(
                ", there at {} at the earliest",
                at + self.case.ask.kpi.delay
            )
        } else {
            String::new()
        };
        let both = if self.has_control() {
            " at which canary and control were both measured"
        } else {
            ""
        };
        format!(
            "{pairs} points{both} are too few to tell noise from a difference: {least} needed{then}"
        )
    }

    pub(super) fn few_blocks(&self, blocks: usize) -> String {
        format!(
            "{blocks} of {BLOCKS} parts of the span can be compared, {LEAST_BLOCKS} needed to tell noise from a difference"
        )
    }

    pub(super) fn not_finite(&self) -> String {
        let what = self.case.ask.condition.reducer;
        let what = what.map_or_else(String::new, |reducer| format!("the {} of ", reducer.word()));
        format!("{what}some points is not a finite number, so that its noise is not known")
    }

    fn has_control(&self) -> bool {
        self.case.ask.condition.is_relative()
    }

    /// Turns a distance so that above 0 is worse.
    fn turned(&self, value: f64) -> f64 {
        if self.high_is_bad { value } else { -value }
    }

    /// One end of the interval in words, as far as one is sure of it.
    fn end(&self, estimate: &Estimate, end: End) -> String {
        let half = match end {
            End::Best => -estimate.half,
            End::Worst => estimate.half,
        };
        let centre = estimate.estimate();
        let turned = self.turned(centre) + half;
        let value = self.turned(turned);
        let is_high = (end == End::Worst) == self.high_is_bad;
        let most = if is_high { "at most" } else { "at least" };
        match self.measures(estimate) {
            Measures::Value => format!("{most} {}", self.beside(value, estimate)),
            Measures::Quotient => format!("{most} {} the control", times(value, estimate)),
            Measures::Difference => {
                let (is_better, worst) = (turned < 0.0, end == End::Worst);
                let most = if worst == is_better {
                    "at least"
                } else {
                    "at most"
                };
                let side = if is_better { "better" } else { "worse" };
                format!("{most} {} {side}", self.difference(turned, estimate))
            }
            Measures::Beyond(factor) => {
                let (side, worst) = (self.side(turned), end == End::Worst);
                let most = if worst == (turned < 0.0) {
                    "at least"
                } else {
                    "at most"
                };
                let by = self.difference(turned, estimate);
                format!("{most} {by} {side} {}x the control", show_number(factor, 6))
            }
        }
    }

    /// `between 0.1pp better and 0.7pp worse`.
    fn interval(&self, estimate: &Estimate) -> String {
        let centre = self.turned(estimate.estimate());
        let (best, worst) = (centre - estimate.half, centre + estimate.half);
        let (low, high) = if self.high_is_bad {
            (best, worst)
        } else {
            (-worst, -best)
        };
        match self.measures(estimate) {
            Measures::Value => format!(
                "between {} and {}",
                self.beside(low, estimate),
                self.beside(high, estimate)
            ),
            Measures::Quotient => format!(
                "between {} and {} the control",
                times(low, estimate),
                times(high, estimate)
            ),
            Measures::Difference => self.between(estimate, [best, worst], ["better", "worse"]),
            Measures::Beyond(factor) => {
                let sides = [self.side(-1.0), self.side(1.0)];
                let between = self.between(estimate, [best, worst], sides);
                format!("{between} {}x the control", show_number(factor, 6))
            }
        }
    }

    fn between(&self, estimate: &Estimate, [best, worst]: [f64; 2], sides: [&str; 2]) -> String {
        let [better, worse] = sides;
        let show = |value| self.difference(value, estimate);
        if best >= 0.0 {
            format!("between {} and {} {worse}", show(best), show(worst))
        } else if worst <= 0.0 {
            format!("between {} and {} {better}", show(worst), show(best))
        } else {
            format!(
                "between {} {better} and {} {worse}",
                show(best),
                show(worst)
            )
        }
    }

    /// `above` or `below` what the control allows, by a distance that is turned.
    fn side(&self, turned: f64) -> &'static str {
        if (turned < 0.0) == self.high_is_bad {
            "below"
        } else {
            "above"
        }
    }

    /// `, 0.5pp allowed`.
    fn allowed(&self, estimate: &Estimate) -> String {
        let margin = estimate.of_margin();
        let most = if self.high_is_bad {
            "allowed"
        } else {
            "required"
        };
        match self.measures(estimate) {
            Measures::Value => format!(", {} {most}", self.unit_shown(margin)),
            Measures::Quotient => format!(", {}x {most}", show_number(margin, 6)),
            Measures::Beyond(_) => String::new(),
            Measures::Difference => {
                let turned = self.turned(margin);
                let size = turned.abs() * self.scale;
                let shown = self.case.ask.kpi.unit.show_difference(size, size);
                if turned == 0.0 {
                    ", none allowed".to_owned()
                } else if turned > 0.0 {
                    format!(", {shown} allowed")
                } else {
                    format!(", at least {shown} better required")
                }
            }
        }
    }

    fn unit_shown(&self, value: f64) -> String {
        self.case.ask.kpi.unit.show(value * self.scale)
    }

    /// A value with enough digits to tell it from the margin.
    fn beside(&self, value: f64, estimate: &Estimate) -> String {
        let (value, margin) = (value * self.scale, estimate.of_margin() * self.scale);
        self.case.ask.kpi.unit.show_beside(value, margin).0
    }

    /// The size of a difference, with enough digits to tell it from the margin's.
    fn difference(&self, value: f64, estimate: &Estimate) -> String {
        let (size, margin) = (value.abs(), estimate.of_margin().abs());
        let unit = self.case.ask.kpi.unit;
        unit.show_difference(size * self.scale, margin * self.scale)
    }

    /// What a bad outcome takes where it is more than what the condition says.
    fn asked(&self, estimate: &Estimate) -> String {
        let each = match self.series {
            0 | 1 => String::new(),
            several => format!(" of each of {several} series"),
        };
        let early = if self.case.is_early {
            " before the window is complete"
        } else {
            ""
        };
        if each.is_empty() && early.is_empty() {
            return String::new();
        }
        format!(" ({} asked{each}{early})", complement(estimate.levels.bad))
    }

    fn of_blocks(&self, estimate: &Estimate) -> String {
        let points = i64::try_from(self.grid.count()).unwrap_or(i64::MAX);
        let parts = i64::try_from(BLOCKS).unwrap_or(1) * 1000;
        let seconds = points.saturating_mul(self.grid.step().millis()) / parts;
        let blocks = estimate.blocks.len();
        format!("{blocks} blocks of {}", Duration::from_secs(seconds.max(1)))
    }

    /// `; 74 errors in 12 804 events against 1 240 in 243 276`.
    fn of_events(&self) -> String {
        let shown = |events: Events, errors: &str, of: &str| {
            let count = self.counted(events);
            format!(
                "{}{errors} in {}{of}",
                whole(count.errors),
                whole(count.total)
            )
        };
        match self.events {
            None => String::new(),
            Some((canary, control)) => {
                let canary = shown(canary, " errors", " events");
                let against = control.map(|control| format!(" against {}", shown(control, "", "")));
                format!("; {canary}{}", against.unwrap_or_default())
            }
        }
    }

    /// C12: what would decide it.
    fn advice(&self, estimate: &Estimate) -> String {
        if estimate.drifts() {
            return self.drift(estimate);
        }
        let Some(more) = estimate.more_needed() else {
            return if estimate.t > 0.0 {
                "so far it looks worse than allowed".to_owned()
            } else {
                "this window cannot show it".to_owned()
            };
        };
        if more > MOST_MORE {
            return "this window cannot show it".to_owned();
        }
        let span = self.case.judged.length();
        let more = about(span.seconds() * more);
        let whole = if self.case.is_early || self.case.list == List::Stop {
            String::new()
        } else {
            format!(
                " (a window of {})",
                about(self.case.window.seconds() + more.seconds())
            )
        };
        format!("at this noise about {more} more would tell{whole}")
    }

    fn drift(&self, estimate: &Estimate) -> String {
        let (first, second) = estimate.blocks.split_at(estimate.blocks.len() / 2);
        let show = |blocks| {
            let value = estimate.over(blocks);
            let turned = self.turned(value);
            match self.measures(estimate) {
                Measures::Value => self.beside(value, estimate),
                Measures::Quotient => times(value, estimate),
                Measures::Difference => {
                    let side = if turned < 0.0 { "better" } else { "worse" };
                    format!("{} {side}", self.difference(turned, estimate))
                }
                Measures::Beyond(_) => {
                    format!(
                        "{} {}",
                        self.difference(turned, estimate),
                        self.side(turned)
                    )
                }
            }
        };
        format!(
            "the difference drifts: first half {}, second half {}",
            show(first),
            show(second)
        )
    }
}

fn times(value: f64, estimate: &Estimate) -> String {
    show_times(value, estimate.of_margin())
}

/// `99.98%` of a level of 0.0002.
fn complement(level: f64) -> String {
    let percent = level * 100.0;
    let decimals = (0..12_usize).find(|decimals| {
        let shown: f64 = format!("{percent:.decimals$}").parse().unwrap_or(0.0);
        shown > 0.0 && (shown - percent).abs() <= 0.02 * percent
    });
    format!("{:.*}%", decimals.unwrap_or(12), 100.0 - percent)
}

/// A length of time in seconds, rounded up to what one would say.
#[expect(clippy::cast_possible_truncation, reason = "a few windows")]
fn about(seconds: f64) -> Duration {
    let unit = match seconds {
        short if short <= 3_600.0 => 60.0,
        medium if medium <= 6.0 * 3_600.0 => 300.0,
        long if long <= 48.0 * 3_600.0 => 1_800.0,
        _ => 6.0 * 3_600.0,
    };
    Duration::from_secs(((seconds / unit).ceil() * unit) as i64)
}

/// A whole number in groups of three digits.
fn whole(count: f64) -> String {
    let digits = format!("{count:.0}");
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c9_a_level_is_shown_with_the_digits_that_it_needs() {
        for (level, shown) in [
            (0.05, "95%"),
            (0.0002, "99.98%"),
            (0.05 / 20.0, "99.75%"),
            (0.001 / 50.0 / 20.0, "99.9999%"),
        ] {
            assert_eq!(complement(level), shown);
        }
    }

    #[test]
    fn c12_lengths_and_counts_are_said_as_people_say_them() {
        assert_eq!(about(61.0), Duration::from_secs(120));
        assert_eq!(about(4_700.0), Duration::from_secs(4_800));
        assert_eq!(about(90_000.0), Duration::from_secs(90_000));
        assert_eq!(whole(243_276.2), "243 276");
        assert_eq!(whole(74.0), "74");
    }
}
