//! `gate init`: a plan to start from, from what a server measures, or the worked example of a shape. Must not write what does not
//! validate, nor over a file that is there.

mod ask;
mod discover;
mod drafting;
mod measure;
mod past;
mod refusals;
mod setting;
mod told;

use std::path::{Path, PathBuf};

use self::discover::discover;
use self::setting::Setting;
use super::diagnostics::say;
use super::load::load_text;
use super::surroundings::Surroundings;
use super::validate::validate_loaded;
use crate::cli::{InitArgs, Time, ValidateArgs};
use crate::exit::Exit;
use crate::init::{Template, example, text};
use crate::output::{OutputError, print_stdout, write_new};
use crate::samples::{Failure, FailureCode};

/// Why nothing was written.
enum Unwritten {
    /// It has been said.
    Said(Exit),
    /// The command line is wrong, or finds nothing.
    Usage(String),
    /// The source did not answer, or measures nothing that helps.
    Source(String),
    /// It could not be written.
    File(OutputError),
}

impl From<Exit> for Unwritten {
    fn from(exit: Exit) -> Self {
        Self::Said(exit)
    }
}

impl From<OutputError> for Unwritten {
    fn from(error: OutputError) -> Self {
        Self::File(error)
    }
}

impl From<Failure> for Unwritten {
    fn from(failure: Failure) -> Self {
        match failure.code {
            FailureCode::QueryRejected => Self::Usage(failure.message),
            FailureCode::SourceUnreachable
            | FailureCode::SourceTls
            | FailureCode::SourceMisconfigured
            | FailureCode::SourceTimeout
            | FailureCode::SourceUnauthorized
            | FailureCode::SourceForbidden
            | FailureCode::SourceNotFound
            | FailureCode::SourceRateLimited
            | FailureCode::SourceError
            | FailureCode::SourceNotApi
            | FailureCode::AnswerGarbled
            | FailureCode::AnswerTooLarge
            | FailureCode::QueryTimeout
            | FailureCode::NativeHistogram
            | FailureCode::NotRecorded
            | FailureCode::BaselineFile
            | FailureCode::FileMissing
            | FailureCode::FileUnreadable
            | FailureCode::Interrupted => Self::Source(failure.message),
        }
    }
}

/// Drafts a plan, or writes a worked example.
pub async fn init(arguments: &InitArgs, surroundings: &Surroundings) -> Exit {
    let written = match arguments.template.filter(|_| arguments.no_source) {
        Some(template) => worked(arguments, template),
        None => drafted(arguments, surroundings).await,
    };
    match written {
        Ok(exit) | Err(Unwritten::Said(exit)) => exit,
        Err(Unwritten::Usage(why)) => refused(&why, Exit::Usage),
        Err(Unwritten::Source(why)) => refused(&why, Exit::Hold),
        Err(Unwritten::File(error)) => {
            say(&error.to_string());
            Exit::Unrecorded
        }
    }
}

fn refused(why: &str, exit: Exit) -> Exit {
    lines(&format!("nothing was written: {why}"));
    exit
}

/// Lines stay lines: a caret stands under what it points at.
fn lines(text: &str) {
    text.lines().for_each(say);
}

/// Where the plan goes.
enum Place {
    Stdout,
    File(PathBuf),
}

impl Place {
    /// Whatever is there already stays as it is, and is noticed before anything is asked.
    fn of(output: &Path) -> Result<Self, Unwritten> {
        if output.as_os_str() == "-" {
            return Ok(Self::Stdout);
        }
        if output.symlink_metadata().is_ok() {
            return Err(OutputError::Exists(output.to_owned()).into());
        }
        let folder = match output.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            Some(_) | None => Path::new("."),
        };
        let source = match std::fs::metadata(folder) {
            Ok(found) if found.is_dir() => return Ok(Self::File(output.to_owned())),
            Ok(_) => std::io::Error::other("its folder is a file"),
            Err(error) => error,
        };
        let path = output.to_owned();
        Err(OutputError::File { path, source }.into())
    }

    /// The plan's path: what is relative in a plan that is printed is relative to where the command runs.
    fn path(&self) -> &Path {
        match self {
            Self::Stdout => Path::new("plan.yaml"),
            Self::File(path) => path,
        }
    }

    fn write(&self, text: &str) -> Result<(), OutputError> {
        match self {
            Self::Stdout => print_stdout(text),
            Self::File(path) => write_new(path, text.as_bytes()),
        }
    }

    /// What is said beside the plan: on standard output, where that does not hold the plan.
    fn tell(&self, text: &str) -> Result<(), OutputError> {
        match self {
            Self::Stdout => {
                lines(text);
                Ok(())
            }
            Self::File(_) => print_stdout(text),
        }
    }
}

fn worked(arguments: &InitArgs, template: Template) -> Result<Exit, Unwritten> {
    let place = Place::of(&arguments.output)?;
    let path = place.path().to_string_lossy().into_owned();
    place.write(&example(template, &path))?;
    if let Place::File(_) = place {
        place.tell(&format!(
            "{path}: the worked example of the template {template}; its release, addresses and people are made up\nnext: edit {path}, then gate validate {path} --online\n"
        ))?;
    }
    Ok(Exit::Go)
}

async fn drafted(arguments: &InitArgs, surroundings: &Surroundings) -> Result<Exit, Unwritten> {
    let place = Place::of(&arguments.output)?;
    let mut setting = Setting::of(arguments, place.path(), surroundings)?;
    let mut found = discover(&setting, surroundings).await?;
    let columns = surroundings.stdout.width;
    if arguments.list {
        print_stdout(&told::found(&found, columns))?;
        return Ok(Exit::Go);
    }
    if drafting::choose(&mut setting, &found) {
        found = discover(&setting, surroundings).await?;
    }
    drafting::compare(&mut setting, &mut found)?;
    place.tell(&told::found(&found, columns))?;
    if found.kept.iter().all(|one| one.candidate.is_shown_only()) {
        return Err(Unwritten::Source(
            "nothing that was found says whether a release is good: see what was left out, or name other series with --match".to_owned(),
        ));
    }
    let limits = past::limits(&setting, &found, surroundings).await?;
    place.tell(&told::fitting(&limits.said, columns))?;
    let draft = drafting::draft(&setting, &found, &limits.by_kpi);
    let text = text(&draft);
    if let Err(exit) = validated(&setting, &text, surroundings).await {
        return Err(match exit {
            Exit::Hold => {
                Unwritten::Source("not every query of the draft could be tried".to_owned())
            }
            Exit::Go | Exit::NoGo | Exit::Refused | Exit::Stop | Exit::Usage | Exit::Unrecorded => {
                Unwritten::Usage("the draft has the errors above".to_owned())
            }
        });
    }
    place.write(&text)?;
    place.tell(&told::fitting(&told::next(&setting, &draft), columns))?;
    Ok(Exit::Go)
}

/// The text is what `gate validate --online` would see, judged by the same function.
async fn validated(setting: &Setting, text: &str, surroundings: &Surroundings) -> Result<(), Exit> {
    let bytes = text.as_bytes().to_vec();
    let loaded = load_text(&setting.path, bytes, "nothing was written", surroundings)?;
    let arguments = ValidateArgs {
        plans: Vec::new(),
        online: true,
        strict: false,
        at: Some(Time::At(setting.at)),
        vars: Vec::new(),
        source: None,
        format: crate::cli::ValidateFormat::Text,
    };
    let exit = validate_loaded(&loaded, &arguments, surroundings).await;
    if exit == Exit::Go { Ok(()) } else { Err(exit) }
}
