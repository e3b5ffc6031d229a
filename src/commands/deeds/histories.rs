//! Random histories (T7 to T11): two people at machines whose clocks differ, a plan that is edited in between, data that turn bad
//! and good again. Whatever the mixture, no start is recorded that a fresh check at that moment, by the plan in force,
//! would refuse, but for samples younger than the GO, and none that rests on an override that such a check would not count; and whoever follows `gate status` gets on. Drives the commands' own
//! decisions.

use std::sync::LazyLock;

use clap::Parser;
use proptest::prelude::*;
use proptest::sample::select as one_of;

use super::Deed;
use super::context::DecisionContext;
use super::making::remembered;
use super::refusal::Refusal;
use crate::assessment::GateAssessment;
use crate::cli::{CheckArgs, Cli, Command, QuestionArgs};
use crate::commands::judging::job::assigned;
use crate::commands::judging::select::{Selected, Selection, select};
use crate::commands::{pause, resume};
use crate::evaluate::{GateRef, Request, assess, questions};
use crate::kind::{GateKind, GateName};
use crate::ledger::{Checked, Entry, Event, EventKind, IdentitySource, Ledger, Person, PlanThen};
use crate::plan::{Options, Plan, Stage, load, places};
use crate::rollout::{RecordedCheck, Rollout, later_checks, later_starts};
use crate::samples::{Asked, Labels, Observations, Point, Question, Reply, Series};
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

const HEAD: &str = "
release: { name: R1, version: \"RELEASE\" }
source: http://127.0.0.1:9090
vars: { env: prod }
kpis: { err: { query: 'err{env=\"$env\"}', unit: ratio, step: 1m } }
checklists: { ready: [{ id: tested, text: WORDS }] }
stages:";
const PILOT: &str = "
  - name: pilot
    window: 10m
    entry: { window: 5m, kpis: { err: LIMIT }, checklists: [ready] }
    stop: { incidents: { open: [sev1] } }
    exit: { kpis: { err: LIMIT }, no_incidents: { open: [sev1, sev2] }, confirmations: [lead] }";
const WAVE: &str = "
  - name: wave-1
    window: 10m
    entry: { window: 5m, kpis: { err: LIMIT }, approvals: [product], confirmations: [ready] }
    exit: { kpis: { err: LIMIT }, confirmations: [lead] }";
const LATER: &str = "
  - { name: lab, after: none, exit: { confirmations: [lead] } }
  - { name: all, after: [wave-1, lab], exit: { kpis: { err: LIMIT } }, window: 10m }
";

/// What the plan is edited to.
struct Version {
    sha256: &'static str,
    limit: &'static str,
    words: &'static str,
    stages: &'static [&'static str],
}

const WHOLE: &[&str] = &[PILOT, WAVE, LATER];
const STRICT: Version = Version {
    sha256: "strict",
    limit: "\"< 1%\"",
    words: "unit tests pass",
    stages: WHOLE,
};
const VERSIONS: [Version; 5] = [
    STRICT,
    Version {
        sha256: "loosened",
        limit: "\"< 95%\"",
        ..STRICT
    },
    Version {
        sha256: "reworded",
        words: "failover was rehearsed",
        ..STRICT
    },
    Version {
        sha256: "without the pilot",
        stages: &[WAVE, LATER],
        ..STRICT
    },
    Version {
        sha256: "the pilot behind",
        stages: &[WAVE, PILOT, LATER],
        ..STRICT
    },
];

/// The versions of the release, in the order in which they take each other's place (L6).
const RELEASES: [&str; 3] = ["2.0", "2.1", "2.2"];

/// What is asked: as the plan has it, with another variable, or of another server. The data of the others are always good.
const QUESTIONS: [&str; 4] = [
    "",
    " --var env=staging",
    " --var env=prod",
    " --source http://127.0.0.1:9091",
];

/// A version of the plan for a question.
struct Asking {
    plan: Plan,
    sha256: String,
    vars: Vec<String>,
    addresses: Vec<String>,
    is_own: bool,
}

