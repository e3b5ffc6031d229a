//! What somebody signs who approves (T13): a statement of its own, made from the approval's entry and the check whose evidence it
//! approves, so that a signature made for anything else approves nothing. Must not look at a signature.

use serde::{Deserialize, Serialize};

use super::{Entry, Event, Ledger, Person};
use crate::kind::GateName;
use crate::units::Instant;
use crate::verdict::Verdict;

const SCHEMA: &str = "gate.approval/v1";

/// Who approves what, since when and until when: to the byte what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    schema: String,
    release: String,
    plan: String,
    plan_sha256: String,
    gate: GateName,
    role: String,
    evidence_sha256: String,
    verdict: Verdict,
    expires: Option<Instant>,
    at: Instant,
    by: Person,
    why: String,
    links: Vec<String>,
}

impl Statement {
    /// What an entry approves. `None` if it approves nothing, or evidence that no entry of the ledger records.
    #[must_use]
    pub fn of(entry: &Entry, ledger: &Ledger) -> Option<Self> {
        let Event::Approved {
            gate,
            role,
            evidence_sha256,
            evidence_path: _,
            verdict_without_approvals,
            expires,
            revoked: false,
        } = &entry.event
        else {
            return None;
        };
        let check = ledger.entry_of(evidence_sha256)?.event.checked()?;
        Some(Self {
            schema: SCHEMA.to_owned(),
            release: check.release.clone(),
            plan: entry.plan.file.clone(),
            plan_sha256: check.plan_sha256.clone(),
            gate: gate.clone(),
            role: role.clone(),
            evidence_sha256: evidence_sha256.clone(),
            verdict: *verdict_without_approvals,
            expires: *expires,
            at: entry.at,
            by: entry.by.clone(),
            why: entry.why.clone(),
            links: entry.links.clone(),
        })
    }

    /// The bytes that are signed: JSON, its keys in this order, and a line end.
    #[must_use]
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        text + "\n"
    }

    /// A statement as it was signed; `None` for anything else.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let read: Self = serde_json::from_slice(bytes).ok()?;
        (read.text().as_bytes() == bytes && read.schema == SCHEMA).then_some(read)
    }

    /// When it was signed.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.at
    }

    /// Who is said to have signed.
    #[must_use]
    pub fn by(&self) -> &Person {
        &self.by
    }

    /// For which verdict, without approvals.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// In which role.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.role
    }

    /// SHA-256 of the evidence that is approved.
    #[must_use]
    pub fn evidence_sha256(&self) -> &str {
        &self.evidence_sha256
    }

    /// The keys whose values differ.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let differs = [
            ("schema", self.schema != other.schema),
            ("release", self.release != other.release),
            ("plan", self.plan != other.plan),
            ("plan_sha256", self.plan_sha256 != other.plan_sha256),
            ("gate", self.gate != other.gate),
            ("role", self.role != other.role),
            (
                "evidence_sha256",
                self.evidence_sha256 != other.evidence_sha256,
            ),
            ("verdict", self.verdict != other.verdict),
            ("expires", self.expires != other.expires),
            ("at", self.at != other.at),
            ("by", self.by != other.by),
            ("why", self.why != other.why),
            ("links", self.links != other.links),
        ];
        let differing = differs.into_iter().filter(|(_, differs)| *differs);
        differing.map(|(key, _)| key).collect()
    }
}

impl Ledger {
    /// The first entry that says what a statement says: whatever says it again later repeats a signature.
    #[must_use]
    pub fn approval_of(&self, statement: &Statement) -> Option<&Entry> {
        let mut entries = self.entries().iter();
        entries.find(|entry| Statement::of(entry, self).as_ref() == Some(statement))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Checked, IdentitySource};
    use super::*;
    use crate::kind::GateKind;

    fn entry(number: u64, event: Event) -> Entry {
        Entry {
            nonce: None,
            number,
            at: Instant::from_secs(1_795_132_800),
            by: Person {
                name: "ada@example.com".to_owned(),
                identity_source: IdentitySource::Given,
            },
            plan: "plan.yaml".into(),
            why: String::new(),
            links: Vec::new(),
            event,
        }
    }

    fn approved(role: &str) -> Entry {
        let event = Event::Approved {
            gate: GateKind::Exit.of("pilot"),
            role: role.to_owned(),
            evidence_sha256: "e1".to_owned(),
            evidence_path: "plan.evidence/x.json".to_owned(),
            verdict_without_approvals: Verdict::Go,
            expires: None,
            revoked: false,
        };
        entry(2, event)
    }

    fn ledger(more: &[Entry]) -> Ledger {
        let checked = Event::Checked(Checked {
            evaluated_at: Instant::from_secs(1_795_132_700),
            release: "r 1".to_owned(),
            plan_sha256: "p1".to_owned(),
            vars: Vec::new(),
            sources: Vec::new(),
            evidence_path: "plan.evidence/x.json".to_owned(),
            evidence_sha256: "e1".to_owned(),
            verdict: Verdict::Hold,
            gates: Vec::new(),
        });
        let entries = [&[entry(1, checked)], more].concat();
        Ledger::new(entries)
    }

    #[test]
    fn t13_a_statement_says_all_that_an_entry_approves() {
        let ledger = ledger(&[]);
        let statement = Statement::of(&approved("product"), &ledger).expect("a statement");
        let read = Statement::read(statement.text().as_bytes());
        assert_eq!(read.as_ref(), Some(&statement));
        let mut other = approved("security");
        "Bob".clone_into(&mut other.by.name);
        let other = Statement::of(&other, &ledger).expect("a statement");
        assert_eq!(statement.differences(&other), ["role", "by"]);
        assert_eq!(Statement::read(b"{}"), None);
        let spaced = statement.text() + " ";
        assert_eq!(Statement::read(spaced.as_bytes()), None);
    }

    #[test]
    fn t13_what_no_check_recorded_is_not_approved() {
        let mut unknown = approved("product");
        if let Event::Approved {
            evidence_sha256, ..
        } = &mut unknown.event
        {
            "e2".clone_into(evidence_sha256);
        }
        assert_eq!(Statement::of(&unknown, &ledger(&[])), None);
    }

    #[test]
    fn t13_a_statement_belongs_to_the_first_entry_that_makes_it() {
        let mut again = approved("product");
        again.number = 5;
        let ledger = ledger(&[approved("product"), again]);
        let statement = Statement::of(&approved("product"), &ledger).expect("a statement");
        let first = ledger.approval_of(&statement).map(|entry| entry.number);
        assert_eq!(first, Some(2));
    }
}
