//! Judging what was answered, writing the evidence, recording it in the ledger: together or not at all. Must not ask a source, nor
//! print.

use std::cell::RefCell;

use anyhow::anyhow;

use super::evidence::evidence;
use super::job::{Job, names};
use super::remember;
use crate::assessment::Assessment;
use crate::cli::CheckArgs;
use crate::commands::ledger_file::{self, Unusable, known, rest};
use crate::digest::sha256_hex;
use crate::evaluate::{self, Facts};
use crate::evidence::{Answers, Evidence, PlanCopy, v1};
use crate::findings::Findings;
use crate::ledger::Chain;
use crate::output::{
    Attached, Documents, Names, OutputError, RecordError, Recorded, Store, ToKeep, ToRecord,
    Unrecorded,
};
use crate::report::{Style, text};
use crate::samples::{Observations, SourceSeen};
use crate::source::recorded::{self, Header, LedgerLines, RecordedPlan};
use crate::source::{Answered, Recording};

/// What was judged and written; its files are removed again unless it is kept.
struct Judged {
    evidence: Evidence,
    written: Unrecorded,
    /// Of the evidence.
    sha256: String,
}

/// What was judged, written and recorded.
pub struct Kept {
    pub evidence: Evidence,
    pub written: Recorded,
    /// Of the evidence.
    pub sha256: String,
    pub observations: Observations,
}

impl Judged {
    fn keep(self, observations: Observations) -> Result<Kept, OutputError> {
        Ok(Kept {
            evidence: self.evidence,
            written: self.written.keep()?,
            sha256: self.sha256,
            observations,
        })
    }
}

/// Judges, writes the evidence and records it: under the ledger's lock, on the ledger as it is by then. So every check has
/// seen what was recorded before it. A check that is not recorded is judged on what was read; where the entry cannot be written,
/// no evidence stays that no ledger knows, and the record gets its name only after the entry is there.
pub fn remembered(
    job: &mut Job,
    store: &Store,
    mut answered: Answered,
    arguments: &CheckArgs,
) -> anyhow::Result<Kept> {
    let Some(occasion) = job.occasion.clone() else {
        return Ok(judged(job, store, &mut answered)?.keep(answered.observations)?);
    };
    // The job changes while the lock is held; which ledger it is does not.
    let (plan, home) = (job.loaded.path.clone(), job.loaded.home.clone());
    let mut done = None;
    let recorded = ledger_file::record_held(&home, &occasion, |chain| {
        // What was judged before on an older ledger goes first: its files must not stay.
        done = None;
        job.catch_up(chain, arguments)?;
        let judged = judged(job, store, &mut answered)?;
        let entry = remember::entry(job, &judged.evidence, judged.written.json(), &judged.sha256);
        let mut files = judged.written.to_keep();
        files.extend(rounds(job));
        done = Some(judged);
        anyhow::Ok(ToRecord {
            events: vec![entry],
            files,
            ..ToRecord::default()
        })
    });
    match (recorded, done) {
        (Ok(appended), Some(judged)) => {
            ledger_file::announce(&appended, &home);
            Ok(judged.keep(answered.observations)?)
        }
        (Ok(_), None) => Err(anyhow!("no verdict was reached")),
        (Err(RecordError::Refused(error)), _) => Err(error),
        (Err(RecordError::Journal(error)), done) => {
            let decided = match done {
                Some(_) => "the verdict could not be recorded",
                None => "no verdict was reached",
            };
            Err(anyhow!(Unusable {
                decided,
                plan,
                error
            }))
        }
    }
}

/// What stood in the way of a record, in words, if that may pass; `None` if it stays.
pub fn may_pass(error: &anyhow::Error) -> Option<String> {
    if let Some(Unusable { plan, error, .. }) = error.downcast_ref() {
        let words = || ledger_file::trouble("nothing is recorded for now", plan, error);
        return error.may_pass().then(words);
    }
    match error.downcast_ref()? {
        OutputError::Folder { path, source } | OutputError::Evidence { path, source } => {
            let path = path.display();
            Some(format!(
                "nothing is recorded for now: {path} cannot be written: {source}"
            ))
        }
        OutputError::NamesTaken { .. }
        | OutputError::Exists(_)
        | OutputError::File { .. }
        | OutputError::ReportExists(_)
        | OutputError::ReportTarget { .. }
        | OutputError::Report { .. }
        | OutputError::Stdout(_) => None,
    }
}

