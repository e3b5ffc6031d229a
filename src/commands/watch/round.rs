//! One round of a watch: plan and ledger as they are, asked, judged, said and, where it matters, recorded (W3 to W9, W12). What is due is
//! decided by `crate::watch`. Must not end the process.

use super::setting::{self, NoJob};
use super::{Over, Recorded, Watcher};
use crate::commands::diagnostics::say;
use crate::commands::judging::evidence::judged;
use crate::commands::judging::job::Job;
use crate::commands::judging::recording::{Kept, may_pass, remembered};
use crate::commands::judging::round::{Asker, Seen, verdicts};
use crate::commands::judging::signing;
use crate::commands::ledger_file;
use crate::evidence::Evidence;
use crate::findings::Findings;
use crate::ledger::WatchEnd;
use crate::output::Store;
use crate::report::{text, watching};
use crate::samples::Observations;
use crate::source::Answered;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;
use crate::watch::{Keeper, Reason, StageNow, Standing, Unreached};

/// Why a round is recorded.
struct Due {
    reason: Option<Reason>,
    end: Option<WatchEnd>,
    stage: StageNow,
}

/// Why a round was not recorded.
enum NotRecorded {
    /// What may pass, in words.
    Away(String),
    /// It has been said.
    ForGood,
}

/// Why a round has to be recorded. No change is while what was measured before stands in for a source that is away: a whole round
/// would not find it.
fn reason(keeper: &mut Keeper, at: Instant, seen: &Seen) -> Option<Reason> {
    let reason = keeper.look(at, &seen.verdicts());
    reason.filter(|reason| match reason {
        Reason::Changed(_) => seen.known_up_to.is_none(),
        Reason::First | Reason::Stop | Reason::Checkpoint => true,
    })
}

/// So long is waited for the answers of the last round of a window that is given up.
const LAST_ANSWERS: std::time::Duration = std::time::Duration::from_secs(5);

/// The sources that are asked in a round.
fn names(job: &Job, is_tried: impl Fn(&str) -> bool) -> Vec<&str> {
    let names = job.loaded.plan.sources.iter().map(|one| one.name.as_str());
    names.filter(|name| is_tried(name)).collect()
}

/// How bad it is: worse than a HOLD that only waits for the end of the window is one in which something is missing.
fn badness(evidence: &Evidence) -> (Verdict, bool) {
    let is_open = evidence.verdict == Verdict::Hold && !evidence.is_pending();
    (evidence.verdict, is_open)
}

