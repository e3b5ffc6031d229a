//! Ends writing commands at random moments, and looks at what they leave behind.
//!
//! A new writing command is one more line of `writings`, a new kind of file one more arm of `whole::is_whole`. Must not use the
//! crate under test.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::support::exposition::Series;
use super::support::program::Workplace;
use super::support::random::Random;
use super::support::servers::{Server, Version, prometheus};
use super::whole::{Trace, below, is_draft, is_whole, trace};

/// T: 2026-11-20T00:00:00Z.
const T: i64 = 1_795_132_800;
const AT: &str = "1795132800";
/// Enough for the asking, the judging and the writing to take a while each.
const KPIS: usize = 12;

/// A command that writes.
pub struct Writing {
    /// For people.
    pub name: &'static str,
    /// Its arguments at the given moment.
    arguments: fn(u64) -> Vec<String>,
    /// Where a file of the given ending must stand for each exit code 0.
    proof: (&'static str, &'static str),
    /// How many such files a HOLD leaves: a verdict is recorded, a baseline with holes is not.
    on_hold: usize,
}

/// Every command that writes.
pub fn writings() -> Vec<Writing> {
    vec![
        writing(
            "check",
            |_| line(&format!("check plan.yaml --at {AT}")),
            ("plan.evidence", ".json"),
            1,
        ),
        writing(
            "check --replay",
            |_| line("check plan.yaml --replay answers.json.gz --evidence replayed"),
            ("replayed", ".json"),
            1,
        ),
        writing(
            "capture",
            |moment| {
                line(&format!(
                    "capture plan.yaml --to {AT} -o captured/{moment}.json.gz"
                ))
            },
            ("captured", ".json.gz"),
            0,
        ),
    ]
}

fn writing(
    name: &'static str,
    arguments: fn(u64) -> Vec<String>,
    proof: (&'static str, &'static str),
    on_hold: usize,
) -> Writing {
    Writing {
        name,
        arguments,
        proof,
        on_hold,
    }
}

fn line(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// How a command is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGKILL: nothing can be said or tidied up any more.
    Kill,
    /// SIGINT, as by Ctrl-C.
    Interrupt,
}

impl Signal {
    fn send(self, child: &mut Child) {
        match self {
            Self::Kill => drop(child.kill()),
            Self::Interrupt => {
                let number = child.id().to_string();
                let mut kill = Command::new("kill");
                let sent = kill.args(["-INT", &number]).stderr(Stdio::null()).status();
                sent.expect("kill runs");
            }
        }
    }
}

/// Whether an exit code is one that this signal may lead to, and goes with as many new files.
fn is_right(
    writing: &Writing,
    signal: Signal,
    code: Option<i32>,
    more: usize,
) -> Result<(), String> {
    match (signal, code) {
        // Ended by the signal, before or after its file was there.
        (_, None) if more <= 1 => Ok(()),
        (_, Some(0)) if more == 1 => Ok(()),
        (Signal::Interrupt, Some(3)) if more == writing.on_hold => Ok(()),
        _ => Err(format!("exit code {code:?} with {more} new files")),
    }
}

/// What came of many moments.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many ended with which exit code; `None` where the signal ended them.
    pub codes: BTreeMap<Option<i32>, u64>,
    /// Files under their final names, all of them whole.
    pub files: usize,
    /// Drafts that were left behind, under hidden names.
    pub drafts: usize,
}

/// A workplace with a live server, answers to replay, and what stood there before.
pub struct Bench {
    workplace: Workplace,
    _server: Server,
    seen: BTreeMap<PathBuf, Trace>,
}

