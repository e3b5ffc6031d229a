//! What must be seen before anything else: overrides, in capitals, and flags. Shows both, decides neither.

use super::page::{Cell, Page};
use super::plan_changes;
use crate::assessment::GateAssessment;
use crate::evidence::Evidence;
use crate::ledger::known_as;
use crate::rollout::Overridden;
use crate::verdict::Verdict;

/// Beside every verdict that somebody proceeds on anyway.
pub(super) const OVERRIDDEN: &str = "OVERRIDDEN";

/// Under the headline.
pub(super) fn write(page: &mut Page, evidence: &Evidence, indent: usize) {
    for line in lines(evidence) {
        page.line(indent, Cell::warning(&line));
    }
}

/// Each flag once, then each override and its effect on the exit code.
pub(super) fn lines(evidence: &Evidence) -> Vec<String> {
    let mut lines = flags(evidence);
    lines.extend(overrides(evidence));
    lines
}

/// Each override in force in a check.
pub(super) fn overrides_in_force(evidence: &Evidence) -> Vec<String> {
    evidence
        .deciding()
        .filter_map(|gate| {
            let overridden = gate.override_in_force()?;
            Some(proceeds(gate, overridden))
        })
        .collect()
}

/// `pilot/exit NO-GO: OVERRIDDEN by Ada Lovelace until …, because: …`.
pub(super) fn proceeds(gate: &GateAssessment, overridden: &Overridden) -> String {
    let (name, verdict) = (gate.name(), gate.verdict.word());
    let who = in_short(overridden);
    format!("{name} {verdict}: {who}, because: {}", overridden.why)
}

fn overrides(evidence: &Evidence) -> Vec<String> {
    let mut lines = overrides_in_force(evidence);
    if !lines.is_empty() {
        let code = evidence.exit().code();
        lines.push(match (evidence.accept_overrides, still_open(evidence)) {
            (true, open) if !open.is_empty() => {
                format!(
                    "exit code {code}: not overridden, and not GO: {}",
                    open.join(", ")
                )
            }
            (true, _) => {
                format!("exit code {code}: overrides are accepted (--accept-overrides)")
            }
            (false, _) => {
                format!("exit code {code}: an override counts only with --accept-overrides")
            }
        });
    }
    lines
}

/// The gates that are not GO and on which nobody proceeds.
fn still_open(evidence: &Evidence) -> Vec<String> {
    let open = evidence
        .deciding()
        .filter(|gate| gate.verdict != Verdict::Go && gate.override_in_force().is_none());
    open.map(|gate| gate.name().to_string()).collect()
}

/// `OVERRIDDEN by Ada Lovelace until 2026-11-21T14:00:00Z`.
pub(super) fn in_short(overridden: &Overridden) -> String {
    format!(
        "{OVERRIDDEN} by {} until {}",
        known_as(&overridden.by),
        overridden.expires
    )
}

/// The whole story, for the gate's own part.
pub(super) fn in_full(overridden: &Overridden) -> String {
    let Overridden {
        by,
        at,
        why,
        expires,
        entry,
    } = overridden;
    let by = known_as(by);
    format!("{OVERRIDDEN} by {by} at {at} until {expires} (entry {entry}), because: {why}")
}

/// The flags of all stages, each once, then what changed in the plan since the gates were judged last.
pub(super) fn flags(evidence: &Evidence) -> Vec<String> {
    let mut flags = Vec::new();
    for flag in evidence.gates.iter().flat_map(|gate| &gate.flags) {
        if !flags.contains(flag) {
            flags.push(flag.clone());
        }
    }
    flags.extend(evidence.plan_changes.iter().map(plan_changes::line));
    flags
}
