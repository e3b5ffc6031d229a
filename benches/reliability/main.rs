//! Shows that `gate` never says GO by accident, and writes the figures into `docs/reliability.md`:
//!
//! ```text
//! cargo bench --bench reliability                    # everything
//! cargo bench --bench reliability -- faults          # the table of faults
//! cargo bench --bench reliability -- mixed 10000 1   # 10 000 checks against mixed faults, from seed 1 on
//! cargo bench --bench reliability -- crashes 500     # SIGKILL at 500 moments of each writing command
//! cargo bench --bench reliability -- alterations     # every value of a rollout's files changed, one at a time
//! cargo bench --bench reliability -- load            # 200 plans, 1 000 gates, a source of 2 queries at a time
//! ```
//!
//! Fails if a promise is broken. Needs GNU time; the misleading host names need root and `unshare`.
#![expect(clippy::print_stdout, reason = "prints its figures")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench that cannot run fails"
)]

mod alteration_run;
#[path = "../../tests/alterations/altered.rs"]
mod altered;
#[path = "../../tests/crashes/chain.rs"]
mod chain;
#[path = "../../tests/faults/connections.rs"]
mod connections;
mod crash_run;
mod document;
#[path = "../../tests/faults/edits.rs"]
mod edits;
#[path = "../../tests/faults/floods.rs"]
mod floods;
#[path = "../../tests/faults/healthy.rs"]
mod healthy;
#[path = "../../tests/crashes/killed.rs"]
mod killed;
#[path = "../../tests/faults/list.rs"]
mod list;
mod load_run;
mod measured;
#[path = "../../tests/faults/mixed.rs"]
mod mixed;
mod mixed_run;
#[path = "../../tests/alterations/moved.rs"]
mod moved;
#[path = "../../tests/alterations/scalars.rs"]
mod scalars;
#[path = "../../tests/support/mod.rs"]
mod support;
mod table;
#[path = "../../tests/crashes/whole.rs"]
mod whole;
#[path = "../../tests/crashes/writings.rs"]
mod writings;

/// Checks against mixed faults.
const MIXED: u64 = 10_000;
/// Moments at which each writing command is killed.
const CRASHES: u64 = 500;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` only checks that this builds.
    if !words.iter().any(|word| word == "--bench") {
        return;
    }
    let words: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| *word != "--bench")
        .collect();
    match words.as_slice() {
        [] => {
            table::faults();
            mixed_run::mixed(MIXED, 1);
            crash_run::crashes(CRASHES, 1);
            alteration_run::alterations();
            load_run::load();
        }
        ["faults"] => table::faults(),
        ["mixed", rest @ ..] => mixed_run::mixed(number(rest, 0, MIXED), number(rest, 1, 1)),
        ["crashes", rest @ ..] => crash_run::crashes(number(rest, 0, CRASHES), number(rest, 1, 1)),
        ["alterations"] => alteration_run::alterations(),
        ["load"] => load_run::load(),
        other => panic!("there is no part {other:?}"),
    }
}

/// The argument at a place, or the default.
fn number(words: &[&str], place: usize, usual: u64) -> u64 {
    words
        .get(place)
        .map_or(usual, |word| word.parse().expect("a number"))
}
