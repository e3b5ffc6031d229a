//! What the criteria, the sources and the stages of a plan share: its KPIs, variables, baselines, addresses and queries, each
//! with its written form and its rules, and the `checker` that collects what is wrong.
//!
//! Must not know a list, a stage or a source.

pub(super) mod accepts;
pub(super) mod addresses;
pub(super) mod baselines;
pub(super) mod checker;
pub(super) mod given;
pub(super) mod http_config;
pub(super) mod kpi_maps;
pub(super) mod kpis;
pub(super) mod links;
pub(super) mod look;
pub(super) mod queries;
pub(super) mod ratio;
pub(super) mod steps;
pub(super) mod templates;
pub(super) mod variables;
