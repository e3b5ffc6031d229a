//! `gate check`: plans → questions → answers → assessment → evidence → verdict, in that order and no other.

use std::path::{Path, PathBuf};

use super::diagnostics::say;
use super::identity::identity;
use super::interrupt::Interrupt;
use super::load::{LoadedPlan, Overrides, load};
use super::progress::ProgressLine;
use super::select::{Selection, select};
use super::surroundings::{Surroundings, environment};
use crate::cli::{CheckArgs, Format};
use crate::evaluate::{self, Assessment, Request};
use crate::evidence::{Answers, Evidence, PlanSeen, sha256_hex, v1};
use crate::exit::Exit;
use crate::output::{Documents, Names, OutputError, Store, print_stdout};
use crate::plan::Variable;
use crate::provenance::Run;
use crate::report::{Style, text, verdict_lines};
use crate::source::recorded::{self, Header, Recorded};
use crate::source::{self, Answered, Recording};

/// One plan, ready to be judged.
struct Job {
    loaded: LoadedPlan,
    request: Request,
    /// As evidence names it.
    plan_path: String,
    /// `--var`, now or when the answers were recorded.
    vars: Vec<Variable>,
    run: Run,
    evidence_folder: PathBuf,
    recorded: Option<Recorded>,
    notes: Vec<String>,
}

/// Judges plans. All of them must be valid before any source is asked.
pub async fn check(arguments: &CheckArgs, words: &[String], surroundings: &Surroundings) -> Exit {
    let jobs = match prepare(arguments, words, surroundings) {
        Ok(jobs) => jobs,
        Err(exit) => return exit,
    };
    let interrupt = Interrupt::default();
    let (mut worst, mut judged) = (Exit::Go, Vec::new());
    let several = jobs.len() > 1;
    for job in jobs {
        let exit = match judge(job, arguments, surroundings, &interrupt).await {
            Ok(mut evidence) => {
                let exit = Exit::from(evidence.verdict);
                evidence
                    .gates
                    .iter_mut()
                    .flat_map(|gate| &mut gate.criteria)
                    .for_each(|criterion| criterion.kpi = None);
                judged.push(evidence);
                exit
            }
            Err(error) => {
                say(&error.to_string());
                Exit::Unrecorded
            }
        };
        worst = worst.max(exit);
    }
    if several && arguments.format == Format::Text {
        let summary = verdict_lines(&judged, &surroundings.stdout.style());
        if let Err(error) = print_stdout(&summary) {
            say(&error.to_string());
            return Exit::Unrecorded;
        }
    }
    worst
}

/// Everything that can be wrong with the command line or the plans is found here.
fn prepare(
    arguments: &CheckArgs,
    words: &[String],
    surroundings: &Surroundings,
) -> Result<Vec<Job>, Exit> {
    let usage = |reason: String| {
        say(&format!("no verdict was reached: {reason}"));
        Exit::Usage
    };
    let mut recorded = match &arguments.replay {
        Some(_) if arguments.plans.len() > 1 => {
            return Err(usage("--replay judges one plan: name only that".to_owned()));
        }
        Some(path) => Some(read_recorded(path, !arguments.no_answers).map_err(usage)?),
        None => None,
    };
    let vars = recorded
        .as_ref()
        .map_or_else(|| arguments.vars.clone(), |recorded| overrides_of(recorded));
    let overrides = Overrides {
        vars: &vars,
        source: arguments.source.as_deref(),
        offline: recorded.is_some(),
    };
    let plans = load(&arguments.plans, &overrides, surroundings)?;
    let several = plans.len() > 1;
    let mut jobs = Vec::new();
    for loaded in plans {
        let request = request(&loaded, recorded.as_ref(), arguments, surroundings);
        let request = request.map_err(|reason| usage(format!("{}: {reason}", loaded.shown())))?;
        jobs.push(Job {
            run: recorded
                .as_ref()
                .map_or_else(|| identity(words), |recorded| recorded.header.run.clone()),
            evidence_folder: evidence_folder(&loaded, arguments.evidence.as_deref(), several),
            notes: notes(&loaded, recorded.as_ref()),
            plan_path: plan_path(&loaded, recorded.as_ref()),
            recorded: recorded.take(),
            vars: variables(&vars),
            loaded,
            request,
        });
    }
    Ok(jobs)
}

