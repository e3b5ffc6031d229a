//! `release:`, checklists and rollback steps: mostly text for people, strict where a program relies on it.
//! Must not judge what people wrote.

use super::super::document::{self, Document};
use super::super::parts::checker::Checker;
use super::super::problem::Span;
use super::super::spanned::{Spanned, TextOr, pairs, text, texts};
use super::super::{Release, ReleaseDetails, Risk, RollbackStep, Subject, WorkItem};

/// Reads the release.
pub(super) fn read(checker: &mut Checker<'_>, document: &Document) -> Release {
    let nowhere: Span = 0..0;
    let Some(written) = checker.required(document.release.as_ref(), "release", &nowhere, "a plan")
    else {
        return Release::default();
    };
    match &written.value {
        TextOr::Text(name) => Release {
            name: checker
                .name(&written.with(name.clone()), "the release")
                .unwrap_or_default(),
            ..Release::default()
        },
        TextOr::Map(release) => full(checker, release, &written.span),
    }
}

fn full(checker: &mut Checker<'_>, written: &document::Release, span: &Span) -> Release {
    let name = checker
        .required(written.name.as_ref(), "name", span, "a release")
        .and_then(|name| checker.name(name, "the release"));
    Release {
        name: name.unwrap_or_default(),
        version: text(written.version.as_ref()),
        kind: text(written.r#type.as_ref()),
        owner: text(written.owner.as_ref()),
        on_call: text(written.on_call.as_ref()),
        subjects: subjects(checker, written.subjects.as_deref()),
        links: pairs(written.links.as_ref()),
        details: details(written),
    }
}

fn details(written: &document::Release) -> ReleaseDetails {
    let escalation = written.escalation.iter().flatten();
    ReleaseDetails {
        description: text(written.description.as_ref()),
        contacts: pairs(written.contacts.as_ref()),
        channels: pairs(written.channels.as_ref()),
        escalation: escalation.map(|text| text.value.clone()).collect(),
        monitoring: pairs(written.monitoring.as_ref()),
        scope: written
            .scope
            .iter()
            .flatten()
            .map(|item| work_item(&item.value))
            .collect(),
        risks: written
            .risks
            .iter()
            .flatten()
            .map(|risk| self::risk(&risk.value))
            .collect(),
        notes: texts(written.notes.as_ref()),
        further: pairs(written.details.as_ref()),
    }
}

fn work_item(written: &document::WorkItem) -> WorkItem {
    WorkItem {
        id: text(written.id.as_ref()),
        title: text(written.title.as_ref()),
        owner: text(written.owner.as_ref()),
        risk: text(written.risk.as_ref()),
        rollback: text(written.rollback.as_ref()),
    }
}

fn risk(written: &TextOr<document::Risk>) -> Risk {
    match written {
        TextOr::Text(text) => Risk {
            text: Some(text.clone()),
            ..Risk::default()
        },
        TextOr::Map(risk) => Risk {
            text: text(risk.text.as_ref()),
            likelihood: text(risk.likelihood.as_ref()),
            impact: text(risk.impact.as_ref()),
            owner: text(risk.owner.as_ref()),
            mitigation: text(risk.mitigation.as_ref()),
        },
    }
}

fn subjects(
    checker: &mut Checker<'_>,
    written: Option<&[Spanned<document::Subject>]>,
) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for subject in written.unwrap_or_default() {
        let what = "a subject";
        let name = checker.required(subject.value.name.as_ref(), "name", &subject.span, what);
        let digest = checker.required(subject.value.sha256.as_ref(), "sha256", &subject.span, what);
        if let (Some(name), Some(digest)) = (name, digest)
            && let (Some(name), Some(sha256)) =
                (checker.name(name, "the subject"), checker.digest(digest))
        {
            subjects.push(Subject { name, sha256 });
        }
    }
    subjects
}

/// Reads the rollback steps.
pub(super) fn rollback(checker: &mut Checker<'_>, document: &Document) -> Vec<RollbackStep> {
    let steps = document.rollback.as_deref().unwrap_or_default();
    steps
        .iter()
        .filter_map(|step| rollback_step(checker, step))
        .collect()
}

fn rollback_step(
    checker: &mut Checker<'_>,
    step: &Spanned<TextOr<document::RollbackStep>>,
) -> Option<RollbackStep> {
    let written = match &step.value {
        TextOr::Text(action) => {
            return Some(RollbackStep {
                action: checker.filled(&step.with(action.clone()))?,
                owner: None,
                takes: None,
            });
        }
        TextOr::Map(written) => written,
    };
    let action = checker.required(written.r#do.as_ref(), "do", &step.span, "a rollback step")?;
    Some(RollbackStep {
        action: checker.filled(action)?,
        owner: text(written.owner.as_ref()),
        takes: written
            .takes
            .as_ref()
            .and_then(|takes| checker.duration(takes)),
    })
}
