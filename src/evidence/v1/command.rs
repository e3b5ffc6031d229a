//! Commands, as they are written for people, and back. Must not run any.

use crate::kind::{Action, UnknownWord};
use crate::rollout::{Next, NextStep};

use super::wire;

/// The command that settles a criterion, with the plan in its place.
pub(super) fn next_step(next_step: &NextStep, plan: &str) -> wire::NextStep {
    wire::NextStep {
        command: next_step.command(plan),
        owner: next_step.owner.clone(),
    }
}

/// What comes next, with the plan in its place.
pub(super) fn next(next: &Next, plan: &str) -> wire::Next {
    let wire::NextStep { command, owner } = next_step(&next.command, plan);
    wire::Next {
        first: next.first.clone(),
        command,
        then: next.then.as_ref().map(|then| then.command(plan)),
        owner,
        why: next.why.clone(),
    }
}

/// The inverse of [`next`].
pub(super) fn read_next(next: wire::Next, plan: &str) -> Result<Next, UnknownWord> {
    let wire::Next {
        first,
        command,
        then,
        owner,
        why,
    } = next;
    let read = |command, owner| read_next_step(wire::NextStep { command, owner }, plan);
    let command = read(command, owner)?;
    let then = then.map(|then| read(then, None)).transpose()?;
    Ok(Next {
        first,
        command,
        then,
        why,
    })
}

/// The inverse of [`next_step`]: `gate ACTION PLAN ARGUMENT…`.
pub(super) fn read_next_step(
    next_step: wire::NextStep,
    plan: &str,
) -> Result<NextStep, UnknownWord> {
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
