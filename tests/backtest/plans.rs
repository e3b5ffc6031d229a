//! B3 through the program (acceptance test 1 of backtest): random plans over random pasts, each replayed as a whole and as single checks.
//!
//! `GATE_PLANS=1000 cargo test --test integration -- --nocapture acceptance_1_of_random_plans` for as many plans as the figure in
//! docs/backtest.md.

use std::collections::BTreeMap;

use gate::backtest::{asked, of_gate};
use gate::evaluate::GateRef;
use gate::plan::{Options, Plan, load};
use gate::samples::{Asked, Labels, Point, Question, Reply, Series};
use gate::units::{Duration, Instant};
use serde_json::Value;

use super::T0;
use crate::kept::Judged;
use crate::support::program::{Finished, Workplace};
use crate::support::random::Random;

const MINUTE: i64 = 60;
/// Minutes of the past that is judged.
const LENGTH: i64 = 240;
/// How many pretend releases of each plan are checked.
const CHECKED: usize = 3;

/// How many plans, unless `GATE_PLANS` says otherwise.
fn plans() -> u32 {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no other way to be asked for more"
    )]
    let asked = std::env::var("GATE_PLANS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(12)
}

/// A plan with the samples that its queries find.
struct World {
    random: Random,
    seed: u64,
    text: String,
    every: Duration,
    /// Of a hundred points: how many are missing, and how many are no ordinary numbers.
    holes: u64,
    odd: u64,
}

impl World {
    fn new(number: u32) -> Self {
        let mut random = Random::named(&format!("plan {number}"));
        let seed = random.bits();
        let holes = *one_of(&mut random, &[0, 0, 2, 8, 30]);
        let odd = *one_of(&mut random, &[0, 0, 1, 6]);
        let minutes = *one_of(&mut random, &[5, 7, 10, 15]);
        let text = plan(&mut random);
        Self {
            random,
            seed,
            text,
            every: Duration::from_secs(minutes * MINUTE),
            holes,
            odd,
        }
    }

    fn noise(&self, one: u64, two: i64) -> u64 {
        let mut state = self.seed ^ one.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^= (two.unsigned_abs() + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        for _ in 0..3 {
            state ^= state >> 30;
            state = state.wrapping_mul(0x94d0_49bb_1331_11eb);
            state ^= state >> 31;
        }
        state
    }

    /// What a query finds at a minute of a site: a value in quarters that lasts for some minutes; NaN, infinite or none.
    fn value(&self, query: &str, site: u64, minute: i64) -> Option<f64> {
        let lane = query.bytes().fold(site + 1, |lane, byte| {
            lane.wrapping_mul(131).wrapping_add(u64::from(byte))
        });
        let minute = minute + 100_000;
        let dice = self.noise(lane, minute);
        let is_gap = self.noise(lane ^ 0x77, minute / 7) % 100 < self.holes / 2;
        if is_gap || dice % 100 < self.holes {
            return None;
        }
        if dice / 100 % 100 < self.odd {
            let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 40.0];
            return Some(odd[usize::try_from(dice / 10_000 % 4).expect("small")]);
        }
        let wave =
            f64::from(u32::try_from(self.noise(lane ^ 0x33, minute / 6) % 16).expect("small"));
        let small = f64::from(u32::try_from(dice / 1_000_000 % 4).expect("small"));
        let level = (wave + small * 0.25) * 0.3;
        // Errors are a part of all; a total is never less than they can be.
        Some(if query.starts_with("total") {
            30.0 + level
        } else {
            level
        })
    }

    fn answer(&self, question: &Question) -> Reply {
        let is_by_site = question.query.contains("by_site");
        let of_site = |site: u64| {
            let value = |at: Instant| {
                let minute = (at.millis() / 1000 - T0).div_euclid(MINUTE);
                let value = self.value(&question.query, site, minute)?;
                Some(Point { at, value })
            };
            let points: Vec<Point> = match question.asked {
                Asked::Range(grid) => {
                    let all = (0..grid.count()).map(|place| grid.at(place));
                    all.filter_map(value).collect()
                }
                Asked::At(at) => value(at).into_iter().collect(),
                Asked::Captured(_) => Vec::new(),
            };
            let name = [("site".to_owned(), format!("s{site}"))];
            let labels = if is_by_site {
                Labels::from_iter(name)
            } else {
                Labels::default()
            };
            (!points.is_empty()).then_some(Series { labels, points })
        };
        let sites = if is_by_site { 3 } else { 1 };
        Reply {
            series: (0..sites).filter_map(of_site).collect(),
            ..Reply::default()
        }
    }

