//! What people record while a check asks its sources (T5): the check counts it, and every recorded check has seen what was
//! recorded before it. The colleague acts between the question and its answer, so nothing here depends on timing.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::past::{LEDGER, ledger, resumed, rolled_back, started};
use crate::source_fake::{Fake, ranged};
use crate::support::program::{Finished, Workplace};
use gate::ledger::{Event, IncidentDetails};

/// A rollout whose sources are slow: before the first answer, a colleague does something.
struct Slow {
    workplace: Arc<Workplace>,
    _server: Fake,
}

/// A plan in which `SERVER` stands for the address, the entries that it begins with (each with its age in minutes), and what
/// the colleague does.
async fn slow(
    plan: &str,
    begun: Vec<(i64, Event)>,
    deeds: &'static [&'static [&'static str]],
) -> Slow {
    let workplace = Arc::new(Workplace::new());
    let (place, done) = (Arc::clone(&workplace), AtomicBool::new(false));
    let server = Fake::start(move |request| {
        if !done.swap(true, Ordering::SeqCst) {
            // What the colleague checks is answered meanwhile.
            tokio::task::block_in_place(|| {
                for deed in deeds {
                    let words = [deed, &["--by", "colleague"][..]].concat();
                    let finished = place.gate(&words);
                    let is_check = deed.first() == Some(&"check");
                    assert!(is_check || finished.code == 0, "{finished:?}");
                }
            });
        }
        ranged(request, "0.5")
    })
    .await;
    workplace.write("plan.yaml", plan.replace("SERVER", &server.url()));
    if !begun.is_empty() {
        workplace.write(LEDGER, ledger(begun));
    }
    Slow {
        workplace,
        _server: server,
    }
}

impl Slow {
    fn gate(&self, words: &[&str]) -> Finished {
        let by: &[&str] = match words {
            ["status" | "verify", ..] => &[],
            _ => &["--by", "mara"],
        };
        self.workplace.gate(&[words, by].concat())
    }

    /// What was written is what judging again gives.
    fn verifies(&self) {
        self.gate(&["verify", "plan.evidence"])
            .says(0, "the same to the byte");
    }

    fn evidence(&self) -> Vec<PathBuf> {
        self.workplace.files("plan.evidence", ".json")
    }
}

const PROBED: &str = "
release: R1.0
stages:
  - name: pilot
    exit: { probes: [SERVER/up], no_incidents: { open: [sev1] } }
    recovery: { window: 5m, probes: [SERVER/up] }
  - { name: wave-1, exit: { confirmations: [lead] } }
";
const EXIT: [&str; 4] = ["check", "plan.yaml", "--gate", "pilot/exit"];
const ROLLBACK: &[&str] = &[
    "rollback",
    "plan.yaml",
    "--stage",
    "pilot",
    "--why",
    "labels fail",
];

#[tokio::test(flavor = "multi_thread")]
async fn t5_a_rollback_while_a_check_runs_reaches_its_verdict() {
    let slow = slow(PROBED, vec![(60, started("pilot"))], &[ROLLBACK]).await;
    slow.gate(&EXIT)
        .says(3, "plan.ledger.jsonl changed while the sources were asked")
        .says(3, "pilot was rolled back by colleague");
    slow.gate(&["resume", "plan.yaml", "--stage", "pilot", "--why", "mended"])
        .says(0, "pilot goes on");
    slow.gate(&["status", "plan.yaml"]).never_says("left  ");
    slow.gate(&["start", "plan.yaml", "wave-1"])
        .says(1, "wave-1 cannot begin");
    slow.verifies();
}

#[tokio::test(flavor = "multi_thread")]
async fn t5_an_incident_opened_while_a_check_runs_reaches_its_verdict() {
    const INCIDENT: &[&str] = &[
        "incident",
        "plan.yaml",
        "open",
        "--severity",
        "sev1",
        "--description",
        "jam",
    ];
    let slow = slow(PROBED, vec![(60, started("pilot"))], &[INCIDENT]).await;
    slow.gate(&EXIT).says(1, "INC-1");
    slow.verifies();
}

#[tokio::test(flavor = "multi_thread")]
async fn t5_a_pause_while_a_check_runs_reaches_its_verdict() {
    const PAUSE: &[&str] = &["pause", "plan.yaml", "--why", "labels fail"];
    let slow = slow(PROBED, vec![(60, started("pilot"))], &[PAUSE]).await;
    slow.gate(&EXIT).says(3, "pilot was paused by colleague");
    slow.gate(&["start", "plan.yaml", "wave-1"])
        .says(1, "pilot was paused by colleague");
    // The way out.
    slow.gate(&["resume", "plan.yaml", "--why", "mended"])
        .says(0, "pilot goes on");
    slow.gate(&EXIT).says(0, "GO");
    slow.gate(&["start", "plan.yaml", "wave-1"])
        .says(0, "wave-1 began");
    slow.verifies();
}

#[tokio::test(flavor = "multi_thread")]
async fn t5_another_checks_stop_while_a_check_runs_reaches_its_verdict() {
    const CLOSED: &[&str] = &["incident", "plan.yaml", "close", "INC-1", "--why", "mended"];
    let plan = PROBED.replace(
        "    exit: { probes",
        "    stop: { incidents: { open: [sev1] } }\n    exit: { probes",
    );
    let opened = Event::IncidentOpened {
        id: "INC-1".to_owned(),
        stage: None,
        opened_at: None,
        details: IncidentDetails {
            severity: Some("sev1".to_owned()),
            ..IncidentDetails::default()
        },
    };
    let begun = vec![(60, started("pilot")), (50, opened)];
    let slow = slow(&plan, begun, &[&EXIT, CLOSED]).await;
    slow.gate(&EXIT)
        .says(4, "INC-1 (sev1), open since")
        .says(4, "nobody has resumed");
    slow.gate(&["start", "plan.yaml", "wave-1"])
        .says(1, "pilot tripped a stop");
    // The way out.
    slow.gate(&["resume", "plan.yaml", "--why", "mended"])
        .says(0, "pilot goes on");
    slow.gate(&EXIT).says(0, "GO");
    slow.gate(&["start", "plan.yaml", "wave-1"])
        .says(0, "wave-1 began");
    slow.verifies();
}

#[tokio::test(flavor = "multi_thread")]
async fn t5_recovery_is_observed_from_a_rollback_that_was_recorded_meanwhile() {
    let begun = vec![
        (60, started("pilot")),
        (30, rolled_back("pilot")),
        (20, resumed("pilot")),
    ];
    let slow = slow(PROBED, begun, &[ROLLBACK]).await;
    slow.gate(&["check", "plan.yaml", "--gate", "pilot/recovery"])
        .says(3, "HOLD");
    slow.gate(&["status", "plan.yaml"])
        .says(0, "not yet recovered: check pilot/recovery");
    slow.verifies();
}

#[tokio::test(flavor = "multi_thread")]
async fn t5_what_was_not_asked_because_the_stage_began_again_is_unknown() {
    const RESUME: &[&str] = &["resume", "plan.yaml", "--stage", "pilot", "--why", "mended"];
    const PLAN: &str = "
release: R1.0
source: SERVER
kpis: { errors: { query: errors, step: 30s } }
stages: [{ name: pilot, window: 10m, exit: { kpis: { errors: '< 1' } } }]
";
    let slow = slow(PLAN, vec![(60, started("pilot"))], &[ROLLBACK, RESUME]).await;
    slow.gate(&EXIT)
        .says(3, "HOLD")
        .never_says("every criterion is met");
    slow.verifies();
    slow.gate(&EXIT).says(3, "HOLD");
    assert_eq!(slow.evidence().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn t5_a_note_while_a_check_runs_changes_nothing() {
    const NOTE: &[&str] = &["note", "plan.yaml", "lunch"];
    let slow = slow(PROBED, vec![(60, started("pilot"))], &[NOTE]).await;
    slow.gate(&EXIT).says(0, "GO");
    slow.verifies();
    slow.gate(&["start", "plan.yaml", "wave-1"])
        .says(0, "wave-1 began");
}
