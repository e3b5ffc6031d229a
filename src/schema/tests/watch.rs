//! How a watch stands.

use super::*;
use crate::report::watching::{AwayNow, LastRecord, Now, status};

fn now(evidence: crate::evidence::Evidence) -> Now {
    Now {
        stage: evidence.gates[0].stage.clone(),
        evidence,
        every: Duration::from_secs(60),
        took: Duration::from_millis(250),
        whole: false,
        rounds: 12,
        missed: 1,
        next: Some(Instant::from_secs(1_795_000_060)),
        asked: 20,
        points: 600,
        away: Vec::new(),
        notices: Vec::new(),
        recorded: None,
        records_away: None,
        ended: None,
    }
}

/// Everything that may be there is.
fn full() -> Now {
    let at = Instant::from_secs(1_795_000_000);
    Now {
        next: None,
        away: vec![AwayNow {
            source: "eu".to_owned(),
            since: at,
            next_try: Some(at),
        }],
        recorded: Some(LastRecord {
            at,
            verdict: Verdict::Hold,
            path: "plan.evidence/20261118T120000Z-hold.json".to_owned(),
            sha256: "a".repeat(64),
        }),
        records_away: Some(at),
        ended: Some(WatchEnd::Interrupted),
        ..now(scenarios::no_go())
    }
}

#[test]
fn w21_how_a_watch_stands_is_valid_and_every_key_of_the_schema_is_written() {
    let all = scenarios::all().into_iter().map(|(_, evidence)| evidence);
    let judged = all.filter(|evidence| !evidence.gates.is_empty());
    let all: Vec<Value> = judged
        .map(now)
        .chain([full()])
        .map(|now| value(&status(&now)))
        .collect();
    let schema = Compiled::new(strict(value(WATCH)));
    for one in &all {
        schema.must_accept(one, "a watch");
    }
    every_property_is_written(&value(WATCH), &all);
}

#[test]
fn w21_the_schema_has_every_end_of_a_watch_and_refuses_what_is_none() {
    let schema = Compiled::new(value(WATCH));
    let document = value(&status(&full()));
    let with = |key: &str, other: Value| {
        let mut document = document.clone();
        document[key] = other;
        document
    };
    for end in WatchEnd::ALL {
        schema.must_accept(&with("ended", json!(end.word())), end.word());
    }
    schema.must_accept(&with("later", json!(1)), "keys may be added");
    for (key, other) in [
        ("ended", json!("bored")),
        ("schema", json!("gate.watch/v2")),
        ("verdict", json!("MAYBE")),
        ("next_round", json!("tomorrow")),
        ("plan_sha256", json!("abc")),
    ] {
        assert!(!schema.accepts(&with(key, other.clone())), "{key}: {other}");
    }
}
