//! Secrets: values that cannot be printed, compared or written by accident.
//!
//! `address` (what of an address may be shown) · `echo` (a secret found again in a text, however it is written there) · `prose`
//! (what looks like one in words that people write), with `commands` and `issued`. Must not keep one.

pub(crate) mod address;
mod commands;
pub(crate) mod echo;
mod issued;
pub(crate) mod prose;

use std::fmt;

/// A credential. `Debug` shows that there is one, never which.
#[derive(Clone, Default)]
pub struct Secret(String);

impl Secret {
    /// Hides a value.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself: only for the request that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
