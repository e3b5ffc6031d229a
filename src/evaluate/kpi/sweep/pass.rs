//! One pass over the series of a condition, at many times. Must not judge a window: `line` does.

use super::best::{Best, Found, scale_of};
use super::extents::{Extents, Unusual, Window};
use super::kind::{Against, Kind, Ruled, Together};
use super::line::Line;
use super::over::early_of_all;
use super::tape::{Asking, Tape};
use crate::assessment::Outcome;
use crate::evaluate::context::Undecided;
use crate::evaluate::history::History;
use crate::evaluate::kpi::bad::Expected;
use crate::evaluate::kpi::baseline::{Baselines, Compared};
use crate::evaluate::kpi::known::{Known, join};
use crate::evaluate::kpi::limits;
use crate::evaluate::kpi::measure::{Measurable, TakenSeries};
use crate::evaluate::kpi::question::KpiQuestion;
use crate::evaluate::kpi::series::JudgedSeries;
use crate::evaluate::swept::{JudgedAt, Track};
use crate::kind::List;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Baseline, BaselineAs, Continuity, Guard, Query};
use crate::samples::{Grid, Observations, Question};
use crate::units::Duration;

/// One time, or why nothing is judged then.
pub(super) type Case<'a> = Result<KpiQuestion<'a>, Undecided>;

/// What a pass found: nothing for the times at which a check has to be asked.
#[derive(Default)]
pub(super) struct Passed {
    pub judged: Vec<Option<JudgedAt>>,
    pub track: Option<Track>,
}

/// One pass over the series of a condition.
pub(super) struct Pass<'a> {
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
    pub fn of(
        ask: &'a KpiAsk,
        cases: &'a [Case<'a>],
        is_watched: bool,
        history: &'a History,
    ) -> Option<Self> {
        let is_instant = |guard: &Guard| guard.query.is_instant();
        if ask.query.is_instant()
            || ask.part.as_ref().is_some_and(Query::is_instant)
            || ask.guard.as_ref().is_some_and(is_instant)
        {
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

    pub fn run(mut self, names: &mut Vec<Option<String>>) -> Result<Passed, Undecided> {
        let end = self.grid.last();
        let mut measurable = self.samples.measurable(self.ask, Some(end))?;
        let taken = measurable.give_taken();
        let beside = match &self.baseline {
            Some((baseline, _)) => Some(baseline.measurable(self.ask, None)?),
            None => None,
        };
        let together = self.together(&measurable, taken, beside.as_ref())?;
        let bounds = self.bounds(&measurable.subjects);
        let limits = scale_of(self.ask, Some(self.one.list), None);
        let mut windows = std::mem::take(&mut self.windows);
        let mut best: Vec<Option<Best>> = vec![None; windows.len()];
        let (mut held, mut is_worded) = (Vec::new(), true);
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
            is_worded &= line.unworded.within((0, self.grid.count() - 1)) == 0;
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
            track: self.track(&windows, held).filter(|_| is_worded),
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
        taken: TakenSeries,
        beside: Option<&Measurable<'_>>,
    ) -> Result<Option<Together>, Undecided> {
        if !measurable.counts_together() {
            return Ok(None);
        }
        let nothing = || vec![Known::Unguarded; self.grid.count()];
        let (mut all, mut paired) = (nothing(), nothing());
        for of_one in taken.into_values() {
            join(&mut all, &of_one.points);
        }
        let subjects = measurable.subjects.iter().filter(|_| beside.is_some());
        for subject in subjects {
            if let Some(tape) = self.tape(measurable, beside, subject)? {
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
        line: &mut Line<'a>,
        (time, window): (usize, Window),
        against: Against,
        together: Option<&Together>,
    ) -> Result<Option<Found>, Unusual> {
        let case = self
            .cases
            .get(time)
            .and_then(|case| case.as_ref().ok())
            .ok_or(Unusual)?;
        (line.case, line.span) = (case, case.judged.length());
        if !line.tape().came(window) {
            let is_listed = self.ask.kpi.per.is_none() || self.ask.expected.is_some();
            let is_absent = line.tape().is_absent(window);
            let simple =
                is_absent && !is_listed && self.ask.guard.is_none() && case.whole.is_none();
            return if simple { Ok(None) } else { Err(Unusual) };
        }
        if !line.tape().has_partner(window) || line.tape().is_compared_with_contradictions(window) {
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
        // In a window that has only begun, a series that comes later is not there yet: neither as zeros nor as points that are quiet.
        // A check sees nothing trip once counts contradict each other.
        let window = match line.tape().contradiction(window) {
            Some(position) if position == window.0 => return Ok(None),
            Some(position) => (window.0, position - 1),
            None => window,
        };
        let is_there_at_once = among.is_none() && line.tape().came((window.0, window.0));
        let may_come_later = self.ask.guard.is_some() && !is_there_at_once;
        let trip = match (self.kind, against) {
            (Kind::Lasting(length), Against::One { bound, .. }) if self.fixed.is_none() => {
                if moves(self.ask) {
                    return Err(Unusual);
                }
                line.first_trip_over(window, length, bound)
            }
            (Kind::Lasting(length), Against::One { .. } | Against::Each) => {
                line.first_trip(window, length)?
            }
            (Kind::Over, _) if self.fixed.is_none() && moves(self.ask) => return Err(Unusual),
            (Kind::Over, _) => line.first_look_back(window, against)?,
            (Kind::Counted(_), Against::One { .. }) if self.fixed.is_none() && moves(self.ask) => {
                return Err(Unusual);
            }
            (Kind::Counted(decisive), Against::One { bound, .. }) => {
                line.first_count(window, decisive, Some(bound))
            }
            (Kind::Counted(decisive), Against::Each) => line.first_count(window, decisive, None),
            (Kind::Share(_) | Kind::Reduced(_), _) if self.fixed.is_some() && !may_come_later => {
                line.first_trip_growing(window, against, &|line, grown| {
                    line.thin(grown, self.grid.at(grown.1), among)
                })?
            }
            (Kind::Every | Kind::Share(_) | Kind::Reduced(_), _) => return Err(Unusual),
        };
        if trip.is_some() && may_come_later {
            return Err(Unusual);
        }
        Ok(trip)
    }

    fn track(&self, windows: &[Option<Window>], held: Vec<Vec<f64>>) -> Option<Track> {
        // Levels are in the words of the limit only where the bound, or each point's partner, is known.
        let knows_bounds = self.fixed.is_some() || self.baseline.is_some();
        let early = |case: &Case<'_>, window: Window| match self.kind {
            Kind::Lasting(length) => Some(length - 1),
            Kind::Over => early_of_all(case.as_ref().ok()?, &self.grid, window),
            Kind::Every | Kind::Share(_) | Kind::Counted(_) | Kind::Reduced(_) => None,
        };
        let is_held = match self.kind {
            Kind::Lasting(_) | Kind::Over => self.one.list == List::Stop,
            Kind::Every | Kind::Share(_) | Kind::Counted(_) | Kind::Reduced(_) => false,
        };
        if !is_held || !knows_bounds {
            return None;
        }
        let from = |(case, window): (&Case<'_>, &Option<Window>)| {
            let (first, last) = (*window)?;
            Some((first + early(case, (first, last))?, last))
        };
        Some(Track {
            first: self.grid.first(),
            step: self.grid.step(),
            delay: self.ask.kpi.delay,
            held,
            windows: self.cases.iter().zip(windows).map(from).collect(),
            at_end: !self.is_watched,
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
