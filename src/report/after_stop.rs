//! What to do about a STOP, for every report: what stops, what has been done, the commands that are due, and the steps that are
//! left. `rollout` decided all of it; must not add to it.

use super::words;
use crate::evidence::Evidence;
use crate::rollout::AfterStop;

/// What to do about a STOP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Response {
    /// The first stop that tripped, and how many more.
    pub(super) stops: String,
    /// What has been done: `paused since … by …; both rollback steps done`. Empty if nothing has.
    pub(super) done: String,
    /// What is due, in order; the words of the first line if there is no command.
    pub(super) commands: Vec<String>,
    /// The steps of the plan that are left, each with its number.
    pub(super) steps: Vec<(usize, String)>,
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
    let numbered = (1..).zip(&evidence.rollback);
    let left = numbered.filter(|(number, _)| is_left(&stops, *number));
    Response {
        stops: words::decided_by(evidence),
        done: done.join("; "),
        commands: commands.collect(),
        steps: left
            .map(|(number, step)| (number, words::step_in_words(step)))
            .collect(),
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
