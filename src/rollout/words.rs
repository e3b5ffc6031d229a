//! What is known about a rollout, in words: each reason once, for everybody. Must not decide anything.

use std::fmt::{self, Display, Formatter};

use super::{
    Ahead, Answered, Approval, Backwards, Contradiction, Displaced, Ended, Hold, Left, NotBegun,
    NotLeft, NotYet, Objection, OtherSource, PassedOver, Past, Permit, RecordedCheck, Rollout,
    Unlike, Voided, turned,
};
use crate::kind::{GateKind, GateName};
use crate::ledger::{Answer, Entry, Event, NotMet};
use crate::plan::Stage;
use crate::units::Duration;

/// Who, when, why: `by Ada at 2026-11-20T14:00:00Z: printer replaced`.
#[must_use]
pub fn cited(entry: &Entry) -> String {
    let why: Vec<&str> = entry.why.split_whitespace().collect();
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(": {}", why.join(" "))
    };
    format!("by {} at {}{why}", entry.by.called(), entry.at)
}

/// `not applicable: no printers there (Ada at 2026-11-20T14:00:00Z)`, by name alone.
#[must_use]
pub fn not_applicable(entry: &Entry) -> String {
    let why: Vec<&str> = entry.why.split_whitespace().collect();
    let (by, at) = (entry.by.called(), entry.at);
    format!("not applicable: {} ({by} at {at})", why.join(" "))
}

/// `in place of the no by Ada at 2026-11-20T14:00:00Z: printers jam (#5)`.
#[must_use]
pub fn in_place_of(answered: &Entry) -> String {
    let is_yes = |event: &Event| {
        matches!(
            event,
            Event::Confirmed {
                answer: Answer::Yes,
                ..
            }
        )
    };
    let word = if is_yes(&answered.event) { "yes" } else { "no" };
    format!(
        "in place of the {word} {} (#{})",
        cited(answered),
        answered.number
    )
}

impl Rollout<'_> {
    /// The answer in words; `owner` has to give it. A yes never hides the no of somebody else, nor `n/a` their yes.
    #[must_use]
    pub fn answer_in_words(&self, stage: &str, id: &str, owner: Option<&str>) -> String {
        let answered = self.answered(stage, id);
        let words = answered.in_words(stage, owner);
        match self.overruled(stage, id) {
            Some(other) => format!("{words}; {}", in_place_of(other)),
            None => words,
        }
    }
}

/// That a stage was started which the plan does not have.
#[must_use]
pub fn not_in_plan(stage: &str) -> String {
    format!("the ledger says that {stage} was started, but it is not in the plan")
}

/// The first digits, enough for people to tell versions apart.
#[must_use]
pub fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

impl Display for Backwards<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { before, entry } = self;
        let earlier = Duration::from_millis(before.at.millis() - entry.at.millis());
        write!(
            f,
            "#{} is dated {earlier} before #{}",
            entry.number, before.number
        )
    }
}

impl Display for Ahead<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { entry, by } = self;
        write!(f, "#{} is dated {by} ahead of this clock", entry.number)
    }
}

impl Display for Past<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { at, shown_by } = self;
        match shown_by {
            Some(ahead) => write!(f, "{at} ({ahead})"),
            None => at.fmt(f),
        }
    }
}

/// `with --var env=staging`, `without --var`.
fn with_vars(vars: &[String]) -> String {
    match vars {
        [] => "without --var".to_owned(),
        vars => format!("with --var {}", vars.join(" --var ")),
    }
}

impl Unlike<'_> {
    /// In words, for a stage.
    #[must_use]
    pub fn in_words(&self, stage: &str) -> String {
        match self {
            Self::Question(entry, vars) => {
                let started = with_vars(vars);
                format!(
                    "{stage} was started {started} (#{}), and this is another question: check {started}",
                    entry.number
                )
            }
            Self::Source(entry, other) => {
                let (place, here) = (other.place(), other.address());
                let again = other.again();
                format!(
                    "{stage} was started on {place} (#{}){here}: {again}",
                    entry.number
                )
            }
        }
    }
}

