//! KPIs and their queries. Holds queries with their variables filled in; asks no source.

use crate::kind::words;
use crate::plan::{Accept, KpiDetails, PlainCondition, Reducer};
use crate::units::{Duration, Finite, Instant, Share, Unit};

/// A KPI as the plan defines it.
#[derive(Debug, Clone)]
pub struct Kpi {
    /// Unique in the plan.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// What its values are.
    pub unit: Unit,
    /// What it is a ratio of, if it is one of event counts; otherwise its query gives its values.
    pub ratio: Option<Ratio>,
    /// The label that distinguishes its series.
    pub per: Option<String>,
    /// The source that is queried, by name.
    pub source: String,
    /// How late samples of that source may come: spans end that long before T.
    pub delay: Duration,
    /// How far back a point of that source looks, if the plan says so.
    pub lookback: Option<Duration>,
    /// The share of grid points that must be measured.
    pub coverage: Share,
    /// The share of grid points that must not be quiet.
    pub active: Share,
    /// What a span means that is quiet throughout.
    pub quiet: Quiet,
    /// The newest measured point is no older than this; `None` means the greater of 5m and twice the step (rule 4).
    pub max_age: Option<Duration>,
    /// What an absent point means.
    pub missing: Missing,
    /// Whether each series that nothing lists must go on to the end of the span.
    pub continuity: Continuity,
    /// Findings that its author has seen and intends.
    pub accept: Vec<Accept>,
    /// The step; `None` means rule 2's default.
    pub step: Option<Duration>,
    /// More for people.
    pub details: KpiDetails,
}

impl Kpi {
    /// Whether its author intends what a code stands for.
    #[must_use]
    pub fn accepts(&self, code: Accept) -> bool {
        self.accept.contains(&code)
    }
}

/// What a KPI is a ratio of (R1): rates of events, some by all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// Which events are counted beside all of them.
    pub of: Counted,
    /// Fewer events than that in a span are too few.
    pub min_total: Option<Finite>,
    /// The share of events that has to be good, and what follows from it.
    pub objective: Option<Objective>,
}

impl Ratio {
    /// One hundred percent in the unit of a KPI.
    #[must_use]
    pub fn whole(unit: Unit) -> f64 {
        // The unit of a ratio is always that of a share.
        unit.whole().unwrap_or(1.0)
    }
}

words! {
    /// Which events a ratio counts beside all of them.
    pub enum Counted: "part of a ratio" {
        /// Those that went wrong.
        Errors = "errors",
        /// Those that did not.
        Good = "good",
    }
}

/// An objective, and the period of its error budget (R6, R7).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    /// The share of events that has to be good; less than 100 %.
    pub share: Share,
    /// The share that may go wrong.
    pub budget: Finite,
    /// Over how long.
    pub period: Duration,
}

/// What an absent point means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nothing is known.
    Hold,
    /// Zero, while the guard holds; of a ratio the errors or the good events, while there are events at all.
    Zero,
}

/// What a span means in which the guard was measured at each point and never holds (M9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// Nothing is known.
    Hold,
    /// Good: without traffic nothing can go wrong.
    Met,
}

/// Which of the series that nothing lists must go on to the end of the span (M7). The key is `series`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Continuity {
    /// Each: one that ended is not known any more.
    Each,
    /// Any: its label comes and goes, as that of a pod does.
    Any,
}

/// A guard.
#[derive(Debug, Clone)]
pub struct Guard {
    /// Sent for the KPI's own grid.
    pub query: Query,
    /// What it must satisfy.
    pub is: PlainCondition,
    /// Whether it asks how old something is: where it fails, the data are dead, and not quiet.
    pub tells_age: bool,
}

/// A query with all variables filled in except `$window`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The text between the places of `$window`; one piece if there is none.
    pub pieces: Vec<String>,
}

/// What stands in the place of `$window` where points are asked for, in spans that are not shorter (M8b).
const COMPANION: Duration = Duration::from_secs(5 * 60);

impl Query {
    /// A query without `$window`.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            pieces: vec![text.into()],
        }
    }

    /// The quotient of two queries.
    #[must_use]
    pub fn divided_by(&self, other: &Self) -> Self {
        let mut pieces = self.pieces.clone();
        let mut others = other.pieces.iter();
        if let (Some(last), Some(first)) = (pieces.last_mut(), others.next()) {
            *last = format!("{last}) / ({first}");
        }
        pieces.extend(others.cloned());
        if let Some(first) = pieces.first_mut() {
            first.insert(0, '(');
        }
        if let Some(last) = pieces.last_mut() {
            last.push(')');
        }
        Self { pieces }
    }

    /// Whether it is sent once, for the end of the window, because it uses `$window`.
    #[must_use]
    pub fn is_instant(&self) -> bool {
        self.pieces.len() > 1
    }

    /// What stands in the place of `$window` to show the points of a span of that length (M8b).
    #[must_use]
    pub fn companion_length(span: Duration) -> Duration {
        COMPANION.min(span)
    }

    /// The text to send, with the length of the judged span in whole seconds.
    #[must_use]
    pub fn text(&self, window: Duration) -> String {
        self.pieces.join(&format!("{}s", window.millis() / 1000))
    }
}

/// What becomes of a baseline's points before a condition compares with them (M4).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BaselineAs {
    /// Each is compared with the judged point at the same place.
    Points,
    /// They become one value.
    One(Reducer),
}

impl BaselineAs {
    const POINTS: &str = "points";

    /// As the plan writes it: `points`, or the word of the reducer.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::Points => Self::POINTS.to_owned(),
            Self::One(reducer) => reducer.word(),
        }
    }

    /// Reads [`BaselineAs::word`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        if word == Self::POINTS {
            return Some(Self::Points);
        }
        Reducer::from_word(word).map(Self::One)
    }
}

/// Which earlier or parallel samples a relative condition compares with.
#[derive(Debug, Clone)]
pub enum Baseline {
    /// The same span, that much earlier.
    Offset(Duration),
    /// A span of that length, ending at the stage's start.
    Before(Duration),
    /// Fixed instants.
    Between(Instant, Instant),
    /// Captured earlier; the path as written, relative to the plan's folder.
    File(String),
    /// The same span, other variable values.
    Vars {
        /// The query with those values.
        query: Query,
        /// That of the errors or the good events with those values, if the KPI is a ratio.
        part: Option<Query>,
        /// The guard's query with those values.
        guard: Option<Query>,
    },
}
