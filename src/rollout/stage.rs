//! One stage as `gate status` shows it: its state, its windows, the last recorded verdicts on its gates. Must not judge any
//! of them again.

use serde::{Serialize, Serializer};

use super::{
    Contradiction, Day, Lacking, Overridden, Progress, RecordedCheck, Rollout, State, WatchedStage,
    took_the_place,
};
use crate::kind::{GateKind, GateName};
use crate::ledger::EventKind;
use crate::plan::{Gate, Stage};
use crate::units::Instant;
use crate::verdict::Verdict;

/// How a stage stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageStatus {
    /// The stage's name.
    #[serde(rename = "stage")]
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// Its state.
    #[serde(serialize_with = "hyphened")]
    pub state: State,
    /// S.
    pub started: Option<Instant>,
    /// E: when a stage that follows it began, where one did.
    pub ended: Option<Instant>,
    /// Whether it was started although its entry gate was not GO.
    pub begun_by_override: bool,
    /// When it should be left, if the plan has a deadline and the stage is under way.
    pub deadline: Option<Instant>,
    /// What every report on this stage has to say first.
    pub flags: Vec<String>,
    /// The windows in progress.
    pub windows: Vec<Progress>,
    /// Its gates, in the order entry, exit, recovery.
    pub gates: Vec<GateStatus>,
    /// Stops that tripped without anybody having resumed since.
    pub tripped: Vec<Tripped>,
    /// What other versions let go of in whose place its window runs, in words.
    #[serde(skip)]
    pub let_go: Vec<String>,
    /// Days since S without a checkpoint.
    #[serde(rename = "missed_checkpoints")]
    pub missed: Vec<Day>,
    /// How much of it somebody watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watched: Option<WatchedStage>,
}

/// `rolled-back`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn hyphened<S: Serializer>(state: &State, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&state.word().to_lowercase().replace(' ', "-"))
}

/// What is known about a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GateStatus {
    /// Which.
    pub gate: GateName,
    /// Whether it is the one that decides now.
    #[serde(skip)]
    pub in_play: bool,
    /// The last recorded check of it.
    pub last: Option<LastCheck>,
    /// Who proceeds on it, if somebody does.
    pub overridden: Option<Overridden>,
}

/// The last recorded check of a gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastCheck {
    /// What it said.
    pub verdict: Verdict,
    /// The time it was for: T.
    #[serde(rename = "evaluated_at")]
    pub at: Instant,
    /// Number of the ledger's entry.
    pub entry: u64,
    /// The evidence.
    pub evidence: String,
    /// What it found missing.
    #[serde(skip)]
    pub lacking: Lacking,
    /// Whether the stage began (again) after it, or another version took it over.
    pub before_start: bool,
    /// What the stage did after it: began, was rolled back, was reopened.
    #[serde(skip)]
    pub turned: Option<EventKind>,
    /// That another version of the release took the stage over after it, where one did.
    #[serde(skip)]
    pub superseded: Option<String>,
    /// Whether the plan was another one then.
    pub other_plan: bool,
    /// The variables it was made with, if they were others: it answered another question.
    pub other_vars: Option<String>,
    /// What counts against it, if it is GO.
    pub contradicted: Option<String>,
    /// Until when it is good, if it is GO.
    pub good_until: Option<Instant>,
    /// Whether that only says that the gate would have to be asked again, and nothing can rest on it any more: its stage has
    /// begun, or every stage that follows has.
    #[serde(skip)]
    pub is_moot: bool,
}

/// A stop that tripped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tripped {
    /// What the criterion is called.
    pub name: String,
    /// Why it tripped.
    pub reason: String,
    /// When the first check that saw it was recorded.
    pub at: Instant,
    /// Number of the ledger's entry.
    pub entry: u64,
}

impl<'a> Rollout<'a> {
    /// Gathers what is known about a stage.
    pub(super) fn stage_status(&self, stage: &'a Stage) -> StageStatus {
        let (history, reached) = (self.history(), self.state(stage));
        let started = history.start_of(&stage.name);
        let runs_since = started.filter(|_| reached.is_under_way());
        let goes_on = runs_since.is_some() && reached != State::RolledBack;
        StageStatus {
            name: stage.name.clone(),
            title: stage.title.clone(),
            state: reached,
            started,
            ended: started.and_then(|started| self.ended(stage, started)),
            begun_by_override: history.begun_by_override(&stage.name),
            deadline: runs_since
                .zip(stage.deadline)
                .map(|(start, length)| start + length),
            flags: self.flags(stage, false),
            windows: self.windows(stage, goes_on),
            gates: (stage.gates.iter())
                .map(|gate| self.gate_status(stage, gate))
                .collect(),
            tripped: self.tripped(stage),
            let_go: history.let_go_for_now(&stage.name),
            watched: self.watched(stage),
            missed: started.map_or_else(Vec::new, |start| {
                self.missed(stage, start, runs_since.is_some())
            }),
        }
    }

