//! The parts of the evidence: form, name, plan, answers, printed report, artifacts. Must not judge again what was judged.

use std::path::{Path, PathBuf};

use super::point::Point;
use crate::assessment::BasedOn;
use crate::commands::bounded;
use crate::commands::evidence_file::EvidenceFile;
use crate::digest::sha256_hex;
use crate::evidence::{Answers, PlanCopy, v1};
use crate::output::{is_after_stem, stem};
use crate::report::{Style, text};

/// Whether everything in the document is known, and written as it was.
pub fn schema(subject: &EvidenceFile) -> Point {
    let unread = v1::unread(&subject.text, &subject.evidence);
    let version = &subject.evidence.tool_version;
    if unread.is_empty() {
        let says = format!("{}, written by gate {version}", v1::SCHEMA);
        return Point::holds("schema", says);
    }
    let places = unread.join(", ");
    let says = format!("{} by gate {version}: ", v1::SCHEMA);
    if version == crate::version::NUMBER {
        return Point::off("schema", format!("{says}not as written: {places}"));
    }
    Point::not_shown("schema", format!("{says}not known here: {places}"))
}

/// Whether the names of record, plan and answers say what the record says: what was copied or renamed to stand for another
/// check does not.
pub fn name(subject: &EvidenceFile) -> Point {
    let (found, evidence) = (subject.name(), &subject.evidence);
    let written = stem(evidence.evaluated_at, evidence.verdict);
    let own = found
        .strip_suffix(".json")
        .filter(|own| own.strip_prefix(&written).is_some_and(is_after_stem));
    let Some(own) = own else {
        let says = format!("{found} is not named as it was written, {written}.json");
        return Point::off("name", says);
    };
    let (plan, answers) = (format!("{own}.plan.yaml"), format!("{own}.answers.json.gz"));
    let parts = [
        (plan, copy_of(&evidence.plan.copy)),
        (answers, path_of(&evidence.answers)),
    ];
    for (written, named) in parts {
        let is_there = || subject.folder().join(&written).symlink_metadata().is_ok();
        match named {
            Some(named) if *named == written => {}
            Some(named) => {
                let says = format!("it names {named}, but was written with {written}");
                return Point::off("name", says);
            }
            None if is_there() => {
                let says = format!("it names no {written}, which lies beside it");
                return Point::off("name", says);
            }
            None => {}
        }
    }
    Point::holds("name", format!("{found} is named as it was written"))
}

fn copy_of(copy: &PlanCopy) -> Option<&String> {
    match copy {
        PlanCopy::Kept(name) => Some(name),
        PlanCopy::LeftOut(_) => None,
    }
}

fn path_of(answers: &Answers) -> Option<&String> {
    match answers {
        Answers::Kept { path, .. } => Some(path),
        Answers::LeftOut(_) => None,
    }
}

/// Whether the plan's copy is the plan that was judged.
pub fn plan(subject: &EvidenceFile) -> Point {
    let seen = &subject.evidence.plan;
    match &seen.copy {
        PlanCopy::LeftOut(reason) => Point::not_shown("plan", format!("left out: {reason}")),
        PlanCopy::Kept(name) => digest("plan", subject, name, &seen.sha256),
    }
}

/// Whether the answers are those that were recorded.
pub fn answers(subject: &EvidenceFile) -> Point {
    match &subject.evidence.answers {
        Answers::LeftOut(reason) => Point::not_shown("answers", format!("left out: {reason}")),
        Answers::Kept { path, sha256 } => digest("answers", subject, path, sha256),
    }
}

/// Whether the rounds of the watch that ended with it are those that were written; `None` where none did.
pub fn rounds(subject: &EvidenceFile) -> Option<Point> {
    let watch = subject.evidence.watch.as_ref()?;
    let name = &watch.path;
    let Some(path) = subject.beside(name) else {
        let says = format!("`{name}` is not the name of a file beside it");
        return Some(Point::off("rounds", says));
    };
    let bytes = match bounded::read(&path, bounded::MAX_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => {
            let says = format!("{name} cannot be read: {error}");
            return Some(Point::not_shown("rounds", says));
        }
    };
    // A watch may have gone on after it.
    let length = usize::try_from(watch.bytes).unwrap_or(usize::MAX);
    let written = bytes.get(..length).unwrap_or(&bytes);
    Some(same("rounds", name, &sha256_hex(&[written]), &watch.sha256))
}

fn digest(what: &'static str, subject: &EvidenceFile, name: &str, sha256: &str) -> Point {
    let Some(path) = subject.beside(name) else {
        return Point::off(
            what,
            format!("`{name}` is not the name of a file beside it"),
        );
    };
    match bounded::read(&path, bounded::MAX_BYTES) {
        Err(error) => Point::not_shown(what, format!("{name} cannot be read: {error}")),
        Ok(bytes) => same(what, name, &sha256_hex(&[&bytes]), sha256),
    }
}

fn same(what: &'static str, name: &str, found: &str, named: &str) -> Point {
    if found == named {
        return Point::holds(what, format!("{name} is sha256 {named}"));
    }
    let says = format!("{name} is sha256 {found}, but the evidence names {named}");
    Point::off(what, says)
}

/// Whether the printed report beside the document says what the document says.
pub fn report(subject: &EvidenceFile) -> Point {
    let path = subject.path.with_extension("txt");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let found = match bounded::read(&path, bounded::MAX_BYTES) {
        Ok(found) => found,
        Err(error) => {
            let says = format!("{name} cannot be read: {error}");
            return Point::not_shown("report", says);
        }
    };
    if found == text(&subject.evidence, &Style::FILE).as_bytes() {
        return Point::holds("report", format!("{name} says what the evidence says"));
    }
    let version = &subject.evidence.tool_version;
    if version == crate::version::NUMBER {
        let says = format!("{name} is not what the evidence prints");
        return Point::off("report", says);
    }
    let says = format!("{name} was printed by gate {version}, which may word it differently");
    Point::not_shown("report", says)
}

/// Whether the files that criteria rest on are unchanged, each once; missing ones are reported. `plans` is the plan's folder, where
/// the plan was named: what its place holds may be copied to another folder.
pub fn artifacts(subject: &EvidenceFile, plans: Option<&Path>) -> Vec<Point> {
    let mut files: Vec<(&String, &String)> = Vec::new();
    let criteria = subject
        .evidence
        .gates
        .iter()
        .flat_map(|gate| &gate.criteria);
    for based_on in criteria.flat_map(|criterion| &criterion.based_on) {
        if let BasedOn::File { path, sha256, .. } = based_on
            && !files.contains(&(path, sha256))
        {
            files.push((path, sha256));
        }
    }
    (files.into_iter())
        .map(|(path, sha256)| artifact(subject, plans, path, sha256))
        .collect()
}

fn artifact(subject: &EvidenceFile, plans: Option<&Path>, path: &str, sha256: &str) -> Point {
    let near = subject.plan_folders().into_iter();
    let folders = plans.map(Path::to_owned).into_iter().chain(near);
    let places: Vec<PathBuf> = folders.map(|folder| folder.join(path)).collect();
    let found = places.iter().find(|place| place.is_file());
    let read = found.map(|place: &PathBuf| bounded::read(place, u64::MAX >> 1));
    match read {
        Some(Ok(bytes)) => same("artifact", path, &sha256_hex(&[&bytes]), sha256),
        Some(Err(error)) => Point::not_shown("artifact", format!("{path} cannot be read: {error}")),
        None => Point::absent(
            "artifact",
            format!("{path} is missing; it was sha256 {sha256}"),
        ),
    }
}
