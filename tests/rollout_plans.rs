//! The rollout plans are valid without a warning, and their texts are clean.

use std::fs;
use std::process::Command;

use crate::support::scenario::plans;

#[test]
fn every_rollout_plan_is_valid_without_a_warning() {
    for plan in plans() {
        let output = Command::new(env!("CARGO_BIN_EXE_gate"))
            .arg("validate")
            .arg(&plan)
            .env_clear()
            .output()
            .expect("gate runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{errors}");
        assert!(!errors.contains("warning"), "{errors}");
    }
}

#[test]
fn the_texts_of_rollout_plans_are_clean() {
    for plan in plans() {
        let text = fs::read_to_string(&plan).expect("UTF-8");
        for garbage in ['\u{fffd}', 'Ã', 'â', 'ð', '\u{fe0f}', '\r', '\t'] {
            assert!(!text.contains(garbage), "{}: {garbage:?}", plan.display());
        }
    }
}
