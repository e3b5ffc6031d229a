//! The points of one series over a long time, measured as for one window: the same rules, asked once. Must not judge them.

use super::events::Tallied;
use super::extents::{Extents, Window};
use super::slides::Counts;
use crate::evaluate::context::Undecided;
use crate::evaluate::history::History;
use crate::evaluate::kpi::known::Known;
use crate::evaluate::kpi::limits::keep_pairs;
use crate::evaluate::kpi::measure::{Measurable, Taken};
use crate::evaluate::kpi::possible::take_impossible;
use crate::evaluate::kpi::question::GuardedQuestion;
use crate::evaluate::kpi::ratio;
use crate::evaluate::kpi::series::JudgedSeries;
use crate::plan::criteria::KpiAsk;
use crate::samples::{Asked, Grid, Observations, Question, Series};
use crate::units::Instant;

/// One series over a long time.
pub(super) struct Tape {
    /// The values that are possible; where points have partners, only those that have one.
    pub possible: Vec<Option<f64>>,
    /// What is known of each point.
    pub points: Vec<Known>,
    /// Whether that is enough, in any window; before partners are asked for.
    pub extents: Extents,
    /// With partners.
    pub pairs: Option<Pairs>,
    /// Of a ratio: its events; where points have partners, only those of points that have one.
    pub events: Option<Tallied>,
    came: Counts,
    /// Of a ratio: where the errors or good events came.
    part_came: Option<Counts>,
    impossible: Option<Counts>,
    /// Of a ratio: where no counts can be like that.
    contradicts: Option<Counts>,
}

/// The partners of a series.
pub(super) struct Pairs {
    /// At the places of the judged points.
    pub partners: Vec<Option<f64>>,
    /// Whether enough points have one.
    pub extents: Extents,
    came: Counts,
    impossible: Option<Counts>,
    events: Option<Tallied>,
    contradicts: Option<Counts>,
}

/// A question of a condition, over a long time.
pub(super) struct Asking {
    asked: GuardedQuestion,
    observations: Observations,
    /// Whether each point has a whole answer.
    pub is_whole: bool,
}

impl Asking {
    /// What came back; `None` if nothing was asked.
    pub fn of(asking: &GuardedQuestion, grid: Grid, history: &History) -> Option<Self> {
        let mut asking = asking.clone();
        asking.grid = Some(grid);
        asking.question = over(&asking.question, grid);
        asking.part = asking.part.map(|part| over(&part, grid));
        if let Some(guard) = &mut asking.guard {
            guard.question = over(&guard.question, grid);
        }
        let guard = asking.guard.iter().map(|guard| &guard.question);
        let questions: Vec<&Question> = (std::iter::once(&asking.question))
            .chain(&asking.part)
            .chain(guard)
            .collect();
        let answered = |question: &&Question| history.first_unanswered(question).is_none();
        let is_whole = questions.iter().all(answered);
        let answers = questions.into_iter().map(|question| {
            let reply = history.all(question, grid)?;
            Some((question.clone(), Ok(reply)))
        });
        let observations = answers.collect::<Option<Observations>>()?;
        Some(Self {
            asked: asking,
            observations,
            is_whole,
        })
    }

    /// Measures it. `fresh_at` is the end of all that is judged; `None` for baselines.
    ///
    /// # Errors
    /// Ambiguous answers.
    pub fn measurable<'a>(
        &'a self,
        ask: &'a KpiAsk,
        fresh_at: Option<Instant>,
    ) -> Result<Measurable<'a>, Undecided> {
        Measurable::new(ask, &self.asked, &self.observations, fresh_at)
    }
}

fn over(question: &Question, grid: Grid) -> Question {
    Question {
        asked: Asked::Range(grid),
        ..question.clone()
    }
}

impl Tape {
    /// Measures a series; `beside` are the points of its baseline.
    ///
    /// # Errors
    /// The same instant twice.
    pub fn of(
        ask: &KpiAsk,
        measurable: &Measurable<'_>,
        subject: &JudgedSeries<'_>,
        beside: Option<(&Measurable<'_>, &JudgedSeries<'_>)>,
    ) -> Result<Self, Undecided> {
        let grid = measurable.grid;
        let Taken {
            values,
            mut points,
            of_ratio,
        } = measurable.taken(subject)?;
        let contradicts = contradictions(of_ratio.as_ref(), grid);
        let mut events = of_ratio.map(|points| points.events);
        let mut possible = values.clone();
        take_impossible(&ask.kpi, &grid, &mut possible);
        let impossible = taken(&values, &possible);
        let extents = Extents::of(ask, grid, &points);
        let mut pairs = None;
        if let Some((baseline, partner)) = beside {
            let found = Pairs::of(ask, baseline, partner)?;
            keep_pairs(&mut possible, &found.partners);
            let mut kept = values;
            keep_pairs(&mut kept, &found.partners);
            if let Some(events) = &mut events {
                events.keep(|position| kept.get(position).copied().flatten().is_some());
            }
            for (known, value) in points.iter_mut().zip(&kept) {
                if *known == Known::Measured && value.is_none() {
                    *known = Known::Unpaired;
                }
            }
            pairs = Some(Pairs {
                extents: Extents::of(ask, grid, &points),
                ..found
            });
        }
        Ok(Self {
            possible,
            points,
            extents,
            pairs,
            events: events.map(Tallied::of),
            came: came(subject.series, &grid),
            part_came: (ask.kpi.ratio.as_ref()).map(|_| came(subject.part, &grid)),
            impossible,
            contradicts,
        })
    }

