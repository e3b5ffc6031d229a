//! `gate ledger PLAN begin`: a new ledger in the place of one that is gone, after somebody has looked. What was recorded in the
//! old one counts no longer, neither for the rollout nor against it. Must not begin one where one is left.

use std::path::Path;

use super::{fail, occasion, printed};
use crate::cli::LedgerArgs;
use crate::commands::bounded;
use crate::commands::diagnostics::say;
use crate::commands::ledger_file::agreement::Witnesses;
use crate::commands::ledger_file::places::Places;
use crate::commands::ledger_file::records::{RecordHead, Records, Unreadable};
use crate::commands::ledger_file::{Home, folder, without_dot};
use crate::commands::surroundings::Surroundings;
use crate::digest::sha256_hex;
use crate::exit::Exit;
use crate::ledger::{Chain, Event, Occasion, SetAside};
use crate::output::{JournalError, RecordError, Shared};
use crate::report::escape;

const OTHERWISE: &str = "no ledger was begun";

/// Begins a ledger that sets aside what was recorded in the one that is gone.
pub(super) fn begin(
    arguments: &LedgerArgs,
    home: &Home,
    surroundings: &Surroundings,
) -> Result<Exit, Exit> {
    let path = escape(&home.shown());
    let is_empty = |chain: &Chain| match chain.lines().len() {
        0 => Ok(()),
        count => Err(format!(
            "{path} is there, with {}; move it away if it is not of this rollout",
            super::counted(count)
        )),
    };
    // Nobody is asked for a reason why a ledger that is there is begun.
    let there = home.journal().read().or_else(|error| {
        // What was seen from here is gone from its place.
        if matches!(error, JournalError::SetBack { .. }) {
            return Ok(None);
        }
        Err(fail(OTHERWISE, arguments, &error))
    })?;
    is_empty(&there.unwrap_or_default()).map_err(|why| refused(Exit::NoGo, &why))?;
    let occasion = occasion(OTHERWISE, arguments, home, surroundings)?;
    let records = records(arguments, home)?;
    let last = records.iter().max_by_key(|record| record.claim().entries());
    let is_known = is_known(arguments, home);
    needed(arguments, home, last.is_some() || is_known, &occasion)?;
    let set_aside = set_aside(&records, folder(home.ledger()))?;
    let event = Event::LedgerBegun { set_aside };
    let journal = home.journal().anew();
    let begun = journal.append_held(&occasion, |chain| {
        is_empty(chain).map(|()| vec![event.clone()])
    });
    match begun {
        Ok(_) => printed(&told(&records, last, is_known, arguments, &path)),
        Err(RecordError::Refused(why)) => Err(refused(Exit::NoGo, &why)),
        Err(RecordError::Journal(error)) => Err(fail(OTHERWISE, arguments, &error)),
    }
}

/// Whether somebody has to begin it, and says why: what was recorded before, here or under another name, is to be forgotten knowingly.
fn needed(
    arguments: &LedgerArgs,
    home: &Home,
    was_there: bool,
    occasion: &Occasion,
) -> Result<(), Exit> {
    let has_reason = !occasion.why.trim().is_empty();
    let witnesses = Witnesses::of_ledger(&arguments.plan, home, &arguments.folders);
    let left = witnesses.left();
    if (was_there || left.is_some()) && !has_reason {
        if let Some(left) = left {
            say(&left.said(&arguments.plan.to_string_lossy()).found);
        }
        return Err(refused(
            Exit::Usage,
            "it needs a reason: give it with --why",
        ));
    }
    // Where a place holds ledgers of other plans, somebody may say that this one is none of them.
    let is_asked_for = home.is_shared().is_some() && has_reason;
    if was_there || left.is_some() || is_asked_for || witnesses.is_required() {
        return Ok(());
    }
    let why = format!(
        "no record beside the plan was recorded in {}: the next command that records something begins it; for records elsewhere, name their folder with --evidence",
        escape(&home.shown())
    );
    Err(refused(Exit::NoGo, &why))
}

fn refused(exit: Exit, why: &str) -> Exit {
    say(&format!("{OTHERWISE}: {why}"));
    exit
}

/// Whether something was recorded before, though no record says so: a shared ledger was seen from here, or one lies beside a plan
/// that keeps its own elsewhere.
fn is_known(arguments: &LedgerArgs, home: &Home) -> bool {
    home.is_shared().is_some_and(Shared::was_seen) || home.left_beside(&arguments.plan).is_some()
}

/// The records that speak of the ledger.
fn records(arguments: &LedgerArgs, home: &Home) -> Result<Vec<RecordHead>, Exit> {
    let nothing = Chain::default();
    let places = Places::of(home.ledger(), &arguments.folders, &nothing);
    let records = Records::of(&places).map_err(|Unreadable { path, why }| {
        let shown = escape(&without_dot(&path));
        refused(Exit::Unrecorded, &format!("{shown} cannot be read: {why}"))
    })?;
    Ok(records.unnamed)
}

/// The records with their digests.
fn set_aside(records: &[RecordHead], folder: &Path) -> Result<Vec<SetAside>, Exit> {
    let records = records.iter().map(|record| {
        let path = record.path.strip_prefix(folder).unwrap_or(&record.path);
        let bytes = bounded::read(&record.path, bounded::MAX_BYTES).map_err(|error| {
            let shown = escape(&record.path.to_string_lossy());
            refused(
                Exit::Unrecorded,
                &format!("{shown} cannot be read: {error}"),
            )
        })?;
        Ok(SetAside {
            path: path.to_string_lossy().into_owned(),
            sha256: sha256_hex(&[bytes]),
        })
    });
    records.collect()
}

fn told(
    records: &[RecordHead],
    last: Option<&RecordHead>,
    is_known: bool,
    arguments: &LedgerArgs,
    ledger: &str,
) -> String {
    let aside = match records.len() {
        1 => "1 record is set aside".to_owned(),
        count => format!("{count} records are set aside"),
    };
    let plan = escape(&arguments.plan.to_string_lossy());
    let Some(last) = last else {
        if is_known {
            return format!(
                "{ledger}: a new ledger was begun; what was started, signed or stopped before counts no longer\nnext: gate status {plan}\n"
            );
        }
        return format!(
            "{ledger}: a ledger was begun; nothing was recorded before\nnext: gate status {plan}\n"
        );
    };
    let (verdict, at) = (last.head.verdict.word(), last.head.evaluated_at);
    let last = escape(&last.path.to_string_lossy());
    format!(
        "{ledger}: a new ledger was begun: {aside}, the last of them {verdict} at {at} ({last}); what was started, signed or stopped before counts no longer\nnext: gate status {plan}\n"
    )
}
