//! The stages of a rollout with what is known of each, and how the rollout stands. Must not say SUCCESS while anything is open.

use super::{Judged, RolloutFacts};
use crate::assessment::CriterionAssessment;
use crate::kind::{GateKind, List};
use crate::plan::Stage;
use crate::report::series::is_good;
use crate::report::sheet::Tone;
use crate::report::standing::OVERRIDDEN;
use crate::rollout::{History, Hold, Rollout, State};
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// A stage.
pub(super) struct StageFacts<'a> {
    pub(super) name: String,
    pub(super) title: Option<String>,
    pub(super) traffic: Option<String>,
    /// As in the plan; `None` if the plan is not available.
    pub(super) planned: Option<&'a Stage>,
    pub(super) started: Option<Instant>,
    /// When the next began.
    pub(super) ended: Option<Instant>,
    /// When it first began, if it has begun again since.
    pub(super) first_started: Option<Instant>,
    /// How its exit gate stands now.
    pub(super) exit: Option<Judged<'a>>,
    /// The check of its exit gate that let it leave; before that, the one that says how it stands. What is told of a stage
    /// rests on it, so that nothing that is looked at later changes the story.
    pub(super) leaving: Option<Judged<'a>>,
    pub(super) recovery: Option<Judged<'a>>,
    pub(super) entry: Option<Judged<'a>>,
    /// `None` if plan or ledger is not available.
    pub(super) state: Option<State>,
    pub(super) flags: Vec<String>,
}

/// The stages in plan order; without a plan, in the order in which they were judged first.
pub(super) fn all<'a>(rollout: &RolloutFacts<'a>) -> Vec<StageFacts<'a>> {
    match rollout.plan {
        Some(plan) => {
            let stages = plan.stages.iter();
            stages
                .map(|stage| facts(rollout, &stage.name, Some(stage)))
                .collect()
        }
        None => names(rollout)
            .iter()
            .map(|name| facts(rollout, name, None))
            .collect(),
    }
}

fn names(rollout: &RolloutFacts<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for gate in rollout
        .checks
        .iter()
        .flat_map(|check| &check.evidence.gates)
    {
        if !names.contains(&gate.stage) {
            names.push(gate.stage.clone());
        }
    }
    names
}

fn facts<'a>(rollout: &RolloutFacts<'a>, name: &str, planned: Option<&'a Stage>) -> StageFacts<'a> {
    let exit = rollout.judged(&GateKind::Exit.of(name));
    let entry = rollout.judged(&GateKind::Entry.of(name));
    let seen = exit.or(entry).and_then(|judged| judged.gate);
    let known = rollout.rollout.zip(planned);
    let flags = match &known {
        Some((rollout, stage)) => rollout.flags(stage, false),
        None => seen.map(|gate| gate.flags.clone()).unwrap_or_default(),
    };
    let window = exit.and_then(|exit| exit.gate?.window.as_ref());
    let history = History::of(rollout.ledger);
    let recorded = history.start_of(name);
    let first = history.first_start_of(name);
    let recovery = rollout.judged(&GateKind::Recovery.of(name));
    // As if nobody had ever started it, once the rollout went back past it.
    let is_there = history.reopened(name).is_none() || history.has_begun(name);
    let left = planned.zip(recorded);
    let left = left.and_then(|(stage, started)| rollout.leaving(stage, started));
    StageFacts {
        first_started: first.filter(|first| Some(*first) != recorded),
        name: name.to_owned(),
        title: planned.map_or_else(
            || seen.and_then(|gate| gate.title.clone()),
            |stage| stage.title.clone(),
        ),
        traffic: planned.map_or_else(
            || seen.and_then(|gate| gate.traffic.clone()),
            |stage| stage.traffic.clone(),
        ),
        planned,
        started: recorded.or_else(|| window.and_then(|window| window.started)),
        ended: known
            .zip(recorded)
            .and_then(|((rollout, stage), started)| rollout.ended(stage, started))
            .or_else(|| window.and_then(|window| window.ended)),
        exit,
        leaving: left.or(exit),
        recovery: recovery.filter(|_| is_there),
        entry,
        state: known.map(|(rollout, stage)| rollout.state(stage)),
        flags,
    }
}

