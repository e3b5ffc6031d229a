//! Markdown for pull requests and job summaries, as GitHub shows it. What does not fit is left out in whole parts, and says so.

mod inline;

use super::measured::{measured, required, worst};
use super::outstanding::Asked;
use super::{
    after_stop, based_on, decided, end, gate, outstanding, plan_findings, standing, table, trend,
    words,
};
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome};
use crate::evidence::{Answers, Evidence, PlanCopy};
use crate::kind::List;
use crate::verdict::Verdict;
use inline::inline_with;
pub(super) use inline::{code, inline, link, opening, strong};

/// Columns of a trend line.
const TREND: usize = 24;

/// How much of a report is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Everything.
    Whole,
    /// What decided, gate by gate.
    Decided,
    /// The verdict of each gate.
    Verdicts,
    /// The verdict.
    Verdict,
}

/// The report in at most `room` bytes; if it is too long, what decided is kept longest. Empty if not even the verdict fits.
#[must_use]
pub fn markdown(evidence: &Evidence, room: usize) -> String {
    let extents = [
        Extent::Whole,
        Extent::Decided,
        Extent::Verdicts,
        Extent::Verdict,
    ];
    extents
        .into_iter()
        .map(|extent| page(evidence, extent))
        .find(|shown| shown.len() <= room)
        .unwrap_or_default()
}

fn page(evidence: &Evidence, extent: Extent) -> String {
    let mut page = headline(evidence);
    if evidence.verdict == Verdict::Stop && extent != Extent::Verdict {
        page.push_str(&rollback(evidence));
    }
    match extent {
        Extent::Whole => {
            if evidence.gates.len() > 1 {
                page.push_str(&overview(evidence));
            }
            let gates = evidence.gates.iter();
            page.extend(gates.map(|gate| format!("{}{}", decision(gate), criteria(gate))));
            page.push_str(&tasks(evidence));
        }
        Extent::Decided => {
            page.extend(evidence.gates.iter().map(decision));
            page.push_str(&tasks(evidence));
        }
        Extent::Verdicts => page.push_str(&overview(evidence)),
        Extent::Verdict => {}
    }
    if extent != Extent::Whole {
        page.push_str("_The rest is left out, as there is no room: the evidence has it all._\n\n");
    }
    page.push_str(&footer(evidence));
    page.push_str(&end(evidence));
    page
}

/// The verdict once more, and what to do next.
fn end(evidence: &Evidence) -> String {
    let (sign, word) = (sign(evidence.verdict), evidence.verdict.word());
    format!("\n{sign} **{word}** {}\n", inline(&end::in_words(evidence)))
}

/// A sign that colour-blind readers can tell apart too; the word is beside it.
pub(super) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Go => "✅",
        Verdict::Hold => "⏳",
        Verdict::NoGo => "❌",
        Verdict::Stop => "🛑",
    }
}

pub(super) fn outcome_sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met | Outcome::Clear => "✅",
        Outcome::Unknown => "❔",
        Outcome::Unmet => "❌",
        Outcome::Tripped => "🛑",
    }
}

/// The same of a criterion, which may be a stop on its way.
fn sign_of(criterion: &CriterionAssessment) -> &'static str {
    match criterion.approach() {
        Some(_) => "⚠️",
        None => outcome_sign(criterion.outcome),
    }
}

fn headline(evidence: &Evidence) -> String {
    let overridden = overridden(evidence.is_overridden());
    let mut shown = format!(
        "## {} {}{overridden}: {}\n\n",
        sign(evidence.verdict),
        evidence.verdict.word(),
        inline(&words::release(evidence)),
    );
    for line in standing::lines(evidence) {
        shown.push_str(&format!("> ⚠️ {}\n>\n", strong(&line)));
    }
    shown.push_str(&format!("\n{}\n\n", opening(&words::decided_by(evidence))));
    shown
}

