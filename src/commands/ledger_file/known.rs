//! What a check knows of the ledger: the one beside the plan, or the one that the recorded answers hold. Must not record.

use std::path::Path;

use crate::cli::CheckArgs;
use crate::commands::diagnostics::say;
use crate::commands::ledger_file;
use crate::commands::ledger_file::agreement::Witnesses;
use crate::commands::ledger_file::objection::Objection;
use crate::commands::ledger_file::rest::Rest;
use crate::commands::load::LoadedPlan;
use crate::commands::signatures_of;
use crate::commands::surroundings::Surroundings;
use crate::commands::who::who;
use crate::exit::Exit;
use crate::ledger::{
    Chain, IdentitySource, LaterCheck, LaterHold, Ledger, LostLedger, Occasion, Person, RecordedAs,
};
use crate::output::JournalError;
use crate::rollout::{LaterStart, LaterStarts, Rollout, later_checks, later_holds, later_starts};
use crate::source::recorded::{self, Header};
use crate::units::Instant;

/// What a check knows of the ledger.
pub struct Known {
    /// The entries that count; `None` if no ledger is read.
    pub chain: Option<Chain>,
    /// Everything that is recorded by now; `None` where the recorded answers say what changed in the plan.
    pub all: Option<Chain>,
    /// What is recorded after T, and counts nevertheless.
    pub later: Later,
    /// The file's name.
    pub name: String,
    /// Who will record the check; `None` if nobody will.
    pub occasion: Option<Occasion>,
    /// The entry that records the check, if it is one of the recorded answers.
    pub entry: Option<RecordedAs>,
    /// The ledger that is not there, though records speak of it.
    pub lost: Option<LostLedger>,
}

/// Why nothing is known of it.
pub enum Unknown {
    /// It has been said.
    Said(Exit),
    /// The ledger cannot be read or written, which has not been said.
    Unread(JournalError),
}

impl From<Exit> for Unknown {
    fn from(exit: Exit) -> Self {
        Self::Said(exit)
    }
}

/// What a ledger holds that was recorded after T, and that a check for T has to know nevertheless.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Later {
    /// The first starts of stages.
    pub starts: LaterStarts,
    /// What checks for a later time found unmet.
    pub checks: Vec<LaterCheck>,
    /// What holds gates.
    pub holds: Vec<LaterHold>,
}

impl Known {
    /// The entries that count.
    pub fn ledger(&self) -> Option<&Ledger> {
        self.chain.as_ref().map(Chain::ledger)
    }

    fn nothing(loaded: &LoadedPlan) -> Self {
        Self {
            chain: None,
            all: None,
            later: Later::default(),
            name: loaded.home.name(),
            occasion: None,
            entry: None,
            lost: None,
        }
    }
}

/// The ledger beside the plan, proved to take another entry, and in agreement with the records beside it and in the evidence
/// folder. With `--at`, later entries are not known yet.
///
/// # Errors
/// A ledger that may not be used, once that has been reported; one that is broken, or cannot be read or written.
pub fn kept(
    arguments: &CheckArgs,
    at: Instant,
    loaded: &LoadedPlan,
    evidence_folder: &Path,
    surroundings: &Surroundings,
) -> Result<Known, Unknown> {
    let nothing = Known::nothing(loaded);
    if at > surroundings.now {
        say(&format!(
            "{at} is in the future: this is a look ahead, and no start, signature or later gate rests on it"
        ));
    }
    if arguments.no_ledger && loaded.plan.records.is_ledger_required {
        say(&format!(
            "no verdict was reached: {} requires a ledger (`ledger: required`), and --no-ledger reads none; leave it out",
            loaded.shown()
        ));
        return Err(Exit::Usage.into());
    }
    if arguments.no_ledger {
        // A watch has said it with its first round.
        if arguments.read_before.is_none() {
            say_ignored(loaded);
        }
        return Ok(nothing);
    }
    let by = checker(arguments, loaded)?;
    let chain = if let Some(before) = &arguments.ledger_before {
        before.clone()
    } else {
        let witnesses = Witnesses::beside(loaded, Some(evidence_folder));
        let read = witnesses.read(|| ledger_file::prove(loaded));
        let (chain, allowed) = read.map_err(Unknown::Unread)?;
        if let Err(objection) = allowed {
            let lost = objected(&objection, loaded)?;
            return Ok(Known {
                lost: Some(lost),
                ..nothing
            });
        }
        if let Some(chain) = &chain {
            witnesses.finish(chain);
        }
        chain.unwrap_or_default()
    };
    let allowed = arguments.trust.allowed_signers.as_deref();
    let named = arguments
        .at
        .map(|_| at)
        .filter(|at| *at != surroundings.now);
    let chain = signatures_of::check(loaded, allowed, chain, named);
    let (counted, later) = counting(loaded, chain.clone(), surroundings.now, named);
    Ok(Known {
        chain: Some(counted),
        all: Some(chain),
        later,
        occasion: Some(Occasion {
            at: surroundings.now,
            by,
            plan: ledger_file::plan_now(loaded),
            why: String::new(),
            links: Vec::new(),
            nonce: None,
        }),
        ..nothing
    })
}

