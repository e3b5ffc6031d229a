//! Another version of the release takes the place of the one before (L6), through the program: what it makes void, what stays, and
//! what is refused.

use std::fs::{self, File};
use std::time::SystemTime;

use gate::ledger::{Answer, Event};
use serde_json::{Value, json};

use crate::past;
use crate::support::program::{Finished, Workplace};

/// Only people and a file are asked: no server is needed.
const PLAN: &str = r#"
release: { name: R1, version: "VERSION" }
stages:
  - name: pilot
    entry: { confirmations: [ready] }
    stop: { incidents: { open: [sev1] } }
    exit: { confirmations: [lead], approvals: [operations] }
  - name: wave-1
    entry: { confirmations: [ready], approvals: [product], artifacts: [tests.txt] }
    exit: { confirmations: [lead] }
"#;

struct Rollout(Workplace);

impl Rollout {
    fn of(version: &str) -> Self {
        Self(Workplace::with_plan(&PLAN.replace("VERSION", version)))
    }

    /// The plan names another version.
    fn names(&self, version: &str) {
        self.0.write("plan.yaml", PLAN.replace("VERSION", version));
    }

    /// Types `gate VERB plan.yaml …`.
    fn gate(&self, line: &str) -> Finished {
        let (verb, words) = line.split_once(' ').unwrap_or((line, ""));
        let typed = [verb, "plan.yaml"].into_iter();
        let arguments: Vec<&str> = typed.chain(words.split_whitespace()).collect();
        self.0
            .gate_with(&arguments, &[("GIT_CONFIG_NOSYSTEM", "1")])
    }

    fn all(&self, lines: &[&str]) {
        for line in lines {
            let finished = self.gate(line);
            finished.says(0, "");
        }
    }

    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(self.0.path().join("plan.ledger.jsonl"));
        text.unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }

    fn last(&self) -> Value {
        let last = self.lines().pop().expect("an entry");
        serde_json::from_str(&last).expect("an entry")
    }

    /// Puts the ledger back to its first lines.
    fn set_back(&self, lines: usize) {
        let kept = self.lines()[..lines].join("\n") + "\n";
        self.0.write("plan.ledger.jsonl", kept);
    }

    /// The results of the tests, from long ago.
    fn tested(&self) {
        self.0.write("tests.txt", "all pass\n");
        let file = File::options()
            .append(true)
            .open(self.0.path().join("tests.txt"))
            .expect("a file");
        file.set_modified(SystemTime::UNIX_EPOCH)
            .expect("a time of change");
    }

    /// Version 2.0 has left the pilot, and may enter wave 1.
    fn ready_for_wave_1() -> Self {
        let rollout = Self::of("2.0");
        rollout.tested();
        rollout.all(&[
            "confirm ready --stage pilot",
            "check --gate pilot/entry",
            "start pilot",
            "confirm lead --stage pilot",
            "approve operations --gate pilot/exit",
            "confirm ready --stage wave-1",
            "check --gate pilot/exit",
            "approve product --gate wave-1/entry",
            "check --gate wave-1/entry",
        ]);
        rollout
    }
}

const SUPERSEDE: &str = "supersede --version 2.1 --why hotfix";

