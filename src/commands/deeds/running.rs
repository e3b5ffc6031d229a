//! Which version a pause or a rollback is recorded for: the one that runs. What makes a rollout safe never waits for paperwork, so
//! the plan may name another version of the release already. Must not make the ledger that of the other version.

use super::refusal::Refusal;
use crate::commands::ledger_file;
use crate::commands::load::LoadedPlan;
use crate::ledger::{Ledger, PlanThen};
use crate::plan::release_id;
use crate::rollout::{History, steps};

/// The plan as an entry names it, with the release that the ledger is of.
pub fn plan_that_runs(loaded: &LoadedPlan, plan: PlanThen) -> PlanThen {
    // One that cannot be read is reported where it is written to.
    let chain = ledger_file::read(loaded).ok().flatten();
    let ledger = chain.map(|chain| chain.ledger().clone());
    let Some((release, version)) = other(loaded, History::of(ledger.as_ref())) else {
        return plan;
    };
    PlanThen {
        release: Some(release),
        version,
        ..plan
    }
}

/// The release that the ledger is of, if it is another version than the plan names.
fn other(loaded: &LoadedPlan, history: History<'_>) -> Option<(String, Option<String>)> {
    let (name, version) = history.release_then()?;
    (release_id(name, version) != loaded.plan.release.id())
        .then(|| (name.to_owned(), version.map(str::to_owned)))
}

/// What has to be said if the plan names another version than the one that the entry is for.
///
/// # Errors
/// Another version has taken its place since the entry was prepared.
pub fn still_to_come(
    loaded: &LoadedPlan,
    plan: &PlanThen,
    ledger: &Ledger,
) -> Result<Option<String>, Refusal> {
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
    let Some((name, version)) = other(loaded, history) else {
        return Ok(None);
    };
    let (runs, release) = (release_id(&name, version.as_deref()), &loaded.plan.release);
    let next = match &release.version {
        Some(version) if history.superseded_from(Some(version)).is_none() => {
            let step = steps::supersede(version).command(&loaded.shown());
            format!("if that takes its place: {step}")
        }
        Some(_) | None => format!("put {runs} back into the plan's `release`"),
    };
    Ok(Some(format!(
        "recorded for {runs}, which runs; the plan is for {} already: {next}",
        release.id()
    )))
}
