//! Whether signatures hold, and whose they are. Must not decide who may sign: a file and the plan say so.

use std::path::{Path, PathBuf};

use super::point::{Point, Standing};
use crate::assessment::{BasedOn, CriterionAssessment, Outcome};
use crate::commands::bounded;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::signature::{self, Purpose, SignatureError};
use crate::commands::signed_approval;
use crate::digest::sha256_hex;
use crate::kind::{CriterionKind, GateName};
use crate::ledger::{Chain, Entry, Ledger, Statement};
use crate::plan::{Plan, Signatures};
use crate::rollout::{Signer, is_distinct};

/// Every signature of the evidence, and those that the plan requires: its own, and one for each approval that it rests on.
pub fn signatures(
    subject: &EvidenceFile,
    ledger: Option<&Chain>,
    allowed: Option<&Path>,
    plan: Option<&Plan>,
) -> Vec<Point> {
    let demanded = plan.and_then(|plan| plan.trust.signatures.as_ref());
    let required = demanded.filter(|demanded| demanded.required);
    let held = Held {
        subject,
        ledger: ledger.map(Chain::ledger),
        allowed,
        demanded,
    };
    let mut points = vec![held.own(required.is_some())];
    for place in signed_approval::beside(&subject.path) {
        points.push(held.beside(&place));
    }
    for place in signed_approval::of_evidence_alone(&subject.path) {
        points.push(Point::off("signature", of_evidence_alone(&place)));
    }
    if required.is_some() {
        points.extend(held.approvals());
        points.extend(held.one_person(plan));
    }
    points
}

fn signed_by(what: &str, principals: &[String], key: &str) -> String {
    format!("{what}signed by {} with {key}", principals.join(", "))
}

/// Without a list of signers, a signature only matches.
fn nobodys(what: &str, key: &str) -> String {
    format!(
        "{what}it matches, made with {key}; without --allowed-signers nobody knows whose key that is"
    )
}

fn of_evidence_alone(place: &Path) -> String {
    format!(
        "{} was made by gate 0.1, of the evidence alone: it approves nothing; approve again",
        named(place)
    )
}

fn named(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// What the approvals of evidence are held against.
struct Held<'a> {
    subject: &'a EvidenceFile,
    ledger: Option<&'a Ledger>,
    allowed: Option<&'a Path>,
    demanded: Option<&'a Signatures>,
}

/// A criterion that a signature met, and the entry that it rests on.
struct Approved<'a> {
    role: &'a str,
    entry: Option<&'a Entry>,
}