    fn gate_status(&self, stage: &'a Stage, gate: &'a Gate) -> GateStatus {
        let name = gate.kind.of(&stage.name);
        let last = self.history().last_check(&name);
        GateStatus {
            in_play: self.part(stage, gate.kind).is_some(),
            last: last.map(|check| self.last_check(stage, gate, check)),
            overridden: self.proceeds(&name).map(Overridden::from),
            gate: name,
        }
    }

    fn last_check(&self, stage: &'a Stage, gate: &'a Gate, check: RecordedCheck<'a>) -> LastCheck {
        let turned = self.history().turned_since(&stage.name, check);
        let is_go = check.gate.verdict == Verdict::Go;
        let contradicted = self.contradicted(stage, gate, check).or_else(|| {
            let owed = self.order_owed(stage);
            owed.filter(|_| gate.kind == GateKind::Exit)
                .map(Contradiction::PassedOver)
        });
        let is_spent = self.is_spent(stage, gate.kind);
        // Once the stage has begun, nothing counts against its entry gate any more.
        let counts = is_go && !(is_spent && gate.kind == GateKind::Entry);
        LastCheck {
            verdict: check.gate.verdict,
            at: check.check.evaluated_at,
            entry: check.entry.number,
            evidence: check.check.evidence_path.clone(),
            lacking: Lacking::of(gate, check),
            before_start: turned.is_some() && gate.kind != GateKind::Entry,
            turned: turned.map(|entry| entry.event.kind()),
            superseded: self.superseded_since(stage, gate.kind, check),
            other_plan: self.plan_sha256 != Some(&check.check.plan_sha256),
            other_vars: (!check.asked_with(self.vars)).then(|| check.question()),
            is_moot: is_spent
                && contradicted
                    .as_ref()
                    .is_some_and(Contradiction::is_of_its_age),
            contradicted: contradicted
                .filter(|_| counts)
                .map(|found| found.to_string()),
            good_until: is_go.then(|| check.good_until(gate)),
        }
    }

    /// The first version that took the place of the one that a check was for, in words; not where the stage turned since, nor of a
    /// recovery, which is that of the rollback.
    fn superseded_since(
        &self,
        stage: &Stage,
        kind: GateKind,
        check: RecordedCheck<'a>,
    ) -> Option<String> {
        let history = self.history();
        let first = history.superseded().find(|entry| !check.knew(entry))?;
        let turned = history.turned_since(&stage.name, check);
        let is_told = match kind {
            GateKind::Entry => true,
            GateKind::Exit => turned.is_none_or(|turned| {
                turned.number <= first.number || history.taken_over(&stage.name) == Some(turned)
            }),
            GateKind::Recovery => false,
        };
        is_told.then(|| took_the_place(first))
    }

    /// Whether nothing can rest on a gate any more: its stage has begun or, for an exit, every stage that follows has.
    fn is_spent(&self, stage: &Stage, kind: GateKind) -> bool {
        let history = self.history();
        let follows = |one: &&Stage| {
            let mut before = self.plan.before(one).into_iter();
            before.any(|before| before.name == stage.name)
        };
        match kind {
            GateKind::Entry => history.has_begun(&stage.name),
            GateKind::Exit => (self.plan.stages.iter())
                .filter(follows)
                .all(|one| history.has_begun(&one.name)),
            GateKind::Recovery => true,
        }
    }

    fn tripped(&self, stage: &Stage) -> Vec<Tripped> {
        let trips = self.history().trips(&stage.name).into_iter();
        let tripped = trips.map(|(check, trip)| Tripped {
            name: trip.name.clone(),
            reason: trip.reason.clone(),
            at: check.entry.at,
            entry: check.entry.number,
        });
        tripped.collect()
    }
}

/// `exception_rate (5.2%)`.
pub(super) fn unmet(check: RecordedCheck<'_>) -> Vec<String> {
    let unmet = check.gate.not_met.iter().filter(|one| one.unmet);
    let named = unmet.map(|one| match &one.measured {
        Some(measured) => format!("{} ({measured})", one.name),
        None => one.name.clone(),
    });
    named.collect()
}
