//! A GO that stays true: what the ledger holds against a recorded GO keeps the next stage from beginning, a start cannot be
//! dated back past what it rests on, and nobody is locked out.

use crate::past::{LEDGER, appended, confirmed, ledger, rolled_back, started};
use crate::support::program::{Finished, Workplace};
use gate::ledger::{Answer, Event, IncidentDetails};
use serde_json::Value;

const PLAN: &str = "
release: R1.0
stages:
  - { name: pilot, exit: { confirmations: [lead], no_incidents: { open: [sev1] } } }
  - { name: wave-1, exit: { confirmations: [lead] } }
";

struct Rollout(Workplace);

impl Rollout {
    /// With entries that were made this many minutes ago.
    fn of(plan: &str, begun: Vec<(i64, Event)>) -> Self {
        let workplace = Workplace::with_plan(plan);
        if !begun.is_empty() {
            workplace.write(LEDGER, ledger(begun));
        }
        Self(workplace)
    }

    fn gate(&self, verb: &str, words: &[&str]) -> Finished {
        let by: &[&str] = if verb == "status" {
            &[]
        } else {
            &["--by", "mara"]
        };
        self.0.gate(&[&[verb, "plan.yaml"], words, by].concat())
    }

    fn status(&self) -> Value {
        let shown = self.gate("status", &["--format", "json"]);
        assert_eq!(shown.code, 0, "{shown:?}");
        serde_json::from_str(&shown.out).expect("JSON")
    }

    fn state(&self, stage: usize) -> String {
        let found = &self.status()["stages"][stage]["state"];
        found.as_str().expect("a state").to_owned()
    }

    fn next(&self) -> String {
        let found = &self.status()["next"]["command"];
        found.as_str().expect("a command").to_owned()
    }

    fn opens(&self, severity: &str) {
        let words = [
            "open",
            "--severity",
            severity,
            "--description",
            "labels fail",
        ];
        self.gate("incident", &words).says(0, "recorded");
    }
}

fn opened(severity: &str) -> Event {
    Event::IncidentOpened {
        id: "INC-1".to_owned(),
        stage: None,
        opened_at: None,
        details: IncidentDetails {
            severity: Some(severity.to_owned()),
            description: Some("labels fail".to_owned()),
            ..IncidentDetails::default()
        },
    }
}

fn yes() -> Vec<(i64, Event)> {
    vec![
        (60, started("pilot")),
        (50, confirmed("pilot", "lead", Answer::Yes)),
    ]
}

const EARLIER: [&str; 4] = ["--gate", "pilot/exit", "--at", "30m"];
const EXIT: [&str; 2] = ["--gate", "pilot/exit"];

#[test]
fn t7_an_exit_judged_for_a_time_before_what_speaks_against_it_leaves_nothing() {
    let cases = [
        (
            confirmed("pilot", "lead", Answer::No),
            "lead was answered with no since (#3 by ada)",
        ),
        (opened("SEV1"), "INC-1 was opened since (#3 by ada)"),
    ];
    for (event, reason) in cases {
        let rollout = Rollout::of(PLAN, [yes(), vec![(20, event)]].concat());
        rollout
            .gate("check", &EARLIER)
            .says(3, &reason.replace(" since", ""));
        assert_eq!(rollout.state(0), "running");
        rollout
            .gate("start", &["wave-1"])
            .says(1, "pilot/exit was HOLD");
        assert_eq!(rollout.next(), "gate check plan.yaml --gate pilot/exit");
    }
    let other = Rollout::of(PLAN, [yes(), vec![(20, opened("sev3"))]].concat());
    other.gate("check", &EARLIER).says(0, "GO");
    other.gate("start", &["wave-1"]).says(0, "wave-1 began");
}

