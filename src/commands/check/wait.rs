//! `gate check --wait`: judges again while something cannot be decided. The first and each changed verdict are recorded on the way, the
//! last by the check itself. Must not turn HOLD into anything else.

use anyhow::anyhow;

use super::World;
use crate::cli::{CheckArgs, WaitUntil};
use crate::commands::diagnostics::say;
use crate::commands::judging::job::{Job, prepare};
use crate::commands::judging::recording::{Kept, remembered};
use crate::commands::judging::round::{Asker, verdicts, was_cut};
use crate::commands::surroundings::Surroundings;
use crate::evidence::Evidence;
use crate::report::watching;
use crate::source::Answered;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;
use crate::watch::{Beat, Memory, Pace, Turn, Verdicts};

/// So often it is said at least how it stands.
const HEARTBEAT: Duration = Duration::from_secs(600);
/// So long is waited at least for the answers of a round before the limit.
const LAST_ANSWERS: std::time::Duration = std::time::Duration::from_secs(5);
/// So often the clock is looked at while nothing is due.
const GLANCE: std::time::Duration = std::time::Duration::from_secs(5);

/// With what a check ends.
pub(super) enum Last {
    /// Answers that are to be recorded.
    Asked(Answered),
    /// It is recorded.
    Recorded(Box<Kept>),
}

/// How to wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    beat: Beat,
    limit: Duration,
    until: WaitUntil,
}

impl Wait {
    /// As the command line says; `None` if it does not.
    ///
    /// # Errors
    /// Several plans, an interval that cannot be used.
    pub(super) fn of(arguments: &CheckArgs) -> anyhow::Result<Option<Self>> {
        let Some(limit) = arguments.wait else {
            return Ok(None);
        };
        if arguments.plans.len() > 1 {
            return Err(anyhow!("--wait is for a single plan: name only one"));
        }
        let every = arguments.every;
        let (shortest, longest) = Beat::BOUNDS;
        let beat = Beat::of(every).ok_or_else(|| {
            anyhow!("--every {every} is not a whole number of seconds from {shortest} to {longest}")
        })?;
        Ok(Some(Self {
            beat,
            limit,
            until: arguments.until,
        }))
    }

    fn is_over(&self, verdict: Verdict) -> bool {
        match verdict {
            Verdict::Go | Verdict::Stop => true,
            Verdict::NoGo => self.until == WaitUntil::Decided,
            Verdict::Hold => false,
        }
    }

    /// The job with which the check ends, and its answers: what is decided, or the last before the limit or a signal.
    ///
    /// # Errors
    /// A verdict on the way that cannot be recorded; a plan or a ledger that cannot be used any more.
    pub(super) async fn last(
        self,
        first: Job,
        words: &[String],
        world: &World<'_>,
    ) -> anyhow::Result<(Job, Last)> {
        let ends = first.request.at + self.limit;
        let mut told: Option<(Verdicts, Instant)> = None;
        let mut job = first;
        loop {
            let at = job.request.at;
            let (evidence, answered) = asked(&job, answers_until(at, ends, world), world).await;
            let is_last = at >= ends || was_cut(&answered);
            if self.is_over(evidence.verdict) || is_last || world.interrupt.is_set() {
                return Ok((job, Last::Asked(answered)));
            }
            let found = verdicts(&evidence);
            let before = told.as_ref();
            let is_known = before.is_some_and(|(before, _)| *before == found);
            let is_quiet = before.is_some_and(|(_, said)| said.until(at) < HEARTBEAT);
            if !(is_known && is_quiet) {
                say(&watching::at_time(at, &watching::heartbeat(&evidence)));
                if before.is_none() {
                    let every = self.beat.every();
                    say(&format!(
                        "judged again every {every} until it is decided, at most until {ends}"
                    ));
                }
                told = Some((found, at));
            }
            let last = if is_known {
                Last::Asked(answered)
            } else {
                Last::Recorded(Box::new(record(&mut job, answered, world)?))
            };
            let Some(next) = self.next(at, ends, world).await else {
                return Ok((job, last));
            };
            job = prepared(next, words, world)?;
        }
    }

    /// Waits for the next round, the last of which is at the limit; `None` if a signal came.
    async fn next(self, last: Instant, ends: Instant, world: &World<'_>) -> Option<Instant> {
        loop {
            let now = world.surroundings.later().now;
            let due = match self.beat.after(last, now, Some(ends)) {
                Turn::Judge(at, _) => at,
                Turn::Wait(next) | Turn::SetBack(next) => next,
            };
            let due = due.min(ends);
            if now >= due {
                return Some(due);
            }
            let pause = now.until(due).to_std().min(GLANCE);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = world.interrupt.wait() => return None,
            }
        }
    }
}

/// Until when the answers of a round are waited for: one that began before the limit does not go on for long after it. What is asked at
/// the limit is seen through, as by any check.
fn answers_until(at: Instant, ends: Instant, world: &World<'_>) -> Option<std::time::Instant> {
    if at >= ends {
        return None;
    }
    let left = world.surroundings.later().now.until(ends);
    let left = left.max(Duration::ZERO).to_std().max(LAST_ANSWERS);
    std::time::Instant::now().checked_add(left)
}

async fn asked(
    job: &Job,
    until: Option<std::time::Instant>,
    world: &World<'_>,
) -> (Evidence, Answered) {
    let mut asker = Asker {
        memory: &mut Memory::default(),
        pace: &mut Pace::default(),
        overlap: Duration::ZERO,
        interrupt: Some(world.interrupt),
        until,
        now: world.surroundings.later().now,
    };
    asker.all(job).await
}

fn record(job: &mut Job, answered: Answered, world: &World<'_>) -> anyhow::Result<Kept> {
    let kept = remembered(job, &super::store(job)?, answered, world.arguments)?;
    super::signed(job, &kept, world.arguments)?;
    Ok(kept)
}

/// The same question some time later, with the plan and the ledger as they are by then.
fn prepared(at: Instant, words: &[String], world: &World<'_>) -> anyhow::Result<Job> {
    let surroundings = Surroundings {
        now: at,
        ..world.surroundings.later()
    };
    let jobs = prepare(world.arguments, words, &surroundings);
    let job = jobs.ok().and_then(|mut jobs| jobs.pop());
    job.ok_or_else(|| anyhow!("the plan or its ledger cannot be used any more: see above"))
}
