//! Each rollback of the ledger as a story: what triggered it, when, why, what was done, how long recovery took.

use super::RolloutFacts;
use super::recovery::{HeldSince, Recovered};
use crate::kind::GateKind;
use crate::ledger::{Entry, EventKind, RollbackTold};
use crate::report::sheet::{Cell, Fact, fact};
use crate::rollout::{Case, History, Lifted, RecordedCheck, StepOfCase};
use crate::verdict::Verdict;

/// A rollback as names and values.
pub(super) type Story = Vec<Fact>;

/// All rollbacks, oldest first; `None` without a ledger.
pub(super) fn all(rollout: &RolloutFacts<'_>) -> Option<Vec<Story>> {
    let cases = History::of(Some(rollout.ledger?)).cases();
    Some(cases.iter().map(|case| story(rollout, case)).collect())
}

fn story(rollout: &RolloutFacts<'_>, case: &Case<'_>) -> Story {
    let mut story = head(rollout, case);
    let steps = case.known.steps();
    story.extend(
        steps
            .iter()
            .map(|step| fact(&format!("Step {}", step.told.number), step_in_words(step))),
    );
    for (name, text) in PARTS.iter().flat_map(|part| part.texts(case)) {
        story.push(fact(name, text));
    }
    story.extend(went_on(case));
    story.push(evidence_fact(rollout, case));
    story
}

/// What people say of a rollback, besides its steps.
pub(super) struct Part {
    pub(super) name: &'static str,
    what: fn(&RollbackTold) -> Option<&String>,
}

/// In the order of release notes.
pub(super) const PARTS: [Part; 2] = [
    Part {
        name: "Root cause",
        what: |told| told.cause.as_ref(),
    },
    Part {
        name: "Fix applied",
        what: |told| told.fix.as_ref(),
    },
];

pub(super) const NOT_YET: &str = "not recorded yet";

impl Part {
    /// What people said, oldest first, each with the entry.
    pub(super) fn said<'a>(&self, case: &Case<'a>) -> Vec<(&'a Entry, &'a String)> {
        case.each(self.what).collect()
    }

    /// The same as names and values; that nobody has said it yet.
    fn texts(&self, case: &Case<'_>) -> Vec<(&'static str, String)> {
        let said = self.said(case).into_iter();
        let said: Vec<_> = said.map(|(_, text)| (self.name, text.clone())).collect();
        if said.is_empty() {
            return vec![(self.name, NOT_YET.to_owned())];
        }
        said
    }
}

/// What happened, in the order of release notes.
pub(super) fn head(rollout: &RolloutFacts<'_>, case: &Case<'_>) -> Story {
    let entry = case.entry;
    let traffic = rollout.plan.and_then(|plan| {
        let of = plan.stages.iter().find(|one| one.name == case.stage)?;
        of.traffic.clone()
    });
    let stage = traffic.map_or_else(
        || case.stage.to_owned(),
        |share| format!("{}, {share} of traffic", case.stage),
    );
    let mut head = vec![
        fact("Trigger", trigger(before(rollout, case), case.stage)),
        fact("Stage", stage),
    ];
    // As the plan was then: another version may have taken its place since.
    let version = entry.plan.version.clone();
    head.extend(version.map(|version| fact("Version", version)));
    head.extend([
        fact("Time", entry.at.to_string()),
        fact("By", entry.by.called().to_owned()),
        fact("Reason", said(&entry.why)),
        fact("Recovery", recovery(rollout.recovered(case), entry)),
    ]);
    head
}

/// What was known before it.
pub(super) fn before<'a>(rollout: &RolloutFacts<'a>, case: &Case<'a>) -> History<'a> {
    History::of(rollout.ledger).before(case.entry)
}

/// The files that show it: of the check that triggered it, of the rollback, of the recovery.
pub(super) fn evidence_fact(rollout: &RolloutFacts<'_>, case: &Case<'_>) -> Fact {
    let all = evidence(
        before(rollout, case),
        rollout.recovered(case),
        case.entry,
        case.stage,
    );
    let files = case.files().into_iter();
    let files = files.map(|(_, file)| Cell::Code(file.path.clone()));
    let all = all.into_iter().map(Cell::Address).chain(files);
    ("Evidence".to_owned(), Cell::Several(all.collect()))
}

fn said(why: &str) -> String {
    if why.is_empty() {
        "not said".to_owned()
    } else {
        why.to_owned()
    }
}

/// The stops that were lifted before it, those that had tripped, and the exit gate that was NO-GO; otherwise, that somebody decided.
fn trigger(before: History<'_>, stage: &str) -> String {
    let lifted = before.lifted(stage);
    let lifted = lifted.iter().map(lifted_in_words);
    let trips: Vec<String> = before
        .trips(stage)
        .iter()
        .map(|(check, trip)| {
            format!(
                "stop tripped: {}, {} (entry {})",
                trip.name, trip.reason, check.entry.number
            )
        })
        .collect();
    let bad = judged_bad(before, stage);
    let bad = bad.first().map(|found| {
        format!(
            "{} was {} at {} (entry {}): {}",
            found.gate.gate,
            found.gate.verdict,
            found.check.evaluated_at,
            found.entry.number,
            not_met(found)
        )
    });
    let found: Vec<String> = lifted.chain(trips).chain(bad).collect();
    if found.is_empty() {
        return match before.judged(&GateKind::Exit.of(stage)) {
            Some(last) => format!(
                "by hand: no stop was tripped, and the exit gate was {} in its last check, at {}",
                last.gate.verdict, last.check.evaluated_at
            ),
            None => "by hand: the exit gate had not been judged".to_owned(),
        };
    }
    found.join("; ")
}

