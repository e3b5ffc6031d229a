//! A long ledger in recorded answers: they keep the lines that the check rests on, how long the ledger was and the digest of its last
//! line (R6). To judge again, the rest is taken from a ledger that begins in that very way. Must not take any other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use super::{Home, MAX_BYTES};
use crate::commands::bounded;
use crate::commands::evidence_file::near;
use crate::kind::GateName;
use crate::ledger::{Chain, file_name, line};
use crate::source::recorded::{LedgerLines, PartOf};

/// Up to so many bytes a ledger is kept whole: a record that is carried away alone can be judged again then.
const WHOLE: usize = 32 * 1024;

/// The lines of a ledger that the answers of a check keep which judged some gates, and what they are a part of, if they are not all.
pub fn kept(chain: &Chain, gates: &[GateName]) -> (Option<PartOf>, Vec<String>) {
    if chain.size() <= WHOLE {
        return (None, chain.lines().map(str::to_owned).collect());
    }
    let judging = chain.ledger().judging(gates).into_iter();
    let numbers: BTreeSet<u64> = judging.map(|entry| entry.number).collect();
    let lines = (1..).zip(chain.lines());
    let lines = lines.filter(|(number, _)| numbers.contains(number));
    let part_of = PartOf {
        entries: chain.lines().len() as u64,
        head_sha256: chain.head().to_owned(),
    };
    (
        Some(part_of),
        lines.map(|(_, line)| line.to_owned()).collect(),
    )
}

/// Where the rest of a ledger is looked for.
#[derive(Debug, Clone, Copy)]
pub enum Rest<'a> {
    /// In this ledger; `None` if none is at hand.
    In(Option<&'a Chain>),
    /// Beside these answers, and where the plan keeps its records.
    Near(&'a Path),
}

impl Rest<'_> {
    /// The whole ledger of recorded answers, as far as their check took it into account, verified.
    ///
    /// # Errors
    /// Lines that are broken; no ledger at hand, or only others.
    pub fn whole(self, kept: &LedgerLines, home: &Home) -> anyhow::Result<Chain> {
        let Some(part_of) = &kept.part_of else {
            let mut chain = Chain::default();
            for line in &kept.lines {
                let accepted = chain.accept(line.as_bytes());
                accepted.context("the ledger in the recorded answers is broken")?;
            }
            return Ok(chain);
        };
        let chain = match self {
            Self::In(chain) => chain.and_then(|chain| beginning(chain, part_of)),
            Self::Near(answers) => {
                let found =
                    beside(answers, &kept.path).find_map(|chain| beginning(&chain, part_of));
                match found {
                    Some(chain) => Some(chain),
                    None => (home.journal().read()?).and_then(|chain| beginning(&chain, part_of)),
                }
            }
        };
        let chain = chain.ok_or_else(|| self.missing(kept, part_of))?;
        if holds(&chain, &kept.lines) {
            return Ok(chain);
        }
        bail!(
            "the recorded answers keep a line that the ledger {} does not have",
            kept.path
        )
    }

    fn missing(self, kept: &LedgerLines, part_of: &PartOf) -> anyhow::Error {
        let (path, entries) = (&kept.path, part_of.entries);
        let head = part_of.head_sha256.get(..12).unwrap_or_default();
        let found = match self {
            Self::In(Some(_)) => format!(
                ", and the ledger at hand is another one (its entry {entries} is not sha256 {head}…): give --ledger FILE"
            ),
            Self::In(None) => {
                ", and the ledger is not here, or cannot be used: give --ledger FILE".to_owned()
            }
            Self::Near(_) => format!(
                ": put the ledger whose entry {entries} is sha256 {head}… beside them or the plan"
            ),
        };
        anyhow!(
            "the answers keep {} of the {entries} entries of {path} that were judged{found}",
            kept.lines.len()
        )
    }
}

/// Whether a ledger has these lines, in this order.
fn holds(chain: &Chain, lines: &[String]) -> bool {
    let mut all = chain.lines();
    lines.iter().all(|kept| all.any(|line| line == kept))
}

/// The beginning of a ledger that a check took into account, if it is that.
fn beginning(chain: &Chain, part_of: &PartOf) -> Option<Chain> {
    let is_its = chain.digest(part_of.entries) == Some(part_of.head_sha256.as_str());
    let count = usize::try_from(part_of.entries).ok()?;
    is_its.then(|| chain.first(count))
}

/// The ledgers of a name in the folder of recorded answers and the one above it, as far as they can be read.
fn beside(answers: &Path, name: &str) -> impl Iterator<Item = Chain> {
    let is_name = file_name(name) == name;
    let places = near(answers).map(|folder: PathBuf| folder.join(name));
    let read = |place: PathBuf| line::read(&bounded::read(&place, MAX_BYTES).ok()?).ok();
    places.into_iter().filter(move |_| is_name).filter_map(read)
}
