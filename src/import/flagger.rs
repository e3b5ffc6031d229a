//! Flagger: a canary with its metrics, and metric templates. Must not write a plan's text.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::arguments::Arguments;
use super::documents::Document;
use super::draft::{Asked, Draft, DraftKpi, DraftStage, Limit, Measured, Server};
use super::expression::number;
use super::fields::{at, list, text};
use super::server::{UNKNOWN_SERVER, server};
use crate::plan::{Comparison, ForeignKind};
use crate::units::Duration;

/// What Flagger does where the canary does not say.
const INTERVAL: Duration = Duration::from_secs(60);
const MESH: &str = "istio";
/// Webhooks that wait for somebody's word.
const CONFIRMING: [&str; 4] = [
    "confirm-rollout",
    "confirm-traffic-increase",
    "confirm-promotion",
    "confirm-rollback",
];

/// Adds what these documents ask to a draft. `given` are values of the templates' variables.
pub(super) fn add(documents: &[Document], given: &BTreeMap<String, String>, draft: &mut Draft) {
    let of = |kind: ForeignKind| documents.iter().filter(move |one| one.kind == kind);
    let templates: Vec<&Document> = of(ForeignKind::MetricTemplate).collect();
    let mut used = Vec::new();
    for canary in of(ForeignKind::Canary) {
        let analysis = at(&canary.body, &["spec", "analysis"]);
        let analysis = analysis.or_else(|| at(&canary.body, &["spec", "canaryAnalysis"]));
        let Some(analysis) = analysis else {
            let why = format!("`{}`: it has no `analysis`", canary.name);
            draft.remarks.leave_out(why);
            continue;
        };
        draft.release.clone_from(&canary.name);
        let canary = Canary {
            document: canary,
            analysis,
            templates: &templates,
            given,
        };
        canary.add(draft);
        let metrics = list(analysis, &["metrics"]).iter();
        used.extend(metrics.filter_map(|metric| text(metric, &["templateRef", "name"])));
    }
    for template in templates.iter().filter(|one| !used.contains(&one.name)) {
        draft.remarks.leave_out(format!(
            "the template `{}`: its limits are in the `Canary` that names it; give its file, too",
            template.name
        ));
    }
}

struct Canary<'d, 'a> {
    document: &'d Document,
    analysis: &'d Value,
    templates: &'a [&'d Document],
    given: &'a BTreeMap<String, String>,
}

impl Canary<'_, '_> {
    /// One stage: its failures add up over the whole analysis.
    fn add(&self, draft: &mut Draft) {
        let interval = self.interval(draft);
        let (steps, threshold) = (self.steps(), self.whole("threshold").unwrap_or(1).max(1));
        let checks = steps.saturating_add(threshold - 1);
        let mut stage = DraftStage {
            name: "canary".to_owned(),
            window: Some(Duration::from_millis(
                interval.millis().saturating_mul(i64::from(checks)),
            )),
            ..DraftStage::default()
        };
        self.say_how_it_counts(draft, (steps, threshold), interval);
        let metrics = list(self.analysis, &["metrics"]);
        if metrics.len() > 1 && threshold > 1 {
            draft.remarks.note(format!(
                "`threshold: {threshold}`: Flagger counts a check as failed whichever metric fails, a plan counts for each metric"
            ));
        }
        for metric in metrics {
            let name = text(metric, &["name"]).unwrap_or_else(|| "unnamed".to_owned());
            if let Err(why) = self.metric(&name, metric, (interval, threshold), draft, &mut stage) {
                draft.remarks.leave_out(format!("`{name}`: {why}"));
            }
        }
        self.webhooks(draft, &mut stage);
        for key in ["alerts", "match", "sessionAffinity"] {
            if at(self.analysis, &[key]).is_some() {
                draft
                    .remarks
                    .note(format!("`{key}`: it stays with Flagger"));
            }
        }
        if text(&self.document.body, &["spec", "skipAnalysis"]).as_deref() == Some("true") {
            draft.remarks.note(
                "`skipAnalysis: true`: Flagger skips all of this, the plan does not".to_owned(),
            );
        }
        draft.stages.push(stage);
    }

    fn say_how_it_counts(
        &self,
        draft: &mut Draft,
        (steps, threshold): (u32, u32),
        interval: Duration,
    ) {
        let failing = match threshold {
            1 => "none that fails".to_owned(),
            2 => "at most 1 that fails".to_owned(),
            threshold => format!("at most {} that fail", threshold - 1),
        };
        draft.remarks.note(format!(
            "`analysis` of `{}`: {steps} good checks of {interval} and {failing} make one stage; Flagger holds the weight at a failed check, and may be done sooner",
            self.document.name
        ));
    }

    fn interval(&self, draft: &mut Draft) -> Duration {
        let Some(written) = text(self.analysis, &["interval"]) else {
            return INTERVAL;
        };
        match Duration::parse(&written) {
            Ok(interval) if interval > Duration::ZERO => interval,
            Ok(_) | Err(_) => {
                draft.remarks.note(format!(
                    "`interval: {written}` is no duration; {INTERVAL} stands for it"
                ));
                INTERVAL
            }
        }
    }

