//! Rule 5: how many points are bad, wherever they lie: `for N points` and `but N points`. Points that nobody measured may have been
//! bad, too; must not look at how long a bad state lasts.

use super::bad::{SeriesJudge, WorstPoint};
use super::lasting::Shown;
use super::ruling::{SeriesRuling, found};
use crate::assessment::{Code, Outcome};
use crate::kind::List;
use crate::plan::Hold;

impl SeriesJudge<'_> {
    /// So many bad points trip a stop, and one more than may be bad makes anything else unmet: what was measured later, or was not,
    /// takes none of them back. Fewer are good only if those that were not measured would not be enough beside them. Where no point is
    /// bad, the coverage decides, as it does without a number.
    pub(super) fn counted(&self, hold: Hold) -> SeriesRuling {
        let decisive = hold.decisive_points().unwrap_or(1);
        let Some(worst) = self.worst_point() else {
            return self.undecided();
        };
        let bad = self.bad_points();
        let value = Some(worst.value);
        if bad >= decisive {
            let outcome = if self.list == List::Stop {
                Outcome::Tripped
            } else {
                Outcome::Unmet
            };
            let reason = format!("{}{}", self.count_words(hold, &worst, bad), self.thinness());
            return found(outcome, Code::Breach, reason, value);
        }
        let missing = self.missing_points();
        if self.thin.is_none() && bad > 0 && bad + missing >= decisive {
            let gap = self.longest_gap(0..self.values.len());
            let reason = format!(
                "{}; {missing} not measured ({}), and might be, too",
                self.count_words(hold, &worst, bad),
                gap.unwrap_or_default()
            );
            return found(Outcome::Unknown, Code::LowCoverage, reason, value);
        }
        let (outcome, code) = if self.list == List::Stop {
            (Outcome::Clear, Code::Clear)
        } else {
            (Outcome::Met, Code::Met)
        };
        self.unless_thin(outcome, code, self.count_words(hold, &worst, bad), value)
    }

    fn bad_points(&self) -> usize {
        let stretches = self.bad().iter();
        stretches.map(|one| one.last - one.first + 1).sum()
    }

    fn missing_points(&self) -> usize {
        let there = self.there();
        let each = 0..self.values.len();
        each.filter(|position| self.shown(*position, &there) == Shown::Missing)
            .count()
    }

    /// `4 of 480 points are > 1%, 3 are enough; the worst is 2.1%`.
    fn count_words(&self, hold: Hold, worst: &WorstPoint, bad: usize) -> String {
        let (value, bound) = self.show(worst.value, worst.bound);
        let bounds = self.bounds(&bound, "their limits");
        let of = self.measured().count();
        let (are, allowed) = match hold {
            Hold::But(count) => ("are not", format!("at most {count} may be")),
            Hold::Points(count) if count.get() == 1 => ("are", "1 is enough".to_owned()),
            Hold::Points(count) => ("are", format!("{count} are enough")),
            Hold::For(_) | Hold::Share(_) | Hold::Over(..) => ("are", String::new()),
        };
        let place = self.place(worst, "");
        format!("{bad} of {of} points {are} {bounds}, {allowed}; the worst is {value}{place}")
    }
}
