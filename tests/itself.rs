//! What the program tells of itself: its version, what shells complete, its manual pages.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use clap::CommandFactory;

use crate::support::program::{Finished, Workplace};

fn gate(words: &str) -> Finished {
    let words: Vec<&str> = words.split(' ').collect();
    Workplace::new().gate(&words)
}

#[test]
fn the_version_is_the_number_then_what_is_known_of_the_source() {
    let told = gate("--version");
    assert_eq!(told.code, 0);
    let number = concat!("gate ", env!("CARGO_PKG_VERSION"));
    let rest = told.out.strip_prefix(number).expect(number);
    // Tests are debug builds, which follow no commit, unless one is given.
    assert!(rest == "\n" || rest.starts_with(" ("), "{told:?}");
    assert_eq!(gate("-V").out, told.out);
}

/// Sources the script, has bash complete the last word, and prints what it found.
const COMPLETE: &str = r#"
set -euo pipefail
cd "$1"
source gate.bash
shift
complete -p gate >/dev/null
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
_gate gate "${@: -1}" "${@: -2:1}"
printf '%s\n' "${COMPREPLY[@]}"
"#;

/// What bash offers for the last of these words.
fn completed(words: &[&str]) -> BTreeSet<String> {
    let workplace = Workplace::new();
    let script = workplace.gate(&["completions", "bash"]);
    assert_eq!(script.code, 0);
    workplace.write("gate.bash", &script.out);
    let folder = workplace.path().to_string_lossy().into_owned();
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", COMPLETE, "bash", &folder]);
    let output = bash.args(words).output().expect("bash runs");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_and_their_values() {
    let found = completed(&["gate", "che"]);
    assert_eq!(found, BTreeSet::from(["check".to_owned()]));
    let found = completed(&["gate", "check", "--acc"]);
    assert_eq!(found, BTreeSet::from(["--accept-overrides".to_owned()]));
    let found = completed(&["gate", "schema", "e"]);
    assert_eq!(found, BTreeSet::from(["evidence".to_owned()]));
    let commands = completed(&["gate", ""]);
    for command in gate::cli::Cli::command().get_subcommands() {
        assert!(commands.contains(command.get_name()), "{commands:?}");
    }
}

#[test]
fn each_shell_has_its_own_script_and_others_are_refused() {
    let shells = ["bash", "zsh", "fish", "powershell", "elvish"];
    let scripts = shells.map(|shell| {
        let script = gate(&format!("completions {shell}"));
        assert_eq!(script.code, 0, "{shell}");
        assert!(script.out.contains("accept-overrides"), "{shell}");
        script.out
    });
    assert_eq!(BTreeSet::from(scripts).len(), shells.len());
    let refused = gate("completions tcsh");
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("possible values"), "{refused:?}");
}

/// The page of each command below this one, with it.
fn names(command: &clap::Command, before: &str) -> Vec<String> {
    let name = format!("{before}{}", command.get_name());
    let below = command.get_subcommands();
    let below = below.flat_map(|one| names(one, &format!("{name}-")));
    below.chain([format!("{name}.1")]).collect()
}

#[test]
fn each_command_has_a_manual_page() {
    let workplace = Workplace::new();
    let written = workplace.gate(&["man", "pages/of/gate"]);
    assert_eq!(written.code, 0, "{written:?}");
    assert!(written.err.contains("man -l pages/of/gate/gate.1"));
    let expected = BTreeSet::from_iter(names(&gate::cli::Cli::command(), ""));
    let folder = workplace.path().join("pages/of/gate");
    let found = fs::read_dir(&folder).expect("a folder");
    let found = found.map(|entry| entry.expect("an entry").file_name().into_string());
    let found: BTreeSet<String> = found.map(|name| name.expect("UTF-8")).collect();
    assert_eq!(found, expected);
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a page");
    assert_eq!(workplace.gate(&["man"]).out, read("gate.1"));
    assert!(read("gate.1").contains("gate\\-check(1)"));
    let page = read("gate-incident-open.1");
    assert!(page.contains("\\-\\-severity") && page.contains("gate(1)"));
}

#[test]
fn manual_pages_replace_nothing() {
    let workplace = Workplace::new();
    fs::create_dir(workplace.path().join("pages")).expect("made");
    workplace.write("pages/gate-status.1", "mine");
    let refused = workplace.gate(&["man", "pages"]);
    assert_eq!(refused.code, 5);
    assert_eq!(
        refused.err,
        "no manual page was written: pages/gate-status.1 already exists; remove it, or choose another folder\n"
    );
    assert_eq!(workplace.files("pages", "").len(), 1);
    workplace.write("file", "");
    let refused = workplace.gate(&["man", "file/pages"]);
    assert_eq!(refused.code, 5);
    assert!(refused.err.contains("cannot be made"), "{refused:?}");
}
