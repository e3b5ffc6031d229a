//! What is allowed but probably not meant. Must not make any plan invalid.

use super::super::criteria::Built;
use super::super::criteria::definitions::Definitions;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::{Bound, Comparison};
use super::checker::Checker;
use super::kpis::KpiDefinition;
use super::queries::{Place, step};
use crate::kind::List;
use crate::plan::criteria::{Ask, KpiAsk};
use crate::units::Duration;

/// Steps longer than the window, and rates over too short a range.
pub(super) fn gate(
    checker: &mut Checker<'_>,
    plan: &Definitions<'_>,
    place: &Place<'_>,
    built: &[Built],
) {
    for (ask, span) in built.iter().filter_map(kpi) {
        let definition = plan.kpis.iter().find(|kpi| kpi.kpi.name == ask.kpi.name);
        let Some(definition) = definition.filter(|kpi| !kpi.query.is_instant()) else {
            continue;
        };
        if let Some(window) = place.window.filter(|window| ask.step > *window) {
            let message = format!(
                "the step of {} is longer than the window of {window}",
                ask.step
            );
            checker.report(
                Problem::warning(ProblemCode::StepOverWindow, span.clone(), message)
                    .help("there may be no point to judge: use a shorter `step`"),
            );
        }
        short_ranges(checker, definition, step(definition, place));
    }
}

fn kpi(built: &Built) -> Option<(&KpiAsk, &Span)> {
    match &built.criterion.ask {
        Ask::Kpi(ask) => Some((ask, &built.span)),
        _ => None,
    }
}

fn short_ranges(checker: &mut Checker<'_>, definition: &KpiDefinition, step: Duration) {
    let guard = definition.guard.as_ref().map(|(guard, _)| guard);
    for query in [Some(&definition.query), guard].into_iter().flatten() {
        for rate in &query.rates {
            let short = Duration::parse(&rate.duration).is_ok_and(|range| range < step.doubled());
            if short {
                let span = checker.place(&query.text, &rate.range);
                let message = format!(
                    "`{}` over {} is less than twice the step of {step}",
                    rate.function, rate.duration
                );
                checker.report(
                    Problem::warning(ProblemCode::ShortRange, span, message)
                        .help("what happens between two ranges is not seen: use a longer range or a shorter `step`"),
                );
            }
        }
    }
}

/// Exit limits that are laxer than the stop limit of the same KPI.
pub(super) fn lax_limits(checker: &mut Checker<'_>, built: &[Built]) {
    for (exit, span) in kpis_in(built, List::Exit) {
        let lax = kpis_in(built, List::Stop).find(|(stop, _)| is_laxer(exit, stop));
        if let Some((stop, stop_span)) = lax {
            let message = format!(
                "the exit limit of `{}` is laxer than its stop limit `{}`",
                exit.kpi.name, stop.condition.text
            );
            checker.report(
                Problem::warning(ProblemCode::LaxExitLimit, span.clone(), message)
                    .related(stop_span.clone(), "already stops here")
                    .help("swap the two limits, or make the exit limit the stricter one"),
            );
        }
    }
}

fn kpis_in(built: &[Built], list: List) -> impl Iterator<Item = (&KpiAsk, &Span)> {
    let built = built.iter();
    built
        .filter(move |one| one.criterion.list == list)
        .filter_map(kpi)
}

/// Whether values exist that are good enough to move on and bad enough to stop.
fn is_laxer(exit: &KpiAsk, stop: &KpiAsk) -> bool {
    let (Bound::Fixed(good), Bound::Fixed(bad)) = (&exit.condition.bound, &stop.condition.bound)
    else {
        return false;
    };
    if exit.kpi.name != stop.kpi.name || exit.condition.reducer != stop.condition.reducer {
        return false;
    }
    let is_upper = |comparison| matches!(comparison, Comparison::Less | Comparison::LessOrEqual);
    let is_lower =
        |comparison| matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual);
    let (exit, stop) = (exit.condition.comparison, stop.condition.comparison);
    (is_upper(exit) && is_lower(stop) && good > bad)
        || (is_lower(exit) && is_upper(stop) && good < bad)
}

/// KPIs that no stage asks about.
pub(super) fn unused_kpis(checker: &mut Checker<'_>, kpis: &[KpiDefinition]) {
    for kpi in kpis.iter().filter(|kpi| !kpi.used.get()) {
        let message = format!("no stage asks about the KPI `{}`", kpi.kpi.name);
        checker.report(
            Problem::warning(ProblemCode::UnusedKpi, kpi.name.span.clone(), message)
                .help("put it under `watch` to have it shown without deciding"),
        );
    }
}
