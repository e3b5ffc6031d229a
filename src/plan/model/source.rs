//! Places that answer queries and how `gate` speaks to them. Holds settings; opens no connection and prints no secret.

use super::cloud::{AzureAd, GoogleIam, Sigv4};
use super::secret_source::SecretSource;
use crate::kind::words;
use crate::secret::Secret;
use crate::units::Duration;

/// A place that answers queries.
#[derive(Debug, Clone)]
pub struct Source {
    /// `default` if the plan has a single `source`.
    pub name: String,
    /// The base address; may carry user info, so never print it: see `shown_url`.
    pub url: Secret,
    /// The base address without user info.
    pub shown_url: String,
    /// The address as the plan has it, like `shown_url` without a slash at its end; `None` if only `--source` names one.
    pub written_url: Option<String>,
    /// How to speak to it.
    pub http: HttpConfig,
    /// For one query, retries included.
    pub timeout: Duration,
    /// How many queries at a time, at least one.
    pub concurrency: usize,
    /// Whether an answer that may not be complete counts as complete.
    pub allow_partial: bool,
    /// How far back a point looks for its last sample, where the plan says so; else as far as the server does.
    pub lookback: Option<Duration>,
    /// How late samples may come: every span ends that long before T. Zero unless the plan says so.
    pub delay: Duration,
    /// What is sent with every question beside it, in plan order.
    pub params: Vec<Param>,
    /// How questions are sent.
    pub method: Method,
    /// Whether answers are compressed in transit.
    pub compression: Compression,
    /// The largest answer taken, in decoded bytes.
    pub max_answer_bytes: u64,
}

impl Source {
    /// The one of that name; `None` if the plan has none that can be used.
    pub(in crate::plan) fn named<'s>(sources: &'s [Self], name: &str) -> Option<&'s Self> {
        sources.iter().find(|source| source.name == name)
    }
}

/// Something that is sent with every question.
#[derive(Debug, Clone)]
pub struct Param {
    /// As the server knows it.
    pub name: String,
    /// What is sent.
    pub value: SecretSource,
    /// As evidence shows it: `***` where the value comes from the environment or a file.
    pub shown: String,
}

words! {
    /// How questions are sent.
    #[derive(Default)]
    pub enum Method: "method" {
        /// POST, and GET once the server has refused that.
        #[default]
        Auto = "auto",
        /// GET always: the question stands in the address.
        Get = "GET",
        /// POST always.
        Post = "POST",
    }
}

words! {
    /// Whether answers are compressed in transit.
    #[derive(Default)]
    pub enum Compression: "compression" {
        /// gzip, except on loopback, where it costs the server more than it saves.
        #[default]
        Auto = "auto",
        /// gzip always.
        Gzip = "gzip",
        /// Never.
        None = "none",
    }
}

/// Prometheus' `http_config`, the fields that `gate` supports.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// At most one way to authenticate.
    pub auth: Option<Auth>,
    /// TLS settings.
    pub tls: TlsConfig,
    /// A proxy for all requests; may carry user info.
    pub proxy_url: Option<Secret>,
    /// Hosts that the proxy does not serve.
    pub no_proxy: Option<String>,
    /// Whether the proxy is read from the environment.
    pub proxy_from_environment: bool,
    /// Extra headers: name and value.
    pub headers: Vec<(String, SecretSource)>,
    /// Those among them that the plan does not call secret, with their values as written, `${…}` included: to tell what is asked
    /// from something else, never to be shown.
    pub plain_headers: Vec<(String, String)>,
    /// Whether redirects are followed; credentials stay with the first host.
    pub follow_redirects: bool,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            auth: None,
            tls: TlsConfig::default(),
            proxy_url: None,
            no_proxy: None,
            proxy_from_environment: false,
            headers: Vec::new(),
            plain_headers: Vec::new(),
            follow_redirects: true,
        }
    }
}

/// How `gate` authenticates.
#[derive(Debug, Clone)]
pub enum Auth {
    /// HTTP basic.
    Basic {
        /// User name.
        username: SecretSource,
        /// Password; absent means empty.
        password: Option<SecretSource>,
    },
    /// `Authorization: TYPE CREDENTIALS`.
    Header {
        /// `Bearer` unless the plan says otherwise.
        scheme: String,
        /// What follows it.
        credentials: SecretSource,
    },
    /// OAuth 2 client credentials.
    Oauth2(Box<Oauth2>),
    /// Requests signed for Amazon.
    Sigv4(Box<Sigv4>),
    /// A token of Google's.
    GoogleIam(GoogleIam),
    /// A token of Microsoft Entra ID.
    AzureAd(Box<AzureAd>),
}

/// OAuth 2 client credentials (RFC 6749, 4.4).
#[derive(Debug, Clone)]
pub struct Oauth2 {
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: SecretSource,
    /// Where tokens are issued.
    pub token_url: Secret,
    /// Requested scopes.
    pub scopes: Vec<String>,
    /// Further form parameters.
    pub endpoint_params: Vec<(String, String)>,
    /// TLS settings for the token endpoint.
    pub tls: TlsConfig,
    /// A proxy for the token endpoint.
    pub proxy_url: Option<Secret>,
}

/// TLS settings. Files are relative to the plan's folder.
#[derive(Debug, Clone, Default)]
pub struct TlsConfig {
    /// Certificates to trust besides the system's, PEM.
    pub ca: Option<SecretSource>,
    /// Client certificate, PEM.
    pub cert: Option<SecretSource>,
    /// Its key, PEM.
    pub key: Option<SecretSource>,
    /// The name to check the server's certificate against.
    pub server_name: Option<String>,
    /// Whether the server's certificate goes unchecked.
    pub insecure_skip_verify: bool,
    /// `TLS12` or `TLS13`.
    pub min_version: Option<TlsVersion>,
    /// `TLS12` or `TLS13`.
    pub max_version: Option<TlsVersion>,
}

/// A protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// 1.2.
    Tls12,
    /// 1.3.
    Tls13,
}
