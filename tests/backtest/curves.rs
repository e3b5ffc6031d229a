//! Other limits (B12), over random pasts with gaps: at the limit of the plan the curve counts what the table counts, and at another
//! one what a plan with that limit counts. Where some start does not tell, there is no curve.

use gate::backtest::{
    Allowed, Counted, Incident, Incidents, Tried, WhyNot, asked, curve, of_gate, of_moments,
    suggestions, tried,
};
use gate::evaluate::{GateRef, History};
use gate::kind::List;
use gate::plan::{Options, Plan, load};
use gate::samples::{Asked, Observations, Point, Question, Reply, Series};
use gate::units::{Duration, Instant};

use super::{HOUR, T0};
use crate::support::random::Random;

const GATE: GateRef = GateRef { stage: 0, gate: 0 };
const PASTS: u32 = 24;
const DAYS: i64 = 2;
/// The KPI, what stands before its limit, the limit, what stands behind it.
const STOPS: [[&str; 4]; 10] = [
    ["one", "> ", "5%", " for 4 points"],
    ["x", "> ", "5%", " for 10m"],
    ["x", ">= ", "5%", ""],
    ["one", "> ", "4.5%", " for 3m"],
    ["one", "> ", "5%", ""],
    ["one", "> baseline + ", "3pp", " for 3m"],
    ["one", "mean > ", "3%", ""],
    ["parts", "> ", "5%", " for 3m"],
    ["parts", ">= ", "4%", " over 10m and 3m"],
    ["parts", "> baseline + ", "3pp", " over 5m"],
];
const EXITS: [[&str; 4]; 10] = [
    ["one", "< ", "3%", " but 4 points"],
    ["x", "< ", "6%", ""],
    ["one", "p95 < ", "3%", ""],
    ["one", "mean <= ", "2.5%", ""],
    ["one", "< ", "3%", " for 90%"],
    ["x", "mean < ", "2%", ""],
    ["parts", "< ", "10%", " for 99%"],
    ["parts", "overall < ", "2%", ""],
    ["parts", "< ", "3%", " over 20m and 5m"],
    ["parts", "<= ", "6%", ""],
];

struct Past {
    spikes: Vec<(i64, i64, f64)>,
    gaps: Vec<(i64, i64)>,
    incidents: Incidents,
    moments: bool,
    seed: u64,
}

impl Past {
    fn new(number: u32) -> Self {
        let mut random = Random::named(&format!("curve {number}"));
        let whole = usize::try_from(DAYS * 24 * 60).expect("small");
        let mut stretch = |longest: usize| {
            let start = i64::try_from(random.below(whole)).expect("small");
            (
                start,
                start + i64::try_from(2 + random.below(longest)).expect("small"),
            )
        };
        let spikes: Vec<(i64, i64)> = (0..6).map(|_| stretch(60)).collect();
        let gaps = (0..(number % 3)).map(|_| stretch(400)).collect();
        let named = spikes.iter().take(2).enumerate();
        let named = named.map(|(number, (start, end))| Incident {
            name: format!("incident {number}"),
            start: Instant::from_secs(T0 + start * 60),
            end: Instant::from_secs(T0 + end * 60),
            stage: None,
        });
        Self {
            incidents: Incidents::new(named.collect(), Duration::from_secs(2 * HOUR)),
            spikes: (spikes.into_iter())
                .map(|(start, end)| (start, end, 3.0 + 12.0 * random.unit()))
                .collect(),
            gaps,
            moments: number % 4 == 3,
            seed: random.bits(),
        }
    }

    /// In percent.
    fn value(&self, minute: i64) -> f64 {
        let mut spikes = self.spikes.iter();
        let spike = spikes.find(|(from, to, _)| (*from..*to).contains(&minute));
        let noise = Random::named(&format!("{} {minute}", self.seed)).unit();
        spike.map_or(1.0, |(.., level)| *level) + noise
    }

    fn answer(&self, question: &Question) -> Reply {
        let Asked::Range(grid) = question.asked else {
            panic!("points are asked for");
        };
        let series = |site: &str, value: &dyn Fn(i64) -> Option<f64>| {
            let points = (0..grid.count()).filter_map(|place| {
                let at = grid.at(place);
                let minute = (at.millis() / 1000 - T0).div_euclid(60);
                value(minute).map(|value| Point { at, value })
            });
            let labels = [("site".to_owned(), site.to_owned())];
            Series {
                points: points.collect(),
                labels: labels.into_iter().collect(),
            }
        };
        let is_gap = |minute: i64| {
            let mut gaps = self.gaps.iter();
            gaps.any(|(from, to)| (*from..*to).contains(&minute))
        };
        let outside = |minute: i64, value: f64| (!is_gap(minute)).then_some(value);
        let query = question.query.as_str();
        let mut all = if query.contains("parts") {
            vec![series("A", &|minute| Some(self.value(minute) / 10.0))]
        } else if query.contains("total") {
            vec![series("A", &|minute| outside(minute, 10.0))]
        } else if query.contains("one") {
            vec![series("A", &|minute| outside(minute, self.value(minute)))]
        } else {
            vec![
                series("A", &|minute| Some(self.value(minute))),
                series("B", &|minute| outside(minute, 0.5 * self.value(minute))),
            ]
        };
        all.retain(|series| !series.points.is_empty());
        Reply {
            series: all,
            ..Reply::default()
        }
    }

