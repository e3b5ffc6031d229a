//! What people do: each command decides on the ledger as it is, records, and says what was recorded, what it means now and
//! what comes next.
//!
//! `scene` (what a decision may look at) · `order` (the order of stages) · `refusal` · one file for each command. Deciding
//! opens no file and reads no clock.

mod approve;
mod confirm;
mod incident;
mod incident_list;
mod note;
mod order;
mod overriding;
mod refusal;
mod rollback;
mod scene;
mod start;
#[cfg(test)]
mod tests;
mod turn;

use std::path::Path;

use super::diagnostics::say;
use super::identity::without_user_info;
use super::journal;
use super::load::{LoadedPlan, Overrides, load};
use super::surroundings::Surroundings;
use super::who::who;
use crate::cli::{Command, IncidentAction, Signed};
use crate::digest::sha256_hex;
use crate::exit::Exit;
use crate::ledger::{Entry, Occasion, Who};
use crate::output::print_stdout;
use crate::report::escape;
use refusal::Refusal;
use scene::{Decision, Scene};

/// Something that people do to a rollout.
trait Deed {
    /// The plan's path.
    fn plan(&self) -> &Path;

    /// Who does it, and why.
    fn signed(&self) -> &Signed;

    /// A file that it names, whose digest matters.
    fn file(&self) -> Option<&Path> {
        None
    }

    /// What is to be recorded, or why nothing is.
    fn decide(&self, scene: &Scene<'_>) -> Result<Decision, Refusal>;
}

/// Runs one of the commands that record what people did; `None` for any other.
pub fn people(command: &Command, surroundings: &Surroundings) -> Option<Exit> {
    let exit = match command {
        Command::Start(arguments) => record(arguments, surroundings),
        Command::Confirm(arguments) => record(arguments, surroundings),
        Command::Approve(arguments) => record(arguments, surroundings),
        Command::Incident(arguments) => match arguments.action {
            IncidentAction::List { all } => incident_list::list(&arguments.plan, all, surroundings),
            _ => record(arguments, surroundings),
        },
        Command::Pause(arguments) => record(&turn::Pause(arguments), surroundings),
        Command::Resume(arguments) => record(&turn::Resume(arguments), surroundings),
        Command::Rollback(arguments) => record(arguments, surroundings),
        Command::Override(arguments) => record(arguments, surroundings),
        Command::Note(arguments) => record(arguments, surroundings),
        _ => return None,
    };
    Some(exit)
}
