//! Stages that have begun, were not left, and that an edit of the plan has taken out of the way of another: removed, renamed,
//! moved behind it, or no longer named by its `after`. Must not hold stages that never came before.

use super::{Left, RecordedCheck, Rollout};
use crate::kind::{CriterionKind, GateKind};
use crate::ledger::{Entry, Event, EventKind};
use crate::plan::Stage;
use crate::units::Duration;
use crate::verdict::Verdict;

/// How long the GO of a gate is good for that the plan no longer has: as long as any (T7).
const GONE_VALID: Duration = Duration::from_secs(24 * 60 * 60);

/// A stage that has begun, was not left, and was taken out of the plan or of the way of another one since: an edit of the plan
/// does not leave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Displaced<'a> {
    /// The stage that would begin.
    pub for_stage: &'a str,
    /// The stage that was not left.
    pub stage: &'a str,
    /// The check that says how its exit stands.
    pub exit: Option<RecordedCheck<'a>>,
    /// Whether the plan still has it, elsewhere.
    pub in_plan: bool,
    /// Whether the plan has it behind the other now, and its entry, asked again for another version, waits for that (L6): a check
    /// of it helps nobody.
    pub waits: bool,
    /// Whether it has begun; if not, its entry was judged and is not GO.
    pub has_begun: bool,
}

impl Displaced<'_> {
    /// Whether it is shown that the stage was not left; otherwise nothing shows that it was.
    #[must_use]
    pub fn is_unmet(&self) -> bool {
        self.exit.is_some_and(|exit| match exit.gate.verdict {
            Verdict::NoGo | Verdict::Stop => true,
            Verdict::Hold | Verdict::Go => false,
        })
    }
}

