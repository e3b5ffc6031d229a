//! What a report on a finished rollout says of answers that would not count any more, of days without a checkpoint, and of the
//! check that each stage was left with. Test code only.

use super::{Checked, Entry, Event, Ledger, RolloutKind, T, Verdict};
use super::{check, checked, entry, hours, plan, rolled_back, rollout, row_of, scenarios, started};
use crate::digest::sha256_hex;
use crate::kind::GateKind;
use crate::ledger::Answer;
use crate::report::Style;

const ASKS: &str = "  - { name: pilot, entry: { confirmations: [ready], approvals: [product] }, exit: { confirmations: [lead] } }\n";
const MEETS: &str = "  - { name: pilot, exit: { checkpoints: { every: 1d, roles: [ops] }, confirmations: [lead] } }\n";

fn ready(answer: Answer) -> Event {
    Event::Confirmed {
        stage: "pilot".to_owned(),
        id: "ready".to_owned(),
        answer,
        text_sha256: sha256_hex(&["ready"]),
    }
}

/// Answered and signed, begun, rolled back; the signature holds for an hour.
fn begun() -> Vec<Entry> {
    let signature = Event::Approved {
        gate: GateKind::Entry.of("pilot"),
        role: "product".to_owned(),
        evidence_sha256: "a".to_owned(),
        evidence_path: String::new(),
        verdict_without_approvals: Verdict::Go,
        expires: Some(T - hours(49)),
        revoked: false,
    };
    vec![
        entry(1, 52, ready(Answer::Yes)),
        entry(2, 51, checked(51, "a", "pilot/entry", Verdict::Go)),
        entry(3, 51, signature),
        entry(4, 50, checked(50, "b", "pilot/entry", Verdict::Go)),
        entry(5, 50, started("pilot", 50)),
        entry(6, 40, rolled_back("pilot")),
    ]
}

/// It went on, and was left with GO.
fn finished() -> Vec<Entry> {
    let stage = "pilot".to_owned();
    let mut entries = begun();
    entries.push(entry(7, 30, Event::Resumed { stage }));
    entries.push(entry(8, 10, checked(10, "c", "pilot/exit", Verdict::Go)));
    entries
}

fn told(kind: RolloutKind, stages: &str, entries: Vec<Entry>) -> String {
    let (plan, ledger) = (plan(stages), Ledger::new(entries));
    let checks = [check(scenarios::go(), "c")];
    kind.render(&rollout(&checks, Some(&plan), Some(&ledger)))
}

#[test]
fn l8_a_finished_rollout_tells_what_counted_and_asks_nobody_again() {
    let counted = format!("counted in pilot/entry GO at {}", T - hours(50));
    for kind in [RolloutKind::Handover, RolloutKind::Summary] {
        let page = told(kind, ASKS, finished());
        assert!(page.contains("SUCCESS"), "{page}");
        assert!(
            !page.contains(" again") && !page.contains("but it held"),
            "{page}"
        );
        assert!(page.matches(&counted).count() >= 2, "{page}");
    }
    let summary = told(RolloutKind::Summary, ASKS, finished());
    assert!(
        summary.contains("**Approved by**: ada (product)"),
        "{summary}"
    );
}

#[test]
fn what_did_not_count_when_the_stage_began_is_not_told_as_if_it_had() {
    // Nobody has resumed: all of it is void.
    let page = told(RolloutKind::Handover, ASKS, begun());
    assert!(!page.contains("counted in") && page.contains("has to be confirmed again"));
    // Taken back since, or given only since.
    let mut later = finished();
    later.push(entry(9, 5, ready(Answer::Revoked)));
    let page = told(RolloutKind::Handover, ASKS, later);
    let row = page.lines().find(|line| line.contains("| ready |"));
    assert!(
        row.is_some_and(|row| row.contains("was taken back")),
        "{page}"
    );
    // The check did not find it met.
    let mut unmet = finished();
    if let Event::Checked(Checked { gates, .. }) = &mut unmet[3].event {
        gates[0].not_met.push(crate::ledger::NotMet {
            list: crate::kind::List::Entry,
            kind: crate::kind::CriterionKind::Confirmations,
            name: "ready".to_owned(),
            condition: None,
            unmet: false,
            measured: None,
        });
    }
    let page = told(RolloutKind::Handover, ASKS, unmet);
    let row = page.lines().find(|line| line.contains("| ready |"));
    assert!(row.is_some_and(|row| row.contains("again")), "{page}");
}

#[test]
fn l8_missed_days_stay_visible_and_end_when_the_last_stage_was_left() {
    let meeting = Event::Noted {
        stage: Some("pilot".to_owned()),
        text: "quiet".to_owned(),
        checkpoint: true,
        role: Some("ops".to_owned()),
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    let entries = || {
        vec![
            entry(1, 100, started("pilot", 100)),
            entry(2, 90, meeting.clone()),
            entry(3, 50, checked(50, "c", "pilot/exit", Verdict::Go)),
        ]
    };
    for kind in [RolloutKind::Handover, RolloutKind::Summary] {
        let page = told(kind, MEETS, entries());
        assert!(page.contains("## Missed checkpoints"), "{page}");
        let said = "no checkpoint by ops on day 2, ";
        assert_eq!(page.matches(said).count(), 1, "{page}");
        assert!(!page.contains("days 2 to"), "{page}");
    }
}

#[test]
fn handover_and_summary_name_the_same_check_that_a_stage_was_left_with() {
    let mut entries = finished();
    entries.push(entry(9, 5, checked(5, "d", "pilot/exit", Verdict::Go)));
    let handover = told(RolloutKind::Handover, ASKS, entries.clone());
    let left = format!("exit gate GO at {}", T - hours(10));
    assert!(row_of(&handover, "pilot").contains(&left), "{handover}");
    let summary = told(RolloutKind::Summary, ASKS, entries);
    assert!(row_of(&summary, "pilot").contains("`c.json`"), "{summary}");
}

#[test]
fn on_a_terminal_the_appendix_is_a_line_that_says_how_to_have_it() {
    let (plan, ledger) = (plan(ASKS), Ledger::new(finished()));
    let checks = [check(scenarios::go(), "c")];
    let facts = rollout(&checks, Some(&plan), Some(&ledger));
    for kind in [RolloutKind::Summary, RolloutKind::Handover] {
        let page = kind.on_a_terminal(&facts, &Style::FILE);
        let (_, appendix) = page.split_once("\nAppendix").expect("an appendix");
        assert!(appendix.contains("Evidence") && appendix.contains("--output FILE"));
        assert!(appendix.lines().count() <= 3, "{appendix}");
        assert!(!page.contains("SHA-256"), "{page}");
    }
}

#[test]
fn l19_a_note_on_a_terminal_is_plain_text() {
    let mut evidence = scenarios::hold_incomplete();
    evidence.plan.release.owner = Some("@ops `x`".to_owned());
    let checks = [check(evidence, "c")];
    let facts = rollout(&checks, None, None);
    let note = facts.note(None);
    assert!(note.contains("`@ops` \\`x\\`"), "{note}");
    let plain = facts.note_on_a_terminal(None, &Style::FILE);
    assert!(
        plain.contains("@ops `x`") && !plain.contains('\\'),
        "{plain}"
    );
}
