//! One self-contained HTML page: the verdict, what decided, every criterion with its chart, and the record. It loads nothing
//! from elsewhere and is complete without its script. Must not print anything that `Evidence` does not say.

mod card;
mod chart;
mod facts;
mod gate;
mod interval;
mod links;
mod policy;
mod spark;
mod strip;
mod whole;

pub(super) use facts::{link, with_code};
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::outstanding::Asked;
use super::{decided, end, outstanding, standing, words};
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome, SeriesAssessment};
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
        (headline(evidence, samples))
        main id="gates" tabindex="-1" {
            @if evidence.verdict == Verdict::Stop { (facts::rollback(evidence)) }
            @if evidence.gates.len() > 1 { (overview(evidence)) }
            @for position in 0..evidence.gates.len() { (gate::section(evidence, samples, position)) }
            (tasks(evidence))
            (facts::record(evidence))
            p.end { (badge(evidence.verdict)) " " (with_code(&end::in_words(evidence))) }
        }
    };
    let title = format!("{}: {}", evidence.verdict.word(), words::release(evidence));
    shell(&title, &evidence.tool_version, &body)
}

/// A page around its body, with a final newline.
pub(super) fn shell(title: &str, version: &str, body: &Markup) -> String {
    let assets = Assets {
        more_style: "",
        script: SCRIPT,
    };
    shell_of(title, version, body, &assets)
}

/// What a page brings of its own.
pub(super) struct Assets {
    /// Beside the style of all pages.
    pub more_style: &'static str,
    /// In the place of the script.
    pub script: &'static str,
}

/// The same with other assets.
pub(super) fn shell_of(title: &str, version: &str, body: &Markup, assets: &Assets) -> String {
    let style = format!("{STYLE}{}", assets.more_style);
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            (head(title, version, &style, assets.script))
            body {
                (PreEscaped(whole::whole(&body.0)))
                script { (PreEscaped(assets.script)) }
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

fn head(title: &str, version: &str, style: &str, script: &str) -> Markup {
    markup! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy::policy(style, script));
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            meta name="generator" content=(format!("gate {version}"));
            title { (title) }
            style { (PreEscaped(style)) }
        }
    }
}

fn headline(evidence: &Evidence, samples: Option<&Samples>) -> Markup {
    let started = evidence.started.map(|started| started.to_string());
    markup! {
        header class=(format!("headline {}", tone(evidence.verdict))) {
            p.kind { "Release gate report" }
            h1 {
                (badge(evidence.verdict)) " "
                @if evidence.is_overridden() { (overridden()) " " }
                span.release { (words::release(evidence)) }
            }
            @for line in standing::lines(evidence) { p.note.flag { (with_code(&line)) } }
            p.lead { (with_code(&words::decided_by(evidence))) }
            dl.facts {
                div { dt { "Evaluated at" } dd { (facts::time(&evidence.evaluated_at.to_string())) } }
                @if let Some(started) = started {
                    div { dt { "Stage started" } dd { (facts::time(&started)) } }
                }
                div { dt { "Plan" } dd { (evidence.plan.path) } }
                div { dt { "Run by" } dd { (evidence.run.user) " on " (evidence.run.host) } }
            }
            @for note in &evidence.notes { p.note { "Note: " (with_code(note)) } }
            (strip::strip(evidence, samples))
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
                    h3 { (asked(&task.about)) }
                    pre { code { (task.command) } }
                    @if !task.items.is_empty() {
                        dl.items { @for (id, about) in &task.items { div { dt { code { (id) } } dd { (asked(about)) } } } }
                    }
                }
            }
        }
    }
}

