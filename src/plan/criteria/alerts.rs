//! `no_alerts`, and `alerts` in stop: selectors, who is asked, and whose rules show that they could fire.
//!
//! Must not ask anybody.

use super::super::HttpConfig;
use super::super::maps::maps;
use super::super::parts::addresses;
use super::super::parts::checker::Checker;
use super::super::parts::http_config::{self, written};
use super::super::parts::look::Look;
use super::super::parts::queries::{Filler, Place};
use super::super::parts::steps::default_step;
use super::super::parts::templates::templated;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{ListOr, OneOrMany, Spanned, Text, TextOr};
use super::super::{Selector, Source, selector};
use super::definitions::Definitions;
use crate::secret::Secret;
use crate::secret::address::without_user_info;
use crate::units::Duration;

maps! {
    Alerts {
        firing: Spanned<OneOrMany>,
        source: Spanned<TextOr<Alertmanager>>,
        silenced: Text,
    }

    #[expect(clippy::struct_field_names, reason = "the plan's key for its address")]
    Alertmanager {
        alertmanager: Text,
        rules: Text,
        http_config: Box<Spanned<written::HttpConfig>>,
    }
}

/// Which alerts count.
#[derive(Debug, Clone)]
pub struct AlertsAsk {
    /// Selectors such as `{severity="sev1"}`; at least one.
    pub firing: Vec<Selector>,
    /// Who is asked which alerts fire.
    pub source: AlertsSource,
    /// The source of the plan whose rules show that the alerts could fire, by name; `None` where the plan has no source.
    pub rules: Option<String>,
    /// The interval between the points at which it is asked over a window.
    pub step: Duration,
    /// How late samples of the source may come: spans end that long before T. Zero with an Alertmanager.
    pub delay: Duration,
    /// Whether silenced and inhibited alerts count; only an Alertmanager knows them. They do by default.
    pub silenced: Option<bool>,
}

/// Who is asked which alerts fire.
#[derive(Debug, Clone)]
pub enum AlertsSource {
    /// A source of the plan, by name.
    Source(String),
    /// An Alertmanager.
    Alertmanager(Box<AlertmanagerAsk>),
}

/// An Alertmanager, and how to speak to it.
#[derive(Debug, Clone)]
pub struct AlertmanagerAsk {
    /// Its address.
    pub url: Secret,
    /// As written, `${…}` included, without user info: the same whatever the environment holds.
    pub shown_url: String,
    /// How to speak to it.
    pub http: HttpConfig,
    /// Whether the plan gives settings or credentials for it here: they may show other alerts than its address alone.
    pub own_settings: bool,
}

impl AlertsAsk {
    /// Which count, in the words of the format.
    pub(super) fn in_words(&self) -> String {
        let firing: Vec<&str> = self.firing.iter().map(|one| one.text.as_str()).collect();
        let (source, rules) = match &self.source {
            AlertsSource::Source(name) => (name, None),
            AlertsSource::Alertmanager(manager) => (&manager.shown_url, self.rules.as_ref()),
        };
        let rules = rules.map_or(String::new(), |rules| format!(" with the rules of {rules}"));
        let silenced = match self.silenced {
            Some(false) => ", silenced ones aside",
            Some(true) | None => "",
        };
        format!("{} at {source}{rules}{silenced}", firing.join(" or "))
    }
}

/// One criterion for the selectors together.
pub(super) fn read(
    checker: &mut Checker<'_>,
    plan: &Definitions<'_>,
    place: &Place<'_>,
    written: &Spanned<ListOr<Alerts>>,
) -> Option<(AlertsAsk, Span)> {
    let known = plan.source_names;
    let (firing, map) = match &written.value {
        ListOr::List(firing) => (firing.clone(), None),
        ListOr::Map(map) => {
            let firing = checker.required(map.firing.as_ref(), "firing", &written.span, "`alerts`");
            (firing.map(Spanned::texts).unwrap_or_default(), Some(map))
        }
    };
    let firing: Vec<Option<Selector>> = firing
        .iter()
        .map(|text| selected(checker, place, text))
        .collect();
    let asked = map.and_then(|map| map.source.as_ref());
    let asked = asked.map(|source| self::source(checker, known, source));
    let silenced = map.and_then(|map| map.silenced.as_ref());
    let silenced = silenced.and_then(|text| self::silenced(checker, asked.as_ref(), text));
    let asked = match (asked, known.first()) {
        (Some(asked), _) => asked,
        (None, Some(first)) => Some((AlertsSource::Source(first.clone()), Some(first.clone()))),
        (None, None) => {
            let message = "alerts need a `source` that can be asked for them";
            checker.error(ProblemCode::SourceMissing, &written.span, message);
            None
        }
    };
    let firing: Option<Vec<Selector>> = firing.into_iter().collect();
    let ask = firing
        .zip(asked)
        .map(|(firing, (source, rules))| AlertsAsk {
            firing,
            delay: match &source {
                AlertsSource::Source(name) => {
                    Source::named(plan.sources, name).map_or(Duration::ZERO, |source| source.delay)
                }
                AlertsSource::Alertmanager(_) => Duration::ZERO,
            },
            source,
            rules,
            step: default_step(place.window.unwrap_or(Duration::ZERO), None),
            silenced,
        });
    Some((ask?, written.span.clone()))
}

