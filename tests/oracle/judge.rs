//! A second judge of one KPI criterion, naive on purpose: plain lists of times and values, every pair tried.
//!
//! Written from the rules of judgement alone. Must not use the crate's evaluation.

use super::events::{Rates, RatioInput};
use super::sure;
use gate::kind::List;
use gate::plan::{Comparison, Reducer};

/// Milliseconds.
pub type Time = i64;

/// A comparison with a baseline, or a number.
#[derive(Debug, Clone, Copy)]
pub enum Limit {
    Fixed(f64),
    Baseline,
    Plus(f64),
    Minus(f64),
    PlusShare(f64),
    MinusShare(f64),
    Times(f64),
    PlusMax(f64, f64),
}

/// Which points are the baseline's.
#[derive(Debug, Clone, Copy)]
pub enum Compare {
    Nothing,
    Offset(Time),
    Before(Time),
    Between(Time, Time),
    Vars,
}

/// `as` of a baseline.
#[derive(Debug, Clone, Copy)]
pub enum As {
    Unwritten,
    Points,
    One(Reducer, f64),
}

/// The values of one series, by time.
#[derive(Debug, Clone, Default)]
pub struct Values {
    pub per: Option<String>,
    pub points: Vec<(Time, f64)>,
}

/// What came back; `None` where it failed or came with a warning.
pub type Came = Option<Vec<Values>>;

/// Everything that decides.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a scene is a handful of switches"
)]
pub struct JudgeInput {
    pub list: List,
    pub at: Time,
    /// For a recovery gate: when the stage began and was rolled back at once.
    pub started: Option<Time>,
    /// When the next stage began: after the start, not after T.
    pub ended: Option<Time>,
    /// Whether the last window is judged, begun or not.
    pub trailing: bool,
    pub window: Time,
    pub settle: Time,
    pub step: Time,
    pub instant: bool,
    pub comparison: Comparison,
    pub limit: Limit,
    pub reducer: Option<(Reducer, f64)>,
    pub share: Option<u32>,
    /// `for N points` of a stop, `but N points` of anything else.
    pub points: Option<usize>,
    pub hold_for: Option<Time>,
    pub per: bool,
    pub listed: Option<Vec<String>>,
    pub guarded: bool,
    /// With one number for a whole window: whether a baseline of another length is compared with it.
    pub lengths_may_differ: bool,
    /// With one number for a whole window: whether its guard is one number, too, and asks for more than nothing.
    pub guard_in_window: bool,
    pub guard_asks_for_more: bool,
    pub zero: bool,
    pub max_age: Option<Time>,
    pub coverage: u32,
    /// The percentage of points at which the guard must not be false.
    pub active: u32,
    /// Whether a span in which the guard is false throughout is good.
    pub quiet_is_good: bool,
    /// Whether values are percentages, which cannot lie outside 0 to 100.
    pub percent: bool,
    /// Whether series that nothing lists may end before the span does.
    pub may_end: bool,
    pub baseline: Compare,
    pub written_as: As,
    /// How late samples may come: everything is judged that much before `at`.
    pub delay: Time,
    /// What it is a ratio of, if it is one of events.
    pub ratio: Option<RatioInput>,
    /// `at`, in percent.
    pub sure: Option<u32>,
}

/// `Some(true)`: good (met, clear); `Some(false)`: bad (unmet, tripped).
pub type Word = Option<bool>;

type Span = (Time, Time);

/// The answers: samples, guard, both for the baseline, and what the spans of a `$window` query hold.
pub struct Answers {
    pub main: Came,
    pub guard: Came,
    pub baseline: Came,
    pub baseline_guard: Came,
    pub companion: Came,
    pub baseline_companion: Came,
    /// Of a ratio, the errors or good events of all of these.
    pub part: Came,
    pub baseline_part: Came,
    pub companion_part: Came,
    pub baseline_companion_part: Came,
}

/// What one side of a comparison gets to see of itself.
#[derive(Clone, Copy)]
struct Side<'a> {
    span: Span,
    numbers: &'a Came,
    part: &'a Came,
    guard: &'a Came,
    behind: &'a Came,
    part_behind: &'a Came,
    /// Whether its points can be too old.
    ages: bool,
}

/// What a point behind one number shows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Behind {
    There,
    Quiet,
    /// The guard holds, or there is none, but there is no value.
    Empty,
    /// The guard is not known.
    Dark,
    /// Nor here, but there is a value.
    Unjudged,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "a series is a handful of findings"
)]
pub struct Measured {
    per: Option<String>,
    pub points: Vec<(Time, Option<f64>)>,
    /// Of a ratio.
    pub events: Vec<(Time, Option<Rates>)>,
    /// Whether its counts contradict each other.
    impossible: bool,
    pub thin: bool,
    /// Where the guard was measured and is false.
    pub quiet: Vec<Time>,
    /// Where there should be a value, and is none.
    absent: Vec<Time>,
    /// Whether that is everywhere, and good.
    is_good: bool,
    /// Where there was a value, with a partner or without.
    valued: Vec<Time>,
    /// Where a value came, and nobody knows whether its guard holds.
    unjudged: Vec<Time>,
    /// Whether a percentage is outside 0 to 100, or what lies behind a baseline's one number is not enough.
    spoilt: bool,
}

impl Measured {
    fn values(&self) -> Vec<f64> {
        self.points.iter().filter_map(|(_, value)| *value).collect()
    }
}

impl JudgeInput {
    /// T, or the delay before it.
    fn late(&self) -> Time {
        self.at - self.delay
    }

    /// The judged span, and what `for 2h` leaves of it.
    pub fn spans(&self) -> (Span, Span) {
        let end = self.end();
        let start = match (self.started, self.list) {
            (Some(started), List::Stop) => started + self.settle,
            (Some(started), List::Exit | List::Watch) if !self.trailing => {
                (started + self.settle).max(end - self.window)
            }
            (Some(rolled_back), List::Recovery) => rolled_back.max(end - self.window),
            _ => end - self.window,
        };
        let narrow = match self.hold_for {
            Some(length) if self.list != List::Stop => start.max(end - length),
            _ => start,
        };
        ((start, end), (narrow, end))
    }

