//! Plan, observations and T → assessment. Pure: no I/O, clock, logging, randomness, async.
//!
//! [`questions`] and [`inquiries`] say what must be asked and looked up, [`assess`] judges what came back, [`Samples`] gives
//! the points behind it. `criteria` (one file for each kind, named after its YAML key) · `kpi` (one file for each rule on
//! KPIs) · `gates` (criteria to a verdict) · `next`, `needed` (what to do then) · `implied`, `sticky`, `flags`, `overrides` (what the ledger adds) · `span` (rule 1) ·
//! `request`, `context` (what is judged, and what a criterion sees of it).

mod begun;
mod clock;
mod compare;
mod context;
mod criteria;
mod flags;
mod gates;
mod history;
mod implied;
mod kpi;
mod needed;
mod next;
mod overrides;
mod past;
mod request;
mod span;
mod sticky;
mod sweep;
mod swept;

#[cfg(test)]
mod rules;

pub use clock::clocks_differ;
pub use criteria::is_known_severity;
pub use gates::{AskedOfKpi, asked_of_kpis, assess, inquiries, questions};
pub use history::{History, pieces};
pub use kpi::question::{Purpose, Sought, part_captured_as, points_behind};
pub use kpi::samples::{BaselineSamples, KpiSamples, Sampled, Samples, SeriesSamples};
pub use past::{Waits, waits_for_past};
pub use request::{Facts, GateRef, Request};
pub use sweep::{LeftOut, Sweep, Trial, verdict_on_judged};
pub use swept::{FirstTrip, JudgedAt, Scale, Swept, Track};
