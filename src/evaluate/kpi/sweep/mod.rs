//! One condition on one KPI at many times: one pass over each series, whatever the window (B11), with what a check would say (B3)
//! and the limit at which it would say something else (B12).
//!
//! `slides` (windows that move) · `tape` (points, measured once) · `extents` (rules 3 and 4) · `line` (rule 5) · `single` (one time,
//! as a check judges it). Must not judge otherwise than a check: what cannot be judged in passing is handed to its own functions.

mod extents;
mod line;
mod single;
mod slides;
mod tape;

use std::cmp::Ordering;

use self::extents::{Extents, Unusual, Window};
use self::line::{Against, Kind, Line, Ruled, Together, limit_in_words};
use self::tape::{Asking, Tape};
use super::bad::{Expected, standing};
use super::baseline::{Baselines, Compared};
use super::known::{Known, join};
use super::limits;
use super::measure::Measurable;
use super::question::KpiQuestion;
use super::series::JudgedSeries;
use crate::assessment::{CriterionAssessment, Outcome};
use crate::evaluate::context::{PlacedCriterion, Undecided};
use crate::evaluate::history::History;
use crate::evaluate::swept::{FirstTrip, JudgedAt, Scale, Swept, Track};
use crate::kind::List;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Baseline, BaselineAs, Bound, Comparison, Continuity, Guard};
use crate::samples::{Grid, Observations, Question};
use crate::units::{Duration, Instant};

pub(in crate::evaluate) use self::single::check;

/// Judges a condition at many times, in order; of each, the stage began as long before.
pub(in crate::evaluate) fn sweep(
    ask: &KpiAsk,
    placed: &[PlacedCriterion<'_>],
    history: &History,
) -> Swept {
    let cases: Vec<Case<'_>> =
        (placed.iter().map(|placed| KpiQuestion::new(ask, placed))).collect();
    let mut names = Vec::new();
    let is_watched = placed
        .iter()
        .all(|placed| placed.moment.started().is_some());
    let pass = Pass::of(ask, &cases, is_watched, history);
    let passed = pass.and_then(|pass| pass.run(&mut names).ok());
    let passed = passed.unwrap_or_default();
    let mut one_by_one = 0;
    let judged = placed.iter().enumerate().map(|(time, placed)| {
        if let Some(judged) = passed.judged.get(time).copied().flatten() {
            return judged;
        }
        one_by_one += 1;
        alone(ask, placed, history, &mut names)
    });
    let judged: Vec<JudgedAt> = judged.collect();
    Swept {
        scale: scale_of(ask, placed.first().map(PlacedCriterion::list), passed.track),
        names,
        judged,
        one_by_one,
    }
}

type Case<'a> = Result<KpiQuestion<'a>, Undecided>;

/// One time, as a check judges it.
fn alone(
    ask: &KpiAsk,
    placed: &PlacedCriterion<'_>,
    history: &History,
    names: &mut Vec<Option<String>>,
) -> JudgedAt {
    let at_end = check(ask, placed, history);
    let trip = if single::is_stop(placed) {
        trip_alone(ask, placed, history, &at_end)
    } else {
        None
    };
    JudgedAt {
        outcome: at_end.outcome,
        code: at_end.code,
        value: single::value(&at_end),
        critical: single::critical(ask, &at_end),
        trip: trip.map(|(at, series)| FirstTrip {
            at,
            series: place(names, series),
        }),
    }
}

fn trip_alone(
    ask: &KpiAsk,
    placed: &PlacedCriterion<'_>,
    history: &History,
    at_end: &CriterionAssessment,
) -> Option<(Instant, Option<String>)> {
    if placed.moment.started().is_none() {
        let tripped = at_end.outcome == Outcome::Tripped;
        return tripped.then(|| (placed.moment.at, single::series(at_end).map(str::to_owned)));
    }
    single::first_trip(ask, placed, history, at_end)
}

/// The place of a series among the names, where it is put if it is new.
fn place(names: &mut Vec<Option<String>>, series: Option<String>) -> usize {
    let known = names.iter().position(|name| *name == series);
    known.unwrap_or_else(|| {
        names.push(series);
        names.len() - 1
    })
}

fn scale_of(ask: &KpiAsk, list: Option<List>, track: Option<Track>) -> Option<Scale> {
    let (condition, list) = (&ask.condition, list?);
    let now = limit_in_words(&condition.bound)?;
    let (value, comparison) = (condition.comparison, condition.wanted(list == List::Stop));
    let strict = match value {
        Comparison::Less | Comparison::Greater => list == List::Stop,
        Comparison::LessOrEqual | Comparison::GreaterOrEqual => list != List::Stop,
        Comparison::Equal | Comparison::NotEqual => return None,
    };
    let below = matches!(condition.bound, Bound::Below(_));
    Some(Scale {
        now,
        high: comparison.is_upper() != below,
        strict,
        track,
    })
}

/// What a pass found: nothing for the times at which a check has to be asked.
#[derive(Default)]
struct Passed {
    judged: Vec<Option<JudgedAt>>,
    track: Option<Track>,
}

/// One pass over the series of a condition.
struct Pass<'a> {
    ask: &'a KpiAsk,
    cases: &'a [Case<'a>],
    /// The case that stands for all in what does not depend on the time.
    one: &'a KpiQuestion<'a>,
    history: &'a History,
    grid: Grid,
    kind: Kind,
    samples: Asking,
    baseline: Option<(Asking, Duration)>,
    /// The bound, where it never changes.
    fixed: Option<f64>,
    /// Whether a stage is watched from its start on; otherwise moments are judged.
    is_watched: bool,
    /// Of each time its window; `None` where a check has to be asked.
    windows: Vec<Option<Window>>,
}

