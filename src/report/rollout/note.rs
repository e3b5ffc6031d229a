//! The short note for stakeholders at a gate: a few lines of plain text. Must not leave out what counts against a verdict.

use super::RolloutFacts;
use crate::assessment::GateAssessment;
use crate::evidence::Evidence;
use crate::ledger::{EventKind, Ledger};
use crate::report::{after_stop, entry, escape, gate, outstanding, standing, words};
use crate::rollout::{History, Rollout, State, Status};

/// At most this many open incidents are named; the others are counted.
const MAX_NAMED: usize = 3;

/// A line each: verdict, why, how much was observed, incidents, what comes next. With the rollout, a line says where it stands
/// now, and what comes next is its answer.
#[must_use]
pub fn note(evidence: &Evidence, ledger: Option<&Ledger>, rollout: Option<&Rollout<'_>>) -> String {
    let status = rollout.map(|rollout| rollout.status(&evidence.plan.path));
    let mut lines = vec![headline(evidence, ledger, status.as_ref())];
    lines.extend(
        status
            .as_ref()
            .map(|status| format!("Now: {}", now(status))),
    );
    lines.extend([
        format!("Why: {}", words::decided_by(evidence)),
        format!("Gates: {}", gates(evidence)),
        format!("Incidents: {}", incidents(ledger)),
        format!(
            "Next: {}",
            status.as_ref().map_or_else(|| next(evidence), next_now)
        ),
    ]);
    let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
    lines.join("\n") + "\n"
}

impl RolloutFacts<'_> {
    /// The note on the newest check.
    #[must_use]
    pub fn note(&self) -> String {
        self.newest().map_or_else(String::new, |check| {
            note(&check.evidence, self.ledger, self.rollout.as_ref())
        })
    }
}

/// `pilot left, wave-1 PAUSED; wave-1 was paused by …`, as of the last thing that was recorded.
fn now(status: &Status) -> String {
    let stages = status.stages.iter();
    let known = stages.filter(|stage| stage.state != State::NotStarted);
    let reached: Vec<String> = known
        .map(|stage| format!("{} {}", stage.name, stage.state.word()))
        .collect();
    let reached = if reached.is_empty() {
        "nothing has begun".to_owned()
    } else {
        reached.join(", ")
    };
    let flags = status.stages.iter().flat_map(|stage| stage.flags.clone());
    let all: Vec<String> = std::iter::once(format!("{reached}, as of {}", status.now))
        .chain(status.held_elsewhere.clone())
        .chain(flags)
        .collect();
    all.join("; ")
}

/// The next command, and what people owe besides.
fn next_now(status: &Status) -> String {
    let Some(next) = &status.next else {
        return "nothing, every stage was left".to_owned();
    };
    let command = next.command.command(&status.plan);
    let owed = status.outstanding.iter();
    let mut owed = owed.filter(|one| one.next_step != next.command);
    let first = owed.next().map(|one| {
        let command = one.next_step.command(&status.plan);
        let more = match owed.count() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        format!("; outstanding for {}: {command}{more}", one.gate)
    });
    format!("{command} ({}){}", next.why, first.unwrap_or_default())
}

/// `NO-GO OVERRIDDEN: R1.0 1.0.0, as of 2026-11-20T14:00:00Z; paused by …`.
fn headline(evidence: &Evidence, ledger: Option<&Ledger>, status: Option<&Status>) -> String {
    let overridden = if evidence.is_overridden() {
        format!(" {}", standing::OVERRIDDEN)
    } else {
        String::new()
    };
    let about = format!(
        "{}{overridden}: {}, as of {}",
        evidence.verdict.word(),
        words::release(evidence),
        evidence.evaluated_at
    );
    // Where it is known how the rollout stands now, that line says what is flagged.
    let seen = match status {
        Some(_) => standing::overrides_in_force(evidence),
        None => standing::lines(evidence)
            .into_iter()
            .chain(since(evidence, ledger))
            .collect(),
    };
    std::iter::once(about)
        .chain(seen)
        .collect::<Vec<_>>()
        .join("; ")
}

