//! From what was found to the draft of a plan (I5, I6): what a person is asked about it, what relative conditions compare with, the
//! queries as the plan has them. Must not ask a source.

use std::collections::{BTreeMap, BTreeSet};

use super::discover::Found;
use super::measure::Kept;
use super::setting::Setting;
use super::setting::compared;
use super::{Unwritten, ask};
use crate::init::{Candidate, Comparison, Draft, Head, Kpi, Limits, Scope, Shape, literal};
use crate::units::Duration;

/// The release's name where nothing says it.
const NAMELESS: &str = "release";
const DAY: Duration = Duration::from_secs(86_400);
const WEEK: Duration = Duration::from_secs(7 * 86_400);
const HOUR: Duration = Duration::from_secs(3600);
/// So many points a comparison `at 95%` needs.
const POINTS: i64 = 48;
/// What a person chooses once it is known what there is; `true` where it has to be looked at again with that. Nothing is assumed where
/// nobody can be asked.
pub(super) fn choose(setting: &mut Setting, found: &Found) -> bool {
    if !setting.can_ask {
        return false;
    }
    let mut has_chosen = false;
    if setting.sites.is_none() && !setting.has_shares {
        let offered = sites(found);
        let shown: Vec<String> = offered
            .iter()
            .map(|(label, count)| format!("{label} ({count} values)"))
            .collect();
        let question = format!(
            "judge each site by itself? {}; enter for no",
            shown.join(", ")
        );
        if !offered.is_empty() {
            let read = |answer: &str| match offered.iter().find(|(label, _)| *label == answer) {
                Some((label, _)) => Ok(Some((*label).to_owned())),
                None if answer.is_empty() => Ok(None),
                None => Err(format!("`{answer}` is none of them")),
            };
            setting.sites = ask::answer_that(&question, "", read).flatten();
            has_chosen = setting.sites.is_some();
        }
    }
    if setting.versions.is_none() {
        for (label, values) in &found.versions {
            setting.versions = versions(label, values);
            if setting.versions.is_some() {
                return true;
            }
        }
    }
    has_chosen
}

/// Which of two versions is the canary, if they are to be compared.
fn versions(label: &str, values: &[String]) -> Option<Comparison> {
    let [one, other] = values else {
        return None;
    };
    let question = format!(
        "two versions have traffic, {label}={one} and {label}={other}: which is the canary, compared with the other? enter for neither"
    );
    let read = |answer: &str| match answer {
        "" => Ok(None),
        answer if answer == one => Ok(Some(compared(label, one, other))),
        answer if answer == other => Ok(Some(compared(label, other, one))),
        answer => Err(format!("`{answer}` is neither {one} nor {other}")),
    };
    ask::answer_that(&question, "", read).flatten()
}

/// Labels that may tell sites apart, with how many values they have.
fn sites(found: &Found) -> Vec<(&'static str, usize)> {
    const SITES: [&str; 5] = ["site", "warehouse", "region", "zone", "cluster"];
    let of = |label: &&'static str| {
        let series = found.labels.values().flatten();
        let values: BTreeSet<&str> = series.filter_map(|one| one.get(label)).collect();
        (2..=50)
            .contains(&values.len())
            .then_some((*label, values.len()))
    };
    SITES.iter().filter_map(of).collect()
}

/// Where canary and control are compared, what cannot be told apart is left out, and windows are long enough for that.
pub(super) fn compare(setting: &mut Setting, found: &mut Found) -> Result<(), Unwritten> {
    let Some(Comparison::Control { label, canary, .. }) = &setting.versions else {
        return Ok(());
    };
    let (label, canary) = (label.0.clone(), canary.clone());
    let (with, without): (Vec<Kept>, Vec<Kept>) = std::mem::take(&mut found.kept)
        .into_iter()
        .partition(|kept| has(&found.labels, &kept.candidate, &label));
    found.left.extend(without.into_iter().map(|kept| {
        let why = format!("has no label {label}: canary and control cannot be told apart");
        (kept.candidate.name, why)
    }));
    found.kept = with;
    if found.kept.is_empty() {
        return Err(Unwritten::Usage(format!(
            "no metric that was found has the label {label} with the value {canary}"
        )));
    }
    let hours = found.rhythm.step.millis() * POINTS / HOUR.millis() + 1;
    widen(
        &mut setting.shape,
        Duration::from_millis(hours * HOUR.millis()),
    );
    Ok(())
}

