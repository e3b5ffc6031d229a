//! What it costs to hold the ledger and the records beside a plan against each other: a status with all records there, and one
//! with only the newest, which is held against the ledger in any case.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use gate::ledger::{Chain, Checked, Event, IdentitySource, Occasion, Person, RecordedAs};
use gate::units::Instant as Time;
use gate::verdict::Verdict;

use crate::support::program::Workplace;
use crate::support::sealed::sha256;

const GATE: &str = env!("CARGO_BIN_EXE_gate");
const RECORDS: usize = 1000;
/// Entries between two checks that nothing is named by.
const BETWEEN: usize = 2;
const ROUNDS: usize = 41;
const PLAN: &str = "release: R1.0\nstages: [{ name: pilot, entry: { confirmations: [ready] } }]\n";

/// Milliseconds, the median of the differences.
pub fn agreement() -> f64 {
    let workplace = written();
    let place = |name| workplace.path().join(name);
    let (here, all, newest) = (place("plan.evidence"), place("all"), place("newest"));
    let records = workplace.files("plan.evidence", ".json");
    let last = records.iter().max().expect("a record");
    let name = last.file_name().expect("a name");
    fs::create_dir(&newest).expect("a folder");
    fs::copy(last, newest.join(name)).expect("copied");
    let moved = |from, to| fs::rename(from, to).expect("moved");
    let mut differences = Vec::new();
    for _ in 0..ROUNDS {
        let with = status(workplace.path());
        moved(&here, &all);
        moved(&newest, &here);
        let without = status(workplace.path());
        moved(&here, &newest);
        moved(&all, &here);
        differences.push((with - without) * 1000.0);
    }
    differences.sort_by(f64::total_cmp);
    differences[ROUNDS / 2]
}

fn status(folder: &Path) -> f64 {
    let mut command = Command::new(GATE);
    command.args(["status", "plan.yaml"]).current_dir(folder);
    let begin = Instant::now();
    let status = command.stdout(Stdio::null()).status().expect("gate runs");
    let seconds = begin.elapsed().as_secs_f64();
    assert!(status.success(), "{status}");
    seconds
}

/// A plan with so many records, each in the ledger.
fn written() -> Workplace {
    let workplace = Workplace::with_plan(PLAN);
    workplace.gate(&["check", "plan.yaml", "--by", "ci"]);
    let record = workplace.files("plan.evidence", ".json").remove(0);
    let template = fs::read_to_string(&record).expect("a record");
    let plan = sha256(PLAN.as_bytes());
    for path in workplace.files("plan.evidence", "") {
        fs::remove_file(path).expect("removed");
    }
    let mut chain = Chain::default();
    for number in 0..RECORDS {
        for _ in 0..BETWEEN {
            let noted = Event::Noted {
                stage: None,
                text: "quiet".to_owned(),
                checkpoint: false,
                role: None,
                reviewed_issues: false,
                lesson: false,
                takes_back: None,
            };
            chain.append(&occasion(number), noted).expect("an entry");
        }
        let (name, text) = at(&template, number, &chain);
        let path = format!("plan.evidence/{name}");
        workplace.write(&path, &text);
        let checked = Checked {
            evaluated_at: occasion(number).at,
            release: "R1.0".to_owned(),
            plan_sha256: plan.clone(),
            vars: Vec::new(),
            sources: Vec::new(),
            evidence_path: path,
            evidence_sha256: sha256(text.as_bytes()),
            verdict: Verdict::Hold,
            gates: gates(&template),
        };
        let event = Event::Checked(checked);
        chain.append(&occasion(number), event).expect("an entry");
    }
    let lines: Vec<&str> = chain.lines().collect();
    workplace.write("plan.ledger.jsonl", lines.join("\n") + "\n");
    workplace
}

fn occasion(number: usize) -> Occasion {
    let number = i64::try_from(number).expect("small");
    Occasion {
        nonce: None,
        at: Time::from_secs(1_795_132_800 + 60 * number),
        by: Person {
            name: "ci".to_owned(),
            identity_source: IdentitySource::Given,
        },
        plan: "plan.yaml".into(),
        why: String::new(),
        links: Vec::new(),
    }
}

/// The name and the text of a record that the next entry records.
fn at(template: &str, number: usize, chain: &Chain) -> (String, String) {
    let mut evidence = gate::evidence::v1::from_json(template).expect("a record");
    evidence.evaluated_at = occasion(number).at;
    let ledger = evidence.ledger.as_mut().expect("a ledger");
    ledger.entries = chain.lines().len() as u64;
    chain.head().clone_into(&mut ledger.head_sha256);
    ledger.entry = Some(RecordedAs::next(chain, &occasion(number)));
    let stem = gate::output::stem(evidence.evaluated_at, evidence.verdict);
    (
        format!("{stem}.json"),
        gate::evidence::v1::to_json(&evidence),
    )
}

fn gates(template: &str) -> Vec<gate::ledger::GateChecked> {
    let evidence = gate::evidence::v1::from_json(template).expect("a record");
    gate::evidence::checked(&evidence, Vec::new(), String::new(), "").gates
}
