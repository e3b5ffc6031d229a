//! A whole rollout, and what `gate verify` says once anything in it is another: every value of every file, one at a time, with
//! the ledger at hand, gone, or sealed again from the change on; and sets of files that were moved around.
//!
//! Must not judge: the program under test does.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::scalars::{changed, values};
use crate::support::faulty::{Faulty, Received, json};
use crate::support::program::Workplace;
use crate::support::sealed::{resealed, sha256};

const LEDGER: &str = "plan.ledger.jsonl";
const FOLDER: &str = "plan.evidence";
const PLAN: &str = r#"
release: { name: checkout, version: "2.1.0", owner: mara }
source: { url: "SERVER", timeout: 5s }
vars: { env: prod }
kpis: { errors: { query: 'errors{env="$env"}', unit: ratio } }
rollback: [ { do: turn the flag off, takes: 2m } ]
stages:
  - name: pilot
    window: 2m
    observe: trailing
    entry: { confirmations: [ready] }
    stop: { incidents: { open: [sev1] } }
    exit: { kpis: { errors: "< 1%" }, confirmations: [lead], approvals: [product] }
  - { name: wave-1, window: 2m, observe: trailing, exit: { kpis: { errors: "< 1%" } } }
"#;

/// What is done, with the exit code; `bad` and `good` change what the source measures.
const STORY: &[(&str, i32)] = &[
    (
        "confirm plan.yaml ready --stage pilot --why rehearsed --link https://example.com/7",
        0,
    ),
    ("check plan.yaml --gate pilot/entry", 0),
    ("start plan.yaml pilot", 0),
    ("confirm plan.yaml lead --stage pilot", 0),
    ("check plan.yaml --gate pilot/exit", 3),
    (
        "approve plan.yaml product --gate pilot/exit --expires 24h",
        0,
    ),
    (
        "incident plan.yaml open --severity sev1 --description fire --owner ops",
        0,
    ),
    ("bad", 0),
    ("check plan.yaml --gate pilot/exit", 4),
    ("resume plan.yaml --stage pilot --why repaired", 0),
    ("incident plan.yaml close INC-1 --why mended", 0),
    ("good", 0),
    ("check plan.yaml --gate pilot/exit", 3),
    (
        "check plan.yaml --gate wave-1/exit --trailing --var env=staging",
        0,
    ),
    ("approve plan.yaml product --gate pilot/exit", 0),
    ("check plan.yaml --gate pilot/exit", 0),
    ("start plan.yaml wave-1", 0),
    ("note plan.yaml quiet", 0),
    ("check plan.yaml --gate wave-1/exit", 0),
];

/// Has the rollout done; its evidence verifies.
pub fn rollout() -> Workplace {
    let is_bad = Arc::new(AtomicBool::new(false));
    let bad = Arc::clone(&is_bad);
    let server = Faulty::answering(move |asked| {
        let value = if bad.load(Ordering::SeqCst) {
            "0.9"
        } else {
            "0.001"
        };
        answer(asked, value)
    });
    let workplace = Workplace::with_plan(&PLAN.replace("SERVER", server.url()));
    for (done, code) in STORY {
        match *done {
            "bad" => is_bad.store(true, Ordering::SeqCst),
            "good" => is_bad.store(false, Ordering::SeqCst),
            _ => {
                let words: Vec<&str> = done.split(' ').chain(["--by", "mara"]).collect();
                let finished = workplace.gate(&words);
                assert_eq!(finished.code, *code, "{done}: {finished:?}");
            }
        }
    }
    let verified = workplace.gate(&["verify", FOLDER]);
    assert_eq!(verified.code, 0, "{verified:?}");
    workplace
}

/// The same value at each point that is asked for.
fn answer(asked: &Received, value: &str) -> Vec<u8> {
    let of = |name: &str| {
        let mut pairs = asked
            .body
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(key, _)| *key == name)?;
        value.parse::<f64>().ok()
    };
    let Some(((start, end), step)) = of("start").zip(of("end")).zip(of("step")) else {
        return json("{}");
    };
    let (mut points, mut at) = (Vec::new(), start);
    while at <= end {
        points.push(format!("[{at},\"{value}\"]"));
        at += step;
    }
    let points = points.join(",");
    json(&format!(
        r#"{{"status":"success","data":{{"resultType":"matrix","result":[{{"metric":{{}},"values":[{points}]}}]}}}}"#
    ))
}

/// What becomes of the ledger when a value of another file is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ledger {
    /// It stays as it was.
    AtHand,
    /// It is not there.
    Gone,
    /// What changed in it, or what names the changed file in it, is sealed again with everything after it.
    Resealed,
}

/// How many values were changed, and which of the changes `gate verify` did not find.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many.
    pub tried: usize,
    /// Where, and what they are.
    pub unnoticed: Vec<String>,
    /// Those of them after which it even said that everything is verified.
    pub verified: Vec<String>,
}

/// A file and the values in it.
struct Altered {
    /// Record, answers, plan copy, text or ledger.
    what: &'static str,
    path: PathBuf,
    /// As text; of the answers, unpacked.
    text: String,
    places: Vec<Range<usize>>,
}

impl Altered {
    /// A value, with what comes before it.
    fn around(&self, place: &Range<usize>) -> String {
        let name = self.path.file_name().expect("a name").to_string_lossy();
        let before: Vec<char> = self.text[..place.start].chars().rev().take(40).collect();
        let before: String = before.into_iter().rev().collect();
        format!("{name}: …{before}{}", &self.text[place.clone()])
    }
}

