//! `gate verify`: is the evidence whole, unchanged, remembered, signed, and is its verdict what plan and answers give?
//! One line each; nothing counts as shown that was not. Must not write anything.

mod again;
mod chain;
mod document;
mod ledgers;
mod parts;
mod point;
mod signed;
mod walk;

use std::path::{Path, PathBuf};

use super::bounded;
use super::diagnostics::say;
use super::evidence_file::{EvidenceFile, of_plans};
use super::ledger_file::{folder, say_unusable};
use super::surroundings::Surroundings;
use crate::cli::VerifyArgs;
use crate::evidence::PlanCopy;
use crate::exit::Exit;
use crate::output::print_stdout;
use crate::plan::{self, Options, Plan};
use document::Document;
use ledgers::Ledgers;
use point::{Point, Standing, text, worst};

const NOTHING: &str = "nothing was verified";

/// Verifies evidence. The worst point decides how it ends.
pub fn verify(arguments: &VerifyArgs, surroundings: &Surroundings) -> Exit {
    let named = arguments.ledger.as_deref();
    let given = of_plans(&arguments.evidence, NOTHING, surroundings);
    let found = given.and_then(|given| {
        let found = walk::found(&given, named)?;
        Ok((given, found))
    });
    let (given, found) = match found {
        Ok(found) => found,
        Err(error) => {
            return say_unusable(&error).unwrap_or_else(|| {
                say(&format!("{NOTHING}: {error:#}"));
                Exit::Usage
            });
        }
    };
    let mut ledgers = Ledgers::of(named);
    let mut standings = Vec::new();
    for document in &found.documents {
        let plans = plans_of(document, &arguments.evidence, &given);
        let (title, points) = one(document, plans, &mut ledgers, arguments, surroundings);
        standings.push(worst(&points));
        if let Err(exit) = printed(&text(&title, &points)) {
            return exit;
        }
    }
    for (title, points) in walk::missing(&found, &mut ledgers) {
        standings.push(worst(&points));
        if let Err(exit) = printed(&text(&title, &points)) {
            return exit;
        }
    }
    if let Err(exit) = printed(&summary(&standings)) {
        return exit;
    }
    let worst = standings.into_iter().max().unwrap_or(Standing::NotShown);
    worst.into()
}

fn printed(text: &str) -> Result<(), Exit> {
    print_stdout(text).map_err(|error| {
        say(&error.to_string());
        Exit::Unrecorded
    })
}

/// The folder of the plan that was named, and whose evidence a document is in.
fn plans_of<'a>(document: &Document, named: &'a [PathBuf], given: &[PathBuf]) -> Option<&'a Path> {
    let root = document.root.as_ref()?;
    let mut both = named.iter().zip(given);
    let (plan, _) = both.find(|(named, found)| *named != *found && *found == root)?;
    Some(folder(plan))
}

fn one(
    document: &Document,
    plans: Option<&Path>,
    ledgers: &mut Ledgers,
    arguments: &VerifyArgs,
    surroundings: &Surroundings,
) -> (String, Vec<Point>) {
    let shown = document.path.display();
    let subject = match EvidenceFile::read(&document.path) {
        Ok(subject) => subject,
        Err(error) => {
            let says = format!("{error:#}");
            return (shown.to_string(), vec![Point::off("schema", says)]);
        }
    };
    let evidence = &subject.evidence;
    let release = &evidence.plan.release.name;
    let (verdict, at) = (evidence.verdict.word(), evidence.evaluated_at);
    let title = format!("{shown}: {verdict} for {release} at {at}");
    let mut points = vec![
        parts::schema(&subject),
        parts::name(&subject),
        parts::plan(&subject),
        parts::answers(&subject),
        parts::report(&subject),
    ];
    points.extend(parts::rounds(&subject));
    points.extend(parts::artifacts(&subject, plans));
    let chain = match ledgers.place(document, &subject) {
        Ok(place) => {
            let chain = ledgers.at(&place.path);
            points.push(chain::ledger(document, &subject, &place, chain));
            chain.as_ref().ok()
        }
        Err(point) => {
            points.push(point);
            None
        }
    };
    let allowed = arguments.allowed_signers.as_deref();
    let plan = plan_of(&subject);
    let signatures = signed::signatures(&subject, chain, allowed, plan.as_ref());
    points.extend(signatures);
    let entry = chain.and_then(|chain| chain::entry(chain, &subject));
    points.push(again::verdict(&subject, chain, entry, surroundings));
    (title, points)
}

/// The plan as it was judged.
fn plan_of(subject: &EvidenceFile) -> Option<Plan> {
    let PlanCopy::Kept(name) = &subject.evidence.plan.copy else {
        return None;
    };
    let bytes = bounded::read(&subject.beside(name)?, bounded::MAX_BYTES).ok()?;
    Some(plan::load(&bytes, &Options::default()).ok()?.plan)
}

fn summary(standings: &[Standing]) -> String {
    let count = |wanted: Standing| standings.iter().filter(|one| **one == wanted).count();
    let whole = count(Standing::Holds) + count(Standing::Absent);
    let (open, off) = (count(Standing::NotShown), count(Standing::Off));
    let all = standings.len();
    format!("{whole} of {all} verified, {open} not shown, {off} off\n")
}
