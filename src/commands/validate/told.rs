//! What is told of the answers that the sources gave: for people as lines, for programs as findings. Must not judge an answer.

use std::collections::BTreeMap;

use crate::exit::Exit;
use crate::kind::words;
use crate::plan::LineSpan;
use crate::report::{Finding, Level};
use crate::samples::FailureCode;

words! {
    /// What `--online` finds, for programs.
    pub enum OnlineCode: "finding of --online" {
        /// An answer without series that should have some.
        NoSeries = "no-series",
        /// An answer without series, as it is expected.
        NoSeriesYet = "no-series-yet",
        /// Several series where one belongs.
        SeveralSeries = "several-series",
        /// Series that `per` cannot tell apart.
        AmbiguousSeries = "ambiguous-series",
        /// A range in which too few samples lie.
        SparseSamples = "sparse-samples",
        /// Too few points with an event, for a condition `at P`.
        FewEvents = "few-events",
        /// A warning of the source.
        SourceWarns = "source-warns",
        /// A remark of the source.
        SourceRemarks = "source-remarks",
        ;
        /// The source could not answer.
        Source(FailureCode)
    }
}

/// One thing that the answers show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shown {
    pub(super) code: OnlineCode,
    /// What it means for the plan.
    pub(super) exit: Exit,
    pub(super) level: Level,
    pub(super) message: String,
}

impl Shown {
    /// The plan's fault.
    pub(super) fn error(code: OnlineCode, message: String) -> Self {
        Self {
            code,
            exit: Exit::Usage,
            level: Level::Error,
            message,
        }
    }

    pub(super) fn warning(code: OnlineCode, message: String) -> Self {
        Self {
            exit: Exit::Go,
            level: Level::Warning,
            ..Self::error(code, message)
        }
    }

    pub(super) fn note(code: OnlineCode, message: String) -> Self {
        Self {
            exit: Exit::Go,
            level: Level::Note,
            ..Self::error(code, message)
        }
    }

    /// Nobody knows whether the query is right.
    pub(super) fn untried(code: FailureCode, message: &str) -> Self {
        Self {
            exit: Exit::Hold,
            ..Self::error(
                OnlineCode::Source(code),
                format!("the query could not be tried: {message}"),
            )
        }
    }

    /// As people read it. A query that could not be tried is no error of the plan.
    fn in_words(&self) -> String {
        match (self.level, self.exit) {
            (Level::Error, Exit::Hold) | (Level::Note, _) => self.message.clone(),
            (Level::Error | Level::Warning, _) => format!("{}: {}", self.level, self.message),
        }
    }
}

/// It, and of what.
#[derive(Debug, Clone)]
pub(super) struct Told {
    /// Which gate and KPI ask: `canary/exit: errors`.
    pub(super) place: String,
    /// `None` for alerts.
    pub(super) kpi: Option<String>,
    pub(super) query: String,
    pub(super) shown: Shown,
}

impl Told {
    /// For people.
    pub(super) fn lines(&self, plan: &str) -> [String; 2] {
        let words = self.shown.in_words();
        [
            format!("{plan}: {}: {words}", self.place),
            format!("  the query is {}", self.query),
        ]
    }

    /// For programs, at the KPI's query.
    pub(super) fn finding(self, places: &BTreeMap<String, LineSpan>) -> Finding {
        let place = self.kpi.and_then(|name| places.get(&name).copied());
        Finding {
            code: Some(self.shown.code.word()),
            level: self.shown.level,
            place,
            asked_by: Some(self.place),
            query: Some(self.query),
            ..Finding::of_file(self.shown.message)
        }
    }
}
