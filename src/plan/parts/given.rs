//! A setting that is written as a value, or as the file that holds it. Must not open the file.

use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::Text;
use super::checker::Checker;

/// Which of the two is written.
pub(in crate::plan) enum Given<'t> {
    /// The value.
    Value(&'t Text),
    /// The file that holds it.
    File(&'t Text),
}

/// Which of a value and a file that holds it is written; `None` for neither, and for both, which is reported.
pub(in crate::plan) fn either<'t>(
    checker: &mut Checker<'_>,
    value: Option<&'t Text>,
    file: Option<&'t Text>,
) -> Option<Given<'t>> {
    let (value, file) = match (value, file) {
        (Some(value), Some(file)) => (value, file),
        (Some(value), None) => return Some(Given::Value(value)),
        (None, Some(file)) => return Some(Given::File(file)),
        (None, None) => return None,
    };
    let message = "both a value and a file that holds it";
    checker.report(
        Problem::error(ProblemCode::ConflictingKeys, file.span.clone(), message)
            .related(value.span.clone(), "the value")
            .help("keep one of them"),
    );
    None
}
