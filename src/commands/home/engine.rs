//! The engine of a plan's place for records, opened when it is first asked: answering a command line wrongly needs no server.
//! Must not know what is kept there.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::paths::below_root;
use crate::commands::bounded;
use crate::commands::surroundings::environment;
use crate::plan::{self, AzurePlace, Credential, GcsPlace, GitPlace, RecordsPlace, S3Place};
use crate::records::store::{self, AzureAccess, GcsAccess, Kind, S3Access, Store};
use crate::records::{Cause, Change, Committed, Engine, Name, Snapshot, Trouble, git};
use crate::secret::{Secret, address};

/// More than any key has, in bytes.
const MAX_SECRET: u64 = 64 * 1024;

/// A place as a plan names it.
#[derive(Debug)]
pub(super) struct OfPlan {
    place: RecordsPlace,
    /// To which files of the plan are relative.
    plans: PathBuf,
    /// For what the engine itself keeps.
    cache: PathBuf,
    opened: OnceLock<Result<Box<dyn Engine>, Trouble>>,
}

impl OfPlan {
    pub(super) fn of(place: RecordsPlace, plans: PathBuf) -> Self {
        Self {
            place,
            plans,
            cache: PathBuf::new(),
            opened: OnceLock::new(),
        }
    }

    pub(super) fn with_cache(self, cache: PathBuf) -> Self {
        Self { cache, ..self }
    }

    /// What tells it from other places.
    ///
    /// # Errors
    /// What the environment does not have.
    pub(super) fn key(&self) -> Result<String, String> {
        let optional = |text: &Option<String>| text.as_deref().map_or(Ok(String::new()), filled);
        match &self.place {
            RecordsPlace::Folder(path) => Ok(path.clone()),
            RecordsPlace::Git(GitPlace { remote, branch }) => {
                Ok(format!("git {} {}", filled(remote)?, filled(branch)?))
            }
            RecordsPlace::S3(S3Place {
                bucket,
                prefix,
                endpoint,
                ..
            })
            | RecordsPlace::Gcs(GcsPlace {
                bucket,
                prefix,
                endpoint,
                ..
            }) => Ok(format!(
                "{} {} {}",
                filled(bucket)?,
                optional(prefix)?,
                optional(endpoint)?
            )),
            RecordsPlace::Azure(AzurePlace {
                account,
                container,
                prefix,
                endpoint,
                ..
            }) => Ok(format!(
                "{} {} {} {}",
                filled(account)?,
                filled(container)?,
                optional(prefix)?,
                optional(endpoint)?
            )),
        }
    }

    fn opened(&self) -> Result<&dyn Engine, Trouble> {
        let opened = self.opened.get_or_init(|| self.open());
        opened.as_deref().map_err(Clone::clone)
    }

    /// Below what folder of the place the names of a plan are: in a repository there are plans of one name in several folders.
    pub(super) fn below(&self) -> PathBuf {
        match &self.place {
            RecordsPlace::Git(_)
            | RecordsPlace::S3(_)
            | RecordsPlace::Gcs(_)
            | RecordsPlace::Azure(_) => below_root(&self.plans),
            RecordsPlace::Folder(_) => PathBuf::new(),
        }
    }

    fn open(&self) -> Result<Box<dyn Engine>, Trouble> {
        let settings = match &self.place {
            RecordsPlace::Folder(_) => return Err(unset("a folder has no engine".to_owned())),
            RecordsPlace::Git(git) => return self.git(git),
            RecordsPlace::S3(s3) => self.s3(s3)?,
            RecordsPlace::Gcs(gcs) => self.gcs(gcs)?,
            RecordsPlace::Azure(azure) => self.azure(azure)?,
        };
        Ok(Box::new(Store::open(&settings, &environment)?))
    }

    fn git(&self, GitPlace { remote, branch }: &GitPlace) -> Result<Box<dyn Engine>, Trouble> {
        let options = git::Options {
            folder: self.plans.clone(),
            remote: text(remote)?,
            branch: text(branch)?,
            cache: self.cache.clone(),
            program: None,
        };
        Ok(Box::new(git::Git::open(&options)?))
    }

    fn s3(&self, place: &S3Place) -> Result<store::Options, Trouble> {
        let S3Place {
            bucket,
            prefix,
            region,
            endpoint,
            access_key,
            secret_key,
        } = place;
        let keys = (
            self.secret(access_key.as_ref())?,
            self.secret(secret_key.as_ref())?,
        );
        let access = keys.0.zip(keys.1).map(|(key_id, secret)| S3Access {
            key_id: key_id.expose().to_owned(),
            secret,
            token: None,
        });
        let kind = Kind::S3 {
            bucket: text(bucket)?,
            region: optional(region.as_ref())?,
            access,
        };
        settings(kind, prefix.as_ref(), endpoint.as_ref())
    }

