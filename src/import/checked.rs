//! What `gate validate` says of a draft. A KPI that it refuses is left out with what it said; nothing is written that it refuses.

use std::collections::BTreeSet;

use super::draft::{Draft, DraftStage};
use super::write;
use crate::plan::{Options, Problem, Severity, load};

/// Leaves out each KPI that no plan may have as it is.
pub(super) fn without_refused(draft: &mut Draft) {
    let mut refused: Vec<(String, String)> = Vec::new();
    for kpi in &draft.kpis {
        let alone = only(draft, &kpi.name);
        if let Some(why) = refusal(&alone) {
            refused.push((kpi.name.clone(), why));
        }
    }
    for (name, why) in refused {
        draft.kpis.retain(|kpi| kpi.name != name);
        for stage in &mut draft.stages {
            for list in [&mut stage.stop, &mut stage.exit, &mut stage.watch] {
                list.retain(|ask| ask.kpi != name);
            }
        }
        draft.remarks.leave_out(format!("`{name}`: {why}"));
    }
    without_unused(draft);
}

/// A draft with one KPI and what is asked about it. What is only watched stands in the exit there: no stage has a watch alone.
fn only(draft: &Draft, name: &str) -> Draft {
    let mut alone = draft.clone();
    alone.kpis.retain(|kpi| kpi.name == name);
    for stage in &mut alone.stages {
        for list in [&mut stage.stop, &mut stage.exit, &mut stage.watch] {
            list.retain(|ask| ask.kpi == name);
        }
        stage.exit.append(&mut stage.watch);
    }
    alone.stages.retain(|stage| !stage.exit.is_empty());
    without_unused(&mut alone);
    alone
}

/// Takes away KPIs that nothing asks about, sources that no KPI asks, variables that no query has, and windows without a condition.
fn without_unused(draft: &mut Draft) {
    let asked: BTreeSet<String> = draft
        .stages
        .iter()
        .flat_map(DraftStage::asks)
        .map(|ask| ask.kpi.clone())
        .collect();
    draft.kpis.retain(|kpi| asked.contains(&kpi.name));
    let used: BTreeSet<usize> = draft.kpis.iter().map(|kpi| kpi.source).collect();
    let places: Vec<usize> = used.into_iter().collect();
    for kpi in &mut draft.kpis {
        kpi.source = places
            .iter()
            .position(|place| *place == kpi.source)
            .unwrap_or(0);
    }
    let kept = places
        .iter()
        .filter_map(|place| draft.sources.get(*place).cloned());
    draft.sources = kept.collect();
    let text = write::plan(&Draft {
        remarks: super::draft::Remarks::default(),
        needed: BTreeSet::new(),
        made_of: Vec::new(),
        ..draft.clone()
    });
    draft
        .needed
        .retain(|name| text.contains(&format!("${{{name}}}")));
    for stage in &mut draft.stages {
        if stage.asks().next().is_none() {
            (stage.window, stage.settle) = (None, None);
        }
    }
}

/// Why a draft is no plan; `None` if it is one.
pub(super) fn refusal(draft: &Draft) -> Option<String> {
    let text = write::plan(draft);
    let overrides: Vec<(String, String)> = (draft.needed.iter())
        .map(|name| (name.clone(), stand_in(&text, name)))
        .collect();
    let nothing = |_: &str| None;
    let options = Options {
        overrides: &overrides,
        environment: Some(&nothing),
        source_url: None,
    };
    let problems = load(text.as_bytes(), &options).err()?;
    let errors = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    let mut words: Vec<String> = errors.map(words).collect();
    words.dedup();
    Some(words.join("; "))
}

fn words(problem: &Problem) -> String {
    let help = problem.help.as_deref();
    let help = help.map_or_else(String::new, |help| format!(" ({help})"));
    format!("`{}`: {}{help}", problem.code, problem.message)
}

/// A value that a variable might have: a length where it is the range of a query.
fn stand_in(text: &str, name: &str) -> String {
    let in_range = [format!("[${{{name}}}"), format!(":${{{name}}}]")];
    let is_length = in_range.iter().any(|place| text.contains(place));
    if is_length { "5m" } else { "x" }.to_owned()
}
