//! The rollout plan: YAML as written → a plan that is valid by construction.
//!
//! `yaml` (text → tree with spans) → `document` (the file as written) → `validate` (→ the types here).
//! Must not ask a source, read a clock or judge anything.

mod conceal;
mod condition;
mod decode;
mod details;
mod document;
mod load;
mod problem;
mod promql;
mod render;
mod spanned;
mod template;
mod validate;
mod yaml;

use std::path::PathBuf;

use crate::secret::Secret;
use crate::units::{Duration, Finite, Instant, Share, Unit};

pub use details::{KpiDetails, ReleaseDetails, Risk, StageDetails, WorkItem};
pub use load::{Loaded, Options, load};
pub use problem::{Problem, ProblemCode, Severity, Span};
pub use render::render;

/// A valid plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is being released.
    pub release: Release,
    /// Where KPIs come from, in plan order; at least one where a KPI is used.
    pub sources: Vec<Source>,
    /// The plan-wide variables, overrides applied, in plan order.
    pub vars: Vec<Variable>,
    /// What to do when a stop trips, in order.
    pub rollback: Vec<RollbackStep>,
    /// The stages, in order; at least one.
    pub stages: Vec<Stage>,
    /// KPIs as the plan defines them, in plan order, for `validate --online` and `capture`.
    pub kpis: Vec<Kpi>,
}

/// The release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Such as minor.
    pub kind: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Whom to call.
    pub on_call: Option<String>,
    /// What is being released, by digest.
    pub subjects: Vec<Subject>,
    /// Name and address, in plan order.
    pub links: Vec<(String, String)>,
    /// What else is said for people.
    pub details: ReleaseDetails,
}

/// An artifact that is being released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// SHA-256, 64 lower-case hex digits.
    pub sha256: String,
}

/// A variable with its values: one (a scalar) or several (an alternation).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// `$name`.
    pub name: String,
    /// At least one.
    pub values: Vec<String>,
}

/// A place that answers queries.
#[derive(Debug, Clone)]
pub struct Source {
    /// `default` where the plan has a single `source`.
    pub name: String,
    /// The base address; may carry user info, so never print it: see `shown_url`.
    pub url: Secret,
    /// The base address without user info.
    pub shown_url: String,
    /// How to speak to it.
    pub http: HttpConfig,
    /// For one query, retries included.
    pub timeout: Duration,
    /// How many queries at a time, at least one.
    pub concurrency: usize,
    /// Whether an answer with warnings counts as whole.
    pub allow_warnings: bool,
    /// Whether answers are compressed on the way.
    pub compression: Compression,
    /// The largest answer taken, in decoded bytes.
    pub max_answer_bytes: u64,
}

/// Whether answers are compressed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// gzip, except towards loopback, where it costs the server more than it saves.
    #[default]
    Auto,
    /// gzip always.
    Gzip,
    /// Never.
    None,
}

/// Prometheus' `http_config`, the fields that `gate` supports.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// At most one way to authenticate.
    pub auth: Option<Auth>,
    /// TLS settings.
    pub tls: TlsConfig,
    /// A proxy for all requests; may carry user info.
    pub proxy_url: Option<Secret>,
    /// Hosts that the proxy does not serve.
    pub no_proxy: Option<String>,
    /// Whether the proxy is read from the environment.
    pub proxy_from_environment: bool,
    /// Extra headers: name and value.
    pub headers: Vec<(String, SecretSource)>,
    /// Whether redirects are followed; credentials stay with the first host.
    pub follow_redirects: bool,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            auth: None,
            tls: TlsConfig::default(),
            proxy_url: None,
            no_proxy: None,
            proxy_from_environment: false,
            headers: Vec::new(),
            follow_redirects: true,
        }
    }
}

/// A secret, or the file that holds it (relative to the plan's folder).
#[derive(Debug, Clone)]
pub enum SecretSource {
    /// As written, environment filled in.
    Inline(Secret),
    /// Read when the source is first asked; surrounding white space is dropped.
    File(PathBuf),
}

/// How `gate` says who it is.
#[derive(Debug, Clone)]
pub enum Auth {
    /// HTTP basic.
    Basic {
        /// User name.
        username: SecretSource,
        /// Password; absent means empty.
        password: Option<SecretSource>,
    },
    /// `Authorization: TYPE CREDENTIALS`.
    Header {
        /// `Bearer` unless the plan says otherwise.
        scheme: String,
        /// What follows it.
        credentials: SecretSource,
    },
    /// OAuth 2 client credentials.
    Oauth2(Box<Oauth2>),
}

/// OAuth 2 client credentials (RFC 6749, 4.4).
#[derive(Debug, Clone)]
pub struct Oauth2 {
    /// Client id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: SecretSource,
    /// Where tokens are had.
    pub token_url: Secret,
    /// Requested scopes.
    pub scopes: Vec<String>,
    /// Further form parameters.
    pub endpoint_params: Vec<(String, String)>,
    /// TLS towards the token endpoint.
    pub tls: TlsConfig,
    /// A proxy towards the token endpoint.
    pub proxy_url: Option<Secret>,
}

