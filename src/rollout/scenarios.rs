//! Rollouts by hand: a plan, and what people did. The tests and snapshots of the status show them. Test code only.

use super::{Rollout, Status};
use crate::digest::sha256_hex;
use crate::kind::CriterionKind;
use crate::ledger::{
    Answer, Checked, Entry, Event, GateChecked, IdentitySource, IncidentDetails, Ledger, Person,
    RollbackTold, StageLeft, Trip,
};
use crate::plan::{Options, Plan, load};
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

const PLAN: &str = r#"
release: { name: R1.0, version: 1.0.0 }
source: http://127.0.0.1:9090
kpis:
  exception_rate: { query: "sum(rate(x[5m]))", unit: ratio }
checklists:
  readiness:
    - { id: integrations, text: Integrations configured and tested, owner: "@integrations" }
    - { id: labels, text: Label printers loaded and tested, owner: "@warehouse" }
    - { id: rollback, text: Rollback validated }
rollback: [{ do: Disable flag shipping.v2 }]
stages:
  - name: ring-0
    title: Ring 0, staging
    exit: { valid: 96h, confirmations: [end-to-end] }
  - name: pilot
    title: Pilot site Berlin
    window: 48h
    settle: 10m
    deadline: 96h
    entry: { valid: 96h, checklists: [readiness], approvals: { roles: [product, security], distinct: true } }
    stop: { kpis: { exception_rate: "> 4% for 30m" } }
    exit: { kpis: { exception_rate: "< 3%" }, confirmations: [warehouse-lead] }
    recovery: { window: 30m, kpis: { exception_rate: "< 3%" } }
  - name: wave-1
    title: Wave 1, two more sites
    window: 48h
    entry: { approvals: [product] }
    exit: { kpis: { exception_rate: "< 3%" } }
"#;

/// SHA-256 of the plan, for these scenes.
const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// 2026-11-20T14:00:00Z: the time of the status.
pub(crate) const NOW: Instant = Instant::from_secs(1_795_183_200);

pub(crate) fn hours(count: i64) -> Duration {
    Duration::from_secs(count * 3600)
}

pub(crate) fn plan() -> Plan {
    let loaded = load(PLAN.as_bytes(), &Options::default());
    loaded
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
        .plan
}

/// Somebody did something, this many hours ago.
pub(crate) fn did(ago: i64, by: &str, why: &str, event: Event) -> Entry {
    Entry {
        nonce: None,
        number: 0,
        at: NOW - hours(ago),
        by: Person {
            name: by.to_owned(),
            identity_source: IdentitySource::Given,
        },
        plan: "plan.yaml".into(),
        why: why.to_owned(),
        links: Vec::new(),
        event,
    }
}

pub(crate) fn ledger(entries: Vec<Entry>) -> Ledger {
    let numbered = (1..).zip(entries).map(|(number, mut entry)| {
        entry.number = number;
        entry
    });
    Ledger::new(numbered.collect())
}

pub(crate) fn status(ledger: Option<&Ledger>, now: Instant) -> Status {
    let plan = plan();
    rollout_at(&plan, ledger, now).status("rollout-plans/logistics.yaml")
}

pub(crate) fn rollout<'a>(plan: &'a Plan, ledger: &'a Ledger) -> Rollout<'a> {
    rollout_at(plan, Some(ledger), NOW)
}

fn rollout_at<'a>(plan: &'a Plan, ledger: Option<&'a Ledger>, now: Instant) -> Rollout<'a> {
    Rollout {
        plan,
        plan_sha256: Some(SHA256),
        vars: &[],
        addresses: &[],
        ledger,
        now,
    }
}

pub(crate) fn now(entries: Vec<Entry>) -> Status {
    status(Some(&ledger(entries)), NOW)
}

pub(crate) fn started(ago: i64, stage: &str, overridden: bool) -> Entry {
    let event = Event::Started {
        stage: stage.to_owned(),
        at: NOW - hours(ago),
        overridden,
        vars: Vec::new(),
        sources: Vec::new(),
    };
    did(ago, "Ada Lovelace", "", event)
}

