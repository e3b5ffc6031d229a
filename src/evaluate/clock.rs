//! M11: a source whose clock is not the one that T was read from shows nothing good. Must not read a clock.
//!
//! What was measured in the bad state stays: it was measured, at whatever time.

use crate::assessment::{Code, CriterionAssessment, Outcome};
use crate::samples::SourceSeen;
use crate::units::Duration;

/// Clocks that differ by more leave everything of the source open.
const MOST: Duration = Duration::from_secs(120);

/// A criterion on these sources, held back where the clock of one differs from that of T by more than 2 minutes.
pub(super) fn held<'a>(
    mut criterion: CriterionAssessment,
    names: impl IntoIterator<Item = &'a String>,
    sources: &[SourceSeen],
) -> CriterionAssessment {
    let skewed = names.into_iter().find_map(|name| skewed(name, sources));
    let Some(why) = skewed else { return criterion };
    for series in criterion.kpi.iter_mut().flat_map(|kpi| &mut kpi.series) {
        if let Some(reason) = hold(&why, series.outcome, &series.reason) {
            (series.outcome, series.code) = (Outcome::Unknown, Code::ClockSkew);
            series.reason = reason;
        }
    }
    match hold(&why, criterion.outcome, &criterion.reason) {
        Some(reason) => {
            (criterion.outcome, criterion.code) = (Outcome::Unknown, Code::ClockSkew);
            criterion.reason = reason;
        }
        None => criterion.notes.push(why),
    }
    criterion
}

/// The reason of what is held back; `None` where the bad state was seen.
fn hold(why: &str, outcome: Outcome, reason: &str) -> Option<String> {
    match outcome {
        Outcome::Met | Outcome::Clear => Some(format!("{why}; by this machine's clock: {reason}")),
        Outcome::Unknown => Some(format!("{why}; also, {reason}")),
        Outcome::Unmet | Outcome::Tripped => None,
    }
}

/// Why a source's answers cannot be taken for the time that is judged.
fn skewed(name: &str, sources: &[SourceSeen]) -> Option<String> {
    let source = sources.iter().find(|source| source.name == name)?;
    let ahead = source.clock_ahead?;
    (ahead.millis().abs() > MOST.millis()).then(|| {
        format!(
            "{}: correct the clock that is wrong, or judge a given time with --at",
            clocks_differ(name, ahead)
        )
    })
}

/// How far the clock of a source and that of this machine are apart, in words; negative where the source's is behind.
#[must_use]
pub fn clocks_differ(name: &str, ahead: Duration) -> String {
    let (distance, way) = if ahead < Duration::ZERO {
        (Duration::ZERO - ahead, "behind")
    } else {
        (ahead, "ahead of")
    };
    format!("the clock of the source {name} is {distance} {way} this machine's")
}
