//! `gate validate --online`: asks each source what a check would ask, over the same ranges, and says what is wrong with the
//! answers. Must not reach a verdict.

use std::collections::{BTreeMap, BTreeSet};

use super::why::Empty;
use crate::commands::diagnostics::say;
use crate::commands::interrupt::Interrupt;
use crate::commands::load::LoadedPlan;
use crate::commands::progress::ProgressLine;
use crate::commands::surroundings::{Surroundings, environment};
use crate::evaluate::{self, GateRef};
use crate::exit::Exit;
use crate::http::Pool;
use crate::kind::GateKind;
use crate::ledger::{Entry, Event, IdentitySource, Ledger, Person};
use crate::plan::criteria::{Ask, KpiAsk};
use crate::plan::{Baseline, Query, Stage};
use crate::rollout::LaterStarts;
use crate::samples::{FailureCode, Observation, Origin, Question, Reply, Series};
use crate::source;
use crate::units::{Duration, Instant};

/// What a query is for.
#[derive(Clone)]
struct Looked<'a> {
    /// How many come before it in the plan.
    order: usize,
    place: String,
    ask: &'a KpiAsk,
    is_guard: bool,
}

/// Asks what a check at this time would ask, and says what is refused, empty, or has several series.
pub(super) async fn look(loaded: &LoadedPlan, at: Instant, surroundings: &Surroundings) -> Exit {
    let questions = questions(loaded, at);
    let places = places(loaded);
    let pool = Pool::default();
    let progress = ProgressLine::start(surroundings.stderr, &loaded.shown(), questions.len());
    let interrupt = Interrupt::listen();
    let show = |seen: source::Progress| progress.show(seen.done);
    let answered = source::ask(
        request(loaded, surroundings, &pool, &questions),
        &show,
        interrupt.wait(),
    )
    .await;
    let empties = answered
        .observations
        .iter()
        .filter(|(_, seen)| is_empty(seen));
    let empties: BTreeMap<&Question, Empty<'_>> = empties
        .filter_map(|(question, _)| Some((question, Empty::new(question, surroundings.now)?)))
        .collect();
    let more: BTreeSet<Question> = empties.values().flat_map(Empty::questions).collect();
    let more: Vec<Question> = more.into_iter().collect();
    let why = source::ask(
        request(loaded, surroundings, &pool, &more),
        &|_| {},
        interrupt.wait(),
    )
    .await;
    drop(progress);
    let mut worst = Exit::Go;
    let mut told = BTreeSet::new();
    let alone = request(loaded, surroundings, &pool, &[]);
    let mut observed: Vec<_> = answered.observations.iter().collect();
    observed.sort_by_key(|(question, _)| {
        let looked = places.get(question.query.as_str());
        looked.map_or(usize::MAX, |looked| looked.order)
    });
    for (question, seen) in observed {
        let looked = places.get(question.query.as_str());
        let mut findings = judge(seen, looked);
        if let (Some(empty), Some(looked)) = (empties.get(question), looked) {
            let held = match &question.origin {
                Origin::Source(name) => {
                    source::holds_data(&alone, name, empty.from, empty.to).await
                }
                Origin::File(_) => None,
            };
            let reason = empty.reason(&why.observations, held);
            let what = if looked.is_guard {
                "guard finds"
            } else {
                "query finds"
            };
            findings.push((Exit::Go, format!("warning: the {what} no series: {reason}")));
        }
        let place = looked.map_or("alerts", |looked| looked.place.as_str());
        for (exit, finding) in findings {
            worst = worst.max(exit);
            // The same query over two spans usually has the same fault.
            if told.insert((question.query.clone(), finding.clone())) {
                say(&format!("{}: {place}: {finding}", loaded.shown()));
                say(&format!("  the query is {}", question.query));
            }
        }
    }
    worst
}

fn request<'a>(
    loaded: &'a LoadedPlan,
    surroundings: &Surroundings,
    pool: &'a Pool,
    questions: &'a [Question],
) -> source::Request<'a> {
    source::Request {
        sources: &loaded.plan.sources,
        folder: loaded.folder(),
        questions,
        inquiries: &[],
        keep_answers: false,
        pool,
        environment: &environment,
        clock: None,
        now: surroundings.now,
    }
}

/// What a check of all gates would ask. A recovery gate asks as if its stage had begun and been rolled back a window ago.
fn questions(loaded: &LoadedPlan, at: Instant) -> Vec<Question> {
    let plan = &loaded.plan;
    let mut questions = BTreeSet::new();
    for (stage, of) in plan.stages.iter().enumerate() {
        for (gate, judged) in of.gates.iter().enumerate() {
            let recovery = judged.kind == GateKind::Recovery;
            let rolled_back =
                recovery.then(|| rolled_back(of, at - judged.window.unwrap_or_default()));
            let request = evaluate::Request {
                at,
                started: None,
                later_starts: LaterStarts::default(),
                trailing: true,
                gates: vec![GateRef { stage, gate }],
                ledger: rolled_back,
                plan_sha256: None,
                vars: Vec::new(),
                addresses: Vec::new(),
            };
            questions.extend(evaluate::questions(plan, &request));
        }
    }
    questions.into_iter().collect()
}

