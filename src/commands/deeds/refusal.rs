//! Why nothing was recorded. Words and the exit code; must not decide anything.

use thiserror::Error;

use crate::commands::ledger_file::agreement::Objection;
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
    /// The ledger cannot be relied on.
    #[error("{0}")]
    Ledger(String),
}

impl Refusal {
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    pub fn standing(message: impl Into<String>) -> Self {
        Self::Standing(message.into())
    }

    /// A ledger that may not be used, whatever the command; `plan` is the plan's path as given.
    pub fn of(objection: &Objection, plan: &str) -> Self {
        let words = objection.words(plan);
        match objection {
            Objection::NotOfThisPlan(_) | Objection::Lost(_) => Self::Standing(words),
            Objection::Disputed(_) => Self::Ledger(words),
        }
    }

    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Standing(_) => Exit::Refused,
            Self::Ledger(_) => Exit::Unrecorded,
        }
    }
}
