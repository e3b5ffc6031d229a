//! The record of one check: everything that a reader needs to follow and to recompute it.
//!
//! Must not judge, ask or write anything: values in, values out. `v1` is the frozen file format · `agreement` (whether a record
//! and a ledger fit each other) · `checked` (a record as its ledger holds it).

mod agreement;
mod checked;
pub mod v1;

use serde::{Deserialize, Serialize};

use crate::assessment::GateAssessment;
use crate::exit::Exit;
use crate::ledger::{Notified, RecordedAs};
use crate::plan::{Accept, Kpi, PlanChange, PlanWarning, Release, RollbackStep, Variable};
use crate::provenance::RunIdentity;
use crate::rollout::Next;
use crate::samples::{BaselineSeen, SourceSeen};
use crate::units::Instant;
use crate::verdict::Verdict;
use crate::watch;

pub use agreement::{Claim, Disagreement};
pub use checked::{checked, differences};

/// The record of one check of one plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Version of `gate` that judged.
    pub tool_version: String,
    /// T.
    pub evaluated_at: Instant,
    /// The stage's start, as given.
    pub started: Option<Instant>,
    /// The worst verdict of the gates that decide.
    pub verdict: Verdict,
    /// The plan that was judged.
    pub plan: PlanSeen,
    /// The plan's variables, as judged.
    pub vars: Vec<Variable>,
    /// Where the recorded answers are, or why they are not kept.
    pub answers: Answers,
    /// Who ran it, and where.
    pub run: RunIdentity,
    /// The sources as found, in plan order.
    pub sources: Vec<SourceSeen>,
    /// Where the judged gates asked, each as `NAME=ADDRESS`: sources, Alertmanagers, probes, and by digests the headers that they
    /// were sent.
    pub asked: Vec<String>,
    /// The captured baselines that the plan compares with, as found, by path.
    pub baselines: Vec<BaselineSeen>,
    /// The gates, in plan order.
    pub gates: Vec<GateAssessment>,
    /// What to do next; `None` if nothing is left to do, or it was a look.
    pub next: Option<Next>,
    /// The ledger that was read; `None` if there is none, or it was not to be used.
    pub ledger: Option<LedgerSeen>,
    /// Whether overrides count for the exit code (`--accept-overrides`).
    pub accept_overrides: bool,
    /// What to do on STOP, in order.
    pub rollback: Vec<RollbackStep>,
    /// What probably is not meant the way the plan says it, in its order.
    pub warnings: Vec<PlanWarning>,
    /// What the plan's author means anyway, by KPI.
    pub accepted: Vec<AcceptedCodes>,
    /// What changed in the gates since they were judged last or their stage began, under another version of the plan.
    pub plan_changes: Vec<PlanChange>,
    /// Remarks on the whole check (such as: the plan has changed since the answers were recorded).
    pub notes: Vec<String>,
    /// The watch that ended with this check.
    pub watch: Option<Watched>,
}

/// The watch that a check ended: its rounds, and what they add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watched {
    /// The file with a line for each round, beside the evidence.
    pub path: String,
    /// Of its first `bytes` bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// How long it was then.
    pub bytes: u64,
    /// What was told before the end, and became of it; absent where nobody was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notified>,
    /// What they add up to.
    #[serde(flatten)]
    pub summary: watch::Summary,
}

impl Evidence {
    /// The gates that decide: all but those judged ahead.
    pub fn deciding(&self) -> impl Iterator<Item = &GateAssessment> {
        self.gates.iter().filter(|gate| !gate.outlook)
    }

