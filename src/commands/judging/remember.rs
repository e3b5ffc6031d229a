//! A check as the ledger records it: what it found, and where its evidence is. Must not judge.

use std::path::Path;

use super::job::Job;
use crate::commands::load::LoadedPlan;
use crate::evidence::{Evidence, checked};
use crate::ledger::Event;

/// The entry of a check whose evidence is at a path and has a digest.
pub fn entry(job: &Job, evidence: &Evidence, path: &Path, sha256: &str) -> Event {
    let path = beside(&job.loaded, path);
    Event::Checked(checked(evidence, job.request.vars.clone(), path, sha256))
}

/// The path relative to the ledger's folder if it is below it, otherwise absolute: the ledger may be read from anywhere.
fn beside(loaded: &LoadedPlan, path: &Path) -> String {
    // The record has no name yet.
    let place = path.parent().and_then(|place| place.canonicalize().ok());
    let whole = place.zip(path.file_name());
    let whole = whole.map_or_else(|| path.to_owned(), |(place, name)| place.join(name));
    let folder = loaded.home.folder().canonicalize();
    let below = folder
        .ok()
        .and_then(|folder| whole.strip_prefix(folder).ok().map(Path::to_owned));
    below.unwrap_or(whole).to_string_lossy().into_owned()
}
