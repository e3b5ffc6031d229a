//! `gate report`: reports on recorded checks, long after them: on one, or on a whole rollout; without a format, which checks there
//! are. Asks no source, judges nothing.

mod ledger;
mod material;
mod samples;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::diagnostics::say;
use super::evidence_file::{EvidenceFile, documents, of_plans};
use super::ledger_file::objection::Objection;
use super::ledger_file::say_unusable;
use super::surroundings::Surroundings;
use crate::cli::{ReportArgs, ReportFormat};
use crate::exit::Exit;
use crate::output::{OutputError, Target, print_stdout};
use crate::report::{Kind, RolloutKind, Style, checks, text};
use material::Material;

/// Stands for the evidence's name without its extension.
const CHECK: &str = "{check}";

/// What was decided if there is none.
const NO_REPORT: &str = "no report was written";

/// Why there is no report.
enum Failure {
    /// The request, or the files found, do not allow it.
    Usage(anyhow::Error),
    /// The ledger cannot be read, or is broken.
    Ledger(anyhow::Error),
    /// The ledger may not be used; with the plan, for commands.
    Objection(Box<Objection>, String),
    /// It could not be written.
    Output(OutputError),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Usage(error)
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self::Output(error)
    }
}

/// Writes the requested reports.
pub fn report(arguments: &ReportArgs, surroundings: &Surroundings) -> Exit {
    match written(arguments, surroundings) {
        Ok(()) => Exit::Go,
        Err(Failure::Usage(error)) => say_unusable(&error).unwrap_or_else(|| {
            say(&format!("{NO_REPORT}: {error:#}"));
            Exit::Usage
        }),
        Err(Failure::Ledger(error)) => {
            say(&format!("{NO_REPORT}: {error:#}"));
            Exit::Unrecorded
        }
        Err(Failure::Objection(objection, plan)) => objection.say(NO_REPORT, &plan),
        Err(Failure::Output(error)) => {
            say(&told(&error));
            Exit::Unrecorded
        }
    }
}

/// Why a report could not be written, where no verdict depends on it.
fn told(error: &OutputError) -> String {
    if let OutputError::ReportExists(path) = error {
        let path = path.display();
        return format!(
            "no report was written: `{path}` already exists; overwrite it with --force, or choose another name with --output"
        );
    }
    if let OutputError::ReportTarget { path, source } | OutputError::Report { path, source } = error
    {
        let path = path.display();
        return format!(
            "no report was written: `{path}` cannot be written: {source}; choose another place with --output"
        );
    }
    error.to_string()
}

fn written(arguments: &ReportArgs, surroundings: &Surroundings) -> Result<(), Failure> {
    let subjects = chosen(arguments, subjects(arguments, surroundings)?)?;
    let overwrites = arguments.force || surroundings.in_ci;
    match arguments.format {
        None => {
            agreeing(&subjects, arguments.ledger.as_deref())?;
            let text = shown(arguments, &subjects, surroundings);
            one(arguments, overwrites, &text)
        }
        Some(ReportFormat::Check(Kind::Status)) => {
            let named = arguments.ledger.as_deref();
            let material = Material::at_this_moment(subjects, named, surroundings.now)?;
            let (rollout, status) = (material.rollout(), material.status());
            let text = if is_read_on_a_terminal(arguments, surroundings) {
                rollout.note_on_a_terminal(status.as_ref(), &surroundings.stdout.style())
            } else {
                rollout.note(status.as_ref())
            };
            one(arguments, overwrites, &text)
        }
        Some(ReportFormat::Rollout(kind)) => {
            let material = Material::of(subjects, arguments.ledger.as_deref(), surroundings.now)?;
            needed(kind, &material)?;
            let rollout = material.rollout();
            let text = if is_read_on_a_terminal(arguments, surroundings) {
                kind.on_a_terminal(&rollout, &surroundings.stdout.style())
            } else {
                kind.render(&rollout)
            };
            one(arguments, overwrites, &text)
        }
        Some(ReportFormat::Check(kind)) => each(kind, &subjects, arguments, surroundings),
    }
}

