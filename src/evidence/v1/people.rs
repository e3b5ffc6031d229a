//! What people did, from the record to the shape of the file and back. Takes everything over as it is; computes nothing.

use crate::assessment::BasedOn;
use crate::evidence::LedgerSeen;
use crate::kind::{Action, UnknownWord};
use crate::rollout::{NextStep, Overridden};

use super::wire;
use super::words::{Read, instant};

impl From<&LedgerSeen> for wire::Ledger {
    fn from(ledger: &LedgerSeen) -> Self {
        Self {
            path: ledger.path.clone(),
            entries: ledger.entries,
            head_sha256: ledger.head_sha256.clone(),
        }
    }
}

impl From<&Overridden> for wire::Overridden {
    fn from(overridden: &Overridden) -> Self {
        Self {
            by: overridden.by.clone(),
            at: overridden.at.to_string(),
            why: overridden.why.clone(),
            expires: overridden.expires.to_string(),
            entry: overridden.entry,
        }
    }
}

/// What an outcome is based on other than samples.
pub(super) fn based_on(based_on: &BasedOn) -> wire::BasedOn {
    match based_on {
        BasedOn::Entry {
            number,
            by,
            at,
            why,
            links,
        } => wire::BasedOn::Entry {
            number: *number,
            by: by.clone(),
            at: at.to_string(),
            why: why.clone(),
            links: links.clone(),
        },
        BasedOn::File {
            path,
            sha256,
            bytes,
            modified,
        } => wire::BasedOn::File {
            path: path.clone(),
            sha256: sha256.clone(),
            bytes: *bytes,
            modified: modified.to_string(),
        },
    }
}

/// The command that settles a criterion, with the plan in its place.
pub(super) fn next_step(next_step: &NextStep, plan: &str) -> wire::NextStep {
    wire::NextStep {
        command: next_step.command(plan),
        owner: next_step.owner.clone(),
    }
}

/// The way back.
pub(super) fn ledger(ledger: wire::Ledger) -> LedgerSeen {
    LedgerSeen {
        path: ledger.path,
        entries: ledger.entries,
        head_sha256: ledger.head_sha256,
    }
}

/// The way back.
pub(super) fn overridden(overridden: wire::Overridden) -> Read<Overridden> {
    Ok(Overridden {
        by: overridden.by,
        at: instant(&overridden.at)?,
        why: overridden.why,
        expires: instant(&overridden.expires)?,
        entry: overridden.entry,
    })
}

/// The inverse of [`based_on`].
pub(super) fn read_based_on(based_on: wire::BasedOn) -> Read<BasedOn> {
    Ok(match based_on {
        wire::BasedOn::Entry {
            number,
            by,
            at,
            why,
            links,
        } => BasedOn::Entry {
            number,
            by,
            at: instant(&at)?,
            why,
            links,
        },
        wire::BasedOn::File {
            path,
            sha256,
            bytes,
            modified,
        } => BasedOn::File {
            path,
            sha256,
            bytes,
            modified: instant(&modified)?,
        },
    })
}

/// The inverse of [`next_step`]: `gate ACTION PLAN ARGUMENT…`.
pub(super) fn read_next_step(next_step: wire::NextStep, plan: &str) -> Read<NextStep> {
    let unknown = || UnknownWord::new("command", &next_step.command);
    let words = shell_words(&next_step.command);
    let mut words = words.into_iter();
    let gate = words.next();
    let action = words.next().and_then(|word| Action::from_word(&word));
    if gate.as_deref() != Some("gate") || words.next().as_deref() != Some(plan) {
        return Err(unknown());
    }
    Ok(NextStep {
        action: action.ok_or_else(unknown)?,
        arguments: words.collect(),
        owner: next_step.owner,
    })
}

/// The words of a command line as written for people: spaces separate them, single quotes hold them together, and `\\'`
/// is a quote.
fn shell_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut begun, mut quoted) = (String::new(), false, false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                words.extend(begun.then(|| std::mem::take(&mut word)));
                begun = false;
            }
            '\\' if !quoted => {
                word.extend(letters.next());
                begun = true;
            }
            letter => {
                word.push(letter);
                begun = true;
            }
        }
    }
    words.extend(begun.then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_reads_back_as_it_was() {
        for arguments in [
            vec!["warehouse-lead", "--stage", "pilot"],
            vec!["it's here", "--why", "<reason>"],
            vec![],
            vec!["", "a'b'", "\\", "two  blanks"],
        ] {
            let written = NextStep {
                action: Action::Confirm,
                arguments: arguments.into_iter().map(str::to_owned).collect(),
                owner: Some("@ada".to_owned()),
            };
            let plan = "my plans/r'1.yaml";
            let read = read_next_step(next_step(&written, plan), plan);
            assert_eq!(read, Ok(written));
        }
    }

    #[test]
    fn other_commands_are_refused() {
        for command in [
            "",
            "rm -rf p.yaml",
            "gate",
            "gate obey p.yaml",
            "gate confirm other.yaml x",
        ] {
            let next_step = wire::NextStep {
                command: command.to_owned(),
                owner: None,
            };
            assert!(read_next_step(next_step, "p.yaml").is_err(), "{command}");
        }
    }
}
