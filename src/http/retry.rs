//! How long to wait before asking again: growing, jittered pauses; the server's `Retry-After` first (rule 8).
//!
//! Reads no clock: a `Retry-After` date counts from the answer's own `Date`.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::clock::date;

/// The first pause, before jitter.
const FIRST: Duration = Duration::from_millis(100);
/// No pause grows beyond this.
const LONGEST: Duration = Duration::from_secs(5);

/// The pause after attempt `attempt` (from 0): between half and all of `100 ms · 2^attempt`, at most 5 s.
pub(super) fn pause(attempt: u32) -> Duration {
    let whole = FIRST.saturating_mul(1 << attempt.min(16)).min(LONGEST);
    let mut random = [0_u8; 1];
    // Without randomness the pause is merely less spread.
    let _ = SystemRandom::new().fill(&mut random);
    whole / 2 + whole.mul_f64(f64::from(random[0]) / 510.0)
}

/// What the server asks to wait: seconds, or a date.
pub(super) fn asked_for(headers: &HeaderMap) -> Option<Duration> {
    let after = text(headers, RETRY_AFTER)?;
    if let Ok(seconds) = after.parse::<u32>() {
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    let sent = date(text(headers, DATE)?)?;
    let wait = sent.until(date(after)?).millis();
    u64::try_from(wait).ok().map(Duration::from_millis)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(after: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, after.parse().expect("header"));
        let date = "Fri, 20 Nov 2026 00:00:00 GMT";
        headers.insert(DATE, date.parse().expect("header"));
        headers
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        for (attempt, most) in [(0, 100), (1, 200), (4, 1600), (10, 5000), (u32::MAX, 5000)] {
            let pause = pause(attempt).as_millis();
            assert!(pause >= most / 2 && pause <= most, "{attempt}: {pause}");
        }
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_date() {
        assert_eq!(asked_for(&headers("7")), Some(Duration::from_secs(7)));
        let date = "Fri, 20 Nov 2026 00:01:30 GMT";
        assert_eq!(asked_for(&headers(date)), Some(Duration::from_secs(90)));
        for text in ["soon", "-5", "Thu, 19 Nov 2026 00:00:00 GMT"] {
            assert_eq!(asked_for(&headers(text)), None, "{text}");
        }
    }
}
