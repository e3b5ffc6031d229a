//! What a backtest and a tuning say of a past that is not known well: incidents that nobody could be asked about, parts without an answer,
//! time that nobody watched.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Source, at, document, incidents, of_schema, past, plan, run, workplace};
use crate::support::program::{Workplace, finished};

#[test]
fn incidents_that_could_not_be_asked_are_no_quiet_past() {
    let source = Source::new(past(), None, 0.0);
    let workplace = workplace(&source);
    let said = "nothing was judged: the incidents could not be asked: `ALERTS{a=";
    for command in ["backtest", "tune"] {
        let refused = ["--incidents", "ALERTS{a=\"refused\"}", "--save", "no.json"];
        run(&workplace, command, &refused)
            .says(2, said)
            .says(2, "not like this");
        // Tried again until the timeout: a day is one question.
        let (from, to) = (at(0.0), at(20.0));
        let forbidden = "ALERTS{a=\"forbidden\"}";
        let words = [command, "plan.yaml", "--from", &from, "--to", &to];
        workplace
            .gate(&[&words[..], &["--incidents", forbidden]].concat())
            .says(3, said);
    }
    assert!(!workplace.path().join("no.json").exists());
    run(&workplace, "backtest", &["--save", "kept.json"]).says(0, "no incidents were given");
    let more = ["--replay", "kept.json", "--incidents", "ALERTS{a=\"b\"}"];
    run(&workplace, "tune", &more)
        .says(2, said)
        .says(2, "the answers do not hold");
}

#[test]
fn tune_says_what_a_backtest_says_of_its_past() {
    let source = Source::new(past(), Some((49.0, 70.0)), 0.0);
    let workplace = workplace(&source);
    let condition = ["--fail-on", "missed > 0"];
    let told = [
        "not answered from",
        "query-rejected, 28 from",
        "no incidents were given",
        "fail-on missed > 0: does not hold",
        "cannot show 1 in",
    ];
    for how in [&[][..], &["--diff"]] {
        let tuned = run(&workplace, "tune", &[&condition[..], how].concat());
        for sentence in told {
            tuned.says(3, sentence);
        }
        assert!(how.is_empty() || !tuned.out.contains("not answered"));
    }
    let options = [&condition[..], &["--format", "json"]].concat();
    let tuned = run(&workplace, "tune", &options);
    let tuned = of_schema(&tuned, gate::schema::TUNE);
    let tested = document(&run(&workplace, "backtest", &options));
    for key in ["unanswered", "notes", "fail_on", "incidents"] {
        assert_eq!(tuned[key], tested[key], "{key}");
    }
    assert_eq!(tuned["gates"][0]["unknown"], tested["gates"][0]["unknown"]);
    assert_eq!(tuned["unanswered"][0]["code"], "query-rejected");
}

#[test]
fn a_diff_says_why_a_limit_is_missing_or_only_noise() {
    let source = Source::new(past(), None, 0.0);
    let workplace = workplace(&source);
    let diff = run(
        &workplace,
        "tune",
        &["--incidents", "incidents.csv", "--diff"],
    );
    diff.says(0, "pilot: stop latency")
        .says(0, "it only makes noise");
}

#[test]
fn b7_quiet_time_is_what_was_watched_and_decided() {
    const SECONDS: i64 = 4 * 3600 + 600;
    let quiet = |workplace: &Workplace, more: &[&str]| {
        let options = [&["--format", "json"], more].concat();
        let document = document(&run(workplace, "backtest", &options));
        let seconds = document["gates"][0]["quiet_seconds"].as_f64();
        seconds.expect("a length of time")
    };
    let all = Source::new(past(), None, 0.0);
    let seldom = quiet(&workplace(&all), &["--every", "1d"]);
    assert_eq!(seldom, super::as_f64(28 * SECONDS));
    // From 44:00 to 71:00 all is HOLD.
    let away = Source::new(past(), Some((49.0, 70.0)), 0.0);
    let partly = quiet(&workplace(&away), &[]);
    let watched = (43 + 667 - 72) * 3600 + 2 * SECONDS;
    assert_eq!(partly, super::as_f64(watched));
    let nothing = Source::new(past(), None, 10_000.0);
    run(&workplace(&nothing), "backtest", &[])
        .says(3, "668 pretend releases, 0h quiet")
        .never_says("(up to");
}

#[test]
fn conditions_end_with_3_where_nothing_of_a_gate_was_decided() {
    let every = |query: &str| {
        if query.contains("nothing") {
            1 << 40
        } else {
            60
        }
    };
    let source = Source::with_points_every(every, past(), None, 0.0);
    let more = "\x20 - name: wave\n\x20   window: 4h\n\x20   exit: {kpis: {gone: \"mean < 3\"}}\n";
    let text = plan(source.server.url()).replace(
        "stages:\n",
        "\x20 gone: {query: nothing, step: 1m}\nstages:\n",
    );
    let workplace = Workplace::with_plan(&(text + more));
    assert_eq!(run(&workplace, "backtest", &[]).code, 0);
    let condition = ["--fail-on", "false-stops > 9/week"];
    run(&workplace, "backtest", &condition).says(3, "does not hold");
}

