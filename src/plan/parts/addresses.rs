//! Addresses, secrets and settings, with the environment filled in. Must not contact anything, nor repeat a secret.

use url::Url;

use super::super::Lint;
use super::super::environment::{EnvironmentError, fill, has_placeholder};
use super::super::problem::{Problem, ProblemCode};
use super::super::promql;
use super::super::spanned::Text;
use super::checker::Checker;
use crate::secret::Secret;
use crate::secret::address::has_at_behind_host;

/// A setting with the environment filled in. Problems never repeat what came from there.
pub(in crate::plan) fn setting<'a, T>(
    checker: &mut Checker<'a>,
    text: &Text,
    read: impl FnOnce(&mut Checker<'a>, &Text) -> Option<T>,
) -> Option<T> {
    if !has_placeholder(&text.value) {
        return read(checker, text);
    }
    let resolved = resolved(checker, text)?;
    let before = checker.problems.len();
    let value = read(checker, &text.with(resolved));
    for problem in checker.problems.iter_mut().skip(before) {
        "the value from the environment does not fit here".clone_into(&mut problem.message);
        problem.help = None;
    }
    value
}

/// The text with the environment filled in; `None` without an environment, or with a problem noted.
fn resolved(checker: &mut Checker<'_>, text: &Text) -> Option<String> {
    let environment = checker.options.environment?;
    let (code, range, message, help) = match fill(&text.value, environment) {
        Ok(value) => return Some(value),
        Err(EnvironmentError::Unset(name, range)) => (
            ProblemCode::UnsetEnvironment,
            range,
            format!("the environment has no `{name}`"),
            format!("set it, or give a default: `${{{name}:-…}}`"),
        ),
        Err(EnvironmentError::Malformed(range)) => (
            ProblemCode::BadPlaceholder,
            range,
            "`${` must be part of `${NAME}` or `${NAME:-default}`".to_owned(),
            "for a literal `${` write `$${`".to_owned(),
        ),
    };
    let span = checker.place(text, &range);
    checker.report(Problem::error(code, span, message).help(help));
    None
}

/// A credential or header value: any text, environment filled in. Without an environment it stays as written.
pub(in crate::plan) fn secret(checker: &mut Checker<'_>, text: &Text) -> Option<Secret> {
    if !has_placeholder(&text.value) || checker.options.environment.is_none() {
        return Some(Secret::new(text.value.clone()));
    }
    resolved(checker, text).map(Secret::new)
}

/// An address of a source, a proxy or a token endpoint. Without an environment, placeholders stay as written.
pub(in crate::plan) fn address(checker: &mut Checker<'_>, text: &Text) -> Option<String> {
    if has_placeholder(&text.value) && checker.options.environment.is_none() {
        return Some(text.value.clone());
    }
    setting(checker, text, url)
}

/// The address of a server.
fn url(checker: &mut Checker<'_>, text: &Text) -> Option<String> {
    match check_url(&text.value) {
        Ok(()) => Some(text.value.clone()),
        Err(reason) => {
            let message = format!("not the address of a server: {reason}");
            checker.report(
                Problem::error(ProblemCode::BadUrl, text.span.clone(), message)
                    .help(url_help(&text.value)),
            );
            None
        }
    }
}

/// The address of a probe, which may have a query. Without an environment, placeholders stay as written.
pub(in crate::plan) fn probe_address(checker: &mut Checker<'_>, text: &Text) -> Option<String> {
    if has_placeholder(&text.value) && checker.options.environment.is_none() {
        return Some(text.value.clone());
    }
    setting(checker, text, probe_url)
}

fn probe_url(checker: &mut Checker<'_>, text: &Text) -> Option<String> {
    if unfilled(checker, text) {
        return None;
    }
    // Whatever else a query holds is the probe's own.
    let path = if has_at_behind_host(&text.value) {
        &text.value
    } else {
        text.value.split('?').next().unwrap_or_default()
    };
    url(checker, &text.with(path.to_owned()))?;
    Some(text.value.clone())
}

/// Whether something was to be filled into an address.
fn unfilled(checker: &mut Checker<'_>, text: &Text) -> bool {
    let mut found = promql::placeholders(&text.value);
    if found.is_empty() && has_placeholder(&text.value) {
        found.push("${…}".to_owned());
    }
    for placeholder in &found {
        let message =
            format!("nothing fills in `{placeholder}`: the address would be requested as is");
        let code = ProblemCode::Lint(Lint::UnfilledPlaceholder);
        checker
            .report(Problem::error(code, text.span.clone(), message).help("write the address out"));
    }
    !found.is_empty()
}

/// What to write instead; never repeats the text either.
pub(in crate::plan) fn url_help(text: &str) -> &'static str {
    if text.starts_with('$') {
        "write environment variables as `${NAME}`, with braces"
    } else {
        "such as `http://127.0.0.1:9090` or `https://prometheus.example.com/prefix`"
    }
}

/// Why a text is not the address of a server; never repeats the text, which may hold a password.
pub(in crate::plan) fn check_url(text: &str) -> Result<(), &'static str> {
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("it contains spaces");
    }
    if has_at_behind_host(text) {
        return Err(
            "an `@` follows the host: in a password write `/` as `%2F`, `?` as `%3F`, `#` as `%23`, and elsewhere `@` as `%40`",
        );
    }
    let url = Url::parse(text).map_err(|_| "it does not have the form of a URL")?;
    // The HTTP client would take it without them, or with backslashes; what hides user info looks for them (T14).
    if matches!(url.scheme(), "http" | "https") && !text.contains("://") {
        return Err("`//` does not follow its `http:` or `https:`");
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err("it begins with neither `http://` nor `https://`");
    }
    // Three slashes would make the first part of the path the host.
    let without_host = |(_, rest): (&str, &str)| rest.starts_with(['/', '\\']);
    if url.host_str().is_none_or(str::is_empty) || text.split_once("://").is_some_and(without_host)
    {
        return Err("it names no host");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("a `?` or `#` cannot be part of it");
    }
    Ok(())
}
