//! L8: checkpoints of hypercare. Days begin at the time of day of the start.

use super::parts::*;
use super::rollout::*;
use crate::assessment::{Code, Outcome};
use crate::kind::List;
use crate::ledger::Event;
use crate::plan::criteria::{Ask, Attendance, CheckpointAsk};
use crate::units::Duration;
use crate::verdict::Verdict;

const EXIT: &str = "pilot/exit";
const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

fn ask(shows: Attendance, distinct: bool) -> crate::plan::criteria::Criterion {
    let ask = CheckpointAsk {
        every: Duration::from_secs(86_400),
        shows,
        distinct,
    };
    asked(List::Exit, Ask::Checkpoint(ask))
}

/// A stage that began so many minutes ago, with these roles.
fn begun(ago: i64, roles: &[&str], distinct: bool) -> Rollout {
    let roles = roles
        .iter()
        .map(|role| ask(Attendance::Role((*role).to_owned()), distinct));
    let mut rollout = Rollout::exit(roles.collect());
    rollout.start(ago, "pilot");
    rollout
}

fn held(rollout: &mut Rollout, ago: i64, by: &str, role: Option<&str>, reviewed_issues: bool) {
    let event = Event::Noted {
        stage: Some("pilot".into()),
        text: "all quiet".into(),
        checkpoint: true,
        role: role.map(str::to_owned),
        reviewed_issues,
        lesson: false,
        takes_back: None,
    };
    rollout.did(ago, by, event);
}

fn code(rollout: &Rollout) -> (Outcome, &'static str) {
    rollout.found(EXIT, "checkpoints")
}

#[test]
fn l8_each_day_that_is_over_has_one_by_each_role() {
    let mut rollout = begun(2 * DAY, &["ops", "dev"], false);
    for ago in [2 * DAY - 5, 3 * HOUR] {
        held(&mut rollout, ago, "ada", Some("ops"), false);
        held(&mut rollout, ago, "ada", Some("dev"), false);
    }
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    let first = &rollout.gate(EXIT).criteria[0];
    assert_eq!(first.name, "ops");
    assert_eq!(
        first.condition.as_deref(),
        Some("a checkpoint by ops every 24h")
    );
    assert_eq!(
        first.reason,
        "each of the 2 days that are over has its checkpoint by ops"
    );
}

#[test]
fn l8_a_missed_day_is_unmet_and_stays_so() {
    let mut rollout = begun(3 * DAY, &["ops", "dev"], false);
    held(&mut rollout, 3 * DAY - 5, "ada", Some("ops"), false);
    for ago in [3 * DAY - 5, 2 * DAY - 5, DAY - 5] {
        held(&mut rollout, ago, "ada", Some("dev"), false);
    }
    // Two on one day make up for nothing.
    held(&mut rollout, DAY - 5, "ada", Some("ops"), false);
    held(&mut rollout, DAY - 6, "ada", Some("ops"), false);
    assert_eq!(rollout.verdict(EXIT), Verdict::NoGo);
    let gate = rollout.gate(EXIT);
    assert_eq!(gate.criteria[0].code, Code::CheckpointMissed);
    assert_eq!(
        gate.criteria[0].reason,
        "no checkpoint by ops on day 2 (2026-11-18T00:00:00Z to 2026-11-19T00:00:00Z)"
    );
    assert!(gate.criteria[0].next_step.is_none());
    assert_eq!(gate.criteria[1].code, Code::Met);
}

#[test]
fn l8_a_day_begins_at_the_time_of_day_of_the_start() {
    for (ago, outcome) in [
        // Recorded after the start, by a clock that is a minute behind.
        (DAY + 61, Outcome::Met),
        (DAY + 60, Outcome::Met),
        (61, Outcome::Met),
        (60, Outcome::Unmet),
    ] {
        let mut rollout = begun(DAY + HOUR, &["ops"], false);
        // Of the second day, that began an hour ago, nothing is due.
        held(&mut rollout, ago, "ada", Some("ops"), false);
        assert_eq!(code(&rollout).0, outcome, "{ago}");
    }
}

#[test]
fn l8_todays_is_owed_from_half_of_the_day_on() {
    let at = |ago: i64| {
        let mut rollout = begun(ago, &["ops"], false);
        held(&mut rollout, ago - 1, "ada", Some("ops"), false);
        rollout
    };
    assert_eq!(
        code(&begun(12 * HOUR, &["ops"], false)),
        (Outcome::Unknown, "not-answered")
    );
    assert_eq!(code(&at(12 * HOUR)), (Outcome::Met, "met"));
    assert_eq!(code(&at(36 * HOUR)), (Outcome::Unknown, "not-answered"));
    let criterion = at(36 * HOUR).criterion(EXIT, "checkpoints");
    assert_eq!(
        criterion.reason,
        "day 2 has no checkpoint by ops yet, due by 2026-11-20T12:00:00Z"
    );
    assert_eq!(
        command(&criterion),
        "gate note plan.yaml '<what was seen>' --checkpoint --role ops --stage pilot"
    );
}

/// An exit with a window of three days.
fn with_window(mut rollout: Rollout) -> Rollout {
    let stage = &mut rollout.plan.stages[0];
    stage.window = Some(Duration::from_secs(3 * 86_400));
    stage.gates[0].window = stage.window;
    rollout
}