#[test]
fn l6_what_was_earned_by_one_version_counts_for_no_other() {
    let rollout = Rollout::ready_for_wave_1();
    rollout
        .gate("incident open --severity sev3 --description labels --why minor")
        .says(0, "INC-1 is open");
    rollout.names("2.1");
    rollout
        .gate(SUPERSEDE)
        .says(0, "version 2.1 takes the place of 2.0")
        .says(0, "begins anew now: pilot")
        .says(0, "incidents, pauses, stops and history stay");
    let last = rollout.last();
    let keys = [
        &last["kind"],
        &last["from"],
        &last["stages"],
        &last["keep_window"],
    ];
    let expected = [
        json!("superseded"),
        json!("2.0"),
        json!(["pilot"]),
        json!(false),
    ];
    assert_eq!(keys.map(Clone::clone), expected);

    let place = "version 2.1 took the place of 2.0";
    rollout
        .gate("start wave-1")
        .says(1, &format!("pilot/exit has not been checked since {place}"));
    rollout
        .gate("start pilot")
        .says(1, "pilot has already begun");
    rollout
        .gate("check --gate pilot/exit")
        .says(3, &format!("before {place}"));
    rollout
        .gate("status")
        .says(0, place)
        .says(0, "confirmed and approved before is void; pilot began anew")
        .says(0, "INC-1");
    let status = rollout.gate("status --format json");
    status
        .says(0, r#""superseded": ["#)
        .says(0, r#""to": "2.1""#);
    rollout
        .gate("ledger")
        .says(0, &format!("{place}; begins anew: pilot"));

    // Step by step, and no step is left out.
    rollout.all(&[
        "confirm ready --stage pilot",
        "check --gate pilot/entry",
        "confirm lead --stage pilot",
    ]);
    rollout
        .gate("check --gate pilot/exit")
        .says(3, "signed")
        .says(3, place);
    rollout.all(&[
        "approve operations --gate pilot/exit",
        "check --gate pilot/exit",
    ]);
    rollout
        .gate("start wave-1")
        .says(1, &format!("but {place}"));
    rollout
        .gate("check --gate wave-1/entry")
        .says(3, "nothing shows that it tells of this version")
        .says(3, "has to be confirmed again");
    rollout
        .0
        .gate(&["verify", "plan.evidence"])
        .says(0, "verified");
    rollout.0.write("tests.txt", "all pass again\n");
    rollout.all(&["confirm ready --stage wave-1"]);
    rollout.gate("start wave-1").says(1, "wave-1 cannot begin");
    rollout.all(&[
        "approve product --gate wave-1/entry",
        "check --before wave-1",
        "start wave-1",
    ]);
    let evidence = ["report", "plan.evidence", "--format", "summary"];
    rollout
        .0
        .gate(&evidence)
        .says(0, "R1 2.1")
        .says(0, &format!("{place} at"))
        .says(0, "INC-1");
    rollout.gate("ledger verify").says(0, "every line verified");
}

/// What every asker says while the pilot's entry has not been asked for version 2.1.
const OWED: &str = "pilot/entry has not been checked since version 2.1 took the place of 2.0";

#[test]
fn l6_what_runs_is_asked_its_entry_again_and_not_left_without_it() {
    for keep_window in ["", " --keep-window"] {
        let rollout = Rollout::ready_for_wave_1();
        rollout.names("2.1");
        let asked = "asked again, since the exit needs its GO for 2.1: pilot/entry";
        rollout
            .gate(&format!("{SUPERSEDE}{keep_window}"))
            .says(0, asked);
        rollout.all(&["confirm lead --stage pilot"]);

        let entry = "gate check plan.yaml --gate pilot/entry";
        rollout
            .gate("check --gate pilot/exit")
            .says(3, &format!("pilot/entry unknown, {OWED}"))
            .says(3, &format!("next: {entry}"));
        rollout.gate("status").says(0, OWED).says(0, entry);
        rollout
            .gate("approve operations --gate pilot/exit")
            .says(1, "a signature for that would not hold");
        rollout.gate("start wave-1").says(1, "pilot/exit was HOLD");
        for format in ["summary", "handover", "rollback"] {
            let report = ["report", "plan.evidence", "--format", format];
            let owed = format!("pilot cannot be left: {OWED}");
            rollout.0.gate(&report).says(0, &owed);
        }

        // What is in play says what the entry lacks.
        rollout
            .gate("check")
            .says(3, "pilot/entry")
            .says(3, "next: gate confirm plan.yaml ready --stage pilot");
        rollout.all(&["confirm ready --stage pilot --no --why jam"]);
        rollout.gate("check").says(1, "pilot/entry is NO-GO");
        rollout
            .gate("check --gate pilot/exit")
            .says(1, "pilot/entry was NO-GO at");
        rollout.all(&["confirm ready --stage pilot"]);
        rollout.gate("check").says(
            3,
            "next: gate approve plan.yaml operations --gate pilot/exit",
        );
        rollout.all(&["approve operations --gate pilot/exit"]);
        // A look at a time before takes nothing away.
        rollout
            .gate("check --gate pilot/entry --at 1h")
            .says(3, "HOLD");
        // It was passed: what is in play is the exit alone.
        let passed = rollout.gate("check");
        passed.says(0, "pilot/entry  GO for 2.1");
        assert!(!passed.out.contains("GO     pilot/entry"), "{}", passed.out);
        for format in ["summary", "handover"] {
            let report = ["report", "plan.evidence", "--format", format];
            rollout
                .0
                .gate(&report)
                .says(0, "for 2.1: pilot/entry was GO at");
        }
        rollout
            .0
            .gate(&["verify", "plan.evidence"])
            .says(0, "verified");
    }
}

#[test]
fn l6_an_entry_that_is_found_worse_later_takes_the_exit_back() {
    let rollout = Rollout::ready_for_wave_1();
    rollout.names("2.1");
    rollout.all(&[
        SUPERSEDE,
        "confirm ready --stage pilot",
        "confirm lead --stage pilot",
        "check --gate pilot/entry",
    ]);
    rollout.gate("check --gate pilot/exit").says(3, "signed");
    rollout.all(&[
        "approve operations --gate pilot/exit",
        "check --gate pilot/exit",
        "confirm ready --stage pilot --no --why jam",
    ]);
    rollout.gate("check --gate pilot/entry").says(1, "NO-GO");
    let worse = "pilot/exit was GO at";
    rollout
        .gate("start wave-1")
        .says(1, worse)
        .says(1, "but pilot/entry was NO-GO at")
        .says(1, "gate check plan.yaml --gate pilot/entry");
    rollout.gate("status").says(0, "but pilot/entry was NO-GO");
}

#[test]
fn l6_an_entry_that_somebody_overrides_is_passed_as_long_as_that_holds() {
    let rollout = Rollout::ready_for_wave_1();
    rollout.names("2.1");
    rollout.all(&[SUPERSEDE, "confirm lead --stage pilot"]);
    rollout
        .gate("override pilot/entry --expires 2h --why known")
        .says(1, "pilot/entry was not checked since version 2.1 took");
    rollout.gate("check --gate pilot/entry").says(3, "HOLD");
    rollout.all(&["override pilot/entry --expires 2h --why known"]);
    rollout
        .gate("check --gate pilot/exit")
        .says(3, "OVERRIDDEN by")
        .says(3, "next: gate approve plan.yaml operations");
    rollout.all(&[
        "approve operations --gate pilot/exit",
        "check --gate pilot/exit",
    ]);
    rollout.gate("status").says(0, "left         pilot");
    rollout.all(&["confirm ready --stage pilot --no --why jam"]);
    // It was for a HOLD.
    rollout.gate("check --gate pilot/entry").says(1, "NO-GO");
    rollout
        .gate("start wave-1")
        .says(1, "pilot/entry was NO-GO");
}

#[test]
fn l6_what_was_rolled_back_and_is_resumed_is_asked_its_entry_and_what_is_started_is_not() {
    let rollout = Rollout::ready_for_wave_1();
    rollout.all(&["rollback --stage pilot --why bad"]);
    rollout.names("2.1");
    let superseded = rollout.gate(SUPERSEDE);
    superseded
        .says(0, "as before: pilot was rolled back")
        .says(0, "next: gate resume plan.yaml --stage pilot");
    assert!(
        !superseded.out.contains("asked again"),
        "{}",
        superseded.out
    );
    let ledger = rollout.lines().len();
    rollout.all(&["resume --why fixed", "confirm lead --stage pilot"]);
    rollout.gate("check --gate pilot/exit").says(3, OWED);
    rollout.gate("status").says(0, OWED);

    fs::remove_dir_all(rollout.0.path().join("plan.evidence")).expect("removed");
    rollout.set_back(ledger);
    rollout.all(&[
        "confirm ready --stage pilot",
        "check --gate pilot/entry",
        "start pilot",
        "confirm lead --stage pilot",
    ]);
    let exit = rollout.gate("check --gate pilot/exit");
    exit.says(3, "signed");
    assert!(!exit.out.contains("pilot/entry"), "{}", exit.out);
}

#[test]
fn l6_the_order_that_a_stage_began_in_is_not_asked_again_with_its_entry() {
    let rollout = Rollout::ready_for_wave_1();
    rollout.all(&["start wave-1"]);
    rollout.names("2.1");
    rollout.gate(SUPERSEDE).says(0, "GO for 2.1: wave-1/entry");
    rollout.0.write("tests.txt", "all pass again\n");
    rollout.all(&["confirm ready --stage wave-1"]);
    // The pilot stands as it was left; the plan that names another version does not bring it back.
    let asked = rollout.gate("check");
    asked.says(
        3,
        "next: gate approve plan.yaml product --gate wave-1/entry",
    );
    assert!(!asked.out.contains("pilot"), "{}", asked.out);
    rollout.all(&["approve product --gate wave-1/entry"]);
    rollout
        .gate("check")
        .says(3, "next: gate confirm plan.yaml lead --stage wave-1");
    rollout.all(&["confirm lead --stage wave-1", "check"]);
}

#[test]
fn l6_what_was_left_and_begins_anew_once_nothing_stands_behind_it_is_asked_its_entry() {
    let rollout = Rollout::ready_for_wave_1();
    rollout.all(&["start wave-1"]);
    rollout.names("2.1");
    rollout.all(&[SUPERSEDE]);
    let exit = rollout.gate("check --gate pilot/exit");
    assert!(!exit.out.contains("pilot/entry"), "{}", exit.out);
    rollout.all(&["rollback --stage wave-1 --why bad"]);
    rollout.gate("check --gate pilot/exit").says(
        3,
        "pilot/entry has not been checked since wave-1 was rolled back",
    );
    rollout.all(&["resume --stage wave-1 --why fixed"]);
    // It stands again, and wave 1 is asked.
    let exit = rollout.gate("check --gate pilot/exit");
    assert!(!exit.out.contains("pilot/entry"), "{}", exit.out);
    rollout
        .gate("check --gate wave-1/exit")
        .says(3, "wave-1/entry has not been checked since version 2.1");
}

#[test]
fn l6_an_edit_of_the_plan_does_not_get_past_an_entry_that_was_found_bad() {
    let rollout = Rollout::ready_for_wave_1();
    rollout.names("2.1");
    rollout.all(&[
        SUPERSEDE,
        "confirm lead --stage pilot",
        "confirm ready --stage pilot --no --why jam",
    ]);
    rollout.gate("check --gate pilot/entry").says(1, "NO-GO");
    let without = PLAN
        .replace("    entry: { confirmations: [ready] }\n", "")
        .replace("VERSION", "2.1");
    rollout.0.write("plan.yaml", without);
    rollout
        .gate("check")
        .says(1, "pilot/entry was NO-GO")
        .says(1, "the plan no longer has that gate");
}

#[test]
fn l6_a_check_of_another_question_does_not_make_an_entry_that_was_found_bad_forgotten() {
    let asks = |plan: &str| format!("vars: {{ site: a }}\n{}", plan.trim_start());
    let rollout = Rollout::of("2.0");
    rollout
        .0
        .write("plan.yaml", asks(&PLAN.replace("VERSION", "2.0")));
    rollout.all(&[
        "confirm ready --stage pilot",
        "check --gate pilot/entry",
        "start pilot",
    ]);
    rollout
        .0
        .write("plan.yaml", asks(&PLAN.replace("VERSION", "2.1")));
    rollout.all(&[
        SUPERSEDE,
        "confirm lead --stage pilot",
        "confirm ready --stage pilot --no --why jam",
    ]);
    rollout.gate("check --gate pilot/entry").says(1, "NO-GO");
    rollout.gate("check --gate pilot/entry --var site=b");
    let without = PLAN.replace("    entry: { confirmations: [ready] }\n", "");
    rollout
        .0
        .write("plan.yaml", asks(&without.replace("VERSION", "2.1")));
    rollout
        .gate("check")
        .says(1, "pilot/entry was NO-GO")
        .says(1, "the plan no longer has that gate");
}

#[test]
fn l6_what_was_left_counts_no_more_once_nothing_stands_behind_it() {
    let plan = |version: &str| {
        format!(
            "release: {{ name: R1, version: \"{version}\" }}\nstages:\n  - {{ name: pilot, exit: {{ confirmations: [lead] }} }}\n  - {{ name: wave-1, exit: {{ confirmations: [lead] }} }}\n"
        )
    };
    let rollout = Rollout(Workplace::with_plan(&plan("2.0")));
    rollout.all(&[
        "start pilot --why x",
        "confirm lead --stage pilot",
        "check --before wave-1",
        "start wave-1",
    ]);
    rollout.0.write("plan.yaml", plan("2.1"));
    rollout.all(&[SUPERSEDE]);
    assert_eq!(
        rollout.last()["left"],
        json!([{ "stage": "pilot", "followed_by": ["wave-1"] }])
    );
    // Wave 1 runs, so what it began on stands.
    rollout.gate("check --gate pilot/exit").says(0, "GO");
    rollout.all(&["rollback --stage wave-1 --why bad"]);
    rollout
        .gate("check --before wave-1")
        .says(3, "wave-1 was rolled back")
        .says(3, "has to be confirmed again");
    rollout.gate("start wave-1").says(1, "wave-1 cannot begin");
    rollout.gate("status").says(0, "wave-1 was rolled back");
    rollout.all(&[
        "confirm lead --stage pilot",
        "check --before wave-1",
        "start wave-1",
    ]);
    rollout
        .0
        .gate(&["verify", "plan.evidence"])
        .says(0, "verified");
}

#[test]
fn l6_an_override_is_for_the_version_that_it_was_given_to() {
    let rollout = Rollout::of("2.0");
    rollout.all(&[
        "confirm ready --stage pilot",
        "check --gate pilot/entry",
        "start pilot",
    ]);
    rollout.gate("check --gate pilot/exit").says(3, "HOLD");
    rollout.gate("check --gate wave-1/entry").says(1, "NO-GO");
    rollout.all(&[
        "override pilot/exit --expires 2h --why known",
        "override wave-1/entry --expires 2h --why known",
    ]);
    rollout.names("2.1");
    rollout.all(&[SUPERSEDE]);
    let place = "version 2.1 took the place of 2.0";
    rollout.gate("start wave-1").says(1, place);
    let none = "there is no verdict to override";
    rollout
        .gate("override wave-1/entry --expires 2h --why known")
        .says(1, &format!("was not checked since {place}"))
        .says(1, none);
    rollout
        .gate("override pilot/exit --expires 2h --why known")
        .says(1, &format!("was not checked since {place}"))
        .says(1, none);
}

#[test]
fn l6_nothing_is_superseded_that_is_not_there_or_not_named() {
    let rollout = Rollout::of("2.0");
    rollout
        .gate("supersede --version 2.0 --why hotfix")
        .says(1, "nothing is recorded beside plan.yaml");
    let rollout = Rollout::ready_for_wave_1();
    let count = rollout.lines().len();
    rollout
        .gate("supersede --version 2.0 --why hotfix")
        .says(0, "the ledger is that of version 2.0 already");
    rollout
        .gate(SUPERSEDE)
        .says(2, "the plan names version 2.0, not 2.1");
    rollout.names("2.1");
    rollout
        .gate("supersede --version 2.1")
        .says(2, "needs a reason");
    rollout
        .gate("supersede --version 2.2 --why hotfix")
        .says(2, "the plan names version 2.1, not 2.2");
    rollout.gate("supersede --version 2.0 --why hotfix").says(
        1,
        "the ledger is that of version 2.0 already, and the plan names 2.1",
    );
    for line in [
        "check",
        "status",
        "start wave-1",
        "confirm ready --stage wave-1",
    ] {
        let offered = "gate supersede plan.yaml --version 2.1 --why <reason>";
        rollout.gate(line).says(2, offered);
    }
    let other = PLAN
        .replace("name: R1", "name: R2")
        .replace("VERSION", "2.1");
    rollout.0.write("plan.yaml", other);
    rollout.gate(SUPERSEDE).says(2, "the ledger of R1 2.0");
    assert_eq!(rollout.lines().len(), count, "nothing was recorded");
    rollout.names("2.1");
    rollout.all(&[SUPERSEDE]);
    rollout
        .gate(SUPERSEDE)
        .says(0, "the ledger is that of version 2.1 already");
}

#[test]
fn l6_a_version_that_was_superseded_does_not_come_back() {
    let rollout = Rollout::ready_for_wave_1();
    rollout.names("2.1");
    rollout.all(&[SUPERSEDE]);
    let count = rollout.lines().len();
    // Byte for byte the plan that everything was earned with.
    rollout.names("2.0");
    rollout
        .gate("start wave-1")
        .says(2, "R1 2.0 was superseded at")
        .says(2, "put version 2.1 back into the plan");
    rollout
        .gate("supersede --version 2.0 --why back")
        .says(1, "version 2.0 was superseded at")
        .says(1, "a version of its own");
    assert_eq!(rollout.lines().len(), count, "nothing was recorded");
    for same in ["v2.0", "\u{ff12}.0"] {
        rollout.names(same);
        rollout
            .gate(&format!("supersede --version {same} --why back"))
            .says(1, "was superseded at");
    }
    rollout.names("2.0-2");
    rollout
        .gate("supersede --version 2.0-2 --why back")
        .says(0, "version 2.0-2 takes the place of 2.1");
}

/// What is counted from the start, by what was recorded so long ago.
fn hypercare(version: &str, deadline: &str) -> String {
    format!(
        "release: {{ name: R1, version: \"{version}\" }}\nstages:\n  - name: pilot\n    deadline: {deadline}\n    exit:\n      checkpoints: {{ every: 1d, roles: [ops, eng] }}\n      no_incidents: {{ since_start: [sev1], open: [sev1] }}\n      confirmations: [lead]\n"
    )
}

fn began(stage: &str) -> Event {
    Event::Started {
        stage: stage.to_owned(),
        at: gate::units::Instant::from_secs(0),
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    }
}

#[test]
fn l6_a_deadline_that_passed_unseen_is_let_go_by_name_and_a_stop_stays() {
    let deadline = "let go in pilot, it counts no more: the deadline, passed at";
    for is_checked in [false, true] {
        let rollout = Rollout(Workplace::with_plan(&hypercare("2.0", "1h")));
        let events = vec![(120, began("pilot"))];
        rollout.0.write(past::LEDGER, past::ledger(events));
        if is_checked {
            rollout.gate("check").says(4, "STOP");
        } else {
            rollout.all(&["note hello"]);
        }
        rollout.0.write("plan.yaml", hypercare("2.1", "1h"));
        let superseded = rollout.gate(SUPERSEDE);
        superseded.says(0, deadline);
        rollout
            .gate("status")
            .says(0, "let go of what spoke against pilot: the deadline");
        assert_eq!(superseded.out.contains("as before: "), is_checked);
    }
}

#[test]
fn l6_what_a_version_lets_go_of_is_said_and_stays_visible() {
    let rollout = Rollout(Workplace::with_plan(&hypercare("2.0", "9d")));
    let stage = || "pilot".to_owned();
    let id = || "INC-1".to_owned();
    let down = Event::IncidentOpened {
        id: id(),
        stage: None,
        opened_at: None,
        details: gate::ledger::IncidentDetails {
            severity: Some("sev1".to_owned()),
            description: Some("down".to_owned()),
            ..gate::ledger::IncidentDetails::default()
        },
    };
    let up = Event::IncidentClosed { id: id() };
    let no = Event::Confirmed {
        stage: stage(),
        id: "lead".to_owned(),
        answer: Answer::No,
        text_sha256: gate::digest::sha256_hex(&["lead"]),
    };
    let day = 24 * 60;
    let events = vec![
        (2 * day + 10, began("pilot")),
        (2 * day, down),
        (2 * day - 10, up),
        (day, no),
    ];
    rollout.0.write(past::LEDGER, past::ledger(events));
    rollout.gate("check").says(1, "NO-GO");
    rollout.0.write("plan.yaml", hypercare("2.1", "9d"));
    let missed = "4 missed checkpoints (day 1 ops, day 1 eng, day 2 ops, day 2 eng)";
    let told = [
        "pilot/exit was NO-GO at",
        "lead was answered with no by",
        missed,
        "INC-1 sev1, opened at",
    ];
    let superseded = rollout.gate(SUPERSEDE);
    for one in told {
        superseded.says(0, &format!("let go in pilot, it counts no more: {one}"));
    }
    let kept = rollout.last()["let_go"].as_array().map(Vec::len);
    assert_eq!(kept, Some(told.len()));
    let line = "version 2.1 (#6) let go of what spoke against pilot: ";
    rollout.all(&["confirm lead --stage pilot"]);
    for command in ["check", "status"] {
        let shown = rollout.gate(command);
        let code = if command == "check" { 3 } else { 0 };
        shown.says(code, line).says(code, missed);
    }
    rollout
        .gate("status --format json")
        .says(0, r#""what": "INC-1 sev1, opened at "#);
    rollout
        .gate("ledger")
        .says(0, &format!("let go in pilot: {missed}"));
    for format in ["summary", "handover", "rollback", "status"] {
        let report = ["report", "plan.evidence", "--format", format];
        rollout.0.gate(&report).says(0, missed);
    }
    // The next version begins anew again: what counted for the one before is history.
    rollout.0.write("plan.yaml", hypercare("2.2", "9d"));
    rollout.all(&["supersede --version 2.2 --why hotfix"]);
    assert_eq!(rollout.last()["let_go"], json!([]));
    for line in ["status", "status --format json"] {
        rollout.gate(line).never_says("let go of what spoke");
    }
    for (format, is_told) in [("summary", true), ("handover", true), ("status", false)] {
        let report = ["report", "plan.evidence", "--format", format];
        let told = rollout.0.gate(&report);
        assert_eq!(
            told.out.contains("missed checkpoints"),
            is_told,
            "{format}: {}",
            told.out
        );
    }
}

#[test]
fn l6_a_stop_that_was_on_its_way_is_let_go_by_name() {
    let server = crate::asking::whole(0);
    let plan = |version: &str| {
        format!(
            "release: {{ name: R1, version: \"{version}\" }}\nsource: {}\nkpis: {{ errors: {{ query: errors, step: 15s }} }}\nstages:\n  - name: pilot\n    window: 1h\n    stop: {{ kpis: {{ errors: \"> 0.5 for 10m\" }} }}\n    exit: {{ confirmations: [lead] }}\n",
            server.url()
        )
    };
    let on_its_way = "stop errors on its way: in its stop state for";
    for is_there in [true, false] {
        let rollout = Rollout(Workplace::with_plan(&plan("2.0")));
        let events = vec![(4, began("pilot"))];
        rollout.0.write(past::LEDGER, past::ledger(events));
        rollout.gate("check").says(3, "in its stop state for");
        if !is_there {
            fs::remove_dir_all(rollout.0.path().join("plan.evidence")).expect("removed");
        }
        rollout.0.write("plan.yaml", plan("2.1"));
        let said = if is_there {
            on_its_way
        } else {
            "perhaps a stop on its way: the record of check #2 is not at hand"
        };
        rollout.gate(SUPERSEDE).says(0, said);
        rollout.gate("status").says(0, said);
    }
}

#[test]
fn l3_status_names_what_holds_a_stage_before_a_stop_trips() {
    let server = crate::asking::whole(0);
    let plan = format!(
        "release: R1\nsource: {}\nkpis: {{ errors: {{ query: errors, step: 15s }} }}\nstages:\n  - name: pilot\n    window: 1h\n    stop: {{ kpis: {{ errors: \"> 0.5 for 10m\" }} }}\n    exit: {{ confirmations: [lead] }}\n",
        server.url()
    );
    let rollout = Rollout(Workplace::with_plan(&plan));
    let events = vec![(4, began("pilot"))];
    rollout.0.write(past::LEDGER, past::ledger(events));
    let checked = rollout.gate("check");
    checked
        .says(3, "on its way  errors")
        .never_says("clear       errors");
    let (to_hold, pause) = (
        "if it goes on, to hold it:",
        "gate pause plan.yaml --stage pilot --why <reason>",
    );
    checked.says(3, to_hold).says(3, pause);
    let status = rollout.gate("status");
    status.says(0, to_hold).says(0, pause);
    rollout.all(&["pause --why look"]);
    rollout.gate("status").never_says(to_hold);
}

#[test]
fn l6_a_window_that_is_kept_goes_on_to_count_what_is_counted_from_the_start() {
    let rollout = Rollout(Workplace::with_plan(&hypercare("2.0", "9d")));
    rollout.all(&[
        "start pilot --why x",
        "incident open --severity sev1 --description down",
        "incident close INC-1 --why fixed",
    ]);
    rollout.0.write("plan.yaml", hypercare("2.1", "9d"));
    rollout.all(&["supersede --version 2.1 --keep-window --why hotfix"]);
    assert_eq!(rollout.last()["let_go"], json!([]));
    rollout.gate("check").says(1, "INC-1");
}

#[test]
fn l6_a_version_has_a_name() {
    let rollout = Rollout::ready_for_wave_1();
    let count = rollout.lines().len();
    for none in ["none", "None", "(none)"] {
        rollout
            .gate(&format!("supersede --version {none} --why x"))
            .says(2, "is not a version");
    }
    let plan = PLAN.replace(", version: \"VERSION\"", "");
    rollout.0.write("plan.yaml", plan);
    rollout
        .gate("start wave-1")
        .says(2, "the ledger of R1 2.0, but the plan is for R1")
        .says(2, "put version 2.0 back into the plan");
    assert_eq!(rollout.lines().len(), count, "nothing was recorded");
}

#[test]
fn l6_a_release_that_is_one_text_is_superseded_once_its_version_is_written_apart() {
    let of = |release: &str| {
        format!(
            "release: {release}\nstages:\n  - {{ name: pilot, exit: {{ confirmations: [lead] }} }}\n"
        )
    };
    let rollout = Rollout(Workplace::with_plan(&of("checkout v2.1.0")));
    rollout.all(&["start pilot --why x"]);
    rollout.0.write("plan.yaml", of("checkout v2.2.0"));
    let apart = "`release: { name: checkout, version: \"v2.2.0\" }`";
    for line in ["check", "supersede --version v2.2.0 --why x"] {
        let code = if line == "check" { 2 } else { 1 };
        rollout.gate(line).says(code, apart);
    }
    rollout
        .gate("pause --why bad")
        .says(0, "the plan is for checkout v2.2.0 already");
    // One text and two parts that say the same are the same release.
    rollout
        .0
        .write("plan.yaml", of("{ name: checkout, version: v2.1.0 }"));
    rollout.all(&["resume --why fine"]);
    rollout.gate("check").says(3, "HOLD");
    rollout
        .0
        .write("plan.yaml", of("{ name: checkout, version: v2.2.0 }"));
    rollout
        .gate("supersede --version v2.2.0 --why x")
        .says(0, "version v2.2.0 takes the place of v2.1.0");
    rollout.0.write("plan.yaml", of("checkout v2.1.0"));
    rollout.gate("check").says(2, "v2.1.0");
}

#[test]
fn l6_what_makes_a_rollout_safe_does_not_wait_for_the_paperwork() {
    let rollout = Rollout::of("2.0");
    rollout.all(&[
        "confirm ready --stage pilot",
        "check --gate pilot/entry",
        "start pilot",
    ]);
    rollout.names("2.1");
    let to_come = "the plan is for R1 2.1 already: to go on with R1 2.0, put it back into the plan's `release` first";
    let works = "next: gate supersede plan.yaml --version 2.1 --why <reason>";
    for line in ["pause --why bad", "rollback --why bad"] {
        let told = rollout.gate(line);
        told.says(0, to_come)
            .says(0, works)
            .never_says("gate resume");
        assert_eq!(rollout.last()["plan"]["version"], json!("2.0"));
    }
    // Nothing else gets past it.
    rollout
        .gate("resume --why x")
        .says(2, "the ledger of R1 2.0");
    rollout.all(&[SUPERSEDE]);
    rollout
        .gate("status")
        .says(0, "version 2.1 took the place of 2.0")
        .says(0, "pilot was rolled back");
    let other = PLAN
        .replace("name: R1", "name: R2")
        .replace("VERSION", "2.1");
    rollout.0.write("plan.yaml", other);
    rollout
        .gate("pause --why bad")
        .says(2, "the ledger of R1 2.1");
    // The plan names a version that was superseded: the one that runs is rolled back all the same.
    rollout.names("2.0");
    rollout.gate("resume --why x").says(2, "was superseded");
    rollout
        .gate("pause --stage pilot --why bad")
        .says(0, "already paused")
        .says(
            0,
            "put it back into the plan's `release` first, then: gate resume",
        );
}

#[test]
fn l6_without_a_stage_that_runs_no_window_is_kept() {
    let rollout = Rollout::of("2.0");
    rollout.all(&["confirm ready --stage pilot", "check --gate pilot/entry"]);
    rollout.names("2.1");
    rollout
        .gate("supersede --version 2.1 --keep-window --why hotfix")
        .says(1, "no stage runs");
    rollout.all(&[SUPERSEDE]);
    rollout
        .gate("start pilot")
        .says(1, "but version 2.1 took the place of 2.0");
    rollout
        .gate("start pilot --override --at 10m --why late")
        .says(2, "is before version 2.1 took the place of 2.0");
}

#[test]
fn l6_every_report_says_that_a_window_goes_on_from_the_version_before() {
    let rollout = Rollout::of("2.0");
    rollout.all(&[
        "confirm ready --stage pilot",
        "check --gate pilot/entry",
        "start pilot",
    ]);
    rollout.names("2.1");
    rollout.all(&["supersede --version 2.1 --keep-window --why hotfix"]);
    rollout.gate("check --gate pilot/exit").says(3, "HOLD");
    for format in ["summary", "handover", "rollback", "status"] {
        let report = ["report", "plan.evidence", "--format", format];
        let kept = "the window of pilot goes on from before version 2.1 took the place of 2.0";
        rollout.0.gate(&report).says(0, kept);
    }
}

#[test]
fn l6_records_of_every_version_speak_of_the_ledger() {
    let rollout = Rollout::ready_for_wave_1();
    let count = rollout.lines().len();
    rollout.names("2.1");
    rollout.all(&[SUPERSEDE]);
    rollout.gate("check --gate pilot/exit").says(3, "HOLD");
    let whole = rollout.lines().join("\n") + "\n";

    // As if nothing had been superseded: the new version's record says otherwise.
    rollout.set_back(count);
    rollout.gate(SUPERSEDE).says(5, "was set back");
    // As if version 2.0 had done less: its own records say otherwise.
    rollout.set_back(3);
    rollout.gate(SUPERSEDE).says(5, "set back");
    fs::remove_file(rollout.0.path().join("plan.ledger.jsonl")).expect("removed");
    rollout.gate(SUPERSEDE).says(5, "plan.ledger.jsonl");

    rollout.0.write("plan.ledger.jsonl", whole);
    rollout.gate("ledger verify").says(0, "every line verified");
    rollout
        .0
        .gate(&["verify", "plan.evidence"])
        .says(0, "verified");
}

#[test]
fn l6_a_time_before_it_earns_nothing() {
    let stage = || "pilot".to_owned();
    let start = Event::Started {
        stage: stage(),
        at: gate::units::Instant::from_secs(0),
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    };
    let superseded = |keep_window| Event::Superseded {
        from: Some("2.0".to_owned()),
        stages: vec![stage()],
        left: Vec::new(),
        keep_window,
        let_go: Vec::new(),
    };
    let plan = "release: R1\nstages:\n  - { name: pilot, exit: { confirmations: [lead] } }\n";
    let lead = gate::ledger::Event::Confirmed {
        stage: stage(),
        id: "lead".to_owned(),
        answer: Answer::Yes,
        text_sha256: gate::digest::sha256_hex(&["lead"]),
    };
    for keep_window in [false, true] {
        let rollout = Rollout(Workplace::with_plan(plan));
        let events = vec![
            (60, start.clone()),
            (50, lead.clone()),
            (30, superseded(keep_window)),
        ];
        rollout.0.write(past::LEDGER, past::ledger(events));
        rollout
            .gate("check --gate pilot/exit --at 40m")
            .says(3, "took the place of 2.0");
        let missing = rollout.gate("check --gate pilot/exit");
        missing.says(3, "has to be confirmed again");
    }
}
