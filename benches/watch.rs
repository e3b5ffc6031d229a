//! What a watch costs: an incremental round beside a whole one, memory over many rounds, and how soon a stop ends it.
//!
//! ```text
//! cargo bench --bench watch
//! cargo bench --bench watch -- 10000    # that many rounds, one each second
//! ```
//!
//! Against a server of the tests that answers at once, so that the times are those of `gate`. Needs Linux (`/proc`).
#![expect(clippy::print_stdout, reason = "prints its figures")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot run fails"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use support::live::{Live, now};
use support::program::Workplace;

/// 20 KPIs in one plan, a point each minute.
const KPIS: usize = 20;

fn main() {
    // `cargo test --benches` only checks that this builds.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let asked = std::env::args().filter_map(|word| word.parse::<u64>().ok());
    let rounds = asked.max().unwrap_or(30);
    println!("{KPIS} KPIs, a series each, 48 h at 1 m, 40 h observed; a round each second");
    costs(rounds);
    println!(
        "time from the point that completes a stop to the end with 4, steps and rounds of 1 s"
    );
    let mut seconds: Vec<f64> = (0..5).map(|_| to_the_end()).collect();
    seconds.sort_by(f64::total_cmp);
    println!(
        "  {:.2} s (median of {}), at most {:.2} s",
        seconds[2],
        seconds.len(),
        seconds[4]
    );
}

fn plan(url: &str) -> String {
    let kpis = (0..KPIS)
        .map(|one| format!("  k{one}: {{query: q{one}, unit: percent, step: 1m, per: site}}\n"));
    let asked = (0..KPIS).map(|one| format!("k{one}: \"< 1%\""));
    format!(
        "release: r\nsource: {url}\nkpis:\n{}stages:\n  - name: pilot\n    window: 48h\n    exit: {{kpis: {{{}}}}}\n",
        kpis.collect::<String>(),
        asked.collect::<Vec<_>>().join(", ")
    )
}

fn begin(workplace: &Workplace, more: &[&str]) -> Child {
    let mut arguments = vec!["watch", "plan.yaml", "--by", "ada", "--every", "1s"];
    arguments.extend(more);
    let cache = workplace.path().join("cache");
    let cache = cache.to_string_lossy().into_owned();
    let mut command = workplace.command(&arguments, &[("XDG_CACHE_HOME", &cache)]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().expect("gate")
}

/// CPU time so far in seconds, and resident memory in KiB.
fn used(process: u32) -> (f64, u64) {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or("").split(' ').collect();
    let ticks = |place: usize| fields.get(place).and_then(|one| one.parse::<f64>().ok());
    // User and system time, in hundredths of a second.
    let cpu = (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0;
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let resident = status.lines().find_map(|line| {
        let rest = line.strip_prefix("VmRSS:")?;
        rest.trim().trim_end_matches(" kB").parse().ok()
    });
    (cpu, resident.unwrap_or(0))
}

fn costs(rounds: u64) {
    let live = Live::new();
    let workplace = Workplace::with_plan(&plan(live.url()));
    let start = [
        "start",
        "plan.yaml",
        "pilot",
        "--by",
        "ada",
        "--at",
        "40h",
        "--why",
        "bench",
    ];
    let started = workplace.gate(&start);
    assert_eq!(started.code, 0, "{started:?}");
    let mut child = begin(&workplace, &["--for", &format!("{}s", rounds + 5)]);
    std::thread::sleep(Duration::from_secs(4));
    let (cpu, resident) = used(child.id());
    let began = Instant::now();
    std::thread::sleep(Duration::from_secs(rounds.saturating_sub(3).max(1)));
    let (later, grown) = used(child.id());
    let passed = began.elapsed().as_secs_f64();
    let _ = child.wait();
    let mut files = workplace.files("plan.evidence", ".rounds.jsonl");
    let text = std::fs::read_to_string(files.pop().expect("rounds")).expect("rounds");
    let all: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a round"))
        .collect();
    let of = |whole: bool, key: &str| {
        let mut values: Vec<u64> = all
            .iter()
            .filter(|one| one["whole"] == whole)
            .map(|one| one[key].as_u64().expect("a number"))
            .collect();
        values.sort_unstable();
        values[values.len() / 2]
    };
    for (whole, name) in [(true, "whole round"), (false, "incremental round")] {
        println!(
            "  {name:18} {:>4} questions, {:>6} points, {:>5} ms",
            of(whole, "asked"),
            of(whole, "points"),
            of(whole, "ms")
        );
    }
    let samples = of(true, "points");
    println!(
        "  points asked for: 1/{}",
        samples / of(false, "points").max(1)
    );
    println!(
        "  CPU of an incremental round: {:.1} ms",
        (later - cpu) / passed * 1000.0
    );
    println!(
        "  resident memory after the first rounds {} KiB, after {:.0} s {} KiB ({} samples; 40 MiB + 24 B each is {} KiB)",
        resident,
        passed,
        grown,
        samples,
        40 * 1024 + samples * 24 / 1024
    );
    println!("  written: {} rounds in {} bytes", all.len(), text.len());
}

fn to_the_end() -> f64 {
    let live = Live::new();
    let plan = format!(
        "release: r\nsource: {}\nkpis:\n  k: {{query: q, unit: percent, step: 1s, per: site}}\nstages:\n  - name: pilot\n    window: 60s\n    exit: {{kpis: {{k: \"< 1%\"}}}}\n    stop: {{kpis: {{k: \"> 5% for 3s\"}}}}\n",
        live.url()
    );
    let workplace = Workplace::with_plan(&plan);
    assert_eq!(
        workplace
            .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
            .code,
        0
    );
    let mut child = begin(&workplace, &[]);
    std::thread::sleep(Duration::from_secs(3));
    let bad = now().ceil();
    live.had(bad, bad + 100.0, 9.0);
    let status = child.wait().expect("an end");
    assert_eq!(status.code(), Some(4));
    now() - (bad + 3.0)
}
