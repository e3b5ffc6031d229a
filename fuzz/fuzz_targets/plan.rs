//! A plan of any bytes: refused with problems that can be rendered, or a plan that is never GO without answers.
#![no_main]

use gate::evaluate::{GateRef, Request, assess, questions};
use gate::verdict::Verdict;
use gate::plan::{Options, Plan, Severity, load, render};
use gate::plan::criteria::{Ask, Criterion};
use gate::kind::List;
use gate::samples::Observations;
use gate::units::Instant;
use libfuzzer_sys::fuzz_target;

fn every_gate(plan: &Plan) -> Vec<GateRef> {
    let gates = plan.stages.iter().enumerate().map(|(stage, of)| {
        let gates = 0..of.gates.len();
        gates.map(move |gate| GateRef { stage, gate })
    });
    gates.flatten().collect()
}

/// What T alone decides, or what decides nothing.
fn is_plain(criterion: &Criterion) -> bool {
    criterion.list == List::Watch || matches!(criterion.ask, Ask::Outside(_) | Ask::Deadline(_))
}

fuzz_target!(|bytes: &[u8]| {
    let environment = |_: &str| Some("http://127.0.0.1:9090".to_owned());
    let options = Options {
        environment: Some(&environment),
        ..Options::default()
    };
    match load(bytes, &options) {
        Err(problems) => {
            assert!(
                problems
                    .iter()
                    .any(|problem| problem.severity == Severity::Error)
            );
            let text = String::from_utf8_lossy(bytes);
            let _ = render("plan.yaml", &text, &problems, false, 100);
        }
        Ok(loaded) => {
            for started in [None, Some(Instant::from_secs(1_795_000_000))] {
                let request = Request {
                    later_starts: std::collections::BTreeMap::new(),
                    later_checks: Vec::new(),
                    later_holds: Vec::new(),
                    outlook: Vec::new(),
                    trailing: false,
                    at: Instant::from_secs(1_795_132_800),
                    started,
                    gates: every_gate(&loaded.plan),
                    ledger: None,
                    plan_sha256: None,
                    vars: Vec::new(),
                };
                let _ = questions(&loaded.plan, &request);
                let assessment = assess(&loaded.plan, &request, &Observations::new());
                for (gate, of) in assessment.gates.into_iter().zip(&request.gates) {
                    let of = &loaded.plan.stages[of.stage].gates[of.gate];
                    assert!(
                        gate.verdict != Verdict::Go || of.criteria.iter().all(is_plain),
                        "GO without a single sample, file or answer"
                    );
                }
            }
        }
    }
});
