//! Reports on a whole rollout: pure functions of its checks, its ledger and its plan. Must not judge, nor count a check that
//! the ledger does not know where there is one.

mod appendix;
mod asked;
mod case_file;
mod changes;
mod contacts;
mod deed;
mod files;
mod handover;
mod incidents;
mod lessons;
mod metrics;
mod missed;
mod note;
mod opening;
mod pauses;
mod plan_history;
mod record;
mod records;
mod recovery;
mod risks;
mod rollbacks;
mod signed;
mod stages;
mod summary;

#[cfg(test)]
mod said;
#[cfg(test)]
mod tests;

use crate::assessment::GateAssessment;
use crate::evidence::Evidence;
use crate::kind::{GateKind, GateName, words};
use crate::ledger::{Entry, Ledger};
use crate::plan::{Plan, Stage};
use crate::report::Style;
use crate::report::sheet::Sheet;
use crate::rollout::{History, RecordedCheck, Rollout};
use crate::units::Instant;
use crate::verdict::Verdict;

pub use note::note;

/// One check of a rollout.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The evidence's file name.
    pub file: String,
    /// SHA-256 of the document, 64 lower-case hex digits.
    pub sha256: String,
    /// What it says.
    pub evidence: Evidence,
}

/// What is known of a rollout.
#[derive(Debug, Clone, Copy)]
pub struct RolloutFacts<'a> {
    /// In the order of the ledger, those that it does not hold first; at least one.
    pub checks: &'a [Check],
    /// The plan of the last check; `None` if it is not available.
    pub plan: Option<&'a Plan>,
    /// `None` if it is not available, or none is kept.
    pub ledger: Option<&'a Ledger>,
    /// The rollout as it stands when the report is made; `None` if plan or ledger is not available.
    pub rollout: Option<Rollout<'a>>,
}

words! {
    /// The kinds of reports on a whole rollout.
    pub enum RolloutKind: "report kind" {
        /// The one-page deployment summary, as Markdown.
        Summary = "summary",
        /// The same as a page.
        SummaryHtml = "summary-html",
        /// What the people who take over need to know, as Markdown.
        Handover = "handover",
        /// The same as a page.
        HandoverHtml = "handover-html",
        /// The case file of each rollback, as Markdown.
        Rollback = "rollback",
        /// The same as a page.
        RollbackHtml = "rollback-html",
    }
}

impl RolloutKind {
    /// Whether it needs the plan.
    #[must_use]
    pub fn needs_plan(self) -> bool {
        match self {
            Self::Summary | Self::SummaryHtml | Self::Rollback | Self::RollbackHtml => false,
            Self::Handover | Self::HandoverHtml => true,
        }
    }

    fn sheet(self, rollout: &RolloutFacts<'_>) -> Sheet {
        match self {
            Self::Summary | Self::SummaryHtml => summary::summary(rollout),
            Self::Handover | Self::HandoverHtml => handover::handover(rollout),
            Self::Rollback | Self::RollbackHtml => case_file::rollbacks(rollout),
        }
    }

    /// The report as it is on a terminal: what is Markdown elsewhere is plain text.
    #[must_use]
    pub fn on_a_terminal(self, rollout: &RolloutFacts<'_>, style: &Style) -> String {
        match self {
            Self::Summary | Self::Handover | Self::Rollback => {
                super::sheet::text(&self.sheet(rollout), style)
            }
            Self::SummaryHtml | Self::HandoverHtml | Self::RollbackHtml => self.render(rollout),
        }
    }

    /// The report.
    #[must_use]
    pub fn render(self, rollout: &RolloutFacts<'_>) -> String {
        let sheet = self.sheet(rollout);
        match self {
            Self::Summary | Self::Handover | Self::Rollback => super::sheet::markdown(&sheet),
            Self::SummaryHtml | Self::HandoverHtml | Self::RollbackHtml => {
                super::sheet::html(&sheet, crate::version::NUMBER)
            }
        }
    }
}

/// The check that says how a gate stands.
#[derive(Debug, Clone, Copy)]
struct Judged<'a> {
    verdict: Verdict,
    /// T.
    at: Instant,
    /// Whether somebody proceeds anyway.
    overridden: bool,
    /// What the check said about it; `None` if the evidence is not among the checks.
    gate: Option<&'a GateAssessment>,
    /// The evidence's file name.
    file: Option<&'a str>,
}

