//! `gate import`: files of other tools into a plan. Must not overwrite a file, or write a plan that lacks something unless that was
//! asked for.

use std::collections::BTreeMap;
use std::path::Path;

use super::diagnostics::say;
use crate::bounded;
use crate::cli::ImportArgs;
use crate::exit::Exit;
use crate::import::{ForeignFile, Imported, import as translate};
use crate::output::{print_stdout, write_new};

/// What is said where nothing is written.
const OTHERWISE: &str = "no plan was written";

/// Translates files into one plan.
pub fn import(arguments: &ImportArgs) -> Exit {
    if let Some(output) = &arguments.output
        && output.symlink_metadata().is_ok()
    {
        let shown = output.display();
        return refuse(
            &format!(
                "{shown} already exists, and a plan is never overwritten: name another file with --output"
            ),
            Exit::Unrecorded,
        );
    }
    let Some(contents) = read(arguments) else {
        return Exit::Usage;
    };
    let files: Vec<ForeignFile<'_>> = (contents.iter())
        .map(|(name, bytes)| ForeignFile { name, bytes })
        .collect();
    let given: BTreeMap<String, String> = arguments.vars.iter().cloned().collect();
    let imported = match translate(&files, &given) {
        Ok(imported) => imported,
        Err(reasons) => {
            for reason in reasons {
                refuse(&reason, Exit::Usage);
            }
            return Exit::Usage;
        }
    };
    if !imported.left_out.is_empty() && !arguments.partial {
        return incomplete(&imported);
    }
    match &arguments.output {
        Some(output) => write(output, &imported),
        None => print(&imported),
    }
}

/// Each file with its name; `None` once it was said which cannot be read.
fn read(arguments: &ImportArgs) -> Option<Vec<(String, Vec<u8>)>> {
    let files = arguments.files.iter().map(|path| {
        let name = path.display().to_string();
        match bounded::read(path, bounded::MAX_BYTES) {
            Ok(bytes) => Some((name, bytes)),
            Err(error) => {
                refuse(&format!("{name} cannot be read: {error}"), Exit::Usage);
                None
            }
        }
    });
    // Every file that cannot be read is named.
    let files: Vec<Option<(String, Vec<u8>)>> = files.collect();
    files.into_iter().collect()
}

fn incomplete(imported: &Imported) -> Exit {
    let what = match imported.left_out.len() {
        1 => "1 thing cannot".to_owned(),
        count => format!("{count} things cannot"),
    };
    refuse(
        &format!("{what} be translated; --partial writes a plan without"),
        Exit::Usage,
    );
    for why in &imported.left_out {
        say(&format!("left out: {why}"));
    }
    Exit::Usage
}

fn write(output: &Path, imported: &Imported) -> Exit {
    if let Err(error) = write_new(output, imported.plan.as_bytes()) {
        return refuse(&error.to_string(), Exit::Unrecorded);
    }
    let shown = output.display().to_string();
    let vars: Vec<String> = (imported.needed.iter())
        .map(|name| format!(" --var {name}=VALUE"))
        .collect();
    say(&format!(
        "{shown}: written{}; next: gate validate {shown} --online{}",
        remarks(imported),
        vars.concat()
    ));
    Exit::Go
}

fn print(imported: &Imported) -> Exit {
    match print_stdout(&imported.plan) {
        Ok(()) => Exit::Go,
        Err(error) => refuse(&error.to_string(), Exit::Unrecorded),
    }
}

/// How much the head of the plan says.
fn remarks(imported: &Imported) -> String {
    let counted = |count: usize, one: &str, several: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {several}")),
    };
    let notes = counted(
        imported.notes.len(),
        "construct means something else",
        "constructs mean something else",
    );
    let left = counted(imported.left_out.len(), "was left out", "were left out");
    let parts: Vec<String> = notes.into_iter().chain(left).collect();
    if parts.is_empty() {
        return String::new();
    }
    format!(" ({}: its head says which)", parts.join(", "))
}

fn refuse(reason: &str, exit: Exit) -> Exit {
    say(&format!("{OTHERWISE}: {reason}"));
    exit
}
