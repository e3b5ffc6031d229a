//! What is missing is named where people meet it: by `start`, by `status`, and for whom a whole list was answered (L4, L5).

use super::*;
use crate::kind::List;
use crate::ledger::NotMet;

/// A check of a gate that found these, each unmet or unknown.
pub(super) fn found(
    gate: &str,
    verdict: Verdict,
    those: &[(List, CriterionKind, &str, bool)],
) -> Event {
    let mut event = judged(gate, verdict);
    if let Event::Checked(checked) = &mut event {
        let not_met = those.iter().map(|(list, kind, name, unmet)| NotMet {
            list: *list,
            kind: *kind,
            name: (*name).to_owned(),
            condition: None,
            unmet: *unmet,
            measured: None,
        });
        checked.gates[0].not_met = not_met.collect();
    }
    event
}

fn shown(rollout: &Rollout) -> String {
    let status = rollout.standing().status("plan.yaml");
    let style = crate::report::Style {
        width: 300,
        ..crate::report::Style::FILE
    };
    let text = crate::report::status_text(&status, &style);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const OWNED: &str = "{ id: rollback, text: Rehearsed, owner: \"@ops\" }";

fn owned(events: Vec<Event>) -> Rollout {
    let text = PLAN.replace("{ id: rollback, text: Rehearsed }", OWNED);
    assert!(text.contains(OWNED));
    Rollout {
        plan: plan(&text),
        ..after(events)
    }
}

#[test]
fn l4_start_and_status_name_what_the_entry_lacked() {
    use CriterionKind::{Checklists, NoIncidents, Probes};
    let entry = |kind, name: &'static str, unmet| (List::Entry, kind, name, unmet);
    let lacking = [
        entry(Checklists, "readiness/tested", false),
        entry(Checklists, "readiness/rollback", false),
        entry(Probes, "health", true),
        entry(NoIncidents, "no_incidents", false),
        entry(Probes, "login", false),
    ];
    let rollout = owned(vec![found("pilot/entry", Verdict::NoGo, &lacking)]);
    let said = "unmet: health; unknown: readiness/tested, readiness/rollback (@ops) and 2 more";
    let text = shown(&rollout);
    assert!(text.contains(&format!("entry 1: {said}")), "{text}");
    // What nobody has answered is told once.
    rollout.refuses(
        &START,
        "01:00Z\ncheck #1 found unmet: health; unknown: no_incidents, login\nnobody has answered for pilot/entry: readiness/tested, readiness/rollback\n  \
         gate confirm plan.yaml readiness/tested --stage pilot\n",
    );
}

#[test]
fn l4_files_that_were_not_there_are_outstanding_until_they_are() {
    let text = PLAN.replace(
        "confirmations: [warehouse-lead] }\n    recovery",
        "confirmations: [warehouse-lead], artifacts: [e2e.xml, sbom.json] }\n    recovery",
    );
    let file = |name: &'static str| (List::Exit, CriterionKind::Artifacts, name, false);
    let check = found(
        "pilot/exit",
        Verdict::Hold,
        &[file("e2e.xml"), file("sbom.json")],
    );
    let on = |events: Vec<Event>, waited| Rollout {
        plan: plan(&text),
        waited,
        ..after(events)
    };
    let runs = shown(&on(vec![started("pilot"), check.clone()], 0));
    let said = "pilot/exit: provide e2e.xml, sbom.json, due at the end of the window, 2026-11-20T02:10:00Z; not there as asked in check #2 \
         gate check plan.yaml --gate pilot/exit";
    assert!(runs.contains(said), "{runs}");
    let over = shown(&on(vec![started("pilot"), check.clone()], 200));
    assert!(
        over.contains("provide e2e.xml, sbom.json, not there as asked in check #2"),
        "{over}"
    );
    let there = judged("pilot/exit", Verdict::Hold);
    let there = shown(&on(vec![started("pilot"), check, there], 0));
    assert!(!there.contains("e2e.xml"), "{there}");
}

#[test]
fn l5_whoever_answers_a_whole_list_is_told_whose_items_they_were() {
    let all = ["confirm", "plan.yaml", "readiness", "--all"];
    let means = |by| {
        let rollout = Rollout {
            by,
            ..owned(vec![])
        };
        rollout.decide(&all).expect("confirmed").means
    };
    let told = "ada answered for the owners in the plan: @ops (readiness/rollback)".to_owned();
    assert!(means("ada").contains(&told), "{:?}", means("ada"));
    let own = means("ops");
    assert!(
        !own.iter().any(|line| line.contains("for the owners")),
        "{own:?}"
    );
}

#[test]
fn l5_what_does_not_apply_names_the_yes_of_somebody_else() {
    let yes = confirmed("pilot", "readiness/tested", Answer::Yes);
    let words = [
        "confirm",
        "plan.yaml",
        "readiness/tested",
        "--not-applicable",
        "--why",
        "x",
    ];
    let by = |by| {
        let rollout = Rollout {
            by,
            ..after(vec![yes.clone()])
        };
        rollout.decide(&words).expect("recorded").means.join("\n")
    };
    assert!(
        by("ada").contains("in place of the yes by mara at "),
        "{}",
        by("ada")
    );
    assert!(!by("mara").contains("in place of"), "{}", by("mara"));
    let mut rollout = after(vec![
        yes.clone(),
        confirmed("pilot", "readiness/tested", Answer::NotApplicable),
    ]);
    let mut entries = rollout.ledger.entries().to_vec();
    entries[1].by = person("ada");
    rollout.ledger = Ledger::new(entries);
    let told = rollout
        .standing()
        .answer_in_words("pilot", "readiness/tested", None);
    assert!(told.contains("in place of the yes by mara"), "{told}");
}
