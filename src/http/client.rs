//! HTTP connections according to a server's settings: TLS, proxies, compression.
//!
//! Must not read the environment itself, follow a redirect, or know credentials other than those of a proxy.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{NoProxy, Proxy, Url, redirect};
use rustls::ClientConfig;

use super::basic::hide_user_info;
use super::fault::Fault;
use super::redirect::shown;
use super::tls::{plain_config, secure_config};
use super::wording::Wording;
use crate::plan::{HttpConfig, TlsConfig};
use crate::secret::Secret;

/// Which proxies are used; their addresses may carry user info.
#[derive(Default)]
pub(super) struct Proxies {
    /// For http, for https.
    urls: [Option<String>; 2],
    /// Hosts that are reached directly.
    except: Option<String>,
}

impl Proxies {
    /// The plan's proxy, or the environment's if the plan says so. As usual, the latter is never used for this machine
    /// itself.
    pub(super) fn new(http: &HttpConfig, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        if http.proxy_url.is_some() || !http.proxy_from_environment {
            return Self {
                except: http.no_proxy.clone(),
                ..Self::of(http.proxy_url.as_ref())
            };
        }
        let variable = |name: &str| in_either_case(name, environment);
        let except = variable("NO_PROXY").unwrap_or_default();
        Self {
            urls: [variable("HTTP_PROXY"), variable("HTTPS_PROXY")],
            except: Some(format!("{except},localhost,127.0.0.0/8,::1")),
        }
    }

    /// One proxy for everything, or none.
    pub(super) fn of(url: Option<&Secret>) -> Self {
        let url = url.map(|url| url.expose().to_owned());
        Self {
            urls: [url.clone(), url],
            except: None,
        }
    }

    /// The one for an address, as far as the plan or the environment say; without user info.
    fn of_url(&self, url: &Url) -> Option<String> {
        let [plain, secure] = &self.urls;
        let proxy = if url.scheme() == "https" {
            secure
        } else {
            plain
        };
        let host = url.host_str()?;
        let mut except = self.except.iter().flat_map(|all| all.split(','));
        let is_direct = except.any(|name| match name.trim().trim_start_matches('.') {
            "" => false,
            "*" => true,
            name => host == name || host.ends_with(&format!(".{name}")),
        });
        let proxy = proxy.as_deref().filter(|_| !is_direct)?;
        Some(shown(&Url::parse(proxy).ok()?))
    }

    /// Hides what is secret in their addresses.
    pub(super) fn hide(&self, wording: &mut Wording) {
        for url in self.urls.iter().flatten() {
            hide_user_info(url, wording);
        }
    }

    fn any_secure(&self) -> bool {
        let mut urls = self.urls.iter().flatten();
        urls.any(|url| url.starts_with("https:"))
    }
}

/// A variable in upper case or, as in older programs, lower case; an empty one counts as unset.
fn in_either_case(name: &str, environment: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let value = environment(name).or_else(|| environment(&name.to_ascii_lowercase()));
    value.filter(|value| !value.is_empty())
}

/// Connections to one server.
pub(super) struct Channel {
    folder: PathBuf,
    tls: TlsConfig,
    proxies: Proxies,
    gzip: bool,
    /// Without certificates: a machine that has none can still use plain HTTP, and none are loaded in vain.
    plain: OnceLock<Result<reqwest::Client, Fault>>,
    secure: OnceLock<Result<reqwest::Client, Fault>>,
}

impl Channel {
    pub(super) fn new(folder: &Path, tls: TlsConfig, proxies: Proxies, gzip: bool) -> Self {
        Self {
            folder: folder.to_owned(),
            tls,
            proxies,
            gzip,
            plain: OnceLock::new(),
            secure: OnceLock::new(),
        }
    }

    /// The client for an address.
    pub(super) fn client(&self, url: &Url) -> Result<&reqwest::Client, Fault> {
        let built = if url.scheme() == "https" || self.proxies.any_secure() {
            self.secure
                .get_or_init(|| self.build(secure_config(&self.tls, &self.folder)?))
        } else {
            self.plain.get_or_init(|| self.build(plain_config()?))
        };
        built.as_ref().map_err(Clone::clone)
    }

    /// The proxy that requests to an address take, for a message.
    pub(super) fn proxy(&self, url: &Url) -> Option<String> {
        self.proxies.of_url(url)
    }

    /// How answers may be packed. The client's own unpacking stops where the first gzip member ends.
    fn accepted(&self) -> HeaderMap {
        let gzip = (ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        self.gzip.then_some(gzip).into_iter().collect()
    }

    fn build(&self, tls: ClientConfig) -> Result<reqwest::Client, Fault> {
        let mut builder = reqwest::Client::builder()
            .user_agent(crate::version::USER_AGENT)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .default_headers(self.accepted())
            .tcp_nodelay(true)
            // The client of object stores brings HTTP/2 into the same crate; the limits here are measured on HTTP/1.
            .http1_only()
            .no_proxy()
            .tls_backend_preconfigured(tls);
        let kinds: [fn(String) -> reqwest::Result<Proxy>; 2] = [Proxy::http, Proxy::https];
        for (url, kind) in self.proxies.urls.iter().zip(kinds) {
            if let Some(url) = url {
                let except = self.proxies.except.as_deref();
                // The address may hold a password: the error is not shown.
                let proxy = kind(url.clone())
                    .map_err(|_| Fault::misconfigured("proxy_url is not a proxy address"))?;
                builder = builder.proxy(proxy.no_proxy(except.and_then(NoProxy::from_string)));
            }
        }
        builder
            .build()
            .map_err(|_| Fault::misconfigured("the HTTP settings cannot be used together"))
    }
}
