//! What has become of every decision to proceed anyway: in force, over, or what the rollout went on with. Must not let one hold.

use super::overrides::override_of;
use super::{Ended, Override, Rollout, State};
use crate::kind::{GateKind, GateName};

/// An override with what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverrideHistory<'a> {
    /// The gate.
    pub gate: &'a GateName,
    /// The decision.
    pub found: Override<'a>,
    /// Why it no longer holds; `None` while it does.
    pub ended: Option<Ended<'a>>,
    /// Whether the rollout went on with it: the stage was left, or began, on nothing else.
    pub went_on: bool,
}

impl<'a> Rollout<'a> {
    /// Every override, oldest first, with what has become of it.
    #[must_use]
    pub fn overrides(&self) -> Vec<OverrideHistory<'a>> {
        let entries = self.history().entries().iter();
        entries
            .filter_map(override_of)
            .map(|(gate, found)| self.told_of(gate, found))
            .collect()
    }

    fn told_of(&self, gate: &'a GateName, found: Override<'a>) -> OverrideHistory<'a> {
        let history = self.history();
        let last = history.overriding(gate).map(|last| last.entry);
        let replaced = last.filter(|last| last.number != found.entry.number);
        let last = history.last_check(gate).map(|check| check.gate);
        let now = last.map(|last| (last.verdict, last.not_met.as_slice()));
        OverrideHistory {
            gate,
            ended: replaced
                .map(Ended::Replaced)
                .or_else(|| self.override_over(&found, gate, now)),
            went_on: replaced.is_none() && self.went_on(gate),
            found,
        }
    }

    /// Whether a stage was left although its exit gate was not GO, or began although its entry gate was not.
    fn went_on(&self, gate: &GateName) -> bool {
        match gate.kind {
            GateKind::Entry => self.history().begun_by_override(&gate.stage),
            GateKind::Exit => self
                .stage(&gate.stage)
                .is_some_and(|stage| self.state(stage) == State::Overridden),
            GateKind::Recovery => false,
        }
    }
}
