//! What the commands decide with which people answer, without files: each accepted, refused and misused.

mod age;
mod back;
mod checkpoints;
mod clocks;
mod consequences;
mod incidents;
mod left_open;
mod lifted;
mod missing;
mod moment;
mod no_of_another;
mod ordered;
mod shared_steps;
mod walk;
mod ways;

use clap::Parser;

use super::Deed;
use super::context::{Decision, DecisionContext};
use super::refusal::Refusal;
use crate::cli::{Cli, Command};
use crate::commands::pause;
use crate::commands::resume;
use crate::kind::{CriterionKind, GateKind};
use crate::ledger::{
    Answer, Checked, Entry, Event, GateChecked, IdentitySource, IncidentDetails, Ledger, Person,
    RollbackTold, StepState, Trip,
};
use crate::plan::{Options, Plan, load};
use crate::rollout::scenarios::answer_to;
use crate::units::Instant;
use crate::verdict::Verdict;

const PLAN: &str = r#"
release: R1.0
source: http://127.0.0.1:9090
kpis: { errors: { query: errors, unit: ratio } }
checklists:
  readiness: [{ id: tested, text: Tested }, { id: rollback, text: Rehearsed }]
  after-care: [{ id: tested, text: Tested again }]
rollback: [{ do: Disable the flag, owner: "@operations" }, { do: Revert }]
stages:
  - name: pilot
    window: 2h
    settle: 10m
    entry: { checklists: [readiness], no_incidents: { open: [Sev1] } }
    stop: { kpis: { errors: "> 1%" } }
    exit: { kpis: { errors: "< 1%" }, confirmations: [warehouse-lead] }
    recovery: { window: 30m, kpis: { errors: "< 1%" } }
  - name: wave-1
    window: 2h
    entry: { checklists: [after-care], approvals: { roles: [operations, product], distinct: true } }
    exit: { kpis: { errors: "< 1%" }, confirmations: [warehouse-lead] }
  - name: wave-2
    window: 2h
    exit: { approvals: [operations] }
"#;
const SHA: &str = "of-the-plan";
const BEGIN: i64 = 1_795_132_800;
/// A placeholder for the minute in which a check is recorded.
const NOW: Instant = Instant::from_secs(0);

/// A rollout after some events, a minute apart, the last a minute ago.
#[derive(Clone)]
struct Rollout {
    plan: Plan,
    ledger: Ledger,
    by: &'static str,
    file_sha256: Option<&'static str>,
    /// Minutes that have passed since.
    waited: u64,
}

fn after(events: Vec<Event>) -> Rollout {
    let entries = events
        .into_iter()
        .zip(1_u64..)
        .map(|(event, number)| Entry {
            nonce: None,
            number,
            at: minute(number),
            by: person("mara"),
            plan: "plan.yaml".into(),
            why: String::new(),
            links: Vec::new(),
            event: judged_now(event, number),
        });
    Rollout {
        plan: plan(PLAN),
        ledger: Ledger::new(entries.collect()),
        by: "ada",
        file_sha256: None,
        waited: 0,
    }
}

/// The plan's text where wave-1 asks nobody to sign.
fn unsigned() -> String {
    let roles = ", approvals: { roles: [operations, product], distinct: true }";
    assert!(PLAN.contains(roles));
    PLAN.replace(roles, "")
}

fn without_signatures(rollout: Rollout) -> Rollout {
    Rollout {
        plan: plan(&unsigned()),
        ..rollout
    }
}

fn plan(text: &str) -> Plan {
    let loaded = load(text.as_bytes(), &Options::default());
    loaded.expect("a valid plan").plan
}

/// A check that names no other time judges the minute in which it is recorded.
fn judged_now(mut event: Event, number: u64) -> Event {
    if let Event::Checked(checked) = &mut event
        && checked.evaluated_at == NOW
    {
        checked.evaluated_at = minute(number);
    }
    event
}

fn minute(number: u64) -> Instant {
    Instant::from_secs(BEGIN + 60 * i64::try_from(number).expect("a small number"))
}

fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        identity_source: IdentitySource::Given,
    }
}

impl Rollout {
    fn decide(&self, words: &[&str]) -> Result<Decision, Refusal> {
        let mut line = vec!["gate"];
        line.extend(words);
        let cli = Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{error}"));
        let deed: Box<dyn Deed> = match cli.command {
            Command::Start(arguments) => Box::new(arguments),
            Command::Confirm(arguments) => Box::new(arguments),
            Command::Approve(arguments) => Box::new(arguments),
            Command::Incident(arguments) => Box::new(arguments),
            Command::Pause(arguments) => return self.on(&pause::Pause(&arguments)),
            Command::Resume(arguments) => return self.on(&resume::Resume(&arguments)),
            Command::Rollback(arguments) => Box::new(arguments),
            Command::Override(arguments) => Box::new(arguments),
            Command::Note(arguments) => Box::new(arguments),
            _ => panic!("no command of people"),
        };
        self.on(deed.as_ref())
    }

