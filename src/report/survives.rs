//! Whatever can be judged survives writing and reading, and every report shows the same before and after. Test code only.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::rollout::{Check, RolloutFacts, RolloutKind};
use super::{Kind, scenarios};
use crate::assessment::{
    Approach, BasedOn, Block, Breach, Certainty, Code, CompanionSeen, Counts, CriterionAssessment,
    EventCount, Gap, GateAssessment, KpiAssessment, Measures, Outcome, Partners, PointCount,
    RatioSeen, SeriesAssessment, Summary, Window,
};
use crate::evidence::Evidence;
use crate::evidence::v1::{from_json, to_json};
use crate::kind::{Action, CriterionKind, GateKind, List};
use crate::ledger::{Checked, Entry, Event, GateChecked, IdentitySource, Ledger, Person};
use crate::plan::{BaselineAs, Counted, Observe, Options, Plan, Reducer, load};
use crate::rollout::{AfterStop, NextStep, Overridden, Rollout};
use crate::units::{Duration, Instant, Share, Unit};
use crate::verdict::Verdict;

/// Asserts that evidence with these gates reads back as it was written, and returns it.
#[track_caller]
pub(crate) fn reading(gates: Vec<GateAssessment>) -> Evidence {
    let text = to_json(&scenarios::evidence(gates));
    let read = from_json(&text).expect("evidence");
    assert_eq!(to_json(&read), text);
    read
}

const DIGEST: &str = "the digest of the check";

fn text() -> impl Strategy<Value = String> {
    "(?s).{0,10}"
}

fn instant() -> impl Strategy<Value = Instant> {
    (0..4_000_000_000_000_i64).prop_map(Instant::from_millis)
}

fn number() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(f64::from_bits)
}

fn lists(gate: GateKind) -> Vec<List> {
    let all = List::ALL.into_iter();
    all.filter(|list| list.gate() == gate).collect()
}

fn outcomes(list: List) -> Vec<Outcome> {
    match list {
        List::Stop => vec![Outcome::Clear, Outcome::Tripped, Outcome::Unknown],
        List::Entry | List::Exit | List::Recovery | List::Watch => {
            vec![Outcome::Met, Outcome::Unmet, Outcome::Unknown]
        }
    }
}

fn codes() -> impl Strategy<Value = Code> {
    select(Code::all().collect::<Vec<_>>())
}

fn next_step() -> impl Strategy<Value = NextStep> {
    let action = select(&Action::ALL[..]);
    (action, vec(text(), 0..4), option::of(text())).prop_map(|(action, arguments, owner)| {
        NextStep {
            action,
            arguments,
            owner,
        }
    })
}

fn based_on() -> impl Strategy<Value = BasedOn> {
    let entry = (any::<u64>(), text(), instant(), text(), vec(text(), 0..2)).prop_map(
        |(number, by, at, why, links)| BasedOn::Entry {
            number,
            by,
            at,
            why,
            links,
        },
    );
    let file =
        (text(), text(), any::<u64>(), instant()).prop_map(|(path, sha256, bytes, modified)| {
            BasedOn::File {
                path,
                sha256,
                bytes,
                modified,
            }
        });
    prop_oneof![entry, file]
}

fn series(list: List) -> impl Strategy<Value = SeriesAssessment> {
    let found = (select(outcomes(list)), codes(), text(), option::of(text()));
    let values = (
        option::of(number()),
        option::of(instant()),
        option::of(number()),
        option::of(number()),
        option::of((instant(), number())),
    );
    let summary = option::of([number(), number(), number(), number()]);
    let stretch = (instant(), instant(), number());
    let trend = vec(option::of(number()), 0..4);
    (found, values, summary, vec(stretch, 0..2), trend).prop_map(
        |(
            (outcome, code, reason, per),
            (value, value_at, bound, baseline, partners),
            summary,
            stretches,
            trend,
        )| {
            let breach =
                |&(start, end, worst): &(Instant, Instant, f64)| Breach { start, end, worst };
            let gap = |&(start, end, _): &(Instant, Instant, f64)| Gap { start, end };
            SeriesAssessment {
                labels: per
                    .iter()
                    .map(|per| ("site".to_owned(), per.clone()))
                    .collect(),
                per,
                outcome,
                code,
                reason,
                value,
                value_at,
                bound,
                baseline,
                partners: partners.map(|(at, mean)| Partners { at, mean }),
                of_budget: false,
                events: partners.map(|(_, total)| EventCount {
                    errors: total / 2.0,
                    total,
                }),
                points: PointCount {
                    expected: trend.len(),
                    measured: 1,
                    quiet: 0,
                },
                summary: summary.map(|[min, mean, max, last]| Summary {
                    min,
                    mean,
                    max,
                    last,
                }),
                breaches: stretches.iter().map(breach).collect(),
                gaps: stretches.iter().map(gap).collect(),
                approach: value_at.map(|at| Approach {
                    lasted: Duration::from_secs(240),
                    needed: Duration::from_secs(600),
                    last_seen: at,
                    trips_at: (at.millis() % 2_000 == 0).then_some(at),
                }),
                certainty: partners.map(|(at, mean)| certainty(at, mean, baseline)),
                trend,
            }
        },
    )
}

