//! `--listen`: what a watch answers over HTTP (W21). GET and HEAD alone, nothing can be changed from here. Must not wait for a round, nor
//! let a client hold it up: few connections at once, each for a few seconds.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::uri::Authority;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::shown::{Shown, State};
use crate::units::Duration;

/// So many connections are served at once; the next one is told to come again.
const CONNECTIONS: usize = 16;
/// So long a connection may last.
const PATIENCE: time::Duration = time::Duration::from_secs(5);
/// So long nothing is accepted after the system could not.
const BREATH: time::Duration = time::Duration::from_millis(100);
/// More of a request's head than anybody needs.
const HEAD_BYTES: usize = 16 * 1024;
/// A round that began as many intervals ago is overdue.
const OVERDUE: i32 = 3;
/// What one too many is told.
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// Takes the port.
///
/// # Errors
/// One that is taken, or an address that this machine does not have.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Answers from now on, beside the rounds; returns the line that says where. Call it inside a tokio runtime.
///
/// # Errors
/// A socket that the runtime cannot use.
pub fn serve(
    listener: TcpListener,
    state: watch::Receiver<State>,
    every: Duration,
) -> io::Result<String> {
    let address = listener.local_addr()?;
    let is_local = address.ip().to_canonical().is_loopback();
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let site = Site {
        state,
        every,
        is_local,
    };
    tokio::spawn(accept(listener, Arc::new(site)));
    let reach = if is_local {
        ""
    } else {
        "; not only this machine: whoever reaches it can read the report"
    };
    Ok(format!(
        "listening on http://{address} (/metrics, /healthz, /status.json, /){reach}"
    ))
}

async fn accept(listener: tokio::net::TcpListener, site: Arc<Site>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // The client has gone already, or there are too many open files.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        match Arc::clone(&slots).try_acquire_owned() {
            Ok(slot) => {
                tokio::spawn(connection(stream, Arc::clone(&site), slot));
            }
            // To let it wait would let a thousand idle ones keep the probe of an orchestrator waiting, for minutes.
            Err(_) => {
                let _ = stream.try_write(BUSY);
            }
        }
    }
}

async fn connection(stream: TcpStream, site: Arc<Site>, slot: OwnedSemaphorePermit) {
    let answer = service_fn(|request| {
        let answer = site.answer(&request);
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    let served = http1::Builder::new()
        // An idle connection would take the place of another.
        .keep_alive(false)
        .half_close(true)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), answer);
    // Whether the client got it is the client's affair.
    let _ = tokio::time::timeout(PATIENCE, served).await;
    drop(slot);
}

/// What answers.
struct Site {
    state: watch::Receiver<State>,
    every: Duration,
    /// Whether only this machine reaches it.
    is_local: bool,
}

impl Site {
    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        if self.is_local && !hosts(request).all(names_this_machine) {
            // A page of another site whose name was made to lead here must not read the report (DNS rebinding).
            let why = "this is not the server of that name: ask for its IP address or localhost\n";
            return plain(StatusCode::MISDIRECTED_REQUEST, why);
        }
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, "GET and HEAD alone\n");
            set(&mut answer, header::ALLOW, "GET, HEAD");
            return answer;
        }
        match request.uri().path() {
            "/metrics" => self.of_last_round(|round| of_kind(METRICS, round.metrics.clone())),
            "/status.json" => self.of_last_round(|round| of_kind(JSON, round.status.clone())),
            "/" => self.of_last_round(page),
            "/healthz" => self.health(),
            _ => plain(
                StatusCode::NOT_FOUND,
                "nothing is here: ask for /metrics, /healthz, /status.json or /\n",
            ),
        }
    }

    fn of_last_round(
        &self,
        answer: impl FnOnce(&Shown) -> Response<Full<Bytes>>,
    ) -> Response<Full<Bytes>> {
        let shown = self.state.borrow().shown.clone();
        match shown {
            Some(round) => answer(&round),
            None => plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "the first round is not through yet\n",
            ),
        }
    }

    /// Whether rounds go on: by a clock that nobody sets back.
    fn health(&self) -> Response<Full<Bytes>> {
        let Some(began) = self.state.borrow().began else {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "no round has begun yet\n");
        };
        let age = began.elapsed();
        let seconds = age.as_secs();
        if age < self.every.to_std() * OVERDUE.unsigned_abs() {
            return plain(
                StatusCode::OK,
                &format!("the last round began {seconds}s ago\n"),
            );
        }
        plain(
            StatusCode::SERVICE_UNAVAILABLE,
            &format!(
                "the last round began {seconds}s ago: {OVERDUE} rounds of {} or more\n",
                self.every
            ),
        )
    }
}

