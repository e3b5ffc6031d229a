//! What the entries say about a stage: one question, one function. Must not know a plan, nor whose question a check answered.

use crate::ledger::{Answer, Entry, Event, EventKind, Ledger};
use crate::units::Instant;

/// The entries of a ledger, oldest first; none if no ledger is read.
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    entries: &'a [Entry],
}

impl<'a> History<'a> {
    /// Of a whole ledger.
    #[must_use]
    pub fn of(ledger: Option<&'a Ledger>) -> Self {
        Self {
            entries: ledger.map_or(&[], Ledger::entries),
        }
    }

    /// What was known before an entry.
    #[must_use]
    pub fn before(self, entry: &Entry) -> Self {
        let known = self
            .entries
            .iter()
            .take_while(|one| one.number < entry.number);
        let entries = self.entries.get(..known.count()).unwrap_or_default();
        Self { entries }
    }

    /// The entries.
    #[must_use]
    pub fn entries(self) -> &'a [Entry] {
        self.entries
    }

    /// S: when the stage began; if it was rolled back and went on, when it went on, since earlier observations say nothing
    /// about it. Never before the last rollback, nor before another version took it over, unless its window was kept.
    #[must_use]
    pub fn start_of(self, stage: &str) -> Option<Instant> {
        self.beginning(stage).map(|(_, start)| start)
    }

    /// The entry with which the stage last began, or went on after a rollback, and S.
    pub(super) fn beginning(self, stage: &str) -> Option<(&'a Entry, Instant)> {
        self.beginnings(stage).pop()
    }

    /// Each time that the stage began, went on after a rollback, or began anew with another version, since it was last reopened:
    /// the entry, and S.
    pub(super) fn beginnings(self, stage: &str) -> Vec<(&'a Entry, Instant)> {
        let mut beginnings: Vec<(&Entry, Instant)> = Vec::new();
        let mut not_before: Option<Instant> = None;
        let mut waits = false;
        let named = self.entries.iter();
        let is_about = |event: &Event| {
            event.stage() == Some(stage)
                || event.reopens(stage)
                || event.kind() == EventKind::Superseded
        };
        for entry in named.filter(|entry| is_about(&entry.event)) {
            let begun = match &entry.event {
                Event::Started { at, .. } => Some(*at),
                Event::Resumed { .. } => waits.then_some(entry.at),
                Event::RolledBack { .. } => {
                    (not_before, waits) = (Some(entry.at), true);
                    None
                }
                // What is observed before is of another version (L6).
                Event::Superseded { .. } => {
                    let runs = !waits && !beginnings.is_empty();
                    let anew = self.begins_anew(stage, entry, runs);
                    let since = anew.or((!runs).then_some(entry));
                    not_before = since.map(|since| since.at).or(not_before);
                    if let Some(anew) = anew {
                        beginnings.push((anew, anew.at));
                    }
                    None
                }
                Event::Reopened { .. } => {
                    beginnings.clear();
                    (not_before, waits) = (Some(entry.at), false);
                    None
                }
                Event::Checked(_)
                | Event::Confirmed { .. }
                | Event::Approved { .. }
                | Event::IncidentOpened { .. }
                | Event::IncidentUpdated { .. }
                | Event::IncidentClosed { .. }
                | Event::Paused { .. }
                | Event::RollbackUpdated { .. }
                | Event::Overridden { .. }
                | Event::Noted { .. }
                | Event::Repaired { .. }
                | Event::LedgerBegun { .. }
                | Event::Imported { .. }
                | Event::Watch(_) => None,
            };
            if let Some(begun) = begun {
                let begun = not_before.map_or(begun, |not_before| not_before.max(begun));
                beginnings.push((entry, begun));
                waits = false;
            }
        }
        beginnings
    }

    /// The entry with which a stage that ran, or had been left, begins anew because another version took the place of the one
    /// before.
    fn begins_anew(self, stage: &str, superseded: &'a Entry, runs: bool) -> Option<&'a Entry> {
        if !runs || superseded.event.keeps_window(stage) {
            return None;
        }
        if superseded.event.takes_over(stage) {
            return Some(superseded);
        }
        self.let_go(stage, superseded)
    }

    /// Whether the stage has begun, and was not reopened since.
    #[must_use]
    pub fn has_begun(self, stage: &str) -> bool {
        self.start_of(stage).is_some()
    }

    /// When the stage first began: what was measured before is unaffected by the release.
    #[must_use]
    pub fn first_start_of(self, stage: &str) -> Option<Instant> {
        let starts = self.starts().filter(|(of, _)| *of == stage);
        starts.map(|(_, at)| at).min()
    }

    /// Each start: the stage, and when it began.
    fn starts(self) -> impl Iterator<Item = (&'a str, Instant)> {
        self.entries
            .iter()
            .filter_map(|entry| entry.event.started())
    }

    /// Whether the stage was last started although its entry gate was not GO.
    #[must_use]
    pub fn begun_by_override(self, stage: &str) -> bool {
        let last = self.last_of(stage, &[EventKind::Started]);
        last.is_some_and(
            |entry| matches!(entry.event, Event::Started { overridden, .. } if overridden),
        )
    }

    /// The stages that were ever started, each once, in the order of their first start.
    #[must_use]
    pub fn begun(self) -> Vec<&'a str> {
        let mut stages: Vec<&str> = Vec::new();
        for (stage, _) in self.starts() {
            if !stages.contains(&stage) {
                stages.push(stage);
            }
        }
        stages
    }

    /// The stages that were started, or whose gates a check has judged, each once.
    pub(super) fn known_stages(self) -> Vec<&'a str> {
        let mut stages = self.begun();
        let checks = self
            .entries
            .iter()
            .filter_map(|entry| entry.event.checked());
        for gate in checks.flat_map(|check| &check.gates) {
            let name = gate.gate.stage.as_str();
            if !gate.outlook && !gate.look && !stages.contains(&name) {
                stages.push(name);
            }
        }
        stages
    }

    /// The first start of a stage.
    pub(super) fn first_known_start(self, stage: &str) -> Option<&'a Entry> {
        let mut entries = self.entries.iter();
        entries.find(|entry| entry.event.started().is_some_and(|(of, _)| of == stage))
    }

    /// The first start of a stage or, if it was never started, the first entry that judged one of its gates.
    pub(super) fn first_known(self, stage: &str) -> Option<&'a Entry> {
        let mut entries = self.entries.iter();
        self.first_known_start(stage)
            .or_else(|| entries.find(|entry| judged_in(entry, stage)))
    }

    /// The number of the last entry that is about a stage.
    pub(super) fn newest_of(self, stage: &str) -> u64 {
        let mut latest = self.entries.iter().rev();
        let is_about =
            |entry: &&Entry| entry.event.stage() == Some(stage) || judged_in(entry, stage);
        latest.find(is_about).map_or(0, |entry| entry.number)
    }

    /// The last resume of the stage.
    #[must_use]
    pub fn resumed(self, stage: &str) -> Option<&'a Entry> {
        self.last_of(stage, &[EventKind::Resumed])
    }

    /// The pause of the stage that nobody has ended by a resume.
    #[must_use]
    pub fn paused(self, stage: &str) -> Option<&'a Entry> {
        self.last_of(stage, &[EventKind::Paused, EventKind::Resumed])
            .filter(|last| last.event.kind() == EventKind::Paused)
    }

    /// The last rollback of the stage, whatever happened since.
    #[must_use]
    pub fn rolled_back(self, stage: &str) -> Option<&'a Entry> {
        let mut latest = self.entries.iter().rev();
        latest.find(|entry| {
            entry.event.kind() == EventKind::RolledBack && entry.event.stage() == Some(stage)
        })
    }

    /// The last entry since which the stage has not begun any more, whatever happened since (L7).
    #[must_use]
    pub fn reopened(self, stage: &str) -> Option<&'a Entry> {
        let mut latest = self.entries.iter().rev();
        latest.find(|entry| entry.event.reopens(stage))
    }

    /// The last entry since which the stage is asked about its entry again: the rollout went back to it, or another version took
    /// the place of the one that it had begun with, or would have.
    #[must_use]
    pub fn asked_anew(self, stage: &str) -> Option<&'a Entry> {
        let both = [self.reopened(stage), self.superseded_for(stage)];
        both.into_iter().flatten().max_by_key(|entry| entry.number)
    }

    /// The last entry since which what was said of the stage before counts no more, whatever happened since: a rollback, a
    /// reopening, another version.
    #[must_use]
    pub fn set_back(self, stage: &str) -> Option<&'a Entry> {
        let all = [
            self.rolled_back(stage),
            self.reopened(stage),
            self.superseded_for(stage),
        ];
        all.into_iter().flatten().max_by_key(|entry| entry.number)
    }

    /// That of them which came after an entry: what was said or decided before no longer describes the stage.
    pub(super) fn set_back_since(self, stage: &str, entry: &Entry) -> Option<&'a Entry> {
        self.set_back(stage)
            .filter(|set_back| set_back.number > entry.number)
    }

    /// The rollback after which the stage has neither been started nor resumed; or the reopening with which the rollout went
    /// back to this stage, if it has not been started since.
    #[must_use]
    pub fn taken_back(self, stage: &str) -> Option<&'a Entry> {
        let turns = [
            EventKind::Started,
            EventKind::Resumed,
            EventKind::RolledBack,
            EventKind::Reopened,
        ];
        let back = [EventKind::RolledBack, EventKind::Reopened];
        self.last_of(stage, &turns)
            .filter(|last| back.contains(&last.event.kind()))
    }

    /// The last rollback of the stage, while its steps and its recovery are still asked about: the stage has neither been started
    /// nor resumed, nor was one started to which the rollout went back from it.
    #[must_use]
    pub fn open_rollback(self, stage: &str) -> Option<&'a Entry> {
        let rolled_back = self.rolled_back(stage)?;
        let ends = [EventKind::Started, EventKind::Resumed];
        let mut since = self.entries.iter().rev();
        let went_on = since
            .by_ref()
            .take_while(|entry| entry.number > rolled_back.number)
            .any(|entry| ends.contains(&entry.event.kind()) && entry.event.stage() == Some(stage));
        (!went_on && !self.went_back_from(stage, rolled_back)).then_some(rolled_back)
    }

    /// Whether a stage to which the rollout went back after a rollback has begun since.
    pub(super) fn went_back_from(self, stage: &str, rolled_back: &Entry) -> bool {
        let reopened = self
            .reopened(stage)
            .filter(|reopened| reopened.number > rolled_back.number);
        let to = reopened.and_then(|reopened| reopened.event.stage());
        to.is_some_and(|to| self.has_begun(to))
    }

    /// The last start, rollback or reopening of the stage, or the last version that took it over: what was found before says
    /// nothing about the stage as it is now.
    #[must_use]
    pub fn turned(self, stage: &str) -> Option<&'a Entry> {
        let turned = [
            self.last_of(stage, &[EventKind::Started, EventKind::RolledBack]),
            self.reopened(stage),
            self.taken_over(stage),
        ];
        turned
            .into_iter()
            .flatten()
            .max_by_key(|entry| entry.number)
    }

    /// The last entry of one of these kinds that names the stage; of a stage that was reopened, since then.
    pub(super) fn last_of(self, stage: &str, kinds: &[EventKind]) -> Option<&'a Entry> {
        let reopened = self.reopened(stage).map_or(0, |entry| entry.number);
        let latest = self.entries.iter().rev();
        let mut since = latest.take_while(|entry| entry.number >= reopened);
        since
            .find(|entry| kinds.contains(&entry.event.kind()) && entry.event.stage() == Some(stage))
    }

    /// Whether people use the ledger: it holds more than checks.
    #[must_use]
    pub fn is_kept(self) -> bool {
        self.entries.iter().any(|entry| {
            !matches!(
                entry.event,
                Event::Checked(_)
                    | Event::Repaired { .. }
                    | Event::LedgerBegun { .. }
                    | Event::Imported { .. }
                    | Event::Watch(_)
            )
        })
    }

    /// The last answer to a confirmation or an item of a checklist of a stage, whether or not it still holds.
    #[must_use]
    pub fn answer(self, stage: &str, id: &str) -> Option<(&'a Entry, Answer)> {
        self.answers(stage, id).next()
    }

    /// All answers to it, the last one first.
    pub(super) fn answers<'q>(
        self,
        stage: &'q str,
        id: &'q str,
    ) -> impl Iterator<Item = (&'a Entry, Answer)> + use<'a, 'q> {
        let latest = self.entries.iter().rev();
        latest.filter_map(move |entry| {
            let Event::Confirmed {
                stage: of,
                id: found,
                answer,
                ..
            } = &entry.event
            else {
                return None;
            };
            (of == stage && found == id).then_some((entry, *answer))
        })
    }
}

