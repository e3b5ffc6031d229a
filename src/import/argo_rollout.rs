//! The steps of a rollout: each weight that something waits for or asks about is a stage. Must not read a metric.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::argo_run::Run;
use super::documents::Document;
use super::draft::{Draft, DraftStage};
use super::fields::{at, keys, list, text};
use crate::units::Duration;

/// What a pause without an end waits for.
const PROMOTE: &str = "promote";

/// What a rollout needs while its steps are walked through.
struct Walk<'d, 'a> {
    rollout: &'d Document,
    templates: &'a [&'d Document],
    given: &'a BTreeMap<String, String>,
    /// What is asked beside all steps from one on.
    beside: Option<(&'d Value, usize)>,
}

/// A stage while its steps are read.
struct Open<'d> {
    stage: DraftStage,
    waits: Duration,
    /// How long was waited before anything was asked.
    before: Duration,
    asks: Vec<&'d Value>,
    first_step: usize,
}

/// Adds the stages of a rollout.
pub(super) fn add<'d>(
    rollout: &'d Document,
    templates: &[&'d Document],
    given: &BTreeMap<String, String>,
    draft: &mut Draft,
) {
    draft.release.clone_from(&rollout.name);
    let spec = |path: &[&str]| at(&rollout.body, &[&["spec", "strategy"], path].concat());
    let beside = spec(&["canary", "analysis"]).map(|analysis| {
        let first = text(analysis, &["startingStep"]);
        (
            analysis,
            first.and_then(|step| step.parse().ok()).unwrap_or(0),
        )
    });
    let walk = Walk {
        rollout,
        templates,
        given,
        beside,
    };
    if let Some(canary) = spec(&["canary"]) {
        walk.canary(list(canary, &["steps"]), draft);
    }
    if let Some(blue_green) = spec(&["blueGreen"]) {
        walk.blue_green(blue_green, draft);
    }
    let used: Vec<String> = walk.named();
    for template in templates.iter().filter(|one| !used.contains(&one.name)) {
        draft.remarks.note(format!(
            "the template `{}` is not used by the rollout, so nothing of it is in the plan",
            template.name
        ));
    }
}