impl Bench {
    /// Sets up the server and a first check, which must be GO.
    pub fn new() -> Self {
        let times = || (T - 3 * 3600..=T).step_by(15);
        let series = (0..KPIS).map(|kpi| {
            Series::new(
                format!("errors{{kpi=\"{kpi}\"}}"),
                times().map(|at| (at, 0.25)),
            )
        });
        let server = prometheus(Version::V3_5, &series.collect::<Vec<_>>());
        let (mut kpis, mut asks) = (String::new(), Vec::new());
        for kpi in 0..KPIS {
            kpis += &format!("  k{kpi}: {{query: 'errors{{kpi=\"{kpi}\"}}'}}\n");
            asks.push(format!("k{kpi}: \"< 1\""));
        }
        let workplace = Workplace::with_plan(&format!(
            "release: test\nsource: {}\nkpis:\n{kpis}stages:\n  - {{name: pilot, window: 1h, exit: {{kpis: {{{}}}}}}}\n",
            server.url(),
            asks.join(", ")
        ));
        fs::create_dir(workplace.path().join("captured")).expect("a folder");
        workplace
            .gate(&["check", "plan.yaml", "--at", AT])
            .says(0, "GO");
        let answers = workplace
            .files("plan.evidence", ".answers.json.gz")
            .remove(0);
        fs::copy(answers, workplace.path().join("answers.json.gz")).expect("answers");
        let mut bench = Self {
            workplace,
            _server: server,
            seen: BTreeMap::new(),
        };
        bench.look().expect("whole files");
        bench
    }

    /// Ends a command at so many moments, drawn over the whole of its run.
    ///
    /// # Errors
    /// The first moment after which something is not as it must be.
    pub fn end(
        &mut self,
        writing: &Writing,
        signal: Signal,
        moments: u64,
        seed: u64,
    ) -> Result<Tally, String> {
        let mut random = Random::named(&format!("{} {seed}", writing.name));
        let length = self.length(writing);
        let mut tally = Tally::default();
        for moment in 0..moments {
            let delay = length.mul_f64(1.1 * random.unit());
            let before = self.proofs(writing);
            let code = self.run(writing, moment, Some((signal, delay)));
            let more = self.proofs(writing) - before;
            let ended = is_right(writing, signal, code, more).and_then(|()| self.look());
            ended.map_err(|what| {
                let name = writing.name;
                format!("{name}, {signal:?} after {delay:?} (moment {moment}, seed {seed}): {what}")
            })?;
            *tally.codes.entry(code).or_default() += 1;
        }
        (tally.files, tally.drafts) = (self.seen.len(), self.drafts());
        Ok(tally)
    }

    /// How long the command takes; it must succeed.
    fn length(&self, writing: &Writing) -> Duration {
        let time = |run| {
            let begin = Instant::now();
            let code = self.run(writing, u64::MAX - run, None);
            assert_eq!(code, Some(0), "{}", writing.name);
            begin.elapsed()
        };
        let mut lengths: Vec<Duration> = (0..5).map(time).collect();
        lengths.sort();
        lengths[2]
    }

    /// The exit code; `None` where a signal ended it.
    fn run(&self, writing: &Writing, moment: u64, end: Option<(Signal, Duration)>) -> Option<i32> {
        let arguments = (writing.arguments)(moment);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command: Command = self.workplace.command(&arguments, &[]);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.expect("gate runs");
        if let Some((signal, delay)) = end {
            let end = Instant::now() + delay;
            while Instant::now() < end && child.try_wait().expect("its state").is_none() {
                std::thread::sleep(Duration::from_micros(200));
            }
            signal.send(&mut child);
        }
        child.wait().expect("its end").code()
    }

    fn proofs(&self, writing: &Writing) -> usize {
        let (folder, ending) = writing.proof;
        let files = self.workplace.files(folder, ending);
        files.iter().filter(|path| !is_draft(path)).count()
    }

    fn drafts(&self) -> usize {
        let mut found = Vec::new();
        below(self.workplace.path(), &mut found);
        found.iter().filter(|path| is_draft(path)).count()
    }

    /// Earlier files are untouched, new ones whole.
    fn look(&mut self) -> Result<(), String> {
        let mut found = Vec::new();
        below(self.workplace.path(), &mut found);
        found.retain(|path| !is_draft(path));
        for path in self.seen.keys() {
            if !found.contains(path) {
                return Err(format!("{} is gone", path.display()));
            }
        }
        for path in found {
            let trace = trace(&path);
            match self.seen.get(&path) {
                Some(earlier) if *earlier == trace => {}
                Some(_) => return Err(format!("{} was touched", path.display())),
                None => {
                    is_whole(&path).map_err(|what| format!("{}: {what}", path.display()))?;
                    self.seen.insert(path, trace);
                }
            }
        }
        Ok(())
    }
}
