//! How a condition looks at points, what they are compared with, and what is found. Must not judge.

use super::extents::{Extents, Window};
use crate::assessment::{Code, Outcome};
use crate::kind::List;
use crate::plan::{Condition, Hold, Reducer};
use crate::samples::Grid;
use crate::units::{Instant, Share};

/// How a condition looks at points.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Every,
    /// A stop on single points: bad at so many in a row.
    Lasting(usize),
    Share(Share),
    Reduced(Reducer),
}

impl Kind {
    /// `None` where no length of points can be that.
    pub fn of(condition: &Condition, list: List, grid: Grid) -> Option<Self> {
        Some(match (condition.reducer, condition.hold) {
            (Some(reducer), _) => Self::Reduced(reducer),
            (None, Some(Hold::Share(share))) => Self::Share(share),
            (None, Some(Hold::For(length))) if list == List::Stop => {
                let step = grid.step().millis();
                let steps = (length.millis() + step - 1) / step;
                Self::Lasting(usize::try_from(steps).ok()? + 1)
            }
            (None, None) if list == List::Stop => Self::Lasting(1),
            (None, Some(Hold::For(_)) | None) => Self::Every,
        })
    }
}

/// What the values of a window are compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Against {
    /// One bound, and the baseline's value.
    One { bound: f64, baseline: Option<f64> },
    /// Each with that of its partner.
    Each,
}

/// What is found in a window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ruled {
    pub outcome: Outcome,
    pub code: Code,
    pub value: Option<f64>,
    pub bound: Option<f64>,
    pub critical: Option<f64>,
}

/// All series together, where nothing lists them.
pub(super) struct Together {
    pub extents: Extents,
    pub pairs: Option<Extents>,
}

impl Together {
    pub fn thin(&self, window: Window, at: Instant) -> Option<Code> {
        self.extents.thin_together(window, at)
    }
}
