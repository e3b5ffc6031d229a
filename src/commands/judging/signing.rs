//! The signature of a check: whether it can be made and would count, before anything is asked; and making it. Must not decide whose
//! signature counts, nor what rests on a check without one.

use anyhow::anyhow;

use crate::cli::CheckArgs;
use crate::commands::bounded;
use crate::commands::diagnostics::say;
use crate::commands::judging::job::Job;
use crate::commands::ledger_file::Home;
use crate::commands::signature::{self, Purpose, SignatureError};
use crate::commands::signatures_of::Asking;
use crate::commands::signers_list;
use crate::exit::Exit;
use crate::output::Recorded;

/// Whether the checks can be signed as their plans require: what is signed otherwise counts for nothing, and `verify` says OFF of
/// it for good (T13).
///
/// # Errors
/// The exit code, once the reason has been reported.
pub fn prove(jobs: &[Job], arguments: &CheckArgs) -> Result<(), Exit> {
    let bare = || jobs.iter().filter(|job| is_bare(job, arguments));
    // Nothing rests on a look, nor on what no ledger holds.
    let is_look = arguments.trailing || arguments.no_ledger;
    if let Some(job) = bare().next().filter(|_| !is_look) {
        say(&format!(
            "no verdict was reached: {} requires signatures, and nothing may rest on a check that is not signed; \
             give --sign KEY",
            job.loaded.shown()
        ));
        say("to look without a key: --trailing, or --no-ledger");
        return Err(Exit::Usage);
    }
    for job in bare() {
        say(&format!(
            "{} requires signatures: this check is not signed, and nothing may rest on it",
            job.loaded.shown()
        ));
    }
    proved_key(jobs, arguments).map_err(|error| told(&error))
}

/// Whether it lacks the signature that its plan requires. What is judged again was signed, or not, when it was judged.
fn is_bare(job: &Job, arguments: &CheckArgs) -> bool {
    let is_required = Asking::from(&job.loaded).demanded().is_some();
    is_required && job.recorded.is_none() && arguments.trust.sign.is_none()
}

/// Whether the key can sign and, where signatures are required and a list of signers is at hand, counts by that.
fn proved_key(jobs: &[Job], arguments: &CheckArgs) -> Result<(), SignatureError> {
    let Some(key) = &arguments.trust.sign else {
        return Ok(());
    };
    signature::prove(key)?;
    let named = arguments.trust.allowed_signers.as_deref();
    for job in jobs.iter().filter(|job| job.recorded.is_none()) {
        let list = Asking::from(&job.loaded).list(named);
        // A check says of one that cannot be read what follows from that.
        let Some(list) = list.filter(|list| signers_list::readable(list).is_ok()) else {
            continue;
        };
        let by = job.occasion.as_ref();
        let by = by.map_or_else(Vec::new, |occasion| occasion.by.written_names());
        signature::prove_listed(key, &list, &by, job.request.at)?;
    }
    Ok(())
}

fn told(error: &SignatureError) -> Exit {
    let SignatureError::Refused(why) = error else {
        say(&format!("no verdict was reached: {error}"));
        return Exit::Unrecorded;
    };
    say(&format!(
        "no verdict was reached: the signature would not count: {why}"
    ));
    say("sign with a key that the list of signers has for checks");
    Exit::Usage
}

/// Signs the record as it is on disk.
///
/// # Errors
/// No signature; the evidence is complete without it.
pub fn sign(
    arguments: &CheckArgs,
    written: &Recorded,
    home: &Home,
    by: &str,
) -> anyhow::Result<()> {
    let Some(key) = &arguments.trust.sign else {
        return Ok(());
    };
    let signed = bounded::read(&written.json, bounded::MAX_BYTES)
        .map_err(SignatureError::from)
        .and_then(|bytes| {
            let target = signature::place(&written.json);
            signature::sign(&bytes, Purpose::Evidence, key, &target)
        });
    signed.map_err(|error| {
        anyhow!("the verdict could not be signed: {error}; the evidence is complete but unsigned")
    })?;
    home.add(&signature::place(&written.json), by).map_err(|error| {
        anyhow!("the signature could not be recorded: {error}; the evidence is complete but unsigned")
    })
}
