//! Every command that writes: a new one is one more line.
//!
//! Must not run any of them.

/// A command that writes.
pub struct Writing {
    /// For people.
    pub name: &'static str,
    /// Its arguments; `NEW` stands for what differs from run to run.
    pub arguments: &'static str,
    /// The state of people's ledger before it.
    pub state: Option<&'static str>,
    /// What there is one more of after exit code 0.
    pub proofs: Vec<Proof>,
    /// Whether a HOLD leaves the same: a verdict is recorded, a baseline with holes is not.
    pub holds: bool,
}

/// Something that can be counted.
#[derive(Debug, Clone, Copy)]
pub enum Proof {
    /// Files in a folder with this ending.
    File(&'static str, &'static str),
    /// Entries of a kind in a ledger.
    Entry(&'static str, &'static str),
}

/// The ledger beside the plan that asks the server.
pub const LEDGER: &str = "plan.ledger.jsonl";
/// The ledger beside the plan that asks people.
pub const PEOPLES: &str = "people.ledger.jsonl";

const RECORD: Proof = Proof::File("plan.evidence", ".json");
const PLAN: Proof = Proof::File("plan.evidence", ".plan.yaml");
const REMEMBERED: Proof = Proof::Entry(LEDGER, "checked");

/// Every command that writes.
pub fn writings() -> Vec<Writing> {
    let mut all = checks();
    all.extend(answers());
    all
}

/// Those that ask the server, or judge what it answered.
pub fn checks() -> Vec<Writing> {
    vec![
        judging(
            "check",
            "check plan.yaml --at 1795132800",
            &[RECORD, PLAN, REMEMBERED],
        ),
        judging(
            "check --no-ledger",
            "check plan.yaml --at 1795132800 --no-ledger",
            &[RECORD, PLAN],
        ),
        judging(
            "check --report",
            "check plan.yaml --at 1795132800 --report html=made/NEW.html --report junit=made/NEW.xml --report markdown=made/NEW.md --report csv=made/NEW.csv",
            &[
                RECORD,
                REMEMBERED,
                Proof::File("made", ".html"),
                Proof::File("made", ".xml"),
                Proof::File("made", ".md"),
                Proof::File("made", ".csv"),
            ],
        ),
        judging(
            "check --attest",
            "check plan.yaml --at 1795132800 --attest made/NEW.intoto.json --attest-key key.pem",
            &[
                RECORD,
                REMEMBERED,
                Proof::File("made", ".intoto.json"),
                Proof::File("made", ".predicate.json"),
                Proof::File("made", ".intoto.jsonl"),
                Proof::File("made", ".sigstore.json"),
            ],
        ),
        judging(
            "check --sign",
            "check plan.yaml --at 1795132800 --sign ada",
            &[RECORD, REMEMBERED, Proof::File("plan.evidence", ".sig")],
        ),
        judging(
            "check --replay",
            "check plan.yaml --replay answers.json.gz --evidence replayed",
            &[Proof::File("replayed", ".json")],
        ),
        Writing {
            name: "capture",
            arguments: "capture plan.yaml --to 1795132800 -o made/NEW.json.gz",
            state: None,
            proofs: vec![Proof::File("made", ".json.gz")],
            holds: false,
        },
    ]
}

fn judging(name: &'static str, arguments: &'static str, proofs: &[Proof]) -> Writing {
    Writing {
        name,
        arguments,
        state: None,
        proofs: proofs.to_vec(),
        holds: true,
    }
}

/// Those by which people answer.
pub fn answers() -> Vec<Writing> {
    vec![
        answer("start", "start people.yaml pilot", "ready", "started"),
        answer(
            "confirm",
            "confirm people.yaml warehouse-lead",
            "begun",
            "confirmed",
        ),
        answer(
            "approve",
            "approve people.yaml product --gate pilot/exit",
            "signable",
            "approved",
        ),
        answer(
            "incident open",
            "incident people.yaml open --severity sev2 --description slow",
            "begun",
            "incident-opened",
        ),
        answer(
            "incident update",
            "incident people.yaml update INC-1 --severity sev1",
            "troubled",
            "incident-updated",
        ),
        answer(
            "incident close",
            "incident people.yaml close INC-1 --why mended",
            "troubled",
            "incident-closed",
        ),
        answer("pause", "pause people.yaml --why slow", "begun", "paused"),
        answer(
            "resume",
            "resume people.yaml --why mended",
            "paused",
            "resumed",
        ),
        answer(
            "rollback",
            "rollback people.yaml --all-done --why broken",
            "begun",
            "rolled-back",
        ),
        answer(
            "override",
            "override people.yaml pilot/exit --expires 24h --why known",
            "begun",
            "overridden",
        ),
        answer(
            "note",
            "note people.yaml seen --checkpoint",
            "begun",
            "noted",
        ),
        answer(
            "ledger repair",
            "ledger people.yaml repair",
            "torn",
            "repaired",
        ),
    ]
}

fn answer(
    name: &'static str,
    arguments: &'static str,
    state: &'static str,
    kind: &'static str,
) -> Writing {
    Writing {
        name,
        arguments,
        state: Some(state),
        proofs: vec![Proof::Entry(PEOPLES, kind)],
        holds: false,
    }
}

impl Writing {
    /// Whether an entry of a ledger is what it leaves.
    pub fn remembers(&self) -> bool {
        let is_entry = |proof: &Proof| matches!(proof, Proof::Entry(..));
        self.proofs.iter().any(is_entry)
    }

    /// The arguments of one run.
    pub fn line(&self, run: u64) -> Vec<String> {
        let words = self.arguments.replace("NEW", &run.to_string());
        words.split_whitespace().map(str::to_owned).collect()
    }
}
