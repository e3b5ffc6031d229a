//! What people still have to do for the gates in play, from plan and ledger alone. Must not name what a check or a source has to settle.

use super::{Implied, Left, NextStep, Rollout, required, steps};
use crate::kind::{Action, CriterionKind, GateKind, GateName, List};
use crate::plan::criteria::{Ask, Criterion, IncidentsAsk};
use crate::plan::{Gate, Stage};

/// One thing that somebody has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// The gate that waits for it.
    pub gate: GateName,
    /// The kind of the criterion.
    pub kind: CriterionKind,
    /// What the criterion is called.
    pub name: String,
    /// What it asks, for people.
    pub title: Option<String>,
    /// Where people see what is asked of them, if the plan says.
    pub link: Option<String>,
    /// Why it is open.
    pub reason: String,
    /// Whether somebody has answered, or taken an answer back: `reason` then says who.
    pub was_answered: bool,
    /// What settles it.
    pub next_step: NextStep,
}

impl Owed {
    /// Whether the order of the rollout asks for it, and not the plan.
    #[must_use]
    pub fn is_implied(&self) -> bool {
        self.kind.of_stage().is_some()
    }
}

impl<'a> Rollout<'a> {
    /// What people still have to do for the gates in play, in plan order; within a gate, in the order of its criteria.
    #[must_use]
    pub fn outstanding(&self) -> Vec<Owed> {
        let gates = self.in_play().into_iter();
        gates
            .filter(|(stage, gate)| gate.kind != GateKind::Exit || self.is_owed_at_exit(stage))
            .flat_map(|(stage, gate)| self.owed_to(stage, gate))
            .filter_map(|owed| {
                let next_step = self.asked(self.in_turn(owed.next_step.clone())?);
                // What leads there may be a check; that a file is there is only found by one.
                let is_file = owed.kind == CriterionKind::Artifacts;
                let is_owed = is_file || next_step.action != Action::Check;
                is_owed.then_some(Owed { next_step, ..owed })
            })
            .collect()
    }

    /// Nothing is owed to the exit of a stage that was left with GO, though it is still watched until the next one begins; nor
    /// to that of a stage that has not begun.
    fn is_owed_at_exit(&self, stage: &'a Stage) -> bool {
        self.history().has_begun(&stage.name) && !matches!(self.left(stage), Ok(Left::WithGo(_)))
    }

    fn owed_to(&self, stage: &'a Stage, gate: &'a Gate) -> Vec<Owed> {
        let (stops, others): (Vec<&Criterion>, Vec<&Criterion>) =
            (gate.criteria.iter()).partition(|one| one.list == List::Stop);
        let asked = |one: &'a Criterion| self.owed_for(stage, gate, one);
        let implied = self.implied(stage, gate.kind).into_iter();
        let implied = implied.filter_map(|one| {
            let (reason, next_step) = self.owed_before(&one)?;
            Some(owed(
                stage,
                gate,
                one.kind(),
                &one.name(),
                reason,
                next_step,
            ))
        });
        let mut all = self.owed_after_stops(stage, gate);
        all.extend(stops.into_iter().filter_map(asked));
        all.extend(implied);
        all.extend(others.into_iter().filter_map(asked));
        all
    }

    /// Stops that tripped: what people have to do now, until somebody resumes.
    fn owed_after_stops(&self, stage: &'a Stage, gate: &Gate) -> Vec<Owed> {
        let trips = self.history().trips(&stage.name).into_iter();
        let trips = trips.filter(|_| gate.kind == GateKind::Exit);
        let first = self.after_stop(&stage.name).commands.into_iter().next();
        let first = first.filter(|step| step.action != Action::Check);
        let owed = trips.filter_map(|(_, trip)| {
            let reason = "it tripped, and nobody has resumed since".to_owned();
            Some(owed(
                stage,
                gate,
                trip.kind,
                &trip.name,
                reason,
                first.clone()?,
            ))
        });
        owed.collect()
    }

    /// What people have to do about what is implied, and why; nothing if a check settles it.
    fn owed_before(&self, implied: &Implied<'a>) -> Option<(String, NextStep)> {
        match implied {
            Implied::Left(stage) => {
                let not_left = self.left(stage).err()?;
                let step = not_left.next_step(self);
                (step.action != Action::Check).then(|| (not_left.to_string(), step))
            }
            // Whoever puts it back checks it; what people owe to an entry is owed to that gate.
            Implied::NotDisplaced(_) | Implied::EntryAgain(_) => None,
            Implied::NotHeld(hold) | Implied::GoesOn(hold) | Implied::NotPaused(hold) => {
                let step = self.ends(hold)?;
                (step.action != Action::Check).then(|| (self.told(hold), step))
            }
        }
    }

