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
  - name: ring-0
    exit: { confirmations: [ring] }
  - name: pilot
    after: none
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
        "note plan.yaml quiet --checkpoint --role operations --stage wave-1",
        1,
        "wave-1 has not begun",
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
        "rollback plan.yaml --why worse --done 0",
        2,
        "a step is given by its number from 1, such as `2`",
    ),
    (
        "rollback plan.yaml --why worse --not-needed 9",
        2,
        "the plan's `rollback:` has no step 9: it has 1: Flag off; 2: Revert; 3: Tell everybody",
    ),
    (
        "rollback plan.yaml --why worse --done 1 --took 2=12m",
        2,
        "--took says how long a step took that was done: name the step with --done N",
    ),
    (
        "rollback plan.yaml --why worse --option flag --done 1",
        2,
        "the plan's `rollback:` has no options, so none is called `flag`: leave --option out",
    ),
    (
        "rollback plan.yaml --why worse --file nowhere.txt",
        2,
        "the file nowhere.txt cannot be read",
    ),
    (
        "rollback plan.yaml --update --fix fonts",
        1,
        "pilot was never rolled back, so there is no rollback to add to gate rollback plan.yaml --stage pilot --why <reason>",
    ),
    (
        "rollback plan.yaml --why worse --to wave-1",
        1,
        "wave-1 comes after pilot: the way back leads to pilot itself, or to a stage before it",
    ),
    (
        "rollback plan.yaml --why worse --to ring-0",
        1,
        "ring-0 has not begun",
    ),
    (
        "rollback plan.yaml --why worse --to nowhere",
        2,
        "the plan has no stage `nowhere`: it has ring-0, pilot, wave-1",
    ),
    (
        "confirm plan.yaml migrations/data --stage pilot",
        1,
        "confirm that first gate confirm plan.yaml migrations/table --stage pilot",
    ),
    (
        "confirm plan.yaml migrations/data --stage pilot --not-applicable --why small",
        1,
        "confirm that first gate confirm plan.yaml migrations/table --stage pilot",
    ),
    (
        "confirm plan.yaml astrology --all",
        2,
        "the plan asks for no checklist `astrology`: it asks for migrations",
    ),
    (
        "incident plan.yaml open --severity sev2 --description slow --opened 2099-01-01T00:00:00Z",
        2,
        "record an incident once it has come up",
    ),
    (
        "note plan.yaml quiet --link javascript:alert(1)",
        2,
        "--link is not a link: it begins with neither `http://` nor `https://`",
    ),
    (
        "note plan.yaml quiet --link data:text/html,x",
        2,
        "--link is not a link: it begins with neither",
    ),
    (
        "note plan.yaml quiet --link https://",
        2,
        "--link is not a link: it does not have the form of a URL",
    ),
    (
        "incident plan.yaml close INC-9",
        1,
        "there is no incident `INC-9`: none is recorded",
    ),
    (
        "note plan.yaml quiet --checkpoint --role operations --day 0",
        2,
        "days are counted from 1, the day of the start",
    ),
    (
        "resume plan.yaml --why fixed",
        1,
        "pilot is neither paused nor stopped nor rolled back: there is nothing to resume",
    ),
];

/// In a plan of which the rollback has several ways.
const OF_SEVERAL_WAYS: &[(&str, i32, &str)] = &[
    (
        "rollback plan.yaml --why worse --option pitr",
        2,
        "the plan's `rollback:` has no option `pitr`: it has flag, release",
    ),
    (
        "rollback plan.yaml --why worse --option flag --done 9",
        2,
        "the plan's `rollback:` has no step 9: it has 1: Flag off; 2: Tell everybody; 3: Revert; 4: Tell everybody",
    ),
    (
        "rollback plan.yaml --why worse --option flag --done 3",
        2,
        "step 3 belongs to the way release, and flag is taken: take it with --option release, or name another step",
    ),
    (
        "rollback plan.yaml --why worse --option flag --done 4",
        2,
        "step 4 belongs to the way release, and flag is taken: there it is step 2",
    ),
    (
        "rollback plan.yaml --why worse --option flag --option release --done 2 --done 4",
        1,
        "step 4 is the same as step 2, which is done: it is done once",
    ),
    (
        "rollback plan.yaml --why worse --all-done",
        2,
        "--all-done does not say which way was taken: name it with --option (flag, release)",
    ),
];

#[test]
fn what_cannot_be_recorded_is_refused_with_the_way_on() {
    all_are_refused(PLAN, REFUSED);
}

#[test]
fn l11_ways_and_steps_that_the_plan_lacks_are_refused_with_the_way_on() {
    let ways = "rollback:
  options:
    - { name: flag, steps: [Flag off, Tell everybody] }
    - { name: release, steps: [Revert, Tell everybody] }
";
    let plan = PLAN.replace("rollback: [Flag off, Revert, Tell everybody]\n", ways);
    all_are_refused(&plan, OF_SEVERAL_WAYS);
}

/// While the pilot runs.
fn all_are_refused(plan: &str, refused: &[(&str, i32, &str)]) {
    let workplace = Workplace::with_plan(plan);
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
    for (line, code, sentence) in refused {
        let words: Vec<&str> = line.split(' ').collect();
        let done = workplace.gate(&words);
        println!("$ gate {line}\n{}{}", done.out, done.err);
        done.says(*code, sentence);
        assert_eq!(fs::read(&ledger).expect("the ledger"), before, "{line}");
    }
}

/// To the stage that runs there is a way back: it begins again, after its entry gate.
#[test]
fn l7_the_way_back_may_lead_to_the_stage_that_runs() {
    let workplace = Workplace::with_plan(PLAN);
    let start = "start plan.yaml pilot --override --why tried";
    let start: Vec<&str> = start.split(' ').collect();
    workplace.gate(&start).says(0, "pilot began");
    let back = "rollback plan.yaml --to pilot --why worse";
    let back: Vec<&str> = back.split(' ').collect();
    let done = workplace.gate(&back);
    done.says(0, "pilot/entry is asked again: no check before this counts");
}

#[test]
fn none_for_what_has_no_default_is_refused_with_the_way_on() {
    let plan = PLAN.replace("exit: { confirmations: [lead] }", "exit: none");
    let done = Workplace::with_plan(&plan).gate(&["check", "plan.yaml"]);
    done.says(2, "`exit: none` drops nothing: `defaults` has no `exit`");
    done.says(2, "omit it");
}
