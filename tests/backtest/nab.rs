//! Limits from one half of a past, judged on the other half: Numenta's NAB, whose real series have labelled anomalies (acceptance test
//! 6 of backtest). The data are not part of this repository; get them from <https://github.com/numenta/NAB> (MIT).
//!
//! ```text
//! GATE_NAB=path/to/NAB cargo test --test integration -- --ignored --nocapture nab
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gate::backtest::{
    Counted, CriterionTried, Incident, Incidents, Period, Tried, asked, of_gate, per_week, tried,
};
use gate::evaluate::{GateRef, History};
use gate::kind::List;
use gate::plan::{Options, Plan, load};
use gate::samples::{Asked, Observations, Point, Reply, Series};
use gate::units::{Duration, Instant};

const GATE: GateRef = GateRef { stage: 0, gate: 0 };
const WINDOW: Duration = Duration::from_secs(4 * 3600);
const EVERY: Duration = Duration::from_secs(3600);
/// Beyond all values.
const FAR: f64 = 1e12;

/// A series with its labelled windows.
struct Labelled {
    points: Vec<(Instant, f64)>,
    incidents: Vec<Incident>,
    step: Duration,
}

fn folder() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no other way to be told where data are"
    )]
    std::env::var("GATE_NAB").ok().map(PathBuf::from)
}

fn time(text: &str) -> Instant {
    let whole = text.split('.').next().expect("a time").replace(' ', "T");
    Instant::parse(&format!("{whole}Z")).expect("a time")
}

fn series(folder: &Path) -> Vec<Labelled> {
    let labels = fs::read(folder.join("labels/combined_windows.json")).expect("labels");
    let labels: BTreeMap<String, Vec<[String; 2]>> = serde_json::from_slice(&labels).expect("JSON");
    let real = labels.iter().filter(|(name, _)| name.starts_with("real"));
    let all = real.map(|(name, windows)| {
        let text = fs::read_to_string(folder.join("data").join(name)).expect("a series");
        let rows = text.lines().skip(1).filter_map(|line| line.split_once(','));
        let points: Vec<(Instant, f64)> = rows
            .map(|(at, value)| (time(at), value.parse().expect("a number")))
            .collect();
        let mut apart: Vec<i64> = (points.windows(2))
            .map(|pair| pair[0].0.until(pair[1].0).millis() / 1000)
            .collect();
        apart.sort_unstable();
        let incident = |[start, end]: &[String; 2]| Incident {
            name: start.clone(),
            start: time(start),
            end: time(end),
            stage: None,
        };
        Labelled {
            incidents: windows.iter().map(incident).collect(),
            // Whole minutes, so that hours are multiples of it.
            step: Duration::from_secs((apart[apart.len() / 2] / 300).max(1) * 300),
            points,
        }
    });
    all.collect()
}

