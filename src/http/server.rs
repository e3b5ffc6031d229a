//! A server that can be asked: connections, credentials, redirects, and a limit on concurrent requests.
//!
//! Must not know what an answer says, nor let a secret into a message.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{RequestBuilder, Response, StatusCode, Url};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::address::{below, with_query};
use super::basic::take_user_info;
use super::client::{Channel, Proxies};
use super::clock::{Clock, ClockSeen};
use super::credentials::Credentials;
use super::fault::{self, Fault};
use super::patience::Patience;
use super::pool::Pool;
use super::received::{Received, location};
use super::redirect::{Way, shown};
use super::retry;
use super::sent::Sent;
use super::settings::{self, Limit, Settings};
use super::wording::Wording;
use crate::plan::{self, Compression};
use crate::samples::FailureCode;
use crate::secret::Secret;
use crate::secret::address::is_loopback;

/// How a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// The form is in the address.
    Get,
    /// The form is the body; GET if the server refuses that.
    Post,
}

/// What goes along with a request.
#[derive(Clone, Copy)]
pub(super) enum Load<'a> {
    /// In the address of a GET, in the body of a POST.
    Form(&'a [(&'a str, String)]),
    /// A body of this type.
    Body(&'static str, &'a [u8]),
}

/// A server that can be asked.
pub(crate) struct Server {
    /// Free of user info.
    base: Url,
    channel: Channel,
    credentials: Credentials,
    wording: Wording,
    permits: Arc<Semaphore>,
    patience: Patience,
    follow: bool,
    limit: Limit,
    explain: fn(StatusCode, &[u8], &Wording) -> Option<Fault>,
    /// What goes along with every form.
    params: Vec<SentParam>,
    method: plan::Method,
    refuses_post: AtomicBool,
    clock: Option<Clock>,
    clock_seen: Mutex<ClockSeen>,
}

impl Server {
    /// Prepares to ask it: credentials are read, nothing is sent.
    ///
    /// # Errors
    /// Settings that cannot be used.
    pub(crate) fn new(settings: &Settings<'_>, pool: &Pool) -> Result<Self, Fault> {
        let subject = settings.subject;
        let mut base = Url::parse(settings.url.expose())
            .map_err(|_| Fault::misconfigured(format!("the url of {subject} is not an address")))?;
        if !matches!(base.scheme(), "http" | "https") {
            let message = format!("the url of {subject} is neither http nor https");
            return Err(Fault::misconfigured(message));
        }
        let mut wording = Wording::new(subject);
        let user_info = take_user_info(&mut base, &mut wording);
        let http = &settings.http;
        let credentials = Credentials::new(settings, user_info, &mut wording)?;
        let gzip = match settings.compression {
            // On this machine compression costs more than it saves.
            Compression::Auto => !is_loopback(&base),
            Compression::Gzip => true,
            Compression::None => false,
        };
        let proxies = Proxies::new(http, settings.environment);
        proxies.hide(&mut wording);
        let params = params(settings, &mut wording)?;
        Ok(Self {
            permits: pool.permits(settings, &base),
            patience: Patience {
                timeout: settings.timeout,
                limit: settings.concurrency,
                standing: pool.standing(settings, &base),
            },
            base,
            channel: Channel::new(settings.folder, settings.http.tls.clone(), proxies, gzip),
            credentials,
            wording,
            follow: settings.http.follow_redirects,
            limit: settings.limit,
            explain: settings.explain,
            params,
            method: settings.method,
            refuses_post: AtomicBool::new(false),
            clock: settings.clock,
            clock_seen: Mutex::default(),
        })
    }

    /// Also hides the query of the address, which may hold a secret.
    pub(crate) fn hide_query(&mut self) {
        for (_, value) in self.base.query_pairs() {
            self.wording.hide(&value);
        }
        if let Some(query) = self.base.query() {
            self.wording.hide(query);
        }
    }

    /// Also hides the path of the address, and each part of it: whoever knows it may post there.
    pub(crate) fn hide_address(&mut self) {
        self.hide_query();
        self.wording.hide(self.base.path().trim_matches('/'));
        for part in self.base.path().split('/') {
            self.wording.hide(part);
        }
    }

    /// How messages mention it, with every secret received so far.
    pub(crate) fn wording(&self) -> Wording {
        self.credentials.received(&self.wording)
    }

    /// For one answer, retries included.
    pub(crate) fn timeout(&self) -> Duration {
        self.patience.timeout
    }

    /// The largest answer taken, in decoded bytes.
    pub(crate) fn max_bytes(&self) -> u64 {
        self.limit.bytes
    }

