//! `gate validate --format json|github|sarif`: one document for all plans, which its schema accepts.

use std::io::Read as _;

use boon::{Compiler, Schemas};
use flate2::read::GzDecoder;
use gate::schema;
use serde_json::Value;

use crate::support::faulty::{Faulty, json};
use crate::support::program::{Finished, Workplace};

const GOOD: &str = include_str!("../src/plan/testdata/small.yaml");
/// SARIF's own, as OASIS publishes it.
const SARIF: &[u8] = include_bytes!("sarif/sarif-schema-2.1.0.json.gz");

/// Panics unless the schema accepts the document.
#[track_caller]
fn accepts(schema: Value, document: &Value) {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    compiler
        .add_resource("document.json", schema)
        .expect("a schema");
    let index = compiler.compile("document.json", &mut schemas);
    let valid = schemas.validate(document, index.expect("a schema"));
    assert!(valid.is_ok(), "{}\n{document:#}", valid.expect_err("why"));
}

fn document(said: &Finished) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}\n{}", said.out))
}

/// A good plan, one with an error and a warning beyond ASCII, and one that is not there.
fn plans() -> Workplace {
    let workplace = Workplace::with_plan(GOOD);
    let bad = GOOD.replace("< 0.1%", "< 200ms");
    let bad = bad.replace("checkout v2.1.0", "é: 100%, ü").replacen(
        "release: é: 100%, ü",
        "release: \"é: 100%, ü\"",
        1,
    );
    workplace.write("b: 1,2%.yaml", &bad);
    workplace
}

const ALL: [&str; 4] = ["validate", "plan.yaml", "b: 1,2%.yaml", "missing.yaml"];

fn with(format: &'static str) -> Finished {
    plans().gate(&[&ALL[..], &["--format", format]].concat())
}

#[test]
fn f7_json_is_one_document_for_all_plans() {
    let said = with("json");
    assert_eq!((said.code, said.err.as_str()), (2, ""), "{}", said.err);
    let found = document(&said);
    accepts(
        serde_json::from_str(schema::VALIDATE).expect("JSON"),
        &found,
    );
    let plans = found["plans"].as_array().expect("plans");
    let codes: Vec<&Value> = plans.iter().map(|plan| &plan["exit_code"]).collect();
    assert_eq!(codes, [0, 2, 2]);
    assert_eq!(found["exit_code"], 2);
    let first = &plans[1]["findings"][0];
    assert_eq!(first["code"], "unit-mismatch");
    assert_eq!((&first["line"], &first["column"]), (&11.into(), &36.into()));
    assert_eq!(first["end_column"], 41);
    assert!(
        plans[2]["findings"][0]["message"]
            .as_str()
            .is_some_and(|text| text.contains("cannot be read"))
    );
}

#[test]
fn f7_sarif_is_what_its_schema_says() {
    let said = with("sarif");
    assert_eq!((said.code, said.err.as_str()), (2, ""), "{}", said.err);
    let mut text = String::new();
    GzDecoder::new(SARIF)
        .read_to_string(&mut text)
        .expect("gzip");
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    let found = document(&said);
    accepts(schema.clone(), &found);
    let results = found["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 2);
    let location = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "b%3A%201%2C2%25.yaml");
    assert_eq!(location["region"]["startColumn"], 36);
    // The schema is no rubber stamp.
    let mut broken = found;
    broken["runs"][0]["results"][0]["level"] = "fatal".into();
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler
        .add_resource("document.json", schema)
        .expect("a schema");
    let index = compiler
        .compile("document.json", &mut schemas)
        .expect("a schema");
    assert!(schemas.validate(&broken, index).is_err());
}

#[test]
fn f7_github_gets_annotations_at_their_place() {
    let said = with("github");
    assert_eq!((said.code, said.err.as_str()), (2, ""), "{}", said.err);
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", said.out);
    assert!(
        lines[0].starts_with("::error file=b%3A 1%2C2%25.yaml,line=11,endLine=11,col=36,endColumn=40,title=plan%3A unit-mismatch::"),
        "{}",
        lines[0]
    );
    assert!(
        lines[1].starts_with("::error file=missing.yaml,title=plan::"),
        "{}",
        lines[1]
    );
}

#[test]
fn f7_what_the_sources_answer_is_a_finding_at_the_query() {
    let refusing = Faulty::answering(|_| {
        json(r#"{"status":"error","errorType":"bad_data","error":"no such function: rat"}"#)
    });
    let workplace = Workplace::with_plan(&GOOD.replace("http://127.0.0.1:9090", refusing.url()));
    let said = workplace.gate(&["validate", "plan.yaml", "--online", "--format", "json"]);
    let found = document(&said);
    accepts(
        serde_json::from_str(schema::VALIDATE).expect("JSON"),
        &found,
    );
    let finding = &found["plans"][0]["findings"][0];
    assert_eq!(said.code, 2, "{}", said.out);
    assert_eq!(
        (&finding["code"], &finding["level"]),
        (&"query-rejected".into(), &"error".into())
    );
    assert_eq!(
        (&finding["line"], &finding["column"]),
        (&5.into(), &12.into())
    );
    assert!(
        finding["asked_by"]
            .as_str()
            .is_some_and(|by| by.starts_with("canary-5/"))
    );
    assert!(
        finding["query"]
            .as_str()
            .is_some_and(|query| query.starts_with("sum(rate"))
    );
    let away = workplace_away().gate(&["validate", "plan.yaml", "--online", "--format", "sarif"]);
    let found = document(&away);
    assert_eq!(away.code, 3, "{}", away.out);
    let result = &found["runs"][0]["results"][0];
    assert_eq!(
        (&result["ruleId"], &result["level"]),
        (&"source-unreachable".into(), &"error".into())
    );
}

/// Its source is a port where nobody listens.
fn workplace_away() -> Workplace {
    Workplace::with_plan(&GOOD.replace("127.0.0.1:9090", "127.0.0.1:1"))
}
