//! The plan's schema as catalogues of editors want it: draft-07 under an `$id`, made from the one of draft 2020-12.

use std::fs;
use std::path::PathBuf;

use super::{Compiled, Value, json, plans, value, yaml};
use crate::schema::{PLAN, PLAN_DRAFT_07};

const ID: &str = "https://raw.githubusercontent.com/rollout-gate/gate/main/docs/schema/plan.draft-07.schema.json";

/// Draft-07 ignores whatever is beside a `$ref`, and calls `$defs` `definitions`.
fn older(schema: Value) -> Value {
    match schema {
        Value::Object(map) => {
            let is_annotated = map.len() > 1 && map.get("$ref").is_some_and(Value::is_string);
            let renamed = map
                .into_iter()
                .map(|(key, inner)| match (key.as_str(), &inner) {
                    ("$ref", Value::String(place)) => {
                        let place = json!(place.replace("#/$defs/", "#/definitions/"));
                        if is_annotated {
                            ("allOf".to_owned(), json!([{ "$ref": place }]))
                        } else {
                            (key, place)
                        }
                    }
                    ("$defs", _) => ("definitions".to_owned(), older(inner)),
                    _ => (key, older(inner)),
                });
            Value::Object(renamed.collect())
        }
        Value::Array(list) => list.into_iter().map(older).collect(),
        other => other,
    }
}

fn made() -> String {
    let mut schema = older(value(PLAN));
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["$id"] = json!(ID);
    format!("{}\n", serde_json::to_string_pretty(&schema).expect("JSON"))
}

#[test]
fn the_schema_for_catalogues_is_made_from_the_plans() {
    let is_same = PLAN_DRAFT_07 == made();
    assert!(is_same, "cargo test --lib bless -- --ignored");
}

#[test]
fn both_drafts_say_the_same_of_every_plan() {
    let (new, old) = (
        Compiled::new(value(PLAN)),
        Compiled::new(value(PLAN_DRAFT_07)),
    );
    for path in plans() {
        let plan = yaml(&fs::read_to_string(&path).expect("a plan"));
        let name = path.display().to_string();
        old.must_accept(&plan, &name);
        for (key, of) in [
            ("mood", json!(1)),
            ("stages", json!([])),
            ("release", json!([1])),
        ] {
            let mut wrong = plan.clone();
            wrong[key] = of;
            assert!(
                !old.accepts(&wrong) && !new.accepts(&wrong),
                "{name}: {key}"
            );
        }
    }
}

#[test]
#[ignore = "makes it anew"]
fn bless() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    fs::write(folder.join("plan.draft-07.schema.json"), made()).expect("a file");
}
