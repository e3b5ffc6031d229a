//! `checklists`: one item of one list, answered for this stage. Must not take silence for a yes.

use super::confirmations;
use super::setting::{Ruling, Setting};
use crate::plan::ChecklistItem;

/// Judges one item.
pub(super) fn assess(list: &str, item: &ChecklistItem, setting: &Setting<'_>) -> Ruling {
    let id = format!("{list}/{}", item.id);
    let ruling = confirmations::answered(&id, item.owner.as_deref(), setting);
    Ruling {
        title: Some(item.text.clone()),
        ..ruling
    }
}
