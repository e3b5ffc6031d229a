//! A proxy that corrupts the answers of a healthy Prometheus: no fault gives a GO that the data do not earn, and none
//! takes longer than the timeout allows.

mod connections;
mod edits;
mod floods;
pub mod healthy;
pub mod list;
mod mixed;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::faulty::{Faulty, json};
use crate::support::program::{Workplace, skipped};
use healthy::{
    AT, COHORT, KPI, TIMEOUT, addressed, bad_data, has_form, healthy, plan, source, whole,
};
use list::Fault;

/// How much longer a run may take.
const GRACE: Duration = Duration::from_secs(3);
const WORKERS: usize = 12;

/// One source, one KPI and one stage for each prefix of an answer.
fn plan_of_cuts(url: &str, count: usize) -> String {
    let (mut sources, mut kpis, mut stages) = (String::new(), String::new(), String::new());
    for cut in 0..=count {
        writeln!(
            sources,
            "  s{cut}: {{url: \"{url}/{cut}\", timeout: 500ms}}"
        )
        .expect("text");
        writeln!(kpis, "  k{cut}: {{{KPI}, step: 1m, source: s{cut}}}").expect("text");
        writeln!(
            stages,
            "  - {{name: c{cut}, observe: trailing, window: 5m, {COHORT}, exit: {{kpis: {{k{cut}: \"< 1\"}}}}}}"
        )
        .expect("text");
    }
    format!("release: test\nsources:\n{sources}kpis:\n{kpis}stages:\n{stages}")
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn no_fault_gives_a_go_that_the_data_do_not_earn_or_takes_too_long() {
    let server = healthy();
    let body = whole(&server, 15);
    let text = body.clone();
    let elsewhere = Faulty::answering(move |asked| {
        if has_form(asked) {
            json(&text)
        } else {
            bad_data()
        }
    });
    let faults = list::all(elsewhere.url());
    assert!(faults.len() > 180, "only {} faults", faults.len());
    each_ends_as_it_must(body, faults, WORKERS, GRACE);
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn no_flood_gives_a_go_or_takes_too_long() {
    // Time and memory are measured where they mean something: by the bench, in a release build.
    let grace = 15 * GRACE;
    each_ends_as_it_must(whole(&healthy(), 15), list::floods(), 2, grace);
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn no_broken_server_gives_a_go_or_takes_too_long() {
    let wrong: Vec<String> = connections::all(&whole(&healthy(), 15))
        .into_iter()
        .filter(|broken| broken.hosts.is_none() || can_give_hosts())
        .filter_map(|broken| {
            let outcome = run(
                &plan(&broken.source),
                broken.hosts.as_deref(),
                broken.earns,
                GRACE,
            );
            let what = outcome.err()?;
            Some(format!("{}, {}: {what}", broken.family, broken.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether this machine can give a program another hosts file.
fn can_give_hosts() -> bool {
    let outcome = Command::new("unshare").args(["--mount", "true"]).output();
    let can = outcome.is_ok_and(|output| output.status.success());
    if !can {
        skipped("names that lead astray need root and `unshare`");
    }
    can
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn no_mix_of_faults_gives_a_go_that_was_not_earned() {
    // A longer run, from another seed on: cargo bench --bench reliability -- mixed
    let tally = mixed::run(&whole(&healthy(), 15), 0..300);
    assert!(tally.not_earned.is_empty(), "{:#?}", tally.not_earned);
    assert!(tally.verdicts["GO"] > 30, "{tally:?}");
    assert!(tally.verdicts["HOLD"] > 30, "{tally:?}");
    assert!(tally.slowest < Duration::from_secs(4), "{tally:?}");
}

fn each_ends_as_it_must(body: String, faults: Vec<Fault>, workers: usize, grace: Duration) {
    let names: Vec<(String, bool)> = faults
        .iter()
        .map(|fault| (format!("{}, {}", fault.family, fault.name), fault.earns))
        .collect();
    let proxy = Faulty::new(move |asked, stream| {
        let (name, call) = addressed(asked);
        let fault = name.parse().ok().and_then(|index: usize| faults.get(index));
        match fault {
            Some(fault) if call.starts_with("api/v1/query_range") => (fault.send)(&body, stream),
            _ => drop(stream.write_all(&bad_data())),
        }
    });
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((name, earns)) = names.get(index) else {
                        return;
                    };
                    let plan = plan(&source(&format!("{}/{index}", proxy.url())));
                    if let Err(what) = run(&plan, None, *earns, grace) {
                        wrong.lock().expect("a list").insert(name.clone(), what);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("a list");
    assert!(
        wrong.is_empty(),
        "{} of {}: {wrong:#?}",
        wrong.len(),
        names.len()
    );
}

/// Runs a check against a fault; says what is wrong with how it ended.
fn run(plan: &str, hosts: Option<&str>, earns: bool, grace: Duration) -> Result<(), String> {
    let workplace = Workplace::with_plan(plan);
    let begin = Instant::now();
    let finished = workplace.gate_among(
        hosts,
        &["check", "plan.yaml", "--gate", "pilot/exit", "--at", AT],
    );
    let took = begin.elapsed();
    let said = format!(
        "exit {} after {took:?}: {}{}",
        finished.code, finished.out, finished.err
    );
    if took > TIMEOUT + grace {
        return Err(format!("too slow: {said}"));
    }
    if workplace.files("plan.evidence", ".json").len() != 1 {
        return Err(format!("no evidence: {said}"));
    }
    let evidence = workplace.evidence();
    if evidence["exit_code"] != finished.code {
        return Err(format!("another exit code in the evidence: {said}"));
    }
    match (earns, finished.code) {
        (true, 0) | (false, 1 | 3) => Ok(()),
        _ => Err(said),
    }
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn an_answer_that_is_cut_anywhere_is_not_an_answer() {
    let server = healthy();
    let body = whole(&server, 60);
    let count = body.len();
    for chunks in [false, true] {
        let body = body.clone();
        let proxy = Faulty::answering(move |asked| {
            let (name, call) = addressed(asked);
            let cut: usize = name.parse().unwrap_or(0);
            match body.get(..cut) {
                Some(part) if call.starts_with("api/v1/query_range") && chunks => in_chunks(part),
                Some(part) if call.starts_with("api/v1/query_range") => json(part),
                _ => bad_data(),
            }
        });
        let workplace = Workplace::with_plan(&plan_of_cuts(proxy.url(), count));
        let finished = workplace.gate(&["check", "plan.yaml", "--all", "--at", AT, "--no-answers"]);
        assert_eq!(finished.code, 3, "{}", finished.err);
        let evidence = workplace.evidence();
        let gates = evidence["gates"].as_array().expect("gates");
        // A stage that was not rolled back has nothing to recover from.
        let is_exit = |gate: &&serde_json::Value| {
            let name = gate["gate"].as_str().expect("a name");
            name.ends_with("/exit")
        };
        let exits: Vec<_> = gates.iter().filter(is_exit).collect();
        assert_eq!(exits.len(), count + 1);
        for (cut, gate) in exits.into_iter().enumerate() {
            let expected = if cut == count { "GO" } else { "HOLD" };
            assert_eq!(
                gate["verdict"], expected,
                "{cut} of {count} bytes: {gate:#}"
            );
        }
    }
}

/// Many small chunks, correctly ended.
fn in_chunks(body: &str) -> Vec<u8> {
    let mut text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".to_owned();
    for piece in body.as_bytes().chunks(7) {
        write!(
            text,
            "{:x}\r\n{}\r\n",
            piece.len(),
            String::from_utf8_lossy(piece)
        )
        .expect("text");
    }
    (text + "0\r\n\r\n").into_bytes()
}
