//! Rule 8: answers that fail, warn or never come.

use super::scene::*;
use super::*;

#[test]
fn rule_8_a_source_that_fails_makes_its_criterion_unknown_with_its_own_words() {
    let scene = exit(below_5(), flat(1.0));
    let failure = Failure {
        code: FailureCode::SourceUnreachable,
        message: "connection refused".into(),
    };
    let observations = questions(&scene.plan(), &scene.request())
        .into_iter()
        .map(|question| (question, Err(failure.clone())))
        .collect();
    let gate = assess(&scene.plan(), &scene.request(), &observations)
        .gates
        .remove(0);
    assert_eq!(gate.verdict, Verdict::Hold);
    assert_eq!(
        (
            gate.criteria[0].code.word(),
            gate.criteria[0].reason.as_str()
        ),
        ("source-unreachable", "connection refused")
    );
}

#[test]
fn rule_8_an_answer_with_warnings_is_unknown_even_where_a_point_is_bad() {
    for scene in [
        exit(below_5(), flat(9.0)),
        stop(above_5(), flat(9.0)),
        exit(below_5(), flat(1.0)),
    ] {
        let scene = Scene {
            warnings: vec!["results truncated due to limit".into()],
            ..scene
        };
        assert_eq!(scene.outcome(), (Outcome::Unknown, "answer-partial"));
    }
}

#[test]
fn a_question_without_an_answer_is_unknown() {
    let scene = exit(below_5(), flat(1.0));
    let gate = assess(&scene.plan(), &scene.request(), &Observations::new())
        .gates
        .remove(0);
    assert_eq!(
        (gate.verdict, gate.criteria[0].code.word()),
        (Verdict::Hold, "not-recorded")
    );
}

#[test]
fn rule_8_equal_questions_are_asked_once() {
    let mut plan = exit(below_5(), flat(1.0)).plan();
    let again = plan.stages[0].gates[0].criteria[0].clone();
    plan.stages[0].gates[0].criteria.push(again);
    assert_eq!(
        questions(&plan, &exit(below_5(), Vec::new()).request()).len(),
        1
    );
}
