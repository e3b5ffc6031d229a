//! The series of a criterion as they are judged: measured, possible, and beside what they are compared with.
//! Must not judge them.

use super::baseline::{Baselines, Compared};
use super::limits::{Limits, keep_pairs, limits};
use super::measure::{Measurable, Measured};
use super::possible::take_impossible;
use super::question::KpiQuestion;
use super::series::JudgedSeries;
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::samples::{Grid, Observations};
use crate::units::Instant;

/// One series, ready to be judged.
pub(super) struct Prepared<'a> {
    pub subject: &'a JudgedSeries<'a>,
    /// As measured; where points have partners, only those that have one.
    pub measured: Measured,
    /// The measured values that are possible.
    pub possible: Vec<Option<f64>>,
    /// What they are compared with, or why that is not known.
    pub limits: Result<Limits, Undecided>,
}

/// Prepares each series. `fresh_at` is T.
///
/// # Errors
/// The same instant twice.
pub(super) fn prepared<'a>(
    case: &KpiQuestion,
    measurable: &'a Measurable<'a>,
    observations: &Observations,
    fresh_at: Instant,
) -> Result<Vec<Prepared<'a>>, Undecided> {
    let baselines = Baselines::of(case, observations);
    let mut all = Vec::new();
    for subject in &measurable.subjects {
        let measured = measurable.measure(subject, Some(fresh_at))?;
        let compared = baselines
            .as_ref()
            .map(|baselines| baselines.series(subject.per.as_deref()));
        all.push(one(case, &measurable.grid, subject, measured, compared));
    }
    if all.iter().any(|one| one.is_paired) {
        thin_pairs(case, measurable, &mut all);
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
        thin = thin.or_else(|| points.impossible.clone());
        keep_pairs(&mut measured.values, &points.values);
        keep_pairs(&mut possible, &points.values);
    }
    measured.thin = thin.or(measured.thin);
    let limits = limits(case, compared, &possible);
    let prepared = Prepared {
        subject,
        measured,
        possible,
        limits,
    };
    Paired {
        prepared,
        is_paired,
    }
}

/// M4: of points that are enough by themselves, enough must have a partner. Where nothing lists the series, a point
/// counts at which any has one; but each needs one.
fn thin_pairs(case: &KpiQuestion, measurable: &Measurable, all: &mut [Paired]) {
    let has = |one: &Paired, position: usize| {
        let value = one.prepared.measured.values.get(position);
        one.is_paired && value.is_some_and(Option::is_some)
    };
    let positions = 0..measurable.grid.count();
    let together = positions
        .clone()
        .filter(|position| all.iter().any(|one| has(one, *position)))
        .count();
    for one in all.iter_mut() {
        let own = positions
            .clone()
            .filter(|position| has(one, *position))
            .count();
        let counted = if measurable.counts_together() && own > 0 {
            together
        } else {
            own
        };
        let few = too_few(case, counted, positions.len()).filter(|_| one.is_paired);
        let measured = &mut one.prepared.measured;
        measured.thin = measured.thin.take().or(few);
    }
}

fn too_few(case: &KpiQuestion, paired: usize, expected: usize) -> Option<Undecided> {
    let coverage = case.ask.kpi.coverage;
    (paired == 0 || !coverage.reached_by(paired, expected)).then(|| {
        let reason = format!(
            "the baseline is unknown: {paired} of {expected} points have a partner in it, {coverage} needed"
        );
        Undecided::new(Code::BaselineUnknown, reason)
    })
}
