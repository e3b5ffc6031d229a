//! Somebody proceeds on a NO-GO or HOLD in their own name: whether that still holds. Must not touch a verdict, nor let
//! anybody past a STOP.

use serde::{Deserialize, Serialize};

use super::checks::can_be_overridden;
use super::{Contradiction, History, OtherSource, Past, RecordedCheck, Rollout};
use crate::kind::{CriterionKind, GateKind, GateName};
use crate::ledger::{Entry, Event, NotMet};
use crate::plan::Stage;
use crate::units::Instant;
use crate::verdict::Verdict;

/// Somebody's decision to proceed anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Override<'a> {
    /// The entry that holds it.
    pub entry: &'a Entry,
    /// SHA-256 of the evidence of the verdict that is overridden.
    pub evidence_sha256: &'a str,
    /// The verdict that is overridden.
    pub verdict: Verdict,
    /// Until when it holds.
    pub expires: Instant,
}

/// Somebody proceeds on a NO-GO or HOLD in their own name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overridden {
    /// Who.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Why.
    pub why: String,
    /// Until when it holds.
    pub expires: Instant,
    /// Number of the ledger's entry.
    pub entry: u64,
}

impl From<Override<'_>> for Overridden {
    fn from(found: Override<'_>) -> Self {
        Self {
            by: found.entry.by.name.clone(),
            at: found.entry.at,
            why: found.entry.why.clone(),
            expires: found.expires,
            entry: found.entry.number,
        }
    }
}

impl<'a> History<'a> {
    /// The last decision to proceed on a gate anyway, whether or not it still holds.
    pub(super) fn overriding(self, gate: &GateName) -> Option<Override<'a>> {
        let mut latest = self.entries().iter().rev().filter_map(override_of);
        latest.find(|(of, _)| *of == gate).map(|(_, found)| found)
    }
}

/// The gate that an entry overrides, and the decision.
pub(super) fn override_of(entry: &Entry) -> Option<(&GateName, Override<'_>)> {
    let Event::Overridden {
        gate,
        verdict,
        evidence_sha256,
        expires,
    } = &entry.event
    else {
        return None;
    };
    let found = Override {
        entry,
        evidence_sha256,
        verdict: *verdict,
        expires: *expires,
    };
    Some((gate, found))
}

