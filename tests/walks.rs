//! Each rollout plan walked from its first entry to its last exit on a real Prometheus, with a STOP, a rollback, recovery
//! and resume (L21). A walk is a text beside this file:
//!
//! ```text
//! every 60s from 2026-11-18 00:00 to 2026-11-21 00:00        the samples, then each series with its level:
//! counter http_requests_total{code="200|404"} 20             as `samples.rs` reads it
//!   2026-11-20 10:20 to 2026-11-20 10:35: 3                  another level for some time
//! at 2026-11-20 10:00                                        the time until the next `at`
//! write evidence/sbom.json                                   files that are there from then on
//! $ gate check canary.yaml                                   a command
//! 3 gate approve canary.yaml lead                            its exit code, and words of the last paragraph printed
//! | nobody has signed                                        words that are printed somewhere
//! ```
//!
//! What was typed and printed is left in `target/tmp/walks/NAME.txt`, and of terminals of 80 and 120 columns
//! in `NAME80.txt` and `NAME120.txt`.

mod samples;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, UNIX_EPOCH};

use gate::units::Instant;

use crate::support::clock;
use crate::support::faulty::{Faulty, json};
use crate::support::kpis::RULES;
use crate::support::program::Workplace;
use crate::support::scenario::repository;
use crate::support::servers::{Server, prometheus_with_rules};
use crate::support::timeless::Timeless;

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn l21_the_canary_from_first_to_last() {
    walk("canary", "canary");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn l21_the_logistics_release_from_first_to_last() {
    walk("logistics-r1.0", "logistics");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn l21_the_new_site_from_first_to_last() {
    walk("site-rollout-us-c03", "site");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn l21_the_batch_release_from_first_to_last() {
    walk("batch-release-v2.1.0", "batch");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn l21_the_staged_checklist_from_first_to_last() {
    walk("staged-checklist-v1.0.0", "staged");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn l6_a_canary_that_is_fixed_forward() {
    walk("canary", "superseded");
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn l15_on_a_terminal_of_80_columns() {
    for (plan, name) in WALKS {
        walk_on(plan, name, Some(80));
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn l15_on_a_terminal_of_120_columns() {
    for (plan, name) in WALKS {
        walk_on(plan, name, Some(120));
    }
}

/// Each plan, and the text of its walk.
const WALKS: [(&str, &str); 6] = [
    ("canary", "canary"),
    ("logistics-r1.0", "logistics"),
    ("site-rollout-us-c03", "site"),
    ("batch-release-v2.1.0", "batch"),
    ("staged-checklist-v1.0.0", "staged"),
    ("canary", "superseded"),
];

/// Of a walk, the check whose answers are kept for the plan's own tests (`gate test`).
const KEPT: [(&str, &str, &str); 2] = [
    ("logistics-r1.0", "logistics", "20261106T0730"),
    ("staged-checklist-v1.0.0", "staged", "20261113T2006"),
];

/// Writes `rollout-plans/PLAN.tests/go.answers.json.gz` again.
#[test]
#[ignore = "writes files of the repository: run it by its name"]
fn bless_the_answers_of_the_plans_own_tests() {
    for (plan, name, time) in KEPT {
        let walk = walk_on(plan, name, None);
        let folder = walk.place.path().join(format!("release/{plan}.evidence"));
        let entries = fs::read_dir(&folder).expect("evidence");
        let mut files = entries.map(|entry| entry.expect("a file").file_name());
        let is_kept = |file: &std::ffi::OsString| {
            let file = file.to_string_lossy();
            file.starts_with(time) && file.ends_with("-go.answers.json.gz")
        };
        let kept = files.find(is_kept).expect("a check that was GO");
        let tests = repository().join(format!("rollout-plans/{plan}.tests"));
        fs::copy(folder.join(kept), tests.join("go.answers.json.gz")).expect("a copy");
    }
}

/// Walks a plan, as the text of this name says, into a pipe.
fn walk(plan: &str, name: &str) {
    walk_on(plan, name, None);
}

/// The same on a terminal of so many columns, if one is asked for.
fn walk_on(plan: &str, name: &str, columns: Option<usize>) -> Walk {
    let file = repository().join(format!("tests/walks/{name}.txt"));
    let text = fs::read_to_string(file).expect("a walk");
    let (series, steps) = text.split_once("\nat ").expect("samples, then a time");
    let server = prometheus_with_rules(&samples::read(series), RULES, None);
    let mut walk = Walk::begin(plan, name, columns, &server);
    for step in format!("at {steps}").lines() {
        walk.step(step);
    }
    walk.is_over();
    assert!(walk.wide.is_empty(), "{}", walk.wide.join("\n"));
    walk
}

/// Where it takes place, and what was typed last.
struct Walk {
    /// How wide the terminal is; `None`: it is a pipe.
    columns: Option<usize>,
    /// What was printed wider than that.
    wide: Vec<String>,
    place: Workplace,
    /// In front of Prometheus, so that it does not tell another time than the walk's.
    front: Timeless,
    /// What the plans' probes ask.
    application: Faulty,
    /// What was typed and printed so far.
    log: File,
    /// Seconds since the epoch.
    now: i64,
    last: Option<Typed>,
}

/// A command, how it ended, and whether anything was said about that.
struct Typed {
    line: String,
    code: Option<i32>,
    printed: String,
    is_looked_at: bool,
}

impl Walk {
    /// In a folder `release`, which holds the plan.
    fn begin(plan: &str, name: &str, columns: Option<usize>, server: &Server) -> Self {
        let place = Workplace::new();
        fs::create_dir_all(place.path().join("release")).expect("a folder");
        let file = format!("{plan}.yaml");
        let shipped = repository().join("rollout-plans").join(&file);
        fs::copy(shipped, place.path().join("release").join(file)).expect("the plan");
        let logs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("walks");
        fs::create_dir_all(&logs).expect("a folder");
        let width = columns.map_or_else(String::new, |columns| columns.to_string());
        let log = logs.join(format!("{name}{width}.txt"));
        Self {
            columns,
            wide: Vec::new(),
            place,
            front: Timeless::in_front_of(server.url()),
            application: Faulty::answering(|_| healthy()),
            log: File::create(log).expect("a file"),
            now: 0,
            last: None,
        }
    }

    /// One line of the text.
    fn step(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "" | "#" => {}
            "at" => self.now = samples::moment(rest),
            "write" => rest.split(' ').for_each(|name| self.write(name)),
            "$" => self.type_in(rest),
            "|" => self.says(rest),
            code => self.ended(code.parse().expect("an exit code"), rest),
        }
    }

    /// A healthy file that was changed now.
    fn write(&self, name: &str) {
        let path = self.place.path().join("release").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, healthy_file(name)).expect("a file");
        let now = UNIX_EPOCH + Duration::from_secs(self.now.unsigned_abs());
        let file = File::options().append(true).open(&path).expect("a file");
        file.set_modified(now).expect("a time of change");
    }

    fn type_in(&mut self, line: &str) {
        self.is_over();
        let time = Instant::from_secs(self.now).to_string();
        let evaluated = Instant::from_secs(self.now - 60).to_string();
        self.front
            .rules_evaluated_at(evaluated.trim_end_matches('Z'));
        let output = self.shell(line, &time);
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8(printed).expect("UTF-8").replace('\r', "");
        let columns = self.columns.unwrap_or(usize::MAX);
        self.wide.extend(too_wide(columns, line, &printed));
        let code = output.status.code();
        let shown = code.unwrap_or(-1);
        write!(
            self.log,
            "# {time}, exit code {shown}\n$ {line}\n{printed}\n"
        )
        .expect("the log");
        self.last = Some(Typed {
            line: format!("at {time}: {line}"),
            code,
            printed,
            is_looked_at: false,
        });
    }

    fn shell(&self, line: &str, time: &str) -> Output {
        let folder = Path::new(env!("CARGO_BIN_EXE_gate")).parent();
        let folder = folder.expect("a folder").display();
        let mut command = match self.columns {
            None => Command::new("sh"),
            Some(columns) => {
                let mut script = Command::new("script");
                script
                    .args(["-qe", "/dev/null"])
                    .arg(format!("-c stty rows 40 cols {columns}; {line}"));
                script
            }
        };
        if self.columns.is_none() {
            command.args(["-c", line]);
        }
        command
            .current_dir(self.place.path().join("release"))
            .env_clear()
            .env("PATH", format!("{folder}:/usr/bin:/bin"))
            .envs([("USER", "mara"), ("HOSTNAME", "desk"), ("NO_COLOR", "1")])
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("PROMETHEUS_URL", self.front.url())
            .env("SPARK_API", self.application.url())
            .env("STAGING_API", self.application.url())
            .envs(clock::at(time))
            .output()
            .expect("a shell")
    }

    /// The last command ended with this code, and these words are in the last paragraph of what it printed.
    fn ended(&mut self, code: i32, sentence: &str) {
        let typed = self.last.as_mut().expect("a command");
        let last = typed.printed.trim_end().rsplit("\n\n").next();
        let said = words(last.unwrap_or_default()).contains(&words(sentence));
        assert!(
            said && typed.code == Some(code),
            "{}\nexpected {code}, last: {sentence}\nended with {:?}:\n{}",
            typed.line,
            typed.code,
            typed.printed
        );
        typed.is_looked_at = true;
    }

    /// The last command printed these words.
    fn says(&self, sentence: &str) {
        let typed = self.last.as_ref().expect("a command");
        assert!(
            words(&typed.printed).contains(&words(sentence)),
            "{}\nexpected: {sentence}\nprinted:\n{}",
            typed.line,
            typed.printed
        );
    }

    /// Nothing is typed without saying how it ends.
    fn is_over(&self) {
        if let Some(typed) = &self.last {
            assert!(
                typed.is_looked_at,
                "{} ends how?\n{}",
                typed.line, typed.printed
            );
        }
    }
}

/// The lines of what was printed that are wider than the terminal, but for what is copied as it is: a command, one long word.
fn too_wide(columns: usize, typed: &str, printed: &str) -> Vec<String> {
    if typed.contains(" | ") {
        return Vec::new();
    }
    let wide = printed.lines().filter(|line| {
        let copied = ["gate ", "next: gate "];
        let is_copied = (copied.iter()).any(|word| line.trim_start().starts_with(word));
        let longest = line.split_whitespace().map(str::len).max().unwrap_or(0);
        line.chars().count() > columns && !is_copied && longest <= columns / 2
    });
    wide.map(|line| format!("{typed}\n{line}")).collect()
}

/// Reports wrap their lines.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a healthy application answers, whichever it is.
fn healthy() -> Vec<u8> {
    let body = r#"{"version": "v1.4.0"}"#;
    let text = String::from_utf8(json(body)).expect("UTF-8");
    text.replacen("\r\n", "\r\napi-version: 1\r\n", 1)
        .into_bytes()
}

/// What a file of this name holds if all is well.
fn healthy_file(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("xml") => {
            r#"<testsuite name="all" tests="4"><testcase name="a"/><testcase name="b"/><testcase name="c"/><testcase name="d"/></testsuite>"#
        }
        Some("sarif") => {
            r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "scan"}}, "results": []}]}"#
        }
        Some("json") => {
            r#"{"total": {"percent": 95}, "latency": {"change_percent": 1.2}, "users": 1000}"#
        }
        _ => "healthy\n",
    }
}
