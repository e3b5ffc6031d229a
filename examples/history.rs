//! Serves one of the generated KPI histories from a real Prometheus, to try plans by hand:
//!
//! ```text
//! cargo run --example history -- "canary healthy" [PORT]
//! gate check rollout-plans/canary.yaml --gate stage_1/exit --started 15m --at 2026-11-20T00:00:00Z --source URL
//! ```
//!
//! Ends when its standard input does. Must not judge anything.
#![expect(clippy::print_stdout, reason = "the address is what it is run for")]

use std::io::Read;

use anyhow::Context;

#[path = "../tests/support"]
#[allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "as in tests/support/mod.rs"
)]
mod support {
    pub mod exposition;
    pub mod kpis;
    pub mod random;
    pub mod servers;
}

use support::{kpis, servers};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().context("expected the name of a history")?;
    let port = arguments.next().map(|word| word.parse()).transpose();
    let samples = kpis::history(&name).with_context(|| format!("there is no history `{name}`"))?;
    let port = port.context("the port is no number")?;
    let server = servers::prometheus_with_rules(&samples, kpis::RULES, port);
    println!("{}", server.url());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