/// Why an override no longer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended<'a> {
    /// It held until then.
    Expired(Past<'a>),
    /// A later override of the same gate took its place.
    Replaced(&'a Entry),
    /// The stage was rolled back or reopened, or began, or another version took its place, since.
    Turned(&'a Entry),
    /// No recorded check of the gate wrote the evidence that was overridden.
    Unrecorded,
    /// The check that was overridden contradicts the ledger about the start of the stage.
    StartDisputed(RecordedCheck<'a>),
    /// The check that was overridden has no signature that counts, for this reason.
    Unvouched(String),
    /// The check that was overridden was made with other variables.
    OtherQuestion(RecordedCheck<'a>),
    /// The check that was overridden asked a source at another address.
    OtherSource(OtherSource<'a>),
    /// The check that was overridden judged another version of the plan.
    OtherPlan(RecordedCheck<'a>),
    /// A check since found worse.
    Worse(RecordedCheck<'a>),
    /// A check since found a criterion not met that was not part of what was overridden.
    Besides(RecordedCheck<'a>, NotMet),
    /// The gate has this verdict now.
    Now(Verdict),
    /// A criterion is not met now that was not part of what was overridden.
    BesidesNow(NotMet),
    /// Somebody spoke against the gate since, or a signature no longer counts.
    Contradicted(Contradiction<'a>),
    /// What the order of stages asks for does not hold now, and that was not part of what was overridden.
    OutOfOrder(String),
}

impl<'a> Rollout<'a> {
    /// The override that holds for a gate with this verdict.
    ///
    /// It is for what its author saw (T11), not for a worse verdict or another criterion that is not met, now or in a check
    /// since; for the question that was answered then; for the plan as it was judged; and for the stage as it was, not for
    /// what follows a start or a rollback.
    #[must_use]
    pub fn override_in_force(
        &self,
        gate: &GateName,
        verdict: Verdict,
        not_met: &[NotMet],
    ) -> Option<Override<'a>> {
        let found = self.history().overriding(gate)?;
        self.override_ended(&found, gate, Some((verdict, not_met)))
            .is_none()
            .then_some(found)
    }

    /// The check that somebody can decide to proceed on: the one that says how the gate stands, also where a clock ahead of this one
    /// has dated it: what it found is not lost. Only where that judged another version of the plan, or another question, the one
    /// recorded last, which knew of it. None from before the rollout went back to the stage, or another version took the place of the one before.
    #[must_use]
    pub fn to_be_overridden(&self, gate: &GateName) -> Option<RecordedCheck<'a>> {
        let last = self.history().last_check(gate)?;
        if !self.history().of_this_opening(&last) {
            return None;
        }
        let is_of_this =
            self.plan_sha256 == Some(&last.check.plan_sha256) && last.asked_with(self.vars);
        let is_of_this = is_of_this && can_be_overridden(last.gate.verdict);
        if self.is_ahead(last.check.evaluated_at) && !is_of_this {
            return self.history().checks(gate).next_back();
        }
        Some(last)
    }

    /// What was not met when somebody decided to proceed: in the check that is overridden, and in the one recorded last before
    /// that, if it is another, for an earlier time; empty if no recorded check wrote that evidence.
    #[must_use]
    pub fn accepted(&self, gate: &GateName, found: &Override<'a>) -> Vec<&'a NotMet> {
        let Some(check) = self.history().check_with(gate, found.evidence_sha256) else {
            return Vec::new();
        };
        let known = self.history().before(found.entry);
        let last = known.checks(gate).next_back();
        let last = last.filter(|last| {
            last.check.plan_sha256 == check.check.plan_sha256 && last.asked_with(&check.check.vars)
        });
        let last = last.into_iter().flat_map(|last| &last.gate.not_met);
        check.gate.not_met.iter().chain(last).collect()
    }

    /// The override that holds for the check that says how a gate stands; none if that answered another question.
    #[must_use]
    pub fn proceeds(&self, gate: &GateName) -> Option<Override<'a>> {
        let last = self.history().last_check(gate)?;
        if !last.asked_with(self.vars) {
            return None;
        }
        let found = self.history().overriding(gate)?;
        let now = Some((last.gate.verdict, last.gate.not_met.as_slice()));
        self.override_over(&found, gate, now)
            .is_none()
            .then_some(found)
    }

    /// Why an override does not count for a gate that a check found like this: as a fresh check would find, as far as the ledger
    /// tells. The one answer of `start`, `status` and reports.
    pub(super) fn override_over(
        &self,
        found: &Override<'a>,
        gate: &GateName,
        now: Option<(Verdict, &[NotMet])>,
    ) -> Option<Ended<'a>> {
        self.override_ended(found, gate, now)
            .or_else(|| self.otherwise_before(found, gate))
    }

    /// That what a gate rests on, besides its own check, is not as it was when somebody decided to proceed. Once the rollout has
    /// gone on, nothing counts against it any more.
    fn otherwise_before(&self, found: &Override<'a>, gate: &GateName) -> Option<Ended<'a>> {
        let stage = self.stage(&gate.stage)?;
        match gate.kind {
            GateKind::Entry => self.otherwise_before_entry(found, gate, stage),
            GateKind::Exit => (!self.moved_on(stage))
                .then(|| self.otherwise_after(found, gate, stage))
                .flatten(),
            GateKind::Recovery => None,
        }
    }

    /// What people said against an exit since, and a signature that no longer counts.
    fn otherwise_after(
        &self,
        found: &Override<'a>,
        gate: &GateName,
        stage: &'a Stage,
    ) -> Option<Ended<'a>> {
        let exit = stage.gate(GateKind::Exit)?;
        let unsigned = || {
            let check = self.history().last_check(gate)?;
            self.unsigned_since(exit, check)
        };
        let against = self.said_since(stage, exit, found.entry).or_else(unsigned);
        against.map(Ended::Contradicted)
    }

    fn otherwise_before_entry(
        &self,
        found: &Override<'a>,
        gate: &GateName,
        stage: &'a Stage,
    ) -> Option<Ended<'a>> {
        let history = self.history();
        let runs = history.has_begun(&stage.name) && history.taken_back(&stage.name).is_none();
        let entry = stage.gate(GateKind::Entry).filter(|_| !runs)?;
        if let Some(said) = self.said_since(stage, entry, found.entry) {
            return Some(Ended::Contradicted(said));
        }
        let accepted = self.accepted(gate, found);
        let mut asked = self.implied(stage, GateKind::Entry).into_iter();
        asked.find_map(|asked| {
            let (unmet, why) = self.implied_open(&asked)?;
            let not_met = asked.not_met(unmet);
            let is_covered = accepted.iter().any(|one| one.covers(&not_met));
            (!is_covered).then_some(Ended::OutOfOrder(why))
        })
    }

    /// Why an override does not hold for a gate with this verdict, of which this is not met.
    pub(super) fn override_ended(
        &self,
        found: &Override<'a>,
        gate: &GateName,
        now: Option<(Verdict, &[NotMet])>,
    ) -> Option<Ended<'a>> {
        let set_back = self
            .history()
            .set_back_since(&gate.stage, found.entry)
            .map(Ended::Turned);
        let expired = self.past(found.expires).map(Ended::Expired);
        expired
            .or(set_back)
            .or_else(|| self.unseen(found, gate))
            .or_else(|| self.otherwise_now(found, gate, now?))
    }

    /// That the gate is not as it was when somebody decided to proceed.
    fn otherwise_now(
        &self,
        found: &Override<'a>,
        gate: &GateName,
        (verdict, not_met): (Verdict, &[NotMet]),
    ) -> Option<Ended<'a>> {
        let is_for_it = can_be_overridden(verdict)
            && can_be_overridden(found.verdict)
            && verdict <= found.verdict;
        if !is_for_it {
            return Some(Ended::Now(verdict));
        }
        let other = besides(&self.accepted(gate, found), not_met)?;
        Some(Ended::BesidesNow(other.clone()))
    }

    /// Why no recorded check of this attempt wrote the evidence that was overridden, or what it found is not what holds now.
    fn unseen(&self, found: &Override<'a>, gate: &GateName) -> Option<Ended<'a>> {
        let history = self.history();
        let check = history
            .check_with(gate, found.evidence_sha256)
            .filter(|check| check.gate.verdict == found.verdict);
        let Some(check) = check else {
            return Some(Ended::Unrecorded);
        };
        // An entry gate is judged before its stage begins, and again once the rollout went back; all others after.
        let turned = match gate.kind {
            GateKind::Entry => {
                let anew = history.asked_anew(&gate.stage);
                anew.filter(|_| !history.of_this_opening(&check))
            }
            GateKind::Exit | GateKind::Recovery => history.turned_since(&gate.stage, check),
        };
        if let Some(turned) = turned {
            return Some(Ended::Turned(turned));
        }
        if check.gate.start_disputed {
            return Some(Ended::StartDisputed(check));
        }
        if let Some(why) = self.unvouched(check) {
            return Some(Ended::Unvouched(why));
        }
        if !check.asked_with(self.vars) {
            return Some(Ended::OtherQuestion(check));
        }
        if let Some(other) = self.other_source(check) {
            return Some(Ended::OtherSource(other));
        }
        if self.plan_sha256 != Some(&check.check.plan_sha256) {
            return Some(Ended::OtherPlan(check));
        }
        let since = history.checks(gate);
        let accepted = self.accepted(gate, found);
        let mut since = since.filter(|one| one.entry.number > found.entry.number);
        since.find_map(|later| {
            if later.gate.verdict > found.verdict {
                return Some(Ended::Worse(later));
            }
            let other = besides(&accepted, &later.gate.not_met)?;
            Some(Ended::Besides(later, other.clone()))
        })
    }
}

impl Override<'_> {
    /// That another value is measured now than the one that somebody saw who decided to proceed, with both.
    #[must_use]
    pub fn measured_otherwise(&self, accepted: &[&NotMet], now: &NotMet) -> Option<String> {
        let then = accepted.iter().find(|one| one.is(now))?;
        let (was, is) = (then.measured.as_ref()?, now.measured.as_ref()?);
        let (by, number) = (&self.entry.by.name, self.entry.number);
        (was != is).then(|| {
            format!("it was {was} when {by} decided to proceed (#{number}), and is {is} now")
        })
    }
}

/// The first criterion that is not met and that nobody has accepted. What a newer check found is not one: whether that ends the
/// override is asked of that check itself.
fn besides<'n>(accepted: &[&NotMet], not_met: &'n [NotMet]) -> Option<&'n NotMet> {
    let covered = |one: &NotMet| accepted.iter().any(|accepted| accepted.covers(one));
    let mut criteria = not_met.iter();
    criteria.find(|one| one.kind != CriterionKind::Newer && !covered(one))
}
