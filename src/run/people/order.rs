//! The order of stages, from what the ledger holds: was a stage left, may another begin? Must not judge a gate.

use super::scene::{Scene, gate_name};
use crate::ledger::{Entry, Event};
use crate::plan::{GateKind, Stage};
use crate::run::in_play;
use crate::units::Instant;
use crate::verdict::Verdict;

/// Somebody's decision to proceed on a gate, as far as it matters here.
pub struct InForce<'a> {
    pub entry: &'a Entry,
    pub expires: Instant,
}

impl<'a> Scene<'a> {
    /// The override of a gate that holds now: not expired, and for a verdict no better than the last recorded one.
    pub fn override_in_force(&self, gate: &str) -> Option<InForce<'a>> {
        let (_, _, checked) = self.ledger.last_check(gate)?;
        let mut newest_first = self.ledger.entries().iter().rev();
        newest_first.find_map(|entry| match &entry.event {
            Event::Overridden {
                gate: of,
                verdict,
                expires,
                ..
            } if of == gate => {
                let covers = checked.verdict <= *verdict && checked.verdict != Verdict::Stop;
                (covers && *expires > self.now).then_some(InForce {
                    entry,
                    expires: *expires,
                })
            }
            _ => None,
        })
    }

    /// Why this stage may not begin yet, as far as the stages before it go.
    pub fn out_of_turn(&self, stage: &Stage) -> Option<String> {
        let before = in_play::before(self.plan, stage);
        before.into_iter().find_map(|one| self.not_left(one))
    }

    fn not_left(&self, stage: &Stage) -> Option<String> {
        let name = &stage.name;
        if Scene::gate(stage, GateKind::Exit).is_none() {
            let begun = self.ledger.start_of(name).is_some();
            return (!begun).then(|| format!("{name}, which comes before it, has not begun"));
        }
        let gate = gate_name(stage, GateKind::Exit);
        let Some((entry, _, checked)) = self.ledger.last_check(&gate) else {
            return Some(format!(
                "{gate} has to be GO before, and no check of it is recorded: {}",
                self.check(&gate)
            ));
        };
        let rolled_back = self.ledger.rolled_back(name);
        if let Some(rolled_back) = rolled_back.filter(|rolled| rolled.number > entry.number) {
            return Some(format!(
                "{name}, which comes before it, was rolled back at {} (#{})",
                rolled_back.at, rolled_back.number
            ));
        }
        if checked.verdict == Verdict::Go || self.override_in_force(&gate).is_some() {
            return None;
        }
        Some(format!(
            "{gate} has to be GO before, and was {} in its last check (#{}, {}): {}",
            checked.verdict.word(),
            entry.number,
            entry.at,
            self.check(&gate)
        ))
    }

    /// What holds the rollout up to and including this stage: a stop or a pause that nobody has resumed from.
    pub fn held_up(&self, stage: &Stage) -> Option<String> {
        let earlier = self
            .plan
            .stages
            .iter()
            .take_while(|one| one.name != stage.name);
        earlier
            .map(|one| one.name.as_str())
            .chain([stage.name.as_str()])
            .find_map(|name| self.stopped(name).or_else(|| self.paused(name)))
    }

    fn stopped(&self, stage: &str) -> Option<String> {
        let trips = self.ledger.trips(stage);
        let (entry, trip) = trips.first()?;
        Some(format!(
            "{stage} was stopped at {} (#{}: {} {}): once that is settled, {}",
            entry.at,
            entry.number,
            trip.name,
            trip.reason,
            self.resume(stage)
        ))
    }

    fn paused(&self, stage: &str) -> Option<String> {
        let entry = self.ledger.paused(stage)?;
        Some(format!(
            "{stage} was paused at {} by {} (#{}): {}",
            entry.at,
            entry.by.name,
            entry.number,
            self.resume(stage)
        ))
    }

    /// `gate resume PLAN --stage STAGE --why <reason>`.
    pub fn resume(&self, stage: &str) -> String {
        self.command("resume", &["--stage", stage, "--why", "<reason>"])
    }
}
