//! One condition on one KPI at many times: one pass over each series, whatever the window (B11), with what a check would say (B3)
//! and the limit at which it would say something else (B12).
//!
//! `slides` (windows that move) · `tape` (points, measured once) · `extents` (rules 3 and 4) · `line`, `reduced`, `counts` (rule 5) · `events`, `over` (ratios of events) · `critical` (B12) · `kind`, `flip` (their words) · `pass`, `best` (all series) · `single` (one time,
//! as a check judges it). Must not judge otherwise than a check: what cannot be judged in passing is handed to its own functions.

mod best;
mod counts;
mod critical;
mod events;
mod extents;
mod flip;
mod kind;
mod line;
mod over;
mod pass;
mod reduced;
mod single;
mod slides;
mod tape;

use self::best::scale_of;
use self::pass::{Case, Pass};
use super::question::KpiQuestion;
use crate::assessment::{CriterionAssessment, Outcome};
use crate::evaluate::context::PlacedCriterion;
use crate::evaluate::history::History;
use crate::evaluate::swept::{FirstTrip, JudgedAt, Swept};
use crate::plan::criteria::KpiAsk;
use crate::units::Instant;

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
    let mut by_check = Vec::with_capacity(placed.len());
    let judged = placed.iter().enumerate().map(|(time, placed)| {
        let in_passing = passed.judged.get(time).copied().flatten();
        by_check.push(in_passing.is_none());
        if let Some(judged) = in_passing {
            return judged;
        }
        alone(ask, placed, history, &mut names)
    });
    let judged: Vec<JudgedAt> = judged.collect();
    Swept {
        scale: scale_of(ask, placed.first().map(PlacedCriterion::list), passed.track),
        names,
        judged,
        alone: by_check,
    }
}

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