/// The report reloads itself; its own policy stands in it, and nobody may frame it.
fn page(round: &Shown) -> Response<Full<Bytes>> {
    let mut answer = of_kind(HTML, round.page());
    set(&mut answer, header::REFRESH, "30");
    set(
        &mut answer,
        header::CONTENT_SECURITY_POLICY,
        "frame-ancestors 'none'",
    );
    answer
}

fn plain(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let mut answer = of_kind(PLAIN, text.to_owned().into());
    *answer.status_mut() = status;
    answer
}

/// An answer that no cache keeps, and that no browser takes for something else.
fn of_kind(kind: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(body));
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ] {
        set(&mut answer, name, value);
    }
    answer
}

fn set(answer: &mut Response<Full<Bytes>>, name: HeaderName, value: &'static str) {
    answer
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}

/// Every host that a request names; none is named by old programs, and by no browser.
fn hosts<B>(request: &Request<B>) -> impl Iterator<Item = &str> {
    let named = request.headers().get_all(header::HOST).into_iter();
    let named = named.map(|host| host.to_str().unwrap_or_default());
    named.chain(request.uri().authority().map(Authority::as_str))
}

/// An IP address or `localhost`, with or without a port: no name that somebody else can make lead here.
fn names_this_machine(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        let address = rest.split_once(']').map(|(address, _)| address);
        return address.is_some_and(|one| one.parse::<Ipv6Addr>().is_ok());
    }
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(is_local: bool) -> Site {
        let (sender, state) = watch::channel(State::default());
        drop(sender);
        Site {
            state,
            every: Duration::from_secs(60),
            is_local,
        }
    }

    fn status(site: &Site, method: &str, path: &str, host: Option<&str>) -> u16 {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(host) = host {
            request = request.header(header::HOST, host);
        }
        site.answer(&request.body(()).expect("a request"))
            .status()
            .as_u16()
    }

    #[test]
    fn w21_a_name_that_somebody_else_could_make_lead_here_is_refused_on_loopback() {
        for host in [
            "127.0.0.1:9100",
            "localhost",
            "LOCALHOST:1",
            "[::1]:80",
            "10.0.0.1",
        ] {
            assert_eq!(
                status(&site(true), "GET", "/nothing", Some(host)),
                404,
                "{host}"
            );
        }
        for host in [
            "evil.example",
            "localhost.evil.example:9100",
            "127.0.0.1.evil.example",
            "",
            "[evil]",
        ] {
            assert_eq!(
                status(&site(true), "GET", "/nothing", Some(host)),
                421,
                "{host}"
            );
            assert_eq!(
                status(&site(false), "GET", "/nothing", Some(host)),
                404,
                "{host}"
            );
        }
        assert_eq!(status(&site(true), "GET", "/nothing", None), 404);
        let absolute = "http://evil.example/";
        assert_eq!(status(&site(true), "GET", absolute, Some("localhost")), 421);
    }

    #[test]
    fn w21_only_get_and_head() {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
            let request = Request::builder().method(method).uri("/metrics").body(());
            let answer = site(true).answer(&request.expect("a request"));
            assert_eq!(answer.status().as_u16(), 405, "{method}");
            assert_eq!(answer.headers()[header::ALLOW], "GET, HEAD");
        }
    }

    #[test]
    fn w21_before_the_first_round_nothing_is_said_of_it() {
        for path in ["/metrics", "/status.json", "/", "/healthz"] {
            assert_eq!(status(&site(true), "GET", path, None), 503, "{path}");
        }
    }

    #[test]
    fn w21_a_watch_is_healthy_for_three_intervals_after_a_round_began() {
        let ago = |seconds| {
            let began = time::Instant::now().checked_sub(time::Duration::from_secs(seconds));
            let (sender, state) = watch::channel(State { began, shown: None });
            drop(sender);
            let site = Site {
                state,
                every: Duration::from_secs(2),
                is_local: true,
            };
            status(&site, "GET", "/healthz", None)
        };
        assert_eq!([ago(0), ago(5), ago(6), ago(600)], [200, 200, 503, 503]);
    }
}
