//! What recorded checks found, and which question they answered. Must not judge a gate again.

use std::collections::BTreeSet;

use super::History;
use super::present::AHEAD;
use crate::kind::{GateKind, GateName};
use crate::ledger::{Checked, Entry, Event, GateChecked, Trip};
use crate::plan::release_id;
use crate::verdict::Verdict;

/// A recorded check of one gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedCheck<'a> {
    /// The entry that holds it.
    pub entry: &'a Entry,
    /// The check as a whole.
    pub check: &'a Checked,
    /// What it found about the gate.
    pub gate: &'a GateChecked,
}

impl RecordedCheck<'_> {
    /// Whether it answered the question that these variables ask.
    #[must_use]
    pub fn asked_with(&self, vars: &[String]) -> bool {
        self.check.vars == vars
    }

    /// Whether it judged the same version of the plan with the same variables and sources as another check.
    fn is_of_the_same(&self, other: &Checked) -> bool {
        self.check.plan_sha256 == other.plan_sha256
            && self.check.vars == other.vars
            && self.check.sources == other.sources
    }

    /// Whether something may rest on it: it is no look ahead, not even once its time has come, and no look at the last window,
    /// begun or not, nor an outlook on a gate whose turn had not come.
    pub(super) fn counts(&self) -> bool {
        self.is_heard() && !self.gate.outlook
    }

    /// Whether it may speak against something: an outlook, on which nothing rests, is heard where it found worse.
    pub(super) fn is_heard(&self) -> bool {
        !self.is_look_ahead() && !self.gate.look
    }

    fn is_look_ahead(&self) -> bool {
        self.check.evaluated_at > self.entry.at
    }

    /// Whether a resume has cleared what it saw: it was recorded before, or made for a past moment that lies before. A resume that
    /// is dated after what was recorded later has the date of a wrong clock: it says nothing about moments (T6).
    pub(super) fn is_cleared_by(&self, resumed: &Entry) -> bool {
        let is_of_the_past = self.check.evaluated_at.until(self.entry.at) > AHEAD;
        let is_before = self.check.evaluated_at < resumed.at && resumed.at <= self.entry.at;
        self.entry.number < resumed.number || (is_of_the_past && is_before)
    }

    /// Whether it took an entry into account. A check is judged on the ledger as it is when it is recorded (T5), whatever the
    /// clocks say; one for an earlier time knows only what was recorded by then.
    pub(super) fn knew(&self, entry: &Entry) -> bool {
        let is_of_now = self.check.evaluated_at == self.entry.at;
        self.entry.number > entry.number && (is_of_now || entry.at <= self.check.evaluated_at)
    }
}

