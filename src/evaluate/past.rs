//! What is unmet only because of points that have passed: how long until they leave the window that is looked back over. Must not
//! judge; it says at the earliest, never that it will be GO.

use crate::assessment::{Code, CriterionAssessment, GateAssessment, Outcome, SeriesAssessment};
use crate::kind::List;
use crate::units::{Duration, Instant};

/// As many stretches as a series keeps: with fewer, the last one is among them.
const KEPT: usize = 20;

/// The last bad point of a criterion that is good by now, and the first check that no longer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Past {
    last_bad: Instant,
    earliest: Instant,
}

/// Until when a gate waits that is good again by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// The first check that no longer sees the last bad point.
    pub at: Instant,
    /// `wait until … at the earliest (error_rate was last bad at …)`.
    pub words: String,
}

/// Where all that decided is good by now: `wait until …: error_rate was last bad at …`.
pub(super) fn good_again(
    gate: &GateAssessment,
    decided: &[&CriterionAssessment],
    now: Instant,
) -> Option<String> {
    waits(gate, decided, now).map(|waits| waits.words)
}

/// Until when a gate that is NO-GO waits for points that have passed; `now` is the time of the check that judged it.
#[must_use]
pub fn waits_for_past(gate: &GateAssessment, now: Instant) -> Option<Waits> {
    let criteria = gate.criteria.iter().filter(|one| one.list != List::Watch);
    let unmet: Vec<_> = criteria
        .filter(|one| one.outcome == Outcome::Unmet)
        .collect();
    waits(gate, &unmet, now)
}

fn waits(gate: &GateAssessment, decided: &[&CriterionAssessment], now: Instant) -> Option<Waits> {
    let mut latest: Option<(Past, &str)> = None;
    for one in decided {
        let past = of(gate, one, now)?;
        if latest.is_none_or(|(known, _)| known.earliest < past.earliest) {
            latest = Some((past, &one.name));
        }
    }
    let (Past { last_bad, earliest }, name) = latest?;
    let window = gate.window.as_ref()?;
    let at = window.runs_until().map_or(earliest, |at| at.max(earliest));
    let words = format!("wait until {at} at the earliest ({name} was last bad at {last_bad})");
    Some(Waits { at, words })
}

/// Of a criterion that is judged point by point over a window that moves on; `None` if it is bad now, or the stage is over.
pub(super) fn of(
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
    now: Instant,
) -> Option<Past> {
    let window = gate.window.as_ref();
    let window = window.filter(|window| window.ended.is_none())?;
    let kpi = criterion.kpi.as_ref().filter(|kpi| kpi.reducer.is_none())?;
    // A share of the points may be bad: how many still leave in time is not told by the last one. Nor is it of look-backs.
    let condition = criterion.condition.as_deref()?;
    let is_of_points = [" for ", " over "]
        .iter()
        .all(|word| !condition.contains(word));
    if criterion.code != Code::Breach || !is_of_points {
        return None;
    }
    let step = kpi.step?;
    let unmet = kpi
        .series
        .iter()
        .filter(|one| one.outcome == Outcome::Unmet);
    let ends: Option<Vec<Instant>> = unmet.map(last_bad).collect();
    let last_bad = ends?.into_iter().max()?;
    let is_over = last_bad + step <= kpi.end;
    // The newest points that a check sees are as old as its source answers late.
    let behind = kpi.end.until(now).max(Duration::ZERO);
    is_over.then(|| Past {
        last_bad,
        earliest: last_bad + window.length + step + behind,
    })
}

/// The end of its last stretch of bad points, where that is known.
fn last_bad(series: &SeriesAssessment) -> Option<Instant> {
    let known = series.breaches.len() < KEPT;
    let ends = series.breaches.iter().map(|breach| breach.end);
    ends.max().filter(|_| known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    /// `exception_rate`, 3.4% up to 2026-11-20T09:32:00Z, asked at 14:00 over 48h.
    fn unmet() -> (GateAssessment, CriterionAssessment, Instant) {
        let evidence = scenarios::no_go();
        let gate = evidence.gates[0].clone();
        let mut criteria = gate.criteria.clone().into_iter();
        let mut one = criteria
            .find(|one| one.outcome == Outcome::Unmet)
            .expect("exception_rate");
        let kpi = one.kpi.as_mut().expect("a KPI");
        kpi.series.retain(|one| one.per.as_deref() == Some("LEJ2"));
        let end = evidence.evaluated_at - Duration::from_secs(4 * 3600 + 28 * 60);
        kpi.series[0].breaches.push(crate::assessment::Breach {
            start: end,
            end,
            worst: 0.034,
        });
        (gate, one, evidence.evaluated_at)
    }

    #[test]
    fn l4_what_is_good_again_is_waited_for_and_not_dealt_with() {
        let (mut gate, mut one, now) = unmet();
        let said = good_again(&gate, &[&one], now).expect("it is good by now");
        assert_eq!(
            said,
            "wait until 2026-11-22T09:33:00Z at the earliest (exception_rate was last bad at 2026-11-20T09:32:00Z)"
        );
        let end = one.kpi.as_ref().expect("a KPI").end;
        one.kpi.as_mut().expect("a KPI").series[0].breaches[0].end = end;
        assert_eq!(good_again(&gate, &[&one], now), None, "it is bad now");
        let (_, mut one, _) = unmet();
        one.condition = Some("< 3% for 99%".to_owned());
        assert_eq!(of(&gate, &one, now), None, "a share of it may be bad");
        let (_, one, _) = unmet();
        if let Some(window) = &mut gate.window {
            window.ended = Some(window.end);
        }
        assert_eq!(of(&gate, &one, now), None, "its window does not move on");
    }
}
