//! What must hold for all ledgers: silence earns nothing, and bad news never makes a gate better.

use super::parts::*;
use super::rollout::*;
use crate::kind::{GateKind, List};
use crate::ledger::{Answer, Event, EventKind};
use crate::verdict::Verdict;
use proptest::prelude::*;

const GATES: [&str; 4] = ["pilot/exit", "pilot/recovery", "wave/entry", "wave/exit"];

/// A rollout whose gates ask for nearly everything that people answer.
fn rollout() -> Rollout {
    let exit = || {
        vec![
            kpi(List::Stop),
            incidents(List::Stop, &["sev1"], &[], None),
            kpi(List::Exit),
            confirmation(List::Exit),
            incidents(List::Exit, &["sev1", "sev2"], &[], None),
        ]
    };
    let mut signed = exit();
    signed.push(approval(List::Exit, "product", true));
    signed.push(approval(List::Exit, "security", true));
    let recovery = vec![kpi(List::Recovery), confirmation(List::Recovery)];
    let entry = vec![
        confirmation(List::Entry),
        incidents(List::Entry, &["sev1"], &[], None),
    ];
    Rollout::of(vec![
        stage(
            "pilot",
            vec![(GateKind::Exit, signed), (GateKind::Recovery, recovery)],
        ),
        stage(
            "wave",
            vec![(GateKind::Entry, entry), (GateKind::Exit, exit())],
        ),
    ])
}

