//! What others see of a watch while it lasts: the state that `listen` answers from, and the file of `--metrics`. The state is put up
//! whole after each round, so that a round that hangs keeps nobody waiting. Must not compose words of its own about verdicts.

use std::net::TcpListener;
use std::sync::Arc;

use tokio::sync::watch;

use super::Watcher;
use super::listen;
use super::screen::Screen;
use super::shown::{Shown, State};
use crate::cli::WatchArgs;
use crate::commands::diagnostics::say;
use crate::exit::Exit;
use crate::ledger::WatchEnd;
use crate::output::Replaced;
use crate::report::watching::{self, LastRecord, Now};
use crate::units::{Duration, Instant};

/// Where others look.
#[derive(Debug)]
pub struct Board {
    /// The state, and the socket until somebody answers on it.
    listening: Option<(watch::Sender<State>, Option<TcpListener>)>,
    file: Option<Replaced>,
    /// How many rounds are not in the file.
    lost: u64,
}

impl Board {
    /// Takes the port and proves the file, before anything is asked or recorded.
    ///
    /// # Errors
    /// The exit code, once the reason has been reported.
    pub fn begin(arguments: &WatchArgs) -> Result<Self, Exit> {
        let listener = arguments.listen.map(|address| {
            let bound = listen::bind(address);
            bound.map_err(|error| {
                refused(&format!("--listen {address}: {error}; choose another port"))
            })
        });
        let file = arguments.metrics.as_ref().map(|path| {
            Replaced::prove(path).map_err(|error| {
                refused(&format!(
                    "the metrics file {} cannot be written: {error}; choose another place with --metrics",
                    path.display()
                ))
            })
        });
        Ok(Self {
            listening: listener
                .transpose()?
                .map(|listener| (watch::Sender::default(), Some(listener))),
            file: file.transpose()?,
            lost: 0,
        })
    }

    /// Answers from now on, and says where.
    pub fn open(&mut self, every: Duration, at: Instant, screen: &mut Screen) {
        let Some((state, socket)) = &mut self.listening else {
            return;
        };
        let Some(listener) = socket.take() else {
            return;
        };
        match listen::serve(listener, state.subscribe(), every) {
            Ok(words) => screen.line(at, &words),
            Err(error) => screen.line(at, &format!("nobody answers on the port: {error}")),
        }
    }

    /// A round begins.
    pub fn round_begins(&self) {
        if let Some((state, _)) = &self.listening {
            state.send_modify(|state| state.began = Some(std::time::Instant::now()));
        }
    }

    fn is_wanted(&self) -> bool {
        self.listening.is_some() || self.file.is_some()
    }

    /// A round is through. A file that cannot be written is said once, and counted (W12).
    fn show(&mut self, now: Now, screen: &mut Screen) {
        let (at, metrics) = (now.evidence.evaluated_at, watching::metrics(&now));
        if let Some(file) = &self.file
            && let Err(error) = file.write(&metrics)
        {
            self.lost += 1;
            if self.lost == 1 {
                let place = file.path().display();
                screen.line(at, &format!("{place} cannot be written: {error}"));
            }
        }
        if let Some((state, _)) = &self.listening {
            let shown = Arc::new(Shown::of(now, metrics));
            state.send_modify(|state| state.shown = Some(shown));
        }
    }

    /// At the end: in how many rounds the file could not be written.
    fn count_lost(&self) {
        if let Some(file) = self.file.as_ref().filter(|_| self.lost > 0) {
            let rounds = if self.lost == 1 { "time" } else { "times" };
            let place = file.path().display();
            say(&format!(
                "{place} could not be written {} {rounds}",
                self.lost
            ));
        }
    }
}

fn refused(why: &str) -> Exit {
    say(&format!("nothing is watched: {why}"));
    Exit::Usage
}

impl Watcher<'_> {
    /// Puts the last round up for others to see.
    pub(super) fn put_up(&mut self, ended: Option<WatchEnd>) {
        if !self.board.is_wanted() {
            return;
        }
        if let Some(now) = self.now(ended) {
            self.board.show(now, &mut self.screen);
        }
        if ended.is_some() {
            self.board.count_lost();
        }
    }

    /// How it stands after the last round; `None` before the first.
    fn now(&self, ended: Option<WatchEnd>) -> Option<Now> {
        let (line, summary) = (self.last_line.as_ref()?, self.log.summary()?);
        let judged = self.before.as_ref()?;
        // What was recorded of this round says more: the record itself.
        let recorded = self.recorded.as_ref().map(|one| &one.evidence);
        let same = recorded.filter(|one| one.evaluated_at == judged.evaluated_at);
        let millis = i64::try_from(line.ms).unwrap_or(i64::MAX);
        let now = Now {
            evidence: same.unwrap_or(judged).clone(),
            stage: self.setting.stage.clone(),
            every: self.beat.every(),
            took: Duration::from_millis(millis),
            whole: line.whole,
            rounds: summary.rounds,
            missed: summary.missed,
            next: (ended.is_none()).then(|| self.next_round(line.t)),
            away: self.away_now(line.t),
            asked: line.asked,
            points: line.points,
            notices: self.messenger.counts(),
            recorded: self.last_record(),
            records_away: self.outage.since(),
            ended,
        };
        Some(now)
    }

    fn last_record(&self) -> Option<LastRecord> {
        let (recorded, (_, written, _)) = (self.recorded.as_ref()?, self.diary.last.as_ref()?);
        Some(LastRecord {
            at: recorded.evidence.evaluated_at,
            verdict: recorded.evidence.verdict,
            path: written.json.display().to_string(),
            sha256: recorded.sha256.clone(),
        })
    }
}
