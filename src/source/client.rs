//! HTTP connections as a source's settings want them: TLS, proxies, compression.
//!
//! Reads no environment of its own, follows no redirect, knows no credentials but those of a proxy.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use reqwest::{NoProxy, Proxy, Url, redirect};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};

use super::credential::read;
use super::failure::Fault;
use crate::plan::{SecretSource, TlsConfig, TlsVersion};
use crate::samples::FailureCode;

/// Chooses the cryptography of the process; to be called once, before anything is asked. Calling it again is harmless.
pub fn install_crypto() {
    // An error says that it has been done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Which proxies are used.
#[derive(Debug, Clone, Default)]
pub(super) struct Proxies {
    /// For http, for https.
    pub(super) urls: [Option<String>; 2],
    /// Hosts that are reached directly.
    pub(super) except: Option<String>,
}

/// Connections to one source.
pub(super) struct Channel {
    folder: PathBuf,
    tls: TlsConfig,
    proxies: Proxies,
    gzip: bool,
    /// Without certificates: a machine that has none can still speak plain HTTP, and none are loaded in vain.
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
        let secure_proxy = self
            .proxies
            .urls
            .iter()
            .flatten()
            .any(|url| url.starts_with("https:"));
        let built = if url.scheme() == "https" || secure_proxy {
            self.secure
                .get_or_init(|| self.build(secure_config(&self.tls, &self.folder)?))
        } else {
            self.plain.get_or_init(|| self.build(plain_config()?))
        };
        built.as_ref().map_err(Clone::clone)
    }

    fn build(&self, tls: ClientConfig) -> Result<reqwest::Client, Fault> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("gate/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .gzip(self.gzip)
            .tcp_nodelay(true)
            .no_proxy()
            .tls_backend_preconfigured(tls);
        let kinds: [fn(String) -> reqwest::Result<Proxy>; 2] = [Proxy::http, Proxy::https];
        for (url, kind) in self.proxies.urls.iter().zip(kinds) {
            if let Some(url) = url {
                let except = self
                    .proxies
                    .except
                    .as_deref()
                    .and_then(NoProxy::from_string);
                // The address may hold a password: the error is not shown.
                let proxy = kind(url.clone())
                    .map_err(|_| unusable("proxy_url is not an address of a proxy"))?;
                builder = builder.proxy(proxy.no_proxy(except));
            }
        }
        builder
            .build()
            .map_err(|_| unusable("the settings for HTTP cannot be used together"))
    }
}

fn unusable(message: impl Into<String>) -> Fault {
    Fault::last(FailureCode::SourceMisconfigured, message)
}

fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()))
}

fn plain_config() -> Result<ClientConfig, Fault> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|_| unusable("no version of TLS is left"))?;
    Ok(builder
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}

fn secure_config(tls: &TlsConfig, folder: &Path) -> Result<ClientConfig, Fault> {
    let versions: Vec<_> = [
        (TlsVersion::Tls12, &rustls::version::TLS12),
        (TlsVersion::Tls13, &rustls::version::TLS13),
    ]
    .into_iter()
    .filter(|(version, _)| tls.min_version.is_none_or(|min| *version >= min))
    .filter(|(version, _)| tls.max_version.is_none_or(|max| *version <= max))
    .map(|(_, version)| version)
    .collect();
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&versions)
        .map_err(|_| {
            unusable("tls_config leaves no version of TLS: min_version is above max_version")
        })?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier::new(tls, folder)?));
    match (&tls.cert, &tls.key) {
        (Some(cert), Some(key)) => {
            let chain = certificates("tls_config.cert", cert, folder)?;
            let key = private_key(key, folder)?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| unusable(format!("tls_config.cert and key do not fit: {error}")))
        }
        (None, None) => Ok(builder.with_no_client_auth()),
        _ => Err(unusable("tls_config needs both cert and key, or neither")),
    }
}

fn certificates(
    what: &str,
    source: &SecretSource,
    folder: &Path,
) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let pem = read(what, source, folder)?;
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_slice_iter(pem.expose().as_bytes()).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(unusable(format!("{what} holds no certificate in PEM form"))),
    }
}

fn private_key(source: &SecretSource, folder: &Path) -> Result<PrivateKeyDer<'static>, Fault> {
    let pem = read("tls_config.key", source, folder)?;
    PrivateKeyDer::from_pem_slice(pem.expose().as_bytes())
        .map_err(|_| unusable("tls_config.key holds no private key in PEM form"))
}

/// Checks a server's certificate as the settings say.
#[derive(Debug)]
struct Verifier {
    /// `None` where certificates are taken unchecked.
    inner: Option<rustls_platform_verifier::Verifier>,
    /// The name to check against, where it is not the address's.
    name: Option<ServerName<'static>>,
    schemes: Vec<SignatureScheme>,
}

impl Verifier {
    fn new(tls: &TlsConfig, folder: &Path) -> Result<Self, Fault> {
        let extra = match &tls.ca {
            Some(ca) => certificates("tls_config.ca", ca, folder)?,
            None => Vec::new(),
        };
        let name = match &tls.server_name {
            Some(name) => Some(ServerName::try_from(name.clone()).map_err(|_| {
                unusable(format!("tls_config.server_name `{name}` is no host name"))
            })?),
            None => None,
        };
        let provider = provider();
        let schemes = provider
            .signature_verification_algorithms
            .supported_schemes();
        let inner = if tls.insecure_skip_verify {
            None
        } else {
            let verifier =
                rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider);
            Some(verifier.map_err(|error| unusable(format!("no certificates to trust: {error}")))?)
        };
        Ok(Self {
            inner,
            name,
            schemes,
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(inner) = &self.inner else {
            return Ok(ServerCertVerified::assertion());
        };
        let name = self.name.as_ref().unwrap_or(server_name);
        inner.verify_server_cert(end_entity, intermediates, name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match &self.inner {
            Some(inner) => inner.verify_tls12_signature(message, cert, dss),
            None => rustls::crypto::verify_tls12_signature(
                message,
                cert,
                dss,
                &provider().signature_verification_algorithms,
            ),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match &self.inner {
            Some(inner) => inner.verify_tls13_signature(message, cert, dss),
            None => rustls::crypto::verify_tls13_signature(
                message,
                cert,
                dss,
                &provider().signature_verification_algorithms,
            ),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.clone()
    }
}
