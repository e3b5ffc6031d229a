//! A GO goes off: its age (T7) and the version of the plan that was judged (T8) hold what would rest on it, in the whole program,
//! with data that get worse and a clock that goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::past::{confirmed, ledger, started};
use crate::source_fake::{Fake, ranged};
use crate::support::clock;
use crate::support::program::{Finished, Workplace};
use gate::ledger::Answer;

const PLAN: &str = "
release: R1.0
source: { url: SERVER, timeout: 5s }
kpis: { err: { query: x, unit: ratio } }
stages:
  - name: pilot
    window: 10m
    entry: { window: 5m, kpis: { err: \"< 1%\" } }
    stop: { kpis: { err: \"> 50%\" } }
    exit: { kpis: { err: \"< 1%\" } }
  - name: wave-1
    window: 10m
    exit: { kpis: { err: \"< 1%\" } }
";

/// A source that always measures the same share of errors, in parts per thousand, until the test says otherwise.
struct Scene {
    place: Workplace,
    plan: String,
    errors: Arc<AtomicU32>,
    _server: Fake,
}

impl Scene {
    async fn begin() -> Self {
        let errors = Arc::new(AtomicU32::new(5));
        let measured = Arc::clone(&errors);
        let server = Fake::start(move |request| {
            let share = f64::from(measured.load(Ordering::SeqCst)) / 1000.0;
            ranged(request, &share.to_string())
        })
        .await;
        let plan = PLAN.replace("SERVER", &server.url());
        let place = Workplace::with_plan(&plan);
        Self {
            place,
            plan,
            errors,
            _server: server,
        }
    }

    fn measures(&self, errors: u32) {
        self.errors.store(errors, Ordering::SeqCst);
    }

    /// Runs `gate` on the plan at this time of 2026-11-20.
    fn at(&self, time: &str, words: &[&str]) -> Finished {
        let (verb, rest) = words.split_first().expect("a command");
        let by: &[&str] = if *verb == "status" {
            &[]
        } else {
            &["--by", "mara"]
        };
        let environment = clock::at(&format!("2026-11-{time}Z"));
        let environment: Vec<(&str, &str)> = (environment.iter())
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let line = [&[*verb, "plan.yaml"], rest, by].concat();
        self.place.gate_with(&line, &environment)
    }

    /// The pilot began at midnight.
    fn pilot(&self) {
        self.at("20T00:00:00", &["check", "--gate", "pilot/entry"])
            .says(0, "GO");
        self.at("20T00:00:01", &["start", "pilot"])
            .says(0, "pilot began");
    }
}

const EXIT: [&str; 3] = ["check", "--gate", "pilot/exit"];
const WAVE: [&str; 2] = ["start", "wave-1"];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the servers: tests/all.sh"]
async fn t7_an_entry_go_of_14_days_ago_begins_nothing() {
    let scene = Scene::begin().await;
    scene
        .at("06T00:00:00", &["check", "--gate", "pilot/entry"])
        .says(0, "GO");
    scene.measures(900);
    scene
        .at("20T00:00:00", &["start", "pilot"])
        .says(
            1,
            "but its GO has expired: it was good until 2026-11-06T00:15:00Z",
        )
        .says(1, "gate check plan.yaml --gate pilot/entry");
    scene
        .at("20T00:00:00", &["status"])
        .says(0, "but its GO has expired")
        .says(0, "gate check plan.yaml --gate pilot/entry");
    scene
        .at("20T00:01:00", &["check", "--gate", "pilot/entry"])
        .says(1, "NO-GO");
    // Nor does one by a clock that is two weeks behind: what was found for a later time is in the ledger.
    scene.measures(5);
    scene
        .at("06T00:00:00", &["check", "--gate", "pilot/entry"])
        .says(3, "pilot/entry was NO-GO at 2026-11-20T00:01:00Z");
    scene
        .at("06T00:01:00", &["start", "pilot"])
        .says(1, "pilot/entry was NO-GO");
    scene
        .at("20T00:02:00", &["start", "pilot"])
        .says(1, "pilot/entry was NO-GO");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the servers: tests/all.sh"]
async fn t7_a_pilot_that_was_left_days_ago_needs_one_command() {
    let scene = Scene::begin().await;
    scene.pilot();
    scene.at("20T00:11:00", &EXIT).says(0, "GO");
    scene.at("20T00:20:00", &["status"]).never_says("expired");
    scene
        .at("23T00:20:00", &["status"])
        .says(0, "left pilot")
        .says(
            0,
            "but its GO has expired: it was good until 2026-11-20T00:26:00Z",
        )
        .says(0, "gate check plan.yaml --gate pilot/exit");
    scene
        .at("23T00:20:00", &WAVE)
        .says(1, "but its GO has expired")
        .says(1, "\n  gate check plan.yaml --before wave-1\nto begin anyway\n  gate start plan.yaml wave-1 --override --why <reason>\n");
    scene
        .at("23T00:21:00", &["check", "--before", "wave-1"])
        .says(0, "GO");
    scene.at("23T00:22:00", &WAVE).says(0, "wave-1 began");
    // From now on nothing rests on it.
    scene
        .at("25T00:00:00", &["status"])
        .says(0, "left pilot")
        .never_says("expired");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the servers: tests/all.sh"]
async fn t7_a_go_by_a_clock_that_is_ahead_begins_nothing() {
    let scene = Scene::begin().await;
    scene.pilot();
    scene.at("22T00:11:00", &EXIT).says(0, "GO");
    scene
        .at("20T00:12:00", &WAVE)
        .says(1, "ahead of this clock: correct the clock that is wrong");
    // Ages are told by the newest date: somebody says that it was wrong.
    scene.at("20T00:13:00", &EXIT).says(0, "GO");
    scene
        .at("20T00:14:00", &WAVE)
        .says(1, "but its GO has expired")
        .says(1, "ahead of this clock");
    let wrong = [&WAVE[..], &["--override", "--why", "the clock was ahead"]].concat();
    scene.at("20T00:14:00", &wrong).says(0, "wave-1 began");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the servers: tests/all.sh"]
async fn t8_a_plan_that_was_loosened_judged_and_put_back_begins_nothing() {
    let scene = Scene::begin().await;
    scene.pilot();
    scene.measures(20);
    scene.at("20T00:11:40", &EXIT).says(1, "NO-GO");
    let loosened = scene.plan.replace(
        "exit: { kpis: { err: \"< 1%\" } }",
        "exit: { kpis: { err: \"< 99%\" } }",
    );
    scene.place.write("plan.yaml", loosened);
    scene.at("20T00:11:50", &EXIT).says(0, "GO");
    scene.place.write("plan.yaml", &scene.plan);
    scene
        .at("20T00:12:00", &WAVE)
        .says(
            1,
            "pilot/exit was GO at 2026-11-20T00:11:50Z, but the plan has changed since",
        )
        .says(1, "gate check plan.yaml --before wave-1");
    scene
        .at("20T00:12:00", &["status"])
        .says(0, "but the plan has changed since");
    let earlier = [&EXIT[..], &["--at", "2026-11-20T00:11:00Z"]].concat();
    scene.measures(5);
    scene
        .at("20T00:12:30", &earlier)
        .says(3, "pilot/exit was NO-GO at 2026-11-20T00:11:40Z");
    scene
        .at("20T00:12:40", &WAVE)
        .says(1, "pilot/exit was HOLD at 2026-11-20T00:11:00Z");
    scene.at("20T00:13:00", &EXIT).says(0, "GO");
    scene.at("20T00:14:00", &WAVE).says(0, "wave-1 began");
}

const PEOPLE: &str = "
release: R1.0
stages:
  - { name: pilot, exit: { confirmations: [lead] } }
  - { name: wave-1, entry: { confirmations: [ready] } }
";

#[test]
fn t7_a_go_for_two_days_ago_begins_nothing() {
    let days = 24 * 60;
    let place = Workplace::with_plan(PEOPLE);
    let before = vec![
        (3 * days, started("pilot")),
        (3 * days, confirmed("pilot", "lead", Answer::Yes)),
        (3 * days, confirmed("wave-1", "ready", Answer::Yes)),
    ];
    place.write(crate::past::LEDGER, ledger(before));
    let gate = |words: &[&str]| place.gate(&[words, &["--by", "mara"]].concat());
    gate(&["check", "plan.yaml", "--before", "wave-1", "--at", "48h"]).says(0, "GO");
    gate(&["start", "plan.yaml", "wave-1"]).says(1, "but its GO has expired");
    gate(&["check", "plan.yaml", "--gate", "wave-1/entry"])
        .says(3, "pilot/exit was GO")
        .says(3, "but its GO has expired");
    gate(&["check", "plan.yaml", "--before", "wave-1"]).says(0, "GO");
    gate(&["start", "plan.yaml", "wave-1", "--at", "47h"]).says(1, "wave-1 cannot begin");
    gate(&["start", "plan.yaml", "wave-1"]).says(0, "wave-1 began");
}

#[test]
fn t8_every_edit_of_the_plan_has_the_gates_asked_again() {
    let place = Workplace::with_plan(PEOPLE);
    let gate = |words: &[&str]| place.gate(&[words, &["--by", "mara"]].concat());
    gate(&["start", "plan.yaml", "pilot"]).says(0, "pilot began");
    gate(&["confirm", "plan.yaml", "lead", "ready"]).says(0, "confirmed");
    gate(&["check", "plan.yaml", "--before", "wave-1"]).says(0, "GO");
    place.write("plan.yaml", format!("{PEOPLE}# a remark\n"));
    gate(&["start", "plan.yaml", "wave-1"]).says(
        1,
        "but the plan has changed since\n  gate check plan.yaml --before wave-1",
    );
    gate(&["check", "plan.yaml", "--gate", "wave-1/entry"])
        .says(3, "but the plan has changed since");
    gate(&["check", "plan.yaml", "--before", "wave-1"]).says(0, "GO");
    gate(&["start", "plan.yaml", "wave-1"]).says(0, "wave-1 began");
}

#[test]
fn t8_plans_whose_files_differ_by_their_extension_never_share_a_ledger() {
    let place = Workplace::with_plan(PEOPLE);
    place.write(
        "plan.yml",
        PEOPLE.replace("confirmations: [lead]", "confirmations: [lead, more]"),
    );
    let gate = |words: &[&str]| place.gate(&[words, &["--by", "mara"]].concat());
    gate(&["start", "plan.yaml", "pilot"]).says(0, "pilot began");
    let said = "plan.ledger.jsonl is the ledger of plan.yaml, not of plan.yml\nname the plan plan.yaml, or give this one another name";
    gate(&["confirm", "plan.yml", "lead"]).says(2, said);
    gate(&["start", "plan.yml", "wave-1"]).says(2, said);
    gate(&["check", "plan.yml"]).says(2, said);
    place.gate(&["status", "plan.yml"]).says(2, said);
    gate(&["check", "plan.yml", "--no-ledger"]).says(3, "HOLD");
    // The ways out: a name of its own; and a plan that is renamed takes its ledger along.
    std::fs::rename(
        place.path().join("plan.yml"),
        place.path().join("other.yml"),
    )
    .expect("renamed");
    gate(&["start", "other.yml", "pilot"]).says(0, "pilot began");
    for (old, new) in [
        ("plan.yaml", "next.yaml"),
        ("plan.ledger.jsonl", "next.ledger.jsonl"),
    ] {
        std::fs::rename(place.path().join(old), place.path().join(new)).expect("renamed");
    }
    gate(&["confirm", "next.yaml", "lead"]).says(0, "confirmed");
    place
        .gate(&["ledger", "next.yaml", "verify"])
        .says(0, "2 entries");
}

const CHECKLIST: &str = "
release: R1.0
checklists: { ready: [{ id: tested, text: unit tests pass }] }
stages:
  - { name: pilot, entry: { checklists: [ready] }, exit: { confirmations: [lead] } }
";

#[test]
fn t10_a_confirmation_binds_to_the_words_and_to_the_stage_as_it_began() {
    let place = Workplace::with_plan(CHECKLIST);
    let gate = |words: &[&str]| place.gate(&[words, &["--by", "mara"]].concat());
    gate(&["confirm", "plan.yaml", "tested"]).says(0, "confirmed");
    gate(&["check", "plan.yaml", "--gate", "pilot/entry"]).says(0, "GO");
    let reworded = CHECKLIST.replace("unit tests pass", "failover was rehearsed");
    place.write("plan.yaml", reworded);
    gate(&["check", "plan.yaml", "--gate", "pilot/entry"])
        .says(
            3,
            "has to be answered again: the text has changed since it was confirmed by mara",
        )
        .says(3, "gate confirm plan.yaml ready/tested --stage pilot");
    place
        .gate(&["status", "plan.yaml"])
        .says(0, "the text has changed since it was confirmed by mara");
    gate(&["start", "plan.yaml", "pilot"]).says(1, "pilot cannot begin");
    gate(&["confirm", "plan.yaml", "tested"]).says(0, "confirmed");
    gate(&["check", "plan.yaml", "--gate", "pilot/entry"]).says(0, "GO");
    // What the exit asks, nobody can have seen yet.
    gate(&["confirm", "plan.yaml", "lead"]).says(
        1,
        "lead is asked once pilot has begun, and it has not begun gate start plan.yaml pilot",
    );
    gate(&["start", "plan.yaml", "pilot"]).says(0, "pilot began");
    gate(&["confirm", "plan.yaml", "lead"]).says(0, "confirmed");
    gate(&["check", "plan.yaml"]).says(0, "GO");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the servers: tests/all.sh"]
async fn t11_an_override_is_for_the_plan_and_for_what_was_measured() {
    let scene = Scene::begin().await;
    scene.pilot();
    scene.measures(20);
    scene.at("20T00:11:00", &EXIT).says(1, "NO-GO");
    let proceed = [
        "override",
        "pilot/exit",
        "--expires",
        "12h",
        "--why",
        "known",
    ];
    scene
        .at("20T00:12:00", &proceed)
        .says(0, "or another criterion not met, or the plan is changed");
    // The same criterion, worse: both values.
    scene.measures(30);
    let accepting = [&EXIT[..], &["--accept-overrides"]].concat();
    scene
        .at("20T00:13:00", &accepting)
        .says(0, "OVERRIDDEN by mara")
        .says(
            0,
            "it was 2% when mara decided to proceed (#4), and is 3% now",
        );
    scene.at("20T00:13:30", &["status"]).says(0, "OVERRIDDEN");
    // A stop is none of it.
    let edited = scene.plan.replace(
        "exit: { kpis: { err: \"< 1%\" } }",
        "exit: { kpis: { err: \"< 2%\" } }",
    );
    scene.place.write("plan.yaml", edited);
    scene
        .at("20T00:14:00", &accepting)
        .says(1, "NO-GO")
        .never_says("OVERRIDDEN by");
    scene
        .at("20T00:14:30", &["status"])
        .never_says("OVERRIDDEN by");
    scene
        .at("20T00:14:40", &WAVE)
        .says(1, "wave-1 cannot begin");
    scene.at("20T00:14:50", &proceed).says(0, "OVERRIDDEN");
    scene
        .at("20T00:15:00", &accepting)
        .says(0, "OVERRIDDEN by mara");
    scene.measures(900);
    scene
        .at("20T00:16:00", &accepting)
        .says(4, "STOP")
        .never_says("OVERRIDDEN by");
}

#[test]
fn t11_an_override_of_another_version_of_the_plan_is_refused() {
    let place = Workplace::with_plan(PEOPLE);
    let gate = |words: &[&str]| place.gate(&[words, &["--by", "mara"]].concat());
    gate(&["start", "plan.yaml", "pilot"]).says(0, "pilot began");
    gate(&["check", "plan.yaml", "--gate", "pilot/exit"]).says(3, "HOLD");
    place.write("plan.yaml", format!("{PEOPLE}# a remark\n"));
    let proceed = [
        "override",
        "plan.yaml",
        "pilot/exit",
        "--expires",
        "1h",
        "--why",
        "known",
    ];
    gate(&proceed).says(
        1,
        "the plan has changed since check #2 gate check plan.yaml --gate pilot/exit",
    );
    gate(&["check", "plan.yaml", "--gate", "pilot/exit"]).says(3, "HOLD");
    gate(&proceed).says(0, "OVERRIDDEN");
    place.write("plan.yaml", PEOPLE);
    gate(&["start", "plan.yaml", "wave-1"]).says(1, "wave-1 cannot begin");
}

/// What the environment says about the address, and what the command line does.
#[tokio::test(flavor = "multi_thread")]
async fn t11_a_go_on_another_source_is_none() {
    let server = |value: &'static str| Fake::start(move |request| ranged(request, value));
    let (staging, real) = (server("0.005").await, server("0.9").await);
    let plan = "
release: R1.0
source: ${PROMETHEUS:-http://127.0.0.1:9}
kpis: { err: { query: x, unit: ratio } }
stages:
  - { name: pilot, entry: { window: 5m, kpis: { err: \"< 1%\" } }, exit: { confirmations: [lead] } }
";
    let place = Workplace::with_plan(plan);
    let (there, here) = (staging.url(), real.url());
    let gate = |words: &[&str], environment: &[(&str, &str)]| {
        let by: &[&str] = if words[0] == "status" {
            &[]
        } else {
            &["--by", "mara"]
        };
        place.gate_with(&[words, by].concat(), environment)
    };
    let on_real: &[(&str, &str)] = &[("PROMETHEUS", &here)];
    let on_staging: &[(&str, &str)] = &[("PROMETHEUS", &there)];
    let entry = ["check", "plan.yaml", "--gate", "pilot/entry"];
    let start = ["start", "plan.yaml", "pilot"];
    let said = format!(
        "but it asked the source default at {there}, and here that is {here} gate check plan.yaml --gate pilot/entry"
    );
    gate(&entry, on_staging).says(0, "GO");
    gate(&start, on_real).says(1, &said);
    gate(&["status", "plan.yaml"], on_real).says(0, &format!("and here that is {here}"));
    gate(&start, &[]).says(1, "and here that is http://127.0.0.1:9 gate check");
    // The same by --source.
    gate(&[&entry[..], &["--source", &there]].concat(), on_real).says(0, "GO");
    gate(&start, on_real).says(1, &said);
    gate(&entry, on_real).says(1, "NO-GO");
    gate(&start, on_staging).says(1, "pilot/entry was NO-GO");
    // Whoever means that source says so.
    gate(&[&entry[..], &["--source", &there]].concat(), &[]).says(0, "GO");
    gate(&["status", "plan.yaml", "--source", &there], &[]).says(0, "gate start plan.yaml pilot");
    gate(
        &[&start[..], &["--source", &format!("{there}/")]].concat(),
        &[],
    )
    .says(0, "pilot began");
    // From then on, too.
    let exit = ["check", "plan.yaml", "--gate", "pilot/exit"];
    gate(&["confirm", "plan.yaml", "lead"], &[]).says(0, "confirmed");
    gate(&exit, on_real).says(
        3,
        &format!("pilot was started on the source default at {there} (#"),
    );
    gate(&exit, on_staging).says(0, "GO");
}

#[test]
fn t11_what_is_done_with_var_is_for_what_was_checked_with_it() {
    let plan = PEOPLE
        .replace(
            "release: R1.0",
            "release: R1.0\nsource: http://127.0.0.1:9\nvars: { env: prod }\nkpis: { errors: { query: 'errors{env=\"$env\"}' } }",
        )
        .replace(
            "entry: { confirmations: [ready] }",
            "window: 10m, entry: { confirmations: [ready] }, exit: { kpis: { errors: \"< 1\" } }",
        )
        .replace(
            "exit: { confirmations: [lead] }",
            "exit: { approvals: [product] }",
        );
    let place = Workplace::with_plan(&plan);
    let gate = |words: &[&str]| place.gate(&[words, &["--by", "mara"]].concat());
    let staging = ["--var", "env=staging"];
    let with = |words: &[&str]| gate(&[words, &staging].concat());
    with(&["start", "plan.yaml", "pilot"]).says(0, "pilot began");
    gate(&["confirm", "plan.yaml", "ready", "--stage", "wave-1"]).says(0, "confirmed");
    // What runs answers the question that it was started with.
    gate(&["check", "plan.yaml", "--gate", "pilot/exit"])
        .says(
            3,
            "pilot was started with --var env=staging (#1), and this is another question",
        )
        .says(3, "check with --var env=staging");
    let approve = ["approve", "plan.yaml", "product", "--gate", "pilot/exit"];
    // It is judged again, for the question that is signed.
    with(&approve)
        .says(
            0,
            "pilot/exit is judged before it is signed: check #3 answered another question",
        )
        .says(
            0,
            "next: gate check plan.yaml --gate pilot/exit --var env=staging",
        );
    with(&["check", "plan.yaml", "--before", "wave-1"]).says(0, "GO");
    gate(&["start", "plan.yaml", "wave-1"]).says(1, "that is another question");
    place
        .gate(&[&["status", "plan.yaml"][..], &staging].concat())
        .says(0, "gate start plan.yaml wave-1 --var env=staging");
    with(&["start", "plan.yaml", "wave-1"]).says(0, "wave-1 began");
}
