//! Where a rollout stands: plan + what people did + now → one answer to each question about it, without a sample.
//!
//! `history` (what the entries say of a stage) · `backwards` (times that run backwards) · `checks` (what recorded checks found,
//! and which question they answered) · `elsewhere` (which sources they asked) · `left` (was a stage left, how, why not) · `lacking` (what a check found missing) ·
//! `since`, `newer` (what speaks against a GO that something rests on) · `present` (by what ages are told) · `order` (what
//! runs, what comes next, what is in play) · `period` (from when to when a stage runs) · `versions` (under which other
//! versions of the plan a gate was judged) · `started` (what a start rests on) · `held`, `begin`, `implied` (what keeps a stage
//! from beginning, and holds its
//! gates) · `entry_again` (whether an entry was passed for the version that took its stage over) · `passed_over`, `unleft` (which stages before one that has begun are still to be left) · `again` (what a signature has to wait for) · `answers`, `turns`, `lists`, `signatures`, `counted`, `overrides`, `overridden` (what people said, and whether it still holds or
//! when it counted) ·
//! `outstanding` (what people owe) · `case`, `step_asked`, `steps_left` (what is known of a rollback, and asked of people) · `response` (what to do about a stop or a rollback) · `lifted` (stops that somebody lifted) · `reopened` (the way back to a
//! stage) · `superseded`, `let_go` (another version of the release) · `status`, `stage`, `next`, `while_running`, `after_go`,
//! `windows`, `checkpoints`,
//! `incidents` (all of it for `gate status`, and what comes next) · `words`, `order_words`, `answer_words`, `question_words`, `steps` (reasons and commands, as everybody says them).
//!
//! The only place that answers these questions: checks, commands and reports ask it, and never derive an answer
//! from the entries themselves. Must not judge a sample, open a file or read a clock.

mod after_go;
mod again;
mod answer_words;
mod answers;
mod backwards;
mod begin;
mod case;
mod checkpoints;
mod checks;
mod counted;
mod displaced;
mod elsewhere;
mod entry_again;
mod held;
mod history;
mod implied;
mod incidents;
mod lacking;
mod left;
mod let_go;
mod lifted;
mod lists;
mod newer;
mod next;
mod open_steps;
mod order;
mod order_words;
mod outstanding;
mod overridden;
mod overrides;
mod passed_over;
mod period;
mod present;
mod question_words;
mod reopened;
mod response;
mod signatures;
mod since;
mod stage;
mod started;
mod status;
mod step_asked;
pub mod steps;
mod steps_left;
mod superseded;
mod turns;
mod unleft;
mod versions;
mod vouched;
mod watched;
mod while_running;
mod windows;
mod words;

#[cfg(test)]
pub(crate) mod scenarios;
#[cfg(test)]
mod tests;

pub use answers::Answered;
pub use backwards::Backwards;
pub use begin::{NotYet, Objection, Permit};
pub use case::{Case, KnownOfRollback, Standing, StepOfCase};
pub use checkpoints::{ACCEPT_MISSED, Day, Held, MISSED, Today, number_of};
pub use checks::{RecordedCheck, version_of};
pub use displaced::Displaced;
pub use elsewhere::{OtherSource, Unlike};
pub use entry_again::EntryAgain;
pub use held::Hold;
pub use history::History;
pub use implied::Implied;
pub use incidents::{ClosedIncident, Counts, IncidentSeen, OpenIncident, is_one_of, required};
pub use lacking::Lacking;
pub use left::{Left, NotLeft};
pub use lifted::Lifted;
pub use lists::AtOnce;
pub use newer::{later_checks, later_holds};
pub use next::Next;
pub use open_steps::OpenSteps;
pub use order::{Part, State};
pub use order_words::unchecked;
pub use outstanding::Owed;
pub use overridden::OverrideHistory;
pub use overrides::{Ended, Overridden, Override};
pub use period::{LaterStart, LaterStarts, NotBegun, Period, later_starts};
pub use present::{Ahead, Past};
pub use reopened::NoWayBack;
pub use response::AfterStop;
pub use signatures::{Approval, Signature, Signer, Voided, is_distinct, roles};
pub use since::Contradiction;
pub use stage::{GateStatus, LastCheck, StageStatus, Tripped};
pub use status::{Kept, Status};
pub use step_asked::StepAsked;
pub use steps::NextStep;
pub use steps_left::{GONE, planned_step};
pub use superseded::{Superseded, took_the_place, turned};
pub use turns::Turn;
pub use unleft::PassedOver;
pub use versions::EarlierVersion;
pub use watched::{OpenWatch, Stretch, WatchedStage};
pub use windows::{Progress, completes_at, has_stops, observed_for, stops_judged_later};
pub use words::{cited, in_place_of, not_applicable, not_in_plan, short};

use crate::ledger::Ledger;
use crate::plan::{Plan, Stage};
use crate::units::Instant;

/// A rollout as it stands at a time, for one question: of a check, a command or a report.
#[derive(Debug, Clone, Copy)]
pub struct Rollout<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// SHA-256 of the plan, 64 lower-case hex digits, if known.
    pub plan_sha256: Option<&'a str>,
    /// Variables that `--var` changed, as `NAME=VALUE`, sorted: with others it is another question.
    pub vars: &'a [String],
    /// Where the plan asks, as `NAME=ADDRESS`, with `--source` and the environment: a check that asked elsewhere found nothing
    /// about this.
    pub addresses: &'a [String],
    /// What people did up to now; `None` if no ledger is read.
    pub ledger: Option<&'a Ledger>,
    /// T of a check, otherwise the clock.
    pub now: Instant,
}

impl<'a> Rollout<'a> {
    /// What the entries say, whatever the plan.
    #[must_use]
    pub fn history(&self) -> History<'a> {
        History::of(self.ledger)
    }

    /// The stage of that name.
    #[must_use]
    pub fn stage(&self, name: &str) -> Option<&'a Stage> {
        self.plan.stages.iter().find(|stage| stage.name == name)
    }
}
