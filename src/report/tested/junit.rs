//! JUnit: a suite for each plan, a case for each test. What is not as expected is a failure, what could not be run an error.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Found, PlanTested, Tested};
use crate::report::escape;

/// The whole document.
#[must_use]
pub fn tested_junit(plans: &[PlanTested]) -> String {
    let mut report = Report::new("gate test");
    for plan in plans {
        let mut suite = TestSuite::new(escape(&plan.plan));
        for test in &plan.tests {
            let mut case = TestCase::new(escape(&test.name), status(test));
            case.set_classname(escape(&plan.plan));
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    // Writing to memory cannot fail; no reader takes an empty document for passed tests.
    report.to_string().unwrap_or_default()
}

fn status(test: &Tested) -> TestCaseStatus {
    let (kind, message, whole) = match &test.found {
        Found::Passed(_) => return TestCaseStatus::success(),
        Found::Failed(differences) => {
            let words: Vec<String> = differences
                .iter()
                .map(super::Difference::in_words)
                .collect();
            let why = differences.iter().flat_map(|one| one.why.clone());
            let all: Vec<String> = words.iter().cloned().chain(why).collect();
            (NonSuccessKind::Failure, words.join("; "), all.join("; "))
        }
        Found::Unusable(why) => (NonSuccessKind::Error, why.clone(), why.clone()),
    };
    let mut status = TestCaseStatus::non_success(kind);
    status
        .set_message(escape(&message))
        .set_description(escape(&whole));
    status
}
