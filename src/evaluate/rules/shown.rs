//! `at P`: what canary and control show, and what is said of it. Two hours at one minute.

use super::scene::*;
use super::*;
use crate::assessment::{CriterionAssessment, GateAssessment, Measures};

const HOURS: i64 = 2;
const WINDOW: i64 = HOURS * 60 * MIN;
const POINTS: usize = 121;

/// Noise around 1 that repeats itself nowhere, and whose sum is nothing in particular.
fn noisy(seed: u64, size: f64) -> impl Iterator<Item = f64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let uniform = f64::from(u32::try_from(state >> 32).expect("32 bits")) / f64::from(u32::MAX);
        1.0 + size * (2.0 * uniform - 1.0)
    })
}

fn arm(level: f64, seed: u64, size: f64) -> Vec<Option<f64>> {
    noisy(seed, size)
        .take(POINTS)
        .map(|one| Some(level * one))
        .collect()
}

fn at(confidence: &str, comparison: Comparison, bound: Bound) -> Condition {
    Condition {
        bound,
        at: Confidence::new(Share::parse(confidence).expect("a share")),
        ..condition(Some(Reducer::Mean), comparison, 0.0, None)
    }
}

fn above(delta: Delta) -> Bound {
    Bound::Above(delta)
}

fn percent(share: f64) -> Delta {
    Delta::Relative(finite(share))
}

/// Canary and control an hour's latencies in seconds; `<= baseline + 10% at 95%`.
fn latency(canary: Vec<Option<f64>>, control: Vec<Option<f64>>) -> Scene {
    Scene {
        unit: Unit::Seconds,
        baseline: Some(Baseline::Offset(minutes(7 * 24 * 60))),
        baseline_as: Some(BaselineAs::Points),
        baseline_samples: control,
        started: Some(WINDOW),
        ..exit(
            at("95%", Comparison::LessOrEqual, above(percent(0.1))),
            canary,
        )
    }
}

fn judged_with(scene: &Scene, change: impl Fn(&mut Plan)) -> CriterionAssessment {
    let mut plan = scene.plan();
    let window = Some(Duration::from_secs(WINDOW));
    plan.stages[0].window = window;
    plan.stages[0].gates[0].window = window;
    change(&mut plan);
    let observations = scene.observed(&plan);
    assess(&plan, &scene.request(), &observations)
        .gates
        .remove(0)
        .criteria
        .remove(0)
}

fn gate_of(scene: &Scene) -> GateAssessment {
    let mut plan = scene.plan();
    let window = Some(Duration::from_secs(WINDOW));
    plan.stages[0].window = window;
    plan.stages[0].gates[0].window = window;
    let observations = scene.observed(&plan);
    assess(&plan, &scene.request(), &observations)
        .gates
        .remove(0)
}

fn judged(scene: &Scene) -> CriterionAssessment {
    judged_with(scene, |_| ())
}

fn outcome(criterion: &CriterionAssessment) -> (Outcome, &'static str) {
    (criterion.outcome, criterion.code.word())
}

#[test]
fn c11_equal_arms_are_met_a_worse_canary_is_unmet_and_noise_is_undecided() {
    let met = judged(&latency(arm(0.2, 1, 0.3), arm(0.2, 2, 0.3)));
    assert_eq!(outcome(&met), (Outcome::Met, "met"), "{}", met.reason);
    let told = "sure to 95% that it is at most 1.0";
    assert!(met.reason.starts_with(told), "{}", met.reason);
    assert!(
        met.reason
            .ends_with("x the control, 1.1x allowed (12 blocks of 10m5s)"),
        "{}",
        met.reason
    );
    let unmet = judged(&latency(arm(0.25, 1, 0.3), arm(0.2, 2, 0.3)));
    assert_eq!(outcome(&unmet), (Outcome::Unmet, "breach"));
    assert!(
        unmet
            .reason
            .starts_with("sure to 95% that it is at least 1.2"),
        "{}",
        unmet.reason
    );
    let open = judged(&latency(arm(0.18, 1, 0.9), arm(0.19, 2, 0.9)));
    assert_eq!(outcome(&open), (Outcome::Unknown, "undecided"));
    let told = "undecided: between 0.8";
    assert!(open.reason.starts_with(told), "{}", open.reason);
    for told in [
        "x the control, 1.1x allowed; at this noise about ",
        " more would tell (a window of ",
    ] {
        assert!(open.reason.contains(told), "{}", open.reason);
    }
    let worse = judged(&latency(arm(0.215, 1, 0.9), arm(0.19, 2, 0.9)));
    assert!(
        worse
            .reason
            .ends_with("; so far it looks worse than allowed"),
        "{}",
        worse.reason
    );
}

