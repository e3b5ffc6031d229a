//! Checks made by hand, like those of a real rollout: the snapshots show them. Test code only.

mod people;

pub(crate) use people::{outstanding, overridden, paused, rolled_back, tripped_before};

use crate::assessment::{
    Breach, Code, CompanionSeen, Counts, CriterionAssessment, GateAssessment, KpiAssessment,
    Outcome, PointCount, SeriesAssessment, Summary, Window,
};
use crate::evidence::{AcceptedCodes, Answers, Evidence, PlanSeen};
use crate::kind::{CriterionKind, GateKind, List};
use crate::plan::{
    Accept, Lint, Observe, PlanWarning, ProblemCode, Reducer, Release, RollbackStep, Variable,
};
use crate::provenance::RunIdentity;
use crate::rollout::{Next, steps};
use crate::samples::{FailureCode, SourceSeen};
use crate::units::{Duration, Finite, Instant, Unit};
use crate::verdict::Verdict;

/// 2026-11-20T14:00:00Z.
pub(crate) const T: Instant = Instant::from_secs(1_795_183_200);

/// Every scenario with its name.
pub(crate) fn all() -> Vec<(&'static str, Evidence)> {
    vec![
        ("go", go()),
        ("no-go-several-series", no_go()),
        ("hold-window-incomplete", hold_incomplete()),
        ("hold-source-unreachable", hold_unreachable()),
        ("stop-with-rollback", stop()),
        ("hostile-texts", hostile()),
        ("outstanding", outstanding()),
        ("no-go-overridden", overridden()),
        ("stop-tripped-before", tripped_before()),
        ("paused", paused()),
        ("rolled-back", rolled_back()),
    ]
}

/// Those in which people take part.
pub(crate) fn people() -> Vec<(&'static str, Evidence)> {
    let names = [
        "outstanding",
        "no-go-overridden",
        "stop-tripped-before",
        "paused",
        "rolled-back",
    ];
    let mut all = all();
    all.retain(|(name, _)| names.contains(name));
    all
}

pub(crate) fn hours(count: i64) -> Duration {
    Duration::from_secs(count * 3600)
}

fn window(observed: i64, length: i64) -> Window {
    let start = T - hours(observed);
    Window {
        observe: Some(Observe::SinceStart),
        start,
        end: T,
        length: hours(length),
        started: Some(start - Duration::from_secs(600)),
        ended: None,
        complete: observed >= length,
        completes_at: Some(start + hours(length)),
    }
}

/// 48 buckets around a level, with a swell in the middle.
fn swell(level: f64, peak: f64) -> Vec<Option<f64>> {
    (0..48)
        .map(|i| {
            let near = 1.0 - (f64::from(i) - 30.0).abs() / 18.0;
            Some(level + (peak - level) * near.max(0.0).powi(2))
        })
        .collect()
}

pub(crate) fn series(
    per: Option<&str>,
    outcome: Outcome,
    value: f64,
    bound: f64,
) -> SeriesAssessment {
    let labels = per.iter().map(|per| ("site".to_owned(), (*per).to_owned()));
    SeriesAssessment {
        labels: labels.collect(),
        per: per.map(str::to_owned),
        outcome,
        code: if outcome == Outcome::Met {
            Code::Met
        } else {
            Code::Breach
        },
        reason: "see the criterion".to_owned(),
        value: Some(value),
        value_at: None,
        bound: Some(bound),
        baseline: None,
        partners: None,
        of_budget: false,
        events: None,
        points: PointCount {
            expected: 2881,
            measured: 2868,
            quiet: 0,
        },
        summary: Some(Summary {
            min: value * 0.2,
            mean: value * 0.4,
            max: value,
            last: value * 0.3,
        }),
        breaches: Vec::new(),
        gaps: Vec::new(),
        approach: None,
        certainty: None,
        trend: swell(value * 0.3, value),
    }
}

