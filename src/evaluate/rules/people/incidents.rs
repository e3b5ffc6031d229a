//! Rule 13: incidents.

use super::parts::*;
use super::rollout::*;
use crate::assessment::Outcome;
use crate::findings::*;
use crate::kind::List;
use crate::ledger::{Answer, Event, IncidentDetails};
use crate::plan::criteria::{Ask, IncidentsAsk};
use crate::samples::{Failure, FailureCode};
use crate::verdict::Verdict;

const EXIT: &str = "pilot/exit";
const KIND: &str = "no_incidents";

fn open_ones() -> Rollout {
    let mut rollout = Rollout::exit(vec![incidents(List::Exit, &["sev1", "sev2"], &[], None)]);
    rollout.start(60, "pilot");
    rollout
}

fn since_start() -> Rollout {
    let mut rollout = Rollout::exit(vec![incidents(List::Exit, &[], &["sev1"], None)]);
    rollout.start(60, "pilot");
    rollout
}

fn with_log(issues: Vec<Issue>) -> Rollout {
    let ask = incidents(List::Exit, &["sev1"], &[], Some("issues.csv"));
    let mut rollout = Rollout::exit(vec![ask]);
    rollout.started = Some(120);
    rollout.log(issues);
    rollout
}

fn issue(severity: &str, open: Option<bool>) -> Issue {
    Issue {
        id: "line 4".into(),
        severity: severity.into(),
        open,
        opened: None,
        description: "labels fail".into(),
    }
}

#[test]
fn rule_13_a_ledger_in_use_without_an_open_incident_is_met() {
    let mut rollout = open_ones();
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Met, "met"));
    rollout.open(50, "INC-1", "sev3");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    rollout.open(40, "INC-2", "sev1").close(30, "INC-2");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_13_an_open_incident_is_unmet_and_in_stop_it_trips() {
    let mut rollout = open_ones();
    rollout.open(40, "INC-1", "SEV2");
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Unmet, "incident"));
    let criterion = rollout.criterion(EXIT, KIND);
    assert_eq!(
        criterion.reason,
        "INC-1 (SEV2), open since 2026-11-19T23:20:00Z: labels fail"
    );
    assert_eq!(
        command(&criterion),
        "gate incident plan.yaml close INC-1 --why <reason>"
    );
    let mut rollout = Rollout::exit(vec![
        incidents(List::Stop, &["sev1"], &[], None),
        kpi(List::Exit),
    ]);
    rollout.start(60, "pilot");
    assert_eq!(rollout.found(EXIT, "incidents"), (Outcome::Clear, "clear"));
    rollout.open(40, "INC-1", "sev1");
    assert_eq!(rollout.verdict(EXIT), Verdict::Stop);
}

#[test]
fn rule_13_a_ledger_that_nobody_uses_shows_nothing() {
    let mut rollout = Rollout::exit(vec![incidents(List::Exit, &["sev1"], &[], None)]);
    rollout.started = Some(120);
    assert_eq!(
        rollout.found(EXIT, KIND),
        (Outcome::Unknown, "not-in-ledger")
    );
    rollout.check(50, &[EXIT]).check(40, &[EXIT]);
    assert_eq!(
        rollout.found(EXIT, KIND),
        (Outcome::Unknown, "not-in-ledger")
    );
    let criterion = rollout.criterion(EXIT, KIND);
    assert_eq!(command(&criterion), "gate start plan.yaml pilot");
    rollout.kept = false;
    assert_eq!(
        rollout.found(EXIT, KIND),
        (Outcome::Unknown, "not-in-ledger")
    );
}

/// `no_incidents` past a target, and the same within the first hour or since the start.
fn asks_about(severities: &[&str], change: impl FnOnce(&mut IncidentsAsk, Vec<String>)) -> Rollout {
    let mut ask = incidents(List::Exit, &[], &[], None);
    if let Ask::Incidents(ask) = &mut ask.ask {
        let severities = severities.iter().map(|one| (*one).to_owned());
        change(ask, severities.collect());
    }
    let mut rollout = Rollout::exit(vec![ask]);
    rollout.start(60, "pilot");
    rollout
}

