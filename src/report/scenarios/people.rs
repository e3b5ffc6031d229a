//! Checks by hand in which people take part: what they answered, still have to do, and override. Test code only.

use super::{T, evidence, gate, hold_incomplete, hours, no_go, stop};
use crate::assessment::{BasedOn, Code, CriterionAssessment, GateAssessment, Outcome, Window};
use crate::evidence::{Evidence, LedgerSeen};
use crate::kind::{Action, CriterionKind, GateKind, List};
use crate::ledger::{IdentitySource, Person, RecordedAs};
use crate::rollout::{AfterStop, Next, NextStep, Overridden, steps};
use crate::units::Duration;
use crate::verdict::Verdict;

fn entry(number: u64, by: &str, ago: i64, why: &str) -> BasedOn {
    BasedOn::Entry {
        number,
        by: by.to_owned(),
        at: T - hours(ago),
        why: why.to_owned(),
        links: Vec::new(),
    }
}

fn asked(list: List, kind: CriterionKind, name: &str, title: Option<&str>) -> CriterionAssessment {
    CriterionAssessment {
        list,
        kind,
        name: name.to_owned(),
        title: title.map(str::to_owned),
        condition: condition(kind).map(str::to_owned),
        outcome: Outcome::Unknown,
        code: Code::NotAnswered,
        reason: format!("nobody has answered `{name}` for pilot yet"),
        notes: Vec::new(),
        based_on: Vec::new(),
        link: None,
        next_step: None,
        kpi: None,
    }
}

fn condition(kind: CriterionKind) -> Option<&'static str> {
    match kind {
        CriterionKind::Checklists | CriterionKind::Confirmations => Some("confirmed"),
        CriterionKind::Approvals => Some("signed"),
        CriterionKind::Paused => Some("not paused"),
        CriterionKind::Rollback => Some("not rolled back"),
        _ => None,
    }
}

fn owed(
    mut criterion: CriterionAssessment,
    action: Action,
    arguments: &[&str],
    by: Option<&str>,
) -> CriterionAssessment {
    criterion.next_step = Some(NextStep {
        action,
        arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
        owner: by.map(str::to_owned),
    });
    criterion
}

fn answered(mut criterion: CriterionAssessment, based_on: BasedOn) -> CriterionAssessment {
    (criterion.outcome, criterion.code) = (Outcome::Met, Code::Met);
    "confirmed".clone_into(&mut criterion.reason);
    criterion.based_on.push(based_on);
    criterion
}

fn kept(mut evidence: Evidence) -> Evidence {
    evidence.ledger = Some(LedgerSeen {
        path: "logistics.ledger.jsonl".to_owned(),
        entries: 23,
        head_sha256: "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9".to_owned(),
        entry: Some(RecordedAs {
            number: 24,
            prev: "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9".to_owned(),
            at: T,
            by: Person {
                name: "ci".to_owned(),
                identity_source: IdentitySource::Login,
            },
            plan: "logistics.yaml".into(),
            why: "the nightly check".to_owned(),
            links: vec!["https://ci.example.com/812".to_owned()],
        }),
    });
    evidence
}

/// The items of a checklist, all but the first still open.
fn checklist() -> Vec<CriterionAssessment> {
    let items = [
        (
            "integrations",
            "Shop and carrier integrations configured and tested",
            Some("@integrations"),
        ),
        (
            "labels",
            "Label printers loaded and tested at every packing station of the site",
            Some("@warehouse"),
        ),
        ("training", "Two shifts trained", Some("@warehouse")),
        ("rollback", "Rollback validated on the pilot site", None),
    ];
    let mut criteria: Vec<CriterionAssessment> = items
        .iter()
        .map(|(id, text, by)| {
            let name = format!("readiness/{id}");
            let mut open = asked(List::Entry, CriterionKind::Checklists, &name, Some(text));
            if *id == "rollback" {
                open.link = Some("https://wiki.example.com/runbooks/rollback".to_owned());
            }
            owed(open, Action::Confirm, &[&name, "--stage", "pilot"], *by)
        })
        .collect();
    let mut done = criteria.remove(0);
    done.next_step = None;
    let based_on = entry(
        4,
        "Ada Lovelace <ada@example.com>",
        3,
        "contract tests of build 812",
    );
    criteria.insert(0, answered(done, based_on));
    criteria
}

