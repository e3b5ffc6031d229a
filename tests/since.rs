//! A look into the past: whatever has held the rollout since, and still does, keeps it from ending with GO (T7), and `--var` with
//! what the plan says anyway asks the same question.

use crate::past::{LEDGER, confirmed, ledger, resumed, rolled_back, started};
use crate::support::program::{Finished, Workplace};
use gate::ledger::{Answer, Event};

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
