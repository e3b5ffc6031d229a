//! What people owe to the gates in play, by plan and ledger alone. Must not name what a check or a source has to settle.

use std::fmt::Display;

use super::{Answered, Approval, NextStep, NotLeft, Rollout, counts, required, steps};
use crate::kind::{CriterionKind, GateKind, GateName, List};
use crate::plan::{Ask, Criterion, Gate, IncidentsAsk, Stage};

/// One thing that somebody owes.
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
    /// Why it is open.
    pub reason: String,
    /// Whether somebody has answered, or taken an answer back: `reason` then says who.
    pub was_answered: bool,
    /// What settles it.
    pub next_step: NextStep,
}

/// Why something is owed, and what settles it.
struct Work {
    reason: String,
    was_answered: bool,
    next_step: NextStep,
}

impl Work {
    fn new(reason: &(impl Display + ?Sized), next_step: NextStep) -> Self {
        Self {
            reason: reason.to_string(),
            was_answered: false,
            next_step,
        }
    }
}

impl<'a> Rollout<'a> {
    /// What people owe to the gates in play, in plan order; within a gate in the order of its criteria.
    #[must_use]
    pub fn outstanding(&self) -> Vec<Owed> {
        let gates = self.in_play().into_iter();
        gates
            .flat_map(|(stage, gate)| self.owed_to(stage, gate))
            .collect()
    }

    fn owed_to(&self, stage: &'a Stage, gate: &'a Gate) -> Vec<Owed> {
        let (stops, others): (Vec<&Criterion>, Vec<&Criterion>) =
            (gate.criteria.iter()).partition(|one| one.list == List::Stop);
        let asked = |one: &&'a Criterion| self.owed_for(stage, gate, one);
        let mut owed = self.owed_after_stops(stage, gate);
        owed.extend(stops.iter().filter_map(asked));
        owed.extend(self.owed_in_order(stage, gate));
        owed.extend(self.owed_after_rollback(stage, gate));
        owed.extend(self.owed_after_pauses(stage, gate));
        owed.extend(others.iter().filter_map(asked));
        owed
    }

    /// Stops that tripped, each until somebody resumes.
    fn owed_after_stops(&self, stage: &Stage, gate: &Gate) -> Vec<Owed> {
        if gate.kind != GateKind::Exit {
            return Vec::new();
        }
        let trips = self.history().trips(&stage.name).into_iter();
        let owed = trips.map(|(_, trip)| {
            let reason = "it tripped, and nobody has resumed since";
            let work = Work::new(&reason, steps::resume(&stage.name));
            owed(stage, gate, trip.kind, trip.name.clone(), work)
        });
        owed.collect()
    }

    /// Stages that have to be left or to go on before, where people and not a check let them.
    fn owed_in_order(&self, stage: &'a Stage, gate: &Gate) -> Vec<Owed> {
        if gate.kind != GateKind::Entry {
            return Vec::new();
        }
        let before = self.plan.before(stage).into_iter();
        let before = before.filter_map(|one| {
            let not_left = self.left(one).err()?;
            match &not_left {
                NotLeft::Held(_) | NotLeft::NotBegun(_) => {
                    Some((&one.name, Work::new(&not_left, not_left.next_step())))
                }
                NotLeft::Unread(_)
                | NotLeft::Unchecked(_)
                | NotLeft::TurnedSince(..)
                | NotLeft::OtherQuestion(_)
                | NotLeft::NotGo(_) => None,
            }
        });
        let others = self.held_beside(stage).into_iter().filter_map(|hold| {
            let stage = self.stage(hold.stage())?;
            Some((&stage.name, Work::new(&hold, self.ends(&hold)?)))
        });
        let owed = |(name, work): (&String, Work)| {
            owed(stage, gate, CriterionKind::After, name.clone(), work)
        };
        before.chain(others).map(owed).collect()
    }

    fn owed_after_rollback(&self, stage: &'a Stage, gate: &Gate) -> Option<Owed> {
        let hold = self.rolled_back(&stage.name)?;
        (gate.kind == GateKind::Exit).then(|| {
            let work = Work::new(&hold, steps::resume(&stage.name));
            owed(
                stage,
                gate,
                CriterionKind::Rollback,
                stage.name.clone(),
                work,
            )
        })
    }

