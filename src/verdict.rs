//! The four verdicts. Data only: who judges is `evaluate`, who remembers is `ledger`.

/// The verdict on a gate. The order is from good to bad: of several gates the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Every criterion is met and every stop criterion is clear.
    Go,
    /// Nothing is unmet, but something cannot be decided.
    Hold,
    /// At least one criterion is unmet.
    NoGo,
    /// A stop criterion tripped.
    Stop,
}

impl Verdict {
    /// Every verdict, from good to bad.
    pub const ALL: [Self; 4] = [Self::Go, Self::Hold, Self::NoGo, Self::Stop];

    /// The word that is printed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::Hold => "HOLD",
            Self::NoGo => "NO-GO",
            Self::Stop => "STOP",
        }
    }
}
