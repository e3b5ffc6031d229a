//! When a stage had recovered from a rollback (L11): since when the conditions of its recovery gate hold, as far as the records show,
//! not when somebody looked. Must not judge a sample.

use super::RolloutFacts;
use crate::assessment::{BasedOn, CriterionAssessment, GateAssessment, KpiAssessment, Outcome};
use crate::kind::GateKind;
use crate::ledger::EventKind;
use crate::rollout::{Case, History, RecordedCheck};
use crate::units::{Duration, Instant};

/// What shows that a stage has recovered.
#[derive(Clone, Copy)]
pub(super) struct Recovered<'a> {
    /// The first check whose recovery gate was GO.
    pub(super) check: RecordedCheck<'a>,
    /// Since when its conditions hold; `None` if its record is not available.
    pub(super) since: Option<HeldSince>,
}

/// Since when conditions hold, as far as anybody looked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct HeldSince {
    pub(super) at: Instant,
    /// The end of what was looked at before, if that is not known to be bad: they may hold since then.
    pub(super) unseen_from: Option<Instant>,
}

impl<'a> RolloutFacts<'a> {
    /// That the stage has recovered from a rollback, before it was rolled back again; `None` if nothing shows it.
    pub(super) fn recovered(&self, case: &Case<'a>) -> Option<Recovered<'a>> {
        let history = History::of(self.ledger);
        let check = history.recovered(case.stage, case.entry, &[])?;
        let is_before_the_next = case
            .after
            .iter()
            .any(|one| one.number == check.entry.number);
        is_before_the_next.then(|| Recovered {
            check,
            since: self.held_since(case, check),
        })
    }

    /// The first instant from which the conditions held without a break until the check that found GO: the beginning of what that
    /// looked at, and further back as far as earlier checks of the gate join it; not before the last answer that it asks for. Where
    /// nothing shows a bad point before, nobody knows whether they held earlier.
    fn held_since(&self, case: &Case<'a>, check: RecordedCheck<'a>) -> Option<HeldSince> {
        let gate = self.told_by(check).gate?;
        let begins = gate.window.as_ref().map(|window| window.start);
        let mut since = begins.unwrap_or(case.entry.at);
        let mut unseen_from = Some(case.entry.at);
        let history = History::of(self.ledger);
        let name = GateKind::Recovery.of(case.stage);
        let earlier = history.checks(&name).rev().filter(|one| {
            one.entry.number < check.entry.number && one.entry.number > case.entry.number
        });
        for earlier in earlier {
            let Some(gate) = self.told_by(earlier).gate else {
                break;
            };
            let Some(window) = gate.window.as_ref() else {
                break;
            };
            if window.end < since {
                unseen_from = unseen_from.max(Some(window.end));
                break;
            }
            match good_from(gate, window.start) {
                Good::Throughout => since = since.min(window.start),
                Good::From(good) => {
                    (since, unseen_from) = (since.min(good), None);
                    break;
                }
                Good::NotShown => break,
            }
        }
        let answered = self.answered(gate).filter(|at| *at > since);
        let at = answered.unwrap_or(since).max(case.entry.at);
        let is_known = answered.is_some() || at == case.entry.at;
        Some(HeldSince {
            at,
            unseen_from: unseen_from.filter(|_| !is_known),
        })
    }

    /// When the last of the answers was given that a gate rests on.
    fn answered(&self, gate: &GateAssessment) -> Option<Instant> {
        let ledger = self.ledger?;
        let based_on = gate.criteria.iter().flat_map(|one| &one.based_on);
        let numbers = based_on.filter_map(|one| match one {
            BasedOn::Entry { number, .. } => Some(*number),
            BasedOn::File { .. } => None,
        });
        let entries = numbers.filter_map(|number| {
            let mut entries = ledger.entries().iter();
            entries.find(|entry| entry.number == number)
        });
        // The rollback itself, which the gate is counted from, is none.
        let answers = entries.filter(|entry| entry.event.kind() == EventKind::Confirmed);
        answers.map(|entry| entry.at).max()
    }
}

/// From when on the points were good that a check looked at.
enum Good {
    Throughout,
    From(Instant),
    NotShown,
}

/// From when on the conditions of a gate held in what it looked at from `start` on.
fn good_from(gate: &GateAssessment, start: Instant) -> Good {
    let measured = gate.criteria.iter();
    let measured = measured.filter_map(|one| Some((one, one.kpi.as_ref()?)));
    let bad = measured.filter(|(one, _)| !is_fine(one));
    let ends: Vec<Option<Instant>> = bad.map(|(_, kpi)| last_bad_point(kpi)).collect();
    match ends.iter().copied().collect::<Option<Vec<Instant>>>() {
        None => Good::NotShown,
        Some(ends) => match ends.into_iter().max() {
            None => Good::Throughout,
            Some(end) => Good::From(end.max(start)),
        },
    }
}

fn is_fine(criterion: &CriterionAssessment) -> bool {
    criterion.outcome == Outcome::Met || criterion.is_met_so_far()
}

/// The point after the last one that was on the wrong side or missing; `None` if no single point shows why it was not met.
fn last_bad_point(kpi: &KpiAssessment) -> Option<Instant> {
    let step = kpi.step.unwrap_or(Duration::ZERO);
    let breaches = kpi.series.iter().flat_map(|one| &one.breaches);
    let gaps = kpi.series.iter().flat_map(|one| &one.gaps);
    let ends = breaches.map(|one| one.end).chain(gaps.map(|one| one.end));
    ends.max().map(|end| end + step)
}
