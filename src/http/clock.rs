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
        let age = match all(headers, &AGE).next() {
            None => Some(0),
            // Of several the first is that of the nearest cache, which counts.
            Some(age) => age.and_then(|age| age.split(',').next()?.trim().parse::<u32>().ok()),
        };
        let dates = all(headers, &DATE).map(|text| {
            let date = date(text?)? + Duration::from_secs(i64::from(age?));
            Some(self.now().until(date))
        });
        let seen = dates.map(|ahead| ClockSeen {
            ahead,
            is_undated: ahead.is_none(),
        });
        seen.reduce(ClockSeen::and).unwrap_or(ClockSeen {
            ahead: None,
            is_undated: true,
        })
    }
}

/// What the answers of a server say of its clock; nothing where none came, or it does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ClockSeen {
    /// How far it is ahead, negative where it is behind, by the answer of which that is farthest.
    pub(crate) ahead: Option<Duration>,
    /// Whether one has no date that can be read.
    pub(crate) is_undated: bool,
}

impl ClockSeen {
    /// What two answers say together.
    pub(super) fn and(self, other: Self) -> Self {
        let distance = |ahead: &Duration| ahead.millis().unsigned_abs();
        let both = other.ahead.into_iter().chain(self.ahead);
        Self {
            ahead: both.max_by_key(distance),
            is_undated: self.is_undated || other.is_undated,
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

/// The texts of a header, one for each time that it came; `None` where that is no text.
fn all<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = Option<&'h str>> + use<'h> {
    let values = headers.get_all(name).into_iter();
    values.map(|value| value.to_str().ok().map(str::trim))
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
        let Some(ahead) = seen(Some(date), age).ahead else {
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

    const UNDATED: ClockSeen = ClockSeen {
        ahead: None,
        is_undated: true,
    };

    #[test]
    fn m11_an_answer_without_a_date_that_can_be_read_says_so() {
        assert_eq!(seen(None, Some("60")), UNDATED);
        assert_eq!(seen(Some("soon"), None), UNDATED);
        let ahead = |seconds| ClockSeen {
            ahead: Some(Duration::from_secs(seconds)),
            is_undated: false,
        };
        assert_eq!(ClockSeen::default().and(UNDATED), UNDATED);
        assert_eq!(ahead(5).and(ahead(-9)).and(ahead(7)), ahead(-9));
        // One date says nothing of the answers that have none.
        let some = ClockSeen {
            is_undated: true,
            ..ahead(5)
        };
        assert_eq!(UNDATED.and(ahead(5)), some);
        assert_eq!(ahead(5).and(UNDATED).and(ahead(5)), some);
    }

    #[test]
    fn m11_the_first_of_several_ages_counts_and_one_that_cannot_be_read_leaves_no_date() {
        const EARLY: &str = "Thu, 19 Nov 2026 23:52:00 GMT";
        assert_eq!(ahead(EARLY, Some("480, 0")), 0);
        assert_eq!(ahead(EARLY, Some("0, 480")), -480);
        for age in ["soon", "-480", "", ", 480", "480.5"] {
            assert_eq!(seen(Some(EARLY), Some(age)), UNDATED, "{age}");
        }
    }

    #[test]
    fn m11_each_of_several_dates_is_looked_at() {
        let mut headers = HeaderMap::new();
        for date in [
            "Fri, 20 Nov 2026 00:00:00 GMT",
            "Fri, 20 Nov 2026 00:08:00 GMT",
            "soon",
        ] {
            headers.append(DATE, date.parse().expect("a header"));
        }
        let clock = Clock::showing(Instant::parse("2026-11-20T00:00:00Z").expect("a time"));
        let seen = clock.seen(&headers);
        assert!(seen.is_undated);
        let ahead = seen.ahead.expect("a date").millis();
        assert!((470_000..=480_000).contains(&ahead), "{ahead}");
    }
}
