//! Two judges, one verdict: random scenes of one KPI criterion, judged by the crate and by a naive second judge.

mod events;
mod judge;
mod sure;

use std::num::NonZeroU32;

use crate::support::random::Random;
use events::RatioInput;
use gate::assessment::Outcome;
use gate::evaluate::{GateRef, Request, assess, questions};
use gate::kind::{GateKind, List};
use gate::ledger::{Entry, Event, IdentitySource, Ledger, Person, RollbackTold};
use gate::plan::criteria::{Ask, Criterion, KpiAsk};
use gate::plan::{
    Accept, Baseline, BaselineAs, Bound, Comparison, Condition, Confidence, Continuity, Counted,
    Delta, Gate, Guard, Hold, Kpi, KpiDetails, Missing, Objective, Observe, PlainCondition, Plan,
    Query, Quiet, Ratio, Reducer, Release, Stage, StageDetails,
};
use gate::samples::{
    Asked, Failure, FailureCode, Labels, Observation, Observations, Point, Question, Reply, Series,
};
use gate::units::{Duration, Finite, Instant, Share, Unit};
use gate::verdict::Verdict;
use judge::{Answers, As, Came, Compare, JudgeInput, Limit, Time, Values};

/// T is near this time: 2026-11-20T00:00:00Z.
const T: Time = 1_795_132_800_000;
const SCENES: usize = 20_000;
const VALUES: [f64; 8] = [0.0, 1.0, 2.0, 2.0, 3.0, 5.0, -2.0, 4.0];
const SITES: [&str; 3] = ["a", "b", "c"];

struct Dice(Random);

impl Dice {
    /// True once in `of` times.
    fn once_in(&mut self, of: u64) -> bool {
        self.0.bits().is_multiple_of(of)
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        let index = self.0.bits() % of.len() as u64;
        of[usize::try_from(index).expect("small")].clone()
    }

