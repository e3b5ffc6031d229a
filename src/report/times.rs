//! Times as readers take them in: how long ago or until then, beside the moment itself. Must not read a clock: the report
//! says as of when it is.

use crate::units::{Duration, Instant};

/// `3h20m ago (2026-11-20T10:40:00Z)`, `in 4h4m (2026-11-20T18:04:00Z)`.
pub(super) fn beside(at: Instant, now: Instant) -> String {
    let past = at.until(now);
    if past < Duration::ZERO {
        return format!("in {} ({at})", roughly(now.until(at)));
    }
    format!("{} ago ({at})", roughly(past))
}

/// Rounded down to what matters at that size: to minutes from an hour on, to hours from two days on.
pub(super) fn roughly(length: Duration) -> Duration {
    const MINUTE: i64 = 60_000;
    let unit = match length.millis() {
        millis if millis >= 48 * 60 * MINUTE => 60 * MINUTE,
        millis if millis >= 60 * MINUTE => MINUTE,
        _ => 1000,
    };
    Duration::from_millis(length.millis() / unit * unit)
}
