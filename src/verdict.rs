//! The four verdicts. Data only: who judges is `evaluate`, who remembers is `ledger`.

use crate::kind::words;

words! {
    /// The verdict on a gate. The order is from good to bad: of several gates the worst counts.
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
