//! Every deed that people do, on a ledger that two machines share, by turns: each knows what the other did (R1).

use std::fs;
use std::path::Path;

use super::bucket::Bucket;
use super::clones::Team;
use crate::support::program::{Finished, Workplace};
use crate::support::stores;

/// A plan with a place for its records.
fn plan(records: &str) -> String {
    format!(
        "release: {{name: checkout, version: '2.1'}}
records: {records}
stages:
  - name: pilot
    entry: {{ confirmations: [ready] }}
    exit: {{ confirmations: [lead], approvals: [product] }}
  - {{ name: wave-1, exit: {{ confirmations: [lead] }} }}
"
    )
}

/// What is typed, by turns, with how it ends and what it says.
const DEEDS: &[(&[&str], i32, &str)] = &[
    (&["check"], 3, "HOLD"),
    (
        &[
            "override",
            "pilot/entry",
            "--why",
            "known",
            "--expires",
            "4h",
        ],
        0,
        "HOLD in check #1, is OVERRIDDEN",
    ),
    (&["start", "pilot"], 0, "recorded #3"),
    (
        &[
            "incident",
            "open",
            "--severity",
            "sev2",
            "--description",
            "smoke",
        ],
        0,
        "INC-1 is open",
    ),
    (&["note", "seen"], 0, "recorded #5"),
    (&["pause", "--why", "odd"], 0, "pilot is paused"),
    (&["resume", "--why", "fine"], 0, "it was paused"),
    (&["confirm", "lead", "--stage", "pilot"], 0, "recorded #8"),
    (&["check"], 3, "product unknown"),
    (&["approve", "product"], 0, "in check #9"),
    (&["check"], 0, "GO"),
    (
        &["rollback", "--stage", "pilot", "--why", "bad"],
        0,
        "recorded #12",
    ),
    (
        &["resume", "--stage", "pilot", "--why", "fixed"],
        0,
        "it was rolled back",
    ),
    (
        &["supersede", "--version", "2.2", "--why", "pool"],
        0,
        "begins anew now: pilot",
    ),
];

/// Runs a command on one of them.
type Machine<'a> = &'a dyn Fn(&[&str]) -> Finished;

/// Two machines do all of it by turns; both folders have the plan.
fn all(machines: [Machine<'_>; 2], folders: [&Path; 2]) {
    for (turn, (words, code, says)) in DEEDS.iter().enumerate() {
        if words[0] == "supersede" {
            for plan in folders.map(|folder| folder.join("plan.yaml")) {
                let text = fs::read_to_string(&plan).expect("a plan");
                fs::write(&plan, text.replace("'2.1'", "'2.2'")).expect("written");
            }
        }
        let (command, rest) = words.split_at(1);
        let words = [command, &["plan.yaml"], rest, &["--by", "ada"]].concat();
        machines[turn % 2](&words).says(*code, says);
    }
    for machine in machines {
        machine(&["ledger", "plan.yaml", "verify"]).says(0, "14 entries, every line verified");
        machine(&["verify", "plan.yaml"]).says(0, "3 of 3 verified");
    }
}

#[test]
fn r1_two_clones_do_every_deed_on_one_branch() {
    let team = Team::with(&plan("git"));
    let (ada, ben) = (team.machine("ada"), team.machine("ben"));
    all(
        [&|words| ada.gate(words), &|words| ben.gate(words)],
        [&ada.clone, &ben.clone],
    );
}

fn in_store(endpoint: &str) {
    let text = plan(&format!(
        "{{s3: {{bucket: records, prefix: gate, region: eu-central-1, endpoint: '{endpoint}', access_key: AKIDEXAMPLE, secret_key: '${{SECRET}}'}}}}"
    ));
    let machines = [Workplace::with_plan(&text), Workplace::with_plan(&text)];
    let gate = |machine: &Workplace, words: &[&str]| {
        let home = machine.path().to_string_lossy().into_owned();
        machine.gate_with(words, &[("HOME", &home), ("SECRET", "of-the-bucket")])
    };
    let [one, other] = &machines;
    all(
        [&|words| gate(one, words), &|words| gate(other, words)],
        [one.path(), other.path()],
    );
}

#[test]
fn r1_two_machines_do_every_deed_in_one_bucket() {
    in_store(&Bucket::new().url());
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn r1_two_machines_do_every_deed_in_moto() {
    let server = stores::moto();
    server.bucket("records");
    in_store(server.url());
}
