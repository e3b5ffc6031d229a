//! The frozen file format `gate.evidence/v1`: a record → JSON, and back. Must not judge, and must not change what is
//! already there: keys may be added, never renamed, moved or dropped.
//!
//! Durations are in seconds, times RFC 3339 in UTC, values in the KPI's unit. A value that JSON cannot hold is one
//! of the strings `"NaN"`, `"+Inf"`, `"-Inf"`. Keys that `wire` marks as optional are omitted if they are empty.

mod certainty;
mod command;
mod convert;
mod form;
mod head;
mod number;
mod read;
mod wire;
mod words;

use super::Evidence;
use crate::unicode_safety::escape_json;

pub use form::is_written;
pub use head::{Head, head};
pub use read::{MAX_UNREAD, ReadError, differences, from_json, unread};

/// The value of `schema`.
pub const SCHEMA: &str = "gate.evidence/v1";

/// The record as JSON: two spaces of indent (what fits on one line, and each trend, has one), keys in a fixed order, a final newline. The same record gives the same bytes.
#[must_use]
pub fn to_json(evidence: &Evidence) -> String {
    let document = wire::Document::from(evidence);
    // Strings, numbers, lists and maps with string keys always serialize; if that ever changes,
    // every reader refuses an empty document and never takes it for a verdict.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    escape_json(&form::joined(&text))
}

#[cfg(test)]
mod tests;
