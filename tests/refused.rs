//! What is refused of what people type: in one sentence, with the way on, and nothing is recorded.

use std::fs;

use crate::support::program::Workplace;

const PLAN: &str = "release: R1.0
checklists:
  migrations:
    ordered: true
    items: [{ id: table, text: Table added }, { id: data, text: Data moved }]
rollback: [Flag off, Revert, Tell everybody]
stages:
  - name: pilot
    entry: { approvals: [product] }
    exit:
      checklists: [migrations]
      checkpoints: { roles: [operations] }
  - name: wave-1
    exit: { confirmations: [lead] }
";

/// What is typed after `gate`, the exit code, what is said and the way on.
const REFUSED: &[(&str, i32, &str)] = &[
    (
        "note plan.yaml quiet --checkpoint --role astrologer",
        2,
        "its exit asks for operations gate note plan.yaml '<what was seen>' --checkpoint --role operations",
    ),
    (
        "note plan.yaml quiet --checkpoint --role operations --day 2",
        1,
        "day 2 of pilot has not begun, it is day 1: hold its checkpoint then",
    ),
    (
        "approve plan.yaml astrologer --gate pilot/entry",
        2,
        "pilot/entry does not ask for `astrologer`: pilot/entry asks for product",
    ),
    (
        "rollback plan.yaml --why worse --done 9",
        2,
        "the plan's `rollback:` has no step 9: it has 1: Flag off; 2: Revert; 3: Tell everybody",
    ),
    (
        "rollback plan.yaml --why worse --to wave-1",
        1,
        "wave-1 comes after pilot: the way back leads to pilot itself, or to a stage before it",
    ),
    (
        "rollback plan.yaml --why worse --to nowhere",
        2,
        "the plan has no stage `nowhere`: it has pilot, wave-1",
    ),
    (
        "confirm plan.yaml migrations/data --stage pilot",
        1,
        "confirm that first gate confirm plan.yaml migrations/table --stage pilot",
    ),
];

#[test]
fn what_cannot_be_recorded_is_refused_with_the_way_on() {
    let workplace = Workplace::with_plan(PLAN);
    let start = [
        "start",
        "plan.yaml",
        "pilot",
        "--override",
        "--why",
        "a try",
    ];
    workplace.gate(&start).says(0, "pilot began");
    let ledger = workplace.path().join("plan.ledger.jsonl");
    let before = fs::read(&ledger).expect("the ledger");
    for (line, code, sentence) in REFUSED {
        let words: Vec<&str> = line.split(' ').collect();
        let done = workplace.gate(&words);
        println!("$ gate {line}\n{}{}", done.out, done.err);
        done.says(*code, sentence);
        assert_eq!(fs::read(&ledger).expect("the ledger"), before, "{line}");
    }
}

#[test]
fn none_for_what_has_no_default_is_refused_with_the_way_on() {
    let plan = PLAN.replace("exit: { confirmations: [lead] }", "exit: none");
    let done = Workplace::with_plan(&plan).gate(&["check", "plan.yaml"]);
    done.says(2, "`exit: none` drops nothing: `defaults` has no `exit`");
    done.says(2, "omit it");
}
