//! Why a stage was left or not, and may begin or not, in words: each reason once. Must not decide anything.

use std::fmt::{self, Display, Formatter};

use super::{
    Contradiction, Displaced, Hold, Left, NotBegun, NotLeft, NotYet, Objection, PassedOver, Permit,
    RecordedCheck, cited, turned,
};
use crate::kind::{GateKind, GateName};
use crate::ledger::Entry;

impl Display for Left<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::WithGo(check) => f.write_str(&check.found()),
            Self::Overridden(check, found) => {
                let (by, until) = (found.entry.by.called(), found.expires);
                write!(f, "{}, OVERRIDDEN by {by} until {until}", check.found())
            }
            Self::WithoutGate(stage, start) => {
                write!(f, "{stage} has no exit gate, and began at {start}")
            }
        }
    }
}

impl Display for NotLeft<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let exit = |stage: &str| GateKind::Exit.of(stage);
        match self {
            Self::Unread(stage) => write!(
                f,
                "no ledger was read, so nothing shows that {stage} was left"
            ),
            Self::Held(hold) => hold.fmt(f),
            Self::NotBegun(stage) => write!(f, "{stage} has not begun"),
            Self::Unchecked(stage) => write!(f, "no check of {} is recorded", exit(stage)),
            Self::EntryUnchecked(stage, entry) => {
                let (gate, at) = (GateKind::Entry.of(stage), entry.at);
                let what = turned(stage, entry);
                write!(f, "{gate} has not been checked since {what} at {at}")
            }
            Self::TurnedSince(stage, _, entry) => {
                let (exit, at) = (exit(stage), entry.at);
                let what = turned(stage, entry);
                write!(f, "{exit} has not been checked since {what} at {at}")
            }
            Self::OtherQuestion(check) => write!(
                f,
                "{} was judged {} at {}: that is another question",
                check.gate.gate,
                check.question(),
                check.check.evaluated_at
            ),
            Self::PassedOver(found) => found.fmt(f),
            Self::NotGo(check) => f.write_str(&check.found()),
            Self::GateGone(check) => write!(f, "{}, {GONE}", check.found()),
            Self::Contradicted(check, found) => write!(f, "{}, but {found}", check.found()),
        }
    }
}

impl Display for PassedOver<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (stage, before) = (self.stage, self.before);
        let (since, number) = (turned(before, self.since), self.since.number);
        if self.anew {
            return write!(
                f,
                "{before} was not left with GO since {since} (#{number}), and {stage} goes on behind it"
            );
        }
        let (start, by) = (self.start.number, self.start.by.called());
        write!(
            f,
            "{stage} began though {before} was not left with GO (#{start} by {by}), and that is to be decided again since {since} (#{number})"
        )
    }
}

impl Display for Contradiction<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(entry, what) => {
                write!(
                    f,
                    "{what} since (#{} by {})",
                    entry.number,
                    entry.by.called()
                )
            }
            Self::Expired(role, expires) => {
                write!(f, "the signature as {role} held until {expires}")
            }
            Self::Unapproved(why) | Self::Unvouched(why) | Self::EntryOwed(_, why) => {
                f.write_str(why)
            }
            Self::PassedOver(found) => found.fmt(f),
            Self::OtherPlan(_) => f.write_str("the plan has changed since"),
            Self::OtherSource(other) => other.fmt(f),
            Self::TooOld(until) => {
                write!(f, "its GO has expired: it was good until {until}")
            }
            Self::Ahead(ahead) => write!(f, "{ahead}: correct the clock that is wrong"),
        }
    }
}

