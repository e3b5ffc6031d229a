//! What another machine recorded offline, as it comes to stand in a ledger (R7): the entries that are not there yet, in their order, each
//! judged by the rules of its command. All of them, or none. Must not open a file.

mod retyped;
mod typed;

use std::collections::BTreeSet;

use crate::commands::deeds::refusal::Refusal;
use crate::commands::deeds::{Deed, spoken};
use crate::ledger::{Chain, Checked, Entry, Event, Ledger, Occasion};
use crate::output::ToRecord;
use crate::rollout::NextStep;
use crate::units::Instant;
use crate::verdict::Verdict;
use retyped::{holds, retyped};
use typed::{again, command, with_deed};

/// Why nothing is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// The ledgers do not begin with the same entry, and are not two beginnings of one rollout either.
    Unrelated,
    /// All of it is there.
    Nothing,
    /// All of it is there but so many checks, which are not taken over.
    ChecksAlone(usize),
    /// This entry, by its number there, does not fit.
    Entry(u64, Refusal),
}

/// What is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    to_record: ToRecord,
    /// How many checks are not taken over.
    pub checks: usize,
}

impl From<Brought> for ToRecord {
    fn from(brought: Brought) -> Self {
        brought.to_record
    }
}

/// What a command decides that is given on an occasion, with a ledger as it then is.
pub type Judge<'a> = dyn Fn(&Ledger, &Occasion, &dyn Deed) -> Result<Vec<Event>, Refusal> + 'a;

/// What is to be recorded so that `here` has what `there` has; `mark` is who imports it, and when, `file` the name of the other ledger.
///
/// # Errors
/// Why nothing is.
pub fn brought(
    here: &Chain,
    there: &Chain,
    (mark, file): (&Occasion, &str),
    judge: &Judge<'_>,
) -> Result<Brought, Unfit> {
    let shared = shared(here, there);
    if shared == 0 && !are_one_rollout(here, there) {
        return Err(Unfit::Unrelated);
    }
    let (ours, theirs) = (origins(here), origins(there));
    let new: Vec<(&Entry, &String)> = new(there, &theirs, &ours, shared)
        .filter(|(entry, _)| is_brought(&entry.event))
        .collect();
    let apart = here.ledger().entries().iter().zip(&ours).skip(shared);
    let apart: Vec<&Entry> = apart
        .filter(|(_, origin)| !theirs.contains(origin))
        .map(|(entry, _)| entry)
        .collect();
    let (mut chain, mut brought, mut lines) = (here.clone(), Vec::new(), Vec::new());
    let mut left: Vec<&Entry> = Vec::new();
    for (entry, origin) in new.iter().copied() {
        let number = entry.number;
        let unfit = |refusal| Unfit::Entry(number, refusal);
        if let Some(checked) = entry.event.checked().filter(|_| have_checks(&apart)) {
            may_be_left(checked, &apart).map_err(unfit)?;
            left.push(entry);
            continue;
        }
        let occasion = occasion(entry);
        (fits(entry, mark, &apart))
            .and_then(|()| rests_on_none(entry, &left))
            .and_then(|()| judged(entry, &occasion, chain.ledger(), judge))
            .map_err(unfit)?;
        let appended = chain.append(&occasion, entry.event.clone());
        appended.map_err(|why| unfit(Refusal::usage(why.to_string())))?;
        brought.push((occasion, entry.event.clone()));
        lines.push(origin.clone());
    }
    if brought.is_empty() {
        return Err(match left.len() {
            0 => Unfit::Nothing,
            checks => Unfit::ChecksAlone(checks),
        });
    }
    let imported = Event::Imported {
        file: file.to_owned(),
        head_sha256: there.head().to_owned(),
        lines,
    };
    Ok(Brought {
        to_record: ToRecord {
            brought,
            ..ToRecord::from(vec![imported])
        },
        checks: left.len(),
    })
}

/// With how many entries both begin.
fn shared(here: &Chain, there: &Chain) -> usize {
    let both = here.lines().zip(there.lines());
    both.take_while(|(one, other)| one == other).count()
}