#[test]
fn c4_a_difference_and_a_limit_are_said_in_their_own_words() {
    let difference = |canary| Scene {
        condition: at(
            "99%",
            Comparison::LessOrEqual,
            above(Delta::Absolute(finite(0.02))),
        ),
        ..latency(arm(canary, 1, 0.3), arm(0.2, 2, 0.3))
    };
    let met = judged(&difference(0.2));
    assert!(
        met.reason.starts_with("sure to 99% that it is at most "),
        "{}",
        met.reason
    );
    assert!(
        met.reason.contains("ms worse, 20ms allowed ("),
        "{}",
        met.reason
    );
    let better = judged(&difference(0.15));
    assert!(
        better
            .reason
            .starts_with("sure to 99% that it is at least "),
        "{}",
        better.reason
    );
    assert!(
        better.reason.contains("ms better, 20ms allowed"),
        "{}",
        better.reason
    );
    let unmet = judged(&difference(0.25));
    assert!(
        unmet.reason.contains("that it is at least 3"),
        "{}",
        unmet.reason
    );
    assert!(
        unmet.reason.ends_with("ms worse, 20ms allowed"),
        "{}",
        unmet.reason
    );
    let limit = |level| Scene {
        condition: at("95%", Comparison::Less, Bound::Fixed(finite(0.25))),
        baseline: None,
        ..latency(arm(level, 1, 0.3), Vec::new())
    };
    let met = judged(&limit(0.2));
    assert!(
        met.reason.starts_with("sure to 95% that it is at most 20"),
        "{}",
        met.reason
    );
    assert!(met.reason.contains("ms, 250ms allowed"), "{}", met.reason);
    assert_eq!(judged(&limit(0.3)).outcome, Outcome::Unmet);
}

#[test]
fn c6_high_is_good_where_the_condition_says_so_and_stops_describe_the_bad_state() {
    let condition = |comparison| at("95%", comparison, Bound::Below(percent(0.1)));
    let rate = |level| Scene {
        condition: condition(Comparison::GreaterOrEqual),
        ..latency(arm(level, 1, 0.3), arm(0.2, 2, 0.3))
    };
    let met = judged(&rate(0.2));
    assert_eq!(met.outcome, Outcome::Met);
    assert!(
        met.reason.contains("at least 0.9") && met.reason.contains("0.9x required"),
        "{}",
        met.reason
    );
    let unmet = judged(&rate(0.15));
    assert_eq!(unmet.outcome, Outcome::Unmet);
    assert!(unmet.reason.contains("at most 0.8"), "{}", unmet.reason);
    let stop = |level| Scene {
        list: List::Stop,
        condition: at("95%", Comparison::Greater, above(percent(0.1))),
        ..latency(arm(level, 1, 0.3), arm(0.2, 2, 0.3))
    };
    assert_eq!(outcome(&judged(&stop(0.2))), (Outcome::Clear, "clear"));
    assert_eq!(outcome(&judged(&stop(0.25))), (Outcome::Tripped, "breach"));
    assert_eq!(judged(&stop(0.218)).code, Code::Undecided);
}

/// Canary levels at which t lies between the late threshold and the early one.
fn between_thresholds() -> f64 {
    let tripped = |level: f64, started: i64| {
        let scene = Scene {
            started: Some(started),
            ..latency(arm(level, 1, 0.3), arm(0.2, 2, 0.3))
        };
        judged(&scene).outcome
    };
    let levels = (0..400_i32).map(|step| 0.22 + 0.0002 * f64::from(step));
    let mut found = levels.filter(|level| {
        tripped(*level, WINDOW) == Outcome::Unmet
            && tripped(*level, WINDOW - MIN) == Outcome::Unknown
    });
    found.next().expect("a level between the two")
}

