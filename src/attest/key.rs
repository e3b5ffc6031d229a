//! The key that signs attestations: Ed25519 or P-256, PKCS#8 in PEM. Never prints it.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use thiserror::Error;

use crate::digest::sha256_hex;

/// What precedes the public key in a `SubjectPublicKeyInfo` (RFC 8410; RFC 5480).
const ED25519_INFO: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
const P256_INFO: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";

/// Why a key cannot sign.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// An encrypted key.
    #[error(
        "the key is encrypted: decrypt it with `openssl pkey`, or sign with --sign, which asks for the passphrase"
    )]
    Encrypted,
    /// Not PKCS#8 in PEM.
    #[error(
        "this is not a private key in PEM (PKCS#8, `BEGIN PRIVATE KEY`): `openssl pkcs8 -topk8 -nocrypt` makes one"
    )]
    Form,
    /// A key of another kind.
    #[error("this is neither an Ed25519 nor a P-256 key")]
    Kind,
    /// The signing itself failed.
    #[error("the key did not sign")]
    Unsigned,
}

/// A private key that signs attestations.
pub struct AttestKey(Pair);

enum Pair {
    Ed25519(Box<Ed25519KeyPair>),
    P256(Box<EcdsaKeyPair>),
}

impl std::fmt::Debug for AttestKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AttestKey({})", self.id())
    }
}

impl AttestKey {
    /// Reads a key.
    ///
    /// # Errors
    /// Anything but an unencrypted Ed25519 or P-256 key, PKCS#8 in PEM.
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        if String::from_utf8_lossy(pem).contains("BEGIN ENCRYPTED PRIVATE KEY") {
            return Err(KeyError::Encrypted);
        }
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem).map_err(|_| KeyError::Form)?;
        let der = der.secret_pkcs8_der();
        // OpenSSL leaves the public half out of Ed25519 keys; it follows from the private one.
        if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
            return Ok(Self(Pair::Ed25519(Box::new(pair))));
        }
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der, &random);
        let pair = pair.map_err(|_| KeyError::Kind)?;
        Ok(Self(Pair::P256(Box::new(pair))))
    }

    /// SHA-256 of the public key (`SubjectPublicKeyInfo`, DER), 64 lower-case hex digits.
    #[must_use]
    pub fn id(&self) -> String {
        let info = match &self.0 {
            Pair::Ed25519(pair) => [ED25519_INFO, pair.public_key().as_ref()].concat(),
            Pair::P256(pair) => [P256_INFO, pair.public_key().as_ref()].concat(),
        };
        sha256_hex(&[info])
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.0 {
            Pair::Ed25519(pair) => Ok(pair.sign(bytes).as_ref().to_vec()),
            Pair::P256(pair) => {
                let signed = pair.sign(&SystemRandom::new(), bytes);
                let signed = signed.map_err(|_| KeyError::Unsigned)?;
                Ok(signed.as_ref().to_vec())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_key_is_refused_with_what_to_do() {
        for (pem, error) in [
            ("", KeyError::Form),
            (
                "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
                KeyError::Form,
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                KeyError::Kind,
            ),
            (
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
                KeyError::Encrypted,
            ),
        ] {
            assert_eq!(
                AttestKey::from_pem(pem.as_bytes()).map(|_| ()),
                Err(error),
                "{pem}"
            );
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(-----BEGIN PRIVATE KEY-----\\n|-----END PRIVATE KEY-----\\n|MC4CAQAw|.|\\n){0,12}") {
            let _ = AttestKey::from_pem(text.as_bytes());
        }
    }
}
