//! What a check found, as evidence: of a job and its answers, new or recorded. Must not write it, or ask a source.

use std::path::Path;

use anyhow::anyhow;

use super::job::{Job, Unprepared, prepared, prepared_with};
use crate::assessment::{Assessment, GateAssessment};
use crate::cli::CheckArgs;
use crate::commands::ledger_file::rest::Rest;
use crate::commands::surroundings::Surroundings;
use crate::digest::sha256_hex;
use crate::evaluate::{self, Facts, History as LongAnswers, clocks_differ};
use crate::evidence::{AcceptedCodes, Answers, Evidence, LedgerSeen, PlanCopy, PlanSeen};
use crate::findings::{Findings, Inquiry};
use crate::kind::GateName;
use crate::ledger::Chain;
use crate::plan::asked;
use crate::rollout::{History, not_in_plan};
use crate::samples::{Asked, Observations, Question, SourceSeen};
use crate::source::Answered;
use crate::source::recorded::Recorded;
use crate::units::Instant;

/// A plan and recorded answers, ready to be judged again, as `--replay` does; `rest` is where the ledger is, if they keep only a part.
///
/// # Errors
/// Why they cannot be used, in words.
pub fn job_of(
    plan: &Path,
    answers: &Path,
    rest: Rest<'_>,
    surroundings: &Surroundings,
) -> Result<Job, String> {
    let arguments = CheckArgs {
        plans: vec![plan.to_owned()],
        replay: Some(answers.to_owned()),
        ..CheckArgs::default()
    };
    let unusable = || "the plan or the answers cannot be used".to_owned();
    match prepared(&arguments, &[], rest, surroundings) {
        Ok(mut jobs) => jobs.pop().ok_or_else(unusable),
        // No ledger is opened for recorded answers.
        Err(Unprepared::Said(_) | Unprepared::Unread(..)) => Err(unusable()),
        Err(Unprepared::Usage(error)) => {
            let (told, named) = (format!("{error:#}"), format!("{}: ", plan.display()));
            Err(told.strip_prefix(&named).unwrap_or(&told).to_owned())
        }
    }
}

/// Judges a plan and recorded answers again and writes nothing: `gate verify` compares the result with what was written. The
/// version is that of the `gate` that recorded the answers.
/// With it the variables that `--var` changed, as `NAME=VALUE`.
///
/// # Errors
/// Why they cannot be used, in words.
pub fn judged_again(
    plan: &Path,
    answers: &Path,
    rest: Rest<'_>,
    surroundings: &Surroundings,
) -> Result<(Evidence, Vec<String>), String> {
    let mut job = job_of(plan, answers, rest, surroundings)?;
    let unusable = || "the answers cannot be used".to_owned();
    let recorded = job.recorded.as_ref().ok_or_else(unusable)?;
    let tool_version = recorded.header.tool_version.clone();
    let Answered {
        observations,
        findings,
        sources,
        ..
    } = replayed(&mut job).ok_or_else(unusable)?;
    let recorded_at = job.entry.as_ref().map(|entry| entry.at);
    let evidence = Evidence {
        tool_version,
        ..judged(&job, recorded_at, &observations, &findings, sources)
    };
    Ok((evidence, job.request.vars))
}

/// Judges a plan, as it was read, and answers for these gates, or those that were recorded; writes nothing: `gate test`. Where the
/// answers do not hold the question itself, they may hold a longer span in which it lies.
///
/// # Errors
/// Gates that the plan does not have, and what it asks now but was not asked then.
pub fn judged_as(
    (plan, bytes): (&Path, &[u8]),
    recorded: Recorded,
    rest: Rest<'_>,
    gates: &[GateName],
    surroundings: &Surroundings,
) -> Result<Evidence, Unprepared> {
    let arguments = CheckArgs {
        plans: vec![plan.to_owned()],
        gates: gates.to_vec(),
        read_before: Some(bytes.to_vec()),
        otherwise: Some("nothing was tested"),
        ..CheckArgs::default()
    };
    let jobs = prepared_with(&arguments, Some(recorded), &[], rest, surroundings)?;
    let unusable = || anyhow!("the answers cannot be used");
    let mut job = jobs.into_iter().next().ok_or_else(unusable)?;
    let recorded = job.recorded.as_mut().ok_or_else(unusable)?;
    answer_from_longer(
        recorded,
        &evaluate::questions(&job.loaded.plan, &job.request),
    );
    if let Some(what) = unasked(&job) {
        return Err(anyhow!(
            "the recorded answers do not hold {what}: the plan asks something else by now, or for another time; record them again with gate check"
        )
        .into());
    }
    let Answered {
        observations,
        findings,
        sources,
        ..
    } = replayed(&mut job).ok_or_else(unusable)?;
    let recorded_at = job.entry.as_ref().map(|entry| entry.at);
    Ok(judged(&job, recorded_at, &observations, &findings, sources))
}

/// Adds answers that can be cut from longer ones, as those of a backtest.
fn answer_from_longer(recorded: &mut Recorded, questions: &[Question]) {
    let missing = |question: &&Question| {
        let is_span = matches!(question.asked, Asked::Range(_));
        is_span && !recorded.observations.contains_key(*question)
    };
    let missing: Vec<&Question> = questions.iter().filter(missing).collect();
    if missing.is_empty() {
        return;
    }
    let history = LongAnswers::of(recorded.observations.clone());
    for question in missing {
        if history.first_unanswered(question).is_none() {
            let answer = history.cut(question);
            recorded.observations.insert(question.clone(), answer);
        }
    }
}

