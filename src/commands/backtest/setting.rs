//! From the command line to what is pretended: the plan, the span, the gates, the lists. Everything that can be wrong with them is
//! detected here. Must not ask a source.

use anyhow::{Context, anyhow, bail};

use super::lists;
use super::{Failure, ends, from_to};
use crate::backtest::{
    FailOn, Incident, Incidents, IncidentsFrom, Release, Trials, Tried, of_gate, of_moments,
    of_starts,
};
use crate::cli::BacktestArgs;
use crate::commands::judging::job::{overrides_of, read_recorded, variables};
use crate::commands::load::{LoadedPlan, Overrides, load};
use crate::commands::surroundings::Surroundings;
use crate::evaluate::{GateRef, History, Sweep, pieces};
use crate::exit::Exit;
use crate::kind::GateKind;
use crate::plan::criteria::Ask;
use crate::plan::{Gate, Plan, Variable};
use crate::samples::{self, Asked, Grid, Origin, Question};
use crate::source::recorded::Recorded;
use crate::units::{Duration, Instant};

/// What is pretended.
pub(super) struct Setting {
    pub loaded: LoadedPlan,
    pub vars: Vec<Variable>,
    pub from: Instant,
    pub to: Instant,
    pub every: Duration,
    pub moments: bool,
    pub quiet_after: Duration,
    pub fail_on: Vec<FailOn>,
    /// Pretend releases, by gate.
    pub trials: Vec<Trials>,
    /// Releases that were begun, by gate.
    pub real: Vec<Trials>,
    /// All of them.
    releases: Vec<Release>,
    incidents: Vec<Incident>,
    pub incidents_from: Vec<IncidentsFrom>,
    /// Selectors that find something while an incident lasts, with what is asked.
    selectors: Vec<(String, Vec<Question>)>,
    pub notes: Vec<String>,
}

impl Setting {
    /// With the kept answers, if they are judged.
    pub fn of(
        arguments: &BacktestArgs,
        surroundings: &Surroundings,
    ) -> Result<(Self, Option<Recorded>), Failure> {
        let recorded = arguments
            .replay
            .as_ref()
            .map(|path| read_recorded(path, true))
            .transpose()?;
        let vars = recorded
            .as_ref()
            .map_or_else(|| arguments.vars.clone(), overrides_of);
        let overrides = Overrides {
            vars: &vars,
            source: arguments.source.as_deref(),
            offline: recorded.is_some(),
            read_before: None,
            otherwise: "nothing was judged",
        };
        let plans = std::slice::from_ref(&arguments.plan);
        let loaded = load(plans, &overrides, surroundings)?
            .into_iter()
            .next()
            .ok_or(Exit::Usage)?;
        let setting = Self::with(loaded, &vars, arguments, (recorded.as_ref(), surroundings))?;
        Ok((setting, recorded))
    }

    /// Of a plan that was loaded, with what `--var` says.
    pub fn with(
        loaded: LoadedPlan,
        vars: &[(String, String)],
        arguments: &BacktestArgs,
        (recorded, surroundings): (Option<&Recorded>, &Surroundings),
    ) -> Result<Self, Failure> {
        let (from, to) = span(arguments, recorded, surroundings)?;
        if let Some(recorded) = recorded {
            same_questions(recorded, &loaded.plan)?;
        }
        let mut setting = Self {
            vars: variables(vars),
            loaded,
            from,
            to,
            every: arguments.every,
            moments: arguments.moments,
            quiet_after: arguments.quiet_after,
            fail_on: arguments.fail_on.clone(),
            trials: Vec::new(),
            real: Vec::new(),
            releases: Vec::new(),
            incidents: Vec::new(),
            incidents_from: Vec::new(),
            selectors: Vec::new(),
            notes: Vec::new(),
        };
        setting.read_incidents(arguments)?;
        setting.read_releases(arguments)?;
        setting.pretend(arguments)?;
        Ok(setting)
    }

    fn read_incidents(&mut self, arguments: &BacktestArgs) -> anyhow::Result<()> {
        for named in &arguments.incidents {
            let is_selector = is_selector(named)?;
            self.incidents_from.push(IncidentsFrom {
                name: named.clone(),
                is_selector,
            });
            if is_selector {
                let asked = self.asked_of(named)?;
                self.selectors.push((named.clone(), asked));
                continue;
            }
            for incident in lists::incidents(named)? {
                if incident.end < self.from || self.to < incident.start {
                    let (name, when) = (&incident.name, from_to(incident.start, incident.end));
                    self.notes.push(format!(
                        "the incident {name} {when} lies outside of what is judged"
                    ));
                } else {
                    self.incidents.push(incident);
                }
            }
        }
        let stages = stages(&self.loaded.plan);
        for incident in &self.incidents {
            if let Some(stage) = incident
                .stage
                .as_ref()
                .filter(|stage| !stages.contains(stage))
            {
                bail!(
                    "the incident {} is about the stage {stage}, which the plan does not have",
                    incident.name
                );
            }
        }
        Ok(())
    }