/// Changes values of a rollout one at a time, one in every `every`; the figures by sort of file and what became of the ledger.
pub fn values_one_by_one(
    workplace: &Workplace,
    every: usize,
) -> BTreeMap<(&'static str, Ledger), Tally> {
    let ledger = fs::read_to_string(workplace.path().join(LEDGER)).expect("a ledger");
    let mut tallies: BTreeMap<(&'static str, Ledger), Tally> = BTreeMap::new();
    for file in files(workplace) {
        let changes = file.places.iter().flat_map(|place| {
            let texts = changed(&file.text, place).into_iter();
            texts.map(move |text| (place, text))
        });
        for (place, text) in changes.step_by(every) {
            for state in [Ledger::AtHand, Ledger::Gone, Ledger::Resealed] {
                let Some(noticed) = is_noticed(workplace, &ledger, &file, (place, &text), state)
                else {
                    continue;
                };
                let tally = tallies.entry((file.what, state)).or_default();
                tally.tried += 1;
                if noticed != Found::Off {
                    tally.unnoticed.push(file.around(place));
                }
                if noticed == Found::Verified {
                    tally.verified.push(file.around(place));
                }
            }
        }
    }
    tallies
}

/// Everything that a rollout leaves.
fn files(workplace: &Workplace) -> Vec<Altered> {
    let sorts = [
        ("record", ".json"),
        ("answers", ".answers.json.gz"),
        ("plan copy", ".plan.yaml"),
        ("text", ".txt"),
    ];
    let mut all = Vec::new();
    for (what, ending) in sorts {
        for path in workplace.files(FOLDER, ending) {
            let text = unpacked(&path);
            let places = match what {
                "record" | "answers" => values(&text),
                _ => lines(&text),
            };
            all.push(Altered {
                what,
                path,
                text,
                places,
            });
        }
    }
    let path = workplace.path().join(LEDGER);
    let text = unpacked(&path);
    let places = values(&text);
    all.push(Altered {
        what: "ledger",
        path,
        text,
        places,
    });
    all
}

/// The last letter of each line.
fn lines(text: &str) -> Vec<Range<usize>> {
    let letters = text
        .char_indices()
        .filter(|(_, letter)| letter.is_ascii_alphanumeric());
    let ends = letters.filter(|(at, _)| {
        !text[at + 1..]
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .any(|one| one.is_ascii_alphanumeric())
    });
    ends.map(|(at, _)| at..at + 1).collect()
}

fn unpacked(path: &Path) -> String {
    let bytes = fs::read(path).expect("a file");
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return String::from_utf8(bytes).expect("text");
    }
    let mut text = String::new();
    let mut gzip = flate2::read::MultiGzDecoder::new(bytes.as_slice());
    gzip.read_to_string(&mut text).expect("gzip");
    text
}

fn packed(path: &Path, text: &str) -> Vec<u8> {
    if path.extension().is_none_or(|ending| ending != "gz") {
        return text.as_bytes().to_vec();
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).expect("gzip");
    gzip.finish().expect("gzip")
}

/// What `gate verify` makes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Something is false.
    Off,
    /// Something cannot be shown.
    NotShown,
    /// All is well.
    Verified,
}

/// Whether one change is found, and nothing is left of it afterwards; `None` where it makes no difference, or no sense.
fn is_noticed(
    workplace: &Workplace,
    ledger: &str,
    file: &Altered,
    (place, text): (&Range<usize>, &str),
    state: Ledger,
) -> Option<Found> {
    let bytes = packed(&file.path, text);
    let (altered, after) = if file.what == "ledger" {
        let text = String::from_utf8(bytes).expect("text");
        let line = file.text[..place.start].lines().count().saturating_sub(1);
        let text = match state {
            Ledger::AtHand => text,
            Ledger::Gone => return None,
            Ledger::Resealed => resealed(&text, line),
        };
        // The seal itself is made again.
        if text == ledger {
            return None;
        }
        (None, Some(text))
    } else {
        let after = match (state, file.what) {
            (Ledger::AtHand, _) => Some(ledger.to_owned()),
            (Ledger::Gone, _) => None,
            (Ledger::Resealed, "record") => Some(naming(ledger, &file.path, &bytes)),
            // The ledger names only records.
            (Ledger::Resealed, _) => return None,
        };
        (Some(bytes), after)
    };
    let before = fs::read(&file.path).expect("a file");
    let path = workplace.path().join(LEDGER);
    match &after {
        Some(text) => fs::write(&path, text).expect("written"),
        None => fs::remove_file(&path).expect("removed"),
    }
    let folder = file.what == "ledger";
    if let Some(bytes) = &altered {
        fs::write(&file.path, bytes).expect("written");
    }
    let noticed = found(workplace, &file.path, folder);
    if altered.is_some() {
        fs::write(&file.path, before).expect("written");
    }
    fs::write(&path, ledger).expect("written");
    Some(noticed)
}

/// Whether `gate verify` says that something is false, or only that something cannot be shown.
fn found(workplace: &Workplace, path: &Path, folder: bool) -> Found {
    let name = path.file_name().expect("a name").to_string_lossy();
    let stem = name.split('.').next().expect("a stem");
    let record = format!("{FOLDER}/{stem}.json");
    let what = if folder { FOLDER } else { &record };
    let verified = workplace.gate(&["verify", what]);
    match verified.code {
        0 => Found::Verified,
        1 if verified.out.contains("OFF") => Found::Off,
        _ => Found::NotShown,
    }
}

/// The ledger with the digest of a changed record, sealed again from there on.
fn naming(ledger: &str, record: &Path, bytes: &[u8]) -> String {
    let before = sha256(&fs::read(record).expect("a record"));
    let line = ledger.lines().position(|line| line.contains(&before));
    let line = line.expect("an entry");
    let mut lines: Vec<String> = ledger.lines().map(str::to_owned).collect();
    lines[line] = lines[line].replace(&before, &sha256(bytes));
    resealed(&(lines.join("\n") + "\n"), line)
}
