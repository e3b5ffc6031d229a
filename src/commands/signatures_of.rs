//! Whose signatures the approvals of a ledger bear, where the plan requires signatures (T13). Must not judge what follows.

use std::collections::BTreeMap;
use std::path::Path;

use super::bounded;
use super::load::LoadedPlan;
use super::signed_approval;
use super::signers_list;
use crate::digest::sha256_hex;
use crate::ledger::{Chain, Entry, Ledger};
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

/// The same for a command that lets something begin: as a check counts them.
pub fn start(loaded: &LoadedPlan, allowed: Option<&Path>, ledger: Ledger) -> Ledger {
    let seen = seen(loaded, allowed, &ledger);
    ledger.with_signatures(seen)
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
    if let Err(why) = signers_list::readable(allowed) {
        let unread = format!("{} cannot be read ({why})", allowed.display());
        return Some(SignaturesSeen::ListUnread(unread));
    }
    let mut seen = BTreeMap::new();
    for entry in ledger.standing_approvals() {
        let found = one(entry, ledger, loaded.folder(), allowed, demanded);
        seen.insert(entry.number, found);
    }
    Some(SignaturesSeen::Seen(seen))
}

fn one(
    entry: &Entry,
    ledger: &Ledger,
    folder: &Path,
    allowed: &Path,
    demanded: &Signatures,
) -> SignatureSeen {
    let Some((path, sha256)) = entry.event.signed_evidence() else {
        return SignatureSeen::Refused("it approves nothing".to_owned());
    };
    let evidence = folder.join(path);
    match bounded::read(&evidence, bounded::MAX_BYTES) {
        Ok(bytes) if sha256_hex(&[&bytes]) == sha256 => {
            signed_approval::seen(entry, ledger, &evidence, allowed, demanded)
        }
        Ok(_) => SignatureSeen::Refused(format!("{path} is no longer what was approved")),
        Err(error) => SignatureSeen::Refused(format!("{path} cannot be read: {error}")),
    }
}
