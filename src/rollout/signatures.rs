//! What roles have signed, and whether their signatures still hold. Must not carry a signature over to another verdict,
//! another question or another attempt.

use super::{History, OtherSource, Past, RecordedCheck, Rollout};
use crate::kind::GateName;
use crate::ledger::{Entry, Event, Person};
use crate::plan::Gate;
use crate::plan::criteria::Ask;
use crate::provenance::{SignatureSeen, SignaturesSeen};
use crate::units::Instant;
use crate::verdict::Verdict;

/// The last word of a role on a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature<'a> {
    /// The entry that holds it.
    pub entry: &'a Entry,
    /// SHA-256 of the evidence that was signed.
    pub evidence_sha256: &'a str,
    /// The verdict that was signed, without approvals.
    pub verdict_without_approvals: Verdict,
    /// Until when it holds.
    pub expires: Option<Instant>,
    /// Whether an earlier signature is taken back.
    pub revoked: bool,
}

/// With whose key an approval is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer<'a> {
    /// Whose key it is, as the list of signers says.
    pub principals: &'a [String],
    /// The key's fingerprint.
    pub key: &'a str,
}

impl<'a> Signer<'a> {
    /// Whether one person may have signed as both: with one key, or with two that are listed for one principal. `role` is
    /// the other's.
    #[must_use]
    pub fn shared_with(self, other: Self, role: &'a str) -> Option<Voided<'a>> {
        if self.key == other.key {
            return Some(Voided::SameKey(role));
        }
        let mut principals = self.principals.iter();
        let both = principals.find(|principal| {
            let mut others = other.principals.iter();
            others.any(|other| Person::is_same_name(principal, other))
        })?;
        Some(Voided::SamePrincipal(role, both))
    }
}

/// Where a role stands on a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval<'a> {
    /// It has never signed.
    Nobody,
    /// Its last signature was taken back.
    TakenBack(Signature<'a>),
    /// Its last signature is void.
    Void(Signature<'a>, Voided<'a>),
    /// Its signature holds.
    Holds(Signature<'a>),
}

impl<'a> Approval<'a> {
    /// The last word of the role, whether or not it still holds.
    #[must_use]
    pub fn signature(self) -> Option<Signature<'a>> {
        match self {
            Self::Nobody => None,
            Self::TakenBack(signature) | Self::Void(signature, _) | Self::Holds(signature) => {
                Some(signature)
            }
        }
    }

    /// The signature that nothing speaks against, but perhaps that it is for no GO.
    #[must_use]
    pub fn stands(self) -> Option<Signature<'a>> {
        match self {
            Self::Nobody | Self::TakenBack(_) => None,
            Self::Void(signature, voided) => (voided == Voided::NotGo).then_some(signature),
            Self::Holds(signature) => Some(signature),
        }
    }

    /// The signature that holds.
    #[must_use]
    pub fn holds(self) -> Option<Signature<'a>> {
        match self {
            Self::Nobody | Self::TakenBack(_) | Self::Void(..) => None,
            Self::Holds(signature) => Some(signature),
        }
    }
}

