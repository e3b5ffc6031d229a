//! Reports on whole rollouts: what they may call a success, and that text from outside stays text. Test code only.

mod counted;
mod noted;
mod page;

use super::stages::{all, standing};
use super::{Check, RolloutFacts, RolloutKind, note};
use crate::evidence::Evidence;
use crate::kind::GateKind;
use crate::ledger::{
    Checked, Entry, Event, FileKept, GateChecked, IdentitySource, IncidentDetails, Ledger, Person,
    RollbackTold, StepState, StepTold,
};
use crate::plan::{Options, Plan, load};
use crate::report::scenarios::{self, T, hours};
use crate::report::sheet::Tone;
use crate::rollout::Rollout;
use crate::verdict::Verdict;

fn check(evidence: Evidence, digest: &str) -> Check {
    Check {
        file: format!("{digest}.json"),
        sha256: digest.to_owned(),
        evidence,
    }
}

fn plan(stages: &str) -> Plan {
    let text = format!("release: R1.0\nstages:\n{stages}");
    let loaded = load(text.as_bytes(), &Options::default());
    loaded.expect("a plan").plan
}

const PILOT: &str = "  - { name: pilot, exit: { confirmations: [lead] } }\n";
/// The digest of every plan here.
const SHA256: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// As the evidence has it.
const OBSERVED: &str = "  - { name: pilot, window: 26h, exit: { confirmations: [lead] } }\n";
const WAVE: &str = "  - { name: wave-1, exit: { confirmations: [lead] } }\n";

fn entry(number: u32, ago: i64, event: Event) -> Entry {
    Entry {
        nonce: None,
        number: number.into(),
        at: T - hours(ago),
        by: Person {
            name: "ada".to_owned(),
            identity_source: IdentitySource::Given,
        },
        plan: "plan.yaml".into(),
        why: "reasons".to_owned(),
        links: Vec::new(),
        event,
    }
}

fn checked(ago: i64, digest: &str, gate: &str, verdict: Verdict) -> Event {
    Event::Checked(Checked {
        evaluated_at: T - hours(ago),
        release: "R1.0".to_owned(),
        plan_sha256: SHA256.to_owned(),
        vars: Vec::new(),
        sources: Vec::new(),
        evidence_path: format!("plan.evidence/{digest}.json"),
        evidence_sha256: digest.to_owned(),
        verdict,
        gates: vec![GateChecked {
            look: false,
            outlook: false,
            not_met: Vec::new(),
            start_disputed: false,
            gate: gate.parse().expect("a gate"),
            verdict,
            verdict_without_approvals: verdict,
            tripped: Vec::new(),
        }],
    })
}

fn rolled_back(stage: &str) -> Event {
    Event::RolledBack {
        stage: stage.to_owned(),
        told: RollbackTold {
            steps: vec![StepTold {
                number: 1,
                option: None,
                action: "Disable the flag".to_owned(),
                state: StepState::Done,
                by: None,
                took: None,
            }],
            ..RollbackTold::default()
        },
    }
}

/// All that may be said of a rollback.
fn rolled_back_with(text: &str) -> Event {
    let text = || text.to_owned();
    Event::RolledBack {
        stage: text(),
        told: RollbackTold {
            options: vec![text()],
            steps: vec![StepTold {
                number: 1,
                option: Some(text()),
                action: text(),
                state: StepState::Done,
                by: Some(text()),
                took: None,
            }],
            cause: Some(text()),
            fix: Some(text()),
            files: vec![FileKept {
                path: text(),
                sha256: "0".repeat(64),
                bytes: 1,
            }],
        },
    }
}

fn rollout<'a>(
    checks: &'a [Check],
    plan: Option<&'a Plan>,
    ledger: Option<&'a Ledger>,
) -> RolloutFacts<'a> {
    let rollout = plan.zip(ledger).map(|(plan, ledger)| Rollout {
        plan,
        plan_sha256: Some(SHA256),
        vars: &[],
        addresses: &[],
        ledger: Some(ledger),
        now: T,
    });
    RolloutFacts {
        checks,
        plan,
        ledger,
        rollout,
    }
}

/// The note as of now.
fn noted(facts: &RolloutFacts<'_>) -> String {
    let status = facts.rollout.map(|rollout| rollout.status("plan.yaml"));
    facts.note(status.as_ref())
}

fn stands(rollout: &RolloutFacts<'_>) -> (Tone, String) {
    standing(rollout, &all(rollout))
}

