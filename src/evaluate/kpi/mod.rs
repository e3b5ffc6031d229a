//! `kpis`: one condition on one KPI, series by series; the worst decides.
//!
//! One file for each rule: `question` (2, 6) · `placed` (2) · `series` (3) · `guard`, `measure`, `known`, `presence`, `age` (4) · `bad`, `judge`, `lasting`, `counted`, `ruling`, `words` (5) · `possible` (4) · `baseline`, `fixed`, `limits` (6) · `reduce` (7) · `shown`, `sure` (C1 to C12) ·
//! `ratio`, `lookback` (ratios of events) ·
//! `companion`, `window` (one number for a window);
//! `stretches` is for the evidence, `samples` for charts. Must not let a good series hide a bad or an unknown one.

mod age;
mod bad;
mod baseline;
mod captured;
mod companion;
mod counted;
mod decades;
mod fixed;
mod guard;
mod judge;
mod known;
mod lasting;
mod limits;
mod lookback;
mod measure;
mod notes;
mod overlap;
mod placed;
mod possible;
mod prepared;
mod presence;
pub(super) mod question;
mod ratio;
mod reduce;
mod ruling;
pub(super) mod samples;
pub(super) mod series;
mod shown;
mod stretches;
mod sure;
pub(super) mod sweep;
mod window;
mod words;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use self::bad::{Expected, Looked, SeriesJudge, standing};
use self::companion::Companion;
use self::limits::Limits;
use self::measure::Measurable;
use self::notes::Unmeasured;
use self::prepared::{Answered, Prepared, answered, prepared, tally};
use self::presence::Presence;
use self::question::{KpiQuestion, Purpose};
use self::ruling::SeriesRuling;
use self::series::no_series;
use self::stretches::{breaches, gaps, trend};
use self::window::Window;
use super::context::{PlacedCriterion, Ruling, Undecided};
use super::span::{self, window_of};
use crate::assessment::{
    Code, CriterionAssessment, KpiAssessment, Outcome, RatioSeen, SeriesAssessment, Summary,
};
use crate::kind::List;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Continuity, Reducer};
use crate::samples::{Observations, Question};
use crate::units::Instant;

/// What has to be asked.
pub(super) fn questions(ask: &KpiAsk, placed: &PlacedCriterion<'_>) -> Vec<Question> {
    KpiQuestion::new(ask, placed)
        .map_or_else(|_| Vec::new(), |case| case.questions().cloned().collect())
}

/// The same, with what each is for.
pub(super) fn purposes(ask: &KpiAsk, placed: &PlacedCriterion<'_>) -> Vec<(Purpose, Question)> {
    let case = KpiQuestion::new(ask, placed);
    let purposes = case.iter().flat_map(KpiQuestion::purposes);
    let owned = purposes.map(|(purpose, question)| (purpose, question.clone()));
    owned.collect()
}

/// Judges one condition.
pub(super) fn assess(
    ask: &KpiAsk,
    placed: &PlacedCriterion<'_>,
    observations: &Observations,
) -> CriterionAssessment {
    let mut criterion = blank(ask, placed);
    let series = KpiQuestion::new(ask, placed).and_then(|case| {
        if let Some(kpi) = &mut criterion.kpi {
            kpi.query = ask.value_query().text(case.samples.length);
            kpi.ratio = ratio_seen(ask, &case);
            (kpi.start, kpi.end) = (case.judged.start, case.judged.end);
            let companion = case.samples.companion.iter().flatten().next();
            kpi.companion = companion.and_then(Companion::seen);
        }
        judge(&case, observations, &mut criterion.notes)
    });
    match series {
        Ok(series) => conclude(&mut criterion, ask, series),
        Err(undecided) => (criterion.code, criterion.reason) = (undecided.code, undecided.reason),
    }
    criterion
}

/// The criterion before anything is known about it: unknown.
fn blank(ask: &KpiAsk, placed: &PlacedCriterion<'_>) -> CriterionAssessment {
    let window = window_of(placed.gate);
    let span = span::judged(
        placed.list(),
        placed.stage,
        window,
        placed.late(ask.kpi.delay).moment,
    );
    let unknown = Ruling {
        title: ask.kpi.title.clone(),
        ..Ruling::open(Code::NoData, "").requires(&ask.condition.text)
    };
    CriterionAssessment {
        kpi: Some(KpiAssessment {
            query: ask.value_query().text(span.length()),
            ratio: None,
            source: ask.kpi.source.clone(),
            companion: None,
            unit: ask.kpi.unit,
            reducer: ask.condition.reducer,
            baseline_as: ask.condition.is_relative().then_some(ask.baseline_as),
            start: span.start.min(span.end),
            end: span.end,
            step: (!ask.query.is_instant()).then_some(ask.step),
            series: Vec::new(),
            decisive: None,
        }),
        ..unknown.on(placed.criterion)
    }
}

