//! Every report is read back by a parser of its format, as those read it who are given it: the same outcomes everywhere, and
//! texts from outside that change nothing but the text. Test code only.

use std::cell::RefCell;

use html5ever::tendril::TendrilSink;
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use pulldown_cmark::{Event, Options, Parser};

use super::{Kind, Style, escape, scenarios, text};
use crate::evaluate::CriterionAssessment;
use crate::evidence::{Answers, Evidence, is_hidden};
use crate::plan::{Subject, Variable};

/// Whatever could mean something to one of the readers.
const EVIL: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> ]]> --> &amp; &#x3c; \
    \n::error file=x::no\n::stop-commands::x ##[add-mask]x %0A::warning::y \
    | a | `code` **bold** [link](javascript:alert(1)) ![i](http://evil.example/i.png) https://evil.example \
    @everyone #1 $x$ \u{1b}[2J\u{1b}[32mGO\u{9b}0m\u{202e}OG-ON\u{200b}\r\u{7}\u{0} \n# heading\n\n- item\n";

fn render(kind: Kind, evidence: &Evidence) -> String {
    kind.render(evidence, None, usize::MAX)
}

/// The scenario with a text in every place that takes one from outside; `begin` stands before it where formulas begin.
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
    (evidence.run.user, evidence.run.host) = (shown(), shown());
    (evidence.run.ci, evidence.run.commit) = (Some(shown()), Some(shown()));
    evidence.run.command = vec![shown()];
    (evidence.sources[0].name, evidence.sources[0].url) = (shown(), shown());
    evidence.sources[0].version = Some(shown());
    for step in &mut evidence.rollback {
        (step.action, step.owner) = (shown(), Some(shown()));
    }
    for gate in &mut evidence.gates {
        gate.stage = shown();
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
    let Some(kpi) = &mut criterion.kpi else {
        return;
    };
    (kpi.query, kpi.source) = (shown(), shown());
    for (number, series) in kpi.series.iter_mut().enumerate() {
        series.reason = shown();
        series.labels = [(shown(), shown())].into_iter().collect();
        let per = |_: &String| format!("{begin}{number}{evil}");
        series.per = series.per.as_ref().map(per);
    }
}

/// The same with a text that means nothing to anybody; `<` for a condition has to have a direction.
fn harmless() -> Evidence {
    with_texts("x <", "y")
}

fn hostile() -> Evidence {
    with_texts(EVIL, "=cmd()")
}

/// As a reader sees it: what is hidden is in sight, on one line.
fn seen(text: &str) -> String {
    let words = escape(text)
        .replace("\\u{3a}:", "::")
        .replace("\\u{23}", "#");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

// HTML

fn dom(page: &str) -> RcDom {
    let dom =
        html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default()).one(page);
    let errors: Vec<String> = dom
        .errors
        .borrow()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    dom
}

/// Visits every node, parents first.
fn walk(node: &Handle, visit: &mut dyn FnMut(&Handle)) {
    visit(node);
    for child in node.children.borrow().iter() {
        walk(child, visit);
    }
}

fn element(node: &Handle) -> Option<String> {
    match &node.data {
        NodeData::Element { name, .. } => Some(name.local.to_string()),
        _ => None,
    }
}

fn attributes(node: &Handle) -> Vec<(String, String)> {
    match &node.data {
        NodeData::Element { attrs, .. } => {
            let pair =
                |one: &html5ever::Attribute| (one.name.local.to_string(), one.value.to_string());
            attrs.borrow().iter().map(pair).collect()
        }
        _ => Vec::new(),
    }
}

fn content(node: &Handle) -> String {
    let shown = RefCell::new(String::new());
    walk(node, &mut |node| {
        if let NodeData::Text { contents } = &node.data {
            shown.borrow_mut().push_str(&contents.borrow());
        }
    });
    let shown = shown.into_inner();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every element with the names of its attributes.
fn structure(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(&dom(page).document, &mut |node| {
        if let Some(name) = element(node) {
            let names: Vec<String> = attributes(node).into_iter().map(|(name, _)| name).collect();
            found.push(format!("{name} {}", names.join(" ")));
        }
        if let NodeData::Comment { .. } = node.data {
            found.push("a comment".to_owned());
        }
    });
    found
}

#[test]
fn no_text_changes_the_structure_of_the_page() {
    let page = render(Kind::Html, &hostile());
    assert_eq!(
        structure(&page),
        structure(&render(Kind::Html, &harmless()))
    );
    let shown = content(&dom(&page).document);
    let wanted = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> ]]> --> &amp; &#x3c;";
    assert!(shown.contains(wanted), "{shown}");
}

