//! L11: what a rollback leaves open stays visible once the rollout goes on, and is recorded later with `--update`.

use super::*;
use crate::kind::List;
use crate::ledger::NotMet;
use crate::rollout::History;

const WAYS: &str = r"
release: R1.0
source: http://127.0.0.1:9090
kpis: { errors: { query: errors, unit: ratio } }
rollback:
  options:
    - { name: flag, when: activation only, steps: [Switch it off] }
    - { name: release, when: the code is at fault, steps: [Deploy the old one, Drain the queue] }
stages:
  - { name: staging, window: 2h, exit: { kpis: { errors: '< 1%' } } }
  - { name: pilot, window: 2h, exit: { kpis: { errors: '< 1%' } } }
";

fn rollout(events: Vec<Event>) -> Rollout {
    Rollout {
        plan: plan(WAYS),
        ..after(events)
    }
}

/// Pilot was rolled back by the way `release`: its two steps are open.
fn rolled_back_pilot() -> Vec<Event> {
    let mut events = vec![
        started("staging"),
        judged("staging/exit", Verdict::Go),
        started("pilot"),
    ];
    let words = ["rollback", "plan.yaml", "--stage", "pilot", "--why", "x"];
    let words = [&words[..], &["--option", "release"]].concat();
    events.extend(rollout(events.clone()).decide(&words).expect("back").events);
    events
}

const OPEN: &str = "2 steps of the rollback of pilot (#4) are open: 2, 3";
const LATER: &str = "gate rollback plan.yaml --stage pilot --update --done 2";

fn flags(rollout: &Rollout, stage: &str) -> Vec<String> {
    let status = rollout.standing().status("plan.yaml");
    let mut stages = status.stages.into_iter();
    let found = stages.find(|one| one.name == stage);
    found.expect("a stage").flags
}

fn next(rollout: &Rollout) -> String {
    let status = rollout.standing().status("plan.yaml");
    status.next.expect("a step").command.command("plan.yaml")
}

#[test]
fn l11_a_resume_names_the_open_steps_and_status_keeps_them() {
    let mut events = rolled_back_pilot();
    let before = rollout(events.clone());
    assert!(flags(&before, "pilot").contains(&OPEN.to_owned()));
    assert_eq!(
        next(&before),
        "gate rollback plan.yaml --stage pilot --done 2"
    );
    let resume = ["resume", "plan.yaml", "--stage", "pilot", "--why", "fixed"];
    let decision = before.decide(&resume).expect("goes on");
    let line = format!("{OPEN}; record each as it is done: {LATER}");
    assert!(decision.means.contains(&line), "{:?}", decision.means);
    events.extend(decision.events);
    let resumed = rollout(events.clone());
    assert!(flags(&resumed, "pilot").contains(&OPEN.to_owned()));
    // Its recovery is asked, too: the exit alone does not judge it.
    assert_eq!(next(&resumed), "gate check plan.yaml");
    for number in ["2", "3"] {
        let words = ["rollback", "plan.yaml", "--update", "--done", number];
        let decision = rollout(events.clone()).decide(&words).expect("recorded");
        events.extend(decision.events);
    }
    let flags = flags(&rollout(events), "pilot");
    assert!(flags.iter().all(|flag| !flag.contains("open")), "{flags:?}");
}

#[test]
fn l11_a_start_names_the_open_steps_of_the_stage_that_the_rollout_came_back_from() {
    let mut events = rolled_back_pilot();
    let back = ["rollback", "plan.yaml", "--to", "staging", "--why", "x"];
    let back = [&back[..], &["--stage", "pilot"]].concat();
    events.extend(rollout(events.clone()).decide(&back).expect("back").events);
    let behind = rollout(events.clone());
    assert_eq!(
        next(&behind),
        "gate rollback plan.yaml --stage pilot --done 2"
    );
    let start = ["start", "plan.yaml", "staging"];
    let decision = behind.decide(&start).expect("begins");
    let line = format!("{OPEN}; record each as it is done: {LATER}");
    assert!(decision.means.contains(&line), "{:?}", decision.means);
    events.extend(decision.events);
    assert!(flags(&rollout(events), "pilot").contains(&OPEN.to_owned()));
}

