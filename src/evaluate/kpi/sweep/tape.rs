//! The points of one series over a long time, measured as for one window: the same rules, asked once. Must not judge them.

use super::extents::{Extents, Window};
use super::slides::Counts;
use crate::evaluate::context::Undecided;
use crate::evaluate::history::History;
use crate::evaluate::kpi::known::Known;
use crate::evaluate::kpi::limits::keep_pairs;
use crate::evaluate::kpi::measure::{Measurable, Taken};
use crate::evaluate::kpi::possible::take_impossible;
use crate::evaluate::kpi::question::GuardedQuestion;
use crate::evaluate::kpi::series::JudgedSeries;
use crate::plan::criteria::KpiAsk;
use crate::samples::{Asked, Grid, Observations, Question};
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
    came: Counts,
    impossible: Option<Counts>,
}

/// The partners of a series.
pub(super) struct Pairs {
    /// At the places of the judged points.
    pub partners: Vec<Option<f64>>,
    /// Whether enough points have one.
    pub extents: Extents,
    came: Counts,
    impossible: Option<Counts>,
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
        if let Some(guard) = &mut asking.guard {
            guard.question = over(&guard.question, grid);
        }
        let guard = asking.guard.iter().map(|guard| &guard.question);
        let questions: Vec<&Question> = std::iter::once(&asking.question).chain(guard).collect();
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
            values, mut points, ..
        } = measurable.taken(subject)?;
        let mut possible = values.clone();
        take_impossible(&ask.kpi, &grid, &mut possible);
        let impossible = taken(&values, &possible);
        let extents = Extents::of(ask, grid, &points);
        let mut pairs = None;
        if let Some((baseline, partner)) = beside {
            let found = Pairs::of(ask, baseline, partner)?;
            keep_pairs(&mut possible, &found.0);
            let mut kept = values;
            keep_pairs(&mut kept, &found.0);
            for (known, value) in points.iter_mut().zip(&kept) {
                if *known == Known::Measured && value.is_none() {
                    *known = Known::Unpaired;
                }
            }
            let extents = Extents::of(ask, grid, &points);
            pairs = Some(Pairs {
                partners: found.0,
                extents,
                came: found.1,
                impossible: found.2,
            });
        }
        Ok(Self {
            possible,
            points,
            extents,
            pairs,
            came: came(subject, &grid),
            impossible,
        })
    }

    /// Whether a window's answer holds the series.
    pub fn came(&self, window: Window) -> bool {
        self.came.within(window) > 0
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
    /// The finite and possible points of a baseline, where something came, and where it cannot be.
    #[expect(clippy::type_complexity, reason = "three lists over the same points")]
    fn of(
        ask: &KpiAsk,
        measurable: &Measurable<'_>,
        subject: &JudgedSeries<'_>,
    ) -> Result<(Vec<Option<f64>>, Counts, Option<Counts>), Undecided> {
        let values = measurable.taken(subject)?.values;
        let mut possible = values.clone();
        take_impossible(&ask.kpi, &measurable.grid, &mut possible);
        let impossible = taken(&values, &possible);
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        let partners = possible.into_iter().map(finite).collect();
        Ok((partners, came(subject, &measurable.grid), impossible))
    }
}

/// Where values were taken away; `None` if nowhere.
fn taken(values: &[Option<f64>], kept: &[Option<f64>]) -> Option<Counts> {
    let pairs = || values.iter().zip(kept);
    let gone = |(value, kept): (&Option<f64>, &Option<f64>)| value.is_some() && kept.is_none();
    pairs().any(gone).then(|| Counts::of(pairs().map(gone)))
}

/// Where a sample came, were it NaN.
fn came(subject: &JudgedSeries<'_>, grid: &Grid) -> Counts {
    let mut came = vec![false; grid.count()];
    for point in subject.series.iter().flat_map(|series| &series.points) {
        let place = grid.position(point.at).and_then(|at| came.get_mut(at));
        if let Some(place) = place {
            *place = true;
        }
    }
    Counts::of(came.into_iter())
}
