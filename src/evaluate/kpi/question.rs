//! Rules 2 and 6: what is asked for one condition on one KPI, on which grids.
//! Makes questions; must not look at answers.

use super::companion::{self, Companion};
use crate::assessment::Code;
use crate::evaluate::context::PlacedCriterion;
use crate::evaluate::context::Undecided;
use crate::evaluate::span::{self, Moment, Span, window_of};
use crate::kind::List;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Baseline, BaselineAs, Hold, Observe, Query, Stage};
use crate::samples::{Asked, Grid, Origin, Question};
use crate::units::{Duration, Instant};

/// One condition on one KPI at one gate at T.
pub(super) struct KpiQuestion<'a> {
    pub ask: &'a KpiAsk,
    pub list: List,
    /// The time from which the age of points counts: T, or the delay of its source before T; E if the stage had ended before.
    pub at: Instant,
    /// The judged span, narrowed if the condition says `for 2h` (in entry and exit).
    pub judged: Span,
    /// The samples to judge.
    pub samples: GuardedQuestion,
    /// The samples to compare with, if the condition is relative.
    pub baseline: Option<Result<GuardedQuestion, Undecided>>,
    /// What shows the points of the span, if the query gives one number for all of it (M8b).
    pub companion: Option<Result<Companion, Undecided>>,
    /// While the window is still running: how far it is.
    pub incomplete: Option<Undecided>,
}

/// One KPI query with its guard.
pub(super) struct GuardedQuestion {
    /// The points that are queried; `None` if the answer itself says (captured baselines).
    pub grid: Option<Grid>,
    pub question: Question,
    pub guard: Option<Question>,
}

impl GuardedQuestion {
    /// Its questions, in the order in which they are asked.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        std::iter::once(&self.question).chain(&self.guard)
    }
}

impl<'a> KpiQuestion<'a> {
    /// Works out spans and questions.
    ///
    /// # Errors
    /// Where the span holds no point to judge, recovery is asked about and no rollback is recorded, or the gate has no
    /// window (no valid plan has such a gate).
    pub fn new(ask: &'a KpiAsk, placed: &PlacedCriterion<'_>) -> Result<Self, Undecided> {
        let placed = placed.late(ask.kpi.delay);
        let (stage, moment, list) = (placed.stage, placed.moment, placed.list());
        let window = window_of(placed.gate);
        if window <= Duration::ZERO {
            return Err(Undecided::new(
                Code::EmptySpan,
                "the gate has no window to judge",
            ));
        }
        if list == List::Recovery && moment.rolled_back.is_none() {
            let reason = format!("no rollback of {} is recorded", stage.name);
            return Err(Undecided::new(Code::NotRolledBack, reason));
        }
        let whole = span::judged(list, stage, window, moment);
        let judged = match ask.condition.hold {
            Some(Hold::For(length)) if list != List::Stop => whole.last(length),
            Some(Hold::For(_) | Hold::Share(_)) | None => whole,
        };
        let guard = ask.guard.as_ref().map(|guard| &guard.query);
        let samples = asking(ask, &ask.query, guard, judged)
            .ok_or_else(|| empty(ask, list, moment, stage, whole))?;
        let baseline = ask
            .baseline
            .as_ref()
            .filter(|_| ask.condition.is_relative());
        let baseline = baseline.map(|baseline| {
            // Only the points that are judged need a partner.
            let span = match ask.baseline_as {
                BaselineAs::Points => judged,
                BaselineAs::One(_) => whole,
            };
            baseline_asking(ask, baseline, span, moment)
        });
        let incomplete = incomplete(list, stage, window, moment);
        Ok(Self {
            ask,
            list,
            at: whole.end,
            judged,
            companion: companion::asking(ask, judged),
            samples,
            baseline,
            incomplete,
        })
    }

    /// All its questions, in the order in which they are asked.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        let baseline = self.baseline.iter().flatten();
        let companion = self.companion.iter().flatten();
        std::iter::once(&self.samples)
            .chain(baseline)
            .flat_map(GuardedQuestion::questions)
            .chain(companion.map(|companion| &companion.question))
    }
}

