//! The folders of `fixtures/`, as `fixtures/README.md` describes them.

use std::fs;
use std::path::{Path, PathBuf};

/// One folder.
pub struct Scenario {
    /// Where it is.
    pub folder: PathBuf,
}

impl Scenario {
    /// The folder's name.
    pub fn name(&self) -> String {
        let name = self.folder.file_name().expect("a name");
        name.to_string_lossy().into_owned()
    }

    /// One of its files.
    pub fn read(&self, file: &str) -> String {
        let path = self.folder.join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The arguments of `gate check` with which it was recorded; the plan comes first.
    pub fn arguments(&self) -> Vec<String> {
        self.read("args").lines().map(str::to_owned).collect()
    }

    /// Its recorded answers, relative to the repository.
    pub fn answers(&self) -> String {
        format!("fixtures/{}/answers.json.gz", self.name())
    }

    /// Its plan, relative to the repository.
    pub fn plan(&self) -> String {
        self.arguments().into_iter().next().expect("a plan")
    }
}

/// Every folder of `fixtures/`, by name, except those that hold single answers, single queries and files of other tools.
pub fn all() -> Vec<Scenario> {
    let entries = fs::read_dir(repository().join("fixtures")).expect("fixtures");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a fixture").path())
        .filter(|path| path.is_dir())
        .filter(|path| {
            ["responses", "queries", "import"]
                .iter()
                .all(|other| !path.ends_with(other))
        })
        .collect();
    folders.sort();
    assert!(!folders.is_empty(), "there is no fixture");
    folders
        .into_iter()
        .map(|folder| Scenario { folder })
        .collect()
}

/// The only file of an evidence folder with this ending (not the answers, which end in `.json.gz`).
pub fn written(evidence: &Path, ending: &str) -> PathBuf {
    let entries = fs::read_dir(evidence).expect("evidence");
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("evidence").path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    assert_eq!(found.len(), 1, "files that end in {ending}: {found:?}");
    found.remove(0)
}

/// Every plan of `rollout-plans/`, by name.
pub fn plans() -> Vec<PathBuf> {
    let entries = fs::read_dir(repository().join("rollout-plans")).expect("plans");
    let mut plans: Vec<PathBuf> = entries.map(|entry| entry.expect("a plan").path()).collect();
    plans.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    plans.sort();
    assert!(!plans.is_empty(), "there is no plan");
    plans
}

/// The repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