#[test]
fn t9_what_is_said_after_an_exits_go_holds_the_next_stage_until_it_is_judged_again() {
    let plan = PLAN.replace(
        "exit: { confirmations: [lead] } }",
        "entry: { confirmations: [ready] }, exit: { confirmations: [lead] } }",
    );
    let rollout = Rollout::of(&plan, yes());
    rollout.gate("confirm", &["ready"]).says(0, "confirmed");
    rollout.gate("check", &EXIT).says(0, "GO");
    rollout
        .gate("check", &["--gate", "wave-1/entry"])
        .says(0, "GO");
    rollout.opens("sev1");
    let reason = "INC-1 was opened since (#6 by mara)";
    assert_eq!(rollout.state(0), "left");
    assert_eq!(rollout.state(1), "not-started");
    rollout
        .gate("status", &[])
        .says(0, &format!("but {reason}"));
    rollout.gate("start", &["wave-1"]).says(1, reason);
    rollout
        .gate("check", &["--gate", "wave-1/entry"])
        .says(3, reason);
    // The way out.
    rollout.gate("check", &EXIT).says(1, "INC-1");
    rollout
        .gate("incident", &["close", "INC-1", "--why", "mended"])
        .says(0, "recorded");
    rollout.gate("check", &["--before", "wave-1"]).says(0, "GO");
    rollout.gate("start", &["wave-1"]).says(0, "wave-1 began");
    // What is said once the rollout has moved on does not bring the stage back.
    rollout.opens("sev1");
    assert_eq!(rollout.state(0), "left");
}

#[test]
fn t9_a_signature_that_has_expired_since_holds_the_next_stage() {
    let plan = PLAN.replace("confirmations: [lead], ", "approvals: [product], ");
    let rollout = Rollout::of(&plan, yes());
    rollout.gate("check", &EXIT).says(3, "HOLD");
    let words = ["product", "--gate", "pilot/exit", "--expires", "2s"];
    rollout.gate("approve", &words).says(0, "signed");
    rollout.gate("check", &EXIT).says(0, "GO");
    std::thread::sleep(std::time::Duration::from_millis(2500));
    rollout
        .gate("start", &["wave-1"])
        .says(1, "but the signature as product held until");
    assert_eq!(rollout.state(0), "left");
}

#[test]
fn t9_a_start_that_is_dated_back_does_not_get_past_a_signature_that_has_expired() {
    let plan = PLAN.replace(
        "{ name: wave-1, exit",
        "{ name: wave-1, entry: { approvals: [ops] }, exit",
    );
    let rollout = Rollout::of(&plan, yes());
    rollout.gate("check", &EXIT).says(0, "GO");
    let entry = ["--gate", "wave-1/entry"];
    rollout.gate("check", &entry).says(3, "HOLD");
    let words = ["ops", "--gate", "wave-1/entry", "--expires", "2s"];
    rollout.gate("approve", &words).says(0, "signed");
    rollout.gate("check", &entry).says(0, "GO");
    std::thread::sleep(std::time::Duration::from_millis(2500));
    for at in [&["wave-1"][..], &["wave-1", "--at", "2s"]] {
        rollout.gate("start", at).says(1, "wave-1 cannot begin");
    }
    let words = ["ops", "--gate", "wave-1/entry"];
    rollout.gate("check", &entry).says(3, "HOLD");
    rollout.gate("approve", &words).says(0, "signed");
    rollout.gate("check", &entry).says(0, "GO");
    rollout.gate("start", &["wave-1"]).says(0, "wave-1 began");
}

#[test]
fn t11_an_override_lets_nothing_begin_on_what_its_author_did_not_see() {
    let plan = PLAN.replace(
        "{ name: wave-1, exit",
        "{ name: wave-1, entry: { confirmations: [ready, crew] }, exit",
    );
    let entry = ["--gate", "wave-1/entry"];
    let proceed = ["wave-1/entry", "--expires", "1h", "--why", "known"];
    let overridden = || {
        let rollout = Rollout::of(&plan, yes());
        rollout.gate("check", &EXIT).says(0, "GO");
        let ready = ["ready", "--stage", "wave-1"];
        rollout.gate("confirm", &ready).says(0, "ready");
        rollout.gate("check", &entry).says(3, "HOLD");
        rollout.gate("override", &proceed).says(0, "OVERRIDDEN");
        rollout
    };
    overridden()
        .gate("start", &["wave-1"])
        .says(0, "OVERRIDDEN by mara");
    // A `no` to what was `yes`.
    let rollout = overridden();
    let no = ["ready", "--stage", "wave-1", "--no"];
    rollout.gate("confirm", &no).says(0, "no");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "is not in force (over since ready was answered with no");
    // A stage before that is no longer left.
    let rollout = overridden();
    let no = ["lead", "--stage", "pilot", "--no"];
    rollout.gate("confirm", &no).says(0, "no");
    rollout.gate("check", &EXIT).says(1, "NO-GO");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "pilot/exit was NO-GO");
    // Whoever sees that may decide again.
    rollout.gate("check", &entry).says(1, "NO-GO");
    rollout.gate("override", &proceed).says(0, "OVERRIDDEN");
    rollout
        .gate("start", &["wave-1"])
        .says(0, "OVERRIDDEN by mara");
}

