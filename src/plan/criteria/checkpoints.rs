//! `checkpoints`: one criterion for each role that holds them while the stage runs, and one for the review of the issue log (L8).
//! Must not hold any.

use super::super::maps::maps;
use super::super::parts::checker::Checker;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{OneOrMany, Spanned, Text};
use crate::units::Duration;

/// How often they are held, unless the plan says otherwise.
const A_DAY: Duration = Duration::from_secs(86_400);
/// Whoever meets more often than this is watching.
const AN_HOUR: Duration = Duration::from_secs(3_600);

/// What the review of the issue log is called.
pub const ISSUE_LOG: &str = "issue-log";
/// The same in words.
pub const REVIEW: &str = "review of the issue log";

maps! {
    Checkpoints { every: Text, roles: Spanned<OneOrMany>, distinct: Text, issue_log_review: Text, }
}

/// What each checkpoint has to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attendance {
    /// That somebody in this role held it.
    Role(String),
    /// That the issue log was gone through.
    IssueLog,
}

/// Checkpoints while the stage runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointAsk {
    /// How long a day of them is, from the start on; at least an hour.
    pub every: Duration,
    /// What each has to show.
    pub shows: Attendance,
    /// Whether nobody may hold those of one day in two roles.
    pub distinct: bool,
}

impl CheckpointAsk {
    /// What the criterion is called: the role, or `issue-log`.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.shows {
            Attendance::Role(role) => role,
            Attendance::IssueLog => ISSUE_LOG,
        }
    }

    /// What each day has, in words.
    #[must_use]
    pub fn noun(&self) -> String {
        match &self.shows {
            Attendance::Role(role) => format!("checkpoint by {role}"),
            Attendance::IssueLog => REVIEW.to_owned(),
        }
    }

    /// What is asked, in words.
    #[must_use]
    pub fn in_words(&self) -> String {
        let distinct = if self.distinct {
            ", a different person for each role"
        } else {
            ""
        };
        match &self.shows {
            Attendance::Role(role) => {
                format!("a checkpoint by {role} every {}{distinct}", self.every)
            }
            Attendance::IssueLog => format!("a {REVIEW} every {}", self.every),
        }
    }
}

/// One criterion for each role, and one for the review.
pub(super) fn read(
    checker: &mut Checker<'_>,
    written: &Spanned<Checkpoints>,
) -> Vec<(CheckpointAsk, Span)> {
    let map = &written.value;
    let every = map.every.as_ref();
    let every = every.map_or(Some(A_DAY), |text| length(checker, text));
    let distinct = map.distinct.as_ref().and_then(|text| checker.flag(text));
    let review = map.issue_log_review.as_ref();
    let review = review.filter(|text| checker.flag(text) == Some(true));
    let roles = map.roles.as_ref();
    let roles = roles.map(|roles| checker.names_of(roles, "the role"));
    if roles.is_none() && review.is_none() {
        let message = "nothing says who holds the checkpoints";
        checker.report(
            Problem::error(ProblemCode::MissingKey, written.span.clone(), message)
                .help("such as `roles: [operations, engineering]`, or `issue_log_review: true`"),
        );
    }
    let Some(every) = every else {
        return Vec::new();
    };
    let ask = |shows: Attendance| CheckpointAsk {
        every,
        shows,
        distinct: distinct.unwrap_or(false),
    };
    let roles = roles.unwrap_or_default().into_iter();
    let roles = roles.map(|role| (ask(Attendance::Role(role.value)), role.span));
    let review = review.map(|text| (ask(Attendance::IssueLog), text.span.clone()));
    roles.chain(review).collect()
}

fn length(checker: &mut Checker<'_>, text: &Text) -> Option<Duration> {
    let every = checker.positive(text, "every")?;
    if every < AN_HOUR {
        let message = format!("checkpoints every {every} are too many");
        checker.report(
            Problem::error(ProblemCode::BadDuration, text.span.clone(), message)
                .help("an hour at least; `1d` is usual"),
        );
        return None;
    }
    Some(every)
}
