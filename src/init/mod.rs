//! A plan to start from: which metrics are recognised, what is asked about them, and the text of the plan. Pure: takes names, labels
//! and measured limits, asks nobody, writes nothing. Must not invent a limit: each comes with what it rests on.
//!
//! `template` (the shapes) · `example` (worked plans, as they are) · `shape` (stages and what people do in them) · `recognisers` (the table of metrics) ·
//! `claim` (names → metrics that are recognised) · `candidate` (a metric with its labels → KPI and queries) · `scope` (which series) · `limit`
//! (conditions, and what they rest on) · `draft` (all that a plan is made of) · `text` (the plan).

mod candidate;
mod claim;
mod draft;
mod example;
mod limit;
mod recognisers;
mod scope;
mod shape;
mod template;
mod text;

pub use candidate::{Candidate, Measure, candidate};
pub use claim::{Claimed, claims, coded_labels};
pub use draft::{Draft, Head, Kpi};
pub use example::example;
pub use limit::{Comparison, Limit, Limits, provisional, relative};
pub use recognisers::{CODES, Named, RECOGNISERS, Recogniser, Sign};
pub use scope::{Scope, equals, literal};
pub use shape::{Shape, StageShape};
pub use template::Template;
pub use text::text;
