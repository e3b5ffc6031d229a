//! Rule 4: which grid points are measured, and which are quiet. Must not compare values with a bound.

use std::collections::{BTreeMap, BTreeSet};

use super::age::Ended;
use super::guard::{MeasuredGuard, Shown, guard};
use super::placed::place;
use super::presence::{Extent, Guarded, Known, Presence, Shared, counts_together, has_value, join};
use super::question::GuardedQuestion;
use super::ratio::{self, Sent};
use super::series::{GuardSeries, JudgedSeries, Replies, no_series, subjects};
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Continuity, Missing, Ratio};
use crate::samples::{EventSeries, Grid, Observations};
use crate::units::{Duration, Instant};

/// The answers to one asking, ready to be measured series by series.
pub(super) struct Measurable<'a> {
    ask: &'a KpiAsk,
    pub grid: Grid,
    /// How long a point stands for.
    each: Duration,
    pub subjects: Vec<JudgedSeries<'a>>,
    guard: Option<MeasuredGuard<'a>>,
    /// M7: the series without a value in the part that is judged that ended before it.
    gone: BTreeMap<Option<String>, Ended>,
    /// Whether all series together are thin: only if nothing lists them.
    shared: Option<Shared>,
    /// What came for those that had to be looked at for that.
    taken: TakenSeries,
    /// Remarks of the source.
    pub notes: Vec<String>,
}

/// What came for each series, by `per`.
pub(super) type TakenSeries = BTreeMap<Option<String>, Taken>;

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
    /// Of a ratio: its events at the measured points.
    pub events: Option<EventSeries>,
    /// Of a ratio: why its counts cannot be right.
    pub impossible: Option<Undecided>,
}

/// What came for each grid point of one series, as far as its guard holds.
pub(super) struct Taken {
    pub values: Vec<Option<f64>>,
    pub points: Vec<Known>,
    /// Of a ratio.
    pub of_ratio: Option<ratio::Points>,
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
        let replies = Replies::read(observations, &asking.question, asking.part.as_ref())?;
        let reply = replies.values;
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
        let subjects = subjects(ask, replies, &shown.judged)?;
        if let Some(guard) = &guard {
            let is_used = |per: &str| subjects.iter().any(|of| of.per.as_deref() == Some(per));
            for series in guard.series.beside(is_used) {
                guard.says(Some(series))?;
            }
        }
        let mut measurable = Self {
            ask,
            grid,
            each: if ask.query.is_instant() {
                asking.length
            } else {
                grid.step()
            },
            subjects,
            guard,
            gone: BTreeMap::new(),
            shared: None,
            taken: TakenSeries::new(),
            notes: (std::iter::once(reply).chain(replies.part))
                .flat_map(|reply| reply.notes.iter().cloned())
                .chain(shown.note)
                .collect(),
        };
        if counts_together(ask, fresh_at) {
            measurable.taken = measurable.all_taken()?;
            measurable.shared = Some(Shared(measurable.thin_together(fresh_at)));
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
            if any_value(&self.taken(subject)?.points) {
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
        for series in subject.series.iter().chain(&subject.part) {
            if place(series, &self.grid)?.iter().any(Option::is_some) {
                return Ok(true);
            }
        }
        Ok(false)
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

    /// What came for the series that were looked at together: it is given once.
    pub fn give_taken(&mut self) -> TakenSeries {
        std::mem::take(&mut self.taken)
    }

    /// What came for each grid point, whatever its guard says; of a ratio the quotient.
    ///
    /// # Errors
    /// The same instant twice.
    pub fn sent(&self, subject: &JudgedSeries) -> Result<Vec<Option<f64>>, Undecided> {
        if self.ask.kpi.ratio.is_some() {
            let sent = ratio::sent(subject, &self.grid)?.into_iter();
            return Ok(sent.map(|sent| sent.quotient(self.ask.kpi.unit)).collect());
        }
        match subject.series {
            Some(series) => place(series, &self.grid),
            None => Ok(vec![None; self.grid.count()]),
        }
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
        Ok(self.measured(subject, self.taken(subject)?, fresh_at))
    }

    /// Measures one series of which it is known what came.
    pub fn measured(
        &self,
        subject: &JudgedSeries,
        taken: Taken,
        fresh_at: Option<Instant>,
    ) -> Measured {
        let Taken {
            values,
            points,
            of_ratio,
        } = taken;
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
        let why = of_ratio.as_ref().map(|points| points.why(self.ask));
        let thin = extent.thin.map(|thin| {
            let is_few = thin.code == Code::NoData || thin.code == Code::LowCoverage;
            match why.as_ref().filter(|_| is_few) {
                Some(why) => Undecided {
                    reason: format!("{}{why}", thin.reason),
                    ..thin
                },
                None => thin,
            }
        });
        let (events, impossible) = of_ratio
            .map(|points| (points.events, points.impossible))
            .unzip();
        Measured {
            values,
            points,
            thin,
            ended: extent.ended,
            events,
            impossible: impossible.flatten(),
        }
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
        let of = self.ask.kpi.ratio.map_or("", |_| " of `total`");
        match &self.ask.kpi.per {
            Some(label) => Undecided::new(
                Code::SeriesMissing,
                format!(
                    "no series{of} with {label}={:?} came back",
                    subject.per.as_deref().unwrap_or_default()
                ),
            ),
            None => no_series(self.ask),
        }
    }

    /// A value for each measured grid point, and what is known of each.
    pub(super) fn taken(&self, subject: &JudgedSeries) -> Result<Taken, Undecided> {
        let guarded = match &self.guard {
            Some(guard) => guard.says(guard.series.of(subject.per.as_deref()))?,
            None => vec![Guarded::Holds; self.grid.count()],
        };
        if self.ask.kpi.ratio.is_some() {
            let sent = ratio::sent(subject, &self.grid)?;
            return Ok(self.of_events(&sent, &guarded));
        }
        let mut values = self.sent(subject)?;
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
        Ok(Taken {
            values,
            points,
            of_ratio: None,
        })
    }

    /// The same of a ratio of events.
    fn of_events(&self, sent: &[Sent], guarded: &[Guarded]) -> Taken {
        let of_ratio = ratio::points(self.ask, &self.grid, self.each, sent, guarded);
        let whole = Ratio::whole(self.ask.kpi.unit);
        let value = |position| of_ratio.events.value(position).map(|value| value * whole);
        let values: Vec<Option<f64>> = (0..sent.len()).map(value).collect();
        let points = values.iter().zip(guarded).zip(sent);
        let points =
            points.map(|((value, guarded), sent)| guarded.known(value.is_some(), sent.came()));
        Taken {
            points: points.collect(),
            values,
            of_ratio: Some(of_ratio),
        }
    }

    /// What came for each series.
    ///
    /// # Errors
    /// The same instant twice.
    fn all_taken(&self) -> Result<TakenSeries, Undecided> {
        let subjects = self.subjects.iter();
        let taken = subjects.map(|one| Ok((one.per.clone(), self.taken(one)?)));
        taken.collect()
    }

    /// Rule 3, nothing listed: a point counts if at least one series is present.
    fn thin_together(&self, fresh_at: Option<Instant>) -> Option<Undecided> {
        let mut anywhere = vec![Known::Unguarded; self.grid.count()];
        for taken in self.taken.values() {
            join(&mut anywhere, &taken.points);
        }
        self.presence(&anywhere, fresh_at).thin_together()
    }
}

fn any_value(points: &[Known]) -> bool {
    points.iter().any(|known| has_value(*known))
}
