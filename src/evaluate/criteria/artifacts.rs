//! `artifacts`: a file that exists, is fresh, is the right one and says what it should.
//!
//! A missing file is unmet: somebody looked; so is one that is too old; while the window of an exit gate still runs, both are unknown. One that cannot
//! be read or understood is unknown. Must not take a file that cannot be read for a good one.

use std::collections::BTreeMap;

use crate::assessment::{BasedOn, Code};
use crate::evaluate::context::Undecided;
use crate::evaluate::context::{CriterionContext, Ruling};
use crate::evaluate::span;
use crate::findings::{File, Found, Inquiry, JunitCounts};
use crate::kind::GateKind;
use crate::ledger::Entry;
use crate::plan::criteria::ArtifactAsk;
use crate::plan::{Comparison, PlainCondition};
use crate::rollout::turned;
use crate::samples::FailureCode;
use crate::units::Instant;

/// What has to be looked up.
pub(super) fn inquiry(ask: &ArtifactAsk) -> Inquiry {
    let mut pointers: Vec<String> = ask
        .json
        .iter()
        .map(|(pointer, _)| pointer.clone())
        .collect();
    pointers.sort();
    pointers.dedup();
    Inquiry::Artifact {
        path: ask.path.clone(),
        junit: ask.junit.is_some(),
        sarif: !ask.sarif.is_empty(),
        pointers,
    }
}

/// Judges one file.
pub(super) fn assess(ask: &ArtifactAsk, context: &CriterionContext<'_>) -> Ruling {
    let ruling = match context.found(&inquiry(ask)) {
        Ok(Found::File(file)) => match of_version_before(ask, file, superseded(context)) {
            Some(reason) => not_written_again(context, reason).based_on(read_from(ask, file)),
            None => match not_renewed(ask, file, context) {
                Some(waits) => waits,
                None => judge(ask, file, context.moment.at),
            },
        },
        Ok(Found::Rules(_) | Found::Alerts(_) | Found::Response(_) | Found::Issues(_)) => {
            Ruling::open(
                Code::ContentUnreadable,
                "what was found does not answer what was asked",
            )
        }
        Err(failure) if failure.code == FailureCode::FileMissing => {
            missing(context, failure.message)
        }
        Err(failure) => Ruling::failed(&failure),
    };
    ruling.requires(required(ask))
}

/// The stage, and the entry since which what was found for it is void because of another version of the release, where that matters
/// for the gate: a recovery is that of the rollback, whatever comes next.
fn superseded<'a>(context: &CriterionContext<'a>) -> Option<(&'a str, &'a Entry)> {
    let (history, stage) = (context.rollout.history(), context.stage.name.as_str());
    match context.gate.kind {
        GateKind::Entry | GateKind::Exit => {
            history.superseded_for(stage).map(|entry| (stage, entry))
        }
        GateKind::Recovery => None,
    }
}

/// What a stage's exit asks for may still come while its window runs.
fn missing(context: &CriterionContext<'_>, reason: String) -> Ruling {
    if is_due(context) {
        return Ruling::bad(Code::ArtifactUnfit, reason);
    }
    let reason = format!("{reason} yet; it is due once the window is complete");
    Ruling::open(Code::WindowIncomplete, reason)
}

fn is_due(context: &CriterionContext<'_>) -> bool {
    let window = span::window(context.stage, context.gate, context.moment);
    context.gate.kind != GateKind::Exit || window.is_none_or(|window| window.complete)
}

/// What was written before another version took the place of the one before tells of that (L6), unless the plan says which file
/// it has to be; why.
fn of_version_before(
    ask: &ArtifactAsk,
    file: &File,
    superseded: Option<(&str, &Entry)>,
) -> Option<String> {
    let superseded = superseded.filter(|_| ask.sha256.is_none());
    let (stage, entry) = superseded.filter(|(_, entry)| whole_seconds(file.modified) < entry.at)?;
    Some(format!(
        "changed {}, before {} at {}: nothing shows that it tells of this version; write it again",
        file.modified,
        turned(stage, entry),
        entry.at
    ))
}

/// It may still come like one that is missing; nobody knows that it does not tell of this version.
fn not_written_again(context: &CriterionContext<'_>, reason: String) -> Ruling {
    if is_due(context) {
        return Ruling::open(Code::ArtifactUnfit, reason);
    }
    let reason = format!("{reason}, which is due once the window is complete");
    Ruling::open(Code::WindowIncomplete, reason)
}

