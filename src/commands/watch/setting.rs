//! What is watched, how often and until when; and the job of each round: plan and ledger as they are by then (W1, W6). Must not ask a
//! source.

use super::screen::Screen;
use crate::bounded;
use crate::cli::{CheckArgs, Time, WatchArgs};
use crate::commands::diagnostics::say;
use crate::commands::judging::job::{Job, Unprepared, prepare, prepared};
use crate::commands::judging::round;
use crate::commands::ledger_file;
use crate::commands::ledger_file::rest::Rest;
use crate::commands::surroundings::Surroundings;
use crate::digest::sha256_hex;
use crate::evaluate;
use crate::evidence::Evidence;
use crate::exit::Exit;
use crate::kind::{CriterionKind, GateKind, GateName, List};
use crate::ledger::Chain;
use crate::plan::{Plan, Stage};
use crate::rollout::{Part, Rollout, State, steps};
use crate::samples::Asked;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;
use crate::watch::{Beat, Differs, Limits, StageNow, Standing};

/// What is watched.
pub struct Setting<'a> {
    pub words: &'a [String],
    pub surroundings: &'a Surroundings,
    pub stage: String,
    /// The gates at the beginning.
    pub gates: Vec<GateName>,
    pub beat: Beat,
    /// S.
    pub started: Instant,
    /// The newest date that the ledger held then.
    newest: Option<Instant>,
    /// The plan as it was read and found valid.
    bytes: Vec<u8>,
    /// The digest of what cannot be used.
    unusable: Option<String>,
    /// The ledger as it was read last.
    ledger: Option<Chain>,
}

/// Why there is nothing to judge in a round.
pub enum NoJob {
    /// It has been said.
    Said,
    /// The ledger cannot be read, which may pass: in words.
    Away(String),
}

impl<'a> Setting<'a> {
    /// What there is to watch, and the first job.
    ///
    /// # Errors
    /// The exit code, once the reason has been reported.
    pub fn of(
        arguments: &WatchArgs,
        check: &CheckArgs,
        words: &'a [String],
        surroundings: &'a Surroundings,
    ) -> Result<(Self, Job), Exit> {
        let usage = |why: &str| {
            say(&format!("nothing is watched: {why}"));
            Exit::Usage
        };
        let first = CheckArgs {
            // Which gates are in play is asked of the ledger below; a plan of several stages needs one for `--started`.
            all: true,
            otherwise: Some("nothing is watched"),
            ..round::arguments(check, Vec::new(), None)
        };
        let job = one(prepare(&first, words, surroundings)?)?;
        let stage = chosen(arguments, &job).map_err(|why| usage(&why))?;
        let gates = vec![GateKind::Exit.of(&stage)];
        let bytes = job.loaded.bytes.clone();
        let check = round::arguments(check, gates.clone(), Some(&bytes));
        let job = one(prepare(&check, words, surroundings)?)?;
        let window = watchable(&job, &stage).map_err(|why| usage(&why))?;
        let beat = beat(arguments, &job, window).map_err(|why| usage(&why))?;
        let rollout = job.request.rollout(&job.loaded.plan);
        let started = job.request.started.or(rollout.history().start_of(&stage));
        let newest = rollout
            .history()
            .entries()
            .iter()
            .map(|entry| entry.at)
            .max();
        let setting = Self {
            words,
            surroundings,
            gates,
            beat,
            started: started.unwrap_or(surroundings.now),
            newest,
            stage,
            bytes,
            unusable: None,
            ledger: job.chain.clone(),
        };
        Ok((setting, job))
    }

    /// What the command line says about the end.
    ///
    /// # Errors
    /// A time that has passed.
    pub fn limits(arguments: &WatchArgs, now: Instant) -> Result<Limits, Exit> {
        let until = match (arguments.lasts, arguments.until) {
            (Some(lasts), _) => Some(whole_second(now + lasts)),
            (None, Some(Time::At(until))) if until > now => Some(until),
            (None, Some(_)) => {
                say(
                    "nothing is watched: the time of --until has passed; name a later one, or give --for",
                );
                return Err(Exit::Usage);
            }
            (None, None) => None,
        };
        Ok(Limits {
            until,
            grace: arguments.grace,
            fails_fast: arguments.fail_fast,
        })
    }

