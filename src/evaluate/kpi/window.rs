//! M8b: what the span of a `$window` query holds, from the answer to its companion. Coverage and freshness are seen from that.
//!
//! Must not decide: a number that breaches stays, and one that is good stands only where the span was seen.

use std::collections::BTreeMap;

use super::companion::{Companion, unseen};
use super::judge::SeriesRuling;
use super::measure::place;
use super::presence::{Extent, Known, Presence, Shared, join};
use super::series::{GuardSeries, JudgedSeries, subjects, whole};
use crate::assessment::Outcome;
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
    points: BTreeMap<Option<String>, Vec<Known>>,
    /// Of a series that did not come back.
    nothing: Vec<Known>,
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
        // 0/0: the series are there, and no traffic between them. A guard says whether that is enough.
        let is_there = |value: f64| !value.is_nan() || (ask.guard.is_some() && !companion.of_guard);
        let known = |value: Option<f64>| match value.filter(|value| is_there(*value)) {
            Some(_) => Known::Measured,
            None => Known::Absent,
        };
        let mut points: BTreeMap<_, Vec<Known>> = BTreeMap::new();
        for (per, series) in series(ask, companion.of_guard, reply)? {
            let placed = place(series, &companion.grid)?;
            points.insert(per, placed.into_iter().map(known).collect());
        }
        let grid = companion.grid;
        let nothing = vec![Known::Absent; grid.count()];
        let mut window = Self {
            ask,
            grid,
            length: companion.length,
            at,
            points,
            nothing,
            shared: None,
        };
        if ask.kpi.per.is_some() && ask.expected.is_none() {
            let mut anywhere = window.nothing.clone();
            for points in window.points.values() {
                join(&mut anywhere, points);
            }
            window.shared = Some(Shared(window.over(&anywhere).thin()));
        }
        Ok(window)
    }

    fn over<'p>(&'p self, points: &'p [Known]) -> Presence<'p> {
        Presence {
            ask: self.ask,
            grid: &self.grid,
            points,
            fresh_at: Some(self.at),
        }
    }

    /// The points of a series.
    pub fn presence(&self, subject: &JudgedSeries) -> Presence<'_> {
        let own = self.points.get(&subject.per);
        let own = own.or_else(|| self.points.get(&None));
        self.over(own.unwrap_or(&self.nothing))
    }

    fn extent(&self, subject: &JudgedSeries) -> Extent {
        self.presence(subject).extent(self.shared.as_ref())
    }

    /// Why what the span holds of a series is not enough; `None` where it is.
    fn thin(&self, subject: &JudgedSeries) -> Option<Undecided> {
        let thin = self.extent(subject).thin?;
        let reason = format!(
            "{} (seen with {length} in the place of `$window`; if samples are normally further apart than that, use a fixed range)",
            thin.reason,
            length = self.length
        );
        Some(Undecided { reason, ..thin })
    }

    /// The newest point of a series that ended, where nothing lists the series.
    pub fn ended(&self, subject: &JudgedSeries) -> Option<Instant> {
        self.extent(subject).ended
    }
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
    finding: SeriesRuling,
    window: Option<&Result<Window<'_>, Undecided>>,
    subject: &JudgedSeries,
) -> SeriesRuling {
    let thin = match window {
        None => None,
        Some(Ok(window)) => window.thin(subject),
        Some(Err(undecided)) => Some(undecided.clone()),
    };
    let Some(thin) = thin else { return finding };
    match finding.outcome {
        Outcome::Met | Outcome::Clear => SeriesRuling {
            outcome: Outcome::Unknown,
            code: thin.code,
            reason: format!(
                "{}; the one number is good: {}",
                thin.reason, finding.reason
            ),
            ..finding
        },
        Outcome::Unmet | Outcome::Tripped => SeriesRuling {
            reason: format!("{} (though {})", finding.reason, thin.reason),
            ..finding
        },
        Outcome::Unknown => finding,
    }
}
