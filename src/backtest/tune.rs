//! B14–B16: limits that history would have kept to a promise. Must not promise what comes after it, nor change a plan.

use super::counted::{Caught, Counted, Counting, Period};
use super::literal::{Literal, Rounded};
use super::poisson::weeks;
use super::tried::{CriterionTried, Tried};
use super::why_not::WhyNot;
use crate::evaluate::{History, Scale, Sweep};
use crate::kind::List;
use crate::plan::criteria::{Ask, Criterion, KpiAsk};
use crate::plan::{Bound, Delta, Plan};
use crate::units::{Duration, Finite};

/// What a limit may cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allowed {
    /// So many false stops…
    pub false_stops: f64,
    /// …in so much quiet time.
    pub per: Duration,
    /// The share of quiet releases that may end NO-GO, as a fraction.
    pub false_no_go: f64,
    /// By how much of its distance from the median the limit is moved outwards, as a fraction.
    pub headroom: f64,
}

/// A limit, and what it would have done.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The condition.
    pub condition: String,
    /// Distinct false stops; of an exit, quiet releases that fail.
    pub false_ones: usize,
    /// How each incident was caught; empty for an exit.
    pub caught: Vec<Caught>,
}

/// What is suggested for a criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// Which criterion, by its place among those that were judged.
    pub criterion: usize,
    /// As it is.
    pub now: Verdict,
    /// What would be better; or why nothing is suggested.
    pub then: Result<Verdict, WhyNot>,
    /// B15: what history is too short for.
    pub too_short: Option<String>,
    /// The incidents that it caught and would not catch, by name.
    pub loses: Vec<String>,
    /// From which limit on each incident is not caught, by name; in the words of the plan.
    pub lost_from: Vec<(String, String)>,
    /// B17: the series that decides on the common limit, and what the others would need, where they differ by more than twice.
    pub driven_by: Option<(String, String, String)>,
}

/// What tuning looks at.
struct Tuning<'a> {
    sweep: Sweep<'a>,
    tried: &'a Tried,
    counted: &'a Counted,
    history: &'a History,
    allowed: Allowed,
}

/// Suggests a limit for each stop and each exit condition that has one.
#[must_use]
pub fn suggestions(
    plan: &Plan,
    (tried, counted): (&Tried, &Counted),
    history: &History,
    allowed: Allowed,
    per_site: bool,
) -> Vec<Suggestion> {
    let tuning = Tuning {
        sweep: Sweep {
            plan,
            gate: tried.trials.gate,
            times: &tried.trials.times,
        },
        tried,
        counted,
        history,
        allowed,
    };
    let all = tried.criteria.iter().enumerate();
    all.filter_map(|(place, criterion)| tuning.suggest(place, criterion, per_site))
        .collect()
}