    /// The first round is at once: as of the last multiple of the interval, unless something was recorded since.
    pub fn first_round(&self, now: Instant) -> Instant {
        let multiple = self.beat.at_or_before(now);
        let recorded = self.newest.into_iter().chain([self.started]).max();
        match recorded.filter(|recorded| *recorded > multiple) {
            Some(_) => now,
            None => multiple,
        }
    }

    /// The job of a round: with the plan as it is where that can be used, and the ledger as it is, or as it was read last.
    ///
    /// # Errors
    /// A ledger that cannot be used.
    pub fn job(
        &mut self,
        check: &CheckArgs,
        (at, world): (Instant, &Surroundings),
        is_ledger_read: bool,
        screen: &mut Screen,
    ) -> Result<Job, NoJob> {
        let before = match &self.ledger {
            Some(ledger) if !is_ledger_read => Some(ledger.clone()),
            Some(_) | None => None,
        };
        self.look_at_plan(check, (at, world), before.as_ref(), screen);
        let world = Surroundings {
            now: at,
            ..world.clone()
        };
        let exit = GateKind::Exit.of(&self.stage);
        let job = self.prepared(check, vec![exit.clone()], before, &world)?;
        self.remember(&job)?;
        let rollout = job.request.rollout(&job.loaded.plan);
        let recovery = stage_of(&job.loaded.plan, &self.stage)
            .and_then(|stage| rollout.part(stage, GateKind::Recovery));
        if recovery != Some(Part::Decides) {
            return Ok(job);
        }
        let both = vec![exit, GateKind::Recovery.of(&self.stage)];
        self.prepared(check, both, job.chain.clone(), &world)
    }

    fn prepared(
        &self,
        check: &CheckArgs,
        gates: Vec<GateName>,
        ledger_before: Option<Chain>,
        world: &Surroundings,
    ) -> Result<Job, NoJob> {
        let check = CheckArgs {
            ledger_before,
            ..round::arguments(check, gates, Some(&self.bytes))
        };
        match prepared(&check, self.words, Rest::In(None), world) {
            Ok(jobs) => {
                let job = one(jobs).map_err(|_| NoJob::Said)?;
                Ok(Job {
                    plan_kept_out: self.unusable.is_some(),
                    ..job
                })
            }
            Err(Unprepared::Unread(loaded, error)) if error.may_pass() => Err(NoJob::Away(
                ledger_file::trouble("nothing is recorded for now", &loaded.path, &error),
            )),
            Err(unprepared) => {
                unprepared.say();
                Err(NoJob::Said)
            }
        }
    }

    /// Keeps the ledger of a round. One that ends where this watch has seen it go on is not there, whatever else is: a folder that is not
    /// mounted looks like one in which nothing was ever recorded.
    fn remember(&mut self, job: &Job) -> Result<(), NoJob> {
        let Some(seen) = &self.ledger else {
            return Ok(());
        };
        let found = || job.chain.iter().flat_map(Chain::lines);
        let (entries, there) = (seen.lines().len(), found().count());
        if there < entries && found().zip(seen.lines()).all(|(one, other)| one == other) {
            return Err(NoJob::Away(format!(
                "nothing is recorded for now: {} has {there} entries, and this watch has seen {entries}; bring back what was there",
                job.loaded.home.shown()
            )));
        }
        if job.chain.as_ref().map(Chain::head) != self.ledger.as_ref().map(Chain::head) {
            self.ledger.clone_from(&job.chain);
        }
        Ok(())
    }

