//! What to do next while a stage runs: what its entry, its window and its last check leave open. Must not judge any of it again.

use super::{
    Day, Implied, MISSED, Next, NotLeft, NotYet, Owed, Rollout, StageStatus, Unlike, has_stops,
    steps, stops_judged_later,
};
use crate::kind::{Action, CriterionKind, GateKind, GateName};
use crate::plan::Stage;
use crate::units::Instant;
use crate::verdict::Verdict;

impl<'a> Rollout<'a> {
    /// `rolled back; pilot/recovery shows whether it has recovered, once its window is complete at …`.
    pub(super) fn recovery_shows(&self, stage: &Stage, what: &str) -> String {
        let gate = GateKind::Recovery.of(&stage.name);
        let shows = format!("{what}; {gate} shows whether it has recovered");
        match self.recovery_completes_at(stage) {
            Some(at) => format!("{shows}, once its window is complete at {at}"),
            None => shows,
        }
    }

    pub(super) fn while_running(
        &self,
        stage: &'a Stage,
        status: &StageStatus,
        owed: &[Owed],
    ) -> Next {
        if let Some(hold) = self.undermined(stage).into_iter().next() {
            return Next::new(self.settles(&hold), &self.told(&hold));
        }
        if let Some(gone) = self.gone(stage).into_iter().next() {
            return self.put_right(&gone);
        }
        if let Some(next) = self.begun_ahead(&stage.name) {
            return next;
        }
        if let Some(next) = self.about_to_stop(stage) {
            return next;
        }
        if let Some(recovery) = self.recovery_open(stage) {
            let why = format!(
                "{} goes on, and its recovery is asked, too: {recovery}",
                stage.name
            );
            return Next::new(steps::check_in_play(), &why);
        }
        if let Some(open) = self.entry_owed(stage) {
            return self.towards_entry(stage, &open, owed);
        }
        if let Some(found) = self.order_owed(stage) {
            let step = found.next_step(self);
            return Next::new(self.in_turn(step.clone()).unwrap_or(step), &found);
        }
        let gate = GateKind::Exit.of(&stage.name);
        if let Some(next) = self.missed_for_good(stage, &gate, &status.missed) {
            return next;
        }
        let mut windows = status.windows.iter();
        let window = windows.find(|window| window.kind == GateKind::Exit);
        let complete = window.map(|window| window.completes_at);
        let why = match complete {
            Some(at) if at > self.now => {
                if let Some(next) = self.checkpoint_due(&gate, owed) {
                    return next;
                }
                self.while_its_window_runs(stage, &gate, at)
            }
            Some(at) => {
                if let Some(next) = self.found_lacking(&gate, &status.missed, owed) {
                    return next;
                }
                format!("the window of {gate} has been complete since {at}")
            }
            None => {
                if let Some(next) = self.found_lacking(&gate, &status.missed, owed) {
                    return next;
                }
                format!("{gate} decides whether the rollout may move on")
            }
        };
        // A stage runs for the question, and on the sources, that it was started with.
        let again = match self.unlike_start(&stage.name) {
            Some(Unlike::Source(_, other)) => match other.address_then() {
                Some(address) if self.plan.sources.len() == 1 => steps::check_on(&gate, address),
                Some(_) | None => steps::check(&gate),
            },
            Some(Unlike::Question(..)) | None => steps::check(&gate),
        };
        Next::new(again, &why)
    }

    /// That an incident stops the stage, though no check has said so yet: what every stop asks for.
    fn about_to_stop(&self, stage: &'a Stage) -> Option<Next> {
        let incident = self.incidents_that_stop(stage).into_iter().next()?;
        let step = self.after_stop(&stage.name).commands.into_iter().next()?;
        let why = format!(
            "{} stops {}, as the next check will find",
            incident.id, stage.name
        );
        Some(Next::new(step, &why))
    }

    /// The checkpoint of the day while the window runs, unless the last check found something worse to deal with.
    fn checkpoint_due(&self, gate: &GateName, owed: &[Owed]) -> Option<Next> {
        let last = self.history().judged(gate);
        if last.is_some_and(|last| last.gate.verdict == Verdict::NoGo) {
            return None;
        }
        let mut owed = owed.iter().filter(|one| one.gate == *gate);
        let due = owed.find(|one| one.kind == CriterionKind::Checkpoints)?;
        Some(Next::new(due.next_step.clone(), &due.reason))
    }

