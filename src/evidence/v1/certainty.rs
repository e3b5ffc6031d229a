//! What the noise leaves of a difference, as the file has it, and back. Computes nothing.

use super::number::Number;
use super::wire;
use crate::assessment::{Block, Certainty, EventCount, Measures};
use crate::kind::UnknownWord;
use crate::units::Share;

const VALUE: &str = "value";
const DIFFERENCE: &str = "difference";
const QUOTIENT: &str = "quotient";
const BEYOND: &str = "beyond";

/// Writes what is known of it into a series.
pub(super) fn write(series: &mut wire::Series, certainty: &Certainty) {
    let (measures, factor) = match certainty.measures {
        Measures::Value => (VALUE, None),
        Measures::Difference => (DIFFERENCE, None),
        Measures::Quotient => (QUOTIENT, None),
        Measures::Beyond(factor) => (BEYOND, Some(Number(factor))),
    };
    series.confidence = Some(certainty.confidence.to_string());
    series.level = Some(Number(certainty.level));
    series.pairs = Some(certainty.pairs);
    series.measures = Some(measures.to_owned());
    series.factor = factor;
    series.estimate = Some(Number(certainty.estimate));
    series.low = Some(Number(certainty.low));
    series.high = Some(Number(certainty.high));
    series.margin = Some(Number(certainty.margin));
    series.rho = Some(Number(certainty.rho));
    series.se = Some(Number(certainty.se));
    series.se_chance = certainty.se_chance.map(Number);
    series.t = Some(Number(certainty.t));
    series.z = certainty.z.map(Number);
    series.control_events = certainty.control_events.map(Into::into);
    series.blocks = certainty.blocks.iter().map(Into::into).collect();
}

impl From<&Block> for wire::Block {
    fn from(block: &Block) -> Self {
        Self {
            start: block.start,
            end: block.end,
            canary: Number(block.canary),
            control: block.control.map(Number),
            weight: Number(block.weight),
            events: block.events.map(Into::into),
            control_events: block.control_events.map(Into::into),
        }
    }
}

impl From<EventCount> for wire::EventCount {
    fn from(events: EventCount) -> Self {
        Self {
            errors: Number(events.errors),
            total: Number(events.total),
        }
    }
}

/// Takes it out of a series; `None` where the file says nothing of it.
///
/// # Errors
/// A confidence that is no share, a word that is not known.
pub(super) fn read(series: &wire::Series) -> Result<Option<Certainty>, UnknownWord> {
    let Some(confidence) = &series.confidence else {
        return Ok(None);
    };
    let number = |value: &Option<Number>| value.as_ref().map(|Number(value)| *value);
    let required = |value: &Option<Number>| number(value).unwrap_or(f64::NAN);
    let written = series.measures.as_deref().unwrap_or_default();
    let measures = match (written, number(&series.factor)) {
        (VALUE, _) => Measures::Value,
        (DIFFERENCE, _) => Measures::Difference,
        (QUOTIENT, _) => Measures::Quotient,
        (BEYOND, Some(factor)) => Measures::Beyond(factor),
        (other, _) => return Err(UnknownWord::new("measures", other)),
    };
    Ok(Some(Certainty {
        confidence: Share::parse(confidence)
            .map_err(|_| UnknownWord::new("confidence", confidence))?,
        level: required(&series.level),
        pairs: series.pairs.unwrap_or_default(),
        blocks: series.blocks.iter().map(block).collect(),
        estimate: required(&series.estimate),
        low: required(&series.low),
        high: required(&series.high),
        margin: required(&series.margin),
        measures,
        rho: required(&series.rho),
        se: required(&series.se),
        se_chance: number(&series.se_chance),
        t: required(&series.t),
        z: number(&series.z),
        control_events: series.control_events.as_ref().map(events),
    }))
}

fn block(written: &wire::Block) -> Block {
    Block {
        start: written.start,
        end: written.end,
        canary: written.canary.0,
        control: written.control.as_ref().map(|Number(control)| *control),
        weight: written.weight.0,
        events: written.events.as_ref().map(events),
        control_events: written.control_events.as_ref().map(events),
    }
}

fn events(counted: &wire::EventCount) -> EventCount {
    EventCount {
        errors: counted.errors.0,
        total: counted.total.0,
    }
}