#[test]
fn a_success_is_every_stage_of_the_plan_left_with_go() {
    let go = [check(scenarios::go(), "a")];
    let (pilot, both) = (plan(PILOT), plan(&format!("{PILOT}{WAVE}")));
    assert_eq!(stands(&rollout(&go, Some(&pilot), None)).0, Tone::Good);
    assert_eq!(stands(&rollout(&go, Some(&both), None)).0, Tone::Open);
    assert_eq!(stands(&rollout(&go, None, None)).0, Tone::Open);
    for evidence in [scenarios::hold_incomplete(), scenarios::overridden()] {
        let open = [check(evidence, "a")];
        assert_eq!(stands(&rollout(&open, Some(&pilot), None)).0, Tone::Open);
    }
    for evidence in [scenarios::no_go(), scenarios::stop()] {
        let bad = [check(evidence, "a")];
        assert_eq!(stands(&rollout(&bad, Some(&pilot), None)).0, Tone::Bad);
    }
}

#[test]
fn m3_a_summary_takes_the_duration_of_a_stage_from_its_start_to_its_end() {
    let started = |stage: &str, ago| Event::Started {
        stage: stage.to_owned(),
        at: T - hours(ago),
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    };
    let go = [check(scenarios::go(), "a")];
    let both = plan(&format!("{PILOT}{WAVE}"));
    let ledger = |last| {
        let checked = checked(4, "a", "pilot/exit", Verdict::Go);
        let mut entries = vec![entry(1, 10, started("pilot", 10)), entry(2, 4, checked)];
        entries.extend(last);
        Ledger::new(entries)
    };
    let duration = |ledger: &Ledger| {
        let stages = rollout(&go, Some(&both), Some(ledger));
        all(&stages)[0].duration()
    };
    let ended = ledger(Some(entry(3, 3, started("wave-1", 3))));
    assert_eq!(duration(&ended).as_deref(), Some("7h"));
    let running = duration(&ledger(None)).expect("a duration");
    assert_ne!(
        running, "7h",
        "the check that counts, where no stage follows yet"
    );
    let shown = RolloutKind::Summary.render(&rollout(&go, Some(&both), Some(&ended)));
    assert!(shown.contains("7h"), "{shown}");
}

#[test]
fn a_check_that_the_ledger_does_not_know_does_not_count() {
    let go = [check(scenarios::go(), "a")];
    let pilot = plan(PILOT);
    let started = Event::Started {
        stage: "pilot".to_owned(),
        at: T - hours(3),
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    };
    let with = |event| Ledger::new(vec![entry(1, 3, started.clone()), entry(2, 0, event)]);
    let unknown = with(checked(2, "b", "pilot/exit", Verdict::NoGo));
    let other = rollout(&go, Some(&pilot), Some(&unknown));
    assert_eq!(stands(&other).0, Tone::Bad);
    let shown = RolloutKind::Summary.render(&other);
    assert!(shown.contains("NOT in the ledger: not counted"));
    assert!(shown.contains("is not among the files given"));
    let known = with(checked(0, "a", "pilot/exit", Verdict::Go));
    assert_eq!(
        stands(&rollout(&go, Some(&pilot), Some(&known))).0,
        Tone::Good
    );
}

#[test]
fn a_rollback_is_told_until_its_recovery_was_shown() {
    let go = [check(scenarios::go(), "a")];
    let mut entries = vec![entry(1, 5, rolled_back("pilot"))];
    let told = |entries: &[Entry]| {
        let ledger = Ledger::new(entries.to_vec());
        RolloutKind::Summary.render(&rollout(&go, None, Some(&ledger)))
    };
    assert!(told(&entries).contains("NOT SHOWN"));
    assert!(told(&entries).contains("by hand: the exit gate had not been judged"));
    // A check of a time before the rollback shows nothing of what came after.
    entries.push(entry(2, 4, checked(6, "c", "pilot/recovery", Verdict::Go)));
    assert!(told(&entries).contains("NOT SHOWN"));
    entries.push(entry(3, 3, checked(3, "d", "pilot/recovery", Verdict::Go)));
    assert!(told(&entries).contains("at most 2h: pilot/recovery GO at"));
}