fn evidence_of(gate: &str, ago: i64) -> String {
    format!("{:0>64}", format!("{gate}{ago}").replace(['/', '-'], ""))
}

pub(crate) fn checked(ago: i64, gate: &str, verdict: Verdict) -> Entry {
    tripping(ago, gate, verdict, Vec::new())
}

pub(crate) fn tripping(ago: i64, gate: &str, verdict: Verdict, tripped: Vec<Trip>) -> Entry {
    let at = NOW - hours(ago);
    let event = Event::Checked(Checked {
        evaluated_at: at,
        release: "R1.0".to_owned(),
        plan_sha256: SHA256.to_owned(),
        vars: Vec::new(),
        sources: Vec::new(),
        evidence_path: format!("logistics.evidence/{}.json", at.stamp()),
        evidence_sha256: evidence_of(gate, ago),
        verdict,
        gates: vec![GateChecked {
            look: false,
            outlook: false,
            not_met: Vec::new(),
            start_disputed: false,
            gate: gate.parse().expect("a gate"),
            verdict,
            verdict_without_approvals: verdict,
            tripped,
        }],
    });
    did(ago, "ci", "", event)
}

/// A signature for what a check this many hours ago found.
pub(crate) fn signed(ago: i64, by: &str, role: &str, gate: &str, check: i64) -> Entry {
    let event = Event::Approved {
        gate: gate.parse().expect("a gate"),
        role: role.to_owned(),
        evidence_sha256: evidence_of(gate, check),
        evidence_path: String::new(),
        verdict_without_approvals: Verdict::Go,
        expires: None,
        revoked: false,
    };
    did(ago, by, "", event)
}

pub(crate) fn answered(ago: i64, stage: &str, id: &str, answer: Answer) -> Entry {
    let event = answer_to(&plan(), stage, id, answer);
    did(ago, "Grace Hopper", "", event)
}

/// An answer to what the plan asks now; of what it does not ask, to its name.
pub(crate) fn answer_to(plan: &Plan, stage: &str, id: &str, answer: Answer) -> Event {
    let asked = plan.stages.iter().find(|one| one.name == stage);
    let text = asked.and_then(|stage| stage.asking(id).next());
    Event::Confirmed {
        stage: stage.to_owned(),
        id: id.to_owned(),
        answer,
        text_sha256: sha256_hex(&[text.map_or(id, |(_, text)| text)]),
    }
}