fn plan(step: Duration, [high, low]: [f64; 2]) -> Plan {
    let text = format!(
        "release: nab
source: http://127.0.0.1:9090
kpis:
  x: {{ query: x, step: {step}, coverage: 20%, max_age: 1000h }}
stages:
  - name: all
    window: {WINDOW}
    stop: {{ kpis: {{ x: [\"> {high} for 15m\", \"< {low} for 15m\"] }} }}
    exit: {{ kpis: {{ x: \"< {FAR}\" }} }}
"
    );
    let loaded = load(text.as_bytes(), &Options::default());
    loaded
        .unwrap_or_else(|problems| panic!("{text}{problems:#?}"))
        .plan
}

impl Labelled {
    /// What a source answers: at each point the last sample, as long as a server repeats it.
    fn value(&self, at: Instant) -> Option<f64> {
        let after = self.points.partition_point(|(time, _)| *time <= at);
        let (time, value) = self.points.get(after.checked_sub(1)?)?;
        let repeated = self.step.max(Duration::from_secs(300));
        (time.until(at) < repeated).then_some(*value)
    }

    fn tried(&self, limits: [f64; 2], (from, to): (Instant, Instant)) -> (Tried, Counted) {
        let plan = plan(self.step, limits);
        let trials = of_gate(&plan, GATE, (from, to), EVERY).expect("starts");
        let answers = asked(&plan, &[&trials], (from, to))
            .questions
            .into_iter()
            .map(|question| {
                let Asked::Range(grid) = question.asked else {
                    panic!("points are asked for");
                };
                let points = (0..grid.count()).filter_map(|place| {
                    let at = grid.at(place);
                    let value = self.value(at)?;
                    Some(Point { at, value })
                });
                let series = vec![Series {
                    points: points.collect(),
                    ..Series::default()
                }];
                let reply = Reply {
                    series,
                    ..Reply::default()
                };
                (question, Ok(reply))
            });
        let history = History::of(answers.collect::<Observations>());
        let tried = tried(&plan, trials, &history);
        // Those that begin in the span are counted.
        let inside = self
            .incidents
            .iter()
            .filter(|one| from <= one.end && one.start <= to);
        let incidents = Incidents::new(inside.cloned().collect(), Duration::from_secs(7200));
        let counted = Counted::of(&tried, &incidents, (from, to));
        (tried, counted)
    }

    /// The worst values of the quiet first half, and so much more of their distance from the median.
    fn limits(&self, headroom: f64) -> [f64; 2] {
        let (from, half) = (self.points[0].0, self.half());
        let (tried, counted) = self.tried([FAR, -FAR], (from, half));
        let stops = tried.criteria.iter().filter(|one| one.list == List::Stop);
        let limit = |(place, stop): (usize, &CriterionTried)| {
            let judged = stop.swept.judged.iter().zip(&counted.periods);
            let quiet = judged.filter(|(_, period)| **period == Period::Quiet);
            let mut all: Vec<f64> = quiet.filter_map(|(judged, _)| judged.critical).collect();
            all.sort_by(f64::total_cmp);
            if place == 1 {
                all.reverse();
            }
            let (median, worst) = (all[all.len() / 2], all[all.len() - 1]);
            worst + (worst - median) * headroom
        };
        let limits: Vec<f64> = stops.enumerate().map(limit).collect();
        [limits[0], limits[1]]
    }

    fn half(&self) -> Instant {
        self.points[self.points.len() / 2].0
    }

    /// False stops a week in the second half, how many windows begin in it, and how many were found.
    fn second(&self, limits: [f64; 2]) -> (f64, usize, usize) {
        let (half, to) = (self.half(), self.points[self.points.len() - 1].0);
        let (tried, counted) = self.tried(limits, (half, to));
        let stops = tried.criteria.iter().filter(|one| one.list == List::Stop);
        let trips: Vec<Instant> = stops
            .flat_map(CriterionTried::trips)
            .flatten()
            .map(|trip| trip.at)
            .collect();
        // A labelled window lasts for hours and days, longer than any of these stages: whoever begins in it finds it, too.
        let is_found = |one: &&&Incident| {
            let until = one.end + Duration::from_secs(900);
            trips.iter().any(|at| one.start <= *at && *at <= until)
        };
        let all = self.incidents.iter().filter(|one| half <= one.start);
        let all: Vec<&Incident> = all.collect();
        let found = all.iter().filter(is_found);
        let false_stops = u32::try_from(counted.false_stops).expect("small");
        let rate = per_week(f64::from(false_stops), counted.quiet_time);
        (rate.unwrap_or_default(), all.len(), found.count())
    }
}

#[test]
#[ignore = "needs the data of NAB: GATE_NAB=path"]
fn acceptance_6_limits_of_one_half_of_nab_find_half_of_what_is_labelled_in_the_other() {
    let all = series(&folder().expect("GATE_NAB=path/to/NAB"));
    println!("{} series", all.len());
    for headroom in [0.0, 0.1, 0.25, 0.5] {
        let judged: Vec<(f64, usize, usize)> = (all.iter())
            .map(|one| one.second(one.limits(headroom)))
            .collect();
        let mut rates: Vec<f64> = judged.iter().map(|(rate, ..)| *rate).collect();
        rates.sort_by(f64::total_cmp);
        let mean =
            rates.iter().sum::<f64>() / f64::from(u32::try_from(rates.len()).expect("small"));
        let sum = |part: fn(&(f64, usize, usize)) -> usize| judged.iter().map(part).sum::<usize>();
        let (windows, found) = (sum(|one| one.1), sum(|one| one.2));
        println!(
            "critical values + {:.0}%: {mean:.2} false a week (median {:.1}), {found} of {windows} windows found",
            headroom * 100.0,
            rates[rates.len() / 2]
        );
        if headroom == 0.1 {
            assert_eq!(windows, 57);
            assert!(found.abs_diff(31) <= 2 && mean <= 1.8, "{found}, {mean}");
        }
    }
}