/// A record of the recovery gate that looked at the 30 minutes up to so many minutes ago.
fn recovery_record(digest: &str, until: i64, bad_until: Option<i64>) -> Check {
    use crate::assessment::{Breach, Window};
    let ago = |minutes: i64| T - crate::units::Duration::from_secs(60 * minutes);
    let mut evidence = scenarios::go();
    evidence.gates.truncate(1);
    let gate = &mut evidence.gates[0];
    (gate.stage, gate.kind) = ("pilot".to_owned(), GateKind::Recovery);
    gate.window = Some(Window {
        observe: None,
        start: ago(until + 30),
        end: ago(until),
        length: hours(1),
        started: None,
        ended: None,
        complete: true,
        completes_at: None,
    });
    gate.criteria.retain(|one| one.kpi.is_some());
    gate.criteria.truncate(1);
    let criterion = &mut gate.criteria[0];
    let kpi = criterion.kpi.as_mut().expect("a KPI");
    kpi.step = Some(crate::units::Duration::from_secs(60));
    for series in &mut kpi.series {
        series.gaps.clear();
        series.breaches.clear();
        series.breaches.extend(bad_until.map(|end| Breach {
            start: ago(until + 30),
            end: ago(end),
            worst: 1.0,
        }));
    }
    criterion.outcome = match bad_until {
        Some(_) => crate::assessment::Outcome::Unmet,
        None => crate::assessment::Outcome::Met,
    };
    check(evidence, digest)
}

#[test]
fn l11_a_stage_had_recovered_when_the_conditions_held_not_when_somebody_looked() {
    // Rolled back two hours ago; somebody looked 70, 50 and 5 minutes ago.
    let said = |records: &[Check]| {
        let looked = |number: u32, digest: &str, minutes: i64, verdict: Verdict| {
            let mut event = checked(0, digest, "pilot/recovery", verdict);
            let at = T - crate::units::Duration::from_secs(60 * minutes);
            if let Event::Checked(checked) = &mut event {
                checked.evaluated_at = at;
            }
            let mut entry = entry(number, 0, event);
            entry.at = at;
            entry
        };
        let entries = vec![
            entry(1, 3, started("pilot", 3)),
            entry(2, 2, rolled_back("pilot")),
            looked(3, "a", 70, Verdict::NoGo),
            looked(4, "b", 50, Verdict::Hold),
            looked(5, "c", 30, Verdict::Go),
        ];
        let ledger = Ledger::new(entries);
        let facts = rollout(records, None, Some(&ledger));
        let cases = crate::rollout::History::of(Some(&ledger)).cases();
        let found = facts.recovered(&cases[0]).expect("recovered");
        (
            found.check.entry.number,
            found.since.map(|since| {
                let ago = |at: crate::units::Instant| at.until(T).millis() / 60_000;
                (ago(since.at), since.unseen_from.map(ago))
            }),
        )
    };
    let last = || recovery_record("c", 30, None);
    // What the check that saw it looked at; further back where earlier checks join it; up to the last bad point.
    assert_eq!(said(&[last()]), (5, Some((60, Some(120)))));
    assert_eq!(
        said(&[recovery_record("b", 50, None), last()]),
        (5, Some((80, Some(120))))
    );
    let bad = recovery_record("a", 70, Some(85));
    let all = [bad.clone(), recovery_record("b", 50, None), last()];
    assert_eq!(said(&all), (5, Some((84, None))));
    // A check that does not join what is known to be good says nothing about what lies between.
    assert_eq!(
        said(&[recovery_record("b", 65, None), last()]),
        (5, Some((60, Some(65))))
    );
    assert_eq!(said(&[]), (5, None));
}

#[test]
fn l11_the_case_file_has_the_items_of_release_notes_in_their_order() {
    let checks = [check(scenarios::go(), "a")];
    let mut ledger = ledger_with("labels").entries().to_vec();
    ledger.push(entry(7, 1, rolled_back("labels")));
    let ledger = Ledger::new(ledger);
    let text = RolloutKind::Rollback.render(&rollout(&checks, None, Some(&ledger)));
    let items = [
        "# Rollback case file",
        "## Rollback 1: labels",
        "**Trigger**",
        "**Stage**",
        "**Time**",
        "**Reason**",
        "**Recovery**",
        "**Evidence**",
        "### Root cause",
        "### Fix applied",
        "### What was rolled back",
        "labels: taken",
        "| 1 | labels | labels |",
        "### Files",
        "### Metrics before and after",
        "### Incidents",
        "## Rollback 2: labels",
    ];
    let mut rest = text.as_str();
    for item in items {
        let at = rest
            .find(item)
            .unwrap_or_else(|| panic!("{item} in order in\n{text}"));
        rest = &rest[at..];
    }
}

