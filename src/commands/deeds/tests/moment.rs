//! What is said at the moment when it matters: from when on stops are judged, when a recovery can show it, what a finished window still
//! lacks, and why a stage may not begin.

use super::missing::found;
use super::*;
use crate::kind::List;
use crate::rollout::Next;

const PLAN: &str = r#"
release: R1.0
source: http://127.0.0.1:9
kpis: { errors: { query: errors, unit: ratio } }
stages:
  - name: pilot
    window: 1h
    settle: 10m
    entry: { confirmations: [ready] }
    stop: { kpis: { errors: "> 1%" } }
    exit: { kpis: { errors: "< 1%" }, confirmations: [lead] }
    recovery: { window: 30m, kpis: { errors: "< 1%" } }
  - { name: wave-1, entry: { confirmations: [ready] }, exit: { confirmations: [lead] } }
"#;
const RESUME: [&str; 4] = ["resume", "plan.yaml", "--why", "x"];

fn on_plan(events: Vec<Event>, waited: u64) -> Rollout {
    Rollout {
        plan: plan(PLAN),
        waited,
        ..after(events)
    }
}

fn next(rollout: &Rollout) -> Next {
    let status = rollout.standing().status("plan.yaml");
    status.next.expect("a next command")
}

fn command(rollout: &Rollout) -> String {
    next(rollout).command.command("plan.yaml")
}

#[test]
fn l4_while_a_stage_settles_all_say_from_when_its_stops_are_judged() {
    let ready = vec![
        confirmed("pilot", "ready", Answer::Yes),
        judged("pilot/entry", Verdict::Go),
    ];
    let later = |from: u64| {
        format!(
            "its stops are judged from {} on, once it has settled (10m): until then nothing here stops it",
            minute(from)
        )
    };
    let begun = on_plan(ready, 0).decide(&START).expect("begun");
    assert!(begun.means.contains(&later(3 + 10)), "{:?}", begun.means);
    let settles = vec![started("pilot"), rolled_back("pilot")];
    let resumed = on_plan(settles, 0).decide(&RESUME).expect("resumed");
    let means = &resumed.means;
    assert!(means.contains(&later(3 + 10)), "{means:?}");
    let running = |waited| next(&on_plan(vec![started("pilot")], waited)).why;
    let complete = format!(
        "and all of it once the window is complete at {}",
        minute(70)
    );
    assert_eq!(
        running(0),
        format!(
            "pilot/exit judges its stops from {} on, once it has settled (10m), {complete}",
            minute(10)
        )
    );
    assert_eq!(
        running(20),
        format!("pilot/exit judges its stops now, {complete}")
    );
}

#[test]
fn l10_what_asks_for_a_recovery_says_when_it_can_show_it() {
    let events = vec![started("pilot"), rolled_back("pilot")];
    let why = |waited| next(&on_plan(events.clone(), waited)).why;
    let until = format!(", once its window is complete at {}", minute(2 + 30));
    assert!(why(0).ends_with(&until), "{}", why(0));
    assert!(why(40).ends_with("shows whether it has recovered"));
    let back = ["rollback", "plan.yaml", "--why", "labels"];
    let told = on_plan(vec![started("pilot")], 0).decide(&back);
    let told = told.expect("rolled back").means;
    let said = format!(
        "the window of pilot/recovery is complete at {}",
        minute(2 + 30)
    );
    assert_eq!(told.last(), Some(&said), "{told:?}");
}

#[test]
fn l4_status_names_the_answer_that_a_finished_window_lacks() {
    let lead = |unmet| (List::Exit, CriterionKind::Confirmations, "lead", unmet);
    let errors = |unmet| (List::Exit, CriterionKind::Kpis, "errors", unmet);
    let checked = |verdict, those: &[_]| {
        on_plan(
            vec![started("pilot"), found("pilot/exit", verdict, those)],
            90,
        )
    };
    let hold = checked(Verdict::Hold, &[lead(false)]);
    assert_eq!(command(&hold), "gate confirm plan.yaml lead --stage pilot");
    assert_eq!(
        next(&hold).why,
        "pilot/exit was HOLD in its last check, and this is open: lead"
    );
    // Of a NO-GO an answer that is open is not what decided.
    let check = "gate check plan.yaml --gate pilot/exit";
    let no_go = checked(Verdict::NoGo, &[errors(true), lead(false)]);
    assert_eq!(command(&no_go), check);
    let not_judged = on_plan(vec![started("pilot")], 90);
    assert_eq!(command(&not_judged), check);
    let mut early = checked(Verdict::Hold, &[errors(false), lead(false)]);
    early.waited = 10;
    assert_eq!(command(&early), check, "the window runs");
}

#[test]
fn l4_a_start_names_what_stands_against_it_now() {
    let begun = || {
        vec![
            confirmed("pilot", "ready", Answer::Yes),
            judged("pilot/entry", Verdict::Go),
            started("pilot"),
        ]
    };
    // The pause is over.
    let back = [paused("pilot"), resumed("pilot"), rolled_back("pilot")];
    on_plan([begun(), back.to_vec()].concat(), 0).refuses(
        &START,
        "but pilot was rolled back since (#6 by mara)\nto be answered again for pilot/entry: ready\n",
    );
    let left = [
        confirmed("pilot", "lead", Answer::Yes),
        judged("pilot/exit", Verdict::Go),
        confirmed("wave-1", "ready", Answer::Yes),
        judged("wave-1/entry", Verdict::Go),
        paused("pilot"),
        resumed("pilot"),
        judged("pilot/exit", Verdict::Go),
        confirmed("wave-1", "ready", Answer::No),
    ];
    on_plan([begun(), left.to_vec()].concat(), 0).refuses(
        &START_WAVE,
        "but ready was answered with no since (#11 by mara)",
    );
}

#[test]
fn l8_a_day_that_counts_no_more_is_not_owed_once_the_window_is_complete() {
    let text = PLAN.replace("window: 1h", "window: 30h").replace(
        "confirmations: [lead] }\n    recovery",
        "checkpoints: { roles: [ops] } }\n    recovery",
    );
    let owed = |waited| {
        let held = Event::Noted {
            stage: Some("pilot".to_owned()),
            text: "all quiet".to_owned(),
            checkpoint: true,
            role: Some("ops".to_owned()),
            reviewed_issues: false,
            lesson: false,
            takes_back: None,
        };
        let rollout = Rollout {
            plan: plan(&text),
            waited,
            ..after(vec![started("pilot"), held])
        };
        let owed = rollout.standing().outstanding();
        owed.into_iter().any(|one| one.name == "ops")
    };
    assert!(owed(28 * 60), "day 2, and the window runs");
    assert!(!owed(32 * 60), "day 2, the window is complete");
    assert!(owed(37 * 60), "more than half of day 2 is over");
}
