//! How often `at P` is wrong, and how often it finds what is there: canaries and controls made from seeds, judged as every check
//! judges. The table in docs/statistics.md comes from here:
//! `cargo test --test integration -- --ignored --nocapture simulated`

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::support::random::Random;
use gate::assessment::Outcome;
use gate::evaluate::{GateRef, Request, assess, questions};
use gate::plan::{Options, Plan, load};
use gate::samples::{Asked, Observations, Point, Question, Reply, Series};
use gate::units::Instant;

const MINUTE: i64 = 60;
/// Where every simulated stage begins: 2026-11-20T00:00:00Z.
const START: i64 = 1_795_132_800;

/// One way in which traffic and errors come about.
struct Scenario {
    letter: &'static str,
    words: &'static str,
    minutes: usize,
    /// Requests a minute, of canary and control.
    rates: [f64; 2],
    errors: f64,
    margin: f64,
    /// Deviation of each arm's own noise, which remembers 0.9 of itself from minute to minute.
    own: f64,
    /// How much errors follow the load of the day.
    follows: f64,
    /// Whether the canary's share goes from a tenth to nine tenths.
    ramps: bool,
}

const SCENARIOS: [Scenario; 6] = [
    Scenario {
        letter: "A",
        words: "steady: 300 requests a minute each, 1% errors, margin 0.5pp, 2h",
        minutes: 120,
        rates: [300.0, 300.0],
        errors: 0.01,
        margin: 0.005,
        own: 0.0,
        follows: 0.0,
        ramps: false,
    },
    Scenario {
        letter: "C",
        words: "the same with noise of its own on each side that lasts for minutes",
        minutes: 120,
        rates: [300.0, 300.0],
        errors: 0.01,
        margin: 0.005,
        own: 0.3,
        follows: 0.0,
        ramps: false,
    },
    Scenario {
        letter: "D",
        words: "a canary with 5% of the traffic: 30 and 570 requests a minute, 2h",
        minutes: 120,
        rates: [30.0, 570.0],
        errors: 0.01,
        margin: 0.005,
        own: 0.0,
        follows: 0.0,
        ramps: false,
    },
    Scenario {
        letter: "E",
        words: "little traffic: 2 requests a minute each, margin 1pp, 24h",
        minutes: 1440,
        rates: [2.0, 2.0],
        errors: 0.01,
        margin: 0.01,
        own: 0.0,
        follows: 0.0,
        ramps: false,
    },
    Scenario {
        letter: "F",
        words: "rare errors: 1000 requests a minute each, 0.01%, margin 0.01pp, 24h",
        minutes: 1440,
        rates: [1000.0, 1000.0],
        errors: 0.0001,
        margin: 0.0001,
        own: 0.0,
        follows: 0.0,
        ramps: false,
    },
    Scenario {
        letter: "H",
        words: "a share that goes from 10% to 90% while errors follow the day, 24h",
        minutes: 1440,
        rates: [100.0, 100.0],
        errors: 0.01,
        margin: 0.005,
        own: 0.0,
        follows: 0.7,
        ramps: true,
    },
];

/// Requests and errors of each minute.
type Arm = Vec<(f64, f64)>;

/// A Poisson number: exact below a mean of 50, a rounded normal one above.
fn poisson(random: &mut Random, mean: f64) -> f64 {
    if mean > 50.0 {
        return mean.sqrt().mul_add(random.normal(), mean).round().max(0.0);
    }
    let (mut product, mut count) = (random.unit(), 0.0);
    while product > (-mean).exp() {
        product *= random.unit();
        count += 1.0;
    }
    count
}

impl Scenario {
    fn load(&self, minute: usize) -> f64 {
        let day = f64::from(u32::try_from(minute).expect("small")) / 1440.0;
        if self.follows > 0.0 {
            0.9_f64.mul_add((std::f64::consts::TAU * day).sin(), 1.0)
        } else {
            1.0
        }
    }

    /// Canary and control, where the canary's errors are more probable by so much.
    fn arms(&self, random: &mut Random, lift: f64) -> [Arm; 2] {
        let mut noise = [random.normal() * self.own, random.normal() * self.own];
        let mut arms = [Vec::new(), Vec::new()];
        for minute in 0..=self.minutes {
            let load = self.load(minute);
            for (side, arm) in arms.iter_mut().enumerate() {
                let kept = (1.0_f64 - 0.81).sqrt() * self.own;
                noise[side] = 0.9_f64.mul_add(noise[side], kept * random.normal());
                let first_half = minute * 2 < self.minutes;
                let share = match (self.ramps, (side == 0) == first_half) {
                    (false, _) => 1.0,
                    (true, true) => 0.2,
                    (true, false) => 1.8,
                };
                let logit = (self.errors / (1.0 - self.errors)).ln();
                let logit = self.follows.mul_add(load - 1.0, logit) + noise[side];
                let probability = 1.0 / (1.0 + (-logit).exp()) + if side == 0 { lift } else { 0.0 };
                let mean = self.rates[side] * load * share;
                let errors = poisson(random, mean * probability);
                let good = poisson(random, mean * (1.0 - probability));
                arm.push((errors + good, errors));
            }
        }
        arms
    }

