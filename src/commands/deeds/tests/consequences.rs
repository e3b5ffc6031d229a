//! What the commands say of what follows: signatures that will not hold, stops that will trip again, recovery that was not shown.

use super::*;

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
        plan: load(STOPS.as_bytes(), &Options::default())
            .expect("a valid plan")
            .plan,
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
fn a_signature_for_anything_but_a_go_says_that_it_will_not_hold() {
    for verdict in [Verdict::Hold, Verdict::NoGo] {
        let check = checked(&[("wave-1/entry", Verdict::Hold, verdict)]);
        let signed = after(vec![check]).decide(&APPROVE).expect("a signature");
        let first = signed.means.first().map(String::as_str).unwrap_or_default();
        assert!(
            first.contains(
                "it will not hold: sign again once wave-1/entry is GO apart from approvals"
            ),
            "{first}"
        );
        assert_eq!(
            signed.next.as_deref(),
            Some("gate check plan.yaml --gate wave-1/entry")
        );
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
