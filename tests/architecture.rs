//! Who may import whom: data flows one way, and judging stays pure. Reads the sources as text; runs nothing of them.

use std::fs;
use std::path::{Path, PathBuf};

/// Each module with those that it may import; what is not listed here is free (`run`, `cli`, `main`, `lib`).
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("kind", &[]),
    ("units", &[]),
    ("digest", &[]),
    ("unicode_safety", &[]),
    ("secret", &[]),
    ("provenance", &[]),
    ("verdict", &[]),
    ("schema", &[]),
    ("samples", &["kind", "units"]),
    ("findings", &["units", "samples", "secret"]),
    ("ledger", &["units", "verdict", "digest", "unicode_safety"]),
    ("plan", &["units", "secret"]),
    ("http", &["units", "samples", "plan", "secret"]),
    (
        "source",
        &[
            "units",
            "samples",
            "findings",
            "plan",
            "secret",
            "provenance",
            "http",
        ],
    ),
    (
        "evaluate",
        &["units", "samples", "findings", "ledger", "plan", "verdict"],
    ),
    (
        "evidence",
        &[
            "units",
            "samples",
            "plan",
            "evaluate",
            "exit",
            "provenance",
            "digest",
            "unicode_safety",
        ],
    ),
    (
        "status",
        &["units", "samples", "ledger", "plan", "verdict", "evaluate"],
    ),
    (
        "report",
        &[
            "units",
            "verdict",
            "samples",
            "unicode_safety",
            "plan",
            "evaluate",
            "evidence",
            "ledger",
            "status",
        ],
    ),
    (
        "attest",
        &["digest", "unicode_safety", "plan", "evaluate", "evidence"],
    ),
    ("exit", &["evaluate"]),
    ("output", &["units", "ledger", "evaluate", "report"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// All sources, each with the top-level module that it belongs to.
fn modules() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    let module = |path: &PathBuf| {
        let inner = path.strip_prefix(&root).expect("below src");
        let first = inner.iter().next().expect("a name").to_string_lossy();
        first.trim_end_matches(".rs").to_owned()
    };
    found
        .iter()
        .map(|path| (module(path), path.clone()))
        .collect()
}

/// The text without unit tests, which may build what they judge from anywhere, and without comments.
fn production(text: &str) -> String {
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    code.collect::<Vec<_>>().join("\n")
}

/// The modules of this crate that a text names.
fn imports(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for rest in production(text).split("crate::").skip(1) {
        let word = |text: &str| -> String {
            text.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        };
        match rest.strip_prefix('{') {
            None => names.push(word(rest)),
            Some(group) => names.extend(top_level(group).iter().map(|part| word(part.trim()))),
        }
    }
    names
}

/// The parts of `a::{b, c}, d}` between commas that stand in no inner brace.
fn top_level(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    parts
}

fn only_for_tests(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    ["tests", "scenarios", "rules", "catalogue"].contains(&stem.as_ref())
}

#[test]
fn modules_import_only_what_stands_upstream_of_them() {
    let mut wrong = Vec::new();
    for (module, path) in modules() {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == module) else {
            continue;
        };
        if only_for_tests(&path) {
            continue;
        }
        for name in imports(&fs::read_to_string(&path).expect("a source")) {
            // The words of the formats are everybody's.
            if name != module && name != "kind" && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{} imports {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_has_a_rule_or_is_where_all_meet() {
    let free = ["run", "cli", "main", "lib"];
    for (module, path) in modules() {
        let ruled = MAY_IMPORT.iter().any(|(name, _)| *name == module);
        assert!(
            ruled || free.contains(&module.as_str()),
            "{}",
            path.display()
        );
    }
}

#[test]
fn every_file_opens_with_its_job() {
    for (_, path) in modules() {
        let text = fs::read_to_string(&path).expect("a source");
        assert!(text.starts_with("//! "), "{}", path.display());
    }
}

#[test]
fn every_file_of_tests_is_a_module_of_the_one_binary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let main = fs::read_to_string(folder.join("main.rs")).expect("main.rs");
    let mut forgotten = Vec::new();
    for entry in fs::read_dir(&folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        if is_source && stem != "main" && !main.contains(&format!("\nmod {stem};")) {
            forgotten.push(format!(
                "{} never runs: name it in tests/main.rs",
                path.display()
            ));
        }
    }
    assert!(forgotten.is_empty(), "{}", forgotten.join("\n"));
}

#[test]
fn imports_are_read_out_of_groups_too() {
    let text = "use crate::{plan::{A, B}, run};\nuse crate::units::Unit; // crate::cli\n";
    assert_eq!(imports(text), ["plan", "run", "units"]);
}
