//! Queries as people write them (`fixtures/queries/`): each gives exactly the findings that are listed with it, and real
//! servers agree.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use gate::plan::criteria::Ask;
use gate::plan::{Loaded, Options, Plan, Problem, ProblemCode, Query, Severity, load};
use gate::units::Duration;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::program::Workplace;
use crate::support::servers::{self, Server, Version};

/// One query of the collection.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What it is typical of.
    of: String,
    query: String,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    standing: Standing,
    #[serde(default)]
    limit: Option<String>,
    #[serde(default)]
    list: List,
    #[serde(default)]
    window: Option<String>,
    #[serde(default)]
    step: Option<String>,
    #[serde(default)]
    vars: BTreeMap<String, Value>,
    /// The codes, in the order of their places.
    #[serde(default)]
    finds: Vec<String>,
    #[serde(default)]
    parsed_by: ParsedBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    #[default]
    Value,
    Guard,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum List {
    #[default]
    Exit,
    Stop,
}

/// Which Prometheus can make sense of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
enum ParsedBy {
    #[default]
    #[serde(rename = "all")]
    All,
    #[serde(rename = "3.5")]
    V3_5,
    #[serde(rename = "none")]
    None,
}

impl ParsedBy {
    fn includes(self, version: Version) -> bool {
        match self {
            Self::All => true,
            Self::V3_5 => version == Version::V3_5,
            Self::None => false,
        }
    }
}

impl Case {
    /// A plan around the query, as JSON, which is YAML.
    fn plan(&self, accept: &[&str]) -> String {
        let mut kpi = json!({"query": self.query});
        let mut limit = self.limit.clone().unwrap_or("mean < 0.05".to_owned());
        if self.standing == Standing::Guard {
            kpi = json!({"query": "sum(rate(value_total[5m]))", "guard": {"query": self.query, "is": limit}});
            "mean < 0.05".clone_into(&mut limit);
        }
        for (key, value) in [("unit", &self.unit), ("step", &self.step)] {
            if let Some(value) = value {
                kpi[key] = json!(value);
            }
        }
        if !accept.is_empty() {
            kpi["accept"] = json!(accept);
        }
        let mut stage = json!({"name": "s", "window": self.window.as_deref().unwrap_or("1h")});
        match self.list {
            List::Exit => stage["exit"] = json!({"kpis": {"kpi": limit}}),
            List::Stop => {
                stage["stop"] = json!({"kpis": {"kpi": limit}});
                stage["exit"] = json!({"confirmations": ["well"]});
            }
        }
        let mut plan = json!({
            "release": "r",
            "source": "http://127.0.0.1:9090",
            "kpis": {"kpi": kpi},
            "stages": [stage],
        });
        if !self.vars.is_empty() {
            plan["vars"] = json!(self.vars);
        }
        plan.to_string()
    }

    fn load(&self, accept: &[&str]) -> Result<Loaded, Vec<Problem>> {
        load(self.plan(accept).as_bytes(), &Options::default())
    }

    /// The query as it would be asked, accepting whatever can be accepted.
    fn asked(&self) -> Option<String> {
        let codes: Vec<&str> = self.finds.iter().map(String::as_str).collect();
        let mut accept: Vec<&str> = codes.clone();
        accept.sort_unstable();
        accept.dedup();
        let loaded = self.load(&accept).ok()?;
        Some(query(&loaded.plan, self.standing)?.text(Duration::from_secs(3_600)))
    }
}

fn query(plan: &Plan, standing: Standing) -> Option<&Query> {
    let criteria = plan.stages.first()?.gates.first()?.criteria.iter();
    let ask = criteria.filter_map(|criterion| match &criterion.ask {
        Ask::Kpi(ask) => Some(ask),
        _ => None,
    });
    let ask = ask.into_iter().next()?;
    match standing {
        Standing::Value => Some(&ask.query),
        Standing::Guard => ask.guard.as_ref().map(|guard| &guard.query),
    }
}

