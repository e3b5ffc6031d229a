//! One source: asks a question until it is answered, refused, or out of time (rules 2 and 8).
//!
//! Knows HTTP and the API's calls. Must not judge samples, and must not let a secret into a message.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Response, StatusCode, Url};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use super::client::Channel;
use super::collect::{Collector, finish_record};
use super::credential::Credentials;
use super::entry::Times;
use super::failure::{self, Again, Fault};
use super::join::{Join, Outcome, Piece};
use super::redirect::{Way, shown};
use super::retry;
use super::scanner::{Chunks, ScanError};
use super::wire::{self, Answer, Envelope};
use super::words::Secrets;
use crate::plan::Source;
use crate::samples::{Asked, FailureCode, Grid, Question};

/// Prometheus answers ranges of 11 000 steps, VictoriaMetrics of more.
const MAX_POINTS: usize = 11_000;
/// As much of a body that is no answer as is looked at.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// A source that can be asked.
pub(super) struct Server {
    pub(super) base: Url,
    pub(super) channel: Channel,
    pub(super) credentials: Credentials,
    pub(super) secrets: Secrets,
    pub(super) permits: Semaphore,
    follow: bool,
    timeout: Duration,
    allow_warnings: bool,
    max_bytes: u64,
    /// The server refuses POST.
    use_get: AtomicBool,
    /// It has answered a question in this run.
    answered: AtomicBool,
    /// It could not be reached within a whole timeout.
    lost: OnceLock<Fault>,
}

impl Server {
    /// Reads the credentials; `channel` is the way there.
    pub(super) fn new(
        source: &Source,
        base: Url,
        channel: Channel,
        credentials: Credentials,
        secrets: Secrets,
    ) -> Self {
        Self {
            base,
            channel,
            credentials,
            secrets,
            permits: Semaphore::new(source.concurrency.clamp(1, Semaphore::MAX_PERMITS)),
            follow: source.http.follow_redirects,
            timeout: source.timeout.to_std(),
            allow_warnings: source.allow_warnings,
            max_bytes: source.max_answer_bytes,
            use_get: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            lost: OnceLock::new(),
        }
    }

    /// Asks one question, in several requests where its grid is long. The timeout covers them all, with their retries.
    pub(super) async fn ask(&self, question: &Question, record: bool) -> Result<Outcome, Fault> {
        if let Some(lost) = self.lost.get() {
            return Err(lost.clone());
        }
        let deadline = Instant::now() + self.timeout;
        let pieces = pieces(&question.asked);
        let whole = match &question.asked {
            Asked::Range(grid) => grid.count(),
            _ => 1,
        };
        let mut joined = Join::new(if pieces.len() > 1 { whole } else { 0 });
        for times in pieces {
            let piece = self
                .insist(&question.query, times, record, deadline)
                .await?;
            joined.add(times, piece);
        }
        Ok(joined.finish())
    }

    /// Asks until there is an answer or no time.
    async fn insist(
        &self,
        query: &str,
        times: Times,
        record: bool,
        deadline: Instant,
    ) -> Result<Piece, Fault> {
        let mut last: Option<Fault> = None;
        for attempt in 0.. {
            let Ok(result) = timeout_at(deadline, self.attempt(query, times, record)).await else {
                return Err(self.out_of_time(last));
            };
            let fault = match result {
                Ok(piece) => {
                    self.answered.store(true, Relaxed);
                    return Ok(piece);
                }
                Err(fault) => fault,
            };
            let pause = match fault.again {
                Again::No => return Err(fault),
                Again::Later => retry::pause(attempt),
                Again::After(pause) => pause.max(retry::pause(0)),
            };
            if Instant::now() + pause >= deadline {
                return Err(self.give_up(fault, pause));
            }
            last = Some(fault);
            sleep(pause).await;
        }
        Err(self.out_of_time(last))
    }

