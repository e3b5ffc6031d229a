//! One criterion, judged: its outcome, what that is based on, and what somebody can do about it. Data only.

use serde::{Deserialize, Serialize};

use super::{Approach, Code, KpiAssessment, Outcome, SeriesAssessment};
use crate::kind::{CriterionKind, List};
use crate::ledger::NotMet;
use crate::rollout::NextStep;
use crate::units::Instant;

/// One criterion, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct CriterionAssessment {
    /// Which list of the stage.
    pub list: List,
    /// The YAML key.
    pub kind: CriterionKind,
    /// What it is called.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// What was required, as written.
    pub condition: Option<String>,
    /// The outcome.
    pub outcome: Outcome,
    /// Why, for programs.
    pub code: Code,
    /// Why, for people: one sentence fragment with times, values and units. Never empty.
    pub reason: String,
    /// Remarks that do not change the outcome.
    pub notes: Vec<String>,
    /// What it is based on other than samples: entries of the ledger, files.
    pub based_on: Vec<BasedOn>,
    /// Where people see what is asked of them, if the plan says: a web address.
    pub link: Option<String>,
    /// What somebody can do to settle it; `None` if it is settled, or nobody can.
    pub next_step: Option<NextStep>,
    /// The KPI part; `None` for criteria that people answer.
    pub kpi: Option<KpiAssessment>,
}

impl CriterionAssessment {
    /// Whether something shows that it is met so far: of checkpoints that nobody has held yet, nothing does.
    #[must_use]
    pub fn is_shown_so_far(&self) -> bool {
        let is_held = self.kind != CriterionKind::Checkpoints || !self.based_on.is_empty();
        self.is_met_so_far() && is_held
    }

    /// Whether it is met so far, and only the window still runs: nothing that was measured contradicts it, and each day that is over
    /// has its checkpoint.
    #[must_use]
    pub fn is_met_so_far(&self) -> bool {
        let is_fine =
            |series: &SeriesAssessment| series.outcome == Outcome::Met || series.is_met_so_far();
        self.outcome == Outcome::Unknown
            && self.code == Code::WindowIncomplete
            && match &self.kpi {
                Some(kpi) => kpi.series.iter().all(is_fine),
                None => self.kind == CriterionKind::Checkpoints,
            }
    }

    /// Whether what was measured is not enough to tell good from bad (`at P`), so that more of it may, and no series looks worse
    /// than it may be.
    #[must_use]
    pub fn wants_more_samples(&self) -> bool {
        let is_noisy = matches!(self.code, Code::Undecided | Code::TooFewSamples);
        let mut series = self.kpi.iter().flat_map(|kpi| &kpi.series);
        let looks_worse = |one: &SeriesAssessment| {
            let certainty = one.certainty.as_ref();
            one.code == Code::Undecided && certainty.is_some_and(|found| found.t > 0.0)
        };
        self.outcome == Outcome::Unknown && is_noisy && !series.any(looks_worse)
    }

    /// Whether a person answered that it does not apply: `reason` says who and why.
    #[must_use]
    pub fn is_not_applicable(&self) -> bool {
        self.code == Code::NotApplicable
    }

    /// Whether a person's answer settles it, which has time until the window is complete: a checkpoint has its own day, and a no
    /// is no open answer.
    #[must_use]
    pub fn is_due_at_end(&self) -> bool {
        let is_asked = matches!(
            self.kind,
            CriterionKind::Confirmations | CriterionKind::Checklists | CriterionKind::Approvals
        );
        is_asked && self.outcome == Outcome::Unknown && self.list != List::Stop
    }

    /// A stop that is on its way to trip: the series that trips first.
    #[must_use]
    pub fn approach(&self) -> Option<(&SeriesAssessment, &Approach)> {
        let series = self.kpi.iter().flat_map(|kpi| &kpi.series);
        let nearing = series.filter_map(|one| Some((one, one.approach.as_ref()?)));
        nearing
            .filter(|_| self.outcome != Outcome::Tripped)
            .min_by_key(|(_, approach)| approach.order())
    }

    /// As the ledger holds it, if it is unmet or unknown. What is only watched decides nothing.
    #[must_use]
    pub fn not_met(&self) -> Option<NotMet> {
        if self.list == List::Watch {
            return None;
        }
        let unmet = match self.outcome {
            Outcome::Unmet => true,
            Outcome::Unknown => false,
            Outcome::Met | Outcome::Clear | Outcome::Tripped => return None,
        };
        Some(NotMet {
            list: self.list,
            kind: self.kind,
            name: self.name.clone(),
            condition: self.condition.clone(),
            unmet,
            measured: self.kpi.as_ref().and_then(KpiAssessment::decisive_value),
        })
    }
}

/// What an outcome is based on other than samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasedOn {
    /// An entry of the ledger.
    Entry {
        /// Its number.
        number: u64,
        /// Who made it.
        by: String,
        /// When.
        at: Instant,
        /// Why, in their words; empty if they did not say.
        why: String,
        /// Addresses that say more.
        links: Vec<String>,
    },
    /// A file.
    File {
        /// As in the plan.
        path: String,
        /// SHA-256, 64 lower-case hex digits.
        sha256: String,
        /// Its size.
        bytes: u64,
        /// When it was last changed.
        modified: Instant,
    },
}
