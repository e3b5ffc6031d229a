//! A plan of any bytes: refused with problems that can be drawn, or a plan that no silence can bring to GO.
#![no_main]

use gate::evaluate::{GateRef, Request, Verdict, assess, questions};
use gate::plan::{Options, Plan, Severity, load, render};
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
                    at: Instant::from_secs(1_795_132_800),
                    started,
                    gates: every_gate(&loaded.plan),
                };
                let _ = questions(&loaded.plan, &request);
                let assessment = assess(&loaded.plan, &request, &Observations::new());
                for gate in assessment.gates {
                    assert_ne!(gate.verdict, Verdict::Go, "GO without a single sample");
                }
            }
        }
    }
});
