//! Calendars: weekly hours and dates in a time zone. Holds them; must not ask what time it is.

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;

/// Weekly hours and dates in a time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Its name in the plan.
    pub name: String,
    /// The zone of its hours and days.
    pub timezone: Tz,
    /// Hours of the week.
    pub weekly: Vec<WeeklyHours>,
    /// Days, first and last, both included; the first is not after the last.
    pub dates: Vec<(NaiveDate, NaiveDate)>,
}

/// The same hours on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyHours {
    /// As written, such as `Mon-Fri 08:00-18:00`.
    pub text: String,
    /// On which days they begin; at least one.
    pub days: Vec<Weekday>,
    /// Minutes from midnight at which they begin, below 1440.
    pub from: u32,
    /// Minutes from midnight at which they end, exclusive, at most 1440; not after `from` if they end on the next day.
    pub to: u32,
}