/// An estimate of any kind, of values or of counts.
fn certainty(at: Instant, number: f64, control: Option<f64>) -> Certainty {
    let events = control.map(|total| EventCount {
        errors: number,
        total,
    });
    let kinds = [
        Measures::Value,
        Measures::Difference,
        Measures::Quotient,
        Measures::Beyond(number),
    ];
    let kind = usize::try_from(at.millis().rem_euclid(4)).unwrap_or(0);
    Certainty {
        confidence: Share::parse("99.9%").expect("a share"),
        level: number,
        pairs: 48,
        blocks: vec![Block {
            start: at,
            end: at,
            canary: number,
            control,
            weight: number,
            events,
            control_events: events,
        }],
        estimate: number,
        low: number,
        high: number,
        margin: number,
        measures: kinds[kind],
        rho: number,
        se: number,
        se_chance: control,
        t: number,
        z: control,
        control_events: events,
    }
}

fn kpi(list: List) -> impl Strategy<Value = KpiAssessment> {
    let asked = (text(), text(), select(&Unit::ALL[..]));
    let reducer = select(vec![
        None,
        Some(Reducer::Last),
        Reducer::from_word("p99.9"),
        Some(Reducer::Overall),
        Some(Reducer::Budget),
    ]);
    let baseline_as = select(vec![
        None,
        Some(BaselineAs::Points),
        BaselineAs::from_word("p12.5"),
    ]);
    let step = option::of((1..10_000_000_i64).prop_map(Duration::from_millis));
    (
        asked,
        (reducer, baseline_as),
        instant(),
        instant(),
        step,
        vec(series(list), 0..3),
    )
        .prop_map(
            |((query, source, unit), (reducer, baseline_as), start, end, step, mut series)| {
                for one in &mut series {
                    one.of_budget = reducer == Some(Reducer::Budget);
                }
                let counted = |of| RatioSeen {
                    of,
                    part: source.clone(),
                    total: query.clone(),
                };
                KpiAssessment {
                    ratio: match unit {
                        Unit::Ratio => Some(counted(Counted::Errors)),
                        Unit::Percent => Some(counted(Counted::Good)),
                        _ => None,
                    },
                    companion: step.map(|step| CompanionSeen {
                        query: query.clone(),
                        step,
                    }),
                    query,
                    source,
                    unit,
                    reducer,
                    baseline_as,
                    start,
                    end,
                    step,
                    decisive: (!series.is_empty()).then_some(0),
                    series,
                }
            },
        )
}

/// A criterion of any kind in a list, with any outcome that the list allows, for any reason.
fn criterion(list: List) -> impl Strategy<Value = CriterionAssessment> {
    let kind = select(&CriterionKind::ALL[..]);
    let said = (text(), option::of(text()), option::of(text()), text());
    let found = (select(outcomes(list)), codes(), vec(text(), 0..2));
    let rest = (
        vec(based_on(), 0..2),
        (option::of(text()), option::of(next_step())),
        option::of(kpi(list)),
    );
    (kind, said, found, rest).prop_map(
        move |(kind, (name, title, condition, reason), (outcome, code, notes), rest)| {
            let (based_on, (link, next_step), kpi) = rest;
            CriterionAssessment {
                list,
                kind,
                name,
                title,
                condition,
                outcome,
                code,
                reason,
                notes,
                based_on,
                link,
                next_step,
                kpi,
            }
        },
    )
}

fn window() -> impl Strategy<Value = Window> {
    let observe = option::of(select(&Observe::ALL[..]));
    let known = (option::of(instant()), option::of(instant()), any::<bool>());
    let ended = option::of(instant());
    (
        instant(),
        instant(),
        0..10_000_000_i64,
        known,
        (observe, ended),
    )
        .prop_map(
            |(start, end, length, (started, completes_at, complete), (observe, ended))| Window {
                observe,
                ended,
                start,
                end,
                length: Duration::from_millis(length),
                started,
                complete,
                completes_at,
            },
        )
}

fn overridden() -> impl Strategy<Value = Overridden> {
    (text(), instant(), text(), instant(), any::<u64>()).prop_map(
        |(by, at, why, expires, entry)| Overridden {
            by,
            at,
            why,
            expires,
            entry,
        },
    )
}

