//! The samples of a series, by far the largest part of an answer: fast in the usual form, carefully in any other.
//!
//! The fast path must not accept what the careful one would refuse.

use crate::source::number;
use crate::source::prometheus::scanner::{Chunks, ScanError, Scanner};
use crate::source::recording::Collector;

/// Whether there is still room for samples.
pub(super) fn has_room<E>(collector: &Collector) -> Result<(), ScanError<E>> {
    match collector.exceeded() {
        None => Ok(()),
        Some(room) => Err(ScanError::TooMuch(room)),
    }
}

/// Reads the list of a series' samples.
pub(super) async fn values<C: Chunks>(
    scanner: &mut Scanner<C>,
    collector: &mut Collector,
) -> Result<(), ScanError<C::Error>> {
    scanner.expect(b'[', "expected a list of samples").await?;
    if scanner.is_empty(b']').await? {
        return Ok(());
    }
    loop {
        let ran = quick_pairs(scanner.ahead(), collector);
        scanner.advance(ran);
        pair(scanner, collector).await?;
        has_room(collector)?;
        if !scanner.goes_on(b']').await? {
            return Ok(());
        }
    }
}

/// Reads as many whole `[time,"value"],` as are here in exactly this form, without spaces. Returns their length.
/// Any other form is left to `pair`, which decides.
fn quick_pairs(ahead: &[u8], collector: &mut Collector) -> usize {
    let mut read = 0;
    while let Some((length, time, value)) = ahead.get(read..).and_then(quick_pair) {
        let (Some(at), Some(number)) = (number::time(time), number::value(value)) else {
            break;
        };
        collector.point(at, number, value);
        read += length;
    }
    read
}

/// The length of `[time,"value"],`, its time and its value.
fn quick_pair(ahead: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let inner = ahead.strip_prefix(b"[")?;
    let comma = inner.iter().take(20).position(|byte| *byte == b',')?;
    let (time, rest) = inner.split_at_checked(comma)?;
    let rest = rest.strip_prefix(b",\"")?;
    let quote = rest.iter().position(|byte| *byte == b'"')?;
    let (value, rest) = rest.split_at_checked(quote)?;
    rest.starts_with(b"\"],")
        .then_some((comma + quote + 6, time, value))
}

/// Reads one `[time, "value"]`.
pub(super) async fn pair<C: Chunks>(
    scanner: &mut Scanner<C>,
    collector: &mut Collector,
) -> Result<(), ScanError<C::Error>> {
    scanner.expect(b'[', "expected a sample").await?;
    let time = scanner.word().await?;
    scanner.expect(b',', "expected a comma").await?;
    let text = scanner.string().await?;
    let at = number::time(&time).ok_or_else(|| scanner.garbled("an invalid time"))?;
    let value = number::value(text.as_bytes()).ok_or_else(|| {
        scanner.garbled("a value that is not a number, or that no 64-bit float can hold")
    })?;
    scanner.expect(b']', "expected the end of a sample").await?;
    collector.point(at, value, text.as_bytes());
    Ok(())
}
