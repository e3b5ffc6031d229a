//! Two clones that parted record whatever their commands allow: either all that one has comes to stand in the other as its commands would
//! have recorded it there, or nothing does, and the entry is named.

use clap::Parser as _;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::cli::{Cli, Command};
use crate::commands::deeds::context::DecisionContext;
use crate::kind::{CriterionKind, GateName};
use crate::ledger::{Answer, Checked, GateChecked, IdentitySource, Person, PlanThen, Trip};
use crate::plan::{Options, Plan, load};
use crate::rollout::Rollout;
use crate::verdict::Verdict;

const PLAN: &str = "
release: { name: R1, version: \"2.0\" }
checklists: { ready: [{ id: tested, text: unit tests pass }] }
stages:
  - name: lab
    stop: { incidents: { open: [sev1] } }
    exit: { confirmations: [lead, ops], checklists: [ready], no_incidents: { open: [sev1, sev2] } }
  - { name: pilot, exit: { confirmations: [lead] } }
";

/// What people type; most of it is refused at times.
const LINES: &[&str] = &[
    "start plan.yaml lab",
    "start plan.yaml lab --at 2026-11-20T07:59:00Z",
    "confirm plan.yaml lead --stage lab",
    "confirm plan.yaml lead --stage lab --no",
    "confirm plan.yaml lead --stage lab --revoke",
    "confirm plan.yaml ops --stage lab --link https://example.com/7",
    "confirm plan.yaml ready/tested --stage lab --not-applicable --why nothing",
    "note plan.yaml quiet",
    "note plan.yaml learned --lesson",
    "incident plan.yaml open --severity sev1 --description fire --owner ops --target 2h",
    "incident plan.yaml open --severity sev2 --description smoke --opened 1m",
    "incident plan.yaml update INC-1 --severity sev1 --workaround water",
    "incident plan.yaml close INC-1 --why out",
    "incident plan.yaml close INC-2 --why out",
    "pause plan.yaml --why hm",
    "resume plan.yaml --why ok",
];

/// The time of the first entry, in seconds.
const BEGIN: i64 = 1_795_132_800;

fn plan() -> Plan {
    let loaded = load(PLAN.as_bytes(), &Options::default());
    loaded.expect("a plan").plan
}

fn occasion_at(second: i64, by: &str, why: &str, links: &[String]) -> Occasion {
    Occasion {
        at: Instant::from_secs(BEGIN + second),
        by: Person {
            name: by.to_owned(),
            identity_source: IdentitySource::Given,
        },
        plan: PlanThen {
            file: "plan.yaml".to_owned(),
            sha256: Some("a".repeat(64)),
            release: Some("R1".to_owned()),
            version: Some("2.0".to_owned()),
        },
        why: why.to_owned(),
        links: links.to_vec(),
        nonce: None,
    }
}

fn decides(
    plan: &Plan,
    ledger: &Ledger,
    on: &Occasion,
    deed: &dyn Deed,
) -> Result<Vec<Event>, Refusal> {
    let rollout = Rollout {
        plan,
        plan_sha256: Some("a"),
        vars: &[],
        addresses: &[],
        ledger: Some(ledger),
        now: on.at,
    };
    let decision = deed.decide(&DecisionContext {
        rollout,
        path: "plan.yaml",
        by: &on.by,
        why: &on.why,
        file_sha256: None,
        files: &[],
        on_its_way: &[],
    });
    decision.map(|decision| decision.events)
}

fn typed(line: &str) -> Command {
    let words = std::iter::once("gate").chain(line.split(' '));
    Cli::try_parse_from(words).expect("a command").command
}

/// Records what a line makes of a ledger, if it is not refused.
fn types(plan: &Plan, chain: &mut Chain, line: &str, second: i64, by: &str) -> Option<Occasion> {
    let command = typed(line);
    let decided = with_deed(&command, |deed| {
        let signed = deed.signed();
        let why = signed.why.as_deref().unwrap_or_default();
        let on = occasion_at(second, by, why, &signed.links);
        let ledger = super::by(chain.ledger(), on.at);
        decides(plan, &ledger, &on, deed).map(|events| (on, events))
    });
    let (on, events) = decided.expect("a deed").ok()?;
    for event in events {
        chain.append(&on, event).expect("appended");
    }
    Some(on)
}

/// A ledger, and the lines that were not refused, with their seconds.
fn recorded<'a>(
    plan: &Plan,
    mut chain: Chain,
    lines: &[&'a str],
    start: i64,
    by: &str,
) -> (Chain, Vec<(i64, &'a str)>) {
    let mut taken = Vec::new();
    for (second, line) in (start..).step_by(60).zip(lines) {
        if types(plan, &mut chain, line, second, by).is_some() {
            taken.push((second, *line));
        }
    }
    (chain, taken)
}

fn import(plan: &Plan, here: &Chain, there: &Chain) -> Result<Chain, Unfit> {
    let mark = occasion_at(100_000, "ada", "", &[]);
    let judge = |ledger: &Ledger, on: &Occasion, deed: &dyn Deed| decides(plan, ledger, on, deed);
    let ToRecord {
        events, brought, ..
    } = brought(here, there, (&mark, "other.jsonl"), &judge)?.into();
    let mut chain = here.clone();
    let mark = events.into_iter().map(|event| (mark.clone(), event));
    for (on, event) in brought.into_iter().chain(mark) {
        chain.append(&on, event).expect("appended");
    }
    Ok(chain)
}

/// Imports what `theirs` makes of a common beginning into what `ours` makes of it.
fn forked(ours: &[&str], theirs: &[&str]) -> (Chain, Result<Chain, Unfit>) {
    let plan = plan();
    let (common, _) = recorded(&plan, Chain::default(), &["start plan.yaml lab"], 0, "ada");
    let (here, _) = recorded(&plan, common.clone(), ours, 600, "ada");
    let (there, _) = recorded(&plan, common, theirs, 630, "bob");
    let imported = import(&plan, &here, &there);
    (here, imported)
}

#[test]
fn r7_what_another_machine_recorded_stands_behind_and_is_said_to_be_from_there() {
    let (here, imported) = forked(
        &["note plan.yaml quiet"],
        &["confirm plan.yaml lead --stage lab", LINES[10]],
    );
    let chain = imported.expect("imported");
    let entries = chain.ledger().entries();
    assert_eq!((here.lines().len(), entries.len()), (2, 5));
    let Event::Imported { file, lines, .. } = &entries[4].event else {
        panic!("{:?}", entries[4]);
    };
    assert_eq!((file.as_str(), lines.len()), ("other.jsonl", 2));
    let by: Vec<&str> = entries.iter().map(|entry| entry.by.name.as_str()).collect();
    assert_eq!(by, ["ada", "ada", "bob", "bob", "ada"]);
    assert_eq!(entries[2].at, Instant::from_secs(BEGIN + 630));
}

#[test]
fn r7_both_spoke_of_the_same_and_nothing_is_imported() {
    for (ours, theirs, number, says) in [
        (LINES[3], LINES[2], 2, "#2 here speaks of lead of lab, too"),
        (LINES[9], LINES[10], 2, "#2 here speaks of INC-1, too"),
        (
            LINES[14],
            LINES[14],
            2,
            "#2 here speaks of where lab stands, too",
        ),
    ] {
        let (_, imported) = forked(&[ours], &[theirs]);
        let Err(Unfit::Entry(found, refusal)) = imported else {
            panic!("{imported:?}");
        };
        assert_eq!(found, number);
        assert!(refusal.told().reason.contains(says), "{}", refusal.told());
    }
}

#[test]
fn r7_a_ledger_of_another_rollout_is_refused_and_one_that_is_here_is_not_repeated() {
    let plan = plan();
    let (here, _) = recorded(&plan, Chain::default(), &LINES[..1], 0, "ada");
    let there = |change: fn(&mut PlanThen)| {
        let mut chain = Chain::default();
        let mut on = occasion_at(60, "bob", "", &[]);
        change(&mut on.plan);
        let paused = Event::Paused {
            stage: "lab".to_owned(),
        };
        chain.append(&on, paused).expect("appended");
        chain
    };
    for change in [
        |plan: &mut PlanThen| plan.release = Some("R2".to_owned()),
        |plan: &mut PlanThen| plan.version = Some("2.1".to_owned()),
        |plan: &mut PlanThen| plan.file = "other.yaml".to_owned(),
    ] {
        let there = there(change);
        assert_eq!(import(&plan, &here, &there), Err(Unfit::Unrelated));
        let [step] = &to_type(&here, &there)[..] else {
            panic!("one command");
        };
        assert_eq!(step.command("p.yaml"), "gate pause p.yaml --stage lab");
    }
    assert_eq!(
        import(&plan, &here, &Chain::default()),
        Err(Unfit::Unrelated)
    );
    assert_eq!(import(&plan, &here, &here), Err(Unfit::Nothing));
}

/// What becomes of an entry of the other ledger, where something else was recorded here since the two parted.
fn meets(event: &Event, other: Event) -> Result<(), Refusal> {
    let mark = occasion_at(9, "ada", "", &[]);
    let entry = occasion_at(5, "bob", "", &[]).entry(2, event.clone());
    fits(&entry, &mark, &[&mark.entry(2, other)])
}

#[test]
fn r7_nobody_signs_or_answers_for_what_came_since_the_ledgers_parted() {
    let stage = || "lab".to_owned();
    let gate: GateName = "lab/exit".parse().expect("a gate");
    let approved = Event::Approved {
        gate: gate.clone(),
        role: "product".to_owned(),
        evidence_sha256: String::new(),
        evidence_path: String::new(),
        verdict_without_approvals: Verdict::Go,
        expires: None,
        revoked: false,
    };
    let confirmed = Event::Confirmed {
        stage: stage(),
        id: "lead".to_owned(),
        answer: Answer::Yes,
        text_sha256: String::new(),
    };
    let noted = Event::Noted {
        stage: None,
        text: "quiet".to_owned(),
        checkpoint: false,
        role: None,
        reviewed_issues: false,
        lesson: false,
        takes_back: None,
    };
    let reopened = Event::Reopened {
        stage: "dev".to_owned(),
        stages: vec!["dev".to_owned(), stage()],
    };
    let resumed = Event::Resumed { stage: stage() };
    let closed = Event::IncidentClosed {
        id: "INC-7".to_owned(),
    };
    for (event, other, fits) in [
        (&approved, &noted, true),
        (&approved, &closed, false),
        (&approved, &confirmed, false),
        (&confirmed, &closed, true),
        (&confirmed, &resumed, true),
        (&confirmed, &reopened, false),
        (&resumed, &reopened, false),
        (&noted, &reopened, true),
        (&closed, &reopened, true),
    ] {
        let met = meets(event, other.clone());
        assert_eq!(met.is_ok(), fits, "{event:?} meets {other:?}: {met:?}");
    }
}

/// A check of lab's exit so many seconds after the beginning.
fn checked(second: i64, verdict: Verdict) -> Checked {
    let tripped = (verdict == Verdict::Stop).then(|| Trip {
        kind: CriterionKind::Incidents,
        name: "incidents".to_owned(),
        condition: None,
        reason: String::new(),
    });
    Checked {
        evaluated_at: Instant::from_secs(BEGIN + second),
        release: "R1 2.0".to_owned(),
        plan_sha256: String::new(),
        vars: Vec::new(),
        sources: Vec::new(),
        evidence_path: String::new(),
        evidence_sha256: String::new(),
        verdict,
        gates: vec![GateChecked {
            gate: "lab/exit".parse().expect("a gate"),
            verdict,
            verdict_without_approvals: verdict,
            look: false,
            outlook: false,
            start_disputed: false,
            tripped: tripped.into_iter().collect(),
            not_met: Vec::new(),
        }],
    }
}

#[test]
fn r7_a_check_is_left_where_nothing_that_it_found_is_forgotten() {
    let on = occasion_at(40, "bob", "", &[]);
    let at = |second| on.entry(4, Event::Checked(checked(second, Verdict::Go)));
    let [early, late, ahead] = [10, 30, 50].map(at);
    let with = |change: fn(&mut Checked)| {
        let mut check = checked(30, Verdict::Go);
        change(&mut check);
        on.entry(4, Event::Checked(check))
    };
    let outlook = with(|check| check.gates[0].outlook = true);
    let other = with(|check| check.vars = vec!["r=us".to_owned()]);
    for (found, apart, is_left) in [
        (Verdict::Go, vec![], true),
        (Verdict::Hold, vec![], false),
        (Verdict::Hold, vec![&early], false),
        (Verdict::Hold, vec![&late], true),
        // A look ahead, an outlook and another question have not judged it.
        (Verdict::Hold, vec![&ahead], false),
        (Verdict::Hold, vec![&outlook], false),
        (Verdict::Hold, vec![&other], false),
        (Verdict::NoGo, vec![&late], false),
        (Verdict::Stop, vec![&late], false),
    ] {
        let left = may_be_left(&checked(20, found), &apart);
        assert_eq!(left.is_ok(), is_left, "{found:?}: {left:?}");
    }
}

#[test]
fn r7_nothing_that_rests_on_verdicts_is_brought_without_them() {
    let on = occasion_at(5, "bob", "", &[]);
    let stage = || "lab".to_owned();
    let check = on.entry(2, Event::Checked(checked(20, Verdict::Go)));
    let [paused, resumed] = [
        Event::Paused { stage: stage() },
        Event::Resumed { stage: stage() },
    ]
    .map(|event| on.entry(3, event));
    assert_eq!(rests_on_none(&resumed, &[]), Ok(()));
    assert_eq!(rests_on_none(&paused, &[&check]), Ok(()));
    let refusal = rests_on_none(&resumed, &[&check]).expect_err("refused");
    assert!(refusal.told().reason.contains("after the check #2 there"));
}

#[test]
fn r7_a_stop_that_tripped_here_is_not_lifted_by_who_did_not_know() {
    let stopped = Event::Checked(checked(9, Verdict::Stop));
    let resumed = Event::Resumed {
        stage: "lab".to_owned(),
    };
    let refusal = meets(&resumed, stopped).expect_err("refused");
    assert!(
        refusal.told().reason.contains("where lab stands"),
        "{}",
        refusal.told()
    );
}

proptest! {
    #[test]
    fn r7_all_of_it_as_its_commands_would_record_it_or_nothing_and_why(
        common in prop::option::weighted(0.8, prop::collection::vec(select(LINES), 0..5)),
        ours in prop::collection::vec(select(LINES), 0..6),
        theirs in prop::collection::vec(select(LINES), 0..6),
    ) {
        let plan = plan();
        // Without a common beginning, each of the two clones made the first entry.
        let common = common.map(|lines| std::iter::once(LINES[0]).chain(lines));
        let common: Vec<&str> = common.into_iter().flatten().collect();
        let (common, _) = recorded(&plan, Chain::default(), &common, 0, "ada");
        let shared = common.lines().len() as u64;
        let (here, _) = recorded(&plan, common.clone(), &ours, 600, "ada");
        let (there, taken) = recorded(&plan, common, &theirs, 630, "bob");
        match import(&plan, &here, &there) {
            Ok(imported) => {
                // The same as if the lines had been typed here, in that order.
                let mut again = here.clone();
                for (second, line) in &taken {
                    prop_assert!(types(&plan, &mut again, line, *second, "bob").is_some(), "{line}");
                }
                prop_assert_eq!(&again, &imported.first(again.lines().len()));
                prop_assert_eq!(again.lines().len() + 1, imported.lines().len());
                prop_assert_eq!(import(&plan, &imported, &there), Err(Unfit::Nothing));
                // The other machine has only its own entries to hold against ours.
                let there = import(&plan, &there, &imported);
                let is_complete = matches!(&there, Ok(_) | Err(Unfit::Nothing));
                let is_named = matches!(&there, Err(Unfit::Entry(number, _))
                    if *number > shared && *number <= here.lines().len() as u64);
                prop_assert!(is_complete || is_named, "{there:?}");
            }
            Err(Unfit::Nothing) => prop_assert!(taken.is_empty()),
            Err(Unfit::ChecksAlone(_)) => prop_assert!(false, "there are no checks"),
            Err(Unfit::Unrelated) => {
                let is_begun = |chain: &Chain| chain.lines().len() > 0;
                prop_assert!(!is_begun(&here) || !is_begun(&there), "both are of one rollout");
            }
            Err(Unfit::Entry(number, refusal)) => {
                prop_assert!(number > shared && number <= there.lines().len() as u64);
                prop_assert!(!refusal.told().reason.is_empty());
                prop_assert!(here.lines().len() as u64 > shared, "{}", refusal.told());
            }
        }
    }
}
