//! `kpis`: one criterion for each condition of a KPI, its variables filled in, step and baseline worked out.
//!
//! Must not know which gate of a stage it is for, beyond what its place says.

use super::super::parts::baselines::{self, Kind};
use super::super::parts::checker::Checker;
use super::super::parts::kpis::KpiDefinition;
use super::super::parts::queries::{Filler, Place, step};
use super::super::parts::variables::Scope;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::promql::{self, Limited};
use super::super::spanned::{OneOrMany, Pairs, Text};
use super::super::{
    Accept, Baseline, BaselineAs, Comparison, Condition, Guard, Hold, Kpi, Query, condition,
};
use super::definitions::Definitions;
use super::pairs;
use crate::kind::List;
use crate::units::Duration;

/// One condition on one KPI at one gate, with everything from the stage filled in.
#[derive(Debug, Clone)]
pub struct KpiAsk {
    /// The KPI.
    pub kpi: Kpi,
    /// Its query, the stage's variables filled in.
    pub query: Query,
    /// Points where the guard does not hold are not evidence.
    pub guard: Option<Guard>,
    /// What the KPI must satisfy (in stop: what it must not).
    pub condition: Condition,
    /// The values of `per`'s label that must be there, if the cohort or a variable lists them.
    pub expected: Option<Vec<String>>,
    /// What a relative condition compares with; always there if the condition says `baseline`.
    pub baseline: Option<Baseline>,
    /// What becomes of that baseline's points.
    pub baseline_as: BaselineAs,
    /// The interval between the grid's points, the default resolved.
    pub step: Duration,
}

impl KpiAsk {
    /// The query of its guard.
    #[must_use]
    pub fn guard_query(&self) -> Option<&Query> {
        self.guard.as_ref().map(|guard| &guard.query)
    }
}

/// One criterion for each condition of each KPI.
pub(super) fn read(
    checker: &mut Checker<'_>,
    plan: &Definitions<'_>,
    place: &Place<'_>,
    pairs: &Pairs<OneOrMany>,
    list: List,
) -> Vec<(KpiAsk, Span)> {
    let mut asks = Vec::new();
    for (name, conditions) in &pairs.0 {
        let Some(definition) = definition(checker, plan, name) else {
            continue;
        };
        definition.used.set(true);
        for text in conditions.texts() {
            if let Some(ask) = ask(checker, place, definition, &text, list) {
                asks.push((ask, text.span));
            }
        }
    }
    asks
}

fn definition<'d>(
    checker: &mut Checker<'_>,
    plan: &Definitions<'d>,
    name: &Text,
) -> Option<&'d KpiDefinition> {
    let found = plan.kpis.iter().find(|kpi| kpi.name.value == name.value);
    if found.is_none() && !plan.kpi_names.contains(&name.value) {
        checker.unknown_reference(name, "KPI", plan.kpi_names.iter().map(String::as_str));
    }
    found
}

/// What is asked about a KPI under a condition.
fn ask(
    checker: &mut Checker<'_>,
    place: &Place<'_>,
    definition: &KpiDefinition,
    text: &Text,
    list: List,
) -> Option<KpiAsk> {
    let step = step(definition, place);
    let filler = Filler {
        scope: place.scope,
        step,
        stage: place.stage,
    };
    let condition = read_condition(checker, definition, text);
    let limited = condition.as_ref().map(|one| limited(one, list));
    let query = filler.value(checker, definition, limited.unwrap_or_default());
    let guard = filler.guard(checker, definition);
    let condition = condition?;
    check_hold(checker, place, definition, text, &condition);
    pairs::check(checker, place, definition, (text, &condition), step);
    let query = query?;
    let guard = match (guard?, &definition.guard) {
        (Some(query), Some((written, is))) => Some(Guard {
            query,
            is: *is,
            tells_age: promql::tells_age(&written.text.value),
        }),
        _ => None,
    };
    let found = definition.baseline.as_ref().or(place.baseline);
    let baseline = if condition.is_relative() {
        let found = found.or_else(|| undefined(checker, text))?;
        let baseline = baseline(checker, definition, &filler, text, &query, found)?;
        check_length(checker, place, definition, &baseline, &found.span);
        Some(baseline)
    } else {
        None
    };
    let baseline_as = match (condition.at, found) {
        (Some(_), _) | (_, None) => BaselineAs::Points,
        (None, Some(found)) => found.compared(condition.reducer),
    };
    Some(KpiAsk {
        kpi: definition.kpi.clone(),
        query,
        guard,
        condition,
        expected: expected(checker, place.scope, definition),
        baseline,
        baseline_as,
        step,
    })
}

/// What a condition makes of its query's values.
fn limited(condition: &Condition, list: List) -> Limited {
    let wanted = condition.wanted(list == List::Stop);
    let one_makes_a_difference = !matches!(condition.hold, Some(Hold::Share(_)));
    Limited {
        each: condition.reducer.is_none() && one_makes_a_difference,
        low_is_bad: !matches!(wanted, Comparison::Less | Comparison::LessOrEqual),
    }
}