impl<'a> RolloutFacts<'a> {
    /// The last check that counts; if none does, the last of all.
    fn newest(&self) -> Option<&'a Check> {
        let mut newest = self.checks.iter().rev();
        let newest = newest.find(|one| is_of_the_rollout(&one.sha256, &one.evidence, self.ledger));
        newest.or(self.checks.last())
    }

    /// Whether a check counts: if there is a ledger, only a check that is in it.
    fn entry_of(&self, check: &Check) -> Option<&'a Entry> {
        self.ledger?.entry_of(&check.sha256)
    }

    /// How a gate stands, from the ledger if there is one, otherwise from the newest evidence; `None` if the stage has not been
    /// judged since it began.
    fn judged(&self, gate: &GateName) -> Option<Judged<'a>> {
        let Some(ledger) = self.ledger else {
            let mut newest = self.checks.iter().rev();
            return newest.find_map(|check| {
                let found = gate_of(check, gate).filter(|gate| !gate.outlook)?;
                Some(judged(found, check))
            });
        };
        let last = self.told_by(History::of(Some(ledger)).judged(gate)?);
        let in_force = self.rollout.map(|rollout| rollout.proceeds(gate).is_some());
        Some(Judged {
            overridden: in_force.unwrap_or(last.overridden),
            ..last
        })
    }

    /// What a recorded check says about its gate.
    fn told_by(&self, recorded: RecordedCheck<'a>) -> Judged<'a> {
        let with = |check: &&Check| check.sha256 == recorded.check.evidence_sha256;
        let found = self.checks.iter().find(with);
        let gate = found.and_then(|one| gate_of(one, &recorded.gate.gate));
        let path = &recorded.check.evidence_path;
        Judged {
            verdict: recorded.gate.verdict,
            at: recorded.check.evaluated_at,
            overridden: gate.is_some_and(|one| one.override_in_force().is_some()),
            gate,
            file: path.rsplit('/').next(),
        }
    }

    /// The check of a stage's exit gate that let it leave: the one that stood when the next stage began, whatever was found
    /// later; of the last stage, the first of the GOs since; `None` if the stage was not left, or that is not known.
    fn leaving(&self, stage: &Stage, started: Instant) -> Option<Judged<'a>> {
        let rollout = self.rollout?;
        let history = rollout.history();
        let gate = GateKind::Exit.of(&stage.name);
        if let Some(next) = rollout.ended_by(stage, started) {
            let then = history.before(next).judged(&gate)?;
            return Some(self.told_by(then));
        }
        let last = history.judged(&gate)?;
        let turned = [history.turned(&stage.name), history.resumed(&stage.name)];
        let turned = turned.into_iter().flatten().map(|entry| entry.number).max();
        let since = history
            .checks(&gate)
            .rev()
            .filter(|one| Some(one.entry.number) > turned);
        let gos = since
            .take_while(|one| one.gate.verdict == Verdict::Go && one.check.vars == last.check.vars);
        gos.last().map(|first| self.told_by(first))
    }
}

/// Whether a check says how the rollout stands: if there is a ledger, only one that is in it, and no look ahead.
#[must_use]
pub fn is_of_the_rollout(sha256: &str, evidence: &Evidence, ledger: Option<&Ledger>) -> bool {
    ledger.is_none_or(|ledger| {
        let entry = ledger.entry_of(sha256);
        entry.is_some_and(|entry| evidence.evaluated_at <= entry.at)
    })
}

fn gate_of<'a>(check: &'a Check, name: &GateName) -> Option<&'a GateAssessment> {
    check
        .evidence
        .gates
        .iter()
        .find(|gate| gate.name() == *name)
}

fn judged<'a>(gate: &'a GateAssessment, check: &'a Check) -> Judged<'a> {
    Judged {
        verdict: gate.verdict,
        at: check.evidence.evaluated_at,
        overridden: gate.override_in_force().is_some(),
        gate: Some(gate),
        file: Some(&check.file),
    }
}
