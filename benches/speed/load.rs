//! What is asked: samples for the server, plans for `gate`, the same requests for curl.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::exposition::Series;
use crate::support::kpis::END;
use crate::support::random::Random;

/// Points of each series, 30 s apart.
const POINTS: i64 = 2_880;
const STEP: i64 = 30;
/// Series that the server has.
const SERIES: usize = 1_000;

/// A set of KPIs.
pub struct Load {
    /// For people.
    pub name: String,
    /// One for each KPI.
    pub queries: Vec<String>,
    /// The label that distinguishes series, if there are several.
    pub per: Option<&'static str>,
    /// In all answers together.
    pub samples: u64,
}

/// Random walks with as many digits as rates have.
pub fn samples() -> Vec<Series> {
    (0..SERIES).map(walk).collect()
}

fn walk(index: usize) -> Series {
    let mut random = Random::named(&format!("walk {index}"));
    let mut value = 100.0;
    let points = (0..=POINTS + 10).rev().map(|ago| {
        value += random.normal();
        (END - ago * STEP, value)
    });
    let key = format!("x{{index=\"{index}\",group=\"{}\"}}", index / 50);
    Series::new(key, points)
}

/// The query for each series.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// An average over five minutes: the server works as hard as for most KPIs.
    Average,
    /// The bare samples: the server works as little as possible, so that `gate` weighs most.
    Bare,
}

impl Form {
    fn query(self, label: &str, value: usize) -> String {
        match self {
            Self::Average => format!("avg_over_time(x{{{label}=\"{value}\"}}[5m])"),
            Self::Bare => format!("x{{{label}=\"{value}\"}}"),
        }
    }
}

/// 500 KPIs of one series.
pub fn narrow(form: Form) -> Load {
    let queries = (0..500).map(|index| form.query("index", index));
    load(
        &format!("500 KPIs of one series, {form:?}"),
        queries.collect(),
        None,
        500,
    )
}

/// 20 KPIs of 50 series.
pub fn wide(form: Form) -> Load {
    let queries = (0..20).map(|group| form.query("group", group));
    load(
        &format!("20 KPIs of 50 series, {form:?}"),
        queries.collect(),
        Some("index"),
        1_000,
    )
}

/// One KPI of all series.
pub fn single_answer(query: &str) -> Load {
    let queries = vec![query.to_owned()];
    load(
        &format!("one KPI, {query}"),
        queries,
        Some("index"),
        SERIES as u64,
    )
}

fn load(name: &str, queries: Vec<String>, per: Option<&'static str>, series: u64) -> Load {
    Load {
        name: name.to_owned(),
        queries,
        per,
        samples: series * POINTS.unsigned_abs(),
    }
}

impl Load {
    /// The first point that is queried, in Unix seconds.
    pub fn start() -> i64 {
        END - (POINTS - 1) * STEP
    }

    /// The plan, and the same requests in curl's own format.
    pub fn write(&self, url: &str, folder: &Path) -> (PathBuf, PathBuf) {
        let (plan, requests) = (folder.join("plan.yaml"), folder.join("requests"));
        fs::write(&plan, self.plan()).expect("plan");
        fs::write(&requests, self.requests(url)).expect("requests");
        (plan, requests)
    }

    fn plan(&self) -> String {
        let window = (POINTS - 1) * STEP;
        let mut kpis = String::new();
        let mut exit = String::new();
        for (index, query) in self.queries.iter().enumerate() {
            let per = self
                .per
                .map_or(String::new(), |label| format!(", per: {label}"));
            let step = format!("step: {STEP}s");
            writeln!(kpis, "  k{index}: {{ query: '{query}', {step}{per} }}")
                .expect("write to a string");
            writeln!(exit, "        k{index}: \"< 1e9\"").expect("write to a string");
        }
        format!(
            "release: speed\nsource: http://127.0.0.1:9090\nkpis:\n{kpis}stages:\n  - name: all\n    window: {window}s\n    observe: trailing\n    exit:\n      kpis:\n{exit}"
        )
    }

    fn requests(&self, url: &str) -> String {
        let (start, step) = (Self::start(), STEP);
        let request = |query: &String| {
            let query = query.replace('"', "\\\"");
            format!(
                "url = \"{url}/api/v1/query_range\"\noutput = \"/dev/null\"\ndata-urlencode = \"query={query}\"\ndata = \"start={start}&end={END}&step={step}\"\n"
            )
        };
        let requests: Vec<String> = self.queries.iter().map(request).collect();
        requests.join("next\n")
    }
}
