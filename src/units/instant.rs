//! Moments, in UTC. Must not read the clock.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Duration;

/// Seconds from here on (the year 5138) were meant as milliseconds.
const MAX_UNIX_SECONDS: i64 = 100_000_000_000;

/// A moment in whole milliseconds since the Unix epoch. Prints as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Instant(i64);

/// Why a text is not a moment.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InstantError {
    /// Not of the form.
    #[error(
        "`{0}` is not a time: expected RFC 3339 such as `2026-11-20T14:00:00Z`, or Unix seconds such as `1795132800`"
    )]
    Form(String),
    /// Without an offset.
    #[error("`{0}` has no time zone: write `{1}`")]
    NoZone(String, String),
    /// Beyond the years that anybody releases in.
    #[error("`{0}` is out of range: a Unix time is in seconds, between 0 and 100000000000")]
    Range(String),
}

impl Instant {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// From seconds since the epoch.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds * 1000)
    }

    /// In milliseconds since the epoch.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// `later − self`, negative if `later` is earlier.
    #[must_use]
    pub const fn until(self, later: Self) -> Duration {
        Duration::from_millis(later.0.saturating_sub(self.0))
    }

    /// As Prometheus takes it: seconds, with three decimals where there are milliseconds.
    #[must_use]
    pub fn unix(self) -> String {
        let (seconds, millis) = (self.0.div_euclid(1000), self.0.rem_euclid(1000));
        if millis == 0 {
            seconds.to_string()
        } else {
            format!("{seconds}.{millis:03}")
        }
    }

    /// Reads RFC 3339 or Unix seconds.
    ///
    /// # Errors
    /// Any other text; a time without an offset; a Unix time outside 0 to 100 000 000 000 s.
    pub fn parse(text: &str) -> Result<Self, InstantError> {
        if let Some(instant) = Self::parse_unix(text)? {
            return Ok(instant);
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self(time.timestamp_millis()));
        }
        let with_zone = format!("{}Z", text.replacen(' ', "T", 1));
        let completed = [
            with_zone.clone(),
            with_zone.replace('Z', ":00Z"),
            format!("{text}T00:00:00Z"),
        ];
        let complete = completed
            .into_iter()
            .find(|guess| DateTime::parse_from_rfc3339(guess).is_ok());
        Err(complete.map_or_else(
            || InstantError::Form(text.to_owned()),
            |guess| InstantError::NoZone(text.to_owned(), guess),
        ))
    }

    fn parse_unix(text: &str) -> Result<Option<Self>, InstantError> {
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(seconds) || !is_digits(fraction) {
            return Ok(None);
        }
        let range = || InstantError::Range(text.to_owned());
        let seconds: i64 = seconds.parse().map_err(|_| range())?;
        if seconds >= MAX_UNIX_SECONDS {
            return Err(range());
        }
        let padded = format!("{fraction:0<3}");
        let millis: i64 = padded
            .get(..3)
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(0);
        Ok(Some(Self(seconds * 1000 + millis)))
    }

    /// For a file name: `20261120T140000Z`.
    #[must_use]
    pub fn stamp(self) -> String {
        self.date_time().map_or_else(
            || self.unix(),
            |time| time.format("%Y%m%dT%H%M%SZ").to_string(),
        )
    }

    fn date_time(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.0)
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.to_string()
    }
}

impl TryFrom<String> for Instant {
    type Error = InstantError;

    fn try_from(text: String) -> Result<Self, InstantError> {
        Self::parse(&text)
    }
}

impl std::ops::Add<Duration> for Instant {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span.millis()))
    }
}

impl std::ops::Sub<Duration> for Instant {
    type Output = Self;
    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(span.millis()))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date_time() {
            Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => f.write_str(&self.unix()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let noon = Instant::from_secs(1_795_132_800);
        for text in [
            "2026-11-20T00:00:00Z",
            "2026-11-20T01:00:00+01:00",
            "1795132800",
            "1795132800.000",
        ] {
            assert_eq!(Instant::parse(text), Ok(noon), "{text}");
        }
        assert_eq!(Instant::parse("1.5"), Ok(Instant::from_millis(1500)));
        assert_eq!(noon.to_string(), "2026-11-20T00:00:00Z");
        assert_eq!(noon.stamp(), "20261120T000000Z");
        assert_eq!(
            Instant::from_millis(1_795_132_800_250).unix(),
            "1795132800.250"
        );
    }

    #[test]
    fn a_missing_zone_is_named() {
        for (text, complete) in [
            ("2026-11-20 10:00:00", "2026-11-20T10:00:00Z"),
            ("2026-11-20T10:00", "2026-11-20T10:00:00Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z"),
        ] {
            assert_eq!(
                Instant::parse(text),
                Err(InstantError::NoZone(text.into(), complete.into()))
            );
        }
        assert!(matches!(Instant::parse("noon"), Err(InstantError::Form(_))));
        assert!(matches!(
            Instant::parse("1795132800000"),
            Err(InstantError::Range(_))
        ));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,24}") {
            let _ = Instant::parse(&text);
        }
    }
}
