//! Criteria that people, files and other systems answer: form only. Must not open, ask or look at anything.

use super::super::document::{self, Approvals};
use super::super::environment::without_user_info;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{ListOr, OneOrMany, Pairs, Spanned, Text, TextOr};
use super::super::{ArtifactAsk, Ask, IncidentsAsk, ProbeAsk};
use super::checker::Checker;
use super::release::{Checklists, digest, text};
use super::{kpis, sources};
use crate::secret::Secret;
use crate::units::Duration;

const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
const SARIF_LEVELS: [&str; 4] = ["error", "warning", "note", "none"];

pub(super) type Asks = Vec<(Ask, Span)>;

/// One criterion for each item of each list.
pub(super) fn checklists(
    checker: &mut Checker<'_>,
    known: &Checklists,
    lists: &Spanned<OneOrMany>,
) -> Asks {
    let mut asks = Vec::new();
    for name in checker.names_of(lists, "the checklist") {
        let Some((_, items)) = known.iter().find(|(list, _)| *list == name.value) else {
            checker.unknown_reference(
                &name,
                "checklist",
                known.iter().map(|(list, _)| list.as_str()),
            );
            continue;
        };
        asks.extend(items.iter().map(|item| {
            let ask = Ask::Checklist {
                list: name.value.clone(),
                item: item.clone(),
            };
            (ask, name.span.clone())
        }));
    }
    asks
}

/// One criterion for each id.
pub(super) fn confirmations(checker: &mut Checker<'_>, ids: &Spanned<OneOrMany>) -> Asks {
    let ids = checker.names_of(ids, "the confirmation");
    ids.into_iter()
        .map(|id| (Ask::Confirmation(id.value), id.span))
        .collect()
}

/// One criterion for each role.
pub(super) fn approvals(checker: &mut Checker<'_>, written: &Spanned<ListOr<Approvals>>) -> Asks {
    let (roles, distinct) = match &written.value {
        ListOr::List(roles) => (roles.clone(), false),
        ListOr::Map(map) => {
            let roles = checker.required(map.roles.as_ref(), "roles", &written.span, "`approvals`");
            let distinct = map.distinct.as_ref().and_then(|text| checker.flag(text));
            (
                roles.map(Spanned::texts).unwrap_or_default(),
                distinct.unwrap_or(false),
            )
        }
    };
    checker
        .names(&roles, "the role")
        .into_iter()
        .map(|role| {
            let ask = Ask::Approval {
                role: role.value,
                distinct,
            };
            (ask, role.span)
        })
        .collect()
}

/// One criterion for the severities together.
pub(super) fn incidents(checker: &mut Checker<'_>, written: &Spanned<document::Incidents>) -> Asks {
    let incidents = &written.value;
    if incidents.open.is_none() && incidents.since_start.is_none() {
        let message = "no severity is named";
        checker.report(
            Problem::error(ProblemCode::MissingKey, written.span.clone(), message)
                .help("such as `{ open: [sev1, sev2] }` or `{ since_start: [sev1] }`"),
        );
        return Vec::new();
    }
    let mut severities = |list: Option<&Spanned<OneOrMany>>| -> Vec<String> {
        let names = list.map(|list| checker.names_of(list, "the severity"));
        names.into_iter().flatten().map(|name| name.value).collect()
    };
    let ask = IncidentsAsk {
        open: severities(incidents.open.as_ref()),
        since_start: severities(incidents.since_start.as_ref()),
        issue_log: text(incidents.issue_log.as_ref()),
    };
    vec![(Ask::Incidents(ask), written.span.clone())]
}

/// One criterion for each file.
pub(super) fn artifacts(
    checker: &mut Checker<'_>,
    written: &[Spanned<TextOr<document::Artifact>>],
) -> Asks {
    let mut asks = Vec::new();
    for artifact in written {
        if let Some(ask) = self::artifact(checker, artifact) {
            asks.push((Ask::Artifact(ask), artifact.span.clone()));
        }
    }
    asks
}