/// TLS settings. Files are relative to the plan's folder.
#[derive(Debug, Clone, Default)]
pub struct TlsConfig {
    /// Certificates to trust beside the system's, PEM.
    pub ca: Option<SecretSource>,
    /// Client certificate, PEM.
    pub cert: Option<SecretSource>,
    /// Its key, PEM.
    pub key: Option<SecretSource>,
    /// The name to check the server's certificate against.
    pub server_name: Option<String>,
    /// Whether the server's certificate is taken unchecked.
    pub insecure_skip_verify: bool,
    /// `TLS12` or `TLS13`.
    pub min_version: Option<TlsVersion>,
    /// `TLS12` or `TLS13`.
    pub max_version: Option<TlsVersion>,
}

/// A protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// 1.2.
    Tls12,
    /// 1.3.
    Tls13,
}

/// A step of the rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackStep {
    /// What to do.
    pub action: String,
    /// Who does it.
    pub owner: Option<String>,
    /// How long it takes.
    pub takes: Option<Duration>,
}

/// A step of the rollout.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Unique in the plan; no `/`.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// What sort of step.
    pub kind: Option<StageKind>,
    /// Share of traffic, as written (`5%`).
    pub traffic: Option<String>,
    /// Who takes part: label and values, also variables.
    pub cohort: Vec<Variable>,
    /// The observation window of the exit gate, where a KPI needs it.
    pub window: Option<Duration>,
    /// The first part after the start, which is not judged.
    pub settle: Duration,
    /// Not through the exit gate by then, counted from the start, is a stop.
    pub deadline: Option<Duration>,
    /// Stages that must have been left first; `None` is the stage before.
    pub after: Option<Vec<String>>,
    /// The gates that the stage has, in the order entry, exit, recovery; at least one.
    pub gates: Vec<Gate>,
    /// What else is said for people.
    pub details: StageDetails,
}

/// What sort of step a stage is; shown, and used by reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the plan format")]
pub enum StageKind {
    Staging,
    Pilot,
    Wave,
    Canary,
    Full,
}

impl StageKind {
    /// The word of the plan format.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Staging => "staging",
            Self::Pilot => "pilot",
            Self::Wave => "wave",
            Self::Canary => "canary",
            Self::Full => "full",
        }
    }
}

/// Which decision on a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum GateKind {
    /// May it begin?
    Entry,
    /// May the rollout move on?
    Exit,
    /// After a rollback: is it well again?
    Recovery,
}

impl GateKind {
    /// The word after the `/`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Exit => "exit",
            Self::Recovery => "recovery",
        }
    }
}

/// A decision on a stage.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Which.
    pub kind: GateKind,
    /// Its window: the stage's for exit, its own for entry and recovery. `None` where no KPI is asked about.
    pub window: Option<Duration>,
    /// In the order stop, exit, watch; within a list as written. At least one that decides.
    pub criteria: Vec<Criterion>,
}

/// Which list of the stage a criterion stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// The entry gate's.
    Entry,
    /// Describes the bad state; belongs to the exit gate.
    Stop,
    /// The exit gate's.
    Exit,
    /// The recovery gate's.
    Recovery,
    /// Measured and shown, never decides.
    Watch,
}

impl List {
    /// The word of the plan format.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Stop => "stop",
            Self::Exit => "exit",
            Self::Recovery => "recovery",
            Self::Watch => "watch",
        }
    }
}

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
    Outside(Calendar),
}

impl Ask {
    /// The YAML key in the given list, and the `kind` of the evidence.
    #[must_use]
    pub fn kind(&self, list: List) -> &'static str {
        match self {
            Self::Kpi(_) => "kpis",
            Self::Deadline(_) => "deadline",
            Self::Checklist { .. } => "checklists",
            Self::Confirmation(_) => "confirmations",
            Self::Approval { .. } => "approvals",
            Self::Incidents(_) if list == List::Stop => "incidents",
            Self::Incidents(_) => "no_incidents",
            Self::Alerts(_) if list == List::Stop => "alerts",
            Self::Alerts(_) => "no_alerts",
            Self::Artifact(_) => "artifacts",
            Self::Probe(_) => "probes",
            Self::Outside(_) => "outside",
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
            Self::Outside(calendar) => calendar.name.clone(),
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertsAsk {
    /// Selectors such as `{severity="sev1"}`.
    pub firing: Vec<String>,
    /// A source of the plan, by name, or an Alertmanager's address.
    pub source: AlertsSource,
    /// Whether silenced alerts count; only an Alertmanager knows silences.
    pub silenced: Option<bool>,
}

/// Where alerts are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum AlertsSource {
    /// The plan's first source.
    #[default]
    Default,
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

/// A comparison with a bare number, as in a guard's `is`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlainCondition {
    /// How.
    pub comparison: Comparison,
    /// With what.
    pub bound: Finite,
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

/// Weekly hours and dates in a time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Its name in the plan.
    pub name: String,
    /// An IANA name.
    pub timezone: String,
    /// Such as `Mon-Fri 08:00-18:00`, checked for form.
    pub weekly: Vec<String>,
    /// Such as `2026-11-27/2026-11-30`, checked for form.
    pub dates: Vec<String>,
}

/// A KPI as the plan defines it.
#[derive(Debug, Clone)]
pub struct Kpi {
    /// Unique in the plan.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// What its values are.
    pub unit: Unit,
    /// The label that tells its series apart.
    pub per: Option<String>,
    /// The source that is asked, by name.
    pub source: String,
    /// The share of grid points that must be measured.
    pub coverage: Share,
    /// The newest measured point is no older than this; `None` is the greater of 5m and twice the step (rule 4).
    pub max_age: Option<Duration>,
    /// What an absent point means.
    pub missing: Missing,
    /// The step; `None` is rule 2's default.
    pub step: Option<Duration>,
    /// What else is said for people.
    pub details: KpiDetails,
}

/// What an absent point means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nothing is known.
    Hold,
    /// Zero, while the guard holds.
    Zero,
}

