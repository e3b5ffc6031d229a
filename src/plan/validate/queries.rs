//! One condition on one KPI at one gate: variables filled in, step and baseline resolved.
//!
//! Must not know which list of a stage it is for, beyond what its place says.

use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::Text;
use super::super::template::Filling;
use super::super::{Baseline, Condition, Guard, Hold, KpiAsk, Query, condition};
use super::baselines::{Definitions, Kind};
use super::checker::Checker;
use super::kpis::{KpiDefinition, Templated, template_error};
use super::variables::Scope;
use crate::units::Duration;

/// Where a condition is.
pub(super) struct Place<'d> {
    /// The stage's name.
    pub(super) stage: &'d str,
    /// The gate's window; `None` if a problem has been noted.
    pub(super) window: Option<Duration>,
    pub(super) scope: &'d Scope,
    /// The stage's baseline, or the plan's.
    pub(super) baseline: Option<&'d Definitions>,
}

/// Rule 2's default step.
pub(super) fn default_step(window: Duration) -> Duration {
    let hour = Duration::from_secs(3_600);
    if window <= hour {
        Duration::from_secs(15)
    } else if window <= Duration::from_secs(6 * 3_600) {
        Duration::from_secs(30)
    } else {
        Duration::from_secs(60)
    }
}

/// What is asked about a KPI under a condition.
pub(super) fn ask(
    checker: &mut Checker<'_>,
    place: &Place<'_>,
    definition: &KpiDefinition,
    text: &Text,
) -> Option<KpiAsk> {
    let step = step(definition, place);
    let filler = Filler {
        scope: place.scope,
        step,
        stage: place.stage,
    };
    let query = filler.query(checker, &definition.query);
    let guard = match &definition.guard {
        None => Some(None),
        Some((guard, is)) => filler
            .query(checker, guard)
            .map(|query| Some(Guard { query, is: *is })),
    };
    let condition = read_condition(checker, definition, text)?;
    check_hold(checker, place, definition, text, &condition);
    let (query, guard) = (query?, guard?);
    let baseline = if condition.is_relative() {
        Some(baseline(checker, place, definition, text, &query, step)?)
    } else {
        None
    };
    Some(KpiAsk {
        kpi: definition.kpi.clone(),
        query,
        guard,
        condition,
        expected: expected(checker, place.scope, definition),
        baseline,
        step,
    })
}

/// The KPI's own step, or the default for the gate's window.
pub(super) fn step(definition: &KpiDefinition, place: &Place<'_>) -> Duration {
    let window = place.window.unwrap_or(Duration::from_secs(3_600));
    definition.kpi.step.unwrap_or(default_step(window))
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

fn baseline(
    checker: &mut Checker<'_>,
    place: &Place<'_>,
    definition: &KpiDefinition,
    text: &Text,
    query: &Query,
    step: Duration,
) -> Option<Baseline> {
    let Some(found) = definition.baseline.as_ref().or(place.baseline) else {
        let message = "this condition says `baseline`, but nothing defines one";
        checker.report(
            Problem::error(ProblemCode::BaselineUndefined, text.span.clone(), message).help(
                "add `baseline: { offset: 7d }` or another kind to the plan, the stage or the KPI",
            ),
        );
        return None;
    };
    let variables = match &found.kind {
        Kind::Offset(offset) => return Some(Baseline::Offset(*offset)),
        Kind::Before(length) => return Some(Baseline::Before(*length)),
        Kind::Between(from, to) => return Some(Baseline::Between(*from, *to)),
        Kind::File(path) => return Some(Baseline::File(path.clone())),
        Kind::Vars(variables) => variables,
    };
    let filler = Filler {
        scope: &place.scope.under(variables),
        step,
        stage: place.stage,
    };
    let parallel = filler.query(checker, &definition.query)?;
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
    let guard = match &definition.guard {
        None => None,
        Some((guard, _)) => Some(filler.query(checker, guard)?),
    };
    Some(Baseline::Vars {
        query: parallel,
        guard,
    })
}

/// Fills queries in.
pub(super) struct Filler<'s> {
    pub(super) scope: &'s Scope,
    pub(super) step: Duration,
    pub(super) stage: &'s str,
}

impl Filler<'_> {
    pub(super) fn query(&self, checker: &mut Checker<'_>, query: &Templated) -> Option<Query> {
        for name in query.template.names() {
            checker.used_overrides.insert(name.to_owned());
        }
        match query.template.fill(&|name| self.filling(name)) {
            Ok(pieces) => Some(Query { pieces }),
            Err(error) => {
                let stage = if self.stage.is_empty() {
                    String::new()
                } else {
                    format!(" for the stage `{}`", self.stage)
                };
                template_error(checker, &query.text, &error, &stage);
                None
            }
        }
    }

    fn filling(&self, name: &str) -> Option<Filling> {
        match name {
            "window" => Some(Filling::Cut),
            "step" => Some(Filling::Scalar(promql_duration(self.step))),
            _ => self
                .scope
                .find(name)
                .map(super::variables::Definition::filling),
        }
    }
}

/// In whole seconds, or else in milliseconds.
fn promql_duration(duration: Duration) -> String {
    let millis = duration.millis();
    if millis % 1000 == 0 {
        format!("{}s", millis / 1000)
    } else {
        format!("{millis}ms")
    }
}
