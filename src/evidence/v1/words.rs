//! From the shape of the file to the record: the inverse of `convert`. Words become what they stand for, or are refused.

use super::number::Number;
use super::{certainty, command, wire};
use crate::assessment::{
    Approach, Breach, CompanionSeen, CriterionAssessment, EventCount, GateAssessment,
    KpiAssessment, Partners, RatioSeen, SeriesAssessment, Summary, Window,
};
use crate::evidence::{Answers, Evidence, PlanCopy, PlanSeen};
use crate::kind::UnknownWord;
use crate::plan::{
    BaselineAs, Counted, Reducer, Release, ReleaseDetails, RollbackOption, RollbackStep,
};
use crate::rollout::AfterStop;
use crate::samples::SourceSeen;
use crate::units::Duration;

type Read<T> = Result<T, UnknownWord>;

/// The record of a document.
pub(super) fn evidence(document: wire::Document) -> Read<Evidence> {
    Ok(Evidence {
        tool_version: document.tool.version,
        evaluated_at: document.evaluated_at,
        started: document.started,
        verdict: document.verdict,
        vars: document.vars,
        answers: answers(document.answers),
        run: document.run,
        sources: document.sources.into_iter().map(source).collect(),
        asked: document.asked,
        baselines: document.baselines,
        gates: (document.gates.into_iter())
            .map(|one| gate(one, &document.plan.path))
            .collect::<Read<_>>()?,
        next: (document.next)
            .map(|next| command::read_next(next, &document.plan.path))
            .transpose()?,
        ledger: document.ledger,
        accept_overrides: document.accept_overrides,
        plan_changes: document.plan_changes,
        rollback: document.rollback.into_iter().map(step).collect(),
        warnings: document.warnings,
        accepted: document.accepted,
        notes: document.notes,
        watch: document.watch,
        plan: plan(document.plan),
    })
}

fn plan(plan: wire::Plan) -> PlanSeen {
    let left_out = || PlanCopy::LeftOut(plan.copy_left_out.unwrap_or_default());
    PlanSeen {
        path: plan.path,
        sha256: plan.sha256,
        copy: plan.copy.map_or_else(left_out, PlanCopy::Kept),
        release: release(plan.release),
    }
}

fn release(release: wire::Release) -> Release {
    Release {
        name: release.name,
        version: release.version,
        kind: release.kind,
        owner: release.owner,
        on_call: release.on_call,
        subjects: release.subjects,
        links: (release.links.into_iter())
            .map(|link| (link.name, link.url))
            .collect(),
        details: ReleaseDetails::default(),
    }
}

fn answers(answers: wire::Answers) -> Answers {
    match (answers.path, answers.sha256) {
        (Some(path), Some(sha256)) => Answers::Kept { path, sha256 },
        _ => Answers::LeftOut(answers.left_out.unwrap_or_default()),
    }
}

fn source(source: wire::Source) -> SourceSeen {
    SourceSeen {
        name: source.name,
        url: source.url,
        version: source.server.version,
        lookback: source.lookback.as_ref().map(duration),
        delay: source.delay.as_ref().map(duration).unwrap_or_default(),
        params: source.params,
        clock_ahead: source.clock_ahead.as_ref().map(duration),
        // What it means stands in the notes.
        clock_undated: false,
    }
}

fn step(step: wire::RollbackStep) -> RollbackStep {
    RollbackStep {
        action: step.action,
        owner: step.owner,
        takes: step.takes.as_ref().map(duration),
        option: step.option.map(|option| RollbackOption {
            name: option.name,
            when: option.when,
        }),
    }
}

fn gate(gate: wire::Gate, plan: &str) -> Read<GateAssessment> {
    let name = gate.name;
    if name.stage != gate.stage {
        return Err(UnknownWord::new("gate", &name.to_string()));
    }
    Ok(GateAssessment {
        kind: name.kind,
        stage: name.stage,
        title: gate.title,
        traffic: gate.traffic,
        verdict: gate.verdict,
        verdict_without_approvals: gate.verdict_without_approvals,
        overridden: gate.overridden,
        look: gate.look,
        outlook: gate.outlook,
        flags: gate.flags,
        after_stop: (gate.after_stop)
            .map(|one| after_stop(one, plan))
            .transpose()?,
        counts: gate.counts,
        window: gate.window.as_ref().map(window),
        criteria: (gate.criteria.into_iter())
            .map(|one| criterion(one, plan))
            .collect::<Read<_>>()?,
    })
}

fn after_stop(after_stop: wire::AfterStop, plan: &str) -> Read<AfterStop> {
    let commands = after_stop.commands.into_iter();
    Ok(AfterStop {
        done: after_stop.done,
        open_steps: after_stop.open_steps,
        done_steps: after_stop.done_steps,
        commands: commands
            .map(|one| command::read_next_step(one, plan))
            .collect::<Read<_>>()?,
    })
}

fn window(window: &wire::Window) -> Window {
    Window {
        observe: window.observe,
        start: window.start,
        end: window.end,
        length: duration(&window.length),
        started: window.started,
        ended: window.ended,
        complete: window.complete,
        completes_at: window.completes_at,
    }
}