pub(crate) fn kpi(
    unit: Unit,
    reducer: Option<Reducer>,
    series: Vec<SeriesAssessment>,
) -> KpiAssessment {
    KpiAssessment {
        query: "sum(rate(x[5m]))".to_owned(),
        ratio: None,
        source: "default".to_owned(),
        companion: None,
        unit,
        reducer,
        baseline_as: None,
        start: T - hours(48),
        end: T,
        step: Some(Duration::from_secs(60)),
        decisive: if series.is_empty() { None } else { Some(0) },
        series,
    }
}

pub(crate) fn criterion(
    list: List,
    name: &str,
    condition: &str,
    kpi: KpiAssessment,
) -> CriterionAssessment {
    let (outcome, code, reason) = if list == List::Stop {
        (Outcome::Clear, Code::Clear, "no point satisfied it")
    } else {
        (
            Outcome::Met,
            Code::Met,
            "all 2868 measured points satisfy it",
        )
    };
    CriterionAssessment {
        list,
        kind: CriterionKind::Kpis,
        name: name.to_owned(),
        title: None,
        condition: Some(condition.to_owned()),
        outcome,
        code,
        reason: reason.to_owned(),
        notes: Vec::new(),
        based_on: Vec::new(),
        link: None,
        next_step: None,
        kpi: Some(kpi),
    }
}

fn judged(
    mut criterion: CriterionAssessment,
    outcome: Outcome,
    code: Code,
    reason: &str,
) -> CriterionAssessment {
    (criterion.outcome, criterion.code, criterion.reason) = (outcome, code, reason.to_owned());
    criterion
}

fn latency() -> CriterionAssessment {
    let sites = vec![
        series(Some("LEJ2"), Outcome::Met, 14_000.0, 14_400.0),
        series(Some("BER1"), Outcome::Met, 9_000.0, 14_400.0),
    ];
    criterion(
        List::Exit,
        "order_to_ship_p95",
        "< 4h for 99%",
        kpi(Unit::Seconds, None, sites),
    )
}

fn labels() -> CriterionAssessment {
    let p05 = Finite::new(99.9).map(Reducer::Percentile);
    let only = vec![series(None, Outcome::Met, 0.9971, 0.995)];
    criterion(
        List::Exit,
        "label_success_rate",
        "p99.9 >= 99.5%",
        kpi(Unit::Ratio, p05, only),
    )
}

fn exceptions() -> CriterionAssessment {
    let only = vec![series(None, Outcome::Met, 0.0262, 0.03)];
    criterion(
        List::Exit,
        "exception_rate",
        "< 3%",
        kpi(Unit::Ratio, None, only),
    )
}

fn stops() -> Vec<CriterionAssessment> {
    let mut brief = series(None, Outcome::Clear, 0.061, 0.05);
    brief.breaches.push(Breach {
        start: T - hours(18),
        end: T - hours(18) + Duration::from_secs(240),
        worst: 0.061,
    });
    let errors = criterion(
        List::Stop,
        "integration_5xx_rate",
        "> 5% for 10m",
        kpi(Unit::Ratio, None, vec![brief]),
    );
    let errors = judged(
        errors,
        Outcome::Clear,
        Code::Clear,
        "above 5% for 4m at most (2026-11-19T20:00:00Z to 20:04:00Z), 10m are needed",
    );
    let mut conversion = series(None, Outcome::Clear, 0.031, 0.027_9);
    conversion.baseline = Some(0.031);
    let conversion = criterion(
        List::Stop,
        "conversion_rate",
        "< baseline - 10% for 15m",
        kpi(Unit::Ratio, None, vec![conversion]),
    );
    vec![errors, conversion]
}

fn watched() -> CriterionAssessment {
    let mut late = series(None, Outcome::Unmet, 1_260.0, 900.0);
    late.breaches.push(Breach {
        start: T - hours(3),
        end: T - hours(2),
        worst: 1_260.0,
    });
    let watched = criterion(
        List::Watch,
        "webhook_age",
        "< 15m",
        kpi(Unit::Seconds, None, vec![late]),
    );
    judged(
        watched,
        Outcome::Unmet,
        Code::Breach,
        "61 of 2868 measured points are at or above 15m, worst 21m at 2026-11-20T11:31:00Z",
    )
}

