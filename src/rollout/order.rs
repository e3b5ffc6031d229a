//! The order of stages: which are running, which come next, and which gates a check asks now. Must not judge a gate.

use super::{Contradiction, Hold, Left, NotLeft, RecordedCheck, Rollout};
use crate::kind::{GateKind, words};
use crate::ledger::Entry;
use crate::plan::{Gate, Stage};
use crate::units::Instant;
use crate::verdict::Verdict;

words! {
    /// The state of a stage.
    pub enum State: "state" {
        /// Its turn has not come.
        NotStarted = "not started",
        /// It comes next: its entry gate decides.
        AtEntry = "at entry",
        /// It was started, and nobody has left it.
        Running = "running",
        /// Paused by a person.
        Paused = "PAUSED",
        /// A stop tripped, and nobody has resumed since.
        Stopped = "STOPPED",
        /// Rolled back, and not begun again.
        RolledBack = "ROLLED BACK",
        /// The last recorded check of its exit gate is GO; without an exit gate, it has begun.
        Left = "left",
        /// Left anyway: somebody overrode its exit gate, or began another stage without it.
        Overridden = "OVERRIDDEN",
    }
}

/// The part of a gate in play in a check that names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It decides.
    Decides,
    /// It comes next, and the stage before it was not left: judged ahead, and nothing rests on what is found.
    Outlook,
}

impl State {
    /// Whether it has begun and was not left.
    pub(super) fn is_under_way(self) -> bool {
        match self {
            Self::Running | Self::Paused | Self::Stopped | Self::RolledBack => true,
            Self::NotStarted | Self::AtEntry | Self::Left | Self::Overridden => false,
        }
    }
}

impl<'a> Rollout<'a> {
    /// The state of a stage.
    #[must_use]
    pub fn state(&self, stage: &'a Stage) -> State {
        if !self.history().has_begun(&stage.name) {
            return if self.may_begin(stage) {
                State::AtEntry
            } else {
                State::NotStarted
            };
        }
        match self.holds(&stage.name).next() {
            Some(Hold::RolledBack(..)) => State::RolledBack,
            Some(Hold::Stopped(..)) => State::Stopped,
            Some(Hold::Paused(..)) => State::Paused,
            None => self.begun_state(stage),
        }
    }

    /// Of a stage that has begun, and that nothing blocks.
    fn begun_state(&self, stage: &'a Stage) -> State {
        match self.left(stage) {
            Ok(Left::WithGo(_) | Left::WithoutGate(..)) => State::Left,
            Ok(Left::Overridden(..)) => State::Overridden,
            // What was said after its GO holds the stages after it, and brings nothing back.
            Err(NotLeft::Contradicted(check, found))
                if check.gate.verdict == Verdict::Go && found.is_later_than(&check) =>
            {
                State::Left
            }
            // Nor does a signature that no longer counts, once the rollout has moved on.
            Err(NotLeft::Contradicted(_, Contradiction::Unapproved(_))) if self.moved_on(stage) => {
                State::Left
            }
            Err(_) if self.moved_on(stage) => State::Overridden,
            Err(_) => State::Running,
        }
    }

    /// When a stage was left that was, also where something said later counts against it; `None` if it was not.
    pub(super) fn left_at(&self, stage: &'a Stage) -> Option<Instant> {
        match self.state(stage) {
            State::Left | State::Overridden => {}
            State::NotStarted
            | State::AtEntry
            | State::Running
            | State::Paused
            | State::Stopped
            | State::RolledBack => return None,
        }
        if let Ok(left) = self.left(stage) {
            return Some(self.left_since(stage, &left));
        }
        let last = self.history().judged(&GateKind::Exit.of(&stage.name))?;
        Some(last.check.evaluated_at)
    }

    /// Whether a stage's turn has come: each before it was left, or its entry gate is overridden, and nothing blocks the rollout
    /// up to it.
    fn may_begin(&self, stage: &'a Stage) -> bool {
        let entry = GateKind::Entry.of(&stage.name);
        let gate = stage.gate(GateKind::Entry);
        let is_overridden = gate.is_some_and(|_| self.proceeds(&entry).is_some());
        let is_next = || {
            let mut before = self.plan.before(stage).into_iter();
            before.all(|one| self.left(one).is_ok()) && self.displaced_before(stage).is_none()
        };
        self.holds_before(stage).is_empty() && (is_overridden || is_next())
    }

