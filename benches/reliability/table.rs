//! The table of faults: what the server did, and what `gate` made of it.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::connections::{self, Broken};
use crate::document;
use crate::healthy::{TIMEOUT, addressed, bad_data, has_form, healthy, plan, source, whole};
use crate::list::{self, Fault};
use crate::measured::{Measured, check};
use crate::support::faulty::{Faulty, json};

/// No fault may take more, in MiB.
const MOST_MIB: f64 = 300.0;
/// Startup, judging and recording, on top of the query's timeout.
const GRACE_SECONDS: f64 = 1.0;
/// At most this much of a sentence is shown, in characters.
const SENTENCE: usize = 120;

/// One row.
struct Row {
    family: &'static str,
    name: String,
    earns: bool,
    measured: Measured,
}

impl Row {
    /// What is wrong with how it ended.
    fn broken(&self) -> Option<&'static str> {
        let Measured {
            code,
            seconds,
            peak_mib,
            ..
        } = &self.measured;
        match (self.earns, code) {
            (false, 0) => return Some("a GO that was not earned"),
            (true, 0) | (false, 1 | 3) => {}
            _ => return Some("another exit code than it should"),
        }
        if *seconds > TIMEOUT.as_secs_f64() + GRACE_SECONDS {
            return Some("too slow");
        }
        (*peak_mib > MOST_MIB).then_some("too much memory")
    }

    fn text(&self) -> String {
        let Measured {
            verdict,
            code,
            seconds,
            peak_mib,
            reason,
        } = &self.measured;
        let reason = cell(reason);
        format!(
            "| {} | {} | {verdict} | {code} | {seconds:.2} s | {peak_mib:.0} MiB | {reason} |\n",
            self.family,
            cell(&self.name)
        )
    }
}

/// Text that does not break the table.
fn cell(text: &str) -> String {
    let text = text.replace('|', "\\|").replace('<', "&lt;");
    let text = port_free(&text);
    match text.char_indices().nth(SENTENCE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The ports differ from run to run.
fn port_free(text: &str) -> String {
    let mut pieces = text.split("127.0.0.1:");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        text + "127.0.0.1:PORT" + piece.trim_start_matches(|letter: char| letter.is_ascii_digit())
    })
}

/// Tries every fault, writes the table, and fails if one breaks a promise.
pub fn faults() {
    let server = healthy();
    let body = whole(&server, 15);
    let text = body.clone();
    let elsewhere = Faulty::answering(move |asked| {
        if has_form(asked) {
            json(&text)
        } else {
            bad_data()
        }
    });
    let mut faults = list::all(elsewhere.url());
    faults.extend(list::floods());
    let mut rows = answers(&body, faults);
    rows.extend(connections::all(&body).iter().map(connection));
    write(&rows);
    let broken: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{}: {}", row.name, row.broken()?)))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

fn answers(body: &str, faults: Vec<Fault>) -> Vec<Row> {
    let about: Vec<(&'static str, String, bool)> = faults
        .iter()
        .map(|fault| (fault.family, fault.name.clone(), fault.earns))
        .collect();
    let body = body.to_owned();
    let proxy = Faulty::new(move |asked, stream| {
        let (name, call) = addressed(asked);
        let fault = name.parse().ok().and_then(|index: usize| faults.get(index));
        match fault {
            Some(fault) if call.starts_with("api/v1/query_range") => (fault.send)(&body, stream),
            _ => drop(stream.write_all(&bad_data())),
        }
    });
    let row = |(index, (family, name, earns))| {
        let measured = check(&plan(&source(&format!("{}/{index}", proxy.url()))), None);
        tell(Row {
            family,
            name,
            earns,
            measured,
        })
    };
    about.into_iter().enumerate().map(row).collect()
}

fn connection(broken: &Broken) -> Row {
    let measured = check(&plan(&broken.source), broken.hosts.as_deref());
    tell(Row {
        family: broken.family,
        name: broken.name.to_owned(),
        earns: broken.earns,
        measured,
    })
}

fn tell(row: Row) -> Row {
    print!("{}", row.text());
    if let Some(what) = row.broken() {
        println!("^ {what}");
    }
    row
}

fn write(rows: &[Row]) {
    let mut text = summary(rows);
    text += "| fault | what the server did | verdict | exit code | time | peak memory | in its words |\n";
    text += "| --- | --- | --- | --- | --- | --- | --- |\n";
    for row in rows {
        text += &row.text();
    }
    document::replace("faults", &text);
}

fn summary(rows: &[Row]) -> String {
    let most =
        |of: fn(&Measured) -> f64| rows.iter().map(|row| of(&row.measured)).fold(0.0, f64::max);
    let not_earned = rows
        .iter()
        .filter(|row| !row.earns && row.measured.code == 0)
        .count();
    let mut text = String::new();
    writeln!(
        text,
        "{} faults, {not_earned} GO that was not earned; the slowest took {:.2} s (timeout {} s), the largest {:.0} MiB.\n",
        rows.len(),
        most(|measured| measured.seconds),
        TIMEOUT.as_secs(),
        most(|measured| measured.peak_mib),
    )
    .expect("text");
    text
}
