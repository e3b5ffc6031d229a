//! L13: `gate confirm` on a list that is gone through in order.

use super::*;

const ORDERED: &str = r"
release: R1.0
checklists:
  migrations:
    ordered: true
    items: [{ id: table, text: Table }, { id: schema, text: Schema }, { id: data, text: Data }]
stages:
  - { name: pilot, entry: { checklists: [migrations] } }
";

fn rollout(events: Vec<Event>) -> Rollout {
    let plan = plan(ORDERED);
    Rollout {
        plan,
        ..after(events)
    }
}

fn answer(id: &str, answer: Answer) -> Event {
    answer_to(&plan(ORDERED), "pilot", id, answer)
}

fn ids(decision: &Decision) -> Vec<&str> {
    let events = decision.events.iter();
    let ids = events.filter_map(|event| match event {
        Event::Confirmed { id, .. } => Some(id.as_str()),
        _ => None,
    });
    ids.collect()
}

#[test]
fn l13_an_item_out_of_turn_is_refused_with_the_one_that_comes_first() {
    for (events, first) in [
        (vec![], "migrations/table"),
        (
            vec![answer("migrations/table", Answer::No)],
            "migrations/table",
        ),
        (
            vec![answer("migrations/table", Answer::Yes)],
            "migrations/schema",
        ),
    ] {
        let refusal = rollout(events).decide(&["confirm", "plan.yaml", "data"]);
        let Err(Refusal::Standing(told)) = refusal else {
            panic!("{refusal:?}");
        };
        assert_eq!(
            told.reason,
            format!(
                "migrations/data of pilot comes after {first}, which is not confirmed: confirm that first"
            )
        );
        assert_eq!(
            told.lines,
            [format!("  gate confirm plan.yaml {first} --stage pilot")]
        );
    }
}

#[test]
fn l13_items_confirmed_together_are_in_the_order_of_the_command() {
    let confirm = |ids: &[&str]| {
        let words = [&["confirm", "plan.yaml"], ids].concat();
        rollout(vec![]).decide(&words)
    };
    let all = confirm(&["table", "schema", "data"]).expect("in order");
    assert_eq!(
        ids(&all),
        ["migrations/table", "migrations/schema", "migrations/data"]
    );
    assert!(confirm(&["schema", "table"]).is_err());
    assert!(confirm(&["table", "data"]).is_err());
    // A later item that was confirmed before the first is not in its turn once the first is.
    let early = rollout(vec![answer("migrations/schema", Answer::Yes)]);
    assert!(
        early
            .decide(&["confirm", "plan.yaml", "table", "data"])
            .is_err()
    );
    assert!(
        early
            .decide(&["confirm", "plan.yaml", "table", "schema", "data"])
            .is_ok()
    );
}

#[test]
fn l13_bad_news_has_no_turn() {
    for word in ["--no", "--revoke"] {
        let events = vec![answer("migrations/data", Answer::Yes)];
        let words = ["confirm", "plan.yaml", "data", word];
        assert!(rollout(events).decide(&words).is_ok(), "{word}");
    }
}
