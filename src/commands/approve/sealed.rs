//! `gate approve --sign`: the evidence is signed with a key before the approval is recorded, so that the ledger never claims
//! a signature that does not exist. Must not decide who may sign.

use std::path::{Path, PathBuf};

use crate::cli::ApproveArgs;
use crate::commands::bounded;
use crate::commands::deeds::Deed;
use crate::commands::deeds::NOTHING;
use crate::commands::deeds::context::DecisionContext;
use crate::commands::deeds::digest;
use crate::commands::deeds::occasion;
use crate::commands::deeds::record as record_deed;
use crate::commands::deeds::refusal::Refusal;
use crate::commands::deeds::refuse;
use crate::commands::deeds::{asked, one_plan};
use crate::commands::diagnostics::say;
use crate::commands::ledger_file;
use crate::commands::ledger_file::agreement::Witnesses;
use crate::commands::signature;
use crate::commands::surroundings::Surroundings;
use crate::digest::sha256_hex;
use crate::exit::Exit;
use crate::ledger::{Event, Ledger};
use crate::rollout::Rollout;

/// What is signed, and where its signature goes.
struct Sealed {
    bytes: Vec<u8>,
    target: PathBuf,
}

/// Signs the evidence that would be approved, then records the approval. If that is refused, the signature is removed.
pub(super) fn record(arguments: &ApproveArgs, key: &Path, surroundings: &Surroundings) -> Exit {
    let unsigned = |error: &dyn std::fmt::Display| {
        say(&format!("{NOTHING}: {error}"));
        Exit::Unrecorded
    };
    if let Err(error) = signature::prove(key) {
        return unsigned(&error);
    }
    let sealed = match sealed(arguments, surroundings) {
        Ok(sealed) => sealed,
        Err(exit) => return exit,
    };
    if let Err(error) = signature::sign(&sealed.bytes, key, &sealed.target) {
        return unsigned(&error);
    }
    let exit = record_deed(arguments, surroundings);
    if exit != Exit::Go {
        let _ = std::fs::remove_file(&sealed.target);
        return exit;
    }
    say(&format!("signature: {}", sealed.target.display()));
    exit
}

/// The evidence that the approval would be bound to, as the ledger is now. If it is another by the time the approval is
/// recorded, the signature is for the earlier one, and `gate verify` says so.
fn sealed(arguments: &ApproveArgs, surroundings: &Surroundings) -> Result<Sealed, Exit> {
    let loaded = one_plan(&arguments.plan, arguments.question(), surroundings)?;
    let witnesses = Witnesses::beside(&loaded, None);
    let chain = ledger_file::read(&loaded).map_err(|error| {
        say(&ledger_file::trouble(NOTHING, &loaded.path, &error));
        Exit::Unrecorded
    })?;
    let allowed = witnesses.allow(chain.as_ref());
    allowed.map_err(|objection| refuse(&Refusal::of(&objection, &loaded.shown())))?;
    let empty = Ledger::default();
    let occasion =
        occasion(arguments.signed(), &loaded, surroundings).map_err(|refusal| refuse(&refusal))?;
    let file_sha256 = arguments
        .file()
        .map(digest)
        .transpose()
        .map_err(|refusal| refuse(&refusal))?;
    let decision = arguments.decide(&DecisionContext {
        rollout: Rollout {
            plan: &loaded.plan,
            plan_sha256: Some(&loaded.sha256),
            vars: &asked(arguments.question()),
            addresses: &loaded.addresses,
            ledger: Some(chain.as_ref().map_or(&empty, |chain| chain.ledger())),
            now: occasion.at,
        },
        path: &loaded.shown(),
        by: &occasion.by,
        why: &occasion.why,
        file_sha256: file_sha256.as_deref(),
    });
    let events = decision.map_err(|refusal| refuse(&refusal))?.events;
    let named = events.iter().find_map(Event::signed_evidence);
    let (path, sha256) = named.ok_or(Exit::Usage)?;
    let given = arguments.evidence.clone();
    let path = given.unwrap_or_else(|| loaded.folder().join(path));
    let bytes = same(&path, sha256).map_err(|says| {
        say(&format!("{NOTHING}: {says}"));
        Exit::Refused
    })?;
    Ok(Sealed {
        target: signature::place(&path, Some(&arguments.role)),
        bytes,
    })
}

/// The evidence, which must be what the check recorded.
fn same(path: &Path, sha256: &str) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let bytes = bounded::read(path, bounded::MAX_BYTES)
        .map_err(|error| format!("the evidence {shown} cannot be read: {error}"))?;
    if sha256_hex(&[&bytes]) == sha256 {
        return Ok(bytes);
    }
    Err(format!(
        "{shown} is not the evidence that the ledger names: see `gate verify {shown}`"
    ))
}
