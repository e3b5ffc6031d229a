//! All that a plan is made of. Data only.

use super::candidate::{Candidate, Measure};
use super::limit::{Comparison, Limits};
use super::shape::Shape;
use crate::units::{Duration, Instant};

/// A plan that is not written yet.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Who drafted it, from what.
    pub head: Head,
    /// The release's name.
    pub release: String,
    /// The source's address.
    pub source: String,
    /// How it is asked, as JSON; without a credential.
    pub http_config: Option<String>,
    /// What relative conditions compare with.
    pub comparison: Comparison,
    /// The label that tells sites apart, and its values.
    pub sites: Option<(String, Vec<String>)>,
    /// How far apart samples come.
    pub scrape: Duration,
    /// How far apart points are judged.
    pub step: Duration,
    /// Stages, and what people do in them.
    pub shape: Shape,
    /// What is asked.
    pub kpis: Vec<Kpi>,
}

/// The first lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Of `gate`.
    pub version: String,
    /// The source's host.
    pub host: String,
    /// As of when.
    pub at: Instant,
    /// The file's name.
    pub path: String,
    /// How much of the past is there, to look at.
    pub past: Duration,
}

/// A KPI with its conditions.
#[derive(Debug, Clone)]
pub struct Kpi {
    /// What it is.
    pub candidate: Candidate,
    /// Its queries, as the plan has them.
    pub measure: Measure,
    /// The label that tells its series apart.
    pub per: Option<String>,
    /// Its conditions.
    pub limits: Limits,
}
