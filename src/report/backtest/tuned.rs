//! Suggested limits for people, and the plan with them as a diff. Must not choose a limit.

use super::{text, words};
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
        for said in words::doubts(whole, tried, counted) {
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
    text::remarks(&mut page, whole);
    page.finish()
}

/// What is told beside a diff: what was not answered or judged, and of each suggestion what speaks against it.
#[must_use]
pub fn beside_diff(whole: &Backtest, suggested: Suggested<'_>) -> Vec<String> {
    let mut said = Vec::new();
    for ((tried, counted), suggestions) in whole.gates.iter().zip(suggested) {
        let stage = &tried.stage;
        let doubts = words::doubts(whole, tried, counted).into_iter();
        said.extend(doubts.map(|doubt| format!("{stage}: {doubt}")));
        for suggestion in suggestions {
            let Some(criterion) = tried.criteria.get(suggestion.criterion) else {
                continue;
            };
            let condition = match &suggestion.then {
                Ok(then) => &then.condition,
                Err(_) => &suggestion.now.condition,
            };
            let about = format!("{stage}: {} {} {condition}", criterion.list, criterion.name);
            let all = against(suggestion).into_iter();
            said.extend(all.map(|(one, _)| format!("{about}: {one}")));
        }
    }
    said.extend(words::remarks(whole).into_iter().map(|one| one.text));
    said
}

/// What speaks against a suggestion, and whether that must not be overlooked.
fn against(suggestion: &Suggestion) -> Vec<(String, bool)> {
    let mut said = Vec::new();
    if let Err(why) = &suggestion.then {
        said.push((format!("no limit is suggested: {}", why.words()), false));
    }
    let loses = suggestion.loses.iter();
    said.extend(loses.map(|name| (format!("LOSES incident {name}"), true)));
    if suggestion.is_only_noise() {
        let words = "no limit that keeps what is allowed catches any incident: it only makes noise";
        said.push((words.to_owned(), false));
    }
    let short = suggestion.too_short.iter();
    said.extend(short.map(|short| (short.clone(), false)));
    said
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
        Err(_) => {}
        Ok(then) if then.condition == suggestion.now.condition => {
            page.line(4, Cell::plain("then  the same"));
        }
        Ok(then) => {
            let did = did(counted, criterion, then);
            page.line(4, Cell::plain(&format!("then  {}: {did}", then.condition)));
        }
    }
    for (said, is_warning) in against(suggestion) {
        let cell = if is_warning {
            Cell::warning(&said)
        } else {
            Cell::plain(&said)
        };
        page.line(4, cell);
    }
    for (name, limit) in &suggestion.lost_from {
        page.line(4, Cell::plain(&format!("{name} is lost from {limit} on")));
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
