//! Rule 4: which grid points are measured, and which are quiet. Must not compare values with a bound.

use std::collections::{BTreeMap, BTreeSet};

use super::presence::{Ended, Extent, Guarded, Known, Presence, Shared, has_value, join};
use super::question::GuardedQuestion;
use super::reduce::compare;
use super::series::{GuardSeries, JudgedSeries, no_series, subjects, whole};
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Continuity, Guard, Missing};
use crate::samples::{Grid, Observations, Series};
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

/// The answer of a guard.
struct MeasuredGuard<'a> {
    series: GuardSeries<'a>,
    guard: &'a Guard,
    /// Its points.
    grid: Grid,
    /// Whether they lie behind one number for all of them: it counts if the guard holds at any.
    is_behind: bool,
}

impl MeasuredGuard<'_> {
    /// What it says of each point of its KPI.
    fn says(&self, series: Option<&Series>) -> Result<Vec<Guarded>, Undecided> {
        let points = guarded(series, self.guard, &self.grid)?;
        Ok(if self.is_behind {
            vec![anywhere(&points)]
        } else {
            points
        })
    }
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
        let subjects = subjects(ask, reply)?;
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
            notes: reply.notes.clone(),
        };
        if ask.kpi.per.is_some() && ask.expected.is_none() {
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
    fn values(&self, subject: &JudgedSeries) -> Result<(Vec<Option<f64>>, Vec<Known>), Undecided> {
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
            *value = match (*value, guarded) {
                (Some(number), Guarded::Holds) if !number.is_nan() => Some(number),
                (None, Guarded::Holds) if zero => Some(0.0),
                (_, Guarded::Holds | Guarded::Fails(_) | Guarded::TooOld | Guarded::Unknown) => {
                    None
                }
            };
            guarded.known(value.is_some())
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

/// The samples at their grid points; anything off the grid is not measured.
///
/// # Errors
/// The same instant twice, on the grid or off it.
pub(super) fn place(series: &Series, grid: &Grid) -> Result<Vec<Option<f64>>, Undecided> {
    let mut placed = vec![None; grid.count()];
    let mut beside = Vec::new();
    let twice = |at: Instant| {
        Undecided::new(
            Code::DuplicatePoints,
            format!("the answer has {at} twice in {}", series.labels.as_series()),
        )
    };
    for point in &series.points {
        match grid
            .position(point.at)
            .and_then(|position| placed.get_mut(position))
        {
            Some(Some(_)) => return Err(twice(point.at)),
            Some(place) => *place = Some(point.value),
            None => beside.push(point.at),
        }
    }
    beside.sort_unstable();
    match beside.windows(2).find(|pair| pair.first() == pair.last()) {
        Some(pair) => Err(twice(pair.first().copied().unwrap_or(grid.first()))),
        None => Ok(placed),
    }
}

fn any_value(points: &[Known]) -> bool {
    points.iter().any(|known| has_value(*known))
}

/// The guard of an asking.
///
/// # Errors
/// Failed, partial or ambiguous answers.
fn guard<'a>(
    ask: &'a KpiAsk,
    asking: &GuardedQuestion,
    grid: Grid,
    observations: &'a Observations,
) -> Result<Option<MeasuredGuard<'a>>, Undecided> {
    let Some(guard) = &ask.guard else {
        return Ok(None);
    };
    // Samples whose guard was not queried prove nothing.
    let question = (asking.guard.as_ref())
        .ok_or_else(|| Undecided::new(Code::GuardUnknown, "the guard was not queried"))?;
    let reply = whole(observations, &question.question)?;
    let is_behind = question.is_behind;
    let own = question.grid.or(reply.grid.filter(|_| is_behind));
    Ok(Some(MeasuredGuard {
        series: GuardSeries::read(ask.kpi.per.as_deref(), reply)?,
        guard,
        grid: own.unwrap_or(grid),
        is_behind,
    }))
}

/// What a guard says of one number for all of these points: that it counts if the guard holds at any, and that it is quiet if
/// the guard was measured at all and does not hold.
fn anywhere(points: &[Guarded]) -> Guarded {
    let mut newest = Guarded::Unknown;
    let mut is_known = true;
    for point in points {
        match point {
            Guarded::Holds => return Guarded::Holds,
            Guarded::Fails(_) => newest = *point,
            Guarded::TooOld | Guarded::Unknown => is_known = false,
        }
    }
    if is_known { newest } else { Guarded::Unknown }
}

/// What a guard says of each grid point; nothing if it is missing.
pub(super) fn guarded(
    series: Option<&Series>,
    guard: &Guard,
    grid: &Grid,
) -> Result<Vec<Guarded>, Undecided> {
    let is = guard.is;
    let Some(series) = series else {
        return Ok(vec![Guarded::Unknown; grid.count()]);
    };
    let values = place(series, grid).map_err(|undecided| {
        Undecided::new(
            Code::GuardUnknown,
            format!("the guard cannot be used: {}", undecided.reason),
        )
    })?;
    let guarded = |value: Option<f64>| {
        let holds = value.and_then(|value| compare(value, is.comparison, is.bound.get()));
        match (value, holds) {
            (Some(_), Some(true)) => Guarded::Holds,
            // M6: a guard on the age of samples does not show that there was nothing to do.
            (Some(_), Some(false)) if guard.tells_age => Guarded::TooOld,
            (Some(value), Some(false)) => Guarded::Fails(value),
            (_, None) | (None, Some(_)) => Guarded::Unknown,
        }
    };
    Ok(values.into_iter().map(guarded).collect())
}
