//! `records:` and `ledger:`. Must not contact a place, read a file that is named, nor fill in the environment: that is done when
//! the place is opened, since people who answer have not what sources need.

use std::path::PathBuf;

use super::super::document::{self, Document};
use super::super::environment::filled;
use super::super::parts::checker::Checker;
use super::super::parts::given::{self, Given};
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{Spanned, Text, TextOr};
use super::super::{AzurePlace, Credential, GcsPlace, GitPlace, Records, RecordsPlace, S3Place};

/// The keys that are read here.
pub(in crate::plan) const KEYS: [&str; 2] = ["records", "ledger"];

const WHAT: &str = "`records`";
const KINDS: &str = "one of git, s3, gcs, azure, path";

/// Reads both.
pub(super) fn read(checker: &mut Checker<'_>, document: &Document) -> Records {
    let place = document.records.as_ref();
    let required = document.ledger.as_ref();
    let words = [("required", true), ("optional", false)];
    let required = required.and_then(|word| checker.word(word, "what `ledger` can be", &words));
    Records {
        place: place.and_then(|written| self::place(checker, written)),
        is_ledger_required: required.unwrap_or_default(),
    }
}

fn place(
    checker: &mut Checker<'_>,
    written: &Spanned<TextOr<document::Records>>,
) -> Option<RecordsPlace> {
    let map = match &written.value {
        TextOr::Text(word) => {
            let word = written.with(word.clone());
            let words = [("git", ())];
            checker.word(&word, "a place for records that needs no settings", &words)?;
            return Some(RecordsPlace::Git(GitPlace::default()));
        }
        TextOr::Map(map) => map,
    };
    let document::Records {
        path,
        git,
        s3,
        gcs,
        azure,
    } = map;
    let mut found: Vec<(Span, Option<RecordsPlace>)> = Vec::new();
    if let Some(path) = path {
        let place = text(checker, path).map(RecordsPlace::Folder);
        found.push((path.span.clone(), place));
    }
    if let Some(one) = git {
        found.push((one.span.clone(), self::git(checker, &one.value)));
    }
    if let Some(one) = s3 {
        found.push((one.span.clone(), self::s3(checker, one)));
    }
    if let Some(one) = gcs {
        found.push((one.span.clone(), self::gcs(checker, one)));
    }
    if let Some(one) = azure {
        found.push((one.span.clone(), self::azure(checker, one)));
    }
    match found.as_slice() {
        [] => {
            let message = format!("{WHAT} says no place");
            let problem = Problem::error(ProblemCode::MissingKey, written.span.clone(), message);
            checker.report(problem.help(KINDS));
            None
        }
        [(first, _), (second, _), ..] => {
            let message = format!("{WHAT} says two places");
            let problem = Problem::error(ProblemCode::ConflictingKeys, second.clone(), message);
            checker.report(
                problem
                    .related(first.clone(), "the other")
                    .help("keep one of them"),
            );
            None
        }
        [_] => found.pop()?.1,
    }
}

fn git(checker: &mut Checker<'_>, written: &document::RecordsGit) -> Option<RecordsPlace> {
    let GitPlace { remote, branch } = GitPlace::default();
    let branch = match &written.branch {
        Some(text) => branch_name(checker, text)?,
        None => branch,
    };
    let remote = match &written.remote {
        Some(text) => self::text(checker, text)?,
        None => remote,
    };
    Some(RecordsPlace::Git(GitPlace { remote, branch }))
}

/// What `git check-ref-format --branch` takes, without what nobody means; a name that begins with a dash would be an option.
fn branch_name(checker: &mut Checker<'_>, written: &Text) -> Option<String> {
    let name = text(checker, written)?;
    let odd = |c: char| c.is_whitespace() || "~^:?*[\\".contains(c);
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.to_ascii_lowercase().ends_with(".lock")
    };
    let is_name = !name.starts_with('-')
        && !name.contains(odd)
        && !name.contains("..")
        && !name.contains("@{")
        && name != "@"
        && name.split('/').all(is_part);
    if !is_name {
        let message = format!("`{name}` is not the name of a branch");
        let problem = Problem::error(ProblemCode::BadName, written.span.clone(), message);
        checker.report(problem.help("such as `gate-records`"));
        return None;
    }
    Some(name)
}

