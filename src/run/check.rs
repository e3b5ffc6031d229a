//! `gate check`: plans → questions → answers → assessment → evidence → verdict, in that order and no other.

use std::cell::RefCell;

use super::diagnostics::say;
use super::interrupt::Interrupt;
use super::job::{Job, prepare};
use super::progress::{PlansLine, ProgressLine};
use super::side_by_side::in_order;
use super::surroundings::{Surroundings, environment};
use crate::cli::{CheckArgs, Format};
use crate::evaluate::{self, Assessment};
use crate::evidence::{Answers, Evidence, PlanSeen, sha256_hex, v1};
use crate::exit::Exit;
use crate::output::{Documents, Names, OutputError, Recorded, Store, print_stdout};
use crate::report::{Style, text, verdict_lines};
use crate::samples::SourceSeen;
use crate::source::recorded::{self, Header};
use crate::source::{self, Answered, Pool, Progress, Recording};

/// Several plans are asked about side by side: one slow source does not hold up the others, and no more answers are held
/// than those of so many plans.
const PLANS_AT_A_TIME: usize = 16;

/// Judges plans. All of them must be valid before any source is asked.
pub async fn check(arguments: &CheckArgs, words: &[String], surroundings: &Surroundings) -> Exit {
    let jobs = match prepare(arguments, words, surroundings) {
        Ok(jobs) => jobs,
        Err(exit) => return exit,
    };
    let (interrupt, pool) = (Interrupt::listen(), Pool::default());
    let line = PlansLine::start(surroundings.stderr, jobs.len());
    let style = surroundings.stdout.style();
    let (mut worst, mut summary) = (Exit::Go, String::new());
    let summed_up = jobs.len() > 1 && arguments.format == Format::Text;
    let judging = jobs
        .into_iter()
        .map(|job| judge(job, surroundings, &interrupt, &pool, &line));
    in_order(judging, PLANS_AT_A_TIME, |judged| {
        let said = judged.and_then(|(evidence, written)| {
            line.aside(|| print(&evidence, &written, arguments.format, surroundings))?;
            Ok(evidence)
        });
        match said {
            Ok(evidence) => {
                worst = worst.max(Exit::from(evidence.verdict));
                summary.push_str(&verdict_lines(&[evidence], &style));
            }
            Err(error) => worst = worst.max(line.aside(|| unrecorded(&error))),
        }
    })
    .await;
    drop(line);
    if summed_up && let Err(error) = print_stdout(&format!("\n{summary}")) {
        worst = worst.max(unrecorded(&error));
    }
    worst
}

fn unrecorded(error: &OutputError) -> Exit {
    say(&error.to_string());
    Exit::Unrecorded
}

/// Judges one plan and writes its evidence. The folder is proved writable before a source is asked.
async fn judge(
    mut job: Job,
    surroundings: &Surroundings,
    interrupt: &Interrupt,
    pool: &Pool,
    line: &PlansLine,
) -> Result<(Evidence, Recorded), OutputError> {
    let store = Store::open(&job.evidence_folder)?;
    let Answered {
        observations,
        sources,
        recording,
    } = answers(&mut job, surroundings, interrupt, pool, line).await;
    let assessment = evaluate::assess(&job.loaded.plan, &job.request, &observations);
    // The samples have been judged: the memory is wanted for writing.
    drop(observations);
    let recorded = record(&job, &store, sources, assessment, &recording)?;
    line.judged();
    Ok(recorded)
}

/// Writes the evidence of one plan. Its own name is known only then: it is part of what is written.
fn record(
    job: &Job,
    store: &Store,
    sources: Vec<SourceSeen>,
    assessment: Assessment,
    recording: &Recording,
) -> Result<(Evidence, Recorded), OutputError> {
    let verdict = assessment.verdict();
    let (answers, left_out) = match recording {
        Recording::Kept(entries) => (Some(recorded::write(&header(job), &sources, entries)), ""),
        Recording::LeftOut(_) if !job.keep_answers => (None, "--no-answers was given"),
        Recording::LeftOut(reason) => (None, reason.as_str()),
    };
    let digest = answers.as_deref().map(sha256_hex);
    let evidence = RefCell::new(evidence(job, sources, assessment, left_out));
    let render = |names: &Names| {
        let mut evidence = evidence.borrow_mut();
        if let Some(sha256) = &digest {
            evidence.answers = Answers::Kept {
                path: names.answers.clone(),
                sha256: sha256.clone(),
            };
        }
        Documents {
            json: v1::to_json(&evidence),
            text: text(&evidence, &Style::FILE),
        }
    };
    let written = store.write(&job.request.at.stamp(), verdict, answers.as_deref(), render)?;
    Ok((evidence.into_inner(), written))
}

async fn answers(
    job: &mut Job,
    surroundings: &Surroundings,
    interrupt: &Interrupt,
    pool: &Pool,
    line: &PlansLine,
) -> Answered {
    let questions = evaluate::questions(&job.loaded.plan, &job.request);
    if let Some(mut recorded) = job.recorded.take() {
        return Answered {
            observations: recorded.take(&questions),
            sources: recorded.sources,
            recording: recorded.recording,
        };
    }
    let alone = line
        .is_silent()
        .then(|| ProgressLine::start(surroundings.stderr, &job.loaded.shown(), questions.len()));
    let show = |seen: Progress| match &alone {
        Some(alone) => alone.show(seen.done),
        None => line.answered(seen),
    };
    let request = source::Request {
        sources: &job.loaded.plan.sources,
        folder: job.loaded.folder(),
        questions: &questions,
        keep_answers: job.keep_answers,
        pool,
        environment: &environment,
    };
    source::ask(request, &show, interrupt.wait()).await
}

fn header(job: &Job) -> Header {
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
            release: plan.release.clone(),
        },
        vars: plan.vars.clone(),
        answers: Answers::LeftOut(left_out.to_owned()),
        run: job.run.clone(),
        sources,
        gates: assessment.gates,
        rollback: plan.rollback.clone(),
        notes: job.notes.clone(),
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
