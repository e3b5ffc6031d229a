//! The samples of a recorded check, from its answers: for charts and rows. Answers other than those that the evidence
//! names are refused; without any, charts are drawn from the recorded trend and say so.

use std::path::PathBuf;

use anyhow::bail;

use crate::assessment::GateAssessment;
use crate::commands::bounded;
use crate::commands::diagnostics::say;
use crate::commands::evidence_file::EvidenceFile;
use crate::commands::judging::evidence::job_of;
use crate::commands::ledger_file::rest::Rest;
use crate::commands::surroundings::Surroundings;
use crate::digest::sha256_hex;
use crate::evaluate::{self, Samples};
use crate::evidence::Answers;
use crate::report::Kind;
use crate::rollout::short;

/// The report on one check.
///
/// # Errors
/// Answers of another check.
pub fn rendered(
    kind: Kind,
    subject: &EvidenceFile,
    surroundings: &Surroundings,
) -> anyhow::Result<String> {
    let evidence = &subject.evidence;
    let bare = || kind.render(evidence, None, None, usize::MAX);
    if !kind.shows_samples() {
        return Ok(bare());
    }
    let (plan, answers) = match (subject.plan_file(), answers(subject)?) {
        (Some(plan), Ok(answers)) => (plan, answers),
        (None, _) => {
            return Ok(told(&bare(), subject, "the judged plan is not here"));
        }
        (_, Err(why)) => return Ok(told(&bare(), subject, &why)),
    };
    let mut job = match job_of(&plan, &answers, Rest::Near(&answers), surroundings) {
        Ok(job) => job,
        Err(why) => return Ok(told(&bare(), subject, &why)),
    };
    let questions = evaluate::questions(&job.loaded.plan, &job.request);
    let Some(mut recorded) = job.recorded.take() else {
        return Ok(told(&bare(), subject, "the answers cannot be used"));
    };
    let asked = job
        .request
        .gates
        .iter()
        .filter_map(|gate| gate.of(&job.loaded.plan));
    let asked = asked.map(|(stage, gate)| gate.kind.of(&stage.name));
    if !asked.eq(evidence.gates.iter().map(GateAssessment::name)) {
        bail!(
            "{}: its answers belong to other gates",
            subject.path.display()
        );
    }
    let observations = recorded.take(&questions, &job.loaded.plan.sources);
    let samples = Samples::new(&job.loaded.plan, &job.request, &observations);
    Ok(kind.render(evidence, Some(&samples), None, usize::MAX))
}

/// Says why the report has no samples.
fn told(text: &str, subject: &EvidenceFile, why: &str) -> String {
    say(&format!(
        "{}: without samples: {why}",
        subject.path.display()
    ));
    text.to_owned()
}

/// The answers, their digest checked; or why there are none.
fn answers(subject: &EvidenceFile) -> anyhow::Result<Result<PathBuf, String>> {
    let (name, named) = match &subject.evidence.answers {
        Answers::LeftOut(reason) => return Ok(Err(format!("the answers were left out: {reason}"))),
        Answers::Kept { path, sha256 } => (path, sha256),
    };
    let Some(path) = subject.beside(name) else {
        bail!(
            "{}: `{name}` is not the name of a file beside it",
            subject.path.display()
        );
    };
    let Ok(bytes) = bounded::read(&path, bounded::MAX_BYTES) else {
        return Ok(Err(format!("{name} is not here")));
    };
    let found = sha256_hex(&[&bytes]);
    if found != *named {
        bail!(
            "{name} is not what was recorded: it has sha256 {}…, but the evidence names {}…",
            short(&found),
            short(named)
        );
    }
    Ok(Ok(path))
}
