//! `no_alerts`, and `alerts` in stop: no matching alert fires, although rules could raise one.
//!
//! A source is asked over the judged span; an Alertmanager knows only what fires when it is asked. Must not take silence
//! for proof: [`super::alert_rules`] shows what could fire.

mod alertmanager;

use super::alert_rules::{self, Shown};
use crate::assessment::Code;
use crate::evaluate::context::PlacedCriterion;
use crate::evaluate::context::Undecided;
use crate::evaluate::context::{CriterionContext, Ruling};
use crate::evaluate::kpi::{question, series};
use crate::evaluate::span::{self, Span};
use crate::findings::{Found, Inquiry, Rule};
use crate::kind::List;
use crate::plan::Selector;
use crate::plan::criteria::{AlertsAsk, AlertsSource};
use crate::samples::{Asked, Grid, Labels, Observation, Observations, Origin, Question, Series};
use crate::units::{Duration, Instant};

/// What has to be asked over the window.
pub(super) fn questions(ask: &AlertsAsk, placed: &PlacedCriterion<'_>) -> Vec<Question> {
    let AlertsSource::Source(source) = &ask.source else {
        return Vec::new();
    };
    let times = Times::new(&placed.late(ask.delay));
    let times =
        times.map(|times| (ask.firing.iter()).flat_map(move |one| times.asked(ask, source, one)));
    times.into_iter().flatten().collect()
}

/// What has to be looked up.
pub(super) fn inquiries(ask: &AlertsAsk, placed: &PlacedCriterion<'_>) -> Vec<Inquiry> {
    let rules = ask.rules.iter().map(|source| Inquiry::Rules {
        source: source.clone(),
    });
    let alertmanager = match &ask.source {
        AlertsSource::Source(_) => None,
        AlertsSource::Alertmanager(manager) => Some(alertmanager::inquiry(manager, placed)),
    };
    rules.chain(alertmanager).collect()
}

/// The sources that are asked, by name.
pub(super) fn sources(ask: &AlertsAsk) -> impl Iterator<Item = &String> {
    let asked = match &ask.source {
        AlertsSource::Source(name) => Some(name),
        AlertsSource::Alertmanager(_) => None,
    };
    asked.into_iter().chain(&ask.rules)
}

/// Judges the selectors together.
pub(super) fn assess(
    ask: &AlertsAsk,
    placed: &PlacedCriterion<'_>,
    context: &CriterionContext<'_>,
) -> Ruling {
    let ruling = match &ask.source {
        AlertsSource::Source(source) => at_source(ask, source, placed, context),
        AlertsSource::Alertmanager(manager) => alertmanager::assess(ask, manager, placed, context),
    };
    let selectors: Vec<&str> = ask.firing.iter().map(|one| one.text.as_str()).collect();
    let none = if placed.list() == List::Stop {
        ""
    } else {
        "no "
    };
    ruling
        .unwrap_or_else(|undecided| Ruling::open(undecided.code, undecided.reason))
        .requires(format!("{none}{}", selectors.join(" or ")))
}

/// The instants that a source is asked about.
#[derive(Clone, Copy)]
enum Times {
    /// Over a span.
    Over(Span),
    /// At T: the gate has no window.
    At(Instant),
}

impl Times {
    fn new(placed: &PlacedCriterion<'_>) -> Result<Self, Undecided> {
        let (stage, gate, moment) = (placed.stage, placed.gate, placed.moment);
        let list = placed.list();
        if list == List::Recovery && moment.rolled_back.is_none() {
            let reason = format!("no rollback of {} is recorded", stage.name);
            return Err(Undecided::new(Code::NotRolledBack, reason));
        }
        let Some(window) = gate.window else {
            return Ok(Self::At(moment.at));
        };
        let span = span::judged(list, stage, window, moment);
        // A range of under a second cannot be queried.
        if span.length() < Duration::from_secs(1) {
            let reason = format!("nothing to judge yet: judging begins at {}", span.start);
            return Err(Undecided::new(Code::EmptySpan, reason));
        }
        Ok(Self::Over(span))
    }

