//! What a watch costs: an incremental round beside a whole one, a watch between its rounds, memory over many rounds, and how soon a stop
//! ends it.
//!
//! ```text
//! cargo bench --bench watch
//! cargo bench --bench watch -- 10000    # that many rounds for the memory; default: 300
//! ```
//!
//! Against a server of the tests that answers at once, so that the times are those of `gate`. Needs Linux (`/proc`). The many rounds are a
//! minute apart by a clock of their own, which a preloaded library makes as fast as rounds can follow each other: they need
//! `tests/servers/fetch.sh`.
#![expect(clippy::print_stdout, reason = "prints its figures")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot run fails"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use support::clock;
use support::live::{Live, now};
use support::program::Workplace;

/// 20 KPIs of three series in one plan, a point each minute.
const KPIS: u64 = 20;
const SITES: [&str; 3] = ["BER1", "HAM1", "MUC1"];
/// How many rounds are measured by the clock that everybody has.
const ROUNDS: u64 = 30;
/// A minute of the fast clock takes 60 s divided by this, 150 ms: rounds that take longer fall out, and it is said how many.
const FASTER: u64 = 400;

fn main() {
    // `cargo test --benches` only checks that this builds.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    let asked = std::env::args().filter_map(|word| word.parse::<u64>().ok());
    let rounds = asked.max().unwrap_or(300);
    println!(
        "{KPIS} KPIs of {} series, 48 h at 1 m, 40 h observed",
        SITES.len()
    );
    costs();
    idle();
    memory(rounds);
    println!(
        "time from the point that completes a stop to the end with 4, steps and rounds of 1 s"
    );
    let mut seconds: Vec<f64> = (0..5).map(|_| to_the_end()).collect();
    seconds.sort_by(f64::total_cmp);
    println!(
        "  {:.2} s (median of {}), at most {:.2} s; limit 2 s",
        seconds[2],
        seconds.len(),
        seconds[4]
    );
}

/// `observed` is how long and how the stage is observed, `asked` what its exit asks besides.
fn plan(url: &str, observed: &str, besides: &str) -> String {
    let kpis = (0..KPIS)
        .map(|one| format!("  k{one}: {{query: q{one}, unit: percent, step: 1m, per: site}}\n"));
    let asked = (0..KPIS).map(|one| format!("k{one}: \"< 1%\""));
    format!(
        "release: r\nsources: {{main: {{url: \"{url}\", timeout: 10m}}}}\nkpis:\n{}stages:\n  - name: pilot\n    {observed}\n    exit: {{kpis: {{{}}}{besides}}}\n",
        kpis.collect::<String>(),
        asked.collect::<Vec<_>>().join(", ")
    )
}

/// A stage that began 40 h ago.
fn begun(live: &Live, observed: &str, besides: &str) -> Workplace {
    let workplace = Workplace::with_plan(&plan(live.url(), observed, besides));
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
    workplace
}

fn begin(workplace: &Workplace, more: &[&str], clock: &[(String, String)]) -> Child {
    let mut arguments = vec!["watch", "plan.yaml", "--by", "ada"];
    arguments.extend(more);
    let cache = workplace.path().join("cache");
    let cache = cache.to_string_lossy().into_owned();
    let mut command = workplace.command(&arguments, &[("XDG_CACHE_HOME", &cache)]);
    command.envs(clock.iter().cloned());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().expect("gate")
}

/// CPU time so far in seconds, and resident memory in KiB; nothing once the process has ended.
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

/// The lines of the rounds of a workplace, and how many bytes they are.
fn rounds(workplace: &Workplace) -> (Vec<Value>, usize) {
    let mut files = workplace.files("plan.evidence", ".rounds.jsonl");
    let text = files
        .pop()
        .and_then(|file| std::fs::read_to_string(file).ok());
    let text = text.unwrap_or_default();
    // The last line may not be written yet.
    let read = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    (read.collect(), text.len())
}