/// Each version for each release and each question.
static ASKING: LazyLock<Vec<Asking>> = LazyLock::new(|| {
    let versions = VERSIONS.iter();
    let of_releases = versions.flat_map(|version| RELEASES.iter().map(move |one| (version, one)));
    of_releases
        .flat_map(|(version, release)| {
            QUESTIONS
                .iter()
                .map(move |words| asking(version, release, words))
        })
        .collect()
});

fn asking(version: &Version, release: &str, words: &str) -> Asking {
    let (limit, text) = (version.limit, HEAD.to_owned() + &version.stages.concat());
    let text = text.replace("LIMIT", limit).replace("WORDS", version.words);
    let text = text.replace("RELEASE", release);
    let vars: Vec<(String, String)> = words
        .strip_prefix(" --var ")
        .and_then(|assigned| assigned.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .collect();
    let source_url = words.strip_prefix(" --source ");
    let options = Options {
        overrides: &vars,
        source_url,
        ..Options::default()
    };
    let loaded = load(text.as_bytes(), &options).unwrap_or_else(|found| panic!("{found:#?}"));
    Asking {
        addresses: places(&loaded.plan, &|_| None),
        sha256: format!("{} {release}", version.sha256),
        vars: assigned(&loaded.vars),
        plan: loaded.plan,
        is_own: source_url.is_none() && !words.ends_with("staging"),
    }
}

/// Which question a command is for.
fn question_of(command: &Command) -> usize {
    let (vars, source) = match command {
        Command::Check(arguments) => (arguments.vars.as_slice(), arguments.source.is_some()),
        Command::Start(arguments) => of(&arguments.question),
        Command::Approve(arguments) => of(&arguments.question),
        Command::Override(arguments) => of(&arguments.question),
        _ => (&[][..], false),
    };
    match vars {
        [] => 3 * usize::from(source),
        [(_, value), ..] => 1 + usize::from(value == "prod"),
    }
}

fn of(question: &QuestionArgs) -> (&[(String, String)], bool) {
    (&question.vars, question.source.is_some())
}

/// What has to be done about a stage that the plan no longer has and that holds the others.
const PUT_BACK: &str = " back into the plan";

/// 2026-11-20T00:00:00Z.
const BEGIN: i64 = 1_795_132_800;
const STAGES: [&str; 4] = ["pilot", "wave-1", "lab", "all"];

/// What happens next.
#[derive(Debug, Clone)]
enum Move {
    /// The command that `gate status` names.
    Next,
    /// Any other one.
    Type(String),
    /// The plan becomes this version.
    Edit(usize),
    /// What is measured turns bad, or good again.
    Turn(bool),
    /// The plan names the next version of the release, which takes the place of the one before; with or without the windows.
    Supersede(bool),
}

fn any_command() -> impl Strategy<Value = String> {
    let stage = || one_of(&STAGES[..]);
    let gate = one_of(vec![
        "pilot/entry",
        "pilot/exit",
        "wave-1/entry",
        "wave-1/exit",
        "lab/exit",
    ]);
    let ago = one_of(vec!["2m", "8m", "30m", "3h"]);
    let question = || prop_oneof![8 => Just(QUESTIONS[0]), 3 => one_of(&QUESTIONS[1..])];
    let anew = one_of(vec!["", " --revoke", " --no"]);
    let id = one_of(vec![
        "tested --stage pilot",
        "ready --stage wave-1",
        "lead --stage pilot",
        "lead --stage lab",
    ]);
    prop_oneof![
        4 => (stage(), question()).prop_map(|(stage, asked)| format!("start {stage}{asked}")),
        1 => (stage(), ago.clone()).prop_map(|(stage, ago)| format!("start {stage} --at {ago} --why late")),
        3 => (gate.clone(), question()).prop_map(|(gate, asked)| format!("check --gate {gate}{asked}")),
        2 => (one_of(vec!["wave-1", "all"]), question()).prop_map(|(stage, asked)| format!("check --before {stage}{asked}")),
        2 => (gate.clone(), ago, question()).prop_map(|(gate, ago, asked)| format!("check --gate {gate} --at {ago}{asked}")),
        2 => (id, anew).prop_map(|(id, anew)| format!("confirm {id}{anew}")),
        1 => Just("approve product --gate wave-1/entry --expires 20m".to_owned()),
        1 => Just("approve product --gate wave-1/entry --revoke".to_owned()),
        1 => gate.prop_map(|gate| format!("override {gate} --expires 20m --why known")),
        1 => one_of(vec!["sev1", "sev2"]).prop_map(|severity| format!("incident open --severity {severity} --description jam --why jam")),
        1 => Just("incident close INC-1 --why mended".to_owned()),
        1 => stage().prop_map(|stage| format!("pause --stage {stage} --why jam")),
        1 => stage().prop_map(|stage| format!("rollback --stage {stage} --why jam")),
        1 => (stage(), stage()).prop_map(|(stage, to)| format!("rollback --stage {stage} --to {to} --why jam")),
        1 => stage().prop_map(|stage| format!("resume --stage {stage} --why mended")),
    ]
}

fn any_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        10 => Just(Move::Next),
        8 => any_command().prop_map(Move::Type),
        1 => (0..VERSIONS.len()).prop_map(Move::Edit),
        2 => any::<bool>().prop_map(Move::Turn),
        1 => any::<bool>().prop_map(Move::Supersede),
    ]
}

