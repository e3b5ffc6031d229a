//! The shape of the file, key by key in the order in which they are written. Holds no logic.
//!
//! The structs own what they hold, so that a reader can fill the same ones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::number::Number;
use crate::assessment::{Code, Outcome};
use crate::evidence::AcceptedCodes;
use crate::kind::{CriterionKind, GateName, List};
use crate::plan::{Observe, PlanChange, PlanWarning};
use crate::units::Unit;
use crate::verdict::Verdict;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    pub(super) schema: String,
    pub(super) tool: Tool,
    pub(super) evaluated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) started: Option<String>,
    pub(super) verdict: Verdict,
    pub(super) exit_code: u8,
    /// Whether overridden gates count as good for `exit_code`.
    pub(super) accept_overrides: bool,
    pub(super) plan: Plan,
    pub(super) vars: Vec<Variable>,
    pub(super) answers: Answers,
    /// `null` if no ledger was read.
    pub(super) ledger: Option<Ledger>,
    pub(super) run: RunIdentity,
    pub(super) sources: Vec<Source>,
    pub(super) gates: Vec<Gate>,
    pub(super) plan_changes: Vec<PlanChange>,
    pub(super) rollback: Vec<RollbackStep>,
    pub(super) warnings: Vec<PlanWarning>,
    pub(super) accepted: Vec<AcceptedCodes>,
    pub(super) notes: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Tool {
    pub(super) name: String,
    pub(super) version: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) path: String,
    pub(super) sha256: String,
    /// File name of the copy, relative to the evidence; otherwise `copy_left_out` says why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) copy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) copy_left_out: Option<String>,
    pub(super) release: Release,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Release {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) on_call: Option<String>,
    pub(super) subjects: Vec<Subject>,
    pub(super) links: Vec<Link>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Link {
    pub(super) name: String,
    pub(super) url: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) values: Vec<String>,
}

/// Either `path` and `sha256`, or `left_out` with the reason.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Answers {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) left_out: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RunIdentity {
    pub(super) user: String,
    pub(super) host: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ci: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<String>,
    pub(super) command: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) server: Server,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Server {
    /// `null` if the server does not say, or was not reached.
    pub(super) version: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Gate {
    #[serde(rename = "gate")]
    pub(super) name: GateName,
    pub(super) stage: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) traffic: Option<String>,
    pub(super) verdict: Verdict,
    /// What the verdict would be if nobody had to sign.
    pub(super) verdict_without_approvals: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) overridden: Option<Overridden>,
    /// Nothing rests on it.
    pub(super) look: bool,
    pub(super) flags: Vec<String>,
    pub(super) counts: Counts,
    /// `null` if no KPI is asked about.
    pub(super) window: Option<Window>,
    pub(super) criteria: Vec<Criterion>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Counts {
    pub(super) criteria: CriteriaCount,
    pub(super) stops: StopCount,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CriteriaCount {
    pub(super) met: usize,
    pub(super) total: usize,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StopCount {
    pub(super) clear: usize,
    pub(super) total: usize,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ledger {
    /// Beside the plan.
    pub(super) path: String,
    /// How many were taken into account, counted from the first.
    pub(super) entries: u64,
    pub(super) head_sha256: String,
}

/// Somebody proceeds on the verdict in their own name.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Overridden {
    pub(super) by: String,
    pub(super) at: String,
    pub(super) why: String,
    pub(super) expires: String,
    /// Number of the ledger's entry.
    pub(super) entry: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum BasedOn {
    /// Of the ledger.
    Entry {
        number: u64,
        by: String,
        at: String,
        /// Empty if nobody said.
        why: String,
        links: Vec<String>,
    },
    File {
        path: String,
        sha256: String,
        bytes: u64,
        modified: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct NextStep {
    pub(super) command: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Window {
    /// Of exit gates only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) observe: Option<Observe>,
    pub(super) start: String,
    pub(super) end: String,
    /// Seconds; `null` if the criteria have grids of different steps, or none.
    pub(super) step: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) started: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended: Option<String>,
    pub(super) complete: bool,
    /// Seconds.
    pub(super) length: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) completes_at: Option<String>,
}

/// Only KPIs have the keys from `query` on.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Criterion {
    pub(super) list: List,
    pub(super) kind: CriterionKind,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<String>,
    pub(super) outcome: Outcome,
    pub(super) reason: String,
    pub(super) code: Code,
    pub(super) notes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) based_on: Vec<BasedOn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_step: Option<NextStep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) query: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<Unit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reducer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) span: Option<Span>,
    /// Position in `series` of the one that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decisive: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) series: Option<Vec<Series>>,
}

/// The judged span of one criterion.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Span {
    pub(super) start: String,
    pub(super) end: String,
    /// Seconds; `null` for an instant query.
    pub(super) step: Option<Seconds>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Series {
    pub(super) labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) per: Option<String>,
    pub(super) outcome: Outcome,
    pub(super) code: Code,
    pub(super) reason: String,
    pub(super) value: Option<Number>,
    pub(super) bound: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline: Option<Number>,
    pub(super) points: Points,
    pub(super) min: Option<Number>,
    pub(super) mean: Option<Number>,
    pub(super) max: Option<Number>,
    pub(super) last: Option<Number>,
    pub(super) breaches: Vec<Breach>,
    pub(super) gaps: Vec<Gap>,
    pub(super) trend: Vec<Option<Number>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Points {
    pub(super) expected: usize,
    pub(super) measured: usize,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Breach {
    pub(super) start: String,
    pub(super) end: String,
    pub(super) worst: Number,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Gap {
    pub(super) start: String,
    pub(super) end: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RollbackStep {
    #[serde(rename = "do")]
    pub(super) action: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) takes: Option<Seconds>,
}

/// A length of time in seconds, with milliseconds as decimals.
pub(super) type Seconds = serde_json::Number;
