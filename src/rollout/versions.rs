//! Under which other versions of the plan a gate was judged before: that of its stage's start, and that of its last check.
//! Must not compare versions.

use super::History;
use crate::kind::GateName;
use crate::ledger::{Checked, Entry, EventKind};

/// An earlier check, and what dates from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlierVersion<'a> {
    /// The entry that was made under it: the start, or the check.
    pub since: &'a Entry,
    /// The check that names the version, and whose evidence keeps it.
    pub check: &'a Checked,
}

impl<'a> History<'a> {
    /// The other versions, oldest first, each once: under which the stage began, and under which the gate was checked last.
    #[must_use]
    pub fn earlier_versions(self, gate: &GateName, now: &str) -> Vec<EarlierVersion<'a>> {
        let mut versions: Vec<EarlierVersion<'a>> = Vec::new();
        for version in self.earlier_checks(gate) {
            let sha256 = &version.check.plan_sha256;
            let is_known = versions.iter().any(|one| one.check.plan_sha256 == *sha256);
            if sha256 != now && !is_known {
                versions.push(version);
            }
        }
        versions
    }

    /// The check that says how the stage began, and the gate's last one, oldest first, each once.
    #[must_use]
    pub fn earlier_checks(self, gate: &GateName) -> Vec<EarlierVersion<'a>> {
        let last = self.checks(gate).next_back();
        let last = last.map(|check| EarlierVersion {
            since: check.entry,
            check: check.check,
        });
        let mut checks: Vec<EarlierVersion<'a>> = self.begun_under(gate).into_iter().collect();
        checks.extend(last.filter(|last| checks.iter().all(|one| one.check != last.check)));
        checks
    }

    /// A start names no plan: it was made on the last check before it; without one, the first check of the gate after it
    /// says under which version the stage ran.
    fn begun_under(self, gate: &GateName) -> Option<EarlierVersion<'a>> {
        let since = self.last_of(&gate.stage, &[EventKind::Started])?;
        let before =
            (self.before(since).entries().iter().rev()).find_map(|entry| entry.event.checked());
        let after = self
            .checks(gate)
            .find(|check| check.entry.number > since.number);
        let check = before.or(after.map(|check| check.check))?;
        Some(EarlierVersion { since, check })
    }
}

#[cfg(test)]
mod tests {
    use super::super::scenarios::{checked, ledger, started};
    use super::*;
    use crate::ledger::Event;
    use crate::verdict::Verdict;

    /// The same check, under another version of the plan.
    fn under(mut entry: Entry, sha256: &str) -> Entry {
        if let Event::Checked(check) = &mut entry.event {
            sha256.clone_into(&mut check.plan_sha256);
        }
        entry
    }

    fn versions(entries: Vec<Entry>, now: &str) -> Vec<(u64, String)> {
        let ledger = ledger(entries);
        let exit = "pilot/exit".parse().expect("a gate");
        let found = History::of(Some(&ledger)).earlier_versions(&exit, now);
        let shown = found
            .iter()
            .map(|one| (one.since.number, one.check.plan_sha256.clone()));
        shown.collect()
    }

    #[test]
    fn m16_the_versions_of_the_start_and_of_the_last_check_are_earlier_ones() {
        let entries = || {
            vec![
                under(checked(9, "pilot/entry", Verdict::Go), "one"),
                started(8, "pilot", false),
                under(checked(7, "pilot/exit", Verdict::NoGo), "one"),
                under(checked(6, "pilot/exit", Verdict::Go), "two"),
            ]
        };
        assert_eq!(versions(entries(), "two"), [(2, "one".to_owned())]);
        let both = [(2, "one".to_owned()), (4, "two".to_owned())];
        assert_eq!(versions(entries(), "three"), both);
        let mut back = entries();
        back.truncate(3);
        assert_eq!(versions(back, "one"), []);
    }

    #[test]
    fn m16_without_a_check_before_it_the_first_one_after_a_start_names_its_version() {
        let entries = vec![
            started(8, "pilot", false),
            under(checked(7, "pilot/exit", Verdict::NoGo), "one"),
            under(checked(6, "pilot/exit", Verdict::Go), "two"),
        ];
        assert_eq!(versions(entries, "two"), [(1, "one".to_owned())]);
        assert_eq!(versions(Vec::new(), "two"), []);
    }
}
