//! A rollout with people in it: a plan, what they did, and what was measured meanwhile. Times are minutes before T.

use std::collections::BTreeMap;

use super::parts::stage;
use crate::assessment::{Assessment, CriterionAssessment, GateAssessment, Outcome};
use crate::evaluate::rules::scene::plan_of;
use crate::evaluate::*;
use crate::findings::*;
use crate::kind::{GateKind, GateName};
use crate::ledger::*;
use crate::plan::criteria::Criterion;
use crate::plan::*;
use crate::report::survives::reading;
use crate::rollout::scenarios::answer_to;
use crate::samples::*;
use crate::units::Instant;
use crate::verdict::Verdict;

/// T: 2026-11-20T00:00:00Z.
pub const T: i64 = crate::evaluate::rules::scene::T;
/// The window of every gate that asks about a KPI, in minutes.
pub const WINDOW: i64 = 10;

/// The gate of that name.
pub fn named(gate: &str) -> GateName {
    gate.parse().expect("a gate")
}

pub fn ago(count: i64) -> Instant {
    Instant::from_secs(T - count * 60)
}

/// The plan, the entries so far, and the stretches in which the KPI is bad.
#[derive(Clone)]
pub struct Rollout {
    pub plan: Plan,
    pub entries: Vec<Entry>,
    /// From, to: minutes before T.
    pub bad: Vec<(i64, i64)>,
    pub findings: Findings,
    /// `--started`, in minutes before T.
    pub started: Option<i64>,
    /// Whether a ledger is kept at all.
    pub kept: bool,
    /// Whether `pilot` began 120 minutes before T; where no ledger is kept, the command line says so.
    pub has_begun: bool,
}

/// What people did, without the plan.
impl std::fmt::Debug for Rollout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let deeds = self
            .entries
            .iter()
            .map(|entry| (entry.at.to_string(), &entry.by.name, &entry.event));
        f.debug_list().entries(deeds).finish()
    }
}

impl Rollout {
    pub fn of(stages: Vec<Stage>) -> Self {
        let mut plan = plan_of(0, GateKind::Exit, Vec::new());
        plan.stages = stages;
        Self {
            plan,
            entries: Vec::new(),
            bad: Vec::new(),
            findings: Findings::new(),
            started: None,
            kept: true,
            has_begun: false,
        }
    }

    /// Only an exit gate of `pilot`.
    pub fn exit(criteria: Vec<Criterion>) -> Self {
        Self::of(vec![stage("pilot", vec![(GateKind::Exit, criteria)])])
    }

    /// `pilot` began long ago.
    pub fn begun(mut self) -> Self {
        self.has_begun = true;
        self.start(120, "pilot");
        self
    }

    /// Somebody does something, so many minutes before T.
    pub fn did(&mut self, at: i64, by: &str, event: Event) -> &mut Self {
        self.entries.push(Entry {
            nonce: None,
            number: self.entries.len() as u64 + 1,
            at: ago(at),
            by: Person {
                name: by.into(),
                identity_source: IdentitySource::Given,
            },
            plan: "plan.yaml".into(),
            why: "because".into(),
            links: Vec::new(),
            event,
        });
        self
    }

    pub fn start(&mut self, at: i64, stage: &str) -> &mut Self {
        let event = Event::Started {
            stage: stage.into(),
            at: ago(at),
            overridden: false,
            vars: Vec::new(),
            sources: Vec::new(),
        };
        self.did(at, "ada", event)
    }

    pub fn answer(&mut self, at: i64, stage: &str, id: &str, answer: Answer) -> &mut Self {
        let event = answer_to(&self.plan, stage, id, answer);
        self.did(at, "ada", event)
    }

    pub fn pause(&mut self, at: i64, stage: &str) -> &mut Self {
        let stage = stage.into();
        self.did(at, "ada", Event::Paused { stage })
    }

    pub fn resume(&mut self, at: i64, stage: &str) -> &mut Self {
        let stage = stage.into();
        self.did(at, "ada", Event::Resumed { stage })
    }

    pub fn roll_back(&mut self, at: i64, stage: &str) -> &mut Self {
        let event = Event::RolledBack {
            stage: stage.into(),
            told: RollbackTold::default(),
        };
        self.did(at, "ada", event)
    }

    pub fn open(&mut self, at: i64, id: &str, severity: &str) -> &mut Self {
        let event = Event::IncidentOpened {
            id: id.into(),
            stage: None,
            opened_at: None,
            details: severity_of(severity),
        };
        self.did(at, "ada", event)
    }