    fn out_of_time(&self, last: Option<Fault>) -> Fault {
        let within = shown_seconds(self.timeout);
        match last {
            Some(fault) => self.give_up(fault, Duration::ZERO),
            None => Fault::last(
                FailureCode::SourceTimeout,
                format!("no whole answer within {within}"),
            ),
        }
    }

    fn give_up(&self, mut fault: Fault, pause: Duration) -> Fault {
        let within = shown_seconds(self.timeout);
        fault.message = if matches!(fault.again, Again::After(_)) && pause >= self.timeout {
            let wait = shown_seconds(pause);
            format!(
                "{}; it asks to wait {wait}, longer than the timeout of {within}",
                fault.message
            )
        } else {
            format!(
                "{}; asked again until the timeout of {within}",
                fault.message
            )
        };
        fault.again = Again::No;
        if fault.code == FailureCode::SourceUnreachable && !self.answered.load(Relaxed) {
            // The first one stays: questions still waiting would each wait as long for the same.
            let _ = self.lost.set(fault.clone());
        }
        fault
    }

    /// One request and its answer.
    async fn attempt(&self, query: &str, times: Times, record: bool) -> Result<Piece, Fault> {
        let (call, form) = request(query, times);
        let (response, way) = self.send(call, &form, true).await?;
        let secrets = self.credentials.received(&self.secrets).await;
        let origin = if way.hops > 0 {
            format!(", redirected to {}", shown(&way.url))
        } else {
            String::new()
        };
        if !response.status().is_success() {
            return Err(self.refusal(response, &secrets, &origin).await);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let mut flow = Flow {
            response,
            taken: 0,
            most: self.max_bytes,
            head: Vec::new(),
            secrets: &secrets,
        };
        let decoded = if is_page(&headers) {
            let _ = (&mut flow).append(&mut Vec::new()).await;
            Err(ScanError::Cut(0))
        } else {
            wire::decode(&mut flow, times, Collector::new(times, record)).await
        };
        match decoded {
            Ok((envelope, Answer::Data(collected))) => self.whole(&envelope, *collected, &secrets),
            Ok((envelope, answer)) => Err(refused(status, &envelope, &answer, &secrets)),
            Err(error) => Err(unreadable(error, &headers, &flow.head, &origin, &secrets)),
        }
    }

    /// Samples, with what was said beside them.
    fn whole(
        &self,
        envelope: &Envelope,
        collected: super::collect::Collected,
        secrets: &Secrets,
    ) -> Result<Piece, Fault> {
        if envelope.histograms {
            return Err(Fault::last(
                FailureCode::NativeHistogram,
                "the answer holds native histograms, which have no value to compare: use histogram_quantile or histogram_count in the query",
            ));
        }
        let (mut warnings, mut notes) = remarks(envelope, secrets);
        if self.allow_warnings {
            notes.splice(0..0, warnings.drain(..));
        }
        let record = finish_record(collected.record, &warnings, &notes);
        Ok(Piece {
            series: collected.series,
            warnings,
            notes,
            record,
        })
    }

    /// Sends a call, following redirects where that is allowed.
    pub(super) async fn send(
        &self,
        call: &str,
        form: &[(&str, String)],
        post: bool,
    ) -> Result<(Response, Way), Fault> {
        let post = post && !self.use_get.load(Relaxed);
        let mut way = Way {
            url: join(&self.base, call),
            post,
            with_query: true,
            trusted: true,
            hops: 0,
        };
        let mut renewed = false;
        loop {
            let response = self.step(&way, form).await?;
            let status = response.status();
            match status.as_u16() {
                301 | 302 | 303 | 307 | 308 if self.follow => {
                    let location = response
                        .headers()
                        .get(LOCATION)
                        .and_then(|value| value.to_str().ok());
                    way = way.follow(status, location, self.credentials.any())?;
                }
                401 if way.trusted && !renewed && self.credentials.renew().await => renewed = true,
                405 | 501 if way.post => {
                    self.use_get.store(true, Relaxed);
                    (way.post, way.with_query) = (false, true);
                }
                _ => return Ok((response, way)),
            }
        }
    }

    async fn step(&self, way: &Way, form: &[(&str, String)]) -> Result<Response, Fault> {
        let client = self.channel.client(&way.url)?;
        let url = way.url.clone();
        let mut request = match (way.post, way.with_query) {
            (true, _) => client.post(url).form(form),
            (false, true) => client.get(url).query(form),
            (false, false) => client.get(url),
        };
        if way.trusted {
            request = self.credentials.apply(request, &self.secrets).await?;
        }
        request
            .send()
            .await
            .map_err(|error| failure::no_answer(error, &self.secrets))
    }

    /// What an answer says that is no success.
    async fn refusal(&self, mut response: Response, secrets: &Secrets, origin: &str) -> Fault {
        let status = response.status();
        let wait = retry::asked_for(response.headers());
        let body = beginning(&mut response).await;
        let mut fault = match serde_json::from_slice::<ErrorBody>(&body) {
            Ok(error) => failure::by_word(status, &error.kind, &error.error, secrets),
            Err(_) => failure::by_status(status, &String::from_utf8_lossy(&body), secrets),
        };
        if status.is_redirection() {
            let to = response
                .headers()
                .get(LOCATION)
                .and_then(|to| self.base.join(to.to_str().ok()?).ok());
            let to = to.map_or_else(String::new, |to| format!(" to {}", shown(&to)));
            let message = format!(
                "the source answered {} with a redirect{to}, and follow_redirects is off",
                status.as_u16()
            );
            fault = Fault::last(FailureCode::SourceNotApi, message);
        }
        fault.message.push_str(origin);
        fault.not_before(wait)
    }
}

/// The beginning of a body that is no answer; what cannot be read is left out.
pub(super) async fn beginning(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() >= MAX_ERROR_BYTES {
            break;
        }
    }
    body
}

