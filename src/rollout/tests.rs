//! What the status says about a rollout, and what it must never say.

use super::scenarios::{
    NOW, answered, checked, checkpoint, did, entry_open, hours, ledger, left_on_an_override, now,
    on, overridden, paused, plan, rolled_back, rollout, running, signed, started, status, stopped,
    trip, tripping,
};
use super::{State, Status};
use crate::kind::{CriterionKind, GateKind, List};
use crate::ledger::{Answer, Entry, Event, NotMet, RollbackTold};
use crate::plan::Plan;
use crate::verdict::Verdict;

fn states(status: &Status) -> Vec<State> {
    status.stages.iter().map(|stage| stage.state).collect()
}

fn next(status: &Status) -> String {
    let next = status.next.as_ref().expect("something is next");
    next.command.command("plan.yaml")
}

fn owed(status: &Status) -> Vec<String> {
    let commands = status.outstanding.iter();
    commands
        .map(|owed| owed.next_step.command("plan.yaml"))
        .collect()
}

fn extended(mut entries: Vec<Entry>, more: Vec<Entry>) -> Vec<Entry> {
    entries.extend(more);
    entries
}

#[test]
fn without_a_ledger_the_first_entry_is_open() {
    let status = status(None, NOW);
    assert_eq!(
        states(&status),
        [State::AtEntry, State::NotStarted, State::NotStarted]
    );
    assert!(status.kept.is_none() && status.incidents.is_empty());
    assert_eq!(next(&status), "gate start plan.yaml ring-0");
}

#[test]
fn a_stage_comes_next_once_the_one_before_was_left_with_go() {
    let status = now(entry_open());
    assert_eq!(
        states(&status),
        [State::Left, State::AtEntry, State::NotStarted]
    );
    let begun = now(vec![started(90, "ring-0", false)]);
    assert_eq!(
        states(&begun),
        [State::Running, State::NotStarted, State::NotStarted]
    );
    assert_eq!(next(&begun), "gate check plan.yaml --gate ring-0/exit");
}

#[test]
fn a_stage_is_left_for_one_that_comes_after_it_and_for_no_other() {
    let beside = now(vec![
        started(90, "ring-0", false),
        started(10, "wave-1", true),
    ]);
    assert_eq!(
        states(&beside).first().copied(),
        Some(State::Running),
        "wave-1 comes after pilot"
    );
    let after = now(vec![
        started(90, "ring-0", false),
        started(10, "pilot", true),
    ]);
    assert_eq!(states(&after).first().copied(), Some(State::Overridden));
}

#[test]
fn people_are_asked_for_what_the_gates_in_play_need() {
    let status = now(entry_open());
    assert_eq!(
        owed(&status),
        [
            "gate confirm plan.yaml readiness/integrations --stage pilot",
            "gate confirm plan.yaml readiness/labels --stage pilot",
            "gate confirm plan.yaml readiness/rollback --stage pilot",
        ]
    );
    assert_eq!(
        status.outstanding[0].next_step.owner.as_deref(),
        Some("@integrations")
    );
}

#[test]
fn signatures_are_asked_for_once_the_gate_is_go_without_them() {
    let asks = |verdicts: &[Verdict]| {
        let checks = (1..).zip(verdicts.iter().rev());
        let checks = checks.map(|(ago, verdict)| checked(ago, "pilot/entry", *verdict));
        let entries = checks.collect::<Vec<_>>().into_iter().rev().collect();
        let owed = owed(&now(extended(entry_open(), entries)));
        owed.iter().filter(|one| one.contains("approve")).count()
    };
    assert_eq!(asks(&[]), 0, "the last check was NO-GO");
    assert_eq!(asks(&[Verdict::Hold]), 0);
    assert_eq!(asks(&[Verdict::Go]), 2);
    assert_eq!(asks(&[Verdict::Go, Verdict::NoGo]), 0);
    // A GO for other variables or another plan is none.
    let mut other = checked(2, "pilot/entry", Verdict::Go);
    if let Event::Checked(check) = &mut other.event {
        check.vars = vec!["env=staging".to_owned()];
    }
    let status = now(extended(entry_open(), vec![other]));
    assert!(!owed(&status).iter().any(|one| one.contains("approve")));
}