#[test]
fn l11_once_the_steps_are_done_the_recovery_comes_before_the_new_start() {
    let mut events = rolled_back_pilot();
    let words = ["rollback", "plan.yaml", "--stage", "pilot", "--all-done"];
    let words = [&words[..], &["--to", "staging", "--why", "x"]].concat();
    let decision = rollout(events.clone()).decide(&words).expect("back");
    let recovery = "gate check plan.yaml --gate pilot/recovery";
    assert_eq!(decision.next.as_deref(), Some(recovery));
    events.extend(decision.events);
    assert_eq!(next(&rollout(events)), recovery);
}

#[test]
fn l11_what_is_said_after_the_resume_is_no_second_rollback() {
    let mut events = rolled_back_pilot();
    events.push(resumed("pilot"));
    let now = rollout(events);
    for more in [&["--done", "2=@ops"][..], &["--cause", "late"]] {
        let words = [&["rollback", "plan.yaml"][..], more].concat();
        let refusal = now.decide(&words).expect_err("refused");
        let told = refusal.told();
        assert!(told.reason.contains("pilot has gone on since"), "{told}");
        let command = format!(
            "  gate rollback plan.yaml --stage pilot --update {}",
            more.join(" ")
        );
        assert!(told.lines.contains(&command), "{:?}", told.lines);
    }
    // A bare rollback without a reason is still none.
    now.is_wrong(
        &["rollback", "plan.yaml", "--stage", "pilot"],
        "a rollback needs a reason",
    );
}

#[test]
fn l11_a_step_of_a_way_that_is_not_taken_takes_it_only_by_name() {
    let events = rolled_back_pilot();
    let now = rollout(events.clone());
    now.is_wrong(
        &["rollback", "plan.yaml", "--done", "1"],
        "step 1 belongs to the way flag, and release is taken: take it with --option flag",
    );
    let named = ["rollback", "plan.yaml", "--option", "flag", "--done", "1"];
    let mut both = events;
    both.push(now.records(&named));
    let taken = rollout(both);
    let cases = History::of(Some(&taken.ledger)).cases();
    let case = cases.first().expect("a case");
    assert_eq!(case.known.options(), ["release", "flag"]);
}

#[test]
fn l11_what_was_recorded_before_is_repeated_in_peace() {
    let mut events = rolled_back_pilot();
    rollout(events.clone()).is_given(
        &["rollback", "plan.yaml", "--option", "release"],
        "all of that is already recorded",
    );
    let all = ["rollback", "plan.yaml", "--all-done"];
    events.push(rollout(events.clone()).records(&all));
    rollout(events.clone()).is_given(&all, "no step of the rollback is open any more");
    // What is said besides is recorded, and not lost.
    let cause = [&all[..], &["--cause", "fonts"]].concat();
    let Event::RollbackUpdated { told, .. } = rollout(events.clone()).records(&cause) else {
        panic!("no update")
    };
    assert_eq!(
        (told.cause.as_deref(), told.steps.len()),
        (Some("fonts"), 0)
    );
    let took = [&all[..], &["--took", "12m"]].concat();
    rollout(events).is_wrong(&took, "name the step with --done N");
}

/// The plan's `pilot` settles for 10m.
#[test]
fn l11_a_resume_says_from_when_on_stops_are_judged_again() {
    let resume = ["resume", "plan.yaml", "--stage", "pilot", "--why", "fixed"];
    let stopped = || vec![started("pilot"), judged("pilot/exit", Verdict::Stop)];
    let lifted = |rollout: &Rollout| {
        let decision = rollout.decide(&resume).expect("goes on");
        let mut lines = decision.means.into_iter();
        lines.find(|line| line.contains("is lifted")).expect("told")
    };
    let mut back = stopped();
    back.push(rolled_back("pilot"));
    let settles = format!(
        "stops are judged again from {} on, once it has settled (10m)",
        minute(14)
    );
    let line = lifted(&after(back));
    assert!(line.contains(&settles), "{line}");
    let later = Rollout {
        waited: 30,
        ..after(stopped())
    };
    let line = lifted(&later);
    assert!(
        line.ends_with("stops are judged again from now on"),
        "{line}"
    );
}

#[test]
fn l4_a_start_is_offered_only_once_it_may_be_done() {
    let rollout = after(Vec::new());
    let refusal = rollout.decide(&START_WAVE).expect_err("refused");
    let told = refusal.told();
    let command = "  gate check plan.yaml --gate pilot/entry".to_owned();
    assert!(told.lines.contains(&command), "{:?}", told.lines);
    let begin = "  gate start plan.yaml pilot".to_owned();
    assert!(!told.lines.contains(&begin), "{:?}", told.lines);
}

