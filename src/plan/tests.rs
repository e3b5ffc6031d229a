//! Whole plans through [`load`]: what they become, and each problem where it stands.

use super::*;

pub(super) const SMALL: &str = include_str!("testdata/small.yaml");
pub(super) const FULL: &str = include_str!("testdata/full.yaml");

pub(super) fn no_environment(_: &str) -> Option<String> {
    None
}

pub(super) fn options() -> Options<'static> {
    Options {
        overrides: &[],
        environment: Some(&no_environment),
        source_url: None,
    }
}

fn loaded(text: &str, options: &Options<'_>) -> Loaded {
    match load(text.as_bytes(), options) {
        Ok(loaded) => loaded,
        Err(problems) => panic!("{}", render("plan.yaml", text, &problems, false, 120)),
    }
}

fn shown(text: &str, problems: &[Problem]) {
    println!("{}", render("plan.yaml", text, problems, false, 100));
}

fn asks(gate: &Gate) -> Vec<&KpiAsk> {
    gate.criteria
        .iter()
        .filter_map(|criterion| match &criterion.ask {
            Ask::Kpi(ask) => Some(ask.as_ref()),
            _ => None,
        })
        .collect()
}

#[test]
fn the_smallest_useful_plan_is_read() {
    let Loaded { plan, warnings } = loaded(SMALL, &options());
    assert!(warnings.is_empty());
    assert_eq!(plan.release.name, "checkout v2.1.0");
    assert_eq!(plan.sources[0].shown_url, "http://127.0.0.1:9090");
    let gate = &plan.stages[0].gates[0];
    assert_eq!(gate.kind, GateKind::Exit);
    assert_eq!(gate.window, Some(Duration::from_secs(7200)));
    let asks = asks(gate);
    assert_eq!(asks[0].condition.text, "> 1% for 5m");
    assert_eq!(asks[0].step, Duration::from_secs(30));
    assert!(asks[0].query.pieces[0].contains("5.."));
}

#[test]
fn the_same_keys_fully_used_are_read() {
    let Loaded { plan, warnings } = loaded(FULL, &options());
    shown(FULL, &warnings);
    assert_eq!(plan.release.version.as_deref(), Some("1.10"));
    assert_eq!(
        plan.sources[1].shown_url,
        "https://us.example.com/prometheus"
    );
    assert_eq!(
        plan.sources[1].url.expose(),
        "https://user:hunter2@us.example.com/prometheus"
    );
    let pilot = &plan.stages[0];
    let kinds: Vec<_> = pilot.gates.iter().map(|gate| gate.kind.word()).collect();
    assert_eq!(kinds, ["entry", "exit", "recovery"]);
    let lists: Vec<_> = pilot.gates[1]
        .criteria
        .iter()
        .map(|c| c.list.word())
        .collect();
    assert_eq!(lists.iter().filter(|list| **list == "stop").count(), 6);
    assert_eq!(lists.last(), Some(&"watch"));
    let ship = asks(&pilot.gates[1])[3];
    assert_eq!(ship.expected.as_deref(), Some(&["BER1".to_owned()][..]));
    assert!(ship.query.pieces[0].contains("site=~\"BER1\""));
    let conversion = asks(&pilot.gates[1])[2];
    assert!(
        matches!(&conversion.baseline, Some(Baseline::Vars { query, .. }) if query.pieces[0].contains("ups"))
    );
    let exceptions = asks(&pilot.gates[1])[4];
    assert!(exceptions.query.is_instant());
    assert_eq!(
        exceptions.query.text(Duration::from_secs(60)),
        "avg_over_time(exceptions[60s])"
    );
    assert!(matches!(exceptions.baseline, Some(Baseline::Offset(_))));
    assert_eq!(plan.stages[1].window, Some(Duration::from_secs(900)));
    assert_eq!(plan.stages[1].gates[0].window, None);
    assert_eq!(plan.rollback.len(), 3);
    assert!(!format!("{plan:?}").contains("hunter2"));
}
