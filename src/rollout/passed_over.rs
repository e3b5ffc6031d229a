//! Stages that another one began in spite of, in somebody's own name: that is for the version of the release that ran then (L6), and
//! is asked again for the one that took its place. Must not judge a gate, nor ask again what was left with GO.

use super::{Contradiction, History, Left, NotLeft, Override, Rollout};
use crate::kind::{CriterionKind, GateKind, List};
use crate::ledger::{Entry, Event, EventKind, NotMet};
use crate::plan::Stage;
use crate::verdict::Verdict;

/// A stage that another one began in spite of, before another version took the place of the one that ran then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassedOver<'a> {
    /// The stage that began.
    pub stage: &'a str,
    /// The stage right before it that was not left with GO.
    pub before: &'a str,
    /// The start.
    pub start: &'a Entry,
    /// Since when that start speaks for nothing.
    pub since: &'a Entry,
}

impl<'a> History<'a> {
    /// Whether what somebody decided in their own name with an entry is for the version that is there now (L6).
    pub(super) fn is_of_this_version(self, entry: &Entry) -> bool {
        self.version_since(entry).is_none()
    }

    /// The last entry with which another version took the place of the one that an entry was made for.
    fn version_since(self, entry: &Entry) -> Option<&'a Entry> {
        let last = self.superseded().next_back();
        last.filter(|last| last.number > entry.number)
    }
}

impl<'a> Rollout<'a> {
    /// Which of the stages before one that has begun have to be left, or passed over again, for the version that is there now: it
    /// began in spite of them, or one that it comes after did.
    #[must_use]
    pub fn passed_over(&self, stage: &'a Stage) -> Vec<PassedOver<'a>> {
        let history = self.history();
        let start = history.last_of(&stage.name, &[EventKind::Started]);
        let asked = start.and_then(|start| Some((start, history.version_since(start)?)));
        let Some((start, since)) = asked else {
            return Vec::new();
        };
        let mut found: Vec<PassedOver<'a>> = Vec::new();
        for before in self.plan.before(stage) {
            let own = PassedOver {
                stage: &stage.name,
                before: &before.name,
                start,
                since,
            };
            let own = self.began_in_spite_of(before, start).then_some(own);
            for one in self.passed_over(before).into_iter().chain(own) {
                if found.iter().all(|seen| seen.before != one.before) {
                    found.push(one);
                }
            }
        }
        found
    }

    /// The same of one of them.
    #[must_use]
    pub fn passed_over_again(&self, stage: &'a Stage, before: &Stage) -> Option<PassedOver<'a>> {
        let mut found = self.passed_over(stage).into_iter();
        found.find(|one| one.before == before.name)
    }

    /// The first of them that a stage is asked about at its exit, or once it has none: where its entry is asked again for this
    /// version, that asks for them.
    #[must_use]
    pub fn order_owed(&self, stage: &'a Stage) -> Option<PassedOver<'a>> {
        if self.entry_again(stage).is_some() {
            return None;
        }
        self.passed_over(stage).into_iter().next()
    }

    /// The stages that have begun, each with one before it that was not left then, nor is by now: whoever supersedes the version
    /// is asked about them again.
    #[must_use]
    pub fn begun_in_spite(&self) -> Vec<(&'a str, &'a str)> {
        let begun = |stage: &'a Stage| {
            let start = self.history().last_of(&stage.name, &[EventKind::Started]);
            let before = self.plan.before(stage).into_iter();
            let pair = move |one: &'a Stage| (stage.name.as_str(), one.name.as_str());
            let in_spite = before.filter(move |one| {
                let is_left = || matches!(self.left(one), Ok(Left::WithGo(_)));
                start.is_some_and(|start| self.began_in_spite_of(one, start) && !is_left())
            });
            in_spite.map(pair).collect::<Vec<_>>()
        };
        self.plan.stages.iter().flat_map(begun).collect()
    }

    /// Whether a stage was started though one before it was not left with GO, and that still is not.
    fn began_in_spite_of(&self, before: &'a Stage, start: &'a Entry) -> bool {
        let exit = GateKind::Exit.of(&before.name);
        let known = self.history().before(start).last_check(&exit);
        let was_go = known.is_none_or(|check| check.gate.verdict == Verdict::Go);
        let was_overridden = matches!(start.event, Event::Started { overridden, .. } if overridden);
        if was_go && !was_overridden {
            return false;
        }
        match self.left(before) {
            Ok(Left::WithGo(_) | Left::WithoutGate(..)) => false,
            Ok(Left::Overridden(_, found)) => !self.history().is_of_this_version(found.entry),
            Err(_) => !self.was_left_by(before, start),
        }
    }

    /// Whether a stage stood as left with GO when another was started: for the question, and with the plan, of that start.
    fn was_left_by(&self, before: &Stage, start: &Entry) -> bool {
        let (Some(ledger), Event::Started { vars, sources, .. }) = (self.ledger, &start.event)
        else {
            return false;
        };
        let known = ledger.before(start);
        let then = Rollout {
            plan: self.plan,
            plan_sha256: start.plan.sha256.as_deref(),
            vars,
            addresses: sources,
            ledger: Some(&known),
            now: start.at,
        };
        matches!(
            then.left(before),
            Ok(Left::WithGo(_) | Left::WithoutGate(..))
        )
    }

    /// What counts against the GO of an exit: the stage began in spite of another, for a version before.
    pub(super) fn against_order(&self, stage: &Stage) -> Option<Contradiction<'a>> {
        let found = self.order_owed(self.stage(&stage.name)?)?;
        Some(Contradiction::PassedOver(found))
    }

    /// The same of an override of the exit, unless it was for that, too.
    pub(super) fn order_besides(
        &self,
        stage: &'a Stage,
        found: &Override<'a>,
    ) -> Option<Contradiction<'a>> {
        let owed = self.order_owed(stage)?;
        let accepted = self.accepted(&GateKind::Exit.of(&stage.name), found);
        let not_met = owed.not_met(owed.not_left(self)?.is_unmet());
        let is_covered = accepted.iter().any(|one| one.covers(&not_met));
        (!is_covered).then_some(Contradiction::PassedOver(owed))
    }
}

impl<'a> PassedOver<'a> {
    /// As the exit finds it.
    fn not_met(&self, unmet: bool) -> NotMet {
        NotMet {
            list: List::Exit,
            kind: CriterionKind::After,
            name: self.before.to_owned(),
            condition: Some(LEFT_WITH_GO.to_owned()),
            unmet,
            measured: None,
        }
    }

    /// Why the stage before it was not left.
    pub(super) fn not_left(&self, rollout: &Rollout<'a>) -> Option<NotLeft<'a>> {
        rollout.left(rollout.stage(self.before)?).err()
    }
}

/// What is asked of a stage before another.
pub(super) const LEFT_WITH_GO: &str = "left with GO";
