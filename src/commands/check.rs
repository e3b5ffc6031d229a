//! `gate check`: plans → questions → answers → assessment → evidence → verdict, in that order and no other.

mod attest;
mod ordered;
mod signing;

use std::cell::RefCell;

use anyhow::anyhow;

use super::diagnostics::say;
use super::interrupt::Interrupt;
use super::judging::evidence::{evidence, replayed};
use super::judging::job::{Job, names, prepare};
use super::judging::remember;
use super::judging::reports::Reports;
use super::ledger_file::{self, Unusable, known, rest};
use super::progress::{PlansLine, ProgressLine};
use super::surroundings::{Surroundings, environment};
use crate::assessment::Assessment;
use crate::cli::{CheckArgs, Format};
use crate::digest::sha256_hex;
use crate::evaluate::{self, Facts};
use crate::evidence::{Answers, Evidence, PlanCopy, v1};
use crate::exit::Exit;
use crate::findings::Findings;
use crate::http::Pool;
use crate::ledger::Chain;
use crate::output::{
    Attached, Documents, Names, OutputError, RecordError, Recorded, Shared, Store, ToRecord,
    Unrecorded, print_stdout,
};
use crate::report::{Style, text, verdict_lines};
use crate::samples::{Observations, SourceSeen};
use crate::source::recorded::{self, Header, LedgerLines, RecordedPlan};
use crate::source::{self, Answered, Progress, Recording};
use attest::Attesting;
use ordered::in_order;

/// At most this many plans are checked concurrently: one slow source does not delay the others, and only the answers of
/// these plans are held.
const PLANS_AT_A_TIME: usize = 16;

/// Judges plans. All of them must be valid before any source is asked.
pub async fn check(arguments: &CheckArgs, words: &[String], surroundings: &Surroundings) -> Exit {
    judge_all(arguments, words, surroundings, false).await
}

/// The same, and prints only what was decided: for a command that goes on with it.
pub async fn briefly(arguments: &CheckArgs, words: &[String], surroundings: &Surroundings) -> Exit {
    judge_all(arguments, words, surroundings, true).await
}

async fn judge_all(
    arguments: &CheckArgs,
    words: &[String],
    surroundings: &Surroundings,
    is_brief: bool,
) -> Exit {
    let jobs = match prepare(arguments, words, surroundings) {
        Ok(jobs) => jobs,
        Err(exit) => return exit,
    };
    if let Err(exit) = signing::prove(&jobs, arguments) {
        return exit;
    }
    // From here on something is written: Ctrl-C must leave time to remove drafts.
    let interrupt = Interrupt::listen();
    let attesting = match attest::wanted(&arguments.trust, &jobs) {
        Ok(attesting) => attesting,
        Err(error) => {
            say(&format!("no verdict was reached: {error:#}"));
            return Exit::Usage;
        }
    };
    let overwrites = arguments.force || surroundings.in_ci;
    let places: Result<Vec<Reports>, OutputError> = jobs
        .iter()
        .map(|job| job.reports.prove(overwrites))
        .collect();
    let places = match places {
        Ok(places) => places,
        Err(error) => return unrecorded(&error.into()),
    };
    let pool = Pool::default();
    let line = PlansLine::start(surroundings.stderr, jobs.len());
    let style = surroundings.stdout.style();
    let (mut worst, mut summary) = (Exit::Go, String::new());
    let several = jobs.len() > 1;
    let mut documents = (several && arguments.format == Format::Json).then(Vec::new);
    let world = World {
        arguments,
        is_brief,
        attesting: attesting.as_ref(),
        surroundings,
        interrupt: &interrupt,
        pool: &pool,
        line: &line,
    };
    let judging = jobs
        .into_iter()
        .zip(&places)
        .map(|(job, reports)| judge(job, reports, &world));
    in_order(judging, PLANS_AT_A_TIME, |judged| {
        let said = judged.and_then(|(evidence, written, reports, place)| {
            line.aside(|| {
                print(&evidence, &written, documents.as_mut(), &world)?;
                say(&kept_as(&written, place.as_deref()));
                reports.print(&evidence)
            })?;
            Ok(evidence)
        });
        match said {
            Ok(evidence) => {
                worst = worst.max(evidence.exit());
                summary.push_str(&verdict_lines(&[evidence], &style));
            }
            Err(error) => worst = worst.max(line.aside(|| unrecorded(&error))),
        }
    })
    .await;
    drop(line);
    let last = match documents {
        Some(all) => format!("[\n{}\n]\n", all.join(",\n")),
        None if several => format!("\n{summary}"),
        None => String::new(),
    };
    if let Err(error) = print_stdout(&last) {
        worst = worst.max(unrecorded(&error.into()));
    }
    worst
}

