//! `source:` and `sources:`, with `--source` and the environment. Must not contact anything.

use super::super::document::{self, Document};
use super::super::environment::without_user_info;
use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::{Spanned, Text, TextOr};
use super::super::{Compression, HttpConfig, Source};
use super::addresses::{address, check_url, setting, url_help};
use super::checker::Checker;
use super::http_config;
use crate::secret::Secret;
use crate::units::Duration;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_CONCURRENCY: usize = 8;
/// More connections than this to one server are an attack, not a check.
const MAX_CONCURRENCY: u64 = 256;
const DEFAULT_MAX_ANSWER: u64 = 256 << 20;

/// Reads the sources, and the names of all of them, including those that cannot be used.
pub(super) fn read(checker: &mut Checker<'_>, document: &Document) -> (Vec<Source>, Vec<String>) {
    let mut written: Vec<(String, &Spanned<TextOr<document::Source>>)> = Vec::new();
    written.extend(
        document
            .source
            .iter()
            .map(|source| ("default".to_owned(), source)),
    );
    for (name, source) in document.sources.iter().flat_map(|all| all.value.0.iter()) {
        checker.name(name, "the source");
        written.push((name.value.clone(), source));
    }
    if let (Some(_), Some(sources)) = (&document.source, &document.sources) {
        let message = "a plan has `source` or `sources`, not both";
        checker.error(ProblemCode::ConflictingKeys, &sources.span, message);
    }
    let override_url = override_url(checker, written.len());
    if let (Some(url), true) = (&override_url, written.is_empty()) {
        let name = "default".to_owned();
        return (vec![plain(name.clone(), url)], vec![name]);
    }
    let names = written.iter().map(|(name, _)| name.clone()).collect();
    let sources = written
        .into_iter()
        .filter_map(|(name, source)| one(checker, name, source, override_url.as_deref()))
        .collect();
    (sources, names)
}

/// The address of `--source`, if it can be used.
fn override_url(checker: &mut Checker<'_>, sources: usize) -> Option<String> {
    let url = checker.options.source_url?;
    if sources > 1 {
        let message = format!("`--source` replaces a single source, but the plan has {sources}");
        checker.report(Problem::placeless(ProblemCode::SourceOverride, message));
        return None;
    }
    if let Err(reason) = check_url(url) {
        let message = format!("`--source` is not the address of a server: {reason}");
        checker.report(Problem::placeless(ProblemCode::BadUrl, message).help(url_help(url)));
        return None;
    }
    Some(url.to_owned())
}

fn plain(name: String, url: &str) -> Source {
    Source {
        name,
        url: Secret::new(url.to_owned()),
        shown_url: without_user_info(url),
        http: HttpConfig::default(),
        timeout: DEFAULT_TIMEOUT,
        concurrency: DEFAULT_CONCURRENCY,
        allow_warnings: false,
        compression: Compression::Auto,
        max_answer_bytes: DEFAULT_MAX_ANSWER,
    }
}

fn one(
    checker: &mut Checker<'_>,
    name: String,
    source: &Spanned<TextOr<document::Source>>,
    override_url: Option<&str>,
) -> Option<Source> {
    let bare = document::Source::default();
    let (written, url) = match &source.value {
        TextOr::Text(url) => (&bare, Some(source.with(url.clone()))),
        TextOr::Map(written) => (written, written.url.clone()),
    };
    let url = if let Some(url) = override_url {
        Some(url.to_owned())
    } else {
        let url = checker.required(url.as_ref(), "url", &source.span, "a source");
        url.and_then(|url| address(checker, url))
    };
    let settings = settings(checker, written);
    let http = http_config::beside(checker, written.http_config.as_ref(), url.as_deref());
    let url = url?;
    Some(Source {
        name,
        shown_url: without_user_info(&url),
        url: Secret::new(url),
        http,
        ..settings
    })
}

/// Everything except the address and `http_config`.
fn settings(checker: &mut Checker<'_>, written: &document::Source) -> Source {
    let mut source = plain(String::new(), "");
    if let Some(timeout) = &written.timeout {
        let timeout = setting(checker, timeout, |checker, text| {
            checker.positive(text, "timeout")
        });
        source.timeout = timeout.unwrap_or(source.timeout);
    }
    if let Some(concurrency) = &written.concurrency {
        let count = setting(checker, concurrency, self::concurrency);
        source.concurrency = count.unwrap_or(source.concurrency);
    }
    if let Some(warnings) = &written.warnings {
        let words = [("allow", true), ("refuse", false)];
        let allow = setting(checker, warnings, |checker, text| {
            checker.word(text, "a way to treat warnings", &words)
        });
        source.allow_warnings = allow.unwrap_or_default();
    }
    if let Some(compression) = &written.compression {
        let words = [
            ("auto", Compression::Auto),
            ("gzip", Compression::Gzip),
            ("none", Compression::None),
        ];
        let chosen = setting(checker, compression, |checker, text| {
            checker.word(text, "a compression", &words)
        });
        source.compression = chosen.unwrap_or_default();
    }
    if let Some(most) = &written.max_answer {
        let bytes = setting(checker, most, size);
        source.max_answer_bytes = bytes.unwrap_or(source.max_answer_bytes);
    }
    source
}

fn concurrency(checker: &mut Checker<'_>, text: &Text) -> Option<usize> {
    let count = checker.count(text, 1)?;
    if count > MAX_CONCURRENCY {
        let message = format!("{count} queries at a time are too many: at most {MAX_CONCURRENCY}");
        checker.error(ProblemCode::BadNumber, &text.span, message);
        return None;
    }
    usize::try_from(count).ok()
}

/// `256MiB` in bytes.
fn size(checker: &mut Checker<'_>, text: &Text) -> Option<u64> {
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("B", 0)];
    let parsed = units.into_iter().find_map(|(unit, shift)| {
        let number = text.value.strip_suffix(unit)?.trim_end();
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        let count: u64 = number.parse().ok().filter(|count| digits && *count > 0)?;
        count.checked_mul(1 << shift)
    });
    if parsed.is_none() {
        let message = format!("`{}` is not a size", text.value);
        let problem = Problem::error(ProblemCode::BadNumber, text.span.clone(), message);
        checker.report(problem.help("write a whole number with its unit, such as `256MiB`"));
    }
    parsed
}
