//! `gate check`: plans → questions → answers → assessment → evidence → verdict, in that order and no other.

use std::cell::RefCell;

use anyhow::anyhow;

use super::attest::{self, Attesting};
use super::diagnostics::say;
use super::interrupt::Interrupt;
use super::job::{Job, prepare};
use super::progress::ProgressLine;
use super::remember::remember;
use super::reports::Reports;
use super::signature::{self, SignatureError};
use super::surroundings::{Surroundings, environment};
use crate::cli::{CheckArgs, Format};
use crate::digest::sha256_hex;
use crate::evaluate::{self, Assessment, Facts};
use crate::evidence::{Answers, Evidence, LedgerSeen, PlanCopy, PlanSeen, v1};
use crate::exit::Exit;
use crate::findings::Findings;
use crate::ledger::Chain;
use crate::output::{Attached, Documents, Names, OutputError, Recorded, Store, print_stdout};
use crate::plan::Plan;
use crate::report::{Style, text, verdict_lines};
use crate::samples::SourceSeen;
use crate::source::recorded::{self, Header, LedgerLines};
use crate::source::{self, Answered, Recording, Wanted};

/// Judges plans. All of them must be valid before any source is asked.
pub async fn check(arguments: &CheckArgs, words: &[String], surroundings: &Surroundings) -> Exit {
    let jobs = match prepare(arguments, words, surroundings) {
        Ok(jobs) => jobs,
        Err(exit) => return exit,
    };
    let places: Result<Vec<Reports>, OutputError> =
        jobs.iter().map(|job| job.reports.prove()).collect();
    let places = match places {
        Ok(places) => places,
        Err(error) => return unrecorded(&error.into()),
    };
    if let Some(key) = &arguments.trust.sign
        && let Err(error) = signature::prove(key)
    {
        say(&format!("no verdict was reached: {error}"));
        return Exit::Unrecorded;
    }
    let attesting = match attest::wanted(&arguments.trust, &jobs) {
        Ok(attesting) => attesting,
        Err(error) => {
            say(&format!("no verdict was reached: {error:#}"));
            return Exit::Usage;
        }
    };
    let interrupt = Interrupt::default();
    let style = surroundings.stdout.style();
    let (mut worst, mut summary) = (Exit::Go, String::new());
    let summed_up = jobs.len() > 1 && arguments.format == Format::Text;
    for (job, reports) in jobs.into_iter().zip(places) {
        match judge(
            job,
            &reports,
            arguments,
            attesting.as_ref(),
            surroundings,
            &interrupt,
        )
        .await
        {
            Ok(evidence) => {
                worst = worst.max(evidence.exit());
                summary.push_str(&verdict_lines(&[evidence], &style));
            }
            Err(error) => worst = worst.max(unrecorded(&error)),
        }
    }
    if summed_up && let Err(error) = print_stdout(&format!("\n{summary}")) {
        worst = worst.max(unrecorded(&error.into()));
    }
    worst
}

/// Signs the record as it lies on the disk.
fn sign(arguments: &CheckArgs, written: &Recorded) -> anyhow::Result<()> {
    let Some(key) = &arguments.trust.sign else {
        return Ok(());
    };
    let signed = std::fs::read(&written.json)
        .map_err(SignatureError::from)
        .and_then(|bytes| signature::sign(&bytes, key, &signature::place(&written.json, None)));
    signed.map_err(|error| {
        anyhow!("the verdict could not be signed: {error}; the evidence is there, unsigned")
    })
}

fn unrecorded(error: &anyhow::Error) -> Exit {
    say(&error.to_string());
    Exit::Unrecorded
}

/// Judges one plan, writes its evidence, remembers it in the ledger, then prints. The folder is proved writable before a
/// source is asked, as the ledger was before.
async fn judge(
    mut job: Job,
    reports: &Reports,
    arguments: &CheckArgs,
    attesting: Option<&Attesting>,
    surroundings: &Surroundings,
    interrupt: &Interrupt,
) -> anyhow::Result<Evidence> {
    let store = Store::open(&job.evidence_folder)?;
    let Answered {
        observations,
        findings,
        sources,
        recording,
    } = answers(&mut job, surroundings, interrupt).await;
    let assessment = evaluate::assess(
        &job.loaded.plan,
        &job.request,
        Facts {
            observations: &observations,
            findings: &findings,
        },
    );
    // The samples have been judged: unless a report shows them, the memory is wanted for writing.
    let observations = reports.show_samples().then_some(observations);
    let (evidence, written, sha256) =
        record(&job, &store, sources, assessment, findings, &recording)?;
    // A stop that tripped is remembered, whatever becomes of signatures.
    remember(&job, &evidence, &written.json, &sha256)?;
    sign(arguments, &written)?;
    if let Some(attesting) = attesting {
        attesting.write(&evidence, &written.json, &sha256)?;
    }
    reports.write(&job, &evidence, observations.as_ref())?;
    print(&evidence, &written, arguments.format, surroundings)?;
    reports.print(&evidence)?;
    Ok(evidence)
}

