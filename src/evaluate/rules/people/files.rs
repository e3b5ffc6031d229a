//! Files that an exit asks for: due with the end of its window (L2).

use super::parts::*;
use super::rollout::*;
use crate::assessment::Outcome;
use crate::findings::{File, Found, Inquiry};
use crate::kind::{GateKind, List};
use crate::plan::criteria::{ArtifactAsk, Ask};
use crate::samples::{Failure, FailureCode};

const KIND: &str = "artifacts";

/// Asks for a file that is not there, `list` being of the gate of that kind, in a stage that began so many minutes ago.
fn without_the_file(kind: GateKind, list: List, started: i64) -> (Outcome, &'static str) {
    let failure = Failure {
        code: FailureCode::FileMissing,
        message: "the file does not exist".into(),
    };
    with_found(kind, list, started, Err(failure))
}

/// The same with a file that is older than the hour that is allowed.
fn with_an_old_file(kind: GateKind, list: List, started: i64) -> (Outcome, &'static str) {
    let file = File {
        sha256: "0".repeat(64),
        bytes: 10,
        modified: ago(61),
        junit: None,
        sarif: None,
        json: None,
    };
    with_found(kind, list, started, Ok(Found::File(file)))
}

fn with_found(
    kind: GateKind,
    list: List,
    started: i64,
    found: Result<Found, Failure>,
) -> (Outcome, &'static str) {
    let ask = ArtifactAsk {
        path: "logs.txt".into(),
        max_age: Some(crate::units::Duration::from_secs(3600)),
        ..ArtifactAsk::default()
    };
    let criteria = vec![kpi(list), asked(list, Ask::Artifact(ask))];
    let mut rollout = Rollout::of(vec![stage("pilot", vec![(kind, criteria)])]);
    rollout.start(started, "pilot");
    let inquiry = Inquiry::Artifact {
        path: "logs.txt".into(),
        junit: false,
        sarif: false,
        pointers: Vec::new(),
    };
    rollout.findings.insert(inquiry, found);
    rollout.found(&kind.of("pilot").to_string(), KIND)
}

#[test]
fn l2_a_file_that_an_exit_asks_for_is_due_once_its_window_is_complete() {
    let exit = |started| without_the_file(GateKind::Exit, List::Exit, started);
    assert_eq!(exit(WINDOW - 1), (Outcome::Unknown, "window-incomplete"));
    assert_eq!(exit(WINDOW), (Outcome::Unmet, "artifact-unfit"));
}

#[test]
fn l2_a_file_that_is_too_old_is_due_like_one_that_is_missing() {
    let exit = |started| with_an_old_file(GateKind::Exit, List::Exit, started);
    assert_eq!(exit(WINDOW - 1), (Outcome::Unknown, "window-incomplete"));
    assert_eq!(exit(WINDOW), (Outcome::Unmet, "artifact-unfit"));
    let entry = with_an_old_file(GateKind::Entry, List::Entry, WINDOW - 1);
    assert_eq!(entry, (Outcome::Unmet, "artifact-unfit"));
}

#[test]
fn a_file_that_an_entry_asks_for_is_due_at_once() {
    let entry = without_the_file(GateKind::Entry, List::Entry, WINDOW - 1);
    assert_eq!(entry, (Outcome::Unmet, "artifact-unfit"));
}
