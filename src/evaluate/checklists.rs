//! `checklists`: one item of one list, answered for this stage. Must not take silence for a yes.

use super::Code;
use super::setting::{Ruling, Setting};
use crate::plan::ChecklistItem;

/// Judges one item.
pub(super) fn assess(_list: &str, _item: &ChecklistItem, _setting: &Setting<'_>) -> Ruling {
    Ruling::open(Code::NotAnswered, "nobody has answered yet")
}