/// The bounds of the series at one time.
enum Bounds {
    /// Known whatever the time, or those of the partners.
    Known,
    /// By the place of the series: one for all its points.
    Of(Vec<Against>),
}

impl<'a> Pass<'a> {
    /// `None` where each time has to be judged by a check.
    fn of(
        ask: &'a KpiAsk,
        cases: &'a [Case<'a>],
        is_watched: bool,
        history: &'a History,
    ) -> Option<Self> {
        let is_instant = |guard: &Guard| guard.query.is_instant();
        if ask.query.is_instant() || ask.guard.as_ref().is_some_and(is_instant) {
            return None;
        }
        let grids = || cases.iter().flatten().filter_map(|case| case.samples.grid);
        let first = grids().map(|grid| grid.first()).min()?;
        let last = grids().map(|grid| grid.last()).max()?;
        let grid = Grid::inside(first, last, ask.step)?;
        let one = cases.iter().flatten().next()?;
        let kind = Kind::of(&ask.condition, one.list, grid)?;
        let samples = Asking::of(&one.samples, grid, history)?;
        let baseline = match shift(ask) {
            Shift::None => None,
            Shift::By(shift) => {
                let asking = one.baseline.as_ref()?.as_ref().ok()?;
                let earlier = Grid::inside(first - shift, last - shift, ask.step)?;
                Some((Asking::of(asking, earlier, history)?, shift))
            }
            Shift::Unusual => return None,
        };
        let relative = ask.condition.is_relative();
        let fixed = (!relative).then(|| limits::one(&ask.condition, None).ok());
        let fixed = fixed.flatten().map(|limits| limits.bound(0));
        let mut pass = Self {
            ask,
            cases,
            one,
            history,
            grid,
            kind,
            samples,
            baseline,
            fixed,
            is_watched,
            windows: Vec::new(),
        };
        pass.windows = cases.iter().map(|case| pass.window(case)).collect();
        Some(pass)
    }

    /// The window of a time, if each of its questions has a whole answer.
    fn window(&self, case: &Case<'_>) -> Option<Window> {
        let case = case.as_ref().ok()?;
        let grid = case.samples.grid?;
        let window = (
            self.grid.position(grid.first())?,
            self.grid.position(grid.last())?,
        );
        if case.incomplete.is_some() {
            return None;
        }
        if let Some((_, shift)) = &self.baseline {
            let beside = case.baseline.as_ref()?.as_ref().ok()?.grid?;
            let as_long = beside.count() == grid.count();
            if beside.first() + *shift != grid.first() || !as_long {
                return None;
            }
        }
        let is_whole = self.samples.is_whole
            && case.whole.is_none()
            && self
                .baseline
                .as_ref()
                .is_none_or(|(baseline, _)| baseline.is_whole);
        let answered = || {
            let mut questions = case.questions();
            questions.all(|question| self.history.first_unanswered(question).is_none())
        };
        (is_whole || answered()).then_some(window)
    }

    fn run(mut self, names: &mut Vec<Option<String>>) -> Result<Passed, Undecided> {
        let end = self.grid.last();
        let measurable = self.samples.measurable(self.ask, Some(end))?;
        let beside = match &self.baseline {
            Some((baseline, _)) => Some(baseline.measurable(self.ask, None)?),
            None => None,
        };
        let together = self.together(&measurable, beside.as_ref())?;
        let bounds = self.bounds(&measurable.subjects);
        let limits = scale_of(self.ask, Some(self.one.list), None);
        let mut windows = std::mem::take(&mut self.windows);
        let mut best: Vec<Option<Best>> = vec![None; windows.len()];
        let mut held = Vec::new();
        for (place, subject) in measurable.subjects.iter().enumerate() {
            names.push(subject.per.clone());
            let Some(tape) = self.tape(&measurable, beside.as_ref(), subject)? else {
                return Ok(Passed::default());
            };
            let (kind, expected) = (self.kind, expected(self.ask));
            let mut line = Line::new(self.one, (self.grid, kind, expected), tape, self.fixed);
            for (time, window) in windows.iter_mut().enumerate() {
                let Some(found) = *window else { continue };
                let against = match bounds.get(time) {
                    Some(Bounds::Of(each)) => each.get(place).copied(),
                    Some(Bounds::Known) => Some(self.against()),
                    None => None,
                };
                let ruled = against.ok_or(Unusual).and_then(|against| {
                    self.rule(&mut line, (time, found), against, together.as_ref())
                });
                match ruled {
                    Ok(Some(found)) => {
                        if let Some(best) = best.get_mut(time) {
                            let of = (self.ask, self.one.list);
                            Best::add(best, &found, of, limits.as_ref(), place);
                        }
                    }
                    Ok(None) => {}
                    Err(Unusual) => *window = None,
                }
            }
            let sign = line.sign_in_words();
            if let Some(found) = line.held.take() {
                held.push(found.levels.into_iter().map(|level| sign * level).collect());
            }
        }
        let judged = windows.iter().zip(best).map(|(window, best)| {
            let best = best.filter(|_| window.is_some())?;
            Some(best.judged)
        });
        let judged = judged.collect();
        Ok(Passed {
            judged,
            track: self.track(&windows, held),
        })
    }

    fn against(&self) -> Against {
        match self.fixed {
            Some(bound) => Against::One {
                bound,
                baseline: None,
            },
            None => Against::Each,
        }
    }

    fn tape(
        &self,
        measurable: &Measurable<'_>,
        beside: Option<&Measurable<'_>>,
        subject: &JudgedSeries<'_>,
    ) -> Result<Option<Tape>, Undecided> {
        let partner = beside.map(|beside| {
            let mut all = beside.subjects.iter();
            let found = all.find(|one| one.per == subject.per);
            found.map(|found| (beside, found))
        });
        match partner {
            None => Tape::of(self.ask, measurable, subject, None).map(Some),
            Some(Some(pair)) => Tape::of(self.ask, measurable, subject, Some(pair)).map(Some),
            Some(None) => Ok(None),
        }
    }

    /// Rule 3, nothing listed: the points of all series together.
    fn together(
        &self,
        measurable: &Measurable<'_>,
        beside: Option<&Measurable<'_>>,
    ) -> Result<Option<Together>, Undecided> {
        if !measurable.counts_together() {
            return Ok(None);
        }
        let nothing = || vec![Known::Unguarded; self.grid.count()];
        let (mut all, mut paired) = (nothing(), nothing());
        for subject in &measurable.subjects {
            join(&mut all, &measurable.values(subject)?.1);
            if beside.is_some()
                && let Some(tape) = self.tape(measurable, beside, subject)?
            {
                join(&mut paired, &tape.points);
            }
        }
        let extents = |points: &[Known]| Extents::of(self.ask, self.grid, points);
        Ok(Some(Together {
            extents: extents(&all),
            pairs: beside.map(|_| extents(&paired)),
        }))
    }

    /// The bounds at each time: of a baseline that is one value, by the check's own functions.
    fn bounds(&self, subjects: &[JudgedSeries<'_>]) -> Vec<Bounds> {
        let is_known = self.fixed.is_some() || self.baseline.is_some();
        let mut last: Option<(Question, Baselines)> = None;
        let times = self.cases.iter().zip(&self.windows).map(|(case, window)| {
            let (Ok(case), Some(_), false) = (case, window, is_known) else {
                return Bounds::Known;
            };
            let asked = case
                .baseline
                .as_ref()
                .and_then(|asking| asking.as_ref().ok());
            let question = asked.map(|asking| &asking.question);
            let is_new = last.as_ref().map(|(question, _)| question) != question;
            if is_new {
                let baselines = self.baselines(case);
                last = question.cloned().zip(baselines);
            }
            let of = |subject: &JudgedSeries<'_>| {
                let (_, baselines) = last.as_ref()?;
                let compared = baselines.series(subject.per.as_deref()).ok()?;
                let Compared::One(baseline) = compared else {
                    return None;
                };
                let limits = limits::one(&self.ask.condition, Some(baseline)).ok()?;
                let (bound, baseline) = (limits.bound(0), Some(baseline));
                Some(Against::One { bound, baseline })
            };
            match subjects.iter().map(of).collect() {
                Some(each) => Bounds::Of(each),
                None => Bounds::Of(Vec::new()),
            }
        });
        times.collect()
    }

    fn baselines(&self, case: &KpiQuestion<'_>) -> Option<Baselines> {
        let questions = case.purposes().filter(|(purpose, _)| purpose.of_baseline);
        let answers = questions.map(|(_, question)| {
            let answer = self.history.cut(question);
            (question.clone(), answer)
        });
        let observations: Observations = answers.collect();
        Baselines::of(case, &observations)
    }

    /// What is found of a series at one time; `None` where nothing lists it, and it was not there.
    fn rule(
        &self,
        line: &mut Line<'_>,
        (time, window): (usize, Window),
        against: Against,
        together: Option<&Together>,
    ) -> Result<Option<Found>, Unusual> {
        let case = self
            .cases
            .get(time)
            .and_then(|case| case.as_ref().ok())
            .ok_or(Unusual)?;
        if !line.tape().came(window) {
            let is_listed = self.ask.kpi.per.is_none() || self.ask.expected.is_some();
            let simple = !is_listed && self.ask.guard.is_none() && case.whole.is_none();
            return if simple { Ok(None) } else { Err(Unusual) };
        }
        if !line.tape().has_partner(window) {
            return Err(Unusual);
        }
        let has_value = line.tape().extents.has_value(window);
        if case.whole.is_some() && !has_value {
            return Err(Unusual);
        }
        let ends = self.ask.kpi.continuity == Continuity::Each;
        let among = together.map(|together| (together, ends));
        let thin = line.thin(window, case.at, among)?;
        let ruled = line.rule(window, thin, against);
        let trip = if case.list == List::Stop {
            self.first_trip(line, window, (against, &ruled), among)?
        } else {
            None
        };
        let trip = trip.map(|position| self.grid.at(position) + self.ask.kpi.delay);
        Ok(Some(Found { ruled, trip }))
    }

    fn first_trip(
        &self,
        line: &mut Line<'_>,
        window: Window,
        (against, ruled): (Against, &Ruled),
        among: Option<(&Together, bool)>,
    ) -> Result<Option<usize>, Unusual> {
        if !self.is_watched {
            return Ok((ruled.outcome == Outcome::Tripped).then_some(window.1));
        }
        match (self.kind, against) {
            (Kind::Lasting(length), Against::One { bound, .. }) if self.fixed.is_none() => {
                if moves(self.ask) {
                    return Err(Unusual);
                }
                Ok(line.first_trip_over(window, length, bound))
            }
            (Kind::Lasting(length), Against::One { .. } | Against::Each) => {
                line.first_trip(window, length)
            }
            (Kind::Share(_) | Kind::Reduced(_), _) if self.fixed.is_some() => line
                .first_trip_growing(window, against, &|line, grown| {
                    line.thin(grown, self.grid.at(grown.1), among)
                }),
            (Kind::Every | Kind::Share(_) | Kind::Reduced(_), _) => Err(Unusual),
        }
    }

    fn track(&self, windows: &[Option<Window>], held: Vec<Vec<f64>>) -> Option<Track> {
        let length = match self.kind {
            Kind::Lasting(length) => length,
            Kind::Every | Kind::Share(_) | Kind::Reduced(_) => return None,
        };
        let from = |window: &Option<Window>| window.map(|(first, last)| (first + length - 1, last));
        Some(Track {
            first: self.grid.first(),
            step: self.grid.step(),
            delay: self.ask.kpi.delay,
            held,
            windows: windows.iter().map(from).collect(),
        })
    }
}