    fn answers(&self, questions: Vec<Question>) -> Vec<(Question, Reply)> {
        let answered = questions.into_iter().map(|question| {
            let reply = self.answer(&question);
            (question, reply)
        });
        answered.collect()
    }
}

fn one_of<'o, T>(random: &mut Random, options: &'o [T]) -> &'o T {
    &options[random.below(options.len())]
}

/// A plan of two to four KPIs of every kind, each with a condition or two.
fn plan(random: &mut Random) -> String {
    let window = *one_of(random, &["20m", "30m", "1h"]);
    let settle = *one_of(random, &["0s", "3m"]);
    let delay = *one_of(random, &["0s", "0s", "2m"]);
    let mut kpis = String::new();
    let mut lists: BTreeMap<&str, String> = BTreeMap::new();
    for number in 0..2 + random.below(3) {
        let is_ratio = random.below(3) == 0;
        let name = format!("k{number}");
        kpis.push_str(&kpi(random, &name, is_ratio));
        for list in ["stop", "exit"] {
            let conditions: Vec<String> = (0..=random.below(2))
                .map(|_| format!("\"{}\"", condition(random, is_ratio)))
                .collect();
            let line = format!("        {name}: [{}]\n", conditions.join(", "));
            lists.entry(list).or_default().push_str(&line);
        }
    }
    let (stop, exit) = (&lists["stop"], &lists["exit"]);
    format!(
        "release: {{name: R1, version: \"1.0\"}}\n\
         sources: {{default: {{url: \"http://127.0.0.1:9090\", delay: {delay}}}}}\n\
         vars: {{track: canary}}\n\
         kpis:\n{kpis}\
         stages:\n  - name: pilot\n    window: {window}\n    settle: {settle}\n\
         \x20   stop:\n      kpis:\n{stop}    exit:\n      kpis:\n{exit}"
    )
}

fn kpi(random: &mut Random, name: &str, is_ratio: bool) -> String {
    let is_by_site = random.below(2) == 0;
    let by = if is_by_site { "_by_site" } else { "" };
    let of = |what: &str| format!("'{what}_{name}{by}{{track=\"$track\"}}'");
    let mut keys = vec!["step: 1m".to_owned()];
    if is_ratio {
        keys.push(format!(
            "ratio: {{errors: {}, total: {}}}",
            of("errors"),
            of("total")
        ));
        keys.push("objective: 95%".to_owned());
        if random.below(2) == 0 {
            keys.push("missing: zero".to_owned());
        }
        if random.below(3) == 0 {
            keys.push("min_total: 40000".to_owned());
        }
    } else {
        keys.push(format!("query: {}", of("value")));
        if random.below(3) == 0 {
            keys.push(format!("guard: {{query: {}, is: '> 0.4'}}", of("guard")));
            if random.below(2) == 0 {
                keys.push("missing: zero".to_owned());
            }
        }
    }
    if is_by_site {
        keys.push("per: site".to_owned());
        keys.extend((random.below(2) == 0).then(|| "series: any".to_owned()));
    }
    let baselines = [
        "{vars: {track: stable}}",
        "{offset: 20m}",
        "{offset: 13m}",
        "{before: 12m}",
    ];
    let most = if is_ratio { 2 } else { baselines.len() };
    keys.push(format!("baseline: {}", one_of(random, &baselines[..most])));
    keys.push(format!(
        "coverage: {}",
        one_of(random, &["90%", "50%", "30%"])
    ));
    if random.below(3) == 0 {
        keys.push("max_age: 3m".to_owned());
    }
    format!("  {name}: {{{}}}\n", keys.join(", "))
}

