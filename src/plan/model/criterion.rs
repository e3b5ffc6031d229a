//! What a gate asks, one variant for each key of the plan format. Holds the question; looks for no answer.

use crate::kind::{CriterionKind, List};
use crate::plan::{KpiAsk, OutsideAsk, PlainCondition, Selector};
use crate::secret::Secret;
use crate::units::Duration;

/// One thing that a gate asks.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// Where it stands.
    pub list: List,
    /// What it asks.
    pub ask: Ask,
}

/// What a criterion asks. One variant for each key of the plan format.
#[derive(Debug, Clone)]
pub enum Ask {
    /// `kpis`: one condition of one KPI.
    Kpi(Box<KpiAsk>),
    /// `deadline`, in stop.
    Deadline(Duration),
    /// `checklists`: one item of one list.
    Checklist {
        /// The list's name.
        list: String,
        /// The item.
        item: ChecklistItem,
    },
    /// `confirmations`: one id.
    Confirmation(String),
    /// `approvals`: one role.
    Approval {
        /// Who signs.
        role: String,
        /// Whether nobody may sign for two roles of the gate.
        distinct: bool,
    },
    /// `no_incidents` (entry, exit) and `incidents` (stop).
    Incidents(IncidentsAsk),
    /// `no_alerts` (entry, exit) and `alerts` (stop).
    Alerts(AlertsAsk),
    /// `artifacts`: one file.
    Artifact(ArtifactAsk),
    /// `probes`: one address.
    Probe(ProbeAsk),
    /// `outside`: one calendar.
    Outside(OutsideAsk),
}

impl Ask {
    /// The YAML key in the given list, and the `kind` of the evidence.
    #[must_use]
    pub fn kind(&self, list: List) -> CriterionKind {
        match self {
            Self::Kpi(_) => CriterionKind::Kpis,
            Self::Deadline(_) => CriterionKind::Deadline,
            Self::Checklist { .. } => CriterionKind::Checklists,
            Self::Confirmation(_) => CriterionKind::Confirmations,
            Self::Approval { .. } => CriterionKind::Approvals,
            Self::Incidents(_) if list == List::Stop => CriterionKind::Incidents,
            Self::Incidents(_) => CriterionKind::NoIncidents,
            Self::Alerts(_) if list == List::Stop => CriterionKind::Alerts,
            Self::Alerts(_) => CriterionKind::NoAlerts,
            Self::Artifact(_) => CriterionKind::Artifacts,
            Self::Probe(_) => CriterionKind::Probes,
            Self::Outside(_) => CriterionKind::Outside,
        }
    }

    /// What the criterion is called in reports and evidence.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Kpi(kpi) => kpi.kpi.name.clone(),
            Self::Deadline(_) => "deadline".to_owned(),
            Self::Checklist { list, item } => format!("{list}/{}", item.id),
            Self::Confirmation(id) => id.clone(),
            Self::Approval { role, .. } => role.clone(),
            Self::Incidents(_) => "incidents".to_owned(),
            Self::Alerts(_) => "alerts".to_owned(),
            Self::Artifact(artifact) => artifact.path.clone(),
            Self::Probe(probe) => probe.shown_url.clone(),
            Self::Outside(outside) => outside.calendar.name.clone(),
        }
    }
}

/// An item of a checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecklistItem {
    /// Unique in its list.
    pub id: String,
    /// For people.
    pub text: String,
    /// Who owes it.
    pub owner: Option<String>,
}

/// Which incidents count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentsAsk {
    /// Severities of which none may be open.
    pub open: Vec<String>,
    /// Severities of which none may have been opened since the stage's start.
    pub since_start: Vec<String>,
    /// An issue log that the team keeps (YAML, JSON or CSV), relative to the plan's folder.
    pub issue_log: Option<String>,
}

/// Which alerts count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertsAsk {
    /// Selectors such as `{severity="sev1"}`; at least one.
    pub firing: Vec<Selector>,
    /// Who is asked which alerts fire.
    pub source: AlertsSource,
    /// The source of the plan whose rules show that the alerts could fire, by name; `None` where the plan has no source.
    pub rules: Option<String>,
    /// The distance of the points at which it is asked over a window.
    pub step: Duration,
    /// Whether silenced and inhibited alerts count; only an Alertmanager knows them. They do where the plan does not say.
    pub silenced: Option<bool>,
}

/// Who is asked which alerts fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertsSource {
    /// A source of the plan, by name.
    Source(String),
    /// An Alertmanager, by address (free of user info).
    Alertmanager(String),
}

/// What a file must be.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArtifactAsk {
    /// Relative to the plan's folder.
    pub path: String,
    /// No older than this.
    pub max_age: Option<Duration>,
    /// 64 lower-case hex digits.
    pub sha256: Option<String>,
    /// JUnit results: at most so many failures, at least so many tests.
    pub junit: Option<(Option<u64>, Option<u64>)>,
    /// SARIF results: level and the most of it.
    pub sarif: Vec<(String, u64)>,
    /// JSON pointer and what its value must satisfy.
    pub json: Vec<(String, PlainCondition)>,
}

/// What an address must answer.
#[derive(Debug, Clone)]
pub struct ProbeAsk {
    /// The address; may carry user info, so never print it: see `shown_url`.
    pub url: Secret,
    /// Without user info and query.
    pub shown_url: String,
    /// The HTTP status.
    pub status: u16,
    /// JSON pointer and the value it must have, as written.
    pub json: Vec<(String, String)>,
    /// Within this time.
    pub timeout: Duration,
}