/// Whether the report is shown to somebody, and not kept.
fn is_read_on_a_terminal(arguments: &ReportArgs, surroundings: &Surroundings) -> bool {
    arguments.output.is_none() && surroundings.stdout.terminal
}

fn subjects(
    arguments: &ReportArgs,
    surroundings: &Surroundings,
) -> anyhow::Result<Vec<EvidenceFile>> {
    let mut subjects: Vec<EvidenceFile> = Vec::new();
    for path in documents(&of_plans(&arguments.evidence, NO_REPORT, surroundings)?)? {
        let subject =
            EvidenceFile::read(&path).map_err(|error| error.context(path.display().to_string()))?;
        if !subjects.iter().any(|one| one.sha256 == subject.sha256) {
            subjects.push(subject);
        }
    }
    Ok(subjects)
}

/// Those that `--stage` and `--last` ask for. What tells a whole rollout needs all of them.
fn chosen(
    arguments: &ReportArgs,
    mut subjects: Vec<EvidenceFile>,
) -> anyhow::Result<Vec<EvidenceFile>> {
    let tells_all = match arguments.format {
        Some(ReportFormat::Rollout(kind)) => Some(kind.word()),
        Some(ReportFormat::Check(Kind::Status)) => Some(Kind::Status.word()),
        Some(ReportFormat::Check(_)) | None => None,
    };
    if let Some(kind) = tells_all.filter(|_| arguments.last || arguments.stage.is_some()) {
        bail!("`{kind}` tells the whole rollout: leave out --last and --stage");
    }
    if let Some(stage) = &arguments.stage {
        subjects.retain(|one| one.evidence.gates.iter().any(|gate| gate.stage == *stage));
        if subjects.is_empty() {
            bail!("no check here judged a gate of `{stage}`");
        }
    }
    subjects.sort_by_cached_key(|one| {
        (
            one.evidence.evaluated_at,
            recorded_as(one),
            one.path.clone(),
        )
    });
    if arguments.last {
        let last = recorded_last(&subjects).map(|last| last.sha256.clone());
        subjects.retain(|one| Some(&one.sha256) == last.as_ref());
    }
    Ok(subjects)
}

/// The check that was recorded last, whatever time it judged: of one ledger by the numbers of the entries, of several by their times.
fn recorded_last(subjects: &[EvidenceFile]) -> Option<&EvidenceFile> {
    let mut last: BTreeMap<(&Path, Option<&str>), &EvidenceFile> = BTreeMap::new();
    for subject in subjects {
        let ledger = subject.evidence.ledger.as_ref();
        let of = (subject.folder(), ledger.map(|ledger| ledger.path.as_str()));
        let known = last.entry(of).or_insert(subject);
        if recorded_as(known) <= recorded_as(subject) {
            *known = subject;
        }
    }
    last.into_values().max_by_key(|one| {
        let own = one.evidence.ledger.as_ref();
        let own = own.and_then(|ledger| ledger.entry.as_ref());
        own.map_or(one.evidence.evaluated_at, |own| own.at)
    })
}

/// The number of its own entry: of several checks of one second, the one that was recorded last is the last.
fn recorded_as(subject: &EvidenceFile) -> Option<u64> {
    let own = subject.evidence.ledger.as_ref()?.entry.as_ref()?;
    Some(own.number)
}

/// Of one check its text; of several which there are.
fn shown(arguments: &ReportArgs, subjects: &[EvidenceFile], surroundings: &Surroundings) -> String {
    let style = match arguments.output {
        Some(_) => Style::FILE,
        None => whole(surroundings),
    };
    match subjects {
        [only] => text(&only.evidence, &style),
        several => checks(several.iter().map(|one| &one.evidence), &style),
    }
}

/// For this terminal, with all that is known: whoever asks for a record wants more than what helps at the moment of the check.
fn whole(surroundings: &Surroundings) -> Style {
    Style {
        whole: true,
        ..surroundings.stdout.style()
    }
}

