//! A question → the API calls that answer it (rules 2 and 8).
//!
//! Values only: sends nothing.

use crate::http::Fault;
use crate::samples::{Asked, Grid};
use crate::source::recording::Times;
use crate::units::Instant;

/// Prometheus answers ranges of 11 000 steps, VictoriaMetrics of more.
const MAX_POINTS: usize = 11_000;

/// The call's path below the server's address, and its parameters.
pub(super) fn request(query: &str, times: Times) -> (&'static str, Vec<(&'static str, String)>) {
    let query = ("query", query.to_owned());
    match times {
        Times::Grid(grid) => {
            let step = Instant::from_millis(grid.step().millis()).unix();
            let (start, end) = (grid.first().unix(), grid.last().unix());
            (
                "api/v1/query_range",
                vec![query, ("start", start), ("end", end), ("step", step)],
            )
        }
        Times::At(at) => ("api/v1/query", vec![query, ("time", at.unix())]),
        Times::Own => ("api/v1/query", vec![query]),
    }
}

/// The requests that a question takes: a long grid in adjoining pieces.
///
/// # Errors
/// A question that is not for a server.
pub(super) fn pieces(asked: &Asked) -> Result<Vec<Times>, Fault> {
    match asked {
        Asked::Range(grid) => Ok(stretches(grid)),
        Asked::At(at) => Ok(vec![Times::At(*at)]),
        Asked::Captured(_) => Err(Fault::misconfigured(
            "a captured baseline comes from a file, not from a source",
        )),
    }
}

fn stretches(grid: &Grid) -> Vec<Times> {
    let count = grid.count();
    let stretches = (0..count).step_by(MAX_POINTS).filter_map(|first| {
        let last = (first + MAX_POINTS).min(count) - 1;
        Grid::inside(grid.at(first), grid.at(last), grid.step()).map(Times::Grid)
    });
    stretches.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units;

    proptest::proptest! {
        #[test]
        fn rule_2_pieces_cover_the_grid_without_a_gap_or_a_double_point(count in 1_i64..100_000, step in 1_i64..100_000) {
            let step = units::Duration::from_millis(step);
            let first = units::Instant::from_millis(7 * step.millis());
            let last = units::Instant::from_millis((6 + count) * step.millis());
            let grid = Grid::inside(first, last, step).expect("grid");
            let mut next = grid.first();
            for piece in pieces(&Asked::Range(grid)).expect("pieces") {
                let Times::Grid(piece) = piece else { panic!("a grid") };
                proptest::prop_assert!(piece.count() <= MAX_POINTS);
                proptest::prop_assert_eq!(piece.first(), next);
                next = piece.last() + step;
            }
            proptest::prop_assert_eq!(next, grid.last() + step);
        }
    }
}
