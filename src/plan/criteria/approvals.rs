//! `approvals`: one criterion for each role. Must not sign.

use super::super::maps::maps;
use super::super::parts::checker::Checker;
use super::super::parts::links::link;
use super::super::problem::Span;
use super::super::spanned::{ListOr, OneOrMany, Spanned, Text, TextOr};
use super::linked::{self, Linked};

maps! {
    Approvals { roles: Spanned<OneOrMany<TextOr<Approval>>>, distinct: Text, }

    /// An approval of which more is said than its role.
    Approval { role: Text, link: Text, }
}

/// Whose signature is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalAsk {
    /// Who signs.
    pub role: String,
    /// Whether nobody may sign for two roles of the gate.
    pub distinct: bool,
    /// Where to see what is signed.
    pub link: Option<String>,
}

/// The roles, each with what is said of it.
pub(super) fn read(
    checker: &mut Checker<'_>,
    written: &Spanned<ListOr<Approvals, TextOr<Approval>>>,
) -> Vec<(ApprovalAsk, Span)> {
    let (roles, distinct) = match &written.value {
        ListOr::List(roles) => (OneOrMany::Many(roles.clone()), false),
        ListOr::Map(map) => {
            let roles = checker.required(map.roles.as_ref(), "roles", &written.span, "`approvals`");
            let distinct = map.distinct.as_ref().and_then(|text| checker.flag(text));
            let roles = roles.map(|roles| roles.value.clone());
            let none = OneOrMany::Many(Vec::new());
            (roles.unwrap_or(none), distinct.unwrap_or(false))
        }
    };
    let said = linked::read(checker, &written.with(roles), "the role", role);
    let asks = said.into_iter().map(|(role, link)| {
        let span = role.span.clone();
        let role = role.value;
        (
            ApprovalAsk {
                role,
                distinct,
                link,
            },
            span,
        )
    });
    asks.collect()
}

fn role(checker: &mut Checker<'_>, map: &Approval, span: &Span) -> Option<Linked> {
    let role = checker.required(map.role.as_ref(), "role", span, "an approval")?;
    Some((role.clone(), link(checker, map.link.as_ref())))
}
