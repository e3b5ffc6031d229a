//! Every report is read back by a parser of its format, as its readers do: the same outcomes everywhere, and text from
//! outside changes nothing but the text. Test code only.

mod others;
mod page;

pub(super) use others::marks;
pub(super) use page::structure;

use super::decided::outcome_word;
use super::{Kind, escape, scenarios};
use crate::assessment::{BasedOn, CriterionAssessment};
use crate::evidence::{AcceptedCodes, Answers, Evidence, LedgerSeen, PlanCopy};
use crate::kind::Action;
use crate::plan::{Accept, Lint, PlanWarning, ProblemCode, Subject, Variable};
use crate::rollout::{AfterStop, NextStep, Overridden};
use crate::unicode_safety::is_hidden;

/// Whatever could mean something to one of the readers.
pub(super) const EVIL: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> ]]> --> &amp; &#x3c; \
    \n::error file=x::no\n::stop-commands::x ##[add-mask]x %0A::warning::y \
    | a | `code` **bold** [link](javascript:alert(1)) ![i](http://evil.example/i.png) https://evil.example \
    @everyone #1 $x$ \u{1b}[2J\u{1b}[32mGO\u{9b}0m\u{202e}OG-ON\u{200b}\r\u{7}\u{0} \n# heading\n\n- item\n";

fn render(kind: Kind, evidence: &Evidence) -> String {
    kind.render(evidence, None, None, usize::MAX)
}

/// The scenario with a text in every place that takes one from outside; `begin` precedes it where formulas begin.
fn with_texts(evil: &str, begin: &str) -> Evidence {
    let mut evidence = scenarios::no_go();
    let shown = || format!("{begin}{evil}");
    let stop = scenarios::stop();
    evidence.gates.extend(stop.gates);
    evidence.verdict = stop.verdict;
    evidence.plan.path.push_str(evil);
    let release = &mut evidence.plan.release;
    release.name = shown();
    (release.version, release.kind) = (Some(shown()), Some(shown()));
    (release.owner, release.on_call) = (Some(shown()), Some(shown()));
    release.links = vec![(shown(), format!("javascript:alert(1)//{evil}"))];
    release.subjects = vec![Subject {
        name: shown(),
        sha256: "0".repeat(64),
    }];
    evidence.vars = vec![Variable {
        name: shown(),
        values: vec![shown()],
    }];
    evidence.answers = Answers::LeftOut(shown());
    evidence.notes = vec![shown()];
    evidence.warnings = vec![PlanWarning {
        code: ProblemCode::Lint(Lint::RawCounter),
        line: Some(5),
        column: Some(12),
        message: shown(),
        help: Some(shown()),
    }];
    evidence.accepted = vec![AcceptedCodes {
        kpi: shown(),
        codes: vec![Accept::ImpossibleValue],
    }];
    (evidence.run.user, evidence.run.host) = (shown(), shown());
    (evidence.run.ci, evidence.run.commit) = (Some(shown()), Some(shown()));
    evidence.run.command = vec![shown()];
    (evidence.sources[0].name, evidence.sources[0].url) = (shown(), shown());
    evidence.sources[0].version = Some(shown());
    for step in &mut evidence.rollback {
        (step.action, step.owner) = (shown(), Some(shown()));
    }
    evidence.ledger = Some(LedgerSeen {
        path: shown(),
        entries: 7,
        head_sha256: "0".repeat(64),
        entry: None,
    });
    evidence.plan.copy = PlanCopy::LeftOut(shown());
    for gate in &mut evidence.gates {
        gate.stage = shown();
        gate.flags = vec![shown()];
        gate.after_stop = Some(AfterStop {
            done: vec![shown()],
            open_steps: vec![1],
            done_steps: Vec::new(),
            commands: vec![NextStep::new(Action::Pause, &["--stage", &shown()])],
        });
        gate.overridden = Some(Overridden {
            by: shown(),
            at: scenarios::T,
            why: shown(),
            expires: scenarios::T,
            entry: 3,
        });
        (gate.title, gate.traffic) = (Some(shown()), Some(shown()));
        for criterion in &mut gate.criteria {
            taint(criterion, evil, begin);
        }
    }
    evidence
}

fn taint(criterion: &mut CriterionAssessment, evil: &str, begin: &str) {
    let shown = || format!("{begin}{evil}");
    criterion.name = shown();
    criterion.title = Some(shown());
    criterion.condition = criterion.condition.as_ref().map(|_| shown());
    criterion.reason.push_str(evil);
    criterion.notes = vec![shown()];
    criterion.based_on = vec![
        BasedOn::Entry {
            number: 4,
            by: shown(),
            at: scenarios::T,
            why: shown(),
            links: vec![shown()],
        },
        BasedOn::File {
            path: shown(),
            sha256: "0".repeat(64),
            bytes: 17,
            modified: scenarios::T,
        },
    ];
    criterion.next_step = Some(NextStep {
        action: Action::Confirm,
        arguments: vec![
            format!("list/{}{}", shown(), criterion.code.word()),
            shown(),
        ],
        owner: Some(shown()),
    });
    let Some(kpi) = &mut criterion.kpi else {
        return;
    };
    (kpi.query, kpi.source) = (shown(), shown());
    if let Some(ratio) = &mut kpi.ratio {
        (ratio.part, ratio.total) = (shown(), shown());
    }
    for (number, series) in kpi.series.iter_mut().enumerate() {
        series.reason = shown();
        series.labels = [(shown(), shown())].into_iter().collect();
        let per = |_: &String| format!("{begin}{number}{evil}");
        series.per = series.per.as_ref().map(per);
    }
}

/// The same with a text that means nothing to anybody; `<`, since a condition must have a direction.
pub(super) fn harmless() -> Evidence {
    with_texts("x <", "y")
}

pub(super) fn hostile() -> Evidence {
    with_texts(EVIL, "=cmd()")
}

/// As a reader sees it: hidden characters made visible, on one line.
fn seen(text: &str) -> String {
    let words = escape(text)
        .replace("\\u{3a}:", "::")
        .replace("\\u{23}", "#");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn no_report_holds_a_hidden_character() {
    for kind in Kind::ALL {
        let shown = render(kind, &hostile());
        let hidden = shown.chars().find(|c| *c != '\n' && is_hidden(*c));
        assert_eq!(hidden, None, "{}", kind.word());
    }
}

/// Name and outcome of each criterion, in order, as a reader of the format finds them.
fn outcomes(kind: Kind, evidence: &Evidence) -> Vec<(String, String)> {
    let shown = render(kind, evidence);
    match kind {
        Kind::Html => page::html_outcomes(&shown),
        Kind::Markdown => others::markdown_outcomes(&shown),
        Kind::Junit => others::junit_outcomes(&shown),
        Kind::Csv => {
            let pair = |row: Vec<String>| (row[2].clone(), row[4].clone());
            others::rows(&shown).into_iter().map(pair).collect()
        }
        Kind::Github | Kind::Status => Vec::new(),
    }
}

#[test]
fn every_format_gives_every_criterion_the_same_outcome() {
    for (name, evidence) in scenarios::all() {
        if name == "hostile-texts" {
            continue;
        }
        let criteria = || evidence.gates.iter().flat_map(|gate| &gate.criteria);
        let wanted: Vec<(String, String)> = criteria()
            .map(|one| (one.name.clone(), one.outcome.word().to_owned()))
            .collect();
        let told: Vec<(String, String)> = criteria()
            .map(|one| (one.name.clone(), outcome_word(one).to_owned()))
            .collect();
        for (kind, wanted) in [
            (Kind::Html, &told),
            (Kind::Markdown, &told),
            (Kind::Csv, &wanted),
        ] {
            let found = outcomes(kind, &evidence);
            assert_eq!(&found, wanted, "{name} as {}", kind.word());
        }
        let words = |pairs: Vec<(String, String)>| -> Vec<String> {
            pairs.into_iter().map(|(_, word)| word).collect()
        };
        assert_eq!(
            words(outcomes(Kind::Junit, &evidence)),
            words(wanted),
            "{name} as junit"
        );
        let commands = render(Kind::Github, &evidence);
        for one in criteria() {
            let word = format!("{}: ", outcome_word(one));
            let listed = commands
                .lines()
                .filter(|line| line.starts_with("::notice"))
                .any(|line| {
                    line.split("; ")
                        .any(|part| part.starts_with(&word) && part.contains(&one.name))
                });
            assert!(listed, "{name} as github: {} {word}", one.name);
        }
    }
}

/// Everything that people did or still have to do, as a report on this check must say it.
fn said_of_people(evidence: &Evidence) -> Vec<String> {
    let mut said = super::standing::lines(evidence);
    let criteria = || evidence.gates.iter().flat_map(|gate| &gate.criteria);
    said.extend(criteria().flat_map(super::table::based_on));
    let commands = super::outstanding::tasks(evidence)
        .into_iter()
        .map(|task| task.command);
    said.extend(commands);
    said
}

/// A page without the marks that keep its words in one piece.
pub(super) fn unmarked(page: &str) -> String {
    let marks = [
        "<span class=\"whole\">",
        "</span>",
        "<wbr>",
        "<code>",
        "</code>",
    ];
    let page = page.to_owned();
    marks.iter().fold(page, |page, mark| page.replace(mark, ""))
}

/// Letters and digits only: formats differ in what they put around them.
fn letters(text: &str) -> String {
    let plain = unmarked(text).replace("%3A", ":");
    let plain = [
        "&#60;", "&lt;", "&#62;", "&gt;", "&#64;", "&#39;", "&#46;", "&#58;", "&apos;",
    ]
    .iter()
    .fold(plain, |text, entity| text.replace(entity, ""));
    plain.chars().filter(char::is_ascii_alphanumeric).collect()
}

#[test]
fn every_format_says_what_people_did_and_have_to_do() {
    for (name, evidence) in scenarios::people() {
        for kind in [Kind::Html, Kind::Markdown, Kind::Junit, Kind::Github] {
            let shown = letters(&render(kind, &evidence));
            // Annotations are for bad and unknown outcomes; test results name the command of each criterion in full.
            let told = |line: &&String| match kind {
                Kind::Github => !line.starts_with("entry ") && !line.contains("sha256"),
                _ => true,
            };
            for line in said_of_people(&evidence).iter().filter(told) {
                let pattern = ["ITEM", " ID", " ROLE"]
                    .iter()
                    .any(|word| line.contains(word));
                let is_there = shown.contains(&letters(line));
                assert!(
                    is_there || pattern && matches!(kind, Kind::Junit | Kind::Github),
                    "{name} as {}: {line}",
                    kind.word()
                );
            }
        }
    }
}

#[test]
fn an_override_turns_nothing_green() {
    let evidence = scenarios::overridden();
    let mut plain = evidence.clone();
    for gate in &mut plain.gates {
        gate.overridden = None;
    }
    for (kind, words) in [
        (Kind::Junit, ["<failure", "<error"]),
        (Kind::Github, ["::error", "::warning"]),
    ] {
        for word in words {
            let count = |evidence| render(kind, evidence).matches(word).count();
            assert_eq!(count(&evidence), count(&plain), "{} {word}", kind.word());
        }
    }
    assert!(render(Kind::Junit, &evidence).contains("<failure"));
    assert!(render(Kind::Github, &evidence).contains("::error"));
}
