//! Ledger and records hold each other (T1 to T4, T6): a ledger that was set back, rewritten or removed is found out before anything
//! is judged or recorded, `gate verify` finds what was changed, moved or left out, and there is a way forward from each.

use std::fs;
use std::path::{Path, PathBuf};

use crate::past::{self, rolled_back};
use crate::support::program::{Finished, Workplace};
use crate::support::sealed::{resealed, rewritten};
use gate::ledger::Event;

pub const LEDGER: &str = "plan.ledger.jsonl";
pub const PLAN: &str = "
release: R1.0
stages:
  - name: pilot
    entry: { confirmations: [ready] }
    stop: { incidents: { open: [sev1] } }
    exit: { confirmations: [lead] }
  - { name: wave-1, exit: { confirmations: [lead] } }
";
pub const EXIT: [&str; 4] = ["check", "plan.yaml", "--gate", "pilot/exit"];

/// A rollout of two stages.
pub struct Rollout(pub Workplace);

impl Rollout {
    /// Pilot is running, and would be left.
    pub fn begun() -> Self {
        let rollout = Self(Workplace::with_plan(PLAN));
        rollout.does(&["confirm", "plan.yaml", "ready", "--stage", "pilot"]);
        rollout
            .check(&["check", "plan.yaml", "--gate", "pilot/entry"])
            .says(0, "GO");
        rollout.does(&["start", "plan.yaml", "pilot"]);
        rollout.does(&["confirm", "plan.yaml", "lead", "--stage", "pilot"]);
        rollout
    }

    /// A stop of pilot has tripped, and what tripped it is over; the ledger as it was before the incident.
    pub fn stopped() -> (Self, String) {
        let rollout = Self::begun();
        let before = rollout.ledger();
        let fire = ["--severity", "sev1", "--description", "fire"];
        rollout.does(&[&["incident", "plan.yaml", "open"][..], &fire].concat());
        rollout.check(&EXIT).says(4, "STOP");
        rollout.does(&["incident", "plan.yaml", "close", "INC-1", "--why", "mended"]);
        (rollout, before)
    }

    pub fn check(&self, words: &[&str]) -> Finished {
        self.0.gate(&[words, &["--by", "ci"]].concat())
    }

    pub fn does(&self, words: &[&str]) {
        let did = self.0.gate(&[words, &["--by", "mara"]].concat());
        assert_eq!(did.code, 0, "{did:?}");
    }

    pub fn refuses(&self, words: &[&str], code: i32, sentence: &str) {
        let did = self.0.gate(&[words, &["--by", "mara"]].concat());
        did.says(code, "nothing was recorded: ")
            .says(code, sentence);
    }

    pub fn verify(&self) -> Finished {
        self.0.gate(&["verify", "plan.evidence"])
    }

    pub fn ledger(&self) -> String {
        fs::read_to_string(self.0.path().join(LEDGER)).expect("a ledger")
    }