fn read_recorded(path: &Path, keep: bool) -> Result<Recorded, String> {
    let shown = path.display();
    let bytes = std::fs::read(path)
        .map_err(|error| format!("the recorded answers {shown} cannot be read: {error}"))?;
    recorded::read(&bytes, keep)
        .map_err(|error| format!("the recorded answers {shown} cannot be used: {error}"))
}

/// The `--var` of the recorded check.
fn overrides_of(recorded: &Recorded) -> Vec<(String, String)> {
    let assigned = |variable: &Variable| {
        let values = variable.values.clone().into_iter();
        values
            .map(|value| (variable.name.clone(), value))
            .collect::<Vec<_>>()
    };
    recorded.header.vars.iter().flat_map(assigned).collect()
}

/// Assignments by name; the same name several times gives a list.
fn variables(assignments: &[(String, String)]) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::new();
    for (name, value) in assignments {
        match variables.iter_mut().find(|variable| variable.name == *name) {
            Some(variable) => variable.values.push(value.clone()),
            None => variables.push(Variable {
                name: name.clone(),
                values: vec![value.clone()],
            }),
        }
    }
    variables
}

/// The path that evidence names: an unchanged plan keeps the one under which it was recorded.
fn plan_path(loaded: &LoadedPlan, recorded: Option<&Recorded>) -> String {
    match recorded {
        Some(recorded) if recorded.header.plan_sha256 == loaded.sha256 => {
            recorded.header.plan_path.clone()
        }
        _ => loaded.shown(),
    }
}

/// T, S and the gates.
fn request(
    loaded: &LoadedPlan,
    recorded: Option<&Recorded>,
    arguments: &CheckArgs,
    surroundings: &Surroundings,
) -> Result<Request, String> {
    let (at, started) = match recorded {
        Some(recorded) => {
            let at = recorded
                .header
                .at
                .ok_or("the recorded answers do not say for which time they are")?;
            (at, recorded.header.started)
        }
        None => {
            let at = arguments
                .at
                .map_or(surroundings.now, |time| time.before(surroundings.now));
            (at, arguments.started.map(|time| time.before(at)))
        }
    };
    if let Some(started) = started.filter(|started| *started > at) {
        return Err(format!(
            "the stage would have started at {started}, after {at}, the time that is judged"
        ));
    }
    let named = match recorded {
        Some(recorded) if arguments.gates.is_empty() && arguments.before.is_none() => {
            let names: Result<Vec<_>, String> = recorded
                .header
                .gates
                .iter()
                .map(|name| name.parse())
                .collect();
            names?
        }
        _ => arguments.gates.clone(),
    };
    let selection = match &arguments.before {
        Some(stage) => Selection::Before(stage),
        None if named.is_empty() => Selection::All,
        None => Selection::Gates(&named),
    };
    let gates = select(&loaded.plan, &selection)?;
    Ok(Request { at, started, gates })
}

/// `PLAN-STEM.evidence` beside the plan, or the folder that was asked for; one below it for each of several plans.
fn evidence_folder(loaded: &LoadedPlan, asked: Option<&Path>, several: bool) -> PathBuf {
    let own = format!("{}.evidence", loaded.stem());
    match asked {
        Some(folder) if several => folder.join(own),
        Some(folder) => folder.to_owned(),
        None => loaded.folder().join(own),
    }
}

