//! Many killed commands, and what they left behind.

use std::fmt::Write as _;

use crate::document;
use crate::killed::{Bench, writings};

/// Kills each writing command at so many moments, and fails where something is not whole.
pub fn crashes(moments: u64, seed: u64) {
    let mut text = "| command | moments | killed | ended before | files, all whole | drafts left | files lost or touched |\n| --- | --- | --- | --- | --- | --- | --- |\n".to_owned();
    for writing in writings() {
        let mut bench = Bench::new();
        let tally = bench
            .kill(&writing, moments, seed)
            .unwrap_or_else(|what| panic!("{what}"));
        writeln!(
            text,
            "| `gate {}` | {moments} | {} | {} | {} | {} | 0 |",
            writing.name, tally.killed, tally.finished, tally.files, tally.drafts
        )
        .expect("text");
    }
    print!("{text}");
    document::replace("crashes", &text);
}
