//! `at P` (C1 to C11): the pairs of one series → what they show. Must not estimate (`compare`), nor put it in words (`sure`).

use super::bad::SeriesJudge;
use super::baseline::single;
use super::limits::Limits;
use super::measure::Measurable;
use super::prepared::Prepared;
use super::question::KpiQuestion;
use super::ratio::count;
use super::ruling::{SeriesRuling, found};
use crate::assessment::{Block, Certainty, Code, EventCount, Measures, Outcome};
use crate::evaluate::compare::{
    Arms, Asked, Compared, Estimate, EventPair, Levels, Margin, Shown, ValuePair, compare,
};
use crate::kind::List;
use crate::plan::{Bound, Condition, Confidence, Delta, Ratio, Reducer};
use crate::samples::{EventSeries, Events, Grid};

/// One series with what its pairs show.
pub(super) struct Sure<'a> {
    pub case: &'a KpiQuestion<'a>,
    pub at: Confidence,
    pub grid: Grid,
    /// How many series are judged together.
    pub series: usize,
    pub high_is_bad: bool,
    pub compared: Compared,
    /// What the canary comes to over all pairs, in the KPI's unit; `None` of no pairs.
    value: Option<f64>,
    /// The events of all pairs, of counts.
    pub events: Option<(Events, Option<Events>)>,
    /// 100 where counts are shown in percent.
    pub scale: f64,
}

/// What the pairs of a series show; `None` without `at`, and where the control is not known.
pub(super) fn of<'a>(
    case: &'a KpiQuestion<'a>,
    prepared: &Prepared<'_>,
    measurable: &Measurable<'_>,
) -> Option<Sure<'a>> {
    let condition = &case.ask.condition;
    let at = condition.at?;
    let Ok(Limits::One { baseline, .. }) = &prepared.limits else {
        return None;
    };
    let series = measurable.subjects.len();
    let is_ratio = case.ask.kpi.ratio.is_some();
    let scale = if is_ratio {
        Ratio::whole(case.ask.kpi.unit)
    } else {
        1.0
    };
    let margin = margin(&condition.bound, baseline.unwrap_or(f64::NAN));
    let high_is_bad = condition.comparison.is_upper() != (case.list == List::Stop);
    let asked = Asked {
        points: measurable.grid.count(),
        margin: Margin {
            offset: margin.offset / scale,
            ..margin
        },
        high_is_bad,
        levels: Levels::new(at.error(), series, case.is_early),
    };
    let (values, events) = match prepared.measured.events.as_ref().filter(|_| is_ratio) {
        Some(events) => (Vec::new(), event_pairs(events, prepared)),
        None => (value_pairs(prepared), Vec::new()),
    };
    let arms = if is_ratio {
        Arms::Events(&events)
    } else {
        arms(condition, &values)
    };
    Some(Sure {
        case,
        at,
        grid: measurable.grid,
        series,
        high_is_bad,
        compared: compare(asked, arms),
        value: arms.overall().map(|(canary, _)| canary * scale),
        events: arms.events(),
        scale,
    })
}

fn arms<'p>(condition: &Condition, pairs: &'p [ValuePair]) -> Arms<'p> {
    match condition.reducer {
        Some(Reducer::Median) => Arms::Medians(pairs),
        _ => Arms::Means(pairs),
    }
}

/// The points at which canary and control are measured, or the canary where there is no control.
fn value_pairs(prepared: &Prepared<'_>) -> Vec<ValuePair> {
    let pair = |(at, canary): (usize, &Option<f64>)| {
        let control = match &prepared.partners {
            Some(partners) => Some(partners.values.get(at).copied().flatten()?),
            None => None,
        };
        Some(ValuePair {
            at,
            canary: (*canary)?,
            control,
        })
    };
    prepared
        .possible
        .iter()
        .enumerate()
        .filter_map(pair)
        .collect()
}

/// The points at which both have events.
fn event_pairs(events: &EventSeries, prepared: &Prepared<'_>) -> Vec<EventPair> {
    let of = |series: &EventSeries, at| {
        let Events { part, total } = series.at(at)?;
        let each = series.each.seconds();
        Some(Events {
            part: part * each,
            total: total * each,
        })
    };
    let pair = |at| {
        let control = match &prepared.partners {
            Some(partners) => Some(of(partners.events.as_ref()?, at)?),
            None => None,
        };
        Some(EventPair {
            at,
            canary: of(events, at)?,
            control,
        })
    };
    (0..events.rates.len()).filter_map(pair).collect()
}

