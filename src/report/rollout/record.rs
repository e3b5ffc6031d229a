//! The release record of the plan: what is in the release, and how it was tested. Must not leave out a value.

use crate::plan::{Change, Plan, Test};
use crate::report::sheet::{Cell, Fact, Sheet, fact};

const CHANGES: [&str; 7] = ["Id", "Change", "Kind", "Owner", "Risk", "Rollback", "Link"];
const TESTS: [&str; 6] = [
    "Test",
    "Result",
    "Coverage",
    "Duration",
    "Environment",
    "Link",
];

/// When it is released, and what it is.
pub(super) fn facts(plan: Option<&Plan>) -> Vec<Fact> {
    let details = plan.map(|plan| &plan.release.details);
    let date = details.and_then(|details| details.date);
    let date = date.map(|date| fact("Date", date.to_string()));
    let about = details.and_then(|details| details.description.clone());
    let about = about.map(|about| fact("Description", about));
    date.into_iter().chain(about).collect()
}

/// What is in the release, and how it was tested; nothing where the plan says neither.
pub(super) fn write(sheet: &mut Sheet, plan: &Plan) {
    let details = &plan.release.details;
    let changes: Vec<_> = details.changes.iter().map(change_row).collect();
    if !changes.is_empty() {
        sheet.table("What is included", &CHANGES, changes, "");
    }
    let tests: Vec<_> = details.tests.iter().map(test_row).collect();
    if !tests.is_empty() {
        sheet.table("Tests", &TESTS, tests, "");
    }
}

fn change_row(change: &Change) -> Vec<Cell> {
    vec![
        Cell::of(change.id.as_ref()),
        Cell::text(change.title.clone()),
        Cell::of(change.kind.map(|kind| kind.word().to_owned()).as_ref()),
        Cell::of(change.owner.as_ref()),
        Cell::of(change.risk.as_ref()),
        Cell::of(change.rollback.as_ref()),
        Cell::address(change.link.as_ref()),
    ]
}

fn test_row(test: &Test) -> Vec<Cell> {
    vec![
        Cell::text(test.name.clone()),
        Cell::of(test.result.as_ref()),
        Cell::of(test.coverage.as_ref()),
        Cell::of(test.duration.as_ref()),
        Cell::of(test.environment.as_ref()),
        Cell::address(test.link.as_ref()),
    ]
}
