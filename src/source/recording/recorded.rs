//! What the sources answered in a check, as a file: for the auditor, for `zcat | jq`, and for `--replay`.
//!
//! Same observations, same bytes. Must not judge, and must not fill in what a recording does not hold.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::document::{self, Form};
use super::exchange::{Exchange, Recorder, Recording};
use super::finding;
use crate::findings::Findings;
use crate::kind::GateName;
use crate::ledger::{LaterCheck, LaterHold, LostLedger, RecordedAs};
use crate::plan::{self, PlanChange, Variable};
use crate::provenance::{RunIdentity, SignaturesSeen};
use crate::samples::{
    BaselineSeen, Failure, FailureCode, Observations, Origin, Question, SourceSeen,
};
use crate::units::Instant;

pub use super::document::RecordedError;

const FORM: Form = Form {
    schema: "gate.answers/v1",
    key: "check",
};

/// The check that the answers belong to, as it is in the file. A frozen form: archived files use it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of `gate` that judged.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tool_version: String,
    /// Which plan was judged.
    pub plan: RecordedPlan,
    /// T; `None` only if nothing was asked yet.
    pub at: Option<Instant>,
    /// The stage's start, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Instant>,
    /// Whether it was a look at the last window, begun or not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trailing: bool,
    /// What `--var` set.
    pub vars: Vec<Variable>,
    /// Where the plan asks, as `NAME=ADDRESS`, asked or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// The gates that were judged.
    pub gates: Vec<GateName>,
    /// Those among them that were judged ahead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outlook: Vec<GateName>,
    /// Who ran it.
    pub run: RunIdentity,
    /// What was looked up besides samples.
    #[serde(default, skip_serializing_if = "Findings::is_empty", with = "finding")]
    pub findings: Findings,
    /// The ledger that was read; `None` if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<LedgerLines>,
    /// The ledger that was not there, though records speak of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_ledger: Option<LostLedger>,
    /// Whether the plan had changed, and could not be used as it was then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plan_kept_out: bool,
    /// The captured baselines that the plan compares with, as they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub baselines: Vec<BaselineSeen>,
    /// What had changed in the gates, under another version of the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plan_changes: Vec<PlanChange>,
    /// Whether overrides counted for the exit code.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accept_overrides: bool,
    /// Remarks on the check that judging again cannot find out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Which plan was judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedPlan {
    /// As given on the command line.
    pub path: String,
    /// SHA-256 of the plan's bytes, 64 lower-case hex digits.
    pub sha256: String,
}

/// The first start of a stage that T did not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterStart {
    /// Which stage.
    pub stage: String,
    /// When it began.
    pub started_at: Instant,
    /// When that was recorded.
    pub recorded_at: Instant,
}

/// The ledger that a check took into account: all its lines, as they were in the file, so that judging again needs nothing else; or, of a
/// long one, those that it rests on (R6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLines {
    /// The ledger's file name.
    pub path: String,
    /// What the lines are a part of; `None` if they are all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<PartOf>,
    /// Without their line ends.
    pub lines: Vec<String>,
    /// The starts that the ledger held, but that were recorded after T.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later_starts: Vec<LaterStart>,
    /// What checks for a later time found unmet that were recorded after T.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later_checks: Vec<LaterCheck>,
    /// What was recorded after T, holds gates, and still did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later_holds: Vec<LaterHold>,
    /// The entry that records the check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<RecordedAs>,
    /// What was found about the signatures of approvals, where the plan requires them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatures: Option<SignaturesSeen>,
}

/// The beginning of a ledger, as far as a check took it into account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartOf {
    /// How many entries, counted from the first.
    pub entries: u64,
    /// SHA-256 of the last of them as a line, 64 lower-case hex digits.
    pub head_sha256: String,
}

/// A recording that was read.
#[derive(Debug)]
pub struct Recorded {
    /// Its check.
    pub header: Header,
    /// The sources as they were found.
    pub sources: Vec<SourceSeen>,
    /// What was asked, and the outcome.
    pub observations: Observations,
    /// The answers as they are in the file, to be written again.
    pub recording: Recording,
}

impl Recorded {
    /// Takes out the observations for the given questions; one that the recording does not hold, or that was asked with
    /// other settings than those of `sources`, is [`FailureCode::NotRecorded`].
    pub fn take(&mut self, questions: &[Question], sources: &[plan::Source]) -> Observations {
        let answered = questions.iter().map(|question| {
            let observation = self.observations.remove(question);
            let observation = match self.otherwise(question, sources) {
                Some(failure) => Err(failure),
                None => observation.unwrap_or_else(|| Err(missing())),
            };
            (question.clone(), observation)
        });
        answered.collect()
    }

    /// Why what was recorded does not answer a question: the same query was another one.
    #[must_use]
    pub fn otherwise(&self, question: &Question, sources: &[plan::Source]) -> Option<Failure> {
        let Origin::Source(name) = &question.origin else {
            return None;
        };
        let now = sources.iter().find(|source| source.name == *name)?;
        let then = self.sources.iter().find(|source| source.name == *name)?;
        let params = now.params.iter();
        let same_params = then.params.len() == now.params.len()
            && params
                .into_iter()
                .all(|param| then.params.get(&param.name) == Some(&param.shown));
        if then.lookback == now.lookback && same_params {
            return None;
        }
        let message = format!(
            "the recorded answers were asked for with another `lookback` or other `params` than the plan has for the source {name}"
        );
        Some(Failure {
            code: FailureCode::NotRecorded,
            message,
        })
    }
}

/// Adds [`FailureCode::NotRecorded`] for what was not asked: a check that judges more than it asked for finds what a replay
/// of it finds.
pub fn complete(observations: &mut Observations, questions: &[Question]) {
    for question in questions {
        if !observations.contains_key(question) {
            observations.insert(question.clone(), Err(missing()));
        }
    }
}

fn missing() -> Failure {
    Failure {
        code: FailureCode::NotRecorded,
        message: "the recorded answers do not hold this query for this time".to_owned(),
    }
}

/// The file in pieces, so that it is not held twice: one JSON document, compressed as consecutive gzip members
/// without a time stamp.
#[must_use]
pub fn write<'a>(
    header: &Header,
    sources: &[SourceSeen],
    entries: &'a [Exchange],
) -> Vec<Cow<'a, [u8]>> {
    let entries: Vec<_> = entries.iter().map(|entry| (None, entry)).collect();
    document::write(FORM, header, sources, &entries)
}

/// Reads a recording, compressed or not. With `keep`, its answers can be written again, to the same bytes.
///
/// # Errors
/// A file that is cut off, garbled, of another form or version; pieces that do not fit; repeated questions.
pub fn read(bytes: &[u8], keep: bool) -> Result<Recorded, RecordedError> {
    let document = document::read::<Header>(bytes, FORM, keep)?;
    let mut observations = Observations::new();
    let mut recorder = Recorder::new(keep);
    for (index, item) in document.items.into_iter().enumerate() {
        recorder.add(&item.question, &item.observation, item.records);
        if observations
            .insert(item.question, item.observation)
            .is_some()
        {
            return Err(RecordedError::Repeated(index + 1));
        }
    }
    Ok(Recorded {
        header: document.header,
        sources: document.sources,
        observations,
        recording: recorder.finish(),
    })
}
