//! Rule 5 for any window of one series over a long time: B11, a few steps for each window, and B12, the limit at which its verdict
//! would flip. What is out of the ordinary is handed to the judge of a single window. Must not know which series there are.

use super::extents::Unusual;
use super::extents::Window;
use super::flip::{in_words, sign_in_words};
use super::kind::{Against, Kind, Reduced, Ruled, Together};
use super::slides::{Counts, Highest, Ranks, Sums, held};
use super::tape::Tape;
use crate::assessment::{Code, Outcome};
use crate::evaluate::context::Undecided;
use crate::evaluate::kpi::bad::{Expected, Looked, SeriesJudge, is_bad, worse};
use crate::evaluate::kpi::limits::{Limits, Partners};
use crate::evaluate::kpi::lookback::{Seen, look_back};
use crate::evaluate::kpi::question::KpiQuestion;
use crate::evaluate::kpi::ratio::Tally;
use crate::evaluate::kpi::reduce::compare;
use crate::evaluate::kpi::stretches::Worse;
use crate::kind::List;
use crate::plan::Quiet;
use crate::samples::Grid;
use crate::units::{Duration, Instant};

/// One series over a long time, ready to be judged in any window.
pub(super) struct Line<'a> {
    pub(super) case: &'a KpiQuestion<'a>,
    pub(super) grid: Grid,
    pub(super) kind: Kind,
    pub(super) expected: Expected,
    pub(super) tape: Tape,
    /// Whether higher values are worse; `None` where that depends on the bound.
    pub(super) high: Option<bool>,
    /// The bound that never changes; `None` where it moves, or each point has its own.
    pub(super) fixed: Option<f64>,
    pub(super) bounds: Vec<f64>,
    /// Higher is worse; NaN where nothing was measured.
    pub(super) levels: Vec<f64>,
    pub(super) worst: Highest,
    /// The same in the words of the limit; `None` where those are the levels.
    pub(super) measures: Option<(Vec<f64>, Highest)>,
    pub(super) measured: Counts,
    /// Where it cannot be said how bad a point is, or a value is infinite.
    pub(super) odd: Counts,
    /// Where a point has no place in the words of the limit: no number of times a baseline of zero or less says when it is bad.
    pub(super) unworded: Counts,
    pub(super) bad: Option<Counts>,
    pub(super) satisfied: Option<Counts>,
    pub(super) held: Option<Held>,
    pub(super) ranks: Option<Ranks>,
    pub(super) sums: Option<Sums>,
    pub(super) look_backs: Vec<LookBacks>,
    /// How long the time is that is judged.
    pub(super) span: Duration,
}

/// The levels that were held for as long as a stop takes.
pub(super) struct Held {
    /// In the words of the limit, higher is worse; NaN where none was held.
    pub levels: Vec<f64>,
    pub(super) highest: Highest,
    /// The first position from each on at which the stop trips; `None` where its bound moves.
    pub(super) next: Option<Vec<usize>>,
}

/// The look-backs of one length, by the point at which each ends, whatever the window.
pub(super) struct LookBacks {
    pub(super) length: Duration,
    pub(super) there: Counts,
    pub(super) missing: Counts,
    /// Higher is worse; NaN where none was measured. Of a stop empty: all lengths decide together.
    pub(super) levels: Vec<f64>,
    pub(super) worst: Highest,
}

impl<'a> Line<'a> {
    pub(super) fn new(
        case: &'a KpiQuestion<'a>,
        (grid, kind, expected): (Grid, Kind, Expected),
        tape: Tape,
        fixed: Option<f64>,
    ) -> Self {
        let condition = &case.ask.condition;
        let high = match worse(condition.comparison, case.list, 0.0) {
            Worse::High => Some(true),
            Worse::Low => Some(false),
            Worse::Far(_) | Worse::Near(_) => None,
        };
        let bounds = tape.pairs.as_ref().map_or_else(Vec::new, |pairs| {
            let each = Partners::of(case, pairs.partners.clone());
            let limits = Limits::Each(each);
            (0..grid.count()).map(|at| limits.bound(at)).collect()
        });
        let mut line = Self {
            case,
            grid,
            kind,
            expected,
            high,
            fixed,
            bounds,
            levels: Vec::new(),
            worst: Highest::default(),
            measures: None,
            measured: Counts::of(tape.possible.iter().map(Option::is_some)),
            odd: Counts::of(std::iter::empty()),
            unworded: Counts::of(std::iter::empty()),
            bad: None,
            satisfied: None,
            held: None,
            ranks: None,
            sums: None,
            look_backs: Vec::new(),
            span: case.judged.length(),
            tape,
        };
        line.prepare();
        line
    }

