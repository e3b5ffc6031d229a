//! `gate ledger`: show, verify, repair, begin and complete a plan's ledger. Types only.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::ledger::EventKind;

/// `gate ledger`.
#[derive(Debug, Args)]
pub struct LedgerArgs {
    /// The rollout plan whose ledger it is
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// What to do with the ledger [default: show its entries]
    #[arg(value_enum, value_name = "verify|repair|begin|import")]
    pub action: Option<LedgerAction>,
    /// The file of the ledger that is imported
    #[arg(value_name = "OTHER", required_if_eq("action", "import"))]
    pub other: Option<PathBuf>,
    /// Show only what concerns this stage
    #[arg(long, value_name = "STAGE", conflicts_with = "action")]
    pub stage: Option<String>,
    /// Show only entries of this kind; may be given several times
    #[arg(
        long = "kind",
        value_name = "KIND",
        value_parser = PossibleValuesParser::new(EventKind::ALL.map(EventKind::word)).try_map(|word| word.parse::<EventKind>()),
        conflicts_with = "action"
    )]
    pub kinds: Vec<EventKind>,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t, conflicts_with = "action")]
    pub format: EntriesFormat,
    /// Who repairs, begins or imports it [default: git's user, or CI's, or the login]
    #[arg(long, value_name = "NAME", requires = "action")]
    pub by: Option<String>,
    /// A folder of evidence, besides the plan's own; may be given several times
    #[arg(long = "evidence", value_name = "FOLDER")]
    pub folders: Vec<PathBuf>,
    /// Why it is repaired, begun or imported
    #[arg(long, value_name = "REASON", requires = "action")]
    pub why: Option<String>,
}

/// What to do with a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LedgerAction {
    /// Verify every line, and print how many there are and the digest of the last
    Verify,
    /// Take out a torn last line, and record that
    Repair,
    /// Begin a new ledger in the place of one that is gone, and set the records aside that were in it
    Begin,
    /// Append what another machine recorded offline since its ledger was this one, all of it or nothing
    Import,
}

/// What goes to standard output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum EntriesFormat {
    /// A table for people
    #[default]
    Text,
    /// A list of the entries as they are in the file
    Json,
}