#[test]
fn t9_what_is_said_after_an_overridden_exit_holds_the_next_stage_too() {
    let rollout = Rollout::of(PLAN, vec![(60, started("pilot"))]);
    rollout.gate("check", &EXIT).says(3, "HOLD");
    let proceed = ["pilot/exit", "--expires", "12h", "--why", "known"];
    rollout.gate("override", &proceed).says(0, "OVERRIDDEN");
    rollout.opens("sev1");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "but INC-1 was opened since")
        .says(1, "gate check plan.yaml --gate pilot/exit");
    assert_eq!(rollout.state(0), "running");
    // Whoever has seen that may decide again.
    rollout.gate("check", &EXIT).says(1, "NO-GO");
    rollout.gate("override", &proceed).says(0, "OVERRIDDEN");
    rollout.gate("start", &["wave-1"]).says(0, "wave-1 began");
}

#[test]
fn t6_a_rollback_by_a_clock_that_is_ahead_locks_nobody_out() {
    let two_days = 2 * 24 * 60;
    let begun = vec![(60, started("pilot")), (-two_days, rolled_back("pilot"))];
    let rollout = Rollout::of(PLAN, begun);
    assert_eq!(rollout.state(0), "rolled-back");
    rollout
        .gate("start", &["pilot"])
        .says(0, "pilot began")
        .says(0, "its rollback, #2, is dated 4")
        .says(0, "gate rollback plan.yaml --stage pilot --why <reason>")
        .never_says("--at");
    assert_eq!(rollout.state(0), "running");
    // Nothing is observed before the rollback, by its own clock: somebody says that it was wrong.
    rollout
        .gate("start", &["wave-1"])
        .says(1, "wave-1 cannot begin");
    let wrong = ["wave-1", "--override", "--why", "the clock was ahead"];
    rollout.gate("start", &wrong).says(0, "wave-1 began");
}

#[test]
fn t11_a_start_cannot_be_dated_back_past_what_it_rests_on() {
    let rollout = Rollout::of(PLAN, yes());
    rollout.gate("check", &EXIT).says(0, "GO");
    rollout
        .gate("start", &["wave-1", "--at", "30m"])
        .says(1, "wave-1 cannot begin: the given start,")
        .says(1, "is before pilot was left, at");
    let override_it = ["wave-1", "--at", "90m", "--override", "--why", "late"];
    rollout
        .gate("start", &override_it)
        .says(2, "is before pilot began, at");
    rollout.gate("start", &["wave-1"]).says(0, "wave-1 began");
}

#[test]
fn t11_a_start_may_be_dated_back_to_the_first_go_that_nothing_has_contradicted() {
    let rollout = Rollout::of(PLAN, yes());
    rollout.gate("check", &EARLIER).says(0, "GO");
    rollout.gate("check", &EXIT).says(0, "GO");
    rollout
        .gate("start", &["wave-1", "--at", "20m"])
        .says(0, "wave-1 began");
}

#[test]
fn t11_a_first_stage_without_an_entry_gate_is_dated_back_with_a_reason() {
    let rollout = Rollout::of(PLAN, Vec::new());
    let late = ["pilot", "--at", "30m"];
    rollout.gate("start", &late).says(2, "give it with --why");
    let why = [&late[..], &["--why", "recorded late"]].concat();
    rollout.gate("start", &why).says(0, "pilot began");
}

#[test]
fn a_start_on_the_command_line_begins_no_stage_that_an_entry_rests_on() {
    let rollout = Rollout::of(PLAN, Vec::new());
    let plan = PLAN.replace(
        "{ name: wave-1, exit",
        "{ name: wave-1, entry: { confirmations: [ready] }, exit",
    );
    rollout.0.write("plan.yaml", plan);
    rollout.gate("confirm", &["ready"]).says(0, "confirmed");
    let check = ["--before", "wave-1", "--started", "30m"];
    rollout
        .gate("check", &check)
        .says(3, "HOLD wave-1/entry")
        .says(3, "pilot has not begun");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "pilot has not begun");
    rollout.gate("start", &["pilot"]).says(0, "pilot began");
    rollout.gate("confirm", &["lead"]).says(0, "confirmed");
    rollout.gate("check", &["--before", "wave-1"]).says(0, "GO");
}

