//! From the record to the shape of the file. Takes everything over as it is; computes nothing but the window's step.

use crate::assessment::{
    Approach, CriterionAssessment, GateAssessment, KpiAssessment, Outcome, RatioSeen,
    SeriesAssessment, Window,
};
use crate::evidence::{Answers, Evidence, PlanCopy, PlanSeen};
use crate::plan::{BaselineAs, Counted, Reducer, Release, RollbackStep};
use crate::rollout::AfterStop;
use crate::samples::SourceSeen;
use crate::units::Duration;

use super::number::Number;
use super::{SCHEMA, certainty, command, wire};

impl From<&Evidence> for wire::Document {
    fn from(evidence: &Evidence) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool: wire::Tool {
                name: "gate".to_owned(),
                version: evidence.tool_version.clone(),
            },
            evaluated_at: evidence.evaluated_at,
            started: evidence.started,
            verdict: evidence.verdict,
            exit_code: evidence.exit().code(),
            pending: evidence.is_pending(),
            accept_overrides: evidence.accept_overrides,
            plan: (&evidence.plan).into(),
            vars: evidence.vars.clone(),
            answers: (&evidence.answers).into(),
            ledger: evidence.ledger.clone(),
            run: evidence.run.clone(),
            sources: evidence.sources.iter().map(Into::into).collect(),
            asked: evidence.asked.clone(),
            baselines: evidence.baselines.clone(),
            gates: evidence
                .gates
                .iter()
                .map(|one| gate(one, &evidence.plan.path))
                .collect(),
            next: (evidence.next.as_ref()).map(|next| command::next(next, &evidence.plan.path)),
            plan_changes: evidence.plan_changes.clone(),
            rollback: evidence.rollback.iter().map(Into::into).collect(),
            warnings: evidence.warnings.clone(),
            accepted: evidence.accepted.clone(),
            notes: evidence.notes.clone(),
            watch: evidence.watch.clone(),
        }
    }
}

impl From<&PlanSeen> for wire::Plan {
    fn from(plan: &PlanSeen) -> Self {
        let (copy, copy_left_out) = match &plan.copy {
            PlanCopy::Kept(path) => (Some(path.clone()), None),
            PlanCopy::LeftOut(reason) => (None, Some(reason.clone())),
        };
        Self {
            path: plan.path.clone(),
            sha256: plan.sha256.clone(),
            copy,
            copy_left_out,
            release: (&plan.release).into(),
        }
    }
}

impl From<&Release> for wire::Release {
    fn from(release: &Release) -> Self {
        let link = |(name, url): &(String, String)| wire::Link {
            name: name.clone(),
            url: url.clone(),
        };
        Self {
            name: release.name.clone(),
            version: release.version.clone(),
            kind: release.kind.clone(),
            owner: release.owner.clone(),
            on_call: release.on_call.clone(),
            subjects: release.subjects.clone(),
            links: release.links.iter().map(link).collect(),
        }
    }
}

impl From<&Answers> for wire::Answers {
    fn from(answers: &Answers) -> Self {
        match answers {
            Answers::Kept { path, sha256 } => Self {
                path: Some(path.clone()),
                sha256: Some(sha256.clone()),
                left_out: None,
            },
            Answers::LeftOut(reason) => Self {
                left_out: Some(reason.clone()),
                ..Self::default()
            },
        }
    }
}

impl From<&SourceSeen> for wire::Source {
    fn from(source: &SourceSeen) -> Self {
        Self {
            name: source.name.clone(),
            url: source.url.clone(),
            server: wire::Server {
                version: source.version.clone(),
            },
            lookback: source.lookback.map(seconds),
            delay: Some(source.delay)
                .filter(|delay| *delay > Duration::ZERO)
                .map(seconds),
            params: source.params.clone(),
            clock_ahead: source.clock_ahead.map(seconds),
        }
    }
}

impl From<&RollbackStep> for wire::RollbackStep {
    fn from(step: &RollbackStep) -> Self {
        Self {
            action: step.action.clone(),
            owner: step.owner.clone(),
            takes: step.takes.map(seconds),
            option: step.option.as_ref().map(|option| wire::RollbackOption {
                name: option.name.clone(),
                when: option.when.clone(),
            }),
        }
    }
}

/// A gate; the plan's path goes into the commands that settle its criteria.
fn gate(gate: &GateAssessment, plan: &str) -> wire::Gate {
    let criteria = gate.criteria.iter();
    wire::Gate {
        name: gate.name(),
        stage: gate.stage.clone(),
        title: gate.title.clone(),
        traffic: gate.traffic.clone(),
        verdict: gate.verdict,
        verdict_without_approvals: gate.verdict_without_approvals,
        overridden: gate.override_in_force().cloned(),
        look: gate.look,
        outlook: gate.outlook,
        flags: gate.flags.clone(),
        after_stop: gate.after_stop.as_ref().map(|one| after_stop(one, plan)),
        counts: gate.counts,
        window: gate.window.as_ref().map(|window| wire_window(window, gate)),
        criteria: criteria.map(|one| criterion(one, plan)).collect(),
    }
}

fn after_stop(after_stop: &AfterStop, plan: &str) -> wire::AfterStop {
    let commands = after_stop.commands.iter();
    wire::AfterStop {
        done: after_stop.done.clone(),
        open_steps: after_stop.open_steps.clone(),
        done_steps: after_stop.done_steps.clone(),
        commands: commands.map(|one| command::next_step(one, plan)).collect(),
    }
}

