//! An engine in memory for tests: does what engines do, or on demand what they do on bad days. No file, no network.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard};

use super::{Cause, Change, Committed, Engine, Listed, Name, Snapshot, Trouble, Version};

/// What happens to the next commit, instead of what should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing is written, for certain.
    Stale,
    /// It is written, and the answer is lost.
    Lost,
    /// It is not written, and there is no answer.
    Gone,
    /// Somebody else writes this ledger first, so that it is stale.
    Overtaken(&'static str),
    /// Nothing is written, for this cause.
    Trouble(Cause),
}

/// An engine in memory.
#[derive(Debug, Default)]
pub(crate) struct Scripted(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<Name, (Vec<u8>, u64)>,
    written: u64,
    steps: VecDeque<Step>,
}

impl Scripted {
    /// What happens to the next commits, in turn; afterwards, all goes well.
    pub(crate) fn then(steps: &[Step]) -> Self {
        let steps = steps.iter().copied().collect();
        Self(Mutex::new(State {
            steps,
            ..State::default()
        }))
    }

    /// Somebody pushes something else over a file.
    pub(crate) fn set(&self, name: &Name, bytes: &[u8]) {
        self.state().put(name, bytes);
    }

    /// Somebody removes a file.
    pub(crate) fn remove(&self, name: &Name) {
        self.state().files.remove(name);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test has failed")
    }
}

impl State {
    fn put(&mut self, name: &Name, bytes: &[u8]) {
        self.written += 1;
        self.files
            .insert(name.clone(), (bytes.to_vec(), self.written));
    }

    fn version(&self, name: &Name) -> Version {
        let number = self.files.get(name).map(|(_, number)| number.to_string());
        number.map_or(Version::Absent, Version::At)
    }

    fn commit(&mut self, change: &Change<'_>) -> Committed {
        if self.version(change.ledger) != *change.expected {
            return Committed::Stale;
        }
        for (name, bytes) in change.files {
            self.put(name, bytes);
        }
        self.put(change.ledger, change.bytes);
        Committed::Written(self.version(change.ledger))
    }
}

impl Engine for Scripted {
    fn shown(&self) -> String {
        "a scripted place".to_owned()
    }

    fn read(&self, ledger: &Name, folder: &Name) -> Result<Snapshot, Trouble> {
        let state = self.state();
        let files = state.files.iter().filter(|(name, _)| name.is_below(folder));
        let listed = |(name, (bytes, _)): (&Name, &(Vec<u8>, u64))| Listed {
            name: name.clone(),
            size: bytes.len() as u64,
        };
        Ok(Snapshot {
            ledger: state.files.get(ledger).map(|(bytes, _)| bytes.clone()),
            version: state.version(ledger),
            files: files.map(listed).collect(),
        })
    }

    fn ledgers(&self) -> Result<Vec<Name>, Trouble> {
        let state = self.state();
        Ok(state
            .files
            .keys()
            .filter(|name| name.is_ledger())
            .cloned()
            .collect())
    }

    fn fetch(&self, names: &[Name]) -> Result<Vec<Vec<u8>>, Trouble> {
        let state = self.state();
        let content = |name: &Name| {
            let found = state.files.get(name).map(|(bytes, _)| bytes.clone());
            found.ok_or_else(|| super::trouble::missing(name, "a scripted place"))
        };
        names.iter().map(content).collect()
    }

    fn commit(&self, change: &Change<'_>) -> Result<Committed, Trouble> {
        let mut state = self.state();
        match state.steps.pop_front() {
            None => Ok(state.commit(change)),
            Some(Step::Stale) => Ok(Committed::Stale),
            Some(Step::Overtaken(text)) => {
                state.put(change.ledger, text.as_bytes());
                Ok(state.commit(change))
            }
            Some(Step::Lost) => {
                state.commit(change);
                Err(Trouble::unknown("the answer is lost"))
            }
            Some(Step::Gone) => Err(Trouble::unknown("the answer is lost")),
            Some(Step::Trouble(cause)) => Err(Trouble::new(cause, "it is so", "do something")),
        }
    }

    fn probe(&self) -> Result<String, Trouble> {
        Ok("a scripted place".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Author;

    #[test]
    fn a_script_is_followed_and_then_all_goes_well() {
        let cause = Cause::Refused;
        let engine = Scripted::then(&[
            Step::Stale,
            Step::Gone,
            Step::Trouble(cause),
            Step::Overtaken("theirs"),
            Step::Lost,
        ]);
        let name = |text| Name::new(text).expect("a name");
        let (ledger, folder) = (name("a.ledger.jsonl"), name("a.evidence"));
        let files = [(name("a.evidence/1.json"), b"1".as_slice())];
        let read = || engine.read(&ledger, &folder).expect("a snapshot");
        let commit = || {
            let version = read().version;
            let author = Author {
                name: "ada",
                address: None,
            };
            engine.commit(&Change {
                ledger: &ledger,
                bytes: b"ours",
                expected: &version,
                files: &files,
                last: &[],
                author,
                message: "go",
            })
        };
        assert_eq!(commit(), Ok(Committed::Stale));
        assert_eq!(commit().expect_err("no answer").cause, Cause::Unknown);
        assert_eq!(commit().expect_err("refused").cause, Cause::Refused);
        assert_eq!((read().version, read().files.len()), (Version::Absent, 0));
        assert_eq!(commit(), Ok(Committed::Stale));
        assert_eq!(read().ledger.as_deref(), Some(b"theirs".as_slice()));
        assert_eq!(commit().expect_err("no answer").cause, Cause::Unknown);
        assert_eq!(read().ledger.as_deref(), Some(b"ours".as_slice()));
        assert!(matches!(commit(), Ok(Committed::Written(_))));
        assert_eq!(
            read().files,
            [Listed {
                name: files[0].0.clone(),
                size: 1
            }]
        );
        assert_eq!(engine.fetch(&[files[0].0.clone()]), Ok(vec![b"1".to_vec()]));
        assert!(engine.fetch(&[name("none")]).is_err());
        assert_eq!(engine.probe(), Ok(engine.shown()));
    }
}
