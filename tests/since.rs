//! A look into the past: whatever has held the rollout since, and still does, keeps it from ending with GO (T7), and `--var` with
//! what the plan says anyway asks the same question.

use crate::past::{LEDGER, appended, confirmed, ledger, resumed, rolled_back, started};
use crate::support::program::{Finished, Workplace};
use gate::kind::GateKind;
use gate::ledger::{Answer, Event, IncidentDetails};
use gate::verdict::Verdict;

const PLAN: &str = "
release: R1.0
stages:
  - { name: pilot, exit: { confirmations: [lead] } }
  - { name: wave-1, entry: { confirmations: [ready] }, exit: { confirmations: [lead] } }
";

const EARLIER: [&str; 4] = ["--gate", "pilot/exit", "--at", "30m"];

/// The pilot's exit was in order half an hour ago; these happened since.
fn since(events: Vec<(i64, Event)>) -> Workplace {
    let workplace = Workplace::with_plan(PLAN);
    let before = vec![
        (60, started("pilot")),
        (50, confirmed("pilot", "lead", Answer::Yes)),
        (45, confirmed("wave-1", "ready", Answer::Yes)),
    ];
    workplace.write(LEDGER, ledger([before, events].concat()));
    workplace
}

fn paused(stage: &str) -> Event {
    Event::Paused {
        stage: stage.to_owned(),
    }
}

fn check(workplace: &Workplace, words: &[&str]) -> Finished {
    workplace.gate(&[&["check", "plan.yaml", "--by", "mara"], words].concat())
}

#[test]
fn t7_a_look_into_the_past_is_no_go_while_the_rollout_is_held() {
    check(&since(Vec::new()), &EARLIER).says(0, "GO");
    for (event, said) in [
        (rolled_back("pilot"), "pilot was rolled back by ada at"),
        (paused("pilot"), "pilot was paused by ada at"),
    ] {
        let held = since(vec![(20, event)]);
        check(&held, &EARLIER)
            .says(3, "which this check is for: nothing begins on it")
            .says(3, said)
            .says(3, "(#4)");
        let start = ["start", "plan.yaml", "wave-1", "--by", "mara"];
        held.gate(&start).says(1, said);
        // The way on.
        let on = [
            "resume",
            "plan.yaml",
            "--stage",
            "pilot",
            "--why",
            "well",
            "--by",
            "mara",
        ];
        held.gate(&on).says(0, "recorded");
        check(&held, &EARLIER).says(0, "GO");
    }
}

#[test]
fn t7_what_is_over_or_of_another_stage_leaves_a_look_into_the_past_as_it_was() {
    let over = since(vec![(20, paused("pilot")), (10, resumed("pilot"))]);
    check(&over, &EARLIER).says(0, "GO");
    let taken = vec![
        (20, confirmed("pilot", "lead", Answer::No)),
        (10, confirmed("pilot", "lead", Answer::Yes)),
    ];
    check(&since(taken), &EARLIER).says(0, "GO");
    let other = since(vec![(20, paused("wave-1"))]);
    check(&other, &EARLIER).says(0, "GO");
    let before = ["--before", "wave-1", "--at", "30m"];
    check(&other, &before).says(3, "wave-1 was paused by ada at");
}

#[test]
fn t7_a_held_look_into_the_past_is_judged_alike_from_its_answers() {
    let held = since(vec![(20, paused("pilot"))]);
    check(&held, &EARLIER).says(3, "HOLD");
    held.gate(&["verify", "plan.evidence"])
        .says(0, "1 of 1 verified");
}

const NAMED: &str = "
release: R1.0
source: http://127.0.0.1:9
vars: { ns: prod, sites: [a, b] }
kpis: { up: { query: 'x{ns=\"$ns\", site=~\"$sites\"}' } }
stages:
  - { name: pilot, window: 1h, entry: { confirmations: [ready] }, exit: { kpis: { up: '< 1' } } }
";

fn read(workplace: &Workplace) -> String {
    std::fs::read_to_string(workplace.path().join(LEDGER)).expect("a ledger")
}