/// A selector, its variables filled in.
fn selected(checker: &mut Checker<'_>, place: &Place<'_>, text: &Text) -> Option<Selector> {
    if !text.value.trim().starts_with('{') {
        bad(checker, text, "it must be in braces");
        return None;
    }
    let template = templated(checker, text)?;
    let filler = Filler {
        scope: place.scope,
        step: Duration::from_secs(15),
        stage: place.stage,
    };
    let query = filler.query(checker, &template, &Look::at_alerts())?;
    let [asked] = query.pieces.as_slice() else {
        bad(checker, text, "`$window` cannot be the value of a label");
        return None;
    };
    match selector::parse(asked) {
        Ok(selector) => Some(selector),
        Err(reason) => {
            bad(checker, text, &reason);
            None
        }
    }
}

fn bad(checker: &mut Checker<'_>, text: &Text, reason: &str) {
    let message = format!("`{}` is not an alert selector: {reason}", text.value);
    checker.report(
        Problem::error(ProblemCode::BadSelector, text.span.clone(), message)
            .help("such as `{severity=\"sev1\"}` or `{severity=~\"sev1|sev2\"}`"),
    );
}

/// Who is asked, and whose rules are; `None` where that is unclear.
type AlertsOrigin = Option<(AlertsSource, Option<String>)>;

fn source(
    checker: &mut Checker<'_>,
    known: &[String],
    written: &Spanned<TextOr<Alertmanager>>,
) -> AlertsOrigin {
    match &written.value {
        TextOr::Text(name) => {
            let name = name_of(checker, known, &written.with(name.clone()))?;
            Some((AlertsSource::Source(name.clone()), Some(name)))
        }
        TextOr::Map(map) => alertmanager(checker, known, written, map),
    }
}

fn name_of(checker: &mut Checker<'_>, known: &[String], text: &Text) -> Option<String> {
    if known.contains(&text.value) {
        return Some(text.value.clone());
    }
    checker.unknown_reference(text, "source", known.iter().map(String::as_str));
    None
}

fn alertmanager(
    checker: &mut Checker<'_>,
    known: &[String],
    written: &Spanned<TextOr<Alertmanager>>,
    map: &Alertmanager,
) -> AlertsOrigin {
    let address = map.alertmanager.as_ref();
    let text = checker.required(address, "alertmanager", &written.span, "`source`");
    let url = text.and_then(|text| addresses::address(checker, text));
    let config = map.http_config.as_deref();
    let http = http_config::beside(checker, config, url.as_deref());
    let rules = match &map.rules {
        None => Some(known.first().cloned()),
        Some(text) => name_of(checker, known, text).map(Some),
    };
    let text = &text?.value;
    let shown_url = without_user_info(text);
    let asked = AlertmanagerAsk {
        url: Secret::new(url?),
        // Both are read off the text: the answers are found again in another environment.
        own_settings: config.is_some() || shown_url != *text,
        shown_url,
        http,
    };
    Some((AlertsSource::Alertmanager(Box::new(asked)), rules?))
}

fn silenced(checker: &mut Checker<'_>, asked: Option<&AlertsOrigin>, text: &Text) -> Option<bool> {
    // Whatever is unclear has been reported.
    let knows_silences =
        |asked: &AlertsOrigin| !matches!(asked, Some((AlertsSource::Source(_), _)));
    if !asked.is_some_and(knows_silences) {
        let message = "`silenced` means nothing without `source: { alertmanager: URL }`";
        checker.report(
            Problem::error(ProblemCode::ConflictingKeys, text.span.clone(), message)
                .help("only an Alertmanager knows silences"),
        );
    }
    checker.flag(text)
}

/// The settings as written, with credentials or without.
pub(super) fn http_configs(written: &ListOr<Alerts>) -> Vec<&written::HttpConfig> {
    let ListOr::Map(map) = written else {
        return Vec::new();
    };
    match map.source.as_ref().map(|source| &source.value) {
        Some(TextOr::Map(manager)) => {
            let config = manager.http_config.iter();
            config.map(|config| &config.value).collect()
        }
        Some(TextOr::Text(_)) | None => Vec::new(),
    }
}
