//! Limits from the past (I8): a plan with conditions whose limits are looked for is judged at each hour, as `gate tune` does, and what that
//! suggests is taken with what it rests on. Where nothing is suggested, conditions compare with a baseline, and say why.

use std::collections::BTreeMap;

use super::discover::Found;
use super::drafting::{self, comparison, whole_days};
use super::setting::Setting;
use super::{Unwritten, told};
use crate::backtest::{Backtest, Caught, Counted, CriterionTried, Period, Suggestion, TuneVerdict};
use crate::cli::{BacktestArgs, Format, PerTime, Time, TuneArgs};
use crate::commands::backtest::suggested;
use crate::commands::load::{Overrides, load};
use crate::commands::surroundings::Surroundings;
use crate::init::{
    Candidate, Comparison, Draft, Limit, Limits, Shape, Template, provisional, relative, text,
};
use crate::kind::List;
use crate::units::{Duration, Unit};

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3600);
/// So long a pretend release is watched, whatever the stages: longer than an hour, so that one is running whenever an incident begins,
/// and not much longer, because longer windows only lie nearer to the mean.
const WATCHED: Duration = Duration::from_secs(2 * 3600);
/// What an incident was, by the words that people give to alerts that wake somebody.
const INCIDENTS: &str = r#"count(ALERTS{severity=~"critical|page|sev1",alertstate="firing"})"#;
/// How many false stops a limit may cost, in how much quiet time.
const FALSE_STOPS: PerTime = PerTime {
    number: 1.0,
    per: Duration::from_secs(4 * 7 * 86_400),
};
/// Which share of quiet releases a limit may fail.
const FALSE_NO_GO: f64 = 0.01;
/// By how much of its distance from the median a limit is moved outwards.
const HEADROOM: f64 = 0.1;

/// Conditions by KPI, and what is said of them.
pub(super) struct PastLimits {
    pub by_kpi: BTreeMap<String, Limits>,
    pub said: String,
}

/// A limit that was found, or why there is none.
type Sought = Result<Limit, String>;

/// Which limit of a KPI is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Which {
    Stop,
    /// Of the exit, on points or on all events.
    Exit,
    /// Of the exit, on the mean of all points.
    Mean,
}

impl Which {
    fn of(criterion: &CriterionTried) -> Self {
        if criterion.list == List::Stop {
            Self::Stop
        } else if criterion.condition.starts_with("mean") {
            Self::Mean
        } else {
            Self::Exit
        }
    }
}

/// Conditions for all that was found.
pub(super) async fn limits(
    setting: &Setting,
    found: &Found,
    surroundings: &Surroundings,
) -> Result<PastLimits, Unwritten> {
    if let Some(why) = without_past(setting, found) {
        let none = BTreeMap::new();
        return Ok(PastLimits {
            by_kpi: by_kpi(setting, found, &none, &why),
            said: told::limits(&format!(
                "none from the past ({why}): conditions compare with a baseline"
            )),
        });
    }
    let (whole, suggestions) = look_back(setting, found, surroundings).await?;
    let mut sought = BTreeMap::new();
    let mut said = String::new();
    for ((tried, counted), of_gate) in whole.gates.iter().zip(&suggestions) {
        said = told::limits(&summary(
            setting,
            found,
            counted,
            (&tried.criteria, of_gate),
        ));
        for suggestion in of_gate {
            let Some(criterion) = tried.criteria.get(suggestion.criterion) else {
                continue;
            };
            let past = Past {
                counted,
                past: whole_days(setting.since.min(found.rhythm.past)),
            };
            let limit = past.limit(criterion, suggestion);
            sought.insert((criterion.name.clone(), Which::of(criterion)), limit);
        }
    }
    let by_kpi = by_kpi(
        setting,
        found,
        &sought,
        "nothing of it was judged in the past",
    );
    Ok(PastLimits { by_kpi, said })
}

/// Why the past is not looked at.
fn without_past(setting: &Setting, found: &Found) -> Option<String> {
    if !setting.with_history {
        return Some("--no-history".to_owned());
    }
    let past = setting.since.min(found.rhythm.past);
    (past < DAY).then(|| format!("{} of history are less than a day", whole_days(past)))
}

