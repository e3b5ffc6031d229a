//! JSON pointers: their form. Must not resolve any.

use super::super::parts::checker::Checker;
use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::Text;

/// RFC 6901.
pub(super) fn is_pointer(checker: &mut Checker<'_>, text: &Text) -> bool {
    let mut tildes = text.value.split('~').skip(1);
    let valid = (text.value.is_empty() || text.value.starts_with('/'))
        && tildes.all(|rest| rest.starts_with(['0', '1']));
    if !valid {
        let message = format!("`{}` is not a JSON pointer", text.value);
        checker.report(
            Problem::error(ProblemCode::BadPointer, text.span.clone(), message)
                .help("such as `/version` or `/totals/0/failed`"),
        );
    }
    valid
}
