//! `gate import`: each file of `fixtures/import` becomes the plan that stands beside it, or is refused in those words.
//!
//! After an intended change rewrite them with `cargo test --test integration import_files::bless -- --ignored`, and read the difference
//! before committing it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use gate::import::{ForeignFile, Imported, import};

use crate::support::program::Workplace;

const TOOLS: [&str; 3] = ["argo", "flagger", "slo"];

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Fully,
    WithNotes,
    InPart,
    Not,
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a tool, by name.
fn files(tool: &str) -> Vec<PathBuf> {
    let folder = repository().join("fixtures/import").join(tool);
    let entries = fs::read_dir(folder).expect("the fixtures");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let is_manifest = |path: &PathBuf| path.extension().is_some_and(|end| end == "yaml");
    let mut paths: Vec<PathBuf> = paths.filter(is_manifest).collect();
    paths.sort();
    paths
}

fn all_files() -> impl Iterator<Item = PathBuf> {
    TOOLS.into_iter().flat_map(files)
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().expect("a name");
    name.to_string_lossy().into_owned()
}

fn imported(path: &Path) -> Result<Imported, Vec<String>> {
    let (name, bytes) = (name_of(path), fs::read(path).expect("a fixture"));
    let file = ForeignFile {
        name: &name,
        bytes: &bytes,
    };
    import(&[file], &BTreeMap::new())
}

fn sort(imported: &Result<Imported, Vec<String>>) -> Sort {
    match imported {
        Err(_) => Sort::Not,
        Ok(imported) if !imported.left_out.is_empty() => Sort::InPart,
        Ok(imported) if !imported.notes.is_empty() => Sort::WithNotes,
        Ok(_) => Sort::Fully,
    }
}

/// What stands beside a file: the plan, or why there is none.
fn told(imported: &Result<Imported, Vec<String>>) -> String {
    match imported {
        Ok(imported) => imported.plan.clone(),
        Err(reasons) => {
            let mut text = String::new();
            for why in reasons {
                writeln!(text, "no plan was written: {why}").expect("text");
            }
            text
        }
    }
}

fn beside(path: &Path) -> PathBuf {
    path.with_extension("expected")
}

#[test]
fn each_file_becomes_the_plan_beside_it() {
    let mut wrong = String::new();
    let mut count = 0;
    for path in all_files() {
        let (found, expected) = (told(&imported(&path)), fs::read_to_string(beside(&path)));
        if expected.as_deref().ok() != Some(&found) {
            writeln!(wrong, "{}:\n{found}", path.display()).expect("text");
        }
        assert_eq!(found, told(&imported(&path)), "twice the same");
        count += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 40, "{count} files");
}

#[test]
#[ignore = "rewrites the expected plans"]
fn bless() {
    for path in all_files() {
        fs::write(beside(&path), told(&imported(&path))).expect("written");
    }
}

#[test]
fn nothing_is_expected_of_files_that_are_gone() {
    let known: BTreeSet<PathBuf> = all_files().map(|path| beside(&path)).collect();
    for tool in TOOLS {
        let folder = repository().join("fixtures/import").join(tool);
        for entry in fs::read_dir(folder).expect("the fixtures") {
            let path = entry.expect("an entry").path();
            let is_expected = path.extension().is_some_and(|end| end == "expected");
            assert!(!is_expected || known.contains(&path), "{}", path.display());
        }
    }
}

#[test]
fn each_plan_that_is_written_is_valid_and_each_exit_code_says_what_is_in_it() {
    for path in all_files() {
        let imported = imported(&path);
        let workplace = Workplace::new();
        workplace.write("foreign.yaml", fs::read(&path).expect("a fixture"));
        let import = ["import", "foreign.yaml", "-o", "plan.yaml"];
        let whole = workplace.gate(&import);
        let expected = match sort(&imported) {
            Sort::Fully | Sort::WithNotes => 0,
            Sort::InPart | Sort::Not => 2,
        };
        assert_eq!(whole.code, expected, "{}: {whole:?}", path.display());
        let plan = workplace.path().join("plan.yaml");
        assert_eq!(plan.exists(), expected == 0, "{}", path.display());
        if sort(&imported) == Sort::InPart {
            let part = workplace.gate(&[&import[..], &["--partial"]].concat());
            assert_eq!(part.code, 0, "{}: {part:?}", path.display());
        }
        let Ok(imported) = imported else { continue };
        let vars = imported.needed.iter().flat_map(|name| {
            let value = if name.contains("window") { "5m" } else { "x" };
            ["--var".to_owned(), format!("{name}={value}")]
        });
        let words: Vec<String> = ["validate", "plan.yaml"]
            .map(str::to_owned)
            .into_iter()
            .chain(vars)
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let valid = workplace.gate(&words);
        assert_eq!(valid.code, 0, "{}: {valid:?}", path.display());
    }
}

