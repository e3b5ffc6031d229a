//! Where the records of a rollout are kept, as the plan or the command line says it. Contacts nothing.

use std::fmt;
use std::path::PathBuf;

use crate::secret::address::link;

/// `records:` and `ledger:`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// `None`: beside the plan.
    pub place: Option<RecordsPlace>,
    /// Whether nothing is GO before somebody has begun a ledger.
    pub is_ledger_required: bool,
}

/// A place for ledger and evidence other than beside the plan. Texts are as written, placeholders of the environment included:
/// they are filled in when the place is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordsPlace {
    /// Another folder, relative to the plan's.
    Folder(String),
    /// A branch of a repository.
    Git(GitPlace),
    /// A bucket of S3, or of what speaks like it.
    S3(S3Place),
    /// A bucket of Google Cloud Storage.
    Gcs(GcsPlace),
    /// A container of Azure Blob Storage.
    Azure(AzurePlace),
}

impl RecordsPlace {
    /// A place as a command line names it: `git`, `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX`, `az://ACCOUNT/CONTAINER/PREFIX` or a
    /// folder, relative to where the command runs. What it does not say is as `written` in the plan, if that is a place of the
    /// same kind.
    ///
    /// # Errors
    /// What is missing, in words.
    pub fn of_command_line(text: &str, written: Option<&Self>) -> Result<Self, String> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme, rest.trim_end_matches('/')),
            None if text == "git" => ("git", ""),
            None if text.is_empty() => return Err("--records names no place".to_owned()),
            None => match misspelt(text) {
                Some(scheme) => (scheme, text),
                None => return Ok(Self::Folder(text.to_owned())),
            },
        };
        if rest.contains(['@', '?', '#']) {
            // Nothing of it is shown: any part may be a credential.
            return Err("--records or GATE_RECORDS names an address with `@`, `?` or `#`: credentials do not belong there; name SCHEME://BUCKET/PREFIX alone".to_owned());
        }
        if !text.contains("://") && text != "git" {
            let meant = meant(scheme).unwrap_or_default();
            return Err(format!(
                "`{text}` is not a place for records: did you mean {meant}? A folder of that name is `./{text}`"
            ));
        }
        let (first, rest) = rest.split_once('/').unwrap_or((rest, ""));
        if first.is_empty() && matches!(scheme, "s3" | "gs" | "az") {
            return Err(format!("`{text}` names no bucket"));
        }
        let prefix = (!rest.is_empty()).then(|| rest.to_owned());
        match scheme {
            "git" if first.is_empty() => Ok(Self::Git(same(written, Self::as_git))),
            "s3" => Ok(Self::S3(S3Place {
                bucket: first.to_owned(),
                prefix,
                ..same(written, Self::as_s3)
            })),
            "gs" => Ok(Self::Gcs(GcsPlace {
                bucket: first.to_owned(),
                prefix,
                ..same(written, Self::as_gcs)
            })),
            "az" => {
                let (container, rest) = rest.split_once('/').unwrap_or((rest, ""));
                if container.is_empty() {
                    return Err(format!(
                        "`{text}` names no container: az://ACCOUNT/CONTAINER"
                    ));
                }
                Ok(Self::Azure(AzurePlace {
                    account: first.to_owned(),
                    container: container.to_owned(),
                    prefix: (!rest.is_empty()).then(|| rest.to_owned()),
                    ..same(written, Self::as_azure)
                }))
            }
            _ => Err(match meant(scheme) {
                Some(meant) => {
                    format!("`{text}` is not a place for records: did you mean {meant}?")
                }
                None => format!(
                    "`{text}` is not a place for records: git, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://ACCOUNT/CONTAINER/PREFIX, or a folder"
                ),
            }),
        }
    }

    /// What it is, as names and values for people; never a credential.
    #[must_use]
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        let (kind, parts) = match self {
            Self::Folder(path) => ("a folder", vec![("Path", Some(path.clone()))]),
            Self::Git(GitPlace { remote, branch }) => (
                "a branch of git",
                vec![
                    ("Remote", Some(link(remote))),
                    ("Branch", Some(branch.clone())),
                ],
            ),
            Self::S3(S3Place {
                bucket,
                prefix,
                region,
                endpoint,
                ..
            }) => (
                "S3",
                vec![
                    ("Bucket", Some(bucket.clone())),
                    ("Prefix", prefix.clone()),
                    ("Region", region.clone()),
                    ("Endpoint", endpoint.as_deref().map(link)),
                ],
            ),
            Self::Gcs(GcsPlace {
                bucket,
                prefix,
                endpoint,
                ..
            }) => (
                "Google Cloud Storage",
                vec![
                    ("Bucket", Some(bucket.clone())),
                    ("Prefix", prefix.clone()),
                    ("Endpoint", endpoint.as_deref().map(link)),
                ],
            ),
            Self::Azure(AzurePlace {
                account,
                container,
                prefix,
                endpoint,
                ..
            }) => (
                "Azure Blob Storage",
                vec![
                    ("Account", Some(account.clone())),
                    ("Container", Some(container.clone())),
                    ("Prefix", prefix.clone()),
                    ("Endpoint", endpoint.as_deref().map(link)),
                ],
            ),
        };
        let parts = parts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        std::iter::once(("Kept in", kind.to_owned()))
            .chain(parts)
            .collect()
    }

    fn as_git(&self) -> Option<&GitPlace> {
        match self {
            Self::Git(place) => Some(place),
            Self::Folder(_) | Self::S3(_) | Self::Gcs(_) | Self::Azure(_) => None,
        }
    }

    fn as_s3(&self) -> Option<&S3Place> {
        match self {
            Self::S3(place) => Some(place),
            Self::Folder(_) | Self::Git(_) | Self::Gcs(_) | Self::Azure(_) => None,
        }
    }

    fn as_gcs(&self) -> Option<&GcsPlace> {
        match self {
            Self::Gcs(place) => Some(place),
            Self::Folder(_) | Self::Git(_) | Self::S3(_) | Self::Azure(_) => None,
        }
    }

    fn as_azure(&self) -> Option<&AzurePlace> {
        match self {
            Self::Azure(place) => Some(place),
            Self::Folder(_) | Self::Git(_) | Self::S3(_) | Self::Gcs(_) => None,
        }
    }
}

