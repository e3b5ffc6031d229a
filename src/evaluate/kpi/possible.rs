//! M14b: values that a ratio or a percentage cannot have. Must not compare a value with a bound.

use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::plan::{Accept, Kpi};
use crate::samples::Grid;

/// By how much of its range a value may lie outside: quotients of sums are off by that much.
const ROUNDING: f64 = 1e-9;

/// Takes the impossible values away: they are no evidence, neither for the condition nor against it. Says why the rest
/// is then not enough, naming the first of them; `None` where each value is possible, or the plan accepts them.
pub(super) fn take_impossible(
    kpi: &Kpi,
    grid: &Grid,
    values: &mut [Option<f64>],
) -> Option<Undecided> {
    let highest = kpi.unit.whole()?;
    // Of a ratio of events, the two counts say whether it is possible (R2).
    if kpi.ratio.is_some() || kpi.accepts(Accept::ImpossibleValue) {
        return None;
    }
    let margin = highest * ROUNDING;
    let possible = -margin..=highest + margin;
    let mut first = None;
    for (position, place) in values.iter_mut().enumerate() {
        let impossible = place.take_if(|value| !possible.contains(value));
        first = first.or(impossible.map(|value| (position, value)));
    }
    first.map(|(position, value)| {
        let end = if value < 0.0 { 0.0 } else { highest };
        let (shown, _) = kpi.unit.show_beside(value, end);
        let reason = format!(
            "{shown} at {} lies outside 0% to 100%: check the query and `unit: {}`, or say `accept: [{}]`",
            grid.at(position),
            kpi.unit,
            Accept::ImpossibleValue,
        );
        Undecided::new(Code::ImpossibleValue, reason)
    })
}
