//! What people are asked for first of a rollback (L11), in words and on the command line. Must not decide what that is.

use std::fmt::{self, Display, Formatter};

/// What people are asked for first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepAsked {
    /// Which of these ways is taken: as long as nobody has said so, no step is asked for.
    Way(Vec<String>),
    /// The step of this number.
    Done(usize),
}

impl StepAsked {
    /// How it is said on the command line.
    #[must_use]
    pub fn said(&self) -> [String; 2] {
        match self {
            Self::Way(names) => ["--option".to_owned(), format!("<{}>", names.join("|"))],
            Self::Done(number) => ["--done".to_owned(), number.to_string()],
        }
    }
}

/// What is missing, after the name of what was rolled back.
impl Display for StepAsked {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Way(names) => write!(f, "nobody has said which way is taken: {}", one_of(names)),
            Self::Done(_) => f.write_str("not all steps are done"),
        }
    }
}

/// `flag, blue or restore`.
fn one_of(names: &[String]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        names => names.join(", "),
    }
}
