//! Suggested limits for people, and the plan with them as a diff. Must not choose a limit.

use super::words;
use crate::backtest::{Backtest, Counted, CriterionTried, Suggestion, Tried, TuneVerdict};
use crate::kind::List;
use crate::report::Style;
use crate::report::page::{Cell, Page};

/// Suggestions of each gate, in its order.
pub type Suggested<'a> = &'a [Vec<Suggestion>];

/// All of it, with a final newline.
#[must_use]
pub fn tuned(whole: &Backtest, suggested: Suggested<'_>, style: &Style) -> String {
    let mut page = Page::new(style);
    for ((tried, counted), suggestions) in whole.gates.iter().zip(suggested) {
        page.blank();
        let title = format!(
            "limits of {}, {}: {}, {} quiet",
            whole.release,
            words::gate(whole, tried),
            words::trials(whole, tried.outcomes.len()),
            words::days(counted.quiet_time)
        );
        page.line(0, Cell::heading(&title));
        if let Some(said) = words::late_samples(whole) {
            page.line(0, Cell::warning(&said));
        }
        for suggestion in suggestions {
            if let Some(criterion) = tried.criteria.get(suggestion.criterion) {
                page.blank();
                show(&mut page, (tried, counted), criterion, suggestion);
            }
        }
    }
    page.blank();
    page.line(0, Cell::plain("limits keep to what they promise in this history alone: headroom is for what comes; tune again after each wave"));
    for note in &whole.notes {
        page.line(0, Cell::plain(&format!("note: {note}")));
    }
    page.finish()
}

fn show(
    page: &mut Page,
    (_, counted): (&Tried, &Counted),
    criterion: &CriterionTried,
    suggestion: &Suggestion,
) {
    let name = format!("{} {}", criterion.list, criterion.name);
    page.line(2, Cell::heading(&name));
    let now = did(counted, criterion, &suggestion.now);
    page.line(
        4,
        Cell::plain(&format!("now   {}: {now}", suggestion.now.condition)),
    );
    match &suggestion.then {
        Err(why) => page.line(
            4,
            Cell::plain(&format!("no limit is suggested: {}", why.words())),
        ),
        Ok(then) if then.condition == suggestion.now.condition => {
            page.line(4, Cell::plain("then  the same"));
        }
        Ok(then) => {
            let did = did(counted, criterion, then);
            page.line(4, Cell::plain(&format!("then  {}: {did}", then.condition)));
        }
    }
    for name in &suggestion.loses {
        page.line(4, Cell::warning(&format!("LOSES incident {name}")));
    }
    if suggestion.is_only_noise() {
        let said = "no limit that keeps what is allowed catches any incident: it only makes noise";
        page.line(4, Cell::plain(said));
    }
    for (name, limit) in &suggestion.lost_from {
        page.line(4, Cell::plain(&format!("{name} is lost from {limit} on")));
    }
    if let Some(said) = &suggestion.too_short {
        page.line(4, Cell::plain(said));
    }
    if let Some((name, worst, least)) = &suggestion.driven_by {
        let said = format!(
            "{name} drives the common limit with {worst}; another one would need {least}: a plan has one limit for all"
        );
        page.line(4, Cell::plain(&said));
    }
}

fn did(counted: &Counted, criterion: &CriterionTried, verdict: &TuneVerdict) -> String {
    if criterion.list != List::Stop {
        return format!("{} quiet releases fail", verdict.false_ones);
    }
    let rate = words::rate(counted, verdict.false_ones);
    let caught = words::caught(&verdict.caught);
    let times = words::detection(&verdict.caught);
    match (caught.as_str(), times.as_str()) {
        ("-", _) if verdict.caught.is_empty() => format!("{rate} false a week"),
        // It would have stopped them all before.
        ("-", _) => format!("{rate} false a week, no release was running at an incident"),
        (_, "-") => format!("{rate} false a week, {caught} caught"),
        (_, _) => format!("{rate} false a week, {caught} caught (in {times})"),
    }
}

/// A change of a line of the plan: its number, counted from 1, as it is and as it would be.
pub type ChangedLine = (usize, String, String);

/// The changed lines as a unified diff; empty if none is.
#[must_use]
pub fn diff(path: &str, plan: &str, changed: &[ChangedLine]) -> String {
    const CONTEXT: usize = 3;
    if changed.is_empty() {
        return String::new();
    }
    let lines: Vec<&str> = plan.lines().collect();
    let mut text = format!("--- {path}\n+++ {path}\n");
    let mut rest = changed;
    while let Some((first, ..)) = rest.first() {
        let from = first.saturating_sub(CONTEXT).max(1);
        // What is nearer to each other than their context is one hunk.
        let (mut to, mut count) = (*first, 0);
        for (number, ..) in rest {
            if *number > to + 2 * CONTEXT {
                break;
            }
            (to, count) = (*number, count + 1);
        }
        let (hunk, after) = rest.split_at(count);
        let to = (to + CONTEXT).min(lines.len());
        let length = to + 1 - from;
        text.push_str(&format!("@@ -{from},{length} +{from},{length} @@\n"));
        for number in from..=to {
            let line = lines.get(number - 1).copied().unwrap_or_default();
            match hunk.iter().find(|(changed, ..)| *changed == number) {
                Some((_, was, is)) => text.push_str(&format!("-{was}\n+{is}\n")),
                None => text.push_str(&format!(" {line}\n")),
            }
        }
        rest = after;
    }
    text
}