fn by_kpi(
    setting: &Setting,
    found: &Found,
    sought: &BTreeMap<(String, Which), Sought>,
    otherwise: &str,
) -> BTreeMap<String, Limits> {
    let comparison = comparison(setting, found);
    let of = |candidate: &Candidate| {
        let of = |which: Which| {
            let limit = sought.get(&(candidate.name.clone(), which));
            limit.cloned().unwrap_or_else(|| Err(otherwise.to_owned()))
        };
        let (stop, exit, mean) = (of(Which::Stop), of(Which::Exit), of(Which::Mean));
        let exit = kept(&stop, exit, mean);
        let limits = joined(candidate, &comparison, (stop, exit));
        (candidate.name.clone(), limits)
    };
    found.kept.iter().map(|kept| of(&kept.candidate)).collect()
}

/// Limits from the past where there are some. Canary and control are compared in any case, beside a limit that a stop has.
fn joined(
    candidate: &Candidate,
    comparison: &Comparison,
    (stop, exit): (Sought, Sought),
) -> Limits {
    let beside = "beside a limit, since both run at the same time";
    let why = |sought: &Sought| {
        sought
            .as_ref()
            .err()
            .cloned()
            .unwrap_or_else(|| beside.to_owned())
    };
    let relative = relative(candidate, comparison, (&why(&stop), &why(&exit)));
    let Comparison::Control { .. } = comparison else {
        let or =
            |sought: Sought, relative: Vec<Limit>| sought.map_or(relative, |limit| vec![limit]);
        if candidate.is_shown_only() {
            return relative;
        }
        return Limits {
            stop: or(stop, relative.stop),
            exit: or(exit, relative.exit),
            watch: relative.watch,
        };
    };
    let mut limits = relative;
    if !candidate.is_shown_only()
        && let Ok(stop) = stop
    {
        limits.stop.insert(0, stop);
    }
    limits
}

/// An exit condition is no laxer than what stops a rollout. Where that of the points would be, the mean's is taken; all are in the
/// same unit.
fn kept(stop: &Sought, exit: Sought, mean: Sought) -> Sought {
    let is_laxer = |exit: &Sought| {
        let (Ok(stop), Ok(exit)) = (stop, exit) else {
            return false;
        };
        let limits = limit_of(&stop.condition).zip(limit_of(&exit.condition));
        limits.is_some_and(|(most, needed)| needed > most)
    };
    if !is_laxer(&exit) {
        return exit;
    }
    let lax = "what quiet releases needed is laxer than the stop";
    match mean {
        Ok(mean) if !is_laxer(&Ok(mean.clone())) => Ok(Limit {
            because: format!(
                "{}; single points needed more than what stops",
                mean.because
            ),
            ..mean
        }),
        Ok(_) | Err(_) => Err(lax.to_owned()),
    }
}

/// The number of a condition's limit.
fn limit_of(condition: &str) -> Option<f64> {
    let mut words = condition
        .split(' ')
        .skip_while(|word| !matches!(*word, "<" | ">"));
    let token = words.nth(1)?;
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let end = token.find(|c| !is_part(c)).unwrap_or(token.len());
    token.get(..end)?.parse().ok()
}

async fn look_back(
    setting: &Setting,
    found: &Found,
    surroundings: &Surroundings,
) -> Result<(Backtest, Vec<Vec<Suggestion>>), Unwritten> {
    let text = text(&tried(setting, found));
    // Limits of the canary are those of what it is to replace: that has a past.
    let vars = match &setting.versions {
        Some(Comparison::Control { label, control, .. }) => {
            vec![(label.1.clone(), control.clone())]
        }
        Some(Comparison::Offset(_) | Comparison::Before(_)) | None => Vec::new(),
    };
    let overrides = Overrides {
        vars: &vars,
        source: None,
        offline: false,
        read_before: Some(text.as_bytes()),
        otherwise: "nothing was written",
    };
    let loaded = load(
        std::slice::from_ref(&setting.path),
        &overrides,
        surroundings,
    )?;
    let Some(loaded) = loaded.into_iter().next() else {
        return Err(Unwritten::Source("nothing was found to ask".to_owned()));
    };
    let arguments = arguments(setting, found);
    let (whole, suggestions) = suggested(loaded, &arguments, surroundings).await?;
    if let Some(gap) = whole.unanswered.first() {
        return Err(Unwritten::Source(format!(
            "the past from {} to {} was not answered: {}; --no-history takes no limits from it",
            gap.from, gap.to, gap.message
        )));
    }
    Ok((whole, suggestions))
}

