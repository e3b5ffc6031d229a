//! The plan, its stages and their gates. Holds valid values; judges nothing.

use crate::kind::{GateKind, words};
use crate::plan::criteria::{Ask, Criterion};
use crate::plan::{
    Kpi, Receiver, Records, Release, RollbackStep, Source, StageDetails, Trust, Variable,
};
use crate::units::Duration;

/// A valid plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is being released.
    pub release: Release,
    /// Where KPIs come from, in plan order; at least one if a KPI is used.
    pub sources: Vec<Source>,
    /// The plan-wide variables, overrides applied, in plan order.
    pub vars: Vec<Variable>,
    /// What to do when a stop trips, in order.
    pub rollback: Vec<RollbackStep>,
    /// The stages, in order; at least one.
    pub stages: Vec<Stage>,
    /// KPIs as the plan defines them, in plan order, for `validate --online` and `capture`.
    pub kpis: Vec<Kpi>,
    /// How its evidence can be trusted.
    pub trust: Trust,
    /// Where its records are.
    pub records: Records,
    /// Who is told of what, in plan order; read without the environment, addresses as written.
    pub notify: Vec<Receiver>,
}

impl Plan {
    /// The stages that must be left before this one begins, as named or by plan order. They come before it in the plan.
    #[must_use]
    pub fn before(&self, stage: &Stage) -> Vec<&Stage> {
        let earlier = self.stages.iter().take_while(|one| one.name != stage.name);
        match &stage.after {
            Some(names) => earlier.filter(|one| names.contains(&one.name)).collect(),
            None => earlier.last().into_iter().collect(),
        }
    }
}

/// A step of the rollout.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Unique in the plan; no `/`.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// What sort of step.
    pub kind: Option<StageKind>,
    /// Share of traffic, as written (`5%`).
    pub traffic: Option<String>,
    /// Who takes part: label and values, also variables.
    pub cohort: Vec<Variable>,
    /// The observation window of the exit gate, if a KPI needs it.
    pub window: Option<Duration>,
    /// Time after the start that is not judged.
    pub settle: Duration,
    /// Which part of the past its exit, stop and watch are judged on.
    pub observe: Observe,
    /// Counted from the start: not having passed the exit gate by then is a stop.
    pub deadline: Option<Duration>,
    /// Stages that must have been left first; `None` is the stage before.
    pub after: Option<Vec<String>>,
    /// The gates that the stage has, in the order entry, exit, recovery; at least one.
    pub gates: Vec<Gate>,
    /// More for people.
    pub details: StageDetails,
}

impl Stage {
    /// Its gate of a kind, if it has one.
    #[must_use]
    pub fn gate(&self, kind: GateKind) -> Option<&Gate> {
        self.gates.iter().find(|gate| gate.kind == kind)
    }
}

words! {
    /// What sort of step a stage is; shown, and used by reports.
    #[expect(missing_docs, reason = "the words of the plan format")]
    pub enum StageKind: "kind of stage" {
        Staging = "staging",
        Pilot = "pilot",
        Wave = "wave",
        Canary = "canary",
        BlueGreen = "blue-green",
        Full = "full",
    }
}

words! {
    /// Which part of the past a stage is judged on.
    #[derive(Default)]
    pub enum Observe: "kind of observation" {
        /// Its own: from its start on.
        #[default]
        SinceStart = "since-start",
        /// The last window, begun or not.
        Trailing = "trailing",
    }
}

impl Stage {
    /// Its gates that ask people for an answer to this: the `ID` of a confirmation, or `LIST/ITEM` of a checklist. Each with
    /// the text that is asked.
    pub fn asking<'s>(&'s self, id: &'s str) -> impl Iterator<Item = (&'s Gate, &'s str)> {
        self.gates.iter().filter_map(move |gate| {
            let asks = gate.criteria.iter().map(|one| &one.ask);
            let mut texts = asks.filter(|ask| ask.is_answered() && ask.name() == id);
            Some((gate, texts.next()?.wording()?))
        })
    }
}

/// A decision on a stage.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Which.
    pub kind: GateKind,
    /// Its window: the stage's for exit, its own for entry and recovery. `None` for an entry or exit that asks about neither KPIs
    /// nor alerts.
    pub window: Option<Duration>,
    /// How long its GO is good for, counted from the time that was judged.
    pub valid: Duration,
    /// In the order stop, exit, watch; within a list as written. At least one that decides.
    pub criteria: Vec<Criterion>,
}

impl Gate {
    /// How late the latest of the samples may come that it asks for.
    #[must_use]
    pub fn delay(&self) -> Duration {
        let delays = self.criteria.iter().map(|criterion| match &criterion.ask {
            Ask::Kpi(ask) => ask.kpi.delay,
            Ask::Alerts(ask) => ask.delay,
            Ask::Deadline(_)
            | Ask::Checklist { .. }
            | Ask::Confirmation(_)
            | Ask::Approval(_)
            | Ask::Checkpoint(_)
            | Ask::Incidents(_)
            | Ask::Artifact(_)
            | Ask::Probe(_)
            | Ask::Outside(_) => Duration::ZERO,
        });
        delays.max().unwrap_or_default()
    }
}