#[test]
fn a_stop_that_trips_before_the_stage_has_begun_locks_nobody_out() {
    let plan = "release: R1.0\nstages: [{ name: pilot, stop: { incidents: { open: [sev1] } }, exit: { confirmations: [lead] } }]\n";
    let rollout = Rollout::of(plan, Vec::new());
    rollout.opens("sev1");
    let check = [&EXIT[..], &["--started", "30m"]].concat();
    rollout.gate("check", &check).says(4, "STOP");
    rollout
        .gate("incident", &["close", "INC-1", "--why", "mended"])
        .says(0, "recorded");
    assert_eq!(rollout.next(), "gate start plan.yaml pilot");
    rollout.gate("start", &["pilot"]).says(0, "pilot began");
    assert_eq!(rollout.state(0), "running");
    rollout.gate("confirm", &["lead"]).says(0, "confirmed");
    rollout.gate("check", &[]).says(0, "GO");
}

#[test]
fn a_stop_that_tripped_after_the_start_stays_tripped() {
    let plan = "release: R1.0\nstages: [{ name: pilot, stop: { incidents: { open: [sev1] } }, exit: { confirmations: [lead] } }]\n";
    let rollout = Rollout::of(plan, yes());
    rollout.opens("sev1");
    rollout.gate("check", &EXIT).says(4, "STOP");
    rollout
        .gate("incident", &["close", "INC-1", "--why", "mended"])
        .says(0, "recorded");
    rollout.gate("check", &EXIT).says(4, "nobody has resumed");
    assert_eq!(rollout.state(0), "stopped");
}

const LANES: &str = "
release: R1.0
stages:
  - { name: pilot, exit: { confirmations: [lead], approvals: [product] } }
  - { name: lab, after: none, exit: { confirmations: [lead] } }
";

#[test]
fn the_running_stage_is_the_one_that_status_calls_running() {
    let plan = LANES.replace(", approvals: [product]", "");
    let rollout = Rollout::of(&plan, [yes(), vec![(40, started("lab"))]].concat());
    rollout.gate("check", &EXIT).says(0, "GO");
    assert_eq!(
        (rollout.state(0), rollout.state(1)),
        ("left".into(), "running".into())
    );
    let owed = rollout.status()["outstanding"].clone();
    let gates: Vec<&str> = owed
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["gate"].as_str())
        .collect();
    assert_eq!(gates, ["lab/exit"]);
    rollout
        .gate("pause", &["--why", "labels fail"])
        .says(0, "lab is paused");
}

#[test]
fn a_window_that_only_people_wait_for_is_shown_like_any_other() {
    let plan =
        "release: R1.0\nstages: [{ name: pilot, window: 2h, exit: { confirmations: [lead] } }]\n";
    let rollout = Rollout::of(plan, Vec::new());
    rollout
        .gate("start", &["pilot"])
        .says(0, "the window of pilot/exit is complete at");
    let window = &rollout.status()["stages"][0]["windows"][0];
    assert_eq!(
        (&window["kind"], &window["length"]),
        (&"exit".into(), &7200.into())
    );
    rollout.gate("check", &[]).says(3, "of 2h observed");
}

/// The first lines of the summary: how the rollout stands, and what must be seen first.
fn summary(rollout: &Rollout) -> Finished {
    let shown = ["report", "plan.evidence", "--format", "summary"];
    rollout.0.gate(&shown)
}

const TWO: &str = "
release: R1.0
stages:
  - { name: pilot, exit: { confirmations: [lead] } }
  - { name: wave-1, exit: { confirmations: [lead, more] } }
";