    fn value(&mut self, odd: bool) -> f64 {
        if odd && self.once_in(12) {
            return self.one(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
        }
        self.one(&VALUES)
    }

    fn limit(&mut self, compare: Compare) -> Limit {
        if matches!(compare, Compare::Nothing) {
            return Limit::Fixed(self.one(&VALUES));
        }
        self.one(&[
            Limit::Baseline,
            Limit::Plus(1.0),
            Limit::Minus(1.0),
            Limit::PlusShare(0.5),
            Limit::MinusShare(0.5),
            Limit::Times(2.0),
            Limit::Times(0.0),
            Limit::PlusMax(1.0, 0.5),
        ])
    }

    /// What is compared with, and how.
    fn baseline(&mut self) -> (Compare, As) {
        if self.once_in(2) {
            return (Compare::Nothing, As::Unwritten);
        }
        let compare = self.one(&[
            Compare::Offset(3_000_000),
            Compare::Offset(4_200_000),
            // No span of the samples themselves: equal questions have equal answers.
            Compare::Before(210_000),
            Compare::Between(T - 4_000_000, T - 3_400_000),
            Compare::Vars,
        ]);
        if !self.once_in(3) {
            return (compare, As::Unwritten);
        }
        let any = [
            As::Points,
            As::One(Reducer::Mean, 0.0),
            As::One(Reducer::Min, 0.0),
            As::One(Reducer::Percentile(finite(90.0)), 90.0),
        ];
        let equal_span = matches!(compare, Compare::Offset(_) | Compare::Vars);
        (compare, self.one(if equal_span { &any } else { &any[1..] }))
    }

    fn scene(&mut self) -> JudgeInput {
        let at = T + self.one(&[0, 0, 17_000, 59_999]);
        let list = self.one(&[
            List::Entry,
            List::Stop,
            List::Exit,
            List::Exit,
            List::Recovery,
            List::Watch,
        ]);
        let window = self.one(&[300_000, 600_000]);
        let started = [
            None,
            Some(0),
            Some(30),
            Some(120),
            Some(300),
            Some(600),
            Some(690),
            Some(1500),
        ];
        let instant = self.once_in(6);
        let (compare, written_as) = self.baseline();
        let reducer = self.one(&[
            None,
            None,
            None,
            Some((Reducer::Last, 0.0)),
            Some((Reducer::Mean, 0.0)),
            Some((Reducer::Median, 50.0)),
            Some((Reducer::Min, 0.0)),
            Some((Reducer::Max, 0.0)),
            Some((Reducer::Percentile(finite(90.0)), 90.0)),
            Some((Reducer::Percentile(finite(12.5)), 12.5)),
        ]);
        let free = reducer.is_none() && !instant;
        let share = (free && self.once_in(3)).then(|| self.one(&[1, 50, 90, 100]));
        let hold_for = (free && share.is_none() && self.once_in(2))
            .then(|| self.one(&[1000, 60_000, 90_000, 120_000, 300_000]));
        let per = self.once_in(2);
        let guarded = self.once_in(3);
        let started = self.one(&started).map(|ago: Time| at - ago * 1000);
        let quarters = self.one(&[1, 2, 3, 4]);
        let ended = started.filter(|started| *started < at && list != List::Recovery);
        let ended = ended.map(|started| started + 1 + (at - started - 1) * quarters / 4);
        JudgeInput {
            list,
            at,
            started,
            ended: ended.filter(|_| self.once_in(3)),
            trailing: self.once_in(5),
            window,
            settle: self.one(&[0, 0, 60_000, 90_000]),
            step: self.one(&[60_000, 60_000, 30_000]),
            instant,
            comparison: self.one(&[
                Comparison::Less,
                Comparison::LessOrEqual,
                Comparison::Greater,
                Comparison::GreaterOrEqual,
                Comparison::Equal,
                Comparison::NotEqual,
            ]),
            limit: self.limit(compare),
            reducer,
            share,
            points: None,
            hold_for,
            per,
            listed: (per && self.once_in(2)).then(|| {
                let count = 1 + usize::from(self.once_in(2));
                SITES
                    .iter()
                    .take(count)
                    .map(|site| (*site).to_owned())
                    .collect()
            }),
            guarded,
            lengths_may_differ: instant && self.once_in(3),
            guard_in_window: instant && self.once_in(2),
            guard_asks_for_more: !self.once_in(4),
            zero: guarded && self.once_in(2),
            max_age: self.one(&[None, None, Some(0), Some(60_000), Some(120_000)]),
            coverage: self.one(&[90, 90, 50, 100, 1]),
            active: self.one(&[20, 20, 1, 50, 100]),
            quiet_is_good: guarded && self.once_in(2),
            may_end: self.once_in(3),
            percent: self.once_in(4),
            baseline: compare,
            written_as,
            delay: self.one(&[0, 0, 0, 60_000, 90_500]),
            ratio: None,
            sure: None,
        }
    }

    /// The same of a ratio of events, whose values lie between nothing and all.
    fn ratio(&mut self) -> JudgeInput {
        let mut scene = self.scene();
        let whole = if scene.percent { 100.0 } else { 1.0 };
        let is_one_of_events = scene.instant || self.once_in(3);
        if is_one_of_events {
            let of_all = (
                self.one(&[Reducer::Overall, Reducer::Overall, Reducer::Budget]),
                0.0,
            );
            (scene.reducer, scene.share, scene.hold_for) = (Some(of_all), None, None);
        }
        let is_budget = matches!(scene.reducer, Some((Reducer::Budget, _)));
        let looks_back = scene.reducer.is_none() && self.once_in(2);
        let over = looks_back.then(|| {
            (scene.share, scene.hold_for) = (None, None);
            let second = self.one(&[None, Some(60_000), Some(120_000)]);
            (self.one(&[180_000, 240_000, 300_000]), second)
        });
        let equal_span = matches!(scene.baseline, Compare::Offset(_) | Compare::Vars);
        if is_budget {
            (scene.baseline, scene.written_as) = (Compare::Nothing, As::Unwritten);
        } else if looks_back && matches!(scene.written_as, As::Points) {
            scene.written_as = As::Unwritten;
        } else if equal_span && self.once_in(6) {
            scene.written_as = As::One(Reducer::Overall, 0.0);
        }
        scene.limit = if matches!(scene.baseline, Compare::Nothing) {
            Limit::Fixed(self.one(&[0.0, 0.25, 0.3, 0.5, 0.75, 1.0]) * whole)
        } else {
            self.one(&[
                Limit::Baseline,
                Limit::Plus(0.25 * whole),
                Limit::Minus(0.25 * whole),
                Limit::PlusShare(0.5),
                Limit::Times(2.0),
                Limit::PlusMax(0.125 * whole, 0.5),
            ])
        };
        scene.zero = self.once_in(3);
        scene.ratio = Some(RatioInput {
            good: self.once_in(3),
            of_errors: is_budget || self.once_in(3),
            min_total: self
                .once_in(4)
                .then(|| self.one(&[1, 300, 720, 900, 1_500])),
            over,
        });
        scene
    }

    /// The errors or good events of these: mostly so many of them.
    fn part(&mut self, scene: &JudgeInput, grid: &[Time], totals: &Came) -> Came {
        if !self.once_in(4) {
            return self.share_of(totals);
        }
        let mut came = self.came(scene, grid, false);
        if self.once_in(10) {
            return came;
        }
        for line in came.iter_mut().flatten() {
            for (time, value) in &mut line.points {
                let mut beside = totals.iter().flatten();
                let total = beside.find(|total| total.per == line.per);
                let total = total.and_then(|total| total.points.iter().find(|(at, _)| at == time));
                if value.is_finite() {
                    let all = total.map_or(4.0, |(_, all)| *all);
                    *value = if all.is_finite() {
                        all * value.abs().min(4.0) / 4.0
                    } else {
                        1.0
                    };
                }
            }
        }
        came
    }

    /// A part beside each of these.
    fn share_of(&mut self, totals: &Came) -> Came {
        let mut came = totals.clone()?;
        let sparse = self.once_in(3);
        for line in &mut came {
            let shares = [0.0, 0.0, 0.25, 0.25, 0.5, 0.75, 1.0];
            let flat = self.once_in(2).then(|| self.one(&shares));
            line.points.retain(|_| !(sparse && self.once_in(12)));
            for (_, value) in line
                .points
                .iter_mut()
                .filter(|(_, value)| value.is_finite())
            {
                *value *= flat.unwrap_or_else(|| self.one(&shares));
            }
        }
        Some(came)
    }

    /// All events at these points.
    fn total(&mut self, scene: &JudgeInput, grid: &[Time]) -> Came {
        let mut came = self.came(scene, grid, false);
        let crooked = self.once_in(20);
        for (_, value) in came.iter_mut().flatten().flat_map(|line| &mut line.points) {
            if !crooked && !value.is_infinite() {
                *value = value.abs();
            }
            if *value == 0.0 && !self.once_in(6) {
                *value = 4.0;
            }
        }
        came
    }

    /// A scene of canary and control over an hour, long enough for `at`.
    fn sure_scene(&mut self) -> JudgeInput {
        let base = self.scene();
        let ago = self.one(&[3_600, 3_600, 5_400, 3_540, 3_000, 2_820, 1_800]);
        let baseline = self.one(&[Compare::Nothing, Compare::Vars, Compare::Offset(86_400_000)]);
        let limit = if matches!(baseline, Compare::Nothing) {
            Limit::Fixed(self.one(&[1.1, 1.0]))
        } else {
            self.one(&[
                Limit::Baseline,
                Limit::Plus(0.1),
                Limit::Minus(0.1),
                Limit::PlusShare(0.1),
                Limit::MinusShare(0.1),
                Limit::Times(1.1),
                Limit::Times(0.0),
                Limit::PlusMax(0.1, 0.2),
                Limit::PlusMax(0.1, 0.05),
            ])
        };
        JudgeInput {
            at: T,
            started: Some(T - ago * 1_000),
            ended: None,
            window: 3_600_000,
            settle: 0,
            step: 60_000,
            instant: false,
            comparison: self.one(&[
                Comparison::Less,
                Comparison::LessOrEqual,
                Comparison::Greater,
                Comparison::GreaterOrEqual,
            ]),
            limit,
            reducer: Some(self.one(&[(Reducer::Mean, 0.0), (Reducer::Median, 50.0)])),
            share: None,
            hold_for: None,
            guarded: false,
            guard_in_window: false,
            lengths_may_differ: false,
            zero: false,
            quiet_is_good: false,
            max_age: None,
            coverage: self.one(&[90, 60]),
            percent: false,
            baseline,
            written_as: As::Unwritten,
            delay: 0,
            sure: Some(self.one(&[80, 95, 99])),
            ..base
        }
    }

    /// A scene of a number of bad points, or of those that may be.
    fn counting_scene(&mut self) -> JudgeInput {
        let base = self.scene();
        JudgeInput {
            instant: false,
            reducer: None,
            share: None,
            hold_for: None,
            points: Some(self.one(&[1, 1, 2, 3, 5])),
            guard_in_window: false,
            lengths_may_differ: false,
            ..base
        }
    }

    /// Values around a level, here and there one that is missing or far away.
    #[expect(clippy::unnecessary_wraps, reason = "a source may fail")]
    fn noisy(&mut self, scene: &JudgeInput, grid: &[Time]) -> Came {
        let count = if scene.per { self.one(&[1, 2, 3]) } else { 1 };
        let size = self.one(&[0.0, 0.05, 0.2, 1.0]);
        let drift = self.one(&[0.0, 0.0, 0.01]);
        let missing = self.one(&[0, 0, 10, 30]);
        let lines = SITES.iter().take(count).map(|site| {
            let level = self.one(&[1.0, 1.0, 1.05, 1.1, 1.2, 1.5, 0.9]);
            let mut points = Vec::new();
            for (number, time) in (0_i32..).zip(grid) {
                let value = level + size * self.0.normal() + drift * f64::from(number);
                if missing == 0 || !self.once_in(missing) {
                    points.push((
                        *time,
                        if self.once_in(2_000) {
                            f64::INFINITY
                        } else {
                            value
                        },
                    ));
                }
            }
            Values {
                per: scene.per.then(|| (*site).to_owned()),
                points,
            }
        });
        Some(lines.collect())
    }

    /// What comes back for these points: mostly complete, sometimes anything.
    fn came(&mut self, scene: &JudgeInput, grid: &[Time], guard: bool) -> Came {
        if self.once_in(40) {
            return None;
        }
        let flat = self.once_in(2).then(|| self.value(false));
        let (sparse, odd, wild) = (self.once_in(2), self.once_in(4), self.once_in(8));
        let count = match (scene.per && !(guard && self.once_in(2)), self.once_in(12)) {
            (_, true) => self.one(&[0, 1, 2]),
            (true, false) => self.one(&[1, 2, 2, 3]),
            (false, false) => 1,
        };
        let labelled = scene.per && !(guard && count == 1 && self.once_in(2));
        let mut lines = Vec::new();
        for site in SITES.iter().take(count) {
            let mut line = Values {
                per: Some((*site).to_owned()).filter(|_| labelled && !(wild && self.once_in(6))),
                points: Vec::new(),
            };
            if wild && self.once_in(8) {
                line.per = line.per.map(|_| "a".to_owned());
            }
            let all_quiet = guard && self.once_in(6);
            for time in grid {
                if sparse && self.once_in(8) {
                    continue;
                }
                let value = match flat {
                    _ if all_quiet && !self.once_in(12) => 0.0,
                    _ if guard && odd && self.once_in(12) => f64::NAN,
                    _ if guard => self.one(&[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 0.0]),
                    Some(value) if !self.once_in(20) => value,
                    _ => self.value(odd),
                };
                let late = Time::from(wild && self.once_in(12)) * 500;
                line.points.push((time + late, value));
                if wild && self.once_in(20) {
                    line.points.push((time + late, value));
                }
            }
            if wild && self.once_in(3) {
                line.points.reverse();
            }
            if sparse && self.once_in(6) {
                let keep = line.points.len() / 2;
                line.points.truncate(keep);
            }
            if sparse && self.once_in(6) {
                line.points.drain(..line.points.len() / 2);
            }
            lines.push(line);
        }
        Some(lines)
    }
}

/// What a guard counts in a part of the span for which its limit is one.
fn in_part(scene: &JudgeInput, mut came: Came) -> Came {
    let points = came.iter_mut().flatten().flat_map(|line| &mut line.points);
    for (_, value) in points.filter(|_| scene.zero && scene.guard_in_window) {
        *value /= 4.0;
    }
    came
}

fn finite(value: f64) -> Finite {
    Finite::new(value).expect("finite")
}

fn millis(count: Time) -> Duration {
    Duration::from_millis(count)
}

fn share(percent: u32) -> Share {
    Share::parse(&format!("{percent}%")).expect("a share")
}

fn points(list: List, count: usize) -> Hold {
    let count = u32::try_from(count).ok().and_then(NonZeroU32::new);
    let count = count.expect("a few");
    if list == List::Stop {
        Hold::Points(count)
    } else {
        Hold::But(count)
    }
}

fn bound(limit: Limit) -> Bound {
    match limit {
        Limit::Fixed(value) => Bound::Fixed(finite(value)),
        Limit::Baseline => Bound::Baseline,
        Limit::Plus(delta) => Bound::Above(Delta::Absolute(finite(delta))),
        Limit::Minus(delta) => Bound::Below(Delta::Absolute(finite(delta))),
        Limit::PlusShare(delta) => Bound::Above(Delta::Relative(finite(delta))),
        Limit::MinusShare(delta) => Bound::Below(Delta::Relative(finite(delta))),
        Limit::Times(factor) => Bound::Times(finite(factor)),
        Limit::PlusMax(delta, share) => Bound::Above(Delta::Max(
            Box::new(Delta::Absolute(finite(delta))),
            Box::new(Delta::Relative(finite(share))),
        )),
    }
}

fn query(scene: &JudgeInput, name: &str) -> Query {
    let mut pieces = vec![format!("{name}[")];
    if scene.instant {
        pieces.push("]".to_owned());
    }
    Query { pieces }
}

fn condition(scene: &JudgeInput) -> Condition {
    let long = scene.hold_for.map(|length| Hold::For(millis(length)));
    let over = scene.ratio.and_then(|ratio| ratio.over);
    let over = over.map(|(first, second)| Hold::Over(millis(first), second.map(millis)));
    Condition {
        text: "as written".to_owned(),
        reducer: scene.reducer.map(|(reducer, _)| reducer),
        comparison: scene.comparison,
        bound: bound(scene.limit),
        hold: over
            .or(long)
            .or(scene.share.map(|percent| Hold::Share(share(percent))))
            .or(scene.points.map(|count| points(scene.list, count))),
        at: scene
            .sure
            .and_then(|percent| Confidence::new(share(percent))),
        of_errors: scene.ratio.is_some_and(|ratio| ratio.of_errors),
    }
}

fn kpi(scene: &JudgeInput) -> Kpi {
    Kpi {
        name: "kpi".to_owned(),
        title: None,
        ratio: scene.ratio.map(|ratio| Ratio {
            of: if ratio.good {
                Counted::Good
            } else {
                Counted::Errors
            },
            min_total: ratio.min_total.map(|least| finite(f64::from(least))),
            objective: Some(Objective {
                share: share(75),
                budget: finite(events::BUDGET),
                period: millis(events::PERIOD),
            }),
        }),
        unit: if scene.percent {
            Unit::Percent
        } else if scene.ratio.is_some() {
            Unit::Ratio
        } else {
            Unit::None
        },
        per: scene.per.then(|| "site".to_owned()),
        source: "default".to_owned(),
        delay: millis(scene.delay),
        lookback: None,
        coverage: share(scene.coverage),
        active: share(scene.active),
        quiet: if scene.quiet_is_good {
            Quiet::Met
        } else {
            Quiet::Hold
        },
        max_age: scene.max_age.map(millis),
        missing: if scene.zero {
            Missing::Zero
        } else {
            Missing::Hold
        },
        continuity: if scene.may_end {
            Continuity::Any
        } else {
            Continuity::Each
        },
        accept: if scene.lengths_may_differ {
            vec![Accept::BaselineDiffers]
        } else {
            Vec::new()
        },
        step: None,
        details: KpiDetails::default(),
    }
}

fn ask(scene: &JudgeInput) -> KpiAsk {
    let guard = |name: &str| {
        let pieces = vec![format!("{name}[")];
        let plain = scene.instant && !scene.guard_in_window;
        let query = if plain {
            Query { pieces }
        } else {
            query(scene, name)
        };
        scene.guarded.then_some(query)
    };
    KpiAsk {
        kpi: kpi(scene),
        query: query(scene, "main"),
        part: scene.ratio.map(|_| query(scene, "part")),
        guard: guard("guard").map(|query| Guard {
            query,
            tells_age: false,
            // Of the counts that there are, the same ones hold.
            is: PlainCondition {
                comparison: if scene.guard_asks_for_more {
                    Comparison::GreaterOrEqual
                } else {
                    Comparison::NotEqual
                },
                bound: finite(f64::from(u8::from(scene.guard_asks_for_more))),
            },
        }),
        condition: condition(scene),
        expected: scene.listed.clone(),
        baseline: match scene.baseline {
            Compare::Nothing => None,
            Compare::Offset(by) => Some(Baseline::Offset(millis(by))),
            Compare::Before(length) => Some(Baseline::Before(millis(length))),
            Compare::Between(from, to) => Some(Baseline::Between(
                Instant::from_millis(from),
                Instant::from_millis(to),
            )),
            Compare::Vars => Some(Baseline::Vars {
                query: query(scene, "base"),
                part: scene.ratio.map(|_| query(scene, "base_part")),
                guard: guard("base_guard"),
            }),
        },
        baseline_as: match scene.compared() {
            None => BaselineAs::Points,
            Some((reducer, _)) => BaselineAs::One(reducer),
        },
        step: millis(scene.step),
    }
}

fn plan(scene: &JudgeInput) -> Plan {
    let window = Some(millis(scene.window));
    let criterion = Criterion {
        list: scene.list,
        ask: Ask::Kpi(Box::new(ask(scene))),
    };
    let kind = match scene.list {
        List::Entry => GateKind::Entry,
        List::Recovery => GateKind::Recovery,
        List::Stop | List::Exit | List::Watch => GateKind::Exit,
    };
    let stage = Stage {
        name: "pilot".to_owned(),
        title: None,
        kind: None,
        traffic: None,
        cohort: Vec::new(),
        window,
        settle: millis(scene.settle),
        observe: if scene.trailing {
            Observe::Trailing
        } else {
            Observe::SinceStart
        },
        deadline: None,
        after: None,
        details: StageDetails::default(),
        gates: vec![Gate {
            kind,
            window,
            valid: Duration::from_secs(86_400),
            criteria: vec![criterion],
        }],
    };
    let next = Stage {
        name: "wide".to_owned(),
        gates: Vec::new(),
        ..stage.clone()
    };
    Plan {
        records: gate::plan::Records::default(),
        notify: Vec::new(),
        release: Release::default(),
        sources: Vec::new(),
        vars: Vec::new(),
        rollback: Vec::new(),
        stages: vec![stage, next],
        trust: gate::plan::Trust::default(),
        kpis: Vec::new(),
    }
}

fn observation(came: &Came, warned: bool) -> Observation {
    let failure = || Failure {
        code: FailureCode::SourceTimeout,
        message: "no answer".to_owned(),
    };
    let lines = match came {
        Some(lines) => lines.as_slice(),
        None if warned => &[],
        None => return Err(failure()),
    };
    let series = lines.iter().map(|line| {
        let labels = line
            .per
            .iter()
            .map(|value| ("site".to_owned(), value.clone()));
        let points = line.points.iter().map(|(at, value)| Point {
            at: Instant::from_millis(*at),
            value: *value,
        });
        Series {
            labels: labels.collect::<Labels>(),
            points: points.collect(),
        }
    });
    Ok(Reply {
        series: series.collect(),
        warnings: came
            .is_none()
            .then(|| "partial response".to_owned())
            .into_iter()
            .collect(),
        ..Reply::default()
    })
}

/// Which of the answers a question gets.
fn pick<'a>(
    question: &Question,
    first: &Question,
    scene: &JudgeInput,
    answers: &'a Answers,
) -> &'a Came {
    let (name, window) = parts(question);
    let is_guard = name.ends_with("guard");
    let is_part = name.ends_with("part");
    let is_behind =
        scene.instant && matches!(question.asked, Asked::Range(_)) && !window.is_empty();
    let steps = scene.multiples(scene.spans().1);
    let is_own = match &question.asked {
        Asked::Range(grid) if scene.instant => {
            let ends = (grid.first().millis(), grid.last().millis());
            steps.first().copied().zip(steps.last().copied()) == Some(ends)
        }
        asked => *asked == first.asked && (window.is_empty() || window == parts(first).1),
    };
    if is_part {
        return match (is_own && !name.starts_with("base"), is_behind) {
            (true, true) => &answers.companion_part,
            (true, false) => &answers.part,
            (false, true) => &answers.baseline_companion_part,
            (false, false) => &answers.baseline_part,
        };
    }
    match (is_own && !name.starts_with("base"), is_behind, is_guard) {
        (true, true, _) => &answers.companion,
        (true, false, false) => &answers.main,
        (true, false, true) => &answers.guard,
        (false, true, _) => &answers.baseline_companion,
        (false, false, false) => &answers.baseline,
        (false, false, true) => &answers.baseline_guard,
    }
}

