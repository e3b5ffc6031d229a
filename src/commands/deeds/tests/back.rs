//! L7: the way back to a stage. Its entry is asked again, and the stages after it have not begun any more.

use super::*;
use crate::ledger::EventKind;
use crate::rollout::{History, State};

/// Pilot was left, wave-1 runs.
fn in_the_wave() -> Vec<Event> {
    vec![
        confirmed("pilot", "readiness/tested", Answer::Yes),
        confirmed("pilot", "readiness/rollback", Answer::Yes),
        judged("pilot/entry", Verdict::Go),
        started("pilot"),
        confirmed("pilot", "warehouse-lead", Answer::Yes),
        judged("pilot/exit", Verdict::Go),
        confirmed("wave-1", "after-care/tested", Answer::Yes),
        judged("wave-1/entry", Verdict::Go),
        started("wave-1"),
    ]
}

fn back_to(stage: &str, stages: &[&str]) -> Event {
    Event::Reopened {
        stage: stage.to_owned(),
        stages: stages.iter().map(|&one| one.to_owned()).collect(),
    }
}

/// The rollout went back to pilot.
fn back_in_the_pilot() -> Vec<Event> {
    let mut events = in_the_wave();
    events.push(rolled_back("wave-1"));
    events.push(back_to("pilot", &["pilot", "wave-1"]));
    events
}

fn states(rollout: &Rollout) -> Vec<State> {
    let rollout = rollout.standing();
    let stages = rollout.plan.stages.iter();
    stages.map(|stage| rollout.state(stage)).collect()
}

const BACK: [&str; 6] = ["rollback", "plan.yaml", "--to", "pilot", "--why", "labels"];

#[test]
fn l7_a_rollback_to_a_stage_reopens_it_and_takes_back_those_after_it() {
    let rollout = after(in_the_wave());
    let decision = rollout.decide(&BACK).expect("recorded");
    let kinds: Vec<EventKind> = decision.events.iter().map(Event::kind).collect();
    assert_eq!(kinds, [EventKind::RolledBack, EventKind::Reopened]);
    assert_eq!(decision.events[0].stage(), Some("wave-1"));
    assert_eq!(decision.events[1], back_to("pilot", &["pilot", "wave-1"]));
    assert_eq!(decision.done, "wave-1 is rolled back; back to pilot");
    assert_eq!(
        decision.means[2..],
        [
            "pilot/entry is asked again: no check before this counts",
            "no longer begun: pilot, wave-1; what was signed, confirmed and observed there is void"
        ]
    );
    let rollout = after(back_in_the_pilot());
    let [pilot, wave, all] = states(&rollout)[..] else {
        panic!("three stages")
    };
    assert_eq!(
        [pilot, wave, all],
        [State::AtEntry, State::NotStarted, State::NotStarted]
    );
}

#[test]
fn l7_an_older_go_of_its_entry_is_none() {
    let start = ["start", "plan.yaml", "pilot"];
    let mut events = back_in_the_pilot();
    after(events.clone()).refuses(&start, "pilot/entry was GO in check #3");
    after(events.clone()).refuses(&start, "but pilot was reopened since (#11 by mara)");
    let mut later = events.clone();
    later.push(judged_at(minute(10), "pilot/entry", Verdict::Go));
    after(later).refuses(&start, "but pilot was reopened since (#11 by mara)");
    // A check for a time before it did not know of it, however late it is recorded.
    events.push(judged_at(minute(4), "pilot/entry", Verdict::Go));
    after(events.clone()).refuses(&start, "since (#");
    // What was confirmed before does not hold any more: the order is that of the numbers.
    let rollout = after(events.clone());
    let answered = rollout.standing().answered("pilot", "readiness/tested");
    let said = answered.in_words("pilot", None);
    assert!(said.contains("before pilot was reopened at"), "{said}");
    events.extend([
        confirmed("pilot", "readiness/tested", Answer::Yes),
        confirmed("pilot", "readiness/rollback", Answer::Yes),
        judged("pilot/entry", Verdict::Go),
    ]);
    let began = after(events).records(&start);
    assert_eq!(began.kind(), EventKind::Started);
}

