//! Evidence → text for people and programs, one file for each format. Never a clock, never a file handle.

mod after_stop;
pub mod backtest;
mod based_on;
mod brief;
mod checks;
mod columns;
mod csv;
mod decided;
mod end;
mod entry;
mod escape;
mod explain;
mod gate;
mod github;
mod html;
mod junit;
mod kind;
mod ledger;
mod markdown;
mod measured;
mod notice;
mod occurrence;
mod outstanding;
mod page;
mod plan_changes;
mod plan_findings;
mod rollout;
mod series;
mod sheet;
mod standing;
mod status;
mod table;
mod tested;
mod text;
mod times;
mod trend;
mod validated;
pub mod watching;
mod words;
mod wrap;

#[cfg(test)]
mod read_back;
#[cfg(test)]
pub(crate) mod scenarios;
#[cfg(test)]
pub(crate) mod survives;
#[cfg(test)]
mod tests;

pub use checks::checks;
pub use end::JUDGED_AGAIN;
pub use escape::escape;
pub use explain::{explained, listed};
pub use kind::Kind;
pub use ledger::entries;
pub use notice::{Notice, RecordSeen};
pub use occurrence::{NoticeKind, Occurrence, ended};
pub use rollout::{Check, RolloutFacts, RolloutKind, is_of_the_rollout, note};
pub use status::{status_json, status_text};
pub use tested::{Difference, Found, PlanTested, Tested, differs, tested_junit, tested_text};
pub use text::{text, verdict_lines};
pub use validated::{Finding, Level, Validated, validated_github, validated_json, validated_sarif};
pub use wrap::fold;

/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal. Less than 40 is treated as 40, more than 110 as 110.
    pub width: usize,
    /// Whether the words of verdicts and outcomes are coloured.
    pub colour: bool,
    /// Whether lines may be drawn with characters beyond ASCII.
    pub unicode: bool,
    /// Whether also that is told which does not help at that moment: what is kept tells all, a screen does not.
    pub whole: bool,
}

impl Style {
    /// The layout of the text that is kept beside the evidence.
    pub const FILE: Self = Self {
        width: 100,
        colour: false,
        unicode: true,
        whole: true,
    };
}
