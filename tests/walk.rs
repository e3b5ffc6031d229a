//! A whole rollout from pilot to wave 1 on a real Prometheus, each command at its own time; and the
//! tutorial, which shows this walk, compared with what was printed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::clock;
use crate::support::exposition::Series;
use crate::support::program::{Finished, Workplace};
use crate::support::servers::{Server, Version, prometheus};
use crate::support::timeless::Timeless;

/// 2026-11-16T00:00:00Z, a Monday.
const MONDAY: i64 = 1_794_787_200;
const DAY: i64 = 86_400;
const PLAN: &str = include_str!("walk/release.yaml");

/// The share of orders with an exception: about one in a hundred, except for an hour on Tuesday afternoon at the pilot site.
fn samples() -> Vec<Series> {
    let bad = MONDAY + DAY + 13 * 3600..MONDAY + DAY + 14 * 3600;
    let site = |name: &str, worst: f64| {
        let points = (MONDAY - DAY..MONDAY + 6 * DAY).step_by(60).map(|at| {
            let step = usize::try_from(at / 300 % 5).expect("one of five");
            let wave = [-0.004, -0.002, 0.0, 0.002, 0.004][step];
            (
                at,
                if bad.contains(&at) {
                    worst
                } else {
                    0.011 + wave
                },
            )
        });
        Series::new(format!("order_exceptions:ratio{{site=\"{name}\"}}"), points)
    };
    vec![
        site("BER1", 0.093),
        site("HAM1", 0.012),
        site("MUC1", 0.012),
    ]
}

/// The walk: where it takes place, and what was typed and printed so far.
struct Walk {
    /// Keeps it running.
    _server: Server,
    /// Where it answers without the machine's time: the walk has its own.
    url: String,
    place: Workplace,
    printed: Vec<Typed>,
}

impl Walk {
    fn begin() -> Self {
        let place = Workplace::new();
        place.write("release.yaml", PLAN);
        let server = prometheus(Version::V3_5, &samples());
        Self {
            url: Timeless::in_front_of(server.url()).url().to_owned(),
            _server: server,
            place,
            printed: Vec::new(),
        }
    }