/// The name of a query, and what it says about the window.
fn parts(question: &Question) -> (&str, &str) {
    question.query.split_once('[').unwrap_or_default()
}

fn word(outcome: Outcome) -> judge::Word {
    match outcome {
        Outcome::Met | Outcome::Clear => Some(true),
        Outcome::Unmet | Outcome::Tripped => Some(false),
        Outcome::Unknown => None,
    }
}

fn entry(number: u64, at: Time, event: Event) -> Entry {
    Entry {
        nonce: None,
        number,
        at: Instant::from_millis(at),
        by: Person {
            name: "ada".into(),
            identity_source: IdentitySource::Given,
        },
        plan: "plan.yaml".into(),
        why: String::new(),
        links: Vec::new(),
        event,
    }
}

fn started(stage: &str, at: Time) -> Event {
    Event::Started {
        stage: stage.to_owned(),
        at: Instant::from_millis(at),
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    }
}

/// What is recorded of a scene: a stage that began and was rolled back at once, so that one time says both; or one that
/// ended where the next began.
fn recorded(scene: &JudgeInput) -> Option<Ledger> {
    let rolled_back = Event::RolledBack {
        stage: "pilot".to_owned(),
        told: RollbackTold::default(),
    };
    match (scene.list, scene.started, scene.ended) {
        (List::Recovery, None, _) => Some(Ledger::default()),
        (List::Recovery, Some(at), _) => Some(Ledger::new(vec![
            entry(1, at, started("pilot", at)),
            entry(2, at, rolled_back),
        ])),
        (_, Some(at), Some(ended)) => Some(Ledger::new(vec![
            entry(1, at, started("pilot", at)),
            entry(2, ended, started("wide", ended)),
        ])),
        _ => None,
    }
}