    fn plan(&self) -> Plan {
        let text = format!(
            "release: R1.0
source: http://prometheus.example.com:9090
vars: {{ track: canary }}
baseline: {{ vars: {{ track: stable }} }}
kpis:
  error_rate:
    ratio: {{ errors: 'sum(rate(errors_total{{track=\"$track\"}}[$step]))', total: 'sum(rate(requests_total{{track=\"$track\"}}[$step]))' }}
    step: 1m
    coverage: 80%
stages:
  - name: canary
    window: {}m
    stop: {{ kpis: {{ error_rate: '> 50% for 10m' }} }}
    exit: {{ kpis: {{ error_rate: '<= baseline + {} at 95%' }} }}
",
            self.minutes, self.margin
        );
        match load(text.as_bytes(), &Options::default()) {
            Ok(loaded) => loaded.plan,
            Err(problems) => panic!("{text}\n{problems:#?}"),
        }
    }
}

/// What the exit's criterion comes to after so many minutes.
fn outcome(plan: &Plan, arms: &[Arm; 2], minutes: usize) -> Outcome {
    let seconds = i64::try_from(minutes).expect("small") * MINUTE;
    let request = Request {
        later_starts: BTreeMap::new(),
        later_checks: Vec::new(),
        later_holds: Vec::new(),
        outlook: Vec::new(),
        trailing: false,
        at: Instant::from_secs(START + seconds),
        started: Some(Instant::from_secs(START)),
        gates: vec![GateRef { stage: 0, gate: 0 }],
        ledger: None,
        plan_sha256: None,
        vars: Vec::new(),
        addresses: Vec::new(),
    };
    let observations: Observations = questions(plan, &request)
        .into_iter()
        .map(|question| {
            let reply = answer(&question, arms);
            (question, Ok(reply))
        })
        .collect();
    let gate = assess(plan, &request, &observations).gates.remove(0);
    let criteria = gate.criteria.iter();
    let mut of_exit = criteria.filter(|one| one.kpi.is_some());
    let criterion = of_exit.find(|one| one.list == gate::kind::List::Exit);
    criterion.expect("the exit's KPI").outcome
}

fn answer(question: &Question, arms: &[Arm; 2]) -> Reply {
    let arm = &arms[usize::from(question.query.contains("stable"))];
    let of = |(total, errors): (f64, f64)| {
        if question.query.contains("requests") {
            total
        } else {
            errors
        }
    };
    let Asked::Range(grid) = &question.asked else {
        panic!("points are asked for");
    };
    let at =
        |minute: usize| Instant::from_secs(START + i64::try_from(minute).expect("small") * MINUTE);
    let points = arm.iter().enumerate().map(|(minute, counts)| Point {
        at: at(minute),
        value: of(*counts) / 60.0,
    });
    let inside = points.filter(|point| point.at >= grid.first() && point.at <= grid.last());
    Reply {
        series: vec![Series {
            points: inside.collect(),
            ..Series::default()
        }],
        ..Reply::default()
    }
}

/// How runs of a scenario end, in percent.
#[derive(Debug, Default, Clone, Copy)]
struct Ends {
    met: f64,
    unmet: f64,
    ever: f64,
}

fn ends(scenario: &Scenario, margins: f64, runs: usize, looks: bool) -> Ends {
    let mut random = Random::named(&format!("compare {} {margins}", scenario.letter));
    let plan = scenario.plan();
    let mut ends = Ends::default();
    let step = if scenario.minutes > 600 { 120 } else { 10 };
    for _ in 0..runs {
        let arms = scenario.arms(&mut random, margins * scenario.margin);
        let end = outcome(&plan, &arms, scenario.minutes);
        let mut times = (10..scenario.minutes).step_by(step);
        let early = looks && times.any(|at| outcome(&plan, &arms, at) == Outcome::Unmet);
        ends.met += f64::from(u8::from(end == Outcome::Met));
        ends.unmet += f64::from(u8::from(end == Outcome::Unmet));
        ends.ever += f64::from(u8::from(early || end == Outcome::Unmet));
    }
    let percent = |count: f64| 100.0 * count / f64::from(u32::try_from(runs).expect("small"));
    Ends {
        met: percent(ends.met),
        unmet: percent(ends.unmet),
        ever: percent(ends.ever),
    }
}

#[test]
fn compare_6_of_canaries_at_the_margin_few_are_judged_either_way() {
    let at_margin = ends(&SCENARIOS[0], 1.0, 300, false);
    assert!(
        at_margin.met <= 7.0 && at_margin.unmet <= 7.0,
        "{at_margin:?}"
    );
    let same = ends(&SCENARIOS[0], 0.0, 300, false);
    assert!(same.unmet <= 0.5 && same.met >= 95.0, "{same:?}");
    let twice = ends(&SCENARIOS[0], 2.0, 100, false);
    assert!(twice.met < 1.0 && twice.unmet >= 90.0, "{twice:?}");
}

#[test]
#[ignore = "takes minutes; prints the table of docs/statistics.md"]
fn simulated_error_rates() {
    let mut table = String::new();
    for scenario in &SCENARIOS {
        let runs = if scenario.minutes > 600 { 100 } else { 500 };
        let same = ends(scenario, 0.0, runs, true);
        let at_margin = ends(scenario, 1.0, runs, true);
        let twice = ends(scenario, 2.0, runs, false);
        let line = format!(
            "| {} {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
            scenario.letter,
            scenario.words,
            at_margin.met,
            at_margin.unmet,
            at_margin.ever,
            same.ever,
            same.met,
            twice.met,
            twice.unmet
        );
        println!("{line}");
        writeln!(table, "{line}").expect("text");
    }
    println!("{table}");
}
