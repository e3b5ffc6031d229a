//! Snapshots of the status, compared exactly, and what must hold for every one of them.
//!
//! After an intended change rewrite them with `cargo test --lib status::tests::bless -- --ignored`, and read the difference.

use std::fs;
use std::path::PathBuf;

use unicode_width::UnicodeWidthStr;

use super::{status_json, status_text};
use crate::ledger::EventKind;
use crate::report::Style;
use crate::rollout::scenarios;
use crate::unicode_safety::is_hidden;
use crate::units::Duration;

fn plain(width: usize) -> Style {
    Style {
        width,
        ..Style::FILE
    }
}

fn snapshots() -> Vec<(PathBuf, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/report/status/snapshots");
    let mut snapshots = Vec::new();
    for (name, status) in scenarios::all() {
        let text = status_text(&status, &plain(80));
        snapshots.push((folder.join(format!("{name}.txt")), text));
        if name == "running" {
            let narrow = Style {
                width: 40,
                colour: false,
                unicode: false,
                whole: true,
            };
            let narrow = status_text(&status, &narrow);
            snapshots.push((folder.join("running-40-ascii.txt"), narrow));
        }
        // Between them they have every key.
        if matches!(
            name,
            "running" | "stopped" | "left-on-an-override" | "superseded" | "incidents-closed"
        ) {
            let json = status_json(&status);
            snapshots.push((folder.join(format!("{name}.json")), json));
        }
    }
    snapshots
}

#[test]
fn the_status_is_what_the_snapshots_say() {
    for (path, shown) in snapshots() {
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(kept, shown, "{}\n{shown}", path.display());
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
fn no_line_is_wider_than_the_terminal() {
    for (name, status) in scenarios::all() {
        for width in [0, 40, 64, 80, 200] {
            for line in status_text(&status, &plain(width)).lines() {
                assert!(
                    line.width() <= width.clamp(40, 110),
                    "{name} at {width}: {line}"
                );
            }
        }
    }
}

#[test]
fn l18_a_check_says_what_came_after_it() {
    for (turned, said) in [
        (EventKind::Reopened, ", before it was reopened"),
        (EventKind::RolledBack, ", before the rollback"),
        (EventKind::Started, ", before the stage began"),
    ] {
        let mut found = false;
        for (_, mut status) in scenarios::all() {
            let gates = status.stages.iter_mut().flat_map(|stage| &mut stage.gates);
            for last in gates.filter_map(|gate| gate.last.as_mut()) {
                (last.before_start, last.turned) = (true, Some(turned));
                last.superseded = None;
                found = true;
            }
            let shown = status_text(&status, &plain(110));
            assert_eq!(shown.contains(" was "), shown.contains(said), "{shown}");
        }
        assert!(found);
    }
}

#[test]
fn l18_an_incident_says_when_it_was_recorded_if_it_came_up_before() {
    let (mut apart, mut together) = (0, 0);
    for (_, mut status) in scenarios::all() {
        for (place, incident) in status.incidents.iter_mut().enumerate() {
            let earlier = Duration::from_secs(if place == 0 { 3600 } else { 60 });
            incident.opened = incident.recorded - earlier;
        }
        let shown = status_text(&status, &plain(200));
        for (place, incident) in status.incidents.iter().enumerate() {
            let (recorded, opened) = (incident.recorded, incident.opened);
            let both = format!("recorded at {recorded}, opened at {opened}");
            let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(words.contains(&both), place == 0, "{shown}");
            *(if place == 0 {
                &mut apart
            } else {
                &mut together
            }) += 1;
        }
    }
    assert!(apart > 0, "{apart} and {together}");
}

#[test]
fn no_line_begins_with_a_verdict() {
    for (name, status) in scenarios::all() {
        let text = status_text(&status, &plain(100));
        for line in text.lines() {
            let first = line.split_whitespace().next();
            assert_ne!(first, Some("GO"), "{name}: {line}");
        }
    }
}

#[test]
fn hostile_texts_do_nothing_on_a_terminal() {
    let evil = "\u{1b}[2J\u{1b}[32mGO\u{202e}\u{200b}\r\u{7}";
    for (_, mut status) in scenarios::all() {
        status.plan.push_str(evil);
        status.release.name.push_str(evil);
        for stage in &mut status.stages {
            stage.name.push_str(evil);
            stage.title = Some(evil.to_owned());
            stage.flags.push(evil.to_owned());
        }
        for owed in &mut status.outstanding {
            owed.title = Some(evil.to_owned());
            owed.next_step.owner = Some(evil.to_owned());
        }
        for incident in &mut status.incidents {
            incident.id.push_str(evil);
            incident.details.description = Some(evil.to_owned());
            incident.details.owner = Some(evil.to_owned());
        }
        let acts = |character: char| character != '\n' && is_hidden(character);
        assert!(!status_text(&status, &plain(80)).chars().any(acts));
        assert!(!status_json(&status).chars().any(acts));
    }
}

#[test]
fn without_unicode_we_draw_ascii_only() {
    for (_, status) in scenarios::all() {
        let style = Style {
            unicode: false,
            ..plain(80)
        };
        assert!(status_text(&status, &style).is_ascii());
    }
}

#[test]
fn l4_a_window_that_waits_for_points_that_have_passed_says_until_when_as_the_check_did() {
    let waits = "wait until 2026-11-22T09:33:00Z at the earliest (errors was last bad at 2026-11-20T09:32:00Z)";
    let mut found = false;
    for (name, mut status) in scenarios::all() {
        let windows = status.stages.iter_mut().flat_map(|one| &mut one.windows);
        for window in windows {
            window.waits = Some(waits.to_owned());
            found = true;
        }
        let shown = status_text(&status, &plain(200));
        assert!(!shown.contains(", complete "), "{name}: {shown}");
    }
    assert!(found);
}
