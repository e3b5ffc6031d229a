//! The exit codes, all of them (design 3). The code never depends on the output format.

use crate::verdict::Verdict;

/// How a run ended. Ordered from best to worst: of several, the worst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// GO, or a command that did what was asked.
    Go,
    /// HOLD: something cannot be decided.
    Hold,
    /// NO-GO: a criterion is unmet.
    NoGo,
    /// Nothing was recorded, because of where the rollout stands.
    Refused,
    /// STOP: a stop criterion tripped.
    Stop,
    /// The command line or the plan is wrong: nothing was judged.
    Usage,
    /// The verdict could not be recorded, or an internal failure. Outweighs all others.
    Unrecorded,
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Go => 0,
            Self::NoGo | Self::Refused => 1,
            Self::Usage => 2,
            Self::Hold => 3,
            Self::Stop => 4,
            Self::Unrecorded => 5,
        }
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Go => Self::Go,
            Verdict::Hold => Self::Hold,
            Verdict::NoGo => Self::NoGo,
            Verdict::Stop => Self::Stop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_gates_the_worst_counts() {
        let worst = |exits: &[Exit]| exits.iter().max().map(|exit| exit.code());
        assert_eq!(worst(&[Exit::Go, Exit::Hold]), Some(3));
        assert_eq!(worst(&[Exit::Hold, Exit::NoGo]), Some(1));
        assert_eq!(worst(&[Exit::Stop, Exit::NoGo]), Some(4));
        assert_eq!(worst(&[Exit::Stop, Exit::Unrecorded]), Some(5));
    }
}
