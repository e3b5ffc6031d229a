//! Rule 4: which grid points are measured, and whether they are enough to decide on.
//! Must not compare values with a bound.

use super::question::GuardedQuestion;
use super::reduce::compare;
use super::series::{GuardSeries, JudgedSeries, no_series, subjects, whole};
use super::stretches::{longest, runs};
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Continuity, Missing, PlainCondition};
use crate::samples::{Grid, Observations, Series};
use crate::units::{Duration, Instant};

/// The answers to one asking, ready to be measured series by series.
pub(super) struct Measurable<'a> {
    ask: &'a KpiAsk,
    pub grid: Grid,
    pub subjects: Vec<JudgedSeries<'a>>,
    guard: Option<(GuardSeries<'a>, PlainCondition)>,
    /// Whether all series together are thin: only if nothing lists them.
    shared: Option<Shared>,
    /// Remarks of the source.
    pub notes: Vec<String>,
}

/// How all series together are thin.
pub(super) struct Shared(pub Option<Undecided>);

/// One series on its grid.
pub(super) struct Measured {
    /// A value for each measured grid point.
    pub values: Vec<Option<f64>>,
    /// Why the points are not enough for a decision that needs all of them.
    pub thin: Option<Undecided>,
    /// Its newest measured point, where nothing lists the series and that point is too old.
    pub ended: Option<Instant>,
}

