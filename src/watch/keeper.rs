//! Which verdicts of a watch are recorded (W9): the first, a stop at once, a change that has held for two rounds, one each
//! `--checkpoint`, and the end. Must not record them.

use std::collections::BTreeMap;

use crate::kind::GateName;
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

/// At most one record in this time for changes among GO, NO-GO and HOLD; the first NO-GO is never held back.
const AT_MOST_EVERY: Duration = Duration::from_secs(600);

/// The verdict of each gate that is watched.
pub type Verdicts = BTreeMap<GateName, Verdict>;

/// Why a round is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is the first.
    First,
    /// A stop tripped.
    Stop,
    /// A verdict has changed, at this time, and held.
    Changed(Instant),
    /// `--checkpoint`.
    Checkpoint,
}

/// What was recorded last, and what has changed since.
#[derive(Debug, Clone)]
pub struct Keeper {
    checkpoint: Duration,
    /// From when checkpoints are counted.
    started: Instant,
    recorded: Option<(Instant, Verdicts)>,
    /// When a change was recorded last.
    changed_at: Option<Instant>,
    /// Whether a NO-GO was recorded.
    has_no_go: bool,
    /// What differs from what was recorded, since when, and whether it has held.
    changing: Option<Changing>,
    /// Changes that held and were not recorded.
    left_out: u32,
}

#[derive(Debug, Clone)]
struct Changing {
    verdicts: Verdicts,
    since: Instant,
    is_counted: bool,
}

impl Keeper {
    /// Records each `checkpoint` from a stage's start on.
    #[must_use]
    pub fn new(checkpoint: Duration, started: Instant) -> Self {
        Self {
            checkpoint,
            started,
            recorded: None,
            changed_at: None,
            has_no_go: false,
            changing: None,
            left_out: 0,
        }
    }

    /// Why a round has to be recorded; `None` if it need not be.
    pub fn look(&mut self, at: Instant, verdicts: &Verdicts) -> Option<Reason> {
        let Some((recorded_at, recorded)) = &self.recorded else {
            return Some(Reason::First);
        };
        if verdicts.values().any(|one| *one == Verdict::Stop) {
            return Some(Reason::Stop);
        }
        let recorded_at = *recorded_at;
        let held = if verdicts == recorded {
            self.changing = None;
            None
        } else {
            self.held(at, verdicts)
        };
        if let Some(since) = held {
            let is_time = self
                .changed_at
                .is_none_or(|changed| changed.until(at) >= AT_MOST_EVERY);
            if is_time || is_no_go(verdicts) && !self.has_no_go {
                return Some(Reason::Changed(since));
            }
            self.leave_out();
        }
        // Since the last record: a checkpoint that could not be recorded is due in the next round.
        let passed = self.last_checkpoint(at) > self.last_checkpoint(recorded_at);
        passed.then_some(Reason::Checkpoint)
    }

    /// Since when the verdicts are what they are, if they were the same in the round before.
    fn held(&mut self, at: Instant, verdicts: &Verdicts) -> Option<Instant> {
        match &self.changing {
            Some(changing) if changing.verdicts == *verdicts => Some(changing.since),
            Some(_) | None => {
                self.changing = Some(Changing {
                    verdicts: verdicts.clone(),
                    since: at,
                    is_counted: false,
                });
                None
            }
        }
    }

    fn leave_out(&mut self) {
        if let Some(changing) = self.changing.as_mut().filter(|one| !one.is_counted) {
            changing.is_counted = true;
            self.left_out += 1;
        }
    }

    /// How many checkpoints have passed since the start; `None` before it.
    fn last_checkpoint(&self, at: Instant) -> Option<i64> {
        let since = self.started.until(at).millis();
        (since >= 0 && self.checkpoint > Duration::ZERO).then(|| since / self.checkpoint.millis())
    }

    /// A round was recorded: what it found, and how many changes were left out before it.
    pub fn recorded(&mut self, at: Instant, verdicts: &Verdicts) -> u32 {
        let left_out = std::mem::take(&mut self.left_out);
        let is_told = self.changing.take().is_some_and(|one| one.is_counted);
        let before = self.recorded.replace((at, verdicts.clone()));
        if before.is_some_and(|(_, before)| before != *verdicts) {
            self.changed_at = Some(at);
        }
        self.has_no_go |= is_no_go(verdicts);
        // The one that is recorded now was not left out.
        left_out - u32::from(is_told && left_out > 0)
    }
}

