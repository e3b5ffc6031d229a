//! Where a condition is, and queries with their variables filled in. Must not know what is asked with them.

use super::super::Query;
use super::super::promql::{self, Limited, Standing};
use super::super::template::Filling;
use super::baselines::Definitions;
use super::checker::Checker;
use super::kpis::KpiDefinition;
use super::look::Look;
use super::steps;
use super::templates::{Templated, template_error};
use super::variables::{Definition, Scope};
use crate::units::Duration;

/// Where a condition is.
pub(in crate::plan) struct Place<'d> {
    /// The stage's name.
    pub(in crate::plan) stage: &'d str,
    /// The gate's window; `None` if a problem has been noted.
    pub(in crate::plan) window: Option<Duration>,
    pub(in crate::plan) scope: &'d Scope,
    /// The stage's baseline, or the plan's.
    pub(in crate::plan) baseline: Option<&'d Definitions>,
}

/// The KPI's own step, or the default for the gate's window and the ranges that the query looks over.
pub(in crate::plan) fn step(definition: &KpiDefinition, place: &Place<'_>) -> Duration {
    let window = place.window.unwrap_or(Duration::from_secs(3_600));
    let guard = definition.guard.as_ref().map(|(guard, _)| guard);
    let queries = definition.queries().chain(guard);
    let texts = queries.map(|query| without_own_names(query, place.scope));
    let shortest = texts.filter_map(|text| promql::shortest_range(&text)).min();
    (definition.kpi.step).unwrap_or_else(|| steps::default_step(window, shortest))
}

/// A query with the plan's variables filled in; `$step` and `$window`, which follow from the step, stand for no range.
fn without_own_names(query: &Templated, scope: &Scope) -> String {
    let filling = |name: &str| match name {
        "window" => Some(Filling::Cut),
        "step" => Some(Filling::Scalar(String::new())),
        _ => scope.find(name).map(Definition::filling),
    };
    query.template.fill(&filling).pieces.concat()
}

/// Fills queries in, and has them looked at.
#[derive(Clone, Copy)]
pub(in crate::plan) struct Filler<'s> {
    pub(in crate::plan) scope: &'s Scope,
    pub(in crate::plan) step: Duration,
    /// The stage's name; empty without one.
    pub(in crate::plan) stage: &'s str,
}

impl Filler<'_> {
    /// The query of a KPI.
    pub(in crate::plan) fn value(
        &self,
        checker: &mut Checker<'_>,
        kpi: &KpiDefinition,
        limited: Limited,
    ) -> Option<Query> {
        let look = kpi.look(Standing::Value, self.step, limited);
        self.query(checker, &kpi.query, &look)
    }

    /// The query of the errors or the good events of a ratio: `None` if it cannot be asked, `Some(None)` if the KPI is none.
    #[expect(
        clippy::option_option,
        reason = "not written and wrong are different things"
    )]
    pub(in crate::plan) fn part(
        &self,
        checker: &mut Checker<'_>,
        kpi: &KpiDefinition,
    ) -> Option<Option<Query>> {
        let Some(part) = &kpi.part else {
            return Some(None);
        };
        let look = kpi.look(Standing::Value, self.step, Limited::default());
        self.query(checker, part, &look).map(Some)
    }

    /// The query of a KPI's guard: `None` if the guard cannot be asked, `Some(None)` if there is none.
    #[expect(
        clippy::option_option,
        reason = "not written and wrong are different things"
    )]
    pub(in crate::plan) fn guard(
        &self,
        checker: &mut Checker<'_>,
        kpi: &KpiDefinition,
    ) -> Option<Option<Query>> {
        let Some((guard, _)) = &kpi.guard else {
            return Some(None);
        };
        let look = kpi.look(Standing::Guard, self.step, Limited::default());
        self.query(checker, guard, &look).map(Some)
    }

    pub(in crate::plan) fn query(
        &self,
        checker: &mut Checker<'_>,
        query: &Templated,
        look: &Look<'_>,
    ) -> Option<Query> {
        for name in query.template.names() {
            checker.used_overrides.insert(name.to_owned());
        }
        let filled = query.template.fill(&|name| self.filling(name));
        look.at(checker, query, &filled);
        let stage = if self.stage.is_empty() {
            String::new()
        } else {
            format!(" for the stage `{}`", self.stage)
        };
        for (at, error) in filled.errors.iter().enumerate() {
            let mut earlier = filled.errors.iter().take(at);
            if !look.tells(error) && !earlier.any(|other| other.is_about_the_same(error)) {
                template_error(checker, &query.text, error, &stage);
            }
        }
        filled.errors.is_empty().then_some(Query {
            pieces: filled.pieces,
        })
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
