//! Every value of a rollout's files changed, one at a time, and sets of files moved around: whether `gate verify` finds it.

use crate::altered::{Ledger, rollout, values_one_by_one};
use crate::document;
use crate::moved::{ATTACKS, verified};

/// Changes every value, writes the figures, and fails if one goes unnoticed.
pub fn alterations() {
    let rollout = rollout();
    let tallies = values_one_by_one(&rollout, 1);
    let mut text = "| file | changes | unnoticed, ledger at hand | unnoticed, ledger gone | unnoticed, sealed again |\n| --- | --- | --- | --- | --- |\n".to_owned();
    let mut unnoticed = Vec::new();
    for what in ["record", "answers", "plan copy", "text", "ledger"] {
        let of = |state| tallies.get(&(what, state));
        let cell = |state| {
            of(state).map_or_else(|| "–".to_owned(), |tally| tally.unnoticed.len().to_string())
        };
        let tried = of(Ledger::AtHand).map_or(0, |tally| tally.tried);
        text += &format!(
            "| {what} | {tried} | {} | {} | {} |\n",
            cell(Ledger::AtHand),
            cell(Ledger::Gone),
            cell(Ledger::Resealed)
        );
    }
    let tried: usize = tallies.values().map(|tally| tally.tried).sum();
    for tally in tallies.values() {
        unnoticed.extend(&tally.unnoticed);
    }
    text += &format!(
        "\n{tried} changes tried, **{} unnoticed**.\n\n",
        unnoticed.len()
    );
    text += "| what was done to the files | exit code of `gate verify` |\n| --- | --- |\n";
    for (what, attack, expected) in ATTACKS {
        let code = verified(&rollout, *attack);
        assert_eq!(code, *expected, "{what}");
        text += &format!("| {what} | {code} |\n");
    }
    print!("{text}");
    document::replace("alterations", &text);
    assert!(unnoticed.is_empty(), "{unnoticed:#?}");
}