fn with_target(rollout: &mut Rollout, opened: i64, target: i64) {
    let event = Event::IncidentOpened {
        id: "INC-1".into(),
        stage: None,
        opened_at: None,
        details: IncidentDetails {
            severity: Some("sev2".into()),
            target: Some(ago(target)),
            ..IncidentDetails::default()
        },
    };
    rollout.did(opened, "ada", event);
}

#[test]
fn l9_a_target_that_was_missed_counts_after_the_severity_was_lowered_until_it_is_closed() {
    let mut rollout = asks_about(&["sev2"], |ask, severities| ask.overdue = severities);
    with_target(&mut rollout, 50, 40);
    rollout.update(30, "INC-1", Some("sev3"));
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Unmet, "incident"));
    let criterion = rollout.criterion(EXIT, KIND);
    let told = "INC-1 (sev2 until 2026-11-19T23:30:00Z)";
    assert!(criterion.reason.starts_with(told), "{}", criterion.reason);
    assert_eq!(
        command(&criterion),
        "gate incident plan.yaml close INC-1 --why <reason>"
    );
    rollout.close(20, "INC-1");
    assert_eq!(rollout.found(EXIT, KIND).0, Outcome::Met);

    let mut in_time = asks_about(&["sev2"], |ask, severities| ask.overdue = severities);
    with_target(&mut in_time, 50, 20);
    in_time.update(30, "INC-1", Some("sev3"));
    assert_eq!(in_time.found(EXIT, KIND).0, Outcome::Met);
}

#[test]
fn l9_what_came_up_with_a_severity_counts_though_it_has_another_one_now() {
    let mut rollout = since_start();
    rollout
        .open(50, "INC-1", "sev1")
        .update(40, "INC-1", Some("sev3"));
    rollout.close(30, "INC-1");
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Unmet, "incident"));
    let mut early = asks_about(&["sev1"], |ask, severities| {
        ask.within = Some((severities, crate::units::Duration::from_secs(1200)));
    });
    early
        .open(50, "INC-1", "sev1")
        .update(45, "INC-1", Some("sev3"));
    assert_eq!(early.found(EXIT, KIND), (Outcome::Unmet, "incident"));
    let mut before = since_start();
    before.entries.clear();
    before.open(90, "INC-1", "sev1").start(60, "pilot");
    before.update(40, "INC-1", Some("sev3"));
    assert_eq!(before.found(EXIT, KIND).0, Outcome::Met);
}

#[test]
fn rule_13_updating_a_closed_incident_reopens_it() {
    let mut rollout = open_ones();
    rollout.open(50, "INC-1", "sev1").close(40, "INC-1");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    rollout.update(30, "INC-1", None);
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
}

#[test]
fn rule_13_the_last_given_severity_counts() {
    let mut rollout = open_ones();
    rollout.open(50, "INC-1", "sev3");
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    rollout.update(40, "INC-1", Some("sev1"));
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
    rollout.update(30, "INC-1", None);
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
    rollout.update(20, "INC-1", Some("sev4"));
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
}

#[test]
fn rule_13_an_update_of_an_incident_that_nobody_opened_counts() {
    let mut rollout = open_ones();
    rollout.update(40, "INC-9", Some("sev1"));
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
    rollout.close(30, "INC-8");
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
}

#[test]
fn rule_13_since_the_start_closed_incidents_count_too() {
    let mut rollout = since_start();
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    rollout.open(40, "INC-1", "sev1").close(30, "INC-1");
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Unmet, "incident"));
    let reason = rollout.criterion(EXIT, KIND).reason;
    assert!(
        reason.starts_with("INC-1 (sev1) came up since the start, at 2026-11-19T23:20:00Z"),
        "{reason}"
    );
}