/// Why a signature no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voided<'a> {
    /// It held until then.
    Expired(Past<'a>),
    /// The stage was rolled back or reopened, or another version took the place of the one before.
    SetBack(&'a Entry),
    /// No recorded check wrote the evidence that was signed.
    Unrecorded,
    /// The check that was signed was made with other variables.
    OtherQuestion(RecordedCheck<'a>),
    /// The check that was signed asked a source at another address.
    OtherSource(OtherSource<'a>),
    /// The check that was signed judged another version of the plan.
    OtherPlan(RecordedCheck<'a>),
    /// A check after the signed one found another verdict.
    Contradicted(RecordedCheck<'a>),
    /// The gate now has this verdict without approvals.
    Otherwise(Verdict),
    /// The gate still has the verdict that was signed, and that is no GO: the signature will be void before anything rests on it.
    NotGo,
    /// The same person signed in this other role, and two have to.
    SamePerson(&'a str),
    /// The same key signed in this other role, and two people have to.
    SameKey(&'a str),
    /// Two keys signed that are listed for one principal, in this other role too, and two people have to.
    SamePrincipal(&'a str, &'a str),
    /// The plan requires signatures, and nothing says whose keys count.
    NoSigners,
    /// The plan requires signatures, and the list of those whose keys count cannot be read.
    ListUnread(&'a str),
    /// The signature was made for this earlier entry.
    Replayed(u64),
    /// The plan requires signatures, and this one is missing or does not count.
    Unsigned(&'a str),
    /// The check that was signed has no signature of its own that counts.
    Unvouched(RecordedCheck<'a>),
}

impl<'a> History<'a> {
    /// The last word of a role on a gate, whether or not it still holds.
    #[must_use]
    pub fn signature(self, gate: &GateName, role: &str) -> Option<Signature<'a>> {
        let mut latest = self.entries().iter().rev();
        latest.find_map(|entry| {
            let Event::Approved {
                gate: of,
                role: signed,
                evidence_sha256,
                verdict_without_approvals,
                expires,
                revoked,
                ..
            } = &entry.event
            else {
                return None;
            };
            (of == gate && signed == role).then_some(Signature {
                entry,
                evidence_sha256,
                verdict_without_approvals: *verdict_without_approvals,
                expires: *expires,
                revoked: *revoked,
            })
        })
    }
}

impl Rollout<'_> {
    /// Whether the plan requires that approvals are signed.
    #[must_use]
    pub fn requires_signatures(&self) -> bool {
        let demanded = self.plan.trust.signatures.as_ref();
        demanded.is_some_and(|demanded| demanded.required)
    }
}

impl<'a> Rollout<'a> {
    /// Where a role stands on a gate of a stage. `verdict` is the gate's present verdict without approvals, if it was judged;
    /// without it, the recorded checks decide.
    #[must_use]
    pub fn approval(
        &self,
        stage: &str,
        gate: &'a Gate,
        role: &str,
        verdict: Option<Verdict>,
    ) -> Approval<'a> {
        let name = gate.kind.of(stage);
        let own = self.approval_alone(&name, role, verdict);
        let Some(signature) = own.holds().filter(|_| is_distinct(gate, role)) else {
            return own;
        };
        let mut others = roles(gate).filter(|other| *other != role);
        let voided = others.find_map(|other| {
            let also = self.approval_alone(&name, other, verdict).holds()?;
            let signers = self
                .signer_of(also.entry)
                .zip(self.signer_of(signature.entry));
            let shared = signers.and_then(|(one, two)| one.shared_with(two, other));
            if shared.is_some() {
                return shared;
            }
            let is_same = also.entry.by.is(&signature.entry.by);
            is_same.then_some(Voided::SamePerson(other))
        });
        voided.map_or(own, |voided| Approval::Void(signature, voided))
    }

    /// With whose key an approval is signed, if that was looked at and counts.
    #[must_use]
    pub fn signer_of(&self, entry: &Entry) -> Option<Signer<'a>> {
        match self.ledger?.signatures()? {
            SignaturesSeen::NoSigners | SignaturesSeen::ListUnread(_) => None,
            SignaturesSeen::Seen(seen) => match seen.get(&entry.number)? {
                SignatureSeen::By { principals, key } => Some(Signer { principals, key }),
                SignatureSeen::Replayed(_) | SignatureSeen::Refused(_) => None,
            },
        }
    }

    /// Why an approval counts as absent although it is in the ledger (T13); `None` where signatures were not looked at.
    pub(super) fn disregarded(&self, entry: &Entry) -> Option<Voided<'a>> {
        match self.ledger?.signatures()? {
            SignaturesSeen::NoSigners => Some(Voided::NoSigners),
            SignaturesSeen::ListUnread(why) => Some(Voided::ListUnread(why)),
            SignaturesSeen::Seen(seen) => match seen.get(&entry.number) {
                Some(SignatureSeen::By { .. }) => None,
                Some(SignatureSeen::Replayed(first)) => Some(Voided::Replayed(*first)),
                Some(SignatureSeen::Refused(reason)) => Some(Voided::Unsigned(reason)),
                None => Some(Voided::Unsigned("it was not looked at")),
            },
        }
    }

    /// The same, whoever else has signed.
    #[must_use]
    pub fn approval_alone(
        &self,
        gate: &GateName,
        role: &str,
        verdict: Option<Verdict>,
    ) -> Approval<'a> {
        match self.history().signature(gate, role) {
            None => Approval::Nobody,
            Some(signature) if signature.revoked => Approval::TakenBack(signature),
            Some(signature) => match self.voided(&signature, gate, verdict) {
                Some(voided) => Approval::Void(signature, voided),
                None => Approval::Holds(signature),
            },
        }
    }

    /// The verdict without approvals that a signature would be for: that of the check that says how the gate stands; `None` if
    /// there is none, if it does not describe the gate as it is asked about now, or if a check for a later time found
    /// otherwise, so that a signature would be void at once.
    #[must_use]
    pub fn to_be_signed(&self, gate: &GateName) -> Option<Verdict> {
        let check = self.history().judged(gate)?;
        let of_this_plan = self
            .plan_sha256
            .is_none_or(|now| now == check.check.plan_sha256);
        let found = check.gate.verdict_without_approvals;
        let later = self.history().checks_after(gate, check);
        let mut later = later.filter(|later| later.asked_with(&check.check.vars));
        let is_so_still = later.all(|later| later.gate.verdict_without_approvals == found);
        let is_asked = check.asked_with(self.vars) && self.other_source(check).is_none();
        let is_vouched_for = self.is_vouched_for(check);
        (of_this_plan && is_asked && is_so_still && is_vouched_for).then_some(found)
    }

    fn voided(
        &self,
        signature: &Signature<'a>,
        gate: &GateName,
        verdict: Option<Verdict>,
    ) -> Option<Voided<'a>> {
        let (history, signed) = (self.history(), signature.verdict_without_approvals);
        if let Some(disregarded) = self.disregarded(signature.entry) {
            return Some(disregarded);
        }
        if let Some(past) = signature.expires.and_then(|expires| self.past(expires)) {
            return Some(Voided::Expired(past));
        }
        if let Some(entry) = history.set_back_since(&gate.stage, signature.entry) {
            return Some(Voided::SetBack(entry));
        }
        let check = history
            .check_with(gate, signature.evidence_sha256)
            .filter(|check| check.gate.verdict_without_approvals == signed);
        let Some(check) = check else {
            return Some(Voided::Unrecorded);
        };
        if !self.is_vouched_for(check) {
            return Some(Voided::Unvouched(check));
        }
        if !check.asked_with(self.vars) {
            return Some(Voided::OtherQuestion(check));
        }
        if let Some(other) = self.other_source(check) {
            return Some(Voided::OtherSource(other));
        }
        if self
            .plan_sha256
            .is_some_and(|now| now != check.check.plan_sha256)
        {
            return Some(Voided::OtherPlan(check));
        }
        let otherwise = history
            .checks_after(gate, check)
            // One with other variables answered another question.
            .filter(|later| later.asked_with(&check.check.vars))
            .find(|later| later.gate.verdict_without_approvals != signed);
        let now = verdict.filter(|verdict| *verdict != signed);
        otherwise
            .map(Voided::Contradicted)
            .or_else(|| now.map(Voided::Otherwise))
            .or_else(|| (signed != Verdict::Go).then_some(Voided::NotGo))
    }
}

/// The roles that have to sign for a gate, in plan order.
pub fn roles(gate: &Gate) -> impl Iterator<Item = &str> {
    gate.criteria.iter().filter_map(|one| one.ask.role())
}

/// Whether nobody may sign in this role and in another one of the gate.
#[must_use]
pub fn is_distinct(gate: &Gate, role: &str) -> bool {
    let mut criteria = gate.criteria.iter();
    criteria.any(|one| matches!(&one.ask, Ask::Approval(ask) if ask.distinct && ask.role == role))
}
