//! The course of a watch: quiet, tripped, away, late, changed under its feet.

use std::time::{Duration, Instant};

use super::{Watching, begun, entries, kinds, plan, records, rounds, verified};
use crate::support::faulty::{Faulty, answer};
use crate::support::live::{Live, Mood, now};
use crate::support::program::Workplace;

#[test]
fn w5_a_quiet_run_ends_with_what_a_check_says_to_the_byte() {
    let (_live, workplace) = begun(12, 3);
    let finished = Watching::begin(&workplace, &[]).end();
    finished.says(0, "pilot/exit: 1/1 met");
    let all = records(&workplace);
    let verdicts: Vec<_> = all
        .iter()
        .map(|one| one["verdict"].as_str().unwrap_or(""))
        .collect();
    assert_eq!(verdicts, ["HOLD", "GO"]);
    assert_eq!(all[0]["pending"], true);
    let last = &all[1];
    let (at, started) = (
        &last["evaluated_at"],
        &last["gates"][0]["window"]["started"],
    );
    let (at, started) = (at.as_str().expect("T"), started.as_str().expect("S"));
    let check = [
        "check",
        "plan.yaml",
        "--at",
        at,
        "--started",
        started,
        "--no-ledger",
    ];
    let other = [&check[..], &["--evidence", "other", "--gate", "pilot/exit"]].concat();
    workplace.gate(&other).says(0, "GO");
    let again = std::fs::read_to_string(&workplace.files("other", ".json")[0]).expect("a record");
    let again: serde_json::Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!(last["gates"], again["gates"]);
    let watch = &last["watch"];
    assert_eq!(watch["rounds"], rounds(&workplace).len());
    assert_eq!(watch["changes"].as_array().map(Vec::len), Some(1));
    let all = [
        "started",
        "watch-started",
        "checked",
        "checked",
        "watch-ended",
    ];
    assert_eq!(kinds(&workplace), all);
    verified(&workplace);
    workplace.gate(&["status", "plan.yaml"]).says(0, "watched");
}

#[test]
fn w13_a_stop_ends_it_at_once_and_says_what_to_do() {
    let live = Live::new();
    let rollback = "rollback: [{do: Disable the flag, takes: 2m}]\n";
    let workplace = Workplace::with_plan(&(plan(live.url(), 60, 8) + rollback));
    workplace
        .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(0, "recorded #1");
    let watching = Watching::begin(&workplace, &[]);
    live.has(3.0, 60.0, 7.0);
    let trips = now() + 11.0;
    watching.until("on its way");
    let finished = watching.end();
    let late = now() - trips;
    finished
        .says(4, "gate pause plan.yaml --stage pilot")
        .says(4, "Disable the flag");
    assert_eq!(workplace.files("plan.evidence", "-stop.json").len(), 1);
    assert!(late < 8.0, "{late} s after the point that completes it");
    let last = records(&workplace).pop().expect("a record");
    assert_eq!(last["verdict"], "STOP");
    assert!(kinds(&workplace).ends_with(&["checked".to_owned(), "watch-ended".to_owned()]));
    assert!(finished.err.contains("tripped"), "{}", finished.err);
    verified(&workplace);
}

#[test]
fn w7_a_source_that_is_away_never_ends_it_and_a_breach_meanwhile_trips_when_it_is_back() {
    for mood in [
        Mood::Silent,
        Mood::Status(401),
        Mood::Status(503),
        Mood::Garbage,
        Mood::Cut,
    ] {
        let (live, workplace) = begun(30, 3);
        let watching = Watching::begin(&workplace, &[]);
        watching.until("recorded  HOLD");
        live.has(1.5, 6.0, 9.0);
        live.is(mood.clone());
        watching.until("source main is away");
        std::thread::sleep(Duration::from_secs(6));
        live.is(Mood::Well);
        let finished = watching.end();
        finished.says(4, "STOP");
        let said = &finished.err;
        assert_eq!(said.matches("is away").count(), 1, "{mood:?}: {said}");
        assert_eq!(said.matches("is back").count(), 1, "{mood:?}: {said}");
        let away = records(&workplace).pop().expect("a record")["watch"]["away"].clone();
        assert_eq!(away.as_array().map(Vec::len), Some(1), "{away}");
        verified(&workplace);
    }
}