#[test]
fn the_page_counts_what_becomes_of_them() {
    let page = fs::read_to_string(repository().join("docs/import.md")).expect("docs/import.md");
    let title = |tool: &str| match tool {
        "argo" => "Argo Rollouts",
        "flagger" => "Flagger",
        _ => "Sloth and OpenSLO",
    };
    for tool in TOOLS {
        let sorts: Vec<Sort> = files(tool)
            .iter()
            .map(|path| sort(&imported(path)))
            .collect();
        let count = |wanted: Sort| sorts.iter().filter(|sort| **sort == wanted).count();
        let row = format!(
            "| {} | {} | {} | {} | {} | {} |",
            title(tool),
            sorts.len(),
            count(Sort::Fully),
            count(Sort::WithNotes),
            count(Sort::InPart),
            count(Sort::Not)
        );
        assert!(page.contains(&row), "docs/import.md needs the row {row}");
    }
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(repository().join("fixtures/import").join(name)).expect("a fixture")
}

#[test]
fn a_plan_that_is_there_is_left_alone() {
    let workplace = Workplace::with_plan("mine");
    workplace.write("argo.yaml", fixture("argo/success-rate.yaml"));
    let refused = workplace.gate(&["import", "argo.yaml", "-o", "plan.yaml"]);
    refused.says(
        5,
        "no plan was written: plan.yaml already exists, and a plan is never overwritten",
    );
    let kept = fs::read_to_string(workplace.path().join("plan.yaml")).expect("the plan");
    assert_eq!(kept, "mine");
}

#[test]
fn without_a_name_the_plan_is_printed() {
    let workplace = Workplace::new();
    workplace.write("success-rate.yaml", fixture("argo/success-rate.yaml"));
    let printed = workplace.gate(&["import", "success-rate.yaml"]);
    assert_eq!((printed.code, printed.err.as_str()), (0, ""));
    let expected = fixture("argo/success-rate.expected");
    assert_eq!(printed.out.as_bytes(), expected);
}

#[test]
fn a_value_of_an_argument_comes_from_the_command_line() {
    let workplace = Workplace::new();
    workplace.write("untuned.yaml", fixture("argo/threshold-without-value.yaml"));
    let import = ["import", "untuned.yaml"];
    let refused = workplace.gate(&import);
    refused.says(2, "give it with `--var max_errors=VALUE`");
    let given = workplace.gate(&[&import[..], &["--var", "max_errors=0.5"]].concat());
    assert_eq!(given.code, 0, "{given:?}");
    assert!(
        given.out.contains("\"> 0.5\"") && given.out.contains("\"<= 0.5\""),
        "{}",
        given.out
    );
}

#[test]
fn several_files_make_one_plan() {
    let workplace = Workplace::new();
    let both = String::from_utf8(fixture("argo/canary-with-steps.yaml")).expect("text");
    let (rollout, template) = both.split_once("\n---\n").expect("two documents");
    workplace.write("rollout.yaml", rollout);
    workplace.write("template.yaml", template);
    let alone = workplace.gate(&["import", "rollout.yaml"]);
    alone.says(2, "`success-rate`: it is in none of the files");
    let together = workplace.gate(&["import", "rollout.yaml", "template.yaml"]);
    assert_eq!(together.code, 0, "{together:?}");
    assert!(
        together.out.contains("- name: weight-50"),
        "{}",
        together.out
    );
}

#[test]
fn files_that_cannot_be_read_are_each_named() {
    let workplace = Workplace::new();
    let refused = workplace.gate(&["import", "one.yaml", "two.yaml"]);
    refused.says(2, "no plan was written: one.yaml cannot be read");
    refused.says(2, "no plan was written: two.yaml cannot be read");
}