/// A move, at which machine, so many minutes after the one before.
type Step = (Move, usize, i64);

fn any_history() -> impl Strategy<Value = ([i64; 2], Vec<Step>)> {
    let later = prop_oneof![6 => 0..4_i64, 3 => 4..20_i64, 1 => 200..2_000_i64];
    let step = (any_move(), 0..2_usize, later);
    let clocks = [-300..300_i64, -300..300_i64];
    (clocks, prop::collection::vec(step, 0..60))
}

/// A rollout in the making.
struct Making {
    version: usize,
    /// Which of the releases the plan names.
    release: usize,
    entries: Vec<Entry>,
    /// The true time, in seconds.
    time: i64,
    /// How far each machine's clock is ahead of it, in seconds.
    clocks: [i64; 2],
    /// Since when what is measured is bad or good, by the true time.
    turns: Vec<(i64, bool)>,
    /// The true time of each entry.
    recorded: Vec<i64>,
    /// What was typed, and what came of it.
    told: Vec<String>,
    /// Starts that are recorded without an override.
    starts: usize,
    /// Starts that rest on an override of the entry gate.
    overridden: usize,
}

impl Making {
    fn new(clocks: [i64; 2]) -> Self {
        Self {
            version: 0,
            release: 0,
            entries: Vec::new(),
            time: BEGIN,
            clocks,
            turns: Vec::new(),
            recorded: Vec::new(),
            told: Vec::new(),
            starts: 0,
            overridden: 0,
        }
    }

    /// Makes the moves; the first start that should not have been recorded ends it.
    fn made((clocks, steps): &([i64; 2], Vec<Step>)) -> Result<Self, String> {
        let mut making = Self::new(*clocks);
        for (step, machine, later) in steps {
            making.time += 60 * later;
            match step {
                Move::Next => making.next(*machine)?,
                Move::Type(line) => making.types(*machine, line)?,
                Move::Edit(number) => {
                    making.version = *number;
                    let name = making.sha256();
                    making.told.push(format!("the plan is {name}"));
                }
                Move::Supersede(keep) => making.supersedes(*machine, *keep)?,
                Move::Turn(bad) => {
                    making.turns.push((making.time + 1, *bad));
                    making.told.push(format!("data turn bad: {bad}"));
                }
            }
        }
        Ok(making)
    }

    fn now(&self, machine: usize) -> Instant {
        Instant::from_secs(self.time + self.clocks[machine])
    }

    fn ledger(&self) -> Ledger {
        Ledger::new(self.entries.clone())
    }