#[test]
fn the_page_links_to_itself_and_the_web_only() {
    walk(
        &dom(&render(Kind::Html, &hostile())).document,
        &mut |node| {
            for (name, value) in attributes(node) {
                assert!(
                    !name.starts_with("on") && name != "style" && name != "src",
                    "{name}"
                );
                let leads = name != "href" || value.starts_with('#') || value.starts_with("http");
                assert!(leads, "{name}={value}");
            }
        },
    );
}

#[test]
fn every_id_is_unique_and_every_reference_leads_somewhere() {
    for (name, evidence) in scenarios::all() {
        let (mut ids, mut used) = (Vec::new(), Vec::new());
        walk(&dom(&render(Kind::Html, &evidence)).document, &mut |node| {
            for (attribute, value) in attributes(node) {
                match attribute.as_str() {
                    "id" => ids.push(value),
                    "aria-labelledby" => used.extend(value.split(' ').map(str::to_owned)),
                    "href" => used.extend(value.strip_prefix('#').map(str::to_owned)),
                    _ => {}
                }
            }
        });
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "{name}");
        for one in used {
            assert!(distinct.contains(&one), "{name}: {one}");
        }
    }
}

// JUnit

/// Every tag with its attributes, and every text.
fn xml(document: &str) -> (Vec<String>, Vec<String>) {
    let mut reader = quick_xml::Reader::from_str(document);
    let (mut tags, mut texts) = (Vec::new(), Vec::new());
    loop {
        use quick_xml::events::Event;
        let event = reader.read_event().expect("well-formed");
        let tag = match &event {
            Event::Eof => break,
            Event::Start(tag) | Event::Empty(tag) => tag,
            Event::Text(text) => {
                texts.push(text.decode().expect("UTF-8").into_owned());
                continue;
            }
            Event::Comment(_) | Event::CData(_) | Event::PI(_) => panic!("{event:?}"),
            _ => continue,
        };
        let mut names = Vec::new();
        for attribute in tag.attributes() {
            let attribute = attribute.expect("an attribute");
            names.push(String::from_utf8_lossy(attribute.key.as_ref()).into_owned());
            texts.push(
                attribute
                    .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                    .expect("a text")
                    .into_owned(),
            );
        }
        let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
        tags.push(format!("{name} {}", names.join(" ")));
    }
    (tags, texts)
}

#[test]
fn no_text_changes_the_structure_of_the_test_results() {
    let (tags, texts) = xml(&render(Kind::Junit, &hostile()));
    assert_eq!(tags, xml(&render(Kind::Junit, &harmless())).0);
    assert!(
        texts
            .iter()
            .any(|text| text.contains("</script>\"'><img src=x onerror=alert(1)> ]]> -->"))
    );
    assert!(
        !texts
            .iter()
            .any(|text| text.chars().any(|c| c != '\n' && is_hidden(c)))
    );
}

// Markdown

fn options() -> Options {
    Options::all() - Options::ENABLE_SMART_PUNCTUATION
}

/// What the parser sees, without the words.
fn marks(page: &str) -> Vec<String> {
    let mark = |event: Event| match event {
        Event::Text(_) => None,
        other => Some(format!("{other:?}")),
    };
    Parser::new_ext(page, options()).filter_map(mark).collect()
}

#[test]
fn no_text_changes_the_structure_of_the_markdown() {
    let page = render(Kind::Markdown, &hostile());
    assert_eq!(marks(&page), marks(&render(Kind::Markdown, &harmless())));
    let texts: String = Parser::new_ext(&page, options())
        .filter_map(|event| match event {
            Event::Text(text) => Some(text.into_string()),
            _ => None,
        })
        .collect();
    for (sign, next) in texts.chars().zip(texts.chars().skip(1)) {
        assert!(
            !"@#".contains(sign) || !next.is_alphanumeric(),
            "{sign}{next}"
        );
    }
    assert!(!texts.contains("://"));
    assert!(seen(&texts.replace('\u{200b}', "")).contains("<script>alert(1)</script>"));
}

// Workflow commands

/// As the runner takes them apart: the command, its properties, its message.
fn command(line: &str) -> (String, String, String) {
    let decode = |text: &str| {
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%25", "%")
    };
    let property = |text: &str| decode(&text.replace("%3A", ":").replace("%2C", ","));
    let inside = line.strip_prefix("::").expect("a command");
    let (head, message) = inside.split_once("::").expect("a message");
    let (name, properties) = head.split_once(' ').expect("properties");
    let title = properties.split_once(",title=").expect("a title").1;
    (name.to_owned(), property(title), decode(message))
}

