//! Which words for a severity can be compared with those of the plan. Must not rank them.

use std::collections::BTreeSet;

use crate::plan::Plan;
use crate::plan::criteria::IncidentsAsk;

/// Whether a severity is one that the plan names, or another step of a scale that it names: `sev3` where it names `sev1`.
/// Case does not matter. Any other word may or may not be as bad as one in the plan.
#[must_use]
pub fn is_known(plan: &Plan, severity: &str) -> bool {
    let severity = severity.trim().to_lowercase();
    let named = named(plan);
    named.contains(&severity)
        || scale(&severity)
            .is_some_and(|scale| named.iter().any(|name| self::scale(name) == Some(scale)))
}

/// The severities that the plan names, in lower case, sorted.
fn named(plan: &Plan) -> BTreeSet<String> {
    let gates = plan.stages.iter().flat_map(|stage| &stage.gates);
    let asks = gates.flat_map(|gate| &gate.criteria);
    (asks.filter_map(|criterion| criterion.ask.incidents()))
        .flat_map(IncidentsAsk::severities)
        .map(|severity| severity.trim().to_lowercase())
        .collect()
}

/// `sev` of `sev2`.
fn scale(severity: &str) -> Option<&str> {
    let scale = severity.trim_end_matches(|c: char| c.is_ascii_digit());
    (!scale.is_empty() && scale.len() < severity.len()).then_some(scale)
}

#[cfg(test)]
mod tests {
    use super::scale;

    #[test]
    fn a_scale_is_a_word_followed_by_a_number() {
        assert_eq!(scale("sev2"), Some("sev"));
        assert_eq!(scale("p1"), Some("p"));
        for word in ["sev", "2", "", "sev 2b"] {
            assert_eq!(scale(word), None, "{word}");
        }
    }
}
