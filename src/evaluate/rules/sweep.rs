//! B3: a condition judged at many times in one pass is what a check says at each of them.

use super::scene::*;
use crate::assessment::{CriterionAssessment, Outcome};
use crate::evaluate::*;
use crate::kind::List;
use crate::plan::*;
use crate::samples::*;
use crate::units::{Duration, Instant, Share, Unit};
use proptest::prelude::*;

/// What differs from the ordinary, beside the scene's own switches.
#[derive(Debug, Clone)]
struct World {
    list: List,
    condition: Condition,
    per: bool,
    listed: bool,
    guard: Option<bool>,
    missing: Missing,
    continuity: Continuity,
    quiet: Quiet,
    coverage: &'static str,
    max_age: Option<i64>,
    unit: Unit,
    baseline: Option<Baseline>,
    baseline_as: Option<BaselineAs>,
    settle: i64,
    delay: i64,
    every: i64,
    /// Of a hundred points: how many are missing, how many are not numbers, how many runs of them.
    holes: u64,
    odd: u64,
    failure: Option<i64>,
    seed: u64,
}

/// Minutes of history before the first start, and from it on.
const BEFORE: i64 = 40;
const LENGTH: i64 = 60;

fn noise(seed: u64, one: u64, two: u64) -> u64 {
    let mut state =
        seed ^ one.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ two.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    for _ in 0..3 {
        state ^= state >> 30;
        state = state.wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
    }
    state
}

impl World {
    fn scene(&self) -> Scene {
        let step = Duration::from_secs(MIN);
        Scene {
            list: self.list,
            per: self.per.then_some("site"),
            expected: self.listed.then(|| vec!["s0".to_owned(), "s1".to_owned()]),
            guard: self.guard.is_some(),
            missing: self.missing,
            continuity: self.continuity,
            quiet: self.quiet,
            coverage: Share::parse(self.coverage).expect("share"),
            max_age: self.max_age.map(minutes),
            unit: self.unit,
            baseline: self.baseline.clone(),
            baseline_as: self.baseline_as,
            settle: self.settle * MIN,
            delay: Duration::from_secs(self.delay * step.millis() / 1000),
            ..exit(self.condition.clone(), Vec::new())
        }
    }

    fn times(&self) -> Vec<Trial> {
        let whole = self.settle * MIN + W + self.delay * MIN;
        let starts = (0..LENGTH - whole / MIN).step_by(usize::try_from(self.every).expect("small"));
        let time = |start: i64| {
            let started = Instant::from_secs(T + start * MIN);
            let at = started + Duration::from_secs(whole);
            match self.list {
                List::Entry => Trial { started: None, at },
                List::Exit | List::Stop | List::Watch | List::Recovery => Trial {
                    started: Some(started),
                    at,
                },
            }
        };
        starts.map(time).collect()
    }