/// Waits for so many rounds, or the end.
fn until_round(count: usize, workplace: &Workplace, child: &mut Child) {
    while rounds(workplace).0.len() < count && child.try_wait().expect("gate").is_none() {
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn median(rounds: &[Value], whole: bool, key: &str) -> u64 {
    let of = rounds.iter().filter(|one| one["whole"] == whole);
    let mut values: Vec<u64> = of.map(|one| one[key].as_u64().expect("a number")).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "few of anything")]
fn costs() {
    let live = Live::of_sites(&SITES);
    let workplace = begun(&live, "window: 48h", "");
    let more = ["--every", "1s"];
    let mut child = begin(&workplace, &more, &[]);
    // The first, and those that still warm up.
    until_round(4, &workplace, &mut child);
    let (before, (cpu, _)) = (rounds(&workplace).0.len(), used(child.id()));
    let measured = usize::try_from(ROUNDS).expect("few rounds");
    until_round(before + measured, &workplace, &mut child);
    let (later, resident) = used(child.id());
    let made = rounds(&workplace).0.len() - before;
    let _ = child.kill();
    let _ = child.wait();
    let all = rounds(&workplace).0;
    for (whole, name) in [(true, "whole round"), (false, "incremental round")] {
        let of = |key: &str| median(&all, whole, key);
        println!(
            "  {name:18} {:>4} questions, {:>6} points ({:.0} a series), {:>5} ms",
            of("asked"),
            of("points"),
            of("points") as f64 / (KPIS as f64 * SITES.len() as f64),
            of("ms")
        );
    }
    println!("  limits of an incremental round: 60 questions, 30 points a series");
    let samples = median(&all, true, "points");
    println!(
        "  points asked for: 1/{} of a whole round; limit 1/100",
        samples / median(&all, false, "points").max(1)
    );
    println!(
        "  CPU of an incremental round: {:.1} ms, mean of {made}; limit 15 ms",
        (later - cpu) / made as f64 * 1000.0
    );
    println!(
        "  resident memory: {resident} KiB; limit, 40 MiB and 24 bytes for each of {samples} samples: {} KiB",
        40 * 1024 + samples * 24 / 1024
    );
}

/// What a watch costs while nothing is due.
fn idle() {
    const SECONDS: u64 = 40;
    let live = Live::of_sites(&SITES);
    let workplace = begun(&live, "window: 48h", "");
    let mut child = begin(&workplace, &["--every", "1h"], &[]);
    until_round(1, &workplace, &mut child);
    std::thread::sleep(Duration::from_secs(3));
    let (before, _) = used(child.id());
    std::thread::sleep(Duration::from_secs(SECONDS));
    let (after, _) = used(child.id());
    let _ = child.kill();
    let _ = child.wait();
    let share = (after - before) / Duration::from_secs(SECONDS).as_secs_f64();
    println!(
        "  CPU between rounds: {:.3} % over {SECONDS} s; limit 0.1 %",
        share * 100.0
    );
}

/// Many rounds as soon as one can follow the other, and the memory meanwhile: of a window that moves on, so that as many samples come
/// as go, and that nobody ever decides, since an answer is missing.
fn memory(count: u64) {
    let live = Live::of_sites(&SITES);
    live.knows_what_comes();
    let observed = "observe: trailing\n    window: 40h";
    let workplace = begun(&live, observed, ", confirmations: [lead]");
    let lasts = format!("{count}m");
    let more = [
        "--every",
        "1m",
        "--for",
        lasts.as_str(),
        "--grace",
        "100000h",
    ];
    let began = std::time::Instant::now();
    let mut child = begin(&workplace, &more, &clock::faster(FASTER));
    let mut resident = Vec::new();
    until_round(10, &workplace, &mut child);
    while child.try_wait().expect("gate").is_none() {
        let (_, now) = used(child.id());
        resident.extend((now > 0).then_some(now));
        std::thread::sleep(Duration::from_millis(500));
    }
    let (all, bytes) = rounds(&workplace);
    let fell_out = count.saturating_sub(u64::try_from(all.len()).expect("few rounds"));
    println!(
        "  {} rounds, one a minute of a clock {FASTER} times as fast, in {:.0} s; {fell_out} fell out",
        all.len(),
        began.elapsed().as_secs_f64()
    );
    let settled = resident.get(resident.len() / 10..).unwrap_or_default();
    let (Some(least), Some(most)) = (settled.iter().min(), settled.iter().max()) else {
        println!("  too few for the memory: this build is too slow for that clock");
        return;
    };
    println!(
        "  resident memory after the first tenth: {least} to {most} KiB, {} at the end; {} samples; limit 2 MiB either way",
        settled[settled.len() - 1],
        median(&all, true, "points")
    );
    println!(
        "  written: {bytes} bytes of rounds, or {} for the 2,880 of 48 h; limit 1,000,000; {} sets of evidence",
        bytes * 2880 / all.len().max(1),
        workplace.files("plan.evidence", ".json").len()
    );
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
    let mut child = begin(&workplace, &["--every", "1s"], &[]);
    std::thread::sleep(Duration::from_secs(3));
    let bad = now().ceil();
    live.had(bad, bad + 100.0, 9.0);
    let status = child.wait().expect("an end");
    assert_eq!(status.code(), Some(4));
    now() - (bad + 3.0)
}
