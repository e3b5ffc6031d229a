//! Files of Argo Rollouts, Flagger, Sloth and OpenSLO → a plan, with what means something else in it, and what was left out.
//!
//! `documents` (files → documents of known kinds) → `argo`, `flagger`, `sloth`, `openslo` (each → `draft`, the model between) →
//! `checked` (what `gate validate` refuses is left out) → `write` (the plan's text). Deterministic. Must not read files, ask a
//! server, or write a plan that is not valid.

mod argo;
mod argo_metric;
mod argo_rollout;
mod argo_run;
mod arguments;
mod checked;
mod division;
mod documents;
mod draft;
mod expression;
mod fields;
mod flagger;
mod objective;
mod openslo;
mod server;
mod sloth;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use self::documents::Document;
use self::draft::{Draft, DraftStage, Remarks};
use crate::plan::ForeignKind;

pub use documents::ForeignFile;

/// A plan that was made of other tools' files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Its text; valid.
    pub plan: String,
    /// What means something else in it, one construct each.
    pub notes: Vec<String>,
    /// What is not in it, one construct each.
    pub left_out: Vec<String>,
    /// Variables that each command has to be given.
    pub needed: Vec<String>,
}

/// Translates files. `given` are values of the files' arguments.
///
/// # Errors
/// One sentence for each reason why there is no plan.
pub fn import(
    files: &[ForeignFile<'_>],
    given: &BTreeMap<String, String>,
) -> Result<Imported, Vec<String>> {
    let mut documents: Vec<Document> = Vec::new();
    let (mut refused, mut made_of) = (Vec::new(), Vec::new());
    for file in files {
        match documents::read(*file) {
            Ok(found) => {
                let names = found.iter().map(|one| format!("{} {}", one.kind, one.name));
                let names: Vec<String> = names.collect();
                made_of.push(format!("{} ({})", file.name, names.join(", ")));
                documents.extend(found);
            }
            Err(why) => refused.push(why),
        }
    }
    refused.extend(several(&documents));
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut draft = Draft {
        release: documents
            .first()
            .map_or_else(String::new, |one| one.name.clone()),
        made_of,
        ..Draft::default()
    };
    argo::add(&documents, given, &mut draft);
    flagger::add(&documents, given, &mut draft);
    sloth::add(&documents, &mut draft);
    openslo::add(&documents, &mut draft);
    finished(draft)
}

/// A plan is for one release.
fn several(documents: &[Document]) -> Option<String> {
    let count = |kind: ForeignKind| documents.iter().filter(|one| one.kind == kind).count();
    for kind in [ForeignKind::Rollout, ForeignKind::Canary] {
        let found = count(kind);
        if found > 1 {
            return Some(format!(
                "{found} documents are a `{kind}`: a plan is for one release, so import them one by one"
            ));
        }
    }
    let both = count(ForeignKind::Rollout) > 0 && count(ForeignKind::Canary) > 0;
    both.then(|| "a `Rollout` and a `Canary` are two releases: import them one by one".to_owned())
}

fn finished(mut draft: Draft) -> Result<Imported, Vec<String>> {
    checked::without_refused(&mut draft);
    named_apart(&mut draft.stages);
    draft.stages.retain(DraftStage::decides);
    if draft.stages.is_empty() {
        let Remarks { notes, left_out } = draft.remarks;
        if !left_out.is_empty() {
            return Err(left_out);
        }
        let why = "nothing in it decides anything".to_owned();
        return Err(std::iter::once(why).chain(notes).collect());
    }
    if let Some(why) = checked::refusal(&draft) {
        return Err(vec![format!(
            "what came out is no valid plan, which is a defect of `gate import`: {why}"
        )]);
    }
    Ok(Imported {
        plan: write::plan(&draft),
        notes: draft.remarks.notes,
        left_out: draft.remarks.left_out,
        needed: draft.needed.into_iter().collect(),
    })
}

/// Each stage needs a name of its own.
fn named_apart(stages: &mut [DraftStage]) {
    let mut taken = BTreeSet::new();
    for stage in stages {
        let own = stage.name.replace('/', "-");
        let numbered = (2..).map(|number| format!("{own}-{number}"));
        let mut names = std::iter::once(own.clone()).chain(numbered);
        stage.name = names.find(|name| taken.insert(name.clone())).unwrap_or(own);
    }
}