    /// A value in quarters, NaN or infinite, or none.
    fn value(&self, lane: u64, site: u64, minute: i64) -> Option<f64> {
        let minute = minute.unsigned_abs();
        let place = lane * 1000 + site;
        // Some stretches are missing as a whole.
        let stretch = noise(self.seed, place + 77, minute / 7) % 100 < self.holes / 2;
        let dice = noise(self.seed, place, minute);
        if stretch || dice % 100 < self.holes {
            return None;
        }
        let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 40.0];
        if dice / 100 % 100 < self.odd {
            let which = usize::try_from(dice / 10_000 % 4).expect("small");
            return Some(odd[which]);
        }
        // Slow waves, so that bad states last.
        let wave = noise(self.seed, place + 33, minute / 6) % 16;
        let small = dice / 1_000_000 % 4;
        let scale = if self.unit == Unit::Ratio { 0.05 } else { 0.3 };
        #[expect(clippy::cast_precision_loss, reason = "small")]
        Some((wave as f64 + small as f64 * 0.25) * scale)
    }

    fn history(&self, sweep: &Sweep<'_>, criterion: &crate::plan::criteria::Criterion) -> History {
        let questions = sweep
            .times
            .iter()
            .flat_map(|time| sweep.questions(criterion, *time));
        let mut lanes: Vec<(Origin, String)> = Vec::new();
        let mut single = Observations::new();
        for question in questions {
            match question.asked {
                Asked::Range(_) => lanes.push((question.origin, question.query)),
                Asked::At(_) | Asked::Captured(_) => {
                    single.insert(question, Ok(Reply::default()));
                }
            }
        }
        lanes.sort();
        lanes.dedup();
        let mut observations = single;
        for (origin, query) in lanes {
            let lane = if query.starts_with("guard") {
                1
            } else {
                2 + query.len() as u64
            };
            let mut from = -BEFORE;
            while from < LENGTH {
                let to = (from + 17).min(LENGTH);
                let at = |minute: i64| Instant::from_secs(T + minute * MIN);
                let grid = Grid::inside(at(from), at(to), minutes(1)).expect("points");
                let failed = self
                    .failure
                    .is_some_and(|failure| from <= failure && failure <= to);
                let observation = if failed {
                    Err(Failure {
                        code: FailureCode::SourceTimeout,
                        message: "too slow".to_owned(),
                    })
                } else {
                    let by_site = self.per && (lane != 1 || self.guard == Some(true));
                    let sites = if by_site { 3 } else { 1 };
                    let series = (0..sites).filter_map(|site| self.series(lane, site, (from, to)));
                    Ok(Reply {
                        series: series.collect(),
                        ..Reply::default()
                    })
                };
                let question = Question {
                    origin: origin.clone(),
                    query: query.clone(),
                    asked: Asked::Range(grid),
                };
                observations.insert(question, observation);
                from = to + 1;
            }
        }
        History::of(observations)
    }

    fn series(&self, lane: u64, site: u64, (from, to): (i64, i64)) -> Option<Series> {
        let labels = if self.per && (lane != 1 || self.guard == Some(true)) {
            Labels::from_iter([("site".to_owned(), format!("s{site}"))])
        } else {
            Labels::default()
        };
        let points = (from..=to).filter_map(|minute| {
            Some(Point {
                at: Instant::from_secs(T + minute * MIN),
                value: self.value(lane, site, minute)?,
            })
        });
        let points: Vec<Point> = points.collect();
        (!points.is_empty()).then_some(Series { labels, points })
    }
}

fn relative(list: List) -> impl Strategy<Value = Condition> {
    let bound = prop_oneof![
        Just(Bound::Above(Delta::Absolute(finite(0.5)))),
        Just(Bound::Above(Delta::Relative(finite(0.2)))),
        Just(Bound::Below(Delta::Relative(finite(0.2)))),
        Just(Bound::Times(finite(1.5))),
        Just(Bound::Baseline),
    ];
    (bound, any_form(list), prop::bool::ANY).prop_map(|(bound, (reducer, hold), up)| Condition {
        bound,
        comparison: if up {
            Comparison::Greater
        } else {
            Comparison::LessOrEqual
        },
        ..condition(reducer, Comparison::Less, 0.0, hold)
    })
}

fn any_form(_: List) -> impl Strategy<Value = (Option<Reducer>, Option<Hold>)> {
    prop_oneof![
        2 => Just((None, None)),
        3 => (1..5_i64).prop_map(|length| (None, Some(Hold::For(minutes(length))))),
        1 => Just((None, Some(Hold::For(Duration::from_secs(150))))),
        2 => prop::sample::select(vec!["80%", "33.3%", "100%", "5%"])
            .prop_map(|share| (None, Some(Hold::Share(Share::parse(share).expect("share"))))),
        4 => prop::sample::select(vec![
            Reducer::Last,
            Reducer::Mean,
            Reducer::Median,
            Reducer::Min,
            Reducer::Max,
            Reducer::Percentile(finite(95.0)),
            Reducer::Percentile(finite(99.9)),
        ])
        .prop_map(|reducer| (Some(reducer), None)),
    ]
}

fn absolute(list: List) -> impl Strategy<Value = Condition> {
    let comparison = prop::sample::select(vec![
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
        Comparison::Less,
        Comparison::Greater,
        Comparison::Equal,
        Comparison::NotEqual,
    ]);
    (any_form(list), comparison, 0..10_i32).prop_map(|((reducer, hold), comparison, bound)| {
        condition(reducer, comparison, f64::from(bound) * 0.45, hold)
    })
}

