//! JUnit: one suite, one test case for each criterion. Unmet and tripped are failures, unknown is an error;
//! only met and clear are green. Must not leave a criterion out.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::{decided, escape, plan_findings, standing, table, words};
use crate::assessment::{CriterionAssessment, GateAssessment, Outcome};
use crate::evidence::Evidence;
use crate::kind::List;

/// The whole document.
#[must_use]
pub fn junit(evidence: &Evidence) -> String {
    let plan = stem(&evidence.plan.path);
    let mut suite = TestSuite::new(plan.as_str());
    for (name, value) in about(evidence) {
        suite.add_property(Property::new(name, escape(&value)));
    }
    for line in standing::lines(evidence) {
        suite.add_property(Property::new("standing", escape(&line)));
    }
    for line in plan_findings::lines(evidence) {
        suite.add_property(Property::new("plan_finding", escape(&line)));
    }
    if let Some(ledger) = &evidence.ledger {
        suite.add_property(Property::new(
            "ledger",
            escape(&words::ledger_in_words(ledger)),
        ));
    }
    let mut names = Names::default();
    for gate in &evidence.gates {
        for criterion in &gate.criteria {
            let command = criterion.next_step.as_ref();
            let command = command.map(|next_step| next_step.command(&evidence.plan.path));
            let mut case = case(&plan, gate, criterion, &mut names);
            for (name, line) in about_criterion(gate, criterion, command) {
                case.add_property(Property::new(name, escape(&line)));
            }
            suite.add_test_case(case);
        }
    }
    let mut report = Report::new("gate");
    report.add_test_suite(suite);
    // Writing to memory cannot fail; if that ever changes, no reader takes an empty document for a passed test.
    report.to_string().unwrap_or_default()
}

