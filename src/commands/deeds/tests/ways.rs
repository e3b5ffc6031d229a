//! L11: a rollback of which the plan knows several ways; L10: what a resume says of a recovery that nobody has shown.

use super::*;

const WAYS: &str = r"
release: R1.0
source: http://127.0.0.1:9090
kpis: { errors: { query: errors, unit: ratio } }
rollback:
  options:
    - { name: flag, when: activation only, steps: [Switch it off] }
    - { name: release, steps: [Deploy the old one, Drain the queue] }
stages:
  - { name: pilot, window: 2h, exit: { kpis: { errors: '< 1%' } } }
";

fn rollout(events: Vec<Event>) -> Rollout {
    let plan = plan(WAYS);
    Rollout {
        plan,
        ..after(events)
    }
}

fn started() -> Event {
    Event::Started {
        stage: "pilot".to_owned(),
        at: minute(1),
        overridden: false,
        sources: Vec::new(),
        vars: Vec::new(),
    }
}

#[test]
fn l11_once_a_step_of_one_way_is_done_the_others_are_not_needed() {
    let words = ["rollback", "plan.yaml", "--why", "labels", "--done", "1"];
    let decision = rollout(vec![started()])
        .decide(&words)
        .expect("rolled back");
    assert_eq!(
        decision.means,
        [
            "step 1: done: Switch it off",
            "step 2: not needed: Deploy the old one",
            "step 3: not needed: Drain the queue",
            &format!(
                "the window of pilot/recovery is complete at {}",
                minute(2 + 30)
            ),
        ]
    );
    assert_eq!(
        decision.next.as_deref(),
        Some("gate check plan.yaml --gate pilot/recovery")
    );
    let other = ["rollback", "plan.yaml", "--why", "labels", "--done", "2"];
    let decision = rollout(vec![started()])
        .decide(&other)
        .expect("rolled back");
    assert_eq!(
        decision.next.as_deref(),
        Some("gate rollback plan.yaml --stage pilot --done 3")
    );
    let mut back = vec![started()];
    back.extend(decision.events);
    let rollout = rollout(back);
    let stop = crate::rollout::Rollout {
        plan: &rollout.plan,
        plan_sha256: None,
        vars: &[],
        addresses: &[],
        ledger: Some(&rollout.ledger),
        now: minute(9),
    };
    assert_eq!(stop.after_stop("pilot").open_steps, [3]);
}

/// A plan whose rollback has these steps, and its rollout after these events.
fn edited(steps: &str, events: &[Event]) -> Rollout {
    let start = WAYS.find("rollback:").expect("steps");
    let end = WAYS.find("stages:").expect("stages");
    let text = format!("{}rollback: [{steps}]\n{}", &WAYS[..start], &WAYS[end..]);
    Rollout {
        plan: plan(&text),
        ..after(events.to_vec())
    }
}

#[test]
fn l11_an_edit_of_the_plan_loses_no_step_of_a_case() {
    let before = "Flag off, { do: Tell, owner: '@lead' }";
    let after = "Drop the database, Flag off";
    let mut events = vec![started()];
    let words = ["rollback", "plan.yaml", "--why", "bad", "--done", "1"];
    let back = edited(before, &events).decide(&words).expect("back");
    events.extend(back.events);
    let now = edited(after, &events);
    let flag = "2 steps of the rollback of pilot (#2) are open: 2 (Tell, no longer in the plan), 3";
    let flags = now.standing().status("plan.yaml").stages[0].flags.clone();
    assert!(flags.contains(&flag.to_owned()), "{flags:?}");
    // Each under the number that status shows.
    let told = now.decide(&["rollback", "plan.yaml", "--done", "2"]);
    let told = told.expect("recorded");
    assert_eq!(
        told.means,
        [
            "step 1: done: Flag off",
            "step 2: done: Tell (no longer in the plan)",
            "step 3: open: Drop the database",
        ]
    );
    now.is_wrong(
        &["rollback", "plan.yaml", "--done", "4"],
        "the plan's `rollback:` has no step 4: it has 1: Flag off; 2: Tell; 3: Drop the database",
    );
    let shown: Vec<String> = (now.standing().rollback_steps().into_iter())
        .map(|step| step.action)
        .collect();
    let numbered = [
        "Flag off",
        "Tell (no longer in the plan)",
        "Drop the database",
    ];
    assert_eq!(shown, numbered);
    events.extend(told.events);
    let third = ["rollback", "plan.yaml", "--done", "3"];
    let third = edited(after, &events).decide(&third).expect("recorded");
    events.extend(third.events);
    // Back to the first plan: what was recorded stays, and nothing is asked for again.
    let again = edited(before, &events);
    let stages = again.standing().status("plan.yaml").stages;
    assert!(stages[0].flags.iter().all(|flag| !flag.contains("step")));
}

