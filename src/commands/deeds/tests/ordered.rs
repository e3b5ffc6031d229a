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

#[test]
fn l13_what_is_open_of_a_list_in_order_is_offered_as_a_whole_and_is_then_confirmed_in_order() {
    let words = ["confirm", "plan.yaml", "table"];
    let decision = rollout(vec![]).decide(&words).expect("confirmed");
    let offered = "gate confirm plan.yaml migrations --all --stage pilot";
    assert_eq!(decision.next.as_deref(), Some(offered));
    assert!(
        decision
            .means
            .contains(&"read each item of migrations first".to_owned()),
        "{:?}",
        decision.means
    );
    for before in [
        vec![answer("migrations/table", Answer::Yes)],
        vec![answer("migrations/schema", Answer::Yes)],
        vec![answer("migrations/data", Answer::Yes)],
    ] {
        let words: Vec<&str> = offered.split(' ').skip(1).collect();
        let all = rollout(before).decide(&words).expect("in order");
        let next = "gate check plan.yaml --gate pilot/entry";
        assert_eq!(all.next.as_deref(), Some(next));
    }
}

#[test]
fn l5_a_list_is_offered_as_a_whole_only_if_one_person_may_confirm_all_of_it() {
    let offered = |plan_text: &str, words: &[&str]| {
        let words = [&["confirm", "plan.yaml"], words].concat();
        let rollout = Rollout {
            plan: plan(plan_text),
            ..after(Vec::new())
        };
        rollout.decide(&words).expect("confirmed").next
    };
    let one = Some("gate confirm plan.yaml migrations/schema --stage pilot".to_owned());
    let owners = ORDERED.replace("text: Data }", "text: Data, owner: \"@bob\" }");
    assert_eq!(offered(&owners, &["table"]), one);
    // Neither where one item is left, nor where one is a no.
    let last = Some("gate confirm plan.yaml migrations/data --stage pilot".to_owned());
    assert_eq!(offered(ORDERED, &["table", "schema"]), last);
    let no = Some("gate confirm plan.yaml migrations/table --stage pilot".to_owned());
    assert_eq!(offered(ORDERED, &["data", "--no"]), no);
}
