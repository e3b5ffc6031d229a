//! What a server measures (I1 to I4): names, then labels of what is recognised, then each candidate itself. Asks a bounded number of
//! questions, and never for all series. Must not decide what a plan says.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::Unwritten;
use super::measure::{self, Kept, Looked, Rhythm};
use super::refusals::{near, nothing, with_caret};
use super::setting::{Setting, usage};
use crate::commands::surroundings::Surroundings;
use crate::commands::validate::matchers_of;
use crate::http::Pool;
use crate::init::{
    CODES, Candidate, Claimed, Comparison, Sign, candidate, claims, coded_labels, equals,
};
use crate::samples::{FailureCode, Labels};
use crate::source::{Catalogue, Span};
use crate::units::Duration;

/// Where names and labels are looked for.
const LOOKED_AT: Duration = Duration::from_secs(3600);
/// More names are not read.
const MOST_NAMES: usize = 20_000;
/// More series of a metric are not read.
const MOST_SERIES: usize = 200;
/// More sites no rollout has.
const MOST_SITES: usize = 50;
/// More metrics are not looked at: each takes three questions or four.
const MOST: usize = 6;
/// More metrics of one kind are not looked at.
const MOST_OF_A_KIND: usize = 3;
/// Labels that name a service, in the order in which they are looked at.
const SERVICES: [&str; 7] = [
    "service",
    "job",
    "app",
    "app_kubernetes_io_name",
    "destination_workload",
    "ingress",
    "grpc_service",
];

/// Labels that tell versions apart.
const VERSIONS: [&str; 5] = [
    "track",
    "version",
    "release",
    "pod_template_hash",
    "destination_version",
];

/// The labels of the series of each metric.
type LabelsOf = BTreeMap<String, BTreeSet<Labels>>;

/// The label that tells sites apart, and its values.
type Sites = (String, Vec<String>);

/// What was found.
pub(super) struct Found {
    pub version: Option<String>,
    pub names: usize,
    pub rhythm: Rhythm,
    /// Matchers of the series, with those that were found.
    pub matchers: Vec<String>,
    /// The label that tells sites apart, and its values.
    pub sites: Option<(String, Vec<String>)>,
    pub kept: Vec<Kept>,
    /// What was left out, and why.
    pub left: Vec<(String, String)>,
    /// Labels that tell exactly two versions apart, both of which have traffic now.
    pub versions: Vec<(String, Vec<String>)>,
    /// The labels of the series of each metric that was looked at.
    pub labels: BTreeMap<String, BTreeSet<Labels>>,
}

/// Asks what is there.
pub(super) async fn discover(
    setting: &Setting,
    surroundings: &Surroundings,
) -> Result<Found, Unwritten> {
    let pool = Pool::default();
    let catalogue = Catalogue::of(&setting.request(&pool, &[], surroundings.now))?;
    let looking = Looking {
        setting,
        catalogue: &catalogue,
        span: (setting.at - LOOKED_AT, setting.at),
    };
    // The first question tells whether anybody answers at all.
    let matchers = looking.matchers().await?;
    let selector = setting.given.clone().or_else(|| selector(&matchers));
    let names = looking.names(selector.as_deref()).await?;
    let version = catalogue.version().await;
    let coded = looking.coded(&matchers, &names).await?;
    let (claimed, unclaimed) = claims(&names, &coded);
    let mut left = Vec::new();
    let claimed = few(claimed, &mut left);
    let sites = looking.sites(&matchers).await?;
    let labels = looking.labels(&matchers, &names, &claimed).await?;
    let looked = looking
        .looked(&matchers, (claimed, &labels, sites.as_ref()), &mut left)
        .await?;
    if looked.is_empty() {
        left.extend(unknown(unclaimed));
        return Err(nothing(&left));
    }
    let asking = measure::Asking {
        setting,
        matchers: &matchers,
        sites: sites.as_ref(),
        surroundings,
    };
    let (rhythm, kept) = measure::measure(&asking, looked, &mut left).await?;
    let versions = match (kept.first(), &setting.versions) {
        (None, _) => Vec::new(),
        (
            Some(first),
            Some(Comparison::Control {
                label,
                canary,
                control,
            }),
        ) => {
            let two = (label.0.clone(), vec![canary.clone(), control.clone()]);
            if asking
                .running(&first.candidate, Some(two))
                .await?
                .is_empty()
            {
                return Err(Unwritten::Usage(format!(
                    "{0}={canary} and {0}={control} do not both have traffic now: what --canary and --control name is compared while both run",
                    label.0
                )));
            }
            Vec::new()
        }
        (Some(first), Some(Comparison::Offset(_) | Comparison::Before(_)) | None) => {
            let two = two_versions(&first.candidate, &labels);
            asking.running(&first.candidate, two).await?
        }
    };
    left.extend(unknown(unclaimed));
    if kept.is_empty() {
        return Err(nothing(&left));
    }
    Ok(Found {
        version,
        names: names.len(),
        rhythm,
        matchers,
        sites,
        kept,
        left,
        versions,
        labels,
    })
}