#[test]
fn l4_what_was_done_before_or_misspelt_names_a_way_on() {
    let lines = |events: Vec<Event>, words: &[&str]| {
        let refusal = after(events).decide(words).expect_err("refused");
        refusal.told().lines.clone()
    };
    let running = || vec![judged("pilot/entry", Verdict::Go), started("pilot")];
    assert_eq!(lines(running(), &START), ["  gate check plan.yaml"]);
    let mut held = running();
    held.push(paused("pilot"));
    let pause = ["pause", "plan.yaml", "--stage", "pilot", "--why", "x"];
    assert_eq!(
        lines(held, &pause),
        ["  gate resume plan.yaml --stage pilot --why <reason>"]
    );
    let misspelt = ["start", "plan.yaml", "Wave_1"];
    after(running()).is_wrong(&misspelt, "did you mean `wave-1`?");
    let list = ["confirm", "plan.yaml", "readiness"];
    assert_eq!(
        lines(Vec::new(), &list),
        ["  gate confirm plan.yaml readiness --all --stage pilot"]
    );
    let twice = vec![opened("INC-1"), opened("INC-2")];
    let close = ["incident", "plan.yaml", "close", "INC-1", "--why", "mended"];
    let decision = after(twice).decide(&close).expect("closed");
    let second = "gate incident plan.yaml close INC-2 --why <reason>";
    assert_eq!(decision.next.as_deref(), Some(second));
}

#[test]
fn l11_a_step_recorded_later_names_the_next_one() {
    let mut events = rolled_back_pilot();
    events.push(resumed("pilot"));
    let words = ["rollback", "plan.yaml", "--update", "--done", "2"];
    let decision = rollout(events).decide(&words).expect("recorded");
    let next = "gate rollback plan.yaml --stage pilot --update --done 3";
    assert_eq!(decision.next.as_deref(), Some(next));
}

/// A check of pilot's exit that found these unmet, with what was measured.
fn unmet(names: &[(&str, Option<&str>)]) -> Event {
    let mut event = judged("pilot/exit", Verdict::NoGo);
    if let Event::Checked(checked) = &mut event {
        let not_met = names.iter().map(|(name, measured)| NotMet {
            list: List::Exit,
            kind: CriterionKind::Kpis,
            name: (*name).to_owned(),
            condition: None,
            unmet: true,
            measured: measured.map(str::to_owned),
        });
        checked.gates[0].not_met = not_met.collect();
    }
    event
}

#[test]
fn l4_status_says_what_the_last_check_of_a_gate_found_unmet() {
    let names = [
        ("errors", Some("5.2%")),
        ("a.xml", None),
        ("b.xml", None),
        ("c.xml", None),
    ];
    let said = "#: unmet: errors (5.2%), a.xml, b.xml and 1 more";
    let shown = |events: Vec<Event>| {
        let status = after(events).standing().status("plan.yaml");
        let style = crate::report::Style {
            width: 200,
            colour: false,
            unicode: true,
            whole: true,
        };
        let text = crate::report::status_text(&status, &style);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let mut events = vec![started("pilot"), unmet(&names)];
    let text = shown(events.clone());
    assert!(text.contains(&said.replace('#', "entry 2")), "{text}");
    // What was found before the rollback is over.
    events.push(rolled_back("pilot"));
    let text = shown(events);
    assert!(!text.contains("unmet"), "{text}");
    // A stage that has not begun shows no exit.
    let text = shown(vec![unmet(&names)]);
    assert!(!text.contains("pilot/exit"), "{text}");
}

#[test]
fn l11_who_adds_how_long_a_step_took_did_not_do_it_for_that() {
    let mut events = rolled_back_pilot();
    let done = ["rollback", "plan.yaml", "--done", "2=@ops"];
    events.extend(rollout(events.clone()).decide(&done).expect("done").events);
    let took = ["rollback", "plan.yaml", "--done", "2", "--took", "12m"];
    let decision = rollout(events).decide(&took).expect("recorded");
    let Some(Event::RollbackUpdated { told, .. }) = decision.events.first() else {
        panic!("{:?}", decision.events);
    };
    assert_eq!(told.steps[0].by.as_deref(), Some("@ops"));
    assert!(told.steps[0].took.is_some());
}
