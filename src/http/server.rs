//! A server that can be asked: connections, credentials, redirects, and a limit on concurrent requests.
//!
//! Must not know what an answer says, nor let a secret into a message.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use reqwest::{Response, StatusCode, Url};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use url::Host;

use super::basic::take_user_info;
use super::client::{Channel, Proxies};
use super::credentials::Credentials;
use super::fault::{self, Fault};
use super::patience::Patience;
use super::pool::Pool;
use super::received::{Received, location};
use super::redirect::{Way, shown};
use super::retry;
use super::settings::{Limit, Settings};
use super::wording::Wording;
use crate::plan::Compression;
use crate::samples::FailureCode;

/// How a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// The form is in the address.
    Get,
    /// The form is the body; GET if the server refuses that.
    Post,
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
    refuses_post: AtomicBool,
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
        let credentials = Credentials::new(http, user_info, settings.folder, &mut wording)?;
        let gzip = match settings.compression {
            Compression::Auto => !is_loopback(&base),
            Compression::Gzip => true,
            Compression::None => false,
        };
        let proxies = Proxies::new(http, settings.environment);
        proxies.hide(&mut wording);
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
            refuses_post: AtomicBool::new(false),
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

    /// One request to a path below the server's address, and its success.
    ///
    /// # Errors
    /// No answer; a status that is not a success.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        form: &[(&str, String)],
    ) -> Result<Received, Fault> {
        let received = self.send(method, path, form).await?;
        if received.status().is_success() {
            Ok(received)
        } else {
            Err(self.refusal(received).await)
        }
    }

    /// One request, following redirects if allowed, and its answer, whatever the status.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        form: &[(&str, String)],
    ) -> Result<Received, Fault> {
        let mut way = Way {
            url: below(&self.base, path),
            path,
            post: method == Method::Post && !self.refuses_post.load(Relaxed),
            with_query: true,
            trusted: true,
            hops: 0,
        };
        let mut renewed = false;
        loop {
            let response = self.step(&way, form).await?;
            match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 if self.follow => {
                    let (status, to) = (response.status(), location(&response));
                    way = way.follow(status, to, self.credentials.any(), &self.wording())?;
                }
                401 if way.trusted && !renewed && self.credentials.renew().await => renewed = true,
                405 | 501 if way.post => {
                    self.refuses_post.store(true, Relaxed);
                    (way.post, way.with_query) = (false, true);
                }
                _ => return Ok(self.received(response, &way)),
            }
        }
    }

    fn received(&self, response: Response, way: &Way<'_>) -> Received {
        let wording = self.wording();
        let origin = match way.hops {
            0 => String::new(),
            _ => format!(", redirected to {}", wording.clean(&shown(&way.url))),
        };
        Received::new(response, self.limit, wording, origin)
    }

    async fn step(&self, way: &Way<'_>, form: &[(&str, String)]) -> Result<Response, Fault> {
        let client = self.channel.client(&way.url)?;
        let url = way.url.clone();
        let mut request = match (way.post, way.with_query) {
            (true, _) => client.post(url).form(form),
            (false, true) => client.get(url).query(form),
            (false, false) => client.get(url),
        };
        if way.trusted {
            request = self.credentials.apply(request, &self.wording).await?;
        }
        let response = request.send().await;
        response.map_err(|error| fault::no_answer(error, &self.wording()))
    }

    /// The fault in an answer that is not a success.
    async fn refusal(&self, mut received: Received) -> Fault {
        let status = received.status();
        let body = received.beginning().await;
        let wording = &received.wording;
        let mut fault = if status.is_redirection() {
            self.redirection(&received)
        } else {
            (self.explain)(status, &body, wording)
                .unwrap_or_else(|| fault::by_status(status, &body, wording))
        };
        fault.message.push_str(&received.origin);
        fault.not_before(retry::asked_for(received.headers()))
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

/// The address of a path below the base: the prefix is kept, no slash is doubled. An empty path is the base itself.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if !path.is_empty() {
        let parts = base.path().split('/').filter(|part| !part.is_empty());
        let prefix = parts.fold(String::new(), |prefix, part| prefix + "/" + part);
        url.set_path(&format!("{prefix}/{path}"));
    }
    url
}

/// Whether the server is on this machine, where compression costs more than it saves.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_8_addresses_are_joined_without_doubled_or_trailing_slashes() {
        let cases = [
            ("http://h:9090", "http://h:9090/api/v1/query"),
            ("http://h:9090/", "http://h:9090/api/v1/query"),
            ("http://h/prom/", "http://h/prom/api/v1/query"),
            ("http://h//a///b", "http://h/a/b/api/v1/query"),
        ];
        for (base, joined) in cases {
            let base = Url::parse(base).expect("an address");
            assert_eq!(below(&base, "api/v1/query").as_str(), joined);
            assert_eq!(below(&base, ""), base);
        }
    }

    #[test]
    fn this_machine_is_recognised_by_name_and_address() {
        let is_here = |host: &str| is_loopback(&Url::parse(host).expect("an address"));
        for host in ["localhost", "a.localhost", "127.1.2.3", "[::1]"] {
            assert!(is_here(&format!("http://{host}:9090/x")), "{host}");
        }
        for host in ["localhost.example", "128.0.0.1", "[::2]", "notlocalhost"] {
            assert!(!is_here(&format!("http://{host}:9090/x")), "{host}");
        }
    }
}
