//! `approvals`: one role has signed for this gate, for the verdict that it has now. Must not carry a signature over to another verdict.

use super::Code;
use super::setting::{Ruling, Setting};
use crate::verdict::Verdict;

/// Judges one role. `apart` is the gate's verdict, approvals aside: what a signature has to be for.
pub(super) fn assess(
    _role: &str,
    _distinct: bool,
    _apart: Verdict,
    _setting: &Setting<'_>,
) -> Ruling {
    Ruling::open(Code::NotAnswered, "nobody has answered yet")
}
