//! What is allowed but probably not meant. Must not make any plan invalid.

use super::super::criteria::Built;
use super::super::criteria::definitions::Definitions;
use super::super::parts::checker::Checker;
use super::super::parts::kpis::KpiDefinition;
use super::super::parts::queries::Place;
use super::super::parts::variables;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::promql;
use super::super::{Accept, Baseline, Bound, Comparison, Hold, Lint, PlainCondition, Query};
use super::lints;
use crate::kind::List;
use crate::plan::criteria::KpiAsk;
use crate::units::{Duration, Share};

/// How far a selector without a range looks back for a sample, where the source does not say otherwise.
const LOOKBACK: Duration = Duration::from_secs(300);
/// A coverage below this requires hardly anything.
const LEAST_COVERAGE: &str = "20%";

/// What the KPIs of a gate ask about.
pub(super) fn gate(
    checker: &mut Checker<'_>,
    plan: &Definitions<'_>,
    place: &Place<'_>,
    built: &[Built],
) {
    for (ask, span) in built.iter().filter_map(kpi) {
        let definition = plan.kpis.iter().find(|kpi| kpi.kpi.name == ask.kpi.name);
        let Some(definition) = definition else {
            continue;
        };
        baseline_overlap(checker, definition, place, ask);
        cohort_not_per(checker, definition, place);
        if !ask.query.is_instant() {
            step_over_window(checker, place, ask, span);
        }
        age_below_lookback(checker, definition, place, ask);
    }
    lints::limits(checker, plan, built);
}

fn kpi(built: &Built) -> Option<(&KpiAsk, &Span)> {
    Some((built.criterion.ask.kpi()?, &built.span))
}

fn step_over_window(checker: &mut Checker<'_>, place: &Place<'_>, ask: &KpiAsk, span: &Span) {
    if let Some(window) = place.window.filter(|window| ask.step > *window) {
        let step = ask.step;
        let message = format!("the step of {step} is longer than the window of {window}");
        checker.report(
            Problem::warning(ProblemCode::StepOverWindow, span.clone(), message)
                .help("there may be no point to judge: choose a shorter `step`"),
        );
    }
}

/// A warning about a KPI, unless it accepts that.
fn lint(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    lint: Lint,
    span: &Span,
    (message, help): (String, &str),
) {
    if !definition.accepts.takes(Accept::Lint(lint)) {
        let code = ProblemCode::Lint(lint);
        checker.report(Problem::warning(code, span.clone(), message).help(help));
    }
}

/// What KPIs say by themselves.
pub(super) fn of_kpis(checker: &mut Checker<'_>, kpis: &[KpiDefinition]) {
    for definition in kpis {
        lax_coverage(checker, definition);
        guard_always_holds(checker, definition);
        ratio_increase(checker, definition);
        one_sided_variable(checker, definition);
    }
}

/// R1: the two queries of a ratio give events per second. Those of a range would be counted as so many each second, and noise would be
/// taken for too small.
fn ratio_increase(checker: &mut Checker<'_>, definition: &KpiDefinition) {
    if definition.part.is_none() {
        return;
    }
    for query in definition.queries() {
        let Some(call) = promql::sums_a_range(&query.text.value) else {
            continue;
        };
        if definition.accepts.takes(Accept::Lint(Lint::RatioIncrease)) {
            continue;
        }
        let message = format!(
            "`{call}` in a ratio of events: the events of its whole range are taken for those of each second"
        );
        let help = "write `rate(…[$step])`: then each event is counted once (with `$window`, `rate(…[$window])`)";
        let code = ProblemCode::Lint(Lint::RatioIncrease);
        checker.report(Problem::error(code, query.text.span.clone(), message).help(help));
    }
}

/// R1: a variable that chooses requests in one query of a ratio alone. The errors of a canary, divided by the events of all, look good
/// whatever it does.
fn one_sided_variable(checker: &mut Checker<'_>, definition: &KpiDefinition) {
    let (Some(part), Some(ratio)) = (&definition.part, definition.kpi.ratio) else {
        return;
    };
    let total = (&definition.query, "total");
    let part = (part, ratio.of.word());
    for ((query, of), (other, without)) in [(part, total), (total, part)] {
        let mut names = query.template.names();
        let alone = names.find(|name| {
            let is_other = other.template.names().all(|other| other != *name);
            is_other && !variables::RESERVED.contains(name)
        });
        let Some(name) = alone else { continue };
        let message = format!(
            "`${name}` is used in `{of}` and not in `{without}`: if it chooses requests, the two count different ones"
        );
        let help = "use it in both queries; where it only says what an error is, `accept: [one-sided-variable]`";
        lint(
            checker,
            definition,
            Lint::OneSidedVariable,
            &other.text.span,
            (message, help),
        );
    }
}

fn lax_coverage(checker: &mut Checker<'_>, definition: &KpiDefinition) {
    let (Some(text), Ok(least)) = (&definition.written.coverage, Share::parse(LEAST_COVERAGE))
    else {
        return;
    };
    if definition.kpi.coverage.is_below(least) {
        let coverage = definition.kpi.coverage;
        let message = format!("`coverage: {coverage}` requires hardly any points");
        let help = "let a `guard` say which points do not count, and require most of the others";
        lint(
            checker,
            definition,
            Lint::LaxCoverage,
            &text.span,
            (message, help),
        );
    }
}