#[test]
fn l11_the_case_file_says_what_was_measured_after_and_of_which_version() {
    let mut back = entry(3, 3, rolled_back("pilot"));
    back.plan.version = Some("2.0".to_owned());
    let ledger = Ledger::new(vec![
        entry(1, 5, started("pilot", 5)),
        entry(2, 4, checked(4, "a", "pilot/exit", Verdict::NoGo)),
        back,
        entry(4, 2, checked(2, "b", "pilot/exit", Verdict::Go)),
    ]);
    let told = |checks: &[Check]| {
        let facts = rollout(checks, None, Some(&ledger));
        RolloutKind::Rollback.render(&facts)
    };
    let (before, after) = (check(scenarios::go(), "a"), check(scenarios::go(), "b"));
    let alone = told(std::slice::from_ref(&before));
    assert!(alone.contains("not measured after"), "{alone}");
    assert!(alone.contains("**Version**: 2.0"), "{alone}");
    // An incident of another stage is not about this one.
    let opened = |id: &str, stage: &str| Event::IncidentOpened {
        id: id.to_owned(),
        stage: Some(stage.to_owned()),
        opened_at: None,
        details: IncidentDetails::default(),
    };
    let mut entries = ledger.entries().to_vec();
    entries.push(entry(5, 1, opened("INC-1", "pilot")));
    entries.push(entry(6, 1, opened("INC-2", "wave-1")));
    let with_incidents = Ledger::new(entries);
    let facts = rollout(std::slice::from_ref(&before), None, Some(&with_incidents));
    let case = RolloutKind::Rollback.render(&facts);
    assert!(case.contains("INC-1") && !case.contains("INC-2"), "{case}");
    // What no recovery gate asks is told by the exit's next check.
    let both = told(&[before, after]);
    assert!(!both.contains("not measured after"), "{both}");
}

#[test]
fn l19_the_note_has_five_lines_without_a_command() {
    for (name, evidence) in scenarios::all() {
        let shown = note(&evidence, None);
        assert_five_lines(&shown, name);
        let verdict = format!("- Verdict: {}", evidence.verdict.word());
        assert!(shown.contains(&verdict), "{name}: {shown}");
    }
    let ledger = Ledger::new(vec![entry(1, -1, rolled_back("pilot"))]);
    let shown = note(&scenarios::go(), Some(&ledger));
    let verdict = said(&shown, "Verdict");
    assert!(verdict.contains("SINCE THEN rolled pilot back"), "{shown}");
    assert!(note(&scenarios::overridden(), None).contains("OVERRIDDEN"));
    let stop = note(&scenarios::tripped_before(), None);
    assert!(
        stop.contains("- Next: pilot has to be rolled back; now"),
        "{stop}"
    );
    let asked = note(&scenarios::outstanding(), None);
    let expected = "- Next: provide ../build/e2e.xml, then readiness/labels (Label printers loaded and tested at every packing station of the site) is confirmed by `@warehouse`, then pilot/entry is checked";
    assert!(asked.contains(expected), "{asked}");
    let decides =
        "- Decides: for pilot/entry: product, security to sign, warehouse-lead to confirm";
    assert!(asked.contains(decides), "{asked}");
}

/// Where, verdict, why, next, who decides, and nothing to type.
fn assert_five_lines(note: &str, about: &str) {
    let labels = [
        "- Where: ",
        "- Verdict: ",
        "- Why: ",
        "- Next: ",
        "- Decides: ",
    ];
    let lines: Vec<&str> = note.lines().collect();
    assert_eq!(lines.len(), labels.len(), "{about}: {note}");
    for (line, label) in lines.iter().zip(labels) {
        assert!(
            line.starts_with(label) && line.len() > label.len(),
            "{about}: {note}"
        );
    }
    for typed in [
        "gate check",
        "gate start",
        "gate confirm",
        "gate override",
        " --",
    ] {
        assert!(!note.contains(typed), "{about}: {typed} in {note}");
    }
}