/// C4: a and m of a bound; `control` is what the control comes to, which of two deltas counts depends on it.
fn margin(bound: &Bound, control: f64) -> Margin {
    let (offset, factor) = match bound {
        Bound::Fixed(limit) => (limit.get(), 0.0),
        Bound::Baseline => (0.0, 1.0),
        Bound::Times(factor) => (0.0, factor.get()),
        Bound::Above(delta) => beside(single(delta, control), 1.0),
        Bound::Below(delta) => beside(single(delta, control), -1.0),
    };
    Margin { offset, factor }
}

/// A single delta above or below the baseline.
fn beside(delta: &Delta, side: f64) -> (f64, f64) {
    match delta {
        Delta::Absolute(value) => (side * value.get(), 1.0),
        Delta::Relative(fraction) => (0.0, 1.0 + side * fraction.get()),
        // `single` leaves neither.
        Delta::Max(..) | Delta::Min(..) => (f64::NAN, 1.0),
    }
}

impl Sure<'_> {
    /// C11; thin points show nothing.
    pub fn ruling(&self, judge: &SeriesJudge<'_>) -> SeriesRuling {
        let value = self.value;
        let unknown = |code, reason| found(Outcome::Unknown, code, reason, value);
        if judge.thin.is_some() {
            return SeriesRuling {
                value,
                ..judge.undecided()
            };
        }
        let estimate = match &self.compared {
            Compared::Estimated(estimate) => estimate,
            Compared::FewPairs(pairs) => {
                return unknown(Code::TooFewSamples, self.few_pairs(*pairs));
            }
            Compared::FewBlocks(blocks) => {
                return unknown(Code::TooFewSamples, self.few_blocks(*blocks));
            }
            Compared::NotFinite => return unknown(Code::NotANumber, self.not_finite()),
        };
        let in_stop = self.case.list == List::Stop;
        match (estimate.shown, in_stop) {
            (Shown::Good, false) => found(Outcome::Met, Code::Met, self.good(estimate), value),
            (Shown::Good, true) => found(Outcome::Clear, Code::Clear, self.good(estimate), value),
            (Shown::Bad, false) => found(Outcome::Unmet, Code::Breach, self.bad(estimate), value),
            (Shown::Bad, true) => found(Outcome::Tripped, Code::Breach, self.bad(estimate), value),
            (Shown::Undecided, _) => unknown(Code::Undecided, self.undecided(estimate)),
        }
    }

    /// What the estimate measures.
    pub fn measures(&self, estimate: &Estimate) -> Measures {
        if estimate.margin.factor == 0.0 {
            Measures::Value
        } else if estimate.is_quotient() {
            Measures::Quotient
        } else if estimate.margin.factor == 1.0 {
            Measures::Difference
        } else {
            Measures::Beyond(estimate.margin.factor)
        }
    }

    /// For the evidence; `None` where there is no estimate.
    pub fn certainty(&self) -> Option<Certainty> {
        let Compared::Estimated(estimate) = &self.compared else {
            return None;
        };
        let (scale, centre) = (self.scale, estimate.estimate());
        Some(Certainty {
            confidence: self.at.share(),
            level: estimate.levels.bad,
            pairs: estimate.pairs,
            blocks: self.blocks(estimate),
            estimate: centre * scale,
            low: (centre - estimate.half) * scale,
            high: (centre + estimate.half) * scale,
            margin: estimate.of_margin() * scale,
            measures: self.measures(estimate),
            rho: estimate.rho,
            se: estimate.se * scale,
            se_chance: estimate.se_chance.map(|se| se * scale),
            t: estimate.t,
            z: estimate.z,
            control_events: self
                .events
                .and_then(|(_, control)| Some(self.counted(control?))),
        })
    }

    pub fn counted(&self, events: Events) -> EventCount {
        count(self.case.ask, events)
    }

    fn blocks(&self, estimate: &Estimate) -> Vec<Block> {
        let blocks = estimate.blocks.iter().map(|block| {
            let (first, last) = block.positions(self.grid.count());
            Block {
                start: self.grid.at(first),
                end: self.grid.at(last),
                canary: block.canary * self.scale,
                control: block.control.map(|control| control * self.scale),
                weight: block.weight,
                events: block.events.map(|(canary, _)| self.counted(canary)),
                control_events: block
                    .events
                    .and_then(|(_, control)| Some(self.counted(control?))),
            }
        });
        blocks.collect()
    }
}
