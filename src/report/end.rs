//! The last line of a report: the verdict's gate, what decided it in short, and what to do next (L4). Must not decide what that
//! is: the record says it.

use super::gate::counts;
use super::{after_stop, decided, standing};
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome};
use crate::evidence::Evidence;
use crate::kind::CriterionKind;
use crate::rollout::steps;
use crate::verdict::Verdict;

/// So many criteria are named.
const FEW: usize = 3;

/// The end of a report: the gate, what decided it in short, what has been done about a stop, and the next command.
pub(super) fn in_words(evidence: &Evidence) -> String {
    let mut worst = evidence
        .deciding()
        .filter(|gate| gate.verdict == evidence.verdict);
    let gate = worst.next().map(in_short);
    let more = worst.count();
    let more = (more > 0).then(|| format!("and {more} more"));
    let near = on_its_way(evidence);
    let all = gate.into_iter().chain(more).chain(near);
    let all = all.chain([what_next(evidence)]);
    all.collect::<Vec<_>>().join("; ")
}

/// The first stop that is on its way: when it trips, and what holds the stage before that, unless it is paused.
fn on_its_way(evidence: &Evidence) -> Option<String> {
    if evidence.verdict == Verdict::Stop {
        return None;
    }
    let stops = evidence.deciding().flat_map(|gate| {
        let criteria = gate.criteria.iter();
        criteria.filter_map(move |one| Some((gate, one, one.approach()?.1)))
    });
    let (gate, stop, approach) = stops.min_by_key(|(_, _, approach)| approach.order())?;
    let mut paused = gate.criteria.iter();
    let is_paused =
        paused.any(|one| one.kind == CriterionKind::Paused && one.outcome == Outcome::Unmet);
    let pause = steps::pause(&gate.stage).command(&evidence.plan.path);
    let pause = (!is_paused).then(|| format!(", to hold it: {pause}"));
    let name = &stop.name;
    let when = approach.outcome();
    Some(format!("{name} {when}{}", pause.unwrap_or_default()))
}

/// `pilot/exit: window runs`, `pilot/exit: unmet: exception_rate`, `pilot/exit: 5/5 met`.
fn in_short(gate: &GateAssessment) -> String {
    let criteria = decided::deciding(gate);
    let overridden = gate
        .override_in_force()
        .map(|_| format!(" {}", standing::OVERRIDDEN));
    let what = match criteria.first() {
        _ if decided::only_waits(gate) => "window runs".to_owned(),
        _ if decided::not_begun(gate).is_some() => "not begun".to_owned(),
        None => counts(gate),
        Some(first) => format!("{} {}", few(&criteria), first.outcome.word()),
    };
    format!("{}{}: {what}", gate.name(), overridden.unwrap_or_default())
}

/// The first of them by name: the headline has the others, or says where they are.
fn few(criteria: &[&CriterionAssessment]) -> String {
    let named = criteria.get(..FEW).unwrap_or(criteria);
    match criteria.len() - named.len() {
        0 => decided::names(named),
        more => format!("{} and {more} more", decided::names(named)),
    }
}

/// What a replay is, beside the rollout that its answers were recorded in.
pub const JUDGED_AGAIN: &str =
    "judged again from recorded answers: not recorded, and nothing rests on it";

/// `next: gate check plan.yaml --gate pilot/exit`; of a stop all that is due.
pub(super) fn what_next(evidence: &Evidence) -> String {
    if standing::flags(evidence)
        .iter()
        .any(|one| one == JUDGED_AGAIN)
    {
        return "judged again: nothing rests on it".to_owned();
    }
    let due = due(evidence);
    let nothing = match evidence.verdict {
        Verdict::Stop => "pause the rollout now",
        Verdict::Go | Verdict::Hold | Verdict::NoGo
            if evidence.deciding().any(|gate| gate.look) =>
        {
            "a look: nothing rests on it"
        }
        Verdict::Go | Verdict::Hold | Verdict::NoGo => "nothing comes after it",
    };
    let next = due.in_order().map(|all| format!("next: {all}"));
    let all = due
        .done
        .into_iter()
        .chain([next.unwrap_or_else(|| nothing.to_owned())]);
    all.collect::<Vec<_>>().join("; ")
}

/// What is to be done after a check.
pub(super) struct Due {
    /// What has been done about a stop.
    done: Option<String>,
    /// What has to be there, or done, before a command helps.
    first: Option<String>,
    /// In order; of a stop all that is due.
    commands: Vec<String>,
}

impl Due {
    /// `provide e2e.xml, then gate check …`; `None` if there is no command.
    fn in_order(&self) -> Option<String> {
        let all: Vec<&str> = (self.first.iter().chain(&self.commands))
            .map(String::as_str)
            .collect();
        (!self.commands.is_empty()).then(|| all.join(", then "))
    }

    /// The first command.
    pub(super) fn command(self) -> Option<String> {
        self.commands.into_iter().next()
    }
}

/// The same for every report and notice.
pub(super) fn due(evidence: &Evidence) -> Due {
    let next = evidence.next.as_ref();
    let first = next.and_then(|next| next.first.clone());
    if evidence.verdict == Verdict::Stop {
        let response = after_stop::response(evidence);
        return Due {
            done: Some(response.done).filter(|done| !done.is_empty()),
            first,
            commands: response.commands,
        };
    }
    let commands = next.map(|next| {
        let commands = std::iter::once(&next.command).chain(&next.then);
        commands
            .map(|step| step.command(&evidence.plan.path))
            .collect()
    });
    Due {
        done: None,
        first,
        commands: commands.unwrap_or_default(),
    }
}