/// Follows every verdict that somebody proceeds on anyway.
pub(super) fn overridden(is_overridden: bool) -> String {
    if is_overridden {
        format!(" ⚠️ {}", standing::OVERRIDDEN)
    } else {
        String::new()
    }
}

/// What people still have to do, as the commands that settle it.
fn tasks(evidence: &Evidence) -> String {
    let tasks = outstanding::tasks(evidence);
    if tasks.is_empty() {
        return String::new();
    }
    let mut shown = "### Outstanding\n\n".to_owned();
    for task in tasks {
        let (about, command) = (asked(&task.about), code(&task.command));
        shown.push_str(&format!("- {about}<br>{command}\n"));
        for (id, about) in task.items {
            shown.push_str(&format!("  - {} {}\n", code(&id), asked(&about)));
        }
    }
    shown.push('\n');
    shown
}

/// What is asked, its link to be clicked on. It never begins a line.
fn asked(asked: &Asked) -> String {
    inline_with(&asked.in_words(), asked.link.as_slice())
}

fn rollback(evidence: &Evidence) -> String {
    let response = after_stop::response(evidence);
    let mut shown = format!(
        "> [!CAUTION]\n> **What stops:** {}",
        inline(&response.stops)
    );
    if !response.done.is_empty() {
        shown.push_str(&format!("\n>\n> {}", opening(&response.done)));
    }
    if response.commands.is_empty() {
        shown.push_str("\n>\n> **Pause the rollout now.**");
    }
    for command in &response.commands {
        shown.push_str(&format!("\n>\n> {}", code(command)));
    }
    if evidence.rollback.is_empty() {
        shown.push_str("\n>\n> The plan has no rollback steps.");
    }
    for way in &response.ways {
        let heading = way.heading.as_deref().unwrap_or("Rollback steps");
        shown.push_str(&format!("\n>\n> {}:\n>", inline(heading)));
        for (number, step) in &way.steps {
            shown.push_str(&format!("\n> {number}. {}", opening(step)));
        }
    }
    shown.push_str("\n\n");
    shown
}

fn overview(evidence: &Evidence) -> String {
    let rows: String = evidence.gates.iter().map(overview_row).collect();
    format!("| Verdict | Gate | Decided by |\n| --- | --- | --- |\n{rows}\n")
}

fn overview_row(gate: &GateAssessment) -> String {
    let what = inline(&words::gate_in_words(gate));
    let verdict = gate.verdict.word();
    let name = inline(&gate.name().to_string());
    format!("| {} {verdict} | {name} | {what} |\n", sign(gate.verdict))
}

/// A gate: its verdict, its window, what decided.
fn decision(one: &GateAssessment) -> String {
    let mut shown = format!(
        "### {} {}{} {}\n\n",
        sign(one.verdict),
        one.verdict.word(),
        overridden(one.override_in_force().is_some()),
        inline(&gate::title(one)),
    );
    if let Some(by) = one.override_in_force() {
        shown.push_str(&format!("{}\n\n", strong(&standing::in_full(by))));
    }
    shown.push_str(&gate::counts(one));
    let window = one.window.iter().flat_map(|of| gate::window(of, one.kind));
    for line in window {
        shown.push_str(&format!("; {}", inline(&line)));
    }
    shown.push_str("\n\n");
    for decision in decided::decisions(one) {
        shown.push_str(&format!(
            "- **{}** {}<br>{}\n",
            decision.outcome.word(),
            inline(&decision.what),
            inline(&decision.reason)
        ));
    }
    shown.push('\n');
    shown
}

/// The criteria of a gate, each list under its heading.
fn criteria(gate: &GateAssessment) -> String {
    let (mut shown, mut list) = (String::new(), None);
    for criterion in &gate.criteria {
        if list != Some(criterion.list) {
            list = Some(criterion.list);
            shown.push_str(&list_heading(gate, criterion.list, shown.is_empty()));
        }
        shown.push_str(&row(gate, criterion));
    }
    shown.push('\n');
    shown
}

