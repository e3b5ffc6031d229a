//! T7, T8: how long a GO is good for, and which plan it was found for. Each refusal names the command that settles it.

use super::*;

const DAY: u64 = 24 * 60;

fn waiting(events: Vec<Event>, minutes: u64) -> Rollout {
    Rollout {
        waited: minutes,
        ..after(events)
    }
}

/// The same with an entry that another clock dated, so many minutes later; a check then judges that time.
fn dated(mut rollout: Rollout, number: u64, minutes: u64) -> Rollout {
    let entries = rollout.ledger.entries().iter().cloned();
    let entries = entries.map(|mut entry| {
        if entry.number == number {
            entry.at = minute(number + minutes);
            if let Event::Checked(check) = &mut entry.event {
                check.evaluated_at = entry.at;
            }
        }
        entry
    });
    rollout.ledger = Ledger::new(entries.collect());
    rollout
}

fn on_another_plan(mut event: Event) -> Event {
    if let Event::Checked(check) = &mut event {
        "of-another".clone_into(&mut check.plan_sha256);
    }
    event
}

/// The plan's text, with another of its pieces.
fn planned(rollout: Rollout, piece: &str, other: &str) -> Rollout {
    assert!(PLAN.contains(piece));
    Rollout {
        plan: plan(&PLAN.replace(piece, other)),
        ..rollout
    }
}

/// What people confirm before the pilot begins, and its entry gate at GO.
fn entered() -> Vec<Event> {
    vec![
        yes("pilot", "readiness/tested"),
        yes("pilot", "readiness/rollback"),
        judged("pilot/entry", Verdict::Go),
    ]
}

fn yes(stage: &str, id: &str) -> Event {
    confirmed(stage, id, Answer::Yes)
}

/// The pilot is left, and the entry of wave-1 is GO.
fn left() -> Vec<Event> {
    vec![
        started("pilot"),
        yes("wave-1", "after-care/tested"),
        checked(&[
            ("pilot/exit", Verdict::Go, Verdict::Go),
            ("wave-1/entry", Verdict::Go, Verdict::Go),
        ]),
    ]
}

#[test]
fn t7_an_entry_go_of_14_days_ago_begins_nothing() {
    let old = waiting(entered(), 14 * DAY);
    let refused = old.decide(&START).expect_err("refused");
    let refused = refused.told().to_string();
    assert!(
        refused.starts_with(
            "pilot cannot begin: pilot/entry was GO in check #3 at 2026-11-20T00:03:00Z, but its GO has expired: it was good until 2026-11-21T00:03:00Z\n  gate check plan.yaml --gate pilot/entry\nto begin anyway\n  gate start plan.yaml pilot --override"
        ),
        "{refused}"
    );
    let backdated = [&START[..], &["--at", "13d"]].concat();
    old.refuses(&backdated, "its GO has expired");
    // The way out, and the way past it in somebody's name.
    let again = [entered(), vec![judged("pilot/entry", Verdict::Go)]].concat();
    after(again).records(&START);
    let anyway = [&START[..], &["--override", "--why", "we looked"]].concat();
    old.records(&anyway);
}

#[test]
fn t7_a_go_is_good_until_its_time_is_over() {
    // The last entry was made a minute ago.
    waiting(entered(), DAY - 2).records(&START);
    waiting(entered(), DAY - 1).refuses(&START, "its GO has expired");
    let longer = planned(
        waiting(entered(), DAY - 1),
        "entry: {",
        "entry: { valid: 2d,",
    );
    longer.records(&START);
    let shorter = planned(waiting(entered(), 30), "entry: {", "entry: { valid: 20m,");
    shorter.refuses(&START, "its GO has expired");
}

#[test]
fn t7_what_a_gate_measures_goes_off_with_its_window() {
    let left = |minutes| without_signatures(waiting(left(), minutes));
    left(2 * 60 - 2).records(&START_WAVE);
    let old = left(2 * 60 - 1);
    old.refuses(
        &START_WAVE,
        "pilot/exit was GO at 2026-11-20T00:03:00Z, but its GO has expired: it was good until 2026-11-20T02:03:00Z\n  gate check plan.yaml --before wave-1\n",
    );
    let longer = unsigned().replace("exit: { kpis", "exit: { valid: 3h, kpis");
    let plan = plan(&longer);
    Rollout { plan, ..old }.records(&START_WAVE);
}

#[test]
fn t7_a_go_dated_ahead_of_the_clock_is_none() {
    // Clocks may differ by 2 minutes: then the stage begins once its GO's time has come.
    dated(after(entered()), 3, 3).refuses(
        &START,
        "it judged 2026-11-20T00:06:00Z, which is still to come by this clock: wait until then, or correct the clock that is wrong",
    );
    let ahead = dated(after(entered()), 3, 4);
    ahead.refuses(
        &START,
        "#3 is dated 3m ahead of this clock: correct the clock that is wrong\n  gate check plan.yaml --gate pilot/entry",
    );
    let exit = dated(after(left()), 3, 48 * 60);
    exit.refuses(&START_WAVE, "ahead of this clock");
}