#[test]
fn a_summary_is_of_the_plan_of_the_ledgers_last_check() {
    let begun = [yes(), vec![(10, started("wave-1"))]].concat();
    let rollout = Rollout::of(TWO, begun);
    rollout
        .gate("check", &["--gate", "pilot/exit"])
        .says(0, "GO");
    let words = ["lead", "--stage", "wave-1", "--no", "--why", "broken"];
    rollout.gate("confirm", &words).says(0, "recorded");
    rollout
        .gate("check", &["--gate", "wave-1/exit"])
        .says(1, "NO-GO");
    summary(&rollout)
        .says(0, "FAILED: wave-1/exit NO-GO")
        .says(0, "**As of**: ");
    // A check that the ledger does not know, of a plan without the stage that fails, and a look ahead.
    let edited = TWO.split_inclusive('\n');
    let edited: String = edited.filter(|line| !line.contains("wave-1")).collect();
    rollout.0.write("plan.yaml", &edited);
    let unknown = ["--gate", "pilot/exit", "--no-ledger", "--started", "50m"];
    rollout.gate("check", &unknown);
    summary(&rollout).says(0, "FAILED: wave-1/exit NO-GO");
    let ahead = ["--gate", "pilot/exit", "--at", "2099-01-01T00:00:00Z"];
    rollout.gate("check", &ahead);
    summary(&rollout)
        .says(0, "FAILED: wave-1/exit NO-GO")
        .never_says("As of**: 2099");
}

#[test]
fn a_stage_that_was_removed_while_it_ran_is_named_and_keeps_a_rollout_from_success() {
    let begun = [yes(), vec![(10, started("wave-1"))]].concat();
    let rollout = Rollout::of(TWO, begun);
    let words = ["lead", "--stage", "wave-1", "--no", "--why", "broken"];
    rollout.gate("confirm", &words).says(0, "recorded");
    rollout
        .gate("check", &["--gate", "wave-1/exit"])
        .says(1, "NO-GO");
    let edited = TWO.split_inclusive('\n');
    let edited: String = edited.filter(|line| !line.contains("wave-1")).collect();
    rollout.0.write("plan.yaml", &edited);
    let said = "the ledger says that wave-1 was started, but it is not in the plan";
    rollout.gate("check", &EXIT).says(1, said);
    rollout
        .0
        .gate(&["verify", "plan.evidence"])
        .never_says("OFF");
    rollout.gate("status", &[]).says(0, said);
    summary(&rollout)
        .says(0, "FAILED: pilot/exit NO-GO")
        .says(0, said);
}

#[test]
fn a_plan_with_a_stage_without_an_exit_gate_can_succeed() {
    let plan = "release: R1.0\nstages:\n  - { name: warm-up, entry: { confirmations: [a] } }\n  - { name: pilot, exit: { confirmations: [lead] } }\n";
    let begun = [vec![(70, started("warm-up"))], yes()].concat();
    let rollout = Rollout::of(plan, begun);
    rollout.gate("check", &EXIT).says(0, "GO");
    summary(&rollout).says(
        0,
        "SUCCESS: 2 of 2 stages left, 1 of them without an exit gate",
    );
}

const ENTERED: &str = "
release: { name: R1.0, version: '1' }
stages:
  - name: pilot
    entry: { confirmations: [ready] }
    exit: { confirmations: [lead] }
  - name: wave-1
    entry: { approvals: [product], confirmations: [lead] }
    exit: { confirmations: [lead] }
";
const ENTRY: [&str; 2] = ["--gate", "pilot/entry"];
const WAVE: [&str; 2] = ["--gate", "wave-1/entry"];

/// The pilot was left, and the entry of wave-1 is GO but for its approval.
fn left() -> Rollout {
    let rollout = Rollout::of(ENTERED, yes());
    rollout.gate("check", &EXIT).says(0, "GO");
    rollout
        .gate("confirm", &["lead", "--stage", "wave-1"])
        .says(0, "confirmed");
    rollout
}

#[test]
fn t9_without_an_approval_nothing_begins_until_it_is_given() {
    let rollout = left();
    rollout.gate("check", &WAVE).says(3, "HOLD");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "wave-1/entry was HOLD")
        .says(1, "nobody has answered for wave-1/entry: product");
    rollout.gate("approve", &["product"]).says(0, "signed");
    rollout.gate("check", &WAVE).says(0, "GO");
    rollout.gate("start", &["wave-1"]).says(0, "wave-1 began");
}

