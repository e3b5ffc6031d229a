//! What the status note, and what is told of a whole rollout, says of what came after its last check, of what the rollout took back,
//! and of stages that the plan no longer has. Test code only.

use super::{Entry, Event, IncidentDetails, Ledger, RolloutFacts, RolloutKind, T, Tone, Verdict};
use super::{
    OBSERVED, PILOT, WAVE, all, check, checked, entry, hours, noted, plan, rolled_back, rollout,
    row_of, said, stands, started,
};
use crate::report::scenarios as evidence;
use crate::rollout::{Next, steps};

/// Asks a KPI, so that it has a recovery.
const SHOWN: &str =
    "  - { name: wave-1, recovery: { confirmations: [lead] }, exit: { confirmations: [lead] } }\n";

fn stage() -> String {
    "pilot".to_owned()
}

/// The notes as of T + `later`, on a GO of the exit of the pilot that was recorded as entry 2, and what followed.
fn after_go(stages: &str, later: i64, more: Vec<(i64, Event)>) -> String {
    let (plan, go) = (plan(stages), [check(evidence::go(), "a")]);
    let begun = vec![
        (9, started("pilot", 9)),
        (0, checked(0, "a", "pilot/exit", Verdict::Go)),
    ];
    let entries = (1..).zip(begun.into_iter().chain(more));
    let entries = entries.map(|(number, (ago, event))| Entry {
        plan: crate::ledger::PlanThen {
            release: Some("R1.0".to_owned()),
            version: matches!(event, Event::Superseded { .. }).then(|| "2.2".to_owned()),
            ..entry(number, ago, event.clone()).plan
        },
        ..entry(number, ago, event)
    });
    let ledger = Ledger::new(entries.collect());
    let mut facts = rollout(&go, Some(&plan), Some(&ledger));
    if let Some(rollout) = &mut facts.rollout {
        rollout.now = T + hours(later);
    }
    noted(&facts)
}

#[test]
fn l19_what_came_after_the_check_is_known_by_number_even_within_its_second() {
    let note = after_go(PILOT, 0, vec![(0, Event::Paused { stage: stage() })]);
    let verdict = said(&note, "Verdict");
    assert!(verdict.contains("; SINCE THEN paused pilot at"), "{note}");
    assert!(
        said(&note, "Next").starts_with("somebody lets pilot go on"),
        "{note}"
    );
    // Entries whose times run backwards are later all the same.
    let note = after_go(PILOT, 0, vec![(3, Event::Paused { stage: stage() })]);
    assert!(
        said(&note, "Verdict").contains("SINCE THEN paused pilot"),
        "{note}"
    );
}

#[test]
fn l19_a_go_for_the_version_before_is_none_for_the_one_that_took_its_place() {
    let superseded = Event::Superseded {
        from: Some("1.0.0".to_owned()),
        stages: vec![stage()],
        left: Vec::new(),
        keep_window: false,
        let_go: Vec::new(),
    };
    let note = after_go(PILOT, 0, vec![(0, superseded)]);
    let verdict = said(&note, "Verdict");
    assert!(
        verdict.starts_with("none for 2.2 (GO was for 1.0.0, checked at "),
        "{note}"
    );
    assert!(
        verdict.contains("SINCE THEN version 2.2 took the place of 1.0.0 at "),
        "{note}"
    );
    assert!(!said(&note, "Why").contains("met"), "{note}");
    assert!(!said(&note, "Next").contains("wave-1 begins"), "{note}");
}

#[test]
fn l19_nothing_that_is_past_is_told_as_ahead() {
    let late = "  - { name: pilot, window: 26h, deadline: 30h, exit: { confirmations: [lead] } }\n";
    let hold = [check(evidence::hold_incomplete(), "a")];
    let (plan, ledger) = (
        plan(late),
        Ledger::new(vec![
            entry(1, 9, started("pilot", 9)),
            entry(2, 0, checked(0, "a", "pilot/exit", Verdict::Hold)),
        ]),
    );
    let mut facts = rollout(&hold, Some(&plan), Some(&ledger));
    if let Some(rollout) = &mut facts.rollout {
        rollout.now = T + hours(40);
    }
    let next = said(&noted(&facts), "Next");
    assert!(
        !next.contains("wait until") && !next.contains("is complete"),
        "{next}"
    );
    assert!(
        next.contains("the deadline of pilot PASSED 19h ago ("),
        "{next}"
    );
}

#[test]
fn l19_an_incident_past_its_target_is_overdue_in_the_note() {
    let opened = Event::IncidentOpened {
        id: "INC-1".to_owned(),
        stage: None,
        opened_at: None,
        details: IncidentDetails {
            target: Some(T),
            ..IncidentDetails::default()
        },
    };
    let note = after_go(OBSERVED, 2, vec![(0, opened)]);
    assert!(
        said(&note, "Why").ends_with("1 open: INC-1 OVERDUE by 2h"),
        "{note}"
    );
}