/// Says why a ledger cannot be read or written, and what else may be done.
pub fn say_unread(loaded: &LoadedPlan, error: &JournalError) {
    ledger_file::say_trouble("no verdict was reached", &loaded.path, error);
    let is_unwritable = matches!(error, JournalError::Write { source, .. }
        if ledger_file::is_unwritable(source));
    // The evidence would go to the same folder.
    say_without(
        loaded,
        if is_unwritable {
            "--no-ledger --evidence FOLDER"
        } else {
            "--no-ledger"
        },
    );
}

/// What follows for a check from what speaks against its ledger: without the one that is gone it judges, and is not recorded.
fn objected(objection: &Objection, loaded: &LoadedPlan) -> Result<LostLedger, Exit> {
    let plan = &loaded.shown();
    match objection {
        Objection::Lost(lost) => {
            objection.say("nothing is recorded in a ledger", plan);
            Ok(lost.clone())
        }
        Objection::NotOfThisPlan(_) => {
            let exit = objection.say("no verdict was reached", plan);
            say_without(loaded, "--no-ledger");
            Err(exit)
        }
        Objection::Disputed { .. } => Err(objection.say("no verdict was reached", plan)),
    }
}

/// Names the way without a ledger, where the plan leaves that open.
fn say_without(loaded: &LoadedPlan, words: &str) {
    if !loaded.plan.records.is_ledger_required {
        say(&format!("or judge without it: {words}"));
    }
}

/// What counts of a ledger, and what is recorded later: for a time that was named, what was known by then. `now` is the clock.
pub fn counting(
    loaded: &LoadedPlan,
    chain: Chain,
    now: Instant,
    named: Option<Instant>,
) -> (Chain, Later) {
    match named {
        Some(at) => {
            let later = Later {
                starts: later_starts(chain.ledger(), at),
                checks: later_checks(chain.ledger(), at),
                holds: later_holds(&whole(loaded, chain.ledger(), now), at),
            };
            (chain.until(at), later)
        }
        None => (chain, Later::default()),
    }
}

/// The rollout as it stands by the clock, whatever time is judged.
fn whole<'a>(loaded: &'a LoadedPlan, ledger: &'a Ledger, now: Instant) -> Rollout<'a> {
    Rollout {
        plan: &loaded.plan,
        plan_sha256: Some(&loaded.sha256),
        vars: &[],
        addresses: &loaded.addresses,
        ledger: Some(ledger),
        now,
    }
}

/// If there is a ledger, say what was ignored. Whether a place that several machines share holds one is not known here.
fn say_ignored(loaded: &LoadedPlan) {
    let home = &loaded.home;
    if home.is_shared().is_some() || home.ledger().exists() {
        say(&format!(
            "{} was not read: this check does not know about tripped stops, pauses and rollbacks",
            home.shown()
        ));
    }
}

/// Who checks; a machine without a login may check too.
fn checker(arguments: &CheckArgs, loaded: &LoadedPlan) -> Result<Person, Exit> {
    let given = arguments.by.as_deref();
    match who(given, loaded.folder()) {
        Some(person) => Ok(person),
        None if given.is_some() => {
            say("no verdict was reached: --by names nobody");
            Err(Exit::Usage)
        }
        None => Ok(Person {
            name: "unknown".to_owned(),
            identity_source: IdentitySource::Login,
        }),
    }
}

/// The ledger of a recorded check, verified again. Nothing beside the plan is read, unless the answers keep only a part of a long
/// ledger, and nothing is written.
///
/// # Errors
/// Lines that are broken; a ledger that is not at hand.
pub fn recorded(header: &Header, loaded: &LoadedPlan, rest: Rest<'_>) -> anyhow::Result<Known> {
    let Some(kept) = &header.ledger else {
        return Ok(Known {
            lost: header.lost_ledger.clone(),
            ..Known::nothing(loaded)
        });
    };
    let chain = rest.whole(kept, &loaded.home)?;
    Ok(Known {
        chain: Some(chain.with_signatures(kept.signatures.clone())),
        all: None,
        later: Later {
            starts: read(&kept.later_starts),
            checks: kept.later_checks.clone(),
            holds: kept.later_holds.clone(),
        },
        name: kept.path.clone(),
        occasion: None,
        entry: kept.entry.clone(),
        lost: None,
    })
}

/// The starts after T, from recorded answers.
pub fn written(later: &LaterStarts) -> Vec<recorded::LaterStart> {
    let later = later.iter();
    later
        .map(|(stage, start)| recorded::LaterStart {
            stage: stage.clone(),
            started_at: start.started_at,
            recorded_at: start.recorded_at,
        })
        .collect()
}

fn read(later: &[recorded::LaterStart]) -> LaterStarts {
    let later = later.iter();
    later
        .map(|start| {
            let known = LaterStart {
                started_at: start.started_at,
                recorded_at: start.recorded_at,
            };
            (start.stage.clone(), known)
        })
        .collect()
}
