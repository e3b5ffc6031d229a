//! The issue log that a team keeps, as YAML, JSON or CSV. Must not guess what a row means.
//!
//! A row has `severity` and `status`, and may have `id`, `opened` and `description`; other keys are ignored.

mod page;
mod quotes;

use std::collections::BTreeMap;
use std::path::Path;

use serde_yaml::Value;

use super::file::{Halt, Taken, unreadable};
use crate::findings::Issue;
use crate::http::Fault;
use crate::samples::FailureCode;
use crate::units::Instant;

/// Words of `status`, in lower case, for an issue that still needs attention.
const OPEN: [&str; 12] = [
    "open",
    "opened",
    "reopened",
    "new",
    "active",
    "acknowledged",
    "investigating",
    "in progress",
    "in-progress",
    "mitigated",
    "monitoring",
    "blocked",
];
/// Words for one that no longer does.
const CLOSED: [&str; 5] = ["closed", "resolved", "fixed", "done", "cancelled"];

/// Columns that are read where they are there.
const READ: [&str; 3] = ["id", "opened", "description"];

/// A row: keys in lower case, values as written.
type Row = BTreeMap<String, String>;

/// Reads a log; the file's extension gives its form.
pub(super) fn read(path: &Path, halt: &Halt) -> Result<Vec<Issue>, Fault> {
    let taken = Taken::read(path, true, halt)?;
    let text = taken.text().map_err(unreadable)?;
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    parse(text, &ending.to_lowercase()).map_err(|reason| {
        let message = format!("the issue log cannot be read: {reason}");
        Fault::last(FailureCode::FileUnreadable, message)
    })
}

fn parse(bytes: &[u8], ending: &str) -> Result<Vec<Issue>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let text = text.trim_start_matches('\u{feff}');
    let rows = match ending {
        "csv" => table(text)?,
        "yaml" | "yml" | "json" => list(text, ending)?,
        _ => return Err("its name does not end in .yaml, .json or .csv".to_owned()),
    };
    rows.into_iter()
        .map(|(place, row)| issue(&place, &row))
        .collect()
}

fn issue(place: &str, row: &Row) -> Result<Issue, String> {
    let needed = |key: &str| text(row, key).ok_or_else(|| format!("{place} has no `{key}`"));
    let (severity, status) = (needed("severity")?, needed("status")?);
    let opened = text(row, "opened").map(|opened| {
        let read = Instant::parse(opened);
        read.map_err(|error| format!("`opened` of {place}: {error}"))
    });
    Ok(Issue {
        id: text(row, "id").unwrap_or(place).to_owned(),
        severity: severity.to_owned(),
        open: is_open(status),
        opened: opened.transpose()?,
        description: text(row, "description").unwrap_or_default().to_owned(),
    })
}

/// The value, unless it is blank.
fn text<'r>(row: &'r Row, key: &str) -> Option<&'r str> {
    let value = row.get(key).map(|value| value.trim());
    value.filter(|value| !value.is_empty())
}

fn is_open(status: &str) -> Option<bool> {
    let word = status.to_lowercase();
    if OPEN.contains(&word.as_str()) {
        Some(true)
    } else if CLOSED.contains(&word.as_str()) {
        Some(false)
    } else {
        None
    }
}

/// A table with a header row; its cells are separated by commas, semicolons or tabs.
fn table(text: &str) -> Result<Vec<(String, Row)>, String> {
    let headed = [b',', b';', b'\t'].into_iter().find_map(|delimiter| {
        let mut reader = reader(text, delimiter);
        let head: Vec<String> = reader
            .headers()
            .ok()?
            .iter()
            .map(|key| key.trim().to_lowercase())
            .collect();
        let is_log = has_once(&head, "severity") && has_once(&head, "status");
        is_log.then_some((head, delimiter))
    });
    let Some((head, delimiter)) = headed else {
        return Err("its first line does not have each of `severity` and `status` once".to_owned());
    };
    let twice = READ
        .into_iter()
        .find(|key| head.contains(&(*key).to_owned()) && !has_once(&head, key));
    if let Some(key) = twice {
        return Err(format!("its first line names `{key}` twice"));
    }
    quotes::are_closed(text, delimiter)?;
    let mut rows = Vec::new();
    for record in reader(text, delimiter).records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        if record
            .iter()
            .any(|cell| hides_a_row(cell, &head, delimiter))
        {
            return Err(format!(
                "a quoted cell of the row on line {line} holds what looks like another row: is a quote missing?"
            ));
        }
        let row = head.iter().cloned().zip(record.iter().map(str::to_owned));
        rows.push((format!("line {line}"), row.collect()));
    }
    Ok(rows)
}