    /// What people have to do about a criterion of the plan.
    fn owed_for(&self, stage: &Stage, gate: &'a Gate, criterion: &'a Criterion) -> Option<Owed> {
        let name = criterion.ask.name();
        let found = match &criterion.ask {
            Ask::Confirmation(_) => self.unanswered(stage, &name, None),
            Ask::Checklist { item, .. } => self.unanswered(stage, &name, item.owner.as_deref()),
            Ask::Approval(ask) => self.unsigned(stage, gate, &ask.role),
            Ask::Checkpoint(ask) => self.checkpoint_owed(stage, ask),
            // A stop that tripped waits for a resume, even if the incident is closed.
            Ask::Incidents(ask) if !self.has_tripped(stage, criterion, ask) => {
                let found = self.incident_owed(stage, gate, ask);
                found.map(|(reason, step)| (reason, step, false))
            }
            Ask::Artifact(_) => self.file_owed(stage, gate, criterion),
            Ask::Incidents(_)
            | Ask::Kpi(_)
            | Ask::Deadline(_)
            | Ask::Alerts(_)
            | Ask::Probe(_)
            | Ask::Outside(_) => None,
        };
        let (reason, step, was_answered) = found?;
        let kind = criterion.ask.kind(criterion.list);
        let mut owed = owed(stage, gate, kind, &name, reason, step);
        owed.was_answered = was_answered;
        owed.link = criterion.ask.link().map(str::to_owned);
        if let Ask::Checklist { item, .. } = &criterion.ask {
            owed.title = Some(item.shown());
        }
        Some(owed)
    }

    /// A file that the exit asks for, and that was not there as asked when it was last checked; not while the stage is rolled back,
    /// whose window restarts.
    fn file_owed(
        &self,
        stage: &Stage,
        gate: &Gate,
        criterion: &Criterion,
    ) -> Option<(String, NextStep, bool)> {
        let (exit, name) = (gate.kind.of(&stage.name), criterion.ask.name());
        let is_back = self.history().taken_back(&stage.name).is_some();
        let last = match gate.kind {
            GateKind::Exit if !is_back => self.history().judged(&exit)?,
            GateKind::Exit | GateKind::Entry | GateKind::Recovery => return None,
        };
        let kind = criterion.ask.kind(criterion.list);
        let mut not_met = last.gate.not_met.iter();
        not_met.find(|one| one.kind == kind && one.name == name)?;
        let windows = self.windows(stage, true).into_iter();
        let mut due = windows.filter(|one| one.kind == gate.kind && one.completes_at > self.now);
        let due = due.next().map_or_else(String::new, |window| {
            format!("due at the end of the window, {}; ", window.completes_at)
        });
        let found = format!("{due}not there as asked in check #{}", last.entry.number);
        Some((found, steps::check(&exit), false))
    }

    fn unanswered(
        &self,
        stage: &Stage,
        id: &str,
        owner: Option<&str>,
    ) -> Option<(String, NextStep, bool)> {
        let answered = self.answered(&stage.name, id);
        let step = self.step_to_answer(&stage.name, id, owner)?;
        let reason = answered.in_words(&stage.name, owner);
        Some((reason, step, answered.entry().is_some()))
    }

    fn unsigned(
        &self,
        stage: &Stage,
        gate: &'a Gate,
        role: &str,
    ) -> Option<(String, NextStep, bool)> {
        let name = gate.kind.of(&stage.name);
        let approval = self.approval(&stage.name, gate, role, None);
        let step = approval.next_step(
            role,
            &name,
            self.to_be_signed(&name),
            self.requires_signatures(),
        )?;
        let reason = approval.in_words(role, &name);
        Some((reason, step, approval.signature().is_some()))
    }

    /// Whether a criterion on incidents is a stop that tripped in a recorded check, nobody having resumed since.
    fn has_tripped(&self, stage: &Stage, criterion: &Criterion, ask: &IncidentsAsk) -> bool {
        let condition = required(ask, criterion.list);
        let mut trips = self.history().trips(&stage.name).into_iter();
        criterion.list == List::Stop
            && trips.any(|(_, trip)| {
                trip.kind == criterion.ask.kind(criterion.list)
                    && trip.name == criterion.ask.name()
                    && trip.condition.as_deref() == Some(&condition)
            })
    }

    /// The first incident in the ledger that counts, while it is open; or what shows that people use the ledger.
    fn incident_owed(
        &self,
        stage: &Stage,
        gate: &Gate,
        ask: &IncidentsAsk,
    ) -> Option<(String, NextStep)> {
        let (history, no_log) = (self.history(), ask.issue_log.is_none());
        let started = history.start_of(&stage.name);
        if !history.is_kept() {
            let reason =
                "people record nothing in the ledger, so it cannot show that there is no incident"
                    .to_owned();
            return no_log.then(|| (reason, steps::keep(gate.kind, &stage.name)));
        }
        let incidents = self.incidents();
        let mut counting = incidents
            .iter()
            .filter(|one| self.counts_for(ask, one, &stage.name).is_some());
        let Some(first) = counting.next() else {
            let unknown = no_log && ask.counts_from_start() && started.is_none();
            let reason = format!("the start of {} is not recorded", stage.name);
            return unknown.then(|| (reason, steps::start(&stage.name)));
        };
        let owner = first.details.owner.as_deref();
        let is_open = first.closed.is_none();
        is_open.then(|| {
            (
                format!("{} is open", first.id),
                steps::close(&first.id, owner),
            )
        })
    }
}

fn owed(
    stage: &Stage,
    gate: &Gate,
    kind: CriterionKind,
    name: &str,
    reason: String,
    next_step: NextStep,
) -> Owed {
    Owed {
        gate: gate.kind.of(&stage.name),
        kind,
        name: name.to_owned(),
        title: None,
        link: None,
        reason,
        was_answered: false,
        next_step,
    }
}
