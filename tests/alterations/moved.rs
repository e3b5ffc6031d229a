//! Sets of files that somebody moved around (T2): records that are removed, renamed, moved, copied or swapped, and what else may
//! lie in the folder. Must not judge.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::program::Workplace;
use crate::support::sealed::rewritten;

const FOLDER: &str = "plan.evidence";
const LEDGER: &str = "plan.ledger.jsonl";

/// What is done to the files of a rollout, and the exit code of `gate verify` for the folder then.
type Attack = (&'static str, fn(&Files), i32);

/// All of them, and what has to be left alone.
pub const ATTACKS: &[Attack] = &[
    ("a record removed", |files| gone(&files.record), 1),
    (
        "every record removed",
        |files| files.all.iter().for_each(|path| gone(path)),
        1,
    ),
    (
        "a record renamed to x.old.json",
        |files| renamed(&files.record, &files.beside("x.old.json")),
        1,
    ),
    (
        "a record renamed to x.txt",
        |files| renamed(&files.record, &files.beside("x.txt")),
        1,
    ),
    ("a record moved to a subfolder", moved, 1),
    ("two records swapped", swapped, 1),
    (
        "a record copied under another time",
        |files| copied(files, "21260101T000000Z-go.json"),
        1,
    ),
    (
        "a record copied under another verdict",
        |files| copied(files, "20260101T000000Z-stop.json"),
        1,
    ),
    (
        "a record copied under the next number",
        |files| copied(files, &files.numbered()),
        1,
    ),
    (
        "a record that is empty",
        |files| fs::write(&files.record, "").expect("written"),
        1,
    ),
    (
        "the plan's copy of another check",
        |files| swapped_parts(files, "plan.yaml"),
        1,
    ),
    (
        "the answers of another check",
        |files| swapped_parts(files, "answers.json.gz"),
        1,
    ),
    (
        "the text of another check",
        |files| swapped_parts(files, "txt"),
        1,
    ),
    (
        "a text removed",
        |files| gone(&files.record.with_extension("txt")),
        3,
    ),
    (
        "the answers removed",
        |files| gone(&files.record.with_extension("answers.json.gz")),
        3,
    ),
    (
        "the plan's copy removed",
        |files| gone(&files.record.with_extension("plan.yaml")),
        3,
    ),
    ("the ledger removed", |files| gone(&files.ledger), 3),
    (
        "the ledger emptied",
        |files| fs::write(&files.ledger, "").expect("written"),
        1,
    ),
    (
        "the ledger's last check rewritten from GO to STOP and sealed again",
        |files| last_check(files),
        1,
    ),
    ("the ledger's last lines removed", |files| cut(files, 1), 1),
    (
        "the ledger of before the last check",
        |files| cut(files, 4),
        1,
    ),
    (
        "reports and other files beside the records",
        |files| others(files),
        0,
    ),
    ("nothing", |_| {}, 0),
];

/// The files of a copy of a rollout.
pub struct Files {
    /// The last record.
    record: PathBuf,
    /// The first one.
    other: PathBuf,
    all: Vec<PathBuf>,
    ledger: PathBuf,
}

impl Files {
    /// A copy of everything, and where its files are.
    pub fn of(rollout: &Workplace) -> (Workplace, Self) {
        let copy = Workplace::new();
        fs::create_dir(copy.path().join(FOLDER)).expect("a folder");
        for path in rollout
            .files(FOLDER, "")
            .iter()
            .chain(&rollout.files("", ".yaml"))
        {
            let below = path.strip_prefix(rollout.path()).expect("below");
            fs::copy(path, copy.path().join(below)).expect("copied");
        }
        let ledger = copy.path().join(LEDGER);
        fs::copy(rollout.path().join(LEDGER), &ledger).expect("copied");
        let text = fs::read_to_string(&ledger).expect("a ledger");
        let named = text
            .lines()
            .filter_map(|line| line.split("\"evidence_path\":\"").nth(1));
        let checks = named.filter(|rest| rest.contains("\"gates\":"));
        let named: Vec<PathBuf> = checks
            .filter_map(|rest| Some(copy.path().join(rest.split('"').next()?)))
            .collect();
        let files = Self {
            record: named.last().expect("a record").clone(),
            other: named[0].clone(),
            all: named,
            ledger,
        };
        (copy, files)
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.record.with_file_name(name)
    }

    fn numbered(&self) -> String {
        let stem = self.record.file_stem().expect("a name").to_string_lossy();
        format!("{stem}-7.json")
    }
}

/// The exit code of `gate verify` after an attack.
pub fn verified(rollout: &Workplace, attack: fn(&Files)) -> i32 {
    let (copy, files) = Files::of(rollout);
    attack(&files);
    copy.gate(&["verify", FOLDER]).code
}

fn gone(path: &Path) {
    fs::remove_file(path).expect("removed");
}

fn renamed(from: &Path, to: &Path) {
    fs::rename(from, to).expect("renamed");
}

fn moved(files: &Files) {
    let below = files.beside("old");
    fs::create_dir(&below).expect("a folder");
    renamed(
        &files.record,
        &below.join(files.record.file_name().expect("a name")),
    );
}

fn exchanged(one: &Path, other: &Path) {
    let kept = one.with_extension("kept");
    renamed(one, &kept);
    renamed(other, one);
    renamed(&kept, other);
}

fn swapped(files: &Files) {
    exchanged(&files.record, &files.other);
}

fn swapped_parts(files: &Files, ending: &str) {
    let (one, other) = (&files.record, &files.all[2]);
    exchanged(&one.with_extension(ending), &other.with_extension(ending));
    if ending == "plan.yaml" {
        // All checks are of one plan: the copy of another check is the same, unless it says something else.
        let path = one.with_extension(ending);
        let text = fs::read_to_string(&path).expect("a plan");
        fs::write(&path, text.replace("< 1%", "< 2%")).expect("written");
    }
}

fn copied(files: &Files, name: &str) {
    fs::copy(&files.record, files.beside(name)).expect("copied");
}

fn last_check(files: &Files) {
    let text = fs::read_to_string(&files.ledger).expect("a ledger");
    let last = text.lines().count() - 1;
    fs::write(&files.ledger, rewritten(&text, last, "\"GO\"", "\"STOP\"")).expect("written");
}

fn cut(files: &Files, count: usize) {
    let text = fs::read_to_string(&files.ledger).expect("a ledger");
    let lines: Vec<&str> = text.lines().collect();
    let kept = lines[..lines.len() - count].join("\n") + "\n";
    fs::write(&files.ledger, kept).expect("written");
}

fn others(files: &Files) {
    for (name, text) in [
        ("report.html", "<p>"),
        ("rounds.jsonl", "{}\n"),
        ("junit.xml", "<testsuites/>"),
        ("coverage.json", "{\"schema\": \"other/v1\"}"),
        (".20261120T140000Z-go.json.tmp", "{"),
    ] {
        fs::write(files.beside(name), text).expect("written");
    }
}
