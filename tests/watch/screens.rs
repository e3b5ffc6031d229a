//! What a watch looks like: a block that is redrawn in place on a terminal, lines alone elsewhere (W19, W20).

use std::process::Command;

use super::Watching;
use crate::support::live::Live;
use crate::support::program::Workplace;

/// Ten KPIs: more than a small terminal has room for.
fn many() -> (Live, Workplace) {
    let live = Live::new();
    live.has(-600.0, 600.0, 0.75);
    let kpis = (0..10).map(|one| {
        format!("  indicator_with_a_long_name_{one}: {{query: q{one}, unit: percent, step: 1s, per: site}}\n")
    });
    let asked = (0..10).map(|one| format!("indicator_with_a_long_name_{one}: \"< 1%\""));
    let workplace = Workplace::with_plan(&format!(
        "release: {{name: checkout, version: 2.1.0}}\nsource: {}\nkpis:\n{}stages:\n  - name: pilot\n    window: 60s\n    exit: {{kpis: {{{}}}}}\n",
        live.url(),
        kpis.collect::<String>(),
        asked.collect::<Vec<_>>().join(", ")
    ));
    workplace
        .gate(&["start", "plan.yaml", "pilot", "--by", "ada"])
        .says(0, "recorded #1");
    (live, workplace)
}

/// What a terminal of so many columns and rows gets.
fn on_a_terminal(
    workplace: &Workplace,
    (columns, rows): (usize, usize),
    environment: &[(&str, &str)],
) -> String {
    let gate = env!("CARGO_BIN_EXE_gate");
    let line = format!(
        "stty rows {rows} cols {columns}; exec {gate} watch plan.yaml --by ada --every 1s --for 8s"
    );
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]);
    script.current_dir(workplace.path()).env_clear();
    let cache = workplace.path().join("cache");
    script
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm-256color")
        .env("XDG_CACHE_HOME", cache);
    let script = script.envs(environment.iter().copied());
    let output = script.output().expect("script, of util-linux");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    String::from_utf8(output.stdout)
        .expect("UTF-8")
        .replace('\r', "")
}

/// Without what colours it.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic());
        rest = &after[end.map_or(after.len(), |end| end + 1)..];
    }
    plain + rest
}

#[test]
fn w19_the_block_is_never_higher_or_wider_than_the_terminal() {
    for (columns, rows) in [(80, 24), (40, 12)] {
        let (_live, workplace) = many();
        let seen = on_a_terminal(&workplace, (columns, rows), &[]);
        assert!(!seen.contains("\u{1b}[?1049h"), "the alternate screen");
        // Up to the first line of the block, and everything from there on erased.
        let pieces: Vec<&str> = seen.split("\u{1b}[J").collect();
        let redrawn = pieces.iter().filter_map(|piece| {
            let (_, up) = piece.rsplit_once("\u{1b}[")?;
            up.strip_suffix('F')?.parse::<usize>().ok()
        });
        let heights: Vec<usize> = redrawn.collect();
        assert!(heights.len() >= 4, "{heights:?} in\n{seen}");
        assert!(
            heights.iter().all(|height| *height <= rows - 2),
            "{heights:?}"
        );
        let blocks = pieces
            .iter()
            .filter(|piece| piece.contains("next round in"));
        for block in blocks {
            let block = plain(block);
            let (block, _) = block.split_once("next round in").expect("a block");
            let block = block.lines().rev().take_while(|line| !line.contains("Z  "));
            for line in block {
                assert!(line.chars().count() < columns, "{columns}: {line}");
            }
        }
        let has_more = plain(&seen).contains("… and ");
        assert_eq!(has_more, rows == 12, "{}", plain(&seen));
        // The report takes the place of the block.
        let (_, end) = seen.rsplit_once("next round in").expect("a block");
        assert!(plain(end).contains("pilot/exit"), "{seen}");
    }
}

#[test]
fn w19_no_colours_where_they_are_not_wanted() {
    let (_live, workplace) = many();
    let seen = on_a_terminal(&workplace, (80, 24), &[("NO_COLOR", "1")]);
    let colours = seen.split("\u{1b}[").skip(1).filter(|rest| {
        let end = rest.find(|c: char| c.is_ascii_alphabetic());
        end.is_some_and(|end| rest[end..].starts_with('m'))
    });
    assert_eq!(colours.count(), 0, "{seen:?}");
    assert!(seen.contains("next round in"));
}

#[test]
fn w20_lines_alone_in_ci_and_in_a_pipe() {
    let (_live, workplace) = many();
    let seen = on_a_terminal(&workplace, (80, 24), &[("CI", "true")]);
    assert!(!seen.contains("next round in"), "{seen}");
    assert!(
        !seen.contains('\u{1b}') || !seen.contains("\u{1b}[J"),
        "{seen:?}"
    );
    assert!(seen.contains("recorded  HOLD"), "{seen}");
    let watching = Watching::begin(&workplace, &["--for", "3s"]);
    let finished = watching.end();
    finished.says(3, "recorded HOLD").never_says("\u{1b}");
    finished.never_says("next round in");
}