impl Watcher<'_> {
    /// One round; what it ends with, if it ends the watch.
    pub(super) async fn round(&mut self, at: Instant, missed: u64) -> Option<Over> {
        let began = std::time::Instant::now();
        let is_limit = self.is_limit(at);
        let is_tried = is_limit || self.outage.is_due(at);
        self.answers_until = self.answers_until(at);
        let job = match self.job(at, is_tried) {
            Ok(job) => job,
            Err(over) => return Some(over),
        };
        self.messenger.keep_up(&job, &mut self.screen);
        let can_record = is_tried && !self.outage.is_of_reading();
        if self.before.is_none() {
            self.open(&job);
        }
        let mut seen = self.asked(&job, can_record).await;
        if self.interrupt.is_set() {
            return Some(Box::pin(self.interrupted(job, Some(seen))).await);
        }
        if seen.was_cut && self.ends_after(at).is_some() {
            // Its time was over: the last round is due.
            return None;
        }
        let reason = reason(&mut self.keeper, at, &seen);
        let standing = self.standing(&job, &seen);
        self.gives_up = self.limits.gives_up(&standing);
        let due = Due {
            reason,
            end: self.limits.end(&standing, reason.is_some()),
            stage: standing.stage,
        };
        self.tell(at, missed, &seen, began.elapsed());
        self.messenger.look_for_checkpoint(at, &job, &seen.evidence);
        self.was_away = !seen.away.is_empty();
        let answered = seen.answered.take();
        self.before = Some(seen.evidence);
        let is_due = due.reason.is_some() || due.end.is_some();
        match answered {
            Some(answered) if is_due && can_record => self.conclude(job, answered, &due),
            answered => {
                let observations = answered.map(|one| one.observations);
                self.memory.keep(observations.unwrap_or_default());
                self.cry(at);
                // Whoever named a time is not kept waiting.
                (is_limit && !can_record).then_some(Over::Unrecorded)
            }
        }
    }

    /// Whether the time of `--for` or `--until` has come.
    fn is_limit(&self, at: Instant) -> bool {
        self.limits.until.is_some_and(|until| at >= until)
    }

    /// Whether a window that cannot be decided is given up now.
    fn is_given_up(&self, at: Instant) -> bool {
        self.gives_up.is_some_and(|end| at >= end)
    }

    /// Until when the answers of a round are waited for: no question on the wire keeps a watch beyond its time.
    fn answers_until(&self, at: Instant) -> Option<std::time::Instant> {
        let began = std::time::Instant::now();
        if self.is_given_up(at) {
            return Some(began + LAST_ANSWERS);
        }
        let end = self.ends_after(at)?;
        let left = self.setting.surroundings.later().now.until(end);
        began.checked_add(left.max(Duration::ZERO).to_std())
    }

    /// Plan and ledger of a round; where the ledger cannot be read, as it was before.
    fn job(&mut self, at: Instant, is_tried: bool) -> Result<Job, Over> {
        let world = self.setting.surroundings.later();
        if is_tried || !self.outage.is_of_reading() {
            let began = std::time::Instant::now();
            let round = (at, &world);
            match self.setting.job(&self.check, round, true, &mut self.screen) {
                Ok(job) => {
                    self.reached(at, Unreached::Read);
                    return Ok(job);
                }
                Err(NoJob::Said) => return Err(Over::Unrecorded),
                Err(NoJob::Away(why)) => self.lost(at, Unreached::Read, &why, began.elapsed())?,
            }
        }
        let before = self
            .setting
            .job(&self.check, (at, &world), false, &mut self.screen);
        before.map_err(|_| Over::Unrecorded)
    }

    /// Says what is watched before anything is asked, which may take its time.
    fn open(&mut self, job: &Job) {
        let unasked = judged(
            job,
            None,
            &Observations::new(),
            &Findings::new(),
            Vec::new(),
        );
        let words = watching::opening(&unasked, self.beat.every());
        self.screen.line(job.request.at, &words);
    }

    /// Whether something is worse than what was recorded last.
    fn is_worse(&self, found: &Evidence) -> bool {
        let recorded = self.recorded.as_ref().map(|one| badness(&one.evidence));
        badness(found) > recorded.unwrap_or((Verdict::Hold, true))
    }

    /// A signal came. What is worse than the last record is recorded first, asked for once more if the signal cut it off (W14); where
    /// it cannot be, that is what the watch ends with (W12).
    pub(super) async fn interrupted(&mut self, job: Job, found: Option<Seen>) -> Over {
        let interrupted = Over::End(WatchEnd::Interrupted);
        // What was cut off is unknown, which says nothing.
        let found = found.filter(|seen| !seen.was_cut || seen.evidence.verdict >= Verdict::NoGo);
        let now = found.as_ref().map(|seen| &seen.evidence);
        let worst = now
            .into_iter()
            .chain(&self.before)
            .max_by_key(|one| badness(one));
        if !worst.is_some_and(|worst| self.is_worse(worst)) {
            return interrupted;
        }
        let is_whole = |seen: &Seen| {
            let before = self.before.as_ref().map(badness);
            seen.answered.is_some() && Some(badness(&seen.evidence)) >= before
        };
        let (at, began) = (job.request.at, std::time::Instant::now());
        let is_new = found.is_some();
        let whole = found.filter(is_whole);
        let job = match self.outage.since() {
            Some(_) => match self.job(at, true) {
                Ok(job) => job,
                Err(over) => return over,
            },
            None => job,
        };
        let mut seen = if let Some(seen) = whole {
            seen
        } else {
            let words = "asked once more, to record what was found; another signal ends it at once";
            self.screen.line(at, words);
            self.ask_all(&job, true).await
        };
        if !self.is_worse(&seen.evidence) {
            return interrupted;
        }
        let due = Due {
            reason: reason(&mut self.keeper, at, &seen),
            end: Some(WatchEnd::Interrupted),
            stage: self.standing(&job, &seen).stage,
        };
        if is_new {
            self.tell(at, 0, &seen, began.elapsed());
        }
        let answered = seen.answered.take();
        self.before = Some(seen.evidence);
        if self.outage.is_of_reading() {
            self.cry(at);
            return Over::Unrecorded;
        }
        let over = answered.and_then(|answered| self.conclude(job, answered, &due));
        over.unwrap_or(interrupted)
    }

    /// The same between two rounds, of the one before.
    pub(super) async fn interrupted_after(&mut self, last: Option<Instant>) -> Over {
        let is_worse = self.before.as_ref().is_some_and(|one| self.is_worse(one));
        match last.filter(|_| is_worse) {
            Some(at) => match self.job(at, true) {
                Ok(job) => Box::pin(self.interrupted(job, None)).await,
                Err(over) => over,
            },
            None => Over::End(WatchEnd::Interrupted),
        }
    }

    /// Asks for everything; what is asked for the last time is seen through.
    async fn ask_all(&mut self, job: &Job, is_last: bool) -> Seen {
        let words = watching::asking(&names(job, |_| true), true);
        let mut asker = Asker {
            memory: &mut self.memory,
            pace: &mut self.pace,
            overlap: setting::overlap(job),
            interrupt: (!is_last).then_some(&self.interrupt),
            until: self.answers_until.filter(|_| !is_last),
            now: self.setting.surroundings.later().now,
        };
        self.screen.beside(&words, asker.whole(job)).await
    }

    async fn ask_newest(&mut self, job: &Job) -> Seen {
        let is_tried = |source: &str| {
            let next = self.pace.next_try(source);
            next.is_none_or(|next| next <= job.request.at)
        };
        let words = watching::asking(&names(job, is_tried), false);
        let mut asker = Asker {
            memory: &mut self.memory,
            pace: &mut self.pace,
            overlap: setting::overlap(job),
            interrupt: Some(&self.interrupt),
            until: self.answers_until,
            now: self.setting.surroundings.later().now,
        };
        self.screen.beside(&words, asker.newest(job)).await
    }

    /// Where the stage stands. A NO-GO that only stays because a source is away ends nothing: a whole round would not find it.
    fn standing(&self, job: &Job, seen: &Seen) -> Standing {
        let standing = self.setting.standing(job, &seen.evidence);
        if seen.known_up_to.is_none() {
            return standing;
        }
        let held = |verdict: Verdict| match verdict {
            Verdict::NoGo => Verdict::Hold,
            Verdict::Go | Verdict::Hold | Verdict::Stop => verdict,
        };
        Standing {
            verdict: held(standing.verdict),
            of_gate: held(standing.of_gate),
            ..standing
        }
    }

    /// Asks for what is new, and for everything where that has to be, or might be recorded.
    async fn asked(&mut self, job: &Job, can_record: bool) -> Seen {
        let at = job.request.at;
        let is_last = self.is_limit(at) || self.is_given_up(at) && can_record;
        if self.before.is_none() || is_last {
            return self.ask_all(job, false).await;
        }
        let seen = self.ask_newest(job).await;
        if seen.was_cut || self.interrupt.is_set() {
            return seen;
        }
        let reason = reason(&mut self.keeper.clone(), at, &seen);
        let standing = self.standing(job, &seen);
        let end = self.limits.end(&standing, reason.is_some());
        let is_stop = standing.verdict == Verdict::Stop && !self.has_cried;
        let is_due = (reason.is_some() || end.is_some()) && (can_record || is_stop);
        let is_back = self.was_away && seen.away.is_empty();
        if !is_due && !is_back {
            return seen;
        }
        let mut whole = self.ask_all(job, false).await;
        if whole.was_cut && badness(&whole.evidence) < badness(&seen.evidence) {
            // What the newest points showed is asked for once more.
            return seen;
        }
        whole.asked += seen.asked;
        whole.points += seen.points;
        whole
    }

    /// Records a round that has to be, and says what it ends with.
    fn conclude(&mut self, mut job: Job, answered: Answered, due: &Due) -> Option<Over> {
        let (at, began) = (job.request.at, std::time::Instant::now());
        if due.end.is_some() {
            self.messenger.collect(at, &mut self.screen);
            let told = self.messenger.for_record();
            job.watched = self
                .diary
                .watched(&self.log, told, self.outage.stretches(at));
        }
        match self.record(job, answered) {
            Ok(evidence) => {
                self.reached(at, Unreached::Written);
                if due.reason == Some(Reason::Checkpoint) {
                    self.messenger.checkpoint(&evidence);
                }
                let standing = setting::standing_of(&evidence, due.stage);
                self.limits.end(&standing, true).map(Over::End)
            }
            Err(NotRecorded::ForGood) => Some(Over::Unrecorded),
            Err(NotRecorded::Away(why)) => {
                self.messenger.not_in_record();
                let lost = self.lost(at, Unreached::Written, &why, began.elapsed());
                self.cry(at);
                // Whoever named a time, or sent a signal, is not kept waiting.
                let is_last = self.is_limit(at) || due.end == Some(WatchEnd::Interrupted);
                lost.err().or(is_last.then_some(Over::Unrecorded))
            }
        }
    }

    /// Records a whole round; returns it as it was recorded.
    fn record(&mut self, mut job: Job, answered: Answered) -> Result<Evidence, NotRecorded> {
        // What recording says stays above the block.
        self.screen.clear();
        let Kept {
            evidence,
            written,
            sha256,
            observations,
        } = self.kept(&mut job, answered).map_err(|error| {
            if let Some(words) = may_pass(&error) {
                return NotRecorded::Away(words);
            }
            if ledger_file::say_unusable(&error).is_none() {
                say(&error.to_string());
            }
            NotRecorded::ForGood
        })?;
        let at = evidence.evaluated_at;
        let left_out = self.keeper.recorded(at, &verdicts(&evidence));
        self.diary.sync(&mut self.screen, at);
        let name = written.json.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        let more = match left_out {
            0 => String::new(),
            1 => "; 1 change before it was not recorded".to_owned(),
            many => format!("; {many} changes before it were not recorded"),
        };
        let verdict = evidence.verdict.word();
        self.screen
            .line(at, &format!("recorded  {verdict}: {name}{more}"));
        self.messenger
            .recorded(&job, &evidence, &written.json, &sha256);
        let shown = self.reports.show_samples().then(|| observations.clone());
        self.memory.keep(observations);
        self.diary.last = Some((job, written, shown));
        self.recorded = Some(Recorded {
            evidence: evidence.clone(),
            sha256,
        });
        Ok(evidence)
    }

    fn kept(&self, job: &mut Job, answered: Answered) -> anyhow::Result<Kept> {
        let is_shared = job.loaded.home.is_shared().is_some() && job.occasion.is_some();
        let store = Store::open(&job.evidence_folder)?.shared(is_shared);
        let kept = remembered(job, &store, answered, &self.check)?;
        let by = job.occasion.as_ref().map_or("", |one| one.by.name.as_str());
        signing::sign(&self.check, &kept.written, &job.loaded.home, by)?;
        Ok(kept)
    }

    /// The records could not be reached: said once, and an end where that goes on for too long (W12).
    fn lost(
        &mut self,
        at: Instant,
        of: Unreached,
        why: &str,
        took: std::time::Duration,
    ) -> Result<(), Over> {
        let millis = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        if self.outage.failed(at, of, Duration::from_millis(millis)) {
            self.screen.line(at, why);
            let until = at + self.limits.grace;
            self.screen.line(
                at,
                &format!("the watch goes on, and tries again until {until} (--grace)"),
            );
        }
        if self.outage.is_for_good(at, self.limits.grace) {
            self.screen.line(at, why);
            return Err(Over::Unrecorded);
        }
        Ok(())
    }

    fn reached(&mut self, at: Instant, by: Unreached) {
        if let Some(since) = self.outage.reached(at, by) {
            let lasted = since.until(at);
            self.screen.line(
                at,
                &format!(
                    "the records are back after {lasted}: what people recorded meanwhile counts"
                ),
            );
        }
    }

    /// A stop that cannot be recorded is said, and told, all the same: once, and again when it is.
    fn cry(&mut self, at: Instant) {
        let Some(evidence) = &self.before else {
            return;
        };
        if evidence.verdict != Verdict::Stop || self.has_cried {
            return;
        }
        self.has_cried = true;
        let style = self.setting.surroundings.stderr.style();
        self.screen.report(&text(evidence, &style));
        self.screen
            .line(at, "STOP is not recorded yet: that is tried again");
        self.messenger.not_yet_recorded(evidence);
    }
}