    /// Where judging ends: where the next stage began, for what is the stage's own.
    fn end(&self) -> Time {
        match self.list {
            List::Entry | List::Recovery => self.late(),
            List::Exit | List::Stop | List::Watch => self
                .ended
                .map_or(self.late(), |ended| ended.min(self.late())),
        }
    }

    /// Whether the stage of an exit, stop or watch has begun, or need not have.
    fn has_begun(&self) -> bool {
        let own = matches!(self.list, List::Exit | List::Stop | List::Watch);
        !own || self.trailing || self.started.is_some()
    }

    /// Where the baseline's points are.
    pub fn baseline_span(&self) -> Option<Span> {
        let (whole, narrow) = self.spans();
        let equal = if self.by_points() { narrow } else { whole };
        match self.baseline {
            Compare::Nothing => None,
            Compare::Offset(by) => Some((equal.0 - by, equal.1 - by)),
            Compare::Before(length) => {
                let started = self.started?;
                self.as_long((started - length, started), whole)
            }
            Compare::Between(from, to) => self.as_long((from, to), whole),
            Compare::Vars => Some(equal),
        }
    }

    /// Of one number for a whole window, only the last part is as long; none if all of it is too short.
    fn as_long(&self, fixed: Span, judged: Span) -> Option<Span> {
        let needed = judged.1 - judged.0;
        match self.instant && !self.lengths_may_differ {
            true if fixed.1 - fixed.0 < needed => None,
            true => Some((fixed.1 - needed, fixed.1)),
            false => Some(fixed),
        }
    }

    /// The points of a span.
    pub fn grid(&self, span: Span) -> Vec<Time> {
        if self.instant {
            return if span.1 - span.0 >= 1000 {
                vec![span.1]
            } else {
                Vec::new()
            };
        }
        self.multiples(span)
    }

    /// The multiples of the step in a span.
    pub fn multiples(&self, span: Span) -> Vec<Time> {
        let multiples = span.0.div_euclid(self.step)..=span.1.div_euclid(self.step);
        multiples
            .map(|k| k * self.step)
            .filter(|time| *time >= span.0)
            .collect()
    }

    /// The judgement of this criterion.
    pub fn judge(&self, answers: &Answers) -> Word {
        if self.list == List::Recovery && self.started.is_none() || !self.has_begun() {
            return None;
        }
        let now = self.now(answers);
        let mut series = self.measure(now)?;
        series.extend(self.only_behind(now, &series));
        let ended = self.ended_before(answers)?;
        series.retain(|one| !(self.may_end && ended.contains(&one.per)));
        for one in &mut series {
            let is_over = ended.contains(&one.per);
            one.thin |= is_over;
            one.is_good &= !is_over;
        }
        if series.is_empty() {
            return None;
        }
        let baselines = self.baselines(answers);
        for measured in &mut series {
            let has_range = self.percent && self.ratio.is_none();
            measured.spoilt = has_range && measured.values().into_iter().any(is_impossible);
        }
        if let (true, Some(baselines)) = (self.by_points(), &baselines) {
            self.pair(&mut series, baselines);
        }
        if self.percent && self.ratio.is_none() {
            series.iter_mut().for_each(leave_impossible_out);
        }
        for measured in &mut series {
            let points = measured.points.iter().map(|point| point.1.is_some());
            for (rates, there) in measured.events.iter_mut().zip(points) {
                rates.1 = rates.1.filter(|_| there);
            }
            let each = self.each(now.span);
            measured.thin |= self.has_few_events(measured, each);
        }
        let words: Vec<Word> = series
            .iter()
            .map(|measured| {
                if measured.impossible {
                    return None;
                }
                let word = if measured.is_good {
                    Some(true)
                } else {
                    let limits = self.limits(baselines.as_deref(), measured)?;
                    match self.sure {
                        Some(percent) => {
                            let base = baselines.iter().flatten();
                            let base = base.clone().find(|base| base.per == measured.per);
                            self.sure(percent, series.len(), measured, base)
                        }
                        None => self.one(measured, &limits),
                    }
                };
                let open = self.still_running() || !self.span_is_seen(now, measured);
                if word == Some(true) && open {
                    None
                } else {
                    word
                }
            })
            .collect();
        if words.contains(&Some(false)) {
            return Some(false);
        }
        words.iter().all(|word| *word == Some(true)).then_some(true)
    }

