//! What is looked up beside samples, and what was found: alert rules, alerts, probes, files, issue logs. Neutral values.
//!
//! Must not know how something was looked up, nor what is required of it.

use std::collections::BTreeMap;

use crate::samples::{Failure, Labels};
use crate::units::{Duration, Instant};

/// One thing to look up. Equal ones are looked up once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Inquiry {
    /// The alerting rules of a source, by the source's name.
    Rules {
        /// The source.
        source: String,
    },
    /// The alerts that an Alertmanager holds, silenced ones included.
    Alerts {
        /// Its address, free of user info.
        alertmanager: String,
    },
    /// What an address answers to a GET.
    Probe {
        /// The gate that asks: `STAGE/KIND`.
        gate: String,
        /// The how-manieth probe of that gate, from 1; tells apart addresses that are shown alike.
        number: usize,
        /// The address, free of user info and query.
        url: String,
        /// The JSON pointers whose values are wanted, sorted.
        pointers: Vec<String>,
    },
    /// A file.
    Artifact {
        /// As the plan has it, relative to the plan's folder.
        path: String,
        /// What is to be read out of it.
        content: Content,
    },
    /// An issue log that the team keeps.
    IssueLog {
        /// As the plan has it, relative to the plan's folder.
        path: String,
    },
}

/// What is to be read out of a file beside its size, age and digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Content {
    /// Test results.
    pub junit: bool,
    /// Findings by level.
    pub sarif: bool,
    /// The JSON pointers whose values are wanted, sorted.
    pub pointers: Vec<String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// To [`Inquiry::Rules`].
    Rules(Vec<Rule>),
    /// To [`Inquiry::Alerts`].
    Alerts(Vec<Alert>),
    /// To [`Inquiry::Probe`].
    Response(Response),
    /// To [`Inquiry::Artifact`].
    File(File),
    /// To [`Inquiry::IssueLog`].
    Issues(Vec<Issue>),
}

/// An alerting rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The alert's name.
    pub name: String,
    /// The labels that it adds, as written (a value may be a template).
    pub labels: Labels,
    /// The server's word on it: `ok`, `err`, `unknown`.
    pub health: String,
    /// Why its last evaluation failed, where it did.
    pub error: Option<String>,
    /// When it was evaluated last; `None` where never.
    pub evaluated: Option<Instant>,
    /// How often it is evaluated.
    pub interval: Duration,
    /// The labels of those of its alerts that fire.
    pub firing: Vec<Labels>,
}

/// An alert that an Alertmanager holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its labels.
    pub labels: Labels,
    /// Since when it fires.
    pub since: Option<Instant>,
    /// Whether it is silenced, inhibited or muted.
    pub suppressed: bool,
}

/// An answer to a GET.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The value at each pointer as compact JSON text; `None` where there is none, or the body is no JSON.
    pub values: BTreeMap<String, Option<String>>,
}

/// A file as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was changed last.
    pub modified: Instant,
    /// SHA-256, 64 lower-case hex digits.
    pub sha256: String,
    /// Test results, or why they cannot be read; `None` where not asked for.
    pub junit: Option<Result<JunitCounts, String>>,
    /// How many findings there are of each level, or why they cannot be read; `None` where not asked for.
    pub sarif: Option<Result<BTreeMap<String, u64>, String>>,
    /// The value at each pointer as compact JSON text, or why the file cannot be read; `None` where not asked for.
    pub json: Option<Result<BTreeMap<String, Option<String>>, String>>,
}

/// Test results, summed over all suites.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JunitCounts {
    /// Test cases that ran: skipped ones aside.
    pub tests: u64,
    /// Test cases that failed or ended in an error.
    pub failures: u64,
}

/// An entry of an issue log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issue {
    /// Its id, or its place in the log (`line 4`).
    pub id: String,
    /// As written.
    pub severity: String,
    /// Whether it is open; `None` where the log does not say so in a word that is known.
    pub open: Option<bool>,
    /// When it was opened, where the log says.
    pub opened: Option<Instant>,
    /// What it is about.
    pub description: String,
}

/// What was found for each inquiry. One that could not be looked up says why.
pub type Findings = BTreeMap<Inquiry, Result<Found, Failure>>;