/// The ledger of a stage that began and was rolled back at the same time.
fn rolled_back(stage: &Stage, at: Instant) -> Ledger {
    let started = Event::Started {
        stage: stage.name.clone(),
        at,
        overridden: false,
    };
    let rolled_back = Event::RolledBack {
        stage: stage.name.clone(),
        steps: Vec::new(),
    };
    let entry = |(number, event)| Entry {
        number,
        at,
        by: Person {
            name: String::new(),
            identity_source: IdentitySource::Given,
        },
        plan: String::new(),
        why: String::new(),
        links: Vec::new(),
        event,
    };
    let events = [(1, started), (2, rolled_back)];
    Ledger::new(events.into_iter().map(entry).collect())
}

/// The first place that uses each query, by its text. Those of alerts have none.
fn places(loaded: &LoadedPlan) -> BTreeMap<String, Looked<'_>> {
    let mut places: BTreeMap<String, Looked<'_>> = BTreeMap::new();
    for stage in &loaded.plan.stages {
        for gate in &stage.gates {
            let window = gate.window.unwrap_or(Duration::from_secs(3600));
            for criterion in &gate.criteria {
                let Ask::Kpi(ask) = &criterion.ask else {
                    continue;
                };
                let name = format!("{}/{}: {}", stage.name, criterion.list.word(), ask.kpi.name);
                for (query, what, is_guard) in queries(ask) {
                    let looked = Looked {
                        order: places.len(),
                        place: format!("{name}{what}"),
                        ask,
                        is_guard,
                    };
                    let behind = Looked {
                        place: format!("{name}{what}, the points behind `$window`"),
                        ..looked.clone()
                    };
                    places.entry(query.text(window)).or_insert(looked);
                    if query.is_instant() {
                        let text = query.text(Query::companion_length(window));
                        places.entry(text).or_insert(behind);
                    }
                }
            }
        }
    }
    places
}

/// The queries of a KPI, with what each is, and whether it is a guard.
fn queries(ask: &KpiAsk) -> Vec<(&Query, &'static str, bool)> {
    let mut queries = vec![(&ask.query, "", false)];
    queries.extend(
        ask.guard
            .iter()
            .map(|guard| (&guard.query, " (guard)", true)),
    );
    if let Some(Baseline::Vars { query, guard }) = &ask.baseline {
        queries.push((query, " (baseline)", false));
        queries.extend(
            guard
                .iter()
                .map(|guard| (guard, " (the baseline's guard)", true)),
        );
    }
    queries
}

fn is_empty(seen: &Observation) -> bool {
    seen.as_ref().is_ok_and(|reply| reply.series.is_empty())
}

/// What is wrong, and how badly: a refused query or series that cannot be told apart are the plan's fault.
fn judge(seen: &Observation, looked: Option<&Looked<'_>>) -> Vec<(Exit, String)> {
    match (seen, looked) {
        (Err(failure), _) if failure.code == FailureCode::QueryRejected => {
            vec![(Exit::Usage, format!("error: {}", failure.message))]
        }
        (Err(failure), _) => vec![(
            Exit::Hold,
            format!("the query could not be tried: {}", failure.message),
        )],
        // Nothing fires, or something does: both are right.
        (Ok(_), None) => Vec::new(),
        (Ok(reply), Some(looked)) => {
            let mut findings: Vec<(Exit, String)> = several(reply, looked).into_iter().collect();
            let warnings = reply.warnings.iter();
            findings.extend(
                warnings.map(|one| (Exit::Go, format!("warning: the source warns: {one}"))),
            );
            let notes = reply.notes.iter();
            findings.extend(notes.map(|one| (Exit::Go, format!("the source remarks: {one}"))));
            findings
        }
    }
}

/// Series that cannot be told apart.
fn several(reply: &Reply, looked: &Looked<'_>) -> Option<(Exit, String)> {
    let error = |finding: String| Some((Exit::Usage, format!("error: {finding}")));
    let Some(label) = looked.ask.kpi.per.as_deref() else {
        let [first, second, ..] = reply.series.as_slice() else {
            return None;
        };
        return error(format!(
            "{} series come back where one belongs, such as {} and {}: aggregate the query, or write `per: LABEL`",
            reply.series.len(),
            first.labels,
            second.labels
        ));
    };
    // One guard without the label applies to all.
    if looked.is_guard && reply.series.len() == 1 {
        return None;
    }
    let mut seen: BTreeMap<&str, &Series> = BTreeMap::new();
    for series in &reply.series {
        let Some(value) = series.labels.get(label) else {
            return error(format!(
                "{} has no label `{label}`",
                series.labels.as_series()
            ));
        };
        if let Some(other) = seen.insert(value, series) {
            return error(format!(
                "`per: {label}` cannot tell {} and {} apart: aggregate the query by `{label}`",
                other.labels, series.labels
            ));
        }
    }
    None
}