impl Held<'_> {
    /// That of the check itself.
    fn own(&self, is_required: bool) -> Point {
        let (subject, allowed) = (self.subject, self.allowed);
        let place = signature::place(&subject.path);
        if !place.is_file() {
            return if is_required && self.is_look() {
                Point::absent(
                    "signature",
                    "it is not signed: a look, on which nothing rests",
                )
            } else if is_required && subject.evidence.ledger.is_none() {
                let says = "it is not signed, though the plan requires it: nothing may rest on it";
                Point::not_shown("signature", says)
            } else if is_required {
                let name = named(&place);
                let says = format!("the plan requires signatures, but there is no {name}");
                Point::off("signature", says)
            } else if allowed.is_some() {
                Point::not_shown("signature", "it is not signed, so nobody vouches for it")
            } else {
                Point::absent("signature", "it is not signed")
            };
        }
        let signed = signature::Signed {
            bytes: subject.text.as_bytes(),
            path: &place,
            purpose: Purpose::Evidence,
        };
        let Some(allowed) = allowed else {
            return match signature::fits(signed) {
                Ok(key) => Point::not_shown("signature", nobodys("", &key)),
                Err(error) => refused("", &error),
            };
        };
        let entry = self
            .ledger
            .and_then(|ledger| ledger.entry_of(&subject.sha256));
        let by = entry.map_or_else(Vec::new, |entry| entry.by.written_names());
        match signature::verify(signed, allowed, &by, subject.evidence.evaluated_at) {
            Ok(found) => Point::holds("signature", signed_by("", &found.principals, &found.key)),
            Err(error) => refused("", &error),
        }
    }

    /// Whether it only looked, at every gate.
    fn is_look(&self) -> bool {
        let mut gates = self.subject.evidence.gates.iter();
        gates.all(|gate| gate.look)
    }

    /// A statement that lies beside the evidence: it is signed, approves this evidence, and an entry says the same.
    fn beside(&self, place: &Path) -> Point {
        let statement = match signed_approval::read(place) {
            Ok(statement) => statement,
            Err(says) => return Point::off("signature", says),
        };
        let what = format!("in the role {}: ", statement.role());
        if statement.evidence_sha256() != self.subject.sha256 {
            let says = format!("{what}{} approves other evidence", named(place));
            return Point::off("signature", says);
        }
        let entry = self.ledger.map(|ledger| ledger.approval_of(&statement));
        let signed = self.signed(&what, &statement, place);
        match entry {
            Some(None) if signed.standing < Standing::Off => {
                let says = format!(
                    "{what}no entry of the ledger says what {} signs; if recording it was interrupted, remove both files",
                    named(place)
                );
                Point::not_shown("signature", says)
            }
            Some(_) | None => signed,
        }
    }

    /// Whose key signed a statement.
    fn signed(&self, what: &str, statement: &Statement, place: &Path) -> Point {
        let Some(allowed) = self.allowed else {
            return match signed_approval::fits(statement, place) {
                Ok(key) => Point::not_shown("signature", nobodys(what, &key)),
                Err(error) => refused(what, &error),
            };
        };
        match signed_approval::signer(statement, place, allowed, self.demanded) {
            Ok(found) => Point::holds("signature", signed_by(what, &found.principals, &found.key)),
            Err(error) => refused(what, &error),
        }
    }

    /// The signatures of the approvals that met criteria rest on.
    fn approvals(&self) -> Vec<Point> {
        let gates = self.subject.evidence.gates.iter();
        let met = gates
            .flat_map(|gate| &gate.criteria)
            .filter(|one| is_met(one));
        met.map(|criterion| self.approval(&self.approved(criterion)))
            .collect()
    }

    fn approved<'c>(&'c self, criterion: &'c CriterionAssessment) -> Approved<'c> {
        let mut rests_on = criterion.based_on.iter();
        let number = rests_on.find_map(|based_on| match based_on {
            BasedOn::Entry { number, .. } => Some(*number),
            BasedOn::File { .. } => None,
        });
        let mut entries = self.ledger.into_iter().flat_map(Ledger::entries);
        let entry = entries.find(|entry| Some(entry.number) == number);
        Approved {
            role: &criterion.name,
            entry: entry.filter(|entry| entry.event.signed_evidence().is_some()),
        }
    }

    fn approval(&self, approved: &Approved<'_>) -> Point {
        let role = approved.role;
        let Some(ledger) = self.ledger else {
            let says = format!("the approval as {role} is in the ledger, which is not available");
            return Point::not_shown("signature", says);
        };
        let Some(entry) = approved.entry else {
            let says = format!("no entry of the ledger approves as {role}");
            return Point::off("signature", says);
        };
        let what = format!("in the role {role}: ");
        let evidence = self.evidence(entry);
        if let Some(point) = changed(entry, role, &evidence) {
            return point;
        }
        match signed_approval::of_entry(entry, ledger, &evidence) {
            Ok((statement, place)) => match signed_approval::repeats(&statement, entry, ledger) {
                Some(first) => {
                    let says = format!("{what}#{} repeats the signature of #{first}", entry.number);
                    Point::off("signature", says)
                }
                None => self.signed(&what, &statement, &place),
            },
            Err(reason) => {
                let says = format!(
                    "the plan requires signatures, but the approval as {role} has none that counts: {reason}"
                );
                Point::off("signature", says)
            }
        }
    }

    /// The evidence that an entry approves: beside the other, wherever they were moved.
    fn evidence(&self, entry: &Entry) -> PathBuf {
        let path = entry.event.signed_evidence().map_or("", |(path, _)| path);
        let name = Path::new(path).file_name().unwrap_or_default();
        self.subject.folder().join(name)
    }

    /// Two roles of a gate that asks for distinct people, signed with one key or by one principal (T12).
    fn one_person(&self, plan: Option<&Plan>) -> Vec<Point> {
        let mut points = Vec::new();
        for assessed in &self.subject.evidence.gates {
            let stages = plan.iter().flat_map(|plan| &plan.stages);
            let mut gates = stages.filter(|stage| stage.name == assessed.stage);
            let gate = gates.find_map(|stage| stage.gate(assessed.name().kind));
            let Some(gate) = gate else { continue };
            let met = assessed.criteria.iter().filter(|one| is_met(one));
            let distinct = met.filter(|one| is_distinct(gate, &one.name));
            let signers = distinct.filter_map(|one| Some((one.name.as_str(), self.signer(one)?)));
            points.extend(shared(&assessed.name(), &signers.collect::<Vec<_>>()));
        }
        points
    }

    /// With whose key a criterion's approval is signed; without a list of signers, nobody is named.
    fn signer(&self, criterion: &CriterionAssessment) -> Option<(Vec<String>, String)> {
        let (entry, ledger) = (self.approved(criterion).entry?, self.ledger?);
        let (statement, place) =
            signed_approval::of_entry(entry, ledger, &self.evidence(entry)).ok()?;
        let found = self.allowed.map(|allowed| {
            signed_approval::signer(&statement, &place, allowed, self.demanded).ok()
        });
        match found {
            Some(found) => found.map(|found| (found.principals, found.key)),
            None => Some((Vec::new(), signed_approval::fits(&statement, &place).ok()?)),
        }
    }
}

/// Whether the evidence that an entry approves is gone, or no longer what was approved.
fn changed(entry: &Entry, role: &str, evidence: &Path) -> Option<Point> {
    let (_, sha256) = entry.event.signed_evidence()?;
    let shown = evidence.display();
    match bounded::read(evidence, bounded::MAX_BYTES) {
        Ok(bytes) if sha256_hex(&[&bytes]) == sha256 => None,
        Ok(_) => {
            let says = format!("{shown} is not what was approved as {role}");
            Some(Point::off("signature", says))
        }
        Err(error) => {
            let says = format!("{shown}, approved as {role}, cannot be read: {error}");
            Some(Point::not_shown("signature", says))
        }
    }
}

/// A point for each two roles that one person may have signed in.
fn shared(gate: &GateName, signers: &[(&str, (Vec<String>, String))]) -> Vec<Point> {
    let mut points = Vec::new();
    for (index, (role, signer)) in signers.iter().enumerate() {
        for (other, earlier) in signers.iter().take(index) {
            let [one, two] = [signer, earlier].map(|(principals, key)| Signer { principals, key });
            let Some(voided) = one.shared_with(two, other) else {
                continue;
            };
            let says = format!("signed as {role} {}", voided.in_words("", gate));
            points.push(Point::off("signature", says));
        }
    }
    points
}

fn is_met(criterion: &CriterionAssessment) -> bool {
    criterion.kind == CriterionKind::Approvals && criterion.outcome == Outcome::Met
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
