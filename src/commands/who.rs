//! Who records something: as given, or else git's user, or CI's, or the login. Must not make a name up.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use super::surroundings::environment;
use crate::ledger::{IdentitySource, Person};
use crate::names::unmistakable;
use crate::provenance::ci_run;

/// Where the login is.
pub(super) const LOGINS: [&str; 3] = ["USER", "LOGNAME", "USERNAME"];

/// The person; the git settings are those of `folder`. `None` if nobody can be named.
pub fn who(given: Option<&str>, folder: &Path) -> Option<Person> {
    if given.is_some() {
        return given.and_then(|name| person(name, IdentitySource::Given));
    }
    git_user(folder)
        .and_then(|name| person(&name, IdentitySource::Git))
        .or_else(|| person(&ci_run(&environment)?.actor?, IdentitySource::Ci))
        .or_else(|| first(&LOGINS, IdentitySource::Login))
}

/// The person whose word is recorded.
///
/// # Errors
/// Nobody is named, or not so that readers can tell who it is (T12).
pub fn signer(given: Option<&str>, folder: &Path) -> Result<Person, String> {
    let person = who(given, folder);
    let person = person.ok_or_else(nobody)?;
    unmistakable(&person.name).map_err(|reason| {
        format!(
            "the name `{}` {reason}: say who you are with --by, in one script, or Latin beside Chinese, Japanese or Korean",
            person.name
        )
    })?;
    Ok(person)
}

/// Why nobody is named: of git, which would know, it is said that it is not there.
fn nobody() -> String {
    let mut git = Command::new("git");
    let git = git.arg("--version").stdout(Stdio::null()).status();
    let why = match git {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            "git is not installed here, and nothing else names you: install it, or"
        }
        Err(_) | Ok(_) => "nobody is named:",
    };
    format!("{why} say who you are with --by")
}

/// A blank name names nobody.
fn person(name: &str, identity_source: IdentitySource) -> Option<Person> {
    let name = name.trim();
    (!name.is_empty()).then(|| Person {
        name: name.to_owned(),
        identity_source,
    })
}

fn first(names: &[&str], identity_source: IdentitySource) -> Option<Person> {
    let mut values = names.iter().filter_map(|name| environment(name));
    values.find_map(|value| person(&value, identity_source))
}

/// `Name <email>`, or whichever of them is set. A machine without git has no git user.
fn git_user(folder: &Path) -> Option<String> {
    match (setting(folder, "user.name"), setting(folder, "user.email")) {
        (Some(name), Some(email)) => Some(format!("{name} <{email}>")),
        (name, email) => name.or(email),
    }
}

fn setting(folder: &Path, key: &str) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["config", "--get", key])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let value = String::from_utf8(output.stdout).ok()?;
    let value = value.trim();
    (output.status.success() && !value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_name_counts_before_all_others() {
        let ada = who(Some(" @ada "), Path::new("."));
        assert_eq!(ada, person("@ada", IdentitySource::Given));
    }

    #[test]
    fn a_blank_name_does_not_fall_back_to_another() {
        assert_eq!(who(Some("  "), Path::new(".")), None);
    }

    #[test]
    fn gits_user_is_the_one_of_the_plans_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = |words: &[&str]| {
            let status = Command::new("git")
                .arg("-C")
                .arg(folder.path())
                .args(words)
                .stdout(Stdio::null())
                .status();
            assert!(status.expect("git runs").success());
        };
        git(&["init", "--quiet"]);
        git(&["config", "user.name", "Ada Lovelace"]);
        git(&["config", "user.email", "ada@example.com"]);
        let found = who(None, folder.path()).expect("a person");
        assert_eq!(found.name, "Ada Lovelace <ada@example.com>");
        assert_eq!(found.identity_source, IdentitySource::Git);
    }
}
