//! `kpis:` as the plan defines them, before any stage asks about them. Must not fill variables in.

use std::cell::Cell;

use super::super::problem::{Problem, ProblemCode};
use super::super::promql::{self, Limited, Standing};
use super::super::spanned::{Pairs, Spanned, Text, text};
use super::super::{self as plan, Continuity, KpiDetails, Missing, PlainCondition, Quiet, Source};
use super::accepts::Accepts;
use super::baselines::{self, Definitions};
use super::checker::Checker;
use super::kpi_maps::{Guard, Kpi};
use super::look::Look;
use super::ratio::{self, Queries};
use super::templates::{Templated, templated};
use crate::units::{Duration, Share, Unit};

/// A KPI before variables are filled in.
pub(in crate::plan) struct KpiDefinition {
    pub(in crate::plan) name: Text,
    pub(in crate::plan) kpi: plan::Kpi,
    /// What gives its values, or the total of a ratio.
    pub(in crate::plan) query: Templated,
    /// The errors or the good events of a ratio.
    pub(in crate::plan) part: Option<Templated>,
    pub(in crate::plan) guard: Option<(Templated, PlainCondition)>,
    pub(in crate::plan) baseline: Option<Definitions>,
    pub(in crate::plan) accepts: Accepts,
    /// As written in the plan.
    pub(in crate::plan) written: Kpi,
    /// Whether a stage asks about it.
    pub(in crate::plan) used: Cell<bool>,
}

impl KpiDefinition {
    /// The queries that give its values.
    pub(in crate::plan) fn queries(&self) -> impl Iterator<Item = &Templated> {
        std::iter::once(&self.query).chain(&self.part)
    }

    /// How its queries are looked at.
    pub(in crate::plan) fn look(
        &self,
        standing: Standing,
        step: Duration,
        limited: Limited,
    ) -> Look<'_> {
        Look {
            accepts: Some(&self.accepts),
            standing,
            // The two of a ratio are rates, whose names say nothing of its own unit.
            unit: if self.part.is_some() {
                Unit::None
            } else {
                self.kpi.unit
            },
            step: (!self.query.is_instant()).then_some(step),
            limited,
        }
    }
}

/// Reads all KPIs. Those that cannot be queried are left out, but their names stay known.
pub(in crate::plan) fn read(
    checker: &mut Checker<'_>,
    pairs: Option<&Pairs<Kpi>>,
    sources: &[String],
    usable: &[Source],
) -> (Vec<KpiDefinition>, Vec<String>) {
    let pairs = pairs.map_or(&[][..], |pairs| pairs.0.as_slice());
    let names = pairs.iter().map(|(name, _)| name.value.clone()).collect();
    if let (Some((name, _)), true) = (pairs.first(), sources.is_empty()) {
        let message = "a plan with KPIs needs a `source`";
        checker.report(
            Problem::error(ProblemCode::SourceMissing, name.span.clone(), message)
                .help("such as `source: http://127.0.0.1:9090`, or `--source URL`"),
        );
    }
    let definitions = pairs
        .iter()
        .filter_map(|(name, kpi)| one(checker, name, &kpi.value, sources))
        .map(|mut definition| {
            if let Some(source) = Source::named(usable, &definition.kpi.source) {
                (definition.kpi.delay, definition.kpi.lookback) = (source.delay, source.lookback);
            }
            definition
        })
        .collect();
    (definitions, names)
}

fn one(
    checker: &mut Checker<'_>,
    name: &Text,
    written: &Kpi,
    sources: &[String],
) -> Option<KpiDefinition> {
    let queries = ratio::queries(checker, name, written);
    let query = queries.as_ref().map(|queries| &queries.query);
    let guard = written
        .guard
        .as_ref()
        .map(|guard| self::guard(checker, guard, query));
    let baseline = written
        .baseline
        .as_ref()
        .map(|baseline| baselines::read(checker, baseline));
    let accepts = Accepts::read(checker, written.accept.as_ref());
    let kpi = kpi(checker, name, written, sources, &accepts);
    let (guard, baseline) = (all_or_none(guard)?, all_or_none(baseline)?);
    if let (Some((guard, is)), Some(kpi)) = (&guard, &kpi) {
        one_limit_for_all(checker, guard, *is, kpi);
    }
    let Queries { query, part } = queries?;
    Some(KpiDefinition {
        name: name.clone(),
        kpi: kpi?,
        query,
        part,
        guard,
        baseline,
        accepts,
        written: written.clone(),
        used: Cell::new(false),
    })
}

