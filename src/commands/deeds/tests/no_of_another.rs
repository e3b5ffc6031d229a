//! A yes in the place of somebody else's no is never silent (L5); a link is a web address (L12).

use super::*;

fn answered(answer: Answer) -> Event {
    answer_to(&plan(PLAN), "pilot", "warehouse-lead", answer)
}

/// What these people said of `warehouse-lead`, one after the other, with the reason `labels`.
fn said(answers: &[(&str, Answer)]) -> Rollout {
    let events = answers.iter().map(|(_, answer)| answered(*answer));
    let rollout = after(std::iter::once(started("pilot")).chain(events).collect());
    let mut entries = rollout.ledger.entries().to_vec();
    for (entry, (by, _)) in entries.iter_mut().skip(1).zip(answers) {
        entry.by = person(by);
        entry.why = "labels".to_owned();
    }
    Rollout {
        ledger: Ledger::new(entries),
        ..rollout
    }
}

fn in_words(rollout: &Rollout) -> String {
    rollout
        .standing()
        .answer_in_words("pilot", "warehouse-lead", None)
}

#[test]
fn l5_a_yes_in_the_place_of_the_no_of_somebody_else_names_it() {
    let no = said(&[("mara", Answer::No)]);
    let words = ["confirm", "plan.yaml", "warehouse-lead", "--stage", "pilot"];
    let not_applicable = [&words[..], &["--not-applicable", "--why", "x"]].concat();
    let named = format!(
        "warehouse-lead of pilot: in place of the no by mara at {}: labels (#2)",
        minute(2)
    );
    for words in [&words[..], &not_applicable] {
        let means = no.decide(words).expect("recorded").means;
        assert!(means.contains(&named), "{means:?}");
    }
    for yes in [Answer::Yes, Answer::NotApplicable] {
        let told = in_words(&said(&[("mara", Answer::No), ("ada", yes)]));
        assert!(told.contains("; in place of the no by mara"), "{told}");
        // Taking an answer back in between hides nothing, and neither does a second yes.
        let told = in_words(&said(&[
            ("mara", Answer::No),
            ("ada", Answer::Revoked),
            ("ada", Answer::Yes),
            ("bo", yes),
        ]));
        assert!(told.contains("in place of the no by mara"), "{told}");
    }
}

#[test]
fn l5_whoever_said_no_may_say_yes_without_a_word_of_it() {
    for answers in [
        &[("mara", Answer::No), ("mara", Answer::Yes)][..],
        &[
            ("mara", Answer::No),
            ("mara", Answer::Revoked),
            ("ada", Answer::Yes),
        ],
        &[("ada", Answer::Yes)],
    ] {
        let told = in_words(&said(answers));
        assert!(told.starts_with("confirmed by "), "{told}");
        assert!(!told.contains("in place of"), "{told}");
    }
}
