//! Scenes for the rules: one condition on one KPI at one gate, described by what differs from the ordinary.

use crate::assessment::{CriterionAssessment, GateAssessment, Outcome};
use crate::evaluate::*;
use crate::kind::{GateKind, List};
use crate::plan::criteria::{Ask, Criterion, KpiAsk};
use crate::plan::*;
use crate::samples::*;
use crate::units::{Duration, Finite, Instant, Share, Unit};

/// T: 2026-11-20T00:00:00Z.
pub(super) const T: i64 = 1_795_132_800;
pub(super) const MIN: i64 = 60;
/// The window, and the grid points in it: ten minutes at one minute, both ends in.
pub(super) const W: i64 = 10 * MIN;
pub(super) const N: usize = 11;

/// One condition on one KPI, described by what differs from the ordinary.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a scene is a handful of switches"
)]
pub(super) struct Scene {
    pub(super) list: List,
    pub(super) condition: Condition,
    pub(super) per: Option<&'static str>,
    pub(super) expected: Option<Vec<String>>,
    pub(super) guard: bool,
    pub(super) unit: Unit,
    pub(super) accept: Vec<Accept>,
    pub(super) missing: Missing,
    pub(super) continuity: Continuity,
    pub(super) active: Share,
    pub(super) quiet: Quiet,
    pub(super) coverage: Share,
    pub(super) max_age: Option<Duration>,
    pub(super) baseline: Option<Baseline>,
    pub(super) baseline_as: Option<BaselineAs>,
    pub(super) instant: bool,
    /// What the span of an instant query holds, series by series; one point a minute.
    pub(super) companion_samples: Vec<Vec<Option<f64>>>,
    /// The same for the span of its baseline.
    pub(super) baseline_behind: Vec<Option<f64>>,
    /// The guard of each site, where it is not one for all.
    pub(super) guard_by_site: Vec<Vec<Option<f64>>>,
    /// Whether the guard uses `$window`, and what it is compared with.
    pub(super) guard_in_window: bool,
    pub(super) guard_is: (Comparison, f64),
    /// Whether its guard asks how old samples are.
    pub(super) guard_tells_age: bool,
    pub(super) delay: Duration,
    pub(super) started: Option<i64>,
    pub(super) settle: i64,
    pub(super) samples: Vec<Vec<Option<f64>>>,
    pub(super) baseline_samples: Vec<Option<f64>>,
    /// The baseline of each site, and what lies behind its number, where it is not one for all.
    pub(super) baseline_by_site: Vec<Vec<Option<f64>>>,
    pub(super) guard_samples: Vec<Option<f64>>,
    pub(super) warnings: Vec<String>,
    /// What a captured baseline says that it holds: the value's query and unit, the guard's query.
    pub(super) captured: Option<(&'static str, Option<Unit>, &'static str)>,
}

pub(super) fn finite(value: f64) -> Finite {
    Finite::new(value).expect("finite")
}

pub(super) fn condition(
    reducer: Option<Reducer>,
    comparison: Comparison,
    bound: f64,
    hold: Option<Hold>,
) -> Condition {
    Condition {
        text: "as written".into(),
        reducer,
        comparison,
        bound: Bound::Fixed(finite(bound)),
        hold,
        at: None,
        of_errors: false,
    }
}

pub(super) fn below_5() -> Condition {
    condition(None, Comparison::Less, 5.0, None)
}

pub(super) fn above_5() -> Condition {
    condition(None, Comparison::Greater, 5.0, None)
}

pub(super) fn minutes(count: i64) -> Duration {
    Duration::from_secs(count * MIN)
}

