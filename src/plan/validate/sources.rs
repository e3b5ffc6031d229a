//! `source:` and `sources:`, with `--source` and the environment. Must not contact anything.

use url::Url;

use super::super::document::{self, Document};
use super::super::environment::has_placeholder;
use super::super::parts::addresses::{check_url, setting, url_help};
use super::super::parts::checker::Checker;
use super::super::parts::http_config;
use super::super::places::shown;
use super::super::problem::{Problem, ProblemCode};
use super::super::spanned::{Spanned, Text, TextOr};
use super::super::{Compression, HttpConfig, Method, Source};
use super::params;
use crate::secret::Secret;
use crate::secret::address::{has_at_behind_host, without_user_info};
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
        checker.report(Problem::of_command_line(
            ProblemCode::SourceOverride,
            message,
        ));
        return None;
    }
    if let Some((_, "http" | "https")) = url
        .split_once("://")
        .and_then(|(start, _)| start.split_once('='))
    {
        let message = "`--source` takes an address without a name before it";
        let help = "leave out what is before `http`: it replaces the only source of the plan";
        checker.report(Problem::of_command_line(ProblemCode::BadUrl, message).help(help));
        return None;
    }
    if let Err(Misfit { message, help }) = check_source(url) {
        let message = format!("`--source`: {message}");
        checker.report(Problem::of_command_line(ProblemCode::BadUrl, message).help(help));
        return None;
    }
    Some(url.to_owned())
}

fn plain(name: String, url: &str) -> Source {
    Source {
        name,
        url: Secret::new(url.to_owned()),
        shown_url: without_user_info(url),
        written_url: None,
        http: HttpConfig::default(),
        timeout: DEFAULT_TIMEOUT,
        concurrency: DEFAULT_CONCURRENCY,
        allow_partial: false,
        compression: Compression::Auto,
        max_answer_bytes: DEFAULT_MAX_ANSWER,
        lookback: None,
        delay: Duration::ZERO,
        params: Vec::new(),
        method: Method::Auto,
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
    let as_written = url.as_ref().map(|url| shown(&url.value));
    let url = if let Some(url) = override_url {
        Some(url.to_owned())
    } else {
        let url = checker.required(url.as_ref(), "url", &source.span, "a source");
        url.and_then(|url| source_address(checker, url))
    };
    let settings = settings(checker, written);
    let http = http_config::beside(checker, written.http_config.as_ref(), url.as_deref());
    let url = url?;
    Some(Source {
        name,
        shown_url: without_user_info(&url),
        url: Secret::new(url),
        written_url: as_written,
        http,
        ..settings
    })
}

/// Everything except the address and `http_config`.
fn settings(checker: &mut Checker<'_>, written: &document::Source) -> Source {
    let mut source = plain(String::new(), "");
    positive(
        checker,
        written.timeout.as_ref(),
        "timeout",
        &mut source.timeout,
    );
    positive(checker, written.delay.as_ref(), "delay", &mut source.delay);
    let mut lookback = Duration::ZERO;
    positive(
        checker,
        written.lookback.as_ref(),
        "lookback",
        &mut lookback,
    );
    source.lookback = (lookback > Duration::ZERO).then_some(lookback);
    if let Some(concurrency) = &written.concurrency {
        let count = setting(checker, concurrency, self::concurrency);
        source.concurrency = count.unwrap_or(source.concurrency);
    }
    let words = [("allow", true), ("refuse", false)];
    let (partial, allow) = (written.partial.as_ref(), &mut source.allow_partial);
    word(
        checker,
        partial,
        "a way to take partial answers",
        &words,
        allow,
    );
    let words = [
        ("auto", Compression::Auto),
        ("gzip", Compression::Gzip),
        ("none", Compression::None),
    ];
    let (compression, chosen) = (written.compression.as_ref(), &mut source.compression);
    word(checker, compression, "a compression", &words, chosen);
    let words = Method::ALL.map(|method| (method.word(), method));
    let (method, chosen) = (written.method.as_ref(), &mut source.method);
    word(checker, method, "a method", &words, chosen);
    if let Some(most) = &written.max_answer {
        let bytes = setting(checker, most, size);
        source.max_answer_bytes = bytes.unwrap_or(source.max_answer_bytes);
    }
    source.params = params::read(checker, written.params.as_ref());
    source
}

/// A duration over zero, where one is written.
fn positive(checker: &mut Checker<'_>, text: Option<&Text>, key: &str, to: &mut Duration) {
    if let Some(text) = text {
        let read = setting(checker, text, |checker, text| checker.positive(text, key));
        *to = read.unwrap_or(*to);
    }
}

/// One of a few words, where one is written.
fn word<T: Copy>(
    checker: &mut Checker<'_>,
    text: Option<&Text>,
    what: &str,
    words: &[(&str, T)],
    to: &mut T,
) {
    if let Some(text) = text {
        let read = setting(checker, text, |checker, text| {
            checker.word(text, what, words)
        });
        *to = read.unwrap_or(*to);
    }
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

/// The address of a source. Without an environment, placeholders stay as written.
fn source_address(checker: &mut Checker<'_>, text: &Text) -> Option<String> {
    if has_placeholder(&text.value) && checker.options.environment.is_none() {
        return Some(text.value.clone());
    }
    setting(checker, text, |checker, text| {
        let misfit = match check_source(&text.value) {
            Ok(()) => return Some(text.value.clone()),
            Err(misfit) => misfit,
        };
        let problem = Problem::error(ProblemCode::BadUrl, text.span.clone(), misfit.message);
        checker.report(problem.help(misfit.help));
        None
    })
}

/// Why an address is not one of a source, and what to do.
struct Misfit {
    message: String,
    help: &'static str,
}

/// What people copy from a browser or another tool, and what `gate` adds itself.
const PATHS_TOO_MANY: [&str; 5] = [
    "/api/v1",
    "/api/v1/query",
    "/api/v1/query_range",
    "/graph",
    "/query",
];

/// Must not repeat the text, which may hold a password.
fn check_source(text: &str) -> Result<(), Misfit> {
    let parsed = Url::parse(text).ok();
    let is_address = |url: &Url| url.host_str().is_some() && !has_at_behind_host(text);
    if let Some(url) = parsed.filter(is_address) {
        let path = url.path().trim_end_matches('/');
        let too_many = PATHS_TOO_MANY.iter().find(|end| path.ends_with(*end));
        if let Some(end) = too_many {
            return Err(Misfit {
                message: format!("`{end}` is one path too many in the address of a source"),
                help: "leave it out: `gate` adds `/api/v1/query` and `/api/v1/query_range` itself",
            });
        }
        if url.query().is_some() {
            return Err(Misfit {
                message: "a `?` cannot be part of the address of a source".to_owned(),
                help: "write what follows it under `params`, such as `params: { tenant: \"7\" }`: it is sent with every question",
            });
        }
    }
    check_url(text).map_err(|reason| Misfit {
        message: format!("not the address of a server: {reason}"),
        help: url_help(text),
    })
}
