//! Checks against faults drawn at random, one for each answer: whatever the combination, a GO must rest on
//! answers that earn it.
//!
//! Does what `gate check` does in this process, plan → source → evaluate, over real connections, without recording or
//! printing. The same seed draws the same faults.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpStream;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gate::evaluate::{self, GateRef, Request};
use gate::http;
use gate::plan::{Options, load};
use gate::source;
use gate::units;
use gate::verdict::Verdict;

use super::edits::{earned, edited, mutated};
use super::healthy::{COHORT, KPI, T, addressed, bad_data, has_form};
use super::list::{self, Fault, chunked, gzip, gzipped};
use crate::support::faulty::{Faulty, json};
use crate::support::random::Random;

/// Seeds that once gave a GO that was not earned. They are tried first, whatever else is drawn.
const KEPT: [u64; 0] = [];
/// Checks at a time: most of them wait.
const WORKERS: usize = 24;
/// Of a query.
const TIMEOUT: Duration = Duration::from_millis(500);

/// The results of many checks.
#[derive(Debug, Default)]
pub struct Tally {
    /// By verdict.
    pub verdicts: BTreeMap<&'static str, u64>,
    /// Answers that were sent.
    pub answers: u64,
    /// Seeds whose GO was not earned, with what was sent.
    pub not_earned: Vec<String>,
    /// The longest check.
    pub slowest: Duration,
}

/// What was sent to each question: a word for it, and whether it earns a GO.
type Log = Arc<Mutex<BTreeMap<String, Vec<(String, bool)>>>>;

/// Runs a check for each kept seed and for each of these.
pub fn run(body: &str, seeds: Range<u64>) -> Tally {
    http::install_crypto();
    let log = Log::default();
    let proxy = proxy(body, &log);
    let kept = KEPT.iter().copied();
    let seeds: Vec<u64> = kept.chain(seeds).collect();
    let (next, tally) = (AtomicU64::new(0), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(seed) = take(&next, &seeds) {
                    check(seed, proxy.url(), &log, &tally);
                }
            });
        }
    });
    tally.into_inner().expect("a tally")
}

fn take(next: &AtomicU64, seeds: &[u64]) -> Option<u64> {
    let index = next.fetch_add(1, Ordering::Relaxed);
    seeds
        .get(usize::try_from(index).expect("an index"))
        .copied()
}

/// Serves `/SEED-KPI/api/v1/…`: each answer is drawn from the seed, the KPI, and how many were sent before.
fn proxy(body: &str, log: &Log) -> Faulty {
    let whole = body.to_owned();
    let elsewhere = Faulty::answering(|_| bad_data());
    let mut faults = list::all(elsewhere.url());
    // Faults that only take time would make the run long; faults that heal keep their own state.
    faults.retain(|fault| {
        !["slow", "healing"].contains(&fault.family) && !fault.name.contains("another host")
    });
    let log = Arc::clone(log);
    Faulty::new(move |asked, stream| {
        let (name, call) = addressed(asked);
        if !call.starts_with("api/v1/query_range") || !has_form(asked) || !name.contains('-') {
            let _ = stream.write_all(&bad_data());
            return;
        }
        send(&name, &whole, &faults, &log, stream);
    })
}

fn send(name: &str, whole: &str, faults: &[Fault], log: &Log, stream: &mut TcpStream) {
    let mut log = log.lock().expect("the log");
    let sent = log.entry(name.to_owned()).or_default();
    let mut random = Random::named(&format!("{name}/{}", sent.len()));
    let (what, earns, bytes) = match random.below(100) {
        0..50 => ("healthy".to_owned(), true, framed(whole, &mut random)),
        50..70 => {
            let fault = &faults[random.below(faults.len())];
            sent.push((fault.name.clone(), fault.earns));
            drop(log);
            (fault.send)(whole, stream);
            return;
        }
        70..85 => changed("edited", edited(whole, &mut random), &mut random),
        _ => changed("mutated", mutated(whole, &mut random), &mut random),
    };
    sent.push((what, earns));
    drop(log);
    let _ = stream.write_all(&bytes);
}