    pub(super) fn prepare(&mut self) {
        let sign = if self.high == Some(false) { -1.0 } else { 1.0 };
        let value = |value: &Option<f64>| value.map_or(f64::NAN, |value| sign * value);
        let mut levels: Vec<f64> = self.tape.possible.iter().map(value).collect();
        if self.tape.pairs.is_some() {
            for (level, bound) in levels.iter_mut().zip(&self.bounds) {
                *level -= sign * bound;
            }
        }
        let odd = levels.iter().zip(&self.tape.possible);
        let odd = odd.map(|(level, value)| value.is_some() && !level.is_finite());
        self.odd = Counts::of(odd);
        self.levels = levels;
        self.prepare_measures();
        let condition = &self.case.ask.condition;
        let knows_bounds = self.fixed.is_some() || self.tape.pairs.is_some();
        match self.kind {
            Kind::Every => {}
            Kind::Lasting(length) => {
                let bad = self.is_bad();
                self.bad = knows_bounds.then(|| Counts::of(bad.iter().copied()));
                let levels = held(self.in_words(), length);
                self.held = Some(Held {
                    levels,
                    highest: Highest::default(),
                    next: knows_bounds.then(|| next(&bad, length)),
                });
            }
            Kind::Share(_) => {
                let satisfied = self.tape.possible.iter().enumerate().map(|(at, value)| {
                    let bound = self.bound_at(at);
                    let held = value.and_then(|value| compare(value, condition.comparison, bound));
                    held == Some(true)
                });
                self.satisfied = knows_bounds.then(|| Counts::of(satisfied));
                self.ranks = Some(Ranks::of(self.in_words()));
            }
            Kind::Counted(_) => {
                let bad = self.is_bad();
                self.bad = knows_bounds.then(|| Counts::of(bad.iter().copied()));
                self.ranks = Some(Ranks::of(self.in_words()));
            }
            Kind::Reduced(reducer) => match reducer {
                Reduced::Mean => self.sums = Some(Sums::of(self.plain().into_iter())),
                Reduced::Quantile(_) => self.ranks = Some(Ranks::of(&self.plain())),
                Reduced::Min => self.measures = Some((negated(&self.plain()), Highest::default())),
                Reduced::Max => self.measures = Some((self.plain(), Highest::default())),
                Reduced::Last | Reduced::Overall | Reduced::Budget => {}
            },
            Kind::Over => self.prepare_look_backs(),
        }
    }

    /// The levels in the words of the limit, higher is worse.
    pub(super) fn in_words(&self) -> &[f64] {
        match &self.measures {
            Some((measures, _)) => measures,
            None => &self.levels,
        }
    }

    /// 1 if higher numbers in the words of the limit are worse, −1 if lower ones are.
    pub(super) fn sign_in_words(&self) -> f64 {
        sign_in_words(&self.case.ask.condition.bound, self.high)
    }

    pub(super) fn plain(&self) -> Vec<f64> {
        let values = self.tape.possible.iter();
        values.map(|value| value.unwrap_or(f64::NAN)).collect()
    }

    pub(super) fn is_bad(&self) -> Vec<bool> {
        let (condition, list) = (&self.case.ask.condition, self.case.list);
        let each = self.tape.possible.iter().enumerate();
        each.map(|(at, value)| {
            value.is_some_and(|value| is_bad(condition, list, self.bound_at(at), value))
        })
        .collect()
    }

    /// The bound at a position, where it is known whatever the window.
    pub(super) fn bound_at(&self, position: usize) -> f64 {
        let each = || self.bounds.get(position).copied().unwrap_or(f64::NAN);
        self.fixed.unwrap_or_else(each)
    }

    pub(super) fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Why the points of a window are not enough, in the order in which that is told.
    ///
    /// # Errors
    /// What only the judge of a single window knows.
    pub(super) fn thin(
        &self,
        window: Window,
        at: Instant,
        together: Option<(&Together, bool)>,
    ) -> Result<Option<Code>, Unusual> {
        let own = &self.tape.extents;
        let thin = match together {
            None => own.thin(window, at),
            Some((all, ends)) => own.thin_among(all.thin(window, at), window, (at, ends))?,
        };
        let quiet = thin.filter(|thin| *thin == Code::Quiet);
        let (ask, tape) = (self.case.ask, &self.tape);
        let spoilt = tape.is_spoilt(window).then_some(Code::ImpossibleValue);
        // What is compared with too few events has no baseline.
        let few_partners = || tape.has_few_partners(ask, window);
        let spoilt = spoilt.or_else(|| few_partners().then_some(Code::BaselineUnknown));
        let few_events = || tape.is_few(ask, window).then_some(Code::LowTraffic);
        let thin = thin.or_else(few_events);
        let pairs = self.tape.pairs.as_ref();
        let few = pairs.and_then(|pairs| match together {
            None => pairs.extents.few_pairs(window, false),
            Some((all, _)) => (pairs.extents.few_pairs(window, true))
                .or_else(|| all.pairs.as_ref()?.few_pairs(window, false)),
        });
        Ok(quiet.or(spoilt).or(thin).or(few))
    }

