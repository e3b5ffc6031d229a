//! `--fail-on`: conditions on what was counted. Must not count.

use std::fmt;
use std::str::FromStr;

use crate::units::Duration;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// False stops in a length of time.
    FalseStops(Duration),
    /// The share of quiet releases that end NO-GO.
    FalseNoGo,
    /// Incidents that nothing caught.
    Missed,
    /// Incidents that something caught.
    Caught,
    /// The share of all releases that end HOLD.
    Hold,
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub struct FailOn {
    /// As written.
    pub text: String,
    measure: Measure,
    more: bool,
    or_equal: bool,
    limit: f64,
}

/// What was counted of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// In a week of quiet time; `None` if there was none.
    pub false_stops_a_week: Option<f64>,
    /// As a fraction; `None` if nothing was quiet.
    pub false_no_go: Option<f64>,
    /// As a fraction; `None` if nothing was pretended.
    pub hold: Option<f64>,
    /// How many.
    pub missed: usize,
    /// How many.
    pub caught: usize,
}

impl FailOn {
    /// Whether it counts incidents that nothing caught.
    #[must_use]
    pub fn is_of_missed(&self) -> bool {
        self.measure == Measure::Missed
    }

    /// Whether it holds; never for what could not be counted.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "few incidents")]
    pub fn holds(&self, figures: &Figures) -> bool {
        let value = match self.measure {
            Measure::FalseStops(per) => figures
                .false_stops_a_week
                .map(|rate| rate * super::weeks(per)),
            Measure::FalseNoGo => figures.false_no_go,
            Measure::Hold => figures.hold,
            Measure::Missed => Some(figures.missed as f64),
            Measure::Caught => Some(figures.caught as f64),
        };
        value.is_some_and(|value| {
            let beyond = if self.more {
                value > self.limit
            } else {
                value < self.limit
            };
            beyond || (self.or_equal && value == self.limit)
        })
    }
}

const FORM: &str = "a condition is one of `false-stops > 1/week`, `false-no-go > 5%`, `hold > 5%`, `missed > 0`, `caught < 2`";

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("`{text}`: {what}; {FORM}");
        let place = text
            .find(['<', '>'])
            .ok_or_else(|| wrong("no comparison"))?;
        let (word, rest) = text.split_at(place);
        let (more, rest) = (rest.starts_with('>'), rest.get(1..).unwrap_or_default());
        let (or_equal, number) = match rest.strip_prefix('=') {
            Some(number) => (true, number.trim()),
            None => (false, rest.trim()),
        };
        let share = || number.strip_suffix('%');
        let (measure, number, scale) = match word.trim() {
            "false-stops" => {
                let (number, per) = number
                    .split_once('/')
                    .ok_or_else(|| wrong("no time, such as `/week`"))?;
                let per = period(per)
                    .ok_or_else(|| wrong("the time is `week`, `day`, or a length such as `4w`"))?;
                (Measure::FalseStops(per), number, 1.0)
            }
            "false-no-go" => (
                Measure::FalseNoGo,
                share().ok_or_else(|| wrong("no `%`"))?,
                0.01,
            ),
            "hold" => (Measure::Hold, share().ok_or_else(|| wrong("no `%`"))?, 0.01),
            "missed" => (Measure::Missed, number, 1.0),
            "caught" => (Measure::Caught, number, 1.0),
            other => return Err(wrong(&format!("unknown word `{other}`"))),
        };
        let limit: f64 = number.trim().parse().map_err(|_| wrong("no number"))?;
        if !(limit.is_finite() && limit >= 0.0) {
            return Err(wrong("the number must not be negative"));
        }
        Ok(Self {
            text: text.to_owned(),
            measure,
            more,
            or_equal,
            limit: limit * scale,
        })
    }
}

impl fmt::Display for FailOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// `week`, `day`, or a length of time.
pub(super) fn period(text: &str) -> Option<Duration> {
    match text.trim() {
        "week" => Some(Duration::from_secs(7 * 86_400)),
        "day" => Some(Duration::from_secs(86_400)),
        length => Duration::parse(length)
            .ok()
            .filter(|length| *length > Duration::ZERO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        let figures = Figures {
            false_stops_a_week: Some(1.5),
            false_no_go: Some(0.05),
            hold: None,
            missed: 1,
            caught: 2,
        };
        text.parse::<FailOn>().expect(text).holds(&figures)
    }

    #[test]
    fn conditions_are_compared_with_what_was_counted() {
        assert!(holds("false-stops > 1/week") && !holds("false-stops>2/week"));
        assert!(
            holds("false-stops > 5/4w")
                && !holds("false-stops > 6/4w")
                && holds("false-stops >= 6/4w")
        );
        assert!(holds("false-no-go >= 5%") && !holds("false-no-go > 5%"));
        assert!(holds("missed > 0") && holds("caught < 3") && !holds("hold > 0%"));
    }

    #[test]
    fn an_unknown_word_is_named_with_those_there_are() {
        for wrong in [
            "noise > 1",
            "false-stops > 1",
            "hold > 5",
            "missed",
            "missed > x",
            "missed > -1",
        ] {
            let error = wrong.parse::<FailOn>().expect_err(wrong);
            assert!(error.contains("`missed > 0`"), "{error}");
        }
    }
}