/// A file that is too old while it is not due is not there yet, like one that is missing: whatever it says, another one takes its place.
fn not_renewed(ask: &ArtifactAsk, file: &File, context: &CriterionContext<'_>) -> Option<Ruling> {
    let old = too_old(ask, file, context.moment.at).filter(|_| !is_due(context))?;
    let reason = format!("{old}: a newer one is due once the window is complete");
    Some(Ruling::open(Code::WindowIncomplete, reason).based_on(read_from(ask, file)))
}

/// What the plan asks of the file, in words.
fn required(ask: &ArtifactAsk) -> String {
    let mut words = vec!["exists and is not empty".to_owned()];
    words.extend(ask.max_age.map(|age| format!("no older than {age}")));
    let digest = ask.sha256.as_ref().and_then(|digest| digest.get(..12));
    words.extend(digest.map(|digest| format!("sha256 {digest}…")));
    words.extend(ask.junit.map(|limits| {
        let (failures, tests) = junit_limits(limits);
        let tests = counted(tests);
        format!("at least {tests}, at most {failures} failed")
    }));
    words.extend(
        ask.sarif
            .iter()
            .map(|(level, most)| format!("at most {most} of level {level}")),
    );
    words.extend(
        ask.json
            .iter()
            .map(|(pointer, is)| format!("{pointer} {}", condition(*is))),
    );
    words.join(", ")
}

fn condition(is: PlainCondition) -> String {
    format!("{} {}", is.comparison.symbol(), is.bound.get())
}

fn counted(tests: u64) -> String {
    let noun = if tests == 1 { "test" } else { "tests" };
    format!("{tests} {noun}")
}

/// Even without limits, a report must hold a test, and none that failed.
fn junit_limits((failures, tests): (Option<u64>, Option<u64>)) -> (u64, u64) {
    (failures.unwrap_or(0), tests.unwrap_or(1))
}

/// One requirement on the file: shown (in words), or not.
type Requirement = Result<String, Problem>;

/// What keeps a file from being good.
enum Problem {
    Unfit(Code, String),
    Open(Undecided),
}

fn judge(ask: &ArtifactAsk, file: &File, at: Instant) -> Ruling {
    let mut shown = vec![format!("{} bytes, changed {}", file.bytes, file.modified)];
    let mut problems = Vec::new();
    for requirement in requirements(ask, file, at) {
        match requirement {
            Ok(words) => shown.extend(Some(words).filter(|words| !words.is_empty())),
            Err(problem) => problems.push(problem),
        }
    }
    let unfit = problems.iter().find_map(|problem| match problem {
        Problem::Unfit(code, reason) => Some(Ruling::bad(*code, reason)),
        Problem::Open(_) => None,
    });
    let open = problems.iter().find_map(|problem| match problem {
        Problem::Open(undecided) => Some(Ruling::open(undecided.code, &undecided.reason)),
        Problem::Unfit(..) => None,
    });
    let mut ruling = unfit
        .or(open)
        .unwrap_or_else(|| Ruling::good(shown.join(", ")));
    if whole_seconds(file.modified) > at {
        ruling
            .notes
            .push(format!("the file was changed after {at}"));
    }
    ruling.based_on(read_from(ask, file))
}

fn read_from(ask: &ArtifactAsk, file: &File) -> BasedOn {
    BasedOn::File {
        path: ask.path.clone(),
        sha256: file.sha256.clone(),
        bytes: file.bytes,
        modified: file.modified,
    }
}

fn requirements(ask: &ArtifactAsk, file: &File, at: Instant) -> Vec<Requirement> {
    let mut requirements = vec![filled(file), fresh(ask, file, at), right(ask, file)];
    requirements.extend(ask.junit.map(|limits| junit(limits, file)));
    requirements.extend(
        ask.sarif
            .iter()
            .map(|(level, most)| sarif(level, *most, file)),
    );
    requirements.extend(
        ask.json
            .iter()
            .map(|(pointer, is)| json(pointer, *is, file)),
    );
    requirements
}

fn unfit(code: Code, reason: String) -> Requirement {
    Err(Problem::Unfit(code, reason))
}

fn open(reason: String) -> Requirement {
    Err(Problem::Open(Undecided::new(
        Code::ContentUnreadable,
        reason,
    )))
}

fn filled(file: &File) -> Requirement {
    if file.bytes == 0 {
        return unfit(Code::ArtifactUnfit, "the file is empty".to_owned());
    }
    Ok(String::new())
}

