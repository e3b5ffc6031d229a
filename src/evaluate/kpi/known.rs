//! Rule 4: what is known of each point of a span. Must not say whether that is enough.

use crate::plan::criteria::KpiAsk;
use crate::samples::Grid;
use crate::units::Instant;

/// What is known of a point. Of several series together the last counts: one that has a value, or else one that should.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(super) enum Known {
    /// Nothing: the guard was not measured.
    Unguarded,
    /// A value came, but the guard was not measured: nothing is known of it but that the series goes on.
    Unjudged,
    /// The guard was measured, has this value, and does not hold (M9).
    Quiet(f64),
    /// No value, although the guard holds, or there is none.
    Absent,
    /// A value, but its partner in the baseline was not measured (M4).
    Unpaired,
    /// A value.
    Measured,
}

/// What a guard says of a point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Guarded {
    /// It was measured and holds.
    Holds,
    /// It was measured, has this value, and does not hold.
    Fails(f64),
    /// It says that the data are too old.
    TooOld,
    /// It was not measured.
    Unknown,
}

impl Guarded {
    /// What is known of its point; `has_value` says whether the KPI has a value there that counts while the guard holds,
    /// `came` whether a sample did.
    pub fn known(self, has_value: bool, came: bool) -> Known {
        match self {
            Self::Unknown if came => Known::Unjudged,
            Self::Unknown => Known::Unguarded,
            Self::Fails(guard) => Known::Quiet(guard),
            Self::TooOld => Known::Absent,
            Self::Holds if has_value => Known::Measured,
            Self::Holds => Known::Absent,
        }
    }
}

/// Joins the points of several series. That one of them is quiet does not excuse that another is absent.
pub(super) fn join(together: &mut [Known], of_one: &[Known]) {
    for (best, known) in together.iter_mut().zip(of_one) {
        if *known > *best {
            *best = *known;
        }
    }
}

/// The points of a span.
#[derive(Clone, Copy)]
pub(super) struct Presence<'a> {
    pub ask: &'a KpiAsk,
    pub grid: &'a Grid,
    /// One for each point of the grid.
    pub points: &'a [Known],
    /// The time from which their age counts; `None` if they cannot be too old (baselines).
    pub fresh_at: Option<Instant>,
}

pub(super) fn is_quiet(known: Known) -> bool {
    matches!(known, Known::Quiet(_))
}

pub(super) fn is_unguarded(known: Known) -> bool {
    matches!(known, Known::Unguarded | Known::Unjudged)
}

pub(super) fn has_value(known: Known) -> bool {
    matches!(known, Known::Measured | Known::Unpaired)
}

pub(super) fn is_there(known: Known) -> bool {
    has_value(known) || is_quiet(known)
}
