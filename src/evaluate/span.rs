//! Rule 1: which span of time a criterion is judged on. Must not know a grid or a sample.

use crate::assessment::Window;
use crate::kind::{GateKind, List};
use crate::plan::{Gate, Stage};
use crate::rollout::completes_at;
use crate::units::{Duration, Instant};

/// T and S.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// T: when the gate is judged.
    pub at: Instant,
    /// S: when the stage began, where known.
    pub started: Option<Instant>,
    /// When the release touched the stage for the first time, where known: `before` baselines end there.
    pub untouched: Option<Instant>,
    /// The stage's last resume, where recorded: stops look no further back.
    pub resumed: Option<Instant>,
    /// The stage's last rollback, where recorded: recovery is observed from then on.
    pub rolled_back: Option<Instant>,
}

impl Moment {
    /// Without anything from a ledger.
    #[cfg(test)]
    pub fn new(at: Instant, started: Option<Instant>) -> Self {
        Self {
            at,
            started,
            untouched: started,
            resumed: None,
            rolled_back: None,
        }
    }
}

/// A span of time, both ends in. Empty where `start` is after `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub start: Instant,
    pub end: Instant,
}

impl Span {
    /// Its length; zero where it is empty.
    pub fn length(self) -> Duration {
        self.start.until(self.end).max(Duration::ZERO)
    }

    /// The part that is no longer ago than `length` before its end.
    pub fn last(self, length: Duration) -> Self {
        Self {
            start: self.start.max(self.end - length),
            end: self.end,
        }
    }

    /// The same span, that much earlier.
    pub fn earlier(self, by: Duration) -> Self {
        Self {
            start: self.start - by,
            end: self.end - by,
        }
    }
}

/// The gate's window; without one, which validation rules out, nothing is asked and its KPIs are unknown.
pub(super) fn window_of(gate: &Gate) -> Duration {
    gate.window.unwrap_or(Duration::ZERO)
}

/// The span that a list of a gate is judged on, for a window of the given length.
pub(super) fn judged(list: List, stage: &Stage, window: Duration, moment: Moment) -> Span {
    let recent = Span {
        start: moment.at - window,
        end: moment.at,
    };
    let from = |instant: Option<Instant>| Span {
        start: instant.map_or(recent.start, |instant| instant.max(recent.start)),
        ..recent
    };
    let judged_from = moment.started.map(|started| started + stage.settle);
    match list {
        List::Entry => recent,
        List::Recovery => from(moment.rolled_back),
        List::Stop => Span {
            start: judged_from.map_or(recent.start, |start| {
                moment.resumed.map_or(start, |resumed| resumed.max(start))
            }),
            ..recent
        },
        List::Exit | List::Watch => from(judged_from),
    }
}

/// The observation window of a gate, for the report.
pub(super) fn window(stage: &Stage, gate: &Gate, moment: Moment) -> Option<Window> {
    let length = gate.window?;
    let span = judged(gate.kind.list(), stage, length, moment);
    let (started, rolled_back) = (moment.started, moment.rolled_back);
    let completes_at = completes_at(gate.kind, stage, length, started, rolled_back);
    // Recovery is observed from a rollback on; an exit without a known start is judged as it is.
    let complete = match gate.kind {
        GateKind::Recovery => completes_at.is_some_and(|instant| instant <= moment.at),
        GateKind::Entry | GateKind::Exit => completes_at.is_none_or(|instant| instant <= moment.at),
    };
    Some(Window {
        start: span.start.min(span.end),
        end: span.end,
        length,
        started: moment.started,
        complete,
        completes_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: i64 = 3_600;

    fn stage(settle: i64) -> Stage {
        Stage {
            name: "pilot".into(),
            title: None,
            kind: None,
            traffic: None,
            cohort: Vec::new(),
            window: Some(Duration::from_secs(48 * H)),
            settle: Duration::from_secs(settle),
            deadline: None,
            after: None,
            details: crate::plan::StageDetails::default(),
            gates: Vec::new(),
        }
    }

    fn at(hours: i64, started: Option<i64>) -> Moment {
        Moment::new(
            Instant::from_secs(hours * H),
            started.map(|h| Instant::from_secs(h * H)),
        )
    }

    fn hours(list: List, moment: Moment) -> (i64, i64) {
        let span = judged(list, &stage(H), Duration::from_secs(48 * H), moment);
        (span.start.millis() / 1000 / H, span.end.millis() / 1000 / H)
    }

    #[test]
    fn rule_1_exit_looks_at_the_window_but_not_before_the_start_and_its_settling() {
        assert_eq!(hours(List::Exit, at(100, Some(20))), (52, 100));
        assert_eq!(hours(List::Exit, at(40, Some(20))), (21, 40));
        assert_eq!(hours(List::Exit, at(100, None)), (52, 100));
    }

    #[test]
    fn rule_1_stop_looks_back_to_the_start() {
        assert_eq!(hours(List::Stop, at(100, Some(20))), (21, 100));
        assert_eq!(hours(List::Stop, at(100, None)), (52, 100));
    }

    #[test]
    fn rule_1_entry_has_a_window_of_its_own() {
        assert_eq!(hours(List::Entry, at(100, Some(99))), (52, 100));
    }

    #[test]
    fn rule_1_the_window_is_complete_after_settling_and_its_length() {
        let gate = Gate {
            kind: GateKind::Exit,
            window: Some(Duration::from_secs(48 * H)),
            criteria: Vec::new(),
        };
        let complete =
            |now| window(&stage(H), &gate, at(now, Some(20))).map(|window| window.complete);
        assert_eq!(complete(68), Some(false));
        assert_eq!(complete(69), Some(true));
        assert_eq!(
            window(&stage(H), &gate, at(30, None)).map(|window| window.complete),
            Some(true)
        );
    }
}
