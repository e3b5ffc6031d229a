//! Whether a check asked the sources that the plan has here (T11): `--source` and `${NAME}` in addresses lead to another
//! environment. Must not read any environment.

use super::{RecordedCheck, Rollout};

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

impl<'a> Rollout<'a> {
    /// The first source that a check asked at another address than the plan has here, with `--source` and the environment.
    #[must_use]
    pub fn other_source(&self, check: RecordedCheck<'a>) -> Option<OtherSource<'a>> {
        let asked = check.check.sources.iter();
        let mut others = asked.filter(|asked| !self.addresses.contains(asked));
        let (name, then) = others.next()?.split_once('=')?;
        let here = self.addresses.iter().filter_map(|one| one.split_once('='));
        let mut now = here.filter(|(of, _)| *of == name).map(|(_, now)| now);
        let now = now.next_back();
        Some(OtherSource { name, then, now })
    }
}