impl RecordedCheck<'_> {
    /// The variables it was made with: `with --var env=staging`, `without --var`.
    #[must_use]
    pub fn question(&self) -> String {
        with_vars(&self.check.vars)
    }

    /// `pilot/exit was GO at 2026-11-20T14:00:00Z`.
    pub(super) fn found(&self) -> String {
        let (gate, at) = (self.gate, self.check.evaluated_at);
        format!("{} was {} at {at}", gate.gate, gate.verdict.word())
    }

    /// That an answer counted in it, though it would not count now: `counted in pilot/entry GO at 2026-11-20T14:00:00Z`.
    #[must_use]
    pub fn counted(&self) -> String {
        let (gate, at) = (self.gate, self.check.evaluated_at);
        format!("counted in {} {} at {at}", gate.gate, gate.verdict.word())
    }

    /// `pilot/entry was GO in check #7 at 2026-11-20T14:00:00Z`.
    fn recorded(&self) -> String {
        let Self { entry, gate, .. } = self;
        let (name, verdict) = (&gate.gate, gate.verdict.word());
        format!(
            "{name} was {verdict} in check #{} at {}",
            entry.number, entry.at
        )
    }
}

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

impl Display for OtherSource<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "it asked {}{}", self.place(), self.address())
    }
}

impl OtherSource<'_> {
    /// Where it was.
    fn place(&self) -> String {
        let Self { name, then, .. } = self;
        match name.split_once(' ') {
            None => format!("the source {name} at {then}"),
            Some(("header" | "parameter" | "query" | "user", _)) => {
                format!("with the {name}, {then}")
            }
            Some(("proxy", _)) => format!("through the {name}, {then}"),
            Some(_) => format!("{name} at {then}"),
        }
    }

    /// How to go on.
    fn again(&self) -> String {
        let with = match self.address_then() {
            Some(then) => format!("--source {then}"),
            None => "what it was started with".to_owned(),
        };
        format!(
            "check with {with}; if that is gone for good, accept this check with `gate override`"
        )
    }

    /// Where a source was that a check can be asked to use; `None` for what goes with its questions, and where nobody knows.
    #[must_use]
    pub fn address_then(&self) -> Option<&str> {
        let is_source = !self.name.contains(' ') && !self.then.contains("${");
        is_source.then_some(self.then)
    }

    /// Where it is here.
    fn address(&self) -> String {
        match self.now {
            Some(now) if now.contains("${") && !now.ends_with(')') => format!(
                ", and here the environment does not say what that is ({now}): set it, or pass --source"
            ),
            Some(now) => format!(", and here that is {now}"),
            None => ", which the plan does not have".to_owned(),
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
            return write!(
                f,
                ", and the plan has changed since then and does not have {stage} before {for_stage}: put that back if it had, or check {stage} first"
            );
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

/// `has to be confirmed again: confirmed by Ada at …`; what did not apply was not confirmed.
fn again(entry: &Entry) -> String {
    let answer = if let Event::Confirmed { answer, .. } = &entry.event {
        *answer
    } else {
        Answer::Yes
    };
    let anew = match answer {
        Answer::Yes => "confirmed",
        Answer::NotApplicable | Answer::No | Answer::Revoked => "answered",
    };
    let was = answered_as(answer);
    format!("has to be {anew} again: {was} {}", cited(entry))
}

fn answered_as(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "confirmed",
        Answer::NotApplicable => "answered as not applicable",
        Answer::No | Answer::Revoked => "answered no",
    }
}

impl Answered<'_> {
    /// In words, for a stage; `owner` has to answer.
    #[must_use]
    pub fn in_words(self, stage: &str, owner: Option<&str>) -> String {
        match (self, owner) {
            (Self::Nobody, Some(owner)) => {
                format!("{owner} has not confirmed it for {stage} yet")
            }
            (Self::Nobody, None) => format!("nobody has confirmed it for {stage} yet"),
            (Self::TakenBack(entry), _) => format!("the answer was taken back {}", cited(entry)),
            (Self::BeforeRollback(entry, set_back), _) => format!(
                "{}, before {} at {}",
                again(entry),
                turned(stage, set_back),
                set_back.at
            ),
            (Self::Reworded(entry, answer), _) => format!(
                "has to be answered again: the text has changed since it was {} {}",
                answered_as(answer),
                cited(entry)
            ),
            (Self::BeforeStart(entry, began), _) => {
                format!("{}, before {stage} began at {}", again(entry), began.at)
            }
            (Self::OutOfTurn(entry, earlier), _) => format!(
                "{}, before \"{}\", which comes first",
                again(entry),
                earlier.shown()
            ),
            (Self::Yes(entry), _) => format!("confirmed {}", cited(entry)),
            (Self::NotApplicable(entry), _) => not_applicable(entry),
            (Self::No(entry), _) => format!("answered no {}", cited(entry)),
        }
    }
}

