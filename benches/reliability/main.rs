//! Proves that `gate` never says GO by accident, and writes the figures into `docs/reliability.md`:
//!
//! ```text
//! cargo bench --bench reliability                    # everything
//! cargo bench --bench reliability -- faults          # the table of faults
//! cargo bench --bench reliability -- mixed 10000 1   # so many checks against mixed faults, from a seed on
//! cargo bench --bench reliability -- crashes 500     # SIGKILL at so many moments of each writing command
//! cargo bench --bench reliability -- load            # 200 plans, 1 000 gates, a source of 2 queries at a time
//! ```
//!
//! Fails where a promise is broken. Needs GNU time; the names that lead astray need root and `unshare`.
#![expect(clippy::print_stdout, reason = "prints its figures")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench that cannot run fails"
)]

#[path = "../../tests/faults/connections.rs"]
mod connections;
mod document;
#[path = "../../tests/faults/floods.rs"]
mod floods;
#[path = "../../tests/faults/healthy.rs"]
mod healthy;
#[path = "../../tests/faults/list.rs"]
mod list;
mod measured;
#[path = "../../tests/support/mod.rs"]
mod support;
mod table;

/// Checks against mixed faults.
const MIXED: u64 = 10_000;
/// Moments at which each writing command is killed.
const CRASHES: u64 = 500;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` only wants to know that this builds.
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "--bench")
        .collect();
    match words.as_slice() {
        ["faults"] => table::faults(),
        [] => {
            table::faults();
        }
        other => panic!("there is no part {other:?}"),
    }
}
