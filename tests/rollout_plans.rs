//! The rollout plans are valid without a warning, short, clean, and ask for what a rollout needs (L21).

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use gate::kind::GateKind;
use gate::plan::criteria::Ask;
use gate::plan::{self, KpiDetails, Options, Plan};

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

fn loaded() -> Vec<(String, Plan)> {
    let load = |path: PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy();
        let plan = plan::load(&fs::read(&path).expect("a plan"), &Options::default());
        (name.into_owned(), plan.expect("a valid plan").plan)
    };
    plans().into_iter().map(load).collect()
}

/// The most lines that each may have; what does not fit is for the plan language to make shorter.
const LINES: [(&str, usize); 5] = [
    ("batch-release-v2.1.0.yaml", 190),
    ("canary.yaml", 110),
    ("logistics-r1.0.yaml", 150),
    ("site-rollout-us-c03.yaml", 140),
    ("staged-checklist-v1.0.0.yaml", 150),
];

#[test]
fn l21_rollout_plans_are_short_and_no_line_is_wide() {
    for (path, (name, most)) in plans().iter().zip(LINES) {
        assert!(path.ends_with(name), "{}", path.display());
        let text = fs::read_to_string(path).expect("UTF-8");
        let lines = text.lines().count();
        assert!(lines <= most, "{name} has {lines} lines");
        for (number, line) in (1..).zip(text.lines()) {
            let width = line.chars().count();
            assert!(width <= 120, "{name}:{number} has {width} characters");
        }
    }
}

#[test]
fn l21_where_several_sign_they_are_several_people() {
    for (name, plan) in loaded() {
        for gate in plan.stages.iter().flat_map(|stage| &stage.gates) {
            let approvals = gate.criteria.iter().filter_map(|one| match &one.ask {
                Ask::Approval(ask) => Some(ask.distinct),
                _ => None,
            });
            let distinct: Vec<bool> = approvals.collect();
            let several = distinct.len() > 1;
            assert!(!several || distinct.iter().all(|one| *one), "{name}");
        }
    }
}

#[test]
fn l21_every_stage_with_kpis_says_when_it_has_recovered() {
    for (name, plan) in loaded() {
        for stage in &plan.stages {
            let asks = |kind: GateKind, of: fn(&Ask) -> bool| {
                let gate = stage.gates.iter().find(|gate| gate.kind == kind);
                gate.is_some_and(|gate| gate.criteria.iter().any(|one| of(&one.ask)))
            };
            let kpi = |ask: &Ask| matches!(ask, Ask::Kpi(_));
            assert_eq!(
                asks(GateKind::Exit, kpi),
                asks(GateKind::Recovery, kpi),
                "{name}: {}",
                stage.name
            );
        }
    }
}

#[test]
fn l21_every_kpi_leads_to_its_dashboard_its_runbook_and_its_owner() {
    for (name, plan) in loaded() {
        for kpi in &plan.kpis {
            let KpiDetails {
                dashboard,
                runbook,
                owner,
                ..
            } = &kpi.details;
            let said = [dashboard, runbook, owner].map(Option::is_some);
            assert_eq!(said, [true; 3], "{name}: {}", kpi.name);
        }
    }
}
