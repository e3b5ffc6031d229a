//! `gate resume`: the rollout goes on. Must not resume without a reason.

use std::path::Path;

use super::deeds::context::{Decision, DecisionContext};
use super::deeds::refusal::Refusal;
use super::deeds::{Deed, record};
use super::surroundings::Surroundings;
use crate::cli::{PauseArgs, Signed};
use crate::exit::Exit;
use crate::kind::GateKind;
use crate::ledger::{Event, Trip};
use crate::plan::Stage;
use crate::rollout::{has_stops, steps, stops_judged_later};
use crate::units::Instant;

/// `gate resume`.
pub struct Resume<'a>(pub &'a PauseArgs);

/// Records it.
pub fn resume(arguments: &PauseArgs, surroundings: &Surroundings) -> Exit {
    record(&Resume(arguments), surroundings)
}

impl Deed for Resume<'_> {
    fn plan(&self) -> &Path {
        &self.0.plan
    }

    fn signed(&self) -> &Signed {
        &self.0.signed
    }

    fn resumes(&self) -> bool {
        true
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        context.reason_for("a resume")?;
        let stage = context.begun(self.0.stage.as_deref())?;
        let meanings = resumed(context, stage);
        if meanings.is_empty() {
            return Err(Refusal::standing(format!(
                "{} is neither paused nor stopped nor rolled back: there is nothing to resume",
                stage.name
            )));
        }
        let event = Event::Resumed {
            stage: stage.name.clone(),
        };
        let mut decision = Decision::of(event, format!("{} goes on", stage.name));
        decision.means = meanings;
        decision.means.extend(on_its_way(context, stage));
        decision.means.extend(still_open(context, stage));
        // In play are the exit, and the recovery as long as the stage is flagged.
        decision.next = Some(context.typed(&steps::check_in_play()));
        Ok(decision)
    }
}

/// What a resume does not settle, one line each.
fn still_open(context: &DecisionContext, stage: &Stage) -> Vec<String> {
    let rollout = context.rollout;
    let trips = rollout.trips_next(stage).into_iter();
    let trips = trips.map(|what| format!("{what}: the next check will stop again"));
    let open = rollout.left_open(context.path).into_iter();
    open.chain(trips).collect()
}

/// What becomes of the stops that were on their way in the last check: they are forgotten where the resume lifts a stop or restarts
/// the window, and looked at again where it ends a pause alone.
fn on_its_way(context: &DecisionContext, stage: &Stage) -> Vec<String> {
    let (history, name) = (context.history(), &stage.name);
    let is_over = !history.trips(name).is_empty() || history.taken_back(name).is_some();
    let what = if is_over {
        "let go, it begins anew"
    } else {
        "looked at again by the next check, back over the pause"
    };
    let near = context.on_its_way.iter();
    let near = near.filter(|near| near.stage == *name);
    near.map(|near| format!("{what}: {}", near.what)).collect()
}

/// Since when the stage runs once it goes on: a window that restarts settles first, and so does one that has not settled yet.
fn runs_since(context: &DecisionContext, stage: &Stage) -> Instant {
    let (history, now) = (context.history(), context.rollout.now);
    let restarts = history.taken_back(&stage.name).is_some();
    let start = history.start_of(&stage.name).filter(|_| !restarts);
    start.unwrap_or(now)
}

/// From when on stops are judged, where that is still to come.
fn judged_later(context: &DecisionContext, stage: &Stage) -> Option<String> {
    stops_judged_later(stage, runs_since(context, stage), context.rollout.now)
}

/// The same in words.
fn from_then(context: &DecisionContext, stage: &Stage) -> String {
    let later = judged_later(context, stage);
    match later {
        Some(later) => format!("{later}: until then nothing here stops it"),
        None => "from now on".to_owned(),
    }
}

/// What the last check saw of a stop that is lifted, and when it can trip again. What was rolled back since is another matter: its
/// recovery is asked.
fn seen_last(context: &DecisionContext, stage: &Stage, trip: &Trip) -> Option<String> {
    if context.history().taken_back(&stage.name).is_some() {
        return None;
    }
    let (last, seen) = context.history().last_seen(&stage.name, trip)?;
    let judged_from = (context.rollout.now).max(runs_since(context, stage) + stage.settle);
    let again = (context.rollout).trips_again(stage, trip, judged_from);
    let again = again.map_or_else(String::new, |at| {
        format!("; it can trip again at {at} at the earliest")
    });
    Some(format!(
        "{} in the last check, at {} (#{}): {}{again}",
        trip.name, last.check.evaluated_at, last.entry.number, seen.reason
    ))
}

/// What a resume ends, one line each; empty if there is nothing to end.
fn resumed(context: &DecisionContext, stage: &Stage) -> Vec<String> {
    let name = &stage.name;
    let mut lines = Vec::new();
    if let Some(paused) = context.history().paused(name) {
        lines.push(format!(
            "it was paused since {} (#{})",
            paused.at, paused.number
        ));
    }
    for (check, trip) in context.history().trips(name) {
        lines.push(format!(
            "the stop {} of {} (#{}) is lifted: stops are judged again {}",
            trip.name,
            check.entry.at,
            check.entry.number,
            from_then(context, stage)
        ));
        lines.extend(seen_last(context, stage, trip));
    }
    if context.history().taken_back(name).is_some() {
        lines.push(format!(
            "it was rolled back: its window restarts at {}",
            context.rollout.now
        ));
    }
    let stops = stage.gate(GateKind::Exit).is_some_and(has_stops);
    let later = judged_later(context, stage).filter(|_| stops && !lines.is_empty());
    let is_told = !context.history().trips(name).is_empty();
    lines.extend(
        later
            .filter(|_| !is_told)
            .map(|later| format!("its stops are judged {later}: until then nothing here stops it")),
    );
    lines
}
