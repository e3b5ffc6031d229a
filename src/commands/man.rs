//! `gate man`: manual pages, made from the types of the command line. Must not replace a file.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::diagnostics::say;
use super::printed::printed;
use crate::cli::{Cli, ManArgs};
use crate::exit::Exit;
use crate::output::write_new;
use crate::version;

/// The page of the program. The pages of its commands name it.
const MAIN: &str = "gate.1";

/// A manual page.
struct Page {
    /// Such as `gate-check.1`.
    file: String,
    text: Vec<u8>,
}

/// Prints the program's page, or writes all pages to a folder.
pub fn man(arguments: &ManArgs) -> Exit {
    let pages = match pages() {
        Ok(pages) => pages,
        Err(error) => return refused(&error.to_string()),
    };
    match &arguments.folder {
        Some(folder) => written(folder, &pages),
        None => shown(&pages),
    }
}

fn shown(pages: &[Page]) -> Exit {
    let main = pages.iter().filter(|page| page.file == MAIN);
    let text: Vec<u8> = main.flat_map(|page| page.text.clone()).collect();
    printed("the manual page", &String::from_utf8_lossy(&text))
}

/// All or none: names that are taken are found before the first page is written.
fn written(folder: &Path, pages: &[Page]) -> Exit {
    if let Err(error) = fs::create_dir_all(folder) {
        return refused(&format!(
            "the folder {} cannot be made: {error}; choose another",
            folder.display()
        ));
    }
    let mut paths = pages.iter().map(|page| folder.join(&page.file));
    if let Some(taken) = paths.find(|path| path.symlink_metadata().is_ok()) {
        return refused(&format!(
            "{} already exists; remove it, or choose another folder",
            taken.display()
        ));
    }
    for page in pages {
        if let Err(error) = write_new(&folder.join(&page.file), &page.text) {
            say(&error.to_string());
            return Exit::Unrecorded;
        }
    }
    say(&format!(
        "wrote {} pages; read the first with: man -l {}",
        pages.len(),
        folder.join(MAIN).display()
    ));
    Exit::Go
}

fn refused(reason: &str) -> Exit {
    say(&format!("no manual page was written: {reason}"));
    Exit::Unrecorded
}

/// The pages of the program and of each command, with those below it.
fn pages() -> io::Result<Vec<Page>> {
    // `gate help check` prints what `gate check --help` does.
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let mut pages = Vec::new();
    add(&program, true, &mut pages)?;
    Ok(pages)
}

fn add(command: &Command, is_program: bool, pages: &mut Vec<Page>) -> io::Result<()> {
    pages.push(page(command, is_program)?);
    let below = command.get_subcommands().filter(|one| !one.is_hide_set());
    for command in below {
        add(command, false, pages)?;
    }
    Ok(())
}

fn page(command: &Command, is_program: bool) -> io::Result<Page> {
    let man = Man::new(command.clone())
        .date(version::date())
        .source(format!("gate {}", version::NUMBER))
        .manual("gate manual");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    // What follows the help is lines, and stays so: the generator's own section would run them together.
    if let Some(lines) = command.get_after_help() {
        let heading = if is_program {
            "EXIT STATUS"
        } else {
            "EXAMPLES"
        };
        as_lines(heading, &lines.to_string()).to_writer(&mut text)?;
    }
    if !is_program {
        let mut see = Roff::new();
        see.control("SH", ["SEE ALSO"]).text([roman("gate(1)")]);
        see.to_writer(&mut text)?;
    }
    Ok(Page {
        file: man.get_filename(),
        text,
    })
}

fn as_lines(heading: &str, lines: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [heading]).control("nf", []);
    for line in lines.lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff
}
