//! `params:` of a source: what is sent with every question beside it. Must not show a value that is a secret.

use super::super::environment::has_placeholder;
use super::super::parts::addresses::secret;
use super::super::parts::checker::Checker;
use super::super::parts::http_config::path;
use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::{Pairs, Text};
use super::super::{Param, SecretSource};
use crate::secret::prose::is_credential_name;

/// What `gate` says itself in a question, and what of the plan says it.
const OWN: [(&str, &str); 9] = [
    ("query", "use the `query` of a KPI"),
    (
        "start",
        "it follows from the stage, its window and the source's `delay`",
    ),
    (
        "end",
        "it follows from the stage, its window and the source's `delay`",
    ),
    (
        "time",
        "it follows from the stage, its window and the source's `delay`",
    ),
    ("step", "use the `step` of a KPI"),
    ("timeout", "use the `timeout` of the source"),
    ("lookback_delta", "use the `lookback` of the source"),
    ("max_lookback", "use the `lookback` of the source"),
    ("type", "`gate` asks for alerting rules with it"),
];

/// How the name ends of a parameter whose value stands in a file.
pub(in crate::plan) const IN_A_FILE: &str = "_file";
/// What stands for a value that is not shown.
const HIDDEN: &str = "***";

/// Reads them. Whatever comes from the environment or a file, or is named like a credential, is taken for a secret.
pub(super) fn read(checker: &mut Checker<'_>, written: Option<&Pairs<String>>) -> Vec<Param> {
    let pairs = written.map_or(&[][..], |pairs| pairs.0.as_slice());
    let mut params: Vec<Param> = Vec::new();
    for (name, value) in pairs {
        let Some(param) = one(checker, name, value) else {
            continue;
        };
        if params.iter().any(|other| other.name == param.name) {
            let message = format!("`{}` as a value and as a file that holds it", param.name);
            checker.error(ProblemCode::ConflictingKeys, &name.span, message);
            continue;
        }
        params.push(param);
    }
    params
}

fn one(checker: &mut Checker<'_>, name: &Text, value: &Text) -> Option<Param> {
    let known = checker.name(name, "the parameter")?;
    let (known, in_a_file) = match known.strip_suffix(IN_A_FILE) {
        Some(stem) if !stem.is_empty() => (stem.to_owned(), true),
        _ => (known, false),
    };
    if let Some((_, instead)) = OWN.iter().find(|(own, _)| *own == known) {
        let message = format!("`{known}` is a parameter that `gate` sets itself");
        checker.report(
            Problem::error(ProblemCode::ReservedParameter, name.span.clone(), message)
                .help(*instead),
        );
        return None;
    }
    if in_a_file {
        return Some(Param {
            name: known,
            value: SecretSource::File(path(checker, value)?),
            shown: HIDDEN.to_owned(),
        });
    }
    let shown = if has_placeholder(&value.value) || is_credential_name(&known) {
        HIDDEN.to_owned()
    } else {
        value.value.clone()
    };
    Some(Param {
        name: known,
        value: SecretSource::Inline(secret(checker, value)?),
        shown,
    })
}