pub(crate) fn checkpoint(ago: i64) -> Entry {
    let event = Event::Noted {
        stage: Some("pilot".to_owned()),
        text: "all quiet".to_owned(),
        checkpoint: true,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    did(ago, "Ada Lovelace", "", event)
}

pub(crate) fn overridden(ago: i64, gate: &str, check: i64, until: Instant) -> Entry {
    let event = Event::Overridden {
        gate: gate.parse().expect("a gate"),
        verdict: Verdict::NoGo,
        evidence_sha256: evidence_of(gate, check),
        expires: until,
    };
    did(ago, "Grace Hopper", "the breach is a known miscount", event)
}

pub(crate) fn on(stage: &str) -> String {
    stage.to_owned()
}

fn incident(ago: i64, id: &str, severity: &str, what: &str, target: Option<Instant>) -> Entry {
    let details = IncidentDetails {
        severity: Some(severity.to_owned()),
        description: Some(what.to_owned()),
        owner: target.map(|_| "@warehouse".to_owned()),
        workaround: target.map(|_| "print at the second station".to_owned()),
        target,
    };
    let event = Event::IncidentOpened {
        id: id.to_owned(),
        stage: Some("pilot".to_owned()),
        opened_at: None,
        details,
    };
    did(ago, "Ada Lovelace", "", event)
}

pub(crate) fn trip() -> Trip {
    Trip {
        kind: CriterionKind::Kpis,
        name: "exception_rate".to_owned(),
        condition: Some("> 4% for 30m".to_owned()),
        reason: "above 4% for 41m, worst 6.2%".to_owned(),
    }
}

/// The pilot began 60 hours ago.
fn pilot() -> Vec<Entry> {
    vec![
        started(90, "ring-0", false),
        answered(71, "ring-0", "end-to-end", Answer::Yes),
        checked(70, "ring-0/exit", Verdict::Go),
        checked(61, "pilot/entry", Verdict::Go),
        started(60, "pilot", false),
    ]
}

/// Every rollout with its name.
pub(crate) fn all() -> Vec<(&'static str, Status)> {
    vec![
        ("nothing-recorded", status(None, NOW)),
        ("at-entry", now(entry_open())),
        ("running", status(Some(&ledger(running())), NOW - hours(24))),
        ("stopped", now(stopped())),
        ("paused", now(paused())),
        ("rolled-back", now(rolled_back())),
        ("left-on-an-override", now(left_on_an_override())),
        ("superseded", now(superseded())),
        ("incidents-closed", now(incidents_closed())),
    ]
}

pub(crate) fn entry_open() -> Vec<Entry> {
    vec![
        started(90, "ring-0", false),
        answered(71, "ring-0", "end-to-end", Answer::Yes),
        checked(70, "ring-0/exit", Verdict::Go),
        answered(69, "pilot", "readiness/labels", Answer::No),
        checked(61, "pilot/entry", Verdict::NoGo),
    ]
}

pub(crate) fn running() -> Vec<Entry> {
    let mut entries = pilot();
    entries.extend([
        checkpoint(50),
        incident(
            40,
            "INC-1",
            "sev3",
            "Label printer jams",
            Some(NOW - hours(27)),
        ),
        incident(39, "INC-2", "sev2", "Webhooks late", None),
        checked(26, "pilot/exit", Verdict::Hold),
    ]);
    entries
}

/// Three incidents on three days, two of which were closed, one without a word.
fn incidents_closed() -> Vec<Entry> {
    let closed = |ago: i64, id: &str, why: &str| {
        let event = Event::IncidentClosed { id: id.to_owned() };
        did(ago, "Ada Lovelace", why, event)
    };
    let mut entries = pilot();
    let mut solved = closed(36, "INC-1", "labels are cut again");
    solved.links = vec!["https://issues.example.com/501".to_owned()];
    entries.extend([
        incident(59, "INC-1", "sev3", "Label printer jams", Some(NOW)),
        incident(40, "INC-2", "sev2", "Webhooks late", None),
        solved,
        closed(12, "INC-2", ""),
        incident(11, "INC-3", "sev3", "Slow scanner", Some(NOW + hours(9))),
    ]);
    entries
}

pub(crate) fn stopped() -> Vec<Entry> {
    let mut entries = pilot();
    entries.push(tripping(3, "pilot/exit", Verdict::Stop, vec![trip()]));
    entries
}

pub(crate) fn paused() -> Vec<Entry> {
    let mut entries = pilot();
    let event = Event::Paused { stage: on("pilot") };
    entries.push(did(2, "Ada Lovelace", "carrier outage, ticket 77", event));
    entries
}

pub(crate) fn rolled_back() -> Vec<Entry> {
    let mut entries = stopped();
    let event = Event::RolledBack {
        stage: on("pilot"),
        told: RollbackTold::default(),
    };
    let mut entry = did(0, "Ada Lovelace", "labels fail", event);
    entry.at = NOW - Duration::from_secs(20 * 60);
    entries.push(entry);
    entries
}

/// Another version took over a pilot that had stopped.
pub(crate) fn superseded() -> Vec<Entry> {
    let mut entries = stopped();
    let event = Event::Superseded {
        from: Some("0.9.0".to_owned()),
        stages: vec![on("pilot")],
        left: vec![StageLeft {
            stage: on("ring-0"),
            followed_by: vec![on("pilot")],
        }],
        keep_window: false,
        let_go: Vec::new(),
    };
    let mut entry = did(2, "Ada Lovelace", "labels are fixed", event);
    entry.plan.version = Some("1.0.0".to_owned());
    entries.push(entry);
    entries
}

pub(crate) fn left_on_an_override() -> Vec<Entry> {
    let mut entries = pilot();
    entries.extend([
        checked(5, "pilot/exit", Verdict::NoGo),
        overridden(4, "pilot/exit", 5, NOW + hours(20)),
        checked(3, "wave-1/entry", Verdict::Hold),
    ]);
    entries
}
