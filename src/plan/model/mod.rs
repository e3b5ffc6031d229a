//! A valid plan: the types that everything else reads, by subject. Must not read YAML; only `validate` fills them.

mod calendar;
mod cloud;
mod condition;
mod kpi;
mod notify;
mod records;
mod release;
mod secret_source;
mod selector;
mod source;
mod stage;
mod trust;

pub use calendar::{Calendar, WeeklyHours};
pub use cloud::{AzureAd, AzureCloud, AzureIdentity, GoogleIam, Role, Sigv4};
pub use condition::{
    Bound, Comparison, Condition, Confidence, Delta, Hold, PlainCondition, Reducer,
};
pub use kpi::{
    Baseline, BaselineAs, Continuity, Counted, Guard, Kpi, Missing, Objective, Query, Quiet, Ratio,
};
pub use notify::{Hook, Receiver, Recipient, ToldOf};
pub use records::{AzurePlace, Credential, GcsPlace, GitPlace, Records, RecordsPlace, S3Place};
pub use release::{
    Release, RollbackOption, RollbackStep, Subject, Variable, is_same_version, release_id,
};
pub use secret_source::SecretSource;
pub use selector::{LabelTest, Matcher, Pattern, Selector};
pub use source::{
    Auth, Compression, HttpConfig, Method, Oauth2, Param, Source, TlsConfig, TlsVersion,
};
pub use stage::{Gate, Observe, Plan, Stage, StageKind};
pub use trust::{Policy, Signatures, Trust};