/// Whether a line of a cell reads as an issue by itself. The first line belongs to the row of the cell.
fn hides_a_row(cell: &str, head: &[String], delimiter: u8) -> bool {
    let status = head.iter().position(|key| key == "status");
    let is_row = |line: &str| {
        let mut reader = reader(line, delimiter);
        let row = reader.headers().ok().filter(|row| row.len() == head.len());
        let status = row.zip(status).and_then(|(row, status)| row.get(status));
        status.is_some_and(|status| is_open(status.trim()).is_some())
    };
    cell.lines().skip(1).any(is_row)
}

fn has_once(head: &[String], key: &str) -> bool {
    head.iter().filter(|one| *one == key).count() == 1
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

/// A list of maps, alone or under `issues` or `incidents`.
fn list(text: &str, ending: &str) -> Result<Vec<(String, Row)>, String> {
    let document: Value = if ending == "json" {
        serde_json::from_str(text).map_err(|error| error.to_string())?
    } else {
        serde_yaml::from_str(text).map_err(|error| error.to_string())?
    };
    let keys = ["issues", "incidents"].into_iter();
    let below: Vec<&Value> = keys.filter_map(|key| document.get(key)).collect();
    let list = match below.as_slice() {
        [] => &document,
        [only] => only,
        _ => return Err("it has both `issues` and `incidents`".to_owned()),
    };
    let Value::Sequence(rows) = list else {
        return Err("it is not a list of issues".to_owned());
    };
    page::is_whole(&document, rows.len())?;
    let rows = rows.iter().enumerate();
    rows.map(|(index, row)| {
        let place = format!("issue {}", index + 1);
        self::row(row)
            .map(|row| (place.clone(), row))
            .ok_or(format!("{place} is not a map of strings"))
    })
    .collect()
}

fn row(value: &Value) -> Option<Row> {
    let Value::Mapping(pairs) = value else {
        return None;
    };
    let mut row = Row::new();
    for (key, value) in pairs {
        let key = key.as_str()?.to_lowercase();
        // Lists and maps are not needed; a key that occurs twice may mean either value.
        if let Some(text) = scalar(value)
            && row.insert(key, text).is_some()
        {
            return None;
        }
    }
    Some(row)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(_)
        | Value::Null
        | Value::Sequence(_)
        | Value::Mapping(_)
        | Value::Tagged(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(text: &str, ending: &str) -> Vec<(String, String, Option<bool>)> {
        let issues = parse(text.as_bytes(), ending).expect(text);
        issues
            .into_iter()
            .map(|one| (one.id, one.severity, one.open))
            .collect()
    }

    #[test]
    fn the_same_log_reads_alike_in_each_form() {
        let expected = [
            ("P-1".to_owned(), "Sev2".to_owned(), Some(true)),
            ("P-2".to_owned(), "sev1".to_owned(), Some(false)),
        ];
        let csv = "ID,Severity,Status,Opened,Owner\nP-1,Sev2,In progress,2026-11-20T08:00:00Z,\"Kim, Lee\"\nP-2,sev1,closed,,\n";
        assert_eq!(short(csv, "csv"), expected);
        assert_eq!(short(&csv.replace(',', ";"), "csv"), expected);
        let yaml = "issues:\n  - {id: P-1, severity: Sev2, status: in progress, opened: 2026-11-20T08:00:00Z, links: [a]}\n  - {id: P-2, severity: sev1, status: Closed}\n";
        assert_eq!(short(yaml, "yaml"), expected);
        let json = r#"[{"id":"P-1","severity":"Sev2","status":"open"},{"id":"P-2","severity":"sev1","status":"resolved"}]"#;
        assert_eq!(short(json, "json"), expected);
    }

    #[test]
    fn a_status_in_other_words_is_neither_open_nor_closed() {
        assert_eq!(
            short("severity,status\nsev1,parked\n", "csv"),
            [("line 2".to_owned(), "sev1".to_owned(), None)]
        );
    }

    #[test]
    fn an_empty_log_is_a_log_and_an_empty_file_is_not() {
        assert!(short("severity,status\n", "csv").is_empty() && short("[]", "yaml").is_empty());
        for (text, ending) in [
            ("", "yaml"),
            ("", "csv"),
            ("", "json"),
            ("{}", "json"),
            ("<html>", "csv"),
            ("severity\nsev1\n", "csv"),
            ("severity,status\nsev1\n", "csv"),
            ("severity,status\n,open\n", "csv"),
            ("- sev1\n", "yaml"),
            ("{issues: [], incidents: []}", "yaml"),
            ("- {severity: sev1}\n", "yaml"),
            ("- {severity: sev1, status: open, Status: closed}\n", "yaml"),
            (
                "[{\"severity\":\"sev1\",\"status\":\"open\",\"opened\":\"yesterday\"}]",
                "json",
            ),
            ("severity,status\n", "txt"),
        ] {
            assert!(parse(text.as_bytes(), ending).is_err(), "{text} {ending}");
        }
    }

    #[test]
    fn m14c_a_broken_quote_never_makes_the_list_shorter() {
        let refused = |text: &str| parse(text.as_bytes(), "csv").expect_err(text);
        let head = "id,severity,status,description";
        let open = format!("{head}\nP-1,sev2,closed,\"slow\nP-2,sev1,open,down\n");
        assert!(refused(&open).contains("line 2: a quote is never closed"));
        let closed_late = format!("{head}\nP-1,sev2,closed,\"slow\nP-2,sev1,open,\"\n");
        assert!(refused(&closed_late).contains("looks like another row"));
        let text = format!(
            "{head}\nP-1,sev2,closed,\"slow,\nthen fast, open, and \"\"well\"\"\"\nP-2,sev1,open,\n"
        );
        assert_eq!(short(&text, "csv").len(), 2);
    }

    #[test]
    fn m14c_a_page_of_a_tracker_is_no_log() {
        let log = |total: u32| {
            format!(r#"{{"total":{total},"issues":[{{"severity":"sev2","status":"closed"}}]}}"#)
        };
        assert_eq!(short(&log(1), "json").len(), 1);
        let reason = parse(log(7).as_bytes(), "json").expect_err("a page");
        assert!(reason.contains("lists 1, and says `total: 7`"), "{reason}");
        let reason = parse(log(7).as_bytes(), "yaml").expect_err("a page");
        assert!(reason.contains("only one of several pages"), "{reason}");
    }

    #[test]
    fn m14c_a_key_that_is_there_twice_makes_a_log_unreadable() {
        for (text, ending) in [
            (
                "issues: []\nissues: [{severity: sev1, status: open}]\n",
                "yaml",
            ),
            (
                r#"[{"severity":"sev1","status":"open","status":"closed"}]"#,
                "json",
            ),
            ("id,severity,status,severity\n1,sev1,open,sev4\n", "csv"),
        ] {
            assert!(parse(text.as_bytes(), ending).is_err(), "{text}");
        }
        for key in ["id", "opened", "description"] {
            let text = format!("severity,status,{key},{key}\nsev1,open,,\n");
            assert!(parse(text.as_bytes(), "csv").is_err(), "{key}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_the_parsers(text in "\\PC{0,80}") {
            for ending in ["csv", "yaml", "json"] {
                let _ = parse(text.as_bytes(), ending);
                let _ = parse(format!("severity,status\n{text}").as_bytes(), ending);
            }
        }
    }
}
