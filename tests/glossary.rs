//! The glossary has every word of the formats, and none that they do not have.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use gate::assessment::Outcome;
use gate::kind::{Action, CriterionKind, GateKind, List};
use gate::ledger::EventKind;
use gate::report::{Kind, RolloutKind};
use gate::rollout::State;
use gate::schema;
use gate::verdict::Verdict;
use serde_json::Value;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The words in backticks.
fn words_of(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The rows of a section's table without its head, cell by cell.
fn rows(section: &str) -> Vec<Vec<String>> {
    let page = fs::read_to_string(repository().join("docs/glossary.md")).expect("docs/glossary.md");
    let heading = format!("\n## {section}\n");
    let (_, rest) = page.split_once(&heading).expect(section);
    let body = rest.split("\n## ").next().unwrap_or_default();
    body.lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ");
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

/// The words that a section explains, each once and with a meaning.
#[track_caller]
fn explained(section: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for row in rows(section) {
        let meaning = row.last().expect("a meaning");
        assert!(row.len() > 1 && !meaning.is_empty(), "{section}: {row:?}");
        for word in words_of(&row[0]) {
            assert!(words.insert(word.clone()), "{section}: `{word}` twice");
        }
    }
    words
}

#[track_caller]
fn explains(section: &str, words: &[&str]) {
    let words: BTreeSet<String> = words.iter().map(|word| (*word).to_owned()).collect();
    assert_eq!(explained(section), words, "{section}");
}

fn schema_of(text: &str) -> Value {
    serde_json::from_str(text).expect("a schema")
}

/// Calls `visit` for every object in a value.
fn every_object(value: &Value, visit: &mut dyn FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            visit(map);
            map.values().for_each(|inner| every_object(inner, visit));
        }
        Value::Array(list) => list.iter().for_each(|inner| every_object(inner, visit)),
        _ => {}
    }
}

fn keys_of_schema(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    every_object(&schema_of(text), &mut |map| {
        if let Some(Value::Object(properties)) = map.get("properties") {
            keys.extend(properties.keys().cloned());
        }
    });
    keys
}

/// The strings that a schema lists as the only values of something.
fn values_of_schema(text: &str) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    every_object(&schema_of(text), &mut |map| {
        let listed = map.get("enum").and_then(Value::as_array);
        let all = listed.into_iter().flatten().chain(map.get("const"));
        values.extend(all.filter_map(Value::as_str).map(str::to_owned));
    });
    values
}

/// What `gate status --format json` prints, from its snapshots, which another test keeps exact.
fn statuses() -> Vec<Value> {
    let folder = repository().join("src/report/status/snapshots");
    let entries = fs::read_dir(folder).expect("snapshots");
    let paths = entries.map(|entry| entry.expect("a snapshot").path());
    let json = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
    paths
        .filter(json)
        .map(|path| schema_of(&fs::read_to_string(path).expect("a snapshot")))
        .collect()
}

fn keys_of_status() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for status in statuses() {
        every_object(&status, &mut |map| keys.extend(map.keys().cloned()));
    }
    keys
}

#[test]
fn every_key_is_explained_for_each_format_that_has_it() {
    let formats = [
        ("plan", keys_of_schema(schema::PLAN)),
        ("evidence", keys_of_schema(schema::EVIDENCE)),
        ("ledger", keys_of_schema(schema::LEDGER)),
        ("status", keys_of_status()),
        ("watch", keys_of_schema(schema::WATCH)),
    ];
    let mut expected: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (format, keys) in &formats {
        assert!(keys.len() > 20, "{format}");
        for key in keys {
            expected.entry(key.clone()).or_default().push(format);
        }
    }
    let _ = explained("Keys");
    let table = rows("Keys");
    let row = |row: &Vec<String>| (words_of(&row[0]).concat(), row[1].clone());
    let table: BTreeMap<String, String> = table.iter().map(row).collect();
    let expected: BTreeMap<String, String> = expected
        .into_iter()
        .map(|(key, formats)| (key, formats.join(", ")))
        .collect();
    for (key, formats) in &expected {
        assert_eq!(table.get(key), Some(formats), "`{key}`");
    }
    for key in table.keys() {
        assert!(expected.contains_key(key), "no format has the key `{key}`");
    }
}

#[test]
fn every_value_of_the_schemas_is_explained() {
    let sections = [
        "Verdicts",
        "Outcomes",
        "Lists",
        "Kinds of criteria",
        "Kinds of entries",
    ];
    let mut explained: BTreeSet<String> = sections.into_iter().flat_map(explained).collect();
    explained.extend(gate::codes::all().map(|one| one.code.to_owned()));
    explained.extend(
        rows("Other values")
            .iter()
            .flat_map(|row| words_of(&row[1])),
    );
    for schema in [
        schema::PLAN,
        schema::EVIDENCE,
        schema::LEDGER,
        schema::WATCH,
    ] {
        for value in values_of_schema(schema) {
            assert!(explained.contains(&value), "`{value}`");
        }
    }
}

#[test]
fn every_word_of_the_code_is_explained() {
    explains("Verdicts", &Verdict::ALL.map(Verdict::word));
    explains("Outcomes", &Outcome::ALL.map(Outcome::word));
    explains("Kinds of entries", &EventKind::ALL.map(EventKind::word));
    explains("Gates", &GateKind::ALL.map(GateKind::word));
    explains("Lists", &List::ALL.map(List::word));
    explains(
        "Kinds of criteria",
        &CriterionKind::ALL.map(CriterionKind::word),
    );
    // JSON has them in lower case, joined by hyphens.
    let states = State::ALL.map(|state| state.word().to_lowercase().replace(' ', "-"));
    explains("Stage states", &states.each_ref().map(String::as_str));
    explains("Commands", &Action::ALL.map(Action::word));
    let reports = Kind::ALL.map(Kind::word).into_iter();
    let reports: Vec<&str> = reports
        .chain(RolloutKind::ALL.map(RolloutKind::word))
        .collect();
    explains("Kinds of reports", &reports);
}
