//! L5: whole lists, items that do not apply, answers that were given already, and when a gate is judged before it is signed.

use super::*;
use crate::rollout::Answered;

const ALL: [&str; 4] = ["confirm", "plan.yaml", "readiness", "--all"];

fn ids(decision: &Decision) -> Vec<&str> {
    let events = decision.events.iter();
    let ids = events.filter_map(|event| match event {
        Event::Confirmed { id, .. } => Some(id.as_str()),
        _ => None,
    });
    ids.collect()
}

#[test]
fn l5_a_whole_list_is_confirmed_at_once_but_for_what_is_confirmed() {
    let decision = after(Vec::new()).decide(&ALL).expect("confirmed");
    assert_eq!(ids(&decision), ["readiness/tested", "readiness/rollback"]);
    let one = confirmed("pilot", "readiness/tested", Answer::Yes);
    let decision = after(vec![one.clone()]).decide(&ALL).expect("confirmed");
    assert_eq!(ids(&decision), ["readiness/rollback"]);
    let given =
        "readiness/tested of pilot was confirmed by mara at 2026-11-20T00:01:00Z already (#1)";
    assert!(
        decision.means.contains(&given.to_owned()),
        "{:?}",
        decision.means
    );
    let both = vec![one, confirmed("pilot", "readiness/rollback", Answer::Yes)];
    match after(both).decide(&ALL) {
        Err(Refusal::Given(told)) => assert!(told.reason.contains(given), "{told}"),
        other => panic!("{other:?}"),
    }
    let unknown = ["confirm", "plan.yaml", "ready", "--all"];
    after(Vec::new()).is_wrong(
        &unknown,
        "the plan asks for no checklist `ready`: it asks for readiness, after-care",
    );
    // What somebody answered with no does not become a yes among others.
    let no = confirmed("pilot", "readiness/tested", Answer::No);
    after(vec![no]).refuses(&ALL, "readiness/tested of pilot was answered no by mara");
}

#[test]
fn l5_an_item_that_does_not_apply_counts_and_is_never_shown_as_confirmed() {
    let words = [
        "confirm",
        "plan.yaml",
        "tested",
        "--stage",
        "pilot",
        "--not-applicable",
    ];
    after(Vec::new()).is_wrong(
        &words,
        "answering that an item does not apply needs a reason",
    );
    let why = [&words[..], &["--why", "no printers there"]].concat();
    let event = after(Vec::new()).records(&why);
    assert!(
        matches!(
            &event,
            Event::Confirmed {
                answer: Answer::NotApplicable,
                ..
            }
        ),
        "{event:?}"
    );
    let rollout = after(vec![event]);
    let answered = rollout.standing().answered("pilot", "readiness/tested");
    assert!(
        matches!(answered, Answered::NotApplicable(_)),
        "{answered:?}"
    );
    assert!(answered.is_settled());
    assert!(
        answered
            .in_words("pilot", None)
            .starts_with("not applicable: ")
    );
    match rollout.decide(&why) {
        Err(Refusal::Given(told)) => assert!(told.reason.contains("not applicable"), "{told}"),
        other => panic!("{other:?}"),
    }
    // Like a yes it ends with a rollback.
    let mut back = rollout.ledger.entries().to_vec();
    back.push(Entry {
        number: 2,
        event: rolled_back("pilot"),
        ..back[0].clone()
    });
    let back = Rollout {
        ledger: Ledger::new(back),
        ..rollout
    };
    let answered = back.standing().answered("pilot", "readiness/tested");
    assert!(
        matches!(answered, Answered::BeforeRollback(..)),
        "{answered:?}"
    );
}

#[test]
fn l5_a_gate_is_judged_before_it_is_signed_if_anything_came_since() {
    let because = |events: Vec<Event>, waited: u64| {
        let rollout = Rollout {
            waited,
            ..after(events)
        };
        let standing = rollout.standing();
        let stage = &standing.plan.stages[1];
        let gate = stage.gate(GateKind::Entry).expect("an entry");
        standing.to_be_judged_again(stage, gate).unwrap_or_default()
    };
    let go = || vec![judged("wave-1/entry", Verdict::Go)];
    let with = |event: Event| {
        let mut events = go();
        events.push(event);
        events
    };
    assert_eq!(because(go(), 0), "");
    assert_eq!(
        because(Vec::new(), 0),
        "no check of wave-1/entry is recorded"
    );
    let answer = confirmed("wave-1", "after-care/tested", Answer::Yes);
    assert_eq!(because(with(answer), 0), "#2 was recorded since check #1");
    assert_eq!(
        because(with(judged("pilot/exit", Verdict::NoGo)), 0),
        "#2 was recorded since check #1"
    );
    // What says nothing about the gate costs no check.
    assert_eq!(because(with(judged("pilot/exit", Verdict::Go)), 0), "");
    let signed =
        after(go()).records(&["approve", "plan.yaml", "product", "--gate", "wave-1/entry"]);
    assert_eq!(because(with(signed), 0), "");
    assert!(because(go(), 60 * 48).starts_with("what check #1 found was good until"));
}

#[test]
fn l5_a_signature_is_given_once() {
    let words = ["approve", "plan.yaml", "product", "--gate", "wave-1/entry"];
    let mut events = vec![judged("wave-1/entry", Verdict::Go)];
    events.push(after(events.clone()).records(&words));
    let mut rollout = after(events);
    rollout.by = "mara";
    match rollout.decide(&words) {
        Err(Refusal::Given(told)) => assert!(
            told.reason
                .starts_with("product was signed for wave-1/entry already by mara"),
            "{told}"
        ),
        other => panic!("{other:?}"),
    }
    // Somebody else may still sign in that role.
    rollout.by = "ada";
    rollout.records(&words);
}
