//! KPI histories for the rollout plans.
