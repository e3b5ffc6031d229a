//! Workflow commands of GitHub Actions: an annotation for each finding, at its place in the plan.

use super::{Finding, Level, Validated};
use crate::report::github::{self, Annotation};

/// The commands, one per line: errors first.
#[must_use]
pub fn github(plans: &[Validated]) -> String {
    let of_plan = |plan: &Validated| {
        let path = plan.path.clone();
        let all = plan.findings.iter().map(annotation);
        all.map(move |one| (path.clone(), one)).collect::<Vec<_>>()
    };
    let all: Vec<(String, Annotation)> = plans.iter().flat_map(of_plan).collect();
    github::commands(&all)
}

fn annotation(finding: &Finding) -> Annotation {
    let place = finding.place.iter().flat_map(|place| {
        // GitHub counts the last column in; across lines it takes none.
        let last = place.end_column.saturating_sub(1).max(place.column);
        let is_one_line = place.line == place.end_line;
        let columns = [("col", place.column), ("endColumn", last)];
        let lines = [("line", place.line), ("endLine", place.end_line)];
        (lines.into_iter()).chain(columns.into_iter().filter(move |_| is_one_line))
    });
    Annotation {
        level: match finding.level {
            Level::Error => github::Level::Error,
            Level::Warning => github::Level::Warning,
            Level::Note => github::Level::Notice,
        },
        title: match finding.code {
            Some(code) => format!("plan: {code}"),
            None => "plan".to_owned(),
        },
        message: finding.in_words(),
        place: place.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::validated::tests::examples;

    #[test]
    fn each_finding_is_a_command_at_its_place() {
        let text = github(&examples());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "::error file=plans/a b%3A1%2C2%25.yaml,line=3,endLine=3,col=1,endColumn=3,title=plan%3A unknown-key::unknown key `kpi`; did you mean `kpis`?",
                "::error file=/abs/missing.yaml,title=plan::the plan cannot be read",
                "::warning file=plans/a b%3A1%2C2%25.yaml,line=5,endLine=5,col=12,endColumn=39,title=plan%3A no-series::canary/exit: errors: the query finds no series: there is no metric `x`; the query is sum(rate(x{a=\"1,2\"}[5m])) * 100%25",
            ]
        );
    }
}
