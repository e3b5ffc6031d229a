//! `gate watch`: stays with the running stage, judges it round by round, records what matters, and ends with the verdict.
//!
//! `setting` (what is watched, and how) · `round` (asking and judging once) · `screen` (what is shown meanwhile) · `diary` (what is
//! written) · `messenger` (who is told) · `board` (what others see of it: `--metrics`, and over HTTP by `listen`; `shown` is a round of it).
//! `crate::watch` decides when to judge, what to record and when to end; this only does it.

mod board;
mod diary;
mod listen;
mod messenger;
mod screen;
mod setting;
mod shown;

use std::collections::BTreeSet;

use super::diagnostics::say;
use super::interrupt::Interrupt;
use super::judging::job::Job;
use super::judging::recording::{Kept, remembered};
use super::judging::reports::Reports;
use super::judging::round::{Asker, Seen, verdicts};
use super::judging::signing;
use super::ledger_file;
use super::surroundings::Surroundings;
use crate::cli::{CheckArgs, Format, WatchArgs};
use crate::evidence::Evidence;
use crate::exit::Exit;
use crate::ledger::{Watch, WatchEnd};
use crate::output::{Store, print_stdout};
use crate::report::{text, watching};
use crate::units::{Duration, Instant};
use crate::watch::{Beat, Keeper, Limits, Log, Memory, Reason, RoundLine, Turn};
use board::Board;
use diary::Diary;
use messenger::Messenger;
use screen::Screen;
use setting::Setting;

