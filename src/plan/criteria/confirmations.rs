//! `confirmations`: one criterion for each id. Must not answer any.

use super::super::maps::maps;
use super::super::parts::checker::Checker;
use super::super::problem::Span;
use super::super::spanned::{OneOrMany, Spanned, Text, TextOr, text};

maps! {
    /// A confirmation of which more is said than its id.
    Confirmation { id: Text, link: Text, }
}

/// What a person confirms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationAsk {
    /// As it is answered.
    pub id: String,
    /// Where to see it, or its results.
    pub link: Option<String>,
}

/// Reads the ids, each with what is said of it.
pub(super) fn read(
    checker: &mut Checker<'_>,
    written: &Spanned<OneOrMany<TextOr<Confirmation>>>,
) -> Vec<(ConfirmationAsk, Span)> {
    let said = match &written.value {
        OneOrMany::One(id) => vec![(written.with(id.clone()), None)],
        OneOrMany::Many(entries) => {
            let entries = entries.iter();
            entries.filter_map(|entry| one(checker, entry)).collect()
        }
    };
    let ids: Vec<Text> = said.iter().map(|(id, _)| id.clone()).collect();
    let kept = checker.names(&ids, "the confirmation").into_iter();
    let ask = |id: Text| {
        let link = said.iter().find(|(one, _)| one.span == id.span);
        let link = link.and_then(|(_, link)| link.clone());
        (ConfirmationAsk { id: id.value, link }, id.span)
    };
    kept.map(ask).collect()
}

fn one(
    checker: &mut Checker<'_>,
    entry: &Spanned<TextOr<Confirmation>>,
) -> Option<(Text, Option<String>)> {
    match &entry.value {
        TextOr::Text(id) => Some((entry.with(id.clone()), None)),
        TextOr::Map(map) => {
            let id = checker.required(map.id.as_ref(), "id", &entry.span, "a confirmation")?;
            Some((id.clone(), text(map.link.as_ref())))
        }
    }
}
