//! TLS according to a server's settings: versions, authorities, client certificates. Must not fall back to less.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};

use super::fault::Fault;
use super::settings::read;
use crate::plan::{SecretSource, TlsConfig, TlsVersion};

/// Chooses the process's cryptography; call it once, before anything is asked. Calling it again is harmless.
pub fn install_crypto() {
    // An error means that it was done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(rustls::crypto::ring::default_provider()))
}

/// Trusts nobody: for plain HTTP.
pub(super) fn plain_config() -> Result<ClientConfig, Fault> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|_| Fault::misconfigured("no TLS version is left"))?;
    Ok(builder
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}

/// Trusts what the machine and the settings trust.
pub(super) fn secure_config(tls: &TlsConfig, folder: &Path) -> Result<ClientConfig, Fault> {
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
            Fault::misconfigured(
                "tls_config leaves no TLS version: min_version is above max_version",
            )
        })?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Verifier::new(tls, folder)?));
    match (&tls.cert, &tls.key) {
        (Some(cert), Some(key)) => {
            let chain = certificates("tls_config.cert", cert, folder)?;
            let key = private_key(key, folder)?;
            builder.with_client_auth_cert(chain, key).map_err(|error| {
                Fault::misconfigured(format!("tls_config.cert and key do not match: {error}"))
            })
        }
        (None, None) => Ok(builder.with_no_client_auth()),
        _ => Err(Fault::misconfigured(
            "tls_config needs both cert and key, or neither",
        )),
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
        _ => Err(Fault::misconfigured(format!(
            "{what} holds no PEM certificate"
        ))),
    }
}

fn private_key(source: &SecretSource, folder: &Path) -> Result<PrivateKeyDer<'static>, Fault> {
    let pem = read("tls_config.key", source, folder)?;
    let text = pem.expose();
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| {
        // PKCS #8 says so in its first line, older forms in a header.
        if text.contains("ENCRYPTED") {
            return Fault::misconfigured(
                "tls_config.key is encrypted, and `gate` has no pass phrase for it: name a file that holds the key unencrypted, readable by `gate` alone",
            );
        }
        Fault::misconfigured("tls_config.key holds no PEM private key")
    })
}

/// Checks a server's certificate as the settings say.
#[derive(Debug)]
struct Verifier {
    /// `None` if certificates go unchecked.
    inner: Option<rustls_platform_verifier::Verifier>,
    /// The name to check against, if not the address's.
    name: Option<ServerName<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    fn new(tls: &TlsConfig, folder: &Path) -> Result<Self, Fault> {
        let extra = match &tls.ca {
            Some(ca) => certificates("tls_config.ca", ca, folder)?,
            None => Vec::new(),
        };
        let name = match &tls.server_name {
            Some(name) => Some(ServerName::try_from(name.clone()).map_err(|_| {
                Fault::misconfigured(format!(
                    "tls_config.server_name `{name}` is not a host name"
                ))
            })?),
            None => None,
        };
        let provider = provider();
        let algorithms = provider.signature_verification_algorithms;
        let inner = if tls.insecure_skip_verify {
            None
        } else {
            let verifier =
                rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider);
            Some(verifier.map_err(|error| {
                Fault::misconfigured(format!("no certificates to trust: {error}"))
            })?)
        };
        Ok(Self {
            inner,
            name,
            algorithms,
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
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