prop_compose! {
    fn any_world()(list in prop::sample::select(vec![List::Exit, List::Stop, List::Stop, List::Entry, List::Watch]), relative_one in prop::bool::weighted(0.3))
        (condition in if relative_one { relative(list).boxed() } else { absolute(list).boxed() }, list in Just(list), relative_one in Just(relative_one),
         shape in (prop::bool::ANY, prop::bool::ANY, prop::option::weighted(0.4, prop::bool::ANY), prop::bool::weighted(0.2), prop::bool::ANY, prop::bool::weighted(0.3)),
         coverage in prop::sample::select(vec!["90%", "50%", "100%"]), max_age in prop::option::of(1..6_i64), ratio in prop::bool::weighted(0.3),
         baseline in prop_oneof![
             (11..20_i64).prop_map(|minutes_| Baseline::Offset(minutes(minutes_))),
             Just(Baseline::Offset(Duration::from_secs(1230))),
             Just(Baseline::Before(minutes(12))),
             Just(Baseline::Between(Instant::from_secs(T - 30 * MIN), Instant::from_secs(T - 10 * MIN))),
             Just(Baseline::Vars { query: Query::plain("yy"), guard: Some(Query::plain("guard2")), part: None }),
         ],
         baseline_as in prop::option::of(prop_oneof![Just(BaselineAs::Points), Just(BaselineAs::One(Reducer::Median)), Just(BaselineAs::One(Reducer::Mean))]),
         settle in 0..4_i64, delay in prop::sample::select(vec![0, 0, 0, 2_i64]), every in 1..7_i64,
         holes in prop::sample::select(vec![0, 0, 2, 8, 30_u64]), odd in prop::sample::select(vec![0, 0, 1, 6_u64]), failure in prop::option::weighted(0.15, 0..LENGTH), seed in any::<u64>())
        -> World {
            let (per, listed, guard, zero, any, quiet) = shape;
            let points = matches!(baseline_as, Some(BaselineAs::Points));
            let spans = matches!(baseline, Baseline::Offset(_) | Baseline::Vars { .. });
            World {
                list, condition, per, listed: listed && per, guard: guard.map(|by_site| by_site && per),
                missing: if zero && guard.is_some() { Missing::Zero } else { Missing::Hold },
                continuity: if any { Continuity::Any } else { Continuity::Each },
                quiet: if quiet { Quiet::Met } else { Quiet::Hold },
                coverage, max_age, unit: if ratio { Unit::Ratio } else { Unit::None },
                baseline: relative_one.then_some(baseline),
                baseline_as: baseline_as.filter(|_| spans || !points),
                settle, delay, every, holes, odd, failure, seed,
            }
        }
}

fn value(judged: &CriterionAssessment) -> Option<f64> {
    let kpi = judged.kpi.as_ref()?;
    kpi.series[kpi.decisive?].value
}