/// Judges recorded answers once more, and writes nothing: what `gate verify` compares with what was written. `None` where
/// nothing was recorded.
pub async fn judged_again(mut job: Job, surroundings: &Surroundings) -> Option<Evidence> {
    job.recorded.as_ref()?;
    let Answered {
        observations,
        findings,
        sources,
        ..
    } = answers(&mut job, surroundings, &Interrupt::default()).await;
    let facts = Facts {
        observations: &observations,
        findings: &findings,
    };
    let assessment = evaluate::assess(&job.loaded.plan, &job.request, facts);
    Some(evidence(&job, sources, assessment, ""))
}

/// Writes the evidence of one plan, and gives its digest. Its own name is known only then: it is part of what is written.
fn record(
    job: &Job,
    store: &Store,
    sources: Vec<SourceSeen>,
    assessment: Assessment,
    findings: Findings,
    recording: &Recording,
) -> Result<(Evidence, Recorded, String), OutputError> {
    let verdict = assessment.verdict();
    let (answers, left_out) = match recording {
        Recording::Kept(entries) => (
            Some(recorded::write(&header(job, findings), &sources, entries)),
            "",
        ),
        Recording::LeftOut(_) if !job.keep_answers => (None, "--no-answers was given"),
        Recording::LeftOut(reason) => (None, reason.as_str()),
    };
    let digest = answers.as_deref().map(sha256_hex);
    let evidence = RefCell::new(evidence(job, sources, assessment, left_out));
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
    let written = store.write(&job.request.at.stamp(), verdict, attached, render)?;
    Ok((evidence.into_inner(), written, json_sha256.into_inner()))
}

async fn answers(job: &mut Job, surroundings: &Surroundings, interrupt: &Interrupt) -> Answered {
    let questions = evaluate::questions(&job.loaded.plan, &job.request);
    if let Some(mut recorded) = job.recorded.take() {
        return Answered {
            observations: recorded.take(&questions),
            findings: std::mem::take(&mut recorded.header.findings),
            sources: recorded.sources,
            recording: recorded.recording,
        };
    }
    let inquiries = wanted(&job.loaded.plan, &job.request);
    let progress = ProgressLine::start(
        surroundings.stderr,
        &job.loaded.shown(),
        questions.len() + inquiries.len(),
    );
    let request = source::Request {
        sources: &job.loaded.plan.sources,
        folder: job.loaded.folder(),
        questions: &questions,
        inquiries: &inquiries,
        keep_answers: job.keep_answers,
        environment: &environment,
    };
    source::ask(request, &|seen| progress.show(seen.done), interrupt.wait()).await
}

/// What to look up, with the settings of probes.
fn wanted<'a>(plan: &'a Plan, request: &evaluate::Request) -> Vec<Wanted<'a>> {
    let inquiries = evaluate::inquiries(plan, request).into_iter();
    inquiries
        .map(|(inquiry, probe)| Wanted { inquiry, probe })
        .collect()
}

fn header(job: &Job, findings: Findings) -> Header {
    let gates = job
        .request
        .gates
        .iter()
        .filter_map(|gate| gate.of(&job.loaded.plan));
    Header {
        plan_path: job.plan_path.clone(),
        plan_sha256: job.loaded.sha256.clone(),
        at: Some(job.request.at),
        started: job.request.started,
        vars: job.vars.clone(),
        gates: gates
            .map(|(stage, gate)| format!("{}/{}", stage.name, gate.kind.word()))
            .collect(),
        run: job.run.clone(),
        findings,
        ledger: job.chain.as_ref().map(|chain| LedgerLines {
            path: job.ledger_name.clone(),
            lines: chain.lines().map(str::to_owned).collect(),
        }),
        accept_overrides: job.accept_overrides,
    }
}

/// The evidence but for its answers, whose name is not known yet.
fn evidence(
    job: &Job,
    sources: Vec<SourceSeen>,
    assessment: Assessment,
    left_out: &str,
) -> Evidence {
    let plan = &job.loaded.plan;
    Evidence {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
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
        sources,
        gates: assessment.gates,
        ledger: job.chain.as_ref().map(|chain| ledger_seen(job, chain)),
        accept_overrides: job.accept_overrides,
        rollback: plan.rollback.clone(),
        notes: job.notes.clone(),
    }
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
    }
}

/// Prints what was written: the report for this terminal, or the evidence document itself.
fn print(
    evidence: &Evidence,
    written: &Recorded,
    format: Format,
    surroundings: &Surroundings,
) -> Result<(), OutputError> {
    match format {
        Format::Text => print_stdout(&text(evidence, &surroundings.stdout.style()))?,
        Format::Json => {
            print_stdout(&std::fs::read_to_string(&written.json).map_err(OutputError::Stdout)?)?;
        }
    }
    say(&format!("evidence: {}", written.json.display()));
    Ok(())
}
