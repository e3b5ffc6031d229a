//! One source: asks a question until it is answered, refused, or out of time (rules 2 and 8).
//!
//! Knows HTTP and the API's calls. Must not judge samples, and must not let a secret into a message.

mod fetch;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::{Response, Url};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

use super::body::{ErrorBody, Flow, beginning, is_page, refused, unreadable};
use super::call::{join, pieces, request};
use super::client::Channel;
use super::collect::{Collector, finish_record};
use super::credential::Credentials;
use super::entry::Times;
use super::failure::{self, Again, Fault};
use super::join::{Join, Outcome, Piece};
use super::pool::{Pool, Standing};
use super::redirect::{Way, shown};
use super::retry;
use super::scanner::{Chunks, ScanError};
use super::wire::{self, Answer, Envelope};
use super::words::Secrets;
use crate::plan::Source;
use crate::samples::{Asked, FailureCode, Question};

/// A source that can be asked.
pub(super) struct Server {
    pub(super) base: Url,
    pub(super) channel: Channel,
    pub(super) credentials: Credentials,
    pub(super) secrets: Secrets,
    pub(super) permits: Arc<Semaphore>,
    follow: bool,
    pub(super) timeout: Duration,
    /// An answer with warnings counts as whole.
    pub(super) allow_warnings: bool,
    max_bytes: u64,
    /// The server refuses POST.
    use_get: AtomicBool,
    standing: Arc<Standing>,
    /// So many questions that used up their timeout, with not one answer, and the source is lost: the rest need not wait
    /// as long.
    patience: usize,
}

impl Server {
    /// Reads the credentials; `channel` is the way there.
    pub(super) fn new(
        source: &Source,
        pool: &Pool,
        base: Url,
        channel: Channel,
        credentials: Credentials,
        secrets: Secrets,
    ) -> Self {
        Self {
            permits: pool.permits(source, &base),
            standing: pool.standing(source, &base),
            base,
            channel,
            credentials,
            secrets,
            follow: source.http.follow_redirects,
            timeout: source.timeout.to_std(),
            allow_warnings: source.allow_warnings,
            max_bytes: source.max_answer_bytes,
            use_get: AtomicBool::new(false),
            patience: source.concurrency,
        }
    }

    /// Asks one question, in several requests where its grid is long. The timeout covers them all, with their retries.
    pub(super) async fn ask(&self, question: &Question, record: bool) -> Result<Outcome, Fault> {
        if let Some(lost) = self.standing.lost.get() {
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
                .insist(deadline, || self.attempt(&question.query, times, record))
                .await?;
            joined.add(times, piece);
        }
        Ok(joined.finish())
    }

    /// Asks until there is an answer or no time.
    async fn insist<T, A: Future<Output = Result<T, Fault>>>(
        &self,
        deadline: Instant,
        once: impl Fn() -> A,
    ) -> Result<T, Fault> {
        let mut last: Option<Fault> = None;
        for attempt in 0.. {
            let Ok(result) = timeout_at(deadline, once()).await else {
                return Err(self.out_of_time(last));
            };
            let fault = match result {
                Ok(answer) => {
                    self.standing.answered.store(true, Relaxed);
                    return Ok(answer);
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
            None => self.expire(Fault::last(
                FailureCode::SourceTimeout,
                format!("no whole answer within {within}"),
            )),
        }
    }

    /// Notes that a question has used up its timeout. A source that cannot be reached is lost at once; one that hangs or
    /// only errs, when as many questions as are asked at a time have waited for nothing.
    fn expire(&self, fault: Fault) -> Fault {
        let expired = self.standing.expired.fetch_add(1, Relaxed) + 1;
        let is_lost = match fault.code {
            FailureCode::SourceUnreachable => true,
            FailureCode::SourceTimeout
            | FailureCode::SourceError
            | FailureCode::SourceRateLimited => expired >= self.patience,
            _ => false,
        };
        if is_lost && !self.standing.answered.load(Relaxed) {
            // The first one stays: questions still waiting would each wait as long for the same.
            let _ = self.standing.lost.set(fault.clone());
        }
        fault
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
        self.expire(fault)
    }

    /// One request and its answer.
    async fn attempt(&self, query: &str, times: Times, record: bool) -> Result<Piece, Fault> {
        let (call, form) = request(query, times);
        let (response, way) = self.send(call, &form, true).await?;
        let secrets = self.credentials.received(&self.secrets);
        let origin = if way.hops > 0 {
            let to = secrets.clean(&shown(&way.url));
            format!(", redirected to {to}")
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
            wire::decode(
                &mut flow,
                times,
                Collector::new(times, record, self.max_bytes / 2),
            )
            .await
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

    /// Sends a call of the API, following redirects where that is allowed.
    pub(super) async fn send(
        &self,
        call: &str,
        form: &[(&str, String)],
        post: bool,
    ) -> Result<(Response, Way), Fault> {
        self.send_to(join(&self.base, call), form, post).await
    }

    /// Sends a request to an address of this server.
    async fn send_to(
        &self,
        url: Url,
        form: &[(&str, String)],
        post: bool,
    ) -> Result<(Response, Way), Fault> {
        let post = post && !self.use_get.load(Relaxed);
        let mut way = Way {
            url,
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
                    let next = way.follow(status, location, self.credentials.any());
                    way = next.map_err(|fault| {
                        fault.without(&self.credentials.received(&self.secrets))
                    })?;
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
            .map_err(|error| failure::no_answer(error, &self.credentials.received(&self.secrets)))
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
            let to = to.map_or_else(String::new, |to| {
                format!(" to {}", secrets.clean(&shown(&to)))
            });
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

fn shown_seconds(time: Duration) -> String {
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    crate::units::Duration::from_millis(millis).to_string()
}