/// What is judged in the past: one stage with the conditions whose limits are looked for.
fn tried(setting: &Setting, found: &Found) -> Draft {
    let limits = found.kept.iter().map(|kept| {
        let limits = provisional(&kept.candidate, kept.now);
        (kept.candidate.name.clone(), limits)
    });
    let mut draft = drafting::draft(setting, found, &limits.collect());
    draft.kpis.retain(|kpi| !kpi.candidate.is_shown_only());
    draft.shape = Shape {
        window: WATCHED,
        ..Shape::only_stage(Template::Minimal)
    };
    draft
}

fn arguments(setting: &Setting, found: &Found) -> TuneArgs {
    let from = (setting.at - setting.since).max(found.rhythm.since(setting.at));
    let backtest = BacktestArgs {
        plan: setting.path.clone(),
        from: Some(Time::At(from)),
        to: Some(Time::At(setting.at)),
        stages: Vec::new(),
        every: HOUR,
        moments: false,
        incidents: vec![INCIDENTS.to_owned()],
        releases: None,
        ledger: Vec::new(),
        quiet_after: WATCHED,
        source: None,
        vars: Vec::new(),
        save: None,
        replay: None,
        reports: Vec::new(),
        force: false,
        format: Format::Text,
        fail_on: Vec::new(),
    };
    TuneArgs {
        backtest,
        false_stops: FALSE_STOPS,
        false_no_go: FALSE_NO_GO,
        headroom: HEADROOM,
        per_site: false,
        diff: false,
    }
}

/// What the past says of a limit.
struct Past<'a> {
    counted: &'a Counted,
    past: Duration,
}

impl Past<'_> {
    fn limit(&self, criterion: &CriterionTried, suggestion: &Suggestion) -> Sought {
        let then = match &suggestion.then {
            Ok(then) => then,
            Err(why) => return Err(why.words().to_owned()),
        };
        let worst = self
            .worst(criterion)
            .ok_or_else(|| "nothing was measured in quiet time".to_owned())?;
        if worst == 0.0 {
            return Err(format!("in {} it was 0 all the time", self.past));
        }
        let unit = criterion.unit.unwrap_or(Unit::None);
        let because = match criterion.list {
            List::Stop => self.of_stop(&unit.show(worst), (suggestion, then)),
            List::Entry | List::Exit | List::Recovery | List::Watch => {
                self.of_exit(&unit.show(worst))
            }
        };
        Ok(Limit {
            condition: then.condition.clone(),
            because,
        })
    }

    /// The worst that a quiet release would have needed as its limit.
    fn worst(&self, criterion: &CriterionTried) -> Option<f64> {
        let is_high = criterion.swept.scale.as_ref()?.high;
        let judged = criterion.swept.judged.iter().zip(&self.counted.periods);
        let quiet = judged.filter(|(_, period)| **period == Period::Quiet);
        let criticals = quiet
            .filter_map(|(judged, _)| judged.critical)
            .filter(|one| one.is_finite());
        criticals.reduce(if is_high { f64::max } else { f64::min })
    }

    fn of_stop(&self, worst: &str, (suggestion, then): (&Suggestion, &TuneVerdict)) -> String {
        let false_ones = match then.false_ones {
            0 => "no false stop".to_owned(),
            1 => "1 false stop".to_owned(),
            count => format!("{count} false stops"),
        };
        let reached = self.reached(suggestion, then);
        format!(
            "from {}: the highest level held for 10m in quiet time was {worst}, and a tenth of its distance from the median more; {false_ones}{reached}",
            self.past
        )
    }

    /// The level that was held in each incident at which a release was running, and whether the limit catches it.
    fn reached(&self, suggestion: &Suggestion, then: &TuneVerdict) -> String {
        const SHOWN: usize = 3;
        let all = self.counted.incidents.all.iter().zip(&then.caught);
        let tested: Vec<_> = all
            .filter(|(_, caught)| **caught != Caught::Untested)
            .collect();
        if tested.len() != suggestion.lost_from.len() {
            return String::new();
        }
        let levels = suggestion.lost_from.iter().map(|(_, level)| level);
        let said = tested.into_iter().zip(levels);
        let said = said.map(|((incident, caught), level)| {
            let caught = match caught {
                Caught::After(after) => format!("caught after {after}"),
                Caught::Missed => "not caught".to_owned(),
                Caught::Untested => "not tested".to_owned(),
            };
            let start = incident.start;
            format!("; in the incident of {start} it reached {level}: {caught}")
        });
        said.take(SHOWN).collect()
    }

    fn of_exit(&self, worst: &str) -> String {
        let quiet = self.counted.number(Period::Quiet);
        format!(
            "from {}: 1% of {quiet} quiet releases of {WATCHED} would fail it at most; the worst of them needed {worst}",
            self.past
        )
    }
}

