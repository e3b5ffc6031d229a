//! `gate watch`: stays with the running stage, judges it round by round, records what matters, and ends with the verdict.
//!
//! `setting` (what is watched, and how) · `round` (asking, judging and recording once) · `told` (what a round says) · `screen` (what is
//! shown meanwhile) · `diary` (what is written) · `messenger` (who is told), `untold` (of what watches before were killed over) · `board`
//! (what others see of it: `--metrics`, and over HTTP by `listen`; `shown` is a round of it).
//! `crate::watch` decides when to judge, what to record and when to end; this only does it.

mod board;
mod diary;
mod listen;
mod messenger;
mod round;
mod screen;
mod setting;
mod shown;
mod told;
mod untold;

use std::collections::BTreeSet;

use super::diagnostics::say;
use super::interrupt::Interrupt;
use super::judging::reports::Reports;
use super::surroundings::Surroundings;
use crate::cli::{CheckArgs, Format, WatchArgs};
use crate::evidence::Evidence;
use crate::exit::Exit;
use crate::ledger::{Notified, Watch, WatchEnd};
use crate::output::print_stdout;
use crate::report::{ended, text, watching};
use crate::units::{Duration, Instant};
use crate::watch::{Beat, Keeper, Limits, Log, Memory, Outage, Pace, RoundLine, Turn};
use board::Board;
use diary::Diary;
use messenger::Messenger;
use screen::{GLANCE, Screen};
use setting::Setting;

/// Watches until it is over.
pub async fn watch(arguments: &WatchArgs, words: &[String], surroundings: &Surroundings) -> Exit {
    let begun = Watcher::begin(arguments, words, surroundings);
    let mut watcher = match begun {
        Ok(watcher) => watcher,
        Err(exit) => return exit,
    };
    let end = watcher.run().await;
    watcher.finish(end).await
}

/// What a watch knows from round to round.
struct Watcher<'a> {
    arguments: &'a WatchArgs,
    /// The check that each round is.
    check: CheckArgs,
    setting: Setting<'a>,
    reports: Reports,
    interrupt: Interrupt,
    beat: Beat,
    limits: Limits,
    memory: Memory,
    pace: Pace,
    keeper: Keeper,
    log: Log,
    diary: Diary,
    screen: Screen,
    messenger: Messenger<'a>,
    board: Board,
    /// The line of the last round.
    last_line: Option<RoundLine>,
    /// The round before, as it was judged.
    before: Option<Evidence>,
    /// What was recorded last.
    recorded: Option<Recorded>,
    last_told: Option<Instant>,
    was_away: bool,
    /// How many rounds fell out before the last.
    missed: u64,
    /// Why the last round took longer than there is between two, if it did.
    slow: Option<String>,
    /// The sources that are no longer tried in each round.
    rarely_tried: BTreeSet<String>,
    /// When the window is given up if it cannot be decided, as far as that is known.
    gives_up: Option<Instant>,
    /// Until when answers are waited for in this round.
    answers_until: Option<std::time::Instant>,
    /// Of the records.
    outage: Outage,
    /// Whether a stop that could not be recorded was said.
    has_cried: bool,
}

/// What was recorded.
struct Recorded {
    evidence: Evidence,
    sha256: String,
}

/// Why a watch is over.
enum Over {
    /// It is.
    End(WatchEnd),
    /// Nothing can be recorded any more: it has been said.
    Unrecorded,
}

