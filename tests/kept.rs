//! Answers in the form in which checks and backtests keep them, made by hand, for `--replay`.

use std::collections::BTreeMap;

use gate::digest::sha256_hex;
use gate::evaluate::{GateRef, Request, questions};
use gate::plan::Plan;
use gate::samples::{Asked, Origin, Question, Reply, Series};
use gate::units::Instant;
use serde_json::{Value, json};

/// What was judged: by which plan, as of when, begun when, which gate.
pub struct Judged<'a> {
    /// As the plan's file is named.
    pub path: &'a str,
    /// What is in it.
    pub text: &'a str,
    /// The plan.
    pub plan: &'a Plan,
    /// T.
    pub at: Instant,
    /// S.
    pub started: Instant,
    /// `STAGE/KIND`.
    pub gate: &'a str,
}

impl Judged<'_> {
    /// What a check of the plan's first gate asks, without a ledger.
    pub fn questions(&self) -> Vec<Question> {
        let request = Request {
            at: self.at,
            started: Some(self.started),
            later_starts: BTreeMap::new(),
            later_checks: Vec::new(),
            later_holds: Vec::new(),
            trailing: false,
            gates: vec![GateRef { stage: 0, gate: 0 }],
            outlook: Vec::new(),
            ledger: None,
            plan_sha256: None,
            vars: Vec::new(),
            addresses: Vec::new(),
        };
        questions(self.plan, &request)
    }

    /// The file with these answers.
    pub fn with(&self, exchanges: &[(Question, Reply)]) -> String {
        let sources = self.plan.sources.iter().map(|source| {
            json!({"name": source.name, "url": "http://127.0.0.1:9090", "version": "2.53.0"})
        });
        let sources = Value::from(sources.collect::<Vec<_>>());
        let check = json!({
            "plan": {"path": self.path, "sha256": sha256_hex(&[self.text.as_bytes()])},
            "at": self.at,
            "started": self.started,
            "vars": [],
            "gates": [self.gate],
            "run": {"user": "tester", "host": "bench", "command": ["gate"]},
        });
        let answers: Vec<String> = exchanges.iter().map(entry).collect();
        let answers = answers.join(",\n");
        format!(
            "{{\"schema\":\"gate.answers/v1\",\n\"check\":{check},\n\"sources\":{sources},\n\"answers\":[\n{answers}\n]}}\n"
        )
    }
}

/// An answer. The times come before the series.
fn entry((question, reply): &(Question, Reply)) -> String {
    let Origin::Source(source) = &question.origin else {
        panic!("asked of no source: {question:?}");
    };
    let (times, series) = match question.asked {
        Asked::Range(grid) => {
            let on_grid = |one: &Series| {
                let mut values = vec![Value::Null; grid.count()];
                for point in &one.points {
                    let place = grid.position(point.at).expect("on the grid");
                    values[place] = Value::from(shown(point.value));
                }
                json!({"labels": one.labels, "values": values})
            };
            let (first, last) = (json!(grid.first()), json!(grid.last()));
            let step = grid.step().seconds();
            let times = format!("\"start\":{first},\"end\":{last},\"step\":{step}");
            (times, reply.series.iter().map(on_grid).collect::<Value>())
        }
        Asked::At(at) => {
            let one_value =
                |one: &Series| json!({"labels": one.labels, "value": shown(one.points[0].value)});
            let times = format!("\"at\":{}", json!(at));
            (times, reply.series.iter().map(one_value).collect())
        }
        Asked::Captured(_) => panic!("asked of a file: {question:?}"),
    };
    let (source, query) = (json!(source), json!(question.query));
    format!("{{\"source\":{source},\"query\":{query},{times},\"series\":{series}}}")
}

fn shown(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    format!("{value:?}")
}