#[test]
fn t11_a_variable_that_says_what_the_plan_says_asks_the_same_question() {
    let workplace = Workplace::with_plan(NAMED);
    let gate = |words: &[&str]| workplace.gate(&[words, &["--by", "mara"]].concat());
    gate(&["confirm", "plan.yaml", "ready"]).says(0, "confirmed");
    let asked = ["check", "plan.yaml", "--gate", "pilot/entry"];
    gate(&asked).says(0, "GO");
    for same in [
        &["--var", "ns=prod"][..],
        &["--var", "sites=b", "--var", "sites=a"],
        &["--var", "ns=prod", "--var", "ns=prod"],
    ] {
        gate(&[&asked[..], same].concat()).says(0, "GO");
        let entries = read(&workplace);
        let last = entries.lines().last().expect("an entry");
        assert!(last.contains("\"vars\":[]"), "{same:?}: {last}");
    }
    gate(&[&asked[..], &["--var", "ns=dev", "--var", "ns=dev"]].concat()).says(0, "GO");
    let entries = read(&workplace);
    assert!(entries.contains("\"vars\":[\"ns=dev\"]"), "{entries}");
    let start = ["start", "plan.yaml", "pilot"];
    gate(&start).says(1, "another question");
    gate(&[&start[..], &["--var", "ns=dev"]].concat()).says(0, "pilot began");
    workplace
        .gate(&["verify", "plan.evidence"])
        .says(0, "5 of 5 verified");
}

/// An entry that a clock a day ahead has dated.
fn noted() -> Event {
    Event::Noted {
        stage: None,
        text: "seen".to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    }
}

#[test]
fn t7_where_a_clock_was_ahead_the_command_that_is_offered_goes_on() {
    let workplace = since(vec![(-2880, noted())]);
    let gate = |words: &[&str]| workplace.gate(&[words, &["--by", "mara"]].concat());
    let exit = ["check", "plan.yaml", "--gate", "pilot/exit"];
    gate(&exit).says(0, "GO");
    let anyway = "gate start plan.yaml wave-1 --override --why <reason>";
    // Asking again does not help, so nobody is told to.
    let refused = gate(&["start", "plan.yaml", "wave-1"]);
    refused
        .says(1, "its GO has expired")
        .says(1, "ahead of this clock)")
        .says(1, anyway)
        .never_says("gate check");
    workplace.gate(&["status", "plan.yaml"]).says(0, anyway);
    let entry = ["check", "plan.yaml", "--gate", "wave-1/entry"];
    gate(&entry)
        .says(3, "its GO has expired")
        .says(3, "gate override plan.yaml wave-1/entry --why <reason>");
    let accept = [
        "override",
        "plan.yaml",
        "wave-1/entry",
        "--why",
        "the clock was wrong",
        "--expires",
        "1h",
    ];
    gate(&accept).says(0, "OVERRIDDEN").says(
        0,
        "and --expires counts from its date: by this clock it holds for 4",
    );
    gate(&["start", "plan.yaml", "wave-1"]).says(0, "wave-1 began");
}

#[test]
fn t11_a_rollback_by_a_clock_ahead_says_how_to_roll_back_again() {
    let workplace = since(vec![(-1440, rolled_back("pilot"))]);
    let gate = |words: &[&str]| workplace.gate(&[words, &["--by", "mara"]].concat());
    let again = ["rollback", "plan.yaml", "--stage", "pilot", "--why", "x"];
    let resume = ["resume", "plan.yaml", "--stage", "pilot", "--why", "x"];
    gate(&again)
        .says(1, "pilot is already rolled back")
        .says(
            1,
            "ahead of this clock: let the stage go on, and roll it back once more",
        )
        .says(1, "gate resume plan.yaml --stage pilot --why <reason>");
    gate(&resume).says(0, "recorded");
    gate(&again).says(0, "pilot is rolled back");
    gate(&resume).says(0, "recorded");
    // It has begun again by the clock that is right.
    gate(&["check", "plan.yaml", "--gate", "pilot/exit"])
        .never_says("after the time that is judged");
}

