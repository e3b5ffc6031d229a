//! `probes`: one criterion for each address, with the settings of its own. Must not ask any.

use super::super::HttpConfig;
use super::super::maps::maps;
use super::super::parts::addresses;
use super::super::parts::checker::Checker;
use super::super::parts::http_config::{self, written};
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{Pairs, Spanned, Text, TextOr};
use super::pointer::is_pointer;
use crate::secret::Secret;
use crate::secret::address::without_user_info;
use crate::units::Duration;

const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

maps! {
    Probe {
        url: Text,
        status: Text,
        json: Spanned<Pairs<String>>,
        header: Spanned<Pairs<String>>,
        timeout: Text,
        http_config: Box<Spanned<written::HttpConfig>>,
    }
}

/// What an address must answer.
#[derive(Debug, Clone)]
pub struct ProbeAsk {
    /// The address; may carry user info, so never print it: see `shown_url`.
    pub url: Secret,
    /// As written, `${…}` included, without user info and query: the same whatever the environment holds.
    pub shown_url: String,
    /// How to speak to it. Redirects are answers like any other, unless the plan says that they are followed.
    pub http: HttpConfig,
    /// The HTTP status.
    pub status: u16,
    /// JSON pointer and the value it must have, as written.
    pub json: Vec<(String, String)>,
    /// A header of the answer, in small letters, and the value it must have.
    pub headers: Vec<(String, String)>,
    /// Within this time.
    pub timeout: Duration,
}

impl ProbeAsk {
    /// What is required of the answer, in the words of the format.
    pub(super) fn in_words(&self) -> String {
        let header = |(name, is): &(String, String)| format!(", header {name} {is}");
        let headers: String = self.headers.iter().map(header).collect();
        let json = |(place, is): &(String, String)| format!(", json {place} {is}");
        let json: String = self.json.iter().map(json).collect();
        format!("status {}{headers}{json}", self.status)
    }
}

/// One criterion for each address.
pub(super) fn read(
    checker: &mut Checker<'_>,
    written: &[Spanned<TextOr<Probe>>],
) -> Vec<(ProbeAsk, Span)> {
    let mut asks = Vec::new();
    for probe in written {
        if let Some(ask) = one(checker, probe) {
            asks.push((ask, probe.span.clone()));
        }
    }
    asks
}

/// One address.
pub(super) fn one(checker: &mut Checker<'_>, written: &Spanned<TextOr<Probe>>) -> Option<ProbeAsk> {
    let bare = Probe::default();
    let (map, url) = match &written.value {
        TextOr::Text(url) => (&bare, Some(written.with(url.clone()))),
        TextOr::Map(map) => (map, map.url.clone()),
    };
    let url = checker.required(url.as_ref(), "url", &written.span, "a probe");
    let written_url = url.map_or("", |text| text.value.as_str());
    let shown_url = without_user_info(written_url);
    let shown_url = shown_url.split(['?', '#']).next().unwrap_or_default();
    let url = url.and_then(|text| addresses::probe_address(checker, text));
    let config = map.http_config.as_deref();
    let mut http = http_config::beside(checker, config, url.as_deref());
    http.follow_redirects &= config.is_some_and(|config| config.value.follow_redirects.is_some());
    let headers = map.header.as_ref();
    let headers = headers.map(|pairs| self::headers(checker, &pairs.value));
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
        shown_url: shown_url.to_owned(),
        http,
        headers: headers.unwrap_or_default(),
        url: Secret::new(url),
        status: status?,
        json,
        timeout: timeout.unwrap_or(Some(PROBE_TIMEOUT))?,
    })
}

/// Headers that the answer must have.
fn headers(checker: &mut Checker<'_>, pairs: &Pairs<String>) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in &pairs.0 {
        if !http_config::is_header_name(&name.value) {
            let message = format!("`{}` is not the name of a header", name.value);
            checker.report(
                Problem::error(ProblemCode::BadName, name.span.clone(), message)
                    .help("such as `api-version`: letters, digits and hyphens"),
            );
            continue;
        }
        let lower = name.value.to_ascii_lowercase();
        if headers.iter().any(|(known, _)| *known == lower) {
            let message = format!("the header `{lower}` occurs twice: capitals make no difference");
            checker.error(ProblemCode::DuplicateName, &name.span, message);
            continue;
        }
        headers.push((lower, value.value.trim().to_owned()));
    }
    headers
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

/// The addresses as written, each with its place.
pub(super) fn addresses(written: &[Spanned<TextOr<Probe>>]) -> Vec<(&str, &Span)> {
    written.iter().filter_map(address).collect()
}

/// The address as written.
pub(super) fn address(probe: &Spanned<TextOr<Probe>>) -> Option<(&str, &Span)> {
    match &probe.value {
        TextOr::Text(url) => Some((url, &probe.span)),
        TextOr::Map(map) => map.url.as_ref().map(|url| (url.value.as_str(), &url.span)),
    }
}

/// The settings as written, each with credentials or without.
pub(super) fn http_configs(written: &[Spanned<TextOr<Probe>>]) -> Vec<&written::HttpConfig> {
    written.iter().filter_map(http_config_of).collect()
}

fn http_config_of(probe: &Spanned<TextOr<Probe>>) -> Option<&written::HttpConfig> {
    match &probe.value {
        TextOr::Text(_) => None,
        TextOr::Map(map) => map.http_config.as_ref().map(|config| &config.value),
    }
}
