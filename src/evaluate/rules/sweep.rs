//! B3: a condition judged at many times in one pass is what a check says at each of them.

use super::scene::*;
use crate::assessment::{CriterionAssessment, Outcome};
use crate::evaluate::*;
use crate::kind::List;
use crate::plan::criteria::Ask;
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
    /// By how many seconds the starts lie after the points.
    phase: i64,
    ratio: Option<OfEvents>,
    /// Of a hundred points: how many are missing, how many are not numbers, how many runs of them.
    holes: u64,
    odd: u64,
    failure: Option<i64>,
    seed: u64,
}

/// A KPI that is a ratio of events.
#[derive(Debug, Clone, Copy)]
struct OfEvents {
    of: Counted,
    min_total: Option<f64>,
    zero: bool,
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

    fn plan(&self) -> Plan {
        let mut plan = self.scene().plan();
        let Ask::Kpi(ask) = &mut plan.stages[0].gates[0].criteria[0].ask else {
            panic!("a KPI");
        };
        let Some(ratio) = self.ratio else { return plan };
        ask.part = Some(Query::plain("part"));
        ask.kpi.ratio = Some(Ratio {
            of: ratio.of,
            min_total: ratio.min_total.map(finite),
            objective: Some(Objective {
                share: Share::parse("90%").expect("share"),
                budget: finite(0.1),
                period: minutes(60),
            }),
        });
        ask.kpi.missing = if ratio.zero {
            Missing::Zero
        } else {
            Missing::Hold
        };
        let looks_back = matches!(self.condition.hold, Some(Hold::Over(..)));
        if looks_back && ask.baseline_as == BaselineAs::Points {
            ask.baseline_as = BaselineAs::One(Reducer::Overall);
        }
        plan
    }

