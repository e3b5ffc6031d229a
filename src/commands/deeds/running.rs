//! Which version a pause or a rollback is recorded for: the one that runs. What makes a rollout safe never waits for paperwork, so
//! the plan may name another version of the release already. Must not make the ledger that of the other version.

use super::refusal::Refusal;
use crate::commands::ledger_file;
use crate::commands::load::LoadedPlan;
use crate::kind::Action;
use crate::ledger::{Ledger, PlanThen};
use crate::plan::{Release, release_id};
use crate::rollout::{History, steps};

/// The plan as an entry names it, with the release that the ledger is of.
pub fn plan_that_runs(loaded: &LoadedPlan, plan: PlanThen) -> PlanThen {
    // One that cannot be read is reported where it is written to.
    let chain = ledger_file::read(loaded).ok().flatten();
    let ledger = chain.map(|chain| chain.ledger().clone());
    let history = History::of(ledger.as_ref());
    let Some((release, version)) = other(&loaded.plan.release, history) else {
        return plan;
    };
    PlanThen {
        release: Some(release),
        version,
        ..plan
    }
}

/// The release that the ledger is of, if it is another version than the plan names.
fn other(release: &Release, history: History<'_>) -> Option<(String, Option<String>)> {
    let (name, version) = history.release_then()?;
    (release_id(name, version) != release.id())
        .then(|| (name.to_owned(), version.map(str::to_owned)))
}

/// What the plan's name for another version than the one that runs means for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherVersion {
    /// Which runs.
    pub runs: String,
    /// That the plan is for another one, and how to go on with the one that runs.
    pub line: String,
    /// The command that makes the ledger that of the version in the plan, if one does.
    pub supersede: Option<String>,
}

/// What has to be said if the plan names another version than the one that the entry is for.
///
/// # Errors
/// Another version has taken its place since the entry was prepared.
pub fn still_to_come(
    loaded: &LoadedPlan,
    plan: &PlanThen,
    ledger: &Ledger,
) -> Result<Option<OtherVersion>, Refusal> {
    let history = History::of(Some(ledger));
    let then = history.release_then();
    let recorded = plan
        .release
        .as_deref()
        .map(|name| (name, plan.version.as_deref()));
    if then.is_some() && then != recorded {
        return Err(Refusal::standing(
            "another version has taken the place of the one that this is for: try again",
        ));
    }
    Ok(other_version(
        &loaded.plan.release,
        history,
        &loaded.shown(),
    ))
}

/// The same, wherever it is asked.
pub fn other_version(release: &Release, history: History<'_>, path: &str) -> Option<OtherVersion> {
    let (name, version) = other(release, history)?;
    let runs = release_id(&name, version.as_deref());
    let next = release.version.as_deref();
    let next = next.filter(|next| history.superseded_from(Some(next)).is_none());
    Some(OtherVersion {
        line: format!(
            "the plan is for {} already: to go on with {runs}, put it back into the plan's `release` first",
            release.id()
        ),
        runs,
        supersede: next.map(|next| steps::supersede(next).command(path)),
    })
}

impl OtherVersion {
    /// What comes next: what makes the rollout safe is recorded as it is, everything else waits for the plan, or for its version to
    /// take over.
    pub fn next(self, command: Option<String>) -> Told {
        let works = |command: &String| {
            let safe = [Action::Pause, Action::Rollback].map(Action::word);
            let word = command.split(' ').nth(1);
            word.is_some_and(|word| safe.contains(&word))
        };
        let waits = command.as_ref().filter(|command| !works(command));
        let Some(waits) = waits else {
            return Told {
                lines: vec![self.line],
                next: command,
            };
        };
        match self.supersede {
            Some(supersede) => Told {
                lines: vec![self.line],
                next: Some(supersede),
            },
            None => Told {
                lines: vec![format!("{}, then: {waits}", self.line)],
                next: None,
            },
        }
    }
}

/// What is told besides, and the command that can be typed now.
pub struct Told {
    pub lines: Vec<String>,
    pub next: Option<String>,
}
