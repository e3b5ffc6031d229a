//! `--attest FILE`: where the statements of a check go, proved writable before any source is asked, and written after its
//! evidence. Must not make a statement itself.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use crate::attest::{
    AttestKey, Attestation, Attested, bundle, envelope, test_result, verification_summary,
};
use crate::bounded;
use crate::cli::TrustArgs;
use crate::commands::judging::job::Job;
use crate::evidence::Evidence;
use crate::output::write_new;
use crate::plan::{Policy, Subject};

/// What is to be attested, and where it goes.
#[derive(Debug)]
pub struct Attesting {
    files: Files,
    key: Option<AttestKey>,
    subjects: Vec<Subject>,
    policy: Option<Policy>,
}

/// The files, which share a name.
#[derive(Debug)]
struct Files {
    statement: PathBuf,
    predicate: PathBuf,
    envelopes: PathBuf,
    bundle: PathBuf,
    summary: PathBuf,
    summary_predicate: PathBuf,
}

impl Files {
    /// `FILE`, and the others named after it without `.intoto.json` or `.json`.
    fn of(file: &Path) -> Self {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let stem = name.strip_suffix(".json").unwrap_or(&name);
        let stem = stem.strip_suffix(".intoto").unwrap_or(stem);
        let beside = |ending: &str| file.with_file_name(format!("{stem}{ending}"));
        Self {
            statement: file.to_owned(),
            predicate: beside(".predicate.json"),
            envelopes: beside(".intoto.jsonl"),
            bundle: beside(".sigstore.json"),
            summary: beside(".vsa.json"),
            summary_predicate: beside(".vsa.predicate.json"),
        }
    }

    fn all(&self) -> [&Path; 6] {
        [
            &self.statement,
            &self.predicate,
            &self.envelopes,
            &self.bundle,
            &self.summary,
            &self.summary_predicate,
        ]
    }
}

/// What the command line wants attested about its only plan; `None` if nothing.
///
/// # Errors
/// Several plans, a key that cannot sign, files that already exist, a policy without anything that is released.
pub fn wanted(arguments: &TrustArgs, jobs: &[Job]) -> anyhow::Result<Option<Attesting>> {
    let Some(file) = &arguments.attest else {
        return Ok(None);
    };
    let [job] = jobs else {
        bail!("--attest is for a single plan: name only one");
    };
    let plan = &job.loaded.plan;
    let mut subjects = plan.release.subjects.clone();
    for subject in &arguments.subjects {
        if !subjects.contains(subject) {
            subjects.push(subject.clone());
        }
    }
    let policy = plan.trust.policy.clone();
    if policy.is_some() && subjects.is_empty() {
        bail!("the plan names a policy, but nothing says what is released: name it with --subject");
    }
    let files = Files::of(file);
    if let Some(taken) = files
        .all()
        .into_iter()
        .find(|path| path.symlink_metadata().is_ok())
    {
        bail!(
            "{} already exists: name another file with --attest",
            taken.display()
        );
    }
    let key = arguments.attest_key.as_deref().map(key).transpose()?;
    Ok(Some(Attesting {
        files,
        key,
        subjects,
        policy,
    }))
}

fn key(path: &Path) -> anyhow::Result<AttestKey> {
    let shown = path.display();
    let pem = bounded::read(path, bounded::MAX_SMALL_BYTES)
        .with_context(|| format!("the key {shown} cannot be read"))?;
    AttestKey::from_pem(&pem).with_context(|| format!("the key {shown} cannot be used"))
}

impl Attesting {
    /// Writes the statements of a check whose evidence is written.
    ///
    /// # Errors
    /// A file that cannot be written, a key that does not sign.
    pub fn write(&self, evidence: &Evidence, document: &Path, sha256: &str) -> anyhow::Result<()> {
        let name = document.file_name().unwrap_or_default().to_string_lossy();
        let attested = Attested {
            evidence,
            subjects: &self.subjects,
            document: (&name, sha256),
        };
        let result = test_result(attested);
        let policy = self.policy.as_ref();
        let summary = policy.map(|policy| verification_summary(attested, policy));
        self.files(&result, summary.as_ref()).map_err(|error| {
            anyhow!("the verdict could not be attested: {error}; the evidence is complete")
        })
    }

    fn files(&self, result: &Attestation, summary: Option<&Attestation>) -> anyhow::Result<()> {
        let files = &self.files;
        let put = |path: &Path, text: &str| write_new(path, text.as_bytes());
        put(&files.statement, &result.statement)?;
        put(&files.predicate, &result.predicate)?;
        if let Some(summary) = summary {
            put(&files.summary, &summary.statement)?;
            put(&files.summary_predicate, &summary.predicate)?;
        }
        let Some(key) = &self.key else {
            return Ok(());
        };
        let mut envelopes = envelope(&result.statement, key)?;
        if let Some(summary) = summary {
            envelopes.push_str(&envelope(&summary.statement, key)?);
        }
        put(&files.envelopes, &envelopes)?;
        put(&files.bundle, &bundle(&result.statement, key)?)?;
        Ok(())
    }
}