    /// What is found in a window.
    pub(super) fn rule(&mut self, window: Window, thin: Option<Code>, against: Against) -> Ruled {
        if self.tape.contradiction(window).is_some() {
            let unknown = (Outcome::Unknown, Code::RatioImpossible);
            return Ruled::new(unknown, None, None, None);
        }
        let is_quiet = thin == Some(Code::Quiet) && self.case.ask.kpi.quiet == Quiet::Met;
        if is_quiet && self.tape.extents.is_quiet_throughout(window) {
            return Ruled::new((self.good().0, Code::Quiet), None, None, None);
        }
        if self.high.is_none() || self.odd.within(window) > 0 {
            return self.one_window(window, thin, against);
        }
        match self.kind {
            Kind::Every => self.every(window, thin, against),
            Kind::Lasting(length) => self.lasting(window, thin, against, length),
            Kind::Share(share) => self.share(window, thin, against, share),
            Kind::Over => self.over(window, thin, against),
            Kind::Counted(decisive) => self.counted(window, thin, against, decisive),
            Kind::Reduced(reducer) => self.reduced(window, thin, against, reducer),
        }
    }

    pub(super) fn good(&self) -> (Outcome, Code) {
        match self.case.list {
            List::Stop => (Outcome::Clear, Code::Clear),
            List::Entry | List::Exit | List::Watch | List::Recovery => (Outcome::Met, Code::Met),
        }
    }

    pub(super) fn bad_outcome(&self) -> Outcome {
        match self.case.list {
            List::Stop => Outcome::Tripped,
            List::Entry | List::Exit | List::Watch | List::Recovery => Outcome::Unmet,
        }
    }

    /// The worst point of a window: its position and its value.
    pub(super) fn worst(&mut self, window: Window) -> Option<(usize, f64)> {
        let (position, _) = self.worst.within(&self.levels, window)?;
        let value = self.tape.possible.get(position).copied().flatten()?;
        Some((position, value))
    }

    pub(super) fn bound(&self, position: usize, against: Against) -> f64 {
        match against {
            Against::One { bound, .. } => bound,
            Against::Each => self.bound_at(position),
        }
    }

    pub(super) fn undecided(
        &mut self,
        window: Window,
        thin: Option<Code>,
        against: Against,
    ) -> Ruled {
        let worst = self.worst(window);
        let bound = worst.map(|(position, _)| self.bound(position, against));
        let code = thin.unwrap_or(Code::NoData);
        Ruled::new(
            (Outcome::Unknown, code),
            worst.map(|worst| worst.1),
            bound,
            None,
        )
    }

    pub(super) fn every(&mut self, window: Window, thin: Option<Code>, against: Against) -> Ruled {
        let Some((position, worst)) = self.worst(window) else {
            return self.undecided(window, thin, against);
        };
        let bound = self.bound(position, against);
        let critical = self.critical_of_points(window, worst, against);
        let (outcome, code) = if is_bad(&self.case.ask.condition, self.case.list, bound, worst) {
            (self.bad_outcome(), Code::Breach)
        } else {
            thin.map_or_else(|| self.good(), |thin| (Outcome::Unknown, thin))
        };
        Ruled::new((outcome, code), Some(worst), Some(bound), critical)
    }

    pub(super) fn lasting(
        &mut self,
        window: Window,
        thin: Option<Code>,
        against: Against,
        length: usize,
    ) -> Ruled {
        let trip = match self.first_trip(window, length) {
            Ok(trip) => trip,
            Err(Unusual) => return self.one_window(window, thin, against),
        };
        let Some((position, worst)) = self.worst(window) else {
            return self.undecided(window, thin, against);
        };
        let critical = self.critical_held(window, length);
        let bound = self.bound(position, against);
        if trip.is_some() {
            let (outcome, code) = (self.bad_outcome(), Code::Breach);
            return Ruled::new((outcome, code), Some(worst), Some(bound), critical);
        }
        let all = window.1 + 1 - window.0;
        let is_bad = self.bad.as_ref().is_some_and(|bad| bad.within(window) > 0);
        if thin.is_none() && is_bad && self.measured.within(window) < all {
            // Points that nobody measured may have been bad, too.
            let ruled = self.one_window(window, thin, against);
            return Ruled { critical, ..ruled };
        }
        let (outcome, code) = thin.map_or_else(|| self.good(), |thin| (Outcome::Unknown, thin));
        Ruled::new((outcome, code), Some(worst), Some(bound), critical)
    }

