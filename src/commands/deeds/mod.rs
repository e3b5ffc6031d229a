//! What people do: each command decides on the ledger as it is, records, and says what was recorded, what it means now and
//! what comes next.
//!
//! `context` (what a decision may look at) · `refusal` · `spoken` (no credential is recorded) · `on_its_way` (stops that have not tripped yet) · `running` (the version that a pause or a rollback is
//! recorded for) · `told` (what is printed then). `rollout` knows where the rollout
//! stands. Deciding opens no file and reads no clock.

#[cfg(test)]
mod agreement;
pub mod context;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod making;
pub mod on_its_way;
pub mod refusal;
pub mod running;
pub mod spoken;
#[cfg(test)]
mod tests;
mod told;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::bounded;
use super::diagnostics::say;
use super::judging::job::assigned;
use super::ledger_file;
use super::ledger_file::agreement::Witnesses;
use super::load::{LoadedPlan, Overrides, UNDECIDED, load};
use super::signatures_of;
use super::surroundings::Surroundings;
use super::who::signer;
use crate::cli::{QuestionArgs, Signed};
use crate::digest::sha256_hex;
use crate::exit::Exit;
use crate::ledger::{FileKept, Ledger, Occasion};
use crate::output::{RecordError, ToKeep, ToRecord, print_stdout};
use crate::plan::check_link;
use crate::rollout::Rollout;
use crate::secret::address::link;
use context::{Decision, DecisionContext};
use refusal::Refusal;

/// Something that people do in a rollout.
pub trait Deed {
    /// The plan's path.
    fn plan(&self) -> &Path;

    /// Who does it, and why.
    fn signed(&self) -> &Signed;

    /// The question that it is for; the plan's own, unless it takes `--var` and `--source`.
    fn question(&self) -> Option<&QuestionArgs> {
        None
    }

    /// Whether what is recorded binds later checks to where the plan asks here.
    fn binds(&self) -> bool {
        false
    }

    /// The ledger with what its signatures show, as this command counts them.
    fn signatures(&self, loaded: &LoadedPlan, ledger: Ledger) -> Ledger {
        signatures_of::plan(loaded.into(), ledger)
    }

    /// A file that it names, whose digest matters.
    fn file(&self) -> Option<&Path> {
        None
    }

    /// Files whose digests are recorded.
    fn files(&self) -> &[PathBuf] {
        &[]
    }

    /// Files of the evidence that belong to what is recorded.
    fn brings(&self) -> Vec<ToKeep> {
        Vec::new()
    }

    /// Whether it makes the ledger that of another version of the release.
    fn supersedes(&self) -> bool {
        false
    }

    /// Whether it makes a rollout safe, and is recorded for the version that runs, whichever the plan names by now.
    fn makes_safe(&self) -> bool {
        false
    }

    /// What to record, or why not.
    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal>;
}

/// Records a deed, and prints what that means.
pub fn record(deed: &dyn Deed, surroundings: &Surroundings) -> Exit {
    let told = one_plan(deed.plan(), deed.question(), surroundings)
        .and_then(|loaded| recorded(deed, &loaded, surroundings));
    match told {
        Ok(text) => {
            // It is recorded: repeating it because the output was lost would be wrong.
            if let Err(error) = print_stdout(&text) {
                say(&format!("it was recorded, but {error}"));
            }
            Exit::Go
        }
        Err(exit) => exit,
    }
}

/// The plan without its sources: answering needs no credentials.
pub fn one_plan(
    path: &Path,
    question: Option<&QuestionArgs>,
    surroundings: &Surroundings,
) -> Result<LoadedPlan, Exit> {
    let overrides = Overrides {
        vars: question.map_or(&[], |question| &question.vars),
        source: question.and_then(|question| question.source.as_deref()),
        offline: true,
        read_before: None,
        decided: UNDECIDED,
    };
    let loaded = load(&[path.to_owned()], &overrides, surroundings)
        .inspect_err(|_| say(&format!("{NOTHING}: fix the plan first")))?;
    loaded.into_iter().next().ok_or(Exit::Usage)
}