pub(super) fn exit(condition: Condition, samples: Vec<Option<f64>>) -> Scene {
    Scene {
        list: List::Exit,
        condition,
        per: None,
        expected: None,
        guard: false,
        unit: Unit::None,
        accept: Vec::new(),
        missing: Missing::Hold,
        continuity: Continuity::Each,
        active: Share::DEFAULT_ACTIVE,
        quiet: Quiet::Hold,
        coverage: Share::DEFAULT_COVERAGE,
        max_age: None,
        baseline: None,
        baseline_as: None,
        instant: false,
        companion_samples: vec![flat(1.0)],
        baseline_behind: flat(1.0),
        guard_by_site: Vec::new(),
        guard_in_window: false,
        guard_tells_age: false,
        guard_is: (Comparison::GreaterOrEqual, 1.0),
        delay: Duration::ZERO,
        started: Some(W),
        settle: 0,
        samples: vec![samples],
        baseline_samples: Vec::new(),
        baseline_by_site: Vec::new(),
        guard_samples: Vec::new(),
        warnings: Vec::new(),
        captured: None,
    }
}

pub(super) fn stop(condition: Condition, samples: Vec<Option<f64>>) -> Scene {
    Scene {
        list: List::Stop,
        ..exit(condition, samples)
    }
}

pub(super) fn flat(value: f64) -> Vec<Option<f64>> {
    vec![Some(value); N]
}

pub(super) fn with(
    mut samples: Vec<Option<f64>>,
    changes: &[(usize, Option<f64>)],
) -> Vec<Option<f64>> {
    for (position, value) in changes {
        samples[*position] = *value;
    }
    samples
}

impl Scene {
    /// As the plan would have it, where `as` is not written.
    fn baseline_as(&self) -> BaselineAs {
        let unwritten = match (self.condition.reducer, &self.baseline) {
            (Some(reducer), _) => BaselineAs::One(reducer),
            (None, Some(Baseline::Offset(_) | Baseline::Vars { .. })) => BaselineAs::Points,
            (None, _) => BaselineAs::One(Reducer::Median),
        };
        self.baseline_as.unwrap_or(unwritten)
    }

    pub(super) fn plan(&self) -> Plan {
        let kpi = Kpi {
            name: "error_rate".into(),
            title: None,
            unit: self.unit,
            accept: self.accept.clone(),
            per: self.per.map(str::to_owned),
            source: "default".into(),
            coverage: self.coverage,
            active: self.active,
            quiet: self.quiet,
            max_age: self.max_age,
            missing: self.missing,
            continuity: self.continuity,
            delay: self.delay,
            step: None,
            ..blank_kpi()
        };
        let guard = PlainCondition {
            comparison: self.guard_is.0,
            bound: finite(self.guard_is.1),
        };
        let guard_query = if self.guard_in_window {
            vec!["guard[".to_owned(), "]".to_owned()]
        } else {
            vec!["guard".to_owned()]
        };
        let query = if self.instant {
            vec!["max_over_time(x[".to_owned(), "])".to_owned()]
        } else {
            vec!["x".to_owned()]
        };
        let ask = KpiAsk {
            kpi,
            query: Query { pieces: query },
            part: None,
            guard: self.guard.then_some(Guard {
                query: Query {
                    pieces: guard_query,
                },
                is: guard,
                tells_age: self.guard_tells_age,
            }),
            condition: self.condition.clone(),
            expected: self.expected.clone(),
            baseline: self.baseline.clone(),
            baseline_as: self.baseline_as(),
            step: minutes(1),
        };
        let mut criteria = vec![Criterion {
            list: self.list,
            ask: Ask::Kpi(Box::new(ask)),
        }];
        if self.list == List::Stop || self.list == List::Watch {
            criteria.push(always_met());
        }
        plan_of(
            self.settle,
            if self.list == List::Entry {
                GateKind::Entry
            } else {
                GateKind::Exit
            },
            criteria,
        )
    }

    pub(super) fn request(&self) -> Request {
        Request {
            later_starts: std::collections::BTreeMap::new(),
            later_checks: Vec::new(),
            later_holds: Vec::new(),
            outlook: Vec::new(),
            trailing: false,
            at: Instant::from_secs(T),
            started: self.started.map(|ago| Instant::from_secs(T - ago)),
            gates: vec![GateRef { stage: 0, gate: 0 }],
            ledger: None,
            plan_sha256: None,
            vars: Vec::new(),
            addresses: Vec::new(),
        }
    }