fn s3(checker: &mut Checker<'_>, written: &Spanned<document::RecordsS3>) -> Option<RecordsPlace> {
    let map = &written.value;
    let access = credential(
        checker,
        map.access_key.as_ref(),
        map.access_key_file.as_ref(),
    );
    let secret = credential(
        checker,
        map.secret_key.as_ref(),
        map.secret_key_file.as_ref(),
    );
    if access.is_some() != secret.is_some() {
        let message = "an access key needs its secret key, and a secret key its access key";
        checker.error(ProblemCode::MissingKey, &written.span, message);
    }
    Some(RecordsPlace::S3(S3Place {
        bucket: needed(checker, map.bucket.as_ref(), "bucket", &written.span)?,
        prefix: prefix(checker, map.prefix.as_ref()),
        region: optional(checker, map.region.as_ref()),
        endpoint: optional(checker, map.endpoint.as_ref()),
        access_key: access,
        secret_key: secret,
    }))
}

fn gcs(checker: &mut Checker<'_>, written: &Spanned<document::RecordsGcs>) -> Option<RecordsPlace> {
    let map = &written.value;
    let account = (
        map.service_account.as_ref(),
        map.service_account_file.as_ref(),
    );
    Some(RecordsPlace::Gcs(GcsPlace {
        bucket: needed(checker, map.bucket.as_ref(), "bucket", &written.span)?,
        prefix: prefix(checker, map.prefix.as_ref()),
        endpoint: optional(checker, map.endpoint.as_ref()),
        service_account: credential(checker, account.0, account.1),
    }))
}

fn azure(
    checker: &mut Checker<'_>,
    written: &Spanned<document::RecordsAzure>,
) -> Option<RecordsPlace> {
    let map = &written.value;
    let account = needed(checker, map.account.as_ref(), "account", &written.span);
    let container = needed(checker, map.container.as_ref(), "container", &written.span);
    Some(RecordsPlace::Azure(AzurePlace {
        account: account?,
        container: container?,
        prefix: prefix(checker, map.prefix.as_ref()),
        endpoint: optional(checker, map.endpoint.as_ref()),
        access_key: credential(
            checker,
            map.access_key.as_ref(),
            map.access_key_file.as_ref(),
        ),
    }))
}

/// A setting on one line, whose placeholders can be filled in.
fn text(checker: &mut Checker<'_>, written: &Text) -> Option<String> {
    let text = checker.name(written, "the value")?;
    if filled(&text, &|_| Some("x".to_owned())).is_none() {
        let message = "`${` must be part of `${NAME}` or `${NAME:-default}`";
        checker.error(ProblemCode::BadPlaceholder, &written.span, message);
        return None;
    }
    Some(text)
}

fn optional(checker: &mut Checker<'_>, written: Option<&Text>) -> Option<String> {
    written.and_then(|written| text(checker, written))
}

fn needed(
    checker: &mut Checker<'_>,
    written: Option<&Text>,
    key: &str,
    at: &Span,
) -> Option<String> {
    let written = checker.required(written, key, at, WHAT)?;
    text(checker, written)
}

/// Without slashes around it: a name never has two in a row.
fn prefix(checker: &mut Checker<'_>, written: Option<&Text>) -> Option<String> {
    let prefix = optional(checker, written)?;
    let plain = prefix.trim_matches('/');
    if plain.split('/').any(|part| ["", ".", ".."].contains(&part)) {
        let at = &written?.span;
        checker.error(ProblemCode::BadName, at, "this is no beginning of names");
        return None;
    }
    Some(plain.to_owned())
}

fn credential(
    checker: &mut Checker<'_>,
    inline: Option<&Text>,
    file: Option<&Text>,
) -> Option<Credential> {
    match given::either(checker, inline, file)? {
        Given::Value(inline) => checker.filled(inline).map(Credential::Written),
        Given::File(file) => text(checker, file).map(|file| Credential::File(PathBuf::from(file))),
    }
}
