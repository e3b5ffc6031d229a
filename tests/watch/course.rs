//! The course of a watch: quiet, tripped, away, late, changed under its feet.

use std::time::{Duration, Instant};

use super::{Watching, begun, kinds, plan, records, rounds, verified};
use crate::support::live::{Live, Mood, now};
use crate::support::program::Workplace;

#[test]
fn w5_a_quiet_run_ends_with_what_a_check_says_to_the_byte() {
    let (_live, workplace) = begun(8, 3);
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
    let workplace = Workplace::with_plan(&(plan(live.url(), 40, 3) + rollback));
    workplace
        .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(0, "recorded #1");
    let watching = Watching::begin(&workplace, &[]);
    live.has(3.0, 60.0, 7.0);
    let trips = now() + 6.0;
    watching.until("on its way");
    let finished = watching.end();
    let late = now() - trips;
    finished
        .says(4, "gate pause plan.yaml --stage pilot")
        .says(4, "Disable the flag");
    assert_eq!(workplace.files("plan.evidence", "-stop.json").len(), 1);
    assert!(late < 4.0, "{late} s after the point that completes it");
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
    let watching = Watching::begin(&workplace, &["--for", "12s"]);
    watching.until("recorded");
    let first = live.asked().len();
    std::thread::sleep(Duration::from_secs(4));
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
    let watching = Watching::begin(&workplace, &["--for", "6s"]);
    watching.until("recorded");
    let at = now();
    live.had(at - 1500.0, at - 1490.0, 0.75);
    let finished = watching.end();
    finished.says(3, "history changed: 1");
}

#[test]
fn w9_a_kpi_that_flaps_is_recorded_once_in_10_minutes_at_most() {
    let (live, workplace) = begun(40, 30);
    for second in (2..20).step_by(2) {
        live.has(f64::from(second), f64::from(second) + 0.9, 2.0);
    }
    let watching = Watching::begin(&workplace, &["--for", "20s"]);
    let finished = watching.end();
    finished.says(1, "NO-GO");
    // The first, the first NO-GO, and the end.
    assert_eq!(records(&workplace).len(), 3);
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
        began.elapsed() < Duration::from_secs(9),
        "{:?}",
        began.elapsed()
    );
    let (live, workplace) = begun(40, 30);
    live.has(-1.0, 60.0, 2.0);
    let fast = Watching::begin(&workplace, &["--fail-fast"]).end();
    fast.says(1, "--fail-fast was given");
}

#[test]
fn w6_a_plan_that_changes_is_taken_over_or_kept_out_and_people_are_seen() {
    let (live, workplace) = begun(14, 3);
    let text = plan(live.url(), 14, 3);
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
    assert!([1, 3].contains(&finished.code), "{finished:?}");
    finished.says(finished.code, "the window is complete");
    assert!(finished.out.contains("pilot/recovery"), "{}", finished.out);
}

#[test]
fn w3_a_watch_that_was_suspended_says_so_and_asks_again() {
    let (live, workplace) = begun(25, 3);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    live.has(2.0, 5.0, 0.9);
    watching.signal("-STOP");
    std::thread::sleep(Duration::from_secs(8));
    watching.signal("-CONT");
    watching.until("fell out");
    watching.end().says(0, "GO");
    let last = records(&workplace).pop().expect("a record");
    // Where others work on the machine, further rounds may fall out.
    let gaps = last["watch"]["gaps"].as_array().expect("gaps");
    assert!((1..4).contains(&gaps.len()), "{}", last["watch"]);
    assert!(last["watch"]["missed"].as_u64() >= Some(6));
}
