//! Which question a check answered, on which sources it asked, in words. Must not decide anything.

use std::fmt::{self, Display, Formatter};

use super::{OtherSource, RecordedCheck, Unlike};

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
    pub(super) fn recorded(&self) -> String {
        let Self { entry, gate, .. } = self;
        let (name, verdict) = (&gate.gate, gate.verdict.word());
        format!(
            "{name} was {verdict} in check #{} at {}",
            entry.number, entry.at
        )
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
