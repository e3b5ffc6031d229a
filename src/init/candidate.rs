//! A recognised metric → a KPI: its name, its unit, its queries. Must not ask them.

use super::claim::Claimed;
use super::recognisers::{BUCKET, COUNT, FAILED, SUM, Sign};
use super::scope::Scope;
use crate::units::Unit;

/// How a KPI is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// Errors, and all events.
    Ratio {
        /// Errors each second.
        errors: String,
        /// All events each second.
        total: String,
    },
    /// One query.
    Query(String),
}

/// What a plan could ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name in a plan.
    pub name: String,
    /// For people.
    pub title: String,
    /// What it is about, for people: a metric, maybe with what is counted of it.
    pub about: String,
    /// Of its values.
    pub unit: Unit,
    /// The metric that it rests on.
    pub claimed: Claimed,
}

/// What a metric would be as a KPI; `taken` are the names that others have.
#[must_use]
pub fn candidate(claimed: Claimed, taken: &[String]) -> Candidate {
    let stem = stem(claimed.base());
    let is_free = |name: &str| taken.iter().all(|other| other != name);
    let (short, long) = names(&claimed, &stem);
    let name = match short {
        Some(short) if is_free(short) => short.to_owned(),
        _ if is_free(&long) => long,
        _ => (2..=taken.len() + 2)
            .map(|number| format!("{long}_{number}"))
            .find(|name| is_free(name))
            .unwrap_or(long),
    };
    Candidate {
        name,
        title: title(&claimed, &stem),
        about: about(&claimed),
        unit: unit(&claimed),
        claimed,
    }
}

/// Words by which a histogram is one of how long answers take.
const LATENCY: [&str; 4] = ["duration", "latency", "request", "handling"];

/// The name that the first of its kind has, and that of any.
fn names(claimed: &Claimed, stem: &str) -> (Option<&'static str>, String) {
    match claimed.by.sign {
        Sign::Errors { .. } | Sign::Coded | Sign::Failed => {
            (Some("error_rate"), format!("{stem}_error_rate"))
        }
        Sign::Times { .. } => {
            let base = claimed.base();
            let is_latency = LATENCY.iter().any(|word| base.contains(word));
            (is_latency.then_some("latency_p95"), format!("{stem}_p95"))
        }
        Sign::MeanTimes => (Some("latency_mean"), format!("{stem}_mean")),
        Sign::LastSeen => (None, format!("{stem}_age")),
        Sign::Rises | Sign::RisesEachSecond | Sign::Amount | Sign::Largest => {
            (None, stem.to_owned())
        }
    }
}

fn title(claimed: &Claimed, stem: &str) -> String {
    let words = stem.replace('_', " ");
    match claimed.by.sign {
        Sign::Errors { .. } | Sign::Coded | Sign::Failed => format!("Errors ({})", claimed.by.of),
        Sign::Times { .. } => format!("{words}, 95th percentile"),
        Sign::MeanTimes => format!("{words}, mean"),
        Sign::LastSeen => format!("{words}, time since the last one"),
        Sign::Rises | Sign::RisesEachSecond | Sign::Amount | Sign::Largest => words,
    }
}

fn about(claimed: &Claimed) -> String {
    let metric = &claimed.metric;
    match claimed.by.sign {
        Sign::Errors { bad, .. } => format!("{metric}{{{bad}}} of all"),
        Sign::Coded => format!("{metric}{{{}}} of all", coded(claimed)),
        Sign::Failed => match &claimed.all_events {
            Some(all) => format!("{metric} of {all}"),
            None => metric.clone(),
        },
        Sign::Times { .. } | Sign::MeanTimes => claimed.base().to_owned(),
        Sign::LastSeen | Sign::Rises | Sign::RisesEachSecond | Sign::Amount | Sign::Largest => {
            metric.clone()
        }
    }
}

fn coded(claimed: &Claimed) -> String {
    format!("{}=~\"5..\"", claimed.code.unwrap_or("code"))
}