fn answers(dice: &mut Dice, scene: &JudgeInput) -> Answers {
    let narrow = scene.spans().1;
    let asked = scene.asked();
    let guard = if scene.instant {
        scene.guard_grid(narrow)
    } else {
        asked.clone()
    };
    let before = scene.baseline_span();
    let baseline = before.map(|span| scene.grid(span)).unwrap_or_default();
    let its_guard = before
        .map(|span| scene.guard_grid(span))
        .unwrap_or_default();
    let its_steps = before.map(|span| scene.multiples(span)).unwrap_or_default();
    if scene.ratio.is_some() {
        let steps = scene.multiples(narrow);
        let main = dice.total(scene, &asked);
        // Behind one number, two spans may come to the same points: that is one question, which has one answer.
        let is_asked_once = scene.instant && !scene.guard_in_window && steps == its_steps;
        let (base, behind) = (dice.total(scene, &baseline), dice.total(scene, &steps));
        let behind_baseline = dice.total(scene, &its_steps);
        let of_guard = dice.came(scene, &guard, true);
        let its_own = dice.came(scene, &its_guard, true);
        return Answers {
            part: dice.part(scene, &asked, &main),
            baseline_part: dice.part(scene, &baseline, &base),
            companion_part: dice.part(scene, &steps, &behind),
            baseline_companion_part: dice.part(scene, &its_steps, &behind_baseline),
            baseline_guard: if is_asked_once {
                of_guard.clone()
            } else {
                its_own
            },
            guard: of_guard,
            main,
            baseline: base,
            companion: behind,
            baseline_companion: behind_baseline,
        };
    }
    let behind = dice.came(scene, &scene.multiples(narrow), scene.zero);
    let behind_baseline = dice.came(scene, &its_steps, scene.zero);
    Answers {
        part: None,
        baseline_part: None,
        companion_part: None,
        baseline_companion_part: None,
        main: dice.came(scene, &asked, false),
        guard: dice.came(scene, &guard, true),
        baseline: dice.came(scene, &baseline, false),
        baseline_guard: dice.came(scene, &its_guard, true),
        companion: in_part(scene, behind),
        baseline_companion: in_part(scene, behind_baseline),
    }
}