#[test]
fn l8_before_half_of_the_day_is_over_it_is_met_so_far_while_the_window_runs() {
    let mut rollout = with_window(begun(HOUR, &["ops"], false));
    let criterion = rollout.criterion(EXIT, "checkpoints");
    assert_eq!(
        (criterion.outcome, criterion.code, criterion.is_met_so_far()),
        (Outcome::Unknown, Code::WindowIncomplete, true)
    );
    assert_eq!(
        criterion.reason,
        "day 1 has no checkpoint by ops yet, due by 2026-11-20T23:00:00Z"
    );
    let asked = "gate note plan.yaml '<what was seen>' --checkpoint --role ops --stage pilot";
    assert_eq!(command(&criterion), asked);
    held(&mut rollout, 30, "ada", Some("ops"), false);
    assert_eq!(code(&rollout), (Outcome::Met, "met"));
    assert_eq!(
        rollout.criterion(EXIT, "checkpoints").reason,
        "the first day has its checkpoint by ops"
    );
    let late = with_window(begun(12 * HOUR, &["ops"], false));
    let late = late.criterion(EXIT, "checkpoints");
    assert_eq!(
        (late.code, late.is_met_so_far()),
        (Code::NotAnswered, false)
    );
}

#[test]
fn l8_a_day_that_was_missed_is_never_met_so_far() {
    let rollout = with_window(begun(DAY + HOUR, &["ops"], false));
    let criterion = rollout.criterion(EXIT, "checkpoints");
    assert_eq!(
        (criterion.outcome, criterion.code, criterion.is_met_so_far()),
        (Outcome::Unmet, Code::CheckpointMissed, false)
    );
}

#[test]
fn l8_once_the_window_is_complete_a_first_day_without_any_is_owed() {
    assert_eq!(
        code(&begun(HOUR, &["ops"], false)),
        (Outcome::Unknown, "not-answered")
    );
}

#[test]
fn l8_after_a_missed_day_the_check_names_the_override_and_not_itself() {
    let rollout = begun(DAY + HOUR, &["ops"], false);
    let next = rollout.assessed_at(0, &[EXIT]).next;
    let next = next.expect("a next step");
    assert_eq!(
        next.command.command("plan.yaml"),
        "gate override plan.yaml pilot/exit --why <reason> --expires 4h"
    );
    assert_eq!(next.first.as_deref(), Some(crate::rollout::ACCEPT_MISSED));
}

#[test]
fn l8_other_remarks_roles_and_stages_are_none() {
    let mut rollout = begun(DAY, &["ops"], false);
    held(&mut rollout, HOUR, "ada", None, true);
    held(&mut rollout, HOUR, "ada", Some("dev"), false);
    let remark = Event::Noted {
        stage: Some("pilot".into()),
        text: "ops".into(),
        checkpoint: false,
        role: Some("ops".into()),
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    rollout.did(HOUR, "ada", remark);
    let elsewhere = Event::Noted {
        stage: Some("pilot-2".into()),
        text: "ops".into(),
        checkpoint: true,
        role: Some("ops".into()),
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    rollout.did(HOUR, "ada", elsewhere);
    assert_eq!(code(&rollout), (Outcome::Unmet, "checkpoint-missed"));
}

#[test]
fn l8_distinct_asks_for_different_people_each_day() {
    let mut rollout = begun(DAY, &["ops", "dev"], true);
    held(&mut rollout, HOUR, "Ada", Some("ops"), false);
    held(&mut rollout, HOUR, "@ada", Some("dev"), false);
    let gate = rollout.gate(EXIT);
    assert_eq!(
        (gate.criteria[0].code, gate.criteria[1].code),
        (Code::Met, Code::CheckpointMissed)
    );
    held(&mut rollout, HOUR - 1, "bob", Some("dev"), false);
    assert_eq!(rollout.verdict(EXIT), Verdict::Go);
    let mut alike = begun(DAY, &["ops", "dev"], false);
    held(&mut alike, HOUR, "Ada", Some("ops"), false);
    held(&mut alike, HOUR, "@ada", Some("dev"), false);
    assert_eq!(alike.verdict(EXIT), Verdict::Go);
}

#[test]
fn l8_the_issue_log_is_gone_through_each_day() {
    let mut rollout = Rollout::exit(vec![ask(Attendance::IssueLog, false)]);
    rollout.start(DAY, "pilot");
    held(&mut rollout, HOUR, "ada", Some("ops"), false);
    assert_eq!(code(&rollout), (Outcome::Unmet, "checkpoint-missed"));
    held(&mut rollout, HOUR, "ada", Some("ops"), true);
    assert_eq!(code(&rollout), (Outcome::Met, "met"));
    assert_eq!(rollout.criterion(EXIT, "checkpoints").name, "issue-log");
}

#[test]
fn l8_a_new_start_counts_its_own_days() {
    let mut rollout = begun(3 * DAY, &["ops"], false);
    assert_eq!(code(&rollout), (Outcome::Unmet, "checkpoint-missed"));
    rollout.roll_back(2 * HOUR, "pilot").resume(HOUR, "pilot");
    assert_eq!(code(&rollout), (Outcome::Unknown, "not-answered"));
}

#[test]
fn l8_without_a_ledger_nothing_is_known() {
    let mut rollout = begun(DAY, &["ops"], false);
    rollout.kept = false;
    rollout.started = Some(DAY);
    assert_eq!(code(&rollout).0, Outcome::Unknown);
}

#[test]
fn l8_a_clock_that_is_behind_fills_no_day_that_is_over() {
    let mut rollout = begun(3 * DAY, &["ops"], false);
    held(&mut rollout, 3 * DAY - 5, "ada", Some("ops"), false);
    held(&mut rollout, 10, "ada", Some("ops"), false);
    // Recorded after that, and dated a day and a half before it.
    held(&mut rollout, DAY + 12 * HOUR, "ada", Some("ops"), false);
    assert_eq!(
        rollout.criterion(EXIT, "checkpoints").reason,
        "no checkpoint by ops on day 2 (2026-11-18T00:00:00Z to 2026-11-19T00:00:00Z)"
    );
}