    /// How the check ends: with the worst gate that decides. A gate that somebody proceeds on counts as good only if overrides are
    /// accepted, and a STOP never does.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let gates = self.deciding().map(|gate| self.exit_of(gate));
        gates.max().unwrap_or(Exit::from(self.verdict))
    }

    fn exit_of(&self, gate: &GateAssessment) -> Exit {
        if self.accept_overrides && gate.override_in_force().is_some() {
            Exit::Go
        } else {
            Exit::from(gate.verdict)
        }
    }

    /// Whether it is HOLD only because the window runs: nothing is missing, nobody's answer either, and nothing speaks against it.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        let open = self.deciding().filter(|gate| gate.verdict != Verdict::Go);
        self.verdict == Verdict::Hold && open.into_iter().all(GateAssessment::is_pending)
    }

    /// Whether somebody proceeds on every gate that decides and is not GO.
    #[must_use]
    pub fn is_overridden(&self) -> bool {
        let mut open = self
            .deciding()
            .filter(|gate| gate.verdict != Verdict::Go)
            .peekable();
        open.peek().is_some() && open.all(|gate| gate.override_in_force().is_some())
    }
}

/// The codes that a KPI accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedCodes {
    /// The KPI's name.
    pub kpi: String,
    /// In the order of the plan; at least one.
    pub codes: Vec<Accept>,
}

impl AcceptedCodes {
    /// Those of a KPI; `None` where it accepts nothing.
    #[must_use]
    pub fn of(kpi: &Kpi) -> Option<Self> {
        (!kpi.accept.is_empty()).then(|| Self {
            kpi: kpi.name.clone(),
            codes: kpi.accept.clone(),
        })
    }
}

/// A plan as it was judged.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanSeen {
    /// As given on the command line.
    pub path: String,
    /// SHA-256 of its bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// Where its bytes are kept with the evidence.
    pub copy: PlanCopy,
    /// The release it is about.
    pub release: Release,
}

/// Where the bytes of a plan are kept with the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanCopy {
    /// Beside the evidence, as a file name relative to it. Its digest is the plan's.
    Kept(String),
    /// Not written, because ….
    LeftOut(String),
}

/// Where the recorded answers are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answers {
    /// Beside the evidence.
    Kept {
        /// File name, relative to the evidence file.
        path: String,
        /// SHA-256 of the file, 64 lower-case hex digits.
        sha256: String,
    },
    /// Not written, because ….
    LeftOut(String),
}

/// A ledger as it was read for a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerSeen {
    /// Its file name; it is beside the plan.
    pub path: String,
    /// How many entries were taken into account, counted from the first.
    pub entries: u64,
    /// SHA-256 of the last of them as a line, 64 lower-case hex digits; of the empty text if there is none.
    pub head_sha256: String,
    /// The entry that records the check; `None` in records that were made from answers without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<RecordedAs>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::scenarios;

    /// The exit codes without and with `--accept-overrides`.
    fn codes(mut evidence: Evidence) -> [u8; 2] {
        [false, true].map(|accept| {
            evidence.accept_overrides = accept;
            evidence.exit().code()
        })
    }

    #[test]
    fn an_override_counts_only_if_overrides_are_accepted() {
        assert_eq!(codes(scenarios::overridden()), [1, 0]);
        assert_eq!(codes(scenarios::no_go()), [1, 1]);
        assert_eq!(codes(scenarios::go()), [0, 0]);
    }

    #[test]
    fn every_gate_that_is_not_go_must_be_overridden() {
        let mut evidence = scenarios::overridden();
        assert!(evidence.is_overridden());
        let mut waiting = scenarios::hold_incomplete().gates.remove(0);
        waiting.overridden = None;
        evidence.gates.push(waiting);
        assert!(!evidence.is_overridden());
        assert_eq!(codes(evidence), [1, 3]);
    }

    #[test]
    fn a_stop_cannot_be_overridden() {
        let mut evidence = scenarios::stop();
        evidence.gates[0].overridden = scenarios::overridden().gates[0].overridden.clone();
        assert!(evidence.gates[0].overridden.is_some() && !evidence.is_overridden());
        assert_eq!(codes(evidence), [4, 4]);
    }

    #[test]
    fn without_a_gate_nothing_is_good() {
        let mut evidence = scenarios::go();
        (evidence.gates, evidence.verdict) = (Vec::new(), Verdict::Hold);
        assert!(!evidence.is_overridden());
        assert_eq!(codes(evidence), [3, 3]);
    }
}