    fn owed_after_pauses(&self, stage: &'a Stage, gate: &Gate) -> Vec<Owed> {
        let pauses = self.pauses(stage, gate.kind).into_iter();
        let owed = pauses.map(|hold| {
            let work = Work::new(&hold, steps::resume(hold.stage()));
            let name = hold.stage().to_owned();
            owed(stage, gate, CriterionKind::Paused, name, work)
        });
        owed.collect()
    }

    /// What people owe to a criterion of the plan.
    fn owed_for(&self, stage: &'a Stage, gate: &'a Gate, criterion: &'a Criterion) -> Option<Owed> {
        let mut title = None;
        let work = match &criterion.ask {
            Ask::Confirmation(id) => self.unanswered(stage, id, None),
            Ask::Checklist { item, .. } => {
                title = Some(item.text.clone());
                self.unanswered(stage, &criterion.ask.name(), item.owner.as_deref())
            }
            Ask::Approval { role, .. } => self.unsigned(stage, gate, role),
            Ask::Incidents(ask) if !self.has_tripped(stage, criterion, ask) => {
                self.incident_owed(stage, gate, ask)
            }
            // A stop that tripped waits for a resume, whatever has become of the incident.
            Ask::Incidents(_)
            | Ask::Kpi(_)
            | Ask::Deadline(_)
            | Ask::Alerts(_)
            | Ask::Artifact(_)
            | Ask::Probe(_)
            | Ask::Outside(_) => None,
        }?;
        let kind = criterion.ask.kind(criterion.list);
        Some(Owed {
            title,
            ..owed(stage, gate, kind, criterion.ask.name(), work)
        })
    }

    fn unanswered(&self, stage: &Stage, id: &str, owner: Option<&str>) -> Option<Work> {
        let answered = self.answered(&stage.name, id);
        match answered {
            Answered::Yes(_) => None,
            Answered::Nobody
            | Answered::TakenBack(_)
            | Answered::BeforeRollback(..)
            | Answered::No(_) => Some(Work {
                reason: answered.in_words(&stage.name, owner),
                was_answered: answered.entry().is_some(),
                next_step: steps::confirm(id, &stage.name, owner),
            }),
        }
    }

    fn unsigned(&self, stage: &Stage, gate: &'a Gate, role: &str) -> Option<Work> {
        let (name, signed) = (
            gate.kind.of(&stage.name),
            self.approval(&stage.name, gate, role, None),
        );
        match signed {
            Approval::Holds(_) => None,
            Approval::Nobody
            | Approval::TakenBack(_)
            | Approval::Void(..)
            | Approval::SamePerson(..) => Some(Work {
                reason: signed.in_words(role, &name),
                was_answered: signed.signature().is_some(),
                next_step: steps::approve(role, &name),
            }),
        }
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

    /// The first incident of the ledger that counts, while it is open; or that somebody says that the ledger is kept.
    fn incident_owed(&self, stage: &Stage, gate: &Gate, ask: &IncidentsAsk) -> Option<Work> {
        let history = self.history();
        let started = history.start_of(&stage.name);
        if !history.is_kept() {
            let reason = "nobody keeps the ledger, so it could not tell of an incident";
            let step = steps::keep(gate.kind, &stage.name);
            return ask.issue_log.is_none().then(|| Work::new(&reason, step));
        }
        let incidents = self.incidents();
        let mut counting = incidents.iter().filter(|one| {
            let severity = one.details.severity.as_deref();
            let (open, since) = (Some(one.closed.is_none()), Some(one.became));
            counts(ask, severity, open, since, started).is_some()
        });
        let Some(first) = counting.next() else {
            let unknown = !ask.since_start.is_empty() && started.is_none();
            let reason = format!("the start of {} is not recorded", stage.name);
            return (unknown && ask.issue_log.is_none())
                .then(|| Work::new(&reason, steps::start(&stage.name)));
        };
        if first.closed.is_some() {
            return None;
        }
        let owner = first.details.owner.as_deref();
        let reason = format!("{} is open", first.id);
        Some(Work::new(&reason, steps::close(&first.id, owner)))
    }
}

fn owed(stage: &Stage, gate: &Gate, kind: CriterionKind, name: String, work: Work) -> Owed {
    Owed {
        gate: gate.kind.of(&stage.name),
        kind,
        name,
        title: None,
        reason: work.reason,
        was_answered: work.was_answered,
        next_step: work.next_step,
    }
}
