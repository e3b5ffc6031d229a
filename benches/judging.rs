//! How long judging takes, without any source: 1 to 10 million points, which must be linear.
//!
//! ```text
//! cargo bench --bench judging
//! ```
#![expect(clippy::print_stdout, reason = "prints its figures")]
#![expect(clippy::expect_used, reason = "a bench that cannot run fails")]

use std::time::Instant as Clock;

use gate::evaluate::{GateRef, Request, assess, questions};
use gate::plan;
use gate::samples::{Asked, Labels, Observations, Point, Question, Reply, Series};
use gate::units::Instant;

/// Points of each series: a week of minutes.
const POINTS: usize = 10_000;
const ROUNDS: usize = 7;
const PLAN: &str = "\
release: judging
source: http://127.0.0.1:9090
kpis:
  all: { query: x, per: index, step: 1m }
stages:
  - name: week
    window: 599940s
    observe: trailing
    exit: { kpis: { all: \"CONDITION\" } }
";

fn main() {
    // `cargo test --benches` only checks that this builds.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    for condition in ["< 1000", "p95 < 1000", "< 1000 for 99%"] {
        println!("condition `{condition}`");
        for millions in [1, 2, 4, 8, 10] {
            let seconds = measure(condition, millions * 1_000_000 / POINTS);
            println!("  {millions:2} million points: {seconds:.3} s");
        }
    }
}

/// The median of the time that one assessment takes.
fn measure(condition: &str, series: usize) -> f64 {
    let plan = plan(condition);
    let request = Request {
        later_starts: std::collections::BTreeMap::new(),
        later_checks: Vec::new(),
        later_holds: Vec::new(),
        outlook: Vec::new(),
        trailing: false,
        at: Instant::from_secs(1_795_132_800),
        started: None,
        gates: vec![GateRef { stage: 0, gate: 0 }],
        ledger: None,
        plan_sha256: None,
        vars: Vec::new(),
        addresses: Vec::new(),
    };
    let observations: Observations = questions(&plan, &request)
        .into_iter()
        .map(|question| {
            let reply = reply(&question, series);
            (question, Ok(reply))
        })
        .collect();
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begin = Clock::now();
            let assessment = assess(&plan, &request, &observations);
            let seconds = begin.elapsed().as_secs_f64();
            assert_eq!(assessment.verdict().word(), "GO");
            seconds
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times.get(ROUNDS / 2).copied().expect("a median")
}

fn plan(condition: &str) -> plan::Plan {
    let text = PLAN.replace("CONDITION", condition);
    let options = plan::Options::default();
    let loaded = plan::load(text.as_bytes(), &options).map_err(|problems| format!("{problems:?}"));
    loaded.expect("a valid plan").plan
}

fn reply(question: &Question, series: usize) -> Reply {
    let Asked::Range(grid) = question.asked else {
        return Reply::default();
    };
    let one = |index: usize| Series {
        labels: Labels::from_iter([("index".to_owned(), index.to_string())]),
        points: (0..grid.count())
            .map(|position| Point {
                at: grid.at(position),
                value: wave(position + index),
            })
            .collect(),
    };
    Reply {
        series: (0..series).map(one).collect(),
        ..Reply::default()
    }
}

/// Neither sorted nor constant.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn wave(position: usize) -> f64 {
    (position.wrapping_mul(2_654_435_761) % 1000) as f64
}