    /// A plan that has changed and is valid is taken over; another one is kept out until it is valid, or as before (W6).
    fn look_at_plan(
        &mut self,
        check: &CheckArgs,
        (at, world): (Instant, &Surroundings),
        ledger_before: Option<&Chain>,
        screen: &mut Screen,
    ) {
        let Some(path) = check.plans.first() else {
            return;
        };
        let read = bounded::read(path, bounded::MAX_BYTES);
        let Ok(bytes) = read else {
            if self.unusable.is_none() {
                screen.line(at, "the plan cannot be read");
            }
            self.unusable = Some(String::new());
            return;
        };
        if bytes == self.bytes {
            if self.unusable.take().is_some() {
                screen.line(at, "the plan is what it was before");
            }
            return;
        }
        let sha256 = sha256_hex(&[&bytes]);
        if self.unusable.as_ref() == Some(&sha256) {
            return;
        }
        let check = CheckArgs {
            ledger_before: ledger_before.cloned(),
            otherwise: Some("the plan is not taken over"),
            ..round::arguments(check, vec![GateKind::Exit.of(&self.stage)], None)
        };
        // What is wrong with it is told as a check tells it.
        screen.clear();
        let usable = prepare(&check, self.words, world);
        if usable.is_ok() {
            (self.bytes, self.unusable) = (bytes, None);
            let short = sha256.get(..12).unwrap_or(&sha256);
            screen.line(
                at,
                &format!("the plan has changed, and is judged as it is now: sha256 {short}…"),
            );
        } else {
            self.unusable = Some(sha256);
        }
    }

    /// Where the watched stage stands, and how its gates are.
    pub fn standing(&self, job: &Job, evidence: &Evidence) -> Standing {
        let rollout = job.request.rollout(&job.loaded.plan);
        let stage = stage_of(&job.loaded.plan, &self.stage);
        let now = stage.map_or(StageNow::TakenBack, |stage| {
            stage_now(&rollout, stage, job.request.started)
        });
        standing_of(evidence, now)
    }
}

/// Where the watched stage stands by a record, and how its gates are.
pub fn standing_of(evidence: &Evidence, stage: StageNow) -> Standing {
    let kind = match stage {
        StageNow::Recovers => GateKind::Recovery,
        StageNow::Runs | StageNow::TakenBack | StageNow::Left => GateKind::Exit,
    };
    let gate = evidence.deciding().find(|gate| gate.kind == kind);
    let window = gate.and_then(|gate| gate.window.as_ref());
    let verdict = gate.map_or(Verdict::Hold, |gate| gate.verdict);
    Standing {
        at: evidence.evaluated_at,
        verdict: evidence.verdict,
        of_gate: verdict,
        completes_at: window.and_then(|window| window.completes_at),
        is_complete: window.is_some_and(|window| window.complete),
        stage,
    }
}

/// The last round is of a whole second, as all are.
fn whole_second(at: Instant) -> Instant {
    Instant::from_secs(at.millis().saturating_add(999).div_euclid(1000))
}

fn stage_of<'p>(plan: &'p Plan, name: &str) -> Option<&'p Stage> {
    plan.stages.iter().find(|stage| stage.name == name)
}

fn stage_now<'a>(rollout: &Rollout<'a>, stage: &'a Stage, started: Option<Instant>) -> StageNow {
    match rollout.state(stage) {
        State::Running | State::Paused | State::Stopped => StageNow::Runs,
        State::RolledBack => match rollout.part(stage, GateKind::Recovery) {
            Some(Part::Decides) => StageNow::Recovers,
            Some(Part::Outlook) | None if stage.gate(GateKind::Recovery).is_some() => {
                StageNow::Recovers
            }
            Some(Part::Outlook) | None => StageNow::TakenBack,
        },
        // Its GO may be recorded already, while it still runs.
        State::Left | State::Overridden
            if rollout.running().iter().any(|one| one.name == stage.name) =>
        {
            StageNow::Runs
        }
        State::Left | State::Overridden => StageNow::Left,
        State::NotStarted | State::AtEntry if started.is_some() => StageNow::Runs,
        State::NotStarted | State::AtEntry => StageNow::TakenBack,
    }
}

fn one(mut jobs: Vec<Job>) -> Result<Job, Exit> {
    jobs.pop().ok_or(Exit::Usage)
}

