//! What `gate validate` found, for programs: one document for all plans. Must not find anything, nor decide an exit code.

mod github;
mod json;
mod sarif;

use crate::kind::words;
use crate::plan::{LineSpan, Problem, Severity};
use crate::secret::address;

pub use github::github as validated_github;
pub use json::json as validated_json;
pub use sarif::sarif as validated_sarif;

words! {
    /// How bad a finding is.
    pub enum Level: "level" {
        /// The plan cannot be judged, or a query could not be tried.
        Error = "error",
        /// It probably does not say what was meant.
        Warning = "warning",
        /// Nothing has to change.
        Note = "note",
    }
}

/// One plan, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validated {
    /// As given.
    pub path: String,
    /// What was found, in the order in which it is printed.
    pub findings: Vec<Finding>,
    /// What is said of the plan as a whole.
    pub summary: String,
    /// Whether its queries were asked.
    pub asked: bool,
    /// The exit code, if it were the only plan.
    pub exit_code: u8,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// For `gate explain`; `None` for a file that cannot be read.
    pub code: Option<&'static str>,
    /// How bad it is.
    pub level: Level,
    /// For people. Holds no secret.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where; `None` for the whole file and for the command line.
    pub place: Option<LineSpan>,
    /// Which gate and KPI ask, of what a source answered.
    pub asked_by: Option<String>,
    /// The query, of what a source answered.
    pub query: Option<String>,
    /// Related places, each with a label.
    pub related: Vec<(LineSpan, String)>,
}

impl Finding {
    /// One of a whole file.
    #[must_use]
    pub fn of_file(message: String) -> Self {
        Self {
            code: None,
            level: Level::Error,
            message,
            help: None,
            place: None,
            asked_by: None,
            query: None,
            related: Vec::new(),
        }
    }

    /// A problem of a plan with this text, credentials masked.
    #[must_use]
    pub fn of(problem: &Problem, text: &str) -> Self {
        let related = problem.related.iter();
        let related = related.map(|(span, label)| (LineSpan::of(span, text), address::mask(label)));
        Self {
            code: Some(problem.code.word()),
            level: match problem.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
            },
            help: problem.help.as_deref().map(address::mask),
            place: problem.span.as_ref().map(|span| LineSpan::of(span, text)),
            related: related.collect(),
            ..Self::of_file(address::mask(&problem.message))
        }
    }

    /// Who asks, what was found, what to do, the query: in one line.
    fn in_words(&self) -> String {
        let asked_by = self.asked_by.as_ref().map(|by| format!("{by}: "));
        let mut words = asked_by.unwrap_or_default() + &self.message;
        if let Some(help) = &self.help {
            words.push_str(&format!("; {help}"));
        }
        if let Some(query) = &self.query {
            words.push_str(&format!("; the query is {query}"));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each sort.
    pub(super) fn examples() -> Vec<Validated> {
        let place = |line, column, end_column| LineSpan {
            line,
            column,
            end_line: line,
            end_column,
        };
        let unknown = Finding {
            code: Some("unknown-key"),
            help: Some("did you mean `kpis`?".to_owned()),
            place: Some(place(3, 1, 4)),
            related: vec![(place(1, 1, 8), "of this map".to_owned())],
            ..Finding::of_file("unknown key `kpi`".to_owned())
        };
        let empty = Finding {
            code: Some("no-series"),
            level: Level::Warning,
            asked_by: Some("canary/exit: errors".to_owned()),
            query: Some("sum(rate(x{a=\"1,2\"}[5m])) * 100%".to_owned()),
            place: Some(place(5, 12, 40)),
            ..Finding::of_file("the query finds no series:\nthere is no metric `x`".to_owned())
        };
        let validated = |path: &str, findings: Vec<Finding>, exit_code| Validated {
            path: path.to_owned(),
            findings,
            summary: "valid".to_owned(),
            asked: true,
            exit_code,
        };
        vec![
            validated("plans/a b:1,2%.yaml", vec![unknown, empty], 2),
            validated(
                "/abs/missing.yaml",
                vec![Finding::of_file("the plan cannot be read".to_owned())],
                2,
            ),
            validated("good.yaml", Vec::new(), 0),
        ]
    }

    #[test]
    fn a_finding_in_one_line_says_who_asks_and_what_to_do() {
        let examples = examples();
        let words: Vec<String> = (examples[0].findings.iter())
            .map(Finding::in_words)
            .collect();
        assert_eq!(words[0], "unknown key `kpi`; did you mean `kpis`?");
        assert!(words[1].starts_with("canary/exit: errors: the query finds"));
        assert!(words[1].ends_with("the query is sum(rate(x{a=\"1,2\"}[5m])) * 100%"));
    }
}