impl StageFacts<'_> {
    /// `pilot: Pilot site Berlin`.
    pub(super) fn named(&self) -> String {
        match &self.title {
            Some(title) => format!("{}: {title}", self.name),
            None => self.name.clone(),
        }
    }

    /// What a check found after the one that let the stage leave, if it is something else.
    pub(super) fn later(&self) -> Option<String> {
        let (newest, leaving) = self.exit.zip(self.leaving)?;
        let is_other = newest.verdict != leaving.verdict;
        is_other.then(|| format!("later {} at {}", newest.verdict, newest.at))
    }

    /// Whether the rollout moved on from it, and nothing counts against that.
    fn is_left_well(&self) -> bool {
        let go = self.has_no_gate() || self.exit.is_some_and(|exit| exit.verdict == Verdict::Go);
        let left = match self.state {
            Some(state) => state == State::Left,
            None => true,
        };
        go && left && self.flags.is_empty()
    }

    /// Whether it has no exit gate: it is left once it has begun.
    fn has_no_gate(&self) -> bool {
        let gate = self.planned.map(|stage| stage.gate(GateKind::Exit));
        self.state.is_some() && gate.is_some_and(|gate| gate.is_none())
    }

    fn is_bad(&self) -> bool {
        match self.state {
            Some(State::Stopped | State::RolledBack) => true,
            Some(State::Left | State::Overridden | State::NotStarted | State::AtEntry) => false,
            Some(State::Running | State::Paused) | None => self.exit.is_some_and(|exit| {
                matches!(exit.verdict, Verdict::NoGo | Verdict::Stop) && !exit.overridden
            }),
        }
    }

    fn is_overridden(&self) -> bool {
        self.state == Some(State::Overridden) || self.exit.is_some_and(|exit| exit.overridden)
    }

    /// From its start to its end; if the next has not begun, to the check of its exit gate that counts, or so far.
    pub(super) fn duration(&self) -> Option<String> {
        if let (Some(started), Some(ended)) = (self.started, self.ended) {
            return Some(started.until(ended).to_string());
        }
        let (started, exit) = (self.started?, self.leaving?);
        let length = started.until(exit.at);
        (length >= Duration::ZERO).then(|| match exit.verdict {
            Verdict::Go => length.to_string(),
            Verdict::Hold | Verdict::NoGo | Verdict::Stop => format!("{length} so far"),
        })
    }

    /// `4/5`: how many of the KPIs that the exit gate asks about are met and clear.
    pub(super) fn metrics(&self) -> Option<String> {
        let criteria = metrics(self.leaving?);
        let mut names: Vec<&str> = criteria.iter().map(|one| one.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let well = |name: &&&str| {
            let of = criteria.iter().filter(|one| one.name == **name);
            of.clone()
                .all(|one| is_good(one.outcome) && one.approach().is_none())
        };
        let met = names.iter().filter(well).count();
        (!names.is_empty()).then(|| format!("{met}/{}", names.len()))
    }
}

/// The KPI conditions that decide a gate, stops last.
pub(super) fn metrics(judged: Judged<'_>) -> Vec<&CriterionAssessment> {
    let criteria = judged.gate.map_or(&[][..], |gate| &gate.criteria);
    let decide = criteria
        .iter()
        .filter(|one| one.kpi.is_some() && one.list != List::Watch);
    let (stops, rest): (Vec<_>, Vec<_>) = decide.partition(|one| one.list == List::Stop);
    rest.into_iter().chain(stops).collect()
}

