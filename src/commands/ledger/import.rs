//! `gate ledger PLAN import OTHER`: what another machine recorded offline, appended to the plan's ledger in its order, and said to be from
//! there. All of it, or nothing. Must not decide what fits: `brought` does.

use std::cell::Cell;
use std::path::Path;

use super::brought::{Unfit, brought, to_type};
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
use crate::rollout::{NextStep, Rollout};

const OTHERWISE: &str = "nothing was imported";

/// How many commands are named, at most.
const MAX_STEPS: usize = 20;

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
        let brought = brought.map_err(|unfit| Stopped::Unfit(unfit, to_type(here, &there)))?;
        checks.set(brought.checks);
        Ok(brought)
    });
    match appended {
        Ok(appended) => printed(&told(&appended, checks.get(), &loaded, other)),
        Err(RecordError::Refused(Stopped::Ledger(refusal))) => Err(refused(OTHERWISE, &refusal)),
        Err(RecordError::Refused(Stopped::Unfit(unfit, steps))) => {
            unfit_told(unfit, &steps, &loaded, other)
        }
        Err(RecordError::Journal(error)) => Err(super::fail(OTHERWISE, arguments, &error)),
    }
}

/// Why nothing is recorded.
enum Stopped {
    Ledger(Refusal),
    /// With what records it here by other commands.
    Unfit(Unfit, Vec<NextStep>),
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

fn unfit_told(
    unfit: Unfit,
    steps: &[NextStep],
    loaded: &LoadedPlan,
    other: &Path,
) -> Result<Exit, Exit> {
    let (here, there) = (loaded.home.shown(), escape(&without_dot(other)));
    match unfit {
        Unfit::Nothing => printed(&format!("{here} has every entry of {there} already\n")),
        Unfit::ChecksAlone(checks) => printed(&format!(
            "{here} has every other entry of {there} already{}\n",
            not_taken_over(checks)
        )),
        Unfit::Unrelated => {
            let exit = refused(
                OTHERWISE,
                &Refusal::standing(format!(
                    "{there} and {here} do not begin with the same entry, and are not of one release and one plan: they are ledgers of two rollouts"
                )),
            );
            say_steps(steps, &there, loaded);
            Err(exit)
        }
        Unfit::Entry(number, refusal) => {
            say(&format!(
                "{OTHERWISE}: entry {number} of {there} does not fit"
            ));
            let exit = refused("why", &refusal);
            say_steps(steps, &there, loaded);
            Err(exit)
        }
    }
}

/// Until it is recorded here, nothing here knows of it: a pause there holds nothing here.
fn say_steps(steps: &[NextStep], there: &str, loaded: &LoadedPlan) {
    if steps.is_empty() {
        return;
    }
    say(&format!(
        "until then nothing here knows what {there} has more: keep that file, or record here what still holds, what holds the rollout first"
    ));
    for step in steps.iter().take(MAX_STEPS) {
        say(&format!("  {}", step.command(&loaded.shown())));
    }
    let more = steps.len().saturating_sub(MAX_STEPS);
    if more > 0 {
        say(&format!("and {more} more"));
    }
}
