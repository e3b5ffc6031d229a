//! The seam between asking and answering: whatever answers a plan's questions is a [`Source`].
//!
//! Must not know any kind of source.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use super::recording::Records;
use crate::findings::Rule;
use crate::http::{ClockSeen, Fault};
use crate::samples::{Observation, Origin, Question};

/// An answer that is on its way.
pub(super) type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The outcome of a question, and its pieces for the recording.
pub(super) type Answer = (Observation, Records);

/// What answers a plan's questions.
pub(super) trait Source: Send + Sync {
    /// Answers a question about samples; `keep` says whether the answer is kept for a recording.
    fn answer<'a>(&'a self, question: &'a Question, keep: bool) -> Pending<'a, Answer>;

    /// Its alerting rules.
    fn rules(&self) -> Pending<'_, Result<Vec<Rule>, Fault>>;

    /// The version that it reports, if it does so in time.
    fn version(&self) -> Pending<'_, Option<String>>;

    /// What its answers say of its clock.
    fn clock_seen(&self) -> ClockSeen;
}

/// The sources to ask, by identity; or why one cannot be asked.
#[derive(Default)]
pub(super) struct Sources(pub(super) BTreeMap<Origin, Result<Arc<dyn Source>, Fault>>);

impl Sources {
    /// The source of that name.
    pub(super) fn get(&self, origin: &Origin) -> Result<Arc<dyn Source>, Fault> {
        match (self.0.get(origin), origin) {
            (Some(source), _) => source.clone(),
            (None, Origin::Source(name) | Origin::File(name)) => Err(Fault::misconfigured(
                format!("the plan has no source `{name}`"),
            )),
        }
    }
}
