//! The printed report: the verdict first, then what decided, then everything else. Shows reasons, invents none.

use super::gate::{self, VERDICT_WIDTH, counts};
use super::page::{Cell, GAP, Page};
use super::{Style, decided, outstanding, plan_findings, standing};
use crate::assessment::{Code, GateAssessment, Outcome};
use crate::evidence::{Answers, Evidence, LedgerSeen, PlanCopy};
use crate::plan::RollbackStep;
use crate::samples::SourceSeen;
use crate::units::Duration;
use crate::verdict::Verdict;

/// The report of one check, with a final newline. It says neither who ran the check nor where the evidence is, so that
/// replayed answers give the same text.
#[must_use]
pub fn text(evidence: &Evidence, style: &Style) -> String {
    let mut page = Page::new(style);
    headline(&mut page, evidence);
    standing::write(&mut page, evidence, VERDICT_WIDTH + GAP);
    if evidence.verdict == Verdict::Stop {
        rollback(&mut page, evidence);
    }
    if evidence.gates.len() > 1 {
        overview(&mut page, evidence);
    }
    for gate in &evidence.gates {
        gate::write(&mut page, gate);
    }
    outstanding::of_check(&mut page, evidence);
    footer(&mut page, evidence);
    page.finish()
}

/// One line for each plan, in the order given: verdict, plan, and what decided.
#[must_use]
pub fn verdict_lines(checks: &[Evidence], style: &Style) -> String {
    let mut page = Page::new(style);
    let rows = checks
        .iter()
        .map(|check| (check.verdict, Cell::plain(&check.plan.path), summary(check)));
    write_verdicts(&mut page, rows.collect());
    page.finish()
}

/// What decided, after what must be seen first.
fn summary(evidence: &Evidence) -> String {
    let overridden = evidence.is_overridden();
    let mut parts: Vec<String> = overridden
        .then(|| standing::OVERRIDDEN.to_owned())
        .into_iter()
        .collect();
    parts.extend(standing::flags(evidence));
    parts.push(decided_by(evidence));
    parts.join("; ")
}

fn headline(page: &mut Page, evidence: &Evidence) {
    let dot = page.sign("·", "-");
    let mut line = format!("{} {dot} {}", release(evidence), evidence.plan.path);
    if evidence.is_overridden() {
        line = format!("{} {dot} {line}", standing::OVERRIDDEN);
    }
    let label = [(VERDICT_WIDTH, Cell::verdict(evidence.verdict))];
    page.labelled(0, &label, Cell::heading(&line));
}

/// `R1.0 1.0.0`.
pub(super) fn release(evidence: &Evidence) -> String {
    let release = &evidence.plan.release;
    match &release.version {
        Some(version) => format!("{} {version}", release.name),
        None => release.name.clone(),
    }
}

/// What to do now, before why: on STOP minutes count.
fn rollback(page: &mut Page, evidence: &Evidence) {
    page.line(
        0,
        Cell::heading(&format!("pause the rollout now: {}", decided_by(evidence))),
    );
    page.blank();
    if evidence.rollback.is_empty() {
        page.line(0, Cell::plain("the plan has no rollback steps"));
        return;
    }
    page.line(0, Cell::heading("rollback"));
    let width = evidence.rollback.len().to_string().len() + 1;
    for (index, step) in evidence.rollback.iter().enumerate() {
        let number = Cell::plain(&format!("{:>width$}", format!("{}.", index + 1)));
        page.labelled(2, &[(width, number)], Cell::plain(&step_in_words(step)));
    }
}

/// `Disable flag shipping.v2 (@ops, 2m)`.
pub(super) fn step_in_words(step: &RollbackStep) -> String {
    let takes = step.takes.map(|takes| takes.to_string());
    let about: Vec<String> = step.owner.clone().into_iter().chain(takes).collect();
    if about.is_empty() {
        return step.action.clone();
    }
    format!("{} ({})", step.action, about.join(", "))
}

/// One line for each gate, if there are several.
fn overview(page: &mut Page, evidence: &Evidence) {
    page.blank();
    let rows = evidence.gates.iter().map(|gate| {
        let name = Cell::plain(&gate.name().to_string());
        (gate.verdict, name, gate_in_words(gate))
    });
    write_verdicts(page, rows.collect());
}

/// Verdicts, names and what there is to say about each, in columns.
fn write_verdicts(page: &mut Page, rows: Vec<(Verdict, Cell, String)>) {
    let widest = rows.iter().map(|(_, name, _)| name.width()).max();
    let width = widest.unwrap_or(0).min(page.width() / 3);
    for (verdict, name, words) in rows {
        let labels = [(VERDICT_WIDTH, Cell::verdict(verdict)), (width, name)];
        page.labelled(0, &labels, Cell::plain(&words));
    }
}