/// `stop tripped: error_rate, above 4% for 41m (entry 6), lifted at … by Ada Lovelace (entry 7): it was a probe`.
fn lifted_in_words(lifted: &Lifted<'_>) -> String {
    let Lifted {
        check,
        trip,
        resumed,
    } = lifted;
    format!(
        "stop tripped: {}, {} (entry {}), lifted at {} by {} (entry {}): {}",
        trip.name,
        trip.reason,
        check.entry.number,
        resumed.at,
        resumed.by.called(),
        resumed.number,
        said(&resumed.why)
    )
}

/// The checks that found the exit gate NO-GO or STOP, from the first of them up to the rollback; none if a better one came
/// in between.
fn judged_bad<'a>(before: History<'a>, stage: &str) -> Vec<RecordedCheck<'a>> {
    let gate = GateKind::Exit.of(stage);
    let Some(last) = before.judged(&gate) else {
        return Vec::new();
    };
    let begun = [before.turned(stage), before.resumed(stage)];
    let begun = begun.into_iter().flatten().map(|entry| entry.number).max();
    let checks = before.checks(&gate).rev();
    let since = checks
        .filter(|one| one.entry.number <= last.entry.number && Some(one.entry.number) > begun);
    let mut bad: Vec<RecordedCheck<'_>> = since.take_while(is_bad).collect();
    bad.reverse();
    bad
}

fn is_bad(found: &RecordedCheck<'_>) -> bool {
    match found.gate.verdict {
        Verdict::NoGo | Verdict::Stop => true,
        Verdict::Go | Verdict::Hold => false,
    }
}

/// `error_rate < 1%, measured 3.94%`.
fn not_met(found: &RecordedCheck<'_>) -> String {
    let unmet = found.gate.not_met.iter().filter(|one| one.unmet);
    let words = unmet.map(|one| {
        let condition = one.condition.iter().map(|text| format!(" {text}"));
        let measured = one.measured.iter().map(|text| format!(", measured {text}"));
        std::iter::once(one.name.clone())
            .chain(condition)
            .chain(measured)
            .collect::<String>()
    });
    words.collect::<Vec<_>>().join("; ")
}

/// Since when the stage had recovered, counted from the rollback.
fn recovery(found: Option<Recovered<'_>>, entry: &Entry) -> String {
    let Some(Recovered { check, since }) = found else {
        return "NOT SHOWN: no recorded check has its recovery gate at GO".to_owned();
    };
    let gate = &check.gate.gate;
    let seen = format!(
        "GO at {} (entry {})",
        check.check.evaluated_at, check.entry.number
    );
    let Some(HeldSince { at, unseen_from }) = since else {
        return format!(
            "at most {}: {gate} {seen}, whose record is not at hand",
            entry.at.until(check.check.evaluated_at)
        );
    };
    let length = entry.at.until(at);
    let length = match unseen_from {
        None => length.to_string(),
        Some(from) => format!("at most {length} (no check between {from} and {at})"),
    };
    format!("{length}: the conditions of {gate} have held since {at}; {seen}")
}

/// `Disable the flag (done, by @ops, took 2m)`.
fn step_in_words(step: &StepOfCase<'_>) -> String {
    let by = step.told.by.as_ref().map(|by| format!("by {by}"));
    let took = step.told.took.map(|took| format!("took {took}"));
    let about: Vec<String> = std::iter::once(step.standing.words())
        .chain(by)
        .chain(took)
        .collect();
    format!("{} ({})", step.told.action, about.join(", "))
}

/// How the rollout went on, if it did: with this stage, or back to an earlier one, and from there further back.
pub(super) fn went_on(case: &Case<'_>) -> Vec<Fact> {
    let mut facts = Vec::new();
    for entry in case.after {
        let (event, kind) = (&entry.event, entry.event.kind());
        let (is_first, is_own) = (facts.is_empty(), event.stage() == Some(case.stage));
        let begins = [EventKind::Resumed, EventKind::Started].contains(&kind);
        if kind == EventKind::Reopened && (!is_first || event.reopens(case.stage)) {
            let to = event.stage().unwrap_or_default();
            facts.push(went("Went back", entry, &format!(" to {to}")));
        } else if begins && (is_own || !is_first) {
            facts.extend(is_first.then(|| went("Went on", entry, "")));
            break;
        }
    }
    facts
}

fn went(name: &str, entry: &Entry, to: &str) -> Fact {
    let (by, why) = (entry.by.called(), said(&entry.why));
    fact(name, format!("{} by {by}{to}: {why}", entry.at))
}

/// The evidence of the trip, the rollback and the recovery.
fn evidence(
    before: History<'_>,
    recovered: Option<Recovered<'_>>,
    entry: &Entry,
    stage: &str,
) -> Vec<String> {
    let lifted = before.lifted(stage).into_iter().map(|one| one.check);
    let tripped = before.trips(stage).into_iter().map(|(check, _)| check);
    let tripped = lifted
        .chain(tripped)
        .map(|check| check.check.evidence_path.clone());
    let tripped = tripped.chain(
        judged_bad(before, stage)
            .into_iter()
            .map(|found| found.check.evidence_path.clone()),
    );
    let recovered = recovered.map(|found| found.check.check.evidence_path.clone());
    let own = std::iter::once(format!("ledger entry {}", entry.number))
        .chain(entry.links.iter().cloned());
    let mut all: Vec<String> = Vec::new();
    for one in tripped.chain(own).chain(recovered) {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all
}