/// Looks at where a rollout stands, as a deed would find it now; records nothing.
pub fn look<T>(
    deed: &dyn Deed,
    surroundings: &Surroundings,
    look: impl FnOnce(&DecisionContext<'_>) -> Result<T, Refusal>,
) -> Result<T, Exit> {
    let loaded = one_plan(deed.plan(), deed.question(), surroundings)?;
    let refused = |refusal| refuse(&refusal);
    let occasion = occasion(deed.signed(), &loaded, surroundings).map_err(refused)?;
    let chain = ledger_file::agreement::read(&loaded, NOTHING)?;
    let ledger = chain.map_or_else(Ledger::default, |chain| chain.ledger().clone());
    let ledger = deed.signatures(&loaded, ledger);
    let vars = assigned(&loaded.vars);
    let context = DecisionContext {
        rollout: Rollout {
            plan: &loaded.plan,
            plan_sha256: Some(&loaded.sha256),
            vars: &vars,
            addresses: &loaded.addresses,
            ledger: Some(&ledger),
            now: occasion.at,
        },
        path: &loaded.shown(),
        by: &occasion.by,
        why: &occasion.why,
        file_sha256: None,
        files: &[],
        on_its_way: &[],
    };
    look(&context).map_err(refused)
}

/// What was recorded, in words; with only an exit code, the reason has been reported.
fn recorded(
    deed: &dyn Deed,
    loaded: &LoadedPlan,
    surroundings: &Surroundings,
) -> Result<String, Exit> {
    let mut occasion =
        occasion(deed.signed(), loaded, surroundings).map_err(|refusal| refuse(&refusal))?;
    if deed.makes_safe() {
        occasion.plan = running::plan_that_runs(loaded, occasion.plan);
    }
    if deed.binds() {
        bindable(loaded).map_err(|refusal| refuse(&refusal))?;
    }
    let file_sha256 = deed
        .file()
        .map(digest)
        .transpose()
        .map_err(|refusal| refuse(&refusal))?;
    let files: Result<Vec<FileKept>, Refusal> =
        deed.files().iter().map(|file| kept(file)).collect();
    let files = files.map_err(|refusal| refuse(&refusal))?;
    let path = loaded.shown();
    let vars = assigned(&loaded.vars);
    let decided = RefCell::new(None);
    let witnesses = if deed.supersedes() || deed.makes_safe() {
        Witnesses::of_any_version(loaded)
    } else {
        Witnesses::beside(loaded, None)
    };
    let appended = ledger_file::record(loaded, &occasion, |chain| {
        let allowed = witnesses.allow(Some(chain));
        allowed.map_err(|objection| Refusal::of(&objection, &path))?;
        let ledger = &deed.signatures(loaded, chain.ledger().clone());
        let rollout = Rollout {
            plan: &loaded.plan,
            plan_sha256: Some(&loaded.sha256),
            vars: &vars,
            addresses: &loaded.addresses,
            ledger: Some(ledger),
            now: occasion.at,
        };
        let on_its_way = if deed.supersedes() {
            on_its_way::on_its_way(&rollout, &witnesses, chain)
        } else {
            Vec::new()
        };
        let decision = deed.decide(&DecisionContext {
            rollout,
            path: &path,
            by: &occasion.by,
            why: &occasion.why,
            file_sha256: file_sha256.as_deref(),
            files: &files,
            on_its_way: &on_its_way,
        });
        let mut decision = decision.map_err(|refusal| refusal.naming(rollout.dated_ahead()))?;
        if deed.makes_safe() {
            let to_come = running::still_to_come(loaded, &occasion.plan, ledger)?;
            if let Some(other) = to_come {
                let told = other.next(decision.next.take());
                decision.means.extend(told.lines);
                decision.next = told.next;
            }
        }
        let bare = witnesses.without_record(chain, &decision.rests_on);
        decision.means.extend(bare);
        spoken::harmless(&occasion, &decision.events)?;
        let to_record = ToRecord {
            events: decision.events.clone(),
            files: deed.brings(),
            ..ToRecord::default()
        };
        decided.replace(Some(decision));
        Ok(to_record)
    });
    match appended {
        Ok(appended) => {
            ledger_file::announce(&appended, &loaded.home);
            let columns = surroundings.stdout.columns();
            let backwards = told::backwards(&appended, columns);
            Ok(told::told(appended.entries(), decided.take().as_ref(), columns) + &backwards)
        }
        Err(RecordError::Refused(refusal)) => Err(refuse(&refusal)),
        Err(RecordError::Journal(error)) => {
            ledger_file::say_trouble(NOTHING, &loaded.path, &error);
            Err(Exit::Unrecorded)
        }
    }
}

/// Nothing is bound to the text of a variable that is not set: no check could ever ask there (T11).
fn bindable(loaded: &LoadedPlan) -> Result<(), Refusal> {
    match &loaded.unset {
        Some((place, name)) => Err(Refusal::usage(format!(
            "the environment has no `{name}`, which says where later checks have to ask ({place}): set it as it is set for them, or pass --source"
        ))),
        None => Ok(()),
    }
}

/// What was decided if nothing could be done.
pub const NOTHING: &str = "nothing was recorded";

pub fn refuse(refusal: &Refusal) -> Exit {
    refused(NOTHING, refusal)
}

/// Says what was decided, and why.
pub fn refused(decided: &str, refusal: &Refusal) -> Exit {
    let told = refusal.told();
    let (first, rest) = told.sentences();
    say(&format!("{decided}: {first}"));
    if let Some(line) = rest {
        say(line);
    }
    told.lines.iter().for_each(|line| say(line));
    refusal.exit()
}

/// Who, when and why.
pub fn occasion(
    signed: &Signed,
    loaded: &LoadedPlan,
    surroundings: &Surroundings,
) -> Result<Occasion, Refusal> {
    let by = signer(signed.by.as_deref(), loaded.folder()).map_err(Refusal::usage)?;
    if let Some(why) = signed.links.iter().find_map(|one| check_link(one).err()) {
        let refusal = Refusal::usage(format!("--link is not a link: {why}"));
        return Err(refusal.line(
            "give a web address such as https://wiki.example.com/77; a file is named in --why",
        ));
    }
    let links = signed.links.iter().map(|address| link(address));
    let occasion = Occasion {
        at: surroundings.now,
        by,
        plan: ledger_file::plan_now(loaded),
        why: signed.why.as_deref().unwrap_or_default().trim().to_owned(),
        links: links.collect(),
        nonce: None,
    };
    spoken::harmless(&occasion, &[])?;
    Ok(occasion)
}

pub fn digest(file: &Path) -> Result<String, Refusal> {
    let bytes = bounded::read(file, bounded::MAX_BYTES).map_err(|error| {
        Refusal::usage(format!(
            "the evidence {} cannot be read: {error}",
            file.display()
        ))
    })?;
    Ok(sha256_hex(&[bytes]))
}

/// A file as it is now.
fn kept(file: &Path) -> Result<FileKept, Refusal> {
    let bytes = bounded::read(file, bounded::MAX_BYTES).map_err(|error| {
        Refusal::usage(format!(
            "the file {} cannot be read: {error}",
            file.display()
        ))
    })?;
    Ok(FileKept {
        path: file.to_string_lossy().into_owned(),
        sha256: sha256_hex(&[&bytes]),
        bytes: bytes.len() as u64,
    })
}
