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

#[test]
fn l10_a_resume_without_a_shown_recovery_says_so_and_wants_a_reason() {
    let back = Event::RolledBack {
        stage: "pilot".to_owned(),
        steps: Vec::new(),
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
