//! Rule 1: which span of time a criterion is judged on. Must not know a grid or a sample.

use crate::assessment::Window;
use crate::kind::{GateKind, List};
use crate::plan::{Gate, Observe, Stage};
use crate::rollout::{NotBegun, Period, completes_at};
use crate::units::{Duration, Instant};

/// T, S and E.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// T: when the gate is judged.
    pub at: Instant,
    /// From when to when the stage runs.
    pub period: Period,
    /// Which part of the past exit, stop and watch are judged on.
    pub observe: Observe,
    /// When the release first touched the stage, if known: `before` baselines end there.
    pub untouched: Option<Instant>,
    /// The stage's last resume, if recorded: stops look no further back.
    pub resumed: Option<Instant>,
    /// The stage's last rollback, if recorded: recovery is observed from then on.
    pub rolled_back: Option<Instant>,
    /// How much earlier `at` is than the T of the check, because samples come late.
    pub delay: Duration,
}

impl Moment {
    /// Without anything from a ledger.
    #[cfg(test)]
    pub fn new(at: Instant, started: Option<Instant>) -> Self {
        Self {
            at,
            period: started.map_or(Period::NotBegun(NotBegun::Unrecorded), |started| {
                Period::Begun {
                    started,
                    ended: None,
                }
            }),
            observe: Observe::SinceStart,
            untouched: started,
            resumed: None,
            rolled_back: None,
            delay: Duration::ZERO,
        }
    }

    /// As it is judged on a source whose samples come that late (M10): at T − delay.
    pub fn late(self, delay: Duration) -> Self {
        Self {
            at: self.at - delay,
            delay: self.delay + delay,
            ..self
        }
    }

    /// S: when the stage began; `None` if it has not.
    pub fn started(self) -> Option<Instant> {
        self.period.started()
    }

    /// Where the span of a list ends: T; for the stage's own lists, not after E.
    pub fn end(self, list: List) -> Instant {
        match list {
            List::Entry | List::Recovery => self.at,
            List::Exit | List::Stop | List::Watch => self
                .period
                .ended()
                .map_or(self.at, |ended| ended.min(self.at)),
        }
    }

    /// Why exit, stop and watch have nothing to judge: the stage has not begun, and is judged from its start.
    pub fn not_begun(self) -> Option<NotBegun> {
        match self.observe {
            Observe::SinceStart => self.period.not_begun(),
            Observe::Trailing => None,
        }
    }
}

/// A span of time, both ends included. Empty if `start` is after `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub start: Instant,
    pub end: Instant,
}

impl Span {
    /// Its length; zero if it is empty.
    pub fn length(self) -> Duration {
        self.start.until(self.end).max(Duration::ZERO)
    }

    /// Its last part, of at most this length.
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
    let end = moment.end(list);
    let recent = Span {
        start: end - window,
        end,
    };
    let from = |instant: Option<Instant>| Span {
        start: instant.map_or(recent.start, |instant| instant.max(recent.start)),
        ..recent
    };
    let judged_from = moment.started().map(|started| started + stage.settle);
    match list {
        List::Entry => recent,
        List::Recovery => from(moment.rolled_back),
        List::Stop => Span {
            start: judged_from.map_or(recent.start, |start| {
                moment.resumed.map_or(start, |resumed| resumed.max(start))
            }),
            ..recent
        },
        List::Exit | List::Watch => match moment.observe {
            Observe::SinceStart => from(judged_from),
            Observe::Trailing => recent,
        },
    }
}

/// The observation window of a gate, for the report.
pub(super) fn window(stage: &Stage, gate: &Gate, moment: Moment) -> Option<Window> {
    let length = gate.window?;
    let span = judged(gate.kind.list(), stage, length, moment.late(gate.delay()));
    let (started, rolled_back) = (moment.started(), moment.rolled_back);
    let completes_at = completes_at(gate, stage, moment.observe, started, rolled_back);
    let is_over = completes_at.is_some_and(|instant| instant - gate.delay() <= span.end);
    let (observe, complete) = match (gate.kind, moment.observe) {
        (GateKind::Entry, _) => (None, true),
        (GateKind::Recovery, _) => (None, is_over),
        (GateKind::Exit, Observe::SinceStart) => (Some(moment.observe), is_over),
        (GateKind::Exit, Observe::Trailing) => (Some(moment.observe), true),
    };
    Some(Window {
        observe,
        start: span.start.min(span.end),
        end: span.end,
        length,
        started,
        ended: moment.period.ended(),
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
            observe: Observe::SinceStart,
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
    fn rule_1_entry_has_its_own_window() {
        assert_eq!(hours(List::Entry, at(100, Some(99))), (52, 100));
    }

    #[test]
    fn rule_1_the_window_is_complete_after_settling_and_its_length() {
        let gate = Gate {
            kind: GateKind::Exit,
            window: Some(Duration::from_secs(48 * H)),
            valid: Duration::from_secs(24 * H),
            criteria: Vec::new(),
        };
        let complete =
            |now| window(&stage(H), &gate, at(now, Some(20))).map(|window| window.complete);
        assert_eq!(complete(68), Some(false));
        assert_eq!(complete(69), Some(true));
        let window_of = |moment| window(&stage(H), &gate, moment).expect("a window");
        assert!(!window_of(at(30, None)).complete, "M1: it has not begun");
        let trailing = Moment {
            observe: Observe::Trailing,
            ..at(30, None)
        };
        assert!(window_of(trailing).complete);
    }

    #[test]
    fn m1_a_trailing_stage_looks_back_from_t_but_its_stops_to_its_start() {
        let trailing = |moment| Moment {
            observe: Observe::Trailing,
            ..moment
        };
        assert_eq!(hours(List::Exit, trailing(at(40, Some(20)))), (-8, 40));
        assert_eq!(hours(List::Watch, trailing(at(40, None))), (-8, 40));
        assert_eq!(hours(List::Stop, trailing(at(100, Some(20)))), (21, 100));
        assert_eq!(hours(List::Stop, trailing(at(100, None))), (52, 100));
    }

    #[test]
    fn m3_exit_stop_and_watch_end_where_the_next_stage_begins() {
        let ended = |now, ended| Moment {
            period: Period::Begun {
                started: Instant::from_secs(20 * H),
                ended: Some(Instant::from_secs(ended * H)),
            },
            ..at(now, Some(20))
        };
        assert_eq!(hours(List::Exit, ended(200, 90)), (42, 90));
        assert_eq!(hours(List::Exit, ended(200, 40)), (21, 40), "cut short");
        assert_eq!(hours(List::Stop, ended(200, 90)), (21, 90));
        assert_eq!(hours(List::Watch, ended(200, 90)), (42, 90));
        assert_eq!(hours(List::Entry, ended(200, 90)), (152, 200));
    }
}
