//! Plans from disk to validity; everything wrong with any of them is reported before anything is judged.
//! Must not judge or ask.

use std::path::{Path, PathBuf};

use anyhow::bail;

use super::bounded;
use super::diagnostics::{draw, say, say_where_explained};
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
    /// What follows from a plan that is wrong: `no verdict was reached`, `nothing was recorded`.
    pub otherwise: &'a str,
}

/// Why a plan cannot be used.
pub enum Unusable {
    /// The file cannot be read.
    Unread(anyhow::Error),
    /// The plan has errors: its bytes, and what is wrong.
    Wrong(Vec<u8>, Vec<Problem>),
    /// Where its records are cannot be told: its bytes, what is probably not meant, and why.
    Homeless(Vec<u8>, Vec<Problem>, String),
}

impl Unusable {
    /// What is said of the plan as a whole.
    pub fn summary(&self, shown: &str, otherwise: &str) -> String {
        match self {
            Self::Unread(error) => {
                format!("{otherwise}: the plan {shown} cannot be read: {error:#}")
            }
            Self::Wrong(_, problems) => {
                let errors = problems
                    .iter()
                    .filter(|problem| problem.severity == Severity::Error)
                    .count();
                let word = if errors == 1 { "error" } else { "errors" };
                format!("{otherwise}: the plan {shown} has {errors} {word}")
            }
            Self::Homeless(_, _, why) => format!("{otherwise}: {shown}: {why}"),
        }
    }

    /// What was found in it, and its bytes.
    pub fn problems(&self) -> (&[u8], &[Problem]) {
        match self {
            Self::Unread(_) => (&[], &[]),
            Self::Wrong(bytes, problems) | Self::Homeless(bytes, problems, _) => (bytes, problems),
        }
    }
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
    let mut codes = Vec::new();
    let mut loaded = Vec::new();
    for path in paths {
        let found = read_plan(path, overrides, surroundings);
        loaded.push(told(path, found, overrides, surroundings, &mut codes));
    }
    say_where_explained(&codes);
    let plans: Option<Vec<LoadedPlan>> = loaded.into_iter().collect();
    plans.ok_or(Exit::Usage)
}

/// Validates a plan that is not written yet, as [`load`] would once it is there.
///
/// # Errors
/// The exit code for a wrong plan, after all problems were reported.
pub fn load_text(
    path: &Path,
    bytes: Vec<u8>,
    otherwise: &str,
    surroundings: &Surroundings,
) -> Result<LoadedPlan, Exit> {
    let overrides = Overrides {
        vars: &[],
        source: None,
        offline: false,
        read_before: None,
        otherwise,
    };
    let mut codes = Vec::new();
    let found = usable(path, bytes, &overrides, surroundings);
    let plan = told(path, found, &overrides, surroundings, &mut codes);
    say_where_explained(&codes);
    plan.ok_or(Exit::Usage)
}

/// Says what was found in a plan; the plan, if it can be used.
fn told(
    path: &Path,
    found: Result<(LoadedPlan, Vec<Problem>), Unusable>,
    overrides: &Overrides,
    surroundings: &Surroundings,
    codes: &mut Vec<&'static str>,
) -> Option<LoadedPlan> {
    let shown = path.to_string_lossy();
    match found {
        Ok((plan, warnings)) => {
            if overrides.read_before.is_none() {
                draw(&shown, &plan.bytes, &warnings, surroundings.stderr);
                codes.extend(warnings.iter().map(|one| one.code.word()));
            }
            Some(plan)
        }
        Err(unusable) => {
            let (bytes, problems) = unusable.problems();
            draw(&shown, bytes, problems, surroundings.stderr);
            codes.extend(problems.iter().map(|one| one.code.word()));
            say(&unusable.summary(&shown, overrides.otherwise));
            None
        }
    }
}

/// Reads and validates one plan, with what is probably not meant in it. Says nothing.
///
/// # Errors
/// Why it cannot be used.
pub fn read_plan(
    path: &Path,
    overrides: &Overrides,
    surroundings: &Surroundings,
) -> Result<(LoadedPlan, Vec<Problem>), Unusable> {
    let bytes = match overrides.read_before {
        Some(bytes) => bytes.to_vec(),
        None => read(path).map_err(Unusable::Unread)?,
    };
    usable(path, bytes, overrides, surroundings)
}

fn usable(
    path: &Path,
    bytes: Vec<u8>,
    overrides: &Overrides,
    surroundings: &Surroundings,
) -> Result<(LoadedPlan, Vec<Problem>), Unusable> {
    let environment: &dyn Fn(&str) -> Option<String> = &environment;
    let options = Options {
        overrides: overrides.vars,
        environment: (!overrides.offline).then_some(environment),
        source_url: overrides.source,
    };
    let loaded = match plan::load(&bytes, &options) {
        Ok(loaded) => loaded,
        Err(problems) => return Err(Unusable::Wrong(bytes, problems)),
    };
    let home = match Home::of(path, loaded.plan.records.place.as_ref(), surroundings) {
        Ok(home) => home,
        Err(why) => return Err(Unusable::Homeless(bytes, loaded.warnings, why)),
    };
    let plan = LoadedPlan {
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
    };
    Ok((plan, loaded.warnings))
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
