//! What the commands say of what follows: signatures that will not hold, stops that will trip again, recovery that was not shown.

use super::*;
use crate::ledger::StepTold;

const STOPS: &str = r"
release: R1.0
stages:
  - name: pilot
    deadline: 1h
    stop: { incidents: { open: [Sev1] } }
    exit: { confirmations: [lead] }
    recovery: { confirmations: [well] }
";

/// The same on a plan whose stops need no sample.
fn stopping(events: Vec<Event>) -> Rollout {
    Rollout {
        plan: plan(STOPS),
        ..after(events)
    }
}

/// What a resume says.
fn resumed_with(events: Vec<Event>) -> Vec<String> {
    let resume = ["resume", "plan.yaml", "--stage", "pilot", "--why", "x"];
    stopping(events).decide(&resume).expect("a resume").means
}

fn closed(id: &str) -> Event {
    Event::IncidentClosed { id: id.to_owned() }
}

#[test]
fn a_resume_says_what_will_stop_again() {
    let stop = judged("pilot/exit", Verdict::Stop);
    let open = vec![started("pilot"), opened("INC-1"), stop.clone()];
    let again = "INC-1 is still open: the next check will stop again";
    let said = resumed_with(open.clone());
    assert!(said.iter().any(|line| line == again), "{said:?}");
    let said = resumed_with([open, vec![closed("INC-1")]].concat());
    assert!(!said.iter().any(|line| line.contains("again:")), "{said:?}");
    assert!(!said.iter().any(|line| line == again), "{said:?}");
    // A pause alone is no cause, but what is open stops all the same.
    let said = resumed_with(vec![started("pilot"), opened("INC-1"), paused("pilot")]);
    assert!(said.iter().any(|line| line == again), "{said:?}");
}

#[test]
fn a_resume_says_that_the_deadline_has_passed() {
    let mut events = vec![started("pilot"), judged("pilot/exit", Verdict::Stop)];
    let notes = (0..70).map(|_| Event::Noted {
        stage: None,
        text: "a minute passes".to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    });
    events.extend(notes);
    let said = resumed_with(events);
    let passed =
        "the exit gate was not passed by 2026-11-20T01:00:00Z: the next check will stop again";
    assert!(said.iter().any(|line| line == passed), "{said:?}");
}

#[test]
fn a_resume_says_that_recovery_has_not_been_shown() {
    let back = vec![started("pilot"), rolled_back("pilot")];
    let said = resumed_with(back.clone());
    let unchecked =
        "recovery has not been shown yet: pilot/recovery has not been checked since the rollback";
    assert!(said.iter().any(|line| line == unchecked), "{said:?}");
    let hold = judged("pilot/recovery", Verdict::Hold);
    let said = resumed_with([back.clone(), vec![hold]].concat());
    let was_hold = "recovery has not been shown yet: pilot/recovery was HOLD";
    assert!(said.iter().any(|line| line == was_hold), "{said:?}");
    let go = judged("pilot/recovery", Verdict::Go);
    let said = resumed_with([back, vec![go]].concat());
    assert!(
        !said.iter().any(|line| line.contains("recovery")),
        "{said:?}"
    );
}

#[test]
fn a_signature_for_anything_but_a_go_is_refused_and_the_check_named() {
    for verdict in [Verdict::Hold, Verdict::NoGo] {
        let check = checked(&[("wave-1/entry", Verdict::Hold, verdict)]);
        let refusal = after(vec![check]).decide(&APPROVE).expect_err("refused");
        let told = refusal.told();
        assert!(told.reason.contains("a signature for that would not hold"));
        assert_eq!(told.lines, ["  gate check plan.yaml --gate wave-1/entry"]);
    }
    let check = checked(&[("wave-1/entry", Verdict::Hold, Verdict::Go)]);
    let signed = after(vec![check]).decide(&APPROVE).expect("a signature");
    assert_eq!(
        signed.next.as_deref(),
        Some("gate approve plan.yaml operations --gate wave-1/entry")
    );
}

