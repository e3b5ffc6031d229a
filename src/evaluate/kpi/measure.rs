//! Rule 4: which grid points are measured, and which are quiet. Must not compare values with a bound.

use std::collections::{BTreeMap, BTreeSet};

use super::age::Ended;
use super::guard::{MeasuredGuard, Shown, guard};
use super::placed::place;
use super::presence::{Extent, Guarded, Known, Presence, Shared, counts_together, has_value, join};
use super::question::GuardedQuestion;
use super::series::{GuardSeries, JudgedSeries, no_series, subjects, whole};
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Continuity, Missing};
use crate::samples::{Grid, Observations};
use crate::units::Instant;

/// The answers to one asking, ready to be measured series by series.
pub(super) struct Measurable<'a> {
    ask: &'a KpiAsk,
    pub grid: Grid,
    pub subjects: Vec<JudgedSeries<'a>>,
    guard: Option<MeasuredGuard<'a>>,
    /// M7: the series without a value in the part that is judged that ended before it.
    gone: BTreeMap<Option<String>, Ended>,
    /// Whether all series together are thin: only if nothing lists them.
    shared: Option<Shared>,
    /// Remarks of the source.
    pub notes: Vec<String>,
}

/// One series on its grid.
pub(super) struct Measured {
    /// A value for each measured grid point.
    pub values: Vec<Option<f64>>,
    /// What is known of each grid point.
    pub points: Vec<Known>,
    /// Why the points are not enough for a decision that needs all of them.
    pub thin: Option<Undecided>,
    /// Where it ended, if nothing lists the series and its newest point is too old.
    pub ended: Option<Ended>,
}

impl<'a> Measurable<'a> {
    /// Takes the answers of an asking. `fresh_at` is T where points can be too old (not for baselines).
    ///
    /// # Errors
    /// Failed, partial or ambiguous answers.
    pub fn new(
        ask: &'a KpiAsk,
        asking: &GuardedQuestion,
        observations: &'a Observations,
        fresh_at: Option<Instant>,
    ) -> Result<Self, Undecided> {
        let reply = whole(observations, &asking.question)?;
        let grid = asking.grid.or(reply.grid);
        let grid = grid.ok_or_else(|| {
            Undecided::new(
                Code::NoData,
                "the answer does not say which points it is for",
            )
        })?;
        let guard = guard(ask, asking, grid, observations)?;
        let shown = match &guard {
            Some(guard) => guard.shows(ask, reply, fresh_at)?,
            None => Shown::default(),
        };
        let subjects = subjects(ask, reply, &shown.judged)?;
        if let Some(guard) = &guard {
            let is_used = |per: &str| subjects.iter().any(|of| of.per.as_deref() == Some(per));
            for series in guard.series.beside(is_used) {
                guard.says(Some(series))?;
            }
        }
        let mut measurable = Self {
            ask,
            grid,
            subjects,
            guard,
            gone: BTreeMap::new(),
            shared: None,
            notes: reply.notes.iter().cloned().chain(shown.note).collect(),
        };
        if counts_together(ask, fresh_at) {
            measurable.shared = Some(Shared(measurable.thin_together(fresh_at)?));
        }
        Ok(measurable)
    }

    /// Whether coverage counts the points of any series: where nothing lists them.
    pub fn counts_together(&self) -> bool {
        self.shared.is_some()
    }

    /// M7: takes from the whole span which series there are. One without a value in the part that is judged that ended before
    /// is thin; where series may come and go, it is not judged, nor is one that never had a value and is not in that part.
    ///
    /// # Errors
    /// The same instant twice.
    pub fn knowing(&mut self, whole: &Self, fresh_at: Instant) -> Result<(), Undecided> {
        let mut left_out = BTreeSet::new();
        for subject in &whole.subjects {
            let measured = whole.measure(subject, Some(fresh_at))?;
            if any_value(&self.values(subject)?.1) {
                continue;
            }
            let per = subject.per.clone();
            match measured.ended {
                Some(ended) => {
                    left_out.insert(per.clone());
                    self.gone.insert(per, ended);
                }
                None if any_value(&measured.points) || self.has_samples(subject)? => {}
                None => {
                    left_out.insert(per);
                }
            }
        }
        if self.ask.kpi.continuity == Continuity::Any {
            self.subjects.retain(|one| !left_out.contains(&one.per));
        }
        Ok(())
    }

    /// Whether anything came for a series, were it NaN.
    fn has_samples(&self, subject: &JudgedSeries) -> Result<bool, Undecided> {
        let Some(series) = subject.series else {
            return Ok(false);
        };
        Ok(place(series, &self.grid)?.iter().any(Option::is_some))
    }