    fn sha256(&self) -> &'static str {
        &self.asking(0).sha256
    }

    /// The plan names the next version; it does so again where the ledger is that of no other.
    fn supersedes(&mut self, machine: usize, keep: bool) -> Result<(), String> {
        let (before, next) = (self.release, self.release + 1);
        let Some(version) = RELEASES.get(next) else {
            return Ok(());
        };
        self.release = next;
        let keep = if keep { " --keep-window" } else { "" };
        let entries = self.entries.len();
        self.types(
            machine,
            &format!("supersede --version {version} --why hotfix{keep}"),
        )?;
        if self.entries.len() == entries {
            self.release = before;
        }
        Ok(())
    }

    /// The plan as it is now, for a question.
    fn asking(&self, question: usize) -> &'static Asking {
        &ASKING[QUESTIONS.len() * (RELEASES.len() * self.version + self.release) + question]
    }

    fn rollout<'a>(&self, ledger: &'a Ledger, question: usize, now: Instant) -> Rollout<'a> {
        let asking = self.asking(question);
        Rollout {
            plan: &asking.plan,
            plan_sha256: Some(self.sha256()),
            vars: &asking.vars,
            addresses: &asking.addresses,
            ledger: Some(ledger),
            now,
        }
    }

    /// Types what `gate status` names, with a reason where it asks for one; puts a stage back first that has to be in the plan.
    fn next(&mut self, machine: usize) -> Result<(), String> {
        let ledger = self.ledger();
        let status = self
            .rollout(&ledger, 0, self.now(machine))
            .status("plan.yaml");
        let owed = status.outstanding.first().map(|owed| &owed.next_step);
        let missing = status.next.as_ref().and_then(|next| next.first.as_deref());
        let missing = missing.filter(|first| owed.is_none() && first.ends_with(PUT_BACK));
        if let Some(first) = missing {
            self.version = 0;
            self.told.push(first.to_owned());
        }
        let next = status.next.as_ref().map(|next| &next.command);
        let Some(step) = owed.or(next) else {
            return Ok(());
        };
        let words = step.arguments.join(" ").replace("<reason>", "because");
        let line = format!("{} {words}", step.action.word());
        self.types(machine, &line.replace("<remark>", "remark"))
    }

    /// Runs a command, and records what it decides.
    fn types(&mut self, machine: usize, line: &str) -> Result<(), String> {
        let (verb, words) = line.split_once(' ').unwrap_or((line, ""));
        let words = words.split_whitespace();
        let typed = ["gate", verb, "plan.yaml"].into_iter().chain(words);
        let cli = Cli::try_parse_from(typed).unwrap_or_else(|error| panic!("{line}: {error}"));
        let asked = question_of(&cli.command);
        let decided = match &cli.command {
            Command::Check(arguments) => {
                Ok(self.checks(machine, arguments, asked).into_iter().collect())
            }
            Command::Start(arguments) => self.decides(machine, asked, arguments),
            Command::Confirm(arguments) => self.decides(machine, asked, arguments),
            Command::Approve(arguments) => self.decides(machine, asked, arguments),
            Command::Incident(arguments) => self.decides(machine, asked, arguments),
            Command::Pause(arguments) => self.decides(machine, asked, &pause::Pause(arguments)),
            Command::Resume(arguments) => self.decides(machine, asked, &resume::Resume(arguments)),
            Command::Rollback(arguments) => self.decides(machine, asked, arguments),
            Command::Override(arguments) => self.decides(machine, asked, arguments),
            Command::Note(arguments) => self.decides(machine, asked, arguments),
            Command::Supersede(arguments) => self.decides(machine, asked, arguments),
            _ => panic!("{line} records nothing"),
        };
        let now = self.now(machine);
        let came = match &decided {
            Ok(events) => format!("{events:?}"),
            Err(refusal) => format!("{refusal:?}"),
        };
        self.told
            .push(format!("{machine} at {now}: {line}: {came}"));
        for event in decided.unwrap_or_default() {
            if let Event::Started {
                stage, overridden, ..
            } = &event
            {
                self.starts += usize::from(!overridden);
                self.overridden += usize::from(*overridden);
                // Whoever begins a stage anyway does so in their own name.
                if !line.contains("--override") {
                    self.is_earned(machine, asked, stage, *overridden)?;
                    self.is_of_this_version(machine, asked, stage, *overridden)?;
                }
            }
            self.record(machine, event);
        }
        Ok(())
    }

    fn record(&mut self, machine: usize, event: Event) {
        self.recorded.push(self.time);
        self.entries.push(Entry {
            nonce: None,
            number: self.entries.len() as u64 + 1,
            at: self.now(machine),
            by: person(machine),
            plan: PlanThen {
                file: "plan.yaml".to_owned(),
                sha256: None,
                release: Some("R1".to_owned()),
                version: Some(RELEASES[self.release].to_owned()),
            },
            why: "because".to_owned(),
            links: Vec::new(),
            event,
        });
    }

    fn decides(
        &self,
        machine: usize,
        asked: usize,
        deed: &dyn Deed,
    ) -> Result<Vec<Event>, Refusal> {
        let ledger = self.ledger();
        let decision = deed.decide(&DecisionContext {
            rollout: self.rollout(&ledger, asked, self.now(machine)),
            path: "plan.yaml",
            by: &person(machine),
            why: "because",
            file_sha256: None,
            files: &[],
            on_its_way: &[],
        });
        decision.map(|decision| decision.events)
    }

    /// What `gate check` records.
    fn checks(&self, machine: usize, arguments: &CheckArgs, asked: usize) -> Option<Event> {
        let asking = self.asking(asked);
        let now = self.now(machine);
        let at = arguments.at.map_or(now, |time| time.before(now));
        let whole = self.ledger();
        let is_of_then = at != now;
        let known = self.entries.iter().rposition(|entry| entry.at <= at);
        let known = known.map_or(0, |position| position + 1);
        let ledger = if is_of_then {
            Ledger::new(self.entries.iter().take(known).cloned().collect())
        } else {
            whole.clone()
        };
        let rollout = self.rollout(&ledger, asked, at);
        let selection = match &arguments.before {
            Some(stage) => Selection::Before(stage),
            None if arguments.gates.is_empty() => Selection::InPlay {
                rollout,
                path: "plan.yaml",
                is_started: false,
                is_look: false,
            },
            None => Selection::Gates(&arguments.gates),
        };
        let Selected { gates, outlook } = select(&asking.plan, &selection).ok()?;
        let mut request = self.request(&ledger, asked, gates, at);
        request.outlook = outlook;
        if is_of_then {
            request.later_starts = later_starts(&whole, at);
            request.later_checks = later_checks(&whole, at);
        }
        let judged = self.judged(&request, asked, |_, at| self.value(asked, at));
        let gates: Vec<_> = judged.iter().map(remembered).collect();
        Some(Event::Checked(Checked {
            evaluated_at: at,
            release: format!("R1 {}", RELEASES[self.release]),
            plan_sha256: self.sha256().to_owned(),
            vars: asking.vars.clone(),
            sources: asking.addresses.clone(),
            evidence_path: "evidence.json".to_owned(),
            evidence_sha256: format!("evidence {}", self.entries.len() + 1),
            verdict: gates
                .iter()
                .map(|gate| gate.verdict)
                .max()
                .unwrap_or(Verdict::Hold),
            gates,
        }))
    }

    fn request(&self, ledger: &Ledger, asked: usize, gates: Vec<GateRef>, at: Instant) -> Request {
        let asking = self.asking(asked);
        Request {
            at,
            started: None,
            later_starts: later_starts(ledger, at),
            later_checks: later_checks(ledger, at),
            later_holds: Vec::new(),
            outlook: Vec::new(),
            trailing: false,
            gates,
            ledger: Some(ledger.clone()),
            plan_sha256: Some(self.sha256().to_owned()),
            vars: asking.vars.clone(),
            addresses: asking.addresses.clone(),
        }
    }

    /// Each gate alone after those before it, on what is measured for it.
    fn judged(
        &self,
        request: &Request,
        asked: usize,
        value: impl Fn(&GateName, Instant) -> Option<f64>,
    ) -> Vec<GateAssessment> {
        let plan = &self.asking(asked).plan;
        let mut observations = Observations::new();
        for gate in &request.gates {
            let (stage, found) = gate.of(plan).expect("a gate");
            let name = found.kind.of(&stage.name);
            let alone = Request {
                gates: vec![*gate],
                ..request.clone()
            };
            for question in questions(plan, &alone) {
                let reply = reply(&question, |at| value(&name, at));
                observations.insert(question, Ok(reply));
            }
        }
        assess(plan, request, &observations).gates
    }

    /// The share of errors at a time; nothing is measured of the future, and elsewhere everything is fine.
    fn value(&self, asked: usize, at: Instant) -> Option<f64> {
        let turned = self.turns.iter().rev();
        let mut turned = turned.filter(|(since, _)| Instant::from_secs(*since) <= at);
        let bad = self.asking(asked).is_own && turned.next().is_some_and(|(_, bad)| *bad);
        (at <= Instant::from_secs(self.time)).then_some(if bad { 0.5 } else { 0.002 })
    }

    /// Whether a fresh check at this moment, by the plan in force, gives what a start rests on. What was measured after the GO
    /// of a gate is younger than it: only there, the data are as good as they can be. Where the entry gate is overridden, a fresh
    /// check of that counts the override.
    fn is_earned(
        &self,
        machine: usize,
        asked: usize,
        stage: &str,
        overridden: bool,
    ) -> Result<(), String> {
        let (ledger, now) = (self.ledger(), self.now(machine));
        let rollout = self.rollout(&ledger, asked, now);
        let plan = rollout.plan;
        let entry = [GateKind::Entry.of(stage)];
        let selection = if overridden {
            Selection::Gates(&entry)
        } else {
            Selection::Before(stage)
        };
        let Ok(Selected { gates, .. }) = select(plan, &selection) else {
            return Ok(());
        };
        for (stage, gate) in gates.iter().filter_map(|gate| gate.of(plan)) {
            let name = gate.kind.of(&stage.name);
            let last = last(&rollout, &name);
            let age = last.map(|last| last.check.evaluated_at.until(now));
            let is_young =
                age.is_none_or(|age| age < gate.valid && age > Duration::from_secs(-120));
            if !is_young && rollout.proceeds(&name).is_none() {
                return Err(format!("{name} is {age:?} old\n{}", self.told.join("\n")));
            }
        }
        let request = self.request(&ledger, asked, gates, now);
        let fresh = self.judged(&request, asked, |gate, at| {
            let last = last(&rollout, gate)?;
            let position = usize::try_from(last.entry.number - 1).ok()?;
            // A clock that is ahead judged what had not been measured yet.
            let seen = Instant::from_secs(*self.recorded.get(position)?);
            let go = last.check.evaluated_at.min(seen);
            if at > go {
                Some(0.002)
            } else {
                self.value(asked, at)
            }
        });
        // Somebody may proceed on the exit of a stage before, in their own name.
        let refused = |gate: &&GateAssessment| {
            gate.verdict != Verdict::Go && gate.override_in_force().is_none()
        };
        match fresh.iter().find(refused) {
            None => Ok(()),
            Some(gate) => Err(format!(
                "{stage} began at {now}, but {} is {}: {:#?}\n{}",
                gate.name(),
                gate.verdict.word(),
                gate.criteria,
                self.told.join("\n")
            )),
        }
    }
}

