//! Rule 2: samples at the points of a grid. Must not judge them.

use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::samples::{Grid, Series};
use crate::units::Instant;

/// The samples at their grid points; anything off the grid is not measured.
///
/// # Errors
/// The same instant twice, on the grid or off it.
pub(super) fn place(series: &Series, grid: &Grid) -> Result<Vec<Option<f64>>, Undecided> {
    let mut placed = vec![None; grid.count()];
    let mut beside = Vec::new();
    let twice = |at: Instant| {
        Undecided::new(
            Code::DuplicatePoints,
            format!("the answer has {at} twice in {}", series.labels.as_series()),
        )
    };
    for point in &series.points {
        match grid
            .position(point.at)
            .and_then(|position| placed.get_mut(position))
        {
            Some(Some(_)) => return Err(twice(point.at)),
            Some(place) => *place = Some(point.value),
            None => beside.push(point.at),
        }
    }
    beside.sort_unstable();
    match beside.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => Err(twice(pair.first().copied().unwrap_or(grid.first()))),
        None => Ok(placed),
    }
}