    /// What is judged until the window is complete: stops from when on the stage has settled.
    fn while_its_window_runs(&self, stage: &Stage, gate: &GateName, complete: Instant) -> String {
        let all = format!("all of it once the window is complete at {complete}");
        if !stage.gate(GateKind::Exit).is_some_and(has_stops) {
            return format!("{gate} judges {all}");
        }
        let start = self.history().start_of(&stage.name);
        let later = start.and_then(|start| stops_judged_later(stage, start, self.now));
        let stops = later.unwrap_or_else(|| "now".to_owned());
        format!("{gate} judges its stops {stops}, and {all}")
    }

    /// What people owe a gate that nothing but that keeps from another verdict, as its last check found it: the first answer of
    /// those that decided. A checkpoint has its own day, whatever was found.
    fn found_lacking(&self, gate: &GateName, missed: &[Day], owed: &[Owed]) -> Option<Next> {
        // What was missed since is for a check to find, and no answer helps then.
        if missed.iter().any(|day| day.by.is_some()) {
            return None;
        }
        let check = self.history().judged(gate)?;
        let is_no_go = check.gate.verdict == Verdict::NoGo;
        let decided = |one: &Owed| {
            let mut found = check.gate.not_met.iter();
            found.any(|found| {
                (found.kind, &found.name, found.unmet) == (one.kind, &one.name, is_no_go)
            })
        };
        let is_due =
            |one: &&Owed| one.kind == CriterionKind::Checkpoints && !is_no_go || decided(one);
        let answers = owed.iter().filter(|one| one.gate == *gate);
        let mut answers = answers.filter(|one| one.next_step.action != Action::Check);
        let first = answers.find(is_due)?;
        let waits = format!("{gate} was {} in its last check", check.gate.verdict.word());
        Some(self.answer(first, &waits))
    }

    /// What leads to the GO of an entry that is asked again beside the exit (L6): what people owe once it was judged, then a check.
    fn towards_entry(&self, stage: &'a Stage, open: &NotLeft<'a>, owed: &[Owed]) -> Next {
        let name = GateKind::Entry.of(&stage.name);
        let was_judged = !matches!(open, NotLeft::EntryUnchecked(..));
        // What it rests on is asked with it.
        let mut asked = self.implied(stage, GateKind::Entry).into_iter();
        let not_left = asked.find_map(|asked| match asked {
            Implied::Left(before) => self.left(before).err(),
            Implied::NotDisplaced(_)
            | Implied::NotHeld(_)
            | Implied::GoesOn(_)
            | Implied::NotPaused(_)
            | Implied::EntryAgain(_) => None,
        });
        if let Some(why) = not_left.filter(|why| was_judged && !why.waits_for_a_clock()) {
            let for_stage = &stage.name;
            let step = NotYet::NotLeft {
                for_stage,
                why: why.clone(),
            }
            .next_step(self);
            return Next::new(
                self.in_turn(step.clone()).unwrap_or(step),
                &format!("{open}: {why}"),
            );
        }
        if let Some(found) = self.displaced_before(stage).filter(|_| was_judged) {
            return Next::new(found.next_step(), &format!("{open}: {found}"));
        }
        match owed.iter().find(|one| was_judged && one.gate == name) {
            Some(one) => self.answer(one, &open.to_string()),
            None => Next::new(open.next_step(self), open),
        }
    }

    /// That to ask again never helps, where a check has found a checkpoint missed that the plan asks for, and nobody proceeds.
    fn missed_for_good(&self, stage: &Stage, gate: &GateName, missed: &[Day]) -> Option<Next> {
        let day = missed.first()?;
        Self::checkpoint_asks(stage).next()?;
        let found = self.history().judged(gate)?;
        let mut unmet = found.gate.not_met.iter().filter(|one| one.unmet);
        let is_known = unmet.any(|one| one.kind == CriterionKind::Checkpoints);
        let is_open = found.gate.verdict == Verdict::NoGo && self.proceeds(gate).is_none();
        let is_open = is_open && is_known;
        let why = format!(
            "{}: {} on day {}; {MISSED}",
            stage.name,
            day.missing(),
            day.number
        );
        is_open.then(|| Next::new(steps::accept(gate), &why))
    }

    /// That a clock ahead of this one has dated the start of a stage: until then nothing of it is judged.
    fn begun_ahead(&self, stage: &str) -> Option<Next> {
        let ahead = self.start_ahead(stage)?;
        let why = format!(
            "{ahead}, so {stage} has not begun yet: correct the clock that is wrong, or roll it back and begin it again"
        );
        let next = Next::new(steps::roll_back(stage), &why);
        Some(Next {
            then: Some(steps::start(stage)),
            ..next
        })
    }
}
