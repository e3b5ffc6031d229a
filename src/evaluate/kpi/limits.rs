//! What each judged value is compared with: one bound for all, or (M4) the bound of its own partner in the baseline.
//! Must not decide whether a value is good.

use super::baseline::{self, Compared, bound};
use super::question::KpiQuestion;
use super::reduce::mean;
use crate::assessment::{self, Code};
use crate::evaluate::context::Undecided;
use crate::plan::{Baseline, Condition};
use crate::units::{Duration, Instant};

/// What the values of a series are compared with, in the KPI's unit.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Limits {
    /// All with one bound, and the baseline that it comes from.
    One { bound: f64, baseline: Option<f64> },
    /// Each with its own.
    Each(Partners),
}

/// The baseline's points beside the judged ones.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Partners {
    /// By grid position; NaN where there is no partner.
    bounds: Vec<f64>,
    /// The partners themselves.
    baseline: Vec<Option<f64>>,
    /// How much earlier the partners are; `None` where they are parallel.
    earlier: Option<Duration>,
}

impl Limits {
    /// The bound that all points have in common.
    pub fn of_all(&self) -> Option<f64> {
        match self {
            Self::One { bound, .. } => Some(*bound),
            Self::Each(_) => None,
        }
    }

    /// The bound at a grid position; NaN where there is none.
    pub fn bound(&self, position: usize) -> f64 {
        match self {
            Self::One { bound, .. } => *bound,
            Self::Each(each) => each.bounds.get(position).copied().unwrap_or(f64::NAN),
        }
    }

    /// What the bound at a grid position comes from.
    pub fn baseline(&self, position: Option<usize>) -> Option<f64> {
        match self {
            Self::One { baseline, .. } => *baseline,
            Self::Each(each) => each.baseline.get(position?).copied().flatten(),
        }
    }

    /// The partners, for the evidence; `worst` is where the worst point lies.
    pub fn partners(&self, worst: Instant) -> Option<assessment::Partners> {
        let Self::Each(each) = self else {
            return None;
        };
        let baseline: Vec<f64> = each.baseline.iter().flatten().copied().collect();
        Some(assessment::Partners {
            at: worst - each.earlier.unwrap_or(Duration::ZERO),
            mean: mean(&baseline)?,
        })
    }
}

impl Partners {
    /// Of partners side by side with the judged points.
    pub fn of(case: &KpiQuestion, partners: Vec<Option<f64>>) -> Self {
        let of = |partner: &Option<f64>| {
            partner.map_or(f64::NAN, |value| bound(&case.ask.condition.bound, value))
        };
        Self {
            bounds: partners.iter().map(of).collect(),
            baseline: partners,
            earlier: case.ask.baseline.as_ref().and_then(earlier),
        }
    }

    /// `7d before`, or where else they are.
    pub fn when(&self) -> String {
        match self.earlier {
            Some(earlier) => format!("of {earlier} before"),
            None => "of the baseline".to_owned(),
        }
    }
}

/// What a series is compared with. `compared` is its baseline, where the condition has one.
///
/// # Errors
/// A baseline that is not known, or that leads to no bound.
pub(super) fn limits(
    case: &KpiQuestion,
    compared: Option<Result<Compared, Undecided>>,
    values: &[Option<f64>],
) -> Result<Limits, Undecided> {
    let condition = &case.ask.condition;
    let points = match compared.transpose()? {
        None => return one(condition, None),
        Some(Compared::One(value)) => return one(condition, Some(value)),
        Some(Compared::Points(points)) => points,
    };
    let partners = beside(values, &points.values);
    if let Some(reducer) = condition.reducer {
        let events = points.events.map(|mut events| {
            events.keep(|position| partners.get(position).copied().flatten().is_some());
            events
        });
        let value = baseline::one(case.ask, reducer, &partners, events.as_ref());
        let value = value.map_err(|_| {
            let reason = "the baseline is unknown: no point has a partner in it";
            Undecided::new(Code::BaselineUnknown, reason)
        })?;
        return one(condition, Some(value));
    }
    Ok(Limits::Each(Partners::of(case, partners)))
}

/// How much earlier a baseline's points are, where each has its place.
fn earlier(baseline: &Baseline) -> Option<Duration> {
    match baseline {
        Baseline::Offset(offset) => Some(*offset),
        Baseline::Vars { .. } | Baseline::Before(_) | Baseline::Between(..) | Baseline::File(_) => {
            None
        }
    }
}

pub(super) fn one(condition: &Condition, baseline: Option<f64>) -> Result<Limits, Undecided> {
    let bound = bound(&condition.bound, baseline.unwrap_or(f64::NAN));
    if bound.is_nan() {
        let reason = "the bound is not a number: the baseline is infinite";
        return Err(Undecided::new(Code::NotANumber, reason));
    }
    Ok(Limits::One { bound, baseline })
}

/// Takes away the values that have no partner: they are not measured.
pub(super) fn keep_pairs(values: &mut [Option<f64>], points: &[Option<f64>]) {
    for (position, value) in values.iter_mut().enumerate() {
        if points.get(position).copied().flatten().is_none() {
            *value = None;
        }
    }
}

/// The partner of each measured value.
fn beside(values: &[Option<f64>], points: &[Option<f64>]) -> Vec<Option<f64>> {
    let partner = |(position, value): (usize, &Option<f64>)| {
        value.and_then(|_| points.get(position).copied().flatten())
    };
    values.iter().enumerate().map(partner).collect()
}
