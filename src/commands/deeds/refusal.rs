//! Why nothing was recorded. Words and the exit code; must not decide anything.

use thiserror::Error;

use crate::exit::Exit;

/// Why nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The command line asks for what the plan does not have, or leaves out what is needed.
    #[error("{0}")]
    Usage(String),
    /// The rollout stands where this cannot be done.
    #[error("{0}")]
    Standing(String),
}

impl Refusal {
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    pub fn standing(message: impl Into<String>) -> Self {
        Self::Standing(message.into())
    }

    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Standing(_) => Exit::Refused,
        }
    }
}
