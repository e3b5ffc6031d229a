//! The context in which a criterion is judged, and how a ruling becomes an assessment. Must not know any kind of criterion.

use super::span::Moment;
use crate::assessment::{BasedOn, Code, CriterionAssessment, GateAssessment, Outcome};
use crate::findings::{Findings, Found, Inquiry};
use crate::kind::{CriterionKind, GateName, List};
use crate::ledger::{LaterCheck, LaterHold, LostLedger};
use crate::plan::criteria::Criterion;
use crate::plan::{Gate, Stage};
use crate::rollout::NextStep;
use crate::rollout::Rollout;
use crate::samples::{Failure, Observations, SourceSeen};
use crate::units::Duration;

/// A criterion where it stands.
#[derive(Clone, Copy)]
pub(super) struct PlacedCriterion<'a> {
    pub stage: &'a Stage,
    pub gate: &'a Gate,
    pub criterion: &'a Criterion,
    pub moment: Moment,
}

impl PlacedCriterion<'_> {
    pub fn list(&self) -> List {
        self.criterion.list
    }

    pub fn gate_name(&self) -> GateName {
        self.gate.kind.of(&self.stage.name)
    }

    /// As it is judged on a source whose samples come that late.
    pub fn late(&self, delay: Duration) -> Self {
        Self {
            moment: self.moment.late(delay),
            ..*self
        }
    }
}

/// Everything that a criterion may look at.
#[derive(Clone, Copy)]
pub(super) struct CriterionContext<'a> {
    /// The rollout as it stands at T.
    pub rollout: Rollout<'a>,
    pub stage: &'a Stage,
    pub gate: &'a Gate,
    pub moment: Moment,
    /// Whether the gate is only looked at: nothing rests on what is found.
    pub is_look: bool,
    /// Whether the gate is judged ahead: it is no part of the check's verdict.
    pub is_outlook: bool,
    pub observations: &'a Observations,
    pub findings: &'a Findings,
    pub sources: &'a [SourceSeen],
    /// The ledger that is not there, though records speak of it.
    pub lost_ledger: Option<&'a LostLedger>,
    /// Whether the plan has changed since, and cannot be used as it is now.
    pub plan_is_kept_out: bool,
    /// What checks for a later time found unmet that were recorded after T.
    pub later_checks: &'a [LaterCheck],
    /// What has held gates since T, and still does.
    pub later_holds: &'a [LaterHold],
    /// The gates that were judged before this one in the same check.
    pub judged: &'a [GateAssessment],
}

impl<'a> CriterionContext<'a> {
    pub fn placed(&self, criterion: &'a Criterion) -> PlacedCriterion<'a> {
        PlacedCriterion {
            stage: self.stage,
            gate: self.gate,
            criterion,
            moment: self.moment,
        }
    }

    pub fn gate_name(&self) -> GateName {
        self.gate.kind.of(&self.stage.name)
    }

    /// What was found; an inquiry without a finding is a failure too.
    pub fn found(&self, inquiry: &Inquiry) -> Result<&Found, Failure> {
        match self.findings.get(inquiry) {
            Some(Ok(found)) => Ok(found),
            Some(Err(failure)) => Err(failure.clone()),
            None => Err(Failure {
                code: crate::samples::FailureCode::NotRecorded,
                message: "the recorded answers do not hold this".to_owned(),
            }),
        }
    }
}

/// Why something cannot be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Undecided {
    pub code: Code,
    pub reason: String,
}

impl Undecided {
    pub fn new(code: Code, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }
}

/// How a criterion stands: good is met or clear, bad is unmet or tripped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    Good,
    Bad,
    Open,
}

/// What was decided about a criterion, before it is known which list it is in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ruling {
    pub stand: Stand,
    /// For bad and open ones; a good one is `met` or `clear`.
    pub code: Code,
    pub reason: String,
    pub condition: Option<String>,
    pub title: Option<String>,
    pub notes: Vec<String>,
    pub based_on: Vec<BasedOn>,
    pub next_step: Option<NextStep>,
}

impl Ruling {
    fn new(stand: Stand, code: Code, reason: impl Into<String>) -> Self {
        Self {
            stand,
            code,
            reason: reason.into(),
            condition: None,
            title: None,
            notes: Vec::new(),
            based_on: Vec::new(),
            next_step: None,
        }
    }

    pub fn good(reason: impl Into<String>) -> Self {
        Self::new(Stand::Good, Code::Met, reason)
    }

    /// What does not apply, as a person says.
    pub fn not_applicable(reason: impl Into<String>) -> Self {
        Self::new(Stand::Good, Code::NotApplicable, reason)
    }

    pub fn bad(code: Code, reason: impl Into<String>) -> Self {
        Self::new(Stand::Bad, code, reason)
    }

    pub fn open(code: Code, reason: impl Into<String>) -> Self {
        Self::new(Stand::Open, code, reason)
    }

    /// Something that could not be looked up.
    pub fn failed(failure: &Failure) -> Self {
        Self::open(Code::Source(failure.code), failure.message.clone())
    }

    pub fn settled_by(mut self, next_step: NextStep) -> Self {
        self.next_step = Some(next_step);
        self
    }

    pub fn requires(mut self, condition: impl Into<String>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// A remark that does not change the outcome.
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub fn based_on(mut self, based_on: impl Into<BasedOn>) -> Self {
        self.based_on.push(based_on.into());
        self
    }

    /// The assessment of a criterion of the plan.
    pub fn on(self, criterion: &Criterion) -> CriterionAssessment {
        let kind = criterion.ask.kind(criterion.list);
        let named = self.named(criterion.list, kind, criterion.ask.name());
        CriterionAssessment {
            link: criterion.ask.link().map(str::to_owned),
            ..named
        }
    }

    /// The assessment of a criterion implied by the ledger.
    pub fn named(self, list: List, kind: CriterionKind, name: String) -> CriterionAssessment {
        let is_stop = list == List::Stop;
        let (outcome, code) = match self.stand {
            Stand::Good if is_stop => (Outcome::Clear, Code::Clear),
            Stand::Good => (Outcome::Met, self.code),
            Stand::Bad if is_stop => (Outcome::Tripped, self.code),
            Stand::Bad => (Outcome::Unmet, self.code),
            Stand::Open => (Outcome::Unknown, self.code),
        };
        CriterionAssessment {
            list,
            kind,
            name,
            title: self.title,
            condition: self.condition,
            outcome,
            code,
            reason: self.reason,
            notes: self.notes,
            based_on: self.based_on,
            link: None,
            next_step: self.next_step,
            kpi: None,
        }
    }
}

impl From<&crate::ledger::Entry> for BasedOn {
    fn from(entry: &crate::ledger::Entry) -> Self {
        Self::Entry {
            number: entry.number,
            by: entry.by.name.clone(),
            at: entry.at,
            why: entry.why.clone(),
            links: entry.links.clone(),
        }
    }
}
