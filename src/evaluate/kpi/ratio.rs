//! R1 to R4, R7: the points of a ratio of events from those of its two queries, and what their events come to. Must not compare
//! a value with a bound.

use super::placed::place;
use super::presence::Guarded;
use super::series::JudgedSeries;
use crate::assessment::{Code, EventCount};
use crate::evaluate::context::Undecided;
use crate::plan::criteria::KpiAsk;
use crate::plan::{Counted, Missing, Ratio, Reducer};
use crate::samples::{EventSeries, Events, Grid};
use crate::units::{Duration, Unit};

/// By how much of all events a part may be above them: both are rates that a server extrapolates.
const ABOVE: f64 = 1e-6;
/// Sums of rates are off by that much of what was counted.
const ROUNDING: f64 = 1e-9;

/// What was sent for a point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub part: Option<f64>,
    pub total: Option<f64>,
}

impl Sent {
    /// Whether a sample of the total came.
    pub fn came(self) -> bool {
        self.total.is_some_and(|total| !total.is_nan())
    }

    /// The value as it was sent.
    pub fn quotient(self, unit: Unit) -> Option<f64> {
        Some(self.part? / self.total? * Ratio::whole(unit))
    }

    /// Whether no two counts can be like that (R2).
    fn is_impossible(self) -> bool {
        let wrong =
            |number: Option<f64>| number.is_some_and(|number| number < 0.0 || number.is_infinite());
        let is_above =
            (self.part.zip(self.total)).is_some_and(|(part, total)| part - total > ABOVE * total);
        wrong(self.part) || wrong(self.total) || is_above
    }

    /// The rates, where both are there and there are events at all (R1).
    fn rates(self, absent_is_zero: bool) -> Option<Events> {
        let part = self.part.or(absent_is_zero.then_some(0.0))?;
        let total = self.total?;
        let rates = Events { part, total };
        rates.ratio().map(|_| rates)
    }
}

/// What was sent for each point of a series.
///
/// # Errors
/// The same instant twice.
pub(super) fn sent(subject: &JudgedSeries, grid: &Grid) -> Result<Vec<Sent>, Undecided> {
    let placed = |series: Option<&crate::samples::Series>| match series {
        Some(series) => place(series, grid),
        None => Ok(vec![None; grid.count()]),
    };
    let (part, total) = (placed(subject.part)?, placed(subject.series)?);
    let pairs = part.into_iter().zip(total);
    Ok(pairs.map(|(part, total)| Sent { part, total }).collect())
}

/// Whether each point is measured, whatever its guard says.
pub(super) fn is_measured(ask: &KpiAsk, sent: &[Sent]) -> Vec<bool> {
    let zero = ask.kpi.missing == Missing::Zero;
    let measured = |one: &Sent| !one.is_impossible() && one.rates(zero).is_some();
    sent.iter().map(measured).collect()
}

/// The points of a series, as far as its guard holds.
pub(super) struct Points {
    pub events: EventSeries,
    /// What no counts can be like: the first of it.
    pub impossible: Option<Undecided>,
    /// Where they are.
    pub impossible_at: Vec<usize>,
    /// Points at which the guard holds without any event, and those with events but without the part.
    without_events: usize,
    without_part: usize,
}

/// Takes the points of a series; `each` is how long one stands for.
pub(super) fn points(
    ask: &KpiAsk,
    grid: &Grid,
    each: Duration,
    sent: &[Sent],
    guarded: &[Guarded],
) -> Points {
    let zero = ask.kpi.missing == Missing::Zero;
    let mut points = Points {
        events: EventSeries {
            rates: Vec::with_capacity(sent.len()),
            each,
        },
        impossible: None,
        impossible_at: Vec::new(),
        without_events: 0,
        without_part: 0,
    };
    for (position, (one, guarded)) in sent.iter().zip(guarded).enumerate() {
        let holds = matches!(guarded, Guarded::Holds);
        let rates = one.rates(zero).filter(|_| holds);
        if holds && one.is_impossible() {
            let first = || impossible(ask, grid, position, *one);
            points.impossible.get_or_insert_with(first);
            points.impossible_at.push(position);
        }
        let has_events = one.total.is_some_and(|total| total > 0.0);
        points.without_events += usize::from(holds && one.total == Some(0.0));
        points.without_part += usize::from(holds && has_events && rates.is_none());
        points.events.rates.push(if ask.turns_good_into_errors() {
            rates.map(Events::others)
        } else {
            rates
        });
    }
    points
}

