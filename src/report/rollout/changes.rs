//! Before and after: each KPI that was compared with a baseline, by the last check that did. Computes a share, judges nothing.

use super::stages::{StageFacts, metrics};
use crate::assessment::{KpiAssessment, SeriesAssessment};
use crate::plan::{BaselineAs, Reducer};
use crate::report::sheet::Cell;

/// The columns.
pub(super) const HEAD: [&str; 5] = ["Metric", "Before", "After", "Change", "Measured in"];

/// A row for each KPI and series; later stages say more about the release than earlier ones.
pub(super) fn rows(stages: &[StageFacts<'_>]) -> Vec<Vec<Cell>> {
    let mut found: Vec<(String, Vec<Cell>)> = Vec::new();
    for (stage, exit) in stages.iter().filter_map(|stage| Some((stage, stage.exit?))) {
        for criterion in metrics(exit) {
            let Some(kpi) = &criterion.kpi else { continue };
            for series in &kpi.series {
                let Some(cells) = change(kpi, series) else {
                    continue;
                };
                let metric = named(&criterion.name, criterion.title.as_ref(), series);
                let mut row = vec![Cell::text(metric.clone())];
                row.extend(cells);
                row.push(Cell::text(format!(
                    "{}, {} to {}",
                    stage.name, kpi.start, kpi.end
                )));
                found.retain(|(name, _)| *name != metric);
                found.push((metric, row));
            }
        }
    }
    found.into_iter().map(|(_, row)| row).collect()
}

fn named(name: &str, title: Option<&String>, series: &SeriesAssessment) -> String {
    let name = title.map_or(name, |title| title.as_str());
    match &series.per {
        Some(per) => format!("{name} ({per})"),
        None => name.to_owned(),
    }
}

/// What the baseline was, what was measured, and by how much that is more or less. Without a reducer the value is the worst
/// point, which says little about a change: so the mean is shown, beside that of the baseline's points or its one value.
fn change(kpi: &KpiAssessment, series: &SeriesAssessment) -> Option<[Cell; 3]> {
    let one = series.baseline?;
    let mean = || Reducer::Mean.word();
    let end = || "at the end".to_owned();
    let (before, was) = match (kpi.baseline_as?, kpi.reducer, series.partners) {
        _ if kpi.step.is_none() => (one, end()),
        (BaselineAs::One(reducer), ..) | (BaselineAs::Points, Some(reducer), _) => {
            (one, reducer.word())
        }
        (BaselineAs::Points, None, partners) => (partners?.mean, mean()),
    };
    let (after, is) = match kpi.reducer {
        Some(reducer) => (series.value?, reducer.word()),
        None if kpi.step.is_none() => (series.value?, end()),
        None => (series.summary?.mean, mean()),
    };
    let (shown, base) = kpi.unit.show_beside(after, before);
    Some([
        Cell::text(format!("{base} ({was})")),
        Cell::text(format!("{shown} ({is})")),
        Cell::text(share(before, after)),
    ])
}

/// `+4.2%`; a dash if it would be a share of zero.
fn share(before: f64, after: f64) -> String {
    let share = (after - before) / before.abs() * 100.0;
    if share.is_finite() {
        format!("{share:+.1}%")
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
        assert_eq!(share(0.0, 1.0), "—");
        assert_eq!(share(f64::NAN, 1.0), "—");
    }
}