    fn now<'a>(&self, answers: &'a Answers) -> Side<'a> {
        Side {
            span: self.spans().1,
            numbers: &answers.main,
            part: &answers.part,
            guard: &answers.guard,
            behind: self.shown_by(&answers.guard, &answers.companion),
            part_behind: &answers.companion_part,
            ages: true,
        }
    }

    /// Whether an absent point means zero. Of a ratio only absent errors do, where there are events.
    fn absent_is_zero(&self) -> bool {
        self.zero && self.ratio.is_none()
    }

    /// How long a point stands for.
    fn each(&self, span: Span) -> Time {
        if self.instant {
            span.1 - span.0
        } else {
            self.step
        }
    }

    /// Where absent points mean zero, the guard shows them by itself, if it has points.
    fn shown_by<'a>(&self, guard: &'a Came, companion: &'a Came) -> &'a Came {
        if self.absent_is_zero() && !self.guard_in_window {
            guard
        } else {
            companion
        }
    }

    /// Whether which series there are is seen from more than what is judged.
    fn looks_back(&self) -> bool {
        self.spans().0 != self.spans().1 && self.per && self.listed.is_none()
    }

    /// The points that are asked for.
    pub fn asked(&self) -> Vec<Time> {
        let (whole, narrow) = self.spans();
        self.grid(if self.looks_back() { whole } else { narrow })
    }

    /// The points at which the guard of a span is asked for.
    pub fn guard_grid(&self, span: Span) -> Vec<Time> {
        if self.instant && !self.guard_in_window {
            return self.multiples(span);
        }
        self.grid(span)
    }

    /// Series that were there in the whole span, but have ended since, and have no value in the part that is judged.
    fn ended_before(&self, answers: &Answers) -> Option<Vec<Option<String>>> {
        if !self.looks_back() {
            return Some(Vec::new());
        }
        let now = self.now(answers);
        let part = self.measure(now)?;
        let all = self.measure(Side {
            span: self.spans().0,
            ..now
        })?;
        let grid = self.grid(now.span);
        let is_over = |one: &&Measured| {
            let in_part = part.iter().find(|same| same.per == one.per);
            let has_value = in_part.is_some_and(|part| !part.valued.is_empty());
            let parts = answers
                .part
                .iter()
                .flatten()
                .filter(|_| self.ratio.is_some());
            let mut lines = answers.main.iter().flatten().chain(parts);
            let came = lines.any(|line| {
                line.per == one.per && line.points.iter().any(|(at, _)| grid.contains(at))
            });
            let never = self.may_end && one.valued.is_empty() && !came;
            let dead = !one.valued.is_empty() && self.is_dead(one);
            !has_value && (dead || never)
        };
        Some(
            all.iter()
                .filter(is_over)
                .map(|one| one.per.clone())
                .collect(),
        )
    }

    fn is_dead(&self, one: &Measured) -> bool {
        let times: Vec<Time> = one.points.iter().map(|point| point.0).collect();
        self.is_old(&times, &one.valued, &one.quiet, &one.absent) && !self.goes_on(&times, one)
    }

    /// Whether samples of a series go on, with a guard or without.
    fn goes_on(&self, grid: &[Time], one: &Measured) -> bool {
        let came: Vec<Time> = one.valued.iter().chain(&one.unjudged).copied().collect();
        !self.is_old(grid, &came, &one.quiet, &one.absent)
    }

    /// Series that a guard shows and the query does not, where nothing lists them: they are zero, or else missing where the guard
    /// holds at all.
    fn only_guarded(&self, side: Side) -> Vec<Option<String>> {
        let (true, None, true, Some(guards), Some(lines)) = (
            self.per,
            &self.listed,
            self.guarded,
            side.guard,
            side.numbers,
        ) else {
            return Vec::new();
        };
        if !self.labelled(guards) || !self.absent_is_zero() && (!side.ages || self.may_end) {
            return Vec::new();
        }
        let steps = self.multiples(side.span);
        let has_points = self.instant && !self.guard_in_window && !steps.is_empty();
        let behind = has_points.then_some(steps.as_slice());
        let grid = self.grid(side.span);
        let holds = |guard: &Values| {
            let mut said = grid.iter().map(|time| says(Some(guard), *time, behind));
            said.any(|said| said == Some(true))
        };
        guards
            .iter()
            .filter(|guard| lines.iter().all(|line| line.per != guard.per))
            .filter(|guard| self.absent_is_zero() || holds(guard))
            .map(|guard| guard.per.clone())
            .collect()
    }

    /// Series behind the numbers that have no number: where nothing lists them, each must have one.
    fn only_behind(&self, side: Side, series: &[Measured]) -> Vec<Measured> {
        let matters = self.instant && self.per && self.listed.is_none() && !self.may_end;
        let (true, false, Some(lines)) = (matters, self.absent_is_zero(), side.behind) else {
            return Vec::new();
        };
        if self.behind(side).is_none() {
            return Vec::new();
        }
        let steps = self.multiples(side.span);
        let points = (!self.guard_in_window).then_some(steps.as_slice());
        let is_quiet = |line: &Values| {
            let guards = side.guard.as_ref().filter(|_| self.guarded);
            let guard = guards.map(|guards| self.guard_of(guards, line.per.as_deref()));
            guard.is_some_and(|guard| says(guard, side.span.1, points) == Some(false))
        };
        let new = lines
            .iter()
            .filter(|line| series.iter().all(|one| one.per != line.per));
        new.map(|line| Measured {
            per: line.per.clone(),
            points: vec![(side.span.1, None)],
            events: vec![(side.span.1, None)],
            impossible: false,
            thin: true,
            quiet: Vec::new(),
            absent: Vec::new(),
            is_good: self.quiet_is_good && is_quiet(line),
            valued: Vec::new(),
            unjudged: Vec::new(),
            spoilt: false,
        })
        .collect()
    }

    /// Whether the span behind one number holds enough points of a series.
    fn span_is_seen(&self, side: Side, of: &Measured) -> bool {
        if !self.instant {
            return true;
        }
        let Some(behind) = self.behind(side) else {
            return false;
        };
        let Some(own) = self.points_of(side, of.per.as_ref()) else {
            return false;
        };
        if of.is_good {
            // It is all quiet: the guard has to have been measured at each point.
            let seen = |point: &Behind| matches!(point, Behind::There | Behind::Quiet);
            return (self.absent_is_zero() || !self.guard_in_window) && own.iter().all(seen);
        }
        let grid = self.multiples(side.span);
        let which = |points: &[Behind], what: Behind| -> Vec<Time> {
            let pairs = grid.iter().zip(points);
            pairs
                .filter(|(_, point)| **point == what)
                .map(|(time, _)| *time)
                .collect()
        };
        let is_thin = |points: &[Behind]| {
            let (there, quiet) = (which(points, Behind::There), which(points, Behind::Quiet));
            there.is_empty()
                || self.is_few(there.len(), grid.len() - quiet.len())
                || (side.ages && self.is_old(&grid, &there, &quiet, &which(points, Behind::Empty)))
        };
        let known = |points: &[Behind]| {
            let unknown = [Behind::Dark, Behind::Unjudged, Behind::Quiet];
            let dark: usize = unknown.map(|what| which(points, what).len()).iter().sum();
            (grid.len() - dark) * 100 >= self.active as usize * grid.len()
        };
        if side.ages && self.per && self.listed.is_none() {
            let there = which(&own, Behind::There);
            let mut together = vec![Behind::Dark; grid.len()];
            for points in &behind {
                for (best, point) in together.iter_mut().zip(points) {
                    let rank = |point: Behind| match point {
                        Behind::Dark => 0,
                        Behind::Unjudged => 1,
                        Behind::Quiet => 2,
                        Behind::Empty => 3,
                        Behind::There => 4,
                    };
                    if rank(*point) > rank(*best) {
                        *best = *point;
                    }
                }
            }
            let (quiet, empty) = (which(&own, Behind::Quiet), which(&own, Behind::Empty));
            let came = [there.clone(), which(&own, Behind::Unjudged)].concat();
            let goes_on = !self.is_old(&grid, &came, &quiet, &empty);
            let ended = (!self.may_end || goes_on) && self.is_old(&grid, &there, &quiet, &empty);
            return !there.is_empty() && known(&own) && !ended && !is_thin(&together);
        }
        known(&own) && !is_thin(&own)
    }

    /// The points behind each number, and behind none; `None` where they cannot be seen.
    fn behind(&self, side: Side) -> Option<Vec<Vec<Behind>>> {
        let lines = side.behind.as_ref()?;
        let numbers = side.numbers.as_ref()?;
        let guards = side.guard.as_ref();
        let uncounted = self.absent_is_zero() && self.guard_in_window && !self.guard_asks_for_more;
        if self.multiples(side.span).is_empty() || uncounted {
            return None;
        }
        if self.absent_is_zero() {
            self.check_guards(lines)?;
        } else if self.per {
            distinct(lines)?;
        } else if lines.len() > 1 {
            return None;
        }
        if self.counts_part_behind() {
            let parts = side.part_behind.as_ref()?;
            if !lines.is_empty() {
                self.check_parts(parts)?;
            }
            for part in parts {
                let beside = |line: &Values| !self.per || line.per == part.per;
                if lines.iter().any(beside) {
                    once(&part.points)?;
                }
            }
        }
        if self.guarded && !self.guard_in_window {
            self.check_guards(guards?)?;
        }
        for line in lines {
            once(&line.points)?;
        }
        let guard_names = lines
            .iter()
            .filter(|_| !self.absent_is_zero() || self.labelled(lines));
        let mut names: Vec<Option<String>> = guard_names
            .map(|line| line.per.clone().filter(|_| self.per))
            .collect();
        names.extend(
            numbers
                .iter()
                .map(|line| line.per.clone().filter(|_| self.per)),
        );
        names.extend(self.only_guarded(side));
        names.sort();
        names.dedup();
        names
            .iter()
            .map(|name| self.points_of(side, name.as_ref()))
            .collect()
    }

    /// What the points behind the number of a series show.
    fn points_of(&self, side: Side, name: Option<&String>) -> Option<Vec<Behind>> {
        let lines = side.behind.as_ref()?;
        let find = |line: Option<&Values>, time: Time| -> Option<f64> {
            let found = line?.points.iter().find(|(at, _)| *at == time)?.1;
            (!found.is_nan()).then_some(found)
        };
        let guard = match (self.guarded, self.absent_is_zero()) {
            (false, _) => None,
            (true, true) => Some(self.guard_of(lines, name.map(String::as_str))),
            (true, false) if self.guard_in_window => None,
            (true, false) => Some(self.guard_of(side.guard.as_ref()?, name.map(String::as_str))),
        };
        let own = lines
            .iter()
            .find(|line| !self.per || line.per.as_ref() == name);
        let points = self.multiples(side.span).into_iter().map(|time| {
            let holds = |value: f64| {
                if self.guard_in_window {
                    value > 0.0
                } else {
                    value >= 1.0
                }
            };
            let guarded = guard.map(|guard| find(guard, time).map(holds));
            let is_there = match (self.ratio, own) {
                (None, _) => self.absent_is_zero() || find(own, time).is_some(),
                (Some(_), None) => false,
                (Some(_), Some(own)) => {
                    let nothing = None;
                    let parts = if self.counts_part_behind() {
                        side.part_behind
                    } else {
                        &nothing
                    };
                    let (rates, impossible) = self.rates(own, parts, time);
                    rates.is_some() && !impossible
                }
            };
            match guarded {
                Some(None) if !self.absent_is_zero() && is_there => Behind::Unjudged,
                Some(None) => Behind::Dark,
                Some(Some(false)) => Behind::Quiet,
                _ if is_there => Behind::There,
                _ => Behind::Empty,
            }
        });
        Some(points.collect())
    }

    fn still_running(&self) -> bool {
        let settle = match self.list {
            List::Exit | List::Watch if self.trailing => return false,
            List::Exit | List::Watch => self.settle,
            List::Recovery => 0,
            List::Entry | List::Stop => return false,
        };
        let complete = self.started.map(|started| started + settle + self.window);
        complete.is_some_and(|complete| self.end() < complete)
    }

    /// How the baseline becomes one value; `None` where it stays points.
    pub fn compared(&self) -> Option<(Reducer, f64)> {
        let equal_span = matches!(self.baseline, Compare::Offset(_) | Compare::Vars);
        if self.sure.is_some() {
            return None;
        }
        match (self.written_as, self.reducer) {
            (As::Points, _) => None,
            (As::One(reducer, percent), _) => Some((reducer, percent)),
            (As::Unwritten, Some(reducer)) => Some(reducer),
            (As::Unwritten, None) if self.over().is_some() => Some((Reducer::Overall, 0.0)),
            (As::Unwritten, None) if equal_span => None,
            (As::Unwritten, None) => Some((Reducer::Median, 50.0)),
        }
    }

    /// The lengths of look-backs.
    fn over(&self) -> Option<(Time, Option<Time>)> {
        self.ratio.and_then(|ratio| ratio.over)
    }

    /// Whether the part is asked for behind one number: absent, it is zero where there are events.
    fn counts_part_behind(&self) -> bool {
        self.ratio.is_some() && !self.zero
    }

    fn by_points(&self) -> bool {
        self.compared().is_none()
    }

    fn baselines(&self, answers: &Answers) -> Option<Vec<Measured>> {
        let side = Side {
            span: self.baseline_span()?,
            numbers: &answers.baseline,
            part: &answers.baseline_part,
            guard: &answers.baseline_guard,
            behind: self.shown_by(&answers.baseline_guard, &answers.baseline_companion),
            part_behind: &answers.baseline_companion_part,
            ages: false,
        };
        let mut series = self.measure(side)?;
        // Whose counts contradict each other is no baseline at all.
        series.retain(|measured| !measured.impossible);
        for measured in &mut series {
            let has_range = self.percent && self.ratio.is_none();
            measured.spoilt = has_range && measured.values().into_iter().any(is_impossible);
            leave_impossible_out(measured);
            if self.has_few_events(measured, self.each(side.span)) {
                (measured.thin, measured.spoilt) = (true, true);
            }
            if !self.span_is_seen(side, measured) {
                (measured.thin, measured.spoilt) = (true, true);
            }
        }
        Some(series)
    }

    /// A point counts only beside its partner, a finite one.
    fn pair(&self, series: &mut [Measured], baselines: &[Measured]) {
        let mut anywhere = Vec::new();
        for measured in series.iter_mut() {
            let Some(base) = baselines.iter().find(|base| base.per == measured.per) else {
                continue;
            };
            measured.thin |= base.spoilt;
            for (point, partner) in measured.points.iter_mut().zip(&base.points) {
                if !partner.1.is_some_and(f64::is_finite) {
                    point.1 = None;
                }
            }
            let there = measured.points.iter().filter(|point| point.1.is_some());
            anywhere.extend(there.map(|point| point.0));
        }
        anywhere.sort_unstable();
        anywhere.dedup();
        let paired: Vec<&Measured> = series
            .iter()
            .filter(|one| baselines.iter().any(|base| base.per == one.per))
            .collect();
        let quiet = quiet_together(&paired).len();
        for measured in series.iter_mut() {
            let own = measured.values().len();
            let shared = self.per && self.listed.is_none();
            let (counted, quiet) = if shared {
                (anywhere.len(), quiet)
            } else {
                (own, measured.quiet.len())
            };
            // Together they may be enough: each has to be by itself.
            measured.thin |= shared && self.is_few(own, measured.valued.len());
            measured.thin |= own == 0 || self.is_few(counted, measured.points.len() - quiet);
            if self.sure.is_some() {
                let times = |is_pair: bool| -> Vec<Time> {
                    let which = |point: &&(Time, Option<f64>)| point.1.is_some() == is_pair;
                    let points = measured.points.iter().filter(which);
                    points.map(|point| point.0).collect()
                };
                let (grid, pairs): (Vec<Time>, _) = (
                    measured.points.iter().map(|point| point.0).collect(),
                    times(true),
                );
                measured.thin |= self.is_old(&grid, &pairs, &measured.quiet, &times(false));
            }
        }
    }

    /// The limit of each point.
    fn limits(&self, baselines: Option<&[Measured]>, measured: &Measured) -> Option<Vec<f64>> {
        let all = |limit: f64| vec![limit; measured.points.len()];
        if let Limit::Fixed(value) = self.limit {
            return Some(all(value));
        }
        let base = baselines?.iter().find(|base| base.per == measured.per)?;
        let Some((reducer, percent)) = self.compared() else {
            let partners = measured.points.iter().zip(&base.points);
            let partners = partners.map(|(point, partner)| partner.1.filter(|_| point.1.is_some()));
            let Some((reducer, percent)) = self.reducer else {
                let limit = |partner: Option<f64>| partner.and_then(|partner| self.bound(partner));
                return Some(
                    partners
                        .map(|partner| limit(partner).unwrap_or(f64::NAN))
                        .collect(),
                );
            };
            let partners: Vec<Option<f64>> = partners.collect();
            if self.ratio.is_some() && reducer == Reducer::Overall {
                let beside = base.events.iter().zip(&partners);
                let events: Vec<(Time, Option<Rates>)> = beside
                    .map(|((time, rates), partner)| (*time, rates.filter(|_| partner.is_some())))
                    .collect();
                return self.bound(self.overall(&events)?).map(all);
            }
            let partners: Vec<f64> = partners.into_iter().flatten().collect();
            return self.bound(reduce(reducer, percent, &partners)?).map(all);
        };
        if base.thin {
            return None;
        }
        let value = match reducer {
            Reducer::Overall => self.overall(&base.events)?,
            _ => reduce(reducer, percent, &base.values())?,
        };
        self.bound(value).map(all)
    }

    fn bound(&self, base: f64) -> Option<f64> {
        // An infinite baseline would let anything pass.
        if !base.is_finite() {
            return None;
        }
        let bound = match self.limit {
            Limit::Fixed(value) => value,
            Limit::Baseline => base,
            Limit::Plus(delta) => base + delta,
            Limit::Minus(delta) => base - delta,
            Limit::PlusShare(share) => base + share * base.abs(),
            Limit::MinusShare(share) => base - share * base.abs(),
            Limit::Times(factor) => base * factor,
            Limit::PlusMax(delta, share) => {
                let relative = share * base.abs();
                base + if relative > delta { relative } else { delta }
            }
        };
        (!bound.is_nan()).then_some(bound)
    }

    pub fn satisfies(&self, value: f64, bound: f64) -> bool {
        match self.comparison {
            Comparison::Less => value < bound,
            Comparison::LessOrEqual => value <= bound,
            Comparison::Greater => value > bound,
            Comparison::GreaterOrEqual => value >= bound,
            Comparison::Equal => value == bound,
            Comparison::NotEqual => value != bound,
        }
    }

    /// `at`: what the pairs of a series show.
    fn sure(
        &self,
        percent: u32,
        series: usize,
        measured: &Measured,
        base: Option<&Measured>,
    ) -> Word {
        if measured.thin {
            return None;
        }
        let partner = |at: usize| base.and_then(|base| base.points[at].1);
        let points = measured.points.iter().enumerate();
        let pairs: Vec<sure::Pair> = points
            .filter_map(|(at, point)| Some((at, point.1?, partner(at))))
            .collect();
        let controls: Vec<f64> = pairs.iter().filter_map(|pair| pair.2).collect();
        let (reducer, quantile) = self.reducer.unwrap_or((Reducer::Mean, 0.0));
        let overall = reduce(reducer, quantile, &controls).unwrap_or(0.0);
        let (a, m) = match self.limit {
            Limit::Fixed(value) => (value, 0.0),
            Limit::Baseline => (0.0, 1.0),
            Limit::Plus(delta) => (delta, 1.0),
            Limit::Minus(delta) => (-delta, 1.0),
            Limit::PlusShare(share) => (0.0, 1.0 + share),
            Limit::MinusShare(share) => (0.0, 1.0 - share),
            Limit::Times(factor) => (0.0, factor),
            Limit::PlusMax(delta, share) if share * overall.abs() > delta => (0.0, 1.0 + share),
            Limit::PlusMax(delta, _) => (delta, 1.0),
        };
        let (start, end) = self.spans().0;
        let trails = self.trailing && matches!(self.list, List::Exit | List::Stop | List::Watch);
        let upper = matches!(self.comparison, Comparison::Less | Comparison::LessOrEqual);
        let asked = sure::Asked {
            error: f64::from(100 - percent) / 100.0,
            series,
            is_early: end - start < self.window && !trails,
            high_is_bad: upper != (self.list == List::Stop),
            median: reducer == Reducer::Median,
            points: measured.points.len(),
            a,
            m,
        };
        sure::shown(&asked, &pairs)
    }

    fn one(&self, measured: &Measured, limits: &[f64]) -> Word {
        let values = measured.values();
        let stop = self.list == List::Stop;
        if values.is_empty() {
            return None;
        }
        if let Some(over) = self.over() {
            return self.looked_back(measured, limits[0], over);
        }
        if let Some((reducer, percent)) = self.reducer {
            if measured.thin {
                return None;
            }
            let value = match reducer {
                Reducer::Overall | Reducer::Budget => self.of_events(reducer, measured)?,
                _ => reduce(reducer, percent, &values)?,
            };
            return Some(self.satisfies(value, limits[0]) != stop);
        }
        let satisfied: Vec<Option<bool>> = measured
            .points
            .iter()
            .zip(limits)
            .map(|((_, value), limit)| value.map(|value| self.satisfies(value, *limit)))
            .collect();
        if let Some(share) = self.share {
            if measured.thin {
                return None;
            }
            let count = satisfied.iter().filter(|one| **one == Some(true)).count();
            return Some((count * 100 >= share as usize * values.len()) != stop);
        }
        if let Some(number) = self.points {
            return self.number_of_points(measured, &satisfied, number);
        }
        if !stop {
            return match (satisfied.contains(&Some(false)), measured.thin) {
                (true, _) => Some(false),
                (false, true) => None,
                (false, false) => Some(true),
            };
        }
        if self.lasts(&measured.points, &satisfied) {
            Some(false)
        } else if measured.thin || self.may_last(measured, &satisfied) {
            None
        } else {
            Some(true)
        }
    }

    /// A stop trips on so many bad points; of anything else so many may be bad. One that was not measured may have been bad, if any is.
    fn number_of_points(
        &self,
        measured: &Measured,
        satisfied: &[Option<bool>],
        number: usize,
    ) -> Word {
        let stop = self.list == List::Stop;
        let bad = satisfied.iter().filter(|one| **one == Some(stop)).count();
        let is_too_many = |count: usize| {
            if stop {
                count >= number
            } else {
                count > number
            }
        };
        let open = (0..satisfied.len()).filter(|index| {
            let time = measured.points[*index].0;
            satisfied[*index].is_none()
                && !measured.quiet.contains(&time)
                && self.belongs(measured, *index)
        });
        if is_too_many(bad) {
            return Some(false);
        }
        let may_be_more = bad > 0 && is_too_many(bad + open.count());
        (!measured.thin && !may_be_more).then_some(true)
    }

    /// Whether a series has to be there: one that nothing lists from its first point on, and only to its last if it may end.
    fn belongs(&self, measured: &Measured, index: usize) -> bool {
        let unlisted = self.per && self.listed.is_none();
        let seen = |point: &(Time, Option<f64>)| {
            let seen = [&measured.valued, &measured.quiet, &measured.unjudged];
            seen.iter().any(|times| times.contains(&point.0))
        };
        let (before, after) = (&measured.points[..=index], &measured.points[index..]);
        let had_begun = !unlisted || before.iter().any(seen);
        had_begun && (!(unlisted && self.may_end) || after.iter().any(seen))
    }

    /// Whether some stretch of points, each there and in the bad state, is long enough.
    fn lasts(&self, points: &[(Time, Option<f64>)], bad: &[Option<bool>]) -> bool {
        let long = self.hold_for.unwrap_or(0);
        (0..points.len()).any(|first| {
            (first..points.len()).any(|last| {
                let stretch = &bad[first..=last];
                points[last].0 - points[first].0 >= long
                    && stretch.iter().all(|one| *one == Some(true))
            })
        })
    }

    /// Whether it would be long enough if those that nobody measured were bad, too: quiet points left out, and no point of it
    /// good. Something in it has to be bad.
    fn may_last(&self, measured: &Measured, bad: &[Option<bool>]) -> bool {
        let Some(long) = self.hold_for else {
            return false;
        };
        let times: Vec<Time> = measured.points.iter().map(|point| point.0).collect();
        (0..times.len()).any(|first| {
            (first..times.len()).any(|last| {
                let stretch = first..=last;
                let could_be = stretch.clone().all(|index| match bad[index] {
                    Some(is_bad) => is_bad,
                    None => self.belongs(measured, index),
                });
                let counted = stretch
                    .clone()
                    .filter(|index| !measured.quiet.contains(&times[*index]))
                    .count();
                let steps = Time::try_from(counted).expect("small") - 1;
                could_be
                    && stretch.into_iter().any(|index| bad[index] == Some(true))
                    && steps * self.step >= long
            })
        })
    }

    /// Adds the series that should have come, and says which; `None` where they cannot be told apart.
    fn complete(&self, lines: &mut Vec<Values>) -> Option<Vec<Option<String>>> {
        let mut missing_names: Vec<Option<String>> = Vec::new();
        if self.per {
            let missing = self.listed.iter().flatten().filter(|value| {
                !lines
                    .iter()
                    .any(|line| line.per.as_deref() == Some(value.as_str()))
            });
            let missing: Vec<Values> = missing
                .map(|value| Values {
                    per: Some(value.clone()),
                    points: Vec::new(),
                })
                .collect();
            missing_names = missing.iter().map(|line| line.per.clone()).collect();
            lines.extend(missing);
            distinct(lines)?;
        } else {
            if lines.is_empty() && self.guarded {
                lines.push(Values::default());
            }
            for line in &mut *lines {
                line.per = None;
            }
            if lines.len() != 1 {
                return None;
            }
        }
        (!lines.is_empty()).then_some(missing_names)
    }

    fn measure(&self, side: Side) -> Option<Vec<Measured>> {
        let (grid, fresh) = (self.grid(side.span), side.ages);
        if grid.is_empty() {
            return None;
        }
        // Behind one number a guard may have points of its own.
        let steps = self.multiples(side.span);
        let has_points = self.instant && !self.guard_in_window && !steps.is_empty();
        let guard_grid = has_points.then_some(steps);
        let mut lines = side.numbers.clone()?;
        let guards = if self.guarded {
            Some(side.guard.clone()?)
        } else {
            None
        };
        if let Some(guards) = &guards {
            self.check_guards(guards)?;
            guards.iter().try_for_each(|guard| once(&guard.points))?;
        }
        let mut shown = self.only_guarded(side);
        let mut only_parts = self.only_counted(side, &lines)?;
        only_parts.retain(|name| !shown.contains(name));
        lines.extend(shown.iter().chain(&only_parts).map(|per| Values {
            per: per.clone(),
            points: Vec::new(),
        }));
        if self.listed.is_some() {
            // Where they are listed, what is asked for is the total.
            shown.extend(only_parts);
        }
        let mut missing_names = self.complete(&mut lines)?;
        missing_names.extend(shown);
        let mut all = Vec::new();
        for line in &lines {
            once(&line.points)?;
            let guard = guards
                .as_ref()
                .map(|guards| self.guard_of(guards, line.per.as_deref()));
            let behind = guard_grid.as_deref();
            let said = |time: &Time| guard.and_then(|guard| says(guard, *time, behind));
            let counts = |time: &Time| guard.is_none() || said(time) == Some(true);
            let rates = |time: &Time| match self.ratio {
                Some(_) if counts(time) => self.rates(line, side.part, *time),
                _ => (None, false),
            };
            let value = |time: &Time| match self.ratio {
                Some(_) => rates(time).0.map(|rates| self.value_of(rates)),
                None => self.at(*time, line).filter(|_| counts(time)),
            };
            let times = |holds: bool| -> Vec<Time> {
                let is = |time: &Time| said(time) == Some(holds);
                grid.iter().copied().filter(is).collect()
            };
            let (quiet, holds) = (times(false), times(true));
            let points: Vec<(Time, Option<f64>)> =
                grid.iter().map(|time| (*time, value(time))).collect();
            let valued = points.iter().filter(|(_, value)| value.is_some());
            let valued: Vec<Time> = valued.map(|(time, _)| *time).collect();
            let is_absent = |time: &Time| counts(time) && !valued.contains(time);
            let active = self.active as usize * grid.len();
            // What nobody knows about may be quiet, too.
            let too_quiet = self.guarded && holds.len() * 100 < active;
            // A listed series that did not come is not known to be quiet unless its own guard says so.
            let came = !line.points.is_empty() || !missing_names.contains(&line.per);
            let has_guard = guards.as_ref().is_some_and(|guards| self.labelled(guards));
            let all_quiet = quiet.len() == grid.len() && (came || has_guard);
            all.push(Measured {
                per: line.per.clone(),
                points,
                events: grid.iter().map(|time| (*time, rates(time).0)).collect(),
                impossible: grid.iter().any(|time| rates(time).1),
                thin: too_quiet,
                absent: grid
                    .iter()
                    .copied()
                    .filter(|time| is_absent(time))
                    .collect(),
                quiet,
                is_good: fresh && self.quiet_is_good && all_quiet,
                valued,
                unjudged: grid
                    .iter()
                    .copied()
                    .filter(|time| guard.is_some() && said(time).is_none() && sent(line, *time))
                    .collect(),
                spoilt: false,
            });
        }
        self.thin(&mut all, &grid, fresh);
        Some(all)
    }

    /// Counts without any events beside them: they are there, and no evidence.
    fn only_counted(&self, side: Side, lines: &[Values]) -> Option<Vec<Option<String>>> {
        if self.ratio.is_none() {
            return Some(Vec::new());
        }
        let parts = side.part.as_ref()?;
        self.check_parts(parts)?;
        parts.iter().try_for_each(|part| once(&part.points))?;
        let is_new = |part: &&Values| lines.iter().all(|line| line.per != part.per);
        let only = parts.iter().filter(|_| self.per).filter(is_new);
        Some(only.map(|part| part.per.clone()).collect())
    }

    /// Says of which series too little is known.
    fn thin(&self, all: &mut [Measured], grid: &[Time], fresh: bool) {
        let mut together: Vec<Time> = all.iter().flat_map(|one| one.valued.clone()).collect();
        together.sort_unstable();
        together.dedup();
        let silent = quiet_together(&all.iter().collect::<Vec<_>>());
        let lost: Vec<Time> = all.iter().flat_map(|one| one.absent.clone()).collect();
        for measured in all {
            let own = measured.valued.clone();
            let shared = fresh && self.per && self.listed.is_none();
            let (counted, quiet) = if shared {
                (&together, &silent)
            } else {
                (&own, &measured.quiet)
            };
            let ended = shared
                && (!self.may_end || self.goes_on(grid, measured))
                && self.is_old(grid, &own, &measured.quiet, &measured.absent);
            measured.thin |= own.is_empty()
                || ended
                || self.is_few(counted.len(), grid.len() - quiet.len())
                || (fresh
                    && self.is_old(
                        grid,
                        counted,
                        quiet,
                        if shared { &lost } else { &measured.absent },
                    ));
        }
    }

    pub fn is_few(&self, count: usize, expected: usize) -> bool {
        count * 100 < self.coverage as usize * expected
    }

    /// Whether a series with values and quiet points at these times is not known to live any more: of the time since its newest
    /// value, only what lies between two points in a row of which the later is quiet, and the earlier quiet or that value, is excused.
    /// Nor is it known where values should have come over longer than that, and none did.
    fn is_old(&self, grid: &[Time], valued: &[Time], quiet: &[Time], absent: &[Time]) -> bool {
        let allowed = self.max_age.unwrap_or((300_000).max(2 * self.step));
        let Some(last) = valued.iter().max() else {
            return false;
        };
        let is_excused = |pair: &&[Time]| {
            pair[0] >= *last
                && quiet.contains(&pair[1])
                && (pair[0] == *last || quiet.contains(&pair[0]))
        };
        let excused = grid.windows(2).filter(is_excused);
        let excused: Time = excused.map(|pair| pair[1] - pair[0]).sum();
        let absent = absent.iter().filter(|time| *time > last);
        let first = absent.clone().min();
        let gap = first
            .zip(absent.max())
            .map_or(0, |(first, last)| last - first);
        self.end() - last - excused > allowed || gap > allowed
    }

    /// The value that came, or the one that stands for none.
    fn at(&self, time: Time, line: &Values) -> Option<f64> {
        let found = line.points.iter().find(|(at, _)| *at == time);
        match found {
            Some((_, value)) if value.is_nan() => None,
            Some((_, value)) => Some(*value),
            None => self.absent_is_zero().then_some(0.0),
        }
    }

    fn labelled(&self, guards: &[Values]) -> bool {
        self.per && guards.iter().any(|guard| guard.per.is_some())
    }

    /// Whether the series of a part can be told apart.
    fn check_parts(&self, parts: &[Values]) -> Option<()> {
        if self.per {
            return distinct(parts);
        }
        (parts.len() <= 1).then_some(())
    }

    fn check_guards(&self, guards: &[Values]) -> Option<()> {
        if self.labelled(guards) {
            return distinct(guards);
        }
        (guards.len() <= 1).then_some(())
    }

    fn guard_of<'a>(&self, guards: &'a [Values], per: Option<&str>) -> Option<&'a Values> {
        if self.labelled(guards) {
            return guards.iter().find(|guard| guard.per.as_deref() == per);
        }
        guards.first()
    }
}