/// Judges a scene twice.
fn judged_alike(
    dice: &mut Dice,
    number: usize,
    scene: &JudgeInput,
    answers: &Answers,
) -> judge::Word {
    let plan = plan(scene);
    let request = Request {
        later_starts: std::collections::BTreeMap::new(),
        later_checks: Vec::new(),
        later_holds: Vec::new(),
        outlook: Vec::new(),
        trailing: false,
        at: Instant::from_millis(scene.at),
        started: scene
            .started
            .filter(|_| scene.list != List::Recovery && scene.ended.is_none())
            .map(Instant::from_millis),
        gates: vec![GateRef { stage: 0, gate: 0 }],
        ledger: recorded(scene),
        plan_sha256: None,
        vars: Vec::new(),
        addresses: Vec::new(),
    };
    let asked = questions(&plan, &request);
    let warned = dice.once_in(2);
    let observations: Observations = asked
        .iter()
        .map(|question| {
            (
                question.clone(),
                observation(pick(question, &asked[0], scene, answers), warned),
            )
        })
        .collect();
    let gate = assess(&plan, &request, &observations).gates.remove(0);
    // What the ledger implies comes first.
    let mut kpis = gate
        .criteria
        .iter()
        .filter(|one| one.kind == gate::kind::CriterionKind::Kpis);
    let criterion = kpis.next().expect("a KPI");
    let expected = scene.judge(answers);
    assert_eq!(
        word(criterion.outcome),
        expected,
        "scene {number}: {}\n{scene:#?}\nsamples {:?}\nguard {:?}\nbaseline {:?}\nits guard {:?}\ncompanion {:?}\nthe baseline's {:?}\nparts {:?} {:?} {:?} {:?}",
        criterion.reason,
        answers.main,
        answers.guard,
        answers.baseline,
        answers.baseline_guard,
        answers.companion,
        answers.baseline_companion,
        answers.part,
        answers.baseline_part,
        answers.companion_part,
        answers.baseline_companion_part
    );
    let go =
        matches!(scene.list, List::Entry | List::Exit | List::Recovery) && expected == Some(true);
    assert_eq!(
        gate.verdict == Verdict::Go,
        go,
        "scene {number}: {scene:#?}"
    );
    expected
}

