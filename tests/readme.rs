//! What the README shows is what the program prints, and it is short.

use std::fs;

use anstyle_svg::{Term, WIN10_CONSOLE};

use crate::support::program::Workplace;
use crate::support::scenario::repository;

const PICTURE: &str = "docs/verdict.svg";
/// Places in a palette: a colour, and how far behind it is its bright one.
const RED: usize = 1;
const BRIGHT: usize = 8;
const MAX_WORDS: usize = 900;

fn readme() -> String {
    fs::read_to_string(repository().join("README.md")).expect("README.md")
}

/// The output of the README's first command on a terminal with colours, drawn.
fn picture() -> String {
    let text = readme();
    let command = text.split("-- check ").nth(1).expect("the first command");
    let words: Vec<&str> = command
        .lines()
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let place = Workplace::new();
    let evidence = place.path().join("evidence");
    let mut arguments: Vec<&str> = vec!["check"];
    arguments.extend(words.iter().take_while(|word| **word != "--evidence"));
    arguments.extend(["--evidence", evidence.to_str().expect("UTF-8")]);
    let mut gate = place.command(
        &arguments,
        &[("CLICOLOR_FORCE", "1"), ("TERM", "xterm-256color")],
    );
    let output = gate.current_dir(repository()).output().expect("gate runs");
    assert_eq!(output.status.code(), Some(4));
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    // VGA's red is too dark to read on black.
    let mut palette = WIN10_CONSOLE;
    palette.0[RED] = palette.0[RED + BRIGHT];
    Term::new().palette(palette).render_svg(&printed)
}

#[test]
fn the_picture_is_what_the_first_command_prints() {
    let kept = fs::read_to_string(repository().join(PICTURE)).expect(PICTURE);
    assert!(
        kept == picture(),
        "{PICTURE} is old: cargo test --test integration readme::bless -- --ignored"
    );
}

#[test]
#[ignore = "draws the picture anew"]
fn bless() {
    fs::write(repository().join(PICTURE), picture()).expect(PICTURE);
}

#[test]
fn the_readme_is_short() {
    let words = readme().split_whitespace().count();
    assert!(words <= MAX_WORDS, "{words} words");
}
