//! DSSE v1.0: what is signed, and the envelope around it; and Sigstore's bundle of one envelope. Reads no key file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::key::{AttestKey, KeyError};

const PAYLOAD: &str = "application/vnd.in-toto+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: &'static str,
    signatures: [Signature; 1],
}

#[derive(Serialize)]
struct Signature {
    /// A hint; never decides whom to trust.
    keyid: String,
    sig: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bundle<'a> {
    media_type: &'static str,
    verification_material: Material<'a>,
    dsse_envelope: Envelope,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Material<'a> {
    public_key: Hint<'a>,
}

#[derive(Serialize)]
struct Hint<'a> {
    hint: &'a str,
}

/// The signed envelope of a statement, on one line with its end: a line of an `.intoto.jsonl`.
///
/// # Errors
/// A key that cannot sign.
pub fn envelope(statement: &str, key: &AttestKey) -> Result<String, KeyError> {
    Ok(line(&sealed(statement, key)?))
}

/// Sigstore's bundle of the same envelope, as `cosign verify-blob-attestation --bundle` takes it.
///
/// # Errors
/// A key that cannot sign.
pub fn bundle(statement: &str, key: &AttestKey) -> Result<String, KeyError> {
    let hint = key.id();
    let public_key = Hint { hint: &hint };
    Ok(line(&Bundle {
        media_type: BUNDLE,
        verification_material: Material { public_key },
        dsse_envelope: sealed(statement, key)?,
    }))
}

fn sealed(statement: &str, key: &AttestKey) -> Result<Envelope, KeyError> {
    let signature = key.sign(&pre_authentication(PAYLOAD, statement.as_bytes()))?;
    Ok(Envelope {
        payload: STANDARD.encode(statement),
        payload_type: PAYLOAD,
        signatures: [Signature {
            keyid: key.id(),
            sig: STANDARD.encode(signature),
        }],
    })
}

/// PAE of the specification: lengths in decimal, so that neither part can pass for the other.
fn pre_authentication(kind: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {kind} {} ", kind.len(), body.len());
    [head.as_bytes(), body].concat()
}

fn line<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pre_authentication_is_that_of_the_specification() {
        let found = pre_authentication("http://example.com/HelloWorld", b"hello world");
        let expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world";
        assert_eq!(found, expected);
    }
}