/// What is written must be right: `None` if it is written and wrong.
#[expect(
    clippy::option_option,
    reason = "not written and wrong are different things"
)]
fn all_or_none<T>(written: Option<Option<T>>) -> Option<Option<T>> {
    match written {
        Some(read) => read.map(Some),
        None => Some(None),
    }
}

/// Everything about a KPI except its queries.
fn kpi(
    checker: &mut Checker<'_>,
    name: &Text,
    written: &Kpi,
    sources: &[String],
    accepts: &Accepts,
) -> Option<plan::Kpi> {
    let named = checker.name(name, "the KPI");
    let missing = missing(checker, written);
    let continuity = continuity(checker, written);
    // All errors of a KPI are reported at once: nothing returns before every key was read.
    let ratio = ratio::ratio(checker, written);
    let unit = unit(checker, written);
    let coverage = match &written.coverage {
        Some(text) => checker.share(text),
        None => Some(Share::DEFAULT_COVERAGE),
    };
    let active = match &written.active {
        Some(text) => checker.share(text),
        None => Some(Share::DEFAULT_ACTIVE),
    };
    let quiet = quiet(checker, written);
    let per = written.per.as_ref().and_then(|per| label(checker, per));
    let source = source(checker, name, written.source.as_ref(), sources);
    let max_age = (written.max_age.as_ref()).and_then(|text| checker.positive(text, "max_age"));
    let step = (written.step.as_ref()).and_then(|text| checker.positive(text, "step"));
    Some(plan::Kpi {
        name: named?,
        title: text(written.title.as_ref()),
        unit: unit?,
        ratio: ratio?,
        per,
        source,
        delay: Duration::ZERO,
        lookback: None,
        coverage: coverage?,
        active: active?,
        quiet,
        max_age,
        missing,
        continuity,
        accept: accepts.codes(),
        step,
        details: details(written),
    })
}

fn details(written: &Kpi) -> KpiDetails {
    KpiDetails {
        description: text(written.description.as_ref()),
        dashboard: text(written.dashboard.as_ref()),
        owner: text(written.owner.as_ref()),
        runbook: text(written.runbook.as_ref()),
    }
}

fn unit(checker: &mut Checker<'_>, written: &Kpi) -> Option<Unit> {
    let words = Unit::ALL.map(|unit| (unit.word(), unit));
    let unit = match &written.unit {
        None => Unit::None,
        Some(text) => checker.word(text, "a unit", &words)?,
    };
    match written.ratio {
        Some(_) => ratio::unit(checker, written.unit.as_ref(), unit),
        None => Some(unit),
    }
}

fn label(checker: &mut Checker<'_>, per: &Text) -> Option<String> {
    // Prometheus 3 takes any text as a label, but a name with spaces is surely a typo.
    checker.name(per, "the label")
}

fn missing(checker: &mut Checker<'_>, written: &Kpi) -> Missing {
    let words = [("hold", Missing::Hold), ("zero", Missing::Zero)];
    let Some(text) = &written.missing else {
        return Missing::Hold;
    };
    let missing = checker.word(text, "a way to treat missing points", &words);
    // Of a ratio, the events themselves show that the service was measured.
    let is_shown = written.ratio.is_some() || has_measured_guard(written);
    if missing == Some(Missing::Zero) && !is_shown {
        let message = "`missing: zero` without a `guard` that reads a metric: a quiet service would look like a dead one";
        checker.report(
            Problem::error(ProblemCode::ZeroWithoutGuard, text.span.clone(), message)
                .help("add `guard: { query: …, is: \"> 0\" }` that shows that the service was measured at all"),
        );
    }
    missing.unwrap_or(Missing::Hold)
}

/// Whether there is a guard, and it asks how old something is.
fn tells_age(written: &Kpi) -> bool {
    promql::tells_age(guard_query(written))
}

fn guard_query(written: &Kpi) -> &str {
    let query = written.guard.as_ref().map(|guard| &guard.value.query);
    let query = query.and_then(Option::as_ref);
    query.map_or("", |query| query.value.as_str())
}

/// Whether there is a guard, and it reads a metric: the clock shows neither that a service runs nor that it is quiet.
fn has_measured_guard(written: &Kpi) -> bool {
    written.guard.is_some() && !promql::reads_no_metric(guard_query(written))
}

