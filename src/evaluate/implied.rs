//! What a gate asks without the plan saying so: the stages before were left with GO, the rollout is not paused, the stage
//! was not rolled back. Must not add a criterion that could make a gate GO.

use super::CriterionAssessment;
use super::setting::Setting;

/// Judges what follows from the ledger and the order of stages.
pub(super) fn assess(_setting: &Setting<'_>) -> Vec<CriterionAssessment> {
    Vec::new()
}

/// Implied criteria come first in their list.
pub(super) fn joined(
    implied: Vec<CriterionAssessment>,
    own: Vec<CriterionAssessment>,
) -> Vec<CriterionAssessment> {
    implied.into_iter().chain(own).collect()
}

/// What every report has to say of this stage.
pub(super) fn flags(_setting: &Setting<'_>) -> Vec<String> {
    Vec::new()
}
