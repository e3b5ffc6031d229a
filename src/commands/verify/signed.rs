//! Whether signatures hold, and whose they are. Must not decide who may sign: a file and the plan say so.

use std::path::{Path, PathBuf};

use super::point::Point;
use crate::assessment::{BasedOn, CriterionAssessment, Outcome};
use crate::commands::bounded;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::signature::{self, SignatureError};
use crate::digest::sha256_hex;
use crate::kind::CriterionKind;
use crate::ledger::Chain;
use crate::plan::{Plan, Signatures};
use crate::rollout::is_distinct;

/// Every signature of the evidence, and those that the plan requires: its own, and one for each approval that it rests on.
pub fn signatures(
    subject: &EvidenceFile,
    ledger: Option<&Chain>,
    allowed: Option<&Path>,
    plan: Option<&Plan>,
) -> Vec<Point> {
    let demanded = plan.and_then(|plan| plan.trust.signatures.as_ref());
    let own = signature::place(&subject.path, None);
    let mut points = Vec::new();
    let required = demanded.is_some_and(|demanded| demanded.required);
    if !own.is_file() {
        let name = own.file_name().unwrap_or_default().to_string_lossy();
        points.push(if required {
            let says = format!("the plan requires signatures, but there is no {name}");
            Point::off("signature", says)
        } else if allowed.is_some() {
            Point::not_shown("signature", "it is not signed, so nobody vouches for it")
        } else {
            Point::absent("signature", "it is not signed")
        });
    }
    for (path, role) in beside(subject) {
        let signed = Signed {
            bytes: subject.text.as_bytes(),
            path: &path,
            role: role.as_deref(),
        };
        points.push(one(subject, &signed, allowed, demanded));
    }
    if let Some(demanded) = demanded.filter(|demanded| demanded.required) {
        points.extend(approvals(subject, ledger, allowed, demanded));
        points.extend(shared_keys(subject, ledger, plan));
    }
    points
}

/// Two roles of a gate that asks for distinct people, signed with one key (T12).
fn shared_keys(subject: &EvidenceFile, ledger: Option<&Chain>, plan: Option<&Plan>) -> Vec<Point> {
    let mut points = Vec::new();
    for assessed in &subject.evidence.gates {
        let mut keys: Vec<(String, &str)> = Vec::new();
        let stages = plan.iter().flat_map(|plan| &plan.stages);
        let mut gates = stages.filter(|stage| stage.name == assessed.stage);
        let gate = gates.find_map(|stage| stage.gate(assessed.name().kind));
        let Some(gate) = gate else { continue };
        for criterion in assessed.criteria.iter().filter(|one| is_met_approval(one)) {
            let role = criterion.name.as_str();
            let key = ledger.and_then(|chain| key_of(subject, criterion, chain));
            let Some(key) = key.filter(|_| is_distinct(gate, role)) else {
                continue;
            };
            if let Some((_, other)) = keys.iter().find(|(known, _)| *known == key) {
                let says = format!(
                    "the key {key} signed as {other} and as {role}, and the plan asks for distinct people"
                );
                points.push(Point::off("signature", says));
            }
            keys.push((key, role));
        }
    }
    points
}

/// The fingerprint of the key with which an approval was signed.
fn key_of(
    subject: &EvidenceFile,
    criterion: &CriterionAssessment,
    chain: &Chain,
) -> Option<String> {
    let (path, _) = approved(criterion, chain)?;
    let evidence = subject.folder().join(Path::new(path).file_name()?);
    let bytes = bounded::read(&evidence, bounded::MAX_BYTES).ok()?;
    signature::fits(&bytes, &signature::place(&evidence, Some(&criterion.name))).ok()
}

fn is_met_approval(criterion: &CriterionAssessment) -> bool {
    criterion.kind == CriterionKind::Approvals && criterion.outcome == Outcome::Met
}

/// A signature and what it is of.
struct Signed<'a> {
    bytes: &'a [u8],
    path: &'a Path,
    /// As in the file's name.
    role: Option<&'a str>,
}

/// The signatures of the approvals that met criteria rest on, each made for the evidence that was approved.
fn approvals(
    subject: &EvidenceFile,
    ledger: Option<&Chain>,
    allowed: Option<&Path>,
    demanded: &Signatures,
) -> Vec<Point> {
    let criteria = subject
        .evidence
        .gates
        .iter()
        .flat_map(|gate| &gate.criteria);
    let met = criteria.filter(|one| is_met_approval(one));
    met.map(|criterion| {
        let role = &criterion.name;
        let Some(chain) = ledger else {
            let says = format!("the approval as {role} is in the ledger, which is not available");
            return Point::not_shown("signature", says);
        };
        match approved(criterion, chain) {
            Some(evidence) => approval(subject, role, evidence, allowed, demanded),
            None => Point::off(
                "signature",
                format!("no entry of the ledger approves as {role}"),
            ),
        }
    })
    .collect()
}

