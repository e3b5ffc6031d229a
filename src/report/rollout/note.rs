//! The short note for stakeholders at a gate: five lines of plain text. Must not leave out what counts against a verdict.

use super::RolloutFacts;
use crate::evidence::Evidence;
use crate::ledger::{Event, Ledger};
use crate::report::{entry, escape, gate, outstanding, standing, words};
use crate::rollout::History;

/// At most this many open incidents are named; the others are counted.
const MAX_NAMED: usize = 3;

/// Five lines: verdict, why, how much was observed, incidents, what comes next.
#[must_use]
pub fn note(evidence: &Evidence, ledger: Option<&Ledger>) -> String {
    let lines = [
        headline(evidence, ledger),
        format!("Why: {}", words::decided_by(evidence)),
        format!("Gates: {}", gates(evidence)),
        format!("Incidents: {}", incidents(ledger)),
        format!("Next: {}", next(evidence)),
    ];
    let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
    lines.join("\n") + "\n"
}

impl RolloutFacts<'_> {
    /// The note on the newest check.
    #[must_use]
    pub fn note(&self) -> String {
        self.newest()
            .map_or_else(String::new, |check| note(&check.evidence, self.ledger))
    }
}

/// `NO-GO OVERRIDDEN: R1.0 1.0.0, as of 2026-11-20T14:00:00Z; paused by …`.
fn headline(evidence: &Evidence, ledger: Option<&Ledger>) -> String {
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
    let seen = standing::lines(evidence)
        .into_iter()
        .chain(since(evidence, ledger));
    std::iter::once(about)
        .chain(seen)
        .collect::<Vec<_>>()
        .join("; ")
}

/// What people did after the check, if it counts against what the check said.
fn since(evidence: &Evidence, ledger: Option<&Ledger>) -> Vec<String> {
    let entries = ledger.map_or(&[][..], Ledger::entries);
    let later = entries
        .iter()
        .filter(|one| one.at > evidence.evaluated_at)
        .filter(|one| {
            matches!(
                one.event,
                Event::Paused { .. } | Event::RolledBack { .. } | Event::Overridden { .. }
            )
        });
    let words = later.map(|one| format!("SINCE THEN {} at {}", entry::what(one), one.at));
    words.collect()
}

fn gates(evidence: &Evidence) -> String {
    let of = |one: &crate::assessment::GateAssessment| {
        let window = one
            .window
            .iter()
            .flat_map(|window| gate::window(window, one.kind))
            .next();
        let window = window.map(|window| format!(", {window}"));
        let words = format!(
            "{} {} ({})",
            gate::title(one),
            one.verdict.word(),
            words::gate_in_words(one)
        );
        std::iter::once(words).chain(window).collect::<String>()
    };
    let gates = evidence
        .gates
        .iter()
        .map(of)
        .chain(about_the_plan(evidence));
    gates.collect::<Vec<_>>().join("; ")
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
        Verdict::Stop => {
            let steps = evidence.rollback.first().map(words::step_in_words);
            let begin = steps.map(|step| format!("; the rollback begins with: {step}"));
            format!("pause the rollout now{}", begin.unwrap_or_default())
        }
        Verdict::Go => "every gate that was judged is GO".to_owned(),
        Verdict::NoGo | Verdict::Hold => owed.unwrap_or_else(|| match evidence.verdict {
            Verdict::NoGo => "fix what is unmet, then check the gate again".to_owned(),
            Verdict::Hold | Verdict::Go | Verdict::Stop => {
                "check the gate again when what is open can be decided".to_owned()
            }
        }),
    }
}
