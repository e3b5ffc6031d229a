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

    /// The first source that a check asked at another address than the plan has here, with `--source` and the environment.
    #[must_use]
    pub fn other_source(&self, check: RecordedCheck<'a>) -> Option<OtherSource<'a>> {
        self.elsewhere(&check.check.sources)
    }

    /// The first of these sources, each as `NAME=ADDRESS`, that the plan has at another address here.
    fn elsewhere(&self, asked: &'a [String]) -> Option<OtherSource<'a>> {
        let asked = asked.iter();
        let mut others = asked.filter(|asked| !self.addresses.contains(asked));
        let (name, then) = others.next()?.split_once('=')?;
        let here = self.addresses.iter().filter_map(|one| one.split_once('='));
        let mut now = here.filter(|(of, _)| *of == name).map(|(_, now)| now);
        let now = now.next_back();
        Some(OtherSource { name, then, now })
    }
}
