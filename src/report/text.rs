//! The printed report: the verdict first, then what decided, then everything else. Shows reasons, invents none.

use super::gate::{self, VERDICT_WIDTH};
use super::page::{Cell, GAP, Page};
use super::{Style, after_stop, brief, end, outstanding, plan_findings, standing, words};
use crate::evidence::{Answers, Evidence, PlanCopy};
use crate::rollout::short;
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
    if evidence.deciding().count() > 1 {
        overview(&mut page, evidence);
    }
    let is_alone = evidence.deciding().count() == 1;
    for gate in evidence.deciding() {
        gate::write(&mut page, gate, is_alone);
    }
    // After a stop nothing else is due: what is, is at the top.
    let mut follows = false;
    if style.whole || evidence.verdict != Verdict::Stop {
        let has_outlook = outlook(&mut page, evidence);
        let has_tasks = outstanding::of_check(&mut page, evidence);
        // On a screen the outlook is a line, which needs no gap.
        let is_go = evidence.verdict == Verdict::Go;
        follows = !style.whole && has_outlook && !has_tasks && !is_go;
    }
    footer(&mut page, evidence, follows);
    last(&mut page, evidence);
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
    parts.push(words::decided_by(evidence));
    parts.join("; ")
}

/// The verdict and what decided it, then what was judged.
fn headline(page: &mut Page, evidence: &Evidence) {
    let dot = page.sign("·", "-");
    let mut line = words::decided_by(evidence);
    if evidence.is_overridden() {
        line = format!("{} {dot} {line}", standing::OVERRIDDEN);
    }
    let label = [(VERDICT_WIDTH, Cell::verdict(evidence.verdict))];
    page.labelled(0, &label, Cell::heading(&line));
    let about = format!("{} {dot} {}", words::release(evidence), evidence.plan.path);
    page.line(VERDICT_WIDTH + GAP, Cell::plain(&about));
}

/// The last line: the verdict once more, and what to do next.
fn last(page: &mut Page, evidence: &Evidence) {
    page.blank();
    let label = [(VERDICT_WIDTH, Cell::verdict(evidence.verdict))];
    page.labelled(0, &label, Cell::heading(&end::in_words(evidence)));
}

/// What to do now, before why: on STOP minutes count.
fn rollback(page: &mut Page, evidence: &Evidence) {
    let response = after_stop::response(evidence);
    // Who paused it and why is under the headline.
    if !response.done.is_empty() && standing::flags(evidence).is_empty() {
        page.line(2, Cell::plain(&response.done));
    }
    if response.commands.is_empty() {
        page.line(2, Cell::heading("pause the rollout now"));
    }
    for command in &response.commands {
        page.line(2, Cell::heading(command));
    }
    if evidence.rollback.is_empty() {
        page.line(2, Cell::plain("the plan has no rollback steps"));
    }
    if response.ways.is_empty() {
        return;
    }
    page.blank();
    let has_ways = response.ways.iter().any(|way| way.heading.is_some());
    let heading = if has_ways && !response.is_taken {
        "rollback, one of"
    } else {
        "rollback steps"
    };
    page.line(0, Cell::heading(heading));
    let width = evidence.rollback.len().to_string().len() + 1;
    for way in &response.ways {
        let mut indent = 2;
        if let Some(heading) = &way.heading {
            page.line(indent, Cell::heading(heading));
            indent += 2;
        }
        for (number, step) in &way.steps {
            let number = Cell::plain(&format!("{:>width$}", format!("{number}.")));
            page.labelled(indent, &[(width, number)], Cell::plain(step));
        }
    }
}

/// What comes next, in short: what is unmet with its reason, what is unknown by name. Whether anything does.
fn outlook(page: &mut Page, evidence: &Evidence) -> bool {
    // After a GO it is what comes next.
    let in_short = !page.whole() && evidence.verdict != Verdict::Go;
    let ahead = || evidence.gates.iter().filter(|gate| gate.outlook);
    for (position, gate) in ahead().enumerate() {
        // A line of its own that begins further left than the table before it.
        if in_short {
            page.line(0, Cell::plain(&brief::ahead(gate)));
            continue;
        }
        if position == 0 {
            page.blank();
            page.line(0, Cell::heading(brief::OUTLOOK));
        }
        gate::write_ahead(page, gate);
    }
    ahead().next().is_some()
}

/// One line for each gate, if there are several.
fn overview(page: &mut Page, evidence: &Evidence) {
    page.blank();
    let rows = evidence.deciding().map(|gate| {
        let name = Cell::plain(&gate.name().to_string());
        (gate.verdict, name, words::gate_in_words(gate))
    });
    write_verdicts(page, rows.collect());
}

/// Verdicts, names and what there is to say about each, in columns.
fn write_verdicts(page: &mut Page, rows: Vec<(Verdict, Cell, String)>) {
    let widest = rows.iter().map(|(_, name, _)| name.width()).max();
    let width = widest.unwrap_or(0);
    for (verdict, name, words) in rows {
        let verdict = (VERDICT_WIDTH, Cell::verdict(verdict));
        // A name is never cut.
        if width > page.width() / 3 {
            page.labelled(0, std::slice::from_ref(&verdict), name);
            page.line(VERDICT_WIDTH + GAP, Cell::plain(&words));
        } else {
            page.labelled(0, &[verdict, (width, name)], Cell::plain(&words));
        }
    }
}

/// What was judged, when, by which version. The record beside the text has the digests in full.
fn footer(page: &mut Page, evidence: &Evidence, follows: bool) {
    if !follows {
        page.blank();
    }
    for note in &evidence.notes {
        page.line(0, Cell::plain(&format!("note: {note}")));
    }
    for line in plan_findings::lines(evidence) {
        page.line(0, Cell::plain(&line));
    }
    if let Answers::LeftOut(reason) = &evidence.answers {
        page.line(0, Cell::plain(&format!("answers not kept: {reason}")));
    }
    if let PlanCopy::LeftOut(reason) = &evidence.plan.copy {
        page.line(0, Cell::plain(&format!("plan not kept: {reason}")));
    }
    let judged = if page.whole() {
        in_full(evidence).join("; ")
    } else {
        in_short(page, evidence)
    };
    page.line(0, Cell::plain(&judged));
}

/// On one line, if there is a way to tell it on one.
fn in_short(page: &Page, evidence: &Evidence) -> String {
    let [longest, shorter, shortest] = words::judged_in_short(evidence);
    let fits = |line: &String| Cell::plain(line).width() <= page.width();
    let mut forms = [longest, shorter].into_iter();
    forms.find(fits).unwrap_or(shortest)
}

/// With everything that the verdict depends on.
fn in_full(evidence: &Evidence) -> Vec<String> {
    let judged = format!(
        "evaluated at {} by gate {}, plan sha256 {}",
        evidence.evaluated_at,
        evidence.tool_version,
        short(&evidence.plan.sha256)
    );
    let sources = words::sources(evidence).map(|source| format!("source {source}"));
    let baselines = words::baselines(evidence).map(|baseline| format!("baseline {baseline}"));
    let ledger = evidence.ledger.as_ref().map(words::ledger_in_short);
    let all = std::iter::once(judged)
        .chain(sources)
        .chain(baselines)
        .chain(ledger);
    all.collect()
}