/// Whether a number came for a time.
fn sent(line: &Values, time: Time) -> bool {
    let found = line.points.iter().find(|(at, _)| *at == time);
    found.is_some_and(|(_, value)| !value.is_nan())
}

/// What a guard says of a time; nothing if it was not measured there.
fn guard_says(guard: Option<&Values>, time: Time) -> Option<bool> {
    let found = guard?.points.iter().find(|(at, _)| *at == time)?.1;
    (!found.is_nan()).then_some(found >= 1.0)
}

/// What a guard says of a number: at its time, or at those behind it, where it has any: there one is enough.
fn says(guard: Option<&Values>, time: Time, behind: Option<&[Time]>) -> Option<bool> {
    let Some(behind) = behind else {
        return guard_says(guard, time);
    };
    let each: Vec<_> = behind.iter().map(|time| guard_says(guard, *time)).collect();
    if each.contains(&Some(true)) {
        return Some(true);
    }
    (!each.contains(&None)).then_some(false)
}

/// Where no series has a value, or should have one, and one is quiet.
fn quiet_together(all: &[&Measured]) -> Vec<Time> {
    let mut quiet: Vec<Time> = all.iter().flat_map(|one| one.quiet.clone()).collect();
    let asked_for =
        |one: &Measured, time: &Time| one.valued.contains(time) || one.absent.contains(time);
    quiet.retain(|time| !all.iter().any(|one| asked_for(one, time)));
    quiet.sort_unstable();
    quiet.dedup();
    quiet
}