impl Tuning<'_> {
    fn suggest(
        &self,
        place: usize,
        criterion: &CriterionTried,
        per_site: bool,
    ) -> Option<Suggestion> {
        let (_, gate) = self.sweep.place()?;
        let asked = gate.criteria.get(criterion.place)?;
        let ask = asked.ask.kpi()?;
        let is_stop = criterion.list == List::Stop;
        if !is_stop && criterion.list != List::Exit {
            return None;
        }
        let now = self.verdict(criterion, &ask.condition.text);
        let mut suggestion = Suggestion {
            criterion: place,
            now,
            then: Err(criterion.why_not.unwrap_or(WhyNot::NoNumber)),
            too_short: None,
            loses: Vec::new(),
            lost_from: Vec::new(),
            driven_by: None,
        };
        let (Some(scale), Some(literal)) = (&criterion.swept.scale, &criterion.literal) else {
            return Some(suggestion);
        };
        if criterion.why_not.is_some() {
            return Some(suggestion);
        }
        suggestion.lost_from = self.lost_from(criterion, scale, literal);
        let (allowed, too_short) = self.allowance(is_stop);
        let Some(base) = self.base(criterion, scale, allowed) else {
            suggestion.then = Err(self.unfounded(criterion));
            return Some(suggestion);
        };
        suggestion.too_short = too_short;
        let tuned = self.with_headroom(criterion, scale, base);
        let exact = scale.strict || base != tuned;
        let rounded = literal.rounded(tuned, scale.high, exact);
        let found = self.verified(
            (asked, ask),
            (criterion, scale, literal),
            (rounded, allowed),
        );
        suggestion.then = found.ok_or(WhyNot::NoneKeeps);
        if let Ok(then) = &suggestion.then {
            suggestion.loses = self.lost(&suggestion.now, then);
        }
        if per_site {
            suggestion.driven_by = driven_by(criterion, scale, literal, self);
        }
        Some(suggestion)
    }

    /// Why no start says what it would need.
    fn unfounded(&self, criterion: &CriterionTried) -> WhyNot {
        let quiet = criterion.swept.judged.iter().zip(&self.counted.periods);
        let mut quiet = quiet.filter(|(_, period)| **period == Period::Quiet);
        if quiet.any(|(judged, _)| judged.value.is_some() || judged.trip.is_some()) {
            WhyNot::OneByOne
        } else {
            WhyNot::Unmeasured
        }
    }

    fn counting(&self) -> Counting<'_> {
        Counting {
            tried: self.tried,
            periods: &self.counted.periods,
            incidents: &self.counted.incidents,
        }
    }

    fn verdict(&self, criterion: &CriterionTried, condition: &str) -> Verdict {
        let counting = self.counting();
        let is_stop = criterion.list == List::Stop;
        let trips = criterion.trips();
        Verdict {
            condition: condition.to_owned(),
            false_ones: if is_stop {
                counting.false_stops(&trips, criterion.lasts)
            } else {
                criterion.failing(&self.counted.periods)
            },
            caught: if is_stop {
                counting.caught(&trips, criterion.lasts)
            } else {
                Vec::new()
            },
        }
    }

    /// How many false ones are allowed, and whether history is too short to show that (B15).
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of events"
    )]
    fn allowance(&self, is_stop: bool) -> (usize, Option<String>) {
        const SHOWN: f64 = 3.0;
        let (expected, short) = if is_stop {
            let per = self.allowed.per;
            let quiet = self.counted.quiet_time;
            let expected = self.allowed.false_stops * weeks(quiet) / weeks(per);
            let asked = crate::units::show_number(self.allowed.false_stops, 3);
            let words = format!(
                "{} of quiet time cannot show {asked} in {per}",
                rough(quiet)
            );
            (expected, words)
        } else {
            let quiet = self.counted.number(Period::Quiet);
            let share = crate::units::show_number(self.allowed.false_no_go * 100.0, 3);
            let words = format!("{quiet} quiet releases cannot show {share}%");
            (self.allowed.false_no_go * quiet as f64, words)
        };
        if expected < SHOWN {
            let words = format!("{short}: the limit is the worst value seen, plus headroom");
            return (0, Some(words));
        }
        (expected.floor() as usize, None)
    }

    /// The quiet critical values, the worst first, each once.
    fn criticals(&self, criterion: &CriterionTried, scale: &Scale) -> Vec<f64> {
        let judged = criterion.swept.judged.iter().zip(&self.counted.periods);
        let quiet = judged.filter(|(_, period)| **period == Period::Quiet);
        let mut found: Vec<f64> = quiet
            .filter_map(|(judged, _)| judged.critical)
            .filter(|critical| critical.is_finite())
            .collect();
        found.sort_by(f64::total_cmp);
        if scale.high {
            found.reverse();
        }
        found
    }

    /// The tightest limit that allows no more false ones than that, without headroom: the worst value that must not be bad.
    fn base(&self, criterion: &CriterionTried, scale: &Scale, allowed: usize) -> Option<f64> {
        let mut criticals = self.criticals(criterion, scale);
        if criterion.list != List::Stop {
            return criticals.get(allowed).or(criticals.last()).copied();
        }
        criticals.dedup();
        let counting = self.counting();
        let mut base = *criticals.first()?;
        for critical in criticals {
            // What is rounded beyond it must not be reached by it, where equal is bad.
            let limit = match (scale.strict, scale.high) {
                (true, _) => critical,
                (false, true) => critical.next_up(),
                (false, false) => critical.next_down(),
            };
            let Some(trips) = criterion.trips_at(limit) else {
                break;
            };
            if counting.false_stops(&trips, criterion.lasts) > allowed {
                break;
            }
            base = critical;
        }
        Some(base)
    }

    /// Moved outwards by the headroom's share of its distance from the median.
    fn with_headroom(&self, criterion: &CriterionTried, scale: &Scale, base: f64) -> f64 {
        let criticals = self.criticals(criterion, scale);
        let median = criticals.get(criticals.len() / 2).copied().unwrap_or(base);
        base + (base - median) * self.allowed.headroom
    }

    /// The first limit from a rounded one outwards that keeps what is allowed, judged as a check would (B16).
    fn verified(
        &self,
        (asked, ask): (&Criterion, &KpiAsk),
        (criterion, scale, literal): (&CriterionTried, &Scale, &Literal),
        (mut rounded, allowed): (Rounded, usize),
    ) -> Option<Verdict> {
        const MOST: usize = 50;
        for _ in 0..MOST {
            let condition = literal.with(&rounded);
            let changed = with_limit(asked, ask, rounded.value, &condition)?;
            let swept = self.sweep.judge(&changed, self.history)?;
            let tried = CriterionTried {
                swept,
                ..criterion.clone_without_swept()
            };
            let verdict = self.verdict(&tried, &condition);
            if verdict.false_ones <= allowed {
                return Some(verdict);
            }
            rounded = literal.tighter(&rounded, !scale.high);
        }
        None
    }

    /// The incidents that are caught now and would not be.
    fn lost(&self, now: &Verdict, then: &Verdict) -> Vec<String> {
        let pairs = now
            .caught
            .iter()
            .zip(&then.caught)
            .zip(&self.counted.incidents.all);
        let lost = pairs.filter(|((now, then), _)| {
            matches!(now, Caught::After(_)) && !matches!(then, Caught::After(_))
        });
        lost.map(|(_, incident)| incident.name.clone()).collect()
    }

    /// From which limit on each incident is not caught: the worst level that was held during it.
    fn lost_from(
        &self,
        criterion: &CriterionTried,
        scale: &Scale,
        literal: &Literal,
    ) -> Vec<(String, String)> {
        const LATE: Duration = Duration::from_secs(15 * 60);
        let Some(track) = &scale.track else {
            return Vec::new();
        };
        let worst = |incident: &super::Incident| {
            let (from, to) = (
                track.position(incident.start),
                track.position(incident.end + LATE),
            );
            let held = track
                .held
                .iter()
                .filter_map(|held| held.get(from..=to.min(held.len().checked_sub(1)?)));
            let levels = held.flatten().copied().filter(|level| level.is_finite());
            levels.reduce(|worst, next| {
                if (next > worst) == scale.high {
                    next
                } else {
                    worst
                }
            })
        };
        let is_tested: Vec<bool> = (self
            .counting()
            .caught(&criterion.trips(), criterion.lasts)
            .iter())
        .map(|caught| *caught != Caught::Untested)
        .collect();
        let incidents = self
            .counted
            .incidents
            .all
            .iter()
            .zip(is_tested)
            .filter(|(_, tested)| *tested);
        incidents
            .filter_map(|(incident, _)| {
                Some((incident.name.clone(), literal.show(worst(incident)?)))
            })
            .collect()
    }
}

