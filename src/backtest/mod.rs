//! What a plan would have said (B1–B17): pretend releases over a long time, counted against incidents, and limits that would have been
//! better. Pure: takes answers, asks nobody, reads no clock. Must not judge a sample: `evaluate` does.
//!
//! `trials` (when stages are pretended to begin) · `tried` (what came of them) · `incidents` (what should have been caught) ·
//! `counted` (false stops, caught, missed) · `poisson` (what a count proves) · `curve` (other limits) · `fail_on` (conditions on counts) · `tune`, `literal`
//! (other limits) · `why_not` (where none is known) · `material` (what is asked) · `coarse` (where less came back than was asked for) · `whole` (all of it).

mod coarse;
mod counted;
mod curve;
mod fail_on;
mod incidents;
mod literal;
mod material;
mod poisson;
mod trials;
mod tried;
mod tune;
mod whole;
mod why_not;

pub use coarse::{Coarse, coarse};
pub use counted::{Caught, Closest, Counted, OutcomeCount, Period, StopCount, StopLimit};
pub use curve::{Curve, CurvePoint, curve};
pub use fail_on::{FailOn, Figures, Measure};
pub use incidents::{Incident, Incidents};
pub use material::{Material, asked};
pub use poisson::{per_week, upper_bound, weeks};
pub use trials::{Trials, Untriable, of_gate, of_moments, of_starts};
pub use tried::{CriterionTried, Left, Outcome, Tried, Unknown, tried};
pub use tune::{Allowed, Suggestion, Verdict as TuneVerdict, suggestions};
pub use whole::{Backtest, IncidentsFrom, Release, Unanswered};
pub use why_not::WhyNot;