/// An error of the API beside a status that is no success.
#[derive(Deserialize)]
struct ErrorBody {
    #[serde(rename = "errorType", default)]
    kind: String,
    error: String,
}

/// The bytes of an answer, counted.
struct Flow<'a> {
    response: Response,
    taken: u64,
    most: u64,
    /// The first bytes, for a message about them.
    head: Vec<u8>,
    secrets: &'a Secrets,
}

impl Chunks for &mut Flow<'_> {
    type Error = Fault;

    async fn append(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Fault> {
        let chunk = self.response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| failure::broken_off(error, self.secrets))? else {
            return Ok(false);
        };
        self.taken += chunk.len() as u64;
        if self.taken > self.most {
            let message = format!(
                "the answer is larger than {} bytes, the limit of max_answer_bytes",
                self.most
            );
            return Err(Fault::last(FailureCode::AnswerTooLarge, message));
        }
        if self.head.is_empty() {
            self.head.extend(chunk.iter().take(1024));
        }
        buffer.extend_from_slice(&chunk);
        Ok(true)
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    has_type(headers, "html")
}

fn has_type(headers: &HeaderMap, word: &str) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().contains(word))
}

fn unreadable(
    error: ScanError<Fault>,
    headers: &HeaderMap,
    head: &[u8],
    origin: &str,
    secrets: &Secrets,
) -> Fault {
    let error = match error {
        ScanError::Chunks(fault) => return fault,
        other => other,
    };
    let start = head.trim_ascii_start().first();
    let is_page = is_page(headers) || start == Some(&b'<');
    let foreign = start.is_some_and(|start| *start != b'{') && !has_type(headers, "json");
    if is_page || foreign {
        return failure::not_the_api(is_page, &String::from_utf8_lossy(head), origin, secrets);
    }
    let message = match error {
        ScanError::Cut(0) => "the answer is empty".to_owned(),
        other => other.to_string(),
    };
    Fault::passing(FailureCode::AnswerGarbled, format!("{message}{origin}"))
}

