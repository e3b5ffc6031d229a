//! Whether signatures hold, and whose they are. Must not decide who may sign: a file and the plan say so.

use std::path::{Path, PathBuf};

use super::point::Point;
use super::subject::Subject;
use crate::plan::Signatures;
use crate::run::signature::{self, SignatureError};

/// Every signature of the evidence, and those that the plan demands.
pub fn signatures(
    subject: &Subject,
    allowed: Option<&Path>,
    demanded: Option<&Signatures>,
) -> Vec<Point> {
    let own = signature::place(&subject.path, None);
    let mut points = Vec::new();
    let required = demanded.is_some_and(|demanded| demanded.required);
    if !own.is_file() {
        let name = own.file_name().unwrap_or_default().to_string_lossy();
        points.push(if required {
            let says = format!("the plan demands signatures, and there is no {name}");
            Point::off("signature", says)
        } else {
            Point::absent("signature", "it is not signed")
        });
    }
    for (path, role) in beside(subject) {
        points.push(one(subject, &path, role.as_deref(), allowed, demanded));
    }
    points
}

/// The signatures that lie beside the evidence, by name, each with the role in which it was made.
fn beside(subject: &Subject) -> Vec<(PathBuf, Option<String>)> {
    let name = subject.path.file_name().unwrap_or_default();
    let start = format!("{}.", name.to_string_lossy());
    let entries = std::fs::read_dir(subject.folder());
    let names = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let mut found: Vec<(PathBuf, Option<String>)> = names
        .filter_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            let rest = name.strip_prefix(&start)?;
            let role = match rest {
                "sig" => None,
                rest => Some(rest.strip_suffix(".sig")?.to_owned()),
            };
            Some((path, role))
        })
        .collect();
    found.sort();
    found
}

fn one(
    subject: &Subject,
    path: &Path,
    role: Option<&str>,
    allowed: Option<&Path>,
    demanded: Option<&Signatures>,
) -> Point {
    let what = role.map_or_else(String::new, |role| format!("in the role {role}: "));
    let bytes = subject.text.as_bytes();
    let fingerprint = match signature::fits(bytes, path) {
        Ok(fingerprint) => fingerprint,
        Err(error) => return refused(&what, &error),
    };
    let Some(allowed) = allowed else {
        let says = format!(
            "{what}it fits, made with {fingerprint}; whose that is cannot be said without --allowed-signers"
        );
        return Point::not_shown("signature", says);
    };
    let wanted = role
        .and_then(|role| allowed_in(role, demanded?))
        .unwrap_or_default();
    let at = subject.evidence.evaluated_at;
    match signature::verify(bytes, path, allowed, wanted, at) {
        Ok(principal) => {
            let says = format!("{what}signed by {principal} with {fingerprint}");
            Point::holds("signature", says)
        }
        Err(error) => refused(&what, &error),
    }
}

fn refused(what: &str, error: &SignatureError) -> Point {
    match error {
        SignatureError::Program(_) => Point::not_shown("signature", format!("{what}{error}")),
        _ => Point::off("signature", format!("{what}{error}")),
    }
}

/// Who may sign in a role, as it stands in the name of a file.
fn allowed_in<'a>(role: &str, demanded: &'a Signatures) -> Option<&'a [String]> {
    let mut roles = demanded.roles.iter();
    let found = roles.find(|(name, _)| signature::file_word(name) == role);
    found.map(|(_, principals)| principals.as_slice())
}