fn time(value: &serde_json::Value) -> gate::units::Instant {
    gate::units::Instant::parse(value.as_str().expect("a time")).expect("a time")
}

#[test]
fn w7_a_source_that_was_away_changes_nothing_about_the_end() {
    let (live, workplace) = begun(30, 3);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    live.is(Mood::Silent);
    watching.until("source main is away");
    std::thread::sleep(Duration::from_secs(10));
    live.is(Mood::Well);
    let finished = watching.end();
    finished.says(0, "pilot/exit: 1/1 met");
    let said = &finished.err;
    for once in ["is away", "is back", "unknown    error_rate"] {
        assert_eq!(said.matches(once).count(), 1, "{once}: {said}");
    }
    assert_eq!(records(&workplace).len(), 2);
    verified(&workplace);
}

/// A stage that began 40 minutes ago.
fn long_ago(seconds: u32) -> (Live, Workplace) {
    let live = Live::new();
    let workplace = Workplace::with_plan(&plan(live.url(), seconds, 3));
    let start = [
        "start",
        "plan.yaml",
        "pilot",
        "--by",
        "ada",
        "--at",
        "40m",
        "--why",
        "late",
    ];
    workplace.gate(&start).says(0, "recorded #1");
    (live, workplace)
}

#[test]
fn w4_only_the_newest_points_are_asked_again_and_late_ones_are_seen() {
    let (live, workplace) = long_ago(2400 + 40);
    live.misses(&[(-30.0, 0.0)]);
    let watching = Watching::begin(&workplace, &["--for", "40s"]);
    watching.until("recorded");
    let first = live.asked().len();
    live.until_asked(first + 3);
    // The hole is filled, and what was in it was bad.
    let at = now();
    live.had(at - 20.0, at - 12.0, 9.0);
    live.misses(&[]);
    let finished = watching.end();
    finished.says(4, "STOP");
    let later = live.asked();
    let newest = later
        .iter()
        .skip(first)
        .filter(|one| one.at - one.start < 2000.0);
    let newest: Vec<_> = newest.collect();
    assert!(newest.len() >= 3, "{later:?}");
    for one in newest {
        // 10 minutes behind the newest point, which the hole has made 30 s old.
        assert!(one.end - one.start <= 635.0, "{one:?}");
    }
}

#[test]
fn w5_what_changed_before_the_overlap_is_found_by_the_next_whole_round() {
    let (live, workplace) = long_ago(2400 + 600);
    let watching = Watching::begin(&workplace, &["--for", "10s"]);
    watching.until("recorded");
    let at = now();
    live.had(at - 1500.0, at - 1490.0, 0.75);
    let finished = watching.end();
    finished.says(3, "history changed: 1");
}

#[test]
fn w9_a_kpi_that_flaps_in_each_round_is_recorded_once_in_10_minutes_at_most() {
    let live = Live::new();
    let ops = Faulty::answering(|_| answer("200 OK", "text/plain", ""));
    let text = plan(live.url(), 60, 30).replacen("\"< 1%\"", "\"< 1% for 50%\"", 1);
    let notify = format!("notify: [{{ webhook: '{}/h' }}]\n", ops.url());
    let workplace = Workplace::with_plan(&format!("{text}{notify}"));
    workplace
        .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(0, "recorded #1");
    // Every other point is bad from the first on, so that the share is too small after every other one.
    let began = time(&entries(&workplace)[0]["at"]);
    let epoch = gate::units::Instant::from_secs(0);
    for second in (0..40).step_by(2) {
        let at = epoch.until(began).seconds() + f64::from(second);
        live.had(at - 0.4, at + 0.4, 2.0);
    }
    Watching::begin(&workplace, &["--for", "16s"]).end();
    let changed = rounds(&workplace).into_iter();
    let changed = changed.filter(|one| one["changed"] != serde_json::json!([]));
    assert!(changed.count() >= 3, "{:?}", rounds(&workplace));
    // The first, the first NO-GO if it has held for two rounds, and the end.
    let all = records(&workplace);
    assert!(all.len() <= 3, "{all:?}");
    assert!(ops.seen().len() < all.len() + 1, "{:?}", ops.seen());
    verified(&workplace);
}