fn condition(random: &mut Random, is_ratio: bool) -> String {
    let comparison = *one_of(random, &["<", "<=", ">", ">="]);
    let level = random.below(10);
    let limit = if is_ratio {
        format!("{}%", level + 1)
    } else {
        format!("{}", f64::from(u32::try_from(level).expect("small")) * 0.45)
    };
    let of_ratios = [
        format!("overall {comparison} {limit}"),
        format!("budget {comparison} {}%", 1 + level % 3),
        format!("{comparison} {limit} over 10m"),
        format!("{comparison} 1.2x over 15m and 5m"),
        format!("{comparison} baseline + 0.5pp at 95%"),
    ];
    let of_all = [
        format!("{comparison} {limit}"),
        format!("{comparison} {limit} for 3m"),
        format!("{comparison} {limit} for 80%"),
        format!("{comparison} {limit} for 33.3%"),
        format!("mean {comparison} {limit}"),
        format!("median {comparison} {limit}"),
        format!("p95 {comparison} {limit}"),
        format!("max {comparison} {limit}"),
        format!("min {comparison} {limit}"),
        format!("last {comparison} {limit}"),
        format!("{comparison} baseline + 20%"),
        format!("{comparison} baseline - 10% for 2m"),
        format!("mean {comparison} baseline + 20%"),
    ];
    if is_ratio && random.below(2) == 0 {
        one_of(random, &of_ratios).clone()
    } else {
        one_of(random, &of_all).clone()
    }
}

/// A plan that can be judged: those whose limits make no sense are drawn again.
fn world(number: u32) -> (World, Plan) {
    for more in 0.. {
        let world = World::new(number + 1_000_000 * more);
        match load(world.text.as_bytes(), &Options::default()) {
            Ok(loaded) => return (world, loaded.plan),
            Err(problems) if more > 20 => panic!("{}\n{problems:#?}", world.text),
            Err(_) => {}
        }
    }
    unreachable!("it ended before")
}

/// What a check says as of a time.
fn check(world: &World, plan: &Plan, place: &Workplace, started: Instant, at: Instant) -> Value {
    let judged = judged(world, plan, at, started);
    place.write(
        "check.json",
        judged.with(&world.answers(judged.questions())),
    );
    let ran = place.gate(&[
        "check",
        "plan.yaml",
        "--replay",
        "check.json",
        "--format",
        "json",
    ]);
    read(&ran)
}

fn judged<'w>(world: &'w World, plan: &'w Plan, at: Instant, started: Instant) -> Judged<'w> {
    Judged {
        path: "plan.yaml",
        text: &world.text,
        plan,
        at,
        started,
        gate: "pilot/exit",
    }
}

fn read(ran: &Finished) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}{}", ran.out, ran.err))
}

/// A row of the table of a backtest.
struct Row {
    started: String,
    cells: Vec<String>,
}

/// What differs between a backtest's rows of a start and a check at its end, in words.
fn differences(rows: &[&Row], checked: &Value) -> Vec<String> {
    let criteria = checked["gates"][0]["criteria"]
        .as_array()
        .expect("criteria");
    let kpis: Vec<&Value> = criteria
        .iter()
        .filter(|one| one["kind"] == "kpis")
        .collect();
    if kpis.len() != rows.len() {
        return vec![format!("{} criteria, and not {}", rows.len(), kpis.len())];
    }
    let mut found = Vec::new();
    for (row, kpi) in rows.iter().zip(kpis) {
        let [list, name, condition, outcome, value] = [6, 7, 8, 9, 10].map(|cell| &row.cells[cell]);
        let said = |key: &str| kpi[key].as_str().unwrap_or_default();
        let is_it = list == said("list") && name == said("name") && condition == said("condition");
        let decisive = kpi["decisive"]
            .as_u64()
            .and_then(|at| usize::try_from(at).ok());
        let of_check = decisive.map_or(&Value::Null, |at| &kpi["series"][at]["value"]);
        if !is_it || outcome != said("outcome") || !is_same(value, of_check, condition) {
            found.push(format!(
                "{list} {name} {condition}: {outcome} {value}, and not {} {of_check} ({}: {})",
                said("outcome"),
                said("code"),
                said("reason")
            ));
        }
    }
    found
}