fn unrecorded(error: &anyhow::Error) -> Exit {
    if ledger_file::say_unusable(error).is_none() {
        say(&error.to_string());
    }
    Exit::Unrecorded
}

/// What judging all plans shares.
struct World<'a> {
    arguments: &'a CheckArgs,
    /// Whether only what was decided is printed.
    is_brief: bool,
    attesting: Option<&'a Attesting>,
    surroundings: &'a Surroundings,
    interrupt: &'a Interrupt,
    pool: &'a Pool,
    line: &'a PlansLine,
}

/// Judges one plan, writes its evidence, records it in the ledger. The folder is proved writable before a source is asked,
/// as the ledger was earlier.
async fn judge<'a>(
    mut job: Job,
    reports: &'a Reports,
    world: &World<'_>,
) -> anyhow::Result<(Evidence, Recorded, &'a Reports, Option<String>)> {
    let home = &job.loaded.home;
    let is_shared = home.is_shared().is_some() && job.occasion.is_some();
    let store = Store::open(&job.evidence_folder)?.shared(is_shared);
    let answered = answers(&mut job, world).await;
    // A stop that tripped is recorded, even if signing fails.
    let Kept {
        evidence,
        written,
        sha256,
        observations,
    } = remembered(&mut job, &store, answered, world.arguments)?;
    let by = job.occasion.as_ref().map_or("", |one| one.by.name.as_str());
    signing::sign(world.arguments, &written, &job.loaded.home, by)?;
    if let Some(attesting) = world.attesting {
        attesting.write(&evidence, &written.json, &sha256)?;
    }
    // Unless a report shows the samples, their memory is not needed any more.
    let observations = Some(observations).filter(|_| reports.show_samples());
    reports.write(
        (&job.loaded.plan, &job.request),
        &evidence,
        observations.as_ref(),
    )?;
    world.line.judged();
    let place = job.loaded.home.is_shared().filter(|_| is_shared);
    let place = place.map(Shared::shown);
    Ok((evidence, written, reports, place))
}

/// What was judged and written; its files are removed again unless it is kept.
struct Judged {
    evidence: Evidence,
    written: Unrecorded,
    /// Of the evidence.
    sha256: String,
}

/// What was judged, written and recorded.
struct Kept {
    evidence: Evidence,
    written: Recorded,
    /// Of the evidence.
    sha256: String,
    observations: Observations,
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
fn remembered(
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
        let files = judged.written.to_keep();
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

async fn answers(job: &mut Job, world: &World<'_>) -> Answered {
    if let Some(answered) = replayed(job) {
        return answered;
    }
    let questions = evaluate::questions(&job.loaded.plan, &job.request);
    let inquiries = evaluate::inquiries(&job.loaded.plan, &job.request);
    let World {
        surroundings, line, ..
    } = world;
    let total = questions.len() + inquiries.len();
    let alone = line
        .is_silent()
        .then(|| ProgressLine::start(surroundings.stderr, &job.loaded.shown(), total));
    let show = |seen: Progress| match &alone {
        Some(alone) => alone.show(seen.done),
        None => line.answered(seen),
    };
    let request = source::Request {
        sources: &job.loaded.plan.sources,
        folder: job.loaded.folder(),
        questions: &questions,
        inquiries: &inquiries,
        keep_answers: job.keep_answers,
        pool: world.pool,
        environment: &environment,
        now: surroundings.now,
        clock: job.clock,
    };
    source::ask(request, &show, world.interrupt.wait()).await
}

fn header(job: &Job, findings: Findings) -> Header {
    Header {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
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

/// Where the evidence is; of a place that several machines share, a copy is here.
fn kept_as(written: &Recorded, place: Option<&str>) -> String {
    let here = written.json.display();
    match place {
        Some(place) => {
            let name = written.json.file_name().unwrap_or_default();
            let name = name.to_string_lossy();
            format!("evidence: {name} in {place}; a copy: {here}")
        }
        None => format!("evidence: {here}"),
    }
}

/// Prints what was written: the report for this terminal, or the evidence document itself. Where there are several, they are
/// printed as one array, after the last.
fn print(
    evidence: &Evidence,
    written: &Recorded,
    documents: Option<&mut Vec<String>>,
    world: &World,
) -> Result<(), OutputError> {
    match (world.arguments.format, documents) {
        (Format::Text, _) if world.is_brief => {
            let style = world.surroundings.stdout.style();
            print_stdout(&verdict_lines(std::slice::from_ref(evidence), &style))?;
        }
        (Format::Text, _) => print_stdout(&text(evidence, &world.surroundings.stdout.style()))?,
        (Format::Json, all) => {
            let document = std::fs::read_to_string(&written.json).map_err(OutputError::Stdout)?;
            match all {
                Some(all) => all.push(document.trim_end().to_owned()),
                None => print_stdout(&document)?,
            }
        }
    }
    Ok(())
}