/// The entries of the other ledger that are not here yet, with where each was recorded first.
fn new<'a>(
    there: &'a Chain,
    theirs: &'a [String],
    ours: &[String],
    shared: usize,
) -> impl Iterator<Item = (&'a Entry, &'a String)> {
    let known: BTreeSet<String> = ours.iter().cloned().collect();
    let entries = there.ledger().entries().iter().zip(theirs).skip(shared);
    entries.filter(move |(_, origin)| !known.contains(*origin))
}

/// Whether two clones each made the first entry of one rollout: both ledgers are of one version of the release and of one plan. A ledger
/// that was begun in the place of one that is gone, and sets its records aside, takes nothing from any other.
fn are_one_rollout(here: &Chain, there: &Chain) -> bool {
    let of = |chain: &Chain| {
        let mut entries = chain.ledger().entries().iter().rev();
        let last = entries.find(|entry| entry.plan.release.is_some())?;
        let plan = last.plan.clone();
        Some((plan.file, plan.release, plan.version))
    };
    let is_new = |chain: &Chain| chain.ledger().set_aside().next().is_none();
    of(here).is_some() && of(here) == of(there) && is_new(here) && is_new(there)
}

/// What the other ledger has and this one has not, as the commands that record it here, what holds the rollout first.
pub fn to_type(here: &Chain, there: &Chain) -> Vec<NextStep> {
    let (ours, theirs) = (origins(here), origins(there));
    let new = new(there, &theirs, &ours, shared(here, there));
    let (holding, others): (Vec<&Entry>, Vec<&Entry>) = new
        .map(|(entry, _)| entry)
        .partition(|one| holds(&one.event));
    let mut steps = Vec::new();
    for step in holding.into_iter().chain(others).filter_map(retyped) {
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    steps
}

/// A check's record speaks of the ledger that it was made with. Where only the other ledger has checks, this one is imported there;
/// where both have, those of the other one are left.
fn have_checks(apart: &[&Entry]) -> bool {
    apart.iter().any(|entry| entry.event.checked().is_some())
}

/// Whether nothing is forgotten if a check is left: what it found unmet or tripped counts until its own ledger says otherwise, and what
/// it could not decide has to have been judged here since, as of a later time that had come by then.
fn may_be_left(checked: &Checked, apart: &[&Entry]) -> Result<(), Refusal> {
    for gate in checked.gates.iter().filter(|gate| !gate.look) {
        let (name, found) = (&gate.gate, gate.verdict.word());
        let judges = |entry: &Entry| {
            let check = entry.event.checked();
            check.is_some_and(|one| {
                let mut gates = one.gates.iter();
                let is_of_its_time = one.evaluated_at <= entry.at;
                let is_later = one.evaluated_at > checked.evaluated_at && is_of_its_time;
                let is_same = one.vars == checked.vars;
                is_later
                    && is_same
                    && gates.any(|gate| gate.gate == *name && !gate.look && !gate.outlook)
            })
        };
        match gate.verdict {
            Verdict::Go => {}
            Verdict::Hold if apart.iter().any(|one| judges(one)) => {}
            Verdict::Hold => {
                return Err(Refusal::standing(format!(
                    "it is a check that found {found} for {name}, which no later check has judged here: check that again here, and import then"
                )));
            }
            Verdict::NoGo | Verdict::Stop => {
                return Err(Refusal::standing(format!(
                    "it is a check that found {found} for {name}, which must not be forgotten: import the other way round, or record here what people did there"
                )));
            }
        }
    }
    Ok(())
}

/// What rests on verdicts is not taken over without the checks before it.
fn rests_on_none(entry: &Entry, left: &[&Entry]) -> Result<(), Refusal> {
    let Some(check) = left.last() else {
        return Ok(());
    };
    match &entry.event {
        Event::Started { .. }
        | Event::Approved { revoked: false, .. }
        | Event::Overridden { .. }
        | Event::Resumed { .. } => Err(Refusal::standing(format!(
            "it comes after the check #{} there, which is not taken over: check again here, and record it here then",
            check.number
        ))),
        Event::Checked(_)
        | Event::Approved { .. }
        | Event::Confirmed { .. }
        | Event::IncidentOpened { .. }
        | Event::IncidentUpdated { .. }
        | Event::IncidentClosed { .. }
        | Event::Paused { .. }
        | Event::RolledBack { .. }
        | Event::RollbackUpdated { .. }
        | Event::Reopened { .. }
        | Event::Superseded { .. }
        | Event::Noted { .. }
        | Event::Repaired { .. }
        | Event::LedgerBegun { .. }
        | Event::Imported { .. }
        | Event::Watch(_) => Ok(()),
    }
}

/// Where each entry of a ledger was recorded first: the digest of its line there.
fn origins(chain: &Chain) -> Vec<String> {
    let mut origins: Vec<String> = Vec::new();
    for entry in chain.ledger().entries() {
        if let Event::Imported { lines, .. } = &entry.event {
            origins.truncate(origins.len().saturating_sub(lines.len()));
            origins.extend(lines.iter().cloned());
        }
        origins.push(chain.digest(entry.number).unwrap_or_default().to_owned());
    }
    origins
}

/// What was said of a file, or of its entries, stays with it.
fn is_brought(event: &Event) -> bool {
    !matches!(
        event,
        Event::Imported { .. }
            | Event::Repaired { .. }
            | Event::LedgerBegun { .. }
            | Event::Watch(_)
    )
}

fn occasion(entry: &Entry) -> Occasion {
    Occasion {
        at: entry.at,
        by: entry.by.clone(),
        plan: entry.plan.clone(),
        why: entry.why.clone(),
        links: entry.links.clone(),
        nonce: entry.nonce.clone(),
    }
}

/// Whether an entry is of the plan's version, and whoever recorded it there would have known enough here: nobody has spoken of the same
/// since the ledgers parted, and nothing came that takes away what it rests on.
fn fits(entry: &Entry, mark: &Occasion, apart: &[&Entry]) -> Result<(), Refusal> {
    let [then, now] = [&entry.plan, &mark.plan].map(|plan| (&plan.release, &plan.version));
    if then != now {
        let why = "it was recorded for another version of the release than the plan names";
        return Err(Refusal::standing(why));
    }
    let subject = subject(&entry.event);
    let is_checkpoint = matches!(
        entry.event,
        Event::Noted {
            checkpoint: true,
            ..
        }
    );
    for other in apart {
        let number = other.number;
        // It would count as held at the newest date before it, which may be another day.
        if is_checkpoint && other.at > entry.at {
            return Err(Refusal::standing(format!(
                "it is a checkpoint from before #{number} here, and would count for that day: record here what it found, as a remark"
            )));
        }
        if let Some(subject) = &subject
            && speaks_of(&other.event, subject)
        {
            return Err(Refusal::standing(format!(
                "#{number} here speaks of {subject}, too, and neither knew of the other: record here what holds now"
            )));
        }
        if is_news(&other.event, &entry.event) {
            return Err(Refusal::standing(format!(
                "who recorded it did not know of #{number} here ({}): record here what holds now",
                other.event.kind().word()
            )));
        }
    }
    Ok(())
}

/// Whether somebody who did this would have to know of the other: a signature is for all that is there; what else is said of a stage
/// is void where the stage begins anew. A pause, an incident and a remark hold whatever happened.
fn is_news(other: &Event, event: &Event) -> bool {
    if matches!(
        event,
        Event::Approved { revoked: false, .. } | Event::Overridden { .. }
    ) {
        let is_remark = matches!(
            other,
            Event::Noted {
                checkpoint: false,
                takes_back: None,
                ..
            }
        );
        return !is_remark && !matches!(other, Event::Imported { .. } | Event::Watch(_));
    }
    let holds = matches!(
        event,
        Event::Paused { .. }
            | Event::IncidentOpened { .. }
            | Event::Noted {
                checkpoint: false,
                ..
            }
    );
    let stage = event.stage().filter(|_| !holds);
    stage.is_some_and(|stage| begins_anew(other, stage))
}

fn begins_anew(event: &Event, stage: &str) -> bool {
    let is_of = |of: &String| of == stage;
    event.reopens(stage)
        || match event {
            Event::Started { stage, .. }
            | Event::RolledBack { stage, .. }
            | Event::Reopened { stage, .. } => is_of(stage),
            Event::Superseded { .. } => true,
            Event::Checked(_)
            | Event::Confirmed { .. }
            | Event::Approved { .. }
            | Event::IncidentOpened { .. }
            | Event::IncidentUpdated { .. }
            | Event::IncidentClosed { .. }
            | Event::Paused { .. }
            | Event::Resumed { .. }
            | Event::RollbackUpdated { .. }
            | Event::Overridden { .. }
            | Event::Noted { .. }
            | Event::Repaired { .. }
            | Event::LedgerBegun { .. }
            | Event::Imported { .. }
            | Event::Watch(_) => false,
        }
}

/// What an entry speaks of, where two that speak of the same may contradict each other.
fn subject(event: &Event) -> Option<String> {
    match event {
        Event::Confirmed { stage, id, .. } => Some(format!("{id} of {stage}")),
        Event::Approved { gate, role, .. } => Some(format!("{role} for {gate}")),
        Event::Overridden { gate, .. } => Some(gate.to_string()),
        Event::IncidentOpened { id, .. }
        | Event::IncidentUpdated { id, .. }
        | Event::IncidentClosed { id } => Some(id.clone()),
        Event::Started { stage, .. }
        | Event::Paused { stage }
        | Event::Resumed { stage }
        | Event::RolledBack { stage, .. }
        | Event::RollbackUpdated { stage, .. }
        | Event::Reopened { stage, .. } => Some(stands(stage)),
        Event::Checked(_)
        | Event::Superseded { .. }
        | Event::Noted { .. }
        | Event::Repaired { .. }
        | Event::LedgerBegun { .. }
        | Event::Imported { .. }
        | Event::Watch(_) => None,
    }
}

fn stands(stage: &str) -> String {
    format!("where {stage} stands")
}

/// Also a stop that tripped: whoever resumed did not know of it.
fn speaks_of(event: &Event, subject: &str) -> bool {
    let gates = event.checked().into_iter().flat_map(|check| &check.gates);
    let mut tripped = gates.filter(|gate| !gate.tripped.is_empty());
    self::subject(event).as_deref() == Some(subject)
        || tripped.any(|gate| stands(&gate.gate.stage) == subject)
}

/// Whether the command of an entry, given on its occasion, records that very entry.
fn judged(
    entry: &Entry,
    occasion: &Occasion,
    ledger: &Ledger,
    judge: &Judge<'_>,
) -> Result<(), Refusal> {
    spoken::harmless(occasion, std::slice::from_ref(&entry.event))?;
    let command = command(entry)?;
    let ledger = by(ledger, occasion.at);
    let events = with_deed(&command, |deed| judge(&ledger, occasion, deed));
    let events = events.unwrap_or_else(|| Err(again("it is of another command")));
    let events = events.map_err(|refusal| match refusal {
        // What was recorded here in other words is nothing that a command would record, either.
        Refusal::Given(told) => Refusal::Standing(told),
        Refusal::Usage(_) | Refusal::Standing(_) | Refusal::Ledger(_) => refusal,
    })?;
    if events == [entry.event.clone()] {
        return Ok(());
    }
    Err(again(
        "with the plan and the ledger as they are here, its command would record something else",
    ))
}

/// The ledger as if everything in it had been recorded by a time: what counts is the order, and that somebody acts by the clock that he
/// had.
fn by(ledger: &Ledger, time: Instant) -> Ledger {
    let entries = ledger.entries().iter().cloned();
    let entries = entries.map(|entry| Entry {
        at: entry.at.min(time),
        ..entry
    });
    Ledger::new(entries.collect())
}

#[cfg(test)]
mod tests;