/// What people did to a stage after the check.
fn since(evidence: &Evidence, ledger: Option<&Ledger>) -> Option<String> {
    let entries = ledger.map_or(&[][..], Ledger::entries);
    let later = entries.iter().filter(|one| {
        let kinds = [
            EventKind::Started,
            EventKind::Paused,
            EventKind::Resumed,
            EventKind::RolledBack,
            EventKind::Overridden,
        ];
        one.at > evidence.evaluated_at && kinds.contains(&one.event.kind())
    });
    let words: Vec<String> = later
        .map(|one| format!("{} at {}", entry::what(one), one.at))
        .collect();
    (!words.is_empty()).then(|| format!("SINCE THEN {}", words.join(", ")))
}

/// `pilot/exit HOLD, 3/5 met, stops 2/2 clear, 31h of 48h observed`: what decided is told before.
fn gates(evidence: &Evidence) -> String {
    let gates = evidence
        .gates
        .iter()
        .map(gate_in_short)
        .chain(about_the_plan(evidence));
    gates.collect::<Vec<_>>().join("; ")
}

fn gate_in_short(gate: &GateAssessment) -> String {
    let overridden = gate.override_in_force().map(standing::in_short);
    let window = gate.window.iter();
    let window = window
        .flat_map(|window| gate::window(window, gate.kind))
        .next();
    let said = format!("{} {}", gate.name(), gate.verdict.word());
    let words = std::iter::once(said)
        .chain(overridden)
        .chain([gate::counts(gate)])
        .chain(window);
    words.collect::<Vec<_>>().join(", ")
}

/// `the plan has 2 warnings`.
fn about_the_plan(evidence: &Evidence) -> Option<String> {
    match evidence.warnings.len() {
        0 => None,
        1 => Some("the plan has 1 warning".to_owned()),
        count => Some(format!("the plan has {count} warnings")),
    }
}

fn incidents(ledger: Option<&Ledger>) -> String {
    let Some(ledger) = ledger else {
        return "not known, no ledger is available".to_owned();
    };
    if !History::of(Some(ledger)).is_kept() {
        return "not known, people record nothing in the ledger".to_owned();
    }
    let open: Vec<_> = ledger
        .incidents()
        .into_iter()
        .filter(|one| one.closed.is_none())
        .collect();
    if open.is_empty() {
        return "none open in the ledger".to_owned();
    }
    let named = open.iter().take(MAX_NAMED).map(|one| {
        let known = [&one.details.severity, &one.details.description];
        let known = known.into_iter().flatten().cloned();
        std::iter::once(one.id.clone())
            .chain(known)
            .collect::<Vec<_>>()
            .join(" ")
    });
    format!(
        "{} open: {}",
        open.len(),
        named.collect::<Vec<_>>().join("; ")
    )
}

/// What people still have to do, or what the verdict allows or asks for.
fn next(evidence: &Evidence) -> String {
    use crate::verdict::Verdict;
    let tasks = outstanding::tasks(evidence);
    let owed = tasks.first().map(|first| {
        let more = match tasks.len() - 1 {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        format!("outstanding is {}: {}{more}", first.about, first.command)
    });
    match evidence.verdict {
        Verdict::Stop => stopped(evidence),
        Verdict::Go => "every gate that was judged is GO".to_owned(),
        Verdict::NoGo | Verdict::Hold => owed.unwrap_or_else(|| match evidence.verdict {
            Verdict::NoGo => "fix what is unmet, then check the gate again".to_owned(),
            Verdict::Hold | Verdict::Go | Verdict::Stop => {
                "check the gate again when what is open can be decided".to_owned()
            }
        }),
    }
}

/// The commands that are due, and where the rollback begins.
fn stopped(evidence: &Evidence) -> String {
    let response = after_stop::response(evidence);
    let due = if response.commands.is_empty() {
        "pause the rollout now".to_owned()
    } else {
        response.commands.join(", then ")
    };
    let done = Some(response.done).filter(|done| !done.is_empty());
    let mut steps = response.ways.iter().flat_map(|way| &way.steps);
    let step = steps.next();
    let step = step.map(|(number, step)| format!("rollback step {number}: {step}"));
    let words = done.into_iter().chain([due]).chain(step);
    words.collect::<Vec<_>>().join("; ")
}
