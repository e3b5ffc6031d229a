//! R1 to R8: KPIs that are ratios of events, from the text of a plan to the outcome. Test code only.

mod lookback;
mod points;
mod properties;
mod reducers;
mod spans;

use super::scene::{T, series};
use super::*;
use crate::assessment::CriterionAssessment;

/// Samples a minute apart, the last at the end of what is asked.
type Samples = Vec<Option<f64>>;

/// A plan with one condition on a ratio, and what its two queries find.
struct Case {
    /// Keys of the KPI besides `ratio`.
    keys: &'static str,
    /// Which part is written.
    part: &'static str,
    list: List,
    condition: &'static str,
    window: &'static str,
    /// How long ago the stage began, in minutes.
    started: Option<i64>,
    errors: Vec<Samples>,
    total: Vec<Samples>,
    guard: Samples,
    /// The same for a baseline, where they differ.
    baseline: Option<(Samples, Samples)>,
    warned: Option<&'static str>,
}

/// An exit over ten minutes, with this many errors a second at each of its points, and these of all.
fn exit(condition: &'static str, errors: Samples, total: Samples) -> Case {
    Case {
        keys: "objective: 99%",
        part: "errors",
        list: List::Exit,
        condition,
        window: "10m",
        started: Some(10),
        errors: vec![errors],
        total: vec![total],
        guard: Vec::new(),
        baseline: None,
        warned: None,
    }
}

fn stop(condition: &'static str, errors: Samples, total: Samples) -> Case {
    Case {
        list: List::Stop,
        ..exit(condition, errors, total)
    }
}

fn flat(value: f64) -> Samples {
    vec![Some(value); 11]
}

fn with(mut samples: Samples, changes: &[(usize, Option<f64>)]) -> Samples {
    for (position, value) in changes {
        samples[*position] = *value;
    }
    samples
}

impl Case {
    fn plan(&self) -> Plan {
        let Self {
            keys,
            part,
            condition,
            window,
            ..
        } = self;
        let list = self.list.word();
        let more = if self.list == List::Exit {
            ""
        } else {
            ", exit: {confirmations: [lead]}"
        };
        let window_of = if keys.contains("in_window") {
            ("e[$window]", "n[$window]")
        } else {
            ("e[5m]", "n[5m]")
        };
        let (e, n) = window_of;
        let keys = keys.replace("in_window", "description: one number");
        let text = format!(
            "release: shop\nsource: http://h:9090\nkpis:\n  rate: {{ratio: {{{part}: 'sum by (site) (rate({e}))', total: 'sum by (site) (rate({n}))'}}, step: 1m, {keys}}}\n\
stages:\n  - {{name: pilot, window: {window}, {list}: {{kpis: {{rate: '{condition}'}}}}{more}}}\n"
        );
        match load(text.as_bytes(), &Options::default()) {
            Ok(loaded) => loaded.plan,
            Err(problems) => panic!("{text}\n{problems:#?}"),
        }
    }

    fn request(&self) -> Request {
        let started = self.started.map(|ago| Instant::from_secs(T - 60 * ago));
        Request {
            started,
            ..super::scene::exit(super::scene::below_5(), Vec::new()).request()
        }
    }

    fn answer(&self, question: &Question) -> Reply {
        let ends = match &question.asked {
            Asked::Range(grid) => grid.last(),
            Asked::At(at) => *at,
            Asked::Captured(_) => Instant::from_secs(0),
        };
        let is_baseline = ends < Instant::from_secs(T) || question.query.contains("base");
        let of_events = question.query.contains("(n");
        let found: Vec<&Samples> = match &self.baseline {
            _ if question.query.contains("guard") => vec![&self.guard],
            Some((errors, total)) if is_baseline => vec![if of_events { total } else { errors }],
            _ if of_events => self.total.iter().collect(),
            _ => self.errors.iter().collect(),
        };
        let sites = found.iter().enumerate();
        let all = sites.map(|(site, samples)| {
            let one_number = matches!(question.asked, Asked::At(_));
            let from = if one_number {
                samples.len().saturating_sub(1)
            } else {
                0
            };
            series(&format!("s{site}"), &samples[from..], question)
        });
        let warned = self.warned.filter(|part| question.query.contains(part));
        Reply {
            series: all.filter(|one| !one.points.is_empty()).collect(),
            warnings: warned
                .map(|_| "partial response".to_owned())
                .into_iter()
                .collect(),
            ..Reply::default()
        }
    }

    fn criterion(&self) -> CriterionAssessment {
        let (plan, request) = (self.plan(), self.request());
        let asked = questions(&plan, &request).into_iter();
        let observations: Observations = asked
            .map(|question| {
                let reply = self.answer(&question);
                (question, Ok(reply))
            })
            .collect();
        let mut gate = assess(&plan, &request, &observations).gates.remove(0);
        let of_kpi = gate.criteria.iter().position(|one| one.kpi.is_some());
        gate.criteria.remove(of_kpi.expect("a KPI"))
    }

    fn outcome(&self) -> (Outcome, &'static str) {
        let criterion = self.criterion();
        (criterion.outcome, criterion.code.word())
    }

    fn reason(&self) -> String {
        self.criterion().reason
    }

    fn value(&self) -> Option<f64> {
        let kpi = self.criterion().kpi?;
        kpi.series.first()?.value
    }
}
