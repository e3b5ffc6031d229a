//! Rates, limits and spans of a backtest in words, for all its reports. Must not lay them out.

use crate::backtest::{Backtest, Caught, Counted, CriterionTried, FailOn, Period, Tried};
use crate::evaluate::LeftOut;
use crate::kind::List;
use crate::units::{Duration, Instant, Unit, show_number};
use crate::verdict::Verdict;

/// What each sign of a strip stands for.
pub(super) fn sign(verdict: Verdict) -> char {
    match verdict {
        Verdict::Go => '.',
        Verdict::Stop => 'S',
        Verdict::NoGo => 'N',
        Verdict::Hold => 'H',
    }
}

/// `2026-10-29`.
pub(super) fn day(at: Instant) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}

/// `0.3 (up to 1.4)`.
pub(super) fn rate(counted: &Counted, false_stops: usize) -> String {
    match counted.rate(false_stops) {
        None => "-".to_owned(),
        Some((rate, most)) => format!("{} (up to {})", show_number(rate, 2), show_number(most, 2)),
    }
}

/// `2 of 2`.
pub(super) fn caught(caught: &[Caught]) -> String {
    match Counted::caught_of(caught) {
        (_, 0) => "-".to_owned(),
        (found, tested) => format!("{found} of {tested}"),
    }
}

/// `11m 24m`: how long each took that was caught.
pub(super) fn detection(caught: &[Caught]) -> String {
    let times = caught.iter().filter_map(|one| match one {
        Caught::After(time) => Some(time.to_string()),
        Caught::Missed | Caught::Untested => None,
    });
    let times: Vec<String> = times.collect();
    if times.is_empty() {
        "-".to_owned()
    } else {
        times.join(" ")
    }
}

/// `caught after 11m`.
pub(super) fn how(caught: Caught) -> String {
    match caught {
        Caught::After(time) => format!("caught after {time}"),
        Caught::Missed => "missed".to_owned(),
        Caught::Untested => "untested: no pretend release had begun long enough before".to_owned(),
    }
}

/// A limit of a criterion, as the plan would write it.
pub(super) fn limit(criterion: &CriterionTried, value: f64) -> String {
    let is_share = criterion.is_share_of_baseline;
    let unit = criterion.unit.unwrap_or(Unit::None);
    match is_share {
        Some(true) => format!("{}%", show_number(value * 100.0, 3)),
        Some(false) => show_number(value, 3),
        None => unit.show(value),
    }
}

/// `4.8% of 5%`.
pub(super) fn closest(criterion: &CriterionTried, value: f64, now: f64) -> String {
    format!("{} of {}", limit(criterion, value), limit(criterion, now))
}

/// `integration_5xx > 5% for 10m`.
pub(super) fn criterion(criterion: &CriterionTried) -> String {
    format!("{} {}", criterion.name, criterion.condition)
        .trim_end()
        .to_owned()
}

/// `pilot (48h, started every 1h)`.
pub(super) fn gate(whole: &Backtest, tried: &Tried) -> String {
    let (every, length) = (whole.every, tried.trials.length);
    if whole.moments {
        format!(
            "{}/{} (looked at every {every}, {length} back)",
            tried.stage, tried.gate
        )
    } else {
        format!("{} ({length}, started every {every})", tried.stage)
    }
}

/// What a backtest is called that is judged here.
pub(super) fn trials(whole: &Backtest, count: usize) -> String {
    let what = if whole.moments {
        "moment"
    } else {
        "pretend release"
    };
    if count == 1 {
        format!("1 {what}")
    } else {
        format!("{count} {what}s")
    }
}

/// In days; in hours where that is less than two.
pub(super) fn days(time: Duration) -> String {
    let hours = time.seconds() / 3600.0;
    if hours < 48.0 {
        format!("{}h", show_number(hours, 2))
    } else {
        format!("{} days", show_number((hours / 24.0).round(), 3))
    }
}

/// What was left out, once.
pub(super) fn left(tried: &Tried) -> Vec<String> {
    let named = |why: LeftOut| {
        let names = tried.left.iter().filter(|left| left.why == why);
        let names: Vec<String> = names
            .map(|left| format!("{} {}", left.list, left.name))
            .collect();
        names.join(", ")
    };
    let no_past = named(LeftOut::NoPast);
    let only_now = named(LeftOut::OnlyNow);
    let mut said = Vec::new();
    if !no_past.is_empty() {
        said.push(format!(
            "left out, as nobody can ask it of the past: {no_past}"
        ));
    }
    if !only_now.is_empty() {
        said.push(format!(
            "left out, as an Alertmanager knows only what fires now: {only_now}"
        ));
    }
    said
}