#[test]
fn t9_an_approval_that_is_taken_back_holds_the_start_until_it_is_given_again() {
    let rollout = left();
    rollout.gate("check", &WAVE).says(3, "HOLD");
    rollout.gate("approve", &["product"]).says(0, "signed");
    rollout.gate("check", &WAVE).says(0, "GO");
    let revoke = ["product", "--revoke", "--why", "too early"];
    rollout.gate("approve", &revoke).says(0, "is taken back");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "the signature as product was taken back since");
    rollout.gate("check", &WAVE).says(3, "taken back by mara");
    rollout.gate("approve", &["product"]).says(0, "signed");
    rollout.gate("check", &WAVE).says(0, "GO");
    rollout.gate("start", &["wave-1"]).says(0, "wave-1 began");
}

#[test]
fn t9_a_confirmation_that_is_taken_back_holds_the_next_stage_until_it_is_given_again() {
    let rollout = left();
    rollout
        .gate("confirm", &["lead", "--stage", "pilot", "--revoke"])
        .says(0, "recorded");
    let said = "the answer to lead was taken back since";
    rollout.gate("start", &["wave-1"]).says(1, said);
    rollout.gate("check", &WAVE).says(3, said);
    rollout
        .gate("confirm", &["lead", "--stage", "pilot"])
        .says(0, "confirmed");
    rollout.gate("check", &EXIT).says(0, "GO");
    rollout.gate("check", &WAVE).says(3, "HOLD");
    rollout.gate("approve", &["product"]).says(0, "signed");
    rollout.gate("check", &WAVE).says(0, "GO");
    rollout.gate("start", &["wave-1"]).says(0, "wave-1 began");
}