#[test]
fn t7_a_clock_that_is_behind_revives_no_go() {
    let noted = |minutes| {
        let noted = Event::Noted {
            stage: None,
            text: "here".to_owned(),
            checkpoint: false,
            role: None,
            reviewed_issues: false,
            lesson: false,
            takes_back: None,
        };
        let noted = after([left(), vec![noted]].concat());
        dated(without_signatures(noted), 4, minutes)
    };
    noted(60).records(&START_WAVE);
    // By this clock the GO is young; by that entry, it is not.
    noted(2 * 60).refuses(
        &START_WAVE,
        "its GO has expired: it was good until 2026-11-20T02:03:00Z (#4 is dated 1h59m ahead of this clock)",
    );
}

#[test]
fn t7_a_clock_that_is_behind_revives_no_override() {
    let mut events = entered();
    events[2] = judged("pilot/entry", Verdict::Hold);
    let overridden = Event::Overridden {
        gate: "pilot/entry".parse().expect("a gate"),
        verdict: Verdict::Hold,
        evidence_sha256: "pilot/entry HOLD".to_owned(),
        expires: minute(30),
    };
    let with = |more: Vec<Event>| after([events.clone(), vec![overridden.clone()], more].concat());
    with(Vec::new()).records(&START);
    let late = dated(with(vec![yes("pilot", "readiness/tested")]), 5, 30);
    late.refuses(&START, "pilot/entry was HOLD");
}

#[test]
fn t7_a_clock_was_wrong_and_the_ways_on() {
    // A stop by a clock that is a day ahead; then that clock is corrected.
    let stopped = vec![started("pilot"), judged("pilot/exit", Verdict::Stop)];
    let overriding = [
        "override",
        "plan.yaml",
        "pilot/exit",
        "--expires",
        "1h",
        "--why",
        "the clock was wrong",
    ];
    dated(after(stopped.clone()), 2, DAY).refuses(&overriding, "which nobody can override");
    let resumed = Event::Resumed {
        stage: "pilot".to_owned(),
    };
    let resumed = [stopped, vec![resumed, judged("pilot/exit", Verdict::Hold)]].concat();
    let resumed = dated(after(resumed), 2, DAY);
    // Either somebody begins the next stage in their own name ...
    resumed.refuses(&START_WAVE, "pilot/exit was STOP at 2026-11-21T00:02:00Z");
    resumed.refuses(
        &START_WAVE,
        "start plan.yaml wave-1 --override --why <reason>",
    );
    resumed.records(&[
        "start",
        "plan.yaml",
        "wave-1",
        "--override",
        "--why",
        "the clock was wrong",
    ]);
    // ... or proceeds on the check that was recorded last, which knew of the stop.
    let recorded = resumed.records(&overriding);
    let Event::Overridden {
        verdict, expires, ..
    } = &recorded
    else {
        panic!("{recorded:?}");
    };
    assert_eq!((*verdict, *expires), (Verdict::Hold, minute(2 + DAY + 60)));
    let mut proceeding = resumed;
    let mut entries = proceeding.ledger.entries().to_vec();
    let last = entries.last().cloned().expect("an entry");
    entries.push(Entry {
        number: 5,
        event: recorded,
        ..last
    });
    proceeding.ledger = Ledger::new(entries);
    proceeding.refuses(&START_WAVE, "no check of wave-1/entry is recorded");
}

#[test]
fn t7_a_go_by_a_clock_that_was_behind_counts_from_the_time_that_was_judged() {
    let behind = [vec![judged("pilot/entry", Verdict::NoGo)], entered()].concat();
    let two_days = 2 * DAY;
    let mut rollout = waiting(behind, two_days);
    // Everybody else's clock is two days ahead of the one that judged.
    for number in 1..=3 {
        rollout = dated(rollout, number, two_days);
    }
    rollout.refuses(&START, "pilot/entry was NO-GO in check #1");
    let mut alone = waiting(entered(), two_days);
    alone = dated(dated(alone, 1, two_days), 2, two_days);
    alone.refuses(&START, "its GO has expired");
}

#[test]
fn t8_a_plan_that_was_loosened_and_put_back_begins_nothing() {
    let loosened = vec![
        started("pilot"),
        judged("pilot/exit", Verdict::NoGo),
        on_another_plan(judged("pilot/exit", Verdict::Go)),
        judged("wave-1/entry", Verdict::Go),
    ];
    after(loosened.clone()).refuses(
        &START_WAVE,
        "pilot/exit was GO at 2026-11-20T00:03:00Z, but the plan has changed since\nnobody has answered for wave-1/entry: after-care/tested\n  gate check plan.yaml --before wave-1",
    );
    // Judged for a time before that, it is none either.
    let mut earlier = judged("pilot/exit", Verdict::Go);
    if let Event::Checked(check) = &mut earlier {
        check.evaluated_at = minute(2);
    }
    after([loosened.clone(), vec![earlier]].concat()).refuses(
        &START_WAVE,
        "but another version of the plan was judged since (#3 by mara)",
    );
    let again = [loosened, vec![judged("pilot/exit", Verdict::Go)]].concat();
    without_signatures(after(again)).records(&START_WAVE);
}
