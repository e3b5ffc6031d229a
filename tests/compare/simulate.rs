//! Canaries and controls made from seeds, judged as every check judges: how often `at P` is wrong, and how often it finds what is
//! there. The tables of docs/statistics.md come from here: `cargo bench --bench error_rates`.
//!
//! Must not compute a verdict of its own.

use std::collections::BTreeMap;

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
pub struct Scenario {
    /// As the table calls it.
    pub letter: &'static str,
    /// In words.
    pub words: &'static str,
    minutes: usize,
    /// Requests a minute, of canary and control.
    rates: [f64; 2],
    errors: f64,
    margin: f64,
    /// Deviation of the noise that both sides share, and of the noise that each has of its own.
    noise: [f64; 2],
    /// How much of itself the noise remembers from minute to minute.
    memory: f64,
    /// Whether load follows the day.
    diurnal: bool,
    /// How much errors follow the load.
    follows: f64,
    /// Whether the canary's share goes from a tenth to nine tenths.
    ramps: bool,
}

/// Nothing but chance: 300 requests a minute on each side, for two hours.
const STEADY: Scenario = Scenario {
    letter: "A",
    words: "steady: 300 requests a minute on each side, 1% errors, margin 0.5pp, 2h",
    minutes: 120,
    rates: [300.0, 300.0],
    errors: 0.01,
    margin: 0.005,
    noise: [0.0, 0.0],
    memory: 0.9,
    diurnal: false,
    follows: 0.0,
    ramps: false,
};

/// Those of the table, in its order.
pub const SCENARIOS: [Scenario; 9] = [
    STEADY,
    Scenario {
        letter: "B",
        words: "the same, with noise that both sides share",
        noise: [0.5, 0.0],
        ..STEADY
    },
    Scenario {
        letter: "C",
        words: "the same, with noise of its own on each side that lasts for minutes",
        noise: [0.0, 0.3],
        ..STEADY
    },
    Scenario {
        letter: "C2",
        words: "twice as much of such noise, and it lasts twice as long",
        noise: [0.0, 0.6],
        memory: 0.95,
        ..STEADY
    },
    Scenario {
        letter: "D",
        words: "a canary with 5% of the traffic, 30 and 570 requests a minute, 2h",
        rates: [30.0, 570.0],
        ..STEADY
    },
    Scenario {
        letter: "E",
        words: "little traffic, 2 requests a minute on each side, margin 1pp, 24h",
        minutes: 1440,
        rates: [2.0, 2.0],
        margin: 0.01,
        ..STEADY
    },
    Scenario {
        letter: "F",
        words: "rare errors, 0.01% of 1,000 requests a minute, margin 0.01pp, 24h",
        minutes: 1440,
        rates: [1000.0, 1000.0],
        errors: 0.0001,
        margin: 0.0001,
        ..STEADY
    },
    Scenario {
        letter: "G",
        words: "load and errors that follow the day, noise as in C, 24h",
        minutes: 1440,
        rates: [100.0, 100.0],
        noise: [0.0, 0.3],
        diurnal: true,
        follows: 0.7,
        ..STEADY
    },
    Scenario {
        letter: "H",
        words: "a share that goes from 10% to 90% while errors follow the day, 24h",
        minutes: 1440,
        rates: [100.0, 100.0],
        diurnal: true,
        follows: 0.7,
        ramps: true,
        ..STEADY
    },
];

/// Requests and errors of each minute.
pub type Arm = Vec<(f64, f64)>;

/// Normal, mean 0, deviation 1 (Box and Muller): tails matter here.
fn normal(random: &mut Random) -> f64 {
    let radius = (-2.0 * (1.0 - random.unit()).ln()).sqrt();
    radius * (std::f64::consts::TAU * random.unit()).cos()
}

