//! The shapes of rollouts that a plan can start from. Words only.

use crate::kind::words;

words! {
    /// The shape of a rollout.
    pub enum Template: "template" {
        /// A share of the traffic, in rising steps.
        Canary = "canary",
        /// One site, then a few, then all, each watched for two days.
        Pilot = "pilot",
        /// A migration, then three phases.
        Batch = "batch",
        /// Staging, then a share of the traffic in rising steps, with checklists.
        Staged = "staged",
        /// One stage.
        Minimal = "minimal",
    }
}
