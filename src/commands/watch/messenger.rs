//! What a watch tells whom the plan names (W16): changes of recorded verdicts, sources that go and come back, checkpoints, the end.
//! Beside the rounds. Must not change a verdict or an exit code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::screen::Screen;
use crate::assessment::GateAssessment;
use crate::cli::WatchArgs;
use crate::commands::diagnostics::say;
use crate::commands::judging::job::Job;
use crate::commands::surroundings::Look;
use crate::commands::telling::{self, Manner};
use crate::evidence::Evidence;
use crate::exit::Exit;
use crate::kind::GateName;
use crate::ledger::{Notified, WatchEnd};
use crate::notices::{Desk, Outcome};
use crate::report::watching::Notices;
use crate::report::{Notice, Occurrence, RecordSeen};
use crate::units::{Duration, Instant};
use crate::verdict::Verdict;

const DAY: Duration = Duration::from_secs(86_400);

/// Tells, and remembers what was told.
pub struct Messenger<'a> {
    arguments: &'a WatchArgs,
    look: Look,
    /// Of the plan whose receivers are told.
    plan_sha256: String,
    /// The last is the one where notices are handed in; earlier ones are those of earlier versions of the plan.
    desks: Vec<Desk>,
    /// As recorded last by this watch.
    verdicts: BTreeMap<GateName, Verdict>,
    record: Option<RecordSeen>,
    /// Since when nobody has held a checkpoint, and how many full days that was.
    without_checkpoint: Option<(Instant, i64)>,
    done: Vec<Notified>,
    /// How many of them stand in a record.
    in_record: usize,
    /// How many receivers have not been told yet, of each notice by its id.
    waiting: BTreeMap<String, usize>,
    /// The ids of those that are through, and that no line of a round names.
    through: Vec<String>,
}

impl Messenger<'_> {
    /// How many notices arrived and how many did not, by the kind of the receiver.
    pub fn counts(&self) -> Vec<Notices> {
        let mut counts: BTreeMap<(&str, bool), u64> = BTreeMap::new();
        for one in &self.done {
            let kind = one.to.split(' ').next().unwrap_or_default();
            *counts.entry((kind, one.is_delivered())).or_default() += 1;
        }
        let counts = counts.into_iter().map(|((kind, arrived), count)| Notices {
            kind: kind.to_owned(),
            result: if arrived {
                Notified::DELIVERED
            } else {
                "failed"
            }
            .to_owned(),
            count,
        });
        counts.collect()
    }
}

impl<'a> Messenger<'a> {
    /// Finds out who is told.
    ///
    /// # Errors
    /// The exit code, once the reason has been reported.
    pub fn begin(job: &Job, arguments: &'a WatchArgs, look: Look) -> Result<Self, Exit> {
        let mut messenger = Self {
            arguments,
            look,
            plan_sha256: job.loaded.sha256.clone(),
            desks: Vec::new(),
            verdicts: BTreeMap::new(),
            record: None,
            without_checkpoint: None,
            done: Vec::new(),
            in_record: 0,
            waiting: BTreeMap::new(),
            through: Vec::new(),
        };
        let desk = messenger.desk(job, "nothing is watched")?;
        if let Some(desk) = &desk {
            say(&telling::whom(desk));
        }
        messenger.desks.extend(desk);
        Ok(messenger)
    }

    fn desk(&self, job: &Job, decided: &str) -> Result<Option<Desk>, Exit> {
        if self.arguments.no_notify {
            return Ok(None);
        }
        let manner = Manner {
            decided,
            allow_exec: self.arguments.allow_exec,
            look: self.look,
        };
        telling::desk(&job.loaded, manner)
    }

    /// A plan that was taken over says who is told from then on; where that cannot be used, it stays as it was.
    pub fn keep_up(&mut self, job: &Job, screen: &mut Screen) {
        if job.loaded.sha256 == self.plan_sha256 {
            return;
        }
        // What is wrong with it stays above the block.
        screen.clear();
        self.plan_sha256.clone_from(&job.loaded.sha256);
        if let Ok(desk) = self.desk(job, "those are told who were told before") {
            for earlier in &mut self.desks {
                earlier.hang_up();
            }
            self.desks.extend(desk);
        }
    }

    fn tell(&mut self, notice: Notice) {
        if let Some(desk) = self.desks.last() {
            let id = notice.id.clone();
            match desk.tell(notice) {
                0 => self.through.push(id),
                receivers => *self.waiting.entry(id).or_default() += receivers,
            }
        }
    }

    /// What watches before recorded, and may have told nobody.
    pub fn tell_what_was_left(&mut self, notices: Vec<Notice>) {
        for notice in notices {
            self.tell(notice);
        }
    }

    /// A stop that cannot be recorded yet; it is told again when it is.
    pub fn not_yet_recorded(&mut self, evidence: &Evidence) {
        let stopped = evidence.deciding();
        for gate in stopped.filter(|gate| gate.verdict == Verdict::Stop) {
            let what = Occurrence::Changed(self.verdicts.get(&gate.name()).copied());
            self.tell(Notice::of(
                (evidence, gate),
                evidence.evaluated_at,
                what,
                None,
            ));
        }
    }

    /// The ids of what is through since this was asked last.
    pub fn through(&mut self) -> Vec<String> {
        std::mem::take(&mut self.through)
    }