/// One condition of one KPI at one gate, with everything of the stage filled in.
#[derive(Debug, Clone)]
pub struct KpiAsk {
    /// The KPI.
    pub kpi: Kpi,
    /// Its query, the stage's variables filled in.
    pub query: Query,
    /// Points where the guard does not hold are not evidence.
    pub guard: Option<Guard>,
    /// What the KPI must satisfy (in stop: what it must not).
    pub condition: Condition,
    /// The values of `per`'s label that must be there, where the cohort or a variable lists them.
    pub expected: Option<Vec<String>>,
    /// What a relative condition compares with; always there where the condition says `baseline`.
    pub baseline: Option<Baseline>,
    /// The distance of the grid's points, the default worked out.
    pub step: Duration,
}

/// A guard.
#[derive(Debug, Clone)]
pub struct Guard {
    /// Asked on the KPI's own grid.
    pub query: Query,
    /// What it must satisfy.
    pub is: PlainCondition,
}

/// A query whose variables are filled in, all but `$window`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The text between the places of `$window`; one piece where there is none.
    pub pieces: Vec<String>,
}

impl Query {
    /// A query without `$window`.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            pieces: vec![text.into()],
        }
    }

    /// Whether it is asked once, at the end of the window, because it uses `$window`.
    #[must_use]
    pub fn is_instant(&self) -> bool {
        self.pieces.len() > 1
    }

    /// The text to ask, with the length of the judged span in whole seconds.
    #[must_use]
    pub fn text(&self, window: Duration) -> String {
        self.pieces.join(&format!("{}s", window.millis() / 1000))
    }
}

/// Which earlier or parallel samples a relative condition compares with.
#[derive(Debug, Clone)]
pub enum Baseline {
    /// The same span, that much earlier.
    Offset(Duration),
    /// That long up to the stage's start.
    Before(Duration),
    /// Fixed instants.
    Between(Instant, Instant),
    /// Captured earlier; the path as written, relative to the plan's folder.
    File(String),
    /// The same span, other variable values.
    Vars {
        /// The query with those values.
        query: Query,
        /// The guard's query with those values.
        guard: Option<Query>,
    },
}

/// What a KPI must satisfy (design 4.1).
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// As written.
    pub text: String,
    /// Reduce the points to one value first.
    pub reducer: Option<Reducer>,
    /// How.
    pub comparison: Comparison,
    /// With what, in the KPI's unit.
    pub bound: Bound,
    /// For how long, or for which share of the points.
    pub hold: Option<Hold>,
}

impl Condition {
    /// Whether it compares with a baseline.
    #[must_use]
    pub fn is_relative(&self) -> bool {
        !matches!(self.bound, Bound::Fixed(_))
    }
}

/// Points → one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reducer {
    /// The last measured point.
    Last,
    /// The arithmetic mean.
    Mean,
    /// The 50 % quantile.
    Median,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// A quantile in percent: 0 to 100 (`p99.9` is 99.9).
    Percentile(Finite),
}

/// How a value is compared with a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the operators themselves")]
pub enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Comparison {
    /// The operator as written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }
}

/// The right-hand side of a comparison, in the KPI's unit.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// A number.
    Fixed(Finite),
    /// `baseline`.
    Baseline,
    /// `baseline + delta`.
    Above(Delta),
    /// `baseline - delta`.
    Below(Delta),
    /// `baseline * number`.
    Times(Finite),
}

/// A distance from the baseline.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// In the KPI's unit.
    Absolute(Finite),
    /// A fraction of the baseline's magnitude (`20%` is 0.2).
    Relative(Finite),
    /// The larger of two.
    Max(Box<Delta>, Box<Delta>),
    /// The smaller of two.
    Min(Box<Delta>, Box<Delta>),
}

/// For how long, or for which share of the points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// `for 5m`.
    For(Duration),
    /// `for 99%`.
    Share(Share),
}