/// The first label that tells exactly two versions apart.
fn two_versions(
    first: &Candidate,
    labels: &BTreeMap<String, BTreeSet<Labels>>,
) -> Option<(String, Vec<String>)> {
    let series = labels.get(&first.claimed.metric)?;
    VERSIONS.into_iter().find_map(|label| {
        let values: BTreeSet<&str> = series.iter().filter_map(|one| one.get(label)).collect();
        let values: Vec<String> = values.into_iter().map(str::to_owned).collect();
        (values.len() == 2).then(|| (label.to_owned(), values))
    })
}

fn selector(matchers: &[String]) -> Option<String> {
    (!matchers.is_empty()).then(|| format!("{{{}}}", matchers.join(",")))
}

fn unknown(names: Vec<String>) -> impl Iterator<Item = (String, String)> {
    let of = |name| (name, "nothing says what it measures".to_owned());
    names.into_iter().map(of)
}

/// The first metrics of the table, not too many of one kind.
fn few(claimed: Vec<Claimed>, left: &mut Vec<(String, String)>) -> Vec<Claimed> {
    let mut few: Vec<Claimed> = Vec::new();
    for one in claimed {
        let alike = few.iter().filter(|other| kind(other) == kind(&one)).count();
        if few.len() < MOST && alike < MOST_OF_A_KIND {
            few.push(one);
        } else {
            let why = format!(
                "{} metrics are looked at already: narrow with --match",
                few.len()
            );
            left.push((one.base().to_owned(), why));
        }
    }
    few
}

/// What a KPI would be about: errors, times, age, or a number that is shown.
fn kind(claimed: &Claimed) -> u8 {
    match claimed.by.sign {
        Sign::Errors { .. } | Sign::Coded | Sign::Failed => 0,
        Sign::Times { .. } | Sign::MeanTimes => 1,
        Sign::LastSeen => 2,
        Sign::Rises | Sign::RisesEachSecond | Sign::Amount | Sign::Largest => 3,
    }
}

struct Looking<'s> {
    setting: &'s Setting,
    catalogue: &'s Catalogue,
    span: Span,
}

