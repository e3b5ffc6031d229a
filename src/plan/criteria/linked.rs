//! Names that people answer, each alone or in a map with its `link`: of confirmations and of approvals. Must not know their keys.

use super::super::parts::checker::Checker;
use super::super::problem::Span;
use super::super::spanned::{OneOrMany, Spanned, Text, TextOr};

/// A name, and where to read more of it.
pub(super) type Linked = (Text, Option<String>);

/// The names of which none occurs twice; `what` they are. `of_map` reads an entry of which more is said than its name.
pub(super) fn read<T>(
    checker: &mut Checker<'_>,
    written: &Spanned<OneOrMany<TextOr<T>>>,
    what: &str,
    of_map: impl Fn(&mut Checker<'_>, &T, &Span) -> Option<Linked>,
) -> Vec<Linked> {
    let mut said = Vec::new();
    match &written.value {
        OneOrMany::One(name) => said.push((written.with(name.clone()), None)),
        OneOrMany::Many(entries) => {
            for entry in entries {
                said.extend(match &entry.value {
                    TextOr::Text(name) => Some((entry.with(name.clone()), None)),
                    TextOr::Map(map) => of_map(checker, map, &entry.span),
                });
            }
        }
    }
    let names: Vec<Text> = said.iter().map(|(name, _)| name.clone()).collect();
    let kept = checker.names(&names, what);
    said.retain(|(name, _)| kept.iter().any(|one| one.span == name.span));
    said
}
