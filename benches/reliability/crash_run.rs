//! Many killed commands, and what they left behind.

use crate::document;
use crate::killed::{Bench, Signal, Tally};
use crate::writings::writings;

/// Kills each writing command at this many moments, and fails if something is not whole.
pub fn crashes(moments: u64, seed: u64) {
    let mut text = "| command | signal | moments | ended by it | exit codes of the others | files, all whole | drafts left | entries recorded | lines torn, repaired | files or entries lost or touched |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n".to_owned();
    for writing in writings() {
        // An interrupt can do little compared with a kill.
        for (signal, moments) in [
            (Signal::Kill, moments),
            (Signal::Interrupt, moments.div_ceil(10)),
        ] {
            let tally = Bench::new()
                .end(&writing, signal, moments, seed)
                .unwrap_or_else(|what| panic!("{what}"));
            text += &row(writing.name, signal, moments, &tally);
        }
    }
    print!("{text}");
    document::replace("crashes", &text);
}

fn row(name: &str, signal: Signal, moments: u64, tally: &Tally) -> String {
    let name_of = match signal {
        Signal::Kill => "SIGKILL",
        Signal::Interrupt => "SIGINT",
    };
    let ended = tally.codes.get(&None).copied().unwrap_or_default();
    let others: Vec<String> = tally
        .codes
        .iter()
        .filter_map(|(code, count)| Some(format!("{} ({count}×)", (*code)?)))
        .collect();
    format!(
        "| `gate {name}` | {name_of} | {moments} | {ended} | {} | {} | {} | {} | {} | 0 |\n",
        others.join(", "),
        tally.files,
        tally.drafts,
        tally.entries,
        tally.torn
    )
}
