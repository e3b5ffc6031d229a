//! From the command line to plans that are ready to be judged: T, S, gates, variables, recorded answers.
//!
//! Must not ask a source or write a file.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use super::baselines;
use super::plan_changes::since_last_judged;
use super::reports::{ReportRequests, wanted};
use super::select::{Selected, Selection, select};
use crate::cli::{CheckArgs, Time};
use crate::commands::bounded;
use crate::commands::diagnostics::say;
use crate::commands::identity::identity;
use crate::commands::ledger_file::Home;
use crate::commands::ledger_file::agreement::Witnesses;
use crate::commands::ledger_file::known::{self, Known, Unknown, counting};
use crate::commands::ledger_file::rest::Rest;
use crate::commands::load::{LoadedPlan, Overrides, load};
use crate::commands::signatures_of;
use crate::commands::surroundings::Surroundings;
use crate::evaluate::{GateRef, Request};
use crate::evidence::Watched;
use crate::exit::Exit;
use crate::http::Clock;
use crate::kind::GateName;
use crate::ledger::{Chain, LostLedger, Occasion, RecordedAs};
use crate::output::JournalError;
use crate::plan::{Plan, PlanChange, Variable};
use crate::provenance::RunIdentity;
use crate::rollout::Rollout;
use crate::samples::BaselineSeen;
use crate::source::recorded::{self, Recorded};
use crate::units::Instant;

/// One plan, ready to be judged.
pub struct Job {
    pub loaded: LoadedPlan,
    pub request: Request,
    /// As evidence names it.
    pub plan_path: String,
    /// `--var`, now or when the answers were recorded.
    pub vars: Vec<Variable>,
    pub run: RunIdentity,
    pub evidence_folder: PathBuf,
    pub recorded: Option<Recorded>,
    /// The entries that count, with their lines; `None` if no ledger is read.
    pub chain: Option<Chain>,
    /// The ledger's file name.
    pub ledger_name: String,
    /// Who records the check in the ledger; `None` if nobody does.
    pub occasion: Option<Occasion>,
    /// The entry that records it; known once it is judged under the ledger's lock.
    pub entry: Option<RecordedAs>,
    /// The ledger that is not there, though records speak of it.
    pub lost: Option<LostLedger>,
    /// Whether the plan has changed and cannot be used, so that a watch judges it as it was before (W6).
    pub plan_kept_out: bool,
    /// Whether overrides count for the exit code.
    pub accept_overrides: bool,
    /// The clock that T was read from; `None` where T is another time.
    pub clock: Option<Clock>,
    /// Whether the answers go into the evidence.
    pub keep_answers: bool,
    pub notes: Vec<String>,
    /// The captured baselines that the plan compares with, as they were when T was taken.
    pub baselines: Vec<BaselineSeen>,
    /// What changed in the gates, under another version of the plan or of a captured baseline.
    pub plan_changes: Vec<PlanChange>,
    /// `--report`.
    pub reports: ReportRequests,
    /// The watch that ends with it.
    pub watched: Option<Watched>,
}

impl Job {
    /// Takes the ledger as it is when the check is recorded. What people did while the sources were asked counts; the gates
    /// and T stay, and nothing is asked again.
    ///
    /// # Errors
    /// A ledger that may no longer be used: it has become that of another release, or was set back.
    pub fn catch_up(&mut self, chain: &Chain, arguments: &CheckArgs) -> anyhow::Result<()> {
        let witnesses = Witnesses::beside(&self.loaded, Some(&self.evidence_folder));
        if let Err(objection) = witnesses.allow(Some(chain)) {
            let said = objection.said(&self.loaded.shown());
            bail!("no verdict was reached: {}", said.in_one_line());
        }
        let occasion = self.occasion.as_ref();
        self.entry = occasion.map(|occasion| RecordedAs::next(chain, occasion));
        let now = self.occasion.as_ref().map(|occasion| occasion.at);
        let named = arguments.at.map(|_| self.request.at);
        let named = named.filter(|at| Some(*at) != now);
        let allowed = arguments.trust.allowed_signers.as_deref();
        let all = &signatures_of::check(&self.loaded, allowed, chain.clone(), named);
        let clock = now.unwrap_or(self.request.at);
        let (chain, later) = counting(&self.loaded, all.clone(), clock, named);
        let is_as_read = self.chain.as_ref().is_some_and(|read| *read == chain);
        let request = &self.request;
        if is_as_read
            && later.starts == request.later_starts
            && later.checks == request.later_checks
            && later.holds == request.later_holds
        {
            return Ok(());
        }
        let ledger = chain.ledger().clone();
        say(&format!(
            "{} changed while the sources were asked: judged with its {} entries",
            self.ledger_name,
            ledger.entries().len()
        ));
        let gates = gates_of(&self.loaded, &self.request);
        let (loaded, vars) = (&self.loaded, &self.loaded.vars);
        let ledger_of_all = Some(all.ledger());
        self.plan_changes = since_last_judged(loaded, vars, ledger_of_all, &gates, &self.baselines);
        self.request.ledger = Some(ledger);
        self.request.later_starts = later.starts;
        self.request.later_checks = later.checks;
        self.request.later_holds = later.holds;
        self.chain = Some(chain);
        Ok(())
    }
}

