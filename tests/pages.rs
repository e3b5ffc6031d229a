//! What the documents show works: every block of YAML is valid, every console block is what was typed and printed.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use gate::plan::{Options, load};
use serde_yaml::Value;

use crate::support::program::Workplace;
use crate::support::scenario::repository;

/// Replayed elsewhere, on a real server: `tests/walk.rs`.
const WALK: &str = "tutorial.md";
/// Its plans are wrong on purpose: `src/codes.rs`.
const CODES: &str = "codes.md";
/// A plan without the key that a fragment shows.
const SMALLEST: &str = "release: r\nsource: http://127.0.0.1:9090\nkpis: { up: { query: min(up), unit: none } }\n\
                        stages: [{ name: a, window: 5m, exit: { kpis: { up: '== 1' }, approvals: [product, security] } }]\n";

/// The pages with their text.
fn pages() -> Vec<(PathBuf, String)> {
    let root = repository();
    let folders = ["docs", "docs/criteria"].map(|folder| fs::read_dir(root.join(folder)));
    let listed = folders
        .into_iter()
        .flat_map(|entries| entries.expect("a folder"));
    let paths = listed.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .chain([root.join("README.md"), root.join("SECURITY.md")])
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a page");
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// What is between fences of this language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    let rest = page.split(opening.as_str()).skip(1);
    rest.map(|rest| rest.split("\n```").next().unwrap_or_default())
        .collect()
}

/// What is wrong with a block of YAML: of a plan, of a part of a plan, or of what another program reads.
fn wrong(block: &str) -> Option<String> {
    let parsed: Value = match serde_yaml::from_str(block) {
        Ok(parsed) => parsed,
        Err(error) => return Some(error.to_string()),
    };
    let first = parsed
        .as_mapping()
        .and_then(|map| map.keys().next()?.as_str().map(str::to_owned));
    let key = first?;
    let is_ours = [
        "source",
        "notify",
        "records",
        "ledger",
        "signatures",
        "kpis",
        "stages",
        "defaults",
    ];
    let plan = match key.as_str() {
        "release" => block.to_owned(),
        key if is_ours.contains(&key) => joined(&parsed),
        _ => return None,
    };
    let options = Options::default();
    match load(plan.as_bytes(), &options) {
        Err(problems) => Some(format!("{problems:#?}")),
        Ok(loaded) if !loaded.warnings.is_empty() => Some(format!("{:#?}", loaded.warnings)),
        Ok(_) => None,
    }
}

/// The smallest plan with these keys.
fn joined(part: &Value) -> String {
    let mut plan: Value = serde_yaml::from_str(SMALLEST).expect("a plan");
    let keys = plan.as_mapping_mut().expect("its keys");
    for (key, value) in part.as_mapping().expect("keys") {
        keys.insert(key.clone(), value.clone());
    }
    serde_yaml::to_string(&plan).expect("YAML")
}

#[test]
fn every_block_of_yaml_is_valid_without_a_warning() {
    let (mut count, mut found) = (0, Vec::new());
    for (path, text) in pages().iter().filter(|(path, _)| !path.ends_with(CODES)) {
        for block in blocks(text, "yaml") {
            count += 1;
            found.extend(wrong(block).map(|why| format!("{}:\n{block}\n{why}", path.display())));
        }
    }
    assert!(count > 40, "{count}");
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

/// What was typed, with what is shown of the output: a line that is `…` stands for any lines.
struct Typed<'a> {
    line: &'a str,
    shown: Vec<&'a str>,
}

fn typed(page: &str) -> Vec<Typed<'_>> {
    let mut all: Vec<Typed<'_>> = Vec::new();
    for line in blocks(page, "console").into_iter().flat_map(str::lines) {
        match line.strip_prefix("$ ") {
            Some(line) => all.push(Typed {
                line,
                shown: Vec::new(),
            }),
            None => all.last_mut().expect("a command first").shown.push(line),
        }
    }
    all
}

fn shows(shown: &[&str], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((&"…", rest)) => (0..=printed.len()).any(|skipped| shows(rest, &printed[skipped..])),
        Some((line, rest)) => printed.first() == Some(line) && shows(rest, &printed[1..]),
    }
}

/// Types all of a page in one shell, in a folder with the repository's plans and recordings and the page's first plan as `plan.yaml`.
fn replay(page: &str) -> Vec<String> {
    let place = Workplace::new();
    for folder in ["rollout-plans", "fixtures"] {
        symlink(repository().join(folder), place.path().join(folder)).expect("a link");
    }
    if let Some(plan) = blocks(page, "yaml").first() {
        place.write("plan.yaml", plan);
    }
    let typed = typed(page);
    // `$?` is of the command before, so that one shell runs them all.
    let mark = "--- next ---";
    let lines = typed
        .iter()
        .map(|one| format!("{}\ncode=$?; echo '{mark}'; (exit $code)\n", one.line));
    let folder = Path::new(env!("CARGO_BIN_EXE_gate"))
        .parent()
        .expect("a folder");
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("exec 2>&1\n{}", lines.collect::<String>()))
        .current_dir(place.path())
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("USER", "mara")
        .env("HOSTNAME", "desk")
        .output()
        .expect("a shell");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let printed: Vec<&str> = printed.split(&format!("{mark}\n")).collect();
    let differs = typed.iter().zip(printed).filter_map(|(one, printed)| {
        let lines: Vec<&str> = printed.lines().collect();
        (!shows(&one.shown, &lines)).then(|| format!("$ {}\nprints\n{printed}", one.line))
    });
    differs.collect()
}

#[test]
fn every_console_block_is_what_is_printed() {
    let mut count = 0;
    for (path, text) in pages().iter().filter(|(path, _)| !path.ends_with(WALK)) {
        count += typed(text).len();
        let differs = replay(text);
        assert!(
            differs.is_empty(),
            "{}:\n{}",
            path.display(),
            differs.join("\n")
        );
    }
    assert!(count > 5, "{count}");
}

#[test]
fn every_page_is_in_the_book() {
    let root = repository().join("docs");
    let summary = fs::read_to_string(root.join("SUMMARY.md")).expect("the summary");
    let listed: BTreeSet<String> = summary
        .split("](")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap_or_default().to_owned())
        .collect();
    let own = pages().into_iter().filter_map(|(path, _)| {
        let within = path.strip_prefix(&root).ok()?;
        Some(within.to_string_lossy().into_owned())
    });
    let own: BTreeSet<String> = own.filter(|name| name != "SUMMARY.md").collect();
    assert_eq!(listed, own);
}
