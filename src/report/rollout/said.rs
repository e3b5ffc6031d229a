//! L12: whatever a plan can say is shown in some report. Walks the schema of the plan: a key that no report shows fails here.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Check, RolloutFacts, RolloutKind};
use crate::plan::{Options, load};
use crate::report::Kind;
use crate::report::scenarios;
use crate::rollout::Rollout;
use crate::schema;

const PLAN: &str = include_str!("testdata/said.yaml");

/// Keys that no reader of a report needs: how a server is spoken to, for how long, who signs (`gate verify` tells
/// that), and who is told; and credentials of the place of the records, which no report may show.
const NOT_SHOWN: [&str; 10] = [
    "http_config",
    "timeout",
    "signatures",
    "notify",
    "access_key",
    "access_key_file",
    "secret_key",
    "secret_key_file",
    "service_account",
    "service_account_file",
];
/// The place of the records in the plan, of which there is one, and all others that it can be.
const PLACE: &str = "records: { git: { remote: parcels-remote, branch: parcels-branch } }";
const OTHER_PLACES: [&str; 4] = [
    "records: { path: ../parcels-folder }",
    "records: { s3: { bucket: parcels-s3, prefix: first-prefix, region: eu-parcels-7, endpoint: \"https://s3.example.com\" } }",
    "records: { gcs: { bucket: parcels-gcs, prefix: second-prefix, endpoint: \"https://gcs.example.com\" } }",
    "records: { azure: { account: parcels-account, container: parcels-container, prefix: third-prefix, endpoint: \"https://azure.example.com\" } }",
];
/// Other ways to write what is shown under another key.
const SAME: [&str; 2] = ["defaults", "source"];

/// A key of the format: the map that it is in, and its name.
type Key = (String, String);

/// What the plan says, beside the schema.
struct Walk<'s> {
    schema: &'s Value,
    written: BTreeSet<Key>,
    /// Each key with a value of the plan, as text.
    values: Vec<(String, String)>,
}

impl Walk<'_> {
    fn resolved<'v>(&'v self, node: &'v Value) -> (Option<&'v str>, &'v Value) {
        let name = node.get("$ref").and_then(Value::as_str);
        let name = name.and_then(|name| name.strip_prefix("#/$defs/"));
        name.map_or((None, node), |name| {
            (Some(name), &self.schema["$defs"][name])
        })
    }

    /// The alternatives of a node, references followed.
    fn shapes(&self, node: &Value) -> Vec<(Option<String>, Value)> {
        let (name, node) = self.resolved(node);
        match node.get("anyOf").and_then(Value::as_array) {
            Some(all) => all.iter().flat_map(|one| self.shapes(one)).collect(),
            None => vec![(name.map(str::to_owned), node.clone())],
        }
    }

    fn walk(&mut self, map: &str, node: &Value, key: &str, value: &Value) {
        let shapes = self.shapes(node);
        match value {
            Value::Object(entries) => {
                let fits = |shape: &&(Option<String>, Value)| {
                    let known = shape.1.get("properties");
                    known.is_some_and(|known| entries.keys().all(|key| known.get(key).is_some()))
                };
                let by_name = shapes
                    .iter()
                    .find(|shape| shape.1["additionalProperties"].is_object());
                let (name, shape) = shapes.iter().find(fits).or(by_name).expect(key);
                for (inner, value) in entries {
                    let known = shape.get("properties").and_then(|known| known.get(inner));
                    let of = name.as_deref().unwrap_or(map);
                    match known {
                        Some(node) => {
                            self.written.insert((of.to_owned(), inner.clone()));
                            self.walk(of, &node.clone(), inner, value);
                        }
                        None => self.walk(of, &shape["additionalProperties"].clone(), key, value),
                    }
                }
            }
            Value::Array(items) => {
                let list = shapes.iter().find(|shape| shape.1.get("items").is_some());
                let list = list.expect(key).1["items"].clone();
                for item in items {
                    self.walk(map, &list, key, item);
                }
            }
            Value::String(text) => self.values.push((key.to_owned(), text.clone())),
            other => self.values.push((key.to_owned(), other.to_string())),
        }
    }
}

/// Every key of the schema that has to be shown somewhere.
fn keys(schema: &Value) -> BTreeSet<Key> {
    let mut keys = BTreeSet::new();
    let maps = schema["$defs"].as_object().expect("definitions").iter();
    let maps = maps.map(|(name, map)| (name.as_str(), map));
    for (name, map) in maps.chain([("Document", schema)]) {
        let properties = map.get("properties").and_then(Value::as_object);
        for key in properties.into_iter().flat_map(|all| all.keys()) {
            keys.insert((name.to_owned(), key.clone()));
        }
    }
    keys
}