#[test]
fn compare_4_an_early_look_needs_more() {
    let level = between_thresholds();
    let scene = |started, list| Scene {
        list,
        started,
        ..latency(arm(level, 1, 0.3), arm(0.2, 2, 0.3))
    };
    let early = judged(&scene(Some(WINDOW - MIN), List::Exit));
    assert_eq!(
        outcome(&early),
        (Outcome::Unknown, "undecided"),
        "{}",
        early.reason
    );
    let late = judged(&scene(Some(WINDOW), List::Exit));
    assert_eq!(late.outcome, Outcome::Unmet, "{}", late.reason);
    assert_eq!(
        judged(&scene(None, List::Entry)).outcome,
        Outcome::Unmet,
        "without a start"
    );
    let trailing = |started| {
        judged_with(&scene(started, List::Exit), |plan| {
            plan.stages[0].observe = Observe::Trailing;
        })
    };
    assert_eq!(
        trailing(Some(MIN)).outcome,
        Outcome::Unmet,
        "it has no early looks"
    );
    let far = Scene {
        started: Some(WINDOW / 2),
        ..latency(arm(0.3, 1, 0.3), arm(0.2, 2, 0.3))
    };
    let far = judged(&far);
    assert_eq!(far.outcome, Outcome::Unmet);
    let told = "sure to 95% (99.9% asked before the window is complete) that it is at least 1.";
    assert!(far.reason.starts_with(told), "{}", far.reason);
    let good = Scene {
        started: Some(WINDOW / 2),
        ..latency(arm(0.2, 1, 0.3), arm(0.2, 2, 0.3))
    };
    let good = judged(&good);
    assert_eq!(outcome(&good), (Outcome::Unknown, "window-incomplete"));
    assert!(
        good.is_met_so_far() && good.reason.contains("; so far sure to 95%"),
        "{}",
        good.reason
    );
}

#[test]
fn compare_5_of_many_series_one_that_is_hardly_worse_is_unknown() {
    let level = between_thresholds();
    let sites = |last: f64| {
        let mut samples = vec![arm(0.2, 3, 0.3); 19];
        samples.push(arm(last, 1, 0.3));
        let mut baselines = vec![arm(0.2, 4, 0.3); 19];
        baselines.push(arm(0.2, 2, 0.3));
        Scene {
            per: Some("site"),
            expected: Some((0..20).map(|site| format!("s{site}")).collect()),
            samples,
            baseline_by_site: baselines,
            ..latency(Vec::new(), Vec::new())
        }
    };
    let hardly = judged(&sites(level));
    assert_eq!(
        outcome(&hardly),
        (Outcome::Unknown, "undecided"),
        "{}",
        hardly.reason
    );
    let series = &hardly.kpi.expect("a KPI").series;
    assert_eq!(
        series
            .iter()
            .filter(|one| one.outcome == Outcome::Met)
            .count(),
        19
    );
    let far = judged(&sites(0.3));
    assert_eq!(far.outcome, Outcome::Unmet);
    assert!(
        far.reason.contains("(99.75% asked of each of 20 series)"),
        "{}",
        far.reason
    );
}

#[test]
fn c2_c3_too_few_pairs_and_too_few_blocks_show_nothing() {
    let few = Scene {
        started: Some(46 * MIN),
        ..latency(arm(0.4, 1, 0.3), arm(0.2, 2, 0.3))
    };
    let few = judged(&few);
    assert_eq!(outcome(&few), (Outcome::Unknown, "too-few-samples"));
    let told = "47 points at which canary and control were both measured are too few to tell noise from a difference: 48 needed, there at 2026-11-20T00:01:00Z at the earliest";
    assert_eq!(few.reason, told);
    let enough = Scene {
        started: Some(47 * MIN),
        ..latency(arm(0.4, 1, 0.3), arm(0.2, 2, 0.3))
    };
    assert_eq!(judged(&enough).outcome, Outcome::Unmet);
    let mut control = arm(0.2, 2, 0.3);
    for value in control.iter_mut().take(51) {
        *value = Some(0.0);
    }
    let blocks = judged(&latency(arm(0.2, 1, 0.3), control));
    assert_eq!(outcome(&blocks), (Outcome::Unknown, "too-few-samples"));
    assert!(
        blocks.reason.starts_with("7 of 12 parts of the span"),
        "{}",
        blocks.reason
    );
}

