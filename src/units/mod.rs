//! Durations, instants, shares, quantities and KPI units: newtypes that parse, print and compare.
//!
//! Imports nothing of the project and reads no clock.

mod decimal;
mod duration;
mod instant;
mod share;
mod unit;

pub use decimal::{Decimal, DecimalError};
pub use duration::{Duration, DurationError};
pub use instant::{Instant, InstantError};
pub use share::{Share, ShareError};
pub use unit::{Finite, QuantityError, Unit, show_number, show_times};
