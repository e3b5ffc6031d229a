//! `gate approve --sign`: what is approved is signed with a key before the approval is recorded, so that the ledger never claims
//! a signature that does not exist, nor one that would not count. Must not decide who may sign.

use std::path::{Path, PathBuf};

use crate::cli::{ApproveArgs, QuestionArgs, Signed};
use crate::commands::bounded;
use crate::commands::deeds::NOTHING;
use crate::commands::deeds::context::{Decision, DecisionContext};
use crate::commands::deeds::record as record_deed;
use crate::commands::deeds::refusal::Refusal;
use crate::commands::deeds::{Deed, digest, occasion, one_plan, refuse, spoken};
use crate::commands::diagnostics::say;
use crate::commands::judging::job::assigned;
use crate::commands::ledger_file;
use crate::commands::ledger_file::agreement::Witnesses;
use crate::commands::load::LoadedPlan;
use crate::commands::signature::{self, Purpose};
use crate::commands::surroundings::Surroundings;
use crate::commands::{signatures_of, signed_approval};
use crate::digest::sha256_hex;
use crate::exit::Exit;
use crate::ledger::{Entry, Event, Ledger, Occasion, Statement};
use crate::output::{ToKeep, write_new};
use crate::rollout::{Approval, Rollout, Voided, steps};
use crate::units::Instant;

/// Signs what would be approved, then records the approval. If that is refused, the signature is removed.
pub(super) fn record(arguments: &ApproveArgs, key: &Path, surroundings: &Surroundings) -> Exit {
    if let Err(error) = signature::prove(key) {
        return unsigned(&error);
    }
    let sealing = match Sealing::of(arguments, surroundings) {
        Ok(sealing) => sealing,
        Err(exit) => return exit,
    };
    let files = match sealing.sign(key) {
        Ok(files) => files,
        Err(exit) => return exit,
    };
    let recorded = match sealing.counts() {
        Ok(()) => record_deed(&sealing.deed(arguments, &files), surroundings),
        Err(refusal) => refuse(&refusal),
    };
    if recorded == Exit::Go {
        say(&format!("signature: {}", files.signature.display()));
    } else {
        files.remove();
    }
    recorded
}

fn unsigned(error: &dyn std::fmt::Display) -> Exit {
    say(&format!("{NOTHING}: {error}"));
    Exit::Unrecorded
}

/// What is about to be signed and recorded.
struct Sealing {
    loaded: LoadedPlan,
    /// The ledger as it is, and the entry that would follow.
    ledger: Ledger,
    draft: Entry,
    statement: Statement,
    /// Where the statement goes.
    place: PathBuf,
}

/// What was written.
struct Files {
    statement: PathBuf,
    signature: PathBuf,
}

impl Files {
    fn remove(&self) {
        let _ = std::fs::remove_file(&self.signature);
        let _ = std::fs::remove_file(&self.statement);
    }
}

impl Sealing {
    /// The approval that would be recorded in the ledger as it is now.
    fn of(arguments: &ApproveArgs, surroundings: &Surroundings) -> Result<Self, Exit> {
        let loaded = one_plan(&arguments.plan, arguments.question(), surroundings)?;
        let witnesses = Witnesses::beside(&loaded, None);
        let read = witnesses.read(|| ledger_file::read(&loaded));
        let (chain, allowed) = read.map_err(|error| {
            ledger_file::say_trouble(NOTHING, &loaded.path, &error);
            Exit::Unrecorded
        })?;
        allowed.map_err(|objection| refuse(&Refusal::of(&objection, &loaded.shown())))?;
        let ledger = chain.map_or_else(Ledger::default, |chain| chain.ledger().clone());
        let occasion = occasion(arguments.signed(), &loaded, surroundings);
        let occasion = occasion.map_err(|refusal| refuse(&refusal))?;
        let event = decided(arguments, &loaded, &ledger, &occasion);
        let event = event.map_err(|refusal| refuse(&refusal))?;
        let harmless = spoken::harmless(&occasion, std::slice::from_ref(&event));
        harmless.map_err(|refusal| refuse(&refusal))?;
        let draft = occasion.entry(ledger.next_number(), event);
        let statement = Statement::of(&draft, &ledger).ok_or(Exit::Usage)?;
        let evidence = evidence(arguments, &loaded, &draft).map_err(|says| {
            say(&format!("{NOTHING}: {says}"));
            Exit::Refused
        })?;
        Ok(Self {
            place: signed_approval::place(&evidence, &statement),
            loaded,
            ledger,
            draft,
            statement,
        })
    }