    /// Types a line at this time, as the release manager.
    fn at(&mut self, time: &str, line: &str) -> Finished {
        let folder = Path::new(env!("CARGO_BIN_EXE_gate")).parent();
        let folder = folder.expect("a folder").display();
        let output = Command::new("sh")
            .args(["-c", line])
            .current_dir(self.place.path())
            .env_clear()
            .env("PATH", format!("{folder}:/usr/bin:/bin"))
            .env("USER", "mara")
            .env("HOSTNAME", "desk")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("PROMETHEUS_URL", &self.url)
            .envs(clock::at(time))
            .output()
            .expect("a shell");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let (out, err) = (text(output.stdout), text(output.stderr));
        // Shown where the test fails, and for the tutorial.
        println!("# {time}\n$ {line}\n{out}{err}");
        let mut lines: Vec<String> = format!("{out}{err}").lines().map(comparable).collect();
        trim(&mut lines);
        self.printed.push(Typed {
            time: time.get(..16).expect("a time").replace('T', " "),
            line: line.to_owned(),
            output: lines,
        });
        Finished {
            code: output.status.code().unwrap_or(-1),
            out,
            err,
        }
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn a_rollout_from_pilot_to_wave_1() {
    let mut walk = Walk::begin();
    before_the_pilot(&mut walk);
    hypercare_with_an_incident(&mut walk);
    a_stop_and_a_rollback(&mut walk);
    well_again(&mut walk);
    into_wave_1(&mut walk);
    what_was_recorded(&mut walk);
    told_by_the_tutorial(&walk.printed);
    in_reports(&mut walk);
}

fn before_the_pilot(walk: &mut Walk) {
    walk.at(
        "2026-11-16T08:00:00Z",
        "gate check release.yaml --gate pilot/entry",
    )
    .says(3, "HOLD pilot/entry")
    .says(3, "gate confirm release.yaml readiness/ITEM --stage pilot");
    walk.at("2026-11-16T08:01:00Z", "gate start release.yaml pilot")
        .says(1, "pilot cannot begin: pilot/entry was HOLD in check #1");
    walk.at(
        "2026-11-16T08:05:00Z",
        "gate confirm release.yaml integrations --stage pilot --by @integrations",
    )
    .says(
        0,
        "nobody has answered yet for pilot/entry: readiness/rollback",
    );
    walk.at(
        "2026-11-16T08:20:00Z",
        "gate confirm release.yaml rollback --stage pilot --by @operations --link https://wiki.example.com/rehearsal",
    )
    .says(0, "next: gate check release.yaml --gate pilot/entry");
    walk.at(
        "2026-11-16T08:29:00Z",
        "gate check release.yaml --gate pilot/entry",
    )
    .says(0, "GO pilot/entry");
    walk.at("2026-11-16T08:30:00Z", "gate start release.yaml pilot")
        .says(
            0,
            "the window of pilot/exit is complete at 2026-11-18T08:40:00Z",
        );
}

fn hypercare_with_an_incident(walk: &mut Walk) {
    walk.at(
        "2026-11-17T08:30:00Z",
        "gate note release.yaml --checkpoint 'quiet night, 1.1% exceptions'",
    )
    .says(0, "it is day 2 since the start at 2026-11-16T08:30:00Z");
    walk.at(
        "2026-11-17T10:00:00Z",
        "gate incident release.yaml open --severity sev2 --description 'labels print twice' --workaround 'discard the copy' --owner @integrations --target 8h",
    )
    .says(0, "INC-1 is open: sev2: labels print twice")
    .says(0, "sev2 counts in pilot/exit");
    walk.at("2026-11-17T10:05:00Z", "gate check release.yaml")
        .says(1, "NO-GO pilot/exit")
        .says(1, "INC-1");
    walk.at(
        "2026-11-17T12:00:00Z",
        "gate incident release.yaml close INC-1 --why 'retry carries the idempotency key now'",
    )
    .says(0, "no incident is open");
}

fn a_stop_and_a_rollback(walk: &mut Walk) {
    walk.at("2026-11-17T13:45:00Z", "gate check release.yaml")
        .says(4, "STOP pilot/exit")
        .says(4, "exception_rate")
        .says(4, "Disable flag shipping.v2 (@operations, 2m)");
    walk.at(
        "2026-11-17T13:46:00Z",
        "gate override release.yaml pilot/exit --expires 24h --why 'the flag is off soon'",
    )
    .says(1, "pilot/exit is STOP, which nobody can override");
    walk.at(
        "2026-11-17T13:47:00Z",
        "gate pause release.yaml --why 'exceptions at 9%, every second order'",
    )
    .says(0, "pilot is paused");
    walk.at(
        "2026-11-17T13:50:00Z",
        "gate rollback release.yaml --why 'carrier answers with 5xx' --done 1=@operations",
    )
    .says(0, "step 2: open: Revert the connector");
    walk.at(
        "2026-11-17T13:59:00Z",
        "gate rollback release.yaml --done 2=@integrations",
    )
    .says(0, "next: gate check release.yaml --gate pilot/recovery");
    walk.at(
        "2026-11-17T14:10:00Z",
        "gate check release.yaml --gate pilot/recovery",
    )
    .says(1, "pilot/recovery");
}

fn well_again(walk: &mut Walk) {
    walk.at(
        "2026-11-17T14:45:00Z",
        "gate check release.yaml --gate pilot/recovery",
    )
    .says(0, "GO pilot/recovery");
    walk.at(
        "2026-11-17T14:50:00Z",
        "gate check release.yaml --gate pilot/exit",
    )
    .says(4, "tripped at 2026-11-17T13:45:00Z");
    walk.at(
        "2026-11-17T14:51:00Z",
        "gate start release.yaml wave-1 --override --why 'we are late'",
    )
    .says(
        1,
        "wave-1 cannot begin: pilot was rolled back by mara at 2026-11-17T13:50:00Z",
    );
    walk.at(
        "2026-11-18T09:00:00Z",
        "gate resume release.yaml --why 'connector 1.0.1 is out, replayed all orders' --link https://issues.example.com/412",
    )
    .says(0, "its window restarts at 2026-11-18T09:00:00Z");
    for (time, text) in [
        ("2026-11-19T08:30:00Z", "1.2% exceptions, no complaint"),
        (
            "2026-11-20T08:30:00Z",
            "1.1% exceptions, carrier confirms the fix",
        ),
    ] {
        walk.at(
            time,
            &format!("gate note release.yaml --checkpoint '{text}'"),
        )
        .says(0, "checkpoint of pilot");
    }
}

fn into_wave_1(walk: &mut Walk) {
    walk.at("2026-11-20T09:00:00Z", "gate check release.yaml")
        .says(3, "window runs, complete in 10m (2026-11-20T09:10:00Z)");
    walk.at(
        "2026-11-20T09:15:00Z",
        "gate confirm release.yaml warehouse-lead --by 'Jonas Weber'",
    )
    .says(
        0,
        "by Jonas Weber (given): warehouse-lead of pilot confirmed",
    );
    walk.at(
        "2026-11-20T09:20:00Z",
        "gate check release.yaml --before wave-1",
    )
    .says(3, "GO pilot/exit")
    .says(3, "gate approve release.yaml ROLE --gate wave-1/entry");
    walk.at(
        "2026-11-20T09:30:00Z",
        "gate approve release.yaml operations --by 'Ada Okafor' --expires 24h",
    )
    .says(
        0,
        "operations signed for wave-1/entry, which is GO apart from approvals",
    );
    walk.at(
        "2026-11-20T09:31:00Z",
        "gate approve release.yaml product --by 'Ada Okafor'",
    )
    .says(1, "the plan asks for distinct people");
    walk.at(
        "2026-11-20T09:40:00Z",
        "gate approve release.yaml product --by 'Lin Chen'",
    )
    .says(0, "next: gate check release.yaml --gate wave-1/entry");
    walk.at(
        "2026-11-20T09:45:00Z",
        "gate check release.yaml --before wave-1",
    )
    .says(0, "GO pilot/exit")
    .says(0, "GO wave-1/entry");
    walk.at("2026-11-20T10:00:00Z", "gate start release.yaml wave-1")
        .says(0, "wave-1 began at 2026-11-20T10:00:00Z");
}

fn what_was_recorded(walk: &mut Walk) {
    walk.at("2026-11-20T10:05:00Z", "gate status release.yaml")
        .says(0, "wave-1");
    walk.at("2026-11-20T10:06:00Z", "gate ledger release.yaml")
        .says(0, "wave-1");
    walk.at("2026-11-20T10:07:00Z", "gate ledger release.yaml verify")
        .says(0, "entries");
}

/// The whole rollout from its evidence and its ledger, weeks later.
fn in_reports(walk: &mut Walk) {
    let report = |walk: &mut Walk, kind: &str| {
        let line = format!("gate report release.evidence --format {kind}");
        let done = walk.at("2026-12-14T09:00:00Z", &line);
        assert_eq!(done.code, 0, "{}", done.err);
        done.out
    };
    let summary = report(walk, "summary");
    for said in [
        "PARTIAL: 1 of 2 stages left with GO",
        "stop tripped: exception_rate",
        "carrier answers with 5xx",
        "at most 25m (no check between 2026-11-17T14:10:00Z and 2026-11-17T14:15:00Z): the conditions of pilot/recovery have held since 2026-11-17T14:15:00Z",
        "wave-1/entry: product",
    ] {
        assert!(summary.contains(said), "{said} in\n{summary}");
    }
    assert!(report(walk, "handover").contains("discard the copy"));
    let note = report(walk, "status");
    assert!(note.lines().any(|line| line.contains("Where: ")), "{note}");
    for kind in ["summary-html", "handover-html", "rollback-html"] {
        assert!(report(walk, kind).starts_with("<!DOCTYPE html>"));
    }
}

/// A command with its output: in the tutorial a line that is `…` stands for any lines.
#[derive(Debug, Default)]
struct Typed {
    /// To the minute.
    time: String,
    line: String,
    output: Vec<String>,
}

/// What the tutorial shows is what was typed and printed, in that order.
fn told_by_the_tutorial(printed: &[Typed]) {
    let mut walked = printed.iter();
    for told in told() {
        let typed = walked.find(|typed| (&typed.time, &typed.line) == (&told.time, &told.line));
        let typed = typed.unwrap_or_else(|| panic!("nobody typed {} at {}", told.line, told.time));
        assert!(
            shows(&told.output, &typed.output),
            "docs/tutorial.md shows something else than:\n$ {}\n{}",
            typed.line,
            typed.output.join("\n")
        );
    }
}

/// The commands in the tutorial.
fn told() -> Vec<Typed> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tutorial.md");
    let page = fs::read_to_string(page).expect("docs/tutorial.md");
    let blocks = page.split("```console\n").skip(1);
    let blocks = blocks.map(|block| block.split("```").next().expect("its text"));
    let mut told: Vec<Typed> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        if let Some(time) = line.strip_prefix("# ") {
            told.push(Typed {
                time: time.to_owned(),
                ..Typed::default()
            });
            continue;
        }
        let last = told.last_mut().expect("a time before the first command");
        match line.strip_prefix("$ ") {
            Some(line) => line.clone_into(&mut last.line),
            None => last.output.push(comparable(line)),
        }
    }
    for one in &mut told {
        trim(&mut one.output);
    }
    assert!(told.len() > 20, "the tutorial tells the whole walk");
    told
}

/// Blank lines at the end separate two commands.
fn trim(lines: &mut Vec<String>) {
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
}

/// The line with what differs from walk to walk made equal: digests of what holds the server's address.
fn comparable(line: &str) -> String {
    let word = |word: &str| {
        let digits = word.trim_end_matches(')');
        let is_digest = digits.len() >= 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let shown = if is_digest { "digest" } else { digits };
        format!("{shown}{}", &word[digits.len()..])
    };
    let words: Vec<String> = line.split(' ').map(word).collect();
    words.join(" ")
}

fn shows(told: &[String], printed: &[String]) -> bool {
    match told.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line == "…" => {
            (0..=printed.len()).any(|skipped| shows(rest, &printed[skipped..]))
        }
        Some((line, rest)) => {
            printed.first() == Some(line) && shows(rest, printed.get(1..).unwrap_or_default())
        }
    }
}
