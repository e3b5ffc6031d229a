//! What is found in the plan, at the foot of every report: its warnings, and what its author accepts.
//!
//! Must not decide whether that matters.

use crate::evidence::Evidence;
use crate::plan::PlanWarning;

/// The warnings, those that say the same in one line with all their places; then what is accepted. Empty where there is neither.
pub(super) fn lines(evidence: &Evidence) -> Vec<String> {
    let path = &evidence.plan.path;
    let mut groups: Vec<Vec<&PlanWarning>> = Vec::new();
    for warning in &evidence.warnings {
        let same = |group: &&mut Vec<&PlanWarning>| {
            let first = group.first();
            first.is_some_and(|one| one.code == warning.code && one.message == warning.message)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(warning),
            None => groups.push(vec![warning]),
        }
    }
    let warnings = groups.iter();
    let warnings = warnings.map(|group| format!("warning: {}", in_words(path, group)));
    warnings.chain(accepted(evidence)).collect()
}

/// `accepted: error_rate query-filter`, a line for each KPI.
pub(super) fn accepted(evidence: &Evidence) -> impl Iterator<Item = String> {
    evidence.accepted.iter().map(|one| {
        let words: Vec<&str> = one.codes.iter().map(|code| code.word()).collect();
        format!("accepted: {} {}", one.kpi, words.join(", "))
    })
}

/// `plan.yaml:5:12, 6:12: … [query-filter]`.
fn in_words(path: &str, group: &[&PlanWarning]) -> String {
    let places = group.iter().map(|warning| {
        let numbers = [warning.line, warning.column].into_iter().flatten();
        numbers
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
            .join(":")
    });
    let places: Vec<String> = places.filter(|place| !place.is_empty()).collect();
    let place = if places.is_empty() {
        path.to_owned()
    } else {
        format!("{path}:{}", places.join(", "))
    };
    match group.first() {
        Some(PlanWarning { message, code, .. }) => format!("{place}: {message} [{code}]"),
        None => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::ProblemCode;

    #[test]
    fn warnings_that_say_the_same_share_a_line_with_all_their_places() {
        let at = |line| PlanWarning {
            code: ProblemCode::UnknownKey,
            line: Some(line),
            column: Some(12),
            message: "sampled every 1m".to_owned(),
            help: None,
        };
        let (one, other) = (at(4), at(5));
        let said = in_words("plan.yaml", &[&one, &other]);
        assert_eq!(said, "plan.yaml:4:12, 5:12: sampled every 1m [unknown-key]");
    }
}
