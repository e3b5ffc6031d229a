//! `docs/criteria/`: a page for each kind of criterion, whose plans are valid, whose commands do what it says, and whose
//! codes are those that result.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gate::assessment::Code;
use gate::kind::CriterionKind;
use serde_json::Value;

use crate::scenarios::replay;
use crate::support::faulty::{Faulty, json};
use crate::support::program::Workplace;
use crate::support::scenario;

/// The index, which is not the page of a kind.
const INDEX: &str = "README";
/// Codes of any criterion that asks a server; they are listed once, in the index.
const ASKED: &str = "README.md#what-could-not-be-asked";

/// What a source without samples and without rules answers.
fn empty(request: &str) -> &'static str {
    match request {
        _ if request.contains("/api/v1/rules") => r#"{"status":"success","data":{"groups":[]}}"#,
        _ if request.contains("/api/v1/query_range") => {
            r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#
        }
        _ => r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#,
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/criteria")
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(format!("{name}.md"))).expect("a page")
}

/// The pages of kinds, by the word of the kind.
fn pages() -> BTreeMap<String, String> {
    let files = fs::read_dir(folder())
        .expect("docs/criteria")
        .map(|entry| entry.expect("a file").path());
    let names = files.map(|path| {
        path.file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    });
    names
        .filter(|name| name != INDEX)
        .map(|name| (name.clone(), read(&name)))
        .collect()
}

/// What is between fences of this language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    let rest = page.split(opening.as_str()).skip(1);
    rest.map(|rest| rest.split("```").next().unwrap_or_default())
        .collect()
}

/// A section of a page, without its heading.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let rest = page.split(&format!("\n## {heading}\n")).nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no section `{heading}` in:\n{page}"));
    rest.split("\n## ").next().unwrap_or_default()
}

/// The words in backticks of the first column of a table.
fn first_column(text: &str) -> BTreeSet<String> {
    let cells = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('|').next());
    let words = cells.flat_map(|cell| cell.split(['`', ',', ' ']));
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Every code that a page says its kind can have.
fn codes(page: &str) -> BTreeSet<String> {
    let text = section(page, "Codes");
    let mut codes = first_column(text);
    codes.extend(first_column(section(
        &read(INDEX),
        "Before the stage has begun",
    )));
    if text.contains(ASKED) {
        codes.extend(first_column(section(
            &read(INDEX),
            "What could not be asked",
        )));
    }
    codes
}

#[test]
fn each_kind_has_its_page_and_each_page_its_kind() {
    let kinds: BTreeSet<String> = CriterionKind::ALL
        .iter()
        .map(|kind| kind.word().to_owned())
        .collect();
    assert_eq!(pages().into_keys().collect::<BTreeSet<_>>(), kinds);
    let index = read(INDEX);
    for (kind, page) in pages() {
        assert!(
            page.starts_with(&format!("# `{kind}`\n")),
            "{kind}.md names another kind"
        );
        assert!(
            index.contains(&format!("[`{kind}`]({kind}.md)")),
            "the index does not link {kind}.md"
        );
        for heading in ["What settles it", "In evidence"] {
            assert!(
                !section(&page, heading).trim().is_empty(),
                "{kind}: {heading}"
            );
        }
    }
}

#[test]
fn every_code_is_on_a_page_and_every_code_on_a_page_exists() {
    let known: BTreeSet<String> = Code::all().map(|code| code.word().to_owned()).collect();
    let told: BTreeSet<String> = pages().values().flat_map(|page| codes(page)).collect();
    assert_eq!(told, known);
}

#[test]
fn the_commands_of_a_page_produce_its_criterion_with_one_of_its_codes() {
    let server = Faulty::answering(|asked| json(empty(&asked.head)));
    for (kind, page) in pages() {
        let seen = seen(&kind, &page, server.url());
        assert!(!seen.is_empty(), "{kind}: its commands never ask about it");
        let codes = codes(&page);
        for code in seen {
            assert!(codes.contains(&code), "{kind}.md does not tell of `{code}`");
        }
    }
}

/// Runs the commands of a page with its first plan; the codes of its kind that evidence then holds.
fn seen(kind: &str, page: &str, source: &str) -> BTreeSet<String> {
    let workplace = Workplace::with_plan(blocks(page, "yaml")[0]);
    for line in blocks(page, "sh").concat().lines() {
        run(kind, line, &workplace, source);
    }
    let records = workplace.files("plan.evidence", ".json");
    let criteria = records.iter().flat_map(|record| criteria(record));
    let own = criteria.filter(|(of, _)| of == kind);
    own.map(|(_, code)| code).collect()
}

/// Kind and code of each criterion of a record.
fn criteria(record: &Path) -> Vec<(String, String)> {
    let record: Value = serde_json::from_slice(&fs::read(record).expect("a record")).expect("JSON");
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let word = |value: &Value| value.as_str().expect("a word").to_owned();
    let gates = list(&record["gates"]).into_iter();
    gates
        .flat_map(|gate| list(&gate["criteria"]))
        .map(|criterion| (word(&criterion["kind"]), word(&criterion["code"])))
        .collect()
}

#[test]
fn no_scenario_gives_a_code_that_the_page_of_its_kind_does_not_have() {
    let pages = pages();
    for scenario in scenario::all() {
        let evidence = tempfile::tempdir().expect("a folder");
        replay(&scenario, evidence.path());
        for (kind, code) in criteria(&scenario::written(evidence.path(), ".json")) {
            assert!(
                codes(&pages[&kind]).contains(&code),
                "{}: {kind}.md does not tell of `{code}`",
                scenario.name()
            );
        }
    }
}

/// A command ends with a verdict, or records what it says.
fn run(kind: &str, line: &str, workplace: &Workplace, source: &str) {
    let programs = Path::new(env!("CARGO_BIN_EXE_gate"))
        .parent()
        .expect("a folder");
    let output = Command::new("sh")
        .args(["-c", line])
        .current_dir(workplace.path())
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .env("USER", "mara")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("PROMETHEUS_URL", source)
        .output()
        .expect("a shell");
    let verdicts: &[i32] = if line.contains("gate check") {
        &[0, 1, 3, 4]
    } else {
        &[0]
    };
    let code = output.status.code().unwrap_or(-1);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        verdicts.contains(&code),
        "{kind}: `{line}` ended with {code}:\n{errors}"
    );
}