fn about(evidence: &Evidence) -> [(&'static str, String); 5] {
    [
        ("verdict", evidence.verdict.word().to_owned()),
        ("release", words::release(evidence)),
        ("evaluated_at", evidence.evaluated_at.to_string()),
        ("plan", evidence.plan.path.clone()),
        ("plan_sha256", evidence.plan.sha256.clone()),
    ]
}

/// That a stop is on its way, what is noted of it, what it is based on, what settles it, and who proceeds on its gate anyway, which turns no failure green.
fn about_criterion(
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
    command: Option<String>,
) -> Vec<(&'static str, String)> {
    let based_on = table::based_on(criterion).into_iter();
    let overridden = gate.override_in_force().map(standing::in_full);
    let notes = criterion.notes.iter().cloned();
    let approach = criterion.approach().into_iter();
    approach
        .map(|(_, approach)| ("approach", approach.to_string()))
        .chain(notes.map(|line| ("note", line)))
        .chain(based_on.map(|line| ("based_on", line)))
        .chain(command.map(|command| ("next_step", command)))
        .chain(overridden.map(|line| ("overridden", line)))
        .collect()
}

/// The file name of the plan without its extension.
fn stem(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    escape(if stem.is_empty() { "plan" } else { stem })
}

fn case(
    plan: &str,
    gate: &GateAssessment,
    criterion: &CriterionAssessment,
    names: &mut Names,
) -> TestCase {
    let class = format!("{plan}.{}", escape(&gate.stage));
    let name = names.unique(&class, &escape(&name(gate, criterion)));
    let mut case = TestCase::new(name, status(gate, criterion));
    case.set_classname(class);
    // A passed case has no message that could say which of the two good outcomes it was.
    case.add_property(Property::new("outcome", criterion.outcome.word()));
    if let Some(condition) = &criterion.condition {
        case.add_property(Property::new("condition", escape(condition)));
    }
    case
}

/// `exit: exception_rate`; a stop of the exit gate is `exit/stop: …`. Without the limit: a test keeps its name, and its history, where
/// that changes (L18).
fn name(gate: &GateAssessment, criterion: &CriterionAssessment) -> String {
    let list = match criterion.list {
        List::Stop | List::Watch => format!("{}/{}", gate.kind.word(), criterion.list.word()),
        List::Entry | List::Exit | List::Recovery => gate.kind.word().to_owned(),
    };
    if criterion.kpi.is_some() || criterion.kind.word() == criterion.name {
        return format!("{list}: {}", criterion.name);
    }
    format!("{list}: {} {}", criterion.kind, criterion.name)
}

/// What is only watched, or judged ahead, is skipped, whatever was found: it never decides.
fn status(gate: &GateAssessment, criterion: &CriterionAssessment) -> TestCaseStatus {
    let aside = aside(gate, criterion);
    let mut status = match criterion.outcome {
        _ if aside.is_some() => TestCaseStatus::skipped(),
        Outcome::Met | Outcome::Clear => TestCaseStatus::success(),
        Outcome::Unmet | Outcome::Tripped => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::Unknown => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    let message = format!("{}{}", aside.unwrap_or_default(), message(criterion));
    status
        .set_message(escape(&message))
        .set_type(criterion.code.word())
        // Some readers show the message, others the element's text.
        .set_description(escape(&message));
    status
}

/// Why a criterion decides nothing; `None` if it does.
fn aside(gate: &GateAssessment, criterion: &CriterionAssessment) -> Option<&'static str> {
    match criterion.list {
        _ if gate.outlook => Some("outlook only, "),
        List::Watch => Some("watched only, "),
        List::Entry | List::Stop | List::Exit | List::Recovery => None,
    }
}

/// `unmet: exception_rate worst 3.4%, required < 3%: REASON`.
fn message(criterion: &CriterionAssessment) -> String {
    let (outcome, what) = (criterion.outcome.word(), decided::in_words(criterion));
    format!("{outcome}: {what}: {}", criterion.reason)
}

/// The names given so far: readers count only the first of equal ones.
#[derive(Default)]
struct Names(BTreeMap<(String, String), u32>);

impl Names {
    fn unique(&mut self, class: &str, name: &str) -> String {
        let mut candidate = name.to_owned();
        loop {
            let taken = self
                .0
                .entry((class.to_owned(), candidate.clone()))
                .or_default();
            *taken += 1;
            if *taken == 1 {
                return candidate;
            }
            let number = self
                .0
                .entry((class.to_owned(), name.to_owned()))
                .or_default();
            *number += 1;
            candidate = format!("{name} ({number})");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    #[test]
    fn names_are_unique_whatever_they_look_like() {
        let mut names = Names::default();
        let given: Vec<String> = ["a", "a", "a (2)", "a", "a (2)", "b"]
            .into_iter()
            .map(|name| names.unique("class", name))
            .collect();
        let distinct: std::collections::BTreeSet<_> = given.iter().collect();
        assert_eq!(distinct.len(), given.len(), "{given:?}");
        assert_eq!(names.unique("other", "a"), "a");
    }

    #[test]
    fn the_suite_is_named_after_the_plan() {
        assert_eq!(stem("rollout-plans/logistics-r1.0.yaml"), "logistics-r1.0");
        assert_eq!(stem("plan"), "plan");
        assert_eq!(stem(""), "plan");
    }

    #[test]
    fn m8_what_is_noted_of_a_criterion_is_a_property_of_its_case() {
        let mut evidence = scenarios::go();
        let criterion = &mut evidence.gates[0].criteria[0];
        criterion.notes.push("10 of 11 points measured".to_owned());
        let shown = junit(&evidence);
        let note = "<property name=\"note\" value=\"10 of 11 points measured\"/>";
        assert!(shown.contains(note), "{shown}");
    }

    #[test]
    fn l3_a_stop_on_its_way_is_a_property_of_its_case() {
        let mut evidence = scenarios::go();
        let mut criteria = evidence.gates[0].criteria.iter_mut();
        let stop = criteria.find_map(|one| one.kpi.as_mut().filter(|_| one.list == List::Stop));
        let second = crate::units::Duration::from_secs(1);
        stop.expect("a stop on a KPI").series[0].approach = Some(crate::assessment::Approach {
            lasted: second,
            needed: second.doubled(),
            trips_at: Some(evidence.evaluated_at + second),
            last_seen: evidence.evaluated_at,
        });
        let shown = junit(&evidence);
        let approach = "<property name=\"approach\" value=\"in its stop state for 1s of 2s, trips at 2026-11-20T14:00:01Z if it goes on\"/>";
        assert!(shown.contains(approach), "{shown}");
    }

    #[test]
    fn l18_a_test_keeps_its_name_where_a_limit_changes() {
        let mut evidence = scenarios::no_go();
        let names = |evidence: &Evidence| -> Vec<String> {
            let shown = junit(evidence);
            let cases = shown.split("<testcase name=\"").skip(1);
            cases
                .filter_map(|case| Some(case.split_once('"')?.0.to_owned()))
                .collect()
        };
        let before = names(&evidence);
        assert!(
            before.contains(&"exit: exception_rate".to_owned()),
            "{before:?}"
        );
        for criterion in &mut evidence.gates[0].criteria {
            criterion.condition = Some("< 42%".to_owned());
        }
        assert_eq!(names(&evidence), before);
        assert!(junit(&evidence).contains("name=\"condition\" value=\"&lt; 42%\""));
    }

    #[test]
    fn what_is_watched_is_skipped_even_where_it_is_met() {
        let watched = junit(&scenarios::go());
        assert!(watched.contains("exit/watch: webhook_age"), "{watched}");
        assert_eq!(watched.matches("<skipped").count(), 1);
        assert!(!watched.contains("<failure") && !watched.contains("<error"));
    }
}
