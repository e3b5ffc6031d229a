//! Whether a stage was left: how, or why not. Must not count a GO from before the stage began again, or on another
//! question.

use super::{Hold, Override, RecordedCheck, Rollout};
use crate::kind::GateKind;
use crate::ledger::Entry;
use crate::plan::Stage;
use crate::units::Instant;
use crate::verdict::Verdict;

/// How a stage was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left<'a> {
    /// The check that says how its exit gate stands is GO.
    WithGo(RecordedCheck<'a>),
    /// The check that says how its exit gate stands is not GO, and somebody proceeds anyway.
    Overridden(RecordedCheck<'a>, Override<'a>),
    /// It has no exit gate, and began then.
    WithoutGate(&'a str, Instant),
}

/// Why a stage was not left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotLeft<'a> {
    /// No ledger was read, so nothing shows it.
    Unread(&'a str),
    /// It was rolled back and has not gone on, or stopped and nobody has resumed.
    Held(Hold<'a>),
    /// It has not begun according to the ledger: whatever a check found, it does not describe this stage.
    NotBegun(&'a str),
    /// No check of its exit gate is recorded.
    Unchecked(&'a str),
    /// It began or was rolled back after the last check.
    TurnedSince(&'a str, RecordedCheck<'a>, &'a Entry),
    /// The last check was made with other variables.
    OtherQuestion(RecordedCheck<'a>),
    /// The last check is not GO, and nobody proceeds on it.
    NotGo(RecordedCheck<'a>),
}

impl<'a> Rollout<'a> {
    /// How a stage was left, according to the ledger.
    ///
    /// # Errors
    /// Why it was not.
    pub fn left(&self, stage: &'a Stage) -> Result<Left<'a>, NotLeft<'a>> {
        if self.ledger.is_none() {
            return Err(NotLeft::Unread(&stage.name));
        }
        if let Some(hold) = self.turned_away(&stage.name) {
            return Err(NotLeft::Held(hold));
        }
        let Some(start) = self.history().start_of(&stage.name) else {
            return Err(NotLeft::NotBegun(&stage.name));
        };
        if stage.gate(GateKind::Exit).is_none() {
            return Ok(Left::WithoutGate(&stage.name, start));
        }
        self.left_by_its_gate(stage)
    }

    fn left_by_its_gate(&self, stage: &'a Stage) -> Result<Left<'a>, NotLeft<'a>> {
        let (history, exit) = (self.history(), GateKind::Exit.of(&stage.name));
        let check = history
            .last_check(&exit)
            .ok_or(NotLeft::Unchecked(&stage.name))?;
        if let Some(turned) = history.turned_since(&stage.name, check) {
            return Err(NotLeft::TurnedSince(&stage.name, check, turned));
        }
        if !check.asked_with(self.vars) {
            return Err(NotLeft::OtherQuestion(check));
        }
        match check.gate.verdict {
            Verdict::Go => Ok(Left::WithGo(check)),
            Verdict::Hold | Verdict::NoGo | Verdict::Stop => self
                .override_in_force(&exit, check.gate.verdict)
                .map(|found| Left::Overridden(check, found))
                .ok_or(NotLeft::NotGo(check)),
        }
    }
}
