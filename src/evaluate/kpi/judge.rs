//! Rule 5: one condition over the measured points of one series. Must not look at labels, sources or other series.

use super::limits::Limits;
use super::reduce::{compare, reduce};
use super::stretches::{self, Stretch, Worse, longest, stretches_of};
use crate::assessment::{Code, Outcome};
use crate::evaluate::context::Undecided;
use crate::kind::List;
use crate::plan::{Comparison, Condition, Hold, Reducer};
use crate::samples::Grid;
use crate::units::{Duration, Share, Unit};

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
            (None, Some(Hold::For(length))) if self.list == List::Stop => {
                self.stretch(Some(length))
            }
            (None, None) if self.list == List::Stop => self.stretch(None),
            (None, Some(Hold::For(_)) | None) => self.every(),
        }
    }

    /// The stretches of measured points in the bad state.
    pub fn bad(&self) -> Vec<Stretch> {
        stretches_of(self.values.len(), |position| {
            self.at(position).is_some_and(|value| {
                is_bad(
                    self.condition,
                    self.list,
                    self.limits.bound(position),
                    value,
                )
            })
        })
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

    fn at(&self, position: usize) -> Option<f64> {
        self.values.get(position).copied().flatten()
    }

    fn measured(&self) -> impl Iterator<Item = f64> {
        self.values.iter().flatten().copied()
    }

    /// The worst point: where, its value, and the bound that it has.
    fn worst_point(&self) -> Option<WorstPoint> {
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

    /// A stop trips on a stretch of bad points, like a Prometheus alert with `for`; without `for`, on any one.
    fn stretch(&self, length: Option<Duration>) -> SeriesRuling {
        let bad = self.bad();
        let Some(worst) = self.worst_point() else {
            return self.undecided();
        };
        let (value, bound) = self.show(worst.value, worst.bound);
        let bounds = self.bounds(&bound, "its limits");
        let lasted = |stretch: &Stretch| {
            self.grid
                .at(stretch.first)
                .until(self.grid.at(stretch.last))
        };
        let stretch = longest(&bad);
        if let Some(stretch) =
            stretch.filter(|stretch| length.is_none_or(|length| lasted(stretch) >= length))
        {
            let (stretch, thin) = (self.stretch_words(stretch), self.thinness());
            let reason = match length {
                Some(length) => format!(
                    "{bounds} for {stretch}, {length} is enough; the worst is {value}{at}{thin}",
                    at = self.place(&worst, ""),
                ),
                None => format!(
                    "{value}{at} is {bound}: {stretch}{thin}",
                    at = self.place(&worst, ",")
                ),
            };
            return found(Outcome::Tripped, Code::Breach, reason, Some(worst.value));
        }
        let beside = self.beside(&worst);
        let reason = match (stretch, length) {
            (Some(stretch), Some(length)) => format!(
                "never {bounds} for {length}: the longest stretch is {}, the worst value {value}{beside}",
                self.stretch_words(stretch)
            ),
            _ => format!(
                "no point is {}, the worst is {value}{beside}",
                self.bounds(&bound, "its limit")
            ),
        };
        self.unless_thin(Outcome::Clear, Code::Clear, reason, Some(worst.value))
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
    fn unless_thin(
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

    fn undecided(&self) -> SeriesRuling {
        let nothing = || Undecided::new(Code::NoData, "nothing was measured");
        let Undecided { code, reason } = self.thin.cloned().unwrap_or_else(nothing);
        SeriesRuling {
            outcome: Outcome::Unknown,
            code,
            reason,
            value: self.worst().and_then(|position| self.at(position)),
        }
    }

    /// A value, and the comparison with the bound, in words that do not contradict each other.
    fn show(&self, value: f64, bound: f64) -> (String, String) {
        let (value, bound) = self.unit.show_beside(value, bound);
        let baseline = match self.limits {
            Limits::One { baseline, .. } => *baseline,
            Limits::Each(_) => None,
        };
        let note = baseline.map_or(String::new(), |value| {
            format!(" (baseline {})", self.unit.show(value))
        });
        let symbol = self.condition.comparison.symbol();
        (value, format!("{symbol} {bound}{note}"))
    }

    /// The comparison with all bounds: with the one of the worst point, where all are the same, or with `own`.
    fn bounds(&self, of_worst: &str, own: &str) -> String {
        match self.limits {
            Limits::One { .. } => of_worst.to_owned(),
            Limits::Each(_) => format!("{} {own}", self.condition.comparison.symbol()),
        }
    }

    /// Where the worst point is, and its partner.
    fn place(&self, worst: &WorstPoint, end: &str) -> String {
        match self.limits {
            Limits::One { .. } => format!(" at {}", self.grid.at(worst.position)),
            Limits::Each(_) => format!("{}{end}", self.beside(worst)),
        }
    }

    /// ` at TIME, 30% below 17.4/min 7d before`, where points have partners.
    fn beside(&self, worst: &WorstPoint) -> String {
        let Limits::Each(partners) = self.limits else {
            return String::new();
        };
        let Some(partner) = self.limits.baseline(Some(worst.position)) else {
            return String::new();
        };
        format!(
            " at {}, {} {} {}",
            self.grid.at(worst.position),
            distance(worst.value, partner),
            self.unit.show(partner),
            partners.when()
        )
    }

    fn stretch_words(&self, stretch: Stretch) -> String {
        let (start, end) = (self.grid.at(stretch.first), self.grid.at(stretch.last));
        if start == end {
            format!("at {start}")
        } else {
            format!("{} from {start} to {end}", start.until(end))
        }
    }

    /// Thin data never excuse what was measured, but the reader should know.
    fn thinness(&self) -> String {
        self.thin
            .map_or(String::new(), |thin| format!(" (though {})", thin.reason))
    }
}

/// A point that is worst.
struct WorstPoint {
    position: usize,
    value: f64,
    bound: f64,
}

/// How far a value lies from its partner: `30% below`.
fn distance(value: f64, partner: f64) -> String {
    let side = if value < partner { "below" } else { "above" };
    if value == partner {
        return "equal to".to_owned();
    }
    let percent = 100.0 * (value - partner).abs() / partner.abs();
    if percent.is_finite() {
        format!("{} {side}", Unit::Percent.show(percent))
    } else {
        side.to_owned()
    }
}

fn found(outcome: Outcome, code: Code, reason: String, value: Option<f64>) -> SeriesRuling {
    SeriesRuling {
        outcome,
        code,
        reason,
        value,
    }
}

fn all(count: usize, one: &str, several: &str) -> String {
    if count == 1 {
        format!("the one point {one}")
    } else {
        format!("all {count} points {several}")
    }
}

/// A share of points in percent, with enough digits to compare with the required one.
#[expect(
    clippy::cast_precision_loss,
    reason = "for people; the exact counts are beside it"
)]
fn percent(part: usize, whole: usize, required: Share) -> String {
    let required = required
        .to_string()
        .trim_end_matches('%')
        .parse()
        .unwrap_or(100.0);
    Unit::Percent
        .show_beside(100.0 * part as f64 / whole as f64, required)
        .0
}
