//! What clocks that disagree, and rollbacks in between, make of a decision.

use super::*;

#[test]
fn t7_an_exit_is_asked_again_once_a_stage_before_it_was_rolled_back_and_went_on() {
    let mut events = vec![
        started("pilot"),
        judged("pilot/exit", Verdict::Go),
        started("wave-1"),
        judged("wave-1/exit", Verdict::Go),
    ];
    let start = ["start", "plan.yaml", "wave-2"];
    after(events.clone()).records(&start);
    events.extend([rolled_back("pilot"), resumed("pilot")]);
    after(events.clone()).refuses(&start, "pilot was rolled back since (#5");
    events.push(judged("wave-1/exit", Verdict::Go));
    after(events).records(&start);
}

#[test]
fn t11_an_override_is_for_what_was_found_for_a_later_time_too() {
    let mut rollout = after(vec![
        started("pilot"),
        judged("pilot/exit", Verdict::NoGo),
        judged("pilot/exit", Verdict::Hold),
    ]);
    // The first check is by the right clock, the second by one that is behind.
    let mut entries = rollout.ledger.entries().to_vec();
    entries[1].at = minute(200);
    if let Event::Checked(checked) = &mut entries[1].event {
        checked.evaluated_at = minute(200);
    }
    rollout.ledger = Ledger::new(entries);
    let words = [
        "override",
        "plan.yaml",
        "pilot/exit",
        "--why",
        "known",
        "--expires",
        "1h",
    ];
    let decision = rollout.decide(&words).expect("an override");
    let Some(Event::Overridden { verdict, .. }) = decision.events.first() else {
        panic!("{decision:?}");
    };
    assert_eq!(
        *verdict,
        Verdict::NoGo,
        "not what the newer check hides behind"
    );
    assert!(
        decision.done.contains("NO-GO in check #2"),
        "{}",
        decision.done
    );
    let means = decision.means.join("; ");
    assert!(means.contains("than #3, which found HOLD"), "{means}");
}