impl Approval<'_> {
    /// In words, for a role of a gate.
    #[must_use]
    pub fn in_words(self, role: &str, gate: &GateName) -> String {
        match self {
            Self::Nobody => format!("nobody has signed for {gate} as {role} yet"),
            Self::TakenBack(signature) => {
                format!("the signature was taken back {}", cited(signature.entry))
            }
            Self::Void(signature, voided) => {
                let but = voided.in_words(signature.verdict_without_approvals.word(), gate);
                format!("signed {}, but {but}", cited(signature.entry))
            }
            Self::Holds(signature) => {
                let until = signature.expires;
                let until = until.map_or(String::new(), |at| format!(", holds until {at}"));
                format!("signed {}{until}", cited(signature.entry))
            }
        }
    }
}

impl Voided<'_> {
    /// In words that follow `signed, but `; `signed` is the verdict that was signed.
    #[must_use]
    pub fn in_words(self, signed: &str, gate: &GateName) -> String {
        match self {
            Self::Expired(at) => format!("it held only until {at}"),
            Self::SetBack(entry) => format!("{} at {}", turned(&gate.stage, entry), entry.at),
            Self::Unrecorded => format!("the evidence is not from a recorded check of {gate}"),
            Self::OtherQuestion(check) => format!(
                "that check was made {}: that is another question",
                check.question()
            ),
            Self::OtherSource(other) => other.to_string(),
            Self::OtherPlan(check) => format!(
                "that check judged another version of the plan (sha256 {}…)",
                short(&check.check.plan_sha256)
            ),
            Self::Contradicted(check) => format!(
                "that was for {signed}, and the check at {} found {}",
                check.check.evaluated_at,
                check.gate.verdict_without_approvals.word()
            ),
            Self::SamePerson(other) => format!("as {other} too, and two people have to sign"),
            Self::SameKey(other) => {
                format!("with the key that signed as {other} too, and two people have to sign")
            }
            Self::SamePrincipal(other, principal) => format!(
                "with another key of {principal}, who signed as {other} too, and two people have to sign"
            ),
            Self::ListUnread(why) => format!(
                "the plan requires signatures, and {why}: name the file of allowed signers with --allowed-signers FILE, or in the plan as `signatures: {{allowed: FILE}}`"
            ),
            Self::Replayed(first) => format!(
                "that repeats the signature of #{first}, which counts once"
            ),
            Self::NoSigners => "the plan requires signatures, and nothing says whose keys count: name the file of allowed signers with --allowed-signers FILE, or in the plan as `signatures: {allowed: FILE}`".to_owned(),
            Self::Unsigned(why) => {
                format!("the plan requires a signature, and that does not count: {why}")
            }
            Self::Unvouched(check) => format!(
                "the plan requires signatures, and check #{} has none of its own that counts",
                check.entry.number
            ),
            Self::NotGo => format!(
                "that is for {signed}: sign again once {gate} is GO apart from approvals"
            ),
            Self::Otherwise(now) => format!(
                "that was for {signed}, and the gate is {} now, apart from approvals",
                now.word()
            ),
        }
    }
}