fn guard_always_holds(checker: &mut Checker<'_>, definition: &KpiDefinition) {
    let written = definition.written.guard.as_ref();
    let text = written.and_then(|guard| guard.value.is.as_ref());
    let (Some((query, is)), Some(text)) = (&definition.guard, text) else {
        return;
    };
    if holds_from_zero(*is) && !promql::may_be_negative(&query.text.value) {
        let message = format!("the guard `{}` holds whatever is measured", text.value);
        let help = "say how much traffic is enough, such as `> 0.1`";
        lint(
            checker,
            definition,
            Lint::GuardAlwaysHolds,
            &text.span,
            (message, help),
        );
    }
}

/// Whether every value that is not negative satisfies it.
fn holds_from_zero(is: PlainCondition) -> bool {
    let bound = is.bound.get();
    match is.comparison {
        Comparison::GreaterOrEqual => bound <= 0.0,
        Comparison::Greater | Comparison::NotEqual => bound < 0.0,
        Comparison::Less | Comparison::LessOrEqual | Comparison::Equal => false,
    }
}

/// A source that went silent is noticed only once its last sample is out of reach (M6).
fn age_below_lookback(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    place: &Place<'_>,
    ask: &KpiAsk,
) {
    let (Some(text), Some(age)) = (&definition.written.max_age, definition.kpi.max_age) else {
        return;
    };
    // The age may be looked at by the guard, or in the query itself.
    let guard = definition.guard.as_ref();
    let guard = guard.map(|(guard, _)| &guard.text.value);
    let own = definition.queries().map(|query| &query.text.value);
    let looks_at_age = guard
        .into_iter()
        .chain(own)
        .any(|query| promql::tells_age(query));
    let lookback = definition.kpi.lookback.unwrap_or(LOOKBACK);
    // A query with `$window` is as old as the points that show its span.
    let companion = Query::companion_length(place.window.unwrap_or(LOOKBACK));
    let horizon = promql::horizon(&ask.value_query().text(companion), lookback);
    let horizon = horizon.filter(|horizon| age < lookback && age < *horizon);
    if let Some(horizon) = horizon
        && !looks_at_age
    {
        let message = format!(
            "`max_age: {age}` cannot detect a source that went silent: this query keeps its last value for {horizon}"
        );
        let help = "a shorter `lookback` of the source detects it, and so does a guard: `{ query: \"time() - timestamp(METRIC)\", is: \"< 60\" }`";
        lint(
            checker,
            definition,
            Lint::AgeBelowLookback,
            &text.span,
            (message, help),
        );
    }
}

/// A baseline that holds part of what is judged moves with it.
fn baseline_overlap(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    place: &Place<'_>,
    ask: &KpiAsk,
) {
    let found = definition.baseline.as_ref().or(place.baseline);
    if let (Some(Baseline::Offset(offset)), Some(window), Some(found)) =
        (&ask.baseline, place.window, found)
        && *offset < window
    {
        let message = format!(
            "this baseline is only {offset} earlier, but the window is {window}: it overlaps what is judged"
        );
        let help = "use an `offset` at least as long as the window";
        lint(
            checker,
            definition,
            Lint::BaselineOverlap,
            &found.span,
            (message, help),
        );
    }
}

/// A list that only narrows the query, while nothing lists its series: a missing one goes unnoticed.
fn cohort_not_per(checker: &mut Checker<'_>, definition: &KpiDefinition, place: &Place<'_>) {
    let (Some(per), Some(text)) = (&definition.kpi.per, &definition.written.per) else {
        return;
    };
    if place.scope.find(per).is_some() {
        return;
    }
    let used = |name: &str| {
        let mut queries = definition.queries();
        queries.any(|query| query.template.names().any(|used| used == name))
    };
    let list = place
        .scope
        .definitions
        .iter()
        .find(|one| one.values.len() > 1 && used(&one.name));
    if let Some(list) = list {
        let name = &list.name;
        let message = format!(
            "series are told apart by `{per}`, but the plan lists values of `{name}`: a missing `{name}` goes unnoticed"
        );
        let help = "set `per` to the listed label, or list the values of this one";
        lint(
            checker,
            definition,
            Lint::CohortNotPer,
            &text.span,
            (message, help),
        );
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

/// A burst in one of twelve blocks shows nothing by itself: beside `at`, a stop at a fixed limit catches it.
pub(super) fn at_without_stop(checker: &mut Checker<'_>, built: &[Built]) {
    let all = [List::Exit, List::Stop].map(|list| kpis_in(built, list));
    let mut at = all.into_iter().flatten();
    let Some((ask, span)) = at.find(|(ask, _)| ask.condition.at.is_some()) else {
        return;
    };
    let is_fixed = |ask: &KpiAsk| !ask.condition.is_relative() && ask.condition.at.is_none();
    if kpis_in(built, List::Stop).any(|(ask, _)| is_fixed(ask)) {
        return;
    }
    let share = ask.condition.at.map(|at| at.share().to_string());
    let message = format!(
        "`at {}` in a stage without a stop at a fixed limit: a short burst of the canary shows nothing by itself",
        share.unwrap_or_default()
    );
    checker.report(
        Problem::warning(ProblemCode::AtWithoutStop, span.clone(), message)
            .help("add a stop such as `error_rate: \"> 5% for 5m\"`"),
    );
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
    // A value over a look-back is not that of a point, and errors are not good events.
    let lookbacks = |ask: &KpiAsk| ask.condition.hold.map(Hold::lookbacks).unwrap_or_default();
    if lookbacks(exit) != lookbacks(stop)
        || exit.turns_good_into_errors() != stop.turns_good_into_errors()
    {
        return false;
    }
    let (exit, stop) = (exit.condition.comparison, stop.condition.comparison);
    (exit.is_upper() && is_lower(stop) && good > bad)
        || (is_lower(exit) && stop.is_upper() && good < bad)
}

fn is_lower(comparison: Comparison) -> bool {
    matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual)
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
