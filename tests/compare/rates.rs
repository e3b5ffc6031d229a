//! How often `at P` is wrong (acceptance test 6 of canary against control). All scenarios: `cargo bench --bench error_rates`.
//!
//! `GATE_RUNS=2000 cargo test --test integration -- --nocapture compare_6` makes as many runs of each through the program.

use super::simulate::{SCENARIOS, answered, asked_of, ends, exchanges};
use crate::kept::Judged;
use crate::support::program::Workplace;
use crate::support::random::Random;
use gate::plan::{Options, load};

/// Runs through the program, unless `GATE_RUNS` says otherwise.
fn runs() -> u32 {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no other way to be asked for more"
    )]
    let asked = std::env::var("GATE_RUNS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(12)
}

#[test]
fn compare_6_of_canaries_at_the_margin_few_are_judged_either_way() {
    let at_margin = ends(&SCENARIOS[0], 1.0, 300, false);
    assert!(
        at_margin.met() <= 7.0 && at_margin.unmet() <= 7.0,
        "{at_margin:?}"
    );
    let same = ends(&SCENARIOS[0], 0.0, 300, false);
    assert!(same.unmet() <= 0.5 && same.met() >= 95.0, "{same:?}");
    let twice = ends(&SCENARIOS[0], 2.0, 100, false);
    assert!(twice.met() < 1.0 && twice.unmet() >= 90.0, "{twice:?}");
}

/// The exit codes of replayed checks of scenario A: how many are GO, and how many NO-GO, in percent.
fn replayed(margins: f64) -> (f64, f64) {
    let scenario = &SCENARIOS[0];
    let text = scenario.plan_text();
    let plan = load(text.as_bytes(), &Options::default()).expect("a plan");
    let place = Workplace::with_plan(&text);
    let mut random = Random::named(&format!("replayed {margins}"));
    let (mut go, mut no_go) = (0, 0);
    for _ in 0..runs() {
        let arms = scenario.arms(&mut random, margins);
        let (request, exchanges) = exchanges(scenario, &arms);
        let judged = Judged {
            path: "plan.yaml",
            text: &text,
            plan: &plan.plan,
            at: request.at,
            started: request.started.expect("a start"),
            gate: "canary/exit",
        };
        place.write("answers.json", judged.with(&exchanges));
        let ran = place.gate(&["check", "plan.yaml", "--replay", "answers.json"]);
        match ran.code {
            0 => go += 1,
            1 => no_go += 1,
            3 => {}
            code => panic!("{code}: {}{}", ran.out, ran.err),
        }
    }
    let percent = |count: u32| 100.0 * f64::from(count) / f64::from(runs());
    (percent(go), percent(no_go))
}

#[test]
fn compare_6_the_program_says_so_too() {
    let (go, no_go) = replayed(1.0);
    println!("{} runs at the margin: {go}% GO, {no_go}% NO-GO", runs());
    let (same, false_alarms) = replayed(0.0);
    println!(
        "{} runs of the same: {same}% GO, {false_alarms}% NO-GO",
        runs()
    );
    assert!(false_alarms <= 0.5, "{false_alarms}%");
    if runs() >= 500 {
        assert!(go <= 7.0 && no_go <= 7.0, "{go}% GO, {no_go}% NO-GO");
    }
}

/// A gauge of canary and control, a point each minute: the exit's criterion.
fn gauges(canary: &[f64], control: &[f64]) -> (i32, String) {
    let text = format!(
        "release: R1.0
source: http://prometheus.example.com:9090
vars: {{ track: canary }}
baseline: {{ vars: {{ track: stable }} }}
kpis: {{ latency: {{ query: 'latency{{track=\"$track\"}}', unit: seconds, step: 1m, coverage: 10% }} }}
stages:
  - name: canary
    window: {}m
    stop: {{ kpis: {{ latency: '> 1h for 10m' }} }}
    exit: {{ kpis: {{ latency: '<= baseline + 10% at 95%' }} }}
",
        (canary.len() - 1).max(48)
    );
    let plan = load(text.as_bytes(), &Options::default())
        .expect("a plan")
        .plan;
    let (request, asked) = asked_of(&plan, canary.len() - 1);
    let exchanges: Vec<_> = (asked.into_iter())
        .map(|question| {
            let arm = if question.query.contains("stable") {
                control
            } else {
                canary
            };
            let reply = answered(&question, arm.iter().copied());
            (question, reply)
        })
        .collect();
    let judged = Judged {
        path: "plan.yaml",
        text: &text,
        plan: &plan,
        at: request.at,
        started: request.started.expect("a start"),
        gate: "canary/exit",
    };
    let place = Workplace::with_plan(&text);
    place.write("answers.json", judged.with(&exchanges));
    let ran = place.gate(&["check", "plan.yaml", "--replay", "answers.json"]);
    (ran.code, format!("{}{}", ran.out, ran.err))
}

/// Kayenta's issue 780 (now spinnaker/spinnaker#6278): cases like those that its judge passes.
#[test]
fn compare_6_what_kayenta_was_blamed_for_does_not_pass() {
    // One side varies far more than the other: so few points say nothing.
    let control: Vec<f64> = (0..7)
        .map(|one| f64::from(100 + one / 2))
        .flat_map(|high| [10.0, high])
        .collect();
    let canary: Vec<f64> = (0..14).map(|one| 10.0 + f64::from(one) / 2.0).collect();
    let (code, said) = gauges(&canary, &control);
    assert_eq!(code, 3, "{said}");
    // Most of the canary's points are a hundred times those of the control.
    for points in [60_u32, 120] {
        let mut random = Random::named("kayenta 780");
        let control: Vec<f64> = (0..points).map(|_| 1.0 + 0.1 * random.unit()).collect();
        let canary: Vec<f64> = (0..points)
            .map(|one| if one % 10 < 7 { 100.0 } else { 1.0 } * (1.0 + 0.1 * random.unit()))
            .collect();
        let (code, said) = gauges(&canary, &control);
        assert_eq!(code, 1, "{points} points: {said}");
        assert!(said.contains("sure to 95% that it is at least"), "{said}");
    }
}