#[test]
fn rule_13_what_came_up_before_the_start_counts_only_if_it_came_back_or_grew() {
    let before = || {
        let ask = incidents(List::Exit, &[], &["sev1"], None);
        let mut rollout = Rollout::exit(vec![ask]);
        rollout.open(90, "INC-1", "sev1").close(80, "INC-1");
        rollout.open(90, "INC-2", "sev2");
        rollout.start(60, "pilot");
        rollout
    };
    assert_eq!(before().verdict(EXIT), Verdict::Go);
    let mut back = before();
    back.update(50, "INC-1", None).close(40, "INC-1");
    assert_eq!(back.verdict(EXIT), Verdict::NoGo);
    let mut grown = before();
    grown.update(50, "INC-2", Some("sev1")).close(40, "INC-2");
    assert_eq!(grown.verdict(EXIT), Verdict::NoGo);
}

#[test]
fn rule_13_since_an_unrecorded_start_is_unknown() {
    let mut rollout = Rollout::exit(vec![incidents(List::Exit, &[], &["sev1"], None)]);
    rollout.plan.stages[0].observe = crate::plan::Observe::Trailing;
    rollout.answer(60, "pilot", "lead", Answer::Yes);
    assert_eq!(
        rollout.found(EXIT, KIND),
        (Outcome::Unknown, "not-in-ledger")
    );
    let criterion = rollout.criterion(EXIT, KIND);
    assert_eq!(command(&criterion), "gate start plan.yaml pilot");
}

#[test]
fn rule_13_a_severity_that_the_plan_cannot_compare_is_unknown() {
    for severity in ["critical", "P1", "sev", "1", "sev 1"] {
        let mut rollout = open_ones();
        rollout.open(40, "INC-1", severity);
        assert_eq!(
            rollout.found(EXIT, KIND),
            (Outcome::Unknown, "content-unreadable"),
            "{severity}"
        );
        rollout.close(30, "INC-1");
        assert_eq!(rollout.verdict(EXIT), Verdict::Go, "{severity}");
    }
}

#[test]
fn rule_13_an_issue_log_alone_is_enough_and_the_ledger_counts_beside_it() {
    let mut rollout = with_log(vec![issue("sev1", Some(false)), issue("sev2", Some(true))]);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    rollout.kept = false;
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    rollout.kept = true;
    rollout.open(40, "INC-1", "sev1");
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
    let rollout = with_log(vec![issue("SEV1", Some(true))]);
    let criterion = rollout.criterion(EXIT, KIND);
    assert_eq!(criterion.outcome, Outcome::Unmet);
    assert_eq!(
        criterion.reason,
        "line 4 in issues.csv (SEV1) is open: labels fail"
    );
}

#[test]
fn rule_13_an_unreadable_row_is_unknown_and_named() {
    for (severity, open) in [
        ("sev1", None),
        ("sev4", None),
        ("urgent", Some(true)),
        ("", Some(true)),
    ] {
        let rollout = with_log(vec![issue("sev2", Some(true)), issue(severity, open)]);
        let criterion = rollout.criterion(EXIT, KIND);
        assert_eq!(
            criterion.code.word(),
            "content-unreadable",
            "{severity} {open:?}"
        );
        assert!(
            criterion.reason.starts_with("line 4 in issues.csv"),
            "{}",
            criterion.reason
        );
    }
    // An unreadable row does not make up for what is known to be open.
    let rollout = with_log(vec![issue("urgent", Some(true)), issue("sev1", Some(true))]);
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
}

#[test]
fn rule_13_since_the_start_a_row_must_say_when() {
    let ask = incidents(List::Exit, &[], &["sev1"], Some("issues.csv"));
    let mut rollout = Rollout::exit(vec![ask]);
    rollout
        .start(60, "pilot")
        .log(vec![issue("sev1", Some(false))]);
    assert_eq!(rollout.found(EXIT, KIND).1, "content-unreadable");
    let dated = |at: i64| Issue {
        opened: Some(ago(at)),
        ..issue("sev1", Some(false))
    };
    rollout.log(vec![dated(70)]);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    rollout.log(vec![dated(60)]);
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
}

