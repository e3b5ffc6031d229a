//! `notify:`. Must not tell anybody, nor show an address: only its host is for people.

use super::super::document::{self, Document};
use super::super::model::Hook;
use super::super::parts::addresses::probe_address;
use super::super::parts::checker::Checker;
use super::super::parts::http_config;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{OneOrMany, Spanned, Text};
use super::super::{Receiver, Recipient, ToldOf};
use crate::units::Duration;

/// The key that is read here.
pub(in crate::plan) const KEY: &str = "notify";

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const KINDS: &str = "one of slack, webhook, exec";

/// Reads the receivers.
pub(super) fn read(checker: &mut Checker<'_>, document: &Document) -> Vec<Receiver> {
    let written = document.notify.iter().flat_map(|all| &all.value);
    written.filter_map(|entry| one(checker, entry)).collect()
}

fn one(checker: &mut Checker<'_>, entry: &Spanned<document::Notify>) -> Option<Receiver> {
    let written = &entry.value;
    let timeout = written.timeout.as_ref();
    let timeout = timeout.map(|text| checker.positive(text, "timeout"));
    let on = match &written.on {
        Some(on) => told_of(checker, on),
        None => vec![ToldOf::Change],
    };
    let to = recipient(checker, entry);
    Some(Receiver {
        to: to?,
        on,
        timeout: timeout.unwrap_or(Some(DEFAULT_TIMEOUT))?,
    })
}

fn told_of(checker: &mut Checker<'_>, written: &Spanned<OneOrMany>) -> Vec<ToldOf> {
    let words = ToldOf::ALL.map(|event| (event.word(), event));
    let texts = checker.names_of(written, "the event");
    let events = texts.iter();
    events
        .filter_map(|text| checker.word(text, "an event", &words))
        .collect()
}

/// Exactly one kind.
fn recipient(checker: &mut Checker<'_>, entry: &Spanned<document::Notify>) -> Option<Recipient> {
    let written = &entry.value;
    let kinds = [
        written.slack.as_ref().map(|text| &text.span),
        written.webhook.as_ref().map(|text| &text.span),
        written.exec.as_ref().map(|words| &words.span),
    ];
    let kinds: Vec<&Span> = kinds.into_iter().flatten().collect();
    match kinds.as_slice() {
        [_] => {}
        [] => {
            let message = "an entry of `notify` says nobody to tell";
            let problem = Problem::error(ProblemCode::MissingKey, entry.span.clone(), message);
            checker.report(problem.help(KINDS));
            return None;
        }
        [first, second, ..] => {
            let message = "an entry of `notify` tells one receiver, not two";
            let problem = Problem::error(ProblemCode::ConflictingKeys, (*second).clone(), message);
            let problem = problem.related((*first).clone(), "the other");
            checker.report(problem.help("give each an entry of its own"));
            return None;
        }
    }
    if let Some(words) = &written.exec {
        if let Some(config) = &written.http_config {
            let message = "`http_config` beside `exec`: nothing is sent over HTTP";
            checker.error(ProblemCode::MisplacedKey, &config.span, message);
        }
        return program(checker, &words.value);
    }
    match (&written.slack, &written.webhook) {
        (Some(address), _) => hook(checker, written, address).map(Recipient::Slack),
        (None, Some(address)) => hook(checker, written, address).map(Recipient::Webhook),
        (None, None) => None,
    }
}

fn hook(checker: &mut Checker<'_>, written: &document::Notify, address: &Text) -> Option<Hook> {
    let url = probe_address(checker, address);
    let http = http_config::beside(checker, written.http_config.as_ref(), url.as_deref());
    Some(Hook {
        url: crate::secret::Secret::new(url?),
        http,
    })
}

/// A program and its arguments; an argument may be empty, the program may not.
fn program(checker: &mut Checker<'_>, words: &[Text]) -> Option<Recipient> {
    checker.filled(words.first()?)?;
    let words = words.iter().map(|word| word.value.clone());
    Some(Recipient::Exec(words.collect()))
}
