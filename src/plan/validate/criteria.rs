//! One list of a stage (`entry`, `stop`, `exit`, `recovery`, `watch`) → its criteria, in the order of the file.
//!
//! Must not know anything of other lists.

use super::super::document::Criteria;
use super::super::problem::{Problem, ProblemCode, Span};
use super::super::spanned::{OneOrMany, Pairs, Spanned, Text};
use super::super::{Ask, Calendar, Criterion};
use super::baselines::Definitions;
use super::checker::Checker;
use super::kpis::KpiDefinition;
use super::queries::{self, Place};
use super::release::Checklists;
use super::{alerts, asks, outside};
use crate::kind::List;

/// What the plan defines, for stages to refer to.
pub(super) struct Plan<'d> {
    pub(super) kpis: &'d [KpiDefinition],
    /// Also of those that cannot be asked.
    pub(super) kpi_names: &'d [String],
    pub(super) checklists: &'d Checklists,
    pub(super) calendars: &'d [Calendar],
    /// Also of those that cannot be used.
    pub(super) calendar_names: &'d [String],
    pub(super) source_names: &'d [String],
    pub(super) baseline: Option<&'d Definitions>,
}

/// A criterion and where it stands.
pub(super) struct Built {
    pub(super) criterion: Criterion,
    pub(super) span: Span,
}

/// Criteria of one key, and where the key's value begins.
type Group = (usize, Vec<(Ask, Span)>);

/// Reads one list.
pub(super) fn read(
    checker: &mut Checker<'_>,
    plan: &Plan<'_>,
    place: &Place<'_>,
    list: List,
    written: &Spanned<Criteria>,
) -> Vec<Built> {
    misplaced(checker, list, &written.value);
    let mut groups = asked(checker, plan, place, &written.value);
    groups.extend(answered(checker, plan, &written.value));
    if groups.is_empty() {
        let message = format!("`{}` asks nothing", list.word());
        checker.report(
            Problem::error(ProblemCode::NoCriteria, written.span.clone(), message)
                .help("a gate without a criterion would be GO without being earned: add one, such as `kpis`"),
        );
    }
    groups.sort_by_key(|(start, _)| *start);
    groups
        .into_iter()
        .flat_map(|(_, asks)| asks)
        .map(|(ask, span)| Built {
            criterion: Criterion { list, ask },
            span,
        })
        .collect()
}

/// Keys that belong into another list.
fn misplaced(checker: &mut Checker<'_>, list: List, written: &Criteria) {
    let word = list.word();
    let stage_window = "the window of `stop`, `exit` and `watch` is the stage's own `window`";
    if matches!(list, List::Stop | List::Exit | List::Watch) {
        let message = format!("`{word}` has no `window` of its own");
        checker.misplaced(
            written.window.as_ref().map(|text| &text.span),
            &message,
            stage_window,
        );
    }
    let incidents = written.incidents.as_ref().map(|value| &value.span);
    let alerts = written.alerts.as_ref().map(|value| &value.span);
    let no_incidents = written.no_incidents.as_ref().map(|value| &value.span);
    let no_alerts = written.no_alerts.as_ref().map(|value| &value.span);
    let help = "in `stop` a criterion names the bad state: `incidents`, `alerts`; elsewhere the good one: `no_incidents`, `no_alerts`";
    if list == List::Stop {
        checker.misplaced(
            no_incidents,
            "`no_incidents` does not belong into `stop`",
            help,
        );
        checker.misplaced(no_alerts, "`no_alerts` does not belong into `stop`", help);
    } else {
        let message = |key: &str| format!("`{key}` does not belong into `{word}`");
        checker.misplaced(incidents, &message("incidents"), help);
        checker.misplaced(alerts, &message("alerts"), help);
    }
    if list == List::Watch {
        let help = "`watch` shows KPIs and never decides";
        checker.misplaced(
            no_incidents,
            "`no_incidents` does not belong into `watch`",
            help,
        );
        checker.misplaced(no_alerts, "`no_alerts` does not belong into `watch`", help);
    }
    if matches!(list, List::Stop | List::Watch) {
        for (key, span) in answered_keys(written) {
            let message = format!("`{key}` does not belong into `{word}`");
            checker.misplaced(Some(span), &message, "ask for it in `entry` or `exit`");
        }
    }
}