    /// Writes the statement and its signature: both or neither.
    fn sign(&self, key: &Path) -> Result<Files, Exit> {
        let text = self.statement.text();
        let files = Files {
            statement: self.place.clone(),
            signature: signature::place(&self.place),
        };
        write_new(&files.statement, text.as_bytes()).map_err(|error| unsigned(&error))?;
        let (purpose, target) = (Purpose::Approval, &files.signature);
        signature::sign(text.as_bytes(), purpose, key, target).map_err(|error| {
            files.remove();
            unsigned(&error)
        })?;
        Ok(files)
    }

    /// Whether the signature counts, by the plan's list of signers if it names one (T12, T13).
    fn counts(&self) -> Result<(), Refusal> {
        let ledger = self.ledger.clone().with_draft(self.draft.clone());
        let ledger = signatures_of::plan((&self.loaded).into(), ledger);
        let vars = assigned(&self.loaded.vars);
        let rollout = rollout(&self.loaded, &vars, &ledger, self.draft.at);
        let Event::Approved { gate, role, .. } = &self.draft.event else {
            return Ok(());
        };
        let mut stages = self.loaded.plan.stages.iter();
        let stage = stages.find(|stage| stage.name == gate.stage);
        let Some(asking) = stage.and_then(|stage| stage.gate(gate.kind)) else {
            return Ok(());
        };
        match rollout.approval(&gate.stage, asking, role, None) {
            Approval::Void(_, voided) if is_of_signer(&voided) => {
                let signed = self.statement.verdict().word();
                let words = objection(&voided).unwrap_or_else(|| voided.in_words(signed, gate));
                let refusal = Refusal::standing(format!("the signature would not count: {words}"));
                let is_unread = matches!(voided, Voided::ListUnread(_));
                Err(if is_unread {
                    refusal
                } else {
                    refusal.line(WAY_ON)
                })
            }
            Approval::Void(_, voided @ Voided::Unvouched(_)) => {
                let words = voided.in_words(self.statement.verdict().word(), gate);
                let check = steps::check(gate).asking(&vars);
                let refusal = Refusal::standing(format!("the signature would not count: {words}"));
                Err(refusal.command(&check.command(&self.loaded.shown())))
            }
            Approval::Nobody | Approval::TakenBack(_) | Approval::Void(..) | Approval::Holds(_) => {
                Ok(())
            }
        }
    }

    /// What is recorded then: exactly what was signed.
    fn deed<'a>(&'a self, arguments: &'a ApproveArgs, files: &'a Files) -> SealedDeed<'a> {
        SealedDeed {
            arguments,
            files,
            signed: &self.draft.event,
        }
    }
}

/// What to do if a signature would not count.
const WAY_ON: &str = "sign with a key that the plan's list of signers has for the one who approves, and name that person with --by";

/// What is wrong with the key, in a sentence of its own.
fn objection(voided: &Voided<'_>) -> Option<String> {
    const BOTH: &str = "and two people have to sign";
    match voided {
        Voided::Unsigned(why) => Some((*why).to_string()),
        Voided::SamePerson(other) => Some(format!("the same person has signed as {other}, {BOTH}")),
        Voided::SameKey(other) => Some(format!("the same key has signed as {other}, {BOTH}")),
        Voided::SamePrincipal(other, principal) => Some(format!(
            "{principal} has signed as {other} with another key, {BOTH}"
        )),
        Voided::NoSigners
        | Voided::ListUnread(_)
        | Voided::Replayed(_)
        | Voided::Expired(_)
        | Voided::SetBack(_)
        | Voided::Unrecorded
        | Voided::OtherQuestion(_)
        | Voided::OtherSource(_)
        | Voided::OtherPlan(_)
        | Voided::Contradicted(_)
        | Voided::Unvouched(_)
        | Voided::Otherwise(_)
        | Voided::NotGo => None,
    }
}