impl Making {
    /// Whether nothing that a start rests on was found or decided before another version of the release took the place of the one
    /// before (L6); and whether a window that began anew with it was observed for as long as the plan asks.
    fn is_of_this_version(
        &self,
        machine: usize,
        asked: usize,
        stage: &str,
        overridden: bool,
    ) -> Result<(), String> {
        let (ledger, now) = (self.ledger(), self.now(machine));
        let rollout = self.rollout(&ledger, asked, now);
        let superseded = ledger.entries().iter().rev();
        let mut superseded = superseded.filter(|one| one.event.kind() == EventKind::Superseded);
        let Some(superseded) = superseded.next() else {
            return Ok(());
        };
        let wrong = |what: String| {
            Err(format!(
                "{stage} began at {now}, {what}\n{}",
                self.told.join("\n")
            ))
        };
        let of_gate = |name: &GateName| {
            let entries = ledger.entries().iter().rev();
            let mut later = entries.take_while(|one| one.number > superseded.number);
            later.any(|entry| match &entry.event {
                Event::Checked(check) => check.gates.iter().any(|one| one.gate == *name),
                _ => false,
            })
        };
        let own = rollout.stage(stage).expect("a stage");
        let entry = own.gate(GateKind::Entry).map(|gate| (own, gate));
        // Whoever proceeds on the entry proceeds on what that says of the order, too.
        let exits = rollout.plan.before(own).into_iter().filter(|_| !overridden);
        let exits = exits.filter_map(|one| Some((one, one.gate(GateKind::Exit)?)));
        for (one, gate) in entry.into_iter().chain(exits) {
            let name = gate.kind.of(&one.name);
            if !of_gate(&name) {
                return wrong(format!(
                    "and {name} was not judged since #{}",
                    superseded.number
                ));
            }
            let later = ledger
                .entries()
                .iter()
                .filter(|one| one.number > superseded.number);
            let was_set_back = later.clone().any(|entry| {
                matches!(
                    entry.event,
                    Event::RolledBack { .. } | Event::Reopened { .. }
                )
            });
            let is_anew = superseded.event.takes_over(&one.name)
                && !superseded.event.keeps_window(&one.name)
                && !was_set_back;
            let check = rollout.history().last_check(&name).expect("a check");
            let observed = superseded.at.until(check.check.evaluated_at);
            let is_go = check.gate.verdict == Verdict::Go;
            let is_owed = gate.kind == GateKind::Exit && is_go && !was_set_back;
            if is_owed && !is_entry_passed(&ledger, superseded, one) {
                return wrong(format!(
                    "and {}/entry was not GO since #{}",
                    one.name, superseded.number
                ));
            }
            if is_go && is_anew && gate.kind == GateKind::Exit && observed < window(&one.name) {
                return wrong(format!("and {name} was observed for {observed} only"));
            }
        }
        Ok(())
    }
}

