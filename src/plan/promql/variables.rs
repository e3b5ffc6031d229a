//! `empty-variable`: a variable without a value in a matcher, which then selects what lacks the label.
//!
//! Must not look at matchers that are written out: `x=""` by itself is intended.

use super::Finding;
use super::shape::{Part, selectors};
use crate::plan::Lint;
use crate::plan::template::Segment;

/// Every matcher whose value a variable leaves empty.
pub(super) fn empty(query: Part<'_>, segments: &[Segment]) -> Vec<Finding> {
    let matchers = selectors(query)
        .into_iter()
        .flat_map(|selector| selector.matchers)
        .filter(|matcher| matches!(matcher.operator, "=" | "=~"));
    let mut found = Vec::new();
    for matcher in matchers {
        let range = matcher.value.range();
        let inside = |one: &&Segment| range.start < one.range.start && one.range.end < range.end;
        let values: Vec<&Segment> = segments
            .iter()
            .filter(|segment| segment.variable.is_some())
            .filter(inside)
            .collect();
        // Only variables are between the quotes, and all of them can be empty.
        let filled: usize = values.iter().map(|value| value.range.len()).sum();
        let alone = range.len() == filled + 2;
        let name = values.first().and_then(|value| value.variable.as_ref());
        let Some(name) = name.filter(|_| alone && values.iter().all(|value| value.may_be_empty))
        else {
            continue;
        };
        let (label, operator) = (matcher.label, matcher.operator);
        let message = format!(
            "`${name}` is empty, and `{label}{operator}\"\"` selects every series without the label `{label}`"
        );
        let help = format!("give `{name}` a value, for example with `--var {name}=VALUE`");
        found.push(Finding::lint(Lint::EmptyVariable, range, message, help));
    }
    found
}
