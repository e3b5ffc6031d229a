//! Where the records of a rollout are heard (T1): in the plan's folder, in every folder that entries name, under earlier names of
//! the plan. None is passed over in silence, every command says the same, and there is a way forward from each refusal.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::program::{Finished, Workplace};
use crate::together::{EXIT, LEDGER, PLAN, Rollout, without};

const SET_BACK: &str = "the ledger was set back: ";

/// Every command that looks at the ledger of a plan.
fn commands(plan: &str) -> Vec<(Vec<String>, i32)> {
    let of = |line: &str| line.replace("PLAN", plan);
    [
        "check PLAN --gate pilot/exit --by ci",
        "start PLAN wave-1 --by mara",
        "approve PLAN product --gate pilot/exit --by mara",
        "override PLAN pilot/exit --expires 1h --why x --by mara",
        "confirm PLAN lead --stage pilot --by mara",
        "note PLAN fine --by mara",
        "pause PLAN --why x --by mara",
        "incident PLAN list",
        "status PLAN",
        "ledger PLAN",
        "ledger PLAN verify",
    ]
    .map(|line| (of(line).split(' ').map(str::to_owned).collect(), 5))
    .to_vec()
}

fn gate(place: &Workplace, words: &[String]) -> Finished {
    place.gate(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Everybody refuses alike, and nothing is recorded.
fn all_refuse(rollout: &Rollout, plan: &str, said: &str) {
    let name = plan.replace(".yaml", ".ledger.jsonl");
    let before = fs::read(rollout.at(&name)).ok();
    for (words, code) in commands(plan) {
        gate(&rollout.0, &words).says(code, said);
    }
    assert_eq!(fs::read(rollout.at(&name)).ok(), before);
}

fn moved(rollout: &Rollout, from: &str, to: &str) {
    fs::rename(rollout.at(from), rollout.at(to)).expect("moved");
}

#[test]
fn t1_records_in_any_folder_that_an_entry_names_are_heard_by_everybody() {
    let rollout = Rollout::begun();
    let there = [&EXIT[..], &["--evidence", "ev"]].concat();
    rollout.check(&there).says(0, "GO");
    let before = rollout.ledger();
    rollout.does(&["pause", "plan.yaml", "--why", "fire"]);
    rollout.check(&there).says(3, "paused");
    rollout.0.write(LEDGER, &before);
    all_refuse(&rollout, "plan.yaml", SET_BACK);
    rollout.verify().says(1, "1 off").says(1, SET_BACK);
    // The way out that is offered, with the folder that it needs.
    let begin = "gate ledger plan.yaml begin --why <reason> --evidence ev";
    rollout.check(&EXIT).says(5, begin);
    moved(&rollout, LEDGER, "plan.lost.jsonl");
    let begin = [
        "ledger",
        "plan.yaml",
        "begin",
        "--why",
        "lost",
        "--by",
        "mara",
    ];
    let begin = [&begin[..], &["--evidence", "ev"]].concat();
    rollout
        .0
        .gate(&begin)
        .says(0, "3 records are set aside, the last of them HOLD");
    rollout.check(&EXIT).says(3, "pilot has not begun");
    rollout.check(&there).says(3, "pilot has not begun");
}

#[test]
fn t1_a_ledger_whose_records_are_all_elsewhere_is_missed_and_begun_again() {
    let rollout = Rollout(Workplace::with_plan(PLAN));
    let there = [
        "check",
        "plan.yaml",
        "--gate",
        "pilot/entry",
        "--evidence",
        "ev",
    ];
    rollout.check(&there).says(3, "HOLD");
    without(&rollout.at(LEDGER));
    let begin = "gate ledger plan.yaml begin --why <reason> --evidence ev";
    rollout
        .check(&there)
        .says(3, "is missing or empty")
        .says(3, begin);
    let begins = [
        "ledger",
        "plan.yaml",
        "begin",
        "--why",
        "lost",
        "--by",
        "mara",
    ];
    rollout.0.gate(&begins).says(1, "no ledger was begun");
    let begins = [&begins[..], &["--evidence", "ev"]].concat();
    rollout.0.gate(&begins).says(0, "a new ledger was begun");
    rollout.check(&there).never_says("is missing or empty");
}

/// The plan, its ledger and perhaps its evidence under another name.
fn renamed(rollout: &Rollout, with_evidence: bool) {
    moved(rollout, "plan.yaml", "other.yaml");
    moved(rollout, LEDGER, "other.ledger.jsonl");
    if with_evidence {
        moved(rollout, "plan.evidence", "other.evidence");
    }
}

#[test]
fn t1_records_under_the_plans_earlier_name_are_heard() {
    for with_evidence in [false, true] {
        let (rollout, before) = Rollout::stopped();
        rollout.0.write(LEDGER, &before);
        renamed(&rollout, with_evidence);
        all_refuse(&rollout, "other.yaml", SET_BACK);
    }
}

#[test]
fn t1_a_renamed_plan_without_its_ledger_misses_it() {
    let (rollout, _) = Rollout::stopped();
    moved(&rollout, "plan.yaml", "other.yaml");
    moved(&rollout, "plan.evidence", "other.evidence");
    let start = ["start", "other.yaml", "wave-1"];
    rollout.refuses(&start, 5, "other.ledger.jsonl is missing or empty");
    // The way out: it is taken along.
    moved(&rollout, LEDGER, "other.ledger.jsonl");
    rollout.refuses(&start, 1, "pilot");
}

#[test]
fn t1_a_plan_that_was_renamed_alone_begins_nothing_afresh() {
    let (rollout, _) = Rollout::stopped();
    moved(&rollout, "plan.yaml", "other.yaml");
    let said = "plan.ledger.jsonl is a ledger of R1.0, too, and its plan plan.yaml is gone";
    let ways = [
        "  mv plan.ledger.jsonl other.ledger.jsonl\n",
        "  mv plan.evidence other.evidence\n",
    ];
    for words in [
        &["check", "other.yaml", "--gate", "pilot/entry"][..],
        &["start", "other.yaml", "pilot"],
        &["confirm", "other.yaml", "ready", "--stage", "pilot"],
        &["status", "other.yaml"],
    ] {
        let finished = rollout.0.gate(words);
        for way in ways {
            finished.says(2, way).says(2, said);
        }
    }
    assert!(!rollout.at("other.ledger.jsonl").exists());
    // Nor where the ledger is broken as well.
    let whole = fs::read_to_string(rollout.at(LEDGER)).expect("a ledger");
    rollout.0.write(LEDGER, whole.replacen("pilot", "pilat", 1));
    let start = ["start", "other.yaml", "pilot"];
    rollout.refuses(&start, 2, said);
    rollout.refuses(&start, 2, "it is broken, and what it stopped is not known");
    rollout.0.write(LEDGER, &whole);
    // The ways out: it is taken along, or it was another plan's.
    moved(&rollout, LEDGER, "other.ledger.jsonl");
    rollout.refuses(&["start", "other.yaml", "wave-1"], 1, "pilot");
    fs::create_dir(rollout.at("done")).expect("a folder");
    moved(&rollout, "other.ledger.jsonl", "done/plan.ledger.jsonl");
    let confirm = ["confirm", "other.yaml", "ready", "--stage", "pilot"];
    rollout.does(&confirm);
}

#[test]
fn t1_a_plan_is_renamed_with_its_ledger_and_goes_on() {
    for with_evidence in [false, true] {
        let rollout = Rollout::begun();
        renamed(&rollout, with_evidence);
        let exit = ["check", "other.yaml", "--gate", "pilot/exit"];
        rollout.check(&exit).says(0, "GO");
        rollout.does(&["start", "other.yaml", "wave-1"]);
        rollout.0.gate(&["status", "other.yaml"]).says(0, "wave-1");
        for folder in ["plan.evidence", "other.evidence"] {
            if rollout.at(folder).exists() {
                let verified = rollout.0.gate(&["verify", folder]);
                verified.says(0, "0 not shown, 0 off");
                let summary = ["report", folder, "--format", "summary"];
                rollout.0.gate(&summary).says(0, "pilot");
            }
        }
    }
}

#[test]
fn t8_an_extension_is_renamed_and_the_rollout_goes_on() {
    let rollout = Rollout::begun();
    moved(&rollout, "plan.yaml", "plan.yml");
    rollout
        .check(&["check", "plan.yml", "--gate", "pilot/exit"])
        .says(0, "GO");
    rollout.does(&["start", "plan.yml", "wave-1"]);
    rollout.verify().says(0, "2 of 2 verified");
    // Both at once do not share it.
    rollout.0.write("plan.yaml", PLAN);
    rollout.check(&EXIT).says(
        2,
        "plan.ledger.jsonl is the ledger of plan.yml, not of plan.yaml",
    );
}

#[test]
fn t1_a_draft_excuses_no_record() {
    let (rollout, _) = Rollout::stopped();
    let whole = rollout.ledger();
    let before: Vec<&str> = whole.lines().collect();
    let before = before[..before.len() - 2].join("\n") + "\n";
    rollout.0.write(LEDGER, before);
    let stop = rollout.record("stop");
    let name = stop.file_name().expect("a name").to_string_lossy();
    let draft = stop.with_file_name(format!(".{name}.tmp"));
    for content in [Vec::new(), fs::read(&stop).expect("a record")] {
        fs::write(&draft, content).expect("planted");
        all_refuse(&rollout, "plan.yaml", SET_BACK);
        rollout.verify().says(1, "1 off");
    }
    rollout.0.write(LEDGER, whole);
    rollout.check(&EXIT).says(4, "nobody has resumed");
}

#[test]
fn t1_a_check_that_was_killed_before_its_record_had_a_name_locks_nobody_out() {
    let rollout = Rollout::begun();
    rollout.check(&EXIT).says(0, "GO");
    // As it is between the entry and the name.
    let record = rollout.record("go");
    let name = record.file_name().expect("a name").to_string_lossy();
    let draft = record.with_file_name(format!(".{name}.tmp"));
    fs::rename(&record, &draft).expect("a draft");
    let killed = "its check was killed before the record got its name";
    rollout.verify().says(3, killed).never_says("OFF");
    rollout.0.gate(&["status", "plan.yaml"]).says(0, "pilot");
    // The next check finishes it.
    rollout.check(&EXIT).says(0, "GO");
    assert!(record.is_file() && !draft.exists());
    rollout.verify().says(0, "3 of 3 verified");
    rollout.does(&["start", "plan.yaml", "wave-1"]);
}

/// Puts something that cannot be read in the place of a record.
fn spoiled(record: &Path, how: &str) {
    match how {
        "torn" => {
            let text = fs::read(record).expect("a record");
            fs::write(record, &text[..100]).expect("torn");
        }
        "empty" => fs::write(record, "").expect("emptied"),
        "folder" => {
            without(record);
            fs::create_dir(record).expect("a folder");
        }
        "pipe" => {
            without(record);
            let made = Command::new("mkfifo").arg(record).status();
            assert!(made.expect("mkfifo runs").success());
        }
        _ => {
            without(record);
            std::os::unix::fs::symlink("nowhere", record).expect("a link");
        }
    }
}

#[test]
fn t1_a_record_that_cannot_be_read_is_not_passed_over() {
    for how in ["torn", "empty", "folder", "pipe", "dangling link"] {
        let (rollout, before) = Rollout::stopped();
        let stop = rollout.record("stop");
        let kept = rollout.at("kept.json");
        fs::copy(&stop, &kept).expect("copied");
        rollout.0.write(LEDGER, &before);
        spoiled(&stop, how);
        all_refuse(&rollout, "plan.yaml", "cannot be read");
        // The ways out: it is restored, or taken away.
        let _ = fs::remove_file(&stop).or_else(|_| fs::remove_dir(&stop));
        rollout.check(&EXIT).never_says("cannot be read");
        fs::copy(&kept, &stop).expect("restored");
        rollout.check(&EXIT).says(5, SET_BACK);
    }
}

#[test]
fn t1_a_folder_that_is_none_is_not_passed_over() {
    let rollout = Rollout(Workplace::with_plan(PLAN));
    rollout.0.write("plan.evidence", "a file");
    let noted = ["note", "plan.yaml", "fine"];
    rollout.refuses(&noted, 5, "plan.evidence cannot be read");
    without(&rollout.at("plan.evidence"));
    rollout.does(&noted);
}

#[test]
fn t1_a_report_on_a_ledger_that_was_set_back_is_refused_like_everything_else() {
    let (rollout, before) = Rollout::stopped();
    let go = rollout.record("go");
    let go = go.strip_prefix(rollout.0.path()).expect("below");
    let go = go.to_string_lossy().into_owned();
    rollout.0.write(LEDGER, &before);
    for what in [go.as_str(), "plan.evidence"] {
        for format in ["summary", "handover", "status", "csv", "junit"] {
            let words = [
                "report",
                what,
                "--format",
                format,
                "--output",
                "out-{check}",
            ];
            let reported = rollout.0.gate(&words);
            reported
                .says(5, "no report was written: the ledger was set back")
                .says(5, "gate ledger plan.yaml verify");
        }
    }
    assert!(rollout.0.files(".", "").iter().all(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with("out-")
    }));
}

#[test]
fn t1_a_report_on_a_rollout_whose_ledger_is_gone_is_refused_and_on_one_check_is_not() {
    let (rollout, _) = Rollout::stopped();
    let whole = rollout.ledger();
    without(&rollout.at(LEDGER));
    let summary = ["report", "plan.evidence", "--format", "summary"];
    rollout
        .0
        .gate(&summary)
        .says(5, "plan.ledger.jsonl is missing or empty");
    let stop = rollout.record("stop");
    let one = ["report", &stop.to_string_lossy(), "--format", "markdown"];
    let said = "plan.ledger.jsonl is missing or empty";
    rollout.0.gate(&one).says(0, "STOP").says(0, said);
    // A check without a ledger hides none that was lost.
    let without = [&EXIT[..], &["--no-ledger"]].concat();
    rollout.check(&without);
    rollout.0.gate(&summary).says(5, said);
    rollout.0.write(LEDGER, "");
    rollout.0.gate(&summary).says(5, said);
    rollout.0.write(LEDGER, whole);
    rollout.0.gate(&summary).says(0, "pilot");
}

#[test]
fn t1_the_entries_are_shown_to_whoever_has_to_settle_a_dispute() {
    let (rollout, before) = Rollout::stopped();
    rollout.0.write(LEDGER, &before);
    rollout
        .0
        .gate(&["ledger", "plan.yaml"])
        .says(5, "started pilot")
        .says(5, "nothing rests on this ledger: the ledger was set back");
    without(&rollout.at(LEDGER));
    rollout
        .0
        .gate(&["ledger", "plan.yaml"])
        .says(5, "plan.ledger.jsonl is missing or empty");
}

#[test]
fn m8_records_of_an_earlier_release_are_not_off() {
    let rollout = Rollout::begun();
    moved(&rollout, LEDGER, "r1.ledger.jsonl");
    rollout.0.write("plan.yaml", PLAN.replace("R1.0", "R1.1"));
    rollout.does(&["confirm", "plan.yaml", "ready", "--stage", "pilot"]);
    rollout
        .check(&["check", "plan.yaml", "--gate", "pilot/entry"])
        .says(0, "GO");
    // Beside it, its ledger is found under the new name.
    rollout.verify().says(0, "2 of 2 verified");
    fs::create_dir(rollout.at("old")).expect("a folder");
    moved(&rollout, "r1.ledger.jsonl", "old/r1.jsonl");
    rollout
        .verify()
        .says(3, "plan.ledger.jsonl is that of R1.1, another release")
        .says(3, "1 of 2 verified, 1 not shown, 0 off");
    let earlier = rollout.0.files("plan.evidence", ".json");
    let earlier = earlier.iter().find(|path| {
        let text = fs::read_to_string(path).expect("a record");
        text.contains("\"R1.0\"")
    });
    let earlier = earlier
        .expect("an earlier one")
        .to_string_lossy()
        .into_owned();
    let with = ["verify", &earlier, "--ledger", "old/r1.jsonl"];
    rollout.0.gate(&with).says(0, "1 of 1 verified");
    let report = ["report", &earlier, "--format", "summary"];
    rollout.0.gate(&report).says(0, "reported without a ledger");
}

/// A plan through a link, in another folder.
fn linked(rollout: &Rollout, target: &str, link: &str) {
    let link = rollout.at(link);
    fs::create_dir_all(link.parent().expect("a folder")).expect("a folder");
    std::os::unix::fs::symlink(target, link).expect("linked");
}

/// Nothing is judged, recorded or shown under another name of a plan that has a ledger.
fn refused_as_other_name(rollout: &Rollout, plan: &str) {
    for words in [
        &["check", plan, "--gate", "pilot/entry"][..],
        &["start", plan, "pilot"],
        &["confirm", plan, "ready", "--stage", "pilot"],
        &["status", plan],
    ] {
        rollout
            .0
            .gate(words)
            .says(2, "are one file, and its ledger is kept as")
            .says(2, "name the plan by that path: ");
    }
}

#[test]
fn t1_a_plan_that_a_link_names_has_no_ledger_of_its_own() {
    let (rollout, _) = Rollout::stopped();
    linked(&rollout, "../plan.yaml", "sub/plan.yaml");
    linked(&rollout, "plan.yaml", "other.yaml");
    for plan in ["sub/plan.yaml", "other.yaml"] {
        refused_as_other_name(&rollout, plan);
    }
    assert!(!rollout.at("sub/plan.ledger.jsonl").exists());
    // Nor once that is gone, as its records show.
    without(&rollout.at(LEDGER));
    refused_as_other_name(&rollout, "sub/plan.yaml");
}

#[test]
fn t1_of_two_links_to_one_plan_the_first_keeps_its_ledger() {
    let rollout = Rollout::begun();
    linked(&rollout, "../plan.yaml", "sub/plan.yaml");
    for name in [LEDGER, "plan.evidence"] {
        moved(&rollout, name, &format!("sub/{name}"));
    }
    // As a volume of Kubernetes: the plan is a link, everything else lies beside it.
    let words = ["confirm", "sub/plan.yaml", "ready", "--stage", "pilot"];
    rollout.does(&words);
    linked(&rollout, "plan.yaml", "sub/again.yaml");
    linked(&rollout, "../plan.yaml", "sub/third.yaml");
    for plan in ["sub/again.yaml", "sub/third.yaml"] {
        refused_as_other_name(&rollout, plan);
    }
    // The way on, if that was another rollout.
    fs::create_dir(rollout.at("old")).expect("a folder");
    for name in [LEDGER, "plan.evidence"] {
        moved(&rollout, &format!("sub/{name}"), &format!("old/{name}"));
    }
    let words = ["confirm", "sub/third.yaml", "ready", "--stage", "pilot"];
    rollout.does(&words);
}

#[test]
fn t1_the_refusals_fit_a_terminal() {
    let (rollout, before) = Rollout::stopped();
    rollout.0.write(LEDGER, &before);
    let refused = rollout.check(&EXIT);
    let lines: Vec<&str> = refused.err.lines().collect();
    assert_eq!(lines.len(), 6, "{lines:#?}");
    assert!(lines[1..].iter().all(|line| line.len() <= 80), "{lines:#?}");
    let typed: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("  "))
        .collect();
    assert_eq!(
        typed,
        [
            "gate ledger plan.yaml verify",
            "gate ledger plan.yaml begin --why <reason>"
        ]
    );
}
