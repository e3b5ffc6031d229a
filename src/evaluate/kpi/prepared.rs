//! The series of a criterion as they are judged: measured, possible, and beside what they are compared with.
//! Must not judge them.

use super::baseline::{Baselines, Compared, Points, as_baseline};
use super::limits::{Limits, keep_pairs, limits};
use super::lookback::{Seen, look_back};
use super::measure::{Measurable, Measured, TakenSeries};
use super::possible::take_impossible;
use super::presence::{Known, join};
use super::question::KpiQuestion;
use super::ratio::Tally;
use super::series::JudgedSeries;
use super::window::Window;
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::plan::{Hold, Quiet};
use crate::samples::{EventSeries, Grid, Observations};
use crate::units::Instant;

/// One series, ready to be judged.
pub(super) struct Prepared<'a> {
    pub subject: &'a JudgedSeries<'a>,
    /// As measured; where points have partners, only those that have one.
    pub measured: Measured,
    /// The values that are judged: the measured ones that are possible; with `over`, those of the look-backs.
    pub possible: Vec<Option<f64>>,
    /// What they are compared with, or why that is not known.
    pub limits: Result<Limits, Undecided>,
    /// The baseline's points beside them, where each has its own.
    pub partners: Option<Points>,
}

impl Prepared<'_> {
    /// Why too many of its points are quiet, if they are.
    pub fn quiet(&self) -> Option<&Undecided> {
        let thin = self.measured.thin.as_ref();
        thin.filter(|thin| thin.code == Code::Quiet)
    }

    /// Whether it is quiet throughout, and the plan says that this is good enough.
    pub fn is_met_by_quiet(&self, case: &KpiQuestion, measurable: &Measurable) -> bool {
        let presence = measurable.presence(&self.measured.points, None);
        case.ask.kpi.quiet == Quiet::Met && presence.is_quiet_throughout()
    }
}

/// The answers to a condition's questions: what came back, and what lies behind it where it is one number for a whole span.
pub(super) struct Answered<'a> {
    pub measurable: Measurable<'a>,
    pub window: Option<Result<Window<'a>, Undecided>>,
    /// Of series whose points were looked at already: what came, so that they are not placed twice.
    pub taken: TakenSeries,
}

/// Takes the answers, with all the series that there are to judge.
///
/// # Errors
/// Failed, partial or ambiguous answers.
pub(super) fn answered<'a>(
    case: &'a KpiQuestion<'_>,
    observations: &'a Observations,
) -> Result<Answered<'a>, Undecided> {
    let of = |asking| Measurable::new(case.ask, asking, observations, Some(case.at));
    let mut measurable = of(&case.samples)?;
    if let Some(whole) = &case.whole {
        measurable.knowing(&of(whole)?, case.at)?;
    }
    let (ask, at, asking) = (case.ask, Some(case.at), &case.samples);
    let window = Window::of(ask, at, asking, &measurable.subjects, observations);
    if let Some(Ok(window)) = &window {
        for series in window.without_number(&measurable.subjects) {
            measurable.add(series);
        }
    }
    let taken = measurable.give_taken();
    Ok(Answered {
        measurable,
        window,
        taken,
    })
}

/// Prepares each series. `fresh_at` is T.
///
/// # Errors
/// The same instant twice.
pub(super) fn prepared<'a>(
    case: &KpiQuestion,
    (measurable, mut taken): (&'a Measurable<'a>, TakenSeries),
    observations: &Observations,
    fresh_at: Instant,
) -> Result<Vec<Prepared<'a>>, Undecided> {
    let baselines = Baselines::of(case, observations);
    let mut all = Vec::new();
    for subject in &measurable.subjects {
        let taken = match taken.remove(&subject.per) {
            Some(taken) => taken,
            None => measurable.taken(subject)?,
        };
        let measured = measurable.measured(subject, taken, Some(fresh_at));
        let compared = baselines
            .as_ref()
            .map(|baselines| baselines.series(subject.per.as_deref()));
        all.push(one(case, &measurable.grid, subject, measured, compared));
    }
    if all.iter().any(|one| one.is_paired) {
        thin_pairs(case, measurable, fresh_at, &mut all);
    }
    Ok(all.into_iter().map(|one| one.prepared).collect())
}

/// A series, and whether its points have partners.
struct Paired<'a> {
    prepared: Prepared<'a>,
    is_paired: bool,
}