/// So often the clock is looked at while nothing is due.
const GLANCE: std::time::Duration = std::time::Duration::from_secs(1);

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
        let messenger = Messenger::begin(&job, arguments, surroundings.stderr)?;
        let mut board = Board::begin(arguments)?;
        let diary = Diary::begin(&job, &setting, surroundings.now)?;
        let mut screen = Screen::of(arguments, surroundings);
        board.open(setting.beat.every(), surroundings.now, &mut screen);
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
        })
    }

    async fn run(&mut self) -> Over {
        let mut last: Option<Instant> = None;
        let mut is_set_back = false;
        loop {
            if self.interrupt.is_set() {
                return Over::End(WatchEnd::Interrupted);
            }
            let now = self.setting.surroundings.later().now;
            self.messenger.collect(now, &mut self.screen);
            let turn = match last {
                None => Turn::Judge(self.setting.first_round(now), 0),
                Some(last) => self.beat.after(last, now),
            };
            let next = match turn {
                Turn::Judge(at, missed) => {
                    last = Some(at);
                    self.board.round_begins();
                    let over = self.round(at, missed).await;
                    self.put_up(None);
                    match over {
                        Some(over) => return over,
                        None => continue,
                    }
                }
                Turn::Wait(next) => next,
                Turn::SetBack(next) => {
                    if !is_set_back {
                        let words =
                            format!("the clock was set back: nothing is judged before {next}");
                        self.screen.line(now, &words);
                    }
                    is_set_back = true;
                    next
                }
            };
            if now.until(next) <= Duration::ZERO {
                is_set_back = false;
            }
            self.screen.tick(now, next);
            let pause = now.until(next).to_std().min(GLANCE);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.interrupt.wait() => {}
            }
        }
    }

    /// One round; what it ends with, if it ends the watch.
    async fn round(&mut self, at: Instant, missed: u64) -> Option<Over> {
        let began = std::time::Instant::now();
        let world = self.setting.surroundings.later();
        let prepared = self.setting.job(&self.check, at, &world, &mut self.screen);
        let Ok(mut job) = prepared else {
            return Some(Over::Unrecorded);
        };
        let is_limit = self.limits.until.is_some_and(|until| at >= until);
        let must_be_whole = self.before.is_none() || self.was_away || is_limit;
        let mut asker = Asker {
            memory: &mut self.memory,
            overlap: setting::overlap(&job),
            interrupt: &self.interrupt,
            now: world.now,
        };
        let mut seen = if must_be_whole {
            asker.whole(&job).await
        } else {
            asker.newest(&job).await
        };
        if seen.answered.is_none() {
            let reason = self.keeper.clone().look(at, &seen.verdicts());
            let ends = self.limits.end(
                &self.setting.standing(&job, &seen.evidence),
                reason.is_some(),
            );
            let is_back = !self.was_away || seen.away.is_empty();
            if reason.is_some() || ends.is_some() || !is_back {
                let before = (seen.asked, seen.points);
                seen = asker.whole(&job).await;
                seen.asked += before.0;
                seen.points += before.1;
            }
        }
        if self.interrupt.is_set() {
            return Some(Over::End(WatchEnd::Interrupted));
        }
        let reason = self.keeper.look(at, &seen.verdicts());
        let standing = self.setting.standing(&job, &seen.evidence);
        let end = self.limits.end(&standing, reason.is_some());
        self.tell(at, missed, &seen, began.elapsed().as_millis());
        self.messenger.keep_up(&job, &mut self.screen);
        self.messenger.look_for_checkpoint(at, &job, &seen.evidence);
        self.was_away = !seen.away.is_empty();
        let answered = seen.answered.take();
        self.before = Some(seen.evidence);
        let is_recorded = reason.is_some() || end.is_some();
        let answered = match answered {
            Some(answered) if is_recorded => answered,
            answered => {
                let observations = answered.map(|one| one.observations);
                self.memory.keep(observations.unwrap_or_default());
                return None;
            }
        };
        if end.is_some() {
            self.messenger.collect(at, &mut self.screen);
            let told = self.messenger.for_record();
            job.watched = self.diary.watched(&self.log, told);
        }
        self.record(job, answered).map_or_else(Some, |evidence| {
            if reason == Some(Reason::Checkpoint) {
                self.messenger.checkpoint(&evidence);
            }
            let standing = self.setting.standing_of(&evidence, standing.stage);
            self.limits.end(&standing, true).map(Over::End)
        })
    }

    /// Records a whole round; returns it as it was recorded.
    fn record(
        &mut self,
        mut job: Job,
        answered: crate::source::Answered,
    ) -> Result<Evidence, Over> {
        let is_shared = job.loaded.home.is_shared().is_some() && job.occasion.is_some();
        // What recording says stays above the block.
        self.screen.clear();
        let recorded = Store::open(&job.evidence_folder)
            .map(|store| store.shared(is_shared))
            .map_err(anyhow::Error::from)
            .and_then(|store| remembered(&mut job, &store, answered, &self.check))
            .and_then(|kept| {
                let by = job.occasion.as_ref().map_or("", |one| one.by.name.as_str());
                signing::sign(&self.check, &kept.written, &job.loaded.home, by)?;
                Ok(kept)
            });
        let Kept {
            evidence,
            written,
            sha256,
            observations,
        } = recorded.map_err(|error| {
            if ledger_file::say_unusable(&error).is_none() {
                say(&error.to_string());
            }
            Over::Unrecorded
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
        self.screen.line(
            at,
            &format!("recorded  {}: {name}{more}", evidence.verdict.word()),
        );
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

    /// Says what is new, and keeps the account.
    fn tell(&mut self, at: Instant, missed: u64, seen: &Seen, millis: u128) {
        let verdicts = seen.verdicts();
        let away: BTreeSet<String> = seen.away.clone();
        let since: Vec<(String, Option<Instant>)> = self.was_away_since();
        let changed = self
            .log
            .add(at, (missed, seen.answered.is_some()), &verdicts, &away);
        let line = RoundLine {
            t: at,
            gates: verdicts
                .iter()
                .map(|(gate, verdict)| (gate.to_string(), *verdict))
                .collect(),
            whole: seen.answered.is_some(),
            asked: seen.asked,
            points: seen.points,
            ms: u64::try_from(millis).unwrap_or(u64::MAX),
            away: away.iter().cloned().collect(),
            changed: changed.iter().map(|one| one.gate.to_string()).collect(),
        };
        self.diary.line(&line, &mut self.screen);
        self.messenger.sources((at, &seen.evidence), &away, &since);
        let mut lines = Vec::new();
        if self.before.is_none() {
            lines.push(watching::opening(&seen.evidence, self.beat.every()));
            lines.push(watching::heartbeat(&seen.evidence));
        }
        if missed > 0 {
            let rounds = if missed == 1 { "round" } else { "rounds" };
            lines.push(format!(
                "{missed} {rounds} fell out: nobody watched meanwhile"
            ));
        }
        for source in &away {
            if !since.iter().any(|(name, _)| name == source) {
                lines.push(format!(
                    "source {source} is away: what it is asked about is unknown"
                ));
            }
        }
        for (source, start) in since.iter().filter(|(source, _)| !away.contains(source)) {
            let after =
                start.map_or_else(String::new, |start| format!(" after {}", start.until(at)));
            lines.push(format!(
                "source {source} is back{after}: everything was asked again"
            ));
        }
        lines.extend(seen.differs.iter().map(setting::changed_history));
        if let Some(before) = &self.before {
            lines.extend(watching::changes(before, &seen.evidence));
        }
        let is_quiet = lines.is_empty();
        for words in &lines {
            self.screen.line(at, words);
        }
        let is_due = self
            .last_told
            .is_none_or(|last| last.until(at) >= self.arguments.heartbeat);
        if is_quiet && is_due && !self.screen.is_live() {
            self.screen.line(at, &watching::heartbeat(&seen.evidence));
        }
        if !is_quiet || is_due {
            self.last_told = Some(at);
        }
        self.screen.show(&seen.evidence);
        if self.arguments.format == Format::Json {
            let _ = print_stdout(&format!(
                "{}\n",
                serde_json::to_string(&line).unwrap_or_default()
            ));
        }
        self.last_line = Some(line);
    }

    /// The sources that were away in the round before, and since when.
    fn was_away_since(&self) -> Vec<(String, Option<Instant>)> {
        let away = self.log.summary().into_iter().flat_map(|one| &one.away);
        let open = away.filter(|one| one.end.is_none());
        open.map(|one| (one.source.clone(), Some(one.start)))
            .collect()
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
        let told = self.last_report(reason);
        let notices = self.messenger.close().await;
        let ended = Watch::Ended {
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
        let noted = self.diary.end(ended, now.now, &mut self.screen);
        self.put_up(Some(reason));
        [exit, noted, told].into_iter().max().unwrap_or(exit)
    }

    fn last_report(&self, reason: WatchEnd) -> Exit {
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
        say(setting::ended(reason));
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