    /// The first position of a window at which a stop on single points trips, whatever is measured later.
    ///
    /// # Errors
    /// Where its bound moves.
    pub(super) fn first_trip(
        &self,
        window: Window,
        length: usize,
    ) -> Result<Option<usize>, Unusual> {
        let held = self.held.as_ref().ok_or(Unusual)?;
        let next = held.next.as_ref().ok_or(Unusual)?;
        let from = window.0 + length - 1;
        let first = next.get(from).copied();
        Ok(first.filter(|position| *position <= window.1))
    }

    /// The same for a bound that is another one in other windows.
    pub(super) fn first_trip_over(
        &self,
        window: Window,
        length: usize,
        bound: f64,
    ) -> Option<usize> {
        let (condition, list) = (&self.case.ask.condition, self.case.list);
        let values = self.tape.possible.get(window.0..=window.1)?;
        let mut run = 0;
        let found = values.iter().position(|value| {
            let is_bad = value.is_some_and(|value| is_bad(condition, list, bound, value));
            run = if is_bad { run + 1 } else { 0 };
            run >= length
        });
        found.map(|found| window.0 + found)
    }

    /// What the judge of a single window finds.
    pub(super) fn one_window(&self, window: Window, thin: Option<Code>, against: Against) -> Ruled {
        let nothing = Ruled::new((Outcome::Unknown, Code::NoData), None, None, None);
        let (from, to) = window;
        let (Some(values), Some(points), Some(grid)) = (
            self.tape.possible.get(from..=to),
            self.tape.points.get(from..=to),
            Grid::inside(self.grid.at(from), self.grid.at(to), self.grid.step()),
        ) else {
            return nothing;
        };
        let limits = match against {
            Against::One { bound, baseline } => Limits::One { bound, baseline },
            Against::Each => {
                let partners = self.tape.pairs.as_ref().map(|pairs| &pairs.partners);
                let partners = partners.and_then(|partners| partners.get(from..=to));
                Limits::Each(Partners::of(
                    self.case,
                    beside(values, partners.unwrap_or_default()),
                ))
            }
        };
        let events = self.tape.events.as_ref();
        let events = events.map(|events| events.within(window));
        let looked = matches!(self.kind, Kind::Over).then(|| {
            let events = events.as_ref();
            look_back(self.case, &grid, Seen { points, events }, Some(&limits))
        });
        let thin = thin.map(|code| Undecided::new(code, ""));
        let (values, thin) = match &looked {
            Some(looked) => (looked.values.as_slice(), thin.or(looked.thin.clone())),
            None => (values, thin),
        };
        let judge = SeriesJudge {
            condition: &self.case.ask.condition,
            list: self.case.list,
            unit: self.case.ask.kpi.unit,
            grid: &grid,
            values,
            points,
            expected: self.expected,
            thin: thin.as_ref(),
            delay: self.case.ask.kpi.delay,
            limits: &limits,
            tally: events.as_ref().map(|events| Tally {
                ask: self.case.ask,
                events,
                span: self.span,
            }),
            looked: Looked::default(),
        };
        let ruling = judge.judge();
        let bound = limits.bound(judge.worst().unwrap_or_default());
        let critical = match (self.kind, against) {
            (Kind::Reduced(_) | Kind::Every, Against::One { baseline, .. }) => ruling
                .value
                .filter(|_| ruling.outcome != Outcome::Unknown)
                .and_then(|value| in_words(&self.case.ask.condition.bound, value, baseline)),
            (Kind::Reduced(_) | Kind::Every, Against::Each)
            | (Kind::Lasting(_) | Kind::Share(_) | Kind::Counted(_) | Kind::Over, _) => None,
        };
        Ruled::new(
            (ruling.outcome, ruling.code),
            ruling.value,
            Some(bound),
            critical,
        )
    }
}

/// The partner of each measured value.
fn beside(values: &[Option<f64>], partners: &[Option<f64>]) -> Vec<Option<f64>> {
    let pairs = values.iter().zip(partners);
    pairs.map(|(value, partner)| value.and(*partner)).collect()
}

fn negated(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| -value).collect()
}

/// From each position on the first at which so many in a row were bad; beyond the end, the number of positions.
pub(super) fn next(bad: &[bool], length: usize) -> Vec<usize> {
    let mut run = 0;
    let trips: Vec<bool> = (bad.iter())
        .map(|is_bad| {
            run = if *is_bad { run + 1 } else { 0 };
            run >= length
        })
        .collect();
    let mut found = bad.len();
    let mut next: Vec<usize> = (trips.iter().enumerate().rev())
        .map(|(position, trips)| {
            if *trips {
                found = position;
            }
            found
        })
        .collect();
    next.reverse();
    next
}
