//! Records that cannot be reached for a while (W12): the watch goes on, nothing is told as recorded that is not, and when they are back it is
//! as if they had never been away. For good, it ends with 5.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Watching, plan, records, rounds};
use crate::records::bucket::Bucket;
use crate::records::git::remote::git;
use crate::support::faulty::{Faulty, answer};
use crate::support::live::Live;
use crate::support::program::Workplace;

const AWAY: &str = "nothing is recorded for now";
/// What verifies of records whose plan holds a key, and is not copied.
const HELD: (i32, &str) = (3, "2 not shown, 0 off");
const VERIFIED: (i32, &str) = (0, " 0 off");
const BACK: &str = "the records are back after";

/// A stage that has just begun, with its records where `place` says.
fn begun(place: &str, window: u32, more: &str) -> (Live, Workplace) {
    let live = Live::new();
    let workplace = Workplace::with_plan(&format!(
        "records: {place}\n{}{more}",
        plan(live.url(), window, 2)
    ));
    begin(&workplace);
    (live, workplace)
}

fn begin(workplace: &Workplace) {
    gate(
        workplace,
        &["start", "plan.yaml", "pilot", "--by", "ada"],
        (0, "recorded #1"),
    );
}

/// With the cache that the watch has.
#[track_caller]
fn gate(workplace: &Workplace, words: &[&str], (code, sentence): (i32, &str)) {
    let cache = workplace.path().join("cache");
    let environment = [("XDG_CACHE_HOME", &*cache.to_string_lossy())];
    workplace
        .gate_with(words, &environment)
        .says(code, sentence);
}

fn in_bucket(bucket: &Bucket) -> String {
    format!(
        "{{s3: {{bucket: records, prefix: gate, region: eu-central-1, endpoint: '{}', access_key: AKIDEXAMPLE, secret_key: canarysecret}}}}",
        bucket.url()
    )
}

/// The entries in a bucket, oldest first.
fn entries(bucket: &Bucket) -> Vec<Value> {
    let text = bucket.text("plan.ledger.jsonl");
    let entries = text.lines().map(serde_json::from_str);
    entries.collect::<Result<_, _>>().expect("entries")
}

fn kinds(entries: &[Value]) -> Vec<&str> {
    let kinds = entries.iter().map(|entry| entry["kind"].as_str());
    kinds.collect::<Option<_>>().expect("kinds")
}