fn is_no_go(verdicts: &Verdicts) -> bool {
    verdicts.values().any(|one| *one == Verdict::NoGo)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::GateKind;

    fn at(seconds: i64) -> Instant {
        Instant::from_secs(seconds)
    }

    fn is(verdict: Verdict) -> Verdicts {
        Verdicts::from([(GateKind::Exit.of("pilot"), verdict)])
    }

    /// Rounds each minute; the seconds of those that were recorded, with the changes left out before each.
    fn run(verdicts: &[Verdict]) -> Vec<(i64, Option<Reason>, u32)> {
        let mut keeper = Keeper::new(Duration::from_secs(86_400), at(0));
        let mut found = Vec::new();
        for (round, verdict) in verdicts.iter().enumerate() {
            let seconds = 60 * i64::try_from(round).expect("few rounds");
            if let Some(reason) = keeper.look(at(seconds), &is(*verdict)) {
                let left_out = keeper.recorded(at(seconds), &is(*verdict));
                found.push((seconds, Some(reason), left_out));
            }
        }
        found
    }

    use Verdict::{Go, Hold, NoGo, Stop};

    #[test]
    fn w9_a_change_is_recorded_once_it_has_held_for_two_rounds() {
        let mut verdicts = vec![Hold; 12];
        verdicts.extend([NoGo, NoGo, NoGo]);
        let first = (0, Some(Reason::First), 0);
        let changed = (780, Some(Reason::Changed(at(720))), 0);
        assert_eq!(run(&verdicts), [first, changed]);
        verdicts.truncate(13);
        verdicts.extend([Hold, Hold]);
        assert_eq!(run(&verdicts), [first], "one round is a blip");
    }

    #[test]
    fn w9_at_most_one_record_in_10_minutes_and_what_was_left_out_is_counted() {
        let mut verdicts = vec![Hold];
        for _ in 0..4 {
            verdicts.extend([NoGo, NoGo, Hold, Hold]);
        }
        // Back to what was recorded is no change against it: two were left out before the one after 10 minutes.
        let first = (0, Some(Reason::First), 0);
        let no_go = (120, Some(Reason::Changed(at(60))), 0);
        let later = (720, Some(Reason::Changed(at(660))), 2);
        assert_eq!(run(&verdicts), [first, no_go, later]);
        let mut verdicts = vec![Hold, NoGo, NoGo];
        verdicts.extend([Go; 12]);
        let later = (720, Some(Reason::Changed(at(180))), 0);
        assert_eq!(run(&verdicts), [first, no_go, later]);
    }

    #[test]
    fn w9_the_first_no_go_is_never_held_back() {
        let verdicts = [Hold, Go, Go, NoGo, NoGo, Go, Go, NoGo, NoGo];
        let first = (0, Some(Reason::First), 0);
        let go = (120, Some(Reason::Changed(at(60))), 0);
        let no_go = (240, Some(Reason::Changed(at(180))), 0);
        assert_eq!(run(&verdicts), [first, go, no_go]);
    }

    #[test]
    fn w9_a_stop_is_recorded_at_once() {
        let all = run(&[Hold, Stop]);
        assert_eq!(all.last(), Some(&(60, Some(Reason::Stop), 0)));
    }

    #[test]
    fn w9_each_checkpoint_from_the_start_on_is_recorded() {
        let mut keeper = Keeper::new(Duration::from_secs(300), at(100));
        let mut seen = Vec::new();
        for seconds in (120..1200).step_by(60) {
            if let Some(reason) = keeper.look(at(seconds), &is(Hold)) {
                keeper.recorded(at(seconds), &is(Hold));
                seen.push((seconds, reason));
            }
        }
        let checkpoint = |seconds| (seconds, Reason::Checkpoint);
        let expected = [
            (120, Reason::First),
            checkpoint(420),
            checkpoint(720),
            checkpoint(1020),
        ];
        assert_eq!(seen, expected);
    }
}
