//! What was required and what was measured, in words. A printed value never contradicts its outcome.

use super::trend::Worst;
use crate::assessment::{
    Certainty, CriterionAssessment, KpiAssessment, Measures, SeriesAssessment,
};
use crate::kind::List;
use crate::units::{Unit, show_times};

/// The series that represents a criterion: the one that decided, or the only one.
pub(super) fn focus(kpi: &KpiAssessment) -> Option<&SeriesAssessment> {
    match (kpi.decisive, kpi.series.as_slice()) {
        (Some(position), series) => series.get(position),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

/// What was required, as written, with the bound that the baseline gave, if it is the same for all points. Criteria that people answer say what they ask instead.
pub(super) fn required(criterion: &CriterionAssessment) -> String {
    let condition = written(criterion);
    let series = criterion
        .kpi
        .as_ref()
        .and_then(|kpi| Some((kpi.unit, focus(kpi)?)));
    let resolved =
        series.filter(|(_, series)| series.partners.is_none() && series.certainty.is_none());
    let resolved = resolved.and_then(|(unit, series)| {
        let bound = resolved_bound(unit, series)?;
        Some(format!(
            "{bound} (baseline {})",
            unit.show(series.baseline?)
        ))
    });
    match resolved {
        Some(bound) => format!("{condition}, i.e. {bound}"),
        None => condition,
    }
}

/// What the plan says is required; of what does not apply, who says so and why.
pub(super) fn written(criterion: &CriterionAssessment) -> String {
    let title = criterion.title.as_deref();
    if criterion.is_not_applicable() {
        let words = title.into_iter().chain([criterion.reason.as_str()]);
        return words.collect::<Vec<_>>().join("; ");
    }
    let condition = criterion.condition.as_deref();
    let condition = match &criterion.kpi {
        Some(_) => condition.or(title),
        None => title.or(condition),
    };
    condition.unwrap_or_default().to_owned()
}

/// The bound that the baseline gave; `None` if there is no baseline.
pub(super) fn resolved_bound(unit: Unit, series: &SeriesAssessment) -> Option<String> {
    let baseline = series.baseline?;
    Some(match (series.value, series.bound) {
        (_, None) => unit.show(baseline),
        (Some(value), Some(bound)) => unit.show_beside(value, bound).1,
        (None, Some(bound)) => unit.show(bound),
    })
}

/// What was measured; `None` if nothing was, or people answer.
pub(super) fn measured(criterion: &CriterionAssessment) -> Option<String> {
    let kpi = criterion.kpi.as_ref()?;
    let Some(series) = focus(kpi) else {
        return spread(kpi);
    };
    let value = series_value(kpi, series)?;
    Some(match &series.per {
        None => value,
        Some(per) => format!("{value} ({per})"),
    })
}

/// The value, and whose it is.
pub(super) fn value_and_series(criterion: &CriterionAssessment) -> Option<(String, Option<&str>)> {
    let kpi = criterion.kpi.as_ref()?;
    let Some(series) = focus(kpi) else {
        return Some((spread(kpi)?, None));
    };
    Some((compared(kpi, series)?, series.per.as_deref()))
}

/// What was measured, where there is no room for more than the value and whose it is.
pub(super) fn measured_alone(criterion: &CriterionAssessment) -> Option<String> {
    let (value, per) = value_and_series(criterion)?;
    Some(match per {
        None => value,
        Some(per) => format!("{value} ({per})"),
    })
}

/// What was measured of one series. Without a reducer it is the worst point, and is called that, since a condition may
/// forgive it (`for 99%`).
pub(super) fn series_value(kpi: &KpiAssessment, series: &SeriesAssessment) -> Option<String> {
    let shown = compared(kpi, series)?;
    let one_of_many = kpi.reducer.is_none() && kpi.step.is_some();
    Some(if one_of_many {
        format!("worst {shown}")
    } else {
        shown
    })
}

/// The value as it was compared; where the noise was counted, beside its control.
fn compared(kpi: &KpiAssessment, series: &SeriesAssessment) -> Option<String> {
    let value = series.value?;
    if let Some(certainty) = &series.certainty {
        return Some(beside_control(kpi.unit, series, certainty, value));
    }
    Some(match series.bound {
        Some(bound) => kpi.unit.show_beside(value, bound).0,
        None => kpi.unit.show(value),
    })
}

/// `0.58%, control 0.51%`, or `1.04x the control`.
fn beside_control(
    unit: Unit,
    series: &SeriesAssessment,
    certainty: &Certainty,
    value: f64,
) -> String {
    match (certainty.measures, series.baseline) {
        (Measures::Quotient, _) => {
            let times = show_times(certainty.estimate, certainty.margin);
            format!("{times} the control")
        }
        (Measures::Difference | Measures::Beyond(_), Some(control)) => {
            let (value, control) = unit.show_beside(value, control);
            format!("{value}, control {control}")
        }
        (Measures::Value | Measures::Difference | Measures::Beyond(_), _) => {
            unit.show_beside(value, certainty.margin).0
        }
    }
}

/// `sure to 95% to each side: from -0.1pp to 0.7pp, limit 0.5pp`.
pub(super) fn interval(unit: Unit, certainty: &Certainty) -> String {
    let (confidence, ends) = (certainty.confidence, ends(unit, certainty));
    format!("sure to {confidence} to each side: {ends}")
}

/// The same where there is no room for more: `from -0.1pp to 0.7pp, limit 0.5pp`.
pub(super) fn ends(unit: Unit, certainty: &Certainty) -> String {
    let margin = certainty.margin;
    let signed = |value: f64| {
        let sign = if value < 0.0 { "-" } else { "" };
        format!("{sign}{}", unit.show_difference(value.abs(), margin.abs()))
    };
    let show = |value: f64| match certainty.measures {
        Measures::Value => unit.show_beside(value, margin).0,
        Measures::Quotient => show_times(value, margin),
        Measures::Difference | Measures::Beyond(_) => signed(value),
    };
    format!(
        "from {} to {}, limit {}",
        show(certainty.low),
        show(certainty.high),
        show(margin)
    )
}

/// From the smallest to the largest value, if no series represents all.
fn spread(kpi: &KpiAssessment) -> Option<String> {
    let values = kpi.series.iter().filter_map(|series| series.value);
    let low = values.clone().reduce(f64::min)?;
    let high = values.reduce(f64::max)?;
    let (low, high) = kpi.unit.show_beside(low, high);
    Some(format!("{low} to {high} ({} series)", kpi.series.len()))
}

/// Which values come closest to breaking the condition: high ones for `<`, low ones for `>`; in stops the other way round.
pub(super) fn worst(criterion: &CriterionAssessment) -> Worst {
    let written = criterion.condition.as_deref().unwrap_or_default();
    let operator = written.chars().find(|sign| matches!(sign, '<' | '>'));
    let wants_low = operator != Some('>');
    if wants_low == (criterion.list == List::Stop) {
        Worst::Lowest
    } else {
        Worst::Highest
    }
}