#[test]
fn a_signature_for_what_every_check_found_is_not_asked_for_again() {
    let check = checked(60, "pilot/entry", Verdict::Go);
    let sign = |by: &str, role: &str| signed(59, by, role, "pilot/entry", 60);
    let asked = |entries| owed(&now(extended(entry_open(), entries)));
    let owes = |owed: &[String], role: &str| {
        owed.iter()
            .any(|command| command.contains(&format!("approve plan.yaml {role} ")))
    };
    let both = asked(vec![
        check.clone(),
        sign("Ada", "product"),
        sign("Grace", "security"),
    ]);
    assert!(!owes(&both, "product") && !owes(&both, "security"));
    let same = asked(vec![
        check.clone(),
        sign("Ada", "product"),
        sign("@ada", "security"),
    ]);
    assert!(owes(&same, "product") && owes(&same, "security"));
    let status = now(extended(
        entry_open(),
        vec![
            check.clone(),
            sign("Ada", "product"),
            sign("@ada", "security"),
        ],
    ));
    let product = status.outstanding.iter().find(|one| one.name == "product");
    assert!(product.is_some_and(|one| {
        one.reason
            .ends_with("but as security too, and two people have to sign")
    }));
    let since = asked(vec![
        check,
        sign("Ada", "product"),
        checked(58, "pilot/entry", Verdict::NoGo),
        checked(57, "pilot/entry", Verdict::Go),
    ]);
    assert!(owes(&since, "product"));
}

#[test]
fn a_window_counts_from_the_start_and_its_settling() {
    let status = status(Some(&ledger(running())), NOW - hours(24));
    let pilot = &status.stages[1];
    assert_eq!(pilot.state, State::Running);
    let window = &pilot.windows[0];
    assert_eq!(window.kind, GateKind::Exit);
    assert_eq!(window.observed.millis() / 60_000, 36 * 60 - 10);
    assert_eq!(
        window.completes_at.to_string(),
        "2026-11-20T02:10:00Z".to_owned()
    );
    assert_eq!(pilot.windows.len(), 1);
}

#[test]
fn only_full_days_without_a_checkpoint_are_missed() {
    let days = |entries: Vec<Entry>| -> Vec<usize> {
        let status = now(extended(running(), entries));
        status.stages[1]
            .missed
            .iter()
            .map(|day| day.number)
            .collect()
    };
    assert_eq!(days(Vec::new()), [2]);
    assert_eq!(days(vec![checkpoint(5)]), [2]);
    assert_eq!(days(vec![checkpoint(12)]), [2]);
    let remark = Event::Noted {
        stage: Some(on("pilot")),
        text: "lunch".to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    assert_eq!(days(vec![did(20, "Ada", "", remark)]), [2]);
    for held in [36, 24, 13] {
        assert_eq!(days(vec![checkpoint(held)]), Vec::<usize>::new());
    }
}

#[test]
fn a_stop_a_pause_and_a_rollback_go_before_everything_else() {
    for (entries, state, command) in [
        (
            stopped(),
            State::Stopped,
            "gate pause plan.yaml --stage pilot --why <reason>",
        ),
        (
            paused(),
            State::Paused,
            "gate resume plan.yaml --stage pilot --why <reason>",
        ),
        (
            rolled_back(),
            State::RolledBack,
            "gate rollback plan.yaml --stage pilot --done 1",
        ),
    ] {
        let status = now(entries);
        assert_eq!(states(&status)[1], state);
        assert_eq!(states(&status)[2], State::NotStarted);
        assert_eq!(next(&status), command);
    }
}

#[test]
fn a_go_from_before_a_stop_or_a_new_start_leaves_nothing() {
    let go = || checked(4, "pilot/exit", Verdict::Go);
    let left = |entries| states(&now(entries))[1];
    let begun = extended(running(), vec![go()]);
    assert_eq!(left(begun.clone()), State::Left);
    let again = extended(begun.clone(), vec![started(2, "pilot", false)]);
    assert_eq!(left(again.clone()), State::Running);
    let check = now(again).stages[1].gates[1].last.clone().expect("a check");
    assert!(check.before_start && check.verdict == Verdict::Go);
    let stop = stopped().pop().expect("a stop");
    assert_eq!(left(extended(begun, vec![stop])), State::Stopped);
}

#[test]
fn what_was_overridden_is_never_called_left() {
    let status = now(left_on_an_override());
    assert_eq!(
        states(&status),
        [State::Left, State::Overridden, State::AtEntry]
    );
    let gate = &status.stages[1].gates[1];
    assert_eq!(gate.overridden.as_ref().map(|one| one.entry), Some(7));
    let expired = vec![
        checked(5, "pilot/exit", Verdict::NoGo),
        overridden(4, "pilot/exit", 5, NOW - hours(1)),
    ];
    assert_eq!(
        states(&now(extended(running(), expired)))[1],
        State::Running
    );
    let passed_over = extended(running(), vec![started(1, "wave-1", true)]);
    let status = now(passed_over);
    assert_eq!(
        states(&status),
        [State::Left, State::Overridden, State::Running]
    );
    assert!(status.stages[2].begun_by_override);
}

#[test]
fn a_stage_begins_only_on_a_recorded_go() {
    let go = vec![
        checked(2, "pilot/entry", Verdict::Go),
        signed(1, "mara", "product", "pilot/entry", 2),
        signed(1, "bo", "security", "pilot/entry", 2),
    ];
    assert_eq!(
        next(&now(extended(entry_open(), go))),
        "gate start plan.yaml pilot"
    );
    assert_eq!(
        next(&now(entry_open())),
        "gate confirm plan.yaml readiness/integrations --stage pilot"
    );
    let unchecked = vec![
        started(90, "ring-0", false),
        checked(70, "ring-0/exit", Verdict::Go),
    ];
    assert_eq!(
        next(&now(unchecked)),
        "gate check plan.yaml --gate pilot/entry"
    );
}

#[test]
fn incidents_are_open_until_somebody_closes_them() {
    let status = status(Some(&ledger(running())), NOW - hours(24));
    let ids: Vec<&str> = status.incidents.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["INC-1", "INC-2"]);
    assert_eq!(
        status.incidents[0]
            .overdue
            .map(|late| late.millis() / 3_600_000),
        Some(3)
    );
    assert_eq!(status.incidents[1].overdue, None);
    let closed = Event::IncidentClosed {
        id: "INC-1".to_owned(),
    };
    let status = now(extended(running(), vec![did(1, "Ada", "", closed)]));
    assert_eq!(status.incidents.len(), 1);
}

