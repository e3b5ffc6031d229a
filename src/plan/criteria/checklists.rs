//! `checklists`: the lists that a plan defines, and one criterion for each item of those that a gate names. Must not tick any.

use super::super::maps::maps;
use super::super::parts::checker::Checker;
use super::super::problem::Span;
use super::super::spanned::{OneOrMany, Pairs, Spanned, Text, text};

maps! {
    /// An item of a checklist.
    Item { id: Text, text: Text, owner: Text, }
}

/// An item of a checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecklistItem {
    /// Unique in its list.
    pub id: String,
    /// For people.
    pub text: String,
    /// Who has to do it.
    pub owner: Option<String>,
}

/// A checklist by its name.
pub(in crate::plan) type Checklists = Vec<(String, Vec<ChecklistItem>)>;

/// Reads all checklists.
pub(in crate::plan) fn define(
    checker: &mut Checker<'_>,
    written: Option<&Pairs<Vec<Spanned<Item>>>>,
) -> Checklists {
    let lists = written.map_or(&[][..], |lists| lists.0.as_slice());
    lists
        .iter()
        .map(|(name, list)| {
            checker.name(name, "the checklist");
            (name.value.clone(), items(checker, &list.value))
        })
        .collect()
}

fn items(checker: &mut Checker<'_>, list: &[Spanned<Item>]) -> Vec<ChecklistItem> {
    let what = "a checklist item";
    let mut ids: Vec<Text> = Vec::new();
    let mut items = Vec::new();
    for item in list {
        let id = checker.required(item.value.id.as_ref(), "id", &item.span, what);
        let says = checker.required(item.value.text.as_ref(), "text", &item.span, what);
        let (Some(id), Some(says)) = (id, says) else {
            continue;
        };
        if let Some(first) = ids.iter().find(|other| other.value == id.value) {
            checker.duplicate(id, &first.span.clone(), "the item");
        }
        ids.push(id.clone());
        let (name, says) = (checker.name(id, "the item's id"), checker.filled(says));
        if let (Some(id), Some(says)) = (name, says) {
            items.push(ChecklistItem {
                id,
                text: says,
                owner: text(item.value.owner.as_ref()),
            });
        }
    }
    items
}

/// The items of the named lists, each with its list.
pub(super) fn read(
    checker: &mut Checker<'_>,
    known: &Checklists,
    lists: &Spanned<OneOrMany>,
) -> Vec<((String, ChecklistItem), Span)> {
    let mut asks = Vec::new();
    for name in checker.names_of(lists, "the checklist") {
        let Some((_, items)) = known.iter().find(|(list, _)| *list == name.value) else {
            checker.unknown_reference(
                &name,
                "checklist",
                known.iter().map(|(list, _)| list.as_str()),
            );
            continue;
        };
        let items = items.iter().cloned();
        asks.extend(items.map(|item| ((name.value.clone(), item), name.span.clone())));
    }
    asks
}
