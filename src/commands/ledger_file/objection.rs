//! What speaks against a ledger, in words: what was found, and how to go on, with the commands. Must not look for it.

use std::path::PathBuf;

use super::records::Unreadable;
use super::without_dot;
use crate::commands::diagnostics::say;
use crate::exit::Exit;
use crate::ledger::LostLedger;
use crate::rollout::{NextStep, steps};

/// Why a ledger may not be used as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// It is that of another release, or of a plan whose file differs only by its extension; or it was left behind when the plan
    /// was renamed.
    NotOfThisPlan(Said),
    /// A record contradicts it.
    Disputed {
        /// As people name it.
        ledger: String,
        /// The place that several machines share, if the record is a copy of what is there.
        copied_from: Option<Box<str>>,
        /// Folders of evidence that are not the plan's own.
        folders: Vec<String>,
        dispute: Dispute,
    },
    /// It is not there, and records speak of it or the plan requires it.
    Lost(LostLedger),
}

/// How a record and a ledger contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The record, or the folder that ought to hold some.
    pub record: PathBuf,
    /// How.
    pub found: String,
    /// Whether it could be read.
    pub is_read: bool,
}

impl Dispute {
    /// What cannot be read may say anything.
    pub fn unread(found: Unreadable) -> Self {
        Self {
            found: found.why,
            record: found.path,
            is_read: false,
        }
    }
}

/// What was found, and the lines that follow: what to do, each command on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub found: String,
    pub lines: Vec<String>,
}

impl Said {
    /// Where there is room for one.
    pub fn in_one_line(&self) -> String {
        let lines = self.lines.iter().map(|line| line.trim());
        let all: Vec<&str> = std::iter::once(self.found.as_str()).chain(lines).collect();
        all.join("; ")
    }
}

impl Objection {
    /// In words; `plan` is the plan's path as given.
    pub fn said(&self, plan: &str) -> Said {
        match self {
            Self::NotOfThisPlan(said) => said.clone(),
            Self::Disputed {
                ledger,
                copied_from,
                folders,
                dispute,
            } => match copied_from {
                Some(place) => dispute.said_of_copy(ledger, place, plan),
                None => dispute.said(ledger, folders, plan),
            },
            Self::Lost(lost) => Said {
                found: lost.to_string(),
                lines: vec![
                    if lost.records == 0 {
                        "look whether it is kept elsewhere (`records:`, --records); else begin it"
                            .to_owned()
                    } else {
                        "restore it, or begin a new one after a look".to_owned()
                    },
                    typed(&steps::begin_missing(lost), plan),
                ],
            },
        }
    }

    /// Says it after what was decided, and returns the exit code: a ledger that cannot be relied on outweighs everything.
    pub fn say(&self, decided: &str, plan: &str) -> Exit {
        let Said { found, lines } = self.said(plan);
        say(&format!("{decided}: {found}"));
        for line in lines {
            say(&line);
        }
        match self {
            Self::NotOfThisPlan(_) => Exit::Usage,
            Self::Disputed { .. } | Self::Lost(_) => Exit::Unrecorded,
        }
    }
}

impl Dispute {
    /// A copy may be taken away: what is still in its place is copied again.
    fn said_of_copy(&self, ledger: &str, place: &str, plan: &str) -> Said {
        let record = without_dot(&self.record);
        let found = if self.is_read {
            self.found.clone()
        } else {
            format!("{record} cannot be read: {}", self.found)
        };
        Said {
            found,
            lines: vec![
                format!("record: {record}; ledger: {ledger}"),
                "the record is a copy: take it away, so that it is copied again if it is still there"
                    .to_owned(),
                format!("  mv {} .", steps::quoted(&record)),
                typed(&steps::verify_ledger(&[]), plan),
                format!(
                    "if that says the same, restore both in {place}; or take the record away there too, if it is not of this rollout"
                ),
            ],
        }
    }

    fn said(&self, ledger: &str, folders: &[String], plan: &str) -> Said {
        let record = without_dot(&self.record);
        let verify = typed(&steps::verify_ledger(folders), plan);
        if !self.is_read {
            let restore = "make it readable, or move it away if it is not of this rollout; then";
            return Said {
                found: format!("{record} cannot be read: {}", self.found),
                lines: vec![
                    format!("it may speak against {ledger}"),
                    restore.to_owned(),
                    verify,
                ],
            };
        }
        let restore = "restore both, or move the record away if it is not of this rollout; then";
        let lost = "if the ledger is lost, move it away, and begin a new one after a look";
        Said {
            found: self.found.clone(),
            lines: vec![
                format!("record: {record}; ledger: {ledger}"),
                restore.to_owned(),
                verify,
                lost.to_owned(),
                typed(&steps::begin_anew(folders), plan),
            ],
        }
    }
}

/// As people copy it.
fn typed(step: &NextStep, plan: &str) -> String {
    format!("  {}", step.command(plan))
}
