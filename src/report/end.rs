//! The last line of a report: the verdict's gate, what decided it in short, and what to do next (L4). Must not decide what that
//! is: the record says it.

use super::gate::counts;
use super::{after_stop, decided, standing};
use crate::assessment::GateAssessment;
use crate::evidence::Evidence;
use crate::verdict::Verdict;

/// The end of a report: the gate, what decided it in short, what has been done about a stop, and the next command.
pub(super) fn in_words(evidence: &Evidence) -> String {
    let mut worst = evidence
        .deciding()
        .filter(|gate| gate.verdict == evidence.verdict);
    let gate = worst.next().map(in_short);
    let more = worst.count();
    let more = (more > 0).then(|| format!("and {more} more"));
    let all = gate.into_iter().chain(more).chain([what_next(evidence)]);
    all.collect::<Vec<_>>().join("; ")
}

/// `pilot/exit: window runs`, `pilot/exit: unmet: exception_rate`, `pilot/exit: 5/5 met`.
fn in_short(gate: &GateAssessment) -> String {
    let criteria = decided::deciding(gate);
    let overridden = gate
        .override_in_force()
        .map(|_| format!(" {}", standing::OVERRIDDEN));
    let what = match criteria.first() {
        _ if decided::only_waits(gate) => "window runs".to_owned(),
        None => counts(gate),
        Some(first) => format!("{} {}", decided::names(&criteria), first.outcome.word()),
    };
    format!("{}{}: {what}", gate.name(), overridden.unwrap_or_default())
}

/// `next: gate check plan.yaml --gate pilot/exit`; of a stop all that is due.
fn what_next(evidence: &Evidence) -> String {
    if evidence.verdict == Verdict::Stop {
        let response = after_stop::response(evidence);
        let due = if response.commands.is_empty() {
            "pause the rollout now".to_owned()
        } else {
            format!("next: {}", response.commands.join(", then "))
        };
        let done = Some(response.done).filter(|done| !done.is_empty());
        return done.into_iter().chain([due]).collect::<Vec<_>>().join("; ");
    }
    match &evidence.next {
        Some(next) => format!("next: {}", next.command.command(&evidence.plan.path)),
        None if evidence.deciding().any(|gate| gate.look) => {
            "a look: nothing rests on it".to_owned()
        }
        None => "nothing comes after it".to_owned(),
    }
}
