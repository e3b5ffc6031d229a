//! How fast and how small `gate check` is against a real Prometheus, compared with curl and promtool:
//!
//! ```text
//! cargo bench --bench speed
//! cargo bench --bench speed -- agreement   # only what ledger and records cost, without a server
//! cargo bench --bench speed -- sizes       # only the bytes of 2880 checks, without a server
//! cargo bench --bench speed -- appends     # only the time of 1000 entries, without a server
//! ```
//!
//! Runs are interleaved and medians are compared, so that a busy moment hits all alike. Needs curl and GNU time.
#![expect(clippy::print_stdout, reason = "prints its figures")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot run fails"
)]

mod agreement;
mod growth;
mod load;
mod run;

#[path = "../../tests/support/mod.rs"]
mod support;

use std::path::Path;

use load::{Form, Load};
use run::{Figures, curl, gate, promtool, replay};
use support::servers::{self, Version};

/// Rounds of interleaved runs.
const ROUNDS: usize = 7;
/// What a check may take on top of 24 bytes per sample, in KiB.
const BASE_KIB: f64 = 40.0 * 1024.0;

fn main() {
    // `cargo test --benches` only checks that this builds.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    if let Some(checks) = asked("sizes", 2880) {
        return growth::sizes(checks);
    }
    if let Some(entries) = asked("appends", 1000) {
        let words = std::env::args().filter(|word| word != "--bench");
        let before = words.skip_while(|one| one != "appends").nth(2);
        return growth::appends(entries, before.as_deref());
    }
    let milliseconds = agreement::agreement();
    println!(
        "\n1000 records and 3000 entries held against each other: {milliseconds:.1} ms (limit 5 ms)"
    );
    if std::env::args().any(|word| word == "agreement") {
        return;
    }
    for version in Version::ALL {
        println!("\n# Prometheus {}", version.number());
        against(version);
    }
    start_up();
}

/// How many of something are asked for: the number after the word, or else so many; `None` without the word.
fn asked(word: &str, otherwise: usize) -> Option<usize> {
    let mut words = std::env::args().skip_while(|one| one != word);
    words.next()?;
    let number = words.next().and_then(|number| number.parse().ok());
    Some(number.unwrap_or(otherwise))
}

fn against(version: Version) {
    let folder = tempfile::tempdir().expect("a folder");
    let server = servers::prometheus(version, &load::samples());
    for form in [Form::Average, Form::Bare] {
        for load in [load::narrow(form), load::wide(form)] {
            compare(&load, server.url(), folder.path());
        }
    }
    promtool_once(&load::narrow(Form::Average), server.url(), folder.path());
    for load in [load::single_answer("x"), load::single_answer("round(x)")] {
        memory(&load, server.url(), folder.path());
    }
}

/// `gate check`, without and with the answers kept, compared with curl discarding them.
fn compare(load: &Load, url: &str, folder: &Path) {
    let (plan, requests) = load.write(url, folder);
    let (mut bare, mut kept, mut discarding) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        discarding.push(curl(&requests));
        bare.push(gate(&plan, url, folder, true));
        kept.push(gate(&plan, url, folder, false));
    }
    let [discarding, bare, kept] = [discarding, bare, kept].map(|runs| Figures::median(&runs));
    println!(
        "\n{} ({} samples), medians of {ROUNDS}:",
        load.name, load.samples
    );
    println!("  curl, discarding            {discarding}");
    for (name, figures, limit) in [
        ("without answers", &bare, 1.25),
        ("with answers", &kept, 1.6),
    ] {
        let ratio = figures.seconds / discarding.seconds;
        println!("  gate check, {name:15} {figures}  {ratio:.2}× curl (limit {limit}×)");
    }
    println!(
        "  limit of memory             {:.0} MiB",
        limit_kib(load) / 1024.0
    );
}

/// One query after the other, as in a shell script.
fn promtool_once(load: &Load, url: &str, folder: &Path) {
    let (plan, _) = load.write(url, folder);
    let own = gate(&plan, url, folder, true);
    let seconds = promtool(load, url);
    let ratio = seconds / own.seconds;
    println!(
        "\n500 queries by promtool, one by one: {seconds:.2} s: gate check is {ratio:.0}× faster (at least 10×)"
    );
}

/// One answer of many series: memory must follow the samples, not the text.
fn memory(load: &Load, url: &str, folder: &Path) {
    let (plan, requests) = load.write(url, folder);
    let text = run::answer_bytes(&requests, folder);
    let figures = gate(&plan, url, folder, true);
    println!(
        "\n{}: an answer of {} MB, {} samples: {figures}, limit {:.0} MiB",
        load.name,
        text / 1_000_000,
        load.samples,
        limit_kib(load) / 1024.0
    );
}

/// CPU of a replay of the smallest fixture.
fn start_up() {
    let (name, milliseconds) = replay();
    println!("\nreplay of fixtures/{name}: {milliseconds:.1} ms of CPU (limit 10 ms)");
}

#[expect(clippy::cast_precision_loss, reason = "millions")]
fn limit_kib(load: &Load) -> f64 {
    BASE_KIB + load.samples as f64 * 24.0 / 1024.0
}
