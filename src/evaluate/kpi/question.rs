//! Rules 2 and 6: what is asked for one condition on one KPI, on which grids.
//! Makes questions; must not look at answers.

use super::companion::{self, Companion, Shows};
use super::fixed;
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
    /// M7: the same over the whole span, if a condition looks at its last part and nothing lists the series.
    pub whole: Option<GuardedQuestion>,
    /// The span of the baseline, if the plan fixes its length.
    pub fixed: Option<Span>,
    /// The samples to compare with, if the condition is relative.
    pub baseline: Option<Result<GuardedQuestion, Undecided>>,
    /// While the window is still running: how far it is.
    pub incomplete: Option<Undecided>,
    /// How long the window is when complete.
    pub window: Duration,
    /// Whether the judged span is shorter, so that the same will be asked of more (C9).
    pub is_early: bool,
}

/// What a question about a KPI is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose {
    /// What it asks for.
    pub sought: Sought,
    /// Whether that is what the KPI is compared with.
    pub of_baseline: bool,
}

/// What a question about a KPI asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// Its values.
    Values,
    /// The errors or the good events of a ratio, whose values are those of all events.
    Part,
    /// Those of its guard.
    Guard,
    /// The points behind one number.
    Points,
    /// Those behind the errors or the good events.
    PartPoints,
}

/// One KPI query with its guard.
#[derive(Clone)]
pub(super) struct GuardedQuestion {
    /// The points that are judged; `None` if the answer itself says (captured baselines).
    pub grid: Option<Grid>,
    /// How long the span is.
    pub length: Duration,
    pub question: Question,
    /// That of the errors or the good events, if the KPI is a ratio; `question` is then that of all events.
    pub part: Option<Question>,
    pub guard: Option<GuardQuestion>,
    /// What shows the points of the span, if the query gives one number for all of it (M8b).
    pub companion: Option<Result<Companion, Undecided>>,
}

/// The query of a guard.
#[derive(Clone)]
pub(super) struct GuardQuestion {
    pub question: Question,
    /// Its own points, if its KPI gives one number for all of them and it does not.
    pub grid: Option<Grid>,
    /// Whether it has points where its KPI gives one number.
    pub is_behind: bool,
}

impl GuardedQuestion {
    /// Its questions, in the order in which they are asked, with what each is for.
    fn questions(&self) -> impl Iterator<Item = (Sought, &Question)> {
        let guard = self.guard.iter();
        let guard = guard.map(|guard| (Sought::Guard, &guard.question));
        let part = self.part.iter().map(|part| (Sought::Part, part));
        let companion = self.companion.iter().flatten();
        let companion = companion.flat_map(|companion| {
            let part = companion.part.iter();
            std::iter::once((Sought::Points, &companion.question))
                .chain(part.map(|part| (Sought::PartPoints, part)))
        });
        std::iter::once((Sought::Values, &self.question))
            .chain(part)
            .chain(guard)
            .chain(companion)
    }

    /// Takes its points from the answers for a longer span, so that they are asked for once.
    fn is_part_of(&mut self, whole: &Self) {
        self.question = whole.question.clone();
        self.part.clone_from(&whole.part);
        let guards = self.guard.iter_mut().zip(&whole.guard);
        for (part, whole) in guards {
            part.question = whole.question.clone();
        }
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
            Some(
                Hold::For(_) | Hold::Share(_) | Hold::Points(_) | Hold::But(_) | Hold::Over(..),
            )
            | None => whole,
        };
        let queries = Queries::of(ask);
        let mut samples =
            asking(ask, queries, judged).ok_or_else(|| empty(ask, list, moment, stage, whole))?;
        let seen = (judged != whole && ask.kpi.per.is_some() && ask.expected.is_none())
            .then(|| asking(ask, queries, whole))
            .flatten();
        if let Some(seen) = &seen {
            samples.is_part_of(seen);
        }
        let baseline = ask
            .baseline
            .as_ref()
            .filter(|_| ask.condition.is_relative());
        let fixed =
            baseline.and_then(|baseline| fixed::compared(ask, baseline, whole, moment.untouched));
        let baseline = baseline.map(|baseline| {
            // Only the points that are judged need a partner.
            let span = match ask.baseline_as {
                BaselineAs::Points => judged,
                BaselineAs::One(_) => whole,
            };
            baseline_asking(ask, baseline, span, fixed.as_ref())
        });
        let incomplete = incomplete(list, stage, window, moment);
        Ok(Self {
            ask,
            list,
            at: whole.end,
            judged,
            samples,
            whole: seen,
            fixed: fixed.and_then(Result::ok),
            baseline,
            incomplete,
            window,
            is_early: is_early(list, moment, whole, window),
        })
    }

    /// All its questions, in the order in which they are asked.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.purposes().map(|(_, question)| question)
    }

    /// The same, with what each is for.
    pub fn purposes(&self) -> impl Iterator<Item = (Purpose, &Question)> {
        let samples = std::iter::once((false, &self.samples));
        let baseline = self.baseline.iter().flatten();
        let baseline = baseline.map(|baseline| (true, baseline));
        samples.chain(baseline).flat_map(|(of_baseline, asking)| {
            let questions = asking.questions();
            questions.map(move |(sought, question)| {
                let purpose = Purpose {
                    sought,
                    of_baseline,
                };
                (purpose, question)
            })
        })
    }
}

