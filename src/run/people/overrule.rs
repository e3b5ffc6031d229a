//! `gate override`: somebody proceeds on a NO-GO or HOLD in their own name. Must know no way past a STOP.

use std::path::Path;

use super::Deed;
use super::refusal::Refusal;
use super::scene::{Decision, Scene, gate_name};
use crate::cli::{GateName, OverrideArgs, Signed};
use crate::ledger::Event;
use crate::plan::{GateKind, Stage};
use crate::verdict::Verdict;

impl Deed for OverrideArgs {
    fn plan(&self) -> &Path {
        &self.plan
    }

    fn signed(&self) -> &Signed {
        &self.signed
    }

    fn decide(&self, scene: &Scene<'_>) -> Result<Decision, Refusal> {
        scene.reason_for("an override")?;
        let (stage, gate) = named_gate(scene, &self.gate)?;
        let expires = scene.ahead(self.expires.after(scene.now), "--expires")?;
        let again = scene.check(&gate);
        let Some((entry, checked, of)) = scene.ledger.last_check(&gate) else {
            return Err(Refusal::standing(format!(
                "no check of {gate} is recorded, so there is no verdict to override: {again}"
            )));
        };
        may_be_overridden(scene, stage, &gate)?;
        let event = Event::Overridden {
            gate: gate.clone(),
            verdict: of.verdict,
            evidence_sha256: checked.evidence_sha256.clone(),
            expires,
        };
        let word = of.verdict.word();
        let done = format!(
            "{gate}, {word} in check #{}, is OVERRIDDEN until {expires}",
            entry.number
        );
        let meaning = format!(
            "the verdict stays {word}; the override ends earlier where a check finds worse than {word}"
        );
        let overridden = Decision::of(event, done).meaning(meaning);
        Ok(overridden.next(next(scene, stage, &self.gate)))
    }
}

/// The stage, and the gate as the ledger names it.
pub fn named_gate<'a>(scene: &Scene<'a>, name: &GateName) -> Result<(&'a Stage, String), Refusal> {
    let stage = scene.stage(&name.stage)?;
    match Scene::gate(stage, name.kind) {
        Some(_) => Ok((stage, gate_name(stage, name.kind))),
        None => Err(Refusal::usage(format!(
            "the stage `{}` has no {} gate",
            stage.name,
            name.kind.word()
        ))),
    }
}

fn may_be_overridden(scene: &Scene, stage: &Stage, gate: &str) -> Result<(), Refusal> {
    let last = scene.ledger.last_check(gate);
    let stopped =
        gate == gate_name(stage, GateKind::Exit) && !scene.ledger.trips(&stage.name).is_empty();
    match last.map(|(_, _, of)| of.verdict) {
        Some(Verdict::Go) => Err(Refusal::standing(format!(
            "{gate} is GO: there is nothing to override"
        ))),
        Some(Verdict::Stop) => Err(stop(scene, stage, gate)),
        Some(Verdict::NoGo | Verdict::Hold) if stopped => Err(stop(scene, stage, gate)),
        Some(Verdict::NoGo | Verdict::Hold) | None => Ok(()),
    }
}

fn stop(scene: &Scene, stage: &Stage, gate: &str) -> Refusal {
    Refusal::standing(format!(
        "{gate} is STOP, which nobody can override: once it is settled, {}",
        scene.resume(&stage.name)
    ))
}

/// On an entry the stage may begin; on any other gate the check is to be repeated.
fn next(scene: &Scene, stage: &Stage, gate: &GateName) -> String {
    match gate.kind {
        GateKind::Entry => scene.command("start", &[&stage.name]),
        GateKind::Exit | GateKind::Recovery => scene.command(
            "check",
            &["--gate", &gate_name(stage, gate.kind), "--accept-overrides"],
        ),
    }
}
