//! Conditions without a history to take limits from, and those that a history is measured with. Must not pass a guess off as a
//! measurement: each condition comes with what it rests on.

use super::candidate::Candidate;
use crate::units::{Duration, Unit};

/// What relative conditions compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The same time so long ago.
    Offset(Duration),
    /// So long a time before the stage begins.
    Before(Duration),
    /// The series beside them: a label, the value of the canary and that of the control.
    Control {
        /// The label.
        label: (String, String),
        /// Its value of the canary.
        canary: String,
        /// Its value of the control.
        control: String,
    },
}

/// A condition, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// As the plan has it.
    pub condition: String,
    /// Why, in words, without a dot at the end.
    pub because: String,
}

/// The conditions of a KPI.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// The bad state.
    pub stop: Vec<Limit>,
    /// The good state.
    pub exit: Vec<Limit>,
    /// What is shown only.
    pub watch: Vec<Limit>,
}

/// How long a bad state has to last.
pub const LASTS: &str = "10m";

/// The conditions whose limits are looked for in the past. The numbers stand for those that are found: they are never written.
/// `now` is the value by now, in the KPI's unit: it chooses in which unit the limits are.
#[must_use]
pub fn provisional(candidate: &Candidate, now: Option<f64>) -> Limits {
    let unit = suffix(candidate.unit, now);
    let limit = |condition: String| Limit {
        condition,
        because: "looked for".to_owned(),
    };
    if candidate.is_shown_only() {
        return Limits::default();
    }
    // Single points may be worse than what is held for long enough to stop: then the mean is what can be asked.
    let exit = match candidate.unit {
        Unit::Ratio => vec![format!("overall < 1{unit}")],
        Unit::Percent
        | Unit::Seconds
        | Unit::Milliseconds
        | Unit::Bytes
        | Unit::Count
        | Unit::PerSecond
        | Unit::PerMinute
        | Unit::None => vec![format!("< 1{unit} for 99%"), format!("mean < 1{unit}")],
    };
    // Nothing is stopped by it: what stops at once was watched for no time, and was running at no incident.
    let far = match candidate.unit {
        Unit::Ratio | Unit::Percent => "99",
        Unit::Seconds
        | Unit::Milliseconds
        | Unit::Bytes
        | Unit::Count
        | Unit::PerSecond
        | Unit::PerMinute
        | Unit::None => "1000000",
    };
    Limits {
        stop: vec![limit(format!("> {far}{unit} for {LASTS}"))],
        exit: exit.into_iter().map(limit).collect(),
        watch: Vec::new(),
    }
}

/// The unit in which a limit reads well beside a value.
fn suffix(unit: Unit, now: Option<f64>) -> &'static str {
    let is_below = |one: f64| now.is_some_and(|now| now < one);
    match unit {
        Unit::Ratio | Unit::Percent => "%",
        Unit::Seconds if is_below(1.0) => "ms",
        Unit::Milliseconds if is_below(1000.0) => "ms",
        Unit::Seconds | Unit::Milliseconds => "s",
        Unit::Bytes if is_below(1024.0) => "B",
        Unit::Bytes if is_below(1_048_576.0) => "KiB",
        Unit::Bytes => "MiB",
        Unit::PerSecond => "/s",
        Unit::PerMinute => "/min",
        Unit::Count | Unit::None => "",
    }
}

/// Conditions that compare with the baseline. `why` says why there is no limit from history, for each list.
#[must_use]
pub fn relative(candidate: &Candidate, comparison: &Comparison, why: (&str, &str)) -> Limits {
    let other = match comparison {
        Comparison::Offset(_) => "the time before",
        Comparison::Before(_) => "the hour before the start",
        Comparison::Control { .. } => "the control",
    };
    let limit = |condition: &str, words: &str, why: &str| Limit {
        condition: condition.to_owned(),
        because: format!(
            "{}; a convention, not a measurement ({why})",
            words.replace("OTHER", other)
        ),
    };
    if candidate.is_shown_only() {
        let why = "it is shown, and decides nothing";
        return Limits {
            watch: vec![limit(
                "mean <= baseline + 20%",
                "within a fifth of OTHER",
                why,
            )],
            ..Limits::default()
        };
    }
    let (stop, exit) = match comparison {
        Comparison::Control { .. } => surely(candidate),
        Comparison::Offset(_) | Comparison::Before(_) => roughly(candidate),
    };
    Limits {
        stop: vec![limit(stop.0, stop.1, why.0)],
        exit: vec![limit(exit.0, exit.1, why.1)],
        watch: Vec::new(),
    }
}

/// A condition, and what it says in words.
type Said = (&'static str, &'static str);

/// Stop and exit against what runs at the same time, the noise counted.
fn surely(candidate: &Candidate) -> (Said, Said) {
    if candidate.unit == Unit::Ratio {
        return (
            (
                "> baseline + max(0.5pp, 20%) at 95%",
                "surely a fifth more errors than OTHER, and by 0.5pp or more",
            ),
            (
                "<= baseline + max(0.5pp, 20%) at 95%",
                "surely not a fifth more errors than OTHER, or not by 0.5pp",
            ),
        );
    }
    (
        (
            "> baseline + 25% at 95%",
            "surely a quarter more than OTHER",
        ),
        (
            "<= baseline + 25% at 95%",
            "surely not a quarter more than OTHER",
        ),
    )
}

/// Stop and exit against another time.
fn roughly(candidate: &Candidate) -> (Said, Said) {
    if candidate.unit == Unit::Ratio {
        return (
            (
                "> baseline + max(1pp, 100%) for 10m",
                "for 10m more than twice the errors of OTHER, and by 1pp or more",
            ),
            (
                "overall <= baseline + max(0.5pp, 50%)",
                "at most half as many errors again as OTHER, or 0.5pp more",
            ),
        );
    }
    if candidate.is_age() {
        return (
            (
                "> baseline * 2 for 10m",
                "for 10m more than twice as old as in OTHER",
            ),
            (
                "<= baseline * 2 for 99%",
                "at most twice as old as in OTHER, but for one point in a hundred",
            ),
        );
    }
    (
        (
            "> baseline * 2 for 10m",
            "for 10m more than twice that of OTHER",
        ),
        (
            "mean <= baseline * 1.25",
            "on average at most a quarter more than OTHER",
        ),
    )
}

impl Limits {
    /// Every condition.
    pub fn all(&self) -> impl Iterator<Item = &Limit> {
        self.stop.iter().chain(&self.exit).chain(&self.watch)
    }

    /// Whether any of them compares with a baseline.
    #[must_use]
    pub fn are_relative(&self) -> bool {
        self.all().any(|limit| limit.condition.contains("baseline"))
    }
}
