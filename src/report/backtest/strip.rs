//! Pretend releases by day and hour of their start: of several in an hour, the worst. Must not lay them out.

use crate::backtest::{Counted, Incident, Tried};
use crate::units::Instant;
use crate::verdict::Verdict;

/// A day.
pub(super) struct Day {
    /// Its first instant.
    pub at: Instant,
    /// By the hour: the worst outcome of what began in it, if anything did.
    pub hours: Vec<Option<Verdict>>,
    /// The incidents that began on it.
    pub incidents: Vec<Incident>,
}

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

/// All days on which something began.
pub(super) fn days(tried: &Tried, counted: &Counted) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for (trial, outcome) in tried.trials.times.iter().zip(&tried.outcomes) {
        let begun = trial.started.unwrap_or(trial.at).millis();
        let at = Instant::from_millis(begun.div_euclid(DAY) * DAY);
        if days.last().is_none_or(|day| day.at != at) {
            days.push(Day {
                at,
                hours: vec![None; 24],
                incidents: on(counted, at),
            });
        }
        let hour = usize::try_from(begun.rem_euclid(DAY) / HOUR).unwrap_or_default();
        let cell = days.last_mut().and_then(|day| day.hours.get_mut(hour));
        if let Some(cell) = cell {
            *cell = Some(cell.map_or(outcome.verdict, |before| worse(before, outcome.verdict)));
        }
    }
    days
}

fn on(counted: &Counted, day: Instant) -> Vec<Incident> {
    let begins = |one: &&Incident| one.start.millis().div_euclid(DAY) * DAY == day.millis();
    counted
        .incidents
        .all
        .iter()
        .filter(begins)
        .cloned()
        .collect()
}

fn worse(one: Verdict, other: Verdict) -> Verdict {
    let rank = |verdict| match verdict {
        Verdict::Go => 0,
        Verdict::Hold => 1,
        Verdict::NoGo => 2,
        Verdict::Stop => 3,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// `Sat`; the epoch began on a Thursday.
pub(super) fn weekday(day: Instant) -> &'static str {
    match day.millis().div_euclid(DAY).rem_euclid(7) {
        0 => "Thu",
        1 => "Fri",
        2 => "Sat",
        3 => "Sun",
        4 => "Mon",
        5 => "Tue",
        _ => "Wed",
    }
}
