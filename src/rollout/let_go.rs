//! What another version of the release lets go of (L6): what spoke against a stage that begins anew, and counts no more. The entry
//! keeps it, so that every report can say it. Must not forgive anything: a stop that tripped, a pause and a rollback stay.

use super::stage::unmet;
use super::{Answered, Day, History, Rollout};
use crate::kind::GateKind;
use crate::ledger::{Entry, Event, LetGo};
use crate::plan::criteria::IncidentsAsk;
use crate::plan::{Gate, Stage};
use crate::verdict::Verdict;

/// So many missed checkpoints are named.
const FEW: usize = 6;

impl<'a> Rollout<'a> {
    /// What speaks against a stage that another version would take over now, and would not any more, as far as the ledger knows.
    /// Where the window is kept, what was measured, and what is counted from the start, go on to count.
    #[must_use]
    pub fn would_let_go(&self, stage: &'a Stage, keep_window: bool) -> Vec<LetGo> {
        let mut found = self.answered_no(stage);
        if !keep_window {
            found.splice(0..0, self.found_against(stage));
            found.extend(self.counted_from_start(stage));
        }
        let found = found.into_iter();
        let let_go = found.map(|what| LetGo {
            stage: stage.name.clone(),
            what,
        });
        let_go.collect()
    }

    /// `pilot/exit was NO-GO at … (#4), unmet: exception_rate (5.2%)`; of a STOP, which stays, what was unmet beside it.
    fn found_against(&self, stage: &Stage) -> Option<String> {
        let gate = GateKind::Exit.of(&stage.name);
        let check = self.history().judged(&gate)?;
        let unmet = unmet(check).join(", ");
        let (at, number) = (check.check.evaluated_at, check.entry.number);
        match check.gate.verdict {
            Verdict::Go | Verdict::Hold => None,
            Verdict::NoGo => Some(format!(
                "{gate} was NO-GO at {at} (#{number}), unmet: {unmet}"
            )),
            Verdict::Stop => (!unmet.is_empty())
                .then(|| format!("unmet beside the stop of {gate} at {at} (#{number}): {unmet}")),
        }
    }

    /// `lead was answered with no by Ann at … (#5)`.
    fn answered_no(&self, stage: &'a Stage) -> Vec<String> {
        let asks = criteria(stage).filter(|one| one.ask.is_answered());
        let mut asked: Vec<String> = asks.map(|one| one.ask.name()).collect();
        asked.sort();
        asked.dedup();
        let answered = asked.into_iter().filter_map(|id| {
            let Answered::No(entry) = self.answered(&stage.name, &id) else {
                return None;
            };
            let by = entry.by.called();
            Some(format!(
                "{id} was answered with no by {by} at {} (#{})",
                entry.at, entry.number
            ))
        });
        answered.collect()
    }

    /// Missed checkpoints, incidents and the deadline: all that is counted from the start.
    fn counted_from_start(&self, stage: &Stage) -> Vec<String> {
        let Some(start) = self.history().start_of(&stage.name) else {
            return Vec::new();
        };
        let missed = missed(&self.missed(stage, start, true));
        let passed = self.deadline_passed(stage);
        let passed = passed.map(|due| format!("the deadline, passed at {due}"));
        (missed.into_iter())
            .chain(self.came_up_since_start(stage))
            .chain(passed)
            .collect()
    }

    /// The incidents that count only because they came up since the stage began: `INC-1 sev1, opened at …`.
    fn came_up_since_start(&self, stage: &Stage) -> Vec<String> {
        let asks: Vec<IncidentsAsk> = criteria(stage)
            .filter_map(|one| one.ask.incidents())
            .map(|ask| IncidentsAsk {
                open: Vec::new(),
                overdue: Vec::new(),
                ..ask.clone()
            })
            .collect();
        let incidents = self.incidents().into_iter();
        let counting = incidents.filter(|one| {
            let mut asks = asks.iter();
            asks.any(|ask| self.counts_for(ask, one, &stage.name).is_some())
        });
        let told = counting.map(|one| {
            let severity = one.severity_in_words();
            let severity = severity.map_or_else(String::new, |severity| format!(" {severity}"));
            format!("{}{severity}, opened at {}", one.id, one.opened)
        });
        told.collect()
    }
}

fn criteria(stage: &Stage) -> impl Iterator<Item = &crate::plan::criteria::Criterion> {
    let gates = stage.gates.iter();
    let gates = gates.filter(|gate: &&Gate| gate.kind != GateKind::Entry);
    gates.flat_map(|gate| &gate.criteria)
}

/// `2 missed checkpoints (day 1 ops, day 2 ops)`; `None` where the plan asks for none, or none was missed.
fn missed(days: &[Day]) -> Option<String> {
    let asked = days
        .iter()
        .filter_map(|day| Some((day, day.by.as_deref()?)));
    let mut named: Vec<String> = asked
        .map(|(day, by)| format!("day {} {by}", day.number))
        .collect();
    let count = named.len();
    if count == 0 {
        return None;
    }
    let checkpoints = if count == 1 {
        "checkpoint"
    } else {
        "checkpoints"
    };
    named.truncate(FEW);
    let more = match count - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = named.join(", ");
    Some(format!("{count} missed {checkpoints} ({named}{more})"))
}

impl History<'_> {
    /// What they let go of in whose place the present window of a stage runs: the last of them that took it over, and those before
    /// as long as the window was kept.
    #[must_use]
    pub fn let_go_for_now(self, stage: &str) -> Vec<String> {
        let latest = self.superseded().rev();
        let mut told: Vec<String> = Vec::new();
        for entry in latest {
            told.extend(let_go_in_words(entry, stage));
            let keeps = matches!(
                &entry.event,
                Event::Superseded {
                    keep_window: true,
                    ..
                }
            );
            if !keeps {
                break;
            }
        }
        told.reverse();
        told
    }

    /// What other versions let go of that took a stage over, oldest first; also of an earlier turn of it.
    #[must_use]
    pub fn let_go_of(self, stage: &str) -> Vec<String> {
        let entries = self.superseded();
        entries
            .filter_map(|entry| let_go_in_words(entry, stage))
            .collect()
    }
}

/// `version 2.1 (#7) let go of what spoke against pilot: 2 missed checkpoints (day 1 ops, day 2 ops); INC-1 sev1, …`; `None` if it
/// let go of nothing.
fn let_go_in_words(entry: &Entry, stage: &str) -> Option<String> {
    let Event::Superseded { let_go, .. } = &entry.event else {
        return None;
    };
    let of_stage = let_go.iter().filter(|one| one.stage == stage);
    let what: Vec<&str> = of_stage.map(|one| one.what.as_str()).collect();
    let version = entry.plan.version.as_deref().unwrap_or("(none)");
    (!what.is_empty()).then(|| {
        let (number, what) = (entry.number, what.join("; "));
        format!("version {version} (#{number}) let go of what spoke against {stage}: {what}")
    })
}
