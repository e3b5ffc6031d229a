//! Why nothing was recorded. Words and the exit code; must not decide anything.

use thiserror::Error;

use crate::exit::Exit;

/// Why nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The command line asks for something that is not in the plan, or omits something that is needed.
    #[error("{0}")]
    Usage(String),
    /// Where the rollout stands does not allow it.
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
