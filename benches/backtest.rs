//! How long a backtest takes, and how much memory, without any source: 20 KPIs of 3 series, 90 days at 1m, started every 15m; the window must not matter.
//! With `ratios` the KPIs are ratios of events, and with `week` it is one of them, for a week of hourly starts.
//!
//! ```text
//! cargo bench --bench backtest [-- ratios | week]
//! ```
#![expect(clippy::print_stdout, reason = "prints its figures")]
#![expect(clippy::expect_used, reason = "a bench that cannot run fails")]

use std::time::Instant as Clock;

use gate::backtest::{Allowed, Counted, Incidents, asked, of_gate, suggestions, tried};
use gate::evaluate::{GateRef, History};
use gate::plan;
use gate::samples::{Asked, Labels, Observations, Point, Question, Reply, Series};
use gate::units::{Duration, Instant};

const VALUES: Bench = Bench {
    kpis: 20,
    days: 90,
    every: 900,
    is_ratio: false,
    conditions: [
        ("exit", "< 998"),
        ("exit", "p95 < 960"),
        ("exit", "mean < 510"),
        ("exit", "< 900 for 80%"),
        ("stop", "> 990 for 10m"),
    ]
    .as_slice(),
};
const RATIOS: Bench = Bench {
    is_ratio: true,
    conditions: [
        ("exit", "< 99.8%"),
        ("exit", "overall < 51%"),
        ("exit", "< 60% over 1h and 5m"),
        ("exit", "< 90% for 80%"),
        ("stop", "> 99% for 10m"),
    ]
    .as_slice(),
    ..VALUES
};
const WEEK: Bench = Bench {
    kpis: 2,
    days: 7,
    every: 3_600,
    conditions: [("stop", "> 99% for 5m"), ("exit", "overall < 51%")].as_slice(),
    ..RATIOS
};

/// What is judged.
struct Bench {
    kpis: usize,
    days: i64,
    /// In seconds.
    every: i64,
    is_ratio: bool,
    /// The list and the condition of each KPI, by turns.
    conditions: &'static [(&'static str, &'static str)],
}

fn main() {
    // `cargo test --benches` only checks that this builds.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let asked = |word: &str| std::env::args().any(|one| one == word);
    let (bench, windows) = if asked("week") {
        (WEEK, ["12h", "24h", "48h"])
    } else if asked("ratios") {
        (RATIOS, ["1h", "24h", "7d"])
    } else {
        (VALUES, ["1h", "24h", "7d"])
    };
    for window in windows {
        measure(&bench, window);
    }
}

fn measure(bench: &Bench, window: &str) {
    let plan = plan(bench, window);
    let gate = GateRef { stage: 0, gate: 0 };
    let to = Instant::from_secs(1_795_132_800);
    let from = to - Duration::from_secs(bench.days * 86_400);
    let every = Duration::from_secs(bench.every);
    let trials = of_gate(&plan, gate, (from, to), every).expect("trials");
    let questions = asked(&plan, &[&trials], (from, to)).questions;
    let answers = questions.into_iter().map(|question| {
        let reply = reply(&question);
        (question, Ok(reply))
    });
    let history = History::of(answers.collect::<Observations>());
    let begin = Clock::now();
    let tried = tried(&plan, trials, &history);
    let judged = begin.elapsed().as_secs_f64();
    let one_by_one: usize = tried
        .criteria
        .iter()
        .map(|one| one.swept.one_by_one())
        .sum();
    let incidents = Incidents::new(Vec::new(), Duration::ZERO);
    let begin = Clock::now();
    let counted = Counted::of(&tried, &incidents, (from, to));
    let count = begin.elapsed().as_secs_f64();
    let allowed = Allowed {
        false_stops: 1.0,
        per: Duration::from_secs(7 * 86_400),
        false_no_go: 0.01,
        headroom: 0.1,
    };
    let begin = Clock::now();
    let suggested = suggestions(&plan, (&tried, &counted), &history, allowed, false).len();
    let tune = begin.elapsed().as_secs_f64();
    println!(
        "window {window:>3}: {} points, {} starts: judged in {judged:.2} s ({one_by_one} one by one), counted in {count:.2} s, {suggested} limits suggested in {tune:.2} s, at most {:.1} bytes a point in memory",
        history.points(),
        tried.outcomes.len(),
        most_memory() / number(history.points()),
    );
}

/// The most that this process held so far, in bytes; it counts the samples themselves.
fn most_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find_map(|line| {
        let rest = line.strip_prefix("VmHWM:")?;
        rest.trim().trim_end_matches(" kB").parse::<f64>().ok()
    });
    most.map_or(f64::NAN, |most| most * 1024.0)
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn number(count: usize) -> f64 {
    count as f64
}

fn plan(bench: &Bench, window: &str) -> plan::Plan {
    let mut text = String::from("release: backtest\nsource: http://127.0.0.1:9090\nkpis:\n");
    for kpi in 0..bench.kpis {
        let query = if bench.is_ratio {
            format!("ratio: {{ errors: \"x{kpi}\", total: \"all{kpi}\" }}")
        } else {
            format!("query: \"x{kpi}\"")
        };
        text.push_str(&format!("  k{kpi}: {{ {query}, per: site, step: 1m }}\n"));
    }
    text.push_str(&format!("stages:\n  - name: pilot\n    window: {window}\n"));
    for list in ["exit", "stop"] {
        text.push_str(&format!("    {list}:\n      kpis:\n"));
        for kpi in 0..bench.kpis {
            let (of, condition) = (bench.conditions)
                .get(kpi % bench.conditions.len())
                .copied()
                .unwrap_or_default();
            if of == list {
                text.push_str(&format!("        k{kpi}: \"{condition}\"\n"));
            }
        }
    }
    let loaded = plan::load(text.as_bytes(), &plan::Options::default());
    loaded
        .map_err(|problems| format!("{problems:?}"))
        .expect("a valid plan")
        .plan
}

fn reply(question: &Question) -> Reply {
    let Asked::Range(grid) = question.asked else {
        return Reply::default();
    };
    let is_all = question.query.starts_with("all");
    let seed: usize = question.query.bytes().map(usize::from).sum();
    let one = |index: usize| Series {
        labels: Labels::from_iter([("site".to_owned(), index.to_string())]),
        points: (0..grid.count())
            .map(|position| {
                let at = grid.at(position);
                let minute = usize::try_from(at.millis() / 60_000).unwrap_or_default();
                Point {
                    at,
                    value: if is_all {
                        1000.0
                    } else {
                        wave(minute + index * 977 + seed)
                    },
                }
            })
            .collect(),
    };
    Reply {
        series: (0..3).map(one).collect(),
        ..Reply::default()
    }
}

/// Neither sorted nor constant.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn wave(position: usize) -> f64 {
    (position.wrapping_mul(2_654_435_761) % 1000) as f64
}
