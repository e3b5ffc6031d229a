//! `gate check --wait`: judged again until it is decided.

use std::time::Duration;

use super::{Watching, begun, plan, records, verified};
use crate::support::live::{Live, Mood};
use crate::support::program::Workplace;

#[test]
fn a_check_waits_until_it_is_decided_and_records_the_first_and_the_last() {
    let (_live, workplace) = begun(10, 3);
    let check = [
        "check",
        "plan.yaml",
        "--by",
        "ada",
        "--wait",
        "30s",
        "--every",
        "1s",
    ];
    workplace.gate(&check).says(0, "pilot/exit: 1/1 met");
    let all = records(&workplace);
    assert_eq!(all.len(), 2);
    assert_eq!(
        (&all[0]["verdict"], &all[0]["pending"]),
        (&"HOLD".into(), &true.into())
    );
    verified(&workplace);
}

#[test]
fn at_the_limit_it_ends_with_the_last_verdict() {
    let (live, workplace) = begun(60, 30);
    let check = [
        "check",
        "plan.yaml",
        "--by",
        "ada",
        "--wait",
        "3s",
        "--every",
        "1s",
    ];
    workplace.gate(&check).says(3, "window runs");
    live.has(-1.0, 60.0, 2.0);
    workplace.gate(&check).says(1, "error_rate");
    let until_go = [&check[..], &["--until", "go"]].concat();
    let began = std::time::Instant::now();
    workplace.gate(&until_go).says(1, "error_rate");
    assert!(
        // Times are whole seconds.
        began.elapsed() >= Duration::from_millis(1900),
        "{:?}",
        began.elapsed()
    );
    verified(&workplace);
}

#[test]
fn a_stop_ends_it_at_once_and_a_signal_is_hold() {
    let (live, workplace) = begun(60, 2);
    let check = [
        "check",
        "plan.yaml",
        "--by",
        "ada",
        "--wait",
        "40s",
        "--every",
        "1s",
    ];
    let checking = Watching::run(&workplace, &check);
    checking.until("HOLD pilot/exit");
    checking.signal("-TERM");
    checking.end().says(3, "window runs");
    live.has(1.0, 60.0, 9.0);
    let until_go = [&check[..], &["--until", "go"]].concat();
    workplace.gate(&until_go).says(4, "tripped");
    verified(&workplace);
}

#[test]
fn what_cannot_be_waited_for_is_refused() {
    let (_live, workplace) = begun(60, 2);
    let with =
        |more: &[&str]| workplace.gate(&[&["check", "plan.yaml", "--by", "ada"], more].concat());
    with(&["--wait", "3s", "--every", "100ms"]).says(2, "from 1s to 1h");
    with(&["plan.yaml", "--wait", "3s"]).says(2, "--wait is for a single plan");
    with(&["--every", "2s"]).says(2, "--wait");
    with(&["--wait", "3s", "--at", "1m"]).says(2, "cannot be used with");
    with(&["--wait", "3s", "--accept-overrides"]).says(2, "cannot be used with");
}

#[test]
fn no_slow_answer_keeps_it_beyond_its_limit_for_long() {
    let live = Live::new();
    let text = plan(live.url(), 60, 30).replace("timeout: 3s", "timeout: 30s");
    let workplace = Workplace::with_plan(&text);
    let start = ["start", "plan.yaml", "pilot", "--by", "ada"];
    workplace.gate(&start).says(0, "recorded #1");
    live.is(Mood::Late(Duration::from_secs(20)));
    let began = std::time::Instant::now();
    let check = ["check", "plan.yaml", "--by", "ada", "--wait", "3s"];
    let waited = workplace.gate(&[&check[..], &["--every", "1s"]].concat());
    waited.says(3, "HOLD");
    assert!(began.elapsed() < Duration::from_secs(15), "{waited:?}");
    verified(&workplace);
}
