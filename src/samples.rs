//! Questions and what came back: series, points, grids. Neutral values that know nothing of Prometheus.
//!
//! Must not know how an answer was fetched, nor what is required of it.

mod events;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kind::words;
use crate::units::{Duration, Instant, Unit};

pub use events::{EventSeries, EventSum, Events, Sum};

/// Labels of a series, sorted by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// The value of one label. An empty value is an absent label, as in Prometheus.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Name and value of each label, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether there is no label at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, String)> for Labels {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl Labels {
    /// A series with these labels, for people.
    #[must_use]
    pub fn as_series(&self) -> String {
        if self.is_empty() {
            "the series without labels".to_owned()
        } else {
            format!("the series {self}")
        }
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (name, value)) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{name}={value:?}")?;
        }
        f.write_str("}")
    }
}

/// One sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// When.
    pub at: Instant,
    /// Its value as the source sent it, NaN and infinities included.
    pub value: f64,
}

/// Samples with the same labels, in the order in which the source sent them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// What distinguishes this series from the others in its answer.
    pub labels: Labels,
    /// The samples.
    pub points: Vec<Point>,
}

/// The points `k·step` since the Unix epoch from `first` to `last`, both included (rule 2).
/// Holds at least one point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grid {
    first: Instant,
    last: Instant,
    step: Duration,
}

impl Grid {
    /// No grid holds more points: a few hundred MiB of samples for one series. A year in steps of 2 s is less.
    pub const MAX_POINTS: i64 = 1 << 24;

    /// The grid points inside `[start, end]`; `None` if there are none or more than [`Grid::MAX_POINTS`], or `step` is
    /// not positive.
    #[must_use]
    pub fn inside(start: Instant, end: Instant, step: Duration) -> Option<Self> {
        if step.millis() <= 0 {
            return None;
        }
        let step_ms = step.millis();
        let below = start.millis().rem_euclid(step_ms);
        let first = if below == 0 {
            start.millis()
        } else {
            start.millis().checked_add(step_ms - below)?
        };
        let last = end.millis().checked_sub(end.millis().rem_euclid(step_ms))?;
        let further = last.checked_sub(first)? / step_ms;
        (first <= last && further < Self::MAX_POINTS).then_some(Self {
            first: Instant::from_millis(first),
            last: Instant::from_millis(last),
            step,
        })
    }

    /// The first point.
    #[must_use]
    pub fn first(&self) -> Instant {
        self.first
    }

    /// The last point.
    #[must_use]
    pub fn last(&self) -> Instant {
        self.last
    }

    /// The interval between points.
    #[must_use]
    pub fn step(&self) -> Duration {
        self.step
    }

    /// How many points there are, at least one.
    #[must_use]
    #[expect(
        clippy::cast_sign_loss,
        clippy::cast_possible_truncation,
        reason = "last is never before first"
    )]
    pub fn count(&self) -> usize {
        ((self.last.millis() - self.first.millis()) / self.step.millis()) as usize + 1
    }

    /// The position of an instant on this grid; `None` if it is outside the grid or between its points.
    #[must_use]
    #[expect(
        clippy::cast_sign_loss,
        clippy::cast_possible_truncation,
        reason = "checked to be inside the grid"
    )]
    pub fn position(&self, at: Instant) -> Option<usize> {
        let offset = at.millis().checked_sub(self.first.millis())?;
        let on_grid = offset >= 0 && at <= self.last && offset % self.step.millis() == 0;
        on_grid.then(|| (offset / self.step.millis()) as usize)
    }

    /// The instant of a position.
    #[must_use]
    #[expect(clippy::cast_possible_wrap, reason = "positions are far below 2^63")]
    pub fn at(&self, position: usize) -> Instant {
        Instant::from_millis(self.first.millis() + position as i64 * self.step.millis())
    }
}

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A source of the plan, by name.
    Source(String),
    /// A file that `gate capture` wrote, by its path as the plan has it.
    File(String),
}

/// The instants that a question is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asked {
    /// At each point of a grid.
    Range(Grid),
    /// At one instant.
    At(Instant),
    /// Whatever the file holds for this KPI (`NAME`, or `NAME guard`).
    Captured(String),
}

/// One question. Equal questions are asked once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Question {
    /// Who is asked.
    pub origin: Origin,
    /// The query, variables filled in.
    pub query: String,
    /// The instants that it is about.
    pub asked: Asked,
}

/// A complete answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// Its grid, if not the question's own (captured baselines).
    pub grid: Option<Grid>,
    /// The series, in the order in which they were sent.
    pub series: Vec<Series>,
    /// What makes the answer doubtful: partial responses, truncation. Empty if the plan allows warnings.
    pub warnings: Vec<String>,
    /// Remarks that do not make it doubtful.
    pub notes: Vec<String>,
    /// What it was captured as; `None` for what a source answers.
    pub captured: Option<Captured>,
}