/// The limit of a guard with `$window` is one for the whole window: what it says of a part of it must be clear, or every check
/// would find `unseen-window`.
fn one_limit_for_all(
    checker: &mut Checker<'_>,
    guard: &Templated,
    is: PlainCondition,
    kpi: &plan::Kpi,
) {
    let missing = match kpi.ratio {
        Some(_) => Missing::Hold,
        None => kpi.missing,
    };
    let message = match (missing, kpi.quiet) {
        (Missing::Zero, _) if !is.asks_for_activity() => {
            "the limit of this guard is one for the whole window, and does not say what a part of it needs"
        }
        (Missing::Hold, Quiet::Met) => {
            "the limit of this guard is one for the whole window, so no part of it is quiet for `quiet: met`"
        }
        (Missing::Zero | Missing::Hold, Quiet::Met | Quiet::Hold) => return,
    };
    if guard.is_instant() {
        checker.report(
            Problem::error(ProblemCode::GuardQuery, guard.text.span.clone(), message)
                .help("write the guard with a duration in the place of `$window`"),
        );
    }
}

/// `quiet`, and whether it or `active` stands without a guard; `quiet: met` without one that measures.
fn quiet(checker: &mut Checker<'_>, written: &Kpi) -> Quiet {
    let met = written
        .quiet
        .as_ref()
        .is_some_and(|text| text.value == "met");
    let shows_traffic = written.guard.is_some() && !tells_age(written);
    let keys = [
        ("active", &written.active, shows_traffic),
        (
            "quiet",
            &written.quiet,
            shows_traffic && (!met || has_measured_guard(written)),
        ),
    ];
    for (key, text, is_guarded) in keys {
        let Some(text) = text.as_ref().filter(|_| !is_guarded) else {
            continue;
        };
        let message = if tells_age(written) {
            format!(
                "`{key}` beside a `guard` on the age of samples: where it fails, data are missing, and not quiet"
            )
        } else {
            format!(
                "`{key}` without a `guard` that reads a metric: no point is quiet unless a guard shows it"
            )
        };
        checker.report(
            Problem::error(ProblemCode::QuietWithoutGuard, text.span.clone(), message)
                .help("add `guard: { query: …, is: \"> 0\" }` that does not hold if there is too little traffic"),
        );
    }
    let words = [("hold", Quiet::Hold), ("met", Quiet::Met)];
    let read = written.quiet.as_ref();
    let read = read.and_then(|text| checker.word(text, "a way to treat quiet points", &words));
    read.unwrap_or(Quiet::Hold)
}

fn continuity(checker: &mut Checker<'_>, written: &Kpi) -> Continuity {
    let words = [("each", Continuity::Each), ("any", Continuity::Any)];
    let Some(text) = &written.series else {
        return Continuity::Each;
    };
    if written.per.is_none() {
        let message = "`series` without `per`: this KPI has exactly one series";
        checker.report(
            Problem::error(ProblemCode::SeriesWithoutPer, text.span.clone(), message)
                .help("add `per: LABEL`, or omit `series`"),
        );
    }
    let read = checker.word(text, "a way to treat series that end", &words);
    read.unwrap_or(Continuity::Each)
}

fn source(
    checker: &mut Checker<'_>,
    kpi: &Text,
    named: Option<&Text>,
    sources: &[String],
) -> String {
    let Some(text) = named else {
        if sources.len() > 1 {
            let message = "a KPI needs `source` if the plan has several";
            checker.error(ProblemCode::MissingKey, &kpi.span, message);
        }
        return sources.first().cloned().unwrap_or_default();
    };
    if !sources.contains(&text.value) {
        let known = sources.iter().map(String::as_str);
        checker.unknown_reference(text, "source", known);
    }
    text.value.clone()
}

fn guard(
    checker: &mut Checker<'_>,
    written: &Spanned<Guard>,
    kpi: Option<&Templated>,
) -> Option<(Templated, PlainCondition)> {
    let what = "a guard";
    let query = checker.required(written.value.query.as_ref(), "query", &written.span, what);
    let is = checker.required(written.value.is.as_ref(), "is", &written.span, what);
    let query = query.and_then(|query| templated(checker, query));
    let is = is.and_then(|text| checker.plain_condition(text));
    if let (Some(query), Some(kpi)) = (&query, kpi)
        && query.is_instant()
        && !kpi.is_instant()
    {
        let message = "this guard uses `$window`, but its KPI does not";
        checker.report(
            Problem::error(ProblemCode::GuardQuery, query.text.span.clone(), message)
                .help("a guard is queried at the same points as its KPI: write a duration"),
        );
    }
    Some((query?, is?))
}
