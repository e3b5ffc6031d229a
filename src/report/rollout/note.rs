//! The status note for stakeholders at a gate (L19): five lines without a command: where, verdict, why, what next and when, who
//! decides. Markdown in a file, plain text on a terminal. Must not leave out what counts against a verdict.

mod next;

use super::RolloutFacts;
use super::deed;
use crate::evidence::Evidence;
use crate::ledger::{Entry, EventKind, Ledger};
use crate::report::Style;
use crate::report::markdown::inline;
use crate::report::page::{Cell as Words, Page};
use crate::report::{decided, entry, gate, standing, times, words};
use crate::rollout::{History, StageStatus, State, Status, not_in_plan, took_the_place};
use crate::units::Instant;
use crate::verdict::Verdict;

/// At most this many open incidents are named; the others are counted.
const MAX_NAMED: usize = 3;

/// A line: what it tells, and the text.
type Line = (&'static str, String);

/// A check, and what is known beside it.
#[derive(Clone, Copy)]
struct Known<'a> {
    evidence: &'a Evidence,
    ledger: Option<&'a Ledger>,
    /// Where the rollout stands when the note is made; without it the note tells what the check knew.
    status: Option<&'a Status>,
    /// What was recorded after the check.
    later: &'a [Entry],
}

/// The note on a check as it was made, as Markdown.
#[must_use]
pub fn note(evidence: &Evidence, ledger: Option<&Ledger>) -> String {
    Known::of(evidence, ledger, None, None).in_markdown(&[])
}

impl RolloutFacts<'_> {
    /// The note on the newest check. With where the rollout stands when the note is made, it says that, and what comes next from
    /// there.
    #[must_use]
    pub fn note(&self, status: Option<&Status>) -> String {
        let kept = self.kept();
        let known = self.known(status);
        known.map_or_else(String::new, |known| known.in_markdown(&kept))
    }

    /// The same on a terminal: plain text.
    #[must_use]
    pub fn note_on_a_terminal(&self, status: Option<&Status>, style: &Style) -> String {
        let mut page = Page::new(style);
        let kept = self.kept();
        let lines = self.known(status).map(|known| known.lines(&kept));
        for (label, text) in lines.into_iter().flatten() {
            let said = Words::plain(&format!("{label}: {text}"));
            page.labelled(0, &[(1, Words::plain("-"))], said);
        }
        page.finish()
    }

    fn known<'k>(&'k self, status: Option<&'k Status>) -> Option<Known<'k>> {
        let check = self.newest()?;
        let own = self.entry_of(check).map(|entry| entry.number);
        Some(Known::of(&check.evidence, self.ledger, own, status))
    }

    /// What goes on although another version took stages over, and what that let go of.
    fn kept(&self) -> Vec<String> {
        let Some(known) = self.rollout else {
            return Vec::new();
        };
        let stages = known.plan.stages.iter();
        let kept = stages.flat_map(|stage| {
            let let_go = known.history().let_go_for_now(&stage.name);
            known.kept_windows(stage).into_iter().chain(let_go)
        });
        kept.collect()
    }
}

impl<'a> Known<'a> {
    /// What came after the check is known by the numbers of the entries, never by their times.
    fn of(
        evidence: &'a Evidence,
        ledger: Option<&'a Ledger>,
        own: Option<u64>,
        status: Option<&'a Status>,
    ) -> Self {
        let claimed = || {
            let seen = evidence.ledger.as_ref()?;
            let own = seen.entry.as_ref().map(|own| own.number);
            Some(own.unwrap_or(seen.entries))
        };
        let own = own.or_else(claimed).unwrap_or(0);
        let entries = ledger.map_or(&[][..], Ledger::entries);
        let first = entries.partition_point(|entry| entry.number <= own);
        Self {
            evidence,
            ledger,
            status,
            later: entries.get(first..).unwrap_or_default(),
        }
    }

    fn lines(&self, kept: &[String]) -> [Line; 5] {
        [
            ("Where", self.place(kept)),
            ("Verdict", self.verdict()),
            ("Why", self.why()),
            ("Next", self.next()),
            ("Decides", self.decides()),
        ]
    }

    fn in_markdown(&self, kept: &[String]) -> String {
        let lines = self.lines(kept).into_iter();
        let shown = lines.map(|(label, text)| format!("- {label}: {}\n", inline(&text)));
        shown.collect()
    }

    /// `R1.0 1.0.0: pilot (Pilot site), stage 2 of 4, PAUSED, as of …; pilot was paused by …`.
    fn place(&self, kept: &[String]) -> String {
        let mut parts: Vec<String> = Vec::new();
        if let Some(status) = self.status {
            let (release, now) = (status.named(), status.now);
            parts.push(format!("{release}: {}, as of {now}", reached(status)));
            parts.extend(status.held_elsewhere.iter().cloned());
            let unknown = status.unknown_stages.iter();
            parts.extend(unknown.map(|stage| not_in_plan(stage)));
            parts.extend(status.stages.iter().flat_map(|stage| stage.flags.clone()));
            parts.extend(kept.iter().cloned());
        } else {
            let release = words::release(self.evidence);
            parts.push(format!("{release}: {}", judged(self.evidence)));
            parts.extend(standing::flags(self.evidence));
        }
        parts.dedup();
        parts.join("; ")
    }