#[test]
fn rule_13_an_unreadable_log_is_unknown_but_hides_no_open_incident() {
    let mut rollout = with_log(Vec::new());
    let failure = Failure {
        code: FailureCode::NotRecorded,
        message: "issues.csv is no CSV".into(),
    };
    for found in rollout.findings.values_mut() {
        *found = Err(failure.clone());
    }
    rollout.start(60, "pilot");
    assert_eq!(rollout.verdict(EXIT), Verdict::Hold);
    rollout.open(40, "INC-1", "sev1");
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
}

/// `no_incidents` of an exit, as the plan writes it.
fn asking(ask: IncidentsAsk) -> Rollout {
    let mut rollout = Rollout::exit(vec![asked(List::Exit, Ask::Incidents(ask))]);
    rollout.start(60, "pilot");
    rollout
}

fn overdue() -> Rollout {
    asking(IncidentsAsk {
        overdue: vec!["sev1".into()],
        ..IncidentsAsk::default()
    })
}

/// An incident with a target, so many minutes before T.
fn open_until(rollout: &mut Rollout, at: i64, id: &str, target: Option<i64>) {
    let details = IncidentDetails {
        severity: Some("sev1".into()),
        target: target.map(ago),
        ..IncidentDetails::default()
    };
    let event = Event::IncidentOpened {
        id: id.into(),
        stage: None,
        opened_at: None,
        details,
    };
    rollout.did(at, "ada", event);
}

#[test]
fn l9_an_open_incident_past_its_target_is_unmet() {
    let mut rollout = overdue();
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Met, "met"));
    open_until(&mut rollout, 50, "INC-1", Some(-5));
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Met, "met"));
    open_until(&mut rollout, 40, "INC-2", Some(10));
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Unmet, "incident"));
    let criterion = rollout.criterion(EXIT, KIND);
    assert_eq!(
        criterion.reason,
        "INC-2 (sev1), open since 2026-11-19T23:20:00Z, should have been solved by 2026-11-19T23:50:00Z"
    );
    assert_eq!(
        criterion.condition.as_deref(),
        Some("no sev1 past its target")
    );
    assert_eq!(
        command(&criterion),
        "gate incident plan.yaml close INC-2 --why <reason>"
    );
    rollout.close(5, "INC-2");
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Met, "met"));
}

#[test]
fn l9_an_open_incident_without_a_target_is_unknown() {
    let mut rollout = overdue();
    open_until(&mut rollout, 40, "INC-1", None);
    assert_eq!(
        rollout.found(EXIT, KIND),
        (Outcome::Unknown, "content-unreadable")
    );
    let criterion = rollout.criterion(EXIT, KIND);
    assert_eq!(
        criterion.reason,
        "INC-1 has no target, so whether it is late is unknown"
    );
    assert_eq!(
        command(&criterion),
        "gate incident plan.yaml update INC-1 --target <time>"
    );
    rollout.open(30, "INC-2", "sev3").close(20, "INC-1");
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Met, "met"));
}

#[test]
fn l9_a_log_without_targets_shows_nothing_about_open_incidents() {
    let mut rollout = asking(IncidentsAsk {
        overdue: vec!["sev1".into()],
        issue_log: Some("issues.csv".into()),
        ..IncidentsAsk::default()
    });
    rollout.log(vec![issue("sev1", Some(true))]);
    assert_eq!(
        rollout.found(EXIT, KIND),
        (Outcome::Unknown, "content-unreadable")
    );
    rollout.log(vec![issue("sev1", Some(false)), issue("sev2", Some(true))]);
    let found = rollout.found(EXIT, KIND);
    assert_eq!(found.0, Outcome::Met, "{found:?}");
}

/// None in the first so many minutes.
fn within(minutes_of_start: i64) -> Rollout {
    let length = crate::evaluate::rules::scene::minutes(minutes_of_start);
    asking(IncidentsAsk {
        within: Some((vec!["sev1".into(), "sev2".into()], length)),
        ..IncidentsAsk::default()
    })
}