    /// Waits for this request's turn, in which everything must be answered within the timeout.
    ///
    /// # Errors
    /// A lost server: it is not asked at all.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, Fault> {
        // The semaphore is never closed.
        let permit = self.permits.acquire().await.ok();
        Ok(Turn {
            deadline: self.patience.deadline()?,
            patience: &self.patience,
            _permit: permit,
        })
    }

    /// One request to a path below the server's address, and its success. A POST that is refused as one is asked again as
    /// a GET, and so is everything after it.
    ///
    /// # Errors
    /// No answer; a status that is not a success.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        form: &[(&str, String)],
    ) -> Result<Received, Fault> {
        let post = self.posts(method);
        let refusal = match self.succeed(post, path, form).await {
            Err(Refused::By(refusal)) if post && self.refuses_posts(&refusal) => refusal,
            Ok(received) => return Ok(received),
            Err(Refused::By(Refusal { fault, .. }) | Refused::NoAnswer(fault)) => {
                return Err(fault);
            }
        };
        self.refuses_post.store(true, Relaxed);
        match self.succeed(false, path, form).await {
            Ok(received) => Ok(received),
            // Neither is taken: what was said of the POST is what the settings asked for.
            Err(Refused::By(second)) if matches!(second.status.as_u16(), 405 | 501) => {
                Err(refusal.fault)
            }
            Err(Refused::By(Refusal { fault, .. }) | Refused::NoAnswer(fault)) => Err(fault),
        }
    }

    /// Whether a call goes out as a POST.
    fn posts(&self, method: Method) -> bool {
        let wanted = match self.method {
            plan::Method::Auto => !self.refuses_post.load(Relaxed),
            plan::Method::Get => false,
            plan::Method::Post => true,
        };
        method == Method::Post && wanted
    }

    /// Whether a refusal may be of the method: proxies answer so, and servers that let only readers in. What the API says
    /// in its own words is of the query.
    fn refuses_posts(&self, refusal: &Refusal) -> bool {
        let of_the_method = match refusal.status.as_u16() {
            403 | 404 | 405 | 501 => true,
            400 => !refusal.explained,
            _ => false,
        };
        self.method == plan::Method::Auto && of_the_method
    }

    /// One request and its success.
    async fn succeed(
        &self,
        post: bool,
        path: &str,
        form: &[(&str, String)],
    ) -> Result<Received, Refused> {
        let received = self.send(post, path, form).await;
        let received = received.map_err(Refused::NoAnswer)?;
        if received.status().is_success() {
            self.note_date(received.headers());
            Ok(received)
        } else {
            Err(Refused::By(self.refusal(received).await))
        }
    }

    fn note_date(&self, headers: &HeaderMap) {
        if let (Some(clock), Ok(mut seen)) = (self.clock, self.clock_seen.lock()) {
            *seen = seen.and(clock.seen(headers));
        }
    }

    /// What its answers say of its clock.
    pub(crate) fn clock_seen(&self) -> ClockSeen {
        let seen = self.clock_seen.lock();
        seen.map_or_else(|_| ClockSeen::default(), |seen| *seen)
    }

    /// One request, following redirects if allowed, and its answer, whatever the status.
    pub(super) async fn send(
        &self,
        post: bool,
        path: &str,
        form: &[(&str, String)],
    ) -> Result<Received, Fault> {
        self.exchange(post, path, Load::Form(form)).await
    }

    /// The same with whatever goes along. A body is only followed to where it is taken along.
    pub(super) async fn exchange(
        &self,
        post: bool,
        path: &str,
        load: Load<'_>,
    ) -> Result<Received, Fault> {
        let mut way = Way {
            url: below(&self.base, path),
            path,
            post,
            with_query: true,
            trusted: true,
            hops: 0,
        };
        let mut renewed = false;
        loop {
            let (response, sent) = self.step(&way, load).await?;
            match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 if self.follow => {
                    let (status, to) = (response.status(), location(&response));
                    way = way.follow(status, to, self.credentials.any(), &self.wording())?;
                    if let (Load::Body(..), false) = (load, way.post) {
                        return Err(self.lost_body(status));
                    }
                }
                _ => {
                    let mut received = self.received(response, &way, sent);
                    if renewed || !self.credentials.renew(&mut received).await {
                        return Ok(received);
                    }
                    renewed = true;
                }
            }
        }
    }

    fn lost_body(&self, status: StatusCode) -> Fault {
        let (subject, number) = (self.wording.subject, status.as_u16());
        let message =
            format!("{subject} answered {number} with a redirect that does not take a POST along");
        Fault::last(FailureCode::SourceNotApi, message)
    }

    fn received(&self, response: Response, way: &Way<'_>, sent: Sent) -> Received {
        let mut wording = self.wording();
        if let Some(secret) = sent.secret() {
            wording.hide(secret.expose());
        }
        let origin = redirected(way, &wording);
        Received::new(response, self.limit, wording, origin, sent)
    }

    /// One request. Whatever goes along is put into it anew each time: a signature counts for a few minutes and for one address.
    async fn step(&self, way: &Way<'_>, load: Load<'_>) -> Result<(Response, Sent), Fault> {
        let client = self.channel.client(&way.url)?;
        let mut request = match load {
            Load::Form(form) => self.with_form(client, way, form),
            Load::Body(kind, bytes) => (client.post(way.url.clone()))
                .header(CONTENT_TYPE, kind)
                .body(bytes.to_vec()),
        };
        if way.trusted {
            request = self.credentials.with_headers(request);
        }
        let no_answer = |error| {
            let wording = self.wording();
            fault::no_answer(error, &self.roundabout(way, &wording), &wording)
        };
        let mut request = request.build().map_err(no_answer)?;
        let sent = if way.trusted {
            self.credentials.put(&mut request, &self.wording).await?
        } else {
            Sent::default()
        };
        let response = client.execute(request).await.map_err(no_answer)?;
        Ok((response, sent))
    }

    fn with_form(
        &self,
        client: &reqwest::Client,
        way: &Way<'_>,
        form: &[(&str, String)],
    ) -> RequestBuilder {
        let url = way.url.clone();
        let params = (self.params.iter()).filter(|param| way.trusted || !param.is_secret);
        let params = params.map(|param| (param.name.as_str(), param.value.expose()));
        let own = form.iter().map(|(name, value)| (*name, value.as_str()));
        let form: Vec<(&str, &str)> = own.chain(params).collect();
        match (way.post, way.with_query) {
            (true, _) => client.post(url).form(&form),
            (false, true) if !form.is_empty() => client.get(with_query(url, &form)),
            (false, _) => client.get(url),
        }
    }

    /// Where a request went that did not go straight to the server's own address: ` at URL, redirected to URL, through
    /// the proxy URL`.
    fn roundabout(&self, way: &Way<'_>, wording: &Wording) -> String {
        let by = self.channel.proxy(&way.url);
        let by = by.map(|proxy| format!(", through the proxy {}", wording.clean(&proxy)));
        let to = redirected(way, wording);
        if to.is_empty() && by.is_none() {
            return String::new();
        }
        let own = wording.clean(&shown(&self.base));
        format!(" at {own}{to}{}", by.unwrap_or_default())
    }

    /// The fault in an answer that is not a success.
    async fn refusal(&self, mut received: Received) -> Refusal {
        let status = received.status();
        let body = received.beginning().await;
        let wording = &received.wording;
        let explained = (self.explain)(status, &body, wording);
        let is_explained = explained.is_some();
        let mut fault = if status.is_redirection() {
            self.redirection(&received)
        } else {
            let explained =
                explained.or_else(|| self.credentials.explain(status, &body, &received));
            explained.unwrap_or_else(|| fault::by_status(status, &body, wording))
        };
        fault.message.push_str(&received.origin);
        Refusal {
            fault: fault.not_before(retry::asked_for(received.headers())),
            status,
            explained: is_explained,
        }
    }

    /// A redirect that is not followed.
    fn redirection(&self, received: &Received) -> Fault {
        let Wording { subject, .. } = received.wording;
        let number = received.status().as_u16();
        let to = received.location().and_then(|to| self.base.join(to).ok());
        let to = to.map_or_else(String::new, |to| {
            format!(" to {}", received.wording.clean(&shown(&to)))
        });
        let why = if self.follow {
            ""
        } else {
            ", and follow_redirects is off"
        };
        let message = format!("{subject} answered {number} with a redirect{to}{why}");
        Fault::last(FailureCode::SourceNotApi, message)
    }
}

