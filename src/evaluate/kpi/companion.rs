//! M8b: what is asked to see the span of a `$window` query. The query gives one number for all of it, so the same query over
//! 5 minutes is asked at each point of the KPI's grid. Makes the question; must not look at its answer.

use crate::assessment::{Code, CompanionSeen};
use crate::evaluate::context::Undecided;
use crate::evaluate::span::Span;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Accept, Comparison, Missing, Query};
use crate::samples::{Asked, Grid, Origin, Question};
use crate::units::Duration;

/// One question that shows the points of a span.
#[derive(Clone)]
pub(super) struct Companion {
    pub question: Question,
    pub grid: Grid,
    /// What stands in the place of `$window`, if the query that is asked uses it.
    pub length: Option<Duration>,
    pub shows: Shows,
}

/// What a companion shows of each point of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    /// The KPI's own value. A guard with points of its own is asked beside it; one with `$window` tells no quiet point from
    /// a missing one.
    Value,
    /// Whether the guard holds: an absent point of the KPI itself means zero.
    Guard,
    /// Whether the guard counts anything, its limit being one for the whole span: an absent point means zero here, too.
    Activity,
}

/// The question for a span with these points; `None` where the KPI's own query has points. `guard` is its guard, and the
/// question for the points of that where it has any.
pub(super) fn asking(
    ask: &KpiAsk,
    query: &Query,
    guard: Option<(&Query, Option<&Question>)>,
    points: Option<Grid>,
    span: Span,
) -> Option<Result<Companion, Undecided>> {
    if !query.is_instant() {
        return None;
    }
    let Some(grid) = points else {
        let step = ask.step;
        let reason = format!("no point at a step of {step} lies in it, or more than can be asked");
        return Some(Err(unseen(&reason)));
    };
    let guard = guard.filter(|_| ask.kpi.missing == Missing::Zero);
    let length = Query::companion_length(span.length());
    let behind = |query: &Query| Question {
        origin: Origin::Source(ask.kpi.source.clone()),
        query: query.text(length),
        asked: Asked::Range(grid),
    };
    let (question, shows) = match guard {
        None => (behind(query), Shows::Value),
        Some((_, Some(asked))) => (asked.clone(), Shows::Guard),
        Some((guard, None)) if counts_activity(ask) => (behind(guard), Shows::Activity),
        Some(_) => return Some(Err(unseen(UNCOUNTED))),
    };
    Some(Ok(Companion {
        length: (shows != Shows::Guard).then_some(length),
        question,
        grid,
        shows,
    }))
}

/// What to do where the limit of a guard over the whole span says nothing about a part of it.
const UNCOUNTED: &str = "the limit of the guard is one for all of it, and does not say what a part of it needs: write the guard without `$window`";

/// Whether a guard over the whole span asks for more than nothing: then a part in which it is above zero is active.
fn counts_activity(ask: &KpiAsk) -> bool {
    ask.guard.as_ref().is_some_and(|guard| {
        let asks_for_more = match guard.is.comparison {
            Comparison::Greater | Comparison::GreaterOrEqual => true,
            Comparison::Less
            | Comparison::LessOrEqual
            | Comparison::Equal
            | Comparison::NotEqual => false,
        };
        asks_for_more && guard.is.bound.get() >= 0.0
    })
}

/// What shows the points behind a number that was captured: nothing, since they were not captured.
pub(super) fn captured(ask: &KpiAsk, path: &str) -> Option<Result<Companion, Undecided>> {
    let code = Accept::UnseenWindow;
    if !ask.query.is_instant() || ask.kpi.accepts(code) {
        return None;
    }
    let reason = format!(
        "`{path}` holds one number for it, and no points: use `offset` or `before`, or say `accept: [{code}]`"
    );
    Some(Err(unseen(&reason)))
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
