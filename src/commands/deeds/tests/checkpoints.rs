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
        takes_back: None,
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

#[test]
fn l8_a_checkpoint_in_a_wrong_role_is_taken_back_and_its_day_is_open_again() {
    let back = |number| Event::Noted {
        stage: Some("pilot".to_owned()),
        text: "it was dev".to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: Some(number),
    };
    let events = vec![started("pilot"), held("ops", false)];
    let running = rollout(events.clone());
    let words = ["note", "plan.yaml", "it was dev", "--take-back", "2"];
    let decision = running.decide(&words).expect("taken back");
    assert_eq!(decision.events, [back(2)]);
    assert_eq!(
        decision.done,
        "checkpoint #2 of pilot is taken back: it was dev"
    );
    let counts_no_more = |what: &str| {
        format!(
            "what mara recorded as ops at {} counts no more: {what}",
            minute(2)
        )
    };
    assert_eq!(
        decision.means,
        [counts_no_more(
            "day 1 is open until it is over, and missed then"
        )]
    );
    let again = "gate note plan.yaml '<what was seen>' --checkpoint --role ops --stage pilot";
    assert_eq!(decision.next.as_deref(), Some(again));
    let mut over = rollout(events.clone());
    over.waited = 25 * 60;
    let told = over.decide(&words).expect("taken back");
    let missed = format!("day 1 is over, and has none; {}", crate::rollout::MISSED);
    assert_eq!(told.means, [counts_no_more(&missed)]);
    assert_eq!(told.next.as_deref(), Some("gate check plan.yaml"));
    let twice = rollout([events.clone(), vec![held("ops", false)]].concat());
    let told = twice.decide(&words).expect("taken back");
    assert_eq!(told.means, [counts_no_more("day 1 has another one")]);
    // Whoever held it may hold another role now, and the first one is owed again.
    let by = |rollout: Rollout| Rollout {
        by: "mara",
        ..rollout
    };
    let dev = ["--role", "dev"];
    assert!(refused(&by(running), &dev).contains("only one role a day"));
    let after = [events, vec![back(2)]].concat();
    let held = by(rollout(after.clone()))
        .decide(&note(&dev))
        .expect("held");
    assert!(
        held.means[1].starts_with("still open today: checkpoint by ops"),
        "{:?}",
        held.means
    );
    rollout(after.clone()).is_given(&words, "checkpoint #2 is already taken back");
    for number in ["1", "3", "9"] {
        let words = ["note", "plan.yaml", "x", "--take-back", number];
        rollout(after.clone()).is_wrong(&words, "is no checkpoint");
    }
    let other = [&words[..], &["--stage", "wave"]].concat();
    rollout(after).is_wrong(&other, "#2 is a checkpoint of pilot, not of wave");
}

#[test]
fn l8_a_go_that_rested_on_a_checkpoint_which_was_taken_back_is_none() {
    let back = |stage: &str| Event::Noted {
        stage: Some(stage.to_owned()),
        text: "it was dev".to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: Some(2),
    };
    let events = vec![
        started("pilot"),
        held("ops", false),
        judged("pilot/exit", Verdict::Go),
    ];
    let begins = ["start", "plan.yaml", "wave"];
    rollout(events.clone()).records(&begins);
    let with = |event: Event| rollout([events.clone(), vec![event]].concat());
    with(back("pilot")).refuses(&begins, "checkpoint #2 was taken back");
    with(back("wave")).records(&begins);
    // A check that was made for an earlier time does not get past it.
    let mut earlier = judged("pilot/exit", Verdict::Go);
    if let Event::Checked(check) = &mut earlier {
        check.evaluated_at = minute(3);
    }
    let both = [events, vec![back("pilot"), earlier]].concat();
    rollout(both).refuses(&begins, "checkpoint #2 was taken back");
}
