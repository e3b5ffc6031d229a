//! Evidence files: which ones are meant, what is in them, what is beside them. Must not judge any of it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use super::bounded;
use super::home::paths::folder;
use super::home::{Home, Unusable};
use super::surroundings::Surroundings;
use crate::digest::sha256_hex;
use crate::evidence::{Evidence, PlanCopy, v1};

/// One evidence document and where it is.
pub struct EvidenceFile {
    /// As given, or found in a folder that was given.
    pub path: PathBuf,
    /// The document as it is.
    pub text: String,
    /// SHA-256 of the document.
    pub sha256: String,
    /// What it says.
    pub evidence: Evidence,
}

impl EvidenceFile {
    /// Reads a document.
    ///
    /// # Errors
    /// A file that cannot be read, or is not evidence.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = bounded::read(path, bounded::MAX_BYTES).context("it cannot be read")?;
        let text = String::from_utf8(bytes).context("it is not UTF-8")?;
        let evidence = v1::from_json(&text)?;
        Ok(Self {
            path: path.to_owned(),
            sha256: sha256_hex(&[&text]),
            text,
            evidence,
        })
    }

    /// The document's file name.
    pub fn name(&self) -> Cow<'_, str> {
        self.path.file_name().unwrap_or_default().to_string_lossy()
    }

    /// The folder of the document.
    pub fn folder(&self) -> &Path {
        folder(&self.path)
    }

    /// A file that the evidence names beside itself. `None` for a name that would lead elsewhere.
    pub fn beside(&self, name: &str) -> Option<PathBuf> {
        let plain = Path::new(name).file_name()? == Path::new(name).as_os_str();
        plain.then(|| self.folder().join(name))
    }

    /// Where the plan was, relative to the evidence: its own folder where everything was copied together, and the one above it,
    /// where evidence is written unless somebody asks otherwise.
    pub fn plan_folders(&self) -> [PathBuf; 2] {
        near(&self.path)
    }

    /// The plan that was judged, by its digest: the copy kept with the evidence, or the plan itself if it has not changed.
    pub fn plan_file(&self) -> Option<PathBuf> {
        let seen = &self.evidence.plan;
        let copy = match &seen.copy {
            PlanCopy::Kept(name) => self.beside(name),
            PlanCopy::LeftOut(_) => None,
        };
        let name = seen.path.rsplit(['/', '\\']).next()?;
        let beside = self.plan_folders().map(|folder| folder.join(name));
        let mut places = copy.into_iter().chain(beside);
        places.find(|path| {
            let bytes = bounded::read(path, bounded::MAX_BYTES);
            bytes.is_ok_and(|bytes| sha256_hex(&[&bytes]) == seen.sha256)
        })
    }
}

/// The folder above that of a file of the evidence, and its own.
pub fn near(file: &Path) -> [PathBuf; 2] {
    let folder = folder(file);
    [above(folder), folder.to_owned()]
}

/// The folder above a folder, which may be a relative path.
pub fn above(folder: &Path) -> PathBuf {
    match folder.parent() {
        Some(parent) if parent.as_os_str().is_empty() && folder != Path::new(".") => {
            PathBuf::from(".")
        }
        Some(parent) if folder != Path::new(".") => parent.to_owned(),
        _ => folder.join(".."),
    }
}

/// What is meant where plans may be named, too: the folder of a plan's evidence stands for the plan, brought up to date if several
/// machines share it.
///
/// # Errors
/// A plan whose records cannot be found; [`Unusable`] after what was decided, if they cannot be used.
pub fn of_plans(
    given: &[PathBuf],
    decided: &'static str,
    surroundings: &Surroundings,
) -> anyhow::Result<Vec<PathBuf>> {
    let place = |path: &PathBuf| {
        if !is_plan(path) {
            return Ok(path.clone());
        }
        let shown = path.display();
        let home = Home::of_path(path, surroundings).map_err(|why| anyhow!("{shown}: {why}"))?;
        if home.is_shared().is_some() {
            home.journal().read().map_err(|error| Unusable {
                decided,
                plan: path.clone(),
                error,
            })?;
        }
        let evidence = home.evidence();
        if evidence.is_dir() {
            return Ok(evidence);
        }
        bail!(
            "nothing has been recorded for {shown}: there is no {}",
            evidence.display()
        )
    };
    given.iter().map(place).collect()
}

/// By its name: evidence is JSON.
fn is_plan(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    (ending == "yaml" || ending == "yml") && path.is_file()
}

/// The documents that are meant: files as they are, and of folders all that look like evidence, by name.
///
/// # Errors
/// What is not there, and folders that hold no evidence.
pub fn documents(given: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut documents = Vec::new();
    for path in given {
        let shown = path.display();
        let metadata = std::fs::metadata(path).with_context(|| shown.to_string())?;
        if !metadata.is_dir() {
            documents.push(path.clone());
            continue;
        }
        let found = in_folder(path).with_context(|| shown.to_string())?;
        if found.is_empty() {
            bail!("the folder {shown} holds no evidence");
        }
        documents.extend(found);
    }
    Ok(documents)
}

fn in_folder(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Everything else in it has more than one dot in its name, or another ending.
        let stem = name.strip_suffix(".json");
        if stem.is_some_and(|stem| !stem.is_empty() && !stem.contains('.')) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