/// Whether nothing was asked at the entry of a stage, the stage began since another version took the place of the one before, or had
/// been left by then; or a check since then found its entry GO, or somebody proceeded on it.
fn is_entry_passed(ledger: &Ledger, superseded: &Entry, stage: &Stage) -> bool {
    let entry = GateKind::Entry.of(&stage.name);
    let was_asked = stage.gate(GateKind::Entry).is_some();
    let since = ledger.entries().iter();
    let mut since = since.filter(|one| one.number > superseded.number);
    !was_asked
        || !superseded.event.takes_over(&stage.name)
        || since.any(|one| match &one.event {
            Event::Started { stage: of, .. } => *of == stage.name,
            Event::Overridden { gate, .. } => *gate == entry,
            Event::Checked(check) => {
                let mut gates = check.gates.iter();
                gates.any(|one| one.gate == entry && one.verdict == Verdict::Go)
            }
            _ => false,
        })
}

/// How long a stage is observed.
fn window(stage: &str) -> Duration {
    let minutes = if stage == "lab" { 0 } else { 10 };
    Duration::from_secs(60 * minutes)
}

/// The last check that answered the question.
fn last<'a>(rollout: &Rollout<'a>, gate: &GateName) -> Option<RecordedCheck<'a>> {
    let checks = rollout.history().checks(gate);
    let answered = checks
        .filter(|check| check.asked_with(rollout.vars) && check.check.sources == rollout.addresses);
    answered.max_by_key(|check| check.entry.number)
}

