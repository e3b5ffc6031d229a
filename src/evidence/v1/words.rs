//! From the shape of the file to the record: the inverse of `convert`. Words become what they stand for, or are refused.

use super::number::Number;
use super::{people, wire};
use crate::assessment::{
    Breach, Counts, CriteriaCount, CriterionAssessment, Gap, GateAssessment, KpiAssessment,
    PointCount, SeriesAssessment, StopCount, Summary, Window,
};
use crate::evidence::{Answers, Evidence, PlanCopy, PlanSeen, RunIdentity};
use crate::kind::UnknownWord;
use crate::plan::{Reducer, Release, ReleaseDetails, RollbackStep, Subject, Variable};
use crate::samples::SourceSeen;
use crate::units::{Duration, Instant};

pub(super) type Read<T> = Result<T, UnknownWord>;

/// The record of a document.
pub(super) fn evidence(document: wire::Document) -> Read<Evidence> {
    Ok(Evidence {
        tool_version: document.tool.version,
        evaluated_at: instant(&document.evaluated_at)?,
        started: document.started.as_deref().map(instant).transpose()?,
        verdict: document.verdict,
        vars: document.vars.into_iter().map(variable).collect(),
        answers: answers(document.answers),
        run: run(document.run),
        sources: document.sources.into_iter().map(source).collect(),
        gates: (document.gates.into_iter())
            .map(|one| gate(one, &document.plan.path))
            .collect::<Read<_>>()?,
        ledger: document.ledger.map(people::ledger),
        accept_overrides: document.accept_overrides,
        plan_changes: document.plan_changes,
        rollback: document.rollback.into_iter().map(step).collect(),
        warnings: document.warnings,
        accepted: document.accepted,
        notes: document.notes,
        plan: plan(document.plan),
    })
}

pub(super) fn instant(text: &str) -> Read<Instant> {
    Instant::parse(text).map_err(|_| UnknownWord::new("time", text))
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
    let subject = |subject: wire::Subject| Subject {
        name: subject.name,
        sha256: subject.sha256,
    };
    Release {
        name: release.name,
        version: release.version,
        kind: release.kind,
        owner: release.owner,
        on_call: release.on_call,
        subjects: release.subjects.into_iter().map(subject).collect(),
        links: (release.links.into_iter())
            .map(|link| (link.name, link.url))
            .collect(),
        details: ReleaseDetails::default(),
    }
}

fn variable(variable: wire::Variable) -> Variable {
    Variable {
        name: variable.name,
        values: variable.values,
    }
}

fn answers(answers: wire::Answers) -> Answers {
    match (answers.path, answers.sha256) {
        (Some(path), Some(sha256)) => Answers::Kept { path, sha256 },
        _ => Answers::LeftOut(answers.left_out.unwrap_or_default()),
    }
}

fn run(run: wire::RunIdentity) -> RunIdentity {
    RunIdentity {
        user: run.user,
        host: run.host,
        ci: run.ci,
        commit: run.commit,
        command: run.command,
    }
}

fn source(source: wire::Source) -> SourceSeen {
    SourceSeen {
        name: source.name,
        url: source.url,
        version: source.server.version,
    }
}

fn step(step: wire::RollbackStep) -> RollbackStep {
    RollbackStep {
        action: step.action,
        owner: step.owner,
        takes: step.takes.as_ref().map(duration),
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
        overridden: gate.overridden.map(people::overridden).transpose()?,
        look: gate.look,
        flags: gate.flags,
        counts: counts(&gate.counts),
        window: gate.window.as_ref().map(window).transpose()?,
        criteria: (gate.criteria.into_iter())
            .map(|one| criterion(one, plan))
            .collect::<Read<_>>()?,
    })
}

fn counts(counts: &wire::Counts) -> Counts {
    Counts {
        criteria: CriteriaCount {
            met: counts.criteria.met,
            total: counts.criteria.total,
        },
        stops: StopCount {
            clear: counts.stops.clear,
            total: counts.stops.total,
        },
    }
}

fn window(window: &wire::Window) -> Read<Window> {
    Ok(Window {
        observe: window.observe,
        start: instant(&window.start)?,
        end: instant(&window.end)?,
        length: duration(&window.length),
        started: window.started.as_deref().map(instant).transpose()?,
        ended: window.ended.as_deref().map(instant).transpose()?,
        complete: window.complete,
        completes_at: window.completes_at.as_deref().map(instant).transpose()?,
    })
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
        based_on: (criterion.based_on.into_iter())
            .map(people::read_based_on)
            .collect::<Read<_>>()?,
        next_step: (criterion
            .next_step
            .map(|next_step| people::read_next_step(next_step, plan)))
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
    Ok(Some(KpiAssessment {
        query,
        source,
        unit,
        reducer: criterion.reducer.as_ref().map(reducer).transpose()?,
        start: instant(&span.start)?,
        end: instant(&span.end)?,
        step: span.step.as_ref().map(duration),
        decisive: criterion.decisive.filter(|index| *index < series.len()),
        series: series.into_iter().map(one_series).collect::<Read<_>>()?,
    }))
}

fn one_series(series: wire::Series) -> Read<SeriesAssessment> {
    let value = |number: Option<Number>| number.map(|number| number.0);
    Ok(SeriesAssessment {
        summary: summary(&series),
        labels: series.labels.into_iter().collect(),
        per: series.per,
        outcome: series.outcome,
        code: series.code,
        reason: series.reason,
        value: value(series.value),
        bound: value(series.bound),
        baseline: value(series.baseline),
        points: PointCount {
            expected: series.points.expected,
            measured: series.points.measured,
        },
        breaches: series.breaches.iter().map(breach).collect::<Read<_>>()?,
        gaps: series.gaps.iter().map(gap).collect::<Read<_>>()?,
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

fn breach(breach: &wire::Breach) -> Read<Breach> {
    Ok(Breach {
        start: instant(&breach.start)?,
        end: instant(&breach.end)?,
        worst: breach.worst.0,
    })
}

fn gap(gap: &wire::Gap) -> Read<Gap> {
    Ok(Gap {
        start: instant(&gap.start)?,
        end: instant(&gap.end)?,
    })
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
