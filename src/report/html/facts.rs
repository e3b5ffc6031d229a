//! The record around the verdict: rollback steps, release, sources, plan, answers, who ran it. Links only to the web.

use maud::{Markup, html};

use crate::evidence::{Answers, Evidence, PlanCopy};
use crate::report::{after_stop, plan_findings, words};

/// What stops, then what to do now, before why.
pub(super) fn rollback(evidence: &Evidence) -> Markup {
    let response = after_stop::response(evidence);
    html! {
        section.panel.alarm aria-labelledby="rollback" {
            h2 id="rollback" { "What stops" }
            p { (response.stops) }
            @if !response.done.is_empty() { p { (response.done) } }
            @if response.commands.is_empty() { p { "Pause the rollout now." } }
            @for command in &response.commands { p { code { (command) } } }
            @if evidence.rollback.is_empty() { p { "The plan has no rollback steps." } }
            (ways(&response.ways))
        }
    }
}

fn ways(ways: &[after_stop::Way]) -> Markup {
    html! {
        @for way in ways {
            h3 { (way.heading.as_deref().unwrap_or("Rollback steps")) }
            ol { @for (number, step) in &way.steps { li value=(number) { (step) } } }
        }
    }
}

/// Everything that an auditor asks for.
pub(super) fn record(evidence: &Evidence) -> Markup {
    let plan = &evidence.plan;
    html! {
        section.panel.record aria-labelledby="record" {
            h2 id="record" { "Record" }
            dl.facts.wide {
                (release(evidence))
                div { dt { "Plan" } dd { (plan.path) " " code { "sha256 " (plan.sha256) } } }
                @for source in words::sources(evidence) { div { dt { "Source" } dd { (source) } } }
                @for baseline in words::baselines(evidence) { div { dt { "Baseline" } dd { (baseline) } } }
                @match &evidence.answers {
                    Answers::Kept { path, sha256 } => div { dt { "Answers" } dd { (path) " " code { "sha256 " (sha256) } } },
                    Answers::LeftOut(reason) => div { dt { "Answers" } dd { "not kept: " (reason) } },
                }
                @if let PlanCopy::LeftOut(reason) = &plan.copy { div { dt { "Copy of the plan" } dd { "not kept: " (reason) } } }
                @for line in plan_findings::lines(evidence) { div { dt { "About the plan" } dd { (line) } } }
                @if let Some(ledger) = &evidence.ledger { div { dt { "Ledger" } dd { (words::ledger_in_words(ledger)) } } }
                @for variable in &evidence.vars {
                    div { dt { "Variable" } dd { code { "$" (variable.name) } " = " (variable.values.join(", ")) } }
                }
                (run(evidence))
                div { dt { "Judged by" } dd { "gate " (evidence.tool_version) } }
            }
            (ways(&after_stop::ways((1..).zip(&evidence.rollback))))
        }
    }
}

fn release(evidence: &Evidence) -> Markup {
    let release = &evidence.plan.release;
    let named = [
        ("Type", &release.kind),
        ("Owner", &release.owner),
        ("On call", &release.on_call),
    ];
    html! {
        div { dt { "Release" } dd { (words::release(evidence)) } }
        @for (name, value) in named {
            @if let Some(value) = value { div { dt { (name) } dd { (value) } } }
        }
        @for subject in &release.subjects {
            div { dt { "Subject" } dd { (subject.name) " " code { "sha256 " (subject.sha256) } } }
        }
        @for (name, url) in &release.links { div { dt { (name) } dd { (link(url)) } } }
    }
}

fn run(evidence: &Evidence) -> Markup {
    let run = &evidence.run;
    html! {
        div { dt { "Run by" } dd { (run.user) " on " (run.host) } }
        @if let Some(ci) = &run.ci { div { dt { "CI run" } dd { (link(ci)) } } }
        @if let Some(commit) = &run.commit { div { dt { "Commit" } dd { code { (commit) } } } }
        @if !run.command.is_empty() { div { dt { "Command" } dd { code { (run.command.join(" ")) } } } }
    }
}

/// A web address as a link; anything else as text, since a plan may hold any scheme.
pub(in crate::report) fn link(address: &str) -> Markup {
    html! {
        @if is_web(address) { a href=(address) rel="noopener noreferrer" { (address) } } @else { (address) }
    }
}

/// The same under another name.
pub(super) fn link_as(name: &str, address: &str) -> Markup {
    html! {
        @if is_web(address) { a href=(address) rel="noopener noreferrer" { (name) } } @else { (name) ": " (address) }
    }
}

fn is_web(address: &str) -> bool {
    let web = ["https://", "http://"];
    web.into_iter().any(|scheme| address.starts_with(scheme))
}

/// A text in which words that are one of these addresses, but for a comma after them, are links.
pub(super) fn with_links(text: &str, addresses: &[String]) -> Markup {
    html! {
        @for (place, word) in text.split(' ').enumerate() {
            @if place > 0 { " " }
            @let whole = addresses.iter().any(|one| one == word);
            @let core = if whole { word } else { word.trim_end_matches(',') };
            @if addresses.iter().any(|one| one == core) {
                (link(core)) (word.strip_prefix(core).unwrap_or_default())
            } @else { (word) }
        }
    }
}

/// A text with the commands that it names between backticks as code. Anything else stays as it is: it may come from outside.
pub(in crate::report) fn with_code(text: &str) -> Markup {
    let is_command = |part: &str| part.starts_with("gate ") || part.starts_with("--");
    let parts: Vec<&str> = text.split('`').collect();
    let is_code = |place: usize| {
        let part = parts.get(place).filter(|part| is_command(part));
        place % 2 == 1 && place + 1 < parts.len() && part.is_some()
    };
    html! {
        @for (place, part) in parts.iter().enumerate() {
            @if is_code(place) { code { (part) } } @else {
                @if place > 0 && !is_code(place - 1) { "`" }
                (part)
            }
        }
    }
}

/// A time for people and machines.
pub(super) fn time(text: &str) -> Markup {
    html! { time datetime=(text) { (text) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_in_a_sentence_is_code() {
        let shown = |text| with_code(text).into_string();
        assert_eq!(shown("with `gate <x>`"), "with <code>gate &lt;x&gt;</code>");
        for kept in ["a ` alone", "`x` and `gate y", "``"] {
            assert_eq!(shown(kept), kept);
        }
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert!(link("https://example.com").into_string().starts_with("<a "));
        for address in [
            "javascript:alert(1)",
            "data:text/html,x",
            " https://x",
            "//x",
        ] {
            assert!(!link(address).into_string().contains("<a"), "{address}");
        }
    }
}
