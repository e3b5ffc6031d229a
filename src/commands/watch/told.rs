//! What a round says: its lines, the line that is kept of it, the notices of its sources (W7, W10, W20). Must not judge, nor decide what is
//! recorded.

use super::{Watcher, setting};
use crate::cli::Format;
use crate::commands::judging::round::Seen;
use crate::output::print_stdout;
use crate::report::watching::{self, AwayNow};
use crate::units::{Duration, Instant};
use crate::watch::{Changed, RoundLine};

/// A source that was away in the round before, and since when.
type Before = (String, Option<Instant>);

impl Watcher<'_> {
    /// Says what is new, and keeps the account.
    pub(super) fn tell(
        &mut self,
        at: Instant,
        missed: u64,
        seen: &Seen,
        took: std::time::Duration,
    ) {
        let (is_whole, since) = (seen.answered.is_some(), self.away_before());
        let verdicts = seen.verdicts();
        let changed = self.log.add(at, (missed, is_whole), &verdicts, &seen.away);
        let line = self.line_of(at, seen, &changed, took);
        self.diary.line(&line, &mut self.screen);
        self.messenger
            .sources((at, &seen.evidence), &seen.away, &since);
        let away = self.away_now(at);
        let lines = self.lines(at, missed, seen, (&since, &away));
        self.say_lines(at, &lines, seen);
        let rarely = away.iter().filter(|one| one.next_try.is_some());
        self.rarely_tried = rarely.map(|one| one.source.clone()).collect();
        self.slow = self.slowed_by(took, seen);
        self.screen.show(&seen.evidence, away);
        if self.arguments.format == Format::Json {
            let text = serde_json::to_string(&line).unwrap_or_default();
            let _ = print_stdout(&format!("{text}\n"));
        }
        self.missed = missed;
        self.last_line = Some(line);
    }

    /// The line that is kept of a round.
    fn line_of(
        &mut self,
        at: Instant,
        seen: &Seen,
        changed: &[Changed],
        took: std::time::Duration,
    ) -> RoundLine {
        let verdicts = seen.verdicts();
        let gates = verdicts.iter();
        RoundLine {
            t: at,
            gates: gates
                .map(|(gate, verdict)| (gate.to_string(), *verdict))
                .collect(),
            whole: seen.answered.is_some(),
            asked: seen.asked,
            points: seen.points,
            ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            away: seen.away.iter().cloned().collect(),
            changed: changed.iter().map(|one| one.gate.to_string()).collect(),
            told: self.messenger.through(),
        }
    }

    /// What is to be said of a round; nothing if nothing is new.
    fn lines(
        &self,
        at: Instant,
        missed: u64,
        seen: &Seen,
        (since, away): (&[Before], &[AwayNow]),
    ) -> Vec<String> {
        let mut lines = Vec::new();
        if self.before.is_none() {
            lines.push(watching::heartbeat(&seen.evidence));
        }
        lines.extend(self.fell_out(missed));
        lines.extend(of_sources(at, seen, since));
        let rarely = away
            .iter()
            .filter(|one| !self.rarely_tried.contains(&one.source));
        lines.extend(rarely.filter_map(watching::rarely_tried));
        lines.extend(seen.differs.iter().map(setting::changed_history));
        if let Some(before) = &self.before {
            lines.extend(watching::changes(before, &seen.evidence));
        }
        // What is asked in two lists is unknown in both for one reason.
        lines.dedup();
        lines
    }

    /// That rounds fell out, and why; where one round after the other takes too long, once.
    fn fell_out(&self, missed: u64) -> Option<String> {
        if missed == 0 || self.slow.is_some() && self.missed > 0 {
            return None;
        }
        let rounds = if missed == 1 { "round" } else { "rounds" };
        let why = self.slow.as_deref().unwrap_or("nobody watched meanwhile");
        Some(format!("{missed} {rounds} fell out: {why}"))
    }

    /// What kept a round that took longer than there is between two: what a source failed with, or that it answered late.
    fn slowed_by(&self, took: std::time::Duration, seen: &Seen) -> Option<String> {
        let took = Duration::from_secs(i64::try_from(took.as_secs()).unwrap_or(i64::MAX));
        if took < self.beat.every() {
            return None;
        }
        let mut failed = seen.away.iter();
        let failed = failed.find_map(|one| Some(watching::failed(one, self.pace.failure(one)?)));
        let why = match (failed, seen.evidence.sources.as_slice()) {
            (Some(failed), _) => failed,
            (None, [only]) => format!("source {} answered late", only.name),
            (None, _) => "sources answered late".to_owned(),
        };
        Some(format!("the one before took {took}: {why}"))
    }

    /// The sources that are away, as the screen tells of them.
    pub(super) fn away_now(&self, at: Instant) -> Vec<AwayNow> {
        let next_round = self.next_round(at);
        let away = self.log.summary().into_iter().flat_map(|one| &one.away);
        let open = away.filter(|one| one.end.is_none());
        let open = open.map(|one| AwayNow {
            source: one.source.clone(),
            since: one.start,
            next_try: (self.pace.next_try(&one.source)).filter(|next| *next > next_round),
        });
        open.collect()
    }

    /// The lines, or how it stands where nothing was said for long.
    fn say_lines(&mut self, at: Instant, lines: &[String], seen: &Seen) {
        for words in lines {
            self.screen.line(at, words);
        }
        let is_due = self
            .last_told
            .is_none_or(|last| last.until(at) >= self.arguments.heartbeat);
        if lines.is_empty() && is_due && !self.screen.is_live() {
            self.screen.line(at, &watching::heartbeat(&seen.evidence));
        }
        if !lines.is_empty() || is_due {
            self.last_told = Some(at);
        }
    }

    /// The sources that were away in the round before, and since when.
    fn away_before(&self) -> Vec<Before> {
        let away = self.log.summary().into_iter().flat_map(|one| &one.away);
        let open = away.filter(|one| one.end.is_none());
        open.map(|one| (one.source.clone(), Some(one.start)))
            .collect()
    }
}

/// The sources that went away, and those that are back.
fn of_sources(at: Instant, seen: &Seen, since: &[Before]) -> Vec<String> {
    let was_away = |source: &String| since.iter().any(|(name, _)| name == source);
    let gone = seen.away.iter().filter(|source| !was_away(source));
    let stays = seen.known_up_to.map_or_else(String::new, |at| {
        format!("; what was measured up to {at} still speaks against it")
    });
    let gone = gone
        .map(|source| format!("source {source} is away: what it is asked about is unknown{stays}"));
    let back = since
        .iter()
        .filter(|(source, _)| !seen.away.contains(source));
    let back = back.map(|(source, start)| {
        let after = start.map_or_else(String::new, |start| format!(" after {}", start.until(at)));
        format!("source {source} is back{after}: everything was asked again")
    });
    gone.chain(back).collect()
}
