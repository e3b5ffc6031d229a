//! Rules 3 and 4: how old the points of a span are: whether they are too old, and whether their series ended. Must not count them.

use super::known::{Known, Presence, has_value, is_quiet};
use crate::assessment::Code;
use crate::evaluate::context::Undecided;
use crate::plan::criteria::KpiAsk;
use crate::units::{Duration, Instant};

/// M7: a series whose newest measured point is too old, and that sent nothing later.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    /// Its newest measured point.
    pub newest: Instant,
    words: String,
}

impl Ended {
    /// Says so, by the name that its criterion gives.
    pub fn undecided(&self) -> Undecided {
        let reason = format!("the series ended: {}", self.words);
        Undecided::new(Code::SeriesEnded, reason)
    }
}

impl Presence<'_> {
    /// M7: a series whose guard is gone while its samples go on has not ended, but nobody knows what they are worth.
    pub(super) fn lost_its_guard(&self) -> Option<Undecided> {
        let (old, fresh_at) = (self.too_old()?, self.fresh_at?);
        let goes_on = |known| has_value(known) || known == Known::Unjudged;
        let silence = self.silence(self.newest(goes_on)?, fresh_at);
        (silence <= max_age(self.ask)).then(|| {
            let reason = format!(
                "the guard was not measured since, though samples go on: {}",
                old.words
            );
            Undecided::new(Code::GuardUnknown, reason)
        })
    }

    pub(super) fn stale(&self) -> Option<Undecided> {
        let old = self.too_old()?;
        let reason = format!("{}{}", old.words, old.way_out);
        Some(Undecided::new(Code::Stale, reason))
    }

    /// The position of the newest of these points.
    fn newest(&self, is_one: impl Fn(Known) -> bool) -> Option<usize> {
        self.points.iter().rposition(|known| is_one(*known))
    }

    /// M9: for how long a series was not seen after a point, until this time. Time in which each point is quiet does not count,
    /// but a quiet point says nothing about those before it that should have been measured: what they leave open adds up.
    fn silence(&self, newest: usize, until: Instant) -> Duration {
        let (mut silence, mut last) = (Duration::ZERO, newest);
        let later = self.points.iter().enumerate().skip(newest + 1);
        for (position, _) in later.filter(|(_, known)| is_quiet(**known)) {
            if position > last + 1 {
                silence = silence + self.grid.at(last).until(self.grid.at(position));
            }
            last = position;
        }
        let silence = silence + self.grid.at(last).until(until);
        silence.max(self.unanswered(newest))
    }

    /// From the first point after this one at which there should have been a value to the last: dead data, however quiet it is
    /// in between.
    fn unanswered(&self, newest: usize) -> Duration {
        let is_absent = |position: &usize| self.points.get(*position) == Some(&Known::Absent);
        let later = newest + 1..self.points.len();
        let first = later.clone().find(is_absent);
        let last = later.rev().find(is_absent);
        first.zip(last).map_or(Duration::ZERO, |(first, last)| {
            self.grid.at(first).until(self.grid.at(last))
        })
    }

    /// `; the newest point is 5m old (TIME)`, where there is one and its age counts.
    pub(super) fn age(&self) -> String {
        let newest = self.newest(has_value).zip(self.fresh_at);
        newest.map_or_else(String::new, |(newest, at)| {
            format!("; {}", age_of(self.grid.at(newest), at))
        })
    }

    /// The newest point, if nothing was measured after it for longer than `max_age`.
    pub(super) fn too_old(&self) -> Option<TooOld> {
        let (position, fresh_at) = (self.newest(has_value)?, self.fresh_at?);
        let (newest, allowed) = (self.grid.at(position), max_age(self.ask));
        let silence = self.silence(position, fresh_at);
        let beside_quiet = if silence == newest.until(fresh_at) {
            String::new()
        } else if silence == self.unanswered(position) {
            format!(", with no value at the points over {silence} of that at which the guard holds")
        } else {
            format!(", and went unmeasured for {silence} of that while not quiet")
        };
        (silence > allowed).then(|| TooOld {
            newest,
            words: format!(
                "{}{beside_quiet}, at most {allowed} allowed",
                age_of(newest, fresh_at)
            ),
            way_out: if self.ask.kpi.delay == Duration::ZERO {
                "; if samples always arrive late, set the source's `delay`"
            } else {
                ""
            },
        })
    }
}

/// The newest point, in words.
fn age_of(newest: Instant, at: Instant) -> String {
    format!("the newest point is {} old ({newest})", newest.until(at))
}

/// A newest point that is older than `max_age` allows.
pub(super) struct TooOld {
    newest: Instant,
    pub words: String,
    /// What to do where all samples come late; empty where the plan says how late.
    pub way_out: &'static str,
}

impl TooOld {
    pub fn ended(self) -> Ended {
        Ended {
            newest: self.newest,
            words: self.words,
        }
    }
}

/// How old the newest measured point may be (rule 4).
pub(super) fn max_age(ask: &KpiAsk) -> Duration {
    ask.kpi
        .max_age
        .unwrap_or_else(|| Duration::from_secs(300).max(ask.step.doubled()))
}
