//! OpenSLO: objectives with their indicators. Must not write a plan's text.

use serde_yaml::Value;

use super::arguments::Arguments;
use super::documents::Document;
use super::draft::{Draft, Server};
use super::expression::number;
use super::fields::{at, list, text};
use super::objective::{self, Objective, PERIOD, percent_of};
use super::server::{UNKNOWN_SERVER, server};
use crate::plan::ForeignKind;
use crate::units::Duration;

const SLO: &str = "SLO";
const SLI: &str = "SLI";
/// What may come with objectives and asks nothing of Prometheus.
const BESIDE: [&str; 5] = [
    "Service",
    "DataSource",
    "AlertPolicy",
    "AlertCondition",
    "AlertNotificationTarget",
];

/// Adds what these documents ask to a draft.
pub(super) fn add(documents: &[Document], draft: &mut Draft) {
    let own = || {
        documents
            .iter()
            .filter(|one| one.kind == ForeignKind::OpenSlo)
    };
    let of_kind = |wanted: &'static str| {
        own().filter(move |one| text(&one.body, &["kind"]).as_deref() == Some(wanted))
    };
    let indicators: Vec<&Document> = of_kind(SLI).collect();
    for slo in of_kind(SLO) {
        draft.release = text(&slo.body, &["spec", "service"]).unwrap_or_else(|| slo.name.clone());
        if let Err(why) = one(slo, &indicators, draft) {
            draft.remarks.leave_out(format!("`{}`: {why}", slo.name));
        }
    }
    for kind in BESIDE.into_iter().skip(2) {
        for document in of_kind(kind) {
            draft.remarks.note(format!(
                "`{kind}` `{}`: alerts stay where they are",
                document.name
            ));
        }
    }
}

fn one(slo: &Document, indicators: &[&Document], draft: &mut Draft) -> Result<(), String> {
    let spec = at(&slo.body, &["spec"]).ok_or("it has no `spec`")?;
    let objectives = list(spec, &["objectives"]);
    if objectives.is_empty() {
        return Err("it has no `objectives`".to_owned());
    }
    let referred = text(spec, &["indicatorRef"]);
    let indicator = match &referred {
        Some(name) => {
            let found = indicators.iter().find(|one| one.name == *name);
            let found = found.ok_or_else(|| {
                format!("its indicator `{name}` is in none of the files; give its file, too")
            })?;
            at(&found.body, &["spec"])
        }
        None => at(spec, &["indicator", "spec"]).or_else(|| at(spec, &["indicator"])),
    };
    for (place, objective) in objectives.iter().enumerate() {
        let name = if objectives.len() == 1 {
            slo.name.clone()
        } else {
            format!("{}-{}", slo.name, place + 1)
        };
        let case = Case {
            name,
            spec,
            objective,
            indicator,
        };
        case.add(draft)?;
    }
    Ok(())
}

/// One objective.
struct Case<'v> {
    name: String,
    spec: &'v Value,
    objective: &'v Value,
    indicator: Option<&'v Value>,
}

