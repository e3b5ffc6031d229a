//! Whether a store keeps preconditions (R3): asked once, with an object of its own, before anything rests on it. A store that
//! ignores them would let two machines write over each other.

use std::hash::{BuildHasher as _, RandomState};

use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutMode, PutPayload};
use tokio::time::{Instant, timeout_at};

use super::fault::Fault;
use super::{Place, Trouble, Version};

impl Place {
    /// Writes, and tries to write over it in the ways that must not be possible.
    pub(super) async fn probe(&self, until: Instant) -> Result<String, Trouble> {
        let name = format!(".gate-probe-{:016x}", RandomState::new().hash_one(()));
        let path = self.path(&name);
        let found = self.is_kept(&path, &name, until).await;
        let removed = timeout_at(until, self.store.delete(&path)).await;
        found?;
        let rest = if matches!(removed, Ok(Ok(()))) {
            String::new()
        } else {
            format!(", but lets nobody remove {name}")
        };
        Ok(format!(
            "{} can be written, and keeps preconditions{rest}",
            self.wording.place
        ))
    }

    async fn is_kept(&self, path: &Path, name: &str, until: Instant) -> Result<(), Trouble> {
        let first = self.write(path, "1", &Version::Absent, until).await;
        let first = first?.ok_or_else(|| self.odd("says that a new object is there already"))?;
        if self
            .write(path, "2", &Version::Absent, until)
            .await?
            .is_some()
        {
            return Err(self.ignores("If-None-Match"));
        }
        let second = self.write(path, "3", &first, until).await?;
        let second = second.ok_or_else(|| self.odd("does not let a version be written on"))?;
        if second == first {
            return Err(self.odd("gives two versions the same mark"));
        }
        if self.write(path, "4", &first, until).await?.is_some() {
            return Err(self.ignores("If-Match"));
        }
        match self.get(name, until).await? {
            Some((_, bytes)) if bytes == b"3" => Ok(()),
            Some(_) | None => Err(self.odd("does not give back what was written")),
        }
    }

    /// The version that was written; `None` if it was refused, as it should be on another.
    async fn write(
        &self,
        path: &Path,
        text: &str,
        on: &Version,
        until: Instant,
    ) -> Result<Option<Version>, Trouble> {
        let payload = PutPayload::from(text.as_bytes().to_vec());
        let mode: PutMode = self.mode(on);
        match self.put(path, &payload, &mode, until).await {
            Ok(result) => self.version(result.e_tag, result.version).map(Some),
            Err(Fault::Changed | Fault::Missing) => Ok(None),
            Err(
                fault @ (Fault::Unsent(_) | Fault::Slower(_) | Fault::Lost(_) | Fault::Final(_)),
            ) => Err(self.wording.unwritten(fault)),
        }
    }

    fn ignores(&self, header: &str) -> Trouble {
        let place = &self.wording.place;
        Trouble::misplaced(
            format!(
                "{place} ignores `{header}`: two machines would write over each other's records"
            ),
            "use a store that keeps preconditions, or `records: git`",
        )
    }

    fn odd(&self, what: &str) -> Trouble {
        Trouble::misplaced(
            format!("{} {what}", self.wording.place),
            "use a store that keeps preconditions, or `records: git`",
        )
    }
}