    /// The series that ended and are not judged, by `per`, with their newest points.
    pub fn left_out(&self) -> impl Iterator<Item = (&str, Instant)> {
        let judged = |per: &Option<String>| self.subjects.iter().any(|one| one.per == *per);
        let gone = self.gone.iter().filter(move |(per, _)| !judged(per));
        gone.filter_map(|(per, ended)| Some((per.as_deref()?, ended.newest)))
    }

    /// M8b: adds a series that only the points behind one number show.
    pub fn add(&mut self, subject: JudgedSeries<'a>) {
        self.subjects.push(subject);
        self.subjects.sort_by(|one, other| one.per.cmp(&other.per));
    }

    /// Measures one series.
    ///
    /// # Errors
    /// The same instant twice.
    pub fn measure(
        &self,
        subject: &JudgedSeries,
        fresh_at: Option<Instant>,
    ) -> Result<Measured, Undecided> {
        let (values, points) = self.values(subject)?;
        let presence = self.presence(&points, fresh_at);
        let is_missing =
            self.shared.is_none() && subject.series.is_none() && values.iter().all(Option::is_none);
        let mut extent = presence.extent(self.shared.as_ref());
        if is_missing {
            // Only a guard of its own shows that a series that did not come back is quiet.
            let quiet = presence.too_quiet().filter(|_| self.is_guarded(subject));
            extent.thin = quiet.or_else(|| Some(self.missing(subject)));
        }
        if let Some(gone) = self.gone.get(&subject.per) {
            extent = Extent {
                thin: Some(gone.undecided()),
                ended: Some(gone.clone()),
            };
        }
        Ok(Measured {
            values,
            points,
            thin: extent.thin,
            ended: extent.ended,
        })
    }

    /// The points of a span of this grid. `fresh_at` is the time from which their age counts.
    pub fn presence<'p>(&'p self, points: &'p [Known], fresh_at: Option<Instant>) -> Presence<'p> {
        Presence {
            ask: self.ask,
            grid: &self.grid,
            points,
            fresh_at,
        }
    }

    /// Whether a guard says something about this series alone.
    fn is_guarded(&self, subject: &JudgedSeries) -> bool {
        match &self.guard {
            None => false,
            Some(guard) => match guard.series {
                GuardSeries::ForAll(_) => subject.per.is_none(),
                GuardSeries::By(_) => true,
            },
        }
    }

    /// Says that a listed series did not come back.
    fn missing(&self, subject: &JudgedSeries) -> Undecided {
        match &self.ask.kpi.per {
            Some(label) => Undecided::new(
                Code::SeriesMissing,
                format!(
                    "no series with {label}={:?} came back",
                    subject.per.as_deref().unwrap_or_default()
                ),
            ),
            None => no_series(self.ask),
        }
    }

    /// A value for each measured grid point, and what is known of each.
    pub(super) fn values(
        &self,
        subject: &JudgedSeries,
    ) -> Result<(Vec<Option<f64>>, Vec<Known>), Undecided> {
        let mut values = match subject.series {
            Some(series) => place(series, &self.grid)?,
            None => vec![None; self.grid.count()],
        };
        let guarded = match &self.guard {
            Some(guard) => guard.says(guard.series.of(subject.per.as_deref()))?,
            None => vec![Guarded::Holds; values.len()],
        };
        let zero = self.guard.is_some() && self.ask.kpi.missing == Missing::Zero;
        let points = values.iter_mut().zip(guarded).map(|(value, guarded)| {
            let came = value.is_some_and(|number| !number.is_nan());
            *value = match (*value, guarded) {
                (Some(number), Guarded::Holds) if !number.is_nan() => Some(number),
                (None, Guarded::Holds) if zero => Some(0.0),
                (_, Guarded::Holds | Guarded::Fails(_) | Guarded::TooOld | Guarded::Unknown) => {
                    None
                }
            };
            guarded.known(value.is_some(), came)
        });
        let points = points.collect();
        Ok((values, points))
    }

    /// Rule 3, nothing listed: a point counts if at least one series is present.
    fn thin_together(&self, fresh_at: Option<Instant>) -> Result<Option<Undecided>, Undecided> {
        let mut anywhere = vec![Known::Unguarded; self.grid.count()];
        for subject in &self.subjects {
            join(&mut anywhere, &self.values(subject)?.1);
        }
        Ok(self.presence(&anywhere, fresh_at).thin_together())
    }
}

fn any_value(points: &[Known]) -> bool {
    points.iter().any(|known| has_value(*known))
}
