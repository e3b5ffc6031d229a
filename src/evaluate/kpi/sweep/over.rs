//! R5 for any window of a long time: look-backs that were summed once, as a check sums them. Must not look at single points.

use super::extents::{Unusual, Window};
use super::flip::in_words;
use super::kind::{Against, Ruled};
use super::line::{Held, Line, LookBacks, next};
use super::slides::{Counts, Highest};
use crate::assessment::{Code, Outcome};
use crate::evaluate::kpi::bad::is_bad;
use crate::evaluate::kpi::lookback::{Counted, Place, Seen, decisive, first_end, places};
use crate::evaluate::kpi::question::KpiQuestion;
use crate::kind::List;
use crate::plan::Hold;
use crate::samples::Grid;
use crate::units::Duration;

/// How many points of a window come before the first at which a look-back of a length ends.
fn early(case: &KpiQuestion<'_>, grid: &Grid, window: Window, length: Duration) -> Option<usize> {
    let grid = Grid::inside(grid.at(window.0), grid.at(window.1), grid.step())?;
    Some(first_end(case, &grid, length))
}

/// The same for the longest look-back of a condition.
pub(super) fn early_of_all(case: &KpiQuestion<'_>, grid: &Grid, window: Window) -> Option<usize> {
    let lengths = case.ask.condition.hold.map(Hold::lookbacks);
    early(case, grid, window, lengths?.into_iter().max()?)
}

impl Line<'_> {
    /// Looks back from each point.
    pub(super) fn prepare_look_backs(&mut self) {
        let (ask, list) = (self.case.ask, self.case.list);
        let seen = Seen {
            points: &self.tape.points,
            events: self.tape.events.as_ref().map(|events| &events.series),
        };
        let sign = if self.high == Some(false) { -1.0 } else { 1.0 };
        let lengths = ask.condition.hold.map(Hold::lookbacks).unwrap_or_default();
        let of_lengths: Vec<Vec<Place>> = (lengths.iter())
            .map(|length| places(ask, &self.grid, seen, *length))
            .collect();
        let level = |value: Option<f64>| value.map_or(f64::NAN, |value| sign * value);
        let counts =
            |places: &[Place], is_one: fn(&Place) -> bool| Counts::of(places.iter().map(is_one));
        let each = lengths.into_iter().zip(&of_lengths);
        self.look_backs = each
            .map(|(length, places)| LookBacks {
                length,
                there: counts(places, |place| place.value().is_some()),
                missing: counts(places, |place| *place == Place::Missing),
                levels: match list {
                    List::Stop => Vec::new(),
                    List::Entry | List::Exit | List::Watch | List::Recovery => {
                        places.iter().map(|place| level(place.value())).collect()
                    }
                },
                worst: Highest::default(),
            })
            .collect();
        if list != List::Stop {
            return;
        }
        let all = (0..self.grid.count()).map(|position| {
            let here = of_lengths.iter().map(|places| places.get(position));
            let here = here.map(|place| place.and_then(|place| place.value()));
            level(decisive(here, list, |value| sign * value))
        });
        let levels: Vec<f64> = all.collect();
        let next = self.fixed.map(|bound| {
            let is_bad = |level: &f64| is_bad(&ask.condition, list, bound, sign * level);
            next(&levels.iter().map(is_bad).collect::<Vec<bool>>(), 1)
        });
        self.held = Some(Held {
            levels,
            highest: Highest::default(),
            next,
        });
    }

    /// The worst look-back of a window: its value.
    fn worst_look_back(&mut self, window: Window) -> Option<f64> {
        let sign = if self.high == Some(false) { -1.0 } else { 1.0 };
        let (case, grid, last) = (self.case, self.grid, window.1);
        let from = |early: Option<usize>| Some(window.0 + early?).filter(|from| *from <= last);
        if let Some(held) = &mut self.held {
            let from = from(early_of_all(case, &grid, window))?;
            let worst = held.highest.within(&held.levels, (from, last));
            return worst.map(|(_, level)| sign * level);
        }
        let each = self.look_backs.iter_mut().filter_map(|one| {
            let from = from(early(case, &grid, window, one.length))?;
            one.worst.within(&one.levels, (from, last))
        });
        let worst = each.map(|(_, level)| level).reduce(f64::max);
        worst.map(|level| sign * level)
    }

    /// Why the look-backs of a window are not enough.
    fn few_look_backs(&self, window: Window, is_none: bool) -> Option<Code> {
        let mut counted = Counted {
            there: 0,
            missing: 0,
            is_none,
            too_long: None,
        };
        for one in &self.look_backs {
            let early = early(self.case, &self.grid, window, one.length)?;
            let ends = (window.0 + early, window.1);
            if ends.0 > ends.1 {
                counted.too_long = counted.too_long.or(Some(one.length));
                continue;
            }
            counted.there += one.there.within(ends);
            counted.missing += one.missing.within(ends);
        }
        counted.thin(self.case).map(|thin| thin.code)
    }

    pub(super) fn over(&mut self, window: Window, thin: Option<Code>, against: Against) -> Ruled {
        let worst = self.worst_look_back(window);
        let thin = thin.or_else(|| self.few_look_backs(window, worst.is_none()));
        let bound = self.bound(window.0, against);
        let Some(worst) = worst else {
            let code = thin.unwrap_or(Code::NoData);
            return Ruled::new((Outcome::Unknown, code), None, Some(bound), None);
        };
        let baseline = match against {
            Against::One { baseline, .. } => baseline,
            Against::Each => None,
        };
        let condition = &self.case.ask.condition;
        let critical = in_words(&condition.bound, worst, baseline);
        let (outcome, code) = if is_bad(condition, self.case.list, bound, worst) {
            (self.bad_outcome(), Code::Breach)
        } else {
            thin.map_or_else(|| self.good(), |thin| (Outcome::Unknown, thin))
        };
        Ruled::new((outcome, code), Some(worst), Some(bound), critical)
    }

    /// The first position of a window at which a stop on look-backs trips, whatever is measured later.
    ///
    /// # Errors
    /// Where which look-back is worse depends on the bound.
    pub(super) fn first_look_back(
        &self,
        window: Window,
        against: Against,
    ) -> Result<Option<usize>, Unusual> {
        let (Some(high), Some(held)) = (self.high, &self.held) else {
            return Err(Unusual);
        };
        let Some(early) = early_of_all(self.case, &self.grid, window) else {
            return Err(Unusual);
        };
        let from = window.0 + early;
        if let Some(next) = &held.next {
            let first = next.get(from).copied();
            return Ok(first.filter(|position| *position <= window.1));
        }
        let (sign, bound) = (if high { 1.0 } else { -1.0 }, self.bound(window.0, against));
        let levels = held.levels.get(from..=window.1).unwrap_or_default();
        let (condition, list) = (&self.case.ask.condition, self.case.list);
        let is_bad = |level: &f64| is_bad(condition, list, bound, sign * level);
        Ok(levels.iter().position(is_bad).map(|found| from + found))
    }
}