/// Every case, with the file that it is in.
fn cases() -> &'static [(String, Case)] {
    static CASES: OnceLock<Vec<(String, Case)>> = OnceLock::new();
    CASES.get_or_init(read)
}

fn read() -> Vec<(String, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/queries");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("fixtures/queries")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let name = file
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&file).expect("a file of queries");
        let cases: Vec<Case> =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        all.extend(cases.into_iter().map(|case| (name.clone(), case)));
    }
    all
}

fn problems(result: Result<Loaded, Vec<Problem>>) -> Vec<Problem> {
    result.map_or_else(|problems| problems, |loaded| loaded.warnings)
}

#[test]
fn m12_m13_each_query_gives_exactly_its_findings() {
    let cases = cases();
    assert!(cases.len() >= 400, "{}", cases.len());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (file, case) in cases {
        let found = problems(case.load(&[]));
        let codes: Vec<String> = found
            .iter()
            .map(|problem| problem.code.to_string())
            .collect();
        if codes != case.finds {
            let told: Vec<&str> = found
                .iter()
                .map(|problem| problem.message.as_str())
                .collect();
            wrong.push(format!(
                "{file}, {}\n  {}\n  expected {:?}, found {codes:?}: {told:?}",
                case.of, case.query, case.finds
            ));
        }
        for code in codes {
            *counts.entry(code).or_default() += 1;
        }
    }
    let sound = cases
        .iter()
        .filter(|(_, case)| case.finds.is_empty())
        .count();
    println!("{} queries, {sound} of them sound; {counts:?}", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn m12_what_is_refused_can_be_accepted_if_a_server_accepts_it() {
    for (file, case) in cases() {
        let found = problems(case.load(&[]));
        let lints = found
            .iter()
            .all(|problem| matches!(problem.code, ProblemCode::Lint(_)));
        let error = |problem: &Problem| problem.severity == Severity::Error;
        // What nothing fills in would be an undefined variable then.
        let grafana = case.query.contains("__");
        if lints && found.iter().any(error) && !grafana {
            let asked = case.asked();
            assert!(
                asked.is_some(),
                "{file}, {}: {:?}",
                case.of,
                case.load(&[&*case.finds[0]]).err()
            );
        }
    }
}

/// What a server makes of a query: `None` if it parses, otherwise the server's words.
fn refusal(server: &Server, version: Version, query: &str) -> Option<String> {
    let path = match version {
        Version::V2_42 => "/api/v1/format_query",
        Version::V3_5 => "/api/v1/parse_query",
    };
    let encoded: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("query", query)
        .finish();
    let (status, body) = server.get(&format!("{path}?{encoded}"));
    (status != 200).then_some(body)
}

#[test]
#[ignore = "needs the servers: tests/all.sh"]
fn m12_servers_agree_on_what_is_a_query() {
    let mut wrong = Vec::new();
    let mut beyond = 0;
    for version in Version::ALL {
        let server = servers::prometheus(version, &[]);
        for (file, case) in cases() {
            let asked = case.asked().unwrap_or_else(|| case.query.clone());
            let refusal = refusal(&server, version, &asked);
            let place = || format!("{file}, {} ({}): {asked}", case.of, version.number());
            if refusal.is_none() != case.parsed_by.includes(version) {
                wrong.push(format!("{}: {refusal:?}", place()));
            }
            // What is called malformed is refused by every server.
            let form = |code: &String| matches!(code.as_str(), "query-syntax" | "bad-range");
            if case.finds.iter().any(form) && refusal.is_none() {
                wrong.push(format!(
                    "{} is called malformed, and the server accepts it",
                    place()
                ));
            }
            beyond += usize::from(refusal.is_some() && case.finds.is_empty());
        }
    }
    println!(
        "refused by a server and not by us: {beyond} of {}",
        2 * cases().len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest::proptest! {
    /// Queries with random edits: whatever is found is inside the plan's text.
    #[test]
    fn edited_queries_never_panic(
        index in 0..400_usize,
        at in 0..200_usize,
        length in 0..12_usize,
        insert in "([\\[\\](){}\"'`#:$., <>=!+*/-]|rate|sum by|offset|or |and |bool|vector\\(0\\)|5m|1e|\\{\\{|é|_){0,3}",
    ) {
        let (_, mut case) = cases()[index].clone();
        let mut characters: Vec<char> = case.query.chars().collect();
        let at = at % (characters.len() + 1);
        let end = (at + length).min(characters.len());
        characters.splice(at..end, insert.chars());
        case.query = characters.into_iter().collect();
        let plan = case.plan(&[]);
        for problem in problems(case.load(&[])) {
            let span = problem.span.unwrap_or_default();
            proptest::prop_assert!(plan.get(span).is_some());
        }
    }
}

/// Warned about, and one finding that is accepted; nobody listens at the address.
const WARNED: &str = r#"release: r
source: { url: "http://127.0.0.1:1", timeout: 1s }
kpis:
  wait: { query: "max(queue_wait_seconds)", unit: milliseconds }
  errors: { query: "sum(rate(errors_total[5m])) or vector(0)", unit: per_second, accept: [never-empty] }
stages:
  - { name: s, window: 1h, exit: { kpis: { wait: "< 800", errors: "< 5" } } }
"#;

#[test]
fn m13_strict_fails_on_warnings_only() {
    let workplace = Workplace::with_plan(WARNED);
    let sentence = "this metric's name says seconds, but the unit is `milliseconds`";
    workplace.gate(&["validate", "plan.yaml"]).says(0, sentence);
    let strict = workplace.gate(&["validate", "plan.yaml", "--strict"]);
    strict.says(2, "valid, with 1 warning").says(2, sentence);
    let mended = WARNED.replace("milliseconds", "seconds");
    let workplace = Workplace::with_plan(&mended);
    workplace
        .gate(&["validate", "plan.yaml", "--strict"])
        .says(0, "valid (");
}

#[test]
fn m13_a_check_prints_and_keeps_warnings_and_every_report_shows_them() {
    let workplace = Workplace::with_plan(WARNED);
    let reports = ["html", "markdown", "junit", "github", "status"];
    let mut arguments = vec!["check", "plan.yaml", "--no-ledger"];
    let places: Vec<String> = reports
        .iter()
        .map(|kind| format!("{kind}=report.{kind}"))
        .collect();
    for place in &places {
        arguments.extend(["--report", place]);
    }
    let checked = workplace.gate(&arguments);
    checked.says(3, "warning[unit-name]");
    checked.says(3, "warning: plan.yaml:4:23: this metric's name says seconds, but the unit is `milliseconds` [unit-name]");
    checked.says(3, "accepted: errors never-empty");
    let json = std::fs::read_dir(workplace.path().join("plan.evidence"))
        .expect("evidence")
        .map(|entry| entry.expect("a file").path())
        .find(|path| path.extension().is_some_and(|ending| ending == "json"));
    let json = std::fs::read(json.expect("the record")).expect("the record");
    let evidence: Value = serde_json::from_slice(&json).expect("JSON");
    let warning = &evidence["warnings"][0];
    assert_eq!(
        (&warning["code"], &warning["line"], &warning["column"]),
        (&json!("unit-name"), &json!(4), &json!(23))
    );
    assert_eq!(
        evidence["accepted"],
        json!([{"kpi": "errors", "codes": ["never-empty"]}])
    );
    for kind in reports {
        let report =
            std::fs::read_to_string(workplace.path().join(format!("report.{kind}"))).expect(kind);
        let told = if kind == "status" {
            "the plan has 1 warning"
        } else {
            "name says seconds"
        };
        assert!(report.contains(told), "{kind}:\n{report}");
    }
}