impl<'a> Watcher<'a> {
    fn begin(
        arguments: &'a WatchArgs,
        words: &'a [String],
        surroundings: &'a Surroundings,
    ) -> Result<Self, Exit> {
        let interrupt = Interrupt::listen();
        let check = arguments.check(surroundings.now);
        let (setting, job) = Setting::of(arguments, &check, words, surroundings)?;
        let limits = Setting::limits(arguments, surroundings.now)?;
        let overwrites = arguments.force || surroundings.in_ci;
        let reports = job.reports.prove(overwrites).map_err(|error| {
            say(&error.to_string());
            Exit::Unrecorded
        })?;
        let mut messenger = Messenger::begin(&job, arguments, surroundings.stderr)?;
        let mut board = Board::begin(arguments)?;
        let diary = Diary::begin(&job, &setting, surroundings.now)?;
        let mut screen = Screen::of(arguments, surroundings);
        board.open(setting.beat.every(), surroundings.now, &mut screen);
        messenger.tell_what_was_left(untold::notices(&job, &setting.stage));
        Ok(Self {
            arguments,
            keeper: Keeper::new(arguments.checkpoint, setting.started),
            beat: setting.beat,
            check,
            setting,
            reports,
            interrupt,
            limits,
            memory: Memory::default(),
            pace: Pace::default(),
            log: Log::default(),
            diary,
            screen,
            messenger,
            board,
            last_line: None,
            before: None,
            recorded: None,
            last_told: None,
            was_away: false,
            missed: 0,
            slow: None,
            rarely_tried: BTreeSet::new(),
            gives_up: None,
            answers_until: None,
            outage: Outage::default(),
            has_cried: false,
        })
    }

    async fn run(&mut self) -> Over {
        let mut last: Option<Instant> = None;
        let mut is_set_back = false;
        loop {
            if self.interrupt.is_set() {
                return Box::pin(self.interrupted_after(last)).await;
            }
            let now = self.setting.surroundings.later().now;
            self.messenger.collect(now, &mut self.screen);
            let turn = match last {
                None => Turn::Judge(self.setting.first_round(now), 0),
                Some(last) => self.beat.after(last, now, self.ends_after(last)),
            };
            match turn {
                Turn::Judge(at, missed) => {
                    (last, is_set_back) = (Some(at), false);
                    self.board.round_begins();
                    let over = Box::pin(self.round(at, missed)).await;
                    self.put_up(None);
                    if let Some(over) = over {
                        return over;
                    }
                    // The clock has moved on.
                    let now = self.setting.surroundings.later().now;
                    self.screen.tick(now, self.next_round(at));
                }
                Turn::Wait(next) => self.rest(now, next).await,
                Turn::SetBack(next) => {
                    if !std::mem::replace(&mut is_set_back, true) {
                        let words =
                            format!("the clock was set back: nothing is judged before {next}");
                        self.screen.line(now, &words);
                    }
                    self.rest(now, next).await;
                }
            }
        }
    }

    /// The first time after a round at which the watch may have to end: a round is made then.
    fn ends_after(&self, last: Instant) -> Option<Instant> {
        let ends = self.limits.until.into_iter().chain(self.gives_up);
        ends.filter(|end| *end > last).min()
    }

    /// When the round after one as of `at` is due.
    fn next_round(&self, at: Instant) -> Instant {
        self.beat.next(at, self.ends_after(at))
    }

