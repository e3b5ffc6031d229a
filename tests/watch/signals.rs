//! Signals (W14): what is worse than the last record is recorded before a watch ends, at whatever moment the signal comes.

use std::process::Command;
use std::time::Duration;

use super::told::verdicts;
use super::{Watching, begun, kinds, plan, records, verified};
use crate::support::faulty::{Faulty, answer};
use crate::support::live::{Live, Mood};
use crate::support::program::Workplace;

/// A question may take long here: none of these ends because a source is slow.
fn patient(plan: &str) -> String {
    plan.replace("timeout: 3s", "timeout: 30s")
}

/// A stage that began some time ago.
fn begun_ago(ago: &str, text: &str) -> Workplace {
    let workplace = Workplace::with_plan(text);
    let start = ["start", "plan.yaml", "pilot", "--by", "ada", "--at", ago];
    workplace
        .gate(&[&start[..], &["--why", "late"]].concat())
        .says(0, "recorded #1");
    workplace
}

#[test]
fn w14_a_signal_ends_it_in_good_order_and_never_with_0() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let (_live, workplace) = begun(40, 3);
        let watching = Watching::begin(&workplace, &[]);
        watching.until("recorded  HOLD");
        watching.signal(signal);
        let ended = watching.end();
        ended.says(3, "the watch ended: interrupted");
        ended.says(
            3,
            "pilot goes on, and nobody watches it: gate watch plan.yaml",
        );
        assert_eq!(
            kinds(&workplace).last().map(String::as_str),
            Some("watch-ended")
        );
        verified(&workplace);
    }
}

#[test]
fn w14_a_signal_to_a_process_and_its_group_is_one_signal() {
    let (_live, workplace) = begun(40, 3);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    let process = watching.process();
    let both = format!("kill -TERM {process}; kill -INT {process}");
    let sent = Command::new("sh").args(["-c", &both]).status();
    assert!(sent.expect("sh").success());
    let finished = watching.end();
    finished
        .says(3, "the watch ended: interrupted")
        .never_says("interrupted twice");
    verified(&workplace);
}

#[test]
fn w14_a_second_signal_ends_it_at_once() {
    let live = Live::new();
    let workplace = begun_ago("10s", &patient(&plan(live.url(), 60, 30)));
    let watching = Watching::begin(&workplace, &["--every", "10s"]);
    watching.until("recorded  HOLD");
    // What it records last is asked for, and never answered.
    live.has(-9.0, 60.0, 2.0);
    watching.until("NO-GO  ");
    live.is(Mood::Late(Duration::from_secs(30)));
    watching.signal("-TERM");
    std::thread::sleep(Duration::from_millis(600));
    watching.signal("-TERM");
    watching.end().says(5, "interrupted twice");
    verified(&workplace);
}

#[test]
fn w14_a_signal_records_what_is_worse_than_the_last_record() {
    let (live, workplace) = begun(60, 30);
    let watching = Watching::begin(&workplace, &["--every", "4s"]);
    watching.until("recorded  HOLD");
    live.has(0.0, 60.0, 2.0);
    watching.until("NO-GO  ");
    watching.signal("-TERM");
    watching.end().says(1, "the watch ended: interrupted");
    assert_eq!(verdicts(&records(&workplace)), ["HOLD", "NO-GO"]);
    verified(&workplace);
}

#[test]
fn w14_a_hold_in_which_something_is_missing_is_worse_than_one_that_waits() {
    let (_live, workplace) = begun(60, 30);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    let pause = ["pause", "plan.yaml", "--why", "lunch", "--by", "bob"];
    workplace.gate(&pause).says(0, "recorded");
    watching.until("pause of pilot: pilot was paused by bob");
    watching.signal("-TERM");
    watching.end().says(3, "the watch ended: interrupted");
    let all = records(&workplace);
    let pending: Vec<bool> = all.iter().map(|one| one["pending"] == true).collect();
    assert_eq!(pending, [true, false]);
    verified(&workplace);
}

#[test]
fn w14_a_stop_that_is_found_while_a_signal_comes_is_recorded() {
    let live = Live::new();
    let workplace = begun_ago("30s", &patient(&plan(live.url(), 300, 3)));
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    // The newest points show the stop. Everything is asked for then, to be recorded, and the signal comes while that is not answered.
    live.has_and_holds(-20.0, 60.0, 9.0, 1);
    live.until_held();
    watching.signal("-TERM");
    watching.end().says(4, "the watch ended: a stop tripped");
    assert_eq!(verdicts(&records(&workplace)), ["HOLD", "STOP"]);
    verified(&workplace);
}

#[test]
fn w14_what_a_whole_round_found_counts_though_a_signal_cut_it_off() {
    let (live, other) = (Live::new(), Live::new());
    let both = patient(&plan(live.url(), 3000, 3))
        .replace(
            "sources: {main",
            &format!(
                "sources: {{other: {{url: \"{}\", timeout: 30s}}, main",
                other.url()
            ),
        )
        .replace("error_rate: {query", "error_rate: {source: main, query")
        .replace(
            "kpis:\n",
            "kpis:\n  queue: {source: other, query: queue, unit: percent, step: 1s, per: site}\n",
        )
        .replace("exit: {kpis: {", "exit: {kpis: {queue: \"< 1%\", ");
    let workplace = begun_ago("40m", &both);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    // What is older than the newest points is only found by a whole round, and one follows once the other source is back.
    other.is(Mood::Status(403));
    watching.until("source other is away");
    live.has(-1500.0, -1490.0, 9.0);
    live.forgets_what_was_read();
    other.is_well_and_holds(1);
    other.until_held();
    // The whole round waits for the other source alone.
    live.until_read(2000.0);
    std::thread::sleep(Duration::from_millis(300));
    watching.signal("-TERM");
    watching.end().says(4, "the watch ended: a stop tripped");
    assert_eq!(verdicts(&records(&workplace)), ["HOLD", "STOP"]);
    verified(&workplace);
}

#[test]
fn w14_a_signal_before_the_first_answer_is_told() {
    let (live, workplace) = begun(60, 2);
    live.is(Mood::Late(Duration::from_secs(5)));
    let watching = Watching::begin(&workplace, &[]);
    watching.until("watching pilot/exit of checkout");
    watching.signal("-INT");
    watching.end().says(3, "the watch ended: interrupted");
}

#[test]
fn w16_a_signal_while_notices_are_sent_ends_that_and_changes_nothing_about_the_end() {
    let live = Live::new();
    let ops = Faulty::answering(|_| {
        std::thread::sleep(Duration::from_secs(20));
        answer("200 OK", "text/plain", "")
    });
    let notify = format!(
        "notify: [{{ webhook: '{}/h', on: [STOP], timeout: 30s }}]\n",
        ops.url()
    );
    live.has(-20.0, 60.0, 9.0);
    let workplace = begun_ago("10s", &(plan(live.url(), 60, 3) + &notify));
    let watching = Watching::begin(&workplace, &[]);
    watching.until("the watch ended: a stop tripped");
    let began = std::time::Instant::now();
    watching.signal("-TERM");
    watching
        .end()
        .says(4, "nobody waits for what is still being told");
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(
        kinds(&workplace).last().map(String::as_str),
        Some("watch-ended")
    );
    verified(&workplace);
}
