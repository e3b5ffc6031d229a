//! What a rollout costs that goes on for long: the bytes of each check that has no samples, and the time of each entry on the local file.
//!
//! ```text
//! cargo bench --bench speed -- sizes [CHECKS]     # 2880 checks, one every 15 minutes for a month
//! cargo bench --bench speed -- appends [ENTRIES [PATH]]  # 1000 entries; also with the `gate` at a path, and the ratio
//! ```

use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::support::program::Workplace;

const GATE: &str = env!("CARGO_BIN_EXE_gate");
/// Entries at the beginning and at the end whose times are compared.
const COMPARED: usize = 100;
const PLAN: &str = r#"
release: { name: checkout, version: "2.1.0", owner: mara }
stages:
  - name: pilot
    exit: { no_incidents: { open: [sev1, sev2] }, confirmations: [lead] }
"#;

/// Makes so many checks, and prints what their files come to.
pub fn sizes(checks: usize) {
    let workplace = begun(GATE);
    for _ in 0..checks {
        run(
            GATE,
            workplace.path(),
            &["check", "plan.yaml", "--by", "ci"],
            3,
        );
    }
    let of = |ending: &str| bytes(&workplace, ending);
    let (records, answers) = (of(".json"), of(".answers.json.gz"));
    let (texts, plans) = (of(".txt"), of(".plan.yaml"));
    let ledger = fs::metadata(workplace.path().join("plan.ledger.jsonl"));
    let ledger = ledger.expect("a ledger").len();
    println!("\n{checks} checks without samples; bytes of each");
    println!("| file | mean | largest | last |\n| --- | --- | --- | --- |");
    let both: Vec<u64> = records
        .iter()
        .zip(&answers)
        .map(|(one, other)| one + other)
        .collect();
    for (what, sizes) in [
        ("record", &records),
        ("answers", &answers),
        ("record and answers", &both),
        ("text", &texts),
        ("plan copy", &plans),
    ] {
        let mean = sizes.iter().sum::<u64>() / sizes.len().max(1) as u64;
        let largest = sizes.iter().max().expect("a file");
        let last = sizes.last().expect("a file");
        println!("| {what} | {mean} | {largest} | {last} |");
    }
    println!("the ledger has {ledger} bytes");
    // The first ones keep the whole ledger, while it is short.
    let last = both.last().expect("a check");
    assert!(
        *last < 3000,
        "record and answers of the last check: {last} bytes"
    );
}

/// Records so many entries one by one, and prints what the first and the last take; also with another `gate`, by its path.
pub fn appends(entries: usize, before: Option<&str>) {
    let now = timed(GATE, entries);
    let show = |what: &str, times: &[f64]| {
        let (first, last) = (
            median(&times[..COMPARED]),
            median(&times[entries - COMPARED..]),
        );
        let all: f64 = times.iter().sum();
        println!(
            "{what}: {:.2} ms for each of the first {COMPARED} entries, {:.2} ms for each of the last, ratio {:.2}; {:.1} s in all",
            first * 1000.0,
            last * 1000.0,
            last / first,
            all
        );
        all
    };
    println!("\n{entries} entries, one command each");
    let all = show("now", &now);
    if let Some(before) = before {
        let other = show("before", &timed(before, entries));
        println!("ratio to before: {:.2}", all / other);
    }
}

fn timed(gate: &str, entries: usize) -> Vec<f64> {
    assert!(entries >= COMPARED, "at least {COMPARED} entries");
    let workplace = begun(gate);
    let note = ["note", "plan.yaml", "all quiet", "--by", "mara"];
    let times = (0..entries).map(|_| {
        let begin = Instant::now();
        run(gate, workplace.path(), &note, 0);
        begin.elapsed().as_secs_f64()
    });
    times.collect()
}

/// A rollout in its first stage.
fn begun(gate: &str) -> Workplace {
    let workplace = Workplace::with_plan(PLAN);
    run(
        gate,
        workplace.path(),
        &["start", "plan.yaml", "pilot", "--by", "mara"],
        0,
    );
    workplace
}

fn run(gate: &str, folder: &Path, words: &[&str], code: i32) {
    let mut command = Command::new(gate);
    // Records hold the command as it was typed.
    command.arg0("gate").args(words).current_dir(folder);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().expect("gate runs");
    assert_eq!(status.code(), Some(code), "{words:?}");
}

/// The sizes of the files of a kind, in the order in which they were written.
fn bytes(workplace: &Workplace, ending: &str) -> Vec<u64> {
    let files = workplace.files("plan.evidence", ending);
    let mut files: Vec<_> = (files.iter())
        .map(|file| fs::metadata(file).expect("a file"))
        .map(|file| (file.modified().expect("a time"), file.len()))
        .collect();
    files.sort_unstable();
    files.into_iter().map(|(_, size)| size).collect()
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