/// What a job asks that its answers do not hold, in words.
fn unasked(job: &Job) -> Option<String> {
    let recorded = job.recorded.as_ref()?;
    let (plan, request) = (&job.loaded.plan, &job.request);
    let questions = evaluate::questions(plan, request);
    let question = questions.iter().find(|question| {
        !recorded.observations.contains_key(*question)
            || recorded.otherwise(question, &plan.sources).is_some()
    });
    if let Some(question) = question {
        return Some(format!("`{}` as it is asked now", question.query));
    }
    let inquiries = evaluate::inquiries(plan, request);
    let inquiry = inquiries
        .iter()
        .find(|inquiry| !recorded.header.findings.contains_key(*inquiry))?;
    Some(in_words(inquiry))
}

fn in_words(inquiry: &Inquiry) -> String {
    match inquiry {
        Inquiry::Rules { source } => format!("the alerting rules of {source}"),
        Inquiry::Alerts { alertmanager, .. } => format!("the alerts of {alertmanager}"),
        Inquiry::Probe { url, .. } => format!("what {url} answered"),
        Inquiry::Artifact { path, .. } => format!("the file {path}"),
        Inquiry::IssueLog { path } => format!("the issue log {path}"),
    }
}

/// What answers show, as evidence; `recorded_at` is when the check is recorded, if it is.
pub fn judged(
    job: &Job,
    recorded_at: Option<Instant>,
    observations: &Observations,
    findings: &Findings,
    sources: Vec<SourceSeen>,
) -> Evidence {
    let facts = Facts {
        observations,
        findings,
        sources: &sources,
        lost_ledger: job.lost.as_ref(),
        plan_is_kept_out: job.plan_kept_out,
        recorded_at,
    };
    let assessment = evaluate::assess(&job.loaded.plan, &job.request, facts);
    evidence(job, sources, assessment, "")
}

/// The answers of the recorded check; `None` if no recorded check is judged again.
pub fn replayed(job: &mut Job) -> Option<Answered> {
    let mut recorded = job.recorded.take()?;
    let questions = evaluate::questions(&job.loaded.plan, &job.request);
    Some(Answered {
        observations: recorded.take(&questions, &job.loaded.plan.sources),
        findings: std::mem::take(&mut recorded.header.findings),
        sources: recorded.sources,
        recording: recorded.recording,
    })
}

/// The evidence without its answers, whose name is not known yet.
pub fn evidence(
    job: &Job,
    sources: Vec<SourceSeen>,
    assessment: Assessment,
    left_out: &str,
) -> Evidence {
    let plan = &job.loaded.plan;
    let names: Vec<String> = sources.iter().map(|source| source.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let gates: Vec<GateName> = assessment.gates.iter().map(GateAssessment::name).collect();
    let clocks = sources.iter().flat_map(clock_notes);
    let history = History::of(job.request.ledger.as_ref());
    let unknown = history.begun().into_iter();
    let unknown = unknown.filter(|name| plan.stages.iter().all(|stage| stage.name != *name));
    let notes = job.notes.iter().cloned().chain(clocks);
    let notes = notes.chain(unknown.map(not_in_plan));
    let notes = notes.chain(history.backwards_in_words());
    let notes = notes.chain(start_notes(job)).collect();
    Evidence {
        tool_version: crate::version::NUMBER.to_owned(),
        evaluated_at: job.request.at,
        started: job.request.started,
        verdict: assessment.verdict(),
        plan: PlanSeen {
            path: job.plan_path.clone(),
            sha256: job.loaded.sha256.clone(),
            copy: PlanCopy::LeftOut(job.loaded.unfit_to_copy.clone().unwrap_or_default()),
            release: plan.release.clone(),
        },
        vars: plan.vars.clone(),
        answers: Answers::LeftOut(left_out.to_owned()),
        run: job.run.clone(),
        asked: asked(&job.request.addresses, &names, &gates),
        sources,
        baselines: job.baselines.clone(),
        next: assessment.next,
        gates: assessment.gates,
        ledger: job.chain.as_ref().map(|chain| ledger_seen(job, chain)),
        accept_overrides: job.accept_overrides,
        rollback: job.request.rollout(plan).rollback_steps(),
        warnings: job.loaded.warnings.clone(),
        accepted: plan.kpis.iter().filter_map(AcceptedCodes::of).collect(),
        plan_changes: job.plan_changes.clone(),
        notes,
        watch: job.watched.clone(),
    }
}

/// What has to be said of the starts of the stages that are judged, each once.
fn start_notes(job: &Job) -> Vec<String> {
    let plan = &job.loaded.plan;
    let gates = job.request.gates.iter().filter_map(|gate| gate.of(plan));
    let mut stages: Vec<_> = gates.map(|(stage, _)| stage).collect();
    stages.dedup_by_key(|stage| stage.name.as_str());
    let rollout = job.request.rollout(plan);
    let notes = stages.into_iter();
    notes.flat_map(|stage| rollout.start_notes(stage)).collect()
}

/// That a source's clock does not agree with the one that T was read from, or that answers do not say.
fn clock_notes(source: &SourceSeen) -> impl Iterator<Item = String> {
    let name = &source.name;
    let undated = source.clock_undated.then(|| {
        format!(
            "the clock of the source {name} could not be compared with this machine's: answers came without a usable Date header; \
             make sure that both are right"
        )
    });
    let differs = |ahead| {
        let words = clocks_differ(name, ahead);
        format!("{words}: correct the clock that is wrong")
    };
    let differs = source.clock_ahead.map(differs);
    undated.into_iter().chain(differs)
}

fn ledger_seen(job: &Job, chain: &Chain) -> LedgerSeen {
    let entries = chain.lines().len();
    LedgerSeen {
        path: job.ledger_name.clone(),
        entries: entries as u64,
        head_sha256: match entries {
            0 => sha256_hex(&[""]),
            _ => chain.head().to_owned(),
        },
        entry: job.entry.clone(),
    }
}
