//! Whether a stage may begin: its turn has come, and its entry gate was GO when last judged, with nothing said
//! against it since. Must not let anything past a stop, nor ask a source.

use super::{Contradiction, Displaced, Ended, Hold, NotLeft, Override, RecordedCheck, Rollout};
use crate::kind::{GateKind, GateName};
use crate::ledger::Entry;
use crate::plan::{Gate, Stage};
use crate::units::Instant;
use crate::verdict::Verdict;

/// What a stage may begin on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit<'a> {
    /// Its turn has come, and its entry gate was GO.
    Earned(RecordedCheck<'a>),
    /// Its turn has come, and it has no entry gate.
    WithoutGate,
    /// Somebody has overridden its entry gate, and with it what that says about the order.
    Overridden(RecordedCheck<'a>, Override<'a>),
}

/// Why a stage may not begin yet. Somebody may begin it anyway, in their own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotYet<'a> {
    /// A stage before it was not left, or nothing can rest on that any more.
    NotLeft {
        /// The stage that would begin.
        for_stage: &'a str,
        /// Why.
        why: NotLeft<'a>,
    },
    /// The start of the stage would lie before this one before it was left, which was then.
    BeforeLeft {
        /// The stage that would begin.
        for_stage: &'a str,
        /// The stated start; `None` where none is stated, and the clock is behind.
        at: Option<Instant>,
        /// The stage before it.
        stage: &'a str,
        /// When that was left.
        left: Instant,
    },
    /// A stage that an edit of the plan has taken out of the way was not left.
    Displaced(Displaced<'a>),
    /// The plan no longer has its entry gate, which was not GO in this check, or of which something was said since.
    GateGone(RecordedCheck<'a>),
    /// No check of its entry gate is recorded, or only one that judged it ahead of its turn.
    Unchecked(GateName, Option<&'a Entry>),
    /// The check that says how its entry gate stands does not let it begin.
    Check(RecordedCheck<'a>, Objection<'a>),
}

/// What keeps a recorded check from allowing a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection<'a> {
    /// It was not GO.
    NotGo,
    /// It was not GO, and the override of it counts no more.
    OverrideOver(Override<'a>, Box<Ended<'a>>),
    /// It was made with other variables.
    OtherQuestion,
    /// It is for a later time than the stated start of the stage; `None` where none is stated, and the clock is behind.
    Later(Option<Instant>),
    /// Something counts against it.
    Contradicted(Contradiction<'a>),
}

impl<'a> Rollout<'a> {
    /// What a stage cannot begin past for any reason: the first hold.
    #[must_use]
    pub fn barred(&self, stage: &'a Stage) -> Option<Hold<'a>> {
        self.holds_before(stage).into_iter().next()
    }

    /// What a stage that nothing blocks may begin on, at a time.
    ///
    /// # Errors
    /// Why it may not.
    pub fn permit(&self, stage: &'a Stage, at: Instant) -> Result<Permit<'a>, NotYet<'a>> {
        let entry = GateKind::Entry.of(&stage.name);
        let last = self.history().last_check(&entry);
        let gate = stage.gate(GateKind::Entry);
        // An override of a gate that is no longer in the plan says nothing about the order.
        let held = gate.and_then(|_| self.proceeds(&entry));
        if let (Some(check), Some(held)) = (last, held) {
            let judged = check.check.evaluated_at;
            // What a clock ahead of this one has dated was known to whoever decided to proceed.
            if at < judged && !self.is_ahead(judged) {
                return Err(NotYet::Check(check, Objection::Later(self.stated(at))));
            }
            return Ok(Permit::Overridden(check, held));
        }
        if let Some(displaced) = self.displaced_before(stage) {
            return Err(NotYet::Displaced(displaced));
        }
        for one in self.plan.before(stage) {
            let left = self.left(one).map_err(|why| NotYet::NotLeft {
                for_stage: &stage.name,
                why,
            })?;
            let left = self.left_since(one, &left);
            if at < left {
                return Err(NotYet::BeforeLeft {
                    for_stage: &stage.name,
                    at: self.stated(at),
                    stage: &one.name,
                    left,
                });
            }
        }
        let Some(gate) = gate else {
            let not_go = last.filter(|last| {
                last.gate.verdict != Verdict::Go || !self.is_undisputed(&stage.name, last)
            });
            return match not_go {
                Some(last) => Err(NotYet::GateGone(last)),
                None => Ok(Permit::WithoutGate),
            };
        };
        let outlook = self.history().outlook_on(&entry);
        let check = last.ok_or(NotYet::Unchecked(entry, outlook))?;
        match self.objection(stage, gate, check, at) {
            Some(objection) => Err(NotYet::Check(check, objection)),
            None => Ok(Permit::Earned(check)),
        }
    }

    /// A start that somebody stated: it is not now.
    fn stated(&self, at: Instant) -> Option<Instant> {
        Some(at).filter(|at| *at < self.now)
    }

    fn objection(
        &self,
        stage: &'a Stage,
        gate: &'a Gate,
        check: RecordedCheck<'a>,
        at: Instant,
    ) -> Option<Objection<'a>> {
        if check.gate.verdict != Verdict::Go {
            let now = Some((check.gate.verdict, check.gate.not_met.as_slice()));
            let over = self
                .history()
                .overriding(&check.gate.gate)
                .and_then(|found| {
                    let ended = self.override_over(&found, &check.gate.gate, now)?;
                    Some(Objection::OverrideOver(found, Box::new(ended)))
                });
            return Some(over.unwrap_or(Objection::NotGo));
        }
        if !check.asked_with(self.vars) {
            return Some(Objection::OtherQuestion);
        }
        let contradicted = self.contradicted(stage, gate, check);
        let is_later = at < check.check.evaluated_at;
        contradicted
            .map(Objection::Contradicted)
            .or_else(|| is_later.then_some(Objection::Later(self.stated(at))))
    }
}
