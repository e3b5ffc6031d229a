//! Rules on files: what is unmet, and what is merely unknown.

use super::*;
use crate::evaluate::context::Stand;
use crate::ledger::{Event, IdentitySource, Person};
use crate::units::{Duration, Finite};

const AT: Instant = Instant::from_secs(1_795_132_800);

fn file() -> File {
    File {
        bytes: 5,
        modified: AT - Duration::from_secs(60),
        sha256: "ab".repeat(32),
        junit: None,
        sarif: None,
        json: None,
    }
}

fn stand(ask: &ArtifactAsk, file: &File) -> (Stand, Code) {
    let ruling = judge(ask, file, AT);
    (ruling.stand, ruling.code)
}

#[test]
fn a_file_must_hold_something() {
    let empty = File { bytes: 0, ..file() };
    let ask = ArtifactAsk::default();
    assert_eq!(stand(&ask, &file()).0, Stand::Good);
    assert_eq!(stand(&ask, &empty), (Stand::Bad, Code::ArtifactUnfit));
}

#[test]
fn an_old_file_is_unmet_and_one_from_the_future_is_unknown() {
    let ask = ArtifactAsk {
        max_age: Some(Duration::from_secs(60)),
        ..ArtifactAsk::default()
    };
    let changed = |seconds: i64, millis: i64| File {
        modified: AT + Duration::from_millis(seconds * 1000 + millis),
        ..file()
    };
    assert_eq!(stand(&ask, &changed(-60, 0)).0, Stand::Good);
    assert_eq!(stand(&ask, &changed(-61, 0)).0, Stand::Bad);
    assert_eq!(stand(&ask, &changed(0, 700)).0, Stand::Good);
    assert_eq!(stand(&ask, &changed(1, 0)).0, Stand::Open);
}

#[test]
fn the_wrong_file_is_unmet() {
    let ask = ArtifactAsk {
        sha256: Some("cd".repeat(32)),
        ..ArtifactAsk::default()
    };
    assert_eq!(stand(&ask, &file()), (Stand::Bad, Code::ArtifactUnfit));
}

#[test]
fn a_report_without_a_test_shows_nothing() {
    let of = |limits, tests, failures| {
        let ask = ArtifactAsk {
            junit: Some(limits),
            ..ArtifactAsk::default()
        };
        let junit = Some(Ok(JunitCounts { tests, failures }));
        stand(&ask, &File { junit, ..file() }).0
    };
    assert_eq!(of((Some(0), None), 1, 0), Stand::Good);
    assert_eq!(of((Some(0), None), 0, 0), Stand::Bad);
    assert_eq!(of((Some(0), Some(100)), 99, 0), Stand::Bad);
    assert_eq!(of((None, Some(100)), 100, 1), Stand::Bad);
    assert_eq!(of((Some(1), Some(100)), 100, 1), Stand::Good);
}

#[test]
fn what_cannot_be_read_is_unknown_and_hides_no_other_fault() {
    let ask = ArtifactAsk {
        junit: Some((None, None)),
        ..ArtifactAsk::default()
    };
    let garbled = File {
        junit: Some(Err("cut".into())),
        ..file()
    };
    assert_eq!(
        stand(&ask, &garbled),
        (Stand::Open, Code::ContentUnreadable)
    );
    let empty = File {
        bytes: 0,
        ..garbled
    };
    assert_eq!(stand(&ask, &empty).0, Stand::Bad);
}

#[test]
fn values_of_json_are_compared_as_numbers_and_nothing_else_is_one() {
    let ask = ArtifactAsk {
        json: vec![(
            "/pct".into(),
            PlainCondition {
                comparison: Comparison::GreaterOrEqual,
                bound: Finite::new(90.0).expect("finite"),
            },
        )],
        ..ArtifactAsk::default()
    };
    let of = |text: Option<&str>| {
        let values = BTreeMap::from([("/pct".to_owned(), text.map(str::to_owned))]);
        stand(
            &ask,
            &File {
                json: Some(Ok(values)),
                ..file()
            },
        )
        .0
    };
    assert_eq!(of(Some("90")), Stand::Good);
    assert_eq!(of(Some("9.1e1")), Stand::Good);
    for bad in [
        Some("89.9"),
        Some("\"91\""),
        Some("null"),
        Some("true"),
        Some("1e999"),
        None,
    ] {
        assert_eq!(of(bad), Stand::Bad, "{bad:?}");
    }
}

proptest::proptest! {
    #[test]
    fn an_older_file_is_never_better(age in -100_i64..1000, more in 0_i64..1000, most in 1_i64..500) {
        let ask = ArtifactAsk { max_age: Some(Duration::from_secs(most)), ..ArtifactAsk::default() };
        let of = |age: i64| stand(&ask, &File { modified: AT - Duration::from_secs(age), ..file() }).0;
        if of(age) == Stand::Bad {
            proptest::prop_assert_eq!(of(age + more), Stand::Bad);
        }
    }
}

#[test]
fn l6_a_file_from_before_another_version_shows_nothing_of_it() {
    let superseded = |seconds: i64| Entry {
        nonce: None,
        number: 7,
        at: AT - Duration::from_secs(seconds),
        by: Person {
            name: "ada".to_owned(),
            identity_source: IdentitySource::Given,
        },
        plan: "plan.yaml".into(),
        why: String::new(),
        links: Vec::new(),
        event: Event::Superseded {
            from: Some("2.0".to_owned()),
            stages: Vec::new(),
            left: Vec::new(),
            keep_window: false,
            let_go: Vec::new(),
        },
    };
    let before = |ask: &ArtifactAsk, seconds: i64| {
        of_version_before(ask, &file(), Some(("pilot", &superseded(seconds)))).is_some()
    };
    let any = ArtifactAsk::default();
    assert!(before(&any, 59));
    assert!(!before(&any, 60), "of the same second");
    assert!(of_version_before(&any, &file(), None).is_none());
    let this = ArtifactAsk {
        sha256: Some(file().sha256),
        ..ArtifactAsk::default()
    };
    assert!(!before(&this, 59), "the plan says which");
}
