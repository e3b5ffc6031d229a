//! `--report KIND=PATH`: where each report of a run goes, proved writable before any source is asked, and written after the
//! evidence. Must not judge anything, or compose text itself.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::bail;

use crate::cli::{CheckArgs, Format, ReportAsked};
use crate::commands::surroundings::environment;
use crate::evaluate::{Request, Samples};
use crate::evidence::Evidence;
use crate::output::{OutputError, Target, print_stdout};
use crate::plan::Plan;
use crate::report::Kind;
use crate::samples::Observations;

/// Stands for the plan's file name without its extension.
const PLAN: &str = "{plan}";
/// GitHub drops a larger job summary entirely.
const SUMMARY_BYTES: u64 = 1024 * 1024;

/// Where one report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Destination {
    /// A new file.
    File(PathBuf),
    /// The job summary of GitHub Actions.
    Summary(PathBuf),
    /// Standard output, after the verdict.
    Stdout,
}

/// The reports of one plan, as requested.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportRequests(Vec<(Kind, Destination)>);

/// The reports of one plan, their places proved writable.
#[derive(Debug)]
pub struct Reports(Vec<(Kind, Option<Target>)>);

/// The reports of each plan, in the order of the plans.
///
/// # Errors
/// One file for several reports, or a report that cannot go to standard output.
pub fn wanted(arguments: &CheckArgs, stems: &[String]) -> anyhow::Result<Vec<ReportRequests>> {
    let summary = environment("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty());
    let mut taken = BTreeSet::new();
    let mut plans = Vec::new();
    for stem in stems {
        let mut wanted = ReportRequests::default();
        for asked in &arguments.reports {
            let place = place(asked, stem, arguments.format, summary.as_deref())?;
            if let Destination::File(path) = &place
                && !taken.insert(path.clone())
            {
                bail!(
                    "two reports would go to {}: name another file and, with several plans, write {PLAN} where the plan's name belongs",
                    path.display()
                );
            }
            wanted.0.push((asked.kind, place));
        }
        plans.push(wanted);
    }
    Ok(plans)
}

fn place(
    asked: &ReportAsked,
    stem: &str,
    format: Format,
    summary: Option<&str>,
) -> anyhow::Result<Destination> {
    let path = asked.path.to_string_lossy();
    if path == "-" {
        return to_stdout(asked.kind, format);
    }
    if asked.kind == Kind::Markdown && summary.is_some_and(|summary| *path == *summary) {
        return Ok(Destination::Summary(asked.path.clone()));
    }
    Ok(Destination::File(if path.contains(PLAN) {
        PathBuf::from(path.replace(PLAN, stem))
    } else {
        asked.path.clone()
    }))
}

/// Workflow commands only work if a step prints them; any other report would be mixed with the verdict.
fn to_stdout(kind: Kind, format: Format) -> anyhow::Result<Destination> {
    match (kind, format) {
        (Kind::Github, Format::Text) => Ok(Destination::Stdout),
        (Kind::Github, Format::Json) => {
            bail!("`--report github=-` would be mixed with `--format json`: name a file")
        }
        (Kind::Html | Kind::Markdown | Kind::Junit | Kind::Csv | Kind::Status, _) => bail!(
            "the report {} cannot go to standard output, where the verdict is printed: name a file",
            kind.word()
        ),
    }
}

impl ReportRequests {
    /// Proves every place writable.
    ///
    /// # Errors
    /// Files that already exist and are not to be overwritten, places that cannot be written.
    pub fn prove(&self, overwrites: bool) -> Result<Reports, OutputError> {
        let prove = |(kind, place): &(Kind, Destination)| {
            let target = match place {
                Destination::File(path) if overwrites => Some(Target::any_file(path)?),
                Destination::File(path) => Some(Target::new_file(path)?),
                Destination::Summary(path) => Some(Target::appended(path)?),
                Destination::Stdout => None,
            };
            Ok((*kind, target))
        };
        self.0
            .iter()
            .map(prove)
            .collect::<Result<_, _>>()
            .map(Reports)
    }
}

impl Reports {
    /// Whether any of them shows samples.
    pub fn show_samples(&self) -> bool {
        self.0.iter().any(|(kind, _)| kind.shows_samples())
    }

    /// Writes those that go to files. All are tried; the first failure is returned.
    ///
    /// # Errors
    /// A report that could not be written.
    pub fn write(
        &self,
        (plan, request): (&Plan, &Request),
        evidence: &Evidence,
        observations: Option<&Observations>,
    ) -> Result<(), OutputError> {
        let ledger = request.ledger.as_ref();
        let samples = observations.map(|seen| Samples::new(plan, request, seen));
        let files = self
            .0
            .iter()
            .filter_map(|(kind, target)| Some((kind, target.as_ref()?)));
        let written: Vec<_> = files
            .map(|(kind, target)| {
                let room = SUMMARY_BYTES.saturating_sub(target.taken());
                let room = usize::try_from(room).unwrap_or(usize::MAX);
                match kind.render(evidence, samples.as_ref(), ledger, room) {
                    text if text.is_empty() => Err(target.full()),
                    text => target.write(&text),
                }
            })
            .collect();
        written.into_iter().collect()
    }

    /// Prints those that go to standard output.
    ///
    /// # Errors
    /// Standard output that cannot be written.
    pub fn print(&self, evidence: &Evidence) -> Result<(), OutputError> {
        for (kind, target) in &self.0 {
            if target.is_none() {
                print_stdout(&kind.render(evidence, None, None, usize::MAX))?;
            }
        }
        Ok(())
    }
}