/// `5/6 met, stops 3/3 clear; unmet: exception_rate`, after the name of whoever proceeds anyway.
pub(super) fn gate_in_words(gate: &GateAssessment) -> String {
    let criteria = decided::deciding(gate);
    let words = match criteria.first() {
        None => counts(gate),
        Some(first) => format!(
            "{}; {}: {}",
            counts(gate),
            first.outcome.word(),
            decided::names(&criteria)
        ),
    };
    match gate.override_in_force() {
        Some(overridden) => format!("{}; {words}", standing::in_short(overridden)),
        None => words,
    }
}

/// What decided a check, in one line: the first criterion behind the worst verdict, and how many more there are.
pub(super) fn decided_by(evidence: &Evidence) -> String {
    let gates = evidence.gates.iter();
    let worst: Vec<_> = gates
        .filter(|gate| gate.verdict == evidence.verdict)
        .collect();
    let mut deciding = worst.iter().flat_map(|gate| {
        let criteria = decided::deciding(gate).into_iter();
        criteria.map(|criterion| (gate.name(), criterion))
    });
    let Some((gate, criterion)) = deciding.next() else {
        let gates = worst
            .iter()
            .map(|gate| format!("{} {}", gate.name(), counts(gate)));
        return gates.collect::<Vec<_>>().join("; ");
    };
    let line = match criterion.outcome {
        // The value looks good by now: the earlier trip counts.
        Outcome::Tripped if criterion.code == Code::TrippedBefore => {
            format!("{gate}: {}, {}", criterion.name, criterion.reason)
        }
        Outcome::Unknown => {
            let name = decided::called(criterion.kind, &criterion.name);
            format!("{gate}: {name} unknown, {}", criterion.reason)
        }
        Outcome::Unmet | Outcome::Tripped | Outcome::Met | Outcome::Clear => {
            format!("{gate}: {}", decided::in_words(criterion))
        }
    };
    match deciding.count() {
        0 => line,
        more => format!("{line}; and {more} more"),
    }
}

/// `default: http://127.0.0.1:9090, version 3.5.3`, with the settings that its answers depend on.
pub(super) fn source_in_words(source: &SourceSeen) -> String {
    let version = source.version.as_deref().map_or_else(
        || "version unknown".to_owned(),
        |version| format!("version {version}"),
    );
    let mut words = format!("{}: {}, {version}", source.name, source.url);
    if let Some(lookback) = source.lookback {
        words.push_str(&format!(", lookback {lookback}"));
    }
    if source.delay > Duration::ZERO {
        words.push_str(&format!(", delay {}", source.delay));
    }
    for (name, value) in &source.params {
        words.push_str(&format!(", {name}={value}"));
    }
    words
}

/// What was judged, when, by which version.
fn footer(page: &mut Page, evidence: &Evidence) {
    page.blank();
    for note in &evidence.notes {
        page.line(0, Cell::plain(&format!("note: {note}")));
    }
    for line in plan_findings::lines(evidence) {
        page.line(0, Cell::plain(&line));
    }
    for source in &evidence.sources {
        let line = format!("source {}", source_in_words(source));
        page.line(0, Cell::plain(&line));
    }
    if let Answers::LeftOut(reason) = &evidence.answers {
        page.line(0, Cell::plain(&format!("answers not kept: {reason}")));
    }
    if let PlanCopy::LeftOut(reason) = &evidence.plan.copy {
        page.line(0, Cell::plain(&format!("plan not kept: {reason}")));
    }
    page.line(
        0,
        Cell::plain(&format!("plan sha256 {}", evidence.plan.sha256)),
    );
    if let Some(ledger) = &evidence.ledger {
        page.line(0, Cell::plain(&ledger_in_words(ledger)));
    }
    page.line(
        0,
        Cell::plain(&format!(
            "evaluated at {} by gate {}",
            evidence.evaluated_at, evidence.tool_version
        )),
    );
}

/// `ledger pilot.ledger.jsonl: 14 entries, head sha256 …`.
pub(super) fn ledger_in_words(ledger: &LedgerSeen) -> String {
    let word = if ledger.entries == 1 {
        "entry"
    } else {
        "entries"
    };
    format!(
        "ledger {}: {} {word}, head sha256 {}",
        ledger.path, ledger.entries, ledger.head_sha256
    )
}
