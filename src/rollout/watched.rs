//! When somebody watched a stage, as far as the ledger tells (W11). Must not count a check as watching: nobody may have looked in
//! between.

use serde::Serialize;

use super::{History, Rollout};
use crate::ledger::{Entry, Event, Watch};
use crate::plan::Stage;
use crate::units::{Duration, Instant};

/// From when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// Where it begins.
    pub from: Instant,
    /// Where it ends, not before.
    pub to: Instant,
}

/// How much of a stage somebody watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WatchedStage {
    /// For how long, rounds that fell out left out.
    #[serde(rename = "watched_seconds")]
    pub watched: Duration,
    /// Since the stage began, until now or until it was left.
    #[serde(rename = "of_seconds")]
    pub of: Duration,
    /// When nobody watched, oldest first.
    pub not_watched: Vec<Stretch>,
    /// The watch that has not ended, if there is one.
    pub open: Option<OpenWatch>,
}

/// A watch whose end is not recorded: it goes on, or was killed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenWatch {
    /// When it began.
    pub since: Instant,
    /// Who watches.
    pub by: String,
    /// On which machine.
    pub host: String,
    /// Until when it has certainly watched: its last record.
    pub seen: Instant,
}

/// One watch.
struct One<'a> {
    began: &'a Entry,
    host: &'a str,
    /// Its end, and how long it watched.
    ended: Option<(Instant, Duration)>,
    /// Its last sign of life.
    seen: Instant,
    /// Whether another one of the stage began on the same machine since: only one can be at work there.
    is_gone: bool,
}

impl One<'_> {
    fn is_open(&self) -> bool {
        self.ended.is_none() && !self.is_gone
    }
}

impl<'a> History<'a> {
    /// The watches of a stage that began at or after an entry's number, oldest first.
    fn watches(self, stage: &str, since: u64) -> Vec<One<'a>> {
        let mut all: Vec<One<'a>> = Vec::new();
        for entry in self.entries().iter().filter(|entry| entry.number >= since) {
            match &entry.event {
                Event::Watch(Watch::Started { gates, host, .. })
                    if gates.iter().any(|gate| gate.stage == stage) =>
                {
                    for one in all.iter_mut().filter(|one| one.host == host) {
                        one.is_gone = true;
                    }
                    all.push(One {
                        began: entry,
                        host,
                        ended: None,
                        seen: entry.at,
                        is_gone: false,
                    });
                }
                Event::Watch(Watch::Ended { began, watched, .. }) => {
                    if let Some(one) = all.iter_mut().find(|one| one.began.number == *began) {
                        one.ended = Some((entry.at, *watched));
                        one.seen = one.seen.max(entry.at);
                    }
                }
                Event::Checked(_) if entry.event.concerns(stage) => {
                    // Whose record it is cannot be told where two watch: of the one that began last.
                    let open = all.iter_mut().rev().find(|one| one.is_open());
                    if let Some(one) = open {
                        one.seen = one.seen.max(entry.at);
                    }
                }
                Event::Watch(Watch::Started { .. })
                | Event::Checked(_)
                | Event::Started { .. }
                | Event::Confirmed { .. }
                | Event::Approved { .. }
                | Event::IncidentOpened { .. }
                | Event::IncidentUpdated { .. }
                | Event::IncidentClosed { .. }
                | Event::Paused { .. }
                | Event::Resumed { .. }
                | Event::RolledBack { .. }
                | Event::RollbackUpdated { .. }
                | Event::Reopened { .. }
                | Event::Superseded { .. }
                | Event::Overridden { .. }
                | Event::Noted { .. }
                | Event::Repaired { .. }
                | Event::LedgerBegun { .. }
                | Event::Imported { .. } => {}
            }
        }
        all
    }

    /// The entry with which the first of those watches of a stage began that were killed since one of them ended as it should; `None` if
    /// the last one did.
    #[must_use]
    pub fn killed_since(self, stage: &str) -> Option<&'a Entry> {
        let all = self.watches(stage, 0);
        let unended = all.iter().rev().take_while(|one| one.ended.is_none());
        unended.last().map(|one| one.began)
    }

    /// The watches of a stage whose end is not recorded.
    #[must_use]
    pub fn open_watches(self, stage: &str) -> Vec<OpenWatch> {
        let watches = self.watches(stage, 0).into_iter();
        let open = watches.filter(One::is_open);
        open.map(|one| one.open()).collect()
    }
}

impl One<'_> {
    fn open(&self) -> OpenWatch {
        OpenWatch {
            since: self.began.at,
            by: self.began.by.called().to_owned(),
            host: self.host.to_owned(),
            seen: self.seen,
        }
    }
}

impl<'a> Rollout<'a> {
    /// How much of a stage somebody watched; `None` if it has not begun, or nobody ever did.
    #[must_use]
    pub fn watched(&self, stage: &'a Stage) -> Option<WatchedStage> {
        let history = self.history();
        let start = history.start_of(&stage.name)?;
        // What comes after a stage was left is nobody's to watch.
        let over = self
            .left_at(stage)
            .into_iter()
            .chain(self.ended(stage, start));
        let until = over.min().unwrap_or(self.present());
        let mut all = history.watches(&stage.name, 0);
        all.retain(|one| one.seen >= start);
        if all.is_empty() {
            return None;
        }
        let span = Stretch {
            from: start,
            to: until.max(start),
        };
        let not_watched = uncovered(
            span,
            all.iter().map(|one| Stretch {
                from: one.began.at,
                to: one.seen,
            }),
        );
        let lengths = not_watched
            .iter()
            .map(|one| one.from.until(one.to).millis());
        let fell_out = all.iter().filter_map(|one| {
            let (ended, lasted) = one.ended?;
            Some((one.began.at.until(ended) - lasted).millis().max(0))
        });
        let of = span.from.until(span.to);
        let watched = of.millis() - lengths.sum::<i64>() - fell_out.sum::<i64>();
        let open = all.iter().rev().find(|one| one.is_open());
        let open = open.filter(|_| self.ended(stage, start).is_none());
        Some(WatchedStage {
            watched: Duration::from_millis(watched.max(0)),
            of,
            not_watched,
            open: open.map(One::open),
        })
    }
}

/// What of a span no stretch covers; they are in the order of their beginnings.
fn uncovered(span: Stretch, covered: impl Iterator<Item = Stretch>) -> Vec<Stretch> {
    let (mut free, mut reached) = (Vec::new(), span.from);
    for one in covered {
        let from = one.from.min(span.to);
        if from > reached {
            free.push(Stretch {
                from: reached,
                to: from,
            });
        }
        reached = reached.max(one.to);
    }
    if reached < span.to {
        free.push(Stretch {
            from: reached,
            to: span.to,
        });
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(from: i64, to: i64) -> Stretch {
        Stretch {
            from: Instant::from_secs(from),
            to: Instant::from_secs(to),
        }
    }

    #[test]
    fn w11_what_nobody_watched_is_between_the_watches() {
        let of = |covered: &[Stretch]| uncovered(stretch(0, 100), covered.iter().copied());
        assert_eq!(of(&[stretch(0, 100)]), []);
        assert_eq!(of(&[]), [stretch(0, 100)]);
        let two = [stretch(10, 40), stretch(30, 60), stretch(70, 200)];
        assert_eq!(of(&two), [stretch(0, 10), stretch(60, 70)]);
        assert_eq!(of(&[stretch(150, 200)]), [stretch(0, 100)]);
    }
}
