//! `confirmations`: one id, answered for this stage. Must not take silence for a yes.

use super::Code;
use super::setting::{Ruling, Setting};

/// Judges one confirmation.
pub(super) fn assess(_id: &str, _setting: &Setting<'_>) -> Ruling {
    Ruling::open(Code::NotAnswered, "nobody has answered yet")
}
