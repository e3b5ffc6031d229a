//! The table for people: one line a test, and why where one is not as expected; what to do next comes last.

use super::{Difference, Found, PlanTested, Tested};
use crate::report::Style;
use crate::report::page::{Cell, Look, Page};

/// Wide enough for `passed`.
const WORD: usize = 6;
/// Lines of why are this far in.
const INDENT: usize = 2 + WORD + 2;

/// The table.
#[must_use]
pub fn tested_text(plans: &[PlanTested], style: &Style) -> String {
    let mut page = Page::new(style);
    for plan in plans {
        page.blank();
        page.line(0, Cell::heading(&plan.plan));
        let width = plan.tests.iter().map(|test| test.name.len()).max();
        for test in &plan.tests {
            write(&mut page, test, width.unwrap_or(0));
        }
    }
    page.blank();
    page.line(0, Cell::heading(&last(plans)));
    page.finish()
}

fn write(page: &mut Page, test: &Tested, width: usize) {
    let name = (width, Cell::plain(&test.name));
    match &test.found {
        Found::Passed(what) => {
            let word = (WORD, Cell::new("passed", Look::Good));
            page.labelled(2, &[word, name], Cell::plain(&what.join(", ")));
        }
        Found::Failed(differences) => {
            let word = (WORD, Cell::new("failed", Look::Bad));
            let mut others = differences.iter();
            if let Some(first) = others.next() {
                page.labelled(2, &[word, name], Cell::plain(&first.in_words()));
                because(page, first);
            }
            for difference in others {
                page.line(INDENT, Cell::plain(&difference.in_words()));
                because(page, difference);
            }
            if let Some(command) = &test.whole {
                page.line(INDENT, Cell::plain(&format!("see it whole: {command}")));
            }
        }
        Found::Unusable(why) => {
            let word = (WORD, Cell::new("wrong", Look::Bad));
            page.labelled(2, &[word, name], Cell::plain(why));
        }
    }
}

fn because(page: &mut Page, difference: &Difference) {
    for line in &difference.why {
        page.line(INDENT + 2, Cell::plain(line));
    }
}

/// How many passed, and what to do next.
fn last(plans: &[PlanTested]) -> String {
    let tests = || plans.iter().flat_map(|plan| &plan.tests);
    let count = |is: fn(&Found) -> bool| tests().filter(|test| is(&test.found)).count();
    let passed = count(|found| matches!(found, Found::Passed(_)));
    let failed = count(|found| matches!(found, Found::Failed(_)));
    let wrong = count(|found| matches!(found, Found::Unusable(_)));
    let all = match tests().count() {
        1 => "1 test".to_owned(),
        count => format!("{count} tests"),
    };
    let mut parts = vec![format!("{passed} of {all} passed")];
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    if wrong > 0 {
        parts.push(format!("{wrong} could not be run"));
    }
    let next = match (failed, wrong) {
        (0, 0) => "",
        (_, 0) => {
            "; next: correct the plan, or, if the new verdict is right, what the test expects"
        }
        (..) => "; next: correct the tests that could not be run",
    };
    parts.join(", ") + next
}
