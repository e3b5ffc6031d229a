//! M8b: what the span of a `$window` query holds, from the answer to its companion. Coverage and freshness are seen from that.
//!
//! Must not decide: a number that breaches stays, and one that is good stands only where the span was seen.

use std::collections::BTreeMap;

use super::companion::{Companion, unseen};
use super::judge::Finding;
use super::measure::{Seen, Shared, place, seen, thin};
use super::series::{GuardSeries, JudgedSeries, subjects, whole};
use super::stretches::gaps;
use crate::assessment::{Gap, Outcome, PointCount};
use crate::evaluate::context::Undecided;
use crate::plan::criteria::KpiAsk;
use crate::samples::{Grid, Observations, Reply, Series};
use crate::units::{Duration, Instant};

/// The points of a span, series by series.
pub(super) struct Window<'a> {
    ask: &'a KpiAsk,
    grid: Grid,
    length: Duration,
    /// T, or the delay before it.
    at: Instant,
    /// By the value of `per`'s label; under `None` what holds for all.
    points: BTreeMap<Option<String>, Vec<bool>>,
    /// How all series together are thin, if nothing lists them.
    shared: Option<Shared>,
}

impl<'a> Window<'a> {
    /// What came back. `at` is the time from which the age of points counts.
    ///
    /// # Errors
    /// Where the points cannot be seen.
    pub fn of(
        ask: &'a KpiAsk,
        at: Instant,
        companion: &Result<Companion, Undecided>,
        observations: &Observations,
    ) -> Result<Self, Undecided> {
        let companion = companion.as_ref().map_err(Clone::clone)?;
        Self::read(ask, at, companion, observations).map_err(|why| unseen(&why.reason))
    }

    fn read(
        ask: &'a KpiAsk,
        at: Instant,
        companion: &Companion,
        observations: &Observations,
    ) -> Result<Self, Undecided> {
        let reply = whole(observations, &companion.question)?;
        let is_there = |value: Option<f64>| match value {
            // 0/0: the series are there, and no traffic between them. A guard says whether that is enough.
            Some(value) => !value.is_nan() || (ask.guard.is_some() && !companion.of_guard),
            None => false,
        };
        let mut points: BTreeMap<_, Vec<bool>> = BTreeMap::new();
        for (per, series) in series(ask, companion.of_guard, reply)? {
            let placed = place(series, &companion.grid)?;
            points.insert(per, placed.into_iter().map(is_there).collect());
        }
        let grid = companion.grid;
        let is_shared = ask.kpi.per.is_some() && ask.expected.is_none();
        let anywhere = |position: usize| points.values().any(|all| is_set(all, position));
        let shared = is_shared.then(|| Shared(thin(ask, &grid, Some(at), &anywhere)));
        Ok(Self {
            ask,
            grid,
            length: companion.length,
            at,
            points,
            shared,
        })
    }

    /// Whether a point of a series is there.
    fn is_there(&self, subject: &JudgedSeries, position: usize) -> bool {
        let own = self.points.get(&subject.per);
        let own = own.or_else(|| self.points.get(&None));
        own.is_some_and(|points| is_set(points, position))
    }

    /// How far the points of a series go.
    fn seen(&self, subject: &JudgedSeries) -> Seen {
        let is_there = |position: usize| self.is_there(subject, position);
        let shared = self.shared.as_ref();
        seen(self.ask, &self.grid, Some(self.at), shared, &is_there)
    }

    /// Why what the span holds of a series is not enough; `None` where it is.
    fn thin(&self, subject: &JudgedSeries) -> Option<Undecided> {
        let thin = self.seen(subject).thin?;
        let reason = format!(
            "{} (seen with {length} in the place of `$window`; if samples are normally further apart than that, use a fixed range)",
            thin.reason,
            length = self.length
        );
        Some(Undecided { reason, ..thin })
    }

    /// The newest point of a series that ended, where nothing lists the series.
    pub fn ended(&self, subject: &JudgedSeries) -> Option<Instant> {
        self.seen(subject).ended
    }

    /// How many points of a series there should be and are, and where they are not.
    pub fn counted(&self, subject: &JudgedSeries) -> (PointCount, Vec<Gap>) {
        let there = (0..self.grid.count()).map(|position| self.is_there(subject, position));
        let there: Vec<Option<f64>> = there.map(|there| there.then_some(1.0)).collect();
        let count = PointCount {
            expected: there.len(),
            measured: there.iter().flatten().count(),
        };
        (count, gaps(&there, &self.grid))
    }
}

fn is_set(points: &[bool], position: usize) -> bool {
    points.get(position) == Some(&true)
}

/// The series that came back, by `per`.
fn series<'r>(
    ask: &KpiAsk,
    of_guard: bool,
    reply: &'r Reply,
) -> Result<Vec<(Option<String>, &'r Series)>, Undecided> {
    if reply.series.is_empty() {
        return Ok(Vec::new());
    }
    if of_guard {
        return Ok(match GuardSeries::read(ask.kpi.per.as_deref(), reply)? {
            GuardSeries::ForAll(series) => {
                series.map(|series| (None, series)).into_iter().collect()
            }
            GuardSeries::By(series) => {
                let series = series.into_iter();
                series.map(|(per, series)| (Some(per), series)).collect()
            }
        });
    }
    let subjects = subjects(ask, reply)?.into_iter();
    Ok(subjects
        .filter_map(|subject| Some((subject.per, subject.series?)))
        .collect())
}

/// A finding of a number for the whole span, as far as the span was seen.
pub(super) fn as_seen(
    finding: Finding,
    window: Option<&Result<Window<'_>, Undecided>>,
    subject: &JudgedSeries,
) -> Finding {
    let thin = match window {
        None => None,
        Some(Ok(window)) => window.thin(subject),
        Some(Err(undecided)) => Some(undecided.clone()),
    };
    let Some(thin) = thin else { return finding };
    match finding.outcome {
        Outcome::Met | Outcome::Clear => Finding {
            outcome: Outcome::Unknown,
            code: thin.code,
            reason: format!(
                "{}; the one number is good: {}",
                thin.reason, finding.reason
            ),
            ..finding
        },
        Outcome::Unmet | Outcome::Tripped => Finding {
            reason: format!("{} (though {})", finding.reason, thin.reason),
            ..finding
        },
        Outcome::Unknown => finding,
    }
}