/// The maps that only describe how a server is spoken to, who signs, and who is told.
const MAPS_NOT_SHOWN: [&str; 15] = [
    "Notify",
    "HttpConfig",
    "BasicAuth",
    "Authorization",
    "Oauth2",
    "Sigv4",
    "GoogleIam",
    "AzureAd",
    "AzureManaged",
    "AzureOauth",
    "AzureSdk",
    "AzureWorkload",
    "TlsConfig",
    "Header",
    "Signatures",
];

/// What a reader looks for: mostly what is written.
fn shown(key: &str, value: &str) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match (key, value) {
        ("distinct", _) => one("hall-master distinct"),
        ("ordered", _) => one("1. Doors are open"),
        ("silenced", _) => one("silenced"),
        ("issue_log_review", _) => one("a review of the issue log every 5h"),
        ("every", _) => one("a checkpoint by porter every 5h"),
        ("max_answer", _) => one("3145728 bytes"),
        ("after", "none") => one("After"),
        ("dates", days) => days.split('/').map(str::to_owned).collect(),
        ("ledger", _) => one("Ledger required"),
        ("path", path) => one(&path.replace("$stage", "counter")),
        ("query", query) => query
            .split(['$', '"'])
            .filter(|part| !["desk", "hall"].contains(part))
            .map(str::to_owned)
            .collect(),
        // A duration reads as its own.
        ("lookback", _) => one("1m17s"),
        ("delay", _) => one("1m23s"),
        ("deadline", _) => one("4d3h"),
        // Short values would be found anywhere.
        ("concurrency" | "failures" | "min_tests" | "offset", value) => {
            vec![format!("{key} {value}")]
        }
        (_, text) => one(text),
    }
}

/// What Markdown writes around a text, and what may stand between a name and its value.
const BETWEEN: [char; 7] = ['\\', '`', '*', ':', '\u{200b}', '\u{2060}', '\u{feff}'];

/// All reports as their readers see them: without what Markdown escapes.
fn reports(plan: &str) -> String {
    let loaded = load(plan.as_bytes(), &Options::default());
    let plan = loaded
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
        .plan;
    let mut evidence = scenarios::no_go();
    evidence.plan.release = plan.release.clone();
    evidence.vars = plan.vars.clone();
    let checks = [Check {
        file: "check.json".to_owned(),
        sha256: "a".repeat(64),
        evidence,
    }];
    let rollout = Rollout {
        plan: &plan,
        plan_sha256: None,
        vars: &[],
        addresses: &[],
        ledger: None,
        now: scenarios::T,
    };
    let facts = RolloutFacts {
        checks: &checks,
        plan: Some(&plan),
        ledger: None,
        rollout: Some(rollout),
    };
    let of_rollout = RolloutKind::ALL.iter().map(|kind| kind.render(&facts));
    let check = &checks[0].evidence;
    let of_check = Kind::ALL
        .iter()
        .map(|kind| kind.render(check, None, None, usize::MAX));
    of_rollout
        .chain(of_check)
        .collect::<String>()
        .replace(BETWEEN, "")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
}

#[test]
fn l12_whatever_a_plan_can_say_is_shown_in_some_report() {
    let schema: Value = serde_json::from_str(schema::PLAN).expect("JSON");
    assert!(PLAN.contains(PLACE));
    let others = OTHER_PLACES.map(|place| PLAN.replace(PLACE, place));
    let plans: Vec<&str> = std::iter::once(PLAN)
        .chain(others.iter().map(String::as_str))
        .collect();
    let mut walk = Walk {
        schema: &schema,
        written: BTreeSet::new(),
        values: Vec::new(),
    };
    for plan in &plans {
        let plan: Value = serde_yaml::from_str(plan).expect("YAML");
        walk.walk("Document", &schema, "", &plan);
    }
    let to_be_shown = keys(&schema).into_iter().filter(|(map, key)| {
        let left_out = NOT_SHOWN.contains(&key.as_str()) || MAPS_NOT_SHOWN.contains(&map.as_str());
        let is_same = map == "Document" && SAME.contains(&key.as_str());
        !left_out && !is_same
    });
    let unwritten: Vec<Key> = to_be_shown
        .filter(|key| !walk.written.contains(key))
        .collect();
    assert!(
        unwritten.is_empty(),
        "the plan of this test lacks {unwritten:?}"
    );
    let reports: String = plans.iter().map(|plan| reports(plan)).collect();
    let missing: Vec<_> = (walk.values.iter())
        .filter(|(key, value)| {
            let mut parts = shown(key, value).into_iter();
            !parts.all(|text| reports.contains(&text.replace(BETWEEN, "")))
        })
        .collect();
    assert!(
        missing.is_empty(),
        "shown in no report: {missing:#?}\n{reports}"
    );
}