/// The file of the watch that ends with it.
fn rounds(job: &Job) -> Option<ToKeep> {
    let watched = job.watched.as_ref()?;
    Some(ToKeep::of(&job.evidence_folder.join(&watched.path)))
}

/// Judges and writes the evidence.
fn judged(job: &Job, store: &Store, answered: &mut Answered) -> Result<Judged, OutputError> {
    let Answered {
        observations,
        findings,
        sources,
        recording,
    } = answered;
    let questions = evaluate::questions(&job.loaded.plan, &job.request);
    recorded::complete(observations, &questions);
    let facts = Facts {
        observations,
        findings,
        sources,
        lost_ledger: job.lost.as_ref(),
        plan_is_kept_out: job.plan_kept_out,
        recorded_at: job.entry.as_ref().map(|entry| entry.at),
    };
    let assessment = evaluate::assess(&job.loaded.plan, &job.request, facts);
    let (evidence, written, sha256) = record(job, store, sources, assessment, findings, recording)?;
    Ok(Judged {
        evidence,
        written,
        sha256,
    })
}

/// Writes the evidence of one plan, and returns its digest. Its name, which is part of it, is only known while writing.
fn record(
    job: &Job,
    store: &Store,
    sources: &[SourceSeen],
    assessment: Assessment,
    findings: &Findings,
    recording: &Recording,
) -> Result<(Evidence, Unrecorded, String), OutputError> {
    let verdict = assessment.verdict();
    let (answers, left_out) = match recording {
        Recording::Kept(entries) => (
            Some(recorded::write(
                &header(job, findings.clone()),
                sources,
                entries,
            )),
            "",
        ),
        Recording::LeftOut(_) if !job.keep_answers => (None, "--no-answers was given"),
        Recording::LeftOut(reason) => (None, reason.as_str()),
    };
    let digest = answers.as_deref().map(sha256_hex);
    let evidence = RefCell::new(evidence(job, sources.to_vec(), assessment, left_out));
    let json_sha256 = RefCell::new(String::new());
    let render = |names: &Names| {
        let mut evidence = evidence.borrow_mut();
        if let Some(sha256) = &digest {
            evidence.answers = Answers::Kept {
                path: names.answers.clone(),
                sha256: sha256.clone(),
            };
        }
        if job.loaded.unfit_to_copy.is_none() {
            evidence.plan.copy = PlanCopy::Kept(names.plan.clone());
        }
        let json = v1::to_json(&evidence);
        json_sha256.replace(sha256_hex(&[&json]));
        Documents {
            json,
            text: text(&evidence, &Style::FILE),
        }
    };
    let unfit = job.loaded.unfit_to_copy.is_some();
    let attached = Attached {
        answers: answers.as_deref(),
        plan: (!unfit).then_some(&job.loaded.bytes),
    };
    let written = store.write(job.request.at, verdict, attached, render)?;
    Ok((evidence.into_inner(), written, json_sha256.into_inner()))
}

fn header(job: &Job, findings: Findings) -> Header {
    Header {
        tool_version: crate::version::NUMBER.to_owned(),
        plan: RecordedPlan {
            path: job.plan_path.clone(),
            sha256: job.loaded.sha256.clone(),
        },
        at: Some(job.request.at),
        started: job.request.started,
        trailing: job.request.trailing,
        vars: job.vars.clone(),
        addresses: job.request.addresses.clone(),
        gates: names(&job.loaded.plan, &job.request.gates),
        outlook: names(&job.loaded.plan, &job.request.outlook),
        run: job.run.clone(),
        findings,
        ledger: job.chain.as_ref().map(|chain| ledger_lines(job, chain)),
        lost_ledger: job.lost.clone(),
        plan_kept_out: job.plan_kept_out,
        baselines: job.baselines.clone(),
        plan_changes: job.plan_changes.clone(),
        accept_overrides: job.accept_overrides,
        notes: job.notes.clone(),
    }
}

/// The ledger as its answers keep it.
fn ledger_lines(job: &Job, chain: &Chain) -> LedgerLines {
    let judged = names(&job.loaded.plan, &job.request.gates);
    let (part_of, lines) = rest::kept(chain, &judged);
    LedgerLines {
        path: job.ledger_name.clone(),
        part_of,
        lines,
        later_starts: known::written(&job.request.later_starts),
        later_checks: job.request.later_checks.clone(),
        later_holds: job.request.later_holds.clone(),
        entry: job.entry.clone(),
        signatures: chain.ledger().signatures().cloned(),
    }
}