/// Why pretend releases are HOLD: `label_success: low-coverage, 7 from 2026-11-18 to 2026-11-19: 3 of 5 points …`.
pub(super) fn unknown(tried: &Tried) -> Vec<String> {
    let all = tried.unknown.iter().filter_map(|unknown| {
        let criterion = tried.criteria.get(unknown.criterion)?;
        let (begins, ends) = unknown.between;
        let when = if begins == ends {
            format!("the one of {begins}")
        } else {
            format!("{} from {begins} to {ends}", unknown.count)
        };
        let list = match criterion.list {
            List::Stop => "stop ",
            List::Entry | List::Exit | List::Recovery | List::Watch => "",
        };
        let (name, code, reason) = (&criterion.name, unknown.code.word(), &unknown.reason);
        Some(format!("{list}{name}: {code}, {when}; the first: {reason}"))
    });
    all.collect()
}

/// What has to be known of a gate before its figures are believed: what could not be judged, and against what nothing was counted.
pub(super) fn doubts(whole: &Backtest, tried: &Tried, counted: &Counted) -> Vec<String> {
    let late = late_samples(whole).into_iter();
    late.chain(unknown(tried))
        .chain(no_incidents(whole, tried, counted))
        .collect()
}

/// Why nothing is counted as caught or missed; `None` where there are incidents.
pub(super) fn no_incidents(whole: &Backtest, tried: &Tried, counted: &Counted) -> Option<String> {
    if !counted.incidents.all.is_empty() {
        return None;
    }
    let files = whole.incidents_from.iter().any(|from| !from.is_selector);
    let selectors = whole.incidents_from.iter().any(|from| from.is_selector);
    let why = match (whole.incidents.all.is_empty(), files, selectors) {
        (false, ..) => format!("none of the incidents given is about {}", tried.stage),
        (true, false, false) => "no incidents were given".to_owned(),
        (true, true, false) => "none of the incidents given lies in this span".to_owned(),
        (true, false, true) => "the selector found none: no incidents".to_owned(),
        (true, true, true) => {
            "none of the incidents given lies in this span, and the selector found none".to_owned()
        }
    };
    Some(format!(
        "{why}: every stop counts as false, and nothing says what would be caught (--incidents)"
    ))
}

/// What the plan would have said of releases that were begun: which one, and what.
pub(super) fn releases(whole: &Backtest) -> Vec<(String, String)> {
    let gates = whole.releases.iter();
    let all = gates.flat_map(|(tried, all)| {
        let pairs = all.iter().zip(&tried.outcomes);
        pairs.map(|(release, outcome)| {
            let stopped = outcome.stop.map_or_else(String::new, |(at, place)| {
                let by = tried.criteria.get(place).map(criterion);
                format!(" at {at} by {}", by.unwrap_or_default())
            });
            let was = if release.outcome.is_empty() {
                String::new()
            } else {
                format!("; it was {}", release.outcome)
            };
            let label = format!("{} {} {}", release.started, release.stage, release.name);
            let said = format!("{}{stopped}{was}", outcome.verdict);
            (label.trim_end().to_owned(), said)
        })
    });
    all.collect()
}

/// A remark at the end of a report.
pub(super) struct Remark {
    pub text: String,
    pub is_warning: bool,
}

/// What a backtest ends with, whoever tells it: what was not answered, notes, conditions.
pub(super) fn remarks(whole: &Backtest) -> Vec<Remark> {
    let unanswered = whole.unanswered.iter().map(|one| Remark {
        text: format!(
            "not answered from {} to {}: `{}`: {}",
            one.from, one.to, one.query, one.message
        ),
        is_warning: true,
    });
    let notes = whole.notes.iter().map(|note| Remark {
        text: format!("note: {note}"),
        is_warning: false,
    });
    let conditions = whole.fail_on.iter().map(|(condition, holds)| {
        let word = if *holds { "holds" } else { "does not hold" };
        let untested = untested(whole, condition);
        let untested = untested.map_or_else(String::new, |count| format!(", {count} untested"));
        Remark {
            text: format!("fail-on {condition}: {word}{untested}"),
            is_warning: *holds,
        }
    });
    unanswered.chain(notes).chain(conditions).collect()
}

/// How many incidents a condition on missed ones says nothing of.
pub(super) fn untested(whole: &Backtest, condition: &FailOn) -> Option<usize> {
    let caught = whole.gates.iter().flat_map(|(_, counted)| &counted.caught);
    let untested = caught.filter(|one| **one == Caught::Untested).count();
    (condition.is_of_missed() && untested > 0).then_some(untested)
}

/// How much is judged where samples begin later than was asked for.
pub(super) fn late_samples(whole: &Backtest) -> Option<String> {
    let from = whole.samples_from?;
    let (asked_from, to) = whole.span;
    Some(format!(
        "samples from {from} on; {} of {} judged",
        days(from.until(to)),
        days(asked_from.until(to))
    ))
}

/// What is neither quiet nor at an incident.
pub(super) fn after(whole: &Backtest, counted: &Counted) -> Option<String> {
    let after = counted.number(Period::After);
    let soon = whole.incidents.quiet_after;
    (after > 0).then(|| format!("{after} of them began within {soon} after an incident and count neither as quiet nor as at one"))
}
