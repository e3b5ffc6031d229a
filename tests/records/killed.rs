//! Commands that are killed at random moments where records are shared: what was acknowledged is there once, what was not is
//! there once or not at all, the chain is whole, and no line names evidence that is not there (R1, R4, R5).
//!
//! `GATE_KILLS=500 cargo test --test integration -- --ignored killed_at` for as many moments as the figures in
//! `docs/records.md` speak of.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::bucket::Bucket;
use super::clones::Team;
use crate::support::program::{Finished, Workplace, finished};
use crate::support::random::Random;

/// Moments on each place, unless `GATE_KILLS` says otherwise.
const MOMENTS: usize = 40;
const STAGES: &str = "stages: [{name: pilot, entry: {confirmations: [ready]}}]\n";

#[expect(
    clippy::disallowed_methods,
    reason = "how long to go on is not for the program"
)]
fn moments() -> usize {
    std::env::var("GATE_KILLS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(MOMENTS)
}

/// A machine, as the command that it runs.
type Machine<'a> = dyn Fn(&[&str]) -> Command + 'a;

/// What was told, and what was only tried.
#[derive(Default)]
struct Told {
    acknowledged: BTreeSet<String>,
    tried: BTreeSet<String>,
}

fn run(machine: &Machine, words: &[&str]) -> Finished {
    finished(&machine(words).output().expect("gate runs"))
}

/// How it ended within this time, with what it said; no exit code if it had to be killed.
fn ended(machine: &Machine, words: &[&str], within: Duration) -> (Option<i32>, String) {
    let mut command = machine(words);
    // What it says is far below what a pipe holds, so nobody has to read it meanwhile.
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("gate runs");
    thread::sleep(within);
    let _ = child.kill();
    let code = child.wait().expect("it ends").code();
    let mut said = String::new();
    if code.is_some() {
        let mut stderr = child.stderr.take().expect("piped");
        let _ = stderr.read_to_string(&mut said);
    }
    (code, said)
}

/// Notes and checks by turns; each check leaves a record, and all of them together are verified at the end.
fn kill(machine: &Machine, moments: usize, random: &mut Random) -> (Told, usize) {
    let mut told = Told::default();
    let mut killed = 0;
    let mut longest = Duration::from_millis(50);
    for moment in 0..moments {
        let text = format!("note number {moment}.");
        let note = ["note", "plan.yaml", &text, "--by", "ada"];
        let check = ["check", "plan.yaml", "--by", "ada"];
        let words: &[&str] = if moment % 2 == 0 { &note } else { &check };
        if moment % 20 == 0 {
            // How long one takes that nobody kills, on the machine as it is now.
            let begin = Instant::now();
            run(machine, &check).says(3, "HOLD");
            longest = begin.elapsed().mul_f64(1.3);
        }
        let (code, said) = ended(machine, words, longest.mul_f64(random.unit()));
        killed += usize::from(code.is_none());
        assert!(
            [None, Some(0), Some(3)].contains(&code),
            "{words:?}: {code:?}, {said}"
        );
        if moment % 2 == 0 {
            told.tried.insert(text.clone());
            if code.is_some() {
                told.acknowledged.insert(text);
            }
        }
    }
    // A `git push` may outlive the command that was killed.
    thread::sleep(Duration::from_secs(2));
    (told, killed)
}

/// What is true whatever was killed.
fn holds(ledger: &str, told: &Told, machine: &Machine) {
    let times = |text: &str| ledger.matches(&format!("\"{text}\"")).count();
    for text in &told.tried {
        let least = usize::from(told.acknowledged.contains(text));
        let there = times(text);
        assert!(
            (least..=1).contains(&there),
            "{text}: {there} times in\n{ledger}"
        );
    }
    let entries = ledger.lines().count();
    run(machine, &["ledger", "plan.yaml", "verify"])
        .says(0, &format!("{entries} entries, every line verified"));
    let checks = ledger.matches("\"kind\":\"checked\"").count();
    run(machine, &["verify", "plan.yaml"]).says(0, &format!("{checks} of {checks} verified"));
}

#[test]
#[ignore = "takes a while: tests/all.sh"]
fn r5_a_command_killed_at_any_moment_loses_nothing_on_a_branch() {
    let plan = format!("release: {{name: checkout, version: '2.1'}}\nrecords: git\n{STAGES}");
    let team = Team::with(&plan);
    let (one, other) = (team.machine("ada"), team.machine("ben"));
    let machine = |words: &[&str]| one.command(words);
    let (told, killed) = kill(&machine, moments(), &mut Random::named("branch"));
    assert!(killed > moments() / 10, "only {killed} were killed");
    holds(&team.ledger(), &told, &|words: &[&str]| {
        other.command(words)
    });
}

/// Two machines that have only the plan and a bucket.
struct Pair {
    bucket: Bucket,
    machines: [Workplace; 2],
}

impl Pair {
    fn new() -> Self {
        let bucket = Bucket::new();
        let plan = format!(
            "release: {{name: checkout, version: '2.1'}}\nrecords: {{s3: {{bucket: records, region: eu-central-1, endpoint: '{}', access_key: AKIDEXAMPLE, secret_key: '${{SECRET}}'}}}}\n{STAGES}",
            bucket.url()
        );
        let machines = [Workplace::with_plan(&plan), Workplace::with_plan(&plan)];
        Self { bucket, machines }
    }

    fn command(&self, at: usize, words: &[&str]) -> Command {
        let machine = &self.machines[at];
        let home = machine.path().to_string_lossy().into_owned();
        machine.command(words, &[("HOME", &home), ("SECRET", "canary")])
    }
}

#[test]
#[ignore = "takes a while: tests/all.sh"]
fn r5_a_command_killed_at_any_moment_loses_nothing_in_a_store() {
    let pair = Pair::new();
    let on = |at: usize| {
        let pair = &pair;
        move |words: &[&str]| pair.command(at, words)
    };
    let (told, killed) = kill(&on(0), moments(), &mut Random::named("store"));
    assert!(killed > moments() / 10, "only {killed} were killed");
    holds(&pair.bucket.text("plan.ledger.jsonl"), &told, &on(1));
}

/// A check that was killed between its line and the name of its record: whoever reads sees the record, although nothing but the
/// draft is in the store.
#[test]
fn r4_a_record_without_its_name_is_read_by_its_digest() {
    let pair = Pair::new();
    let on = |at: usize| {
        let pair = &pair;
        move |words: &[&str]| pair.command(at, words)
    };
    run(&on(0), &["check", "plan.yaml", "--by", "ada"]).says(3, "HOLD");
    pair.bucket.unname(".json");
    run(&on(1), &["verify", "plan.yaml"]).says(0, "1 of 1 verified");
    run(&on(1), &["check", "plan.yaml", "--by", "ben"]).says(3, "HOLD");
    run(&on(0), &["verify", "plan.yaml"]).says(0, "2 of 2 verified");
}
