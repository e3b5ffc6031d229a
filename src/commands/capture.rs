//! `gate capture`: the KPIs of a plan over a span, frozen in a file as a baseline.
//! Must not freeze an incomplete answer, or overwrite a file.

use std::collections::BTreeSet;

use anyhow::bail;

use super::diagnostics::say;
use super::interrupt::Interrupt;
use super::load::{LoadedPlan, Overrides, UNDECIDED, load};
use super::progress::ProgressLine;
use super::surroundings::{Surroundings, environment};
use crate::cli::CaptureArgs;
use crate::evaluate;
use crate::exit::Exit;
use crate::http::Pool;
use crate::output::write_new;
use crate::plan::Query;
use crate::plan::criteria::KpiAsk;
use crate::samples::{Asked, Grid, Observations, Origin, Question};
use crate::source::captured::{self, Entry};
use crate::source::{self, Answered};
use crate::units::{Duration, Instant};

/// Captures a baseline. A query that fails leaves no file behind.
pub async fn capture(arguments: &CaptureArgs, surroundings: &Surroundings) -> Exit {
    match freeze(arguments, surroundings).await {
        Ok(captured) => {
            say(&captured);
            Exit::Go
        }
        Err(exit) => exit,
    }
}

/// What was captured, in words; with only an exit code, the reason has been reported.
async fn freeze(arguments: &CaptureArgs, surroundings: &Surroundings) -> Result<String, Exit> {
    let loaded = one_plan(arguments, surroundings)?;
    let (from, to) = span(&loaded, arguments, surroundings)
        .map_err(|error| refuse(&format!("{error:#}"), Exit::Usage))?;
    let output = arguments.output.display();
    if arguments.output.symlink_metadata().is_ok() {
        let reason = format!(
            "{output} already exists, and a baseline is never overwritten: name another file with --output"
        );
        return Err(refuse(&reason, Exit::Unrecorded));
    }
    let frozen = frozen(&loaded, from, to).map_err(|name| {
        let reason =
            format!("{name}: the span from {from} to {to} holds no point of its step, or too many");
        refuse(&reason, Exit::Usage)
    })?;
    if frozen.is_empty() {
        return Err(refuse("the plan asks about no KPI", Exit::Usage));
    }
    let answered = ask(&loaded, &frozen, surroundings).await;
    if let Some(exit) = failures(&frozen, &answered.observations) {
        return Err(exit);
    }
    let header = captured::Header {
        release: loaded.plan.release.id(),
        plan: loaded.shown(),
        from,
        to,
        captured_at: surroundings.now,
    };
    write(arguments, &header, &frozen, &answered)?;
    let count = frozen.len();
    let queries = if count == 1 { "query" } else { "queries" };
    Ok(format!(
        "captured {count} {queries} from {from} to {to}: {output}"
    ))
}

fn one_plan(arguments: &CaptureArgs, surroundings: &Surroundings) -> Result<LoadedPlan, Exit> {
    let overrides = Overrides {
        vars: &arguments.vars,
        source: arguments.source.as_deref(),
        offline: false,
        read_before: None,
        decided: UNDECIDED,
    };
    let plans = std::slice::from_ref(&arguments.plan);
    let loaded = load(plans, &overrides, surroundings)?;
    loaded.into_iter().next().ok_or(Exit::Usage)
}

fn write(
    arguments: &CaptureArgs,
    header: &captured::Header,
    frozen: &[Entry],
    answered: &Answered,
) -> Result<(), Exit> {
    let bytes = captured::write(header, &answered.sources, frozen, &answered.recording)
        .map_err(|error| refuse(&error.to_string(), Exit::Unrecorded))?;
    write_new(&arguments.output, &bytes)
        .map_err(|error| refuse(&error.to_string(), Exit::Unrecorded))
}

fn refuse(reason: &str, exit: Exit) -> Exit {
    say(&format!("nothing was captured: {reason}"));
    exit
}

