//! One verdict everywhere: what a watch shows, records and ends with is the same while the plan is kept out, or a source is away.

use std::time::{Duration, Instant};

use super::{Watching, begun, plan, records, verified};
use crate::support::live::Mood;

pub fn verdicts(records: &[serde_json::Value]) -> Vec<&str> {
    let verdicts = records.iter().map(|one| one["verdict"].as_str());
    verdicts.collect::<Option<_>>().expect("verdicts")
}

#[test]
fn w6_nothing_is_go_by_a_plan_that_is_kept_out() {
    let (live, workplace) = begun(12, 3);
    let text = plan(live.url(), 12, 3);
    let watching = Watching::begin(&workplace, &["--grace", "3s"]);
    watching.until("recorded  HOLD");
    workplace.write("plan.yaml", text.replace("unit: percent", "unit: bogus"));
    let finished = watching.end();
    finished
        .says(3, "plan: the plan has changed, and cannot be used")
        .says(
            3,
            "the plan is not taken over: the plan plan.yaml has 1 error",
        )
        .never_says("GO         pilot/exit")
        .never_says("recorded  GO");
    let all = records(&workplace);
    assert_eq!(verdicts(&all), ["HOLD", "HOLD"]);
    let criteria = all[1]["gates"][0]["criteria"].as_array().expect("criteria");
    let codes: Vec<_> = criteria.iter().map(|one| &one["code"]).collect();
    assert!(codes.contains(&&"plan-changed".into()), "{codes:?}");
    assert_ne!(all[1]["pending"], true);
    workplace.write("plan.yaml", &text);
    verified(&workplace);
}

#[test]
fn w6_a_stop_trips_by_a_plan_that_is_kept_out() {
    let (live, workplace) = begun(40, 2);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    workplace.write("plan.yaml", "release: {name");
    watching.until("judged as it was before");
    live.has(0.0, 60.0, 9.0);
    watching.end().says(4, "the watch ended: a stop tripped");
}

#[test]
fn w9_the_first_no_go_is_recorded_at_once_and_w13_ends_a_watch_that_fails_fast() {
    let (live, workplace) = begun(60, 30);
    let watching = Watching::begin(&workplace, &["--fail-fast"]);
    watching.until("recorded  HOLD");
    live.has(0.0, 60.0, 2.0);
    watching.end().says(1, "--fail-fast was given");
    assert_eq!(verdicts(&records(&workplace)), ["HOLD", "NO-GO"]);
    verified(&workplace);
}

#[test]
fn w7_a_no_go_that_was_measured_stays_while_its_source_is_away() {
    let (live, workplace) = begun(60, 30);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    live.has(0.0, 1.5, 2.0);
    watching.until("recorded  NO-GO");
    live.is(Mood::Silent);
    watching.until("still speaks against it");
    std::thread::sleep(Duration::from_secs(3));
    let said = watching.said();
    let after = said
        .rsplit_once("still speaks against it")
        .expect("it said so")
        .1;
    assert!(!after.contains("HOLD"), "{said}");
    live.is(Mood::Well);
    watching.until("source main is back");
    watching.signal("-TERM");
    watching.end().says(1, "NO-GO");
    assert!(!verdicts(&records(&workplace))[1..].contains(&"HOLD"));
    verified(&workplace);
}

#[test]
fn w13_a_watch_ends_at_the_time_that_was_named() {
    let (_live, workplace) = begun(300, 30);
    let began = Instant::now();
    let watching = Watching::begin(&workplace, &["--every", "30s", "--for", "4s"]);
    watching.end().says(3, "its time is over");
    let lasted = began.elapsed();
    assert!((3..20).contains(&lasted.as_secs()), "{lasted:?}");
}

#[test]
fn w20_what_a_changed_plan_does_not_ask_any_more_is_named_with_its_condition() {
    let (live, workplace) = begun(60, 30);
    live.has(-1.0, 60.0, 2.0);
    let text = plan(live.url(), 60, 30);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  NO-GO");
    workplace.write("plan.yaml", text.replace("\"< 1%\"", "\"< 3%\""));
    watching.until("no longer asked: error_rate < 1%");
    watching.signal("-TERM");
    watching.end();
}

#[test]
fn pending_is_said_of_a_hold_that_only_the_window_makes() {
    let (_live, workplace) = begun(60, 30);
    let check = ["check", "plan.yaml", "--by", "ada"];
    workplace.gate(&check).says(3, "window runs");
    let pause = ["pause", "plan.yaml", "--why", "lunch", "--by", "bob"];
    workplace.gate(&pause).says(0, "recorded");
    workplace.gate(&check).says(3, "paused by bob");
    let all = records(&workplace);
    assert_eq!(all.len(), 2);
    for one in &all {
        let is_paused = one.to_string().contains("paused by bob");
        assert_eq!(one["pending"] == true, !is_paused, "{one}");
    }
}
