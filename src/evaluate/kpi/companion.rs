//! M8b: what is asked to see the span of a `$window` query. The query gives one number for all of it, so the same query over
//! 5 minutes is asked at each point of the KPI's grid. Makes the question; must not look at its answer.

use crate::assessment::{Code, CompanionSeen};
use crate::evaluate::context::Undecided;
use crate::evaluate::span::Span;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Missing, Query};
use crate::samples::{Asked, Grid, Origin, Question};
use crate::units::Duration;

/// One question that shows the points of a span.
pub(super) struct Companion {
    pub question: Question,
    pub grid: Grid,
    /// What stands in the place of `$window`.
    pub length: Duration,
    /// Whether it is the guard that is asked: an absent point of the KPI itself means zero.
    pub of_guard: bool,
}

/// The question for a span; `None` where the KPI's own query has points.
pub(super) fn asking(ask: &KpiAsk, span: Span) -> Option<Result<Companion, Undecided>> {
    if !ask.query.is_instant() {
        return None;
    }
    let guard = ask.guard.as_ref();
    let guard = guard.filter(|_| ask.kpi.missing == Missing::Zero);
    let query: &Query = guard.map_or(&ask.query, |guard| &guard.query);
    let Some(grid) = Grid::inside(span.start, span.end, ask.step) else {
        let step = ask.step;
        let reason = format!("no point at a step of {step} lies in it, or more than can be asked");
        return Some(Err(unseen(&reason)));
    };
    let length = Query::companion_length(span.length());
    Some(Ok(Companion {
        question: Question {
            origin: Origin::Source(ask.kpi.source.clone()),
            query: query.text(length),
            asked: Asked::Range(grid),
        },
        grid,
        length,
        of_guard: guard.is_some(),
    }))
}

/// Says that a span cannot be seen.
pub(super) fn unseen(reason: &str) -> Undecided {
    Undecided::new(
        Code::UnseenWindow,
        format!("the window cannot be looked into: {reason}"),
    )
}

impl From<&Companion> for CompanionSeen {
    fn from(companion: &Companion) -> Self {
        Self {
            query: companion.question.query.clone(),
            step: companion.grid.step(),
        }
    }
}
