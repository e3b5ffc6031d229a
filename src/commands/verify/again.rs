//! Whether the plan's copy and the recorded answers give the verdict: judged again, exactly as `--replay` does,
//! and compared byte for byte. Holds no rule of judgement itself.

use serde_json::Value;

use super::point::Point;
use crate::assessment::{CriterionAssessment, GateAssessment};
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::judging::evidence::judged_again;
use crate::commands::ledger_file::rest::Rest;
use crate::commands::surroundings::Surroundings;
use crate::evidence::{Answers, Evidence, PlanCopy, v1};
use crate::kind::GateName;
use crate::ledger::{Chain, Checked, Entry};

/// At most this many differences are described in words.
const MAX_TOLD: usize = 8;

/// Judges again and compares, also with the variables that the entry of the check names. `ledger` is the one at hand.
pub fn verdict(
    subject: &EvidenceFile,
    ledger: Option<&Chain>,
    entry: Option<(&Entry, &Checked)>,
    surroundings: &Surroundings,
) -> Point {
    let cannot = |why: &str| Point::not_shown("verdict", format!("cannot be recomputed: {why}"));
    let written = &subject.evidence;
    let PlanCopy::Kept(plan) = &written.plan.copy else {
        return cannot("the plan was left out");
    };
    let Answers::Kept { path: answers, .. } = &written.answers else {
        return cannot("the answers were left out");
    };
    let (Some(plan), Some(answers)) = (subject.beside(plan), subject.beside(answers)) else {
        return cannot("the plan or the answers are not beside it");
    };
    let (again, vars) = match judged_again(&plan, &answers, Rest::In(ledger), surroundings) {
        Ok(judged) => judged,
        Err(why) => return cannot(&why),
    };
    match entry {
        Some((entry, checked)) if checked.vars != vars => {
            let (number, then, now) = (entry.number, listed(&checked.vars), listed(&vars));
            let says = format!(
                "entry {number} says that it was judged with {then}, but it was with {now}"
            );
            Point::off("verdict", says)
        }
        Some(_) | None => compare(subject, &like(again, written)),
    }
}

fn listed(vars: &[String]) -> String {
    match vars {
        [] => "no --var".to_owned(),
        vars => vars.join(", "),
    }
}

/// With what judging again cannot know: the names of files, which are verified by themselves.
fn like(mut again: Evidence, written: &Evidence) -> Evidence {
    again.answers = written.answers.clone();
    again.plan.copy = written.plan.copy.clone();
    again.watch.clone_from(&written.watch);
    again
}

fn compare(subject: &EvidenceFile, again: &Evidence) -> Point {
    let written = &subject.evidence;
    let text = v1::to_json(again);
    let criteria: usize = again.gates.iter().map(|gate| gate.criteria.len()).sum();
    if v1::is_written(&subject.text, &text) {
        let says = format!(
            "{} recomputed from plan and answers ({}, {}): the same to the byte",
            again.verdict.word(),
            counted(again.gates.len(), "gate", "gates"),
            counted(criteria, "criterion", "criteria")
        );
        return Point::holds("verdict", says);
    }
    let mut told = differences(written, again);
    if told.is_empty() {
        told = elsewhere(&subject.text, &text);
    }
    told.truncate(MAX_TOLD);
    let by = match written.tool_version.as_str() {
        crate::version::NUMBER => String::new(),
        version => format!(" (written by gate {version}, which can recompute it)"),
    };
    let says = format!("recomputing gives something else{by}: {}", told.join("; "));
    Point::off("verdict", says)
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Gate by gate and criterion by criterion, in words.
fn differences(written: &Evidence, again: &Evidence) -> Vec<String> {
    let mut told = Vec::new();
    if written.verdict != again.verdict {
        let (was, is) = (written.verdict.word(), again.verdict.word());
        told.push(format!("the verdict is written as {was}, but is {is}"));
    }
    let names = |evidence: &Evidence| {
        let names = evidence.gates.iter().map(|gate| gate.name().to_string());
        names.collect::<Vec<_>>()
    };
    if names(written) != names(again) {
        let (was, is) = (names(written).join(", "), names(again).join(", "));
        told.push(format!("the gates are written as {was}, but are {is}"));
        return told;
    }
    for (written, again) in written.gates.iter().zip(&again.gates) {
        in_gate(written, again, &mut told);
    }
    told
}

fn in_gate(written: &GateAssessment, again: &GateAssessment, told: &mut Vec<String>) {
    let name = written.name();
    if written.verdict != again.verdict {
        let (was, is) = (written.verdict.word(), again.verdict.word());
        told.push(format!("{name} is written as {was}, but is {is}"));
    }
    if written.criteria.len() != again.criteria.len() {
        let (was, is) = (written.criteria.len(), again.criteria.len());
        told.push(format!(
            "{name} is written with {was} criteria, but has {is}"
        ));
        return;
    }
    for (written, again) in written.criteria.iter().zip(&again.criteria) {
        in_criterion(&name, written, again, told);
    }
}

fn in_criterion(
    gate: &GateName,
    written: &CriterionAssessment,
    again: &CriterionAssessment,
    told: &mut Vec<String>,
) {
    let name = format!("{gate} {} {}", written.list.word(), written.name);
    if written.outcome != again.outcome {
        let (was, is) = (written.outcome.word(), again.outcome.word());
        told.push(format!("{name} is written as {was}, but is {is}"));
    } else if written.reason != again.reason {
        let (was, is) = (&written.reason, &again.reason);
        told.push(format!("{name} is written as `{was}`, but is `{is}`"));
    }
}

/// What differs beyond verdicts, outcomes and reasons, as JSON pointers.
fn elsewhere(written: &str, again: &str) -> Vec<String> {
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let mut places = Vec::new();
    v1::differences("", &value(written), &value(again), &mut places);
    if places.is_empty() {
        places.push("the form of the text".to_owned());
    }
    places
}
