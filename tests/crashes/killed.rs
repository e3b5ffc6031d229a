//! Ends writing commands at random moments, and looks at what they leave behind.
//!
//! A new writing command is one more line of `writings`, a new kind of file one more arm of `whole::is_whole`. Must not use the
//! crate under test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::chain;
use super::whole::{Trace, below, is_draft, is_whole, trace};
use super::writings::{LEDGER, PEOPLES, Proof, Writing};
use crate::support::exposition::Series;
use crate::support::program::Workplace;
use crate::support::random::Random;
use crate::support::servers::{Server, Version, prometheus};

/// T: 2026-11-20T00:00:00Z.
const T: i64 = 1_795_132_800;
const AT: &str = "1795132800";
/// Every ledger of the workplace.
const LEDGERS: [&str; 2] = [LEDGER, PEOPLES];
/// Enough for asking, judging and writing each to take a while.
const KPIS: usize = 12;
/// Only people are asked.
const PEOPLE: &str = r"
release: R1.0
checklists: { readiness: [{ id: tested, text: Tested }] }
rollback: [{ do: Disable the flag }, { do: Revert }]
stages:
  - name: pilot
    entry: { checklists: [readiness] }
    stop: { incidents: { open: [sev1] } }
    exit: { no_incidents: { open: [sev2] }, confirmations: [warehouse-lead], approvals: [product] }
    recovery: { confirmations: [well-again] }
";
/// What people do, in order, and the states of the ledger that are kept along the way.
const STORY: [(&str, &str); 10] = [
    ("confirm people.yaml tested", ""),
    ("check people.yaml --gate pilot/entry", "ready"),
    ("start people.yaml pilot", ""),
    ("check people.yaml --gate pilot/exit", "begun"),
    ("confirm people.yaml warehouse-lead", ""),
    ("check people.yaml --gate pilot/exit", "signable"),
    (
        "incident people.yaml open --severity sev2 --description slow",
        "troubled",
    ),
    ("incident people.yaml close INC-1 --why mended", ""),
    ("pause people.yaml --why slow", "paused"),
    ("note people.yaml torn", "torn"),
];
/// This many bytes are cut off the last line to tear it.
const TORN: usize = 40;

/// How a command is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGKILL: no more output or clean-up.
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

/// Whether this signal may lead to an exit code, given how much more is there than before.
fn is_right(
    writing: &Writing,
    signal: Signal,
    code: Option<i32>,
    more: &[usize],
) -> Result<(), String> {
    let all = |count: usize| more.iter().all(|more| *more == count);
    match (signal, code) {
        // Ended by the signal, before or after its files were there.
        (_, None) if more.iter().all(|more| *more <= 1) => Ok(()),
        (_, Some(0)) if all(1) => Ok(()),
        (Signal::Interrupt, Some(3)) if all(usize::from(writing.holds)) => Ok(()),
        _ => Err(format!(
            "exit code {code:?} with {more:?} of {:?}",
            writing.proofs
        )),
    }
}

/// The results of many moments.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many ended with which exit code; `None` if the signal ended them.
    pub codes: BTreeMap<Option<i32>, u64>,
    /// Files under their final names, all of them whole.
    pub files: usize,
    /// Drafts that were left behind, under hidden names.
    pub drafts: usize,
    /// Entries that commands reported as recorded, all of them found in their ledgers.
    pub entries: usize,
    /// Ledgers whose last line was torn, all of them repaired without losing a line.
    pub torn: usize,
}