/// How long a past was judged, the incidents in it, and which KPIs would have caught them.
fn summary(
    setting: &Setting,
    found: &Found,
    counted: &Counted,
    (criteria, suggestions): (&[CriterionTried], &[Suggestion]),
) -> String {
    let past = whole_days(setting.since.min(found.rhythm.past));
    let incidents = counted.incidents.all.len();
    if incidents == 0 {
        return format!(
            "from {past}; no alert of severity critical, page or sev1 fired, so all of it counts as quiet"
        );
    }
    let has = |suggestion: &Suggestion, is_it: fn(&Caught) -> bool| {
        let caught = suggestion.then.as_ref().map(|then| then.caught.as_slice());
        caught.is_ok_and(|caught| caught.iter().any(is_it))
    };
    let catches = |one: &&Suggestion| has(one, |caught| matches!(caught, Caught::After(_)));
    let names: Vec<&str> = (suggestions.iter().filter(catches))
        .filter_map(|one| criteria.get(one.criterion))
        .map(|criterion| criterion.name.as_str())
        .collect();
    let misses = |one: &Suggestion| has(one, |caught| *caught == Caught::Missed);
    let caught = if !names.is_empty() {
        format!("caught by {}", names.join(", "))
    } else if suggestions.iter().any(misses) {
        "no limit that was found catches any of them".to_owned()
    } else {
        "no limit was tried with any of them".to_owned()
    };
    let word = if incidents == 1 { "alert" } else { "alerts" };
    format!(
        "from {past}, {incidents} {word} of severity critical, page or sev1 taken as incidents: {caught}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "as what is tested takes it")]
    fn sought(condition: &str) -> Sought {
        Ok(Limit {
            condition: condition.to_owned(),
            because: "seen".to_owned(),
        })
    }

    #[test]
    fn i8_an_exit_is_never_laxer_than_the_stop() {
        let none = || Err("why".to_owned());
        let condition = |kept: Sought| kept.map(|limit| limit.condition);
        let of = |stop: &str, exit: &str, mean: Sought| {
            condition(kept(&sought(stop), sought(exit), mean))
        };
        let mean = || sought("mean < 250ms");
        let stop = "> 320ms for 10m";
        assert_eq!(
            of(stop, "< 300ms for 99%", mean()),
            Ok("< 300ms for 99%".to_owned())
        );
        assert_eq!(
            of(stop, "< 860ms for 99%", mean()),
            Ok("mean < 250ms".to_owned())
        );
        assert!(of(stop, "< 860ms for 99%", none()).is_err());
        assert!(of(stop, "< 860ms for 99%", sought("mean < 330ms")).is_err());
        assert_eq!(
            of("> 2.1% for 10m", "overall < 2.1%", none()),
            Ok("overall < 2.1%".to_owned())
        );
        assert_eq!(
            condition(kept(&none(), sought("< 1s for 99%"), none())),
            Ok("< 1s for 99%".to_owned())
        );
    }
}
