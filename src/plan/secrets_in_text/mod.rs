//! Credentials in a plan's own text: what they look like, and `mask`, which hides them before a line of it is shown; `unsaid`, which
//! takes them out of what is said about such a line.
//! Must not repeat a credential anywhere.

mod mask;
mod unsaid;

pub(super) use mask::conceal;
pub(super) use unsaid::unsaid;

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
/// What the name of a key, a variable or a parameter contains if its value is a credential.
const TELLING: [&str; 7] = [
    "pass",
    "secret",
    "token",
    "cred",
    "bearer",
    "access_key",
    "signature",
];

/// Keys of maps that hold credentials: a bare string in their place is one.
const MAP_KEYS: [&str; 3] = ["authorization", "basic_auth", "oauth2"];
/// Keys with such names that hold none: what leads to one, or what the plan says about people's signatures.
const HARMLESS: [&str; 5] = ["_file", "_ref", "_url", "signatures", "signature"];

/// Whether a key's value is a credential.
fn is_secret_key(key: &str) -> bool {
    SECRET_KEYS.contains(&key) || is_telling(key)
}

/// Whether the name of a key, a variable or a parameter says that its value is a credential.
pub(super) fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    TELLING.iter().any(|part| name.contains(part))
        && !HARMLESS.iter().any(|end| name.ends_with(end))
}
