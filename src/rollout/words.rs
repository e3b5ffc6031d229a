//! What is known about a rollout, in words: each reason once, for everybody. Must not decide anything.

use std::fmt::{self, Display, Formatter};

use super::{Ahead, Backwards, Hold, Past, Rollout};
use crate::kind::GateKind;
use crate::ledger::{Answer, Entry, Event};
use crate::plan::Stage;
use crate::units::Duration;

/// Who, when, why: `by Ada at 2026-11-20T14:00:00Z: printer replaced`.
#[must_use]
pub fn cited(entry: &Entry) -> String {
    let why: Vec<&str> = entry.why.split_whitespace().collect();
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(": {}", why.join(" "))
    };
    format!("by {} at {}{why}", entry.by.called(), entry.at)
}

/// `not applicable: no printers there (Ada at 2026-11-20T14:00:00Z)`, by name alone.
#[must_use]
pub fn not_applicable(entry: &Entry) -> String {
    let why: Vec<&str> = entry.why.split_whitespace().collect();
    let (by, at) = (entry.by.called(), entry.at);
    format!("not applicable: {} ({by} at {at})", why.join(" "))
}

/// `in place of the no by Ada at 2026-11-20T14:00:00Z: printers jam (#5)`.
#[must_use]
pub fn in_place_of(answered: &Entry) -> String {
    let is_yes = |event: &Event| {
        matches!(
            event,
            Event::Confirmed {
                answer: Answer::Yes,
                ..
            }
        )
    };
    let word = if is_yes(&answered.event) { "yes" } else { "no" };
    format!(
        "in place of the {word} {} (#{})",
        cited(answered),
        answered.number
    )
}

impl Rollout<'_> {
    /// The answer in words; `owner` has to give it. A yes never hides the no of somebody else, nor `n/a` their yes.
    #[must_use]
    pub fn answer_in_words(&self, stage: &str, id: &str, owner: Option<&str>) -> String {
        let answered = self.answered(stage, id);
        let words = answered.in_words(stage, owner);
        match self.overruled(stage, id) {
            Some(other) => format!("{words}; {}", in_place_of(other)),
            None => words,
        }
    }
}

/// That a stage was started which the plan does not have.
#[must_use]
pub fn not_in_plan(stage: &str) -> String {
    format!("the ledger says that {stage} was started, but it is not in the plan")
}

/// The first digits, enough for people to tell versions apart.
#[must_use]
pub fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

impl Display for Backwards<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { before, entry } = self;
        let earlier = Duration::from_millis(before.at.millis() - entry.at.millis());
        write!(
            f,
            "#{} is dated {earlier} before #{}",
            entry.number, before.number
        )
    }
}

impl Display for Ahead<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { entry, by } = self;
        write!(f, "#{} is dated {by} ahead of this clock", entry.number)
    }
}

impl Display for Past<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { at, shown_by } = self;
        match shown_by {
            Some(ahead) => write!(f, "{at} ({ahead})"),
            None => at.fmt(f),
        }
    }
}

impl<'a> Rollout<'a> {
    /// What trips a stop of a running stage at its next check, as far as plan and ledger say, each in a sentence fragment: an
    /// incident that it asks about, a deadline that has passed. `resumed` says whether the stage goes on first.
    #[must_use]
    pub fn trips_next(&self, stage: &Stage) -> Vec<String> {
        let incidents = self.incidents_that_stop(stage).into_iter();
        let incidents = incidents.map(|one| match one.closed {
            None => format!("{} is still open", one.id),
            Some(_) => format!("{} came up since the start", one.id),
        });
        let deadline = self.deadline_passed(stage);
        let deadline = deadline.map(|due| format!("the exit gate was not passed by {due}"));
        incidents.chain(deadline).collect()
    }

    /// Why the recovery of a stage is not shown: `pilot/recovery is HOLD`; `None` if it is shown, or nothing asks for it.
    #[must_use]
    pub fn recovery_open(&self, stage: &Stage) -> Option<String> {
        if !self.awaits_recovery(stage) {
            return None;
        }
        let gate = GateKind::Recovery.of(&stage.name);
        Some(match self.history().judged(&gate) {
            Some(check) => format!("{gate} was {}", check.gate.verdict.word()),
            None => format!("{gate} has not been checked since the rollback"),
        })
    }

    /// What blocks a stage; if it is no longer in the plan, with what to do about that.
    #[must_use]
    pub fn told(&self, hold: &Hold<'_>) -> String {
        let stage = hold.stage();
        match self.stage(stage) {
            Some(_) => hold.to_string(),
            None => format!("{hold}; {stage} is no longer in the plan: put it back and resume it"),
        }
    }

    /// What every report on a stage has to say first: paused; reopened and not begun since; rolled back and not yet recovered,
    /// unless a recovery gate has just been found GO; steps of its rollback that are open, also once it has gone on.
    #[must_use]
    pub fn flags(&self, stage: &'a Stage, recovered: bool) -> Vec<String> {
        let name = &stage.name;
        let paused = self.history().paused(name);
        let paused = paused.map(|entry| format!("{name} was paused {}", cited(entry)));
        let rolled_back = self.unrecovered(stage).filter(|_| !recovered);
        let rolled_back = rolled_back.map(|entry| {
            let open = match stage.gate(GateKind::Recovery) {
                Some(gate) => format!("not yet recovered: check {}", gate.kind.of(name)),
                None => "has not gone on".to_owned(),
            };
            format!("{name} was rolled back {}; {open}", cited(entry))
        });
        let reopened = self.reopened_and_waiting(name);
        let reopened = reopened.map(|entry| format!("{name} was reopened {}", cited(entry)));
        let steps = self.open_steps(name).map(|open| open.to_string());
        paused
            .into_iter()
            .chain(reopened)
            .chain(rolled_back)
            .chain(steps)
            .collect()
    }
}
