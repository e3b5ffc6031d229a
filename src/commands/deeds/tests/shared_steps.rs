//! L11: a step that several ways to roll back have is the same step: asked for once, done once.

use super::*;
use crate::rollout::{History, Standing};

const SHARED: &str = r"
release: R1.0
source: http://127.0.0.1:9090
kpis: { errors: { query: errors, unit: ratio } }
rollback:
  options:
    - { name: application, steps: [&old Deploy the old one, &tell Tell everybody] }
    - { name: pitr, steps: [&restore Restore the database, *tell] }
    - { name: both, steps: [*old, *restore, *tell] }
stages:
  - { name: pilot, window: 2h, exit: { kpis: { errors: '< 1%' } } }
";

fn rollout(events: Vec<Event>) -> Rollout {
    Rollout {
        plan: plan(SHARED),
        ..after(events)
    }
}

fn started() -> Event {
    Event::Started {
        stage: "pilot".to_owned(),
        at: minute(1),
        overridden: false,
        sources: Vec::new(),
        vars: Vec::new(),
    }
}

/// What `gate rollback plan.yaml …` records and says after these.
fn told(events: &mut Vec<Event>, more: &[&str]) -> (Vec<String>, Option<String>) {
    let words = [&["rollback", "plan.yaml", "--why", "labels"][..], more].concat();
    let decision = rollout(events.clone()).decide(&words).expect("recorded");
    events.extend(decision.events);
    (decision.means, decision.next)
}

const WHICH: &str = "gate rollback plan.yaml --stage pilot --option <application|pitr|both>";
const RECOVERY: &str = "gate check plan.yaml --gate pilot/recovery";

#[test]
fn l11_a_step_that_another_way_has_too_is_not_asked_for_again_once_it_was_done() {
    let mut events = vec![started()];
    let (_, next) = told(&mut events, &["--done", "1", "--done", "2"]);
    assert_eq!(next.as_deref(), Some(WHICH));
    let (means, next) = told(&mut events, &["--option", "both"]);
    assert_eq!(
        means,
        [
            "step 1: done: Deploy the old one",
            "step 2: done: Tell everybody",
            "step 3: not needed: Restore the database",
            "step 4: not needed: Tell everybody",
            "step 5: as step 1: Deploy the old one",
            "step 6: open: Restore the database",
            "step 7: as step 2: Tell everybody",
            "both stays recorded as taken: say with --not-needed N which steps nobody has to do",
        ]
    );
    let sixth = "gate rollback plan.yaml --stage pilot --done 6";
    assert_eq!(next.as_deref(), Some(sixth));
    // Three deeds, of which two are done.
    let stop = after_stop(&events);
    assert_eq!(stop.open_steps, [6]);
    assert_eq!(stop.done_steps, [1, 2]);
    assert!(
        stop.done.contains(&"2 of 3 rollback steps done".to_owned()),
        "{:?}",
        stop.done
    );
    let (_, next) = told(&mut events, &["--all-done"]);
    assert_eq!(next.as_deref(), Some(RECOVERY));
    let steps = Rollout::case_of(&events);
    assert!(steps.contains(&(6, Standing::Done)), "{steps:?}");
    assert!(steps.contains(&(3, Standing::OtherWay)), "{steps:?}");
}

#[test]
fn l11_what_two_ways_ask_for_that_are_taken_is_asked_for_once() {
    let mut events = vec![started()];
    let (means, next) = told(
        &mut events,
        &["--option", "application", "--option", "pitr"],
    );
    assert_eq!(means[1], "step 2: open: Tell everybody");
    assert_eq!(means[3], "step 4: as step 2: Tell everybody");
    let first = "gate rollback plan.yaml --stage pilot --done 1";
    assert_eq!(next.as_deref(), Some(first));
    let (means, next) = told(&mut events, &["--done", "4", "--done", "1", "--done", "3"]);
    assert_eq!(means[1], "step 2: as step 4: Tell everybody");
    assert_eq!(next.as_deref(), Some(RECOVERY));
    // What is taken back is open again, under both numbers.
    let (means, next) = told(&mut events, &["--not-done", "4"]);
    assert_eq!(means[1], "step 2: open: Tell everybody");
    let second = "gate rollback plan.yaml --stage pilot --done 2";
    assert_eq!(next.as_deref(), Some(second));
}

#[test]
fn l11_a_step_is_neither_done_twice_nor_taken_back_under_another_number() {
    let mut events = vec![started()];
    told(&mut events, &["--option", "both", "--done", "5"]);
    let now = rollout(events);
    let refused = |more: &[&'static str], reason: &str| {
        let words = [&["rollback", "plan.yaml"][..], more].concat();
        now.refuses(&words, reason);
    };
    now.is_wrong(
        &["rollback", "plan.yaml", "--done", "1"],
        "step 1 belongs to the way application, and both is taken: there it is step 5",
    );
    let option = ["--option", "application", "--not-done", "1"];
    refused(&option, "take that back with --not-done 5");
    let twice = [
        "--done", "6", "--done", "7", "--option", "pitr", "--done", "4",
    ];
    refused(&twice, "step 7 is the same as step 4, which is done");
    let words = ["rollback", "plan.yaml", "--option", "both", "--done", "3"];
    now.is_wrong(
        &words,
        "step 3 belongs to the way pitr, and both is taken: there it is step 6",
    );
}

