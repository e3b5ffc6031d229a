//! Who may name whom: data flows one way, judging stays pure, and no two files need each other. Reads the sources as
//! syntax, without what is compiled for tests only; runs nothing of them.

mod cycles;
mod itself;
mod modules;
mod wildcards;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use cycles::{Needs, cycles, folder_needs, needs};
use modules::{Modules, read};
use wildcards::{enums, wildcards};

/// Each module with those that it may name, from the ground up: no arrow leads to a line further down, so none runs back.
/// `kind`, the words of the formats, is everybody's.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("kind", &[]),
    ("units", &[]),
    ("digest", &[]),
    ("bounded", &[]),
    ("unicode_safety", &[]),
    ("secret", &[]),
    ("provenance", &["secret"]),
    ("verdict", &[]),
    ("schema", &[]),
    ("codes", &[]),
    ("version", &["units"]),
    ("samples", &["units"]),
    ("init", &["units"]),
    ("names", &["unicode_safety"]),
    (
        "ledger",
        &[
            "units",
            "verdict",
            "digest",
            "unicode_safety",
            "names",
            "provenance",
        ],
    ),
    (
        "plan",
        &[
            "units",
            "secret",
            "names",
            "digest",
            "unicode_safety",
            "verdict",
        ],
    ),
    ("import", &["units", "plan"]),
    ("findings", &["units", "samples", "plan", "secret"]),
    (
        "http",
        &["units", "samples", "bounded", "plan", "secret", "version"],
    ),
    (
        "records",
        &[
            "digest",
            "bounded",
            "unicode_safety",
            "secret",
            "http",
            "version",
        ],
    ),
    (
        "rollout",
        &["units", "verdict", "digest", "ledger", "plan", "provenance"],
    ),
    (
        "assessment",
        &["units", "samples", "verdict", "ledger", "plan", "rollout"],
    ),
    (
        "source",
        &[
            "units",
            "samples",
            "bounded",
            "ledger",
            "findings",
            "plan",
            "provenance",
            "http",
        ],
    ),
    (
        "evaluate",
        &[
            "units",
            "samples",
            "findings",
            "ledger",
            "plan",
            "verdict",
            "assessment",
            "rollout",
        ],
    ),
    (
        "backtest",
        &[
            "units",
            "samples",
            "plan",
            "verdict",
            "assessment",
            "evaluate",
        ],
    ),
    ("exit", &["verdict"]),
    ("watch", &["units", "samples", "verdict", "ledger"]),
    (
        "evidence",
        &[
            "watch",
            "units",
            "digest",
            "ledger",
            "samples",
            "plan",
            "exit",
            "provenance",
            "unicode_safety",
            "assessment",
            "verdict",
            "rollout",
        ],
    ),
    (
        "report",
        &[
            "units",
            "digest",
            "codes",
            "secret",
            "verdict",
            "samples",
            "unicode_safety",
            "plan",
            "evaluate",
            "evidence",
            "ledger",
            "assessment",
            "rollout",
            "backtest",
            "version",
        ],
    ),
    ("notices", &["ledger", "plan", "http", "report"]),
    (
        "attest",
        &[
            "digest",
            "unicode_safety",
            "plan",
            "evidence",
            "assessment",
            "verdict",
        ],
    ),
    (
        "output",
        &["units", "digest", "ledger", "report", "verdict", "records"],
    ),
];

/// Where all meet: these may name everybody, and nobody names them.
const FREE: &[&str] = &["cli", "commands"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The crate, read once for all rules.
static CRATE: LazyLock<Modules> = LazyLock::new(|| read(&root()));

/// What the modules at the top name of each other: who, whom, and in which files.
fn arrows(modules: &Modules) -> BTreeMap<(String, String), BTreeSet<PathBuf>> {
    let mut arrows = BTreeMap::<_, BTreeSet<PathBuf>>::new();
    for (name, module) in modules {
        let Some(from) = name.first() else {
            continue;
        };
        let named = module.names.iter().filter_map(|name| name.first());
        for to in named.filter(|to| *to != from && modules.contains_key(std::slice::from_ref(*to)))
        {
            let arrow = (from.clone(), to.clone());
            arrows.entry(arrow).or_default().insert(module.file.clone());
        }
    }
    arrows
}

fn allowed(from: &str) -> Option<&'static [&'static str]> {
    let line = MAY_NAME.iter().find(|(name, _)| *name == from);
    line.map(|(_, allowed)| *allowed)
}