#[test]
fn l9_nothing_is_known_until_the_time_from_the_start_is_over() {
    let rollout = within(61);
    assert_eq!(
        rollout.found(EXIT, KIND),
        (Outcome::Unknown, "window-incomplete")
    );
    assert_eq!(
        rollout.criterion(EXIT, KIND).reason,
        "1h of the 1h1m from the start at 2026-11-19T23:00:00Z are over, complete at 2026-11-20T00:01:00Z; nothing came up so far"
    );
    assert_eq!(within(60).found(EXIT, KIND), (Outcome::Met, "met"));
}

#[test]
fn l9_only_what_came_up_in_that_time_counts_open_or_not() {
    let mut rollout = within(30);
    rollout.open(30, "INC-1", "sev1");
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Met, "met"));
    let mut rollout = within(30);
    rollout.open(31, "INC-1", "sev2").close(20, "INC-1");
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Unmet, "incident"));
    // Bad news does not wait for the time to be over.
    let mut rollout = within(90);
    rollout.open(31, "INC-1", "sev2");
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Unmet, "incident"));
    let mut rollout = within(30);
    rollout.open(45, "INC-1", "sev3");
    assert_eq!(rollout.found(EXIT, KIND), (Outcome::Met, "met"));
}

#[test]
fn l9_before_the_start_and_without_a_ledger_nothing_is_known() {
    let mut rollout = within(30);
    rollout.entries.clear();
    rollout.answer(20, "pilot", "x", Answer::Yes);
    assert_eq!(rollout.found(EXIT, KIND).0, Outcome::Unknown);
    let mut rollout = overdue();
    rollout.kept = false;
    assert_eq!(rollout.found(EXIT, KIND).0, Outcome::Unknown);
}

/// An incident that was opened and recorded so many minutes before T.
fn dated(rollout: &mut Rollout, opened: i64, recorded: i64) {
    let details = IncidentDetails {
        severity: Some("sev1".into()),
        ..IncidentDetails::default()
    };
    let event = Event::IncidentOpened {
        id: "INC-1".into(),
        stage: None,
        opened_at: Some(ago(opened)),
        details,
    };
    rollout.did(recorded, "ada", event).close(1, "INC-1");
}

#[test]
fn l9_an_incident_counts_by_when_it_was_recorded_as_well_as_by_when_it_was_opened() {
    // The stage began 60 minutes ago.
    let found = |mut rollout: Rollout, opened: i64, recorded: i64| {
        dated(&mut rollout, opened, recorded);
        rollout.found(EXIT, KIND).0
    };
    for (opened, recorded) in [(50, 40), (70, 40), (50, 70)] {
        let found = found(since_start(), opened, recorded);
        assert_eq!(
            found,
            Outcome::Unmet,
            "opened {opened}, recorded {recorded}"
        );
    }
    for (opened, recorded, expected) in [
        (50, 20, Outcome::Unmet),
        (20, 50, Outcome::Unmet),
        (70, 50, Outcome::Unmet),
        // Neither was in the first half hour.
        (20, 10, Outcome::Met),
        (70, 10, Outcome::Met),
    ] {
        let found = found(within(30), opened, recorded);
        assert_eq!(found, expected, "opened {opened}, recorded {recorded}");
    }
    let mut before = Rollout::exit(vec![incidents(List::Exit, &[], &["sev1"], None)]);
    dated(&mut before, 80, 70);
    before.start(60, "pilot");
    assert_eq!(before.found(EXIT, KIND).0, Outcome::Met);
}

#[test]
fn l18_an_open_incident_that_the_exit_does_not_ask_about_is_a_flag_of_it() {
    let mut rollout = open_ones();
    rollout.open(50, "INC-1", "sev3").open(40, "INC-2", "sev1");
    let flags = |rollout: &Rollout| rollout.gate(EXIT).flags;
    let told = "INC-1 sev3 is open, and pilot/exit does not ask about it";
    assert_eq!(flags(&rollout), [told], "that of INC-2 is its reason");
    rollout.close(30, "INC-1");
    assert_eq!(flags(&rollout), [""; 0]);
}