impl<'d> Walk<'d, '_> {
    fn canary(&self, steps: &'d [Value], draft: &mut Draft) {
        let mut open = Open::at("start".to_owned(), None, 0);
        for (number, step) in steps.iter().enumerate() {
            if let Some(weight) = text(step, &["setWeight"]) {
                self.close(open, draft);
                open = Open::at(
                    format!("weight-{weight}"),
                    Some(format!("{weight}%")),
                    number,
                );
            } else if step.get("pause").is_some() {
                Self::pause(step, &mut open, draft);
            } else if let Some(analysis) = at(step, &["analysis"]) {
                open.asks.push(analysis);
            } else {
                let name = keys(step, &[]).join("`, `");
                match name.as_str() {
                    "setCanaryScale"
                    | "setHeaderRoute"
                    | "setMirrorRoute"
                    | "replicaProgressThreshold" => {
                        draft.remarks.note(format!(
                            "`{name}`: traffic and pods stay with Argo Rollouts"
                        ));
                    }
                    _ => draft
                        .remarks
                        .leave_out(format!("the step `{name}`: gate judges and does not act")),
                }
            }
        }
        self.close(open, draft);
    }

    fn pause(step: &Value, open: &mut Open<'d>, draft: &mut Draft) {
        let Some(written) = text(step, &["pause", "duration"]) else {
            open.stage.confirmations = vec![PROMOTE.to_owned()];
            return draft.remarks.note(format!(
                "`pause` without a duration: somebody confirms `{PROMOTE}` before {} is left",
                open.stage.name
            ));
        };
        let is_number = written.bytes().all(|byte| byte.is_ascii_digit());
        let written = if is_number {
            format!("{written}s")
        } else {
            written
        };
        match Duration::parse(&written) {
            Ok(length) => open.waits = open.waits + length,
            Err(error) => draft.remarks.leave_out(format!("`pause`: {error}")),
        }
        if open.asks.is_empty() {
            open.before = open.waits;
        }
    }

    /// Adds a stage, if anything waits for it or asks about it.
    fn close(&self, open: Open<'d>, draft: &mut Draft) {
        let Open {
            mut stage,
            waits,
            before,
            asks,
            first_step,
        } = open;
        let beside = self.beside.filter(|(_, first)| *first <= first_step + 1);
        let beside = beside
            .filter(|_| {
                waits > Duration::ZERO || !asks.is_empty() || !stage.confirmations.is_empty()
            })
            .map(|(analysis, _)| analysis);
        if asks.is_empty() && beside.is_none() {
            if waits > Duration::ZERO && stage.confirmations.is_empty() {
                draft.remarks.note(format!("the pause of {waits} at {}: nothing is asked while it lasts, so it is no stage", stage.name));
            }
            if !stage.confirmations.is_empty() {
                draft.stages.push(stage);
            }
            return;
        }
        if beside.is_none() && before > Duration::ZERO {
            stage.settle = Some(before);
        }
        for analysis in asks {
            self.ask(analysis, &mut stage, None, draft);
        }
        if let Some(analysis) = beside {
            let inline = stage.window.unwrap_or(Duration::ZERO);
            let lasts = (waits + inline > Duration::ZERO).then(|| waits + inline);
            self.ask(analysis, &mut stage, lasts, draft);
            draft.remarks.note(
                "`analysis` beside the steps: failures add up over the whole rollout there, and in each stage here".to_owned(),
            );
        }
        draft.stages.push(stage);
    }

    /// Adds what an analysis asks.
    fn ask(
        &self,
        analysis: &'d Value,
        stage: &mut DraftStage,
        lasts: Option<Duration>,
        draft: &mut Draft,
    ) {
        let passed = list(analysis, &["args"]);
        for name in names(analysis) {
            match self.templates.iter().find(|one| one.name == name) {
                Some(template) => Run::of(template, passed, self.given).add(draft, stage, lasts),
                None => draft.remarks.leave_out(format!(
                    "the template `{name}`: it is in none of the files; give its file, too"
                )),
            }
        }
    }

    fn blue_green(&self, strategy: &'d Value, draft: &mut Draft) {
        for (key, name) in [
            ("prePromotionAnalysis", "preview"),
            ("postPromotionAnalysis", "active"),
        ] {
            let mut stage = DraftStage {
                name: name.to_owned(),
                ..DraftStage::default()
            };
            if let Some(analysis) = at(strategy, &[key]) {
                self.ask(analysis, &mut stage, None, draft);
            }
            let is_manual = text(strategy, &["autoPromotionEnabled"]).as_deref() == Some("false");
            if is_manual && name == "preview" {
                stage.confirmations = vec![PROMOTE.to_owned()];
                draft.remarks.note(format!("`autoPromotionEnabled: false`: somebody confirms `{PROMOTE}` before preview is left"));
            }
            if stage.decides() || !stage.watch.is_empty() {
                draft.stages.push(stage);
            }
        }
    }

    /// The templates that the rollout names.
    fn named(&self) -> Vec<String> {
        let strategy = at(&self.rollout.body, &["spec", "strategy"]).unwrap_or(&self.rollout.body);
        let steps = list(strategy, &["canary", "steps"])
            .iter()
            .filter_map(|step| at(step, &["analysis"]));
        let others = [
            &["canary", "analysis"],
            &["blueGreen", "prePromotionAnalysis"],
            &["blueGreen", "postPromotionAnalysis"],
        ];
        let others = others.into_iter().filter_map(|path| at(strategy, path));
        steps.chain(others).flat_map(names).collect()
    }
}

impl Open<'_> {
    fn at(name: String, traffic: Option<String>, first_step: usize) -> Self {
        Self {
            stage: DraftStage {
                name,
                traffic,
                ..DraftStage::default()
            },
            waits: Duration::ZERO,
            before: Duration::ZERO,
            asks: Vec::new(),
            first_step,
        }
    }
}

/// The templates that an analysis names.
fn names(analysis: &Value) -> Vec<String> {
    let several = list(analysis, &["templates"])
        .iter()
        .filter_map(|one| text(one, &["templateName"]));
    several.chain(text(analysis, &["templateName"])).collect()
}
