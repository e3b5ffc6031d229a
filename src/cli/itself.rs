//! What the program tells of itself: completions and manual pages.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// Where each shell looks for completions.
const PLACES: &str = "\
bash:        gate completions bash > ~/.local/share/bash-completion/completions/gate
zsh:         gate completions zsh > FOLDER/_gate, in a folder of $fpath
fish:        gate completions fish > ~/.config/fish/completions/gate.fish
elvish:      gate completions elvish >> ~/.config/elvish/rc.elv
PowerShell:  gate completions powershell >> $PROFILE";

/// `gate completions`.
#[derive(Debug, Args)]
#[command(after_help = PLACES)]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Where manual pages are looked for.
const PAGES: &str = "\
gate man | man -l -
gate man ~/.local/share/man/man1";

/// `gate man`.
#[derive(Debug, Args)]
#[command(after_help = PAGES)]
pub struct ManArgs {
    /// Write a page for each command to this folder [default: print the page of gate itself]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
}
