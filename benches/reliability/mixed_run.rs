//! Many checks against mixed faults, and their results.

use std::time::Instant;

use crate::document;
use crate::healthy::{healthy, whole};
use crate::mixed;

/// Runs this many checks, from a seed on, and fails if a GO was not earned.
pub fn mixed(checks: u64, seed: u64) {
    let server = healthy();
    let body = whole(&server, 15);
    let begin = Instant::now();
    let tally = mixed::run(&body, seed..seed + checks);
    let verdicts: Vec<String> = tally
        .verdicts
        .iter()
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    let text = format!(
        "{checks} checks (seeds {seed} to {}) of 1 to 3 KPIs, {} answers sent: {}; **{} GO that was not earned**. The slowest check took {:.2} s, all of them {:.0} s.\n",
        seed + checks - 1,
        tally.answers,
        verdicts.join(", "),
        tally.not_earned.len(),
        tally.slowest.as_secs_f64(),
        begin.elapsed().as_secs_f64()
    );
    print!("{text}");
    document::replace("mixed", &text);
    assert!(
        tally.not_earned.is_empty(),
        "{}",
        tally.not_earned.join("\n")
    );
}