    pub fn update(&mut self, at: i64, id: &str, severity: Option<&str>) -> &mut Self {
        let event = Event::IncidentUpdated {
            id: id.into(),
            details: severity.map(severity_of).unwrap_or_default(),
        };
        self.did(at, "ada", event)
    }

    pub fn close(&mut self, at: i64, id: &str) -> &mut Self {
        let id = id.into();
        self.did(at, "ada", Event::IncidentClosed { id })
    }

    /// A check of these gates at that time, judged by what was recorded until then, and recorded.
    pub fn check(&mut self, at: i64, gates: &[&str]) -> &mut Self {
        self.check_recorded(at, at, gates)
    }

    /// A check for one time that is recorded at another.
    pub fn check_recorded(&mut self, judged: i64, recorded: i64, gates: &[&str]) -> &mut Self {
        let assessed = self.assessed_at(judged, gates);
        self.record(judged, recorded, &assessed)
    }

    /// A look at the last window, begun or not.
    pub fn look(&mut self, at: i64, gates: &[&str]) -> &mut Self {
        let assessed = self.looked_at(at, gates);
        self.record(at, at, &assessed)
    }

    /// Records what was found.
    pub fn record(&mut self, judged: i64, recorded: i64, assessed: &Assessment) -> &mut Self {
        let trip = |one: &CriterionAssessment| Trip {
            kind: one.kind,
            name: one.name.clone(),
            condition: one.condition.clone(),
            reason: one.reason.clone(),
        };
        let gates = assessed.gates.iter().map(|gate| GateChecked {
            look: gate.look,
            outlook: gate.outlook,
            not_met: gate.not_met(),
            start_disputed: gate.start_disputed(),
            gate: gate.name(),
            verdict: gate.verdict,
            verdict_without_approvals: gate.verdict_without_approvals,
            tripped: (gate.criteria.iter())
                .filter(|_| gate.trips_last())
                .filter(|one| one.outcome == Outcome::Tripped)
                .map(trip)
                .collect(),
        });
        let number = self.entries.len() + 1;
        let checked = Checked {
            evaluated_at: ago(judged),
            release: "R1.0".into(),
            plan_sha256: "p1".into(),
            vars: Vec::new(),
            sources: Vec::new(),
            evidence_path: format!("{number}.json"),
            evidence_sha256: format!("sha-{number}"),
            verdict: assessed.verdict(),
            gates: gates.collect(),
        };
        self.did(recorded, "ci", Event::Checked(checked))
    }

    /// The last recorded check of a gate: its evidence, verdict and verdict apart from approvals.
    pub fn last(&self, gate: &str) -> (String, Verdict, Verdict) {
        let found = self.entries.iter().rev().find_map(|entry| {
            let Event::Checked(checked) = &entry.event else {
                return None;
            };
            Some((
                checked,
                checked.gates.iter().find(|one| one.gate == named(gate))?,
            ))
        });
        let (checked, found) = found.expect("a check");
        (
            checked.evidence_sha256.clone(),
            found.verdict,
            found.verdict_without_approvals,
        )
    }

    /// Somebody signs for the last recorded check of a gate.
    pub fn sign(&mut self, at: i64, by: &str, gate: &str, role: &str) -> &mut Self {
        self.sign_until(at, by, gate, role, None)
    }

    pub fn sign_until(
        &mut self,
        at: i64,
        by: &str,
        gate: &str,
        role: &str,
        until: Option<i64>,
    ) -> &mut Self {
        let (evidence_sha256, _, verdict_without_approvals) = self.last(gate);
        let event = Event::Approved {
            gate: named(gate),
            role: role.into(),
            evidence_path: String::new(),
            evidence_sha256,
            verdict_without_approvals,
            expires: until.map(ago),
            revoked: false,
        };
        self.did(at, by, event)
    }

    pub fn revoke(&mut self, at: i64, gate: &str, role: &str) -> &mut Self {
        self.sign(at, "ada", gate, role);
        if let Some(Event::Approved { revoked, .. }) =
            self.entries.last_mut().map(|entry| &mut entry.event)
        {
            *revoked = true;
        }
        self
    }

    /// Somebody proceeds on the last recorded verdict of a gate.
    pub fn proceed(&mut self, at: i64, gate: &str, until: i64) -> &mut Self {
        let (evidence_sha256, verdict, _) = self.last(gate);
        let event = Event::Overridden {
            gate: named(gate),
            verdict,
            evidence_sha256,
            expires: ago(until),
        };
        self.did(at, "grace", event)
    }

