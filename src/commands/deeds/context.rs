//! What a decision about a command may look at: plan, ledger, clock, who; and questions about them that several commands ask.
//! Must not open a file.

use super::refusal::Refusal;
use crate::kind::{Action, GateName};
use crate::ledger::{Entry, Event, FileKept, Ledger, LetGo, Person, PlanThen};
use crate::plan::Stage;
use crate::rollout::{History, Hold, NextStep, RecordedCheck, Rollout, steps};
use crate::units::Instant;

/// What a decision may look at.
#[derive(Clone, Copy)]
pub struct DecisionContext<'a> {
    /// The plan and the ledger as it is at this moment, by the run's clock.
    pub rollout: Rollout<'a>,
    /// The plan's path, for commands that people can type.
    pub path: &'a str,
    pub by: &'a Person,
    /// `--why`, trimmed; empty if nobody said.
    pub why: &'a str,
    /// SHA-256 of the file that the command names, if any.
    pub file_sha256: Option<&'a str>,
    /// The files whose digests the command records.
    pub files: &'a [FileKept],
    /// The stops that were on their way in the records of the last checks, for a command that ends that.
    pub on_its_way: &'a [LetGo],
}

/// What to record, and what to tell the user about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// At least one, in order.
    pub events: Vec<Event>,
    /// What was done, in words: it follows `recorded #7: `.
    pub done: String,
    /// What it means now, one line each.
    pub means: Vec<String>,
    /// The numbers of the checks that it rests on, whose records ought to be at hand.
    pub rests_on: Vec<u64>,
    /// The next sensible command.
    pub next: Option<String>,
}

impl Decision {
    pub fn of(event: Event, done: impl Into<String>) -> Self {
        Self {
            events: vec![event],
            done: done.into(),
            means: Vec::new(),
            rests_on: Vec::new(),
            next: None,
        }
    }

    /// Both: what comes next is what the first says, if it does.
    pub fn and(mut self, other: Self) -> Self {
        self.events.extend(other.events);
        self.done = format!("{}; {}", self.done, other.done);
        self.means.extend(other.means);
        self.rests_on.extend(other.rests_on);
        self.next = self.next.or(other.next);
        self
    }

    pub fn meaning(mut self, line: impl Into<String>) -> Self {
        self.means.push(line.into());
        self
    }

    pub fn resting_on(mut self, checks: Vec<u64>) -> Self {
        self.rests_on = checks;
        self
    }

    pub fn next(mut self, command: String) -> Self {
        self.next = Some(command);
        self
    }
}