    /// Over a span, two questions: the grid's points say when, the whole range misses nothing in between.
    fn asked(self, ask: &AlertsAsk, source: &str, selector: &Selector) -> Vec<Question> {
        let alerts = firing(selector);
        let question = |query: String, asked| Question {
            origin: Origin::Source(source.to_owned()),
            query,
            asked,
        };
        let span = match self {
            Self::At(at) => return vec![question(alerts, Asked::At(at))],
            Self::Over(span) => span,
        };
        let seconds = span.length().millis() / 1000;
        let whole = format!("count_over_time({alerts}[{seconds}s])");
        let points = Grid::inside(span.start, span.end, ask.step);
        let points = points.map(|grid| question(alerts, Asked::Range(grid)));
        let whole = question(whole, Asked::At(span.end));
        points.into_iter().chain([whole]).collect()
    }

    fn shown(self) -> String {
        match self {
            Self::At(at) => format!("at {at}"),
            Self::Over(span) => format!("from {} to {}", span.start, span.end),
        }
    }
}

/// The source that is asked over time; `None` where only an Alertmanager is.
pub(in crate::evaluate) fn source_of(ask: &AlertsAsk) -> Option<&String> {
    match &ask.source {
        AlertsSource::Source(source) => Some(source),
        AlertsSource::Alertmanager(_) => None,
    }
}

/// What is asked about the points of the judged span alone.
pub(in crate::evaluate) fn over_time(
    ask: &AlertsAsk,
    placed: &PlacedCriterion<'_>,
) -> Vec<Question> {
    let mut asked = questions(ask, placed);
    asked.retain(|question| matches!(question.asked, Asked::Range(_)));
    asked
}

/// The first point of the judged span at which one of the alerts fired, by their series alone.
///
/// # Errors
/// What was not answered, while nothing fired; an empty span.
pub(in crate::evaluate) fn first_fired(
    ask: &AlertsAsk,
    placed: &PlacedCriterion<'_>,
    answer: impl Fn(&Question) -> Observation,
) -> Result<Option<Instant>, Undecided> {
    Times::new(&placed.late(ask.delay))?;
    let (mut first, mut unknown) = (None, None);
    for question in over_time(ask, placed) {
        let observations = Observations::from([(question.clone(), answer(&question))]);
        match series::whole(&observations, &question) {
            Err(undecided) => unknown = Some(undecided),
            Ok(reply) => {
                let points = reply.series.iter().flat_map(|series| &series.points);
                let fired = points.filter(|point| point.value != 0.0 && !point.value.is_nan());
                first = first.into_iter().chain(fired.map(|point| point.at)).min();
            }
        }
    }
    match (first, unknown) {
        (None, Some(undecided)) => Err(undecided),
        (first, _) => Ok(first),
    }
}

/// The series in which a server keeps firing alerts.
fn firing(selector: &Selector) -> String {
    let inner = selector.text.strip_prefix('{').unwrap_or_default();
    format!("ALERTS{{alertstate=\"firing\",{inner}")
}

/// What fired, and what cannot be known about it.
#[derive(Default)]
struct Seen {
    fired: Vec<String>,
    unknown: Option<Undecided>,
}

fn at_source(
    ask: &AlertsAsk,
    source: &str,
    placed: &PlacedCriterion<'_>,
    context: &CriterionContext<'_>,
) -> Result<Ruling, Undecided> {
    let placed = &placed.late(ask.delay);
    let times = Times::new(placed)?;
    let mut seen = Seen::default();
    for selector in &ask.firing {
        see(
            times,
            &times.asked(ask, source, selector),
            context.observations,
            &mut seen,
        );
    }
    // A firing alert counts, whichever rule raised it.
    if !seen.fired.is_empty() {
        return Ok(fires(&seen.fired));
    }
    let shown = shown(ask, context)?;
    let raised = raised(ask, rules(ask, context)?);
    if !shown.after && !raised.is_empty() {
        return Ok(fires(&raised));
    }
    if let Some(undecided) = seen.unknown {
        return Err(undecided);
    }
    let reason = format!("nothing fired {}, {}", times.shown(), able(&shown));
    conclude(placed, reason, shown)
}

/// Met, unless the window is still running.
fn conclude(
    placed: &PlacedCriterion<'_>,
    reason: String,
    shown: Shown,
) -> Result<Ruling, Undecided> {
    let (list, stage, moment) = (placed.list(), placed.stage, placed.moment);
    let window = placed.gate.window;
    let incomplete = window.and_then(|window| question::incomplete(list, stage, window, moment));
    match incomplete {
        Some(running) => Err(Undecided::new(
            running.code,
            format!("{}; so far {reason}", running.reason),
        )),
        None => Ok(Ruling {
            notes: shown.notes,
            ..Ruling::good(reason)
        }),
    }
}

