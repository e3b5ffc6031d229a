//! Every command that is offered can be typed as it stands (M17): in each scene all of them are run, each in a copy, and none is
//! refused for its words, or offers itself again.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::past::{LEDGER, appended, confirmed, ledger, rolled_back, started};
use crate::support::program::{Finished, Workplace};
use gate::ledger::{Answer, Event};

const PLAN: &str = "
release: R1.0
stages:
  - { name: pilot, exit: { confirmations: [lead] }, recovery: { confirmations: [well] } }
  - { name: wave-1, entry: { confirmations: [ready] }, exit: { confirmations: [lead] } }
  - { name: wave-2, exit: { confirmations: [lead] } }
";

const ASKED: &str = "
release: R1.0
source: http://127.0.0.1:9
vars: { ns: prod }
kpis: { up: { query: 'x{ns=\"$ns\"}' } }
stages:
  - { name: pilot, window: 1h, entry: { confirmations: [ready] }, exit: { kpis: { up: '< 1' } } }
  - { name: wave-1, window: 1h, exit: { kpis: { up: '< 1' } } }
";

const SIGNED: &str = "
release: R1.0
signatures: { required: true, allowed: signers }
stages:
  - { name: pilot, entry: { confirmations: [ready] }, exit: { confirmations: [lead], approvals: [product] } }
  - { name: wave-1, exit: { confirmations: [lead] } }
";

const ADA: [&str; 2] = ["--by", "ada@example.com"];

fn gate(workplace: &Workplace, words: &str) -> Finished {
    let by = ADA.into_iter().filter(|_| !words.starts_with("status"));
    let words: Vec<&str> = words.split(' ').chain(by).collect();
    workplace.gate(&words)
}

fn run(workplace: &Workplace, code: i32, words: &str) {
    let done = gate(workplace, words);
    assert_eq!(done.code, code, "{words}\n{}{}", done.out, done.err);
}

/// The commands that somebody is offered, each once, in order.
fn offered(told: &Finished) -> Vec<String> {
    // The last line of a check is wrapped.
    let seen = format!("{}\n{}", told.out.replace("\n       ", " "), told.err);
    let mut found: Vec<String> = Vec::new();
    for line in seen.lines() {
        let next = line.split_once("next: gate ").map(|(_, rest)| rest);
        let own = line.strip_prefix("  gate ");
        let Some(rest) = next.or(own) else { continue };
        let command = rest.split(", then ").next().expect("a command");
        let command = command.split(" (").next().expect("a command");
        if !found.iter().any(|one| one == command) {
            found.push(command.to_owned());
        }
    }
    found
}

/// The same, and what is to be asked once what a check says to wait for, or to mend first, has come.
fn offered_in_time(told: &Finished) -> Vec<String> {
    let whole = told.out.replace("\n       ", " ");
    let waits = whole.lines().filter_map(|line| {
        let (_, rest) = line
            .split_once("next: ")
            .filter(|(_, rest)| !rest.starts_with("gate "))?;
        let (_, command) = rest.split_once(", then gate ")?;
        Some(command.to_owned())
    });
    offered(told).into_iter().chain(waits).collect()
}

/// What a person types for it.
fn typed(command: &str) -> String {
    command
        .replace("<reason>", "because")
        .replace("<key>", "ada")
        .replace("ITEM", "lead")
        .replace("ROLE", "product")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, copied) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, &copied).expect("a copy");
        }
    }
}

/// Asks, and runs everything that is offered: each in a copy. A deed is done, and a check judges; where it offers a command, it is
/// another one, or something has to be dealt with first.
#[track_caller]
fn every_way_is_open(workplace: &Workplace, words: &str, expected: &[&str]) {
    let told = gate(workplace, words);
    let ways = offered(&told);
    assert_eq!(ways, expected, "{words}\n{}{}", told.out, told.err);
    for way in &ways {
        let other = Workplace::new();
        copy(workplace.path(), other.path());
        let done = gate(&other, &typed(way));
        let seen = format!("{words} offers {way}\n{}{}", done.out, done.err);
        if way.starts_with("check ") {
            assert!([0, 1, 3].contains(&done.code), "{} {seen}", done.code);
            let is_of_now = !words.contains("--at");
            let goes_on = || offered(&gate(&other, words)) != ways;
            let is_open = done.code == 0 || done.out.contains("nobody has");
            assert!(
                !is_of_now || is_open || goes_on(),
                "it goes in circles: {seen}"
            );
        } else {
            assert_eq!(done.code, 0, "{seen}");
        }
    }
}

