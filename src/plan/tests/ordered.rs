//! Checklists that are gone through in order: how the plan says so.

use super::*;
use crate::kind::GateKind;

const ORDERED: &str = "release: r
checklists:
  steps:
    ordered: true
    items: [{ id: a, text: First }, { id: b, text: Second }]
  free: [{ id: a, text: Any }]
stages:
  - { name: s, entry: { checklists: [steps, free] } }
";

fn texts(text: &str) -> Vec<String> {
    let plan = loaded(text, &options()).plan;
    let items = plan.stages[0].gates[0].criteria.iter();
    let items = items.filter_map(|one| match &one.ask {
        Ask::Checklist { item, .. } => Some(item.shown()),
        _ => None,
    });
    items.collect()
}

#[test]
fn l13_items_of_an_ordered_list_are_numbered() {
    assert_eq!(texts(ORDERED), ["1. First", "2. Second", "Any"]);
    let not = ORDERED.replace("ordered: true", "ordered: false");
    assert_eq!(texts(&not), ["First", "Second", "Any"]);
    let silent = ORDERED.replace("    ordered: true\n", "");
    assert_eq!(texts(&silent), ["First", "Second", "Any"]);
}

#[test]
fn l13_an_ordered_list_needs_items_and_a_word_that_is_true_or_false() {
    for (text, code) in [
        (
            ORDERED.replace("ordered: true", "ordered: yes"),
            "unknown-word",
        ),
        (
            ORDERED.replace("ordered: true", "order: true"),
            "unknown-key",
        ),
        (
            ORDERED.replace(
                "    items: [{ id: a, text: First }, { id: b, text: Second }]\n",
                "",
            ),
            "missing-key",
        ),
        (
            ORDERED.replace("free: [{ id: a, text: Any }]", "free: a"),
            "wrong-shape",
        ),
    ] {
        let problems = load(text.as_bytes(), &options()).expect_err(&text);
        assert_eq!(problems[0].code.word(), code, "{text}");
    }
}

#[test]
fn l13_taking_the_order_away_loosens_the_gate() {
    let plan = |text: &str| loaded(text, &options()).plan;
    let free = plan(&ORDERED.replace("ordered: true", "ordered: false"));
    let found = changes(&plan(ORDERED), &free, &GateKind::Entry.of("s"), 1, "sha");
    assert_eq!(found.len(), 2);
    assert!(
        found.iter().all(|one| one.effect == Effect::Loosened),
        "{found:?}"
    );
}