#[test]
fn t6_a_stop_or_rollback_of_a_stage_that_left_the_plan_fails_the_rollout() {
    let (pilot, go) = (plan(PILOT), [check(evidence::go(), "a")]);
    let with = |event: Event| {
        Ledger::new(vec![
            entry(1, 9, started("pilot", 9)),
            entry(2, 8, checked(8, "b", "pilot/exit", Verdict::Go)),
            entry(3, 7, started("wave-1", 7)),
            entry(4, 6, event),
            entry(5, 0, checked(0, "a", "pilot/exit", Verdict::Go)),
        ])
    };
    let told = |facts: &RolloutFacts<'_>| RolloutKind::Summary.render(facts);
    let ledger = with(rolled_back("wave-1"));
    let facts = rollout(&go, Some(&pilot), Some(&ledger));
    assert_eq!(
        stands(&facts),
        (
            Tone::Bad,
            "FAILED: wave-1 ROLLED BACK, and not in the plan".to_owned()
        )
    );
    let shown = told(&facts);
    assert!(
        shown.contains("wave-1 was rolled back by ada at"),
        "{shown}"
    );
    assert!(shown.contains("**Status**: ROLLED BACK: wave-1"), "{shown}");
    let ledger = with(Event::Paused {
        stage: "wave-1".to_owned(),
    });
    let facts = rollout(&go, Some(&pilot), Some(&ledger));
    assert_eq!(stands(&facts).0, Tone::Open);
    assert!(
        told(&facts).contains("wave-1 was paused by ada at"),
        "{}",
        told(&facts)
    );
}

#[test]
fn l7_what_the_rollout_took_back_is_neither_flagged_nor_compared() {
    let stages = format!("{PILOT}{SHOWN}");
    let (both, go) = (plan(&stages), [check(evidence::go(), "a")]);
    let forced = Event::Started {
        stage: "wave-1".to_owned(),
        at: T - hours(7),
        overridden: true,
        vars: Vec::new(),
        sources: Vec::new(),
    };
    let mut entries = vec![
        entry(1, 9, started("pilot", 9)),
        entry(2, 7, forced),
        entry(3, 6, rolled_back("wave-1")),
    ];
    let shown = |entries: &[Entry]| {
        let ledger = Ledger::new(entries.to_vec());
        let facts = rollout(&go, Some(&both), Some(&ledger));
        let is_compared = all(&facts)[1].recovery.is_some();
        (RolloutKind::Summary.render(&facts), is_compared)
    };
    let flag = "> \u{26a0}\u{fe0f} **started wave-1, OVERRIDDEN";
    let recovery = checked(5, "c", "wave-1/recovery", Verdict::Go);
    let (text, is_compared) =
        shown(&[entries.clone(), vec![entry(4, 5, recovery.clone())]].concat());
    assert!(text.contains(flag) && is_compared, "{text}");
    entries.push(entry(
        4,
        6,
        Event::Reopened {
            stage: "wave-1".to_owned(),
            stages: vec!["wave-1".to_owned()],
        },
    ));
    entries.push(entry(5, 5, recovery));
    let (text, is_compared) = shown(&entries);
    assert!(!text.contains(flag) && !is_compared, "{text}");
    let row = row_of(&text, "wave-1/entry");
    assert!(
        row.contains("out of turn") && row.ends_with("| wave-1 was taken back since |"),
        "{text}"
    );
    // The pilot runs again, so the rollout has not gone back to anything.
    assert!(!text.contains("ROLLED BACK to wave-1"), "{text}");
}

#[test]
fn l19_a_start_in_spite_of_a_stage_that_left_the_plan_is_told_with_why() {
    let renamed = plan(WAVE);
    let checks = [check(evidence::outstanding(), "a")];
    let ledger = Ledger::new(vec![
        entry(1, 9, started("pilot", 9)),
        entry(2, 8, checked(8, "b", "pilot/exit", Verdict::NoGo)),
        entry(3, 0, checked(0, "a", "wave-1/entry", Verdict::Hold)),
    ]);
    let note = noted(&rollout(&checks, Some(&renamed), Some(&ledger)));
    assert!(!note.contains("nothing has begun"), "{note}");
    assert!(
        said(&note, "Where").contains("pilot was started, but it is not in the plan"),
        "{note}"
    );
    assert!(!said(&note, "Next").starts_with("wave-1 begins"), "{note}");
}

#[test]
fn l3_the_note_says_what_holds_a_stage_before_its_stop_trips() {
    let (plan, hold) = (plan(OBSERVED), [check(evidence::hold_incomplete(), "a")]);
    let ledger = Ledger::new(vec![
        entry(1, 9, started("pilot", 9)),
        entry(2, 0, checked(0, "a", "pilot/exit", Verdict::Hold)),
    ]);
    let facts = rollout(&hold, Some(&plan), Some(&ledger));
    let mut status = facts.rollout.expect("plan and ledger").status("plan.yaml");
    let pause = steps::pause("pilot");
    status.to_hold = Some(Next::new(pause, "errors trips at 14:30 if it goes on"));
    let next = said(&facts.note(Some(&status)), "Next");
    assert!(
        next.contains("; errors trips at 14:30 if it goes on: pausing pilot holds it; the window"),
        "{next}"
    );
}