/// No stage is watched for less.
fn widen(shape: &mut Shape, least: Duration) {
    shape.window = shape.window.max(least);
    for stage in &mut shape.stages {
        stage.window = stage.window.map(|window| window.max(least));
    }
}

fn has(
    labels: &BTreeMap<String, BTreeSet<crate::samples::Labels>>,
    candidate: &Candidate,
    label: &str,
) -> bool {
    let series = labels.get(&candidate.claimed.metric);
    series.is_some_and(|all| all.iter().any(|one| one.get(label).is_some()))
}

/// What relative conditions compare with: as long ago as there is a past for.
pub(super) fn comparison(setting: &Setting, found: &Found) -> Comparison {
    if let Some(versions) = &setting.versions {
        return versions.clone();
    }
    let window = setting.shape.stages.iter().filter_map(|stage| stage.window);
    let window = window
        .chain([setting.shape.window])
        .max()
        .unwrap_or_default();
    let past = found.rhythm.past;
    if past >= WEEK + window {
        Comparison::Offset(WEEK)
    } else if past >= DAY + window && window <= DAY {
        Comparison::Offset(DAY)
    } else {
        Comparison::Before(HOUR)
    }
}

/// The draft, with conditions by KPI.
pub(super) fn draft(setting: &Setting, found: &Found, limits: &BTreeMap<String, Limits>) -> Draft {
    let comparison = comparison(setting, found);
    let kpis = found.kept.iter().map(|kept| {
        let per = found.sites.as_ref().filter(|_| kept.by_site);
        let per = per.map(|(label, _)| label.clone());
        let scope = scope(found, &comparison, per.as_deref());
        Kpi {
            measure: kept.candidate.measure(&scope),
            candidate: kept.candidate.clone(),
            per,
            limits: limits
                .get(&kept.candidate.name)
                .cloned()
                .unwrap_or_default(),
        }
    });
    let kpis = kpis.collect();
    Draft {
        head: Head {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            host: setting.host(),
            at: setting.at,
            path: setting.path.to_string_lossy().into_owned(),
            past: whole_days(setting.since.min(found.rhythm.past)),
        },
        release: release(setting, found),
        source: setting.address.clone(),
        http_config: setting.http_config.clone(),
        comparison,
        sites: found
            .sites
            .clone()
            .filter(|_| found.kept.iter().any(|kept| kept.by_site)),
        scrape: found.rhythm.scrape,
        step: found.rhythm.step,
        shape: setting.shape.clone(),
        kpis,
    }
}

/// The queries of a plan: variables where the plan has some, `$` of others doubled.
fn scope(found: &Found, comparison: &Comparison, per: Option<&str>) -> Scope {
    let mut matchers: Vec<String> = found.matchers.iter().map(|one| literal(one)).collect();
    if let Comparison::Control { label, .. } = comparison {
        matchers.push(format!("{}=\"${}\"", label.0, label.1));
    }
    if let Some(label) = per {
        matchers.push(format!("{label}=~\"${label}\""));
    }
    Scope {
        matchers,
        by: per.map(str::to_owned),
        range: "$step".to_owned(),
    }
}

/// The release's name: what was said, or the first value that the series are selected by.
fn release(setting: &Setting, found: &Found) -> String {
    let named = setting.release.clone().or_else(|| setting.service.clone());
    named.unwrap_or_else(|| {
        let value = found.matchers.iter().find_map(|one| {
            let (_, value) = one.split_once('=')?;
            value.strip_prefix('"')?.strip_suffix('"')
        });
        value.map_or_else(|| NAMELESS.to_owned(), str::to_owned)
    })
}

/// In whole days, or hours where it is less than one.
pub(super) fn whole_days(length: Duration) -> Duration {
    let unit = if length >= DAY { DAY } else { HOUR };
    Duration::from_millis((length.millis() / unit.millis()).max(1) * unit.millis())
}