    /// Whether a stage that comes after this one was started since it began; others may run in parallel.
    pub(super) fn moved_on(&self, stage: &Stage) -> bool {
        let started = self.history().start_of(&stage.name);
        started.is_some_and(|started| self.ended(stage, started).is_some())
    }

    /// The stages that have begun and from which the rollout has not moved on, in plan order; several if lanes run in
    /// parallel.
    #[must_use]
    pub fn running(&self) -> Vec<&'a Stage> {
        let stages = self.plan.stages.iter();
        stages.filter(|stage| self.runs(stage)).collect()
    }

    /// The stages that are meant if none is named: those that have begun and were not left; if there is none, those from
    /// which the rollout has not moved on.
    #[must_use]
    pub fn meant(&self) -> Vec<&'a Stage> {
        let stages = self.plan.stages.iter();
        let under_way: Vec<&Stage> = stages
            .filter(|stage| self.state(stage).is_under_way())
            .collect();
        if under_way.is_empty() {
            return self.running();
        }
        under_way
    }

    pub(super) fn runs(&self, stage: &Stage) -> bool {
        self.history().has_begun(&stage.name) && !self.moved_on(stage)
    }

    /// The gates in play, those that decide and those ahead, in plan order.
    #[must_use]
    pub fn in_play(&self) -> Vec<(&'a Stage, &'a Gate)> {
        let gates = self.plan.stages.iter();
        gates
            .flat_map(|stage| stage.gates.iter().map(move |gate| (stage, gate)))
            .filter(|(stage, gate)| self.part(stage, gate.kind).is_some())
            .collect()
    }

    /// What a gate is to a check now; `None` if its turn has not come, or is over (L1). What runs is asked about its exit
    /// until the next stage begins, also once it was left: the next entry rests on that, and its traffic goes on.
    #[must_use]
    pub fn part(&self, stage: &'a Stage, kind: GateKind) -> Option<Part> {
        match kind {
            GateKind::Entry => self.part_of_entry(stage),
            GateKind::Exit => {
                (self.runs(stage) || self.is_asked_first(stage)).then_some(Part::Decides)
            }
            GateKind::Recovery => self.awaits_recovery(stage).then_some(Part::Decides),
        }
    }

    /// The entry of a stage that has not begun: it decides once every stage before it was left, and is an outlook while one
    /// of them runs. That of a first stage is one, too, while a stage beside it runs.
    fn part_of_entry(&self, stage: &'a Stage) -> Option<Part> {
        let (history, before) = (self.history(), self.plan.before(stage));
        let all_begun = before.iter().all(|one| history.has_begun(&one.name));
        if history.has_begun(&stage.name) {
            return self.is_asked_beside_exit(stage).then_some(Part::Decides);
        }
        if !all_begun {
            return None;
        }
        let waits = if before.is_empty() {
            // Where the rollout went back to it, everything else waits for it.
            let goes_first = self.reopened_and_waiting(&stage.name).is_some();
            let mut others = self.plan.stages.iter();
            !goes_first
                && others
                    .any(|one| one.gate(GateKind::Exit).is_some() && self.state(one).is_under_way())
        } else {
            before.iter().any(|one| self.left(one).is_err())
        };
        Some(if waits { Part::Outlook } else { Part::Decides })
    }

    /// Whether the entry of a stage that runs is still to be passed for the version that took it over, and nothing holds it (L6).
    fn is_asked_beside_exit(&self, stage: &'a Stage) -> bool {
        self.runs(stage) && self.entry_owed(stage).is_some() && self.barred(stage).is_none()
    }

    /// Whether nothing has begun, and it would be a first stage without an entry gate: its exit says that it has not begun.
    fn is_asked_first(&self, stage: &Stage) -> bool {
        self.plan.before(stage).is_empty()
            && stage.gate(GateKind::Entry).is_none()
            && self
                .plan
                .stages
                .iter()
                .all(|one| !self.history().has_begun(&one.name))
    }

    /// Whether the stage was rolled back, and no check of its recovery gate has shown that it has recovered.
    pub(super) fn awaits_recovery(&self, stage: &Stage) -> bool {
        stage.gate(GateKind::Recovery).is_some() && self.unrecovered(stage).is_some()
    }

    /// The last rollback of the stage, while nothing has shown that it has recovered: a recorded check whose recovery gate
    /// is GO or, without such a gate, that it began again; nor a stage to which the rollout went back from it.
    #[must_use]
    pub fn unrecovered(&self, stage: &Stage) -> Option<&'a Entry> {
        let history = self.history();
        if stage.gate(GateKind::Recovery).is_none() {
            return history.open_rollback(&stage.name);
        }
        let rolled_back = history.rolled_back(&stage.name)?;
        if history.went_back_from(&stage.name, rolled_back) {
            return None;
        }
        let recoveries = history.recoveries(&stage.name, rolled_back, self.vars);
        let mut recoveries = recoveries.into_iter();
        let recovered = recoveries.any(|check| self.is_vouched_for(check));
        (!recovered).then_some(rolled_back)
    }

    /// Those of them that were not left: their last check since they began is not GO, or something blocks them.
    #[must_use]
    pub fn unfinished_elsewhere(&self) -> Vec<&'a str> {
        let unknown = self.unknown_stages().into_iter();
        unknown.filter(|name| !self.is_finished(name)).collect()
    }

    /// Of a stage that is not in the plan, so that only its name is known.
    pub(super) fn is_finished(&self, stage: &'a str) -> bool {
        let history = self.history();
        // Where a rollback went back to it, what was judged before counts no more.
        if self.reopened_and_waiting(stage).is_some() {
            return false;
        }
        if !history.has_begun(stage) {
            let last = history.judged_last(stage);
            return last.is_none_or(|last| {
                last.gate.verdict == Verdict::Go
                    && self.is_vouched_for(last)
                    && self.is_undisputed(stage, &last)
            });
        }
        let is_undisputed = |check: &RecordedCheck<'a>| self.is_undisputed(stage, check);
        self.standing_exit(stage)
            .is_some_and(|check| is_undisputed(&check))
    }

    /// The same of one that has begun, at the end of the rollout: nothing begins on its GO, so that grows no older.
    pub(super) fn is_left_for_good(&self, stage: &'a str) -> bool {
        let is_unspoken = |check: &RecordedCheck<'a>| self.is_unspoken(stage, check);
        self.standing_exit(stage)
            .is_some_and(|check| is_unspoken(&check))
    }

    /// The last check of the exit of a stage that has begun, if it is GO for the stage as it is, and nothing holds that.
    fn standing_exit(&self, stage: &'a str) -> Option<RecordedCheck<'a>> {
        let check = self.history().last_check(&GateKind::Exit.of(stage))?;
        let stands = check.gate.verdict == Verdict::Go
            && check.asked_with(self.vars)
            && self.is_vouched_for(check)
            && self.history().turned_since(stage, check).is_none()
            && self.holds(stage).next().is_none();
        stands.then_some(check)
    }

    /// Whether a stage of the plan comes after this one.
    pub(super) fn is_followed(&self, stage: &Stage) -> bool {
        self.after(stage).next().is_some()
    }

    /// Whether a stage has begun, and none that comes after it.
    pub(super) fn is_in_front(&self, stage: &Stage) -> bool {
        let history = self.history();
        let mut begun = self.after(stage).filter(|one| history.has_begun(&one.name));
        history.has_begun(&stage.name) && begun.next().is_none()
    }

    /// The stages that come right after the one in front and have no entry gate: their start rests on its exit alone.
    pub(super) fn next_without_entry(&self, stage: &Stage) -> Vec<&'a Stage> {
        if !self.is_in_front(stage) {
            return Vec::new();
        }
        let next = self.after(stage);
        next.filter(|next| next.gate(GateKind::Entry).is_none())
            .collect()
    }

    fn after(&self, stage: &Stage) -> impl Iterator<Item = &'a Stage> {
        let stages = self.plan.stages.iter();
        let (plan, name) = (self.plan, stage.name.clone());
        stages.filter(move |other| {
            let mut before = plan.before(other).into_iter();
            before.any(|one| one.name == name)
        })
    }

    /// Stages that have begun and are not (or no longer) in the plan, each once.
    #[must_use]
    pub fn unknown_stages(&self) -> Vec<&'a str> {
        let begun = self.history().begun().into_iter();
        begun
            .filter(|name| self.stage(name).is_none() && self.history().has_begun(name))
            .collect()
    }
}