fn gate(
    stage: &str,
    kind: GateKind,
    verdict: Verdict,
    window: Option<Window>,
    criteria: Vec<CriterionAssessment>,
) -> GateAssessment {
    GateAssessment {
        stage: stage.to_owned(),
        title: Some("Pilot site Berlin".to_owned()),
        traffic: Some("5%".to_owned()),
        kind,
        verdict,
        counts: Counts::of(&criteria),
        window,
        verdict_without_approvals: verdict,
        overridden: None,
        look: false,
        outlook: false,
        flags: Vec::new(),
        after_stop: None,
        criteria,
    }
}

pub(crate) fn evidence(gates: Vec<GateAssessment>) -> Evidence {
    let next = gates.first().map(|gate| {
        Next::new(
            steps::check(&gate.name()),
            "once what is open can be decided",
        )
    });
    Evidence {
        watch: None,
        tool_version: "0.1.0".to_owned(),
        evaluated_at: T,
        started: Some(T - hours(49)),
        verdict: gates
            .iter()
            .map(|gate| gate.verdict)
            .max()
            .unwrap_or(Verdict::Hold),
        plan: PlanSeen {
            path: "rollout-plans/logistics.yaml".to_owned(),
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            copy: crate::evidence::PlanCopy::Kept("20261120T140000Z-go.plan.yaml".to_owned()),
            release: Release {
                name: "R1.0".to_owned(),
                version: Some("1.0.0".to_owned()),
                ..Release::default()
            },
        },
        vars: vec![Variable {
            name: "env".to_owned(),
            values: vec!["prod".to_owned()],
        }],
        answers: Answers::Kept {
            path: "20261120T140000Z-go.answers.json.gz".to_owned(),
            sha256: "0".repeat(64),
        },
        run: RunIdentity {
            user: "ana".to_owned(),
            host: "build-7".to_owned(),
            ci: None,
            commit: Some("4f2c1d".to_owned()),
            command: vec!["gate".to_owned(), "check".to_owned()],
        },
        asked: vec!["default=https://prometheus.example.com".to_owned()],
        sources: vec![SourceSeen {
            name: "default".to_owned(),
            url: "http://prometheus.example.com:9090".to_owned(),
            version: Some("3.5.3".to_owned()),
            ..SourceSeen::default()
        }],
        gates,
        next,
        ledger: None,
        accept_overrides: false,
        warnings: Vec::new(),
        accepted: Vec::new(),
        baselines: Vec::new(),
        plan_changes: Vec::new(),
        rollback: vec![
            RollbackStep {
                action: "Disable flag shipping.v2".to_owned(),
                owner: Some("@ops".to_owned()),
                takes: Some(Duration::from_secs(120)),
                option: None,
            },
            RollbackStep {
                action:
                    "Revert connector to the last stable version and replay the webhooks since then"
                        .to_owned(),
                owner: Some("@integrations".to_owned()),
                takes: Some(Duration::from_secs(900)),
                option: None,
            },
            RollbackStep {
                action: "Tell the warehouse leads".to_owned(),
                owner: None,
                takes: None,
                option: None,
            },
        ],
        notes: Vec::new(),
    }
}

pub(crate) fn go() -> Evidence {
    let mut criteria = stops();
    criteria.extend([latency(), exceptions(), labels(), watched()]);
    evidence(vec![gate(
        "pilot",
        GateKind::Exit,
        Verdict::Go,
        Some(window(48, 48)),
        criteria,
    )])
}