/// A workplace with a live server, answers to replay, and earlier files.
pub struct Bench {
    workplace: Workplace,
    _server: Server,
    seen: BTreeMap<PathBuf, Trace>,
    /// Entries of each ledger whose evidence was found.
    found: BTreeMap<PathBuf, usize>,
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
            "release: test\nsource: {}\nkpis:\n{kpis}stages:\n  - {{name: pilot, observe: trailing, window: 1h, exit: {{kpis: {{{}}}}}}}\n",
            server.url(),
            asks.join(", ")
        ));
        fs::create_dir(workplace.path().join("made")).expect("a folder");
        keys(&workplace);
        story(&workplace);
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
            found: BTreeMap::new(),
        };
        bench.look().expect("whole files");
        bench
    }

    /// Ends a command at this many moments, drawn over the whole of its run.
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
            self.prepare(writing);
            let before = self.counted(writing);
            let ledgers = LEDGERS.map(|name| self.bytes(name));
            let code = self.run(writing, moment, Some((signal, delay)));
            let ended = self.kept(&ledgers, code).and_then(|torn| {
                tally.torn += torn;
                let after = self.counted(writing);
                let more: Vec<usize> = after.iter().zip(&before).map(|(a, b)| a - b).collect();
                tally.entries += usize::from(code == Some(0) && writing.remembers());
                is_right(writing, signal, code, &more).and_then(|()| self.look())
            });
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
            self.prepare(writing);
            let begin = Instant::now();
            let code = self.run(writing, u64::MAX - run, None);
            assert_eq!(code, Some(0), "{}", writing.name);
            begin.elapsed()
        };
        let mut lengths: Vec<Duration> = (0..5).map(time).collect();
        lengths.sort();
        lengths[2]
    }

    /// The exit code; `None` if a signal ended it.
    fn run(&self, writing: &Writing, moment: u64, end: Option<(Signal, Duration)>) -> Option<i32> {
        let arguments = writing.line(moment);
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

    /// Puts the ledger of people into the state that a command needs.
    fn prepare(&self, writing: &Writing) {
        if let Some(state) = writing.state {
            let state = self.workplace.path().join(format!("{state}.state"));
            fs::copy(state, self.workplace.path().join(PEOPLES)).expect("a ledger");
        }
    }

    fn bytes(&self, ledger: &str) -> Vec<u8> {
        fs::read(self.workplace.path().join(ledger)).unwrap_or_default()
    }

    /// How many there are of each proof.
    fn counted(&self, writing: &Writing) -> Vec<usize> {
        let count = |proof: &Proof| match *proof {
            Proof::File(folder, ending) => {
                let files = self.workplace.files(folder, ending);
                let named = files.iter().filter(|path| !is_draft(path)).count();
                named + self.unnamed(folder, ending)
            }
            Proof::Entry(ledger, kind) => {
                let bytes = self.bytes(ledger);
                let entries = chain::entries(chain::split(&bytes).0).expect("a chain");
                entries.iter().filter(|entry| entry["kind"] == kind).count()
            }
        };
        writing.proofs.iter().map(count).collect()
    }

    /// Records whose checks were killed after their entry was written: the next check gives them their names.
    fn unnamed(&self, folder: &str, ending: &str) -> usize {
        let ledgers = LEDGERS.map(|name| String::from_utf8_lossy(&self.bytes(name)).into_owned());
        let drafts = self.workplace.files(folder, &format!("{ending}.tmp"));
        let is_unnamed = |draft: &PathBuf| {
            let name = draft.file_name().unwrap_or_default().to_string_lossy();
            let name = name.trim_start_matches('.').trim_end_matches(".tmp");
            let path = format!("\"{folder}/{name}\"");
            let is_recorded = ledgers.iter().any(|ledger| ledger.contains(&path));
            is_recorded && !draft.with_file_name(name).exists()
        };
        drafts.iter().filter(|draft| is_unnamed(draft)).count()
    }

    /// Every line of the ledgers is still there, before anything new; only a kill leaves a torn one after them, which is repaired.
    /// Returns how many were torn.
    fn kept(&self, before: &[Vec<u8>], code: Option<i32>) -> Result<usize, String> {
        let mut torn = 0;
        for (name, before) in LEDGERS.into_iter().zip(before) {
            let (lines, was_torn) = chain::split(before);
            let after = self.bytes(name);
            if !after.starts_with(lines) {
                return Err(format!("an earlier line of {name} was touched"));
            }
            chain::entries(chain::split(&after).0)?;
            if chain::split(&after).1.is_empty() {
                continue;
            }
            if code.is_some() && was_torn.is_empty() {
                return Err(format!("{name} is torn after exit code {code:?}"));
            }
            torn += 1;
            self.repair(name, chain::split(&after).0)?;
        }
        Ok(torn)
    }

    fn repair(&self, ledger: &str, lines: &[u8]) -> Result<(), String> {
        let plan = ledger.replace(".ledger.jsonl", ".yaml");
        let finished = self.workplace.gate(&["ledger", &plan, "repair"]);
        let repaired = self.bytes(ledger);
        let is_kept = repaired.starts_with(lines) && chain::entries(&repaired).is_ok();
        if finished.code == 0 && is_kept {
            Ok(())
        } else {
            Err(format!("{ledger} could not be repaired: {finished:?}"))
        }
    }

    fn drafts(&self) -> usize {
        let mut found = Vec::new();
        below(self.workplace.path(), &mut found);
        found.iter().filter(|path| is_draft(path)).count()
    }

    /// The evidence of new entries is there; earlier evidence is untouched, like every file.
    fn remembers_what_is_there(&mut self, ledger: &Path) -> Result<(), String> {
        let bytes = fs::read(ledger).map_err(|error| error.to_string())?;
        let entries = chain::entries(&bytes)?;
        let found = self.found.entry(ledger.to_owned()).or_default();
        let new = entries.get(*found..).unwrap_or(&entries);
        chain::evidence_lies_there(ledger, new)?;
        *found = entries.len();
        Ok(())
    }

    /// Earlier files are untouched, new ones whole.
    fn look(&mut self) -> Result<(), String> {
        let mut found = Vec::new();
        below(self.workplace.path(), &mut found);
        found.retain(|path| !is_draft(path) && !is_own(path));
        for path in self.seen.keys() {
            if !found.contains(path) {
                return Err(format!("{} is gone", path.display()));
            }
        }
        for path in found {
            if is_ledger(&path) {
                self.remembers_what_is_there(&path)?;
                continue;
            }
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

/// A file that grows.
fn is_ledger(path: &Path) -> bool {
    LEDGERS.iter().any(|ledger| path.ends_with(ledger))
}

/// A file of the bench itself.
fn is_own(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    ["ada", "ada.pub", "key.pem"].contains(&&*name) || name.ends_with(".state")
}

/// A key for signatures, and one for attestations.
pub fn keys(workplace: &Workplace) {
    let key = rcgen::KeyPair::generate().expect("a key");
    workplace.write("key.pem", key.serialize_pem());
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-C", "", "-N", "", "-f", "ada"]);
    let status = keygen.current_dir(workplace.path()).status();
    let status = status.expect("ssh-keygen, of OpenSSH, has to be installed");
    assert!(status.success());
}

/// Has people do what leads to each state of their ledger, and keeps the states.
fn story(workplace: &Workplace) {
    workplace.write("people.yaml", PEOPLE);
    for (step, (done, state)) in STORY.into_iter().enumerate() {
        let mut words: Vec<&str> = done.split(' ').collect();
        let folder = format!("kept/{step}");
        if words[0] == "check" {
            // Records of later states would speak against the ledger of an earlier one, in any folder that it names.
            words.extend(["--evidence", &folder]);
        }
        let finished = workplace.gate(&words);
        assert!([0, 1, 3].contains(&finished.code), "{done}: {finished:?}");
        if state.is_empty() {
            continue;
        }
        let mut bytes = fs::read(workplace.path().join(PEOPLES)).expect("a ledger");
        if state == "torn" {
            bytes.truncate(bytes.len() - TORN);
        }
        workplace.write(&format!("{state}.state"), bytes);
    }
}