/// Why nothing can be judged yet, or at all.
fn empty(ask: &KpiAsk, list: List, moment: Moment, stage: &Stage, whole: Span) -> Undecided {
    let steps = whole.length().millis() / ask.step.millis().max(1);
    if steps >= Grid::MAX_POINTS {
        let (start, end, step, most) = (whole.start, whole.end, ask.step, Grid::MAX_POINTS);
        let reason = format!(
            "the span from {start} to {end} holds {steps} steps of {step}, but at most {most} can be judged: choose a longer step"
        );
        return Undecided::new(Code::EmptySpan, reason);
    }
    let reason = format!(
        "{}{}",
        nothing_yet(list, moment, stage, whole),
        late(moment)
    );
    Undecided::new(Code::EmptySpan, reason)
}

/// That what is judged ends before T; empty where it does not.
fn late(moment: Moment) -> String {
    if moment.delay == Duration::ZERO {
        return String::new();
    }
    let (delay, at) = (moment.delay, moment.at);
    format!(
        "; samples come late, so that what is judged ends at {at} (the source's `delay: {delay}`)"
    )
}

/// Which point of a span is not there yet, or never.
fn nothing_yet(list: List, moment: Moment, stage: &Stage, whole: Span) -> String {
    let settled = moment.started().map(|started| started + stage.settle);
    let resumed = moment.resumed.filter(|resumed| settled < Some(*resumed));
    match (list, moment.started(), moment.rolled_back) {
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
        (List::Stop | List::Exit | List::Watch, Some(started), _) => {
            let began = format!("no point to judge yet: the stage started at {started}");
            if stage.settle == Duration::ZERO {
                began
            } else {
                format!("{began} and settles until {}", started + stage.settle)
            }
        }
        (List::Entry, ..)
        | (List::Recovery, _, None)
        | (List::Stop | List::Exit | List::Watch, None, _) => {
            format!(
                "no point to judge between {} and {}",
                whole.start, whole.end
            )
        }
    }
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

/// Whether a span is shorter than its window: before the window's end, and for a while after a resume. One that trails never is.
fn is_early(list: List, moment: Moment, whole: Span, window: Duration) -> bool {
    let trails = match list {
        List::Exit | List::Stop | List::Watch => moment.observe == Observe::Trailing,
        List::Entry | List::Recovery => false,
    };
    !trails && whole.length() < window
}

/// The queries of a KPI, or of its baseline.
#[derive(Clone, Copy)]
struct Queries<'q> {
    query: &'q Query,
    part: Option<&'q Query>,
    guard: Option<&'q Query>,
}

impl<'q> Queries<'q> {
    fn of(ask: &'q KpiAsk) -> Self {
        Self {
            query: &ask.query,
            part: ask.part.as_ref(),
            guard: ask.guard_query(),
        }
    }
}

