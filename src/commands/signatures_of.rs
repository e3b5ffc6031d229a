//! Whose signatures the approvals of a ledger bear, where the plan requires signatures (T13). Must not judge what follows.

use std::collections::BTreeMap;
use std::path::Path;

use super::bounded;
use super::load::LoadedPlan;
use super::signature;
use crate::digest::sha256_hex;
use crate::ledger::{Chain, Entry, Event, Ledger};
use crate::plan::Signatures;
use crate::provenance::{SignatureSeen, SignaturesSeen};

/// The ledger with what its approvals' signatures show, by the plan's own list of signers. Without one nobody looks:
/// a check says that it is missing.
pub fn plan(loaded: &LoadedPlan, ledger: Ledger) -> Ledger {
    let signatures = demanded(loaded);
    let listed = signatures.is_some_and(|signatures| signatures.allowed.is_some());
    let seen = listed.then(|| seen(loaded, None, &ledger)).flatten();
    ledger.with_signatures(seen)
}

/// The same for a chain.
pub fn status(loaded: &LoadedPlan, chain: Chain) -> Chain {
    let seen = plan(loaded, chain.ledger().clone()).signatures().cloned();
    chain.with_signatures(seen)
}

/// The same for a check: by the list that its command line names, or else the plan's; without any, no signature counts.
pub fn check(loaded: &LoadedPlan, allowed: Option<&Path>, chain: Chain) -> Chain {
    let seen = seen(loaded, allowed, chain.ledger());
    chain.with_signatures(seen)
}

/// What the plan requires, if it requires signatures.
fn demanded(loaded: &LoadedPlan) -> Option<&Signatures> {
    let signatures = loaded.plan.trust.signatures.as_ref();
    signatures.filter(|signatures| signatures.required)
}

fn seen(loaded: &LoadedPlan, named: Option<&Path>, ledger: &Ledger) -> Option<SignaturesSeen> {
    let demanded = demanded(loaded)?;
    let of_plan = demanded.allowed.as_ref();
    let of_plan = of_plan.map(|path| loaded.folder().join(path));
    let Some(allowed) = named.or(of_plan.as_deref()) else {
        return Some(SignaturesSeen::NoSigners);
    };
    let mut seen = BTreeMap::new();
    for entry in ledger.standing_approvals() {
        let found = one(entry, loaded.folder(), allowed, demanded);
        seen.insert(entry.number, found);
    }
    Some(SignaturesSeen::Seen(seen))
}

fn one(entry: &Entry, folder: &Path, allowed: &Path, demanded: &Signatures) -> SignatureSeen {
    match verified(entry, folder, allowed, demanded) {
        Ok((principal, key)) => SignatureSeen::By { principal, key },
        Err(reason) => SignatureSeen::Refused(reason),
    }
}

/// Who signed the evidence that an entry approves, and with which key.
fn verified(
    entry: &Entry,
    folder: &Path,
    allowed: &Path,
    demanded: &Signatures,
) -> Result<(String, String), String> {
    let (role, path, sha256) = approved(entry).ok_or("it approves nothing")?;
    let evidence = folder.join(path);
    let bytes = bounded::read(&evidence, bounded::MAX_BYTES)
        .map_err(|error| format!("{path} cannot be read: {error}"))?;
    if sha256_hex(&[&bytes]) != sha256 {
        return Err(format!("{path} is no longer what was approved"));
    }
    let place = signature::place(&evidence, Some(role));
    if !place.is_file() {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        return Err(format!("there is no {name}"));
    }
    let wanted = demanded.principals(role).unwrap_or_default();
    let principal = signature::verify(&bytes, &place, allowed, wanted, entry.at);
    let principal = principal.map_err(|error| error.to_string())?;
    let key = signature::fits(&bytes, &place).map_err(|error| error.to_string())?;
    Ok((principal, key))
}

fn approved(entry: &Entry) -> Option<(&str, &str, &str)> {
    let Event::Approved { role, .. } = &entry.event else {
        return None;
    };
    let (path, sha256) = entry.event.signed_evidence()?;
    Some((role, path, sha256))
}