/// Why nothing can be judged.
pub enum Unprepared {
    /// It has been said.
    Said(Exit),
    /// The command line, a plan or recorded answers are wrong.
    Usage(anyhow::Error),
    /// The ledger of a plan cannot be read or written.
    Unread(Box<LoadedPlan>, JournalError),
}

impl Unprepared {
    /// Says what has not been said, and returns the exit code.
    pub fn say(self) -> Exit {
        match self {
            Self::Said(exit) => exit,
            Self::Usage(error) => {
                say(&format!("no verdict was reached: {error:#}"));
                Exit::Usage
            }
            Self::Unread(loaded, error) => {
                known::say_unread(&loaded, &error);
                Exit::Unrecorded
            }
        }
    }
}

impl From<Exit> for Unprepared {
    fn from(exit: Exit) -> Self {
        Self::Said(exit)
    }
}

impl From<anyhow::Error> for Unprepared {
    fn from(error: anyhow::Error) -> Self {
        Self::Usage(error)
    }
}

/// Everything that can be wrong with the command line or the plans is detected here.
pub fn prepare(
    arguments: &CheckArgs,
    words: &[String],
    surroundings: &Surroundings,
) -> Result<Vec<Job>, Exit> {
    let answers = arguments.replay.as_deref();
    let rest = answers.map_or(Rest::In(None), Rest::Near);
    prepared(arguments, words, rest, surroundings).map_err(Unprepared::say)
}

/// The same, and says nothing of what is wrong with recorded answers. `rest` is where their ledger is, if they keep only a part.
///
/// # Errors
/// What is wrong.
pub fn prepared(
    arguments: &CheckArgs,
    words: &[String],
    rest: Rest<'_>,
    surroundings: &Surroundings,
) -> Result<Vec<Job>, Unprepared> {
    let recorded = match &arguments.replay {
        Some(_) if arguments.plans.len() > 1 => {
            return Err(anyhow!("--replay judges a single plan: name only one").into());
        }
        Some(path) => Some(read_recorded(path, !arguments.no_answers)?),
        None => None,
    };
    prepared_with(arguments, recorded, words, rest, surroundings)
}

/// The same with answers that were read.
///
/// # Errors
/// What is wrong.
pub fn prepared_with(
    arguments: &CheckArgs,
    mut recorded: Option<Recorded>,
    words: &[String],
    rest: Rest<'_>,
    surroundings: &Surroundings,
) -> Result<Vec<Job>, Unprepared> {
    let vars = recorded
        .as_ref()
        .map_or_else(|| arguments.vars.clone(), overrides_of);
    let overrides = Overrides {
        vars: &vars,
        source: arguments.source.as_deref(),
        offline: recorded.is_some(),
        read_before: arguments.read_before.as_deref(),
        otherwise: arguments.otherwise.unwrap_or("no verdict was reached"),
    };
    let plans = load(&arguments.plans, &overrides, surroundings)?;
    let several = plans.len() > 1;
    let stems: Vec<String> = plans.iter().map(LoadedPlan::stem).collect();
    let reports = wanted(arguments, &stems)?;
    let mut jobs = Vec::new();
    for (loaded, reports) in plans.into_iter().zip(reports) {
        let in_context = |error: anyhow::Error| error.context(loaded.shown());
        let moment = moment(recorded.as_ref(), arguments, surroundings).map_err(in_context)?;
        let folder =
            evidence_folder(&loaded, arguments, recorded.is_some(), several).map_err(in_context)?;
        let known = match &recorded {
            Some(recorded) => {
                known::recorded(&recorded.header, &loaded, rest).map_err(in_context)?
            }
            None => match known::kept(arguments, moment.0, &loaded, &folder, surroundings) {
                Ok(known) => known,
                Err(Unknown::Said(exit)) => return Err(exit.into()),
                Err(Unknown::Unread(error)) => {
                    return Err(Unprepared::Unread(Box::new(loaded), error));
                }
            },
        };
        let request = request(&loaded, recorded.as_ref(), arguments, moment, &known);
        let request = request.map_err(|error| of_another_plan(error, &loaded, recorded.as_ref()));
        let request = request.map_err(in_context)?;
        let (baselines, plan_changes) = if let Some(Recorded { header, .. }) = &recorded {
            (header.baselines.clone(), header.plan_changes.clone())
        } else {
            // Whatever time is judged: a limit that was loosened since the last check stays loosened.
            let all = known.all.as_ref().map(Chain::ledger);
            let baselines = baselines::seen(&loaded);
            let gates = gates_of(&loaded, &request);
            let changes = since_last_judged(&loaded, &loaded.vars, all, &gates, &baselines);
            (baselines, changes)
        };
        jobs.push(Job {
            accept_overrides: arguments.accept_overrides
                || recorded
                    .as_ref()
                    .is_some_and(|recorded| recorded.header.accept_overrides),
            chain: known.chain,
            ledger_name: known.name,
            occasion: known.occasion,
            entry: known
                .entry
                .filter(|_| is_the_recorded_check(recorded.as_ref(), arguments, &loaded)),
            lost: known.lost,
            plan_kept_out: recorded
                .as_ref()
                .is_some_and(|recorded| recorded.header.plan_kept_out),
            run: recorded
                .as_ref()
                .map_or_else(|| identity(words), |recorded| recorded.header.run.clone()),
            evidence_folder: folder,
            clock: match arguments.at {
                None | Some(Time::Ago(_)) => Some(surroundings.clock),
                Some(Time::At(_)) => None,
            },
            keep_answers: !arguments.no_answers,
            notes: notes(&loaded, recorded.as_ref()),
            baselines,
            plan_changes,
            plan_path: plan_path(&loaded, recorded.as_ref()),
            recorded: recorded.take(),
            vars: variables(&vars),
            reports,
            watched: None,
            loaded,
            request,
        });
    }
    Ok(jobs)
}

