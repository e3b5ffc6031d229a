//! What people did, from the record to the shape of the file and back. Takes everything over as it is; works nothing out.

use crate::evaluate::{Basis, Overridden, Settle};
use crate::evidence::LedgerSeen;

use super::wire;
use super::words::{Read, Word, instant};

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

/// What an outcome rests on besides samples.
pub(super) fn basis(basis: &Basis) -> wire::Basis {
    match basis {
        Basis::Entry {
            number,
            by,
            at,
            why,
            links,
        } => wire::Basis::Entry {
            number: *number,
            by: by.clone(),
            at: at.to_string(),
            why: why.clone(),
            links: links.clone(),
        },
        Basis::File {
            path,
            sha256,
            bytes,
            modified,
        } => wire::Basis::File {
            path: path.clone(),
            sha256: sha256.clone(),
            bytes: *bytes,
            modified: modified.to_string(),
        },
    }
}

/// The command that settles a criterion, with the plan in its place.
pub(super) fn settle(settle: &Settle, plan: &str) -> wire::Settle {
    wire::Settle {
        command: settle.command(plan),
        owed_by: settle.owed_by.clone(),
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

/// The way back of [`basis`].
pub(super) fn read_basis(basis: wire::Basis) -> Read<Basis> {
    Ok(match basis {
        wire::Basis::Entry {
            number,
            by,
            at,
            why,
            links,
        } => Basis::Entry {
            number,
            by,
            at: instant(&at)?,
            why,
            links,
        },
        wire::Basis::File {
            path,
            sha256,
            bytes,
            modified,
        } => Basis::File {
            path,
            sha256,
            bytes,
            modified: instant(&modified)?,
        },
    })
}

/// The way back of [`settle`]: `gate VERB PLAN ARGUMENT…`.
pub(super) fn read_settle(settle: wire::Settle, plan: &str) -> Read<Settle> {
    let unknown = || Word::new("command", &settle.command);
    let words = shell_words(&settle.command);
    let mut words = words.into_iter();
    let gate = words.next();
    let verb = words.next().unwrap_or_default();
    let verb = VERBS.into_iter().find(|known| **known == *verb);
    if gate.as_deref() != Some("gate") || words.next().as_deref() != Some(plan) {
        return Err(unknown());
    }
    Ok(Settle {
        verb: verb.ok_or_else(unknown)?,
        arguments: words.collect(),
        owed_by: settle.owed_by,
    })
}

/// The commands that settle something.
const VERBS: [&str; 11] = [
    "approve", "check", "confirm", "incident", "ledger", "note", "override", "pause", "resume",
    "rollback", "start",
];

/// The words of a command line as it is written for people: blanks part them, single quotes hold them together, and `\\'`
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
    fn a_command_comes_back_as_it_was() {
        for arguments in [
            vec!["warehouse-lead", "--stage", "pilot"],
            vec!["it's here", "--why", "<reason>"],
            vec![],
            vec!["", "a'b'", "\\", "two  blanks"],
        ] {
            let written = Settle {
                verb: "confirm",
                arguments: arguments.into_iter().map(str::to_owned).collect(),
                owed_by: Some("@ada".to_owned()),
            };
            let plan = "my plans/r'1.yaml";
            let read = read_settle(settle(&written, plan), plan);
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
            let settle = wire::Settle {
                command: command.to_owned(),
                owed_by: None,
            };
            assert!(read_settle(settle, "p.yaml").is_err(), "{command}");
        }
    }
}
