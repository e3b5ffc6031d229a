//! `outside`: T, and what is planned from T on, lies outside a calendar. Must not ask the clock.

use super::Code;
use super::setting::{Ruling, Setting};
use crate::plan::Calendar;

/// Judges one calendar.
pub(super) fn assess(_calendar: &Calendar, _setting: &Setting<'_>) -> Ruling {
    Ruling::open(Code::NotAnswered, "nobody has answered yet")
}