/// The stage that is watched.
fn chosen(arguments: &WatchArgs, job: &Job) -> Result<String, String> {
    let plan = &job.loaded.plan;
    let rollout = job.request.rollout(plan);
    let named = arguments.stage.as_deref();
    if let Some(name) = named
        && stage_of(plan, name).is_none()
    {
        let all: Vec<&str> = plan.stages.iter().map(|one| one.name.as_str()).collect();
        return Err(format!(
            "the plan has no stage `{name}`: it has {}",
            all.join(", ")
        ));
    }
    let running = rollout.running();
    if running.is_empty() && arguments.started.is_some() {
        return match (named, plan.stages.as_slice()) {
            (Some(name), _) => Ok(name.to_owned()),
            (None, [only]) => Ok(only.name.clone()),
            (None, _) => {
                Err("the plan has several stages: name the one that began, with --stage".to_owned())
            }
        };
    }
    if running.is_empty() && arguments.no_ledger {
        return Err(
            "with --no-ledger nobody knows when the stage began: say so with --started".to_owned(),
        );
    }
    let start = |stage: &str| steps::start(stage).command(&job.loaded.shown());
    match (named, running.as_slice()) {
        (Some(name), _) if running.iter().any(|one| one.name == name) => Ok(name.to_owned()),
        (Some(name), _) => Err(format!(
            "{name} does not run; it begins with `{}`",
            start(name)
        )),
        (None, [only]) => Ok(only.name.clone()),
        (None, []) => {
            let first = plan
                .stages
                .first()
                .map_or("STAGE", |stage| stage.name.as_str());
            Err(format!(
                "nothing has begun; a stage begins with `{}`",
                start(first)
            ))
        }
        (None, several) => {
            let all: Vec<&str> = several.iter().map(|one| one.name.as_str()).collect();
            Err(format!("{} run: name one with --stage", all.join(" and ")))
        }
    }
}

/// The length of the window, where there is something to watch.
fn watchable(job: &Job, name: &str) -> Result<Duration, String> {
    let plan = &job.loaded.plan;
    let stage = stage_of(plan, name);
    let gate = stage.and_then(|stage| Some((stage, stage.gate(GateKind::Exit)?)));
    let Some((stage, gate)) = gate else {
        return Err(format!(
            "{name} has no exit gate; see `gate status {}`",
            job.loaded.shown()
        ));
    };
    let is_measured = gate.criteria.iter().any(|one| {
        matches!(
            one.ask.kind(List::Exit),
            CriterionKind::Kpis | CriterionKind::Alerts | CriterionKind::NoAlerts
        )
    });
    if !is_measured {
        return Err(format!(
            "{name}/exit asks about no KPI and no alert, so there is nothing to watch; see `gate status {}`",
            job.loaded.shown()
        ));
    }
    Ok(stage.window.unwrap_or(Duration::ZERO))
}

fn beat(arguments: &WatchArgs, job: &Job, window: Duration) -> Result<Beat, String> {
    let Some(every) = arguments.every else {
        let questions = evaluate::questions(&job.loaded.plan, &job.request);
        let steps = questions
            .iter()
            .filter_map(|question| match question.asked {
                Asked::Range(grid) => Some(grid.step()),
                Asked::At(_) | Asked::Captured(_) => None,
            });
        return Ok(Beat::for_steps(steps));
    };
    if every > window && window > Duration::ZERO {
        return Err(format!(
            "--every {every} is longer than the window of {window}"
        ));
    }
    let (shortest, longest) = Beat::BOUNDS;
    Beat::of(every).ok_or_else(|| {
        format!("--every {every} is not a whole number of seconds from {shortest} to {longest}")
    })
}

/// How far back samples may still change, so that they are asked again each round (W4): as late as the plan lets points be, at least
/// 10 minutes.
pub fn overlap(job: &Job) -> Duration {
    const AT_LEAST: Duration = Duration::from_secs(600);
    let plan = &job.loaded.plan;
    let ages = plan.kpis.iter().filter_map(|kpi| kpi.max_age);
    let delays = plan.sources.iter().map(|source| source.delay);
    ages.chain(delays).fold(AT_LEAST, Duration::max)
}

/// `history changed: 14 points between 12:01 and 12:08`.
pub fn changed_history(differs: &Differs) -> String {
    let points = match differs.points {
        1 => "1 point".to_owned(),
        points => format!("{points} points"),
    };
    format!(
        "history changed: {points} between {} and {} of {}",
        differs.from, differs.to, differs.question.query
    )
}
