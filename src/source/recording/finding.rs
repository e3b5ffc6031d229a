//! Findings in recorded answers: a list of what was looked up, each with what was found or why nothing was.
//!
//! Must refuse what it does not know: a misread finding would be judged.

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

use crate::findings::{Findings, Found, Inquiry};
use crate::samples::Failure;

/// One of `found` and `failure`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FindingEntry<I, F, E> {
    asked: I,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<F>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<E>,
}

/// In the order of the inquiries.
pub(super) fn serialize<S: Serializer>(findings: &Findings, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(findings.iter().map(|(asked, finding)| FindingEntry {
        asked,
        found: finding.as_ref().ok(),
        failure: finding.as_ref().err(),
    }))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Findings, D::Error> {
    let mut findings = Findings::new();
    for finding in Vec::<FindingEntry<Inquiry, Found, Failure>>::deserialize(from)? {
        let result = match (finding.found, finding.failure) {
            (Some(found), None) => Ok(found),
            (None, Some(failure)) => Err(failure),
            (None, None) => return Err(D::Error::custom("a finding without an answer")),
            (Some(_), Some(_)) => {
                return Err(D::Error::custom("a finding with two answers"));
            }
        };
        if findings.insert(finding.asked, result).is_some() {
            return Err(D::Error::custom("the same inquiry occurs twice"));
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests;