fn wire_window(window: &Window, gate: &GateAssessment) -> wire::Window {
    wire::Window {
        observe: window.observe,
        start: window.start,
        end: window.end,
        step: common_step(gate).map(seconds),
        started: window.started,
        ended: window.ended,
        complete: window.complete,
        length: seconds(window.length),
        completes_at: window.completes_at,
    }
}

/// The step that all range queries of a gate share.
fn common_step(gate: &GateAssessment) -> Option<Duration> {
    let mut steps = gate
        .criteria
        .iter()
        .filter_map(|criterion| criterion.kpi.as_ref()?.step);
    let first = steps.next()?;
    steps.all(|step| step == first).then_some(first)
}

fn criterion(criterion: &CriterionAssessment, plan: &str) -> wire::Criterion {
    let kpi = criterion.kpi.as_ref();
    wire::Criterion {
        list: criterion.list,
        kind: criterion.kind,
        name: criterion.name.clone(),
        title: criterion.title.clone(),
        condition: criterion.condition.clone(),
        outcome: criterion.outcome,
        so_far: criterion.is_met_so_far().then_some(Outcome::Met),
        reason: criterion.reason.clone(),
        code: criterion.code,
        notes: criterion.notes.clone(),
        based_on: criterion.based_on.clone(),
        link: criterion.link.clone(),
        next_step: criterion
            .next_step
            .as_ref()
            .map(|next_step| command::next_step(next_step, plan)),
        query: kpi.map(|kpi| kpi.query.clone()),
        ratio: kpi.and_then(|kpi| kpi.ratio.as_ref()).map(Into::into),
        source: kpi.map(|kpi| kpi.source.clone()),
        companion: kpi
            .and_then(|kpi| kpi.companion.as_ref())
            .map(|companion| wire::Companion {
                query: companion.query.clone(),
                step: seconds(companion.step),
            }),
        unit: kpi.map(|kpi| kpi.unit),
        reducer: kpi.and_then(|kpi| kpi.reducer).map(Reducer::word),
        baseline_as: kpi.and_then(|kpi| kpi.baseline_as).map(BaselineAs::word),
        span: kpi.map(Into::into),
        decisive: kpi.and_then(|kpi| kpi.decisive),
        series: kpi.map(|kpi| kpi.series.iter().map(Into::into).collect()),
    }
}

impl From<&RatioSeen> for wire::Ratio {
    fn from(ratio: &RatioSeen) -> Self {
        let part = |of| (ratio.of == of).then(|| ratio.part.clone());
        Self {
            errors: part(Counted::Errors),
            good: part(Counted::Good),
            total: ratio.total.clone(),
        }
    }
}

impl From<&KpiAssessment> for wire::Span {
    fn from(kpi: &KpiAssessment) -> Self {
        Self {
            start: kpi.start,
            end: kpi.end,
            step: kpi.step.map(seconds),
        }
    }
}

impl From<&SeriesAssessment> for wire::Series {
    fn from(series: &SeriesAssessment) -> Self {
        let summary = series.summary;
        let mut written = Self {
            labels: series.labels.clone(),
            per: series.per.clone(),
            outcome: series.outcome,
            so_far: series.is_met_so_far().then_some(Outcome::Met),
            code: series.code,
            reason: series.reason.clone(),
            value: series.value.map(Number),
            value_at: series.value_at,
            bound: series.bound.map(Number),
            baseline: series.baseline.map(Number),
            baseline_at: series.partners.map(|partners| partners.at),
            baseline_mean: series.partners.map(|partners| Number(partners.mean)),
            points: series.points,
            events: series.events.map(|events| wire::EventCount {
                errors: Number(events.errors),
                total: Number(events.total),
            }),
            min: summary.map(|summary| Number(summary.min)),
            mean: summary.map(|summary| Number(summary.mean)),
            max: summary.map(|summary| Number(summary.max)),
            last: summary.map(|summary| Number(summary.last)),
            breaches: breaches(series),
            gaps: series.gaps.clone(),
            approach: series.approach.as_ref().map(Into::into),
            confidence: None,
            level: None,
            pairs: None,
            measures: None,
            factor: None,
            estimate: None,
            low: None,
            high: None,
            margin: None,
            rho: None,
            se: None,
            se_chance: None,
            t: None,
            z: None,
            control_events: None,
            blocks: Vec::new(),
            trend: series.trend.iter().map(|point| point.map(Number)).collect(),
        };
        if let Some(found) = &series.certainty {
            certainty::write(&mut written, found);
        }
        written
    }
}

impl From<&Approach> for wire::Approach {
    fn from(approach: &Approach) -> Self {
        Self {
            lasted: seconds(approach.lasted),
            needed: seconds(approach.needed),
            last_seen: approach.last_seen,
            trips_at: approach.trips_at,
        }
    }
}

fn breaches(series: &SeriesAssessment) -> Vec<wire::Breach> {
    let breach = |breach: &crate::assessment::Breach| wire::Breach {
        start: breach.start,
        end: breach.end,
        worst: Number(breach.worst),
    };
    series.breaches.iter().map(breach).collect()
}

/// Whole seconds as an integer, others with their milliseconds.
fn seconds(duration: Duration) -> wire::Seconds {
    if duration.millis() % 1000 == 0 {
        return wire::Seconds::from(duration.millis() / 1000);
    }
    wire::Seconds::from_f64(duration.seconds()).unwrap_or_else(|| wire::Seconds::from(0))
}
