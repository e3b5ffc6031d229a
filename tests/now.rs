//! What `gate check` asks if nothing is named, and what its last screen says (L1 to L4).

use std::fs;

use serde_json::Value;

use crate::support::program::{Finished, Workplace};

/// Only people are asked: no server is needed.
const PLAN: &str = r"
release: R1.0
stages:
  - name: pilot
    entry: { confirmations: [ready] }
    stop: { incidents: { open: [sev1] } }
    exit: { no_incidents: { open: [sev2] }, confirmations: [lead] }
    recovery: { confirmations: [well-again] }
  - name: wave-1
    entry: { confirmations: [briefed] }
    exit: { confirmations: [lead] }
";

struct Rollout(Workplace);

impl Rollout {
    fn new() -> Self {
        Self(Workplace::with_plan(PLAN))
    }

    /// Types `gate VERB plan.yaml …`.
    fn gate(&self, verb: &str, words: &[&str]) -> Finished {
        let arguments = [&[verb, "plan.yaml"], words].concat();
        self.0
            .gate_with(&arguments, &[("GIT_CONFIG_NOSYSTEM", "1")])
    }

    fn in_the_pilot() -> Self {
        let rollout = Self::new();
        rollout.gate("confirm", &["ready"]).says(0, "confirmed");
        rollout.gate("check", &[]).says(0, "GO pilot/entry");
        rollout.gate("start", &["pilot"]).says(0, "pilot began");
        rollout
    }

    /// The last line of the ledger.
    fn last(&self) -> Value {
        let ledger = fs::read_to_string(self.0.path().join("plan.ledger.jsonl"));
        let ledger = ledger.expect("a ledger");
        serde_json::from_str(ledger.lines().last().expect("an entry")).expect("JSON")
    }

    /// The evidence of the last check.
    fn evidence(&self) -> Value {
        let path = self.last()["evidence_path"].clone();
        let path = self.0.path().join(path.as_str().expect("a path"));
        serde_json::from_slice(&fs::read(path).expect("evidence")).expect("JSON")
    }

    /// The gates of the last check, each with whether it was judged ahead.
    fn judged(&self) -> Vec<String> {
        named(&self.last()["gates"])
    }

    /// The same of a check with these words.
    fn checked(&self, words: &[&str]) -> Vec<String> {
        self.gate("check", words);
        self.judged()
    }
}

fn named(gates: &Value) -> Vec<String> {
    let gates = gates.as_array().expect("gates").iter();
    let named = gates.map(|gate| {
        let name = gate["gate"].as_str().expect("a name");
        let ahead = if gate["outlook"] == true {
            " ahead"
        } else {
            ""
        };
        format!("{name}{ahead}")
    });
    named.collect()
}

#[test]
fn l1_what_is_in_play_is_asked_if_nothing_is_named() {
    let rollout = Rollout::new();
    assert_eq!(rollout.checked(&[]), ["pilot/entry"]);
    let running = Rollout::in_the_pilot();
    assert_eq!(running.checked(&[]), ["pilot/exit", "wave-1/entry ahead"]);
    running
        .gate("rollback", &["--why", "x"])
        .says(0, "rolled back");
    let in_recovery = ["pilot/exit", "pilot/recovery", "wave-1/entry ahead"];
    assert_eq!(running.checked(&[]), in_recovery);
    let all = [
        "pilot/entry",
        "pilot/exit",
        "pilot/recovery",
        "wave-1/entry",
        "wave-1/exit",
    ];
    assert_eq!(running.checked(&["--all"]), all);
    let before = ["pilot/exit", "wave-1/entry"];
    assert_eq!(running.checked(&["--before", "wave-1"]), before);
}

#[test]
fn l1_it_is_the_same_question_without_a_ledger() {
    let workplace = Workplace::with_plan(PLAN);
    workplace
        .gate(&["check", "plan.yaml", "--no-ledger"])
        .says(3, "HOLD pilot/entry");
    assert_eq!(named(&workplace.evidence()["gates"]), ["pilot/entry"]);
}