/// What a metric's name leaves when units and endings are taken off, as the beginning of a KPI's name.
fn stem(base: &str) -> String {
    const ENDS: [&str; 9] = [
        "_timestamp_seconds",
        "_milliseconds",
        "_duration_seconds",
        "_seconds",
        "_bytes",
        "_ms",
        "_requests_total",
        "_total",
        "_xx",
    ];
    let failed = FAILED.iter().find_map(|end| base.strip_suffix(end));
    let cut = failed
        .or_else(|| ENDS.iter().find_map(|end| base.strip_suffix(end)))
        .unwrap_or(base);
    let before = cut.split("_last_").next().unwrap_or(cut);
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let stem: String = before
        .chars()
        .map(|c| {
            if is_word(c) {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    let stem = stem.trim_matches('_');
    if stem.starts_with(|c: char| c.is_ascii_alphabetic()) {
        stem.to_owned()
    } else {
        format!("m_{stem}")
    }
}

fn unit(claimed: &Claimed) -> Unit {
    match claimed.by.sign {
        Sign::Errors { .. } | Sign::Coded | Sign::Failed => Unit::Ratio,
        Sign::LastSeen => Unit::Seconds,
        Sign::Rises | Sign::Largest => Unit::Count,
        Sign::RisesEachSecond => Unit::None,
        Sign::Amount => Unit::Bytes,
        Sign::Times { .. } | Sign::MeanTimes => by_ending(claimed.base()),
    }
}

/// Prometheus' own advice is to name the unit last.
fn by_ending(base: &str) -> Unit {
    const UNITS: [(&str, Unit); 5] = [
        ("_seconds", Unit::Seconds),
        ("_milliseconds", Unit::Milliseconds),
        ("_ms", Unit::Milliseconds),
        ("_rq_time", Unit::Milliseconds),
        ("_bytes", Unit::Bytes),
    ];
    let found = UNITS.iter().find(|(end, _)| base.ends_with(end));
    found.map_or(Unit::None, |(_, unit)| *unit)
}

impl Candidate {
    /// Whether it is shown only.
    #[must_use]
    pub fn is_shown_only(&self) -> bool {
        self.claimed.by.sign.is_shown_only()
    }

    /// Whether it is a percentile of a histogram, which knows no more than its buckets.
    #[must_use]
    pub fn is_percentile(&self) -> bool {
        matches!(self.claimed.by.sign, Sign::Times { .. })
    }

    /// Whether it says how long ago something was seen.
    #[must_use]
    pub fn is_age(&self) -> bool {
        self.claimed.by.sign == Sign::LastSeen
    }

    /// How it is asked of these series.
    #[must_use]
    pub fn measure(&self, scope: &Scope) -> Measure {
        let (metric, base) = (&self.claimed.metric, self.claimed.base());
        let ratio = |all: &str, only: Option<&str>, bad: (&str, Option<&str>)| {
            let only: Vec<&str> = only.into_iter().collect();
            let with_bad: Vec<&str> = only.iter().copied().chain(bad.1).collect();
            Measure::Ratio {
                errors: scope.aggregated("sum", &[], &scope.rate(bad.0, &with_bad)),
                total: scope.aggregated("sum", &[], &scope.rate(all, &only)),
            }
        };
        let sum_of = |end: &str| {
            let rate = scope.rate(&format!("{base}{end}"), &[]);
            scope.aggregated("sum", &[], &rate)
        };
        match self.claimed.by.sign {
            Sign::Errors { bad, only } => ratio(metric, only, (metric, Some(bad))),
            Sign::Coded => ratio(metric, None, (metric, Some(&coded(&self.claimed)))),
            Sign::Failed => {
                let all = self.claimed.all_events.as_deref().unwrap_or(metric);
                ratio(all, None, (metric, None))
            }
            Sign::Times { only } => {
                let only: Vec<&str> = only.into_iter().collect();
                let rate = scope.rate(&format!("{base}{BUCKET}"), &only);
                let buckets = scope.aggregated("sum", &["le"], &rate);
                Measure::Query(format!("histogram_quantile(0.95, {buckets})"))
            }
            Sign::MeanTimes => Measure::Query(format!("{} / {}", sum_of(SUM), sum_of(COUNT))),
            Sign::LastSeen => {
                let newest = scope.aggregated("max", &[], &scope.selector(metric, &[]));
                Measure::Query(scope.largest_between(&format!("time() - {newest}")))
            }
            Sign::Rises => {
                let rise = format!("increase({}[{}])", scope.selector(metric, &[]), scope.range);
                Measure::Query(scope.aggregated("sum", &[], &rise))
            }
            Sign::RisesEachSecond => {
                Measure::Query(scope.aggregated("sum", &[], &scope.rate(metric, &[])))
            }
            Sign::Amount => self.largest(scope, "sum"),
            Sign::Largest => self.largest(scope, "max"),
        }
    }

    fn largest(&self, scope: &Scope, how: &str) -> Measure {
        let all = scope.selector(&self.claimed.metric, &[]);
        Measure::Query(scope.largest_between(&scope.aggregated(how, &[], &all)))
    }
}