fn notes(loaded: &LoadedPlan, recorded: Option<&Recorded>) -> Vec<String> {
    let changed = recorded.filter(|recorded| recorded.header.plan_sha256 != loaded.sha256);
    let note = changed.map(|recorded| {
        let then = recorded.header.plan_sha256.get(..12).unwrap_or(&recorded.header.plan_sha256);
        format!("the plan has changed since its answers were recorded (it was sha256 {then}…): this verdict is not the recorded one")
    });
    note.into_iter().collect()
}

/// Judges one plan, writes its evidence, then prints. The folder is proved writable before a source is asked.
async fn judge(
    mut job: Job,
    arguments: &CheckArgs,
    surroundings: &Surroundings,
    interrupt: &Interrupt,
) -> Result<Evidence, OutputError> {
    let store = Store::open(&job.evidence_folder)?;
    let answered = answers(&mut job, arguments, surroundings, interrupt).await;
    let assessment = evaluate::assess(&job.loaded.plan, &job.request, &answered.observations);
    let verdict = assessment.verdict();
    let (answers, left_out) = match &answered.recording {
        Recording::Kept(entries) => (
            Some(recorded::write(&header(&job), &answered.sources, entries)),
            String::new(),
        ),
        Recording::LeftOut(_) if arguments.no_answers => {
            (None, "--no-answers was given".to_owned())
        }
        Recording::LeftOut(reason) => (None, reason.clone()),
    };
    let digest = answers.as_deref().map(sha256_hex);
    let blank = evidence(&job, answered, assessment);
    let named = |answers_path: &str| Evidence {
        answers: match &digest {
            Some(sha256) => Answers::Kept {
                path: answers_path.to_owned(),
                sha256: sha256.clone(),
            },
            None => Answers::LeftOut(left_out.clone()),
        },
        ..blank.clone()
    };
    let render = |names: &Names| {
        let evidence = named(&names.answers);
        Documents {
            json: v1::to_json(&evidence),
            text: text(&evidence, &Style::FILE),
        }
    };
    let written = store.write(&job.request.at.stamp(), verdict, answers.as_deref(), render)?;
    let file_name = written
        .answers
        .as_deref()
        .and_then(Path::file_name)
        .unwrap_or_default();
    let evidence = named(&file_name.to_string_lossy());
    print(&evidence, &written, arguments.format, surroundings)?;
    Ok(evidence)
}

async fn answers(
    job: &mut Job,
    arguments: &CheckArgs,
    surroundings: &Surroundings,
    interrupt: &Interrupt,
) -> Answered {
    let questions = evaluate::questions(&job.loaded.plan, &job.request);
    if let Some(mut recorded) = job.recorded.take() {
        return Answered {
            observations: recorded.take(&questions),
            sources: recorded.sources,
            recording: recorded.recording,
        };
    }
    let progress = ProgressLine::start(surroundings.stderr, &job.loaded.shown(), questions.len());
    let request = source::Request {
        sources: &job.loaded.plan.sources,
        folder: job.loaded.folder(),
        questions: &questions,
        keep_answers: !arguments.no_answers,
        environment: &environment,
    };
    source::ask(request, &|seen| progress.show(seen.done), interrupt.wait()).await
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

/// The evidence but for the name of its answers.
fn evidence(job: &Job, answered: Answered, assessment: Assessment) -> Evidence {
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
        answers: Answers::LeftOut(String::new()),
        run: job.run.clone(),
        sources: answered.sources,
        gates: assessment.gates,
        rollback: plan.rollback.clone(),
        notes: job.notes.clone(),
    }
}

/// Prints what was written: the report for this terminal, or the evidence document itself.
fn print(
    evidence: &Evidence,
    written: &crate::output::Recorded,
    format: Format,
    surroundings: &Surroundings,
) -> Result<(), OutputError> {
    match format {
        Format::Text => print_stdout(&text(evidence, &surroundings.stdout.style()))?,
        Format::Json => {
            print_stdout(&std::fs::read_to_string(&written.json).map_err(OutputError::Stdout)?)?
        }
    }
    say(&format!("evidence: {}", written.json.display()));
    Ok(())
}