/// The span: as asked, or else the plan's longest window up to now, or to where late samples have come.
fn span(
    loaded: &LoadedPlan,
    arguments: &CaptureArgs,
    surroundings: &Surroundings,
) -> anyhow::Result<(Instant, Instant)> {
    let delays = loaded.plan.sources.iter().map(|source| source.delay);
    let latest = surroundings.now - delays.max().unwrap_or_default();
    let to = arguments
        .to
        .map_or(latest, |time| time.before(surroundings.now));
    let gates = loaded.plan.stages.iter().flat_map(|stage| &stage.gates);
    let longest = gates
        .filter_map(|gate| gate.window)
        .max()
        .unwrap_or(Duration::from_secs(3600));
    let from = arguments
        .from
        .map_or(to - longest, |time| time.before(surroundings.now));
    if from >= to {
        bail!("the span from {from} to {to} is empty");
    }
    Ok((from, to))
}

/// Every KPI query of the plan, its guard and what shows the points behind one number, once for each way of filling in its variables; or the name of one that
/// cannot be queried over this span.
fn frozen(loaded: &LoadedPlan, from: Instant, to: Instant) -> Result<Vec<Entry>, String> {
    let gates = loaded.plan.stages.iter().flat_map(|stage| &stage.gates);
    let asks = gates
        .flat_map(|gate| &gate.criteria)
        .filter_map(|criterion| criterion.ask.kpi());
    let mut seen = BTreeSet::new();
    let mut frozen = Vec::new();
    for ask in asks {
        let guard = ask
            .guard
            .as_ref()
            .map(|guard| (format!("{} guard", ask.kpi.name), None, &guard.query));
        let values = (ask.kpi.name.clone(), Some(ask.kpi.unit), &ask.query);
        let part = evaluate::part_captured_as(ask).zip(ask.part.as_ref());
        let part = part.map(|(name, part)| (name, None, part));
        let asked = std::iter::once(values).chain(part).chain(guard);
        let asked = asked.map(|(name, unit, query)| (name, unit, question(ask, query, from, to)));
        let points = evaluate::points_behind(ask, from, to);
        let points = points.into_iter();
        let points = points.map(|(name, points)| (name, None, Some(points)));
        for (name, unit, question) in asked.chain(points) {
            let Some(question) = question else {
                return Err(name);
            };
            if seen.insert((name.clone(), question.query.clone())) {
                frozen.push(Entry {
                    name,
                    unit,
                    question,
                });
            }
        }
    }
    Ok(frozen)
}

fn question(ask: &KpiAsk, query: &Query, from: Instant, to: Instant) -> Option<Question> {
    let asked = if query.is_instant() {
        Asked::At(to)
    } else {
        Asked::Range(Grid::inside(from, to, ask.step)?)
    };
    let origin = Origin::Source(ask.kpi.source.clone());
    Some(Question {
        origin,
        query: query.text(from.until(to)),
        asked,
    })
}

async fn ask(
    loaded: &LoadedPlan,
    frozen: &[Entry],
    surroundings: &Surroundings,
) -> source::Answered {
    let questions: Vec<Question> = frozen
        .iter()
        .map(|frozen| frozen.question.clone())
        .collect();
    let progress = ProgressLine::start(surroundings.stderr, &loaded.shown(), questions.len());
    let request = source::Request {
        sources: &loaded.plan.sources,
        folder: loaded.folder(),
        questions: &questions,
        inquiries: &[],
        keep_answers: true,
        pool: &Pool::default(),
        environment: &environment,
        now: surroundings.now,
        clock: None,
    };
    let interrupt = Interrupt::listen();
    source::ask(request, &|seen| progress.show(seen.done), interrupt.wait()).await
}

/// Reports what is missing, since a baseline with holes would be taken for a whole one.
fn failures(frozen: &[Entry], observations: &Observations) -> Option<Exit> {
    let mut failed = false;
    for frozen in frozen {
        match observations.get(&frozen.question) {
            Some(Ok(reply)) if !reply.warnings.is_empty() => {
                say(&format!(
                    "nothing was captured: {}: the answer may be incomplete: {}",
                    frozen.name,
                    reply.warnings.join("; ")
                ));
                failed = true;
            }
            Some(Ok(reply)) if reply.series.is_empty() => {
                say(&format!(
                    "{}: the query finds nothing in this span: conditions that use this baseline will be unknown",
                    frozen.name
                ));
            }
            Some(Ok(_)) => {}
            Some(Err(failure)) => {
                say(&format!(
                    "nothing was captured: {}: {}",
                    frozen.name, failure.message
                ));
                failed = true;
            }
            None => failed = true,
        }
    }
    failed.then_some(Exit::Hold)
}
