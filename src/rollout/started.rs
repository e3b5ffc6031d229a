//! What a start rests on, and what every report on its stage has to say of it: begun under a version of the plan that nobody
//! judged, or dated back with nothing to rest on. Must not decide whether a stage may begin.

use super::present::AHEAD;
use super::{History, RecordedCheck, Rollout, cited, short, took_the_place};
use crate::kind::{GateKind, GateName};
use crate::ledger::{Entry, EventKind};
use crate::plan::Stage;
use crate::units::Instant;

impl<'a> Rollout<'a> {
    /// The check for the latest time of what a stage begins on: of its entry gate or, if none is recorded, of the exits of the
    /// stages right before it.
    #[must_use]
    pub fn begins_on(&self, stage: &Stage) -> Option<RecordedCheck<'a>> {
        self.began_on(self.history(), stage)
    }

    fn began_on(&self, known: History<'a>, stage: &Stage) -> Option<RecordedCheck<'a>> {
        let before = self.plan.before(stage).into_iter();
        let exits = before.filter_map(|one| latest(known, &GateKind::Exit.of(&one.name)));
        latest(known, &GateKind::Entry.of(&stage.name))
            .or_else(|| exits.max_by_key(|check| check.check.evaluated_at))
    }

    /// What every report on a stage has to say of its last start, and of versions that took it over since (L6).
    #[must_use]
    pub fn start_notes(&self, stage: &Stage) -> Vec<String> {
        let start = self.history().last_of(&stage.name, &[EventKind::Started]);
        let Some(start) = start else {
            return Vec::new();
        };
        let unjudged = self.unjudged(start).map(|sha256| {
            format!(
                "{} was started under a version of the plan that no recorded check has judged (#{}, sha256 {}…)",
                stage.name,
                start.number,
                short(sha256)
            )
        });
        let dated_back = self.dated_back(stage, start);
        let kept = self.kept_windows(stage).into_iter();
        unjudged.into_iter().chain(dated_back).chain(kept).collect()
    }

    /// That the window of a stage goes on although another version took it over: as long as what is judged reaches back before that.
    #[must_use]
    pub fn kept_windows(&self, stage: &Stage) -> Vec<String> {
        let began = self.history().beginning(&stage.name);
        let Some((began, _)) = began else {
            return Vec::new();
        };
        let kept = self.history().superseded();
        let kept = kept.filter(|entry| entry.number > began.number);
        let kept = kept.filter(|entry| entry.event.keeps_window(&stage.name));
        let from = self.observed_from(stage);
        let kept = kept.filter(|entry| from.is_none_or(|from| from < entry.at));
        let told = kept.map(|entry| {
            format!(
                "the window of {} goes on from before {} (#{} {}): part of what is observed is of the version before",
                stage.name,
                took_the_place(entry),
                entry.number,
                cited(entry)
            )
        });
        told.collect()
    }

    /// Since when what the exit gate judges now was measured: its window, and before that the time that the plan gives a new version
    /// to settle, since rates look back. `None` if that is not known, or the stage is over: what it was left on may reach further back.
    fn observed_from(&self, stage: &Stage) -> Option<Instant> {
        let gate = stage.gate(GateKind::Exit)?;
        let started = self.history().start_of(&stage.name)?;
        let runs = self.ended(stage, started).is_none();
        let length = gate.window.filter(|_| runs)?;
        Some(self.now - gate.delay() - length - stage.settle)
    }

    /// The version of the plan that a start was recorded under, if neither a recorded check has judged it nor this one does.
    fn unjudged(&self, start: &'a Entry) -> Option<&'a str> {
        let under = start.plan.sha256.as_deref()?;
        let entries = self.history().entries().iter();
        let mut checks = entries.filter_map(|entry| entry.event.checked());
        let is_judged =
            self.plan_sha256 == Some(under) || checks.any(|check| check.plan_sha256 == under);
        (!is_judged).then_some(under)
    }

    /// That a start was recorded late, and no check shows that the stage could begin then.
    fn dated_back(&self, stage: &Stage, start: &'a Entry) -> Option<String> {
        let (_, began) = start.event.started()?;
        let by = began.until(start.at);
        let rests_on = self.began_on(self.history().before(start), stage);
        let is_shown = rests_on.is_some_and(|check| check.check.evaluated_at <= began);
        (by > AHEAD && !is_shown).then(|| {
            format!(
                "the start of {} was dated back by {by}, to {began}, and no check shows that it could begin then (#{} {})",
                stage.name,
                start.number,
                cited(start)
            )
        })
    }
}

fn latest<'a>(known: History<'a>, gate: &GateName) -> Option<RecordedCheck<'a>> {
    known
        .checks(gate)
        .max_by_key(|check| check.check.evaluated_at)
}
