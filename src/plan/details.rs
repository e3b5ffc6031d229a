//! What a plan says for people only: shown and kept, never judged. Must not influence any verdict.

/// For people, about the release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseDetails {
    /// What it is.
    pub description: Option<String>,
    /// Whom to contact for what, in plan order.
    pub contacts: Vec<(String, String)>,
    /// What is announced where, in plan order.
    pub channels: Vec<(String, String)>,
    /// Whom to call, from first to last.
    pub escalation: Vec<String>,
    /// Phases of the monitoring afterwards and their length, in plan order.
    pub monitoring: Vec<(String, String)>,
    /// The work that is in it.
    pub scope: Vec<WorkItem>,
    /// What might go wrong.
    pub risks: Vec<Risk>,
    /// Remarks.
    pub notes: Vec<String>,
    /// Anything else, name and text, in plan order.
    pub further: Vec<(String, String)>,
}

/// A piece of the work that is released.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkItem {
    /// Such as `#1234`.
    pub id: Option<String>,
    /// What it is.
    pub title: Option<String>,
    /// Who made it.
    pub owner: Option<String>,
    /// How risky it is.
    pub risk: Option<String>,
    /// How it is rolled back.
    pub rollback: Option<String>,
}

/// What might go wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Risk {
    /// What.
    pub text: Option<String>,
    /// How likely.
    pub likelihood: Option<String>,
    /// How bad.
    pub impact: Option<String>,
    /// Who watches it.
    pub owner: Option<String>,
    /// What is done about it.
    pub mitigation: Option<String>,
}

/// For people, about a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StageDetails {
    /// What happens in it.
    pub description: Option<String>,
    /// Who runs it.
    pub owner: Option<String>,
    /// Remarks.
    pub notes: Vec<String>,
    /// Name and address, in plan order.
    pub links: Vec<(String, String)>,
}

/// For people, about a KPI.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KpiDetails {
    /// What it shows.
    pub description: Option<String>,
    /// Where to see it.
    pub dashboard: Option<String>,
    /// Who is responsible for it.
    pub owner: Option<String>,
    /// What to do when it is bad.
    pub runbook: Option<String>,
}
