//! What is looked up besides samples, and what was found: alert rules, alerts, probes, files, issue logs. Neutral values.
//!
//! Recorded answers hold them in the form derived here: it is frozen, and unknown keys are refused.
//! Must not know how something was looked up, nor what is required of it.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kind::GateName;
use crate::plan::HttpConfig;
use crate::samples::{Failure, Labels};
use crate::secret::Secret;
use crate::units::{Duration, Instant};

/// One thing to look up. Equal ones are looked up once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Inquiry {
    /// The alerting rules of a source, by the source's name.
    Rules {
        /// The source.
        source: String,
    },
    /// The alerts that an Alertmanager holds, silenced ones included.
    Alerts {
        /// The gate that asks, where it asks with settings of its own: others may find other alerts at that address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gate: Option<GateName>,
        /// Whether the gate asks for its stop.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stop: bool,
        /// How the address is reached.
        #[serde(skip)]
        access: Access,
        /// Its address, free of user info.
        alertmanager: String,
    },
    /// What an address answers to a GET.
    Probe {
        /// The gate that asks.
        gate: GateName,
        /// The probe's index in that gate, from 1: tells apart addresses that are shown alike.
        number: usize,
        /// The address, free of user info and query.
        url: String,
        /// The JSON pointers whose values are wanted, sorted.
        pointers: Vec<String>,
        /// The headers whose values are wanted, in small letters, sorted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        headers: Vec<String>,
        /// How the address is reached.
        #[serde(skip)]
        access: Access,
    },
    /// A file.
    Artifact {
        /// As the plan has it, relative to the plan's folder.
        path: String,
        /// Whether test results are to be read from it.
        junit: bool,
        /// Whether findings are to be counted by level.
        sarif: bool,
        /// The JSON pointers whose values are wanted, sorted.
        pointers: Vec<String>,
    },
    /// An issue log that the team keeps.
    IssueLog {
        /// As the plan has it, relative to the plan's folder.
        path: String,
    },
}

/// How an address is reached. Not part of what is asked, so it never makes inquiries differ. Never recorded, since the
/// address may hold a secret.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The whole address.
    pub url: Secret,
    /// How to speak to it.
    pub http: HttpConfig,
    /// How long an answer may take.
    pub timeout: Duration,
}

impl PartialEq for Access {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Access {}

impl PartialOrd for Access {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Access {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

impl std::hash::Hash for Access {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The alert's name.
    pub name: String,
    /// The labels that it adds, as written (a value may be a template).
    pub labels: Labels,
    /// Its health as the server reports it: `ok`, `err`, `unknown`.
    pub health: String,
    /// Why its last evaluation failed, if it did.
    pub error: Option<String>,
    /// When it was last evaluated; `None` if never.
    pub evaluated: Option<Instant>,
    /// How often it is evaluated.
    #[serde(rename = "interval_ms", with = "millis")]
    pub interval: Duration,
    /// The labels of its firing alerts.
    pub firing: Vec<Labels>,
    /// Why what it says of itself cannot be believed, as the rest of `the rule …`; `None` where it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
}

/// An alert that an Alertmanager holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Its labels.
    pub labels: Labels,
    /// Since when it has been firing.
    pub since: Option<Instant>,
    /// Whether it is silenced, inhibited or muted.
    pub suppressed: bool,
}

/// An answer to a GET.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The value at each pointer as compact JSON text; `None` where there is none, or the body is not JSON.
    pub values: BTreeMap<String, Option<String>>,
    /// The value of each header, all of them where it came several times; `None` where it did not come.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Option<String>>,
}

/// A file as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last changed.
    pub modified: Instant,
    /// SHA-256, 64 lower-case hex digits.
    pub sha256: String,
    /// Test results, or why they cannot be read; `None` if not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "content")]
    pub junit: Option<Result<JunitCounts, String>>,
    /// How many findings there are of each level, or why they cannot be read; `None` if not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "content")]
    pub sarif: Option<Result<BTreeMap<String, u64>, String>>,
    /// The value at each pointer as compact JSON text, or why the file cannot be read; `None` if not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "content")]
    pub json: Option<Result<BTreeMap<String, Option<String>>, String>>,
}

/// Test results, summed over all suites.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JunitCounts {
    /// Test cases that ran: skipped ones aside.
    pub tests: u64,
    /// Test cases that failed or ended in an error.
    pub failures: u64,
}

/// An entry of an issue log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// Its id, or its place in the log (`line 4`).
    pub id: String,
    /// As written.
    pub severity: String,
    /// Whether it is open; `None` if the log's status is not a known word.
    pub open: Option<bool>,
    /// When it was opened, where the log says.
    pub opened: Option<Instant>,
    /// What it is about.
    pub description: String,
}

/// What was found for each inquiry. One that could not be looked up says why.
pub type Findings = BTreeMap<Inquiry, Result<Found, Failure>>;

/// A duration as a number of milliseconds.
mod millis {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::units::Duration;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(duration.millis())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        i64::deserialize(from).map(Duration::from_millis)
    }
}

/// What was read from a file: `{"read": …}`, or `{"unreadable": "why"}`.
mod content {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Content<T, E> {
        Read(T),
        Unreadable(E),
    }

    type Read<T> = Option<Result<T, String>>;

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub fn serialize<T: Serialize, S: Serializer>(
        read: &Read<T>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let content = read.as_ref().map(|read| match read {
            Ok(read) => Content::Read(read),
            Err(reason) => Content::Unreadable(reason),
        });
        content.serialize(to)
    }

    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Read<T>, D::Error> {
        let content = Option::<Content<T, String>>::deserialize(from)?;
        Ok(content.map(|content| match content {
            Content::Read(read) => Ok(read),
            Content::Unreadable(reason) => Err(reason),
        }))
    }
}
