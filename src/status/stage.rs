//! One stage: its state, its windows, the last recorded verdicts on its gates. Must not judge one anew.

use super::checkpoints::{self, Day};
use super::order::{self, awaits_recovery};
use super::{StatusInput, work};
use crate::evaluate::{Overridden, Window};
use crate::kind::words;
use crate::kind::{GateKind, GateName};
use crate::ledger::{Entry, Event, RecordedCheck, Trip};
use crate::plan::{Gate, Stage};
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

words! {
    /// What state a stage is in.
    pub enum State: "state" {
        /// Its turn has not come.
        NotStarted = "not started",
        /// It comes next: its entry gate decides.
        EntryOpen = "entry open",
        /// It was started, and nobody has left it.
        Running = "running",
        /// Paused by a person.
        Paused = "PAUSED",
        /// A stop tripped, and nobody has resumed since.
        Stopped = "STOPPED",
        /// Rolled back, and not begun again.
        RolledBack = "ROLLED BACK",
        /// The last recorded check of its exit gate is GO.
        Left = "left",
        /// Left all the same: somebody overrode its exit gate, or began another stage without it.
        Overridden = "OVERRIDDEN",
    }
}

impl State {
    /// Whether the rollout has moved on from it.
    #[must_use]
    pub fn is_left(self) -> bool {
        match self {
            Self::Left | Self::Overridden => true,
            Self::NotStarted
            | Self::EntryOpen
            | Self::Running
            | Self::Paused
            | Self::Stopped
            | Self::RolledBack => false,
        }
    }

    /// Whether it has begun and was not left.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        match self {
            Self::Running | Self::Paused | Self::Stopped | Self::RolledBack => true,
            Self::NotStarted | Self::EntryOpen | Self::Left | Self::Overridden => false,
        }
    }
}

/// How a stage stands.
#[derive(Debug, Clone, PartialEq)]
pub struct StageStatus {
    /// The stage's name.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// Its state.
    pub state: State,
    /// S.
    pub started: Option<Instant>,
    /// Whether it was begun although its entry gate was not GO.
    pub begun_by_override: bool,
    /// When it should have been left, where the plan has a deadline and the stage is under way.
    pub deadline: Option<Instant>,
    /// What every report of this stage has to say first.
    pub flags: Vec<String>,
    /// The windows that are being observed.
    pub windows: Vec<Progress>,
    /// Its gates, in the order entry, exit, recovery.
    pub gates: Vec<GateStatus>,
    /// Stops that tripped, nobody having resumed since.
    pub tripped: Vec<Tripped>,
    /// Full days since S without a checkpoint.
    pub missed: Vec<Day>,
}

/// How far a window has been observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Of which of the stage's gates.
    pub kind: GateKind,
    /// How much has been observed; the first part that is not judged does not count.
    pub observed: Duration,
    /// The whole window.
    pub length: Duration,
    /// When it is complete.
    pub completes_at: Instant,
}

/// What is known of a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateStatus {
    /// Which gate.
    pub gate: GateName,
    /// Whether it is the one that decides now.
    pub in_play: bool,
    /// The last recorded check of it.
    pub last: Option<LastCheck>,
    /// Who proceeds on it, where somebody does.
    pub overridden: Option<Overridden>,
}

/// The last recorded check of a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastCheck {
    /// What it said.
    pub verdict: Verdict,
    /// For which time: T.
    pub at: Instant,
    /// Number of the ledger's entry.
    pub entry: u64,
    /// The evidence.
    pub evidence: String,
    /// Whether the stage began (again) after it.
    pub before_start: bool,
    /// Whether the plan was another one then.
    pub other_plan: bool,
}

/// A stop that tripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tripped {
    /// What the criterion is called.
    pub name: String,
    /// Why it tripped.
    pub reason: String,
    /// When the check was recorded that saw it first.
    pub at: Instant,
    /// Number of the ledger's entry.
    pub entry: u64,
}

/// Puts together what is known of a stage.
pub(super) fn of(stage: &Stage, reached: State, asked: &StatusInput<'_>) -> StageStatus {
    let started = asked.ledger.and_then(|ledger| ledger.start_of(&stage.name));
    let under_way = reached.is_under_way();
    StageStatus {
        name: stage.name.clone(),
        title: stage.title.clone(),
        state: reached,
        started,
        begun_by_override: begun_by_override(asked, &stage.name),
        deadline: started
            .zip(stage.deadline)
            .map(|(start, length)| start + length)
            .filter(|_| under_way),
        flags: flags(stage, asked),
        windows: windows(stage, reached, asked),
        gates: gates(stage, reached, asked),
        tripped: tripped(stage, asked),
        missed: started
            .filter(|_| under_way)
            .map_or_else(Vec::new, |start| checkpoints::missed(stage, start, asked)),
    }
}