/// Whether a check has judged a gate of a stage.
fn judged_in(entry: &Entry, stage: &str) -> bool {
    let check = entry.event.checked();
    check.is_some_and(|check| {
        let mut gates = check.gates.iter();
        gates.any(|gate| gate.gate.stage == stage && !gate.outlook && !gate.look)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{IdentitySource, Person, RollbackTold};

    fn at(seconds: i64) -> Instant {
        Instant::from_secs(seconds)
    }

    fn started(seconds: i64) -> Event {
        let stage = "pilot".into();
        Event::Started {
            stage,
            at: at(seconds),
            overridden: false,
            vars: Vec::new(),
            sources: Vec::new(),
        }
    }

    fn resumed() -> Event {
        Event::Resumed {
            stage: "pilot".into(),
        }
    }

    fn rolled_back() -> Event {
        Event::RolledBack {
            stage: "pilot".into(),
            told: RollbackTold::default(),
        }
    }

    /// One entry every hundred seconds.
    fn ledger(events: Vec<Event>) -> Ledger {
        let entry = |(number, event): (u32, Event)| Entry {
            nonce: None,
            number: number.into(),
            at: at(i64::from(number) * 100),
            by: Person {
                name: "ada".into(),
                identity_source: IdentitySource::Given,
            },
            plan: "plan.yaml".into(),
            why: String::new(),
            links: Vec::new(),
            event,
        };
        Ledger::new((1..).zip(events).map(entry).collect())
    }

    #[test]
    fn a_stage_begins_when_somebody_says_so_and_again_after_a_rollback() {
        let start = |events| History::of(Some(&ledger(events))).start_of("pilot");
        assert_eq!(start(vec![]), None);
        assert_eq!(start(vec![started(90)]), Some(at(90)));
        assert_eq!(start(vec![started(90), resumed()]), Some(at(90)));
        assert_eq!(start(vec![started(90), rolled_back()]), Some(at(90)));
        let again = vec![started(90), rolled_back(), resumed(), resumed()];
        assert_eq!(start(again), Some(at(300)));
        // A start dated before the rollback is not believed.
        assert_eq!(
            start(vec![started(90), rolled_back(), started(90)]),
            Some(at(200))
        );
        let other = ledger(vec![started(90)]);
        assert_eq!(History::of(Some(&other)).start_of("pilot-2"), None);
    }

    #[test]
    fn the_first_start_stays_the_first() {
        let ledger = ledger(vec![started(90), rolled_back(), started(290)]);
        assert_eq!(
            History::of(Some(&ledger)).first_start_of("pilot"),
            Some(at(90))
        );
    }

    #[test]
    fn a_stage_is_rolled_back_until_it_goes_on() {
        let taken = |events| {
            let ledger = ledger(events);
            let taken = History::of(Some(&ledger)).taken_back("pilot");
            taken.map(|entry| entry.number)
        };
        assert_eq!(taken(vec![started(90)]), None);
        assert_eq!(taken(vec![started(90), rolled_back()]), Some(2));
        assert_eq!(taken(vec![rolled_back(), resumed()]), None);
        assert_eq!(
            taken(vec![rolled_back(), resumed(), rolled_back()]),
            Some(3)
        );
        assert_eq!(taken(vec![rolled_back(), started(90)]), None);
    }

    fn superseded(stages: &[&str], keep_window: bool) -> Event {
        Event::Superseded {
            from: Some("2.0".into()),
            stages: stages.iter().map(|&stage| stage.to_owned()).collect(),
            left: vec![crate::ledger::StageLeft {
                stage: "pilot".into(),
                followed_by: vec!["wave-1".into()],
            }],
            keep_window,
            let_go: Vec::new(),
        }
    }

    #[test]
    fn l6_with_another_version_a_stage_begins_anew_unless_its_window_is_kept() {
        let start = |events| History::of(Some(&ledger(events))).start_of("pilot");
        let anew = vec![started(90), superseded(&["pilot"], false)];
        assert_eq!(start(anew), Some(at(200)));
        let kept = vec![started(90), superseded(&["pilot"], true)];
        assert_eq!(start(kept), Some(at(90)));
        let left = vec![started(90), superseded(&[], false)];
        assert_eq!(
            start(left),
            Some(at(90)),
            "the rollout has moved on from it"
        );
        // Nothing begins with a version before it is there.
        assert_eq!(start(vec![superseded(&[], false)]), None);
        let dated_back = vec![superseded(&[], true), started(90)];
        assert_eq!(start(dated_back), Some(at(100)));
        let back = vec![started(90), rolled_back(), superseded(&[], false)];
        let ledger_of = ledger(back.clone());
        let taken = History::of(Some(&ledger_of)).taken_back("pilot");
        assert_eq!(
            taken.map(|entry| entry.number),
            Some(2),
            "it does not go on"
        );
        assert_eq!(start(back.clone()), Some(at(90)));
        let again = [back, vec![started(90)]].concat();
        assert_eq!(start(again), Some(at(300)));
    }

    #[test]
    fn l6_only_what_the_rollout_has_moved_on_from_stands() {
        let is_void = |before: Vec<Event>, stages: &[&str]| {
            let ledger = ledger([before, vec![superseded(stages, true)]].concat());
            let history = History::of(Some(&ledger));
            history.superseded_for("pilot").is_some()
        };
        assert!(is_void(vec![], &[]), "it has not begun");
        assert!(is_void(vec![started(90)], &["pilot"]), "it runs");
        assert!(is_void(vec![started(90), rolled_back()], &[]));
        assert!(!is_void(vec![started(90)], &["wave-1"]));
    }

    #[test]
    fn l6_what_was_left_is_void_once_nothing_stands_behind_it() {
        let wave = |event: fn(String) -> Event| event("wave-1".to_owned());
        let start = |stage| Event::Started {
            stage,
            at: at(150),
            overridden: false,
            vars: Vec::new(),
            sources: Vec::new(),
        };
        let back = |stage| Event::RolledBack {
            stage,
            told: RollbackTold::default(),
        };
        let on = |stage| Event::Resumed { stage };
        let (start, back, on) = (wave(start), wave(back), wave(on));
        let found = |later: &[&Event]| {
            let before = vec![started(90), start.clone(), superseded(&["wave-1"], false)];
            let later = later.iter().map(|&event| event.clone());
            let ledger = ledger(before.into_iter().chain(later).collect());
            let history = History::of(Some(&ledger));
            let since = history.superseded_for("pilot").map(|entry| entry.number);
            assert_eq!(history.asked_anew("pilot").map(|entry| entry.number), since);
            let began = history.start_of("pilot").map(Instant::millis);
            (since, began.map(|millis| millis / 1000))
        };
        assert_eq!(found(&[]), (None, Some(90)));
        assert_eq!(found(&[&back]), (Some(4), Some(400)));
        assert_eq!(found(&[&back, &on]), (None, Some(90)));
        assert_eq!(found(&[&back, &on, &back]), (Some(6), Some(600)));
        // What begins again stands on what the pilot shows since.
        assert_eq!(found(&[&back, &start]), (Some(4), Some(400)));
        assert_eq!(found(&[&back, &start, &back, &on]), (Some(4), Some(400)));
    }

    #[test]
    fn what_was_known_before_an_entry_ends_there() {
        let ledger = ledger(vec![started(90), rolled_back(), resumed()]);
        let history = History::of(Some(&ledger));
        let rolled_back = history.rolled_back("pilot").expect("a rollback");
        assert_eq!(history.before(rolled_back).entries().len(), 1);
        assert_eq!(History::of(None).entries().len(), 0);
    }
}