impl NotBegun {
    /// What keeps a stage from having begun, in words.
    #[must_use]
    pub fn in_words(self, stage: &str) -> String {
        match self {
            Self::Unrecorded => format!("{stage} has not begun"),
            Self::After(began) => {
                format!("{stage} began at {began}, after the time that is judged")
            }
            Self::RecordedAfter(began, recorded) => format!(
                "{stage} began at {began}, but that was recorded at {recorded}, after the time that is judged"
            ),
        }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn advice(self, stage: &str) -> String {
        let said = self.in_words(stage);
        match self {
            Self::Unrecorded => {
                format!("{said}: record its start, or pass `--started TIME`")
            }
            Self::After(_) => format!("{said}: judge a time after it"),
            Self::RecordedAfter(..) => {
                format!("{said}: judge a time after it, or pass `--started TIME`")
            }
        }
    }
}

impl Display for Hold<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::RolledBack(stage, entry) => {
                write!(f, "{} {}", turned(stage, entry), cited(entry))
            }
            Self::Stopped(stage, _, trip) => write!(
                f,
                "{stage} tripped a stop, and nobody has resumed: {}",
                trip.reason
            ),
            Self::Paused(stage, entry) => write!(f, "{stage} was paused {}", cited(entry)),
        }
    }
}

impl Display for Permit<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Earned(check) => f.write_str(&check.recorded()),
            Self::WithoutGate => f.write_str("it has no entry gate"),
            Self::Overridden(check, found) => write!(
                f,
                "{}, OVERRIDDEN by {} until {} (#{})",
                check.recorded(),
                found.entry.by.name,
                found.expires,
                found.entry.number
            ),
        }
    }
}

/// Why nothing can rest on a gate: `outlook` is the check that judged it ahead of its turn, if one did.
#[must_use]
pub fn unchecked(gate: &GateName, outlook: Option<&Entry>) -> String {
    match outlook {
        None => format!("no check of {gate} is recorded"),
        Some(entry) => format!(
            "no check of {gate} is recorded since its turn came: #{} was an outlook, and nothing rests on one",
            entry.number
        ),
    }
}

impl Display for NotYet<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLeft { why, .. } => why.fmt(f),
            Self::BeforeLeft {
                at: Some(at),
                stage,
                left,
                ..
            } => write!(
                f,
                "the given start, {at}, is before {stage} was left, at {left}"
            ),
            Self::BeforeLeft {
                at: None,
                stage,
                left,
                ..
            } => write!(f, "{stage} was left at {left}, which {TO_COME}"),
            Self::GateGone(check) => write!(f, "{}, {GONE}", check.recorded()),
            Self::Displaced(found) => found.fmt(f),
            Self::Unchecked(gate, outlook) => f.write_str(&unchecked(gate, *outlook)),
            Self::Check(check, Objection::NotGo) => f.write_str(&check.recorded()),
            Self::Check(check, objection) => {
                write!(f, "{}, but {}", check.recorded(), but(check, objection))
            }
        }
    }
}

impl Display for Displaced<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (for_stage, stage) = (self.for_stage, self.stage);
        match self.exit {
            Some(exit) => f.write_str(&exit.recorded())?,
            None => write!(f, "{stage} has begun and was not left")?,
        }
        if self.in_plan {
            write!(
                f,
                ", and the plan has changed since then and does not have {stage} before {for_stage}: put that back if it had, or "
            )?;
            return if self.waits {
                write!(f, "begin {for_stage} in your own name")
            } else {
                write!(f, "check {stage} first")
            };
        }
        write!(
            f,
            ", and the plan no longer has that stage: put it back, and check it"
        )
    }
}

/// Of a gate that was not GO.
const GONE: &str = "and the plan no longer has that gate: put it back, and check it";

/// Of a time that this clock has not reached.
const TO_COME: &str =
    "is still to come by this clock: wait until then, or correct the clock that is wrong";

fn but(check: &RecordedCheck<'_>, objection: &Objection<'_>) -> String {
    match objection {
        Objection::NotGo => format!("it was {}", check.gate.verdict.word()),
        Objection::OverrideOver(found, ended) => format!(
            "the override of it (#{}) is not in force ({})",
            found.entry.number,
            ended.in_words(&check.gate.gate)
        ),
        Objection::OtherQuestion => {
            format!("judged {}: that is another question", check.question())
        }
        Objection::Later(Some(at)) => format!(
            "it judged {}, after the given start, {at}",
            check.check.evaluated_at
        ),
        Objection::Later(None) => {
            format!("it judged {}, which {TO_COME}", check.check.evaluated_at)
        }
        Objection::Contradicted(found) => found.to_string(),
    }
}