    fn standing(&self) -> crate::rollout::Rollout<'_> {
        crate::rollout::Rollout {
            plan: &self.plan,
            plan_sha256: Some(SHA),
            vars: &[],
            addresses: &[],
            ledger: Some(&self.ledger),
            now: minute(self.ledger.entries().len() as u64 + 1 + self.waited),
        }
    }

    fn on(&self, deed: &dyn Deed) -> Result<Decision, Refusal> {
        deed.decide(&DecisionContext {
            rollout: self.standing(),
            path: "plan.yaml",
            by: &person(self.by),
            why: deed.signed().why.as_deref().unwrap_or_default(),
            file_sha256: self.file_sha256,
            files: &[],
            on_its_way: &[],
        })
    }

    #[track_caller]
    fn records(&self, words: &[&str]) -> Event {
        let decision = self
            .decide(words)
            .unwrap_or_else(|refusal| panic!("{}", refusal.told()));
        assert_eq!(decision.events.len(), 1);
        decision.events[0].clone()
    }

    #[track_caller]
    fn refuses(&self, words: &[&str], reason: &str) {
        match self.decide(words) {
            Err(Refusal::Standing(told)) => assert!(told.to_string().contains(reason), "{told}"),
            other => panic!("{other:?}"),
        }
    }

    /// It was recorded before: nothing is recorded, and nothing is wrong.
    #[track_caller]
    fn is_given(&self, words: &[&str], reason: &str) {
        match self.decide(words) {
            Err(Refusal::Given(told)) => assert!(told.to_string().contains(reason), "{told}"),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn is_wrong(&self, words: &[&str], reason: &str) {
        match self.decide(words) {
            Err(Refusal::Usage(told)) => assert!(told.to_string().contains(reason), "{told}"),
            other => panic!("{other:?}"),
        }
    }
}

/// A check of gates; the digest of its evidence is made from its first gate and verdict.
fn checked(gates: &[(&str, Verdict, Verdict)]) -> Event {
    let (first, verdict, _) = gates[0];
    Event::Checked(Checked {
        evaluated_at: NOW,
        release: "R1.0".to_owned(),
        plan_sha256: SHA.to_owned(),
        vars: Vec::new(),
        sources: Vec::new(),
        evidence_path: "evidence.json".to_owned(),
        evidence_sha256: format!("{first} {}", verdict.word()),
        verdict: gates.iter().map(|gate| gate.1).max().expect("a gate"),
        gates: gates
            .iter()
            .map(|(gate, verdict, verdict_without_approvals)| GateChecked {
                look: false,
                outlook: false,
                not_met: Vec::new(),
                start_disputed: false,
                gate: gate.parse().expect("a gate"),
                verdict: *verdict,
                verdict_without_approvals: *verdict_without_approvals,
                tripped: (*verdict == Verdict::Stop)
                    .then(|| Trip {
                        kind: CriterionKind::Kpis,
                        name: "errors".to_owned(),
                        condition: None,
                        reason: "9% at noon".to_owned(),
                    })
                    .into_iter()
                    .collect(),
            })
            .collect(),
    })
}

fn judged(gate: &str, verdict: Verdict) -> Event {
    checked(&[(gate, verdict, verdict)])
}

fn started(stage: &str) -> Event {
    Event::Started {
        stage: stage.to_owned(),
        at: Instant::from_secs(BEGIN),
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    }
}

fn confirmed(stage: &str, id: &str, answer: Answer) -> Event {
    answer_to(&plan(PLAN), stage, id, answer)
}

fn paused(stage: &str) -> Event {
    Event::Paused {
        stage: stage.to_owned(),
    }
}

fn resumed(stage: &str) -> Event {
    Event::Resumed {
        stage: stage.to_owned(),
    }
}

fn rolled_back(stage: &str) -> Event {
    Event::RolledBack {
        stage: stage.to_owned(),
        told: RollbackTold::default(),
    }
}

fn opened(id: &str) -> Event {
    Event::IncidentOpened {
        id: id.to_owned(),
        stage: Some("pilot".to_owned()),
        opened_at: None,
        details: IncidentDetails {
            severity: Some("Sev1".to_owned()),
            description: Some("nothing prints".to_owned()),
            ..IncidentDetails::default()
        },
    }
}

const START: [&str; 3] = ["start", "plan.yaml", "pilot"];
const START_WAVE: [&str; 3] = ["start", "plan.yaml", "wave-1"];
const START_WAVE_2: [&str; 3] = ["start", "plan.yaml", "wave-2"];

#[test]
fn a_stage_begins_on_a_recorded_go_and_on_nothing_else() {
    after(vec![]).refuses(&START, "no check of pilot/entry is recorded");
    for verdict in [Verdict::Hold, Verdict::NoGo] {
        let was = format!("pilot/entry was {} in check #1", verdict.word());
        after(vec![judged("pilot/entry", verdict)]).refuses(&START, &was);
    }
    let go = after(vec![judged("pilot/entry", Verdict::Go)]);
    assert!(
        matches!(go.records(&START), Event::Started { overridden: false, at, .. } if at == minute(2))
    );
    // A GO of another gate whose name begins the same is not a GO of this one.
    after(vec![judged("pilot-2/entry", Verdict::Go)]).refuses(&START, "no check");
}

#[test]
fn a_go_that_something_has_spoken_against_does_not_count() {
    let cases = [
        (
            confirmed("pilot", "readiness/tested", Answer::No),
            "answered with no",
        ),
        (
            confirmed("pilot", "readiness/tested", Answer::Revoked),
            "taken back",
        ),
        (opened("INC-1"), "INC-1 was opened"),
        (judged("pilot/entry", Verdict::Hold), "was HOLD"),
    ];
    for (event, reason) in cases {
        let rollout = after(vec![judged("pilot/entry", Verdict::Go), event]);
        rollout.refuses(&START, reason);
    }
    let elsewhere = confirmed("wave-1", "after-care/tested", Answer::No);
    after(vec![judged("pilot/entry", Verdict::Go), elsewhere]).records(&START);
}

/// A check that is recorded now for another time.
fn judged_at(at: Instant, gate: &str, verdict: Verdict) -> Event {
    let mut event = judged(gate, verdict);
    if let Event::Checked(checked) = &mut event {
        checked.evaluated_at = at;
    }
    event
}

#[test]
fn a_go_of_an_earlier_time_does_not_get_past_what_was_done_since() {
    // With `--at`, or because somebody was faster than the sources.
    let earlier = judged_at(minute(0), "pilot/entry", Verdict::Go);
    let no = confirmed("pilot", "readiness/tested", Answer::No);
    after(vec![no, earlier.clone()]).refuses(&START, "answered with no since (#1");
    after(vec![opened("INC-1"), earlier.clone()]).refuses(&START, "INC-1 was opened");
    let yes = confirmed("pilot", "readiness/tested", Answer::Yes);
    after(vec![yes, earlier]).records(&START);
}

#[test]
fn a_go_that_time_has_overtaken_does_not_count() {
    let signed = Event::Approved {
        gate: GateKind::Entry.of("wave-1"),
        role: "product".to_owned(),
        evidence_sha256: String::new(),
        evidence_path: String::new(),
        verdict_without_approvals: Verdict::Go,
        expires: Some(minute(4)),
        revoked: false,
    };
    let left = judged("pilot/exit", Verdict::Go);
    let entry = judged("wave-1/entry", Verdict::Go);
    let begun = [started("pilot"), left, signed, entry];
    after(begun.to_vec()).refuses(&START_WAVE, "the signature as product held until");
    let in_time = [&START_WAVE[..], &["--at", "1m"]].concat();
    let event = Event::Noted {
        stage: None,
        text: "late".to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    let late = [begun.to_vec(), vec![event]].concat();
    after(late).refuses(&in_time, "held until");
    // The calendar that was clear when the gate was judged no longer is.
    let text = PLAN.replace(
        "no_incidents: { open: [Sev1] } }",
        "outside: { calendars: [peak], for: 1m } }",
    );
    let hours =
        "calendars: { peak: { timezone: UTC, weekly: [\"Mon-Sun 00:02-23:59\"] } }\nstages:";
    let mut night = after(vec![judged("pilot/entry", Verdict::Go)]);
    night.plan = load(
        text.replace("stages:", hours).as_bytes(),
        &Options::default(),
    )
    .expect("a valid plan")
    .plan;
    night.refuses(&START, "peak is unmet");
}

#[test]
fn a_start_from_before_the_go_is_not_earned() {
    let go = || judged("pilot/entry", Verdict::Go);
    let note = || confirmed("pilot", "readiness/tested", Answer::Yes);
    let backdated = [&START[..], &["--at", "3m"]].concat();
    after(vec![note(), go(), note()]).refuses(&backdated, "after the given start");
    after(vec![go(), note(), note()]).records(&backdated);
}

#[test]
fn a_go_for_a_future_time_does_not_count() {
    let ahead = judged_at(minute(9), "pilot/entry", Verdict::Go);
    after(vec![ahead]).refuses(&START, "no check of pilot/entry is recorded");
    let left = judged_at(minute(9), "wave-1/exit", Verdict::Go);
    after(vec![started("wave-1"), left])
        .refuses(&START_WAVE_2, "no check of wave-1/exit is recorded");
}

#[test]
fn a_go_from_before_a_rollback_lets_nothing_begin() {
    let left = |at| judged_at(at, "wave-1/exit", Verdict::Go);
    let back = vec![started("wave-1"), left(minute(2)), rolled_back("wave-1")];
    let again = [back.clone(), vec![left(minute(2))]].concat();
    after(again.clone()).refuses(&START_WAVE_2, "wave-1 was rolled back by mara");
    let resumed = [again, vec![resumed("wave-1")]].concat();
    after(resumed).refuses(
        &START_WAVE_2,
        "wave-1/exit has not been checked since wave-1 was rolled back",
    );
    let begun = [back, vec![started("wave-1")]].concat();
    after(begun.clone()).refuses(
        &START_WAVE_2,
        "wave-1/exit has not been checked since wave-1 began",
    );
    after([begun, vec![left(minute(5))]].concat()).records(&START_WAVE_2);
}

#[test]
fn a_go_of_another_plan_does_not_count() {
    let mut check = judged("pilot/entry", Verdict::Go);
    if let Event::Checked(checked) = &mut check {
        checked.plan_sha256 = "of-another".to_owned();
    }
    after(vec![check]).refuses(&START, "the plan has changed since");
}

#[test]
fn a_go_with_other_variables_than_the_plans_does_not_count() {
    let other = |gate: &str| {
        let mut check = judged(gate, Verdict::Go);
        if let Event::Checked(checked) = &mut check {
            checked.vars = vec!["env=staging".to_owned()];
        }
        check
    };
    after(vec![other("pilot/entry")]).refuses(&START, "judged with --var env=staging");
    let left = vec![started("wave-1"), other("wave-1/exit")];
    after(left).refuses(&START_WAVE_2, "judged with --var env=staging");
}

#[test]
fn beginning_anyway_needs_a_reason_and_is_recorded_as_such() {
    let overriding = ["start", "plan.yaml", "pilot", "--override"];
    after(vec![]).is_wrong(&overriding, "needs a reason");
    let with_reason = [&overriding[..], &["--why", "we know"]].concat();
    let event = after(vec![]).records(&with_reason);
    assert!(matches!(
        event,
        Event::Started {
            overridden: true,
            ..
        }
    ));
    let go = after(vec![judged("pilot/entry", Verdict::Go)]).records(&with_reason);
    assert!(matches!(
        go,
        Event::Started {
            overridden: false,
            ..
        }
    ));
}

#[test]
fn no_reason_lets_a_stage_begin_past_a_stop_or_a_pause() {
    let stop = vec![started("pilot"), judged("pilot/exit", Verdict::Stop)];
    let all_the_same = [&START_WAVE[..], &["--override", "--why", "we know"]].concat();
    after(stop.clone()).refuses(
        &all_the_same,
        "pilot tripped a stop, and nobody has resumed",
    );
    after([stop.clone(), vec![rolled_back("pilot")]].concat()).refuses(
        &["start", "plan.yaml", "pilot", "--override", "--why", "x"],
        "pilot tripped a stop, and nobody has resumed",
    );
    after([stop, vec![resumed("pilot")]].concat()).records(&all_the_same);
    after(vec![started("pilot"), paused("pilot")])
        .refuses(&all_the_same, "pilot was paused by mara");
}

#[test]
fn a_stop_of_a_stage_that_was_removed_from_the_plan_blocks_the_rollout() {
    let stop = vec![started("canary"), judged("canary/exit", Verdict::Stop)];
    let events = [stop, vec![judged("pilot/entry", Verdict::Go)]].concat();
    after(events).refuses(&START, "canary tripped a stop, and nobody has resumed: 9% at noon; canary is no longer in the plan: put it back");
}

#[test]
fn a_stage_begins_once_unless_it_was_rolled_back() {
    let go = judged("pilot/entry", Verdict::Go);
    after(vec![go.clone(), started("pilot")]).refuses(&START, "has already begun");
    let back = vec![go.clone(), started("pilot"), rolled_back("pilot")];
    after(back.clone()).refuses(&START, "pilot was rolled back since");
    after([back, vec![go]].concat()).records(&START);
}

#[test]
fn a_start_is_neither_in_the_future_nor_before_a_rollback() {
    let go = judged("pilot/entry", Verdict::Go);
    let rollout = after(vec![started("pilot"), rolled_back("pilot"), go]);
    rollout.is_wrong(
        &[&START[..], &["--at", "10m"]].concat(),
        "before pilot was rolled back",
    );
    rollout.is_wrong(
        &[&START[..], &["--at", "2030-01-01T00:00:00Z"]].concat(),
        "is in the future, it is",
    );
    let event = rollout.records(&[&START[..], &["--at", "1m"]].concat());
    assert!(matches!(event, Event::Started { at, .. } if at == minute(3)));
}

#[test]
fn a_stage_waits_for_its_turn() {
    let entry = || judged("wave-1/entry", Verdict::Go);
    after(vec![started("pilot"), entry()])
        .refuses(&START_WAVE, "no check of pilot/exit is recorded");
    let left = |verdict| vec![started("pilot"), judged("pilot/exit", verdict), entry()];
    after(left(Verdict::Hold)).refuses(&START_WAVE, "pilot/exit was HOLD");
    without_signatures(after(left(Verdict::Go))).records(&START_WAVE);
    // A GO that has lost the signatures that it needs is none.
    after(left(Verdict::Go)).refuses(
        &START_WAVE,
        "but the approval as operations does not count: nobody has signed for wave-1/entry as operations yet",
    );
    let unbegun = left(Verdict::Go).split_off(1);
    after(unbegun).refuses(&START_WAVE, "pilot has not begun");
    let back = [left(Verdict::Go), vec![rolled_back("pilot"), entry()]].concat();
    after(back).refuses(&START_WAVE, "pilot was rolled back by mara");
    // Without an entry gate the order alone decides.
    after(vec![started("wave-1")]).refuses(&START_WAVE_2, "no check of wave-1/exit is recorded");
    after(vec![started("wave-1"), judged("wave-1/exit", Verdict::Go)]).records(&START_WAVE_2);
}

#[test]
fn an_unknown_stage_is_wrong() {
    after(vec![]).is_wrong(
        &["start", "plan.yaml", "pilto"],
        "it has pilot, wave-1, wave-2",
    );
}

#[test]
fn a_confirmation_finds_its_stage_or_asks() {
    let confirm = |id: &'static str| ["confirm", "plan.yaml", id];
    let answered = |event: Event| match event {
        Event::Confirmed {
            stage, id, answer, ..
        } => (stage, id, answer),
        other => panic!("{other:?}"),
    };
    let nothing = after(vec![]);
    let (stage, id, answer) = answered(nothing.records(&confirm("rollback")));
    assert_eq!(
        (stage.as_str(), id.as_str(), answer),
        ("pilot", "readiness/rollback", Answer::Yes)
    );
    // Two lists have such an item: before the pilot one of them is in play, in the pilot the other.
    assert_eq!(
        answered(nothing.records(&confirm("tested"))).1,
        "readiness/tested"
    );
    let running = after(vec![started("pilot")]);
    assert_eq!(
        answered(running.records(&confirm("tested"))).1,
        "after-care/tested"
    );
    // Both stages ask for it: the running one is meant.
    assert_eq!(
        answered(running.records(&confirm("warehouse-lead"))).0,
        "pilot"
    );
    let named = [
        "confirm",
        "plan.yaml",
        "warehouse-lead",
        "--stage",
        "wave-1",
        "--no",
    ];
    assert_eq!(answered(running.records(&named)).0, "wave-1");
    assert_eq!(answered(running.records(&named)).2, Answer::No);
}

#[test]
fn a_confirmation_that_nobody_asks_for_names_the_known_ones() {
    let rollout = after(vec![]);
    rollout.is_wrong(
        &["confirm", "plan.yaml", "x"],
        "pilot asks for readiness/tested, readiness/rollback, warehouse-lead",
    );
    rollout.is_wrong(
        &[
            "confirm",
            "plan.yaml",
            "warehouse-lead",
            "--stage",
            "wave-2",
        ],
        "wave-2 asks nobody to confirm anything",
    );
}

#[test]
fn only_an_answer_can_be_taken_back() {
    let revoke = ["confirm", "plan.yaml", "rollback", "--revoke"];
    after(vec![]).refuses(&revoke, "no answer to readiness/rollback of pilot");
    let id = "readiness/rollback";
    let yes = confirmed("pilot", id, Answer::Yes);
    after(vec![yes.clone()]).records(&revoke);
    let twice = vec![yes, confirmed("pilot", id, Answer::Revoked)];
    after(twice).refuses(&revoke, "no answer");
}

const APPROVE: [&str; 3] = ["approve", "plan.yaml", "product"];

#[test]
fn a_signature_is_bound_to_the_evidence_of_the_latest_check() {
    after(vec![]).refuses(&APPROVE, "no check of wave-1/entry is recorded");
    let check = |verdict_without_approvals| {
        checked(&[("wave-1/entry", Verdict::Hold, verdict_without_approvals)])
    };
    let event = after(vec![check(Verdict::Go)]).records(&APPROVE);
    assert!(
        matches!(event, Event::Approved { verdict_without_approvals: Verdict::Go, expires: None, revoked: false, evidence_sha256, .. } if evidence_sha256 == "wave-1/entry HOLD")
    );
    let hold = "wave-1/entry is HOLD apart from approvals in check #1, and a signature for that would not hold";
    after(vec![check(Verdict::Hold)]).refuses(&APPROVE, hold);
}

#[test]
fn a_check_of_another_plan_cannot_be_signed() {
    let mut check = judged("wave-1/entry", Verdict::Go);
    if let Event::Checked(checked) = &mut check {
        checked.plan_sha256 = "of-another".to_owned();
    }
    let sign = ["approve", "plan.yaml", "product"];
    after(vec![check]).refuses(&sign, "the plan has changed since check #1");
}

#[test]
fn evidence_that_no_check_recorded_cannot_be_signed() {
    let old = checked(&[("wave-1/entry", Verdict::Hold, Verdict::Go)]);
    let new = checked(&[("wave-1/entry", Verdict::NoGo, Verdict::NoGo)]);
    let file = [&APPROVE[..], &["--evidence", "old.json"]].concat();
    let mut rollout = after(vec![old.clone()]);
    rollout.file_sha256 = Some("something else");
    rollout.refuses(
        &file,
        "not the evidence of a recorded check of wave-1/entry",
    );
    rollout.file_sha256 = Some("wave-1/entry HOLD");
    rollout.records(&file);
    let mut later = after(vec![old, new]);
    later.file_sha256 = rollout.file_sha256;
    later.refuses(&file, "a signature for the earlier one is void");
}

#[test]
fn l5_a_file_is_not_signed_for_once_anything_came_since_its_check() {
    let check = checked(&[("wave-1/entry", Verdict::Hold, Verdict::Go)]);
    let file = [&APPROVE[..], &["--evidence", "old.json"]].concat();
    let since = |event: Event| {
        let mut rollout = after(vec![check.clone(), event]);
        rollout.file_sha256 = Some("wave-1/entry HOLD");
        rollout
    };
    let incident = Event::IncidentOpened {
        id: "INC-1".to_owned(),
        stage: None,
        opened_at: None,
        details: IncidentDetails::default(),
    };
    for event in [incident, confirmed("pilot", "lead", Answer::No)] {
        let rollout = since(event);
        rollout.refuses(&file, "#2 was recorded since check #1");
        let refusal = rollout.decide(&file).expect_err("refused");
        let told = format!("{:?}", refusal.told());
        assert!(
            told.contains("gate check plan.yaml --gate wave-1/entry"),
            "{told}"
        );
    }
    let remark = Event::Noted {
        stage: None,
        text: "all quiet".to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    since(remark).records(&file);
}

#[test]
fn nobody_signs_twice_if_distinct_people_have_to() {
    let check = checked(&[("wave-1/entry", Verdict::Hold, Verdict::Go)]);
    let signed = Event::Approved {
        gate: GateKind::Entry.of("wave-1"),
        role: "operations".to_owned(),
        evidence_sha256: "wave-1/entry HOLD".to_owned(),
        evidence_path: "evidence.json".to_owned(),
        verdict_without_approvals: Verdict::Go,
        expires: None,
        revoked: false,
    };
    let mut rollout = after(vec![check, signed]);
    rollout.by = " @Mara";
    rollout.refuses(&APPROVE, "asks for distinct people");
    rollout.by = "ada";
    rollout.records(&APPROVE);
    let again = [
        "approve",
        "plan.yaml",
        "operations",
        "--gate",
        "wave-1/entry",
        "--revoke",
    ];
    assert!(matches!(
        rollout.records(&again),
        Event::Approved { revoked: true, .. }
    ));
    let never = [&APPROVE[..], &["--revoke"]].concat();
    rollout.refuses(&never, "no signature as product for wave-1/entry");
}

#[test]
fn a_role_that_several_gates_ask_for_needs_a_gate() {
    let rollout = after(vec![]);
    rollout.is_wrong(&["approve", "plan.yaml", "operations"], "choose one of these\n  gate approve plan.yaml operations --gate wave-1/entry\n  gate approve plan.yaml operations --gate wave-2/exit");
    rollout.is_wrong(
        &["approve", "plan.yaml", "nobody"],
        "wave-1/entry asks for operations, product; wave-2/exit asks for operations",
    );
    rollout.is_wrong(
        &["approve", "plan.yaml", "product", "--gate", "wave-2/exit"],
        "does not ask for `product`",
    );
    after(vec![started("pilot")]).refuses(
        &["approve", "plan.yaml", "operations"],
        "no check of wave-1/entry",
    );
}

#[test]
fn an_expiry_is_in_the_future() {
    let rollout = after(vec![checked(&[(
        "wave-1/entry",
        Verdict::Hold,
        Verdict::Go,
    )])]);
    rollout.is_wrong(
        &[&APPROVE[..], &["--expires", "2020-01-01T00:00:00Z"]].concat(),
        "is not in the future: it is",
    );
    let day = [&APPROVE[..], &["--expires", "24h"]].concat();
    assert!(
        matches!(rollout.records(&day), Event::Approved { expires: Some(at), .. } if at == minute(2 + 24 * 60))
    );
}

#[test]
fn incidents_have_a_known_severity() {
    let open = |severity: &'static str| {
        [
            "incident",
            "plan.yaml",
            "open",
            "--severity",
            severity,
            "--description",
            "x",
        ]
    };
    let rollout = after(vec![started("pilot"), opened("INC-1")]);
    let severity = |event: Event| match event {
        Event::IncidentOpened {
            id, stage, details, ..
        } => {
            assert_eq!((id.as_str(), stage.as_deref()), ("INC-2", Some("pilot")));
            details.severity.expect("a severity")
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(severity(rollout.records(&open("SEV1"))), "Sev1");
    // One that no gate asks about may be a mistake.
    rollout.is_wrong(
        &open("P2"),
        "`P2` needs a reason, since no gate of the plan asks about it: they ask about Sev1",
    );
    let meant = [&open("P2")[..], &["--why", "minor"]].concat();
    assert_eq!(severity(rollout.records(&meant)), "p2");
    for wrong in ["high", "sev", "sev1x", ""] {
        rollout.is_wrong(&open(wrong), "the plan names Sev1");
    }
}

#[test]
fn incidents_are_updated_closed_and_reopened() {
    let incident = |words: &[&'static str]| [&["incident", "plan.yaml"][..], words].concat();
    let rollout = after(vec![opened("INC-1")]);
    rollout.is_wrong(&incident(&["update", "INC-1"]), "changes nothing");
    rollout.refuses(
        &incident(&["close", "INC-7", "--why", "mended"]),
        "there are INC-1",
    );
    rollout.records(&incident(&["update", "inc-1", "--owner", "@ops"]));
    let close = incident(&["close", "INC-1", "--why", "mended"]);
    let event = rollout.records(&close);
    let closed = after(vec![opened("INC-1"), event]);
    let bare = incident(&["close", "INC-1"]);
    rollout.is_wrong(&bare, "closing INC-1 (how it was solved) needs a reason");
    closed.is_given(&bare, "already closed");
    // How it was solved may be said later; it was closed when it was closed.
    let (event, solution) = (closed.records(&close), closed.records(&close));
    let told = after(vec![opened("INC-1"), event, solution]).ledger;
    assert_eq!(told.incidents()[0].closed, Some(minute(2)));
    let again = closed.decide(&incident(&["update", "INC-1", "--workaround", "by hand"]));
    assert!(
        again
            .expect("an update")
            .done
            .starts_with("INC-1 is open again")
    );
}

#[test]
fn l9_a_severity_is_lowered_and_a_missed_target_moved_only_with_a_reason() {
    let update = |words: &[&'static str]| {
        [&["incident", "plan.yaml", "update", "INC-1"][..], words].concat()
    };
    let with = |target: Option<Instant>| {
        let details = IncidentDetails {
            severity: Some("sev2".into()),
            target,
            ..IncidentDetails::default()
        };
        after(vec![Event::IncidentOpened {
            id: "INC-1".into(),
            stage: None,
            opened_at: None,
            details,
        }])
    };
    let rollout = with(None);
    rollout.is_wrong(
        &update(&["--severity", "sev3"]),
        "`sev3` needs a reason, since no gate of the plan asks about it",
    );
    rollout.is_wrong(&update(&["--severity", "p1"]), "needs a reason");
    rollout.records(&update(&["--severity", "sev3", "--why", "no customer"]));
    rollout.records(&update(&["--severity", "sev1"]));
    rollout.records(&update(&["--target", "4h"]));
    let late = with(Some(Instant::from_secs(0)));
    late.is_wrong(
        &update(&["--target", "4h"]),
        "another target for INC-1, which missed 1970-01-01T00:00:00Z, needs a reason",
    );
    late.records(&update(&["--target", "4h", "--why", "part ordered"]));
}

#[test]
fn pausing_and_resuming_need_a_reason_and_something_to_end() {
    let pause = ["pause", "plan.yaml", "--why", "x"];
    let resume = ["resume", "plan.yaml", "--why", "x"];
    after(vec![]).refuses(&pause, "no stage has begun");
    let running = after(vec![started("pilot")]);
    running.is_wrong(&["pause", "plan.yaml"], "needs a reason");
    running.records(&pause);
    running.refuses(&resume, "there is nothing to resume");
    let standing = after(vec![started("pilot"), paused("pilot")]);
    standing.is_given(&pause, "already paused");
    standing.is_wrong(&["resume", "plan.yaml"], "needs a reason");
    standing.records(&resume);
    for event in [judged("pilot/exit", Verdict::Stop), rolled_back("pilot")] {
        after(vec![started("pilot"), event]).records(&resume);
    }
    running.refuses(
        &["pause", "plan.yaml", "--stage", "wave-1", "--why", "x"],
        "wave-1 has not begun",
    );
}

#[test]
fn a_step_of_a_rollback_is_done_only_if_somebody_says_so() {
    let rollback = |words: &[&'static str]| [&["rollback", "plan.yaml"][..], words].concat();
    let running = after(vec![started("pilot")]);
    running.is_wrong(&rollback(&[]), "needs a reason");
    running.is_wrong(
        &rollback(&["--why", "x", "--done", "3"]),
        "has no step 3: it has 1: Disable the flag; 2: Revert",
    );
    running.is_wrong(
        &rollback(&["--why", "x", "--done", "1", "--not-done", "1"]),
        "step 1 is named twice: it is done, not done or not needed",
    );
    let event = running.records(&rollback(&["--why", "x", "--done", "2=@ops"]));
    let Event::RolledBack { told, .. } = &event else {
        panic!("{event:?}");
    };
    let steps = told.steps.iter();
    let steps: Vec<_> = steps
        .map(|step| (step.number, step.state, step.by.as_deref()))
        .collect();
    let expected = [
        (1, StepState::Open, None),
        (2, StepState::Done, Some("@ops")),
    ];
    assert_eq!(steps, expected);
    let back = after(vec![started("pilot"), event]);
    back.is_given(&rollback(&["--why", "x"]), "already rolled back");
    let decision = back.decide(&rollback(&["--done", "1"])).expect("a step");
    let [Event::RollbackUpdated { told, .. }] = &decision.events[..] else {
        panic!("{:?}", decision.events);
    };
    assert_eq!(told.steps.len(), 1);
    assert_eq!(told.steps[0].state, StepState::Done);
    assert_eq!(decision.means[1], "step 2: done: Revert");
    assert_eq!(
        decision.next.as_deref(),
        Some("gate check plan.yaml --gate pilot/recovery")
    );
}

#[test]
fn a_stop_is_never_overridden_and_a_go_need_not_be() {
    let overrule = [
        "override",
        "plan.yaml",
        "pilot/exit",
        "--expires",
        "24h",
        "--why",
        "x",
    ];
    let on = |verdict| after(vec![started("pilot"), judged("pilot/exit", verdict)]);
    after(vec![]).refuses(&overrule, "no check of pilot/exit is recorded");
    on(Verdict::Go).refuses(&overrule, "nothing to override");
    on(Verdict::Stop).refuses(&overrule, "nobody can override");
    for verdict in [Verdict::Hold, Verdict::NoGo] {
        let event = on(verdict).records(&overrule);
        assert!(matches!(event, Event::Overridden { verdict: of, .. } if of == verdict));
    }
    // A stop that tripped holds although a later check found less.
    let sticky = vec![
        started("pilot"),
        judged("pilot/exit", Verdict::Stop),
        judged("pilot/exit", Verdict::NoGo),
    ];
    after(sticky).refuses(&overrule, "nobody can override");
    on(Verdict::Hold).is_wrong(&overrule[..5], "needs a reason");
    on(Verdict::Hold).is_wrong(
        &[
            "override",
            "plan.yaml",
            "wave-2/entry",
            "--expires",
            "1h",
            "--why",
            "x",
        ],
        "has no entry gate",
    );
}

#[test]
fn an_override_of_an_entry_lets_the_stage_begin_as_overridden() {
    let hold = judged("pilot/entry", Verdict::Hold);
    let overrule = [
        "override",
        "plan.yaml",
        "pilot/entry",
        "--expires",
        "24h",
        "--why",
        "x",
    ];
    let event = after(vec![hold.clone()]).records(&overrule);
    let events = vec![hold, event];
    assert!(matches!(
        after(events.clone()).records(&START),
        Event::Started {
            overridden: true,
            ..
        }
    ));
    let worse = [events, vec![judged("pilot/entry", Verdict::NoGo)]].concat();
    after(worse).refuses(&START, "was NO-GO");
}

#[test]
fn a_checkpoint_needs_a_running_stage_and_a_note_does_not() {
    after(vec![]).records(&["note", "plan.yaml", "hello"]);
    after(vec![]).is_wrong(&["note", "plan.yaml", " "], "says nothing");
    let checkpoint = ["note", "plan.yaml", "calm", "--checkpoint"];
    after(vec![]).refuses(&checkpoint, "no stage has begun");
    let event = after(vec![started("pilot")]).records(&checkpoint);
    assert!(
        matches!(event, Event::Noted { stage: Some(stage), checkpoint: true, .. } if stage == "pilot")
    );
}