/// The record that the ledger's last check names, from its copy on this machine.
fn last_record(workplace: &Workplace) -> Value {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut folders = vec![workplace.path().join("cache/gate/records")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("copies").flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.starts_with("20")
                && path.extension().is_some_and(|ending| ending == "json")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    let text = fs::read_to_string(found.pop().expect("a record")).expect("a record");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn w12_a_store_that_goes_away_and_comes_back_changes_nothing_but_that_it_is_said() {
    let bucket = Bucket::new();
    let (_live, workplace) = begun(&in_bucket(&bucket), 40, "");
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    bucket.is_away(true);
    watching.until(AWAY);
    std::thread::sleep(Duration::from_secs(4));
    bucket.is_away(false);
    watching.until(BACK);
    // What people record is known again.
    gate(
        &workplace,
        &["pause", "plan.yaml", "--why", "lunch", "--by", "bob"],
        (0, "recorded"),
    );
    watching.until("pause of pilot: pilot was paused by bob");
    gate(
        &workplace,
        &["resume", "plan.yaml", "--why", "fed", "--by", "bob"],
        (0, "recorded"),
    );
    let finished = watching.end();
    finished
        .says(0, "GO")
        .says(0, "the records could not be reached");
    assert_eq!(finished.err.matches(AWAY).count(), 1, "{}", finished.err);
    finished.never_says("canarysecret");
    let entries = entries(&bucket);
    let checks = kinds(&entries)
        .iter()
        .filter(|kind| **kind == "checked")
        .count();
    assert_eq!(checks, 2, "{:?}", kinds(&entries));
    assert_eq!(entries.last().expect("an entry")["reason"], "complete");
    let watch = &last_record(&workplace)["watch"];
    assert_eq!(
        watch["records_away"].as_array().map(Vec::len),
        Some(1),
        "{watch}"
    );
    gate(&workplace, &["verify", "plan.yaml"], HELD);
}

#[test]
fn w12_a_stop_that_cannot_be_recorded_is_said_told_and_recorded_when_that_works_again() {
    let bucket = Bucket::new();
    let ops = Faulty::answering(|_| answer("200 OK", "text/plain", ""));
    let notify = format!("notify: [{{ webhook: '{}/h', on: [STOP] }}]\n", ops.url());
    let (live, workplace) = begun(&in_bucket(&bucket), 60, &notify);
    let mut watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    bucket.is_away(true);
    watching.until(AWAY);
    live.has(1.0, 60.0, 9.0);
    watching.until("STOP is not recorded yet");
    let said = watching.said();
    assert!(said.contains("gate pause plan.yaml"), "{said}");
    assert!(
        said.lines().count() > 12,
        "the report, line by line: {said}"
    );
    std::thread::sleep(Duration::from_secs(3));
    assert!(watching.goes_on(), "{}", watching.said());
    assert!(!watching.said().contains("recorded  STOP"));
    bucket.is_away(false);
    let finished = watching.end();
    finished.says(4, "recorded STOP");
    assert_eq!(finished.err.matches("not recorded yet").count(), 1);
    let told: Vec<Value> = ops
        .seen()
        .iter()
        .map(|asked| serde_json::from_str(&asked.body).expect("JSON"))
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(
        told[0]["data"]["evidence"],
        Value::Null,
        "it is not recorded"
    );
    let path = told[1]["data"]["evidence"]["path"].as_str();
    assert!(path.is_some_and(|path| path.contains("-stop-")), "{told:?}");
    let entries = entries(&bucket);
    assert_eq!(kinds(&entries)[3..], ["checked", "watch-ended"]);
    gate(&workplace, &["verify", "plan.yaml"], HELD);
}

#[test]
fn w12_a_place_that_takes_nothing_ends_a_watch_with_5_after_the_time_of_grace_or_at_its_own() {
    let bucket = Bucket::new();
    let (_live, workplace) = begun(&in_bucket(&bucket), 60, "");
    for more in [["--grace", "4s"], ["--for", "5s"]] {
        bucket.is_away(false);
        let watching = Watching::begin(&workplace, &more);
        watching.until("recorded  HOLD");
        let began = Instant::now();
        bucket.is_away(true);
        let finished = watching.end();
        finished
            .says(5, AWAY)
            .says(5, "the end of the watch could not be recorded");
        let lasted = began.elapsed();
        assert!((1..40).contains(&lasted.as_secs()), "{lasted:?}");
    }
    assert!(!kinds(&entries(&bucket)).contains(&"watch-ended"));
}

#[test]
fn w12_a_stop_at_a_signal_is_recorded_or_ends_with_5() {
    for is_back in [false, true] {
        let bucket = Bucket::new();
        let (live, workplace) = begun(&in_bucket(&bucket), 60, "");
        let watching = Watching::begin(&workplace, &[]);
        watching.until("recorded  HOLD");
        bucket.is_away(true);
        watching.until(AWAY);
        live.has(-1.0, 60.0, 9.0);
        watching.until("STOP is not recorded yet");
        bucket.is_away(!is_back);
        watching.signal("-TERM");
        let began = Instant::now();
        let finished = watching.end();
        let lasted = began.elapsed();
        if is_back {
            finished.says(4, "recorded STOP");
            assert_eq!(last_record(&workplace)["verdict"], "STOP");
        } else {
            finished.says(5, "the end of the watch could not be recorded");
            // Whoever ends it is not kept waiting for records.
            assert!(lasted < Duration::from_secs(30), "{lasted:?}");
        }
    }
}

#[test]
fn w12_a_remote_of_git_may_be_away_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let remote = folder.path().join("remote.git");
    let shown = remote.display().to_string();
    git(folder.path(), &["init", "--quiet", "--bare", &shown]);
    let live = Live::new();
    let workplace = Workplace::with_plan(&format!("records: git\n{}", plan(live.url(), 16, 2)));
    git(workplace.path(), &["init", "--quiet"]);
    git(workplace.path(), &["remote", "add", "origin", &shown]);
    begin(&workplace);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    let aside = remote.with_extension("away");
    fs::rename(&remote, &aside).expect("away");
    watching.until(AWAY);
    std::thread::sleep(Duration::from_secs(3));
    fs::rename(&aside, &remote).expect("back");
    watching.until(BACK);
    watching.end().says(0, "GO");
    gate(&workplace, &["verify", "plan.yaml"], VERIFIED);
}

#[test]
fn w12_a_folder_that_is_not_mounted_for_a_moment_is_no_rollout_that_has_not_begun() {
    for is_empty in [false, true] {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("records");
        fs::create_dir(&place).expect("a folder");
        let (_live, workplace) = begun(&format!("{{path: '{}'}}", place.display()), 16, "");
        let watching = Watching::begin(&workplace, &[]);
        watching.until("recorded  HOLD");
        let aside = folder.path().join("aside");
        fs::rename(&place, &aside).expect("away");
        if is_empty {
            fs::create_dir(&place).expect("where it was mounted");
        }
        watching.until(AWAY);
        std::thread::sleep(Duration::from_secs(3));
        if is_empty {
            fs::remove_dir_all(&place).expect("where it was mounted");
        }
        fs::rename(&aside, &place).expect("back");
        watching.until(BACK);
        watching.end().says(0, "GO");
        gate(&workplace, &["verify", "plan.yaml"], VERIFIED);
    }
}

#[test]
fn w12_a_ledger_that_is_damaged_ends_a_watch_at_once() {
    let (_live, workplace) = super::begun(60, 3);
    let watching = Watching::begin(&workplace, &[]);
    watching.until("recorded  HOLD");
    let path = workplace.path().join("plan.ledger.jsonl");
    let text = fs::read_to_string(&path).expect("a ledger");
    fs::write(&path, text.replacen("pilot", "other", 1)).expect("a ledger");
    let began = Instant::now();
    let finished = watching.end();
    finished.says(5, "is broken");
    assert!(began.elapsed() < Duration::from_secs(20), "{finished:?}");
    assert!(!rounds(&workplace).is_empty() && !records(&workplace).is_empty());
}

#[test]
fn w6_what_somebody_records_from_another_clone_counts_in_the_next_round() {
    let folder = tempfile::tempdir().expect("a folder");
    let remote = folder.path().join("remote.git");
    let shown = remote.display().to_string();
    git(folder.path(), &["init", "--quiet", "--bare", &shown]);
    let live = Live::new();
    let text = format!("records: git\n{}", plan(live.url(), 120, 2));
    let clone = || {
        let workplace = Workplace::with_plan(&text);
        git(workplace.path(), &["init", "--quiet"]);
        git(workplace.path(), &["remote", "add", "origin", &shown]);
        workplace
    };
    let (here, there) = (clone(), clone());
    begin(&here);
    let watching = Watching::begin(&here, &[]);
    watching.until("recorded  HOLD");
    for (command, seen) in [
        ("pause", "pause of pilot: pilot was paused by bob"),
        ("resume", "settled    pause of pilot"),
    ] {
        let words = [command, "plan.yaml", "--why", "lunch", "--by", "bob"];
        gate(&there, &words, (0, "recorded"));
        watching.until(seen);
    }
    watching.signal("-TERM");
    watching.end().says(3, "interrupted");
}
