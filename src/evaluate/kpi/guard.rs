//! Rule 4: what a guard says of each point, and which series it shows. Must not look at the values of its KPI.

use super::notes;
use super::placed::place;
use super::presence::Guarded;
use super::question::GuardedQuestion;
use super::reduce::compare;
use super::series::{GuardSeries, whole};
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Continuity, Guard};
use crate::samples::{Grid, Observations, Reply, Series};
use crate::units::Instant;

/// The answer of a guard.
pub(super) struct MeasuredGuard<'a> {
    pub series: GuardSeries<'a>,
    guard: &'a Guard,
    /// Its points.
    grid: Grid,
    /// Whether they lie behind one number for all of them: it counts if the guard holds at any.
    is_behind: bool,
}

impl MeasuredGuard<'_> {
    /// What it says of each point of its KPI.
    pub fn says(&self, series: Option<&Series>) -> Result<Vec<Guarded>, Undecided> {
        let points = guarded(series, self.guard, &self.grid)?;
        Ok(if self.is_behind {
            vec![anywhere(&points)]
        } else {
            points
        })
    }

    /// The series that it shows where nothing lists them and the query itself has none (M9): an absent sample means zero, or
    /// else is missing wherever the guard holds. Series that may come and go are named.
    ///
    /// # Errors
    /// The same instant twice.
    pub fn shows(
        &self,
        ask: &KpiAsk,
        reply: &Reply,
        fresh_at: Option<Instant>,
    ) -> Result<Shown, Undecided> {
        let (Some(label), None, GuardSeries::By(all)) = (&ask.kpi.per, &ask.expected, &self.series)
        else {
            return Ok(Shown::default());
        };
        let is_zero = ask.zero_by_guard();
        let is_new = |per: &str| {
            let mut came = reply.series.iter();
            came.all(|series| series.labels.get(label) != Some(per))
        };
        let mut new = Vec::new();
        for (per, series) in all.iter().filter(|(per, _)| is_new(per)) {
            let holds = |said: &Guarded| matches!(said, Guarded::Holds);
            if is_zero || (fresh_at.is_some() && self.says(Some(series))?.iter().any(holds)) {
                new.push(per.clone());
            }
        }
        Ok(if is_zero || ask.kpi.continuity == Continuity::Each {
            Shown {
                judged: new,
                note: None,
            }
        } else {
            Shown {
                judged: Vec::new(),
                note: notes::only_guarded(label, &new),
            }
        })
    }
}

/// What a guard shows beside the series of its KPI.
#[derive(Default)]
pub(super) struct Shown {
    /// Those to judge, by `per`.
    pub judged: Vec<String>,
    /// What is said of the others.
    pub note: Option<String>,
}

/// The guard of an asking.
///
/// # Errors
/// Failed, partial or ambiguous answers.
pub(super) fn guard<'a>(
    ask: &'a KpiAsk,
    asking: &GuardedQuestion,
    grid: Grid,
    observations: &'a Observations,
) -> Result<Option<MeasuredGuard<'a>>, Undecided> {
    let Some(guard) = &ask.guard else {
        return Ok(None);
    };
    // Samples whose guard was not queried prove nothing.
    let question = (asking.guard.as_ref())
        .ok_or_else(|| Undecided::new(Code::GuardUnknown, "the guard was not queried"))?;
    let reply = whole(observations, &question.question)?;
    let is_behind = question.is_behind;
    let own = question.grid.or(reply.grid.filter(|_| is_behind));
    Ok(Some(MeasuredGuard {
        series: GuardSeries::read(ask.kpi.per.as_deref(), reply)?,
        guard,
        grid: own.unwrap_or(grid),
        is_behind,
    }))
}

/// What a guard says of one number for all of these points: that it counts if the guard holds at any, and that it is quiet if
/// the guard was measured at all and does not hold.
fn anywhere(points: &[Guarded]) -> Guarded {
    let mut newest = Guarded::Unknown;
    let mut is_known = true;
    for point in points {
        match point {
            Guarded::Holds => return Guarded::Holds,
            Guarded::Fails(_) => newest = *point,
            Guarded::TooOld | Guarded::Unknown => is_known = false,
        }
    }
    if is_known { newest } else { Guarded::Unknown }
}

/// What a guard says of each grid point; nothing if it is missing.
pub(super) fn guarded(
    series: Option<&Series>,
    guard: &Guard,
    grid: &Grid,
) -> Result<Vec<Guarded>, Undecided> {
    let is = guard.is;
    let Some(series) = series else {
        return Ok(vec![Guarded::Unknown; grid.count()]);
    };
    let values = place(series, grid).map_err(|undecided| {
        Undecided::new(
            Code::GuardUnknown,
            format!("the guard cannot be used: {}", undecided.reason),
        )
    })?;
    let guarded = |value: Option<f64>| {
        let holds = value.and_then(|value| compare(value, is.comparison, is.bound.get()));
        match (value, holds) {
            (Some(_), Some(true)) => Guarded::Holds,
            // M6: a guard on the age of samples does not show that there was nothing to do.
            (Some(_), Some(false)) if guard.tells_age => Guarded::TooOld,
            (Some(value), Some(false)) => Guarded::Fails(value),
            (_, None) | (None, Some(_)) => Guarded::Unknown,
        }
    };
    Ok(values.into_iter().map(guarded).collect())
}
