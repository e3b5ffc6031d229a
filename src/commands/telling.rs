//! Who is told by a command, and of which verdicts: what `gate watch` and `gate check --notify` share. Must not tell what the ledger
//! shows as recorded before, nor run a program that the command line does not allow.

use std::path::Path;

use super::diagnostics::{draw, say};
use super::load::LoadedPlan;
use super::surroundings::{Look, environment};
use crate::assessment::GateAssessment;
use crate::evidence::Evidence;
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::notices::{Desk, Outcome, Place};
use crate::plan::{self, Receiver};
use crate::report::{Notice, Occurrence, RecordSeen, escape};
use crate::rollout::History;
use crate::verdict::Verdict;

/// How a command tells.
#[derive(Debug, Clone, Copy)]
pub struct Manner<'a> {
    /// What was decided, where nothing can be told: `nothing is watched`.
    pub decided: &'a str,
    /// `--allow-exec`.
    pub allow_exec: bool,
    /// Of standard error.
    pub look: Look,
}

/// A desk for whom the plan names, with their addresses filled in; `None` where it names nobody.
///
/// # Errors
/// The exit code, once the reason has been reported: a variable that is not set, a program that may not be run.
pub fn desk(loaded: &LoadedPlan, manner: Manner<'_>) -> Result<Option<Desk>, Exit> {
    let receivers = receivers(loaded, manner)?;
    let folder = absolute(loaded.folder());
    let place = Place {
        folder,
        plan: absolute(&loaded.path),
        environment,
    };
    Ok((!receivers.is_empty()).then(|| Desk::open(receivers, &place)))
}

fn receivers(loaded: &LoadedPlan, manner: Manner<'_>) -> Result<Vec<Receiver>, Exit> {
    let (decided, shown) = (manner.decided, loaded.shown());
    let receivers = plan::receivers(&loaded.bytes, &environment).map_err(|problems| {
        draw(&shown, &loaded.bytes, &problems, manner.look);
        say(&format!(
            "{decided}: who is told by the `notify` of {shown} is not known"
        ));
        Exit::Usage
    })?;
    let program = receivers.iter().find(|one| one.is_program());
    if let Some(program) = program.filter(|_| !manner.allow_exec) {
        say(&format!(
            "{decided}: `notify` of {shown} runs a program ({}): allow that with --allow-exec",
            program.shown()
        ));
        return Err(Exit::Usage);
    }
    Ok(receivers)
}

fn absolute(path: &Path) -> std::path::PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Who is told of what: `tells slack hooks.slack.com (STOP, NO-GO), exec off.sh (STOP)`.
pub fn whom(desk: &Desk) -> String {
    let names = desk.receivers().map(|receiver| {
        let on: Vec<&str> = receiver.on.iter().map(|event| event.word()).collect();
        format!("{} ({})", receiver.shown(), on.join(", "))
    });
    format!("tells {}", names.collect::<Vec<_>>().join(", "))
}

/// The verdict of a gate in the check that a ledger holds last.
pub fn verdict_before(ledger: Option<&Ledger>, gate: &GateAssessment) -> Option<Verdict> {
    let check = History::of(ledger).checks(&gate.name()).next_back()?;
    Some(check.gate.verdict)
}

/// What is told of a gate that was recorded: its verdict, if it is another one; the first only if it speaks against going on.
pub fn of_change(
    (evidence, gate): (&Evidence, &GateAssessment),
    before: Option<Verdict>,
    record: &RecordSeen,
) -> Option<Notice> {
    let is_news = match before {
        Some(before) => before != gate.verdict,
        None => match gate.verdict {
            Verdict::Stop | Verdict::NoGo => true,
            Verdict::Go | Verdict::Hold => false,
        },
    };
    let what = Occurrence::Changed(before);
    let at = evidence.evaluated_at;
    is_news.then(|| Notice::of((evidence, gate), at, what, Some(record)))
}

/// What is to be said of what became of notices: what a program said, and what did not arrive.
pub fn said(outcome: &Outcome) -> Vec<String> {
    let notified = &outcome.notified;
    let name = &notified.to;
    let mut lines: Vec<String> = outcome.output.lines().map(escape).collect();
    for line in &mut lines {
        *line = format!("{name}: {line}");
    }
    if !notified.is_delivered() {
        let attempts = match notified.attempts {
            1 => String::new(),
            attempts => format!(" ({attempts} attempts)"),
        };
        lines.push(format!(
            "not told: {name} of {}: {}{attempts}",
            notified.event, notified.result
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    #[test]
    fn w16_a_change_is_told_and_a_first_verdict_only_if_it_is_bad() {
        let record = RecordSeen {
            path: "x.json".to_owned(),
            sha256: "a".repeat(64),
        };
        let told = |evidence: Evidence, before| {
            let gate = &evidence.gates[0];
            of_change((&evidence, gate), before, &record).is_some()
        };
        let hold = scenarios::hold_incomplete;
        assert!(!told(scenarios::go(), None));
        assert!(!told(hold(), None));
        assert!(told(scenarios::no_go(), None));
        assert!(told(scenarios::stop(), None));
        assert!(told(scenarios::go(), Some(Verdict::Hold)));
        assert!(told(hold(), Some(Verdict::Go)));
        assert!(!told(scenarios::stop(), Some(Verdict::Stop)));
    }
}
