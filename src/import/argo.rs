//! Argo Rollouts: analysis templates by themselves, or with the rollout that uses them. Must not write a plan's text.

use std::collections::BTreeMap;

use super::argo_rollout;
use super::argo_run::Run;
use super::documents::Document;
use super::draft::{Draft, DraftStage};
use crate::plan::ForeignKind;

/// Adds what these documents ask to a draft. `given` are values of arguments.
pub(super) fn add(documents: &[Document], given: &BTreeMap<String, String>, draft: &mut Draft) {
    let of = |kind: ForeignKind| documents.iter().filter(move |one| one.kind == kind);
    let rollouts: Vec<&Document> = of(ForeignKind::Rollout).collect();
    let templates: Vec<&Document> = of(ForeignKind::AnalysisTemplate)
        .chain(of(ForeignKind::ClusterAnalysisTemplate))
        .chain(of(ForeignKind::AnalysisRun))
        .collect();
    for rollout in &rollouts {
        argo_rollout::add(rollout, &templates, given, draft);
    }
    if !rollouts.is_empty() {
        return;
    }
    if templates.len() > 1 {
        draft.remarks.note(
            "no `Rollout` is among the files: each template is a stage of its own, in the order of the files".to_owned(),
        );
    }
    for template in templates {
        let mut stage = DraftStage {
            name: template.name.clone(),
            ..DraftStage::default()
        };
        let run = Run::of(template, &[], given);
        run.add(draft, &mut stage, None);
        draft.stages.push(stage);
    }
}
