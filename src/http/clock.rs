//! The clock of this machine beside those of servers (M11). Must not decide what a difference means.

use std::time;

use chrono::DateTime;
use reqwest::header::{AGE, DATE, HeaderMap, HeaderName};

use crate::units::{Duration, Instant};

/// The clock as it was read once, going on by a clock that nobody sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    read: Instant,
    since: time::Instant,
}

impl Clock {
    /// A clock that shows this instant now.
    #[must_use]
    pub fn showing(now: Instant) -> Self {
        Self {
            read: now,
            since: time::Instant::now(),
        }
    }

    /// What it shows by now.
    fn now(&self) -> Instant {
        let passed = i64::try_from(self.since.elapsed().as_millis());
        self.read + passed.map_or(Duration::ZERO, Duration::from_millis)
    }

    /// How far the clock of the server is ahead that has just begun an answer with these headers; negative where it is
    /// behind, `None` where the answer has no date. A cache says how old its answer is.
    pub(crate) fn ahead(&self, headers: &HeaderMap) -> Option<Duration> {
        let date = DateTime::parse_from_rfc2822(text(headers, DATE)?).ok()?;
        let age = text(headers, AGE).and_then(|age| age.parse::<u32>().ok());
        let age = Duration::from_secs(i64::from(age.unwrap_or_default()));
        let there = Instant::from_millis(date.timestamp_millis()) + age;
        Some(self.now().until(there))
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(date: Option<&str>, age: Option<&str>) -> Option<i64> {
        let mut headers = HeaderMap::new();
        let values = [(DATE, date), (AGE, age)];
        for (name, value) in values {
            if let Some(value) = value {
                headers.insert(name, value.parse().expect("a header"));
            }
        }
        let clock = Clock::showing(Instant::parse("2026-11-20T00:00:00Z").expect("a time"));
        let ahead = clock.ahead(&headers)?.seconds().round();
        Some(format!("{ahead}").parse().expect("seconds"))
    }

    #[test]
    fn m11_the_date_of_an_answer_and_its_age_are_held_against_the_clock() {
        let date = "Fri, 20 Nov 2026 00:08:00 GMT";
        assert_eq!(ahead(Some(date), None), Some(480));
        assert_eq!(
            ahead(Some("Thu, 19 Nov 2026 23:59:00 GMT"), None),
            Some(-60)
        );
        assert_eq!(
            ahead(Some("Thu, 19 Nov 2026 23:59:00 GMT"), Some("60")),
            Some(0)
        );
        assert_eq!(ahead(None, Some("60")), None);
        assert_eq!(ahead(Some("soon"), None), None);
    }
}