/// The two queries of a ratio, as they were asked.
fn ratio_seen(ask: &KpiAsk, case: &KpiQuestion) -> Option<RatioSeen> {
    Some(RatioSeen {
        of: ask.kpi.ratio?.of,
        part: case.samples.part.as_ref()?.query.clone(),
        total: case.samples.question.query.clone(),
    })
}

/// Judges each series.
fn judge(
    case: &KpiQuestion,
    observations: &Observations,
    notes: &mut Vec<String>,
) -> Result<Vec<SeriesAssessment>, Undecided> {
    let Answered {
        measurable,
        window,
        taken,
    } = answered(case, observations)?;
    notes.clone_from(&measurable.notes);
    notes.extend(captured::accepted_note(case, observations));
    notes.extend(fixed::accepted_note(case.ask, case.fixed, case.judged));
    notes.extend(overlap::note(case, observations));
    notes.extend(notes::without_part(case, observations));
    let series = prepared(case, (&measurable, taken), observations, case.at)?;
    notes.extend(ended(case, &measurable, window.as_ref(), &series));
    let mut judged = Vec::new();
    let mut unmeasured = Unmeasured::default();
    for one in &series {
        let presence = match &window {
            Some(Ok(window)) => window.presence(one.subject),
            Some(Err(_)) | None => measurable.presence(&one.measured.points, None),
        };
        let of_one = judge_series(case, &measurable, one, &presence, window.as_ref());
        unmeasured.add(&of_one, one.measured.thin.as_ref(), &presence);
        judged.push(of_one);
    }
    notes.extend(unmeasured.notes(&case.ask.kpi));
    notes.extend(decades::note(case, &series, &judged));
    Ok(judged)
}

/// Names the series that ended, if the plan says that they may.
fn ended(
    case: &KpiQuestion,
    measurable: &Measurable,
    window: Option<&Result<Window<'_>, Undecided>>,
    series: &[Prepared],
) -> Option<String> {
    let of_one = |one: &Prepared| match window {
        Some(Ok(window)) => window.ended(one.subject),
        Some(Err(_)) | None => one.measured.ended.clone(),
    };
    let mut named: BTreeMap<String, Instant> = BTreeMap::new();
    for one in series {
        let per = one.subject.per.clone();
        named.extend(per.zip(of_one(one)).map(|(per, ended)| (per, ended.newest)));
    }
    named.extend(
        measurable
            .left_out()
            .map(|(per, newest)| (per.to_owned(), newest)),
    );
    notes::ended(&case.ask.kpi, &named)
}

/// Judges one series against its limits.
fn judge_series(
    case: &KpiQuestion,
    measurable: &Measurable,
    prepared: &Prepared,
    presence: &Presence,
    window: Option<&Result<Window<'_>, Undecided>>,
) -> SeriesAssessment {
    let unknown = Limits::One {
        bound: f64::NAN,
        baseline: None,
    };
    let judge = SeriesJudge {
        condition: &case.ask.condition,
        list: case.list,
        unit: case.ask.kpi.unit,
        grid: &measurable.grid,
        values: &prepared.possible,
        points: &prepared.measured.points,
        expected: expected(case, measurable),
        thin: prepared.measured.thin.as_ref(),
        delay: case.ask.kpi.delay,
        limits: prepared.limits.as_ref().unwrap_or(&unknown),
        tally: tally(case, prepared.measured.events.as_ref()),
        looked: Looked::default(),
    };
    let quiet = prepared.quiet();
    let sure = shown::of(case, prepared, measurable);
    let impossible = prepared.measured.impossible.as_ref();
    let finding = match (&prepared.limits, quiet) {
        _ if impossible.is_some() => impossible.map_or_else(|| judge.undecided(), unknown_for),
        (_, Some(quiet)) if prepared.is_met_by_quiet(case, measurable) => {
            let words = presence.quiet_words();
            let words = words.unwrap_or_else(|| quiet.reason.clone());
            while_running(quiet_is_good(case.list, &words), case.incomplete.as_ref())
        }
        (Ok(_), _) => {
            let of_one = match &sure {
                Some(sure) => sure.ruling(&judge),
                None => judge.judge(),
            };
            while_running(of_one, case.incomplete.as_ref())
        }
        (Err(undecided), quiet) => unknown_for(quiet.unwrap_or(undecided)),
    };
    let finding = window::as_seen(finding, window, prepared.subject);
    SeriesAssessment {
        certainty: sure.as_ref().and_then(shown::Sure::certainty),
        ..record(&judge, prepared, presence, finding)
    }
}

/// At which points a series has to be there: where nothing lists it, nobody knows since when or until when.
fn expected(case: &KpiQuestion, measurable: &Measurable) -> Expected {
    match (measurable.counts_together(), case.ask.kpi.continuity) {
        (false, _) => Expected::Throughout,
        (true, Continuity::Each) => Expected::OnceThere,
        (true, Continuity::Any) => Expected::WhileThere,
    }
}

