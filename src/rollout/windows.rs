//! How far a stage's windows have been observed. Must not look at a sample.

use serde::{Serialize, Serializer};

use super::Rollout;
use crate::kind::{GateKind, List};
use crate::plan::{Gate, Observe, Stage};
use crate::units::{Duration, Instant};

/// How far a window has been observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Which of the stage's gates it belongs to.
    pub kind: GateKind,
    /// How much has been observed; the settle time does not count.
    #[serde(serialize_with = "seconds")]
    pub observed: Duration,
    /// The whole window.
    #[serde(serialize_with = "seconds")]
    pub length: Duration,
    /// When it is complete.
    pub completes_at: Instant,
    /// Until when it waits for points that have passed, as the last check's record says, in words; only that knows.
    #[serde(skip)]
    pub waits: Option<String>,
}

/// Whole seconds.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn seconds<S: Serializer>(length: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(length.millis() / 1000)
}

/// For how long a gate observes its stage, also where it asks only people; `None` for entry gates, which look back, and where
/// the plan names no window.
#[must_use]
pub fn observed_for(stage: &Stage, gate: &Gate) -> Option<Duration> {
    match gate.kind {
        GateKind::Entry => None,
        GateKind::Exit => stage.window,
        GateKind::Recovery => gate.window,
    }
}

/// When a window is complete: of an exit gate from the start and its settling on, of a recovery gate from the rollback on,
/// in both once samples that come late are there; `None` where that is not known, for entry gates, and for exit gates that
/// look back from T, begun or not.
#[must_use]
pub fn completes_at(
    gate: &Gate,
    stage: &Stage,
    observe: Observe,
    started: Option<Instant>,
    rolled_back: Option<Instant>,
) -> Option<Instant> {
    let begins = match gate.kind {
        GateKind::Exit => match observe {
            Observe::SinceStart => started? + stage.settle,
            Observe::Trailing => return None,
        },
        GateKind::Recovery => rolled_back?,
        GateKind::Entry => return None,
    };
    Some(begins + observed_for(stage, gate)? + gate.delay())
}

/// From when on the stops of a stage are judged that began then: `from 2026-11-20T08:10:00Z on, once it has settled (10m)`; `None` once
/// that has come.
#[must_use]
pub fn stops_judged_later(stage: &Stage, began: Instant, now: Instant) -> Option<String> {
    let settled = began + stage.settle;
    let is_later = settled > now;
    is_later.then(|| format!("from {settled} on, once it has settled ({})", stage.settle))
}

/// Whether a gate has a stop.
#[must_use]
pub fn has_stops(gate: &Gate) -> bool {
    gate.criteria.iter().any(|one| one.list == List::Stop)
}

impl Rollout<'_> {
    /// When the window of a stage's recovery is complete, while it runs.
    #[must_use]
    pub fn recovery_completes_at(&self, stage: &Stage) -> Option<Instant> {
        let mut windows = self.windows(stage, false).into_iter();
        let recovery = windows.find(|window| window.kind == GateKind::Recovery)?;
        Some(recovery.completes_at).filter(|at| *at > self.now)
    }

    /// The windows in progress: the exit's while the stage goes on, recovery's from a rollback on.
    pub(super) fn windows(&self, stage: &Stage, goes_on: bool) -> Vec<Progress> {
        let gates = stage.gates.iter().filter(|gate| match gate.kind {
            GateKind::Entry => false,
            GateKind::Exit => goes_on,
            GateKind::Recovery => self.awaits_recovery(stage),
        });
        gates
            .filter_map(|gate| self.progress(stage, gate))
            .collect()
    }

    fn progress(&self, stage: &Stage, gate: &Gate) -> Option<Progress> {
        let history = self.history();
        let started = history.start_of(&stage.name);
        let rolled_back = history.rolled_back(&stage.name).map(|entry| entry.at);
        let (kind, length) = (gate.kind, observed_for(stage, gate)?);
        let completes_at = completes_at(gate, stage, stage.observe, started, rolled_back)?;
        let begins = completes_at - length;
        Some(Progress {
            kind,
            observed: begins.until(self.now).clamp(Duration::ZERO, length),
            length,
            completes_at,
            waits: None,
        })
    }
}