impl CriterionTried {
    /// The same without what was judged, which can be large.
    fn clone_without_swept(&self) -> Self {
        Self {
            list: self.list,
            name: self.name.clone(),
            condition: self.condition.clone(),
            unit: self.unit,
            is_share_of_baseline: self.is_share_of_baseline,
            lasts: self.lasts,
            is_on_points: self.is_on_points,
            place: self.place,
            literal: self.literal.clone(),
            why_not: self.why_not,
            swept: crate::evaluate::Swept::default(),
        }
    }
}

/// A criterion with another limit; `None` where it is no single number.
fn with_limit(asked: &Criterion, ask: &KpiAsk, limit: f64, text: &str) -> Option<Criterion> {
    let limit = Finite::new(limit)?;
    let distance = |delta: &Delta| match delta {
        Delta::Absolute(_) => Some(Delta::Absolute(limit)),
        Delta::Relative(_) => Some(Delta::Relative(limit)),
        Delta::Max(..) | Delta::Min(..) => None,
    };
    let mut ask = ask.clone();
    ask.condition.bound = match &ask.condition.bound {
        Bound::Fixed(_) => Bound::Fixed(limit),
        Bound::Times(_) => Bound::Times(limit),
        Bound::Above(delta) => Bound::Above(distance(delta)?),
        Bound::Below(delta) => Bound::Below(distance(delta)?),
        Bound::Baseline => return None,
    };
    text.clone_into(&mut ask.condition.text);
    Some(Criterion {
        list: asked.list,
        ask: Ask::Kpi(Box::new(ask)),
    })
}

/// B17: the series whose worst held level is the common one, where another one's is less than half of it.
fn driven_by(
    criterion: &CriterionTried,
    scale: &Scale,
    literal: &Literal,
    tuning: &Tuning<'_>,
) -> Option<(String, String, String)> {
    let track = scale.track.as_ref()?;
    let quiet = |position: usize| {
        let at = track.at(position);
        !tuning.counted.incidents.meets(at, at) && !tuning.counted.incidents.is_soon_after(at)
    };
    let is_worse = |one: f64, other: f64| (one > other) == scale.high;
    let mut levels_by_name: Vec<(f64, String)> = Vec::new();
    for (name, held) in criterion.swept.names.iter().zip(&track.held) {
        let levels = held
            .iter()
            .enumerate()
            .filter(|(position, level)| level.is_finite() && quiet(*position));
        let level = levels
            .map(|(_, level)| *level)
            .reduce(|one, other| if is_worse(other, one) { other } else { one });
        levels_by_name.extend(level.zip(name.clone()));
    }
    levels_by_name.sort_by(|one, other| one.0.total_cmp(&other.0));
    if scale.high {
        levels_by_name.reverse();
    }
    let ((first, name), (last, _)) = (levels_by_name.first()?, levels_by_name.last()?);
    let differ = first.abs() > 2.0 * last.abs() || last.abs() > 2.0 * first.abs();
    differ.then(|| (name.clone(), literal.show(*first), literal.show(*last)))
}

/// In days, or hours where that is less.
fn rough(time: Duration) -> String {
    const DAY: i64 = 86_400_000;
    if time.millis() >= 2 * DAY {
        let days = (time.millis() + DAY / 2) / DAY;
        format!("{days}d")
    } else {
        time.to_string()
    }
}

impl Suggestion {
    /// Whether the suggested limit catches nothing, though there is something to catch.
    #[must_use]
    pub fn is_only_noise(&self) -> bool {
        let Ok(then) = &self.then else { return false };
        let (caught, tested) = Counted::caught_of(&then.caught);
        tested > 0 && caught == 0
    }
}