fn went_well(minutes: i64) -> Vec<(i64, Event)> {
    vec![
        (minutes, started("pilot")),
        (minutes - 1, confirmed("pilot", "lead", Answer::Yes)),
        (minutes - 2, confirmed("wave-1", "ready", Answer::Yes)),
    ]
}

fn with(events: Vec<(i64, Event)>) -> Workplace {
    let workplace = Workplace::with_plan(PLAN);
    workplace.write(LEDGER, ledger(events));
    workplace
}

#[test]
fn m17_before_a_start_and_after_a_go() {
    let workplace = with(went_well(60));
    let entry = "check plan.yaml --gate wave-1/entry";
    let anyway = "start plan.yaml wave-1 --override --why <reason>";
    let exit = "check plan.yaml --gate pilot/exit";
    every_way_is_open(&workplace, "start plan.yaml wave-1", &[exit, anyway]);
    every_way_is_open(&workplace, "status plan.yaml", &[exit]);
    every_way_is_open(&workplace, exit, &[entry]);
    run(&workplace, 0, exit);
    every_way_is_open(&workplace, entry, &["start plan.yaml wave-1"]);
}

#[test]
fn t7_a_go_for_another_time_offers_no_start_that_is_refused() {
    let past = with(went_well(60 * 40));
    let before = "check plan.yaml --before wave-1 --at 39h";
    let now = "check plan.yaml --gate wave-1/entry";
    every_way_is_open(&past, before, &[now]);
    let ahead = with(went_well(60));
    run(&ahead, 0, "check plan.yaml --gate pilot/exit");
    let soon = std::time::UNIX_EPOCH.elapsed().expect("a clock").as_secs() + 1800;
    let look = format!("{now} --at {soon}");
    every_way_is_open(&ahead, &look, &[now]);
    // Nor one behind an entry that a clock ahead has dated: it has expired by that date.
    let wrong = with(went_well(60));
    run(&wrong, 0, "check plan.yaml --before wave-1");
    let text = fs::read(wrong.path().join(LEDGER)).expect("a ledger");
    let noted = Event::Noted {
        stage: None,
        text: "seen".to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    wrong.write(LEDGER, appended(&text, 48 * 3600, noted));
    let accept = "override plan.yaml wave-1/entry --why <reason> --expires 4h";
    let told = gate(&wrong, "check plan.yaml --gate wave-1/entry");
    assert_eq!(offered(&told), [accept], "{}", told.out);
}

#[test]
fn t11_a_start_that_a_clock_ahead_has_dated_is_made_once_more() {
    let workplace = with(vec![(-60 * 24, started("pilot"))]);
    let back = "rollback plan.yaml --stage pilot --why <reason>";
    for words in ["check plan.yaml --gate pilot/exit", "status plan.yaml"] {
        let told = gate(&workplace, words);
        let seen = told.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(seen.contains("ahead of this clock"), "{}", told.out);
        assert!(!seen.contains("judges its stops now"), "{}", told.out);
        assert_eq!(
            offered(&told).first().map(String::as_str),
            Some(back),
            "{}",
            told.out
        );
    }
    run(
        &workplace,
        0,
        &typed("rollback plan.yaml --stage pilot --why clock"),
    );
    run(&workplace, 0, "start plan.yaml pilot");
}

#[test]
fn t6_after_a_rollback_all_name_the_recovery() {
    let mut events = went_well(60);
    events.push((40, rolled_back("pilot")));
    let workplace = with(events);
    let recovery = "check plan.yaml --gate pilot/recovery";
    let told = gate(&workplace, "check plan.yaml --gate pilot/exit");
    assert_eq!(offered(&told), [recovery], "{}", told.out);
    let told = gate(&workplace, "status plan.yaml");
    assert_eq!(
        offered(&told).last().map(String::as_str),
        Some(recovery),
        "{}",
        told.out
    );
}

#[test]
fn t11_what_is_offered_keeps_the_question() {
    let workplace = Workplace::with_plan(ASKED);
    let elsewhere = "--source http://localhost:9";
    let entry = "check plan.yaml --gate pilot/entry";
    let asking = format!("{entry} {elsewhere}");
    run(&workplace, 0, "confirm plan.yaml ready --stage pilot");
    let start = format!("start plan.yaml pilot {elsewhere}");
    every_way_is_open(&workplace, &asking, &[&start]);
    run(&workplace, 0, &asking);
    run(&workplace, 0, &start);
    let exit = format!("check plan.yaml --gate pilot/exit {elsewhere}");
    for words in [
        exit.as_str(),
        &format!("status plan.yaml {elsewhere}"),
        "check plan.yaml --gate pilot/exit",
        "status plan.yaml",
    ] {
        let told = gate(&workplace, words);
        assert_eq!(
            offered_in_time(&told),
            [exit.as_str()],
            "{words}\n{}",
            told.out
        );
    }
    // So do the variables.
    let other = Workplace::with_plan(ASKED);
    run(&other, 0, "confirm plan.yaml ready --stage pilot");
    let asking = format!("{entry} --var ns=dev");
    every_way_is_open(&other, &asking, &["start plan.yaml pilot --var ns=dev"]);
    run(&other, 0, entry);
    run(&other, 0, "start plan.yaml pilot");
    let plain = "check plan.yaml --gate pilot/exit";
    for words in [
        "status plan.yaml",
        "check plan.yaml --gate pilot/exit --var ns=dev",
    ] {
        let told = gate(&other, words);
        assert_eq!(offered_in_time(&told), [plain], "{words}\n{}", told.out);
    }
}

#[test]
fn t13_what_is_offered_is_signed_where_the_plan_requires_it() {
    let workplace = Workplace::with_plan(SIGNED);
    let status = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-C", "", "-N", "", "-f", "ada"])
        .current_dir(workplace.path())
        .status();
    assert!(status.expect("ssh-keygen").success());
    let public = fs::read_to_string(workplace.path().join("ada.pub")).expect("a key");
    workplace.write("signers", format!("ada@example.com {public}"));
    run(&workplace, 0, "confirm plan.yaml ready --stage pilot");
    let entry = "check plan.yaml --gate pilot/entry --sign <key>";
    let anyway = "start plan.yaml pilot --override --why <reason>";
    every_way_is_open(&workplace, "start plan.yaml pilot", &[entry, anyway]);
    every_way_is_open(&workplace, "status plan.yaml", &[entry]);
    run(&workplace, 0, &typed(entry));
    run(&workplace, 0, "start plan.yaml pilot");
    let exit = "check plan.yaml --gate pilot/exit --sign <key>";
    run(&workplace, 0, "confirm plan.yaml lead --stage pilot");
    let told = gate(&workplace, "start plan.yaml wave-1");
    assert_eq!(offered(&told)[0], exit, "{}", told.err);
    let approve = "approve plan.yaml product --gate pilot/exit --sign <key>";
    every_way_is_open(&workplace, &typed(exit), &[approve]);
}

#[test]
fn t11_a_start_that_cannot_be_dated_back_is_offered_as_of_now() {
    let workplace = with(went_well(60));
    run(&workplace, 0, "check plan.yaml --before wave-1");
    let start = "start plan.yaml wave-1";
    let anyway = "start plan.yaml wave-1 --override --why <reason>";
    every_way_is_open(
        &workplace,
        "start plan.yaml wave-1 --at 20m",
        &[start, anyway],
    );
    let told = gate(&workplace, "start plan.yaml wave-1 --at 3h");
    assert_eq!(offered(&told)[0], start, "{}", told.err);
}