/// Path and digest of the evidence that was approved, by the entry that a criterion rests on.
fn approved<'a>(criterion: &CriterionAssessment, chain: &'a Chain) -> Option<(&'a str, &'a str)> {
    let entries = chain.ledger().entries();
    let entry = criterion
        .based_on
        .iter()
        .find_map(|based_on| match based_on {
            BasedOn::Entry { number, .. } => entries.iter().find(|entry| entry.number == *number),
            BasedOn::File { .. } => None,
        })?;
    entry.event.signed_evidence()
}

fn approval(
    subject: &EvidenceFile,
    role: &str,
    (path, sha256): (&str, &str),
    allowed: Option<&Path>,
    demanded: &Signatures,
) -> Point {
    let name = Path::new(path).file_name().unwrap_or_default();
    let evidence = subject.folder().join(name);
    let shown = evidence.display();
    let bytes = match bounded::read(&evidence, bounded::MAX_BYTES) {
        Ok(bytes) if sha256_hex(&[&bytes]) == sha256 => bytes,
        Ok(_) => {
            let says = format!("{shown} is not what was approved as {role}");
            return Point::off("signature", says);
        }
        Err(error) => {
            let says = format!("{shown}, approved as {role}, cannot be read: {error}");
            return Point::not_shown("signature", says);
        }
    };
    let place = signature::place(&evidence, Some(role));
    if !place.is_file() {
        let shown = place.display();
        let says =
            format!("the plan requires signatures, but the approval as {role} has no {shown}");
        return Point::off("signature", says);
    }
    let signed = Signed {
        bytes: &bytes,
        path: &place,
        role: Some(&signature::file_word(role)),
    };
    one(subject, &signed, allowed, Some(demanded))
}

/// The signatures beside the evidence, by name, each with the role in which it was made.
fn beside(subject: &EvidenceFile) -> Vec<(PathBuf, Option<String>)> {
    let name = subject.path.file_name().unwrap_or_default();
    let start = format!("{}.", name.to_string_lossy());
    let entries = std::fs::read_dir(subject.folder());
    let names = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let mut found: Vec<(PathBuf, Option<String>)> = names
        .filter_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            let rest = name.strip_prefix(&start)?;
            let role = match rest {
                "sig" => None,
                rest => Some(rest.strip_suffix(".sig")?.to_owned()),
            };
            // Anything else would be waited for.
            path.is_file().then_some((path, role))
        })
        .collect();
    found.sort();
    found
}

fn one(
    subject: &EvidenceFile,
    signed: &Signed<'_>,
    allowed: Option<&Path>,
    demanded: Option<&Signatures>,
) -> Point {
    let Signed { bytes, path, role } = *signed;
    let what = role.map_or_else(String::new, |role| format!("in the role {role}: "));
    let fingerprint = match signature::fits(bytes, path) {
        Ok(fingerprint) => fingerprint,
        Err(error) => return refused(&what, &error),
    };
    let Some(allowed) = allowed else {
        let says = format!(
            "{what}it matches, made with {fingerprint}; without --allowed-signers nobody knows whose key that is"
        );
        return Point::not_shown("signature", says);
    };
    let wanted = role
        .and_then(|role| allowed_in(role, demanded?))
        .unwrap_or_default();
    let at = subject.evidence.evaluated_at;
    match signature::verify(bytes, path, allowed, wanted, at) {
        Ok(principal) => {
            let says = format!("{what}signed by {principal} with {fingerprint}");
            Point::holds("signature", says)
        }
        Err(error) => refused(&what, &error),
    }
}

fn refused(what: &str, error: &SignatureError) -> Point {
    match error {
        SignatureError::Program(_) => Point::not_shown("signature", format!("{what}{error}")),
        SignatureError::Key { .. }
        | SignatureError::Scratch { .. }
        | SignatureError::Unread(_)
        | SignatureError::NotSigned { .. }
        | SignatureError::NotKept(_)
        | SignatureError::Refused(_) => Point::off("signature", format!("{what}{error}")),
    }
}

/// Who may sign in a role, named as in the name of a file.
fn allowed_in<'a>(role: &str, demanded: &'a Signatures) -> Option<&'a [String]> {
    let mut roles = demanded.roles.iter();
    let found = roles.find(|(name, _)| signature::file_word(name) == role);
    found.map(|(_, principals)| principals.as_slice())
}
