//! Answers whose points lie further apart than the plan asks for, as those of a downsampled source do. Must not judge them.

use std::collections::BTreeSet;

use super::trials::Trials;
use crate::evaluate::{History, Purpose, Sought, Sweep};
use crate::plan::criteria::KpiAsk;
use crate::plan::{Missing, Plan};
use crate::samples::Asked;
use crate::units::Duration;

/// A query whose points lie further apart than its KPI's step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coarse {
    /// The KPI.
    pub kpi: String,
    /// Whether it is the query of what the KPI is compared with.
    pub of_baseline: bool,
    /// How far apart its points lie.
    pub apart: Duration,
    /// How far apart the plan asks for them.
    pub step: Duration,
}

/// Such queries of the KPIs that are judged, each once, in plan order.
#[must_use]
pub fn coarse(plan: &Plan, all: &[&Trials], history: &History) -> Vec<Coarse> {
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for trials in all {
        let sweep = Sweep {
            plan,
            gate: trials.gate,
            times: &trials.times,
        };
        let criteria = sweep.place().map(|(_, gate)| gate.criteria.as_slice());
        let asks = criteria.into_iter().flatten();
        let asks = asks.filter_map(|criterion| Some((criterion, criterion.ask.kpi()?)));
        for (criterion, ask) in asks {
            let times = trials.times.first();
            let asked = times.map(|time| sweep.purposes(criterion, *time));
            for (purpose, question) in asked.into_iter().flatten() {
                let Asked::Range(grid) = question.asked else {
                    continue;
                };
                let apart = history
                    .apart(&question)
                    .filter(|_| is_regular(ask, purpose));
                let Some(apart) = apart.filter(|apart| *apart >= grid.step().doubled()) else {
                    continue;
                };
                if seen.insert((question.origin, question.query)) {
                    found.push(Coarse {
                        kpi: ask.kpi.name.clone(),
                        of_baseline: purpose.of_baseline,
                        apart,
                        step: grid.step(),
                    });
                }
            }
        }
    }
    found
}

/// Whether a query should have a point at each step: guards need not, nor errors of which none is zero.
fn is_regular(ask: &KpiAsk, purpose: Purpose) -> bool {
    match purpose.sought {
        Sought::Values | Sought::Points => true,
        Sought::Part | Sought::PartPoints => ask.kpi.missing != Missing::Zero,
        Sought::Guard => false,
    }
}
