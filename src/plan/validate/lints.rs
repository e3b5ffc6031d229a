//! What is found in limits, given their queries, and codes that are accepted in vain.
//!
//! Must not find anything by itself.

use super::super::criteria::definitions::Definitions;
use super::super::criteria::{Ask, Built, KpiAsk};
use super::super::lint::Severity;
use super::super::parts::checker::Checker;
use super::super::parts::kpis::KpiDefinition;
use super::super::parts::look::problem;
use super::super::problem::{Problem, ProblemCode};
use super::super::promql;
use super::super::{
    Accept, Baseline, Bound, Comparison, Condition, Counted, Lint, PlainCondition, Query,
};
use crate::kind::List;
use crate::units::Unit;

/// Looks at the limits of a gate, each with its query.
pub(in crate::plan) fn limits(checker: &mut Checker<'_>, plan: &Definitions<'_>, built: &[Built]) {
    for one in built {
        let Ask::Kpi(ask) = &one.criterion.ask else {
            continue;
        };
        let definition = plan.kpis.iter().find(|kpi| kpi.kpi.name == ask.kpi.name);
        let Some(definition) = definition else {
            continue;
        };
        compared(definition, ask);
        guarded_by_itself(checker, definition, ask, one.criterion.list);
        let text = ask.value_query().pieces.join("$window");
        let limits = promql::Limits {
            condition: &ask.condition,
            in_stop: one.criterion.list == List::Stop,
            unit: ask.kpi.unit,
            counted: ask.kpi.ratio.map(|ratio| ratio.of),
        };
        for finding in promql::limit(&text, limits) {
            if !definition.accepts.take(&finding) {
                checker.report(problem(&finding, one.span.clone()));
            }
        }
    }
}

/// M12: a guard on the KPI's own query that leaves out bad values filters them away.
fn guarded_by_itself(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    ask: &KpiAsk,
    list: List,
) {
    let written = definition.written.guard.as_ref();
    let text = written.and_then(|guard| guard.value.is.as_ref());
    let (Some(guard), Some(text)) = (&ask.guard, text) else {
        return;
    };
    let is_same = |own: &Query| {
        let own = own.pieces.join("$window");
        promql::ask_the_same(&own, &guard.query.pieces.join("$window"))
    };
    let by_value =
        is_same(&ask.value_query()) && leaves_bad_out(guard.is, &ask.condition, list == List::Stop);
    let by_part = ask.part.as_ref().is_some_and(is_same);
    let by_part = by_part && leaves_errors_out(guard.is, ask);
    if !by_value && !by_part {
        return;
    }
    let code = Lint::QueryFilter;
    if definition.accepts.takes(Accept::Lint(code)) {
        return;
    }
    let message = format!(
        "this guard is the KPI's own query: `{}` drops bad values, so they look quiet",
        text.value
    );
    let help =
        format!("let the guard look at traffic instead; if it is intended, add `accept: [{code}]`");
    let code = ProblemCode::Lint(code);
    let problem = Problem::error(code, text.span.clone(), message).help(help);
    let same = |one: &Problem| one.code == code && one.span == problem.span;
    if !checker.problems.iter().any(same) {
        checker.report(problem);
    }
}

/// Whether a guard on the errors or the good events of a ratio does not hold where there are too many errors.
fn leaves_errors_out(guard: PlainCondition, ask: &KpiAsk) -> bool {
    let counts_errors = (ask.kpi.ratio).is_some_and(|ratio| ratio.of == Counted::Errors);
    match guard.comparison {
        Comparison::Less | Comparison::LessOrEqual => counts_errors,
        Comparison::Greater | Comparison::GreaterOrEqual => !counts_errors,
        Comparison::Equal | Comparison::NotEqual => true,
    }
}

/// Whether values that a condition is meant to find do not satisfy a guard on the same values.
fn leaves_bad_out(guard: PlainCondition, condition: &Condition, in_stop: bool) -> bool {
    let (guard, value) = (guard.comparison, guard.bound.get());
    let wanted = condition.wanted(in_stop);
    if guard == Comparison::Equal || matches!(wanted, Comparison::Equal | Comparison::NotEqual) {
        return true;
    }
    if guard != Comparison::NotEqual {
        return guard.is_upper() == wanted.is_upper();
    }
    match condition.bound {
        Bound::Fixed(limit) if wanted.is_upper() => value >= limit.get(),
        Bound::Fixed(limit) => value <= limit.get(),
        Bound::Baseline | Bound::Above(_) | Bound::Below(_) | Bound::Times(_) => true,
    }
}

/// Only a captured baseline can differ from what it is compared with, or have no points behind one number for a window; one
/// of a fixed length differs in the length of such a window.
fn compared(definition: &KpiDefinition, ask: &KpiAsk) {
    let one_number = ask.query.is_instant() && ask.condition.is_relative();
    match ask.baseline {
        Some(Baseline::File(_)) => {
            definition.accepts.takes(Accept::BaselineDiffers);
            if one_number {
                definition.accepts.takes(Accept::UnseenWindow);
            }
        }
        Some(Baseline::Before(_) | Baseline::Between(..)) if one_number => {
            definition.accepts.takes(Accept::BaselineDiffers);
        }
        Some(
            Baseline::Before(_)
            | Baseline::Between(..)
            | Baseline::Offset(_)
            | Baseline::Vars { .. },
        )
        | None => {}
    }
}

/// Codes that a KPI accepts and nothing reports: what was fixed must not pass unseen when it comes back.
pub(in crate::plan) fn idle(checker: &mut Checker<'_>, kpis: &[KpiDefinition]) {
    let failed = |problem: &Problem| problem.severity == Severity::Error;
    if checker.problems.iter().any(failed) {
        return;
    }
    for kpi in kpis.iter().filter(|kpi| kpi.used.get()) {
        for (code, text) in kpi.accepts.idle() {
            if may_come(kpi, code) {
                continue;
            }
            let message = format!("`{code}` does not apply to `{}`", kpi.kpi.name);
            checker.report(
                Problem::error(ProblemCode::IdleAccept, text.span.clone(), message)
                    .help("remove it: it would hide a later mistake"),
            );
        }
    }
}

/// Codes that only a check, or another `--var`, can show to be needed.
fn may_come(kpi: &KpiDefinition, code: Accept) -> bool {
    match code {
        // A ratio of events cannot be impossible by intention (R2).
        Accept::ImpossibleValue => {
            kpi.part.is_none() && matches!(kpi.kpi.unit, Unit::Ratio | Unit::Percent)
        }
        Accept::Lint(Lint::EmptyVariable) => {
            let own = |name: &str| !matches!(name, "window" | "step");
            kpi.queries().any(|query| query.template.names().any(own))
        }
        Accept::BaselineDiffers | Accept::UnseenWindow | Accept::Lint(_) => false,
    }
}
