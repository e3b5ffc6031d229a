//! What a watch writes besides evidence: the lines of its rounds, its beginning and its end in the ledger, the lock that keeps a second
//! one away (W2, W10, W11). Must not judge.

use std::path::PathBuf;

use super::screen::Screen;
use super::setting::Setting;
use crate::commands::diagnostics::say;
use crate::commands::judging::job::Job;
use crate::commands::ledger_file::{self, Home};
use crate::commands::surroundings::environment;
use crate::digest::sha256_hex;
use crate::evidence::Watched;
use crate::exit::Exit;
use crate::ledger::{Event, Occasion, Watch};
use crate::output::{Lock, Locking, Recorded, Rounds};
use crate::samples::Observations;
use crate::units::Instant;
use crate::watch::{Log, RoundLine};

/// What is written, and held.
pub struct Diary {
    rounds: Option<Rounds>,
    home: Home,
    occasion: Option<Occasion>,
    #[expect(dead_code, reason = "it is held, not read")]
    lock: Option<Lock>,
    lost: u64,
    /// What was recorded last, for the reports at the end.
    pub last: Option<(Job, Recorded, Option<Observations>)>,
}

impl Diary {
    /// Takes the lock, and records the beginning.
    ///
    /// # Errors
    /// The exit code, once the reason has been reported: another watch of the stage, a ledger or a folder that cannot be written.
    pub fn begin(job: &Job, setting: &Setting<'_>, now: Instant) -> Result<Self, Exit> {
        let lock = match &job.occasion {
            Some(_) => Some(locked(job, setting, now)?),
            None => None,
        };
        let unwritable = |error: std::io::Error| {
            say(&format!(
                "nothing is watched: {} cannot be written: {error}; make it writable or choose another with --evidence",
                job.evidence_folder.display()
            ));
            Exit::Unrecorded
        };
        std::fs::create_dir_all(&job.evidence_folder).map_err(unwritable)?;
        let rounds = Rounds::create(&job.evidence_folder, &now.stamp()).map_err(unwritable)?;
        let mut diary = Self {
            rounds: Some(rounds),
            home: job.loaded.home.clone(),
            occasion: job.occasion.clone(),
            lock,
            lost: 0,
            last: None,
        };
        let began = Watch::Started {
            gates: setting.gates.clone(),
            every: setting.beat.every(),
            host: job.run.host.clone(),
        };
        match diary.record(began, now) {
            Ok(()) => Ok(diary),
            Err(why) => {
                say(&format!("nothing is watched: {why}"));
                Err(Exit::Unrecorded)
            }
        }
    }

    fn record(&mut self, watch: Watch, at: Instant) -> Result<(), String> {
        let Some(occasion) = &self.occasion else {
            return Ok(());
        };
        let occasion = Occasion {
            at,
            ..occasion.clone()
        };
        let event = Event::Watch(watch);
        let appended = ledger_file::record_held(&self.home, &occasion, |_| {
            Ok::<_, String>(vec![event.clone()])
        });
        match appended {
            Ok(appended) => {
                ledger_file::announce(&appended, &self.home);
                Ok(())
            }
            Err(crate::output::RecordError::Refused(why)) => Err(why),
            Err(crate::output::RecordError::Journal(error)) => Err(error.to_string()),
        }
    }

    /// Appends the line of a round. One that cannot be written is said once, and counted.
    pub fn line(&mut self, line: &RoundLine, screen: &mut Screen) {
        let text = serde_json::to_string(line).unwrap_or_default();
        if let Some(rounds) = &mut self.rounds
            && let Err(error) = rounds.append(&text)
        {
            self.lost += 1;
            if self.lost == 1 {
                let place = rounds.path().display();
                screen.line(line.t, &format!("{place} cannot be written: {error}"));
            }
        }
    }

    /// With each record, the lines of the rounds before it are on the disk.
    pub fn sync(&mut self, screen: &mut Screen, at: Instant) {
        if let Some(rounds) = &mut self.rounds
            && let Err(error) = rounds.sync()
        {
            let place = rounds.path().display();
            screen.line(at, &format!("{place} cannot be written: {error}"));
        }
    }

    /// What the evidence of the end says of the rounds.
    pub fn watched(&self, log: &Log) -> Option<Watched> {
        let rounds = self.rounds.as_ref()?;
        let name = rounds.path().file_name()?.to_string_lossy().into_owned();
        Some(Watched {
            path: name,
            sha256: rounds.sha256(),
            summary: log.summary()?.clone(),
        })
    }

    /// Records the end.
    pub fn end(&mut self, ended: Watch, at: Instant, screen: &mut Screen) -> Exit {
        self.sync(screen, at);
        match self.record(ended, at) {
            Ok(()) => Exit::Go,
            Err(why) => {
                say(&format!(
                    "the end of the watch could not be recorded: {why}"
                ));
                Exit::Unrecorded
            }
        }
    }
}

/// Only one watch of a stage at a time: held by the open file, so that a crash frees it.
fn locked(job: &Job, setting: &Setting<'_>, now: Instant) -> Result<Lock, Exit> {
    let ledger = job.loaded.home.ledger();
    let ledger = ledger.canonicalize().unwrap_or_else(|_| ledger.to_owned());
    let key = sha256_hex(&[format!("{}\n{}", ledger.display(), setting.stage)]);
    let key = key.get(..16).unwrap_or(&key);
    let path = cache().join(format!("{key}.watch"));
    let holder = format!(
        "process {} on {}, since {now}",
        std::process::id(),
        job.run.host
    );
    match Lock::take(&path, &holder) {
        Ok(Locking::Held(lock)) => Ok(lock),
        Ok(Locking::Taken(by)) => {
            say(&format!(
                "nothing is watched: {} is watched already, by {by}",
                setting.stage
            ));
            say("to watch beside it without recording: --no-ledger");
            Err(Exit::Usage)
        }
        Err(error) => {
            say(&format!(
                "nothing is watched: {} cannot be written: {error}; set XDG_CACHE_HOME to a folder that can",
                path.display()
            ));
            Err(Exit::Unrecorded)
        }
    }
}

/// The user's cache folder; a machine without one has its folder of temporary files.
fn cache() -> PathBuf {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty());
    let cache = set("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(set("HOME")?).join(".cache")));
    let cache = cache.unwrap_or_else(std::env::temp_dir);
    cache.join("gate").join("watch")
}
