//! What went with a request, for what its answer says of it. Must not show it.

use super::cloud::{Bearer, Signed};
use crate::secret::Secret;

/// What went with a request, for what its answer says of it; nothing for one that had only headers, or no credentials at all.
#[derive(Default)]
pub(super) struct Sent(pub(super) Option<(u64, Proof)>);

/// What was put into it, with its number in front.
pub(super) enum Proof {
    Token(Bearer),
    Signed(Signed),
}

impl Sent {
    /// What of it nothing else hides.
    pub(super) fn secret(&self) -> Option<&Secret> {
        match self.0.as_ref()? {
            (_, Proof::Signed(signed)) => Some(&signed.signature),
            // All tokens are hidden in any case.
            (_, Proof::Token(_)) => None,
        }
    }
}
