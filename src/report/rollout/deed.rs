//! What a command would do, as people say it who never type one: for the status note. Must not name a command.

use crate::evidence::Evidence;
use crate::kind::Action;
use crate::ledger::known_as;

use crate::rollout::NextStep;

/// `warehouse-lead confirms`, `pilot is paused`, `pilot/exit is checked`.
pub(super) fn in_words(evidence: &Evidence, step: &NextStep) -> String {
    let what = first(step);
    let stage = stage_of(step);
    match step.action {
        Action::Approve => match option(step, "--gate") {
            Some(gate) => format!("{what} signs for {gate}"),
            None => format!("{what} signs"),
        },
        Action::Check => match (option(step, "--gate"), option(step, "--before")) {
            (Some(gate), _) => format!("{gate} is checked"),
            (None, Some(stage)) => format!("what {stage} waits for is checked"),
            (None, None) => "the rollout is checked".to_owned(),
        },
        Action::Confirm if step.arguments.iter().any(|one| one == "--all") => {
            format!("each item of {what} is read and confirmed{}", by(step))
        }
        Action::Confirm => format!("{} is confirmed{}", asked(evidence, what), by(step)),
        Action::Incident => {
            let id = step.arguments.get(1).map_or("the incident", String::as_str);
            match what {
                "update" => format!("{id} gets a target{}", by(step)),
                _ => format!("{id} is closed{}", by(step)),
            }
        }
        Action::Ledger => "the record of what people did is put in order".to_owned(),
        Action::Note => format!("the checkpoint of {stage} is held{}", by(step)),
        Action::Override => format!("somebody accepts {what} in their own name, or it waits"),
        Action::Pause => format!("{stage} has to be paused"),
        Action::Resume => format!("somebody lets {stage} go on in their own name"),
        Action::Supersede => {
            let version = option(step, "--version");
            let version =
                version.map_or_else(|| "another version".into(), |to| format!("version {to}"));
            format!("{version} takes the place of this one")
        }
        Action::Rollback => match (option(step, "--done"), option(step, "--option")) {
            (Some(number), _) => format!(
                "step {number} of the rollback has to be done{}",
                step_of(evidence, number)
            ),
            (None, Some(_)) => format!("somebody says by which way {stage} is rolled back"),
            (None, None) => format!("{stage} has to be rolled back"),
        },
        Action::Start if is_anyway(step) => {
            format!("somebody begins {what} in their own name, or it waits")
        }
        Action::Start => format!("{what} begins"),
    }
}

/// Whether somebody does in their own name what nothing allows.
pub(super) fn is_anyway(step: &NextStep) -> bool {
    step.arguments.iter().any(|one| one == "--override")
}

/// Whether it is a new rollback, and not what is still to be said of one.
pub(super) fn is_rollback(step: &NextStep) -> bool {
    let asked = ["--done", "--option"];
    step.action == Action::Rollback && asked.iter().all(|name| option(step, name).is_none())
}

/// The stage that it is about.
pub(super) fn stage_of(step: &NextStep) -> &str {
    option(step, "--stage").unwrap_or("the stage")
}

fn first(step: &NextStep) -> &str {
    step.arguments.first().map_or("it", String::as_str)
}

/// What follows an option.
fn option<'s>(step: &'s NextStep, name: &str) -> Option<&'s str> {
    let mut arguments = step.arguments.iter();
    arguments.find(|one| *one == name)?;
    arguments.next().map(String::as_str)
}

fn by(step: &NextStep) -> String {
    let owner = step.owner.as_deref().filter(|owner| *owner != first(step));
    owner.map_or_else(String::new, |owner| format!(" by {}", known_as(owner)))
}

/// What an item asks, with its id; the id alone where that is all.
fn asked(evidence: &Evidence, id: &str) -> String {
    let mut criteria = evidence.gates.iter().flat_map(|gate| &gate.criteria);
    let title = criteria.find_map(|one| one.title.clone().filter(|_| one.name == id));
    title.map_or_else(|| id.to_owned(), |title| format!("{id} ({title})"))
}

/// `: Disable flag shipping.v2`.
fn step_of(evidence: &Evidence, number: &str) -> String {
    let number = number.parse::<usize>().ok();
    let step = number.and_then(|number| evidence.rollback.get(number.checked_sub(1)?));
    step.map_or_else(String::new, |step| format!(": {}", step.action))
}

/// A reason up to where it tells what to type.
pub(super) fn without_commands(text: &str) -> String {
    let parts = text.split("; ").filter_map(|part| {
        let typed = ["`gate ", " --", " `--"]
            .iter()
            .filter_map(|sign| part.find(sign))
            .min();
        let Some(said) = typed.map(|at| part.get(..at).unwrap_or_default()) else {
            return Some(part);
        };
        let end = said.rfind(": ").or_else(|| said.rfind(", "))?;
        said.get(..end)
    });
    parts.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::GateKind;
    use crate::report::scenarios;
    use crate::rollout::steps;

    #[test]
    fn l19_what_comes_next_is_told_without_a_command() {
        let evidence = scenarios::outstanding();
        let exit = GateKind::Exit.of("pilot");
        let all = [
            (steps::check(&exit), "pilot/exit is checked"),
            (steps::start("pilot"), "pilot begins"),
            (
                steps::start_anyway("pilot"),
                "somebody begins pilot in their own name, or it waits",
            ),
            (steps::pause("pilot"), "pilot has to be paused"),
            (
                steps::resume("pilot"),
                "somebody lets pilot go on in their own name",
            ),
            (steps::roll_back("pilot"), "pilot has to be rolled back"),
            (steps::approve("ops", &exit), "ops signs for pilot/exit"),
            (
                steps::close("INC-1", Some("@ops")),
                "INC-1 is closed by @ops",
            ),
            (
                steps::accept(&exit),
                "somebody accepts pilot/exit in their own name, or it waits",
            ),
            (
                steps::confirm("readiness/training", "pilot", Some("@warehouse")),
                "readiness/training (Two shifts trained) is confirmed by @warehouse",
            ),
            (
                steps::confirm_all("readiness", "pilot", Some("@warehouse")),
                "each item of readiness is read and confirmed by @warehouse",
            ),
        ];
        for (step, said) in all {
            assert_eq!(in_words(&evidence, &step), said);
        }
    }

    #[test]
    fn l19_a_reason_ends_where_it_tells_what_to_type() {
        let said = "pilot was started on x (#3): check with --source x; accept this with `gate override`; paused";
        assert_eq!(
            without_commands(said),
            "pilot was started on x (#3); paused"
        );
        assert_eq!(without_commands("a: b, c"), "a: b, c");
    }
}