fn refused(status: StatusCode, envelope: &Envelope, answer: &Answer, secrets: &Secrets) -> Fault {
    if let Answer::Text = answer {
        let message = "the source refused the query: it gives a string, not numbers";
        return Fault::last(FailureCode::QueryRejected, message);
    }
    let kind = envelope.error_type.as_deref().unwrap_or_default();
    failure::by_word(
        status,
        kind,
        envelope.error.as_deref().unwrap_or_default(),
        secrets,
    )
}

/// What makes an answer doubtful, and remarks that do not (rule 8).
fn remarks(envelope: &Envelope, secrets: &Secrets) -> (Vec<String>, Vec<String>) {
    // Older servers put their remarks among the warnings.
    let (mut notes, mut warnings): (Vec<String>, Vec<String>) = envelope
        .warnings
        .iter()
        .map(|text| secrets.clean(text))
        .partition(|text| text.starts_with("PromQL info:"));
    if envelope.partial {
        warnings.push("isPartial: some of the storage did not answer".to_owned());
    }
    notes.extend(envelope.infos.iter().map(|text| secrets.clean(text)));
    (warnings, notes)
}

/// The call and its parameters.
fn request(query: &str, times: Times) -> (&'static str, Vec<(&'static str, String)>) {
    let query = ("query", query.to_owned());
    match times {
        Times::Grid(grid) => {
            let step = crate::units::Instant::from_millis(grid.step().millis()).unix();
            let (start, end) = (grid.first().unix(), grid.last().unix());
            (
                "query_range",
                vec![query, ("start", start), ("end", end), ("step", step)],
            )
        }
        Times::At(at) => ("query", vec![query, ("time", at.unix())]),
        Times::Own => ("query", vec![query]),
    }
}

/// The address of a call: the prefix kept, no slash doubled.
pub(super) fn join(base: &Url, call: &str) -> Url {
    let mut url = base.clone();
    let parts = base.path().split('/').filter(|part| !part.is_empty());
    let prefix = parts.fold(String::new(), |prefix, part| prefix + "/" + part);
    url.set_path(&format!("{prefix}/api/v1/{call}"));
    url
}

/// The requests that a question takes: a long grid in stretches that follow one another without a seam.
fn pieces(asked: &Asked) -> Vec<Times> {
    let grid = match asked {
        Asked::Range(grid) => grid,
        Asked::At(at) => return vec![Times::At(*at)],
        Asked::Captured(_) => return Vec::new(),
    };
    let count = grid.count();
    (0..count)
        .step_by(MAX_POINTS)
        .filter_map(|first| {
            let last = (first + MAX_POINTS).min(count) - 1;
            Grid::inside(grid.at(first), grid.at(last), grid.step()).map(Times::Grid)
        })
        .collect()
}

fn shown_seconds(time: Duration) -> String {
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    crate::units::Duration::from_millis(millis).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units;

    #[test]
    fn rule_8_addresses_are_joined_without_doubled_or_trailing_slashes() {
        let cases = [
            ("http://h:9090", "http://h:9090/api/v1/query"),
            ("http://h:9090/", "http://h:9090/api/v1/query"),
            ("http://h/prom/", "http://h/prom/api/v1/query"),
            ("http://h//a///b", "http://h/a/b/api/v1/query"),
        ];
        for (base, joined) in cases {
            assert_eq!(
                join(&Url::parse(base).expect(base), "query").as_str(),
                joined
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn rule_2_pieces_cover_the_grid_without_a_seam_or_a_double_point(count in 1_i64..100_000, step in 1_i64..100_000) {
            let step = units::Duration::from_millis(step);
            let first = units::Instant::from_millis(7 * step.millis());
            let last = units::Instant::from_millis((6 + count) * step.millis());
            let grid = Grid::inside(first, last, step).expect("grid");
            let mut next = grid.first();
            for piece in pieces(&Asked::Range(grid)) {
                let Times::Grid(piece) = piece else { panic!("a grid") };
                proptest::prop_assert!(piece.count() <= MAX_POINTS);
                proptest::prop_assert_eq!(piece.first(), next);
                next = piece.last() + step;
            }
            proptest::prop_assert_eq!(next, grid.last() + step);
        }
    }
}