    /// How many checks have to be good.
    fn steps(&self) -> u32 {
        if let Some(iterations) = self.whole("iterations").filter(|count| *count > 0) {
            return iterations;
        }
        let weights = list(self.analysis, &["stepWeights"]).len();
        if let Some(weights) = u32::try_from(weights).ok().filter(|count| *count > 0) {
            return weights;
        }
        let most = self
            .whole("maxWeight")
            .filter(|most| *most > 0)
            .unwrap_or(100);
        let step = self
            .whole("stepWeight")
            .filter(|step| *step > 0)
            .unwrap_or(most);
        most.div_ceil(step)
    }

    fn whole(&self, key: &str) -> Option<u32> {
        text(self.analysis, &[key])?.parse().ok()
    }

    fn metric(
        &self,
        name: &str,
        metric: &Value,
        (interval, threshold): (Duration, u32),
        draft: &mut Draft,
        stage: &mut DraftStage,
    ) -> Result<(), String> {
        let range = text(metric, &["interval"]).unwrap_or_else(|| INTERVAL.to_string());
        let arguments = self.arguments(metric, &range);
        let (asked, unit, from) = self.asked(name, metric, &arguments, draft)?;
        let limits = limits(name, metric)?;
        let kpi = DraftKpi {
            name: name.to_owned(),
            title: None,
            asked,
            unit,
            step: Some(interval),
            source: draft.server(from),
            guard: None,
        };
        let measured = Measured {
            bad: limits.iter().map(Limit::negated).collect(),
            good: limits,
            tolerated: threshold - 1,
            undecided: 0,
            interval,
            once: false,
        };
        let name = draft.add(kpi, &self.document.name);
        measured.ask(&name, stage);
        Ok(())
    }

    /// Its query, unit and server.
    fn asked(
        &self,
        name: &str,
        metric: &Value,
        arguments: &Arguments,
        draft: &mut Draft,
    ) -> Result<(Asked, Option<&'static str>, Server), String> {
        let unknown = |draft: &mut Draft| {
            draft
                .remarks
                .note(format!("`metricsServer`: {UNKNOWN_SERVER}"));
            server(None, false, &mut draft.remarks)
        };
        if let Some(template) = text(metric, &["templateRef", "name"]) {
            let found = self.templates.iter().find(|one| one.name == template);
            let found = found.ok_or_else(|| {
                format!("its template `{template}` is in none of the files; give its file, too")
            })?;
            let provider = text(&found.body, &["spec", "provider", "type"]).unwrap_or_default();
            if provider != "prometheus" {
                return Err(format!(
                    "a template of `{provider}`: gate asks Prometheus and what answers like it"
                ));
            }
            if at(&found.body, &["spec", "provider", "secretRef"]).is_some() {
                draft.remarks.note(format!(
                    "`secretRef` of `{template}`: who asks is said in `http_config` of the plan's source"
                ));
            }
            let query =
                text(&found.body, &["spec", "query"]).ok_or("its template has no `query`")?;
            let address = text(&found.body, &["spec", "provider", "address"]);
            let insecure = text(&found.body, &["spec", "provider", "insecureSkipVerify"]);
            let from = server(
                address,
                insecure.as_deref() == Some("true"),
                &mut draft.remarks,
            );
            let query = arguments.query(query.trim(), &mut draft.needed);
            return Ok((Asked::One(query), None, from));
        }
        if let Some(query) = text(metric, &["query"]) {
            let from = unknown(draft);
            let query = arguments.query(query.trim(), &mut draft.needed);
            return Ok((Asked::One(query), None, from));
        }
        let mesh = text(&self.document.body, &["spec", "provider"]);
        if mesh.is_none() {
            draft.remarks.note(format!(
                "`provider` is not in the canary: the metrics of {MESH} are taken"
            ));
        }
        let mesh = mesh.unwrap_or_else(|| MESH.to_owned());
        let (asked, unit) = built_in(name, &mesh).ok_or_else(|| {
            format!("a metric of Flagger's own for `{mesh}` that is not known here: write its query in a `MetricTemplate`")
        })?;
        let fill = |query: &str, draft: &mut Draft| arguments.query(query, &mut draft.needed);
        let asked = match asked {
            Asked::One(query) => Asked::One(fill(&query, draft)),
            Asked::Ratio {
                counted,
                part,
                total,
                objective,
            } => Asked::Ratio {
                counted,
                part: fill(&part, draft),
                total: fill(&total, draft),
                objective,
            },
        };
        let from = unknown(draft);
        Ok((asked, Some(unit), from))
    }