#[test]
fn t7_what_a_clock_ahead_has_dated_is_named_and_there_is_a_way_on() {
    let noted = Event::Noted {
        stage: None,
        text: "quiet".to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    let rollout = Rollout::of(PLAN, yes());
    let ahead = appended(ledger(yes()).as_bytes(), 2 * 86_400, noted);
    rollout.0.write(LEDGER, ahead);
    rollout.gate("check", &EXIT).says(0, "GO");
    rollout
        .gate("start", &["wave-1"])
        .says(1, "but its GO has expired: it was good until")
        .says(1, "(#3 is dated 4")
        .says(1, "ahead of this clock)")
        .says(1, "gate start plan.yaml wave-1 --override --why <reason>");
    let wrong = ["wave-1", "--override", "--why", "the clock was wrong"];
    rollout.gate("start", &wrong).says(0, "wave-1 began");
}

#[test]
fn t1_a_ledger_without_a_check_is_that_of_its_release_too() {
    let rollout = Rollout::of(ENTERED, Vec::new());
    rollout.gate("confirm", &["ready"]).says(0, "confirmed");
    rollout.0.write("plan.yaml", ENTERED.replace("'1'", "'2'"));
    let said = "plan.ledger.jsonl is the ledger of R1.0 1, but the plan is for R1.0 2";
    rollout.gate("check", &ENTRY).says(2, said);
    rollout.gate("start", &["pilot"]).says(2, said);
    rollout.gate("status", &[]).says(2, said);
    // The way out that it names.
    std::fs::rename(
        rollout.0.path().join(LEDGER),
        rollout.0.path().join("r1.ledger.jsonl"),
    )
    .expect("moved");
    rollout.gate("check", &ENTRY).says(3, "HOLD");
}

#[test]
fn t8_a_gate_that_is_gone_lets_nothing_begin_that_it_did_not() {
    let rollout = Rollout::of(ENTERED, Vec::new());
    rollout
        .gate("confirm", &["ready", "--no"])
        .says(0, "answered with no");
    rollout.gate("check", &ENTRY).says(1, "NO-GO");
    let without = ENTERED.replacen("    entry: { confirmations: [ready] }\n", "", 1);
    rollout.0.write("plan.yaml", &without);
    let said = "and the plan no longer has that gate: put it back, and check it";
    rollout.gate("start", &["pilot"]).says(1, said);
    let anyway = ["pilot", "--override", "--why", "known"];
    rollout.gate("start", &anyway).says(0, "OVERRIDDEN");
    rollout.0.write("plan.yaml", ENTERED);
    rollout.gate("check", &EXIT).says(
        3,
        "pilot was started under a version of the plan that no recorded check has judged (#3",
    );
    // The exit, too.
    let without = ENTERED.replacen("    exit: { confirmations: [lead] }\n", "", 1);
    rollout.0.write("plan.yaml", &without);
    rollout.gate("start", &["wave-1"]).says(1, said);
    rollout.0.write("plan.yaml", ENTERED);
    rollout
        .gate("confirm", &["lead", "--stage", "pilot"])
        .says(0, "confirmed");
    rollout.gate("check", &EXIT).says(0, "GO");
}

#[test]
fn t11_a_start_with_override_is_dated_back_no_further_than_what_it_overrides() {
    let rollout = Rollout::of(ENTERED, Vec::new());
    let late = ["pilot", "--override", "--why", "late", "--at", "30d"];
    // Nothing shows that it could begin then: every report says so.
    rollout.gate("start", &late).says(0, "OVERRIDDEN");
    let said = "the start of pilot was dated back by 30d, to";
    rollout.gate("check", &EXIT).says(3, said).says(
        3,
        "and no check shows that it could begin then (#1 by mara at",
    );
    let judged = Rollout::of(ENTERED, Vec::new());
    judged.gate("check", &ENTRY).says(3, "HOLD");
    judged.gate("start", &late).says(
        2,
        "when check #1 judged pilot/entry: what is overridden was not known earlier",
    );
    judged
        .gate("start", &["pilot", "--override", "--why", "late"])
        .says(0, "OVERRIDDEN");
    judged.gate("check", &EXIT).never_says("dated back");
}

#[test]
fn t11_status_shows_no_override_that_start_does_not_count() {
    let rollout = left();
    rollout.gate("check", &WAVE).says(3, "HOLD");
    let proceed = ["wave-1/entry", "--why", "on leave", "--expires", "24h"];
    rollout.gate("override", &proceed).says(0, "OVERRIDDEN");
    let overridden = |rollout: &Rollout| {
        let status = rollout.status();
        let gates = status["stages"][1]["gates"]
            .as_array()
            .expect("gates")
            .clone();
        gates.iter().any(|gate| !gate["overridden"].is_null())
    };
    assert!(overridden(&rollout));
    rollout
        .gate("confirm", &["lead", "--stage", "wave-1", "--no"])
        .says(0, "answered with no");
    assert!(!overridden(&rollout));
    rollout
        .gate("start", &["wave-1"])
        .says(1, "but the override of it (#")
        .says(
            1,
            "is not in force (over since lead was answered with no (#",
        );
    // The way out: whoever has seen that decides again.
    rollout.gate("check", &WAVE).says(1, "NO-GO");
    rollout.gate("override", &proceed).says(0, "OVERRIDDEN");
    assert!(overridden(&rollout));
    // The exit before is not GO any more.
    rollout
        .gate("confirm", &["lead", "--stage", "pilot", "--no"])
        .says(0, "answered with no");
    rollout.gate("check", &EXIT).says(1, "NO-GO");
    assert!(!overridden(&rollout));
    rollout
        .gate("start", &["wave-1"])
        .says(1, "pilot/exit was NO-GO");
}

#[test]
fn t10_a_wrong_plan_ends_every_command_alike() {
    let rollout = Rollout::of(PLAN, yes());
    rollout.0.write("plan.yaml", "release: R1.0\nstages: 7\n");
    for (verb, words) in [
        ("check", &[][..]),
        ("status", &[]),
        ("start", &["wave-1"]),
        ("confirm", &["lead"]),
        ("pause", &["--why", "x"]),
        ("override", &["pilot/exit", "--why", "x", "--expires", "1h"]),
    ] {
        let finished = rollout.gate(verb, words);
        assert_eq!(finished.code, 2, "{verb}: {finished:?}");
    }
}

/// Without the first stage.
const WITHOUT: &str = "
release: R1.0
stages:
  - { name: wave-1, exit: { confirmations: [lead] } }
";

#[test]
fn t8_no_edit_of_the_plan_leaves_a_stage_that_was_not_left() {
    let lines: Vec<&str> = PLAN.lines().collect();
    let [_, release, stages, pilot, wave] = lines[..] else {
        panic!("{lines:?}");
    };
    let behind = [release, stages, wave, pilot].join("\n");
    let renamed = PLAN.replace("pilot", "canary");
    let edits = [
        (WITHOUT.to_owned(), "wave-1", "no longer has that stage"),
        (behind, "wave-1", "does not have pilot before wave-1"),
        (renamed, "canary", "no longer has that stage"),
    ];
    for (edited, stage, reason) in edits {
        let rollout = Rollout::of(PLAN, Vec::new());
        rollout.gate("start", &["pilot"]).says(0, "pilot began");
        rollout
            .gate("confirm", &["lead", "--stage", "pilot", "--no"])
            .says(0, "answered with no");
        rollout.gate("check", &EXIT).says(1, "NO-GO");
        rollout.0.write("plan.yaml", &edited);
        rollout
            .gate("start", &[stage])
            .says(1, "pilot/exit was NO-GO")
            .says(1, reason);
        // The check of its entry says the same.
        let asked = edited.replacen(
            &format!("name: {stage}, exit"),
            &format!("name: {stage}, entry: {{ confirmations: [go] }}, exit"),
            1,
        );
        rollout.0.write("plan.yaml", &asked);
        let answer = ["go", "--stage", stage];
        rollout.gate("confirm", &answer).says(0, "confirmed");
        let entry = format!("{stage}/entry");
        rollout
            .gate("check", &["--gate", &entry])
            .says(1, reason)
            .says(1, "NO-GO");
        rollout.0.write("plan.yaml", &edited);
        let anyway = [stage, "--override", "--why", "known"];
        rollout.gate("start", &anyway).says(0, "OVERRIDDEN");
    }
}

/// Both lanes come before the last stage.
const JOINED: &str = "
release: R1.0
stages:
  - { name: eu, after: none, exit: { confirmations: [lead] } }
  - { name: us, after: none, exit: { confirmations: [lead] } }
  - { name: all, after: [eu, us], exit: { confirmations: [lead] } }
";

#[test]
fn t8_a_lane_that_the_plan_no_longer_waits_for_is_not_left_by_that() {
    let rollout = Rollout::of(JOINED, Vec::new());
    rollout.gate("start", &["eu"]).says(0, "eu began");
    rollout.gate("start", &["us"]).says(0, "us began");
    let no = ["lead", "--stage", "eu", "--no"];
    rollout.gate("confirm", &no).says(0, "answered with no");
    rollout
        .gate("check", &["--gate", "eu/exit"])
        .says(1, "NO-GO");
    rollout
        .0
        .write("plan.yaml", JOINED.replace("[eu, us]", "[us]"));
    let yes = ["lead", "--stage", "us"];
    rollout.gate("confirm", &yes).says(0, "confirmed");
    rollout.gate("check", &["--gate", "us/exit"]).says(0, "GO");
    let said = "does not have eu before all";
    rollout.gate("start", &["all"]).says(1, said);
    // Not even where the plan as it is was judged.
    rollout
        .gate("check", &["--gate", "eu/exit"])
        .says(1, "NO-GO");
    rollout.gate("start", &["all"]).says(1, said);
    let yes = ["lead", "--stage", "eu"];
    rollout.gate("confirm", &yes).says(0, "confirmed");
    rollout.gate("check", &["--gate", "eu/exit"]).says(0, "GO");
    rollout.gate("start", &["all"]).says(0, "all began");
}

#[test]
fn t11_what_is_overridden_was_known_once_it_was_recorded() {
    let rollout = Rollout::of(ENTERED, Vec::new());
    let then = ["--gate", "pilot/entry", "--at", "30m"];
    rollout.gate("check", &then).says(3, "HOLD");
    let back = ["pilot", "--override", "--why", "known", "--at", "30m"];
    rollout
        .gate("start", &back)
        .says(2, "what is overridden was not known earlier");
    rollout.gate("start", &back[..4]).says(0, "pilot began");
}

#[test]
fn t6_a_pause_by_a_clock_ahead_is_over_once_somebody_has_resumed() {
    let paused = Event::Paused {
        stage: "pilot".to_owned(),
    };
    let rollout = Rollout::of(PLAN, [yes(), vec![(-1500, paused)]].concat());
    rollout
        .gate("resume", &["--stage", "pilot", "--why", "well"])
        .says(0, "recorded");
    rollout.gate("check", &EXIT).says(0, "GO");
    rollout
        .gate("start", &["wave-1"])
        .never_says("was paused since")
        .says(1, "its GO has expired")
        .says(1, "#3 is dated 2")
        .says(1, "gate start plan.yaml wave-1 --override --why <reason>");
}
