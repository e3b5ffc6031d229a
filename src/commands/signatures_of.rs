//! Whose signatures the checks and approvals of a ledger bear, where the plan requires signatures (T13). Must not judge what follows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::bounded;
use super::load::LoadedPlan;
use super::signature::{self, Purpose, Signed};
use super::signed_approval;
use super::signers_list;
use crate::digest::sha256_hex;
use crate::ledger::{Chain, Entry, Ledger, file_name};
use crate::plan::{Plan, Signatures};
use crate::provenance::{SignatureSeen, SignaturesSeen};
use crate::rollout::History;
use crate::units::Instant;

/// The plan that says whether signatures are required, and where its files are.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    pub plan: &'a Plan,
    /// To which the plan's files are relative.
    pub folder: &'a Path,
    /// To which the evidence is relative that its ledger names.
    pub records: &'a Path,
    /// Where that evidence is, too, under its own name.
    pub copies: &'a [PathBuf],
}

impl<'a> From<&'a LoadedPlan> for Asking<'a> {
    fn from(loaded: &'a LoadedPlan) -> Self {
        Self {
            plan: &loaded.plan,
            folder: loaded.folder(),
            records: loaded.home.folder(),
            copies: &[],
        }
    }
}

impl<'a> Asking<'a> {
    /// What the plan requires, if it requires signatures.
    pub fn demanded(self) -> Option<&'a Signatures> {
        let signatures = self.plan.trust.signatures.as_ref();
        signatures.filter(|signatures| signatures.required)
    }

    /// The list of signers: the one that a command line names, or else the plan's.
    pub fn list(self, named: Option<&Path>) -> Option<PathBuf> {
        let of_plan = self.demanded()?.allowed.as_ref();
        let of_plan = of_plan.map(|path| self.folder.join(path));
        named.map(Path::to_owned).or(of_plan)
    }
}

/// The ledger with what its signatures show, by the plan's own list of signers. Without one nobody looks: a check says that it
/// is missing.
pub fn plan(asking: Asking<'_>, ledger: Ledger) -> Ledger {
    let listed = asking.list(None).is_some();
    let seen = listed.then(|| seen(asking, None, &ledger, None)).flatten();
    ledger.with_signatures(seen)
}

/// The same for a chain.
pub fn status(asking: Asking<'_>, chain: Chain) -> Chain {
    let seen = plan(asking, chain.ledger().clone()).signatures().cloned();
    chain.with_signatures(seen)
}

/// The same for a check: by the list that its command line names, or else the plan's; without any, no signature counts. `named`
/// is an earlier time that is judged.
pub fn check(
    loaded: &LoadedPlan,
    allowed: Option<&Path>,
    chain: Chain,
    named: Option<Instant>,
) -> Chain {
    let then = named.map(|at| chain.until(at));
    let then = then.as_ref().map(Chain::ledger);
    let seen = seen(loaded.into(), allowed, chain.ledger(), then);
    chain.with_signatures(seen)
}

/// The same for a command that lets something begin: as a check counts them.
pub fn start(loaded: &LoadedPlan, allowed: Option<&Path>, ledger: Ledger) -> Ledger {
    let seen = seen(loaded.into(), allowed, &ledger, None);
    ledger.with_signatures(seen)
}

/// What the signatures of a ledger show; `then` is what was known of it at an earlier time, if that is judged.
fn seen(
    asking: Asking<'_>,
    named: Option<&Path>,
    ledger: &Ledger,
    then: Option<&Ledger>,
) -> Option<SignaturesSeen> {
    let demanded = asking.demanded()?;
    let Some(allowed) = asking.list(named) else {
        return Some(SignaturesSeen::NoSigners);
    };
    if let Err(why) = signers_list::readable(&allowed) {
        let unread = format!("{} cannot be read ({why})", allowed.display());
        return Some(SignaturesSeen::ListUnread(unread));
    }
    let by = By {
        asking,
        allowed: &allowed,
        demanded,
    };
    let approvals = ledger.standing_approvals().into_iter();
    let approvals = approvals.map(|entry| (entry.number, by.approval(entry, ledger)));
    let mut seen: BTreeMap<u64, SignatureSeen> = approvals.collect();
    for one in [Some(ledger), then].into_iter().flatten() {
        for (number, entry) in History::rested_on(one) {
            seen.entry(number).or_insert_with(|| by.check(entry));
        }
    }
    Some(SignaturesSeen::Seen(seen))
}

/// By what signatures are counted.
struct By<'a> {
    asking: Asking<'a>,
    allowed: &'a Path,
    demanded: &'a Signatures,
}

impl By<'_> {
    fn approval(&self, entry: &Entry, ledger: &Ledger) -> SignatureSeen {
        let Some((path, sha256)) = entry.event.signed_evidence() else {
            return SignatureSeen::Refused("it approves nothing".to_owned());
        };
        match self.evidence(path, sha256, "was approved") {
            Ok((evidence, _)) => {
                signed_approval::seen(entry, ledger, &evidence, self.allowed, self.demanded)
            }
            Err(why) => SignatureSeen::Refused(why),
        }
    }

    /// That of a check itself.
    fn check(&self, entry: &Entry) -> SignatureSeen {
        let Some(checked) = entry.event.checked() else {
            return SignatureSeen::Refused("it checks nothing".to_owned());
        };
        let (path, sha256) = (&checked.evidence_path, &checked.evidence_sha256);
        let (evidence, bytes) = match self.evidence(path, sha256, "was recorded") {
            Ok(found) => found,
            Err(why) => return SignatureSeen::Refused(why),
        };
        let place = signature::place(&evidence);
        if !place.is_file() {
            let name = place.file_name().unwrap_or_default().to_string_lossy();
            return SignatureSeen::Refused(format!("there is no {name}"));
        }
        let signed = Signed {
            bytes: &bytes,
            path: &place,
            purpose: Purpose::Evidence,
        };
        let candidates = entry.by.written_names();
        let at = checked.evaluated_at;
        match signature::verify(signed, self.allowed, &candidates, at) {
            Ok(found) => SignatureSeen::By {
                principals: found.principals,
                key: found.key,
            },
            Err(error) => SignatureSeen::Refused(error.to_string()),
        }
    }

    /// The evidence that an entry names, if it is what the entry says.
    fn evidence(&self, path: &str, sha256: &str, was: &str) -> Result<(PathBuf, Vec<u8>), String> {
        let read = |evidence: PathBuf| match bounded::read(&evidence, bounded::MAX_BYTES) {
            Ok(bytes) if sha256_hex(&[&bytes]) == sha256 => Ok((evidence, bytes)),
            Ok(_) => Err(format!("{path} is no longer what {was}")),
            Err(error) => Err(format!("{path} cannot be read: {error}")),
        };
        let own = read(self.asking.records.join(path));
        let copies = self.asking.copies.iter();
        let mut copies = copies.map(|folder| folder.join(file_name(path)));
        own.or_else(|why| copies.find_map(|copy| read(copy).ok()).ok_or(why))
    }
}
