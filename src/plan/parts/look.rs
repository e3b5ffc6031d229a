//! A query that was filled in → what is found in it, at its place in the plan.
//!
//! Must not find anything by itself, nor know which gate asks.

use super::super::lint::Severity;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::promql::{self, Finding, Limited, ReadQuery, Standing};
use super::super::template::{Filled, TemplateError};
use super::super::{Accept, Lint};
use super::accepts::Accepts;
use super::checker::Checker;
use super::templates::Templated;
use crate::units::{Duration, Unit};

/// How a query is looked at.
pub(in crate::plan) struct Look<'a> {
    /// `None` where nothing can be accepted.
    pub(in crate::plan) accepts: Option<&'a Accepts>,
    pub(in crate::plan) standing: Standing,
    pub(in crate::plan) unit: Unit,
    /// The step between its points; `None` for a query that is asked once.
    pub(in crate::plan) step: Option<Duration>,
    pub(in crate::plan) limited: Limited,
}

impl Look<'_> {
    /// The selectors of alerts.
    pub(in crate::plan) fn at_alerts() -> Self {
        Self {
            accepts: None,
            standing: Standing::Alerts,
            unit: Unit::None,
            step: None,
            limited: Limited::default(),
        }
    }

    /// Whether a look reports by itself that something is not filled in: Grafana's own names.
    pub(in crate::plan) fn tells(&self, error: &TemplateError) -> bool {
        let accepted = |accepts: &Accepts| {
            let code = Accept::Lint(Lint::UnfilledPlaceholder);
            accepts.codes().contains(&code)
        };
        match error {
            TemplateError::Undefined(name, _) => {
                name.starts_with("__") && !self.accepts.is_some_and(accepted)
            }
            TemplateError::Unclosed(_) | TemplateError::Unquotable(..) => false,
        }
    }

    /// Looks at a query that was filled in.
    pub(in crate::plan) fn at(
        &self,
        checker: &mut Checker<'_>,
        templated: &Templated,
        filled: &Filled,
    ) {
        let asked = ReadQuery {
            text: &filled.text,
            segments: &filled.segments,
            standing: self.standing,
            unit: self.unit,
            step: self.step,
            limited: self.limited,
        };
        let codes = self.accepts.map(Accepts::codes).unwrap_or_default();
        for finding in promql::read(&asked, &codes) {
            if !self.accepts.is_some_and(|accepts| accepts.take(&finding)) {
                let span = checker.place(&templated.text, &filled.origin(&finding.range));
                checker.report(problem(&finding, span));
            }
        }
    }
}

/// A finding as a problem of the plan.
pub(in crate::plan) fn problem(finding: &Finding, span: Span) -> Problem {
    let problem = match finding.severity {
        Severity::Error => Problem::error(finding.code, span, finding.message.clone()),
        Severity::Warning => Problem::warning(finding.code, span, finding.message.clone()),
    };
    let way_out =
        if let (ProblemCode::Lint(lint), Severity::Error) = (finding.code, finding.severity) {
            format!("; if it is intended, add `accept: [{lint}]`")
        } else {
            String::new()
        };
    if finding.help.is_empty() {
        return problem;
    }
    problem.help(format!("{}{way_out}", finding.help))
}