    /// Waits until the next round is due, or a moment.
    async fn rest(&mut self, now: Instant, next: Instant) {
        self.screen.tick(now, next);
        let pause = now.until(next).to_std().min(GLANCE);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.interrupt.wait() => {}
        }
    }

    /// Says how it ended, and leaves the last report.
    async fn finish(&mut self, over: Over) -> Exit {
        self.screen.clear();
        let reason = match over {
            Over::End(reason) => reason,
            Over::Unrecorded => WatchEnd::Unrecorded,
        };
        let exit = exit(reason, self.recorded.as_ref().map(|one| &one.evidence));
        let now = self.setting.surroundings.later();
        let last = self.recorded.as_ref().map(|one| &one.evidence);
        self.messenger
            .ended(reason, now.now, last.or(self.before.as_ref()));
        let told = self.last_report();
        self.say_since();
        say(ended(reason));
        if reason == WatchEnd::Interrupted {
            let plan = self.check.plans.first().map(|plan| plan.display());
            let plan = plan.map_or_else(String::new, |plan| format!(": gate watch {plan} goes on"));
            say(&format!(
                "{} goes on, and nobody watches it{plan}",
                self.setting.stage
            ));
        }
        let notices = self.last_notices(reason).await;
        let end = Watch::Ended {
            notices,
            began: self.diary.began,
            reason,
            verdict: self.recorded.as_ref().map(|one| one.evidence.verdict),
            rounds: self.log.summary().map_or(0, |one| one.rounds),
            watched: self
                .log
                .summary()
                .map_or(Duration::ZERO, crate::watch::Summary::watched),
            evidence_sha256: self.recorded.as_ref().map(|one| one.sha256.clone()),
        };
        // Where nothing could be recorded for so long, one more try is enough.
        let is_patient = reason != WatchEnd::Unrecorded;
        let noted = self
            .diary
            .end((&end, now.now), is_patient, &mut self.screen)
            .await;
        self.say_tries();
        self.put_up(Some(reason));
        [exit, noted, told].into_iter().max().unwrap_or(exit)
    }

    /// Waits for what is still being told; what no record holds. A signal ends that, too, and changes nothing about the end.
    async fn last_notices(&mut self, reason: WatchEnd) -> Vec<Notified> {
        if reason == WatchEnd::Interrupted {
            return self.messenger.close().await;
        }
        tokio::select! {
            notices = self.messenger.close() => notices,
            () = self.interrupt.wait() => {
                say("interrupted: nobody waits for what is still being told");
                self.messenger.give_up()
            }
        }
    }

    /// What rounds found after the record that was shown.
    fn say_since(&self) {
        let (Some(recorded), Some(last)) = (&self.recorded, &self.before) else {
            return;
        };
        let then = recorded.evidence.evaluated_at;
        if last.evaluated_at > then {
            let now = watching::at_time(last.evaluated_at, &watching::heartbeat(last));
            say(&format!("that was recorded at {then}; since then:\n{now}"));
        }
    }

    /// In how many rounds the records could not be reached.
    fn say_tries(&self) {
        match self.outage.tries() {
            0 => {}
            1 => say("the records could not be reached once"),
            many => say(&format!("the records could not be reached {many} times")),
        }
    }

    fn last_report(&self) -> Exit {
        let Some((job, written, observations)) = &self.diary.last else {
            return Exit::Go;
        };
        let Some(Recorded { evidence, .. }) = &self.recorded else {
            return Exit::Go;
        };
        let style = self.setting.surroundings.stdout.style();
        let printed = match self.arguments.format {
            Format::Text => print_stdout(&text(evidence, &style)),
            Format::Json => std::fs::read_to_string(&written.json)
                .map_err(crate::output::OutputError::Stdout)
                .and_then(|document| print_stdout(&document)),
        };
        say(&format!("evidence: {}", written.json.display()));
        let of = (&job.loaded.plan, &job.request);
        let reported = self.reports.write(of, evidence, observations.as_ref());
        match printed
            .and(reported)
            .and_then(|()| self.reports.print(evidence))
        {
            Ok(()) => Exit::Go,
            Err(error) => {
                say(&error.to_string());
                Exit::Unrecorded
            }
        }
    }
}

/// How the process ends: as the last recorded verdict says. 0 only for a GO of a complete window (W14).
fn exit(reason: WatchEnd, recorded: Option<&Evidence>) -> Exit {
    let verdict = recorded.map(|evidence| evidence.verdict);
    let last = verdict.map_or(Exit::Hold, Exit::from);
    match reason {
        WatchEnd::Complete => last,
        WatchEnd::Stop => Exit::Stop,
        WatchEnd::RolledBack => Exit::Stop,
        WatchEnd::Unrecorded => Exit::Unrecorded,
        WatchEnd::Grace
        | WatchEnd::Limit
        | WatchEnd::FailFast
        | WatchEnd::Left
        | WatchEnd::Interrupted => last.max(Exit::Hold),
    }
}
