//! Snapshots of whole reports, and what must hold for every one of them.
//!
//! The snapshots in `snapshots/` are compared exactly. After an intended change rewrite them with
//! `cargo test --lib tests::bless -- --ignored`, and read the difference before committing it.

use std::fs;
use std::path::PathBuf;

use unicode_width::UnicodeWidthStr;

use super::scenarios;
use super::{Style, text, verdict_lines};
use crate::assessment::{Code, Outcome};
use crate::evidence::Evidence;
use crate::unicode_safety::is_hidden;

const WIDTHS: [usize; 7] = [0, 40, 44, 63, 64, 80, 200];

fn plain(width: usize) -> Style {
    Style {
        width,
        ..Style::FILE
    }
}

fn snapshots() -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/report/snapshots");
    let mut snapshots = Vec::new();
    for (name, evidence) in scenarios::all() {
        snapshots.push((
            folder.join(format!("{name}.txt")),
            text(&evidence, &Style::FILE),
        ));
    }
    let ascii = Style {
        width: 44,
        colour: false,
        unicode: false,
    };
    snapshots.push((
        folder.join("no-go-several-series-44-ascii.txt"),
        text(&scenarios::no_go(), &ascii),
    ));
    snapshots.push((
        folder.join("verdict-lines.txt"),
        verdict_lines(&checks(), &Style::FILE),
    ));
    snapshots
}

fn checks() -> Vec<Evidence> {
    scenarios::all()
        .into_iter()
        .map(|(_, evidence)| evidence)
        .collect()
}

#[test]
fn reports_are_what_the_snapshots_say() {
    for (path, shown) in snapshots() {
        let kept = fs::read_to_string(&path).unwrap_or_default();
        for (number, (was, is)) in kept.lines().zip(shown.lines()).enumerate() {
            assert_eq!(was, is, "{}, line {}\n{shown}", path.display(), number + 1);
        }
        assert_eq!(kept, shown, "{}: one is longer\n{shown}", path.display());
    }
}

#[test]
#[ignore = "rewrites the snapshots"]
fn bless() {
    for (path, shown) in snapshots() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, shown).expect("written");
    }
}

#[test]
#[ignore = "prints every scenario, to be looked at: `cargo test --lib show_80 -- --ignored --nocapture`"]
fn show_80() {
    show(Style {
        width: 80,
        colour: true,
        unicode: true,
    });
}

#[test]
#[ignore = "as `show_80`, on a wide terminal"]
fn show_120() {
    show(Style {
        width: 120,
        colour: false,
        unicode: true,
    });
}

#[test]
#[ignore = "as `show_80`, on a narrow terminal that draws ASCII only"]
fn show_44() {
    show(Style {
        width: 44,
        colour: true,
        unicode: false,
    });
}

fn show(style: Style) {
    for (name, evidence) in scenarios::all() {
        println!("======== {name}\n{}", text(&evidence, &style));
    }
    println!("{}", verdict_lines(&checks(), &style));
}

#[test]
fn the_verdict_is_the_first_word() {
    for (_, evidence) in scenarios::all() {
        let shown = text(&evidence, &plain(80));
        assert_eq!(
            shown.split_whitespace().next(),
            Some(evidence.verdict.word())
        );
    }
}

#[test]
fn every_reason_for_a_bad_outcome_is_shown_once() {
    for (name, evidence) in scenarios::all() {
        let shown: String = words(&text(&evidence, &plain(110)));
        for criterion in evidence.gates.iter().flat_map(|gate| &gate.criteria) {
            let good = matches!(criterion.outcome, Outcome::Met | Outcome::Clear);
            let reason = words(&super::escape(&criterion.reason));
            let times = shown.matches(&reason).count();
            // A window that still runs is one reason, and also what the window's line says. What nobody has answered
            // is summed up, a pause is also what the flag says, and an earlier trip is also what decided.
            let elsewhere = reason.starts_with("31hof48h")
                || super::decided::nobody_said_anything(criterion)
                || reason.starts_with("pausedby")
                || reason.starts_with("20mof30m")
                || criterion.code == Code::TrippedBefore;
            assert!(good || times == 1 || elsewhere, "{name}: {reason} {times}×");
        }
    }
}

/// Without spaces, so that wrapping does not matter.
fn words(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for (name, evidence) in scenarios::all() {
        for width in WIDTHS {
            let shown = text(&evidence, &plain(width)) + &verdict_lines(&checks(), &plain(width));
            for line in shown.lines() {
                assert!(
                    line.width() <= width.clamp(40, 110),
                    "{name} at {width}: {line}"
                );
            }
        }
    }
}

#[test]
fn hostile_texts_are_seen_and_do_nothing() {
    let evidence = scenarios::hostile();
    for width in WIDTHS {
        let shown = text(&evidence, &plain(width)) + &verdict_lines(&checks(), &plain(width));
        assert!(
            !shown
                .chars()
                .any(|character| character != '\n' && is_hidden(character))
        );
        assert!(words(&shown).contains("\\u{1b}[2J\\u{1b}[32mGO\\u{9b}0m\\u{202e}"));
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for (name, evidence) in scenarios::all() {
        for width in WIDTHS {
            let coloured = text(
                &evidence,
                &Style {
                    colour: true,
                    ..plain(width)
                },
            );
            assert!(coloured.contains("\u{1b}["));
            assert_eq!(
                without_colour(&coloured),
                text(&evidence, &plain(width)),
                "{name} at {width}"
            );
        }
    }
}

/// Drops `ESC [ … m`.
fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').expect("a colour").1);
    }
    plain
}

#[test]
fn without_unicode_we_draw_ascii_only() {
    for (_, evidence) in scenarios::all() {
        let shown = text(
            &evidence,
            &Style {
                unicode: false,
                ..plain(80)
            },
        );
        assert!(shown.is_ascii(), "{shown}");
    }
}

#[test]
fn the_same_record_gives_the_same_text() {
    assert_eq!(
        text(&scenarios::no_go(), &Style::FILE),
        text(&scenarios::no_go(), &Style::FILE)
    );
}

#[test]
fn l11_a_stop_tells_ways_to_roll_back_as_one_or_the_other() {
    let mut evidence = scenarios::stop();
    let names = ["flag", "release", "release"];
    for (step, name) in evidence.rollback.iter_mut().zip(names) {
        step.option = Some(crate::plan::RollbackOption {
            name: name.to_owned(),
            when: (name == "flag").then(|| "activation only".to_owned()),
        });
    }
    let told = text(&evidence, &plain(80));
    let at = told.find("rollback, one of").expect("the ways");
    let lines: Vec<&str> = told[at..].lines().collect();
    assert_eq!(lines[1], "  flag: activation only");
    assert!(lines[2].starts_with("    1. "), "{told}");
    assert_eq!(lines[3], "  or release");
    assert!(lines[4].starts_with("    2. "), "{told}");
    assert_eq!(told.matches("or release").count(), 1);
}
