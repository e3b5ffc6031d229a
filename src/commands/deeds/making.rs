//! Random rollouts: what people and machines record one after the other, and what status, check, start and summary say then. For the
//! property tests beside it; must not compare their answers.

use clap::Parser;
use proptest::prelude::*;
use proptest::sample::select as one_of;

use super::Deed as _;
use super::context::DecisionContext;
use super::refusal::Refusal;
use crate::assessment::{GateAssessment, Outcome};
use crate::cli::{Cli, Command};
use crate::commands::judging::select::{Selected, Selection, select};
use crate::evaluate::{GateRef, Request, assess};
use crate::kind::{CriterionKind, GateKind, GateName};
use crate::ledger::{
    Answer, Checked, Entry, Event, GateChecked, IdentitySource, IncidentDetails, Ledger, Person,
    RollbackTold, Trip,
};
use crate::plan::{Options, Plan, Stage, load};
use crate::report::{self, RolloutKind};
use crate::rollout::scenarios::answer_to;
use crate::rollout::{Rollout, State, Status};
use crate::samples::Observations;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// Lanes that fork and join, a stage without an entry gate, one without an exit gate.
pub(super) const PLAN: &str = "
release: R1.0
stages:
  - name: pilot
    entry: { confirmations: [ready] }
    stop: { incidents: { open: [sev1] } }
    exit: { confirmations: [lead], approvals: { roles: [product, security], distinct: true } }
    recovery: { confirmations: [well] }
  - { name: eu, entry: { confirmations: [ready], approvals: [ops] }, exit: { confirmations: [lead] } }
  - { name: us, after: pilot, exit: { confirmations: [lead], no_incidents: { open: [sev2] } } }
  - { name: lab, after: none, entry: { confirmations: [ready] } }
  - { name: joint, after: [eu, us], entry: { confirmations: [ready] }, exit: { confirmations: [lead] } }
  - { name: all, after: [joint, lab], entry: { confirmations: [ready] }, exit: { confirmations: [lead] } }
";
/// The last one is no longer in the plan.
pub(super) const STAGES: [&str; 7] = ["pilot", "eu", "us", "lab", "joint", "all", "canary"];
/// Versions of the plan: people edit it, and put it back.
pub(super) const SHA256: [&str; 2] = ["of-the-plan", "of-another"];
/// 2026-11-20T00:00:00Z.
pub(super) const BEGIN: i64 = 1_795_132_800;
pub(super) const STAGING: &str = "env=staging";