/// An answer that is not a success.
struct Refusal {
    fault: Fault,
    status: StatusCode,
    /// Whether the body is of the server's own API.
    explained: bool,
}

/// Why a request did not succeed.
enum Refused {
    By(Refusal),
    NoAnswer(Fault),
}

/// `, redirected to URL`, where a redirect led.
fn redirected(way: &Way<'_>, wording: &Wording) -> String {
    match way.hops {
        0 => String::new(),
        _ => format!(", redirected to {}", wording.clean(&shown(&way.url))),
    }
}

/// What goes along with a form.
struct SentParam {
    name: String,
    value: Secret,
    /// Whether it stays with the first host, as credentials do.
    is_secret: bool,
}

/// What goes along with every form; what is secret is hidden.
fn params(settings: &Settings<'_>, wording: &mut Wording) -> Result<Vec<SentParam>, Fault> {
    let mut params = Vec::new();
    for param in settings.params {
        let what = format!("params.{}", param.name);
        let value = settings::read(&what, &param.value, settings.folder)?;
        let is_secret = param.shown != value.expose();
        if is_secret {
            wording.hide(value.expose());
        }
        params.push(SentParam {
            name: param.name.clone(),
            value,
            is_secret,
        });
    }
    Ok(params)
}

/// A request's turn: a limited number have theirs at a time.
pub(crate) struct Turn<'a> {
    deadline: Instant,
    patience: &'a Patience,
    _permit: Option<SemaphorePermit<'a>>,
}

impl Turn<'_> {
    /// Asks until there is an answer or no time left.
    ///
    /// # Errors
    /// No answer within the timeout; a refusal.
    pub(crate) async fn insist<T, A: Future<Output = Result<T, Fault>>>(
        &self,
        once: impl Fn() -> A,
    ) -> Result<T, Fault> {
        self.patience.insist(self.deadline, once).await
    }
}
