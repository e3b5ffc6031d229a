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

/// `31h of 48h`, `1d1h of 3d`: how much of a length, in its units.
pub(super) fn part_of(part: Duration, length: Duration) -> String {
    const DAY: i64 = 86_400_000;
    let (whole, days) = (roughly(part), part.millis() / DAY);
    let rest = Duration::from_millis(part.millis() % DAY);
    // Shorter ones are told in hours, and so is what is observed of them.
    let in_days = length.millis() >= 3 * DAY && (1..3).contains(&days);
    let hours = Duration::from_millis(rest.millis() / 3_600_000 * 3_600_000);
    match in_days {
        true if hours == Duration::ZERO => format!("{days}d of {length}"),
        true => format!("{days}d{hours} of {length}"),
        false => format!("{whole} of {length}"),
    }
}
