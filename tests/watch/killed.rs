//! Killed at any moment, and begun again: the ledger holds, no file is half, the verdict is the same, each change was told, under one id.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::{Watching, entries, kinds, plan, verified};
use crate::support::faulty::{Faulty, answer};
use crate::support::live::Live;
use crate::support::program::Workplace;
use crate::support::random::Random;

/// How often it is killed.
fn kills() -> usize {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no other way to be asked for more"
    )]
    let asked = std::env::var("GATE_KILLS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(12)
}

/// A stage of which one share is bad now and then, so that its verdict changes, and is GO at last; and who is told.
fn changing(window: u32) -> (Live, Faulty, Workplace) {
    let live = Live::new();
    live.has(-1.0, 1.0, 2.0);
    for third in [1, 3, 5] {
        let begins = f64::from(window) * f64::from(third) / 8.0;
        live.has(begins, begins + f64::from(window) / 40.0, 2.0);
    }
    let ops = Faulty::answering(|_| answer("200 OK", "text/plain", ""));
    let text = plan(live.url(), window, 30).replacen("\"< 1%\"", "\"< 1% for 80%\"", 1);
    let notify = format!("notify: [{{ webhook: '{}/h' }}]\n", ops.url());
    let workplace = Workplace::with_plan(&format!("{text}{notify}"));
    workplace
        .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(0, "recorded #1");
    (live, ops, workplace)
}

/// When the recorded verdict changed, and to what; the first if it is NO-GO.
fn changes(workplace: &Workplace) -> BTreeSet<(String, String)> {
    let (mut before, mut changes) = (String::from("HOLD"), BTreeSet::new());
    for entry in entries(workplace) {
        if entry["kind"] != "checked" {
            continue;
        }
        let (at, verdict) = (&entry["evaluated_at"], &entry["gates"][0]["verdict"]);
        let of = |value: &Value| value.as_str().expect("text").to_owned();
        let (at, verdict) = (of(at), of(verdict));
        if verdict != before {
            changes.insert((at, verdict.clone()));
        }
        before = verdict;
    }
    changes
}

#[test]
#[ignore = "takes as long as its kills: tests/all.sh"]
fn w15_killed_at_random_moments_it_ends_with_the_same_verdict() {
    let kills = kills();
    let window = u32::try_from(kills).expect("few kills") * 3 + 20;
    let (_live, ops, workplace) = changing(window);
    let mut random = Random::named("kills of a watch");
    for kill in 0..kills {
        let watching = Watching::begin(&workplace, &[]);
        let pause = 50 + random.below(1500);
        std::thread::sleep(Duration::from_millis(
            u64::try_from(pause).expect("a pause"),
        ));
        watching.signal("-KILL");
        assert_eq!(watching.end().code, -1);
        let ledger = workplace.gate(&["ledger", "plan.yaml", "verify"]);
        ledger.says(0, "every line verified");
        if kill % 10 == 0 {
            verified(&workplace);
        }
    }
    Watching::begin(&workplace, &[]).end().says(0, "GO");
    verified(&workplace);
    let ended = kinds(&workplace)
        .iter()
        .filter(|kind| *kind == "watch-ended")
        .count();
    assert_eq!(ended, 1);
    // What a kill leaves half is a draft, which nobody sees: the rest was verified.
    for draft in workplace.files("plan.evidence", ".tmp") {
        let name = draft.file_name().expect("a name").to_string_lossy();
        assert!(name.starts_with('.'), "{name}");
    }
    told_each(&ops, &workplace);
}

/// Each change that is recorded was told, and none under two ids.
#[track_caller]
fn told_each(ops: &Faulty, workplace: &Workplace) {
    let (mut told, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for asked in ops.seen() {
        let event: Value = serde_json::from_str(&asked.body).expect("JSON");
        let of = |value: &Value| value.as_str().expect("text").to_owned();
        ids.insert(of(&event["id"]));
        told.insert((of(&event["time"]), of(&event["data"]["verdict"])));
    }
    assert_eq!(told, changes(workplace), "{} notices", ops.seen().len());
    assert_eq!(ids.len(), told.len());
    println!("{} changes, {} notices", told.len(), ops.seen().len());
}