impl Points {
    /// Why points that came are not measured, for people; empty where none is.
    pub fn why(&self, ask: &KpiAsk) -> String {
        let of = ask.kpi.ratio.map_or("part", |ratio| ratio.of.word());
        let mut words = String::new();
        if self.without_part > 0 {
            let count = at_points(self.without_part);
            words.push_str(&format!(
                "; {count} there are events but no value of `{of}`, which `missing: zero` would count as none"
            ));
        }
        if self.without_events > 0 {
            let count = at_points(self.without_events);
            words.push_str(&format!("; {count} there are no events at all"));
        }
        words
    }
}

fn at_points(count: usize) -> String {
    if count == 1 {
        "at 1 point".to_owned()
    } else {
        format!("at {count} points")
    }
}

fn impossible(ask: &KpiAsk, grid: &Grid, position: usize, sent: Sent) -> Undecided {
    let of = ask.kpi.ratio.map_or("part", |ratio| ratio.of.word());
    let show = |rate: f64| Unit::PerSecond.show(rate);
    let at = grid.at(position);
    let below = |number: Option<f64>| number.filter(|number| *number < 0.0 || number.is_infinite());
    let (part, total) = (below(sent.part), below(sent.total));
    let words = match (part, total, sent.part.zip(sent.total)) {
        (Some(part), ..) => format!("`{of}` is {} at {at}", show(part)),
        (None, Some(total), _) => format!("`total` is {} at {at}", show(total)),
        (None, None, Some((part, total))) => {
            let (part, total) = Unit::PerSecond.show_beside(part, total);
            format!("`{of}` is {part} at {at}, more than the {total} of `total`")
        }
        (None, None, None) => format!("the counts at {at} contradict each other"),
    };
    let reason = format!(
        "{words}: no events can be counted like that; see that both queries count the same events"
    );
    Undecided::new(Code::RatioImpossible, reason)
}

/// The events of a series, with what they are judged by.
#[derive(Clone, Copy)]
pub(super) struct Tally<'a> {
    pub ask: &'a KpiAsk,
    pub events: &'a EventSeries,
    /// How long the judged span is.
    pub span: Duration,
}

impl Tally<'_> {
    /// R3, R7: one value of all events, in the KPI's unit; `None` for a reducer of points, and without events.
    pub fn reduced(&self, reducer: Reducer) -> Option<f64> {
        reduced(self.ask, reducer, overall(self.events)?, self.span)
    }

    /// R4: why there are too few events; `None` where there are enough, or the plan does not say how many.
    pub fn too_few(&self) -> Option<Undecided> {
        let least = self.ask.kpi.ratio?.min_total?.get();
        let total = self.events.all().total;
        let is_enough = total >= least_total(self.ask)?;
        (!is_enough).then(|| {
            let (total, least) = Unit::Count.show_beside(total, least);
            Undecided::new(Code::LowTraffic, format!("{total} of {least} events"))
        })
    }

    /// For the evidence.
    pub fn count(&self) -> EventCount {
        count(self.ask, self.events.all())
    }
}

/// R3, R7: what the ratio of all events is to a reducer, in the KPI's unit; `None` for one of points.
pub(super) fn reduced(ask: &KpiAsk, reducer: Reducer, overall: f64, span: Duration) -> Option<f64> {
    let whole = Ratio::whole(ask.kpi.unit);
    match reducer {
        Reducer::Overall => Some(overall * whole),
        Reducer::Budget => {
            let objective = ask.kpi.ratio?.objective?;
            let part = span.seconds() / objective.period.seconds();
            Some(overall * part / objective.budget.get() * whole)
        }
        Reducer::Last
        | Reducer::Mean
        | Reducer::Median
        | Reducer::Min
        | Reducer::Max
        | Reducer::Percentile(_) => None,
    }
}

/// R4: how many events are enough; `None` where the plan does not say how many.
pub(super) fn least_total(ask: &KpiAsk) -> Option<f64> {
    Some(ask.kpi.ratio?.min_total?.get() * (1.0 - ROUNDING))
}

/// Errors and events, whichever of them the KPI counts.
pub(super) fn count(ask: &KpiAsk, events: Events) -> EventCount {
    let Events { part, total } = events;
    let counts_good = (ask.kpi.ratio).is_some_and(|ratio| ratio.of == Counted::Good);
    let errors = if counts_good && !ask.turns_good_into_errors() {
        total - part
    } else {
        part
    };
    EventCount { errors, total }
}

/// All of the part by all events.
pub(super) fn overall(events: &EventSeries) -> Option<f64> {
    let rates = events.rates.iter().flatten().copied();
    rates.collect::<crate::samples::EventSum>().ratio()
}
