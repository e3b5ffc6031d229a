//! Checkpoints and recovery: how the plan says so, and what a stage has without saying so.

use super::*;
use crate::plan::criteria::CheckpointAsk;

fn with(exit: &str) -> String {
    format!(
        "release: r\nsource: http://h\nkpis: {{ e: {{ query: e }} }}\nstages:\n  - {{ name: s, window: 6h, exit: {exit} }}\n"
    )
}

fn checkpoints(exit: &str) -> Vec<CheckpointAsk> {
    let stage = loaded(&with(exit), &options()).plan.stages.remove(0);
    let asks = stage.gates.into_iter().flat_map(|gate| gate.criteria);
    let asks = asks.filter_map(|one| match one.ask {
        Ask::Checkpoint(ask) => Some(ask),
        _ => None,
    });
    asks.collect()
}

#[test]
fn l8_each_role_is_a_criterion_and_so_is_the_review() {
    let asks = checkpoints(
        "{ checkpoints: { roles: [ops, dev], distinct: true, issue_log_review: true } }",
    );
    let names: Vec<&str> = asks.iter().map(CheckpointAsk::name).collect();
    assert_eq!(names, ["ops", "dev", "issue-log"]);
    assert!(
        asks.iter()
            .all(|ask| ask.distinct && ask.every == Duration::from_secs(86_400))
    );
    assert_eq!(
        checkpoints("{ checkpoints: { every: 12h, issue_log_review: true } }").len(),
        1
    );
}

#[test]
fn l8_checkpoints_that_nobody_holds_or_that_stand_elsewhere_are_refused() {
    for (exit, code) in [
        ("{ checkpoints: { every: 1d } }", "missing-key"),
        (
            "{ checkpoints: { roles: [ops], every: 5m } }",
            "bad-duration",
        ),
        ("{ checkpoints: { roles: [ops, ops] } }", "duplicate-name"),
        (
            "{ checkpoints: { roles: [ops], distinct: maybe } }",
            "unknown-word",
        ),
        ("{ checkpoints: [ops] }", "wrong-shape"),
        (
            "{ confirmations: [c] }, entry: { checkpoints: { roles: [ops] } }",
            "misplaced-key",
        ),
    ] {
        let text = with(exit);
        let problems = load(text.as_bytes(), &options()).expect_err(&text);
        assert_eq!(problems[0].code.word(), code, "{exit}");
    }
}

fn recovery(exit: &str) -> Option<Gate> {
    let stage = loaded(&with(exit), &options()).plan.stages.remove(0);
    stage.gate(GateKind::Recovery).cloned()
}

#[test]
fn l10_a_stage_without_recovery_recovers_by_its_exit_kpis_over_half_an_hour() {
    let gate =
        recovery("{ kpis: { e: ['< 1', 'mean < 1'] }, confirmations: [c] }").expect("a gate");
    assert_eq!(gate.window, Some(Duration::from_secs(1800)));
    let conditions: Vec<_> = asks(&gate)
        .iter()
        .map(|ask| ask.condition.text.clone())
        .collect();
    assert_eq!(conditions, ["< 1", "mean < 1"]);
    assert!(gate.criteria.iter().all(|one| one.list == List::Recovery));
    assert_eq!(gate.criteria.len(), 2);
    let longer = recovery("{ kpis: { e: '< 1 for 2h' } }").expect("a gate");
    assert_eq!(longer.window, Some(Duration::from_secs(7200)));
    assert!(recovery("{ confirmations: [c] }").is_none());
}

#[test]
fn l10_what_the_plan_says_of_recovery_wins_and_may_be_a_default() {
    let own = recovery("{ kpis: { e: '< 1' } }, recovery: { window: 1h, kpis: { e: '< 9' } }")
        .expect("a gate");
    assert_eq!(own.window, Some(Duration::from_secs(3600)));
    assert_eq!(asks(&own)[0].condition.text, "< 9");
    let text = with("{ kpis: { e: '< 1' } }, recovery: { kpis: { e: '< 8' } }")
        + "defaults: { recovery: { window: 45m, kpis: { e: '< 7' }, confirmations: [well] } }\n";
    let stage = loaded(&text, &options()).plan.stages.remove(0);
    let gate = stage.gate(GateKind::Recovery).expect("a gate");
    assert_eq!(gate.window, Some(Duration::from_secs(2700)));
    assert_eq!(
        (asks(gate)[0].condition.text.as_str(), gate.criteria.len()),
        ("< 8", 2)
    );
}

#[test]
fn l10_a_usual_recovery_warns_of_nothing_that_its_author_did_not_write() {
    let text = with("{ kpis: { e: 'mean < 1' } }")
        .replace("query: e", "query: 'sum(rate(e[90m]))', step: 40m");
    let loaded = load(text.as_bytes(), &options()).expect("a plan");
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
}
