//! The series of a criterion, the worst first. Orders and counts them; judges none.

use super::decided::series_word;
use crate::assessment::{KpiAssessment, Outcome, SeriesAssessment};

/// Bad ones first, then unknown ones, then good ones; among equals the one that decided, then the one farthest beyond
/// its bound or nearest to it.
pub(super) fn worst_first(kpi: &KpiAssessment) -> Vec<&SeriesAssessment> {
    let ranked = kpi.series.iter().enumerate().map(|(position, series)| {
        let decided = kpi.decisive == Some(position);
        ((rank(series), !decided), series)
    });
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_by(|(left_rank, left), (right_rank, right)| {
        left_rank
            .cmp(right_rank)
            .then_with(|| beyond(right).total_cmp(&beyond(left)))
    });
    ranked.into_iter().map(|(_, series)| series).collect()
}

/// Bad outcomes first, then stops that are on their way.
fn rank(series: &SeriesAssessment) -> u8 {
    match series.outcome {
        Outcome::Tripped | Outcome::Unmet => 0,
        Outcome::Unknown | Outcome::Met | Outcome::Clear if series.is_on_its_way() => 1,
        Outcome::Unknown => 2,
        Outcome::Met | Outcome::Clear => 3,
    }
}

/// How far a value is beyond its bound; within the bound, negative and less the farther it keeps away.
fn beyond(series: &SeriesAssessment) -> f64 {
    let distance = match (series.value, series.bound) {
        (Some(value), Some(bound)) => (value - bound).abs(),
        _ => 0.0,
    };
    if is_good(series.outcome) {
        -distance
    } else {
        distance
    }
}

/// `and 3 more met, 1 more unknown`.
pub(super) fn rest_in_words(rest: &[&SeriesAssessment]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for series in rest {
        let word = series_word(series);
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    let counts: Vec<_> = counts
        .iter()
        .map(|(word, count)| format!("{count} more {word}"))
        .collect();
    format!("and {}", counts.join(", "))
}

/// Whether an outcome needs no explanation.
pub(super) fn is_good(outcome: Outcome) -> bool {
    match outcome {
        Outcome::Met | Outcome::Clear => true,
        Outcome::Unmet | Outcome::Unknown | Outcome::Tripped => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios::{kpi, series};
    use crate::units::Unit;

    #[test]
    fn the_worst_comes_first() {
        let of = |name, outcome, value| series(Some(name), outcome, value, 1.0);
        let mut kpi = kpi(
            Unit::None,
            None,
            vec![
                of("near", Outcome::Met, 0.9),
                of("far", Outcome::Met, 0.1),
                of("unknown", Outcome::Unknown, 0.5),
                of("over", Outcome::Unmet, 1.1),
                of("far-over", Outcome::Unmet, 9.0),
                of("decisive", Outcome::Unmet, 1.2),
            ],
        );
        kpi.decisive = Some(5);
        let order: Vec<_> = worst_first(&kpi)
            .iter()
            .map(|series| series.per.as_deref().unwrap_or_default())
            .collect();
        assert_eq!(
            order,
            ["decisive", "far-over", "over", "unknown", "near", "far"]
        );
        let rest = worst_first(&kpi);
        assert_eq!(
            rest_in_words(&rest),
            "and 3 more unmet, 1 more unknown, 2 more met"
        );
    }
}