fn artifact() -> CriterionAssessment {
    let file = BasedOn::File {
        path: "../build/sbom.json".to_owned(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        bytes: 48_213,
        modified: T - hours(20),
    };
    let mut artifact = answered(
        asked(
            List::Entry,
            CriterionKind::Artifacts,
            "../build/sbom.json",
            None,
        ),
        file,
    );
    artifact.condition = Some("no older than 7d".to_owned());
    artifact
}

/// An entry gate that waits for people.
pub(crate) fn outstanding() -> Evidence {
    let mut criteria = checklist();
    for role in ["product", "security"] {
        let open = asked(List::Entry, CriterionKind::Approvals, role, None);
        criteria.push(owed(
            open,
            Action::Approve,
            &[role, "--gate", "pilot/entry"],
            None,
        ));
    }
    let lead = asked(
        List::Entry,
        CriterionKind::Confirmations,
        "warehouse-lead",
        None,
    );
    criteria.push(owed(
        lead,
        Action::Confirm,
        &["warehouse-lead", "--stage", "pilot"],
        None,
    ));
    criteria.push(artifact());
    let mut waiting = gate("pilot", GateKind::Entry, Verdict::Hold, None, criteria);
    waiting.title = None;
    let name = waiting.name();
    let mut evidence = kept(evidence(vec![waiting]));
    evidence.next = Some(Next {
        first: Some("provide ../build/e2e.xml".to_owned()),
        then: Some(steps::check(&name)),
        ..Next::new(
            steps::confirm("readiness/labels", "pilot", Some("@warehouse")),
            "it settles what is open",
        )
    });
    evidence
}

/// A NO-GO and a HOLD that a named person proceeds on.
pub(crate) fn overridden() -> Evidence {
    let mut evidence = kept(no_go());
    for (gate, entry) in evidence.gates.iter_mut().zip(22..) {
        gate.overridden = Some(Overridden {
            by: "Grace Hopper <grace@example.com>".to_owned(),
            at: T - hours(1),
            why: "LEJ2 counts returns as exceptions since Tuesday, fix is booked".to_owned(),
            expires: T + hours(23),
            entry,
        });
    }
    evidence
}

/// A stop that tripped in an earlier check and is clear by now.
pub(crate) fn tripped_before() -> Evidence {
    let mut evidence = kept(stop());
    let gate = &mut evidence.gates[0];
    let tripped = &mut gate.criteria[0];
    if let Some(series) = tripped.kpi.as_mut().and_then(|kpi| kpi.series.first_mut()) {
        (series.value, series.outcome) = (Some(0.011), Outcome::Clear);
        series.breaches.clear();
    }
    tripped.code = Code::TrippedBefore;
    "tripped at 2026-11-20T11:00:00Z: above 5% for 12m; now clear".clone_into(&mut tripped.reason);
    tripped.based_on.push(entry(19, "ci", 3, ""));
    let roll_back = steps::roll_back("pilot");
    tripped.next_step = Some(roll_back.clone());
    gate.after_stop = Some(AfterStop {
        done: vec!["paused since 2026-11-20T11:05:00Z by Ada Lovelace".to_owned()],
        open_steps: vec![1, 2, 3],
        done_steps: Vec::new(),
        commands: vec![roll_back],
    });
    evidence
}

/// A window that runs while the rollout is paused.
pub(crate) fn paused() -> Evidence {
    let mut evidence = kept(hold_incomplete());
    let gate = &mut evidence.gates[0];
    let mut paused = asked(List::Exit, CriterionKind::Paused, "pilot", None);
    paused.code = Code::Paused;
    "paused by Ada Lovelace at 2026-11-20T13:00:00Z: carrier outage, ticket 77"
        .clone_into(&mut paused.reason);
    paused
        .based_on
        .push(entry(21, "Ada Lovelace", 1, "carrier outage, ticket 77"));
    let paused = owed(
        paused,
        Action::Resume,
        &["--stage", "pilot", "--why", "<reason>"],
        None,
    );
    gate.criteria.insert(2, paused);
    gate.counts.criteria.total += 1;
    gate.flags = vec![
        "pilot was paused by Ada Lovelace at 2026-11-20T13:00:00Z: carrier outage, ticket 77"
            .to_owned(),
    ];
    evidence
}

/// After a rollback: the exit waits for the stage to begin again, recovery is observed.
pub(crate) fn rolled_back() -> Evidence {
    let flag = "pilot was rolled back by Ada Lovelace at 2026-11-20T13:40:00Z: labels fail; not yet recovered: check pilot/recovery";
    let mut back = asked(List::Exit, CriterionKind::Rollback, "pilot", None);
    back.code = Code::RolledBack;
    "rolled back by Ada Lovelace at 2026-11-20T13:40:00Z: labels fail, and has not gone on"
        .clone_into(&mut back.reason);
    let back = owed(
        back,
        Action::Resume,
        &["--stage", "pilot", "--why", "<reason>"],
        None,
    );
    let mut waiting = asked(List::Recovery, CriterionKind::Kpis, "exception_rate", None);
    waiting.code = Code::WindowIncomplete;
    "20m of 30m observed since the rollback, complete at 2026-11-20T14:10:00Z"
        .clone_into(&mut waiting.reason);
    waiting.condition = Some("<= baseline + 10%".to_owned());
    let minutes = |count: i64| Duration::from_secs(count * 60);
    let window = Window {
        observe: None,
        ended: None,
        start: T - minutes(20),
        end: T,
        length: minutes(30),
        started: Some(T - hours(31)),
        complete: false,
        completes_at: Some(T + minutes(10)),
    };
    let exit = gate("pilot", GateKind::Exit, Verdict::Hold, None, vec![back]);
    let recovery = gate(
        "pilot",
        GateKind::Recovery,
        Verdict::Hold,
        Some(window),
        vec![waiting],
    );
    let mut evidence = kept(evidence(vec![exit, recovery]));
    for gate in &mut evidence.gates {
        gate.flags = vec![flag.to_owned()];
    }
    evidence
}

/// Everything that people may write.
pub(super) fn take_over(gate: &mut GateAssessment, evil: &str) {
    let words = |number| BasedOn::Entry {
        number,
        by: evil.to_owned(),
        at: T,
        why: evil.to_owned(),
        links: vec![evil.to_owned()],
    };
    gate.flags = vec![evil.to_owned()];
    gate.overridden = Some(Overridden {
        by: evil.to_owned(),
        at: T,
        why: evil.to_owned(),
        expires: T,
        entry: 1,
    });
    if let Some(criterion) = gate.criteria.first_mut() {
        criterion.based_on = vec![words(2)];
        criterion.next_step = Some(NextStep {
            action: Action::Confirm,
            arguments: vec![evil.to_owned()],
            owner: Some(evil.to_owned()),
        });
    }
}