impl Case<'_> {
    fn add(&self, draft: &mut Draft) -> Result<(), String> {
        let percent = self.percent()?;
        let ratio = self.indicator.and_then(|one| at(one, &["ratioMetric"]));
        let ratio = ratio.or_else(|| at(self.objective, &["ratioMetrics"]));
        if let Some(ratio) = ratio {
            return self.ratio(ratio, percent, draft);
        }
        let threshold = self.indicator.and_then(|one| at(one, &["thresholdMetric"]));
        let threshold =
            threshold.ok_or("it has neither a `ratioMetric` nor a `thresholdMetric`")?;
        let query = Self::query(threshold, draft)?;
        let comparison = match text(self.objective, &["op"]).as_deref() {
            Some("lt") => "<",
            Some("lte") => "<=",
            Some("gt") => ">",
            Some("gte") => ">=",
            Some(other) => return Err(format!("`op: {other}` is not known")),
            None => return Err("a `thresholdMetric` without `op`".to_owned()),
        };
        let value = text(self.objective, &["value"]).and_then(|value| number(&value));
        let value = value.ok_or("a `thresholdMetric` without a `value`")?;
        let from = Self::server(draft);
        let source = draft.server(from);
        let kpi = objective::value(self.name.clone(), self.title(), query, source, None);
        objective::add_value(kpi, format!("{comparison} {value} for {percent}"), draft);
        Ok(())
    }

    fn ratio(&self, ratio: &Value, percent: String, draft: &mut Draft) -> Result<(), String> {
        let sides = [("good", "good"), ("bad", "errors")];
        let mut sides = sides
            .into_iter()
            .filter_map(|(key, counted)| Some((at(ratio, &[key])?, counted)));
        let (part, counted) = sides.next().ok_or("its ratio has neither `good` nor `bad`; a ratio that comes ready (`raw`) forgets how many events there were")?;
        let total = at(ratio, &["total"]).ok_or("its ratio has no `total`")?;
        let counts = ["counter", "incremental"]
            .into_iter()
            .filter_map(|key| text(ratio, &[key]));
        let is_counter = counts.into_iter().all(|is_so| is_so == "true");
        let part = self.rate(part, is_counter, draft)?;
        let total = self.rate(total, is_counter, draft)?;
        let server = Self::server(draft);
        objective::add(
            Objective {
                name: self.name.clone(),
                title: self.title(),
                counted,
                part,
                total,
                percent,
                period: self.period(draft),
                server,
                pages: true,
            },
            draft,
        );
        draft.remarks.note("an objective has no limits for a release: the stop is that of the usual alerts, 2% of the error budget in an hour or 5% in six".to_owned());
        Ok(())
    }

    /// A rate of events: one that is written, or that of a counter.
    fn rate(&self, side: &Value, is_counter: bool, draft: &mut Draft) -> Result<String, String> {
        let query = Self::query(side, draft)?;
        if query.contains('(') || query.contains('[') {
            return Ok(query);
        }
        if !is_counter {
            return Err(
                "its queries are no counters: gate counts events, and cannot tell how many"
                    .to_owned(),
            );
        }
        draft.remarks.note(format!(
            "the counters of `{}` are asked as rates over each step",
            self.name
        ));
        Ok(format!("sum(rate({query}[$step]))"))
    }

    fn query(metric: &Value, draft: &mut Draft) -> Result<String, String> {
        let source = at(metric, &["metricSource"]).unwrap_or(metric);
        let kind = text(source, &["type"]).or_else(|| text(source, &["source"]));
        if let Some(kind) = kind.filter(|kind| !kind.eq_ignore_ascii_case("prometheus")) {
            return Err(format!(
                "a metric of `{kind}`: gate asks Prometheus and what answers like it"
            ));
        }
        let query = text(source, &["spec", "query"]).or_else(|| text(source, &["query"]));
        let query = query.ok_or("its metric has no `query`")?;
        Ok(Arguments::default().query(query.trim(), &mut draft.needed))
    }

    fn percent(&self) -> Result<String, String> {
        if let Some(percent) = text(self.objective, &["targetPercent"]) {
            return Ok(format!("{percent}%"));
        }
        let target = text(self.objective, &["target"]).ok_or("its objective has no `target`")?;
        let percent = percent_of(&target)
            .ok_or_else(|| format!("`target: {target}` leaves no error budget"))?;
        Ok(format!("{percent}%"))
    }

    fn title(&self) -> Option<String> {
        text(self.objective, &["displayName"]).or_else(|| text(self.spec, &["description"]))
    }

    fn period(&self, draft: &mut Draft) -> Duration {
        let windows = list(self.spec, &["timeWindow"])
            .iter()
            .chain(list(self.spec, &["timeWindows"]));
        let window = windows.into_iter().next();
        let own = window.and_then(|window| text(window, &["duration"]));
        let of_older = window.and_then(|window| Some(format!("{}d", text(window, &["count"])?)));
        let length = own
            .or(of_older)
            .and_then(|length| Duration::parse(&length).ok());
        let length = length.filter(|length| *length > Duration::ZERO);
        if length.is_none() {
            draft.remarks.note(format!(
                "`timeWindow` of `{}`: {PERIOD} stands for it",
                self.name
            ));
        }
        length.unwrap_or(PERIOD)
    }

    fn server(draft: &mut Draft) -> Server {
        draft
            .remarks
            .note(format!("the address of the server: {UNKNOWN_SERVER}"));
        server(None, false, &mut draft.remarks)
    }
}
