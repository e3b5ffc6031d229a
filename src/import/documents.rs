//! Files → documents of kinds that are known. Must not translate any.

use serde_yaml::Value;

use super::fields::{at, list, text};
use crate::plan::ForeignKind;

/// A file of another tool.
#[derive(Debug, Clone, Copy)]
pub struct ForeignFile<'a> {
    /// As people know it.
    pub name: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// A document of a kind that is known.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub kind: ForeignKind,
    pub name: String,
    pub body: Value,
}

/// What Helm's templates begin a placeholder with, and no other tool's.
const HELM: [&str; 15] = [
    ".Values",
    ".Release",
    ".Chart",
    ".Capabilities",
    ".Files",
    "include ",
    "if ",
    "else ",
    "end ",
    "range ",
    "with ",
    "define ",
    "template ",
    "/*",
    "$",
];

/// Reads the documents of a file.
///
/// # Errors
/// One sentence that says why there are none.
pub(super) fn read(file: ForeignFile<'_>) -> Result<Vec<Document>, String> {
    let name = file.name;
    let text =
        std::str::from_utf8(file.bytes).map_err(|_| format!("{name} is not text in UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    if is_blank(text) {
        return Err(format!("{name} is empty: it has no document to translate"));
    }
    if is_helm(text) {
        return Err(format!(
            "{name} is a Helm template: run `helm template CHART > FILE` first, and import what it writes"
        ));
    }
    let mut bodies = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let body = <Value as serde::Deserialize>::deserialize(document);
        let body = body.map_err(|error| format!("{name} is not YAML: {error}"))?;
        flatten(body, &mut bodies);
    }
    if bodies.iter().any(is_patch) {
        return Err(format!(
            "{name} is a kustomize patch: run `kustomize build FOLDER > FILE` first, and import what it writes"
        ));
    }
    let kinds: Vec<String> = bodies.iter().map(kind_words).collect();
    let documents: Vec<Document> = bodies.into_iter().filter_map(known).collect();
    if documents.is_empty() {
        return Err(unknown(name, kinds));
    }
    Ok(documents)
}

fn is_blank(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    lines.all(|line| line.is_empty() || line.starts_with('#') || line == "---" || line == "...")
}

/// Whether a placeholder is Helm's.
fn is_helm(text: &str) -> bool {
    text.match_indices("{{").any(|(at, _)| {
        let inside = text.get(at + 2..).unwrap_or_default();
        let trimmed = inside.trim_start_matches('-').trim_start();
        let is_trimming = inside.starts_with("- ");
        let is_quoted = trimmed.starts_with(['"', '`']);
        is_trimming
            || is_quoted
            || HELM.iter().any(|word| trimmed.starts_with(word))
            || trimmed.starts_with("end}}")
    })
}

/// The documents inside of lists.
fn flatten(body: Value, into: &mut Vec<Value>) {
    if text(&body, &["kind"]).as_deref() == Some("List") {
        for item in list(&body, &["items"]) {
            flatten(item.clone(), into);
        }
    } else if !body.is_null() {
        into.push(body);
    }
}

/// Whether it is a list of changes, or a document of kustomize itself.
fn is_patch(body: &Value) -> bool {
    let is_change = |one: &Value| at(one, &["op"]).is_some() && at(one, &["path"]).is_some();
    let kustomize = text(body, &["kind"]).is_some_and(|kind| kind == "Kustomization");
    let changes = body
        .as_sequence()
        .is_some_and(|list| list.iter().any(is_change));
    let version = text(body, &["apiVersion"]).unwrap_or_default();
    kustomize && version.starts_with("kustomize") || changes || at(body, &["$patch"]).is_some()
}

fn known(body: Value) -> Option<Document> {
    let kind = ForeignKind::of(
        text(&body, &["kind"]).as_deref(),
        text(&body, &["apiVersion"]).as_deref(),
        text(&body, &["version"]).as_deref(),
    )?;
    let name = text(&body, &["metadata", "name"]);
    let name = name.or_else(|| text(&body, &["metadata", "generateName"]));
    let name = name.or_else(|| text(&body, &["service"]));
    Some(Document {
        kind,
        name: name.unwrap_or_else(|| "unnamed".to_owned()),
        body,
    })
}

fn kind_words(body: &Value) -> String {
    text(body, &["kind"]).map_or_else(
        || "a document without `kind`".to_owned(),
        |kind| format!("`{kind}`"),
    )
}

fn unknown(name: &str, mut kinds: Vec<String>) -> String {
    kinds.dedup();
    format!(
        "{name} holds {}, which cannot be translated: give files of Argo Rollouts, Flagger, Sloth or OpenSLO",
        kinds.join(", ")
    )
}
