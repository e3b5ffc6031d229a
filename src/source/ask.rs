//! Asks every question of its source, so many at a time, and puts the observations in order.
//!
//! Must not wait for one source because another is slow, and must not lose a question.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use reqwest::Url;
use tokio::task::JoinSet;

use super::client::{Channel, Proxies};
use super::credential::{Credentials, user_info};
use super::entry::{Body, Exchange, MAX_TEXT_BYTES, Recording, Records, Times};
use super::failure::Fault;
use super::inquire::Lookups;
use super::prometheus::Server;
use super::words::Secrets;
use super::{Answered, Pool, Progress, Request, captured, version};
use crate::findings::{Findings, Inquiry};
use crate::plan::{Compression, Source};
use crate::samples::{Asked, Failure, FailureCode, Observation, Origin, Question, SourceSeen};

/// Questions of a source's own, with their places.
type Done = (usize, Observation, Records);

/// A source's server, or why there is none.
pub(super) type Servers = BTreeMap<String, Result<Arc<Server>, Fault>>;

/// Asks all questions. Once `stop` is ready, those without an answer are [`FailureCode::Interrupted`].
///
/// Never fails: what cannot be asked is an observation. To be called inside a tokio runtime; more than one thread
/// of it decodes answers in parallel.
pub async fn ask(
    request: Request<'_>,
    progress: &(dyn Fn(Progress) + Sync),
    stop: impl Future<Output = ()>,
) -> Answered {
    let servers = servers(&request);
    let mut versions = JoinSet::new();
    for (name, server) in &servers {
        if let Ok(server) = server {
            let (name, server) = (name.clone(), Arc::clone(server));
            versions.spawn(async move { (name, version::ask(&server).await) });
        }
    }
    let mut tasks = spawn(&request, &servers);
    let mut lookups = Lookups::start(&request, &servers);
    let total = request.questions.len() + request.inquiries.len();
    let mut slots: Vec<Option<Done>> = request.questions.iter().map(|_| None).collect();
    let mut done = 0;
    let mut stop = std::pin::pin!(stop);
    progress(Progress { done, total });
    while !tasks.is_empty() || !lookups.is_done() {
        tokio::select! {
            Some(finished) = tasks.join_next() => {
                if let Ok(finished) = finished
                    && let Some(slot) = slots.get_mut(finished.0)
                {
                    *slot = Some(finished);
                }
            }
            true = lookups.next() => {}
            () = &mut stop => break,
        }
        done += 1;
        progress(Progress { done, total });
    }
    let interrupted = !tasks.is_empty() || !lookups.is_done();
    tasks.abort_all();
    let findings = lookups.finish(&request);
    let mut found = BTreeMap::new();
    while !interrupted && let Some(version) = versions.join_next().await {
        if let Ok((name, Some(version))) = version {
            found.insert(name, version);
        }
    }
    conclude(&request, slots, &found, findings)
}

fn conclude(
    request: &Request<'_>,
    slots: Vec<Option<Done>>,
    versions: &BTreeMap<String, String>,
    findings: Findings,
) -> Answered {
    let mut answered = Answered {
        observations: BTreeMap::new(),
        findings,
        sources: request
            .sources
            .iter()
            .map(|source| seen(source, versions))
            .collect(),
        recording: Recording::LeftOut("not asked for".to_owned()),
    };
    let mut entries = Some(Vec::new()).filter(|_| request.keep_answers);
    for (question, slot) in request.questions.iter().zip(slots) {
        let (_, observation, records) = slot.unwrap_or_else(|| (0, Err(interrupted()), None));
        if request.keep_answers {
            let new = entries_of(question, &observation, records);
            entries = entries.zip(new).map(|(mut entries, new)| {
                entries.extend(new);
                entries
            });
        }
        answered.observations.insert(question.clone(), observation);
    }
    if request.keep_answers {
        answered.recording = bounded(entries);
    }
    answered
}

fn seen(source: &Source, versions: &BTreeMap<String, String>) -> SourceSeen {
    SourceSeen {
        name: source.name.clone(),
        url: source.shown_url.clone(),
        version: versions.get(&source.name).cloned(),
    }
}

pub(super) fn interrupted() -> Failure {
    Failure {
        code: FailureCode::Interrupted,
        message: "the run was interrupted before an answer came".to_owned(),
    }
}

/// `None` where the text of an answer became too large.
fn entries_of(
    question: &Question,
    observation: &Observation,
    records: Records,
) -> Option<Vec<Exchange>> {
    let entry = |times, part, body| Exchange {
        question: question.clone(),
        times,
        part,
        body,
    };
    if let Err(failure) = observation {
        return Some(vec![entry(
            asked_times(&question.asked),
            None,
            Body::failed(failure),
        )]);
    }
    let records = records?;
    let of = records.len();
    records
        .into_iter()
        .enumerate()
        .map(|(index, (times, body))| {
            Some(entry(times, (of > 1).then_some((index + 1, of)), body?))
        })
        .collect()
}

/// The times that stand in the entry of a question without an answer.
fn asked_times(asked: &Asked) -> Times {
    match asked {
        Asked::Range(grid) => Times::Grid(*grid),
        Asked::At(at) => Times::At(*at),
        Asked::Captured(_) => Times::Own,
    }
}

