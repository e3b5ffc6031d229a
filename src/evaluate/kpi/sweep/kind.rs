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
    /// Look-backs.
    Over,
    /// So many bad points, wherever they lie.
    Counted(usize),
    Reduced(Reduced),
}

/// To one value of the points of a window.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reduced {
    Last,
    Mean,
    Min,
    Max,
    /// In percent.
    Quantile(f64),
    /// All errors by all events.
    Overall,
    /// The share of the error budget that they are.
    Budget,
}

impl Reduced {
    fn of(reducer: Reducer) -> Self {
        match reducer {
            Reducer::Last => Self::Last,
            Reducer::Mean => Self::Mean,
            Reducer::Min => Self::Min,
            Reducer::Max => Self::Max,
            Reducer::Median => Self::Quantile(50.0),
            Reducer::Percentile(percent) => Self::Quantile(percent.get()),
            Reducer::Overall => Self::Overall,
            Reducer::Budget => Self::Budget,
        }
    }
}

impl Kind {
    /// `None` where no length of points can be that, and for what asks how sure a comparison is.
    pub fn of(condition: &Condition, list: List, grid: Grid) -> Option<Self> {
        if condition.at.is_some() {
            return None;
        }
        Some(match (condition.reducer, condition.hold) {
            (Some(reducer), _) => Self::Reduced(Reduced::of(reducer)),
            (None, Some(Hold::Over(..))) => Self::Over,
            (None, Some(Hold::Share(share))) => Self::Share(share),
            (None, Some(hold @ (Hold::Points(_) | Hold::But(_)))) => {
                Self::Counted(hold.decisive_points()?)
            }
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

impl Ruled {
    /// What is no number is not known.
    pub fn new(
        (outcome, code): (Outcome, Code),
        value: Option<f64>,
        bound: Option<f64>,
        critical: Option<f64>,
    ) -> Self {
        let known = |number: &f64| !number.is_nan();
        Self {
            outcome,
            code,
            value,
            bound: bound.filter(known),
            critical: critical.filter(known),
        }
    }
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