    /// What Flagger fills into its queries.
    fn arguments(&self, metric: &Value, range: &str) -> Arguments {
        let body = &self.document.body;
        let target = text(body, &["spec", "targetRef", "name"]);
        let mut values = BTreeMap::new();
        let mut set = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                values.insert(name.to_owned(), value);
            }
        };
        set("name", Some(self.document.name.clone()));
        set("namespace", text(body, &["metadata", "namespace"]));
        set("target", target.clone());
        set(
            "service",
            text(body, &["spec", "service", "name"]).or(target),
        );
        set("ingress", text(body, &["spec", "ingressRef", "name"]));
        set("route", text(body, &["spec", "routeRef", "name"]));
        set("interval", Some(range.to_owned()));
        for key in super::fields::keys(metric, &["templateVariables"]) {
            set(
                &format!("variables.{key}"),
                text(metric, &["templateVariables", &key]),
            );
        }
        for (name, value) in self.given {
            set(name, Some(value.clone()));
            set(&format!("variables.{name}"), Some(value.clone()));
        }
        Arguments { values }
    }

    fn webhooks(&self, draft: &mut Draft, stage: &mut DraftStage) {
        for webhook in list(self.analysis, &["webhooks"]) {
            let kind = text(webhook, &["type"]).unwrap_or_else(|| "rollout".to_owned());
            let name = text(webhook, &["name"]).unwrap_or_else(|| kind.clone());
            if CONFIRMING.contains(&kind.as_str()) && kind != "confirm-rollback" {
                stage.confirmations.push(name.replace(' ', "-"));
                draft.remarks.note(format!(
                    "the webhook `{name}` ({kind}): somebody confirms it before the stage is left"
                ));
            } else {
                draft.remarks.note(format!(
                    "the webhook `{name}` ({kind}): gate calls nothing; it stays with Flagger"
                ));
            }
        }
    }
}

/// What values have to be.
fn limits(name: &str, metric: &Value) -> Result<Vec<Limit>, String> {
    let limit = |path: &[&str], comparison: Comparison| {
        let Some(written) = text(metric, path) else {
            return Ok(None);
        };
        let number = number(&written)
            .ok_or_else(|| format!("`{}: {written}` is no number", path.join(".")))?;
        Ok::<_, String>(Some(Limit { comparison, number }))
    };
    let least = limit(&["thresholdRange", "min"], Comparison::GreaterOrEqual)?;
    let most = limit(&["thresholdRange", "max"], Comparison::LessOrEqual)?;
    let mut limits: Vec<Limit> = least.into_iter().chain(most).collect();
    if limits.is_empty() {
        // The older word: a success rate has to be at least that, anything else at most.
        let side = if name.contains("success-rate") {
            Comparison::GreaterOrEqual
        } else {
            Comparison::LessOrEqual
        };
        limits.extend(limit(&["threshold"], side)?);
    }
    if limits.is_empty() {
        return Err("it has no `thresholdRange`".to_owned());
    }
    Ok(limits)
}

/// The metrics that Flagger has of its own, as its documents describe them: successes in percent, the 99th percentile in milliseconds.
fn built_in(name: &str, mesh: &str) -> Option<(Asked, &'static str)> {
    let ratio = |metric: &str, labels: &str, good: &str| Asked::Ratio {
        counted: "good",
        part: format!("sum(rate({metric}{{{labels}, {good}}}[{{{{ interval }}}}]))"),
        total: format!("sum(rate({metric}{{{labels}}}[{{{{ interval }}}}]))"),
        objective: None,
    };
    let slowest = |metric: &str, labels: &str| {
        Asked::One(format!(
            "histogram_quantile(0.99, sum by (le) (rate({metric}{{{labels}}}[{{{{ interval }}}}])))"
        ))
    };
    let istio = "reporter=\"destination\", destination_workload_namespace=\"{{ namespace }}\", destination_workload=~\"{{ target }}\"";
    let linkerd =
        "namespace=\"{{ namespace }}\", deployment=~\"{{ target }}\", direction=\"inbound\"";
    let nginx = "namespace=\"{{ namespace }}\", ingress=\"{{ ingress }}\", canary!=\"\"";
    let rate = ("request-success-rate", "percent");
    let duration = ("request-duration", "milliseconds");
    match (mesh, name) {
        ("istio", name) if name == rate.0 => Some((
            ratio("istio_requests_total", istio, "response_code!~\"5.*\""),
            rate.1,
        )),
        ("istio", name) if name == duration.0 => Some((
            slowest("istio_request_duration_milliseconds_bucket", istio),
            duration.1,
        )),
        ("linkerd", name) if name == rate.0 => Some((
            ratio("response_total", linkerd, "classification!=\"failure\""),
            rate.1,
        )),
        ("linkerd", name) if name == duration.0 => {
            Some((slowest("response_latency_ms_bucket", linkerd), duration.1))
        }
        ("nginx", name) if name == rate.0 => Some((
            ratio(
                "nginx_ingress_controller_requests",
                nginx,
                "status!~\"5.*\"",
            ),
            rate.1,
        )),
        _ => None,
    }
}
