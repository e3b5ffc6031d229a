//! `gate test`: the verdicts of a plan on recorded answers, held against those that its tests expect. Judges exactly as
//! `gate check --replay` does. Must not touch a ledger or write evidence.

mod expected;
mod written;

use std::path::{Path, PathBuf};

use super::bounded;
use super::diagnostics::say;
use super::judging::evidence::judged_as;
use super::judging::job::Unprepared;
use super::ledger_file::rest::Rest;
use super::surroundings::Surroundings;
use crate::cli::{TestArgs, TestFormat};
use crate::exit::Exit;
use crate::output::print_stdout;
use crate::report::{Found, PlanTested, Tested, tested_junit, tested_text};
use written::Test;

/// What follows from something that cannot be used.
const DECIDED: &str = "nothing was tested";

/// Runs the tests of plans.
pub fn test(arguments: &TestArgs, surroundings: &Surroundings) -> Exit {
    let mut exit = Exit::Go;
    let mut all = Vec::new();
    for plan in &arguments.plans {
        match of_plan(plan, surroundings) {
            Ok(tested) => {
                exit = exit.max(exit_of(&tested));
                all.push(tested);
            }
            Err(why) => {
                if let Some(why) = why {
                    say(&format!("{DECIDED}: {}: {why}", plan.display()));
                }
                exit = exit.max(Exit::Usage);
            }
        }
    }
    let text = match arguments.format {
        TestFormat::Text if all.is_empty() => String::new(),
        TestFormat::Text => tested_text(&all, &surroundings.stdout.style()),
        TestFormat::Junit => tested_junit(&all),
    };
    match print_stdout(&text) {
        Ok(()) => exit,
        Err(error) => {
            say(&format!("the results could not be printed: {error}"));
            Exit::Unrecorded
        }
    }
}

fn exit_of(plan: &PlanTested) -> Exit {
    let each = plan.tests.iter().map(|test| match test.found {
        Found::Passed(_) => Exit::Go,
        Found::Failed(_) => Exit::NoGo,
        Found::Unusable(_) => Exit::Usage,
    });
    each.max().unwrap_or(Exit::Usage)
}

/// The tests of one plan, in the order of their names.
///
/// # Errors
/// Why there are none; `None` if that was said.
fn of_plan(plan: &Path, surroundings: &Surroundings) -> Result<PlanTested, Option<String>> {
    let bytes = bounded::read(plan, bounded::MAX_BYTES);
    let bytes = bytes.map_err(|error| Some(format!("the plan cannot be read: {error}")))?;
    let mut tests = Vec::new();
    for path in files(plan)? {
        let (found, whole) = match of_file(plan, &bytes, &path, surroundings) {
            Ok(judged) => judged,
            Err(Wrong::Plan) => return Err(None),
            Err(Wrong::Test(why)) => (Found::Unusable(why), None),
        };
        let name = path.file_name().unwrap_or_default();
        tests.push(Tested {
            name: name.to_string_lossy().into_owned(),
            found,
            whole,
        });
    }
    Ok(PlanTested {
        plan: plan.display().to_string(),
        tests,
    })
}

/// The files of the tests.
fn files(plan: &Path) -> Result<Vec<PathBuf>, Option<String>> {
    let folder = plan.with_extension("tests");
    let shown = folder.display();
    let none = |why: &str| {
        Some(format!(
            "{why}: write one into {shown}, with `answers` and `expect`"
        ))
    };
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(none("it has no tests"));
        }
        Err(error) => return Err(Some(format!("{shown} cannot be read: {error}"))),
    };
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(|error: std::io::Error| Some(error.to_string()))?;
    paths.retain(|path| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        ending.is_some_and(|ending| ["yaml", "yml"].contains(&ending))
    });
    paths.sort();
    if paths.is_empty() {
        return Err(none("it has no tests"));
    }
    Ok(paths)
}

/// Why a test has no result.
enum Wrong {
    /// The plan itself is wrong, which was said.
    Plan,
    /// The test, or its answers, in words.
    Test(String),
}

impl From<anyhow::Error> for Wrong {
    fn from(error: anyhow::Error) -> Self {
        Self::Test(format!("{error:#}"))
    }
}

fn of_file(
    plan: &Path,
    bytes: &[u8],
    path: &Path,
    surroundings: &Surroundings,
) -> Result<(Found, Option<String>), Wrong> {
    let test = Test::read(path)?;
    let asked = expected::gates(&test.expect)?;
    let (answers, recorded) = test.recorded(path)?;
    let rest = Rest::Near(&answers);
    let evidence = match judged_as((plan, bytes), recorded, rest, &asked, surroundings) {
        Ok(evidence) => evidence,
        Err(Unprepared::Usage(error)) => return Err(error.into()),
        Err(Unprepared::Said(_)) if test.has_vars() => {
            let why = "the plan cannot be used with its `vars`: see above";
            return Err(Wrong::Test(why.to_owned()));
        }
        // No ledger is opened for recorded answers.
        Err(Unprepared::Said(_) | Unprepared::Unread(..)) => return Err(Wrong::Plan),
    };
    let whole = test.is_as_recorded().then(|| {
        let gates = asked.iter().map(|gate| format!(" --gate {gate}"));
        let (plan, answers) = (plan.display(), answers.display());
        let gates: String = gates.collect();
        format!("gate check {plan} --replay {answers}{gates}")
    });
    Ok((expected::held(&test.expect, &evidence)?, whole))
}