    /// The last record of this verdict.
    pub fn record(&self, verdict: &str) -> PathBuf {
        let mut found = self.0.files("plan.evidence", ".json");
        found.retain(|path| path.to_string_lossy().contains(&format!("Z-{verdict}")));
        found.sort_by_key(|path| {
            path.metadata()
                .and_then(|of| of.modified())
                .expect("a time")
        });
        found.last().expect("a record").clone()
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

pub fn without(path: &Path) {
    fs::remove_file(path).expect("removed");
}

#[test]
fn t1_a_ledger_that_was_set_back_lets_nothing_be_judged_or_recorded() {
    let (rollout, before) = Rollout::stopped();
    let whole = rollout.ledger();
    rollout.0.write(LEDGER, &before);
    let said = "the ledger was set back: 6 entries were seen at 20";
    rollout
        .check(&EXIT)
        .says(5, "no verdict was reached")
        .says(5, said)
        .says(5, ", 4 are left");
    rollout.refuses(&["start", "plan.yaml", "wave-1"], 5, said);
    let signing = ["approve", "plan.yaml", "product", "--gate", "pilot/exit"];
    rollout.refuses(&signing, 5, said);
    let proceeding = [
        "override",
        "plan.yaml",
        "pilot/exit",
        "--expires",
        "1h",
        "--why",
        "x",
    ];
    rollout.refuses(&proceeding, 5, said);
    rollout.refuses(&["note", "plan.yaml", "fine"], 5, said);
    rollout.0.gate(&["status", "plan.yaml"]).says(5, said);
    let summary = ["report", "plan.evidence", "--format", "summary"];
    rollout
        .0
        .gate(&summary)
        .says(5, "no report was written")
        .says(5, said);
    rollout.verify().says(1, said);
    let verify = ["ledger", "plan.yaml", "verify"];
    rollout
        .0
        .gate(&verify)
        .says(5, "every line is verified, but not the ledger")
        .says(5, said);
    assert_eq!(rollout.ledger(), before);
    // The way out.
    rollout.0.write(LEDGER, whole);
    rollout.check(&EXIT).says(4, "nobody has resumed");
}

#[test]
fn t1_a_ledger_of_the_same_length_on_another_branch_is_found() {
    let (rollout, before) = Rollout::stopped();
    let other = Rollout(Workplace::with_plan(PLAN));
    other.0.write(LEDGER, before);
    for text in ["one", "two", "three"] {
        other.does(&["note", "plan.yaml", text]);
    }
    rollout.0.write(LEDGER, other.ledger());
    let said = "entry 5 is not the one that the check for";
    rollout.check(&EXIT).says(5, said);
    rollout.refuses(&["start", "plan.yaml", "wave-1"], 5, said);
    // The record is of the other branch: without it, this ledger goes on.
    fs::rename(rollout.record("stop"), rollout.at("elsewhere.json")).expect("moved");
    rollout.check(&EXIT).says(0, "GO");
}

/// The same files on another machine.
fn cloned(rollout: &Rollout) -> Rollout {
    let other = Workplace::new();
    fs::create_dir(other.path().join("plan.evidence")).expect("a folder");
    for name in ["plan.yaml", LEDGER] {
        fs::copy(rollout.at(name), other.path().join(name)).expect("copied");
    }
    let other = Rollout(other);
    brought(rollout, &other);
    other
}

/// Brings the evidence of one machine to another, as a merge does.
fn brought(from: &Rollout, to: &Rollout) {
    for path in from.0.files("plan.evidence", "") {
        let name = path.file_name().expect("a name");
        let place = to.at("plan.evidence").join(name);
        if !place.exists() {
            fs::copy(&path, place).expect("copied");
        }
    }
}

#[test]
fn t1_two_machines_that_went_apart_are_not_merged_by_leaving_out_one_ledger() {
    let ours = Rollout::begun();
    let theirs = cloned(&ours);
    let fire = ["--severity", "sev1", "--description", "fire"];
    theirs.does(&[&["incident", "plan.yaml", "open"][..], &fire].concat());
    theirs.check(&EXIT).says(4, "STOP");
    ours.check(&EXIT).says(0, "GO");
    // Each by itself goes on.
    cloned(&ours).does(&["start", "plan.yaml", "wave-1"]);
    brought(&theirs, &ours);
    let said = "the ledger was set back: 6 entries were seen at 20";
    ours.refuses(&["start", "plan.yaml", "wave-1"], 5, said);
    ours.check(&EXIT).says(5, said);
    brought(&ours, &theirs);
    let other = "entry 5 is not the one that records the check for";
    theirs.check(&EXIT).says(5, other);
    // The way out: the record that is not of this ledger goes.
    without(&ours.record("stop"));
    ours.does(&["start", "plan.yaml", "wave-1"]);
    ours.verify().never_says("OFF");
}

#[test]
fn t1_a_check_of_another_time_speaks_of_its_own_entry_too() {
    for time in ["1h", "2099-01-01T00:00:00Z"] {
        let rollout = Rollout::begun();
        let before = rollout.ledger();
        let at = [&EXIT[..], &["--at", time]].concat();
        assert_ne!(rollout.check(&at).code, 5, "{time}");
        rollout.does(&["note", "plan.yaml", "quiet"]);
        rollout.check(&EXIT).says(0, "GO");
        rollout.verify().says(0, "3 of 3 verified");
        without(&rollout.record("go"));
        rollout.0.write(LEDGER, before);
        let said = "the ledger was set back: 5 entries were seen at 20";
        rollout.check(&EXIT).says(5, said);
        rollout.check(&at).says(5, said);
    }
}

#[test]
fn t1_a_ledger_that_is_gone_or_empty_is_a_hold_until_one_is_begun() {
    for emptied in [false, true] {
        let (rollout, _) = Rollout::stopped();
        without(&rollout.at(LEDGER));
        if emptied {
            rollout.0.write(LEDGER, "");
        }
        let said = "2 records were recorded in it: it had 6 entries at";
        let begin = "gate ledger plan.yaml begin --why <reason>";
        let checked = rollout.check(&[&EXIT[..], &["--started", "1h"]].concat());
        checked.says(3, "HOLD").says(3, said).says(3, begin);
        rollout.refuses(&["start", "plan.yaml", "wave-1"], 5, said);
        rollout.0.gate(&["status", "plan.yaml"]).says(5, said);
        let list = ["incident", "plan.yaml", "list"];
        rollout
            .0
            .gate(&list)
            .says(5, "nothing was listed")
            .says(5, said);
        let (code, shown) = if emptied {
            (1, "set back")
        } else {
            (3, "ought to be")
        };
        rollout.verify().says(code, shown);
        // The way out, after which nothing that was before counts: no start, no stop.
        let begins = ["ledger", "plan.yaml", "begin", "--by", "mara"];
        rollout.0.gate(&begins).says(2, "it needs a reason");
        let begins = [&begins[..], &["--why", "the disk was wiped"]].concat();
        rollout
            .0
            .gate(&begins)
            .says(0, "2 records are set aside, the last of them STOP");
        rollout
            .0
            .gate(&begins)
            .says(1, "no ledger was begun: plan.ledger.jsonl is there");
        rollout.check(&EXIT).says(3, "pilot has not begun");
        rollout.does(&["confirm", "plan.yaml", "ready", "--stage", "pilot"]);
        rollout
            .check(&["check", "plan.yaml", "--gate", "pilot/entry"])
            .says(0, "GO");
        rollout.does(&["start", "plan.yaml", "pilot"]);
        rollout.verify().says(3, "set it aside").never_says("OFF");
        let listed = rollout.0.gate(&["ledger", "plan.yaml"]);
        listed.says(
            0,
            "began a new ledger in the place of one that is gone; set aside plan.evidence/",
        );
    }
}

#[test]
fn t1_what_a_check_of_a_lost_ledger_found_is_found_again_from_its_answers() {
    let (rollout, _) = Rollout::stopped();
    without(&rollout.at(LEDGER));
    rollout.check(&EXIT).says(3, "HOLD");
    let record = rollout.record("hold");
    rollout
        .0
        .gate(&["verify", &record.to_string_lossy()])
        .says(0, "the same to the byte");
    assert!(!rollout.at(LEDGER).exists());
}

#[test]
fn t1_nothing_is_begun_where_nothing_is_missing() {
    let rollout = Rollout(Workplace::with_plan(PLAN));
    let begins = ["ledger", "plan.yaml", "begin", "--why", "x", "--by", "mara"];
    rollout.0.gate(&begins).says(
        1,
        "no record beside the plan was recorded in plan.ledger.jsonl",
    );
    assert!(!rollout.at(LEDGER).exists());
}

#[test]
fn t1_records_of_another_release_or_plan_or_without_a_ledger_do_not_count() {
    let (rollout, _) = Rollout::stopped();
    let without_ledger = [&EXIT[..], &["--no-ledger", "--started", "1h"]].concat();
    rollout.check(&without_ledger);
    without(&rollout.at(LEDGER));
    rollout.0.write("plan.yaml", PLAN.replace("R1.0", "R1.1"));
    rollout
        .check(&EXIT)
        .says(3, "HOLD")
        .never_says("is missing");
    assert!(rollout.at(LEDGER).exists());
}

#[test]
fn t1_records_that_were_written_elsewhere_speak_for_checks_that_write_there() {
    let rollout = Rollout::begun();
    let elsewhere = [&EXIT[..], &["--evidence", "out"]].concat();
    let before = rollout.ledger();
    rollout.check(&elsewhere).says(0, "GO");
    rollout.0.write(LEDGER, before);
    rollout.check(&elsewhere).says(5, "the ledger was set back");
}

#[test]
fn t1_a_replay_beside_the_records_locks_nobody_out() {
    let rollout = Rollout::begun();
    rollout.check(&EXIT).says(0, "GO");
    let answers = rollout.record("go").with_extension("answers.json.gz");
    let answers = answers.to_string_lossy().into_owned();
    let replay = ["check", "plan.yaml", "--replay", &answers];
    rollout.0.gate(&replay).says(0, "GO");
    let other = [&replay[..], &["--gate", "wave-1/exit"]].concat();
    rollout.0.gate(&other).says(3, "HOLD");
    rollout.check(&EXIT).says(0, "GO");
    rollout.does(&["start", "plan.yaml", "wave-1"]);
}

#[test]
fn t1_records_that_are_links_speak_too() {
    let (rollout, before) = Rollout::stopped();
    let store = rollout.0.path().join("store");
    fs::create_dir(&store).expect("a folder");
    for record in rollout.0.files("plan.evidence", ".json") {
        let kept = store.join(record.file_name().expect("a name"));
        fs::rename(&record, &kept).expect("moved");
        std::os::unix::fs::symlink(&kept, &record).expect("linked");
    }
    rollout.0.write(LEDGER, &before);
    let said = "the ledger was set back: 6 entries were seen at 20";
    rollout.check(&EXIT).says(5, said);
    rollout.refuses(&["start", "plan.yaml", "wave-1"], 5, said);
}

#[test]
fn t1_the_last_entry_that_was_rewritten_and_sealed_again_is_found() {
    let (rollout, _) = Rollout::stopped();
    let text = rollout.ledger();
    let check = text.lines().count() - 2;
    rollout
        .0
        .write(LEDGER, rewritten(&text, check, "\"STOP\"", "\"GO\""));
    let said = "entry 6 says something else: verdict, gates";
    rollout
        .check(&EXIT)
        .says(5, "is not the one that records the check for");
    rollout.refuses(&["start", "plan.yaml", "wave-1"], 5, "entry 6");
    rollout
        .verify()
        .says(1, "entry 6 is not the one that records the check for");
    // Only the gates of it.
    let gates = text.replacen(
        "\"gates\":[{\"gate\":\"pilot/exit\",\"verdict\":\"STOP\"",
        "\"gates\":[{\"gate\":\"pilot/exit\",\"verdict\":\"GO\"",
        1,
    );
    rollout.0.write(LEDGER, resealed(&gates, check));
    rollout
        .check(&EXIT)
        .says(5, "entry 6 says something else: gates");
    rollout
        .verify()
        .says(1, "entry 6 says something else: gates")
        .never_says(said);
}

#[test]
fn t4_who_when_and_why_of_a_check_are_in_its_record() {
    let rollout = Rollout::begun();
    rollout.check(&EXIT).says(0, "GO");
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(rollout.record("go")).expect("a record")).expect("JSON");
    let entry = &record["ledger"]["entry"];
    let text = rollout.ledger();
    let line = text.lines().last().expect("a line");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(entry["number"], line["n"]);
    for key in ["prev", "at", "by", "why", "links"] {
        assert_eq!(entry[key], line[key], "{key}");
    }
    let last = text.lines().count() - 1;
    for (from, to) in [
        ("\"name\":\"ci\"", "\"name\":\"cj\""),
        ("\"why\":\"\"", "\"why\":\"because\""),
        ("\"links\":[]", "\"links\":[\"https://example.com\"]"),
    ] {
        rollout.0.write(LEDGER, rewritten(&text, last, from, to));
        rollout
            .verify()
            .says(1, "is not the one that records the check for");
        rollout
            .check(&EXIT)
            .says(5, "is not the one that records the check for");
    }
}

#[test]
fn t2_a_record_that_is_named_and_not_there_is_off() {
    let (rollout, _) = Rollout::stopped();
    without(&rollout.record("stop"));
    rollout
        .verify()
        .says(1, "STOP at")
        .says(1, "in entry 6 of ./plan.ledger.jsonl")
        .says(1, "OFF record it ought to be there")
        .says(1, "1 of 2 verified, 0 not shown, 1 off");
    // All of them.
    without(&rollout.record("go"));
    rollout
        .verify()
        .says(1, "0 of 2 verified, 0 not shown, 2 off");
}

fn renamed(rollout: &Rollout) {
    let record = rollout.record("stop");
    fs::rename(&record, record.with_extension("old.json")).expect("renamed");
}

fn moved(rollout: &Rollout) {
    let record = rollout.record("stop");
    let below = record.parent().expect("a folder").join("old");
    fs::create_dir(&below).expect("a folder");
    fs::rename(&record, below.join(record.file_name().expect("a name"))).expect("moved");
}

fn swapped(rollout: &Rollout) {
    let (one, other) = (rollout.record("stop"), rollout.record("go"));
    let kept = rollout.at("kept");
    fs::rename(&one, &kept).expect("moved");
    fs::rename(&other, &one).expect("moved");
    fs::rename(&kept, &other).expect("moved");
}

fn copied(rollout: &Rollout) {
    let record = rollout.record("go");
    let name = record
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let later = name.replacen("20", "21", 1);
    fs::copy(&record, record.with_file_name(later)).expect("copied");
}

fn numbered(rollout: &Rollout) {
    let record = rollout.record("go");
    let name = record
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let second = name.replace(".json", "-2.json");
    fs::copy(&record, record.with_file_name(second)).expect("copied");
}

#[test]
fn t2_records_that_were_renamed_moved_swapped_or_copied_are_off() {
    for (what, attack) in [
        ("renamed", renamed as fn(&Rollout)),
        ("moved", moved),
        ("swapped", swapped),
        ("copied", copied),
        ("numbered", numbered),
    ] {
        let (rollout, _) = Rollout::stopped();
        rollout.verify().says(0, "2 of 2 verified");
        attack(&rollout);
        let verified = rollout.verify();
        assert!(
            verified.code == 1 && verified.out.contains("OFF"),
            "{what}: {verified:?}"
        );
    }
}

#[test]
fn t2_a_ledger_or_a_text_that_is_not_there_is_not_shown() {
    let (rollout, _) = Rollout::stopped();
    without(&rollout.record("go").with_extension("txt"));
    rollout
        .verify()
        .says(3, "not shown report")
        .says(3, "1 of 2 verified, 1 not shown, 0 off");
    let (rollout, _) = Rollout::stopped();
    without(&rollout.at(LEDGER));
    rollout
        .verify()
        .says(3, "not shown ledger plan.ledger.jsonl ought to be");
}

#[test]
fn t2_other_files_in_the_folder_are_left_alone() {
    let (rollout, _) = Rollout::stopped();
    for (name, text) in [
        ("plan.evidence/report.html", "<p>"),
        ("plan.evidence/rounds.jsonl", "{}\n"),
        (
            "plan.evidence/summary.json",
            "{\"schema\": \"gate.status/v1\"}",
        ),
        ("plan.evidence/.20261120T140000Z-go.json.tmp", "{"),
    ] {
        rollout.0.write(name, text);
    }
    rollout
        .verify()
        .says(0, "2 of 2 verified, 0 not shown, 0 off");
}

#[test]
fn t3_without_a_ledger_every_field_of_a_record_counts() {
    for (from, to) in [
        ("\"accept_overrides\": false", "\"accept_overrides\": true"),
        (
            "\"notes\": []\n}",
            "\"notes\": [\"the plan has changed since its answers were recorded (it was sha256 0…): fine\"]\n}",
        ),
        (
            concat!("\"version\": \"", env!("CARGO_PKG_VERSION")),
            "\"version\": \"0.0.9",
        ),
        ("\"why\": \"\"", "\"why\": \"because\""),
    ] {
        let rollout = Rollout::begun();
        without(&rollout.at(LEDGER));
        let record = rollout.record("go");
        let text = fs::read_to_string(&record).expect("a record");
        assert!(text.contains(from), "{from}");
        let at = text.rfind(from).expect("there");
        let changed = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
        fs::write(&record, changed).expect("written");
        let verified = rollout.verify();
        assert!(
            verified.code == 1 && verified.out.contains("OFF"),
            "{from}: {verified:?}"
        );
    }
}

#[test]
fn t3_the_copy_of_another_check_does_not_stand_for_a_lost_one() {
    let (rollout, _) = Rollout::stopped();
    let (record, other) = (rollout.record("go"), rollout.record("stop"));
    let name = |path: &Path| {
        path.file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    };
    let text = fs::read_to_string(&record).expect("a record");
    let from = format!("{}.plan.yaml", name(&record));
    let changed = text.replace(&from, &format!("{}.plan.yaml", name(&other)));
    assert_ne!(text, changed);
    fs::write(&record, changed).expect("written");
    without(&rollout.at(LEDGER));
    rollout.verify().says(1, "OFF name it names");
}

#[test]
#[cfg(unix)]
fn t3_a_pipe_in_the_place_of_any_file_is_refused_at_once() {
    let files = |rollout: &Rollout| {
        let record = rollout.record("go");
        let kept = ["json", "txt", "answers.json.gz", "plan.yaml", "json.sig"];
        let beside = kept.map(|ending| record.with_extension(ending));
        beside
            .into_iter()
            .chain([rollout.at(LEDGER)])
            .collect::<Vec<_>>()
    };
    for place in 0..6 {
        let rollout = Rollout::begun();
        let path = files(&rollout)[place].clone();
        let _ = fs::remove_file(&path);
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("mkfifo runs").success());
        let mut running = rollout.0.command(&["verify", "plan.evidence"], &[]);
        let mut child = running
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("gate runs");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let status = loop {
            if let Some(status) = child.try_wait().expect("a status") {
                break Some(status);
            }
            if std::time::Instant::now() > deadline {
                let _ = child.kill();
                break None;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        };
        let status = status.unwrap_or_else(|| panic!("it waits for {}", path.display()));
        let expected: &[i32] = if place == 4 { &[0, 1, 3] } else { &[1, 3] };
        assert!(
            expected.contains(&status.code().unwrap_or(-1)),
            "{}: {status}",
            path.display()
        );
        // Nothing else waits for it either.
        rollout.check(&["check", "plan.yaml", "--gate", "pilot/exit"]);
    }
}

/// Appends what a machine recorded whose clock differs by so many seconds.
fn by_another_clock(rollout: &Rollout, seconds: i64, event: Event) {
    let ledger = past::appended(rollout.ledger().as_bytes(), seconds, event);
    rollout.0.write(LEDGER, ledger);
}

#[test]
fn t6_a_rollback_by_a_clock_that_is_behind_holds_the_next_stage() {
    for seconds in [-30, -600, 600] {
        let rollout = Rollout::begun();
        rollout.check(&EXIT).says(0, "GO");
        by_another_clock(&rollout, seconds, rolled_back("pilot"));
        rollout
            .0
            .gate(&["start", "plan.yaml", "wave-1", "--by", "mara"])
            .says(1, "pilot was rolled back");
        rollout
            .0
            .gate(&["status", "plan.yaml"])
            .says(0, "ROLLED BACK");
        let checked = rollout.check(&EXIT);
        assert_ne!(checked.code, 0, "{seconds}: {checked:?}");
        rollout.check(&[
            "check",
            "plan.yaml",
            "--gate",
            "wave-1/exit",
            "--started",
            "1m",
        ]);
        if seconds < 0 {
            let said = "times in the ledger run backwards: #6 is dated";
            checked
                .says(3, said)
                .says(3, "before #5; the numbers are the order");
            rollout.0.gate(&["ledger", "plan.yaml"]).says(0, said);
        } else {
            rollout
                .0
                .gate(&["ledger", "plan.yaml"])
                .says(0, "run backwards: #7 is dated");
        }
        rollout.verify().never_says("OFF");
    }
}

#[test]
fn t6_whoever_records_with_a_clock_that_is_behind_is_told() {
    let rollout = Rollout::begun();
    let noted = Event::Noted {
        stage: None,
        text: "quiet".to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    by_another_clock(&rollout, 90, noted);
    let paused = ["pause", "plan.yaml", "--why", "fire", "--by", "mara"];
    rollout
        .0
        .gate(&paused)
        .says(0, "note: #6 is dated 1m")
        .says(0, "before #5: one of the clocks is wrong");
}
