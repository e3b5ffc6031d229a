//! An analysis template with the values of its arguments: its metrics, put into a stage. Must not know the steps of a rollout.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::argo_metric::{Found, Metric};
use super::arguments::{Arguments, variable};
use super::documents::Document;
use super::draft::{Draft, DraftStage};
use super::fields::{list, text};
use crate::units::Duration;

/// How long is looked where nothing says it.
const UNSAID: Duration = Duration::from_secs(30 * 60);
/// What one measurement is judged by.
const ONCE: Duration = Duration::from_secs(5 * 60);

/// A template with the values of its arguments.
pub(super) struct Run<'d> {
    template: &'d Document,
    arguments: Arguments,
}

impl<'d> Run<'d> {
    /// `passed` are what a rollout passes; what the caller gives takes precedence, and what the template says comes last.
    pub fn of(template: &'d Document, passed: &[Value], given: &BTreeMap<String, String>) -> Self {
        let mut values = BTreeMap::new();
        for argument in list(&template.body, &["spec", "args"]).iter().chain(passed) {
            if let (Some(name), Some(value)) =
                (text(argument, &["name"]), text(argument, &["value"]))
            {
                values.insert(format!("args.{name}"), value);
            }
        }
        for (name, value) in given {
            let is_this = |argument: &&Value| {
                let own = text(argument, &["name"]).unwrap_or_default();
                own == *name || variable(&own) == *name
            };
            let own = list(&template.body, &["spec", "args"]).iter().chain(passed);
            let own = own.filter(is_this).find_map(|one| text(one, &["name"]));
            values.insert(
                format!("args.{}", own.unwrap_or_else(|| name.clone())),
                value.clone(),
            );
        }
        Self {
            template,
            arguments: Arguments { values },
        }
    }

    /// Adds its metrics to a stage; `lasts` is how long the stage does, where that is known.
    pub fn add(&self, draft: &mut Draft, stage: &mut DraftStage, lasts: Option<Duration>) {
        let body = &self.template.body;
        if !list(body, &["spec", "templates"]).is_empty() {
            draft.remarks.leave_out(format!(
                "`templates` of `{}`: give the templates that it names a rollout of their own, or import them by themselves",
                self.template.name
            ));
        }
        let dry: Vec<String> = list(body, &["spec", "dryRun"])
            .iter()
            .filter_map(|one| text(one, &["metricName"]))
            .collect();
        let metrics = list(body, &["spec", "metrics"]);
        let mut found: Vec<(Found, bool)> = Vec::new();
        for metric in metrics {
            let metric = Metric::of(metric);
            let is_dry = dry.iter().any(|name| *name == metric.name || name == ".*");
            match metric.read(&self.arguments, draft) {
                Ok(one) => found.push((one, is_dry)),
                Err(why) => draft.remarks.leave_out(format!("`{}`: {why}", metric.name)),
            }
        }
        self.place(found, draft, stage, lasts);
    }

    fn place(
        &self,
        found: Vec<(Found, bool)>,
        draft: &mut Draft,
        stage: &mut DraftStage,
        lasts: Option<Duration>,
    ) {
        let kpis = || found.iter().filter_map(|(one, _)| one.kpi());
        if kpis().next().is_some() {
            let endless = kpis().any(|one| one.lasts.is_none() && !one.measured.once);
            let longest = kpis().filter_map(|one| one.lasts).max();
            let own = longest.unwrap_or(if endless { UNSAID } else { ONCE });
            if lasts.is_none() && longest.is_none() && endless {
                draft.remarks.note(format!(
                    "`{}` has no `count`: it measures until the rollout is over; a window of {UNSAID} stands for that",
                    self.template.name
                ));
            }
            stage.window = stage.window.max(Some(lasts.unwrap_or(own)));
        }
        for (one, is_dry) in found {
            one.put(is_dry, draft, stage);
        }
    }
}
