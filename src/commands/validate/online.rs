//! `gate validate --online`: asks each source what a check would ask, over the same ranges, and says what is wrong with the
//! answers. Must not reach a verdict.

use std::collections::{BTreeMap, BTreeSet};

use super::coming::Coming;
use super::sparse::{self, Ranges};
use super::told::{OnlineCode, Shown, Told};
use super::why::{Empty, Why};
use crate::commands::interrupt::Interrupt;
use crate::commands::ledger_file;
use crate::commands::load::LoadedPlan;
use crate::commands::progress::ProgressLine;
use crate::commands::surroundings::{Surroundings, environment};
use crate::evaluate::{self, GateRef, Purpose, Sought};
use crate::exit::Exit;
use crate::http::Pool;
use crate::kind::GateKind;
use crate::ledger::{Chain, Entry, Event, IdentitySource, Ledger, Person, PlanThen, RollbackTold};
use crate::plan::criteria::KpiAsk;
use crate::plan::{Missing, Stage};
use crate::rollout::LaterStarts;
use crate::samples::{FailureCode, Observation, Observations, Origin, Question, Reply, Series};
use crate::source;
use crate::units::Instant;

/// What a query is for.
struct Looked<'a> {
    /// How many come before it in the plan.
    order: usize,
    place: String,
    ask: &'a KpiAsk,
    purpose: Purpose,
    /// What comes only with its stage.
    coming: Option<Coming<'a>>,
}

impl Looked<'_> {
    fn is_guard(&self) -> bool {
        self.purpose.sought == Sought::Guard
    }

    /// Whether it counts the part of a ratio, which the plan takes for zero where it is absent.
    fn is_zero_part(&self) -> bool {
        self.purpose.sought == Sought::Part && self.ask.kpi.missing == Missing::Zero
    }

    /// Whether its ranges are those of the plan.
    fn is_written(&self) -> bool {
        match self.purpose.sought {
            Sought::Values | Sought::Part | Sought::Guard => true,
            Sought::Points | Sought::PartPoints => false,
        }
    }

    /// Whether it asks for all events of a ratio that a condition compares `at P`, of what is there by now.
    fn is_compared(&self) -> bool {
        let is_all = self.purpose.sought == Sought::Values && self.ask.part.is_some();
        let is_sure = self.ask.condition.at.is_some();
        is_all && is_sure && !self.purpose.of_baseline && self.coming.is_none()
    }
}

/// Asks what a check at this time would ask, and tells what is refused, empty, or has several series.
pub(super) async fn look(
    loaded: &LoadedPlan,
    at: Instant,
    surroundings: &Surroundings,
) -> (Exit, Vec<Told>) {
    let requests = requests(loaded, at);
    let questions = questions(loaded, &requests);
    let places = places(loaded, &requests);
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
    let besides = Besides::of(&answered.observations, &places, surroundings.now);
    let more = besides.questions();
    let why = source::ask(
        request(loaded, surroundings, &pool, &more),
        &|_| {},
        interrupt.wait(),
    )
    .await;
    drop(progress);
    let mut worst = Exit::Go;
    let mut told = BTreeSet::new();
    let mut all = Vec::new();
    let alone = request(loaded, surroundings, &pool, &[]);
    let mut observed: Vec<_> = answered.observations.iter().collect();
    let first = |question| places.get(question).and_then(|all| all.first());
    observed.sort_by_key(|(question, _)| {
        let looked = first(question);
        looked.map_or(usize::MAX, |looked| looked.order)
    });
    for (question, seen) in observed {
        let looked = first(question);
        let mut findings = judge(seen, looked);
        let short = besides.short(question, looked, &why.observations);
        if let (Some(empty), Some(looked)) = (besides.empties.get(question), looked) {
            let held = match &question.origin {
                Origin::Source(name) => {
                    source::holds_data(&alone, name, empty.from, empty.to).await
                }
                Origin::File(_) => None,
            };
            let reason = empty.reason(&why.observations, held, !short.is_empty());
            findings.push(nothing(looked, reason));
        }
        // Whatever the span; what gate itself wrote nobody can change.
        let new = (short.into_iter()).filter(|_| looked.is_some_and(Looked::is_written));
        let new = new.filter(|one| told.insert((question.query.clone(), None, one.clone())));
        findings.extend(new.map(|one| Shown::warning(OnlineCode::SparseSamples, one)));
        let place = looked.map_or("alerts", |looked| looked.place.as_str());
        let findings = findings.into_iter().map(|finding| (place, finding));
        let few = few_events(question, seen, places.get(question));
        for (place, shown) in findings.chain(few) {
            worst = worst.max(shown.exit);
            // A query is refused, or cannot be asked, over whatever span; what it finds depends on the span.
            let of_span = (shown.exit == Exit::Go).then_some(place);
            if told.insert((question.query.clone(), of_span, shown.message.clone())) {
                all.push(Told {
                    place: place.to_owned(),
                    kpi: looked.map(|looked| looked.ask.kpi.name.clone()),
                    query: question.query.clone(),
                    shown,
                });
            }
        }
    }
    (worst, all)
}