fn needed(kind: RolloutKind, material: &Material) -> anyhow::Result<()> {
    if kind.needs_plan() && material.rollout().plan.is_none() {
        bail!(
            "a {} needs the plan: neither the copy kept with the evidence nor the plan that was judged is here",
            kind.word()
        );
    }
    Ok(())
}

/// One report on everything that was given.
fn one(arguments: &ReportArgs, overwrites: bool, text: &str) -> Result<(), Failure> {
    match &arguments.output {
        Some(path) => target(path, overwrites)?.write(text)?,
        None => print_stdout(text)?,
    }
    Ok(())
}

/// A place for a report.
fn target(path: &Path, overwrites: bool) -> Result<Target, OutputError> {
    if overwrites {
        Target::any_file(path)
    } else {
        Target::new_file(path)
    }
}

/// A report for each check. All places are proved writable before the first is written.
fn each(
    kind: Kind,
    subjects: &[EvidenceFile],
    arguments: &ReportArgs,
    surroundings: &Surroundings,
) -> Result<(), Failure> {
    agreeing(subjects, arguments.ledger.as_deref())?;
    let overwrites = arguments.force || surroundings.in_ci;
    let targets = targets(kind, subjects, arguments, overwrites)?;
    for (subject, target) in subjects.iter().zip(&targets) {
        match target {
            Some(target) => target.write(&samples::rendered(kind, subject, surroundings)?)?,
            // Markdown is for files and pages; whoever reads on a terminal gets the text that says the same.
            None if kind == Kind::Markdown && surroundings.stdout.terminal => {
                print_stdout(&text(&subject.evidence, &whole(surroundings)))?;
            }
            None => print_stdout(&samples::rendered(kind, subject, surroundings)?)?,
        }
    }
    Ok(())
}

/// A record is not reported on where its ledger was set back, or is another one. A ledger that is gone says nothing about a
/// single check.
fn agreeing(subjects: &[EvidenceFile], named: Option<&Path>) -> Result<(), Failure> {
    let mut rollouts: BTreeMap<(PathBuf, String, String), Vec<&EvidenceFile>> = BTreeMap::new();
    for subject in subjects {
        let evidence = &subject.evidence;
        let ledger = evidence.ledger.as_ref().map(|ledger| ledger.path.clone());
        let release = evidence.plan.release.id();
        let rollout = (
            subject.folder().to_owned(),
            ledger.unwrap_or_default(),
            release,
        );
        rollouts.entry(rollout).or_default().push(subject);
    }
    for subjects in rollouts.values() {
        let Some(latest) = subjects.iter().max_by_key(|one| one.evidence.evaluated_at) else {
            continue;
        };
        match ledger::of(subjects, latest, named) {
            Ok(_) => {}
            Err(Failure::Objection(objection, plan)) => {
                let Objection::Lost(lost) = &*objection else {
                    return Err(Failure::Objection(objection, plan));
                };
                say(&lost.to_string());
            }
            Err(failure @ (Failure::Usage(_) | Failure::Ledger(_) | Failure::Output(_))) => {
                return Err(failure);
            }
        }
    }
    Ok(())
}

/// A place for each check; `None` is standard output.
fn targets(
    kind: Kind,
    subjects: &[EvidenceFile],
    arguments: &ReportArgs,
    overwrites: bool,
) -> Result<Vec<Option<Target>>, Failure> {
    let path = arguments.output.as_ref().map(|path| path.to_string_lossy());
    let apart = path.as_ref().is_some_and(|path| path.contains(CHECK));
    if subjects.len() > 1 && !apart {
        let error = anyhow::anyhow!(
            "`{}` reports on one check, and there are {}: name one, or write {CHECK} into the path of --output",
            kind.word(),
            subjects.len()
        );
        return Err(error.into());
    }
    let mut targets = Vec::new();
    for subject in subjects {
        let stem = subject.path.file_stem().unwrap_or_default();
        let path = path
            .as_ref()
            .map(|path| path.replace(CHECK, &stem.to_string_lossy()));
        let target = path.map(|path| target(Path::new(&path), overwrites));
        targets.push(target.transpose()?);
    }
    Ok(targets)
}