fn same(one: Option<f64>, other: Option<f64>, exact: bool) -> bool {
    match (one, other) {
        (Some(one), Some(other)) if exact => one == other || one.to_bits() == other.to_bits(),
        (Some(one), Some(other)) => {
            one == other || (one - other).abs() <= 1e-12 * other.abs().max(1.0)
        }
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

proptest! {
    // As many as `PROPTEST_CASES` says, otherwise 256: `PROPTEST_CASES=1500 cargo test --lib evaluate::rules::sweep`.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn b3_a_pass_says_what_each_check_says(world in any_world()) {
        // No valid plan has one (`offset-off-grid`).
        let is_off_grid = matches!(&world.baseline, Some(Baseline::Offset(offset)) if offset.millis() % 60_000 != 0);
        prop_assume!(!is_off_grid || world.baseline_as.is_some());
        let scene = world.scene();
        let plan = scene.plan();
        let times = world.times();
        let sweep = Sweep { plan: &plan, gate: GateRef { stage: 0, gate: 0 }, times: &times };
        let criterion = &plan.stages[0].gates[0].criteria[0];
        let history = world.history(&sweep, criterion);
        let swept = sweep.judge(criterion, &history).expect("judged");
        let mean = world.condition.reducer == Some(Reducer::Mean);
        for (time, judged) in times.iter().zip(&swept.judged) {
            let check = |at: Instant| sweep.check(criterion, Trial { at, ..*time }, &history).expect("a KPI");
            let at_end = check(time.at);
            prop_assert_eq!((judged.outcome, judged.code), (at_end.outcome, at_end.code), "at {:?}: {}", time, at_end.reason);
            prop_assert!(same(judged.value, value(&at_end), !mean), "at {time:?}: {:?} is not {:?}", judged.value, value(&at_end));
            if world.list == List::Stop {
                let started = time.started.expect("a start");
                let first = started + minutes(world.settle + world.delay);
                let mut steps = (0..=W / MIN).map(|minute| first + minutes(minute));
                let tripped = steps.find(|at| check(*at).outcome == Outcome::Tripped);
                prop_assert_eq!(judged.trip.map(|trip| trip.at), tripped, "of {:?}", time);
            }
        }
    }

    /// B12: the limit at which the verdict flips.
    #[test]
    fn b12_the_verdict_flips_at_the_critical_value(world in any_world()) {
        let plan = world.scene().plan();
        let times = world.times();
        let sweep = Sweep { plan: &plan, gate: GateRef { stage: 0, gate: 0 }, times: &times };
        let criterion = &plan.stages[0].gates[0].criteria[0];
        let history = world.history(&sweep, criterion);
        let swept = sweep.judge(criterion, &history).expect("judged");
        let Some(limits) = swept.scale else { return Ok(()) };
        let is_mean = world.condition.reducer == Some(Reducer::Mean);
        for judged in swept.judged {
            let Some(critical) = judged.critical else { continue };
            let near = (critical - limits.now).abs() <= 1e-9 * critical.abs().max(1.0);
            // Rounding moves relative limits and means by a unit in the last place.
            if near && (world.baseline.is_some() || is_mean) {
                continue;
            }
            match judged.outcome {
                Outcome::Unmet | Outcome::Tripped => prop_assert!(limits.is_beyond(critical, limits.now), "{judged:?}"),
                Outcome::Met | Outcome::Clear => prop_assert!(!limits.is_beyond(critical, limits.now), "{judged:?}"),
                Outcome::Unknown => {}
            }
        }
    }
}

/// What is in order is judged in passing, or the pass would cost what checks cost.
#[test]
fn b11_whole_data_need_no_check() {
    for (list, reducer, hold) in [
        (List::Exit, None, None),
        (List::Exit, Some(Reducer::Mean), None),
        (List::Exit, Some(Reducer::Percentile(finite(95.0))), None),
        (
            List::Exit,
            None,
            Some(Hold::Share(Share::parse("90%").expect("share"))),
        ),
        (List::Stop, None, Some(Hold::For(minutes(3)))),
        (List::Stop, Some(Reducer::Mean), None),
    ] {
        let comparison = if list == List::Stop {
            Comparison::Greater
        } else {
            Comparison::Less
        };
        let world = World {
            list,
            condition: condition(reducer, comparison, 2.17, hold),
            per: true,
            listed: true,
            guard: None,
            missing: Missing::Hold,
            continuity: Continuity::Each,
            quiet: Quiet::Hold,
            coverage: "90%",
            max_age: None,
            unit: Unit::None,
            baseline: None,
            baseline_as: None,
            settle: 1,
            delay: 0,
            every: 1,
            holes: 0,
            odd: 0,
            failure: None,
            seed: 7,
        };
        let scene = world.scene();
        let plan = scene.plan();
        let times = world.times();
        let sweep = Sweep {
            plan: &plan,
            gate: GateRef { stage: 0, gate: 0 },
            times: &times,
        };
        let criterion = &plan.stages[0].gates[0].criteria[0];
        let history = world.history(&sweep, criterion);
        let swept = sweep.judge(criterion, &history).expect("judged");
        assert_eq!(swept.one_by_one(), 0, "{list:?} {reducer:?} {hold:?}");
        assert!(swept.judged.iter().any(|judged| judged.critical.is_some()));
    }
}