    /// Series end at T, one point a minute; a baseline ends where its grid does.
    pub(super) fn observations(&self) -> Observations {
        self.observed(&self.plan())
    }

    /// The same for a plan that differs from the scene's.
    pub(super) fn observed(&self, plan: &Plan) -> Observations {
        let answer = |question: &Question| {
            let series = match question.query.as_str() {
                "guard" if !self.guard_by_site.is_empty() => sites(&self.guard_by_site, question),
                "guard" => vec![series("", &self.guard_samples, question)],
                _ if !self.baseline_by_site.is_empty() && is_baseline(question) => {
                    self.baseline_sites(question)
                }
                _ if is_captured_points(question) => {
                    vec![series("", &self.baseline_behind, question)]
                }
                _ if self.instant && matches!(question.asked, Asked::Range(_)) => {
                    if is_baseline(question) {
                        vec![series("", &self.baseline_behind, question)]
                    } else {
                        sites(&self.companion_samples, question)
                    }
                }
                query if query.starts_with("guard[") => {
                    vec![series("", &self.guard_samples, question)]
                }
                "good" => vec![series("", &flat(1.0), question)],
                _ if self.baseline.is_some() && is_baseline(question) => {
                    vec![series("", &self.baseline_samples, question)]
                }
                _ => sites(&self.samples, question),
            };
            let series = series
                .into_iter()
                .filter(|series: &Series| !series.points.is_empty())
                .collect();
            Ok(Reply {
                series,
                warnings: self.warnings.clone(),
                captured: self.captured(question),
                grid: self.captured_grid(question),
                ..Reply::default()
            })
        };
        questions(plan, &self.request())
            .into_iter()
            .map(|question| {
                let reply = answer(&question);
                (question, reply)
            })
            .collect()
    }

    /// The baselines of the sites: points, or of a query over the window numbers and what lies behind them.
    fn baseline_sites(&self, question: &Question) -> Vec<Series> {
        let is_range = matches!(question.asked, Asked::Range(_));
        if self.instant && !is_range && !is_captured_points(question) {
            let numbers = vec![vec![Some(1.0)]; self.baseline_by_site.len()];
            return sites(&numbers, question);
        }
        sites(&self.baseline_by_site, question)
    }

    /// The points that a file holds: of a query over the window, one.
    fn captured_grid(&self, question: &Question) -> Option<Grid> {
        let Asked::Captured(name) = &question.asked else {
            return None;
        };
        let is_point = self.instant && !name.contains(' ');
        let (end, point) = (Instant::from_secs(T), Duration::from_millis(1));
        let point = Grid::inside(end, end, point);
        Some(point.filter(|_| is_point).unwrap_or_else(grid))
    }

    fn captured(&self, question: &Question) -> Option<Captured> {
        let Asked::Captured(name) = &question.asked else {
            return None;
        };
        let (query, unit, guard) = self.captured?;
        let is_guard = name.contains(' ');
        Some(Captured {
            query: (if is_guard { guard } else { query }).to_owned(),
            unit: unit.filter(|_| !is_guard),
            release: "checkout v1".to_owned(),
            at: Instant::from_secs(T - 3_600),
        })
    }

    pub(super) fn assessed(&self) -> GateAssessment {
        assess(&self.plan(), &self.request(), &self.observations())
            .gates
            .remove(0)
    }

    pub(super) fn criterion(&self) -> CriterionAssessment {
        self.assessed().criteria.remove(0)
    }

    pub(super) fn outcome(&self) -> (Outcome, &'static str) {
        let criterion = self.criterion();
        assert!(!criterion.reason.is_empty());
        (criterion.outcome, criterion.code.word())
    }
}

fn is_captured_points(question: &Question) -> bool {
    matches!(&question.asked, Asked::Captured(name) if name.ends_with(" points"))
}