/// The questions for a span; `None` if no point lies in it.
fn asking(ask: &KpiAsk, queries: Queries<'_>, span: Span) -> Option<GuardedQuestion> {
    let Queries { query, part, guard } = queries;
    let steps = Grid::inside(span.start, span.end, ask.step);
    let grid = if query.is_instant() {
        // A range of under a second cannot be written as `$window`.
        (span.length() >= Duration::from_secs(1)).then_some(())?;
        Grid::inside(span.end, span.end, Duration::from_millis(1))?
    } else {
        steps?
    };
    let question = |query: &Query, asked: Asked| Question {
        origin: Origin::Source(ask.kpi.source.clone()),
        query: query.text(span.length()),
        asked,
    };
    let asked = guard.map(|guard| {
        // One number says nothing of single points, but its guard may.
        let own = steps.filter(|_| query.is_instant() && !guard.is_instant());
        let asked = match own {
            Some(own) => Asked::Range(own),
            None => asked_over(query, grid),
        };
        GuardQuestion {
            question: question(guard, asked),
            grid: own,
            is_behind: own.is_some(),
        }
    });
    let companion = companion::asking(
        ask,
        (query, part),
        behind(guard, asked.as_ref()),
        steps,
        span,
    );
    Some(GuardedQuestion {
        grid: Some(grid),
        length: span.length(),
        question: question(query, asked_over(query, grid)),
        part: part.map(|part| question(part, asked_over(part, grid))),
        companion,
        guard: asked,
    })
}

fn asked_over(query: &Query, grid: Grid) -> Asked {
    if query.is_instant() {
        Asked::At(grid.last())
    } else {
        Asked::Range(grid)
    }
}

/// The questions for a baseline. `fixed` is its span, if the plan fixes the length.
fn baseline_asking(
    ask: &KpiAsk,
    baseline: &Baseline,
    whole: Span,
    fixed: Option<&Result<Span, Undecided>>,
) -> Result<GuardedQuestion, Undecided> {
    let own = Queries::of(ask);
    let span = fixed.cloned().unwrap_or(Ok(whole))?;
    let (queries, span) = match baseline {
        Baseline::Offset(offset) => (own, span.earlier(*offset)),
        Baseline::Before(_) | Baseline::Between(..) => (own, span),
        Baseline::Vars { query, part, guard } => {
            let (part, guard) = (part.as_ref(), guard.as_ref());
            (Queries { query, part, guard }, span)
        }
        Baseline::File(path) => return Ok(captured(ask, path, span)),
    };
    asking(ask, queries, span)
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
    let guard = ask.guard.as_ref().map(|guard| GuardQuestion {
        question: question(&guard.query, format!("{} guard", ask.kpi.name)),
        grid: None,
        is_behind: ask.query.is_instant() && !guard.query.is_instant(),
    });
    let companion =
        companion::captured(ask, behind(ask.guard_query(), guard.as_ref()), path, whole);
    let part = ask.part.as_ref().zip(part_captured_as(ask));
    GuardedQuestion {
        grid: None,
        length: whole.length(),
        question: question(&ask.query, ask.kpi.name.clone()),
        part: part.map(|(part, name)| question(part, name)),
        companion,
        guard,
    }
}

/// A guard, with the question for its points where it has any behind the number of its KPI.
fn behind<'g>(
    guard: Option<&'g Query>,
    asked: Option<&'g GuardQuestion>,
) -> Option<(&'g Query, Option<&'g Question>)> {
    let points = asked.filter(|asked| asked.is_behind);
    guard.map(|guard| (guard, points.map(|asked| &asked.question)))
}

/// The name under which a file holds the errors or the good events of a ratio; `None` for any other KPI.
#[must_use]
pub fn part_captured_as(ask: &KpiAsk) -> Option<String> {
    let ratio = ask.kpi.ratio.as_ref()?;
    Some(format!("{} {}", ask.kpi.name, ratio.of))
}

/// What shows the points behind the number of a KPI over a span, each to be captured with it under this name: nothing if it is no
/// such number, or its guard shows them.
#[must_use]
pub fn points_behind(ask: &KpiAsk, from: Instant, to: Instant) -> Vec<(String, Question)> {
    let span = Span {
        start: from,
        end: to,
    };
    let asked = asking(ask, Queries::of(ask), span);
    let Some(Ok(companion)) = asked.and_then(|asked| asked.companion) else {
        return Vec::new();
    };
    if companion.shows == Shows::Guard {
        return Vec::new();
    }
    let part = part_captured_as(ask).zip(companion.part);
    let points = (ask.kpi.name.clone(), companion.question);
    std::iter::once(points)
        .chain(part)
        .map(|(name, question)| (companion::captured_as(&name), question))
        .collect()
}