impl<'a> DecisionContext<'a> {
    /// What the entries say.
    pub fn history(&self) -> History<'a> {
        self.rollout.history()
    }

    /// A step as people type it.
    pub fn typed(&self, step: &NextStep) -> String {
        self.rollout.asked(step.clone()).command(self.path)
    }

    /// A command on this plan, such as `gate check PLAN --gate pilot/exit`.
    pub fn command(&self, action: Action, arguments: &[&str]) -> String {
        self.typed(&NextStep::new(action, arguments))
    }

    /// `gate check PLAN --gate STAGE/KIND`.
    pub fn check(&self, gate: &GateName) -> String {
        self.typed(&steps::check(gate))
    }

    /// What the status names next once this is recorded as well; `None` if nothing is.
    pub fn next_after(&self, event: &Event) -> Option<String> {
        let (known, release) = (self.history().entries(), &self.rollout.plan.release);
        let entry = Entry {
            number: known.last().map_or(0, |last| last.number) + 1,
            at: self.rollout.now,
            by: self.by.clone(),
            plan: PlanThen {
                sha256: self.rollout.plan_sha256.map(str::to_owned),
                release: Some(release.name.clone()),
                version: release.version.clone(),
                ..PlanThen::from(self.path)
            },
            why: self.why.to_owned(),
            links: Vec::new(),
            nonce: None,
            event: event.clone(),
        };
        let ledger = Ledger::new(known.iter().cloned().chain([entry]).collect());
        let then = Rollout {
            ledger: Some(&ledger),
            ..self.rollout
        };
        Some(then.status(self.path).next?.in_order(self.path))
    }

    /// `gate resume PLAN --stage STAGE --why <reason>`.
    pub fn resume(&self, stage: &str) -> String {
        self.typed(&steps::resume(stage))
    }

    /// With `--var` or `--source`, it is for a check that answered that question.
    pub fn of_this_question(
        &self,
        gate: &GateName,
        recorded: RecordedCheck<'a>,
    ) -> Result<(), Refusal> {
        let number = recorded.entry.number;
        let other = if !self.rollout.vars.is_empty() && !recorded.asked_with(self.rollout.vars) {
            let question = recorded.question();
            Some(format!(
                "check #{number} was made {question}: that is another question"
            ))
        } else {
            let other = self.rollout.other_source(recorded);
            other.map(|other| format!("check #{number} cannot be used: {other}"))
        };
        match other {
            Some(why) => Err(Refusal::standing(why).command(&self.check(gate))),
            None => Ok(()),
        }
    }

    /// A note that an answer to a recorded check only counts for checks with the same variables, if that check had any.
    pub fn for_whom(&self, check: RecordedCheck<'_>) -> Option<String> {
        let other = !check.asked_with(self.rollout.vars);
        other.then(|| {
            let (number, question) = (check.entry.number, check.question());
            format!("check #{number} was made {question}: this only counts for checks {question}")
        })
    }

    /// Nobody overrides what nobody vouches for, where the plan requires signatures (T13).
    pub fn vouched_for(&self, gate: &GateName, recorded: RecordedCheck<'a>) -> Result<(), Refusal> {
        match self.rollout.unvouched(recorded) {
            Some(why) => {
                let number = recorded.entry.number;
                let why = format!("nothing may rest on check #{number}: {why}");
                Err(Refusal::standing(why).command(&self.check(gate)))
            }
            None => Ok(()),
        }
    }

    /// Nobody signs or overrides what the plan no longer asks for.
    pub fn of_this_plan(
        &self,
        gate: &GateName,
        recorded: RecordedCheck<'_>,
    ) -> Result<(), Refusal> {
        if self.rollout.plan_sha256 == Some(&recorded.check.plan_sha256) {
            return Ok(());
        }
        let why = format!(
            "the plan has changed since check #{}",
            recorded.entry.number
        );
        Err(Refusal::standing(why).command(&self.check(gate)))
    }

    /// What blocks a stage, and the command that ends that, if one does.
    pub fn held(&self, hold: &Hold<'a>) -> (String, Option<String>) {
        match self.rollout.ends(hold) {
            Some(step) => {
                let said = format!("{hold} (#{})", hold.entry().number);
                (said, Some(self.typed(&step)))
            }
            None => (self.rollout.told(hold), None),
        }
    }

    /// The stage of that name.
    pub fn stage(&self, name: &str) -> Result<&'a Stage, Refusal> {
        self.rollout.stage(name).ok_or_else(|| {
            let stages = self.rollout.plan.stages.iter();
            let names: Vec<&str> = stages.map(|stage| stage.name.as_str()).collect();
            let alike = names.iter().find(|one| is_alike(one, name));
            let alike = alike.map_or_else(String::new, |one| format!("did you mean `{one}`? "));
            let names = names.join(", ");
            Refusal::usage(format!(
                "the plan has no stage `{name}`: {alike}it has {names}"
            ))
        })
    }

    /// The stage of a gate that the plan has.
    pub fn stage_of(&self, name: &GateName) -> Result<&'a Stage, Refusal> {
        let stage = self.stage(&name.stage)?;
        match stage.gate(name.kind) {
            Some(_) => Ok(stage),
            None => Err(Refusal::usage(format!(
                "the stage `{}` has no {} gate",
                stage.name, name.kind
            ))),
        }
    }

    /// The stage that is meant: the named one, or else the only running one. It must have begun.
    pub fn begun(&self, named: Option<&str>) -> Result<&'a Stage, Refusal> {
        let Some(name) = named else {
            return self.running();
        };
        let stage = self.stage(name)?;
        if self.history().has_begun(&stage.name) {
            return Ok(stage);
        }
        let refusal = Refusal::standing(format!("{name} has not begun"));
        Err(self.towards(stage, refusal))
    }

    fn running(&self) -> Result<&'a Stage, Refusal> {
        let running = self.rollout.meant();
        match (running.as_slice(), self.rollout.unknown_stages().last()) {
            ([only], _) => Ok(only),
            ([], Some(name)) => Err(Refusal::usage(format!(
                "the running stage is `{name}`, which is no longer in the plan: name another with --stage"
            ))),
            ([], None) => Err(self.nothing_runs()),
            (several, _) => {
                let names: Vec<&str> = several.iter().map(|stage| stage.name.as_str()).collect();
                let names = names.join(", ");
                Err(Refusal::usage(format!(
                    "several stages are running, {names}: name one with --stage"
                )))
            }
        }
    }

    /// The running stage, if there is exactly one.
    pub fn running_alone(&self) -> Option<String> {
        match self.rollout.meant().as_slice() {
            [only] => Some(only.name.clone()),
            _ => None,
        }
    }

    fn nothing_runs(&self) -> Refusal {
        let refusal = Refusal::standing("no stage has begun");
        match self.rollout.plan.stages.first() {
            Some(first) => self.towards(first, refusal),
            None => refusal,
        }
    }

    /// With the command that leads to the start of a stage: the start itself only once it may begin.
    pub fn towards(&self, stage: &'a Stage, refusal: Refusal) -> Refusal {
        match self.rollout.towards_start(stage) {
            Some(step) => refusal.command(&self.typed(&step)),
            None => refusal,
        }
    }

    /// The reason, which this command requires.
    pub fn reason_for(&self, what: &str) -> Result<(), Refusal> {
        if self.why.is_empty() {
            return Err(Refusal::usage(format!(
                "{what} needs a reason: give it with --why"
            )));
        }
        Ok(())
    }

    /// What has to be said of an expiry while an entry is dated ahead of the clock: it is told by that entry's date, so by a clock
    /// that is right it may be far longer than was asked for.
    pub fn counted_from(&self, expires: Instant) -> Option<String> {
        let ahead = self.rollout.dated_ahead()?;
        let by_clock = self.rollout.now.until(expires);
        Some(format!(
            "{ahead}, and --expires counts from its date: by this clock it holds for {by_clock}"
        ))
    }

    /// A time in the future, as ages and expiries are told.
    pub fn ahead(&self, time: Instant, what: &str) -> Result<Instant, Refusal> {
        let now = self.rollout.present();
        if time <= now {
            let ahead = self.rollout.dated_ahead();
            let ahead = ahead.map_or_else(String::new, |ahead| format!(" ({ahead})"));
            return Err(Refusal::usage(format!(
                "{what} {time} is not in the future: it is {now} now{ahead}"
            )));
        }
        Ok(time)
    }
}

/// Whether two names differ only in what people mix up: case, and the mark between words.
fn is_alike(one: &str, other: &str) -> bool {
    let letters = |name: &str| {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().to_ascii_lowercase()
    };
    letters(one) == letters(other)
}