/// Ten sites, three of them too high; a share that was met although single points were not; an entry gate beside it.
pub(crate) fn no_go() -> Evidence {
    let sites = [
        "LEJ2", "BER1", "MUC1", "HAM3", "CGN1", "FRA2", "STR1", "DUS1", "NUE1", "BRE1",
    ];
    let rates = (0_u32..).map(|place| {
        let (rate, bound) = (0.034 - 0.002 * f64::from(place), 0.029);
        let outcome = if rate > bound {
            Outcome::Unmet
        } else {
            Outcome::Met
        };
        (outcome, rate, bound)
    });
    let mut all: Vec<_> = sites
        .iter()
        .zip(rates)
        .map(|(site, (outcome, rate, bound))| {
            let mut one = series(Some(site), outcome, rate, bound);
            one.baseline = Some(0.024);
            one
        })
        .collect();
    let mut silent = series(Some("ZRH1"), Outcome::Unknown, 0.0, 0.029);
    (
        silent.value,
        silent.summary,
        silent.trend,
        silent.points.measured,
    ) = (None, None, Vec::new(), 0);
    "no point was measured from 2026-11-18T14:00:00Z to 2026-11-20T14:00:00Z"
        .clone_into(&mut silent.reason);
    all.insert(2, silent);
    let exceptions = judged(
        criterion(
            List::Exit,
            "exception_rate",
            "<= baseline + max(0.5pp, 20%)",
            kpi(Unit::Ratio, None, all),
        ),
        Outcome::Unmet,
        Code::Breach,
        "LEJ2: 41 of 2868 measured points are above 2.9% (baseline 2.4%), the longest stretch from 2026-11-20T08:52:00Z to 2026-11-20T09:32:00Z, worst 3.4% at 2026-11-20T09:12:00Z",
    );
    let mut criteria = stops();
    criteria.extend([latency(), exceptions, labels()]);
    let mut entry = gate(
        "wave-1",
        GateKind::Entry,
        Verdict::Hold,
        None,
        vec![checklist()],
    );
    (entry.title, entry.traffic) = (None, None);
    let mut evidence = evidence(vec![
        gate(
            "pilot",
            GateKind::Exit,
            Verdict::NoGo,
            Some(window(48, 48)),
            criteria,
        ),
        entry,
    ]);
    evidence.warnings = vec![PlanWarning {
        code: ProblemCode::Lint(Lint::UnitName),
        line: Some(24),
        column: Some(43),
        message: "this metric's name says seconds, but the unit is `milliseconds`".to_owned(),
        help: Some("use `unit: seconds`, or convert the value in the query".to_owned()),
    }];
    evidence.accepted = vec![AcceptedCodes {
        kpi: "exception_rate".to_owned(),
        codes: vec![Accept::ImpossibleValue, Accept::Lint(Lint::NeverEmpty)],
    }];
    evidence
}

fn checklist() -> CriterionAssessment {
    CriterionAssessment {
        list: List::Entry,
        kind: CriterionKind::Checklists,
        name: "readiness/rollback".to_owned(),
        title: Some("Rollback validated on the pilot site".to_owned()),
        condition: None,
        outcome: Outcome::Unknown,
        code: Code::NotAnswered,
        reason: "nobody has answered yet".to_owned(),
        notes: Vec::new(),
        based_on: Vec::new(),
        link: None,
        next_step: None,
        kpi: None,
    }
}

pub(crate) fn hold_incomplete() -> Evidence {
    let reason = "31h of 48h observed, complete at 2026-11-21T07:00:00Z";
    let wait = |criterion| judged(criterion, Outcome::Unknown, Code::WindowIncomplete, reason);
    let mut criteria = stops();
    criteria.extend([wait(latency()), wait(exceptions()), wait(labels())]);
    evidence(vec![gate(
        "pilot",
        GateKind::Exit,
        Verdict::Hold,
        Some(window(31, 48)),
        criteria,
    )])
}