#[cfg(unix)]
#[test]
fn interrupted_nothing_is_judged_and_nothing_kept() {
    let source = Source::new(past(), None, 0.0);
    let text = plan(source.server.url()).replace("query: errors", "query: slow");
    let workplace = Workplace::with_plan(&text);
    let (from, to) = (at(0.0), at(28.0 * 24.0));
    let words = [
        "backtest",
        "plan.yaml",
        "--from",
        &from,
        "--to",
        &to,
        "--save",
        "kept.json",
    ];
    let child = workplace
        .command(&words, &[])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("gate runs");
    while source.asked() == 0 {
        std::thread::sleep(Duration::from_millis(10));
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupt.expect("kill").success());
    let ended = finished(&child.wait_with_output().expect("gate ends"));
    ended.says(3, "interrupted: nothing was judged");
    assert_eq!(ended.out, "");
    assert!(!workplace.path().join("kept.json").exists());
}

#[test]
fn releases_of_stages_that_the_plan_does_not_have_are_told() {
    let source = Source::new(past(), None, 0.0);
    let workplace = workplace(&source);
    workplace.write(
        "releases.csv",
        format!("stage,started,name\npilto,{},v7\n", at(20.0)),
    );
    run(&workplace, "backtest", &["--releases", "releases.csv"])
        .says(2, "is about the stage pilto, which the plan does not have");
    let other = plan(source.server.url()).replace("pilot", "pilto");
    workplace.write("other.yaml", other);
    assert_eq!(workplace.gate(&["start", "other.yaml", "pilto"]).code, 0);
    run(&workplace, "backtest", &["--ledger", "other.ledger.jsonl"]).says(
        0,
        "note: 1 start of stages that the plan does not have: pilto",
    );
}

#[test]
fn page_and_table_name_releases_that_were_begun() {
    let source = Source::new(past(), None, 0.0);
    let workplace = workplace(&source);
    workplace.write(
        "releases.csv",
        format!("stage,started,name\npilot,{},v7\n", at(99.5)),
    );
    let options = [
        "--releases",
        "releases.csv",
        "--report",
        "html=page.html",
        "--report",
        "csv=all.csv",
        "--fail-on",
        "missed > 0",
    ];
    assert_eq!(run(&workplace, "backtest", &options).code, 0);
    let read = |name: &str| std::fs::read_to_string(workplace.path().join(name)).expect("a file");
    let page = read("page.html");
    assert!(
        page.contains("Releases that were begun") && page.contains("by errors &gt; 5% for 10m")
    );
    assert!(page.contains("missed &gt; 0: does not hold"));
    let table = read("all.csv");
    let named: Vec<&str> = table.lines().filter(|row| row.contains(",v7,")).collect();
    assert_eq!(named.len(), 3, "a row for each criterion");
    assert!(
        named[0].contains(",v7,STOP,2025-11-07T04:10:00Z,"),
        "{named:?}"
    );
}

#[test]
fn tune_writes_no_report() {
    let source = Source::new(past(), None, 0.0);
    let workplace = workplace(&source);
    let finished = run(&workplace, "tune", &["--report", "html=page.html"]);
    finished.says(
        2,
        "`gate tune` writes no report: ask `gate backtest --report`",
    );
    assert!(!workplace.path().join("page.html").exists());
    assert_eq!(source.asked(), 0);
}

#[test]
fn where_no_incident_is_counted_it_is_said_why() {
    let mut past = past();
    past.push(("ALERTS", 0.0, 700.0, 0.0));
    let source = Source::new(past, None, 0.0);
    let workplace = workplace(&source);
    let says = |named: &str, sentence: &str| {
        run(&workplace, "backtest", &["--incidents", named]).says(0, sentence);
    };
    says("ALERTS{}", "the selector found none");
    let row = format!("start,end,name\n{},{},x\n", at(-9.0), at(-8.0));
    workplace.write("far.csv", row);
    says("far.csv", "none of the incidents given lies in this span");
    run(&workplace, "backtest", &["--incidents", "ALERTS"])
        .says(2, "a selector has braces: `ALERTS{}`");
    // An hour in, no pretend release has begun long enough before.
    let early = format!("start,end,name\n{},{},early\n", at(0.1), at(0.2));
    workplace.write(
        "early.csv",
        early + incidents().split_once('\n').expect("rows").1,
    );
    let options = ["--incidents", "early.csv", "--fail-on", "missed > 5"];
    run(&workplace, "backtest", &options).says(0, "fail-on missed > 5: does not hold, 1 untested");
}