/// A body that may no longer earn a GO, whole or cut.
fn changed(what: &str, body: Vec<u8>, random: &mut Random) -> (String, bool, Vec<u8>) {
    let earns = earned(&body);
    match String::from_utf8(body) {
        Ok(body) if random.below(4) == 0 => {
            let cut = body.floor_char_boundary(random.below(body.len() + 1));
            let whole = cut == body.len();
            let length = format!("Content-Length: {}\r\n", body.len());
            let bytes = list::framed(&length, &body.as_bytes()[..cut]);
            (
                format!("{what}, cut at {cut}: {body}"),
                earns && whole,
                bytes,
            )
        }
        Ok(body) => {
            let bytes = framed(&body, random);
            (format!("{what}: {body}"), earns, bytes)
        }
        Err(error) => {
            let bytes = error.into_bytes();
            let length = format!("Content-Length: {}\r\n", bytes.len());
            (what.to_owned(), earns, list::framed(&length, &bytes))
        }
    }
}

/// A whole answer in one of its forms.
fn framed(body: &str, random: &mut Random) -> Vec<u8> {
    match random.below(3) {
        0 => json(body),
        1 if body.is_ascii() => chunked(body, "0\r\n\r\n"),
        _ => gzipped(&gzip(body)),
    }
}

/// A plan of one to three KPIs, each asked of an address of its own.
fn plan(seed: u64, url: &str) -> (String, Vec<String>) {
    let count = 1 + Random::named(&format!("{seed}")).below(3);
    let names: Vec<String> = (0..count).map(|kpi| format!("{seed}-{kpi}")).collect();
    let (mut sources, mut kpis, mut asks) = (String::new(), String::new(), Vec::new());
    for (kpi, name) in names.iter().enumerate() {
        let timeout = TIMEOUT.as_millis();
        sources += &format!(
            "  s{kpi}: {{url: \"{url}/{name}\", timeout: {timeout}ms, compression: gzip}}\n"
        );
        kpis += &format!("  k{kpi}: {{{KPI}, step: 15s, source: s{kpi}}}\n");
        asks.push(format!("k{kpi}: \"< 1\""));
    }
    let asks = asks.join(", ");
    let plan = format!(
        "release: test\nsources:\n{sources}kpis:\n{kpis}stages:\n  - {{name: pilot, observe: trailing, window: 5m, {COHORT}, exit: {{kpis: {{{asks}}}}}}}\n"
    );
    (plan, names)
}

fn check(seed: u64, url: &str, log: &Log, tally: &Mutex<Tally>) {
    let (text, names) = plan(seed, url);
    let environment = |_: &str| None;
    let options = Options {
        environment: Some(&environment),
        ..Options::default()
    };
    let plan = load(text.as_bytes(), &options).expect("a plan").plan;
    let request = Request {
        later_starts: std::collections::BTreeMap::new(),
        later_checks: Vec::new(),
        later_holds: Vec::new(),
        outlook: Vec::new(),
        trailing: false,
        at: units::Instant::from_secs(T),
        started: None,
        gates: vec![GateRef { stage: 0, gate: 0 }],
        ledger: None,
        plan_sha256: None,
        vars: Vec::new(),
        addresses: Vec::new(),
    };
    let questions = evaluate::questions(&plan, &request);
    let asking = source::Request {
        sources: &plan.sources,
        folder: Path::new("."),
        questions: &questions,
        inquiries: &[],
        keep_answers: true,
        pool: &http::Pool::default(),
        environment: &environment,
        now: units::Instant::from_secs(T),
        clock: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let begin = Instant::now();
    let answered = runtime.block_on(source::ask(asking, &|_| {}, std::future::pending()));
    let took = begin.elapsed();
    let verdict = evaluate::assess(&plan, &request, &answered.observations).verdict();
    runtime.shutdown_background();
    count(seed, verdict, took, &names, log, tally);
}

/// A GO rests on the last answer to each question: earlier ones were retried.
fn count(
    seed: u64,
    verdict: Verdict,
    took: Duration,
    names: &[String],
    log: &Log,
    tally: &Mutex<Tally>,
) {
    let mut log = log.lock().expect("the log");
    let sent: Vec<Vec<(String, bool)>> = names
        .iter()
        .map(|name| log.remove(name).unwrap_or_default())
        .collect();
    let earned = sent
        .iter()
        .all(|answers| answers.last().is_some_and(|(_, earns)| *earns));
    let mut tally = tally.lock().expect("a tally");
    *tally.verdicts.entry(verdict.word()).or_default() += 1;
    tally.answers += sent.iter().map(|answers| answers.len() as u64).sum::<u64>();
    tally.slowest = tally.slowest.max(took);
    if verdict == Verdict::Go && !earned {
        tally.not_earned.push(format!("seed {seed}: {sent:#?}"));
    }
}
