//! What a gate asks without the plan saying so, because of the order of stages and what people did. Must not judge it:
//! a check may know more about an earlier stage than what is recorded.

use super::passed_over::LEFT_WITH_GO;
use super::{Displaced, EntryAgain, Hold, Rollout};
use crate::kind::{CriterionKind, GateKind, List};
use crate::ledger::NotMet;
use crate::plan::{Gate, Stage};

/// One thing that a gate asks without the plan saying so.
#[derive(Debug, Clone)]
pub enum Implied<'a> {
    /// A stage before this one was left.
    Left(&'a Stage),
    /// A stage that an edit of the plan has taken out of the way of this one was left.
    NotDisplaced(Displaced<'a>),
    /// A stage further back, one that is no longer in the plan, or the stage itself, goes on: this blocks it.
    NotHeld(Hold<'a>),
    /// The stage, or one before it in the plan, goes on after it was rolled back.
    GoesOn(Hold<'a>),
    /// Nobody has paused the stage or, for an entry gate, one before it in the plan.
    NotPaused(Hold<'a>),
    /// The entry of a stage that another version took over was GO for that (L6).
    EntryAgain(EntryAgain<'a>),
}

/// What a stage leaves open that is no longer in the plan.
#[derive(Debug, Clone)]
pub(super) enum Gone<'a> {
    /// It was stopped, paused or rolled back.
    Held(Hold<'a>),
    /// Its exit was not GO, or nothing shows that it was.
    NotLeft(Displaced<'a>),
}

impl<'a> From<Gone<'a>> for Implied<'a> {
    fn from(gone: Gone<'a>) -> Self {
        match gone {
            Gone::Held(hold) => Self::NotHeld(hold),
            Gone::NotLeft(found) => Self::NotDisplaced(found),
        }
    }
}

impl Implied<'_> {
    /// The kind of the criterion.
    #[must_use]
    pub fn kind(&self) -> CriterionKind {
        match self {
            Self::Left(_) | Self::NotDisplaced(_) | Self::NotHeld(_) | Self::EntryAgain(_) => {
                CriterionKind::After
            }
            Self::GoesOn(_) => CriterionKind::Rollback,
            Self::NotPaused(_) => CriterionKind::Paused,
        }
    }

    /// What the criterion is called: the stage, or the gate, that it is about.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Left(stage) => stage.name.clone(),
            Self::NotDisplaced(found) => found.stage.to_owned(),
            Self::NotHeld(hold) | Self::GoesOn(hold) | Self::NotPaused(hold) => {
                hold.stage().to_owned()
            }
            Self::EntryAgain(again) => again.gate.to_string(),
        }
    }

    /// As the ledger records it where it is not met: shown not to hold, or open.
    pub(super) fn not_met(&self, unmet: bool) -> NotMet {
        NotMet {
            list: List::Entry,
            kind: self.kind(),
            name: self.name(),
            condition: Some(self.condition()),
            unmet,
            measured: None,
        }
    }

    /// What is asked.
    #[must_use]
    pub fn condition(&self) -> String {
        let asked = match self {
            Self::Left(_) | Self::NotDisplaced(_) => LEFT_WITH_GO,
            Self::NotHeld(_) => "not blocked",
            Self::GoesOn(_) => "not rolled back",
            Self::NotPaused(_) => "not paused",
            Self::EntryAgain(again) => return again.condition(),
        };
        asked.to_owned()
    }
}

impl<'a> Rollout<'a> {
    /// What such a gate of a stage asks, in the order of its criteria. Recovery is judged whatever else blocks the stage itself.
    #[must_use]
    pub fn implied(&self, stage: &'a Stage, kind: GateKind) -> Vec<Implied<'a>> {
        let own = &stage.name;
        match kind {
            GateKind::Recovery => {
                let before = self.undermined(stage).into_iter();
                before.map(Implied::GoesOn).collect()
            }
            GateKind::Exit => {
                let goes_on = self.rolled_back(own).into_iter();
                let goes_on = goes_on.chain(self.undermined(stage)).map(Implied::GoesOn);
                let paused = self.paused(own).map(Implied::NotPaused);
                // Where the plan asks nothing at the exit, this cannot make it GO.
                let asks = |gate: &Gate| gate.criteria.iter().any(|one| one.list == List::Exit);
                let asks = stage.gate(GateKind::Exit).is_some_and(asks);
                let again = self.entry_again(stage);
                let again = again.filter(|again| asks || again.found.is_err());
                let again = again.map(Implied::EntryAgain);
                // Where its entry asks for them again, that is enough.
                let is_asked = asks && self.order_owed(stage).is_some();
                let passed_over = self.passed_over(stage).into_iter();
                let passed_over = passed_over.filter(|_| is_asked);
                let passed_over = passed_over.filter_map(|one| self.stage(one.before));
                let passed_over = passed_over.map(Implied::Left);
                let all = goes_on.chain(paused).chain(again);
                let mut all: Vec<Implied<'_>> = all.chain(passed_over).collect();
                let gone = self.gone(stage).into_iter().map(Implied::from);
                for one in gone.chain(self.held_before_the_next(stage)) {
                    if all.iter().all(|known| known.name() != one.name()) {
                        all.push(one);
                    }
                }
                all
            }
            GateKind::Entry => {
                // What a stage was started on stands, whichever version took that stage over since.
                let is_again = self.entry_again(stage).is_some();
                let mut before = self.plan.before(stage);
                before.retain(|one| !is_again || !self.stands_since_start(one, stage));
                // Nor is that asked again, but what it, or one before it, was started in spite of.
                let passed_over = self.passed_over(stage).into_iter();
                let passed_over = passed_over.filter_map(|one| self.stage(one.before));
                for one in passed_over.filter(|_| is_again) {
                    if before.iter().all(|seen| seen.name != one.name) {
                        before.push(one);
                    }
                }
                let holds = self.holds_before(stage).into_iter();
                let (paused, held): (Vec<_>, Vec<_>) =
                    holds.partition(|hold| self.is_pause_in_plan(hold));
                // The stages right before it are covered by the question whether they were left.
                let is_before = |hold: &Hold<'_>| before.iter().any(|one| one.name == hold.stage());
                let held = held.into_iter().filter(|hold| !is_before(hold));
                let left = before.iter().copied().map(Implied::Left);
                let displaced = self.displaced_before(stage);
                // What holds it says more.
                let displaced = displaced.filter(|one| self.holds(one.stage).next().is_none());
                left.chain(displaced.map(Implied::NotDisplaced))
                    .chain(held.map(Implied::NotHeld))
                    .chain(paused.into_iter().map(Implied::NotPaused))
                    .collect()
            }
        }
    }

    /// Whether it is shown not to hold, and why it does not, as far as the ledger tells; `None` where it holds.
    pub(super) fn implied_open(&self, asked: &Implied<'a>) -> Option<(bool, String)> {
        match asked {
            Implied::Left(stage) => {
                let why = self.left(stage).err()?;
                Some((why.is_unmet(), why.to_string()))
            }
            Implied::EntryAgain(again) => {
                let why = again.found.as_ref().err()?;
                Some((why.is_unmet(), why.to_string()))
            }
            Implied::NotDisplaced(found) => Some((found.is_unmet(), found.to_string())),
            Implied::NotHeld(hold) | Implied::GoesOn(hold) | Implied::NotPaused(hold) => {
                Some((hold.is_unmet(), self.told(hold)))
            }
        }
    }

    /// What stages leave open that are no longer in the plan, where no later entry asks for it: at an exit that nothing follows, or
    /// behind which nothing has begun, and at that of a stage which would begin without an entry.
    pub(super) fn gone(&self, stage: &'a Stage) -> Vec<Gone<'a>> {
        let is_last = !self.is_followed(stage);
        let would_begin =
            !self.history().has_begun(&stage.name) && stage.gate(GateKind::Entry).is_none();
        let held = self.held_elsewhere().into_iter();
        let held = held.filter(|_| is_last || would_begin || self.is_in_front(stage));
        let dropped = self.dropped_behind(stage);
        let dropped = dropped.or_else(|| self.dropped_ahead(stage));
        let displaced = dropped.or_else(|| {
            let found = self.displaced_before(stage);
            found.filter(|_| would_begin)
        });
        // What holds it says more.
        let displaced = displaced.filter(|one| self.holds(one.stage).next().is_none());
        held.map(Gone::Held)
            .chain(displaced.map(Gone::NotLeft))
            .collect()
    }

    /// What keeps the next stages from beginning that have no entry which asks for it: whoever begins them rests on this exit alone.
    /// And what keeps the rollout from its end, at an exit that nothing follows: a stage before it that goes on being held.
    fn held_before_the_next(&self, stage: &'a Stage) -> Vec<Implied<'a>> {
        let next = self.next_without_entry(stage).into_iter();
        let holds = next.flat_map(|next| self.holds_before(next));
        let at_the_end = self.holds_before(stage).into_iter();
        let at_the_end = at_the_end.filter(|hold| {
            let other = self.stage(hold.stage());
            !self.is_followed(stage) && other.is_some_and(|one| self.rests_on(stage, one))
        });
        let holds = holds.chain(at_the_end);
        let holds = holds.filter(|hold| hold.stage() != stage.name);
        holds
            .map(|hold| {
                if self.is_pause_in_plan(&hold) {
                    Implied::NotPaused(hold)
                } else {
                    Implied::NotHeld(hold)
                }
            })
            .collect()
    }

    fn is_pause_in_plan(&self, hold: &Hold<'_>) -> bool {
        matches!(hold, Hold::Paused(..)) && self.stage(hold.stage()).is_some()
    }
}
