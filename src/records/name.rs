//! What files are called where records are shared: parts between slashes, which mean the same on every engine and every
//! machine. Must not touch a file.

use std::fmt;

use thiserror::Error;

use crate::unicode_safety::is_hidden;

/// Most engines allow 1,024 bytes for a name with its prefix.
const MAX_BYTES: usize = 800;

/// The name of a file or a folder, relative to the place: `plans/api.ledger.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// A name that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` cannot be the name of a shared record: {why}", name.escape_debug())]
pub struct BadName {
    name: String,
    why: &'static str,
}

impl Name {
    /// Checks it.
    ///
    /// # Errors
    /// Empty, too long, absolute, with an empty part, `.`, `..` or `.git`, a backslash, or a character that readers would
    /// not see.
    pub fn new(name: &str) -> Result<Self, BadName> {
        match fault(name) {
            None => Ok(Self(name.to_owned())),
            Some(why) => Err(BadName {
                name: name.to_owned(),
                why,
            }),
        }
    }

    /// What it is called until it may have its name: `.NAME.tmp` in the same folder.
    #[must_use]
    pub fn draft(&self) -> Self {
        match self.0.rsplit_once('/') {
            Some((folder, name)) => Self(format!("{folder}/.{name}.tmp")),
            None => Self(format!(".{}.tmp", self.0)),
        }
    }

    /// The name that a [draft](Self::draft) is to get; `None` if this is no draft.
    #[must_use]
    pub fn of_draft(&self) -> Option<Self> {
        let (folder, name) = match self.0.rsplit_once('/') {
            Some((folder, name)) => (Some(folder), name),
            None => (None, self.0.as_str()),
        };
        let name = name.strip_prefix('.')?.strip_suffix(".tmp")?;
        Some(Self(folder.map_or_else(
            || name.to_owned(),
            |folder| format!("{folder}/{name}"),
        )))
    }

    /// Whether it is that of a ledger.
    #[must_use]
    pub fn is_ledger(&self) -> bool {
        self.0.ends_with(".ledger.jsonl")
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is somewhere below a folder.
    #[must_use]
    pub fn is_below(&self, folder: &Self) -> bool {
        let rest = self.0.strip_prefix(folder.as_str());
        rest.is_some_and(|rest| rest.starts_with('/'))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn fault(name: &str) -> Option<&'static str> {
    if name.len() > MAX_BYTES {
        return Some("it has more than 800 bytes");
    }
    if name.contains('\\') || name.chars().any(is_hidden) {
        return Some("it has a backslash, or a character that cannot be seen");
    }
    name.split('/').find_map(part_fault)
}

fn part_fault(part: &str) -> Option<&'static str> {
    match part {
        "" => Some("a part of it is empty"),
        "." | ".." => Some("it leads out of its folder"),
        _ if part.eq_ignore_ascii_case(".git") => Some("git keeps `.git` for itself"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_the_same_everywhere() {
        for name in [
            "a",
            "plans/api v2.ledger.jsonl",
            "é/\"x\"",
            ".gate-records",
            "..a/b",
        ] {
            assert_eq!(
                Name::new(name).map(|name| name.to_string()),
                Ok(name.to_owned())
            );
        }
        for name in [
            "",
            "/a",
            "a/",
            "a//b",
            "..",
            "a/../b",
            "./a",
            "a\\b",
            "a\nb",
            "a\u{202e}b",
            ".git/config",
            "x/.GIT",
            "C:\\x",
        ] {
            assert!(Name::new(name).is_err(), "{name}");
        }
        assert!(Name::new(&"x".repeat(801)).is_err());
    }

    #[test]
    fn a_folder_is_no_mere_beginning() {
        let name = |name| Name::new(name).expect("a name");
        assert!(name("a/b/c").is_below(&name("a/b")));
        assert!(!name("a/bc").is_below(&name("a/b")));
        assert!(!name("a/b").is_below(&name("a/b")));
    }

    #[test]
    fn a_bad_name_is_shown_without_what_a_terminal_obeys() {
        let error = Name::new("a\u{1b}[2J").expect_err("an escape").to_string();
        assert!(!error.contains('\u{1b}'), "{error}");
    }
}
