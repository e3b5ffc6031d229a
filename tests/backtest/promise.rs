//! What `gate tune` promises of its suggestions (acceptance test 5 of backtest), over random pasts: each is judged again by a plan that
//! has it.

use gate::backtest::{
    Allowed, Caught, Counted, Incident, Incidents, Period, StopCount, Suggestion, Tried, asked,
    of_gate, suggestions, tried, weeks,
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
const DAYS: i64 = 7;
/// Where the number stands that is replaced.
const STOPS: [&str; 4] = ["> 5% for 10m", ">= 5%", "> 4.5% for 3m", "> 12.5% for 5m"];
const EXITS: [&str; 4] = ["< 6%", "p95 < 3%", "mean <= 2.5%", "< 3% for 90%"];

/// A past of seven days with spikes, some of which are incidents.
struct Past {
    spikes: Vec<(i64, i64, f64)>,
    incidents: Incidents,
    conditions: [&'static str; 2],
    allowed: Allowed,
    seed: u64,
}

impl Past {
    fn new(number: u32) -> Self {
        let mut random = Random::named(&format!("past {number}"));
        let whole = usize::try_from(DAYS * 24 * 60).expect("small");
        let spikes: Vec<(i64, i64, f64)> = (0..4 + random.below(6))
            .map(|_| {
                let start = i64::try_from(random.below(whole)).expect("small");
                let length = i64::try_from(2 + random.below(60)).expect("small");
                (start, start + length, 3.0 + 15.0 * random.unit())
            })
            .collect();
        let named = spikes
            .iter()
            .take(3)
            .enumerate()
            .map(|(number, (start, end, _))| Incident {
                name: format!("incident {number}"),
                start: Instant::from_secs(T0 + start * 60),
                end: Instant::from_secs(T0 + end * 60),
                stage: None,
            });
        let weekly = [1.0, 4.0, 6.0][random.below(3)];
        Self {
            incidents: Incidents::new(named.collect(), Duration::from_secs(2 * HOUR)),
            conditions: [STOPS[random.below(4)], EXITS[random.below(4)]],
            allowed: Allowed {
                false_stops: weekly,
                per: Duration::from_secs(7 * 86_400),
                false_no_go: [0.01, 0.05][random.below(2)],
                headroom: [0.0, 0.0, 0.1][random.below(3)],
            },
            seed: random.bits(),
            spikes,
        }
    }

    fn value(&self, minute: i64) -> f64 {
        let spike = self
            .spikes
            .iter()
            .find(|(from, to, _)| (*from..*to).contains(&minute));
        let noise = Random::named(&format!("{} {minute}", self.seed)).unit();
        spike.map_or(1.0, |(.., level)| *level) + noise
    }

    fn plan([stop, exit]: [&str; 2]) -> Plan {
        let text = format!(
            "release: r
source: http://127.0.0.1:9090
kpis: {{x: {{query: x, unit: percent, step: 1m}}}}
stages:
  - name: pilot
    window: 4h
    stop: {{kpis: {{x: \"{stop}\"}}}}
    exit: {{kpis: {{x: \"{exit}\"}}}}
"
        );
        let loaded = load(text.as_bytes(), &Options::default());
        loaded
            .unwrap_or_else(|problems| panic!("{text}{problems:#?}"))
            .plan
    }

    fn judge(&self, plan: &Plan) -> (Tried, Counted, History) {
        let span = (
            Instant::from_secs(T0),
            Instant::from_secs(T0 + DAYS * 24 * HOUR),
        );
        let trials = of_gate(plan, GATE, span, Duration::from_secs(HOUR)).expect("starts");
        let answers = asked(plan, &[&trials], span)
            .questions
            .into_iter()
            .map(|question| {
                let reply = self.answer(&question);
                (question, Ok(reply))
            });
        let history = History::of(answers.collect::<Observations>());
        let tried = tried(plan, trials, &history);
        let counted = Counted::of(&tried, &self.incidents, span);
        (tried, counted, history)
    }

    fn answer(&self, question: &Question) -> Reply {
        let Asked::Range(grid) = question.asked else {
            panic!("points are asked for");
        };
        let points = (0..grid.count()).map(|place| {
            let at = grid.at(place);
            let minute = (at.millis() / 1000 - T0).div_euclid(60);
            let value = self.value(minute);
            Point { at, value }
        });
        let points = points.collect();
        let series = vec![Series {
            points,
            ..Series::default()
        }];
        Reply {
            series,
            ..Reply::default()
        }
    }

    /// How many false ones are allowed in this past: none where it cannot show as few (B15).
    fn may_be_false(&self, list: List, counted: &Counted) -> usize {
        let quiet = u32::try_from(counted.number(Period::Quiet)).expect("small");
        let expected = match list {
            List::Stop => {
                self.allowed.false_stops * weeks(counted.quiet_time) / weeks(self.allowed.per)
            }
            List::Entry | List::Exit | List::Recovery | List::Watch => {
                self.allowed.false_no_go * f64::from(quiet)
            }
        };
        let whole = (0..1000_u32)
            .take_while(|count| f64::from(*count) <= expected)
            .last();
        let whole = usize::try_from(whole.unwrap_or_default()).expect("small");
        if expected < 3.0 { 0 } else { whole }
    }
}

/// False ones, and how each incident is caught, of the first criterion of a list.
fn of_list(list: List, tried: &Tried, counted: &Counted) -> (usize, Vec<Caught>) {
    let is_it = |one: &&StopCount| tried.criteria[one.criterion].list == List::Stop;
    if list == List::Stop {
        let stop = counted.stops.iter().find(is_it).expect("a stop");
        return (stop.false_stops, stop.caught.clone());
    }
    let exit = tried
        .criteria
        .iter()
        .find(|one| one.list == list)
        .expect("an exit");
    (exit.failing(&counted.periods), Vec::new())
}

/// The number of a condition: what is before it, itself, and what is behind it.
fn number(condition: &str) -> (String, f64, String) {
    let end = condition.find('%').expect("percent");
    let start = condition[..end].rfind(' ').expect("a blank") + 1;
    let value = condition[start..end].parse().expect("a number");
    (
        condition[..start].to_owned(),
        value,
        condition[end..].to_owned(),
    )
}

/// The next tighter limit of two digits.
fn tighter(condition: &str) -> String {
    let (before, value, behind) = number(condition);
    let mut exponent = value.log10().floor() - 1.0;
    if (value / 10_f64.powf(exponent)).round() <= 10.0 {
        exponent -= 1.0;
    }
    let unit = 10_f64.powf(exponent);
    let coefficient = (value / unit).round() - 1.0;
    let digits = usize::from(exponent < 0.0) + usize::from(exponent < -1.0);
    format!("{before}{:.digits$}{behind}", coefficient * unit)
}

/// Judges a suggestion again, by a plan that has it.
fn keeps_its_promise(past: &Past, tried: &Tried, counted: &Counted, suggestion: &Suggestion) {
    let Ok(then) = &suggestion.then else { return };
    let list = tried.criteria[suggestion.criterion].list;
    let with = |condition: &str| {
        let [stop, exit] = past.conditions;
        let plan = match list {
            List::Stop => Past::plan([condition, exit]),
            List::Entry | List::Exit | List::Recovery | List::Watch => {
                Past::plan([stop, condition])
            }
        };
        let (tried, counted, _) = past.judge(&plan);
        of_list(list, &tried, &counted)
    };
    let (now, is) = (&suggestion.now.condition, &then.condition);
    let what = format!("{now} -> {is}");
    assert_eq!(
        (number(now).0, number(now).2),
        (number(is).0, number(is).2),
        "{what}"
    );
    let (false_ones, caught) = with(is);
    assert_eq!(
        (false_ones, &caught),
        (then.false_ones, &then.caught),
        "{what}"
    );
    let most = past.may_be_false(list, counted);
    assert!(false_ones <= most, "{what}: {false_ones} of at most {most}");
    let (_, caught_now) = of_list(list, tried, counted);
    let pairs = caught_now.iter().zip(&caught).zip(&counted.incidents.all);
    let gone = pairs.filter(|((now, then), _)| {
        matches!(now, Caught::After(_)) && !matches!(then, Caught::After(_))
    });
    let gone: Vec<String> = gone.map(|(_, incident)| incident.name.clone()).collect();
    assert_eq!(suggestion.loses, gone, "{what}");
    if past.allowed.headroom == 0.0 {
        let tighter = tighter(is);
        let (more, _) = with(&tighter);
        assert!(
            more > most,
            "{what}: {tighter} has {more} of at most {most}"
        );
    }
}

#[test]
fn acceptance_5_each_suggestion_keeps_its_promise_and_says_what_it_loses() {
    let (mut count, mut losing) = (0, 0);
    for number in 0..PASTS {
        let past = Past::new(number);
        let plan = Past::plan(past.conditions);
        let (tried, counted, history) = past.judge(&plan);
        for suggestion in suggestions(&plan, (&tried, &counted), &history, past.allowed, false) {
            keeps_its_promise(&past, &tried, &counted, &suggestion);
            count += 1;
            losing += usize::from(!suggestion.loses.is_empty());
        }
    }
    assert!(
        count > 40 && losing > 4,
        "{count} suggestions, {losing} lose an incident"
    );
}