/// How a baseline's points lie beside the judged ones.
enum Shift {
    /// There are none: no baseline, or one that becomes one value.
    None,
    By(Duration),
    /// Only a check knows.
    Unusual,
}

fn shift(ask: &KpiAsk) -> Shift {
    let is_relative = ask.condition.is_relative();
    let Some(baseline) = ask.baseline.as_ref().filter(|_| is_relative) else {
        return Shift::None;
    };
    match (ask.baseline_as, ask.condition.reducer) {
        (BaselineAs::One(_), _) => Shift::None,
        (BaselineAs::Points, Some(_)) => Shift::Unusual,
        (BaselineAs::Points, None) => match baseline {
            Baseline::Vars { .. } => Shift::By(Duration::ZERO),
            Baseline::Offset(offset) if offset.millis() % ask.step.millis() == 0 => {
                Shift::By(*offset)
            }
            Baseline::Offset(_)
            | Baseline::Before(_)
            | Baseline::Between(..)
            | Baseline::File(_) => Shift::Unusual,
        },
    }
}

/// Whether a bound moves while a stage is watched: that of a baseline that is one value and grows with what is judged.
fn moves(ask: &KpiAsk) -> bool {
    match &ask.baseline {
        Some(Baseline::Offset(_) | Baseline::Vars { .. }) => ask.condition.is_relative(),
        Some(Baseline::Before(_) | Baseline::Between(..) | Baseline::File(_)) | None => false,
    }
}

