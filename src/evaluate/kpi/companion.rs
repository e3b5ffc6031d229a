//! M8b: what the span of a `$window` query holds. The query gives one number for all of it, so the same query over 5 minutes
//! is asked at each point of the KPI's grid: coverage and freshness are seen from that.
//!
//! Must not decide: a number that breaches stays, and one that is good stands only where the span was seen.

use std::collections::BTreeMap;

use super::judge::Finding;
use super::measure::{self, place};
use super::question::KpiQuestion;
use super::series::{GuardSeries, JudgedSeries, subjects, whole};
use super::stretches::gaps;
use crate::assessment::{Code, CompanionSeen, Gap, Outcome, PointCount};
use crate::evaluate::context::Undecided;
use crate::evaluate::span::Span;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Missing, Query};
use crate::samples::{Asked, Grid, Observations, Origin, Question, Reply, Series};
use crate::units::{Duration, Instant};

/// What stands in the place of `$window`, in spans that are not shorter.
const LENGTH: Duration = Duration::from_secs(5 * 60);

/// One question that shows the points of a span.
pub(super) struct Companion {
    pub question: Question,
    grid: Grid,
    /// Whether it is the guard that is asked: an absent point of the KPI itself means zero.
    of_guard: bool,
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
    Some(Ok(Companion {
        question: Question {
            origin: Origin::Source(ask.kpi.source.clone()),
            query: query.text(LENGTH.min(span.length())),
            asked: Asked::Range(grid),
        },
        grid,
        of_guard: guard.is_some(),
    }))
}

fn unseen(reason: &str) -> Undecided {
    Undecided::new(
        Code::UnseenWindow,
        format!("the window cannot be looked into: {reason}"),
    )
}

/// What was asked, for the evidence.
pub(super) fn seen(case: &KpiQuestion) -> Option<CompanionSeen> {
    let companion = case.companion.as_ref()?.as_ref().ok()?;
    Some(CompanionSeen {
        query: companion.question.query.clone(),
        step: companion.grid.step(),
    })
}

/// The points of a span, series by series.
pub(super) struct Window<'a> {
    ask: &'a KpiAsk,
    grid: Grid,
    /// T, or the delay before it.
    at: Instant,
    /// By the value of `per`'s label; under `None` what holds for all.
    points: BTreeMap<Option<String>, Vec<bool>>,
}

impl<'a> Window<'a> {
    /// What came back; `None` where the query itself has points.
    pub fn of(
        case: &KpiQuestion<'a>,
        observations: &Observations,
    ) -> Option<Result<Self, Undecided>> {
        Some(match case.companion.as_ref()? {
            Ok(companion) => {
                Self::read(case, companion, observations).map_err(|why| unseen(&why.reason))
            }
            Err(undecided) => Err(undecided.clone()),
        })
    }

    fn read(
        case: &KpiQuestion<'a>,
        companion: &Companion,
        observations: &Observations,
    ) -> Result<Self, Undecided> {
        let reply = whole(observations, &companion.question)?;
        let is_there = |value: Option<f64>| match value {
            // 0/0: the series are there, and no traffic between them. A guard says whether that is enough.
            Some(value) => !value.is_nan() || (case.ask.guard.is_some() && !companion.of_guard),
            None => false,
        };
        let mut points = BTreeMap::new();
        for (per, series) in series(case.ask, companion.of_guard, reply)? {
            let placed = place(series, &companion.grid)?;
            points.insert(per, placed.into_iter().map(is_there).collect());
        }
        Ok(Self {
            ask: case.ask,
            grid: companion.grid,
            at: case.at,
            points,
        })
    }

    /// Whether a point of a series is there. Where nothing lists the series, one of them is enough (rule 3).
    fn is_there(&self, subject: &JudgedSeries, position: usize) -> bool {
        let at = |points: &Vec<bool>| points.get(position) == Some(&true);
        if subject.per.is_some() && self.ask.expected.is_none() {
            return self.points.values().any(at);
        }
        let own = self.points.get(&subject.per);
        own.or_else(|| self.points.get(&None)).is_some_and(at)
    }

    /// Why what the span holds of a series is not enough; `None` where it is.
    fn thin(&self, subject: &JudgedSeries) -> Option<Undecided> {
        let is_there = |position: usize| self.is_there(subject, position);
        let thin = measure::thin(self.ask, &self.grid, Some(self.at), &is_there)?;
        let length = LENGTH.min(self.grid.first().until(self.grid.last()));
        let reason = format!(
            "{} (seen with {length} in the place of `$window`)",
            thin.reason
        );
        Some(Undecided { reason, ..thin })
    }

    /// How many points of a series there should be and are, and where they are not.
    pub fn counted(&self, subject: &JudgedSeries) -> (PointCount, Vec<Gap>) {
        let there = (0..self.grid.count()).map(|position| self.is_there(subject, position));
        let there: Vec<Option<f64>> = there.map(|there| there.then_some(1.0)).collect();
        let count = PointCount {
            expected: there.len(),
            measured: there.iter().flatten().count(),
        };
        (count, gaps(&there, &self.grid))
    }
}

/// The series that came back, by `per`.
fn series<'r>(
    ask: &KpiAsk,
    of_guard: bool,
    reply: &'r Reply,
) -> Result<Vec<(Option<String>, &'r Series)>, Undecided> {
    if reply.series.is_empty() {
        return Ok(Vec::new());
    }
    if of_guard {
        return Ok(match GuardSeries::read(ask.kpi.per.as_deref(), reply)? {
            GuardSeries::ForAll(series) => {
                series.map(|series| (None, series)).into_iter().collect()
            }
            GuardSeries::By(series) => {
                let series = series.into_iter();
                series.map(|(per, series)| (Some(per), series)).collect()
            }
        });
    }
    let subjects = subjects(ask, reply)?.into_iter();
    Ok(subjects
        .filter_map(|subject| Some((subject.per, subject.series?)))
        .collect())
}

/// A finding of a number for the whole span, as far as the span was seen.
pub(super) fn as_seen(
    finding: Finding,
    window: Option<&Result<Window<'_>, Undecided>>,
    subject: &JudgedSeries,
) -> Finding {
    let thin = match window {
        None => None,
        Some(Ok(window)) => window.thin(subject),
        Some(Err(undecided)) => Some(undecided.clone()),
    };
    let Some(thin) = thin else { return finding };
    match finding.outcome {
        Outcome::Met | Outcome::Clear => Finding {
            outcome: Outcome::Unknown,
            code: thin.code,
            reason: format!(
                "{}; the one number is good: {}",
                thin.reason, finding.reason
            ),
            ..finding
        },
        Outcome::Unmet | Outcome::Tripped => Finding {
            reason: format!("{} (though {})", finding.reason, thin.reason),
            ..finding
        },
        Outcome::Unknown => finding,
    }
}
