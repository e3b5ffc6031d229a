//! The files of `integrations/`: each shell block and each command of them, run as its system runs it, on a real Prometheus.
//! Whatever is found, nothing but GO may be a success there (`docs/ci.md`).

mod azure;
mod block;
mod cluster;
mod flagger;
mod github;
mod gitlab;
mod jenkins;
mod lint;
mod rollout;
mod runner;
mod tekton;
