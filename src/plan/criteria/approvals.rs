//! `approvals`: one criterion for each role. Must not sign.

use super::super::maps::maps;
use super::super::parts::checker::Checker;
use super::super::problem::Span;
use super::super::spanned::{ListOr, OneOrMany, Spanned, Text};

maps! {
    Approvals { roles: Spanned<OneOrMany>, distinct: Text, }
}

/// The roles, and whether nobody may sign in two of them.
pub(super) fn read(
    checker: &mut Checker<'_>,
    written: &Spanned<ListOr<Approvals>>,
) -> (Vec<(String, Span)>, bool) {
    let (roles, distinct) = match &written.value {
        ListOr::List(roles) => (roles.clone(), false),
        ListOr::Map(map) => {
            let roles = checker.required(map.roles.as_ref(), "roles", &written.span, "`approvals`");
            let distinct = map.distinct.as_ref().and_then(|text| checker.flag(text));
            (
                roles.map(Spanned::texts).unwrap_or_default(),
                distinct.unwrap_or(false),
            )
        }
    };
    let roles = checker.names(&roles, "the role").into_iter();
    (
        roles.map(|role| (role.value, role.span)).collect(),
        distinct,
    )
}