fn read_condition(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    text: &Text,
) -> Option<Condition> {
    match condition::parse(&text.value, definition.kpi.unit) {
        Ok(condition) => Some(condition),
        Err(error) => {
            checker.condition_error(text, error);
            None
        }
    }
}

fn check_hold(
    checker: &mut Checker<'_>,
    place: &Place<'_>,
    definition: &KpiDefinition,
    text: &Text,
    condition: &Condition,
) {
    if condition.hold.is_some() && definition.query.is_instant() {
        let message = format!(
            "`for` with a query that uses `$window`: `{}` gives one value for the whole window",
            definition.kpi.name
        );
        checker.report(
            Problem::error(ProblemCode::ForWithWindowQuery, text.span.clone(), message)
                .help("omit `for …`, or write a duration into the query"),
        );
    }
    if let (Some(Hold::For(hold)), Some(window)) = (condition.hold, place.window)
        && hold > window
    {
        let message = format!("`for {hold}` is longer than the window of {window}");
        checker.error(ProblemCode::ForOverWindow, &text.span, message);
    }
}

/// The values of the `per` label that must be there.
fn expected(
    checker: &mut Checker<'_>,
    scope: &Scope,
    definition: &KpiDefinition,
) -> Option<Vec<String>> {
    let found = scope.find(definition.kpi.per.as_deref()?)?;
    checker.used_overrides.insert(found.name.clone());
    Some(found.values.clone())
}

/// A condition on a baseline that nobody defined.
fn undefined<T>(checker: &mut Checker<'_>, text: &Text) -> Option<T> {
    let message = "this condition says `baseline`, but nothing defines one";
    checker.report(
        Problem::error(ProblemCode::BaselineUndefined, text.span.clone(), message).help(
            "add `baseline: { offset: 7d }` or another kind to the plan, the stage or the KPI",
        ),
    );
    None
}

/// An offset that is not a multiple of the step leads to places between the points.
fn check_offset(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    offset: Duration,
    written: &Span,
    step: Duration,
) {
    if definition.query.is_instant() || offset.millis() % step.millis().max(1) == 0 {
        return;
    }
    let message = format!(
        "`offset: {offset}` is not a multiple of the step of {step} of `{}`",
        definition.name.value
    );
    checker.report(
        Problem::error(ProblemCode::OffsetOffGrid, written.clone(), message)
            .help("each point is compared with the point that much earlier: use a multiple, or set the KPI's `step`"),
    );
}

/// M4: a baseline that is shorter than the window can never be compared with one number for all of it.
fn check_length(
    checker: &mut Checker<'_>,
    place: &Place<'_>,
    definition: &KpiDefinition,
    baseline: &Baseline,
    written: &Span,
) {
    let length = match baseline {
        Baseline::Before(length) => *length,
        Baseline::Between(from, to) => from.until(*to),
        Baseline::Offset(_) | Baseline::File(_) | Baseline::Vars { .. } => return,
    };
    let accepted = || definition.accepts.takes(Accept::BaselineDiffers);
    let Some(window) = place.window.filter(|window| length < *window) else {
        return;
    };
    if !definition.query.is_instant() || accepted() {
        return;
    }
    let message = format!(
        "this baseline of {length} is shorter than the {window} that `$window` covers in `{}`",
        definition.name.value
    );
    checker.report(
        Problem::error(ProblemCode::BadBaseline, written.clone(), message)
            .help("use one at least as long as the window, or add `accept: [baseline-differs]` if values over spans of any length can be compared"),
    );
}

fn baseline(
    checker: &mut Checker<'_>,
    definition: &KpiDefinition,
    filler: &Filler<'_>,
    text: &Text,
    query: &Query,
    found: &baselines::Definitions,
) -> Option<Baseline> {
    let variables = match &found.kind {
        Kind::Offset(offset, written) => {
            check_offset(checker, definition, *offset, written, filler.step);
            return Some(Baseline::Offset(*offset));
        }
        Kind::Before(length) => return Some(Baseline::Before(*length)),
        Kind::Between(from, to) => return Some(Baseline::Between(*from, *to)),
        Kind::File(path) => return Some(Baseline::File(path.clone())),
        Kind::Vars(variables) => variables,
    };
    let filler = Filler {
        scope: &filler.scope.under(variables),
        ..*filler
    };
    let parallel = filler.value(checker, definition, Limited::default())?;
    if parallel == *query {
        let message = format!(
            "this baseline sends the same query for `{}` as the condition",
            definition.kpi.name
        );
        checker.report(
            Problem::error(ProblemCode::BadBaseline, found.span.clone(), message)
                .related(text.span.clone(), "compared with itself")
                .help("its `vars` must change a variable that the query uses"),
        );
        return None;
    }
    Some(Baseline::Vars {
        query: parallel,
        guard: filler.guard(checker, definition)?,
    })
}