/// What is asked besides, to say why nothing comes back, and whether ranges are too short.
struct Besides<'a> {
    empties: BTreeMap<&'a Question, Empty<'a>>,
    ranges: BTreeMap<&'a Question, Ranges<'a>>,
}

impl<'a> Besides<'a> {
    fn of(
        observations: &'a Observations,
        places: &'a BTreeMap<Question, Vec<Looked<'a>>>,
        now: Instant,
    ) -> Self {
        let first = |question| places.get(question).and_then(|all| all.first());
        let empties = observations.iter().filter(|(_, seen)| is_empty(seen));
        let empties = empties.filter_map(|(question, _)| {
            let looked: Option<&Looked<'_>> = first(question);
            let coming = looked.and_then(|one| one.coming.as_ref());
            let may_be_none = looked.is_some_and(Looked::is_zero_part);
            Some((question, Empty::new(question, now, coming, may_be_none)?))
        });
        let answered = observations.iter().filter(|(_, seen)| seen.is_ok());
        let ranges = answered.filter_map(|(question, _)| {
            first(question)?;
            Some((question, Ranges::of(question)?))
        });
        Self {
            empties: empties.collect(),
            ranges: ranges.collect(),
        }
    }

    fn questions(&self) -> Vec<Question> {
        let empties = self.empties.values().flat_map(Empty::questions);
        let ranges = self.ranges.values().flat_map(Ranges::questions);
        let each: BTreeSet<Question> = empties.chain(ranges).collect();
        each.into_iter().collect()
    }

    /// What is said of ranges that are too short.
    fn short(
        &self,
        question: &Question,
        looked: Option<&Looked<'_>>,
        seen: &Observations,
    ) -> Vec<String> {
        let ranges = self.ranges.get(question).zip(looked);
        ranges.map_or_else(Vec::new, |(ranges, looked)| {
            ranges.short(seen, looked.ask.step)
        })
    }
}

/// That a question found nothing, and why.
fn nothing(looked: &Looked<'_>, why: Why) -> Shown {
    let what = if looked.is_guard() { "guard" } else { "query" };
    let zero = if looked.is_zero_part() {
        "; there was none within 7d: `missing: zero` counts that as no errors, and a misspelt label looks the same"
    } else {
        ""
    };
    match why {
        Why::Missing(reason) => Shown::warning(
            OnlineCode::NoSeries,
            format!("the {what} finds no series: {reason}{zero}"),
        ),
        Why::NotYet(reason) => Shown::note(
            OnlineCode::NoSeriesYet,
            format!("the {what} finds no series yet: {reason}"),
        ),
        Why::NoneNow(reason) => Shown::note(
            OnlineCode::NoSeriesYet,
            format!("the {what} finds no series, which `missing: zero` counts as none: {reason}"),
        ),
    }
}

