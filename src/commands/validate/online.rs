//! `gate validate --online`: each source looks at each query once, for the present. Must not reach a verdict.

use std::collections::BTreeMap;

use crate::commands::diagnostics::say;
use crate::commands::interrupt::Interrupt;
use crate::commands::load::LoadedPlan;
use crate::commands::progress::ProgressLine;
use crate::commands::surroundings::{Surroundings, environment};
use crate::exit::Exit;
use crate::http::Pool;
use crate::plan::Query;
use crate::plan::criteria::{Ask, KpiAsk};
use crate::samples::{Asked, FailureCode, Observation, Origin, Question};
use crate::source;
use crate::units::Duration;

/// What a query is for.
struct Looked<'a> {
    place: String,
    ask: &'a KpiAsk,
    is_guard: bool,
}

/// Runs every query of a plan for one value, and reports what is refused, empty, or has several series.
pub async fn look(loaded: &LoadedPlan, surroundings: &Surroundings) -> Exit {
    let queries = queries(loaded, surroundings);
    let questions: Vec<Question> = queries.keys().cloned().collect();
    let progress = ProgressLine::start(surroundings.stderr, &loaded.shown(), questions.len());
    let request = source::Request {
        sources: &loaded.plan.sources,
        folder: loaded.folder(),
        questions: &questions,
        inquiries: &[],
        keep_answers: false,
        pool: &Pool::default(),
        environment: &environment,
        now: surroundings.now,
    };
    let interrupt = Interrupt::listen();
    let answered = source::ask(request, &|seen| progress.show(seen.done), interrupt.wait()).await;
    drop(progress);
    let mut worst = Exit::Go;
    for (question, looked) in &queries {
        if let Some((exit, finding)) = answered
            .observations
            .get(question)
            .and_then(|seen| judge(seen, looked))
        {
            say(&format!("{}: {}: {finding}", loaded.shown(), looked.place));
            say(&format!("  the query is {}", question.query));
            worst = worst.max(exit);
        }
    }
    worst
}

/// Every query of the plan with the first place that uses it, its variables filled in.
fn queries<'a>(
    loaded: &'a LoadedPlan,
    surroundings: &Surroundings,
) -> BTreeMap<Question, Looked<'a>> {
    let mut queries = BTreeMap::new();
    for stage in &loaded.plan.stages {
        for gate in &stage.gates {
            let window = gate.window.unwrap_or(Duration::from_secs(3600));
            for criterion in &gate.criteria {
                let Ask::Kpi(ask) = &criterion.ask else {
                    continue;
                };
                let question = |query: &Query| Question {
                    origin: Origin::Source(ask.kpi.source.clone()),
                    query: query.text(window),
                    asked: Asked::At(surroundings.now),
                };
                let place = |what: &str| {
                    format!(
                        "{}/{}: {}{what}",
                        stage.name,
                        criterion.list.word(),
                        ask.kpi.name
                    )
                };
                let looked = Looked {
                    place: place(""),
                    ask,
                    is_guard: false,
                };
                queries.entry(question(&ask.query)).or_insert(looked);
                if let Some(guard) = &ask.guard {
                    let looked = Looked {
                        place: place(" (guard)"),
                        ask,
                        is_guard: true,
                    };
                    queries.entry(question(&guard.query)).or_insert(looked);
                }
            }
        }
    }
    queries
}

/// What is wrong, and how badly: a refused query or several series are the plan's fault, an empty answer may be right.
fn judge(seen: &Observation, looked: &Looked) -> Option<(Exit, String)> {
    match seen {
        Err(failure) if failure.code == FailureCode::QueryRejected => Some((
            Exit::Usage,
            format!("error: the source refuses the query: {}", failure.message),
        )),
        Err(failure) => Some((
            Exit::Hold,
            format!("the source could not look: {}", failure.message),
        )),
        Ok(reply) if reply.series.is_empty() => Some((
            Exit::Go,
            "warning: the query finds nothing at present".to_owned(),
        )),
        Ok(reply) => {
            let alone = looked.ask.kpi.per.is_none();
            let unlabelled = || {
                let label = looked.ask.kpi.per.as_deref()?;
                reply
                    .series
                    .iter()
                    .find(|series| series.labels.get(label).is_none())
                    .map(|series| (label, series))
            };
            if alone && reply.series.len() > 1 {
                let count = reply.series.len();
                let finding = format!(
                    "error: {count} series come back where one belongs: aggregate the query, or write `per: LABEL`"
                );
                return Some((Exit::Usage, finding));
            }
            match unlabelled() {
                Some((label, series)) if !looked.is_guard => Some((
                    Exit::Usage,
                    format!("error: the series {} has no label `{label}`", series.labels),
                )),
                _ => reply
                    .warnings
                    .first()
                    .map(|warning| (Exit::Go, format!("warning: the source warns: {warning}"))),
            }
        }
    }
}