/// Why nothing can be judged yet, or at all.
fn empty(ask: &KpiAsk, list: List, moment: Moment, stage: &Stage, whole: Span) -> Undecided {
    let steps = whole.length().millis() / ask.step.millis().max(1);
    let settled = moment.started().map(|started| started + stage.settle);
    let resumed = moment.resumed.filter(|resumed| settled < Some(*resumed));
    if steps >= Grid::MAX_POINTS {
        let (start, end, step, most) = (whole.start, whole.end, ask.step, Grid::MAX_POINTS);
        let reason = format!(
            "the span from {start} to {end} holds {steps} steps of {step}, but at most {most} can be judged: choose a longer step"
        );
        return Undecided::new(Code::EmptySpan, reason);
    }
    let reason = match (list, moment.started(), moment.rolled_back) {
        (List::Recovery, _, Some(rolled_back)) => {
            format!("no point to judge yet: rolled back at {rolled_back}")
        }
        (List::Stop, Some(_), _) if resumed > Some(whole.end) => format!(
            "no point to judge: resumed at {}, after the stage had ended at {}",
            whole.start, whole.end
        ),
        (List::Stop, Some(_), _) if resumed.is_some() => {
            format!("no point to judge yet: resumed at {}", whole.start)
        }
        (List::Stop | List::Exit | List::Watch, Some(started), _) => format!(
            "no point to judge yet: the stage started at {started} and settles until {}",
            started + stage.settle
        ),
        (List::Entry, ..)
        | (List::Recovery, _, None)
        | (List::Stop | List::Exit | List::Watch, None, _) => {
            format!(
                "no point to judge between {} and {}",
                whole.start, whole.end
            )
        }
    };
    Undecided::new(Code::EmptySpan, reason)
}

/// How far the window is, while it is still running: for exit and watch from the start, for recovery from the rollback.
pub(in crate::evaluate) fn incomplete(
    list: List,
    stage: &Stage,
    window: Duration,
    moment: Moment,
) -> Option<Undecided> {
    let (judged_from, since) = match list {
        List::Exit | List::Watch => match moment.observe {
            Observe::SinceStart => (moment.started()? + stage.settle, ""),
            Observe::Trailing => return None,
        },
        List::Recovery => (moment.rolled_back?, " since the rollback"),
        List::Entry | List::Stop => return None,
    };
    let (complete_at, end) = (judged_from + window, moment.end(list));
    let observed = judged_from.until(end).max(Duration::ZERO);
    if let Some(ended) = moment.period.ended().filter(|ended| *ended < complete_at) {
        let reason = format!(
            "cut short: {observed} of {window} observed when the next stage began at {ended}; only an override settles it"
        );
        return Some(Undecided::new(Code::CutShort, reason));
    }
    (end < complete_at).then(|| {
        let complete_at = complete_at + moment.delay;
        let reason = format!("{observed} of {window} observed{since}, complete at {complete_at}");
        Undecided::new(Code::WindowIncomplete, reason)
    })
}

/// The questions for a span; `None` if no point lies in it.
fn asking(
    ask: &KpiAsk,
    query: &Query,
    guard: Option<&Query>,
    span: Span,
) -> Option<GuardedQuestion> {
    let (grid, asked) = if query.is_instant() {
        // A range of under a second cannot be written as `$window`.
        (span.length() >= Duration::from_secs(1)).then_some(())?;
        let point = Grid::inside(span.end, span.end, Duration::from_millis(1))?;
        (point, Asked::At(span.end))
    } else {
        let grid = Grid::inside(span.start, span.end, ask.step)?;
        (grid, Asked::Range(grid))
    };
    let origin = Origin::Source(ask.kpi.source.clone());
    let question = |query: &Query| Question {
        origin: origin.clone(),
        query: query.text(span.length()),
        asked: asked.clone(),
    };
    Some(GuardedQuestion {
        grid: Some(grid),
        question: question(query),
        guard: guard.map(question),
    })
}

/// The questions for a baseline.
fn baseline_asking(
    ask: &KpiAsk,
    baseline: &Baseline,
    whole: Span,
    moment: Moment,
) -> Result<GuardedQuestion, Undecided> {
    let guard = ask.guard.as_ref().map(|guard| &guard.query);
    let (query, guard, span) = match baseline {
        Baseline::Offset(offset) => (&ask.query, guard, whole.earlier(*offset)),
        Baseline::Before(length) => {
            let start = moment
                .untouched
                .ok_or_else(|| unknown("the start of the stage is not recorded: pass --started"))?;
            (
                &ask.query,
                guard,
                Span {
                    start: start - *length,
                    end: start,
                },
            )
        }
        Baseline::Between(from, to) => (
            &ask.query,
            guard,
            Span {
                start: *from,
                end: *to,
            },
        ),
        Baseline::Vars { query, guard } => (query, guard.as_ref(), whole),
        Baseline::File(path) => return Ok(captured(ask, path, whole)),
    };
    asking(ask, query, guard, span)
        .ok_or_else(|| unknown("its span holds no point, or more than can be judged"))
}

fn unknown(reason: &str) -> Undecided {
    Undecided::new(
        Code::BaselineUnknown,
        format!("the baseline is unknown: {reason}"),
    )
}

/// The questions for a captured file.
fn captured(ask: &KpiAsk, path: &str, whole: Span) -> GuardedQuestion {
    let question = |query: &Query, name: String| Question {
        origin: Origin::File(path.to_owned()),
        query: query.text(whole.length()),
        asked: Asked::Captured(name),
    };
    let guard = ask
        .guard
        .as_ref()
        .map(|guard| question(&guard.query, format!("{} guard", ask.kpi.name)));
    GuardedQuestion {
        grid: None,
        question: question(&ask.query, ask.kpi.name.clone()),
        guard,
    }
}