/// A file from T's own second is not from the future.
fn whole_seconds(instant: Instant) -> Instant {
    Instant::from_secs(instant.millis().div_euclid(1000))
}

fn fresh(ask: &ArtifactAsk, file: &File, at: Instant) -> Requirement {
    if ask.max_age.is_none() {
        return Ok(String::new());
    }
    let age = whole_seconds(file.modified).until(at);
    if age < crate::units::Duration::ZERO {
        let reason = format!("changed {}, after {at}: its age is unknown", file.modified);
        return Err(Problem::Open(Undecided::new(Code::ArtifactUnfit, reason)));
    }
    match too_old(ask, file, at) {
        Some(reason) => unfit(Code::ArtifactUnfit, reason),
        None => Ok(format!("{age} old")),
    }
}

fn too_old(ask: &ArtifactAsk, file: &File, at: Instant) -> Option<String> {
    let (age, max_age) = (whole_seconds(file.modified).until(at), ask.max_age?);
    (age > max_age).then(|| format!("{age} old at {at}, more than {max_age}"))
}

fn right(ask: &ArtifactAsk, file: &File) -> Requirement {
    match &ask.sha256 {
        Some(wanted) if *wanted != file.sha256 => unfit(
            Code::ArtifactUnfit,
            format!("the wrong file: its sha256 is {}", file.sha256),
        ),
        Some(_) => Ok("sha256 as required".to_owned()),
        None => Ok(String::new()),
    }
}

/// What was read from the file, or why it was not.
fn read<'f, T>(content: Option<&'f Result<T, String>>, what: &str) -> Result<&'f T, Problem> {
    let said = match content {
        Some(Ok(content)) => return Ok(content),
        Some(Err(reason)) => reason.clone(),
        None => "it was not looked for".to_owned(),
    };
    let reason = format!("{what} cannot be read: {said}");
    Err(Problem::Open(Undecided::new(
        Code::ContentUnreadable,
        reason,
    )))
}

fn junit(limits: (Option<u64>, Option<u64>), file: &File) -> Requirement {
    let JunitCounts { tests, failures } = *read(file.junit.as_ref(), "its test results")?;
    let (most, least) = junit_limits(limits);
    if failures > most {
        return unfit(
            Code::ContentUnfit,
            format!(
                "{failures} of {} failed, at most {most} may",
                counted(tests)
            ),
        );
    }
    if tests < least {
        return unfit(
            Code::ContentUnfit,
            format!("{} ran, fewer than {least}", counted(tests)),
        );
    }
    Ok(format!("{}, {failures} failed", counted(tests)))
}

fn sarif(level: &str, most: u64, file: &File) -> Requirement {
    let counts: &BTreeMap<String, u64> = read(file.sarif.as_ref(), "its findings")?;
    let count = counts.get(level).copied().unwrap_or(0);
    if count > most {
        let reason = format!("{count} findings of level {level}, more than {most}");
        return unfit(Code::ContentUnfit, reason);
    }
    Ok(format!("{count} of level {level}"))
}

fn json(pointer: &str, is: PlainCondition, file: &File) -> Requirement {
    let values = read(file.json.as_ref(), "its values")?;
    let Some(asked) = values.get(pointer) else {
        return open(format!("{pointer} was not looked for"));
    };
    let Some(text) = asked else {
        return unfit(
            Code::ContentUnfit,
            format!("there is no value at {pointer}"),
        );
    };
    match number(text) {
        None => unfit(
            Code::ContentUnfit,
            format!("{pointer} is {text}, not a number"),
        ),
        Some(value) if holds(value, is) => Ok(format!("{pointer} is {text}")),
        Some(_) => unfit(
            Code::ContentUnfit,
            format!("{pointer} is {text}, not {}", condition(is)),
        ),
    }
}

/// A JSON number; strings and booleans are not numbers.
fn number(text: &str) -> Option<f64> {
    let begins = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    begins
        .then(|| text.parse::<f64>().ok())
        .flatten()
        .filter(|value| value.is_finite())
}

/// Rule 7: as it is, without rounding.
fn holds(value: f64, is: PlainCondition) -> bool {
    let bound = is.bound.get();
    match is.comparison {
        Comparison::Less => value < bound,
        Comparison::LessOrEqual => value <= bound,
        Comparison::Greater => value > bound,
        Comparison::GreaterOrEqual => value >= bound,
        Comparison::Equal => value == bound,
        Comparison::NotEqual => value != bound,
    }
}

#[cfg(test)]
mod tests;