/// Something that somebody did.
#[derive(Debug, Clone)]
enum Deed {
    Start(&'static str),
    Answer(&'static str, Answer),
    Check,
    Sign(&'static str, &'static str),
    Pause(&'static str),
    Resume(&'static str),
    RollBack(&'static str),
    Open(&'static str),
    Update(Option<&'static str>),
    Close,
    Proceed(&'static str),
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let stage = || prop::sample::select(vec!["pilot", "wave"]);
    let answer = prop::sample::select(vec![
        Answer::Yes,
        Answer::Yes,
        Answer::Yes,
        Answer::No,
        Answer::Revoked,
    ]);
    let severity = || prop::sample::select(vec!["sev1", "sev2", "sev3", "odd"]);
    let person = prop::sample::select(vec!["ada", "bob", "eve"]);
    let role = prop::sample::select(vec!["product", "security"]);
    prop_oneof![
        3 => stage().prop_map(Deed::Start),
        6 => (stage(), answer).prop_map(|(stage, answer)| Deed::Answer(stage, answer)),
        6 => Just(Deed::Check),
        6 => (person, role).prop_map(|(by, role)| Deed::Sign(by, role)),
        1 => stage().prop_map(Deed::Pause),
        2 => stage().prop_map(Deed::Resume),
        1 => stage().prop_map(Deed::RollBack),
        1 => severity().prop_map(Deed::Open),
        1 => prop::option::of(severity()).prop_map(Deed::Update),
        2 => Just(Deed::Close),
        1 => prop::sample::select(GATES.to_vec()).prop_map(Deed::Proceed),
    ]
}

/// The deeds, ten minutes apart; signatures and overrides only where a check is there to sign.
fn done(deeds: &[Deed], bad: Option<i64>) -> Rollout {
    let mut rollout = rollout();
    rollout.bad = bad.map(|at| (at, at - 1)).into_iter().collect();
    let first = i64::try_from(deeds.len()).expect("few") * 10;
    for (position, deed) in (0..).zip(deeds) {
        let at = first - position * 10;
        let is_checked = rollout
            .entries
            .iter()
            .any(|entry| entry.event.kind() == EventKind::Checked);
        match deed {
            Deed::Start(stage) => rollout.start(at, stage),
            Deed::Answer(stage, answer) => rollout.answer(at, stage, "lead", *answer),
            Deed::Check => rollout.check(at, &GATES),
            Deed::Sign(by, role) if is_checked => rollout.sign(at, by, GATES[0], role),
            Deed::Proceed(gate) if is_checked => rollout.proceed(at, gate, -60),
            Deed::Sign(..) | Deed::Proceed(_) => &mut rollout,
            Deed::Pause(stage) => rollout.pause(at, stage),
            Deed::Resume(stage) => rollout.resume(at, stage),
            Deed::RollBack(stage) => rollout.roll_back(at, stage),
            Deed::Open(severity) => rollout.open(at, "INC-1", severity),
            Deed::Update(severity) => rollout.update(at, "INC-1", *severity),
            Deed::Close => rollout.close(at, "INC-1"),
        };
    }
    rollout
}

fn any_rollout() -> impl Strategy<Value = Rollout> {
    let bad = prop::option::weighted(0.3, 0..100_i64);
    (prop::collection::vec(any_deed(), 0..14), bad).prop_map(|(deeds, bad)| done(&deeds, bad))
}

/// A way to GO with every deed in it, so that the properties do not only cover gates that are HOLD anyway.
fn towards_go() -> impl Strategy<Value = Rollout> {
    let deeds = vec![
        Deed::Start("pilot"),
        Deed::Answer("pilot", Answer::Yes),
        Deed::Answer("wave", Answer::Yes),
        Deed::Check,
        Deed::Sign("ada", "product"),
        Deed::Sign("bob", "security"),
        Deed::Check,
        Deed::Start("wave"),
        Deed::Check,
    ];
    (prop::collection::vec((0..10_usize, any_deed()), 0..3)).prop_map(move |more| {
        let mut deeds = deeds.clone();
        for (position, deed) in more {
            deeds.insert(position.min(deeds.len()), deed);
        }
        done(&deeds, None)
    })
}

fn either() -> impl Strategy<Value = Rollout> {
    prop_oneof![any_rollout(), towards_go()]
}

fn verdicts(rollout: &Rollout) -> Vec<Verdict> {
    let gates = GATES.iter().map(|gate| rollout.gate(gate));
    gates.map(|gate| gate.verdict).collect()
}

fn never_better(before: &Rollout, after: &Rollout) -> Result<(), TestCaseError> {
    for ((gate, before), after) in GATES.iter().zip(verdicts(before)).zip(verdicts(after)) {
        prop_assert!(after >= before, "{gate}: {before:?} became {after:?}");
    }
    Ok(())
}

/// Where nothing is GO that was not: of two verdicts that both bar the way, either may be the worse.
fn never_go(before: &Rollout, after: &Rollout) -> Result<(), TestCaseError> {
    for ((gate, before), after) in GATES.iter().zip(verdicts(before)).zip(verdicts(after)) {
        let earned = before == Verdict::Go || after != Verdict::Go;
        prop_assert!(earned, "{gate}: {before:?} became {after:?}");
    }
    Ok(())
}

fn without(rollout: &Rollout, is: impl Fn(&Event) -> bool, which: usize) -> Option<Rollout> {
    let found = rollout
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| is(&entry.event));
    let found: Vec<usize> = found.map(|(position, _)| position).collect();
    let gone = *found.get(which % found.len().max(1))?;
    let mut fewer = rollout.clone();
    fewer.entries.remove(gone);
    Some(fewer)
}

#[test]
fn there_is_a_way_to_go() {
    let deeds = [
        Deed::Start("pilot"),
        Deed::Answer("pilot", Answer::Yes),
        Deed::Answer("wave", Answer::Yes),
        Deed::Check,
        Deed::Sign("ada", "product"),
        Deed::Sign("bob", "security"),
        Deed::Check,
        Deed::Start("wave"),
        Deed::Check,
    ];
    let expected = [Verdict::Go, Verdict::Hold, Verdict::Go, Verdict::Go];
    assert_eq!(verdicts(&done(&deeds, None)), expected);
}

/// A ledger that no check has left behind: a GO is recorded, and a role that it asks for has signed nothing.
#[test]
fn a_recorded_go_does_not_stand_for_a_signature_that_is_gone() {
    let mut deeds = vec![
        Deed::Start("pilot"),
        Deed::Answer("pilot", Answer::Yes),
        Deed::Answer("wave", Answer::Yes),
        Deed::Check,
        Deed::Sign("ada", "product"),
        Deed::Sign("bob", "security"),
        Deed::Check,
    ];
    assert_eq!(done(&deeds, None).verdict("wave/entry"), Verdict::Go);
    deeds.push(Deed::Sign("ada", "security"));
    let whole = done(&deeds, None);
    assert_eq!(whole.last("pilot/exit").1, Verdict::Go);
    assert_eq!(
        whole.verdict("wave/entry"),
        Verdict::Hold,
        "one signed as both"
    );
    let mut fewer = whole;
    let is_gone =
        |event: &Event| matches!(event, Event::Approved { role, .. } if role == "product");
    fewer.entries.retain(|entry| !is_gone(&entry.event));
    assert_eq!(fewer.verdict("wave/entry"), Verdict::Hold);
}

#[test]
fn silence_earns_nothing() {
    let mut rollout = rollout();
    for kept in [true, false] {
        for started in [None, Some(60)] {
            (rollout.kept, rollout.started) = (kept, started);
            assert!(
                verdicts(&rollout)
                    .iter()
                    .all(|verdict| *verdict == Verdict::Hold)
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_bad_news_makes_a_gate_better(rollout in either(), stage in prop::sample::select(vec!["pilot", "wave"]), news in 0..4) {
        let mut after = rollout.clone();
        match news {
            0 => after.pause(0, stage),
            1 => after.open(0, "INC-2", "sev1"),
            2 => after.answer(0, stage, "lead", Answer::No),
            _ => after.answer(0, stage, "lead", Answer::Revoked),
        };
        if news == 3 {
            never_go(&rollout, &after)?;
        } else {
            never_better(&rollout, &after)?;
        }
    }

    #[test]
    fn no_rollback_makes_an_exit_or_a_later_gate_go(rollout in either(), stage in prop::sample::select(vec!["pilot", "wave"])) {
        let mut after = rollout.clone();
        after.roll_back(0, stage);
        never_go(&rollout, &after)?;
        prop_assert_ne!(after.verdict(&format!("{stage}/exit")), Verdict::Go);
    }

    #[test]
    fn a_trip_blocks_its_stage_and_the_next_whatever_was_answered(rollout in either()) {
        let mut after = rollout;
        let is_start = |event: &Event| matches!(event, Event::Started { stage, .. } if stage == "pilot");
        if !after.entries.iter().any(|entry| is_start(&entry.event)) {
            after.start(1, "pilot");
        }
        after.bad = vec![(1, 0)];
        after.check(0, &["pilot/exit"]);
        prop_assume!(after.last("pilot/exit").1 == Verdict::Stop);
        after.bad.clear();
        prop_assert_eq!(after.verdict("pilot/exit"), Verdict::Stop);
        prop_assert_eq!(after.verdict("wave/entry"), Verdict::NoGo);
    }

    #[test]
    fn an_answer_that_is_missing_makes_no_gate_go(rollout in either(), which in any::<usize>()) {
        let is = |event: &Event| matches!(event, Event::Confirmed { answer: Answer::Yes, .. });
        if let Some(fewer) = without(&rollout, is, which) {
            never_go(&rollout, &fewer)?;
        }
    }

    #[test]
    fn a_role_that_never_signed_makes_no_gate_go(rollout in either(), role in prop::sample::select(vec!["product", "security"])) {
        let mut fewer = rollout.clone();
        fewer.entries.retain(|entry| !matches!(&entry.event, Event::Approved { role: of, .. } if of == role));
        never_go(&rollout, &fewer)?;
        prop_assert_ne!(fewer.verdict("pilot/exit"), Verdict::Go);
    }

    #[test]
    fn an_override_changes_no_verdict_of_its_own_gate(rollout in either(), gate in prop::sample::select(GATES.to_vec())) {
        let mut fewer = rollout.clone();
        fewer.entries.retain(|entry| !matches!(&entry.event, Event::Overridden { .. }));
        if gate != "wave/entry" {
            prop_assert_eq!(rollout.verdict(gate), fewer.verdict(gate));
        }
        never_go(&rollout, &fewer)?;
    }

    #[test]
    fn the_past_does_not_change_with_what_is_recorded_later(rollout in either()) {
        let mut after = rollout.clone();
        after.pause(-10, "pilot").roll_back(-20, "pilot").open(-30, "INC-3", "sev1");
        prop_assert_eq!(verdicts(&rollout), verdicts(&after));
    }
}