fn expected(ask: &KpiAsk) -> Expected {
    match (
        ask.kpi.per.is_some() && ask.expected.is_none(),
        ask.kpi.continuity,
    ) {
        (false, _) => Expected::Throughout,
        (true, Continuity::Each) => Expected::OnceThere,
        (true, Continuity::Any) => Expected::WhileThere,
    }
}

/// What is found of a series, and when it trips first.
struct Found {
    ruled: Ruled,
    trip: Option<Instant>,
}

/// The series that decides so far, and the first that tripped.
#[derive(Debug, Clone, Copy)]
struct Best {
    standing: (u8, f64),
    judged: JudgedAt,
    /// Whether a series is bad whose critical value is not known: then nobody knows that of all.
    is_open: bool,
}

impl Best {
    /// Takes in one more series: of equals the first decides, and the first that trips.
    fn add(
        best: &mut Option<Self>,
        found: &Found,
        (ask, list): (&KpiAsk, List),
        limits: Option<&Scale>,
        series: usize,
    ) {
        let Found { ruled, trip } = found;
        let beside = ruled.value.zip(ruled.bound);
        let standing = standing(&ask.condition, list, (ruled.outcome, false), beside);
        let trip = trip.map(|at| FirstTrip { at, series });
        let is_bad = match ruled.outcome {
            Outcome::Unmet | Outcome::Tripped => true,
            Outcome::Unknown | Outcome::Met | Outcome::Clear => trip.is_some(),
        };
        let new = Self {
            is_open: is_bad && ruled.critical.is_none(),
            standing,
            judged: JudgedAt {
                outcome: ruled.outcome,
                code: ruled.code,
                value: ruled.value,
                critical: ruled.critical,
                trip,
            },
        };
        let Some(before) = best else {
            *best = Some(new);
            return;
        };
        let is_worse = new.standing.partial_cmp(&before.standing) == Some(Ordering::Greater);
        let first = [before.judged.trip, trip]
            .into_iter()
            .flatten()
            .min_by_key(|trip| trip.at);
        let is_open = before.is_open || new.is_open;
        let critical = worst_critical(before.judged.critical, ruled.critical, limits);
        if is_worse {
            *before = new;
        }
        before.is_open = is_open;
        before.judged.trip = first;
        before.judged.critical = critical.filter(|_| !is_open);
    }
}

/// The limit at which the verdict flips is that of the series that needs the loosest.
fn worst_critical(one: Option<f64>, other: Option<f64>, limits: Option<&Scale>) -> Option<f64> {
    let (Some(one), Some(other)) = (one, other) else {
        return one.or(other);
    };
    let limits = limits?;
    Some(if limits.high {
        one.max(other)
    } else {
        one.min(other)
    })
}
