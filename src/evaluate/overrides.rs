//! Somebody proceeds on a verdict in their own name: what has changed of what they saw is noted. Must not decide whether that
//! still holds.

use super::context::CriterionContext;
use crate::assessment::CriterionAssessment;
use crate::ledger::NotMet;
use crate::rollout::Overridden;
use crate::verdict::Verdict;

/// The override that holds for a verdict. Where another value was measured than the one that somebody saw, both are noted.
pub(super) fn in_force(
    context: &CriterionContext<'_>,
    verdict: Verdict,
    criteria: &mut [CriterionAssessment],
) -> Option<Overridden> {
    let (rollout, gate) = (context.rollout, context.gate_name());
    let not_met: Vec<NotMet> = criteria
        .iter()
        .filter_map(CriterionAssessment::not_met)
        .collect();
    let found = rollout.override_in_force(&gate, verdict, &not_met)?;
    let accepted = rollout.accepted(&gate, &found);
    for criterion in criteria {
        let now = criterion.not_met();
        let noted = now.and_then(|now| found.measured_otherwise(&accepted, &now));
        criterion.notes.extend(noted);
    }
    Some(found.into())
}
