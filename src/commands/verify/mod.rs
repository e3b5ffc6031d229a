//! `gate verify`: is the evidence whole, unchanged, remembered, signed, and is its verdict what plan and answers give?
//! One line each; nothing counts as shown that was not. Must not write anything.

mod again;
mod chain;
mod parts;
mod point;
mod signed;

use std::path::Path;

use super::diagnostics::say;
use super::evidence_file::{EvidenceFile, documents};
use super::surroundings::Surroundings;
use crate::cli::VerifyArgs;
use crate::evidence::PlanCopy;
use crate::exit::Exit;
use crate::output::print_stdout;
use crate::plan::{self, Options, Signatures};
use point::{Point, Standing, text, worst};

/// Verifies evidence. The worst point decides how it ends.
pub fn verify(arguments: &VerifyArgs, surroundings: &Surroundings) -> Exit {
    let documents = match documents(&arguments.evidence) {
        Ok(documents) => documents,
        Err(error) => {
            say(&format!("nothing was verified: {error:#}"));
            return Exit::Usage;
        }
    };
    let mut standings = Vec::new();
    for path in &documents {
        let (title, points) = one(path, arguments, surroundings);
        standings.push(worst(&points));
        if let Err(error) = print_stdout(&text(&title, &points)) {
            say(&error.to_string());
            return Exit::Unrecorded;
        }
    }
    if let Err(error) = print_stdout(&summary(&standings)) {
        say(&error.to_string());
        return Exit::Unrecorded;
    }
    let worst = standings.into_iter().max().unwrap_or(Standing::NotShown);
    worst.into()
}

fn one(path: &Path, arguments: &VerifyArgs, surroundings: &Surroundings) -> (String, Vec<Point>) {
    let shown = path.display();
    let subject = match EvidenceFile::read(path) {
        Ok(subject) => subject,
        Err(error) => {
            return (
                shown.to_string(),
                vec![Point::off("schema", format!("{error:#}"))],
            );
        }
    };
    let evidence = &subject.evidence;
    let release = &evidence.plan.release.name;
    let (verdict, at) = (evidence.verdict.word(), evidence.evaluated_at);
    let title = format!("{shown}: {verdict} for {release} at {at}");
    let mut points = vec![parts::schema(&subject), parts::plan(&subject)];
    points.push(parts::answers(&subject));
    points.push(parts::report(&subject));
    points.extend(parts::artifacts(&subject));
    let (chain, ledger) = chain::ledger(&subject, arguments.ledger.as_deref());
    points.push(ledger);
    let allowed = arguments.allowed_signers.as_deref();
    let demanded = demanded(&subject);
    let chain = chain.as_ref();
    let signatures = signed::signatures(&subject, chain, allowed, demanded.as_ref());
    points.extend(signatures);
    points.push(again::verdict(&subject, surroundings));
    (title, points)
}

/// What the plan's copy requires of signatures.
fn demanded(subject: &EvidenceFile) -> Option<Signatures> {
    let PlanCopy::Kept(name) = &subject.evidence.plan.copy else {
        return None;
    };
    let bytes = std::fs::read(subject.beside(name)?).ok()?;
    plan::load(&bytes, &Options::default())
        .ok()?
        .plan
        .trust
        .signatures
}

fn summary(standings: &[Standing]) -> String {
    let count = |wanted: Standing| standings.iter().filter(|one| **one == wanted).count();
    let whole = count(Standing::Holds) + count(Standing::Absent);
    let (open, off) = (count(Standing::NotShown), count(Standing::Off));
    let all = standings.len();
    format!("{whole} of {all} verified, {open} not shown, {off} off\n")
}
