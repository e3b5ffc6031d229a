//! B2, B4: when a stage is pretended to begin, or a gate to be looked at. Must not judge.

use thiserror::Error;

use crate::evaluate::{GateRef, Trial};
use crate::plan::{Gate, Plan, Stage};
use crate::units::{Duration, Instant};

/// So many times are judged at most.
const MOST: i64 = 10_000;

/// When a gate is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trials {
    /// Which gate.
    pub gate: GateRef,
    /// In order.
    pub times: Vec<Trial>,
    /// From a start to the end of its window, with what comes late.
    pub length: Duration,
}

/// Why nothing can be pretended.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Untriable {
    /// Not positive, or between the points of a KPI.
    #[error("--every {every} is no multiple of the step of {step} of `{kpi}`")]
    Between {
        /// As given.
        every: Duration,
        /// The KPI's step.
        step: Duration,
        /// Its name.
        kpi: String,
    },
    /// Too many.
    #[error(
        "the span holds {count} starts at --every {every}, at most {MOST} are judged: choose a larger --every"
    )]
    TooMany {
        /// How many there would be.
        count: i64,
        /// As given.
        every: Duration,
    },
    /// Nothing fits.
    #[error("the span from {from} to {to} is {} shorter than the {needed} that {stage} is watched", (*needed - from.until(*to)))]
    TooShort {
        /// Where the span begins.
        from: Instant,
        /// Where it ends.
        to: Instant,
        /// How long a stage is watched.
        needed: Duration,
        /// Which stage.
        stage: String,
    },
    /// A span that ends before it begins.
    #[error("the span from {from} to {to} is empty")]
    Empty {
        /// Where it should begin.
        from: Instant,
        /// Where it should end.
        to: Instant,
    },
}

/// The pretend releases of a stage: at each multiple of `every` from which on its whole window lies in the span.
///
/// # Errors
/// No such time, or too many.
pub fn of_gate(
    plan: &Plan,
    gate: GateRef,
    (from, to): (Instant, Instant),
    every: Duration,
) -> Result<Trials, Untriable> {
    let Some((stage, exit)) = gate.of(plan) else {
        return Ok(nothing(gate));
    };
    let length = watched(stage, exit);
    on_the_grid(exit, every)?;
    let starts = multiples(stage, (from, to - length), (from, to, length), every)?;
    Ok(of_starts(plan, gate, starts))
}

/// The moments of a gate: each multiple of `every` before which its window lies in the span.
///
/// # Errors
/// No such time, or too many.
pub fn of_moments(
    plan: &Plan,
    gate: GateRef,
    (from, to): (Instant, Instant),
    every: Duration,
) -> Result<Trials, Untriable> {
    let Some((stage, of)) = gate.of(plan) else {
        return Ok(nothing(gate));
    };
    let length = of.window.unwrap_or_default() + of.delay();
    on_the_grid(of, every)?;
    let moments = multiples(stage, (from + length, to), (from, to, length), every)?;
    let times = moments.into_iter().map(|at| Trial { started: None, at });
    Ok(Trials {
        gate,
        times: times.collect(),
        length,
    })
}

/// Releases that began at these times.
#[must_use]
pub fn of_starts(plan: &Plan, gate: GateRef, mut starts: Vec<Instant>) -> Trials {
    let length = gate
        .of(plan)
        .map(|(stage, exit)| watched(stage, exit))
        .unwrap_or_default();
    starts.sort_unstable();
    starts.dedup();
    let times = starts.into_iter().map(|started| Trial {
        started: Some(started),
        at: started + length,
    });
    Trials {
        gate,
        times: times.collect(),
        length,
    }
}

/// How long a stage is watched until its window is complete: what comes late is waited for.
fn watched(stage: &Stage, exit: &Gate) -> Duration {
    stage.settle + exit.window.unwrap_or_default() + exit.delay()
}

fn nothing(gate: GateRef) -> Trials {
    Trials {
        gate,
        times: Vec::new(),
        length: Duration::ZERO,
    }
}

fn multiples(
    stage: &Stage,
    (first, last): (Instant, Instant),
    (from, to, needed): (Instant, Instant, Duration),
    every: Duration,
) -> Result<Vec<Instant>, Untriable> {
    if from >= to {
        return Err(Untriable::Empty { from, to });
    }
    let every_ms = every.millis().max(1);
    let index =
        first.millis().div_euclid(every_ms) + i64::from(first.millis().rem_euclid(every_ms) != 0);
    let last = last.millis().div_euclid(every_ms);
    let count = last - index + 1;
    if count <= 0 {
        let stage = stage.name.clone();
        return Err(Untriable::TooShort {
            from,
            to,
            needed,
            stage,
        });
    }
    if count > MOST {
        return Err(Untriable::TooMany { count, every });
    }
    Ok((index..=last)
        .map(|index| Instant::from_millis(index * every_ms))
        .collect())
}

/// Starts lie on the points that are asked for, or windows would not be alike.
fn on_the_grid(gate: &Gate, every: Duration) -> Result<(), Untriable> {
    let asks = gate
        .criteria
        .iter()
        .filter_map(|criterion| criterion.ask.kpi());
    for ask in asks {
        let step = ask.step;
        if every <= Duration::ZERO || every.millis() % step.millis().max(1) != 0 {
            let kpi = ask.kpi.name.clone();
            return Err(Untriable::Between { every, step, kpi });
        }
    }
    Ok(())
}