#[test]
fn t11_what_is_offered_names_the_variables_that_the_stage_runs_with() {
    let workplace = Workplace::with_plan(NAMED);
    let gate = |words: &[&str]| workplace.gate(&[words, &["--by", "mara"]].concat());
    let dev = ["--var", "ns=dev"];
    gate(&["confirm", "plan.yaml", "ready"]).says(0, "confirmed");
    gate(&[&["check", "plan.yaml", "--gate", "pilot/entry"][..], &dev].concat()).says(0, "GO");
    gate(&[&["start", "plan.yaml", "pilot"][..], &dev].concat()).says(0, "pilot began");
    let command = "gate check plan.yaml --gate pilot/exit --var ns=dev\n";
    for vars in [&[][..], &dev] {
        let status = workplace.gate(&[&["status", "plan.yaml"], vars].concat());
        assert!(status.out.contains(command), "{}", status.out);
    }
}

#[test]
fn t11_a_start_by_a_clock_ahead_is_made_once_more() {
    let workplace = Workplace::with_plan(PLAN);
    workplace.write(LEDGER, ledger(vec![(-1440, started("pilot"))]));
    let gate = |words: &[&str]| workplace.gate(&[words, &["--by", "mara"]].concat());
    let exit = ["check", "plan.yaml", "--gate", "pilot/exit"];
    gate(&exit)
        .says(3, "#1 is dated 24h ahead of this clock, its start")
        .says(3, "gate rollback plan.yaml --stage pilot --why <reason>");
    let back = [
        "rollback",
        "plan.yaml",
        "--stage",
        "pilot",
        "--why",
        "clock",
    ];
    gate(&back).says(0, "pilot is rolled back");
    gate(&["start", "plan.yaml", "pilot"]).says(0, "pilot began");
    let yes = ["confirm", "plan.yaml", "lead", "--stage", "pilot"];
    gate(&yes).says(0, "confirmed");
    gate(&["check", "plan.yaml", "--gate", "pilot/exit"]).says(0, "GO");
}

const TOLD: &str = "
release: R1.0
stages:
  - { name: pilot, exit: { valid: 24h, no_incidents: { open: [sev1] }, confirmations: [lead] } }
  - { name: wave-1, exit: { confirmations: [lead] } }
";

fn opened() -> Event {
    Event::IncidentOpened {
        id: "INC-1".to_owned(),
        stage: Some("pilot".to_owned()),
        opened_at: None,
        details: IncidentDetails {
            severity: Some("sev1".to_owned()),
            description: Some("slow".to_owned()),
            ..IncidentDetails::default()
        },
    }
}

/// What a clock an hour ahead has dated is over once the next entry settles it: order is by number.
#[test]
fn t6_what_was_settled_before_the_check_is_over_whatever_its_date() {
    let closed = || Event::IncidentClosed {
        id: "INC-1".to_owned(),
    };
    for (ahead, settled) in [
        (opened(), closed()),
        (
            confirmed("pilot", "lead", Answer::No),
            confirmed("pilot", "lead", Answer::Yes),
        ),
    ] {
        let workplace = Workplace::with_plan(TOLD);
        let before = vec![
            (60, started("pilot")),
            (50, confirmed("pilot", "lead", Answer::Yes)),
            (-60, ahead),
        ];
        workplace.write(LEDGER, ledger(before));
        let exit = ["--gate", "pilot/exit"];
        // Open, it counts, by whatever clock.
        let start = ["start", "plan.yaml", "wave-1", "--by", "mara"];
        workplace.gate(&start).says(1, "wave-1 cannot begin");
        let text = read(&workplace);
        workplace.write(LEDGER, appended(text.as_bytes(), 0, settled));
        check(&workplace, &exit).says(0, "GO");
        workplace.gate(&start).says(0, "wave-1 began");
    }
}

const SIGNED: &str = "
release: R1.0
stages:
  - { name: pilot, exit: { confirmations: [lead], approvals: [product] } }
  - { name: wave-1, exit: { confirmations: [lead] } }
";

