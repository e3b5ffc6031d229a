//! B13: what has to be asked for pretend releases: each query once over all of them, in pieces of at most a day. Must not ask.

use std::collections::{BTreeMap, BTreeSet};

use super::trials::Trials;
use crate::evaluate::{Sweep, pieces};
use crate::plan::Plan;
use crate::samples::{Asked, Grid, Origin, Question};
use crate::units::{Duration, Instant};

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Material {
    /// Each question once.
    pub questions: Vec<Question>,
    /// How many of them are about one instant: one for each start and `$window` query.
    pub instants: usize,
    /// KPIs of stops that are asked for one number: a stop on them is seen at the end of the window alone.
    pub at_end: Vec<String>,
}

/// What pretend releases of these gates ask. What moves along is asked for the whole span, so that kept answers do for starts
/// between these.
#[must_use]
pub fn asked(plan: &Plan, all: &[&Trials], (from, to): (Instant, Instant)) -> Material {
    let mut spans: BTreeMap<(Origin, String, i64), (Instant, Instant, Grid)> = BTreeMap::new();
    let mut single = BTreeSet::new();
    let mut at_end = BTreeSet::new();
    for trials in all {
        let sweep = Sweep {
            plan,
            gate: trials.gate,
            times: &trials.times,
        };
        let Some((_, gate)) = sweep.place() else {
            continue;
        };
        for criterion in &gate.criteria {
            let ask = criterion.ask.kpi();
            let is_instant = ask.is_some_and(|ask| {
                let guard = ask.guard_query();
                ask.query.is_instant() || guard.is_some_and(crate::plan::Query::is_instant)
            });
            if let Some(ask) = ask.filter(|ask| ask.query.is_instant())
                && criterion.list == crate::kind::List::Stop
            {
                at_end.insert(ask.kpi.name.clone());
            }
            // Spans move with the time: those of the first and the last hold all others.
            let ends = || trials.times.first().into_iter().chain(trials.times.last());
            let times: Vec<_> = if is_instant {
                trials.times.iter().collect()
            } else {
                ends().collect()
            };
            let first = trials.times.first();
            let begins = first.map_or(from, |trial| trial.at - trials.length);
            let earlier = from.until(begins).max(Duration::ZERO);
            let last = trials.times.last().map_or(to, |trial| trial.at);
            let further = last.until(to).max(Duration::ZERO);
            for question in times
                .into_iter()
                .flat_map(|time| sweep.questions(criterion, *time))
            {
                let Asked::Range(grid) = question.asked else {
                    single.insert(question);
                    continue;
                };
                let lane = (question.origin, question.query, grid.step().millis());
                let (start, end) = (grid.first() - earlier, grid.last() + further);
                let span = spans.entry(lane).or_insert((start, end, grid));
                span.0 = span.0.min(start);
                span.1 = span.1.max(end);
            }
        }
    }
    let ranges = spans
        .into_iter()
        .flat_map(|((origin, query, _), (first, last, grid))| {
            let whole = Grid::inside(first, last, grid.step());
            let pieces = whole.map_or_else(Vec::new, pieces);
            pieces.into_iter().map(move |piece| Question {
                origin: origin.clone(),
                query: query.clone(),
                asked: Asked::Range(piece),
            })
        });
    let instants = single
        .iter()
        .filter(|one| matches!(one.asked, Asked::At(_)))
        .count();
    Material {
        questions: ranges.chain(single).collect(),
        instants,
        at_end: at_end.into_iter().collect(),
    }
}
