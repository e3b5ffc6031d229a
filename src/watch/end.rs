//! When a watch is over (W13), by what a whole round found. Must not decide the exit code: the record does.

use crate::ledger::WatchEnd;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// Where the watched stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageNow {
    /// It runs, paused or not.
    Runs,
    /// It was rolled back, and a gate asks whether it has recovered.
    Recovers,
    /// It was rolled back, and nothing asks; or it has not begun any more.
    TakenBack,
    /// A stage after it has begun.
    Left,
}

/// What a round found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// T.
    pub at: Instant,
    /// Of all gates that are watched.
    pub verdict: Verdict,
    /// Of the gate that ends the watch: that of recovery where the stage recovers, otherwise that of exit.
    pub of_gate: Verdict,
    /// When the window of that gate is complete; `None` if it has none, or nobody knows.
    pub completes_at: Option<Instant>,
    /// Whether it is.
    pub is_complete: bool,
    /// Where the stage stands.
    pub stage: StageNow,
}

/// What the command line says about the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// `--for`, `--until`.
    pub until: Option<Instant>,
    /// How long the watch goes on when the window is complete and nothing can be decided.
    pub grace: Duration,
    /// Whether a NO-GO that is recorded ends it.
    pub fails_fast: bool,
}

impl Limits {
    /// Why the watch is over with this round; `None` if it goes on. `is_recorded`: whether the round is recorded anyway.
    #[must_use]
    pub fn end(&self, now: &Standing, is_recorded: bool) -> Option<WatchEnd> {
        if now.verdict == Verdict::Stop {
            return Some(WatchEnd::Stop);
        }
        match now.stage {
            StageNow::Left => return Some(WatchEnd::Left),
            StageNow::TakenBack => return Some(WatchEnd::RolledBack),
            StageNow::Runs | StageNow::Recovers => {}
        }
        if let Some(end) = self.complete(now) {
            return Some(end);
        }
        if self.fails_fast && is_recorded && now.verdict == Verdict::NoGo {
            return Some(WatchEnd::FailFast);
        }
        let is_over = self.until.is_some_and(|until| now.at >= until);
        is_over.then_some(WatchEnd::Limit)
    }

    /// When a window that cannot be decided is given up.
    #[must_use]
    pub fn gives_up(&self, now: &Standing) -> Option<Instant> {
        match now.stage {
            StageNow::Runs | StageNow::Recovers => {}
            StageNow::TakenBack | StageNow::Left => return None,
        }
        Some(now.completes_at? + self.grace)
    }

    /// Once the window is complete: decided, or undecided for too long.
    fn complete(&self, now: &Standing) -> Option<WatchEnd> {
        if !now.is_complete {
            return None;
        }
        match now.of_gate {
            Verdict::Go | Verdict::NoGo => Some(WatchEnd::Complete),
            Verdict::Stop => Some(WatchEnd::Stop),
            Verdict::Hold => {
                let since = now.completes_at?;
                (since.until(now.at) >= self.grace).then_some(WatchEnd::Grace)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        until: None,
        grace: Duration::from_secs(3600),
        fails_fast: false,
    };

    fn standing(seconds: i64, verdict: Verdict) -> Standing {
        let completes = Instant::from_secs(1000);
        Standing {
            at: Instant::from_secs(seconds),
            verdict,
            of_gate: verdict,
            completes_at: Some(completes),
            is_complete: seconds >= 1000,
            stage: StageNow::Runs,
        }
    }

    use Verdict::{Go, Hold, NoGo, Stop};

    #[test]
    fn w13_a_stop_ends_it_and_what_is_decided_of_a_complete_window() {
        let end = |seconds, verdict| LIMITS.end(&standing(seconds, verdict), false);
        assert_eq!(end(10, Stop), Some(WatchEnd::Stop));
        assert_eq!(
            end(999, NoGo),
            None,
            "it may turn until the window is complete"
        );
        assert_eq!(end(999, Hold), None);
        assert_eq!(end(1000, Go), Some(WatchEnd::Complete));
        assert_eq!(end(1000, NoGo), Some(WatchEnd::Complete));
        assert_eq!(end(4599, Hold), None);
        assert_eq!(end(4600, Hold), Some(WatchEnd::Grace));
        let gives_up = LIMITS.gives_up(&standing(10, Hold));
        assert_eq!(
            gives_up,
            Some(Instant::from_secs(4600)),
            "it is known before"
        );
    }

    #[test]
    fn w13_a_limit_and_fail_fast_end_it() {
        let until = Some(Instant::from_secs(500));
        let limited = Limits { until, ..LIMITS };
        assert_eq!(limited.end(&standing(499, NoGo), false), None);
        let limit = Some(WatchEnd::Limit);
        assert_eq!(limited.end(&standing(500, NoGo), false), limit);
        let fast = Limits {
            fails_fast: true,
            ..LIMITS
        };
        assert_eq!(fast.end(&standing(10, NoGo), false), None);
        let failed = Some(WatchEnd::FailFast);
        assert_eq!(fast.end(&standing(10, NoGo), true), failed);
        assert_eq!(fast.end(&standing(10, Hold), true), None);
    }

    #[test]
    fn w13_a_stage_that_is_gone_ends_it() {
        let of = |stage| {
            let now = Standing {
                stage,
                ..standing(10, NoGo)
            };
            LIMITS.end(&now, false)
        };
        assert_eq!(of(StageNow::Left), Some(WatchEnd::Left));
        assert_eq!(of(StageNow::TakenBack), Some(WatchEnd::RolledBack));
        assert_eq!(of(StageNow::Recovers), None);
        let recovered = Standing {
            stage: StageNow::Recovers,
            of_gate: Go,
            ..standing(1000, NoGo)
        };
        assert_eq!(LIMITS.end(&recovered, false), Some(WatchEnd::Complete));
    }
}
