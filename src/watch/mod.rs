//! The course of a watch: when it judges, what it asks again, what it records, when it ends. Pure: values in, values out.
//!
//! `beat` (the times of rounds) · `memory` (samples of earlier rounds, and what has to be asked besides) · `keeper` (which verdicts are
//! recorded) · `outage` (records that cannot be reached) · `pace` (sources that are away) · `end` (when it is over) · `log` (a line for each round, and what they add up to).

mod beat;
mod end;
mod keeper;
mod log;
mod memory;
mod outage;
mod pace;

pub use beat::{Beat, Turn};
pub use end::{Limits, StageNow, Standing};
pub use keeper::{Keeper, Reason, Verdicts};
pub use log::{Away, Changed, Gap, Log, RoundLine, Summary};
pub use memory::{Differs, Memory};
pub use outage::{Outage, Unreached};
pub use pace::Pace;
