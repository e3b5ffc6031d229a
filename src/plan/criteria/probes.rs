//! `probes`: one criterion for each address. Must not ask any.

use super::super::environment::without_user_info;
use super::super::maps::maps;
use super::super::problem::{ProblemCode, Span};
use super::super::spanned::{Pairs, Spanned, Text, TextOr};
use super::super::validate::addresses;
use super::super::validate::checker::Checker;
use super::pointer::is_pointer;
use crate::secret::Secret;
use crate::units::Duration;

const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

maps! {
    Probe {
        url: Text,
        status: Text,
        json: Spanned<Pairs<String>>,
        timeout: Text,
    }
}

/// What an address must answer.
#[derive(Debug, Clone)]
pub struct ProbeAsk {
    /// The address; may carry user info, so never print it: see `shown_url`.
    pub url: Secret,
    /// Without user info and query.
    pub shown_url: String,
    /// The HTTP status.
    pub status: u16,
    /// JSON pointer and the value it must have, as written.
    pub json: Vec<(String, String)>,
    /// Within this time.
    pub timeout: Duration,
}

impl ProbeAsk {
    /// What is required of the answer, in the words of the format.
    pub(super) fn in_words(&self) -> String {
        let json = self.json.iter();
        let json = json.map(|(place, is)| format!(", json {place} {is}"));
        format!("status {}{}", self.status, json.collect::<String>())
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
    let url = url.and_then(|text| addresses::probe_url(checker, text));
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
