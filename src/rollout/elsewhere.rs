//! Whether a check asked, and a stage was started with, what is asked here: the variables, and the sources that the plan has here (T11): `--source` and `${NAME}` in addresses lead to another
//! environment. Must not read any environment.

use super::{RecordedCheck, Rollout};
use crate::ledger::{Entry, Event, EventKind};

/// A source that a check asked, and that is at another address here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherSource<'a> {
    /// Its name in the plan.
    pub name: &'a str,
    /// The address that was asked.
    pub then: &'a str,
    /// Its address here; `None` if the plan has no such source.
    pub now: Option<&'a str>,
}

/// How what is asked here differs from what a stage was started with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlike<'a> {
    /// It was started with these variables.
    Question(&'a Entry, &'a [String]),
    /// A source was at another address.
    Source(&'a Entry, OtherSource<'a>),
}

impl<'a> Rollout<'a> {
    /// How what is asked here differs from what the stage was last started with: its later gates answer that and nothing else.
    #[must_use]
    pub fn unlike_start(&self, stage: &str) -> Option<Unlike<'a>> {
        let entry = self.history().last_of(stage, &[EventKind::Started])?;
        let Event::Started { vars, sources, .. } = &entry.event else {
            return None;
        };
        if vars != self.vars {
            return Some(Unlike::Question(entry, vars));
        }
        let other = self.elsewhere(sources)?;
        Some(Unlike::Source(entry, other))
    }

    /// The variables that the stage was last started with, where they are not those of the question here.
    #[must_use]
    pub fn started_with(&self, stage: &str) -> Option<&'a [String]> {
        match self.unlike_start(stage)? {
            Unlike::Question(_, vars) => Some(vars).filter(|vars| !vars.is_empty()),
            Unlike::Source(..) => None,
        }
    }

    /// The address that `--source` gives, if it leads elsewhere than the plan says.
    #[must_use]
    pub fn given_source(&self) -> Option<&'a str> {
        let (name, written) = match self.plan.sources.as_slice() {
            [] => ("default", None),
            [only] => (only.name.as_str(), only.written_url.as_deref()),
            _ => return None,
        };
        let mut here = self.addresses.iter().filter_map(|one| one.split_once('='));
        let (_, address) = here.find(|(of, _)| *of == name)?;
        // What the environment makes of an address is given by nobody.
        let is_filled = |text: &str| text.contains("${");
        let is_plans = written.is_some_and(|written| written == address || is_filled(written));
        (!is_plans && !is_filled(address)).then_some(address)
    }

    /// The first source that a check asked at another address than the plan has here, with `--source` and the environment.
    #[must_use]
    pub fn other_source(&self, check: RecordedCheck<'a>) -> Option<OtherSource<'a>> {
        self.elsewhere(&check.check.sources)
    }

    /// The first of these sources, each as `NAME=ADDRESS`, that the plan has at another address here, or asks there with something
    /// that was not sent then.
    fn elsewhere(&self, asked: &'a [String]) -> Option<OtherSource<'a>> {
        let here = || self.addresses.iter().filter_map(|one| one.split_once('='));
        let then = || asked.iter().filter_map(|one| one.split_once('='));
        let moved = asked.iter().find(|asked| !self.addresses.contains(asked));
        if let Some((name, then)) = moved.and_then(|moved| moved.split_once('=')) {
            let mut now = here().filter(|(of, _)| *of == name).map(|(_, now)| now);
            let now = now.next_back();
            return Some(OtherSource { name, then, now });
        }
        // `header X of default` goes with `default`.
        let added = here().find(|(name, _)| {
            let place = name.split_once(" of ").map(|(_, place)| place);
            let is_asked = place.is_some_and(|place| then().any(|(of, _)| of == place));
            is_asked && !then().any(|(of, _)| of == *name)
        });
        added.map(|(name, now)| OtherSource {
            name,
            then: "none",
            now: Some(now),
        })
    }
}