pub(crate) fn hold_unreachable() -> Evidence {
    let reason = "http://prometheus.example.com:9090 cannot be reached: connection refused (6 attempts in 30s)";
    let lost = |mut criterion: CriterionAssessment| {
        if let Some(kpi) = &mut criterion.kpi {
            (kpi.series, kpi.decisive) = (Vec::new(), None);
        }
        judged(
            criterion,
            Outcome::Unknown,
            Code::Source(FailureCode::SourceUnreachable),
            reason,
        )
    };
    let mut criteria: Vec<_> = stops().into_iter().map(lost).collect();
    criteria.extend([latency(), exceptions(), labels()].map(lost));
    let mut span = window(48, 48);
    (span.started, span.completes_at, span.complete) = (None, None, false);
    let mut evidence = evidence(vec![gate(
        "pilot",
        GateKind::Exit,
        Verdict::Hold,
        Some(span),
        criteria,
    )]);
    evidence.sources[0] = SourceSeen {
        version: None,
        lookback: Some(Duration::from_secs(60)),
        delay: Duration::from_secs(300),
        params: [("tenant", "7"), ("token", "***")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        clock_ahead: Some(Duration::from_secs(-45)),
        ..evidence.sources[0].clone()
    };
    for kpi in evidence.gates[0]
        .criteria
        .iter_mut()
        .flat_map(|one| &mut one.kpi)
    {
        let query = "sum(rate(x[300s]))".to_owned();
        let step = Duration::from_secs(30);
        kpi.companion = Some(CompanionSeen { query, step });
    }
    evidence.started = None;
    evidence.answers = Answers::LeftOut("--no-answers".to_owned());
    evidence
}

pub(crate) fn stop() -> Evidence {
    let mut bad = series(None, Outcome::Tripped, 0.0734, 0.05);
    bad.breaches.push(Breach {
        start: T - hours(1),
        end: T,
        worst: 0.0734,
    });
    let tripped = judged(
        criterion(
            List::Stop,
            "integration_5xx_rate",
            "> 5% for 10m",
            kpi(Unit::Ratio, None, vec![bad]),
        ),
        Outcome::Tripped,
        Code::Breach,
        "above 5% for 1h from 2026-11-20T13:00:00Z to 2026-11-20T14:00:00Z, worst 7.34% at 2026-11-20T13:41:00Z",
    );
    let mut criteria = vec![tripped];
    criteria.extend(stops().into_iter().skip(1));
    let mut worse = exceptions();
    if let Some(first) = worse.kpi.as_mut().and_then(|kpi| kpi.series.first_mut()) {
        (first.outcome, first.value) = (Outcome::Unmet, Some(0.030_000_4));
    }
    let unmet = judged(
        worse,
        Outcome::Unmet,
        Code::Breach,
        "1 of 1860 measured points is at or above 3%, 3.00004% at 2026-11-20T13:40:00Z",
    );
    let wait = judged(
        latency(),
        Outcome::Unknown,
        Code::WindowIncomplete,
        "31h of 48h observed, complete at 2026-11-21T07:00:00Z",
    );
    criteria.extend([wait, unmet]);
    let mut evidence = evidence(vec![gate(
        "pilot",
        GateKind::Exit,
        Verdict::Stop,
        Some(window(31, 48)),
        criteria,
    )]);
    evidence
        .notes
        .push("the plan has changed since the answers were recorded".to_owned());
    evidence
}

/// Everything from outside tries to take over the terminal, or to read as another verdict.
pub(crate) fn hostile() -> Evidence {
    let evil = "\u{1b}[2J\u{1b}[32mGO\u{9b}0m\u{202e}OG-ON\u{200b}\r\u{7}";
    let mut evidence = no_go();
    evidence.plan.path.push_str(evil);
    evidence.plan.release.name.push_str(evil);
    evidence.plan.release.version = Some(evil.to_owned());
    evidence.notes.push(evil.to_owned());
    evidence.sources[0].url.push_str(evil);
    evidence.sources[0].version = Some(evil.to_owned());
    evidence.gates[0].stage.push_str(evil);
    evidence.gates[0].title = Some(evil.to_owned());
    evidence.gates[0].traffic = Some(evil.to_owned());
    people::take_over(&mut evidence.gates[0], evil);
    for criterion in &mut evidence.gates[0].criteria {
        criterion.name.push_str(evil);
        criterion.condition = Some(evil.to_owned());
        criterion.reason.push_str(evil);
        criterion.notes.push(evil.to_owned());
        for series in criterion.kpi.iter_mut().flat_map(|kpi| &mut kpi.series) {
            series.per = series.per.as_ref().map(|per| format!("{per}{evil}"));
        }
    }
    evidence
}
