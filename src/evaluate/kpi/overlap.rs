//! M14b: whether a baseline of fixed times, or a captured one, holds part of what is judged. Must not look at its values.

use super::question::KpiQuestion;
use crate::plan::Baseline;
use crate::samples::{Grid, Observations};
use crate::units::Instant;

/// Says that what is judged is in part compared with itself. The plan itself shows that of an `offset`.
pub(super) fn note(case: &KpiQuestion, observations: &Observations) -> Option<String> {
    let (from, to) = compared(case, observations)?;
    let judged = case.judged;
    (from < judged.end && judged.start < to).then(|| {
        format!(
            "the baseline, from {from} to {to}, overlaps what is judged, from {} to {}: that part is compared with itself",
            judged.start, judged.end
        )
    })
}

/// From when to when the baseline's values are.
fn compared(case: &KpiQuestion, observations: &Observations) -> Option<(Instant, Instant)> {
    let asking = case.baseline.as_ref()?.as_ref().ok()?;
    let grid: Grid = match case.ask.baseline.as_ref()? {
        Baseline::Between(..) => return case.fixed.map(|span| (span.start, span.end)),
        Baseline::File(_) => {
            let reply = observations.get(&asking.question)?.as_ref().ok()?;
            reply.grid?
        }
        Baseline::Offset(_) | Baseline::Before(_) | Baseline::Vars { .. } => return None,
    };
    // One number is about as much as is judged.
    let first = if case.ask.query.is_instant() {
        grid.first() - case.judged.length()
    } else {
        grid.first()
    };
    Some((first, grid.last()))
}
