//! The rollout plan: YAML as written → a plan that is valid by construction.
//!
//! `yaml` (text → tree with spans) → `layers` (`defaults` below each stage) → `document` (the file as written) → `validate`
//! (→ `model`), with the `criteria` of its lists and the `parts` that they share.
//! Must not ask a source, read a clock or judge anything.

#[cfg(test)]
mod catalogue;
mod changes;
mod condition;
pub mod criteria;
mod decode;
mod details;
mod document;
mod environment;
mod layers;
mod lint;
mod load;
mod maps;
mod model;
mod options;
mod other_format;
mod parts;
mod places;
mod problem;
mod promql;
mod render;
mod secrets_in_text;
mod selector;
mod spanned;
mod template;
#[cfg(test)]
mod tests;
mod validate;
mod words;
mod written_secret;
mod yaml;

#[cfg(test)]
pub(crate) use tests::EXAMPLES;

pub use changes::{Effect, PlanChange, Said, baseline_files, changes, said};
pub use details::{Change, ChangeKind, KpiDetails, ReleaseDetails, Risk, StageDetails, Test};
pub(crate) use environment::filled;
pub use lint::{Accept, Lint, Severity};
pub use load::{Loaded, kpi_places, load, receivers, records, release};
pub use model::{
    Auth, AzureAd, AzureCloud, AzureIdentity, AzurePlace, Baseline, BaselineAs, Bound, Calendar,
    Comparison, Compression, Condition, Confidence, Continuity, Counted, Credential, Delta, Gate,
    GcsPlace, GitPlace, GoogleIam, Guard, Hold, Hook, HttpConfig, Kpi, LabelTest, Matcher, Method,
    Missing, Oauth2, Objective, Observe, Param, Pattern, PlainCondition, Plan, Policy, Query,
    Quiet, Ratio, Receiver, Recipient, Records, RecordsPlace, Reducer, Release, Role,
    RollbackOption, RollbackStep, S3Place, SecretSource, Selector, Signatures, Sigv4, Source,
    Stage, StageKind, Subject, TlsConfig, TlsVersion, ToldOf, Trust, Variable, WeeklyHours,
    is_same_version, release_id,
};
pub use options::{Environment, Options};
pub use other_format::ForeignKind;
pub(crate) use parts::links::check as check_link;
pub use places::{asked, gate_of, leads_to, places, unset};
pub(crate) use problem::nearest;
pub use problem::{LineSpan, NamedFile, PlanWarning, Problem, ProblemCode, Span};
pub use render::render;
pub use written_secret::WrittenSecret;

/// Each map of the format with its keys and its value, for the test that holds the JSON Schema to them.
#[cfg(test)]
pub(crate) fn maps() -> Vec<(&'static str, &'static [(&'static str, &'static str)])> {
    let own = [
        document::MAPS,
        parts::kpi_maps::MAPS,
        parts::baselines::MAPS,
        parts::http_config::written::MAPS,
    ];
    [own.concat(), criteria::maps()].concat()
}
