//! What a plan says for people only: shown and kept, never judged. Must not influence any verdict.

use chrono::NaiveDate;

use crate::kind::words;

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
    /// The day on which it is released.
    pub date: Option<NaiveDate>,
    /// What is in it, in plan order.
    pub changes: Vec<Change>,
    /// What might go wrong, in plan order.
    pub risks: Vec<Risk>,
    /// How it was tested, in plan order.
    pub tests: Vec<Test>,
    /// Remarks.
    pub notes: Vec<String>,
    /// Anything else, name and text, in plan order.
    pub further: Vec<(String, String)>,
}

words! {
    /// What sort of change.
    #[expect(missing_docs, reason = "the words of the plan format")]
    pub enum ChangeKind: "kind of change" {
        Feature = "feature",
        Fix = "fix",
        Performance = "performance",
        Security = "security",
        Infrastructure = "infrastructure",
    }
}

/// Something that is released.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Such as `#1234`.
    pub id: Option<String>,
    /// What it is.
    pub title: String,
    /// What sort of change.
    pub kind: Option<ChangeKind>,
    /// Who made it.
    pub owner: Option<String>,
    /// How risky it is.
    pub risk: Option<String>,
    /// How it is rolled back.
    pub rollback: Option<String>,
    /// Where to read more.
    pub link: Option<String>,
}

/// What might go wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Risk {
    /// What.
    pub title: String,
    /// How likely.
    pub likelihood: Option<String>,
    /// How bad.
    pub impact: Option<String>,
    /// Who watches it.
    pub owner: Option<String>,
    /// The day by which it is dealt with.
    pub due: Option<NaiveDate>,
    /// How far that is, such as `mitigated`.
    pub status: Option<String>,
    /// What is done about it, in order.
    pub actions: Vec<String>,
}

/// A test of the release, and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Test {
    /// What it is called.
    pub name: String,
    /// Such as `passed`.
    pub result: Option<String>,
    /// How much of what could be tested was.
    pub coverage: Option<String>,
    /// How long it took.
    pub duration: Option<String>,
    /// Where.
    pub environment: Option<String>,
    /// Where its results are.
    pub link: Option<String>,
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