#[test]
fn compare_8_gaps_nan_and_an_arm_that_is_away_are_unknown() {
    let bad = || arm(0.4, 1, 0.3);
    let mut gaps = bad();
    for value in gaps.iter_mut().skip(20).take(20) {
        *value = Some(f64::NAN);
    }
    let thin = judged(&latency(gaps.clone(), arm(0.2, 2, 0.3)));
    assert_eq!(
        outcome(&thin),
        (Outcome::Unknown, "low-coverage"),
        "{}",
        thin.reason
    );
    for value in &mut gaps {
        *value = value.filter(|value| !value.is_nan());
    }
    let partners = judged(&latency(bad(), gaps));
    assert_eq!(outcome(&partners), (Outcome::Unknown, "baseline-unknown"));
    let mut ended = arm(0.2, 2, 0.3);
    ended.truncate(POINTS - 8);
    ended.resize(POINTS, None);
    let ended = judged(&latency(bad(), ended));
    assert_eq!(outcome(&ended), (Outcome::Unknown, "stale"), "C2");
    let told = "of canary and control together the newest point is 8m old";
    assert!(ended.reason.starts_with(told), "{}", ended.reason);
    let away = judged(&latency(bad(), Vec::new()));
    assert_eq!(outcome(&away), (Outcome::Unknown, "baseline-unknown"));
    let warned = Scene {
        warnings: vec!["partial".to_owned()],
        ..latency(bad(), arm(0.2, 2, 0.3))
    };
    assert_eq!(judged(&warned).outcome, Outcome::Unknown);
    for mut endless in [bad(), arm(0.2, 1, 0.1)] {
        endless[60] = Some(f64::INFINITY);
        let endless = judged(&latency(endless, arm(0.2, 2, 0.1)));
        assert_eq!(outcome(&endless), (Outcome::Unknown, "not-a-number"));
    }
}

#[test]
fn c12_a_canary_that_drifts_away_is_said_to() {
    let drift =
        (0..POINTS).map(|at| Some(0.2 + 0.0008 * f64::from(u32::try_from(at).expect("small"))));
    let drifts = judged(&latency(drift.collect(), arm(0.2, 2, 0.01)));
    assert_eq!(outcome(&drifts), (Outcome::Unknown, "undecided"));
    assert!(
        drifts
            .reason
            .contains("; the difference drifts: first half 1.1"),
        "{}",
        drifts.reason
    );
    assert!(
        drifts.reason.contains("x, second half 1."),
        "{}",
        drifts.reason
    );
}

#[test]
fn c1_of_two_deltas_the_higher_bound_counts_at_the_controls_value() {
    let either = |absolute| {
        let max = Delta::Max(
            Box::new(Delta::Absolute(finite(absolute))),
            Box::new(percent(0.1)),
        );
        let scene = Scene {
            condition: at("95%", Comparison::LessOrEqual, above(max)),
            ..latency(arm(0.22, 1, 0.1), arm(0.2, 2, 0.1))
        };
        let kpi = judged(&scene).kpi.expect("a KPI");
        kpi.series[0].certainty.clone().expect("an estimate")
    };
    assert_eq!(either(0.03).measures, Measures::Difference);
    assert_eq!(either(0.01).measures, Measures::Quotient);
    let found = either(0.03);
    assert!(found.low < found.estimate && found.estimate < found.high);
    assert_eq!((found.blocks.len(), found.pairs), (12, POINTS));
    assert!(found.z.is_none() && found.se_chance.is_none());
}

#[test]
fn what_the_noise_leaves_open_only_waits_while_the_window_runs_and_looks_no_worse() {
    let gate = |level, started| {
        gate_of(&Scene {
            started: Some(started),
            ..latency(arm(level, 1, 0.9), arm(0.19, 2, 0.9))
        })
    };
    let early = gate(0.2, WINDOW - 30 * MIN);
    assert_eq!(early.criteria[0].code, Code::Undecided);
    assert!(early.is_pending(), "{}", early.criteria[0].reason);
    assert!(gate(0.2, 20 * MIN).is_pending(), "too few so far");
    assert!(!gate(0.2, WINDOW).is_pending(), "the window is complete");
    let worse = gate(0.23, WINDOW - 30 * MIN);
    assert_eq!(worse.criteria[0].code, Code::Undecided);
    assert!(!worse.is_pending(), "{}", worse.criteria[0].reason);
}
