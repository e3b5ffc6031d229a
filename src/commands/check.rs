//! `gate check`: plans → questions → answers → assessment → evidence → verdict, in that order and no other.

mod attest;
mod ordered;
mod wait;

use std::borrow::Cow;
use std::cell::RefCell;
use std::path::Path;

use super::diagnostics::say;
use super::interrupt::Interrupt;
use super::judging::ask::{Asked, ask};
use super::judging::evidence::replayed;
use super::judging::job::{Job, prepare};
use super::judging::recording::{Kept, remembered};
use super::judging::reports::Reports;
use super::judging::signing;
use super::ledger_file;
use super::ledger_file::Home;
use super::progress::{PlansLine, ProgressLine};
use super::surroundings::Surroundings;
use super::telling::{self, Manner};
use crate::cli::{CheckArgs, Format};
use crate::evaluate;
use crate::evidence::Evidence;
use crate::exit::Exit;
use crate::http::Pool;
use crate::ledger::Ledger;
use crate::notices::Desk;
use crate::output::{OutputError, Recorded, Shared, Store, print_stdout};
use crate::report::{JUDGED_AGAIN, RecordSeen, text, verdict_lines};
use crate::source::{Answered, Progress};
use attest::Attesting;
use ordered::in_order;
use wait::{Last, Wait};

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
    let desks = match desks(&jobs, arguments, surroundings) {
        Ok(desks) => desks,
        Err(exit) => return exit,
    };
    let wait = match Wait::of(arguments) {
        Ok(wait) => wait,
        Err(error) => {
            say(&format!("no verdict was reached: {error:#}"));
            return Exit::Usage;
        }
    };
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
        wait,
        attesting: attesting.as_ref(),
        surroundings,
        interrupt: &interrupt,
        pool: &pool,
        line: &line,
        telling: RefCell::default(),
    };
    let judging = jobs
        .into_iter()
        .zip(&places)
        .zip(desks)
        .map(|((job, reports), desk)| judge(job, (reports, desk), words, &world));
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
    let telling = world.telling.take();
    drop(line);
    let last = match documents {
        Some(all) => format!("[\n{}\n]\n", all.join(",\n")),
        None if several => format!("\n{summary}"),
        None => String::new(),
    };
    if let Err(error) = print_stdout(&last) {
        worst = worst.max(unrecorded(&error.into()));
    }
    told(telling).await;
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
    /// How long something that cannot be decided is judged again.
    wait: Option<Wait>,
    attesting: Option<&'a Attesting>,
    surroundings: &'a Surroundings,
    interrupt: &'a Interrupt,
    pool: &'a Pool,
    line: &'a PlansLine,
    /// `--notify`: who is being told.
    telling: RefCell<Vec<Desk>>,
}

/// Judges one plan, writes its evidence, records it in the ledger. The folder is proved writable before a source is asked,
/// as the ledger was earlier.
async fn judge<'a>(
    mut job: Job,
    (reports, desk): (&'a Reports, Option<Desk>),
    words: &[String],
    world: &World<'_>,
) -> anyhow::Result<(Evidence, Recorded, &'a Reports, Option<String>)> {
    let arguments = world.arguments;
    let store = store(&job)?;
    // What is recorded on the way, with `--wait`, is of this check.
    let earlier = job.request.ledger.clone().filter(|_| desk.is_some());
    let last = match world.wait {
        Some(wait) => {
            let (last_job, last) = wait.last(job, words, world).await?;
            job = last_job;
            last
        }
        None => Last::Asked(answers(&mut job, world).await),
    };
    // A stop that tripped is recorded, even if signing fails.
    let kept = match last {
        Last::Asked(answered) => {
            let kept = remembered(&mut job, &store, answered, arguments)?;
            signed(&job, &kept, arguments)?;
            kept
        }
        Last::Recorded(kept) => *kept,
    };
    let Kept {
        evidence,
        written,
        sha256,
        observations,
    } = kept;
    if let Some(desk) = desk {
        let record = (written.json.as_path(), sha256.as_str());
        tell(&desk, earlier.as_ref(), &evidence, record);
        world.telling.borrow_mut().push(desk);
    }
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
    let is_shared = is_shared(&job);
    let place = job.loaded.home.is_shared().filter(|_| is_shared);
    let place = place.map(Shared::shown);
    Ok((evidence, written, reports, place))
}

