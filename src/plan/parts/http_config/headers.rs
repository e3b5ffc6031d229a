//! Headers that a plan adds to its requests. Must not show a value, nor let a plan set what the client itself sets.

use super::super::super::SecretSource;
use super::super::super::problem::{Problem, ProblemCode};
use super::super::super::spanned::{Pairs, Text};
use super::super::addresses::secret;
use super::super::checker::Checker;
use super::path;
use super::written::Header;
use crate::secret::Secret;

/// Headers that the client or the format itself sets (as in Prometheus).
const RESERVED_HEADERS: [&str; 18] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "www-authenticate",
    "x-prometheus-scrape-timeout-seconds",
];

pub(super) fn headers(
    checker: &mut Checker<'_>,
    pairs: Option<&Pairs<Header>>,
) -> Vec<(String, SecretSource)> {
    let mut headers = Vec::new();
    for (name, header) in pairs.map_or(&[][..], |pairs| pairs.0.as_slice()) {
        if !header_name(checker, name) {
            continue;
        }
        let header = &header.value;
        let inline = header.values.iter().chain(&header.secrets).flatten();
        let inline: Vec<SecretSource> = inline
            .filter_map(|text| header_value(checker, text))
            .map(SecretSource::Inline)
            .collect();
        let files = header.files.iter().flatten();
        let files: Vec<SecretSource> = files
            .filter_map(|file| path(checker, file))
            .map(SecretSource::File)
            .collect();
        headers.extend(
            inline
                .into_iter()
                .chain(files)
                .map(|value| (name.value.clone(), value)),
        );
    }
    headers
}

/// The values that the plan does not call secret, as written.
pub(super) fn plain(pairs: Option<&Pairs<Header>>) -> Vec<(String, String)> {
    let pairs = pairs.map_or(&[][..], |pairs| pairs.0.as_slice()).iter();
    let each = pairs.flat_map(|(name, header)| {
        let values = header.value.values.iter().flatten();
        values.map(|value| (name.value.clone(), value.value.clone()))
    });
    each.collect()
}

fn header_name(checker: &mut Checker<'_>, name: &Text) -> bool {
    let lower = name.value.to_ascii_lowercase();
    if RESERVED_HEADERS.contains(&lower.as_str()) {
        let message = format!("the header `{}` cannot be set here", name.value);
        checker.report(
            Problem::error(ProblemCode::ReservedHeader, name.span.clone(), message)
                .help("put credentials into `basic_auth`, `authorization` or `oauth2`; the others are set as needed"),
        );
        return false;
    }
    let valid = !name.value.is_empty() && name.value.chars().all(is_token);
    if !valid {
        checker.error(
            ProblemCode::BadName,
            &name.span,
            "this is not a header name",
        );
    }
    valid
}

fn header_value(checker: &mut Checker<'_>, text: &Text) -> Option<Secret> {
    let value = secret(checker, text)?;
    if value.expose().chars().any(|c| c.is_control() && c != '\t') {
        checker.error(
            ProblemCode::BadName,
            &text.span,
            "this is not a header value: it contains control characters",
        );
        return None;
    }
    Some(value)
}

/// A character of a token (RFC 9110, 5.6.2).
pub(super) fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}