#[test]
fn l7_what_was_found_signed_and_left_in_later_stages_is_void() {
    let mut events = back_in_the_pilot();
    events.extend([
        confirmed("pilot", "readiness/tested", Answer::Yes),
        confirmed("pilot", "readiness/rollback", Answer::Yes),
        judged("pilot/entry", Verdict::Go),
        started("pilot"),
    ]);
    let rollout = after(events.clone());
    assert_eq!(states(&rollout)[0], State::Running);
    // Pilot has a window of its own again, and its old GO leads nowhere.
    let start = ["start", "plan.yaml", "wave-1"];
    rollout.refuses(&start, "pilot/exit has not been checked since pilot began");
    let history = History::of(Some(&rollout.ledger));
    assert_eq!(history.start_of("wave-1"), None);
    assert_eq!(history.start_of("pilot"), Some(minute(11)));
    // (The start is dated before it was reopened, and counts from then on.)
    let standing = rollout.standing();
    let pilot = &standing.plan.stages[0];
    assert_eq!(standing.ended(pilot, minute(4)), None, "its end is none");
    // Nor does the old entry of wave-1 count once pilot was left again.
    events.extend([
        confirmed("pilot", "warehouse-lead", Answer::Yes),
        judged("pilot/exit", Verdict::Go),
    ]);
    after(events).refuses(&start, "wave-1/entry was GO in check #8");
}

#[test]
fn l7_stops_and_pauses_of_what_has_not_begun_any_more_hold_nothing() {
    let mut events = in_the_wave();
    events.push(judged("wave-1/exit", Verdict::Stop));
    events.push(paused("wave-1"));
    events.push(paused("pilot"));
    let named = [&BACK[..], &["--stage", "wave-1"]].concat();
    let decision = after(events.clone()).decide(&named).expect("recorded");
    events.extend(decision.events);
    let rollout = after(events);
    assert_eq!(states(&rollout)[0], State::AtEntry);
    let history = History::of(Some(&rollout.ledger));
    assert!(history.trips("wave-1").is_empty());
    assert_eq!(history.paused("pilot"), None);
}

#[test]
fn l7_where_the_go_before_it_has_expired_both_are_asked_at_once() {
    let back = ["rollback", "plan.yaml", "--to", "wave-1", "--why", "labels"];
    let back = [&back[..], &["--all-done"]].concat();
    for (waited, next) in [
        (10, "gate check plan.yaml --gate wave-1/entry"),
        (180, "gate check plan.yaml --before wave-1"),
    ] {
        let rolled_back = |events| Rollout {
            waited,
            ..after(events)
        };
        let rollout = rolled_back(in_the_wave());
        let decision = rollout.decide(&back).expect("recorded");
        // First it is shown that wave-1 has recovered.
        let recovery = "gate check plan.yaml --gate wave-1/recovery";
        assert_eq!(decision.next.as_deref(), Some(recovery));
        let events = [in_the_wave(), decision.events].concat();
        let rollout = rolled_back(events);
        let now = rollout.standing();
        let wave = now.stage("wave-1").expect("a stage");
        assert_eq!(now.after_way_back(wave).command("plan.yaml"), next);
        rollout.refuses(&["start", "plan.yaml", "wave-1"], next);
    }
}

#[test]
fn l7_the_way_back_is_refused_in_one_sentence() {
    let back = |to: &'static str| ["rollback", "plan.yaml", "--to", to, "--why", "labels"];
    let rollout = after(in_the_wave());
    rollout.refuses(
        &back("wave-2"),
        "wave-2 comes after wave-1: the way back leads to wave-1 itself, or to a stage before it",
    );
    rollout.is_wrong(
        &back("pilto"),
        "the plan has no stage `pilto`: it has pilot",
    );
    rollout.is_wrong(&BACK[..4], "a rollback needs a reason");
    let early = after(in_the_wave()[..4].to_vec());
    early.refuses(&back("wave-1"), "wave-1 comes after pilot");
    after(Vec::new()).refuses(&BACK, "no stage has begun");
    let reopened = after(back_in_the_pilot());
    let named = [&BACK[..], &["--stage", "wave-1"]].concat();
    reopened.refuses(&named, "pilot was reopened already by mara at");
}

#[test]
fn l7_a_rollback_that_is_recorded_goes_back_later_and_keeps_its_steps() {
    let mut events = in_the_wave();
    events.push(rolled_back("wave-1"));
    let decision = after(events.clone()).decide(&BACK).expect("recorded");
    assert_eq!(decision.events, [back_to("pilot", &["pilot", "wave-1"])]);
    events.extend(decision.events);
    // Wave-1 has not begun any more, and what was done to roll it back is recorded all the same.
    let rollout = after(events);
    let status = rollout.standing().status("plan.yaml");
    let next = status.next.expect("a step").command.command("plan.yaml");
    assert_eq!(next, "gate rollback plan.yaml --stage wave-1 --done 1");
    let step = rollout.records(&["rollback", "plan.yaml", "--done", "1"]);
    assert_eq!(step.stage(), Some("wave-1"));
}