    fn times(&self) -> Vec<Trial> {
        let whole = self.settle * MIN + W + self.delay * MIN;
        let starts = (0..LENGTH - whole / MIN).step_by(usize::try_from(self.every).expect("small"));
        let time = |start: i64| {
            let started = Instant::from_secs(T + start * MIN + self.phase);
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

    /// Of these lanes, the first is that of all events, the second that of those that count.
    fn events(&self, lane: u64, site: u64, minute: i64) -> Option<f64> {
        let minute = minute.unsigned_abs();
        let (all, counted) = if lane < 6 {
            (lane, false)
        } else {
            (lane - 3, true)
        };
        let place = all * 1000 + site;
        let own = place + if counted { 500 } else { 0 };
        let stretch = noise(self.seed, own + 77, minute / 7) % 100 < self.holes / 2;
        let dice = noise(self.seed, own, minute);
        if stretch || dice % 100 < self.holes {
            return None;
        }
        let rates = [0.5, 1.0, 2.0, 2.0, 0.3, 1.7, 4.0, 1.0, 1.0, 0.0];
        let total = noise(self.seed, place + 11, minute / (1 + self.seed % 3)) % 10;
        let total = rates[usize::try_from(total).expect("small")];
        let eighths = noise(self.seed, place + 33, minute / 6) % 9;
        let more = u64::from((dice / 1_000_000).is_multiple_of(4));
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let part = total * (eighths + more).min(8) as f64 / 8.0;
        let odd = if counted {
            [f64::NAN, f64::INFINITY, -1.0, total * 1.5]
        } else {
            [f64::NAN, f64::INFINITY, -0.5, 40.0]
        };
        if dice / 100 % 100 < self.odd {
            let which = usize::try_from(dice / 10_000 % 4).expect("small");
            return Some(odd[which]);
        }
        Some(if counted { part } else { total })
    }

    /// A value in quarters, NaN or infinite, or none.
    fn value(&self, lane: u64, site: u64, minute: i64) -> Option<f64> {
        if self.ratio.is_some() && lane != 1 {
            return self.events(lane, site, minute);
        }
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

fn any_form(list: List) -> impl Strategy<Value = (Option<Reducer>, Option<Hold>)> {
    prop_oneof![
        2 => (1..7_u32).prop_map(move |count| (None, Some(points(list, count)))),
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

/// Of a ratio of events.
fn ratio_form(list: List) -> impl Strategy<Value = (Option<Reducer>, Option<Hold>)> {
    let second = prop::option::of(1..5_i64);
    prop_oneof![
        4 => any_form(list),
        2 => Just((Some(Reducer::Overall), None)),
        1 => Just((Some(Reducer::Budget), None)),
        3 => (1..8_i64, second).prop_map(|(first, second)| {
            (None, Some(Hold::Over(minutes(first), second.map(minutes))))
        }),
    ]
}

/// A bound of values up to some four, for shares: in eighths, at which rates meet it.
fn as_share(bound: Bound, whole: f64) -> Bound {
    match bound {
        Bound::Fixed(value) => Bound::Fixed(finite((value.get() / 0.45).round() / 8.0 * whole)),
        Bound::Above(Delta::Absolute(_)) => Bound::Above(Delta::Absolute(finite(whole / 8.0))),
        Bound::Above(_) | Bound::Below(_) | Bound::Times(_) | Bound::Baseline => bound,
    }
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
         coverage in prop::sample::select(vec!["90%", "50%", "100%"]), max_age in prop::option::of(1..6_i64), in_shares in prop::bool::weighted(0.3),
         baseline in prop_oneof![
             (11..20_i64).prop_map(|minutes_| Baseline::Offset(minutes(minutes_))),
             Just(Baseline::Offset(Duration::from_secs(1230))),
             Just(Baseline::Before(minutes(12))),
             Just(Baseline::Between(Instant::from_secs(T - 30 * MIN), Instant::from_secs(T - 10 * MIN))),
             Just(Baseline::Vars { query: Query::plain("yy"), guard: Some(Query::plain("guard2")), part: None }),
         ],
         baseline_as in prop::option::of(prop_oneof![Just(BaselineAs::Points), Just(BaselineAs::One(Reducer::Median)), Just(BaselineAs::One(Reducer::Mean))]),
         settle in 0..4_i64, delay in prop::sample::select(vec![0, 0, 0, 2_i64]), every in 1..7_i64,
         ratio in prop::option::weighted(0.6, (prop::sample::select(vec![Counted::Errors, Counted::Good]),
             prop::option::weighted(0.3, prop::sample::select(vec![300.0, 900.0, 1200.0])), prop::bool::weighted(0.3))
             .prop_map(|(of, min_total, zero)| OfEvents { of, min_total, zero })),
         form in ratio_form(list), turned in (prop::bool::weighted(0.2), prop::bool::weighted(0.7)), as_overall in prop::bool::weighted(0.4),
         phase in prop::sample::select(vec![0, 0, 0, 30_i64]),
         holes in prop::sample::select(vec![0, 0, 2, 8, 30_u64]), odd in prop::sample::select(vec![0, 0, 1, 6_u64]), failure in prop::option::weighted(0.15, 0..LENGTH), seed in any::<u64>())
        -> World {
            let (per, listed, guard, zero, any, quiet) = shape;
            let points = matches!(baseline_as, Some(BaselineAs::Points));
            let spans = matches!(baseline, Baseline::Offset(_) | Baseline::Vars { .. });
            let (multiple, in_ratio) = turned;
            let share = if in_ratio { Unit::Ratio } else { Unit::Percent };
            let plain_unit = if in_shares { Unit::Ratio } else { Unit::None };
            let condition = if ratio.is_some() {
                let (reducer, hold) = match form {
                    (Some(Reducer::Budget), hold) if relative_one => (Some(Reducer::Overall), hold),
                    other => other,
                };
                let of_errors = multiple && !relative_one && reducer != Some(Reducer::Budget);
                Condition { reducer, hold, of_errors, bound: as_share(condition.bound, Ratio::whole(share)), ..condition }
            } else {
                condition
            };
            let baseline = match baseline {
                Baseline::Vars { query, guard, .. } => Baseline::Vars { query, guard, part: ratio.map(|_| Query::plain("ypart")) },
                other => other,
            };
            let baseline_as = if ratio.is_some() && as_overall && baseline_as.is_some() { Some(BaselineAs::One(Reducer::Overall)) } else { baseline_as };
            World {
                list, condition, per, listed: listed && per, guard: guard.map(|by_site| by_site && per),
                missing: if zero && guard.is_some() { Missing::Zero } else { Missing::Hold },
                continuity: if any { Continuity::Any } else { Continuity::Each },
                quiet: if quiet { Quiet::Met } else { Quiet::Hold },
                coverage, max_age, unit: if ratio.is_some() { share } else { plain_unit },
                baseline: relative_one.then_some(baseline),
                baseline_as: baseline_as.filter(|_| spans || !points),
                settle, delay, every, phase, ratio, holes, odd, failure, seed,
            }
        }
}

fn value(judged: &CriterionAssessment) -> Option<f64> {
    let kpi = judged.kpi.as_ref()?;
    kpi.series[kpi.decisive?].value
}

/// Whether a value is a quotient of sums, which a pass adds up in another order.
fn is_summed(world: &World) -> bool {
    let of_sums = [Reducer::Mean, Reducer::Overall, Reducer::Budget];
    (world.condition.reducer).is_some_and(|reducer| of_sums.contains(&reducer))
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
        let plan = world.plan();
        let times = world.times();
        let sweep = Sweep { plan: &plan, gate: GateRef { stage: 0, gate: 0 }, times: &times };
        let criterion = &plan.stages[0].gates[0].criteria[0];
        let history = world.history(&sweep, criterion);
        let swept = sweep.judge(criterion, &history).expect("judged");
        for (time, judged) in times.iter().zip(&swept.judged) {
            let check = |at: Instant| sweep.check(criterion, Trial { at, ..*time }, &history).expect("a KPI");
            let at_end = check(time.at);
            prop_assert_eq!((judged.outcome, judged.code), (at_end.outcome, at_end.code), "at {:?}: {}", time, at_end.reason);
            prop_assert!(same(judged.value, value(&at_end), !is_summed(&world)), "at {time:?}: {:?} is not {:?}", judged.value, value(&at_end));
            if world.list == List::Stop {
                let started = time.started.expect("a start");
                let settled = started.millis() + minutes(world.settle + world.delay).millis();
                let first = Instant::from_millis((settled + 59_999).div_euclid(60_000) * 60_000);
                let points = (W - world.phase) / MIN;
                let mut steps = (0..=points).map(|minute| first + minutes(minute));
                let tripped = steps.find(|at| check(*at).outcome == Outcome::Tripped);
                prop_assert_eq!(judged.trip.map(|trip| trip.at), tripped, "of {:?}", time);
            }
        }
    }

    /// B12: the limit at which the verdict flips.
    #[test]
    fn b12_the_verdict_flips_at_the_critical_value(world in any_world()) {
        let plan = world.plan();
        let times = world.times();
        let sweep = Sweep { plan: &plan, gate: GateRef { stage: 0, gate: 0 }, times: &times };
        let criterion = &plan.stages[0].gates[0].criteria[0];
        let history = world.history(&sweep, criterion);
        let swept = sweep.judge(criterion, &history).expect("judged");
        let Some(limits) = swept.scale else { return Ok(()) };
        for judged in swept.judged {
            let Some(critical) = judged.critical else { continue };
            let near = (critical - limits.now).abs() <= 1e-9 * critical.abs().max(1.0);
            // Rounding moves relative limits and means by a unit in the last place.
            if near && (world.baseline.is_some() || is_summed(&world)) {
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

/// Nothing out of the ordinary.
fn ordinary(list: List, condition: Condition) -> World {
    World {
        list,
        condition,
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
        phase: 0,
        ratio: None,
        holes: 0,
        odd: 0,
        failure: None,
        seed: 7,
    }
}

/// What is in order is judged in passing, or the pass would cost what checks cost.
#[test]
fn b11_whole_data_need_no_check() {
    let share = || Some(Hold::Share(Share::parse("90%").expect("share")));
    let for_3m = || Some(Hold::For(minutes(3)));
    let over = || Some(Hold::Over(minutes(5), Some(minutes(2))));
    let ratio = Some(OfEvents {
        of: Counted::Errors,
        min_total: Some(100.0),
        zero: false,
    });
    for (list, reducer, hold, ratio) in [
        (List::Exit, None, None, None),
        (List::Exit, Some(Reducer::Mean), None, None),
        (
            List::Exit,
            Some(Reducer::Percentile(finite(95.0))),
            None,
            None,
        ),
        (List::Exit, None, share(), None),
        (List::Stop, None, for_3m(), None),
        (List::Stop, Some(Reducer::Mean), None, None),
        (List::Exit, None, None, ratio),
        (List::Exit, None, share(), ratio),
        (List::Exit, Some(Reducer::Overall), None, ratio),
        (List::Exit, Some(Reducer::Budget), None, ratio),
        (List::Exit, None, over(), ratio),
        (List::Stop, None, for_3m(), ratio),
        (List::Stop, None, share(), ratio),
        (List::Stop, Some(Reducer::Overall), None, ratio),
        (List::Stop, None, over(), ratio),
        (List::Exit, None, Some(points(List::Exit, 2)), None),
        (List::Stop, None, Some(points(List::Stop, 3)), None),
        (List::Exit, None, Some(points(List::Exit, 2)), ratio),
        (List::Stop, None, Some(points(List::Stop, 3)), ratio),
    ] {
        let comparison = if list == List::Stop {
            Comparison::Greater
        } else {
            Comparison::Less
        };
        let bound = if ratio.is_some() { 0.43 } else { 2.17 };
        let world = World {
            ratio,
            unit: if ratio.is_some() {
                Unit::Ratio
            } else {
                Unit::None
            },
            ..ordinary(list, condition(reducer, comparison, bound, hold))
        };
        let plan = world.plan();
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
        assert!(
            swept.judged.iter().any(|judged| judged.critical.is_some()),
            "{list:?} {reducer:?} {hold:?}"
        );
    }
}
