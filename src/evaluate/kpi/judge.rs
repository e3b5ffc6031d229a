//! Rule 5: one condition over the measured points of one series. Must not look at labels, sources or other series.

use super::lasting::Expected;
use super::limits::Limits;
use super::presence::Known;
use super::reduce::{compare, reduce};
use super::stretches::{self, Stretch, Worse, longest, stretches_of};
use super::words::{all, percent};
use crate::assessment::{Code, Outcome};
use crate::evaluate::context::Undecided;
use crate::kind::List;
use crate::plan::{Comparison, Condition, Hold, Reducer};
use crate::samples::Grid;
use crate::units::{Share, Unit};

/// What was found for one series.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SeriesRuling {
    pub outcome: Outcome,
    pub code: Code,
    pub reason: String,
    /// The reduced value, or the worst measured point.
    pub value: Option<f64>,
}

/// Everything that a judgement looks at.
pub(super) struct SeriesJudge<'a> {
    pub condition: &'a Condition,
    pub list: List,
    pub unit: Unit,
    pub grid: &'a Grid,
    /// A value for each measured grid point, oldest first.
    pub values: &'a [Option<f64>],
    /// What is known of each.
    pub points: &'a [Known],
    /// At which of them the series has to be there.
    pub expected: Expected,
    /// Why the points are not enough for a decision that needs all of them.
    pub thin: Option<&'a Undecided>,
    /// What they are compared with.
    pub limits: &'a Limits,
}

/// Which values are worse, for a condition in a list: a stop describes the bad state, all others the good one.
pub(super) fn worse(comparison: Comparison, list: List, bound: f64) -> Worse {
    match (comparison, list == List::Stop) {
        (Comparison::Less | Comparison::LessOrEqual, false) => Worse::High,
        (Comparison::Less | Comparison::LessOrEqual, true) => Worse::Low,
        (Comparison::Greater | Comparison::GreaterOrEqual, false) => Worse::Low,
        (Comparison::Greater | Comparison::GreaterOrEqual, true) => Worse::High,
        (Comparison::Equal, false) | (Comparison::NotEqual, true) => Worse::Far(bound),
        (Comparison::NotEqual, false) | (Comparison::Equal, true) => Worse::Near(bound),
    }
}

/// Whether a measured value violates a good condition, or satisfies a stop's; not if the bound is NaN.
pub(super) fn is_bad(condition: &Condition, list: List, bound: f64, value: f64) -> bool {
    compare(value, condition.comparison, bound) == Some(list == List::Stop)
}

