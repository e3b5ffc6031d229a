//! Whatever a file of recorded answers holds, judging it reaches a verdict: the answers are used for the
//! questions of a plan, in order.
#![no_main]

use std::sync::OnceLock;

use gate::evaluate::{Facts, GateRef, Request, assess, questions};
use gate::ledger::{Ledger, line};
use gate::plan::{Options, Plan, load};
use gate::samples::Observations;
use gate::source::recorded::{Header, read};
use gate::units::Instant;
use libfuzzer_sys::fuzz_target;

const TEXT: &str = include_str!("judged.yaml");

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| match load(TEXT.as_bytes(), &Options::default()) {
        Ok(loaded) => loaded.plan,
        Err(problems) => panic!("{problems:?}"),
    })
}

fn ledger(header: &Header) -> Option<Ledger> {
    let lines = &header.ledger.as_ref()?.lines;
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Some(line::read(text.as_bytes()).ok()?.ledger().clone())
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(recorded) = read(bytes, false) else {
        return;
    };
    let plan = plan();
    let (stages, at) = (
        plan.stages.iter().enumerate(),
        Instant::from_secs(1_795_132_800),
    );
    let gates =
        stages.flat_map(|(stage, of)| (0..of.gates.len()).map(move |gate| GateRef { stage, gate }));
    let request = Request {
        later_starts: std::collections::BTreeMap::new(),
        later_checks: Vec::new(),
        later_holds: Vec::new(),
        outlook: Vec::new(),
        trailing: false,
        at,
        started: recorded.header.started.filter(|started| *started <= at),
        gates: gates.collect(),
        ledger: ledger(&recorded.header),
        plan_sha256: None,
        vars: Vec::new(),
    };
    let answers = recorded.observations.into_values();
    let observations: Observations = questions(plan, &request).into_iter().zip(answers).collect();
    let facts = Facts {
        observations: &observations,
        findings: &recorded.header.findings,
        sources: &recorded.sources,
        lost_ledger: None,
    };
    let _ = assess(plan, &request, facts);
});
