//! `observe:` of a stage and of `defaults`, and every way to write it wrongly.

use super::*;

#[test]
fn m1_what_a_stage_observes_is_its_own_key_or_that_of_defaults() {
    let observed = |text: &str| loaded(text, &options()).plan.stages[0].observe;
    assert_eq!(observed(SMALL), Observe::SinceStart);
    let own = changed(
        "    window: 2h\n",
        "    window: 2h\n    observe: trailing\n",
    );
    assert_eq!(observed(&own), Observe::Trailing);
    let defaults = "defaults: { observe: trailing }\n";
    assert_eq!(observed(&format!("{SMALL}{defaults}")), Observe::Trailing);
    let over = changed(
        "    window: 2h\n",
        "    window: 2h\n    observe: since-start\n",
    );
    assert_eq!(observed(&(over + defaults)), Observe::SinceStart);
}

#[test]
fn m1_a_wrong_observe_is_an_error_where_it_stands() {
    for (written, code) in [
        ("trailling", "unknown-word"),
        ("Trailing", "unknown-word"),
        ("2h", "unknown-word"),
        ("''", "unknown-word"),
        ("[trailing]", "wrong-shape"),
        ("{ trailing: true }", "wrong-shape"),
    ] {
        for place in ["stage", "defaults"] {
            let line = format!("observe: {written}");
            let text = match place {
                "stage" => changed("    window: 2h\n", &format!("    window: 2h\n    {line}\n")),
                _ => format!("{SMALL}defaults: {{ {line} }}\n"),
            };
            let problems = load(text.as_bytes(), &options()).expect_err(written);
            let codes: Vec<&str> = problems.iter().map(|one| one.code.word()).collect();
            assert_eq!(codes, [code], "{place}: {written}");
            let drawn = render("plan.yaml", &text, &problems, false, 100);
            let caret = drawn
                .lines()
                .skip_while(|text| !text.contains(&line))
                .nth(1);
            assert!(caret.is_some_and(|line| line.contains('^')), "{drawn}");
        }
    }
    let misspelt = changed(
        "    window: 2h\n",
        "    window: 2h\n    observes: trailing\n",
    );
    let problems = load(misspelt.as_bytes(), &options()).expect_err("no such key");
    assert_eq!(problems[0].code.word(), "unknown-key");
    let drawn = render("plan.yaml", &misspelt, &problems, false, 100);
    assert!(drawn.contains("observe"), "{drawn}");
}
