//! Credentials in a plan's own text: what they look like, and `mask`, which hides them before a line of it is shown.
//! Must not repeat a credential anywhere.

mod mask;

pub(super) use mask::{conceal, mask_user_info};

/// Keys whose values are credentials, and common misspellings of them, since a line with an unknown key is shown too.
const SECRET_KEYS: [&str; 22] = [
    "password",
    "credentials",
    "client_secret",
    "bearer_token",
    "secrets",
    "values",
    "key",
    "endpoint_params",
    "http_headers",
    "headers",
    "passwords",
    "passwd",
    "pass",
    "pwd",
    "credential",
    "secret",
    "client_secrets",
    "token",
    "access_token",
    "bearer",
    "api_key",
    "value",
];

/// Keys of maps that hold credentials: a bare string in their place is one.
const MAP_KEYS: [&str; 3] = ["authorization", "basic_auth", "oauth2"];

/// The `user:password` before the `@` of an address, given what follows its `//`; empty if it has none.
pub(super) fn user_info(after_slashes: &str) -> &str {
    let is_end = |c: char| c.is_whitespace() || "/?#\"'".contains(c);
    let authority = after_slashes.split(is_end).next().unwrap_or_default();
    authority.rsplit_once('@').map_or("", |(info, _)| info)
}