    fn asked_of(&self, selector: &str) -> anyhow::Result<Vec<Question>> {
        const STEP: Duration = Duration::from_secs(60);
        let source = self
            .loaded
            .plan
            .sources
            .first()
            .context("the plan has no source to ask for incidents")?;
        let grid = Grid::inside(self.from, self.to, STEP).context("the span holds no minute")?;
        let asked = pieces(grid).into_iter().map(|piece| Question {
            origin: Origin::Source(source.name.clone()),
            query: selector.to_owned(),
            asked: Asked::Range(piece),
        });
        Ok(asked.collect())
    }

    fn read_releases(&mut self, arguments: &BacktestArgs) -> anyhow::Result<()> {
        if let Some(path) = &arguments.releases {
            self.releases = lists::releases(path)?;
        }
        let stages = stages(&self.loaded.plan);
        for release in &self.releases {
            if !stages.contains(&release.stage) {
                let (stage, started) = (&release.stage, release.started);
                bail!(
                    "the release of {started} is about the stage {stage}, which the plan does not have"
                );
            }
        }
        // A ledger keeps what the plan has dropped.
        let mut unknown: Vec<String> = Vec::new();
        for path in &arguments.ledger {
            for start in lists::starts(path)? {
                if stages.contains(&start.stage) {
                    self.releases.push(start);
                } else {
                    unknown.push(start.stage);
                }
            }
        }
        if !unknown.is_empty() {
            let count = counted(unknown.len(), "start");
            unknown.sort();
            unknown.dedup();
            self.notes.push(format!(
                "{count} of stages that the plan does not have: {}",
                unknown.join(", ")
            ));
        }
        self.releases
            .sort_by(|one, other| (one.started, &one.stage).cmp(&(other.started, &other.stage)));
        let mut outside = 0;
        let (from, to) = (self.from, self.to);
        self.releases.retain(|release| {
            let inside = from <= release.started && release.started <= to;
            outside += usize::from(!inside);
            inside
        });
        if outside > 0 {
            self.notes.push(format!(
                "{outside} releases were begun outside of what is judged"
            ));
        }
        Ok(())
    }

    /// The gates, and when each is judged.
    fn pretend(&mut self, arguments: &BacktestArgs) -> anyhow::Result<()> {
        let gates = gates(&self.loaded.plan, arguments)?;
        let span = (self.from, self.to);
        for gate in gates {
            let plan = &self.loaded.plan;
            let trials = if self.moments {
                of_moments(plan, gate, span, self.every)?
            } else {
                of_gate(plan, gate, span, self.every)?
            };
            let stage = gate.of(plan).map(|(stage, _)| stage.name.as_str());
            let begun = self
                .releases
                .iter()
                .filter(|release| Some(release.stage.as_str()) == stage);
            let starts: Vec<Instant> = begun.map(|release| release.started).collect();
            if !starts.is_empty() {
                let mut real = of_starts(plan, gate, starts);
                let all = real.times.len();
                real.times.retain(|time| time.at <= self.to);
                if real.times.len() < all {
                    let left = all - real.times.len();
                    self.notes.push(format!(
                        "{left} releases were begun too late for their window to be over by {}",
                        self.to
                    ));
                }
                self.real.push(real);
            }
            self.trials.push(trials);
        }
        Ok(())
    }

    /// What is asked to find incidents.
    pub fn selectors(&self) -> impl Iterator<Item = Question> {
        self.selectors.iter().flat_map(|(_, asked)| asked.clone())
    }

    /// All incidents, with those that selectors found.
    pub fn incidents_with(&self, history: &History) -> Result<Incidents, Failure> {
        let mut all = self.incidents.clone();
        for (selector, asked) in &self.selectors {
            all.extend(lists::found(selector, asked, history).map_err(not_asked)?);
        }
        Ok(Incidents::new(all, self.quiet_after))
    }

    /// The first sample, where it is later than what is judged begins.
    pub fn samples_from(&self, history: &History) -> Option<Instant> {
        let first = history.span()?.0;
        let steps = self.trials.iter().filter_map(|trials| {
            let (stage, gate) = trials.gate.of(&self.loaded.plan)?;
            let asks = gate
                .criteria
                .iter()
                .filter_map(|criterion| criterion.ask.kpi());
            Some(stage.settle + asks.map(|ask| ask.step).max()?)
        });
        let late = steps.max().unwrap_or_default();
        (first > self.from + late).then_some(first)
    }

    /// The releases that a gate was tried with, in its order.
    pub fn releases_of(&self, tried: &Tried) -> Vec<Release> {
        let times = tried.trials.times.iter().filter_map(|time| {
            let mut all = self.releases.iter();
            all.find(|release| {
                release.stage == tried.stage && Some(release.started) == time.started
            })
        });
        times.cloned().collect()
    }

