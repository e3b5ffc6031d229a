//! `checklists`: one item of one list, answered for this stage. Must not take silence for a yes.

use super::confirmations;
use crate::evaluate::context::{CriterionContext, Ruling};
use crate::plan::criteria::ChecklistItem;

/// Judges one item.
pub(super) fn assess(list: &str, item: &ChecklistItem, context: &CriterionContext<'_>) -> Ruling {
    let id = format!("{list}/{}", item.id);
    let ruling = confirmations::answered(&id, item.owner.as_deref(), context);
    Ruling {
        title: Some(item.shown()),
        ..ruling
    }
}