/// M9: `quiet: met` for a span that is quiet throughout.
fn quiet_is_good(list: List, quiet: &str) -> SeriesRuling {
    SeriesRuling {
        outcome: if list == List::Stop {
            Outcome::Clear
        } else {
            Outcome::Met
        },
        code: Code::Quiet,
        reason: format!("{quiet}; `quiet: met` allows it"),
        value: None,
    }
}

fn unknown_for(undecided: &Undecided) -> SeriesRuling {
    SeriesRuling {
        outcome: Outcome::Unknown,
        code: undecided.code,
        reason: undecided.reason.clone(),
        value: None,
    }
}

/// Rule 1: while the window is running, nothing is met.
fn while_running(finding: SeriesRuling, incomplete: Option<&Undecided>) -> SeriesRuling {
    match incomplete.filter(|_| finding.outcome == Outcome::Met) {
        Some(running) => SeriesRuling {
            outcome: Outcome::Unknown,
            code: running.code,
            reason: format!("{}; so far {}", running.reason, finding.reason),
            ..finding
        },
        None => finding,
    }
}

/// Everything that the evidence says about a series.
fn record(
    judge: &SeriesJudge,
    prepared: &Prepared,
    presence: &Presence,
    finding: SeriesRuling,
) -> SeriesAssessment {
    let (subject, measured) = (prepared.subject, &prepared.measured);
    let is_instant = measured.values.len() == 1;
    let worst = judge.worst();
    let limits = prepared.limits.as_ref().ok();
    let bound = limits.map(|limits| limits.bound(worst.unwrap_or_default()));
    let is_point = finding.value.is_some() && judge.condition.reducer.is_none();
    let value_at = worst.map(|worst| judge.grid.at(worst));
    let finding_outcome = finding.outcome;
    SeriesAssessment {
        labels: subject.labels.clone(),
        per: subject.per.clone(),
        outcome: finding.outcome,
        code: finding.code,
        reason: finding.reason,
        value: finding.value,
        value_at: value_at.filter(|_| is_point),
        bound: bound.filter(|bound| !bound.is_nan()),
        baseline: limits.and_then(|limits| limits.baseline(worst)),
        partners: limits.and_then(|limits| limits.partners(value_at?)),
        of_budget: judge.condition.reducer == Some(Reducer::Budget),
        events: judge.tally.map(|tally| tally.count()),
        points: presence.count(),
        summary: summary(&measured.values),
        breaches: breaches(judge.values, judge.grid, judge.bad(), judge.badness()),
        gaps: gaps(presence.grid, |position| presence.is_missing(position)),
        approach: judge
            .approach()
            .filter(|_| finding_outcome != Outcome::Tripped),
        certainty: None,
        trend: if is_instant {
            Vec::new()
        } else {
            trend(judge.values, judge.badness())
        },
    }
}

fn summary(values: &[Option<f64>]) -> Option<Summary> {
    let measured: Vec<f64> = values.iter().flatten().copied().collect();
    Some(Summary {
        min: measured.iter().copied().reduce(f64::min)?,
        mean: reduce::mean(&measured)?,
        max: measured.iter().copied().reduce(f64::max)?,
        last: *measured.last()?,
    })
}

/// The worst series decides: first by outcome, then by how far its value is from its bound.
fn conclude(criterion: &mut CriterionAssessment, ask: &KpiAsk, series: Vec<SeriesAssessment>) {
    let badness = |series: &SeriesAssessment| badness(series, ask, criterion.list);
    let worst = series.iter().enumerate().reduce(|best, next| {
        let is_worse = badness(next.1).partial_cmp(&badness(best.1)) == Some(Ordering::Greater);
        if is_worse { next } else { best }
    });
    if let Some((position, decisive)) = worst {
        (criterion.outcome, criterion.code) = (decisive.outcome, decisive.code);
        criterion.reason = reason(ask, decisive, &series);
        if let Some(kpi) = &mut criterion.kpi {
            kpi.decisive = Some(position);
        }
    } else {
        criterion.reason = no_series(ask).reason;
    }
    if let Some(kpi) = &mut criterion.kpi {
        kpi.series = series;
    }
}

/// How bad a series is.
fn badness(series: &SeriesAssessment, ask: &KpiAsk, list: List) -> (u8, f64) {
    let beside = series.value.zip(series.bound);
    let outcome = (series.outcome, series.is_met_so_far());
    standing(&ask.condition, list, outcome, beside)
}

/// The reason of the series that decided, with its name and how many others share its outcome.
fn reason(ask: &KpiAsk, decisive: &SeriesAssessment, series: &[SeriesAssessment]) -> String {
    let (Some(label), Some(value)) = (&ask.kpi.per, &decisive.per) else {
        return decisive.reason.clone();
    };
    let alike = series
        .iter()
        .filter(|other| other.outcome == decisive.outcome)
        .count();
    let count = match (alike, series.len()) {
        (_, 1) => String::new(),
        (alike, all) => format!(" ({alike} of {all} series {})", decisive.outcome.word()),
    };
    format!("{label}={value}: {}{count}", decisive.reason)
}