impl SeriesJudge<'_> {
    /// The finding.
    pub fn judge(&self) -> SeriesRuling {
        match (self.condition.reducer, self.condition.hold) {
            (Some(reducer), _) => self.reduced(reducer),
            (None, Some(Hold::Share(share))) => self.share(share),
            (None, Some(Hold::For(length))) if self.list == List::Stop => self.lasted(Some(length)),
            (None, None) if self.list == List::Stop => self.lasted(None),
            (None, Some(Hold::For(_)) | None) => self.every(),
        }
    }

    /// The stretches of measured points in the bad state.
    pub fn bad(&self) -> Vec<Stretch> {
        stretches_of(self.values.len(), |position| {
            let value = self.at(position);
            value.is_some_and(|value| self.is_bad(position, value))
        })
    }

    pub(super) fn is_bad(&self, position: usize, value: f64) -> bool {
        let bound = self.limits.bound(position);
        is_bad(self.condition, self.list, bound, value)
    }

    /// Higher numbers are worse points: by their value, or where each has a bound of its own by how far they are beyond it.
    pub fn badness(&self, position: usize) -> f64 {
        let bound = Some(self.limits.bound(position)).filter(|bound| !bound.is_nan());
        let bound = bound.unwrap_or_default();
        let worse = worse(self.condition.comparison, self.list, bound);
        let value = worse.badness(self.at(position).unwrap_or(f64::NAN));
        match self.limits {
            Limits::One { .. } => value,
            Limits::Each(_) => value - worse.badness(bound),
        }
    }

    /// The position of the worst measured point, the first of equals.
    pub fn worst(&self) -> Option<usize> {
        stretches::worst(self.values, 0..self.values.len(), &|position| {
            self.badness(position)
        })
    }

    pub(super) fn at(&self, position: usize) -> Option<f64> {
        self.values.get(position).copied().flatten()
    }

    fn measured(&self) -> impl Iterator<Item = f64> {
        self.values.iter().flatten().copied()
    }

    /// The worst point: where, its value, and the bound that it has.
    pub(super) fn worst_point(&self) -> Option<WorstPoint> {
        let position = self.worst()?;
        Some(WorstPoint {
            position,
            value: self.at(position)?,
            bound: self.limits.bound(position),
        })
    }

    /// Every measured point must satisfy the condition.
    fn every(&self) -> SeriesRuling {
        let (bad, worst) = (self.bad(), self.worst_point());
        let Some(worst) = worst else {
            return self.undecided();
        };
        let (value, bound) = self.show(worst.value, worst.bound);
        if let Some(stretch) = longest(&bad) {
            let count: usize = bad
                .iter()
                .map(|stretch| stretch.last - stretch.first + 1)
                .sum();
            let of = self.measured().count();
            let reason = format!(
                "{value}{at} is not {bound}: {count} of {of} points, the longest stretch {stretch}{thin}",
                at = self.place(&worst, ","),
                stretch = self.stretch_words(stretch),
                thin = self.thinness(),
            );
            return found(Outcome::Unmet, Code::Breach, reason, Some(worst.value));
        }
        let beside = self.beside(&worst);
        let good = |count| {
            let own = if count == 1 {
                "its limit"
            } else {
                "their limits"
            };
            let bound = self.bounds(&bound, own);
            format!(
                "{} {bound}, the worst is {value}{beside}",
                all(count, "is", "are")
            )
        };
        self.unless_thin(
            Outcome::Met,
            Code::Met,
            good(self.measured().count()),
            Some(worst.value),
        )
    }

    /// At least a share of the measured points must satisfy the condition (in stop: trips it).
    fn share(&self, share: Share) -> SeriesRuling {
        if self.thin.is_some() {
            return self.undecided();
        }
        let Some(worst) = self.worst_point() else {
            return self.undecided();
        };
        let of = self.measured().count();
        let holds = |(position, value): (usize, &Option<f64>)| {
            let bound = self.limits.bound(position);
            value.and_then(|value| compare(value, self.condition.comparison, bound)) == Some(true)
        };
        let each = self.values.iter().enumerate();
        let satisfied = each.filter(|point| holds(*point)).count();
        let reached = share.reached_by(satisfied, of);
        let (outcome, code) = match (self.list == List::Stop, reached) {
            (false, true) => (Outcome::Met, Code::Met),
            (false, false) => (Outcome::Unmet, Code::Breach),
            (true, true) => (Outcome::Tripped, Code::Breach),
            (true, false) => (Outcome::Clear, Code::Clear),
        };
        let (value, bound) = self.show(worst.value, worst.bound);
        let reason = format!(
            "{satisfied} of {of} points ({percent}) are {bound}, {share} {needed}; the worst is {value}{beside}",
            bound = self.bounds(&bound, "their limits"),
            beside = self.beside(&worst),
            percent = percent(satisfied, of, share),
            needed = if self.list == List::Stop {
                "trips"
            } else {
                "required"
            },
        );
        found(outcome, code, reason, Some(worst.value))
    }

    /// The reduced value is compared once.
    fn reduced(&self, reducer: Reducer) -> SeriesRuling {
        if self.thin.is_some() {
            return self.undecided();
        }
        let measured: Vec<f64> = self.measured().collect();
        let Some(value) = reduce(reducer, &measured) else {
            return self.undecided();
        };
        let bound = self.limits.bound(0);
        let Some(satisfied) = compare(value, self.condition.comparison, bound) else {
            let reason = format!(
                "{} of {} points is not a number",
                reducer.word(),
                measured.len()
            );
            return found(Outcome::Unknown, Code::NotANumber, reason, None);
        };
        let (outcome, code) = match (self.list == List::Stop, satisfied) {
            (false, true) => (Outcome::Met, Code::Met),
            (false, false) => (Outcome::Unmet, Code::Breach),
            (true, true) => (Outcome::Tripped, Code::Breach),
            (true, false) => (Outcome::Clear, Code::Clear),
        };
        let (shown, bound) = self.show(value, bound);
        let not = if satisfied { "" } else { "not " };
        let of = if measured.len() == 1 {
            "1 point".to_owned()
        } else {
            format!("{} points", measured.len())
        };
        let reason = format!("{} of {of} is {shown}, {not}{bound}", reducer.word());
        found(outcome, code, reason, Some(value))
    }

    /// A good outcome needs enough points.
    pub(super) fn unless_thin(
        &self,
        outcome: Outcome,
        code: Code,
        reason: String,
        value: Option<f64>,
    ) -> SeriesRuling {
        match self.thin {
            Some(_) => SeriesRuling {
                value,
                ..self.undecided()
            },
            None => found(outcome, code, reason, value),
        }
    }

    pub(super) fn undecided(&self) -> SeriesRuling {
        let nothing = || Undecided::new(Code::NoData, "nothing was measured");
        let Undecided { code, reason } = self.thin.cloned().unwrap_or_else(nothing);
        SeriesRuling {
            outcome: Outcome::Unknown,
            code,
            reason,
            value: self.worst().and_then(|position| self.at(position)),
        }
    }
}

/// A point that is worst.
pub(super) struct WorstPoint {
    pub position: usize,
    pub value: f64,
    pub bound: f64,
}

pub(super) fn found(
    outcome: Outcome,
    code: Code,
    reason: String,
    value: Option<f64>,
) -> SeriesRuling {
    SeriesRuling {
        outcome,
        code,
        reason,
        value,
    }
}
