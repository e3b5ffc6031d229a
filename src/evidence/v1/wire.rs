//! The shape of the file, key by key in the order in which they are written. Holds no logic.
//!
//! What the record holds in the same shape is written as it is; a test pins every key. The structs own what they hold, so that
//! a reader can fill the same ones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::number::Number;
use crate::assessment::{BasedOn, Code, Counts, Gap, Outcome, PointCount};
use crate::evidence::{AcceptedCodes, LedgerSeen, Watched};
use crate::kind::{CriterionKind, GateName, List};
use crate::plan::{Observe, PlanChange, PlanWarning, Subject, Variable};
use crate::provenance::RunIdentity;
use crate::rollout::Overridden;
use crate::samples::{BaselineSeen, Labels};
use crate::units::{Instant, Unit};
use crate::verdict::Verdict;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    pub(super) schema: String,
    pub(super) tool: Tool,
    pub(super) evaluated_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) started: Option<Instant>,
    pub(super) verdict: Verdict,
    pub(super) exit_code: u8,
    /// Absent unless it is HOLD only because the window runs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) pending: bool,
    /// Whether overridden gates count as good for `exit_code`.
    pub(super) accept_overrides: bool,
    pub(super) plan: Plan,
    pub(super) vars: Vec<Variable>,
    pub(super) answers: Answers,
    /// `null` if no ledger was read.
    pub(super) ledger: Option<LedgerSeen>,
    pub(super) run: RunIdentity,
    pub(super) sources: Vec<Source>,
    /// Absent where nothing was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) asked: Vec<String>,
    /// Absent where the plan compares with none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) baselines: Vec<BaselineSeen>,
    pub(super) gates: Vec<Gate>,
    /// `null` if nothing is left to do.
    pub(super) next: Option<Next>,
    pub(super) plan_changes: Vec<PlanChange>,
    pub(super) rollback: Vec<RollbackStep>,
    pub(super) warnings: Vec<PlanWarning>,
    pub(super) accepted: Vec<AcceptedCodes>,
    pub(super) notes: Vec<String>,
    /// Absent where no watch ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) watch: Option<Watched>,
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
pub(super) struct Link {
    pub(super) name: String,
    pub(super) url: String,
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
pub(super) struct Source {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) server: Server,
    /// Seconds; what the server was told, where the plan says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lookback: Option<Seconds>,
    /// Seconds; where the plan says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) delay: Option<Seconds>,
    /// Secrets as `***`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) params: BTreeMap<String, String>,
    /// Seconds, negative where it is behind; only where the clocks do not agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) clock_ahead: Option<Seconds>,
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
    /// Judged ahead: no part of the verdict.
    pub(super) outlook: bool,
    pub(super) flags: Vec<String>,
    /// What to do now, if the verdict is STOP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after_stop: Option<AfterStop>,
    pub(super) counts: Counts,
    /// `null` if no KPI is asked about.
    pub(super) window: Option<Window>,
    pub(super) criteria: Vec<Criterion>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AfterStop {
    pub(super) done: Vec<String>,
    /// By number, from 1.
    pub(super) open_steps: Vec<usize>,
    pub(super) done_steps: Vec<usize>,
    pub(super) commands: Vec<NextStep>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Next {
    /// What has to be there before the command helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) first: Option<String>,
    pub(super) command: String,
    /// The command after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) then: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    pub(super) why: String,
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
    pub(super) start: Instant,
    pub(super) end: Instant,
    /// Seconds; `null` if the criteria have grids of different steps, or none.
    pub(super) step: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) started: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended: Option<Instant>,
    pub(super) complete: bool,
    /// Seconds.
    pub(super) length: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) completes_at: Option<Instant>,
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
    /// `met` while only the window still runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) so_far: Option<Outcome>,
    pub(super) reason: String,
    pub(super) code: Code,
    pub(super) notes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) based_on: Vec<BasedOn>,
    /// Where people see what is asked of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_step: Option<NextStep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) query: Option<String>,
    /// Of a ratio of events, the two queries whose quotient `query` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ratio: Option<Ratio>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    /// What showed the points of the span, where the query gives one number for all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) companion: Option<Companion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<Unit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reducer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline_as: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) span: Option<Span>,
    /// Position in `series` of the one that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decisive: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) series: Option<Vec<Series>>,
}

/// The two queries of a ratio: `errors` or `good`, and `total`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ratio {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) errors: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) good: Option<String>,
    pub(super) total: String,
}

/// The query that was asked at each point, and the step of the points.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Companion {
    pub(super) query: String,
    /// Seconds.
    pub(super) step: Seconds,
}

/// The judged span of one criterion.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Span {
    pub(super) start: Instant,
    pub(super) end: Instant,
    /// Seconds; `null` for an instant query.
    pub(super) step: Option<Seconds>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Series {
    pub(super) labels: Labels,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) per: Option<String>,
    pub(super) outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) so_far: Option<Outcome>,
    pub(super) code: Code,
    pub(super) reason: String,
    pub(super) value: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value_at: Option<Instant>,
    pub(super) bound: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline_at: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) baseline_mean: Option<Number>,
    pub(super) points: PointCount,
    /// Of a ratio of events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) events: Option<EventCount>,
    pub(super) min: Option<Number>,
    pub(super) mean: Option<Number>,
    pub(super) max: Option<Number>,
    pub(super) last: Option<Number>,
    pub(super) breaches: Vec<Breach>,
    pub(super) gaps: Vec<Gap>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) approach: Option<Approach>,
    /// From here to `blocks` only of conditions that say `at`, where there is enough to estimate. As the condition says: `95%`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) confidence: Option<String>,
    /// What a bad outcome needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) level: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pairs: Option<usize>,
    /// What `estimate` is: `value`, `difference`, `quotient`, `beyond`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) measures: Option<String>,
    /// Of `beyond`: how many times the control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) factor: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) estimate: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) low: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) high: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) margin: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rho: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) se: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) se_chance: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) t: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) z: Option<Number>,
    /// Of the control, of counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) control_events: Option<EventCount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) blocks: Vec<Block>,
    pub(super) trend: Vec<Option<Number>>,
}

/// A part of the judged span.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Block {
    pub(super) start: Instant,
    pub(super) end: Instant,
    pub(super) canary: Number,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) control: Option<Number>,
    pub(super) weight: Number,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) events: Option<EventCount>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) control_events: Option<EventCount>,
}

/// A stop on its way; seconds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Approach {
    pub(super) lasted: Seconds,
    pub(super) needed: Seconds,
    pub(super) last_seen: Instant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trips_at: Option<Instant>,
}

/// Events: those that went wrong, and all.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EventCount {
    pub(super) errors: Number,
    pub(super) total: Number,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Breach {
    pub(super) start: Instant,
    pub(super) end: Instant,
    pub(super) worst: Number,
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
    /// One of several ways to roll back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) option: Option<RollbackOption>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RollbackOption {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) when: Option<String>,
}

/// A length of time in seconds, with milliseconds as decimals.
pub(super) type Seconds = serde_json::Number;