#[test]
fn w13_a_time_limit_never_ends_with_0_and_no_go_ends_it_where_that_is_asked() {
    let (_live, workplace) = begun(40, 3);
    let began = Instant::now();
    Watching::begin(&workplace, &["--for", "3s"])
        .end()
        .says(3, "its time is over");
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    let (live, workplace) = begun(40, 30);
    live.has(-1.0, 60.0, 2.0);
    let fast = Watching::begin(&workplace, &["--fail-fast"]).end();
    fast.says(1, "--fail-fast was given");
}

#[test]
fn w13_a_question_on_the_wire_does_not_keep_a_watch_beyond_its_time_of_grace() {
    let live = Live::new();
    let text = plan(live.url(), 8, 3).replace("timeout: 3s", "timeout: 50s");
    let workplace = Workplace::with_plan(&text);
    let began = Instant::now();
    workplace
        .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(0, "recorded #1");
    let watching = Watching::begin(&workplace, &["--every", "8s", "--grace", "1s"]);
    watching.until("recorded  HOLD");
    live.is(Mood::Late(Duration::from_secs(50)));
    watching
        .end()
        .says(3, "could not be decided for the time of --grace");
    let lasted = began.elapsed();
    assert!(lasted < Duration::from_secs(35), "{lasted:?}");
    // It is as of the end of that time, whenever rounds are due.
    let last = records(&workplace).pop().expect("a record");
    let complete = time(&last["gates"][0]["window"]["completes_at"]);
    let at = time(&last["evaluated_at"]);
    assert_eq!(complete.until(at).millis(), 1000);
    verified(&workplace);
}

#[test]
fn w3_what_makes_rounds_fall_out_is_said_as_it_is() {
    let (live, workplace) = begun(60, 3);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    live.is(Mood::Status(503));
    watching.until("source main answered 503; retried until the timeout of 3s");
    assert!(
        !watching.said().contains("answered late"),
        "{}",
        watching.said()
    );
    live.is(Mood::Late(Duration::from_millis(1800)));
    watching.until("source main is back");
    watching.until("source main answered late");
    watching.signal("-TERM");
    watching.end().says(3, "interrupted");
}

#[test]
fn w6_a_plan_that_changes_is_taken_over_or_kept_out_and_people_are_seen() {
    let (live, workplace) = begun(30, 3);
    let text = plan(live.url(), 30, 3);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    workplace.write("plan.yaml", "release: {name");
    watching.until("cannot be used: judged as it was before");
    workplace.write("plan.yaml", &text);
    watching.until("the plan is what it was before");
    workplace.write("plan.yaml", text.replace("< 1%", "< 2%"));
    watching.until("the plan has changed, and is judged as it is now");
    let pause = ["pause", "plan.yaml", "--why", "lunch", "--by", "bob"];
    workplace.gate(&pause).says(0, "recorded");
    watching.until("pause of pilot: pilot was paused by bob");
    let resume = ["resume", "plan.yaml", "--why", "fed", "--by", "bob"];
    workplace.gate(&resume).says(0, "recorded");
    watching.until("settled    pause of pilot");
    watching.end().says(0, "GO");
    verified(&workplace);
}

#[test]
fn w13_a_stage_that_is_rolled_back_is_watched_until_it_has_recovered_and_never_ends_with_0() {
    let (_live, workplace) = begun(60, 3);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    let rollback = ["rollback", "plan.yaml", "--why", "slow", "--by", "bob"];
    workplace.gate(&rollback).says(0, "recorded");
    let finished = watching.end();
    finished.says(3, "the window is complete");
    assert!(finished.out.contains("pilot/recovery"), "{}", finished.out);
}

#[test]
fn w3_a_watch_that_was_suspended_says_so_and_asks_again() {
    let (live, workplace) = begun(25, 3);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    live.has(2.0, 5.0, 0.9);
    let suspended = now();
    watching.signal("-STOP");
    std::thread::sleep(Duration::from_secs(8));
    watching.signal("-CONT");
    watching.until("fell out");
    let asked = live.asked().into_iter();
    let mut later = asked.filter(|one| one.at >= suspended + 8.0);
    assert!(later.any(|one| one.start <= suspended), "the gap is asked");
    watching.end().says(0, "GO");
    let last = records(&workplace).pop().expect("a record");
    // Where others work on the machine, further rounds may fall out.
    let gaps = last["watch"]["gaps"].as_array().expect("gaps");
    assert!((1..4).contains(&gaps.len()), "{}", last["watch"]);
    assert!(last["watch"]["missed"].as_u64() >= Some(6));
}
