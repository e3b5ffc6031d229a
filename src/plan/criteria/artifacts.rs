//! `artifacts`: one criterion for each file. Must not open any.

use super::super::PlainCondition;
use super::super::maps::maps;
use super::super::parts::checker::Checker;
use super::super::problem::Span;
use super::super::spanned::{Pairs, Spanned, Text, TextOr};
use super::pointer::is_pointer;
use crate::units::Duration;

/// What stands for the stage's name in a path, behind a dollar.
const STAGE: &str = "stage";

const SARIF_LEVELS: [&str; 4] = ["error", "warning", "note", "none"];

maps! {
    Artifact {
        path: Text,
        max_age: Text,
        sha256: Text,
        junit: Spanned<Junit>,
        sarif: Spanned<Sarif>,
        json: Spanned<Pairs<String>>,
    }

    Junit { failures: Text, min_tests: Text, }

    Sarif { max: Pairs<String>, }
}

/// What a file must be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArtifactAsk {
    /// Relative to the plan's folder.
    pub path: String,
    /// No older than this.
    pub max_age: Option<Duration>,
    /// 64 lower-case hex digits.
    pub sha256: Option<String>,
    /// JUnit results: the most failures, the fewest tests.
    pub junit: Option<(Option<u64>, Option<u64>)>,
    /// SARIF results: a level, and how many of it are allowed.
    pub sarif: Vec<(String, u64)>,
    /// JSON pointer and what its value must satisfy.
    pub json: Vec<(String, PlainCondition)>,
}

impl ArtifactAsk {
    /// What is required of the file, in the words of the format.
    pub(super) fn in_words(&self) -> String {
        let max_age = self.max_age.map(|age| format!("max_age {age}"));
        let digest = self
            .sha256
            .as_ref()
            .map(|digest| format!("sha256 {digest}"));
        let any =
            |number: Option<u64>| number.map_or("any".to_owned(), |number| number.to_string());
        let junit = self.junit.map(|(failures, tests)| {
            let (failures, tests) = (any(failures), any(tests));
            format!("junit failures {failures}, min_tests {tests}")
        });
        let sarif = self.sarif.iter();
        let sarif = sarif.map(|(level, most)| format!("sarif {level} {most}"));
        let json = self.json.iter().map(|(place, is)| {
            format!("json {place} {} {}", is.comparison.symbol(), is.bound.get())
        });
        let all = max_age.into_iter().chain(digest).chain(junit);
        let all: Vec<String> = all.chain(sarif).chain(json).collect();
        if all.is_empty() {
            return "there".to_owned();
        }
        all.join(", ")
    }
}

/// One criterion for each file.
pub(super) fn read(
    checker: &mut Checker<'_>,
    stage: &str,
    written: &[Spanned<TextOr<Artifact>>],
) -> Vec<(ArtifactAsk, Span)> {
    let mut asks = Vec::new();
    for artifact in written {
        if let Some(ask) = self::artifact(checker, artifact) {
            let path = of_stage(&ask.path, stage);
            asks.push((ArtifactAsk { path, ..ask }, artifact.span.clone()));
        }
    }
    asks
}

/// The path with the stage's name in the place of `$stage` and `${stage}`; `$$` is a dollar, and any other is left alone.
fn of_stage(path: &str, stage: &str) -> String {
    let (mut filled, mut rest) = (String::new(), path);
    while let Some((before, behind)) = rest.split_once('$') {
        let (text, left) = stands_for(behind, stage);
        filled.extend([before, text]);
        rest = left;
    }
    filled + rest
}

/// What a dollar stands for together with what follows it, and what is left.
fn stands_for<'t>(behind: &'t str, stage: &'t str) -> (&'t str, &'t str) {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let bare = behind.strip_prefix(STAGE);
    let bare = bare.filter(|left| !left.starts_with(goes_on));
    let braced = || {
        behind
            .strip_prefix('{')?
            .strip_prefix(STAGE)?
            .strip_prefix('}')
    };
    if let Some(left) = behind.strip_prefix('$') {
        return ("$", left);
    }
    bare.or_else(braced)
        .map_or(("$", behind), |left| (stage, left))
}

fn artifact(checker: &mut Checker<'_>, written: &Spanned<TextOr<Artifact>>) -> Option<ArtifactAsk> {
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
        sha256: map.sha256.as_ref().and_then(|text| checker.digest(text)),
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

fn sarif(checker: &mut Checker<'_>, written: &Spanned<Sarif>) -> Vec<(String, u64)> {
    let pairs = checker.required(written.value.max.as_ref(), "max", &written.span, "`sarif`");
    let levels = SARIF_LEVELS.map(|level| (level, ()));
    let mut most = Vec::new();
    for (level, count) in pairs.map_or(&[][..], |pairs| pairs.0.as_slice()) {
        checker.word(level, "a SARIF level", &levels);
        if let Some(count) = checker.count(count, 0) {
            most.push((level.value.clone(), count));
        }
    }
    most
}

fn conditions(checker: &mut Checker<'_>, pairs: &Pairs<String>) -> Vec<(String, PlainCondition)> {
    let mut conditions = Vec::new();
    for (pointer, condition) in &pairs.0 {
        let is_pointer = is_pointer(checker, pointer);
        if let (true, Some(condition)) = (is_pointer, checker.plain_condition(condition)) {
            conditions.push((pointer.value.clone(), condition));
        }
    }
    conditions
}
