//! `gate status` as people run it: beside a plan with a ledger, without one, and with one that is broken.

use crate::support::program::Workplace;
use gate::ledger::{Chain, Event, IdentitySource, IncidentDetails, Occasion, Person};
use gate::units::Instant;

const PLAN: &str = r#"
release: R1.0
checklists:
  readiness:
    - { id: labels, text: Label printers tested, owner: "@warehouse" }
    - { id: rollback, text: Rollback validated }
stages:
  - name: pilot
    entry: { checklists: [readiness] }
    exit: { confirmations: [warehouse-lead] }
  - name: wave-1
    entry: { approvals: [product] }
"#;
const LEDGER: &str = "plan.ledger.jsonl";

/// 2026-11-20T14:00:00Z.
const AT: Instant = Instant::from_secs(1_795_183_200);

fn ledger(events: Vec<Event>) -> String {
    let mut chain = Chain::default();
    let occasion = Occasion {
        nonce: None,
        at: AT,
        by: Person {
            name: "Ada Lovelace".to_owned(),
            identity_source: IdentitySource::Given,
        },
        plan: "plan.yaml".into(),
        why: "because".to_owned(),
        links: Vec::new(),
    };
    for event in events {
        chain.append(&occasion, event).expect("an entry");
    }
    let lines: Vec<&str> = chain.lines().collect();
    format!("{}\n", lines.join("\n"))
}

fn started() -> Event {
    Event::Started {
        stage: "pilot".to_owned(),
        at: AT,
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    }
}

fn incident() -> Event {
    Event::IncidentOpened {
        id: "INC-1".to_owned(),
        stage: Some("pilot".to_owned()),
        opened_at: None,
        details: IncidentDetails {
            severity: Some("sev2".to_owned()),
            description: Some("Label printer jams".to_owned()),
            target: Some(AT),
            ..IncidentDetails::default()
        },
    }
}

#[test]
fn without_a_ledger_the_status_says_so_and_what_is_outstanding() {
    let place = Workplace::with_plan(PLAN);
    let status = place.gate(&["status", "plan.yaml"]);
    status
        .says(0, "there is no ledger beside this plan")
        .says(0, "at entry     pilot")
        .says(0, "gate confirm plan.yaml readiness/ITEM --stage pilot")
        .says(0, "labels    Label printers tested, owner @warehouse")
        .says(0, "next: pilot/entry decides whether it may begin")
        .says(0, "gate check plan.yaml --gate pilot/entry");
    assert!(
        !place.path().join(LEDGER).exists(),
        "a status writes nothing"
    );
}

#[test]
fn a_running_stage_is_shown_with_its_incidents_and_what_it_waits_for() {
    let place = Workplace::with_plan(PLAN);
    place.write(LEDGER, ledger(vec![started(), incident()]));
    place
        .gate(&["status", "plan.yaml"])
        .says(0, "ledger of 2 entries")
        .says(0, "running      pilot")
        .says(0, "(2026-11-20T14:00:00Z)")
        .says(0, "INC-1  sev2: Label printer jams")
        .says(0, "gate confirm plan.yaml warehouse-lead --stage pilot");
}

#[test]
fn programs_read_the_status_as_json() {
    let place = Workplace::with_plan(PLAN);
    let event = Event::Paused {
        stage: "pilot".to_owned(),
    };
    place.write(LEDGER, ledger(vec![started(), event]));
    let shown = place.gate(&["status", "plan.yaml", "--format", "json"]);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""));
    let json: serde_json::Value = serde_json::from_str(&shown.out).expect("JSON");
    assert_eq!(json["schema"], "gate.status/v1");
    assert_eq!(json["stages"][0]["state"], "paused");
    assert_eq!(json["stages"][0]["started"], "2026-11-20T14:00:00Z");
    assert_eq!(
        json["next"]["command"],
        "gate resume plan.yaml --stage pilot --why <reason>"
    );
}

#[test]
fn a_broken_ledger_says_nothing_about_where_the_rollout_stands() {
    let place = Workplace::with_plan(PLAN);
    let whole = ledger(vec![started(), incident()]);
    place.write(LEDGER, whole.replacen("pilot", "Pilot", 1));
    place
        .gate(&["status", "plan.yaml"])
        .says(5, "the rollout's status cannot be shown")
        .says(5, "line 1")
        .never_says("running");
    place.write(LEDGER, whole.trim_end());
    place
        .gate(&["status", "plan.yaml"])
        .says(5, "gate ledger plan.yaml repair");
}

#[test]
fn a_wrong_plan_is_a_usage_error() {
    let place = Workplace::with_plan("release: R1.0\nstages: []\n");
    assert_eq!(place.gate(&["status", "plan.yaml"]).code, 2);
    assert_eq!(place.gate(&["status", "missing.yaml"]).code, 2);
    assert_eq!(place.gate(&["status"]).code, 2);
}

#[test]
fn l14_a_rollout_that_is_over_is_not_stable_while_something_speaks_against_it() {
    let workplace = Workplace::with_plan(
        "release: {name: checkout, version: \"2.1.0\", owner: mara}\nstages:\n  - name: pilot\n    exit: {confirmations: [lead]}\n",
    );
    let gate = |words: &str| workplace.gate(&words.split(' ').collect::<Vec<_>>());
    gate("start plan.yaml pilot --by ada").says(0, "recorded #1");
    gate("confirm plan.yaml lead --by ada").says(0, "recorded #2");
    gate("check plan.yaml --by ci").says(0, "GO");
    gate("report plan.evidence --format summary").says(0, "STABLE");
    gate("incident plan.yaml open --severity sev1 --description twice --by bob").says(0, "INC-1");
    gate("status plan.yaml").says(0, "every stage was left; open: INC-1");
    gate("report plan.evidence --format status")
        .says(0, "every stage was left; 1 incident is open");
    gate("report plan.evidence --format summary")
        .says(0, "MONITORING: open: INC-1")
        .never_says("STABLE");
    gate("incident plan.yaml close INC-1 --why mended --by bob").says(0, "INC-1 is closed");
    gate("report plan.evidence --format summary").says(0, "STABLE");
    gate("confirm plan.yaml lead --no --why broken --by ada").says(0, "recorded");
    gate("status plan.yaml").says(0, "gate check plan.yaml --gate pilot/exit");
    gate("report plan.evidence --format summary")
        .says(0, "MONITORING: ")
        .never_says("STABLE");
}

#[test]
fn t10_what_was_confirmed_while_a_stage_was_rolled_back_is_asked_again_of_its_new_window() {
    let workplace = Workplace::with_plan(
        "release: r\nstages:\n  - name: pilot\n    exit: {confirmations: [lead]}\n",
    );
    let gate = |words: &str| workplace.gate(&words.split(' ').collect::<Vec<_>>());
    gate("start plan.yaml pilot --by ada").says(0, "recorded #1");
    gate("rollback plan.yaml --why bad --by ada").says(0, "recorded #2");
    gate("confirm plan.yaml lead --stage pilot --by ada").says(0, "recorded #3");
    gate("resume plan.yaml --stage pilot --why good --by ada").says(0, "recorded #4");
    gate("check plan.yaml --gate pilot/exit --by ci").says(3, "lead");
    gate("confirm plan.yaml lead --stage pilot --by ada").says(0, "recorded");
    gate("check plan.yaml --gate pilot/exit --by ci").says(0, "GO");
}
