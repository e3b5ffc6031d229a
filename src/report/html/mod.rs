//! One self-contained HTML page: the verdict, what decided, every criterion with its chart, and the record. It loads nothing
//! from elsewhere and is complete without its script. Must not print anything that `Evidence` does not say.

mod card;
mod chart;
mod facts;
mod gate;
mod policy;
mod spark;

pub(super) use facts::{link, with_times};
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::{decided, outstanding, standing, words};
use crate::assessment::{GateAssessment, Outcome};
use crate::evaluate::Samples;
use crate::evidence::Evidence;
use crate::unicode_safety::is_hidden;
use crate::verdict::Verdict;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The page, with a final newline.
#[must_use]
pub fn html(evidence: &Evidence, samples: Option<&Samples>) -> String {
    let body = markup! {
        a.skip href="#gates" { "Skip to the gates" }
        (headline(evidence))
        main id="gates" tabindex="-1" {
            @if evidence.verdict == Verdict::Stop { (facts::rollback(evidence)) }
            @if evidence.gates.len() > 1 { (overview(evidence)) }
            @for position in 0..evidence.gates.len() { (gate::section(evidence, samples, position)) }
            (tasks(evidence))
            (facts::record(evidence))
        }
    };
    let title = format!("{}: {}", evidence.verdict.word(), words::release(evidence));
    shell(&title, &evidence.tool_version, &body)
}

/// A page around its body, with a final newline.
pub(super) fn shell(title: &str, version: &str, body: &Markup) -> String {
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            (head(title, version))
            body {
                (body)
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    let mut page = visible(&page.into_string());
    page.push('\n');
    page
}

/// Makes hidden characters visible. The page has such characters only in text from outside.
fn visible(page: &str) -> String {
    let mut shown = String::with_capacity(page.len());
    for character in page.chars() {
        if character != '\n' && is_hidden(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

fn head(title: &str, version: &str) -> Markup {
    markup! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy::policy(STYLE, SCRIPT));
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            meta name="generator" content=(format!("gate {version}"));
            title { (title) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

fn headline(evidence: &Evidence) -> Markup {
    let started = evidence.started.map(|started| started.to_string());
    markup! {
        header class=(format!("headline {}", tone(evidence.verdict))) {
            p.kind { "Release gate report" }
            h1 {
                (badge(evidence.verdict)) " "
                @if evidence.is_overridden() { (overridden()) " " }
                span.release { (words::release(evidence)) }
            }
            @for line in standing::lines(evidence) { p.note.flag { (line) } }
            p.lead { (words::decided_by(evidence)) }
            dl.facts {
                div { dt { "Evaluated at" } dd { (facts::time(&evidence.evaluated_at.to_string())) } }
                @if let Some(started) = started {
                    div { dt { "Stage started" } dd { (facts::time(&started)) } }
                }
                div { dt { "Plan" } dd { (evidence.plan.path) } }
                div { dt { "Run by" } dd { (evidence.run.user) " on " (evidence.run.host) } }
            }
            @for note in &evidence.notes { p.note { "Note: " (note) } }
        }
    }
}

/// One line for each gate, if there are several.
fn overview(evidence: &Evidence) -> Markup {
    markup! {
        section.panel aria-labelledby="overview" {
            h2 id="overview" { "Gates" }
            table.stacked role="table" {
                caption.unseen { "Each gate with its verdict and what decided it" }
                thead role="rowgroup" { tr role="row" { th scope="col" role="columnheader" { "Verdict" } th scope="col" role="columnheader" { "Gate" } th scope="col" role="columnheader" { "Decided by" } } }
                tbody role="rowgroup" {
                    @for (position, gate) in evidence.gates.iter().enumerate() {
                        tr role="row" {
                            td role="cell" { (badge(gate.verdict)) }
                            th scope="row" role="rowheader" { a href=(format!("#{}", gate::id(position))) { (gate.name()) } }
                            td role="cell" { (words::gate_in_words(gate)) }
                        }
                    }
                }
            }
        }
    }
}

/// What people still have to do, as the commands that settle it.
fn tasks(evidence: &Evidence) -> Markup {
    let tasks = outstanding::tasks(evidence);
    markup! {
        @if !tasks.is_empty() {
            section.panel.tasks aria-labelledby="outstanding" {
                h2 id="outstanding" { "Outstanding" }
                @for task in &tasks {
                    h3 { (task.about) }
                    pre { code { (task.command) } }
                    @if !task.items.is_empty() {
                        dl.items { @for (id, about) in &task.items { div { dt { code { (id) } } dd { (about) } } } }
                    }
                }
            }
        }
    }
}

/// Beside every verdict that somebody proceeds on anyway.
pub(super) fn overridden() -> Markup {
    markup! { span.badge.overridden { (standing::OVERRIDDEN) } }
}

/// The word of a verdict in its colour.
pub(super) fn badge(verdict: Verdict) -> Markup {
    markup! { span class=(format!("badge {}", tone(verdict))) { (verdict.word()) } }
}

/// The tone of an outcome, and a sign of its own.
fn signed(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Met | Outcome::Clear => ("good", "✓"),
        Outcome::Unknown => ("open", "?"),
        Outcome::Unmet => ("bad", "✕"),
        Outcome::Tripped => ("bad", "■"),
    }
}

/// A value with the sign of its outcome; the word is there for those who do not see the sign.
pub(super) fn value_of(value: &str, outcome: Outcome) -> Markup {
    let (tone, sign) = signed(outcome);
    markup! {
        span class=(format!("value {tone}")) { (value) " " span.sign aria-hidden="true" { (sign) } span.unseen { (outcome.word()) } }
    }
}

/// The word of an outcome with a sign of its own.
pub(super) fn outcome(outcome: Outcome) -> Markup {
    let (tone, sign) = signed(outcome);
    markup! {
        span class=(format!("outcome {tone}")) { span.sign aria-hidden="true" { (sign) } " " (outcome.word()) }
    }
}

fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Go => "go",
        Verdict::Hold => "hold",
        Verdict::NoGo => "no-go",
        Verdict::Stop => "stop",
    }
}

/// What decided a gate, with its reasons.
fn decisions(gate: &GateAssessment) -> Markup {
    let decisions = decided::decisions(gate);
    markup! {
        @if !decisions.is_empty() {
            ul.decisions {
                @for decision in decisions {
                    li { (outcome(decision.outcome)) div { strong { (decision.what) } p { (decision.reason) } } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    #[test]
    fn the_verdict_comes_before_everything_else() {
        for (name, evidence) in scenarios::all() {
            let page = html(&evidence, None);
            let body = page.split_once("<body>").expect("a body").1;
            let first = body.find(evidence.verdict.word()).expect("the verdict");
            assert!(
                body.find("<main").is_some_and(|main| first < main),
                "{name}"
            );
        }
    }

    #[test]
    fn the_same_record_gives_the_same_page() {
        let evidence = scenarios::no_go();
        assert_eq!(html(&evidence, None), html(&evidence, None));
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let page = html(&scenarios::stop(), None);
        for loads in [" src=", "<link", "@import", "url(", "<iframe", "<img"] {
            assert!(!page.contains(loads), "{loads}");
        }
    }
}