/// The recording, unless its text is too large.
pub(super) fn bounded(entries: Option<Vec<Exchange>>) -> Recording {
    let size = |entries: &Vec<Exchange>| {
        entries
            .iter()
            .map(|entry| entry.body.text_bytes)
            .sum::<u64>()
    };
    match entries.filter(|entries| size(entries) <= MAX_TEXT_BYTES) {
        Some(entries) => Recording::Kept(entries),
        None => Recording::LeftOut("the answers are larger than 256 MiB of text".to_owned()),
    }
}

fn spawn(request: &Request<'_>, servers: &Servers) -> JoinSet<Done> {
    let mut tasks = JoinSet::new();
    let keep = request.keep_answers;
    for (place, question) in request.questions.iter().enumerate() {
        let question = question.clone();
        match server_for(&question, servers) {
            Ok(Some(server)) => {
                tasks.spawn(async move {
                    // The semaphore is never closed.
                    let _permit = server.permits.acquire().await;
                    match server.ask(&question, keep).await {
                        Ok(outcome) => (place, Ok(outcome.reply), Some(outcome.records)),
                        Err(fault) => (place, Err(fault.into_failure()), None),
                    }
                });
            }
            Ok(None) => {}
            Err(fault) => {
                tasks.spawn(std::future::ready((place, Err(fault.into_failure()), None)));
            }
        }
    }
    let files: Vec<(usize, Question)> = (request.questions.iter().cloned().enumerate())
        .filter(|(_, question)| matches!(question.origin, Origin::File(_)))
        .collect();
    for (place, observation, records) in captured::answer_all(request.folder, files, keep) {
        tasks.spawn(std::future::ready((place, observation, records)));
    }
    tasks
}

/// The server that is asked; `None` for a question to a file.
fn server_for(question: &Question, servers: &Servers) -> Result<Option<Arc<Server>>, Fault> {
    let Origin::Source(name) = &question.origin else {
        return Ok(None);
    };
    if let Asked::Captured(_) = question.asked {
        let message = "a captured baseline is asked of a file, not of a source";
        return Err(Fault::last(FailureCode::SourceMisconfigured, message));
    }
    match servers.get(name) {
        Some(Ok(server)) => Ok(Some(Arc::clone(server))),
        Some(Err(fault)) => Err(fault.clone()),
        None => Err(Fault::last(
            FailureCode::SourceMisconfigured,
            format!("the plan has no source `{name}`"),
        )),
    }
}

/// The servers that some question or inquiry needs.
fn servers(request: &Request<'_>) -> Servers {
    let is_asked = |source: &&Source| {
        let name = &source.name;
        let mut questions = request.questions.iter();
        let mut inquiries = request.inquiries.iter();
        questions.any(|question| matches!(&question.origin, Origin::Source(asked) if asked == name))
            || inquiries
                .any(|inquiry| matches!(inquiry, Inquiry::Rules { source } if source == name))
    };
    request
        .sources
        .iter()
        .filter(is_asked)
        .map(|source| {
            (
                source.name.clone(),
                server(source, request, request.pool).map(Arc::new),
            )
        })
        .collect()
}

/// The way to a source.
pub(super) fn server(source: &Source, request: &Request<'_>, pool: &Pool) -> Result<Server, Fault> {
    let unusable = |message: &str| Fault::last(FailureCode::SourceMisconfigured, message);
    let mut base =
        Url::parse(source.url.expose()).map_err(|_| unusable("the source's url is no address"))?;
    if !matches!(base.scheme(), "http" | "https") {
        return Err(unusable("the source's url is neither http nor https"));
    }
    let mut secrets = Secrets::default();
    let credentials = Credentials::new(&source.http, &base, request.folder, &mut secrets)?;
    // An address that takes no user info has none to lose.
    let _ = (base.set_username(""), base.set_password(None));
    let gzip = match source.compression {
        Compression::Auto => !is_loopback(&base),
        Compression::Gzip => true,
        Compression::None => false,
    };
    let proxies = proxies(source, request.environment);
    for proxy in proxies
        .urls
        .iter()
        .flatten()
        .filter_map(|proxy| Url::parse(proxy).ok())
    {
        let _ = user_info(&proxy, &mut secrets);
    }
    let channel = Channel::new(request.folder, source.http.tls.clone(), proxies, gzip);
    Ok(Server::new(
        source,
        pool,
        base,
        channel,
        credentials,
        secrets,
    ))
}

/// Whether the server is on this machine, where compression costs more than it saves.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    address.map_or_else(
        |_| host == "localhost" || host.ends_with(".localhost"),
        |address| address.is_loopback(),
    )
}

/// The plan's proxy, or the environment's where the plan says so. As elsewhere, the latter never serves this machine itself.
fn proxies(source: &Source, environment: &dyn Fn(&str) -> Option<String>) -> Proxies {
    let http = &source.http;
    if let Some(proxy) = &http.proxy_url {
        let url = Some(proxy.expose().to_owned());
        return Proxies {
            urls: [url.clone(), url],
            except: http.no_proxy.clone(),
        };
    }
    if !http.proxy_from_environment {
        return Proxies::default();
    }
    let read = |upper: &str| {
        let value = environment(upper).or_else(|| environment(&upper.to_ascii_lowercase()));
        value.filter(|value| !value.is_empty())
    };
    let except = read("NO_PROXY").unwrap_or_default();
    Proxies {
        urls: [read("HTTP_PROXY"), read("HTTPS_PROXY")],
        except: Some(format!("{except},localhost,127.0.0.0/8,::1")),
    }
}
