//! The kinds of reports that `--report KIND=PATH` writes, one list for the command line and the rendering.

use super::{csv, github, html, junit, markdown, note};
use crate::evaluate::Samples;
use crate::evidence::Evidence;
use crate::kind::words;
use crate::ledger::Ledger;

words! {
    /// A kind of report.
    pub enum Kind: "report kind" {
        /// One page for people, charts included.
        Html = "html",
        /// For pull requests and job summaries.
        Markdown = "markdown",
        /// For tools that collect test results.
        Junit = "junit",
        /// Workflow commands that annotate a GitHub Actions run.
        Github = "github",
        /// The samples, one per row.
        Csv = "csv",
        /// The short note for stakeholders.
        Status = "status",
    }
}

impl Kind {
    /// Whether it shows samples, which then have to be kept in memory.
    #[must_use]
    pub fn shows_samples(self) -> bool {
        match self {
            Self::Html | Self::Csv => true,
            Self::Markdown | Self::Junit | Self::Github | Self::Status => false,
        }
    }

    /// The report. Without samples, charts are drawn from the recorded trend and say so. Only the status note reads the ledger; every
    /// other kind shows what the record holds of it. `room` is how many bytes a Markdown report may have; other kinds ignore it.
    #[must_use]
    pub fn render(
        self,
        evidence: &Evidence,
        samples: Option<&Samples>,
        ledger: Option<&Ledger>,
        room: usize,
    ) -> String {
        match self {
            Self::Html => html::html(evidence, samples),
            Self::Markdown => markdown::markdown(evidence, room),
            Self::Junit => junit::junit(evidence),
            Self::Github => github::github(evidence),
            Self::Csv => csv::csv(evidence, samples),
            Self::Status => note(evidence, ledger),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_word() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(Kind::from_word("HTML"), None);
    }
}