/// Comparisons `at P` that have too few points with events, each by its place.
fn few_events<'l>(
    question: &Question,
    seen: &Observation,
    all: Option<&'l Vec<Looked<'l>>>,
) -> impl Iterator<Item = (&'l str, Shown)> {
    let compared = all.into_iter().flatten().filter(|one| one.is_compared());
    compared.filter_map(move |looked| {
        let reply = seen.as_ref().ok()?;
        let few = sparse::few_events(question, reply, looked.ask)?;
        let shown = Shown::warning(OnlineCode::FewEvents, few);
        Some((looked.place.as_str(), shown))
    })
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
fn requests(loaded: &LoadedPlan, at: Instant) -> Vec<evaluate::Request> {
    let plan = &loaded.plan;
    let mut requests = Vec::new();
    for (stage, of) in plan.stages.iter().enumerate() {
        for (gate, judged) in of.gates.iter().enumerate() {
            let recovery = judged.kind == GateKind::Recovery;
            let rolled_back =
                recovery.then(|| rolled_back(of, at - judged.window.unwrap_or_default()));
            requests.push(evaluate::Request {
                at,
                started: None,
                later_starts: LaterStarts::default(),
                later_checks: Vec::new(),
                later_holds: Vec::new(),
                outlook: Vec::new(),
                trailing: true,
                gates: vec![GateRef { stage, gate }],
                ledger: rolled_back,
                plan_sha256: None,
                vars: Vec::new(),
                addresses: Vec::new(),
            });
        }
    }
    requests
}

fn questions(loaded: &LoadedPlan, requests: &[evaluate::Request]) -> Vec<Question> {
    let requests = requests.iter();
    let questions = requests.flat_map(|request| evaluate::questions(&loaded.plan, request));
    let questions: BTreeSet<Question> = questions.collect();
    questions.into_iter().collect()
}

/// The ledger of a stage that began and was rolled back at the same time.
fn rolled_back(stage: &Stage, at: Instant) -> Ledger {
    let started = Event::Started {
        stage: stage.name.clone(),
        at,
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    };
    let rolled_back = Event::RolledBack {
        stage: stage.name.clone(),
        told: RollbackTold::default(),
    };
    let entry = |(number, event)| Entry {
        number,
        at,
        by: Person {
            name: String::new(),
            identity_source: IdentitySource::Given,
        },
        plan: PlanThen::default(),
        why: String::new(),
        links: Vec::new(),
        nonce: None,
        event,
    };
    let events = [(1, started), (2, rolled_back)];
    Ledger::new(events.into_iter().map(entry).collect())
}

/// The places that ask each question, the first one first. Those of alerts have none.
fn places<'l>(
    loaded: &'l LoadedPlan,
    requests: &[evaluate::Request],
) -> BTreeMap<Question, Vec<Looked<'l>>> {
    let mut places = BTreeMap::<Question, Vec<Looked<'l>>>::new();
    // Where it cannot be read, nobody knows what has begun.
    let ledger = ledger_file::read(loaded).ok();
    let ledger = ledger
        .as_ref()
        .map(|chain| chain.as_ref().map(Chain::ledger));
    for request in requests {
        let of = request.gates.iter().find_map(|gate| gate.of(&loaded.plan));
        let stage = of.map_or("", |(stage, _)| stage.name.as_str());
        for asked in evaluate::asked_of_kpis(&loaded.plan, request) {
            let (kpi, what) = (&asked.ask.kpi.name, what(asked.purpose));
            let looked = Looked {
                order: places.len(),
                place: format!("{stage}/{}: {kpi}{what}", asked.list.word()),
                ask: asked.ask,
                purpose: asked.purpose,
                coming: ledger.zip(of).and_then(|(ledger, (stage, _))| {
                    Coming::with(&loaded.plan, ledger, stage, asked.list)
                }),
            };
            places.entry(asked.question).or_default().push(looked);
        }
    }
    places
}

/// What a question is for, behind the name of its KPI.
fn what(purpose: Purpose) -> &'static str {
    match (purpose.sought, purpose.of_baseline) {
        (Sought::Values, false) => "",
        (Sought::Part, false) => ", the part of the ratio",
        (Sought::Guard, false) => " (guard)",
        (Sought::Points, false) => ", the points behind `$window`",
        (Sought::Values, true) => " (baseline)",
        (Sought::Part, true) => " (baseline), the part of the ratio",
        (Sought::Guard, true) => " (the baseline's guard)",
        (Sought::Points, true) => " (baseline), the points behind `$window`",
        (Sought::PartPoints, false) => ", the points behind the part of the ratio",
        (Sought::PartPoints, true) => " (baseline), the points behind the part of the ratio",
    }
}

fn is_empty(seen: &Observation) -> bool {
    seen.as_ref().is_ok_and(|reply| reply.series.is_empty())
}

/// What is wrong, and how badly: a refused query or series that cannot be told apart are the plan's fault.
fn judge(seen: &Observation, looked: Option<&Looked<'_>>) -> Vec<Shown> {
    match (seen, looked) {
        (Err(failure), _) if failure.code == FailureCode::QueryRejected => {
            let code = OnlineCode::Source(failure.code);
            vec![Shown::error(code, failure.message.clone())]
        }
        (Err(failure), _) => vec![Shown::untried(failure.code, &failure.message)],
        // Nothing fires, or something does: both are right.
        (Ok(_), None) => Vec::new(),
        (Ok(reply), Some(looked)) => {
            let warning = |one| {
                let message = format!("the source warns: {one}");
                Shown::warning(OnlineCode::SourceWarns, message)
            };
            let note = |one| {
                let message = format!("the source remarks: {one}");
                Shown::note(OnlineCode::SourceRemarks, message)
            };
            let mut findings: Vec<Shown> = several(reply, looked).into_iter().collect();
            findings.extend(reply.warnings.iter().map(warning));
            findings.extend(reply.notes.iter().map(note));
            findings
        }
    }
}

/// Series that cannot be told apart.
fn several(reply: &Reply, looked: &Looked<'_>) -> Option<Shown> {
    let error = |finding: String| Some(Shown::error(OnlineCode::AmbiguousSeries, finding));
    let Some(label) = looked.ask.kpi.per.as_deref() else {
        let [first, second, ..] = reply.series.as_slice() else {
            return None;
        };
        let finding = format!(
            "{} series come back where one belongs, such as {} and {}: aggregate the query, or write `per: LABEL`",
            reply.series.len(),
            first.labels,
            second.labels
        );
        return Some(Shown::error(OnlineCode::SeveralSeries, finding));
    };
    // One guard without the label applies to all.
    if looked.is_guard() && reply.series.len() == 1 {
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
