//! What is in play: the stage that runs, and those that come next. Must not judge whether they may.

use crate::evaluate::GateRef;
use crate::kind::GateKind;
use crate::ledger::Ledger;
use crate::plan::{Gate, Plan, Stage};
use crate::status::moved_on;

/// The stages that have begun and from which the rollout has not moved on, in plan order; several where lanes run beside
/// each other.
pub fn running<'a>(plan: &'a Plan, ledger: &Ledger) -> Vec<&'a Stage> {
    let begun = ledger.begun();
    let runs = |stage: &&Stage| {
        begun.contains(&stage.name.as_str()) && !moved_on(plan, ledger, &stage.name)
    };
    plan.stages.iter().filter(runs).collect()
}

/// The running stages and those that come next; where nothing has begun, those that come first.
pub fn stages<'a>(plan: &'a Plan, ledger: &Ledger) -> Vec<&'a Stage> {
    let running = running(plan, ledger);
    let runs = |stage: &Stage| running.iter().any(|one| one.name == stage.name);
    let is_next = |stage: &&Stage| {
        let before = plan.before(stage);
        let follows = before.into_iter().any(runs);
        if running.is_empty() {
            plan.before(stage).is_empty()
        } else {
            follows && !runs(stage)
        }
    };
    let next = plan.stages.iter().filter(is_next);
    running.iter().copied().chain(next).collect()
}

/// The gates about which people are asked at present, in plan order: exit and recovery of the running stages, entry of the
/// next; where nothing has begun, those of the stages that come first.
pub fn gates<'a>(plan: &'a Plan, ledger: &Ledger) -> Vec<(&'a Stage, &'a Gate)> {
    let running = running(plan, ledger);
    let is_asked = |stage: &Stage, gate: &Gate| {
        let runs = running.iter().any(|one| one.name == stage.name);
        running.is_empty() || runs == (gate.kind != GateKind::Entry)
    };
    let playing = stages(plan, ledger);
    let playing =
        (plan.stages.iter()).filter(|stage| playing.iter().any(|one| one.name == stage.name));
    playing
        .flat_map(|stage| stage.gates.iter().map(move |gate| (stage, gate)))
        .filter(|(stage, gate)| is_asked(stage, gate))
        .collect()
}

/// The gates to be judged at present, in plan order: the exit of the running stages, their recovery while they are flagged, the
/// entry of the next. `None` where nothing has begun.
pub fn selection(plan: &Plan, ledger: &Ledger) -> Option<Vec<GateRef>> {
    if running(plan, ledger).is_empty() {
        return None;
    }
    let playing = gates(plan, ledger);
    let is_judged = |stage: &Stage, gate: &Gate| {
        let asked = playing
            .iter()
            .any(|(one, of)| one.name == stage.name && of.kind == gate.kind);
        asked
            && (gate.kind != GateKind::Recovery || ledger.unrecovered(&stage.name, true).is_some())
    };
    let mut found = Vec::new();
    for (stage, of) in plan.stages.iter().enumerate() {
        for (gate, one) in of.gates.iter().enumerate() {
            if is_judged(of, one) {
                found.push(GateRef { stage, gate });
            }
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Entry, Event, IdentitySource, Person};
    use crate::plan::{Options, load};
    use crate::units::Instant;

    const PLAN: &str = "
release: R1.0
stages:
  - { name: pilot, entry: { confirmations: [a] }, exit: { confirmations: [b] }, recovery: { confirmations: [c] } }
  - { name: eu, entry: { confirmations: [d] }, exit: { confirmations: [e] } }
  - { name: us, after: pilot, entry: { confirmations: [f] } }
  - { name: lab, after: none, entry: { confirmations: [g] }, exit: { confirmations: [h] } }
";

    fn ledger(events: Vec<Event>) -> Ledger {
        let entry = |(event, number)| Entry {
            number,
            at: Instant::from_secs(1_795_132_800),
            by: Person {
                name: "mara".to_owned(),
                identity_source: IdentitySource::Login,
            },
            why: String::new(),
            links: Vec::new(),
            event,
        };
        Ledger::new(events.into_iter().zip(1..).map(entry).collect())
    }

    fn started(stage: &str) -> Event {
        Event::Started {
            stage: stage.to_owned(),
            at: Instant::from_secs(1_795_132_800),
            overridden: false,
        }
    }

    fn selected(events: Vec<Event>) -> Option<Vec<String>> {
        let plan = load(PLAN.as_bytes(), &Options::default())
            .expect("a valid plan")
            .plan;
        let name = |gate: &GateRef| {
            let (stage, gate) = gate.of(&plan).expect("a gate of the plan");
            gate.kind.of(&stage.name).to_string()
        };
        let selected = selection(&plan, &ledger(events))?;
        Some(selected.iter().map(name).collect())
    }

    #[test]
    fn the_exit_of_what_runs_and_the_entries_after_it() {
        assert_eq!(selected(vec![]), None);
        let names = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(
            selected(vec![started("pilot")]),
            names(&["pilot/exit", "eu/entry", "us/entry"])
        );
        assert_eq!(
            selected(vec![started("pilot"), started("eu")]),
            names(&["eu/exit"])
        );
        assert_eq!(selected(vec![started("us")]), names(&[]));
        // Lanes run beside each other: none is left out.
        let lanes = vec![started("pilot"), started("eu"), started("lab")];
        assert_eq!(selected(lanes), names(&["eu/exit", "lab/exit"]));
    }

    #[test]
    fn a_recovery_is_in_play_while_the_stage_is_flagged() {
        let rolled_back = Event::RolledBack {
            stage: "pilot".to_owned(),
            steps: Vec::new(),
        };
        let names = selected(vec![started("pilot"), rolled_back]).expect("gates");
        assert_eq!(
            names,
            ["pilot/exit", "pilot/recovery", "eu/entry", "us/entry"]
        );
    }

    #[test]
    fn before_anything_has_begun_the_first_stages_are_in_play() {
        let plan = load(PLAN.as_bytes(), &Options::default())
            .expect("a valid plan")
            .plan;
        let playing = stages(&plan, &Ledger::default());
        let names: Vec<&str> = playing.iter().map(|stage| stage.name.as_str()).collect();
        assert_eq!(names, ["pilot", "lab"]);
    }
}
