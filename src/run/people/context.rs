//! What a decision on a command may look at: plan, ledger, clock, who; and questions about them that several commands ask.
//! Must not open a file.

use super::refusal::Refusal;
use crate::evaluate::NextStep;
use crate::kind::{Action, GateKind, GateName};
use crate::ledger::{Event, Ledger, Person};
use crate::plan::{Gate, Plan, Stage};
use crate::units::Instant;

/// What a decision may look at.
#[derive(Clone, Copy)]
pub struct DecisionContext<'a> {
    pub plan: &'a Plan,
    /// SHA-256 of the plan's bytes.
    pub plan_sha256: &'a str,
    /// The plan's path, for commands that people can type.
    pub path: &'a str,
    /// The ledger as it is at this moment.
    pub ledger: &'a Ledger,
    /// The run's clock.
    pub now: Instant,
    pub by: &'a Person,
    /// `--why`, without blanks around it; empty where nobody said.
    pub why: &'a str,
    /// SHA-256 of the file that the command names, where it names one.
    pub file_sha256: Option<&'a str>,
}

/// What is to be recorded, and what to tell whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// At least one, in order.
    pub events: Vec<Event>,
    /// What was done, in words: it follows `recorded #7: `.
    pub done: String,
    /// What it means now; a line each.
    pub means: Vec<String>,
    /// The next sensible command.
    pub next: Option<String>,
}

impl Decision {
    pub fn of(event: Event, done: impl Into<String>) -> Self {
        Self {
            events: vec![event],
            done: done.into(),
            means: Vec::new(),
            next: None,
        }
    }

    pub fn meaning(mut self, line: impl Into<String>) -> Self {
        self.means.push(line.into());
        self
    }

    pub fn next(mut self, command: String) -> Self {
        self.next = Some(command);
        self
    }
}

impl<'a> DecisionContext<'a> {
    /// A command on this plan, such as `gate check PLAN --gate pilot/exit`.
    pub fn command(&self, action: Action, arguments: &[&str]) -> String {
        NextStep::new(action, arguments).command(self.path)
    }

    /// `gate check PLAN --gate STAGE/KIND`.
    pub fn check(&self, gate: &GateName) -> String {
        self.command(Action::Check, &["--gate", &gate.to_string()])
    }

    /// The stage of that name.
    pub fn stage(&self, name: &str) -> Result<&'a Stage, Refusal> {
        let found = self.plan.stages.iter().find(|stage| stage.name == name);
        found.ok_or_else(|| {
            let names = self.plan.stages.iter().map(|stage| stage.name.as_str());
            let names = names.collect::<Vec<_>>().join(", ");
            Refusal::usage(format!("the plan has no stage `{name}`: it has {names}"))
        })
    }

    /// The stage that is meant: the one that is named, else the running one. It must have begun.
    pub fn begun(&self, named: Option<&str>) -> Result<&'a Stage, Refusal> {
        let stage = match (named, self.ledger.running()) {
            (Some(name), _) => self.stage(name)?,
            (None, Some(running)) => self.running(running)?,
            (None, None) => return Err(self.nothing_runs()),
        };
        if self.ledger.start_of(&stage.name).is_none() {
            return Err(Refusal::standing(format!(
                "{} has not begun; begin it with {}",
                stage.name,
                self.command(Action::Start, &[&stage.name])
            )));
        }
        Ok(stage)
    }

    /// The stage that the ledger says is running, as the plan has it.
    fn running(&self, name: &str) -> Result<&'a Stage, Refusal> {
        self.stage(name).map_err(|_| {
            Refusal::usage(format!(
                "the running stage is `{name}`, which the plan no longer has: name another with --stage"
            ))
        })
    }

    fn nothing_runs(&self) -> Refusal {
        let first = self.plan.stages.first().map_or("", |stage| &stage.name);
        Refusal::standing(format!(
            "no stage has begun; begin one with {}",
            self.command(Action::Start, &[first])
        ))
    }

    /// The gate of a stage, where it has one of this kind.
    pub fn gate(stage: &'a Stage, kind: GateKind) -> Option<&'a Gate> {
        stage.gates.iter().find(|gate| gate.kind == kind)
    }

    /// The reason, which this command cannot do without.
    pub fn reason_for(&self, what: &str) -> Result<(), Refusal> {
        if self.why.is_empty() {
            return Err(Refusal::usage(format!(
                "{what} asks for a reason: give it with --why"
            )));
        }
        Ok(())
    }

    /// A time that still has to come.
    pub fn ahead(&self, time: Instant, what: &str) -> Result<Instant, Refusal> {
        if time <= self.now {
            return Err(Refusal::usage(format!(
                "{what} {time} is not after now, {}",
                self.now
            )));
        }
        Ok(time)
    }
}
