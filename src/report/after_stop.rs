//! What to do about a STOP, for every report: what stops, what has been done, the commands that are due, and the steps that are
//! left. `rollout` decided all of it; must not add to it.

use super::words;
use crate::evidence::Evidence;
use crate::plan::{RollbackOption, RollbackStep};
use crate::rollout::AfterStop;

/// What to do about a STOP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Response {
    /// The first stop that tripped, and how many more.
    pub(super) stops: String,
    /// What has been done: `paused since … by …; 2 rollback steps done, none is open`. Empty if nothing has.
    pub(super) done: String,
    /// What is due, in order; the words of the first line if there is no command.
    pub(super) commands: Vec<String>,
    /// As long as a step is left, the steps that are left and those that are done: by the ways to roll back, of which one is taken.
    pub(super) ways: Vec<Way>,
    /// Whether it is known which of the ways are taken.
    pub(super) is_taken: bool,
}

/// A way to roll back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// `flag: activation only`, `or release`, `and release` once they are taken; `None` if the plan has one way only.
    pub(super) heading: Option<String>,
    /// Each with its number in the plan; what is done says so.
    pub(super) steps: Vec<(usize, String)>,
}

/// As long as one of the ways is to be taken.
const OR: &str = "or ";
/// Once it is known which are.
const AND: &str = "and ";

/// The steps by the ways to roll back.
pub(super) fn ways<'s>(steps: impl Iterator<Item = (usize, &'s RollbackStep)>) -> Vec<Way> {
    marked(steps, &[], OR)
}

/// The same with a mark on the steps of these numbers; `joined` says how the ways are joined.
fn marked<'s>(
    steps: impl Iterator<Item = (usize, &'s RollbackStep)>,
    done: &[usize],
    joined: &'static str,
) -> Vec<Way> {
    let mut ways: Vec<(Option<&RollbackOption>, Way)> = Vec::new();
    for (number, step) in steps {
        let mark = if done.contains(&number) { "DONE: " } else { "" };
        let told = (number, format!("{mark}{}", words::step_in_words(step)));
        match ways.last_mut() {
            Some((option, way)) if *option == step.option.as_ref() => way.steps.push(told),
            earlier => {
                let joined = if earlier.is_some() { joined } else { "" };
                let heading = step.option.as_ref().map(|one| heading(one, joined));
                let steps = vec![told];
                ways.push((step.option.as_ref(), Way { heading, steps }));
            }
        }
    }
    ways.into_iter().map(|(_, way)| way).collect()
}

fn heading(option: &RollbackOption, joined: &str) -> String {
    match &option.when {
        Some(when) => format!("{joined}{}: {when}", option.name),
        None => format!("{joined}{}", option.name),
    }
}

/// Of a check with the verdict STOP.
pub(super) fn response(evidence: &Evidence) -> Response {
    let stops: Vec<&AfterStop> = (evidence.gates.iter())
        .filter_map(|gate| gate.after_stop.as_ref())
        .collect();
    let done: Vec<&str> = each_once(stops.iter().flat_map(|stop| &stop.done));
    let commands = (stops.iter())
        .flat_map(|stop| &stop.commands)
        .map(|step| step.command(&evidence.plan.path));
    let recorded = stops.iter().flat_map(|stop| stop.done_steps.clone());
    let is_done: Vec<usize> = recorded
        .filter(|number| !is_left(&stops, *number))
        .collect();
    let numbered = || (1..).zip(&evidence.rollback);
    let any_is_left = numbered().any(|(number, _)| is_left(&stops, number));
    let told = numbered().filter(|(number, _)| {
        any_is_left && (is_left(&stops, *number) || is_done.contains(number))
    });
    // Those of the ways that are not taken are not told.
    let is_taken = stops.iter().any(|stop| stop.asks_for_a_step());
    let joined = if is_taken { AND } else { OR };
    Response {
        stops: words::decided_by(evidence),
        done: done.join("; "),
        commands: commands.collect(),
        ways: marked(told, &is_done, joined),
        is_taken,
    }
}

/// Evidence that does not say how far people are leaves all steps.
fn is_left(stops: &[&AfterStop], number: usize) -> bool {
    stops.is_empty() || stops.iter().any(|stop| stop.open_steps.contains(&number))
}

fn each_once<'a>(words: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    let mut once: Vec<&str> = Vec::new();
    for word in words {
        if !once.contains(&word.as_str()) {
            once.push(word);
        }
    }
    once
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(action: &str, option: Option<(&str, Option<&str>)>) -> RollbackStep {
        RollbackStep {
            action: action.to_owned(),
            option: option.map(|(name, when)| RollbackOption {
                name: name.to_owned(),
                when: when.map(str::to_owned),
            }),
            ..RollbackStep::default()
        }
    }

    #[test]
    fn l11_ways_to_roll_back_are_told_one_or_the_other() {
        let steps = [
            step("Off", Some(("flag", Some("activation only")))),
            step("Old", Some(("release", None))),
            step("Drain", Some(("release", None))),
        ];
        let told: Vec<_> = ways((1..).zip(&steps))
            .into_iter()
            .map(|way| (way.heading, way.steps))
            .collect();
        let expected = [
            (
                Some("flag: activation only".to_owned()),
                vec![(1, "Off".to_owned())],
            ),
            (
                Some("or release".to_owned()),
                vec![(2, "Old".to_owned()), (3, "Drain".to_owned())],
            ),
        ];
        assert_eq!(told, expected);
        let one_done: Vec<_> = marked((1..).zip(&steps), &[1], AND)
            .into_iter()
            .map(|way| way.heading)
            .collect();
        assert_eq!(one_done[1].as_deref(), Some("and release"));
        let one = ways((1..).zip(&[step("Off", None)]));
        assert_eq!(one[0].heading, None);
    }
}