impl<'a> History<'a> {
    /// The recorded checks of a gate, in the order in which they were recorded, except those for a future time:
    /// nothing rests on a look ahead, not even when its time has come. And no looks at the last
    /// window, begun or not, nor outlooks on a gate whose turn had not come.
    #[must_use]
    pub fn checks(self, gate: &GateName) -> impl DoubleEndedIterator<Item = RecordedCheck<'a>> {
        self.checks_and_looks(gate).filter(RecordedCheck::counts)
    }

    /// These, and the looks: what a look saw of a stage's stops, it saw.
    pub(super) fn checks_and_looks(
        self,
        gate: &GateName,
    ) -> impl DoubleEndedIterator<Item = RecordedCheck<'a>> {
        let checks = self.entries().iter();
        checks
            .filter_map(move |entry| recorded_in(entry, gate))
            .filter(|one| !one.is_look_ahead())
    }

    /// Whether people answered or signed for the entry of a stage after the check that says how it stands.
    #[must_use]
    pub fn answered_since_judged(self, stage: &str) -> bool {
        let gate = GateKind::Entry.of(stage);
        let Some(last) = self.last_check(&gate) else {
            return false;
        };
        let later = self.entries().iter();
        let mut later = later.filter(|entry| entry.number > last.entry.number);
        later.any(|entry| match &entry.event {
            Event::Confirmed { stage: of, .. } => of == stage,
            Event::Approved { gate: of, .. } => *of == gate,
            Event::Started { .. }
            | Event::Checked(_)
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
            | Event::Imported { .. }
            | Event::Watch(_) => false,
        })
    }

    /// The last check that judged a gate ahead of its turn.
    #[must_use]
    pub fn outlook_on(self, gate: &GateName) -> Option<&'a Entry> {
        let mut all = self.checks_and_looks(gate);
        all.rfind(|one| one.gate.outlook).map(|one| one.entry)
    }

    /// The check that says how a gate stands: the one recorded last, unless another of the same attempt was made for a later
    /// time and found worse, and nobody has proceeded in spite of it. So nobody gets past a verdict by judging an earlier time again. Nor does anybody lose one: a check for an earlier
    /// time does not take the place of one that found the same for the same question, however late a wrong clock has dated
    /// that.
    #[must_use]
    pub fn last_check(self, gate: &GateName) -> Option<RecordedCheck<'a>> {
        let recorded = self.checks(gate).next_back()?;
        let latest = (self.checks(gate))
            .filter(|one| !self.is_of_earlier_attempt(one) && !self.is_overruled(gate, one))
            .max_by_key(|one| (one.check.evaluated_at, one.entry.number));
        let is_of_then = recorded.check.evaluated_at < recorded.entry.at;
        let counts = |latest: &RecordedCheck<'_>| {
            let (found, earlier) = (latest.gate.verdict, recorded.gate.verdict);
            let is_same = found == earlier && latest.is_of_the_same(recorded.check);
            found > earlier || is_of_then && is_same
        };
        Some(latest.filter(counts).unwrap_or(recorded))
    }

    /// Whether somebody proceeded on a check that was recorded after this one, and knew of it, though it is for a later time: a
    /// clock was wrong (G1).
    fn is_overruled(self, gate: &GateName, check: &RecordedCheck<'a>) -> bool {
        let proceeded = self.overriding(gate);
        let on = proceeded.and_then(|found| self.check_with(gate, found.evidence_sha256));
        on.is_some_and(|on| {
            check.entry.number < on.entry.number && check.is_for_later_than(on.check.evaluated_at)
        })
    }

    /// The check that says how a stage stands that only its name is known of: of its exit or, if none is recorded, of its entry.
    pub(super) fn judged_last(self, stage: &str) -> Option<RecordedCheck<'a>> {
        let of_now = |gate: GateName| {
            let check = self.last_check(&gate)?;
            self.of_this_opening(&check).then_some(check)
        };
        of_now(GateKind::Exit.of(stage)).or_else(|| of_now(GateKind::Entry.of(stage)))
    }

    /// The check that says how a gate stands, if it judged the stage as it last began: an exit that was judged before has not
    /// been judged yet, nor has that of a stage that has not begun while others have. That a stage was rolled back since
    /// changes nothing about the attempt that was judged.
    #[must_use]
    pub fn judged(self, gate: &GateName) -> Option<RecordedCheck<'a>> {
        let check = self.last_check(gate)?;
        let is_of_now = match gate.kind {
            GateKind::Entry => self.of_this_opening(&check),
            GateKind::Exit => match self.beginning(&gate.stage) {
                Some((beginning, _)) => {
                    let taken_over = self.taken_over(&gate.stage);
                    check.knew(beginning) && taken_over.is_none_or(|entry| check.knew(entry))
                }
                None => self.begun().is_empty(),
            },
            GateKind::Recovery => self.turned_since(&gate.stage, check).is_none(),
        };
        is_of_now.then_some(check)
    }

    /// Whether a check of a gate knew that the entry of its stage is asked anew, where it is (L6, L7): by number, whatever the
    /// clocks say.
    pub(super) fn of_this_opening(self, check: &RecordedCheck<'a>) -> bool {
        let anew = self.asked_anew(&check.gate.gate.stage);
        anew.is_none_or(|anew| check.knew(anew))
    }

    /// The recorded check of a gate with this evidence.
    #[must_use]
    pub fn check_with(self, gate: &GateName, evidence_sha256: &str) -> Option<RecordedCheck<'a>> {
        self.checks(gate)
            .find(|one| one.check.evidence_sha256 == evidence_sha256)
    }

    /// The checks of a gate that were recorded after a check, or made for a later time than it.
    pub fn checks_after(
        self,
        gate: &GateName,
        first: RecordedCheck<'a>,
    ) -> impl Iterator<Item = RecordedCheck<'a>> {
        self.checks(gate).filter(move |one| {
            one.entry.number > first.entry.number
                || one.check.evaluated_at > first.check.evaluated_at
        })
    }

    /// The start or rollback of the stage that a check did not know about: what it found does not describe the stage as it is now.
    pub(super) fn turned_since(self, stage: &str, check: RecordedCheck<'_>) -> Option<&'a Entry> {
        self.turned(stage).filter(|turned| !check.knew(turned))
    }

    /// The first check after a rollback that shows that the stage has recovered: its recovery gate is GO, with these
    /// variables.
    #[must_use]
    pub fn recovered(
        self,
        stage: &str,
        rolled_back: &Entry,
        vars: &[String],
    ) -> Option<RecordedCheck<'a>> {
        let all = self.recoveries(stage, rolled_back, vars);
        all.into_iter().next()
    }

    /// Every such check.
    pub(super) fn recoveries(
        self,
        stage: &str,
        rolled_back: &Entry,
        vars: &[String],
    ) -> Vec<RecordedCheck<'a>> {
        self.checks(&GateKind::Recovery.of(stage))
            .filter(|check| check.knew(rolled_back) && check.asked_with(vars))
            .filter(|check| check.gate.verdict == Verdict::Go)
            .collect()
    }

    /// The stop criteria of a stage that tripped in a recorded check after it first began and after its last resume, each with the
    /// first check that saw it. What tripped before the stage began does not belong to it.
    #[must_use]
    pub fn trips(self, stage: &str) -> Vec<(RecordedCheck<'a>, &'a Trip)> {
        let resumed = self.resumed(stage);
        let beginnings = self.beginnings(stage);
        let Some((begun, _)) = beginnings.first() else {
            return Vec::new();
        };
        let mut trips: Vec<(RecordedCheck<'_>, &Trip)> = Vec::new();
        for check in self.checks_and_looks(&GateKind::Exit.of(stage)) {
            let is_before = check.entry.number < begun.number;
            if is_before || resumed.is_some_and(|resumed| check.is_cleared_by(resumed)) {
                continue;
            }
            for trip in &check.gate.tripped {
                if !trips.iter().any(|(_, seen)| seen.is(trip)) {
                    trips.push((check, trip));
                }
            }
        }
        trips
    }

    /// Name and version of the release, of the last entry that names one; `None` if none does.
    #[must_use]
    pub fn release_then(self) -> Option<(&'a str, Option<&'a str>)> {
        let mut latest = self.entries().iter().rev();
        latest.find_map(|entry| {
            let then = &entry.plan;
            Some((then.release.as_deref()?, then.version.as_deref()))
        })
    }

    /// The version of a release that the ledger is of, if it is of that release: `Some(None)` for one without a version. A text that
    /// says name and version in one is the same release as both written apart.
    #[must_use]
    pub fn version_then(self, release: &str) -> Option<Option<&'a str>> {
        version_of(self.release_then()?, release)
    }

    /// Name and version of a release that is one text, as is that of the ledger, if they differ in the last word alone: they may be
    /// versions of one release, but nothing says so.
    #[must_use]
    pub fn alike_in_text<'t>(
        self,
        release: &'t str,
        version: Option<&str>,
    ) -> Option<(&'t str, &'t str)> {
        let (then, version_then) = self.release_then()?;
        let (name_then, _) = then.rsplit_once(' ')?;
        let apart = release.rsplit_once(' ')?;
        (version.is_none() && version_then.is_none() && apart.0 == name_then).then_some(apart)
    }

    /// The releases that the ledger was ever of, each once: name and version.
    #[must_use]
    pub fn releases(self) -> BTreeSet<String> {
        let named = self.entries().iter();
        let named = named.filter_map(|entry| {
            let then = &entry.plan;
            Some(release_id(
                then.release.as_deref()?,
                then.version.as_deref(),
            ))
        });
        named.collect()
    }

    /// The release of the last entry that names one; `None` if none does.
    #[must_use]
    pub fn release(self) -> Option<String> {
        let (name, version) = self.release_then()?;
        Some(release_id(name, version))
    }
}

/// The version of a release that name and version stand for, if they are of that release: `Some(None)` for one without a version.
#[must_use]
pub fn version_of<'t>(
    (name, version): (&'t str, Option<&'t str>),
    release: &str,
) -> Option<Option<&'t str>> {
    if name == release {
        return Some(version);
    }
    let rest = name.strip_prefix(release)?.strip_prefix(' ')?;
    version.is_none().then_some(Some(rest))
}

/// What an entry records about a gate.
pub(super) fn recorded_in<'a>(entry: &'a Entry, gate: &GateName) -> Option<RecordedCheck<'a>> {
    let check = entry.event.checked()?;
    let gate = check.gates.iter().find(|one| one.gate == *gate)?;
    Some(RecordedCheck { entry, check, gate })
}

/// Whether somebody can proceed on a verdict anyway.
pub(super) fn can_be_overridden(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Hold | Verdict::NoGo => true,
        Verdict::Go | Verdict::Stop => false,
    }
}