/// A Poisson number: exact below a mean of 50, a rounded normal one above.
fn poisson(random: &mut Random, mean: f64) -> f64 {
    if mean > 50.0 {
        return mean.sqrt().mul_add(normal(random), mean).round().max(0.0);
    }
    let (mut product, mut count, least) = (random.unit(), 0.0, (-mean).exp());
    while product > least {
        product *= random.unit();
        count += 1.0;
    }
    count
}

/// Noise of one deviation that remembers a part of itself.
struct Noise {
    now: f64,
    deviation: f64,
    memory: f64,
}

impl Noise {
    fn new(random: &mut Random, deviation: f64, memory: f64) -> Self {
        Self {
            now: normal(random) * deviation,
            deviation,
            memory,
        }
    }

    fn next(&mut self, random: &mut Random) -> f64 {
        let kept = (1.0 - self.memory * self.memory).sqrt() * self.deviation;
        self.now = self.memory.mul_add(self.now, kept * normal(random));
        self.now
    }
}

impl Scenario {
    fn load(&self, minute: usize) -> f64 {
        let day = f64::from(u32::try_from(minute).expect("small")) / 1440.0;
        if self.diurnal {
            0.9_f64.mul_add((std::f64::consts::TAU * day).sin(), 1.0)
        } else {
            1.0
        }
    }

    /// What becomes of a side's traffic while the share of the canary changes.
    fn share(&self, side: usize, minute: usize) -> f64 {
        let is_first_half = minute * 2 < self.minutes;
        match (self.ramps, (side == 0) == is_first_half) {
            (false, _) => 1.0,
            (true, true) => 0.2,
            (true, false) => 1.8,
        }
    }

    /// Canary and control, where the canary's errors are more probable by so many margins.
    pub fn arms(&self, random: &mut Random, margins: f64) -> [Arm; 2] {
        let lift = [margins * self.margin, 0.0];
        let [shared, own] = self.noise;
        let mut shared = Noise::new(random, shared, self.memory);
        let mut own = [0, 1].map(|_| Noise::new(random, own, self.memory));
        let mut arms = [Vec::new(), Vec::new()];
        for minute in 0..=self.minutes {
            let load = self.load(minute);
            let of_both = shared.next(random);
            for (side, arm) in arms.iter_mut().enumerate() {
                let logit = (self.errors / (1.0 - self.errors)).ln()
                    + self.follows * (load - 1.0)
                    + of_both
                    + own[side].next(random);
                let probability = (1.0 / (1.0 + (-logit).exp()) + lift[side]).min(1.0);
                let mean = self.rates[side] * load * self.share(side, minute);
                // Errors and the rest of a Poisson number of requests are Poisson numbers, too.
                let errors = poisson(random, mean * probability);
                let good = poisson(random, mean * (1.0 - probability));
                arm.push((errors + good, errors));
            }
        }
        arms
    }

    /// The plan whose exit compares them.
    pub fn plan_text(&self) -> String {
        format!(
            "release: R1.0
source: http://prometheus.example.com:9090
vars: {{ track: canary }}
baseline: {{ vars: {{ track: stable }} }}
kpis:
  error_rate:
    ratio: {{ errors: 'sum(rate(errors_total{{track=\"$track\"}}[$step]))', total: 'sum(rate(requests_total{{track=\"$track\"}}[$step]))' }}
    step: 1m
    coverage: 50%
stages:
  - name: canary
    window: {}m
    stop: {{ kpis: {{ error_rate: '> 50% for 10m' }} }}
    exit: {{ kpis: {{ error_rate: '<= baseline + {} at 95%' }} }}
",
            self.minutes, self.margin
        )
    }

    fn plan(&self) -> Plan {
        let text = self.plan_text();
        match load(text.as_bytes(), &Options::default()) {
            Ok(loaded) => loaded.plan,
            Err(problems) => panic!("{text}\n{problems:#?}"),
        }
    }

    /// Whether it lasts a day.
    pub fn is_long(&self) -> bool {
        self.minutes > 600
    }

    /// After how many minutes each is looked at before its window is complete.
    fn looks(&self) -> Vec<usize> {
        if self.is_long() {
            (60..self.minutes).step_by(60).collect()
        } else {
            (10..self.minutes).step_by(5).collect()
        }
    }
}

