//! Credentials in a plan's own text: what they look like, and `mask`, which hides them before a line of it is shown; `unsaid`, which
//! takes them out of what is said about such a line.
//! Must not repeat a credential anywhere.

mod mask;
mod unsaid;

pub(super) use mask::conceal;
pub(super) use unsaid::unsaid;

use crate::plan::problem::did_you_mean;
use crate::secret::prose::is_telling;

/// Keys whose values are credentials although their names do not say so, and common misspellings, since a line with an
/// unknown key is shown too.
const SECRET_KEYS: [&str; 10] = [
    "values",
    "value",
    "key",
    "endpoint_params",
    "http_headers",
    "headers",
    "pwd",
    "api_key",
    "apikey",
    "private_key",
];
/// Keys whose misspellings are looked for.
const MISSPELT: [&str; 6] = [
    "password",
    "client_secret",
    "bearer_token",
    "credentials",
    "authorization",
    "http_headers",
];

/// Keys of addresses of which nothing is shown but the host: whoever knows the rest may post there.
const HOOK_KEYS: [&str; 2] = ["slack:", "webhook:"];

/// Keys of maps that hold credentials: a bare string in their place is one.
const MAP_KEYS: [&str; 3] = ["authorization", "basic_auth", "oauth2"];
/// Whether a key's value is a credential.
fn is_secret_key(key: &str) -> bool {
    // `header` is what a probe asks of an answer.
    let is_header = key.contains("header") && key != "header";
    SECRET_KEYS.contains(&key) || is_telling(key) || is_header || is_misspelt(key)
}

/// Whether a key is close to one that holds a credential: `pasword`, `tokn`.
fn is_misspelt(key: &str) -> bool {
    // A hostile plan has keys without number: distances are only told where the lengths are close.
    let is_close = |word: &&str| word.len().abs_diff(key.len()) <= 2;
    let close = MISSPELT.into_iter().filter(is_close);
    did_you_mean(key, close).is_some()
}

/// What follows the `#` of a comment, also behind a value. A `#` in a text is taken for one as well.
pub(super) fn comment(line: &str) -> Option<&str> {
    let begins = |(at, _): &(usize, &str)| {
        let before = line.get(..*at).unwrap_or_default();
        before.is_empty() || before.ends_with(char::is_whitespace)
    };
    let (at, _) = line.match_indices('#').find(begins)?;
    line.get(at + 1..)
}
