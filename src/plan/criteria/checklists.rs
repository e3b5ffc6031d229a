//! `checklists`: the lists that a plan defines, and one criterion for each item of those that a gate names. Must not tick any.

use super::super::maps::maps;
use super::super::parts::checker::Checker;
use super::super::parts::links::link;
use super::super::problem::Span;
use super::super::spanned::{ListOr, OneOrMany, Pairs, Spanned, Text, text};

maps! {
    /// A checklist of which more is said than its items.
    Checklist { ordered: Text, items: Vec<Spanned<Item>>, }

    /// An item of a checklist.
    Item { id: Text, text: Text, owner: Text, link: Text, }
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
    /// Where to see it, or its results.
    pub link: Option<String>,
    /// Its number, from 1, if its list is to be gone through in order (L13).
    pub number: Option<usize>,
}

impl ChecklistItem {
    /// What a person reads: the text, numbered where the order counts.
    #[must_use]
    pub fn shown(&self) -> String {
        match self.number {
            Some(number) => format!("{number}. {}", self.text),
            None => self.text.clone(),
        }
    }
}

/// A checklist by its name.
pub(in crate::plan) type Checklists = Vec<(String, Vec<ChecklistItem>)>;

/// Reads all checklists.
pub(in crate::plan) fn define(
    checker: &mut Checker<'_>,
    written: Option<&Pairs<ListOr<Checklist, Item>>>,
) -> Checklists {
    let lists = written.map_or(&[][..], |lists| lists.0.as_slice());
    lists
        .iter()
        .map(|(name, list)| {
            checker.name(name, "the checklist");
            (name.value.clone(), checklist(checker, list))
        })
        .collect()
}

fn checklist(
    checker: &mut Checker<'_>,
    written: &Spanned<ListOr<Checklist, Item>>,
) -> Vec<ChecklistItem> {
    let list = match &written.value {
        ListOr::List(list) => return items(checker, list),
        ListOr::Map(list) => list,
    };
    let ordered = list.ordered.as_ref().and_then(|text| checker.flag(text));
    let named = checker.required(list.items.as_ref(), "items", &written.span, "a checklist");
    let mut items = named.map(|named| items(checker, named)).unwrap_or_default();
    if ordered == Some(true) {
        for (item, number) in items.iter_mut().zip(1..) {
            item.number = Some(number);
        }
    }
    items
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
                link: link(checker, item.value.link.as_ref()),
                number: None,
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