/// What is asked, its link to be clicked on.
fn asked(asked: &Asked) -> Markup {
    facts::with_links(&asked.in_words(), asked.link.as_slice())
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

/// The same of a criterion, which may be met so far, or a stop on its way.
pub(super) fn outcome_of(criterion: &CriterionAssessment) -> Markup {
    if criterion.is_not_applicable() {
        let word = decided::outcome_word(criterion);
        return markup! { span.outcome.good { span.sign aria-hidden="true" { "–" } " " (word) } };
    }
    if criterion.approach().is_some() {
        on_its_way()
    } else if criterion.is_shown_so_far() {
        so_far_met()
    } else {
        outcome(criterion.outcome)
    }
}

/// The same of one of its series.
pub(super) fn outcome_of_series(series: &SeriesAssessment) -> Markup {
    if series.is_on_its_way() {
        on_its_way()
    } else if series.is_met_so_far() {
        so_far_met()
    } else {
        outcome(series.outcome)
    }
}

fn on_its_way() -> Markup {
    markup! {
        span.outcome.bad { span.sign aria-hidden="true" { "▲" } " " (decided::ON_ITS_WAY) }
    }
}

fn so_far_met() -> Markup {
    markup! {
        span.outcome.open { span.sign aria-hidden="true" { "✓" } " " (decided::SO_FAR_MET) }
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
                    li { (outcome(decision.outcome)) div { strong { (decision.what) } p { (with_code(&decision.reason)) } } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::Code;
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
    fn l12_what_is_asked_of_people_is_clicked_on() {
        let page = html(&scenarios::outstanding(), None);
        let link = "see <a href=\"https://wiki.example.com/runbooks/rollback\"";
        // In the table of criteria, and with the command that settles it.
        assert_eq!(page.matches(link).count(), 2, "{page}");
    }

    /// The parts of a page that begin like this.
    fn parts<'p>(page: &'p str, begins: &str) -> Vec<&'p str> {
        page.split(begins).skip(1).collect()
    }

    #[test]
    fn l17_what_decided_is_drawn_first() {
        for evidence in [scenarios::no_go(), scenarios::stop()] {
            let page = html(&evidence, None);
            let gate = parts(&page, "<section class=\"gate\"")[0];
            let cards = parts(gate, "<article");
            let tones: Vec<bool> = cards
                .iter()
                .map(|card| {
                    let heading = card.split("</h3>").next().expect("a heading");
                    heading.contains("outcome bad")
                })
                .collect();
            assert!(
                tones[0] && tones.is_sorted_by(|one, next| one >= next),
                "{tones:?}"
            );
        }
    }

    #[test]
    fn l17_a_kpi_has_one_chart_with_both_limits() {
        let mut evidence = scenarios::go();
        let gate = &mut evidence.gates[0];
        let exit = gate
            .criteria
            .iter()
            .find(|one| one.name == "exception_rate")
            .expect("it");
        let mut stop = exit.clone();
        stop.list = crate::kind::List::Stop;
        stop.outcome = Outcome::Clear;
        stop.condition = Some("> 4% for 10m".to_owned());
        for series in &mut stop.kpi.as_mut().expect("a KPI").series {
            series.bound = Some(0.04);
        }
        gate.criteria.insert(0, stop);
        let page = html(&evidence, None);
        let cards = parts(&page, "<article");
        let cards: Vec<_> = cards
            .iter()
            .filter(|card| card.contains("exception_rate"))
            .collect();
        assert_eq!(cards.len(), 1);
        let card = cards[0];
        assert_eq!(card.matches("<figure").count(), 1, "{card}");
        for said in [
            "stops at 4%",
            "limit 3%",
            "Stop criterion",
            "Exit criterion",
            "&gt; 4% for 10m",
            "&lt; 3%",
        ] {
            assert!(card.contains(said), "{said} in {card}");
        }
    }

    #[test]
    fn l17_a_running_window_is_drawn_to_its_end_in_utc() {
        let evidence = scenarios::hold_incomplete();
        let ends = evidence.gates[0]
            .window
            .as_ref()
            .and_then(|window| window.completes_at);
        let ends = ends.expect("an end").millis();
        let page = html(&evidence, None);
        let charts = parts(&page, "<figure");
        let running: Vec<_> = charts
            .iter()
            .filter(|chart| chart.contains(&format!("data-right=\"{ends}\"")))
            .collect();
        assert_eq!(running.len(), charts.len());
        assert!(
            charts
                .iter()
                .all(|chart| chart.contains(">UTC</text>") && chart.contains("judged up to here"))
        );
        let complete = html(&scenarios::go(), None);
        assert!(!complete.contains("judged up to here"));
    }

    #[test]
    fn l2_one_word_stands_for_one_state() {
        let mut evidence = scenarios::hold_incomplete();
        // Nothing but the end of the window is missing anywhere.
        let criteria = evidence
            .gates
            .iter_mut()
            .flat_map(|gate| &mut gate.criteria);
        for criterion in criteria.filter(|one| one.kpi.is_some()) {
            (criterion.outcome, criterion.code) = (Outcome::Unknown, Code::WindowIncomplete);
            for series in criterion.kpi.iter_mut().flat_map(|kpi| &mut kpi.series) {
                (series.outcome, series.code) = (Outcome::Unknown, Code::WindowIncomplete);
            }
        }
        let page = html(&evidence, None);
        for card in parts(&page, "<article") {
            let card = card.split("</article>").next().expect("a card");
            assert!(
                card.contains("so far met") && !card.contains("> unknown<"),
                "{card}"
            );
        }
    }

    #[test]
    fn l17_each_site_has_a_row() {
        let page = html(&scenarios::go(), None);
        let table = parts(&page, "<table class=\"stacked criteria\"")[0];
        let table = table.split("</table>").next().expect("a table");
        for site in ["LEJ2", "BER1"] {
            assert_eq!(
                table
                    .matches(&format!("<td class=\"per-name\" role=\"cell\">{site}</td>"))
                    .count(),
                1,
                "{table}"
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
