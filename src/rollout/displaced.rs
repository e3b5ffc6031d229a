//! Stages that have begun, were not left, and that an edit of the plan has taken out of the way of another: removed, renamed,
//! moved behind it, or no longer named by its `after`. Must not hold stages that never came before.

use super::{RecordedCheck, Rollout};
use crate::kind::GateKind;
use crate::ledger::{Entry, Event};
use crate::plan::Stage;
use crate::verdict::Verdict;

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
        let known = self.history().known_stages();
        let mut others = known.into_iter().filter(|other| *other != stage.name);
        let other = others.find(|other| self.is_displaced(other, stage))?;
        Some(Displaced {
            for_stage: &stage.name,
            stage: other,
            exit: self.history().judged_last(other),
            in_plan: self.stage(other).is_some(),
        })
    }

    /// Whether a stage was not left, and the plan that it began under is not the one that lets it be passed now. One that began
    /// after the other stage did, though that begins again, came behind it.
    fn is_displaced(&self, other: &'a str, stage: &Stage) -> bool {
        let history = self.history();
        let in_plan = self.stage(other);
        let Some(first) = history.first_known(other) else {
            return false;
        };
        let own = history.first_known_start(&stage.name);
        let came_behind = own.is_some_and(|own| own.number < first.number);
        let was_moved = match in_plan {
            None => true,
            Some(other) => {
                let then = first.plan.sha256.as_deref();
                let is_of_this = then.is_none() || then == self.plan_sha256;
                history.has_begun(&other.name) && !self.rests_on(stage, other) && !is_of_this
            }
        };
        was_moved && !came_behind && !self.is_finished(other) && !self.is_answered_for(other, first)
    }

    /// Whether somebody has proceeded in spite of it: with an override of its exit that still holds, or by beginning a stage under
    /// another version of the plan than its own, after all that is recorded of it.
    fn is_answered_for(&self, other: &'a str, first: &Entry) -> bool {
        let history = self.history();
        let exit = GateKind::Exit.of(other);
        let last = history.last_check(&exit);
        let proceeded = history.overriding(&exit).is_some_and(|found| {
            let is_for_it =
                last.is_some_and(|last| last.check.evidence_sha256 == found.evidence_sha256);
            is_for_it && self.past(found.expires).is_none()
        });
        let newest = history.newest_of(other);
        let mut starts = history.entries().iter();
        let begun_past_it = starts.any(|entry| {
            let is_overridden =
                matches!(entry.event, Event::Started { overridden, .. } if overridden);
            let then = &first.plan.sha256;
            is_overridden && entry.number > newest && (then.is_none() || entry.plan.sha256 != *then)
        });
        proceeded || begun_past_it
    }
}
