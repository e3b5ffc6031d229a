//! What speaks against a recorded GO that something rests on: what the check did not know about (an answer, a signature, an
//! incident, a pause, a rollback, a verdict), another version of the plan, its age. Must not judge a gate again.

use super::checks::recorded_in;
use super::present::AHEAD;
use super::signatures::roles;
use super::{
    Ahead, Approval, History, OtherSource, PassedOver, Past, RecordedCheck, Rollout, is_one_of,
    took_the_place, turned,
};
use crate::kind::{CriterionKind, GateKind, GateName};
use crate::ledger::{Answer, Entry, Event};
use crate::plan::{Gate, Stage};
use crate::units::Instant;
use crate::verdict::Verdict;

/// What counts against a GO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contradiction<'a> {
    /// Somebody did something that may have worsened the verdict.
    Said(&'a Entry, String),
    /// An approval no longer counts, for this reason.
    Unapproved(String),
    /// The check itself has no signature that counts, for this reason.
    Unvouched(String),
    /// A signature in this role held until then.
    Expired(&'a str, Past<'a>),
    /// Another version of the plan was judged.
    OtherPlan(&'a str),
    /// It asked a source at another address.
    OtherSource(OtherSource<'a>),
    /// It was good until then.
    TooOld(Past<'a>),
    /// It is dated ahead of the clock.
    Ahead(Ahead<'a>),
    /// The entry of its stage was not passed for the version that took that over (L6).
    EntryOwed(GateName, String),
    /// The stage began in spite of another, for a version before (L6).
    PassedOver(PassedOver<'a>),
}

impl Contradiction<'_> {
    /// Whether it came after the check was recorded: the GO was good until then. Otherwise it never was.
    pub(super) fn is_later_than(&self, check: &RecordedCheck<'_>) -> bool {
        match self {
            Self::Said(entry, _) => entry.number > check.entry.number,
            Self::Expired(_, until) => until.at > check.check.evaluated_at,
            Self::OtherPlan(_)
            | Self::OtherSource(_)
            | Self::TooOld(_)
            | Self::EntryOwed(..)
            | Self::PassedOver(_) => true,
            Self::Ahead(_) | Self::Unapproved(_) | Self::Unvouched(_) => false,
        }
    }

    /// Whether asking again does not help: an entry is dated so far ahead of the clock that a GO of now has expired, too.
    pub(super) fn waits_for_a_clock(&self, check: &RecordedCheck<'_>) -> bool {
        match self {
            Self::TooOld(past) => past.shown_by.is_some_and(|ahead| {
                let valid = check.check.evaluated_at.until(past.at);
                ahead.outlasts(valid)
            }),
            Self::OtherPlan(_)
            | Self::OtherSource(_)
            | Self::Said(..)
            | Self::Unapproved(_)
            | Self::Unvouched(_)
            | Self::Expired(..)
            | Self::EntryOwed(..)
            | Self::PassedOver(_)
            | Self::Ahead(_) => false,
        }
    }

    /// Whether it only says that the gate has to be asked again before something rests on it.
    pub(super) fn is_of_its_age(&self) -> bool {
        match self {
            Self::OtherPlan(_) | Self::OtherSource(_) | Self::TooOld(_) => true,
            Self::Said(..)
            | Self::Unapproved(_)
            | Self::Unvouched(_)
            | Self::Expired(..)
            | Self::EntryOwed(..)
            | Self::PassedOver(_)
            | Self::Ahead(_) => false,
        }
    }
}

impl<'a> Rollout<'a> {
    /// The first thing that counts against the GO of a gate now; a later check of the gate speaks for itself.
    pub(super) fn contradicted(
        &self,
        stage: &Stage,
        gate: &'a Gate,
        check: RecordedCheck<'a>,
    ) -> Option<Contradiction<'a>> {
        self.ahead(check)
            .or_else(|| self.of_another_version(stage, gate, check))
            .or_else(|| self.of_another_plan(check))
            .or_else(|| self.other_source(check).map(Contradiction::OtherSource))
            .or_else(|| self.said_against(stage, gate, check))
            .or_else(|| self.expired(stage, gate))
            .or_else(|| self.unapproved(stage, gate))
            .or_else(|| self.unvouched(check).map(Contradiction::Unvouched))
            .or_else(|| {
                let owed = self.against_entry_again(stage);
                owed.filter(|_| gate.kind == GateKind::Exit)
            })
            .or_else(|| self.too_old(gate, check))
    }

    /// What speaks against a GO from the moment at which it was found: it was never one.
    pub(super) fn not_good_when_found(
        &self,
        check: RecordedCheck<'a>,
    ) -> Option<Contradiction<'a>> {
        self.ahead(check)
            .or_else(|| self.other_source(check).map(Contradiction::OtherSource))
            .or_else(|| self.unvouched(check).map(Contradiction::Unvouched))
    }

    /// A clock that is ahead made it, or the clock here is behind: nobody can say how old it is.
    fn ahead(&self, check: RecordedCheck<'a>) -> Option<Contradiction<'a>> {
        let at = check.check.evaluated_at;
        self.is_ahead(at).then(|| {
            let (entry, by) = (check.entry, self.now.until(at));
            Contradiction::Ahead(Ahead { entry, by })
        })
    }

    /// A GO is for the version of the release that was judged (L6), however the plan reads.
    fn of_another_version(
        &self,
        stage: &Stage,
        gate: &Gate,
        check: RecordedCheck<'a>,
    ) -> Option<Contradiction<'a>> {
        let superseded = self.history().superseded_for(&stage.name);
        let superseded = superseded.filter(|entry| !check.knew(entry))?;
        // What a recovery shows is that of the rollback, whatever comes next.
        (gate.kind != GateKind::Recovery)
            .then(|| Contradiction::Said(superseded, turned(&stage.name, superseded)))
    }

    /// A GO rests on the plan as it was judged (T8).
    pub(super) fn of_another_plan(&self, check: RecordedCheck<'a>) -> Option<Contradiction<'a>> {
        let judged = check.check.plan_sha256.as_str();
        (self.plan_sha256 != Some(judged)).then_some(Contradiction::OtherPlan(judged))
    }

    /// How long a GO is good for counts from the time that was judged (T7).
    fn too_old(&self, gate: &Gate, check: RecordedCheck<'a>) -> Option<Contradiction<'a>> {
        self.past(check.good_until(gate)).map(Contradiction::TooOld)
    }

    fn said_against(
        &self,
        stage: &Stage,
        gate: &Gate,
        check: RecordedCheck<'a>,
    ) -> Option<Contradiction<'a>> {
        let since = self.history().since(check);
        let since = since.filter(|entry| !self.is_over(entry, &check));
        let said = since.filter_map(|entry| {
            let what = (self.against(stage, gate, entry))
                .or_else(|| self.judged_since(stage, gate, check, entry))?;
            Some((entry, what))
        });
        self.told_first(stage, check.entry, said.collect())
    }

    /// What another check of this attempt found about the gate for a later time: a worse verdict, or one on another version of the
    /// plan. One with other variables answered another question.
    fn judged_since(
        &self,
        stage: &Stage,
        gate: &Gate,
        check: RecordedCheck<'a>,
        entry: &'a Entry,
    ) -> Option<String> {
        let name = gate.kind.of(&stage.name);
        let other = recorded_in(entry, &name).filter(RecordedCheck::is_heard)?;
        let is_later = other.is_for_later_than(check.check.evaluated_at);
        let is_of_now = is_later && !self.history().is_of_earlier_attempt(&other);
        if !is_of_now || !other.asked_with(&check.check.vars) {
            return None;
        }
        if other.gate.verdict != Verdict::Go {
            return Some(format!("{name} was {}", other.gate.verdict.word()));
        }
        (other.check.plan_sha256 != check.check.plan_sha256)
            .then(|| "another version of the plan was judged".to_owned())
    }

    /// Of what was said against a gate, what people have to know: that its stage turned since; otherwise the first thing that
    /// nothing has ended since; otherwise the first. What a clock ahead has dated stays the first.
    fn told_first(
        &self,
        stage: &Stage,
        known: &Entry,
        said: Vec<(&'a Entry, String)>,
    ) -> Option<Contradiction<'a>> {
        let entries = self.history().entries();
        let is_ended = |entry: &Entry| {
            let mut later = entries.iter().filter(|one| one.number > entry.number);
            later.any(|one| one.event.settles(&entry.event))
        };
        let turned = self.history().set_back(&stage.name);
        let turned = turned.map(|entry| entry.number);
        let is_later = said
            .first()
            .is_some_and(|(one, _)| one.number > known.number);
        let place = |is: &dyn Fn(&Entry) -> bool| {
            let place = said.iter().position(|(entry, _)| is(entry));
            place.filter(|_| is_later)
        };
        let place = place(&|entry| Some(entry.number) == turned)
            .or_else(|| place(&|entry| !is_ended(entry)))
            .unwrap_or(0);
        let (entry, what) = said.into_iter().nth(place)?;
        Some(Contradiction::Said(entry, what))
    }

    /// The first thing that people said against a gate after an entry.
    pub(super) fn said_since(
        &self,
        stage: &Stage,
        gate: &Gate,
        entry: &Entry,
    ) -> Option<Contradiction<'a>> {
        let entries = self.history().entries().iter();
        let since = entries.filter(|later| later.number > entry.number);
        let said = since.filter_map(|later| Some((later, self.against(stage, gate, later)?)));
        self.told_first(stage, entry, said.collect())
    }

    /// A signature that has expired, whatever earlier time somebody gives.
    fn expired(&self, stage: &Stage, gate: &'a Gate) -> Option<Contradiction<'a>> {
        Some(self.expired_signature(stage, gate)?.1)
    }

    /// The same, with the entry of the signature.
    pub(super) fn expired_signature(
        &self,
        stage: &Stage,
        gate: &'a Gate,
    ) -> Option<(&'a Entry, Contradiction<'a>)> {
        let name = gate.kind.of(&stage.name);
        roles(gate).find_map(|role| {
            let signature = self.history().signature(&name, role)?;
            let past = self.past(signature.expires?)?;
            Some((signature.entry, Contradiction::Expired(role, past)))
        })
    }

    /// An approval that a check would not count now, though the gate was GO with it (T13).
    fn unapproved(&self, stage: &Stage, gate: &'a Gate) -> Option<Contradiction<'a>> {
        let name = gate.kind.of(&stage.name);
        roles(gate).find_map(|role| {
            let approval = self.approval(&stage.name, gate, role, None);
            let is_given = approval.holds().is_some();
            (!is_given).then(|| unapproved(role, &approval.in_words(role, &name)))
        })
    }

    /// An approval whose signature does not count, or has expired, though it was met when somebody decided to proceed on a check.
    pub(super) fn unsigned_since(
        &self,
        gate: &'a Gate,
        check: RecordedCheck<'a>,
    ) -> Option<Contradiction<'a>> {
        let name = &check.gate.gate;
        let was_open = |role: &&str| {
            let mut not_met = check.gate.not_met.iter();
            not_met.any(|one| one.kind == CriterionKind::Approvals && one.name == *role)
        };
        roles(gate).filter(|role| !was_open(role)).find_map(|role| {
            let signature = self.history().signature(name, role)?;
            if let Some(voided) = self.disregarded(signature.entry) {
                let approval = Approval::Void(signature, voided);
                return Some(unapproved(role, &approval.in_words(role, name)));
            }
            let past = self.past(signature.expires?)?;
            Some(Contradiction::Expired(role, past))
        })
    }

    /// What counts against an earlier GO of a gate. Stops block the stage anyway.
    pub(super) fn against(&self, stage: &Stage, gate: &Gate, entry: &Entry) -> Option<String> {
        let own = |of: &str| of == stage.name;
        // An entry rests on all that came before it, an exit on its own stage.
        let rests_on = |of: &str| own(of) || gate.kind == GateKind::Entry;
        match &entry.event {
            Event::Confirmed {
                stage: of,
                id,
                answer,
                ..
            } => answered_against(*answer, id).filter(|_| own(of) && asks(gate, id)),
            Event::Approved {
                gate: of,
                role,
                revoked,
                ..
            } => (*revoked && *of == gate.kind.of(&stage.name))
                .then(|| format!("the signature as {role} was taken back")),
            Event::IncidentOpened { id, .. } => {
                self.may_count(gate, id).then(|| format!("{id} was opened"))
            }
            Event::IncidentUpdated { id, .. } => self
                .may_count(gate, id)
                .then(|| format!("{id} has changed")),
            Event::RolledBack { stage: of, .. } => {
                // What a stage runs on began again (T7).
                let is_before = || self.stage(of).is_some_and(|of| self.rests_on(stage, of));
                (rests_on(of) || is_before()).then(|| format!("{of} was rolled back"))
            }
            Event::Reopened { stage: of, stages } => {
                let mut stages = stages.iter();
                let is_among = stages.any(|one| own(one)) || gate.kind == GateKind::Entry;
                is_among.then(|| format!("{of} was reopened"))
            }
            // What a recovery shows is that of the rollback, whatever comes next.
            Event::Superseded { .. } => (gate.kind != GateKind::Recovery
                && self.is_void_since(stage, entry))
            .then(|| took_the_place(entry)),
            Event::Paused { stage: of } => rests_on(of).then(|| format!("{of} was paused")),
            Event::Noted {
                stage: of,
                takes_back: Some(number),
                ..
            } => {
                let is_of_stage = of.as_deref().is_none_or(own);
                let asks =
                    gate.kind == GateKind::Exit && Self::checkpoint_asks(stage).next().is_some();
                (is_of_stage && asks).then(|| format!("checkpoint #{number} was taken back"))
            }
            Event::Started { .. }
            | Event::Checked(_)
            | Event::IncidentClosed { .. }
            | Event::Resumed { .. }
            | Event::RollbackUpdated { .. }
            | Event::Overridden { .. }
            | Event::Noted { .. }
            | Event::Repaired { .. }
            | Event::LedgerBegun { .. }
            | Event::Imported { .. }
            | Event::Watch(_) => None,
        }
    }

    fn is_void_since(&self, stage: &Stage, entry: &Entry) -> bool {
        let mut superseded = self.history().superseded();
        let found = superseded.find(|one| one.number == entry.number);
        found.is_some_and(|one| self.history().void_since(&stage.name, one).is_some())
    }

    /// Whether a stage comes after another one, however far.
    #[must_use]
    pub fn rests_on(&self, stage: &Stage, other: &Stage) -> bool {
        let mut before = self.plan.before(stage).into_iter();
        before.any(|one| one.name == other.name || self.rests_on(one, other))
    }

    /// Whether something that a clock ahead of others has dated was over when a check was made: what settled it was recorded in
    /// between, and dated before the time that was judged. Order is by number (T6).
    fn is_over(&self, entry: &Entry, check: &RecordedCheck<'_>) -> bool {
        let entries = self.history().entries().iter();
        let mut between = entries.filter(|one| {
            one.number > entry.number
                && one.number < check.entry.number
                && one.at <= check.check.evaluated_at
        });
        between.any(|one| one.event.settles(&entry.event))
    }

    /// Whether an incident may count for a gate: a severity that it has or had is one that the gate asks about, or none is known.
    fn may_count(&self, gate: &Gate, id: &str) -> bool {
        let incidents = self.incidents();
        let incident = incidents.iter().find(|one| one.id == id);
        let severities: Option<Vec<&str>> = incident.map(|one| one.severities().collect());
        let severities = severities.filter(|all| !all.is_empty());
        let mut asked = gate.criteria.iter().filter_map(|one| one.ask.incidents());
        asked.any(|ask| {
            severities.as_ref().is_none_or(|all| {
                let asked: Vec<String> = ask.severities().map(str::to_owned).collect();
                all.iter().any(|severity| is_one_of(&asked, severity))
            })
        })
    }
}

impl<'a> History<'a> {
    /// The entries that a check did not know about, in order; and those that it knew although they are dated after the time
    /// that was judged: a clock is wrong, and what was measured may be from before them.
    fn since(self, check: RecordedCheck<'a>) -> impl Iterator<Item = &'a Entry> {
        let until = check.check.evaluated_at + AHEAD;
        let others = self.entries().iter();
        others.filter(move |entry| {
            entry.number != check.entry.number && (!check.knew(entry) || entry.at > until)
        })
    }
}

impl RecordedCheck<'_> {
    /// Until when its GO is good, as the plan says now.
    #[must_use]
    pub fn good_until(&self, gate: &Gate) -> Instant {
        self.check.evaluated_at + gate.valid
    }
}

fn unapproved<'a>(role: &str, why: &str) -> Contradiction<'a> {
    Contradiction::Unapproved(format!("the approval as {role} does not count: {why}"))
}

fn answered_against(answer: Answer, id: &str) -> Option<String> {
    match answer {
        Answer::Yes | Answer::NotApplicable => None,
        Answer::No => Some(format!("{id} was answered with no")),
        Answer::Revoked => Some(format!("the answer to {id} was taken back")),
    }
}

/// Whether a gate asks for this confirmation, or this item of a checklist.
fn asks(gate: &Gate, id: &str) -> bool {
    let mut asked = gate.criteria.iter().map(|one| &one.ask);
    asked.any(|ask| ask.is_answered() && ask.name() == id)
}