    fn judge(&self, plan: &Plan) -> (Tried, Counted) {
        let (tried, counted, _) = self.judge_all(plan, DAYS);
        (tried, counted)
    }

    fn judge_all(&self, plan: &Plan, days: i64) -> (Tried, Counted, History) {
        let from = Instant::from_secs(T0);
        let span = (from, Instant::from_secs(T0 + days * 24 * HOUR));
        let every = Duration::from_secs(HOUR);
        let trials = if self.moments {
            of_moments(plan, GATE, span, every).expect("moments")
        } else {
            of_gate(plan, GATE, span, every).expect("starts")
        };
        let questions = asked(plan, &[&trials], span).questions.into_iter();
        let answers = questions.map(|question| {
            let reply = self.answer(&question);
            (question, Ok(reply))
        });
        let history = History::of(answers.collect::<Observations>());
        let tried = tried(plan, trials, &history);
        let counted = Counted::of(&tried, &self.incidents, span);
        (tried, counted, history)
    }
}

fn plan(stop: [&str; 4], exit: [&str; 4]) -> Plan {
    let criterion =
        |[kpi, before, limit, behind]: [&str; 4]| format!("{{{kpi}: \"{before}{limit}{behind}\"}}");
    let text = format!(
        "release: r
source: http://127.0.0.1:9090
baseline: {{before: 2h}}
kpis:
  x: {{query: x, unit: percent, step: 1m, per: site}}
  one: {{query: one, unit: percent, step: 1m}}
  parts: {{ratio: {{errors: parts, total: total}}, unit: percent, step: 1m}}
stages:
  - name: pilot
    window: 2h
    cohort: {{site: [A, B]}}
    stop: {{kpis: {}}}
    exit: {{kpis: {}}}
",
        criterion(stop),
        criterion(exit)
    );
    let loaded = load(text.as_bytes(), &Options::default());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{text}{problems:#?}"));
    loaded.plan
}

/// False ones, incidents caught and incidents tested of the first criterion of a list, as the table has them.
fn table(list: List, tried: &Tried, counted: &Counted) -> (usize, (usize, usize)) {
    let criterion = tried.criteria.iter().find(|one| one.list == list);
    let criterion = criterion.expect("a criterion");
    if list != List::Stop {
        return (criterion.failing(&counted.periods), (0, 0));
    }
    let stop = counted.stops.first().expect("a stop");
    (stop.false_stops, Counted::caught_of(&stop.caught))
}

#[test]
#[ignore = "takes minutes in a debug build"]
fn b12_a_curve_counts_what_the_table_counts_or_is_not_shown() {
    let (mut shown, mut alone) = (0, 0);
    for number in 0..PASTS {
        let past = Past::new(number);
        let mut random = Random::named(&format!("limit {number}"));
        let (stop, exit) = (
            STOPS[random.below(STOPS.len())],
            EXITS[random.below(EXITS.len())],
        );
        let (tried, counted) = past.judge(&plan(stop, exit));
        for criterion in &tried.criteria {
            let list = criterion.list;
            let what = format!(
                "past {number}: {list} {} {}",
                criterion.name, criterion.condition
            );
            let curve = match curve((&tried, &counted), criterion) {
                Ok(curve) => curve,
                Err(why) => {
                    alone += u32::from(why == WhyNot::OneByOne);
                    continue;
                }
            };
            shown += 1;
            let now = &curve.points[curve.now];
            let of_table = table(list, &tried, &counted);
            assert_eq!((now.false_ones, now.caught), of_table, "{what}");
            let other = &curve.points[random.below(curve.points.len())];
            let with = |[kpi, before, _, behind]: [&'static str; 4]| {
                let limit: &'static str = other.written.clone().leak();
                [kpi, before, limit, behind]
            };
            let changed = match list {
                List::Stop => plan(with(stop), exit),
                List::Entry | List::Exit | List::Recovery | List::Watch => plan(stop, with(exit)),
            };
            let (tried, counted) = past.judge(&changed);
            let of_other = table(list, &tried, &counted);
            let what = format!("{what}: {}", other.written);
            assert_eq!((other.false_ones, other.caught), of_other, "{what}");
        }
    }
    assert!(
        shown > 10 && alone > 2,
        "{shown} curves, {alone} times none"
    );
}

/// What the kinds say that no other limit is known of, and a plan of each.
const KINDS: [([&str; 4], WhyNot); 8] = [
    (["r", "> ", "2x", " over 1h and 5m"], WhyNot::Multiple),
    (["r", "> ", "2x", ""], WhyNot::Multiple),
    (["r", "budget > ", "1%", ""], WhyNot::Budget),
    (["r", "> baseline + ", "1pp", " at 99%"], WhyNot::At),
    (["x", "> baseline", "", ""], WhyNot::NoNumber),
    (["x", "mean > ", "50%", ""], WhyNot::GrowingStop),
    (["x", "> ", "50%", " for 3 points"], WhyNot::GrowingStop),
    (["x", "== ", "50%", ""], WhyNot::Equality),
];

/// Ratios of events of which each start says what it needs, and what is suggested where the parts go up to 2 of 10 in the spike.
const RATIOS: [([&str; 4], [&str; 2]); 6] = [
    (["r", "> ", "5%", ""], ["stop", "> "]),
    (["r", "> ", "5%", " for 5m"], ["stop", "> "]),
    (["r", "> ", "5%", " over 1h and 5m"], ["stop", "> "]),
    (["r", "< ", "50%", " for 90%"], ["exit", "< "]),
    (["r", "overall < ", "50%", ""], ["exit", "overall < "]),
    (["r", "< ", "50%", " over 30m"], ["exit", "< "]),
];

fn quiet_past(moments: bool) -> Past {
    Past {
        spikes: Vec::new(),
        gaps: Vec::new(),
        incidents: Incidents::new(Vec::new(), Duration::from_secs(2 * HOUR)),
        moments,
        seed: 1,
    }
}

const ALLOWED: Allowed = Allowed {
    false_stops: 1.0,
    per: Duration::from_secs(7 * 86_400),
    false_no_go: 0.01,
    headroom: 0.1,
};

fn plan_of_ratio(list: &str, [kpi, before, limit, behind]: [&str; 4]) -> Plan {
    let other = if list == "stop" {
        "exit: {kpis: {x: \"< 99%\"}}"
    } else {
        ""
    };
    let text = format!(
        "release: r
source: http://127.0.0.1:9090
vars: {{track: a}}
baseline: {{vars: {{track: b}}}}
kpis:
  x: {{query: 'one{{track=\"$track\"}}', unit: percent, step: 1m}}
  r:
    ratio: {{errors: 'parts{{track=\"$track\"}}', total: 'total{{track=\"$track\"}}'}}
    step: 1m
    objective: 99%
stages:
  - name: pilot
    window: 2h
    {list}: {{kpis: {{{kpi}: \"{before}{limit}{behind}\"}}}}
    {other}
"
    );
    let loaded = load(text.as_bytes(), &Options::default());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{text}{problems:#?}"));
    loaded.plan
}

#[test]
fn b14_each_kind_without_known_limits_says_why() {
    for (stop, why) in KINDS {
        let plan = plan_of_ratio("stop", stop);
        let (tried, counted, history) = quiet_past(true).judge_all(&plan, 1);
        let criterion = &tried.criteria[0];
        assert_eq!(curve((&tried, &counted), criterion), Err(why), "{stop:?}");
        let all = suggestions(&plan, (&tried, &counted), &history, ALLOWED, false);
        let suggested = all.first().expect("one stop");
        if why == WhyNot::GrowingStop {
            assert!(suggested.then.is_ok(), "{stop:?}");
        } else {
            assert_eq!(suggested.then, Err(why), "{stop:?}");
        }
    }
}

/// The parts lie between 1 and 2 of 100, but for a spike of 5 to 6 of 100.
#[test]
fn b14_ratios_of_events_have_limits() {
    let past = Past {
        spikes: vec![(600, 615, 5.0)],
        ..quiet_past(false)
    };
    for (condition, [list, suggested]) in RATIOS {
        let plan = plan_of_ratio(list, condition);
        let (tried, counted, history) = past.judge_all(&plan, 2);
        assert_eq!(tried.criteria[0].swept.one_by_one(), 0, "{condition:?}");
        let shown = curve((&tried, &counted), &tried.criteria[0]).expect("a curve");
        assert!(shown.points.len() > 1, "{condition:?}");
        let all = suggestions(&plan, (&tried, &counted), &history, ALLOWED, false);
        let then = all[0].then.as_ref().expect("a suggestion");
        let written = &then.condition;
        let limit = written.strip_prefix(suggested).expect("the same words");
        assert!(limit.ends_with(condition[3]), "{written}");
        let (limit, _) = limit.split_once('%').expect("in percent");
        let limit: f64 = limit.parse().expect("a number");
        // A stop on the spike was false once in two days, which are too short for one in a week.
        let fits = match list {
            "stop" if condition[3].contains("1h") => (1.9..4.0).contains(&limit),
            "stop" => (5.5..7.0).contains(&limit),
            _ => (1.4..7.0).contains(&limit),
        };
        assert!(
            fits && then.false_ones == 0,
            "{condition:?}: {written}, {then:?}"
        );
    }
}