/// A check of the only gate after so many minutes.
fn request(minutes: usize) -> Request {
    let seconds = i64::try_from(minutes).expect("small") * MINUTE;
    Request {
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
    }
}

/// What the exit's criterion comes to after so many minutes.
pub fn outcome(plan: &Plan, arms: &[Arm; 2], minutes: usize) -> Outcome {
    let request = request(minutes);
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

/// The whole window's questions and answers, for a program that replays them: T, S, and each question with its samples.
pub fn exchanges(scenario: &Scenario, arms: &[Arm; 2]) -> (Request, Vec<(Question, Reply)>) {
    let (request, asked) = asked_of(&scenario.plan(), scenario.minutes);
    let answered = asked.into_iter().map(|question| {
        let reply = answer(&question, arms);
        (question, reply)
    });
    (request, answered.collect())
}

/// What a check asks after so many minutes.
pub fn asked_of(plan: &Plan, minutes: usize) -> (Request, Vec<Question>) {
    let request = request(minutes);
    let asked = questions(plan, &request);
    (request, asked)
}

fn answer(question: &Question, arms: &[Arm; 2]) -> Reply {
    let arm = &arms[usize::from(question.query.contains("stable"))];
    let is_total = question.query.contains("requests");
    let values = arm
        .iter()
        .map(|(total, errors)| if is_total { *total } else { *errors } / 60.0);
    answered(question, values)
}

/// An answer with a value for each minute.
pub fn answered(question: &Question, values: impl Iterator<Item = f64>) -> Reply {
    let Asked::Range(grid) = &question.asked else {
        panic!("points are asked for");
    };
    let at =
        |minute: usize| Instant::from_secs(START + i64::try_from(minute).expect("small") * MINUTE);
    let points = values.enumerate().map(|(minute, value)| Point {
        at: at(minute),
        value,
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

/// How runs of a scenario ended.
#[derive(Debug, Default, Clone)]
pub struct Ends {
    runs: usize,
    met: usize,
    unmet: usize,
    /// After how many minutes each was unmet first, in those runs where it was.
    first: Vec<usize>,
}

impl Ends {
    /// Met at the end, in percent of runs.
    pub fn met(&self) -> f64 {
        self.percent(self.met)
    }

    /// Unmet at the end.
    pub fn unmet(&self) -> f64 {
        self.percent(self.unmet)
    }

    /// Unmet at any look or at the end.
    pub fn ever(&self) -> f64 {
        self.percent(self.first.len())
    }

    /// After how many minutes it was unmet first, in the median of those runs where it was.
    pub fn median(&self) -> Option<usize> {
        let mut all = self.first.clone();
        all.sort_unstable();
        all.get(all.len() / 2).copied()
    }

    fn percent(&self, count: usize) -> f64 {
        let number = |count: usize| f64::from(u32::try_from(count).expect("small"));
        100.0 * number(count) / number(self.runs)
    }
}

/// Runs of a scenario; the same seeds whatever else is run.
pub fn ends(scenario: &Scenario, margins: f64, runs: usize, is_watched: bool) -> Ends {
    let mut random = Random::named(&format!("compare {} {margins}", scenario.letter));
    let plan = scenario.plan();
    let looks = scenario.looks();
    let mut ends = Ends {
        runs,
        ..Ends::default()
    };
    for _ in 0..runs {
        let arms = scenario.arms(&mut random, margins);
        let end = outcome(&plan, &arms, scenario.minutes);
        let mut early = looks.iter().copied().filter(|_| is_watched);
        let early = early.find(|at| outcome(&plan, &arms, *at) == Outcome::Unmet);
        let at_end = (end == Outcome::Unmet).then_some(scenario.minutes);
        ends.met += usize::from(end == Outcome::Met);
        ends.unmet += usize::from(end == Outcome::Unmet);
        ends.first.extend(early.or(at_end));
    }
    ends
}