#[test]
fn l1_a_first_stage_without_an_entry_is_asked_about_its_exit() {
    let plan = "release: R1.0\nstages:\n  - { name: pilot, exit: { confirmations: [lead] } }\n  - { name: wave-1, exit: { confirmations: [lead] } }\n";
    let workplace = Workplace::with_plan(plan);
    workplace
        .gate(&["check", "plan.yaml"])
        .says(3, "HOLD pilot/exit");
    let gates = workplace.evidence()["gates"].clone();
    assert_eq!(named(&gates), ["pilot/exit"]);
    let criterion = &gates[0]["criteria"][0];
    assert_eq!(criterion["code"], "not-begun", "{criterion:#}");
}

#[test]
fn l1_a_start_without_a_ledger_is_of_a_named_gate() {
    let rollout = Rollout::new();
    for words in [
        &["--started", "1h"][..],
        &["--started", "1h", "--no-ledger"],
    ] {
        let refused = rollout.gate("check", words);
        refused.says(2, "the plan has several stages");
        refused.says(
            2,
            "with --gate pilot/exit or wave-1/exit, or with --before pilot or wave-1",
        );
    }
    let one = Workplace::with_plan(
        "release: R1.0\nstages: [{ name: pilot, entry: { confirmations: [ready] }, exit: { outside: [] } }]\n"
            .replace("outside: []", "confirmations: [lead]")
            .as_str(),
    );
    one.gate(&["check", "plan.yaml", "--started", "1h", "--no-ledger"])
        .says(3, "HOLD pilot/exit");
    assert_eq!(named(&one.evidence()["gates"]), ["pilot/exit"]);
}

#[test]
fn l1_an_outlook_is_part_of_no_verdict() {
    let rollout = Rollout::in_the_pilot();
    rollout
        .gate("confirm", &["briefed", "--no", "--why", "on holiday"])
        .says(0, "answered with no");
    rollout.gate("confirm", &["lead", "--stage", "pilot"]);
    rollout.gate("note", &["x"]);
    let checked = rollout.gate(
        "check",
        &[
            "--report",
            "junit=a.xml",
            "--report",
            "github=a.txt",
            "--report",
            "csv=a.csv",
        ],
    );
    checked.says(0, "GO pilot/exit");
    checked.says(0, "outlook (decides nothing yet) NO-GO wave-1/entry");
    checked.says(0, "on holiday");
    let headline = checked.out.lines().next().expect("a headline");
    assert!(headline.starts_with("GO "), "{headline}");
    let evidence = rollout.evidence();
    assert_eq!(evidence["verdict"], "GO");
    assert_eq!(evidence["exit_code"], 0);
    assert_eq!(evidence["gates"][1]["verdict"], "NO-GO");
    assert_eq!(evidence["gates"][1]["outlook"], true);
    let read = |name: &str| fs::read_to_string(rollout.0.path().join(name)).expect("a report");
    let junit = read("a.xml");
    assert!(junit.contains("failures=\"0\" errors=\"0\""), "{junit}");
    assert!(junit.contains("outlook only, unmet: briefed"), "{junit}");
    let github = read("a.txt");
    assert!(!github.contains("wave-1/entry"), "{github}");
}

#[test]
fn l1_nothing_rests_on_an_outlook() {
    let rollout = Rollout::in_the_pilot();
    rollout.gate("confirm", &["briefed"]).says(0, "confirmed");
    rollout.gate("confirm", &["lead", "--stage", "pilot"]);
    rollout.gate("note", &["x"]);
    assert_eq!(rollout.checked(&[]), ["pilot/exit", "wave-1/entry ahead"]);
    assert_eq!(rollout.last()["gates"][1]["verdict"], "GO");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "was an outlook, and nothing rests on one")
        .says(1, "gate check plan.yaml --gate wave-1/entry");
    // The pilot was left: now the next entry decides.
    assert_eq!(rollout.checked(&[]), ["pilot/exit", "wave-1/entry"]);
    rollout.gate("start", &["wave-1"]).says(0, "wave-1 began");
    assert_eq!(rollout.checked(&[]), ["wave-1/exit"]);
    rollout.gate("confirm", &["lead", "--stage", "wave-1"]);
    // When every stage was left, the last exit is watched.
    rollout.gate("check", &[]).says(0, "GO wave-1/exit");
    assert_eq!(rollout.checked(&[]), ["wave-1/exit"]);
}