/// Whether something is wrong with who signed, and not with what was signed.
fn is_of_signer(voided: &Voided<'_>) -> bool {
    match voided {
        Voided::SamePerson(_)
        | Voided::SameKey(_)
        | Voided::SamePrincipal(..)
        | Voided::NoSigners
        | Voided::ListUnread(_)
        | Voided::Replayed(_)
        | Voided::Unsigned(_) => true,
        Voided::Expired(_)
        | Voided::SetBack(_)
        | Voided::Unrecorded
        | Voided::OtherQuestion(_)
        | Voided::OtherSource(_)
        | Voided::OtherPlan(_)
        | Voided::Contradicted(_)
        | Voided::Unvouched(_)
        | Voided::Otherwise(_)
        | Voided::NotGo => false,
    }
}

fn rollout<'a>(
    loaded: &'a LoadedPlan,
    vars: &'a [String],
    ledger: &'a Ledger,
    now: Instant,
) -> Rollout<'a> {
    Rollout {
        plan: &loaded.plan,
        plan_sha256: Some(&loaded.sha256),
        vars,
        addresses: &loaded.addresses,
        ledger: Some(ledger),
        now,
    }
}

/// The event that would be recorded.
fn decided(
    arguments: &ApproveArgs,
    loaded: &LoadedPlan,
    ledger: &Ledger,
    occasion: &Occasion,
) -> Result<Event, Refusal> {
    let file_sha256 = arguments.file().map(digest).transpose()?;
    let decision = arguments.decide(&DecisionContext {
        rollout: rollout(loaded, &assigned(&loaded.vars), ledger, occasion.at),
        path: &loaded.shown(),
        by: &occasion.by,
        why: &occasion.why,
        file_sha256: file_sha256.as_deref(),
        files: &[],
        on_its_way: &[],
    })?;
    let mut events = decision.events.into_iter();
    let approved = events.find(|event| event.signed_evidence().is_some());
    approved.ok_or_else(|| Refusal::usage("there is nothing to sign"))
}

/// Where the evidence is, which must be what the check recorded.
fn evidence(
    arguments: &ApproveArgs,
    loaded: &LoadedPlan,
    draft: &Entry,
) -> Result<PathBuf, String> {
    let named = draft.event.signed_evidence();
    let (path, sha256) = named.ok_or("there is nothing to sign")?;
    let recorded = loaded.home.resolve(path);
    let given = arguments.evidence.as_deref().unwrap_or(&recorded);
    let shown = given.display();
    let bytes = bounded::read(given, bounded::MAX_BYTES)
        .map_err(|error| format!("the evidence {shown} cannot be read: {error}"))?;
    if sha256_hex(&[&bytes]) == sha256 {
        return Ok(recorded);
    }
    Err(format!(
        "{shown} is not the evidence that the ledger names: see `gate verify {shown}`"
    ))
}

/// The approval whose statement is signed.
struct SealedDeed<'a> {
    arguments: &'a ApproveArgs,
    signed: &'a Event,
    files: &'a Files,
}

impl Deed for SealedDeed<'_> {
    fn plan(&self) -> &Path {
        self.arguments.plan()
    }

    fn signed(&self) -> &Signed {
        self.arguments.signed()
    }

    fn question(&self) -> Option<&QuestionArgs> {
        self.arguments.question()
    }

    fn file(&self) -> Option<&Path> {
        self.arguments.file()
    }

    fn brings(&self) -> Vec<ToKeep> {
        [&self.files.statement, &self.files.signature]
            .map(|file| ToKeep::of(file))
            .into()
    }

    fn decide(&self, context: &DecisionContext<'_>) -> Result<Decision, Refusal> {
        let decision = self.arguments.decide(context)?;
        if decision.events.iter().eq([self.signed]) {
            return Ok(decision);
        }
        Err(Refusal::standing(
            "another check was recorded while this was signed: look at it, and sign again",
        ))
    }
}
