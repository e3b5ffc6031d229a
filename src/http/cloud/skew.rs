//! Whether this machine's clock is why a signature or a token was refused: by the date of the answer.

use reqwest::header::{DATE, HeaderMap};

use super::super::clock::date;
use crate::units::{Duration, Instant};

/// Vendors take what was signed a few minutes ago, 15 at most: a clock that is this far off will soon be too far.
const MOST: Duration = Duration::from_secs(300);

/// How far this machine's clock is off, by something it made at `made`, where that matters: `10m ahead of the server's`.
pub(super) fn off_by(made: Option<Instant>, headers: &HeaderMap) -> Option<String> {
    let answered = headers.get(DATE)?.to_str().ok().and_then(date)?;
    let millis = answered.until(made?).millis();
    let distance = Duration::from_secs((millis.abs() + 500) / 1000);
    let side = if millis > 0 { "ahead of" } else { "behind" };
    (distance > MOST).then(|| format!("{distance} {side} the server's"))
}