    /// Whether a window's answer holds the series.
    pub fn came(&self, window: Window) -> bool {
        self.came.within(window) > 0
    }

    /// Whether it holds nothing of the series at all, of neither query of a ratio.
    pub fn is_absent(&self, window: Window) -> bool {
        let part = self.part_came.as_ref();
        !self.came(window) && part.is_none_or(|part| part.within(window) == 0)
    }

    /// R2: the first position of a window at which no counts can be like that.
    pub fn contradiction(&self, window: Window) -> Option<usize> {
        let contradicts = self.contradicts.as_ref()?;
        if contradicts.within(window) == 0 {
            return None;
        }
        (window.0..=window.1).find(|position| contradicts.within((*position, *position)) > 0)
    }

    /// The same of its baseline, at any position.
    pub fn is_compared_with_contradictions(&self, window: Window) -> bool {
        let pairs = self.pairs.as_ref();
        let contradicts = pairs.and_then(|pairs| pairs.contradicts.as_ref());
        contradicts.is_some_and(|contradicts| contradicts.within(window) > 0)
    }

    /// R4: whether a window holds too few events.
    pub fn is_few(&self, ask: &KpiAsk, window: Window) -> bool {
        let events = self.events.as_ref();
        events.is_some_and(|events| events.is_few(ask, window))
    }

    /// The same of its baseline.
    pub fn has_few_partners(&self, ask: &KpiAsk, window: Window) -> bool {
        let events = self.pairs.as_ref().and_then(|pairs| pairs.events.as_ref());
        events.is_some_and(|events| events.is_few(ask, window))
    }

    /// Whether a window's answer holds its baseline, if it has one.
    pub fn has_partner(&self, window: Window) -> bool {
        let pairs = self.pairs.as_ref();
        pairs.is_none_or(|pairs| pairs.came.within(window) > 0)
    }

    /// Whether a window holds a value, or a partner, that cannot be.
    pub fn is_spoilt(&self, window: Window) -> bool {
        let pairs = self.pairs.iter();
        let all = self
            .impossible
            .iter()
            .chain(pairs.flat_map(|pairs| &pairs.impossible));
        all.into_iter()
            .any(|impossible| impossible.within(window) > 0)
    }
}

impl Pairs {
    /// The points of a baseline that are finite and possible.
    fn of(
        ask: &KpiAsk,
        measurable: &Measurable<'_>,
        subject: &JudgedSeries<'_>,
    ) -> Result<Self, Undecided> {
        let grid = measurable.grid;
        let Taken {
            values,
            points,
            of_ratio,
        } = measurable.taken(subject)?;
        let mut possible = values.clone();
        take_impossible(&ask.kpi, &grid, &mut possible);
        let impossible = taken(&values, &possible);
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        Ok(Self {
            partners: possible.into_iter().map(finite).collect(),
            extents: Extents::of(ask, grid, &points),
            came: came(subject.series, &grid),
            impossible,
            contradicts: contradictions(of_ratio.as_ref(), grid),
            events: of_ratio.map(|points| Tallied::of(points.events)),
        })
    }
}

/// Where values were taken away; `None` if nowhere.
fn taken(values: &[Option<f64>], kept: &[Option<f64>]) -> Option<Counts> {
    let pairs = || values.iter().zip(kept);
    let gone = |(value, kept): (&Option<f64>, &Option<f64>)| value.is_some() && kept.is_none();
    pairs().any(gone).then(|| Counts::of(pairs().map(gone)))
}

/// Where no counts of a ratio can be like that; `None` if nowhere.
fn contradictions(points: Option<&ratio::Points>, grid: Grid) -> Option<Counts> {
    let points = points.filter(|points| !points.impossible_at.is_empty())?;
    let mut contradicts = vec![false; grid.count()];
    for position in &points.impossible_at {
        if let Some(place) = contradicts.get_mut(*position) {
            *place = true;
        }
    }
    Some(Counts::of(contradicts.into_iter()))
}

/// Where a sample came, were it NaN.
fn came(series: Option<&Series>, grid: &Grid) -> Counts {
    let mut came = vec![false; grid.count()];
    for point in series.iter().flat_map(|series| &series.points) {
        let place = grid.position(point.at).and_then(|at| came.get_mut(at));
        if let Some(place) = place {
            *place = true;
        }
    }
    Counts::of(came.into_iter())
}