#[test]
fn t6_an_approval_that_was_given_again_counts_though_a_clock_ahead_took_it_back() {
    let workplace = Workplace::with_plan(SIGNED);
    let before = vec![
        (60, started("pilot")),
        (50, confirmed("pilot", "lead", Answer::Yes)),
    ];
    workplace.write(LEDGER, ledger(before));
    let gate = |words: &[&str]| workplace.gate(&[words, &["--by", "mara"]].concat());
    let exit = ["--gate", "pilot/exit"];
    let approve = ["approve", "plan.yaml", "product", "--gate", "pilot/exit"];
    check(&workplace, &exit).says(3, "HOLD");
    gate(&approve).says(0, "recorded");
    let text = read(&workplace);
    let revoked = Event::Approved {
        gate: GateKind::Exit.of("pilot"),
        role: "product".to_owned(),
        evidence_sha256: String::new(),
        evidence_path: String::new(),
        verdict_without_approvals: Verdict::Go,
        expires: None,
        revoked: true,
    };
    workplace.write(LEDGER, appended(text.as_bytes(), 3600, revoked));
    gate(&["start", "plan.yaml", "wave-1"]).says(1, "wave-1 cannot begin");
    gate(&approve).says(0, "recorded");
    check(&workplace, &exit).says(0, "GO");
    gate(&["start", "plan.yaml", "wave-1"]).says(0, "wave-1 began");
}

const BACK: &str = "
release: R1.0
stages:
  - { name: pilot, window: 1h, exit: { confirmations: [lead] }, recovery: { confirmations: [well] } }
";

#[test]
fn t6_after_a_rollback_a_check_names_the_recovery_as_the_status_does() {
    let workplace = Workplace::with_plan(BACK);
    let before = vec![
        (60, started("pilot")),
        (50, confirmed("pilot", "lead", Answer::Yes)),
        (40, rolled_back("pilot")),
    ];
    workplace.write(LEDGER, ledger(before));
    let recovery = "gate check plan.yaml --gate pilot/recovery";
    check(&workplace, &["--gate", "pilot/exit"]).says(3, recovery);
    workplace.gate(&["status", "plan.yaml"]).says(0, recovery);
}

#[test]
fn t11_the_status_shows_an_override_as_in_force_only_while_it_counts() {
    let workplace = Workplace::with_plan(TOLD);
    let before = vec![
        (60, started("pilot")),
        (50, confirmed("pilot", "lead", Answer::Yes)),
        (40, opened()),
    ];
    workplace.write(LEDGER, ledger(before));
    let gate = |words: &[&str]| workplace.gate(&[words, &["--by", "mara"]].concat());
    check(&workplace, &["--gate", "pilot/exit"]).says(1, "NO-GO");
    let accept = ["override", "plan.yaml", "pilot/exit", "--expires", "1h"];
    gate(&[&accept[..], &["--why", "known"]].concat()).says(0, "OVERRIDDEN");
    let shown = "OVERRIDDEN by mara";
    let status = || workplace.gate(&["status", "plan.yaml"]);
    status().says(0, shown);
    let no = ["confirm", "plan.yaml", "lead", "--stage", "pilot", "--no"];
    gate(&no).says(0, "recorded");
    status().never_says(shown);
    gate(&["start", "plan.yaml", "wave-1"]).says(1, "lead was answered with no since");
}

#[test]
fn t9_a_look_into_the_past_knows_that_a_signature_has_expired_since() {
    let plan = "release: R1.0\nstages:\n  - { name: pilot, entry: { approvals: [product] } }\n";
    let workplace = Workplace::with_plan(plan);
    let entry = ["--gate", "pilot/entry"];
    check(&workplace, &entry).says(3, "HOLD");
    let approve = ["approve", "plan.yaml", "product", "--expires", "3s"];
    let signed = workplace.gate(&[&approve[..], &["--by", "ada"]].concat());
    signed.says(0, "product signed");
    check(&workplace, &entry).says(0, "GO");
    std::thread::sleep(std::time::Duration::from_secs(5));
    let earlier = [&entry[..], &["--at", "3s"]].concat();
    check(&workplace, &earlier).says(3, "the signature as product held until");
}
