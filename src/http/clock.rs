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

    /// What the headers of an answer that has just begun say of its server's clock. A cache says how old its answer is.
    pub(crate) fn seen(&self, headers: &HeaderMap) -> ClockSeen {
        let Some(date) = text(headers, DATE).and_then(date) else {
            return ClockSeen::Undated;
        };
        let age = text(headers, AGE).and_then(|age| age.parse::<u32>().ok());
        let age = Duration::from_secs(i64::from(age.unwrap_or_default()));
        ClockSeen::Ahead(self.now().until(date + age))
    }
}

/// What the answers of a server say of its clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ClockSeen {
    /// Nothing: none came, or it does not matter.
    #[default]
    Nothing,
    /// They have no date.
    Undated,
    /// How far it is ahead, negative where it is behind, by the answer of which that is farthest.
    Ahead(Duration),
}

impl ClockSeen {
    /// What two answers say together.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, seen) | (seen, Self::Nothing) => seen,
            (Self::Undated, seen) | (seen, Self::Undated) => seen,
            (Self::Ahead(one), Self::Ahead(another)) => {
                let distance = |ahead: Duration| ahead.millis().unsigned_abs();
                if distance(another) > distance(one) {
                    other
                } else {
                    self
                }
            }
        }
    }
}

/// A date in any of the forms of HTTP: as in mail (here with any zone), as in RFC 850, and as `asctime` writes it.
pub(super) fn date(text: &str) -> Option<Instant> {
    if let Ok(date) = DateTime::parse_from_rfc2822(text) {
        return Some(Instant::from_millis(date.timestamp_millis()));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let since = date.duration_since(time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok().map(Instant::from_secs)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(date: Option<&str>, age: Option<&str>) -> ClockSeen {
        let mut headers = HeaderMap::new();
        let values = [(DATE, date), (AGE, age)];
        for (name, value) in values {
            if let Some(value) = value {
                headers.insert(name, value.parse().expect("a header"));
            }
        }
        let clock = Clock::showing(Instant::parse("2026-11-20T00:00:00Z").expect("a time"));
        clock.seen(&headers)
    }

    fn ahead(date: &str, age: Option<&str>) -> i64 {
        let ClockSeen::Ahead(ahead) = seen(Some(date), age) else {
            panic!("{date}: no date")
        };
        format!("{}", ahead.seconds().round())
            .parse()
            .expect("seconds")
    }

    #[test]
    fn m11_the_date_of_an_answer_and_its_age_are_held_against_the_clock() {
        assert_eq!(ahead("Fri, 20 Nov 2026 00:08:00 GMT", None), 480);
        assert_eq!(ahead("Thu, 19 Nov 2026 23:59:00 GMT", None), -60);
        assert_eq!(ahead("Thu, 19 Nov 2026 23:59:00 GMT", Some("60")), 0);
    }

    #[test]
    fn m11_a_date_may_be_in_any_form_of_http() {
        for date in [
            "Fri, 20 Nov 2026 00:08:00 GMT",
            "Fri, 20 Nov 2026 01:08:00 +0100",
            "Friday, 20-Nov-26 00:08:00 GMT",
            "Fri Nov 20 00:08:00 2026",
        ] {
            assert_eq!(ahead(date, None), 480, "{date}");
        }
    }

    #[test]
    fn m11_an_answer_without_a_date_that_can_be_read_says_so() {
        assert_eq!(seen(None, Some("60")), ClockSeen::Undated);
        assert_eq!(seen(Some("soon"), None), ClockSeen::Undated);
        let ahead = |seconds| ClockSeen::Ahead(Duration::from_secs(seconds));
        let (nothing, undated) = (ClockSeen::Nothing, ClockSeen::Undated);
        assert_eq!(nothing.and(undated), undated);
        assert_eq!(undated.and(ahead(5)).and(undated), ahead(5));
        assert_eq!(ahead(5).and(ahead(-9)).and(ahead(7)), ahead(-9));
    }
}