/// The keys that only entry, exit and recovery have.
fn answered_keys(written: &Criteria) -> Vec<(&'static str, &Span)> {
    [
        (
            "checklists",
            written.checklists.as_ref().map(|value| &value.span),
        ),
        (
            "confirmations",
            written.confirmations.as_ref().map(|value| &value.span),
        ),
        (
            "approvals",
            written.approvals.as_ref().map(|value| &value.span),
        ),
        (
            "artifacts",
            written.artifacts.as_ref().map(|value| &value.span),
        ),
        ("probes", written.probes.as_ref().map(|value| &value.span)),
        ("outside", written.outside.as_ref().map(|value| &value.span)),
    ]
    .into_iter()
    .filter_map(|(key, span)| Some((key, span?)))
    .collect()
}

/// What sources are asked.
fn asked(
    checker: &mut Checker<'_>,
    plan: &Plan<'_>,
    place: &Place<'_>,
    written: &Criteria,
) -> Vec<Group> {
    let mut groups = Vec::new();
    if let Some(pairs) = &written.kpis {
        groups.push((pairs.span.start, kpis(checker, plan, place, &pairs.value)));
    }
    for incidents in [&written.incidents, &written.no_incidents]
        .into_iter()
        .flatten()
    {
        groups.push((incidents.span.start, asks::incidents(checker, incidents)));
    }
    for alerts in [&written.alerts, &written.no_alerts].into_iter().flatten() {
        groups.push((
            alerts.span.start,
            alerts::read(checker, plan.source_names, place, alerts),
        ));
    }
    groups
}

/// What people and files answer.
fn answered(checker: &mut Checker<'_>, plan: &Plan<'_>, written: &Criteria) -> Vec<Group> {
    let mut groups = Vec::new();
    if let Some(lists) = &written.checklists {
        groups.push((
            lists.span.start,
            asks::checklists(checker, plan.checklists, lists),
        ));
    }
    if let Some(ids) = &written.confirmations {
        groups.push((ids.span.start, asks::confirmations(checker, ids)));
    }
    if let Some(approvals) = &written.approvals {
        groups.push((approvals.span.start, asks::approvals(checker, approvals)));
    }
    if let Some(artifacts) = &written.artifacts {
        groups.push((
            artifacts.span.start,
            asks::artifacts(checker, &artifacts.value),
        ));
    }
    if let Some(probes) = &written.probes {
        groups.push((probes.span.start, asks::probes(checker, &probes.value)));
    }
    if let Some(calendars) = &written.outside {
        groups.push((
            calendars.span.start,
            outside::read(checker, plan, calendars),
        ));
    }
    groups
}

fn kpis(
    checker: &mut Checker<'_>,
    plan: &Plan<'_>,
    place: &Place<'_>,
    pairs: &Pairs<OneOrMany>,
) -> Vec<(Ask, Span)> {
    let mut asks = Vec::new();
    for (name, conditions) in &pairs.0 {
        let Some(definition) = definition(checker, plan, name) else {
            continue;
        };
        definition.used.set(true);
        for text in conditions.texts() {
            if let Some(ask) = queries::ask(checker, place, definition, &text) {
                asks.push((Ask::Kpi(Box::new(ask)), text.span));
            }
        }
    }
    asks
}

fn definition<'d>(
    checker: &mut Checker<'_>,
    plan: &Plan<'d>,
    name: &Text,
) -> Option<&'d KpiDefinition> {
    let found = plan.kpis.iter().find(|kpi| kpi.name.value == name.value);
    if found.is_none() && !plan.kpi_names.contains(&name.value) {
        checker.unknown_reference(name, "KPI", plan.kpi_names.iter().map(String::as_str));
    }
    found
}
