//! `gate records`: where ledger and evidence are kept. Types only.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `gate records`.
#[derive(Debug, Args)]
pub struct RecordsArgs {
    /// The rollout plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// What to do [default: status]
    #[command(subcommand)]
    pub action: Option<RecordsAction>,
}

/// What to do with records.
#[derive(Debug, Clone, Subcommand)]
pub enum RecordsAction {
    /// Show the place, whether it can be written, what it holds, and evidence that no entry names
    Status,
    /// Bring ledger and evidence from a folder: whole or not at all, and only if what is there is the beginning of it
    Import {
        /// A folder with the ledger and the evidence of the plan, as they are beside a plan
        #[arg(value_name = "FROM")]
        from: PathBuf,
        /// Who brings it [default: git's user, or CI's, or the login]
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
    /// Copy ledger and evidence to a new folder
    Export {
        /// The folder, which must not exist
        #[arg(value_name = "TO")]
        to: PathBuf,
    },
}