fn is_impossible(value: f64) -> bool {
    !(0.0..=100.0).contains(&value)
}

/// A percentage outside 0 to 100 shows nothing, and nothing good rests on the rest of its series.
fn leave_impossible_out(measured: &mut Measured) {
    if measured.spoilt {
        measured.thin = true;
        for (_, value) in &mut measured.points {
            *value = value.filter(|value| !is_impossible(*value));
        }
    }
}

/// Every series has the label, each with its own value.
fn distinct(lines: &[Values]) -> Option<()> {
    let fits = |(index, line): (usize, &Values)| {
        line.per.is_some()
            && lines
                .iter()
                .skip(index + 1)
                .all(|other| other.per != line.per)
    };
    lines.iter().enumerate().all(fits).then_some(())
}

/// No instant occurs twice.
fn once(points: &[(Time, f64)]) -> Option<()> {
    let fits = |(index, point): (usize, &(Time, f64))| {
        points
            .iter()
            .skip(index + 1)
            .all(|other| other.0 != point.0)
    };
    points.iter().enumerate().all(fits).then_some(())
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small counts"
)]
fn reduce(reducer: Reducer, percent: f64, values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let highest = sorted.len().checked_sub(1)?;
    let quantile = |percent: f64| {
        let rank = percent * highest as f64 / 100.0;
        let (low, weight) = (rank.floor() as usize, rank - rank.floor());
        let (lower, upper) = (sorted[low], sorted[(low + 1).min(highest)]);
        if weight == 0.0 || lower == upper {
            lower
        } else {
            lower * (1.0 - weight) + upper * weight
        }
    };
    let value = match reducer {
        Reducer::Last => *values.last()?,
        Reducer::Min => sorted[0],
        Reducer::Max => sorted[highest],
        Reducer::Mean => values.iter().sum::<f64>() / values.len() as f64,
        Reducer::Median => quantile(50.0),
        Reducer::Percentile(_) => quantile(percent),
        Reducer::Overall | Reducer::Budget => return None,
    };
    (!value.is_nan()).then_some(value)
}