impl Measured {
    /// How many points are measured.
    pub fn count(&self) -> usize {
        self.values.iter().flatten().count()
    }
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
        let guard = match (&ask.guard, &asking.guard) {
            (None, _) => None,
            (Some(guard), Some(question)) => {
                let series =
                    GuardSeries::read(ask.kpi.per.as_deref(), whole(observations, question)?)?;
                Some((series, guard.is))
            }
            // Samples whose guard was not queried prove nothing.
            (Some(_), None) => {
                return Err(Undecided::new(
                    Code::GuardUnknown,
                    "the guard was not queried",
                ));
            }
        };
        let subjects = subjects(ask, reply)?;
        if let Some((guard, is)) = &guard {
            let is_used = |per: &str| subjects.iter().any(|of| of.per.as_deref() == Some(per));
            for series in guard.beside(is_used) {
                holds(Some(series), *is, &grid)?;
            }
        }
        let mut measurable = Self {
            ask,
            grid,
            subjects,
            guard,
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

    /// Measures one series.
    ///
    /// # Errors
    /// The same instant twice.
    pub fn measure(
        &self,
        subject: &JudgedSeries,
        fresh_at: Option<Instant>,
    ) -> Result<Measured, Undecided> {
        let values = self.values(subject)?;
        let present = |position: usize| values.get(position).is_some_and(Option::is_some);
        let is_missing =
            self.shared.is_none() && subject.series.is_none() && values.iter().all(Option::is_none);
        let seen = if is_missing {
            Seen {
                thin: Some(self.missing(subject)),
                ended: None,
            }
        } else {
            seen(
                self.ask,
                &self.grid,
                fresh_at,
                self.shared.as_ref(),
                &present,
            )
        };
        Ok(Measured {
            values,
            thin: seen.thin,
            ended: seen.ended,
        })
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

    /// A value for each measured grid point.
    fn values(&self, subject: &JudgedSeries) -> Result<Vec<Option<f64>>, Undecided> {
        let mut values = match subject.series {
            Some(series) => place(series, &self.grid)?,
            None => vec![None; self.grid.count()],
        };
        let holds = match &self.guard {
            Some((series, is)) => Some(holds(series.of(subject.per.as_deref()), *is, &self.grid)?),
            None => None,
        };
        for (position, value) in values.iter_mut().enumerate() {
            let guarded = holds
                .as_ref()
                .is_none_or(|holds| holds.get(position) == Some(&true));
            *value = match *value {
                Some(number) if guarded && !number.is_nan() => Some(number),
                None if guarded && holds.is_some() && self.ask.kpi.missing == Missing::Zero => {
                    Some(0.0)
                }
                _ => None,
            };
        }
        Ok(values)
    }

    /// Rule 3, nothing listed: a point counts if at least one series is present.
    fn thin_together(&self, fresh_at: Option<Instant>) -> Result<Option<Undecided>, Undecided> {
        let mut anywhere = vec![false; self.grid.count()];
        for subject in &self.subjects {
            for (seen, value) in anywhere.iter_mut().zip(self.values(subject)?) {
                *seen |= value.is_some();
            }
        }
        let present = |position| anywhere.get(position) == Some(&true);
        Ok(thin(self.ask, &self.grid, fresh_at, &present))
    }
}

/// How far the points of one series go.
pub(super) struct Seen {
    /// Why they are not enough for a decision that needs all of them.
    pub thin: Option<Undecided>,
    /// The newest of them, where nothing lists the series and that point is too old.
    pub ended: Option<Instant>,
}

/// Rules 3 and 4 for one series: its own points count, or those of all series together where nothing lists them (`shared`).
pub(super) fn seen(
    ask: &KpiAsk,
    grid: &Grid,
    fresh_at: Option<Instant>,
    shared: Option<&Shared>,
    present: &dyn Fn(usize) -> bool,
) -> Seen {
    let newest = (0..grid.count()).rev().find(|position| present(*position));
    let (Some(Shared(together)), Some(newest)) = (shared, newest) else {
        return Seen {
            thin: thin(ask, grid, fresh_at, present),
            ended: None,
        };
    };
    let ended = fresh_at.and_then(|at| too_old(ask, grid.at(newest), at));
    let of_its_own = ended
        .as_ref()
        .filter(|_| ask.kpi.continuity == Continuity::Each)
        .map(|old| {
            Undecided::new(
                Code::SeriesEnded,
                format!("the series ended: {}", old.words),
            )
        });
    Seen {
        thin: together.clone().or(of_its_own),
        ended: ended.map(|old| old.newest),
    }
}

/// Why the present points are not enough; `None` where they are. `fresh_at` is T where they can be too old.
pub(super) fn thin(
    ask: &KpiAsk,
    grid: &Grid,
    fresh_at: Option<Instant>,
    present: &dyn Fn(usize) -> bool,
) -> Option<Undecided> {
    let expected = grid.count();
    let measured = (0..expected).filter(|position| present(*position)).count();
    let Some(newest) = (0..expected).rev().find(|position| present(*position)) else {
        let between = format!("between {} and {}", grid.first(), grid.last());
        return Some(Undecided::new(
            Code::NoData,
            format!("none of {expected} points was measured {between}"),
        ));
    };
    let newest = grid.at(newest);
    let old = fresh_at.and_then(|at| too_old(ask, newest, at));
    if !ask.kpi.coverage.reached_by(measured, expected) {
        let age = fresh_at.map_or_else(String::new, |at| format!("; {}", age_of(newest, at)));
        let way_out = old.map_or("", |old| old.way_out);
        let reason = format!(
            "{measured} of {expected} points measured, {} needed; {}{age}{way_out}",
            ask.kpi.coverage,
            gaps(grid, present)
        );
        return Some(Undecided::new(Code::LowCoverage, reason));
    }
    let old = old?;
    let reason = format!("{}{}", old.words, old.way_out);
    Some(Undecided::new(Code::Stale, reason))
}

/// The newest measured point, where it is too old.
fn too_old(ask: &KpiAsk, newest: Instant, fresh_at: Instant) -> Option<TooOld> {
    let (age, allowed) = (newest.until(fresh_at), max_age(ask));
    (age > allowed).then(|| TooOld {
        newest,
        words: format!("{}, at most {allowed} allowed", age_of(newest, fresh_at)),
        way_out: if ask.kpi.delay == Duration::ZERO {
            "; if samples always arrive late, set the source's `delay`"
        } else {
            ""
        },
    })
}

/// The newest measured point, in words.
fn age_of(newest: Instant, at: Instant) -> String {
    format!("the newest point is {} old ({newest})", newest.until(at))
}

/// A newest point that is older than `max_age` allows.
struct TooOld {
    newest: Instant,
    words: String,
    /// What to do where all samples come late; empty where the plan says how late.
    way_out: &'static str,
}

/// How old the newest measured point may be (rule 4).
fn max_age(ask: &KpiAsk) -> Duration {
    ask.kpi
        .max_age
        .unwrap_or_else(|| Duration::from_secs(300).max(ask.step.doubled()))
}

/// The two longest gaps, in words.
fn gaps(grid: &Grid, present: &dyn Fn(usize) -> bool) -> String {
    let mut gaps = runs(grid.count(), |position| !present(position));
    let mut named = Vec::new();
    while let (Some(gap), true) = (longest(&gaps), named.len() < 2) {
        gaps.retain(|other| *other != gap);
        let (first, last) = (grid.at(gap.first), grid.at(gap.last));
        named.push(if first == last {
            format!("at {first}")
        } else {
            format!("{first} to {last}")
        });
    }
    let word = if named.len() == 1 {
        "the only gap is"
    } else {
        "the longest gaps are"
    };
    format!("{word} {}", named.join(" and "))
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
            format!("the answer has {at} twice in the series {}", series.labels),
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

/// The grid points at which a guard holds; none if it is missing.
fn holds(series: Option<&Series>, is: PlainCondition, grid: &Grid) -> Result<Vec<bool>, Undecided> {
    let Some(series) = series else {
        return Ok(vec![false; grid.count()]);
    };
    let values = place(series, grid).map_err(|undecided| {
        Undecided::new(
            Code::GuardUnknown,
            format!("the guard cannot be used: {}", undecided.reason),
        )
    })?;
    let holds = |value: Option<f64>| {
        value.and_then(|value| compare(value, is.comparison, is.bound.get())) == Some(true)
    };
    Ok(values.into_iter().map(holds).collect())
}
