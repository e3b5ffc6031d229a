//! The four verdicts. Data only: `evaluate` judges, `ledger` records.

use crate::kind::words;

words! {
    /// The verdict on a gate. Ordered from best to worst: of several gates, the worst counts.
    pub enum Verdict: "verdict" {
        /// Every criterion is met and every stop criterion is clear.
        Go = "GO",
        /// Nothing is unmet, but something cannot be decided.
        Hold = "HOLD",
        /// At least one criterion is unmet.
        NoGo = "NO-GO",
        /// A stop criterion tripped.
        Stop = "STOP",
    }
}
