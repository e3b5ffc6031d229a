//! `gate pause` and `gate resume`: the rollout stands still, the rollout goes on. Must not resume without a reason.

use std::path::Path;

use super::Deed;
use super::refusal::Refusal;
use super::scene::{Decision, Scene};
use crate::cli::{Signed, TurnArgs};
use crate::ledger::Event;
use crate::plan::Stage;

/// `gate pause`.
pub struct Pause<'a>(pub &'a TurnArgs);

/// `gate resume`.
pub struct Resume<'a>(pub &'a TurnArgs);

impl Deed for Pause<'_> {
    fn plan(&self) -> &Path {
        &self.0.plan
    }

    fn signed(&self) -> &Signed {
        &self.0.signed
    }

    fn decide(&self, scene: &Scene<'_>) -> Result<Decision, Refusal> {
        scene.reason_for("a pause")?;
        let stage = scene.begun(self.0.stage.as_deref())?;
        let name = &stage.name;
        if let Some(entry) = scene.ledger.paused(name) {
            return Err(Refusal::standing(format!(
                "{name} is paused already, since {} by {} (#{})",
                entry.at, entry.by.name, entry.number
            )));
        }
        let event = Event::Paused {
            stage: name.clone(),
        };
        let paused = Decision::of(event, format!("{name} is paused"))
            .meaning("no gate of it and no later entry is GO until somebody resumes");
        Ok(paused.next(scene.resume(name)))
    }
}

impl Deed for Resume<'_> {
    fn plan(&self) -> &Path {
        &self.0.plan
    }

    fn signed(&self) -> &Signed {
        &self.0.signed
    }

    fn decide(&self, scene: &Scene<'_>) -> Result<Decision, Refusal> {
        scene.reason_for("a resume")?;
        let stage = scene.begun(self.0.stage.as_deref())?;
        let meanings = resumed(scene, stage);
        if meanings.is_empty() {
            return Err(Refusal::standing(format!(
                "{} is neither paused nor stopped nor rolled back: there is nothing to resume",
                stage.name
            )));
        }
        let event = Event::Resumed {
            stage: stage.name.clone(),
        };
        let mut decision = Decision::of(event, format!("{} goes on", stage.name));
        decision.means = meanings;
        // What is in play is the exit, and the recovery as long as the stage is flagged.
        decision.next = Some(scene.command("check", &[]));
        Ok(decision)
    }
}

/// What a resume ends, a line each; empty where there is nothing to end.
fn resumed(scene: &Scene, stage: &Stage) -> Vec<String> {
    let name = &stage.name;
    let mut lines = Vec::new();
    if let Some(paused) = scene.ledger.paused(name) {
        lines.push(format!(
            "it was paused since {} (#{})",
            paused.at, paused.number
        ));
    }
    for (entry, trip) in scene.ledger.trips(name) {
        lines.push(format!(
            "the stop {} of {} (#{}) no longer holds: stops are judged from now on",
            trip.name, entry.at, entry.number
        ));
    }
    if scene.ledger.taken_back(name).is_some() {
        lines.push(format!(
            "it was rolled back: its window begins anew at {}",
            scene.now
        ));
    }
    lines
}