/// Whether the stage's last start was not earned.
fn begun_by_override(asked: &StatusInput<'_>, stage: &str) -> bool {
    let starts = asked.entries().iter().rev();
    let mut starts = starts.filter_map(|entry| match &entry.event {
        Event::Started {
            stage: of,
            overridden,
            ..
        } if of == stage => Some(*overridden),
        _ => None,
    });
    starts.next().unwrap_or(false)
}

/// What a check of the stage would flag, each flag once.
fn flags(stage: &Stage, asked: &StatusInput<'_>) -> Vec<String> {
    let mut flags = Vec::new();
    for assessment in work::assessed(stage, asked) {
        for flag in assessment.flags {
            if !flags.contains(&flag) {
                flags.push(flag);
            }
        }
    }
    flags
}

/// The exit's window while the stage goes on, recovery's from a rollback on.
fn windows(stage: &Stage, reached: State, asked: &StatusInput<'_>) -> Vec<Progress> {
    let is_observed = |kind: GateKind| match kind {
        GateKind::Entry => false,
        GateKind::Exit => reached.is_under_way() && reached != State::RolledBack,
        GateKind::Recovery => awaits_recovery(stage, asked),
    };
    let observed = work::assessed(stage, asked)
        .into_iter()
        .filter(|gate| is_observed(gate.kind));
    observed
        .filter_map(|gate| progress(gate.kind, gate.window.as_ref()?, asked.now))
        .collect()
}

fn progress(kind: GateKind, window: &Window, now: Instant) -> Option<Progress> {
    let completes_at = window.completes_at?;
    let begins = completes_at - window.length;
    Some(Progress {
        kind,
        observed: begins.until(now).clamp(Duration::ZERO, window.length),
        length: window.length,
        completes_at,
    })
}

fn gates(stage: &Stage, reached: State, asked: &StatusInput<'_>) -> Vec<GateStatus> {
    let status = |gate: &Gate| {
        let name = gate.kind.of(&stage.name);
        GateStatus {
            last: last_check(&name, asked).map(|mut check| {
                check.before_start &= gate.kind != GateKind::Entry;
                check
            }),
            overridden: override_in_force(stage, gate.kind, asked),
            in_play: order::is_in_play(stage, reached, gate.kind, asked),
            gate: name,
        }
    };
    stage.gates.iter().map(status).collect()
}

/// The last recorded check of a gate.
pub(super) fn last_check(gate: &GateName, asked: &StatusInput<'_>) -> Option<LastCheck> {
    let ledger = asked.ledger?;
    let last = ledger.last_check(gate)?;
    let RecordedCheck {
        entry,
        check,
        gate: found,
    } = last;
    Some(LastCheck {
        verdict: found.verdict,
        at: check.evaluated_at,
        entry: entry.number,
        evidence: check.evidence_path.clone(),
        before_start: ledger.turned_since(&gate.stage, last).is_some(),
        other_plan: check.plan_sha256 != asked.sha256,
    })
}

/// Who proceeds on a gate all the same; nobody has to where the last recorded verdict is GO.
pub(super) fn override_in_force(
    stage: &Stage,
    kind: GateKind,
    asked: &StatusInput<'_>,
) -> Option<Overridden> {
    let mut gates = work::assessed(stage, asked).into_iter();
    let gate = gates.find(|gate| gate.kind == kind)?;
    let last = last_check(&gate.name(), asked)?;
    gate.override_in_force()
        .filter(|_| last.verdict != Verdict::Go)
        .cloned()
}

fn tripped(stage: &Stage, asked: &StatusInput<'_>) -> Vec<Tripped> {
    let trips = asked.ledger.map(|ledger| ledger.trips(&stage.name));
    let tripped = |(entry, trip): (&Entry, &Trip)| Tripped {
        name: trip.name.clone(),
        reason: trip.reason.clone(),
        at: entry.at,
        entry: entry.number,
    };
    trips.unwrap_or_default().into_iter().map(tripped).collect()
}

/// Whether the stage has such a gate.
pub(super) fn has_gate(stage: &Stage, kind: GateKind) -> bool {
    stage.gates.iter().any(|gate| gate.kind == kind)
}
