//! The rules on what people answer, each by number, on whole gates: met, unmet, unknown, and every way to a GO that was not earned.

mod answers;
mod approvals;
mod begun;
mod checkpoints;
mod clocks;
mod files;
mod incidents;
mod order;
mod overrides;
mod parts;
mod properties;
mod recovery;
mod rollout;
mod stops;
mod turns;