pub fn read_recorded(path: &Path, keep: bool) -> anyhow::Result<Recorded> {
    let shown = path.display();
    let bytes = bounded::read(path, bounded::MAX_BYTES)
        .with_context(|| format!("the recorded answers {shown} cannot be read"))?;
    recorded::read(&bytes, keep)
        .with_context(|| format!("the recorded answers {shown} cannot be used"))
}

/// The `--var` of the recorded check.
pub fn overrides_of(recorded: &Recorded) -> Vec<(String, String)> {
    let mut overrides = Vec::new();
    for Variable { name, values } in &recorded.header.vars {
        overrides.extend(values.iter().map(|value| (name.clone(), value.clone())));
    }
    overrides
}

/// `NAME=VALUE`, in order.
pub fn assigned(assignments: &[(String, String)]) -> Vec<String> {
    let mut assigned: Vec<String> = (assignments.iter())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assigned.sort();
    assigned
}

/// Assignments by name; the same name several times gives a list.
pub fn variables(assignments: &[(String, String)]) -> Vec<Variable> {
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

/// The path that evidence names: an unchanged plan keeps its recorded path.
fn plan_path(loaded: &LoadedPlan, recorded: Option<&Recorded>) -> String {
    match recorded {
        Some(recorded) if recorded.header.plan.sha256 == loaded.sha256 => {
            recorded.header.plan.path.clone()
        }
        _ => loaded.shown(),
    }
}

/// T and S, if given.
fn moment(
    recorded: Option<&Recorded>,
    arguments: &CheckArgs,
    surroundings: &Surroundings,
) -> anyhow::Result<(Instant, Option<Instant>)> {
    let (at, started) = if let Some(recorded) = recorded {
        let at = recorded
            .header
            .at
            .context("the recorded answers do not say what time they are for")?;
        (at, recorded.header.started)
    } else {
        let at = arguments
            .at
            .map_or(surroundings.now, |time| time.before(surroundings.now));
        (at, arguments.started.map(|time| time.before(at)))
    };
    if let Some(started) = started.filter(|started| *started > at) {
        bail!("the stage would have started at {started}, after the judged time {at}");
    }
    Ok((at, started))
}

/// What to judge, and on which entries of the ledger.
fn request(
    loaded: &LoadedPlan,
    recorded: Option<&Recorded>,
    arguments: &CheckArgs,
    (at, started): (Instant, Option<Instant>),
    known: &Known,
) -> anyhow::Result<Request> {
    let named = match recorded {
        Some(recorded) if !arguments.asks_for_gates() => recorded.header.gates.clone(),
        _ => arguments.gates.clone(),
    };
    let vars = assigned(&loaded.vars);
    let addresses = match recorded {
        Some(recorded) => recorded.header.addresses.clone(),
        None => loaded.addresses.clone(),
    };
    let rollout = Rollout {
        plan: &loaded.plan,
        plan_sha256: Some(&loaded.sha256),
        vars: &vars,
        addresses: &addresses,
        ledger: known.ledger(),
        now: at,
    };
    let shown = loaded.shown();
    let trailing = recorded.map_or(arguments.trailing, |recorded| recorded.header.trailing);
    let selection = match &arguments.before {
        Some(stage) => Selection::Before(stage),
        None if arguments.all => Selection::All,
        None if !named.is_empty() => Selection::Gates(&named),
        None => Selection::InPlay {
            rollout,
            path: &shown,
            is_started: started.is_some(),
            is_look: trailing,
        },
    };
    let Selected { gates, mut outlook } = select(&loaded.plan, &selection)?;
    if let Some(recorded) = recorded.filter(|_| !arguments.asks_for_gates()) {
        outlook = select(&loaded.plan, &Selection::Gates(&recorded.header.outlook))?.gates;
    }
    Ok(Request {
        at,
        started,
        later_starts: known.later.starts.clone(),
        later_checks: known.later.checks.clone(),
        later_holds: known.later.holds.clone(),
        trailing,
        gates,
        outlook,
        ledger: known.ledger().cloned(),
        plan_sha256: Some(loaded.sha256.clone()),
        vars,
        addresses,
    })
}

fn gates_of(loaded: &LoadedPlan, request: &Request) -> Vec<GateName> {
    names(&loaded.plan, &request.gates)
}

/// What gates of a plan are called.
pub fn names(plan: &Plan, gates: &[GateRef]) -> Vec<GateName> {
    let gates = gates.iter().filter_map(|gate| gate.of(plan));
    gates
        .map(|(stage, gate)| gate.kind.of(&stage.name))
        .collect()
}

/// `PLAN-STEM.evidence` beside the ledger, or the requested folder; with several plans, a folder in it for each. What no ledger
/// knows of has no place there: a replay is kept in `PLAN-STEM.replayed`.
///
/// # Errors
/// Another folder for what goes to a place that several machines share; the plan's own folder for a replay.
fn evidence_folder(
    loaded: &LoadedPlan,
    arguments: &CheckArgs,
    is_replay: bool,
    several: bool,
) -> anyhow::Result<PathBuf> {
    let shared = loaded.home.is_shared().filter(|_| !arguments.no_ledger);
    let own = loaded.home.evidence();
    if is_replay {
        let folder = arguments.evidence.clone();
        let folder = folder.unwrap_or_else(|| own.with_extension("replayed"));
        if loaded.home.is_evidence(&folder) {
            bail!(
                "{} keeps what was recorded, and a replay is recorded nowhere: name another folder with --evidence, or none",
                own.display()
            );
        }
        return Ok(folder);
    }
    match (&arguments.evidence, shared) {
        (Some(_), Some(shared)) => bail!(
            "the evidence goes to {}, where its ledger is: leave out --evidence, or judge without the ledger: --no-ledger",
            shared.shown()
        ),
        (Some(folder), None) if several => Ok(folder.join(format!("{}.evidence", loaded.stem()))),
        (Some(folder), None) => Ok(folder.to_owned()),
        // What is not recorded is nobody else's.
        (None, None) if loaded.home.is_shared().is_some() => {
            Ok(Home::beside(&loaded.path).evidence())
        }
        (None, _) => Ok(own),
    }
}

/// Says that it is another plan's answers that do not fit.
fn of_another_plan(
    error: anyhow::Error,
    loaded: &LoadedPlan,
    recorded: Option<&Recorded>,
) -> anyhow::Error {
    let recorded = recorded.map(|recorded| &recorded.header.plan);
    match recorded.filter(|plan| plan.sha256 != loaded.sha256) {
        Some(plan) => error.context(format!(
            "the answers were recorded for another plan or version, {} (sha256 {}…): replay them with that one",
            plan.path,
            beginning(&plan.sha256)
        )),
        None => error,
    }
}

/// Of a digest, as much as people compare.
fn beginning(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

/// Whether recorded answers are judged as they were: a check of anything else is in no ledger.
fn is_the_recorded_check(
    recorded: Option<&Recorded>,
    arguments: &CheckArgs,
    loaded: &LoadedPlan,
) -> bool {
    recorded.is_some_and(|recorded| {
        recorded.header.plan.sha256 == loaded.sha256
            && !arguments.asks_for_gates()
            && (recorded.header.accept_overrides || !arguments.accept_overrides)
    })
}

fn notes(loaded: &LoadedPlan, recorded: Option<&Recorded>) -> Vec<String> {
    let before = recorded
        .into_iter()
        .flat_map(|recorded| &recorded.header.notes);
    let changed = recorded.filter(|recorded| recorded.header.plan.sha256 != loaded.sha256);
    let note = changed.map(|recorded| {
        let then = beginning(&recorded.header.plan.sha256);
        format!("the plan has changed since its answers were recorded (it was sha256 {then}…): this verdict is not the recorded one")
    });
    before.cloned().chain(note).collect()
}
