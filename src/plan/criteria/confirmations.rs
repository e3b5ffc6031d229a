//! `confirmations`: one criterion for each id. Must not answer any.

use super::super::parts::checker::Checker;
use super::super::problem::Span;
use super::super::spanned::{OneOrMany, Spanned};

/// Reads the ids.
pub(super) fn read(checker: &mut Checker<'_>, ids: &Spanned<OneOrMany>) -> Vec<(String, Span)> {
    let ids = checker.names_of(ids, "the confirmation");
    ids.into_iter().map(|id| (id.value, id.span)).collect()
}
