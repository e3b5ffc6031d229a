//! Code, schemas and examples say the same: every key is in both, and whatever is written here is valid there.

mod draft_07;
mod watch;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

use super::*;
use crate::assessment::Outcome;
use crate::evidence::v1::to_json;
use crate::kind::{CriterionKind, GateKind, List};
use crate::ledger::{
    Answer, Chain, Checked, Event, EventKind, FileKept, GateChecked, IdentitySource,
    IncidentDetails, LetGo, NotMet, Notified, Occasion, Person, RollbackTold, SetAside, StageLeft,
    StepState, StepTold, Trip, Watch, WatchEnd,
};
use crate::plan::{Accept, Options, load, maps};
use crate::report::scenarios;
use crate::units::{Duration, Instant, Unit};
use crate::verdict::Verdict;

struct Compiled {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Compiled {
    fn new(schema: Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let place = "https://example.com/schema.json";
        compiler.add_resource(place, schema).expect("a schema");
        let index = compiler.compile(place, &mut schemas).expect("a schema");
        Self { schemas, index }
    }

    fn accepts(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.index).is_ok()
    }

    #[track_caller]
    fn must_accept(&self, value: &Value, what: &str) {
        if let Err(error) = self.schemas.validate(value, self.index) {
            panic!("{what}: {error:#}");
        }
    }
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The schema with no room for keys that it does not name.
fn strict(mut schema: Value) -> Value {
    if let Value::Object(map) = &mut schema {
        for inner in map.values_mut() {
            *inner = strict(inner.take());
        }
        if map.get("properties").is_some_and(Value::is_object) {
            map.entry("additionalProperties").or_insert(json!(false));
        }
    } else if let Value::Array(list) = &mut schema {
        for inner in list {
            *inner = strict(inner.take());
        }
    }
    schema
}

/// JSON pointers of all properties that a schema names.
fn properties(at: &str, schema: &Value, found: &mut Vec<(String, String)>) {
    if let Value::Object(map) = schema {
        for (key, inner) in map {
            let at = format!("{at}/{key}");
            if key == "properties" {
                let names = inner.as_object().expect("properties").keys();
                found.extend(names.map(|name| (at.clone(), name.clone())));
            }
            properties(&at, inner, found);
        }
    } else if let Value::Array(list) = schema {
        for (index, inner) in list.iter().enumerate() {
            properties(&format!("{at}/{index}"), inner, found);
        }
    }
}

/// No key is in the schema that no example has: without it, some example is refused.
fn every_property_is_written(schema: &Value, examples: &[Value]) {
    let schema = strict(schema.clone());
    let mut found = Vec::new();
    properties("", &schema, &mut found);
    let mut missing = Vec::new();
    for (at, name) in found {
        let mut without = schema.clone();
        let map = without.pointer_mut(&at).and_then(Value::as_object_mut);
        map.expect("properties").remove(&name);
        let without = Compiled::new(without);
        let all = examples.iter().all(|example| without.accepts(example));
        missing.extend(all.then(|| format!("{at}/{name}")));
    }
    assert!(missing.is_empty(), "in no example: {missing:?}");
}

fn plans() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rollout-plans");
    let entries = std::fs::read_dir(folder).expect("plans");
    let paths = entries.map(|entry| entry.expect("a plan").path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect()
}

fn yaml(text: &str) -> Value {
    let mut yaml: serde_yaml::Value = serde_yaml::from_str(text).expect("YAML");
    yaml.apply_merge().expect("merge keys");
    serde_json::to_value(yaml).expect("JSON")
}

#[test]
fn every_plan_there_is_is_valid() {
    let schema = Compiled::new(value(PLAN));
    assert!(!plans().is_empty());
    for path in plans() {
        let text = std::fs::read_to_string(&path).expect("a plan");
        schema.must_accept(&yaml(&text), &path.display().to_string());
    }
    for (name, text) in crate::plan::EXAMPLES {
        schema.must_accept(&yaml(text), name);
    }
}

#[test]
fn what_can_be_accepted_is_what_the_code_knows() {
    let codes: Vec<&str> = Accept::all().map(Accept::word).collect();
    let mut listed: Vec<String> = Vec::new();
    for code in value(PLAN)["$defs"]["Accept"]["enum"]
        .as_array()
        .expect("codes")
    {
        listed.push(code.as_str().expect("a code").to_owned());
    }
    listed.sort();
    let mut codes: Vec<String> = codes.into_iter().map(str::to_owned).collect();
    codes.sort();
    assert_eq!(listed, codes);
}

#[test]
fn the_keys_of_a_plan_are_those_of_the_code() {
    let schema = value(PLAN);
    let keys = |map: &Value| -> BTreeSet<String> {
        map["properties"]
            .as_object()
            .expect("keys")
            .keys()
            .cloned()
            .collect()
    };
    let mut named = BTreeSet::new();
    for (name, fields) in maps() {
        let map = match name {
            "Document" => &schema,
            name => &schema["$defs"][name],
        };
        named.insert(name.to_owned());
        let fields = fields.iter().filter(|(_, kind)| *kind != "Refused");
        let fields: BTreeSet<String> = fields
            .map(|(field, _)| field.trim_start_matches("r#").to_owned())
            .collect();
        assert_eq!(keys(map), fields, "{name}");
        assert_eq!(map["additionalProperties"], false, "{name}");
    }
    for (name, map) in schema["$defs"].as_object().expect("definitions") {
        assert!(
            map.get("properties").is_none() || named.contains(name),
            "{name}"
        );
    }
}

#[test]
fn what_the_code_refuses_for_its_form_the_schema_refuses_too() {
    let schema = Compiled::new(value(PLAN));
    let whole =
        "release: r\nstages:\n  - name: s\n    window: 1h\n    entry: {confirmations: [c]}\n";
    schema.must_accept(&yaml(whole), "whole");
    for (from, to) in [
        ("release: r", "relase: r"),
        ("release: r", "release: {version: 1}"),
        ("window: 1h", "window: soon"),
        ("window: 1h", "kind: ring"),
        ("confirmations: [c]", "confirmations: []"),
        ("confirmations: [c]", "confirmation: [c]"),
        ("confirmations: [c]", "kpis: {e: {}}"),
        ("stages:", "kpis: {e: {title: no query}}\nstages:"),
        ("stages:", "kpis: {e: {ratio: {errors: x}}}\nstages:"),
        ("stages:", "kpis: {e: {ratio: {total: x}}}\nstages:"),
        (
            "stages:",
            "kpis: {e: {query: x, ratio: {errors: x, total: y}}}\nstages:",
        ),
        (
            "stages:",
            "kpis: {e: {ratio: {errors: x, good: z, total: y}}}\nstages:",
        ),
        (
            "stages:",
            "kpis: {e: {ratio: {errors: x, total: y}, min_total: few}}\nstages:",
        ),
        ("name: s", "name: [s]"),
    ] {
        let text = whole.replace(from, to);
        assert!(load(text.as_bytes(), &Options::default()).is_err(), "{to}");
        assert!(!schema.accepts(&yaml(&text)), "{to}");
    }
}

fn evidence() -> Vec<Value> {
    let mut all = scenarios::all();
    all.push(("hostile", scenarios::hostile()));
    let mut full = scenarios::no_go();
    let release = &mut full.plan.release;
    release.kind = Some("minor".to_owned());
    release.owner = Some("@ana".to_owned());
    release.on_call = Some("#on-call".to_owned());
    release.links = vec![("dashboard".to_owned(), "https://example.com".to_owned())];
    release.subjects = vec![crate::plan::Subject {
        name: "shipping".to_owned(),
        sha256: "a".repeat(64),
    }];
    full.rollback[0].option = Some(crate::plan::RollbackOption {
        name: "flag".to_owned(),
        when: Some("activation only".to_owned()),
    });
    let next = full.next.as_mut().expect("a command");
    next.command.owner = Some("@ana".to_owned());
    full.run.ci = Some("https://ci.example.com/1".to_owned());
    full.answers = crate::evidence::Answers::LeftOut("--no-answers was given".to_owned());
    full.plan.copy = crate::evidence::PlanCopy::LeftOut("line 1 holds a password".to_owned());
    full.gates[0].criteria[0].notes = vec!["a remark".to_owned()];
    full.baselines = vec![crate::samples::BaselineSeen {
        path: "base.json".to_owned(),
        sha256: "c".repeat(64),
        captured_at: Instant::from_secs(1_795_000_000),
    }];
    full.plan_changes = vec![
        crate::plan::PlanChange::unknown(&full.gates[0].name(), 15, &"a".repeat(64)),
        plan_change(),
    ];
    let window = full.gates[0].window.as_mut().expect("a window");
    window.ended = Some(window.end);
    let mut kpi = full.gates.iter_mut().flat_map(|gate| &mut gate.criteria);
    let kpi = kpi.find_map(|one| one.kpi.as_mut()).expect("a KPI");
    let at = Instant::from_secs(1_795_000_000);
    kpi.series[0].outcome = crate::assessment::Outcome::Unknown;
    kpi.series[0].code = crate::assessment::Code::WindowIncomplete;
    kpi.series[0].approach = Some(crate::assessment::Approach {
        lasted: crate::units::Duration::from_secs(240),
        needed: crate::units::Duration::from_secs(600),
        last_seen: at,
        trips_at: Some(at),
    });
    kpi.series[0].certainty = Some(certainty(at));
    kpi.series[0].gaps = vec![crate::assessment::Gap { start: at, end: at }];
    kpi.series[0].baseline = Some(f64::NAN);
    kpi.series[0].per = Some("BER1".to_owned());
    kpi.series[0].value_at = Some(at);
    kpi.series[0].partners = Some(crate::assessment::Partners { at, mean: 0.5 });
    kpi.baseline_as = Some(crate::plan::BaselineAs::Points);
    kpi.reducer = Some(crate::plan::Reducer::Mean);
    kpi.ratio = Some(ratio(crate::plan::Counted::Errors));
    kpi.series[0].events = Some(crate::assessment::EventCount {
        errors: 74.0,
        total: 12_804.0,
    });
    full.watch = Some(crate::evidence::Watched {
        path: "20261120T140000Z.rounds.jsonl".to_owned(),
        sha256: "d".repeat(64),
        bytes: 4096,
        notices: vec![notified()],
        summary: crate::watch::Summary {
            from: at,
            to: at,
            rounds: 2,
            whole: 1,
            missed: 1,
            away: vec![
                crate::watch::Away {
                    source: "eu".to_owned(),
                    start: at,
                    end: Some(at),
                },
                crate::watch::Away {
                    source: "us".to_owned(),
                    start: at,
                    end: None,
                },
            ],
            gaps: vec![crate::watch::Gap { start: at, end: at }],
            records_away: vec![crate::watch::Gap { start: at, end: at }],
            changes: vec![crate::watch::Changed {
                at,
                gate: GateKind::Exit.of("pilot"),
                from: Verdict::Hold,
                to: Verdict::Go,
            }],
        },
    });
    let mut good = full.clone();
    let mut kpis = good.gates.iter_mut().flat_map(|gate| &mut gate.criteria);
    let kpi = kpis.find_map(|one| one.kpi.as_mut()).expect("a KPI");
    kpi.ratio = Some(ratio(crate::plan::Counted::Good));
    all.push(("good", good));
    all.push(("full", full));
    all.iter()
        .map(|(_, evidence)| value(&to_json(evidence)))
        .collect()
}

fn ratio(of: crate::plan::Counted) -> crate::assessment::RatioSeen {
    crate::assessment::RatioSeen {
        of,
        part: "sum(rate(x{code=\"500\"}[1m]))".to_owned(),
        total: "sum(rate(x[1m]))".to_owned(),
    }
}

/// An estimate with every key that it can have.
fn certainty(at: Instant) -> crate::assessment::Certainty {
    use crate::assessment::{Block, Certainty, Measures};
    let events = Some(crate::assessment::EventCount {
        errors: 1.0,
        total: 100.0,
    });
    Certainty {
        confidence: crate::units::Share::parse("99.9%").expect("a share"),
        level: 0.001,
        pairs: 48,
        blocks: vec![Block {
            start: at,
            end: at,
            canary: 0.01,
            control: Some(0.01),
            weight: 50.0,
            events,
            control_events: events,
        }],
        estimate: 0.0,
        low: -0.1,
        high: 0.1,
        margin: 0.0,
        measures: Measures::Beyond(1.2),
        rho: 0.1,
        se: 0.1,
        se_chance: Some(0.1),
        t: f64::NEG_INFINITY,
        z: Some(0.0),
        control_events: events,
    }
}

#[test]
fn all_evidence_is_valid_and_every_key_of_the_schema_is_written() {
    let schema = Compiled::new(strict(value(EVIDENCE)));
    let examples = evidence();
    for (index, example) in examples.iter().enumerate() {
        schema.must_accept(example, &format!("evidence {index}"));
    }
    every_property_is_written(&value(EVIDENCE), &examples);
}

#[test]
fn evidence_that_says_less_or_otherwise_is_not_valid() {
    let schema = Compiled::new(value(EVIDENCE));
    let whole = evidence().remove(0);
    let mut newer = whole.clone();
    newer["mood"] = json!("fine");
    schema.must_accept(&newer, "a key of a later version");
    for key in whole
        .as_object()
        .expect("keys")
        .keys()
        .filter(|key| !["started", "asked"].contains(&key.as_str()))
    {
        let mut less = whole.clone();
        less.as_object_mut().expect("keys").remove(key);
        assert!(!schema.accepts(&less), "without {key}");
    }
    for (at, other) in [
        ("/verdict", json!("PERHAPS")),
        ("/exit_code", json!(2)),
        ("/evaluated_at", json!("yesterday")),
        ("/plan/sha256", json!("abc")),
        ("/gates/0/criteria/0/outcome", json!("fine")),
        ("/gates/0/counts/criteria/met", json!(-1)),
    ] {
        let mut changed = whole.clone();
        *changed.pointer_mut(at).expect(at) = other;
        assert!(!schema.accepts(&changed), "{at}");
    }
}

fn plan_change() -> crate::plan::PlanChange {
    let unknown = crate::plan::PlanChange::unknown(&GateKind::Exit.of("pilot"), 4, &"b".repeat(64));
    crate::plan::PlanChange {
        list: Some(crate::kind::List::Exit),
        kind: Some(crate::kind::CriterionKind::Kpis),
        name: "order_to_ship_p95".to_owned(),
        part: "condition".to_owned(),
        was: Some("p95 < 4h".to_owned()),
        now: Some("p95 < 72h".to_owned()),
        effect: crate::plan::Effect::Loosened,
        ..unknown
    }
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn details() -> IncidentDetails {
    IncidentDetails {
        severity: Some(text("sev1")),
        description: Some(text("labels are blank")),
        workaround: None,
        owner: Some(text("@ana")),
        target: Some(Instant::from_secs(1_795_000_000)),
    }
}

fn told() -> RollbackTold {
    RollbackTold {
        options: vec![text("flag")],
        steps: vec![StepTold {
            number: 1,
            option: Some(text("flag")),
            action: text("disable the flag"),
            state: StepState::Done,
            by: Some(text("@ops")),
            took: Some(Duration::from_secs(120)),
        }],
        cause: Some(text("labels")),
        fix: Some(text("fonts")),
        files: vec![FileKept {
            path: text("lsn.txt"),
            sha256: "b".repeat(64),
            bytes: 12,
        }],
    }
}

fn checked() -> Checked {
    let trip = Trip {
        kind: CriterionKind::Kpis,
        name: text("error_rate"),
        condition: Some(text("> 1%")),
        reason: text("2% at 14:00"),
    };
    Checked {
        evaluated_at: Instant::from_secs(1_795_000_000),
        release: text("R1.0"),
        plan_sha256: "a".repeat(64),
        vars: vec![text("env=staging")],
        sources: vec![text("default=http://127.0.0.1:9090")],
        evidence_path: text("plan.evidence/x.json"),
        evidence_sha256: "b".repeat(64),
        verdict: Verdict::Stop,
        gates: vec![GateChecked {
            look: false,
            outlook: false,
            not_met: vec![NotMet {
                list: List::Exit,
                kind: CriterionKind::Kpis,
                name: text("error_rate"),
                condition: Some(text("< 1%")),
                unmet: true,
                measured: Some(text("2%")),
            }],
            start_disputed: false,
            gate: GateKind::Exit.of("pilot"),
            verdict: Verdict::Stop,
            verdict_without_approvals: Verdict::Stop,
            tripped: vec![trip],
        }],
    }
}

/// One of each kind.
fn events() -> Vec<Event> {
    let (stage, gate) = (text("pilot"), GateKind::Exit.of("pilot"));
    let at = Instant::from_secs(1_795_000_000);
    vec![
        Event::Started {
            stage: stage.clone(),
            at,
            overridden: false,
            vars: Vec::new(),
            sources: Vec::new(),
        },
        Event::Checked(checked()),
        Event::Confirmed {
            stage: stage.clone(),
            id: text("readiness/rollback"),
            answer: Answer::No,
            text_sha256: "c".repeat(64),
        },
        Event::Approved {
            gate: gate.clone(),
            role: text("product"),
            evidence_sha256: "b".repeat(64),
            evidence_path: text("plan.evidence/x.json"),
            verdict_without_approvals: Verdict::Go,
            expires: Some(at),
            revoked: false,
        },
        Event::IncidentOpened {
            id: text("INC-1"),
            stage: Some(stage.clone()),
            opened_at: None,
            details: details(),
        },
        Event::IncidentUpdated {
            id: text("INC-1"),
            details: details(),
        },
        Event::IncidentClosed { id: text("INC-1") },
        Event::Paused {
            stage: stage.clone(),
        },
        Event::Resumed {
            stage: stage.clone(),
        },
        Event::RolledBack {
            stage: stage.clone(),
            told: told(),
        },
        Event::RollbackUpdated {
            stage: stage.clone(),
            told: told(),
        },
        Event::Superseded {
            from: Some(text("2.0")),
            stages: vec![stage.clone()],
            left: vec![StageLeft {
                stage: stage.clone(),
                followed_by: vec![stage.clone()],
            }],
            keep_window: true,
            let_go: vec![LetGo {
                stage: stage.clone(),
                what: text("INC-1 sev1"),
            }],
        },
        Event::Reopened {
            stage: stage.clone(),
            stages: vec![stage.clone(), text("wave-1")],
        },
        Event::Overridden {
            gate,
            verdict: Verdict::NoGo,
            evidence_sha256: "b".repeat(64),
            expires: at,
        },
        Event::Noted {
            stage: None,
            text: text("all quiet"),
            checkpoint: true,
            role: None,
            reviewed_issues: false,
            lesson: false,
            takes_back: Some(3),
        },
        Event::Repaired {
            torn: text("{\"schema\""),
        },
        Event::LedgerBegun {
            set_aside: vec![SetAside {
                path: text("plan.evidence/x.json"),
                sha256: "b".repeat(64),
            }],
        },
        Event::Imported {
            file: text("other.ledger.jsonl"),
            head_sha256: "b".repeat(64),
            lines: vec!["c".repeat(64)],
        },
    ]
}

fn watches() -> [Event; 2] {
    [
        Event::Watch(Watch::Started {
            gates: vec![GateKind::Exit.of("pilot")],
            every: Duration::from_secs(60),
            host: text("bench"),
        }),
        Event::Watch(Watch::Ended {
            began: 7,
            reason: WatchEnd::Stop,
            verdict: Some(Verdict::Stop),
            rounds: 12,
            watched: Duration::from_secs(720),
            evidence_sha256: Some("b".repeat(64)),
            notices: vec![notified()],
        }),
    ]
}

fn notified() -> Notified {
    Notified {
        to: "slack hooks.slack.com".to_owned(),
        event: "gate.verdict.changed".to_owned(),
        result: "delivered".to_owned(),
        attempts: 2,
    }
}

fn lines() -> Vec<Value> {
    let mut chain = Chain::default();
    for event in events().into_iter().chain(watches()) {
        let occasion = Occasion {
            nonce: Some(text("0123456789abcdef")),
            at: Instant::from_secs(1_795_000_000),
            by: Person {
                name: text("Ana"),
                identity_source: IdentitySource::Given,
            },
            plan: "plan.yaml".into(),
            why: text("because"),
            links: vec![text("https://example.com")],
        };
        chain.append(&occasion, event).expect("an entry");
    }
    chain.lines().map(value).collect()
}

/// The words that a schema allows at a place.
fn allowed(schema: &str, pointer: &str) -> Vec<String> {
    let schema = value(schema);
    let words = schema.pointer(pointer).and_then(Value::as_array);
    let words = words.expect(pointer).iter().filter_map(Value::as_str);
    words.map(str::to_owned).collect()
}

#[test]
fn the_schemas_have_every_word_of_a_list() {
    let criterion = "/$defs/Criterion/properties";
    let place = |key: &str| format!("{criterion}/{key}/enum");
    assert_eq!(
        allowed(EVIDENCE, &place("kind")),
        CriterionKind::ALL.map(CriterionKind::word)
    );
    assert_eq!(allowed(EVIDENCE, &place("list")), List::ALL.map(List::word));
    assert_eq!(allowed(EVIDENCE, &place("unit")), Unit::ALL.map(Unit::word));
    assert_eq!(
        allowed(EVIDENCE, "/$defs/outcome/enum"),
        Outcome::ALL.map(Outcome::word)
    );
    assert_eq!(
        allowed(LEDGER, "/$defs/Trip/properties/kind/enum"),
        CriterionKind::ALL.map(CriterionKind::word)
    );
}

#[test]
fn every_kind_of_entry_is_valid_and_every_key_of_the_schema_is_written() {
    let kinds: BTreeSet<EventKind> = (events().iter().chain(&watches()))
        .map(Event::kind)
        .collect();
    assert_eq!(kinds, BTreeSet::from(EventKind::ALL));
    let schema = Compiled::new(strict(value(LEDGER)));
    let lines = lines();
    for line in &lines {
        schema.must_accept(line, &line["kind"].to_string());
        let mut other = line.clone();
        other["mood"] = json!(1);
        assert!(!schema.accepts(&other), "{}", line["kind"]);
    }
    every_property_is_written(&value(LEDGER), &lines);
}
