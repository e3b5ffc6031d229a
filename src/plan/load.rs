//! From a file's bytes to a plan: reading, decoding, validating, in this order.
//!
//! Must not read files, clocks or the environment: it gets what it needs.

use std::collections::BTreeMap;

use super::document::Document;
use super::lint::Severity;
use super::problem::{NamedFile, Problem, Span};
use super::written_secret::{WrittenSecret, written_secret};
use super::yaml::Content;
use super::{
    Environment, Options, Plan, Receiver, Records, decode, layers, other_format, secrets_in_text,
    validate, words, yaml,
};

/// A plan that can be judged.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The plan.
    pub plan: Plan,
    /// What is probably not meant as written, in file order.
    pub warnings: Vec<Problem>,
    /// The files of captured baselines, in file order.
    pub baseline_files: Vec<NamedFile>,
    /// The `--var` that change something, each once.
    pub vars: Vec<(String, String)>,
    /// A credential in the plan's own text, if any: such bytes are not kept with evidence.
    pub secret: Option<WrittenSecret>,
}

/// Reads a plan.
///
/// # Errors
/// All problems of the file, errors and warnings, in file order, as far as its shape allows; at least one error.
pub fn load(bytes: &[u8], options: &Options<'_>) -> Result<Loaded, Vec<Problem>> {
    if let Some(problem) = other_format::of_gate(bytes) {
        return Err(vec![problem]);
    }
    let text = yaml::decode(bytes).map_err(|problem| vec![problem])?;
    let tree = yaml::read(text);
    if let Some(problem) = tree.root.as_ref().and_then(other_format::of_another_tool) {
        return Err(vec![problem]);
    }
    let mut problems = tree.problems;
    let root = tree.root.map(|mut root| {
        words::without_credentials(&root, &mut problems);
        layers::join(&mut root, &mut problems);
        root
    });
    let Some(document) = root.and_then(|root| decode::document(root, &mut problems)) else {
        yaml::through(text, &tree.aliases, &mut problems);
        return Err(secrets_in_text::unsaid(text, in_order(problems)));
    };
    let damaged = !problems.is_empty();
    let validated = validate::plan(text, &document, options);
    problems.extend(
        validated
            .problems
            .into_iter()
            .filter(|problem| !(damaged && problem.code.may_be_a_consequence())),
    );
    yaml::through(text, &tree.aliases, &mut problems);
    let problems = secrets_in_text::unsaid(text, in_order(problems));
    let failed = problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    if failed {
        return Err(problems);
    }
    Ok(Loaded {
        plan: validated.plan,
        warnings: problems,
        baseline_files: validated.baseline_files,
        vars: validated.vars,
        secret: written_secret(text, &document),
    })
}

/// Where the records are, of a plan that may be wrong otherwise: what was recorded must stay readable after its plan has changed.
/// `None` if it does not say, because its YAML or its settings for this are wrong.
#[must_use]
pub fn records(bytes: &[u8]) -> Option<Records> {
    let text = yaml::decode(bytes).ok()?;
    let (document, mut problems) = part(text, &validate::OF_RECORDS)?;
    let (records, wrong) = validate::records(text, &document);
    problems.extend(wrong);
    problems.is_empty().then_some(records)
}

/// Name and version of the release, of a plan that may be wrong otherwise; `None` if it does not say.
#[must_use]
pub fn release(bytes: &[u8]) -> Option<(String, Option<String>)> {
    let text = yaml::decode(bytes).ok()?;
    let (document, _) = part(text, &[validate::OF_RELEASE])?;
    let release = validate::release(text, &document);
    (!release.name.is_empty()).then_some((release.name, release.version))
}

/// Where the KPIs of a plan ask, by name: the place of the query or, of a ratio, of the name.
#[must_use]
pub fn kpi_places(bytes: &[u8]) -> BTreeMap<String, Span> {
    let document = yaml::decode(bytes)
        .ok()
        .and_then(|text| part(text, &["kpis"]));
    let kpis = document.and_then(|(document, _)| document.kpis);
    let kpis = kpis.map_or_else(Vec::new, |kpis| kpis.0);
    let place = |(name, kpi): (super::spanned::Text, super::spanned::Spanned<_>)| {
        let kpi: super::parts::kpi_maps::Kpi = kpi.value;
        let query = kpi.query.map(|query| query.span);
        (name.value, query.unwrap_or(name.span))
    };
    kpis.into_iter().map(place).collect()
}

/// Who is told, with `${NAME}` filled in: of a plan that is valid without an environment.
///
/// # Errors
/// What is wrong, in file order: variables that are not set, values from the environment that do not fit.
pub fn receivers(
    bytes: &[u8],
    environment: &Environment<'_>,
) -> Result<Vec<Receiver>, Vec<Problem>> {
    let text = yaml::decode(bytes).map_err(|problem| vec![problem])?;
    let Some((document, mut problems)) = part(text, &[validate::OF_NOTIFY]) else {
        return Ok(Vec::new());
    };
    let options = Options {
        environment: Some(environment),
        ..Options::default()
    };
    let (receivers, wrong) = validate::receivers(text, &document, &options);
    problems.extend(wrong);
    if problems.is_empty() {
        return Ok(receivers);
    }
    Err(secrets_in_text::unsaid(text, in_order(problems)))
}

/// Some keys of a plan, and what is wrong with their form.
fn part(text: &str, keys: &[&str]) -> Option<(Document, Vec<Problem>)> {
    let mut problems = Vec::new();
    let mut root = yaml::read(text).root?;
    if let Content::Mapping(entries) = &mut root.content {
        entries.retain(|entry| keys.contains(&entry.key.as_str()));
    }
    let document = decode::document(root, &mut problems)?;
    Some((document, problems))
}

/// Errors before warnings, each by place, those of the command line first; each problem once.
fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| {
        let place = problem.span.as_ref().map(|span| (span.start, span.end));
        (problem.severity != Severity::Error, place)
    });
    let mut kept: Vec<Problem> = Vec::with_capacity(problems.len());
    for problem in problems {
        let known = kept
            .iter()
            .rev()
            .take_while(|other| other.span == problem.span)
            .any(|other| other.code == problem.code);
        if problem.span.is_none() || !known {
            kept.push(problem);
        }
    }
    kept
}