    fn gcs(&self, place: &GcsPlace) -> Result<store::Options, Trouble> {
        let GcsPlace {
            bucket,
            prefix,
            endpoint,
            service_account,
        } = place;
        let key = self.secret(service_account.as_ref())?;
        let kind = Kind::Gcs {
            bucket: text(bucket)?,
            access: key.map(GcsAccess::ServiceAccount),
        };
        settings(kind, prefix.as_ref(), endpoint.as_ref())
    }

    fn azure(&self, place: &AzurePlace) -> Result<store::Options, Trouble> {
        let AzurePlace {
            account,
            container,
            prefix,
            endpoint,
            access_key,
        } = place;
        let kind = Kind::Azure {
            account: text(account)?,
            container: text(container)?,
            access: self.secret(access_key.as_ref())?.map(AzureAccess::Key),
        };
        settings(kind, prefix.as_ref(), endpoint.as_ref())
    }

    fn secret(&self, written: Option<&Credential>) -> Result<Option<Secret>, Trouble> {
        let value = match written {
            None => return Ok(None),
            Some(Credential::Written(value)) => text(value)?,
            Some(Credential::File(file)) => {
                let file = self.plans.join(text(&file.to_string_lossy())?);
                let shown = file.display();
                let bytes = bounded::read(&file, MAX_SECRET);
                let bytes =
                    bytes.map_err(|error| unset(format!("{shown} cannot be read: {error}")))?;
                let value = String::from_utf8(bytes);
                let value = value.map_err(|_| unset(format!("{shown} is not text")))?;
                value.trim().to_owned()
            }
        };
        Ok(Some(Secret::new(value)))
    }
}

fn settings(
    kind: Kind,
    prefix: Option<&String>,
    endpoint: Option<&String>,
) -> Result<store::Options, Trouble> {
    Ok(store::Options {
        kind,
        prefix: optional(prefix)?.unwrap_or_default(),
        endpoint: optional(endpoint)?,
        plain_http: false,
        proxy_from_environment: false,
        authorities: None,
    })
}

/// A setting with the environment filled in.
fn text(written: &str) -> Result<String, Trouble> {
    filled(written).map_err(unset)
}

fn optional(written: Option<&String>) -> Result<Option<String>, Trouble> {
    written.map(|written| text(written)).transpose()
}

/// A setting with the environment filled in.
pub(super) fn filled(written: &str) -> Result<String, String> {
    plan::filled(written, &environment).ok_or_else(|| {
        format!("the environment does not have what the place of the records needs: {written}")
    })
}

fn unset(found: String) -> Trouble {
    Trouble {
        cause: Cause::Misplaced,
        found,
        advice: "set it as it is set where the records are written".to_owned(),
    }
}

impl Engine for OfPlan {
    fn shown(&self) -> String {
        match &self.place {
            RecordsPlace::Folder(path) => path.clone(),
            RecordsPlace::Git(GitPlace { remote, branch }) => {
                let remote = address::without_user_info(remote);
                format!("the branch {branch} of {remote}")
            }
            RecordsPlace::S3(S3Place { bucket, prefix, .. }) => {
                in_bucket("s3", bucket, prefix.as_deref())
            }
            RecordsPlace::Gcs(GcsPlace { bucket, prefix, .. }) => {
                in_bucket("gs", bucket, prefix.as_deref())
            }
            RecordsPlace::Azure(AzurePlace {
                account,
                container,
                prefix,
                ..
            }) => in_bucket("az", &format!("{account}/{container}"), prefix.as_deref()),
        }
    }

    fn read(&self, ledger: &Name, folder: &Name) -> Result<Snapshot, Trouble> {
        self.opened()?.read(ledger, folder)
    }

    fn ledgers(&self) -> Result<Vec<Name>, Trouble> {
        self.opened()?.ledgers()
    }

    fn fetch(&self, names: &[Name]) -> Result<Vec<Vec<u8>>, Trouble> {
        self.opened()?.fetch(names)
    }

    fn commit(&self, change: &Change<'_>) -> Result<Committed, Trouble> {
        self.opened()?.commit(change)
    }

    fn probe(&self) -> Result<String, Trouble> {
        self.opened()?.probe()
    }
}

fn in_bucket(scheme: &str, bucket: &str, prefix: Option<&str>) -> String {
    let prefix = prefix.map(|prefix| format!("/{prefix}"));
    format!("{scheme}://{bucket}{}", prefix.unwrap_or_default())
}