/// Order statistics to the bit; what is summed up to 1e-12.
fn is_same(of_backtest: &str, of_check: &Value, condition: &str) -> bool {
    let of_check = match of_check {
        Value::String(word) => word.parse().ok(),
        other => other.as_f64(),
    };
    let of_backtest: Option<f64> = of_backtest.parse().ok();
    let (Some(one), Some(other)) = (of_backtest, of_check) else {
        return of_backtest.is_none() == of_check.is_none();
    };
    let is_summed = ["mean", "overall", "budget", "over ", " at "]
        .iter()
        .any(|word| condition.contains(word));
    let is_near = is_summed && (one - other).abs() <= 1e-12 * other.abs().max(1.0);
    one == other || one.is_nan() && other.is_nan() || is_near
}

/// What differs of a plan, and how many outcomes were compared.
fn compare(number: u32) -> (usize, Vec<String>) {
    let (mut world, plan) = world(number);
    let (from, to) = (
        Instant::from_secs(T0),
        Instant::from_secs(T0 + LENGTH * MINUTE),
    );
    let gate = GateRef { stage: 0, gate: 0 };
    let trials = of_gate(&plan, gate, (from, to), world.every).expect("starts");
    let answers = world.answers(asked(&plan, &[&trials], (from, to)).questions);
    let place = Workplace::with_plan(&world.text);
    place.write("kept.json", judged(&world, &plan, to, from).with(&answers));
    let every = world.every.to_string();
    let arguments = [
        "backtest",
        "plan.yaml",
        "--replay",
        "kept.json",
        "--every",
        &every,
        "--report",
        "csv=all.csv",
        "--format",
        "json",
    ];
    let ran = place.gate(&arguments);
    let document = read(&ran);
    let table = std::fs::read_to_string(place.path().join("all.csv")).expect("a table");
    let rows: Vec<Row> = table.lines().skip(1).map(row).collect();
    let releases = document["gates"][0]["releases"]
        .as_array()
        .expect("releases");
    assert_eq!(releases.len(), trials.times.len());
    let (mut count, mut found) = (0, Vec::new());
    for _ in 0..CHECKED {
        let place_of = world.random.below(trials.times.len());
        let (trial, release) = (trials.times[place_of], &releases[place_of]);
        let started = trial.started.expect("a start");
        let of_start: Vec<&Row> = (rows.iter())
            .filter(|row| row.started == started.to_string())
            .collect();
        let checked = check(&world, &plan, &place, started, trial.at);
        count += of_start.len();
        found.extend(differences(&of_start, &checked));
        let (said, now) = (release["outcome"].as_str(), checked["verdict"].as_str());
        let Some(stopped) = release["stopped_at"].as_str() else {
            if said != now {
                found.push(format!("{said:?}, and not {now:?}"));
            }
            continue;
        };
        let stopped = Instant::parse(stopped).expect("a time");
        let before = stopped - Duration::from_secs(MINUTE);
        for (at, is_stop) in [(stopped, true), (before, false)] {
            let then = check(&world, &plan, &place, started, at);
            if (then["verdict"] == "STOP") != is_stop {
                found.push(format!(
                    "at {at}: {}, STOP first at {stopped}",
                    then["verdict"]
                ));
            }
        }
    }
    let named = |one: String| format!("plan {number}: {one}\n{}", world.text);
    (count, found.into_iter().map(named).collect())
}

fn row(line: &str) -> Row {
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true);
    let mut records = reader.from_reader(line.as_bytes()).into_records();
    let record = records.next().expect("a row").expect("cells");
    let cells: Vec<String> = record.iter().map(str::to_owned).collect();
    Row {
        started: cells[1].clone(),
        cells,
    }
}

#[test]
fn acceptance_1_of_random_plans_each_outcome_is_what_a_check_says() {
    let (mut count, mut found) = (0, Vec::new());
    for number in 0..plans() {
        let (compared, differences) = compare(number);
        count += compared;
        found.extend(differences);
        let done = number + 1;
        if done % 100 == 0 || done == plans() {
            println!("{done} plans, {count} outcomes, {} differ", found.len());
        }
    }
    assert!(
        found.is_empty(),
        "{}",
        found[..found.len().min(5)].join("\n\n")
    );
}