/// What an answer was captured as, so that it is not compared with something else (M14b).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Captured {
    /// The query, variables filled in.
    pub query: String,
    /// The unit of its values; `None` for a guard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
    /// The release whose plan asked.
    pub release: String,
    /// When.
    pub at: Instant,
}

words! {
    /// Why a question has no answer. The words are stable.
    pub enum FailureCode: "failure code" {
        /// No connection: refused, unresolvable, reset before an answer began.
        SourceUnreachable = "source-unreachable",
        /// The TLS handshake failed (unknown issuer, expired, wrong name).
        SourceTls = "source-tls",
        /// The source's settings cannot be used: a named file is missing or garbled.
        SourceMisconfigured = "source-misconfigured",
        /// No whole answer within the plan's timeout.
        SourceTimeout = "source-timeout",
        /// 401.
        SourceUnauthorized = "source-unauthorized",
        /// 403.
        SourceForbidden = "source-forbidden",
        /// 404 and other statuses that the API does not use: probably not the API's address.
        SourceNotFound = "source-not-found",
        /// 429 until the timeout.
        SourceRateLimited = "source-rate-limited",
        /// 5xx until the timeout.
        SourceError = "source-error",
        /// A 200 that is not the API's JSON (a login page).
        SourceNotApi = "source-not-api",
        /// A body that was cut, garbled, or contradicts itself.
        AnswerGarbled = "answer-garbled",
        /// A body beyond the size limit.
        AnswerTooLarge = "answer-too-large",
        /// The server refused the query: `bad_data`, `execution`.
        QueryRejected = "query-rejected",
        /// The server ran out of its own time for the query.
        QueryTimeout = "query-timeout",
        /// Native histograms, which have no value to compare.
        NativeHistogram = "native-histogram",
        /// The recorded answers do not hold this question.
        NotRecorded = "not-recorded",
        /// The captured baseline cannot be read, or does not hold this KPI.
        BaselineFile = "baseline-file",
        /// A file that is needed is missing.
        FileMissing = "file-missing",
        /// A file that is needed cannot be read.
        FileUnreadable = "file-unreadable",
        /// The run was interrupted, or its time was over, before an answer came.
        Interrupted = "interrupted",
    }
}

impl FailureCode {
    /// Whether the source is to blame, and may answer the same question later.
    #[must_use]
    pub fn is_of_the_source(self) -> bool {
        match self {
            Self::SourceUnreachable
            | Self::SourceTls
            | Self::SourceMisconfigured
            | Self::SourceTimeout
            | Self::SourceUnauthorized
            | Self::SourceForbidden
            | Self::SourceNotFound
            | Self::SourceRateLimited
            | Self::SourceError
            | Self::SourceNotApi
            | Self::AnswerGarbled
            | Self::QueryTimeout => true,
            Self::AnswerTooLarge
            | Self::QueryRejected
            | Self::NativeHistogram
            | Self::NotRecorded
            | Self::BaselineFile
            | Self::FileMissing
            | Self::FileUnreadable
            | Self::Interrupted => false,
        }
    }
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// For programs.
    pub code: FailureCode,
    /// For people: a fragment in lower case with the server's own words, free of secrets.
    pub message: String,
}

/// The outcome of a question. A source that fails is an observation too, never an abort.
pub type Observation = Result<Reply, Failure>;

/// The outcome of each question.
pub type Observations = BTreeMap<Question, Observation>;

/// A source as it was found, with the settings that its answers depend on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSeen {
    /// Its name in the plan.
    pub name: String,
    /// Its address, free of user info.
    pub url: String,
    /// The version that the server reports, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How far back a point looks for its last sample, where the plan says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookback: Option<Duration>,
    /// How late samples may come; zero where the plan does not say.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub delay: Duration,
    /// What was sent with every question; secrets as `***`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// How far its clock was ahead of the one that T was read from, in whole seconds, negative where it was behind; `None`
    /// where they agreed within [`SourceSeen::AGREES`], or T was another time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_ahead: Option<Duration>,
    /// Whether its clock could not be compared throughout: T is that of a clock, and an answer had no date that can be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub clock_undated: bool,
}

impl SourceSeen {
    /// Clocks that differ by no more agree: answers take time, and say theirs in whole seconds.
    pub const AGREES: Duration = Duration::from_secs(30);
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
fn is_zero(duration: &Duration) -> bool {
    *duration == Duration::ZERO
}

/// A captured baseline as a check found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineSeen {
    /// As in the plan.
    pub path: String,
    /// SHA-256 of its bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// When it was captured, as it says.
    pub captured_at: Instant,
}

impl BaselineSeen {
    /// `captured at 2026-11-19T23:00:00Z, sha256 0123456789ab…`.
    #[must_use]
    pub fn in_short(&self) -> String {
        let sha256 = self.sha256.get(..12).unwrap_or(&self.sha256);
        format!("captured at {}, sha256 {sha256}…", self.captured_at)
    }
}