/// Something that one of two people, or a machine, recorded.
#[derive(Debug, Clone)]
pub(super) enum Did {
    Start(&'static str, bool),
    Answer(&'static str, &'static str, Answer),
    /// A check of what is in play as it is; with another `--var` or none.
    Check(bool),
    /// What a machine found about one gate, however improbable given the rest; for a time this many minutes ago.
    Find(GateName, Verdict, bool, i64),
    Sign(GateName, &'static str, Option<i64>, bool),
    Proceed(GateName, i64),
    Pause(&'static str),
    Resume(&'static str),
    RollBack(&'static str),
    /// The rollout goes back to a stage.
    GoBack(&'static str),
    Open(&'static str),
    Close,
    /// The plan is another version from now on.
    Edit,
    /// Another version of the release takes the place of the one before; the windows are kept or not.
    Supersede(bool),
}

pub(super) fn any_stage() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => one_of(&STAGES[..3]), 3 => one_of(&STAGES[..6]), 1 => one_of(&STAGES[..])]
}

pub(super) fn any_gate() -> impl Strategy<Value = GateName> {
    let kind = one_of(vec![
        GateKind::Exit,
        GateKind::Exit,
        GateKind::Entry,
        GateKind::Recovery,
    ]);
    (any_stage(), kind).prop_map(|(stage, kind)| kind.of(stage))
}

pub(super) fn any_deed() -> impl Strategy<Value = Did> {
    let id = one_of(vec!["ready", "lead", "well"]);
    let yes = || Just(Answer::Yes);
    let answer = prop_oneof![5 => yes(), 1 => one_of(Answer::ALL.to_vec())];
    let verdict = prop_oneof![3 => Just(Verdict::Go), 2 => one_of(Verdict::ALL.to_vec())];
    let role = one_of(vec!["product", "security", "ops"]);
    let until = || 1..240_i64;
    prop_oneof![
        8 => (any_stage(), prop::bool::weighted(0.2)).prop_map(|(stage, all_the_same)| Did::Start(stage, all_the_same)),
        8 => (any_stage(), id, answer).prop_map(|(stage, id, answer)| Did::Answer(stage, id, answer)),
        6 => prop::bool::weighted(0.2).prop_map(Did::Check),
        8 => (any_gate(), verdict, prop::bool::weighted(0.15), prop_oneof![4 => Just(0), 1 => 0..60_i64])
            .prop_map(|(gate, verdict, staging, ago)| Did::Find(gate, verdict, staging, ago)),
        5 => (any_gate(), role, prop::option::weighted(0.3, until()), prop::bool::weighted(0.1))
            .prop_map(|(gate, role, until, back)| Did::Sign(gate, role, until, back)),
        2 => (any_gate(), until()).prop_map(|(gate, until)| Did::Proceed(gate, until)),
        1 => any_stage().prop_map(Did::Pause),
        2 => any_stage().prop_map(Did::Resume),
        1 => any_stage().prop_map(Did::RollBack),
        1 => any_stage().prop_map(Did::GoBack),
        1 => one_of(vec!["sev1", "sev2", "sev3"]).prop_map(Did::Open),
        2 => Just(Did::Close),
        1 => Just(Did::Edit),
        1 => any::<bool>().prop_map(Did::Supersede),
    ]
}

/// A rollout being made up.
pub(super) struct Making {
    pub(super) plan: Plan,
    pub(super) sha256: &'static str,
    pub(super) entries: Vec<Entry>,
    pub(super) now: Instant,
}

pub(super) fn minutes(count: i64) -> Duration {
    Duration::from_secs(count * 60)
}

impl Making {
    pub(super) fn of(deeds: &[(Did, bool, i64)]) -> Self {
        let plan = load(PLAN.as_bytes(), &Options::default());
        let plan = plan.unwrap_or_else(|problems| panic!("{problems:#?}")).plan;
        let mut making = Self {
            plan,
            sha256: SHA256[0],
            entries: Vec::new(),
            now: Instant::from_secs(BEGIN),
        };
        for (did, by_ada, later) in deeds {
            making.now = making.now + minutes(*later);
            if let Some(event) = making.event(did) {
                making.record(
                    if *by_ada {
                        "ada"
                    } else {
                        "Bob <bob@example.com>"
                    },
                    event,
                );
            }
        }
        making.now = making.now + minutes(1);
        making
    }

    pub(super) fn record(&mut self, by: &str, event: Event) {
        self.entries.push(Entry {
            nonce: None,
            number: self.entries.len() as u64 + 1,
            at: self.now,
            by: Person {
                name: by.to_owned(),
                identity_source: IdentitySource::Given,
            },
            plan: "plan.yaml".into(),
            why: "because".to_owned(),
            links: Vec::new(),
            event,
        });
    }

    /// `None` if the stage has not begun.
    pub(super) fn back_to(&self, to: &str) -> Option<Event> {
        let ledger = self.ledger();
        let rollout = self.rollout(&ledger, &[]);
        let to = rollout.stage(to)?;
        let stages = rollout.way_back(to, to).ok()?;
        Some(Event::Reopened {
            stage: to.name.clone(),
            stages: stages.into_iter().map(str::to_owned).collect(),
        })
    }

    /// `None` if there is nothing to sign or override yet.
    pub(super) fn event(&mut self, did: &Did) -> Option<Event> {
        Some(match did {
            Did::Start(stage, overridden) => Event::Started {
                stage: (*stage).to_owned(),
                at: self.now,
                overridden: *overridden,
                vars: Vec::new(),
                sources: Vec::new(),
            },
            Did::Answer(stage, id, answer) => answer_to(&self.plan, stage, id, *answer),
            Did::Check(staging) => self.check(*staging)?,
            Did::Find(gate, verdict, staging, ago) => {
                let found = found(gate, *verdict);
                self.checked(vec![found], *staging, self.now - minutes(*ago))
            }
            Did::Sign(gate, role, until, revoked) => {
                let (check, found) = self.last(gate)?;
                Event::Approved {
                    gate: gate.clone(),
                    role: (*role).to_owned(),
                    evidence_sha256: check.evidence_sha256.clone(),
                    evidence_path: String::new(),
                    verdict_without_approvals: found.verdict_without_approvals,
                    expires: until.map(|until| self.now + minutes(until)),
                    revoked: *revoked,
                }
            }
            Did::Proceed(gate, until) => {
                let (check, found) = self.last(gate)?;
                Event::Overridden {
                    gate: gate.clone(),
                    verdict: found.verdict,
                    evidence_sha256: check.evidence_sha256.clone(),
                    expires: self.now + minutes(*until),
                }
            }
            Did::Pause(stage) => Event::Paused {
                stage: (*stage).to_owned(),
            },
            Did::Resume(stage) => Event::Resumed {
                stage: (*stage).to_owned(),
            },
            Did::RollBack(stage) => Event::RolledBack {
                stage: (*stage).to_owned(),
                told: RollbackTold::default(),
            },
            Did::GoBack(to) => self.back_to(to)?,
            Did::Open(severity) => Event::IncidentOpened {
                id: format!("INC-{}", self.entries.len() + 1),
                stage: None,
                opened_at: None,
                details: IncidentDetails {
                    severity: Some((*severity).to_owned()),
                    description: Some("labels fail".to_owned()),
                    ..IncidentDetails::default()
                },
            },
            Did::Edit => {
                let [one, other] = SHA256;
                self.sha256 = if self.sha256 == one { other } else { one };
                return None;
            }
            // Even if the plan stays the same, byte for byte.
            Did::Supersede(keep_window) => {
                let ledger = self.ledger();
                let stages = self.rollout(&ledger, &[]).to_be_taken_over().into_iter();
                Event::Superseded {
                    from: Some("2.0".to_owned()),
                    stages: stages.map(str::to_owned).collect(),
                    left: self.rollout(&ledger, &[]).moved_on_from(),
                    keep_window: *keep_window,
                    let_go: Vec::new(),
                }
            }
            Did::Close => {
                let ledger = self.ledger();
                let mut incidents = ledger.incidents().into_iter();
                let open = incidents.find(|one| one.closed.is_none())?;
                Event::IncidentClosed { id: open.id }
            }
        })
    }

    /// The last finding about a gate.
    pub(super) fn last(&self, gate: &GateName) -> Option<(&Checked, &GateChecked)> {
        self.entries
            .iter()
            .rev()
            .find_map(|entry| match &entry.event {
                Event::Checked(checked) => {
                    let found = checked.gates.iter().find(|one| one.gate == *gate)?;
                    Some((checked, found))
                }
                _ => None,
            })
    }

    pub(super) fn ledger(&self) -> Ledger {
        Ledger::new(self.entries.clone())
    }

    /// What `gate check` records if no gate is named.
    pub(super) fn check(&self, staging: bool) -> Option<Event> {
        let (ledger, vars) = (self.ledger(), vars(staging));
        let rollout = self.rollout(&ledger, &vars);
        let selected = select(&self.plan, &in_play(rollout)).ok()?;
        let judged = self.judged(&ledger, selected, &vars);
        Some(self.checked(judged.iter().map(remembered).collect(), staging, self.now))
    }

    /// What it records if all that is in play is named.
    pub(super) fn check_of_all(&self, staging: bool) -> Option<Event> {
        let (ledger, vars) = (self.ledger(), vars(staging));
        let rollout = self.rollout(&ledger, &vars);
        let Selected { gates, .. } = select(&self.plan, &in_play(rollout)).ok()?;
        let judged = self.judged(&ledger, Selected::deciding(gates), &vars);
        Some(self.checked(judged.iter().map(remembered).collect(), staging, self.now))
    }

    pub(super) fn checked(&self, gates: Vec<GateChecked>, staging: bool, at: Instant) -> Event {
        Event::Checked(Checked {
            evaluated_at: at,
            release: "R1.0".to_owned(),
            plan_sha256: self.sha256.to_owned(),
            vars: vars(staging),
            sources: Vec::new(),
            evidence_path: String::new(),
            evidence_sha256: format!("evidence {}", self.entries.len() + 1),
            verdict: gates
                .iter()
                .map(|gate| gate.verdict)
                .max()
                .unwrap_or(Verdict::Hold),
            gates,
        })
    }

    pub(super) fn rollout<'a>(&'a self, ledger: &'a Ledger, vars: &'a [String]) -> Rollout<'a> {
        Rollout {
            plan: &self.plan,
            plan_sha256: Some(self.sha256),
            vars,
            addresses: &[],
            ledger: Some(ledger),
            now: self.now,
        }
    }

    pub(super) fn judged(
        &self,
        ledger: &Ledger,
        selected: Selected,
        vars: &[String],
    ) -> Vec<GateAssessment> {
        let Selected { gates, outlook } = selected;
        let request = Request {
            later_starts: std::collections::BTreeMap::new(),
            later_checks: Vec::new(),
            later_holds: Vec::new(),
            outlook,
            trailing: false,
            at: self.now,
            started: None,
            gates,
            ledger: Some(ledger.clone()),
            plan_sha256: Some(self.sha256.to_owned()),
            vars: vars.to_vec(),
            addresses: Vec::new(),
        };
        assess(&self.plan, &request, &Observations::new()).gates
    }

    /// What `gate check --gate STAGE/KIND` says; `None` if the stage has no such gate.
    pub(super) fn gate(&self, name: &GateName, vars: &[String]) -> Option<GateAssessment> {
        let stages = self.plan.stages.iter();
        let stage = stages.clone().position(|one| one.name == name.stage)?;
        let mut gates = self.plan.stages[stage].gates.iter();
        let gate = gates.position(|gate| gate.kind == name.kind)?;
        let selected = Selected::deciding(vec![GateRef { stage, gate }]);
        self.judged(&self.ledger(), selected, vars).pop()
    }

    pub(super) fn status(&self, vars: &[String]) -> Status {
        let ledger = self.ledger();
        self.rollout(&ledger, vars).status("plan.yaml")
    }

    /// What `gate start` says.
    pub(super) fn start(&self, stage: &str, vars: &[String]) -> Result<(), String> {
        let cli = Cli::try_parse_from(["gate", "start", "plan.yaml", stage]).expect("a command");
        let Command::Start(arguments) = cli.command else {
            panic!("another command");
        };
        let by = Person {
            name: "eve".to_owned(),
            identity_source: IdentitySource::Given,
        };
        let ledger = self.ledger();
        let decided = arguments.decide(&DecisionContext {
            rollout: self.rollout(&ledger, vars),
            path: "plan.yaml",
            by: &by,
            why: "",
            file_sha256: None,
            files: &[],
            on_its_way: &[],
        });
        match decided {
            Ok(_) => Ok(()),
            Err(
                Refusal::Standing(told)
                | Refusal::Usage(told)
                | Refusal::Ledger(told)
                | Refusal::Given(told),
            ) => Err(told.to_string()),
        }
    }

    /// The states that the summary prints.
    pub(super) fn summary(&self, vars: &[String]) -> Vec<String> {
        let ledger = self.ledger();
        let text = RolloutKind::Summary.render(&report::RolloutFacts {
            checks: &[],
            plan: Some(&self.plan),
            ledger: Some(&ledger),
            rollout: Some(self.rollout(&ledger, vars)),
        });
        let rows = text.lines().filter(|line| line.starts_with("| "));
        let rows: Vec<Vec<&str>> = rows
            .map(|row| row.split('|').map(str::trim).collect())
            .collect();
        let head = rows
            .iter()
            .find(|row| row.contains(&"Status"))
            .expect("a head");
        let column = head
            .iter()
            .position(|cell| *cell == "Status")
            .expect("a column");
        let of = |stage: &Stage| {
            let row = rows.iter().find(|row| row[1] == stage.name).expect("a row");
            // The verdict comes first; that it was overridden is part of it.
            let mut words = row[column].split(", ").skip(1);
            let state = words.next().filter(|word| State::from_word(word).is_some());
            state.unwrap_or(State::Overridden.word()).to_owned()
        };
        self.plan.stages.iter().map(of).collect()
    }
}

pub(super) fn vars(staging: bool) -> Vec<String> {
    if staging {
        vec![STAGING.to_owned()]
    } else {
        Vec::new()
    }
}

pub(super) fn found(gate: &GateName, verdict: Verdict) -> GateChecked {
    let trip = || Trip {
        kind: CriterionKind::Incidents,
        name: "incidents".to_owned(),
        condition: None,
        reason: "INC-0 is open".to_owned(),
    };
    let tripped = (verdict == Verdict::Stop).then(trip);
    GateChecked {
        look: false,
        outlook: false,
        not_met: Vec::new(),
        start_disputed: false,
        gate: gate.clone(),
        verdict,
        verdict_without_approvals: verdict,
        tripped: tripped.into_iter().collect(),
    }
}

pub(super) fn any_rollout() -> impl Strategy<Value = Making> {
    // Now and then so much later that a GO goes off.
    let later = prop_oneof![9 => 0..90_i64, 1 => 600..2_000_i64];
    let deed = (any_deed(), any::<bool>(), later);
    prop::collection::vec(deed, 0..24).prop_map(|deeds| Making::of(&deeds))
}

/// What people did, without the plan.
impl std::fmt::Debug for Making {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let deeds = self
            .entries
            .iter()
            .map(|one| (one.at.to_string(), &one.by.name, &one.event));
        f.debug_list().entries(deeds).finish()
    }
}

/// What a check asks that names no gate.
pub(super) fn in_play(rollout: Rollout<'_>) -> Selection<'_> {
    Selection::InPlay {
        rollout,
        path: "plan.yaml",
        is_started: false,
        is_look: false,
    }
}

pub(super) fn remembered(gate: &GateAssessment) -> GateChecked {
    let tripped = gate
        .criteria
        .iter()
        .filter(|one| one.outcome == Outcome::Tripped);
    GateChecked {
        look: false,
        outlook: gate.outlook,
        not_met: gate.not_met(),
        start_disputed: gate.start_disputed(),
        gate: gate.name(),
        verdict: gate.verdict,
        verdict_without_approvals: gate.verdict_without_approvals,
        tripped: tripped
            .map(|one| Trip {
                kind: one.kind,
                name: one.name.clone(),
                condition: one.condition.clone(),
                reason: one.reason.clone(),
            })
            .collect(),
    }
}
