//! Why nothing was recorded. Words and the exit code; must not decide anything.

use std::fmt::{self, Display, Formatter};

use crate::commands::ledger_file::objection::{Objection, Said};
use crate::exit::Exit;
use crate::rollout::Ahead;

/// Why nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The command line asks for something that is not in the plan, or omits something that is needed.
    Usage(Told),
    /// Where the rollout stands does not allow it.
    Standing(Told),
    /// The ledger cannot be relied on.
    Ledger(Told),
    /// All of it was recorded before, and holds.
    Given(Told),
}

/// A reason, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Follows `nothing was recorded: `.
    pub reason: String,
    /// What follows, each on a line of its own.
    pub lines: Vec<String>,
}

impl Refusal {
    pub fn usage(reason: impl Into<String>) -> Self {
        Self::Usage(Told::of(reason))
    }

    pub fn standing(reason: impl Into<String>) -> Self {
        Self::Standing(Told::of(reason))
    }

    pub fn given(reason: impl Into<String>) -> Self {
        Self::Given(Told::of(reason))
    }

    pub fn told(&self) -> &Told {
        match self {
            Self::Usage(told) | Self::Standing(told) | Self::Ledger(told) | Self::Given(told) => {
                told
            }
        }
    }

    /// Adds a line.
    pub fn line(mut self, line: impl Into<String>) -> Self {
        let (Self::Usage(told) | Self::Standing(told) | Self::Ledger(told) | Self::Given(told)) =
            &mut self;
        told.lines.push(line.into());
        self
    }

    /// Names the entry that is dated ahead of the clock: ages and expiries are told by it.
    pub fn naming(self, ahead: Option<Ahead<'_>>) -> Self {
        match (ahead, &self) {
            (Some(ahead), Self::Standing(told)) if !told.names(ahead) => {
                self.line(format!("{ahead}: correct the clock that is wrong"))
            }
            (Some(_), Self::Standing(_) | Self::Usage(_) | Self::Ledger(_) | Self::Given(_))
            | (None, _) => self,
        }
    }

    /// Adds a command, as people copy it.
    pub fn command(self, command: &str) -> Self {
        self.line(format!("  {command}"))
    }

    /// A ledger that may not be used, whatever the command; `plan` is the plan's path as given.
    pub fn of(objection: &Objection, plan: &str) -> Self {
        let Said { found, lines } = objection.said(plan);
        let told = Told {
            reason: found,
            lines,
        };
        match objection {
            Objection::NotOfThisPlan(_) => Self::Usage(told),
            Objection::Lost(_) | Objection::Disputed { .. } => Self::Ledger(told),
        }
    }

    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Standing(_) => Exit::Refused,
            Self::Ledger(_) => Exit::Unrecorded,
            Self::Given(_) => Exit::Go,
        }
    }
}

/// A longer reason is told in two sentences, the first of at most `FIRST` letters.
const LONG: usize = 160;
const FIRST: usize = 120;

impl Told {
    /// The reason in a short sentence, and in a second one what it rests on.
    pub fn sentences(&self) -> (&str, Option<&str>) {
        let ends = [": ", ", but ", "; "];
        let head = self.reason.char_indices().nth(FIRST).map(|(end, _)| end);
        let head = head.filter(|_| self.reason.chars().count() > LONG);
        let head = head.and_then(|end| self.reason.get(..end));
        let cut = head.and_then(|head| {
            let found = ends.iter().filter_map(|end| head.rfind(*end));
            found.max()
        });
        // The mark stays with the first one.
        let split = cut.and_then(|at| {
            let rest = self.reason.get(at + 1..)?.trim_start();
            Some((self.reason.get(..=at)?, rest))
        });
        match split {
            Some((first, rest)) => (first, Some(rest)),
            None => (&self.reason, None),
        }
    }

    /// Whether it names an entry that is dated ahead already.
    fn names(&self, ahead: Ahead<'_>) -> bool {
        let ahead = ahead.to_string();
        let mut said = self.lines.iter().chain([&self.reason]);
        said.any(|line| line.contains(&ahead))
    }

    fn of(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            lines: Vec::new(),
        }
    }
}

impl Display for Told {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        self.lines.iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}
