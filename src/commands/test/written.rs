//! A test as it is written: which answers, for which moment, what is expected. Must not judge.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};
use serde::Deserialize;
use serde_yaml::{Mapping, Value};

use crate::cli::Time;
use crate::commands::bounded;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::judging::job::{read_recorded, variables};
use crate::digest::sha256_hex;
use crate::evidence::Answers;
use crate::source::recorded::Recorded;
use crate::units::Instant;

/// Tests beyond this are refused.
const MAX_BYTES: u64 = 1024 * 1024;

/// A test.
#[derive(Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "a map with `answers` and `expect`"
)]
pub struct Test {
    /// Recorded answers, evidence that names some, or a folder with one of them; relative to the test.
    answers: Option<PathBuf>,
    /// T [default: that of the answers].
    at: Option<Value>,
    /// S [default: that of the answers].
    started: Option<Value>,
    /// `--var` [default: those of the answers].
    vars: Option<Mapping>,
    /// What is expected.
    pub expect: Mapping,
}

impl Test {
    /// Reads a test.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = bounded::read(path, MAX_BYTES).context("it cannot be read")?;
        let test: Self = serde_yaml::from_slice(&bytes)?;
        ensure!(
            test.answers.is_some(),
            "it has no `answers`: name the recorded answers of a check, relative to this file"
        );
        Ok(test)
    }

    /// Whether it sets variables.
    pub fn has_vars(&self) -> bool {
        self.vars.is_some()
    }

    /// Whether it judges the moment and the variables of its answers.
    pub fn is_as_recorded(&self) -> bool {
        self.at.is_none() && self.started.is_none() && self.vars.is_none()
    }

    /// Its answers, for its moment and variables, and their file.
    ///
    /// # Errors
    /// Answers that are missing or cannot be used, a moment or a variable that is none.
    pub fn recorded(&self, path: &Path) -> anyhow::Result<(PathBuf, Recorded)> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let named = self.answers.as_deref().unwrap_or(Path::new(""));
        let answers = answers(&folder.join(named))?;
        let mut recorded = read_recorded(&answers, false)?;
        let header = &mut recorded.header;
        if let Some(at) = &self.at {
            header.at = Some(moment(at, "at", None)?);
        }
        if let Some(started) = &self.started {
            header.started = Some(moment(started, "started", header.at)?);
        }
        if let Some(vars) = &self.vars {
            header.vars = variables(&assignments(vars)?);
        }
        Ok((answers, recorded))
    }
}

/// The file of answers that a path leads to.
fn answers(path: &Path) -> anyhow::Result<PathBuf> {
    let shown = path.display();
    if path.is_dir() {
        return in_folder(path);
    }
    let is_evidence = path.extension().is_some_and(|ending| ending == "json");
    let Some(evidence) = is_evidence.then(|| EvidenceFile::read(path).ok()).flatten() else {
        return Ok(path.to_owned());
    };
    let (name, sha256) = match &evidence.evidence.answers {
        Answers::Kept { path, sha256 } => (path, sha256),
        Answers::LeftOut(why) => bail!("the evidence {shown} has no answers: {why}"),
    };
    let answers = evidence.beside(name);
    let answers = answers.with_context(|| format!("the evidence {shown} names {name}"))?;
    let bytes = bounded::read(&answers, bounded::MAX_BYTES);
    let bytes = bytes.with_context(|| format!("the recorded answers {}", answers.display()))?;
    ensure!(
        sha256_hex(&[&bytes]) == *sha256,
        "{} are not the answers that the evidence {shown} names",
        answers.display()
    );
    Ok(answers)
}

/// The only answers in a folder.
fn in_folder(folder: &Path) -> anyhow::Result<PathBuf> {
    let shown = folder.display();
    let entries = std::fs::read_dir(folder).with_context(|| format!("the folder {shown}"))?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths =
        paths.map_err(|error: std::io::Error| anyhow!("the folder {shown}: {error}"))?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with("answers.json.gz")
    });
    match paths.as_slice() {
        [only] => Ok(only.clone()),
        several => bail!(
            "the folder {shown} has {} files of answers (*answers.json.gz): name one of them",
            several.len()
        ),
    }
}

/// RFC 3339 or Unix seconds; of a start also how long before the judged time.
fn moment(value: &Value, key: &str, before: Option<Instant>) -> anyhow::Result<Instant> {
    let text = scalar(value).with_context(|| format!("`{key}` is not a moment"))?;
    let time: Time = text.parse().map_err(|why| anyhow!("`{key}`: {why}"))?;
    match (time, before) {
        (Time::At(at), _) => Ok(at),
        (Time::Ago(_), Some(reference)) => Ok(time.before(reference)),
        (Time::Ago(_), None) => bail!("`{key}`: {text} is no fixed moment: write RFC 3339"),
    }
}

/// `NAME=VALUE`, a list as several.
fn assignments(vars: &Mapping) -> anyhow::Result<Vec<(String, String)>> {
    let mut assignments = Vec::new();
    for (name, value) in vars {
        let name = scalar(name).context("`vars` has a name that is no text")?;
        let values = match value {
            Value::Sequence(values) if !values.is_empty() => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        for value in values {
            let value = scalar(value);
            let value =
                value.with_context(|| format!("`vars.{name}` is neither text nor a list"))?;
            assignments.push((name.clone(), value));
        }
    }
    Ok(assignments)
}

/// Text, or a number as it is written.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is) => Some(is.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}