/// `SUCCESS`, `PARTIAL` or `FAILED`, with why.
pub(super) fn standing(rollout: &RolloutFacts<'_>, stages: &[StageFacts<'_>]) -> (Tone, String) {
    let bad = stages.iter().filter(|stage| stage.is_bad()).map(trouble);
    let gone = bad_elsewhere(rollout).into_iter().map(|hold| {
        let reached = held_as(&hold).word();
        format!("{} {reached}, and not in the plan", hold.stage())
    });
    let bad: Vec<String> = bad.chain(gone).collect();
    if !bad.is_empty() {
        return (Tone::Bad, format!("FAILED: {}", bad.join("; ")));
    }
    let left = stages.iter().filter(|stage| stage.is_left_well()).count();
    let of = stages.len();
    if rollout.plan.is_none() {
        return (
            Tone::Open,
            format!(
                "PARTIAL: {left} stages left with GO; the plan is not available, so there may be others"
            ),
        );
    }
    let elsewhere = rollout
        .rollout
        .map(|rollout| rollout.unfinished_elsewhere());
    let elsewhere = elsewhere.unwrap_or_default();
    let without = stages.iter().filter(|stage| stage.has_no_gate()).count();
    let how = match without {
        0 => "left with GO".to_owned(),
        several => format!("left, {several} of them without an exit gate"),
    };
    if left == of && of > 0 && elsewhere.is_empty() {
        return (Tone::Good, format!("SUCCESS: {of} of {of} stages {how}"));
    }
    let mut words = format!("PARTIAL: {left} of {of} stages left with GO");
    if !elsewhere.is_empty() {
        let names = elsewhere.join(", ");
        words.push_str(&format!(
            "; started, not left, and not in the plan: {names}"
        ));
    }
    let overridden = stages.iter().filter(|stage| stage.is_overridden());
    let overridden: Vec<&str> = overridden.map(|stage| stage.name.as_str()).collect();
    if !overridden.is_empty() {
        words.push_str(&format!("; {OVERRIDDEN}: {}", overridden.join(", ")));
    }
    (Tone::Open, words)
}

/// The stops and rollbacks of stages that the plan no longer has.
fn bad_elsewhere<'a>(rollout: &RolloutFacts<'a>) -> Vec<Hold<'a>> {
    let held = rollout.rollout.iter().flat_map(Rollout::held_elsewhere);
    held.filter(Hold::is_unmet).collect()
}

/// The stages that are rolled back, also one that the plan no longer has.
pub(super) fn rolled_back<'s>(
    rollout: &RolloutFacts<'s>,
    stages: &'s [StageFacts<'_>],
) -> Vec<&'s str> {
    let back = stages
        .iter()
        .filter(|stage| stage.state == Some(State::RolledBack));
    let back = back.map(|stage| stage.name.as_str());
    let gone = bad_elsewhere(rollout).into_iter();
    let gone = gone.filter(|hold| held_as(hold) == State::RolledBack);
    back.chain(gone.map(|hold| hold.stage())).collect()
}

fn held_as(hold: &Hold<'_>) -> State {
    match hold {
        Hold::RolledBack(..) => State::RolledBack,
        Hold::Stopped(..) => State::Stopped,
        Hold::Paused(..) => State::Paused,
    }
}

/// `pilot ROLLED BACK`, `pilot/exit NO-GO`.
fn trouble(stage: &StageFacts<'_>) -> String {
    match (stage.state, stage.exit) {
        (Some(reached @ (State::Stopped | State::RolledBack)), _) => {
            format!("{} {}", stage.name, reached.word())
        }
        (_, Some(exit)) => format!("{} {}", GateKind::Exit.of(&stage.name), exit.verdict),
        (_, None) => stage.name.clone(),
    }
}

/// From the first start to the end of the last stage that was left with GO: where the next began, otherwise its check.
pub(super) fn total(stages: &[StageFacts<'_>]) -> Option<(Instant, Instant)> {
    let starts = (stages.iter()).filter_map(|stage| stage.first_started.or(stage.started));
    let ends = stages.iter().filter_map(|stage| {
        let exit = stage.leaving.filter(|exit| exit.verdict == Verdict::Go)?;
        Some(stage.ended.unwrap_or(exit.at))
    });
    let (start, end) = (starts.min()?, ends.max()?);
    (end >= start).then_some((start, end))
}