    fn gate_ref(&self, name: &str) -> GateRef {
        let (stage, kind) = name.split_once('/').expect("STAGE/KIND");
        let stage = (self.plan.stages.iter())
            .position(|one| one.name == stage)
            .expect("a stage");
        let gates = &self.plan.stages[stage].gates;
        let gate = gates.iter().position(|gate| gate.kind.word() == kind);
        let gate = gate.expect("a gate");
        GateRef { stage, gate }
    }

    /// Judged as things stood so many minutes before T.
    pub fn assessed_at(&self, at: i64, gates: &[&str]) -> Assessment {
        self.judged(&self.request(at, gates, false))
    }

    /// The same as a look at the last window, begun or not.
    pub fn looked_at(&self, at: i64, gates: &[&str]) -> Assessment {
        self.judged(&self.request(at, gates, true))
    }

    pub fn request(&self, at: i64, gates: &[&str], trailing: bool) -> Request {
        let known = self.entries.iter().take_while(|entry| entry.at <= ago(at));
        Request {
            later_starts: BTreeMap::new(),
            later_checks: Vec::new(),
            later_holds: Vec::new(),
            outlook: Vec::new(),
            trailing,
            at: ago(at),
            started: self
                .started
                .or((self.has_begun && !self.kept).then_some(120))
                .map(ago),
            gates: gates.iter().map(|gate| self.gate_ref(gate)).collect(),
            ledger: self.kept.then(|| Ledger::new(known.cloned().collect())),
            plan_sha256: Some("p1".into()),
            vars: Vec::new(),
            addresses: Vec::new(),
        }
    }

    pub fn judged(&self, request: &Request) -> Assessment {
        let observations: Observations = questions(&self.plan, request)
            .into_iter()
            .map(|question| {
                let reply = self.measured(&question);
                (question, Ok(reply))
            })
            .collect();
        let facts = Facts {
            observations: &observations,
            findings: &self.findings,
            sources: &[],
            lost_ledger: None,
            plan_is_kept_out: false,
            recorded_at: None,
        };
        assess(&self.plan, request, facts)
    }

    fn measured(&self, question: &Question) -> Reply {
        let Asked::Range(grid) = question.asked else {
            return Reply::default();
        };
        let is_bad = |at: Instant| {
            let mut bad = self.bad.iter();
            bad.any(|(from, to)| (ago(*from)..=ago(*to)).contains(&at))
        };
        let point = |position: usize| {
            let at = grid.at(position);
            let value = if is_bad(at) { 9.0 } else { 1.0 };
            Point { at, value }
        };
        let series = Series {
            labels: Labels::default(),
            points: (0..grid.count()).map(point).collect(),
        };
        Reply {
            series: vec![series],
            ..Reply::default()
        }
    }

    pub fn gate(&self, name: &str) -> GateAssessment {
        self.assessed_at(0, &[name]).gates.remove(0)
    }

    pub fn verdict(&self, name: &str) -> Verdict {
        self.gate(name).verdict
    }

    /// Outcome and code of the criterion of that kind.
    pub fn found(&self, gate: &str, kind: &str) -> (Outcome, &'static str) {
        let criterion = self.criterion(gate, kind);
        assert!(!criterion.reason.is_empty());
        (criterion.outcome, criterion.code.word())
    }

    pub fn criterion(&self, gate: &str, kind: &str) -> CriterionAssessment {
        // Whatever is judged can be read back.
        let gate = reading(vec![self.gate(gate)]).gates.remove(0);
        let mut found = gate
            .criteria
            .into_iter()
            .filter(|one| one.kind.word() == kind);
        found.next().unwrap_or_else(|| panic!("no {kind}"))
    }

    pub fn log(&mut self, issues: Vec<Issue>) -> &mut Self {
        let inquiry = Inquiry::IssueLog {
            path: "issues.csv".into(),
        };
        self.findings = BTreeMap::from([(inquiry, Ok(Found::Issues(issues)))]);
        self
    }
}

fn severity_of(severity: &str) -> IncidentDetails {
    IncidentDetails {
        severity: Some(severity.into()),
        description: Some("labels fail".into()),
        ..IncidentDetails::default()
    }
}

/// The command that settles a criterion.
pub fn command(criterion: &CriterionAssessment) -> String {
    let next_step = criterion.next_step.as_ref().expect("a command");
    next_step.command("plan.yaml")
}
