//! Every fault of an HTTP answer in front of every other kind of lookup: rules and alerts of a source, an Alertmanager, a
//! probe. None may pass for "nothing fires". Each fault has its own stage in one plan.

use std::io::Write as _;
use std::sync::Arc;

use crate::faults::healthy::{addressed, bad_data};
use crate::faults::list::{self, Fault};
use crate::support::faulty::{Faulty, Received, json};
use crate::support::program::Workplace;

const AT: &str = "1795132800";
/// Families that corrupt any answer, whatever it says.
const FAMILIES: [&str; 4] = ["none", "bodies", "framing", "statuses"];
/// Corrupts nothing without such brackets.
const HARMLESS: [&str; 1] = ["a comma too many"];

/// One rule that could raise the alert, evaluated at T; it never fired.
const RULES: &str = r#"{"status":"success","data":{"groups":[{"name":"checkout","file":"rules.yml","interval":15,"lastEvaluation":"2026-11-20T00:00:00Z","rules":[{"type":"alerting","name":"CheckoutDown","query":"vector(1) > 2","duration":0,"labels":{"severity":"sev1"},"annotations":{},"alerts":[],"health":"ok","state":"inactive","lastEvaluation":"2026-11-20T00:00:00Z","evaluationTime":0.001}]}]}}"#;
const AT_PEACE: &str = r#"{"status":"success","data":{"resultType":"matrix","result":[]}}"#;
const PEACE_AT_T: &str = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
const HEALTHY_PROBE: &str = r#"{"version":"v1.0.0","status":"ok"}"#;

fn faults() -> Vec<Fault> {
    let mut faults = list::all("http://127.0.0.1:1");
    faults.retain(|fault| {
        FAMILIES.contains(&fault.family) && !HARMLESS.contains(&fault.name.as_str())
    });
    faults
}

/// A server that corrupts the answers of one call, `/INDEX/…` by the fault of that number, and answers the others as `healthy` says.
fn spoiling(
    faults: Arc<Vec<Fault>>,
    is_spoilt: fn(&str) -> bool,
    healthy: fn(&str) -> Option<&'static str>,
) -> Faulty {
    Faulty::new(move |asked: &Received, stream| {
        let (name, call) = addressed(asked);
        let fault = name.parse().ok().and_then(|index: usize| faults.get(index));
        match (fault, healthy(&call)) {
            (Some(fault), Some(body)) if is_spoilt(&call) => (fault.send)(body, stream),
            (_, Some(body)) => drop(stream.write_all(&json(body))),
            (_, None) => drop(stream.write_all(&bad_data())),
        }
    })
}

/// What a source with rules says.
fn source(call: &str) -> Option<&'static str> {
    match call {
        call if call.starts_with("api/v1/rules") => Some(RULES),
        call if call.starts_with("api/v1/query_range") => Some(AT_PEACE),
        call if call.starts_with("api/v1/query") => Some(PEACE_AT_T),
        _ => None,
    }
}

/// Each fault that `counts` selects, in front of a criterion: the healthy answer is GO, no corrupt one is.
fn none_passes(
    faults: &[Fault],
    sources: impl Fn(usize) -> String,
    entry: impl Fn(usize) -> String,
    counts: impl Fn(&Fault) -> bool,
) {
    let mut plan = "release: test\nsources:\n".to_owned();
    for index in 0..faults.len() {
        plan += &format!("  s{index}: {{url: '{}', timeout: 1s}}\n", sources(index));
    }
    plan += "stages:\n";
    for index in 0..faults.len() {
        plan += &format!(
            "  - {{name: f{index}, window: 5m, entry: {}}}\n",
            entry(index)
        );
    }
    let workplace = Workplace::with_plan(&plan);
    let finished = workplace.gate(&[
        "check",
        "plan.yaml",
        "--all",
        "--at",
        AT,
        "--no-ledger",
        "--no-answers",
    ]);
    assert!([1, 3].contains(&finished.code), "{}", finished.err);
    let evidence = workplace.evidence();
    let gates = evidence["gates"].as_array().expect("gates");
    assert_eq!(gates.len(), faults.len());
    for (fault, gate) in faults.iter().zip(gates) {
        let verdict = gate["verdict"].as_str().expect("a verdict");
        let said = &gate["criteria"][0];
        if fault.name == "healthy" {
            assert_eq!(verdict, "GO", "{said:#}");
        } else if counts(fault) {
            assert_ne!(verdict, "GO", "{}, {}: {said:#}", fault.family, fault.name);
        }
    }
}

const FIRING: &str = "firing: ['{severity=\"sev1\"}']";

#[test]
fn no_fault_in_the_rules_passes() {
    let faults = Arc::new(faults());
    let server = spoiling(
        faults.clone(),
        |call| call.starts_with("api/v1/rules"),
        source,
    );
    none_passes(
        &faults,
        |index| format!("{}/{index}", server.url()),
        |index| format!("{{no_alerts: {{{FIRING}, source: s{index}}}}}"),
        |fault| !fault.earns,
    );
}

#[test]
#[ignore = "takes long: tests/all.sh"]
fn no_fault_in_the_alerts_passes() {
    let faults = Arc::new(faults());
    let server = spoiling(
        faults.clone(),
        |call| call.starts_with("api/v1/query"),
        source,
    );
    none_passes(
        &faults,
        |index| format!("{}/{index}", server.url()),
        |index| format!("{{no_alerts: {{{FIRING}, source: s{index}}}}}"),
        |fault| !fault.earns,
    );
}

#[test]
fn no_fault_in_a_probe_is_met() {
    let faults = Arc::new(faults());
    let server = spoiling(faults.clone(), |_| true, |_| Some(HEALTHY_PROBE));
    none_passes(
        &faults,
        |_| "http://127.0.0.1:1".to_owned(),
        |index| {
            format!(
                "{{probes: [{{url: '{}/{index}', timeout: 1s, json: {{/version: v1.0.0}}}}]}}",
                server.url()
            )
        },
        // A probe asks for content, whatever it is called.
        |fault| !fault.earns && fault.name != "healthy but a page",
    );
}

/// The answer of an Alertmanager without alerts.
fn alertmanager(call: &str) -> Option<&'static str> {
    match call {
        call if call.starts_with("api/v2/status") => Some(r#"{"cluster":{"status":"ready"}}"#),
        call if call.starts_with("api/v2/alerts") => Some("[]"),
        _ => None,
    }
}

#[test]
#[ignore = "takes long: tests/all.sh"]
fn no_fault_of_an_alertmanager_passes() {
    let mut faults = faults();
    // Transient faults are retried for half a minute: few of those.
    faults.retain(|fault| fault.family != "framing" || fault.name.starts_with("gzip"));
    let faults = Arc::new(faults);
    let rules = spoiling(Arc::default(), |_| false, source);
    let server = spoiling(
        faults.clone(),
        |call| call.starts_with("api/v2/alerts"),
        alertmanager,
    );
    none_passes(
        &faults,
        |index| format!("{}/{index}", rules.url()),
        |index| {
            let url = server.url();
            format!(
                "{{no_alerts: {{{FIRING}, source: {{alertmanager: '{url}/{index}', rules: s{index}}}}}}}"
            )
        },
        |fault| !fault.earns,
    );
}
