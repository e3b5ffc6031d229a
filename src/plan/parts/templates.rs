//! Queries with their placeholders, and what keeps them from being filled in. Must not fill any in.

use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::Text;
use super::super::template::{Template, TemplateError};
use super::checker::Checker;

/// A query with its placeholders.
pub(in crate::plan) struct Templated {
    pub(in crate::plan) text: Text,
    pub(in crate::plan) template: Template,
}

impl Templated {
    /// Whether it is sent once, for the end of the window.
    pub(in crate::plan) fn is_instant(&self) -> bool {
        self.template.names().any(|name| name == "window")
    }
}

/// Finds the placeholders of a query.
pub(in crate::plan) fn templated(checker: &mut Checker<'_>, text: &Text) -> Option<Templated> {
    let template = match Template::parse(&text.value) {
        Ok(template) => template,
        Err(error) => {
            template_error(checker, text, &error, "");
            return None;
        }
    };
    Some(Templated {
        text: text.clone(),
        template,
    })
}

/// Notes why a query cannot be made; `stage` is where.
pub(in crate::plan) fn template_error(
    checker: &mut Checker<'_>,
    text: &Text,
    error: &TemplateError,
    stage: &str,
) {
    let (code, range, message, help) = match error {
        TemplateError::Unclosed(range) => (
            ProblemCode::BadPlaceholder,
            range,
            "`${` is not closed".to_owned(),
            "write `${name}`, or `$$` for a dollar".to_owned(),
        ),
        TemplateError::Undefined(name, range) => (
            ProblemCode::UndefinedVariable,
            range,
            format!("nothing defines `${name}`{stage}"),
            format!(
                "define it in `vars` or in the stage's `cohort`, or write `$${name}` for a dollar"
            ),
        ),
        TemplateError::Unquotable(name, range) => (
            ProblemCode::UnquotableValue,
            range,
            format!(
                "the value of `${name}` holds a back quote, which cannot be put inside back quotes"
            ),
            "use double quotes around the placeholder".to_owned(),
        ),
    };
    let span = checker.place(text, range);
    checker.report(Problem::error(code, span, message).help(help));
}
