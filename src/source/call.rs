//! A question → the calls of the API that answer it (rules 2 and 8).
//!
//! Values only: sends nothing.

use reqwest::Url;

use super::entry::Times;
use crate::samples::{Asked, Grid};
use crate::units::Instant;

/// Prometheus answers ranges of 11 000 steps, VictoriaMetrics of more.
const MAX_POINTS: usize = 11_000;
/// The call and its parameters.
pub(super) fn request(query: &str, times: Times) -> (&'static str, Vec<(&'static str, String)>) {
    let query = ("query", query.to_owned());
    match times {
        Times::Grid(grid) => {
            let step = Instant::from_millis(grid.step().millis()).unix();
            let (start, end) = (grid.first().unix(), grid.last().unix());
            (
                "query_range",
                vec![query, ("start", start), ("end", end), ("step", step)],
            )
        }
        Times::At(at) => ("query", vec![query, ("time", at.unix())]),
        Times::Own => ("query", vec![query]),
    }
}

/// The address of a call of the API: the prefix kept, no slash doubled.
pub(super) fn join(base: &Url, call: &str) -> Url {
    below(base, &format!("api/v1/{call}"))
}

/// The address of a path below the base.
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let parts = base.path().split('/').filter(|part| !part.is_empty());
    let prefix = parts.fold(String::new(), |prefix, part| prefix + "/" + part);
    url.set_path(&format!("{prefix}/{path}"));
    url
}

/// The requests that a question takes: a long grid in stretches that follow one another without a seam.
pub(super) fn pieces(asked: &Asked) -> Vec<Times> {
    let grid = match asked {
        Asked::Range(grid) => grid,
        Asked::At(at) => return vec![Times::At(*at)],
        Asked::Captured(_) => return Vec::new(),
    };
    let count = grid.count();
    (0..count)
        .step_by(MAX_POINTS)
        .filter_map(|first| {
            let last = (first + MAX_POINTS).min(count) - 1;
            Grid::inside(grid.at(first), grid.at(last), grid.step()).map(Times::Grid)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units;

    #[test]
    fn rule_8_addresses_are_joined_without_doubled_or_trailing_slashes() {
        let cases = [
            ("http://h:9090", "http://h:9090/api/v1/query"),
            ("http://h:9090/", "http://h:9090/api/v1/query"),
            ("http://h/prom/", "http://h/prom/api/v1/query"),
            ("http://h//a///b", "http://h/a/b/api/v1/query"),
        ];
        for (base, joined) in cases {
            assert_eq!(
                join(&Url::parse(base).expect(base), "query").as_str(),
                joined
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn rule_2_pieces_cover_the_grid_without_a_seam_or_a_double_point(count in 1_i64..100_000, step in 1_i64..100_000) {
            let step = units::Duration::from_millis(step);
            let first = units::Instant::from_millis(7 * step.millis());
            let last = units::Instant::from_millis((6 + count) * step.millis());
            let grid = Grid::inside(first, last, step).expect("grid");
            let mut next = grid.first();
            for piece in pieces(&Asked::Range(grid)) {
                let Times::Grid(piece) = piece else { panic!("a grid") };
                proptest::prop_assert!(piece.count() <= MAX_POINTS);
                proptest::prop_assert_eq!(piece.first(), next);
                next = piece.last() + step;
            }
            proptest::prop_assert_eq!(next, grid.last() + step);
        }
    }
}