impl Looking<'_> {
    /// The matchers that were given, or that of the label whose value is the service.
    async fn matchers(&self) -> Result<Vec<String>, Unwritten> {
        let Some(service) = &self.setting.service else {
            return Ok(self.setting.matchers.clone());
        };
        let asked = SERVICES.map(|label| async move {
            let selector = format!("{{{}}}", equals(label, service));
            let held = self
                .catalogue
                .values(label, Some(&selector), self.span, 1)
                .await?;
            Ok::<_, Unwritten>((!held.all.is_empty()).then_some(label))
        });
        let mut found = Vec::new();
        for one in join_all(asked).await {
            found.extend(one?);
        }
        match found.as_slice() {
            [] => Err(self.unknown_service(service).await?),
            [label] => Ok(vec![equals(label, service)]),
            several => {
                let lines: Vec<String> = (several.iter())
                    .map(|label| format!("  --match '{{{}}}'", equals(label, service)))
                    .collect();
                Err(Unwritten::Usage(format!(
                    "{service} is the value of several labels: say which is meant\n{}",
                    lines.join("\n")
                )))
            }
        }
    }

    async fn unknown_service(&self, service: &str) -> Result<Unwritten, Unwritten> {
        let mut known = BTreeSet::new();
        for label in SERVICES {
            let held = self
                .catalogue
                .values(label, None, self.span, MOST_NAMES)
                .await?;
            known.extend(held.all);
        }
        let near = near(service, known.iter().map(String::as_str));
        Ok(Unwritten::Usage(format!(
            "no series of the last hour is of the service {service}{near}\nlabels that name one: {}",
            SERVICES.join(", ")
        )))
    }

    async fn names(&self, selector: Option<&str>) -> Result<BTreeSet<String>, Unwritten> {
        let held = self
            .catalogue
            .values("__name__", selector, self.span, MOST_NAMES)
            .await;
        let held = held.map_err(|failure| match selector {
            Some(selector) if failure.code == FailureCode::QueryRejected => {
                Unwritten::Usage(with_caret(selector, &failure.message))
            }
            Some(_) | None => Unwritten::from(failure),
        })?;
        if held.is_more {
            return Err(usage(
                "the source has more than 20,000 metric names: narrow with --match or --service",
            ));
        }
        match selector {
            Some(selector) if held.all.is_empty() => Err(self.unmatched(selector).await?),
            Some(_) | None if held.all.is_empty() => Err(Unwritten::Source(format!(
                "the source has no metric from {} to {}",
                self.span.0, self.span.1
            ))),
            Some(selector) if self.setting.given.is_some() && matchers_of(selector).is_none() => {
                Err(Unwritten::Usage(format!(
                    "--match {selector} cannot be taken apart: write it as {{label=\"value\",other=~\"a|b\"}}"
                )))
            }
            Some(_) | None => {
                // What alerts say of themselves measures no service.
                let is_alert = |name: &String| name == "ALERTS" || name == "ALERTS_FOR_STATE";
                Ok(held
                    .all
                    .into_iter()
                    .filter(|name| !is_alert(name))
                    .collect())
            }
        }
    }

    /// That a selector finds nothing, with what comes near.
    async fn unmatched(&self, selector: &str) -> Result<Unwritten, Unwritten> {
        let mut near_by = String::new();
        for matcher in matchers_of(selector).unwrap_or_default() {
            let Some((label, value)) = matcher.split_once('=') else {
                continue;
            };
            let label = label.trim_end_matches('!').trim();
            let held = self
                .catalogue
                .values(label, None, self.span, MOST_NAMES)
                .await?;
            let value = value.trim_matches(['~', '"', '\'', ' ']);
            if !held.all.contains(value) {
                near_by = near(value, held.all.iter().map(String::as_str));
                break;
            }
        }
        Ok(Unwritten::Usage(format!(
            "no series of the last hour matches {selector}{near_by}"
        )))
    }

    /// The metrics that have one of the labels for a status of three digits.
    async fn coded(
        &self,
        matchers: &[String],
        names: &BTreeSet<String>,
    ) -> Result<Vec<(&'static str, BTreeSet<String>)>, Unwritten> {
        if !coded_labels(names) {
            return Ok(Vec::new());
        }
        let asked = CODES.map(|label| async move {
            let status = format!("{label}=~\"[1-5][0-9][0-9]\"");
            let all: Vec<&str> = (matchers.iter().map(String::as_str))
                .chain([status.as_str()])
                .collect();
            let selector = format!("{{{}}}", all.join(","));
            let held = self
                .catalogue
                .values("__name__", Some(&selector), self.span, MOST_NAMES)
                .await?;
            Ok::<_, Unwritten>((label, held.all))
        });
        join_all(asked).await.into_iter().collect()
    }

    /// The sites that were asked for, all of them.
    async fn sites(&self, matchers: &[String]) -> Result<Option<(String, Vec<String>)>, Unwritten> {
        let Some(label) = &self.setting.sites else {
            return Ok(None);
        };
        let selector = selector(matchers);
        let held = self
            .catalogue
            .values(label, selector.as_deref(), self.span, MOST_SITES)
            .await?;
        if held.is_more {
            return Err(Unwritten::Usage(format!(
                "the label {label} has more than {MOST_SITES} values: narrow with --match"
            )));
        }
        if held.all.is_empty() {
            return Err(Unwritten::Usage(format!(
                "no series of the last hour has the label {label}, which --sites names"
            )));
        }
        Ok(Some((label.clone(), held.all.into_iter().collect())))
    }

    /// The labels of each metric, of at most so many series.
    async fn labels(
        &self,
        matchers: &[String],
        names: &BTreeSet<String>,
        claimed: &[Claimed],
    ) -> Result<BTreeMap<String, BTreeSet<Labels>>, Unwritten> {
        let asked = claimed.iter().map(|one| async move {
            let labelled = one.labelled();
            let metric = if names.contains(&labelled) {
                labelled
            } else {
                one.metric.clone()
            };
            let selector = format!("{metric}{}", selector(matchers).unwrap_or_default());
            let held = self
                .catalogue
                .series(&selector, self.span, MOST_SERIES)
                .await?;
            Ok::<_, Unwritten>((one.metric.clone(), held.all))
        });
        join_all(asked).await.into_iter().collect()
    }

    /// What is worth asking, with what has to be known of it.
    async fn looked(
        &self,
        matchers: &[String],
        (claimed, labels, sites): (Vec<Claimed>, &LabelsOf, Option<&Sites>),
        left: &mut Vec<(String, String)>,
    ) -> Result<Vec<Looked>, Unwritten> {
        let mut looked = Vec::new();
        let mut taken = Vec::new();
        for one in claimed {
            let none = BTreeSet::new();
            let series = labels.get(&one.metric).unwrap_or(&none);
            if let Some(odd) = odd_status(&one, series) {
                let label = one.code.unwrap_or_default();
                left.push((
                    one.metric,
                    format!("{label}={odd:?} is no status of three digits"),
                ));
                continue;
            }
            let top = match one.by.sign {
                Sign::Times { .. } => self.top(matchers, &one).await?,
                Sign::Errors { .. }
                | Sign::Coded
                | Sign::Failed
                | Sign::MeanTimes
                | Sign::LastSeen
                | Sign::Rises
                | Sign::RisesEachSecond
                | Sign::Amount
                | Sign::Largest => None,
            };
            let has = |label: &String| series.iter().any(|one| one.get(label).is_some());
            let candidate = candidate(one, &taken);
            taken.push(candidate.name.clone());
            looked.push(Looked {
                candidate,
                has_sites: sites.is_some_and(|(label, _)| has(label)),
                top,
            });
        }
        Ok(looked)
    }

    /// The highest bound of a histogram's buckets that is a number.
    async fn top(&self, matchers: &[String], claimed: &Claimed) -> Result<Option<f64>, Unwritten> {
        const MOST_BUCKETS: usize = 1000;
        let selector = format!(
            "{}{}",
            claimed.metric,
            selector(matchers).unwrap_or_default()
        );
        let held = self
            .catalogue
            .values("le", Some(&selector), self.span, MOST_BUCKETS)
            .await?;
        let bounds = held
            .all
            .iter()
            .filter_map(|bound| bound.parse::<f64>().ok());
        Ok(bounds.filter(|bound| bound.is_finite()).reduce(f64::max))
    }
}

/// A value of the label for a status that is none.
fn odd_status(claimed: &Claimed, series: &BTreeSet<Labels>) -> Option<String> {
    let label = claimed.code?;
    let is_status =
        |value: &str| value.len() == 3 && value.bytes().all(|byte| byte.is_ascii_digit());
    let values = series.iter().filter_map(|one| one.get(label));
    let mut odd = values.filter(|value| !is_status(value));
    odd.next().map(str::to_owned)
}
