//! `gate ledger PLAN import OTHER`: what another machine recorded offline, appended to the plan's ledger in its order, and said to be from
//! there. All of it, or nothing. Must not decide what fits: `brought` does.

use std::cell::Cell;
use std::path::Path;

use super::brought::{Unfit, brought};
use super::{counted, occasion, printed};
use crate::cli::LedgerArgs;
use crate::commands::bounded;
use crate::commands::deeds::context::DecisionContext;
use crate::commands::deeds::one_plan;
use crate::commands::deeds::refusal::Refusal;
use crate::commands::deeds::{Deed, refused};
use crate::commands::diagnostics::say;
use crate::commands::judging::job::assigned;
use crate::commands::ledger_file::agreement::Witnesses;
use crate::commands::ledger_file::{self, MAX_BYTES, name, without_dot};
use crate::commands::load::LoadedPlan;
use crate::commands::surroundings::Surroundings;
use crate::exit::Exit;
use crate::ledger::{Chain, Event, Ledger, Occasion, line};
use crate::output::{Appended, RecordError};
use crate::report::escape;
use crate::rollout::Rollout;

const OTHERWISE: &str = "nothing was imported";

/// Imports what the other ledger has and this one has not.
pub(super) fn import(arguments: &LedgerArgs, surroundings: &Surroundings) -> Result<Exit, Exit> {
    let Some(other) = arguments.other.as_deref() else {
        return Err(refused(
            OTHERWISE,
            &Refusal::usage("name the other ledger, such as other.ledger.jsonl"),
        ));
    };
    let there = read(other).map_err(|refusal| refused(OTHERWISE, &refusal))?;
    let loaded = one_plan(&arguments.plan, None, surroundings)?;
    let mark = Occasion {
        plan: ledger_file::plan_now(&loaded),
        ..occasion(OTHERWISE, arguments, &loaded.home, surroundings)?
    };
    let vars = assigned(&loaded.vars);
    let witnesses = Witnesses::beside(&loaded, None);
    let judge =
        |ledger: &Ledger, on: &Occasion, deed: &dyn Deed| judged(&loaded, &vars, ledger, on, deed);
    // How many checks the last call has left.
    let checks = Cell::new(0);
    let appended = ledger_file::record(&loaded, &mark, |here: &Chain| {
        let allowed = witnesses.allow(Some(here));
        allowed.map_err(|objection| Stopped::Ledger(Refusal::of(&objection, &loaded.shown())))?;
        let brought = brought(here, &there, (&mark, &name(other)), &judge);
        let brought = brought.map_err(Stopped::Unfit)?;
        checks.set(brought.checks);
        Ok(brought)
    });
    match appended {
        Ok(appended) => printed(&told(&appended, checks.get(), &loaded, other)),
        Err(RecordError::Refused(Stopped::Ledger(refusal))) => Err(refused(OTHERWISE, &refusal)),
        Err(RecordError::Refused(Stopped::Unfit(unfit))) => unfit_told(unfit, &loaded, other),
        Err(RecordError::Journal(error)) => Err(super::fail(OTHERWISE, arguments, &error)),
    }
}

/// Why nothing is recorded.
enum Stopped {
    Ledger(Refusal),
    Unfit(Unfit),
}

fn read(other: &Path) -> Result<Chain, Refusal> {
    let shown = escape(&without_dot(other));
    let bytes = bounded::read(other, MAX_BYTES)
        .map_err(|error| Refusal::usage(format!("{shown} cannot be read: {error}")))?;
    line::read(&bytes)
        .map_err(|error| Refusal::standing(format!("{shown} is no whole ledger: {error}")))
}

/// What a command decides that is given on an occasion.
fn judged(
    loaded: &LoadedPlan,
    vars: &[String],
    ledger: &Ledger,
    on: &Occasion,
    deed: &dyn Deed,
) -> Result<Vec<Event>, Refusal> {
    let ledger = &deed.signatures(loaded, ledger.clone());
    let decision = deed.decide(&DecisionContext {
        rollout: Rollout {
            plan: &loaded.plan,
            plan_sha256: Some(&loaded.sha256),
            vars,
            addresses: &loaded.addresses,
            ledger: Some(ledger),
            now: on.at,
        },
        path: &loaded.shown(),
        by: &on.by,
        why: &on.why,
        file_sha256: None,
        files: &[],
        on_its_way: &[],
    })?;
    Ok(decision.events)
}

fn told(appended: &Appended, checks: usize, loaded: &LoadedPlan, other: &Path) -> String {
    let entries = appended.entries();
    let brought = entries.split_last().map_or(entries, |(_, brought)| brought);
    let numbers = match brought {
        [] => String::new(),
        [one] => format!(" as #{}", one.number),
        [first, .., last] => format!(" as #{} to #{}", first.number, last.number),
    };
    let next = match checks {
        0 => "status",
        _ => "check",
    };
    format!(
        "{}: {} from {} imported{numbers}{}\nnext: gate {next} {}\n",
        loaded.home.shown(),
        counted(brought.len()),
        escape(&without_dot(other)),
        not_taken_over(checks),
        escape(&loaded.shown())
    )
}

fn not_taken_over(checks: usize) -> String {
    match checks {
        0 => String::new(),
        1 => "; its check since the ledgers parted is not taken over: check again".to_owned(),
        many => {
            format!("; its {many} checks since the ledgers parted are not taken over: check again")
        }
    }
}

fn unfit_told(unfit: Unfit, loaded: &LoadedPlan, other: &Path) -> Result<Exit, Exit> {
    let (here, there) = (loaded.home.shown(), escape(&without_dot(other)));
    match unfit {
        Unfit::Nothing => printed(&format!("{here} has every entry of {there} already\n")),
        Unfit::ChecksAlone(checks) => printed(&format!(
            "{here} has every other entry of {there} already{}\n",
            not_taken_over(checks)
        )),
        Unfit::Unrelated => Err(refused(
            OTHERWISE,
            &Refusal::standing(format!(
                "{there} and {here} do not begin with the same entry: they are ledgers of two rollouts"
            )),
        )),
        Unfit::Entry(number, refusal) => {
            say(&format!(
                "{OTHERWISE}: entry {number} of {there} does not fit"
            ));
            Err(refused("why", &refusal))
        }
    }
}