/// The grid of the judged points.
fn grid() -> Grid {
    let end = Instant::from_secs(T);
    Grid::inside(end - Duration::from_secs(W), end, minutes(1)).expect("points")
}

/// A series for each of these, told apart by `site`.
fn sites(samples: &[Vec<Option<f64>>], question: &Question) -> Vec<Series> {
    let sites = samples.iter().enumerate();
    sites
        .map(|(site, samples)| series(&format!("s{site}"), samples, question))
        .collect()
}

pub(super) fn is_baseline(question: &Question) -> bool {
    match &question.asked {
        Asked::Range(grid) => grid.last() < Instant::from_secs(T),
        Asked::At(at) => *at < Instant::from_secs(T),
        Asked::Captured(_) => true,
    }
}

pub(super) fn series(label: &str, samples: &[Option<f64>], question: &Question) -> Series {
    let last = match &question.asked {
        Asked::Range(grid) => grid.last(),
        Asked::At(at) => *at,
        Asked::Captured(_) => Instant::from_secs(T),
    };
    let at = |position: usize| {
        last - minutes(i64::try_from(samples.len() - 1 - position).expect("small"))
    };
    let points = samples.iter().enumerate().filter_map(|(i, value)| {
        Some(Point {
            at: at(i),
            value: (*value)?,
        })
    });
    let labels: Labels = [("site".to_owned(), label.to_owned())]
        .into_iter()
        .collect();
    Series {
        labels,
        points: points.collect(),
    }
}

pub(super) fn blank_kpi() -> Kpi {
    Kpi {
        name: String::new(),
        title: None,
        unit: Unit::None,
        ratio: None,
        per: None,
        source: "default".into(),
        delay: Duration::ZERO,
        lookback: None,
        coverage: Share::DEFAULT_COVERAGE,
        active: Share::DEFAULT_ACTIVE,
        quiet: Quiet::Hold,
        max_age: None,
        missing: Missing::Hold,
        continuity: Continuity::Each,
        accept: Vec::new(),
        step: None,
        details: crate::plan::KpiDetails::default(),
    }
}

/// An exit criterion that holds, so that a gate with a stop has something to be met.
pub(super) fn always_met() -> Criterion {
    let ask = KpiAsk {
        kpi: blank_kpi(),
        query: Query::plain("good"),
        part: None,
        guard: None,
        condition: below_5(),
        expected: None,
        baseline: None,
        baseline_as: BaselineAs::Points,
        step: minutes(1),
    };
    Criterion {
        list: List::Exit,
        ask: Ask::Kpi(Box::new(ask)),
    }
}

pub(super) fn plan_of(settle: i64, kind: GateKind, criteria: Vec<Criterion>) -> Plan {
    let window = Some(Duration::from_secs(W));
    let stage = Stage {
        name: "pilot".into(),
        title: None,
        kind: None,
        traffic: None,
        cohort: Vec::new(),
        window,
        settle: Duration::from_secs(settle),
        observe: Observe::SinceStart,
        deadline: None,
        after: None,
        details: crate::plan::StageDetails::default(),
        gates: vec![Gate {
            kind,
            window,
            valid: Duration::from_secs(86_400),
            criteria,
        }],
    };
    Plan {
        records: crate::plan::Records::default(),
        notify: Vec::new(),
        release: Release::default(),
        sources: Vec::new(),
        vars: Vec::new(),
        rollback: Vec::new(),
        stages: vec![stage],
        trust: crate::plan::Trust::default(),
        kpis: Vec::new(),
    }
}

/// `for N points` of a stop, `but N points` of anything else.
pub(super) fn points(list: List, count: u32) -> Hold {
    let count = std::num::NonZeroU32::new(count).expect("at least one");
    match list {
        List::Stop => Hold::Points(count),
        List::Entry | List::Exit | List::Recovery | List::Watch => Hold::But(count),
    }
}
