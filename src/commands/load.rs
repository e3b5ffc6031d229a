//! Plans from disk to validity; everything wrong with any of them is reported before anything is judged.
//! Must not judge or ask.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::bounded;
use super::diagnostics::{draw, say};
use super::home::Home;
use super::surroundings::{Surroundings, environment};
use crate::digest::sha256_hex;
use crate::exit::Exit;
use crate::plan::{self, NamedFile, Options, Plan, PlanWarning, Problem, Severity, WrittenSecret};

/// Plans beyond this are refused unread.
const MAX_PLAN_BYTES: u64 = 10 * 1024 * 1024;

/// A valid plan and where it came from.
pub struct LoadedPlan {
    /// As given.
    pub path: PathBuf,
    /// As read.
    pub bytes: Vec<u8>,
    /// Of its bytes.
    pub sha256: String,
    /// Why its bytes must not be copied, if they must not.
    pub unfit_to_copy: Option<String>,
    /// The plan.
    pub plan: Plan,
    /// Where it asks, as `NAME=ADDRESS`: with `--source` and the environment.
    pub addresses: Vec<String>,
    /// The `--var` that change something, each once: with what the plan says anyway it is the same question.
    pub vars: Vec<(String, String)>,
    /// What of that the environment does not say: the place, and the variable.
    pub unset: Option<(String, String)>,
    /// What probably is not meant the way it is written.
    pub warnings: Vec<PlanWarning>,
    /// The files of captured baselines, in file order.
    pub baseline_files: Vec<NamedFile>,
    /// Where its ledger and its evidence are.
    pub home: Home,
}

impl LoadedPlan {
    /// The path as given, for people.
    pub fn shown(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    /// The folder of the plan, to which its files are relative.
    pub fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// The plan's file name without its extension.
    pub fn stem(&self) -> String {
        self.path.file_stem().map_or_else(
            || "plan".to_owned(),
            |stem| stem.to_string_lossy().into_owned(),
        )
    }
}

/// What follows from a plan that cannot be used, if nothing else is said.
pub const UNDECIDED: &str = "no verdict was reached";

/// What overrides a plan.
pub struct Overrides<'a> {
    /// `--var`.
    pub vars: &'a [(String, String)],
    /// `--source`.
    pub source: Option<&'a str>,
    /// Whether the plan's sources are ignored, as when judging again from recorded answers.
    pub offline: bool,
    /// The plan as it was read before, whatever the file says by now; what is probably not meant has been said.
    pub read_before: Option<&'a [u8]>,
    /// What follows where one cannot be used.
    pub decided: &'static str,
}

/// Reads and validates plans.
///
/// # Errors
/// The exit code for a wrong plan, after all problems were reported.
pub fn load(
    paths: &[PathBuf],
    overrides: &Overrides,
    surroundings: &Surroundings,
) -> Result<Vec<LoadedPlan>, Exit> {
    let loaded: Vec<Option<LoadedPlan>> = paths
        .iter()
        .map(|path| load_one(path, overrides, surroundings))
        .collect();
    let plans: Option<Vec<LoadedPlan>> = loaded.into_iter().collect();
    plans.ok_or(Exit::Usage)
}

fn load_one(path: &Path, overrides: &Overrides, surroundings: &Surroundings) -> Option<LoadedPlan> {
    let (shown, decided) = (path.to_string_lossy(), overrides.decided);
    let bytes = match overrides.read_before {
        Some(bytes) => Ok(bytes.to_vec()),
        None => read(path),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            say(&format!(
                "{decided}: the plan {shown} cannot be read: {error:#}"
            ));
            return None;
        }
    };
    let environment: &dyn Fn(&str) -> Option<String> = &environment;
    let options = Options {
        overrides: overrides.vars,
        environment: (!overrides.offline).then_some(environment),
        source_url: overrides.source,
    };
    match plan::load(&bytes, &options) {
        Ok(loaded) => {
            if overrides.read_before.is_none() {
                draw(&shown, &bytes, &loaded.warnings, surroundings.stderr);
            }
            let home = Home::of(path, loaded.plan.records.place.as_ref(), surroundings);
            let home = home
                .inspect_err(|why| say(&format!("{decided}: {shown}: {why}")))
                .ok()?;
            Some(LoadedPlan {
                path: path.to_owned(),
                sha256: sha256_hex(&[&bytes]),
                addresses: plan::places(&loaded.plan, environment),
                unset: plan::unset(&loaded.plan, environment),
                warnings: kept(&loaded.warnings, &bytes),
                unfit_to_copy: loaded.secret.as_ref().map(unfit),
                baseline_files: loaded.baseline_files,
                home,
                vars: loaded.vars,
                plan: loaded.plan,
                bytes,
            })
        }
        Err(problems) => {
            draw(&shown, &bytes, &problems, surroundings.stderr);
            let errors = problems
                .iter()
                .filter(|problem| problem.severity == Severity::Error)
                .count();
            let word = if errors == 1 { "error" } else { "errors" };
            say(&format!("{decided}: the plan {shown} has {errors} {word}"));
            None
        }
    }
}

fn kept(warnings: &[Problem], bytes: &[u8]) -> Vec<PlanWarning> {
    let text = String::from_utf8_lossy(bytes);
    let warning = |problem| PlanWarning::of(problem, &text);
    warnings.iter().map(warning).collect()
}

/// In words; never the secret itself.
fn unfit(secret: &WrittenSecret) -> String {
    let WrittenSecret { line, what } = secret;
    format!("line {line} holds {what}; read it from a file or the environment")
}

/// Reads a regular file of bounded size.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_file() && metadata.len() > MAX_PLAN_BYTES {
        bail!(
            "it has {} bytes, but a plan may have at most {MAX_PLAN_BYTES}",
            metadata.len()
        );
    }
    Ok(bounded::read(path, MAX_PLAN_BYTES)?)
}
