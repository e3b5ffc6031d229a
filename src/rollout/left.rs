//! Whether a stage was left: how, or why not. Must not count a GO from before the stage began again, or on another
//! question.

use super::{Contradiction, Hold, Override, PassedOver, RecordedCheck, Rollout};
use crate::kind::GateKind;
use crate::ledger::Entry;
use crate::plan::{Gate, Stage};
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
    /// It, or one before it while it runs, was rolled back and has not gone on; or it stopped, and nobody has resumed.
    Held(Hold<'a>),
    /// It has not begun according to the ledger: whatever a check found, it does not describe this stage.
    NotBegun(&'a str),
    /// No check of its exit gate is recorded.
    Unchecked(&'a str),
    /// No check of its entry gate is recorded since another version took the stage over with this entry.
    EntryUnchecked(&'a str, &'a Entry),
    /// It began or was rolled back after the last check.
    TurnedSince(&'a str, RecordedCheck<'a>, &'a Entry),
    /// The last check was made with other variables.
    OtherQuestion(RecordedCheck<'a>),
    /// The last check is not GO, and nobody proceeds on it.
    NotGo(RecordedCheck<'a>),
    /// The plan no longer has its exit gate, which was not GO in the last check.
    GateGone(RecordedCheck<'a>),
    /// It has no exit gate, and it, or one before it, began in spite of another stage, for a version before.
    PassedOver(PassedOver<'a>),
    /// The last check is GO, and something counts against it.
    Contradicted(RecordedCheck<'a>, Contradiction<'a>),
}

impl NotLeft<'_> {
    /// Whether no check of the stage's exit helps, since a clock was wrong.
    #[must_use]
    pub fn waits_for_a_clock(&self) -> bool {
        match self {
            Self::Contradicted(check, found) => found.waits_for_a_clock(check),
            Self::Unread(_)
            | Self::Held(_)
            | Self::NotBegun(_)
            | Self::Unchecked(_)
            | Self::EntryUnchecked(..)
            | Self::TurnedSince(..)
            | Self::OtherQuestion(_)
            | Self::NotGo(_)
            | Self::PassedOver(_)
            | Self::GateGone(_) => false,
        }
    }

    /// Whether it is shown that the stage was not left; otherwise nothing shows that it was.
    #[must_use]
    pub fn is_unmet(&self) -> bool {
        match self {
            Self::Held(hold) => hold.is_unmet(),
            Self::NotGo(check) | Self::GateGone(check) => match check.gate.verdict {
                Verdict::NoGo | Verdict::Stop => true,
                Verdict::Hold | Verdict::Go => false,
            },
            Self::Unread(_)
            | Self::NotBegun(_)
            | Self::Unchecked(_)
            | Self::EntryUnchecked(..)
            | Self::TurnedSince(..)
            | Self::OtherQuestion(_)
            | Self::PassedOver(_)
            | Self::Contradicted(..) => false,
        }
    }
}

impl<'a> Rollout<'a> {
    /// How a stage was left, according to the ledger.
    ///
    /// # Errors
    /// Why it was not.
    pub fn left(&self, stage: &'a Stage) -> Result<Left<'a>, NotLeft<'a>> {
        let left = self.left_alone(stage)?;
        match self.order_owed(stage) {
            None => Ok(left),
            Some(owed) => self.left_in_order(stage, left, owed),
        }
    }

    /// The same whatever became of the stages before it.
    pub(super) fn left_alone(&self, stage: &'a Stage) -> Result<Left<'a>, NotLeft<'a>> {
        if self.ledger.is_none() {
            return Err(NotLeft::Unread(&stage.name));
        }
        let undermined = || self.undermined(stage).into_iter().next();
        if let Some(hold) = self.turned_away(&stage.name).or_else(undermined) {
            return Err(NotLeft::Held(hold));
        }
        let Some(start) = self.history().start_of(&stage.name) else {
            return Err(NotLeft::NotBegun(&stage.name));
        };
        if let Some(gate) = stage.gate(GateKind::Exit) {
            return self.left_by_its_gate(stage, gate);
        }
        let exit = self.history().judged(&GateKind::Exit.of(&stage.name));
        match exit.filter(|check| check.gate.verdict != Verdict::Go) {
            Some(check) => Err(NotLeft::GateGone(check)),
            None if let Some(owed) = self.entry_owed(stage) => Err(owed),
            None => Ok(Left::WithoutGate(&stage.name, start)),
        }
    }

    /// When a stage was left: from then on the stages after it could begin.
    pub(super) fn left_since(&self, stage: &'a Stage, left: &Left<'a>) -> Instant {
        match left {
            Left::WithGo(check) => self.go_since(stage, *check),
            Left::Overridden(_, found) => found.entry.at,
            Left::WithoutGate(_, start) => *start,
        }
    }

    /// T of the first check since which every one was GO for the stage as it is, with nothing said in between.
    fn go_since(&self, stage: &'a Stage, last: RecordedCheck<'a>) -> Instant {
        let (history, exit) = (self.history(), stage.gate(GateKind::Exit));
        let holds = |check: &RecordedCheck<'a>| {
            check.gate.verdict == Verdict::Go
                && check.asked_with(self.vars)
                && history.turned_since(&stage.name, *check).is_none()
                && exit.is_some_and(|exit| self.contradicted(stage, exit, *check).is_none())
        };
        let checks = history.checks(&last.gate.gate).rev().take_while(holds);
        let times = checks.map(|check| check.check.evaluated_at);
        times.min().unwrap_or(last.check.evaluated_at)
    }

    fn left_by_its_gate(&self, stage: &'a Stage, gate: &'a Gate) -> Result<Left<'a>, NotLeft<'a>> {
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
            Verdict::Go => match self.contradicted(stage, gate, check) {
                Some(contradiction) => Err(NotLeft::Contradicted(check, contradiction)),
                None => Ok(Left::WithGo(check)),
            },
            Verdict::Hold | Verdict::NoGo | Verdict::Stop => {
                let found = self.override_in_force(&exit, check.gate.verdict, &check.gate.not_met);
                let found = found.ok_or(NotLeft::NotGo(check))?;
                // An override is for what its author saw: what was said since speaks against it as against a GO.
                let since = self.said_since(stage, gate, found.entry);
                let since = since.or_else(|| self.unsigned_since(gate, check));
                match since.or_else(|| self.entry_besides(stage, &found)) {
                    Some(contradiction) => Err(NotLeft::Contradicted(check, contradiction)),
                    None => Ok(Left::Overridden(check, found)),
                }
            }
        }
    }
}
