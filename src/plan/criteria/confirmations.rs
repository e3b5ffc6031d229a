//! `confirmations`: one criterion for each id. Must not answer any.

use super::super::maps::maps;
use super::super::parts::checker::Checker;
use super::super::parts::links::link;
use super::super::problem::Span;
use super::super::spanned::{OneOrMany, Spanned, Text, TextOr};
use super::linked::{self, Linked};

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

/// The ids, each with what is said of it.
pub(super) fn read(
    checker: &mut Checker<'_>,
    written: &Spanned<OneOrMany<TextOr<Confirmation>>>,
) -> Vec<(ConfirmationAsk, Span)> {
    let said = linked::read(checker, written, "the confirmation", confirmation);
    let asks = said.into_iter().map(|(id, link)| {
        let span = id.span.clone();
        (ConfirmationAsk { id: id.value, link }, span)
    });
    asks.collect()
}

fn confirmation(checker: &mut Checker<'_>, map: &Confirmation, span: &Span) -> Option<Linked> {
    let id = checker.required(map.id.as_ref(), "id", span, "a confirmation")?;
    Some((id.clone(), link(checker, map.link.as_ref())))
}