fn artifact(
    checker: &mut Checker<'_>,
    written: &Spanned<TextOr<document::Artifact>>,
) -> Option<ArtifactAsk> {
    let map = match &written.value {
        TextOr::Text(path) => {
            return Some(ArtifactAsk {
                path: checker.filled(&written.with(path.clone()))?,
                ..ArtifactAsk::default()
            });
        }
        TextOr::Map(map) => map,
    };
    let path = checker.required(map.path.as_ref(), "path", &written.span, "an artifact");
    let path = path.and_then(|path| checker.filled(path));
    Some(ArtifactAsk {
        max_age: map
            .max_age
            .as_ref()
            .and_then(|text| checker.positive(text, "max_age")),
        sha256: map.sha256.as_ref().and_then(|text| digest(checker, text)),
        junit: map.junit.as_ref().map(|junit| {
            let failures = junit.value.failures.as_ref();
            let tests = junit.value.min_tests.as_ref();
            (
                failures.and_then(|text| checker.count(text, 0)),
                tests.and_then(|text| checker.count(text, 0)),
            )
        }),
        sarif: map
            .sarif
            .as_ref()
            .map(|sarif| self::sarif(checker, sarif))
            .unwrap_or_default(),
        json: map
            .json
            .as_ref()
            .map(|pairs| conditions(checker, &pairs.value))
            .unwrap_or_default(),
        path: path?,
    })
}

fn sarif(checker: &mut Checker<'_>, written: &Spanned<document::Sarif>) -> Vec<(String, u64)> {
    let pairs = checker.required(written.value.max.as_ref(), "max", &written.span, "`sarif`");
    let levels = SARIF_LEVELS.map(|level| (level, ()));
    let mut most = Vec::new();
    for (level, count) in pairs.map_or(&[][..], |pairs| pairs.0.as_slice()) {
        checker.word(level, "a level of SARIF", &levels);
        if let Some(count) = checker.count(count, 0) {
            most.push((level.value.clone(), count));
        }
    }
    most
}

fn conditions(
    checker: &mut Checker<'_>,
    pairs: &Pairs<String>,
) -> Vec<(String, super::super::PlainCondition)> {
    let mut conditions = Vec::new();
    for (pointer, condition) in &pairs.0 {
        let is_pointer = self::is_pointer(checker, pointer);
        if let (true, Some(condition)) = (is_pointer, kpis::plain(checker, condition)) {
            conditions.push((pointer.value.clone(), condition));
        }
    }
    conditions
}

/// RFC 6901.
fn is_pointer(checker: &mut Checker<'_>, text: &Text) -> bool {
    let mut tildes = text.value.split('~').skip(1);
    let valid = (text.value.is_empty() || text.value.starts_with('/'))
        && tildes.all(|rest| rest.starts_with(['0', '1']));
    if !valid {
        let message = format!("`{}` is not a JSON pointer", text.value);
        checker.report(
            Problem::error(ProblemCode::BadPointer, text.span.clone(), message)
                .help("such as `/version` or `/totals/0/failed`"),
        );
    }
    valid
}

/// One criterion for each address.
pub(super) fn probes(
    checker: &mut Checker<'_>,
    written: &[Spanned<TextOr<document::Probe>>],
) -> Asks {
    let mut asks = Vec::new();
    for probe in written {
        if let Some(ask) = self::probe(checker, probe) {
            asks.push((Ask::Probe(ask), probe.span.clone()));
        }
    }
    asks
}

fn probe(
    checker: &mut Checker<'_>,
    written: &Spanned<TextOr<document::Probe>>,
) -> Option<ProbeAsk> {
    let bare = document::Probe::default();
    let (map, url) = match &written.value {
        TextOr::Text(url) => (&bare, Some(written.with(url.clone()))),
        TextOr::Map(map) => (map, map.url.clone()),
    };
    let url = checker.required(url.as_ref(), "url", &written.span, "a probe");
    let url = url.and_then(|text| sources::probe_url(checker, text));
    let status = map
        .status
        .as_ref()
        .map_or(Some(200), |text| status(checker, text));
    let timeout = map
        .timeout
        .as_ref()
        .map(|text| checker.positive(text, "timeout"));
    let pairs = map.json.iter().flat_map(|pairs| &pairs.value.0);
    let json: Vec<_> = pairs
        .filter(|(pointer, _)| is_pointer(checker, pointer))
        .map(|(pointer, value)| (pointer.value.clone(), value.value.clone()))
        .collect();
    let url = url?;
    Some(ProbeAsk {
        shown_url: without_user_info(url.split(['?', '#']).next().unwrap_or_default()),
        url: Secret::new(url),
        status: status?,
        json,
        timeout: timeout.unwrap_or(Some(PROBE_TIMEOUT))?,
    })
}

fn status(checker: &mut Checker<'_>, text: &Text) -> Option<u16> {
    let found = text
        .value
        .parse()
        .ok()
        .filter(|status| (100..600).contains(status));
    if found.is_none() {
        let message = format!("`{}` is not an HTTP status", text.value);
        checker.error(ProblemCode::BadNumber, &text.span, message);
    }
    found
}