fn one<'a>(
    case: &KpiQuestion,
    grid: &Grid,
    subject: &'a JudgedSeries<'a>,
    mut measured: Measured,
    compared: Option<Result<Compared, Undecided>>,
) -> Paired<'a> {
    let mut possible = measured.values.clone();
    let impossible = take_impossible(&case.ask.kpi, grid, &mut possible);
    let mut is_paired = false;
    let mut thin = impossible;
    if let Some(Ok(Compared::Points(points))) = &compared {
        is_paired = true;
        thin = thin.or_else(|| points.spoilt.clone());
        keep_pairs(&mut measured.values, &points.values);
        keep_pairs(&mut possible, &points.values);
        let kept = measured.points.iter_mut().zip(&measured.values);
        for (known, value) in kept {
            if *known == Known::Measured && value.is_none() {
                *known = Known::Unpaired;
            }
        }
    }
    if let Some(events) = &mut measured.events {
        events.keep(|position| measured.values.get(position).copied().flatten().is_some());
    }
    let quiet = measured.thin.take_if(|thin| thin.code == Code::Quiet);
    measured.thin = quiet.or(thin).or(measured.thin);
    measured.thin = measured
        .thin
        .or_else(|| tally(case, measured.events.as_ref())?.too_few());
    let partners = match &compared {
        Some(Ok(Compared::Points(points))) if case.ask.condition.at.is_some() => {
            Some(beside(points, &measured.values))
        }
        Some(Ok(_) | Err(_)) | None => None,
    };
    if let Some(partners) = &partners {
        let few = || tally(case, partners.events.as_ref())?.too_few();
        measured.thin = measured.thin.or_else(|| few().map(as_baseline));
    }
    let limits = limits(case, compared, &possible);
    if let Some(Hold::Over(..)) = case.ask.condition.hold {
        let seen = Seen {
            points: &measured.points,
            events: measured.events.as_ref(),
        };
        let looked = look_back(case, grid, seen, limits.as_ref().ok());
        (possible, measured.thin) = (looked.values, measured.thin.or(looked.thin));
    }
    let prepared = Prepared {
        subject,
        measured,
        possible,
        limits,
        partners,
    };
    Paired {
        prepared,
        is_paired,
    }
}

/// The baseline's points that have a partner.
fn beside(points: &Points, values: &[Option<f64>]) -> Points {
    let is_paired = |position| values.get(position).copied().flatten().is_some();
    let mut beside = points.clone();
    for (position, value) in beside.values.iter_mut().enumerate() {
        *value = value.filter(|_| is_paired(position));
    }
    if let Some(events) = &mut beside.events {
        events.keep(is_paired);
    }
    beside
}

/// The events of a series as they are judged; `None` of a KPI that is no ratio of events.
pub(super) fn tally<'t>(
    case: &'t KpiQuestion<'_>,
    events: Option<&'t EventSeries>,
) -> Option<Tally<'t>> {
    Some(Tally {
        ask: case.ask,
        events: events?,
        span: case.judged.length(),
    })
}

/// M4: of points that are enough by themselves, enough must have a partner. If nothing lists the series, a point
/// counts at which any has one; but each needs partners for enough of its own points.
fn thin_pairs(case: &KpiQuestion, measurable: &Measurable, fresh_at: Instant, all: &mut [Paired]) {
    let mut together = vec![Known::Unguarded; measurable.grid.count()];
    for one in all.iter().filter(|one| one.is_paired) {
        join(&mut together, &one.prepared.measured.points);
    }
    for one in all.iter_mut().filter(|one| one.is_paired) {
        let measured = &mut one.prepared.measured;
        let own = measurable.presence(&measured.points, Some(fresh_at));
        let few = if measurable.counts_together() {
            let all = measurable.presence(&together, Some(fresh_at));
            own.too_few_of_its_own().or_else(|| all.too_few_pairs())
        } else {
            own.too_few_pairs()
        };
        let is_sure = case.ask.condition.at.is_some();
        let old = || old_pairs(measurable, &measured.points, fresh_at).filter(|_| is_sure);
        measured.thin = measured.thin.take().or(few).or_else(old);
    }
}

/// C2: with `at`, the newest pair is as old as the newest point may be.
fn old_pairs(measurable: &Measurable, points: &[Known], fresh_at: Instant) -> Option<Undecided> {
    let paired = points.iter().map(|known| match known {
        Known::Unpaired => Known::Absent,
        Known::Unguarded | Known::Unjudged | Known::Quiet(_) | Known::Absent | Known::Measured => {
            *known
        }
    });
    let paired: Vec<Known> = paired.collect();
    let stale = measurable.presence(&paired, Some(fresh_at)).stale()?;
    let reason = format!("of canary and control together {}", stale.reason);
    Some(Undecided { reason, ..stale })
}
