//! Stages that one which has begun stands behind though they were not left: it was started in spite of them, in somebody's own
//! name, which is for the version of the release that ran then (L6); or they began anew with another one. Must not judge a gate, nor
//! ask again what was left with GO.

use super::{Contradiction, History, Left, NotLeft, Override, PassedOver, Rollout};
use crate::kind::{CriterionKind, GateKind, List};
use crate::ledger::{Entry, Event, EventKind, NotMet};
use crate::plan::Stage;
use crate::verdict::Verdict;

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
    /// Which of the stages before one that has begun with a version before have to be left: it, or one that it comes after, began in
    /// spite of them; or they began anew since.
    #[must_use]
    pub fn passed_over(&self, stage: &'a Stage) -> Vec<PassedOver<'a>> {
        let mut found: Vec<PassedOver<'a>> = Vec::new();
        let start = self.history().last_of(&stage.name, &[EventKind::Started]);
        let Some(start) = start else {
            return found;
        };
        for before in self.plan.before(stage) {
            let own = self.passed_by(stage, before, start);
            for one in self.passed_over(before).into_iter().chain(own) {
                if found.iter().all(|seen| seen.before != one.before) {
                    found.push(one);
                }
            }
        }
        found
    }

    fn passed_by(
        &self,
        stage: &'a Stage,
        before: &'a Stage,
        start: &'a Entry,
    ) -> Option<PassedOver<'a>> {
        let history = self.history();
        let turned = history.turned(&before.name);
        let turned = turned.filter(|turned| turned.number > start.number);
        // With the version that it was started with, whatever began anew before it asks for its own exit again, and no more (T7).
        let version = history.version_since(start)?;
        let since = turned.unwrap_or(version);
        let is_owed = match turned {
            // What holds it says more.
            Some(_) => self.turned_away(&before.name).is_none() && !self.is_left_by_now(before),
            None => self.began_in_spite_of(before, start),
        };
        is_owed.then_some(PassedOver {
            stage: &stage.name,
            before: &before.name,
            start,
            since,
            anew: turned.is_some(),
        })
    }

    /// Whether a stage was left, with GO or on an override for this version.
    fn is_left_by_now(&self, stage: &'a Stage) -> bool {
        match self.left_alone(stage) {
            Ok(Left::WithGo(_) | Left::WithoutGate(..)) => true,
            Ok(Left::Overridden(_, found)) => self.history().is_of_this_version(found.entry),
            Err(_) => false,
        }
    }

    /// The same of one of these stages.
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
        !self.is_left_by_now(before) && !self.was_left_by(before, start)
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
            then.left_alone(before),
            Ok(Left::WithGo(_) | Left::WithoutGate(..))
        )
    }

    /// What is left of how a stage was left where another before it is owed: an override of its exit that was for that, too.
    pub(super) fn left_in_order(
        &self,
        stage: &'a Stage,
        left: &Left<'a>,
        owed: PassedOver<'a>,
    ) -> Result<Left<'a>, NotLeft<'a>> {
        match *left {
            Left::WithoutGate(..) => Err(NotLeft::PassedOver(owed)),
            Left::Overridden(check, found) if self.is_accepted(stage, &found) => {
                Ok(Left::Overridden(check, found))
            }
            Left::WithGo(check) | Left::Overridden(check, _) => Err(NotLeft::Contradicted(
                check,
                Contradiction::PassedOver(owed),
            )),
        }
    }

    /// Whether an override of an exit was for all that the stages before it lack, too.
    fn is_accepted(&self, stage: &'a Stage, found: &Override<'a>) -> bool {
        let accepted = self.accepted(&GateKind::Exit.of(&stage.name), found);
        let owed = self.passed_over(stage).into_iter();
        let mut owed = owed.filter_map(|one| Some(one.not_met(one.not_left(self)?.is_unmet())));
        owed.all(|not_met| accepted.iter().any(|one| one.covers(&not_met)))
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