/// What is said after a label.
fn said(note: &str, label: &str) -> String {
    let label = format!("- {label}: ");
    let mut lines = note.lines();
    lines
        .find_map(|line| line.strip_prefix(&label))
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn l19_the_note_tells_every_state_of_a_rollout() {
    let both = plan(&format!("{OBSERVED}{WAVE}"));
    let told = |evidence: Evidence, entries: Vec<Entry>| {
        let checks = [check(evidence, "a")];
        let ledger = Ledger::new(entries);
        let note = noted(&rollout(&checks, Some(&both), Some(&ledger)));
        assert_five_lines(&note, "a state");
        note
    };
    let numbered = |events: Vec<(i64, Event)>| -> Vec<Entry> {
        let entries = (1..).zip(events);
        entries
            .map(|(number, (ago, event))| entry(number, ago, event))
            .collect()
    };
    let of = |verdict| {
        let mut event = checked(0, "a", "pilot/exit", verdict);
        if let (Event::Checked(check), Verdict::Stop) = (&mut event, verdict) {
            check.gates[0].tripped = vec![crate::rollout::scenarios::trip()];
        }
        event
    };
    let begun = |more: Vec<(i64, Event)>| numbered([vec![(9, started("pilot", 9))], more].concat());
    let pause = Event::Paused {
        stage: "pilot".to_owned(),
    };

    let none = told(
        scenarios::outstanding(),
        numbered(vec![(0, checked(0, "a", "pilot/entry", Verdict::Hold))]),
    );
    assert!(
        said(&none, "Where").contains("nothing has begun, pilot, stage 1 of 2, comes first"),
        "{none}"
    );

    let running = told(
        scenarios::hold_incomplete(),
        begun(vec![(0, of(Verdict::Hold))]),
    );
    assert!(
        said(&running, "Where").contains("pilot, stage 1 of 2, running since"),
        "{running}"
    );
    assert!(
        said(&running, "Why").contains("nothing speaks against it"),
        "{running}"
    );
    assert!(
        said(&running, "Next").contains("is complete in 17h (2026-11-21T07:00:00Z)"),
        "{running}"
    );

    let stop = told(scenarios::stop(), begun(vec![(0, of(Verdict::Stop))]));
    assert!(
        said(&stop, "Verdict").starts_with("STOP: pilot/exit STOP"),
        "{stop}"
    );
    assert!(said(&stop, "Next").ends_with("; now"), "{stop}");

    let paused = told(
        scenarios::hold_incomplete(),
        begun(vec![(0, of(Verdict::Hold)), (-1, pause)]),
    );
    assert!(said(&paused, "Where").contains("PAUSED"), "{paused}");
    assert!(
        said(&paused, "Where").contains("pilot was paused by ada at"),
        "{paused}"
    );
    assert!(
        said(&paused, "Next").contains("somebody lets pilot go on"),
        "{paused}"
    );

    let back = told(
        scenarios::stop(),
        begun(vec![(0, of(Verdict::Stop)), (-1, rolled_back("pilot"))]),
    );
    assert!(said(&back, "Where").contains("ROLLED BACK"), "{back}");
    assert!(
        said(&back, "Where").contains("pilot was rolled back by ada"),
        "{back}"
    );

    let overridden = told(
        scenarios::overridden(),
        begun(vec![
            (0, of(Verdict::NoGo)),
            (0, proceeds("pilot/exit", "a", -5)),
        ]),
    );
    assert!(
        said(&overridden, "Verdict").contains("OVERRIDDEN"),
        "{overridden}"
    );

    let left = told(
        scenarios::go(),
        begun(vec![
            (4, checked(4, "b", "pilot/exit", Verdict::Go)),
            (3, started("wave-1", 3)),
            (0, checked(0, "a", "wave-1/exit", Verdict::Go)),
        ]),
    );
    assert!(
        said(&left, "Where").contains("every stage was left, 2 of 2"),
        "{left}"
    );
}

#[test]
fn l19_a_stop_on_its_way_and_the_release_manager_are_in_the_note() {
    let mut evidence = scenarios::hold_incomplete();
    evidence.plan.release.owner = Some("@mara".to_owned());
    let mut stops = evidence.gates[0].criteria.iter_mut();
    let kpi = stops.find_map(|one| one.kpi.as_mut()).expect("a KPI");
    kpi.series[0].approach = Some(crate::assessment::Approach {
        lasted: crate::units::Duration::from_secs(240),
        needed: crate::units::Duration::from_secs(600),
        last_seen: T,
        trips_at: Some(T),
    });
    let shown = note(&evidence, None);
    assert!(
        said(&shown, "Why").contains("in its stop state for 4m of 10m"),
        "{shown}"
    );
    assert!(
        said(&shown, "Decides").starts_with("`@mara` (release manager)"),
        "{shown}"
    );
    let nobody = note(&scenarios::go(), None);
    assert_eq!(said(&nobody, "Decides"), "the plan names nobody");
    let mut stopped = scenarios::stop();
    stopped.plan.release.owner = Some("@mara".to_owned());
    stopped.gates.extend(scenarios::outstanding().gates);
    let decides = said(&note(&stopped, None), "Decides");
    let expected = "`@mara` (release manager) whether to roll back";
    assert!(decides.starts_with(expected), "{decides}");
    assert!(!decides.contains("to sign"), "{decides}");
}

fn started(stage: &str, ago: i64) -> Event {
    Event::Started {
        stage: stage.to_owned(),
        at: T - hours(ago),
        overridden: false,
        vars: Vec::new(),
        sources: Vec::new(),
    }
}

/// The row of a table that begins with this cell.
fn row_of(text: &str, first: &str) -> String {
    let mut rows = text.lines();
    let row = rows.find(|line| line.starts_with(&format!("| {first} |")));
    row.unwrap_or_default().to_owned()
}

#[test]
fn l19_time_left_is_told_from_one_moment() {
    let both = plan(&format!("{OBSERVED}{WAVE}"));
    let checks = [check(scenarios::hold_incomplete(), "a")];
    let begun = [
        started("pilot", 9),
        checked(0, "a", "pilot/exit", Verdict::Hold),
    ];
    let entries = (1..)
        .zip(begun)
        .map(|(number, event)| entry(number, 9, event));
    let ledger = Ledger::new(entries.collect());
    let told = |later: i64| {
        let mut facts = rollout(&checks, Some(&both), Some(&ledger));
        if let Some(rollout) = &mut facts.rollout {
            rollout.now = T + hours(later);
        }
        noted(&facts)
    };
    let note = told(2);
    for line in ["Why", "Next"] {
        assert!(
            said(&note, line).contains("complete in 15h (2026-11-21T07:00:00Z)"),
            "{note}"
        );
    }
    assert!(
        said(&note, "Verdict").contains(&format!("checked at {T}")),
        "{note}"
    );
    let late = told(18);
    assert!(
        said(&late, "Why").contains("window ran, complete 1h ago ("),
        "{late}"
    );
}

#[test]
fn l14_an_override_is_told_once_in_the_row_of_its_stage() {
    let both = plan(&format!("{PILOT}{WAVE}"));
    let checks = [check(scenarios::overridden(), "a")];
    let ledger = Ledger::new(vec![
        entry(1, 9, started("pilot", 9)),
        entry(2, 8, checked(8, "a", "pilot/exit", Verdict::NoGo)),
        entry(3, 7, proceeds("pilot/exit", "a", -5)),
    ]);
    let text = RolloutKind::Summary.render(&rollout(&checks, Some(&both), Some(&ledger)));
    let row = row_of(&text, "pilot");
    assert_eq!(row.matches("OVERRIDDEN").count(), 1, "{text}");
}

#[test]
fn a_check_from_before_a_stage_began_does_not_judge_it() {
    let both = plan(&format!("{PILOT}{WAVE}"));
    let shown = |entries: Vec<Entry>| {
        let ledger = Ledger::new(entries);
        RolloutKind::Summary.render(&rollout(&[], Some(&both), Some(&ledger)))
    };
    let before = entry(1, 9, checked(9, "a", "pilot/exit", Verdict::Hold));
    // Without any start in the ledger, checks are all that is known.
    assert!(row_of(&shown(vec![before.clone()]), "pilot").contains("HOLD"));
    let begun = vec![before.clone(), entry(2, 8, started("pilot", 8))];
    assert!(row_of(&shown(begun.clone()), "pilot").contains("| not judged yet, "));
    let wave = entry(1, 9, checked(9, "a", "wave-1/exit", Verdict::Hold));
    let others = vec![wave, entry(2, 8, started("pilot", 8))];
    assert!(row_of(&shown(others), "wave-1").contains("| not judged yet, "));
    let since = entry(3, 7, checked(7, "b", "pilot/exit", Verdict::NoGo));
    let judged = [begun, vec![since]].concat();
    assert!(row_of(&shown(judged.clone()), "pilot").contains("NO-GO"));
    // A rollback says something about what was judged, not against it.
    let back = [judged.clone(), vec![entry(4, 6, rolled_back("pilot"))]].concat();
    assert!(row_of(&shown(back.clone()), "pilot").contains("NO-GO"));
    let again = [
        back,
        vec![entry(
            5,
            5,
            Event::Resumed {
                stage: "pilot".to_owned(),
            },
        )],
    ]
    .concat();
    assert!(row_of(&shown(again), "pilot").contains("| not judged yet, "));
}

fn proceeds(gate: &str, digest: &str, ago: i64) -> Event {
    Event::Overridden {
        gate: gate.parse().expect("a gate"),
        verdict: Verdict::NoGo,
        evidence_sha256: digest.to_owned(),
        expires: T - hours(ago),
    }
}

#[test]
fn an_override_that_is_over_is_history() {
    let both = plan(&format!("{PILOT}{WAVE}"));
    let shown = |entries: Vec<Entry>| {
        let ledger = Ledger::new(entries);
        RolloutKind::Summary.render(&rollout(&[], Some(&both), Some(&ledger)))
    };
    let top = |text: &str| {
        text.lines()
            .any(|line| line.starts_with('>') && line.contains("OVERRIDDEN"))
    };
    let begun = vec![
        entry(1, 9, started("pilot", 9)),
        entry(2, 8, checked(8, "a", "pilot/exit", Verdict::NoGo)),
    ];
    let in_force = [
        begun.clone(),
        vec![entry(3, 7, proceeds("pilot/exit", "a", -5))],
    ]
    .concat();
    let text = shown(in_force.clone());
    assert!(
        top(&text) && row_of(&text, "pilot/exit").ends_with("| in force |"),
        "{text}"
    );
    let expired = [begun, vec![entry(3, 7, proceeds("pilot/exit", "a", 1))]].concat();
    let text = shown(expired.clone());
    assert!(!top(&text), "{text}");
    assert!(row_of(&text, "pilot/exit").contains("| NO-GO |"), "{text}");
    assert!(
        row_of(&text, "pilot/exit").contains("| expired at "),
        "{text}"
    );
    let go = [
        in_force,
        vec![entry(4, 6, checked(6, "b", "pilot/exit", Verdict::Go))],
    ]
    .concat();
    let text = shown(go);
    assert!(!top(&text), "{text}");
    assert!(
        row_of(&text, "pilot/exit").ends_with("| over: pilot/exit is GO now |"),
        "{text}"
    );
    // What the rollout went on with stays on top, even after its time.
    let gone_on = [expired, vec![entry(4, 6, started("wave-1", 6))]].concat();
    let text = shown(gone_on);
    assert!(top(&text), "{text}");
    assert!(
        row_of(&text, "pilot/exit").contains("the rollout went on with it; expired at "),
        "{text}"
    );
}

#[test]
fn the_note_says_where_the_rollout_stands_now() {
    let pilot = plan(PILOT);
    let shown = |entries: Vec<Entry>| {
        let go = [check(scenarios::go(), "a")];
        let ledger = Ledger::new(entries);
        noted(&rollout(&go, Some(&pilot), Some(&ledger)))
    };
    let pause = || Event::Paused {
        stage: "pilot".to_owned(),
    };
    let resume = || Event::Resumed {
        stage: "pilot".to_owned(),
    };
    let mut entries = vec![
        entry(1, 9, started("pilot", 9)),
        entry(2, 0, checked(0, "a", "pilot/exit", Verdict::Go)),
        entry(3, -1, pause()),
    ];
    let text = shown(entries.clone());
    assert!(
        said(&text, "Where").contains("pilot, stage 1 of 1, PAUSED, as of "),
        "{text}"
    );
    assert!(text.contains("pilot was paused by ada"), "{text}");
    assert!(
        said(&text, "Next").starts_with("somebody lets pilot go on"),
        "{text}"
    );
    entries.push(entry(4, -2, resume()));
    let text = shown(entries.clone());
    assert!(
        text.contains("every stage was left, 1 of 1, as of "),
        "{text}"
    );
    assert!(!said(&text, "Where").contains("paused"), "{text}");
    assert!(
        text.contains("- Next: nothing, every stage was left"),
        "{text}"
    );
    // Without the plan, what people did since is told once.
    let ledger = Ledger::new(entries);
    let text = note(&scenarios::go(), Some(&ledger));
    assert_eq!(text.matches("SINCE THEN").count(), 1, "{text}");
    assert!(
        text.contains("paused pilot at") && text.contains("resumed pilot at"),
        "{text}"
    );
}

/// A ledger with a text in every place that takes one.
fn ledger_with(text: &str) -> Ledger {
    let text = || text.to_owned();
    let mut entries = vec![
        entry(
            1,
            9,
            Event::IncidentOpened {
                id: text(),
                stage: Some(text()),
                opened_at: None,
                details: IncidentDetails {
                    severity: Some(text()),
                    description: Some(text()),
                    workaround: Some(text()),
                    owner: Some(text()),
                    target: Some(T),
                },
            },
        ),
        entry(2, 8, rolled_back_with(&text())),
        entry(
            3,
            7,
            Event::Confirmed {
                stage: "pilot".to_owned(),
                id: "lead".to_owned(),
                answer: crate::ledger::Answer::Yes,
                text_sha256: crate::digest::sha256_hex(&["lead"]),
            },
        ),
        entry(
            4,
            6,
            Event::Approved {
                gate: GateKind::Exit.of(&text()),
                role: text(),
                evidence_sha256: text(),
                evidence_path: text(),
                verdict_without_approvals: Verdict::Go,
                expires: None,
                revoked: false,
            },
        ),
        entry(
            5,
            5,
            Event::Overridden {
                gate: GateKind::Exit.of(&text()),
                verdict: Verdict::NoGo,
                evidence_sha256: text(),
                expires: T,
            },
        ),
        entry(
            6,
            4,
            Event::Noted {
                stage: None,
                text: text(),
                checkpoint: true,
                role: None,
                reviewed_issues: false,
                lesson: false,
                takes_back: None,
            },
        ),
    ];
    for one in &mut entries {
        (one.why, one.links, one.by.name) = (text(), vec![text()], text());
    }
    Ledger::new(entries)
}

#[test]
fn a_sign_off_says_what_has_become_of_a_signature_since_the_last_check() {
    let plan = plan("  - { name: pilot, exit: { confirmations: [lead], approvals: [product] } }\n");
    let signed = |expires| Event::Approved {
        gate: GateKind::Exit.of("pilot"),
        role: "product".to_owned(),
        evidence_sha256: "a".to_owned(),
        evidence_path: String::new(),
        verdict_without_approvals: Verdict::Go,
        expires,
        revoked: false,
    };
    let row = |expires| {
        let go = checked(9, "a", "pilot/exit", Verdict::Go);
        let ledger = Ledger::new(vec![entry(1, 9, go), entry(2, 8, signed(expires))]);
        let facts = rollout(&[], Some(&plan), Some(&ledger));
        let text = RolloutKind::Summary.render(&facts);
        let mut rows = text
            .lines()
            .filter(|line| line.contains("pilot/exit: product"));
        rows.next().expect("a row").to_owned()
    };
    assert!(row(None).ends_with("| ✅ met |"), "{}", row(None));
    let expired = row(Some(T - hours(1)));
    assert!(expired.contains("but it held only until"), "{expired}");
}

#[test]
fn no_text_changes_the_structure_of_a_report_on_a_rollout() {
    use crate::report::read_back::{EVIL, harmless, hostile, marks, structure};
    let plan = plan(PILOT);
    let shown = |kind: RolloutKind, evidence: Evidence, text: &str| {
        let mut one = check(evidence, text);
        one.file = text.to_owned();
        let (checks, ledger) = ([one], ledger_with(text));
        let with = kind.render(&rollout(&checks, Some(&plan), Some(&ledger)));
        with + &kind.render(&rollout(&checks, None, None))
    };
    for kind in RolloutKind::ALL {
        let evil = shown(kind, hostile(), EVIL);
        let tame = shown(kind, harmless(), "x");
        match kind {
            RolloutKind::Summary | RolloutKind::Handover | RolloutKind::Rollback => {
                assert_eq!(marks(&evil), marks(&tame));
            }
            RolloutKind::SummaryHtml | RolloutKind::HandoverHtml | RolloutKind::RollbackHtml => {
                let pages = |text: &str| {
                    text.split("<!DOCTYPE html>")
                        .skip(1)
                        .map(|page| structure(&format!("<!DOCTYPE html>{page}")))
                        .collect::<Vec<_>>()
                };
                assert_eq!(pages(&evil), pages(&tame));
            }
        }
        let hidden = evil
            .chars()
            .find(|c| *c != '\n' && crate::unicode_safety::is_hidden(*c));
        assert_eq!(hidden, None, "{}", kind.word());
    }
    let told = note(&hostile(), Some(&ledger_with(EVIL)));
    assert_eq!(told.lines().count(), 5);
    assert!(
        told.lines()
            .all(|line| !line.trim_start().starts_with("::"))
    );
}
