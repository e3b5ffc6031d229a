//! No value of a rollout's files can be another without being found (T4). The bench `alterations` tries every one; here some
//! of them, and all sets of files.

mod altered;
mod moved;
mod scalars;

pub use altered::{Ledger, values_one_by_one};

#[test]
fn t4_no_changed_value_goes_unnoticed() {
    let rollout = altered::rollout();
    for ((what, ledger), tally) in values_one_by_one(&rollout, 17) {
        assert!(tally.tried > 0, "{what}");
        assert!(
            tally.unnoticed.is_empty(),
            "{what}, {ledger:?}: {:#?}",
            tally.unnoticed
        );
    }
}

#[test]
fn t2_files_that_were_moved_around_are_found_out() {
    let rollout = altered::rollout();
    for (what, attack, code) in moved::ATTACKS {
        assert_eq!(moved::verified(&rollout, *attack), *code, "{what}");
    }
}

#[test]
fn values_are_found_where_they_stand() {
    let text = r#"{"a": "b", "c" : [1, -2.5, true, null, "d\"e"], "f": {}}"#;
    let found: Vec<&str> = scalars::values(text)
        .into_iter()
        .map(|place| &text[place])
        .collect();
    assert_eq!(found, ["\"b\"", "1", "-2.5", "true", "null", "\"d\\\"e\""]);
    let last = scalars::values(text).pop().expect("a value");
    assert_eq!(
        scalars::changed(text, &last),
        [text.replace("d\\\"e", "xd\\\"e")]
    );
}

/// The last entry has nothing after it that would miss it.
#[test]
fn t2_a_record_that_the_last_entry_says_is_elsewhere_is_off() {
    use crate::support::sealed::rewritten;
    let rollout = altered::rollout();
    let path = rollout.path().join("plan.ledger.jsonl");
    let text = std::fs::read_to_string(&path).expect("a ledger");
    let last = text.lines().count() - 1;
    let from = "\"evidence_path\":\"plan.evidence/";
    let other = rewritten(&text, last, from, "\"evidence_path\":\"xplan.evidence/");
    std::fs::write(&path, other).expect("written");
    let verified = rollout.gate(&["verify", "plan.evidence"]);
    verified.says(1, "in another folder than the entry names");
}
