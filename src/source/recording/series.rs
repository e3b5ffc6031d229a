//! The series of a recorded answer → samples, through the same collector as a server's answer.
//!
//! Must not accept a value that no server could have sent.

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};

use super::collect::Collector;
use super::exchange::Times;
use super::visit::{once, seed};
use crate::samples::{Grid, Labels};
use crate::source::number;
use crate::units::Instant;

seed!([] SeriesList<'_> => (), deserialize_seq);
seed!([] OneSeries<'_> => (), deserialize_map);
seed!([] Values<'_> => (), deserialize_seq);
seed!([] OffGrid<'_> => (), deserialize_seq);

pub(super) struct SeriesList<'a> {
    pub(super) times: Times,
    pub(super) collector: &'a mut Collector,
}

impl<'de> Visitor<'de> for SeriesList<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { times, collector } = self;
        while list
            .next_element_seed(OneSeries {
                times,
                collector: &mut *collector,
            })?
            .is_some()
        {}
        Ok(())
    }
}

struct OneSeries<'a> {
    times: Times,
    collector: &'a mut Collector,
}

impl<'de> Visitor<'de> for OneSeries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { times, collector } = self;
        let (mut labels, mut from, mut value, mut any) = (None, None, None, false);
        while let Some(key) = map.next_key::<String>()? {
            match (key.as_str(), times) {
                ("labels", _) => {
                    once(&mut labels, map.next_value::<Labels>()?, "labels")?;
                }
                ("from", Times::Grid(_)) | ("at", Times::At(_)) => {
                    once(&mut from, map.next_value()?, "from")?;
                }
                ("value", Times::At(_)) => once(&mut value, map.next_value::<String>()?, "value")?,
                ("values", Times::Grid(grid)) if !any => {
                    let first = match from {
                        None => Some(0),
                        Some(from) => grid.position(from),
                    };
                    let next =
                        first.ok_or_else(|| A::Error::custom("`from` is not on the grid"))?;
                    map.next_value_seed(Values {
                        grid,
                        next,
                        collector: &mut *collector,
                    })?;
                    any = true;
                }
                ("off_grid", _) => {
                    point_at(collector, times, from, value.take())?;
                    map.next_value_seed(OffGrid {
                        collector: &mut *collector,
                    })?;
                }
                (other, _) => {
                    return Err(A::Error::custom(format!("a series has no `{other}`")));
                }
            }
        }
        point_at(collector, times, from, value)?;
        collector.end_series(labels.ok_or_else(|| A::Error::missing_field("labels"))?);
        if let Some(room) = collector.exceeded() {
            return Err(A::Error::custom(format!(
                "the samples of an answer take more than {room} bytes of memory"
            )));
        }
        Ok(())
    }
}

/// The value of an instant, if there is one.
fn point_at<E: serde::de::Error>(
    collector: &mut Collector,
    times: Times,
    at: Option<Instant>,
    text: Option<String>,
) -> Result<(), E> {
    if let (Some(text), Times::At(asked)) = (text, times) {
        sample(collector, at.unwrap_or(asked), &text)?;
    }
    Ok(())
}

fn sample<E: serde::de::Error>(
    collector: &mut Collector,
    at: Instant,
    text: &str,
) -> Result<(), E> {
    let value = number::value(text.as_bytes());
    let value =
        value.ok_or_else(|| E::custom(format!("`{}` is not a value", text.escape_debug())))?;
    collector.point(at, value, text.as_bytes());
    Ok(())
}

struct Values<'a> {
    grid: Grid,
    next: usize,
    collector: &'a mut Collector,
}

impl<'de> Visitor<'de> for Values<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of values, null if there is none")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let count = self.grid.count();
        for position in self.next.. {
            let Some(text) = list.next_element::<Option<String>>()? else {
                break;
            };
            if position >= count {
                return Err(A::Error::custom("more values than the grid has points"));
            }
            if let Some(text) = text {
                sample(self.collector, self.grid.at(position), &text)?;
            }
        }
        Ok(())
    }
}

struct OffGrid<'a> {
    collector: &'a mut Collector,
}

impl<'de> Visitor<'de> for OffGrid<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of pairs of time and value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some((time, text)) = list.next_element::<(serde_json::Number, String)>()? {
            let at = number::time(time.to_string().as_bytes());
            let at = at.ok_or_else(|| A::Error::custom(format!("{time} is not a time")))?;
            sample(self.collector, at, &text)?;
        }
        Ok(())
    }
}