/// `--notify`: for each plan whom it names; all of them must be known before any source is asked.
fn desks(
    jobs: &[Job],
    arguments: &CheckArgs,
    surroundings: &Surroundings,
) -> Result<Vec<Option<Desk>>, Exit> {
    let manner = Manner {
        decided: "no verdict was reached",
        allow_exec: arguments.allow_exec,
        look: surroundings.stderr,
    };
    if !arguments.notify {
        return Ok(jobs.iter().map(|_| None).collect());
    }
    let of = |job: &Job| {
        let desk = telling::desk(&job.loaded, manner)?;
        if desk.is_none() {
            let shown = job.loaded.shown();
            say(&format!(
                "{shown} names nobody under `notify`: nobody is told"
            ));
        }
        Ok(desk)
    };
    jobs.iter().map(of).collect()
}

/// Tells of the verdicts that are others than those that the ledger held before.
fn tell(desk: &Desk, earlier: Option<&Ledger>, evidence: &Evidence, (path, sha256): (&Path, &str)) {
    let record = RecordSeen {
        path: path.display().to_string(),
        sha256: sha256.to_owned(),
    };
    for gate in evidence.deciding() {
        let before = telling::verdict_before(earlier, gate);
        if let Some(notice) = telling::of_change((evidence, gate), before, &record) {
            let _ = desk.tell(notice);
        }
    }
}

/// Waits until everybody has been told, or could not be; that changes no exit code.
async fn told(desks: Vec<Desk>) {
    for mut desk in desks {
        for words in desk.close().await.iter().flat_map(telling::said) {
            say(&words);
        }
    }
}

/// The folder of its evidence, proved writable.
fn store(job: &Job) -> Result<Store, OutputError> {
    Ok(Store::open(&job.evidence_folder)?.shared(is_shared(job)))
}

/// Whether its records go to a place that several machines share.
fn is_shared(job: &Job) -> bool {
    job.loaded.home.is_shared().is_some() && job.occasion.is_some()
}

/// Signs what was recorded, if a key was given.
fn signed(job: &Job, kept: &Kept, arguments: &CheckArgs) -> anyhow::Result<()> {
    let by = job.occasion.as_ref().map_or("", |one| one.by.name.as_str());
    signing::sign(arguments, &kept.written, &job.loaded.home, by)
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
    let asked = Asked {
        questions: &questions,
        inquiries: &inquiries,
        keep_answers: job.keep_answers,
    };
    let whom = (world.pool, surroundings.now);
    ask(job, asked, whom, &show, world.interrupt.wait()).await
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

/// Of a check of a rollout that was judged again, wherever its ledger is: that nothing rests on it, and no next step. The record is
/// the same as then.
fn as_told<'e>(evidence: &'e Evidence, arguments: &CheckArgs) -> Cow<'e, Evidence> {
    let mut plans = arguments.plans.iter();
    let goes_on =
        evidence.ledger.is_some() || plans.any(|plan| Home::beside(plan).ledger().exists());
    if arguments.replay.is_none() || !goes_on {
        return Cow::Borrowed(evidence);
    }
    let mut told = evidence.clone();
    told.next = None;
    for gate in &mut told.gates {
        gate.flags.insert(0, JUDGED_AGAIN.to_owned());
    }
    Cow::Owned(told)
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
        (Format::Text, _) => {
            let style = world.surroundings.stdout.style();
            print_stdout(&text(&as_told(evidence, world.arguments), &style))?;
        }
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