    /// `STOP: pilot/exit STOP, 1/8 met, stops 3/4 clear, checked at …`; overrides with their reasons, and what was done since.
    fn verdict(&self) -> String {
        let evidence = self.evidence;
        let overridden = self.overridden();
        let about = match self.superseded() {
            Some(now) => self.of_a_version_before(now),
            None => self.found(!overridden.is_empty()),
        };
        let warnings = match evidence.warnings.len() {
            0 => None,
            1 => Some("the plan has 1 warning".to_owned()),
            count => Some(format!("the plan has {count} warnings")),
        };
        std::iter::once(about)
            .chain(overridden)
            .chain(self.contradicted())
            .chain(self.since())
            .chain(warnings)
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn found(&self, is_overridden: bool) -> String {
        let evidence = self.evidence;
        let gates = evidence.deciding().map(|gate| {
            format!(
                "{} {}, {}",
                gate.name(),
                gate.verdict.word(),
                gate::counts(gate)
            )
        });
        let gates: Vec<String> = gates.collect();
        let mark = if is_overridden {
            format!(" {}", standing::OVERRIDDEN)
        } else {
            String::new()
        };
        format!(
            "{}{mark}: {}, checked at {}",
            evidence.verdict.word(),
            gates.join("; "),
            evidence.evaluated_at
        )
    }

    /// The version that took the place of the one that was checked.
    fn superseded(&self) -> Option<&'a Entry> {
        let mut latest = self.later.iter().rev();
        latest.find(|entry| entry.event.kind() == EventKind::Superseded)
    }

    /// `none for 2.2 (GO was for 2.1, checked at …)`.
    fn of_a_version_before(&self, now: &Entry) -> String {
        let version = |version: &Option<String>| version.clone().unwrap_or_else(|| "(none)".into());
        format!(
            "none for {} ({} was for {}, checked at {})",
            version(&now.plan.version),
            self.evidence.verdict.word(),
            version(&self.evidence.plan.release.version),
            self.evidence.evaluated_at
        )
    }

    /// Who proceeds on what was found: when the note is made, otherwise when it was checked.
    fn overridden(&self) -> Vec<String> {
        let Some(status) = self.status else {
            return standing::overrides_in_force(self.evidence);
        };
        let gates = status.stages.iter().flat_map(|stage| &stage.gates);
        let told = gates.filter_map(|gate| {
            let mut deciding = self.evidence.deciding();
            let found = deciding.find(|one| one.name() == gate.gate)?;
            let overridden = gate.overridden.as_ref()?;
            Some(standing::proceeds(found, overridden))
        });
        told.collect()
    }

    /// What counts by now against a GO that was found.
    fn contradicted(&self) -> Option<String> {
        let gates = self.status?.stages.iter().flat_map(|stage| &stage.gates);
        let told = gates.filter_map(|gate| {
            let last = gate.last.as_ref().filter(|last| !last.is_moot)?;
            let is_this = last.at == self.evidence.evaluated_at
                && self.evidence.deciding().any(|one| one.name() == gate.gate);
            let against = last.contradicted.as_ref().filter(|_| is_this)?;
            Some(format!("but {}", deed::without_commands(against)))
        });
        // What people did since is told anyway.
        let mut told = told.filter(|_| self.deeds().next().is_none());
        told.next()
    }

