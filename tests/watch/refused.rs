//! What cannot be watched is refused before anything is asked, and nothing is recorded.

use std::time::Duration;

use super::{Watching, begun, kinds, plan};
use crate::support::live::Live;
use crate::support::program::Workplace;

#[test]
fn what_cannot_be_watched_is_refused_and_says_what_to_do() {
    let live = Live::new();
    let workplace = Workplace::with_plan(&plan(live.url(), 20, 3));
    let watch =
        |more: &[&str]| workplace.gate(&[&["watch", "plan.yaml", "--by", "ada"], more].concat());
    watch(&[]).says(
        2,
        "nothing has begun; a stage begins with `gate start plan.yaml pilot`",
    );
    watch(&["--stage", "other"]).says(2, "the plan has no stage `other`: it has pilot");
    assert!(!workplace.path().join("plan.ledger.jsonl").exists());
    workplace
        .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(0, "recorded #1");
    watch(&["--every", "0s"]).says(2, "not a whole number of seconds from 1s to 1h");
    watch(&["--every", "1500ms"]).says(2, "not a whole number of seconds from 1s to 1h");
    watch(&["--every", "30s"]).says(2, "longer than the window of 20s");
    watch(&["--for", "1h", "--until", "2099-01-01T00:00:00Z"]).says(2, "cannot be used with");
    watch(&["--until", "2001-01-01T00:00:00Z"]).says(2, "has passed");
    watch(&["--at", "1h"]).says(2, "a watch judges what is measured now");
    watch(&["--replay", "answers.json.gz"]).says(2, "a watch judges what is measured now");
    watch(&["--grace", "soon"]).says(2, "--grace");
    watch(&["other.yaml"]).says(2, "unexpected argument");
    assert_eq!(kinds(&workplace), ["started"]);
    let asked = live.asked();
    assert!(asked.is_empty(), "{asked:?}");
}

#[test]
fn a_stage_that_measures_nothing_has_nothing_to_watch() {
    let workplace = Workplace::with_plan(
        "release: r\nstages:\n  - {name: pilot, exit: {confirmations: [lead]}}\n",
    );
    workplace
        .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(0, "recorded #1");
    let watch = workplace.gate(&["watch", "plan.yaml", "--by", "ada"]);
    watch.says(
        2,
        "asks about no KPI and no alert, so there is nothing to watch; see `gate status plan.yaml`",
    );
}

#[test]
fn w2_a_second_watch_is_refused_and_a_new_one_begins_after_the_first_was_killed() {
    let (_live, workplace) = begun(40, 3);
    let first = Watching::begin(&workplace, &[]);
    first.until("recorded  HOLD");
    let second = Watching::begin(&workplace, &[]).end();
    second.says(2, "pilot is watched already, by process");
    second.says(2, "--no-ledger --stage pilot --started 20");
    let unknown = workplace.gate(&["watch", "plan.yaml", "--no-ledger"]);
    unknown.says(2, "say so with --started");
    std::thread::sleep(Duration::from_millis(1500));
    first.signal("-KILL");
    assert_eq!(first.end().code, -1);
    let third = Watching::begin(&workplace, &["--for", "2s"]).end();
    third.says(3, "its time is over");
}