    /// Whether alerts are judged.
    pub fn asks_alerts(&self) -> bool {
        let gates = self
            .trials
            .iter()
            .filter_map(|trials| trials.gate.of(&self.loaded.plan));
        let mut criteria = gates.flat_map(|(_, gate)| &gate.criteria);
        criteria.any(|criterion| {
            matches!(criterion.ask, Ask::Alerts(_)) && Sweep::is_judged(criterion).is_ok()
        })
    }
}

/// The names of a plan's stages.
fn stages(plan: &Plan) -> Vec<String> {
    plan.stages.iter().map(|stage| stage.name.clone()).collect()
}

/// `1 start`, `3 starts`.
fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}

/// Without incidents nothing is quiet and nothing could be missed: it is the source's fault, or that of what was asked.
fn not_asked((question, why): (&Question, samples::Failure)) -> Failure {
    let when = ends(question).map_or_else(String::new, |(from, to)| from_to(from, to));
    let error = anyhow!(
        "the incidents could not be asked: `{}` {when}: {}",
        question.query,
        why.message
    );
    if why.code.is_of_the_source() {
        Failure::Unanswered(error)
    } else {
        Failure::Usage(error)
    }
}

/// A file has no braces in its name, and a selector has.
fn is_selector(named: &str) -> anyhow::Result<bool> {
    if std::path::Path::new(named).exists() {
        return Ok(false);
    }
    let in_metric = |one: char| one.is_ascii_alphanumeric() || one == '_' || one == ':';
    if named.chars().all(in_metric) {
        bail!("there is no file `{named}`, and a selector has braces: `{named}{{}}`");
    }
    Ok(named.contains('{'))
}

fn span(
    arguments: &BacktestArgs,
    recorded: Option<&Recorded>,
    surroundings: &Surroundings,
) -> anyhow::Result<(Instant, Instant)> {
    let header = recorded.map(|recorded| &recorded.header);
    let to = match (arguments.to, header.and_then(|header| header.at)) {
        (Some(time), _) => time.before(surroundings.now),
        (None, Some(at)) => at,
        (None, None) => surroundings.now,
    };
    // Answers that were kept by a clock that is ahead of this one are of its past.
    let latest = header.and_then(|header| header.at);
    if arguments.to.is_some() && to > latest.map_or(surroundings.now, |at| at.max(surroundings.now))
    {
        bail!("--to {to} lies ahead: the future cannot be judged");
    }
    let from = match (arguments.from, header.and_then(|header| header.started)) {
        (Some(time), _) => time.before(surroundings.now),
        (None, Some(started)) => started,
        (None, None) => bail!("the recorded answers do not say where they begin: pass --from"),
    };
    Ok((from, to))
}

/// Answers to other questions answer nothing.
fn same_questions(recorded: &Recorded, plan: &Plan) -> anyhow::Result<()> {
    for source in &plan.sources {
        let question = Question {
            origin: Origin::Source(source.name.clone()),
            query: String::new(),
            asked: Asked::At(Instant::from_secs(0)),
        };
        if let Some(failure) = recorded.otherwise(&question, &plan.sources) {
            bail!("{}", failure.message);
        }
    }
    Ok(())
}

fn gates(plan: &Plan, arguments: &BacktestArgs) -> anyhow::Result<Vec<GateRef>> {
    let all = || plan.stages.iter().map(|stage| stage.name.as_str());
    for named in &arguments.stages {
        if all().all(|name| name != named) {
            let stages: Vec<&str> = all().collect();
            bail!(
                "the plan has no stage {named}; it has {}",
                stages.join(", ")
            );
        }
    }
    let mut gates = Vec::new();
    for (place, stage) in plan.stages.iter().enumerate() {
        if !arguments.stages.is_empty() && !arguments.stages.contains(&stage.name) {
            continue;
        }
        let of_stage = stage.gates.iter().enumerate().filter(|(_, gate)| {
            let is_wanted =
                gate.kind == GateKind::Exit || (arguments.moments && gate.kind == GateKind::Entry);
            is_wanted && measures(gate)
        });
        let found: Vec<GateRef> = of_stage
            .map(|(gate, _)| GateRef { stage: place, gate })
            .collect();
        if found.is_empty() && !arguments.stages.is_empty() {
            bail!(
                "the stage {} asks about no KPI: there is nothing to judge of its past",
                stage.name
            );
        }
        gates.extend(found);
    }
    if gates.is_empty() {
        return Err(anyhow!(
            "no stage of the plan asks about a KPI: there is nothing to judge of its past"
        ));
    }
    Ok(gates)
}

fn measures(gate: &Gate) -> bool {
    gate.window.is_some()
        && gate
            .criteria
            .iter()
            .any(|criterion| criterion.ask.kpi().is_some())
}
