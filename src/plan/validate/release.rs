//! `release:`, checklists and rollback steps: mostly text for people, strict where a program relies on it.
//! Must not judge what people wrote.

use super::super::document::{self, Document};
use super::super::parts::checker::Checker;
use super::super::parts::links::link;
use super::super::problem::Span;
use super::super::spanned::{ListOr, Spanned, Text, TextOr, pairs, text, texts};
use super::super::{
    Change, ChangeKind, Release, ReleaseDetails, Risk, RollbackOption, RollbackStep, Subject, Test,
};

/// The key that is read first here.
pub(in crate::plan) const KEY: &str = "release";

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
        details: details(checker, written),
    }
}

fn details(checker: &mut Checker<'_>, written: &document::Release) -> ReleaseDetails {
    let escalation = written.escalation.iter().flatten();
    let changes = written.changes.iter().flatten();
    let risks = written.risks.iter().flatten();
    let tests = written.tests.iter().flatten();
    ReleaseDetails {
        description: text(written.description.as_ref()),
        contacts: pairs(written.contacts.as_ref()),
        channels: pairs(written.channels.as_ref()),
        escalation: escalation.map(|text| text.value.clone()).collect(),
        monitoring: pairs(written.monitoring.as_ref()),
        date: written.date.as_ref().and_then(|text| checker.date(text)),
        changes: changes.filter_map(|one| change(checker, one)).collect(),
        risks: risks.filter_map(|one| risk(checker, one)).collect(),
        tests: tests.filter_map(|one| test(checker, one)).collect(),
        notes: texts(written.notes.as_ref()),
        further: pairs(written.details.as_ref()),
    }
}

fn change(
    checker: &mut Checker<'_>,
    written: &Spanned<TextOr<document::Change>>,
) -> Option<Change> {
    let change = match &written.value {
        TextOr::Text(title) => {
            let title = checker.filled(&written.with(title.clone()))?;
            return Some(Change {
                title,
                ..Change::default()
            });
        }
        TextOr::Map(change) => change,
    };
    let kinds = ChangeKind::ALL.map(|kind| (kind.word(), kind));
    let kind = change.kind.as_ref();
    let kind = kind.and_then(|kind| checker.word(kind, "a kind of change", &kinds));
    let title = checker.required(change.title.as_ref(), "title", &written.span, "a change");
    Some(Change {
        id: text(change.id.as_ref()),
        kind,
        owner: text(change.owner.as_ref()),
        risk: text(change.risk.as_ref()),
        rollback: text(change.rollback.as_ref()),
        link: link(checker, change.link.as_ref()),
        title: checker.filled(title?)?,
    })
}

fn risk(checker: &mut Checker<'_>, written: &Spanned<TextOr<document::Risk>>) -> Option<Risk> {
    let risk = match &written.value {
        TextOr::Text(title) => {
            let title = checker.filled(&written.with(title.clone()))?;
            return Some(Risk {
                title,
                ..Risk::default()
            });
        }
        TextOr::Map(risk) => risk,
    };
    let title = checker.required(risk.title.as_ref(), "title", &written.span, "a risk");
    Some(Risk {
        likelihood: text(risk.likelihood.as_ref()),
        impact: text(risk.impact.as_ref()),
        owner: text(risk.owner.as_ref()),
        due: risk.due.as_ref().and_then(|text| checker.date(text)),
        status: text(risk.status.as_ref()),
        actions: texts(risk.actions.as_ref()),
        title: checker.filled(title?)?,
    })
}

fn test(checker: &mut Checker<'_>, written: &Spanned<TextOr<document::Test>>) -> Option<Test> {
    let test = match &written.value {
        TextOr::Text(name) => {
            let name = checker.filled(&written.with(name.clone()))?;
            return Some(Test {
                name,
                ..Test::default()
            });
        }
        TextOr::Map(test) => test,
    };
    let name = checker.required(test.name.as_ref(), "name", &written.span, "a test");
    Some(Test {
        result: text(test.result.as_ref()),
        coverage: text(test.coverage.as_ref()),
        duration: text(test.duration.as_ref()),
        environment: text(test.environment.as_ref()),
        link: link(checker, test.link.as_ref()),
        name: checker.filled(name?)?,
    })
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

/// Reads the rollback steps; those of all options one after the other, numbered through.
pub(super) fn rollback(checker: &mut Checker<'_>, document: &Document) -> Vec<RollbackStep> {
    let Some(written) = &document.rollback else {
        return Vec::new();
    };
    let map = match &written.value {
        ListOr::List(steps) => return rollback_steps(checker, steps, None),
        ListOr::Map(map) => map,
    };
    let options = checker.required(map.options.as_ref(), "options", &written.span, "`rollback`");
    let options = options.map_or(&[][..], Vec::as_slice);
    let named: Vec<Text> = options
        .iter()
        .filter_map(|one| one.value.name.clone())
        .collect();
    checker.names(&named, "the option");
    let steps = options
        .iter()
        .flat_map(|option| option_steps(checker, option));
    steps.collect()
}

fn option_steps(
    checker: &mut Checker<'_>,
    written: &Spanned<document::RollbackOption>,
) -> Vec<RollbackStep> {
    let (option, at, what) = (&written.value, &written.span, "an option");
    let name = checker.required(option.name.as_ref(), "name", at, what);
    let steps = checker.required(option.steps.as_ref(), "steps", at, what);
    let (Some(name), Some(steps)) = (name, steps) else {
        return Vec::new();
    };
    let way = RollbackOption {
        name: name.value.clone(),
        when: text(option.when.as_ref()),
    };
    rollback_steps(checker, steps, Some(&way))
}

fn rollback_steps(
    checker: &mut Checker<'_>,
    steps: &[Spanned<TextOr<document::RollbackStep>>],
    option: Option<&RollbackOption>,
) -> Vec<RollbackStep> {
    let steps = steps.iter().filter_map(|step| rollback_step(checker, step));
    let of_option = |step: RollbackStep| RollbackStep {
        option: option.cloned(),
        ..step
    };
    steps.map(of_option).collect()
}

fn rollback_step(
    checker: &mut Checker<'_>,
    step: &Spanned<TextOr<document::RollbackStep>>,
) -> Option<RollbackStep> {
    let written = match &step.value {
        TextOr::Text(action) => {
            return Some(RollbackStep {
                action: checker.filled(&step.with(action.clone()))?,
                ..RollbackStep::default()
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
        option: None,
    })
}
