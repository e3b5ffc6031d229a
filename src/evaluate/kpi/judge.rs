//! Rule 5: one condition over the measured points of one series: on each, on a share, on one value of them. Must not look at
//! labels, sources or other series.

use super::bad::SeriesJudge;
use super::reduce::{compare, reduce};
use super::ruling::{SeriesRuling, found};
use super::stretches::longest;
use super::words::{all, percent};
use crate::assessment::{Code, Outcome};
use crate::kind::List;
use crate::plan::{Hold, Reducer};
use crate::units::Share;

impl SeriesJudge<'_> {
    /// The finding.
    pub fn judge(&self) -> SeriesRuling {
        match (self.condition.reducer, self.condition.hold) {
            (Some(reducer), _) => self.reduced(reducer),
            (None, Some(Hold::Share(share))) => self.share(share),
            (None, Some(Hold::For(length))) if self.list == List::Stop => self.lasted(Some(length)),
            (None, Some(hold @ (Hold::Points(_) | Hold::But(_)))) => self.counted(hold),
            (None, Some(hold @ Hold::Over(..))) => self.looked_back(hold),
            (None, None) if self.list == List::Stop => self.lasted(None),
            (None, Some(Hold::For(_)) | None) => self.every(),
        }
    }

    /// Every measured point must satisfy the condition.
    fn every(&self) -> SeriesRuling {
        let (bad, worst) = (self.bad(), self.worst_point());
        let Some(worst) = worst else {
            return self.undecided();
        };
        let (value, bound) = self.show(worst.value, worst.bound);
        if let Some(stretch) = longest(bad) {
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
        let of_events = self.tally.filter(|_| reducer.needs_events());
        let value = match &of_events {
            Some(tally) => tally.reduced(reducer),
            None => reduce(reducer, &measured),
        };
        let Some(value) = value else {
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
        let events = of_events.map_or_else(String::new, |tally| format!(": {}", tally.count()));
        let reason = format!(
            "{} of {of} is {shown}, {not}{bound}{events}",
            reducer.word()
        );
        found(outcome, code, reason, Some(value))
    }
}