#[test]
fn every_stage_left_leaves_nothing_to_do() {
    let status = now(extended(
        running(),
        vec![
            checked(9, "pilot/exit", Verdict::Go),
            answered(9, "pilot", "warehouse-lead", Answer::Yes),
            started(8, "wave-1", false),
            checked(1, "wave-1/exit", Verdict::Go),
        ],
    ));
    assert!(status.stages.iter().all(|stage| stage.state == State::Left));
    assert_eq!(status.next, None);
}

#[test]
fn a_stage_that_is_no_longer_in_the_plan_is_named() {
    let status = now(extended(running(), vec![started(1, "canary", false)]));
    assert_eq!(status.unknown_stages, ["canary"]);
    assert!(now(running()).unknown_stages.is_empty());
}

#[test]
fn a_stop_counts_for_a_stage_that_went_on_after_a_rollback_though_no_start_is_recorded() {
    let event = Event::RolledBack {
        stage: on("ring-0"),
        told: RollbackTold::default(),
    };
    let resumed = Event::Resumed {
        stage: on("ring-0"),
    };
    let status = now(vec![
        did(9, "Ada", "", event),
        did(8, "Ada", "", resumed),
        tripping(7, "ring-0/exit", Verdict::Stop, vec![trip()]),
    ]);
    assert_eq!(states(&status).first(), Some(&State::Stopped));
    assert_eq!(
        next(&status),
        "gate pause plan.yaml --stage ring-0 --why <reason>"
    );
}

#[test]
fn an_override_of_an_entry_gate_that_is_no_longer_in_the_plan_lets_nothing_begin() {
    let mut no_go = checked(8, "wave-1/entry", Verdict::NoGo);
    if let Event::Checked(check) = &mut no_go.event {
        // What is overridden says that nothing shows that the pilot was left.
        check.gates[0].not_met.push(NotMet {
            list: List::Entry,
            kind: CriterionKind::After,
            name: "pilot".to_owned(),
            condition: Some("left with GO".to_owned()),
            unmet: false,
            measured: None,
        });
    }
    let entries = vec![
        started(9, "ring-0", false),
        no_go,
        overridden(7, "wave-1/entry", 8, NOW + hours(9)),
    ];
    let (mut plan, ledger) = (plan(), ledger(entries));
    let permitted = |plan: &Plan| {
        let rollout = rollout(plan, &ledger);
        let wave_1 = rollout.stage("wave-1").expect("a stage");
        rollout.permit(wave_1, NOW).is_ok()
    };
    assert!(permitted(&plan));
    for stage in &mut plan.stages {
        stage.gates.retain(|gate| gate.kind != GateKind::Entry);
    }
    assert!(!permitted(&plan), "the pilot has not begun");
}
