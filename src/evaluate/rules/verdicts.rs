//! Design 3: what the criteria of a gate make of its verdict.

use super::scene::*;
use super::*;

#[test]
fn criteria_that_people_answer_hold_a_gate() {
    let scene = exit(below_5(), flat(1.0));
    let mut plan = scene.plan();
    plan.stages[0].gates[0].criteria.push(Criterion {
        list: List::Exit,
        ask: Ask::Confirmation(crate::plan::criteria::ConfirmationAsk {
            id: "warehouse-lead".into(),
            link: None,
        }),
    });
    let gate = assess(&plan, &scene.request(), &scene.observations())
        .gates
        .remove(0);
    assert_eq!(
        (
            gate.verdict,
            gate.counts.criteria.met,
            gate.counts.criteria.total
        ),
        (Verdict::Hold, 1, 2)
    );
    assert_eq!(gate.criteria[1].code.word(), "not-answered");
}

#[test]
fn a_tripped_stop_outweighs_everything_and_watch_nothing() {
    let scene = stop(above_5(), flat(9.0));
    assert_eq!(scene.assessed().verdict, Verdict::Stop);
    let watched = Scene {
        list: List::Watch,
        ..exit(below_5(), flat(9.0))
    };
    assert_eq!(watched.outcome().0, Outcome::Unmet);
    assert_eq!(
        (
            watched.assessed().verdict,
            watched.assessed().counts.criteria.total
        ),
        (Verdict::Go, 1)
    );
}

#[test]
fn an_unknown_stop_holds_and_beside_an_unmet_criterion_is_a_no_go() {
    let scene = stop(above_5(), Vec::new());
    assert_eq!(scene.assessed().verdict, Verdict::Hold);
    let mut observations = scene.observations();
    for (question, reply) in &mut observations {
        if let ("good", Ok(reply)) = (question.query.as_str(), reply) {
            reply.series[0].points[0].value = 99.0;
        }
    }
    let gate = assess(&scene.plan(), &scene.request(), &observations)
        .gates
        .remove(0);
    assert_eq!(gate.verdict, Verdict::NoGo);
}
