//! L8: `gate note --checkpoint` in a role.

use super::*;

const PLAN: &str = r"
release: R1.0
stages:
  - name: pilot
    exit: { checkpoints: { roles: [ops, dev], distinct: true, issue_log_review: true } }
  - name: wave
    exit: { confirmations: [lead] }
";

fn started(stage: &str) -> Event {
    Event::Started {
        stage: stage.to_owned(),
        at: minute(1),
        overridden: false,
        sources: Vec::new(),
        vars: Vec::new(),
    }
}

fn held(role: &str, reviewed_issues: bool) -> Event {
    Event::Noted {
        stage: Some("pilot".to_owned()),
        text: "all quiet".to_owned(),
        checkpoint: true,
        role: Some(role.to_owned()),
        reviewed_issues,
        lesson: false,
    }
}

fn rollout(events: Vec<Event>) -> Rollout {
    let plan = plan(PLAN);
    Rollout {
        plan,
        ..after(events)
    }
}

fn note<'w>(words: &[&'w str]) -> Vec<&'w str> {
    [&["note", "plan.yaml", "all quiet", "--checkpoint"], words].concat()
}

fn refused(rollout: &Rollout, words: &[&str]) -> String {
    let refusal = rollout.decide(&note(words)).expect_err("refused");
    refusal.told().reason.clone()
}

#[test]
fn l8_a_checkpoint_is_recorded_in_its_role_and_says_what_is_still_open() {
    let running = rollout(vec![started("pilot")]);
    let decision = running.decide(&note(&["--role", "ops"])).expect("held");
    assert_eq!(decision.events, [held("ops", false)]);
    assert_eq!(decision.done, "checkpoint of pilot by ops: all quiet");
    assert_eq!(
        decision.means,
        [
            "it is day 1 since the start at 2026-11-20T00:01:00Z",
            "still open today: checkpoint by dev, review of the issue log",
        ]
    );
    let mut others = rollout(vec![started("pilot"), held("ops", false)]);
    others.by = "bob";
    let last = others
        .decide(&note(&["--role", "dev", "--reviewed-issues"]))
        .expect("held");
    assert_eq!(last.means.len(), 1);
}

#[test]
fn l8_roles_that_nobody_has_are_refused_with_those_of_the_plan() {
    let running = rollout(vec![started("pilot")]);
    assert_eq!(
        refused(&running, &["--role", "boss"]),
        "nobody holds checkpoints of pilot as `boss`: its exit asks for ops, dev"
    );
    assert_eq!(
        refused(&running, &[]),
        "the exit of pilot asks for checkpoints by ops, dev: say in which role"
    );
    let wave = rollout(vec![started("pilot"), started("wave")]);
    assert_eq!(
        refused(&wave, &["--role", "ops", "--stage", "wave"]),
        "nobody holds checkpoints of wave in a role: its exit has no `checkpoints: {roles: …}`"
    );
    assert!(wave.decide(&note(&["--stage", "wave"])).is_ok());
}

#[test]
fn l8_checkpoints_of_another_day_are_refused() {
    let mut running = rollout(vec![started("pilot")]);
    assert!(
        running
            .decide(&note(&["--role", "ops", "--day", "1"]))
            .is_ok()
    );
    assert_eq!(
        refused(&running, &["--role", "ops", "--day", "2"]),
        "day 2 of pilot has not begun, it is day 1: hold its checkpoint then"
    );
    running.waited = 25 * 60;
    assert_eq!(
        refused(&running, &["--role", "ops", "--day", "1"]),
        "day 1 of pilot is over, it is day 2: a missed checkpoint stays missed: override the gate in your own name, or roll the stage back and begin it again; record what is known of it as a note"
    );
}

#[test]
fn l8_distinct_people_hold_the_checkpoints_of_a_day() {
    let mut running = rollout(vec![started("pilot"), held("ops", false)]);
    running.by = "mara";
    assert_eq!(
        refused(&running, &["--role", "dev"]),
        "mara has held today's checkpoint of pilot as ops, and one person can hold only one role a day: have another person hold it as dev"
    );
    assert!(running.decide(&note(&["--role", "ops"])).is_ok());
    running.waited = 24 * 60;
    assert!(running.decide(&note(&["--role", "dev"])).is_ok());
}