impl<'a> Rollout<'a> {
    /// The first of them that a stage which has not begun would get past.
    pub(super) fn displaced_before(&self, stage: &'a Stage) -> Option<Displaced<'a>> {
        self.all_displaced_before(stage).next()
    }

    fn all_displaced_before(&self, stage: &'a Stage) -> impl Iterator<Item = Displaced<'a>> {
        let known = self.history().known_stages().into_iter();
        let others = known.filter(|other| *other != stage.name && self.is_displaced(other, stage));
        others.map(|other| Displaced {
            for_stage: &stage.name,
            stage: other,
            exit: self.history().judged_last(other),
            in_plan: self.stage(other).is_some(),
            waits: self
                .stage(other)
                .is_some_and(|one| self.rests_on(one, stage) && self.entry_owed(one).is_some()),
            has_begun: self.history().has_begun(other),
        })
    }

    /// The first stage that was not left and is no longer in the plan, of those that the rollout would end without: nothing in the
    /// plan comes after `stage`, and nobody has proceeded in spite of the other. How old its GO is counts no more then.
    pub(super) fn dropped_behind(&self, stage: &'a Stage) -> Option<Displaced<'a>> {
        if self.is_followed(stage) {
            return None;
        }
        let mut gone = self.unknown_stages().into_iter();
        let other = gone
            .find(|other| !self.is_left_for_good(other) && !self.is_answered_for(other, stage))?;
        Some(Displaced {
            for_stage: &stage.name,
            stage: other,
            exit: self.history().judged_last(other),
            in_plan: false,
            waits: false,
            has_begun: self.history().has_begun(other),
        })
    }

    /// The first stage that was not left and is no longer in the plan, of those that would keep the next stage from beginning, where
    /// that has no entry which asks for it. One that the plan still has is asked about its own exit.
    pub(super) fn dropped_ahead(&self, stage: &'a Stage) -> Option<Displaced<'a>> {
        let next = self.next_without_entry(stage).into_iter();
        let mut found = next.flat_map(|next| self.all_displaced_before(next));
        found.find(|found| !found.in_plan)
    }

    /// Whether a stage came before another one as long as the plan had it there, and the other began before it: what becomes of it
    /// since matters to the other as if it were still there.
    pub(super) fn was_before(&self, other: &'a str, stage: &Stage) -> bool {
        let gone = self.stage(other).is_none();
        (gone || self.was_under_another_plan(other)) && !self.came_behind(other, stage)
    }

    /// Whether a stage was not left, and the plan under which it was judged or ran is not the one that lets it be passed now.
    fn is_displaced(&self, other: &'a str, stage: &'a Stage) -> bool {
        let was_moved = match self.stage(other) {
            None => !self.is_finished(other),
            Some(one) => {
                self.history().has_begun(other)
                    && !self.rests_on(stage, one)
                    && self.was_under_another_plan(other)
                    && self.left(one).is_err()
            }
        };
        was_moved && !self.came_behind(other, stage) && !self.is_answered_for(other, stage)
    }

    /// Whether an entry tells of the stage under another version of the plan than this.
    fn was_under_another_plan(&self, other: &str) -> bool {
        let mut entries = self.history().entries().iter();
        entries.any(|entry| {
            let then = entry.plan.sha256.as_deref();
            then.is_some() && then != self.plan_sha256 && entry.event.concerns(other)
        })
    }

    /// Whether a stage became known only after the other one had begun, though that begins again. What a way back ended says
    /// nothing about the order.
    fn came_behind(&self, other: &str, stage: &Stage) -> bool {
        let history = self.history();
        let own = history.first_known_start(&stage.name);
        let own = own.filter(|_| history.reopened(&stage.name).is_none());
        let first = history.first_known(other);
        own.zip(first)
            .is_some_and(|(own, first)| own.number < first.number)
    }

    /// Whether somebody has proceeded in spite of it: with an override of its exit that still holds, or by beginning this stage or
    /// one that it rests on, under another version of the plan, after all that is recorded of the other.
    fn is_answered_for(&self, other: &'a str, stage: &Stage) -> bool {
        let history = self.history();
        let exit = GateKind::Exit.of(other);
        let last = history.last_check(&exit);
        let proceeded = history.overriding(&exit).is_some_and(|found| {
            let is_for_it =
                last.is_some_and(|last| last.check.evidence_sha256 == found.evidence_sha256);
            let is_over = history.set_back_since(other, found.entry).is_some();
            let is_of_now = history.is_of_this_version(found.entry);
            is_for_it && is_of_now && !is_over && self.past(found.expires).is_none()
        });
        proceeded || self.is_begun_past(other, stage)
    }

    fn is_begun_past(&self, other: &str, stage: &Stage) -> bool {
        let history = self.history();
        let then = history.first_known(other).map(|first| &first.plan.sha256);
        let is_on_the_way = |one: &&Stage| one.name == stage.name || self.rests_on(stage, one);
        let mut behind = self.plan.stages.iter().filter(is_on_the_way);
        behind.any(|one| {
            let start = history.last_of(&one.name, &[EventKind::Started]);
            let start = start.filter(|_| history.has_begun(&one.name));
            let start = start.filter(|entry| {
                let is_overridden =
                    matches!(entry.event, Event::Started { overridden, .. } if overridden);
                is_overridden && history.is_of_this_version(entry)
            });
            let is_another = one.name != stage.name;
            let entered = is_another.then(|| self.entered_past(other, one)).flatten();
            let stands = start.into_iter().chain(entered);
            stands.into_iter().any(|entry| {
                entry.number > history.newest_of(other)
                    && then.is_none_or(|then| then.is_none() || entry.plan.sha256 != *then)
            })
        })
    }

    /// The override of the entry of a stage that has begun with a version before, if it is in force and was for that, too.
    fn entered_past(&self, other: &str, stage: &Stage) -> Option<&'a Entry> {
        let again = self.entry_again(self.stage(&stage.name)?)?;
        let Ok(Left::Overridden(_, found)) = again.found else {
            return None;
        };
        let mut accepted = self.accepted(&again.gate, &found).into_iter();
        let is_for_it = accepted.any(|one| one.kind == CriterionKind::After && one.name == other);
        is_for_it.then_some(found.entry)
    }

    /// Whether nothing that was recorded after a check of a stage, of which the plan says nothing more, may speak against it, nor
    /// its age.
    pub(super) fn is_undisputed(&self, stage: &str, check: &RecordedCheck<'a>) -> bool {
        let mut later = self.history().entries().iter().rev();
        let moved_on = later
            .by_ref()
            .take_while(|one| one.number > check.entry.number)
            .any(|entry| entry.event.started().is_some());
        let is_old = self.past(check.check.evaluated_at + GONE_VALID).is_some();
        self.is_unspoken(stage, check) && (moved_on || !is_old)
    }

    /// The same whatever its age: no word of a person about it, no incident that is open. What asked for signatures cannot be looked
    /// up any more.
    pub(super) fn is_unspoken(&self, stage: &str, check: &RecordedCheck<'a>) -> bool {
        let history = self.history();
        let number = check.entry.number;
        let since = || {
            history
                .entries()
                .iter()
                .filter(move |one| one.number > number)
        };
        let is_said = since().any(|entry| {
            let is_remark = matches!(
                entry.event,
                Event::Noted {
                    takes_back: None,
                    ..
                }
            );
            entry.event.stage() == Some(stage) && !is_remark
        });
        // Its entry, asked again for another version, was not GO.
        let entry = GateKind::Entry.of(stage);
        let is_unentered = since().filter_map(|one| one.event.checked()).any(|check| {
            let mut gates = check.gates.iter();
            gates.any(|one| one.gate == entry && one.verdict != Verdict::Go && !one.outlook)
        });
        let mut incidents = self.incidents().into_iter();
        let is_open = incidents.any(|one| one.closed.is_none() && one.became.by > number);
        !is_said && !is_unentered && !is_open && !self.requires_signatures()
    }
}