    fn is_through(&mut self, outcome: Outcome) {
        if let Some(receivers) = self.waiting.get_mut(&outcome.id) {
            *receivers = receivers.saturating_sub(1);
            if *receivers == 0 {
                self.waiting.remove(&outcome.id);
                self.through.push(outcome.id);
            }
        }
        self.done.push(outcome.notified);
    }

    /// A round was recorded: verdicts that are others than those recorded before.
    pub fn recorded(&mut self, job: &Job, evidence: &Evidence, path: &Path, sha256: &str) {
        let record = RecordSeen {
            path: path.display().to_string(),
            sha256: sha256.to_owned(),
        };
        for gate in evidence.deciding() {
            let known = self.verdicts.insert(gate.name(), gate.verdict);
            let before =
                known.or_else(|| telling::verdict_before(job.request.ledger.as_ref(), gate));
            if let Some(notice) = telling::of_change((evidence, gate), before, &record) {
                self.tell(notice);
            }
        }
        self.record = Some(record);
    }

    /// What was recorded is a checkpoint of the watch.
    pub fn checkpoint(&mut self, evidence: &Evidence) {
        self.tell_of(evidence, evidence.evaluated_at, Occurrence::Checkpoint);
    }

    fn tell_of(&mut self, evidence: &Evidence, at: Instant, what: Occurrence<'_>) {
        if let Some(gate) = gate(evidence) {
            let notice = Notice::of((evidence, gate), at, what, self.record.as_ref());
            self.tell(notice);
        }
    }

    /// The sources that are away in a round, and those that were in the round before, with since when.
    pub fn sources(
        &mut self,
        (at, evidence): (Instant, &Evidence),
        away: &BTreeSet<String>,
        before: &[(String, Option<Instant>)],
    ) {
        for source in away {
            if before.iter().all(|(name, _)| name != source) {
                self.tell_of(evidence, at, Occurrence::SourceAway(source));
            }
        }
        for (source, since) in before.iter().filter(|(name, _)| !away.contains(name)) {
            let since = since.unwrap_or(at);
            self.tell_of(evidence, at, Occurrence::SourceBack(source, since));
        }
    }

    /// Whether another full day has passed without a checkpoint. What had passed before the watch was for others to tell.
    pub fn look_for_checkpoint(&mut self, at: Instant, job: &Job, evidence: &Evidence) {
        let Some(stage) = gate(evidence).map(|gate| gate.stage.clone()) else {
            return;
        };
        let rollout = job.request.rollout(&job.loaded.plan);
        let last = rollout.last_checkpoint(&stage, job.request.started);
        let now = last.map(|since| (since, since.until(at).millis() / DAY.millis()));
        let before = std::mem::replace(&mut self.without_checkpoint, now);
        let (Some((since, days)), Some((was, counted))) = (now, before) else {
            return;
        };
        let counted = if was == since { counted } else { 0 };
        if days > counted {
            let due = since + Duration::from_millis(DAY.millis().saturating_mul(days));
            self.tell_of(evidence, due, Occurrence::CheckpointDue(since));
        }
    }

    /// The watch is over.
    pub fn ended(&mut self, reason: WatchEnd, at: Instant, evidence: Option<&Evidence>) {
        if let Some(evidence) = evidence {
            self.tell_of(evidence, at, Occurrence::Ended(reason));
        }
    }

    /// Says what is through by now.
    pub fn collect(&mut self, at: Instant, screen: &mut Screen) {
        let outcomes: Vec<Outcome> = self.desks.iter_mut().flat_map(Desk::outcomes).collect();
        for outcome in outcomes {
            for line in telling::said(&outcome) {
                screen.line(at, &line);
            }
            self.is_through(outcome);
        }
    }

    /// What was told so far, for the record that ends the watch.
    pub fn for_record(&mut self) -> Vec<Notified> {
        self.in_record = self.done.len();
        self.done.clone()
    }

    /// That record was not made.
    pub fn not_in_record(&mut self) {
        self.in_record = 0;
    }

    /// Waits for what is still being told; what no record holds.
    pub async fn close(&mut self) -> Vec<Notified> {
        for place in 0..self.desks.len() {
            if let Some(desk) = self.desks.get_mut(place) {
                let outcomes = desk.close().await;
                self.say_all(outcomes);
            }
        }
        self.unrecorded()
    }

    /// The same without waiting.
    pub fn give_up(&mut self) -> Vec<Notified> {
        let outcomes = self.desks.iter_mut().flat_map(Desk::outcomes).collect();
        self.say_all(outcomes);
        self.unrecorded()
    }

    fn say_all(&mut self, outcomes: Vec<Outcome>) {
        for outcome in outcomes {
            for line in telling::said(&outcome) {
                say(&line);
            }
            self.done.push(outcome.notified);
        }
    }

    fn unrecorded(&self) -> Vec<Notified> {
        self.done.get(self.in_record..).unwrap_or_default().to_vec()
    }
}

/// The gate that a notice is about which is about none: the worst of those that decide.
fn gate(evidence: &Evidence) -> Option<&GateAssessment> {
    let mut deciding = evidence.deciding();
    deciding.find(|gate| gate.verdict == evidence.verdict)
}
