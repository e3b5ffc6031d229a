//! JUnit, Markdown, workflow commands, CSV and the printed text, read back as their readers do.
//! Test code only.

use pulldown_cmark::{Event, Options, Parser};

use super::{harmless, hostile, render, seen};
use crate::evidence::Evidence;
use crate::report::{Kind, Style, text};
use crate::unicode_safety::is_hidden;

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

fn options() -> Options {
    Options::all() - Options::ENABLE_SMART_PUNCTUATION
}

/// What the parser sees, without the words.
pub(in crate::report) fn marks(page: &str) -> Vec<String> {
    let mark = |event: Event| match event {
        Event::Text(_) | Event::Code(_) => None,
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
    assert!(!page.contains("&#8203;"));
    assert!(seen(&texts).contains("<script>alert(1)</script>"));
}

/// As the runner parses them: the command, its properties, its message.
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

pub(super) fn rows(table: &str) -> Vec<Vec<String>> {
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

/// Name and outcome of each criterion, in order.
pub(super) fn markdown_outcomes(page: &str) -> Vec<(String, String)> {
    let is_row = |line: &&str| line.starts_with("| ") && line.matches(" | ").count() == 4;
    let cells = page
        .lines()
        .filter(is_row)
        .filter(|line| !line.contains("Outcome") && !line.contains("---"));
    let pair = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let name = cells[1]
            .split("<br>")
            .next()
            .unwrap_or_default()
            .replace('\\', "");
        let (_, word) = cells[0].trim().split_once(' ').unwrap_or_default();
        (name, word.to_owned())
    };
    cells.map(pair).collect()
}

pub(super) fn junit_outcomes(document: &str) -> Vec<(String, String)> {
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
