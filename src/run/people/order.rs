//! The order of stages, from what the ledger holds: was a stage left, may another begin? Must not judge a gate.

use super::context::DecisionContext;
use crate::evaluate::{Overridden, override_in_force};
use crate::kind::{Action, GateKind};
use crate::ledger::Event;
use crate::plan::Stage;
use crate::verdict::Verdict;

/// Why a stage may not begin, and the command that settles it.
pub struct NotYet {
    pub reason: String,
    pub next_step: String,
}

impl NotYet {
    pub fn new(reason: impl Into<String>, next_step: String) -> Self {
        Self {
            reason: reason.into(),
            next_step,
        }
    }
}

impl DecisionContext<'_> {
    /// The override of a gate that holds now, for the verdict that its checks left.
    pub fn override_in_force(&self, stage: &Stage, kind: GateKind) -> Option<Overridden> {
        let gate = kind.of(&stage.name);
        let last = self.ledger.last_check(&gate)?;
        override_in_force(last.gate.verdict, &gate, self.ledger, self.now)
    }

    /// Why this stage may not begin yet, as far as the stages before it go.
    pub fn out_of_turn(&self, stage: &Stage) -> Option<NotYet> {
        let before = self.plan.before(stage);
        before.into_iter().find_map(|one| self.not_left(one))
    }

    fn not_left(&self, stage: &Stage) -> Option<NotYet> {
        let name = &stage.name;
        // Where starts are recorded, a GO of a stage that has none observed something else.
        if self.ledger.start_of(name).is_none() {
            let start = self.command(Action::Start, &[name]);
            let reason = format!("{name}, which comes before it, has not begun");
            return Some(NotYet::new(reason, start));
        }
        DecisionContext::gate(stage, GateKind::Exit)?;
        let gate = GateKind::Exit.of(&stage.name);
        let Some(last) = self.ledger.last_check(&gate) else {
            let reason = format!("{gate} has to be GO before, and no check of it is recorded");
            return Some(NotYet::new(reason, self.check(&gate)));
        };
        let entry = last.entry;
        if let Some(turned) = self.ledger.turned_since(name, last) {
            let what = match turned.event {
                Event::Started { .. } => "began anew",
                _ => "was rolled back",
            };
            let reason = format!(
                "{name}, which comes before it, {what} at {} (#{}), and {gate} was not checked since",
                turned.at, turned.number
            );
            return Some(NotYet::new(reason, self.check(&gate)));
        }
        if let Some(vars) = last.check.varied(&[]) {
            let reason = format!(
                "{gate} has to be GO before, and its last check (#{}) was judged {vars}",
                entry.number
            );
            return Some(NotYet::new(reason, self.check(&gate)));
        }
        if last.gate.verdict == Verdict::Go
            || self.override_in_force(stage, GateKind::Exit).is_some()
        {
            return None;
        }
        let reason = format!(
            "{gate} has to be GO before, and was {} in its last check (#{}, {})",
            last.gate.verdict.word(),
            entry.number,
            entry.at
        );
        Some(NotYet::new(reason, self.check(&gate)))
    }

    /// What holds the rollout up to and including this stage: a stop or a pause that nobody has resumed from.
    pub fn held_up(&self, stage: &Stage) -> Option<String> {
        let earlier = self
            .plan
            .stages
            .iter()
            .take_while(|one| one.name != stage.name);
        let is_planned = |name: &str| self.plan.stages.iter().any(|one| one.name == name);
        // Whatever became of a stage that the plan no longer has holds the rollout as well.
        let gone = self.ledger.begun().into_iter();
        let gone = gone.filter(|name| !is_planned(name));
        earlier
            .map(|one| one.name.as_str())
            .chain([stage.name.as_str()])
            .chain(gone)
            .find_map(|name| self.stopped(name).or_else(|| self.paused(name)))
    }

    fn stopped(&self, stage: &str) -> Option<String> {
        let trips = self.ledger.trips(stage);
        let (entry, trip) = trips.first()?;
        Some(format!(
            "{stage} was stopped at {} (#{}: {}): once that is settled, {}",
            entry.at,
            entry.number,
            trip.name,
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
        self.command(Action::Resume, &["--stage", stage, "--why", "<reason>"])
    }
}
