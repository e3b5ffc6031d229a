//! Asks every question and looks up every inquiry, all at the same time, and puts the results in order.
//!
//! Must not wait for one source because another is slow, and must not lose a question: without an answer, it says why.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::lookup::{Halt, look, source_of};
use super::prometheus::Prometheus;
use super::recording::Recorder;
use super::recording::captured::Baseline;
use super::request::{Answered, Progress, Request};
use super::seam::{Answer, Source, Sources};
use crate::findings::Found;
use crate::http::{ClockSeen, Fault};
use crate::plan;
use crate::samples::{Failure, FailureCode, Origin, SourceSeen};
use crate::units::Duration;

/// One finished piece of work, by its place in the request.
enum Done {
    Answer(usize, Answer),
    Finding(usize, Result<Found, Failure>),
}

/// What is finished so far.
#[derive(Default)]
struct Gathered {
    answers: BTreeMap<usize, Answer>,
    findings: BTreeMap<usize, Result<Found, Failure>>,
}

/// The version that each source reports.
type Versions = BTreeMap<Origin, String>;

/// Asks all questions. Once `stop` is ready, those without an answer are [`FailureCode::Interrupted`].
///
/// Never fails: what cannot be asked is an observation. Call it inside a tokio runtime; with more than one thread,
/// it decodes answers in parallel.
pub async fn ask(
    request: Request<'_>,
    progress: &(dyn Fn(Progress) + Sync),
    stop: impl Future<Output = ()>,
) -> Answered {
    let sources = sources(&request);
    let asked = ask_versions(&sources);
    let halt = Halt::default();
    let mut tasks = spawn(&request, &sources, &halt);
    let mut gathered = Gathered::default();
    let mut stop = pin!(stop);
    let (mut done, total) = (0, request.questions.len() + request.inquiries.len());
    progress(Progress { done, total });
    while !tasks.is_empty() {
        tokio::select! {
            Some(finished) = tasks.join_next() => {
                if let Ok(finished) = finished {
                    gathered.take(finished);
                }
            }
            () = &mut stop => break,
        }
        done += 1;
        progress(Progress { done, total });
    }
    // Once everything else is done, versions are not waited for.
    let versions = if tasks.is_empty() {
        versions(asked).await
    } else {
        Versions::new()
    };
    halt.call();
    tasks.abort_all();
    gathered.answered(&request, &versions, &sources)
}

impl Gathered {
    fn take(&mut self, done: Done) {
        match done {
            Done::Answer(place, answer) => {
                self.answers.insert(place, answer);
            }
            Done::Finding(place, finding) => {
                self.findings.insert(place, finding);
            }
        }
    }

    /// In the order of the request; whatever is missing was interrupted.
    fn answered(
        mut self,
        request: &Request<'_>,
        versions: &Versions,
        sources: &Sources,
    ) -> Answered {
        let mut recorder = Recorder::new(request.keep_answers);
        let mut observations = BTreeMap::new();
        for (place, question) in request.questions.iter().enumerate() {
            let answer = self.answers.remove(&place);
            let (observation, records) = answer.unwrap_or_else(|| (Err(interrupted()), None));
            recorder.add(question, &observation, records);
            observations.insert(question.clone(), observation);
        }
        let findings = request
            .inquiries
            .iter()
            .enumerate()
            .map(|(place, inquiry)| {
                let finding = self.findings.remove(&place);
                let finding = finding.unwrap_or_else(|| Err(interrupted()));
                (inquiry.clone(), finding)
            });
        Answered {
            findings: findings.collect(),
            sources: (request.sources.iter())
                .map(|source| seen(source, versions, sources))
                .collect(),
            observations,
            recording: recorder.finish(),
        }
    }
}

fn interrupted() -> Failure {
    Failure {
        code: FailureCode::Interrupted,
        message: "the run ended before an answer came".to_owned(),
    }
}

fn seen(source: &plan::Source, versions: &Versions, sources: &Sources) -> SourceSeen {
    let origin = Origin::Source(source.name.clone());
    let asked = sources.get(&origin).ok();
    let params = source.params.iter();
    let clock = asked.map_or(ClockSeen::default(), |source| source.clock_seen());
    SourceSeen {
        name: source.name.clone(),
        url: source.shown_url.clone(),
        version: versions.get(&origin).cloned(),
        lookback: source.lookback,
        delay: source.delay,
        params: params
            .map(|param| (param.name.clone(), param.shown.clone()))
            .collect(),
        clock_ahead: clock.ahead.and_then(differs),
        clock_undated: clock.is_undated,
    }
}

/// By how much clocks differ that do not agree, in whole seconds.
fn differs(ahead: Duration) -> Option<Duration> {
    let seconds = (ahead.millis() + 500).div_euclid(1000);
    let ahead = Duration::from_secs(seconds);
    (ahead.millis().abs() > SourceSeen::AGREES.millis()).then_some(ahead)
}

fn spawn(request: &Request<'_>, sources: &Sources, halt: &Halt) -> JoinSet<Done> {
    let mut tasks = JoinSet::new();
    let keep = request.keep_answers;
    for (place, question) in request.questions.iter().cloned().enumerate() {
        let source = sources.get(&question.origin);
        tasks.spawn(async move {
            let answer = match source {
                Ok(source) => source.answer(&question, keep).await,
                Err(fault) => (Err(fault.into_failure()), None),
            };
            Done::Answer(place, answer)
        });
    }
    for (place, inquiry) in request.inquiries.iter().enumerate() {
        let looking = look(inquiry, request, sources, halt);
        tasks.spawn(async move {
            let finding = looking.await.map_err(Fault::into_failure);
            Done::Finding(place, finding)
        });
    }
    tasks
}

/// Everybody that a question or inquiry is for.
fn sources(request: &Request<'_>) -> Sources {
    let asked = request
        .questions
        .iter()
        .map(|question| question.origin.clone());
    let looked_up = request.inquiries.iter().filter_map(source_of);
    let origins: BTreeSet<Origin> = asked.chain(looked_up).collect();
    let sources = origins.into_iter().filter_map(|origin| {
        let source = source(&origin, request)?;
        Some((origin, source))
    });
    Sources(sources.collect())
}

/// How to ask one of them; `None` if the plan has none of that name.
fn source(origin: &Origin, request: &Request<'_>) -> Option<Result<Arc<dyn Source>, Fault>> {
    match origin {
        Origin::Source(name) => {
            let source = request.sources.iter().find(|source| source.name == *name)?;
            Some(Prometheus::new(source, request).map(shared))
        }
        Origin::File(path) => {
            let baseline = Baseline::open(request.folder, path, request.keep_answers);
            Some(baseline.map(shared))
        }
    }
}

fn shared(source: impl Source + 'static) -> Arc<dyn Source> {
    Arc::new(source)
}

fn ask_versions(sources: &Sources) -> JoinSet<(Origin, Option<String>)> {
    let mut asked = JoinSet::new();
    for (origin, source) in &sources.0 {
        if let Ok(source) = source {
            let (origin, source) = (origin.clone(), Arc::clone(source));
            asked.spawn(async move { (origin, source.version().await) });
        }
    }
    asked
}

async fn versions(mut asked: JoinSet<(Origin, Option<String>)>) -> Versions {
    let mut versions = Versions::new();
    while let Some(finished) = asked.join_next().await {
        if let Ok((origin, Some(version))) = finished {
            versions.insert(origin, version);
        }
    }
    versions
}