fn gate_of(kind: GateKind) -> impl Strategy<Value = GateAssessment> {
    let name = prop_oneof!["(?s).{1,6}", Just("pilot".to_owned())];
    let stage = (name, option::of(text()), option::of(text()));
    let verdicts = [select(&Verdict::ALL[..]), select(&Verdict::ALL[..])];
    let criteria = vec(select(lists(kind)).prop_flat_map(criterion), 0..4);
    let rest = (
        option::of(window()),
        option::of(overridden()),
        vec(text(), 0..2),
        any::<[bool; 2]>(),
    );
    (stage, verdicts, criteria, rest).prop_map(
        move |((stage, title, traffic), [verdict, without], criteria, rest)| {
            let (window, overridden, flags, [look, outlook]) = rest;
            GateAssessment {
                stage,
                title,
                traffic,
                kind,
                verdict,
                counts: Counts::of(&criteria),
                window,
                verdict_without_approvals: without,
                // Nobody overrides a GO or a STOP, and evidence does not say that anybody did.
                overridden: overridden.filter(|_| matches!(verdict, Verdict::Hold | Verdict::NoGo)),
                look,
                outlook,
                flags,
                after_stop: (verdict == Verdict::Stop).then(after_stop),
                criteria,
            }
        },
    )
}

/// How far people are after a stop.
fn after_stop() -> AfterStop {
    AfterStop {
        done: vec!["paused since noon".to_owned()],
        open_steps: vec![2],
        done_steps: vec![1],
        commands: vec![NextStep::new(Action::Pause, &["--stage", "pilot"])],
    }
}

fn gates() -> impl Strategy<Value = Vec<GateAssessment>> {
    vec(select(&GateKind::ALL[..]).prop_flat_map(gate_of), 1..3)
}

/// A plan with one stage.
static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let text = "release: R1.0\nstages: [{ name: pilot, exit: { confirmations: [lead], approvals: [ops] } }]";
    let plan = load(text.as_bytes(), &Options::default());
    plan.expect("a plan").plan
});

/// The ledger of a rollout by that plan: its check is the one that is reported.
fn ledger(evidence: &Evidence) -> Ledger {
    let gates = evidence.gates.iter().map(|gate| GateChecked {
        look: gate.look,
        outlook: gate.outlook,
        not_met: gate.not_met(),
        start_disputed: gate.start_disputed(),
        gate: gate.kind.of(&gate.stage),
        verdict: gate.verdict,
        verdict_without_approvals: gate.verdict_without_approvals,
        tripped: Vec::new(),
    });
    let checked = Event::Checked(Checked {
        evaluated_at: evidence.evaluated_at,
        release: "R1.0".to_owned(),
        plan_sha256: "0".repeat(64),
        vars: Vec::new(),
        sources: Vec::new(),
        evidence_path: "check.json".to_owned(),
        evidence_sha256: DIGEST.to_owned(),
        verdict: evidence.verdict,
        gates: gates.collect(),
    });
    let started = Event::Started {
        stage: "pilot".to_owned(),
        at: evidence.evaluated_at - Duration::from_secs(3600),
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    };
    let entry = |number, event| Entry {
        nonce: None,
        number,
        at: evidence.evaluated_at,
        by: Person {
            name: "ada".to_owned(),
            identity_source: IdentitySource::Given,
        },
        plan: "plan.yaml".into(),
        why: String::new(),
        links: Vec::new(),
        event,
    };
    Ledger::new(vec![entry(1, started), entry(2, checked)])
}

/// The report without anything beside the check, and with plan and ledger.
fn of_rollout(kind: RolloutKind, evidence: &Evidence) -> [String; 2] {
    let checks = [Check {
        file: "check.json".to_owned(),
        sha256: DIGEST.to_owned(),
        evidence: evidence.clone(),
    }];
    let alone = RolloutFacts {
        checks: &checks,
        plan: None,
        ledger: None,
        rollout: None,
    };
    let ledger = ledger(evidence);
    let whole = RolloutFacts {
        plan: Some(&PLAN),
        ledger: Some(&ledger),
        rollout: Some(Rollout {
            plan: &PLAN,
            plan_sha256: None,
            vars: &[],
            addresses: &[],
            ledger: Some(&ledger),
            now: evidence.evaluated_at,
        }),
        ..alone
    };
    [kind.render(&alone), kind.render(&whole)]
}

proptest! {
    #[test]
    fn every_criterion_survives_evidence_and_reading_and_every_report(gates in gates()) {
        let written = scenarios::evidence(gates.clone());
        let read = reading(gates);
        for kind in Kind::ALL {
            let shown = |evidence| kind.render(evidence, None, None, usize::MAX);
            prop_assert_eq!(shown(&read), shown(&written), "{}", kind);
        }
        for kind in RolloutKind::ALL {
            prop_assert_eq!(of_rollout(kind, &read), of_rollout(kind, &written), "{}", kind);
        }
    }
}
