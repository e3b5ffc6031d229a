//! What a watch writes besides evidence: the lines of its rounds, its beginning and its end in the ledger, the lock that keeps a second
//! one away (W2, W10, W11). Must not judge.

use std::path::PathBuf;
use std::time::Duration;

use super::screen::Screen;
use super::setting::Setting;
use crate::commands::diagnostics::say;
use crate::commands::judging::job::Job;
use crate::commands::ledger_file::{self, Home};
use crate::commands::surroundings::environment;
use crate::digest::sha256_hex;
use crate::evidence::Watched;
use crate::exit::Exit;
use crate::ledger::{Event, Notified, Occasion, Watch};
use crate::output::{Lock, Locking, RecordError, Recorded, Rounds};
use crate::samples::Observations;
use crate::units::Instant;
use crate::watch::{Gap, Log, RoundLine, Summary};

/// For so long the end is tried again where it cannot be recorded, with these pauses, in seconds.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSES: [u64; 6] = [1, 2, 4, 8, 16, 29];

/// What is written, and held.
pub struct Diary {
    rounds: Option<Rounds>,
    home: Home,
    occasion: Option<Occasion>,
    #[expect(dead_code, reason = "it is held, not read")]
    lock: Option<Lock>,
    lost: u64,
    /// The number of the entry with which it began.
    pub began: u64,
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
                "nothing is watched: {} cannot be written: {error}; make it writable, or use --evidence FOLDER or --records PLACE",
                job.evidence_folder.display()
            ));
            Exit::Unrecorded
        };
        std::fs::create_dir_all(&job.evidence_folder).map_err(unwritable)?;
        // Where several machines share a place, the file gets there with the last record: no two may have one name.
        let own = sha256_hex(&[format!("{} {}", job.run.host, std::process::id())]);
        let own = own.get(..8).unwrap_or(&own);
        let stamp = match job.loaded.home.is_shared() {
            Some(_) => format!("{}-{own}", now.stamp()),
            None => now.stamp(),
        };
        let rounds = Rounds::create(&job.evidence_folder, &stamp).map_err(unwritable)?;
        let mut diary = Self {
            rounds: Some(rounds),
            home: job.loaded.home.clone(),
            occasion: job.occasion.clone(),
            lock,
            lost: 0,
            began: 0,
            last: None,
        };
        warn_of_another(job, setting, now);
        let began = Watch::Started {
            gates: setting.gates.clone(),
            every: setting.beat.every(),
            host: job.run.host.clone(),
        };
        match diary.record(began, now) {
            Ok(number) => {
                diary.began = number;
                Ok(diary)
            }
            Err((why, _)) => {
                say(&format!("nothing is watched: {why}"));
                Err(Exit::Unrecorded)
            }
        }
    }

    /// The number of the entry; 0 where there is no ledger.
    ///
    /// # Errors
    /// Why not, and whether that may pass.
    fn record(&mut self, watch: Watch, at: Instant) -> Result<u64, (String, bool)> {
        let Some(occasion) = &self.occasion else {
            return Ok(0);
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
                Ok(appended.entries().last().map_or(0, |entry| entry.number))
            }
            Err(RecordError::Refused(why)) => Err((why, false)),
            Err(RecordError::Journal(error)) => Err((error.to_string(), error.may_pass())),
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
    pub fn watched(
        &self,
        log: &Log,
        notices: Vec<Notified>,
        records_away: Vec<Gap>,
    ) -> Option<Watched> {
        let rounds = self.rounds.as_ref()?;
        let name = rounds.path().file_name()?.to_string_lossy().into_owned();
        Some(Watched {
            path: name,
            sha256: rounds.sha256(),
            bytes: rounds.bytes(),
            notices,
            summary: Summary {
                records_away,
                ..log.summary()?.clone()
            },
        })
    }

    /// Records the end; whoever is patient tries again for a minute where what stands in the way may pass.
    pub async fn end(
        &mut self,
        (ended, at): (&Watch, Instant),
        is_patient: bool,
        screen: &mut Screen,
    ) -> Exit {
        self.sync(screen, at);
        let began = std::time::Instant::now();
        let mut pauses = PAUSES.into_iter().filter(|_| is_patient);
        loop {
            let Err((why, may_pass)) = self.record(ended.clone(), at) else {
                return Exit::Go;
            };
            let pause = pauses.next().map(Duration::from_secs);
            let Some(pause) = pause.filter(|_| may_pass && began.elapsed() < PATIENCE) else {
                say(&format!(
                    "the end of the watch could not be recorded: {why}"
                ));
                return Exit::Unrecorded;
            };
            tokio::time::sleep(pause).await;
        }
    }
}

/// A watch on another machine, which no lock keeps away.
fn warn_of_another(job: &Job, setting: &Setting<'_>, now: Instant) {
    let rollout = job.request.rollout(&job.loaded.plan);
    let open = rollout.history().open_watches(&setting.stage).into_iter();
    for one in open.filter(|one| one.host != job.run.host) {
        let age = one.since.until(now);
        say(&format!(
            "warning: {} began to watch {} on {} {age} ago, and no end is recorded: both will record, and tell, the same",
            one.by, setting.stage, one.host
        ));
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
            say(&format!(
                "to watch beside it without recording: --no-ledger --stage {} --started {}",
                setting.stage, setting.started
            ));
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