    /// What people did since: what the check found may no longer be how things stand.
    fn deeds(&self) -> impl Iterator<Item = &'a Entry> {
        self.later.iter().filter(|one| moves(one.event.kind()))
    }

    fn since(&self) -> Option<String> {
        let words = self.deeds().map(|one| {
            let is_version = one.event.kind() == EventKind::Superseded;
            let done = if is_version {
                took_the_place(one)
            } else {
                entry::what(one)
            };
            format!("{done} at {}", one.at)
        });
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| format!("SINCE THEN {}", words.join(", ")))
    }

    /// What decided, and the incidents. How long a window still runs is told from the same moment as everywhere in the note. Once
    /// people moved the rollout on, what keeps it where it is.
    fn why(&self) -> String {
        let evidence = self.evidence;
        let now = self
            .status
            .map_or(evidence.evaluated_at, |status| status.now);
        let moved = self.status.filter(|_| self.is_behind());
        let decided = match moved {
            Some(Status {
                next: Some(next), ..
            }) => deed::without_commands(&next.why),
            Some(_) => "every stage was left".to_owned(),
            None => self.decided(now),
        };
        format!("{decided}; incidents: {}", self.incidents())
    }

    /// Whether what the check found no longer says why things stand as they do: a pause or a rollback leaves what was bad as it was.
    fn is_behind(&self) -> bool {
        let anew = [
            EventKind::Started,
            EventKind::Resumed,
            EventKind::Reopened,
            EventKind::Superseded,
        ];
        let is_go = self.evidence.verdict == Verdict::Go;
        let mut deeds = self.deeds();
        deeds.any(|one| is_go || anew.contains(&one.event.kind()))
    }

    fn decided(&self, now: Instant) -> String {
        let evidence = self.evidence;
        let mut worst = (evidence.deciding()).filter(|gate| gate.verdict == evidence.verdict);
        let not_begun = worst
            .next()
            .filter(|gate| decided::not_begun(gate).is_some())
            .map(|gate| format!("{} has not begun", gate.stage));
        not_begun.unwrap_or_else(|| deed::without_commands(&words::decided_by_at(evidence, now)))
    }

    fn incidents(&self) -> String {
        let Some(ledger) = self.ledger else {
            return "not known, no ledger is available".to_owned();
        };
        if !History::of(Some(ledger)).is_kept() {
            return "not known, people record nothing in the ledger".to_owned();
        }
        let late = |id: &str| {
            let mut open = self.status?.incidents.iter();
            let late = open.find(|one| one.id == id)?.overdue?;
            Some(format!("OVERDUE by {}", times::roughly(late)))
        };
        let open: Vec<_> = ledger
            .incidents()
            .into_iter()
            .filter(|one| one.closed.is_none())
            .collect();
        if open.is_empty() {
            return "none open".to_owned();
        }
        // What is late must not be among those that are only counted.
        let (overdue, in_time): (Vec<_>, Vec<_>) =
            (open.iter()).partition(|one| late(&one.id).is_some());
        let named = overdue.into_iter().chain(in_time).take(MAX_NAMED);
        let named = named.map(|one| {
            let known = [one.severity_in_words(), one.details.description.clone()];
            let known = known.into_iter().flatten().chain(late(&one.id));
            std::iter::once(one.id.clone())
                .chain(known)
                .collect::<Vec<_>>()
                .join(" ")
        });
        let named: Vec<String> = named.collect();
        let more = open.len() - named.len();
        let more = (more > 0).then(|| format!(", and {more} more"));
        format!(
            "{} open: {}{}",
            open.len(),
            named.join(", "),
            more.unwrap_or_default()
        )
    }
}

/// Whether an entry of a kind moves the rollout, or holds it.
fn moves(kind: EventKind) -> bool {
    match kind {
        EventKind::Started
        | EventKind::Paused
        | EventKind::Resumed
        | EventKind::RolledBack
        | EventKind::Reopened
        | EventKind::Superseded
        | EventKind::Overridden => true,
        EventKind::Checked
        | EventKind::Confirmed
        | EventKind::Approved
        | EventKind::IncidentOpened
        | EventKind::IncidentUpdated
        | EventKind::IncidentClosed
        | EventKind::RollbackUpdated
        | EventKind::Noted
        | EventKind::Repaired
        | EventKind::LedgerBegun
        | EventKind::Imported
        | EventKind::WatchStarted
        | EventKind::WatchEnded => false,
    }
}

/// The stages that a check decided on.
fn judged(evidence: &Evidence) -> String {
    let mut stages: Vec<String> = Vec::new();
    for gate in evidence.deciding() {
        let named = named(&gate.stage, gate.title.as_deref());
        if !stages.contains(&named) {
            stages.push(named);
        }
    }
    stages.join(", ")
}

/// `pilot (Pilot site)`.
fn named(stage: &str, title: Option<&str>) -> String {
    title.map_or_else(|| stage.to_owned(), |title| format!("{stage} ({title})"))
}

/// The stages that are under way; if none is, the one that comes next.
fn reached(status: &Status) -> String {
    let all = status.stages.len();
    let numbered = || (1..).zip(&status.stages);
    let told = |(number, stage): (usize, &StageStatus)| {
        let since = stage.started.map(|at| format!(" since {at}"));
        let since = since.filter(|_| stage.state == State::Running);
        format!(
            "{}, stage {number} of {all}, {}{}",
            named(&stage.name, stage.title.as_deref()),
            stage.state.word(),
            since.unwrap_or_default()
        )
    };
    let of_note = numbered().filter(|(_, stage)| match stage.state {
        State::Running | State::Paused | State::Stopped | State::RolledBack | State::Overridden => {
            true
        }
        State::NotStarted | State::AtEntry | State::Left => false,
    });
    let of_note: Vec<String> = of_note.map(told).collect();
    let begun = status.stages.iter().any(|stage| stage.started.is_some());
    let begun = begun || !status.unknown_stages.is_empty();
    let ahead = numbered().find(|(_, stage)| match stage.state {
        State::AtEntry | State::NotStarted => true,
        State::Running
        | State::Paused
        | State::Stopped
        | State::RolledBack
        | State::Left
        | State::Overridden => false,
    });
    let ahead = ahead.map(|(number, stage)| {
        let named = named(&stage.name, stage.title.as_deref());
        if begun {
            format!("{named}, stage {number} of {all}, comes next")
        } else {
            format!("nothing has begun, {named}, stage 1 of {all}, comes first")
        }
    });
    match (of_note.as_slice(), ahead) {
        ([], None) if status.next.is_some() => "every stage of the plan was left".to_owned(),
        ([], None) => format!("every stage was left, {all} of {all}"),
        ([], Some(ahead)) => ahead,
        (told, _) => told.join("; "),
    }
}