impl Ended<'_> {
    /// In words, for a gate.
    #[must_use]
    pub fn in_words(&self, gate: &GateName) -> String {
        match self {
            Self::Expired(at) => format!("expired at {at}"),
            Self::Replaced(entry) => format!("replaced by entry {}", entry.number),
            Self::Turned(entry) => {
                let what = turned(&gate.stage, entry);
                format!("over since {what} at {}", entry.at)
            }
            Self::Unrecorded => {
                format!("does not count: its evidence is not from a recorded check of {gate}")
            }
            Self::StartDisputed(check) => format!(
                "does not count: check #{} was made with a --started that contradicts the ledger",
                check.entry.number
            ),
            Self::OtherQuestion(check) => format!(
                "does not count: check #{} was made {}, and that is another question",
                check.entry.number,
                check.question()
            ),
            Self::Worse(check) => format!(
                "over since the check at {} found {}",
                check.check.evaluated_at,
                check.gate.verdict.word()
            ),
            Self::OtherSource(other) => format!("does not count: {other}"),
            Self::Unvouched(why) => format!("does not count: {why}"),
            Self::OtherPlan(check) => format!(
                "over since the plan has changed: check #{} judged another version of it",
                check.entry.number
            ),
            Self::Besides(check, other) => format!(
                "over since the check at {} found {}, which it is not for",
                check.check.evaluated_at,
                lacking(other)
            ),
            Self::Contradicted(Contradiction::Said(entry, what)) => {
                format!(
                    "over since {what} (#{} by {})",
                    entry.number,
                    entry.by.called()
                )
            }
            Self::Contradicted(found) => format!("over: {found}"),
            Self::OutOfOrder(why) => format!("over: {why}, which it is not for"),
            Self::Now(verdict) => format!("over: {gate} is {} now", verdict.word()),
            Self::BesidesNow(other) => {
                format!("over: {} now, which it is not for", lacking(other))
            }
        }
    }
}

/// `exception_rate unmet`.
fn lacking(one: &NotMet) -> String {
    let how = if one.unmet { "unmet" } else { "unknown" };
    format!("{} {how}", one.name)
}

impl<'a> Rollout<'a> {
    /// What trips a stop of a running stage at its next check, as far as plan and ledger say, each in a sentence fragment: an
    /// incident that it asks about, a deadline that has passed. `resumed` says whether the stage goes on first.
    #[must_use]
    pub fn trips_next(&self, stage: &Stage) -> Vec<String> {
        let incidents = self.incidents_that_stop(stage).into_iter();
        let incidents = incidents.map(|one| match one.closed {
            None => format!("{} is still open", one.id),
            Some(_) => format!("{} came up since the start", one.id),
        });
        let deadline = self.deadline_passed(stage);
        let deadline = deadline.map(|due| format!("the exit gate was not passed by {due}"));
        incidents.chain(deadline).collect()
    }

    /// Why the recovery of a stage is not shown: `pilot/recovery is HOLD`; `None` if it is shown, or nothing asks for it.
    #[must_use]
    pub fn recovery_open(&self, stage: &Stage) -> Option<String> {
        if !self.awaits_recovery(stage) {
            return None;
        }
        let gate = GateKind::Recovery.of(&stage.name);
        Some(match self.history().judged(&gate) {
            Some(check) => format!("{gate} was {}", check.gate.verdict.word()),
            None => format!("{gate} has not been checked since the rollback"),
        })
    }

    /// What blocks a stage; if it is no longer in the plan, with what to do about that.
    #[must_use]
    pub fn told(&self, hold: &Hold<'_>) -> String {
        let stage = hold.stage();
        match self.stage(stage) {
            Some(_) => hold.to_string(),
            None => format!("{hold}; {stage} is no longer in the plan: put it back and resume it"),
        }
    }

    /// What every report on a stage has to say first: paused; reopened and not begun since; rolled back and not yet recovered,
    /// unless a recovery gate has just been found GO; steps of its rollback that are open, also once it has gone on.
    #[must_use]
    pub fn flags(&self, stage: &'a Stage, recovered: bool) -> Vec<String> {
        let name = &stage.name;
        let paused = self.history().paused(name);
        let paused = paused.map(|entry| format!("{name} was paused {}", cited(entry)));
        let rolled_back = self.unrecovered(stage).filter(|_| !recovered);
        let rolled_back = rolled_back.map(|entry| {
            let open = match stage.gate(GateKind::Recovery) {
                Some(gate) => format!("not yet recovered: check {}", gate.kind.of(name)),
                None => "has not gone on".to_owned(),
            };
            format!("{name} was rolled back {}; {open}", cited(entry))
        });
        let reopened = self.reopened_and_waiting(name);
        let reopened = reopened.map(|entry| format!("{name} was reopened {}", cited(entry)));
        let steps = self.open_steps(name).map(|open| open.to_string());
        paused
            .into_iter()
            .chain(reopened)
            .chain(rolled_back)
            .chain(steps)
            .collect()
    }
}
