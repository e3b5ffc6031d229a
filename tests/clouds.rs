//! Credentials of cloud vendors, against stubs of each of their services: what is asked of whom, with what, and in what order;
//! what is renewed; what a refusal says; and that no secret comes to light (F11).

mod amazon;
mod azure;
mod botocore;
mod google;
mod said;
mod signature;

use crate::source_fake::{Fake, json, question, range, request};
use gate::http::Pool;
use gate::plan::{Options, Source, load};
use gate::samples::{FailureCode, Observation};
use std::collections::BTreeMap;

const ONE: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[0,"1.5"]]}]}}"#;

/// Variables of an environment.
type Variables = BTreeMap<String, String>;

fn variables(set: &[(&str, &str)]) -> Variables {
    let set = set.iter();
    set.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A source whose `http_config` is this.
fn source(url: &str, config: &str) -> Source {
    let text = format!(
        "release: test\nsource: {{url: '{url}', timeout: 5s, concurrency: 1, http_config: {config}}}\nkpis: {{q: {{query: q}}}}\nstages: [{{name: s, window: 1h, exit: {{kpis: {{q: '< 1'}}}}}}]\n"
    );
    let options = Options {
        environment: Some(&|_| None),
        ..Options::default()
    };
    match load(text.as_bytes(), &options) {
        Ok(loaded) => loaded.plan.sources.into_iter().next().expect("a source"),
        Err(problems) => panic!("{text}: {problems:?}"),
    }
}

/// The outcome of queries, each of two points, one after the other.
async fn asked(source: &Source, queries: &[&str], variables: &Variables) -> Vec<Observation> {
    let questions: Vec<_> = queries
        .iter()
        .map(|query| question(query, range(2)))
        .collect();
    let pool = Pool::default();
    let environment = |name: &str| variables.get(name).cloned();
    let request = gate::source::Request {
        environment: &environment,
        ..request(std::slice::from_ref(source), &questions, &pool, false)
    };
    let mut answered = gate::source::ask(request, &|_| {}, std::future::pending()).await;
    let observations = questions.iter().map(|question| {
        let observation = answered.observations.remove(question);
        observation.expect("an observation")
    });
    observations.collect()
}

/// The outcome of one query.
async fn ask(source: &Source, variables: &Variables) -> Observation {
    asked(source, &["sum(rate(x[5m])) by (job)"], variables)
        .await
        .remove(0)
}

/// Why a query has no answer.
async fn failure(source: &Source, variables: &Variables) -> (FailureCode, String) {
    let failure = ask(source, variables).await.expect_err("no answer");
    (failure.code, failure.message)
}

/// A source that takes everything.
async fn willing() -> Fake {
    Fake::start(|_| json(200, ONE)).await
}

/// The value of a header of a request.
fn header<'r>(request: &'r str, name: &str) -> Option<&'r str> {
    let head = request.split("\r\n\r\n").next().unwrap_or_default();
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// Method and address of a request.
fn line(request: &str) -> &str {
    let line = request.lines().next().unwrap_or_default();
    line.strip_suffix(" HTTP/1.1").unwrap_or(line)
}

/// The form of a request.
fn form(request: &str) -> Vec<(String, String)> {
    let body = request.split("\r\n\r\n").nth(1).unwrap_or_default();
    url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect()
}

/// What the form of a request says.
fn said(request: &str, name: &str) -> String {
    let form = form(request).into_iter();
    let found = form.filter(|(key, _)| key == name).map(|(_, value)| value);
    found.collect::<Vec<_>>().join("|")
}

/// A time this many seconds from now, and now as a header says it.
fn times(seconds: i64) -> (String, String) {
    #[expect(clippy::disallowed_methods, reason = "a server has a clock of its own")]
    let now = chrono::Utc::now();
    let then = now + chrono::TimeDelta::seconds(seconds);
    (
        then.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        format!("Date: {}\r\n", now.format("%a, %d %b %Y %H:%M:%S GMT")),
    )
}