#[test]
fn l11_a_step_beyond_all_ways_is_refused() {
    let words = ["rollback", "plan.yaml", "--why", "labels", "--done", "9"];
    let refusal = rollout(vec![started()])
        .decide(&words)
        .expect_err("refused");
    assert!(
        refusal
            .told()
            .reason
            .starts_with("the plan's `rollback:` has no step 9"),
        "{refusal:?}"
    );
}

/// One of these lines of the command is refused, and nothing is recorded.
#[test]
fn l11_ways_and_steps_that_the_plan_lacks_are_refused_in_one_sentence() {
    let running = rollout(vec![started()]);
    let wrong = |more: &[&'static str], reason: &str| {
        let words = [&["rollback", "plan.yaml", "--why", "labels"][..], more].concat();
        running.is_wrong(&words, reason);
    };
    wrong(
        &["--option", "pitr"],
        "the plan's `rollback:` has no option `pitr`: it has flag, release",
    );
    wrong(
        &["--option", "release", "--done", "1"],
        "step 1 belongs to the way flag, and release is taken",
    );
    wrong(
        &["--all-done"],
        "--all-done does not say which way was taken",
    );
    wrong(
        &["--took", "12m"],
        "--took says how long a step took that was done",
    );
    wrong(
        &["--done", "2", "--done", "3", "--took", "12m"],
        "--took does not say which step",
    );
    wrong(
        &["--done", "2", "--not-needed", "2"],
        "step 2 is named twice",
    );
    wrong(&["--cause", " "], "--cause says nothing");
    let one_way = after(vec![started()]);
    let words = ["rollback", "plan.yaml", "--why", "x", "--option", "flag"];
    one_way.is_wrong(&words, "the plan's `rollback:` has no options");
    let never = ["rollback", "plan.yaml", "--update", "--cause", "labels"];
    running.refuses(&never, "pilot was never rolled back");
}

#[test]
fn l11_done_not_needed_and_open_are_told_apart_and_added_to() {
    let words = [
        "rollback",
        "plan.yaml",
        "--why",
        "labels",
        "--option",
        "release",
        "--done",
        "2",
        "--took",
        "12m",
    ];
    let decision = rollout(vec![started()]).decide(&words).expect("recorded");
    assert_eq!(
        decision.means,
        [
            "step 1: not needed: Switch it off",
            "step 2: done: Deploy the old one",
            "step 3: open: Drain the queue",
            "release stays recorded as taken: say with --not-needed N which steps nobody has to do",
        ]
    );
    let mut events = vec![started()];
    events.extend(decision.events);
    let words = [
        "rollback",
        "plan.yaml",
        "--not-needed",
        "3",
        "--cause",
        "no labels",
        "--fix",
        "fonts",
    ];
    let decision = rollout(events.clone()).decide(&words).expect("added");
    assert_eq!(decision.done, "rollback of pilot, step 3, cause, fix");
    assert_eq!(decision.means[2], "step 3: not needed: Drain the queue");
    let recovery = "gate check plan.yaml --gate pilot/recovery";
    assert_eq!(decision.next.as_deref(), Some(recovery));
    events.extend(decision.events);
    // Nothing is recorded twice, and never a second rollback.
    rollout(events.clone()).is_given(&words, "step 3 is already recorded as not needed (#3)");
    let again = ["rollback", "plan.yaml", "--cause", "no labels"];
    rollout(events.clone()).is_given(&again, "all of that is already recorded");
    let case = crate::rollout::History::of(Some(&rollout(events.clone()).ledger))
        .cases()
        .len();
    assert_eq!(case, 1);
    // Once the stage has gone on, the case is added to only if somebody says so.
    events.push(Event::Resumed {
        stage: "pilot".to_owned(),
    });
    let later = ["rollback", "plan.yaml", "--fix", "new printer"];
    rollout(events.clone()).is_wrong(&later, "--update adds to that rollback");
    let update = [&later[..], &["--update"]].concat();
    let added = rollout(events.clone()).records(&update);
    assert!(matches!(added, Event::RollbackUpdated { .. }), "{added:?}");
    let anew = [&later[..], &["--why", "again"]].concat();
    let second = rollout(events).records(&anew);
    assert!(matches!(second, Event::RolledBack { .. }), "{second:?}");
}

#[test]
fn l10_a_resume_without_a_shown_recovery_says_so_and_wants_a_reason() {
    let back = Event::RolledBack {
        stage: "pilot".to_owned(),
        told: RollbackTold::default(),
    };
    let rollout = rollout(vec![started(), back]);
    let without = rollout.decide(&["resume", "plan.yaml", "--stage", "pilot"]);
    assert!(without.is_err());
    let words = ["resume", "plan.yaml", "--stage", "pilot", "--why", "fixed"];
    let decision = rollout.decide(&words).expect("goes on");
    assert!(
        decision
            .means
            .iter()
            .any(|line| line.starts_with("recovery has not been shown yet")),
        "{:?}",
        decision.means
    );
}
