//! `docs/conditions.md`: each row of its tables, judged by the program.

use std::fs;

use gate::plan::{Options, load};
use gate::samples::{Asked, Labels, Point, Question, Reply, Series};
use gate::units::{Duration, Instant};

use crate::kept::Judged;
use crate::support::program::Workplace;
use crate::support::scenario::repository;

const T0: i64 = 1_762_128_000;
const MINUTE: i64 = 60;

/// A row: what was measured, and what is said of it.
#[derive(Debug)]
struct Example {
    /// By the name of the column, without the last ones.
    cells: Vec<(String, String)>,
}

impl Example {
    fn cell(&self, name: &str) -> Option<&str> {
        let cell = self.cells.iter().find(|(of, _)| of == name)?;
        Some(cell.1.trim_matches('`'))
    }

    fn said(&self, name: &str) -> &str {
        let cell = self.cell(name);
        cell.unwrap_or_else(|| panic!("no column `{name}`: {self:?}"))
    }

    /// One value a minute: `10 × 1, -, NaN`.
    fn points(&self, name: &str) -> Option<Vec<Option<f64>>> {
        let run = |run: &str| {
            let (count, value) = run.split_once(" × ").unwrap_or(("1", run));
            let value = (value != "-").then(|| value.parse().expect("a number"));
            vec![value; count.parse().expect("a count")]
        };
        Some(self.cell(name)?.split(", ").flat_map(run).collect())
    }

    fn length(&self) -> i64 {
        let points = self.points("samples").or_else(|| self.points("total"));
        i64::try_from(points.expect("samples").len()).expect("few") - 1
    }

    fn plan(&self) -> String {
        let of = match (self.cell("errors"), self.cell("baseline")) {
            (Some(_), _) => {
                "unit: ratio, objective: 99.9%, ratio: { errors: errors, total: total }"
            }
            (None, Some(_)) => {
                "query: '{track=\"$track\"}', baseline: { vars: { track: baseline } }"
            }
            (None, None) => "query: samples",
        };
        let (list, condition) = (self.said("in"), self.said("condition"));
        let asked = format!("kpis: {{ kpi: \"{condition}\" }}");
        let gates = match list {
            "stop" => format!("stop: {{ {asked} }}, exit: {{ confirmations: [done] }}"),
            _ => format!("exit: {{ {asked} }}"),
        };
        format!(
            "release: r\nsource: http://127.0.0.1:9090\nvars: {{ track: samples }}\nkpis: {{ kpi: {{ {of}, step: 1m }} }}\n\
             stages: [{{ name: a, window: {}m, {gates} }}]\n",
            self.length()
        )
    }

    fn answer(&self, question: &Question) -> Reply {
        let columns = ["samples", "baseline", "errors", "total"];
        let asked = columns.iter().find(|name| question.query.contains(**name));
        let points = self.points(asked.expect("a column")).expect("its points");
        let Asked::Range(grid) = question.asked else {
            panic!("{question:?}");
        };
        let first = Instant::from_secs(T0 - self.length() * MINUTE);
        let value = |at: Instant| {
            let place = usize::try_from((at.millis() - first.millis()) / 1000 / MINUTE).ok()?;
            let value = points.get(place).copied().flatten()?;
            Some(Point { at, value })
        };
        let points = (0..grid.count()).filter_map(|place| value(grid.at(place)));
        Reply {
            series: vec![Series {
                labels: Labels::default(),
                points: points.collect(),
            }],
            ..Reply::default()
        }
    }

    /// The outcome of its condition.
    fn judged(&self) -> (String, String) {
        let text = self.plan();
        let plan = load(text.as_bytes(), &Options::default());
        let plan = plan
            .unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"))
            .plan;
        let at = Instant::from_secs(T0);
        let started = at - Duration::from_secs(self.length() * MINUTE);
        let judged = Judged {
            path: "plan.yaml",
            text: &text,
            plan: &plan,
            at,
            started,
            gate: "a/exit",
        };
        let answered = judged.questions().into_iter().map(|question| {
            let reply = self.answer(&question);
            (question, reply)
        });
        let answered: Vec<_> = answered.collect();
        let place = Workplace::with_plan(&text);
        place.write("kept.json", judged.with(&answered));
        let arguments = [
            "check",
            "plan.yaml",
            "--replay",
            "kept.json",
            "--evidence",
            "plan.evidence",
        ];
        let ran = place.gate(&arguments);
        assert!(ran.code <= 4 && ran.code != 2, "{text}\n{}", ran.err);
        let evidence = place.evidence();
        let criteria = evidence["gates"][0]["criteria"]
            .as_array()
            .expect("criteria")
            .clone();
        let kpi = criteria
            .into_iter()
            .find(|one| one["kind"] == "kpis")
            .expect("the condition");
        let word = |key: &str| kpi[key].as_str().unwrap_or_default().to_owned();
        (word("outcome"), word("reason"))
    }
}

/// The rows of every table that has a column `outcome`.
fn examples(page: &str) -> Vec<Example> {
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim_matches('|').split('|');
        inner.map(|cell| cell.trim().to_owned()).collect()
    };
    let (mut header, mut found) = (Vec::new(), Vec::new());
    for line in page.lines() {
        match line.starts_with('|') {
            false => header.clear(),
            true if header.is_empty() => header = cells(line),
            true if line.starts_with("| ---") => {}
            true => {
                let row = header.iter().cloned().zip(cells(line));
                found.push(Example {
                    cells: row.collect(),
                });
            }
        }
    }
    found.retain(|one| one.cell("outcome").is_some());
    found
}

#[test]
fn each_example_of_a_condition_turns_out_as_the_page_says() {
    let page = fs::read_to_string(repository().join("docs/conditions.md")).expect("the page");
    let examples = examples(&page);
    assert!(examples.len() > 25, "{}", examples.len());
    let wrong = examples.iter().filter_map(|example| {
        let (outcome, reason) = example.judged();
        let is_so = outcome == example.said("outcome");
        (!is_so).then(|| format!("{:?}\n  is {outcome}: {reason}", example.cells))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