fn list_heading(gate: &GateAssessment, list: List, first: bool) -> String {
    let gap = if first { "" } else { "\n" };
    format!(
        "{gap}**{}**\n\n| Outcome | Criterion | Condition | Measured | Trend |\n| --- | --- | --- | --- | --- |\n",
        inline(&table::list_in_words(gate, list))
    )
}

fn row(gate: &GateAssessment, criterion: &CriterionAssessment) -> String {
    let mut name = inline(&criterion.name);
    if let Some(title) = criterion.title.as_ref().filter(|_| criterion.kpi.is_some()) {
        name.push_str(&format!(" ({})", inline(title)));
    }
    let addresses = based_on::addresses(criterion);
    for line in table::remarks(gate, criterion) {
        name.push_str(&format!("<br>{}", inline_with(&line, &addresses)));
    }
    format!(
        "| {} {} | {name} | {} | {} | {} |\n",
        sign_of(criterion),
        decided::outcome_word(criterion),
        code(&required(criterion)),
        inline(measured(criterion).as_deref().unwrap_or("—")),
        code(&trend_of(criterion))
    )
}

fn trend_of(criterion: &CriterionAssessment) -> String {
    let series = criterion.kpi.as_ref().and_then(super::measured::focus);
    series.map_or_else(String::new, |series| {
        trend::line(
            &series.trend,
            series.bound_of_points(),
            worst(criterion),
            TREND,
            true,
        )
    })
}

fn footer(evidence: &Evidence) -> String {
    let mut lines: Vec<String> = Vec::new();
    lines.extend(evidence.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(plan_findings::lines(evidence));
    lines.extend(words::sources(evidence).map(|source| format!("source {source}")));
    lines.extend(words::baselines(evidence).map(|baseline| format!("baseline {baseline}")));
    match &evidence.answers {
        Answers::Kept { path, sha256 } => lines.push(format!("answers {path}, sha256 {sha256}")),
        Answers::LeftOut(reason) => lines.push(format!("answers not kept: {reason}")),
    }
    if let PlanCopy::LeftOut(reason) = &evidence.plan.copy {
        lines.push(format!("copy of the plan not kept: {reason}"));
    }
    lines.extend(evidence.ledger.as_ref().map(words::ledger_in_words));
    let plan = &evidence.plan;
    lines.push(format!("plan {}, sha256 {}", plan.path, plan.sha256));
    lines.push(format!(
        "evaluated at {} by gate {}",
        evidence.evaluated_at, evidence.tool_version
    ));
    let lines: Vec<String> = lines.iter().map(|line| inline(line)).collect();
    format!("<sub>{}</sub>\n", lines.join("<br>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    #[test]
    fn what_decided_is_kept_longest() {
        let evidence = scenarios::stop();
        let whole = markdown(&evidence, usize::MAX);
        assert!(whole.starts_with("## 🛑 STOP: R1.0"), "{whole}");
        let decided = markdown(&evidence, whole.len() - 1);
        assert!(decided.contains("**tripped**") && !decided.contains("| Outcome |"));
        let verdicts = markdown(&evidence, decided.len() - 1);
        assert!(verdicts.contains("STOP | pilot/exit") && verdicts.contains("Disable flag"));
        assert!(markdown(&evidence, verdicts.len() - 1).starts_with("## 🛑 STOP"));
        assert_eq!(markdown(&evidence, 10), "");
    }

    #[test]
    fn l12_what_is_asked_of_people_is_clicked_on() {
        let page = markdown(&scenarios::outstanding(), usize::MAX);
        let link = "see <https://wiki.example.com/runbooks/rollback>";
        // In the table of criteria, and with the command that settles it.
        assert_eq!(page.matches(link).count(), 2, "{page}");
    }

    #[test]
    fn every_extent_says_what_is_missing() {
        let evidence = scenarios::no_go();
        assert!(!page(&evidence, Extent::Whole).contains("left out"));
        for extent in [Extent::Decided, Extent::Verdicts, Extent::Verdict] {
            assert!(page(&evidence, extent).contains("left out"));
        }
    }
}
