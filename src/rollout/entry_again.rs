//! Whether the entry of a stage that began with a version before was found GO for the one that took it over (L6). Must not judge
//! the gate, nor ask it of a stage that began since: its start was asked.

use super::{Contradiction, Left, NotLeft, Override, Rollout};
use crate::kind::{CriterionKind, GateKind, GateName, List};
use crate::ledger::{Entry, EventKind, NotMet};
use crate::plan::Stage;
use crate::verdict::Verdict;

/// The entry gate of a stage that began with a version before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryAgain<'a> {
    /// The gate.
    pub gate: GateName,
    /// Since when only what knew of this entry counts.
    pub since: &'a Entry,
    /// How the stage passed it for this version, or why not.
    pub found: Result<Left<'a>, NotLeft<'a>>,
}

impl<'a> EntryAgain<'a> {
    /// The version that it is asked for.
    #[must_use]
    pub fn version(&self) -> &'a str {
        let version = self.since.plan.version.as_deref();
        version.unwrap_or("this version")
    }

    /// What is asked: `GO for 2.1`.
    #[must_use]
    pub fn condition(&self) -> String {
        format!("GO for {}", self.version())
    }

    /// As the exit finds it where it is not passed.
    fn not_met(&self) -> Option<NotMet> {
        let owed = self.found.as_ref().err()?;
        Some(NotMet {
            list: List::Exit,
            kind: CriterionKind::After,
            name: self.gate.to_string(),
            condition: Some(self.condition()),
            unmet: owed.is_unmet(),
            measured: None,
        })
    }
}

impl<'a> Rollout<'a> {
    /// The entry gate of a stage that has begun, if another version took the stage over since its start; `None` where nothing is
    /// asked there. An edit of the plan that takes the gate out does not get past what was found.
    #[must_use]
    pub fn entry_again(&self, stage: &'a Stage) -> Option<EntryAgain<'a>> {
        let history = self.history();
        let start = history.last_of(&stage.name, &[EventKind::Started])?;
        let since = history.superseded_for(&stage.name)?;
        if since.number < start.number {
            return None;
        }
        let gate = GateKind::Entry.of(&stage.name);
        let found = self.passed(stage, &gate, since);
        if stage.gate(GateKind::Entry).is_some() {
            return Some(EntryAgain { gate, since, found });
        }
        // A check of another question in between takes nothing away.
        let own = history
            .checks(&gate)
            .rfind(|check| check.knew(since) && check.asked_with(self.vars))?;
        if own.gate.verdict == Verdict::Go || matches!(found, Ok(Left::Overridden(..))) {
            return None;
        }
        let found = Err(NotLeft::GateGone(own));
        Some(EntryAgain { gate, since, found })
    }

    /// The same where it is still to be passed.
    #[must_use]
    pub fn entry_owed(&self, stage: &'a Stage) -> Option<NotLeft<'a>> {
        self.entry_again(stage)?.found.err()
    }

    /// `pilot cannot be left: pilot/entry has not been checked since version 2.1 took the place of 2.0 at …`; or that it began in
    /// spite of another stage.
    #[must_use]
    pub fn still_owed(&self, stage: &'a Stage) -> Option<String> {
        if self.moved_on(stage) {
            return None;
        }
        let of_entry = self.entry_owed(stage).map(|owed| owed.to_string());
        let of_order = || Some(self.order_owed(stage)?.to_string());
        let owed = of_entry.or_else(of_order)?;
        Some(format!("{} cannot be left: {owed}", stage.name))
    }

    /// What the last check found, in which a GO has to have been good: as with a start, what comes later speaks against the exit.
    fn passed(
        &self,
        stage: &'a Stage,
        gate: &GateName,
        since: &'a Entry,
    ) -> Result<Left<'a>, NotLeft<'a>> {
        let history = self.history();
        let last = history.last_check(gate).filter(|check| check.knew(since));
        // One for a time before says nothing about this version.
        let earlier = || history.checks(gate).rfind(|check| check.knew(since));
        let Some(check) = last.or_else(earlier) else {
            return Err(NotLeft::EntryUnchecked(&stage.name, since));
        };
        if !check.asked_with(self.vars) {
            return Err(NotLeft::OtherQuestion(check));
        }
        if check.gate.verdict != Verdict::Go {
            let found = self.override_in_force(gate, check.gate.verdict, &check.gate.not_met);
            return match found {
                Some(found) => Ok(Left::Overridden(check, found)),
                None => Err(NotLeft::NotGo(check)),
            };
        }
        // Nothing was started on it yet with which the plan would have been settled (T8).
        let against = self.not_good_when_found(check);
        match against.or_else(|| self.of_another_plan(check)) {
            Some(found) => Err(NotLeft::Contradicted(check, found)),
            None => Ok(Left::WithGo(check)),
        }
    }

    /// What counts against the GO of an exit: that its entry is not passed for this version.
    pub(super) fn against_entry_again(&self, stage: &Stage) -> Option<Contradiction<'a>> {
        let again = self.entry_again(self.stage(&stage.name)?)?;
        let owed = again.found.err()?;
        Some(Contradiction::EntryOwed(again.gate, owed.to_string()))
    }

    /// The same of an override of the exit, unless it was for that, too.
    pub(super) fn entry_besides(
        &self,
        stage: &'a Stage,
        found: &Override<'a>,
    ) -> Option<Contradiction<'a>> {
        let again = self.entry_again(stage)?;
        let not_met = again.not_met()?;
        let accepted = self.accepted(&GateKind::Exit.of(&stage.name), found);
        let is_covered = accepted.iter().any(|one| one.covers(&not_met));
        (!is_covered)
            .then(|| self.against_entry_again(stage))
            .flatten()
    }

    /// Whether a stage right before one that has begun stands as it did when that was started: the start rested on it.
    pub(super) fn stands_since_start(&self, before: &Stage, stage: &Stage) -> bool {
        let history = self.history();
        let start = history.last_of(&stage.name, &[EventKind::Started]);
        let turned = history.turned(&before.name);
        start
            .zip(turned)
            .is_some_and(|(start, turned)| turned.number < start.number)
    }
}