#[test]
fn modules_name_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for ((from, to), files) in arrows(&CRATE) {
        let may = FREE.contains(&from.as_str())
            || to == "kind"
            || allowed(&from).is_some_and(|allowed| allowed.contains(&to.as_str()));
        if !may {
            wrong.push(format!(
                "{from} may not name {to}, and does so in {files:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_arrow_of_the_table_leads_back() {
    for (index, (from, allowed)) in MAY_NAME.iter().enumerate() {
        let above = &MAY_NAME[..index];
        assert!(
            above.iter().all(|(name, _)| name != from),
            "{from} is listed twice"
        );
        for to in *allowed {
            assert!(
                above.iter().any(|(name, _)| name == to),
                "{from} may name {to}, which is not above it in the table"
            );
        }
    }
}

#[test]
fn the_table_allows_nothing_that_nobody_needs() {
    let arrows = arrows(&CRATE);
    for (from, allowed) in MAY_NAME {
        for to in *allowed {
            assert!(
                arrows.contains_key(&((*from).to_owned(), (*to).to_owned())),
                "{from} may name {to} but no longer does: take it off the table"
            );
        }
    }
}

#[test]
fn every_module_is_in_the_table_or_is_where_all_meet() {
    for name in CRATE.keys().filter(|name| name.len() == 1) {
        let name = name[0].as_str();
        assert!(allowed(name).is_some() || FREE.contains(&name), "{name}");
    }
}

/// With one exception: a gate of the model holds what its criteria ask, and each kind of criterion has one file for that and
/// for its rules.
#[test]
fn no_two_folders_need_each_other() {
    let mut needs = folder_needs(&CRATE);
    let (model, criteria) = (Path::new("plan/model"), Path::new("plan/criteria"));
    let gate = needs.get_mut(model).expect("the plan's model");
    assert!(gate.remove(criteria), "no exception is needed any more");
    let arrows: Vec<String> = cycles(&needs)
        .iter()
        .flat_map(|cycle| inside(&needs, cycle))
        .collect();
    assert!(
        arrows.is_empty(),
        "these folders need each other; move what they share into one beside them:\n{}",
        arrows.join("\n")
    );
}

#[test]
fn no_two_files_need_each_other() {
    let needs = needs(&CRATE);
    let arrows: Vec<String> = cycles(&needs)
        .iter()
        .flat_map(|cycle| inside(&needs, cycle))
        .collect();
    assert!(
        arrows.is_empty(),
        "these files need each other; move what they share into a file below them:\n{}",
        arrows.join("\n")
    );
}

/// The arrows between the files of a cycle.
fn inside(needs: &Needs, cycle: &BTreeSet<PathBuf>) -> Vec<String> {
    let arrow = |from: &PathBuf, to: &PathBuf| format!("{} needs {}", from.display(), to.display());
    let of = |from: &PathBuf| {
        needs[from]
            .intersection(cycle)
            .map(|to| arrow(from, to))
            .collect::<Vec<_>>()
    };
    cycle.iter().flat_map(of).collect()
}

#[test]
fn every_file_opens_with_its_job() {
    for path in rust_files(&root()) {
        let text = fs::read_to_string(&path).expect("a source");
        assert!(text.starts_with("//! "), "{}", path.display());
    }
}

#[test]
fn every_file_of_tests_is_a_module_of_the_one_binary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let main = fs::read_to_string(folder.join("main.rs")).expect("main.rs");
    for path in rust_files(&folder).filter(|path| path.parent() == Some(&folder)) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        assert!(
            stem == "main" || main.contains(&format!("\nmod {stem};")),
            "{} never runs: name it in tests/main.rs",
            path.display()
        );
    }
}

#[test]
fn no_match_on_our_enums_has_an_arm_for_everything_else() {
    let files: BTreeSet<&PathBuf> = CRATE.values().map(|module| &module.file).collect();
    let text = |file| fs::read_to_string(root().join(file)).expect("a source");
    let texts: Vec<(&PathBuf, String)> = files.into_iter().map(|file| (file, text(file))).collect();
    let enums = texts.iter().flat_map(|(_, text)| enums(text)).collect();
    let mut found = Vec::new();
    for (path, text) in texts {
        let file = syn::parse_file(&text).expect("Rust");
        for (name, function) in wildcards(&file, &enums) {
            found.push(format!("{}: {name} in {function}", path.display()));
        }
    }
    assert!(
        found.is_empty(),
        "list the variants: a new one must not compile until it is handled here:\n{}",
        found.join("\n")
    );
}

fn rust_files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let mut folders = vec![folder.to_owned()];
    let mut files = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.insert(path);
            }
        }
    }
    files.into_iter()
}