/// What is not needed in one way may be needed in the next one: nobody said so.
#[test]
fn l11_what_is_not_needed_in_a_way_that_is_not_taken_is_due_in_the_one_that_is() {
    let mut events = vec![started()];
    let not_needed = ["3", "4", "5", "6", "7"].map(|number| ["--not-needed", number]);
    let words = [&["--option", "application"][..], &not_needed.concat()].concat();
    let (means, next) = told(&mut events, &words);
    assert_eq!(means[0], "step 1: open: Deploy the old one");
    let first = "gate rollback plan.yaml --stage pilot --done 1";
    assert_eq!(next.as_deref(), Some(first));
}

#[test]
fn l11_what_one_way_asks_for_twice_is_done_twice() {
    let twice = SHARED.replace("*restore, *tell]", "*restore, *tell, *tell]");
    let rollout = Rollout {
        plan: plan(&twice),
        ..after(vec![started()])
    };
    let words = [
        "rollback",
        "plan.yaml",
        "--why",
        "labels",
        "--option",
        "both",
        "--option",
        "pitr",
        "--done",
        "4",
    ];
    let decision = rollout.decide(&words).expect("recorded");
    assert_eq!(decision.means[6], "step 7: as step 4: Tell everybody");
    assert_eq!(decision.means[7], "step 8: open: Tell everybody");
}

fn after_stop(events: &[Event]) -> crate::rollout::AfterStop {
    let rollout = rollout(events.to_vec());
    let now = crate::rollout::Rollout {
        plan: &rollout.plan,
        plan_sha256: None,
        vars: &[],
        addresses: &[],
        ledger: Some(&rollout.ledger),
        now: minute(59),
    };
    now.after_stop("pilot")
}

impl Rollout {
    /// How each step of the last case stands.
    fn case_of(events: &[Event]) -> Vec<(usize, Standing)> {
        let rollout = rollout(events.to_vec());
        let cases = History::of(Some(&rollout.ledger)).cases();
        let steps = cases.last().expect("a case").known.steps();
        let told = steps.iter().map(|one| (one.told.number, one.standing));
        told.collect()
    }
}

/// What several ways ask for says nothing about which of them was taken.
#[test]
fn l11_a_shared_step_leaves_open_which_way_is_taken() {
    let mut events = vec![started()];
    let (means, next) = told(&mut events, &["--done", "2"]);
    let open = [
        "step 1: open: Deploy the old one",
        "step 2: done: Tell everybody",
        "step 3: open: Restore the database",
        "step 4: as step 2: Tell everybody",
        "step 5: open: Deploy the old one",
        "step 6: open: Restore the database",
        "step 7: as step 2: Tell everybody",
    ];
    assert_eq!(means, open);
    assert_eq!(next.as_deref(), Some(WHICH));
    let undecided = rollout(events.clone());
    undecided.is_wrong(
        &["rollback", "plan.yaml", "--all-done"],
        "--all-done does not say which way was taken: name it with --option (application, pitr, both)",
    );
    // Status, its flags, a stop and a resume ask for the way, and for no step of one.
    let status = undecided.standing().status("plan.yaml");
    let asked = status.next.expect("a step");
    assert_eq!(asked.command.command("plan.yaml"), WHICH);
    let why =
        "pilot was rolled back, and nobody has said which way is taken: application, pitr or both";
    assert_eq!(asked.why, why);
    let flag =
        "rollback of pilot (#2): nobody has said which way is taken: application, pitr or both";
    assert!(status.stages[0].flags.contains(&flag.to_owned()));
    let stop = after_stop(&events);
    assert_eq!(stop.commands[0].command("plan.yaml"), WHICH);
    assert!(!stop.asks_for_a_step());
    let resume = ["resume", "plan.yaml", "--stage", "pilot", "--why", "x"];
    let means = undecided.decide(&resume).expect("goes on").means;
    let later = "gate rollback plan.yaml --stage pilot --update --option <application|pitr|both>";
    let line = format!("{flag}; say which: {later}");
    assert!(means.contains(&line), "{means:?}");
    // A step that one way alone has says which it is.
    let only = SHARED.replace("[*old, *restore, *tell]", "[Ask the vendor, *tell]");
    let decided = Rollout {
        plan: plan(&only),
        ..after(vec![started()])
    };
    let words = ["rollback", "plan.yaml", "--why", "x", "--done", "5"];
    let decided = decided.decide(&words).expect("recorded");
    assert_eq!(decided.means[0], "step 1: not needed: Deploy the old one");
    assert_eq!(decided.means[5], "step 6: open: Tell everybody");
}

/// Where nobody needs the other ways, the one that is left is taken.
#[test]
fn l11_the_only_way_that_is_left_is_not_asked_for() {
    let mut events = vec![started()];
    let not_needed = ["3", "4", "5", "6", "7"].map(|number| ["--not-needed", number]);
    let (_, next) = told(&mut events, &not_needed.concat());
    let first = "gate rollback plan.yaml --stage pilot --done 1";
    assert_eq!(next.as_deref(), Some(first));
}

#[test]
fn l11_a_way_is_done_once_all_its_steps_were_done_as_parts_of_others() {
    let mut events = vec![started()];
    let is_done = |events: &Vec<Event>| {
        let rollout = rollout(events.clone());
        let case = rollout
            .standing()
            .history()
            .last_case("pilot")
            .expect("a case");
        case.known.is_done_elsewhere("both")
    };
    told(
        &mut events,
        &["--option", "application", "--done", "1", "--done", "2"],
    );
    assert!(!is_done(&events), "the database is not restored");
    told(&mut events, &["--option", "pitr", "--done", "3"]);
    assert!(is_done(&events));
    let case = rollout(events);
    let case = case.standing();
    let case = case.history().last_case("pilot").expect("a case");
    assert!(!case.known.is_done_elsewhere("nobody"));
}