#[test]
fn l1_an_outlook_is_judged_again_as_one() {
    let rollout = Rollout::in_the_pilot();
    rollout.gate("check", &[]).says(3, "HOLD pilot/exit");
    let path = rollout.last()["evidence_path"].clone();
    let path = path.as_str().expect("a path");
    let verified = rollout.0.gate(&["verify", path]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    let answers = path.replace(".json", ".answers.json.gz");
    rollout
        .gate("check", &["--replay", &answers, "--evidence", "again"])
        .says(3, "outlook (decides nothing yet)");
    let again = &rollout.0.files("again", "hold.json")[0];
    let read = |path: &std::path::Path| fs::read(path).expect("evidence");
    assert_eq!(read(again), read(&rollout.0.path().join(path)));
    // Asked by name, it decides.
    rollout
        .gate(
            "check",
            &[
                "--replay",
                &answers,
                "--evidence",
                "named",
                "--before",
                "wave-1",
            ],
        )
        .never_says("outlook");
}

#[test]
fn l1_a_worse_outlook_speaks_against_an_earlier_go() {
    let rollout = Rollout::in_the_pilot();
    rollout.gate("confirm", &["briefed"]).says(0, "confirmed");
    rollout.gate("confirm", &["lead", "--stage", "pilot"]);
    rollout.gate("note", &["x"]);
    rollout
        .gate("check", &["--before", "wave-1"])
        .says(0, "GO wave-1/entry");
    rollout.gate(
        "incident",
        &["open", "--severity", "sev2", "--description", "x"],
    );
    assert_eq!(rollout.checked(&[]), ["pilot/exit", "wave-1/entry ahead"]);
    rollout
        .gate("start", &["wave-1"])
        .says(1, "pilot/exit was NO-GO");
}

/// What the report ends with: its last paragraph, in one line.
fn end(finished: &Finished) -> String {
    let last = finished.out.trim_end().rsplit("\n\n").next();
    let words: Vec<&str> = last.expect("a report").split_whitespace().collect();
    words.join(" ")
}

#[test]
fn l4_every_report_ends_with_the_next_command() {
    let rollout = Rollout::new();
    let check = |words: &[&str]| end(&rollout.gate("check", words));
    let hold = "HOLD pilot/entry: ready unknown; next: gate confirm plan.yaml ready --stage pilot, then gate check plan.yaml --gate pilot/entry";
    assert_eq!(check(&[]), hold);
    rollout.gate("confirm", &["ready"]);
    let go = "GO pilot/entry: 1/1 met; next: gate start plan.yaml pilot";
    assert_eq!(check(&[]), go);
    assert_eq!(
        rollout.evidence()["next"]["command"],
        "gate start plan.yaml pilot"
    );
    // Nobody can begin anything on a check that no ledger knows.
    let unrecorded = check(&["--no-ledger"]);
    assert!(!unrecorded.contains("gate start"), "{unrecorded}");
    rollout.gate("start", &["pilot"]).says(0, "pilot began");
    rollout.gate("confirm", &["lead", "--stage", "pilot"]);
    let go =
        "GO pilot/exit: 2/2 met, stops 1/1 clear; next: gate check plan.yaml --gate wave-1/entry";
    assert_eq!(check(&[]), go);
    rollout.gate("confirm", &["briefed"]);
    assert_eq!(
        check(&["--before", "wave-1"]),
        "GO pilot/exit: 2/2 met, stops 1/1 clear; and 1 more; next: gate start plan.yaml wave-1"
    );
    rollout.gate("start", &["wave-1"]).says(0, "wave-1 began");
    rollout.gate("confirm", &["lead", "--stage", "wave-1"]);
    assert_eq!(
        check(&[]),
        "GO wave-1/exit: 1/1 met; nothing comes after it"
    );
}

#[test]
fn l4_a_stop_names_what_is_due_and_says_what_is_done() {
    let rollout = Rollout::in_the_pilot();
    rollout.0.write(
        "plan.yaml",
        PLAN.replace(
            "stages:",
            "rollback: [{ do: Disable the flag }, { do: Revert }]\nstages:",
        ),
    );
    rollout.gate(
        "incident",
        &["open", "--severity", "sev1", "--description", "x"],
    );
    let pause = "gate pause plan.yaml --stage pilot --why <reason>";
    let back = "gate rollback plan.yaml --stage pilot --why <reason>";
    let stopped = rollout.gate("check", &[]);
    assert_eq!(
        end(&stopped),
        format!("STOP pilot/exit: incidents tripped; next: {pause}, then {back}")
    );
    rollout.gate("pause", &["--why", "x"]).says(0, "is paused");
    let paused = rollout.gate("check", &[]);
    paused.never_says(pause);
    assert!(end(&paused).contains("paused since"), "{}", end(&paused));
    assert!(end(&paused).ends_with(back), "{}", end(&paused));
    rollout.gate("rollback", &["--why", "x", "--done", "1"]);
    let back = rollout.gate("check", &[]);
    back.says(4, "1 of 2 rollback steps done");
    back.says(4, "2. Revert");
    back.says(4, "1. DONE: Disable the flag");
    for report in [stopped, paused, back] {
        report.never_says("gate start");
    }
}

#[test]
fn l4_a_missing_file_is_asked_for_before_the_check() {
    let place = Workplace::new();
    let plan = "release: r\nstages: [{ name: pilot, entry: { artifacts: [reports/e2e.xml] } }]\n";
    place.write("plan.yaml", plan);
    let missing = place.gate(&["check", "plan.yaml"]);
    assert_eq!(
        end(&missing),
        "NO-GO pilot/entry: reports/e2e.xml unmet; next: provide reports/e2e.xml, then gate check plan.yaml --gate pilot/entry"
    );
}

#[test]
fn l4_a_stage_whose_turn_has_not_come_is_not_to_be_started() {
    let rollout = Rollout::new();
    for words in [
        &["--all"][..],
        &["--gate", "wave-1/exit"],
        &["--gate", "pilot/exit"],
    ] {
        rollout.gate("check", words).never_says("gate start");
    }
}

#[test]
fn l4_after_new_answers_start_says_to_check_again() {
    let rollout = Rollout::new();
    rollout.gate("check", &[]).says(3, "HOLD pilot/entry");
    rollout
        .gate("start", &["pilot"])
        .says(1, "gate start plan.yaml pilot --override");
    rollout.gate("confirm", &["ready"]).says(0, "confirmed");
    let refused = rollout.gate("start", &["pilot"]);
    refused.says(1, "answers came since then: check again");
    refused.says(1, "gate check plan.yaml --gate pilot/entry");
    refused.never_says("--override");
}

#[test]
fn l4_an_incident_that_stops_a_stage_asks_for_the_same_everywhere() {
    let rollout = Rollout::in_the_pilot();
    let pause = "gate pause plan.yaml --stage pilot";
    let open = ["open", "--severity", "sev1", "--description", "jam"];
    rollout.gate("incident", &open).says(0, pause);
    rollout.gate("status", &[]).says(0, pause);
    rollout.gate("check", &[]).says(4, pause);
    let recovery = ["--gate", "pilot/recovery"];
    rollout.gate("check", &recovery).says(3, pause);
}

#[test]
fn l7_a_reopened_stage_that_has_recovered_is_led_to_its_entry() {
    let rollout = Rollout::in_the_pilot();
    let asks = "no_incidents: { open: [sev1] }";
    let plan = PLAN.replace("confirmations: [well-again]", asks);
    rollout.0.write("plan.yaml", plan);
    let back = ["--stage", "pilot", "--to", "pilot", "--why", "too early"];
    rollout.gate("rollback", &back).says(0, "back to pilot");
    let next = "next: gate check plan.yaml --gate pilot/entry";
    let recovery = ["--gate", "pilot/recovery"];
    rollout.gate("check", &recovery).says(0, next);
}
