//! Document → plan, with all problems collected. One file for each subject.
//!
//! Must not read files, clocks or the environment, nor draw problems.

mod calendars;
mod lints;
mod notify;
mod params;
mod records;
mod release;
mod sources;
mod stages;
mod trust;
mod warnings;

pub(super) use notify::KEY as OF_NOTIFY;
pub(super) use params::IN_A_FILE;
pub(super) use records::KEYS as OF_RECORDS;
pub(super) use release::KEY as OF_RELEASE;

use super::criteria::checklists;
use super::criteria::definitions::Definitions;
use super::document::Document;
use super::options::Options;
use super::parts::checker::Checker;
use super::parts::kpis::KpiDefinition;
use super::parts::variables::{Definition, Scope};
use super::parts::{baselines, kpis, queries, variables};
use super::problem::{NamedFile, Problem};
use super::promql::Limited;
use super::{Plan, Receiver, Records, Release};
use crate::units::Duration;

/// The result of validation. The plan can be used only if no problem is an error.
pub(super) struct Validated {
    pub(super) plan: Plan,
    pub(super) problems: Vec<Problem>,
    pub(super) baseline_files: Vec<NamedFile>,
    /// The `--var` that change something.
    pub(super) vars: Vec<(String, String)>,
}

/// Turns a document into a plan.
pub(super) fn plan(text: &str, document: &Document, options: &Options<'_>) -> Validated {
    let mut checker = Checker::new(text, options);
    let mut plan = read(&mut checker, document);
    // Whoever is not going to tell anybody need not have what that takes.
    let (notify, wrong) = receivers(text, document, &Options::default());
    plan.notify = notify;
    checker.problems.extend(wrong);
    variables::unused_overrides(&mut checker);
    Validated {
        plan,
        vars: variables::changing(&checker),
        problems: checker.problems,
        baseline_files: checker.baseline_files,
    }
}

fn read(checker: &mut Checker<'_>, document: &Document) -> Plan {
    let release = release::read(checker, document);
    let (sources, source_names) = sources::read(checker, document);
    let vars = variables::written(checker, document.vars.as_ref());
    let vars = variables::overridden(checker, vars, true);
    let baseline = document.baseline.as_ref();
    let baseline = baseline.and_then(|baseline| baselines::read(checker, baseline));
    let (kpis, kpi_names) = kpis::read(checker, document.kpis.as_ref(), &source_names, &sources);
    let checklists = checklists::define(checker, document.checklists.as_ref());
    let calendars = calendars::read(checker, document.calendars.as_ref());
    let calendar_names = document.calendars.iter().flat_map(|all| &all.0);
    let calendar_names: Vec<String> = calendar_names.map(|(name, _)| name.value.clone()).collect();
    let rollback = release::rollback(checker, document);
    let definitions = Definitions {
        kpis: &kpis,
        kpi_names: &kpi_names,
        checklists: &checklists,
        calendars: &calendars,
        calendar_names: &calendar_names,
        source_names: &source_names,
        sources: &sources,
        baseline: baseline.as_ref(),
    };
    let stages = stages::read(checker, document, &definitions, &vars);
    warnings::of_kpis(checker, &kpis);
    warnings::unused_kpis(checker, &kpis);
    unused_queries(checker, &kpis, &vars);
    lints::idle(checker, &kpis);
    Plan {
        release,
        sources,
        vars: vars.iter().map(Definition::variable).collect(),
        rollback,
        trust: trust::read(checker, document, &stages),
        records: records::read(checker, document),
        notify: Vec::new(),
        stages,
        kpis: kpis.into_iter().map(|definition| definition.kpi).collect(),
    }
}

/// Only where its records are, and what is wrong with that.
pub(super) fn records(text: &str, document: &Document) -> (Records, Vec<Problem>) {
    let options = Options::default();
    let mut checker = Checker::new(text, &options);
    (records::read(&mut checker, document), checker.problems)
}

/// Only who is told, with this environment, and what is wrong with that.
pub(super) fn receivers(
    text: &str,
    document: &Document,
    options: &Options<'_>,
) -> (Vec<Receiver>, Vec<Problem>) {
    let mut checker = Checker::new(text, options);
    (notify::read(&mut checker, document), checker.problems)
}

/// The release alone, whatever else is wrong.
pub(super) fn release(text: &str, document: &Document) -> Release {
    let options = Options::default();
    release::read(&mut Checker::new(text, &options), document)
}

/// KPIs that no stage asks about follow the same rules, with the plan's own variables.
fn unused_queries(checker: &mut Checker<'_>, kpis: &[KpiDefinition], vars: &[Definition]) {
    let scope = Scope {
        definitions: vars.to_vec(),
    };
    let filler = queries::Filler {
        scope: &scope,
        step: Duration::from_secs(15),
        stage: "",
    };
    for kpi in kpis.iter().filter(|kpi| !kpi.used.get()) {
        filler.value(checker, kpi, Limited::default());
        filler.guard(checker, kpi);
    }
}
