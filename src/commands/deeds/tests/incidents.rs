//! L18: incidents that came up before they were recorded.

use super::*;

fn open(when: &'static str) -> Vec<&'static str> {
    let words = "incident plan.yaml open --severity sev1 --description labels --opened";
    words.split(' ').chain([when]).collect()
}

#[test]
fn l18_an_incident_says_when_it_came_up_and_when_it_was_recorded() {
    let rollout = after(vec![started("pilot")]);
    let decision = rollout
        .decide(&open("2026-11-19T23:00:00Z"))
        .expect("recorded");
    assert_eq!(
        decision.done,
        "INC-1 recorded at 2026-11-20T00:02:00Z, opened at 2026-11-19T23:00:00Z: Sev1: labels"
    );
    rollout.is_wrong(&open("2026-11-20T00:03:00Z"), "is in the future");
}

#[test]
fn l9_what_is_recorded_after_the_start_came_up_since_whatever_its_date() {
    let came_up = |when: Option<&'static str>| {
        let mut events = vec![started("pilot")];
        let words = open(when.unwrap_or("2026-11-20T00:01:30Z"));
        let words = if when.is_some() {
            &words[..]
        } else {
            &words[..7]
        };
        events.push(after(events.clone()).records(words));
        let rollout = after(events);
        let incidents = rollout.ledger.incidents();
        rollout.standing().came_up(&incidents[0].became, "pilot")
    };
    // Pilot began at the beginning of the day.
    assert!(came_up(Some("2026-11-19T23:00:00Z")));
    assert!(came_up(Some("2026-11-20T00:01:30Z")));
    assert!(came_up(None));
}
