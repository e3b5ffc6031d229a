//! M8b: what is asked to see the span of a `$window` query. The query gives one number for all of it, so the same query over
//! 5 minutes is asked at each point of the KPI's grid. Makes the question; must not look at its answer.

use crate::assessment::{Code, CompanionSeen};
use crate::evaluate::context::Undecided;
use crate::evaluate::span::Span;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Accept, Missing, Query};
use crate::samples::{Asked, Grid, Origin, Question};
use crate::units::Duration;

/// One question that shows the points of a span.
#[derive(Clone)]
pub(super) struct Companion {
    pub question: Question,
    /// The same of the errors or the good events of a ratio, unless they are zero where they are absent.
    pub part: Option<Question>,
    /// The points; `None` if the answer itself says (captured baselines).
    pub grid: Option<Grid>,
    /// What stands in the place of `$window`, if the query that is asked uses it.
    pub length: Option<Duration>,
    pub shows: Shows,
}

impl Companion {
    /// For the evidence.
    pub fn seen(&self) -> Option<CompanionSeen> {
        Some(CompanionSeen {
            query: self.question.query.clone(),
            step: self.grid?.step(),
        })
    }
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
    queries: (&Query, Option<&Query>),
    guard: Option<(&Query, Option<&Question>)>,
    points: Option<Grid>,
    span: Span,
) -> Option<Result<Companion, Undecided>> {
    if !queries.0.is_instant() {
        return None;
    }
    let Some(grid) = points else {
        let step = ask.step;
        let reason = format!("no point at a step of {step} lies in it, or more than can be asked");
        return Some(Err(unseen(&reason)));
    };
    let asked = |query: String| Question {
        origin: Origin::Source(ask.kpi.source.clone()),
        query,
        asked: Asked::Range(grid),
    };
    let length = Query::companion_length(span.length());
    let asked = |query: String, _: &str| asked(query);
    let companion = behind(ask, queries, guard, length, asked);
    Some(companion.map(|companion| Companion {
        grid: Some(grid),
        ..companion
    }))
}

/// The same for a number that was captured with its points, under this name.
pub(super) fn captured(
    ask: &KpiAsk,
    guard: Option<(&Query, Option<&Question>)>,
    path: &str,
    span: Span,
) -> Option<Result<Companion, Undecided>> {
    if !ask.query.is_instant() || ask.kpi.accepts(Accept::UnseenWindow) {
        return None;
    }
    let asked = |query: String, part: &str| Question {
        origin: Origin::File(path.to_owned()),
        query,
        asked: Asked::Captured(captured_as(&format!("{}{part}", ask.kpi.name))),
    };
    let length = Query::companion_length(span.length());
    let queries = (&ask.query, ask.part.as_ref());
    Some(behind(ask, queries, guard, length, asked))
}

/// The name under which a file holds the points behind the number of a KPI.
pub(super) fn captured_as(kpi: &str) -> String {
    format!("{kpi} points")
}

/// What to do with a file that does not hold them.
pub(super) fn not_captured(path: &str) -> Undecided {
    let code = Accept::UnseenWindow;
    unseen(&format!(
        "`{path}` holds one number for it, and no points: capture it again, or say `accept: [{code}]`"
    ))
}

/// What shows the points of a span: the guard's own question, or one with this length in the place of `$window`.
fn behind(
    ask: &KpiAsk,
    (query, part): (&Query, Option<&Query>),
    guard: Option<(&Query, Option<&Question>)>,
    length: Duration,
    asked: impl Fn(String, &str) -> Question,
) -> Result<Companion, Undecided> {
    let guard = guard.filter(|_| ask.zero_by_guard());
    let of_guard = ask.guard.as_ref();
    let counts_activity = of_guard.is_some_and(|guard| guard.is.asks_for_activity());
    let (question, shows) = match guard {
        None => (asked(query.text(length), ""), Shows::Value),
        Some((_, Some(own))) => (own.clone(), Shows::Guard),
        Some((guard, None)) if counts_activity => (asked(guard.text(length), ""), Shows::Activity),
        Some(_) => return Err(unseen(UNCOUNTED)),
    };
    // Errors that are absent are zero where there are events: those alone show the span.
    let part = part.filter(|_| ask.kpi.missing != Missing::Zero);
    let of = ask.kpi.ratio.map_or("", |ratio| ratio.of.word());
    Ok(Companion {
        question,
        part: part.map(|part| asked(part.text(length), &format!(" {of}"))),
        grid: None,
        length: (shows != Shows::Guard).then_some(length),
        shows,
    })
}

/// What to do where the limit of a guard over the whole span says nothing about a part of it.
const UNCOUNTED: &str = "the limit of the guard is one for all of it, and does not say what a part of it needs: write the guard without `$window`";

/// Says that a span cannot be seen.
pub(super) fn unseen(reason: &str) -> Undecided {
    Undecided::new(
        Code::UnseenWindow,
        format!("the window cannot be looked into: {reason}"),
    )
}