#[test]
fn a_check_whose_start_contradicts_the_ledger_is_not_overridden() {
    let overrule = [
        "override",
        "plan.yaml",
        "pilot/exit",
        "--expires",
        "24h",
        "--why",
        "x",
    ];
    let mut check = judged("pilot/exit", Verdict::Hold);
    let agreed = after(vec![started("pilot"), check.clone()]);
    let overridden = agreed.records(&overrule);
    if let Event::Checked(checked) = &mut check {
        checked.gates[0].start_disputed = true;
    }
    let disputed = after(vec![started("pilot"), check.clone()]);
    disputed.refuses(
        &overrule,
        "made with a --started that contradicts the ledger",
    );
    // Nor does one that is in the ledger already hold.
    let forced = after(vec![started("pilot"), check, overridden]);
    assert!(forced.decide(&START_WAVE).is_err());
}

const PAUSE: &str = "gate pause plan.yaml --stage pilot --why <reason>";
const ROLL_BACK: &str = "gate rollback plan.yaml --stage pilot --why <reason>";

/// What `gate status` says comes next, and what it calls outstanding after the stop.
fn status_of(rollout: &Rollout) -> (String, Vec<String>) {
    let status = crate::rollout::Rollout {
        plan: &rollout.plan,
        plan_sha256: Some(SHA),
        vars: &[],
        addresses: &[],
        ledger: Some(&rollout.ledger),
        now: minute(rollout.ledger.entries().len() as u64 + 1),
    }
    .status("plan.yaml");
    let next = status.next.map(|next| next.command.command("plan.yaml"));
    let owed = status.outstanding.into_iter();
    let owed =
        owed.filter(|one| one.kind == CriterionKind::Kpis || one.kind == CriterionKind::Paused);
    let owed = owed.map(|one| one.next_step.command("plan.yaml"));
    (next.unwrap_or_default(), owed.collect())
}

#[test]
fn after_a_stop_everybody_says_the_same() {
    let mut events = vec![started("pilot"), judged("pilot/exit", Verdict::Stop)];
    let says = |events: &[Event], command: &str| {
        let (next, owed) = status_of(&after(events.to_vec()));
        assert_eq!(next, command);
        assert!(owed.iter().all(|one| one == command), "{owed:?}");
    };
    says(&events, PAUSE);
    let pausing = ["pause", "plan.yaml", "--why", "x"];
    let decision = after(events.clone()).decide(&pausing).expect("a pause");
    assert_eq!(decision.next.as_deref(), Some(ROLL_BACK));
    let overrule = [
        "override",
        "plan.yaml",
        "pilot/exit",
        "--expires",
        "1h",
        "--why",
        "x",
    ];
    after(events.clone()).refuses(&overrule, PAUSE);
    events.push(paused("pilot"));
    says(&events, ROLL_BACK);
    events.push(rolled_back("pilot"));
    says(&events, "gate rollback plan.yaml --stage pilot --done 1");
    for (number, action) in [(1, "Disable the flag"), (2, "Revert")] {
        events.push(Event::RollbackUpdated {
            stage: "pilot".to_owned(),
            told: RollbackTold {
                steps: vec![StepTold {
                    number,
                    option: None,
                    action: action.to_owned(),
                    state: StepState::Done,
                    by: None,
                    took: None,
                }],
                ..RollbackTold::default()
            },
        });
    }
    let (next, owed) = status_of(&after(events.clone()));
    assert_eq!(next, "gate check plan.yaml --gate pilot/recovery");
    assert_eq!(owed, Vec::<String>::new());
    let twice = ["rollback", "plan.yaml", "--done", "2"];
    after(events.clone()).is_given(&twice, "step 2 is already recorded as done (#6)");
    events.push(judged("pilot/recovery", Verdict::Go));
    says(
        &events,
        "gate resume plan.yaml --stage pilot --why <reason>",
    );
}

#[test]
fn an_incident_that_stops_a_stage_asks_for_what_every_stop_asks_for() {
    let open = [
        "incident",
        "plan.yaml",
        "open",
        "--severity",
        "sev1",
        "--description",
        "x",
    ];
    let running = stopping(vec![started("pilot")]);
    assert_eq!(
        running.decide(&open).expect("an incident").next.as_deref(),
        Some(PAUSE)
    );
    let halted = stopping(vec![started("pilot"), paused("pilot")]);
    assert_eq!(
        halted.decide(&open).expect("an incident").next.as_deref(),
        Some(ROLL_BACK)
    );
    let minor = [
        "incident",
        "plan.yaml",
        "open",
        "--severity",
        "sev3",
        "--description",
        "x",
        "--why",
        "minor",
    ];
    let close = "gate incident plan.yaml close INC-1 --why <reason>";
    assert_eq!(
        running.decide(&minor).expect("an incident").next.as_deref(),
        Some(close)
    );
}