#[test]
fn no_text_begins_or_ends_a_workflow_command() {
    let commands = |evidence: &Evidence| -> Vec<_> {
        let shown = render(Kind::Github, evidence);
        shown.lines().map(command).collect()
    };
    let (evil, plain) = (commands(&hostile()), commands(&harmless()));
    let names = |all: &[(String, String, String)]| -> Vec<String> {
        all.iter().map(|(name, ..)| name.clone()).collect()
    };
    assert_eq!(names(&evil), names(&plain));
    for (_, title, message) in evil {
        assert!(!title.contains(['\r', '\n']) && !message.contains(['\r', '\n']));
        assert!(!message.contains("##["));
    }
}

#[test]
fn no_printed_line_is_a_workflow_command() {
    for width in [40, 44, 64, 80, 110] {
        let style = Style {
            width,
            ..Style::FILE
        };
        for line in text(&hostile(), &style).lines() {
            assert!(
                !line.trim().starts_with("::") && !line.contains("##["),
                "{line}"
            );
        }
    }
}

// CSV

fn rows(table: &str) -> Vec<Vec<String>> {
    let mut reader = ::csv::Reader::from_reader(table.as_bytes());
    let row = |row: Result<::csv::StringRecord, _>| {
        row.expect("a row").iter().map(str::to_owned).collect()
    };
    reader.records().map(row).collect()
}

#[test]
fn no_cell_is_a_formula_and_no_text_adds_a_row() {
    let evil = rows(&render(Kind::Csv, &hostile()));
    assert_eq!(evil.len(), rows(&render(Kind::Csv, &harmless())).len());
    for cell in evil.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        assert!(!cell.contains(['\n', '\r']));
    }
}

// All of them

#[test]
fn nothing_hidden_stands_in_any_report() {
    for kind in Kind::ALL {
        let shown = render(kind, &hostile());
        // Between the letters of accounts and addresses, Markdown needs a sign that joins nothing; it writes it as `&#8203;`.
        let hidden = shown.chars().find(|c| *c != '\n' && is_hidden(*c));
        assert_eq!(hidden, None, "{}", kind.word());
    }
}

/// Name and outcome of each criterion, in order, as a reader of the format finds them.
fn outcomes(kind: Kind, evidence: &Evidence) -> Vec<(String, String)> {
    let shown = render(kind, evidence);
    match kind {
        Kind::Html => html_outcomes(&shown),
        Kind::Markdown => markdown_outcomes(&shown),
        Kind::Junit => junit_outcomes(&shown),
        Kind::Csv => {
            let pair = |row: Vec<String>| (row[2].clone(), row[4].clone());
            rows(&shown).into_iter().map(pair).collect()
        }
        Kind::Github => Vec::new(),
    }
}

fn html_outcomes(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&dom(page).document, &mut |node| {
        let parts = node.children.borrow();
        let is = |position: usize, class: &str| {
            parts.get(position).is_some_and(|part: &Handle| {
                attributes(part).iter().any(|(_, value)| value == class)
            })
        };
        if element(node).as_deref() == Some("tr") && is(2, "condition") {
            let outcome = content(&parts[0]);
            let name = parts[1].children.borrow().first().map(content);
            let word = outcome.rsplit(' ').next().unwrap_or_default();
            found.push((name.unwrap_or_default(), word.to_owned()));
        }
    });
    found
}

fn markdown_outcomes(page: &str) -> Vec<(String, String)> {
    let is_row = |line: &&str| line.starts_with("| ") && line.matches(" | ").count() == 4;
    let cells = page
        .lines()
        .filter(is_row)
        .filter(|line| !line.contains("outcome") && !line.contains("---"));
    let pair = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let name = cells[1]
            .split("<br>")
            .next()
            .unwrap_or_default()
            .replace('\\', "");
        let word = cells[0].rsplit(' ').next().unwrap_or_default();
        (name, word.to_owned())
    };
    cells.map(pair).collect()
}

fn junit_outcomes(document: &str) -> Vec<(String, String)> {
    let cases = document.split("<testcase name=\"").skip(1);
    let pair = |case: &str| {
        let name = case.split_once(": ").expect("a list").1;
        let name = name.split([' ', '"']).next().unwrap_or_default();
        let outcome = case
            .split_once("name=\"outcome\" value=\"")
            .expect("an outcome")
            .1;
        (
            name.to_owned(),
            outcome.split('"').next().unwrap_or_default().to_owned(),
        )
    };
    cases.map(pair).collect()
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
        for kind in [Kind::Html, Kind::Markdown, Kind::Csv] {
            assert_eq!(
                outcomes(kind, &evidence),
                wanted,
                "{name} as {}",
                kind.word()
            );
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
            let word = format!("{}: ", one.outcome.word());
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