fn person(machine: usize) -> Person {
    Person {
        name: ["ada", "bob"][machine].to_owned(),
        identity_source: IdentitySource::Given,
    }
}

fn reply(question: &Question, value: impl Fn(Instant) -> Option<f64>) -> Reply {
    let times: Vec<Instant> = match &question.asked {
        Asked::Range(grid) => (0..grid.count())
            .map(|position| grid.at(position))
            .collect(),
        Asked::At(at) => vec![*at],
        Asked::Captured(_) => Vec::new(),
    };
    let points = times.into_iter();
    let points = points.filter_map(|at| {
        Some(Point {
            at,
            value: value(at)?,
        })
    });
    Reply {
        series: vec![Series {
            labels: Labels::default(),
            points: points.collect(),
        }],
        ..Reply::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn no_start_is_recorded_that_a_fresh_check_would_refuse(history in any_history()) {
        if let Err(why) = Making::made(&history) {
            prop_assert!(false, "{}", why);
        }
    }

    #[test]
    fn whoever_follows_the_status_gets_on(history in any_history()) {
        let Ok(mut making) = Making::made(&history) else {
            return Ok(());
        };
        // The clocks are set right, the data are good, and the plan stays as it is unless a stage has to be put back.
        making.clocks = [0, 0];
        making.turns.push((making.time, false));
        making.time += 660;
        for _ in 0..80 {
            making.time += 120;
            making.next(0).map_err(TestCaseError::fail)?;
        }
        let ledger = making.ledger();
        let status = making.rollout(&ledger, 0, making.now(0)).status("plan.yaml");
        let told = making.told.join("\n");
        prop_assert!(status.next.is_none(), "{:?}\n{}", status.next, told);
    }
}

#[test]
fn histories_reach_starts_that_rest_on_an_override() {
    let mut making = Making::new([-300, 300]);
    for line in [
        "check --gate pilot/entry",
        "override pilot/entry --expires 2h --why known",
        "start pilot",
    ] {
        making.time += 60;
        making.types(0, line).expect("counted by a fresh check");
    }
    assert_eq!(
        (making.starts, making.overridden),
        (0, 1),
        "{}",
        making.told.join("\n")
    );
}

/// Without a stage that was rolled back nothing begins, not even in somebody's own name: it is put back and resumed (T6).
#[test]
fn t6_a_rolled_back_stage_that_left_the_plan_is_put_back() {
    let mut making = Making::new([0, 0]);
    while making.starts < 1 {
        making.time += 120;
        making.next(0).expect("nothing that a check would refuse");
    }
    making
        .types(0, "rollback --stage pilot --why jam")
        .expect("no start");
    making.version = 3;
    for line in ["start wave-1", "start wave-1 --override --why known"] {
        making.types(0, line).expect("no start");
    }
    assert_eq!(making.starts + making.overridden, 1);
    let ledger = making.ledger();
    let status = making
        .rollout(&ledger, 0, making.now(0))
        .status("plan.yaml");
    let next = status.next.expect("a way on");
    let said = "pilot is no longer in the plan: put it back and resume it";
    assert!(next.why.ends_with(said), "{}", next.why);
    let first = next.first.as_deref();
    assert_eq!(first, Some("put pilot back into the plan"));
    let command = "gate resume plan.yaml --stage pilot --why <reason>";
    assert_eq!(next.command.command("plan.yaml"), command);
    for _ in 0..60 {
        making.time += 120;
        making.next(0).expect("nothing that a check would refuse");
    }
    assert_eq!(making.starts, 4, "{}", making.told.join("\n"));
}

/// Whoever follows the status asks the entry of what runs again before the next stage begins.
#[test]
fn l6_histories_reach_a_start_behind_an_entry_that_is_asked_again() {
    for keep in [false, true] {
        let mut making = Making::new([0, 0]);
        while making.starts < 1 {
            making.time += 120;
            making.next(0).expect("nothing that a check would refuse");
        }
        making.supersedes(0, keep).expect("no start");
        let before = making.told.len();
        for _ in 0..30 {
            making.time += 120;
            making.next(0).expect("nothing that a check would refuse");
        }
        let since = &making.told[before..];
        assert!(making.starts > 1, "{}", since.join("\n"));
        let asked = since
            .iter()
            .any(|line| line.contains("check --gate pilot/entry:"));
        assert!(asked, "{}", since.join("\n"));
    }
}

#[test]
fn histories_reach_starts_of_later_stages() {
    let mut making = Making::new([0, 0]);
    for _ in 0..60 {
        making.time += 120;
        making.next(0).expect("nothing that a check would refuse");
    }
    assert_eq!(making.starts, 4, "{}", making.told.join("\n"));
}

#[test]
fn histories_reach_starts_after_another_version_took_the_place_of_the_one_before() {
    for keep in [false, true] {
        let mut making = Making::new([0, 0]);
        let follow = |making: &mut Making, moves: usize| {
            for _ in 0..moves {
                making.time += 120;
                making.next(0).expect("nothing that a check would refuse");
            }
        };
        // Wave 1 has begun by then.
        while making.starts < 2 {
            follow(&mut making, 1);
        }
        making.supersedes(1, keep).expect("no start");
        follow(&mut making, 60);
        assert_eq!(making.starts, 4, "{}", making.told.join("\n"));
        let superseded = making.entries.iter();
        let superseded: Vec<_> = superseded
            .filter(|entry| entry.event.kind() == EventKind::Superseded)
            .collect();
        assert_eq!(superseded.len(), 1);
        assert!(superseded[0].event.takes_over("wave-1"));
        assert!(!superseded[0].event.takes_over("pilot"), "it was left");
    }
}