fn able(shown: &Shown) -> String {
    match shown.rules {
        1 => "and 1 healthy rule could have raised it".to_owned(),
        rules => format!("and {rules} healthy rules could have raised it"),
    }
}

fn fires(fired: &[String]) -> Ruling {
    let more = match fired.len() {
        0 | 1 => String::new(),
        count => format!("; and {} more", count - 1),
    };
    let first = fired.first().map(String::as_str).unwrap_or_default();
    Ruling::bad(Code::Alert, format!("{first}{more}"))
}

/// Reads the answers about one selector.
fn see(times: Times, asked: &[Question], observations: &Observations, seen: &mut Seen) {
    let mut found: Vec<(Labels, String)> = Vec::new();
    for question in asked {
        match series::whole(observations, question) {
            Err(undecided) => seen.unknown = seen.unknown.take().or(Some(undecided)),
            Ok(reply) => {
                for one in &reply.series {
                    let labels = own(&one.labels);
                    let known = found.iter().any(|(known, _)| *known == labels);
                    if let (Some(when), false) = (when(one, question, times), known) {
                        found.push((labels, when));
                    }
                }
            }
        }
    }
    let said = found
        .into_iter()
        .map(|(labels, when)| format!("{labels} {when}"));
    seen.fired.extend(said);
}

/// When an alert fired, in the words of a reason; `None` if the series has no point.
fn when(series: &Series, question: &Question, times: Times) -> Option<String> {
    let points = || {
        series
            .points
            .iter()
            .filter(|point| point.value != 0.0 && !point.value.is_nan())
    };
    let (first, last) = (points().next()?.at, points().next_back()?.at);
    let said = match (&question.asked, times) {
        (Asked::Range(_), _) if first == last => format!("fired at {first}"),
        (Asked::Range(_), _) => format!(
            "fired at {} points from {first} to {last}",
            points().count()
        ),
        (_, Times::At(at)) => format!("fires at {at}"),
        (_, Times::Over(span)) => format!("fired between two points, after {}", span.start),
    };
    Some(said)
}

/// An alert's labels without what the server adds.
fn own(labels: &Labels) -> Labels {
    let pairs = labels
        .iter()
        .filter(|(name, _)| !["alertstate", "__name__"].contains(name));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The rules that could raise what the selectors match.
fn shown(ask: &AlertsAsk, context: &CriterionContext<'_>) -> Result<Shown, Undecided> {
    alert_rules::show(&ask.firing, rules(ask, context)?, context.moment.at)
}

/// What is firing when the rules are fetched: it may have begun a moment after T, or not be stored.
fn raised(ask: &AlertsAsk, rules: &[Rule]) -> Vec<String> {
    let firing = rules.iter().flat_map(|rule| &rule.firing);
    let firing = firing.filter(|labels| names(ask, labels));
    firing
        .map(|labels| format!("{labels} is firing when the rules are fetched"))
        .collect()
}

fn rules<'s>(ask: &AlertsAsk, context: &'s CriterionContext<'_>) -> Result<&'s [Rule], Undecided> {
    let source = ask.rules.clone().ok_or_else(|| {
        let reason = "the plan has no source whose rules could show that such an alert can fire";
        Undecided::new(Code::NoAlertRule, reason)
    })?;
    let Found::Rules(rules) = found(context, &Inquiry::Rules { source })? else {
        return Err(unfit());
    };
    Ok(rules)
}

fn found<'s>(context: &'s CriterionContext<'_>, inquiry: &Inquiry) -> Result<&'s Found, Undecided> {
    let found = context.found(inquiry);
    found.map_err(|failure| Undecided::new(Code::Source(failure.code), failure.message))
}

/// A finding of another kind than the inquiry.
fn unfit() -> Undecided {
    Undecided::new(
        Code::ContentUnreadable,
        "what was found does not answer what was asked",
    )
}

fn names(ask: &AlertsAsk, labels: &Labels) -> bool {
    ask.firing
        .iter()
        .any(|selector| selector.accepts(|name| labels.get(name)))
}

#[cfg(test)]
mod tests;