#[test]
fn two_judges_agree_on_every_scene() {
    agree("two judges", Dice::scene);
}

#[test]
fn two_judges_agree_on_every_ratio_of_events() {
    agree("two judges of ratios", Dice::ratio);
}

#[test]
fn two_judges_agree_on_every_number_of_points() {
    agree("two judges of points", Dice::counting_scene);
}

fn agree(seed: &'static str, scene: fn(&mut Dice) -> JudgeInput) {
    let mut dice = Dice(Random::named(seed));
    let mut tally = [0_usize; 3];
    for number in 0..SCENES {
        let scene = scene(&mut dice);
        let answers = answers(&mut dice, &scene);
        let word = judged_alike(&mut dice, number, &scene, &answers);
        tally[word.map_or(2, usize::from)] += 1;
    }
    assert!(
        tally.iter().all(|count| *count > SCENES / 20),
        "one-sided scenes: {tally:?}"
    );
}

#[test]
fn two_judges_agree_on_what_the_noise_leaves() {
    const SURE_SCENES: usize = 3_000;
    let mut dice = Dice(Random::named("two judges, sure"));
    let mut seen = [0_usize; 3];
    for number in 0..SURE_SCENES {
        let scene = dice.sure_scene();
        let asked = scene.asked();
        let before = scene.baseline_span();
        let baseline = before.map(|span| scene.grid(span)).unwrap_or_default();
        let answers = Answers {
            main: dice.noisy(&scene, &asked),
            baseline: dice.noisy(&scene, &baseline),
            guard: None,
            baseline_guard: None,
            companion: None,
            baseline_companion: None,
            part: None,
            baseline_part: None,
            companion_part: None,
            baseline_companion_part: None,
        };
        let word = judged_alike(&mut dice, number, &scene, &answers);
        seen[word.map_or(2, usize::from)] += 1;
    }
    assert!(
        seen.iter().all(|count| *count > SURE_SCENES / 20),
        "one-sided scenes: {seen:?}"
    );
}
