//! `release:`, checklists and rollback steps: mostly text for people, strict where a program relies on it.
//! Must not judge what people wrote.

use super::super::document::{self, Document};
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{OneOrMany, Pairs, Spanned, Text, TextOr};
use super::super::{ChecklistItem, Release, ReleaseDetails, Risk, RollbackStep, Subject, WorkItem};
use super::checker::Checker;

/// The text of an optional scalar.
pub(super) fn text(text: Option<&Text>) -> Option<String> {
    text.map(|text| text.value.clone())
}

/// The strings of a string or a list.
pub(super) fn texts(list: Option<&Spanned<OneOrMany>>) -> Vec<String> {
    let texts = list.map(Spanned::texts).unwrap_or_default();
    texts.into_iter().map(|text| text.value).collect()
}

/// Names and texts, in the order of the file.
pub(super) fn pairs(pairs: Option<&Pairs<String>>) -> Vec<(String, String)> {
    let pairs = pairs.map_or(&[][..], |pairs| pairs.0.as_slice());
    pairs
        .iter()
        .map(|(name, text)| (name.value.clone(), text.value.clone()))
        .collect()
}

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
            && let (Some(name), Some(sha256)) = (
                checker.name(name, "the subject"),
                self::digest(checker, digest),
            )
        {
            subjects.push(Subject { name, sha256 });
        }
    }
    subjects
}

/// A SHA-256 digest, in lower case.
pub(super) fn digest(checker: &mut Checker<'_>, text: &Text) -> Option<String> {
    let hex = text.value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex && text.value.len() == 64 {
        return Some(text.value.to_ascii_lowercase());
    }
    let message = "a SHA-256 digest has 64 hexadecimal digits";
    let found = format!("this has {} characters", text.value.chars().count());
    checker.report(Problem::error(ProblemCode::BadDigest, text.span.clone(), message).help(found));
    None
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

/// A checklist by its name.
pub(super) type Checklists = Vec<(String, Vec<ChecklistItem>)>;

/// Reads all checklists.
pub(super) fn checklists(checker: &mut Checker<'_>, document: &Document) -> Checklists {
    let lists = document
        .checklists
        .as_ref()
        .map_or(&[][..], |lists| lists.0.as_slice());
    lists
        .iter()
        .map(|(name, list)| {
            checker.name(name, "the checklist");
            (name.value.clone(), items(checker, &list.value))
        })
        .collect()
}

fn items(checker: &mut Checker<'_>, list: &[Spanned<document::Item>]) -> Vec<ChecklistItem> {
    let what = "an item of a checklist";
    let mut ids: Vec<Text> = Vec::new();
    let mut items = Vec::new();
    for item in list {
        let id = checker.required(item.value.id.as_ref(), "id", &item.span, what);
        let says = checker.required(item.value.text.as_ref(), "text", &item.span, what);
        let (Some(id), Some(says)) = (id, says) else {
            continue;
        };
        if let Some(first) = ids.iter().find(|other| other.value == id.value) {
            checker.duplicate(id, &first.span.clone(), "the item");
        }
        ids.push(id.clone());
        let (name, says) = (checker.name(id, "the item's id"), checker.filled(says));
        if let (Some(id), Some(text)) = (name, says) {
            items.push(ChecklistItem {
                id,
                text,
                owner: self::text(item.value.owner.as_ref()),
            });
        }
    }
    items
}
