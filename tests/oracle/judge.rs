//! A second judge of one KPI criterion, naive on purpose: plain lists of times and values, every pair tried.
//!
//! Written from the rules of judgement alone. Must not use the crate's evaluation.

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
    pub hold_for: Option<Time>,
    pub per: bool,
    pub listed: Option<Vec<String>>,
    pub guarded: bool,
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
}

/// `Some(true)`: good (met, clear); `Some(false)`: bad (unmet, tripped).
pub type Word = Option<bool>;

type Span = (Time, Time);

/// The answers: samples, guard, both for the baseline, and what the span of a `$window` query holds.
pub struct Answers {
    pub main: Came,
    pub guard: Came,
    pub baseline: Came,
    pub baseline_guard: Came,
    pub companion: Came,
}

struct Measured {
    per: Option<String>,
    points: Vec<(Time, Option<f64>)>,
    thin: bool,
    /// Where the guard was measured and is false.
    quiet: Vec<Time>,
    /// Whether that is everywhere, and good.
    is_good: bool,
    /// Where there was a value, with a partner or without.
    valued: Vec<Time>,
    /// Whether a percentage is outside 0 to 100.
    impossible: bool,
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
            Compare::Before(length) => self.started.map(|started| (started - length, started)),
            Compare::Between(from, to) => Some((from, to)),
            Compare::Vars => Some(equal),
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
        let grid = self.grid(self.spans().1);
        let series = self.measure(&grid, &answers.main, &answers.guard, true)?;
        let baselines = self.baselines(answers);
        let mut series = series;
        for measured in &mut series {
            measured.impossible = self.percent && measured.values().into_iter().any(is_impossible);
        }
        if let (true, Some(baselines)) = (self.by_points(), &baselines) {
            self.pair(&mut series, baselines);
        }
        if self.percent {
            series.iter_mut().for_each(leave_impossible_out);
        }
        let words: Vec<Word> = series
            .iter()
            .map(|measured| {
                let word = if measured.is_good {
                    Some(true)
                } else {
                    let limits = self.limits(baselines.as_deref(), measured)?;
                    self.one(measured, &limits)
                };
                let open = self.still_running()
                    || (self.instant && !self.span_is_seen(&answers.companion, measured));
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

    /// Whether the span behind one number holds enough points of a series. Where absent points mean zero, it is the guard
    /// that shows them.
    fn span_is_seen(&self, companion: &Came, of: &Measured) -> bool {
        let Some(lines) = companion else { return false };
        let grid = self.multiples(self.spans().1);
        let fits = if self.zero {
            self.check_guards(lines)
        } else if self.per {
            distinct(lines)
        } else {
            (lines.len() <= 1).then_some(())
        };
        let single = lines.iter().all(|line| once(&line.points).is_some());
        if grid.is_empty() || fits.is_none() || !single {
            return false;
        }
        let for_all = !self.per || (self.zero && !self.labelled(lines));
        let own = lines.iter().filter(|line| for_all || line.per == of.per);
        let own = self.behind(&grid, own);
        if own.is_empty() {
            return false;
        }
        if self.per && self.listed.is_none() {
            let together = self.behind(&grid, lines.iter());
            let ended = !self.may_end && self.is_old(&own);
            return !ended && !self.is_thin(&together, grid.len(), true);
        }
        !self.is_thin(&own, grid.len(), true)
    }

    /// The points of a grid at which one of these lines has a value.
    fn behind<'l>(&self, grid: &[Time], lines: impl Iterator<Item = &'l Values>) -> Vec<Time> {
        let points: Vec<(Time, f64)> = lines.flat_map(|line| line.points.clone()).collect();
        // 0/0 beside a guard: the series are there.
        let counts = |value: f64| !value.is_nan() || (self.guarded && !self.zero);
        let is_there = |time: &&Time| {
            points
                .iter()
                .any(|(at, value)| at == *time && counts(*value))
        };
        grid.iter().filter(is_there).copied().collect()
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
        match (self.written_as, self.reducer) {
            (As::Points, _) => None,
            (As::One(reducer, percent), _) => Some((reducer, percent)),
            (As::Unwritten, Some(reducer)) => Some(reducer),
            (As::Unwritten, None) if equal_span => None,
            (As::Unwritten, None) => Some((Reducer::Median, 50.0)),
        }
    }

    fn by_points(&self) -> bool {
        self.compared().is_none()
    }

    fn baselines(&self, answers: &Answers) -> Option<Vec<Measured>> {
        let grid = self.grid(self.baseline_span()?);
        let mut series = self.measure(&grid, &answers.baseline, &answers.baseline_guard, false)?;
        for measured in &mut series {
            measured.impossible = self.percent && measured.values().into_iter().any(is_impossible);
            leave_impossible_out(measured);
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
            measured.thin |= base.impossible;
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
            measured.thin |= own == 0 || self.is_few(counted, measured.points.len() - quiet);
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
            let partners: Vec<f64> = partners.flatten().collect();
            return self.bound(reduce(reducer, percent, &partners)?).map(all);
        };
        if base.thin {
            return None;
        }
        self.bound(reduce(reducer, percent, &base.values())?)
            .map(all)
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

    fn satisfies(&self, value: f64, bound: f64) -> bool {
        match self.comparison {
            Comparison::Less => value < bound,
            Comparison::LessOrEqual => value <= bound,
            Comparison::Greater => value > bound,
            Comparison::GreaterOrEqual => value >= bound,
            Comparison::Equal => value == bound,
            Comparison::NotEqual => value != bound,
        }
    }

    fn one(&self, measured: &Measured, limits: &[f64]) -> Word {
        let values = measured.values();
        let stop = self.list == List::Stop;
        if values.is_empty() {
            return None;
        }
        if let Some((reducer, percent)) = self.reducer {
            if measured.thin {
                return None;
            }
            let value = reduce(reducer, percent, &values)?;
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
        let bad = if stop {
            self.lasts(&measured.points, &satisfied)
        } else {
            satisfied.contains(&Some(false))
        };
        match (bad, measured.thin) {
            (true, _) => Some(false),
            (false, true) => None,
            (false, false) => Some(true),
        }
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

    fn measure(
        &self,
        grid: &[Time],
        main: &Came,
        guard: &Came,
        fresh: bool,
    ) -> Option<Vec<Measured>> {
        if grid.is_empty() {
            return None;
        }
        let mut lines = main.clone()?;
        let guards = if self.guarded {
            Some(guard.clone()?)
        } else {
            None
        };
        if let Some(guards) = &guards {
            self.check_guards(guards)?;
            guards.iter().try_for_each(|guard| once(&guard.points))?;
        }
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
            distinct(&lines)?;
        } else {
            if lines.is_empty() && self.guarded {
                lines.push(Values::default());
            }
            for line in &mut lines {
                line.per = None;
            }
            if lines.len() != 1 {
                return None;
            }
        }
        if lines.is_empty() {
            return None;
        }
        let mut all = Vec::new();
        for line in &lines {
            once(&line.points)?;
            let guard = guards
                .as_ref()
                .map(|guards| self.guard_of(guards, line.per.as_deref()));
            let points = grid
                .iter()
                .map(|time| (*time, self.at(*time, line, guard)))
                .collect();
            let says = |holds: bool| -> Vec<Time> {
                let is = |time: &Time| {
                    guard.is_some_and(|guard| guard_says(guard, *time) == Some(holds))
                };
                grid.iter().copied().filter(is).collect()
            };
            let (quiet, holds) = (says(false), says(true));
            let points: Vec<(Time, Option<f64>)> = points;
            let valued = points.iter().filter(|(_, value)| value.is_some());
            let valued: Vec<Time> = valued.map(|(time, _)| *time).collect();
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
                thin: too_quiet,
                quiet,
                is_good: fresh && self.quiet_is_good && all_quiet,
                valued,
                impossible: false,
            });
        }
        let mut together: Vec<Time> = all.iter().flat_map(|one| one.valued.clone()).collect();
        together.sort_unstable();
        together.dedup();
        let silent = quiet_together(&all.iter().collect::<Vec<_>>());
        for measured in &mut all {
            let own = measured.valued.clone();
            let shared = self.per && self.listed.is_none();
            let (counted, quiet) = if shared {
                (&together, &silent)
            } else {
                (&own, &measured.quiet)
            };
            let with = |times: &[Time], quiet: &[Time]| [times, quiet].concat();
            let ended =
                shared && fresh && !self.may_end && self.is_old(&with(&own, &measured.quiet));
            measured.thin |= own.is_empty()
                || ended
                || self.is_few(counted.len(), grid.len() - quiet.len())
                || (fresh && self.is_old(&with(counted, quiet)));
        }
        Some(all)
    }

    fn is_few(&self, count: usize, expected: usize) -> bool {
        count * 100 < self.coverage as usize * expected
    }

    fn is_thin(&self, times: &[Time], expected: usize, fresh: bool) -> bool {
        self.is_few(times.len(), expected) || (fresh && self.is_old(times))
    }

    /// Whether the newest of these times is too long ago.
    fn is_old(&self, times: &[Time]) -> bool {
        let allowed = self.max_age.unwrap_or((300_000).max(2 * self.step));
        let newest = times.iter().max();
        newest.is_some_and(|newest| self.end() - newest > allowed)
    }

    /// The measured value; `guard` is `None` without a guard, otherwise its series, if it came.
    #[expect(
        clippy::option_option,
        reason = "no guard is one thing, a guard that did not come another"
    )]
    fn at(&self, time: Time, line: &Values, guard: Option<Option<&Values>>) -> Option<f64> {
        let find = |line: &Values| {
            line.points
                .iter()
                .find(|(at, _)| *at == time)
                .map(|(_, value)| *value)
        };
        let holds = match guard {
            None => true,
            Some(None) => false,
            Some(Some(guard)) => find(guard).is_some_and(|value| value >= 1.0),
        };
        match find(line) {
            _ if !holds => None,
            Some(value) if value.is_nan() => None,
            Some(value) => Some(value),
            None => self.zero.then_some(0.0),
        }
    }

    fn labelled(&self, guards: &[Values]) -> bool {
        self.per && guards.iter().any(|guard| guard.per.is_some())
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

/// What a guard says of a time; nothing if it was not measured there.
fn guard_says(guard: Option<&Values>, time: Time) -> Option<bool> {
    let found = guard?.points.iter().find(|(at, _)| *at == time)?.1;
    (!found.is_nan()).then_some(found >= 1.0)
}

/// Where no series has a value, and one is quiet.
fn quiet_together(all: &[&Measured]) -> Vec<Time> {
    let mut quiet: Vec<Time> = all.iter().flat_map(|one| one.quiet.clone()).collect();
    quiet.retain(|time| !all.iter().any(|one| one.valued.contains(time)));
    quiet.sort_unstable();
    quiet.dedup();
    quiet
}

fn is_impossible(value: f64) -> bool {
    !(0.0..=100.0).contains(&value)
}

/// A percentage outside 0 to 100 shows nothing, and nothing good rests on the rest of its series.
fn leave_impossible_out(measured: &mut Measured) {
    if measured.impossible {
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
    };
    (!value.is_nan()).then_some(value)
}