/// The scheme of what looks like a place other than a folder, but is written like none: `GIT`, `git:other`, `s3:/bucket`.
fn misspelt(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once(':').unwrap_or((text, ""));
    let is_address = text.contains(':') || scheme.eq_ignore_ascii_case("git");
    meant(scheme).filter(|_| is_address).map(|_| scheme)
}

/// How a place is written whose scheme somebody wrote in some way.
fn meant(scheme: &str) -> Option<&'static str> {
    Some(match scheme.to_ascii_lowercase().as_str() {
        "git" => "`git` (another branch or remote is named in the plan, under `records`)",
        "s3" => "`s3://BUCKET/PREFIX`",
        "gs" | "gcs" => "`gs://BUCKET/PREFIX`",
        "az" | "azure" => "`az://ACCOUNT/CONTAINER/PREFIX`",
        "file" | "path" => "the folder as a path alone",
        _ => return None,
    })
}

/// The settings of the plan's place, if it is of that kind.
fn same<P: Clone + Default>(
    written: Option<&RecordsPlace>,
    kind: impl Fn(&RecordsPlace) -> Option<&P>,
) -> P {
    written.and_then(kind).cloned().unwrap_or_default()
}

/// A branch of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitPlace {
    /// The name of a remote of the plan's repository, or an address.
    pub remote: String,
    /// The branch's name.
    pub branch: String,
}

impl Default for GitPlace {
    fn default() -> Self {
        Self {
            remote: "origin".to_owned(),
            branch: "gate-records".to_owned(),
        }
    }
}

/// A bucket of S3.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct S3Place {
    /// Its name.
    pub bucket: String,
    /// What the names of all objects begin with, without a slash at the end.
    pub prefix: Option<String>,
    /// Such as `eu-central-1`; otherwise the environment's.
    pub region: Option<String>,
    /// The address of a server other than Amazon's.
    pub endpoint: Option<String>,
    /// With `secret_key`; otherwise the environment's credentials, the container's or the machine's.
    pub access_key: Option<Credential>,
    /// With `access_key`.
    pub secret_key: Option<Credential>,
}

/// A bucket of Google Cloud Storage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GcsPlace {
    /// Its name.
    pub bucket: String,
    /// What the names of all objects begin with, without a slash at the end.
    pub prefix: Option<String>,
    /// The address of a server other than Google's.
    pub endpoint: Option<String>,
    /// The key of a service account, as JSON; otherwise the environment's credentials or the machine's.
    pub service_account: Option<Credential>,
}

/// A container of Azure Blob Storage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AzurePlace {
    /// The storage account.
    pub account: String,
    /// The container's name.
    pub container: String,
    /// What the names of all blobs begin with, without a slash at the end.
    pub prefix: Option<String>,
    /// The address of a server other than Azure's.
    pub endpoint: Option<String>,
    /// The account's key; otherwise the environment's credentials or the machine's.
    pub access_key: Option<Credential>,
}

/// A credential of a place, or the file that holds it (relative to the plan's folder).
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// As written, `${NAME}` included.
    Written(String),
    /// Surrounding white space is dropped.
    File(PathBuf),
}

/// Never what it is.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(_) => f.write_str("Written(***)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_place_is_no_folder() {
        for (text, hint) in [
            ("GIT", "did you mean `git`"),
            ("git:other", "did you mean `git`"),
            ("git://host/records", "did you mean `git`"),
            (
                "s3:/x",
                "`s3://BUCKET/PREFIX`? A folder of that name is `./s3:/x`",
            ),
            ("S3://bucket/x", "did you mean `s3://BUCKET/PREFIX`?"),
            ("gcs://bucket", "`gs://BUCKET/PREFIX`"),
            ("azure:account", "`az://ACCOUNT/CONTAINER/PREFIX`"),
            ("path:", "the folder as a path alone"),
            ("file:///var/records", "the folder as a path alone"),
            ("ftp://host/records", "git, s3://BUCKET/PREFIX"),
            ("", "names no place"),
        ] {
            let refused = RecordsPlace::of_command_line(text, None).expect_err(text);
            assert!(refused.contains(hint), "{text}: {refused}");
        }
        for secret in ["s3:/key:canary@bucket", "S3://key:canary@bucket"] {
            let refused = RecordsPlace::of_command_line(secret, None).expect_err("refused");
            assert!(!refused.contains("canary"), "{refused}");
        }
    }

    #[test]
    fn other_names_are_folders() {
        for text in ["records", "../s3", "./GIT", "s3", "C:\\records", "a:b"] {
            let place = RecordsPlace::of_command_line(text, None);
            assert_eq!(place, Ok(RecordsPlace::Folder(text.to_owned())));
        }
    }
}
