//! How Amazon's credentials are come by: where the first keys are from, and the roles that are taken on with them.

use std::path::PathBuf;

use crate::secret::Secret;

/// An access key.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) id: String,
    pub(super) secret: Secret,
    /// The token of a session.
    pub(super) token: Option<Secret>,
    /// Where it was found, in words.
    pub(super) step: String,
}

/// A role that is taken on, and what the session is called.
#[derive(Debug, Clone)]
pub(super) struct Assume {
    pub(super) arn: String,
    pub(super) session: String,
    pub(super) external_id: Option<String>,
}

/// Where the first keys come from.
pub(super) enum Base {
    Keys(Keys),
    /// Those of the environment, as a profile asks for.
    Environment,
    WebIdentity {
        file: PathBuf,
        role: Assume,
        step: String,
    },
    Container,
    Instance {
        /// What was looked for before it.
        looked: Vec<String>,
    },
}

/// Where keys come from, and the roles that are taken on with them, in that order.
pub(super) struct Recipe {
    pub(super) base: Base,
    pub(super) roles: Vec<Assume>,
}
