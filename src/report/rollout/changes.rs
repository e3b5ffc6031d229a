//! Performance before and after: each KPI that has a baseline, and each that was measured in a first and a last stage.
//! Computes a share, judges nothing.

use super::stages::StageFacts;
use crate::assessment::{CriterionAssessment, KpiAssessment, SeriesAssessment};
use crate::plan::{BaselineAs, Plan, Reducer};
use crate::report::sheet::Cell;

/// The columns.
pub(super) const HEAD: [&str; 5] = ["Metric", "Before", "After", "Change", "Compared"];

/// One series of a KPI, as a stage's exit or recovery gate measured it.
#[derive(Clone, Copy)]
struct Seen<'a> {
    stage: &'a str,
    criterion: &'a CriterionAssessment,
    kpi: &'a KpiAssessment,
    series: &'a SeriesAssessment,
}

/// Two values of a KPI.
struct Change {
    before: f64,
    after: f64,
    /// What was compared with what.
    compared: String,
}

/// A row for each KPI and series, in the plan's order if there is a plan. Later stages say more about the release than earlier ones; a baseline says more than the
/// first stage, which had the release already.
pub(super) fn rows(stages: &[StageFacts<'_>], plan: Option<&Plan>) -> Vec<Vec<Cell>> {
    let mut metrics: Vec<(String, Vec<Seen<'_>>)> = Vec::new();
    for seen in stages.iter().flat_map(measured) {
        let name = seen.named();
        match metrics.iter_mut().find(|(of, _)| *of == name) {
            Some((_, all)) => all.push(seen),
            None => metrics.push((name, vec![seen])),
        }
    }
    let place = |all: &[Seen<'_>]| {
        let name = all.first().map(|seen| &seen.criterion.name);
        plan.and_then(|plan| plan.kpis.iter().position(|kpi| Some(&kpi.name) == name))
    };
    metrics.sort_by_key(|(_, all)| place(all));
    let row = |(name, all): (String, Vec<Seen<'_>>)| {
        let unit = all.last()?.kpi.unit;
        let change = against_baseline(&all).or_else(|| across_stages(&all))?;
        Some(vec![
            Cell::text(name),
            Cell::text(unit.show(change.before)),
            Cell::text(unit.show(change.after)),
            Cell::text(share(change.before, change.after)),
            Cell::text(change.compared),
        ])
    };
    metrics.into_iter().filter_map(row).collect()
}

/// Everything that a stage's exit gate and its recovery gate measured, watched KPIs too.
fn measured<'a>(stage: &'a StageFacts<'_>) -> Vec<Seen<'a>> {
    let gates = [stage.recovery, stage.leaving].into_iter().flatten();
    let criteria = gates
        .filter_map(|judged| judged.gate)
        .flat_map(|gate| &gate.criteria);
    let kpis = criteria.filter_map(|criterion| Some((criterion, criterion.kpi.as_ref()?)));
    let seen = kpis.flat_map(|(criterion, kpi)| {
        let series = kpi.series.iter();
        series.map(move |series| Seen {
            stage: &stage.name,
            criterion,
            kpi,
            series,
        })
    });
    seen.collect()
}

impl Seen<'_> {
    fn named(&self) -> String {
        let name = self
            .criterion
            .title
            .as_ref()
            .unwrap_or(&self.criterion.name);
        match &self.series.per {
            Some(per) => format!("{name} ({per})"),
            None if self.kpi.series.len() > 1 => format!("{name} {}", self.series.labels),
            None => name.clone(),
        }
    }

    /// What stands for the window: the mean of its points, or the only value.
    fn typical(&self) -> Option<(f64, String)> {
        match self.kpi.step {
            Some(_) => Some((self.series.summary?.mean, Reducer::Mean.word())),
            None => Some((self.series.value?, AT_THE_END.to_owned())),
        }
    }
}

const AT_THE_END: &str = "at the end";

/// The last comparison with a baseline.
fn against_baseline(all: &[Seen<'_>]) -> Option<Change> {
    let change = |seen: &Seen<'_>| {
        let (before, after, how) = compared(seen.kpi, seen.series)?;
        let compared = format!("baseline with {}, {how}", seen.stage);
        Some(Change {
            before,
            after,
            compared,
        })
    };
    all.iter().rev().find_map(change)
}

/// What the baseline was and what was measured, and how both were reduced. Without a reducer the value is the worst
/// point, which says little about a change: so the mean is shown, beside that of the baseline's points or its one value.
fn compared(kpi: &KpiAssessment, series: &SeriesAssessment) -> Option<(f64, f64, String)> {
    let one = series.baseline?;
    let mean = || Reducer::Mean.word();
    let (before, was) = match (kpi.baseline_as?, kpi.reducer, series.partners) {
        _ if kpi.step.is_none() => (one, AT_THE_END.to_owned()),
        (BaselineAs::One(reducer), ..) | (BaselineAs::Points, Some(reducer), _) => {
            (one, reducer.word())
        }
        (BaselineAs::Points, None, partners) => (partners?.mean, mean()),
    };
    let (after, is) = match kpi.reducer {
        Some(reducer) => (series.value?, reducer.word()),
        None if kpi.step.is_none() => (series.value?, AT_THE_END.to_owned()),
        None => (series.summary?.mean, mean()),
    };
    let how = if was == is {
        was
    } else {
        format!("{was} with {is}")
    };
    Some((before, after, how))
}

/// From the first stage in which it was measured to the last, if these are two.
fn across_stages(all: &[Seen<'_>]) -> Option<Change> {
    let known = |seen: &Seen<'_>| Some((seen.stage.to_owned(), seen.typical()?));
    let (first, (before, how)) = all.iter().find_map(known)?;
    let (last, (after, _)) = all.iter().rev().find_map(known)?;
    let compared = format!("{first} with {last}, {how}");
    (first != last).then_some(Change {
        before,
        after,
        compared,
    })
}

/// `+4.2%`; a dash if it would be a share of zero.
fn share(before: f64, after: f64) -> String {
    let share = (after - before) / before.abs() * 100.0;
    if share.is_finite() {
        let shown = format!("{share:+.1}%");
        // What rounds to nothing has no direction.
        if shown.trim_start_matches(['+', '-']) == "0.0%" {
            return "0.0%".to_owned();
        }
        shown
    } else {
        "—".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_change_is_a_share_of_what_was_before() {
        assert_eq!(share(200.0, 190.0), "-5.0%");
        assert_eq!(share(-2.0, -1.0), "+50.0%");
        assert_eq!(share(100.0, 99.99), "0.0%");
        assert_eq!(share(0.0, 1.0), "—");
        assert_eq!(share(f64::NAN, 1.0), "—");
    }
}