fn criterion(mut criterion: wire::Criterion, plan: &str) -> Read<CriterionAssessment> {
    let kpi = kpi(&mut criterion)?;
    Ok(CriterionAssessment {
        list: criterion.list,
        kind: criterion.kind,
        name: criterion.name,
        title: criterion.title,
        condition: criterion.condition,
        outcome: criterion.outcome,
        code: criterion.code,
        reason: criterion.reason,
        notes: criterion.notes,
        based_on: criterion.based_on,
        link: criterion.link,
        next_step: (criterion
            .next_step
            .map(|next_step| command::read_next_step(next_step, plan)))
        .transpose()?,
        kpi,
    })
}

/// What only KPIs have: all of it, or nothing.
fn kpi(criterion: &mut wire::Criterion) -> Read<Option<KpiAssessment>> {
    let (Some(query), Some(source), Some(unit), Some(span), Some(series)) = (
        criterion.query.take(),
        criterion.source.take(),
        criterion.unit.take(),
        criterion.span.take(),
        criterion.series.take(),
    ) else {
        return Ok(None);
    };
    let reducer =
        |word: &String| Reducer::from_word(word).ok_or_else(|| UnknownWord::new("reducer", word));
    let baseline_as = |word: &String| {
        BaselineAs::from_word(word).ok_or_else(|| UnknownWord::new("use of a baseline", word))
    };
    let reducer = criterion.reducer.as_ref().map(reducer).transpose()?;
    let of_budget = reducer == Some(Reducer::Budget);
    Ok(Some(KpiAssessment {
        query,
        ratio: criterion.ratio.take().map(ratio).transpose()?,
        source,
        unit,
        companion: criterion.companion.take().map(|companion| CompanionSeen {
            step: duration(&companion.step),
            query: companion.query,
        }),
        reducer,
        baseline_as: criterion
            .baseline_as
            .as_ref()
            .map(baseline_as)
            .transpose()?,
        start: span.start,
        end: span.end,
        step: span.step.as_ref().map(duration),
        decisive: criterion.decisive.filter(|index| *index < series.len()),
        series: series
            .into_iter()
            .map(|series| one_series(series, of_budget))
            .collect::<Read<_>>()?,
    }))
}

/// The two queries of a ratio: exactly one of its parts is there.
fn ratio(ratio: wire::Ratio) -> Read<RatioSeen> {
    let total = ratio.total;
    let (of, part) = match (ratio.errors, ratio.good) {
        (Some(errors), None) => (Counted::Errors, errors),
        (None, Some(good)) => (Counted::Good, good),
        (Some(_), Some(_)) | (None, None) => return Err(UnknownWord::new("ratio of", &total)),
    };
    Ok(RatioSeen { of, part, total })
}

fn one_series(series: wire::Series, of_budget: bool) -> Read<SeriesAssessment> {
    let value = |number: Option<Number>| number.map(|number| number.0);
    Ok(SeriesAssessment {
        certainty: certainty::read(&series)?,
        summary: summary(&series),
        partners: partners(&series),
        labels: series.labels,
        per: series.per,
        outcome: series.outcome,
        code: series.code,
        reason: series.reason,
        value: value(series.value),
        value_at: series.value_at,
        bound: value(series.bound),
        baseline: value(series.baseline),
        points: series.points,
        of_budget,
        events: series.events.as_ref().map(|events| EventCount {
            errors: events.errors.0,
            total: events.total.0,
        }),
        breaches: series.breaches.iter().map(breach).collect(),
        gaps: series.gaps,
        approach: series.approach.as_ref().map(approach),
        trend: series.trend.into_iter().map(value).collect(),
    })
}

fn summary(series: &wire::Series) -> Option<Summary> {
    Some(Summary {
        min: series.min?.0,
        mean: series.mean?.0,
        max: series.max?.0,
        last: series.last?.0,
    })
}

fn partners(series: &wire::Series) -> Option<Partners> {
    Some(Partners {
        at: series.baseline_at?,
        mean: series.baseline_mean?.0,
    })
}

fn approach(approach: &wire::Approach) -> Approach {
    Approach {
        lasted: duration(&approach.lasted),
        needed: duration(&approach.needed),
        last_seen: approach.last_seen,
        trips_at: approach.trips_at,
    }
}

fn breach(breach: &wire::Breach) -> Breach {
    Breach {
        start: breach.start,
        end: breach.end,
        worst: breach.worst.0,
    }
}

/// Seconds to the millisecond; comparing reveals anything finer.
fn duration(seconds: &wire::Seconds) -> Duration {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast from a float saturates"
    )]
    let rounded = |seconds: f64| Duration::from_millis((seconds * 1000.0).round() as i64);
    match seconds.as_i64() {
        Some(whole) => Duration::from_millis(whole.saturating_mul(1000)),
        None => rounded(seconds.as_f64().unwrap_or(0.0)),
    }
}
